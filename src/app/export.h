/// A view as a file for elsewhere: a figure for a book, or the numbers behind it.
#ifndef APP_EXPORT_H
#define APP_EXPORT_H

#include <stddef.h>
#include <stdint.h>

#include "capture/save_queue.h"
#include "views/layout.h"

typedef enum ExportKind { EXPORT_PNG, EXPORT_SVG, EXPORT_PDF, EXPORT_CSV, EXPORT_KINDS } ExportKind;

// What the window offers; the command line goes farther.
enum { EXPORT_MM_MIN = 40, EXPORT_MM_MAX = 240, EXPORT_DPI_MIN = 72, EXPORT_DPI_MAX = 600 };

typedef struct ExportDesc {
    ExportKind kind;
    int64_t width, dpi; // of figures: millimetres, EXPORT_MM_MIN…MAX; EXPORT_DPI_MIN…MAX
    bool transparent;   // figures without a ground
} ExportDesc;

/// Writes the numbers behind a view, once measured: the whole file or none.
/// @param path  of the file  @param progress  see Table
/// @return false with "NAME: WHY" or "VIEW: WHY" in error.  Thread: any.
bool export_numbers(const ViewNumbers *numbers, const char *path, atomic_llong *progress,
                    Error *error);

/// Begins to save a view into the folder for pictures under a new name. A figure is drawn now, the
/// numbers are those of now; the rest is left to the queue, which has the news.
/// @param frame  as it was drawn; outside of gfx_begin/gfx_end
/// @return false with error set: there will be no news
/// Thread: the one with the OpenGL context; drawing a large figure takes up to a few seconds.
bool export_view(SaveQueue *queue, Layout *layout, int view, const LayoutFrame *frame,
                 const ExportDesc *desc, Error *error);

#endif
