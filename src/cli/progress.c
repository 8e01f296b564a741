#include "cli/progress.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

void progress_begin(Progress *progress, const char *what, bool quiet) {
    const char *terminal = getenv("TERM");
    bool capable = isatty(STDERR_FILENO) && (!terminal || strcmp(terminal, "dumb") != 0);
    double now = clock_seconds();
    // Short work ends before the first line would appear.
    *progress =
        (Progress){.shown = capable && !quiet, .start = now, .next = now + 0.3, .what = what};
}

static void print_left(double seconds) {
    if (seconds < 90)
        fprintf(stderr, "  %.0f s left", ceil(seconds));
    else if (seconds < 5400)
        fprintf(stderr, "  %.0f min left", seconds / 60);
    else
        fprintf(stderr, "  %.1f h left", seconds / 3600);
}

/// Begins the line, where it is time for a new one.
static bool begin_line(Progress *progress, double *now) {
    if (!progress->shown) return false;
    *now = clock_seconds();
    if (*now < progress->next) return false;
    progress->next = *now + 0.1;
    progress->drawn = true;
    fprintf(stderr, "\r%s", progress->what);
    return true;
}

static void end_line(void) {
    fputs("\033[K", stderr);
    fflush(stderr);
}

void progress_update_share(Progress *progress, int64_t done, int64_t total, double loss,
                           double share) {
    double now;
    if (!begin_line(progress, &now)) return;
    fprintf(stderr, " %" PRId64 "/%" PRId64, done, total);
    if (!isnan(loss)) fprintf(stderr, "  loss %.5g", loss);
    if (share > 0) print_left((now - progress->start) * (1 - share) / share);
    end_line();
}

void progress_update(Progress *progress, int64_t done, int64_t total, double loss) {
    progress_update_share(progress, done, total, loss, (double)done / (double)total);
}

void progress_share(Progress *progress, double share, int64_t total) {
    progress_update_share(progress, (int64_t)(share * (double)total), total, (double)NAN, share);
}

void progress_wait(Progress *progress) {
    double now;
    if (!begin_line(progress, &now)) return;
    fprintf(stderr, "  %.0f s", now - progress->start);
    end_line();
}

void progress_end(Progress *progress) {
    if (progress->drawn) fputs("\r\033[K", stderr);
    progress->drawn = false;
}
