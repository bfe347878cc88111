#include "proto/merkle/checkpoint.h"

#include <assert.h>
#include <stdio.h>

#include "proto/base/cursor.h"
#include "proto/base/hash.h"
#include "proto/merkle/base64.h"
#include "proto/merkle/merkle_hash.h"
#include "proto/sign/lines.h"

/* ---- origin and body ---- */

sb_err sb_origin(const char *slug, const uint8_t federation_id[32], uint64_t term,
                 char out[SB_ORIGIN_BYTES_MAX + 1], sb_fail *fail)
{
    char id[2 * 8 + 1];
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
    if (slug[0] == '\0' || strspn(slug, allowed) != strlen(slug) || term == 0)
        return sb_fail_set(fail, SB_E_ORIGIN_SLUG, slug, NULL);
    sb_hex(sb_slice_of(federation_id, 8), id);
    int n = snprintf(out, SB_ORIGIN_BYTES_MAX + 1, "samband/%s/%s/%llu", slug, id,
                     (unsigned long long)term);
    if (n < 0 || n > SB_ORIGIN_BYTES_MAX)
        return sb_fail_set(fail, SB_E_TOO_LARGE, "origin", slug, "128", NULL);
    return SB_OK;
}

bool sb_checkpoint_eq(const sb_checkpoint *a, const sb_checkpoint *b)
{
    return strcmp(a->origin, b->origin) == 0 && a->size == b->size &&
           memcmp(a->root, b->root, sizeof a->root) == 0;
}

void sb_checkpoint_body(const sb_checkpoint *c, sb_buf *out)
{
    sb_buf_printf(out, "%s\n%llu\n", c->origin, (unsigned long long)c->size);
    sb_base64_add(out, sb_slice_of(c->root, sizeof c->root));
    sb_buf_str(out, "\n");
}

sb_err sb_checkpoint_parse_body(sb_slice text, sb_checkpoint *out, sb_fail *fail)
{
    uint8_t empty[32];
    sb_slice line;
    sb_lines lines = sb_lines_over(text);

    memset(out, 0, sizeof *out);
    if (!sb_lines_next(&lines, &line) || line.len > SB_ORIGIN_BYTES_MAX ||
        !sb_note_name_valid(line))
        return sb_note_malformed(fail, 1, "origin");
    memcpy(out->origin, line.data, line.len);
    if (!sb_lines_next(&lines, &line) || !sb_decimal_parse(line, INT64_MAX, &out->size))
        return sb_note_malformed(fail, 2, "size");
    if (!sb_lines_next(&lines, &line) || !sb_base64_decode_exact(line, out->root, sizeof out->root))
        return sb_note_malformed(fail, 3, "root");
    if (lines.rest.len != 0)
        return sb_note_malformed(fail, 4, "EOF");
    if (out->size > 0)
        return SB_OK;
    sb_empty_root(empty);
    if (memcmp(out->root, empty, sizeof empty) != 0)
        return sb_note_malformed(fail, 3, "SHA-256(\"\")");
    return SB_OK;
}

/* ---- the signed note ---- */

sb_err sb_checkpoint_sign(const sb_checkpoint *c, const sb_secret *log_key, sb_buf *out,
                          sb_fail *fail)
{
    sb_buf body;
    sb_buf_init(&body);
    sb_checkpoint_body(c, &body);
    sb_err err = sb_note_sign(sb_buf_slice(&body), sb_slice_str(c->origin), log_key, out, fail);
    sb_buf_deinit(&body);
    return err;
}

sb_err sb_checkpoint_parse_note(sb_slice note, sb_note *parsed, sb_checkpoint *out, sb_fail *fail)
{
    sb_err err = sb_note_parse(note, parsed, fail);
    return err == SB_OK ? sb_checkpoint_parse_body(parsed->text, out, fail) : err;
}

sb_err sb_checkpoint_parse(sb_slice note, sb_checkpoint *out, sb_fail *fail)
{
    sb_note parsed;
    return sb_checkpoint_parse_note(note, &parsed, out, fail);
}

sb_err sb_checkpoint_verify_parsed(const sb_note *parsed, const sb_checkpoint *c,
                                   const char *origin, const uint8_t log_pk[32], sb_fail *fail)
{
    if (origin != NULL && strcmp(origin, c->origin) != 0)
        return sb_fail_set(fail, SB_E_CHECKPOINT_ORIGIN, c->origin, origin, NULL);
    return sb_note_verify(parsed, sb_slice_str(c->origin), log_pk, fail);
}

sb_err sb_checkpoint_verify(sb_slice note, const char *origin, const uint8_t log_pk[32],
                            sb_checkpoint *out, sb_fail *fail)
{
    sb_note parsed;
    sb_err err = sb_checkpoint_parse_note(note, &parsed, out, fail);
    return err == SB_OK ? sb_checkpoint_verify_parsed(&parsed, out, origin, log_pk, fail) : err;
}

/* ---- cosignature/v1 ---- */

void sb_cosignature_message(const sb_checkpoint *c, uint64_t time_s, sb_buf *out)
{
    sb_buf_printf(out, "cosignature/v1\ntime %llu\n", (unsigned long long)time_s);
    sb_checkpoint_body(c, out);
}

sb_err sb_cosign(const sb_checkpoint *c, const sb_secret *witness_key, uint64_t time_s,
                 sb_cosignature *out, sb_fail *fail)
{
    sb_buf message;
    if (time_s > INT64_MAX)
        return sb_fail_set(fail, SB_E_TOO_LARGE, "time", "> 2^63-1", "2^63-1", NULL);
    sb_buf_init(&message);
    sb_cosignature_message(c, time_s, &message);
    out->time_s = time_s;
    sb_err err = sb_sign(witness_key, sb_buf_slice(&message), out->sig, fail);
    sb_buf_deinit(&message);
    return err;
}

bool sb_cosignature_verify(const sb_checkpoint *c, const uint8_t witness_pk[32],
                           const sb_cosignature *cosignature)
{
    sb_buf message;
    if (cosignature->time_s > INT64_MAX)
        return false;
    sb_buf_init(&message);
    sb_cosignature_message(c, cosignature->time_s, &message);
    bool is_valid = sb_verify(witness_pk, sb_buf_slice(&message), cosignature->sig);
    sb_buf_deinit(&message);
    return is_valid;
}

void sb_cosignature_pack(const sb_cosignature *cosignature, uint8_t out[SB_COSIGNATURE_BYTES])
{
    sb_writer w = sb_writer_over(out, SB_COSIGNATURE_BYTES);
    sb_write_u64(&w, cosignature->time_s);
    sb_write_bytes(&w, sb_slice_of(cosignature->sig, sizeof cosignature->sig));
    assert(!w.failed && w.at == SB_COSIGNATURE_BYTES);
}

void sb_cosignature_unpack(const uint8_t in[SB_COSIGNATURE_BYTES], sb_cosignature *out)
{
    sb_reader r = sb_reader_over(sb_slice_of(in, SB_COSIGNATURE_BYTES));
    out->time_s = sb_read_u64(&r);
    sb_read_into(&r, out->sig, sizeof out->sig);
    assert(sb_reader_done(&r));
}

void sb_cosignature_add_line(sb_buf *out, sb_slice name, const uint8_t witness_pk[32],
                             const sb_cosignature *cosignature)
{
    uint8_t id[4], payload[SB_COSIGNATURE_BYTES];
    sb_note_key_id(name, SB_NOTE_TYPE_COSIGNATURE, witness_pk, id);
    sb_cosignature_pack(cosignature, payload);
    sb_note_add_line(out, name, id, sb_slice_of(payload, sizeof payload));
}

bool sb_cosignature_verify_line(const sb_checkpoint *c, const sb_note_line *line,
                                const uint8_t witness_pk[32], sb_cosignature *out)
{
    uint8_t id[4];
    sb_cosignature cosignature;
    sb_note_key_id(line->name, SB_NOTE_TYPE_COSIGNATURE, witness_pk, id);
    if (memcmp(line->key_id, id, sizeof id) != 0 || line->sig_len != SB_COSIGNATURE_BYTES)
        return false;
    sb_cosignature_unpack(line->sig, &cosignature);
    if (!sb_cosignature_verify(c, witness_pk, &cosignature))
        return false;
    if (out != NULL)
        *out = cosignature;
    return true;
}

bool sb_cosignature_find(const sb_note *note, const sb_checkpoint *c, const uint8_t witness_pk[32],
                         sb_cosignature *out)
{
    sb_note_line line;
    for (size_t at = 0; sb_note_next_line(note, &at, &line);) {
        if (sb_cosignature_verify_line(c, &line, witness_pk, out))
            return true;
    }
    return false;
}

/* ---- merging ---- */

/* Is `line` (with its \n) among the lines of out from `start` on? */
static bool has_line(const sb_buf *out, size_t start, sb_slice line)
{
    sb_lines lines = sb_lines_over(sb_slice_of(out->data + start, out->len - start));
    sb_slice have;
    while (sb_lines_next(&lines, &have)) {
        if (have.len + 1 == line.len && memcmp(have.data, line.data, have.len) == 0)
            return true;
    }
    return false;
}

sb_err sb_note_merge(const sb_slice *notes, size_t count, sb_buf *out, sb_fail *fail)
{
    sb_slice text = {0};
    size_t note_start = out->len, lines_start = 0;
    uint32_t line_count = 0;
    sb_err err = SB_OK;

    assert(count > 0);
    for (size_t i = 0; i < count; i++) {
        sb_note note;
        sb_note_line line;
        err = sb_note_parse(notes[i], &note, fail);
        if (err != SB_OK)
            goto out;
        if (i == 0) {
            text = note.text;
            sb_buf_add(out, text);
            sb_buf_str(out, "\n");
            lines_start = out->len;
        } else if (!sb_slice_eq(text, note.text)) {
            err = sb_fail_set(fail, SB_E_NOTE_BODIES_DIFFER, NULL);
            goto out;
        }
        for (size_t at = 0; sb_note_next_line(&note, &at, &line);) {
            if (has_line(out, lines_start, line.line))
                continue;
            sb_buf_add(out, line.line);
            line_count++;
        }
        if (line_count > SB_NOTE_LINES_MAX || out->len - note_start > SB_NOTE_BYTES_MAX) {
            err = sb_fail_set(fail, SB_E_TOO_LARGE, "note", "> 128 KiB", "128 KiB", NULL);
            goto out;
        }
    }
out:
    if (err != SB_OK)
        out->len = note_start;
    return err;
}
