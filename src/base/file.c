#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

// The temporary names under way, for file_discard_all in a signal handler: a fixed table of
// pointers that are only ever stored and cleared whole. Threads may write files at the same time.
enum { PENDING_MAX = 32 };
static _Atomic(char *) pending[PENDING_MAX];
static atomic_int discarding; // how many signal handlers look at the names

static void pending_add(char *path) {
    for (int i = 0; i < PENDING_MAX; i++) {
        char *none = NULL;
        if (atomic_compare_exchange_strong(&pending[i], &none, path)) return;
    }
}

/// From then on nobody else looks at the name: it may be freed.
static void pending_remove(char *path) {
    for (int i = 0; i < PENDING_MAX; i++) {
        char *expected = path;
        if (atomic_compare_exchange_strong(&pending[i], &expected, NULL)) break;
    }
    while (atomic_load(&discarding) > 0) sched_yield();
}

void file_discard_all(void) {
    atomic_fetch_add(&discarding, 1);
    for (int i = 0; i < PENDING_MAX; i++) {
        const char *path = atomic_load(&pending[i]);
        if (path) unlink(path);
    }
    atomic_fetch_sub(&discarding, 1);
}

static void forget(FileWriter *writer) {
    if (writer->temporary) pending_remove(writer->temporary);
    free(writer->target);
    free(writer->temporary);
    free(writer->name);
    *writer = (FileWriter){0};
}

/// Where a path really leads, though its last part may not exist yet. A dangling symlink is
/// followed too.
static char *resolve(const char *path) {
    char *real = realpath(path, NULL);
    if (real) return real;
    char link[4096];
    ssize_t length = readlink(path, link, sizeof link - 1);
    if (length <= 0) return strdup(path);
    link[length] = '\0';
    const char *slash = strrchr(path, '/');
    if (link[0] == '/' || !slash) return strdup(link);
    size_t folder = (size_t)(slash - path) + 1;
    char *joined = malloc(folder + (size_t)length + 1);
    if (!joined) return NULL;
    memcpy(joined, path, folder);
    memcpy(joined + folder, link, (size_t)length + 1);
    return joined;
}

static pthread_once_t mask_once = PTHREAD_ONCE_INIT;
static mode_t mask;

/// Once: to be read it must be set, and then it holds for what other threads create, too.
static void read_mask(void) {
    mask = umask(0);
    umask(mask);
}

bool file_open(FileWriter *writer, const char *path, Error *error) {
    *writer = (FileWriter){.name = strdup(path), .target = resolve(path)};
    if (!writer->name || !writer->target) {
        forget(writer);
        return error_set(error, "%s: out of memory", path);
    }
    struct stat status;
    bool exists = stat(writer->target, &status) == 0;
    if (exists && S_ISDIR(status.st_mode)) {
        forget(writer);
        return error_set(error, "%s: is a folder; give a file's name", path);
    }
    if (exists && !S_ISREG(status.st_mode)) {
        writer->stream = fopen(writer->target, "wb");
    } else if (exists && access(writer->target, W_OK) != 0) {
        errno = EACCES; // a rename would replace a file that the user protected
    } else {
        size_t length = strlen(writer->target);
        writer->temporary = malloc(length + 12);
        if (writer->temporary) {
            memcpy(writer->temporary, writer->target, length);
            memcpy(writer->temporary + length, ".tmp.XXXXXX", 12);
            int fd = mkstemp(writer->temporary);
            if (fd >= 0) {
                pending_add(writer->temporary);
                pthread_once(&mask_once, read_mask);
                // mkstemp makes private files; give this one the rights the target has or would
                // get.
                fcntl(fd, F_SETFD, FD_CLOEXEC); // no business of programs started meanwhile
                fchmod(fd, exists ? status.st_mode & 0777 : 0666 & ~mask);
                writer->stream = fdopen(fd, "wb");
            }
        }
    }
    if (writer->stream) return true;
    int reason = errno;
    forget(writer);
    return error_set(error, "%s: cannot write: %s", path, strerror(reason));
}

bool file_commit(FileWriter *writer, Error *error) {
    FILE *stream = writer->stream;
    bool good = !ferror(stream);
    int reason = good ? 0 : errno;
    if (good && fflush(stream) != 0) good = false, reason = errno;
    if (good && writer->temporary && fsync(fileno(stream)) != 0) good = false, reason = errno;
    if (fclose(stream) != 0 && good) good = false, reason = errno;
    writer->stream = NULL;
    if (good && writer->temporary && rename(writer->temporary, writer->target) != 0) {
        good = false, reason = errno;
    }
    if (!good) {
        error_set(error, "%s: cannot write: %s", writer->name, strerror(reason ? reason : EIO));
        if (writer->temporary) unlink(writer->temporary);
    }
    forget(writer);
    return good;
}

void file_discard(FileWriter *writer) {
    if (writer->stream) fclose(writer->stream);
    if (writer->temporary) unlink(writer->temporary);
    forget(writer);
}

char *file_read(const char *path, size_t limit, size_t *size, Error *error) {
    FILE *file = fopen(path, "rb");
    if (!file) {
        error_set(error, "%s: cannot read: %s", path, strerror(errno));
        return NULL;
    }
    struct stat status;
    if (fstat(fileno(file), &status) == 0 && S_ISDIR(status.st_mode)) {
        fclose(file);
        error_set(error, "%s: is a folder, not a file", path);
        return NULL;
    }
    size_t used = 0, room = 1 << 16;
    char *data = malloc(room);
    while (data) {
        used += fread(data + used, 1, room - 1 - used, file);
        if (used < room - 1) break;
        if (used > limit) break;
        char *grown = realloc(data, room *= 2);
        if (!grown) free(data);
        data = grown;
    }
    bool failed = ferror(file) != 0;
    int reason = errno;
    fclose(file);
    if (data && !failed && used <= limit) {
        data[used] = '\0';
        *size = used;
        return data;
    }
    if (!data)
        error_set(error, "%s: out of memory", path);
    else if (failed)
        error_set(error, "%s: cannot read: %s", path, strerror(reason));
    else
        error_set(error, "%s: larger than the %zu bytes that are allowed", path, limit);
    free(data);
    return NULL;
}

bool file_ends_in(const char *path, const char *suffix) {
    const size_t length = strlen(path), end = strlen(suffix);
    return length >= end && strcasecmp(path + length - end, suffix) == 0;
}
