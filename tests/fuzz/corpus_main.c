/* Runs a fuzz target over inputs: a packed corpus (NAME.inputs), every file of a directory, or a file. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/inputs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { INPUT_BYTES_MAX = 4 * 1024 * 1024 };

static void run_one(void *count, const char *name, const uint8_t *data, size_t len)
{
    (void)name;
    LLVMFuzzerTestOneInput(data, len);
    ++*(int *)count;
}

static bool run_file(const char *path, int *count)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return false;
    uint8_t *buffer = malloc(INPUT_BYTES_MAX);
    size_t len = buffer != NULL ? fread(buffer, 1, INPUT_BYTES_MAX, file) : 0;
    bool ok = buffer != NULL && !ferror(file);
    fclose(file);
    if (ok) {
        /* a block of just this size, so that the sanitizer sees reads beyond it */
        uint8_t *data = realloc(buffer, len > 0 ? len : 1);
        buffer = data != NULL ? data : buffer;
        run_one(count, path, buffer, len);
    }
    free(buffer);
    return ok;
}

static bool run_directory(DIR *dir, const char *at, int *count)
{
    struct dirent *entry;
    bool ok = true;
    while (ok && (entry = readdir(dir)) != NULL) {
        char path[4096];
        if (entry->d_name[0] == '.')
            continue;
        int n = snprintf(path, sizeof path, "%s/%s", at, entry->d_name);
        ok = n > 0 && (size_t)n < sizeof path && run_file(path, count);
    }
    closedir(dir);
    return ok;
}

static bool is_packed(const char *path)
{
    const char *end = strrchr(path, '.');
    return end != NULL && strcmp(end, ".inputs") == 0;
}

int main(int argc, char **argv)
{
    int count = 0;
    for (int i = 1; i < argc; i++) {
        DIR *dir = opendir(argv[i]);
        bool ok = dir != NULL          ? run_directory(dir, argv[i], &count)
                  : is_packed(argv[i]) ? inputs_each(argv[i], run_one, &count)
                                       : run_file(argv[i], &count);
        if (!ok) {
            fprintf(stderr, "cannot read %s\n", argv[i]);
            return 1;
        }
    }
    printf("%d inputs\n", count);
    return count > 0 ? 0 : 1; /* an empty corpus tests nothing */
}
