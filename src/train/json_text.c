/// Writes each list or object first on one line, and where that is too long again with a member a
/// line.
#include "train/json_text.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_MAX_CHARS = 100, NUMBER_SIZE = 32 };

typedef struct Text {
    char *data;
    size_t length, room;
    bool failed;
} Text;

static void add(Text *text, const char *part) {
    size_t n = strlen(part);
    if (text->length + n + 1 > text->room) {
        size_t room = 2 * (text->length + n + 1);
        char *grown = realloc(text->data, room);
        if (!grown) {
            text->failed = true;
            return;
        }
        text->data = grown;
        text->room = room;
    }
    memcpy(text->data + text->length, part, n + 1);
    text->length += n;
}

static void print_shortest(double value, char *out) {
    int digits = 1;
    for (; digits < 17; digits++) {
        snprintf(out, NUMBER_SIZE, "%.*e", digits - 1, value);
        if (strtod(out, NULL) == value) break;
    }
    snprintf(out, NUMBER_SIZE, "%.*e", digits - 1, value);
    int exponent = (int)strtol(strchr(out, 'e') + 1, NULL, 10);
    // 40 rather than 4e+01
    if (exponent >= digits && exponent < 16) digits = exponent + 1;
    snprintf(out, NUMBER_SIZE, "%.*g", digits, value);
}

json_t *json_float(float value) {
    char digits[NUMBER_SIZE];
    for (int n = 1; n <= 9; n++) {
        snprintf(digits, sizeof digits, "%.*g", n, (double)value);
        if ((float)strtod(digits, NULL) == value) break;
    }
    return json_real(strtod(digits, NULL));
}

static void add_scalar(Text *text, const json_t *json) {
    if (json_is_real(json)) {
        char number[NUMBER_SIZE];
        print_shortest(json_real_value(json), number);
        add(text, number);
        return;
    }
    char *dumped = json_dumps(json, JSON_ENCODE_ANY);
    if (dumped) {
        add(text, dumped);
    } else {
        text->failed = true;
    }
    free(dumped);
}

static void add_value(Text *text, json_t *json, int indent, bool one_line);

static void add_members(Text *text, json_t *json, int indent, bool one_line) {
    char separator[64] = "";
    if (!one_line) snprintf(separator, sizeof separator, "\n%*s", indent, "");
    const char *comma = one_line ? ", " : ",";
    bool first = true;
    if (json_is_array(json)) {
        for (size_t i = 0; i < json_array_size(json); i++, first = false) {
            if (!first) add(text, comma);
            add(text, separator);
            add_value(text, json_array_get(json, i), indent, one_line);
        }
        return;
    }
    const char *key;
    json_t *value;
    json_object_foreach(json, key, value) {
        if (!first) add(text, comma);
        add(text, separator);
        json_t *name = json_string(key);
        add_scalar(text, name);
        json_decref(name);
        add(text, ": ");
        add_value(text, value, indent, one_line);
        first = false;
    }
}

static void add_value(Text *text, json_t *json, int indent, bool one_line) {
    bool array = json_is_array(json);
    if (!array && !json_is_object(json)) {
        add_scalar(text, json);
        return;
    }
    size_t start = text->length;
    add(text, array ? "[" : "{");
    add_members(text, json, indent, true);
    add(text, array ? "]" : "}");
    if (one_line || text->failed) return;
    if (indent > 0 && text->length - start + (size_t)indent <= LINE_MAX_CHARS) return;
    // Too long for a line: once more, a member a line.
    text->length = start;
    add(text, array ? "[" : "{");
    add_members(text, json, indent + 2, false);
    char close[64];
    snprintf(close, sizeof close, "\n%*s%s", indent, "", array ? "]" : "}");
    add(text, close);
}

char *json_text(json_t *json) {
    Text text = {0};
    add_value(&text, json, 0, false);
    add(&text, "\n");
    if (!text.failed) return text.data;
    free(text.data);
    return NULL;
}
