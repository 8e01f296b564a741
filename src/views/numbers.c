#include "views/numbers.h"

#include <stdlib.h>
#include <string.h>

struct ViewNumbers {
    const ViewType *type;
    void *state;
    ViewContext context;
    Snapshot *runs; // (1 + context.n_rivals)
    int n_requests;
    ObservationRequest requests[VIEW_OBSERVATIONS_MAX];
    Observation observations[VIEW_OBSERVATIONS_MAX];
};

static bool copy_runs(ViewNumbers *numbers, const ViewContext *context) {
    numbers->runs = calloc(1 + (size_t)context->n_rivals, sizeof *numbers->runs);
    if (!numbers->runs || !snapshot_copy(&numbers->runs[0], context->run)) return false;
    for (int i = 0; i < context->n_rivals; i++) {
        if (!snapshot_copy(&numbers->runs[1 + i], context->rivals[i])) return false;
        numbers->context.rivals[i] = &numbers->runs[1 + i];
    }
    numbers->context.run = &numbers->runs[0];
    return true;
}

ViewNumbers *view_numbers_create(const ViewType *type, const void *state,
                                 const ViewContext *context, const ObservationRequest *requests,
                                 int n, Error *error) {
    ViewNumbers *numbers = calloc(1, sizeof *numbers);
    void *copy = malloc(type->state_size + 1); // some have none
    if (!numbers || !copy) {
        free(numbers);
        free(copy);
        error_set(error, "%s: out of memory", type->id);
        return NULL;
    }
    memcpy(copy, state, type->state_size);
    *numbers = (ViewNumbers){.type = type, .state = copy, .context = *context, .n_requests = n};
    numbers->context.gfx = NULL;
    memset(numbers->context.observations, 0, sizeof numbers->context.observations);
    for (int i = 0; i < n; i++) {
        numbers->requests[i] = requests[i];
        if (requests[i].surface.plane) plane_retain(requests[i].surface.plane);
    }
    if (copy_runs(numbers, context)) return numbers;
    view_numbers_destroy(numbers);
    error_set(error, "%s: out of memory", type->id);
    return NULL;
}

bool view_numbers_measure(ViewNumbers *numbers, int threads, Error *error) {
    for (int k = 0; k < numbers->n_requests; k++) {
        const ObservationRequest *request = &numbers->requests[k];
        if (request->kind == OBSERVE_NOTHING || request->kind == OBSERVE_PLANE) continue;
        Observation *observation = &numbers->observations[k];
        Error why;
        if (!observe(request, numbers->context.run, threads, observation, &why))
            return error_set(error, "%s: %s", numbers->type->id, why.text);
        numbers->context.observations[k] = observation;
    }
    return true;
}

bool view_numbers_write(const ViewNumbers *numbers, Table *table, Error *error) {
    const ViewType *type = numbers->type;
    // A file is the same in every language; why there is none is said in the person's.
    ViewContext plain = numbers->context;
    plain.chinese = false;
    Error why;
    if (type->table(numbers->state, &plain, table, &why)) return true;
    type->table(numbers->state, &numbers->context, table, &why);
    return error_set(error, "%s: %s", type->id, why.text);
}

void view_numbers_destroy(ViewNumbers *numbers) {
    if (!numbers) return;
    for (int i = 0; numbers->runs && i <= numbers->context.n_rivals; i++)
        snapshot_deinit(&numbers->runs[i]);
    for (int i = 0; i < numbers->n_requests; i++) {
        observation_deinit(&numbers->observations[i]);
        plane_release(numbers->requests[i].surface.plane);
    }
    free(numbers->runs);
    free(numbers->state);
    free(numbers);
}
