/// Which font files text is set in, found by family through fontconfig.
#ifndef GFX_FONTS_H
#define GFX_FONTS_H

#include "base/error.h"
#include "gfx/text.h"

enum { FONT_PATH_MAX = 1024, FONT_FAMILY_MAX = 64, FONT_FACES_MAX = 3 };

typedef struct FontFile {
    char path[FONT_PATH_MAX];
    long index; // of the face in a collection
    char family[FONT_FAMILY_MAX];
    bool embolden; // it is to be bold and has no such face: strokes are thickened
} FontFile;

/// The faces of a weight in the order in which a character is looked for: the text font, one with
/// many signs, a Chinese one.
typedef struct FontChain {
    FontFile faces[FONT_FACES_MAX];
    int count;
} FontChain;

/// @param family  the text font; NULL: the first found of Inter, Noto Sans, DejaVu Sans
/// @param chains  (2) by TextWeight, written
/// @return false with error set: the family is not installed, or there is no font at all
bool fonts_find(const char *family, FontChain chains[2], Error *error);

#endif
