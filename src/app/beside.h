/// A second run beside the first (`--compare`): it has an experiment and views of its own, and is
/// played, paced, stepped and sought with the first.
#ifndef APP_BESIDE_H
#define APP_BESIDE_H

#include "app/export.h"
#include "train/trainer.h"
#include "views/layout.h"

typedef struct Beside Beside;

/// Adds the run to the trainer. All is borrowed but experiment, which is counted.
/// @param wake  as surveyor_create's  @return NULL with error set
Beside *beside_create(Trainer *trainer, const Experiment *experiment, void (*wake)(void *context),
                      void *context, Error *error);
/// NULL is fine.
void beside_destroy(Beside *beside);

/// Takes the run's newest snapshot.  @return the serial of the newest of it and its rivals
uint64_t beside_take(Beside *beside);
/// Splits an area.  @return where the first run's views go
Rect beside_place(Beside *beside, Rect area, float scale);
/// Input, surveys and pictures of its views, in a frame like the first one's.
void beside_prepare(Beside *beside, const LayoutFrame *first, const UiInput *input);
/// Draws its views, and both runs' names.
void beside_draw(Beside *beside, const LayoutFrame *first);
/// The same as a picture, see layout_draw_plain.  @param view  -1: all, and both runs' names
void beside_draw_plain(Beside *beside, const LayoutFrame *first, int view);
/// Begins to save one of its views, see export_view.
bool beside_export(Beside *beside, SaveQueue *queue, int view, const ExportDesc *desc,
                   Error *error);
const Layout *beside_layout(const Beside *beside);
bool beside_animates(const Beside *beside);
/// Does what its own views asked for in this frame.
void beside_carry_out(Beside *beside);
/// Passes on what was asked of the first run, where it is for both, and numbers it.
/// @param first  the first run
/// @return true where it was for this one alone: to undo what was last done in its views, or redo
bool beside_post(Beside *beside, Command *command, const Snapshot *first);

#endif
