#include "proto/base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* As much of `text` as fits, never half a code point. */
static void copy_cut(char out[SB_FAIL_ARG_BYTES], const char *text)
{
    size_t len = strlen(text);
    if (len >= SB_FAIL_ARG_BYTES) {
        len = SB_FAIL_ARG_BYTES - 1;
        while (len > 0 && ((unsigned char)text[len] & 0xC0u) == 0x80u)
            len--;
    }
    memcpy(out, text, len);
    out[len] = '\0';
}

sb_err sb_fail_set(sb_fail *fail, sb_err code, ...)
{
    if (fail == NULL)
        return code;
    fail->code = code;
    fail->argc = 0;
    va_list args;
    va_start(args, code);
    const char *text;
    while (fail->argc < SB_FAIL_ARGS_MAX && (text = va_arg(args, const char *)) != NULL)
        copy_cut(fail->arg[fail->argc++], text);
    va_end(args);
    return code;
}

sb_err sb_fail_list(sb_fail *fail, sb_err code, char *const *args, size_t count)
{
    if (fail == NULL)
        return code;
    fail->code = code;
    fail->argc = 0;
    while (fail->argc < SB_FAIL_ARGS_MAX && fail->argc < count) {
        copy_cut(fail->arg[fail->argc], args[fail->argc]);
        fail->argc++;
    }
    return code;
}

sb_err sb_fail_num(sb_fail *fail, sb_err code, uint32_t argc, uint64_t a0, uint64_t a1)
{
    char first[24], second[24];
    snprintf(first, sizeof first, "%llu", (unsigned long long)a0);
    snprintf(second, sizeof second, "%llu", (unsigned long long)a1);
    return sb_fail_set(fail, code, argc > 0 ? first : NULL, argc > 1 ? second : NULL, NULL);
}

const char *sb_err_name(sb_err code)
{
    switch (code) {
    case SB_OK:
        return "SB_OK";
#define SB_ERROR(name, number, exit, nb, en)                                                       \
    case name:                                                                                     \
        return #name;
#include "proto/base/errors.def"
#undef SB_ERROR
    }
    return NULL;
}

int sb_err_exit(sb_err code)
{
    switch (code) {
    case SB_OK:
        return SB_EXIT_OK;
#define SB_ERROR(name, number, exit, nb, en)                                                       \
    case name:                                                                                     \
        return exit;
#include "proto/base/errors.def"
#undef SB_ERROR
    }
    return SB_EXIT_ERROR;
}
