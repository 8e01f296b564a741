/// What the person's desktop is set to, where a program can learn it from plain files and the
/// environment.
#ifndef APP_DESKTOP_H
#define APP_DESKTOP_H

#include <stdbool.h>

/// Whether nothing is to move by itself: SADDLE_REDUCED_MOTION=1 or 0, else what GTK's settings.ini
/// (gtk-enable-animations) or KDE's kdeglobals (AnimationDurationFactor) say in the folder of
/// settings; false where neither says anything.
bool desktop_reduces_motion(void);

#endif
