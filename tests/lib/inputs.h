/* A packed corpus (tests/fuzz/inputs.py): of each input «LENGTH NAME\n», so many bytes, «\n». */
#ifndef SB_TESTS_LIB_INPUTS_H
#define SB_TESTS_LIB_INPUTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* `data` is a block of just this size, so that the sanitizer sees reads beyond it. */
typedef void inputs_fn(void *arg, const char *name, const uint8_t *data, size_t len);

/* False: it can't be read, or isn't one. */
bool inputs_each(const char *path, inputs_fn *one, void *arg);

#endif
