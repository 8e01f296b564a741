/// Safetensors files.
#include "fuzz.h"
#include "fuzz_weights.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_weights(WEIGHTS_SAFETENSORS, data, size);
    return 0;
}
