// The two themes' colours, one table.
#include "gfx/theme.h"

#include <string.h>

#define RGB(hex)                                                                                   \
    {                                                                                              \
        (float)(((hex) >> 16) & 0xff) / 255.0f, (float)(((hex) >> 8) & 0xff) / 255.0f,             \
            (float)((hex)&0xff) / 255.0f, 1.0f                                                     \
    }

const Theme themes[] = {
    {
        .name = "dark",
        .dark = true,
        .background = RGB(0x11151C),
        .panel = RGB(0x171C25),
        .raised = RGB(0x1F2631),
        .hairline = RGB(0x2B3442),
        .text = RGB(0xE6EAF0),
        .muted = RGB(0x93A0B2),
        .accent = RGB(0x5AB0F6),
        .on_accent = RGB(0x0B121B),
        .warning = RGB(0xF2A65A),
        .recording = RGB(0xFF5C50),
        .class0 = RGB(0xE69F00),
        .class1 = RGB(0x56B4E9),
        .train = RGB(0x56B4E9),
        .test = RGB(0xE69F00),
        .truth = RGB(0xD55E00),
        .prediction = RGB(0x56B4E9),
        .path_old = RGB(0x6B7280),
        .path_new = RGB(0xF0E442),
        .ball = RGB(0xF0E442),
        .halo = RGB(0x0B0E13),
        .rivals = {RGB(0x56B4E9), RGB(0xFF6B4A), RGB(0xF4F6FA), RGB(0xF28CC8), RGB(0x3FD9AE),
                   RGB(0xA78BFA), RGB(0xFFA62B)},
    },
    {
        .name = "light",
        .dark = false,
        .background = RGB(0xFAFAF7),
        .panel = RGB(0xF1F1EC),
        .raised = RGB(0xFFFFFF),
        .hairline = RGB(0xD9D9D2),
        .text = RGB(0x1B1F24),
        .muted = RGB(0x5D6673),
        .accent = RGB(0x0B6BCB),
        .on_accent = RGB(0xFFFFFF),
        .warning = RGB(0xA84300),
        .recording = RGB(0xD3261C),
        .class0 = RGB(0xC77700),
        .class1 = RGB(0x0072B2),
        .train = RGB(0x0072B2),
        .test = RGB(0xC77700),
        .truth = RGB(0xB34A00),
        .prediction = RGB(0x0072B2),
        .path_old = RGB(0x9AA0A6),
        .path_new = RGB(0xB8860B),
        .ball = RGB(0xB8860B),
        .halo = RGB(0x1B1F24),
        .rivals = {RGB(0x0B84D8), RGB(0xD9442F), RGB(0xB63FA0), RGB(0x00967A), RGB(0x6E7B8A),
                   RGB(0x7B5FD9), RGB(0x4A3524)},
    },
    {.name = NULL},
};

// Of Okabe and Ito's colours; dark ones for what stands first, light ones for what it is compared
// with.
const Theme theme_print = {
    .name = "print",
    .dark = false,
    .background = RGB(0xFFFFFF),
    .panel = RGB(0xFFFFFF),
    .raised = RGB(0xFFFFFF),
    .hairline = RGB(0xD4D4D4),
    .text = RGB(0x000000),
    .muted = RGB(0x262626),
    .accent = RGB(0x00539B),
    .on_accent = RGB(0xFFFFFF),
    .warning = RGB(0xC85200),
    .class0 = RGB(0xD98200),
    .class1 = RGB(0x005A9C),
    .train = RGB(0x00539B),
    .test = RGB(0xD98200),
    .truth = RGB(0x1A1A1A),
    .prediction = RGB(0x56B4E9),
    .path_old = RGB(0xC8C8C8),
    .path_new = RGB(0xD55E00),
    .ball = RGB(0xD55E00),
    .halo = RGB(0x141414),
    .rivals = {RGB(0x005A9C), RGB(0x141414), RGB(0x56B4E9), RGB(0x00795A), RGB(0xCC79A7),
               RGB(0x7A4FA0), RGB(0x8C6D31)},
};

const Theme *theme_find(const char *name) {
    for (const Theme *t = themes; t->name; t++) {
        if (strcmp(t->name, name) == 0) return t;
    }
    return NULL;
}
