/// Hands the mouse to the views: a press in a view's body holds it until the button is let go, the
/// wheel goes to the view under the pointer, two clicks on a title make that view large.
#include <math.h>

#include "views/layout_state.h"

#define CLICK_SLOP 4.0f

/// Tells all views what one of them pointed out.
static void deliver_pick(Layout *layout, const LayoutFrame *frame, ViewActions *actions) {
    actions->picks = false;
    for (int i = 0; i < layout->n_panels; i++) {
        Panel *panel = &layout->panels[i];
        if (!panel->type->pick) continue;
        ViewContext context = layout_context(layout, panel, frame, panel->body);
        panel->type->pick(panel->state, &context, actions->picked);
        panel->revision++;
    }
}

static bool send(Layout *layout, int i, const LayoutFrame *frame, ViewEvent event,
                 ViewActions *actions) {
    Panel *panel = &layout->panels[i];
    if (!panel->type->event) return false;
    ViewContext context = layout_context(layout, panel, frame, panel->body);
    event.area = panel->body;
    bool redraw = panel->type->event(panel->state, &context, &event, actions);
    if (redraw) panel->revision++;
    if (actions->picks) deliver_pick(layout, frame, actions);
    return redraw;
}

/// A press starts a drag in a body, or, twice on a title, makes the view large.
static bool press(Layout *layout, const LayoutFrame *frame, const UiInput *input, int button,
                  ViewActions *actions) {
    for (int i = 0; i < layout->n_panels; i++) {
        const Panel *panel = &layout->panels[i];
        if (!layout_shows(layout, i)) continue;
        if (rect_contains(panel->body, input->mouse_x, input->mouse_y)) {
            layout->held = i;
            layout->held_button = button;
            layout->pressed_x = input->mouse_x;
            layout->pressed_y = input->mouse_y;
            layout->dragged = false;
            if (button != 0 || input->clicks < 2) return true;
            ViewEvent event = {.kind = VIEW_DOUBLE_CLICK, .x = input->mouse_x, .y = input->mouse_y};
            return send(layout, i, frame, event, actions);
        }
        if (button == 0 && input->clicks == 2 && layout->n_panels > 1 &&
            input->mouse_x <= panel->title_end &&
            rect_contains(panel->title, input->mouse_x, input->mouse_y)) {
            layout_enlarge(layout, layout->enlarged == i ? -1 : i);
            return true;
        }
    }
    return false;
}

/// The mouse moves or lets go while a view holds it.
static void hold(Layout *layout, const LayoutFrame *frame, const UiInput *input, float dx, float dy,
                 ViewActions *actions) {
    ViewEvent event = {.button = layout->held_button,
                       .x = input->mouse_x,
                       .y = input->mouse_y,
                       .dx = dx,
                       .dy = dy,
                       .shift = input->shift};
    float slop = CLICK_SLOP * frame->scale;
    bool starts = !layout->dragged && (fabsf(input->mouse_x - layout->pressed_x) > slop ||
                                       fabsf(input->mouse_y - layout->pressed_y) > slop);
    if (starts) {
        layout->dragged = true;
        event.begins = true;
        event.dx = input->mouse_x - layout->pressed_x;
        event.dy = input->mouse_y - layout->pressed_y;
    }
    if (layout->dragged && (event.dx != 0 || event.dy != 0)) {
        event.kind = VIEW_DRAG;
        send(layout, layout->held, frame, event, actions);
    }
    if (input->released[layout->held_button] || !input->down[layout->held_button]) {
        event.kind = layout->dragged ? VIEW_DRAG : VIEW_CLICK;
        event.ends = layout->dragged;
        event.begins = false;
        event.dx = event.dy = 0;
        send(layout, layout->held, frame, event, actions);
        layout->held = -1;
    }
}

static bool turn_wheel(Layout *layout, const LayoutFrame *frame, const UiInput *input,
                       ViewActions *actions) {
    for (int i = 0; i < layout->n_panels; i++) {
        if (!layout_shows(layout, i) ||
            !rect_contains(layout->panels[i].body, input->mouse_x, input->mouse_y)) {
            continue;
        }
        ViewEvent event = {
            .kind = VIEW_WHEEL, .x = input->mouse_x, .y = input->mouse_y, .wheel = input->wheel};
        return send(layout, i, frame, event, actions);
    }
    return false;
}

bool layout_input(Layout *layout, const LayoutFrame *frame, const UiInput *input,
                  ViewActions *actions) {
    layout_place(layout, frame);
    float dx = input->mouse_x - layout->mouse_x, dy = input->mouse_y - layout->mouse_y;
    bool moved = dx != 0 || dy != 0;
    bool was_over = layout->mouse_over;
    bool taken = frame->ui && ui_wants_mouse(frame->ui);
    layout->mouse_x = input->mouse_x;
    layout->mouse_y = input->mouse_y;
    layout->mouse_over =
        input->mouse_inside && !taken && rect_contains(frame->area, input->mouse_x, input->mouse_y);
    if (layout->held >= 0) {
        hold(layout, frame, input, dx, dy, actions);
        return true;
    }
    bool again = was_over != layout->mouse_over || (moved && layout->mouse_over);
    if (!layout->mouse_over) return again;
    for (int button = 0; button < 3; button++) {
        if (input->pressed[button] && layout->held < 0) {
            again = press(layout, frame, input, button, actions) || again;
        }
    }
    if (input->wheel != 0) again = turn_wheel(layout, frame, input, actions) || again;
    return again;
}
