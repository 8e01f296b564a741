#include "base/series.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

enum { DIGITS_MAX = 9 };

bool series_name(SeriesName *name, const char *pattern, Error *error) {
    const char *slash = strrchr(pattern, '/'), *last = slash ? slash + 1 : pattern;
    const char *at = strchr(pattern, '%'), *number = at && at >= last ? at + 1 : NULL;
    char *end = NULL;
    const long digits = number && isdigit((unsigned char)*number) ? strtol(number, &end, 10) : 0;
    if (end) number = end;
    if (!number || *number != 'd' || digits > DIGITS_MAX || strchr(number, '%')) {
        return error_set(
            error, "%.300s: pictures are numbered, so the name (not a folder's) needs a %%04d",
            pattern);
    }
    const size_t folder = (size_t)(last - pattern), before = (size_t)(at - last);
    const char *after = number + 1;
    if (folder >= sizeof name->folder || before >= sizeof name->before ||
        strlen(after) >= sizeof name->after)
        return error_set(error, "%.100s…: the name is too long", pattern);
    *name = (SeriesName){.digits = (int)digits};
    memcpy(name->folder, pattern, folder);
    memcpy(name->before, last, before);
    memcpy(name->after, after, strlen(after));
    return true;
}

/// Puts a text at the end of another.
static bool append(char *path, size_t size, size_t *length, const char *text, size_t n) {
    if (*length + n >= size) return false;
    memcpy(path + *length, text, n);
    path[ *length += n] = '\0';
    return true;
}

/// FOLDER, name and number, SUFFIX; made by hand: in a signal handler nothing else is allowed.
static bool print(const SeriesName *name, const char *folder, int number, const char *suffix,
                  char *path, size_t size) {
    char digits[16];
    size_t n = sizeof digits, length = 0;
    for (int rest = number, i = 0; rest > 0 || i < name->digits || i == 0; rest /= 10, i++)
        digits[--n] = (char)('0' + rest % 10);
    return append(path, size, &length, folder, strlen(folder)) &&
           append(path, size, &length, name->before, strlen(name->before)) &&
           append(path, size, &length, digits + n, sizeof digits - n) &&
           append(path, size, &length, name->after, strlen(name->after)) &&
           append(path, size, &length, suffix, strlen(suffix));
}

bool series_draft(const Series *series, int number, char *path, size_t size) {
    return print(&series->name, series->draft, number, "", path, size);
}

static void discard(const Pending *pending) {
    const Series *series = (const Series *)pending;
    char path[PATH_MAX];
    const int count = atomic_load(&series->count);
    for (int i = 0; i < count; i++) {
        if (series_draft(series, i, path, sizeof path)) unlink(path);
    }
    rmdir(series->draft);
}

static bool fail(const Series *series, int number, int reason, Error *error) {
    char path[PATH_MAX];
    if (!print(&series->name, series->name.folder, number, "", path, sizeof path)) path[0] = '\0';
    return error_set(error, "%s: cannot write: %s", path, strerror(reason));
}

// ---- what has those names already

typedef enum Standing { STANDING_NONE, STANDING_OLD, STANDING_FIXED } Standing;

/// What has the name of a file to be.  @param reason  why it must stay, where it must
static Standing look(const Series *series, int number, int *reason) {
    char path[PATH_MAX];
    struct stat status;
    *reason = 0;
    if (!print(&series->name, series->name.folder, number, "", path, sizeof path))
        *reason = ENAMETOOLONG;
    else if (stat(path, &status) != 0)
        return STANDING_NONE;
    else if (S_ISDIR(status.st_mode))
        *reason = EISDIR;
    else if (!S_ISREG(status.st_mode))
        *reason = EEXIST;
    else if (access(path, W_OK) != 0)
        *reason = EACCES; // a rename would replace a file that the user protected
    return *reason ? STANDING_FIXED : STANDING_OLD;
}

/// Where a link leads: a name in a folder, which may not exist yet.
typedef struct Link {
    char *from, *to;  // from: a name of the series, without its folder
    const char *name; // the end of to
    dev_t device;     // of the folder of to
    ino_t folder;
} Link;

/// @return the number in a name of the series; -1: it is none
static int number_of(const SeriesName *name, const char *file) {
    const size_t before = strlen(name->before);
    char again[PATH_MAX];
    char *end;
    if (strncmp(file, name->before, before) != 0 || !isdigit((unsigned char)file[before]))
        return -1;
    const long number = strtol(file + before, &end, 10);
    const bool good = number <= INT_MAX && strcmp(end, name->after) == 0 &&
                      print(name, "", (int)number, "", again, sizeof again) &&
                      strcmp(again, file) == 0;
    return good ? (int)number : -1;
}

/// @return 0, or an errno
static int read_link(const SeriesName *name, const char *file, Link *link) {
    char path[PATH_MAX];
    size_t length = 0;
    struct stat folder;
    *link = (Link){.from = strdup(file)};
    if (!append(path, sizeof path, &length, name->folder, strlen(name->folder)) ||
        !append(path, sizeof path, &length, file, strlen(file)))
        return ENAMETOOLONG;
    link->to = file_resolve(path);
    if (!link->from || !link->to || strlen(link->to) >= sizeof path) return ENOMEM;
    char *slash = strrchr(strcpy(path, link->to), '/');
    link->name = slash ? link->to + (slash + 1 - path) : link->to;
    if (slash) slash[slash == path] = '\0';
    if (stat(slash ? path : ".", &folder) != 0) return errno;
    link->device = folder.st_dev;
    link->folder = folder.st_ino;
    return 0;
}

static bool is_same(const Link *a, const Link *b) {
    return a->device == b->device && a->folder == b->folder && strcmp(a->name, b->name) == 0;
}

/// Whether a link leads to where a file can be put that nothing else of the series becomes.
/// @param own  of the folder of the series
static bool check_link(const SeriesName *name, const struct stat *own, const Link *links, int n,
                       Error *error) {
    const Link *link = &links[n];
    const char *folder = name->folder;
    if (link->device != own->st_dev)
        return error_set(error,
                         "%.500s%s: leads to another disk, to %.500s: remove that link, or choose "
                         "other names",
                         folder, link->from, link->to);
    const char *other = NULL;
    if (link->folder == own->st_ino && number_of(name, link->name) >= 0) other = link->name;
    for (int i = 0; i < n && !other; i++) {
        if (is_same(&links[i], link)) other = links[i].from;
    }
    if (!other) return true;
    return error_set(error, "%.500s%s: is the same file as %.500s%s: remove that link", folder,
                     link->from, folder, other);
}

/// Whether none of the links that have names of the series loses a file.
static bool check_links(const SeriesName *name, Error *error) {
    const char *folder = name->folder[0] ? name->folder : ".";
    struct stat own;
    DIR *entries = opendir(folder);
    if (!entries) return true; // making files there says why
    bool good = fstat(dirfd(entries), &own) == 0 ||
                error_set(error, "%.500s: cannot read: %s", folder, strerror(errno));
    Link *links = NULL;
    int n = 0;
    for (const struct dirent *entry; good && (entry = readdir(entries));) {
        struct stat status;
        if (number_of(name, entry->d_name) < 0 ||
            fstatat(dirfd(entries), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0 ||
            !S_ISLNK(status.st_mode))
            continue;
        Link *more = realloc(links, ((size_t)n + 1) * sizeof *links);
        if (more) links = more;
        const int reason = more ? read_link(name, entry->d_name, &links[n++]) : ENOMEM;
        good = reason ? error_set(error, "%.500s%s: cannot write: %s", name->folder, entry->d_name,
                                  strerror(reason))
                      : check_link(name, &own, links, n - 1, error);
    }
    for (int i = 0; i < n; i++) {
        free(links[i].from);
        free(links[i].to);
    }
    free(links);
    closedir(entries);
    return good;
}

/// Whether an older series of these names may be replaced, as far as it goes.
static bool check(const Series *series, Error *error) {
    for (int i = 0; i < INT_MAX; i++) {
        int reason;
        const Standing standing = look(series, i, &reason);
        if (standing == STANDING_NONE) break;
        if (standing == STANDING_FIXED) return fail(series, i, reason, error);
    }
    return check_links(&series->name, error);
}

// ---- on the way

bool series_open(Series *series, const char *pattern, bool new_folder, Error *error) {
    *series = (Series){.pending.discard = discard, .new_folder = new_folder};
    if (!series_name(&series->name, pattern, error)) return false;
    if (!new_folder && !check(series, error)) return false;
    size_t length = 0;
    const char *hidden = new_folder ? "" : ".saddle-XXXXXX";
    if (!append(series->draft, sizeof series->draft - 1, &length, series->name.folder,
                strlen(series->name.folder)) ||
        !append(series->draft, sizeof series->draft - 1, &length, hidden, strlen(hidden)))
        return error_set(error, "%.100s…: the name is too long", pattern);
    sigset_t before;
    pending_enter(&before);
    const bool made = new_folder ? mkdir(series->draft, 0777) == 0 : mkdtemp(series->draft) != NULL;
    const int reason = errno;
    if (made && !new_folder) append(series->draft, sizeof series->draft, &length, "/", 1);
    if (made) pending_add(&series->pending);
    pending_leave(&before);
    if (made) return true;
    return error_set(error, "%.*s: cannot write: %s",
                     new_folder ? (int)length - 1 : (int)strlen(pattern),
                     new_folder ? series->draft : pattern, strerror(reason));
}

FILE *series_begin(Series *series, Error *error) {
    const int number = atomic_load(&series->count);
    char path[PATH_MAX];
    int reason = ENAMETOOLONG;
    if (!series->new_folder) {
        look(series, number, &reason);
        if (!reason && !series_draft(series, number, path, sizeof path)) reason = ENAMETOOLONG;
    } else if (series_draft(series, number, path, sizeof path)) {
        reason = 0;
    }
    FILE *stream = NULL;
    if (!reason) {
        sigset_t before;
        pending_enter(&before);
        const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        reason = errno;
        if (fd >= 0) atomic_store(&series->count, number + 1);
        pending_leave(&before);
        if (fd >= 0 && !(stream = fdopen(fd, "wb"))) {
            reason = errno;
            close(fd);
        }
    }
    if (!stream) fail(series, number, reason, error);
    return stream;
}

bool series_end(Series *series, FILE *stream, Error *error) {
    const int reason = file_close(stream, true);
    return !reason || fail(series, atomic_load(&series->count) - 1, reason, error);
}

// ---- the end

/// One file on its way to its name. Prepared beforehand: nothing is allocated among the renames.
typedef struct Move {
    char *from, *to, *old;
    bool moved, parked; // what was done so far
    mode_t mode;        // of what has the name already; 0: nothing has
} Move;

static void free_moves(Move *moves, int n) {
    for (int i = 0; i < n; i++) {
        free(moves[i].from);
        free(moves[i].to);
        free(moves[i].old);
    }
    free(moves);
}

/// @return 0, or an errno
static int prepare(const Series *series, int number, Move *move) {
    char path[PATH_MAX];
    struct stat status;
    if (series_draft(series, number, path, sizeof path)) move->from = strdup(path);
    if (print(&series->name, series->draft, number, ".old", path, sizeof path))
        move->old = strdup(path);
    if (print(&series->name, series->name.folder, number, "", path, sizeof path)) {
        if (stat(path, &status) == 0) move->mode = status.st_mode;
        move->to = file_resolve(path);
    }
    return move->from && move->to && move->old ? 0 : ENOMEM;
}

/// @return 0, or an errno
static int make(Move *move) {
    if (move->mode) {
        if (rename(move->to, move->old) != 0) return errno;
        move->parked = true;
    }
    if (move->mode) chmod(move->from, move->mode & 0777); // rights stay
    if (rename(move->from, move->to) != 0) return errno;
    move->moved = true;
    return 0;
}

static void undo(Move *move) {
    if (move->moved) rename(move->to, move->from);
    if (move->parked) rename(move->old, move->to);
}

/// All of them, or none.  @param failed  written: which one could not be  @return 0, or an errno
static int make_all(const Series *series, Move *moves, int n, int *failed) {
    sigset_t before;
    pending_enter(&before);
    int reason = 0, done = 0;
    while (done < n && !reason) reason = make(&moves[done++]);
    *failed = done - 1;
    while (reason && done > 0) undo(&moves[--done]);
    for (int i = 0; i < n && !reason; i++) {
        if (moves[i].parked) unlink(moves[i].old);
    }
    if (!reason) rmdir(series->draft);
    pending_leave(&before);
    return reason;
}

bool series_commit(Series *series, Error *error) {
    if (series->new_folder) return true;
    const int n = atomic_load(&series->count);
    int reason = 0, at = 0;
    Move *moves = calloc((size_t)n + 1, sizeof *moves);
    if (!moves) reason = ENOMEM;
    for (int i = 0; i < n && !reason; i++) {
        at = i;
        if (look(series, i, &reason) != STANDING_FIXED) reason = prepare(series, i, &moves[i]);
    }
    if (!reason) reason = make_all(series, moves, n, &at);
    if (moves) free_moves(moves, n);
    return !reason || fail(series, at, reason, error);
}

int series_beyond(const Series *series) {
    int number = atomic_load(&series->count), reason;
    if (series->new_folder) return 0;
    const int first = number;
    while (number < INT_MAX && look(series, number, &reason) != STANDING_NONE) number++;
    return number - first;
}

bool series_path(const Series *series, int number, char *path, size_t size) {
    return print(&series->name, series->name.folder, number, "", path, size);
}

void series_close(Series *series, bool keep) {
    if (!keep || !series->new_folder) discard(&series->pending);
    pending_remove(&series->pending);
}
