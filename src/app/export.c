#include "app/export.h"

#include <stdio.h>

#include "app/figure.h"
#include "base/file.h"

static const char *const suffixes[EXPORT_KINDS] = {".png", ".svg", ".pdf", ".csv"};

bool export_numbers(const ViewNumbers *numbers, const char *path, atomic_llong *progress,
                    Error *error) {
    FileWriter writer;
    if (!file_open(&writer, path, error)) return false;
    Table table = {.stream = writer.stream, .progress = progress};
    if (view_numbers_write(numbers, &table, error)) return file_commit(&writer, error);
    file_discard(&writer);
    return false;
}

static bool measure_numbers(void *numbers, Error *error) {
    return view_numbers_measure(numbers, 0, error);
}

static bool write_numbers(void *numbers, const char *draft, atomic_llong *progress, Error *error) {
    return export_numbers(numbers, draft, progress, error);
}

static void release_numbers(void *numbers) {
    view_numbers_destroy(numbers);
}

static bool write_figure(void *figure, const char *draft, atomic_llong *progress, Error *error) {
    return figure_write(figure, draft, progress, error);
}

static void release_figure(void *figure) {
    figure_destroy(figure);
}

bool export_view(SaveQueue *queue, Layout *layout, int view, const LayoutFrame *frame,
                 const ExportDesc *desc, Error *error) {
    SaveJob job = {.name = frame->run->experiment->name, .suffix = suffixes[desc->kind]};
    if (desc->kind == EXPORT_CSV) {
        job.context = layout_numbers(layout, view, frame, error);
        job.prepare = measure_numbers;
        job.write = write_numbers;
        job.release = release_numbers;
    } else {
        const FigureDesc figure = {.width = (double)desc->width,
                                   .dpi = (double)desc->dpi,
                                   .transparent = desc->transparent};
        char name[300]; // for messages: which number it will have is not known yet
        snprintf(name, sizeof name, "saddle-%s%s", job.name, job.suffix);
        job.context = figure_draw(layout, view, frame, &figure, name, error);
        job.write = write_figure;
        job.release = release_figure;
    }
    return job.context && save_queue_add(queue, &job, error);
}
