#include "app/export.h"

#include "app/figure.h"
#include "base/file.h"
#include "base/paths.h"
#include "capture/new_name.h"

static const char *const suffixes[EXPORT_KINDS] = {".png", ".svg", ".pdf", ".csv"};

typedef struct Export {
    Layout *layout;
    int view;
    const LayoutFrame *frame;
    const ExportDesc *desc;
} Export;

bool export_table(Layout *layout, int view, const LayoutFrame *frame, const char *path,
                  Error *error) {
    FileWriter writer;
    if (!file_open(&writer, path, error)) return false;
    Table table = {.stream = writer.stream};
    if (layout_table(layout, view, frame, 0, &table, error)) return file_commit(&writer, error);
    file_discard(&writer);
    return false;
}

static bool write_view(void *context, const char *draft, Error *error) {
    const Export *self = context;
    if (self->desc->kind == EXPORT_CSV)
        return export_table(self->layout, self->view, self->frame, draft, error);
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
