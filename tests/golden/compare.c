// Compares two pictures: compare EXPECTED.png ACTUAL.png [DIFFERENCE.png]
//
// They are the same where at least 99.9 % of the pixels differ by at most 2 of 255 in every
// channel: what another version of the software renderer may change. Exits with 0 where they are,
// else 1 (and writes the difference, brightened); 2 where a picture cannot be read.
#include <png.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TOLERANCE = 2, BRIGHTER = 20 };
static const double SHARE = 0.999;

static bool read_picture(const char *path, png_image *image, unsigned char **pixels) {
    *image = (png_image){.version = PNG_IMAGE_VERSION};
    *pixels = NULL;
    if (png_image_begin_read_from_file(image, path)) {
        image->format = PNG_FORMAT_RGB;
        *pixels = malloc(PNG_IMAGE_SIZE(*image));
        if (*pixels && png_image_finish_read(image, NULL, *pixels, 0, NULL)) return true;
    }
    fprintf(stderr, "%s: %s\n", path, image->message[0] ? image->message : "out of memory");
    free(*pixels);
    *pixels = NULL;
    return false;
}

/// Counts pixels that differ, and turns actual into the difference.
static size_t difference(const unsigned char *expected, unsigned char *actual, size_t pixels,
                         int *largest) {
    size_t different = 0;
    for (size_t i = 0; i < pixels; i++) {
        bool differs = false;
        for (size_t c = 3 * i; c < 3 * i + 3; c++) {
            int d = abs(expected[c] - actual[c]);
            if (d > *largest) *largest = d;
            differs = differs || d > TOLERANCE;
            actual[c] = (unsigned char)(d * BRIGHTER > 255 ? 255 : d * BRIGHTER);
        }
        different += differs;
    }
    return different;
}

int main(int argc, char **argv) {
    if (argc < 3) return 2;
    png_image a, b;
    unsigned char *expected, *actual = NULL;
    int code = 2;
    if (read_picture(argv[1], &a, &expected) && read_picture(argv[2], &b, &actual)) {
        if (a.width != b.width || a.height != b.height) {
            printf("%s: %ux%u, not %ux%u\n", argv[2], b.width, b.height, a.width, a.height);
            code = 1;
        } else {
            size_t pixels = (size_t)a.width * a.height;
            int largest = 0;
            size_t different = difference(expected, actual, pixels, &largest);
            bool same = (double)(pixels - different) >= SHARE * (double)pixels;
            printf("%s: %zu of %zu pixels differ, by up to %d\n", argv[2], different, pixels,
                   largest);
            code = same ? 0 : 1;
            if (!same && argc > 3) png_image_write_to_file(&b, argv[3], 0, actual, 0, NULL);
        }
    }
    free(expected);
    free(actual);
    return code;
}
