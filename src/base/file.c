#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/pending.h"

// A temporary file's name, for as long as it goes with the program.
typedef struct Temporary {
    Pending pending; // first
    char path[];
} Temporary;

static void discard_temporary(const Pending *pending) {
    unlink(((const Temporary *)pending)->path);
}

static Temporary *temporary_of(const FileWriter *writer) {
    return (Temporary *)(void *)(writer->temporary - offsetof(Temporary, path));
}

/// Makes the file "TARGET.tmp.XXXXXX".  @return its descriptor, or -1 with errno set
static int make_temporary(FileWriter *writer) {
    const size_t length = strlen(writer->target);
    Temporary *temporary = malloc(sizeof *temporary + length + 12);
    if (!temporary) return -1;
    temporary->pending.discard = discard_temporary;
    memcpy(temporary->path, writer->target, length);
    memcpy(temporary->path + length, ".tmp.XXXXXX", 12);
    writer->temporary = temporary->path;
    sigset_t before;
    pending_enter(&before);
    const int fd = mkstemp(temporary->path);
    if (fd >= 0) pending_add(&temporary->pending);
    const int reason = errno;
    pending_leave(&before);
    errno = reason;
    return fd;
}

static void forget(FileWriter *writer) {
    if (writer->temporary) {
        pending_remove(&temporary_of(writer)->pending);
        free(temporary_of(writer));
    }
    free(writer->target);
    free(writer->name);
    *writer = (FileWriter){0};
}

/// Where a link that lies at `path` leads, relative to where the path is.
/// @return freed by the caller; NULL: memory is short
static char *join_link(const char *path, const char *link) {
    const char *slash = strrchr(path, '/');
    const size_t folder = link[0] == '/' || !slash ? 0 : (size_t)(slash - path) + 1;
    const size_t length = strlen(link) + 1;
    char *joined = malloc(folder + length);
    if (!joined) return NULL;
    memcpy(joined, path, folder);
    memcpy(joined + folder, link, length);
    return joined;
}

char *file_resolve(const char *path) {
    enum { LINKS_MAX = 40 }; // as the system itself follows at most
    char *at = strdup(path);
    bool ends = false;
    for (int i = 0; at && !ends && i < LINKS_MAX; i++) {
        char *next = realpath(at, NULL);
        ends = next != NULL;
        if (!ends) {
            char link[4096];
            const ssize_t length = readlink(at, link, sizeof link - 1);
            if (length <= 0) return at; // nothing lies there yet
            link[length] = '\0';
            next = join_link(at, link);
        }
        free(at);
        at = next;
    }
    return at;
}

static pthread_once_t mask_once = PTHREAD_ONCE_INIT;
static mode_t mask;

/// Once: to be read it must be set, and then it holds for what other threads create, too.
static void read_mask(void) {
    mask = umask(0);
    umask(mask);
}

bool file_open(FileWriter *writer, const char *path, Error *error) {
    *writer = (FileWriter){.name = strdup(path), .target = file_resolve(path)};
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
    if (!exists && errno == ELOOP) {
        // Its links lead in a circle; nobody asked to replace one of them.
    } else if (exists && !S_ISREG(status.st_mode)) {
        writer->stream = fopen(writer->target, "wb");
    } else if (exists && access(writer->target, W_OK) != 0) {
        errno = EACCES; // a rename would replace a file that the user protected
    } else {
        int fd = make_temporary(writer);
        if (fd >= 0) {
            pthread_once(&mask_once, read_mask);
            // mkstemp makes private files; give this one the rights the target has or would get.
            fcntl(fd, F_SETFD, FD_CLOEXEC); // no business of programs started meanwhile
            fchmod(fd, exists ? status.st_mode & 0777 : 0666 & ~mask);
            writer->stream = fdopen(fd, "wb");
            if (!writer->stream) {
                const int reason = errno;
                close(fd);
                unlink(writer->temporary);
                errno = reason;
            }
        }
    }
    if (writer->stream) return true;
    int reason = errno;
    forget(writer);
    return error_set(error, "%s: cannot write: %s", path, strerror(reason));
}

int file_close(FILE *stream, bool sync) {
    int reason = ferror(stream) ? errno : 0;
    bool good = !ferror(stream);
    if (good && fflush(stream) != 0) good = false, reason = errno;
    if (good && sync && fsync(fileno(stream)) != 0) good = false, reason = errno;
    if (fclose(stream) != 0 && good) good = false, reason = errno;
    return good ? 0 : reason ? reason : EIO;
}

bool file_commit(FileWriter *writer, Error *error) {
    int reason = file_close(writer->stream, writer->temporary != NULL);
    writer->stream = NULL;
    if (!reason && writer->temporary) {
        sigset_t before;
        pending_enter(&before); // or what is reported as undone may be done
        if (rename(writer->temporary, writer->target) != 0) reason = errno;
        pending_leave(&before);
    }
    if (reason) {
        error_set(error, "%s: cannot write: %s", writer->name, strerror(reason));
        if (writer->temporary) unlink(writer->temporary);
    }
    forget(writer);
    return reason == 0;
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
