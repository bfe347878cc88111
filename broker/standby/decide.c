/* What the promises come to: the highest SEAL they name, the longest head that must be kept, and the
 * leaves for both. The ledger judges; here is only chosen and fetched. */
#include "broker/standby/inside.h"

#include "proto/base/hash.h"
#include "proto/base/limits.h"

/* ---- fetching a head that promises name ---- */

/* Nobody has it: who named it is left out, or is no support of what is longer than the SEAL. */
static void give_up(sb_standby *s, sb_now now)
{
    for (size_t i = 0; i < s->promise_count; i++) {
        stb_promise *p = &s->promises[i];
        p->left_out = p->left_out || sb_head_eq(&p->said.seal, &s->fetch);
        p->head_void = p->head_void || sb_head_eq(&p->said.cosigned, &s->fetch);
    }
    s->void_ms = now.mono_ms;
    s->has_void = true;
    s->fetch = (sb_head){0};
}

/* Does the promise's SEAL bear a quorum's cosignatures, by the keys that we know? */
static bool is_cosigned(sb_standby *s, const stb_promise *p)
{
    sb_checkpoint head = {.size = p->said.seal.size};
    memcpy(head.root, p->said.seal.root, 32);
    if (!sb_stb_origin(s, p->said.seal.term, head.origin))
        return false;
    uint8_t(*pks)[32] = sb_arena_alloc(&s->scratch, 32 * (p->cosignature_count + 1));
    size_t count = 0;
    for (size_t i = 0; i < p->cosignature_count; i++) {
        const Sb__Cosignature *c = &p->cosignatures[i];
        sb_ledger_org org;
        sb_cosignature cosignature = {.time_s = c->time_s};
        memcpy(cosignature.sig, c->signature.data, 64);
        if (sb_ledger_witness(s->ledger, c->witness_pk.data, &org) &&
            sb_cosignature_verify(&head, c->witness_pk.data, &cosignature))
            memcpy(pks[count++], c->witness_pk.data, 32);
    }
    return sb_ledger_quorum(s->ledger, s->committed, (const uint8_t(*)[32])pks, count, NULL, NULL);
}

/* Is there more than one organisation's word for what we fetch? A head that isn't sealed was chosen
 * because more bear it than may lie. */
static bool is_vouched_for(sb_standby *s)
{
    bool is_seal = false;
    for (size_t i = 0; i < s->promise_count; i++) {
        const stb_promise *p = &s->promises[i];
        if (p->left_out || !sb_head_eq(&p->said.seal, &s->fetch))
            continue;
        is_seal = true;
        if (is_cosigned(s, p))
            return true;
    }
    return !is_seal;
}

/* Our log is another branch than the one that holds it: back to what both have. */
static void leave_branch(sb_standby *s, const sb_head *sealed)
{
    bool is_other = s->fetch.size <= s->committed || (s->has_misfit && s->misfit_ms >= s->fetch_ms);
    uint64_t keep = sb_stb_holds(s, sealed) ? sealed->size : sb_stb_final(s);
    if (!is_other || s->committed <= keep || !is_vouched_for(s))
        return;
    s->fetch_cut = true;
    sb_stb_rewind(s, keep, sb_slice_of(NULL, 0));
}

/* We lack this head, which the promises come to; `sealed` is the highest SEAL they name. */
static void fetch(sb_standby *s, const sb_head *head, const sb_head *sealed, sb_now now)
{
    s->phase = SB_STANDBY_FETCHES;
    if (!sb_head_eq(&s->fetch, head)) {
        s->fetch = *head;
        s->fetch_cut = false;
        s->fetch_ms = now.mono_ms;
        s->pace = (sb_pace){0}; /* from one who named it, at once */
    } else if (now.mono_ms - s->fetch_ms < SB_STANDBY_FETCH_MS) {
        leave_branch(s, sealed);
    } else {
        give_up(s, now);
        s->judge_due = true; /* what do they come to without it? */
    }
}

/* Who goes back opens anew: it would look for the same head for ever, and take the same branch again. */
void sb_stb_go_on(sb_standby *s, const sb_standby *before)
{
    if (before->asked_term != s->asked_term)
        return;
    s->fetch = before->fetch;
    s->fetch_cut = before->fetch_cut;
    s->fetch_ms = before->fetch_ms;
    s->has_void = before->has_void;
    s->void_ms = before->void_ms;
    for (size_t i = 0, k = 0; i < s->promise_count; i++) { /* both rise by key */
        stb_promise *p = &s->promises[i];
        while (k < before->promise_count && memcmp(before->promises[k].pk, p->pk, 32) < 0)
            k++;
        if (k == before->promise_count || memcmp(before->promises[k].pk, p->pk, 32) != 0)
            continue;
        p->peer = before->promises[k].peer;
        p->seal_void = before->promises[k].seal_void;
        p->left_out = before->promises[k].left_out;
        p->head_void = before->promises[k].head_void;
    }
}

/* What was left out may have been there all the time, behind a cut connection. */
static void try_void_again(sb_standby *s, sb_now now)
{
    if (!s->has_void || now.mono_ms - s->void_ms < 2 * SB_STANDBY_FETCH_MS)
        return;
    s->has_void = false;
    for (size_t i = 0; i < s->promise_count; i++)
        s->promises[i].left_out = s->promises[i].head_void = s->promises[i].seal_void = false;
}

/* ---- choosing ---- */

/* The promise that names the highest SEAL, with cosignatures that hold as far as we know; NULL: none
 * names any. */
static stb_promise *highest(sb_standby *s)
{
    stb_promise *top = NULL;
    for (size_t i = 0; i < s->promise_count; i++) {
        stb_promise *p = &s->promises[i];
        if (p->left_out || p->said.seal.size == 0)
            continue;
        int rank = top == NULL ? 1 : sb_head_rank(&p->said.seal, &top->said.seal);
        if (rank > 0 || (rank == 0 && top->seal_void && !p->seal_void))
            top = p;
    }
    return top;
}

static void leave_out(sb_standby *s, stb_promise *p, sb_now now)
{
    p->left_out = true;
    if (!s->has_void)
        s->void_ms = now.mono_ms;
    s->has_void = s->judge_due = true;
}

/* This one's cosignatures don't hold. Who names the same head may have true ones; when nobody has,
 * the SEAL is false. */
static void seal_is_false(sb_standby *s, stb_promise *top, sb_now now)
{
    const sb_head seal = top->said.seal;
    top->seal_void = true;
    for (size_t i = 0; i < s->promise_count; i++)
        if (!s->promises[i].left_out && !s->promises[i].seal_void &&
            sb_head_eq(&s->promises[i].said.seal, &seal)) {
            s->judge_due = true;
            return;
        }
    for (size_t i = 0; i < s->promise_count; i++)
        if (sb_head_eq(&s->promises[i].said.seal, &seal))
            leave_out(s, &s->promises[i], now);
}

/* The refusal begins with the key, in hex, cut. */
static void key_is_unknown(sb_standby *s, const sb_fail *fail, sb_now now)
{
    for (size_t i = 0; i < s->promise_count; i++) {
        char hex[65];
        sb_hex(sb_slice_of(s->promises[i].pk, 32), hex);
        if (strncmp(hex, fail->arg[0], strlen(fail->arg[0])) == 0)
            leave_out(s, &s->promises[i], now);
    }
}

/* How many promisers bear this head: who cosigned it, or a longer one of the same branch; one that we
 * hold lies in no branch but ours. `maybe` counts also those whose branch we can't tell. */
static uint32_t bearers(sb_standby *s, const sb_head *head, bool maybe)
{
    uint32_t count = 0;
    bool is_ours = sb_stb_holds(s, head);
    for (size_t i = 0; i < s->promise_count; i++) {
        const stb_promise *p = &s->promises[i];
        const sb_head *last = &p->said.cosigned;
        if (p->left_out)
            continue;
        if (sb_head_eq(last, head))
            count++;
        else if (last->size <= head->size)
            continue;
        else if (sb_stb_holds(s, last))
            count += is_ours;
        else if (maybe && !p->head_void)
            count += last->size > s->committed || !is_ours;
    }
    return count;
}

/* The longest head that somebody cosigned, longer than `than` and shorter than `below` leaves. */
static const sb_head *next_longest(const sb_standby *s, uint64_t than, uint64_t below,
                                   const sb_head *after)
{
    const sb_head *best = NULL;
    for (size_t i = 0; i < s->promise_count; i++) {
        const stb_promise *p = &s->promises[i];
        const sb_head *h = &p->said.cosigned;
        if (p->left_out || p->head_void || h->size <= than || h->size > below)
            continue;
        if (h->size == below && (after == NULL || memcmp(h->root, after->root, 32) <= 0))
            continue; /* that one was looked at */
        if (best == NULL || h->size > best->size ||
            (h->size == best->size && memcmp(h->root, best->root, 32) < 0))
            best = h;
    }
    return best;
}

/* The head to continue from: the longest that more promisers bear than may lie, else the sealed one.
 * False: it must be fetched first. */
static bool choose_base(sb_standby *s, const sb_handover_verdict *verdict, sb_head *base,
                        sb_now now)
{
    *base = verdict->sealed;
    const sb_head *head = NULL;
    uint64_t below = UINT64_MAX;
    while ((head = next_longest(s, verdict->sealed.size, below, head)) != NULL) {
        below = head->size;
        uint8_t root[32];
        if (bearers(s, head, true) <= verdict->may_lie)
            continue;
        if (!sb_stb_holds(s, head)) {
            fetch(s, head, &verdict->sealed, now);
            return false;
        }
        if (bearers(s, head, false) <= verdict->may_lie ||
            !sb_ledger_root_at(s->ledger, head->size, root))
            continue;
        *base = *head;
        return true;
    }
    return true;
}

/* ---- deciding ---- */

static void take_refusal(sb_standby *s, stb_promise *top, const sb_fail *fail, sb_now now)
{
    if (fail->code == SB_E_LEDGER_HANDOVER_QUORUM || fail->code == SB_E_LEDGER_HANDOVER_UNSEALED)
        return; /* too few yet */
    s->has_refusal = true;
    s->refusal = *fail;
    if (fail->code == SB_E_LEDGER_HANDOVER_KEY)
        sb_stb_fatal(s, fail); /* ours was a log key before */
    else if (fail->code == SB_E_LEDGER_HANDOVER_PROMISE_KEY)
        key_is_unknown(s, fail, now);
    else if (top != NULL)
        seal_is_false(s, top, now);
}

static void decide(sb_standby *s, stb_promise *top, sb_now now)
{
    const sb_head none = {0};
    sb_handover_verdict verdict = {0};
    sb_fail fail = {0};
    const sb_head *sealed = top == NULL ? &none : &top->said.seal;
    sb_err err =
        sb_ledger_handover_judge(s->ledger, sb_stb_message(s, sealed, top, 0), &verdict, &fail);
    if (err != SB_OK) {
        take_refusal(s, top, &fail, now);
        return;
    }
    sb_head base;
    if (!choose_base(s, &verdict, &base, now))
        return;
    Sb__Handover *m = sb_stb_message(s, &base, top, verdict.may_lie + 1);
    bool fits = sb_stb_fit(s, m, &verdict.sealed);
    /* the bearers were counted over all; while two policies hold, each has a say */
    if (base.size > verdict.sealed.size &&
        (!fits ||
         sb_ledger_handover_judge(s->ledger, m, &verdict, &fail) == SB_E_LEDGER_HANDOVER_MORE)) {
        m = sb_stb_message(s, sealed, top, 0);
        fits = sb_stb_fit(s, m, sealed);
    }
    if (!fits) { /* with more promises those that name heads of their own can be left out */
        s->has_refusal = true;
        sb_fail_num(&s->refusal, SB_E_STANDBY_HANDOVER_ROOM, 2, sb_stb_message_bytes(m),
                    SB_PAYLOAD_BYTES_MAX);
        return;
    }
    s->phase = SB_STANDBY_CHANGES;
    sb_stb_change(s, m, now);
}

void sb_stb_tick_decide(sb_standby *s, sb_now now)
{
    if (!s->asking || s->done || s->promise_count == 0 ||
        (!s->judge_due && now.mono_ms - s->judge_ms < STB_JUDGE_MS))
        return;
    s->judge_due = false;
    s->judge_ms = now.mono_ms;
    s->phase = SB_STANDBY_ASKS;
    try_void_again(s, now);
    stb_promise *top = highest(s);
    if (top != NULL && !sb_stb_holds(s, &top->said.seal))
        fetch(s, &top->said.seal, &top->said.seal, now);
    else
        decide(s, top, now);
    if (s->phase != SB_STANDBY_FETCHES)
        s->fetch = (sb_head){0}; /* nothing is lacking, or no longer */
}
