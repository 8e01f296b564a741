// drop WINDOW FILE…: drags files onto an X window and drops them there, as a file manager does
// (XDND 5, https://www.freedesktop.org/wiki/Specifications/XDND). Fails where the window does not
// take them, or not within a minute.
#include <X11/Xatom.h>
#include <X11/Xlib.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { VERSION = 5, SECONDS_MAX = 60, URIS_BYTES = 1 << 16 };

typedef struct Drag {
    Display *display;
    Window source, target;
    char uris[URIS_BYTES]; // of the files, a line each
    size_t length;
} Drag;

static Atom atom(const Drag *drag, const char *name) {
    return XInternAtom(drag->display, name, False);
}

static bool is_plain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("/-._~", c));
}

static bool add_uri(Drag *drag, const char *path) {
    char *absolute = realpath(path, NULL);
    if (!absolute || drag->length + 3 * strlen(absolute) + 16 > URIS_BYTES) {
        free(absolute);
        return false;
    }
    char *to = drag->uris + drag->length;
    to += sprintf(to, "file://");
    for (const char *c = absolute; *c; c++) {
        if (is_plain(*c)) {
            *to++ = *c;
        } else {
            to += sprintf(to, "%%%02X", (unsigned char)*c);
        }
    }
    to += sprintf(to, "\r\n");
    drag->length = (size_t)(to - drag->uris);
    free(absolute);
    return true;
}

/// Tells the target something; the first number is always who speaks.
static void tell(const Drag *drag, const char *what, long second, long third, long fifth) {
    XEvent event = {.xclient = {.type = ClientMessage,
                                .window = drag->target,
                                .message_type = atom(drag, what),
                                .format = 32}};
    const long data[5] = {(long)drag->source, second, third, CurrentTime, fifth};
    memcpy(event.xclient.data.l, data, sizeof data);
    XSendEvent(drag->display, drag->target, False, NoEventMask, &event);
}

/// Hands the names over.
static void answer(const Drag *drag, const XSelectionRequestEvent *asked) {
    XEvent event = {.xselection = {.type = SelectionNotify,
                                   .requestor = asked->requestor,
                                   .selection = asked->selection,
                                   .target = asked->target,
                                   .property = None,
                                   .time = asked->time}};
    if (asked->target == atom(drag, "text/uri-list")) {
        XChangeProperty(drag->display, asked->requestor, asked->property, asked->target, 8,
                        PropModeReplace, (const unsigned char *)drag->uris, (int)drag->length);
        event.xselection.property = asked->property;
    }
    XSendEvent(drag->display, asked->requestor, False, NoEventMask, &event);
}

/// @return whether the target has taken the files
static bool carry(const Drag *drag) {
    const Atom status = atom(drag, "XdndStatus"), finished = atom(drag, "XdndFinished");
    tell(drag, "XdndEnter", (long)VERSION << 24, (long)atom(drag, "text/uri-list"), None);
    tell(drag, "XdndPosition", 0, 100 << 16 | 100, (long)atom(drag, "XdndActionCopy"));
    for (;;) {
        XEvent event;
        XNextEvent(drag->display, &event);
        if (event.type == SelectionRequest) {
            answer(drag, &event.xselectionrequest);
        } else if (event.type == ClientMessage && event.xclient.message_type == status) {
            if ((event.xclient.data.l[1] & 1) == 0) return false; // not welcome
            tell(drag, "XdndDrop", 0, CurrentTime, None);
        } else if (event.type == ClientMessage && event.xclient.message_type == finished) {
            return (event.xclient.data.l[1] & 1) != 0;
        }
    }
}

int main(int argc, char **argv) {
    if (argc < 3) return 2;
    static Drag drag;
    drag.target = strtoul(argv[1], NULL, 0);
    for (int i = 2; i < argc; i++) {
        if (add_uri(&drag, argv[i])) continue;
        fprintf(stderr, "drop: no file %s\n", argv[i]);
        return 1;
    }
    drag.display = XOpenDisplay(NULL);
    if (!drag.display) return 1;
    alarm(SECONDS_MAX);
    drag.source =
        XCreateSimpleWindow(drag.display, DefaultRootWindow(drag.display), 0, 0, 1, 1, 0, 0, 0);
    XSetSelectionOwner(drag.display, atom(&drag, "XdndSelection"), drag.source, CurrentTime);
    bool taken = carry(&drag);
    XCloseDisplay(drag.display);
    return taken ? 0 : 1;
}
