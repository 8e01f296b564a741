#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/thread.h"

extern char **environ;

// Those that run, for process_kill_all in a signal handler.
enum { RUNNING_MAX = 8 };
static _Atomic pid_t running[RUNNING_MAX];

// A file that one thread is about to keep from other programs must not get into one that another
// thread starts.
static pthread_mutex_t starting = PTHREAD_MUTEX_INITIALIZER;

/// Puts `to` where `from` stands.
static void replace_running(pid_t from, pid_t to) {
    for (int i = 0; i < RUNNING_MAX; i++) {
        pid_t expected = from;
        if (atomic_compare_exchange_strong(&running[i], &expected, to)) return;
    }
}

void process_kill_all(void) {
    for (int i = 0; i < RUNNING_MAX; i++) {
        const pid_t pid = atomic_load(&running[i]);
        if (pid <= 0) continue;
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
    }
}

double process_seconds_used(void) {
    double seconds = 0;
#if defined(_POSIX_CPUTIME) && _POSIX_CPUTIME >= 0
    for (int i = 0; i < RUNNING_MAX; i++) {
        const pid_t pid = atomic_load(&running[i]);
        clockid_t clock;
        struct timespec used;
        if (pid > 0 && clock_getcpuclockid(pid, &clock) == 0 && clock_gettime(clock, &used) == 0)
            seconds += (double)used.tv_sec + 1e-9 * (double)used.tv_nsec;
    }
#endif
    return seconds;
}

bool process_exists(const char *name) {
    const char *path = getenv("PATH");
    if (!path) path = "/usr/local/bin:/usr/bin:/bin";
    while (*path) {
        const size_t length = strcspn(path, ":");
        char file[PATH_MAX];
        const int n = snprintf(file, sizeof file, "%.*s/%s", (int)length, path, name);
        struct stat status;
        if (n > 0 && (size_t)n < sizeof file && stat(file, &status) == 0 &&
            S_ISREG(status.st_mode) && access(file, X_OK) == 0) {
            return true;
        }
        path += length + (path[length] == ':');
    }
    return false;
}

static void forget(Process *process) {
    if (process->input >= 0) close(process->input);
    if (process->complaints) fclose(process->complaints);
    *process = (Process){.input = -1};
}

/// @param complaints  where its standard error goes; -1: nowhere
/// @return an errno, or 0
static int spawn(pid_t *pid, const char *const *arguments, int input, int complaints) {
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    int failed = posix_spawn_file_actions_init(&files);
    if (failed) return failed;
    failed = posix_spawnattr_init(&attributes);
    if (failed) {
        posix_spawn_file_actions_destroy(&files);
        return failed;
    }
    // In a group of its own, away from the terminal's Ctrl+C; and with signals as they usually are.
    sigset_t defaults, none;
    sigemptyset(&none);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF |
                                              POSIX_SPAWN_SETSIGMASK);
    posix_spawn_file_actions_adddup2(&files, input, STDIN_FILENO);
    posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    if (complaints >= 0)
        posix_spawn_file_actions_adddup2(&files, complaints, STDERR_FILENO);
    else
        posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    // The arguments are not written to: that posix_spawn says otherwise is history.
    union {
        const char *const *in;
        char *const *out;
    } pointer = {.in = arguments};
    failed = posix_spawnp(pid, arguments[0], &files, &attributes, pointer.out, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    return failed;
}

/// Starts a program whose complaints are kept.
/// @param input  what it reads; -1: a pipe, whose other end is process->input
static bool start(Process *process, const char *const *arguments, int input, Error *error) {
    pthread_mutex_lock(&starting);
    *process = (Process){.input = -1, .name = arguments[0], .complaints = tmpfile()};
    int ends[2] = {-1, -1};
    int failed = process->complaints && (input >= 0 || pipe(ends) == 0) ? 0 : errno;
    if (!failed) {
        // Ends that stayed open in another program would keep this one waiting.
        for (int i = 0; i < 2 && ends[i] >= 0; i++) fcntl(ends[i], F_SETFD, FD_CLOEXEC);
        fcntl(fileno(process->complaints), F_SETFD, FD_CLOEXEC);
        process->input = ends[1];
        failed = spawn(&process->pid, arguments, input >= 0 ? input : ends[0],
                       fileno(process->complaints));
        if (ends[0] >= 0) close(ends[0]);
    }
    pthread_mutex_unlock(&starting);
    if (!failed) {
        replace_running(0, process->pid);
        return true;
    }
    forget(process);
    return error_set(error, "%s: cannot start: %s", arguments[0], strerror(failed));
}

bool process_start(Process *process, const char *const *arguments, Error *error) {
    return start(process, arguments, -1, error);
}

bool process_write(Process *process, const void *bytes, size_t size) {
    const char *at = bytes;
    while (size > 0) {
        const ssize_t n = write(process->input, at, size);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        at += n;
        size -= (size_t)n;
    }
    return true;
}

static int wait_for(const Process *process) {
    int status = 0;
    while (waitpid(process->pid, &status, 0) < 0) {
        if (errno == EINTR) continue;
        status = SIGKILL; // process_kill_all was here before
        break;
    }
    replace_running(process->pid, 0);
    return status;
}

/// The last line that says something.
static void read_complaint(Process *process, char *text, size_t size) {
    char line[400];
    rewind(process->complaints);
    while (fgets(line, sizeof line, process->complaints)) {
        line[strcspn(line, "\r\n")] = '\0';
        if (line[0]) snprintf(text, size, "%s", line);
    }
}

/// What came of it, in its own last words.
static bool judge(Process *process, int status, Error *error) {
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return true;
    char why[400] = "it gave no reason";
    if (WIFSIGNALED(status))
        snprintf(why, sizeof why, "it was ended by signal %d", WTERMSIG(status));
    read_complaint(process, why, sizeof why);
    return error_set(error, "%s: failed: %s", process->name, why);
}

bool process_end(Process *process, Error *error) {
    close(process->input);
    process->input = -1;
    const bool good = judge(process, wait_for(process), error);
    forget(process);
    return good;
}

void process_kill(Process *process) {
    if (process->pid <= 0) return;
    kill(process->pid, SIGKILL);
    wait_for(process);
    forget(process);
}

bool process_run(const char *const *arguments, FILE *input, double seconds,
                 const atomic_bool *cancel, Error *error) {
    static const struct timespec moment = {.tv_nsec = 5000000};
    if (fflush(input) != 0 || lseek(fileno(input), 0, SEEK_SET) != 0)
        return error_set(error, "%s: cannot read: %s", arguments[0], strerror(errno));
    Process process;
    if (!start(&process, arguments, fileno(input), error)) return false;
    const double most = 1e9 * seconds / (double)moment.tv_nsec;
    for (long i = 0; (double)i < most; i++) {
        int status;
        const pid_t ended = waitpid(process.pid, &status, WNOHANG);
        if (ended == process.pid || (ended < 0 && errno != EINTR)) {
            replace_running(process.pid, 0);
            const bool good = judge(&process, ended < 0 ? SIGKILL : status, error);
            forget(&process);
            return good;
        }
        if (cancel && atomic_load(cancel)) break;
        nanosleep(&moment, NULL);
    }
    process_kill(&process);
    return error_set(error, "%s: gave no answer within %g s", arguments[0], seconds);
}

/// Somebody must wait for it, lest it remain in the list of processes.
static void *await(void *arg) {
    const pid_t pid = *(pid_t *)arg;
    free(arg);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {
    }
    return NULL;
}

bool process_launch(const char *const *arguments, Error *error) {
    pid_t *pid = malloc(sizeof *pid);
    if (!pid) return error_set(error, "%s: out of memory", arguments[0]);
    pthread_mutex_lock(&starting);
    const int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    const int failed = nothing < 0 ? errno : spawn(pid, arguments, nothing, -1);
    if (nothing >= 0) close(nothing);
    pthread_mutex_unlock(&starting);
    pthread_t thread;
    if (failed) {
        free(pid);
        return error_set(error, "%s: cannot start: %s", arguments[0], strerror(failed));
    }
    if (thread_start(&thread, await, pid, "await", THREAD_BACKGROUND))
        pthread_detach(thread);
    else
        free(pid);
    return true;
}
