/// A contour line goes from cell to cell through the edges between them, and crosses each edge at
/// most once. So following it means: enter a cell through an edge, leave through another, mark
/// both; lines that start at the border (or at a hole) first, then what is left are loops.
#include "plot/contour.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

enum { PIECE_MAX = 512 };

/// Sides of a cell, counter-clockwise from below.
typedef enum Side { BELOW, RIGHT, ABOVE, LEFT } Side;

/// The edge from grid point (i, j) to its right neighbour, or to the one above it.
typedef struct Edge {
    int i, j;
    bool upward;
} Edge;

typedef struct Tracer {
    const float *values;
    int columns, rows;
    float level;
    uint8_t *seen; // (rows, columns): bit 0 the edge to the right, bit 1 the one upward
    ContourSink *sink;
    void *context;
    float points[PIECE_MAX][2];
    int n;
} Tracer;

static float value_at(const Tracer *t, int i, int j) {
    return t->values[(size_t)j * (size_t)t->columns + (size_t)i];
}

static bool above_level(const Tracer *t, int i, int j) {
    return value_at(t, i, j) >= t->level;
}

static uint8_t *seen_at(Tracer *t, Edge e) {
    return &t->seen[(size_t)e.j * (size_t)t->columns + (size_t)e.i];
}

static uint8_t edge_bit(Edge e) {
    return e.upward ? 2 : 1;
}

static bool crosses(const Tracer *t, Edge e) {
    int i = e.i + !e.upward, j = e.j + e.upward;
    if (i >= t->columns || j >= t->rows) return false;
    if (!isfinite(value_at(t, e.i, e.j)) || !isfinite(value_at(t, i, j))) return false;
    return above_level(t, e.i, e.j) != above_level(t, i, j);
}

static bool is_cell(const Tracer *t, int i, int j) {
    if (i < 0 || j < 0 || i + 1 >= t->columns || j + 1 >= t->rows) return false;
    return isfinite(value_at(t, i, j)) && isfinite(value_at(t, i + 1, j)) &&
           isfinite(value_at(t, i, j + 1)) && isfinite(value_at(t, i + 1, j + 1));
}

static Edge cell_edge(int i, int j, Side side) {
    switch (side) {
    case BELOW: return (Edge){i, j, false};
    case RIGHT: return (Edge){i + 1, j, true};
    case ABOVE: return (Edge){i, j + 1, false};
    default: return (Edge){i, j, true};
    }
}

/// Where a line that enters the cell through a crossed side leaves it.
static Side way_out(const Tracer *t, int i, int j, Side in) {
    bool crossed[4];
    int n = 0;
    for (int s = 0; s < 4; s++) n += crossed[s] = crosses(t, cell_edge(i, j, (Side)s));
    if (n == 2) {
        for (int s = 0; s < 4; s++)
            if (crossed[s] && s != (int)in) return (Side)s;
    }
    // A saddle: the corners that agree with the middle are connected through it, so the lines cut
    // the other two corners off.
    float middle = 0.25f * (value_at(t, i, j) + value_at(t, i + 1, j) + value_at(t, i, j + 1) +
                            value_at(t, i + 1, j + 1));
    bool cut_lower_left = (middle >= t->level) != above_level(t, i, j);
    static const Side around_lower_left[] = {LEFT, ABOVE, RIGHT, BELOW};
    static const Side around_lower_right[] = {RIGHT, BELOW, LEFT, ABOVE};
    return cut_lower_left ? around_lower_left[in] : around_lower_right[in];
}

static void flush(Tracer *t) {
    if (t->n > 1) t->sink(t->context, t->points[0], t->n);
    t->n = 0;
}

static void add_point(Tracer *t, Edge e) {
    if (t->n == PIECE_MAX) {
        float x = t->points[PIECE_MAX - 1][0], y = t->points[PIECE_MAX - 1][1];
        flush(t);
        t->points[0][0] = x;
        t->points[0][1] = y;
        t->n = 1;
    }
    float from = value_at(t, e.i, e.j), to = value_at(t, e.i + !e.upward, e.j + e.upward);
    float way = (float)(((double)t->level - (double)from) / ((double)to - (double)from));
    t->points[t->n][0] = (float)e.i + (e.upward ? 0.0f : way);
    t->points[t->n][1] = (float)e.j + (e.upward ? way : 0.0f);
    t->n++;
}

static void follow(Tracer *t, int i, int j, Side in) {
    Edge start = cell_edge(i, j, in);
    *seen_at(t, start) |= edge_bit(start);
    add_point(t, start);
    while (is_cell(t, i, j)) {
        Side out = way_out(t, i, j, in);
        Edge e = cell_edge(i, j, out);
        add_point(t, e);
        if (*seen_at(t, e) & edge_bit(e)) break; // back at the start of a loop
        *seen_at(t, e) |= edge_bit(e);
        i += (out == RIGHT) - (out == LEFT);
        j += (out == ABOVE) - (out == BELOW);
        in = (Side)((out + 2) % 4);
    }
    flush(t);
}

/// Starts at an edge, if a line that has not been drawn crosses it; only at the ends of open lines
/// where asked for.
static void start_at(Tracer *t, Edge e, bool only_ends) {
    if ((*seen_at(t, e) & edge_bit(e)) || !crosses(t, e)) return;
    bool after = is_cell(t, e.i, e.j);
    bool before = e.upward ? is_cell(t, e.i - 1, e.j) : is_cell(t, e.i, e.j - 1);
    if (only_ends ? after == before : !after) return;
    if (after)
        follow(t, e.i, e.j, e.upward ? LEFT : BELOW);
    else if (e.upward)
        follow(t, e.i - 1, e.j, RIGHT);
    else
        follow(t, e.i, e.j - 1, ABOVE);
}

bool contour_trace(const float *values, int columns, int rows, float level, ContourSink *sink,
                   void *context) {
    if (columns < 2 || rows < 2 || !isfinite(level)) return true;
    uint8_t *seen = calloc((size_t)columns * (size_t)rows, 1);
    if (seen == NULL) return false;
    Tracer t = {.values = values,
                .columns = columns,
                .rows = rows,
                .level = level,
                .seen = seen,
                .sink = sink,
                .context = context};
    for (int pass = 0; pass < 2; pass++) {
        for (int j = 0; j < rows; j++) {
            for (int i = 0; i < columns; i++) {
                start_at(&t, (Edge){i, j, false}, pass == 0);
                start_at(&t, (Edge){i, j, true}, pass == 0);
            }
        }
    }
    free(seen);
    return true;
}
