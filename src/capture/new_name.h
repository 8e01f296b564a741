/// Names for what is saved without being asked for one: "saddle-NAME-N.SUFFIX", N from 1, the first
/// that nothing has. What is there is never replaced, though two programs save at the same time.
#ifndef CAPTURE_NEW_NAME_H
#define CAPTURE_NEW_NAME_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/// A name to write to meanwhile, hidden, in the same folder; no other call gives the same.
/// @param suffix  with its point, or empty  @param path  written
/// @return false with error set where it is too long
bool new_name_draft(const char *folder, const char *name, const char *suffix, char *path,
                    size_t size, Error *error);
/// Gives a complete file or folder its name.
/// @param draft  where it lies; after a failure it still lies there
/// @param path   written: where it lies now
/// @return false with "FOLDER/…: WHY" in error
bool new_name_take(const char *draft, const char *folder, const char *name, const char *suffix,
                   char *path, size_t size, Error *error);
/// In a message that begins with the draft's name, puts "FOLDER/saddle-NAME.SUFFIX" in its place.
void new_name_blame(const char *draft, const char *folder, const char *name, const char *suffix,
                    Error *error);

/// All of that for what `write` makes at once: under a new name in folder, or not at all.
/// @param write  makes the file at `draft`; false with "DRAFT: WHY" in error
/// @param path   written: where it lies
bool new_name_save(const char *folder, const char *name, const char *suffix,
                   bool (*write)(void *context, const char *draft, Error *error), void *context,
                   char *path, size_t size, Error *error);

#endif
