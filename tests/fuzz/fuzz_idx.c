/// IDX files, plain and gzip.
#include "nn/files/idx.h"

#include "fuzz.h"

/// What a shape promises must lie in the file, to the byte.
static void parse(const uint8_t *data, size_t size) {
    IdxShape shape;
    const unsigned char *values = NULL;
    Error error = {""};
    if (!idx_parse(data, size, &shape, &values, &error)) {
        fuzz_check_error(&error);
        return;
    }
    fuzz_check(shape.rank >= 1 && shape.rank <= IDX_RANK_MAX);
    size_t count = 1;
    for (int i = 0; i < IDX_RANK_MAX; i++) {
        if (i < shape.rank)
            count *= shape.sizes[i];
        else
            fuzz_check(shape.sizes[i] == 0);
    }
    fuzz_check(count == shape.count);
    fuzz_check(values >= data && values + count == data + size);
    unsigned sum = 0; // a sanitizer watches every byte
    for (size_t i = 0; i < count; i++) sum += values[i];
    fuzz_check(sum <= 255 * count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    parse(data, size);
    size_t inflated_size = 0;
    Error error = {""};
    unsigned char *inflated = idx_inflate(data, size, &inflated_size, &error);
    if (inflated) {
        parse(inflated, inflated_size);
    } else {
        fuzz_check_error(&error);
    }
    free(inflated);
    return 0;
}
