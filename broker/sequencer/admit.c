/* From an entry to a leaf of the batch: what members submit, and the system entries. */
#include "broker/sequencer/inside.h"

#include <assert.h>
#include <stdlib.h>

#include "proto/base/cursor.h"
#include "proto/base/hash.h"

/* The next leaf's time: our clock, never decreasing. */
static uint64_t next_time(sb_sequencer *s, sb_now now)
{
    uint64_t last_ms = sb_ledger_last_time_ms(s->ledger);
    return now.legal_ms > last_ms ? now.legal_ms : last_ms;
}

/* Make an opened entry the next leaf of the batch, if the ledger takes it. */
static sb_err append(sb_sequencer *s, const sb_leaf *opened, uint64_t time_ms, sb_fail *fail)
{
    sb_leaf leaf = *opened;
    size_t len = 8 + opened->entry.bytes.len;
    if (len > SB_LEAF_BYTES_MAX)
        return sb_fail_num(fail, SB_E_ENTRY_TOO_LARGE, 2, opened->entry.bytes.len,
                           SB_ENTRY_BYTES_MAX);
    uint8_t *bytes = sb_arena_alloc(&s->scratch, len);
    sb_writer w = sb_writer_over(bytes, len);
    sb_write_u64(&w, time_ms);
    sb_write_bytes(&w, opened->entry.bytes);
    leaf.sequenced_at_ms = time_ms;
    leaf.bytes = sb_writer_slice(&w);
    sb_leaf_hash(leaf.bytes, leaf.hash);
    sb_err err = sb_ledger_step(s->ledger, &leaf, sb_commit_add_tile, &s->batch, fail);
    if (err != SB_OK)
        return err;
    sb_commit_add_leaf(&s->batch, leaf.bytes);
    if (leaf.entry.type != SB_ENTRY_STATE && leaf.entry.type != SB_ENTRY_SEAL)
        s->real_size = s->committed + s->batch.commit.leaf_count;
    return SB_OK;
}

/* ---- system entries ---- */

/* Signed with the log key, numbered by their index, without an anchor (DESIGN §3). */
static void system_head(sb_sequencer *s, sb_entry_head *head)
{
    uint8_t federation_id[32];
    bool has_federation = sb_ledger_federation_id(s->ledger, federation_id);
    assert(has_federation);
    sb_entry_head_init(head, federation_id, sb_ledger_size(s->ledger));
}

static sb_err append_system(sb_sequencer *s, sb_entry_type type, const ProtobufCMessage *message,
                            sb_now now, sb_fail *fail)
{
    sb_entry_head head;
    system_head(s, &head);
    sb_buf entry;
    sb_buf_init(&entry);
    sb_leaf opened;
    sb_err err = sb_entry_make(type, message, &head, s->log_key, &entry, fail);
    if (err == SB_OK)
        err = sb_entry_open(sb_buf_slice(&entry), &s->scratch, &opened, fail);
    if (err == SB_OK)
        err = append(s, &opened, next_time(s, now), fail);
    sb_buf_deinit(&entry);
    return err;
}

/* Entries that must be accepted: anything else is a fault of this process. */
static bool append_owed(sb_sequencer *s, sb_entry_type type, sb_slice payload, sb_now now)
{
    sb_fail fail = {0}, fatal;
    const ProtobufCMessage *message;
    sb_err err = sb_payload_decode(type, payload, &s->scratch, &message, &fail);
    if (err == SB_OK)
        err = append_system(s, type, message, now, &fail);
    if (err == SB_OK)
        return true;
    sb_fail_set(&fatal, SB_E_SEQUENCER_OWN_ENTRY, sb_entry_type_name(type), sb_err_name(err), NULL);
    sb_seq_fatal(s, &fatal);
    return false;
}

void sb_seq_append_due(sb_sequencer *s, sb_now now)
{
    sb_buf payload;
    sb_buf_init(&payload);
    for (int i = 0; i < SEQ_DUE_MAX && !s->fatal; i++) {
        sb_buf_clear(&payload);
        sb_entry_type type = SB_ENTRY_TICK;
        switch (sb_ledger_next_due(s->ledger, next_time(s, now), &payload)) {
        case SB_DUE_NOTHING:
            goto out;
        case SB_DUE_RESULT:
            type = SB_ENTRY_RESULT;
            break;
        case SB_DUE_TICK:
            type = SB_ENTRY_TICK;
            break;
        }
        append_owed(s, type, sb_buf_slice(&payload), now);
    }
out:
    sb_buf_deinit(&payload);
}

void sb_seq_append_state(sb_sequencer *s, sb_now now)
{
    sb_buf payload;
    sb_buf_init(&payload);
    sb_ledger_state_payload(s->ledger, &payload);
    append_owed(s, SB_ENTRY_STATE, sb_buf_slice(&payload), now);
    sb_buf_deinit(&payload);
}

bool sb_seq_append_seal(sb_sequencer *s, const sb_seq_head *head, sb_now now, sb_fail *fail)
{
    Sb__Cosignature *rows = SB_ARENA_ARRAY(&s->scratch, Sb__Cosignature, head->cosign_count);
    Sb__Cosignature **list = SB_ARENA_ARRAY(&s->scratch, Sb__Cosignature *, head->cosign_count);
    for (size_t i = 0; i < head->cosign_count; i++) {
        const sb_seq_cosign *c = &head->cosigns[i];
        rows[i] = (Sb__Cosignature)SB__COSIGNATURE__INIT;
        rows[i].witness_pk = (ProtobufCBinaryData){.len = 32, .data = (uint8_t *)c->pk};
        rows[i].time_s = c->cosignature.time_s;
        rows[i].signature = (ProtobufCBinaryData){.len = 64, .data = (uint8_t *)c->cosignature.sig};
        list[i] = &rows[i];
    }
    Sb__Seal seal = SB__SEAL__INIT;
    seal.size = head->head.size;
    seal.root = (ProtobufCBinaryData){.len = 32, .data = (uint8_t *)head->head.root};
    seal.n_cosignatures = head->cosign_count;
    seal.cosignatures = list;
    /* our own line of the head's note: then the log alone gives the whole note back */
    sb_note note;
    sb_note_line line;
    size_t at = 0;
    if (sb_note_parse(sb_buf_slice(&head->note), &note, fail) != SB_OK ||
        !sb_note_next_line(&note, &at, &line) || line.sig_len != 64)
        return false;
    seal.log_signature = (ProtobufCBinaryData){.len = 64, .data = line.sig};
    return append_system(s, SB_ENTRY_SEAL, &seal.base, now, fail) == SB_OK;
}

/* ---- receipts ---- */

/* Where an entry stands in the log, and since when. */
typedef struct placed {
    uint64_t index, time_ms;
} placed;

static sb_seq_receipt receipt_for(const sb_seq_event *event, const uint8_t entry_id[32], placed at)
{
    sb_seq_receipt r = {.peer = event->peer,
                        .request = event->frame->request,
                        .index = at.index,
                        .time_ms = at.time_ms};
    memcpy(r.entry_id, entry_id, 32);
    return r;
}

static void owe_receipt(sb_sequencer *s, const sb_seq_event *event, const uint8_t entry_id[32],
                        placed at)
{
    if (s->receipt_count == SEQ_RECEIPTS_MAX)
        return; /* the node asks again */
    if (s->receipt_count == s->receipt_cap) {
        s->receipt_cap = s->receipt_cap == 0 ? 64 : s->receipt_cap * 2;
        s->receipts = sb_xrealloc(s->receipts, s->receipt_cap * sizeof *s->receipts);
    }
    sb_seq_receipt *r = &s->receipts[s->receipt_count++];
    *r = receipt_for(event, entry_id, at);
}

/* Index, time and proof to the newest signed head, which covers all that is committed. */
static void send_receipt(sb_sequencer *s, const sb_seq_receipt *r)
{
    sb_fail fail = {0};
    Sb__Receipt receipt = SB__RECEIPT__INIT;
    receipt.sequenced_at_ms = r->time_ms;
    sb_proof proof;
    if (sb_tree_inclusion_memo(sb_ledger_tree(s->ledger), r->index, s->signed_head.size,
                               sb_commit_tiles(&s->batch), &s->proved, &proof, &fail) != SB_OK) {
        sb_seq_fatal(s, &fail);
        return;
    }
    ProtobufCBinaryData path[SB_PROOF_HASHES_MAX];
    for (uint32_t i = 0; i < proof.count; i++)
        path[i] = (ProtobufCBinaryData){.len = 32, .data = proof.hashes[i].b};
    receipt.entry_id = (ProtobufCBinaryData){.len = 32, .data = (uint8_t *)r->entry_id};
    receipt.index = r->index;
    receipt.n_proof = proof.count;
    receipt.proof = path;
    receipt.head = (ProtobufCBinaryData){.len = s->signed_note.len, .data = s->signed_note.data};
    Sb__Frame frame = SB__FRAME__INIT;
    frame.request = r->request;
    frame.body_case = SB__FRAME__BODY_RECEIPT;
    frame.receipt = &receipt;
    sb_seq_send(s, r->peer, &frame);
}

void sb_seq_send_receipts(sb_sequencer *s)
{
    for (size_t i = 0; i < s->receipt_count && !s->fatal; i++)
        send_receipt(s, &s->receipts[i]);
    s->receipt_count = 0;
}

/* ---- what members submit ---- */

/* The very same bytes are in the log or the batch already: where. */
static bool find_same(sb_sequencer *s, const sb_entry *entry, placed *at)
{
    if (!sb_ledger_find_submission(s->ledger, entry->signer_pk, entry->signer_seq, &at->index))
        return false;
    sb_slice leaf;
    if (at->index >= s->committed)
        leaf = s->batch.leaves[at->index - s->committed];
    else if (!s->log.leaf(s->log.arg, at->index, &leaf))
        return false;
    sb_reader reader = sb_reader_over(leaf);
    at->time_ms = sb_read_u64(&reader);
    return leaf.len == 8 + entry->bytes.len &&
           memcmp(leaf.data + 8, entry->bytes.data, entry->bytes.len) == 0;
}

static sb_err check_blobs(sb_sequencer *s, const sb_leaf *leaf, sb_fail *fail)
{
    for (size_t i = 0; i < leaf->blob_count; i++) {
        const Sb__BlobRef *blob = leaf->blobs[i];
        if (blob->sha256.len == 32 && sb_ledger_blob_erased(s->ledger, blob->sha256.data, NULL))
            continue; /* nobody holds it: the ledger refuses the entry */
        bool is_held = blob->sha256.len == 32 && s->log.has_blob(s->log.arg, blob->sha256.data);
        if (is_held && s->log.blob_has_size(s->log.arg, blob->sha256.data, blob->size))
            continue;
        char hex[2 * 32 + 1] = "";
        if (blob->sha256.len == 32)
            sb_hex(sb_slice_of(blob->sha256.data, 32), hex);
        return sb_fail_set(fail, is_held ? SB_E_SEQUENCER_BLOB_SIZE : SB_E_SEQUENCER_BLOB_MISSING,
                           hex, NULL);
    }
    return SB_OK;
}

/* Before the ledger is asked. */
static sb_err check_outside(sb_sequencer *s, const sb_leaf *leaf, bool no_room, sb_fail *fail)
{
    if (no_room)
        return sb_fail_set(fail, SB_E_SEQUENCER_DISK_FULL, NULL);
    if (sb_entry_type_is_system(leaf->entry.type))
        return sb_fail_set(fail, SB_E_SEQUENCER_SYSTEM_ENTRY, sb_entry_type_name(leaf->entry.type),
                           NULL);
    if (sb_seq_clock_bad(s)) {
        int64_t off = sb_seq_clock_off(s);
        off = off < 0 ? -off : off;
        return sb_fail_num(fail, SB_E_SEQUENCER_CLOCK, 1, (uint64_t)off / 1000, 0);
    }
    if (leaf->entry.type == SB_ENTRY_GENESIS) {
        const Sb__Genesis *genesis = (const Sb__Genesis *)leaf->message;
        const uint8_t *ours = sb_secret_pk(s->log_key);
        if (genesis->log_pk.len != 32 || memcmp(genesis->log_pk.data, ours, 32) != 0) {
            char has[2 * 32 + 1] = "", wanted[2 * 32 + 1];
            if (genesis->log_pk.len == 32)
                sb_hex(sb_slice_of(genesis->log_pk.data, 32), has);
            sb_hex(sb_slice_of(ours, 32), wanted);
            return sb_fail_set(fail, SB_E_SEQUENCER_LOG_KEY, has, wanted, NULL);
        }
    }
    return check_blobs(s, leaf, fail);
}

/* It is in the log or the batch already, and that alone is why it is refused: it gets its receipt. */
static bool answer_again(sb_sequencer *s, const sb_seq_event *event)
{
    const uint8_t *id = event->opened->entry.id;
    placed at;
    if (!find_same(s, &event->opened->entry, &at))
        return false;
    sb_seq_receipt r = receipt_for(event, id, at);
    if (at.index < s->signed_head.size)
        send_receipt(s, &r);
    else
        owe_receipt(s, event, id, at);
    return true;
}

/* What is taken twice is refused by the ledger, for a key's numbers rise: only then it is looked for. */
static sb_err admit(sb_sequencer *s, const sb_seq_event *event, sb_fail *fail)
{
    if (event->opened == NULL) {
        *fail = *event->refusal;
        return fail->code;
    }
    const sb_leaf *leaf = event->opened;
    sb_err err = check_outside(s, leaf, event->no_room, fail);
    if (err == SB_OK)
        sb_seq_append_due(s, event->now);
    if (s->fatal)
        return SB_OK;
    placed at = {.time_ms = next_time(s, event->now)};
    if (err == SB_OK)
        err = append(s, leaf, at.time_ms, fail);
    if (err != SB_OK)
        return answer_again(s, event) ? SB_OK : err;
    at.index = s->committed + s->batch.commit.leaf_count - 1;
    owe_receipt(s, event, leaf->entry.id, at);
    sb_seq_append_due(s, event->now);
    return SB_OK;
}

void sb_seq_submit(sb_sequencer *s, const sb_seq_event *event)
{
    sb_fail fail = {0};
    if (admit(s, event, &fail) == SB_OK)
        return;
    uint8_t id[32] = {0};
    ProtobufCBinaryData bytes = event->frame->submit->entry;
    if (bytes.len > 64) /* also of what can't be opened */
        sb_hash(sb_slice_of(bytes.data, bytes.len - 64), id);
    sb_seq_send_refused(s, event->peer, event->frame->request, id, &fail);
}
