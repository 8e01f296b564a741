/// Animated GIF: each frame is only the rectangle that has changed, in colours that suit it.
#ifndef CAPTURE_GIF_H
#define CAPTURE_GIF_H

#include "capture/film.h"

extern const FilmType gif_film;

#endif
