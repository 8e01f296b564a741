/// Feeds files, and those of folders, to a harness: the corpus as a test that any compiler runs.
#include <dirent.h>
#include <stdbool.h>

#include "base/file.h"

#include "fuzz.h"

enum { FILE_BYTES_MAX = 1 << 20 };

static bool replay_file(const char *path) {
    size_t size = 0;
    Error error = {""};
    char *data = file_read(path, FILE_BYTES_MAX, &size, &error);
    // In memory of exactly its size, so that a sanitizer sees a byte read beyond it.
    uint8_t *exact = data ? malloc(size ? size : 1) : NULL;
    if (!exact) {
        fprintf(stderr, "replay: %s\n", data ? "out of memory" : error.text);
        free(data);
        return false;
    }
    memcpy(exact, data, size);
    free(data);
    LLVMFuzzerTestOneInput(exact, size);
    free(exact);
    return true;
}

/// @return how many files, or -1
static int replay_folder(const char *path) {
    struct dirent **entries = NULL;
    int n = scandir(path, &entries, NULL, alphasort), replayed = 0;
    for (int i = 0; i < n; i++) {
        char name[4096];
        snprintf(name, sizeof name, "%s/%s", path, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.' && replayed >= 0) {
            replayed = replay_file(name) ? replayed + 1 : -1;
        }
        free(entries[i]);
    }
    free(entries);
    return n < 0 ? -1 : replayed;
}

int main(int argc, char **argv) {
    int total = 0;
    for (int i = 1; i < argc; i++) {
        int n = replay_folder(argv[i]);
        if (n < 0) n = replay_file(argv[i]) ? 1 : -1;
        if (n <= 0) {
            fprintf(stderr, "replay: %s: nothing to replay\n", argv[i]);
            return 1;
        }
        total += n;
    }
    printf("%d inputs\n", total);
    return total > 0 ? 0 : 1;
}
