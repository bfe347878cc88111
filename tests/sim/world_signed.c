/* What must hold of what is signed and sent.
 *
 *   - an honest broker's heads are heads of what it has durably; its certified ones have a quorum of
 *     organisations, counted here; what its receipts promise is durable, and in one place
 *   - a cosignature leaves when the record of it is durable; the record never falls; it is of a head
 *     that the term's broker has; never two roots of one size; nothing of a term below a promise
 *   - a promise is durable before it leaves, and leaves as it was stored; one a term; when it is stored
 *     it names the highest SEAL held until then and the longest head cosigned
 */
#include <assert.h>
#include <stdlib.h>

#include "proto/base/cursor.h"
#include "proto/base/hash.h"
#include "proto/wire/payload.h"
#include "tests/sim/world_inside.h"
#include "tests/sim/world_memo.h"

uint32_t sw_frame_body(sb_slice frame)
{
    size_t at = 0;
    uint32_t field = 0;
    while (at < frame.len) {
        uint64_t tag = 0;
        for (uint32_t shift = 0; at < frame.len && shift < 28; shift += 7) {
            tag |= (uint64_t)(frame.data[at] & 0x7F) << shift;
            if ((frame.data[at++] & 0x80) == 0)
                break;
        }
        field = (uint32_t)(tag >> 3);
        if (field != 1)
            return field;
        while (at < frame.len && (frame.data[at++] & 0x80) != 0)
            ; /* `request` */
    }
    return 0;
}

uint32_t sw_needed(const sw *w)
{
    if (w->o.quorum != 0)
        return w->o.quorum;
    return (uint32_t)(w->keys->charter->n_organisations * 2 / 3 + 1);
}

uint32_t sw_cosigners(const sw *w, uint32_t term, uint64_t index)
{
    uint32_t count = 0;
    for (uint32_t n = 0; n < w->o.nodes; n++)
        count += w->ends[n].has_role || w->cosigned[term][n].size > index;
    return count;
}

/* ---- heads ---- */

static uint32_t term_of_origin(const char *origin)
{
    const char *slash = strrchr(origin, '/');
    return slash == NULL ? 0 : (uint32_t)strtoul(slash + 1, NULL, 10);
}

static bool is_new_note(sb_slice note, uint8_t seen[32])
{
    if (note.len < 32 || memcmp(note.data + note.len - 32, seen, 32) == 0)
        return false;
    memcpy(seen, note.data + note.len - 32, 32);
    return true;
}

/* By any key that its organisation had. */
bool sw_note_has(const sw *w, const sb_note *note, const sb_checkpoint *head, uint32_t node)
{
    bool has = false;
    const uint8_t *pk;
    for (uint32_t i = 0; !has && (pk = sw_witness_pk(w, node, i)) != NULL; i++)
        has = sb_cosignature_find(note, head, pk, NULL);
    return has;
}

static void check_head(sw *w, sw_end *e, sb_slice note, sb_checkpoint *head)
{
    if (sb_checkpoint_parse(note, head, NULL) != SB_OK)
        sw_fail(w, "%s signed what can't be read", sw_name(w, e->number));
    const sw_history *h = sw_history_of(w, term_of_origin(head->origin));
    if (h == NULL || head->size > h->count || head->size > e->store.leaf_count ||
        !sw_store_is_synced(&e->store))
        sw_fail(w, "%s signed a head of %llu that isn't durable", sw_name(w, e->number),
                (unsigned long long)head->size);
    if (memcmp(h->roots[head->size], head->root, 32) != 0)
        sw_fail(w, "%s signed another root at %llu", sw_name(w, e->number),
                (unsigned long long)head->size);
}

void sw_check_head(sw *w, sw_end *e)
{
    sb_checkpoint head;
    if (e->has_role || e->restored)
        return;
    sb_slice note = sb_sequencer_head(e->seq);
    if (is_new_note(note, e->head_seen)) {
        w->counts.signed_heads++;
        check_head(w, e, note, &head);
    }
    note = sb_sequencer_certified(e->seq);
    if (!is_new_note(note, e->certified_head))
        return;
    sb_note parsed;
    uint32_t have = 0;
    check_head(w, e, note, &head);
    if (sb_note_parse(note, &parsed, NULL) != SB_OK)
        sw_fail(w, "%s: a note that can't be read", sw_name(w, e->number));
    for (uint32_t n = 0; n < w->o.nodes; n++)
        have += sw_note_has(w, &parsed, &head, n);
    if (have < sw_needed(w))
        sw_fail(w, "%s calls a head of %llu certified that %u organisations cosigned",
                sw_name(w, e->number), (unsigned long long)head.size, have);
}

const Sb__Seal *sw_seal_of(sb_slice bytes)
{
    sb_fail fail = {0};
    if (bytes.len < 10 || bytes.data[9] != SB_ENTRY_SEAL)
        return NULL;
    const sb_leaf *leaf = sw_memo_leaf(bytes, &fail);
    return leaf == NULL ? NULL : (const void *)leaf->message;
}

static bool is_honest_term(const sw *w, uint32_t term)
{
    return sw_history_of(w, term) != NULL;
}

void sw_check_seal(sw *w, sw_end *e, uint64_t index, sb_slice leaf)
{
    const Sb__Seal *seal = sw_seal_of(leaf);
    if (seal == NULL)
        return;
    uint32_t have = 0, term = sb_ledger_term_at(e->ledger, seal->size);
    sb_head sealed = {.term = term, .size = seal->size};
    memcpy(sealed.root, seal->root.data, 32);
    if (sb_head_rank(&sealed, &e->seal) > 0)
        e->seal = sealed;
    if (!is_honest_term(w, term) || e->restored)
        return;
    for (uint32_t n = 0; n < w->o.nodes; n++) {
        const uint8_t *pk;
        bool has = false;
        for (uint32_t k = 0; !has && (pk = sw_witness_pk(w, n, k)) != NULL; k++)
            for (size_t i = 0; i < seal->n_cosignatures && !has; i++)
                has = memcmp(seal->cosignatures[i]->witness_pk.data, pk, 32) == 0;
        if (has && !w->ends[n].has_role && w->cosigned[term][n].size < seal->size)
            sw_fail(w, "a SEAL at %llu has a cosignature that node %u never gave",
                    (unsigned long long)index, n);
        have += has;
    }
    if (have < sw_needed(w))
        sw_fail(w, "a SEAL at %llu of %llu leaves with %u organisations", (unsigned long long)index,
                (unsigned long long)seal->size, have);
}

/* ---- receipts ---- */

static void check_receipt(sw *w, sw_end *e, const Sb__Receipt *m)
{
    sb_entry entry;
    bool is_new;
    uint32_t term = sb_ledger_term(e->ledger);
    if (m->index >= e->store.leaf_count || !sw_store_is_synced(&e->store))
        sw_fail(w, "%s gives a receipt for %llu that isn't durable", sw_name(w, e->number),
                (unsigned long long)m->index);
    sb_slice leaf = e->store.leaves[m->index].bytes;
    if (sb_entry_parse(sb_slice_of(leaf.data + 8, leaf.len - 8), &entry, NULL) != SB_OK ||
        memcmp(entry.id, m->entry_id.data, 32) != 0)
        sw_fail(w, "%s gives a receipt for %llu, where something else stands",
                sw_name(w, e->number), (unsigned long long)m->index);
    sw_map_row *row = sw_map_at(&w->receipts, entry.id, &is_new);
    if (!is_new && row->more[0] == term && row->value != m->index)
        sw_fail(w, "%s gave two receipts that differ: %llu and %llu", sw_name(w, e->number),
                (unsigned long long)row->value, (unsigned long long)m->index);
    row->value = m->index;
    row->more[0] = (uint8_t)term;
}

/* ---- cosignatures and promises ---- */

/* Its organisation sent these very bytes before its disk was lost: the log gave them back to it. */
static bool is_recalled(sw *w, const sw_end *e, const Sb__Cosign *m)
{
    bool is_new;
    uint8_t key[32];
    sb_hash(sb_slice_of(m->signature.data, m->signature.len), key);
    sw_map_at(&w->cosignatures, key, &is_new);
    return !is_new && e->disk_lost;
}

static void check_cosign(sw *w, sw_end *e, const Sb__Cosign *m)
{
    const char *who = sw_name(w, e->number);
    sb_slice row;
    if (!sw_store_own(&e->store, SB_FOL_ROW_COSIGNED, &row) || !sw_store_is_synced(&e->store))
        sw_fail(w, "%s cosigns %llu without a durable record", who, (unsigned long long)m->size);
    sb_reader r = sb_reader_over(row);
    uint32_t term = sb_read_u32(&r);
    uint64_t size = sb_read_u64(&r);
    uint8_t root[32];
    sb_read_into(&r, root, 32);
    uint64_t time_s = sb_read_u64(&r);
    /* two heads may have been recorded before the first of them is sent */
    if (size < m->size || (size == m->size && memcmp(root, m->root.data, 32) != 0) ||
        time_s < m->time_s)
        sw_fail(w, "%s cosigns %llu, and its record says %llu", who, (unsigned long long)m->size,
                (unsigned long long)size);
    size = m->size;
    memcpy(root, m->root.data, 32);
    if (term < e->cosigned_term || (term == e->cosigned_term && size < e->cosigned_size))
        sw_fail(w, "%s cosigns %u/%llu after %u/%llu", who, term, (unsigned long long)size,
                e->cosigned_term, (unsigned long long)e->cosigned_size);
    if (term == e->cosigned_term && size == e->cosigned_size &&
        memcmp(root, e->cosigned_root, 32) != 0)
        sw_fail(w, "%s cosigns two roots of %llu leaves", who, (unsigned long long)size);
    bool is_signed_now = !is_recalled(w, e, m);
    if (term == e->cosigned_term && m->time_s < e->cosigned_s && is_signed_now)
        sw_fail(w, "%s: the time of its cosignatures falls", who);
    if (term < e->promised_term)
        sw_fail(w, "%s cosigns in term %u and has promised %u", who, term, e->promised_term);
    const sw_history *h = sw_history_of(w, term);
    if (h != NULL && (size > h->count || memcmp(h->roots[size], root, 32) != 0))
        sw_fail(w, "%s cosigns a head of %llu that its broker hasn't", who,
                (unsigned long long)size);
    if (term != e->cosigned_term || m->time_s > e->cosigned_s)
        e->cosigned_s = m->time_s;
    e->cosigned_term = term;
    e->cosigned_size = size;
    memcpy(e->cosigned_root, root, 32);
    sb_head *longest = &w->cosigned[term][e->number];
    if (size > longest->size) {
        *longest = (sb_head){.term = term, .size = size};
        memcpy(longest->root, root, 32);
    }
    w->counts.cosignatures++;
}

/* A promise is made when it is stored, and the same bytes are sent from then on: made anew from what the
 * node learned since, it would be the second of its term, which convicts. So it names what was held when
 * it was stored, and nothing older is cosigned since, sent or not. */
void sw_check_promised(sw *w, sw_end *e)
{
    const char *who = sw_name(w, e->number);
    sb_slice row;
    uint8_t hash[32];
    if (!e->is_node || e->has_role || e->restored ||
        !sw_store_own(&e->store, SB_FOL_ROW_PROMISED, &row))
        return;
    sb_hash(row, hash);
    if (memcmp(hash, e->promised_row, 32) == 0)
        return;
    sb_reader r = sb_reader_over(row);
    uint32_t term = sb_read_u32(&r);
    sb_slice log_pk = sb_read_bytes(&r, 32);
    const Sb__Frame *f;
    sb_arena arena;
    sb_arena_init(&arena);
    if (sb_frame_decode(sb_read_bytes(&r, sb_reader_left(&r)), &arena, &f, NULL) != SB_OK ||
        f->body_case != SB__FRAME__BODY_PROMISE_GIVEN || f->promise_given->term != term ||
        memcmp(f->promise_given->log_pk.data, log_pk.data, 32) != 0)
        sw_fail(w, "%s stores a promise that can't be read", who);
    const Sb__PromiseGiven *m = f->promise_given;
    if (term <= e->promised_term)
        sw_fail(w, "%s promises term %u after %u", who, term, e->promised_term);
    if (term <= e->cosigned_term)
        sw_fail(w, "%s promises term %u and has cosigned in %u", who, term, e->cosigned_term);
    sb_head seal = {0};
    if (m->seal != NULL)
        seal = (sb_head){.term = m->seal->term, .size = m->seal->size};
    if (sb_head_rank(&seal, &e->seal) < 0)
        sw_fail(w, "%s promises with a SEAL of %u/%llu, and has held %u/%llu", who, seal.term,
                (unsigned long long)seal.size, e->seal.term, (unsigned long long)e->seal.size);
    if (e->cosigned_size > 0 &&
        (m->cosigned == NULL || m->cosigned->term < e->cosigned_term ||
         (m->cosigned->term == e->cosigned_term && m->cosigned->size < e->cosigned_size)))
        sw_fail(w, "%s promises with an older head than the last it cosigned", who);
    e->promised_term = term;
    memcpy(e->promised_row, hash, 32);
    w->counts.promises++;
    sb_arena_deinit(&arena);
}

/* What is sent is what is durable, but for the number of the request. */
static void check_promise(sw *w, sw_end *e, const Sb__Frame *f)
{
    const char *who = sw_name(w, e->number);
    uint32_t term = f->promise_given->term;
    sb_slice row;
    sb_buf sent;
    if (f->promise_given->signature.len == 0)
        return; /* it would: no promise */
    if (!sw_store_own(&e->store, SB_FOL_ROW_PROMISED, &row) || !sw_store_is_synced(&e->store))
        sw_fail(w, "%s promises term %u without a durable record", who, term);
    Sb__Frame frame = *f;
    frame.request = 0;
    sb_buf_init(&sent);
    sb_frame_encode(&frame, &sent);
    sb_reader r = sb_reader_over(row);
    sb_read_bytes(&r, 4 + 32);
    if (!sb_slice_eq(sb_buf_slice(&sent), sb_read_bytes(&r, sb_reader_left(&r))))
        sw_fail(w, "%s promises term %u otherwise than it stored", who, term);
    sb_buf_deinit(&sent);
}

/* ---- */

void sw_check_sent(sw *w, sw_end *e, sb_slice frame)
{
    uint32_t body = sw_frame_body(frame);
    bool of_broker = e->seq != NULL && body == SB__FRAME__BODY_RECEIPT;
    bool of_node =
        e->is_node && (body == SB__FRAME__BODY_COSIGN || body == SB__FRAME__BODY_PROMISE_GIVEN);
    if (e->has_role || e->restored || !(of_broker || of_node))
        return;
    const Sb__Frame *f;
    sb_arena arena; /* the delivery's may be in use */
    sb_arena_init(&arena);
    if (sb_frame_decode(frame, &arena, &f, NULL) != SB_OK)
        sw_fail(w, "%s sends what can't be read", sw_name(w, e->number));
    if (f->body_case == SB__FRAME__BODY_RECEIPT)
        check_receipt(w, e, f->receipt);
    else if (f->body_case == SB__FRAME__BODY_COSIGN)
        check_cosign(w, e, f->cosign);
    else
        check_promise(w, e, f);
    sb_arena_deinit(&arena);
}
