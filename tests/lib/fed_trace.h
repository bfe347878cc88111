/* What a test federation was asked and answered, for another implementation to repeat
 * (tests/oracle/replay.py). Nothing is written unless SAMBAND_FED_TRACE names a folder. */
#ifndef SB_TESTS_LIB_FED_TRACE_H
#define SB_TESTS_LIB_FED_TRACE_H

#include "tests/lib/fed.h"

typedef enum fed_trace_op {
    FED_TRACE_NEW,
    FED_TRACE_TAKE,
    FED_TRACE_CHECK,
    FED_TRACE_END,
    FED_TRACE_BLOB /* `leaf` is a blob that entries may name */
} fed_trace_op;

/* One record in the folder's file of this process, numbers big-endian:
 *   u8 op | u64 which federation | u32 len | leaf[len] | u32 len | name of the refusal[len], empty: taken
 *   | u32 size and digest[32] after it
 */
void fed_trace(const fed *f, fed_trace_op op, sb_slice leaf, sb_err err);

#endif
