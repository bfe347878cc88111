/* Heads: signed after each commit, offered to the witnesses, certified, sealed (DESIGN §4). */
#include "broker/sequencer/inside.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- signing ---- */

/* The witnesses shall cosign the head just signed. */
static void offer_new(sb_sequencer *s, sb_now now)
{
    if (s->head_count == SEQ_HEADS_MAX) {
        sb_seq_head oldest = s->heads[0];
        memmove(&s->heads[0], &s->heads[1], (SEQ_HEADS_MAX - 1) * sizeof oldest);
        s->heads[--s->head_count] = oldest; /* its buffers are used again */
    }
    sb_seq_head *h = &s->heads[s->head_count++];
    h->head = s->signed_head;
    h->real_size = s->real_size;
    h->first_ms = h->offered_ms = h->forwarded_ms = now.mono_ms;
    h->certified = h->has_news = false;
    h->cosign_count = 0;
    sb_buf_clear(&h->note);
    sb_buf_add(&h->note, sb_buf_slice(&s->signed_note));
}

void sb_seq_sign_head(sb_sequencer *s, sb_now now)
{
    sb_fail fail = {0};
    sb_checkpoint head = {0};
    bool has_origin = sb_ledger_origin(s->ledger, head.origin, sizeof head.origin);
    assert(has_origin);
    sb_ledger_position position;
    sb_ledger_position_get(s->ledger, &position);
    assert(position.size == s->committed && position.size >= s->signed_head.size);
    if (position.size == s->signed_head.size)
        return;
    head.size = position.size;
    memcpy(head.root, position.root, 32);
    sb_buf_clear(&s->signed_note);
    if (sb_checkpoint_sign(&head, s->log_key, &s->signed_note, &fail) != SB_OK) {
        sb_seq_fatal(s, &fail);
        return;
    }
    s->signed_head = head;
    if (position.ends_with_state)
        offer_new(s, now);
}

bool sb_seq_note_at(sb_sequencer *s, uint64_t size, sb_buf *note)
{
    assert(size > 0 && size <= s->committed);
    if (size == s->signed_head.size) {
        sb_buf_add(note, sb_buf_slice(&s->signed_note));
        return true;
    }
    sb_fail fail = {0};
    sb_checkpoint head = s->signed_head;
    head.size = size;
    sb_err err = sb_tree_root_at(sb_ledger_tree(s->ledger), size, sb_commit_tiles(&s->batch),
                                 head.root, &fail);
    if (err == SB_OK)
        err = sb_checkpoint_sign(&head, s->log_key, note, &fail);
    if (err != SB_OK)
        sb_seq_fatal(s, &fail);
    return err == SB_OK;
}

/* ---- the nodes' clocks ---- */

/* The organisation's clock; a new witness key begins anew, and so does another organisation under the
 * number (the first one's admission was withdrawn). */
static sb_seq_clock *clock_of(sb_sequencer *s, uint32_t organisation, const uint8_t pk[32])
{
    sb_seq_clock *clock = NULL;
    for (size_t i = 0; i < s->clock_count && clock == NULL; i++)
        if (s->clocks[i].organisation == organisation)
            clock = &s->clocks[i];
    if (clock == NULL && s->clock_count < SEQ_CLOCKS_MAX)
        clock = &s->clocks[s->clock_count++];
    else if (clock == NULL || memcmp(clock->pk, pk, 32) == 0)
        return clock;
    *clock = (sb_seq_clock){.organisation = organisation};
    memcpy(clock->pk, pk, 32);
    return clock;
}

/* A first time says nothing (it may be an old cosignature, sent again); a risen one was just made. */
static void note_clock(sb_sequencer *s, uint32_t organisation, const Sb__Cosign *cosign, sb_now now)
{
    sb_seq_clock *clock = clock_of(s, organisation, cosign->witness_pk.data);
    if (clock == NULL || cosign->time_s <= clock->time_s || cosign->time_s > UINT64_MAX / 2000)
        return;
    bool is_first = clock->time_s == 0;
    clock->time_s = cosign->time_s;
    if (is_first)
        return;
    clock->ahead_ms = (int64_t)(cosign->time_s * 1000) - (int64_t)now.mono_ms;
    s->legal_ahead_ms = (int64_t)now.legal_ms - (int64_t)now.mono_ms;
    clock->measured = true;
}

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void find_median_clock(sb_sequencer *s)
{
    int64_t *offs = SB_ARENA_ARRAY(&s->scratch, int64_t, s->clock_count + 1);
    size_t count = 0;
    for (size_t i = 0; i < s->clock_count; i++)
        if (s->clocks[i].measured && sb_ledger_org_is_in(s->ledger, s->clocks[i].organisation))
            offs[count++] = s->clocks[i].ahead_ms;
    qsort(offs, count, sizeof *offs, by_value);
    /* more than half of the organisations, or it isn't the nodes' median */
    s->clock_known = 2 * count > sb_ledger_orgs_in(s->ledger);
    s->clock_ahead_ms = s->clock_known ? offs[count / 2] : 0;
}

/* By the monotonic clock, which nobody sets: when ours jumps, that is known before any node says so. */
int64_t sb_seq_clock_off(const sb_sequencer *s)
{
    return s->clock_known ? s->clock_ahead_ms - s->legal_ahead_ms : 0;
}

bool sb_seq_clock_bad(sb_sequencer *s)
{
    const Sb__Charter *charter = sb_ledger_charter(s->ledger);
    if (charter == NULL || charter->rehearsal)
        return false; /* a rehearsal's clock is set by hand and jumps */
    int64_t bound = SB_TIME_TOLERANCE_MS / 2;
    int64_t off = sb_seq_clock_off(s);
    return off > bound || off < -bound;
}

/* ---- cosignatures ---- */

/* Put it in its place by key; an older or equal time changes nothing. */
static bool keep_cosign(sb_seq_head *h, const uint8_t pk[32], const char *org,
                        const sb_cosignature *cosignature)
{
    size_t at = 0;
    while (at < h->cosign_count && memcmp(h->cosigns[at].pk, pk, 32) < 0)
        at++;
    bool is_known = at < h->cosign_count && memcmp(h->cosigns[at].pk, pk, 32) == 0;
    if (is_known && h->cosigns[at].cosignature.time_s >= cosignature->time_s)
        return false;
    if (!is_known) {
        if (h->cosign_count == SB_COSIGNATURES_MAX)
            return false;
        if (h->cosign_count == h->cosign_cap) {
            h->cosign_cap = h->cosign_cap == 0 ? 16 : h->cosign_cap * 2;
            h->cosigns = sb_xrealloc(h->cosigns, h->cosign_cap * sizeof *h->cosigns);
        }
        memmove(&h->cosigns[at + 1], &h->cosigns[at], (h->cosign_count - at) * sizeof *h->cosigns);
        h->cosign_count++;
        memcpy(h->cosigns[at].pk, pk, 32);
        snprintf(h->cosigns[at].org, sizeof h->cosigns[at].org, "%s", org);
    }
    h->cosigns[at].cosignature = *cosignature;
    return true;
}

/* Its cosigners' keys, in scratch. */
static const uint8_t (*keys_of(sb_sequencer *s, const sb_seq_head *h))[32]
{
    uint8_t(*pks)[32] = sb_arena_alloc(&s->scratch, 32 * (h->cosign_count + 1));
    for (size_t i = 0; i < h->cosign_count; i++)
        memcpy(pks[i], h->cosigns[i].pk, 32);
    return (const uint8_t(*)[32])pks;
}

static bool has_quorum(sb_sequencer *s, const sb_seq_head *h)
{
    return sb_ledger_quorum(s->ledger, h->head.size, keys_of(s, h), h->cosign_count, NULL, NULL);
}

/* … also by the change of organisations or policy that waits in it. */
static bool may_seal(sb_sequencer *s, const sb_seq_head *h)
{
    return h->certified && sb_ledger_quorum_seal(s->ledger, h->head.size, keys_of(s, h),
                                                 h->cosign_count, NULL, NULL);
}

/* The head's note with all its cosignatures, appended, also of keys that a later leaf replaced: they
 * made its quorum. A line's name is only for people. */
static void cosigned_note(sb_sequencer *s, const sb_seq_head *h, sb_buf *note)
{
    sb_buf_add(note, sb_buf_slice(&h->note));
    for (size_t i = 0; i < h->cosign_count; i++) {
        char *name = sb_arena_printf(&s->scratch, "%s/%s", h->head.origin, h->cosigns[i].org);
        sb_cosignature_add_line(note, sb_slice_str(name), h->cosigns[i].pk,
                                &h->cosigns[i].cosignature);
    }
}

static void forward(sb_sequencer *s, sb_seq_head *h, sb_now now)
{
    sb_buf note;
    sb_buf_init(&note);
    cosigned_note(s, h, &note);
    if (h->certified && h->head.size >= s->certified_size) {
        s->certified_size = h->head.size;
        sb_buf_clear(&s->certified_note);
        sb_buf_add(&s->certified_note, sb_buf_slice(&note));
    }
    sb_seq_send_note(s, 0, sb_buf_slice(&note));
    h->has_news = false;
    h->forwarded_ms = now.mono_ms;
    sb_buf_deinit(&note);
}

static sb_seq_head *find_head(sb_sequencer *s, const Sb__Cosign *cosign)
{
    for (size_t i = 0; i < s->head_count; i++)
        if (s->heads[i].head.size == cosign->size &&
            memcmp(s->heads[i].head.root, cosign->root.data, 32) == 0)
            return &s->heads[i];
    return NULL;
}

void sb_seq_cosign_frame(sb_sequencer *s, const Sb__Cosign *cosign, sb_now now)
{
    if (cosign->root.len != 32 || cosign->witness_pk.len != 32 || cosign->signature.len != 64)
        return;
    sb_seq_head *h = find_head(s, cosign);
    sb_ledger_org org;
    if (h == NULL || !sb_ledger_witness(s->ledger, cosign->witness_pk.data, &org))
        return;
    sb_cosignature cosignature = {.time_s = cosign->time_s};
    memcpy(cosignature.sig, cosign->signature.data, 64);
    if (!sb_cosignature_verify(&h->head, cosign->witness_pk.data, &cosignature))
        return;
    note_clock(s, org.number, cosign, now);
    find_median_clock(s);
    if (!keep_cosign(h, cosign->witness_pk.data, org.id, &cosignature))
        return;
    h->has_news = true;
    if (!h->certified && has_quorum(s, h)) {
        h->certified = true;
        forward(s, h, now);
    }
}

void sb_seq_evidence_frame(sb_sequencer *s, const Sb__Certified *certified)
{
    sb_checkpoint head, ours = {0};
    sb_fail fail = {0};
    if (!sb_ledger_origin(s->ledger, ours.origin, sizeof ours.origin) ||
        sb_checkpoint_verify(sb_slice_of(certified->note.data, certified->note.len), ours.origin,
                             sb_secret_pk(s->log_key), &head, &fail) != SB_OK)
        return;
    bool is_ours = head.size <= s->committed;
    if (is_ours && head.size > 0)
        is_ours = sb_tree_root_at(sb_ledger_tree(s->ledger), head.size, sb_commit_tiles(&s->batch),
                                  ours.root, &fail) == SB_OK &&
                  memcmp(ours.root, head.root, 32) == 0;
    if (is_ours)
        return;
    sb_fail_num(&fail, SB_E_SEQUENCER_BEHIND, 2, s->committed, head.size);
    sb_seq_fatal(s, &fail);
}

/* ---- sealing and stating ---- */

bool sb_seq_final(sb_sequencer *s, uint64_t *size, uint8_t root[32])
{
    uint64_t seal_index;
    return s->certified_size > 0 &&
           sb_ledger_seal_before(s->ledger, s->certified_size, &seal_index, size) &&
           sb_ledger_root_at(s->ledger, *size, root);
}

/* The newest certified head, if it has something that no SEAL covers yet, or a change of policy
 * waits for another SEAL. */
static void seal(sb_sequencer *s, sb_now now)
{
    if (sb_ledger_charter(s->ledger) == NULL)
        return; /* a SEAL waits for the charter */
    uint64_t seal_index, sealed_size = 0;
    sb_ledger_last_seal(s->ledger, &seal_index, &sealed_size);
    bool waits = sb_ledger_policy_waits(s->ledger);
    sb_seq_head *newest = NULL;
    for (size_t i = s->head_count; i > 0 && newest == NULL; i--) {
        sb_seq_head *h = &s->heads[i - 1];
        bool has_more = h->real_size > sealed_size || waits;
        if (h->head.size > sealed_size && has_more && may_seal(s, h)) /* asked last: at each tick */
            newest = h;
    }
    if (newest == NULL)
        return;
    sb_fail fail = {0};
    if (!sb_seq_append_seal(s, newest, now, &fail)) {
        /* a cosigner's key went out of force: collect anew */
        newest->certified = false;
        newest->cosign_count = 0;
    }
}

static bool has_many(sb_sequencer *s)
{
    return sb_ledger_org_count(s->ledger) > 16;
}

/* The STATEs' pace, and one collection at a time (a slow one only for so long). */
static bool may_state(sb_sequencer *s, sb_now now)
{
    uint64_t since = now.mono_ms - s->state_ms;
    if (s->has_state_ms &&
        (since < SB_SEQ_STATE_MS_MIN || (since < SB_SEQ_STATE_MS_MIN_MANY && has_many(s))))
        return false;
    if (s->head_count == 0)
        return true;
    const sb_seq_head *newest = &s->heads[s->head_count - 1];
    return newest->certified || now.mono_ms - newest->first_ms >= SB_SEQ_COLLECT_MS_MAX;
}

void sb_seq_extend_heads(sb_sequencer *s, sb_now now)
{
    if (s->fatal || sb_ledger_phase_get(s->ledger) == SB_PHASE_EMPTY || !may_state(s, now))
        return;
    seal(s, now); /* together with the STATE that lets its own head be cosigned */
    if (sb_ledger_ends_with_state(s->ledger))
        return; /* nothing new to state */
    sb_seq_append_state(s, now);
    s->state_ms = now.mono_ms;
    s->has_state_ms = true;
}

void sb_seq_tend_heads(sb_sequencer *s, sb_now now)
{
    if (s->head_count == 0)
        return;
    for (size_t i = 0; i < s->head_count; i++) {
        sb_seq_head *h = &s->heads[i];
        uint64_t pace = h->certified ? SEQ_FORWARD_MS : SEQ_FORWARD_PARTIAL_MS;
        uint64_t since = now.mono_ms - h->forwarded_ms;
        if (h->has_news && since >= pace && (since >= 10 * pace || !has_many(s)))
            forward(s, h, now);
    }
    sb_seq_head *newest = &s->heads[s->head_count - 1];
    uint64_t again = newest->certified ? SB_SEQ_FRESH_MS : SB_SEQ_OFFER_MS;
    if (now.mono_ms - newest->offered_ms >= again) {
        newest->offered_ms = now.mono_ms;
        sb_seq_send_note(s, 0, sb_buf_slice(&newest->note));
    }
}
