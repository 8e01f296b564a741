/// IDX files: what is read, and every way in which one can lie.
#include "nn/files/idx.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <zlib.h>

#include "support.h"

/// Two images of 2 x 3 bytes.
static const unsigned char sample[] = {0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2,  0,  0,
                                       0, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 255};

static void assert_words(const Error *error, const char *words) {
    if (!strstr(error->text, words)) fail_msg("\"%s\" does not say \"%s\"", error->text, words);
}

static void assert_parse_refused(const unsigned char *data, size_t size, const char *words) {
    IdxShape shape;
    const unsigned char *values;
    Error error = {""};
    assert_false(idx_parse(data, size, &shape, &values, &error));
    assert_words(&error, words);
}

static void test_parses_shape_and_values(void **state) {
    (void)state;
    IdxShape shape;
    const unsigned char *values;
    assert_true(idx_parse(sample, sizeof sample, &shape, &values, NULL));
    assert_int_equal(shape.rank, 3);
    assert_int_equal(shape.sizes[0], 2);
    assert_int_equal(shape.sizes[1], 2);
    assert_int_equal(shape.sizes[2], 3);
    assert_int_equal(shape.sizes[3], 0);
    assert_int_equal(shape.count, 12);
    assert_ptr_equal(values, sample + 16);
    const unsigned char none[] = {0, 0, 8, 2, 0, 0, 0, 0, 0, 0, 0, 9};
    assert_true(idx_parse(none, sizeof none, &shape, &values, NULL));
    assert_int_equal(shape.count, 0);
}

static void test_refuses_what_is_no_idx(void **state) {
    (void)state;
    static const struct {
        unsigned char bytes[20];
        size_t size;
        const char *words;
    } cases[] = {
        {"", 0, "is not an IDX file"},
        {{0, 0, 8}, 3, "is not an IDX file"},
        {"x1,x2,y\n", 8, "is not an IDX file"},
        {{0, 1, 8, 1, 0, 0, 0, 0}, 8, "is not an IDX file"},
        {{0, 0, 0x0D, 1, 0, 0, 0, 0}, 8, "of type 0x0D; only bytes, 0x08"},
        {{0, 0, 8, 0}, 4, "of 0 dimensions; 1 to 4"},
        {{0, 0, 8, 5}, 4, "of 5 dimensions; 1 to 4"},
        {{0, 0, 8, 255}, 4, "of 255 dimensions; 1 to 4"},
        {{0, 0, 8, 1, 0, 0, 0}, 7, "is cut off in its header"},
        {{0, 0, 8, 1, 0, 0, 0, 2, 9}, 9, "is cut off: its header promises 10 bytes"},
        {{0, 0, 8, 1, 0, 0, 0, 2, 9, 9, 9}, 11, "goes on after the 10 bytes"},
        {{0, 0, 8, 1, 0xFF, 0xFF, 0xFF, 0xFF}, 8, "promises more than the"},
        // 2^32 x 2^32 x 2^32 x 2^32 is 0 in 64 bits, and so is 2^31 x 2^31 x 4
        {{0, 0, 8, 3, 0x80, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 4}, 16, "promises more than the"},
        {{0, 0, 8, 2, 0x80, 0, 0, 0, 0x80, 0, 0, 0}, 12, "promises more than the"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_parse_refused(cases[i].bytes, cases[i].size, cases[i].words);
    }
    for (size_t size = 0; size < sizeof sample; size++) {
        assert_parse_refused(sample, size, size < 4 ? "is not an IDX file" : "is cut off");
    }
}

// --- gzip ---

/// @return memory that the caller frees
static unsigned char *compress_bytes(const unsigned char *data, size_t size, size_t *out_size) {
    z_stream stream = {.avail_in = (uInt)size};
    union {
        const unsigned char *data;
        unsigned char *in;
    } input = {.data = data};
    stream.next_in = input.in;
    assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    size_t room = deflateBound(&stream, (uLong)size) + 64;
    unsigned char *out = malloc(room);
    assert_non_null(out);
    stream.next_out = out;
    stream.avail_out = (uInt)room;
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    *out_size = stream.total_out;
    deflateEnd(&stream);
    return out;
}

static void assert_inflate_refused(const unsigned char *data, size_t size, const char *words) {
    Error error = {""};
    size_t inflated_size;
    unsigned char *inflated = idx_inflate(data, size, &inflated_size, &error);
    assert_null(inflated);
    assert_words(&error, words);
}

static void assert_inflates_to_sample(const unsigned char *data, size_t size) {
    size_t inflated_size = 0;
    unsigned char *inflated = idx_inflate(data, size, &inflated_size, NULL);
    assert_non_null(inflated);
    assert_int_equal(inflated_size, sizeof sample);
    assert_memory_equal(inflated, sample, sizeof sample);
    free(inflated);
}

static void test_inflates(void **state) {
    (void)state;
    size_t size, first_size, second_size;
    unsigned char *data = compress_bytes(sample, sizeof sample, &size);
    assert_inflates_to_sample(data, size);
    free(data);
    // In two gzip members, cut anywhere: in the header, behind it, at the end.
    for (size_t cut = 0; cut <= sizeof sample; cut++) {
        unsigned char *first = compress_bytes(sample, cut, &first_size);
        unsigned char *second = compress_bytes(sample + cut, sizeof sample - cut, &second_size);
        first = realloc(first, first_size + second_size);
        assert_non_null(first);
        memcpy(first + first_size, second, second_size);
        assert_inflates_to_sample(first, first_size + second_size);
        free(first);
        free(second);
    }
}

static void test_refuses_damaged_gzip(void **state) {
    (void)state;
    size_t size;
    unsigned char *data = compress_bytes(sample, sizeof sample, &size);
    for (size_t cut = 0; cut < size; cut++) assert_inflate_refused(data, cut, "is cut off");
    // A flipped bit behind the header shows, but for those that fill up the deflated data's last
    // byte.
    int unseen = 0;
    for (size_t at = 10; at < size; at++) {
        for (int bit = 0; bit < 8; bit++) {
            data[at] ^= (unsigned char)(1 << bit);
            size_t inflated_size;
            unsigned char *inflated = idx_inflate(data, size, &inflated_size, NULL);
            if (inflated) {
                assert_int_equal(inflated_size, sizeof sample);
                assert_memory_equal(inflated, sample, sizeof sample);
                unseen++;
            }
            free(inflated);
            data[at] ^= (unsigned char)(1 << bit);
        }
    }
    assert_true(unseen < 8);
    data = realloc(data, size + 3);
    assert_non_null(data);
    memcpy(data + size, "end", 3);
    assert_inflate_refused(data, size + 3, "goes on after its gzip data");
    data[size] = 0x1F;
    assert_inflate_refused(data, size + 1, "goes on after its gzip data");
    data[size + 1] = 0x8B;
    assert_inflate_refused(data, size + 2, "is cut off");
    free(data);
    assert_inflate_refused((const unsigned char *)"plain bytes", 11, "gzip data are damaged");
}

/// A gzip file of n bytes: the given ones, then zeros.
static unsigned char *zeros_behind(const unsigned char *header, size_t header_size, size_t n,
                                   size_t *size) {
    unsigned char *bytes = calloc(1, n);
    assert_non_null(bytes);
    memcpy(bytes, header, header_size);
    unsigned char *data = compress_bytes(bytes, n, size);
    free(bytes);
    return data;
}

static void test_refuses_gzip_that_lies(void **state) {
    (void)state;
    size_t size;
    unsigned char *data;
    const unsigned char ten[] = {0, 0, 8, 1, 0, 0, 0, 10};
    data = zeros_behind(ten, sizeof ten, 17, &size);
    assert_inflate_refused(data, size,
                           "is cut off: its header promises 18 bytes, and there are 17");
    free(data);
    data = zeros_behind(ten, sizeof ten, 19, &size);
    assert_inflate_refused(data, size, "goes on after the 18 bytes");
    free(data);
    // What follows ten promised bytes is not even looked at: no memory is taken for it.
    data = zeros_behind(ten, sizeof ten, 64 << 20, &size);
    assert_inflate_refused(data, size, "goes on after the 18 bytes");
    free(data);
    // A small file promises much, and even holds it: 64 MiB in 64 KiB.
    const unsigned char bomb[] = {0, 0, 8, 1, 4, 0, 0, 0};
    data = zeros_behind(bomb, sizeof bomb, (64 << 20) + 8, &size);
    assert_true(size < 1 << 17);
    assert_inflate_refused(data, size, "of gzip honestly hold");
    free(data);
    // It promises a gigabyte and holds nothing.
    const unsigned char liar[] = {0, 0, 8, 1, 0x3F, 0xFF, 0xFF, 0xFF};
    data = zeros_behind(liar, sizeof liar, sizeof liar, &size);
    assert_inflate_refused(data, size, "of gzip honestly hold");
    free(data);
    // But a small file of zeros is honest.
    const unsigned char small[] = {0, 0, 8, 1, 0, 0x0F, 0, 0};
    data = zeros_behind(small, sizeof small, 0x0F0008, &size);
    size_t inflated_size = 0;
    unsigned char *inflated = idx_inflate(data, size, &inflated_size, NULL);
    assert_non_null(inflated);
    assert_int_equal(inflated_size, 0x0F0008);
    free(inflated);
    free(data);
}

// --- Files ---

static char path[64];

static int set_up(void **state) {
    (void)state;
    snprintf(path, sizeof path, "/tmp/saddle-idx-%ld", (long)getpid());
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    remove(path);
    return 0;
}

static void write_bytes(const unsigned char *data, size_t size) {
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static void assert_reads_sample(void) {
    IdxShape shape;
    const unsigned char *values;
    unsigned char *memory = idx_read(path, &shape, &values, NULL);
    assert_non_null(memory);
    assert_int_equal(shape.count, 12);
    assert_memory_equal(values, sample + 16, 12);
    free(memory);
}

static void assert_read_refused(const char *words) {
    IdxShape shape;
    const unsigned char *values;
    Error error = {""};
    assert_null(idx_read(path, &shape, &values, &error));
    assert_words(&error, words);
    assert_true(strncmp(error.text, path, strlen(path)) == 0);
    assert_null(strstr(error.text + 1, path)); // it is named once
}

static void test_files(void **state) {
    (void)state;
    assert_read_refused(": cannot read: ");
    write_bytes(sample, sizeof sample);
    assert_reads_sample();
    write_bytes(sample, sizeof sample - 1);
    assert_read_refused(": is cut off: ");
    size_t size;
    unsigned char *data = compress_bytes(sample, sizeof sample, &size);
    write_bytes(data, size);
    assert_reads_sample();
    write_bytes(data, size - 1);
    assert_read_refused(": is cut off: its gzip data do not end");
    free(data);
    write_bytes(sample, 0);
    assert_read_refused(": is not an IDX file");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parses_shape_and_values),
        cmocka_unit_test(test_refuses_what_is_no_idx),
        cmocka_unit_test(test_inflates),
        cmocka_unit_test(test_refuses_damaged_gzip),
        cmocka_unit_test(test_refuses_gzip_that_lies),
        cmocka_unit_test_setup_teardown(test_files, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
