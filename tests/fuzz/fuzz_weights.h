/// What the harnesses of the two weight formats share.
#ifndef TESTS_FUZZ_WEIGHTS_H
#define TESTS_FUZZ_WEIGHTS_H

#include <stddef.h>
#include <stdint.h>

#include "nn/weights.h"

/// The network whose weights all inputs are taken for: 3-2-1, with a batch norm.
void fuzz_network(Network *net);

/// Reads the input as weights. Taken: every value is finite, and written and read again they are
/// the same. Refused: with a message, and the network is as it was.
void fuzz_weights(WeightsFormat format, const uint8_t *data, size_t size);

#endif
