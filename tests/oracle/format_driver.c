/* The strict formats at a pipe, for format_fuzz.py.
 *
 * In: u8 what ('e' entry with its signature, 'c' charter, 'n' checkpoint note, 'p' tlog-proof,
 * 's' pk[32] ‖ signature[64] ‖ message) ‖ u32be length ‖ bytes. Out, a line each: "OK" or the
 * refusal's name; to 's' "OK" and "valid-key" or "no-key". */
#include <stdio.h>

#include "proto/base/hash.h"
#include "proto/merkle/tlog_proof.h"
#include "proto/wire/entry.h"

enum { BYTES_MAX = 2 * 1024 * 1024 };

static sb_err judge(char what, sb_slice bytes, sb_arena *arena)
{
    sb_leaf leaf;
    const Sb__Charter *charter;
    sb_checkpoint checkpoint;
    sb_tlog_proof proof;
    switch (what) {
    case 'e':
        return sb_entry_open(bytes, arena, &leaf, NULL);
    case 'c':
        return sb_charter_decode(bytes, arena, &charter, NULL);
    case 'n':
        return sb_checkpoint_parse(bytes, &checkpoint, NULL);
    case 'p':
        return sb_tlog_proof_parse(bytes, &proof, NULL);
    }
    return SB_E_INTERNAL;
}

static void answer_signature(sb_slice bytes)
{
    sb_slice message = sb_slice_of(bytes.data + 96, bytes.len - 96);
    bool holds = sb_verify(bytes.data, message, bytes.data + 32);
    printf("%s %s\n", holds ? "OK" : "SB_E_SIGNATURE",
           sb_pk_valid(bytes.data) ? "valid-key" : "no-key");
}

int main(void)
{
    static uint8_t bytes[BYTES_MAX];
    uint8_t head[5];
    while (fread(head, 1, 5, stdin) == 5) {
        size_t len = (size_t)head[1] << 24 | (size_t)head[2] << 16 | (size_t)head[3] << 8 | head[4];
        if (len > sizeof bytes || fread(bytes, 1, len, stdin) != len)
            return 1;
        if (head[0] == 's' && len >= 96) {
            answer_signature(sb_slice_of(bytes, len));
        } else {
            sb_arena arena;
            sb_arena_init(&arena);
            sb_err err = judge((char)head[0], sb_slice_of(bytes, len), &arena);
            printf("%s\n", err == SB_OK ? "OK" : sb_err_name(err));
            sb_arena_deinit(&arena);
        }
        (void)fflush(stdout);
    }
    return 0;
}
