/// Output files that are never half-written: they go to a temporary name beside their target, are
/// synced, and renamed over it when complete; should the program end at once, they go with it
/// (base/pending.h). Symlinks are followed; a target that is not a regular file (a pipe,
/// /dev/stdout) is written directly. Thread: any, a writer with one at a time.
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"

/// Whether a file's name ends so (".png"), in small letters or capital ones.
bool file_ends_in(const char *path, const char *suffix);

/// An output under way. Zeroed is valid and closed.
typedef struct FileWriter {
    FILE *stream;    // write here
    char *target;    // what the user asked for, symlinks resolved
    char *temporary; // NULL where the target is written directly
    char *name;      // as the user wrote it, for messages
} FileWriter;

/// Opens an output.  @return false with "NAME: WHY" in error
bool file_open(FileWriter *writer, const char *path, Error *error);
/// Completes it: flushes, syncs, renames. On failure (disk full) the temporary file is removed.
bool file_commit(FileWriter *writer, Error *error);
/// Gives it up and removes the temporary file. Does nothing to a closed writer.
void file_discard(FileWriter *writer);

/// Where a path really leads, though its last part may not exist yet; a dangling symlink is
/// followed too. The caller frees it.  @return NULL where memory is short
char *file_resolve(const char *path);
/// Flushes and closes.  @param sync  waits until the disk has it  @return 0, or an errno
int file_close(FILE *stream, bool sync);

/// Reads a whole regular file or pipe into memory that the caller frees, ended by a zero byte
/// beyond *size.
/// @param limit  larger files are an error
char *file_read(const char *path, size_t limit, size_t *size, Error *error);

#endif
