/// One line on a terminal that says how far long work is, and goes away when it ends.
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

typedef struct Progress {
    bool shown; // stderr is a terminal, and nobody asked for quiet
    bool drawn; // a line stands there
    double start, next;
    const char *what; // "epoch", "row"; or what is waited for
} Progress;

void progress_begin(Progress *progress, const char *what, bool quiet);
/// Says "epoch 12/600  loss 0.25  3 s left", a few times a second at most.
/// @param loss  NaN: none to say
void progress_update(Progress *progress, int64_t done, int64_t total, double loss);
/// The same where what is done is another share of the work.  @param share  0: not known yet
void progress_update_share(Progress *progress, int64_t done, int64_t total, double loss,
                           double share);
/// Says "run 12/256  3 s left" of `total` things that take about equally long, a share of which is
/// done.
void progress_share(Progress *progress, double share, int64_t total);
/// Says "directions of curvature  3 s": how long work has taken of which nobody knows how long it
/// will.
void progress_wait(Progress *progress);
/// Clears the line.
void progress_end(Progress *progress);

#endif
