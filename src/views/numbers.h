/// The numbers behind a view, to be measured and written on another thread, while the layout and
/// the run go on or are gone.
#ifndef VIEWS_NUMBERS_H
#define VIEWS_NUMBERS_H

#include "views/view.h"

/// What they are made of, as it was: a view's state, what it wants observed, the run and its
/// rivals.
typedef struct ViewNumbers ViewNumbers;

/// @param state     of a view of that type; copied
/// @param context   with its run and rivals, which are copied
/// @param requests  (n) what it wants observed for numbers; their planes are retained
/// @return NULL with error set where memory is short
ViewNumbers *view_numbers_create(const ViewType *type, const void *state,
                                 const ViewContext *context, const ObservationRequest *requests,
                                 int n, Error *error);
/// Makes the observations.
/// @param threads  0: all processors
/// @return false with "VIEW: WHY" in error.  Thread: any.
bool view_numbers_measure(ViewNumbers *numbers, int threads, Error *error);
/// Writes them, once measured, as docs/numbers.md says.
/// @return false with "VIEW: WHY" in error, in the context's language: there is nothing to show,
/// and nothing was written; or memory is short. Whether writing succeeded is the caller's to ask.
/// Thread: any.
bool view_numbers_write(const ViewNumbers *numbers, Table *table, Error *error);
/// NULL is fine.  Thread: any.
void view_numbers_destroy(ViewNumbers *numbers);

#endif
