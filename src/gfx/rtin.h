/// A right-triangulated irregular network (Evans, Kirkpatrick & Townsend 2001): a height field over
/// a square as few triangles as a tolerance allows, without cracks.
#ifndef GFX_RTIN_H
#define GFX_RTIN_H

#include <stddef.h>
#include <stdint.h>

typedef struct Rtin {
    int cells;     // a side: a power of two, 2…128
    float *errors; // (cells + 1, cells + 1), written: how far a vertex lies off the longest side of
                   // the triangles that it would halve, or any below them
    uint8_t *leaf; // (cells, cells), written: which halves of a cell are triangles
} Rtin;

/// @param z          (cells + 1, cells + 1) heights, y fastest; not finite: a hole, as large as the
///                   smallest triangles that touch it
/// @param tolerance  how far, upright, a side's middle may lie off the height there
/// @param indices    room for 6 a cell; written: three for each triangle
/// @return how many indices
size_t rtin_triangulate(const Rtin *rtin, const float *z, float tolerance, uint16_t *indices);

#endif
