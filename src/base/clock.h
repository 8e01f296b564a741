/// The one clock. Only fronts (app, cli) and bench read it; everything else is told the time.
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

/// Seconds since some fixed moment; never goes back.
double clock_seconds(void);

#endif
