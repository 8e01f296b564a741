/// Contour lines lie on their level, are whole, and are traced once.
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "plot/contour.h"

#include "support.h"

enum { POINTS_MAX = 20000 };

/// Everything traced, pieces joined where one goes on from the other.
typedef struct Lines {
    float xy[2 * POINTS_MAX];
    int n, starts[POINTS_MAX], count;
} Lines;

static Lines lines;

static void collect(void *context, const float *points, int n) {
    Lines *l = context;
    bool goes_on = l->n > 0 && l->xy[2 * l->n - 2] == points[0] && l->xy[2 * l->n - 1] == points[1];
    assert_true(n >= 2 && l->n + n <= POINTS_MAX);
    if (!goes_on) l->starts[l->count++] = l->n;
    memcpy(l->xy + 2 * l->n, points, (size_t)n * 2 * sizeof *points);
    l->n += n;
}

static void trace(const float *values, int columns, int rows, float level) {
    lines.n = lines.count = 0;
    assert_true(contour_trace(values, columns, rows, level, collect, &lines));
}

static int line_end(int line) {
    return line + 1 < lines.count ? lines.starts[line + 1] : lines.n;
}

static float bilinear(const float *values, int columns, int rows, float x, float y) {
    int i = (int)x, j = (int)y;
    if (i > columns - 2) i = columns - 2;
    if (j > rows - 2) j = rows - 2;
    float s = x - (float)i, t = y - (float)j;
    const float *v = values + j * columns + i;
    return (1 - t) * ((1 - s) * v[0] + s * v[1]) + t * ((1 - s) * v[columns] + s * v[columns + 1]);
}

static void test_circle_is_one_loop(void **state) {
    (void)state;
    enum { N = 65 };
    static float values[N * N];
    for (int j = 0; j < N; j++)
        for (int i = 0; i < N; i++) values[j * N + i] = hypotf((float)i - 32.0f, (float)j - 32.0f);
    trace(values, N, N, 20.25f);
    assert_int_equal(lines.count, 1);
    assert_true(lines.xy[0] == lines.xy[2 * lines.n - 2]);
    assert_true(lines.xy[1] == lines.xy[2 * lines.n - 1]);
    double length = 0.0;
    for (int i = 0; i < lines.n; i++) {
        assert_close((double)hypotf(lines.xy[2 * i] - 32.0f, lines.xy[2 * i + 1] - 32.0f), 20.25,
                     1e-3);
        if (i > 0)
            length += hypot((double)(lines.xy[2 * i] - lines.xy[2 * i - 2]),
                            (double)(lines.xy[2 * i + 1] - lines.xy[2 * i - 1]));
    }
    assert_close(length, 2.0 * 3.14159265 * 20.25, 2e-3);
}

static void test_plane_is_one_open_line(void **state) {
    (void)state;
    enum { COLUMNS = 7, ROWS = 4 };
    float values[COLUMNS * ROWS];
    for (int j = 0; j < ROWS; j++)
        for (int i = 0; i < COLUMNS; i++) values[j * COLUMNS + i] = (float)i + 0.25f * (float)j;
    trace(values, COLUMNS, ROWS, 3.1f);
    assert_int_equal(lines.count, 1);
    assert_close((double)lines.xy[1], 0.0, 1e-6);
    assert_close((double)lines.xy[2 * lines.n - 1], ROWS - 1, 1e-6);
    for (int i = 0; i < lines.n; i++)
        assert_close((double)(lines.xy[2 * i] + 0.25f * lines.xy[2 * i + 1]), 3.1, 1e-5);
}

static void test_long_line_goes_on_over_pieces(void **state) {
    (void)state;
    enum { N = 1500 };
    static float values[2 * N];
    for (int i = 0; i < N; i++) values[N + i] = 1.0f;
    trace(values, N, 2, 0.5f);
    assert_int_equal(lines.count, 1);
    assert_close((double)fabsf(lines.xy[0] - lines.xy[2 * lines.n - 2]), N - 1, 1e-6);
}

static void test_saddle_goes_by_its_middle(void **state) {
    (void)state;
    // Above at the lower left and the upper right.
    float values[4] = {1.0f, 0.0f, 0.0f, 1.0f};
    trace(values, 2, 2, 0.4f); // the middle, 0.5, is above: the corners below are cut off
    assert_int_equal(lines.count, 2);
    for (int line = 0; line < 2; line++) {
        const float *p = lines.xy + 2 * lines.starts[line];
        float x = (p[0] + p[2]) / 2.0f, y = (p[1] + p[3]) / 2.0f;
        assert_true(fabsf(x - y) > 0.5f); // near (1, 0) or (0, 1)
    }
    trace(values, 2, 2, 0.6f);
    assert_int_equal(lines.count, 2);
    for (int line = 0; line < 2; line++) {
        const float *p = lines.xy + 2 * lines.starts[line];
        float x = (p[0] + p[2]) / 2.0f, y = (p[1] + p[3]) / 2.0f;
        assert_true(fabsf(x + y - 1.0f) > 0.5f); // near (0, 0) or (1, 1)
    }
}

static void test_holes_break_lines(void **state) {
    (void)state;
    enum { N = 11 };
    float values[N * N];
    for (int j = 0; j < N; j++)
        for (int i = 0; i < N; i++) values[j * N + i] = (float)j;
    values[5 * N + 5] = NAN;
    values[5 * N + 8] = INFINITY;
    trace(values, N, N, 5.5f);
    assert_int_equal(lines.count, 3);
    double length = 0.0;
    for (int line = 0; line < lines.count; line++)
        length +=
            (double)fabsf(lines.xy[2 * lines.starts[line]] - lines.xy[2 * line_end(line) - 2]);
    assert_close(length, 10.0 - 4.0, 1e-6);
    for (int i = 0; i < N * N; i++) values[i] = NAN;
    trace(values, N, N, 5.5f);
    assert_int_equal(lines.count, 0);
}

static void test_nothing_to_trace(void **state) {
    (void)state;
    float flat[9] = {0};
    trace(flat, 3, 3, 0.5f);
    assert_int_equal(lines.count, 0);
    trace(flat, 3, 3, NAN);
    assert_int_equal(lines.count, 0);
    trace(flat, 1, 9, 0.0f);
    assert_int_equal(lines.count, 0);
}

/// On noise, with many saddles and with values exactly on the level: every crossed edge of a cell
/// is passed exactly once, and every point lies on the level.
static void test_noise_crosses_every_edge_once(void **state) {
    (void)state;
    enum { COLUMNS = 37, ROWS = 29 };
    Rng rng = rng_create(3, RNG_TEST);
    for (int trial = 0; trial < 20; trial++) {
        float values[COLUMNS * ROWS];
        for (int i = 0; i < COLUMNS * ROWS; i++) values[i] = (float)rng_below(&rng, 5);
        float level = trial % 2 == 0 ? 2.0f : 1.7f;
        trace(values, COLUMNS, ROWS, level);
        int crossed = 0;
        for (int j = 0; j < ROWS; j++) {
            for (int i = 0; i < COLUMNS; i++) {
                bool above = values[j * COLUMNS + i] >= level;
                if (i + 1 < COLUMNS) crossed += above != (values[j * COLUMNS + i + 1] >= level);
                if (j + 1 < ROWS) crossed += above != (values[(j + 1) * COLUMNS + i] >= level);
            }
        }
        int points = 0;
        for (int i = 0; i < lines.n; i++) {
            float x = lines.xy[2 * i], y = lines.xy[2 * i + 1];
            assert_close((double)bilinear(values, COLUMNS, ROWS, x, y), (double)level, 1e-5);
        }
        // A loop names its first edge twice, and so does a piece that goes on.
        for (int line = 0; line < lines.count; line++) {
            int n = line_end(line) - lines.starts[line], pieces = (n - 1) / 512;
            const float *first = lines.xy + 2 * lines.starts[line];
            const float *last = lines.xy + 2 * line_end(line) - 2;
            bool loop = n > 2 && first[0] == last[0] && first[1] == last[1];
            points += n - pieces - loop;
        }
        if (level == 1.7f) assert_int_equal(points, crossed);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_circle_is_one_loop),
        cmocka_unit_test(test_plane_is_one_open_line),
        cmocka_unit_test(test_long_line_goes_on_over_pieces),
        cmocka_unit_test(test_saddle_goes_by_its_middle),
        cmocka_unit_test(test_holes_break_lines),
        cmocka_unit_test(test_nothing_to_trace),
        cmocka_unit_test(test_noise_crosses_every_edge_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
