// PNG files: what is written reads back, twice the same, and failures leave nothing behind.
#include "capture/png_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <png.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "support.h"

enum { W = 67, H = 41 };

static char folder[64];
static uint8_t pixels[W * H * 4];

static int setup(void **state) {
    (void)state;
    strcpy(folder, "/tmp/saddle-png-XXXXXX");
    assert_non_null(mkdtemp(folder));
    for (int i = 0; i < W * H * 4; i++) pixels[i] = (uint8_t)(((unsigned)i * 2654435761u) >> 13);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    return rmdir(folder);
}

static void path_to(char path[128], const char *name) {
    snprintf(path, 128, "%s/%s", folder, name);
}

static int files_in_folder(void) {
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    int n = 0;
    for (struct dirent *entry; (entry = readdir(dir));) n += entry->d_name[0] != '.';
    closedir(dir);
    return n;
}

static void pixels_come_back(void **state) {
    (void)state;
    char path[128];
    path_to(path, "a.png");
    Error error = {""};
    assert_true(png_save(path, pixels, W, H, &error));
    png_image image = {.version = PNG_IMAGE_VERSION};
    assert_true(png_image_begin_read_from_file(&image, path));
    assert_int_equal(image.width, W);
    assert_int_equal(image.height, H);
    assert_int_equal(image.format, PNG_FORMAT_RGB); // no alpha in the file
    image.format = PNG_FORMAT_RGBA;
    static uint8_t read[W * H * 4];
    assert_true(png_image_finish_read(&image, NULL, read, 0, NULL));
    for (int i = 0; i < W * H; i++) {
        assert_memory_equal(read + 4 * i, pixels + 4 * i, 3);
        assert_int_equal(read[4 * i + 3], 255);
    }
    assert_int_equal(unlink(path), 0);
}

static void alpha_and_resolution_come_back(void **state) {
    (void)state;
    char path[128];
    path_to(path, "a.png");
    Error error = {""};
    const PngDesc desc = {.width = W, .height = H, .alpha = true, .dpi = 300};
    assert_true(png_save_as(path, pixels, &desc, &error));
    png_image image = {.version = PNG_IMAGE_VERSION};
    assert_true(png_image_begin_read_from_file(&image, path));
    assert_int_equal(image.format, PNG_FORMAT_RGBA);
    static uint8_t read[W * H * 4];
    assert_true(png_image_finish_read(&image, NULL, read, 0, NULL));
    assert_memory_equal(read, pixels, sizeof read);
    // pHYs: 300 an inch are 11811 a metre, both ways; the unit is the metre.
    size_t size;
    char *bytes = file_read(path, 1 << 20, &size, NULL);
    assert_non_null(bytes);
    const unsigned char wanted[] = {'p', 'H', 'Y', 's', 0, 0, 0x2e, 0x23, 0, 0, 0x2e, 0x23, 1};
    bool found = false;
    for (size_t i = 0; i + sizeof wanted <= size; i++)
        found = found || memcmp(bytes + i, wanted, sizeof wanted) == 0;
    assert_true(found);
    free(bytes);
    assert_int_equal(unlink(path), 0);
}

static void the_same_pixels_give_the_same_bytes(void **state) {
    (void)state;
    char a[128], b[128];
    path_to(a, "a.png");
    path_to(b, "b.png");
    assert_true(png_save(a, pixels, W, H, NULL));
    assert_true(png_save(b, pixels, W, H, NULL));
    size_t size_a, size_b;
    char *data_a = file_read(a, 1 << 20, &size_a, NULL);
    char *data_b = file_read(b, 1 << 20, &size_b, NULL);
    assert_non_null(data_a);
    assert_non_null(data_b);
    assert_int_equal(size_a, size_b);
    assert_memory_equal(data_a, data_b, size_a);
    free(data_a);
    free(data_b);
    unlink(a);
    unlink(b);
}

static void a_missing_folder_is_an_error(void **state) {
    (void)state;
    Error error = {""};
    assert_false(png_save("/nowhere/at/all.png", pixels, W, H, &error));
    assert_non_null(strstr(error.text, "/nowhere/at/all.png: cannot write"));
}

static void a_full_disk_leaves_nothing(void **state) {
    (void)state;
    char path[128];
    path_to(path, "full.png");
    struct rlimit before, small;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = before;
    small.rlim_cur = 64;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    Error error = {""};
    bool good = png_save(path, pixels, W, H, &error);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_false(good);
    assert_non_null(strstr(error.text, "full.png: cannot write"));
    assert_int_equal(files_in_folder(), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pixels_come_back),
        cmocka_unit_test(alpha_and_resolution_come_back),
        cmocka_unit_test(the_same_pixels_give_the_same_bytes),
        cmocka_unit_test(a_missing_folder_is_an_error),
        cmocka_unit_test(a_full_disk_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
