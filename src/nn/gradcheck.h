/// The gradient check: what one training step computes, against central differences of the 64-bit
/// reference, array by array of a network's parameters.
///
/// The analytic gradient a is taken from train_batches itself, whatever loop it chooses: a step at
/// a learning rate so large that the weights vanish beside it is the gradient. Batch norms take the
/// batch's statistics, dropout draws masks (the reference is given the same ones), and penalties
/// are part of it. The numerical gradient n has the step GRADCHECK_STEP. An array's error is
/// |a - n| / (|a| + |n|) in L2 norms.
///
/// Left out are parameters at a kink: where either step makes a unit of relu, leaky_relu or step
/// cross its kink (or leave it); weights within a step of 0 under an l1 penalty; and, where a unit
/// is so close to its kink that 32 and 64 bits disagree about its side, all parameters up to its
/// layer.
///
/// An array has no gradient, and 0/0 counts as 0, where n is below what differences resolve
/// (GRADCHECK_NOISE times the loss, at least 1, for each parameter) and a is not above the rounding
/// of 32-bit sums (GRADCHECK_ROUNDING times the norm of the whole gradient). Such are parameters
/// whose effect a batch norm takes away again.
///
/// Where outputs all but equal targets, or terms cancel, 32 bits cannot hold the gradient to
/// GRADCHECK_LIMIT, however right the formulas. So before an array fails, |a - n| is lessened by
/// GRADCHECK_ALLOWANCE times what changing the last bit of every parameter, input and target does
/// to n.
///
/// What it does not do: print, or know experiments.
#ifndef NN_GRADCHECK_H
#define NN_GRADCHECK_H

#include <float.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nn/loss.h"
#include "nn/network.h"

#define GRADCHECK_STEP 1e-6
/// Errors up to it are good.
#define GRADCHECK_LIMIT 1e-4
/// The rounding of a loss, over the step.
#define GRADCHECK_NOISE     (64 * (double)LDBL_EPSILON / GRADCHECK_STEP)
#define GRADCHECK_ROUNDING  (16 * (double)FLT_EPSILON)
#define GRADCHECK_ALLOWANCE 8

/// What is checked, and on what. The network and the data are borrowed and stay unchanged.
typedef struct GradcheckDesc {
    const Network *net;
    Loss loss;          // suits the last layer (loss_suits)
    float l1, l2;       // penalties of the weight matrices
    const float *x, *t; // (n, n_inputs), (n, n_outputs): one batch
    int n;
    int most;      // parameters of an array that are checked, a random sample of them; 0: all
    uint64_t seed; // draws that sample and the masks
} GradcheckDesc;

/// A check under way. Created by gradcheck_create, freed by gradcheck_destroy.
typedef struct Gradcheck {
    GradcheckDesc desc;
    struct GradcheckState *state; // the reference's side
    float *grad;                  // (n_params) a; a test may spoil it
    double norm;                  // of grad, as it came from training
    double loss;                  // the batch's, by training, without penalties
    double reference_loss;        // the same by the reference
} Gradcheck;

/// Takes the step.  @return NULL where memory is short
Gradcheck *gradcheck_create(const GradcheckDesc *desc);
void gradcheck_destroy(Gradcheck *check);

/// What came of one parameter array.
typedef struct GradcheckRow {
    NetworkArray array;
    size_t size;                // its parameters
    size_t checked, left_out;   // of these, and those of the sample that lie at a kink
    double analytic, numerical; // |a|, |n| over what was checked
    double error;
    bool good; // error <= GRADCHECK_LIMIT; not where it is NaN
} GradcheckRow;

/// Checks parameter array number `index`, as network_array counts them.
/// @return false where there are no so many trained ones
bool gradcheck_row(Gradcheck *check, int index, GradcheckRow *row);

/// How many losses of the reference, each a pass of the batch, all rows take.
size_t gradcheck_losses(const Network *net, int most);

#endif
