// The bars at every width and text size: nothing overlaps, nothing leaves the window, and what
// matters most stays.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/chrome.h"
#include "app/window.h"
#include "support.h"

enum { WIDTH_MAX = 2400, HEIGHT = 120, ITEMS_MAX = 64 };

typedef struct Item {
    char id[64];
    int x, y, w, h;
} Item;

static struct {
    Window *window;
    Gfx *gfx;
    Ui *ui;
    Target *target;
    Session *session;
    History *history;
    Snapshot run;
    Chrome chrome;
    ViewActions actions;
    char map[64];
    Item items[ITEMS_MAX];
    int count;
} bench;

static int set_up(void **state) {
    (void)state;
    Error error;
    WindowDesc window = {.width = 64, .height = 64, .headless = true, .debug = true};
    bench.window = window_create(&window, &error);
    GfxDesc gfx = {.debug = true, .fonts = "DejaVu Sans"};
    bench.gfx = bench.window ? gfx_create(&gfx, &error) : NULL;
    if (!bench.gfx) {
        print_error("%s\n", error.text);
        return -1;
    }
    bench.ui = ui_create();
    bench.target = target_create(bench.gfx, WIDTH_MAX, HEIGHT, 0, false);
    snprintf(bench.map, sizeof bench.map, "/tmp/saddle-test-topbar-XXXXXX");
    int fd = mkstemp(bench.map);
    if (fd < 0) return -1;
    close(fd);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    int errors = gfx_errors(bench.gfx, NULL);
    unlink(bench.map);
    ui_destroy(bench.ui);
    target_destroy(bench.target);
    gfx_destroy(bench.gfx);
    window_destroy(bench.window);
    return errors;
}

static void open_run(const char *name) {
    Error error;
    Experiment *experiment = experiment_load(name, &error);
    assert_non_null(experiment);
    bench.session = session_create(experiment, &error);
    experiment_release(experiment);
    assert_non_null(bench.session);
    bench.history = history_create(bench.session);
    Metrics metrics = {0};
    session_measure(bench.session, &metrics);
    history_record(bench.history, bench.session, &metrics);
    assert_true(snapshot_fill(&bench.run, bench.session, bench.history));
    bench.run.pace = PACE_MAX;
    bench.run.metrics = metrics;
}

static void close_run(void) {
    snapshot_deinit(&bench.run);
    history_destroy(bench.history);
    session_destroy(bench.session);
}

/// Draws both bars and reads where everything lies.
static void draw_with(int width, float scale, bool chinese, FilmState film) {
    bench.chrome = (Chrome){.ui = bench.ui,
                            .theme = theme_find("dark"),
                            .scale = scale,
                            .chinese = chinese,
                            .run = &bench.run,
                            .film = film,
                            .film_seconds = 671,
                            .actions = &bench.actions};
    UiInput input = {0};
    ui_begin(bench.ui, bench.gfx, bench.chrome.theme, scale, width, HEIGHT, &input);
    gfx_begin(bench.gfx, bench.target, WIDTH_MAX, HEIGHT, bench.chrome.theme->background);
    Rect r = {0, 0, (float)width, HEIGHT};
    topbar_draw(&bench.chrome, rect_cut_top(&r, TOPBAR_HEIGHT * scale));
    statusbar_draw(&bench.chrome, rect_cut_bottom(&r, STATUSBAR_HEIGHT * scale));
    ui_end(bench.ui);
    gfx_end(bench.gfx);
    assert_true(ui_write_map(bench.ui, bench.map));
    FILE *file = fopen(bench.map, "r");
    assert_non_null(file);
    bench.count = 0;
    for (Item *at = bench.items; bench.count < ITEMS_MAX; at++, bench.count++) {
        if (fscanf(file, "%63s %d %d %d %d", at->id, &at->x, &at->y, &at->w, &at->h) != 5) break;
    }
    fclose(file);
}

static void draw(int width, float scale, bool chinese) {
    draw_with(width, scale, chinese, FILM_NONE);
}

static bool there(const char *id) {
    for (int i = 0; i < bench.count; i++) {
        if (strcmp(bench.items[i].id, id) == 0) return true;
    }
    return false;
}

static void check_places(int width) {
    for (int i = 0; i < bench.count; i++) {
        const Item *a = &bench.items[i];
        assert_in_range(a->x, 0, width);
        assert_in_range(a->x + a->w, 0, width);
        for (int k = 0; k < i; k++) {
            const Item *b = &bench.items[k];
            bool apart = a->x + a->w <= b->x || b->x + b->w <= a->x || a->y + a->h <= b->y ||
                         b->y + b->h <= a->y;
            if (!apart) print_error("%d: %s and %s overlap\n", width, a->id, b->id);
            assert_true(apart);
        }
    }
}

static void nothing_overlaps_at_any_width(void **state) {
    (void)state;
    static const char *const names[] = {"xor-shallow", "error-surface-published"};
    static const float scales[] = {1, 1.6f, 0.7f};
    for (int n = 0; n < 2; n++) {
        open_run(names[n]);
        for (int s = 0; s < 3; s++) {
            for (int width = 640; width <= WIDTH_MAX; width += 44) {
                draw(width, scales[s], width % 88 == 0);
                check_places(width);
                assert_true(there("panel") && there("experiment") && there("play"));
                assert_true(there("timeline"));
            }
        }
        close_run();
    }
}

static void the_least_important_goes_first(void **state) {
    (void)state;
    open_run("error-surface");
    draw(1600, 1, false);
    assert_true(there("unit") && there("pace") && there("pace.text") && there("screenshot"));
    assert_true(there("epoch") && there("loss") && there("test_loss"));
    assert_false(there("accuracy")); // its targets are no classes
    draw(640, 1, false);
    assert_true(there("epoch") && there("loss") && there("restart") && there("step"));
    assert_true(there("help"));
    assert_false(there("unit"));
    close_run();
}

static int width_of(const char *id) {
    for (int i = 0; i < bench.count; i++) {
        if (strcmp(bench.items[i].id, id) == 0) return bench.items[i].w;
    }
    return 0;
}

static void the_menu_is_as_wide_as_a_long_name_needs(void **state) {
    (void)state;
    open_run("xor-shallow");
    draw(1280, 1, false);
    int usual = width_of("experiment");
    close_run();
    open_run("error-surface-published");
    draw(1280, 1, false);
    int whole = width_of("experiment");
    assert_true(whole > usual);
    draw(2400, 1, false);
    assert_int_equal(width_of("experiment"), whole);
    draw(640, 1, false); // the figures come first
    assert_true(width_of("experiment") < whole);
    assert_true(there("loss"));
    close_run();
}

static void long_numbers_make_room_for_themselves(void **state) {
    (void)state;
    open_run("xor-shallow");
    bench.run.epoch = bench.run.last_epoch = 1000000000;
    bench.run.metrics.train_loss = 1.234e-17;
    for (int width = 640; width <= 1600; width += 32) {
        draw(width, 1, false);
        check_places(width);
    }
    close_run();
}

/// While a film is recorded its button is there with the time, however narrow the window is.
static void what_records_can_be_stopped(void **state) {
    (void)state;
    open_run("xor-shallow");
    draw(1600, 1, false);
    const int usual = width_of("record");
    assert_true(there("record.kind"));
    for (int width = 640; width <= WIDTH_MAX; width += 44) {
        draw_with(width, 1, width % 88 == 0, FILM_RECORDS);
        check_places(width);
        assert_true(width_of("record") > usual);
        assert_true(there("play") && there("experiment"));
        draw_with(width, 1, width % 88 == 0, FILM_FINISHES);
        check_places(width);
    }
    close_run();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_overlaps_at_any_width),
        cmocka_unit_test(the_least_important_goes_first),
        cmocka_unit_test(the_menu_is_as_wide_as_a_long_name_needs),
        cmocka_unit_test(what_records_can_be_stopped),
        cmocka_unit_test(long_numbers_make_room_for_themselves),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
