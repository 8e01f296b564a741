/// NumPy's archives. (An archive's checksums keep most changes from the arrays in it: those have
/// fuzz_npy.)
#include "fuzz.h"
#include "fuzz_weights.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_weights(WEIGHTS_NPZ, data, size);
    return 0;
}
