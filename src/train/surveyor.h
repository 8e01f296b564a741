/// Observations of a run, computed from a snapshot: loss surfaces, prediction fields, layer clouds.
/// The surveyor is the thread that makes them, coarse to fine, highest priority first, dropping
/// what a newer request has made stale. observe() makes one on the caller's thread (`shot`, tests).
#ifndef TRAIN_SURVEYOR_H
#define TRAIN_SURVEYOR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "nn/plane.h"
#include "train/snapshot.h"

typedef enum ObservationKind {
    OBSERVE_NOTHING,
    OBSERVE_SURFACE, // the loss over two parameters, or a plane through weight space
    OBSERVE_PLANE,   // such a plane, where finding it takes long
    OBSERVE_FIELD,   // the outputs over a rectangle of the first two inputs (or a line of the only
                     // one)
    OBSERVE_LAYERS,  // every layer's output for the samples, and for the lines of a grid over the
                     // inputs
    OBSERVE_CLASSES, // which class the network puts samples into
    OBSERVE_NEURONS, // of every layer's first two neurons the loss over two weights, around the
                     // present ones
} ObservationKind;

enum {
    SURFACE_GRID_MAX = 256, // of those that are drawn
    SURFACE_SIDE_MAX = 4096,
    FIELD_GRID_MAX = 256,
    CLOUD_POINTS_MAX = 2000,
    CLOUD_LINES = 11,
    CLOUD_LINE_POINTS = 41,
    VERDICTS_MAX = 10000,
    NEURONS_SEEN = 2, // of each layer
    NEURON_GRID_MAX = 64
};

/// What a point of a surface on a plane, or a product with the Hessian, may take, in
/// multiplications: of larger data evenly picked samples are looked at.
#define PLANE_POINT_COST   6e6
#define PLANE_PRODUCT_COST 1.2e9

/// What to observe. Compared byte for byte: zero it before filling it in.
typedef struct ObservationRequest {
    ObservationKind kind;
    int priority; // larger is sooner
    struct {
        ParamRef axes[2];
        const Plane *plane;    // instead of axes, where not NULL; the surveyor retains it
        uint64_t plane_serial; // another for every plane, since addresses are used again
        double range[2][2];    // absolute values, or coordinates on the plane, [axis][lo, hi]
        int grid[2]; // final resolution, rows along a by columns along b; 2…SURFACE_SIDE_MAX
        bool test_split;
        bool refine; // after the grid asked for, SURFACE_GRID_MAX a side, where that is affordable
        bool past;   // with the weights of the path's last point at or before `epoch`
        int64_t epoch; // else 0
    } surface;
    struct {
        PlaneKind kind;  // PLANE_PCA of the path up to now, PLANE_HESSIAN of the train loss
        uint64_t serial; // another one asks anew
    } plane;
    struct {
        float lo[2], hi[2];
        int grid[2]; // columns along x1, rows along x2 (1 for one input); ≤ FIELD_GRID_MAX
    } field;
    struct {
        double reach; // so far to both sides of the present weights
        int grid;     // final resolution of each surface, points a side; 2…NEURON_GRID_MAX
    } neurons;
} ObservationRequest;

/// One finished observation.
typedef struct Observation {
    ObservationRequest request;    // what it answers
    uint64_t serial;               // its own, growing: a view redraws when it changes
    uint64_t snapshot, generation; // the snapshot it was made from: the first one with its weights
    int64_t epoch;                 // whose weights were looked at
    // surface: loss[(i * grid_b) + j] at a = values_a[i], b = values_b[j]
    int grid[2];                 // of this (perhaps still coarse) pass; field: columns, rows
    double *values_a, *values_b; // (grid)
    double here[2];              // the two weights, or coordinates, as they were in the snapshot
    double here_loss;            // and the loss there, computed, on the request's split
    size_t samples;              // surface, plane: how many were looked at
    const Plane *plane; // OBSERVE_PLANE: counted by the observation; NULL: there is none, and
    Error why;          // this is why
    float *values;   // surface: losses; field: outputs (rows, columns; x2 upward), the first one,
                     // of several classes the largest, of a step the sigmoid of its sum;
                     // classes: (n_points) the winner's output
    float *winner;   // several classes: the number of the largest output, field: (rows, columns),
                     // classes: (n_points); else NULL
    double min, max; // of the finite values
    // layers: 2-D positions. Up to two units: their outputs (of one unit: x = its output, y = 0).
    // More: along the two directions in which they vary most. Outputs of three classes or more: the
    // mean of a regular polygon's corners weighted with the outputs, class 0 at the top, clockwise.
    int n_layers; // weight layers + 1: the input first
    int n_points; // layers: train samples, evenly picked where there are more than
                  // CLOUD_POINTS_MAX; classes: test samples (train where there are none), evenly
                  // picked where there are more than VERDICTS_MAX
    // neurons: values (n_layers, NEURONS_SEEN, grid, grid) at the weights `centres` plus values_a
    // and values_b, NaN for neurons that there are not; n_layers is that of the weight layers,
    // here_loss the one at all centres, and `samples` how many of the train part were looked at:
    // all, or evenly picked ones, number i * n_train / samples
    float *centres; // (n_layers, NEURONS_SEEN, 2) the weights as they were
    float *points;  // (n_layers, n_points, 2)
    float *target;  // (n_points) the first target; of several classes, the class's number
    float *lines; // (n_layers, 2 * CLOUD_LINES, CLOUD_LINE_POINTS, 2); only for 2 inputs, else NULL
    size_t capacity; // of memory
    float *memory;
    size_t axes_capacity; // of axes
    double *axes;
} Observation;

/// Makes one observation at its full resolution on this thread.
/// @param threads  0: all processors
/// @param out      zeroed or an older observation, whose memory is reused
bool observe(const ObservationRequest *request, const Snapshot *snapshot, int threads,
             Observation *out, Error *error);
void observation_deinit(Observation *observation);
/// Which of the data's samples a point of an observation of classes is.
size_t verdict_sample(const Observation *observation, const Dataset *data, int point);
/// Which of them a point of an observation of layers is.
size_t cloud_sample(const Observation *observation, const Dataset *data, int point);
/// The two weights over which an observation of neurons sees one: from the first two inputs that
/// are not nearly always zero; its only weight and the bias where the layer has one input.
/// @param neuron  0…NEURONS_SEEN-1
/// @return false where there is no such neuron, or it has but one parameter
bool neuron_axes(const Network *net, const Dataset *data, int layer, int neuron, ParamRef axes[2]);

enum { SURVEYOR_SLOTS_MAX = 32 };

typedef struct Surveyor Surveyor;

/// Starts the thread.  @param wake  called on it after a result; must not block
Surveyor *surveyor_create(void (*wake)(void *context), void *context, Error *error);
void surveyor_destroy(Surveyor *surveyor);

/// Asks for an observation of a snapshot in a slot (0…SURVEYOR_SLOTS_MAX-1). The newest request of
/// a slot replaces what was asked there before; a pass under way for the same request and
/// generation is finished first when it is the coarse one, so that there is always something fresh
/// to see. Copies what it needs. Does nothing where the same request was already posted with this
/// snapshot, or one with the same weights.  Thread: the window's.
void surveyor_post(Surveyor *surveyor, int slot, const ObservationRequest *request,
                   const Snapshot *snapshot);
/// The newest result of a slot or NULL; valid until the next call for that slot.  Thread: the
/// window's.
const Observation *surveyor_take(Surveyor *surveyor, int slot);

#endif
