/* Greeting nodes, asking one of them for leaves, and taking what holds. */
#include "broker/standby/inside.h"

/* ---- greeting ---- */

static ProtobufCBinaryData federation_of(sb_standby *s)
{
    return (ProtobufCBinaryData){.len = 32, .data = s->federation_id};
}

static void send_hello(sb_standby *s, stb_peer *peer, sb_now now)
{
    Sb__Hello hello = SB__HELLO__INIT;
    hello.federation_id = federation_of(s);
    hello.size = s->committed;
    hello.engine = SB_ENGINE;
    hello.term = sb_ledger_term(s->ledger);
    Sb__Frame frame = SB__FRAME__INIT;
    frame.body_case = SB__FRAME__BODY_HELLO;
    frame.hello = &hello;
    sb_stb_send(s, peer->id, &frame);
    peer->hello_ms = now.mono_ms;
}

/* It orders nothing yet: term 0. */
static void send_welcome(sb_standby *s, uint64_t peer, uint64_t request)
{
    Sb__Welcome welcome = SB__WELCOME__INIT;
    welcome.federation_id = federation_of(s);
    welcome.size = s->committed;
    Sb__Frame frame = SB__FRAME__INIT;
    frame.request = request;
    frame.body_case = SB__FRAME__BODY_WELCOME;
    frame.welcome = &welcome;
    sb_stb_send(s, peer, &frame);
}

static bool same_federation(const sb_standby *s, ProtobufCBinaryData theirs)
{
    return theirs.len == 0 || (theirs.len == 32 && memcmp(theirs.data, s->federation_id, 32) == 0);
}

static void refuse_federation(sb_standby *s, uint64_t peer, uint64_t request)
{
    static uint8_t none[32];
    Sb__Refused refused = SB__REFUSED__INIT;
    refused.entry_id = (ProtobufCBinaryData){.len = 32, .data = none};
    refused.code = SB_E_SEQUENCER_FEDERATION;
    Sb__Frame frame = SB__FRAME__INIT;
    frame.request = request;
    frame.body_case = SB__FRAME__BODY_REFUSED;
    frame.refused = &refused;
    sb_stb_send(s, peer, &frame);
}

void sb_stb_on_hello(sb_standby *s, uint64_t id, const Sb__Frame *frame, sb_now now)
{
    const Sb__Hello *hello = frame->hello;
    stb_peer *peer = sb_stb_peer(s, id);
    if (!same_federation(s, hello->federation_id)) {
        refuse_federation(s, id, frame->request);
        return;
    }
    sb_stb_saw_term(s, hello->term);
    peer->term = hello->term;
    peer->size = hello->size;
    send_welcome(s, id, frame->request);
    if (!peer->welcomed)
        send_hello(s, peer, now);
}

void sb_stb_on_welcome(sb_standby *s, uint64_t id, const Sb__Welcome *welcome)
{
    stb_peer *peer = sb_stb_peer(s, id);
    if (!same_federation(s, welcome->federation_id))
        return;
    peer->welcomed = true;
    peer->term = welcome->term;
    peer->size = welcome->size;
    sb_stb_saw_term(s, welcome->term);
}

/* The term that an origin of this federation names; 0: none. */
static uint32_t origin_term(const sb_standby *s, const char *origin)
{
    char ours[STB_ORIGIN_CAP];
    size_t len;
    if (!sb_stb_origin(s, 1, ours))
        return 0;
    len = strlen(ours) - 1; /* all but the term */
    uint64_t term = 0;
    if (strncmp(origin, ours, len) != 0)
        return 0;
    for (const char *p = origin + len; *p >= '0' && *p <= '9' && term <= UINT32_MAX; p++)
        term = term * 10 + (uint64_t)(*p - '0');
    return term <= UINT32_MAX ? (uint32_t)term : 0;
}

void sb_stb_later_note(sb_standby *s, stb_peer *peer, sb_slice note, sb_now now)
{
    sb_checkpoint head;
    if (sb_checkpoint_parse(note, &head, NULL) != SB_OK)
        return;
    uint32_t term = origin_term(s, head.origin), known = sb_ledger_term(s->ledger);
    if (s->offer.has && s->offer.by_quorum && s->offer.term > known)
        known = s->offer.term;
    if (term > known && now.mono_ms - peer->hello_ms >= SB_STANDBY_HELLO_MS)
        send_hello(s, peer, now);
}

/* ---- asking for leaves ---- */

/* Is it the one that should know the head we are after? */
static bool names_fetched(const sb_standby *s, const stb_peer *peer)
{
    for (size_t i = 0; s->fetch.size > 0 && i < s->promise_count; i++) {
        const stb_promise *p = &s->promises[i];
        if (p->peer == peer->id &&
            (sb_head_eq(&p->said.seal, &s->fetch) || sb_head_eq(&p->said.cosigned, &s->fetch)))
            return true;
    }
    return false;
}

static bool may_serve(const sb_standby *s, const stb_peer *peer, sb_now now)
{
    if (!peer->welcomed || peer->refused)
        return false;
    if (peer->has_misfit && now.mono_ms - peer->misfit_ms < STB_MISFIT_MS)
        return false;
    if (s->asking && s->fetch.size > 0 && s->fetch_cut && !names_fetched(s, peer))
        return false; /* it would bring back what was cut */
    return !s->diverged || peer->term > sb_ledger_term(s->ledger);
}

/* The term it says it is in, as far as anybody showed that there is one: who makes one up isn't asked
 * before the others. */
static uint32_t shown_term(const sb_standby *s, const stb_peer *peer)
{
    uint32_t known = sb_ledger_term(s->ledger);
    if (s->offer.has && s->offer.term > known)
        known = s->offer.term;
    return peer->term < known ? peer->term : known;
}

/* The next node to ask after the one asked last: one in the highest term that has more than we,
 * where we look for a certain head who named it. NULL: nobody. */
static stb_peer *choose(sb_standby *s, sb_now now, bool idle)
{
    size_t start = 0;
    for (size_t i = 0; i < s->peer_count; i++)
        if (s->peers[i].id == s->source)
            start = i + 1;
    stb_peer *best = NULL;
    bool best_names = false;
    for (size_t n = 0; n < s->peer_count; n++) {
        stb_peer *peer = &s->peers[(start + n) % s->peer_count];
        if (!may_serve(s, peer, now))
            continue;
        bool names = names_fetched(s, peer);
        if (!idle && !names && peer->size <= s->committed)
            continue;
        if (best == NULL || (names && !best_names) ||
            (names == best_names && shown_term(s, peer) > shown_term(s, best))) {
            best = peer;
            best_names = names;
        }
    }
    return best;
}

/* Of what isn't proved only so much that something comes in time; then it is known how fast the line
 * is. What promises name is asked of one after another. */
static uint32_t credit_now(const sb_standby *s)
{
    bool is_unknown = s->offer.has && !s->offer.by_quorum && s->committed == s->offer.from;
    bool is_less = is_unknown || s->fetch.size > 0 || sb_pace_is_slow(&s->pace);
    return is_less ? SB_STANDBY_CREDIT_LESS : SB_STANDBY_CREDIT;
}

static void pull(sb_standby *s)
{
    Sb__Pull pull = SB__PULL__INIT;
    pull.from = s->committed;
    pull.credit = credit_now(s);
    Sb__Frame frame = SB__FRAME__INIT;
    frame.body_case = SB__FRAME__BODY_PULL;
    frame.pull = &pull;
    sb_stb_send(s, s->source, &frame);
    s->window_end = s->committed + pull.credit;
    s->pull_frames = s->known_frames = 0;
}

void sb_stb_pull_on(sb_standby *s, sb_now now)
{
    if (s->source == 0 || (s->committed < s->window_end && s->pull_frames < STB_PULL_FRAMES))
        return;
    sb_pace_asked(&s->pace, now.mono_ms);
    pull(s);
}

/* Ask another node than the last one: what that one has comes late or not at all. */
static void pull_again(sb_standby *s, sb_now now)
{
    uint64_t quiet_ms = now.mono_ms - s->pace.since_ms;
    bool is_first = s->pace.since_ms == 0, is_urgent = s->fetch.size > 0 || s->source == 0;
    if (!sb_pace_is_over(&s->pace, now.mono_ms) && !(is_urgent && quiet_ms >= SB_PACE_MS))
        return;
    stb_peer *peer = choose(s, now, false);
    bool is_idle = peer == NULL;
    if (is_idle && (is_first || quiet_ms >= STB_IDLE_PULL_MS))
        peer = choose(s, now, true);
    if (peer == NULL)
        return;
    s->source = peer->id;
    if (is_idle)
        sb_pace_begin(&s->pace, now.mono_ms, false);
    else
        sb_pace_asked(&s->pace, now.mono_ms);
    pull(s);
}

void sb_stb_tick_follow(sb_standby *s, sb_now now)
{
    for (size_t i = 0; i < s->peer_count; i++) {
        stb_peer *peer = &s->peers[i];
        /* also who greeted us before the log was cut, and won't again */
        if (!peer->welcomed &&
            (peer->hello_ms == 0 || now.mono_ms - peer->hello_ms >= SB_STANDBY_HELLO_MS))
            send_hello(s, peer, now);
    }
    pull_again(s, now);
}

/* ---- the head over a range ---- */

/* The note's head under its term's log key: the log's own, or the one a HANDOVER offers. */
static bool verify_note(sb_standby *s, sb_slice note, uint64_t peer, const sb_standby_event *event,
                        sb_checkpoint *out, bool *is_offered)
{
    char origin[STB_ORIGIN_CAP];
    uint8_t log_pk[32];
    *is_offered = false;
    if (sb_ledger_log_pk(s->ledger, log_pk) &&
        sb_stb_origin(s, sb_ledger_term(s->ledger), origin) &&
        sb_checkpoint_verify(note, origin, log_pk, out, NULL) == SB_OK)
        return true;
    if (s->offer.has && sb_stb_origin(s, s->offer.term, origin) &&
        sb_checkpoint_verify(note, origin, s->offer.log_pk, out, NULL) == SB_OK) {
        *is_offered = true;
        s->offer.peer = peer;
        return true;
    }
    /* before genesis is folded, the genesis leaf itself says who signs */
    if (s->committed > 0 || event == NULL || event->opened == 0 ||
        event->leaves[0].entry.type != SB_ENTRY_GENESIS ||
        memcmp(event->leaves[0].entry.id, s->federation_id, 32) != 0)
        return false;
    const Sb__Genesis *genesis = (const Sb__Genesis *)event->leaves[0].message;
    return genesis->log_pk.len == 32 && sb_stb_origin(s, 1, origin) &&
           sb_checkpoint_verify(note, origin, genesis->log_pk.data, out, NULL) == SB_OK;
}

/* The leaves, put on our tree, lie under the head: directly, or by the proof. */
static bool range_fits(sb_standby *s, const sb_standby_event *event, uint64_t skip,
                       const sb_checkpoint *head)
{
    const Sb__Leaves *leaves = event->frame->leaves;
    sb_tree_copy(s->tree, sb_ledger_tree(s->ledger));
    for (uint64_t i = skip; i < leaves->n_leaves; i++) {
        uint8_t hash[32];
        if (i >= event->opened)
            sb_leaf_hash(sb_slice_of(leaves->leaves[i].data, leaves->leaves[i].len), hash);
        sb_tree_append(s->tree, i < event->opened ? event->leaves[i].hash : hash, NULL, NULL);
    }
    uint8_t root[32];
    sb_tree_root(s->tree, root);
    sb_hash32 path[SB_PROOF_HASHES_MAX];
    if (leaves->n_proof > SB_PROOF_HASHES_MAX)
        return false;
    for (size_t i = 0; i < leaves->n_proof; i++) {
        if (leaves->proof[i].len != 32)
            return false;
        memcpy(path[i].b, leaves->proof[i].data, 32);
    }
    return sb_verify_consistency(s->tree->size, root, head->size, head->root, path,
                                 leaves->n_proof);
}

/* ---- taking ---- */

/* Fold what is new. False: the fold refused one; what came before it stands. */
static bool take_leaves(sb_standby *s, const sb_standby_event *event, uint64_t skip)
{
    const Sb__Leaves *leaves = event->frame->leaves;
    uint64_t seal_index, sealed = 0, before = 0;
    sb_ledger_last_seal(s->ledger, &seal_index, &before);
    bool all = true;
    for (uint64_t i = skip; i < leaves->n_leaves && all; i++) {
        sb_fail fail = {0};
        all = i < event->opened && sb_ledger_step(s->ledger, &event->leaves[i], sb_commit_add_tile,
                                                  &s->commit, &fail) == SB_OK;
        if (!all) {
            s->has_refusal = true;
            s->refusal = i < event->opened ? fail : *event->refusal;
            break;
        }
        sb_commit_add_leaf(&s->commit, event->leaves[i].bytes);
        sb_standby_missing_leaf(&s->missing, &s->log, leaves->from + i, &event->leaves[i],
                                &s->commit);
    }
    if (sb_ledger_last_seal(s->ledger, &seal_index, &sealed) && sealed > before)
        s->alive_ms = event->now.mono_ms; /* a head was certified */
    return all;
}

static void misfit(sb_standby *s, stb_peer *peer, bool is_offered, sb_now now)
{
    peer->has_misfit = s->has_misfit = true;
    peer->misfit_ms = s->misfit_ms = now.mono_ms;
    s->pace = (sb_pace){0}; /* another one, at once */
    if (is_offered)
        sb_stb_offer_misfits(s);
}

void sb_stb_on_leaves(sb_standby *s, const sb_standby_event *event)
{
    const Sb__Leaves *leaves = event->frame->leaves;
    stb_peer *peer = sb_stb_peer(s, event->peer);
    uint64_t end = leaves->from + leaves->n_leaves;
    if (s->done || leaves->n_leaves == 0 || leaves->n_leaves > SB_STANDBY_LEAVES_MAX ||
        end < leaves->from || !may_serve(s, peer, event->now))
        return;
    if (end > peer->size)
        peer->size = end;
    if (leaves->from > s->committed)
        return; /* a gap: TICK asks for what is missing */
    if (end <= s->committed) {
        /* … what it was asked for last is behind them, unless it repeats itself: nothing is verified */
        if (peer->id == s->source && s->known_frames++ < STB_PULL_FRAMES)
            sb_pace_came(&s->pace, event->now.mono_ms, s->committed < peer->size);
        return;
    }
    sb_checkpoint head;
    bool is_offered;
    sb_slice note = sb_slice_of(leaves->head.data, leaves->head.len);
    if (!verify_note(s, note, event->peer, event, &head, &is_offered)) {
        sb_stb_later_note(s, peer, note, event->now);
        return;
    }
    if (head.size < end)
        return;
    uint64_t skip = s->committed - leaves->from;
    if (event->opened < skip) { /* spoilt where we hold the true ones: the head isn't over these */
        misfit(s, peer, false, event->now);
        return;
    }
    if (!range_fits(s, event, skip, &head)) {
        misfit(s, peer, is_offered, event->now);
        return;
    }
    if (head.size > peer->size)
        peer->size = head.size;
    bool all = take_leaves(s, event, skip);
    sb_pace_came(&s->pace, event->now.mono_ms, end < peer->size);
    if (is_offered)
        s->offer.alive_ms = event->now.mono_ms;
    s->pull_frames++;
    s->judge_due = true;
    if (s->offer.has && sb_ledger_term(s->ledger) >= s->offer.term)
        s->offer.has = false; /* its HANDOVER is in the log */
    if (all)
        return;
    if (is_offered && s->offer.has)
        sb_stb_offer_refused(s);
    else
        s->diverged = true;
}
