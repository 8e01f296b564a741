#include "app/export.h"

#include <unistd.h>

#include "app/figure.h"
#include "base/paths.h"
#include "capture/new_name.h"

static const char *const suffixes[EXPORT_KINDS] = {".png", ".svg", ".pdf", ".csv"};

static bool write_view(Layout *layout, int view, const LayoutFrame *frame, const ExportDesc *desc,
                       const char *path, Error *error) {
    if (desc->kind == EXPORT_CSV) return layout_table(layout, view, frame, path, error);
    const FigureDesc figure = {
        .width = (double)desc->width, .dpi = (double)desc->dpi, .transparent = desc->transparent};
    return figure_save(layout, view, frame, &figure, path, error);
}

bool export_view(Layout *layout, int view, const LayoutFrame *frame, const ExportDesc *desc,
                 char *path, size_t size, Error *error) {
    const char *name = frame->run->experiment->name, *suffix = suffixes[desc->kind];
    char folder[4096], draft[4096];
    if (!paths_pictures(folder, sizeof folder, error) ||
        !new_name_draft(folder, name, suffix, draft, sizeof draft, error))
        return false;
    if (write_view(layout, view, frame, desc, draft, error)) {
        if (new_name_take(draft, folder, name, suffix, path, size, error)) return true;
        unlink(draft);
    }
    new_name_blame(draft, folder, name, suffix, error);
    return false;
}
