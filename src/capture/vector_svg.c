// SVG 1.1, written plainly: a unit is a point, text is <text> in the font's family with common ones
// to fall back on, aligned as it was meant, so that it may be edited and set in another font.
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture/png_file.h"
#include "capture/resample.h"
#include "capture/vector_parts.h"

#define DEGREE 57.29577951

typedef struct Svg {
    int clips;    // so far
    bool clipped; // a group is open
} Svg;

static Svg *svg_of(const Vector *v) {
    return v->own;
}

/// A number of points with two decimals, as short as can be.
static void put_number(FILE *out, double value) {
    char text[64];
    int n = snprintf(text, sizeof text, "%.2f", value);
    while (text[n - 1] == '0') n--;
    if (text[n - 1] == '.') n--;
    text[n] = '\0';
    fputs(strcmp(text, "-0") == 0 ? "0" : text, out);
}

/// The same as an attribute.
static void put(const Vector *v, const char *name, double pixels) {
    fprintf(v->stream, " %s=\"", name);
    put_number(v->stream, pixels * v->point);
    fputc('"', v->stream);
}

static void put_point(const Vector *v, float x, float y) {
    put_number(v->stream, (double)x * v->point);
    fputc(' ', v->stream);
    put_number(v->stream, (double)y * v->point);
}

static int byte(float value) {
    return (int)(fminf(fmaxf(value, 0), 1) * 255 + 0.5f);
}

/// fill="#RRGGBB" or stroke, and its opacity.
static void put_color(const Vector *v, const char *name, Color c) {
    FILE *out = v->stream;
    fprintf(out, " %s=\"#%02x%02x%02x\"", name, (unsigned)byte(c.r), (unsigned)byte(c.g),
            (unsigned)byte(c.b));
    if (c.a >= 1) return;
    fprintf(out, " %s-opacity=\"", name);
    put_number(out, (double)c.a);
    fputc('"', out);
}

/// One character in UTF-8, escaped; what XML cannot hold becomes U+FFFD.
static void put_code(FILE *out, uint32_t code) {
    switch (code) {
    case '&': fputs("&amp;", out); return;
    case '<': fputs("&lt;", out); return;
    case '>': fputs("&gt;", out); return;
    case '"': fputs("&quot;", out); return;
    default: break;
    }
    if (code < 0x20 || (code >= 0xd800 && code < 0xe000) || (code & 0xfffe) == 0xfffe ||
        code > 0x10ffff)
        code = 0xfffd;
    if (code < 0x80) {
        fputc((int)code, out);
        return;
    }
    const int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    static const unsigned lead[] = {0, 0xc0, 0xe0, 0xf0};
    fputc((int)(lead[more] | code >> (6 * more)), out);
    for (int i = more - 1; i >= 0; i--) fputc((int)(0x80 | ((code >> (6 * i)) & 0x3f)), out);
}

/// UTF-8 that is known to be right, escaped.
static void put_utf8(FILE *out, const char *text) {
    for (; *text; text++) {
        if ((unsigned char)*text < 0x80)
            put_code(out, (unsigned char)*text);
        else
            fputc(*text, out);
    }
}

static bool begin(Vector *v, Error *error) {
    v->own = calloc(1, sizeof(Svg));
    if (!v->own) return error_set(error, "out of memory");
    FILE *out = v->stream;
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" "
          "xmlns:xlink=\"http://www.w3.org/1999/xlink\" version=\"1.1\" width=\"",
          out);
    put_number(out, v->desc.width / 72 * 25.4);
    fputs("mm\" height=\"", out);
    put_number(out, v->desc.height / 72 * 25.4);
    fputs("mm\" viewBox=\"0 0 ", out);
    put_number(out, v->desc.width);
    fputc(' ', out);
    put_number(out, v->desc.height);
    fputs("\" xml:space=\"preserve\" stroke-linecap=\"round\" stroke-linejoin=\"round\">\n<title>",
          out);
    put_utf8(out, v->desc.title);
    fputs("</title>\n<desc>", out);
    put_utf8(out, v->desc.author);
    fputs("</desc>\n", out);
    if (v->desc.ground.a > 0) {
        fputs("<rect width=\"100%\" height=\"100%\"", out);
        put_color(v, "fill", v->desc.ground);
        fputs("/>\n", out);
    }
    return true;
}

static void end_clip(Vector *v) {
    if (svg_of(v)->clipped) fputs("</g>\n", v->stream);
    svg_of(v)->clipped = false;
}

static void clip(Vector *v, Rect r) {
    Svg *svg = svg_of(v);
    FILE *out = v->stream;
    end_clip(v);
    const double w = v->desc.width / v->point, h = v->desc.height / v->point;
    if (r.x <= 0 && r.y <= 0 && (double)(r.x + r.w) >= w - 0.5 && (double)(r.y + r.h) >= h - 0.5)
        return; // all of it
    svg->clips++;
    fprintf(out, "<clipPath id=\"c%d\"><rect", svg->clips);
    put(v, "x", (double)r.x);
    put(v, "y", (double)r.y);
    put(v, "width", (double)r.w);
    put(v, "height", (double)r.h);
    fprintf(out, "/></clipPath>\n<g clip-path=\"url(#c%d)\">\n", svg->clips);
    svg->clipped = true;
}

/// <circle …> or <rect …>, left open.
static void put_box(const Vector *v, Rect r, float radius) {
    FILE *out = v->stream;
    if (radius > 0 && radius >= 0.4999f * fmaxf(r.w, r.h)) {
        fputs("<circle", out);
        put(v, "cx", (double)(r.x + r.w / 2));
        put(v, "cy", (double)(r.y + r.h / 2));
        put(v, "r", (double)r.w / 2);
        return;
    }
    fputs("<rect", out);
    put(v, "x", (double)r.x);
    put(v, "y", (double)r.y);
    put(v, "width", (double)r.w);
    put(v, "height", (double)r.h);
    if (radius > 0) put(v, "rx", (double)radius);
}

static void fill(Vector *v, const VectorShape *shapes, int n, Color color) {
    FILE *out = v->stream;
    if (n == 1 && !shapes->triangle) {
        put_box(v, shapes->box, shapes->radius);
        put_color(v, "fill", color);
        fputs("/>\n", out);
        return;
    }
    fputs("<path d=\"", out);
    for (int i = 0; i < n; i++) {
        const VectorShape *s = &shapes[i];
        const Rect b = s->box;
        const float box[8] = {b.x, b.y, b.x + b.w, b.y, b.x + b.w, b.y + b.h, b.x, b.y + b.h};
        const float *xy = s->triangle ? s->xy : box;
        for (size_t k = 0; k < (s->triangle ? 6 : 8); k += 2) {
            fputc(k == 0 ? 'M' : 'L', out);
            put_point(v, xy[k], xy[k + 1]);
        }
        fputc('Z', out);
    }
    fputc('"', out);
    put_color(v, "fill", color);
    fputs("/>\n", out);
}

static void stroke_box(Vector *v, Rect r, float radius, float width, Color color) {
    put_box(v, r, radius);
    fputs(" fill=\"none\"", v->stream);
    put_color(v, "stroke", color);
    put(v, "stroke-width", (double)width);
    if (radius == 0) fputs(" stroke-linejoin=\"miter\"", v->stream);
    fputs("/>\n", v->stream);
}

static void line(Vector *v, const float *xy, int n, float width, Color color) {
    FILE *out = v->stream;
    const size_t last = 2 * ((size_t)n - 1);
    const bool closed = n > 3 && xy[0] == xy[last] && xy[1] == xy[last + 1];
    fputs("<path d=\"M", out);
    put_point(v, xy[0], xy[1]);
    for (size_t i = 2; i < (closed ? last : last + 2); i += 2) {
        fputc('L', out);
        put_point(v, xy[i], xy[i + 1]);
    }
    if (n == 1) {
        fputc('L', out);
        put_point(v, xy[0], xy[1]);
    }
    fputs(closed ? "Z\" fill=\"none\"" : "\" fill=\"none\"", out);
    put_color(v, "stroke", color);
    put(v, "stroke-width", (double)width);
    fputs("/>\n", out);
}

static void put_base64(FILE *out, const unsigned char *bytes, size_t size) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < size; i += 3) {
        const size_t left = size - i;
        const unsigned three = (unsigned)bytes[i] << 16 |
                               (left > 1 ? (unsigned)bytes[i + 1] << 8 : 0) |
                               (left > 2 ? (unsigned)bytes[i + 2] : 0);
        fputc(digits[three >> 18], out);
        fputc(digits[(three >> 12) & 63], out);
        fputc(left > 1 ? digits[(three >> 6) & 63] : '=', out);
        fputc(left > 2 ? digits[three & 63] : '=', out);
    }
}

static bool is_opaque(const uint8_t *rgba, size_t pixels) {
    for (size_t i = 0; i < pixels; i++) {
        if (rgba[4 * i + 3] != 255) return false;
    }
    return true;
}

static void image(Vector *v, const uint8_t *rgba, int n, int m, Rect r, bool smooth) {
    FILE *out = v->stream;
    const size_t pixels = (size_t)n * (size_t)m;
    uint8_t *straight = malloc(pixels * 4);
    char *bytes = NULL;
    size_t size = 0;
    FILE *memory = straight ? open_memstream(&bytes, &size) : NULL;
    bool good = memory != NULL;
    if (good) {
        memcpy(straight, rgba, pixels * 4);
        unpremultiply(straight, (int64_t)pixels);
        const PngDesc desc = {.width = n, .height = m, .alpha = !is_opaque(rgba, pixels)};
        Error error;
        good = png_write_to(memory, straight, &desc, &error);
        good = fclose(memory) == 0 && good;
    }
    if (good) {
        fputs("<image", out);
        put(v, "x", (double)r.x);
        put(v, "y", (double)r.y);
        put(v, "width", (double)r.w);
        put(v, "height", (double)r.h);
        // The attribute is SVG 1.1's; browsers go by the style.
        if (!smooth)
            fputs(" image-rendering=\"optimizeSpeed\" style=\"image-rendering:pixelated\"", out);
        fputs(" preserveAspectRatio=\"none\" xlink:href=\"data:image/png;base64,", out);
        put_base64(out, (const unsigned char *)bytes, size);
        fputs("\"/>\n", out);
    } else {
        v->failed = true;
    }
    free(bytes);
    free(straight);
}

/// The families of the faces that a character is looked for in, in that order.
static void put_families(FILE *out, const FontChain *chain) {
    fputs(" font-family=\"", out);
    for (int i = 0; i < chain->count; i++) {
        const char *family = chain->faces[i].family;
        if (i > 0 && strcmp(family, chain->faces[i - 1].family) == 0) continue;
        fputc('\'', out);
        put_utf8(out, family);
        fputs("', ", out);
    }
    fputs("sans-serif\"", out);
}

static void text(Vector *v, const SinkText *t) {
    FILE *out = v->stream;
    static const char *const anchors[] = {[TEXT_CENTER] = "middle", [TEXT_RIGHT] = "end"};
    const TextAlign align = t->style.align;
    const float along = align == TEXT_CENTER ? t->width / 2 : align == TEXT_RIGHT ? t->width : 0;
    const float x = t->x + along * t->ux, y = t->y + along * t->uy;
    fputs("<text", out);
    put(v, "x", (double)x);
    put(v, "y", (double)y);
    if (t->ux != 1) {
        fputs(" transform=\"rotate(", out);
        put_number(out, atan2((double)t->uy, (double)t->ux) * DEGREE);
        fputc(' ', out);
        put_point(v, x, y);
        fputs(")\"", out);
    }
    if (align != TEXT_LEFT) fprintf(out, " text-anchor=\"%s\"", anchors[align]);
    put_families(out, t->fonts);
    put(v, "font-size", (double)t->size);
    if (t->style.weight == TEXT_BOLD) fputs(" font-weight=\"bold\"", out);
    if (t->style.tabular) fputs(" style=\"font-variant-numeric:tabular-nums\"", out);
    put_color(v, "fill", t->style.color);
    fputc('>', out);
    for (int i = 0; i < t->n; i++) put_code(out, t->glyphs[i].code);
    fputs("</text>\n", out);
}

static bool finish(Vector *v, Error *error) {
    (void)error;
    end_clip(v);
    fputs("</svg>\n", v->stream);
    return true;
}

static void destroy(Vector *v) {
    free(v->own);
}

const VectorType vector_svg = {
    .suffix = ".svg",
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
