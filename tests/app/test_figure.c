// Figures from a layout that is in use, as from the window: they show its views' present state, and
// leave its picture as it is.
#include "app/figure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/window.h"
#include "base/file.h"
#include "views/landscape_state.h"
#include "views/layout_state.h"
#include "views/orbit.h"
#include "views/view_runs.h"

enum { WIDTH = 480, HEIGHT = 300, LANDSCAPE = 0, MSE = 1 };

static Window *window;
static Gfx *gfx;
static Target *canvas;
static uint8_t pixels[WIDTH * HEIGHT * 4], before[WIDTH * HEIGHT * 4];
static Run run;
static char folder[64];

static int setup(void **state) {
    (void)state;
    Error error;
    window = window_create(&(WindowDesc){.headless = true, .debug = true}, &error);
    if (window) gfx = gfx_create(&(GfxDesc){.debug = true, .fonts = "DejaVu Sans"}, &error);
    if (!gfx) return -1;
    canvas = target_create(gfx, WIDTH, HEIGHT, 0, false);
    run = run_create("xor-shallow", 12);
    strcpy(folder, "/tmp/saddle-figure-XXXXXX");
    return canvas && mkdtemp(folder) ? 0 : -1;
}

static int teardown(void **state) {
    (void)state;
    const char *message;
    if (gfx_errors(gfx, &message)) print_error("OpenGL: %s\n", message);
    const int errors = gfx_errors(gfx, NULL);
    run_destroy(&run);
    target_destroy(canvas);
    gfx_destroy(gfx);
    window_destroy(window);
    return errors || rmdir(folder) != 0 ? -1 : 0;
}

static LayoutFrame frame_of(void) {
    return (LayoutFrame){.gfx = gfx,
                         .theme = &themes[0],
                         .scale = 0.8f,
                         .area = {0, 0, WIDTH, HEIGHT},
                         .run = &run.snapshot,
                         .resting = true};
}

static Layout *make_layout(const LayoutFrame *frame) {
    const ViewType *types[] = {&view_type_landscape, &view_type_mse};
    Layout *layout = layout_create_views(run.session->experiment, types, 2);
    Error error;
    assert_non_null(layout);
    if (!layout_survey_now(layout, frame, 1, &error)) fail_msg("%s", error.text);
    return layout;
}

static void draw(Layout *layout, const LayoutFrame *frame) {
    ViewActions actions = {0};
    layout_prepare(layout, frame);
    gfx_begin(gfx, canvas, WIDTH, HEIGHT, frame->theme->background);
    layout_draw(layout, frame, &actions);
    gfx_end(gfx);
    gfx_read(gfx, canvas, WIDTH, HEIGHT, pixels);
}

/// Saves a figure and reads it.  @return its bytes, to be freed
static char *saved(Layout *layout, int view, const LayoutFrame *frame, const char *name,
                   size_t *size) {
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    Error error;
    const FigureDesc desc = {.width = 60, .dpi = 100};
    if (!figure_save(layout, view, frame, &desc, path, &error)) fail_msg("%s", error.text);
    char *bytes = file_read(path, 1 << 24, size, &error);
    assert_non_null(bytes);
    unlink(path);
    return bytes;
}

static void the_window_stays_as_it_is(void **state) {
    (void)state;
    const LayoutFrame frame = frame_of();
    Layout *layout = make_layout(&frame);
    draw(layout, &frame);
    memcpy(before, pixels, sizeof before);
    static const char *const names[] = {"a.png", "a.svg", "a.pdf"};
    for (int view = 0; view < 2; view++) {
        for (int i = 0; i < 3; i++) {
            size_t size;
            free(saved(layout, view, &frame, names[i], &size));
            assert_true(size > 1000);
            draw(layout, &frame);
            assert_memory_equal(pixels, before, sizeof before);
        }
    }
    layout_destroy(layout);
}

static int count(const char *text, const char *what) {
    int n = 0;
    for (const char *at = text; (at = strstr(at, what)); at++) n++;
    return n;
}

static void a_figure_shows_the_present_state(void **state) {
    (void)state;
    const LayoutFrame frame = frame_of();
    Layout *layout = make_layout(&frame);
    draw(layout, &frame);
    size_t size;
    char *box = saved(layout, LANDSCAPE, &frame, "a.svg", &size);
    LandscapeState *landscape = layout->panels[LANDSCAPE].state;
    landscape->camera = orbit_preset(ORBIT_MAP);
    char *map = saved(layout, LANDSCAPE, &frame, "a.svg", &size);
    // From above the path and what lies behind the labels are lines, on the picture of the surface.
    assert_non_null(strstr(box, "<image"));
    assert_non_null(strstr(map, "<image"));
    const char *surface = strstr(map, "<image");
    assert_true(count(surface, "stroke=\"#") > 5);
    assert_true(strstr(surface, "<text") != NULL); // losses on contour lines, or the colours' bar
    assert_true(strlen(map) > 1000 && strcmp(box, map) != 0);
    free(box);
    free(map);
    layout_destroy(layout);
}

static void axes_are_named(void **state) {
    (void)state;
    const LayoutFrame frame = frame_of();
    Layout *layout = make_layout(&frame);
    size_t size;
    char *svg = saved(layout, MSE, &frame, "a.svg", &size);
    assert_int_equal(count(svg, ">MSE</text>"), 1);
    assert_int_equal(count(svg, ">epoch</text>"), 1);
    assert_int_equal(count(svg, "<image"), 0);
    assert_non_null(strstr(svg, "width=\"60mm\" height=\"37.63mm\"")); // 236 by 148 pixels
    free(svg);
    layout_destroy(layout);
}

static void what_cannot_be_is_an_error(void **state) {
    (void)state;
    const LayoutFrame frame = frame_of();
    Layout *layout = make_layout(&frame);
    Error error = {""};
    static const char *const names[] = {"/nowhere/a.png", "/nowhere/a.svg", "/nowhere/a.pdf"};
    for (int i = 0; i < 3; i++) {
        assert_false(figure_save(layout, MSE, &frame, &(FigureDesc){.dpi = 72}, names[i], &error));
        assert_int_equal(strncmp(error.text, names[i], strlen(names[i])), 0);
    }
    const ViewType *curve = view_find("mse");
    const Experiment *experiment = frame.run->experiment;
    assert_true(figure_possible(&(FigureDesc){0}, curve, experiment, &error));
    const FigureDesc wide = {.width = 173, .height = 20, .dpi = 2400};
    assert_true(figure_possible(&wide, curve, experiment, &error));
    const FigureDesc wider = {.width = 174, .height = 20, .dpi = 2400};
    assert_false(figure_possible(&wider, curve, experiment, &error));
    assert_non_null(strstr(error.text, "174 mm at 2400 dpi are 16441 pixels; at most 16384"));
    const FigureDesc high = {.height = 1000, .dpi = 600};
    assert_false(figure_possible(&high, curve, experiment, &error));
    // Its own height, which is as suits the view, may be what is too much.
    const FigureDesc large = {.width = 1000, .dpi = 400};
    assert_false(figure_possible(&large, curve, experiment, &error));
    assert_non_null(strstr(error.text, "million"));
    assert_true(figure_named("a.PNG", &error) && figure_named("a.svg", &error));
    assert_false(figure_named("a.gif", &error));
    assert_string_equal(error.text, "a.gif: a figure is a .png, .svg or .pdf");
    layout_destroy(layout);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_window_stays_as_it_is),
        cmocka_unit_test(a_figure_shows_the_present_state),
        cmocka_unit_test(axes_are_named),
        cmocka_unit_test(what_cannot_be_is_an_error),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
