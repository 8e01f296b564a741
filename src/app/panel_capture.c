/// The side panel's section of what is saved: films (which kind, what they show, and a button to
/// begin), and single views as figures or numbers.
#include <string.h>

#include "app/panel.h"
#include "capture/film.h"

int chrome_films(const Chrome *chrome, const char *items[CHROME_FILMS_MAX]) {
    static const char *const names[][3] = {
        {".gif", "GIF", "GIF"},
        {".mp4", "MP4 video", "MP4 视频"},
        {".webm", "WebM video", "WebM 视频"},
        {".webp", "WebP", "WebP"},
        {".png", "numbered PNG", "编号 PNG"},
    };
    int n = 0;
    for (; film_types[n] && n < CHROME_FILMS_MAX; n++) {
        items[n] = film_types[n]->suffix;
        for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
            if (strcmp(film_types[n]->suffix, names[k][0]) == 0)
                items[n] = chrome_text(chrome, names[k][1], names[k][2]);
        }
    }
    return n;
}

static void kind_row(Chrome *chrome, Rect *r) {
    const char *items[CHROME_FILMS_MAX];
    const int n = chrome_films(chrome, items);
    Rect control = panel_labelled(chrome, r, chrome_text(chrome, "film", "影片"));
    ui_menu(chrome->ui, "capture.kind", control, items, n, &chrome->film_type);
    ui_tip(chrome->ui, chrome_text(chrome, "all but GIF and PNG are made by ffmpeg",
                                   "除 GIF 和 PNG 外均由 ffmpeg 生成"));
}

static void shows_row(Chrome *chrome, Rect *r) {
    const char *items[FILM_VIEW + LAYOUT_VIEWS_MAX];
    items[FILM_VIEWS] = chrome_text(chrome, "all views", "全部视图");
    items[FILM_WINDOW] = chrome_text(chrome, "the window", "窗口");
    int n = FILM_VIEW, index = (int)chrome->film_shows;
    if (chrome->film_shows == FILM_VIEW) index = FILM_VIEWS;
    for (int i = 0; i < chrome->n_views; i++) {
        if (chrome->film_shows == FILM_VIEW && chrome->views[i] == chrome->film_view) index = n;
        items[n++] = chrome->titles[i];
    }
    Rect control = panel_labelled(chrome, r, chrome_text(chrome, "shows", "内容"));
    if (!ui_menu(chrome->ui, "capture.shows", control, items, n, &index)) return;
    chrome->film_shows = index < FILM_VIEW ? (FilmShows)index : FILM_VIEW;
    chrome->film_view = index < FILM_VIEW ? NULL : chrome->views[index - FILM_VIEW];
}

/// A figure's width on paper and its resolution.
static void size_row(Chrome *chrome, Rect *r) {
    ExportDesc *desc = &chrome->export_desc;
    Rect control = panel_labelled(chrome, r, chrome_text(chrome, "mm wide, dpi", "宽 mm、dpi"));
    const Rect width = rect_cut_left(&control, (control.w - 6 * chrome->scale) / 2);
    rect_cut_left(&control, 6 * chrome->scale);
    ui_number(chrome->ui, "export.width", width, EXPORT_MM_MIN, EXPORT_MM_MAX, &desc->width);
    ui_number(chrome->ui, "export.dpi", control, EXPORT_DPI_MIN, EXPORT_DPI_MAX, &desc->dpi);
}

static void export_rows(Chrome *chrome, Rect *r) {
    ExportDesc *desc = &chrome->export_desc;
    const char *views[LAYOUT_VIEWS_MAX];
    int index = 0;
    for (int i = 0; i < chrome->n_views; i++) {
        views[i] = chrome->titles[i];
        if (chrome->views[i] == chrome->export_type) index = i;
    }
    if (chrome->n_views == 0) return;
    panel_menu(chrome, r, "export.view", chrome_text(chrome, "view", "视图"), views,
               chrome->n_views, &index);
    chrome->export_type = chrome->views[index];
    const char *kinds[EXPORT_KINDS] = {
        [EXPORT_PNG] = chrome_text(chrome, "figure, PNG", "插图 PNG"),
        [EXPORT_SVG] = chrome_text(chrome, "figure, SVG", "插图 SVG"),
        [EXPORT_PDF] = chrome_text(chrome, "figure, PDF", "插图 PDF"),
        [EXPORT_CSV] = chrome_text(chrome, "numbers, CSV", "数据 CSV"),
    };
    int kind = (int)desc->kind;
    panel_menu(chrome, r, "export.kind", chrome_text(chrome, "as", "保存为"), kinds, EXPORT_KINDS,
               &kind);
    desc->kind = (ExportKind)kind;
    if (desc->kind != EXPORT_CSV) {
        size_row(chrome, r);
        ui_toggle(chrome->ui, "export.transparent", panel_row(chrome, r, UI_ROW),
                  chrome_text(chrome, "transparent ground", "透明背景"), &desc->transparent);
    }
    if (ui_button(chrome->ui, "export.save", panel_row(chrome, r, UI_ROW),
                  chrome_text(chrome, "save", "保存"), true))
        chrome->wishes.export_view = true;
}

void panel_capture(Chrome *chrome, Rect *r) {
    kind_row(chrome, r);
    shows_row(chrome, r);
    const char *label = chrome->film == FILM_RECORDS ? chrome_text(chrome, "stop", "停止")
                        : chrome->film == FILM_FINISHES
                            ? chrome_text(chrome, "finishing…", "正在完成…")
                            : chrome_text(chrome, "record", "录制");
    if (ui_button(chrome->ui, "capture.record", panel_row(chrome, r, UI_ROW), label,
                  chrome->film != FILM_FINISHES))
        chrome->wishes.film = true;
    ui_tip(chrome->ui, "F9");
    export_rows(chrome, r);
}
