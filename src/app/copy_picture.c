#include "app/copy_picture.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/process.h"
#include "base/thread.h"
#include "capture/png_file.h"

#define PATIENCE 5.0 // seconds for the program to take the picture
#define MOMENT   1.0 // and when the window is closed meanwhile

struct CopyPicture {
    pthread_t thread;
    uint8_t *rgba;
    int width, height;
    const char *const *program;
    void (*wake)(void *context);
    void *context;
    atomic_bool cancel;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool ended, good; // under the lock
    Error error;      // the thread's until it has ended
};

static bool is_set(const char *variable) {
    const char *value = getenv(variable);
    return value && *value;
}

/// The program for this display, or NULL with what to install.
static const char *const *find_program(Error *error) {
    static const char *const wayland[] = {"wl-copy", "--type", "image/png", NULL};
    static const char *const x11[] = {"xclip",     "-selection", "clipboard", "-t",
                                      "image/png", "-i",         NULL};
    if (is_set("WAYLAND_DISPLAY") && process_exists("wl-copy")) return wayland;
    if (is_set("DISPLAY") && process_exists("xclip")) return x11;
    if (!is_set("WAYLAND_DISPLAY") && !is_set("DISPLAY"))
        error_set(error, "copying a picture needs the clipboard of Wayland or X11");
    else if (is_set("WAYLAND_DISPLAY"))
        error_set(error, "copying a picture needs the program wl-copy, which is not installed "
                         "(apt install wl-clipboard)");
    else
        error_set(error, "copying a picture needs the program xclip, which is not installed "
                         "(apt install xclip)");
    return NULL;
}

/// The picture as PNG, for the program to read.  @return NULL with error set
static FILE *pack(CopyPicture *self) {
    const PngDesc desc = {.width = self->width, .height = self->height};
    Error why;
    FILE *file = tmpfile();
    if (!file) {
        error_set(&self->error, "copying the picture: no temporary file: %s", strerror(errno));
        return NULL;
    }
    errno = 0;
    bool good = png_write_to(file, self->rgba, &desc, &why);
    if (fflush(file) != 0 || ferror(file))
        good = error_set(&why, "cannot write a temporary file: %s", strerror(errno ? errno : EIO));
    if (good) return file;
    fclose(file);
    error_set(&self->error, "copying the picture: %s", why.text);
    return NULL;
}

static bool copy(CopyPicture *self) {
    FILE *file = pack(self);
    if (!file) return false;
    const bool good = process_run(self->program, file, PATIENCE, &self->cancel, &self->error);
    fclose(file);
    return good;
}

static void *run(void *arg) {
    CopyPicture *self = arg;
    const bool good = copy(self);
    pthread_mutex_lock(&self->lock);
    self->ended = true;
    self->good = good;
    pthread_cond_signal(&self->changed);
    pthread_mutex_unlock(&self->lock);
    self->wake(self->context);
    return NULL;
}

static void release(CopyPicture *self) {
    pthread_mutex_destroy(&self->lock);
    pthread_cond_destroy(&self->changed);
    free(self->rgba);
    free(self);
}

CopyPicture *copy_picture_start(uint8_t *rgba, int width, int height, void (*wake)(void *context),
                                void *context, Error *error) {
    const char *const *program = find_program(error);
    CopyPicture *self = program ? calloc(1, sizeof *self) : NULL;
    if (!self) {
        if (program) error_set(error, "copying the picture: out of memory");
        free(rgba);
        return NULL;
    }
    *self = (CopyPicture){.rgba = rgba,
                          .width = width,
                          .height = height,
                          .program = program,
                          .wake = wake,
                          .context = context};
    pthread_mutex_init(&self->lock, NULL);
    condition_init(&self->changed);
    if (thread_start(&self->thread, run, self, "copy", THREAD_BACKGROUND)) return self;
    release(self);
    error_set(error, "copying the picture: out of memory");
    return NULL;
}

bool copy_picture_ended(CopyPicture *self, bool *good, Error *error) {
    pthread_mutex_lock(&self->lock);
    const bool ended = self->ended;
    *good = self->good;
    pthread_mutex_unlock(&self->lock);
    if (ended) *error = self->error;
    return ended;
}

void copy_picture_destroy(CopyPicture *self) {
    if (!self) return;
    pthread_mutex_lock(&self->lock);
    if (!self->ended) condition_wait(&self->changed, &self->lock, MOMENT);
    pthread_mutex_unlock(&self->lock);
    atomic_store(&self->cancel, true);
    pthread_join(self->thread, NULL);
    release(self);
}
