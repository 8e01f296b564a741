// Normalisation. Means and variances are summed in 64 bits, sample after sample, so that they are
// the same on every processor.
#include "nn/kernels/norm.h"

#include <math.h>
#include <stddef.h>

#include "nn/network.h"

enum { UNITS = NETWORK_UNITS_MAX };

static void column_sums(const float *z, int batch, int units, double *sums) {
    for (int o = 0; o < units; o++) sums[o] = 0;
    for (int b = 0; b < batch; b++, z += units) {
        for (int o = 0; o < units; o++) sums[o] += (double)z[o];
    }
}

/// normal = (z - mean) * inverse and z = gamma * normal + beta, all (O) but z and normal.
static void apply(float *z, int batch, int units, const NormParams *params, const float *mean,
                  const float *inverse, float *normal) {
    for (int b = 0; b < batch; b++, z += units) {
        for (int o = 0; o < units; o++) {
            float here = (z[o] - mean[o]) * inverse[o];
            if (normal) normal[o] = here;
            z[o] = params->gamma[o] * here + params->beta[o];
        }
        if (normal) normal += units;
    }
}

void norm_batch_training(float *z, int batch, int units, const NormParams *params, bool moves,
                         float *normal, float *inverse) {
    double sums[UNITS], squares[UNITS];
    float mean[UNITS];
    column_sums(z, batch, units, sums);
    for (int o = 0; o < units; o++) {
        sums[o] /= batch;
        squares[o] = 0;
    }
    const float *row = z;
    for (int b = 0; b < batch; b++, row += units) {
        for (int o = 0; o < units; o++) {
            double d = (double)row[o] - sums[o];
            squares[o] += d * d;
        }
    }
    for (int o = 0; o < units; o++) {
        mean[o] = (float)sums[o];
        inverse[o] = (float)(1 / sqrt(squares[o] / batch + NETWORK_NORM_EPS));
        if (!moves) continue;
        const float share = 0.1f;
        params->mean[o] += share * (mean[o] - params->mean[o]);
        // A single sample has no variance.
        if (batch == 1) continue;
        params->variance[o] += share * ((float)(squares[o] / (batch - 1)) - params->variance[o]);
    }
    apply(z, batch, units, params, mean, inverse, normal);
}

void norm_batch(float *z, int batch, int units, const NormParams *params, float *normal,
                float *inverse) {
    float own[UNITS], *into = inverse ? inverse : own;
    for (int o = 0; o < units; o++) {
        into[o] = (float)(1 / sqrt((double)params->variance[o] + NETWORK_NORM_EPS));
    }
    apply(z, batch, units, params, params->mean, into, normal);
}

void norm_layer(float *z, int batch, int units, const NormParams *params, float *normal,
                float *inverse) {
    for (int b = 0; b < batch; b++, z += units) {
        double sum = 0, squares = 0;
        for (int o = 0; o < units; o++) sum += (double)z[o];
        double mean = sum / units;
        for (int o = 0; o < units; o++) {
            double d = (double)z[o] - mean;
            squares += d * d;
        }
        float by = (float)(1 / sqrt(squares / units + NETWORK_NORM_EPS)), center = (float)mean;
        for (int o = 0; o < units; o++) {
            float here = (z[o] - center) * by;
            if (normal) normal[o] = here;
            z[o] = params->gamma[o] * here + params->beta[o];
        }
        if (normal) normal += units;
        if (inverse) inverse[b] = by;
    }
}

/// The sums over the batch of d and of d normal.
static void parameter_gradients(const float *d, const float *normal, int batch, int units,
                                float *dgamma, float *dbeta) {
    double sums[UNITS], products[UNITS];
    for (int o = 0; o < units; o++) sums[o] = products[o] = 0;
    for (int b = 0; b < batch; b++, d += units, normal += units) {
        for (int o = 0; o < units; o++) {
            sums[o] += (double)d[o];
            products[o] += (double)d[o] * (double)normal[o];
        }
    }
    for (int o = 0; o < units; o++) {
        dbeta[o] = (float)sums[o];
        dgamma[o] = (float)products[o];
    }
}

void norm_batch_training_backward(float *d, const float *normal, const float *inverse,
                                  const float *gamma, int batch, int units, float *dgamma,
                                  float *dbeta) {
    parameter_gradients(d, normal, batch, units, dgamma, dbeta);
    for (int b = 0; b < batch; b++, d += units, normal += units) {
        for (int o = 0; o < units; o++) {
            float mean = (dbeta[o] + normal[o] * dgamma[o]) / (float)batch;
            d[o] = gamma[o] * inverse[o] * (d[o] - mean);
        }
    }
}

void norm_batch_backward(float *d, const float *normal, const float *inverse, const float *gamma,
                         int batch, int units, float *dgamma, float *dbeta) {
    parameter_gradients(d, normal, batch, units, dgamma, dbeta);
    for (int b = 0; b < batch; b++, d += units) {
        for (int o = 0; o < units; o++) d[o] *= gamma[o] * inverse[o];
    }
}

void norm_layer_backward(float *d, const float *normal, const float *inverse, const float *gamma,
                         int batch, int units, float *dgamma, float *dbeta) {
    parameter_gradients(d, normal, batch, units, dgamma, dbeta);
    for (int b = 0; b < batch; b++, d += units, normal += units) {
        double sum = 0, product = 0;
        for (int o = 0; o < units; o++) {
            d[o] *= gamma[o];
            sum += (double)d[o];
            product += (double)d[o] * (double)normal[o];
        }
        for (int o = 0; o < units; o++) {
            float mean = (float)((sum + (double)normal[o] * product) / units);
            d[o] = inverse[b] * (d[o] - mean);
        }
    }
}
