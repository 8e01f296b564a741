// 3-D primitives for plots.
#include "gfx/scene.h"

#include "gfx/internal.h"

bool scene_init(Gfx *gfx, Error *error) {
    (void)gfx, (void)error;
    return true;
}

void scene_deinit(Gfx *gfx) {
    (void)gfx;
}
