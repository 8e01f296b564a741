/// Videos, made by the ffmpeg program, to which pictures are piped.
#ifndef CAPTURE_VIDEO_H
#define CAPTURE_VIDEO_H

#include "capture/film.h"

extern const FilmType mp4_film, webm_film, webp_film;

#endif
