/// A view as a file for elsewhere: a figure for a book, or the numbers behind it.
#ifndef APP_EXPORT_H
#define APP_EXPORT_H

#include <stddef.h>
#include <stdint.h>

#include "views/layout.h"

typedef enum ExportKind { EXPORT_PNG, EXPORT_SVG, EXPORT_PDF, EXPORT_CSV, EXPORT_KINDS } ExportKind;

// What the window offers; the command line goes farther.
enum { EXPORT_MM_MIN = 40, EXPORT_MM_MAX = 240, EXPORT_DPI_MIN = 72, EXPORT_DPI_MAX = 600 };

typedef struct ExportDesc {
    ExportKind kind;
    int64_t width, dpi; // of figures: millimetres, EXPORT_MM_MIN…MAX; EXPORT_DPI_MIN…MAX
    bool transparent;   // figures without a ground
} ExportDesc;

/// Saves the numbers behind a view, see layout_table: the whole file or none.
/// @param path  of the file
/// @return false with error set: also where it cannot be written ("NAME: WHY")
bool export_table(Layout *layout, int view, const LayoutFrame *frame, const char *path,
                  Error *error);

/// Saves a view into the folder for pictures under a new name.
/// @param frame  as it was drawn; outside of gfx_begin/gfx_end
/// @param path   written: where it lies
/// @return false with error set: nothing was left behind
/// Thread: the one with the OpenGL context; takes up to a few seconds for a large figure.
bool export_view(Layout *layout, int view, const LayoutFrame *frame, const ExportDesc *desc,
                 char *path, size_t size, Error *error);

#endif
