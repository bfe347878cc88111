#include "nodes/auditor/tell.h"

#include "proto/base/hash.h"

void sb_tell(const sb_teller *t, sb_msg msg, const char *a0, const char *a1, const char *a2,
             const char *a3)
{
    sb_text_format(t->out, t->lang, msg, a0, a1, a2, a3, NULL);
    sb_buf_str(t->out, "\n");
}

const char *sb_tell_number(const sb_teller *t, uint64_t n)
{
    return sb_arena_printf(t->arena, "%llu", (unsigned long long)n);
}

const char *sb_tell_hex(const sb_teller *t, const uint8_t bytes[32])
{
    char *out = sb_arena_alloc(t->arena, 65);
    sb_hex(sb_slice_of(bytes, 32), out);
    return out;
}
