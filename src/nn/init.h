/// Initialisers of weights and biases. fan_in is the layer's inputs, fan_out its units.
#ifndef NN_INIT_H
#define NN_INIT_H

/// X(constant, name, description). To add one: a line here and its case in init.c.
#define INIT_LIST(X)                                                                               \
    X(INIT_ZEROS, "zeros", "all zero")                                                             \
    X(INIT_NORMAL, "normal", "normal with deviation 1, zero bias")                                 \
    X(INIT_XAVIER_UNIFORM, "xavier_uniform",                                                       \
      "uniform within sqrt(6 / (fan_in + fan_out)), zero bias (Glorot 2010)")                      \
    X(INIT_XAVIER_NORMAL, "xavier_normal",                                                         \
      "normal with deviation sqrt(2 / (fan_in + fan_out)), zero bias (Glorot 2010)")               \
    X(INIT_HE_UNIFORM, "he_uniform", "uniform within sqrt(6 / fan_in), zero bias (He 2015)")       \
    X(INIT_HE_NORMAL, "he_normal", "normal with deviation sqrt(2 / fan_in), zero bias (He 2015)")  \
    X(INIT_TORCH_LINEAR, "torch_linear",                                                           \
      "weights and biases uniform within 1 / sqrt(fan_in), as PyTorch's Linear")

#define X(constant, name, description) constant,
typedef enum Init { INIT_LIST(X) INIT_COUNT } Init;
#undef X

const char *init_name(Init init);
const char *init_description(Init init);
/// @return INIT_COUNT where no initialiser has that name
Init init_find(const char *name);

struct Network;
struct Rng;
/// Draws layer by layer from the input: its weights, then its biases. Norms start as network_init
/// makes them.
void init_network(Init init, struct Network *net, struct Rng *rng);

#endif
