/// A race as the views show it: who takes part, in which colour, under which name. The first is the
/// run itself, then come its rivals.
#ifndef VIEWS_RACE_H
#define VIEWS_RACE_H

#include "views/view.h"

/// How many run: 0 where there is no race.
int race_count(const ViewContext *context);
const Snapshot *race_run(const ViewContext *context, int i);
Color race_color(const ViewContext *context, int i);
/// The name that the experiment gives it, else its optimizer's: "SGD momentum".
void race_name(const ViewContext *context, int i, char *text, size_t size);
/// The loss measured last; NaN where there is none.
double race_loss(const ViewContext *context, int i, bool test);
/// A table: colour, name, learning rate and loss of each, with fewer columns where area has little
/// room, and nothing where it has none.
/// @param left, top  where
void race_legend(const ViewContext *context, Rect area, float left, float top, bool test);
/// Its box in area's upper left corner; without extent where there is no table.
Rect race_legend_box(const ViewContext *context, Rect area, bool test);
/// Colours and names alone, side by side along area's top, which is cut off; nothing where that
/// would take too much of it. For figures.
void race_cut_legend(const ViewContext *context, Rect *area);

#endif
