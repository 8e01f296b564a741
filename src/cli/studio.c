#include "cli/studio.h"

#include <stdlib.h>
#include <string.h>

#include "cli/job.h"
#include "views/compare.h"

enum { LAYOUT_WIDTH = 1440, LAYOUT_HEIGHT = 900, VIEW_WIDTH = 960, VIEW_HEIGHT = 720 };

static int no_such_view(const char *id, int length) {
    char ids[256] = "";
    for (const ViewType *const *type = view_types; *type; type++) {
        strncat(ids, type == view_types ? "" : ", ", sizeof ids - strlen(ids) - 1);
        strncat(ids, (*type)->id, sizeof ids - strlen(ids) - 1);
    }
    return cli_fail(EXIT_USAGE, "--view %.*s: no such view; there are %s",
                    length < 100 ? length : 100, id, ids);
}

/// Reads "ID,ID,…".
static int read_views(const char *ids, Look *look) {
    for (;;) {
        char id[VIEW_ID_MAX];
        const int length = (int)strcspn(ids, ",");
        if (length >= VIEW_ID_MAX) return no_such_view(ids, length);
        memcpy(id, ids, (size_t)length);
        id[length] = '\0';
        const ViewType *type = view_find(id);
        if (!type) return no_such_view(ids, length);
        if (look->n_views == LAYOUT_VIEWS_MAX)
            return cli_fail(EXIT_USAGE, "--view %.100s: at most %d views", id, LAYOUT_VIEWS_MAX);
        look->views[look->n_views++] = type;
        if (ids[length] == '\0') return EXIT_DONE;
        ids += length + 1;
    }
}

int look_read(const Options *options, Look *look) {
    *look = (Look){.theme = &themes[0], .scale = 1, .chinese = options->chinese};
    const int code = options->view ? read_views(options->view, look) : EXIT_DONE;
    if (code != EXIT_DONE) return code;
    if (options->theme) look->theme = theme_find(options->theme);
    if (options_has(options, OPTION_SCALE)) look->scale = options->scale;
    look->width = look->n_views == 1 ? VIEW_WIDTH : LAYOUT_WIDTH;
    look->height = look->n_views == 1 ? VIEW_HEIGHT : LAYOUT_HEIGHT;
    if (options_has(options, OPTION_SIZE)) {
        look->width = options->size[0];
        look->height = options->size[1];
    }
    return EXIT_DONE;
}

void subject_deinit(Subject *subject) {
    layout_destroy(subject->layout);
    snapshot_deinit(&subject->run);
    for (int i = 0; i < subject->n_rivals; i++) snapshot_deinit(&subject->rivals[i]);
    *subject = (Subject){0};
}

int studio_open(Studio *studio, const Options *options, const Look *look) {
    *studio = (Studio){.options = options, .look = *look};
    Error error;
    WindowDesc desc = {.title = "saddle", .width = 64, .height = 64, .headless = true};
    studio->window = window_create(&desc, &error);
    if (studio->window) studio->gfx = gfx_create(&(GfxDesc){.fonts = "DejaVu Sans"}, &error);
    if (!studio->gfx) return cli_fail(EXIT_NO_DISPLAY, "%s", error.text);
    studio->rgba = malloc((size_t)look->width * (size_t)look->height * 4);
    studio->target = target_create(studio->gfx, look->width, look->height, 0, false);
    if (studio->rgba && studio->target) return EXIT_DONE;
    return cli_fail(EXIT_FAILED, "%dx%d: a picture of this size does not fit into graphics memory",
                    look->width, look->height);
}

void studio_close(Studio *studio) {
    target_destroy(studio->target);
    free(studio->rgba);
    gfx_destroy(studio->gfx);
    window_destroy(studio->window);
    *studio = (Studio){0};
}

static bool make_views(const Studio *studio, Subject *subject, Rect area, Error *error) {
    const Look *look = &studio->look;
    const Experiment *experiment = subject->run.experiment;
    error_set(error, "out of memory");
    subject->layout = look->n_views > 0
                          ? layout_create_views(experiment, look->views, look->n_views)
                          : layout_create(experiment, error);
    subject->frame = (LayoutFrame){.gfx = studio->gfx,
                                   .theme = look->theme,
                                   .scale = look->scale,
                                   .area = area,
                                   .run = &subject->run,
                                   .n_rivals = subject->n_rivals,
                                   .chinese = look->chinese,
                                   .resting = true};
    for (int i = 0; i < subject->n_rivals; i++) subject->frame.rivals[i] = &subject->rivals[i];
    return subject->layout != NULL;
}

int studio_place(Studio *studio, Subject *subjects, int n) {
    const Look *look = &studio->look;
    const Rect whole = {0, 0, (float)look->width, (float)look->height};
    const float margin = 12 * look->scale;
    Rect names[COMPARED], views[COMPARED];
    compare_places((Rect){whole.x, whole.y + margin, whole.w, whole.h - margin}, look->scale, names,
                   views);
    for (int i = 0; i < n; i++) {
        Error error;
        subjects[i].name =
            (Rect){names[i].x + margin, names[i].y, names[i].w - 2 * margin, names[i].h};
        if (!make_views(studio, &subjects[i], n > 1 ? views[i] : whole, &error))
            return job_fail(studio->options, error.text);
    }
    return EXIT_DONE;
}

bool studio_draw(Studio *studio, Subject *subjects, int n, double time, Error *error) {
    const Look *look = &studio->look;
    for (int i = 0; i < n; i++) {
        subjects[i].frame.time = time;
        if (!layout_survey_now(subjects[i].layout, &subjects[i].frame, 0, error)) return false;
    }
    for (int i = 0; i < n; i++) layout_prepare(subjects[i].layout, &subjects[i].frame);
    gfx_begin(studio->gfx, studio->target, look->width, look->height, look->theme->background);
    ViewActions actions = {0};
    for (int i = 0; i < n; i++) {
        layout_draw(subjects[i].layout, &subjects[i].frame, &actions);
        if (n > 1) {
            compare_name(studio->gfx, look->theme, look->scale, subjects[i].name, &subjects[i].run,
                         look->chinese);
        }
    }
    gfx_end(studio->gfx);
    gfx_read(studio->gfx, studio->target, look->width, look->height, studio->rgba);
    return true;
}
