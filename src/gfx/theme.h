/// Colours and sizes of the two themes (dark, light). Sizes are in units; pixels = units * scale.
#ifndef GFX_THEME_H
#define GFX_THEME_H

#include "gfx/geometry.h"

typedef struct Theme {
    const char *name; // "dark", "light", "print"
    bool dark;
    Color background, panel, raised, hairline;
    Color text, muted, accent, on_accent, warning, recording;
    Color class0, class1;
    Color train, test, truth, prediction;
    Color path_old, path_new, ball, halo;
    Color rivals[7]; // of a race, beside the ball's; told apart without red and green
} Theme;

/// In the order of `--theme`, ended by a NULL name. The first is the default.
extern const Theme themes[];
/// For figures in books: black on white, and series that differ in lightness too, so that they stay
/// apart for the colour-blind and on paper without colour. No choice for a window.
extern const Theme theme_print;
const Theme *theme_find(const char *name);

#endif
