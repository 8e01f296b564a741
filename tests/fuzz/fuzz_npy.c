/// One NumPy array, as it lies in a .npz archive: a matrix or a vector.
#include <math.h>

#include "nn/files/npy.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    for (int cols = 0; cols <= 3; cols += 3) {
        float values[6] = {0};
        const NetworkArray array = {.rows = 2, .cols = cols};
        Error error = {""};
        if (!npy_read(data, size, &array, values, &error)) {
            fuzz_check_error(&error);
            continue;
        }
        for (int i = 0; i < 6; i++) fuzz_check(isfinite(values[i]));
        float again[6] = {0};
        unsigned char written[256];
        fuzz_check(npy_size(&array) <= sizeof written);
        npy_write(&array, values, written);
        fuzz_check(npy_read(written, npy_size(&array), &array, again, NULL));
        fuzz_check(memcmp(again, values, sizeof values) == 0);
    }
    return 0;
}
