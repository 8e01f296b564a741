/// What vector.c and the two kinds of vector files share.
#ifndef CAPTURE_VECTOR_PARTS_H
#define CAPTURE_VECTOR_PARTS_H

#include "base/file.h"
#include "capture/vector.h"

/// A part of a filled area: a box or a triangle.
typedef struct VectorShape {
    bool triangle;
    Rect box;
    float radius; // of the box's corners
    float xy[6];  // clockwise
} VectorShape;

/// A kind of file. Coordinates are the sink's pixels.
typedef struct VectorType {
    const char *suffix;
    /// @return false with error set (without the file's name)
    bool (*begin)(Vector *vector, Error *error);
    void (*clip)(Vector *vector, Rect r);
    /// Shapes of one colour as one area: where they touch or overlap nothing shows.
    void (*fill)(Vector *vector, const VectorShape *shapes, int n, Color color);
    void (*stroke_box)(Vector *vector, Rect r, float radius, float width, Color color);
    /// @param xy  (n, 2), n at least 1
    void (*line)(Vector *vector, const float *xy, int n, float width, Color color);
    /// @param rgba    (m, n) premultiplied
    /// @param smooth  where it is stretched; else each pixel shows as a box
    void (*image)(Vector *vector, const uint8_t *rgba, int n, int m, Rect r, bool smooth);
    void (*text)(Vector *vector, const SinkText *text);
    /// Writes what is left.  @return false with error set (without the file's name)
    bool (*finish)(Vector *vector, Error *error);
    void (*destroy)(Vector *vector); // also after a begin that failed
} VectorType;

extern const VectorType vector_svg, vector_pdf;

struct Vector {
    const VectorType *type;
    VectorDesc desc;
    GfxSink sink;
    FILE *stream; // into bytes; NULL once finished
    char *bytes;
    size_t size;
    void *own;    // the type's
    double point; // points a pixel
    bool failed;  // memory was short

    // An area that may go on growing.
    VectorShape *shapes;
    int n_shapes, shapes_room;
    Color shapes_color;
    float *xy; // (xy_room, 2) a line
    int xy_room;
};

#endif
