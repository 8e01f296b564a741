/// A film as numbered PNG files: "frames/%04d.png".
#ifndef CAPTURE_FRAMES_H
#define CAPTURE_FRAMES_H

#include "capture/film.h"

extern const FilmType frames_film;

#endif
