/* A store_sample looked at as a node of unn's looks at it, and made one of another format. */
#ifndef SB_TESTS_STORE_CHECK_H
#define SB_TESTS_STORE_CHECK_H

#include "nodes/store/check.h"
#include "tests/lib/fed.h"

/* Of any federation's. `dir` is borrowed. */
sb_check_opts store_check_opts(const char *dir);
/* cmocka's: nothing is to be cured in f's store there, which has this format and so many leaves. */
void store_check_whole(const fed *f, const char *dir, uint32_t format, uint64_t leaves);
/* The row that says its format, with the store closed: it says this instead, wherever a page has it. In
 * how many places it did. */
int store_say_format(const char *dir, uint8_t is, uint8_t says);

#endif
