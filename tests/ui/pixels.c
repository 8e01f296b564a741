// pixels FILE.png [X Y W H]: prints the picture's size and a hash of that rectangle of it, for
// scripts that ask whether a part of the window has changed.
#include <png.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
    if (argc != 2 && argc != 6) return 2;
    png_image image = {.version = PNG_IMAGE_VERSION};
    if (!png_image_begin_read_from_file(&image, argv[1])) return 1;
    image.format = PNG_FORMAT_RGB;
    uint8_t *rgb = malloc(PNG_IMAGE_SIZE(image));
    if (!rgb || !png_image_finish_read(&image, NULL, rgb, 0, NULL)) return 1;
    long width = (long)image.width, height = (long)image.height, area[4] = {0, 0, width, height};
    for (int i = 2; i < argc; i++) area[i - 2] = strtol(argv[i], NULL, 10);
    uint64_t hash = 14695981039346656037U; // FNV-1a
    for (long y = area[1]; y < area[1] + area[3] && y < height; y++) {
        for (long i = 3 * area[0]; i < 3 * (area[0] + area[2]) && i < 3 * width; i++)
            hash = (hash ^ rgb[y * 3 * width + i]) * 1099511628211U;
    }
    printf("%ldx%ld %016llx\n", width, height, (unsigned long long)hash);
    free(rgb);
    return 0;
}
