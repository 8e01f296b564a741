/// The planes of `saddle landscape`: what the options ask for, made; and what there is to say of
/// one, as a JSON object.
#ifndef CLI_LANDSCAPE_PLANE_H
#define CLI_LANDSCAPE_PLANE_H

#include <stdio.h>

#include "cli/options.h"
#include "nn/plane.h"
#include "train/history.h"
#include "train/session.h"

/// Whether the options about planes go together, before any work.
/// @return the exit code, an error being reported
int landscape_check_plane(const Options *options);

/// Makes the plane through the session's weights.
/// @param history  of its training: what PLANE_PCA is made of; else it may be NULL
/// @param to       of the session's shape: PLANE_BETWEEN's other end; else it may be NULL
/// @return NULL with *code set, an error being reported
const Plane *landscape_plane(const Options *options, const Session *session, const History *history,
                             const Network *to, int *code);

/// What the table was made of.
typedef struct PlaneFacts {
    const Plane *plane;
    const Session *session;
    const char *to; // PLANE_BETWEEN: the file's name
    bool test_split;
    double loss; // of the present weights, on that split
    double range[2][2];
} PlaneFacts;

/// Writes them as one line of JSON; numbers that are not finite as null.
void landscape_write_facts(const PlaneFacts *facts, FILE *stream);

#endif
