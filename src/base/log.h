/// Lines for a person on stderr, all starting with "saddle: ". Only fronts (app, cli) call it.
#ifndef BASE_LOG_H
#define BASE_LOG_H

#if defined(__GNUC__)
#define LOG_FORMAT __attribute__((format(printf, 1, 2)))
#else
#define LOG_FORMAT
#endif

LOG_FORMAT void log_error(const char *format, ...);

#endif
