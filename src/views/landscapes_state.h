/// The state of the view of all layers' landscapes, shared by its files: what it keeps of a survey
/// and where its cells lie (landscapes.c), and how it draws them (landscapes_draw.c).
#ifndef VIEWS_LANDSCAPES_STATE_H
#define VIEWS_LANDSCAPES_STATE_H

#include "plot/plot3d.h"
#include "views/probe.h"
#include "views/view.h"

/// One neuron's surface.
typedef struct NeuronSurface {
    bool there; // the layer has such a neuron, with two weights
    ParamRef axes[2];
    SurfaceMesh *mesh;
    float *heights; // (grid, grid) as drawn, b fastest, NaN where nothing is; of the state's memory
} NeuronSurface;

/// The loss axis that all cells share, so that heights compare.
typedef struct SharedAxis {
    bool set;
    double lo, hi;
    bool clipped; // there are losses above hi
} SharedAxis;

typedef struct LandscapesState {
    // What is asked for
    double reach;
    bool log;

    uint64_t generation;     // what the surfaces belong to
    int n_layers, side;      // points of a surface's grid
    NeuronSurface *surfaces; // (n_layers, NEURONS_SEEN)
    float *heights;          // their room
    float *scratch;          // surfaces' heights and levels while a mesh is made
    uint64_t serial;         // of the survey that they show
    bool drawn_log;          // on which axis
    SharedAxis z;
    bool holes; // among the surfaces: losses that are no finite numbers
    Camera camera;
    int columns, rows;             // of cells; the last row may have fewer, and is centred
    Color maps[NEURONS_SEEN][256]; // each neuron's shades, low to high
    const Theme *maps_theme;

    Probe probe;
    float *params; // (n_params) the network's with a read-out's weights
    // The read-out computed last, and where
    struct {
        bool valid, hit;
        float x, y;
        uint64_t snapshot, serial;
        Camera camera;
        int surface;
        double at[2], loss;
    } read;
} LandscapesState;

/// The 3-D plot of one layer.
Plot3d landscapes_plot(const LandscapesState *state, const ViewContext *context, int layer);
/// Where a layer's cell lies in a view's area, its caption's strip included; below the cells is the
/// legend's strip.
Rect landscapes_cell(const LandscapesState *state, Rect area, float scale, int layer);
/// A neuron's colour.
Color landscapes_color(const Theme *theme, int neuron);
/// "h₁", or "output": what a layer makes.
void landscapes_layer_name(const ViewContext *context, int layer, char *text, size_t size);
/// The observation that the surfaces show, or NULL.
const Observation *landscapes_shown(const LandscapesState *state, const ViewContext *context);

/// Makes the meshes anew from an observation, on the present axis.
void landscapes_update(LandscapesState *state, const Observation *o);
void landscapes_draw_cells(LandscapesState *state, const ViewContext *context,
                           const Observation *o);
void landscapes_draw_legend(const LandscapesState *state, const ViewContext *context, Rect strip);
/// Cuts the legend's strip off an area: of no height where there is no room.
Rect landscapes_cut_legend(Rect *area, float scale);

#endif
