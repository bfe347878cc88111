/* A ledger's rows as an older store format had them, made of today's. */
#ifndef SB_TESTS_LIB_OLDER_ROWS_H
#define SB_TESTS_LIB_OLDER_ROWS_H

#include "proto/base/kv.h"

/* Store format 2: a row 0x80 for each entry, in place of a key's newest and older ones. */
void older_rows_2(sb_kv *kv);

#endif
