#include "nn/plane_fault.h"

#include <string.h>

#define PREFIX "plane: "

const char *plane_fault_text(PlaneFault fault) {
    static const char *const texts[PLANE_FAULTS] = {
        "",
#define PLANE_FAULT(name, text) text,
#include "nn/plane_faults.def"
#undef PLANE_FAULT
    };
    return texts[fault];
}

bool plane_fault_set(Error *error, PlaneFault fault) {
    return error_set(error, PREFIX "%s", plane_fault_text(fault));
}

PlaneFault plane_fault_of(const Error *error) {
    const size_t prefix = strlen(PREFIX);
    if (strncmp(error->text, PREFIX, prefix) != 0) return PLANE_FAULT_OTHER;
    for (int fault = PLANE_FAULT_OTHER + 1; fault < PLANE_FAULTS; fault++) {
        if (strcmp(error->text + prefix, plane_fault_text((PlaneFault)fault)) == 0) {
            return (PlaneFault)fault;
        }
    }
    return PLANE_FAULT_OTHER;
}
