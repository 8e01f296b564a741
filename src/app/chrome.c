#include "app/chrome.h"

#include <math.h>

const char *chrome_text(const Chrome *chrome, const char *en, const char *zh) {
    return chrome->chinese ? zh : en;
}

void chrome_hairline(Chrome *chrome, Rect r, Edge edge) {
    float line = fmaxf(1, roundf(chrome->scale));
    Rect strip = edge == EDGE_RIGHT ? (Rect){r.x + r.w - line, r.y, line, r.h}
                 : edge == EDGE_TOP ? (Rect){r.x, r.y, r.w, line}
                                    : (Rect){r.x, r.y + r.h - line, r.w, line};
    draw_rect(ui_gfx(chrome->ui), strip, 0, chrome->theme->hairline);
}
