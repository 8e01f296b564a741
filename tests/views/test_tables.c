// Views' numbers as a window saves them, with no OpenGL: of every view of a layout, the same
// whatever was surveyed before, and on the grid that the experiment names. And where three views
// lie.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "view_runs.h"
#include "views/layout_state.h"

static Run run;

static int setup(void **state) {
    (void)state;
    run = run_create("circles", 3);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    run_destroy(&run);
    return 0;
}

static LayoutFrame frame_of(const Run *of) {
    return (LayoutFrame){.theme = &themes[0],
                         .scale = 1,
                         .area = {0, 0, 800, 600},
                         .run = &of->snapshot,
                         .resting = true};
}

static ViewNumbers *numbers_of(Layout *layout, int view, const LayoutFrame *frame) {
    Error error;
    ViewNumbers *numbers = layout_numbers(layout, view, frame, &error);
    if (!numbers) fail_msg("%s", error.text);
    return numbers;
}

/// What a view says of its numbers, or why there are none; the caller frees it. Frees the numbers.
/// @param rows  set to how many there are
static char *said_of(ViewNumbers *numbers, int64_t *rows) {
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    assert_non_null(stream);
    Table table = {.stream = stream};
    Error error;
    if (!view_numbers_measure(numbers, 1, &error) || !view_numbers_write(numbers, &table, &error))
        fputs(error.text, stream);
    fclose(stream);
    view_numbers_destroy(numbers);
    *rows = table.rows;
    return text;
}

/// A view's table as text, which the caller frees.
static char *table_of(Layout *layout, int view, const LayoutFrame *frame) {
    int64_t rows;
    char *text = said_of(numbers_of(layout, view, frame), &rows);
    if (rows == 0) fail_msg("%s", text);
    return text;
}

static void test_every_view_of_a_layout(void **state) {
    (void)state;
    Error error;
    Layout *layout = layout_create(run.snapshot.experiment, &error);
    if (!layout) fail_msg("%s", error.text);
    const LayoutFrame frame = frame_of(&run);
    char *texts[LAYOUT_VIEWS_MAX];
    const int n = layout_count(layout);
    assert_true(n > 2);
    for (int i = 0; i < n; i++) { // nothing was surveyed so far
        texts[i] = table_of(layout, i, &frame);
        for (int k = 0; k < i; k++) {
            const size_t header = strcspn(texts[k], "\n");
            assert_true(strncmp(texts[i], texts[k], header + 1) != 0);
        }
    }
    // For a picture of another size it is, and in another language: the numbers are the same.
    LayoutFrame small = frame;
    small.chinese = true;
    small.area = (Rect){0, 0, 400, 300};
    if (!layout_survey_now(layout, &small, 1, &error)) fail_msg("%s", error.text);
    for (int i = 0; i < n; i++) {
        char *again = table_of(layout, i, &small);
        assert_string_equal(again, texts[i]);
        free(again);
        free(texts[i]);
    }
    layout_destroy(layout);
}

/// A layout of the landscape alone, and how many rows of its table are the surface's.
static size_t surface_points(Run *of, Layout **layout) {
    const ViewType *type = view_find("landscape");
    *layout = layout_create_views(of->snapshot.experiment, &type, 1);
    assert_non_null(*layout);
    const LayoutFrame frame = frame_of(of);
    char *text = table_of(*layout, 0, &frame);
    size_t n = 0;
    for (const char *at = text; (at = strstr(at, "\nsurface,")); at++) n++;
    free(text);
    return n;
}

static void test_grid_of_the_experiment(void **state) {
    (void)state;
    Layout *layout;
    const int *grid = run.snapshot.experiment->landscape.grid;
    assert_int_equal(surface_points(&run, &layout), grid[0] * grid[1]);
    // What is shown is a finer survey, and stays.
    Error error;
    const LayoutFrame frame = frame_of(&run);
    if (!layout_survey_now(layout, &frame, 1, &error)) fail_msg("%s", error.text);
    const Observation *shown = layout_observation(layout, "landscape");
    assert_int_equal(shown->grid[0], SURFACE_GRID_MAX);
    const uint64_t serial = shown->serial;
    free(table_of(layout, 0, &frame));
    assert_ptr_equal(layout_observation(layout, "landscape"), shown);
    assert_int_equal(shown->serial, serial);
    layout_destroy(layout);
}

/// Finer than anything that is drawn.
static void test_fine_grid(void **state) {
    (void)state;
    const Experiment *before = run.snapshot.experiment;
    Experiment *fine = experiment_copy(before);
    assert_non_null(fine);
    fine->landscape.grid[0] = SURFACE_GRID_MAX + 44;
    fine->landscape.grid[1] = 2;
    run.snapshot.experiment = fine;
    Layout *layout;
    assert_int_equal(surface_points(&run, &layout), (SURFACE_GRID_MAX + 44) * 2);
    run.snapshot.experiment = before;
    layout_destroy(layout);
    experiment_release(fine);
}

static void test_nothing_to_show(void **state) {
    (void)state;
    const ViewType *type = view_find("surface_fit");
    Layout *layout = layout_create_views(run.snapshot.experiment, &type, 1);
    const LayoutFrame frame = frame_of(&run);
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    assert_non_null(stream);
    Table table = {.stream = stream};
    Error error = {""};
    ViewNumbers *numbers = numbers_of(layout, 0, &frame);
    assert_true(view_numbers_measure(numbers, 1, &error));
    assert_false(view_numbers_write(numbers, &table, &error));
    view_numbers_destroy(numbers);
    assert_int_equal(strncmp(error.text, "surface_fit: ", 13), 0);
    fclose(stream);
    assert_int_equal(size, 0);
    free(text);
    layout_destroy(layout);
}

/// An experiment with its landscape on a plane of that kind, coarse, and few samples where its data
/// are drawn.
static Experiment *load_on(const char *name, const char *plane) {
    Error error;
    Experiment *experiment = experiment_load(name, &error);
    if (!experiment) fail_msg("%s", error.text);
    char setting[64];
    snprintf(setting, sizeof setting, "landscape.plane=%s", plane);
    const bool fixed = strcmp(name, "xor-corners") == 0 || strcmp(name, "perceptron") == 0;
    if (!experiment_set(experiment, setting, &error) ||
        !experiment_set(experiment, "landscape.grid.0=9", &error) ||
        !experiment_set(experiment, "landscape.grid.1=7", &error) ||
        (!fixed && !experiment_set(experiment, "data.samples=144", &error)))
        fail_msg("%s", error.text);
    return experiment;
}

/// What every view says of an experiment at first, and, once the layouts, the run and its rivals
/// are gone, by what was kept of them.
static void compare_later(const Experiment *experiment) {
    enum { VIEWS_MAX = 32 };
    Run of = run_of(experiment, 3), rivals[RIVALS_MAX];
    LayoutFrame frame = frame_of(&of);
    frame.numbers = true;
    frame.n_rivals = experiment->n_race;
    for (int i = 0; i < frame.n_rivals; i++) {
        const Experiment *own = experiment_rival(experiment, i);
        assert_non_null(own);
        rivals[i] = run_of(own, 2);
        frame.rivals[i] = &rivals[i].snapshot;
        experiment_release(own);
    }
    char *then[VIEWS_MAX];
    ViewNumbers *numbers[VIEWS_MAX];
    int64_t rows[VIEWS_MAX];
    int n = 0;
    for (const ViewType *const *type = view_types; *type; type++, n++) {
        assert_true(n < VIEWS_MAX);
        Error error;
        Layout *layout = layout_create_views(experiment, type, 1);
        assert_non_null(layout);
        if (!layout_survey_now(layout, &frame, 1, &error)) fail_msg("%s", error.text);
        then[n] = said_of(numbers_of(layout, 0, &frame), &rows[n]);
        numbers[n] = numbers_of(layout, 0, &frame);
        layout_destroy(layout);
    }
    run_destroy(&of);
    for (int i = 0; i < frame.n_rivals; i++) run_destroy(&rivals[i]);
    for (int k = 0; k < n; k++) {
        int64_t again;
        char *now = said_of(numbers[k], &again);
        if (again != rows[k] || strcmp(now, then[k]) != 0)
            fail_msg("%s, %s: %.80s became %.80s", experiment->name, view_types[k]->id, then[k],
                     now);
        free(now);
        free(then[k]);
    }
}

/// Every view of every experiment, every other one's landscape on a plane.
static void test_numbers_outlive_the_layout(void **state) {
    (void)state;
    const char *const *names = experiment_names();
    for (int i = 0; names[i]; i++) {
        Experiment *experiment = load_on(names[i], i % 2 ? "pca" : "weights");
        compare_later(experiment);
        experiment_release(experiment);
    }
}

/// Every view's frame, of three.
static void place_three(const char *const ids[3], Rect frames[3]) {
    const ViewType *types[3];
    for (int i = 0; i < 3; i++) types[i] = view_find(ids[i]);
    Layout *layout = layout_create_views(run.snapshot.experiment, types, 3);
    assert_non_null(layout);
    LayoutFrame frame = frame_of(&run);
    frame.area.w = 1600; // or slivers would be stacked
    layout_place(layout, &frame);
    for (int i = 0; i < 3; i++) frames[i] = layout->panels[i].frame;
    layout_destroy(layout);
}

static void test_three_views(void **state) {
    (void)state;
    Rect r[3];
    place_three((const char *[]){"mse", "predictions", "landscape"}, r);
    assert_true(r[0].y == r[1].y && r[1].y == r[2].y && r[2].x > r[1].x);
    place_three((const char *[]){"mse", "predictions", "layers"}, r);
    assert_true(r[0].y == r[1].y && r[1].x > r[0].x);
    assert_true(r[2].y >= r[0].y + r[0].h && r[2].w > r[0].w + r[1].w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_view_of_a_layout),
        cmocka_unit_test(test_grid_of_the_experiment),
        cmocka_unit_test(test_fine_grid),
        cmocka_unit_test(test_nothing_to_show),
        cmocka_unit_test(test_numbers_outlive_the_layout),
        cmocka_unit_test(test_three_views),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
