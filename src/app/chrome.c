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
        {"half_mse", "half MSE"}, {"mse_broadcast", "pairwise MSE"},
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

void chrome_item(const Chrome *chrome, const char *name, char *text, size_t size) {
    static const char *const chinese[][2] = {
        {"none", "无"},
        {"batch", "批归一化"},
        {"layer", "层归一化"},
        {"linear", "线性"},
        {"step", "阶跃"},
        {"constant", "恒定"},
        {"exponential", "指数"},
        {"cosine", "余弦"},
        {"warmup_cosine", "预热余弦"},
        {"zeros", "全零"},
        {"normal", "正态"},
        {"xavier_uniform", "Xavier 均匀"},
        {"xavier_normal", "Xavier 正态"},
        {"he_uniform", "He 均匀"},
        {"he_normal", "He 正态"},
        {"half_mse", "MSE 之半"},
        {"bce", "二元交叉熵"},
        {"cross_entropy", "交叉熵"},
        {"mse_broadcast", "成对 MSE"},
        {"perceptron", "感知机"},
        {"ema_momentum", "EMA 动量"},
        {"xor-corners", "XOR 四角"},
        {"paraboloid", "双曲抛物面"},
        {"error-surface", "误差曲面"},
        {"circles", "同心圆"},
        {"moons", "双月"},
        {"digits", "图像"},
        {"spiral", "螺旋"},
        {"gaussians", "两个高斯团"},
        {"plane", "平面"},
    };
    chrome_name(name, text, size);
    if (!chrome->chinese) return;
    for (size_t i = 0; i < sizeof chinese / sizeof *chinese; i++) {
        if (strcmp(name, chinese[i][0]) == 0) snprintf(text, size, "%s", chinese[i][1]);
    }
}

void chrome_hairline(Chrome *chrome, Rect r, Edge edge) {
    float line = fmaxf(1, roundf(chrome->scale));
    Rect strip = edge == EDGE_RIGHT ? (Rect){r.x + r.w - line, r.y, line, r.h}
                 : edge == EDGE_TOP ? (Rect){r.x, r.y, r.w, line}
                                    : (Rect){r.x, r.y + r.h - line, r.w, line};
    draw_rect(ui_gfx(chrome->ui), strip, 0, chrome->theme->hairline);
}
