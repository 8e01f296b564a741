/// A film as numbered PNG files: "frames/%04d.png".
#ifndef CAPTURE_FRAMES_H
#define CAPTURE_FRAMES_H

#include "capture/film.h"

extern const FilmType frames_film;

/// Whether a name has a place for the numbers.  @return false with "NAME: WHY" in error
bool frames_named(const char *pattern, Error *error);
/// Takes the pictures of a film under way away again. Safe in a signal handler.
void frames_discard_all(void);

#endif
