// Connected lines as quads whose neighbours share their edges, so that translucent lines show
// neither gaps nor blobs where segments meet. Gentle corners are mitred; sharp ones have a fan
// outside and meet on the bisector inside. Where a segment is too short for that (a spike), the two
// segments overlap. Every vertex carries its signed distance from the middle of the line; the
// shader turns that into coverage.
#include <math.h>

#include "gfx/internal.h"

#define MITRE_MAX 0.35f // tan of half the turn, beyond which a corner is rounded
#define NEAR      0.1f  // pixels; points closer than this to the one before are left out
#define STRAIGHT  0.08f // pixels; so are points this close to a straight line
#define PI_F      3.14159265f
enum { FAN_MAX = 24 };

typedef struct Point {
    float x, y, z;
    uint8_t color[4];
} Point;

/// One side to the other across the line: [0] on the side of the normal, [1] opposite.
typedef struct Edge {
    float x[2], y[2];
    float trim[2]; // how far each lies into the segment that starts here
} Edge;

typedef struct Pen {
    Gfx *gfx;
    const float *xyz;
    const Color *colors;
    int stride, color_step;
    bool merge;  // points on a straight line may be left out
    float half;  // of the line with its feather
    float alpha; // lines thinner than a pixel are a pixel wide and fainter
    Vertex blank;
} Pen;

typedef struct Segment {
    float dx, dy, length; // unit direction; its normal is (-dy, dx)
} Segment;

static Segment between(const Point *a, const Point *b) {
    float dx = b->x - a->x, dy = b->y - a->y, length = hypotf(dx, dy);
    return (Segment){dx / length, dy / length, length};
}

static Edge across(const Point *p, Segment s, float half) {
    return (Edge){
        .x = {p->x - s.dy * half, p->x + s.dy * half},
        .y = {p->y + s.dx * half, p->y - s.dx * half},
    };
}

static void set(Vertex *v, const Pen *pen, const Point *p, float x, float y, float distance) {
    *v = pen->blank;
    v->x = x;
    v->y = y;
    v->z = p->z;
    v->local[0] = distance;
    for (int i = 0; i < 4; i++) v->color[i] = p->color[i];
}

static void add_quad(const Pen *pen, const Point *a, const Edge *from, const Point *b,
                     const Edge *to) {
    Vertex *v = batch_reserve(pen->gfx, 4);
    set(&v[0], pen, a, from->x[0], from->y[0], pen->half);
    set(&v[1], pen, b, to->x[0], to->y[0], pen->half);
    set(&v[2], pen, b, to->x[1], to->y[1], -pen->half);
    set(&v[3], pen, a, from->x[1], from->y[1], -pen->half);
    batch_quad(pen->gfx);
}

/// A pie about p from the rim point p + (rx, ry), turning by sweep.
static void add_pie(const Pen *pen, const Point *p, float rx, float ry, float sweep) {
    int n = 1 + (int)(fabsf(sweep) * (0.4f + 0.6f * sqrtf(pen->half)));
    if (n > FAN_MAX) n = FAN_MAX;
    Vertex *v = batch_reserve(pen->gfx, n + 2);
    set(&v[0], pen, p, p->x, p->y, 0);
    float c = cosf(sweep / (float)n), s = sinf(sweep / (float)n);
    for (int i = 0; i <= n; i++) {
        set(&v[i + 1], pen, p, p->x + rx, p->y + ry, pen->half);
        float turned = rx * c - ry * s;
        ry = rx * s + ry * c;
        rx = turned;
    }
    batch_fan(pen->gfx, n + 2);
}

static void add_triangle(const Pen *pen, const Point *p, float ix, float iy, float ox, float oy) {
    Vertex *v = batch_reserve(pen->gfx, 3);
    set(&v[0], pen, p, p->x, p->y, 0);
    set(&v[1], pen, p, ix, iy, pen->half);
    set(&v[2], pen, p, ox, oy, -pen->half);
    batch_fan(pen->gfx, 3);
}

/// The corner at p between segments in and out: where the one ends and the other starts.
/// @param from  the edge at which `in` starts
/// @param draw  also draw what lies between the two edges
static void corner(const Pen *pen, const Point *p, Segment in, const Edge *from, Segment out,
                   Edge *end, Edge *start, bool draw) {
    float cross = in.dx * out.dy - in.dy * out.dx, dot = in.dx * out.dx + in.dy * out.dy;
    float tangent = fabsf(cross) / fmaxf(1.0f + dot, 1e-6f);
    int inner = cross >= 0 ? 0 : 1, outer = 1 - inner;
    float side = cross >= 0 ? 1.0f : -1.0f;
    float back = pen->half * tangent; // how far the inner point lies back along both segments
    bool fits = back <= in.length - from->trim[inner] && back <= out.length;
    *end = across(p, in, pen->half);
    *start = across(p, out, pen->half);
    if (fits) {
        end->x[inner] = start->x[inner] = end->x[inner] - in.dx * back;
        end->y[inner] = start->y[inner] = end->y[inner] - in.dy * back;
        start->trim[inner] = back;
        if (tangent < MITRE_MAX) {
            end->x[outer] = start->x[outer] = end->x[outer] + in.dx * back;
            end->y[outer] = start->y[outer] = end->y[outer] + in.dy * back;
            return;
        }
    }
    if (!draw) return;
    if (fits) {
        add_triangle(pen, p, end->x[inner], end->y[inner], end->x[outer], end->y[outer]);
        add_triangle(pen, p, start->x[inner], start->y[inner], start->x[outer], start->y[outer]);
    }
    add_pie(pen, p, side * in.dy * pen->half, -side * in.dx * pen->half, atan2f(cross, dot));
}

static Point point_at(const Pen *pen, int i) {
    const float *at = pen->xyz + (size_t)i * (size_t)pen->stride;
    Point p = {.x = at[0], .y = at[1], .z = pen->stride > 2 ? at[2] : 0};
    color_bytes(pen->colors[pen->color_step ? i : 0], pen->alpha, p.color);
    return p;
}

static bool is_near(const Point *a, const Point *b) {
    float dx = b->x - a->x, dy = b->y - a->y;
    return dx * dx + dy * dy < NEAR * NEAR;
}

/// The next point after *i, before end, that is not near to p.
static bool next_point(const Pen *pen, int *i, int end, const Point *p, Point *next) {
    while (++*i < end) {
        *next = point_at(pen, *i);
        if (!is_near(p, next)) break;
    }
    if (*i >= end) return false;
    // Go on while a straight line from p still passes all that is skipped within STRAIGHT: the
    // slopes that do, seen from p, are a cone that only narrows.
    if (!pen->merge) return true;
    Segment axis = between(p, next);
    float along = axis.length, low = -STRAIGHT / along, high = STRAIGHT / along;
    for (int k = *i + 1; k < end; k++) {
        Point q = point_at(pen, k);
        float dx = q.x - p->x, dy = q.y - p->y;
        float q_along = dx * axis.dx + dy * axis.dy, q_across = dy * axis.dx - dx * axis.dy;
        if (q_along < along || q_across < low * q_along || q_across > high * q_along) break;
        along = q_along;
        low = fmaxf(low, (q_across - STRAIGHT) / along);
        high = fminf(high, (q_across + STRAIGHT) / along);
        *i = k;
        *next = q;
    }
    return true;
}

static void stroke_run(const Pen *pen, int first, int end) {
    float half = pen->half;
    Point a = point_at(pen, first), b, c;
    int i = first;
    if (!next_point(pen, &i, end, &a, &b)) { // a single spot
        add_pie(pen, &a, half, 0, 2 * PI_F);
        return;
    }
    Segment in = between(&a, &b);
    Edge from = across(&a, in, half), to, next;

    // A line that returns to its start has a corner there instead of two caps.
    Point last = point_at(pen, end - 1);
    Point opening = a, second = b;
    bool closed = is_near(&a, &last);
    while (closed && is_near(&a, &last) && end - 1 > i) last = point_at(pen, --end - 1);
    closed = closed && end - 1 > i;
    if (closed) {
        Edge ignored = {{0}, {0}, {0}};
        Edge open = across(&last, between(&last, &a), half);
        corner(pen, &a, between(&last, &a), &open, in, &ignored, &from, false);
    } else {
        add_pie(pen, &a, -in.dy * half, in.dx * half, PI_F);
    }

    while (next_point(pen, &i, end, &b, &c)) {
        Segment out = between(&b, &c);
        corner(pen, &b, in, &from, out, &to, &next, true);
        add_quad(pen, &a, &from, &b, &to);
        a = b;
        b = c;
        in = out;
        from = next;
    }
    if (closed) {
        Segment home = between(&b, &opening), out = between(&opening, &second);
        corner(pen, &b, in, &from, home, &to, &next, true);
        add_quad(pen, &a, &from, &b, &to);
        from = next;
        corner(pen, &opening, home, &from, out, &to, &next, true);
        add_quad(pen, &b, &from, &opening, &to);
    } else {
        to = across(&b, in, half);
        add_quad(pen, &a, &from, &b, &to);
        add_pie(pen, &b, in.dy * half, -in.dx * half, PI_F);
    }
}

void line_stroke(Gfx *gfx, const float *xyz, int stride, const Color *colors, int color_step, int n,
                 float width) {
    if (!(width > 0)) return;
    float drawn = fmaxf(width, 1.0f);
    Pen pen = {
        .gfx = gfx,
        .xyz = xyz,
        .colors = colors,
        .stride = stride,
        .color_step = color_step,
        .merge = stride == 2 && color_step == 0,
        .half = drawn / 2 + 0.5f,
        .alpha = fminf(width, 1.0f),
        .blank = {.shape = {drawn / 2, SHAPE_ENDLESS, 0, SHAPE_FILLED},
                  .texel = {WHITE_TEXEL, WHITE_TEXEL}},
    };
    for (int i = 0; i < n;) {
        int first = i;
        while (i < n && isfinite(xyz[(size_t)i * (size_t)stride]) &&
               isfinite(xyz[(size_t)i * (size_t)stride + 1])) {
            i++;
        }
        if (i > first) stroke_run(&pen, first, i);
        while (i < n && !(isfinite(xyz[(size_t)i * (size_t)stride]) &&
                          isfinite(xyz[(size_t)i * (size_t)stride + 1]))) {
            i++;
        }
    }
}

void draw_polyline(Gfx *gfx, const float *xy, int n, float width, Color c) {
    if (sink_takes(gfx))
        sink_line(gfx, xy, 2, &c, 0, n, width);
    else
        line_stroke(gfx, xy, 2, &c, 0, n, width);
}

void draw_polyline_colors(Gfx *gfx, const float *xy, const Color *colors, int n, float width) {
    if (sink_takes(gfx))
        sink_line(gfx, xy, 2, colors, 1, n, width);
    else
        line_stroke(gfx, xy, 2, colors, 1, n, width);
}
