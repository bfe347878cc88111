/* The outbox: members' entries are durable before they are sent, go in each key's order one at a
 * time, and are kept until final (DESIGN §3, §4).
 *
 *   queued -> (attachments at the broker) -> sent -> receipt -> in the log -> final, gone
 *          \_______________________________ refused, gone: given back to the member
 *
 * A HANDOVER that cuts an entry off, or whose broker never gave its receipt, queues it again; what
 * it cuts off of others' entries is queued too (outbox_cut.c). What an entry builds on may have
 * been cut off and be slower to come back: so a refusal is its last word only after a while. And
 * what it ends, others took part in: what ends something waits a while.
 */
#include "nodes/follower/inside.h"

#include <stdlib.h>

enum { ROW_RECEIPT = 1, ROW_OF_PEER = 2, ROW_CUT = 4 };

/* ---- the list ---- */

static int compare(const sb_fol_row *row, const uint8_t pk[32], uint64_t seq)
{
    int order = memcmp(row->pk, pk, 32);
    return order != 0 ? order : row->seq < seq ? -1 : row->seq > seq;
}

/* The first row at or after (pk, seq). */
size_t sb_fol_row_lower_bound(const sb_follower *f, const uint8_t pk[32], uint64_t seq)
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

sb_fol_row *sb_fol_row_find(sb_follower *f, const uint8_t pk[32], uint64_t seq)
{
    size_t at = sb_fol_row_lower_bound(f, pk, seq);
    return at < f->row_count && compare(&f->rows[at], pk, seq) == 0 ? &f->rows[at] : NULL;
}

sb_fol_row *sb_fol_row_find_id(sb_follower *f, ProtobufCBinaryData id)
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
    size_t at = sb_fol_row_lower_bound(f, row->pk, row->seq);
    memmove(&f->rows[at + 1], &f->rows[at], (f->row_count - at) * sizeof *f->rows);
    f->rows[at] = *row;
    f->rows[at].number = ++f->rows_ever;
    f->row_count++;
    return &f->rows[at];
}

void sb_fol_row_count(sb_follower *f, const sb_fol_row *row, bool add)
{
    size_t *counter = row->has_receipt ? &f->receipted : &f->waiting;
    if (row->has_receipt ? row->is_settled : row->in_log)
        counter = NULL;
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
    sb_fol_row_count(f, row, false);
    size_t at = (size_t)(row - f->rows);
    f->row_count--;
    memmove(&f->rows[at], &f->rows[at + 1], (f->row_count - at) * sizeof *f->rows);
}

/* After which others are refused what they had handed in before it. Not who takes a right away from
 * a key: that is never held up. */
static bool ends_for_others(sb_entry_type type)
{
    static const sb_entry_type TYPES[] = {
        SB_ENTRY_QUESTION_CLOSE, SB_ENTRY_MEETING_CLOSE,   SB_ENTRY_CASE_POSTPONE,
        SB_ENTRY_CASE_WITHDRAW,  SB_ENTRY_MINUTES_CORRECT, SB_ENTRY_MINUTES_APPROVE,
    };
    for (size_t i = 0; i < sizeof TYPES / sizeof *TYPES; i++)
        if (type == TYPES[i])
            return true;
    return false;
}

/* Something of this key was cut off and is on its way again: what stands behind it may end what that
 * began, and what others had handed in upon it was cut off too. */
static bool is_behind_cut(const sb_follower *f, const uint8_t pk[32])
{
    for (size_t i = sb_fol_row_lower_bound(f, pk, 0);
         i < f->row_count && memcmp(f->rows[i].pk, pk, 32) == 0; i++)
        if (f->rows[i].was_cut)
            return true;
    return false;
}

/* ---- own rows ---- */

static bool parse_stored(sb_slice value, sb_fol_stored *out)
{
    sb_reader r = sb_reader_over(value);
    uint8_t flags = sb_read_u8(&r);
    out->has_receipt = (flags & ROW_RECEIPT) != 0;
    out->of_peer = (flags & ROW_OF_PEER) != 0;
    out->was_cut = (flags & ROW_CUT) != 0;
    out->index = sb_read_u64(&r);
    out->time_ms = sb_read_u64(&r);
    out->receipt = sb_read_var32(&r);
    out->entry = sb_read_bytes(&r, sb_reader_left(&r));
    return sb_reader_done(&r);
}

/* As committed; borrowed. */
bool sb_fol_row_read(sb_follower *f, const sb_fol_row *row, sb_fol_stored *out)
{
    uint8_t key[41] = {SB_FOL_ROW_OUTBOX};
    row_key(row->pk, row->seq, key + 1);
    sb_slice value;
    return sb_kv_get(f->own, sb_slice_of(key, sizeof key), &value) && parse_stored(value, out);
}

void sb_fol_row_store(sb_follower *f, const sb_fol_row *row, sb_slice receipt, sb_slice entry)
{
    uint8_t key[40];
    row_key(row->pk, row->seq, key);
    size_t len = 1 + 8 + 8 + 4 + receipt.len + entry.len;
    sb_writer w = sb_writer_over(sb_arena_alloc(&f->scratch, len), len);
    sb_write_u8(&w, (uint8_t)((row->has_receipt ? ROW_RECEIPT : 0) |
                              (row->of_peer ? ROW_OF_PEER : 0) | (row->was_cut ? ROW_CUT : 0)));
    sb_write_u64(&w, row->has_receipt ? row->receipt_index : row->index);
    sb_write_u64(&w, row->has_receipt ? row->receipt_ms : row->sequenced_at_ms);
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
    sb_kv_walk walk = {.kv = f->own, .prefix = sb_slice_of(&table, 1)};
    while (sb_kv_walk_next(&walk)) {
        sb_fol_stored s;
        sb_entry entry;
        if (walk.key.len != 41 || !parse_stored(walk.value, &s) ||
            sb_entry_parse(s.entry, &entry, NULL) != SB_OK)
            return false;
        sb_fol_row row = {.seq = entry.signer_seq,
                          .has_receipt = s.has_receipt,
                          .of_peer = s.of_peer,
                          .was_cut = s.was_cut,
                          .index = s.index,
                          .sequenced_at_ms = s.time_ms,
                          .receipt_index = s.index,
                          .receipt_ms = s.time_ms};
        memcpy(row.pk, entry.signer_pk, 32);
        memcpy(row.id, entry.id, 32);
        row.ends = ends_for_others(entry.type);
        row.waits_turn = row.ends && (row.was_cut || is_behind_cut(f, row.pk));
        uint64_t index, time_ms;
        if (in_our_log(f, row.pk, row.seq, s.entry, &index, &time_ms)) {
            row.in_log = true;
            row.index = index;
            row.sequenced_at_ms = time_ms;
        }
        sb_fol_row_count(f, insert(f, &row), true);
    }
    return true;
}

/* ---- what the member hears ---- */

sb_fol_effect *sb_fol_notify(sb_follower *f, sb_fol_note note, const uint8_t id[32],
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
    sb_fol_effect *effect = sb_fol_notify(f, note, row->id, row->member);
    effect->index = row->index;
    effect->sequenced_at_ms = row->sequenced_at_ms;
    return effect;
}

/* … with the broker's receipt, which may be empty. */
void sb_fol_notify_receipt(sb_follower *f, const sb_fol_row *row, sb_slice receipt)
{
    sb_slice copy = sb_arena_copy(&f->out_arena, receipt);
    notify_row(f, row, SB_FOL_RECEIPT)->receipt = copy;
}

void sb_fol_row_refuse(sb_follower *f, sb_fol_row *row, const sb_fail *fail)
{
    sb_fol_notify(f, SB_FOL_REFUSED, row->id, row->member)->fail = *fail;
    drop(f, row);
}

/* ---- a member submits ---- */

static bool same_as_row(sb_follower *f, const sb_fol_row *row, const sb_entry *entry)
{
    sb_fol_stored s;
    return memcmp(row->id, entry->id, 32) == 0 && sb_fol_row_read(f, row, &s) &&
           sb_slice_eq(s.entry, entry->bytes);
}

/* What was cut off and what other nodes hand on take no places from each other: those of the latter
 * cost nothing. */
uint32_t sb_fol_rows_of_peers(const sb_follower *f, bool was_cut)
{
    uint32_t count = 0;
    for (size_t i = 0; i < f->row_count; i++)
        count += f->rows[i].of_peer && f->rows[i].was_cut == was_cut;
    return count;
}

/* Rows stand by key, then number. */
static uint64_t of_key(const sb_follower *f, const uint8_t pk[32])
{
    return sb_fol_row_lower_bound(f, pk, UINT64_MAX) - sb_fol_row_lower_bound(f, pk, 0);
}

static bool is_known(sb_follower *f, const uint8_t pk[32])
{
    uint64_t seq, anchor;
    return sb_ledger_signer(f->ledger, pk, &seq, &anchor);
}

static uint64_t of_unknown(sb_follower *f)
{
    uint64_t count = 0;
    for (size_t i = 0; i < f->row_count; i++) {
        sb_fol_row *row = &f->rows[i];
        row->is_known = row->is_known || is_known(f, row->pk);
        count += !row->is_known;
    }
    return count;
}

/* Nobody takes all of it: the others are told that it is full. Keys are cheap to make, so those that
 * are nobody's yet share a bound. */
static sb_err check_room(sb_follower *f, const uint8_t pk[32], sb_fail *fail)
{
    uint64_t own = of_key(f, pk);
    if (f->row_count >= SB_OUTBOX_ENTRIES_MAX)
        return sb_fail_num(fail, SB_E_FOLLOWER_OUTBOX_FULL, 1, f->row_count, 0);
    if (own >= SB_OUTBOX_A_KEY_MAX)
        return sb_fail_num(fail, SB_E_FOLLOWER_OUTBOX_KEY, 1, own, 0);
    uint64_t unknown = is_known(f, pk) ? 0 : of_unknown(f);
    if (unknown >= SB_OUTBOX_UNKNOWN_MAX)
        return sb_fail_num(fail, SB_E_FOLLOWER_OUTBOX_UNKNOWN, 1, unknown, 0);
    return SB_OK;
}

sb_err sb_fol_outbox_check(sb_follower *f, const sb_leaf *leaf, sb_fail *fail)
{
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
    return check_room(f, leaf->entry.signer_pk, fail);
}

static sb_err check_submit(sb_follower *f, const sb_leaf *leaf, bool of_peer, sb_fail *fail)
{
    uint32_t others = of_peer ? sb_fol_rows_of_peers(f, false) : 0;
    if (others >= SB_FOL_PEER_ENTRIES_MAX)
        return sb_fail_num(fail, SB_E_FOLLOWER_PEERS_FULL, 1, others, 0);
    if (f->diverged)
        return sb_fail_num(fail, SB_E_FOLLOWER_DIVERGED, 1, f->diverged_index, 0);
    return sb_fol_outbox_check(f, leaf, fail);
}

void sb_fol_row_keep(sb_follower *f, sb_fol_row *row, const sb_entry *entry)
{
    row->seq = entry->signer_seq;
    row->ends = ends_for_others(entry->type);
    row->waits_turn = row->ends && (row->was_cut || is_behind_cut(f, entry->signer_pk));
    memcpy(row->pk, entry->signer_pk, 32);
    memcpy(row->id, entry->id, 32);
    sb_fol_row_count(f, insert(f, row), true);
    sb_fol_row_store(f, row, sb_slice_of(NULL, 0), entry->bytes);
}

/* Not final yet: a HANDOVER may cut it off, and the node that had it may be gone. Kept as if it had
 * been handed in here first, if we would take it. */
static void keep_known(sb_follower *f, const sb_fol_event *event, sb_fol_row *row)
{
    sb_fail fail = {0};
    if (check_submit(f, event->leaf, false, &fail) != SB_OK)
        return;
    row->in_log = true;
    row->since_ms = event->now.mono_ms;
    sb_fol_row_keep(f, row, &event->leaf->entry);
}

/* Known already: say where it stands. */
static bool answer_known(sb_follower *f, const sb_fol_event *event, bool of_peer, sb_fail *fail)
{
    const sb_entry *entry = &event->leaf->entry;
    sb_fol_row known = {.member = event->member},
               *row = sb_fol_row_find(f, entry->signer_pk, entry->signer_seq);
    if (row != NULL && !same_as_row(f, row, entry)) {
        sb_fail_num(fail, SB_E_LEDGER_SUPERSEDED, 2, entry->signer_seq, row->seq);
        return false;
    }
    if (row != NULL) {
        sb_fol_stored s = {0};
        row->member = event->member;
        (void)sb_fol_row_read(f, row, &s);
        if (row->has_receipt || row->in_log)
            sb_fol_notify_receipt(f, row, s.receipt);
        else
            notify_row(f, row, SB_FOL_QUEUED);
        return true;
    }
    memcpy(known.id, entry->id, 32);
    if (!in_our_log(f, entry->signer_pk, entry->signer_seq, entry->bytes, &known.index,
                    &known.sequenced_at_ms))
        return false;
    bool is_final = known.index < f->final_size;
    if (!is_final && !of_peer) /* a peer keeps it itself */
        keep_known(f, event, &known);
    notify_row(f, &known, is_final ? SB_FOL_FINAL : SB_FOL_RECEIPT);
    return true;
}

void sb_fol_on_submit(sb_follower *f, const sb_fol_event *event, bool of_peer)
{
    sb_fail fail = {0};
    uint8_t id[32] = {0};
    if (event->entry.len > 64)
        sb_hash(sb_slice_of(event->entry.data, event->entry.len - 64), id);
    if (event->leaf == NULL)
        fail = *event->refusal;
    else if (answer_known(f, event, of_peer, &fail))
        return;
    if (fail.code == SB_OK)
        check_submit(f, event->leaf, of_peer, &fail);
    if (fail.code != SB_OK) {
        sb_fol_notify(f, SB_FOL_REFUSED, id, event->member)->fail = fail;
        return;
    }
    const sb_entry *entry = &event->leaf->entry;
    sb_fol_row row = {.of_peer = of_peer, .since_ms = event->now.mono_ms, .member = event->member};
    sb_fol_row_keep(f, &row, entry);
    notify_row(f, &row, SB_FOL_QUEUED);
    f->pump_after = true;
    memcpy(f->pump_pk, row.pk, 32);
}

/* ---- the log tells ---- */

void sb_fol_outbox_leaf(sb_follower *f, uint64_t index, const sb_leaf *leaf)
{
    if (f->row_count == 0)
        return;
    sb_fol_row *row = sb_fol_row_find(f, leaf->entry.signer_pk, leaf->entry.signer_seq);
    if (row == NULL || row->in_log)
        return;
    if (memcmp(row->id, leaf->entry.id, 32) != 0) {
        if (row->has_receipt)
            return; /* the receipt says what the broker did */
        sb_fail fail = {0};
        sb_fail_num(&fail, SB_E_LEDGER_SUPERSEDED, 2, row->seq, leaf->entry.signer_seq);
        sb_fol_row_refuse(f, row, &fail);
        return;
    }
    bool is_told = row->has_receipt;
    sb_fol_row_count(f, row, false);
    row->in_log = true;
    row->index = index;
    row->sequenced_at_ms = leaf->sequenced_at_ms;
    sb_fol_row_count(f, row, true);
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

static int by_number(const void *a, const void *b)
{
    uint64_t x = ((const sb_fol_outbox_place *)a)->number;
    uint64_t y = ((const sb_fol_outbox_place *)b)->number;
    return (x > y) - (x < y);
}

sb_fol_outbox_place *sb_follower_outbox_since(const sb_follower *f, uint64_t number, size_t *count)
{
    sb_fol_outbox_place *list = sb_xmalloc((f->row_count + 1) * sizeof *list);
    *count = 0;
    for (size_t i = 0; i < f->row_count; i++)
        if (f->rows[i].number >= number)
            list[(*count)++] = (sb_fol_outbox_place){.number = f->rows[i].number, .at = i};
    qsort(list, *count, sizeof *list, by_number);
    return list;
}

bool sb_follower_outbox_next(sb_follower *f, sb_now now, size_t *at, sb_fol_outbox_row *out)
{
    if (*at >= f->row_count)
        return false;
    const sb_fol_row *row = &f->rows[(*at)++];
    sb_fol_stored s = {0};
    memset(out, 0, sizeof *out);
    if (sb_fol_row_read(f, row, &s))
        out->entry = s.entry;
    memcpy(out->entry_id, row->id, 32);
    out->has_receipt = row->has_receipt;
    out->in_log = row->in_log;
    out->of_peer = row->of_peer;
    out->index = row->index;
    out->waited_ms = now.mono_ms - row->since_ms;
    out->held_back =
        !row->has_receipt && !row->in_log && now.mono_ms - row->since_ms >= SB_FOL_HELD_BACK_MS;
    return true;
}

bool sb_fol_goes_before_ours(const sb_follower *f, const uint8_t pk[32], uint64_t seq)
{
    for (size_t i = sb_fol_row_lower_bound(f, pk, seq);
         i < f->row_count && memcmp(f->rows[i].pk, pk, 32) == 0; i++)
        if (!f->rows[i].of_peer)
            return true;
    return false;
}
