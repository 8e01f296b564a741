// The display list: what is drawn in two dimensions is collected in drawing order and executed
// later, in few calls. A change of clip begins a new item, but breaks nothing.
#include <assert.h>
#include <stdlib.h>

#include "gfx/internal.h"

bool batch_init(Gfx *gfx, Error *error) {
    gfx->vertices = malloc(BATCH_VERTICES * sizeof *gfx->vertices);
    gfx->indices = malloc(BATCH_INDICES * sizeof *gfx->indices);
    gfx->items = malloc(BATCH_ITEMS * sizeof *gfx->items);
    if (!gfx->vertices || !gfx->indices || !gfx->items)
        return error_set(error, "graphics: out of memory");
    gfx->vertex_room = BATCH_VERTICES;
    gfx->index_room = BATCH_INDICES;
    gfx->item_room = BATCH_ITEMS;
    gfx->batch_program = gfx_program("batch", error);
    if (!gfx->batch_program) return false;
    gfx->batch_size = glGetUniformLocation(gfx->batch_program, "size");
    gfx->batch_atlas_size = glGetUniformLocation(gfx->batch_program, "atlas_size");

    glGenVertexArrays(1, &gfx->batch_vao);
    glGenBuffers(2, gfx->batch_buffers);
    glBindVertexArray(gfx->batch_vao);
    glBindBuffer(GL_ARRAY_BUFFER, gfx->batch_buffers[0]);
    glBindBuffer(GL_ELEMENT_ARRAY_BUFFER, gfx->batch_buffers[1]);
    static const struct {
        GLint count;
        GLenum type;
        GLboolean normalized;
        size_t offset;
    } layout[] = {
        {3, GL_FLOAT, GL_FALSE, offsetof(Vertex, x)},
        {2, GL_FLOAT, GL_FALSE, offsetof(Vertex, local)},
        {4, GL_FLOAT, GL_FALSE, offsetof(Vertex, shape)},
        {2, GL_UNSIGNED_SHORT, GL_FALSE, offsetof(Vertex, texel)},
        {4, GL_UNSIGNED_BYTE, GL_TRUE, offsetof(Vertex, color)},
    };
    for (GLuint i = 0; i < sizeof layout / sizeof *layout; i++) {
        glEnableVertexAttribArray(i);
        glVertexAttribPointer(i, layout[i].count, layout[i].type, layout[i].normalized,
                              sizeof(Vertex), buffer_offset(layout[i].offset));
    }
    glBindVertexArray(0);
    return true;
}

void batch_deinit(Gfx *gfx) {
    glDeleteBuffers(2, gfx->batch_buffers);
    glDeleteVertexArrays(1, &gfx->batch_vao);
    glDeleteProgram(gfx->batch_program);
    free(gfx->vertices);
    free(gfx->indices);
    free(gfx->items);
}

// ---- collecting

static Rect top_clip(const Gfx *gfx) {
    return gfx->clips[gfx->n_clips - 1];
}

/// Room for `more` elements beyond n: a kept picture's list grows until its end.
static bool grow(void **array, int *room, size_t size, int n, int more) {
    if (n + more <= *room) return true;
    int wanted = 2 * *room;
    while (wanted < n + more) wanted *= 2;
    void *grown = realloc(*array, size * (size_t)wanted);
    if (!grown) return false;
    *array = grown;
    *room = wanted;
    return true;
}

/// Makes room, drawing what was collected where none can be had.
static void make_room(Gfx *gfx, int n_items, int n_vertices) {
    bool grows =
        gfx->kept &&
        grow((void **)&gfx->items, &gfx->item_room, sizeof *gfx->items, gfx->n_items, n_items) &&
        grow((void **)&gfx->vertices, &gfx->vertex_room, sizeof *gfx->vertices, gfx->n_vertices,
             n_vertices) &&
        grow((void **)&gfx->indices, &gfx->index_room, sizeof *gfx->indices, gfx->n_indices,
             3 * n_vertices);
    if (grows) return;
    if (gfx->n_items + n_items > gfx->item_room ||
        gfx->n_vertices + n_vertices > gfx->vertex_room ||
        gfx->n_indices + 3 * n_vertices > gfx->index_room) {
        gfx_flush(gfx);
    }
}

static Item *add_item(Gfx *gfx, ItemKind kind) {
    assert(gfx->drawing);
    make_room(gfx, 1, 0);
    Item *item = &gfx->items[gfx->n_items++];
    *item = (Item){.kind = kind,
                   .clip = rect_round(top_clip(gfx)),
                   .first_vertex = gfx->n_vertices,
                   .first_index = gfx->n_indices};
    return item;
}

/// Whether the last item can take more vertices.
static bool goes_on(const Gfx *gfx, int n_vertices) {
    if (gfx->n_items == 0 || gfx->n_items == gfx->first_item) return false;
    const Item *last = &gfx->items[gfx->n_items - 1];
    return last->kind == ITEM_TRIANGLES && rect_equal(last->clip, rect_round(top_clip(gfx))) &&
           gfx->n_vertices - last->first_vertex + n_vertices <= BATCH_VERTICES;
}

Vertex *batch_reserve(Gfx *gfx, int n_vertices) {
    assert(gfx->drawing && n_vertices <= BATCH_VERTICES);
    make_room(gfx, 1, n_vertices);
    if (!goes_on(gfx, n_vertices)) add_item(gfx, ITEM_TRIANGLES);
    Vertex *first = gfx->vertices + gfx->n_vertices;
    gfx->n_vertices += n_vertices;
    return first;
}

void batch_quad(Gfx *gfx) {
    batch_fan(gfx, 4);
}

void batch_fan(Gfx *gfx, int n) {
    Item *item = &gfx->items[gfx->n_items - 1];
    uint16_t first = (uint16_t)(gfx->n_vertices - n - item->first_vertex);
    for (int i = 1; i + 1 < n; i++) {
        uint16_t *index = gfx->indices + gfx->n_indices;
        index[0] = first;
        index[1] = (uint16_t)(first + i);
        index[2] = (uint16_t)(first + i + 1);
        gfx->n_indices += 3;
        item->n_indices += 3;
    }
}

void batch_fill(Gfx *gfx, Rect r, Color color) {
    Rect visible = rect_round(rect_intersect(top_clip(gfx), r));
    if (!(visible.w > 0 && visible.h > 0)) return;
    Item *item = add_item(gfx, ITEM_FILL);
    item->clip = visible;
    item->color = color;
}

void batch_picture(Gfx *gfx, const Picture *picture) {
    add_item(gfx, ITEM_PICTURE)->picture = *picture;
}

// ---- clips

void batch_scissor(const Gfx *gfx, Rect r) {
    glScissor((GLint)r.x, gfx->height - (GLint)(r.y + r.h), (GLsizei)r.w, (GLsizei)r.h);
}

void gfx_clip_push(Gfx *gfx, Rect r) {
    assert(gfx->drawing && gfx->n_clips < CLIP_DEPTH);
    gfx->clips[gfx->n_clips] = rect_intersect(top_clip(gfx), r);
    gfx->n_clips++;
    if (gfx->in_scene) gfx_flush(gfx); // scenes draw at once
}

void gfx_clip_pop(Gfx *gfx) {
    assert(gfx->drawing && gfx->n_clips > 1);
    if (gfx->in_scene) gfx_flush(gfx);
    gfx->n_clips--;
    if (gfx->in_scene) batch_scissor(gfx, rect_round(top_clip(gfx)));
}

// ---- executing

static void upload(const Gfx *gfx, int vertices, int n_vertices, int indices, int n_indices) {
    glUseProgram(gfx->batch_program);
    glUniform2f(gfx->batch_size, (float)gfx->width, (float)gfx->height);
    glBindVertexArray(gfx->batch_vao);
    glBindBuffer(GL_ARRAY_BUFFER, gfx->batch_buffers[0]);
    glBufferData(GL_ARRAY_BUFFER, (GLsizeiptr)((size_t)n_vertices * sizeof(Vertex)),
                 gfx->vertices + vertices, GL_STREAM_DRAW);
    glBufferData(GL_ELEMENT_ARRAY_BUFFER, (GLsizeiptr)((size_t)n_indices * sizeof(uint16_t)),
                 gfx->indices + indices, GL_STREAM_DRAW);
}

void batch_execute(Gfx *gfx, int from, int to) {
    if (from == to) return;
    const Item *first = &gfx->items[from];
    bool last = to == gfx->n_items;
    int end_vertex = last ? gfx->n_vertices : gfx->items[to].first_vertex;
    int end_index = last ? gfx->n_indices : gfx->items[to].first_index;
    if (end_index > first->first_index) {
        upload(gfx, first->first_vertex, end_vertex - first->first_vertex, first->first_index,
               end_index - first->first_index);
        glActiveTexture(GL_TEXTURE0);
        glUniform1f(gfx->batch_atlas_size, (float)text_atlas_bind(gfx->text));
    }
    for (int i = from; i < to; i++) {
        const Item *item = &gfx->items[i];
        batch_scissor(gfx, item->clip);
        if (item->kind == ITEM_FILL) {
            glClearColor(item->color.r, item->color.g, item->color.b, 1);
            glClear(GL_COLOR_BUFFER_BIT);
        } else if (item->kind == ITEM_PICTURE) {
            // Software renderers copy whole pictures twenty times as fast where nothing cuts them.
            bool whole = rect_holds(item->clip, item->picture.to);
            if (whole) glDisable(GL_SCISSOR_TEST);
            picture_draw(gfx, &item->picture);
            if (whole) glEnable(GL_SCISSOR_TEST);
        } else if (item->n_indices > 0) {
            glUseProgram(gfx->batch_program);
            glBindVertexArray(gfx->batch_vao);
            glActiveTexture(GL_TEXTURE0);
            text_atlas_bind(gfx->text);
            glDrawElementsBaseVertex(
                GL_TRIANGLES, item->n_indices, GL_UNSIGNED_SHORT,
                buffer_offset((size_t)(item->first_index - first->first_index) * sizeof(uint16_t)),
                item->first_vertex - first->first_vertex);
        }
    }
}

void batch_empty(Gfx *gfx) {
    gfx->n_items = 0;
    gfx->n_vertices = 0;
    gfx->n_indices = 0;
}

void gfx_flush(Gfx *gfx) {
    assert(gfx->drawing);
    if (gfx->kept) {
        regions_spoil(gfx);
    } else if (gfx->n_items > 0) {
        gfx->window.covered = true;
    }
    batch_execute(gfx, 0, gfx->n_items);
    batch_empty(gfx);
    batch_scissor(gfx, rect_round(top_clip(gfx)));
}
