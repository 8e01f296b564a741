/// Classes as every view shows them: a colour, a mark and a name each.
#ifndef VIEWS_CLASSES_H
#define VIEWS_CLASSES_H

#include "views/view.h"

/// How many classes the data has: 2 where one output tells them, 0 where its targets are none.
int classes_count(const Dataset *data);
/// The class of a sample's targets.
int classes_of(const Dataset *data, size_t sample);
/// Of two classes the theme's, of more ten colours that can be told apart.
Color classes_color(const Theme *theme, int class, int count);
/// A point: round, square, hollow round, hollow square, by the class's number.
void classes_mark(Gfx *gfx, const Theme *theme, int class, int count, float x, float y, float size);
/// "3", or what the class is where that is known ("sneaker").
void classes_name(const ViewContext *context, int class, char *text, size_t size);
/// Whether class names are words.
bool classes_have_names(const Snapshot *run);

#endif
