/// The window: input, the loop, the chrome around the views.
#ifndef APP_APP_H
#define APP_APP_H

#include <stdbool.h>

#include "base/error.h"
#include "train/experiment.h"

typedef struct AppDesc {
    const Experiment *experiment; // borrowed
    const Experiment *compare;    // a second run beside the first, or NULL; borrowed
    const char *weights;          // start from this file's weights, or NULL
    const char *theme;            // "dark", "light" or NULL: as in the settings
    bool chinese;
    float scale; // text size, 0: as in the settings
    bool play;   // start playing
} AppDesc;

typedef enum AppResult { APP_DONE, APP_FAILED, APP_NO_DISPLAY } AppResult;

/// Opens the window and runs until it is closed.
AppResult app_run(const AppDesc *desc, Error *error);

/// Asks the window to close, as its button does.  Thread: any.
/// @return false: there is none that could be asked: not yet, or it is closing already
bool app_ask_close(void);

#endif
