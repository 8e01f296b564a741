// The window's picture from frame to frame. What is drawn into it belongs to regions; each region's
// items are summed up in a digest, and those are drawn again whose digest is another than in the
// frame before: a window in which one number changes costs one number.
//
// A graphics card draws into a canvas, which is copied to the window: what a window shows after it
// was swapped is undefined. Software renderers, for which the copy is a tenth of a frame, keep the
// window's picture: a stamp of one pixel at the right edge, which changes with every frame, proves
// it.
#include <assert.h>
#include <string.h>

#include "gfx/internal.h"

enum { STAMPS = 8 };

// ---- digests

static uint64_t mix(uint64_t digest, uint64_t word) {
    digest = (digest ^ word * 0x9e3779b97f4a7c15u) * 0xc2b2ae3d27d4eb4fu;
    return digest ^ digest >> 29;
}

static uint64_t mix_bytes(uint64_t digest, const void *data, size_t size) {
    const uint8_t *bytes = data;
    uint64_t word;
    for (; size >= sizeof word; size -= sizeof word, bytes += sizeof word) {
        memcpy(&word, bytes, sizeof word);
        digest = mix(digest, word);
    }
    word = 0;
    memcpy(&word, bytes, size);
    return mix(digest, word);
}

static uint64_t mix_rect(uint64_t digest, Rect r) {
    return mix_bytes(digest, &r, sizeof r);
}

static int end_item(const Gfx *gfx, int region) {
    return region + 1 < gfx->n_regions ? gfx->regions[region + 1].first_item : gfx->n_items;
}

/// Sums up all that decides what a region looks like.
static uint64_t region_digest(const Gfx *gfx, int at) {
    const Region *region = &gfx->regions[at];
    bool last = at + 1 == gfx->n_regions;
    int end_vertex = last ? gfx->n_vertices : gfx->regions[at + 1].first_vertex;
    int end_index = last ? gfx->n_indices : gfx->regions[at + 1].first_index;
    uint64_t digest = mix(1, text_atlas_version(gfx->text)); // what glyphs' places mean
    for (int i = region->first_item; i < end_item(gfx, at); i++) {
        const Item *item = &gfx->items[i];
        digest = mix_rect(mix(digest, item->kind), item->clip);
        if (item->kind == ITEM_FILL) {
            digest = mix_bytes(digest, &item->color, sizeof item->color);
        } else if (item->kind == ITEM_PICTURE) {
            const Picture *picture = &item->picture;
            digest = mix_rect(mix(digest, picture->serial), picture->to);
            digest = mix(digest, (uint64_t)(picture->framebuffer != 0) << 3 |
                                     (uint64_t)picture->flip << 2 | (uint64_t)picture->smooth << 1 |
                                     picture->opaque);
        } else {
            digest = mix(digest, (uint64_t)item->n_indices);
        }
    }
    digest = mix_bytes(digest, gfx->vertices + region->first_vertex,
                       (size_t)(end_vertex - region->first_vertex) * sizeof(Vertex));
    return mix_bytes(digest, gfx->indices + region->first_index,
                     (size_t)(end_index - region->first_index) * sizeof(uint16_t));
}

// ---- whether the window shows the last frame

static void stamp_color(const Gfx *gfx, uint8_t rgb[3]) {
    uint8_t clear[4];
    color_bytes(gfx->window.clear, 1, clear);
    for (int i = 0; i < 3; i++) rgb[i] = clear[i] ^ (gfx->window.stamp >> i & 1);
}

/// A row whose last pixel is in no region.  @return -1: there is none
static int free_row(const Gfx *gfx) {
    for (int y = 0; y < gfx->height; y++) {
        bool free = true;
        for (int i = 0; free && i < gfx->n_regions; i++) {
            free = !rect_contains(gfx->regions[i].place, (float)gfx->width - 0.5f, (float)y + 0.5f);
        }
        if (free) return y;
    }
    return -1;
}

/// Marks this frame in a pixel, too faint to be seen.
static void stamp(Gfx *gfx) {
    uint8_t rgb[3];
    if (gfx->window.n_kept == KEPT_NOTHING) return;
    gfx->window.stamp_y = free_row(gfx);
    if (gfx->window.stamp_y < 0) gfx->window.n_kept = KEPT_NOTHING;
    if (gfx->window.n_kept == KEPT_NOTHING) return;
    gfx->window.stamp = gfx->window.stamp % (STAMPS - 1) + 1; // 0 is the bare ground
    stamp_color(gfx, rgb);
    batch_scissor(gfx, (Rect){(float)gfx->width - 1, (float)gfx->window.stamp_y, 1, 1});
    glClearColor((float)rgb[0] / 255, (float)rgb[1] / 255, (float)rgb[2] / 255, 1);
    glClear(GL_COLOR_BUFFER_BIT);
}

static bool shows_last_frame(const Gfx *gfx) {
    uint8_t rgb[3], found[4] = {0};
    stamp_color(gfx, rgb);
    glReadBuffer(GL_BACK);
    // Mesa's software renderers take the window's new size with the first call of a frame, but only
    // after they have held a reading against the old one: they read beyond the picture of a window
    // that has shrunk meanwhile. A pixel that every window has brings the size up to date.
    glReadPixels(0, 0, 1, 1, GL_RGBA, GL_UNSIGNED_BYTE, found);
    memset(found, 0, sizeof found);
    glReadPixels(gfx->width - 1, gfx->height - 1 - gfx->window.stamp_y, 1, 1, GL_RGBA,
                 GL_UNSIGNED_BYTE, found);
    return memcmp(rgb, found, sizeof rgb) == 0;
}

// ---- a frame

static void clear(Color c) {
    glClearColor(c.r * c.a, c.g * c.a, c.b * c.a, c.a);
    glClear(GL_COLOR_BUFFER_BIT);
}

static void clear_whole(Gfx *gfx) {
    batch_scissor(gfx, (Rect){0, 0, (float)gfx->width, (float)gfx->height});
    clear(gfx->clear);
}

/// The picture to draw regions into: NULL where that is the window itself.
static Target *canvas(Gfx *gfx, int width, int height) {
    if (!gfx->uses_canvas) return NULL;
    Target *had = gfx->window.canvas;
    if (had && had->width == width && had->height == height) return had;
    target_destroy(had);
    gfx->window.canvas = target_create(gfx, width, height, 0, false);
    gfx->window.n_kept = KEPT_NOTHING;
    return gfx->window.canvas;
}

void gfx_begin_window(Gfx *gfx, int width, int height, Color clear_to) {
    WindowPicture *window = &gfx->window;
    Target *target = canvas(gfx, width, height);
    gfx_start(gfx, target, width, height, clear_to);
    gfx->kept = true;
    gfx->in_window = true;
    window->covered = false;
    if (window->width != width || window->height != height) window->n_kept = KEPT_NOTHING;
    window->width = width;
    window->height = height;
    if (!target && window->n_kept != KEPT_NOTHING && !shows_last_frame(gfx))
        window->n_kept = KEPT_NOTHING;
}

void gfx_region(Gfx *gfx, Rect r) {
    assert(gfx->drawing && gfx->n_clips == 1);
    if (!gfx->kept) return;
    Rect whole = {0, 0, (float)gfx->width, (float)gfx->height};
    gfx->clips[0] = rect_intersect(whole, rect_round(r));
    if (gfx->n_regions == REGIONS_MAX) gfx_flush(gfx);
    gfx->first_item = gfx->n_items;
    if (gfx->spoilt) {
        gfx->n_regions++;
        return;
    }
    gfx->regions[gfx->n_regions++] = (Region){.place = gfx->clips[0],
                                              .first_item = gfx->n_items,
                                              .first_vertex = gfx->n_vertices,
                                              .first_index = gfx->n_indices};
}

void regions_spoil(Gfx *gfx) {
    if (gfx->spoilt) return;
    clear_whole(gfx);
    gfx->spoilt = true;
}

/// Whether the regions lie where they lay.
static bool same_places(const Gfx *gfx) {
    if (gfx->window.n_kept != gfx->n_regions) return false;
    for (int i = 0; i < gfx->n_regions; i++) {
        if (!rect_equal(gfx->window.regions[i].place, gfx->regions[i].place)) return false;
    }
    return memcmp(&gfx->clear, &gfx->window.clear, sizeof gfx->clear) == 0;
}

/// Whether a region begins with a picture that leaves nothing of what lies below.
static bool covered(const Gfx *gfx, int at) {
    const Region *region = &gfx->regions[at];
    if (region->first_item == end_item(gfx, at)) return false;
    const Item *first = &gfx->items[region->first_item];
    return first->kind == ITEM_PICTURE && first->picture.opaque &&
           rect_holds(first->clip, region->place) && rect_holds(first->picture.to, region->place);
}

/// Draws the regions that have changed.
static void end_regions(Gfx *gfx) {
    WindowPicture *window = &gfx->window;
    gfx->kept = false;
    gfx->first_item = 0;
    window->n_drawn = 0;
    if (gfx->spoilt) {
        window->n_drawn = gfx->n_regions;
        gfx_flush(gfx);
        window->n_kept = KEPT_NOTHING;
        return;
    }
    bool whole = !same_places(gfx);
    if (whole) clear_whole(gfx);
    for (int i = 0; i < gfx->n_regions; i++) {
        Region *region = &gfx->regions[i];
        region->digest = region_digest(gfx, i);
        if (!whole && region->digest == window->regions[i].digest) continue;
        if (!whole && !covered(gfx, i)) {
            batch_scissor(gfx, region->place);
            clear(gfx->clear);
        }
        batch_execute(gfx, region->first_item, end_item(gfx, i));
        window->n_drawn++;
    }
    memcpy(window->regions, gfx->regions, sizeof *gfx->regions * (size_t)gfx->n_regions);
    window->clear = gfx->clear;
    window->n_kept = gfx->n_regions;
    batch_empty(gfx);
}

void gfx_over(Gfx *gfx) {
    assert(gfx->drawing && gfx->in_window);
    if (!gfx->kept) return;
    assert(gfx->n_clips == 1);
    end_regions(gfx);
    gfx->clips[0] = (Rect){0, 0, (float)gfx->width, (float)gfx->height};
    if (gfx->target) {
        Target *source = gfx->target;
        source->serial = ++gfx->serial;
        gfx->target = NULL;
        glBindFramebuffer(GL_FRAMEBUFFER, 0);
        gfx_blit(gfx, source, gfx->clips[0]);
    }
}

int gfx_regions_drawn(const Gfx *gfx) {
    return gfx->window.n_drawn;
}

void regions_end(Gfx *gfx) {
    gfx_over(gfx);
    gfx_flush(gfx);
    gfx->in_window = false;
    if (gfx->window.canvas) return;
    if (gfx->window.covered) gfx->window.n_kept = KEPT_NOTHING;
    stamp(gfx);
}
