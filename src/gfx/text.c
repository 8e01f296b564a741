// Lines of text from one atlas of glyphs, which are rasterised by SDL2_ttf when they are first
// needed. Glyphs stand on whole pixels. There is neither shaping nor right-to-left text: labels
// and numbers in Latin, Greek and Chinese need none.
#include "gfx/text.h"

#include <SDL_ttf.h>
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "gfx/fonts.h"
#include "gfx/internal.h"

enum {
    ATLAS_FIRST = 1024,
    ATLAS_LAST = 4096,
    GLYPHS_ROOM = 8192, // a power of two; the atlas is emptied when it is three quarters full
    FONTS_MAX = 48,
    SIZE_MAX_PX = 512,
    REPLACEMENT = 0xfffd,
    THIN_SPACE = 0x2009,
    WHITE_SIDE = 2 * WHITE_TEXEL,
};

typedef struct Glyph {
    uint64_t key; // 0: free; see glyph_key
    int16_t left, top;
    uint16_t x, y, w, h; // in the atlas
    int16_t advance;
    uint8_t face;   // in the chain
    uint32_t shown; // the character, or what stands in for it
} Glyph;

typedef struct OpenFont {
    TTF_Font *font; // NULL: free, or the file cannot be read
    int size;
    TextWeight weight;
    uint8_t face;
    int capital; // height of a capital letter
    int digit;   // advance of the widest digit
    int line;
    unsigned used; // when last, for closing the one that was not needed longest
} OpenFont;

struct Text {
    Gfx *gfx;
    bool started;
    FontChain chains[2];
    OpenFont fonts[FONTS_MAX];
    unsigned clock;
    Glyph glyphs[GLYPHS_ROOM];
    int n_glyphs;

    GLuint texture;
    int size;         // texels a side, here
    int texture_size; // and on the other side
    uint8_t *texels;
    uint64_t version;
    int shelf_x, shelf_y, shelf_h; // where the next glyph goes
    int dirty_from, dirty_to;      // rows not uploaded yet
};

// ---- the atlas

static void atlas_clear(Text *text) {
    memset(text->texels, 0, (size_t)text->size * (size_t)text->size);
    memset(text->glyphs, 0, sizeof text->glyphs);
    text->n_glyphs = 0;
    text->version++;
    for (size_t y = 0; y < WHITE_SIDE; y++) {
        memset(text->texels + y * (size_t)text->size, 255, WHITE_SIDE);
    }
    text->shelf_x = WHITE_SIDE + 1;
    text->shelf_y = 0;
    text->shelf_h = WHITE_SIDE + 1;
    text->dirty_from = 0;
    text->dirty_to = text->size;
}

static bool atlas_grow(Text *text) {
    int size = text->size * 2;
    if (size > ATLAS_LAST) return false;
    uint8_t *texels = calloc((size_t)size, (size_t)size);
    if (!texels) return false;
    for (int y = 0; y < text->size; y++) {
        memcpy(texels + (size_t)y * (size_t)size, text->texels + (size_t)y * (size_t)text->size,
               (size_t)text->size);
    }
    free(text->texels);
    text->texels = texels;
    text->size = size;
    text->dirty_from = 0;
    text->dirty_to = size;
    return true;
}

/// A place of that size with an empty texel around it.
static bool atlas_place(Text *text, int w, int h, uint16_t *x, uint16_t *y) {
    w += 2;
    h += 2;
    if (w > text->size || h > text->size) return false;
    if (text->shelf_x + w > text->size) {
        text->shelf_y += text->shelf_h;
        text->shelf_x = 0;
        text->shelf_h = 0;
    }
    if (text->shelf_y + h > text->size) return false;
    *x = (uint16_t)(text->shelf_x + 1);
    *y = (uint16_t)(text->shelf_y + 1);
    text->shelf_x += w;
    if (h > text->shelf_h) text->shelf_h = h;
    return true;
}

uint64_t text_atlas_version(const Text *text) {
    return text->version;
}

int text_atlas_bind(Text *text) {
    glBindTexture(GL_TEXTURE_2D, text->texture);
    if (text->texture_size != text->size) {
        glTexImage2D(GL_TEXTURE_2D, 0, GL_R8, text->size, text->size, 0, GL_RED, GL_UNSIGNED_BYTE,
                     text->texels);
        text->texture_size = text->size;
    } else if (text->dirty_from < text->dirty_to) {
        glTexSubImage2D(GL_TEXTURE_2D, 0, 0, text->dirty_from, text->size,
                        text->dirty_to - text->dirty_from, GL_RED, GL_UNSIGNED_BYTE,
                        text->texels + (size_t)text->dirty_from * (size_t)text->size);
    }
    text->dirty_from = text->size;
    text->dirty_to = 0;
    return text->size;
}

// ---- fonts

static void font_measure(OpenFont *open) {
    int lowest, highest, advance;
    open->line = TTF_FontHeight(open->font);
    open->capital = (open->size * 7 + 5) / 10;
    if (TTF_GlyphMetrics32(open->font, 'H', NULL, NULL, &lowest, &highest, NULL) == 0) {
        open->capital = highest;
    }
    open->digit = 0;
    for (Uint32 digit = '0'; digit <= '9'; digit++) {
        if (TTF_GlyphMetrics32(open->font, digit, NULL, NULL, NULL, NULL, &advance) == 0 &&
            advance > open->digit) {
            open->digit = advance;
        }
    }
}

/// A face of a chain opened at a size.  @return NULL where its file cannot be read
static OpenFont *font_open(Text *text, TextWeight weight, int face, int size) {
    OpenFont *oldest = &text->fonts[0];
    for (int i = 0; i < FONTS_MAX; i++) {
        OpenFont *open = &text->fonts[i];
        if (open->font && open->size == size && open->weight == weight && open->face == face) {
            open->used = ++text->clock;
            return open;
        }
        if (open->used < oldest->used) oldest = open;
    }
    const FontFile *file = &text->chains[weight].faces[face];
    TTF_Font *font = TTF_OpenFontIndex(file->path, size, file->index);
    if (!font) return NULL;
    TTF_SetFontHinting(font, TTF_HINTING_LIGHT);
    if (file->embolden) TTF_SetFontStyle(font, TTF_STYLE_BOLD);
    if (oldest->font) TTF_CloseFont(oldest->font);
    *oldest = (OpenFont){
        .font = font,
        .size = size,
        .weight = weight,
        .face = (uint8_t)face,
        .used = ++text->clock,
    };
    font_measure(oldest);
    return oldest;
}

static int pixel_size(float size) {
    float rounded = roundf(size);
    return rounded >= 1 ? (rounded < SIZE_MAX_PX ? (int)rounded : SIZE_MAX_PX) : 1;
}

// ---- glyphs

static uint64_t glyph_key(TextWeight weight, int size, uint32_t code) {
    return (uint64_t)1 << 63 | (uint64_t)weight << 48 | (uint64_t)size << 32 | code;
}

static Glyph *glyph_slot(Text *text, uint64_t key) {
    uint64_t hash = key * 0x9e3779b97f4a7c15u;
    for (size_t i = (size_t)(hash >> 40) & (GLYPHS_ROOM - 1);; i = (i + 1) & (GLYPHS_ROOM - 1)) {
        if (text->glyphs[i].key == key || text->glyphs[i].key == 0) return &text->glyphs[i];
    }
}

/// The first face of the chain that has the character.
static OpenFont *font_with(Text *text, TextWeight weight, int size, uint32_t code) {
    for (int face = 0; face < text->chains[weight].count; face++) {
        OpenFont *open = font_open(text, weight, face, size);
        if (open && TTF_GlyphIsProvided32(open->font, code)) return open;
    }
    return NULL;
}

/// Copies a rendered glyph's ink into the atlas, emptying that where it is full.
/// @param origin_x, baseline  the pen's place in the surface
static void glyph_store(Text *text, Glyph *glyph, SDL_Surface *surface, int origin_x,
                        int baseline) {
    int x0 = surface->w, x1 = 0, y0 = surface->h, y1 = 0;
    SDL_LockSurface(surface);
    for (int y = 0; y < surface->h; y++) {
        const uint8_t *row = (const uint8_t *)surface->pixels + (size_t)y * (size_t)surface->pitch;
        for (int x = 0; x < surface->w; x++) {
            uint32_t argb;
            memcpy(&argb, row + 4 * (size_t)x, 4);
            if (argb >> 24 == 0) continue;
            if (x < x0) x0 = x;
            if (x >= x1) x1 = x + 1;
            if (y < y0) y0 = y;
            if (y >= y1) y1 = y + 1;
        }
    }
    int w = x1 - x0, h = y1 - y0;
    if (w > 0 && h > 0) {
        bool placed = atlas_place(text, w, h, &glyph->x, &glyph->y);
        while (!placed && atlas_grow(text)) placed = atlas_place(text, w, h, &glyph->x, &glyph->y);
        if (!placed) {
            // What is collected still points at the glyphs that go.
            if (text->gfx->drawing) gfx_flush(text->gfx);
            atlas_clear(text);
            placed = atlas_place(text, w, h, &glyph->x, &glyph->y);
        }
        if (placed) {
            glyph->w = (uint16_t)w;
            glyph->h = (uint16_t)h;
            glyph->left = (int16_t)(x0 - origin_x);
            glyph->top = (int16_t)(y0 - baseline);
            for (int y = 0; y < h; y++) {
                const uint8_t *row = (const uint8_t *)surface->pixels +
                                     (size_t)(y0 + y) * (size_t)surface->pitch + 4 * (size_t)x0;
                uint8_t *to = text->texels + (size_t)(glyph->y + y) * (size_t)text->size + glyph->x;
                for (int x = 0; x < w; x++) {
                    uint32_t argb;
                    memcpy(&argb, row + 4 * (size_t)x, 4);
                    to[x] = (uint8_t)(argb >> 24);
                }
            }
            if (glyph->y < text->dirty_from) text->dirty_from = glyph->y;
            if (glyph->y + h > text->dirty_to) text->dirty_to = glyph->y + h;
        }
    }
    SDL_UnlockSurface(surface);
}

/// @return a glyph that stays valid until the next call
static Glyph glyph_get(Text *text, TextWeight weight, int size, uint32_t code) {
    uint64_t key = glyph_key(weight, size, code);
    Glyph *slot = glyph_slot(text, key);
    if (slot->key == key) return *slot;

    Glyph glyph = {.key = key, .shown = code};
    OpenFont *open = font_with(text, weight, size, code);
    uint32_t shown = code;
    if (!open && code == THIN_SPACE) {
        glyph.advance = (int16_t)((size + 2) / 5);
        shown = 0;
    } else if (!open) {
        shown = REPLACEMENT;
        open = font_with(text, weight, size, shown);
        if (!open) {
            shown = '?';
            open = font_with(text, weight, size, shown);
        }
    }
    int left, highest, advance;
    if (open && shown &&
        TTF_GlyphMetrics32(open->font, shown, &left, NULL, NULL, &highest, &advance) == 0) {
        glyph.advance = (int16_t)advance;
        glyph.face = open->face;
        glyph.shown = shown;
        SDL_Color white = {255, 255, 255, 255};
        SDL_Surface *surface = TTF_RenderGlyph32_Blended(open->font, shown, white);
        if (surface) {
            int ascent = TTF_FontAscent(open->font);
            glyph_store(text, &glyph, surface, left < 0 ? -left : 0,
                        highest > ascent ? highest : ascent);
            SDL_FreeSurface(surface);
        }
    }
    if (text->n_glyphs >= GLYPHS_ROOM / 4 * 3) {
        if (text->gfx->drawing) gfx_flush(text->gfx);
        atlas_clear(text);
        return glyph_get(text, weight, size, code);
    }
    *glyph_slot(text, key) = glyph; // found anew: the table may have been emptied
    text->n_glyphs++;
    return glyph;
}

// ---- lines

/// Takes one character off UTF-8; bytes that are none give U+FFFD, one each. Control characters
/// become spaces.
static uint32_t next_code(const char **text) {
    const unsigned char *s = (const unsigned char *)*text;
    uint32_t code = s[0];
    int more = code < 0x80 ? 0 : code >= 0xf0 && code < 0xf5 ? 3 : code >= 0xe0 ? 2 : 1;
    *text += 1;
    if (code < 0x80) return code < 0x20 || code == 0x7f ? ' ' : code;
    if (code < 0xc2 || code >= 0xf5) return REPLACEMENT;
    code &= 0x3fu >> more;
    for (int i = 1; i <= more; i++) {
        if ((s[i] & 0xc0) != 0x80) return REPLACEMENT;
        code = code << 6 | (s[i] & 0x3f);
    }
    static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    if (code < least[more] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) {
        return REPLACEMENT;
    }
    *text += more;
    return code;
}

/// A pen that walks along a line and says where each glyph stands.
typedef struct Pen {
    Text *text;
    const TextStyle *style;
    const char *at;
    int size;
    int digit;
    uint32_t previous;
    int previous_face;
    int x; // after the last glyph
} Pen;

static Pen pen_start(Gfx *gfx, const TextStyle *style, const char *text) {
    Pen pen = {.text = gfx->text, .style = style, .at = text, .size = pixel_size(style->size)};
    const OpenFont *open = font_open(gfx->text, style->weight, 0, pen.size);
    pen.digit = open ? open->digit : 0;
    return pen;
}

/// @param x  written: where the glyph's origin stands
static bool pen_next(Pen *pen, Glyph *glyph, int *x) {
    if (!*pen->at) return false;
    const TextStyle *style = pen->style;
    uint32_t code = next_code(&pen->at);
    *glyph = glyph_get(pen->text, style->weight, pen->size, code);
    bool digit = style->tabular && code >= '0' && code <= '9';
    if (!style->tabular && pen->previous && pen->previous_face == glyph->face) {
        OpenFont *open = font_open(pen->text, style->weight, glyph->face, pen->size);
        if (open) pen->x += TTF_GetFontKerningSizeGlyphs32(open->font, pen->previous, code);
    }
    int advance = digit ? pen->digit : glyph->advance;
    *x = pen->x + (digit ? (pen->digit - glyph->advance) / 2 : 0);
    pen->x += advance;
    pen->previous = code;
    pen->previous_face = glyph->face;
    return true;
}

float text_width(Gfx *gfx, const TextStyle *style, const char *text) {
    Pen pen = pen_start(gfx, style, text);
    Glyph glyph;
    int x;
    while (pen_next(&pen, &glyph, &x)) {
    }
    return (float)pen.x;
}

float text_line_height(Gfx *gfx, float size) {
    const OpenFont *open = font_open(gfx->text, TEXT_REGULAR, 0, pixel_size(size));
    return open ? (float)open->line : size * 1.2f;
}

/// The same for a sink. What does not fit is left out: a label is never that long.
static float sink_run(Gfx *gfx, const TextStyle *style, float x, float y, float ux, float uy,
                      const char *text) {
    enum { RUN_MAX = 512 };
    SinkGlyph glyphs[RUN_MAX];
    Pen pen = pen_start(gfx, style, text);
    Glyph glyph;
    int at, n = 0;
    while (n < RUN_MAX && pen_next(&pen, &glyph, &at))
        glyphs[n++] = (SinkGlyph){glyph.shown, glyph.face, (float)at};
    if (n > 0 && style->color.a > 0) {
        const SinkText run = {.glyphs = glyphs,
                              .n = n,
                              .x = x,
                              .y = y,
                              .ux = ux,
                              .uy = uy,
                              .width = (float)pen.x,
                              .size = (float)pen.size,
                              .style = *style,
                              .fonts = &gfx->text->chains[style->weight]};
        gfx->sink->text(gfx->sink->context, &run);
    }
    return (float)pen.x;
}

/// Draws a line whose pen starts at (x, y) on the baseline and moves along the unit vector (ux,
/// uy). Turned glyphs take their empty border along, which smooths their edges.
static float draw_run(Gfx *gfx, const TextStyle *style, float x, float y, float ux, float uy,
                      const char *text) {
    if (sink_takes(gfx)) return sink_run(gfx, style, x, y, ux, uy, text);
    Pen pen = pen_start(gfx, style, text);
    Vertex v = {.shape = {SHAPE_ENDLESS, SHAPE_ENDLESS, 0, SHAPE_FILLED}};
    color_bytes(style->color, 1.0f, v.color);
    int border = ux == 1.0f ? 0 : 1;
    Glyph glyph;
    int at;
    while (pen_next(&pen, &glyph, &at)) {
        if (glyph.w == 0) continue;
        Vertex *out = batch_reserve(gfx, 4);
        for (int i = 0; i < 4; i++) {
            int right = i == 1 || i == 2, low = i >= 2;
            int gx = right ? glyph.w + border : -border, gy = low ? glyph.h + border : -border;
            float px = (float)(at + glyph.left + gx), py = (float)(glyph.top + gy);
            v.x = x + ux * px - uy * py;
            v.y = y + uy * px + ux * py;
            v.texel[0] = (uint16_t)(glyph.x + gx);
            v.texel[1] = (uint16_t)(glyph.y + gy);
            out[i] = v;
        }
        batch_quad(gfx);
    }
    return (float)pen.x;
}

/// How far left of x a line of that width starts.
static float align_shift(TextAlign align, float width) {
    return align == TEXT_LEFT ? 0 : align == TEXT_CENTER ? floorf(width / 2) : width;
}

static float capital_height(Gfx *gfx, const TextStyle *style) {
    const OpenFont *open = font_open(gfx->text, style->weight, 0, pixel_size(style->size));
    return open ? (float)open->capital : style->size * 0.7f;
}

float draw_text(Gfx *gfx, const TextStyle *style, float x, float y, const char *text) {
    if (!isfinite(x + y)) return 0;
    float shift =
        style->align == TEXT_LEFT ? 0 : align_shift(style->align, text_width(gfx, style, text));
    float baseline = roundf(y + capital_height(gfx, style) / 2);
    return draw_run(gfx, style, roundf(x - shift), baseline, 1, 0, text);
}

float draw_text_turned(Gfx *gfx, const TextStyle *style, float x, float y, float angle,
                       const char *text) {
    if (!isfinite(x + y + angle)) return 0;
    float width = text_width(gfx, style, text);
    float ux = cosf(angle), uy = sinf(angle);
    float along = -align_shift(style->align, width), down = roundf(capital_height(gfx, style) / 2);
    bool upright = fabsf(ux) < 1e-4f || fabsf(uy) < 1e-4f; // then texels fall on pixels
    if (upright) {
        ux = roundf(ux);
        uy = roundf(uy);
        x = roundf(x);
        y = roundf(y);
    }
    return draw_run(gfx, style, x + ux * along - uy * down, y + uy * along + ux * down, ux, uy,
                    text);
}

float draw_text_fit(Gfx *gfx, const TextStyle *style, float x, float y, float max_width,
                    const char *text) {
    static const char ellipsis[] = "…";
    if (text_width(gfx, style, text) <= max_width) return draw_text(gfx, style, x, y, text);
    char cut[512];
    float room = max_width - text_width(gfx, style, ellipsis);
    if (room < 0) return 0;
    Pen pen = pen_start(gfx, style, text);
    Glyph glyph;
    int at;
    size_t keep = 0;
    while (pen_next(&pen, &glyph, &at) && (float)pen.x <= room) {
        size_t length = (size_t)(pen.at - text);
        if (length + sizeof ellipsis > sizeof cut) break;
        keep = length;
    }
    while (keep > 0 && text[keep - 1] == ' ') keep--;
    memcpy(cut, text, keep);
    memcpy(cut + keep, ellipsis, sizeof ellipsis);
    return draw_text(gfx, style, x, y, cut);
}

// ---- lifetime

Text *text_create(Gfx *gfx, const char *family, Error *error) {
    Text *text = calloc(1, sizeof *text);
    uint8_t *texels = calloc(ATLAS_FIRST, ATLAS_FIRST);
    if (!text || !texels) {
        free(text);
        free(texels);
        error_set(error, "text: out of memory");
        return NULL;
    }
    text->gfx = gfx;
    text->texels = texels;
    text->size = ATLAS_FIRST;
    if (!fonts_find(family, text->chains, error)) {
        text_destroy(text);
        return NULL;
    }
    if (TTF_Init() != 0) {
        error_set(error, "text: %s", TTF_GetError());
        text_destroy(text);
        return NULL;
    }
    text->started = true;
    if (!font_open(text, TEXT_REGULAR, 0, 14)) {
        error_set(error, "%s: cannot read the font: %s", text->chains[0].faces[0].path,
                  TTF_GetError());
        text_destroy(text);
        return NULL;
    }
    glGenTextures(1, &text->texture);
    glBindTexture(GL_TEXTURE_2D, text->texture);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_LINEAR);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_LINEAR);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_S, GL_CLAMP_TO_EDGE);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_T, GL_CLAMP_TO_EDGE);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAX_LEVEL, 0);
    atlas_clear(text);
    return text;
}

void text_destroy(Text *text) {
    if (!text) return;
    for (int i = 0; i < FONTS_MAX; i++) {
        if (text->fonts[i].font) TTF_CloseFont(text->fonts[i].font);
    }
    if (text->started) TTF_Quit();
    if (text->texture) glDeleteTextures(1, &text->texture);
    free(text->texels);
    free(text);
}
