/// Why there is no plane: what those that make planes (nn/plane.h, nn/curvature.h) may answer.
/// Their errors read "plane: TEXT"; fronts that speak other languages ask for the fault.
#ifndef NN_PLANE_FAULT_H
#define NN_PLANE_FAULT_H

#include "base/error.h"

typedef enum PlaneFault {
    PLANE_FAULT_OTHER, // none of these
#define PLANE_FAULT(name, text) PLANE_FAULT_##name,
#include "nn/plane_faults.def"
#undef PLANE_FAULT
    PLANE_FAULTS
} PlaneFault;

/// In English; "" for PLANE_FAULT_OTHER.
const char *plane_fault_text(PlaneFault fault);
/// Sets the error to it.  @return false
bool plane_fault_set(Error *error, PlaneFault fault);
/// Which one an error is.
PlaneFault plane_fault_of(const Error *error);

#endif
