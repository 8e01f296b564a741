// The arithmetic of an ensemble, for one width of vectors: ensemble.c includes this file once for
// each, VECTOR_BYTES being that width and KERNEL(name) making the names differ. Hence there is no
// guard.
//
// Sums run in the order in which pairs.c and narrow.c add: one after the other, but for sums along
// the longer side of a layer, which run in four parts. So a lane gives the bits that a network
// trained alone gives.

#define Vector    KERNEL(Vector)
#define Wide      KERNEL(Wide)
#define PARTS     (LANES * 4 / VECTOR_BYTES)
#define EACH_PART for (int p = 0; p < PARTS; p++)

typedef float Vector __attribute__((vector_size(VECTOR_BYTES), may_alias));
/// One number of each network, in as many vectors as that takes. Compilers keep the parts of such a
/// struct in registers, which they do not do with a vector that is wider than the processor's.
typedef struct Wide {
    Vector part[PARTS];
} Wide;

/// What steps are made by.
typedef struct KERNEL(Step) {
    Wide learning_rate, momentum;
    bool single;    // the batch is one sample: step while going backward
    bool momentous; // else velocities are left alone
} KERNEL(Step);
#define Step KERNEL(Step)

/// The sum of a[k * stride] b[k], one after the other.
NN_INLINE void KERNEL(dot)(const Wide *a, const Wide *b, int n, int stride, Wide *sum) {
    Wide total;
    EACH_PART total.part[p] = a->part[p] * b->part[p];
    for (int k = 1; k < n; k++) {
        EACH_PART total.part[p] += a[k * stride].part[p] * b[k].part[p];
    }
    *sum = total;
}

/// The same in four parts.
NN_INLINE void KERNEL(dot_in_parts)(const Wide *a, const Wide *b, int n, int stride, Wide *sum) {
    if (n <= 2) {
        KERNEL(dot)(a, b, n, stride, sum);
        return;
    }
    Wide s[4];
    for (int k = 0; k < 3; k++) EACH_PART s[k].part[p] = a[k * stride].part[p] * b[k].part[p];
    if (n == 3) {
        EACH_PART sum->part[p] = (s[0].part[p] + s[2].part[p]) + s[1].part[p];
        return;
    }
    EACH_PART s[3].part[p] = a[3 * stride].part[p] * b[3].part[p];
    int k = 4;
    for (; k + 4 <= n; k += 4) {
        for (int j = 0; j < 4; j++) {
            EACH_PART s[j].part[p] += a[(k + j) * stride].part[p] * b[k + j].part[p];
        }
    }
    for (int j = 0; j < 3; j++) {
        if (k + j < n) EACH_PART s[j].part[p] += a[(k + j) * stride].part[p] * b[k + j].part[p];
    }
    EACH_PART sum->part[p] = (s[0].part[p] + s[2].part[p]) + (s[1].part[p] + s[3].part[p]);
}

/// @param n  floats
NN_INLINE void KERNEL(activate)(Activation activation, float *values, int n) {
#define CASE(constant, function, slope)                                                            \
    case constant: VECTOR_LOOP for (int i = 0; i < n; i++) values[i] = function(values[i]); break;
    switch (activation) {
        MATH32_ELEMENTWISE(CASE)
    case ACTIVATION_LINEAR:
    case ACTIVATION_SOFTMAX:
    case ACTIVATION_COUNT: break;
    }
#undef CASE
}

/// delta <- d f'(z), given y = f(z).
NN_INLINE void KERNEL(slope)(Activation activation, const float *restrict y,
                             const float *restrict d, float *restrict delta, int n) {
#define CASE(constant, function, slope)                                                            \
    case constant: VECTOR_LOOP for (int i = 0; i < n; i++) delta[i] = d[i] * slope(y[i]); break;
    switch (activation) {
        MATH32_ELEMENTWISE(CASE)
    case ACTIVATION_LINEAR:
    case ACTIVATION_SOFTMAX:
    case ACTIVATION_COUNT: break;
    }
#undef CASE
}

/// The softmax of n units.
NN_INLINE void KERNEL(softmax)(float *z, int n) {
    float most[LANES], sum[LANES];
    for (int i = 0; i < LANES; i++) most[i] = z[i], sum[i] = 0;
    for (int k = 1; k < n; k++) {
        const float *unit = z + k * LANES;
        for (int i = 0; i < LANES; i++) most[i] = unit[i] <= most[i] ? most[i] : unit[i];
    }
    for (int k = 0; k < n; k++) {
        float *unit = z + k * LANES;
        for (int i = 0; i < LANES; i++) unit[i] = exp32(unit[i] - most[i]);
        for (int i = 0; i < LANES; i++) sum[i] += unit[i];
    }
    for (int k = 0; k < n; k++) {
        float *unit = z + k * LANES;
        for (int i = 0; i < LANES; i++) unit[i] /= sum[i];
    }
}

NN_INLINE void KERNEL(forward_layer)(const WideLayer *layer, const Wide *params, const Wide *x,
                                     Wide *outputs, const int inputs, const int units) {
    const Wide *weight = params + layer->weight_at;
    const Wide *bias = layer->has_bias ? params + layer->bias_at : NULL;
    Wide *activated = outputs + layer->activated_at, *output = outputs + layer->output_at;
    const Activation activation = layer->activation;
    for (int o = 0; o < units; o++, weight += inputs) {
        Wide z;
        if (units > inputs)
            KERNEL(dot)(weight, x, inputs, 1, &z);
        else
            KERNEL(dot_in_parts)(weight, x, inputs, 1, &z);
        if (bias) EACH_PART z.part[p] += bias[o].part[p];
        activated[o] = z;
    }
    KERNEL(activate)(activation, (float *)activated, units * LANES);
    if (output == activated) return;
    for (int o = 0; o < units; o++) EACH_PART {
            output[o].part[p] = x[o].part[p] + activated[o].part[p];
        }
}

/// A step by the gradient.
NN_INLINE void KERNEL(step)(Wide *param, Wide *velocity, const Wide *grad, const Step *by) {
    Wide g = *grad;
    if (by->momentous) {
        EACH_PART g.part[p] = by->momentum.part[p] * velocity->part[p] + g.part[p];
        *velocity = g;
    }
    EACH_PART param->part[p] -= by->learning_rate.part[p] * g.part[p];
}

/// @param grad   (n_params) added to, unless steps are made at once
/// @param delta  (O) dL/dz
/// @param dx     (I) written, dL/dx; NULL: not wanted
NN_INLINE void KERNEL(backward_layer)(const WideLayer *layer, Wide *params, Wide *velocities,
                                      Wide *grads, const Wide *x, const Wide *delta, Wide *dx,
                                      const Step *by, const int inputs, const int units) {
    const size_t weight_at = layer->weight_at, bias_at = layer->bias_at;
    const bool has_bias = layer->has_bias;
    Wide *weight = params + weight_at, *velocity = velocities + weight_at;
    Wide *grad = grads + weight_at;
    for (int i = 0; dx && i < inputs; i++) {
        if (units > inputs)
            KERNEL(dot_in_parts)(weight + i, delta, units, inputs, &dx[i]);
        else
            KERNEL(dot)(weight + i, delta, units, inputs, &dx[i]);
    }
    for (int o = 0; o < units; o++) {
        const Wide d = delta[o];
        for (int i = 0; i < inputs; i++, weight++, velocity++, grad++) {
            Wide g;
            EACH_PART g.part[p] = d.part[p] * x[i].part[p];
            if (by->single)
                KERNEL(step)(weight, velocity, &g, by);
            else
                EACH_PART grad->part[p] += g.part[p];
        }
    }
    for (int o = 0; has_bias && o < units; o++) {
        if (by->single) {
            KERNEL(step)(params + bias_at + o, velocities + bias_at + o, &delta[o], by);
        } else {
            EACH_PART grads[bias_at + (size_t)o].part[p] += delta[o].part[p];
        }
    }
}

/// Calls a layer's pass with its shape as constants where that pays.
#define BY_SHAPE(call)                                                                             \
    do {                                                                                           \
        const int inputs_ = layer->inputs, units_ = layer->units;                                  \
        if (inputs_ == 2 && units_ == 2)                                                           \
            call(2, 2);                                                                            \
        else if (inputs_ == 2 && units_ == 1)                                                      \
            call(2, 1);                                                                            \
        else                                                                                       \
            call(inputs_, units_);                                                                 \
    } while (0)

NN_INLINE void KERNEL(forward)(const Ensemble *e, const Wide *params, Wide *outputs,
                               const Wide *x) {
    for (int l = 0; l < e->n_layers; l++) {
        const WideLayer *layer = &e->layers[l];
#define CALL(inputs, units) KERNEL(forward_layer)(layer, params, x, outputs, inputs, units)
        BY_SHAPE(CALL);
#undef CALL
        x = outputs + layer->output_at;
    }
}

/// Arrays of an ensemble.
typedef struct KERNEL(Arrays) {
    Wide *params, *velocity, *grad, *outputs;
    Wide *d, *dx; // (WIDEST) dL/doutput of the layer under way and of the one before
    Wide *delta;  // (WIDEST) dL/dz
} KERNEL(Arrays);

/// Backpropagates the last layer's dL/doutput, which lies in d.
NN_INLINE void KERNEL(backward)(const Ensemble *e, KERNEL(Arrays) a, const Wide *input,
                                const Step *by) {
    for (int l = e->n_layers - 1; l >= 0; l--) {
        const WideLayer *layer = &e->layers[l];
        const Wide *x = l > 0 ? a.outputs + layer[-1].output_at : input;
        const Wide *delta = a.d;
        if (layer->activation != ACTIVATION_LINEAR) {
            delta = a.delta;
            KERNEL(slope)
            (layer->activation, (const float *)(a.outputs + layer->activated_at),
             (const float *)a.d, (float *)a.delta, layer->units * LANES);
        }
        if (l == 0) a.dx = NULL;
        const bool residual = layer->output_at != layer->activated_at;
#define CALL(inputs, units)                                                                        \
    KERNEL(backward_layer)(layer, a.params, a.velocity, a.grad, x, delta, a.dx, by, inputs, units)
        BY_SHAPE(CALL);
#undef CALL
        if (l == 0) break;
        if (residual) {
            for (int i = 0; i < layer->inputs; i++) EACH_PART a.dx[i].part[p] += a.d[i].part[p];
        }
        Wide *swapped = a.d;
        a.d = a.dx;
        a.dx = swapped;
    }
}

/// The last layer's dL/doutput.
/// @param scores  (K) its outputs; those of losses that take logits are overwritten
/// @param wrong   becomes NaN in the lanes whose scores are not finite
NN_INLINE void KERNEL(loss_gradient)(Loss loss, Wide *scores, const Wide *t, int n, float scale,
                                     Wide *d, Wide *wrong) {
    for (int k = 0; k < n; k++) EACH_PART wrong->part[p] += 0.0f * scores[k].part[p];
    if (loss == LOSS_BCE) KERNEL(activate)(ACTIVATION_SIGMOID, (float *)scores, n * LANES);
    if (loss == LOSS_CROSS_ENTROPY) KERNEL(softmax)((float *)scores, n);
    for (int k = 0; k < n; k++) {
        EACH_PART d[k].part[p] = scale * (scores[k].part[p] - t[k].part[p]);
    }
}

/// Steps of a plain optimizer by the batch's gradient, which becomes zero.
NN_INLINE void KERNEL(step_all)(const Ensemble *e, KERNEL(Arrays) a, const Step *by) {
    const size_t n = e->n_params;
    for (size_t i = 0; i < n; i++) KERNEL(step)(&a.params[i], &a.velocity[i], &a.grad[i], by);
    memset(a.grad, 0, n * sizeof *a.grad);
}

NN_INLINE void KERNEL(run)(Ensemble *e, size_t first, size_t last, const bool single,
                           const bool momentous) {
    Step by = {.single = single, .momentous = momentous};
    memcpy(&by.learning_rate, e->learning_rate, sizeof(Wide));
    memcpy(&by.momentum, e->momentum, sizeof(Wide));
    Wide wrong;
    memcpy(&wrong, e->wrong, sizeof(Wide));
    const int inputs = e->n_inputs, outputs = e->n_outputs;
    KERNEL(Arrays)
    a = {.params = (Wide *)e->params,
         .velocity = (Wide *)e->velocity,
         .grad = (Wide *)e->grad,
         .outputs = (Wide *)e->outputs};
    a.d = (Wide *)e->delta;
    a.dx = a.d + WIDEST;
    a.delta = a.d + 2 * WIDEST;
    Wide *scores = a.outputs + e->layers[e->n_layers - 1].output_at;
    const Loss loss = e->loss;
    const Wide *x = (const Wide *)e->samples + first * (size_t)(inputs + outputs);
    float scale = loss_scale(loss, 1, outputs);
    for (size_t at = first; at < last;) {
        size_t size = single ? 1 : e->batch < last - at ? e->batch : last - at;
        if (!single) scale = loss_scale(loss, (int)size, outputs);
        for (size_t end = at + size; at < end; at++, x += inputs + outputs) {
            KERNEL(forward)(e, a.params, a.outputs, x);
            KERNEL(loss_gradient)(loss, scores, x + inputs, outputs, scale, a.d, &wrong);
            KERNEL(backward)(e, a, x, &by);
        }
        if (single) continue;
        if (e->plain)
            KERNEL(step_all)(e, a, &by);
        else
            step_otherwise(e);
    }
    memcpy(e->wrong, &wrong, sizeof(Wide));
}

static void KERNEL(train)(Ensemble *e, size_t first, size_t last) {
    if (e->batch > 1 || !e->plain)
        KERNEL(run)(e, first, last, false, e->momentous);
    else if (e->momentous)
        KERNEL(run)(e, first, last, true, true);
    else
        KERNEL(run)(e, first, last, true, false);
}

#undef Vector
#undef Wide
#undef PARTS
#undef EACH_PART
#undef Step
#undef BY_SHAPE
