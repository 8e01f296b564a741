/// What the files of this folder share and nobody else sees: the device with its batch of 2-D
/// primitives, and the OpenGL helpers. Only this folder is linked to OpenGL.
#ifndef GFX_INTERNAL_H
#define GFX_INTERNAL_H

#include <cglm/types.h>
#include <epoxy/gl.h>

#include "gfx/gfx.h"
#include "gfx/sink.h"

enum {
    BATCH_VERTICES = 32768, // indices are 16 bits wide
    BATCH_INDICES = 3 * BATCH_VERTICES,
    BATCH_ITEMS = 256,
    CLIP_DEPTH = 32,
    REGIONS_MAX = 256,
    KEPT_NOTHING = -1,
    IMAGE_SLOTS = 16,
    MAP_SIZE = 256,  // colours of a colour map
    WHITE_TEXEL = 2, // the middle of the glyph atlas's white corner, 4 texels a side
};

/// Every 2-D primitive is made of these. Its coverage is that of a rounded box, filled or as an
/// outline, times the atlas: shapes look at the atlas's white corner, glyphs are boxes without end.
typedef struct Vertex {
    float x, y, z;     // pixels of the target; z is depth, for lines in scenes
    float local[2];    // from the box's middle, along its sides
    float shape[4];    // half width, half height, corner radius, width of the outline
    uint16_t texel[2]; // in the glyph atlas
    uint8_t color[4];  // straight alpha
} Vertex;

/// Shape of what has no edge of its own, and an outline that fills.
#define SHAPE_ENDLESS 1e4f
#define SHAPE_FILLED  1e6f

typedef struct Image {
    GLuint texture;
    uint64_t version;
    uint64_t serial; // no other picture ever had it
    int n, m;
} Image;

/// A texture, or a target of the same size, to be drawn over a rectangle.
typedef struct Picture {
    GLuint texture, framebuffer; // framebuffer: copied pixel by pixel; 0: the texture is stretched
    uint64_t serial;
    Rect to;
    bool smooth, flip, opaque;
} Picture;

typedef enum ItemKind { ITEM_TRIANGLES, ITEM_FILL, ITEM_PICTURE } ItemKind;

/// An entry of the display list.
typedef struct Item {
    ItemKind kind;
    Rect clip; // whole pixels
    int first_vertex, first_index, n_indices;
    Color color; // of ITEM_FILL
    Picture picture;
} Item;

/// A part of the window, and what it shows.
typedef struct Region {
    Rect place;
    int first_item, first_vertex, first_index;
    uint64_t digest;
} Region;

typedef struct Text Text;

struct Target {
    Gfx *gfx;
    int width, height, samples;
    GLuint texture;      // what others read: resolved
    GLuint framebuffer;  // with the texture
    GLuint drawn;        // where to draw: the same, or one with multisampled buffers
    GLuint color, depth; // render buffers, 0: none
    uint64_t serial;     // of what it shows; no other picture ever had it
};

/// What the window shows, and where that is kept.
typedef struct WindowPicture {
    Target *canvas; // NULL: in the window itself
    int width, height;
    Region regions[REGIONS_MAX];
    int n_kept; // or KEPT_NOTHING
    Color clear;
    int n_drawn;  // of the regions, in the last frame
    bool covered; // something lies over the regions
    int stamp, stamp_y;
} WindowPicture;

struct Gfx {
    char renderer[256];
    bool software, uses_canvas;
    int errors;
    char message[512];
    int samples_max, size_max;

    // The display list
    GLuint batch_program, batch_vao, batch_buffers[2];
    GLint batch_size, batch_atlas_size;
    Vertex *vertices;
    uint16_t *indices;
    Item *items;
    int n_vertices, n_indices, n_items;
    int first_item; // what was collected before takes no more
    int vertex_room, index_room, item_room;

    // Pictures
    GLuint image_program, image_vao;
    GLint image_rect, image_flip;
    GLuint samplers[2]; // nearest, linear
    Image images[IMAGE_SLOTS];
    uint64_t serial;       // the last picture's
    uint8_t *image_pixels; // premultiplied copy for an upload
    size_t image_room;

    // Scenes
    GLuint surface_program, ball_program, map_texture;
    uint8_t map[MAP_SIZE][4]; // what map_texture holds
    GLint surface_uniforms[16], ball_uniforms[8];
    mat4 scene_matrix;                  // world to the target's clip space
    float scene_eye[3], scene_light[3]; // unit, toward them
    float *scene_points;                // (scene_room, 3) a projected line
    int scene_room;
    bool in_scene;
    bool scene_flat; // without a depth test

    // The target being drawn
    Target *target;
    bool drawing;
    Color clear;
    int width, height;
    Rect clips[CLIP_DEPTH + 1];
    int n_clips;

    const GfxSink *sink; // NULL: there is none
    Rect sink_clip;      // as it knows it
    Rect sink_scene;     // what scenes have drawn in since they were handed over last

    // The window's regions
    WindowPicture window;
    bool in_window;
    bool kept;   // regions are being collected
    bool spoilt; // and were flushed before their end
    Region regions[REGIONS_MAX];
    int n_regions;

    Text *text;
};

/// A place in the bound buffer, the way OpenGL takes it.
static inline const void *buffer_offset(size_t bytes) {
    return (const void *)(uintptr_t)bytes;
}

// ---- gfx.c

/// Begins to draw without clearing anything; clips are those of the whole target.
void gfx_start(Gfx *gfx, Target *target, int width, int height, Color clear);

/// Compiles and links shaders/NAME.vert and .frag.  @return 0 with error set
GLuint gfx_program(const char *name, Error *error);

// ---- display_list.c

bool batch_init(Gfx *gfx, Error *error);
void batch_deinit(Gfx *gfx);
/// Room for a few vertices and their indices.
/// @return the first vertex, to be filled and followed by batch_quad or batch_fan
Vertex *batch_reserve(Gfx *gfx, int n_vertices);
/// Adds a quad of the four vertices reserved last, in the order around it.
void batch_quad(Gfx *gfx);
/// Adds a fan of n vertices reserved last around the first of them.
void batch_fan(Gfx *gfx, int n);
/// Fills whole pixels at once. Software renderers are far faster at this than at shading.
void batch_fill(Gfx *gfx, Rect r, Color color);
void batch_picture(Gfx *gfx, const Picture *picture);
/// Draws the items [from, to).
void batch_execute(Gfx *gfx, int from, int to);
void batch_empty(Gfx *gfx);
void batch_scissor(const Gfx *gfx, Rect r);

// ---- regions.c

/// What is collected must be drawn before it is known what has changed: all counts as changed.
void regions_spoil(Gfx *gfx);
/// Ends a frame of the window.
void regions_end(Gfx *gfx);

// ---- shapes.c

void color_bytes(Color c, float alpha, uint8_t out[4]);

// ---- pictures.c

/// Draws it now, within the present scissor.
void picture_draw(Gfx *gfx, const Picture *picture);

// ---- lines.c

/// A connected line of constant width in pixels.
/// @param xyz  (n, stride) floats, x and y in pixels; z is read where stride is 3
/// @param color_step  0: one colour for all, 1: a colour a point
void line_stroke(Gfx *gfx, const float *xyz, int stride, const Color *colors, int color_step, int n,
                 float width);

// ---- scene.c

bool scene_init(Gfx *gfx, Error *error);
void scene_deinit(Gfx *gfx);

// ---- sink.c

/// Makes the sink ready for a primitive in the present clip.
void sink_prepare(Gfx *gfx);
/// Whether a 2-D primitive goes to a sink, made ready. Within scenes OpenGL draws.
static inline bool sink_takes(Gfx *gfx) {
    if (!gfx->sink || gfx->in_scene) return false;
    sink_prepare(gfx);
    return true;
}
/// Notes that a scene draws within the present clip.
void sink_note_scene(Gfx *gfx);
/// Whether a line of those colours in a scene goes to the sink: nothing can hide it, and its pieces
/// do not shine through each other.
bool sink_draws_flat(const Gfx *gfx, const Color *colors, int n);
void sink_end(Gfx *gfx);
// The primitives, once sink_takes.
void sink_fill_box(Gfx *gfx, Rect r, float radius, Color fill);
/// The stroke lies inside r.
void sink_stroke_box(Gfx *gfx, Rect r, float radius, float width, Color stroke);
void sink_triangle(Gfx *gfx, const float xy[6], Color fill);
/// @param xyz  (n, stride); NaN breaks it
void sink_line(Gfx *gfx, const float *xyz, int stride, const Color *colors, int color_step, int n,
               float width);

// ---- text.c

Text *text_create(Gfx *gfx, const char *family, Error *error);
void text_destroy(Text *text);
/// Uploads glyphs added since the last call and binds the atlas.  @return its size in texels a side
int text_atlas_bind(Text *text);
/// Counts how often the places in the atlas got another meaning.
uint64_t text_atlas_version(const Text *text);

#endif
