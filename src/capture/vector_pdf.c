// PDF through cairo: fonts embedded as far as they are used, glyphs where gfx would draw them, and
// with each the character that it stands for, so that text can be searched and copied. No date,
// so that the same figure gives the same bytes.
#include <cairo-ft.h>
#include <cairo-pdf.h>
#include <fontconfig/fontconfig.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "capture/vector_parts.h"

enum { FONTS_MAX = 2 * FONT_FACES_MAX };

typedef struct Pdf {
    cairo_surface_t *surface;
    cairo_t *cairo;
    FontFile files[FONTS_MAX]; // that were used
    cairo_font_face_t *faces[FONTS_MAX];
    int n_faces;
} Pdf;

static Pdf *pdf_of(const Vector *v) {
    return v->own;
}

static cairo_status_t write_bytes(void *stream, const unsigned char *data, unsigned length) {
    return fwrite(data, 1, length, stream) == length ? CAIRO_STATUS_SUCCESS
                                                     : CAIRO_STATUS_WRITE_ERROR;
}

static void paint(cairo_t *cairo, Color c) {
    cairo_set_source_rgba(cairo, (double)c.r, (double)c.g, (double)c.b, (double)c.a);
}

static bool begin(Vector *v, Error *error) {
    Pdf *pdf = calloc(1, sizeof *pdf);
    if (!pdf) return error_set(error, "out of memory");
    v->own = pdf;
    pdf->surface =
        cairo_pdf_surface_create_for_stream(write_bytes, v->stream, v->desc.width, v->desc.height);
    cairo_pdf_surface_set_metadata(pdf->surface, CAIRO_PDF_METADATA_TITLE, v->desc.title);
    cairo_pdf_surface_set_metadata(pdf->surface, CAIRO_PDF_METADATA_CREATOR, v->desc.author);
    cairo_pdf_surface_set_metadata(pdf->surface, CAIRO_PDF_METADATA_CREATE_DATE, "");
    pdf->cairo = cairo_create(pdf->surface);
    if (cairo_status(pdf->cairo) != CAIRO_STATUS_SUCCESS)
        return error_set(error, "cannot write: %s",
                         cairo_status_to_string(cairo_status(pdf->cairo)));
    if (v->desc.ground.a > 0) {
        paint(pdf->cairo, v->desc.ground);
        cairo_paint(pdf->cairo);
    }
    cairo_scale(pdf->cairo, v->point, v->point);
    cairo_set_line_cap(pdf->cairo, CAIRO_LINE_CAP_ROUND);
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    cairo_set_font_options(pdf->cairo, options);
    cairo_font_options_destroy(options);
    return true;
}

static void clip(Vector *v, Rect r) {
    cairo_t *cairo = pdf_of(v)->cairo;
    cairo_reset_clip(cairo);
    cairo_rectangle(cairo, (double)r.x, (double)r.y, (double)r.w, (double)r.h);
    cairo_clip(cairo);
}

static void trace_box(cairo_t *cairo, Rect r, double radius) {
    const double x = (double)r.x, y = (double)r.y, w = (double)r.w, h = (double)r.h;
    if (!(radius > 0)) {
        cairo_rectangle(cairo, x, y, w, h);
        return;
    }
    const double quarter = 1.57079632679489662;
    cairo_new_sub_path(cairo);
    cairo_arc(cairo, x + w - radius, y + radius, radius, -quarter, 0);
    cairo_arc(cairo, x + w - radius, y + h - radius, radius, 0, quarter);
    cairo_arc(cairo, x + radius, y + h - radius, radius, quarter, 2 * quarter);
    cairo_arc(cairo, x + radius, y + radius, radius, 2 * quarter, 3 * quarter);
    cairo_close_path(cairo);
}

static void fill(Vector *v, const VectorShape *shapes, int n, Color color) {
    cairo_t *cairo = pdf_of(v)->cairo;
    for (int i = 0; i < n; i++) {
        const VectorShape *s = &shapes[i];
        if (!s->triangle) {
            trace_box(cairo, s->box, (double)s->radius);
            continue;
        }
        cairo_move_to(cairo, (double)s->xy[0], (double)s->xy[1]);
        cairo_line_to(cairo, (double)s->xy[2], (double)s->xy[3]);
        cairo_line_to(cairo, (double)s->xy[4], (double)s->xy[5]);
        cairo_close_path(cairo);
    }
    paint(cairo, color);
    cairo_fill(cairo);
}

static void stroke(Vector *v, float width, Color color, cairo_line_join_t join) {
    cairo_t *cairo = pdf_of(v)->cairo;
    paint(cairo, color);
    cairo_set_line_width(cairo, (double)width);
    cairo_set_line_join(cairo, join);
    cairo_stroke(cairo);
}

static void stroke_box(Vector *v, Rect r, float radius, float width, Color color) {
    trace_box(pdf_of(v)->cairo, r, (double)radius);
    stroke(v, width, color, radius > 0 ? CAIRO_LINE_JOIN_ROUND : CAIRO_LINE_JOIN_MITER);
}

static void line(Vector *v, const float *xy, int n, float width, Color color) {
    cairo_t *cairo = pdf_of(v)->cairo;
    const size_t last = 2 * ((size_t)n - 1);
    const bool closed = n > 3 && xy[0] == xy[last] && xy[1] == xy[last + 1];
    cairo_move_to(cairo, (double)xy[0], (double)xy[1]);
    for (size_t i = n > 1 ? 2 : 0; i < (closed ? last : last + 2); i += 2)
        cairo_line_to(cairo, (double)xy[i], (double)xy[i + 1]);
    if (closed) cairo_close_path(cairo);
    stroke(v, width, color, CAIRO_LINE_JOIN_ROUND);
}

static void image(Vector *v, const uint8_t *rgba, int n, int m, Rect r, bool smooth) {
    cairo_t *cairo = pdf_of(v)->cairo;
    bool opaque = true;
    for (size_t i = 0; i < (size_t)n * (size_t)m; i++) opaque = opaque && rgba[4 * i + 3] == 255;
    cairo_surface_t *surface =
        cairo_image_surface_create(opaque ? CAIRO_FORMAT_RGB24 : CAIRO_FORMAT_ARGB32, n, m);
    unsigned char *data = cairo_image_surface_get_data(surface);
    const size_t stride = (size_t)cairo_image_surface_get_stride(surface);
    for (int y = 0; data && y < m; y++) {
        for (int x = 0; x < n; x++) {
            const uint8_t *from = rgba + 4 * ((size_t)y * (size_t)n + (size_t)x);
            const uint32_t argb = (uint32_t)from[3] << 24 | (uint32_t)from[0] << 16 |
                                  (uint32_t)from[1] << 8 | from[2];
            memcpy(data + (size_t)y * stride + 4 * (size_t)x, &argb, sizeof argb);
        }
    }
    if (!data) v->failed = true;
    cairo_surface_mark_dirty(surface);
    cairo_save(cairo);
    cairo_translate(cairo, (double)r.x, (double)r.y);
    cairo_scale(cairo, (double)r.w / n, (double)r.h / m);
    cairo_set_source_surface(cairo, surface, 0, 0);
    cairo_pattern_set_filter(cairo_get_source(cairo),
                             smooth ? CAIRO_FILTER_GOOD : CAIRO_FILTER_NEAREST);
    cairo_paint(cairo);
    cairo_restore(cairo);
    cairo_surface_destroy(surface);
}

/// One character as UTF-8.  @return its bytes
static int encode(uint32_t code, char out[4]) {
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    const int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    static const unsigned lead[] = {0, 0xc0, 0xe0, 0xf0};
    out[0] = (char)(lead[more] | code >> (6 * more));
    for (int i = 1; i <= more; i++) out[i] = (char)(0x80 | ((code >> (6 * (more - i))) & 0x3f));
    return 1 + more;
}

/// The face of a font file, opened once by cairo, which keeps it as long as it needs it.
static cairo_font_face_t *face_of(Pdf *pdf, const FontFile *file) {
    for (int i = 0; i < pdf->n_faces; i++) {
        const FontFile *had = &pdf->files[i];
        if (had->index == file->index && had->embolden == file->embolden &&
            strcmp(had->path, file->path) == 0)
            return pdf->faces[i];
    }
    FcPattern *pattern = pdf->n_faces < FONTS_MAX ? FcPatternCreate() : NULL;
    if (!pattern) return NULL;
    FcPatternAddString(pattern, FC_FILE, (const FcChar8 *)file->path);
    FcPatternAddInteger(pattern, FC_INDEX, (int)file->index);
    pdf->files[pdf->n_faces] = *file;
    pdf->faces[pdf->n_faces] = cairo_ft_font_face_create_for_pattern(pattern);
    FcPatternDestroy(pattern);
    if (file->embolden)
        cairo_ft_font_face_set_synthesize(pdf->faces[pdf->n_faces], CAIRO_FT_SYNTHESIZE_BOLD);
    return pdf->faces[pdf->n_faces++];
}

/// The glyphs of a stretch of text in one face.
/// @param glyphs, clusters, utf8  room for them  @return false where the face cannot be read
static bool show(Vector *v, const SinkText *t, int first, int end, cairo_glyph_t *glyphs,
                 cairo_text_cluster_t *clusters, char *utf8) {
    Pdf *pdf = pdf_of(v);
    cairo_font_face_t *face = face_of(pdf, &t->fonts->faces[t->glyphs[first].face]);
    if (!face) return false;
    cairo_set_font_face(pdf->cairo, face);
    cairo_set_font_size(pdf->cairo, (double)t->size);
    cairo_scaled_font_t *scaled = cairo_get_scaled_font(pdf->cairo);
    FT_Face font = cairo_ft_scaled_font_lock_face(scaled);
    if (!font) return false;
    int bytes = 0;
    for (int i = 0; i < end - first; i++) {
        const SinkGlyph *from = &t->glyphs[first + i];
        const int length = encode(from->code, utf8 + bytes);
        glyphs[i] = (cairo_glyph_t){FT_Get_Char_Index(font, from->code), (double)from->along, 0};
        clusters[i] = (cairo_text_cluster_t){length, 1};
        bytes += length;
    }
    cairo_ft_scaled_font_unlock_face(scaled);
    cairo_show_text_glyphs(pdf->cairo, utf8, bytes, glyphs, end - first, clusters, end - first, 0);
    return true;
}

static void text(Vector *v, const SinkText *t) {
    cairo_t *cairo = pdf_of(v)->cairo;
    cairo_glyph_t *glyphs = malloc((size_t)t->n * sizeof *glyphs);
    cairo_text_cluster_t *clusters = malloc((size_t)t->n * sizeof *clusters);
    char *utf8 = malloc((size_t)t->n * 4);
    cairo_save(cairo);
    cairo_translate(cairo, (double)t->x, (double)t->y);
    cairo_rotate(cairo, atan2((double)t->uy, (double)t->ux));
    paint(cairo, t->style.color);
    bool good = glyphs && clusters && utf8;
    for (int first = 0, end; good && first < t->n; first = end) { // a face at a time
        end = first + 1;
        while (end < t->n && t->glyphs[end].face == t->glyphs[first].face) end++;
        good = show(v, t, first, end, glyphs, clusters, utf8);
    }
    if (!good) v->failed = true;
    cairo_restore(cairo);
    free(glyphs);
    free(clusters);
    free(utf8);
}

static bool finish(Vector *v, Error *error) {
    Pdf *pdf = pdf_of(v);
    cairo_status_t status = cairo_status(pdf->cairo);
    cairo_surface_finish(pdf->surface);
    if (status == CAIRO_STATUS_SUCCESS) status = cairo_surface_status(pdf->surface);
    if (status == CAIRO_STATUS_SUCCESS) return true;
    return error_set(error, "cannot write: %s", cairo_status_to_string(status));
}

static void destroy(Vector *v) {
    Pdf *pdf = pdf_of(v);
    if (!pdf) return;
    cairo_destroy(pdf->cairo);
    cairo_surface_destroy(pdf->surface);
    for (int i = 0; i < pdf->n_faces; i++) cairo_font_face_destroy(pdf->faces[i]);
    free(pdf);
}

const VectorType vector_pdf = {
    .suffix = ".pdf",
    .begin = begin,
    .clip = clip,
    .fill = fill,
    .stroke_box = stroke_box,
    .line = line,
    .image = image,
    .text = text,
    .finish = finish,
    .destroy = destroy,
};
