#include "tests/lib/inputs.h"

#include <stdio.h>
#include <stdlib.h>

enum { INPUT_BYTES_MAX = 4 * 1024 * 1024 };

static bool run_one(FILE *file, size_t len, const char *name, inputs_fn *one, void *arg)
{
    uint8_t *data = malloc(len > 0 ? len : 1);
    bool ok = data != NULL && fread(data, 1, len, file) == len && fgetc(file) == '\n';
    if (ok)
        one(arg, name, data, len);
    free(data);
    return ok;
}

bool inputs_each(const char *path, inputs_fn *one, void *arg)
{
    FILE *file = fopen(path, "rb");
    bool ok = file != NULL;
    for (int next; ok && (next = fgetc(file)) != EOF;) {
        size_t len = 0;
        char name[256];
        (void)ungetc(next, file);
        ok = fscanf(file, "%zu %255[^\n]", &len, name) == 2 && fgetc(file) == '\n' &&
             len <= INPUT_BYTES_MAX && run_one(file, len, name, one, arg);
    }
    ok = ok && !ferror(file);
    if (file != NULL)
        (void)fclose(file);
    return ok;
}
