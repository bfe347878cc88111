/* Entries on their way to the broker, its answers, and what is held back on its way round it. */
#include "nodes/follower/inside.h"

enum { OFFERED_MAX = 16 }; /* in one step */

/* ---- sending ---- */

static bool is_at_broker(const sb_follower *f, const uint8_t sha256[32])
{
    for (size_t i = 0; i < f->at_broker_count; i++)
        if (memcmp(f->at_broker[i], sha256, 32) == 0)
            return true;
    return false;
}

/* Attachments go before the entry that names them. True: all are there. */
static bool put_blobs(sb_follower *f, uint32_t link, sb_slice bytes)
{
    sb_entry entry;
    const ProtobufCMessage *message;
    const Sb__BlobRef *const *blobs;
    size_t blob_count;
    if (sb_entry_parse(bytes, &entry, NULL) != SB_OK ||
        sb_payload_decode(entry.type, entry.payload, &f->scratch, &message, NULL) != SB_OK)
        return true; /* the broker says what it thinks of it */
    sb_payload_blobs(message, &f->scratch, &blobs, &blob_count);
    bool all = true;
    for (size_t i = 0; i < blob_count; i++) {
        const uint8_t *sha256 = blobs[i]->sha256.data;
        if (blobs[i]->sha256.len != 32 || (link == f->followed && is_at_broker(f, sha256)) ||
            sb_ledger_blob_erased(f->ledger, sha256, NULL)) /* the broker refuses it for that */
            continue;
        sb_fol_effect *effect = sb_fol_emit(f, SB_FOL_PUT_BLOB);
        effect->link = link;
        memcpy(effect->blob, sha256, 32);
        all = false;
    }
    return all;
}

static void submit_to(sb_follower *f, uint32_t link, sb_slice entry)
{
    Sb__Submit submit = SB__SUBMIT__INIT;
    submit.entry =
        (ProtobufCBinaryData){.len = entry.len, .data = (uint8_t *)(uintptr_t)entry.data};
    Sb__Frame frame = SB__FRAME__INIT;
    frame.body_case = SB__FRAME__BODY_SUBMIT;
    frame.submit = &submit;
    sb_fol_send_to(f, link, &frame);
}

static void send_row(sb_follower *f, sb_fol_row *row, sb_now now)
{
    sb_fol_stored s;
    if (!sb_fol_row_read(f, row, &s))
        return; /* not committed yet: the pump comes back */
    row->was_sent = true;
    row->sent_ms = now.mono_ms;
    /* out of the kv's memory: effects outlive it */
    sb_slice entry = sb_arena_copy(&f->scratch, s.entry);
    row->waits_for_blobs = !put_blobs(f, f->followed, entry);
    if (row->waits_for_blobs)
        return;
    submit_to(f, f->followed, entry);
}

static bool can_send(const sb_follower *f)
{
    return f->followed != 0 && !f->diverged && !f->committing;
}

/* Nothing of its key is still to be taken before it. */
static bool is_keys_next(const sb_follower *f, const sb_fol_row *row)
{
    for (const sb_fol_row *before = row;
         before-- > f->rows && memcmp(before->pk, row->pk, 32) == 0;)
        if (!before->has_receipt && !before->in_log)
            return false;
    return true;
}

/* What ends something for others and was cut off, or had no receipt, when a HANDOVER came: theirs
 * was cut off too, comes back through other nodes, and goes before it. */
static bool waits_its_turn(const sb_follower *f, sb_fol_row *row, sb_now now)
{
    if (!row->waits_turn)
        return false;
    if (row->turn_ms == 0 && !is_keys_next(f, row))
        return true;
    if (row->turn_ms == 0)
        row->turn_ms = now.mono_ms;
    row->waits_turn = now.mono_ms - row->turn_ms < SB_FOL_CUT_CLOSE_MS;
    return row->waits_turn;
}

static uint64_t sent_again_after(const sb_fol_row *row)
{
    if (row->waits_for_blobs)
        return SB_FOL_BLOB_MS;
    if (row->has_refusal)
        return row->ends ? SB_FOL_CUT_CLOSE_MS : SB_FOL_CUT_AGAIN_MS;
    return SB_FOL_RESUBMIT_MS;
}

/* The key's first entry that the broker hasn't taken, if it isn't under way already. */
static void pump_key(sb_follower *f, const uint8_t pk[32], sb_now now)
{
    for (size_t i = sb_fol_row_lower_bound(f, pk, 0);
         i < f->row_count && memcmp(f->rows[i].pk, pk, 32) == 0; i++) {
        sb_fol_row *row = &f->rows[i];
        if (row->has_receipt || row->in_log)
            continue;
        bool is_due = !row->was_sent || now.mono_ms - row->sent_ms >= sent_again_after(row);
        if (!waits_its_turn(f, row, now) && is_due)
            send_row(f, row, now);
        return;
    }
}

void sb_fol_outbox_pump(sb_follower *f, sb_now now)
{
    if (f->pump_after && can_send(f))
        pump_key(f, f->pump_pk, now);
    f->pump_after = false;
}

/* What the broker gives no receipt for, or a receipt and no leaf (it may be gone, and with it all that
 * knew of it), goes to the other nodes: theirs may get it through. Of each key the first alone: if a
 * later one got through, the log would never take it. One that another node handed on goes only when
 * ours stands behind it. */
static void offer_held_back(sb_follower *f, sb_now now)
{
    const uint8_t *pk = NULL; /* whose first was seen */
    for (size_t i = 0, offered = 0; i < f->row_count && offered < OFFERED_MAX; i++) {
        sb_fol_row *row = &f->rows[i];
        sb_fol_stored s;
        if (row->in_log || (pk != NULL && memcmp(row->pk, pk, 32) == 0))
            continue;
        pk = row->pk;
        if ((row->of_peer && !sb_fol_goes_before_ours(f, row->pk, row->seq)) ||
            now.mono_ms - row->since_ms < SB_FOL_HELD_BACK_MS ||
            (row->offered_ms != 0 && now.mono_ms - row->offered_ms < SB_FOL_OFFER_MS) ||
            waits_its_turn(f, row, now) || !sb_fol_row_read(f, row, &s))
            continue;
        row->offered_ms = now.mono_ms;
        offered++;
        sb_slice entry = sb_arena_copy(&f->scratch, s.entry);
        for (size_t k = 0; k < f->link_count; k++)
            if (f->links[k].role == SB_FOL_ROLE_NODE && f->links[k].welcomed) {
                (void)put_blobs(f, f->links[k].number, entry);
                submit_to(f, f->links[k].number, entry);
            }
    }
}

void sb_fol_outbox_tick(sb_follower *f, sb_now now)
{
    if (f->waiting + f->receipted > 0 && !f->committing && !f->diverged)
        offer_held_back(f, now);
    if (f->waiting == 0 || !can_send(f) || now.mono_ms - f->scan_ms < FOL_OUTBOX_SCAN_MS)
        return;
    f->scan_ms = now.mono_ms;
    for (size_t i = 0; i < f->row_count;) {
        uint8_t pk[32];
        memcpy(pk, f->rows[i].pk, 32);
        pump_key(f, pk, now);
        i = sb_fol_row_lower_bound(f, pk, UINT64_MAX);
        i += i < f->row_count && memcmp(f->rows[i].pk, pk, 32) == 0;
    }
}

void sb_fol_outbox_broker(sb_follower *f, bool is_up)
{
    f->at_broker_count = f->at_broker_next = 0;
    f->scan_ms = 0;
    for (size_t i = 0; is_up && i < f->row_count; i++)
        f->rows[i].was_sent = f->rows[i].waits_for_blobs = false;
}

void sb_fol_blob_at_broker(sb_follower *f, const uint8_t sha256[32], sb_now now)
{
    if (!is_at_broker(f, sha256)) {
        memcpy(f->at_broker[f->at_broker_next], sha256, 32);
        f->at_broker_next = (f->at_broker_next + 1) % FOL_AT_BROKER_MAX;
        if (f->at_broker_count < FOL_AT_BROKER_MAX)
            f->at_broker_count++;
    }
    if (!can_send(f))
        return;
    for (size_t i = 0; i < f->row_count; i++) {
        sb_fol_row *row = &f->rows[i];
        if (!row->waits_for_blobs || row->waits_turn || row->has_receipt || row->in_log)
            continue;
        uint64_t asked_ms = row->sent_ms;
        sb_arena_reset(&f->scratch);
        size_t effects = f->out_count;
        send_row(f, row, now);
        if (row->waits_for_blobs) { /* others are on their way: not asked for again already */
            f->out_count = effects;
            row->sent_ms = asked_ms;
        }
    }
}

/* ---- the broker answers ---- */

/* Our entry, at this index, under a head that the log signed. */
static bool verify_receipt(sb_follower *f, const Sb__Receipt *receipt, sb_slice entry)
{
    sb_checkpoint head;
    uint32_t term;
    if (!sb_fol_verify_note(f, sb_slice_of(receipt->head.data, receipt->head.len), &head, &term) ||
        term != sb_fol_term(f) || f->catchup.is_on || receipt->n_proof > SB_PROOF_HASHES_MAX)
        return false;
    sb_hash32 path[SB_PROOF_HASHES_MAX];
    for (size_t i = 0; i < receipt->n_proof; i++) {
        if (receipt->proof[i].len != 32)
            return false;
        memcpy(path[i].b, receipt->proof[i].data, 32);
    }
    size_t len = 8 + entry.len;
    sb_writer w = sb_writer_over(sb_arena_alloc(&f->scratch, len), len);
    sb_write_u64(&w, receipt->sequenced_at_ms);
    sb_write_bytes(&w, entry);
    uint8_t hash[32];
    sb_leaf_hash(sb_writer_slice(&w), hash);
    if (sb_verify_inclusion(hash, receipt->index, head.size, path, receipt->n_proof, head.root))
        return true;
    sb_fail_num(&f->wrong, SB_E_MERKLE_PROOF, 1, head.size, 0);
    return false;
}

void sb_fol_on_receipt(sb_follower *f, const Sb__Frame *frame)
{
    const Sb__Receipt *receipt = frame->receipt;
    sb_fol_row *row = sb_fol_row_find_id(f, receipt->entry_id);
    sb_fol_stored s;
    if (row == NULL || row->has_receipt || !sb_fol_row_read(f, row, &s))
        return;
    sb_slice entry = sb_arena_copy(&f->scratch, s.entry);
    bool is_there = row->in_log && row->index == receipt->index &&
                    row->sequenced_at_ms == receipt->sequenced_at_ms;
    if (!verify_receipt(f, receipt, entry) || is_there)
        return; /* in the log: that says more */
    sb_buf_clear(&f->frame);
    sb_frame_encode(frame, &f->frame);
    if (receipt->index < f->head.size) { /* something else stands there */
        sb_fol_convict(f, row, receipt->index, sb_buf_slice(&f->frame), entry);
        return;
    }
    sb_fol_row_count(f, row, false);
    row->has_receipt = true;
    row->receipt_index = receipt->index;
    row->receipt_ms = receipt->sequenced_at_ms;
    if (!row->in_log) {
        row->index = receipt->index;
        row->sequenced_at_ms = receipt->sequenced_at_ms;
    }
    sb_fol_row_count(f, row, true);
    sb_fol_row_store(f, row, sb_buf_slice(&f->frame), entry);
    if (row->in_log)
        return; /* the member knows its place; the log shows whether this one can be true */
    sb_fol_notify_receipt(f, row, sb_buf_slice(&f->frame));
    f->pump_after = true;
    memcpy(f->pump_pk, row->pk, 32);
}

/* Refusals that pass by themselves: the entry stays. */
static bool is_passing(uint32_t code)
{
    return code == SB_E_SEQUENCER_CLOCK || code == SB_E_SEQUENCER_BLOB_MISSING ||
           code == SB_E_SEQUENCER_DISK_FULL;
}

/* The log will never take it, whatever comes back into it. */
static bool is_hopeless(uint32_t code)
{
    static const sb_err CODES[] = {
        SB_E_LEDGER_FEDERATION,   SB_E_LEDGER_KEY_OUT_OF_FORCE, SB_E_LEDGER_SUPERSEDED,
        SB_E_LEDGER_ANCHOR_LOWER, SB_E_LEDGER_ANCHOR_ROOT,      SB_E_LEDGER_QUESTION_CLOSED,
        SB_E_LEDGER_BLOB_ERASED,  SB_E_SEQUENCER_SYSTEM_ENTRY,  SB_E_SEQUENCER_BLOB_SIZE,
    };
    for (size_t i = 0; i < sizeof CODES / sizeof *CODES; i++)
        if (code == (uint32_t)CODES[i])
            return true;
    return false;
}

/* Cut off by a HANDOVER, it had been accepted. What it builds on (a question, of a ballot) may come
 * back later than it, through another node: it waits for that, the key's later entries behind it. */
static bool may_come_back(sb_fol_row *row, uint32_t code, sb_now now)
{
    if (!row->was_cut || is_hopeless(code))
        return false;
    if (!row->has_refusal)
        row->refused_ms = now.mono_ms;
    row->has_refusal = true;
    return now.mono_ms - row->refused_ms < SB_FOL_CUT_MS;
}

/* It is given up: the key's next that was cut off has waited as long as it. */
static void pass_its_time_on(sb_follower *f, const sb_fol_row *row)
{
    for (sb_fol_row *next = f->rows + (row - f->rows) + 1;
         next < f->rows + f->row_count && memcmp(next->pk, row->pk, 32) == 0; next++)
        if (next->was_cut && !next->has_receipt && !next->in_log) {
            next->has_refusal = true;
            next->refused_ms = row->refused_ms;
            return;
        }
}

void sb_fol_on_refused(sb_follower *f, const Sb__Refused *refused, sb_now now)
{
    sb_fail fail;
    sb_fail_list(&fail, (sb_err)refused->code, refused->args, refused->n_args);
    sb_fol_row *row = sb_fol_row_find_id(f, refused->entry_id);
    if (row == NULL || row->has_receipt || row->in_log)
        return;
    if (refused->code == SB_E_SEQUENCER_BLOB_MISSING) {
        f->at_broker_count = f->at_broker_next = 0; /* it isn't as we thought */
        row->was_sent = false;
    }
    if (is_passing(refused->code) || may_come_back(row, refused->code, now))
        return;
    memcpy(f->pump_pk, row->pk, 32);
    f->pump_after = true;
    if (row->has_refusal)
        pass_its_time_on(f, row);
    sb_fol_row_refuse(f, row, &fail);
}
