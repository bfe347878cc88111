/* Silence, asking for promises, and gathering them: each is kept whole, as evidence too. */
#include "broker/standby/inside.h"

#include <stdlib.h>

#include "proto/base/hash.h"

/* ---- signs of life ---- */

/* The witnesses whose valid cosigning times on the note are later than the last sign of life. */
static size_t count_fresh(sb_standby *s, sb_slice bytes, const sb_checkpoint *head,
                          uint8_t (*pks)[32], uint64_t *oldest_s)
{
    sb_note note;
    size_t count = 0;
    *oldest_s = UINT64_MAX;
    if (sb_note_parse(bytes, &note, NULL) != SB_OK)
        return 0;
    uint32_t organisations = sb_ledger_org_count(s->ledger);
    for (uint32_t i = 0; i < organisations && count < SB_ORGANISATIONS_MAX; i++) {
        sb_ledger_org org;
        sb_cosignature cosignature;
        if (!sb_ledger_org_get(s->ledger, i, &org) ||
            !sb_cosignature_find(&note, head, org.witness_pk, &cosignature) ||
            cosignature.time_s <= s->alive_time_s)
            continue;
        memcpy(pks[count++], org.witness_pk, 32);
        if (cosignature.time_s < *oldest_s)
            *oldest_s = cosignature.time_s;
    }
    return count;
}

void sb_stb_on_life(sb_standby *s, uint64_t id, sb_slice bytes, sb_now now)
{
    char origin[STB_ORIGIN_CAP];
    uint8_t log_pk[32];
    sb_checkpoint head;
    stb_peer *peer = sb_stb_peer(s, id);
    if (!sb_ledger_log_pk(s->ledger, log_pk) ||
        !sb_stb_origin(s, sb_ledger_term(s->ledger), origin) ||
        sb_checkpoint_verify(bytes, origin, log_pk, &head, NULL) != SB_OK) {
        sb_stb_later_note(s, peer, bytes, now);
        return;
    }
    if (head.size > peer->size)
        peer->size = head.size;
    if (s->life_looked_ms != 0 && now.mono_ms - s->life_looked_ms < STB_LIFE_MS)
        return;
    s->life_looked_ms = now.mono_ms;
    uint8_t(*pks)[32] = sb_arena_alloc(&s->scratch, 32 * SB_ORGANISATIONS_MAX);
    uint64_t oldest_s;
    size_t count = count_fresh(s, bytes, &head, pks, &oldest_s);
    if (count == 0 ||
        !sb_ledger_quorum(s->ledger, head.size, (const uint8_t(*)[32])pks, count, NULL, NULL))
        return;
    s->alive_ms = now.mono_ms;
    s->alive_time_s = oldest_s;
}

/* ---- asking ---- */

bool sb_stb_is_enrolled(sb_standby *s, uint64_t *silence_ms, uint64_t *after_ms)
{
    const Sb__Charter *charter = sb_ledger_charter(s->ledger);
    *silence_ms = charter == NULL ? 0 : 1000 * (uint64_t)charter->silence_s;
    *after_ms = 0;
    for (size_t i = 0; charter != NULL && i < charter->n_standbys; i++) {
        *after_ms = *silence_ms * i / 2;
        if (charter->standbys[i]->log_pk.len == 32 &&
            memcmp(charter->standbys[i]->log_pk.data, sb_secret_pk(s->log_key), 32) == 0)
            return *silence_ms > 0;
    }
    *after_ms = 0;
    return false;
}

static void forget_promises(sb_standby *s)
{
    s->promise_count = 0;
    sb_arena_reset(&s->promise_arena);
    s->fetch = (sb_head){0};
    s->has_void = false;
}

/* A term above all that is known; the row is there before anybody is asked. */
static void choose_term(sb_standby *s, sb_now now)
{
    uint32_t term = sb_ledger_term(s->ledger);
    if (term < s->seen_term)
        term = s->seen_term;
    if (term < s->asked_term)
        term = s->asked_term;
    if (s->asked_term <= sb_ledger_term(s->ledger) || s->split || s->asked_term <= s->seen_term) {
        if (term == UINT32_MAX)
            return;
        forget_promises(s);
        s->asked_term = term + 1;
        sb_stb_put_term(s, SB_STANDBY_ROW_ASKED, s->asked_term);
    }
    s->split = s->has_bound = false;
    s->asking = s->ask_at_once = s->has_asked = true;
    s->asked_ms = now.mono_ms;
}

static bool has_promised(const sb_standby *s, const stb_peer *peer)
{
    for (size_t i = 0; i < s->promise_count; i++)
        if (s->promises[i].peer == peer->id)
            return true;
    return false;
}

static void add_willing(stb_willing *w, const uint8_t pk[32], const sb_head *seal)
{
    memcpy(w->pks[w->count], pk, 32);
    w->seals[w->count++] = seal;
}

bool sb_stb_would(const sb_standby *s, const stb_peer *peer, sb_now now)
{
    return peer->would_term != 0 && peer->would_term == s->asked_term &&
           now.mono_ms - peer->would_ms < SB_STANDBY_WOULD_MS;
}

stb_willing sb_stb_willing(sb_standby *s, sb_now now)
{
    size_t most = s->promise_count + s->peer_count + 1;
    stb_willing w = {.pks = sb_arena_alloc(&s->scratch, 32 * most),
                     .seals = SB_ARENA_ARRAY(&s->scratch, const sb_head *, most)};
    for (size_t i = 0; i < s->promise_count; i++)
        add_willing(&w, s->promises[i].pk, &s->promises[i].said.seal);
    w.promised = w.count;
    for (size_t i = 0; i < s->peer_count; i++)
        if (sb_stb_would(s, &s->peers[i], now))
            add_willing(&w, s->peers[i].would_pk, &s->peers[i].would_seal);
    return w;
}

/* The highest sealed head that they name, by which their HANDOVER would be judged: a later SEAL that we
 * alone hold asks for nothing. One that our log doesn't bear, or none: our last. */
uint64_t sb_stb_judged_at(sb_standby *s, const stb_willing *w)
{
    const sb_head *top = NULL;
    uint64_t seal_index, last = 0;
    if (!sb_ledger_last_seal(s->ledger, &seal_index, &last))
        return 0;
    for (size_t i = 0; i < w->count; i++) {
        const sb_head *seal = w->seals[i];
        if (seal->size == 0 || (top != NULL && sb_head_eq(seal, top)))
            continue;
        if (seal->size > last || !sb_stb_holds(s, seal))
            return last;
        if (top == NULL || seal->size > top->size)
            top = seal;
    }
    return top == NULL ? last : top->size;
}

bool sb_stb_suffice(sb_standby *s, const stb_willing *w, size_t count, uint32_t *have,
                    uint32_t *needed)
{
    const uint8_t(*pks)[32] = (const uint8_t(*)[32])w->pks;
    uint64_t sealed_size = sb_stb_judged_at(s, w);
    if (sealed_size == 0)
        return sb_ledger_quorum(s->ledger, s->committed, pks, count, have, needed);
    return sb_ledger_quorum_handover(s->ledger, sealed_size, pks, count, have, needed);
}

/* A promise binds, also when nothing comes of it: who has promised confirms nothing more in the present
 * term. In a silence that only some see, too many of them are missing where a head takes more than a
 * quorum. So nobody is bound before a HANDOVER's quorum would be. */
static bool may_bind(sb_standby *s, sb_now now)
{
    stb_willing w = sb_stb_willing(s, now);
    return sb_stb_suffice(s, &w, w.count, NULL, NULL);
}

static bool is_asked_now(const sb_standby *s, const stb_peer *peer, sb_now now)
{
    bool is_due = peer->ask_ms == 0 || now.mono_ms - peer->ask_ms >= SB_STANDBY_ASK_MS;
    return peer->welcomed && (is_due || s->ask_at_once) && !has_promised(s, peer);
}

static bool is_anybody_asked_now(const sb_standby *s, sb_now now)
{
    for (size_t i = 0; i < s->peer_count; i++)
        if (is_asked_now(s, &s->peers[i], now))
            return true;
    return false;
}

static void send_asks(sb_standby *s, sb_now now)
{
    if (!s->would_news && !is_anybody_asked_now(s, now))
        return;
    s->would_news = false;
    bool binds = may_bind(s, now);
    if (binds && !s->has_bound) /* at once only once: some say now this, now that */
        s->ask_at_once = s->has_bound = true;
    Sb__PromiseAsk ask = SB__PROMISE_ASK__INIT;
    ask.would = !binds;
    ask.term = s->asked_term;
    ask.log_pk = (ProtobufCBinaryData){.len = 32, .data = (uint8_t *)sb_secret_pk(s->log_key)};
    Sb__Frame frame = SB__FRAME__INIT;
    frame.body_case = SB__FRAME__BODY_PROMISE_ASK;
    frame.promise_ask = &ask;
    frame.request = s->asked_term;
    for (size_t i = 0; i < s->peer_count; i++) {
        stb_peer *peer = &s->peers[i];
        if (!is_asked_now(s, peer, now))
            continue;
        peer->ask_ms = now.mono_ms;
        sb_stb_send(s, peer->id, &frame);
    }
    s->ask_at_once = false;
}

static bool somebody_is_there(const sb_standby *s)
{
    for (size_t i = 0; i < s->peer_count; i++)
        if (s->peers[i].welcomed)
            return true;
    return false;
}

/* A key that was in use can't begin a term: who promised it one would confirm nothing in the present
 * term any more, for nothing. */
static bool is_used(sb_standby *s)
{
    uint64_t seq, anchor;
    char hex[17];
    const uint8_t *pk = sb_secret_pk(s->log_key);
    if (!sb_ledger_signer(s->ledger, pk, &seq, &anchor))
        return false;
    sb_hex(sb_slice_of(pk, 8), hex);
    s->has_refusal = true;
    sb_fail_set(&s->refusal, SB_E_LEDGER_HANDOVER_KEY, hex, NULL);
    if (s->take_over)
        sb_stb_fatal(s, &s->refusal); /* the operator waits for it */
    return true;
}

void sb_stb_tick_ask(sb_standby *s, sb_now now)
{
    uint64_t silence_ms, after_ms;
    if (s->done || s->wants_rewind)
        return;
    bool enrolled = sb_stb_is_enrolled(s, &silence_ms, &after_ms);
    /* Before the first SEAL a HANDOVER has nothing to continue from, and who has promised a term
     * confirms nothing of the first: the federation could never be founded. */
    uint64_t seal_index, sealed_size;
    bool is_sealed = sb_ledger_last_seal(s->ledger, &seal_index, &sealed_size);
    bool silent = enrolled && is_sealed && now.mono_ms - s->alive_ms >= silence_ms + after_ms;
    if (s->asked_term <= sb_ledger_term(s->ledger)) {
        if (s->has_asked)
            s->take_over = false; /* that term, or a later one, has its broker */
        s->asking = s->has_asked = false;
        forget_promises(s);
    }
    bool wanted = s->take_over || silent || s->promise_count > 0;
    if (!wanted || (s->offer.has && s->offer.by_quorum) || sb_ledger_term(s->ledger) == 0 ||
        !somebody_is_there(s) || is_used(s)) {
        s->asking = false; /* the broker is back, or another has taken over */
        s->phase = SB_STANDBY_FOLLOWS;
        return;
    }
    uint64_t round_ms = enrolled ? silence_ms + after_ms : SB_STANDBY_ROUND_MS;
    if (s->asking && s->split && now.mono_ms - s->asked_ms >= round_ms)
        s->asking = false;
    if (!s->asking)
        choose_term(s, now);
    if (s->phase == SB_STANDBY_FOLLOWS)
        s->phase = SB_STANDBY_ASKS;
    if (!s->split || after_ms == 0)
        send_asks(s, now); /* else another one gathers this term: it goes first */
}

void sb_stb_on_refused(sb_standby *s, uint64_t id, const Sb__Refused *refused)
{
    const uint8_t *ours = sb_secret_pk(s->log_key);
    if (!s->asking || refused->entry_id.len != 32 || memcmp(refused->entry_id.data, ours, 32) != 0)
        return;
    stb_peer *peer = sb_stb_peer(s, id);
    s->has_refusal = true;
    sb_fail_list(&s->refusal, (sb_err)refused->code, refused->args, refused->n_args);
    peer->would_term = 0;
    peer->no_term = s->asked_term;
    peer->no = s->refusal;
    if ((refused->code != SB_E_FOLLOWER_PROMISE_TERM &&
         refused->code != SB_E_FOLLOWER_PROMISE_OTHER) ||
        s->refusal.argc == 0)
        return;
    uint64_t told = 0;
    for (const char *p = s->refusal.arg[0]; *p >= '0' && *p <= '9' && told <= UINT32_MAX; p++)
        told = told * 10 + (uint64_t)(*p - '0');
    if (told < s->asked_term || told > UINT32_MAX)
        return;
    s->split = true;
    sb_stb_saw_term(s, (uint32_t)told);
}

/* ---- gathering ---- */

static bool read_head(const Sb__Head *from, sb_head *out)
{
    *out = (sb_head){0};
    if (from == NULL)
        return true;
    if (from->root.len != 32 || from->size == 0 || from->term == 0 || from->n_proof > 0)
        return false;
    *out = (sb_head){.term = from->term, .size = from->size};
    memcpy(out->root, from->root.data, 32);
    return true;
}

static void copy_cosignatures(sb_standby *s, const Sb__PromiseGiven *given, stb_promise *p)
{
    p->cosignature_count = given->n_cosignatures;
    p->cosignatures = SB_ARENA_ARRAY(&s->promise_arena, Sb__Cosignature, given->n_cosignatures + 1);
    for (size_t i = 0; i < given->n_cosignatures; i++) {
        const Sb__Cosignature *from = given->cosignatures[i];
        sb_slice pk = sb_arena_copy(&s->promise_arena, sb_slice_of(from->witness_pk.data, 32));
        sb_slice sig = sb_arena_copy(&s->promise_arena, sb_slice_of(from->signature.data, 64));
        sb__cosignature__init(&p->cosignatures[i]);
        p->cosignatures[i].witness_pk =
            (ProtobufCBinaryData){.len = 32, .data = (uint8_t *)pk.data};
        p->cosignatures[i].signature =
            (ProtobufCBinaryData){.len = 64, .data = (uint8_t *)sig.data};
        p->cosignatures[i].time_s = from->time_s;
    }
}

/* Form and signature; it names the term asked for and our key, and heads of earlier terms. */
static bool promise_holds(const sb_standby *s, const Sb__PromiseGiven *given, stb_promise *p)
{
    if (given->term != s->asked_term || given->log_pk.len != 32 || given->witness_pk.len != 32 ||
        given->signature.len != 64 || given->n_cosignatures > SB_COSIGNATURES_MAX ||
        memcmp(given->log_pk.data, sb_secret_pk(s->log_key), 32) != 0)
        return false;
    for (size_t i = 0; i < given->n_cosignatures; i++) {
        const Sb__Cosignature *c = given->cosignatures[i];
        if (c->witness_pk.len != 32 || c->signature.len != 64 ||
            (i > 0 &&
             memcmp(given->cosignatures[i - 1]->witness_pk.data, c->witness_pk.data, 32) >= 0))
            return false;
    }
    *p = (stb_promise){.said = {.term = given->term}};
    memcpy(p->pk, given->witness_pk.data, 32);
    memcpy(p->said.log_pk, given->log_pk.data, 32);
    memcpy(p->signature, given->signature.data, 64);
    return read_head(given->seal, &p->said.seal) && read_head(given->cosigned, &p->said.cosigned) &&
           p->said.seal.term < given->term && p->said.cosigned.term < given->term &&
           sb_promise_verify(s->federation_id, &p->said, p->pk, given->signature.data);
}

/* Rising by key; one of each. False: nothing new. */
static bool add_promise(sb_standby *s, const Sb__PromiseGiven *given, uint64_t peer)
{
    stb_promise p;
    if (s->promise_count == SB_ORGANISATIONS_MAX || !promise_holds(s, given, &p))
        return false;
    size_t at = 0;
    while (at < s->promise_count && memcmp(s->promises[at].pk, p.pk, 32) < 0)
        at++;
    if (at < s->promise_count && memcmp(s->promises[at].pk, p.pk, 32) == 0) {
        s->promises[at].peer = peer; /* the same again */
        return false;
    }
    p.peer = peer;
    copy_cosignatures(s, given, &p);
    s->promises = sb_xrealloc(s->promises, (s->promise_count + 1) * sizeof *s->promises);
    memmove(&s->promises[at + 1], &s->promises[at], (s->promise_count - at) * sizeof p);
    s->promises[at] = p;
    s->promise_count++;
    return true;
}

/* Of somebody whose key we don't know (we may be far behind) one a connection is kept. */
static bool may_add(sb_standby *s, const Sb__PromiseGiven *given, uint64_t peer)
{
    sb_ledger_org org;
    if (given->witness_pk.len != 32)
        return false;
    if (sb_ledger_witness(s->ledger, given->witness_pk.data, &org))
        return true;
    for (size_t i = 0; i < s->promise_count; i++)
        if (s->promises[i].peer == peer && !sb_ledger_witness(s->ledger, s->promises[i].pk, &org))
            return memcmp(s->promises[i].pk, given->witness_pk.data, 32) == 0;
    return true;
}

static bool is_same_node(const stb_peer *a, const stb_peer *b)
{
    static const uint8_t unknown[32];
    return a == b ||
           (memcmp(a->curve_pk, b->curve_pk, 32) == 0 && memcmp(a->curve_pk, unknown, 32) != 0);
}

/* Who has several connections says it on one, and who has promised on none: it could name others. */
static void unsay(sb_standby *s, const stb_peer *peer)
{
    for (size_t i = 0; i < s->peer_count; i++)
        if (is_same_node(&s->peers[i], peer))
            s->peers[i].would_term = 0;
}

static bool has_node_promised(const sb_standby *s, const stb_peer *peer)
{
    for (size_t i = 0; i < s->peer_count; i++)
        if (is_same_node(&s->peers[i], peer) && has_promised(s, &s->peers[i]))
            return true;
    return false;
}

/* Whose key it truly is the promise tells, if it comes. */
static void on_would(sb_standby *s, uint64_t id, const Sb__PromiseGiven *given, sb_now now)
{
    sb_head seal;
    stb_peer *peer = sb_stb_peer(s, id);
    if (!s->asking || given->term != s->asked_term || given->witness_pk.len != 32 ||
        given->log_pk.len != 32 || memcmp(given->log_pk.data, sb_secret_pk(s->log_key), 32) != 0 ||
        !read_head(given->seal, &seal) || has_node_promised(s, peer))
        return;
    unsay(s, peer);
    peer->would_term = given->term;
    peer->would_seal = seal;
    peer->would_ms = now.mono_ms;
    peer->no_term = 0;
    memcpy(peer->would_pk, given->witness_pk.data, 32);
    s->would_news = true;
}

void sb_stb_on_promise(sb_standby *s, uint64_t peer, const Sb__PromiseGiven *given, sb_now now)
{
    if (given->signature.len == 0) {
        on_would(s, peer, given, now);
        return;
    }
    if (!s->asking || s->done || !may_add(s, given, peer) || !add_promise(s, given, peer))
        return;
    unsay(s, sb_stb_peer(s, peer));
    Sb__Frame frame = SB__FRAME__INIT;
    frame.body_case = SB__FRAME__BODY_PROMISE_GIVEN;
    frame.promise_given = (Sb__PromiseGiven *)given;
    sb_buf_clear(&s->frame);
    sb_frame_encode(&frame, &s->frame);
    sb_slice pk = sb_slice_of(given->witness_pk.data, 32);
    sb_commit_put_row(&s->commit, sb_stb_key(s, SB_STANDBY_ROW_PROMISE, given->term, pk),
                      sb_buf_slice(&s->frame));
    s->judge_due = true;
}

bool sb_stb_load_promises(sb_standby *s)
{
    if (s->asked_term <= sb_ledger_term(s->ledger))
        return true;
    sb_kv_walk row = {.kv = s->own};
    row.prefix = sb_stb_key(s, SB_STANDBY_ROW_PROMISE, s->asked_term, sb_slice_of(NULL, 0));
    while (sb_kv_walk_next(&row)) {
        const Sb__Frame *frame;
        if (sb_frame_decode(row.value, &s->scratch, &frame, NULL) != SB_OK ||
            frame->body_case != SB__FRAME__BODY_PROMISE_GIVEN ||
            !add_promise(s, frame->promise_given, 0))
            return false;
    }
    return true;
}
