#include "app/beside.h"

#include <stdlib.h>
#include <string.h>

#include "views/compare.h"

struct Beside {
    Trainer *trainer;
    int run;
    const Snapshot *snapshot, *rivals[RIVALS_MAX];
    int n_rivals;
    uint64_t order;     // of the last command, to either run
    Surveyor *surveyor; // of its own: a layout takes all slots
    Layout *layout;
    LayoutFrame frame; // of this frame
    Rect names[COMPARED], views;
    ViewActions actions;
};

Beside *beside_create(Trainer *trainer, const Experiment *experiment, void (*wake)(void *context),
                      void *context, Error *error) {
    Beside *beside = calloc(1, sizeof *beside);
    if (!beside) {
        error_set(error, "out of memory");
        return NULL;
    }
    beside->trainer = trainer;
    beside->surveyor = surveyor_create(wake, context, error);
    if (beside->surveyor) beside->layout = layout_create(experiment, error);
    beside->run = beside->layout ? trainer_add(trainer, experiment, error) : -1;
    if (beside->run < 0) {
        beside_destroy(beside);
        return NULL;
    }
    beside_take(beside);
    return beside;
}

void beside_destroy(Beside *beside) {
    if (!beside) return;
    layout_destroy(beside->layout);
    surveyor_destroy(beside->surveyor);
    free(beside);
}

uint64_t beside_take(Beside *beside) {
    beside->snapshot =
        trainer_race(beside->trainer, beside->run, beside->rivals, &beside->n_rivals);
    uint64_t serial = beside->snapshot->serial;
    for (int i = 0; i < beside->n_rivals; i++) {
        if (beside->rivals[i]->serial > serial) serial = beside->rivals[i]->serial;
    }
    return serial;
}

Rect beside_place(Beside *beside, Rect area, float scale) {
    Rect views[COMPARED];
    compare_places(area, scale, beside->names, views);
    beside->views = views[1];
    return views[0];
}

void beside_prepare(Beside *beside, const LayoutFrame *first, const UiInput *input) {
    LayoutFrame *frame = &beside->frame;
    *frame = *first;
    frame->area = beside->views;
    frame->run = beside->snapshot;
    frame->n_rivals = beside->n_rivals;
    memcpy(frame->rivals, beside->rivals, sizeof frame->rivals);
    frame->scope = "beside";
    layout_input(beside->layout, frame, input, &beside->actions);
    layout_survey(beside->layout, frame, beside->surveyor);
    layout_prepare(beside->layout, frame);
}

static void draw_names(const Beside *beside, const LayoutFrame *first) {
    const LayoutFrame *frames[COMPARED] = {first, &beside->frame};
    for (int i = 0; i < COMPARED; i++) {
        gfx_region(first->gfx, beside->names[i]);
        compare_name(first->gfx, first->theme, first->scale, beside->names[i], frames[i]->run,
                     first->chinese);
    }
}

void beside_draw(Beside *beside, const LayoutFrame *first) {
    layout_draw(beside->layout, &beside->frame, &beside->actions);
    draw_names(beside, first);
}

void beside_draw_plain(Beside *beside, const LayoutFrame *first, int view) {
    layout_draw_plain(beside->layout, &beside->frame, view);
    if (view < 0) draw_names(beside, first);
}

const Layout *beside_layout(const Beside *beside) {
    return beside->layout;
}

bool beside_export(Beside *beside, SaveQueue *queue, int view, const ExportDesc *desc,
                   Error *error) {
    return export_view(queue, beside->layout, view, &beside->frame, desc, error);
}

bool beside_animates(const Beside *beside) {
    return layout_animating(beside->layout, &beside->frame);
}

void beside_carry_out(Beside *beside) {
    for (int i = 0; i < beside->actions.count; i++) {
        Command command = beside->actions.commands[i];
        if (command.kind == COMMAND_MOVE && beside->snapshot->experiment->n_race > 0)
            command.kind = COMMAND_RESTART;
        command.order = ++beside->order;
        trainer_post(beside->trainer, beside->run, command);
    }
    beside->actions.count = 0;
}

/// Takes back, or does again, what was done last: in either run, or in both.
static bool step_back(Beside *beside, Command *command, const Snapshot *first) {
    const Snapshot *own = beside->snapshot;
    bool undo = command->kind == COMMAND_UNDO;
    uint64_t here = undo ? own->undo_order : own->redo_order;
    uint64_t there = undo ? first->undo_order : first->redo_order;
    bool there_first = here == 0 || (there > 0 && (undo ? there > here : there < here));
    command->order = there_first ? there : here;
    if (there_first) return false;
    trainer_post(beside->trainer, beside->run, *command);
    return here != there;
}

bool beside_post(Beside *beside, Command *command, const Snapshot *first) {
    command->order = ++beside->order;
    switch (command->kind) {
    case COMMAND_UNDO:
    case COMMAND_REDO: return step_back(beside, command, first);
    case COMMAND_PLAY:
    case COMMAND_PAUSE:
    case COMMAND_STEP:
    case COMMAND_SET_UNIT:
    case COMMAND_SET_PACE:
    case COMMAND_SEEK: trainer_post(beside->trainer, beside->run, *command); return false;
    case COMMAND_RESTART:
        if (!command->params) trainer_post(beside->trainer, beside->run, *command);
        return false;
    default: return false;
    }
}
