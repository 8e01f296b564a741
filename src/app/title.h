/// The window's title.
#ifndef APP_TITLE_H
#define APP_TITLE_H

struct SDL_Window;

/// @param title  UTF-8
void title_set(struct SDL_Window *window, const char *title);

#endif
