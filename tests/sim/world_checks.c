/* What must hold of what is stored and what is final. Each looks at what is new, never at the whole
 * log again.
 *
 *   - what an honest broker committed in its term only grows, and every log of that term is a prefix
 *   - a log only grows, but for a rewind that a HANDOVER asks for, never below what is final
 *   - whoever holds the same leaves has the same digest
 *   - what is final anywhere is final everywhere the same; nothing is final twice; it rests on two
 *     rounds of a quorum, counted here from what was seen to be cosigned
 *   - an entry leaves an outbox when it is final or refused, not before
 */
#include <assert.h>
#include <stdlib.h>

#include "proto/base/cursor.h"
#include "proto/base/hash.h"
#include "proto/merkle/proof.h"
#include "tests/sim/story.h"
#include "tests/sim/world_inside.h"

/* ---- a tree of our own: RFC 6962, from leaf hashes ---- */

struct sw_peaks {
    uint8_t hash[64][32];
};

static void join(const uint8_t left[32], const uint8_t right[32], uint8_t out[32])
{
    uint8_t node[65] = {1};
    memcpy(node + 1, left, 32);
    memcpy(node + 33, right, 32);
    sb_hash(sb_slice_of(node, sizeof node), out);
}

static void root_of(const struct sw_peaks *p, uint64_t size, uint8_t out[32])
{
    bool has = false;
    for (uint32_t bit = 0; bit < 64; bit++) {
        if ((size >> bit & 1) == 0)
            continue;
        if (has)
            join(p->hash[bit], out, out);
        else
            memcpy(out, p->hash[bit], 32);
        has = true;
    }
}

static void history_add(sw_history *h, const uint8_t hash[32])
{
    if (h->count + 1 >= h->cap) {
        h->cap = h->cap == 0 ? 512 : 2 * h->cap;
        h->hashes = sb_xrealloc(h->hashes, h->cap * 32);
        h->roots = sb_xrealloc(h->roots, (h->cap + 1) * 32);
    }
    if (h->peaks == NULL)
        h->peaks = sb_xmalloc(sizeof *h->peaks);
    memcpy(h->hashes[h->count], hash, 32);
    uint8_t sum[32];
    uint32_t bit = 0;
    memcpy(sum, hash, 32);
    for (; (h->count >> bit & 1) != 0; bit++)
        join(h->peaks->hash[bit], sum, sum);
    memcpy(h->peaks->hash[bit], sum, 32);
    h->count++;
    root_of(h->peaks, h->count, h->roots[h->count]);
}

/* Of what follows nobody heard: as if it had never been. */
static void history_cut(sw_history *h, uint64_t size)
{
    uint8_t hash[32];
    h->count = 0;
    for (uint64_t i = 0; i < size; i++) {
        memcpy(hash, h->hashes[i], 32);
        history_add(h, hash);
    }
}

const sw_history *sw_history_of(const sw *w, uint32_t term)
{
    return term < SW_TERMS_MAX && w->terms[term].known ? &w->terms[term] : NULL;
}

/* ---- positions ---- */

static void check_position(sw *w, sw_end *e)
{
    sb_ledger_position p;
    bool is_new;
    sb_ledger_position_get(e->ledger, &p);
    if (p.size == 0)
        return;
    sw_map_row *row = sw_map_at(&w->digests, p.root, &is_new);
    if (is_new) {
        row->value = p.size;
        memcpy(row->more, p.digest, 32);
    }
    if (row->value != p.size)
        sw_fail(w, "%s: one root at %llu and at %llu", sw_name(w, e->number),
                (unsigned long long)row->value, (unsigned long long)p.size);
    if (memcmp(row->more, p.digest, 32) != 0)
        sw_fail(w, "%s: two digests of the same %llu leaves", sw_name(w, e->number),
                (unsigned long long)p.size);
    const sw_history *h = sw_history_of(w, sb_ledger_term(e->ledger));
    if (h != NULL && !e->restored && p.size <= h->count &&
        memcmp(h->roots[p.size], p.root, 32) != 0)
        sw_fail(w, "%s: its tree of %llu leaves has another root than the log",
                sw_name(w, e->number), (unsigned long long)p.size);
}

/* Its leaves from `first` on are what the broker of its term committed. */
static void check_leaves(sw *w, sw_end *e, uint64_t first)
{
    uint32_t term = sb_ledger_term(e->ledger);
    if (sw_history_of(w, term) == NULL)
        return;
    sw_history *h = &w->terms[term];
    for (uint64_t i = first; i < e->store.leaf_count; i++) {
        bool is_same = i < h->count && memcmp(h->hashes[i], e->store.leaves[i].hash, 32) == 0;
        if (is_same && e->seq == NULL && i >= h->shared)
            h->shared = i + 1;
        if (!is_same && !e->has_role && !e->restored)
            sw_fail(w, "%s: leaf %llu isn't the one that its broker has", sw_name(w, e->number),
                    (unsigned long long)i);
    }
}

/* A broker from an old copy may order on where what it lacks never came to anybody: then nothing tells of
 * it but the lost disk, and this is the log. */
static void check_goes_on(sw *w, sw_end *e, uint64_t first)
{
    sw_history *h = &w->terms[sb_ledger_term(e->ledger)];
    if (e->has_role || !e->restored || first < h->shared || first > h->count)
        return;
    sw_say(w, e->number, "orders on: what it lacks of %llu leaves came to nobody",
           (unsigned long long)h->count);
    history_cut(h, first);
    e->restored = false;
}

void sw_check_sequencer(sw *w, sw_end *e)
{
    uint32_t term = sb_ledger_term(e->ledger);
    if (term == 0)
        term = 1;
    assert(term < SW_TERMS_MAX);
    if (e->has_role || e->restored)
        return;
    sw_history *h = &w->terms[term];
    if (h->known && e->store.leaf_count < h->count)
        sw_fail(w, "%s begins with %llu leaves of the %llu that it had", sw_name(w, e->number),
                (unsigned long long)e->store.leaf_count, (unsigned long long)h->count);
    h->known = true;
    for (uint64_t i = h->count; i < e->store.leaf_count; i++)
        history_add(h, e->store.leaves[i].hash);
    check_position(w, e);
}

/* ---- what is stored ---- */

void sw_check_started(sw *w, sw_end *e)
{
    if (e->store.leaf_count < e->checked_leaves)
        sw_fail(w, "%s starts with %llu leaves: %llu were durable", sw_name(w, e->number),
                (unsigned long long)e->store.leaf_count, (unsigned long long)e->checked_leaves);
    check_position(w, e);
    sw_check_promised(w, e); /* the commit that it fell in may be there */
}

/* An entry with a receipt that leaves the outbox is final, or refused: looked at when its members were
 * told. */
static void leaves_outbox(sw *w, sw_end *e, sb_slice key)
{
    sb_slice row;
    if (!sb_kv_get(e->store.kv[SW_OWN], key, &row))
        return;
    sb_reader r = sb_reader_over(row);
    uint8_t flags = sb_read_u8(&r);
    sb_read_u64(&r);
    sb_read_u64(&r);
    sb_read_bytes(&r, sb_read_u32(&r));
    sb_slice entry = sb_read_bytes(&r, sb_reader_left(&r));
    if (r.failed || entry.len < 64)
        sw_fail(w, "%s: an outbox row that can't be", sw_name(w, e->number));
    if ((flags & 1) == 0)
        return;
    if (e->gone_count == e->gone_cap) {
        e->gone_cap = e->gone_cap == 0 ? 16 : 2 * e->gone_cap;
        e->gone = sb_xrealloc(e->gone, e->gone_cap * 32);
    }
    sb_hash(sb_slice_of(entry.data, entry.len - 64), e->gone[e->gone_count++]);
}

void sw_check_refused(sw_end *e, const uint8_t entry_id[32])
{
    size_t kept = 0;
    for (size_t i = 0; i < e->gone_count; i++)
        if (memcmp(e->gone[i], entry_id, 32) != 0)
            memmove(e->gone[kept++], e->gone[i], 32);
    e->gone_count = kept;
}

static void check_gone(sw *w, sw_end *e)
{
    for (size_t i = 0; i < e->gone_count; i++)
        if (!sw_is_final(w, e->gone[i]))
            sw_fail(w, "%s: an entry left the outbox, and is neither final nor refused",
                    sw_name(w, e->number));
    e->gone_count = 0;
}

/* Its status says something else now. */
static bool is_shown(const sb_commit_put *put)
{
    uint8_t table = put->key.data[0];
    return table == SB_FOL_ROW_CERTIFIED || table == SB_FOL_ROW_FINAL ||
           table == SB_FOL_ROW_EVIDENCE || table == SB_FOL_ROW_DIVERGED ||
           (table == SB_FOL_ROW_OUTBOX && put->is_delete);
}

void sw_check_written(sw *w, sw_end *e, const sb_log_commit *c)
{
    if (c->leaf_count > 0 && c->first != e->store.leaf_count)
        sw_fail(w, "%s commits from %llu with %llu leaves", sw_name(w, e->number),
                (unsigned long long)c->first, (unsigned long long)e->store.leaf_count);
    for (size_t i = 0; e->is_node && i < c->put_count; i++) {
        const sb_commit_put *put = &c->puts[i];
        e->dirty = e->dirty || is_shown(put);
        if (put->is_delete && put->key.data[0] == SB_FOL_ROW_OUTBOX)
            leaves_outbox(w, e, put->key);
    }
}

/* The highest SEAL that it ever held: of an earlier term's head only by (term, size). */
static void see_seals(sw *w, sw_end *e, const sb_log_commit *c)
{
    for (size_t i = 0; i < c->leaf_count; i++) {
        sb_slice leaf = c->leaves[i];
        if (leaf.len < 10 || leaf.data[9] != SB_ENTRY_SEAL)
            continue;
        sw_check_seal(w, e, c->first + i, leaf);
    }
}

static void check_leaves_durable(sw *w, sw_end *e, const sb_log_commit *c)
{
    uint64_t first = c->first;
    e->checked_leaves = e->store.leaf_count;
    if (e->seq != NULL)
        check_goes_on(w, e, first);
    if (e->seq != NULL && !e->has_role && !e->restored) {
        uint32_t term = sb_ledger_term(e->ledger);
        sw_history *h = &w->terms[term];
        if (h->count != first)
            sw_fail(w, "%s appends at %llu, and its log has %llu", sw_name(w, e->number),
                    (unsigned long long)first, (unsigned long long)h->count);
        for (uint64_t i = first; i < e->store.leaf_count; i++)
            history_add(h, e->store.leaves[i].hash);
        w->counts.leaves = h->count;
    } else {
        check_leaves(w, e, first);
    }
    check_position(w, e);
    see_seals(w, e, c);
}

void sw_check_durable(sw *w, sw_end *e, const sb_log_commit *c)
{
    if (c->leaf_count > 0)
        check_leaves_durable(w, e, c);
    sw_check_promised(w, e);
}

void sw_check_rewind(sw *w, sw_end *e, uint64_t size)
{
    if (size < e->final_size)
        sw_fail(w, "%s goes back to %llu, and %llu leaves are final", sw_name(w, e->number),
                (unsigned long long)size, (unsigned long long)e->final_size);
    e->checked_leaves = size;
}

void sw_check_rewound(sw *w, sw_end *e)
{
    e->checked_leaves = e->store.leaf_count;
    check_position(w, e);
}

/* ---- what is final ---- */

static void add_final(sw *w, const sw_leaf *leaf)
{
    if (w->final_count == w->final_cap) {
        w->final_cap = w->final_cap == 0 ? 512 : 2 * w->final_cap;
        w->final = sb_xrealloc(w->final, w->final_cap * sizeof *w->final);
        w->final_hashes = sb_xrealloc(w->final_hashes, w->final_cap * 32);
    }
    uint8_t *copy = sb_xmalloc(leaf->bytes.len), id[32];
    memcpy(copy, leaf->bytes.data, leaf->bytes.len);
    memcpy(w->final_hashes[w->final_count], leaf->hash, 32);
    w->final[w->final_count++] = sb_slice_of(copy, leaf->bytes.len);
    bool is_new;
    sb_hash(sb_slice_of(copy + 8, leaf->bytes.len - 8 - 64), id);
    sw_map_row *row = sw_map_at(&w->final_ids, id, &is_new);
    if (!is_new)
        sw_fail(w, "an entry is final twice: %llu and %llu", (unsigned long long)row->value,
                (unsigned long long)w->final_count - 1);
    row->value = w->final_count - 1;
}

/* A SEAL of this head stands in the log, and a quorum has cosigned a head with it. */
static void check_two_rounds(sw *w, sw_end *e, uint64_t size)
{
    uint32_t term = sb_ledger_term(e->ledger);
    for (uint64_t i = size; i < e->store.leaf_count; i++) {
        sb_slice leaf = e->store.leaves[i].bytes;
        const Sb__Seal *seal = sw_seal_of(leaf);
        if (seal != NULL && seal->size == size && sw_cosigners(w, term, i) >= sw_needed(w))
            return;
    }
    sw_fail(w, "%s shows %llu as final, and no quorum cosigned a SEAL of it in term %u",
            sw_name(w, e->number), (unsigned long long)size, term);
}

static sb_slice stored_leaf(const void *log, uint64_t index)
{
    return ((const sw_store *)log)->leaves[index].bytes;
}

/* The story's own judge looks at what proves it. */
static void judge_final(sw *w, sw_end *e, uint64_t size)
{
    const sw_story *s = w->o.story;
    sb_slice note = sb_follower_final_proof(e->fol);
    sw_leaves log = {.leaf = stored_leaf, .log = &e->store, .size = e->store.leaf_count};
    if (s == NULL || s->judge_final == NULL || note.len == 0)
        return;
    const char *wrong = s->judge_final(s->check_arg, &log, size, note);
    if (wrong != NULL)
        sw_fail(w, "%s: %s", sw_name(w, e->number), wrong);
}

static void check_final(sw *w, sw_end *e, const sb_fol_status *s)
{
    if (s->final_size < e->final_size)
        sw_fail(w, "%s: %llu leaves were final, now %llu", sw_name(w, e->number),
                (unsigned long long)e->final_size, (unsigned long long)s->final_size);
    if (s->final_size > e->store.leaf_count)
        sw_fail(w, "%s: final beyond the log", sw_name(w, e->number));
    if (s->final_size == e->final_size)
        return;
    for (uint64_t i = e->final_size; i < s->final_size; i++) {
        if (i >= w->final_count)
            add_final(w, &e->store.leaves[i]);
        if (memcmp(w->final_hashes[i], e->store.leaves[i].hash, 32) != 0)
            sw_fail(w, "two final histories: leaf %llu is another one at %s", (unsigned long long)i,
                    sw_name(w, e->number));
    }
    sw_say(w, e->number, "%llu leaves are final", (unsigned long long)s->final_size);
    w->counts.final_heads++;
    const sw_history *h = sw_history_of(w, sb_ledger_term(e->ledger));
    if (h != NULL && s->final_size <= h->count &&
        memcmp(h->roots[s->final_size], s->final_root, 32) != 0)
        sw_fail(w, "%s shows another final root", sw_name(w, e->number));
    check_two_rounds(w, e, s->final_size);
    judge_final(w, e, s->final_size);
    e->final_size = s->final_size;
}

/* One that is restored has lost something, one that was away goes on for a while: that may be named.
 * Where a broker lies, anything may. */
static void check_faults(sw *w, sw_end *e, const sb_fol_status *s)
{
    bool liars = false, restored = false;
    for (uint32_t i = w->o.nodes; i < w->end_count; i++) {
        liars = liars || w->ends[i].has_role;
        restored = restored || w->ends[i].restored;
    }
    for (uint32_t i = 0; i < w->o.nodes; i++)
        liars = liars || w->ends[i].has_role;
    if (s->faults > e->faults_seen) {
        w->counts.faults_named += s->faults - e->faults_seen;
        sw_say(w, e->number, "names a fault: %s [%s] [%s]", sb_err_name(s->fault.code),
               s->fault.arg[0], s->fault.arg[1]);
        if (!liars && s->fault.code != SB_E_FOLLOWER_OLD_TERM &&
            !(restored && s->fault.code == SB_E_FOLLOWER_SHRUNKEN))
            sw_fail(w, "an honest broker is named by %s: %s", sw_name(w, e->number),
                    sb_err_name(s->fault.code));
    }
    e->faults_seen = s->faults;
    if (s->evidence > e->evidence_seen)
        w->counts.evidence += s->evidence - e->evidence_seen;
    e->evidence_seen = s->evidence;
    if (!liars && (s->diverged || s->conflict || s->evidence > 0))
        sw_fail(w, "%s holds evidence among the honest: %s", sw_name(w, e->number),
                sb_err_name(s->diverged ? s->diverged_fail.code : s->fault.code));
}

void sw_check_status(sw *w, sw_end *e)
{
    sb_fol_status s;
    e->dirty = false;
    if (e->has_role)
        return;
    sb_follower_status(e->fol, sw_now_of(w, e->number), &s);
    if (s.certified_size > e->certified_seen)
        w->counts.certified_heads++;
    e->certified_seen = s.certified_size;
    check_faults(w, e, &s);
    check_final(w, e, &s);
    check_gone(w, e);
}

/* ---- at the end ---- */

void sw_check_receipts(sw *w)
{
    for (uint32_t n = 0; n < w->o.nodes; n++) {
        sb_fol_status status;
        sw_end *e = &w->ends[n];
        if (e->has_role || !sw_status(w, n, &status))
            continue;
        sb_log_reader log = sw_store_reader(&e->store);
        for (size_t i = 0; i < w->receipts.cap; i++) {
            const sw_map_row *row = &w->receipts.rows[i];
            sb_proof proof;
            if (!row->used || !sw_is_final(w, row->key) || (i + w->o.seed) % 4 != n % 4)
                continue; /* each at some of the nodes */
            uint64_t index = sw_map_find(&w->final_ids, row->key)->value;
            if (index >= status.final_size)
                continue;
            if (sb_tree_inclusion(sb_ledger_tree(e->ledger), index, status.final_size, log.tiles,
                                  &proof, NULL) != SB_OK ||
                !sb_verify_inclusion(e->store.leaves[index].hash, index, status.final_size,
                                     proof.hashes, proof.count, status.final_root))
                sw_fail(w, "a receipt can't be proved in a final head: %llu at %s",
                        (unsigned long long)index, sw_name(w, n));
        }
    }
}

void sw_checks_deinit(sw *w)
{
    for (uint32_t t = 0; t < SW_TERMS_MAX; t++) {
        free(w->terms[t].hashes);
        free(w->terms[t].roots);
        free(w->terms[t].peaks);
    }
    for (uint64_t i = 0; i < w->final_count; i++)
        free((void *)w->final[i].data);
    free(w->final);
    free(w->final_hashes);
    sw_map_deinit(&w->digests);
    sw_map_deinit(&w->receipts);
    sw_map_deinit(&w->final_ids);
    sw_map_deinit(&w->cosignatures);
}
