/// The landscape from straight above, as a contour map: losses written on its lines, and a bar that
/// says which colour is which loss.
#include <math.h>
#include <stdio.h>

#include "plot/colorbar.h"
#include "views/landscape_state.h"

enum { LABELS_MAX = 12 };

// Units.
#define LABEL_SIZE  10.5f
#define LABEL_APART 60.0f // from each other
#define LABEL_CLEAR 16.0f // from path and ball
#define LABEL_PAD   3.0f
#define BAR_GAP     18.0f
// How far a line may stray under its label, in steps between lines.
#define STRAY 0.30f

/// Where things lie on the screen: the map is upright, so that each axis has one direction.
typedef struct Map {
    const LandscapeState *state;
    const ViewContext *context;
    const Plot3d *plot;
    Rect area;
    LandscapeContours contours;
} Map;

typedef struct MapLabel {
    float x, y;
    float tx, ty; // unit, along the line, to the right
} MapLabel;

Rect landscape_map_area(const Plot3d *plot) {
    float near[3] = {-1, -1, 0}, far[3] = {1, 1, 0}, from[2], to[2];
    camera_project(&plot->camera, plot->view, near, from, NULL);
    camera_project(&plot->camera, plot->view, far, to, NULL);
    return (Rect){from[0], to[1], to[0] - from[0], from[1] - to[1]};
}

/// The level at a point of the screen, 0…1 along the loss axis; NaN outside and in holes.
static float level_at(const Map *map, float x, float y) {
    const Survey *survey = &map->state->survey;
    float s = (x - map->area.x) / map->area.w * (float)(survey->n_a - 1);
    float t = (map->area.y + map->area.h - y) / map->area.h * (float)(survey->n_b - 1);
    if (!(s >= 0 && t >= 0 && s < (float)(survey->n_a - 1) && t < (float)(survey->n_b - 1))) {
        return NAN;
    }
    size_t i = (size_t)s, j = (size_t)t, n_b = (size_t)survey->n_b;
    float u = s - (float)i, v = t - (float)j;
    const float *near = survey->levels + i * n_b + j, *far = near + n_b;
    return (1 - u) * ((1 - v) * near[0] + v * near[1]) + u * ((1 - v) * far[0] + v * far[1]);
}

static double loss_of_level(const LandscapeState *state, double level) {
    const LossAxis *z = &state->z;
    if (state->log) return z->lo * pow(z->hi / z->lo, level);
    return z->lo + level * (z->hi - z->lo);
}

// ---- losses on the lines ------------------------------------------------------------------------

/// The line's direction at a point: across the slope, so that text on it is upright.
static bool line_direction(const Map *map, float x, float y, float *tx, float *ty) {
    float h = 3 * map->context->scale;
    float gx = level_at(map, x + h, y) - level_at(map, x - h, y);
    float gy = level_at(map, x, y + h) - level_at(map, x, y - h);
    float length = hypotf(gx, gy);
    if (!(length > 0)) return false;
    *tx = -gy / length;
    *ty = gx / length;
    if (*tx < 0) {
        *tx = -*tx;
        *ty = -*ty;
    }
    return true;
}

/// Whether the line runs straight and alone under a label of that width.
static bool carries(const Map *map, float level, const MapLabel *l, float width) {
    float most = STRAY * map->contours.step, height = LABEL_SIZE * map->context->scale;
    for (int i = -2; i <= 2; i++) {
        float d = 0.25f * width * (float)i;
        if (!(fabsf(level_at(map, l->x + d * l->tx, l->y + d * l->ty) - level) < most)) {
            return false;
        }
    }
    for (int side = -1; side <= 1; side += 2) { // no neighbour within the text's height
        float d = 0.5f * height * (float)side;
        if (!(fabsf(level_at(map, l->x - d * l->ty, l->y + d * l->tx) - level) <
              0.9f * map->contours.step)) {
            return false;
        }
    }
    return true;
}

/// How far a point is from all that a label must not cover: 0 where it is too near.
static float room_at(const Map *map, const LandscapeTrack *track, const MapLabel *placed, int n,
                     float x, float y, float width) {
    float scale = map->context->scale, nearest = 1e6f;
    for (int i = 0; i < n; i++) {
        nearest = fminf(nearest, hypotf(placed[i].x - x, placed[i].y - y));
    }
    if (nearest < LABEL_APART * scale) return 0;
    int step = track->count / 64 + 1;
    for (int i = 0; i < track->count + step; i += step) {
        LandscapePoint p = landscape_track_point(track, i);
        float world[3], at[2];
        plot3d_world(map->plot, p.a, p.b, p.z, world);
        camera_project(&map->plot->camera, map->plot->view, world, at, NULL);
        if (hypotf(at[0] - x, at[1] - y) < LABEL_CLEAR * scale + 0.5f * width) return 0;
    }
    return nearest;
}

/// The roomiest place on the line of a level.
static bool place_label(const Map *map, const LandscapeTrack *track, float level, float width,
                        const MapLabel *placed, int n, MapLabel *best) {
    Rect area = map->area;
    float step = 8 * map->context->scale, best_room = 0;
    for (float y = area.y + 2 * step; y < area.y + area.h - 2 * step; y += step) {
        float before = level_at(map, area.x + step, y);
        for (float x = area.x + 2 * step; x < area.x + area.w - step; x += step) {
            float here = level_at(map, x, y), share = (level - before) / (here - before);
            MapLabel l = {.x = x - step * (1 - share), .y = y};
            bool crosses = (before - level) * (here - level) < 0;
            before = here;
            if (!crosses || !line_direction(map, l.x, l.y, &l.tx, &l.ty)) continue;
            float room = room_at(map, track, placed, n, l.x, l.y, width);
            if (room <= best_room || !carries(map, level, &l, width)) continue;
            best_room = room;
            *best = l;
        }
    }
    return best_room > 0;
}

static void draw_label(const Map *map, const TextStyle *style, const MapLabel *l, float width,
                       Color ground, const char *text) {
    float half_w = 0.5f * width, half_h = 0.5f * style->size;
    float ax = half_w * l->tx, ay = half_w * l->ty, bx = -half_h * l->ty, by = half_h * l->tx;
    float corners[4][2] = {{l->x - ax - bx, l->y - ay - by},
                           {l->x + ax - bx, l->y + ay - by},
                           {l->x + ax + bx, l->y + ay + by},
                           {l->x - ax + bx, l->y - ay + by}};
    for (int i = 1; i < 3; i++) {
        float triangle[6] = {corners[0][0], corners[0][1],     corners[i][0],
                             corners[i][1], corners[i + 1][0], corners[i + 1][1]};
        draw_triangle(map->context->gfx, triangle, ground);
    }
    draw_text_turned(map->context->gfx, style, l->x, l->y, atan2f(l->ty, l->tx), text);
}

/// With as many digits as tell it from the middle between two lines.
static void print_level(const Map *map, float level, char *text, size_t size) {
    double loss = loss_of_level(map->state, (double)level);
    double apart = loss_of_level(map->state, (double)(level + map->contours.step)) - loss;
    double digits = ceil(log10(fmax(2 * fabs(loss) / apart, 1))) + 1;
    number_print_short(loss, digits < 9 ? (int)digits : 9, text, size);
}

/// One of how many lines is labelled: such that its losses are round again.
static int labelled_every(const Map *map, int count) {
    if (count <= 16) return count > 8 ? 2 : 1;
    double step = (double)map->contours.step * (map->state->z.hi - map->state->z.lo);
    double leading = step / pow(10, floor(log10(step) + 1e-6));
    return leading < 2.25 ? 5 : 4; // 1, 2: 5, 10; 2.5, 5: 10, 20
}

/// The first line of those with the roundest values, of as many as `every`.
static int first_labelled(const Map *map, int every) {
    const LossAxis *z = &map->state->z;
    if (map->state->log) return 0;
    double step = (double)map->contours.step * (z->hi - z->lo);
    double number = loss_of_level(map->state, (double)map->contours.offset) / step;
    int beyond = (int)fmod(ceil(number - 0.25), every);
    return beyond > 0 ? every - beyond : -beyond;
}

static void draw_labels(const Map *map) {
    const ViewContext *context = map->context;
    LandscapeContours lines = map->contours;
    LandscapeTrack track;
    if (lines.step <= 0 || !landscape_track(map->state, context, context->run, &track)) return;
    int count = (int)((1 - lines.offset) / lines.step) + 1;
    int every = labelled_every(map, count), n = 0;
    TextStyle style = {.size = LABEL_SIZE * context->scale, .align = TEXT_CENTER, .tabular = true};
    const Color *colors = colormap_table(COLORMAP_VIRIDIS);
    MapLabel placed[LABELS_MAX];
    for (int k = first_labelled(map, every); k < count && n < LABELS_MAX; k += every) {
        float level = lines.offset + (float)k * lines.step;
        if (level < 0 || level > 1) continue;
        char text[32];
        print_level(map, level, text, sizeof text);
        float width = text_width(context->gfx, &style, text) + 2 * LABEL_PAD * context->scale;
        if (!place_label(map, &track, level, width, placed, n, &placed[n])) continue;
        Color ground = colors[(int)(level * 255 + 0.5f)];
        bool bright = 0.3f * ground.r + 0.6f * ground.g + 0.1f * ground.b > 0.55f;
        style.color = bright ? (Color){0.05f, 0.07f, 0.1f, 1} : (Color){1, 1, 1, 1};
        draw_label(map, &style, &placed[n], width, ground, text);
        n++;
    }
}

// ---- the colours' bar ---------------------------------------------------------------------------

static void draw_bar(const Map *map) {
    const ViewContext *context = map->context;
    const LandscapeState *state = map->state;
    Gfx *gfx = context->gfx;
    float scale = context->scale;
    Rect view = map->plot->view, area = map->area;
    const Color clipped = color_hex(LANDSCAPE_CLIPPED);
    const LossAxis *z = &state->z;
    const ColorbarDesc desc = {.colors = colormap_table(COLORMAP_VIRIDIS),
                               .lo = z->lo,
                               .hi = z->hi,
                               .log = state->log,
                               .label = map->plot->z.label,
                               .beyond = z->clipped ? &clipped : NULL};
    // It stands beside the map as it lies unmoved; a map that is moved or larger goes below it.
    float right = fminf(area.x + area.w, view.x + view.w - (BAR_GAP + COLORBAR_WIDTH + 50) * scale);
    float x = right + BAR_GAP * scale, edge = view.x + view.w;
    float top = fmaxf(area.y, view.y + colorbar_above(gfx, scale, &desc, edge - x));
    float bottom = fminf(area.y + area.h, view.y + view.h - 24 * scale);
    Rect bar = rect_round((Rect){x, top, COLORBAR_WIDTH * scale, bottom - top});
    if (bar.h < 48 * scale || bar.x + bar.w > edge) return;
    Rect ground = {bar.x - 0.5f * BAR_GAP * scale, view.y, edge, view.h};
    draw_rect(gfx, ground, 0, context->theme->panel);
    colorbar_draw(gfx, context->theme, scale, bar, edge, &desc);
}

void landscape_draw_map(const LandscapeState *state, const ViewContext *context,
                        const Plot3d *plot) {
    Map map = {.state = state,
               .context = context,
               .plot = plot,
               .area = landscape_map_area(plot),
               .contours = landscape_contours(state)};
    if (map.area.w < 40 * context->scale || map.area.h < 40 * context->scale) return;
    gfx_clip_push(context->gfx, plot->view);
    if (!state->arrows) draw_labels(&map); // which would lie across them
    draw_bar(&map);
    gfx_clip_pop(context->gfx);
}
