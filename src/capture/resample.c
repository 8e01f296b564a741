// Along rows first, then along columns, so that a pixel's share of each is counted exactly.
#include "capture/resample.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/// The pixels that one new pixel is made of along an axis: from first on, with weights that add up
/// to 1. At most two where it becomes larger.
typedef struct Share {
    int first, count;
    float head, body, tail; // weights of the first, those between, the last
} Share;

static Share share_of(int i, int from, int to, bool smooth) {
    if (to >= from) { // larger
        const double at = (i + 0.5) * from / to;
        if (!smooth || from == to) return (Share){(int)fmin(at, from - 1), 1, 1, 0, 0};
        const double left = fmin(fmax(at - 0.5, 0), from - 1);
        const int first = (int)left;
        const float t = (float)(left - first);
        if (first + 1 >= from) return (Share){from - 1, 1, 1, 0, 0};
        return (Share){first, 2, 1 - t, 0, t};
    }
    const double lo = (double)i * from / to, hi = (double)(i + 1) * from / to, length = hi - lo;
    const int first = (int)lo;
    int last = (int)ceil(hi) - 1;
    if (last >= from) last = from - 1;
    if (last <= first) return (Share){first, 1, 1, 0, 0};
    return (Share){first, last - first + 1, (float)((first + 1 - lo) / length), (float)(1 / length),
                   (float)((hi - last) / length)};
}

static float weight(const Share *s, int k) {
    return k == 0 ? s->head : k == s->count - 1 ? s->tail : s->body;
}

static void add_row(const uint8_t *row, const Share *columns, int w, float share, float *sums) {
    for (int x = 0; x < w; x++) {
        const Share *s = &columns[x];
        const uint8_t *p = row + 4 * (size_t)s->first;
        for (int k = 0; k < s->count; k++, p += 4) {
            const float by = share * weight(s, k);
            for (int c = 0; c < 4; c++) sums[4 * (size_t)x + (size_t)c] += by * (float)p[c];
        }
    }
}

bool resample(const uint8_t *from, int n, int m, uint8_t *to, int w, int h, bool smooth) {
    if (n == w && m == h) {
        memcpy(to, from, (size_t)n * (size_t)m * 4);
        return true;
    }
    const size_t row = 4 * (size_t)w;
    float *sums = malloc(row * sizeof *sums);
    Share *columns = malloc((size_t)w * sizeof *columns);
    for (int x = 0; columns && x < w; x++) columns[x] = share_of(x, n, w, smooth);
    const bool fine = sums && columns;
    for (int y = 0; fine && y < h; y++) {
        const Share s = share_of(y, m, h, smooth);
        memset(sums, 0, row * sizeof *sums);
        for (int k = 0; k < s.count; k++) {
            add_row(from + (size_t)(s.first + k) * (size_t)n * 4, columns, w, weight(&s, k), sums);
        }
        uint8_t *out = to + (size_t)y * row;
        for (size_t i = 0; i < row; i++) out[i] = (uint8_t)(fminf(sums[i], 255) + 0.5f);
    }
    free(sums);
    free(columns);
    return fine;
}

void unpremultiply(uint8_t *rgba, int64_t pixels) {
    for (int64_t i = 0; i < pixels; i++, rgba += 4) {
        const unsigned a = rgba[3];
        if (a == 0 || a == 255) continue;
        for (int k = 0; k < 3; k++) {
            const unsigned straight = ((unsigned)rgba[k] * 255 + a / 2) / a;
            rgba[k] = (uint8_t)(straight < 255 ? straight : 255);
        }
    }
}
