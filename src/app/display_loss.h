/// What is said where the display goes away (its server ends, its connection breaks).
#ifndef APP_DISPLAY_LOSS_H
#define APP_DISPLAY_LOSS_H

/// From now on one line of the program's own. With X the program then ends with exit code 1, from
/// within Xlib, which would print lines of its own else. SDL's video must have begun.
void display_loss_expect(void);

#endif
