// Entries flow from left to right; what finds no room begins a new row.
#include "views/key.h"

#include <math.h>
#include <stdio.h>

#include "gfx/text.h"
#include "plot/colorbar.h"
#include "views/classes.h"

enum { CLASSES_MOST = 10 }; // colours that differ

// Units.
#define TEXT_SIZE 12.0f
#define ROW       17.0f
#define APART     16.0f // entries
#define GAP       6.0f  // mark and text
#define DOT       7.0f
#define LINE      18.0f
#define RAMP      72.0f
#define THICK     9.0f // a ramp
#define FOOT      6.0f // above a key at the foot
#define FOOT_MOST 0.6f // of the height, for both

KeyEntry *key_add(Key *key, KeyMark mark, Color color, const char *text) {
    if (key->n == KEY_ENTRIES_MAX) key->n--;
    KeyEntry *entry = &key->entries[key->n++];
    *entry = (KeyEntry){.mark = mark, .color = color};
    snprintf(entry->after, sizeof entry->after, "%s", text);
    return entry;
}

void key_add_classes(Key *key, const ViewContext *context, KeyMark mark) {
    const int classes = classes_count(context->run->data);
    if (classes < 1 || classes > CLASSES_MOST) return;
    // Numbers alone would not say what they are; a few say it each.
    const bool named = classes_have_names(context->run), each = !named && classes <= 3;
    if (!named && !each)
        key_add(key, KEY_WORDS, context->theme->text, view_text(context, "class", "类别"));
    for (int k = 0; k < classes; k++) {
        char name[32], text[KEY_TEXT_MAX];
        classes_name(context, k, name, sizeof name);
        snprintf(text, sizeof text, each ? view_text(context, "class %s", "类别 %s") : "%s", name);
        KeyEntry *entry = key_add(key, mark, classes_color(context->theme, k, classes), text);
        entry->class = k;
        entry->classes = classes;
    }
}

static TextStyle style_of(const ViewContext *context) {
    return (TextStyle){.size = TEXT_SIZE * context->scale, .color = context->theme->text};
}

static float mark_width(const KeyEntry *entry) {
    switch (entry->mark) {
    case KEY_WORDS: return 0;
    case KEY_CLASS:
    case KEY_DOT: return DOT;
    case KEY_LINE:
    case KEY_BAR: return LINE;
    case KEY_RAMP: return RAMP;
    }
    return 0;
}

static float entry_width(const ViewContext *context, const KeyEntry *entry) {
    const TextStyle style = style_of(context);
    const float gap = GAP * context->scale;
    float width = mark_width(entry) * context->scale;
    if (entry->before[0]) width += text_width(context->gfx, &style, entry->before) + gap;
    if (entry->after[0]) width += text_width(context->gfx, &style, entry->after);
    if (entry->after[0] && entry->mark != KEY_WORDS) width += gap;
    return width;
}

/// The width of the row that begins with an entry.
/// @param end  set to the entry after its last
static float row_width(const ViewContext *context, const Key *key, int first, float most,
                       int *end) {
    const float apart = APART * context->scale;
    float width = 0;
    for (*end = first; *end < key->n; (*end)++) {
        const float more = entry_width(context, &key->entries[*end]) + (*end > first ? apart : 0);
        if (*end > first && width + more > most) break;
        width += more;
    }
    return width;
}

float key_width(const ViewContext *context, const Key *key) {
    int end;
    return row_width(context, key, 0, INFINITY, &end);
}

static int count_rows(const ViewContext *context, const Key *key, float most) {
    int rows = 0;
    for (int first = 0; first < key->n; rows++) row_width(context, key, first, most, &first);
    return rows;
}

float key_height(const ViewContext *context, const Key *key, float width) {
    return (float)count_rows(context, key, width) * ROW * context->scale;
}

bool key_fits(const ViewContext *context, const Key *key, float width, float height) {
    for (int i = 0; i < key->n; i++) {
        if (entry_width(context, &key->entries[i]) > width) return false;
    }
    return key_height(context, key, width) <= height;
}

/// The least width that needs no more rows: so that the last is about as full as the others.
static float even_width(const ViewContext *context, const Key *key, float most) {
    enum { STEPS = 16 };
    const int rows = count_rows(context, key, most);
    float width = most;
    for (int i = STEPS - 1; i > 0 && count_rows(context, key, most * (float)i / STEPS) == rows; i--)
        width = most * (float)i / STEPS;
    return width;
}

static void draw_mark(const ViewContext *context, const KeyEntry *entry, float x, float y) {
    Gfx *gfx = context->gfx;
    const float scale = context->scale, w = mark_width(entry) * scale;
    switch (entry->mark) {
    case KEY_WORDS: break;
    case KEY_CLASS:
        classes_mark(gfx, context->theme, entry->class, entry->classes, x + w / 2, y, w);
        break;
    case KEY_DOT:
        if (entry->rim.a > 0) draw_circle(gfx, x + w / 2, y, w / 2 + scale, entry->rim);
        draw_circle(gfx, x + w / 2, y, w / 2, entry->color);
        break;
    case KEY_LINE: draw_line(gfx, x, y, x + w, y, 2 * scale, entry->color); break;
    case KEY_BAR: {
        const float thick = 3 * scale;
        draw_rect(gfx, rect_round((Rect){x, y - thick / 2, w, thick}), 0, entry->color);
        break;
    }
    case KEY_RAMP: {
        const float thick = THICK * scale;
        const Rect r = rect_round((Rect){x, y - thick / 2, w, thick});
        colorbar_strip(gfx, r, entry->colors);
        draw_rect_outline(gfx, r, 0, fmaxf(1, roundf(scale)), context->theme->hairline);
        break;
    }
    }
}

static void draw_entry(const ViewContext *context, const KeyEntry *entry, float x, float y) {
    const TextStyle style = style_of(context);
    const float gap = GAP * context->scale;
    if (entry->before[0]) x += draw_text(context->gfx, &style, x, y, entry->before) + gap;
    draw_mark(context, entry, x, y);
    if (entry->mark != KEY_WORDS) x += mark_width(entry) * context->scale + gap;
    if (entry->after[0]) draw_text(context->gfx, &style, x, y, entry->after);
}

void key_draw(const ViewContext *context, const Key *key, Rect r, TextAlign align) {
    const float most = even_width(context, key, r.w);
    float y = r.y + 0.5f * ROW * context->scale;
    for (int first = 0, end; first < key->n; first = end) {
        const float spare = r.w - row_width(context, key, first, most, &end);
        float x = r.x + (align == TEXT_CENTER ? spare / 2 : align == TEXT_RIGHT ? spare : 0);
        for (int i = first; i < end; i++) {
            draw_entry(context, &key->entries[i], x, y);
            x += entry_width(context, &key->entries[i]) + APART * context->scale;
        }
        y += ROW * context->scale;
    }
}

Rect key_at_foot(const ViewContext *context, const Key *key) {
    Rect rest = context->area;
    if (!context->figure || key->n == 0 ||
        !key_fits(context, key, rest.w, FOOT_MOST * rest.h - FOOT * context->scale))
        return rest;
    const float height = key_height(context, key, rest.w);
    key_draw(context, key, rect_cut_bottom(&rest, height), TEXT_CENTER);
    rect_cut_bottom(&rest, FOOT * context->scale);
    return rest;
}
