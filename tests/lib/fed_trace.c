#include "tests/lib/fed_trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static FILE *open_trace(void)
{
    static FILE *file;
    static bool asked;
    const char *folder = getenv("SAMBAND_FED_TRACE");
    if (!asked && folder != NULL) {
        char path[512];
        (void)snprintf(path, sizeof path, "%s/%ld.trace", folder, (long)getpid());
        file = fopen(path, "ab");
    }
    asked = true;
    return file;
}

static void add_u32(sb_buf *out, uint32_t n)
{
    const uint8_t bytes[4] = {(uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8),
                              (uint8_t)n};
    sb_buf_add(out, sb_slice_of(bytes, sizeof bytes));
}

void fed_trace(const fed *f, fed_trace_op op, sb_slice leaf, sb_err err)
{
    FILE *file = open_trace();
    if (file == NULL)
        return;
    const uint8_t kind = (uint8_t)op;
    const char *name = err == SB_OK ? "" : sb_err_name(err);
    sb_slice why = sb_slice_str(name == NULL ? "?" : name);
    sb_ledger_position at = {0};
    if (op == FED_TRACE_TAKE || op == FED_TRACE_CHECK)
        sb_ledger_position_get(f->ledger, &at);
    sb_buf out;
    sb_buf_init(&out);
    sb_buf_add(&out, sb_slice_of(&kind, 1));
    add_u32(&out, (uint32_t)((uintptr_t)f >> 32));
    add_u32(&out, (uint32_t)(uintptr_t)f);
    add_u32(&out, (uint32_t)leaf.len);
    sb_buf_add(&out, leaf);
    add_u32(&out, (uint32_t)why.len);
    sb_buf_add(&out, why);
    add_u32(&out, (uint32_t)at.size);
    sb_buf_add(&out, sb_slice_of(at.digest, 32));
    (void)fwrite(out.data, 1, out.len, file);
    (void)fflush(file);
    sb_buf_deinit(&out);
}
