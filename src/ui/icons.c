/// Icons as geometry: fonts lack several of them, and lines stay sharp at every size.
#include "ui/internal.h"

#include <math.h>

#define TURN 6.28318530718f

/// Part of a circle as a line, angles in turns, clockwise from the right.
static void arc(Ui *ui, float x, float y, float radius, float from, float to, float width,
                Color c) {
    enum { POINTS = 33 };
    float xy[2 * POINTS];
    for (size_t i = 0; i < POINTS; i++) {
        float angle = TURN * (from + (to - from) * (float)i / (POINTS - 1));
        xy[2 * i] = x + radius * cosf(angle);
        xy[2 * i + 1] = y + radius * sinf(angle);
    }
    draw_polyline(ui->gfx, xy, POINTS, width, c);
}

/// A filled triangle with slightly rounded, anti-aliased edges: its outline goes over them.
static void solid(Ui *ui, float x0, float y0, float x1, float y1, float x2, float y2, float round,
                  Color c) {
    const float fill[6] = {x0, y0, x1, y1, x2, y2};
    const float edge[8] = {x0, y0, x1, y1, x2, y2, x0, y0};
    draw_triangle(ui->gfx, fill, c);
    draw_polyline(ui->gfx, edge, 4, round, c);
}

void ui_chevron(Ui *ui, float x, float y, float size, bool down, Color color) {
    float s = size, round = fmaxf(1, 0.35f * size);
    if (down)
        solid(ui, x - s, y - 0.5f * s, x + s, y - 0.5f * s, x, y + 0.7f * s, round, color);
    else
        solid(ui, x - 0.5f * s, y - s, x - 0.5f * s, y + s, x + 0.7f * s, y, round, color);
}

static void help(Ui *ui, float x, float y, float u, float line, Color c) {
    arc(ui, x, y - 2.6f * u, 2.9f * u, -0.5f, 0.10f, line, c);
    float a = TURN * 0.10f;
    const float stem[8] = {x + 2.9f * u * cosf(a),
                           y - 2.6f * u + 2.9f * u * sinf(a),
                           x + 0.7f * u,
                           y + 0.6f * u,
                           x,
                           y + 1.6f * u,
                           x,
                           y + 2.6f * u};
    draw_polyline(ui->gfx, stem, 4, line, c);
    draw_circle(ui->gfx, x, y + 5.3f * u, 1.15f * u, c);
}

static void corners(Ui *ui, float x, float y, float near, float far, float line, Color c) {
    for (int i = 0; i < 4; i++) {
        float sx = i & 1 ? 1.0f : -1.0f, sy = i & 2 ? 1.0f : -1.0f;
        const float xy[6] = {x + sx * near, y + sy * far, x + sx * far,
                             y + sy * far,  x + sx * far, y + sy * near};
        draw_polyline(ui->gfx, xy, 3, line, c);
    }
}

void ui_icon(Ui *ui, UiIcon icon, Rect r, Color c) {
    Gfx *gfx = ui->gfx;
    float x = r.x + r.w / 2, y = r.y + r.h / 2, u = ui->scale, line = 1.7f * u;
    switch (icon) {
    case UI_ICON_RESTART: {
        float radius = 5.2f * u, middle = y + 1.4f * u, top = middle - radius;
        arc(ui, x, middle, radius, -0.25f, 0.5f, line, c);
        solid(ui, x - 3.4f * u, top, x + 0.6f * u, top - 2.9f * u, x + 0.6f * u, top + 2.9f * u, u,
              c);
        break;
    }
    case UI_ICON_PLAY:
        solid(ui, x - 4.2f * u, y - 5.8f * u, x + 5.8f * u, y, x - 4.2f * u, y + 5.8f * u, 1.6f * u,
              c);
        break;
    case UI_ICON_PAUSE:
        draw_rect(gfx, (Rect){x - 5 * u, y - 6 * u, 3.6f * u, 12 * u}, u, c);
        draw_rect(gfx, (Rect){x + 1.4f * u, y - 6 * u, 3.6f * u, 12 * u}, u, c);
        break;
    case UI_ICON_STEP:
        solid(ui, x - 4.6f * u, y - 4.6f * u, x + 2.2f * u, y, x - 4.6f * u, y + 4.6f * u, 1.4f * u,
              c);
        draw_rect(gfx, (Rect){x + 3.4f * u, y - 5.4f * u, 2.2f * u, 10.8f * u}, 0.8f * u, c);
        break;
    case UI_ICON_ENLARGE: corners(ui, x, y, 2 * u, 5 * u, line, c); break;
    case UI_ICON_SHRINK: corners(ui, x, y, 5.2f * u, 2 * u, line, c); break;
    case UI_ICON_HELP: help(ui, x, y - 0.3f * u, u, line, c); break;
    case UI_ICON_THEME:
        draw_ring(gfx, x, y, 6 * u, 1.5f * u, c);
        gfx_clip_push(gfx, (Rect){x, r.y, r.w, r.h});
        draw_circle(gfx, x, y, 5.4f * u, c);
        gfx_clip_pop(gfx);
        break;
    case UI_ICON_CAMERA:
        draw_rect_outline(gfx, (Rect){x - 7.5f * u, y - 4.5f * u, 15 * u, 10.5f * u}, 2.2f * u,
                          1.6f * u, c);
        draw_rect(gfx, (Rect){x - 2.8f * u, y - 6.4f * u, 5.6f * u, 2.8f * u}, u, c);
        draw_ring(gfx, x, y + 0.8f * u, 2.4f * u, 1.5f * u, c);
        break;
    case UI_ICON_RECORD: draw_circle(gfx, x, y, 5 * u, ui->theme->recording); break;
    case UI_ICON_PANEL:
        draw_rect_outline(gfx, (Rect){x - 7 * u, y - 5.5f * u, 14 * u, 11 * u}, 2 * u, 1.5f * u, c);
        draw_rect(gfx, (Rect){x - 7 * u, y - 5.5f * u, 5 * u, 11 * u}, 2 * u, c);
        break;
    case UI_ICON_SLOWER:
    case UI_ICON_FASTER: {
        float s = icon == UI_ICON_FASTER ? u : -u;
        for (int i = 0; i < 2; i++) {
            float at = x + s * (i ? 1.0f : -5.0f);
            solid(ui, at, y - 3.6f * u, at + 4.2f * s, y, at, y + 3.6f * u, 1.2f * u, c);
        }
        break;
    }
    case UI_ICON_NONE: break;
    }
}
