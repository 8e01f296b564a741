/// Classes as every view shows them: a colour, a mark and a name each.
#include "views/classes.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { COLORS = 10 };

#define RGB(hex)                                                                                   \
    {                                                                                              \
        (float)(((hex) >> 16) & 0xff) / 255.0f, (float)(((hex) >> 8) & 0xff) / 255.0f,             \
            (float)((hex)&0xff) / 255.0f, 1.0f                                                     \
    }

static const Color dark[COLORS] = {RGB(0xE69F00), RGB(0x56B4E9), RGB(0x2FBF8F), RGB(0xF0E442),
                                   RGB(0xE07BB0), RGB(0xF0653A), RGB(0x9A8CF2), RGB(0xB9C0CB),
                                   RGB(0xB98252), RGB(0x8BD346)};
static const Color light[COLORS] = {RGB(0xC77700), RGB(0x0072B2), RGB(0x008F68), RGB(0x948F00),
                                    RGB(0xB0497F), RGB(0xD1442A), RGB(0x6A4FCF), RGB(0x6B7280),
                                    RGB(0x8A5A2B), RGB(0x5B9A00)};

/// What the classes of Fashion-MNIST are, the images that come with the program's package.
static const char *const fashion[COLORS][2] = {
    {"T-shirt", "T恤"}, {"trousers", "裤子"},   {"pullover", "套衫"}, {"dress", "连衣裙"},
    {"coat", "外套"},   {"sandal", "凉鞋"},     {"shirt", "衬衫"},    {"sneaker", "运动鞋"},
    {"bag", "包"},      {"ankle boot", "短靴"},
};

int classes_count(const Dataset *data) {
    if (!data->classes) return 0;
    return data->n_outputs == 1 ? 2 : data->n_outputs;
}

int classes_of(const Dataset *data, size_t sample) {
    const float *t = data->t + sample * (size_t)data->n_outputs;
    if (data->n_outputs == 1) return t[0] >= 0.5f ? 1 : 0;
    int best = 0;
    for (int k = 1; k < data->n_outputs; k++) {
        if (t[k] > t[best]) best = k;
    }
    return best;
}

Color classes_color(const Theme *theme, int class, int count) {
    if (count <= 2) return class == 0 ? theme->class0 : theme->class1;
    return (theme->dark ? dark : light)[class % COLORS];
}

void classes_mark(Gfx *gfx, const Theme *theme, int class, int count, float x, float y,
                  float size) {
    Color color = classes_color(theme, class, count);
    float half = 0.5f * size;
    Rect square = {x - 0.9f * half, y - 0.9f * half, 1.8f * half, 1.8f * half};
    switch (class % 4) {
    case 0: draw_circle(gfx, x, y, half, color); break;
    case 1: draw_rect(gfx, square, 0, color); break;
    case 2: draw_ring(gfx, x, y, 0.8f * half, 0.35f * size, color); break;
    default: draw_rect_outline(gfx, square, 0, 0.3f * size, color); break;
    }
}

bool classes_have_names(const Snapshot *run) {
    const DatasetDesc *data = &run->experiment->data;
    return strcmp(data->kind, "digits") == 0 && data->file[0] == '\0' &&
           run->data->n_outputs == COLORS;
}

void classes_name(const ViewContext *context, int class, char *text, size_t size) {
    if (!classes_have_names(context->run) || class < 0 || class >= COLORS) {
        snprintf(text, size, "%d", class);
        return;
    }
    snprintf(text, size, "%s", fashion[class][context->chinese ? 1 : 0]);
}
