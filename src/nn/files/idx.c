#include "nn/files/idx.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define ZLIB_CONST // zlib reads its input through a pointer to const
#include <zlib.h>

#include "base/file.h"

enum {
    FILE_BYTES_MAX = 1 << 30, // of a file, and of what it inflates to
    HEADER_MAX = 4 + 4 * IDX_RANK_MAX,
    // Deflate reaches 1032 to 1, but not on data that anybody measured: MNIST's images have 5 to 1.
    // More than this, beyond a small file's allowance, is a file made to fill the memory.
    RATIO_MAX = 100,
    RATIO_FREE = 1 << 20,
};

static size_t big_endian(const unsigned char *bytes) {
    return (size_t)bytes[0] << 24 | (size_t)bytes[1] << 16 | (size_t)bytes[2] << 8 | bytes[3];
}

static bool gzipped(const unsigned char *data, size_t size) {
    return size >= 2 && data[0] == 0x1F && data[1] == 0x8B;
}

/// @param size   of what there is of the file, perhaps only its first HEADER_MAX bytes
/// @param total  set to the file's length in bytes, header and values
static bool parse_header(const unsigned char *data, size_t size, IdxShape *shape, size_t *total,
                         Error *error) {
    *shape = (IdxShape){.rank = 0};
    if (size < 4 || data[0] != 0 || data[1] != 0) {
        return error_set(error, "is not an IDX file (MNIST's format)");
    }
    if (data[2] != 0x08) {
        return error_set(error, "is an IDX file of type 0x%02X; only bytes, 0x08, are read",
                         data[2]);
    }
    if (data[3] < 1 || data[3] > IDX_RANK_MAX) {
        return error_set(error, "is an IDX file of %d dimensions; 1 to %d are read", data[3],
                         IDX_RANK_MAX);
    }
    shape->rank = data[3];
    size_t header = 4 + 4 * (size_t)shape->rank;
    if (size < header) return error_set(error, "is cut off in its header");
    shape->count = 1;
    for (int i = 0; i < shape->rank; i++) {
        shape->sizes[i] = big_endian(data + 4 + 4 * (size_t)i);
        if (shape->sizes[i] > 0 && shape->count > FILE_BYTES_MAX / shape->sizes[i]) {
            return error_set(error, "its header promises more than the %d bytes that are allowed",
                             FILE_BYTES_MAX);
        }
        shape->count *= shape->sizes[i];
    }
    *total = header + shape->count;
    return true;
}

static bool check_length(size_t size, size_t total, Error *error) {
    if (size < total) {
        return error_set(error, "is cut off: its header promises %zu bytes, and there are %zu",
                         total, size);
    }
    if (size > total) {
        return error_set(error, "goes on after the %zu bytes that its header promises", total);
    }
    return true;
}

bool idx_parse(const unsigned char *data, size_t size, IdxShape *shape,
               const unsigned char **values, Error *error) {
    size_t total = 0;
    if (!parse_header(data, size, shape, &total, error)) return false;
    if (!check_length(size, total, error)) return false;
    *values = data + (total - shape->count);
    return true;
}

/// Inflates until the room is full or the file has ended, over the borders of gzip members.
/// @param made   set to how many bytes came
/// @param ended  set where the file has ended, its checksums right
static bool inflate_into(z_stream *stream, unsigned char *room, size_t size, size_t *made,
                         bool *ended, Error *error) {
    stream->next_out = room;
    stream->avail_out = (uInt)size;
    while (stream->avail_out > 0 && !*ended) {
        int result = inflate(stream, Z_NO_FLUSH);
        if (result == Z_MEM_ERROR) return error_set(error, "out of memory");
        if (result == Z_BUF_ERROR || (result == Z_OK && stream->avail_in == 0)) {
            if (stream->avail_out == 0) break; // all that there is room for; more may be pending
            return error_set(error, "is cut off: its gzip data do not end");
        }
        if (result == Z_STREAM_END) {
            if (stream->avail_in == 0) {
                *ended = true;
            } else if (!gzipped(stream->next_in, stream->avail_in)) {
                return error_set(error, "goes on after its gzip data");
            } else {
                inflateReset(stream);
            }
        } else if (result != Z_OK) {
            return error_set(error, "its gzip data are damaged (%s)",
                             stream->msg ? stream->msg : "no reason given");
        }
    }
    *made = size - stream->avail_out;
    return true;
}

/// Takes the room for what the header promises, where the file can honestly hold it.
static unsigned char *take_room(const unsigned char *header, size_t have, size_t file_size,
                                size_t *total, Error *error) {
    IdxShape shape;
    if (!parse_header(header, have, &shape, total, error)) return NULL;
    if (*total > RATIO_FREE && (*total - RATIO_FREE) / RATIO_MAX > file_size) {
        error_set(error, "its header promises %zu bytes, more than %zu bytes of gzip honestly hold",
                  *total, file_size);
        return NULL;
    }
    // One byte more shows whether the file goes on.
    unsigned char *room = malloc((*total > have ? *total : have) + 1);
    if (!room) error_set(error, "out of memory");
    return room;
}

static unsigned char *inflate_all(z_stream *stream, size_t file_size, size_t *total, Error *error) {
    unsigned char header[HEADER_MAX];
    size_t have = 0, more = 0;
    bool ended = false;
    if (!inflate_into(stream, header, sizeof header, &have, &ended, error)) return NULL;
    unsigned char *room = take_room(header, have, file_size, total, error);
    if (!room) return NULL;
    memcpy(room, header, have);
    bool good =
        have > *total || inflate_into(stream, room + have, *total + 1 - have, &more, &ended, error);
    if (good && check_length(have + more, *total, error)) return room;
    free(room);
    return NULL;
}

unsigned char *idx_inflate(const unsigned char *data, size_t size, size_t *inflated_size,
                           Error *error) {
    if (size > FILE_BYTES_MAX) {
        error_set(error, "larger than the %d bytes that are allowed", FILE_BYTES_MAX);
        return NULL;
    }
    z_stream stream = {.next_in = data, .avail_in = (uInt)size};
    if (inflateInit2(&stream, 15 + 16) != Z_OK) { // 16: gzip, and nothing else
        error_set(error, "out of memory");
        return NULL;
    }
    unsigned char *inflated = inflate_all(&stream, size, inflated_size, error);
    inflateEnd(&stream);
    return inflated;
}

unsigned char *idx_read(const char *path, IdxShape *shape, const unsigned char **values,
                        Error *error) {
    size_t size = 0;
    unsigned char *data = (unsigned char *)file_read(path, FILE_BYTES_MAX, &size, error);
    if (!data) return NULL;
    bool good = true;
    if (gzipped(data, size)) {
        unsigned char *inflated = idx_inflate(data, size, &size, error);
        free(data);
        data = inflated;
        good = data != NULL;
    }
    if (good && idx_parse(data, size, shape, values, error)) return data;
    free(data);
    error_prefix(error, path);
    return NULL;
}
