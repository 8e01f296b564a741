// Colours are counted in cells of 8 levels a channel. Of those a palette is made by cutting the
// cloud of colours, each time the part that errs most, where it is widest (Wan, Wong and
// Prusinkiewicz, "An Algorithm for Multidimensional Data Clustering", 1988), and then by Lloyd's
// iterations, which move each colour to the mean of those that it stands for.
#include "capture/palette.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clones.h"

enum {
    CELL_BITS = 5, // of a channel, counting
    CELLS = 1 << 3 * CELL_BITS,
    FLATS = 1024, // slots for colours that come in runs
    FLATS_MAX = 48,
    FLAT_SHARE = 2000, // of the pixels one: as many in runs make a colour one to keep exactly
    LLOYD = 3,         // iterations
};

typedef struct Cell {
    uint32_t n, sum[3];
} Cell;

/// A colour that a run of pixels had, and how many more than others of its slot did.
typedef struct Flat {
    uint8_t rgb[4];
    int32_t n;
} Flat;

struct Histogram {
    size_t n;
    Cell cells[CELLS];
    Flat flats[FLATS];
};

Histogram *histogram_create(void) {
    return calloc(1, sizeof(Histogram));
}

void histogram_destroy(Histogram *histogram) {
    free(histogram);
}

void histogram_clear(Histogram *histogram) {
    memset(histogram, 0, sizeof *histogram);
}

static size_t cell_of(const uint8_t *rgb) {
    const int drop = 8 - CELL_BITS;
    return (size_t)(rgb[0] >> drop << 2 * CELL_BITS | rgb[1] >> drop << CELL_BITS | rgb[2] >> drop);
}

static bool equal(const uint8_t *a, const uint8_t *b) {
    return a[0] == b[0] && a[1] == b[1] && a[2] == b[2];
}

/// Boyer and Moore's vote, in each slot.
static void vote(Histogram *histogram, const uint8_t *rgb) {
    const uint32_t key = (uint32_t)rgb[0] << 16 | (uint32_t)rgb[1] << 8 | rgb[2];
    Flat *flat = &histogram->flats[key * 2654435761u >> 22];
    if (flat->n > 0 && !equal(flat->rgb, rgb)) {
        flat->n--;
        return;
    }
    if (flat->n == 0) memcpy(flat->rgb, rgb, 3);
    flat->n++;
}

void histogram_add(Histogram *histogram, const uint8_t *rgba, const bool *same, size_t n) {
    const uint8_t *before = NULL;
    for (size_t i = 0; i < n; i++, rgba += 4) {
        if (same && same[i]) {
            before = NULL;
            continue;
        }
        Cell *cell = &histogram->cells[cell_of(rgba)];
        cell->n++;
        for (int k = 0; k < 3; k++) cell->sum[k] += rgba[k];
        histogram->n++;
        if (before && equal(before, rgba)) vote(histogram, rgba);
        before = rgba;
    }
}

// --- Clusters ---

/// A cell's mean colour.
typedef struct Point {
    float rgb[3], n;
} Point;

static size_t collect(const Histogram *histogram, Point *points) {
    size_t n = 0;
    for (size_t i = 0; i < CELLS; i++) {
        const Cell *cell = &histogram->cells[i];
        if (cell->n == 0) continue;
        points[n].n = (float)cell->n;
        for (int k = 0; k < 3; k++) points[n].rgb[k] = (float)cell->sum[k] / (float)cell->n;
        n++;
    }
    return n;
}

/// Points that one colour stands for.
typedef struct Cluster {
    Point *points;
    size_t n;
    int axis; // in which they are spread most
    double mean[3], error;
} Cluster;

static Cluster cluster_of(Point *points, size_t n) {
    Cluster cluster = {.points = points, .n = n};
    double weight = 0, squares[3] = {0}, worst = -1;
    for (size_t i = 0; i < n; i++) {
        weight += (double)points[i].n;
        for (int k = 0; k < 3; k++) cluster.mean[k] += (double)(points[i].n * points[i].rgb[k]);
    }
    for (int k = 0; k < 3; k++) cluster.mean[k] /= weight;
    for (size_t i = 0; i < n; i++) {
        for (int k = 0; k < 3; k++) {
            double off = (double)points[i].rgb[k] - cluster.mean[k];
            squares[k] += (double)points[i].n * off * off;
        }
    }
    for (int k = 0; k < 3; k++) {
        cluster.error += squares[k];
        if (squares[k] > worst) {
            worst = squares[k];
            cluster.axis = k;
        }
    }
    return cluster;
}

/// Moves the points below the mean to the front.  @return how many they are
static size_t partition(const Cluster *cluster) {
    size_t below = 0;
    for (size_t i = 0; i < cluster->n; i++) {
        if ((double)cluster->points[i].rgb[cluster->axis] >= cluster->mean[cluster->axis]) continue;
        Point point = cluster->points[i];
        cluster->points[i] = cluster->points[below];
        cluster->points[below++] = point;
    }
    return below;
}

static int cut(Point *points, size_t n, Cluster *clusters, int wanted) {
    int count = 0;
    clusters[count++] = cluster_of(points, n);
    while (count < wanted) {
        int worst = 0;
        for (int i = 1; i < count; i++) {
            if (clusters[i].error > clusters[worst].error) worst = i;
        }
        const Cluster whole = clusters[worst];
        const size_t below = whole.error > 0 ? partition(&whole) : 0;
        if (below == 0 || below == whole.n) break; // as good as it gets
        clusters[worst] = cluster_of(whole.points, below);
        clusters[count++] = cluster_of(whole.points + below, whole.n - below);
    }
    return count;
}

// --- The nearest colour ---

/// A palette's channels apart, filled up with colours that are far from all.
typedef struct Channels {
    int32_t r[PALETTE_MAX + 1], g[PALETTE_MAX + 1], b[PALETTE_MAX + 1];
} Channels;

enum { FAR = 1200 }; // its square, thrice, times 256 still is a 32-bit number

static void set_channels(Channels *channels, const Palette *palette) {
    for (int i = 0; i <= PALETTE_MAX; i++) {
        const bool there = i < palette->count;
        channels->r[i] = there ? palette->rgb[i][0] : FAR;
        channels->g[i] = there ? palette->rgb[i][1] : FAR;
        channels->b[i] = there ? palette->rgb[i][2] : FAR;
    }
}

/// @return the squared distance times 256, plus the nearest colour's number
CLONES static int32_t nearest(const Channels *channels, int r, int g, int b) {
    int32_t best = INT32_MAX;
    for (int i = 0; i <= PALETTE_MAX; i++) {
        const int32_t dr = channels->r[i] - r, dg = channels->g[i] - g, db = channels->b[i] - b;
        const int32_t key = (dr * dr + dg * dg + db * db) << 8 | i;
        best = key < best ? key : best;
    }
    return best;
}

static int32_t nearest_to(const Channels *channels, const Point *point) {
    return nearest(channels, (int)(point->rgb[0] + 0.5f), (int)(point->rgb[1] + 0.5f),
                   (int)(point->rgb[2] + 0.5f));
}

double palette_error(const Histogram *histogram, const Palette *palette) {
    Channels channels;
    set_channels(&channels, palette);
    double sum = 0;
    for (size_t i = 0; i < CELLS; i++) {
        const Cell *cell = &histogram->cells[i];
        if (cell->n == 0) continue;
        const int n = (int)cell->n, half = n / 2;
        const int32_t found =
            nearest(&channels, ((int)cell->sum[0] + half) / n, ((int)cell->sum[1] + half) / n,
                    ((int)cell->sum[2] + half) / n);
        sum += (double)cell->n * (double)(found >> 8);
    }
    return histogram->n ? sqrt(sum / (3 * (double)histogram->n)) : 0;
}

/// Moves colours from the `fixed`th on to the means of the points that they stand for.
static void settle(Palette *palette, int fixed, const Point *points, size_t n) {
    Channels channels;
    set_channels(&channels, palette);
    double sums[PALETTE_MAX][4] = {{0}};
    for (size_t i = 0; i < n; i++) {
        double *sum = sums[nearest_to(&channels, &points[i]) & 255];
        for (int k = 0; k < 3; k++) sum[k] += (double)(points[i].n * points[i].rgb[k]);
        sum[3] += (double)points[i].n;
    }
    for (int i = fixed; i < palette->count; i++) {
        if (!(sums[i][3] > 0)) continue;
        for (int k = 0; k < 3; k++) {
            palette->rgb[i][k] = (uint8_t)(sums[i][k] / sums[i][3] + 0.5);
        }
    }
}

static int by_count(const void *a, const void *b) {
    const Flat *x = a, *y = b;
    if (x->n != y->n) return x->n < y->n ? 1 : -1;
    return memcmp(x->rgb, y->rgb, 3);
}

/// The colours of large areas come first.
static void take_flats(const Histogram *histogram, Palette *palette) {
    Flat flats[FLATS];
    memcpy(flats, histogram->flats, sizeof flats);
    qsort(flats, FLATS, sizeof *flats, by_count);
    const double least = fmax((double)histogram->n / FLAT_SHARE, 16);
    for (int i = 0; i < FLATS_MAX && (double)flats[i].n >= least; i++) {
        memcpy(palette->rgb[palette->count++], flats[i].rgb, 3);
    }
}

/// Takes from the points those that a colour of the palette stands for as it is.
static size_t leave_out_flats(const Palette *palette, Point *points, size_t n) {
    Channels channels;
    set_channels(&channels, palette);
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        if (nearest_to(&channels, &points[i]) >> 8 > 1) points[kept++] = points[i];
    }
    return kept;
}

void palette_make(const Histogram *histogram, Palette *palette) {
    *palette = (Palette){0};
    Point *points = malloc(CELLS * sizeof *points);
    size_t n = points ? collect(histogram, points) : 0;
    take_flats(histogram, palette);
    const int fixed = palette->count;
    if (fixed > 0) n = leave_out_flats(palette, points, n);
    if (n > 0) {
        Cluster clusters[PALETTE_MAX];
        const int count = cut(points, n, clusters, PALETTE_MAX - fixed);
        for (int i = 0; i < count; i++) {
            uint8_t *rgb = palette->rgb[palette->count++];
            for (int k = 0; k < 3; k++) rgb[k] = (uint8_t)(clusters[i].mean[k] + 0.5);
        }
        for (int i = 0; i < LLOYD; i++) settle(palette, fixed, points, n);
    }
    if (palette->count == 0) palette->count = 1; // black: nothing was counted
    free(points);
}

// --- Dither ---

enum {
    MIX_BITS = 7, // of a channel: both colours of a cell are mixed of the same two
    MIX_CELLS = 1 << 3 * MIX_BITS,
    BAYER = 8, // the pattern's side
    UNKNOWN = 255,
};

// What a pattern costs, as a share of its own squared error: more where its colours are farther
// apart, as then it is seen.
#define GRAIN     0.05f
#define GRAIN_FAR (1 / 6000.0f) // more for each unit of their squared distance

/// The colour below, and the one that is mixed in; the same where it serves alone.
typedef struct Mix {
    uint8_t first, second;
} Mix;

struct Ditherer {
    Palette palette;
    Channels channels;
    int32_t thresholds[BAYER][BAYER]; // 1, 3, … 127: of 128
    Mix mixes[MIX_CELLS];             // found when they are first needed
};

Ditherer *ditherer_create(void) {
    Ditherer *ditherer = calloc(1, sizeof *ditherer);
    if (!ditherer) return NULL;
    for (int y = 0; y < BAYER; y++) {
        for (int x = 0; x < BAYER; x++) {
            // Bayer's matrix: the bits of x ^ y and y, the lowest one counting most.
            int rank = 0;
            for (int bit = 0; bit < 3; bit++) {
                rank = rank << 2 | ((x ^ y) >> bit & 1) << 1 | (y >> bit & 1);
            }
            ditherer->thresholds[y][x] = 2 * rank + 1;
        }
    }
    ditherer_use(ditherer, &(Palette){.count = 1});
    return ditherer;
}

void ditherer_destroy(Ditherer *ditherer) {
    free(ditherer);
}

void ditherer_use(Ditherer *ditherer, const Palette *palette) {
    ditherer->palette = *palette;
    set_channels(&ditherer->channels, palette);
    memset(ditherer->mixes, UNKNOWN, sizeof ditherer->mixes);
}

const Palette *ditherer_palette(const Ditherer *ditherer) {
    return &ditherer->palette;
}

/// The squared error of a mix of the nearest colour with each other one, and of the pattern.
CLONES static void weigh_mixes(const Channels *channels, int first, const float c[3],
                               float *costs) {
    const float r = (float)channels->r[first], g = (float)channels->g[first],
                b = (float)channels->b[first];
    const float cr = c[0] - r, cg = c[1] - g, cb = c[2] - b;
    for (int i = 0; i <= PALETTE_MAX; i++) {
        const float dr = (float)channels->r[i] - r, dg = (float)channels->g[i] - g,
                    db = (float)channels->b[i] - b;
        const float length = dr * dr + dg * dg + db * db + 1e-6f;
        float t = (cr * dr + cg * dg + cb * db) / length;
        t = t < 0 ? 0 : t;
        t = t > 0.5f ? 0.5f : t;
        const float er = cr - t * dr, eg = cg - t * dg, eb = cb - t * db;
        costs[i] =
            er * er + eg * eg + eb * eb + (GRAIN + GRAIN_FAR * length) * t * (1 - t) * length;
    }
}

static Mix find_mix(const Ditherer *ditherer, const uint8_t *rgb) {
    const int32_t found = nearest(&ditherer->channels, rgb[0], rgb[1], rgb[2]);
    Mix mix = {.first = (uint8_t)(found & 255), .second = (uint8_t)(found & 255)};
    float costs[PALETTE_MAX + 1], best = (float)(found >> 8);
    const float c[3] = {rgb[0], rgb[1], rgb[2]};
    weigh_mixes(&ditherer->channels, mix.first, c, costs);
    for (int i = 0; i < ditherer->palette.count; i++) {
        if (costs[i] < best) {
            best = costs[i];
            mix.second = (uint8_t)i;
        }
    }
    return mix;
}

void ditherer_row(Ditherer *ditherer, const uint8_t *rgba, size_t n, int x, int y,
                  uint8_t *indices) {
    const int drop = 8 - MIX_BITS;
    const int32_t *thresholds = ditherer->thresholds[y % BAYER];
    for (size_t i = 0; i < n; i++, rgba += 4) {
        Mix *mix = &ditherer->mixes[(size_t)(rgba[0] >> drop) << 2 * MIX_BITS |
                                    (size_t)(rgba[1] >> drop) << MIX_BITS | rgba[2] >> drop];
        if (mix->first == UNKNOWN) *mix = find_mix(ditherer, rgba);
        indices[i] = mix->first;
        if (mix->first == mix->second) continue;
        const uint8_t *p = ditherer->palette.rgb[mix->first];
        const uint8_t *q = ditherer->palette.rgb[mix->second];
        int32_t along = 0, length = 0;
        for (int k = 0; k < 3; k++) {
            const int32_t d = q[k] - p[k];
            along += (rgba[k] - p[k]) * d;
            length += d * d;
        }
        // The share of the second that the colour asks for, against the place's threshold.
        if (128 * along > thresholds[(x + (int)i) % BAYER] * length) indices[i] = mix->second;
    }
}
