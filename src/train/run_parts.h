/// The parts of run.c that lie in files of their own: the log of changes (run_log.c), commands
/// (run_commands.c), time and slices (run_slice.c). For these four files alone.
#ifndef TRAIN_RUN_PARTS_H
#define TRAIN_RUN_PARTS_H

#include <math.h>

#include "train/run.h"

#define NONE ((double)NAN)
static const Metrics run_unmeasured = {NONE, NONE, NONE, NONE, NONE};
#undef NONE

/// Takes the message back.
void run_say_nothing(Run *run);
/// Puts a new session in place of the present one, if any. Takes it; NULL: error says why.
bool run_take_up(Run *run, Session *session, Error *error);
/// Epoch 0: everything that is remembered is void. What takes long to measure is left to slices.
void run_begin(Run *run);
/// Measures from now on what training has come to.
void run_start_measuring(Run *run);
/// Goes on measuring the epoch that has ended; then it is complete.  @return whether it is
bool run_measure(Run *run);
void run_finish_measuring(Run *run);
/// Where training has stopped early, says so, with the metrics of the weights that were taken.
/// @return whether it has
bool run_show_stop(Run *run);

/// Enters the settings as they are now and, unless NULL, where the weights are put; what was to
/// come after this moment will not.
/// @return false where memory is short: a later look back will miss the change
bool run_enter_change(Run *run, const ParamVector *params);
/// Makes the changes that the log has at this moment.
/// @return how many samples may be trained on until its next one
size_t run_follow_log(Run *run);
/// The change of the weights that was made since this epoch's start, if any.
const Change *run_present_move(const Run *run);

#endif
