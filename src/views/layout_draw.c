/// Draws the panels: frames, bars with titles and widgets, the kept pictures, and over them what
/// the views say about the point under the mouse.
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "gfx/text.h"
#include "views/layout_state.h"

#define CORNER         6.0f
#define EXCHANGE_WIDTH 20.0f

/// Notes whether widgets have changed a view's state.
static void watch_begin(Panel *panel) {
    memcpy(panel->before, panel->state, panel->type->state_size);
}

static void watch_end(Layout *layout, Panel *panel) {
    if (memcmp(panel->before, panel->state, panel->type->state_size) == 0) return;
    panel->revision++;
    layout->changed = true;
}

static const char *title_of(const Panel *panel, const ViewContext *context) {
    if (panel->type->heading) return panel->type->heading(panel->state, context);
    const char *zh = panel->type->title_zh ? panel->type->title_zh : panel->type->title;
    return view_text(context, panel->type->title, zh);
}

const char *layout_title(const Layout *layout, int view, const LayoutFrame *frame) {
    const Panel *panel = &layout->panels[view];
    const ViewContext context = layout_context(layout, panel, frame, panel->body);
    return title_of(panel, &context);
}

/// Where the last of several parts of a subtitle starts, with the space before it; NULL: one part.
static char *last_part(char *text) {
    char *last = NULL;
    for (char *at = strstr(text, "   "); at; at = strstr(at + 3, "   ")) last = at;
    return last;
}

/// The button at the right end that makes the view large; cut off from r.
static void draw_enlarge(Layout *layout, int i, const ViewContext *context, Ui *ui, float y,
                         Rect *r) {
    float scale = context->scale;
    if (layout->n_panels < 2 || r->w < 28 * scale) return;
    Rect icon = rect_cut_right(r, 26 * scale);
    rect_cut_right(r, 4 * scale);
    icon = (Rect){icon.x, y - 12 * scale, 24 * scale, 24 * scale};
    char id[32];
    snprintf(id, sizeof id, "view.%d.enlarge", i);
    bool large = layout->enlarged == i;
    const char *tip = large ? view_text(context, "back to all views", "返回全部视图")
                            : view_text(context, "make this view large", "放大此视图");
    if (ui_icon_button(ui, id, icon, large ? UI_ICON_SHRINK : UI_ICON_ENLARGE, false, true, tip))
        layout->toggled = i;
}

/// The menu of all views beside the title: another one may be put here.
static void draw_exchange(Layout *layout, int i, const ViewContext *context, Ui *ui, float y,
                          Rect *r) {
    const float scale = context->scale;
    if (r->w < EXCHANGE_WIDTH * scale) return;
    enum { MOST = 32 };
    char texts[MOST][160], id[32];
    const char *items[MOST];
    int n = 0, index = -1;
    for (; view_types[n] && n < MOST; n++) {
        const ViewType *type = view_types[n];
        snprintf(texts[n], sizeof texts[n], "%s\t%s",
                 view_text(context, type->title, type->title_zh),
                 view_text(context, type->description, type->description_zh));
        items[n] = texts[n];
        if (type == layout->panels[i].type) index = n;
    }
    Rect place = rect_cut_left(r, EXCHANGE_WIDTH * scale);
    place = (Rect){place.x, y - 10 * scale, place.w, 20 * scale};
    snprintf(id, sizeof id, "view.%d.exchange", i);
    if (!ui_title_menu(ui, id, place, items, n, &index,
                       view_text(context, "show another view here", "在此显示其他视图")))
        return;
    layout->exchanged = i;
    layout->chosen = view_types[index];
}

/// Right-aligned in r. Its parts, set apart by three spaces, go from the last on where room is
/// short.
static void draw_subtitle(const Panel *panel, const ViewContext *context, float y, Rect r) {
    char subtitle[256] = "";
    if (!panel->type->subtitle || r.w < 48 * context->scale) return;
    panel->type->subtitle(panel->state, context, subtitle, sizeof subtitle);
    TextStyle style = {.size = 13 * context->scale,
                       .align = TEXT_RIGHT,
                       .color = context->theme->muted,
                       .tabular = true};
    char *last;
    while (text_width(context->gfx, &style, subtitle) > r.w && (last = last_part(subtitle))) {
        *last = '\0';
    }
    // Small before it is left out: half a number would mislead.
    if (text_width(context->gfx, &style, subtitle) > r.w) style.size = 11 * context->scale;
    if (text_width(context->gfx, &style, subtitle) > r.w) return;
    draw_text(context->gfx, &style, r.x + r.w, y, subtitle);
}

/// Title, widgets, subtitle: what stands in a panel's upper bar.
static void draw_bar(Layout *layout, int i, const LayoutFrame *frame, ViewActions *actions) {
    Panel *panel = &layout->panels[i];
    ViewContext context = layout_context(layout, panel, frame, panel->body);
    float scale = frame->scale;
    TextStyle bold = {
        .size = 15 * scale, .weight = TEXT_BOLD, .align = TEXT_LEFT, .color = frame->theme->text};
    Rect r = panel->title;
    if (r.h < 12 * scale) return;
    float side = fminf(14 * scale, 0.1f * r.w);
    rect_cut_left(&r, side);
    rect_cut_right(&r, frame->ui && layout->n_panels > 1 ? side / 2 : side);
    float y = r.y + r.h / 2 + fminf(1.5f * scale, 0.1f * r.h);

    float room = frame->ui ? fmaxf(0, r.w - (4 + EXCHANGE_WIDTH) * scale) : r.w;
    float width = draw_text_fit(frame->gfx, &bold, r.x, y, room, title_of(panel, &context));
    panel->title_end = r.x + width;
    if (frame->ui) {
        rect_cut_left(&r, width + 4 * scale);
        draw_exchange(layout, i, &context, frame->ui, y, &r);
        rect_cut_left(&r, 8 * scale);
    } else {
        rect_cut_left(&r, width + 12 * scale);
    }
    if (frame->ui) draw_enlarge(layout, i, &context, frame->ui, y, &r);
    if (frame->ui && panel->type->header && r.w > 60 * scale) {
        Rect widgets = {r.x, y - 12 * scale, r.w, 24 * scale};
        watch_begin(panel);
        panel->type->header(panel->state, frame->ui, &context, &widgets, actions);
        watch_end(layout, panel);
        r.w = fmaxf(0, widgets.w - 10 * scale);
    }
    draw_subtitle(panel, &context, y, r);
}

/// A part of a panel's ground and border, and the region for what follows there.
static void draw_ground(const Panel *panel, const LayoutFrame *frame, bool bare, Rect part) {
    float corner = bare ? 0 : CORNER * frame->scale;
    gfx_region(frame->gfx, part);
    gfx_clip_push(frame->gfx, part);
    draw_rect(frame->gfx, panel->frame, corner, frame->theme->panel);
    if (!bare) {
        draw_rect_outline(frame->gfx, panel->frame, corner, fmaxf(1, roundf(frame->scale)),
                          frame->theme->hairline);
    }
    gfx_clip_pop(frame->gfx);
}

/// Its bar, its margins and its picture are regions of their own: the picture, which changes most
/// often, is copied without anything below it.
static void draw_panel(Layout *layout, int i, const LayoutFrame *frame, ViewActions *actions) {
    Panel *panel = &layout->panels[i];
    bool bare = layout_bare(layout, frame), pictured = panel->target != NULL;
    Rect body = panel->body, rest = panel->frame;
    Rect top = rect_cut_top(&rest, body.y - rest.y);
    if (pictured) {
        draw_ground(panel, frame, bare, rect_cut_bottom(&rest, rest.y + rest.h - body.y - body.h));
        draw_ground(panel, frame, bare, rect_cut_left(&rest, body.x - rest.x));
        draw_ground(panel, frame, bare, rect_cut_right(&rest, rest.x + rest.w - body.x - body.w));
    } else {
        draw_ground(panel, frame, bare, rest);
    }
    draw_ground(panel, frame, bare, top);
    draw_bar(layout, i, frame, actions);
    if (!pictured) return;
    gfx_region(frame->gfx, body);
    gfx_blit(frame->gfx, panel->target, body);
    if (!panel->type->overlay) return;
    ViewContext context = layout_context(layout, panel, frame, body);
    gfx_clip_push(frame->gfx, body);
    panel->type->overlay(panel->state, &context);
    gfx_clip_pop(frame->gfx);
}

void layout_draw_plain(Layout *layout, const LayoutFrame *frame, int view) {
    LayoutFrame plain = *frame;
    plain.ui = NULL;
    for (int i = 0; i < layout->n_panels; i++) {
        if (!layout_shows(layout, i) || (view >= 0 && i != view)) continue;
        Panel *panel = &layout->panels[i];
        const float title_end = panel->title_end; // in the window there is less room for it
        draw_ground(panel, &plain, view >= 0 || layout_bare(layout, &plain), panel->frame);
        if (panel->target) gfx_blit(frame->gfx, panel->target, panel->body);
        draw_bar(layout, i, &plain, NULL);
        panel->title_end = title_end;
        if (!panel->type->overlay || panel->body.w < 1 || panel->body.h < 1) continue;
        ViewContext context = layout_context(layout, panel, &plain, panel->body);
        panel->type->overlay(panel->state, &context);
    }
}

void layout_draw(Layout *layout, const LayoutFrame *frame, ViewActions *actions) {
    layout_place(layout, frame);
    if (frame->ui) ui_scope(frame->ui, frame->scope);
    for (int i = 0; i < layout->n_panels; i++) {
        if (layout_shows(layout, i)) draw_panel(layout, i, frame, actions);
    }
    if (frame->ui) ui_scope(frame->ui, NULL);
    if (layout->toggled >= 0) { // not before all are drawn, or this frame would lack some
        layout_enlarge(layout, layout->enlarged == layout->toggled ? -1 : layout->toggled);
        layout->toggled = -1;
    }
    if (layout->exchanged >= 0) {
        layout_set_view(layout, layout->exchanged, layout->chosen, frame->run->experiment);
        layout->exchanged = -1;
    }
}

void layout_panels(Layout *layout, const LayoutFrame *frame, Rect *r, ViewActions *actions) {
    assert(frame->ui);
    for (int i = 0; i < layout->n_panels; i++) {
        Panel *panel = &layout->panels[i];
        if (!panel->type->panel) continue;
        bool repeated = false; // a view that is shown twice has one section, its first one's
        for (int k = 0; k < i; k++) repeated = repeated || layout->panels[k].type == panel->type;
        if (repeated) continue;
        ViewContext context = layout_context(layout, panel, frame, panel->body);
        watch_begin(panel);
        panel->type->panel(panel->state, frame->ui, &context, r, actions);
        watch_end(layout, panel);
    }
}
