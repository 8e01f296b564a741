#include "app/chrome.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "plot/ticks.h"

const char *chrome_text(const Chrome *chrome, const char *en, const char *zh) {
    return chrome->chinese ? zh : en;
}

void chrome_number(double value, char *text, size_t size) {
    char number[TICK_LABEL_MAX];
    number_print(value, 3, number, sizeof number);
    char *point = strchr(number, '.');
    if (point) { // "1.00·10⁻⁵": the zeros may stand before more
        char *tail = point + 1 + strspn(point + 1, "0123456789"), *end = tail;
        while (end[-1] == '0') end--;
        if (end[-1] == '.') end--;
        memmove(end, tail, strlen(tail) + 1);
    }
    snprintf(text, size, "%s", number);
}

void chrome_name(const char *name, char *text, size_t size) {
    static const char *const known[][2] = {
        {"xor", "XOR"},           {"xor-corners", "XOR corners"},
        {"sgd", "SGD"},           {"adam", "Adam"},
        {"adamw", "AdamW"},       {"rmsprop", "RMSprop"},
        {"relu", "ReLU"},         {"leaky_relu", "leaky ReLU"},
        {"csv", "CSV"},           {"mse", "MSE"},
        {"half_mse", "half MSE"}, {"mse_broadcast", "MSE broadcast"},
        {"bce", "BCE"},           {"ema_momentum", "EMA momentum"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp(name, known[i][0]) == 0) name = known[i][1];
    }
    snprintf(text, size, "%s", name);
    for (char *c = text; *c; c++) {
        if (*c == '_' || *c == '-') *c = ' ';
    }
}

void chrome_hairline(Chrome *chrome, Rect r, Edge edge) {
    float line = fmaxf(1, roundf(chrome->scale));
    Rect strip = edge == EDGE_RIGHT ? (Rect){r.x + r.w - line, r.y, line, r.h}
                 : edge == EDGE_TOP ? (Rect){r.x, r.y, r.w, line}
                                    : (Rect){r.x, r.y + r.h - line, r.w, line};
    draw_rect(ui_gfx(chrome->ui), strip, 0, chrome->theme->hairline);
}
