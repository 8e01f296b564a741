/// The box is drawn flat, before the scene: what of it lies behind the surface is all there is to
/// see of it (far walls, floor), and what stands outside (ticks, labels) is never covered. Which
/// walls are far and which edges are outermost is found by projecting them, so that any camera
/// works, one from straight above too: there the box opens toward the eye, and its upper edges are
/// the outermost.
#include <math.h>
#include <stddef.h>

#include <cglm/cglm.h>

#include "plot/plot3d.h"

// Sizes in units.
#define TEXT_SIZE        12.0f
#define TICK_LENGTH      5.0f
#define LABEL_GAP        3.0f
#define NAME_GAP         3.0f
#define UPRIGHT_NAME_GAP 8.0f
#define SHORT_NAME       30.0f // a narrower name stays level
#define BETWEEN_LABELS   4.0f  // of one axis
#define TICK_SPACE       75.0f // of the view, for each tick
#define LEVEL_LEAST      26.0f // shorter edges, on the screen, have no ticks
#define UPRIGHT_LEAST    44.0f
#define NAME_SLACK       14.0f // how far an axis label may be moved to be within the view
#define UPRIGHT_SLACK    4.0f  // the upright one's: more brings it into line with a tick's label

enum { PLACED_MAX = 64 };

typedef struct Vec2 {
    float x, y;
} Vec2;

/// Where a text stands on the screen: a rectangle turned into a direction.
typedef struct Label {
    Vec2 middle, along;
    float w, h;
} Label;

/// What drawing one box needs.
typedef struct BoxPainter {
    Gfx *gfx;
    const Theme *theme;
    const Plot3d *plot;
    mat4 matrix;
    float eye[3];
    float scale, line;
    TextStyle text;
    Vec2 centre;              // of the box, on the screen
    Label placed[PLACED_MAX]; // labels so far
    int n_placed;
} BoxPainter;

/// An edge with its ticks: from world point `from` along `axis` (0 a, 1 b, 2 z).
typedef struct BoxEdge {
    int axis;
    float from[3], to[3];
    float outward[3]; // away from the box, across the edge
    Vec2 a, b;        // its ends on the screen
    Vec2 across;      // unit, on the screen, away from the box
} BoxEdge;

// ---- projection --------------------------------------------------------------------------------

static void to_clip(const BoxPainter *p, const float world[3], vec4 clip) {
    for (int row = 0; row < 4; row++) {
        clip[row] = p->matrix[3][row];
        for (int k = 0; k < 3; k++) clip[row] += p->matrix[k][row] * world[k];
    }
}

static Vec2 to_screen(const BoxPainter *p, const vec4 clip) {
    Rect v = p->plot->view;
    return (Vec2){v.x + (clip[0] / clip[3] + 1.0f) * 0.5f * v.w,
                  v.y + (1.0f - clip[1] / clip[3]) * 0.5f * v.h};
}

/// @return false where it lies behind the eye
static bool project(const BoxPainter *p, const float world[3], Vec2 *screen) {
    vec4 clip;
    to_clip(p, world, clip);
    if (clip[3] < 1e-3f) return false;
    *screen = to_screen(p, clip);
    return true;
}

/// A line between world points, cut off behind the eye.
static void draw_world_line(const BoxPainter *p, const float from[3], const float to[3],
                            float width, Color c) {
    vec4 a, b;
    to_clip(p, from, a);
    to_clip(p, to, b);
    float near = 1e-2f;
    if (a[3] < near && b[3] < near) return;
    if (a[3] < near || b[3] < near) {
        vec4 cut;
        glm_vec4_lerp(a, b, (near - a[3]) / (b[3] - a[3]), cut);
        glm_vec4_copy(cut, a[3] < near ? a : b);
    }
    Vec2 s = to_screen(p, a), e = to_screen(p, b);
    draw_line(p->gfx, s.x, s.y, e.x, e.y, width, c);
}

static float dot(Vec2 a, Vec2 b) {
    return a.x * b.x + a.y * b.y;
}

static Vec2 unit(Vec2 v) {
    float length = hypotf(v.x, v.y);
    return length > 1e-6f ? (Vec2){v.x / length, v.y / length} : (Vec2){0.0f, 1.0f};
}

// ---- walls and floor ---------------------------------------------------------------------------

/// Whether the eye sees a wall (a = ±1 or b = ±1) from the box's inside.
static bool is_far_wall(const BoxPainter *p, int axis, float side) {
    return p->eye[axis] * side < 1.0f;
}

static float world_at(const Plot3d *plot, int axis, double value) {
    float world[3];
    plot3d_world(plot, axis == 0 ? value : plot->a.lo, axis == 1 ? value : plot->b.lo,
                 axis == 2 ? value : plot->z.lo, world);
    return world[axis];
}

/// A grid line of a wall or the floor: through `at` on one axis, along another.
static void draw_grid_line(const BoxPainter *p, int fixed, float at, int across, float side,
                           Color c) {
    int along = 3 - fixed - across;
    float lo = along == 2 ? 0.0f : -1.0f, hi = along == 2 ? PLOT3D_HEIGHT : 1.0f;
    float from[3], to[3];
    from[fixed] = to[fixed] = at;
    from[across] = to[across] = side;
    from[along] = lo;
    to[along] = hi;
    draw_world_line(p, from, to, fmaxf(1.0f, p->scale * 0.9f), c);
}

static void draw_walls(const BoxPainter *p, const Ticks ticks[3]) {
    Color edge = color_mix(p->theme->hairline, p->theme->muted, 0.25f);
    Color grid = color_alpha(p->theme->hairline, p->theme->dark ? 0.75f : 0.9f);
    for (int axis = 0; axis < 2; axis++) {
        for (int i = 0; i < ticks[axis].count; i++)
            draw_grid_line(p, axis, world_at(p->plot, axis, ticks[axis].at[i].value), 2, 0.0f,
                           grid);
    }
    for (int wall = 0; wall < 4; wall++) {
        int across = wall / 2, along = 1 - across;
        float side = wall % 2 == 0 ? -1.0f : 1.0f;
        if (!is_far_wall(p, across, side)) continue;
        for (int i = 0; i < ticks[along].count; i++)
            draw_grid_line(p, along, world_at(p->plot, along, ticks[along].at[i].value), across,
                           side, grid);
        for (int i = 0; i < ticks[2].count; i++) {
            if (ticks[2].at[i].label[0] != '\0')
                draw_grid_line(p, 2, world_at(p->plot, 2, ticks[2].at[i].value), across, side,
                               grid);
        }
        draw_grid_line(p, along, -1.0f, across, side, edge);
        draw_grid_line(p, along, 1.0f, across, side, edge);
        draw_grid_line(p, 2, PLOT3D_HEIGHT, across, side, edge);
    }
    for (int axis = 0; axis < 2; axis++) {
        draw_grid_line(p, axis, -1.0f, 2, 0.0f, edge);
        draw_grid_line(p, axis, 1.0f, 2, 0.0f, edge);
    }
}

// ---- which edges carry the labels --------------------------------------------------------------

/// Fills the rest of an edge whose ends and outward direction are set.
/// @return false where it is not to be seen whole
static bool finish_edge(const BoxPainter *p, BoxEdge *e) {
    if (!project(p, e->from, &e->a) || !project(p, e->to, &e->b)) return false;
    Vec2 along = unit((Vec2){e->b.x - e->a.x, e->b.y - e->a.y});
    Vec2 across = {-along.y, along.x};
    Vec2 middle = {(e->a.x + e->b.x) / 2.0f, (e->a.y + e->b.y) / 2.0f};
    if (dot(across, (Vec2){middle.x - p->centre.x, middle.y - p->centre.y}) < 0.0f)
        across = (Vec2){-across.x, -across.y};
    e->across = across;
    return true;
}

/// Whether an edge along a or b at one side, of the floor or the ceiling, is on the box's outline:
/// the eye sees one of its faces from inside and the other from outside.
static bool on_outline(const BoxPainter *p, int axis, float side, bool ceiling) {
    bool far = is_far_wall(p, 1 - axis, side);
    return ceiling ? far && p->eye[2] > PLOT3D_HEIGHT : !far;
}

/// The edge along a or b that carries the labels: the lowest on the screen of those on the outline,
/// of equally low ones the left.
static bool level_edge(const BoxPainter *p, int axis, BoxEdge *best) {
    float best_score = -INFINITY;
    for (int candidate = 0; candidate < 4; candidate++) {
        float side = candidate % 2 == 0 ? -1.0f : 1.0f;
        bool ceiling = candidate >= 2;
        if (!on_outline(p, axis, side, ceiling)) continue;
        BoxEdge e = {.axis = axis};
        e.from[axis] = -1.0f;
        e.to[axis] = 1.0f;
        e.from[1 - axis] = e.to[1 - axis] = side;
        e.from[2] = e.to[2] = ceiling ? PLOT3D_HEIGHT : 0.0f;
        e.outward[1 - axis] = side;
        if (!finish_edge(p, &e)) continue;
        float score = (e.a.y + e.b.y) - 0.02f * (e.a.x + e.b.x);
        if (score > best_score) {
            best_score = score;
            *best = e;
        }
    }
    return best_score > -INFINITY;
}

/// The outermost upright edge: the rightmost.
static bool upright_edge(const BoxPainter *p, BoxEdge *best) {
    float rightmost = -INFINITY;
    for (int corner = 0; corner < 4; corner++) {
        float a = corner % 2 == 0 ? -1.0f : 1.0f, b = corner < 2 ? -1.0f : 1.0f;
        BoxEdge e = {.axis = 2, .from = {a, b, 0.0f}, .to = {a, b, PLOT3D_HEIGHT}};
        e.outward[0] = a;
        e.outward[1] = b;
        if (!finish_edge(p, &e)) continue;
        if (e.a.x + e.b.x > rightmost) {
            rightmost = e.a.x + e.b.x;
            *best = e;
        }
    }
    return rightmost > -INFINITY;
}

// ---- ticks and labels --------------------------------------------------------------------------

/// How far the middle of a text of that size stays from a point, to leave it in a direction.
static float reach(Vec2 direction, float w, float h) {
    return fabsf(direction.x) * w / 2.0f + fabsf(direction.y) * h / 2.0f;
}

static Vec2 level(void) {
    return (Vec2){1.0f, 0.0f};
}

/// Half of a label's shadow along a direction.
static float shadow(const Label *l, Vec2 direction) {
    Vec2 up = {-l->along.y, l->along.x};
    return fabsf(dot(direction, l->along)) * l->w / 2.0f + fabsf(dot(direction, up)) * l->h / 2.0f;
}

/// Whether labels come nearer than a gap: turned rectangles are apart if their shadows are, along a
/// side of one of them.
static bool overlaps(const Label *a, const Label *b, float gap) {
    Vec2 between = {b->middle.x - a->middle.x, b->middle.y - a->middle.y};
    Vec2 sides[4] = {a->along, {-a->along.y, a->along.x}, b->along, {-b->along.y, b->along.x}};
    for (int i = 0; i < 4; i++)
        if (fabsf(dot(between, sides[i])) >= shadow(a, sides[i]) + shadow(b, sides[i]) + gap)
            return false;
    return true;
}

static bool is_free(const BoxPainter *p, const Label *l) {
    for (int i = 0; i < p->n_placed; i++)
        if (overlaps(l, &p->placed[i], LABEL_GAP * 0.5f * p->scale)) return false;
    return true;
}

static void occupy(BoxPainter *p, const Label *l) {
    if (p->n_placed < PLACED_MAX) p->placed[p->n_placed++] = *l;
}

/// How far a label stands out of the view, and where to.
static Vec2 way_back(const BoxPainter *p, const Label *l) {
    Rect v = p->plot->view;
    float half_w = shadow(l, level()), half_h = shadow(l, (Vec2){0.0f, 1.0f});
    Vec2 m = l->middle;
    return (Vec2){fmaxf(v.x - (m.x - half_w), 0.0f) + fminf(v.x + v.w - (m.x + half_w), 0.0f),
                  fmaxf(v.y - (m.y - half_h), 0.0f) + fminf(v.y + v.h - (m.y + half_h), 0.0f)};
}

/// A tick's direction on the screen: as its plane shows it where that leads away from the edge,
/// else straight across.
static Vec2 tick_direction(const BoxPainter *p, const BoxEdge *e, const float at[3], Vec2 screen) {
    float beyond[3];
    for (int k = 0; k < 3; k++) beyond[k] = at[k] + 0.05f * e->outward[k];
    Vec2 end;
    if (!project(p, beyond, &end)) return e->across;
    Vec2 d = unit((Vec2){end.x - screen.x, end.y - screen.y});
    float lift = fmaxf(dot(d, e->across), 0.0f);
    return unit(
        (Vec2){e->across.x + (d.x - e->across.x) * lift, e->across.y + (d.y - e->across.y) * lift});
}

typedef struct EdgeTick {
    Vec2 at, direction;
    Label label; // without width: a minor tick
} EdgeTick;

static bool find_tick(const BoxPainter *p, const BoxEdge *e, const Tick *tick, EdgeTick *out) {
    float at[3] = {e->from[0], e->from[1], e->from[2]};
    at[e->axis] = world_at(p->plot, e->axis, tick->value);
    if (!project(p, at, &out->at)) return false;
    out->direction = tick_direction(p, e, at, out->at);
    float w = tick->label[0] != '\0' ? text_width(p->gfx, &p->text, tick->label) : 0.0f;
    float h = p->line * 0.8f;
    float away = (TICK_LENGTH + LABEL_GAP) * p->scale + reach(out->direction, w, h);
    Vec2 middle = {out->at.x + out->direction.x * away, out->at.y + out->direction.y * away};
    out->label = (Label){.middle = middle, .along = level(), .w = w, .h = h};
    return true;
}

/// Whether the labels keep apart when only each every-th is written. Few of many must have the same
/// distance from both ends.
static bool labels_fit(const BoxPainter *p, const EdgeTick *ticks, const int *labelled, int n,
                       int every) {
    if (every > 2 && (n - 1) % every != 0) return false;
    for (int i = every; i < n; i += every) {
        const Label *before = &ticks[labelled[i - every]].label, *here = &ticks[labelled[i]].label;
        if (overlaps(before, here, BETWEEN_LABELS * p->scale)) return false;
    }
    return true;
}

/// The ticks of an edge as they are to be drawn.
typedef struct EdgeScale {
    BoxEdge edge;
    const Ticks *ticks;
    EdgeTick at[TICKS_MAX];
    int labelled[TICKS_MAX], n_labelled, every;
    float depth; // how far the labels reach away from the edge, in pixels
} EdgeScale;

/// @return false where the edge is not to be seen, or too short for labels
static bool lay_ticks(const BoxPainter *p, EdgeScale *s) {
    const BoxEdge *e = &s->edge;
    float least = e->axis == 2 ? UPRIGHT_LEAST : LEVEL_LEAST;
    if (hypotf(e->b.x - e->a.x, e->b.y - e->a.y) < least * p->scale) return false;
    for (int i = 0; i < s->ticks->count; i++) {
        if (!find_tick(p, e, &s->ticks->at[i], &s->at[i])) return false;
        if (s->at[i].label.w > 0.0f) s->labelled[s->n_labelled++] = i;
    }
    s->every = 1;
    while (s->every < s->n_labelled && !labels_fit(p, s->at, s->labelled, s->n_labelled, s->every))
        s->every++;
    s->depth = TICK_LENGTH * p->scale;
    for (int k = 0; k < s->n_labelled; k += s->every) {
        const EdgeTick *t = &s->at[s->labelled[k]];
        Vec2 middle = {t->label.middle.x - t->at.x, t->label.middle.y - t->at.y};
        s->depth = fmaxf(s->depth, dot(middle, e->across) + shadow(&t->label, e->across));
    }
    return true;
}

static void draw_ticks(BoxPainter *p, const EdgeScale *s) {
    Color mark = color_mix(p->theme->hairline, p->theme->muted, 0.7f);
    for (int i = 0; i < s->ticks->count; i++) {
        const EdgeTick *t = &s->at[i];
        float length = TICK_LENGTH * p->scale * (t->label.w > 0.0f ? 1.0f : 0.6f);
        draw_line(p->gfx, t->at.x, t->at.y, t->at.x + t->direction.x * length,
                  t->at.y + t->direction.y * length, fmaxf(1.0f, p->scale), mark);
    }
    for (int k = 0; k < s->n_labelled; k += s->every) {
        const Label *label = &s->at[s->labelled[k]].label;
        Vec2 out = way_back(p, label);
        if (out.x != 0.0f || out.y != 0.0f || !is_free(p, label)) continue;
        draw_text(p->gfx, &p->text, label->middle.x, label->middle.y,
                  s->ticks->at[s->labelled[k]].label);
        occupy(p, label);
    }
}

/// The axis label's place at that distance from its edge: along the edge where that is legible,
/// else level. Near the view's border it may be moved a little.
/// @return false where there is no room
static bool place_name(const BoxPainter *p, const BoxEdge *e, const TextStyle *text,
                       const char *name, float depth, Label *out) {
    float w = text_width(p->gfx, text, name), h = p->line * 0.8f;
    Vec2 along = {e->b.x - e->a.x, e->b.y - e->a.y};
    if (along.x < 0.0f) along = (Vec2){-along.x, -along.y};
    bool turned = e->axis != 2 && w > SHORT_NAME * p->scale && fabsf(along.y) < 1.2f * along.x;
    float gap = (e->axis == 2 ? UPRIGHT_NAME_GAP : NAME_GAP) * p->scale;
    float away = depth + gap + (turned ? h / 2.0f : reach(e->across, w, h));
    *out = (Label){.middle = {(e->a.x + e->b.x) / 2.0f + e->across.x * away,
                              (e->a.y + e->b.y) / 2.0f + e->across.y * away},
                   .along = turned ? unit(along) : level(),
                   .w = w,
                   .h = h};
    Vec2 back = way_back(p, out);
    out->middle = (Vec2){out->middle.x + back.x, out->middle.y + back.y};
    float slack = (e->axis == 2 ? UPRIGHT_SLACK : NAME_SLACK) * p->scale;
    return hypotf(back.x, back.y) <= slack && is_free(p, out);
}

static TextStyle name_style(const BoxPainter *p) {
    TextStyle text = p->text;
    text.tabular = false;
    text.color = color_mix(p->theme->muted, p->theme->text, 0.35f);
    return text;
}

static bool draw_name(BoxPainter *p, const BoxEdge *e, const char *name, float depth) {
    TextStyle text = name_style(p);
    Label at;
    if (!place_name(p, e, &text, name, depth, &at)) return false;
    occupy(p, &at);
    draw_text_turned(p->gfx, &text, at.middle.x, at.middle.y, atan2f(at.along.y, at.along.x), name);
    return true;
}

/// The upright axis's name above its upper end.
static bool draw_name_above(BoxPainter *p, const BoxEdge *e, const char *name) {
    TextStyle text = name_style(p);
    Vec2 top = e->a.y < e->b.y ? e->a : e->b;
    float w = text_width(p->gfx, &text, name), h = p->line * 0.8f;
    Label at = {.middle = {top.x, top.y - 1.6f * h}, .along = level(), .w = w, .h = h};
    Vec2 back = way_back(p, &at);
    at.middle.x += back.x;
    if (back.y != 0.0f || fabsf(back.x) > w / 2.0f || !is_free(p, &at)) return false;
    occupy(p, &at);
    draw_text(p->gfx, &text, at.middle.x, at.middle.y, name);
    return true;
}

static const char *axis_name(const Plot3d *plot, int axis) {
    return axis == 0 ? plot->a.label : axis == 1 ? plot->b.label : plot->z.label;
}

/// Without the ticks below zero.
static Ticks positive_ticks(Ticks ticks) {
    int kept = 0;
    for (int i = 0; i < ticks.count; i++) {
        if (ticks.at[i].value >= 0.0) ticks.at[kept++] = ticks.at[i];
    }
    ticks.count = kept;
    return ticks;
}

void plot3d_box(Gfx *gfx, const Theme *theme, const Plot3d *plot) {
    BoxPainter p = {
        .gfx = gfx,
        .theme = theme,
        .plot = plot,
        .scale = plot->scale,
        .line = text_line_height(gfx, TEXT_SIZE * plot->scale),
        .text = {.size = TEXT_SIZE * plot->scale,
                 .align = TEXT_CENTER,
                 .color = theme->muted,
                 .tabular = true},
    };
    Rect v = plot->view;
    if (v.w < 1.0f || v.h < 1.0f) return;
    camera_matrix(&plot->camera, v, p.matrix);
    float direction[3];
    camera_ray(&plot->camera, v, v.x + v.w / 2.0f, v.y + v.h / 2.0f, p.eye, direction);
    if (!project(&p, (float[3]){0.0f, 0.0f, PLOT3D_HEIGHT / 2.0f}, &p.centre))
        p.centre = (Vec2){v.x + v.w / 2.0f, v.y + v.h / 2.0f};

    float room = fminf(v.w, v.h * 1.4f) / (TICK_SPACE * plot->scale);
    int wanted = room < 2.0f ? 2 : room > 5.0f ? 5 : (int)room;
    Ticks ticks[3] = {
        ticks_linear(plot->a.lo, plot->a.hi, wanted),
        ticks_linear(plot->b.lo, plot->b.hi, wanted),
        plot->z.log ? ticks_log(plot->z.lo, plot->z.hi, wanted)
                    : ticks_linear(plot->z.lo, plot->z.hi, wanted),
    };
    if (plot->z.positive) ticks[2] = positive_ticks(ticks[2]);
    gfx_clip_push(gfx, v);
    draw_walls(&p, ticks);
    EdgeScale scales[3];
    bool shown[3];
    for (int axis = 0; axis < 3; axis++) {
        EdgeScale *s = &scales[axis];
        *s = (EdgeScale){.ticks = &ticks[axis]};
        const Axis3d *of = axis == 0 ? &plot->a : axis == 1 ? &plot->b : &plot->z;
        if (of->plain) {
            shown[axis] = false;
            continue;
        }
        shown[axis] = (axis < 2 ? level_edge(&p, axis, &s->edge) : upright_edge(&p, &s->edge)) &&
                      lay_ticks(&p, s);
    }
    // Where there is no room for a name beyond the ticks' labels it goes above the upright axis,
    // else between the labels: which plane is shown matters more than each number.
    bool named[3];
    for (int axis = 0; axis < 3; axis++) {
        const char *name = axis_name(plot, axis);
        named[axis] = !shown[axis] || name == NULL || name[0] == '\0' ||
                      draw_name(&p, &scales[axis].edge, name, scales[axis].depth) ||
                      (axis == 2 && draw_name_above(&p, &scales[axis].edge, name));
    }
    for (int axis = 0; axis < 3; axis++)
        if (!named[axis])
            draw_name(&p, &scales[axis].edge, axis_name(plot, axis), TICK_LENGTH * p.scale);
    for (int axis = 2; axis >= 0; axis--)
        if (shown[axis]) draw_ticks(&p, &scales[axis]);
    gfx_clip_pop(gfx);
}
