// A figure is drawn at several times its resolution and averaged down: the smooth edges that the
// primitives have of themselves become finer, and surfaces in three dimensions get some. Vector
// files are drawn in the same coordinates.
#include "app/figure.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "capture/png_file.h"
#include "capture/resample.h"
#include "capture/vector.h"

enum {
    WIDTH_MM = 120,
    DPI = 300,
    SIDE_MAX = 16384,        // pixels
    AREA_MAX = 150000000,    // of them: a poster; drawing it takes some 3 GB
    SUPER_MAX = 4,           // pixels drawn along a side of one that is saved
    SUPER_PIXELS = 16000000, // as long as there are no more of them
    LARGE_PIXELS = 64000000, // twice as long as this
    SAMPLES = 4,             // where neither is, up to SUPER_PIXELS * 2
};

#define MM_PER_INCH     25.4
#define POINTS_PER_INCH 72.0
#define UNIT_POINTS     (8.0 / 12.0) // labels are 12 units
#define MARGIN          6.0f         // units

/// A figure's measures.
typedef struct Sheet {
    double width, height; // mm
    double dpi;
    int pixels[2]; // of the file
    int super;     // drawn along a side of one
} Sheet;

static double or_else(double value, double standard) {
    return value > 0 ? value : standard;
}

bool figure_named(const char *path, Error *error) {
    if (file_ends_in(path, ".png") || vector_wanted(path)) return true;
    return error_set(error, "%s: a figure is a .png, .svg or .pdf", path);
}

static bool measure(const FigureDesc *desc, double aspect, Sheet *sheet, Error *error) {
    *sheet = (Sheet){.width = or_else(desc->width, WIDTH_MM), .dpi = or_else(desc->dpi, DPI)};
    sheet->height = or_else(desc->height, sheet->width / aspect);
    const double mm[2] = {sheet->width, sheet->height};
    for (int i = 0; i < 2; i++) {
        const double pixels = fmax(1, round(mm[i] / MM_PER_INCH * sheet->dpi));
        if (pixels > SIDE_MAX) {
            return error_set(error,
                             "figure: %g mm at %g dpi are %.0f pixels; at most %d: choose a lower "
                             "resolution (--dpi)",
                             mm[i], sheet->dpi, pixels, SIDE_MAX);
        }
        sheet->pixels[i] = (int)pixels;
    }
    // A height that nobody chose is of whole pixels: then all kinds of files are the same to a
    // hair.
    if (!(desc->height > 0)) sheet->height = sheet->width * sheet->pixels[1] / sheet->pixels[0];
    const double area = (double)sheet->pixels[0] * sheet->pixels[1];
    if (area > AREA_MAX) {
        return error_set(error,
                         "figure: %dx%d pixels are %.0f million; at most %d million: choose a "
                         "lower resolution (--dpi)",
                         sheet->pixels[0], sheet->pixels[1], area / 1e6, AREA_MAX / 1000000);
    }
    const int longer = sheet->pixels[0] > sheet->pixels[1] ? sheet->pixels[0] : sheet->pixels[1];
    sheet->super = SUPER_MAX;
    while (sheet->super > 1 &&
           (longer * sheet->super > SIDE_MAX ||
            area * sheet->super * sheet->super > (sheet->super > 2 ? SUPER_PIXELS : LARGE_PIXELS)))
        sheet->super--;
    return true;
}

bool figure_possible(const FigureDesc *desc, const ViewType *type, const Experiment *experiment,
                     Error *error) {
    Sheet sheet;
    return measure(desc, (double)layout_figure_aspect(type, experiment), &sheet, error);
}

static bool sheet_of(const Layout *layout, int view, const LayoutFrame *frame,
                     const FigureDesc *desc, Sheet *sheet, Error *error) {
    const ViewType *type = layout_type(layout, view);
    const float aspect = layout_figure_aspect(type, frame->run->experiment);
    return measure(desc, (double)aspect, sheet, error);
}

/// @param vector  the sheet to its very edge, in place of the whole pixels next to it
static LayoutFrame frame_on(const Sheet *sheet, const LayoutFrame *frame, const FigureDesc *desc,
                            bool vector) {
    LayoutFrame out = *frame;
    const int super = sheet->super;
    const float width = (float)(sheet->pixels[0] * super);
    const float height =
        vector ? width * (float)(sheet->height / sheet->width) : (float)(sheet->pixels[1] * super);
    out.theme = desc->theme ? desc->theme : &theme_print;
    out.scale = (float)(UNIT_POINTS / POINTS_PER_INCH * sheet->dpi * super) *
                (desc->scale > 0 ? desc->scale : 1);
    out.area = rect_inset((Rect){0, 0, width, height}, roundf(MARGIN * out.scale));
    out.ui = NULL;
    out.scope = NULL;
    out.resting = true;
    out.figure = true;
    return out;
}

bool figure_frame(const Layout *layout, int view, const LayoutFrame *frame, const FigureDesc *desc,
                  LayoutFrame *out, Error *error) {
    Sheet sheet;
    if (!sheet_of(layout, view, frame, desc, &sheet, error)) return false;
    *out = frame_on(&sheet, frame, desc, false);
    return true;
}

struct Figure {
    Sheet sheet;
    Color ground;
    Vector *vector;
    // A PNG's instead: as drawn, larger than it will be
    int width, height;
    uint8_t *drawn; // (height, width) RGBA
};

static bool draw_pixels(Figure *figure, Layout *layout, int view, const LayoutFrame *frame,
                        Target *target) {
    Gfx *gfx = frame->gfx;
    figure->width = target_width(target);
    figure->height = target_height(target);
    figure->drawn = malloc((size_t)figure->width * (size_t)figure->height * 4);
    if (!figure->drawn) return false;
    gfx_begin(gfx, target, figure->width, figure->height, figure->ground);
    layout_draw_figure(layout, view, frame);
    gfx_end(gfx);
    gfx_read(gfx, target, figure->width, figure->height, figure->drawn);
    return true;
}

static bool draw_vector(Figure *figure, Layout *layout, int view, const LayoutFrame *frame,
                        const FigureDesc *desc, const char *name, Target *target, Error *error) {
    char title[256];
    const ViewType *type = layout_type(layout, view);
    snprintf(title, sizeof title, "%s – %s", frame->run->experiment->name,
             frame->chinese ? type->title_zh : type->title);
    const Sheet *sheet = &figure->sheet;
    figure->vector =
        vector_create(&(VectorDesc){.name = name,
                                    .title = title,
                                    .author = desc->author ? desc->author : "saddle",
                                    .width = sheet->width / MM_PER_INCH * POINTS_PER_INCH,
                                    .height = sheet->height / MM_PER_INCH * POINTS_PER_INCH,
                                    .pixels_across = target_width(target),
                                    .dpi = sheet->dpi,
                                    .ground = figure->ground},
                      error);
    if (!figure->vector) return false;
    gfx_begin_sink(frame->gfx, vector_sink(figure->vector), target);
    layout_draw_figure(layout, view, frame);
    gfx_end(frame->gfx);
    return true;
}

Figure *figure_draw(Layout *layout, int view, const LayoutFrame *from, const FigureDesc *desc,
                    const char *name, Error *error) {
    Sheet sheet;
    if (!sheet_of(layout, view, from, desc, &sheet, error)) return NULL;
    const bool vector = vector_wanted(name);
    const LayoutFrame frame = frame_on(&sheet, from, desc, vector);
    const bool depth = layout_type(layout, view)->depth;
    const int width = sheet.pixels[0] * sheet.super, height = sheet.pixels[1] * sheet.super;
    const bool affords = (double)width * height <= 2.0 * SUPER_PIXELS;
    const int samples = depth && sheet.super == 1 && affords ? SAMPLES : 0;
    Target *target = target_create(frame.gfx, width, height, samples, depth);
    if (!target && samples > 0) target = target_create(frame.gfx, width, height, 0, depth);
    if (!target) {
        error_set(error, "%s: %dx%d pixels do not fit into graphics memory: choose fewer dpi", name,
                  sheet.pixels[0], sheet.pixels[1]);
        return NULL;
    }
    error_set(error, "%s: out of memory", name);
    Figure *figure = calloc(1, sizeof *figure);
    bool good = figure != NULL;
    if (good) {
        figure->sheet = sheet;
        figure->ground = color_alpha(frame.theme->panel, desc->transparent ? 0 : 1);
        good = vector ? draw_vector(figure, layout, view, &frame, desc, name, target, error)
                      : draw_pixels(figure, layout, view, &frame, target);
    }
    target_destroy(target);
    if (good) return figure;
    figure_destroy(figure);
    return NULL;
}

static bool write_png(const Figure *figure, const char *path, atomic_llong *progress,
                      Error *error) {
    const Sheet *sheet = &figure->sheet;
    const PngDesc desc = {.width = sheet->pixels[0],
                          .height = sheet->pixels[1],
                          .alpha = figure->ground.a < 1,
                          .dpi = sheet->dpi,
                          .progress = progress};
    // NOLINTNEXTLINE(clang-analyzer-optin.portability.UnixAPI): no figure is empty
    uint8_t *rgba = malloc((size_t)desc.width * (size_t)desc.height * 4);
    bool good = rgba && resample(figure->drawn, figure->width, figure->height, rgba, desc.width,
                                 desc.height, true);
    if (good) {
        if (desc.alpha) unpremultiply(rgba, (int64_t)desc.width * desc.height);
        good = png_save_as(path, rgba, &desc, error);
    } else {
        error_set(error, "%s: out of memory", path);
    }
    free(rgba);
    return good;
}

bool figure_write(Figure *figure, const char *path, atomic_llong *progress, Error *error) {
    return figure->vector ? vector_write(figure->vector, path, error)
                          : write_png(figure, path, progress, error);
}

void figure_destroy(Figure *figure) {
    if (!figure) return;
    vector_destroy(figure->vector);
    free(figure->drawn);
    free(figure);
}

bool figure_save(Layout *layout, int view, const LayoutFrame *frame, const FigureDesc *desc,
                 const char *path, Error *error) {
    Figure *figure = figure_draw(layout, view, frame, desc, path, error);
    const bool good = figure && figure_write(figure, path, NULL, error);
    figure_destroy(figure);
    return good;
}
