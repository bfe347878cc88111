/* Errors: one code list, one exit code each, and a caller-owned context with the arguments.
 *
 * A refusal is a code and its arguments; proto/text turns it into words (bokmål or English).
 * The list is proto/base/errors.def: SB_ERROR(name, number, exit, bokmål, English). Numbers are
 * stable (they travel in frames) and never reused. Templates name arguments {0}…{3}.
 */
#ifndef SB_BASE_ERR_H
#define SB_BASE_ERR_H

#include <stddef.h>
#include <stdint.h>

typedef enum sb_err {
    SB_OK = 0,
#define SB_ERROR(name, number, exit, nb, en) name = number,
#include "proto/base/errors.def"
#undef SB_ERROR
} sb_err;

/* Process exit codes. */
enum {
    SB_EXIT_OK = 0,
    SB_EXIT_ERROR = 1,
    SB_EXIT_USAGE = 2,
    SB_EXIT_VERIFY = 3,
    SB_EXIT_UNREACHABLE = 4
};

enum { SB_FAIL_ARGS_MAX = 4, SB_FAIL_ARG_BYTES = 160 };

/* What went wrong, with its arguments as NUL-terminated UTF-8 (cut at a code point when too long).
 */
typedef struct sb_fail {
    sb_err code;
    uint32_t argc;
    char arg[SB_FAIL_ARGS_MAX][SB_FAIL_ARG_BYTES];
} sb_fail;

/* Set `fail` (may be NULL) and return `code`, so that a function can `return sb_fail_set(…)`.
 * Arguments are const char *, at most SB_FAIL_ARGS_MAX, closed by NULL. */
sb_err sb_fail_set(sb_fail *fail, sb_err code, ...) __attribute__((sentinel));

/* As sb_fail_set, with a list of `count` texts: those of a Refused or an Answer. Of more than
 * SB_FAIL_ARGS_MAX the first are taken. */
sb_err sb_fail_list(sb_fail *fail, sb_err code, char *const *args, size_t count);

/* As sb_fail_set, with unsigned numbers: the first `argc` of a0, a1 become decimal arguments. */
sb_err sb_fail_num(sb_fail *fail, sb_err code, uint32_t argc, uint64_t a0, uint64_t a1);

/* The code's symbolic name ("SB_E_NOT_FOUND"), or NULL for an unknown number. */
const char *sb_err_name(sb_err code);

/* The process exit code that belongs to `code` (SB_EXIT_ERROR for an unknown number). */
int sb_err_exit(sb_err code);

#endif
