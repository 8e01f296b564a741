/// Vector files: what is drawn into a sink becomes an SVG or a PDF with real text and real lines.
/// SVG is written here, since cairo's SVG turns text into outlines that nobody can search or edit;
/// PDF, with its embedded fonts, by cairo.
///
/// Images are resampled to the wanted resolution: what a reader's program would make of a few large
/// pixels differs from one to the next.
#ifndef CAPTURE_VECTOR_H
#define CAPTURE_VECTOR_H

#include <stdbool.h>

#include "base/error.h"
#include "gfx/sink.h"

typedef struct VectorDesc {
    // Borrowed until it is created
    const char *name;           // ends in .svg or .pdf, which it becomes
    const char *title, *author; // UTF-8, what the file says of itself; author: the program
    double width, height;       // on paper, in points (1/72 inch)
    int pixels_across;          // of the sink's coordinates over the width
    double dpi;                 // of images, at most
    Color ground;               // alpha 0: none
} VectorDesc;

typedef struct Vector Vector;

/// Whether a file's name asks for a vector file by its end.
bool vector_wanted(const char *path);

/// Begins one, in memory.  @return NULL with error set
Vector *vector_create(const VectorDesc *desc, Error *error);
/// Draw into it with gfx_begin_sink; it lives as long as the vector.
const GfxSink *vector_sink(Vector *vector);
/// Completes it and writes the file. Then it can only be destroyed.
/// @return false with "NAME: WHY" in error: nothing was left behind.  Thread: any.
bool vector_write(Vector *vector, const char *path, Error *error);
/// NULL is fine.  Thread: any.
void vector_destroy(Vector *vector);

#endif
