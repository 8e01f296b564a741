#include "app/arrangements.h"

#include <stdio.h>
#include <string.h>

/// @return its number, or how many there are
static int find(const Arrangements *arrangements, const char *experiment) {
    int i = 0;
    while (i < arrangements->count && strcmp(arrangements->items[i].experiment, experiment) != 0) {
        i++;
    }
    return i;
}

/// The types that a layout of that experiment begins with.
static bool types_made(const Experiment *experiment, int n, const ViewType **types) {
    Layout *fresh = layout_create(experiment, NULL);
    bool same = fresh && layout_count(fresh) == n;
    for (int i = 0; same && i < n; i++) types[i] = layout_type(fresh, i);
    layout_destroy(fresh);
    return same;
}

void arrangements_keep(Arrangements *arrangements, const Layout *layout,
                       const Experiment *experiment) {
    Arrangement now = {.n = layout_count(layout)};
    if (now.n > ARRANGED_VIEWS_MAX || !types_made(experiment, now.n, now.made)) return;
    snprintf(now.experiment, sizeof now.experiment, "%s", experiment->name);
    for (int i = 0; i < now.n; i++) now.put[i] = layout_type(layout, i);
    const int at = find(arrangements, experiment->name);
    if (at == ARRANGEMENTS_MAX) return;
    arrangements->items[at] = now;
    if (at == arrangements->count) arrangements->count++;
}

void arrangements_restore(const Arrangements *arrangements, Layout *layout,
                          const Experiment *experiment) {
    const int at = find(arrangements, experiment->name);
    if (at == arrangements->count) return;
    const Arrangement *kept = &arrangements->items[at];
    if (kept->n != layout_count(layout)) return;
    for (int i = 0; i < kept->n; i++) {
        if (layout_type(layout, i) != kept->made[i]) return;
    }
    for (int i = 0; i < kept->n; i++) layout_set_view(layout, i, kept->put[i], experiment);
}
