/// Numbered files, "frames/%04d.png", that appear together or not at all. They lie in a hidden
/// folder, which goes with the program should that end at once (base/pending.h), until all of them
/// are complete. Thread: any, a series with one at a time.
#ifndef BASE_SERIES_H
#define BASE_SERIES_H

#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"
#include "base/pending.h"

/// A name with one number in it.
typedef struct SeriesName {
    char folder[PATH_MAX];                  // with its slash; empty: none was said
    char before[NAME_MAX], after[NAME_MAX]; // the number
    int digits;                             // at least so many
} SeriesName;

/// Splits "FOLDER/a%04d.png".  @return false with "NAME: WHY" in error
bool series_name(SeriesName *name, const char *pattern, Error *error);

typedef struct Series {
    Pending pending; // first
    SeriesName name;
    char draft[PATH_MAX]; // the hidden folder, with its slash
    bool new_folder;
    atomic_int count; // begun
} Series;

/// @param new_folder  the pattern's folder does not exist yet: it is made, and is the hidden one
/// @return false with "NAME: WHY" in error: nothing was made. Where files of those names may not be
///         replaced, too, and where a symlink of such a name, which is followed, leads to another
///         disk or to a file that another name of the series has
bool series_open(Series *series, const char *pattern, bool new_folder, Error *error);
/// Begins the next file.  @return NULL with "NAME: WHY" in error
FILE *series_begin(Series *series, Error *error);
/// Completes it.
bool series_end(Series *series, FILE *stream, Error *error);
/// The name of a file while it lies in the hidden folder.  @return false where it is too long
bool series_draft(const Series *series, int number, char *path, size_t size);
/// Gives all of them their names, in place of what had them. Where that fails, or the program ends
/// meanwhile, all is as before or all is done. Of a new folder it does nothing: whoever made up its
/// name renames it.
/// @return false with "NAME: WHY" in error: it can only be closed
bool series_commit(Series *series, Error *error);
/// How many there are beyond its last file, up to the first gap: of an older and longer series, or
/// a person's own. They stay.
int series_beyond(const Series *series);
/// The name that a file has or gets.  @return false where it is too long
bool series_path(const Series *series, int number, char *path, size_t size);
/// Lets it go.  @param keep  what lies in a new folder stays
void series_close(Series *series, bool keep);

#endif
