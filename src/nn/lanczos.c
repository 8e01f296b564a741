// One eigenvector at a time, each among the vectors orthogonal to those found before: a single
// Krylov space holds but one vector of an eigenvalue that comes twice, while two started from
// different vectors find both.
//
// Within a space of j steps the operator is a tridiagonal matrix T. Its eigenvalues approach the
// operator's, from the ends first, and those of T with the last components of its eigenvectors tell
// how far off they are. Where the space is closed under the operator (a breakdown) they are exact.
#include "nn/lanczos.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "nn/kernels/wide.h"

enum {
    WANTED_MAX = 2,
    SWEEPS_MAX = 60, // of QL for an eigenvalue; EISPACK's 30 are enough but for NaN
    CHECK_EACH = 16, // steps up to which T is looked at after each, then after every fourth
    STEPS_MAX = 128,
    STEPS_MIN = 16,
    BASIS_BYTES = 1 << 30,
    DRAWN_AT_ONCE = 1 << 14, // random numbers
};

#define CLOSED 1e-12 // what rounding leaves of a vector that lies within the space, as a share

/// A space as it grows.
typedef struct Krylov {
    const LanczosDesc *desc;
    int steps_max;
    double **basis;                 // (steps_max) of (n), orthonormal; allocated as they are needed
    double *alpha;                  // (steps_max) T's diagonal
    double *beta;                   // (steps_max) beta[j] beside it: between steps j and j + 1
    double *values, *beside, *rows; // (steps_max), (steps_max), (steps_max, steps_max): of QL
    double *product;                // (n)
    int n_found;
    const double *found; // (n_found, n)
    double largest;      // |lambda| seen so far
} Krylov;

static bool is_cancelled(const Krylov *k) {
    return k->desc->cancel && k->desc->cancel(k->desc->context);
}

/// Implicit QL of a symmetric tridiagonal matrix (Golub and Van Loan, 8.3; EISPACK's tql2).
/// @param d     (n) its diagonal; becomes the eigenvalues, in no order
/// @param e     (n) beside it, e[n - 1] unused; spoilt
/// @param rows  (n_rows, n) become rows of the matrix of eigenvectors: to begin with, those of one
/// @return false where it does not converge, as with NaN, or was cancelled
static bool tridiagonal_eigen(const Krylov *k, int n, double *d, double *e, int n_rows,
                              double *rows) {
    e[n - 1] = 0;
    for (int l = 0; l < n; l++) {
        if (is_cancelled(k)) return false;
        for (int sweep = 0;; sweep++) {
            int m = l;
            while (m < n - 1 && !(fabs(e[m]) <= DBL_EPSILON * (fabs(d[m]) + fabs(d[m + 1])))) m++;
            if (m == l) break;
            if (sweep == SWEEPS_MAX) return false;
            // Wilkinson's shift, then rotations that chase the bulge from m up to l.
            double g = (d[l + 1] - d[l]) / (2 * e[l]), r = hypot(g, 1);
            g = d[m] - d[l] + e[l] / (g + copysign(r, g));
            double s = 1, c = 1, p = 0;
            int i = m - 1;
            for (; i >= l; i--) {
                double f = s * e[i], b = c * e[i];
                r = hypot(f, g);
                e[i + 1] = r;
                if (r == 0) {
                    d[i + 1] -= p;
                    e[m] = 0;
                    break;
                }
                s = f / r;
                c = g / r;
                g = d[i + 1] - p;
                r = (d[i] - g) * s + 2 * c * b;
                p = s * r;
                d[i + 1] = g + p;
                g = c * r - b;
                for (int j = 0; j < n_rows; j++) {
                    double *row = rows + (size_t)j * (size_t)n;
                    double above = row[i + 1], here = row[i];
                    row[i + 1] = s * here + c * above;
                    row[i] = c * here - s * above;
                }
            }
            if (r == 0 && i >= l) continue;
            d[l] -= p;
            e[l] = g;
            e[m] = 0;
        }
    }
    return true;
}

/// The eigenvalues of the first n steps' T, and the wanted rows of its eigenvectors.
/// @return where the largest is; -1 where there is none
static int solve(Krylov *k, int n, int first_row, int n_rows) {
    const size_t size = (size_t)n;
    memcpy(k->values, k->alpha, size * sizeof *k->values);
    memcpy(k->beside, k->beta, size * sizeof *k->beside);
    memset(k->rows, 0, (size_t)n_rows * size * sizeof *k->rows);
    for (int i = 0; i < n_rows; i++) k->rows[(size_t)i * size + (size_t)(first_row + i)] = 1;
    if (!tridiagonal_eigen(k, n, k->values, k->beside, n_rows, k->rows)) return -1;
    int top = 0;
    for (int i = 0; i < n; i++) {
        if (k->values[i] > k->values[top]) top = i;
        k->largest = fmax(k->largest, fabs(k->values[i]));
    }
    return top;
}

/// Takes from v its share in what was found and in the first n of the basis. Twice is enough
/// (Kahan, Parlett): once leaves the rounding errors of a v that nearly lies among them.
/// @return false where it was cancelled
static bool orthogonalise(const Krylov *k, int n, double *v) {
    const size_t size = k->desc->n;
    for (int pass = 0; pass < 2; pass++) {
        for (int i = 0; i < k->n_found; i++) {
            const double *found = k->found + (size_t)i * size;
            wide_add(size, -wide_dot(size, found, v), found, v);
        }
        for (int i = 0; i < n; i++) {
            if (is_cancelled(k)) return false;
            wide_add(size, -wide_dot(size, k->basis[i], v), k->basis[i], v);
        }
    }
    return true;
}

/// Room for basis vector number i.
static bool grow(Krylov *k, int i) {
    if (!k->basis[i]) k->basis[i] = malloc(k->desc->n * sizeof **k->basis);
    return k->basis[i] != NULL;
}

/// A random unit vector, to which a guess adds as much.  @param guess  (n), or NULL
/// @return false where it was cancelled
static bool draw_start(const Krylov *k, Rng *rng, const double *guess, double *v) {
    const size_t n = k->desc->n;
    double size = 0;
    while (!(size > 1e-6)) {
        for (size_t i = 0; i < n; i++) {
            if (i % DRAWN_AT_ONCE == 0 && is_cancelled(k)) return false;
            v[i] = rng_normal(rng);
        }
        wide_scale(n, 1 / wide_norm(n, v), v);
        if (guess) wide_add(n, 1, guess, v);
        if (!orthogonalise(k, 0, v)) return false;
        size = wide_norm(n, v);
    }
    wide_scale(n, 1 / size, v);
    return true;
}

/// How far an eigenvalue may be off.
static double allowed(const Krylov *k, double value) {
    double tolerance = k->desc->tolerance > 0 ? k->desc->tolerance : 1e-6;
    return tolerance * fmax(fabs(value), 1e-6 * k->largest);
}

/// T's second largest eigenvalue.
static int second(const Krylov *k, int steps, int top) {
    int best = -1;
    for (int i = 0; i < steps; i++) {
        if (i != top && (best < 0 || k->values[i] > k->values[best])) best = i;
    }
    return best;
}

/// Steps from basis[0] until T's largest eigenvalue is good, or cannot become better.
/// @param last  whether nothing is to be found after it; else its error, which then lies in what is
///              left, must be small beside the next one, too
/// @return how many steps were made; 0: stopped, or no memory
static int step_until_good(Krylov *k, bool last) {
    const size_t n = k->desc->n;
    for (int j = 0;; j++) {
        if (!k->desc->product(k->desc->context, k->basis[j], k->product)) return 0;
        k->alpha[j] = wide_dot(n, k->basis[j], k->product);
        const double before = wide_norm(n, k->product);
        if (!orthogonalise(k, j + 1, k->product)) return 0;
        k->beta[j] = wide_norm(n, k->product);
        if (!isfinite(k->alpha[j]) || !isfinite(k->beta[j])) return 0;
        const int steps = j + 1;
        const bool closed = k->beta[j] <= CLOSED * fmax(before, k->largest) ||
                            (size_t)steps + (size_t)k->n_found >= n;
        if (closed || steps == k->steps_max) return steps;
        if (steps <= CHECK_EACH || steps % 4 == 0) {
            int top = solve(k, steps, j, 1);
            if (top < 0) return 0;
            const int next = last ? -1 : second(k, steps, top);
            double limit = allowed(k, k->values[top]);
            if (next >= 0) limit = fmin(limit, allowed(k, k->values[next]));
            if (k->beta[j] * fabs(k->rows[top]) <= 0.5 * limit) return steps;
        }
        if (!grow(k, steps)) return 0;
        memcpy(k->basis[steps], k->product, n * sizeof *k->product);
        wide_scale(n, 1 / k->beta[j], k->basis[steps]);
    }
}

/// The basis' combination by one of T's eigenvectors.  @return false where it was cancelled
static bool combine(const Krylov *k, int steps, int which, double *vector) {
    const size_t n = k->desc->n;
    memset(vector, 0, n * sizeof *vector);
    for (int i = 0; i < steps; i++) {
        if (is_cancelled(k)) return false;
        wide_add(n, k->rows[(size_t)i * (size_t)steps + (size_t)which], k->basis[i], vector);
    }
    return true;
}

/// Finds the next one.
/// @param guess  (n) what the space before thought of it, where *guessed; becomes the same for the
///               one after it
static bool find(Krylov *k, Rng *rng, bool last, double *guess, bool *guessed, double *value,
                 double *vector, double *residual) {
    const size_t n = k->desc->n;
    if (!grow(k, 0)) return false;
    if (!draw_start(k, rng, *guessed ? guess : NULL, k->basis[0])) return false;
    const int steps = step_until_good(k, last);
    const int top = steps > 0 ? solve(k, steps, 0, steps) : -1;
    if (top < 0 || !combine(k, steps, top, vector)) return false;
    wide_scale(n, 1 / wide_norm(n, vector), vector);
    const int next = second(k, steps, top);
    *guessed = next >= 0;
    if (*guessed && !combine(k, steps, next, guess)) return false;
    if (!k->desc->product(k->desc->context, vector, k->product)) return false;
    *value = wide_dot(n, vector, k->product);
    wide_add(n, -*value, vector, k->product);
    *residual = wide_norm(n, k->product);
    return isfinite(*value) && isfinite(*residual);
}

static void swap(double *a, double *b, size_t n) {
    for (size_t i = 0; i < n; i++) {
        double kept = a[i];
        a[i] = b[i];
        b[i] = kept;
    }
}

static bool find_all(Krylov *k, int wanted, double *guess, double *values, double *vectors,
                     double *residuals) {
    const size_t n = k->desc->n;
    Rng rng = rng_create(k->desc->seed, RNG_PLANE);
    bool guessed = false;
    for (int i = 0; i < wanted; i++) {
        k->found = vectors;
        k->n_found = i;
        double *vector = vectors + (size_t)i * n;
        const bool last = i == wanted - 1;
        if (!find(k, &rng, last, guess, &guessed, &values[i], vector, &residuals[i])) return false;
    }
    // Equal ones may come in either order.
    if (wanted == 2 && values[1] > values[0]) {
        swap(values, values + 1, 1);
        swap(residuals, residuals + 1, 1);
        swap(vectors, vectors + n, n);
    }
    return true;
}

static size_t limit_steps(const LanczosDesc *desc) {
    size_t steps = desc->steps_max > 0 ? (size_t)desc->steps_max : STEPS_MAX;
    const size_t fit = BASIS_BYTES / sizeof(double) / desc->n;
    if (desc->steps_max == 0 && steps > fit) steps = fit > STEPS_MIN ? fit : STEPS_MIN;
    return steps < desc->n ? steps : desc->n;
}

bool lanczos(const LanczosDesc *desc, int wanted, double *values, double *vectors,
             double *residuals) {
    assert(wanted >= 1 && wanted <= WANTED_MAX && (size_t)wanted <= desc->n);
    const size_t steps = limit_steps(desc);
    Krylov k = {.desc = desc, .steps_max = (int)steps};
    k.basis = calloc(steps, sizeof *k.basis);
    double *memory = malloc((4 * steps + steps * steps + 2 * desc->n) * sizeof *memory);
    bool good = k.basis && memory;
    if (good) {
        k.alpha = memory;
        k.beta = k.alpha + steps;
        k.values = k.beta + steps;
        k.beside = k.values + steps;
        k.rows = k.beside + steps;
        k.product = k.rows + steps * steps;
        good = find_all(&k, wanted, k.product + desc->n, values, vectors, residuals);
    }
    for (size_t i = 0; k.basis && i < steps; i++) free(k.basis[i]);
    free(k.basis);
    free(memory);
    return good;
}
