/// IDX files, the format of MNIST: a header of big-endian sizes, then bytes. Plain or gzip. Files
/// are checked as hostile input: what a header promises must be there to the byte, and no more
/// memory is taken than a file of that length can honestly fill.
#ifndef NN_FILES_IDX_H
#define NN_FILES_IDX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum { IDX_RANK_MAX = 4 };

typedef struct IdxShape {
    int rank;                   // 1 to IDX_RANK_MAX
    size_t sizes[IDX_RANK_MAX]; // the outermost first; those beyond rank are 0
    size_t count;               // their product: how many values there are
} IdxShape;

/// Reads an uncompressed IDX file of bytes (type 0x08) that lies in memory.
/// @param values  set to the first of shape->count values, inside data
/// @return false with error set
bool idx_parse(const unsigned char *data, size_t size, IdxShape *shape,
               const unsigned char **values, Error *error);

/// Inflates a gzip file that lies in memory and holds an IDX file.
/// @param inflated_size  set to what the IDX header promises, which is what there is
/// @return memory that the caller frees, or NULL with error set
unsigned char *idx_inflate(const unsigned char *data, size_t size, size_t *inflated_size,
                           Error *error);

/// Reads an IDX file, plain or gzip.
/// @param values  set to the first value, inside the memory that is returned
/// @return memory that the caller frees, or NULL with "FILE: WHY"
unsigned char *idx_read(const char *path, IdxShape *shape, const unsigned char **values,
                        Error *error);

#endif
