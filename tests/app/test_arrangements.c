// Views that a person put elsewhere are there again when the experiment comes back, as long as its
// file has the layout that they were put into.
#include <stdio.h>
#include <string.h>

#include "app/arrangements.h"
#include "support.h"

static Experiment *with_layout(const char *name, const char *layout) {
    char text[512];
    snprintf(text, sizeof text,
             "{\"saddle\": 1, \"name\": \"%s\", \"data\": {\"kind\": \"xor\"},"
             " \"network\": {\"layers\": [{\"units\": 2}, {\"units\": 1}]},"
             " \"layout\": %s}",
             name, layout);
    Error error = {""};
    Experiment *experiment = experiment_parse(text, strlen(text), "test", &error);
    if (!experiment) fail_msg("%s", error.text);
    return experiment;
}

static Layout *made(const Experiment *experiment) {
    Error error = {""};
    Layout *layout = layout_create(experiment, &error);
    if (!layout) fail_msg("%s", error.text);
    return layout;
}

static void assert_views(const Layout *layout, const char *a, const char *b, const char *c) {
    const char *const ids[] = {a, b, c};
    assert_int_equal(layout_count(layout), 3);
    for (int i = 0; i < 3; i++) assert_string_equal(layout_type(layout, i)->id, ids[i]);
}

static void views_come_back(void **state) {
    (void)state;
    static Arrangements arrangements;
    Experiment *first = with_layout("first", "[[\"mse\", \"landscape\"], [\"layers\"]]");
    Experiment *second = with_layout("second", "[[\"mse\", \"landscape\"], [\"layers\"]]");
    Experiment *changed = with_layout("first", "[[\"mse\", \"weights\"], [\"layers\"]]");

    Layout *layout = made(first);
    assert_true(layout_set_view(layout, 0, view_find("layers"), first)); // these change places
    assert_true(layout_set_view(layout, 1, view_find("landscapes"), first));
    assert_views(layout, "layers", "landscapes", "mse");
    arrangements_keep(&arrangements, layout, first);
    layout_destroy(layout);

    layout = made(second);
    arrangements_restore(&arrangements, layout, second);
    assert_views(layout, "mse", "landscape", "layers");
    arrangements_keep(&arrangements, layout, second);
    layout_destroy(layout);

    layout = made(first);
    arrangements_restore(&arrangements, layout, first);
    assert_views(layout, "layers", "landscapes", "mse");
    layout_destroy(layout);

    layout = made(changed);
    arrangements_restore(&arrangements, layout, changed);
    assert_views(layout, "mse", "weights", "layers");
    layout_destroy(layout);
    experiment_release(first);
    experiment_release(second);
    experiment_release(changed);
}

static void a_view_that_stands_twice_may_be_moved(void **state) {
    (void)state;
    static Arrangements arrangements;
    Experiment *twice = with_layout("twice", "[[\"mse\", \"layers\"], [\"mse\"]]");
    Layout *layout = made(twice);
    assert_true(layout_set_view(layout, 1, view_find("mse"), twice));
    assert_views(layout, "mse", "mse", "layers");
    arrangements_keep(&arrangements, layout, twice);
    layout_destroy(layout);
    layout = made(twice);
    arrangements_restore(&arrangements, layout, twice);
    assert_views(layout, "mse", "mse", "layers");
    layout_destroy(layout);
    experiment_release(twice);
}

static void there_is_room_for_many_and_no_more(void **state) {
    (void)state;
    static Arrangements arrangements;
    for (int i = 0; i < ARRANGEMENTS_MAX + 3; i++) {
        char name[32];
        snprintf(name, sizeof name, "number %d", i);
        Experiment *experiment = with_layout(name, "[[\"mse\"]]");
        Layout *layout = made(experiment);
        arrangements_keep(&arrangements, layout, experiment);
        layout_destroy(layout);
        experiment_release(experiment);
    }
    assert_int_equal(arrangements.count, ARRANGEMENTS_MAX);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(views_come_back),
        cmocka_unit_test(a_view_that_stands_twice_may_be_moved),
        cmocka_unit_test(there_is_room_for_many_and_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
