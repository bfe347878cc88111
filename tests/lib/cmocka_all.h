/* cmocka with the headers it wants before it, and the house's own assertions on slices. */
#ifndef SB_TEST_CMOCKA_ALL_H
#define SB_TEST_CMOCKA_ALL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* The bytes of `slice` are those of the string `text`. */
#define SB_ASSERT_TEXT(slice, text)                                                                \
    do {                                                                                           \
        sb_slice got_ = (slice);                                                                   \
        assert_int_equal(got_.len, strlen(text));                                                  \
        assert_memory_equal(got_.data, text, got_.len);                                            \
    } while (0)

#endif
