/// The list of views, and the few helpers that all of them share.
#include "views/view.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "gfx/text.h"
#include "plot/ticks.h"

#define VIEW(name) &view_type_##name,
const ViewType *const view_types[] = {
#include "views/list.def"
    NULL};
#undef VIEW

const ViewType *view_find(const char *id) {
    for (const ViewType *const *type = view_types; *type; type++) {
        if (strcmp((*type)->id, id) == 0) return *type;
    }
    return NULL;
}

void view_emit(ViewActions *actions, Command command) {
    int room = (int)(sizeof actions->commands / sizeof actions->commands[0]);
    assert(actions->count < room);
    if (actions->count < room) {
        actions->commands[actions->count++] = command;
    } else {
        command_release(&command);
    }
}

const char *view_text(const ViewContext *context, const char *en, const char *zh) {
    return context->chinese ? zh : en;
}

const Observation *view_observation(const ViewContext *context, int slot, ObservationKind kind) {
    const Observation *observation = context->observations[slot];
    if (!observation || observation->request.kind != kind) return NULL;
    return observation->generation == context->run->generation ? observation : NULL;
}

void view_samples(const ViewContext *context, size_t some, size_t all, char *text, size_t size) {
    text[0] = '\0';
    if (some >= all) return;
    char numbers[2][32];
    count_print((int64_t)some, numbers[0], sizeof numbers[0]);
    count_print((int64_t)all, numbers[1], sizeof numbers[1]);
    snprintf(text, size, view_text(context, "   over %s of %s samples", "   %s 个样本（共 %s 个）"),
             numbers[0], numbers[1]);
}

void view_subscript(int n, char *text, size_t size) {
    static const char *const digits[] = {"₀", "₁", "₂", "₃", "₄", "₅", "₆", "₇", "₈", "₉"};
    char plain[16];
    snprintf(plain, sizeof plain, "%d", n < 0 ? -n : n);
    size_t at = 0;
    if (size > 0) text[0] = '\0';
    for (const char *c = plain; *c && at + 4 <= size; c++) {
        at += (size_t)snprintf(text + at, size - at, "%s", digits[*c - '0']);
    }
}

void view_param_label(ParamRef ref, char *text, size_t size) {
    char layer[48];
    view_subscript(ref.layer, layer, sizeof layer);
    if (ref.col == PARAM_BIAS) {
        snprintf(text, size, "b%s[%d]", layer, ref.row);
    } else {
        snprintf(text, size, "w%s[%d,%d]", layer, ref.row, ref.col);
    }
}

const char *view_loss(const ViewContext *context) {
    Loss loss = context->run->experiment->loss;
    const char *label = loss_label(loss);
    if (loss == LOSS_CROSS_ENTROPY) return view_text(context, label, "交叉熵");
    return loss == LOSS_MSE_BROADCAST ? view_text(context, label, "成对 MSE") : label;
}

void view_round_range(double *lo, double *hi) {
    if (!isfinite(*lo) || !isfinite(*hi) || *hi < *lo) {
        *lo = 0;
        *hi = 1;
    }
    double span = *hi - *lo;
    double level = fmax(fabs(*lo), fabs(*hi));
    if (span <= 1e-9 * level || span <= 0) {
        double half = level > 0 ? 0.5 * level : 0.5;
        *lo -= half;
        *hi += half;
        span = *hi - *lo;
    }
    double power = pow(10, floor(log10(span / 10)));
    double step = span / 10 / power;
    step = (step < 2 ? 1 : step < 5 ? 2 : 5) * power;
    // A hair beyond a round number stays on it: 1.0000001 is 1.
    *lo = floor(*lo / step + 1e-6) * step;
    *hi = ceil(*hi / step - 1e-6) * step;
}

void view_say(const ViewContext *context, const char *why) {
    TextStyle style = {
        .size = 14 * context->scale, .align = TEXT_CENTER, .color = context->theme->muted};
    Rect r = rect_inset(context->area, 8 * context->scale);
    if (r.w < 8 || r.h < 8) return;
    // One line where it fits, else broken at spaces.
    char line[256];
    const char *lines[12];
    int lengths[12], n = 0;
    const char *at = why;
    while (*at && n < 12) {
        const char *fits = NULL, *end = at;
        while (*end) {
            while (*end == ' ') end++;
            while (*end && *end != ' ') end++;
            size_t length = (size_t)(end - at);
            if (length >= sizeof line) break;
            memcpy(line, at, length);
            line[length] = '\0';
            if (fits && text_width(context->gfx, &style, line) > r.w) break;
            fits = end;
        }
        if (!fits) fits = end; // a word wider than the view: it will be cut
        lines[n] = at;
        lengths[n++] = (int)(fits - at);
        at = fits;
        while (*at == ' ') at++;
    }
    float height = 1.4f * style.size;
    float y = r.y + r.h / 2 - height * (float)(n - 1) / 2;
    for (int i = 0; i < n; i++) {
        snprintf(line, sizeof line, "%.*s", lengths[i], lines[i]);
        draw_text_fit(context->gfx, &style, r.x + r.w / 2, y, r.w, line);
        y += height;
    }
}

uint64_t view_pixels_version(const uint8_t *rgba, size_t size) {
    uint64_t hash = 14695981039346656037u; // FNV-1a
    for (size_t i = 0; i < size; i++) hash = (hash ^ rgba[i]) * 1099511628211u;
    return hash;
}

float view_mark_scale(const ViewContext *context) {
    static const float usual = 560, most = 1.7f; // the side of a picture, in units; growth
    float side = fminf(context->area.w, context->area.h) / context->scale;
    return context->scale * fminf(fmaxf(1, sqrtf(side / usual)), most);
}

float view_jitter(int sample) {
    uint32_t h = (uint32_t)sample * 2654435761u;
    h ^= h >> 15;
    h *= 2246822519u;
    h ^= h >> 13;
    return (float)(h & 0xFFFF) / 32767.5f - 1;
}

bool view_has_time(const ViewContext *context) {
    return context->resting || !gfx_is_software(context->gfx);
}

float view_toggle_width(Ui *ui, const char *label) {
    TextStyle style = {.size = 13 * ui_scale(ui)};
    return text_width(ui_gfx(ui), &style, label) + 28 * ui_scale(ui);
}
