#include "nodes/follower/rows.h"

#include <stdio.h>

#include "nodes/follower/inside.h"
#include "proto/ledger/rows.h"
#include "proto/wire/promise.h"

static const char *const NAMES[] = {
    [SB_FOL_ROW_HEAD] = "HEAD",         [SB_FOL_ROW_CERTIFIED] = "CERTIFIED",
    [SB_FOL_ROW_COSIGNED] = "COSIGNED", [SB_FOL_ROW_OUTBOX] = "OUTBOX",
    [SB_FOL_ROW_MISSING] = "MISSING",   [SB_FOL_ROW_EVIDENCE] = "EVIDENCE",
    [SB_FOL_ROW_DIVERGED] = "DIVERGED", [SB_FOL_ROW_FINAL] = "FINAL",
    [SB_FOL_ROW_PROMISED] = "PROMISED", [SB_FOL_ROW_SEALED] = "SEALED",
    [SB_FOL_ROW_CONSENT] = "CONSENT",   [SB_FOL_ROW_RESTORED] = "RESTORED",
    [SB_FOL_ROW_CATCHUP] = "CATCHUP",
};

enum { TABLES = sizeof NAMES / sizeof *NAMES, COSIGNATURE_ROW_BYTES = 32 + 8 + 64 };

/* ---- against the log ---- */

static uint64_t log_size(const sb_fol_rows *rows)
{
    return sb_ledger_tree(rows->ledger)->size;
}

static bool is_root(const sb_fol_rows *rows, uint64_t size, const uint8_t root[32])
{
    uint8_t ours[32];
    return sb_tree_root_at(sb_ledger_tree(rows->ledger), size, rows->tiles, ours, NULL) == SB_OK &&
           memcmp(ours, root, 32) == 0;
}

static bool origin_of(const sb_fol_rows *rows, uint32_t term, char out[SB_ORIGIN_BYTES_MAX + 1])
{
    char ours[SB_ORIGIN_BYTES_MAX + 1];
    if (!sb_ledger_origin(rows->ledger, ours, sizeof ours))
        return false;
    char *slash = strrchr(ours, '/');
    slash[1] = '\0';
    return snprintf(out, SB_ORIGIN_BYTES_MAX + 1, "%s%u", ours, term) <= SB_ORIGIN_BYTES_MAX;
}

/* The head as a checkpoint; false: before genesis nothing can be said. */
static bool checkpoint_of(const sb_fol_rows *rows, const sb_head *head, sb_checkpoint *out)
{
    *out = (sb_checkpoint){.size = head->size};
    memcpy(out->root, head->root, 32);
    return origin_of(rows, head->term, out->origin);
}

/* In the term of the log, and within it: the very head. Beyond: it can't be told. */
static bool fits_log(const sb_fol_rows *rows, const sb_head *head)
{
    return head->term != sb_ledger_term(rows->ledger) || head->size > log_size(rows) ||
           head->size == 0 || is_root(rows, head->size, head->root);
}

static bool is_beyond(const sb_fol_rows *rows, const sb_head *head)
{
    return head->term >= sb_ledger_term(rows->ledger) && head->size > log_size(rows);
}

static sb_head read_head(sb_reader *r)
{
    sb_head head = {.term = sb_read_u32(r)};
    head.size = sb_read_u64(r);
    sb_read_into(r, head.root, 32);
    return head;
}

/* ---- one function a table ---- */

/* It has a line of the log's, whose name is the text's first line: a bit of either is found so. */
static bool is_by_itself(const sb_note *note, const sb_checkpoint *head)
{
    sb_note_line line;
    size_t at = 0;
    return sb_note_next_line_by(note, sb_slice_str(head->origin), &at, &line);
}

/* Signed by the log's key of its term. That term's HANDOVER may be to come: as we catch up, its broker
 * signs heads before it. */
static sb_fol_row_verdict check_note(const sb_fol_rows *rows, sb_slice bytes)
{
    sb_note note;
    sb_checkpoint head;
    sb_ledger_term_info info;
    char origin[SB_ORIGIN_BYTES_MAX + 1];
    if (sb_checkpoint_parse_note(bytes, &note, &head, NULL) != SB_OK)
        return SB_FOL_ROW_BAD;
    uint32_t term = sb_fol_origin_term(head.origin);
    if (head.size > log_size(rows))
        return SB_FOL_ROW_AHEAD;
    if (!is_root(rows, head.size, head.root) || !is_by_itself(&note, &head))
        return SB_FOL_ROW_BAD;
    if (!origin_of(rows, term, origin))
        return SB_FOL_ROW_HOLDS;
    bool holds = sb_ledger_term_get(rows->ledger, term, &info)
                     ? sb_checkpoint_verify_parsed(&note, &head, origin, info.log_pk, NULL) == SB_OK
                     : term > sb_ledger_term(rows->ledger) && strcmp(origin, head.origin) == 0;
    return holds ? SB_FOL_ROW_HOLDS : SB_FOL_ROW_BAD;
}

/* The line was a cosignature when it was kept, or the log's own. With a bit flipped it is still by
 * half some key's that the log has ever named: the id fits and the signature doesn't hold, or the
 * other way round. What has nothing of any of them is of a key that a change of term cut off. */
static bool line_holds(const sb_fol_rows *rows, const sb_checkpoint *head, const sb_note_line *line)
{
    enum { NEARLY = 3 }; /* a character of base64 may hold bits of id and time */
    bool is_bent = false;
    sb_row_witness row = {.org = 0, .since = UINT64_MAX};
    sb_kv *kv = sb_ledger_kv(rows->ledger);
    for (bool more = sb_row_witness_next(kv, NULL, &row, true, 0); more;
         more = sb_row_witness_next(kv, NULL, &row, false, 0)) {
        uint8_t id[4];
        sb_cosignature cosignature;
        if (sb_cosignature_verify_line(head, line, row.pk, NULL))
            return true;
        sb_note_key_id(line->name, SB_NOTE_TYPE_COSIGNATURE, row.pk, id);
        is_bent = is_bent || memcmp(id, line->key_id, NEARLY) == 0;
        if (line->sig_len != SB_COSIGNATURE_BYTES)
            continue;
        sb_cosignature_unpack(line->sig, &cosignature);
        is_bent = is_bent || sb_cosignature_verify(head, row.pk, &cosignature);
    }
    return !is_bent;
}

/* Of a certified note only what counts was kept (final.c): each line holds. */
static sb_fol_row_verdict check_certified(const sb_fol_rows *rows, sb_slice bytes)
{
    sb_note note;
    sb_note_line line;
    sb_checkpoint head;
    sb_fol_row_verdict verdict = check_note(rows, bytes);
    if (verdict != SB_FOL_ROW_HOLDS)
        return verdict;
    if (sb_checkpoint_parse_note(bytes, &note, &head, NULL) != SB_OK)
        return SB_FOL_ROW_BAD;
    for (size_t at = 0; sb_note_next_line(&note, &at, &line);)
        if (!line_holds(rows, &head, &line))
            return SB_FOL_ROW_BAD;
    return SB_FOL_ROW_HOLDS;
}

static sb_fol_row_verdict check_final(const sb_fol_rows *rows, sb_slice value)
{
    sb_reader r = sb_reader_over(value);
    uint64_t size = sb_read_u64(&r);
    uint8_t root[32];
    sb_read_into(&r, root, sizeof root);
    sb_slice note = sb_read_bytes(&r, sb_reader_left(&r));
    if (r.failed)
        return SB_FOL_ROW_BAD;
    if (size > log_size(rows))
        return SB_FOL_ROW_AHEAD;
    if (!is_root(rows, size, root))
        return SB_FOL_ROW_BAD;
    return note.len == 0 ? SB_FOL_ROW_HOLDS : check_certified(rows, note);
}

static bool is_ours(const sb_fol_rows *rows, const uint8_t pk[32])
{
    sb_ledger_org org;
    return rows->organisation == NULL || !sb_ledger_witness(rows->ledger, pk, &org) ||
           strcmp(org.id, rows->organisation) == 0;
}

static sb_fol_row_verdict check_cosigned(const sb_fol_rows *rows, sb_slice value, sb_head *head)
{
    sb_reader r = sb_reader_over(value);
    sb_cosignature cosignature;
    sb_checkpoint checkpoint;
    uint8_t pk[32];
    *head = read_head(&r);
    cosignature.time_s = sb_read_u64(&r);
    sb_read_into(&r, cosignature.sig, sizeof cosignature.sig);
    sb_read_into(&r, pk, sizeof pk);
    if (!sb_reader_done(&r) || head->term == 0 || head->size == 0 || !is_ours(rows, pk) ||
        !fits_log(rows, head))
        return SB_FOL_ROW_RECORD;
    if (checkpoint_of(rows, head, &checkpoint) &&
        !sb_cosignature_verify(&checkpoint, pk, &cosignature))
        return SB_FOL_ROW_RECORD;
    return is_beyond(rows, head) ? SB_FOL_ROW_RECORD_AHEAD : SB_FOL_ROW_HOLDS;
}

static sb_fol_row_verdict check_sealed(const sb_fol_rows *rows, sb_slice value, sb_head *head)
{
    sb_reader r = sb_reader_over(value);
    sb_checkpoint checkpoint;
    *head = read_head(&r);
    if (r.failed || sb_reader_left(&r) % COSIGNATURE_ROW_BYTES != 0 || !fits_log(rows, head))
        return SB_FOL_ROW_RECORD;
    bool can_verify = checkpoint_of(rows, head, &checkpoint);
    while (sb_reader_left(&r) > 0) {
        sb_cosignature cosignature;
        uint8_t pk[32];
        sb_read_into(&r, pk, sizeof pk);
        cosignature.time_s = sb_read_u64(&r);
        sb_read_into(&r, cosignature.sig, sizeof cosignature.sig);
        if (can_verify && !sb_cosignature_verify(&checkpoint, pk, &cosignature))
            return SB_FOL_ROW_RECORD;
    }
    return is_beyond(rows, head) ? SB_FOL_ROW_RECORD_AHEAD : SB_FOL_ROW_HOLDS;
}

static bool take_head(const Sb__Head *from, sb_head *out)
{
    *out = (sb_head){0};
    if (from == NULL)
        return true;
    out->term = from->term;
    out->size = from->size;
    if (from->root.len != 32)
        return false;
    memcpy(out->root, from->root.data, 32);
    return true;
}

/* Those of its SEAL, which we verified before we promised. */
static bool seal_holds(const sb_fol_rows *rows, const Sb__PromiseGiven *given, const sb_head *seal)
{
    sb_checkpoint checkpoint;
    if (!checkpoint_of(rows, seal, &checkpoint))
        return true;
    for (size_t i = 0; i < given->n_cosignatures; i++) {
        const Sb__Cosignature *c = given->cosignatures[i];
        sb_cosignature cosignature = {.time_s = c->time_s};
        if (c->witness_pk.len != 32 || c->signature.len != sizeof cosignature.sig)
            return false;
        memcpy(cosignature.sig, c->signature.data, sizeof cosignature.sig);
        if (!sb_cosignature_verify(&checkpoint, c->witness_pk.data, &cosignature))
            return false;
    }
    return true;
}

static bool promise_holds(const sb_fol_rows *rows, const Sb__PromiseGiven *given)
{
    uint8_t federation_id[32];
    sb_promise promise = {.term = given->term};
    if (given->log_pk.len != 32 || given->witness_pk.len != 32 || given->signature.len != 64 ||
        !take_head(given->seal, &promise.seal) || !take_head(given->cosigned, &promise.cosigned) ||
        !is_ours(rows, given->witness_pk.data) || !seal_holds(rows, given, &promise.seal))
        return false;
    memcpy(promise.log_pk, given->log_pk.data, 32);
    return !sb_ledger_federation_id(rows->ledger, federation_id) ||
           sb_promise_verify(federation_id, &promise, given->witness_pk.data,
                             given->signature.data);
}

static sb_fol_row_verdict check_promised(const sb_fol_rows *rows, sb_slice value)
{
    sb_reader r = sb_reader_over(value);
    uint32_t term = sb_read_u32(&r);
    uint8_t log_pk[32];
    sb_read_into(&r, log_pk, sizeof log_pk);
    sb_slice packed = sb_read_bytes(&r, sb_reader_left(&r));
    const Sb__Frame *frame;
    sb_arena arena;
    sb_arena_init(&arena);
    bool holds = !r.failed && sb_frame_decode(packed, &arena, &frame, NULL) == SB_OK &&
                 frame->body_case == SB__FRAME__BODY_PROMISE_GIVEN &&
                 frame->promise_given->term == term && promise_holds(rows, frame->promise_given) &&
                 memcmp(frame->promise_given->log_pk.data, log_pk, 32) == 0;
    sb_arena_deinit(&arena);
    return holds ? SB_FOL_ROW_HOLDS : SB_FOL_ROW_RECORD;
}

/* The entry lies under the head that the log signed, where and when the row says. */
static bool receipt_holds(const sb_fol_rows *rows, const Sb__Receipt *m, const sb_entry *entry)
{
    sb_slice note = sb_slice_of(m->head.data, m->head.len);
    sb_checkpoint head;
    sb_hash32 path[SB_PROOF_HASHES_MAX];
    uint8_t hash[32], time[8];
    sb_ledger_term_info info;
    char origin[SB_ORIGIN_BYTES_MAX + 1];
    sb_buf leaf;
    if (sb_checkpoint_parse(note, &head, NULL) != SB_OK || m->n_proof > SB_PROOF_HASHES_MAX ||
        m->entry_id.len != 32 || memcmp(m->entry_id.data, entry->id, 32) != 0)
        return false;
    for (size_t i = 0; i < m->n_proof; i++) {
        if (m->proof[i].len != 32)
            return false;
        memcpy(path[i].b, m->proof[i].data, 32);
    }
    sb_writer w = sb_writer_over(time, sizeof time);
    sb_write_u64(&w, m->sequenced_at_ms);
    sb_buf_init(&leaf);
    sb_buf_add(&leaf, sb_writer_slice(&w));
    sb_buf_add(&leaf, entry->bytes);
    sb_leaf_hash(sb_buf_slice(&leaf), hash);
    sb_buf_deinit(&leaf);
    uint32_t term = sb_fol_origin_term(head.origin);
    if (!sb_ledger_term_get(rows->ledger, term, &info) || !origin_of(rows, term, origin))
        return !rows->is_whole; /* it was of a term that we had come to */
    return sb_verify_inclusion(hash, m->index, head.size, path, m->n_proof, head.root) &&
           sb_checkpoint_verify(note, origin, info.log_pk, &head, NULL) == SB_OK;
}

static bool stored_receipt_holds(const sb_fol_rows *rows, sb_slice packed, uint64_t index,
                                 uint64_t time_ms, const sb_entry *entry)
{
    const Sb__Frame *frame;
    sb_arena arena;
    sb_arena_init(&arena);
    bool holds = sb_frame_decode(packed, &arena, &frame, NULL) == SB_OK &&
                 frame->body_case == SB__FRAME__BODY_RECEIPT && frame->receipt->index == index &&
                 frame->receipt->sequenced_at_ms == time_ms &&
                 receipt_holds(rows, frame->receipt, entry);
    sb_arena_deinit(&arena);
    return holds;
}

static bool outbox_holds(const sb_fol_rows *rows, sb_slice key, sb_slice value)
{
    sb_reader r = sb_reader_over(value), k = sb_reader_over(key);
    sb_entry entry;
    uint8_t pk[32];
    uint8_t flags = sb_read_u8(&r);
    uint64_t index = sb_read_u64(&r), time_ms = sb_read_u64(&r);
    sb_slice receipt = sb_read_var32(&r);
    sb_slice bytes = sb_read_bytes(&r, sb_reader_left(&r));
    (void)sb_read_u8(&k);
    sb_read_into(&k, pk, sizeof pk);
    uint64_t seq = sb_read_u64(&k);
    return !r.failed && flags <= 7 && sb_reader_done(&k) &&
           sb_entry_parse(bytes, &entry, NULL) == SB_OK && entry.signer_seq == seq &&
           memcmp(entry.signer_pk, pk, 32) == 0 && sb_entry_verify(&entry, NULL) == SB_OK &&
           ((flags & 1) == 0 || receipt.len == 0 ||
            stored_receipt_holds(rows, receipt, index, time_ms, &entry));
}

/* Which code the file's kind goes with; a STATE's is the fold's, and stops nothing. */
static bool fits_kind(sb_evidence_kind kind, uint32_t code)
{
    bool is_state = code != SB_E_FOLLOWER_CONFLICT && code != SB_E_FOLLOWER_RECEIPT;
    return kind == SB_EVIDENCE_HEADS     ? code == SB_E_FOLLOWER_CONFLICT
           : kind == SB_EVIDENCE_RECEIPT ? code == SB_E_FOLLOWER_RECEIPT
                                         : is_state;
}

/* What it says may be judged differently elsewhere; but it says it, signed by whom it convicts. */
static bool file_holds(sb_slice file, uint32_t term, uint32_t code)
{
    sb_evidence_verdict verdict;
    sb_arena arena;
    sb_arena_init(&arena);
    sb_err err = sb_evidence_judge(file, NULL, &arena, &verdict, NULL);
    bool holds = err == SB_OK || (err == SB_E_EVIDENCE_UNTIED && term > 1) ||
                 err == SB_E_EVIDENCE_BUNDLE || err == SB_E_EVIDENCE_ACCEPTED;
    holds = holds && fits_kind(verdict.kind, code);
    if (holds && verdict.convicted_count > 0 && verdict.convicted[0].is_log)
        holds = sb_fol_origin_term(verdict.convicted[0].name) == term;
    sb_arena_deinit(&arena);
    return holds;
}

static bool evidence_holds(sb_slice key, sb_slice value)
{
    sb_reader r = sb_reader_over(value);
    uint32_t term = sb_read_u32(&r), code = sb_read_u32(&r);
    (void)sb_read_u64(&r);
    sb_slice file = sb_read_bytes(&r, sb_reader_left(&r));
    return !r.failed && term > 0 && key.len == 1 + 8 &&
           (file.len == 0 || file_holds(file, term, code));
}

static bool restored_holds(const sb_fol_rows *rows, sb_slice value)
{
    sb_reader r = sb_reader_over(value);
    (void)sb_read_u64(&r);
    uint8_t has_caught_up = sb_read_u8(&r);
    uint32_t term = sb_read_u32(&r);
    return sb_reader_done(&r) && has_caught_up <= 1 && has_caught_up <= term &&
           (!rows->is_whole || term <= sb_ledger_term(rows->ledger));
}

static bool catchup_holds(const sb_fol_rows *rows, sb_slice value)
{
    sb_reader r = sb_reader_over(value);
    uint8_t log_pk[32];
    uint32_t term = sb_read_u32(&r);
    sb_read_into(&r, log_pk, sizeof log_pk);
    uint64_t index = sb_read_u64(&r), began = sb_read_u64(&r);
    return sb_reader_done(&r) && term > 0 && began <= index && began <= log_size(rows);
}

/* ---- all ---- */

static sb_fol_row_verdict holds_or(bool holds, sb_fol_row_verdict otherwise)
{
    return holds ? SB_FOL_ROW_HOLDS : otherwise;
}

static sb_fol_row_verdict check_row(const sb_fol_rows *rows, sb_slice key, sb_slice value,
                                    sb_head *head)
{
    enum { CONSENT_BYTES = 4 + 32 + 32 + 64 };
    switch ((sb_fol_table)key.data[0]) {
    case SB_FOL_ROW_HEAD: /* what else stands on it came with it, unverified */
        return check_note(rows, value);
    case SB_FOL_ROW_CERTIFIED:
        return check_certified(rows, value);
    case SB_FOL_ROW_COSIGNED:
        return check_cosigned(rows, value, head);
    case SB_FOL_ROW_OUTBOX:
        return holds_or(outbox_holds(rows, key, value), SB_FOL_ROW_BAD);
    case SB_FOL_ROW_MISSING:
        return holds_or(key.len == 1 + 32 && value.len == 16, SB_FOL_ROW_BAD);
    case SB_FOL_ROW_EVIDENCE:
        /* it stops the confirming of a term */
        return holds_or(evidence_holds(key, value), SB_FOL_ROW_RECORD);
    case SB_FOL_ROW_DIVERGED:
        return holds_or(value.len == 8 + 4 + 8, SB_FOL_ROW_BAD);
    case SB_FOL_ROW_FINAL:
        return check_final(rows, value);
    case SB_FOL_ROW_PROMISED:
        return check_promised(rows, value);
    case SB_FOL_ROW_SEALED:
        return check_sealed(rows, value, head);
    case SB_FOL_ROW_CONSENT:
        return holds_or(value.len > CONSENT_BYTES, SB_FOL_ROW_BAD);
    case SB_FOL_ROW_RESTORED:
        return holds_or(restored_holds(rows, value), SB_FOL_ROW_RECORD);
    case SB_FOL_ROW_CATCHUP:
        return holds_or(catchup_holds(rows, value), SB_FOL_ROW_BAD);
    }
    return SB_FOL_ROW_UNKNOWN;
}

sb_fol_row_verdict sb_follower_row_check(const sb_fol_rows *rows, sb_slice key, sb_slice value,
                                         const char **name, uint32_t *term, uint64_t *size)
{
    sb_head head = {0};
    *name = key.len > 0 && key.data[0] < TABLES ? NAMES[key.data[0]] : NULL;
    if (*name == NULL)
        return SB_FOL_ROW_UNKNOWN;
    sb_fol_row_verdict verdict = check_row(rows, key, value, &head);
    if (term != NULL)
        *term = head.term;
    if (size != NULL)
        *size = head.size;
    return verdict;
}

bool sb_follower_cosigned_seal(sb_ledger *ledger, const char *organisation, const sb_leaf *leaf)
{
    sb_ledger_org org;
    if (leaf->entry.type != SB_ENTRY_SEAL)
        return false;
    const Sb__Seal *m = (const void *)leaf->message;
    for (size_t i = 0; i < m->n_cosignatures; i++)
        if (sb_ledger_witness(ledger, m->cosignatures[i]->witness_pk.data, &org) &&
            strcmp(org.id, organisation) == 0)
            return true;
    return false;
}
