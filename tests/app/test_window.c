// The window's context: headless needs no display, and an interactive start without one is refused.
#include "app/window.h"

#include <stdlib.h>
#include <string.h>

#include "support.h"

static void headless_needs_no_display(void **state) {
    (void)state;
    unsetenv("DISPLAY");
    unsetenv("WAYLAND_DISPLAY");
    unsetenv("SDL_VIDEODRIVER");
    Error error = {""};
    for (int again = 0; again < 2; again++) {
        Window *window =
            window_create(&(WindowDesc){.headless = true, .width = 320, .height = 200}, &error);
        if (!window) fail_msg("%s", error.text);
        int width, height;
        window_pixels(window, &width, &height);
        assert_int_equal(width, 320);
        assert_int_equal(height, 200);
        assert_close(window_density(window), 1, 0);
        assert_non_null(window_sdl(window));
        window_destroy(window);
    }
}

/// SDL would fall back on a driver that shows nothing.
static void a_window_needs_a_display(void **state) {
    (void)state;
    setenv("DISPLAY", "", 1); // the same as none
    unsetenv("WAYLAND_DISPLAY");
    static const char *const drivers[] = {NULL, "offscreen", "dummy", "x11", "no-such-driver"};
    for (size_t i = 0; i < sizeof drivers / sizeof *drivers; i++) {
        if (drivers[i])
            setenv("SDL_VIDEODRIVER", drivers[i], 1);
        else
            unsetenv("SDL_VIDEODRIVER");
        Error error = {""};
        assert_null(window_create(&(WindowDesc){.title = "saddle"}, &error));
        assert_ptr_equal(strstr(error.text, "no display"), error.text);
        assert_non_null(strstr(error.text, "saddle shot"));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headless_needs_no_display),
        cmocka_unit_test(a_window_needs_a_display),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
