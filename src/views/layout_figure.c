/// One view of a layout alone, for figures.
#include <stdio.h>

#include "views/layout_state.h"

#define FIGURE_ASPECT 1.4f

float layout_figure_aspect(const ViewType *type, const Experiment *experiment) {
    return type->aspect ? type->aspect(experiment) : FIGURE_ASPECT;
}

void layout_draw_figure(Layout *layout, int view, const LayoutFrame *frame) {
    Panel *panel = &layout->panels[view];
    ViewContext context = layout_context(layout, panel, frame, frame->area);
    context.hover = false;
    panel->type->draw(panel->state, &context);
    panel->drawn = false; // what the view noted of the place of things was the figure's
}
