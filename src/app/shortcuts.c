#include "app/shortcuts.h"

#include <SDL.h>
#include <math.h>
#include <string.h>

typedef struct Key {
    int32_t key;
    bool ctrl;
    Shortcut shortcut;
} Key;

static const Key keys[] = {
    {SDLK_SPACE, false, {SHORTCUT_PLAY, 0}},
    {SDLK_HOME, false, {SHORTCUT_RESTART, 0}},
    {SDLK_LEFT, false, {SHORTCUT_SEEK, -1}},
    {SDLK_RIGHT, false, {SHORTCUT_SEEK, 1}},
    {SDLK_ESCAPE, false, {SHORTCUT_BACK, 0}},
    {SDLK_F1, false, {SHORTCUT_HELP, 0}},
    {SDLK_F5, false, {SHORTCUT_PRESENT, 0}},
    {SDLK_F11, false, {SHORTCUT_FULL_SCREEN, 0}},
    {SDLK_F9, false, {SHORTCUT_RECORD, 0}},
    {SDLK_F12, false, {SHORTCUT_SCREENSHOT, 0}},
    {SDLK_c, true, {SHORTCUT_COPY, 0}},
    {SDLK_q, true, {SHORTCUT_QUIT, 0}},
    {SDLK_z, true, {SHORTCUT_UNDO, 0}},
    {SDLK_y, true, {SHORTCUT_REDO, 0}},
    {SDLK_PLUS, true, {SHORTCUT_TEXT_SIZE, 1}},
    {SDLK_EQUALS, true, {SHORTCUT_TEXT_SIZE, 1}},
    {SDLK_KP_PLUS, true, {SHORTCUT_TEXT_SIZE, 1}},
    {SDLK_MINUS, true, {SHORTCUT_TEXT_SIZE, -1}},
    {SDLK_KP_MINUS, true, {SHORTCUT_TEXT_SIZE, -1}},
    {SDLK_0, true, {SHORTCUT_TEXT_SIZE, 0}},
    {SDLK_KP_0, true, {SHORTCUT_TEXT_SIZE, 0}},
};

Shortcut shortcut_of_key(int32_t key, bool ctrl, bool shift) {
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (keys[i].key != key || keys[i].ctrl != ctrl) continue;
        Shortcut shortcut = keys[i].shortcut;
        if (shortcut.kind == SHORTCUT_SEEK && shift) shortcut.by *= 10;
        if (shortcut.kind == SHORTCUT_SCREENSHOT && shift) shortcut.by = 1;
        if (shortcut.kind == SHORTCUT_UNDO && shift) shortcut.kind = SHORTCUT_REDO;
        return shortcut;
    }
    return (Shortcut){SHORTCUT_NONE, 0};
}

Shortcut shortcut_of_text(const char *text) {
    if (text[0] == '\0' || text[1] != '\0') return (Shortcut){SHORTCUT_NONE, 0};
    switch (text[0]) {
    case '.': return (Shortcut){SHORTCUT_STEP, 0};
    case '[': return (Shortcut){SHORTCUT_PACE, -1};
    case ']': return (Shortcut){SHORTCUT_PACE, 1};
    case '?': return (Shortcut){SHORTCUT_HELP, 0};
    default: break;
    }
    if (text[0] >= '1' && text[0] <= '9') return (Shortcut){SHORTCUT_VIEW, text[0] - '1'};
    return (Shortcut){SHORTCUT_NONE, 0};
}

UiKey shortcut_ui_key(int32_t key, bool shift) {
    switch (key) {
    case SDLK_TAB: return shift ? UI_KEY_BACKTAB : UI_KEY_TAB;
    case SDLK_RETURN:
    case SDLK_KP_ENTER: return UI_KEY_ENTER;
    case SDLK_ESCAPE: return UI_KEY_ESCAPE;
    case SDLK_SPACE: return UI_KEY_SPACE;
    case SDLK_LEFT: return UI_KEY_LEFT;
    case SDLK_RIGHT: return UI_KEY_RIGHT;
    case SDLK_UP: return UI_KEY_UP;
    case SDLK_DOWN: return UI_KEY_DOWN;
    case SDLK_HOME: return UI_KEY_HOME;
    case SDLK_END: return UI_KEY_END;
    case SDLK_BACKSPACE: return UI_KEY_BACKSPACE;
    case SDLK_DELETE: return UI_KEY_DELETE;
    default: return UI_KEY_NONE;
    }
}

// ---- the page

/// A line of the page; keys are drawn as caps, parted at spaces. keys NULL: a heading.
typedef struct HelpLine {
    const char *keys, *en, *zh;
} HelpLine;

static const HelpLine left_lines[] = {
    {NULL, "Training", "训练"},
    {"Space", "play, pause", "开始，暂停"},
    {".", "one step", "一步"},
    {"[ ]", "slower, faster", "减速，加速"},
    {"Home", "back to the start", "回到开始"},
    {"← →", "an epoch back, forward", "后退，前进一轮"},
    {"Shift ← →", "ten epochs", "十轮"},
    {"Ctrl Z Y", "undo, redo a change", "撤销，重做更改"},
    {NULL, "Pictures", "图片"},
    {"F9", "record a film, stop", "录制影片，停止"},
    {"F12", "save the window", "保存窗口"},
    {"Shift F12", "save the view pointed at", "保存所指的视图"},
    {"Ctrl C", "copy the view pointed at", "复制所指的视图"},
};
static const HelpLine right_lines[] = {
    {NULL, "Views", "视图"},
    {"1 … 9", "one view large", "放大一个视图"},
    {"Esc", "all views again", "返回全部视图"},
    {"drag", "turn a surface", "旋转曲面"},
    {"wheel", "nearer, farther", "放大，缩小"},
    {"2×click", "as at first", "恢复"},
    {NULL, "Window", "窗口"},
    {"F5", "present: larger text", "演示：大字"},
    {"F11", "full screen", "全屏"},
    {"Ctrl + − 0", "text size", "文字大小"},
    {"Ctrl Q", "quit", "退出"},
    {NULL, "Widgets", "控件"},
    {"Tab", "the next one (Shift: the last)", "下一个（Shift：上一个）"},
    {"Enter", "press, open", "按下，打开"},
    {"↑ ↓", "change a value, a choice", "改变数值，选项"},
};
enum {
    LEFT_LINES = sizeof left_lines / sizeof *left_lines,
    RIGHT_LINES = sizeof right_lines / sizeof *right_lines,
};

static void draw_caps(Chrome *chrome, float unit, float x, float y, const char *text) {
    Gfx *gfx = ui_gfx(chrome->ui);
    const Theme *theme = chrome->theme;
    TextStyle style = {
        .size = 12.5f * unit, .align = TEXT_CENTER, .color = theme->text, .tabular = true};
    while (*text) {
        size_t length = strcspn(text, " ");
        char word[32];
        if (length >= sizeof word) return;
        memcpy(word, text, length);
        word[length] = '\0';
        text += length + (text[length] == ' ');
        float width = fmaxf(22 * unit, text_width(gfx, &style, word) + 12 * unit);
        if (strcmp(word, "…") == 0) {
            width = 12 * unit;
        } else {
            Rect cap = rect_round((Rect){x, y - 10.5f * unit, width, 21 * unit});
            draw_rect(gfx, cap, 4 * unit, theme->raised);
            draw_rect_outline(gfx, cap, 4 * unit, fmaxf(1, unit), theme->hairline);
        }
        draw_text(gfx, &style, x + width / 2, y, word);
        x += width + 4 * unit;
    }
}

/// Keys are called what is printed on them; what the mouse does has a name in each language.
static const char *caps_of(const Chrome *chrome, const char *caps) {
    static const char *const gestures[][2] = {
        {"drag", "拖动"}, {"wheel", "滚轮"}, {"2×click", "双击"}};
    for (size_t i = 0; i < sizeof gestures / sizeof *gestures; i++) {
        if (strcmp(caps, gestures[i][0]) == 0) return chrome_text(chrome, caps, gestures[i][1]);
    }
    return caps;
}

static void draw_lines(Chrome *chrome, float unit, Rect r, const HelpLine *lines, int n,
                       float line) {
    Gfx *gfx = ui_gfx(chrome->ui);
    float column = 128 * unit;
    for (int i = 0; i < n; i++) {
        const char *text = chrome_text(chrome, lines[i].en, lines[i].zh);
        float y = r.y + ((float)i + 0.5f) * line;
        TextStyle style = {.size = 14 * unit, .color = chrome->theme->muted};
        if (!lines[i].keys) {
            style =
                (TextStyle){.size = 15 * unit, .weight = TEXT_BOLD, .color = chrome->theme->text};
            draw_text_fit(gfx, &style, r.x, y + 2 * unit, r.w, text);
            continue;
        }
        draw_caps(chrome, unit, r.x, y, caps_of(chrome, lines[i].keys));
        draw_text_fit(gfx, &style, r.x + column, y, r.w - column, text);
    }
}

void shortcuts_draw(Chrome *chrome, Rect window) {
    Gfx *gfx = ui_gfx(chrome->ui);
    const Theme *theme = chrome->theme;
    // Smaller where the window is: every key is to be seen.
    const float width = 790, height = 44 + 30.0f * RIGHT_LINES + 24;
    float unit = chrome->scale;
    unit = fminf(unit, fminf((window.w - 16) / width, (window.h - 16) / height));
    Rect r = {window.x + (window.w - width * unit) / 2, window.y + (window.h - height * unit) / 2,
              width * unit, height * unit};
    r = rect_round(r);
    draw_rect(gfx, window, 0, color_alpha(theme->background, 0.72f));
    draw_rect(gfx, r, 8 * unit, theme->panel);
    draw_rect_outline(gfx, r, 8 * unit, fmaxf(1, unit), theme->hairline);
    TextStyle title = {.size = 15 * unit, .color = theme->muted, .align = TEXT_CENTER};
    draw_text(gfx, &title, r.x + r.w / 2, r.y + r.h - 18 * unit,
              chrome_text(chrome, "any key goes back", "按任意键返回"));
    Rect inside = {r.x + 28 * unit, r.y + 20 * unit, r.w - 56 * unit, r.h};
    Rect left = rect_cut_left(&inside, inside.w * 0.54f);
    draw_lines(chrome, unit, left, left_lines, LEFT_LINES, 30 * unit);
    draw_lines(chrome, unit, inside, right_lines, RIGHT_LINES, 30 * unit);
}
