// Draws what surrounds the views, without a window:
//     draw_chrome bars|panel OUT.png THEME LANG SCALE EPOCHS EXPERIMENT [KEY=VALUE…]
//
// bars: the top bar above the status bar, 1000 units wide. panel: the side panel with all its
// sections, as high as they need; of two runs side by side where EXPERIMENT follows a "+".
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/chrome.h"
#include "app/window.h"
#include "capture/png_file.h"

enum { BARS_WIDTH = 1000, VIEWS_WIDTH = 800, VIEWS_HEIGHT = 600, PACE = 20 };

typedef struct Picture {
    Gfx *gfx;
    Ui *ui;
    Layout *layout;
    LayoutFrame frame;
    Snapshot run;
    Chrome chrome;
    ViewActions actions;
    UiInput input;
} Picture;

static int fail(const char *why) {
    fprintf(stderr, "draw_chrome: %s\n", why);
    return 1;
}

static bool train(const Experiment *experiment, int64_t epochs, Snapshot *out, Error *error) {
    Session *session = session_create(experiment, error);
    History *history = session ? history_create(session) : NULL;
    bool good = history != NULL;
    for (int64_t epoch = 0; good && epoch <= epochs; epoch++) {
        Metrics metrics = {0};
        if (epoch > 0) session_step(session, STEP_EPOCH, &metrics.running_loss);
        session_measure(session, &metrics);
        history_record(history, session, &metrics);
    }
    good = good && snapshot_fill(out, session, history);
    history_destroy(history);
    session_destroy(session);
    return good;
}

/// One frame into a target of that size.  @return the picture, or NULL
static uint8_t *draw(Picture *picture, bool bars, int width, int height) {
    Chrome *chrome = &picture->chrome;
    Target *target = target_create(picture->gfx, width, height, 0, false);
    uint8_t *rgba = malloc((size_t)width * (size_t)height * 4);
    if (target && rgba) {
        ui_begin(picture->ui, picture->gfx, chrome->theme, chrome->scale, width, height,
                 &picture->input);
        gfx_begin(picture->gfx, target, width, height, chrome->theme->background);
        Rect r = {0, 0, (float)width, (float)height};
        if (bars) {
            topbar_draw(chrome, rect_cut_top(&r, roundf(TOPBAR_HEIGHT * chrome->scale)));
            statusbar_draw(chrome, rect_cut_bottom(&r, roundf(STATUSBAR_HEIGHT * chrome->scale)));
        } else {
            sidepanel_draw(chrome, r, picture->layout, &picture->frame);
        }
        ui_end(picture->ui);
        gfx_end(picture->gfx);
        gfx_read(picture->gfx, target, width, height, rgba);
    }
    if (target) target_destroy(target);
    return rgba;
}

static bool save(Picture *picture, bool bars, const char *path, Error *error) {
    float scale = picture->chrome.scale;
    int width = (int)roundf((float)(bars ? BARS_WIDTH : PANEL_WIDTH) * scale);
    int height = (int)(roundf(TOPBAR_HEIGHT * scale) + roundf(STATUSBAR_HEIGHT * scale));
    uint8_t *rgba = draw(picture, bars, width, height);
    if (!bars) { // now it is known how high all of it is
        free(rgba);
        height += (int)ceilf(picture->chrome.panel_overflow);
        rgba = draw(picture, bars, width, height);
    }
    bool good = rgba && png_save(path, rgba, width, height, error);
    free(rgba);
    return good;
}

static bool make(Picture *picture, bool bars, const char *path, Error *error) {
    Chrome *chrome = &picture->chrome;
    float scale = chrome->scale;
    picture->layout = layout_create(picture->run.experiment, error);
    if (!picture->layout) return false;
    picture->frame =
        (LayoutFrame){.gfx = picture->gfx,
                      .theme = chrome->theme,
                      .scale = scale,
                      .area = {PANEL_WIDTH * scale, 0, VIEWS_WIDTH * scale, VIEWS_HEIGHT * scale},
                      .run = &picture->run,
                      .chinese = chrome->chinese,
                      .ui = picture->ui,
                      .resting = true};
    chrome->ui = picture->ui;
    picture->run.pace = PACE;
    chrome->run = &picture->run;
    chrome->actions = &picture->actions;
    bool good = layout_survey_now(picture->layout, &picture->frame, 0, error) &&
                save(picture, bars, path, error);
    layout_destroy(picture->layout);
    return good;
}

int main(int argc, char **argv) {
    if (argc < 8) return fail("bars|panel OUT.png THEME LANG SCALE EPOCHS EXPERIMENT [KEY=VALUE…]");
    static Picture picture;
    Error error = {0};
    bool compared = argv[7][0] == '+';
    Experiment *experiment = experiment_load(argv[7] + compared, &error);
    if (!experiment) return fail(error.text);
    for (int i = 8; i < argc; i++) {
        if (!experiment_set(experiment, argv[i], &error)) return fail(error.text);
    }
    if (!train(experiment, atoll(argv[6]), &picture.run, &error)) return fail(error.text);
    Window *window = window_create(
        &(WindowDesc){.title = "saddle", .width = 64, .height = 64, .headless = true}, &error);
    picture.gfx = window ? gfx_create(&(GfxDesc){.fonts = "DejaVu Sans"}, &error) : NULL;
    picture.ui = ui_create();
    if (!picture.gfx || !picture.ui) return fail(error.text);
    picture.chrome.theme = theme_find(argv[3]);
    picture.chrome.chinese = strcmp(argv[4], "zh_CN") == 0;
    picture.chrome.scale = strtof(argv[5], NULL);
    picture.chrome.compared = compared;
    bool good =
        picture.chrome.theme && make(&picture, strcmp(argv[1], "bars") == 0, argv[2], &error);
    snapshot_deinit(&picture.run);
    experiment_release(experiment);
    ui_destroy(picture.ui);
    gfx_destroy(picture.gfx);
    window_destroy(window);
    return good ? 0 : fail(error.text);
}
