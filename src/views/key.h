/// The key of a figure: what its marks and colours mean, in rows. In a window the title's words,
/// hovering and other views tell that.
#ifndef VIEWS_KEY_H
#define VIEWS_KEY_H

#include "views/view.h"

enum { KEY_ENTRIES_MAX = 16, KEY_TEXT_MAX = 48 };

typedef enum KeyMark { KEY_WORDS, KEY_CLASS, KEY_DOT, KEY_LINE, KEY_BAR, KEY_RAMP } KeyMark;

typedef struct KeyEntry {
    KeyMark mark;
    char before[KEY_TEXT_MAX], after[KEY_TEXT_MAX]; // the mark
    Color color, rim;                               // no rim: clear
    int class, classes;                             // KEY_CLASS
    const Color *colors;                            // KEY_RAMP: (256), borrowed
} KeyEntry;

/// Zeroed is empty.
typedef struct Key {
    KeyEntry entries[KEY_ENTRIES_MAX];
    int n;
} Key;

/// Appends an entry with that text behind it; where there is no room for one more it takes the last
/// one's place.
/// @return the entry, for what else there is to say of it
KeyEntry *key_add(Key *key, KeyMark mark, Color color, const char *text);
/// Appends the classes of the run's data: none where there are more than can be told apart.
/// @param mark  KEY_CLASS: as classes_mark draws them, KEY_DOT: by colour alone
void key_add_classes(Key *key, const ViewContext *context, KeyMark mark);

/// How wide all of it is in one row; 0: it is empty.
float key_width(const ViewContext *context, const Key *key);
/// How high it is in rows of that width at most.
float key_height(const ViewContext *context, const Key *key, float width);
/// Whether rows of that width hold each entry whole and are no higher than that: a small figure
/// does without its key.
bool key_fits(const ViewContext *context, const Key *key, float width, float height);
/// Draws it into the top of r.  @param align  of each row
void key_draw(const ViewContext *context, const Key *key, Rect r, TextAlign align);
/// In a figure: draws it at the foot of the context's area, where that is not too small.
/// @return the area above it
Rect key_at_foot(const ViewContext *context, const Key *key);

#endif
