/* The outbox: members' entries are durable before they are sent, go in each key's order one at a
 * time, and are kept until final (DESIGN §3, §4).
 *
 *   queued -> (attachments at the broker) -> sent -> receipt -> in the log -> final, gone
 *          \_______________________________ refused, gone: given back to the member
 */
#include "nodes/follower/inside.h"

#include <assert.h>
#include <stdlib.h>

/* ---- the list ---- */

static int compare(const sb_fol_row *row, const uint8_t pk[32], uint64_t seq)
{
    int order = memcmp(row->pk, pk, 32);
    return order != 0 ? order : row->seq < seq ? -1 : row->seq > seq;
}

/* The first row at or after (pk, seq). */
static size_t lower_bound(const sb_follower *f, const uint8_t pk[32], uint64_t seq)
{
    size_t low = 0, high = f->row_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare(&f->rows[middle], pk, seq) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static sb_fol_row *find(sb_follower *f, const uint8_t pk[32], uint64_t seq)
{
    size_t at = lower_bound(f, pk, seq);
    return at < f->row_count && compare(&f->rows[at], pk, seq) == 0 ? &f->rows[at] : NULL;
}

static sb_fol_row *find_id(sb_follower *f, ProtobufCBinaryData id)
{
    for (size_t i = 0; id.len == 32 && i < f->row_count; i++)
        if (memcmp(f->rows[i].id, id.data, 32) == 0)
            return &f->rows[i];
    return NULL;
}

static sb_fol_row *insert(sb_follower *f, const sb_fol_row *row)
{
    if (f->row_count == f->row_cap) {
        f->row_cap = f->row_cap == 0 ? 64 : f->row_cap * 2;
        f->rows = sb_xrealloc(f->rows, f->row_cap * sizeof *f->rows);
    }
    size_t at = lower_bound(f, row->pk, row->seq);
    memmove(&f->rows[at + 1], &f->rows[at], (f->row_count - at) * sizeof *f->rows);
    f->rows[at] = *row;
    f->row_count++;
    return &f->rows[at];
}

static void count(sb_follower *f, const sb_fol_row *row, bool add)
{
    size_t *counter = row->in_log ? NULL : row->has_receipt ? &f->receipted : &f->waiting;
    if (counter != NULL)
        *counter = add ? *counter + 1 : *counter - 1;
}

static void row_key(const uint8_t pk[32], uint64_t seq, uint8_t out[40])
{
    sb_writer w = sb_writer_over(out, 40);
    sb_write_bytes(&w, sb_slice_of(pk, 32));
    sb_write_u64(&w, seq);
}

static void drop(sb_follower *f, sb_fol_row *row)
{
    uint8_t key[40];
    row_key(row->pk, row->seq, key);
    sb_fol_del(f, SB_FOL_ROW_OUTBOX, sb_slice_of(key, sizeof key));
    count(f, row, false);
    size_t at = (size_t)(row - f->rows);
    f->row_count--;
    memmove(&f->rows[at], &f->rows[at + 1], (f->row_count - at) * sizeof *f->rows);
}

/* ---- own rows ---- */

typedef struct stored {
    bool has_receipt;
    uint64_t index, time_ms;
    sb_slice receipt, entry;
} stored;

static bool parse_stored(sb_slice value, stored *out)
{
    sb_reader r = sb_reader_over(value);
    out->has_receipt = sb_read_u8(&r) == 1;
    out->index = sb_read_u64(&r);
    out->time_ms = sb_read_u64(&r);
    out->receipt = sb_read_var32(&r);
    out->entry = sb_read_bytes(&r, sb_reader_left(&r));
    return sb_reader_done(&r);
}

/* As committed; borrowed. */
static bool read_stored(sb_follower *f, const sb_fol_row *row, stored *out)
{
    uint8_t key[41] = {SB_FOL_ROW_OUTBOX};
    row_key(row->pk, row->seq, key + 1);
    sb_slice value;
    return sb_kv_get(f->own, sb_slice_of(key, sizeof key), &value) && parse_stored(value, out);
}

static void store(sb_follower *f, const sb_fol_row *row, sb_slice receipt, sb_slice entry)
{
    uint8_t key[40];
    row_key(row->pk, row->seq, key);
    size_t len = 1 + 8 + 8 + 4 + receipt.len + entry.len;
    sb_writer w = sb_writer_over(sb_arena_alloc(&f->scratch, len), len);
    sb_write_u8(&w, row->has_receipt);
    sb_write_u64(&w, row->index);
    sb_write_u64(&w, row->sequenced_at_ms);
    sb_write_var32(&w, receipt);
    sb_write_bytes(&w, entry);
    sb_fol_put(f, SB_FOL_ROW_OUTBOX, sb_slice_of(key, sizeof key), sb_writer_slice(&w));
}

/* The very entry is in our log. */
static bool in_our_log(sb_follower *f, const uint8_t pk[32], uint64_t seq, sb_slice entry,
                       uint64_t *index, uint64_t *time_ms)
{
    sb_slice leaf;
    if (!sb_ledger_find_submission(f->ledger, pk, seq, index) ||
        !f->log.leaf(f->log.arg, *index, &leaf) || leaf.len != 8 + entry.len ||
        memcmp(leaf.data + 8, entry.data, entry.len) != 0)
        return false;
    sb_reader r = sb_reader_over(leaf);
    *time_ms = sb_read_u64(&r);
    return true;
}

bool sb_fol_outbox_load(sb_follower *f)
{
    const uint8_t table = SB_FOL_ROW_OUTBOX;
    sb_slice prefix = sb_slice_of(&table, 1), from = prefix, key, value;
    uint8_t last[41];
    for (bool inclusive = true; sb_kv_next_in(f->own, prefix, from, inclusive, &key, &value);
         inclusive = false) {
        stored s;
        sb_entry entry;
        if (key.len != sizeof last || !parse_stored(value, &s) ||
            sb_entry_parse(s.entry, &entry, NULL) != SB_OK)
            return false;
        memcpy(last, key.data, key.len);
        from = sb_slice_of(last, sizeof last);
        sb_fol_row row = {.seq = entry.signer_seq,
                          .has_receipt = s.has_receipt,
                          .index = s.index,
                          .sequenced_at_ms = s.time_ms};
        memcpy(row.pk, entry.signer_pk, 32);
        memcpy(row.id, entry.id, 32);
        uint64_t index, time_ms;
        if (in_our_log(f, row.pk, row.seq, s.entry, &index, &time_ms)) {
            row.in_log = true;
            row.index = index;
            row.sequenced_at_ms = time_ms;
        }
        count(f, insert(f, &row), true);
    }
    return true;
}

/* ---- what the member hears ---- */

static sb_fol_effect *notify(sb_follower *f, sb_fol_note note, const uint8_t id[32],
                             uint64_t member)
{
    sb_fol_effect *effect = sb_fol_emit(f, SB_FOL_NOTIFY);
    effect->note = note;
    memcpy(effect->entry_id, id, 32);
    effect->member = member;
    return effect;
}

static sb_fol_effect *notify_row(sb_follower *f, const sb_fol_row *row, sb_fol_note note)
{
    sb_fol_effect *effect = notify(f, note, row->id, row->member);
    effect->index = row->index;
    effect->sequenced_at_ms = row->sequenced_at_ms;
    return effect;
}

/* … with the broker's receipt, which may be empty. */
static void notify_receipt(sb_follower *f, const sb_fol_row *row, sb_slice receipt)
{
    sb_slice copy = sb_arena_copy(&f->out_arena, receipt);
    notify_row(f, row, SB_FOL_RECEIPT)->receipt = copy;
}

static void refuse(sb_follower *f, sb_fol_row *row, const sb_fail *fail)
{
    notify(f, SB_FOL_REFUSED, row->id, row->member)->fail = *fail;
    drop(f, row);
}

/* ---- sending ---- */

static bool is_at_broker(const sb_follower *f, const uint8_t sha256[32])
{
    for (size_t i = 0; i < f->at_broker_count; i++)
        if (memcmp(f->at_broker[i], sha256, 32) == 0)
            return true;
    return false;
}

/* Attachments go before the entry that names them. True: all are there. */
static bool put_blobs(sb_follower *f, sb_slice bytes)
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
        if (blobs[i]->sha256.len != 32 || is_at_broker(f, sha256) ||
            sb_ledger_blob_erased(f->ledger, sha256, NULL)) /* the broker refuses it for that */
            continue;
        memcpy(sb_fol_emit(f, SB_FOL_PUT_BLOB)->blob, sha256, 32);
        all = false;
    }
    return all;
}

static void send_row(sb_follower *f, sb_fol_row *row, sb_now now)
{
    stored s;
    if (!read_stored(f, row, &s))
        return; /* not committed yet: the pump comes back */
    row->was_sent = true;
    row->sent_ms = now.mono_ms;
    /* out of the kv's memory: effects outlive it */
    sb_slice entry = sb_arena_copy(&f->scratch, s.entry);
    row->waits_for_blobs = !put_blobs(f, entry);
    if (row->waits_for_blobs)
        return;
    Sb__Submit submit = SB__SUBMIT__INIT;
    submit.entry = (ProtobufCBinaryData){.len = entry.len, .data = (uint8_t *)entry.data};
    Sb__Frame frame = SB__FRAME__INIT;
    frame.body_case = SB__FRAME__BODY_SUBMIT;
    frame.submit = &submit;
    sb_fol_send(f, &frame);
}

static bool can_send(const sb_follower *f)
{
    return f->welcomed && !f->broker_refused && !f->diverged && !f->committing;
}

/* The key's first entry that the broker hasn't taken, if it isn't under way already. */
static void pump_key(sb_follower *f, const uint8_t pk[32], sb_now now)
{
    for (size_t i = lower_bound(f, pk, 0); i < f->row_count && memcmp(f->rows[i].pk, pk, 32) == 0;
         i++) {
        sb_fol_row *row = &f->rows[i];
        if (row->has_receipt || row->in_log)
            continue;
        uint64_t again = row->waits_for_blobs ? SB_FOL_BLOB_MS : SB_FOL_RESUBMIT_MS;
        if (!row->was_sent || now.mono_ms - row->sent_ms >= again)
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

void sb_fol_outbox_tick(sb_follower *f, sb_now now)
{
    if (f->waiting == 0 || !can_send(f) || now.mono_ms - f->scan_ms < FOL_OUTBOX_SCAN_MS)
        return;
    f->scan_ms = now.mono_ms;
    for (size_t i = 0; i < f->row_count;) {
        uint8_t pk[32];
        memcpy(pk, f->rows[i].pk, 32);
        pump_key(f, pk, now);
        i = lower_bound(f, pk, UINT64_MAX);
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
        if (!row->waits_for_blobs || row->has_receipt || row->in_log)
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

/* ---- a member submits ---- */

static bool same_as_row(sb_follower *f, const sb_fol_row *row, const sb_entry *entry)
{
    stored s;
    return memcmp(row->id, entry->id, 32) == 0 && read_stored(f, row, &s) &&
           sb_slice_eq(s.entry, entry->bytes);
}

/* Known already: say where it stands. */
static bool answer_known(sb_follower *f, const sb_fol_event *event, sb_fail *fail)
{
    const sb_entry *entry = &event->leaf->entry;
    sb_fol_row known = {.member = event->member},
               *row = find(f, entry->signer_pk, entry->signer_seq);
    if (row != NULL && !same_as_row(f, row, entry)) {
        sb_fail_num(fail, SB_E_LEDGER_SUPERSEDED, 2, entry->signer_seq, row->seq);
        return false;
    }
    if (row != NULL) {
        stored s = {0};
        row->member = event->member;
        (void)read_stored(f, row, &s);
        if (row->has_receipt || row->in_log)
            notify_receipt(f, row, s.receipt);
        else
            notify_row(f, row, SB_FOL_QUEUED);
        return true;
    }
    memcpy(known.id, entry->id, 32);
    if (!in_our_log(f, entry->signer_pk, entry->signer_seq, entry->bytes, &known.index,
                    &known.sequenced_at_ms))
        return false;
    notify_row(f, &known, known.index < f->final_size ? SB_FOL_FINAL : SB_FOL_RECEIPT);
    return true;
}

static sb_err check_submit(sb_follower *f, const sb_leaf *leaf, sb_fail *fail)
{
    if (f->diverged)
        return sb_fail_num(fail, SB_E_FOLLOWER_DIVERGED, 1, f->diverged_index, 0);
    if (sb_entry_type_is_system(leaf->entry.type))
        return sb_fail_set(fail, SB_E_SEQUENCER_SYSTEM_ENTRY, sb_entry_type_name(leaf->entry.type),
                           NULL);
    for (size_t i = 0; i < leaf->blob_count; i++) {
        const Sb__BlobRef *blob = leaf->blobs[i];
        if (blob->sha256.len == 32 && sb_ledger_blob_erased(f->ledger, blob->sha256.data, NULL)) {
            char name[17];
            sb_hex(sb_slice_of(blob->sha256.data, 8), name);
            return sb_fail_set(fail, SB_E_LEDGER_BLOB_ERASED, name, NULL);
        }
        bool is_held = blob->sha256.len == 32 && f->log.has_blob(f->log.arg, blob->sha256.data);
        if (is_held && f->log.blob_has_size(f->log.arg, blob->sha256.data, blob->size))
            continue;
        char hex[65] = "";
        if (blob->sha256.len == 32)
            sb_hex(sb_slice_of(blob->sha256.data, 32), hex);
        return sb_fail_set(fail, is_held ? SB_E_SEQUENCER_BLOB_SIZE : SB_E_FOLLOWER_BLOB_MISSING,
                           hex, NULL);
    }
    if (f->row_count >= SB_OUTBOX_ENTRIES_MAX)
        return sb_fail_num(fail, SB_E_FOLLOWER_OUTBOX_FULL, 1, f->row_count, 0);
    return SB_OK;
}

void sb_fol_on_submit(sb_follower *f, const sb_fol_event *event)
{
    sb_fail fail = {0};
    uint8_t id[32] = {0};
    if (event->entry.len > 64)
        sb_hash(sb_slice_of(event->entry.data, event->entry.len - 64), id);
    if (event->leaf == NULL)
        fail = *event->refusal;
    else if (answer_known(f, event, &fail))
        return;
    if (fail.code == SB_OK)
        check_submit(f, event->leaf, &fail);
    if (fail.code != SB_OK) {
        notify(f, SB_FOL_REFUSED, id, event->member)->fail = fail;
        return;
    }
    const sb_entry *entry = &event->leaf->entry;
    sb_fol_row row = {
        .seq = entry->signer_seq, .since_ms = event->now.mono_ms, .member = event->member};
    memcpy(row.pk, entry->signer_pk, 32);
    memcpy(row.id, entry->id, 32);
    count(f, insert(f, &row), true);
    store(f, &row, sb_slice_of(NULL, 0), entry->bytes);
    notify_row(f, &row, SB_FOL_QUEUED);
    f->pump_after = true;
    memcpy(f->pump_pk, row.pk, 32);
}

/* ---- the broker answers ---- */

/* Our entry, at this index, under a head that the log signed. */
static bool verify_receipt(sb_follower *f, const Sb__Receipt *receipt, sb_slice entry)
{
    sb_checkpoint head;
    if (!sb_fol_verify_note(f, sb_slice_of(receipt->head.data, receipt->head.len), &head) ||
        receipt->n_proof > SB_PROOF_HASHES_MAX)
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
    return sb_verify_inclusion(hash, receipt->index, head.size, path, receipt->n_proof, head.root);
}

/* A receipt for a place where our log has another entry already. */
static bool is_broken(sb_follower *f, const sb_fol_row *row, const Sb__Receipt *receipt,
                      const Sb__Frame *frame)
{
    sb_slice leaf;
    if (row->in_log || receipt->index >= f->committed ||
        !f->log.leaf(f->log.arg, receipt->index, &leaf))
        return false;
    sb_buf_clear(&f->frame);
    sb_frame_encode(frame, &f->frame);
    sb_slice pieces[] = {sb_buf_slice(&f->frame), sb_arena_copy(&f->scratch, leaf)};
    if (!f->conflict)
        sb_fol_conflict(f, SB_E_FOLLOWER_RECEIPT, receipt->index, pieces, 2);
    return true;
}

void sb_fol_on_receipt(sb_follower *f, const Sb__Frame *frame, sb_now now)
{
    const Sb__Receipt *receipt = frame->receipt;
    sb_fol_row *row = find_id(f, receipt->entry_id);
    stored s;
    (void)now;
    if (row == NULL || row->has_receipt || !read_stored(f, row, &s))
        return;
    sb_slice entry = sb_arena_copy(&f->scratch, s.entry);
    if (!verify_receipt(f, receipt, entry) || is_broken(f, row, receipt, frame))
        return;
    if (row->in_log)
        return; /* the log itself says more */
    count(f, row, false);
    row->has_receipt = true;
    row->index = receipt->index;
    row->sequenced_at_ms = receipt->sequenced_at_ms;
    count(f, row, true);
    sb_buf_clear(&f->frame);
    sb_frame_encode(frame, &f->frame);
    store(f, row, sb_buf_slice(&f->frame), entry);
    notify_receipt(f, row, sb_buf_slice(&f->frame));
    f->pump_after = true;
    memcpy(f->pump_pk, row->pk, 32);
}

/* Refusals that pass by themselves: the entry stays. */
static bool is_passing(uint32_t code)
{
    return code == SB_E_SEQUENCER_CLOCK || code == SB_E_SEQUENCER_BLOB_MISSING;
}

void sb_fol_on_refused(sb_follower *f, const Sb__Refused *refused, sb_now now)
{
    sb_fail fail = {.code = (sb_err)refused->code};
    for (size_t i = 0; i < refused->n_args && i < SB_FAIL_ARGS_MAX; i++) {
        size_t len = strlen(refused->args[i]);
        while (len >= SB_FAIL_ARG_BYTES || (len > 0 && (refused->args[i][len] & 0xC0) == 0x80))
            len--; /* never half a code point */
        memcpy(fail.arg[fail.argc], refused->args[i], len);
        fail.arg[fail.argc++][len] = '\0';
    }
    if (refused->code == SB_E_SEQUENCER_FEDERATION) {
        f->broker_refused = true;
        f->broker_fail = fail;
        return;
    }
    sb_fol_row *row = find_id(f, refused->entry_id);
    if (row == NULL || row->has_receipt || row->in_log)
        return;
    if (refused->code == SB_E_SEQUENCER_BLOB_MISSING) {
        f->at_broker_count = f->at_broker_next = 0; /* it isn't as we thought */
        row->was_sent = false;
    }
    if (is_passing(refused->code))
        return;
    memcpy(f->pump_pk, row->pk, 32);
    f->pump_after = true;
    refuse(f, row, &fail);
    (void)now;
}

/* ---- the log tells ---- */

/* A receipt said that this index is another entry's. */
static void check_receipts(sb_follower *f, uint64_t index, const sb_leaf *leaf)
{
    for (size_t i = 0; f->receipted > 0 && i < f->row_count; i++) {
        const sb_fol_row *row = &f->rows[i];
        stored s;
        if (!row->has_receipt || row->in_log || row->index != index ||
            memcmp(row->id, leaf->entry.id, 32) == 0 || !read_stored(f, row, &s))
            continue;
        sb_slice pieces[] = {sb_arena_copy(&f->scratch, s.receipt), leaf->bytes};
        sb_fol_conflict(f, SB_E_FOLLOWER_RECEIPT, index, pieces, 2);
        return;
    }
}

void sb_fol_outbox_leaf(sb_follower *f, uint64_t index, const sb_leaf *leaf)
{
    if (f->row_count == 0)
        return;
    check_receipts(f, index, leaf);
    sb_fol_row *row = find(f, leaf->entry.signer_pk, leaf->entry.signer_seq);
    if (row == NULL || row->in_log)
        return;
    if (memcmp(row->id, leaf->entry.id, 32) != 0) {
        sb_fail fail = {0};
        sb_fail_num(&fail, SB_E_LEDGER_SUPERSEDED, 2, row->seq, leaf->entry.signer_seq);
        refuse(f, row, &fail);
        return;
    }
    bool is_told = row->has_receipt;
    count(f, row, false);
    row->in_log = true;
    row->index = index;
    row->sequenced_at_ms = leaf->sequenced_at_ms;
    count(f, row, true);
    if (!is_told)
        notify_row(f, row, SB_FOL_RECEIPT);
    f->pump_after = true;
    memcpy(f->pump_pk, row->pk, 32);
}

void sb_fol_outbox_final(sb_follower *f)
{
    for (size_t i = f->row_count; i-- > 0;) {
        sb_fol_row *row = &f->rows[i];
        if (!row->in_log || row->index >= f->final_size)
            continue;
        notify_row(f, row, SB_FOL_FINAL);
        drop(f, row);
    }
}

bool sb_follower_outbox_next(sb_follower *f, sb_now now, size_t *at, sb_fol_outbox_row *out)
{
    if (*at >= f->row_count)
        return false;
    const sb_fol_row *row = &f->rows[(*at)++];
    stored s = {0};
    memset(out, 0, sizeof *out);
    if (read_stored(f, row, &s))
        out->entry = s.entry;
    memcpy(out->entry_id, row->id, 32);
    out->has_receipt = row->has_receipt;
    out->in_log = row->in_log;
    out->index = row->index;
    out->waited_ms = now.mono_ms - row->since_ms;
    out->held_back =
        !row->has_receipt && !row->in_log && now.mono_ms - row->since_ms >= SB_FOL_HELD_BACK_MS;
    return true;
}
