// Views' numbers as a window saves them, with no OpenGL: before anything was measured, of every
// view of a layout, and where they cannot be written. And where three views lie.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "view_runs.h"
#include "views/layout_state.h"

static Run run;
static char folder[] = "/tmp/saddle-tables-XXXXXX";
static char path[64];

static int setup(void **state) {
    (void)state;
    run = run_create("circles", 3);
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/x.csv", folder);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    rmdir(folder);
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

/// The first line of the file, which is removed then.
static void take_header(char *text, int size) {
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_non_null(fgets(text, size, file));
    assert_true(fgetc(file) != EOF); // and there are rows
    fclose(file);
    assert_int_equal(unlink(path), 0);
}

static void test_every_view_of_a_layout(void **state) {
    (void)state;
    Error error;
    Layout *layout = layout_create(NULL, run.snapshot.experiment, &error);
    if (!layout) fail_msg("%s", error.text);
    const LayoutFrame frame = frame_of(&run);
    if (!layout_survey_now(layout, &frame, 1, &error)) fail_msg("%s", error.text);
    char headers[LAYOUT_VIEWS_MAX][128];
    assert_true(layout_count(layout) > 2);
    for (int i = 0; i < layout_count(layout); i++) {
        if (!layout_table(layout, i, &frame, path, &error)) fail_msg("%s", error.text);
        take_header(headers[i], sizeof headers[i]);
        for (int k = 0; k < i; k++) assert_string_not_equal(headers[i], headers[k]);
    }
    layout_destroy(layout);
}

static void test_not_measured_yet(void **state) {
    (void)state;
    const LayoutFrame frame = frame_of(&run);
    static const char *const measured[] = {"landscape", "predictions", "layers", "landscapes",
                                           "confusion"};
    for (size_t i = 0; i < sizeof measured / sizeof measured[0]; i++) {
        const ViewType *type = view_find(measured[i]);
        Layout *layout = layout_create_views(NULL, run.snapshot.experiment, &type, 1);
        assert_non_null(layout);
        Error error = {""};
        assert_false(layout_table(layout, 0, &frame, path, &error));
        assert_int_equal(strncmp(error.text, type->id, strlen(type->id)), 0);
        assert_non_null(strstr(error.text, "…"));
        assert_int_not_equal(access(path, F_OK), 0);
        layout_destroy(layout);
    }
}

static void test_cannot_be_written(void **state) {
    (void)state;
    const ViewType *type = view_find("weights");
    Layout *layout = layout_create_views(NULL, run.snapshot.experiment, &type, 1);
    const LayoutFrame frame = frame_of(&run);
    Error error = {""};
    assert_false(layout_table(layout, 0, &frame, "/nowhere/x.csv", &error));
    assert_non_null(strstr(error.text, "/nowhere/x.csv: cannot write"));
    layout_destroy(layout);
}

/// Every view's frame, of three.
static void place_three(const char *const ids[3], Rect frames[3]) {
    const ViewType *types[3];
    for (int i = 0; i < 3; i++) types[i] = view_find(ids[i]);
    Layout *layout = layout_create_views(NULL, run.snapshot.experiment, types, 3);
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
        cmocka_unit_test(test_not_measured_yet),
        cmocka_unit_test(test_cannot_be_written),
        cmocka_unit_test(test_three_views),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
