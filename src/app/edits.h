/// Changed copies of an experiment, as the side panel asks for them. A choice that needs another
/// one brings it along: cross_entropy its softmax, a data set with ten classes ten outputs, the
/// perceptron rule its single layer of step units. What a person has just chosen stays; what does
/// not go with it gives way.
#ifndef APP_EDITS_H
#define APP_EDITS_H

#include "train/snapshot.h"

enum { EDIT_HIDDEN_MAX = 15, EDIT_UNITS_MAX = 256 };

/// A copy of the run's experiment, with the settings of the optimizer as they are now.
/// @return owned by the caller; NULL where memory is short
Experiment *edit_begin(const Snapshot *run);
/// Ends an edit: mends what the change broke and checks that a run can be made of it (that files
/// of data can be read is left to the trainer, as it may take long).
/// @return false with error set; the copy is then released
bool edit_end(Experiment *edited, const Snapshot *run, Error *error);

/// Another data set, with its own defaults; edit_end makes the network's end fit it.
void edit_data(Experiment *edited, const char *kind);
/// Whether it can be chosen: data of a file cannot, unless it is the run's.
bool edit_data_fits(const Snapshot *run, const DatasetKind *kind);
/// Whether a network of several layers can have it inside.
bool edit_activation_hidden(Activation activation);
/// Whether the data have a use for it: softmax wants several classes.
bool edit_activation_fits(const Snapshot *run, Activation activation);
bool edit_loss_fits(const Snapshot *run, Loss loss);
void edit_hidden_activation(Experiment *edited, Activation activation);
void edit_output_activation(Experiment *edited, Activation activation);
void edit_norm(Experiment *edited, Norm norm);
/// Hidden layers get the first one's width, so that what they take can be added to what they give.
/// @return whether any layer has a residual connection now: a single hidden layer may not
bool edit_residual(Experiment *edited, bool on, int n_inputs);
void edit_dropout(Experiment *edited, float share);
/// Drawn weights; given ones are dropped.
void edit_init(Experiment *edited, Init init);
void edit_loss(Experiment *edited, Loss loss);
void edit_optimizer(Experiment *edited, OptimizerKind kind);
/// A race of the experiment's optimizer against a few usual ones, where it has none yet.
void edit_race(Experiment *edited);
/// Whether there can be one: the perceptron rule has no rivals.
bool edit_race_fits(const Snapshot *run);
/// One more rival, at most RIVALS_MAX.
void edit_rival_add(Experiment *edited);
void edit_rival_remove(Experiment *edited, int rival);
/// Another optimizer with the kind's usual settings.  @param heavy  sgd: with momentum
void edit_rival_kind(Experiment *edited, int rival, OptimizerKind kind, bool heavy);
void edit_rival_rate(Experiment *edited, int rival, float learning_rate);
void edit_schedule(Experiment *edited, ScheduleKind kind);
void edit_batch(Experiment *edited, int size);
/// That many hidden layers: the last ones go, or are repeated.
void edit_hidden_count(Experiment *edited, int count);
/// A layer's width, and that of the layers that residual connections tie to it.
void edit_units(Experiment *edited, int layer, int units);
/// A copy that starts from the weights in a file.  @return NULL with error set
Experiment *edit_with_weights(const Experiment *experiment, const char *path, Error *error);

#endif
