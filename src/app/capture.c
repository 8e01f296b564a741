#include "app/capture.h"

#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "app/state.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/paths.h"
#include "base/pending.h"
#include "base/process.h"
#include "base/thread.h"
#include "capture/png_file.h"

#define FILM_FPS        25.0
#define COLLECT_SECONDS 0.03  // after which a picture is fetched though no other is drawn
#define FILM_SECONDS    8.0   // how long a film may come no further when the window closes
#define SAVE_SECONDS    8.0   // the same of a picture, figure or table,
#define GRACE_SECONDS   1.0   // once as long was waited for something else
#define DISCARD_SECONDS 3.0   // and what is given up in being removed
#define MARGIN          12.0f // units around all views

/// A part of something drawn.
typedef struct Cut {
    const Target *source; // NULL: the window
    int height;           // of the source
    Rect part;
} Cut;

/// A view of one of the two layouts.
typedef struct Place {
    bool beside;
    int view; // -1: none
} Place;

// ---- what is where

static const Layout *layout_of(const App *app, bool beside) {
    return beside ? beside_layout(app->beside) : app->layout;
}

static Place view_under_mouse(const App *app) {
    const UiInput *input = &app->input;
    for (int i = 0; i < (app->beside ? 2 : 1) && input->mouse_inside; i++) {
        const int view = layout_view_at(layout_of(app, i == 1), input->mouse_x, input->mouse_y);
        if (view >= 0) return (Place){.beside = i == 1, .view = view};
    }
    return (Place){.view = -1};
}

static Place view_of_type(const App *app, const ViewType *type) {
    for (int i = 0; i < (app->beside ? 2 : 1); i++) {
        const Layout *layout = layout_of(app, i == 1);
        for (int view = 0; view < layout_count(layout); view++) {
            Rect place;
            if (layout_type(layout, view) == type && layout_view_place(layout, view, &place))
                return (Place){.beside = i == 1, .view = view};
        }
    }
    return (Place){.view = -1};
}

// ---- parts of the picture

/// Draws views once more, without widgets, into a target of their own.
/// @param place  view -1: all  @return false where graphics memory is short
static bool draw_plain(App *app, const LayoutFrame *frame, Place place) {
    Capture *capture = &app->capture;
    if (capture->plain && (target_width(capture->plain) != app->width ||
                           target_height(capture->plain) != app->height)) {
        target_destroy(capture->plain);
        capture->plain = NULL;
    }
    if (!capture->plain)
        capture->plain = target_create(app->gfx, app->width, app->height, 0, false);
    if (!capture->plain) return false;
    gfx_begin(app->gfx, capture->plain, app->width, app->height, app->chrome.theme->background);
    if (!place.beside) layout_draw_plain(app->layout, frame, place.view);
    if (app->beside && (place.beside || place.view < 0))
        beside_draw_plain(app->beside, frame, place.view);
    gfx_end(app->gfx);
    return true;
}

static Cut cut_window(const App *app) {
    return (Cut){.height = app->height, .part = {0, 0, (float)app->width, (float)app->height}};
}

/// @return false: it is not in sight
static bool part_of_view(const App *app, Place place, Rect *part) {
    if (place.view < 0 || !layout_view_place(layout_of(app, place.beside), place.view, part))
        return false;
    *part = rect_intersect(rect_round(*part), cut_window(app).part);
    return part->w >= 1 && part->h >= 1;
}

static bool cut_view(App *app, const LayoutFrame *frame, Place place, Cut *cut) {
    *cut = (Cut){.height = app->height};
    if (!part_of_view(app, place, &cut->part) || !draw_plain(app, frame, place)) return false;
    cut->source = app->capture.plain;
    return true;
}

static bool cut_views(App *app, const LayoutFrame *frame, Rect views, Cut *cut) {
    *cut = (Cut){.height = app->height};
    const Rect around = rect_inset(views, -MARGIN * app->chrome.scale);
    cut->part = rect_intersect(rect_round(around), cut_window(app).part);
    if (cut->part.w < 1 || cut->part.h < 1 || !draw_plain(app, frame, (Place){.view = -1}))
        return false;
    cut->source = app->capture.plain;
    return true;
}

/// Reads a picture at once.  @return (h, w) RGBA, freed by the caller; NULL: memory is short
static uint8_t *read_cut(App *app, const Cut *cut, int *w, int *h) {
    *w = (int)cut->part.w;
    *h = (int)cut->part.h;
    Readback *readback = readback_create(app->gfx, *w, *h);
    uint8_t *rgba = malloc((size_t)*w * (size_t)*h * 4);
    bool good = readback && rgba;
    if (good) {
        readback_begin(readback, cut->source, cut->height, cut->part,
                       app->chrome.theme->background);
        good = readback_end(readback, rgba);
    }
    readback_destroy(readback);
    if (good) return rgba;
    free(rgba);
    return NULL;
}

// ---- pictures

static void say_error(App *app, const char *en, const char *zh) {
    app_say(app, true, chrome_text(&app->chrome, en, zh));
}

static void say_no_view(App *app) {
    say_error(app, "no view lies under the pointer: point at one first",
              "指针下没有视图：请先指向一个视图");
}

typedef struct Picture {
    uint8_t *rgba; // (h, w)
    int w, h;
} Picture;

static bool write_picture(void *picture_, const char *draft, atomic_llong *progress, Error *error) {
    const Picture *picture = picture_;
    const PngDesc desc = {.width = picture->w, .height = picture->h, .progress = progress};
    return png_save_as(draft, picture->rgba, &desc, error);
}

static void release_picture(void *picture_) {
    Picture *picture = picture_;
    free(picture->rgba);
    free(picture);
}

static void save(App *app, const Cut *cut) {
    Capture *capture = &app->capture;
    Error error = {"screenshot: out of memory"};
    // Of the drawing's own priority: on a busy machine a picture would take its time else.
    if (!capture->pictures)
        capture->pictures = save_queue_create(THREAD_NORMAL, app_wake, app, &error);
    Picture *picture = capture->pictures ? calloc(1, sizeof *picture) : NULL;
    if (picture) picture->rgba = read_cut(app, cut, &picture->w, &picture->h);
    const SaveJob job = {.write = write_picture,
                         .release = release_picture,
                         .context = picture,
                         .name = app_snapshot(app)->experiment->name,
                         .suffix = ".png"};
    if (picture && picture->rgba && save_queue_add(capture->pictures, &job, &error)) return;
    if (picture && !picture->rgba) free(picture);
    app_say(app, true, error.text);
}

/// Says what became of what was being saved; what went wrong last, to be read.
/// @param open  how many there are no news of, which is told, too; NULL: it is not
static void tend_queue(App *app, SaveQueue *queue, int *open) {
    SaveNews news;
    Error error = {""};
    while (queue && save_queue_take(queue, &news)) {
        char more[64] = "";
        if (open && --*open > 0)
            snprintf(more, sizeof more,
                     chrome_text(&app->chrome, "%d more under way", "还有 %d 个正在保存"), *open);
        if (news.saved)
            app_say_saved(app, news.path, more);
        else
            error = news.error;
    }
    if (error.text[0]) app_say(app, true, error.text);
}

static void save_view(App *app, const LayoutFrame *frame) {
    Cut cut;
    const Place place = view_under_mouse(app);
    if (place.view >= 0 && cut_view(app, frame, place, &cut))
        save(app, &cut);
    else
        say_no_view(app);
}

static void export(App *app, const LayoutFrame *frame) {
    Capture *capture = &app->capture;
    const ExportDesc *desc = &app->chrome.export_desc;
    const Place place = view_of_type(app, app->chrome.export_type);
    if (place.view < 0) {
        say_error(app, "the view to save is not in sight: show it, or choose another one",
                  "要保存的视图不可见：请显示它或另选一个");
        return;
    }
    Error error;
    if (!capture->exported)
        capture->exported = save_queue_create(THREAD_BACKGROUND, app_wake, app, &error);
    const bool good =
        capture->exported &&
        (place.beside
             ? beside_export(app->beside, capture->exported, place.view, desc, &error)
             : export_view(capture->exported, app->layout, place.view, frame, desc, &error));
    if (!good) {
        app_say(app, true, error.text);
        return;
    }
    capture->exporting++;
    const bool measures = desc->kind == EXPORT_CSV;
    app_say(app, false,
            measures ? chrome_text(&app->chrome, "measuring the numbers…", "正在测量数据…")
                     : chrome_text(&app->chrome, "saving the figure…", "正在保存插图…"));
    app->notice_until = (double)INFINITY; // up to the news of its end
}

static void copy(App *app, const LayoutFrame *frame) {
    Capture *capture = &app->capture;
    if (capture->copying) {
        say_error(app, "the last picture is still being copied", "上一张图片仍在复制");
        return;
    }
    Cut cut;
    const Place place = view_under_mouse(app);
    if (place.view < 0 || !cut_view(app, frame, place, &cut)) cut = cut_window(app);
    Error error = {"copying the picture: out of memory"};
    int w, h;
    uint8_t *rgba = read_cut(app, &cut, &w, &h);
    if (rgba) capture->copying = copy_picture_start(rgba, w, h, app_wake, app, &error);
    if (!capture->copying) app_say(app, true, error.text);
}

static void tend_copy(App *app) {
    Capture *capture = &app->capture;
    bool good;
    Error error;
    if (!capture->copying || !copy_picture_ended(capture->copying, &good, &error)) return;
    copy_picture_destroy(capture->copying);
    capture->copying = NULL;
    if (good)
        app_say(app, false, chrome_text(&app->chrome, "the picture is copied", "图片已复制"));
    else
        app_say(app, true, error.text);
}

// ---- films

static bool cut_film(App *app, const LayoutFrame *frame, Rect views, Cut *cut) {
    const Capture *capture = &app->capture;
    switch (capture->shows) {
    case FILM_WINDOW: *cut = cut_window(app); return true;
    case FILM_VIEW: return cut_view(app, frame, view_of_type(app, capture->view), cut);
    default: return cut_views(app, frame, views, cut);
    }
}

static void start_film(App *app, const LayoutFrame *frame, Rect views) {
    Capture *capture = &app->capture;
    const Chrome *chrome = &app->chrome;
    capture->shows = chrome->film_shows;
    capture->view = chrome->film_view;
    Cut cut;
    if (!cut_film(app, frame, views, &cut)) {
        say_error(app, "the view to record is not in sight: show it, or choose another one",
                  "要录制的视图不可见：请显示它或另选一个");
        return;
    }
    char folder[APP_TEXT_BYTES];
    Error error;
    if (!paths_pictures(folder, sizeof folder, &error)) {
        app_say(app, true, error.text);
        return;
    }
    const RecorderDesc desc = {.type = film_types[chrome->film_type],
                               .folder = folder,
                               .name = app_snapshot(app)->experiment->name,
                               .width = (int)cut.part.w,
                               .height = (int)cut.part.h,
                               .fps = FILM_FPS,
                               .wake = app_wake,
                               .context = app};
    capture->recording = recording_start(app->gfx, &desc, app->now, &error);
    if (!capture->recording) {
        app_say(app, true, error.text);
        return;
    }
    capture->out_of_sight = false;
    recording_shoot(capture->recording, cut.source, cut.height, cut.part, chrome->theme->background,
                    app->now);
    app->frame_due = true;
}

/// Whether what it shows was drawn in this frame: another view may have been enlarged meanwhile.
static bool is_film_in_sight(const App *app) {
    const Capture *capture = &app->capture;
    Rect part;
    return capture->shows != FILM_VIEW ||
           part_of_view(app, view_of_type(app, capture->view), &part);
}

static void shoot(App *app, const LayoutFrame *frame, Rect views) {
    Cut cut;
    Capture *capture = &app->capture;
    if (!capture->recording) return;
    const bool before = capture->out_of_sight;
    capture->out_of_sight = !is_film_in_sight(app);
    if (capture->out_of_sight && !before && recording_goes_on(capture->recording))
        app_say(app, false,
                chrome_text(&app->chrome, "the film waits: the view that it shows is not in sight",
                            "影片等待中：其视图不可见"));
    if (capture->out_of_sight != before) app->frame_due = true;
    capture_see(app, true);
    if (capture->out_of_sight || !recording_wants(capture->recording, app->now) ||
        !cut_film(app, frame, views, &cut))
        return;
    recording_shoot(capture->recording, cut.source, cut.height, cut.part,
                    app->chrome.theme->background, app->now);
}

/// Whether pictures had to be left out, in words.
static void print_loss(const App *app, Recorder *recorder, char *text, size_t size) {
    int taken, left_out;
    recorder_count(recorder, &taken, &left_out);
    text[0] = '\0';
    if (left_out == 0) return;
    snprintf(text, size,
             chrome_text(&app->chrome, "%d of %d pictures left out", "%d / %d 张图片未收录"),
             left_out, taken + left_out);
}

static void tend_film(App *app) {
    Capture *capture = &app->capture;
    if (!capture->recording) return;
    Recorder *recorder = recording_recorder(capture->recording);
    const RecorderState state = recorder_state(recorder);
    if (state != RECORDER_DONE && state != RECORDER_FAILED) return;
    if (state == RECORDER_DONE) {
        char loss[128];
        print_loss(app, recorder, loss, sizeof loss);
        app_say_saved(app, recorder_path(recorder), loss);
    } else {
        app_say(app, true, recorder_error(recorder)->text);
    }
    recording_destroy(capture->recording);
    capture->recording = NULL;
}

FilmState capture_film_state(const App *app) {
    const Recording *recording = app->capture.recording;
    return !recording ? FILM_NONE : recording_goes_on(recording) ? FILM_RECORDS : FILM_FINISHES;
}

void capture_toggle_film(App *app) {
    Capture *capture = &app->capture;
    switch (capture_film_state(app)) {
    case FILM_NONE: capture->starts = true; break;
    case FILM_RECORDS:
        recording_stop(capture->recording, app->now);
        app_say(app, false, chrome_text(&app->chrome, "finishing the film…", "正在完成影片…"));
        app->notice_until = (double)INFINITY; // up to the news of its end
        break;
    case FILM_FINISHES:
        say_error(app, "the last film is still being finished", "上一部影片仍在完成");
        break;
    }
    app->frame_due = true;
}

bool capture_wants_still(const Capture *capture) {
    return capture->saves_window || capture->saves_view || capture->copies || capture->exports;
}

void capture_frame(App *app, const LayoutFrame *frame, Rect views) {
    Capture *capture = &app->capture;
    capture_collect(app);
    tend_film(app);
    tend_copy(app);
    tend_queue(app, capture->pictures, NULL);
    tend_queue(app, capture->exported, &capture->exporting);
    if (capture->saves_window) {
        const Cut cut = cut_window(app);
        save(app, &cut);
    }
    if (capture->saves_view) save_view(app, frame);
    if (capture->copies) copy(app, frame);
    if (capture->exports) export(app, frame);
    if (capture->starts) start_film(app, frame, views);
    capture->saves_window = capture->saves_view = capture->copies = false;
    capture->exports = capture->starts = false;
    shoot(app, frame, views);
}

bool capture_collect(App *app) {
    Recording *recording = app->capture.recording;
    if (!recording || !recording_pending(recording)) return false;
    recording_collect(recording);
    return true;
}

void capture_see(App *app, bool visible) {
    const Capture *capture = &app->capture;
    if (capture->recording)
        recording_see(capture->recording, visible && !capture->out_of_sight, app->now);
}

double capture_wake_after(const App *app) {
    const Recording *recording = app->capture.recording;
    if (!recording || !recording_goes_on(recording)) return (double)INFINITY;
    if (recording_pending(recording)) return fmax(0, app->last_frame + COLLECT_SECONDS - app->now);
    if (app->capture.out_of_sight) return (double)INFINITY; // it stands still
    const double seconds = recording_seconds(recording, app->now);
    return floor(seconds) + 1 - seconds; // its time is shown
}

// ---- the folder, and the end

void capture_open_folder(App *app) {
#if defined(__APPLE__)
    static const char *const opener = "open";
#else
    static const char *const opener = "xdg-open";
#endif
    Error error;
    if (!process_exists(opener))
        say_error(app, "opening a folder needs the program xdg-open (apt install xdg-utils)",
                  "打开文件夹需要程序 xdg-open (apt install xdg-utils)");
    else if (!process_launch((const char *[]){opener, app->saved_in, NULL}, &error))
        app_say(app, true, error.text);
}

/// @return false: it hangs
static bool close_film(Recording *recording) {
    recording_stop(recording, clock_seconds());
    Recorder *recorder = recording_recorder(recording);
    const bool in_time = recorder_wait(recorder, FILM_SECONDS);
    const bool ended = in_time || recorder_give_up(recorder);
    // It may have come to its end while it was being given up.
    const RecorderState state = recorder_state(recorder);
    if (in_time && state == RECORDER_FAILED)
        log_error("%s", recorder_error(recorder)->text);
    else if (state != RECORDER_DONE)
        log_error("the film was given up: it came no further within %g s", FILM_SECONDS);
    recording_destroy(recording);
    return ended;
}

/// @param kind  what it holds, for messages  @return false: it hangs
static bool close_queue(SaveQueue *queue, double patience, const char *kind) {
    const int left = save_queue_wait(queue, patience);
    SaveNews news;
    while (save_queue_take(queue, &news)) {
        if (!news.saved) log_error("%s", news.error.text);
    }
    if (left == 0) {
        save_queue_destroy(queue);
        return true;
    }
    log_error("%s: %d given up: not saved within %g s", kind, left, patience);
    save_queue_abandon(queue);
    return false;
}

static void *discard(void *arg) {
    pending_discard_all(false);
    atomic_store((atomic_bool *)arg, true);
    return NULL;
}

/// Removes drafts from a disk that hangs, if it lets them be removed.
static void discard_drafts(void) {
    enum { STEPS = 100 };
    static const struct timespec moment = {.tv_nsec = (long)(1e9 * DISCARD_SECONDS / STEPS)};
    static atomic_bool done;
    pthread_t thread;
    if (!thread_start(&thread, discard, &done, "discard", THREAD_NORMAL)) return;
    pthread_detach(thread);
    for (int i = 0; i < STEPS && !atomic_load(&done); i++) nanosleep(&moment, NULL);
}

void capture_close(App *app) {
    Capture *capture = &app->capture;
    bool ended = !capture->recording || close_film(capture->recording);
    SaveQueue *const queues[] = {capture->pictures, capture->exported};
    static const char *const kinds[] = {"pictures", "figures and tables"};
    for (int i = 0; i < 2; i++) {
        const double patience = ended ? SAVE_SECONDS : GRACE_SECONDS;
        if (queues[i] && !close_queue(queues[i], patience, kinds[i])) ended = false;
    }
    copy_picture_destroy(capture->copying);
    if (capture->plain) target_destroy(capture->plain);
    *capture = (Capture){0};
    if (!ended) discard_drafts();
}
