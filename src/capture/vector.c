// What both kinds of vector files need: areas put together, so that no hairlines show between
// their parts; lines taken apart by colour; images at the right resolution.
#include "capture/vector.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "capture/resample.h"
#include "capture/vector_parts.h"

enum { SHAPES_MAX = 4096 };

#define TOUCH 0.01f // pixels; edges closer than this are one
#define ALIKE 0.15f

// ---- areas --------------------------------------------------------------------------------------

static void flush_shapes(Vector *v) {
    if (v->n_shapes > 0) v->type->fill(v, v->shapes, v->n_shapes, v->shapes_color);
    v->n_shapes = 0;
}

static bool same_color(Color a, Color b) {
    return a.r == b.r && a.g == b.g && a.b == b.b && a.a == b.a;
}

/// Whether a shape's outline may share edges with others'.
static bool joins(const VectorShape *shape) {
    return shape->triangle || shape->radius == 0;
}

static bool meet(float a, float b) {
    return fabsf(a - b) < TOUCH;
}

static bool alike(Color a, Color b) {
    return fabsf(a.r - b.r) + fabsf(a.g - b.g) + fabsf(a.b - b.b) < ALIKE;
}

/// Of two boxes of different colours that share an edge the former reaches below the latter: else
/// the ground would shine through where the edge is smoothed. Half way, so that it does not show at
/// the far edge; where the colours are alike (a ramp) all the way, so that the sides stay even.
static void reach_below(VectorShape *under, const VectorShape *over, float share) {
    if (under->triangle || over->triangle || under->radius > 0 || over->radius > 0) return;
    Rect *a = &under->box;
    const Rect b = over->box;
    const bool columns = meet(a->x, b.x) && meet(a->w, b.w);
    const bool rows = meet(a->y, b.y) && meet(a->h, b.h);
    if (columns && meet(a->y + a->h, b.y)) a->h += share * b.h;
    if (columns && meet(b.y + b.h, a->y)) {
        a->y -= share * b.h;
        a->h += share * b.h;
    }
    if (rows && meet(a->x + a->w, b.x)) a->w += share * b.w;
    if (rows && meet(b.x + b.w, a->x)) {
        a->x -= share * b.w;
        a->w += share * b.w;
    }
}

static void add_shape(Vector *v, const VectorShape *shape, Color color) {
    const bool grows = v->n_shapes > 0 && v->n_shapes < SHAPES_MAX && joins(shape) &&
                       joins(&v->shapes[0]) && same_color(v->shapes_color, color);
    if (!grows) {
        if (v->n_shapes == 1 && v->shapes_color.a == 1 && color.a == 1)
            reach_below(&v->shapes[0], shape, alike(v->shapes_color, color) ? 1 : 0.5f);
        flush_shapes(v);
    }
    if (v->n_shapes == v->shapes_room) {
        const int room = v->shapes_room ? 2 * v->shapes_room : 64;
        VectorShape *grown = realloc(v->shapes, (size_t)room * sizeof *grown);
        if (!grown) {
            v->failed = true;
            return;
        }
        v->shapes = grown;
        v->shapes_room = room;
    }
    v->shapes[v->n_shapes++] = *shape;
    v->shapes_color = color;
}

static void on_clip(void *context, Rect r) {
    Vector *v = context;
    flush_shapes(v);
    v->type->clip(v, r);
}

static void on_fill_box(void *context, Rect r, float radius, Color color) {
    add_shape(context, &(VectorShape){.box = r, .radius = radius}, color);
}

static void on_stroke_box(void *context, Rect r, float radius, float width, Color color) {
    Vector *v = context;
    flush_shapes(v);
    v->type->stroke_box(v, r, radius, width, color);
}

static void on_triangle(void *context, const float xy[6], Color color) {
    VectorShape shape = {.triangle = true};
    memcpy(shape.xy, xy, sizeof shape.xy);
    const float area = (xy[2] - xy[0]) * (xy[5] - xy[1]) - (xy[4] - xy[0]) * (xy[3] - xy[1]);
    if (area < 0) { // all turn the same way: where they overlap they add, never cancel
        memcpy(shape.xy + 2, xy + 4, 2 * sizeof *xy);
        memcpy(shape.xy + 4, xy + 2, 2 * sizeof *xy);
    }
    if (area != 0) add_shape(context, &shape, color);
}

// ---- lines --------------------------------------------------------------------------------------

static bool line_room(Vector *v, int n) {
    if (n <= v->xy_room) return true;
    float *grown = realloc(v->xy, 2 * (size_t)n * sizeof *grown);
    if (!grown) {
        v->failed = true;
        return false;
    }
    v->xy = grown;
    v->xy_room = n;
    return true;
}

/// Pieces of one colour at a time, each with the mean of its ends' colours.
static void on_line(void *context, const float *xy, int stride, const Color *colors, int color_step,
                    int n, float width) {
    Vector *v = context;
    flush_shapes(v);
    if (!line_room(v, n)) return;
    for (int i = 0; i < n; i++)
        memcpy(v->xy + 2 * (size_t)i, xy + (size_t)i * (size_t)stride, 2 * sizeof *xy);
    if (n == 1 || color_step == 0) {
        if (colors[0].a > 0) v->type->line(v, v->xy, n, width, colors[0]);
        return;
    }
    for (int first = 0; first < n - 1;) {
        const Color color = color_mix(colors[first], colors[first + 1], 0.5f);
        int last = first + 1;
        while (last < n - 1 && same_color(color, color_mix(colors[last], colors[last + 1], 0.5f)))
            last++;
        if (color.a > 0)
            v->type->line(v, v->xy + 2 * (size_t)first, last - first + 1, width, color);
        first = last;
    }
}

// ---- images and text ----------------------------------------------------------------------------

/// Gives what is clear the colour that it borders on, as nearly as a trace of it can: programs that
/// stretch colours and opacity apart from each other would else let black in at the edges.
static void bleed(uint8_t *rgba, int w, int h) {
    static const int beside[4][2] = {{-1, 0}, {1, 0}, {0, -1}, {0, 1}};
    for (int y = 0; y < h; y++) {
        for (int x = 0; x < w; x++) {
            uint8_t *p = rgba + 4 * ((size_t)y * (size_t)w + (size_t)x);
            for (int k = 0; k < 4 && p[3] == 0; k++) {
                const int i = x + beside[k][0], j = y + beside[k][1];
                if (i < 0 || i >= w || j < 0 || j >= h) continue;
                const uint8_t *from = rgba + 4 * ((size_t)j * (size_t)w + (size_t)i);
                if (from[3] < 128) continue;
                for (int c = 0; c < 3; c++) p[c] = 2 * from[c] >= from[3];
                p[3] = 1;
            }
        }
    }
}

/// How many pixels become of n that are stretched over so many: where they are to be seen as
/// squares, all of them alike.
static int stretched(int n, double over, bool smooth) {
    const double wanted = fmax(1, over);
    return (int)lrint(smooth || wanted <= n ? wanted : n * ceil(wanted / n));
}

/// At the wanted resolution, smaller ones stretched as OpenGL does it.
static void on_image(void *context, const uint8_t *rgba, int n, int m, Rect r, bool smooth) {
    Vector *v = context;
    flush_shapes(v);
    const double scale = v->point * v->desc.dpi / 72; // pixels of the image a pixel of the sink
    const int w = stretched(n, (double)r.w * scale, smooth);
    const int h = stretched(m, (double)r.h * scale, smooth);
    uint8_t *out = malloc((size_t)w * (size_t)h * 4);
    if (rgba && out && resample(rgba, n, m, out, w, h, smooth)) {
        bleed(out, w, h);
        v->type->image(v, out, w, h, r, smooth);
    } else {
        v->failed = true;
    }
    free(out);
}

static void on_text(void *context, const SinkText *text) {
    Vector *v = context;
    flush_shapes(v);
    v->type->text(v, text);
}

// ---- files --------------------------------------------------------------------------------------

static const VectorType *type_of(const char *path) {
    if (file_ends_in(path, vector_svg.suffix)) return &vector_svg;
    return file_ends_in(path, vector_pdf.suffix) ? &vector_pdf : NULL;
}

bool vector_wanted(const char *path) {
    return type_of(path) != NULL;
}

Vector *vector_create(const VectorDesc *desc, Error *error) {
    const VectorType *type = type_of(desc->name);
    Vector *v = calloc(1, sizeof *v);
    if (!type || !v) {
        free(v);
        error_set(error, type ? "%s: out of memory" : "%s: must end in .svg or .pdf", desc->name);
        return NULL;
    }
    *v = (Vector){.type = type,
                  .desc = *desc,
                  .point = desc->width / desc->pixels_across,
                  .sink = {.context = v,
                           .clip = on_clip,
                           .fill_box = on_fill_box,
                           .stroke_box = on_stroke_box,
                           .fill_triangle = on_triangle,
                           .line = on_line,
                           .image = on_image,
                           .text = on_text}};
    v->stream = open_memstream(&v->bytes, &v->size);
    Error why = {"out of memory"};
    if (v->stream && type->begin(v, &why)) return v;
    error_set(error, "%s: %s", desc->name, why.text);
    vector_destroy(v);
    return NULL;
}

const GfxSink *vector_sink(Vector *vector) {
    return &vector->sink;
}

static bool finish(Vector *v, Error *error) {
    flush_shapes(v);
    error_set(error, "out of memory");
    bool good = v->type->finish(v, error) && !v->failed && !ferror(v->stream);
    good = fclose(v->stream) == 0 && good;
    v->stream = NULL;
    return good;
}

bool vector_write(Vector *v, const char *path, Error *error) {
    Error why;
    if (!finish(v, &why)) return error_set(error, "%s: %s", path, why.text);
    FileWriter writer;
    if (!file_open(&writer, path, error)) return false;
    fwrite(v->bytes, 1, v->size, writer.stream); // what fails shows when it is committed
    return file_commit(&writer, error);
}

void vector_destroy(Vector *v) {
    if (!v) return;
    v->type->destroy(v);
    if (v->stream) fclose(v->stream);
    free(v->bytes);
    free(v->shapes);
    free(v->xy);
    free(v);
}
