/// Which views a person put where, experiment by experiment, for the time that the window is open.
/// It stands above what an experiment's file says of its layout.
#ifndef APP_ARRANGEMENTS_H
#define APP_ARRANGEMENTS_H

#include "views/layout.h"

enum { ARRANGEMENTS_MAX = 64, ARRANGED_VIEWS_MAX = 16 };

typedef struct Arrangement {
    char experiment[64]; // its name
    int n;
    const ViewType *made[ARRANGED_VIEWS_MAX]; // as the file has them
    const ViewType *put[ARRANGED_VIEWS_MAX];  // as the person has them
} Arrangement;

typedef struct Arrangements {
    Arrangement items[ARRANGEMENTS_MAX];
    int count;
} Arrangements;

/// Notes what a layout shows now. Beyond ARRANGEMENTS_MAX experiments nothing is noted.
/// @param experiment  what the layout was made for
void arrangements_keep(Arrangements *arrangements, const Layout *layout,
                       const Experiment *experiment);
/// Puts the views of a layout just made for it as they were when they were noted last; as they are
/// where its file has others by now.
void arrangements_restore(const Arrangements *arrangements, Layout *layout,
                          const Experiment *experiment);

#endif
