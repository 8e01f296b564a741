/// Pictures made smaller by averaging what falls into a pixel, or larger as OpenGL's textures are.
#ifndef CAPTURE_RESAMPLE_H
#define CAPTURE_RESAMPLE_H

#include <stdbool.h>
#include <stdint.h>

/// All channels are averaged alike, so pictures with alpha are to be premultiplied. The mean is
/// that of sRGB values, not of light: what was drawn with smooth edges had these blended so, and
/// readers of SVG and PDF do it so. In linear light dark text on white would come out thinner than
/// there.
/// @param from  (m, n) RGBA  @param to  (h, w), written
/// @param smooth  larger: between four pixels; else the nearest one
/// @return false where memory is short
bool resample(const uint8_t *from, int n, int m, uint8_t *to, int w, int h, bool smooth);

/// Premultiplied alpha to straight, in place.  @param pixels  how many
void unpremultiply(uint8_t *rgba, int64_t pixels);

#endif
