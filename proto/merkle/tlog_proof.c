#include "proto/merkle/tlog_proof.h"

#include <assert.h>

#include "proto/merkle/base64.h"
#include "proto/merkle/proof.h"
#include "proto/sign/lines.h"

#define MAGIC "c2sp.org/tlog-proof@v1"

void sb_tlog_proof_write(uint64_t index, const sb_proof *proof, sb_slice extra, sb_slice note,
                         sb_buf *out)
{
    assert(proof->count <= SB_PROOF_HASHES_MAX && extra.len <= SB_TLOG_PROOF_EXTRA_BYTES_MAX);
    sb_buf_str(out, MAGIC "\n");
    if (extra.len > 0) {
        sb_buf_str(out, "extra ");
        sb_base64_add(out, extra);
        sb_buf_str(out, "\n");
    }
    sb_buf_printf(out, "index %llu\n", (unsigned long long)index);
    for (uint32_t i = 0; i < proof->count; i++) {
        sb_base64_add(out, sb_slice_of(proof->hashes[i].b, SB_HASH_BYTES));
        sb_buf_str(out, "\n");
    }
    sb_buf_str(out, "\n");
    sb_buf_add(out, note);
}

/* Canonical base64 of 1…SB_TLOG_PROOF_EXTRA_BYTES_MAX bytes. */
static bool extra_is_valid(sb_slice base64)
{
    sb_buf scratch;
    size_t len;
    if (base64.len == 0 || base64.len > SB_BASE64_CHARS(SB_TLOG_PROOF_EXTRA_BYTES_MAX))
        return false;
    sb_buf_init(&scratch);
    sb_buf_add(&scratch, base64); /* room enough to decode into */
    bool is_valid = sb_base64_decode(base64, scratch.data, SB_TLOG_PROOF_EXTRA_BYTES_MAX, &len);
    sb_buf_deinit(&scratch);
    return is_valid;
}

sb_err sb_tlog_proof_parse(sb_slice text, sb_tlog_proof *out, sb_fail *fail)
{
    sb_lines lines = sb_lines_over(text);
    sb_slice line;

    memset(out, 0, sizeof *out);
    if (!sb_lines_next(&lines, &line) || !sb_slice_eq(line, sb_slice_str(MAGIC)))
        return sb_note_malformed(fail, 1, MAGIC);
    if (!sb_lines_next(&lines, &line))
        return sb_note_malformed(fail, 2, "index");
    if (sb_text_skip(&line, "extra ")) {
        if (!extra_is_valid(line))
            return sb_note_malformed(fail, lines.number, "extra");
        out->extra_base64 = line;
        if (!sb_lines_next(&lines, &line))
            return sb_note_malformed(fail, lines.number, "index");
    }
    if (!sb_text_skip(&line, "index ") || !sb_decimal_parse(line, INT64_MAX, &out->index))
        return sb_note_malformed(fail, lines.number, "index");
    for (;;) {
        if (!sb_lines_next(&lines, &line))
            return sb_note_malformed(fail, lines.number, "\\n\\n");
        if (line.len == 0)
            break;
        if (out->proof.count == SB_PROOF_HASHES_MAX ||
            !sb_base64_decode_exact(line, out->proof.hashes[out->proof.count].b, SB_HASH_BYTES))
            return sb_note_malformed(fail, lines.number, "hash");
        out->proof.count++;
    }
    out->note = lines.rest;
    return SB_OK;
}

sb_err sb_tlog_proof_verify(sb_slice text, sb_slice leaf, const char *origin,
                            const uint8_t log_pk[32], sb_tlog_proof *proof, sb_checkpoint *out,
                            sb_fail *fail)
{
    uint8_t hash[32];
    sb_err err = sb_tlog_proof_parse(text, proof, fail);
    if (err != SB_OK)
        return err;
    err = sb_checkpoint_verify(proof->note, origin, log_pk, out, fail);
    if (err != SB_OK)
        return err;
    sb_leaf_hash(leaf, hash);
    if (!sb_verify_inclusion(hash, proof->index, out->size, proof->proof.hashes, proof->proof.count,
                             out->root))
        return sb_fail_num(fail, SB_E_MERKLE_PROOF, 1, out->size, 0);
    return SB_OK;
}
