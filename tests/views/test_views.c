/// Every view draws for every experiment, at any size and in any state of a run, without an OpenGL
/// error; events and widgets in any order do no harm; a picture is drawn again only when something
/// that it shows has changed.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/rng.h"
#include "views/layout_state.h"

enum { WIDTH = 480, HEIGHT = 360 };

#include "view_runs.h"
#include "view_stage.h"

static uint8_t pixels[WIDTH * HEIGHT * 4];

static int open_window(void **state) {
    (void)state;
    return open_stage(false);
}

/// The shipped experiment with few samples, where its data are drawn: surveys cost by the sample.
static Experiment *load(const char *name) {
    Error error;
    Experiment *experiment = experiment_load(name, &error);
    if (!experiment) fail_msg("%s", error.text);
    const bool fixed = strcmp(name, "xor-corners") == 0 || strcmp(name, "perceptron") == 0;
    const char *few = strcmp(name, "digits") == 0 ? "data.samples=600" : "data.samples=144";
    if (!fixed && !experiment_set(experiment, few, &error)) fail_msg("%s", error.text);
    return experiment;
}

static Experiment *parse(const char *text) {
    Error error;
    Experiment *experiment = experiment_parse(text, strlen(text), "test", &error);
    if (!experiment) fail_msg("%s", error.text);
    return experiment;
}

static LayoutFrame frame_of(const Run *run, int width, int height) {
    return (LayoutFrame){.gfx = gfx,
                         .theme = &themes[0],
                         .scale = 1,
                         .area = {0, 0, (float)width, (float)height},
                         .run = &run->snapshot,
                         .resting = true};
}

static void draw(Layout *layout, const LayoutFrame *frame, ViewActions *actions) {
    layout_prepare(layout, frame);
    gfx_begin(gfx, canvas, WIDTH, HEIGHT, frame->theme->background);
    layout_draw(layout, frame, actions);
    gfx_end(gfx);
}

static void survey(Layout *layout, const LayoutFrame *frame) {
    Error error;
    if (!layout_survey_now(layout, frame, 1, &error)) fail_msg("%s", error.text);
}

/// Into pixels.
static void picture(Layout *layout, const LayoutFrame *frame) {
    ViewActions actions = {0};
    draw(layout, frame, &actions);
    gfx_read(gfx, canvas, WIDTH, HEIGHT, pixels);
}

static void survey_and_draw(Layout *layout, const LayoutFrame *frame) {
    survey(layout, frame);
    picture(layout, frame);
}

/// How many pixels differ clearly from the panel's colour, within a rectangle.
static int inked(const Theme *theme, int x0, int y0, int x1, int y1) {
    int n = 0;
    for (int y = y0; y < y1; y++) {
        for (int x = x0; x < x1; x++) {
            const uint8_t *p = pixels + ((size_t)y * WIDTH + (size_t)x) * 4;
            float d = fabsf((float)p[0] / 255 - theme->panel.r) +
                      fabsf((float)p[1] / 255 - theme->panel.g) +
                      fabsf((float)p[2] / 255 - theme->panel.b);
            n += d > 0.1f;
        }
    }
    return n;
}

// ---- tests --------------------------------------------------------------------------------------

static void test_every_name_in_the_experiments_is_a_view(void **state) {
    (void)state;
    for (const char *const *name = experiment_names(); *name; name++) {
        Experiment *experiment = load(*name);
        int views = 0;
        for (int i = 0; i < experiment->n_layout; i++) {
            if (experiment->layout[i].kind != LAYOUT_VIEW) continue;
            views++;
            if (!view_find(experiment->layout[i].view)) {
                fail_msg("%s: no view %s", *name, experiment->layout[i].view);
            }
        }
        Error error;
        Layout *layout = layout_create(experiment, &error);
        assert_non_null(layout);
        if (experiment->n_layout > 0) assert_int_equal(layout_count(layout), views);
        layout_destroy(layout);
        experiment_release(experiment);
    }
}

static void test_an_unknown_view_is_an_error(void **state) {
    (void)state;
    Experiment *experiment = load("xor-shallow");
    experiment->n_layout = 1;
    experiment->layout[0] = (LayoutNode){LAYOUT_VIEW, "nonesuch", -1, -1};
    Error error;
    assert_null(layout_create(experiment, &error));
    assert_non_null(strstr(error.text, "nonesuch"));
    experiment_release(experiment);
}

static void test_every_view_draws_for_every_experiment(void **state) {
    (void)state;
    for (const char *const *name = experiment_names(); *name; name++) {
        Experiment *experiment = load(*name);
        Run run = run_of(experiment, 3);
        for (const ViewType *const *type = view_types; *type; type++) {
            Layout *layout = layout_create_views(experiment, type, 1);
            LayoutFrame frame = frame_of(&run, WIDTH, HEIGHT);
            survey(layout, &frame);
            for (const Theme *theme = themes; theme->name; theme++) {
                frame.theme = theme;
                picture(layout, &frame);
                // More than the title: something in the body too.
                if (inked(theme, 0, 40, WIDTH, HEIGHT) < 300) {
                    fail_msg("%s, %s: an empty picture", *name, (*type)->id);
                }
            }
            layout_destroy(layout);
        }
        assert_no_gl_errors();
        run_destroy(&run);
        experiment_release(experiment);
    }
}

static void test_a_picture_repeats_to_the_byte(void **state) {
    (void)state;
    static uint8_t first[sizeof pixels];
    Experiment *experiment = load("xor-shallow");
    Run run = run_of(experiment, 40);
    LayoutFrame frame = frame_of(&run, WIDTH, HEIGHT);
    for (int i = 0; i < 2; i++) {
        Error error;
        Layout *layout = layout_create(experiment, &error);
        survey_and_draw(layout, &frame);
        if (i == 0) memcpy(first, pixels, sizeof first);
        layout_destroy(layout);
    }
    assert_memory_equal(first, pixels, sizeof first);
    run_destroy(&run);
    experiment_release(experiment);
}

static void test_tiny_and_odd_sizes(void **state) {
    (void)state;
    static const int sizes[][2] = {{64, 64}, {1, 1}, {0, 0}, {480, 8}, {8, 360}, {97, 61}};
    Experiment *experiment = load("xor-deep");
    Run run = run_of(experiment, 1);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        static const float scales[] = {0.5f, 1.25f, 3};
        for (int k = 0; k < 3; k++) {
            LayoutFrame frame = frame_of(&run, sizes[i][0], sizes[i][1]);
            frame.scale = scales[k];
            Error error;
            Layout *layout = layout_create(experiment, &error);
            survey_and_draw(layout, &frame);
            for (int view = 0; view < layout_count(layout); view++) {
                layout_enlarge(layout, view);
                survey_and_draw(layout, &frame);
            }
            layout_destroy(layout);
        }
    }
    assert_no_gl_errors();
    run_destroy(&run);
    experiment_release(experiment);
}

/// All views, one after the other.
static void draw_all(const Experiment *experiment, const Run *run) {
    for (const ViewType *const *type = view_types; *type; type++) {
        Layout *layout = layout_create_views(experiment, type, 1);
        LayoutFrame frame = frame_of(run, WIDTH, HEIGHT);
        survey_and_draw(layout, &frame);
        if (inked(frame.theme, 0, 40, WIDTH, HEIGHT) < 100) {
            fail_msg("%s, %s: an empty picture", experiment->name, (*type)->id);
        }
        layout_destroy(layout);
    }
    assert_no_gl_errors();
}

static void test_untrained_diverged_and_odd_networks(void **state) {
    (void)state;
    static const char *const texts[] = {
        // one layer only
        "{\"saddle\": 1, \"data\": {\"kind\": \"xor\", \"samples\": 50},"
        " \"network\": {\"layers\": [{\"units\": 1}]}}",
        // wide, relu and sigmoid
        "{\"saddle\": 1, \"data\": {\"kind\": \"xor\", \"samples\": 50},"
        " \"network\": {\"layers\": [{\"units\": 300, \"activation\": \"relu\"},"
        " {\"units\": 1, \"activation\": \"sigmoid\"}]}, \"training\": {\"loss\": \"bce\"}}",
        // a hidden layer of one unit, one input
        "{\"saddle\": 1, \"data\": {\"kind\": \"error-surface\", \"samples\": 100},"
        " \"network\": {\"layers\": [{\"units\": 1, \"activation\": \"tanh\"}, {\"units\": 1}]}}",
        // norms, dropout, residual connections
        "{\"saddle\": 1, \"data\": {\"kind\": \"xor\", \"samples\": 50},"
        " \"network\": {\"layers\": [{\"units\": 6, \"activation\": \"relu\", \"norm\": \"batch\"},"
        " {\"units\": 6, \"activation\": \"tanh\", \"norm\": \"layer\", \"residual\": true,"
        " \"dropout\": 0.5}, {\"units\": 1, \"activation\": \"sigmoid\"}]},"
        " \"training\": {\"loss\": \"bce\", \"batch_size\": 10}}",
        // without biases, all zero
        "{\"saddle\": 1, \"data\": {\"kind\": \"xor\", \"samples\": 20},"
        " \"network\": {\"init\": \"zeros\", \"layers\": [{\"units\": 3, \"bias\": false},"
        " {\"units\": 1, \"bias\": false}]}}",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        Experiment *experiment = parse(texts[i]);
        for (int epochs = 0; epochs <= 2; epochs += 2) {
            Run run = run_of(experiment, epochs);
            draw_all(experiment, &run);
            run_destroy(&run);
        }
        experiment_release(experiment);
    }

    Experiment *experiment = load("xor-shallow");
    Error error;
    assert_true(experiment_set(experiment, "training.optimizer.learning_rate=1e6", &error));
    Run run = run_of(experiment, 50);
    assert_true(run.session->diverged);
    run.snapshot.state = RUN_DIVERGED;
    run.snapshot.diverged_epoch = run.session->epoch;
    draw_all(experiment, &run);
    // A snapshot whose weights themselves are lost.
    for (size_t i = 0; i < run.snapshot.net.n_params; i++) run.snapshot.net.params[i] = NAN;
    run.snapshot.metrics.train_loss = (double)NAN;
    draw_all(experiment, &run);
    for (size_t i = 0; i < run.snapshot.net.n_params; i++) run.snapshot.net.params[i] = INFINITY;
    draw_all(experiment, &run);
    run_destroy(&run);
    experiment_release(experiment);
}

/// A data file with that many inputs and one of: a class of three, a class of two, a number.
static void write_data(const char *path, int inputs, int kind) {
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    for (int k = 1; k <= inputs; k++) fprintf(file, "x%d,", k);
    fprintf(file, "%s\n", kind == 0 ? "label" : "y");
    Rng rng = rng_create(5, RNG_TEST);
    for (int i = 0; i < 90; i++) {
        for (int k = 0; k < inputs; k++) {
            fprintf(file, "%.6g,", rng_uniform(&rng, 0, 1) + (double)(k % 3 == i % 3));
        }
        fprintf(file, kind == 2 ? "%d.5\n" : "%d\n", kind == 1 ? i % 2 : i % 3);
    }
    fclose(file);
}

/// Whatever the data's shape: one, two, some and 64 inputs (images of 8 x 8), classes and numbers.
static void test_data_of_any_shape(void **state) {
    (void)state;
    static const int inputs[] = {1, 2, 5, 64};
    static const char *const ends[] = {"{\"units\": 3, \"activation\": \"softmax\"}]},"
                                       " \"training\": {\"loss\": \"cross_entropy\"}}",
                                       "{\"units\": 1, \"activation\": \"sigmoid\"}]},"
                                       " \"training\": {\"loss\": \"bce\"}}",
                                       "{\"units\": 1}]}}"};
    for (int i = 0; i < 4; i++) {
        for (int kind = 0; kind < 3; kind++) {
            char path[] = "/tmp/saddle-data-XXXXXX", text[600];
            int file = mkstemp(path);
            assert_true(file >= 0);
            close(file);
            write_data(path, inputs[i], kind);
            snprintf(text, sizeof text,
                     "{\"saddle\": 1, \"data\": {\"kind\": \"csv\", \"file\": \"%s\"},"
                     " \"network\": {\"layers\": [{\"units\": 7, \"activation\": \"tanh\"}, %s",
                     path, ends[kind]);
            Experiment *experiment = parse(text);
            Run run = run_of(experiment, 3);
            draw_all(experiment, &run);
            run_destroy(&run);
            experiment_release(experiment);
            remove(path);
        }
    }
}

/// A frame in which everything has changed.  @return how many pictures were drawn in it
static int64_t prepare_changed(Layout *layout, const LayoutFrame *frame) {
    const int64_t before = layout_pictures(layout);
    for (int i = 0; i < layout->n_panels; i++) layout->panels[i].revision++;
    layout_prepare(layout, frame);
    return layout_pictures(layout) - before;
}

/// While a run goes on a software renderer draws the surfaces in different frames, the flat
/// pictures with the last of them; once it pauses, all that is stale at once.
static void test_pictures_take_turns(void **state) {
    (void)state;
    if (!gfx_is_software(gfx)) skip();
    Experiment *experiment = load("xor-shallow"); // five views, two of them of surfaces
    Run run = run_of(experiment, 5);
    Error error;
    Layout *layout = layout_create(experiment, &error);
    Ui *ui = ui_create();
    LayoutFrame frame = frame_of(&run, WIDTH, HEIGHT);
    frame.ui = ui;
    assert_true(layout_survey_now(layout, &frame, 1, &error));
    layout_prepare(layout, &frame);
    run.snapshot.state = RUN_RUNNING;
    for (int i = 0; i < 6; i++) {
        assert_int_equal(prepare_changed(layout, &frame), i % 2 == 0 ? 4 : 1);
        assert_true(layout_animating(layout, &frame));
    }
    // Those that waited come without anything new.
    const int64_t before = layout_pictures(layout);
    layout_prepare(layout, &frame);
    assert_int_equal(layout_pictures(layout) - before, 4);
    assert_false(layout_animating(layout, &frame));
    run.snapshot.state = RUN_PAUSED;
    assert_int_equal(prepare_changed(layout, &frame), 5);
    assert_no_gl_errors();
    layout_destroy(layout);
    ui_destroy(ui);
    run_destroy(&run);
    experiment_release(experiment);
}

static void test_looking_back(void **state) {
    (void)state;
    Experiment *experiment = load("xor-shallow");
    Run run = run_of(experiment, 30);
    static uint8_t now[sizeof pixels];
    Layout *layout = layout_create_views(experiment, (const ViewType *[]){view_find("mse")}, 1);
    LayoutFrame frame = frame_of(&run, WIDTH, HEIGHT);
    survey_and_draw(layout, &frame);
    memcpy(now, pixels, sizeof now);
    run.snapshot.epoch = 10;
    run.snapshot.last_epoch = 30;
    survey_and_draw(layout, &frame);
    assert_memory_not_equal(now, pixels, sizeof now);
    assert_no_gl_errors();
    layout_destroy(layout);
    run_destroy(&run);
    experiment_release(experiment);
}

static void nobody(void *context) {
    (void)context;
}

static UiInput mouse_at(float x, float y) {
    return (UiInput){.mouse_x = x, .mouse_y = y, .mouse_inside = true, .clicks = 1};
}

/// One frame of a window, with widgets.  @return how many pictures were drawn in it
static int64_t window_frame(Layout *layout, const LayoutFrame *frame, const UiInput *input) {
    ViewActions actions = {0};
    int64_t before = layout_pictures(layout);
    gfx_begin(gfx, canvas, WIDTH, HEIGHT, frame->theme->background);
    ui_begin(frame->ui, gfx, frame->theme, frame->scale, WIDTH, HEIGHT, input);
    layout_input(layout, frame, input, &actions);
    layout_draw(layout, frame, &actions);
    ui_end(frame->ui);
    gfx_end(gfx);
    layout_prepare(layout, frame);
    return layout_pictures(layout) - before;
}

static void test_only_what_changed_is_drawn_again(void **state) {
    (void)state;
    Experiment *experiment = load("xor-shallow");
    Run run = run_of(experiment, 5);
    Error error;
    Layout *layout = layout_create(experiment, &error);
    Ui *ui = ui_create();
    LayoutFrame frame = frame_of(&run, WIDTH, HEIGHT);
    frame.ui = ui;
    assert_true(layout_survey_now(layout, &frame, 1, &error));
    layout_prepare(layout, &frame);
    int all = layout_count(layout);
    assert_int_equal(all, 5);
    assert_int_equal(layout_pictures(layout), all);

    // Nothing happens; the pointer rests on the landscape, then moves over it.
    UiInput input = mouse_at(300, 120);
    assert_int_equal(window_frame(layout, &frame, &input), 0);
    assert_int_equal(window_frame(layout, &frame, &input), 0);
    input = mouse_at(310, 125);
    assert_int_equal(window_frame(layout, &frame, &input), 0);

    // A drag turns the landscape, and it alone.
    input.down[0] = input.pressed[0] = true;
    window_frame(layout, &frame, &input);
    input = mouse_at(350, 130);
    input.down[0] = true;
    assert_int_equal(window_frame(layout, &frame, &input), 1);
    input = mouse_at(350, 130);
    input.released[0] = true;
    assert_int_equal(window_frame(layout, &frame, &input), 0);

    // The wheel zooms it; elsewhere it does nothing.
    input = mouse_at(350, 130);
    input.wheel = 1;
    assert_int_equal(window_frame(layout, &frame, &input), 1);
    input = mouse_at(60, 80);
    input.wheel = 1;
    assert_int_equal(window_frame(layout, &frame, &input), 0);

    // A newer snapshot, not yet surveyed: the curve alone follows it.
    run_train(&run, 1);
    assert_int_equal(window_frame(layout, &frame, &(UiInput){0}), 1);
    // Another theme: all.
    frame.theme = &themes[1];
    assert_int_equal(window_frame(layout, &frame, &(UiInput){0}), all);
    assert_int_equal(window_frame(layout, &frame, &(UiInput){0}), 0);

    // Two clicks on a title make that view large, and only it is drawn; twice more put it back.
    input = mouse_at(20, 18);
    input.down[0] = input.pressed[0] = true;
    input.clicks = 2;
    assert_int_equal(window_frame(layout, &frame, &input), 1);
    assert_int_equal(layout_enlarged(layout), 0);
    input.down[0] = input.pressed[0] = false;
    window_frame(layout, &frame, &input);
    input.down[0] = input.pressed[0] = true;
    assert_int_equal(window_frame(layout, &frame, &input), 1);
    assert_int_equal(layout_enlarged(layout), -1);

    ui_destroy(ui);
    layout_destroy(layout);
    run_destroy(&run);
    experiment_release(experiment);
    assert_no_gl_errors();
}

static void press(Layout *layout, LayoutFrame *frame, float x, float y, int clicks) {
    UiInput input = mouse_at(x, y);
    input.down[0] = input.pressed[0] = true;
    input.clicks = clicks;
    window_frame(layout, frame, &input);
}

/// The picture without widgets, into pixels.
static void draw_plain(Layout *layout, LayoutFrame frame) {
    ViewActions actions = {0};
    frame.ui = NULL;
    draw(layout, &frame, &actions);
    gfx_read(gfx, canvas, WIDTH, HEIGHT, pixels);
}

/// Every view in every place, one after another: those shown already change places, and none is
/// ever shown twice.
static void test_any_view_can_be_put_anywhere(void **state) {
    (void)state;
    Experiment *experiment = load("xor-shallow");
    Run run = run_of(experiment, 3);
    Error error;
    Layout *layout = layout_create(experiment, &error);
    LayoutFrame frame = frame_of(&run, WIDTH, HEIGHT);
    Surveyor *surveyor = surveyor_create(nobody, NULL, &error);
    frame.ui = ui_create();
    const int n = layout_count(layout);
    for (int view = 0; view < n; view++) {
        const ViewType *before = layout_type(layout, view);
        for (const ViewType *const *type = view_types; *type; type++) {
            const ViewType *was = layout_type(layout, view);
            int other = -1;
            for (int i = 0; i < n; i++) other = layout_type(layout, i) == *type ? i : other;
            assert_true(layout_set_view(layout, view, *type, experiment));
            assert_ptr_equal(layout_type(layout, view), *type);
            if (other >= 0 && other != view) assert_ptr_equal(layout_type(layout, other), was);
            layout_survey(layout, &frame, surveyor); // of what the former view asked for as well
            UiInput input = mouse_at(120, 120);
            input.wheel = 1;
            window_frame(layout, &frame, &input);
            survey_and_draw(layout, &frame);
        }
        assert_true(layout_set_view(layout, view, before, experiment));
    }
    assert_no_gl_errors();
    ui_destroy(frame.ui);
    surveyor_destroy(surveyor);
    layout_destroy(layout);
    run_destroy(&run);
    experiment_release(experiment);
}

static void test_the_titles_menu_exchanges_views(void **state) {
    (void)state;
    Experiment *experiment = load("xor-shallow");
    Run run = run_of(experiment, 2);
    Error error;
    Layout *layout = layout_create(experiment, &error);
    Ui *ui = ui_create();
    LayoutFrame frame = frame_of(&run, WIDTH, HEIGHT);
    frame.ui = ui;
    frame.chinese = true;
    const ViewType *first = layout_type(layout, 0);
    UiInput input = {0};
    window_frame(layout, &frame, &input);
    // The first widget; its list opens at what is shown. The next one down, which is shown, too.
    const UiKey keys[] = {UI_KEY_TAB, UI_KEY_ENTER, UI_KEY_DOWN, UI_KEY_ENTER};
    input.n_keys = 1;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        assert_ptr_equal(layout_type(layout, 0), first);
        input.keys[0] = keys[i];
        window_frame(layout, &frame, &input);
    }
    assert_string_equal(layout_type(layout, 0)->id, "landscape");
    int places = 0;
    for (int i = 0; i < layout_count(layout); i++) places += layout_type(layout, i) == first;
    assert_int_equal(places, 1);
    ui_destroy(ui);
    layout_destroy(layout);
    run_destroy(&run);
    experiment_release(experiment);
}

static void test_every_view_says_what_it_shows(void **state) {
    (void)state;
    for (const ViewType *const *type = view_types; *type; type++) {
        const char *const texts[] = {(*type)->title, (*type)->title_zh, (*type)->description,
                                     (*type)->description_zh};
        for (int i = 0; i < 4; i++) {
            if (!texts[i] || !texts[i][0]) fail_msg("%s: text %d is missing", (*type)->id, i);
        }
    }
}

static void test_a_double_click_puts_the_plot_back(void **state) {
    (void)state;
    static uint8_t first[sizeof pixels], turned[sizeof pixels];
    const char *const names[][2] = {{"xor-shallow", "landscape"}, {"paraboloid", "surface_fit"}};
    for (int k = 0; k < 2; k++) {
        Experiment *experiment = load(names[k][0]);
        Run run = run_of(experiment, 5);
        Layout *layout =
            layout_create_views(experiment, (const ViewType *[]){view_find(names[k][1])}, 1);
        LayoutFrame frame = frame_of(&run, WIDTH, HEIGHT);
        survey_and_draw(layout, &frame);
        frame.ui = ui_create();
        draw_plain(layout, frame);
        memcpy(first, pixels, sizeof first);

        press(layout, &frame, 200, 180, 1);
        UiInput input = mouse_at(260, 150);
        input.down[0] = true;
        window_frame(layout, &frame, &input);
        input = mouse_at(260, 150);
        input.released[0] = true;
        window_frame(layout, &frame, &input);
        input.wheel = 2;
        window_frame(layout, &frame, &input);
        draw_plain(layout, frame);
        memcpy(turned, pixels, sizeof turned);
        assert_memory_not_equal(turned, first, sizeof first);

        frame.reduced_motion = true; // at once
        press(layout, &frame, 260, 150, 2);
        input = mouse_at(260, 150);
        input.released[0] = true;
        window_frame(layout, &frame, &input);
        draw_plain(layout, frame);
        assert_memory_equal(pixels, first, sizeof first);

        ui_destroy(frame.ui);
        layout_destroy(layout);
        run_destroy(&run);
        experiment_release(experiment);
    }
    assert_no_gl_errors();
}

#ifdef __SANITIZE_ADDRESS__
enum { RANDOM_STEPS = 12 };
#else
enum { RANDOM_STEPS = 40 };
#endif

/// Random input of every kind, with widgets, on every experiment.
static void test_random_input_does_no_harm(void **state) {
    (void)state;
    Rng rng = rng_create(7, RNG_TEST);
    for (const char *const *name = experiment_names(); *name; name++) {
        Experiment *experiment = load(*name);
        Run run = run_of(experiment, 5);
        Error error;
        Layout *layout = layout_create(experiment, &error);
        Ui *ui = ui_create();
        UiInput input = {0};
        LayoutFrame frame = frame_of(&run, WIDTH - 120, HEIGHT);
        frame.ui = ui;
        for (int step = 0; step < RANDOM_STEPS; step++) {
            ViewActions actions = {0};
            input.mouse_x = (float)rng_uniform(&rng, -20, WIDTH + 20);
            input.mouse_y = (float)rng_uniform(&rng, -20, HEIGHT + 20);
            input.mouse_inside = rng_below(&rng, 8) > 0;
            input.wheel = rng_below(&rng, 4) == 0 ? (float)rng_uniform(&rng, -3, 3) : 0;
            input.clicks = 1 + (int)rng_below(&rng, 2);
            for (int i = 0; i < 3; i++) {
                bool down = rng_below(&rng, 3) == 0;
                input.pressed[i] = down && !input.down[i];
                input.released[i] = !down && input.down[i];
                input.down[i] = down;
            }
            input.time += 0.05;
            frame.scale = 0.7f + 0.5f * (float)rng_below(&rng, 3);
            frame.theme = &themes[rng_below(&rng, 2)];
            frame.resting = rng_below(&rng, 8) == 0;
            frame.chinese = rng_below(&rng, 4) == 0;
            if (rng_below(&rng, 10) == 0) layout_enlarge(layout, (int)rng_below(&rng, 5) - 1);
            if (rng_below(&rng, 5) == 0) run_train(&run, 1);
            // When all rests, landscapes are surveyed finely, which takes long.
            run.snapshot.state = frame.resting ? RUN_PAUSED : RUN_RUNNING;
            assert_true(layout_survey_now(layout, &frame, 1, &error) || error.text[0]);
            layout_prepare(layout, &frame);
            gfx_begin(gfx, canvas, WIDTH, HEIGHT, frame.theme->background);
            ui_begin(ui, gfx, frame.theme, frame.scale, WIDTH, HEIGHT, &input);
            layout_input(layout, &frame, &input, &actions);
            layout_draw(layout, &frame, &actions);
            Rect panel = {WIDTH - 120, 0, 120, HEIGHT};
            layout_panels(layout, &frame, &panel, &actions);
            ui_end(ui);
            gfx_end(gfx);
            assert_true(actions.count <= 8);
        }
        assert_no_gl_errors();
        ui_destroy(ui);
        layout_destroy(layout);
        run_destroy(&run);
        experiment_release(experiment);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_name_in_the_experiments_is_a_view),
        cmocka_unit_test(test_an_unknown_view_is_an_error),
        cmocka_unit_test(test_every_view_draws_for_every_experiment),
        cmocka_unit_test(test_a_picture_repeats_to_the_byte),
        cmocka_unit_test(test_tiny_and_odd_sizes),
        cmocka_unit_test(test_untrained_diverged_and_odd_networks),
        cmocka_unit_test(test_data_of_any_shape),
        cmocka_unit_test(test_pictures_take_turns),
        cmocka_unit_test(test_looking_back),
        cmocka_unit_test(test_only_what_changed_is_drawn_again),
        cmocka_unit_test(test_any_view_can_be_put_anywhere),
        cmocka_unit_test(test_the_titles_menu_exchanges_views),
        cmocka_unit_test(test_every_view_says_what_it_shows),
        cmocka_unit_test(test_a_double_click_puts_the_plot_back),
        cmocka_unit_test(test_random_input_does_no_harm),
    };
    return cmocka_run_group_tests(tests, open_window, close_stage);
}
