#include "capture/new_name.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NUMBERS = 1000000 };

static bool print(const char *folder, const char *name, const char *suffix, const char *dot, int n,
                  char *path, size_t size, Error *error) {
    char plain[512]; // a name may hold what a file's cannot, or what numbered pictures mean
    snprintf(plain, sizeof plain, "%s", name);
    for (char *c = plain; *c; c++) {
        if (*c == '/' || *c == '%') *c = '-';
    }
    const int length = snprintf(path, size, "%s/%ssaddle-%s-%d%s", folder, dot, plain, n, suffix);
    if (length >= 0 && (size_t)length < size) return true;
    return error_set(error, "%.200s: the name is too long", folder);
}

bool new_name_draft(const char *folder, const char *name, const char *suffix, char *path,
                    size_t size, Error *error) {
    static atomic_int count;
    char own[300]; // of this program alone
    snprintf(own, sizeof own, "%.200s-%ld", name, (long)getpid());
    return print(folder, own, suffix, ".", atomic_fetch_add(&count, 1), path, size, error);
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

bool new_name_take(const char *draft, const char *folder, const char *name, const char *suffix,
                   char *path, size_t size, Error *error) {
    struct stat status;
    const bool is_folder = stat(draft, &status) == 0 && S_ISDIR(status.st_mode);
    for (int n = 1; n < NUMBERS; n++) {
        if (!print(folder, name, suffix, "", n, path, size, error)) return false;
        const int failed = move(draft, path, is_folder);
        if (failed == 0) return true;
        if (failed != EEXIST)
            return error_set(error, "%s: cannot write: %s", path, strerror(failed));
    }
    return error_set(error, "%s: holds too many of that name", folder);
}

void new_name_blame(const char *draft, const char *folder, const char *name, const char *suffix,
                    Error *error) {
    const size_t length = strlen(draft);
    if (length == 0 || strncmp(error->text, draft, length) != 0) return;
    const Error before = *error;
    error_set(error, "%.300s/saddle-%.100s%s%s", folder, name, suffix, before.text + length);
}

bool new_name_save(const char *folder, const char *name, const char *suffix,
                   bool (*write)(void *context, const char *draft, Error *error), void *context,
                   char *path, size_t size, Error *error) {
    char draft[4096];
    if (!new_name_draft(folder, name, suffix, draft, sizeof draft, error)) return false;
    if (write(context, draft, error)) {
        if (new_name_take(draft, folder, name, suffix, path, size, error)) return true;
        unlink(draft);
    }
    new_name_blame(draft, folder, name, suffix, error);
    return false;
}
