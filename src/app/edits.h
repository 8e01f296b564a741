/// Changed copies of an experiment, as the side panel asks for them: each keeps the copy whole (a
/// loss that fits the last activation, landscape axes that the network has, weights to start from
/// only where they still fit).
#ifndef APP_EDITS_H
#define APP_EDITS_H

#include "train/snapshot.h"

enum { EDIT_HIDDEN_MAX = 15, EDIT_UNITS_MAX = 256 };

/// A copy of the run's experiment, with the settings of the optimizer as they are now.
/// @return owned by the caller; NULL where memory is short
Experiment *edit_begin(const Snapshot *run);
/// Ends an edit: mends what the change broke and checks that a run can be made of it.
/// @return false with error set; the copy is then released
bool edit_end(Experiment *edited, const Snapshot *run, Error *error);

/// Another data set, with its own defaults.
void edit_data(Experiment *edited, const char *kind);
/// Whether the run's network could learn that kind.
bool edit_data_fits(const Snapshot *run, const DatasetKind *kind);
void edit_hidden_activation(Experiment *edited, Activation activation);
void edit_output_activation(Experiment *edited, Activation activation);
/// Drawn weights; given ones are dropped.
void edit_init(Experiment *edited, Init init);
void edit_loss(Experiment *edited, Loss loss);
/// That many hidden layers: the last ones go, or are repeated.
void edit_hidden_count(Experiment *edited, int count);
void edit_units(Experiment *edited, int layer, int units);
/// A copy that starts from the weights in a file.  @return NULL with error set
Experiment *edit_with_weights(const Experiment *experiment, const char *path, Error *error);

#endif
