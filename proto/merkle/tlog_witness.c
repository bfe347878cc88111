#include "proto/merkle/tlog_witness.h"

#include <assert.h>

#include "proto/merkle/base64.h"
#include "proto/merkle/proof.h"
#include "proto/sign/lines.h"

void sb_add_checkpoint_write(uint64_t old_size, const sb_proof *proof, sb_slice note, sb_buf *out)
{
    assert(proof->count <= SB_WITNESS_PROOF_HASHES_MAX);
    sb_buf_printf(out, "old %llu\n", (unsigned long long)old_size);
    for (uint32_t i = 0; i < proof->count; i++) {
        sb_base64_add(out, sb_slice_of(proof->hashes[i].b, SB_HASH_BYTES));
        sb_buf_str(out, "\n");
    }
    sb_buf_str(out, "\n");
    sb_buf_add(out, note);
}

sb_err sb_add_checkpoint_parse(sb_slice body, sb_add_checkpoint *out, sb_fail *fail)
{
    sb_lines lines = sb_lines_over(body);
    sb_slice line;
    *out = (sb_add_checkpoint){0};
    if (body.len > SB_WITNESS_ASK_BYTES_MAX) {
        sb_fail_num(fail, SB_E_TOO_LARGE, 2, body.len, SB_WITNESS_ASK_BYTES_MAX);
        return SB_E_TOO_LARGE;
    }
    if (!sb_lines_next(&lines, &line) || !sb_text_skip(&line, "old ") ||
        !sb_decimal_parse(line, INT64_MAX, &out->old_size))
        return sb_note_malformed(fail, 1, "old");
    while (sb_lines_next(&lines, &line) && line.len > 0) {
        size_t len = 0;
        if (out->proof.count == SB_WITNESS_PROOF_HASHES_MAX ||
            line.len != SB_BASE64_CHARS(SB_HASH_BYTES) ||
            !sb_base64_decode(line, out->proof.hashes[out->proof.count].b, SB_HASH_BYTES, &len) ||
            len != SB_HASH_BYTES)
            return sb_note_malformed(fail, lines.number, "base64");
        out->proof.count++;
    }
    if (lines.rest.len == 0)
        return sb_note_malformed(fail, lines.number, "checkpoint");
    out->note = lines.rest;
    return SB_OK;
}

uint32_t sb_add_checkpoint_judge(const sb_add_checkpoint *ask, const sb_checkpoint *head,
                                 const sb_checkpoint *last)
{
    if (ask->old_size > head->size)
        return SB_WITNESS_MALFORMED;
    if (ask->old_size != last->size)
        return SB_WITNESS_CONFLICT;
    if (last->size == 0) /* whatever comes first is believed; there is nothing to prove */
        return ask->proof.count == 0 ? SB_WITNESS_OK : SB_WITNESS_PROOF;
    if (last->size == head->size && memcmp(last->root, head->root, 32) != 0)
        return SB_WITNESS_CONFLICT;
    return sb_verify_consistency(last->size, last->root, head->size, head->root, ask->proof.hashes,
                                 ask->proof.count)
               ? SB_WITNESS_OK
               : SB_WITNESS_PROOF;
}
