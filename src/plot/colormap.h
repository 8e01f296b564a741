/// Colour maps of 256 entries: viridis and cividis for magnitudes, a diverging blue-white-red for
/// signs.
#ifndef PLOT_COLORMAP_H
#define PLOT_COLORMAP_H

#include "gfx/geometry.h"

/// X(constant, name)
#define COLORMAP_LIST(X)                                                                           \
    X(COLORMAP_VIRIDIS, "viridis")                                                                 \
    X(COLORMAP_CIVIDIS, "cividis")                                                                 \
    X(COLORMAP_DIVERGING, "diverging")

#define X(constant, name) constant,
typedef enum Colormap { COLORMAP_LIST(X) COLORMAP_COUNT } Colormap;
#undef X

const char *colormap_name(Colormap map);
/// 256 colours, static.
const Color *colormap_table(Colormap map);
/// t is clamped to 0…1; NaN gives transparent.
Color colormap_at(Colormap map, float t);

#endif
