/// Names for what is saved without being asked for one: "saddle-NAME-N.SUFFIX", N from 1, the first
/// that nothing has. What is there is never replaced, though two programs save at the same time.
#ifndef CAPTURE_NEW_NAME_H
#define CAPTURE_NEW_NAME_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/pending.h"

enum { NEW_NAME_MAX = 4096 };

/// What is being saved. It is written to a hidden name in the same folder, which no other call
/// gives, and which goes with the program should that end at once.
typedef struct NewName {
    Pending pending; // first
    char draft[NEW_NAME_MAX];
    char shown[NEW_NAME_MAX]; // "FOLDER/saddle-NAME.SUFFIX", for messages
    char path[NEW_NAME_MAX];  // where it lies when it was taken
    char folder[NEW_NAME_MAX], name[256];
    const char *suffix;
} NewName;

/// @param suffix  with its point, or empty; borrowed until it ends
/// @return false with error set where the name is too long
bool new_name_begin(NewName *self, const char *folder, const char *name, const char *suffix,
                    Error *error);
/// Gives a complete file or folder its name.
/// @return false with "FOLDER/…: WHY" in error: it lies where it lay
bool new_name_take(NewName *self, Error *error);
/// Removes what was not taken: a file, or an empty folder.
void new_name_end(NewName *self);
/// In a message that speaks of the draft, puts the name that is shown in its place.
void new_name_blame(const NewName *self, Error *error);

/// All of that for what `write` makes at once: under a new name in folder, or not at all.
/// @param write  makes the file at `draft`; false with "DRAFT: WHY" in error
/// @param path   written: where it lies
bool new_name_save(const char *folder, const char *name, const char *suffix,
                   bool (*write)(void *context, const char *draft, Error *error), void *context,
                   char *path, size_t size, Error *error);

#endif
