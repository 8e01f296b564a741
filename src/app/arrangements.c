#include "app/arrangements.h"

#include <stdio.h>
#include <string.h>

static Arrangement *find(Arrangement *items, int count, const char *experiment) {
    for (int i = 0; i < count; i++) {
        if (strcmp(items[i].experiment, experiment) == 0) return &items[i];
    }
    return NULL;
}

/// The types that a layout of that experiment begins with.
static bool types_made(const Experiment *experiment, int n, const ViewType **types) {
    Layout *fresh = layout_create(NULL, experiment, NULL);
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
    Arrangement *kept = find(arrangements->items, arrangements->count, experiment->name);
    if (!kept && arrangements->count < ARRANGEMENTS_MAX)
        kept = &arrangements->items[arrangements->count++];
    if (kept) *kept = now;
}

void arrangements_restore(const Arrangements *arrangements, Layout *layout,
                          const Experiment *experiment) {
    const Arrangement *kept = NULL;
    for (int i = 0; i < arrangements->count && !kept; i++) {
        if (strcmp(arrangements->items[i].experiment, experiment->name) == 0)
            kept = &arrangements->items[i];
    }
    if (!kept || kept->n != layout_count(layout)) return;
    for (int i = 0; i < kept->n; i++) {
        if (layout_type(layout, i) != kept->made[i]) return;
    }
    for (int i = 0; i < kept->n; i++) layout_set_view(layout, i, kept->put[i], experiment);
}
