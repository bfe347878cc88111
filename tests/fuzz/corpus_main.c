/* Runs a fuzz target over every file of the directories given: the corpora as ordinary tests. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { INPUT_BYTES_MAX = 4 * 1024 * 1024 };

/* 1 if the file was run. */
static int run_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return 0;
    uint8_t *buffer = malloc(INPUT_BYTES_MAX);
    size_t len = buffer != NULL ? fread(buffer, 1, INPUT_BYTES_MAX, file) : 0;
    int ok = buffer != NULL && !ferror(file);
    fclose(file);
    if (ok) {
        /* a block of just this size, so that the sanitizer sees reads beyond it */
        uint8_t *data = realloc(buffer, len > 0 ? len : 1);
        buffer = data != NULL ? data : buffer;
        LLVMFuzzerTestOneInput(buffer, len);
    }
    free(buffer);
    return ok;
}

int main(int argc, char **argv)
{
    int count = 0;
    for (int i = 1; i < argc; i++) {
        DIR *dir = opendir(argv[i]);
        if (dir == NULL) {
            fprintf(stderr, "cannot open %s\n", argv[i]);
            return 1;
        }
        struct dirent *entry;
        while ((entry = readdir(dir)) != NULL) {
            if (entry->d_name[0] == '.')
                continue;
            char path[4096];
            int n = snprintf(path, sizeof path, "%s/%s", argv[i], entry->d_name);
            if (n < 0 || (size_t)n >= sizeof path || !run_file(path)) {
                fprintf(stderr, "cannot read %s/%s\n", argv[i], entry->d_name);
                closedir(dir);
                return 1;
            }
            count++;
        }
        closedir(dir);
    }
    printf("%d inputs\n", count);
    return count > 0 ? 0 : 1; /* an empty corpus tests nothing */
}
