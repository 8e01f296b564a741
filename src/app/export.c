#include "app/export.h"

#include "app/figure.h"
#include "base/paths.h"
#include "capture/new_name.h"

static const char *const suffixes[EXPORT_KINDS] = {".png", ".svg", ".pdf", ".csv"};

typedef struct Export {
    Layout *layout;
    int view;
    const LayoutFrame *frame;
    const ExportDesc *desc;
} Export;

static bool write_view(void *context, const char *draft, Error *error) {
    const Export *self = context;
    if (self->desc->kind == EXPORT_CSV)
        return layout_table(self->layout, self->view, self->frame, draft, error);
    const FigureDesc figure = {.width = (double)self->desc->width,
                               .dpi = (double)self->desc->dpi,
                               .transparent = self->desc->transparent};
    return figure_save(self->layout, self->view, self->frame, &figure, draft, error);
}

bool export_view(Layout *layout, int view, const LayoutFrame *frame, const ExportDesc *desc,
                 char *path, size_t size, Error *error) {
    char folder[4096];
    Export export = {layout, view, frame, desc};
    return paths_pictures(folder, sizeof folder, error) &&
           new_name_save(folder, frame->run->experiment->name, suffixes[desc->kind], write_view,
                         &export, path, size, error);
}
