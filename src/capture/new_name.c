#include "capture/new_name.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NUMBERS = 1000000 };

static bool too_long(const char *folder, Error *error) {
    return error_set(error, "%.200s: the name is too long", folder);
}

/// "FOLDER/saddle-NAME-N.SUFFIX"
static bool print(const NewName *self, int n, char *path, size_t size) {
    const int length =
        snprintf(path, size, "%s/saddle-%s-%d%s", self->folder, self->name, n, self->suffix);
    return length >= 0 && (size_t)length < size;
}

static void discard(const Pending *pending) {
    const NewName *self = (const NewName *)pending;
    if (unlink(self->draft) != 0) rmdir(self->draft);
}

/// Bits that no other program has, though it runs elsewhere and saves to the same disk.
static uint64_t random_bits(void) {
    uint64_t bits = 0;
    const int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
    if (fd < 0) return 0;
    if (read(fd, &bits, sizeof bits) != (ssize_t)sizeof bits) bits = 0;
    close(fd);
    return bits;
}

bool new_name_begin(NewName *self, const char *folder, const char *name, const char *suffix,
                    Error *error) {
    static atomic_int count;
    *self = (NewName){.pending.discard = discard, .suffix = suffix};
    if (strlen(folder) >= sizeof self->folder) return too_long(folder, error);
    strcpy(self->folder, folder);
    snprintf(self->name, sizeof self->name, "%.200s", name);
    for (char *c = self->name; *c; c++) { // what a file's name cannot hold, or means numbers
        if (*c == '/' || *c == '%') *c = '-';
    }
    // Of this program alone.
    const int length = snprintf(
        self->draft, sizeof self->draft, "%s/.saddle-%s-%ld-%d-%08" PRIx64 "%s", folder, self->name,
        (long)getpid(), atomic_fetch_add(&count, 1), random_bits() & 0xffffffff, suffix);
    if (length < 0 || (size_t)length >= sizeof self->draft) return too_long(folder, error);
    snprintf(self->shown, sizeof self->shown, "%s/saddle-%s%s", folder, self->name, suffix);
    pending_add(&self->pending);
    return true;
}

/// Moves it to a name that nothing has.  @return an errno; EEXIST: something has that name
static int move(const char *draft, const char *path, bool is_folder) {
    if (is_folder) { // takes the place of one that was made for it
        if (mkdir(path, 0777) != 0) return errno;
        if (rename(draft, path) == 0) return 0;
        const int failed = errno;
        rmdir(path);
        return failed;
    }
    if (link(draft, path) == 0) {
        unlink(draft);
        return 0;
    }
    if (errno == EEXIST) return errno;
    // Not every disk has links: the same with an empty file, which takes two steps.
    const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0666);
    if (fd < 0) return errno;
    close(fd);
    if (rename(draft, path) == 0) return 0;
    const int failed = errno;
    unlink(path);
    return failed;
}

bool new_name_take(NewName *self, Error *error) {
    struct stat status;
    const bool is_folder = stat(self->draft, &status) == 0 && S_ISDIR(status.st_mode);
    for (int n = 1; n < NUMBERS; n++) {
        if (!print(self, n, self->path, sizeof self->path)) return too_long(self->folder, error);
        sigset_t before;
        pending_enter(&before);
        const int failed = move(self->draft, self->path, is_folder);
        pending_leave(&before);
        if (failed == 0) return true;
        if (failed != EEXIST)
            return error_set(error, "%s: cannot write: %s", self->path, strerror(failed));
    }
    return error_set(error, "%s: holds too many of that name", self->folder);
}

void new_name_end(NewName *self) {
    if (self->draft[0]) discard(&self->pending);
    pending_remove(&self->pending);
}

void new_name_blame(const NewName *self, Error *error) {
    error_replace(error, self->draft, self->shown);
}

bool new_name_save(const char *folder, const char *name, const char *suffix,
                   bool (*write)(void *context, const char *draft, Error *error), void *context,
                   char *path, size_t size, Error *error) {
    NewName self;
    if (!new_name_begin(&self, folder, name, suffix, error)) return false;
    bool good = write(context, self.draft, error);
    if (!good)
        new_name_blame(&self, error);
    else
        good = new_name_take(&self, error);
    new_name_end(&self);
    if (good) snprintf(path, size, "%s", self.path);
    return good;
}
