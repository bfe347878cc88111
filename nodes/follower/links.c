/* Links: who is at the other end, and which broker is followed. */
#include "nodes/follower/inside.h"

#include <assert.h>
#include <stdlib.h>

sb_fol_link *sb_fol_link_find(sb_follower *f, uint32_t number)
{
    for (size_t i = 0; number != 0 && i < f->link_count; i++)
        if (f->links[i].number == number)
            return &f->links[i];
    return NULL;
}

void sb_fol_link_up(sb_follower *f, const sb_fol_event *event)
{
    assert(event->link != 0);
    if (f->link_count == SB_FOL_LINKS_MAX || sb_fol_link_find(f, event->link) != NULL)
        return;
    if (f->link_count == f->link_cap) {
        f->link_cap = f->link_cap == 0 ? 8 : f->link_cap * 2;
        f->links = sb_xrealloc(f->links, f->link_cap * sizeof *f->links);
    }
    sb_fol_link *link = &f->links[f->link_count++];
    *link = (sb_fol_link){.number = event->link, .role = event->role, .head_is_due = true};
    if (event->who != NULL)
        memcpy(link->who, event->who, 32);
    sb_buf_init(&link->claim);
    sb_buf_init(&link->ask_note);
    sb_buf_init(&link->ask_own);
    sb_fol_greet(f, event->now);
}

void sb_fol_link_down(sb_follower *f, uint32_t number, sb_now now)
{
    sb_fol_link *link = sb_fol_link_find(f, number);
    if (link == NULL)
        return;
    sb_buf_deinit(&link->claim);
    sb_buf_deinit(&link->ask_note);
    sb_buf_deinit(&link->ask_own);
    size_t at = (size_t)(link - f->links);
    f->link_count--;
    memmove(&f->links[at], &f->links[at + 1], (f->link_count - at) * sizeof *f->links);
    if (f->catchup.is_on && f->catchup.link == number) {
        f->catchup.link = 0;
        f->catchup.lost_ms = now.mono_ms;
    }
    if (f->followed == number) {
        f->followed = 0;
        sb_fol_outbox_broker(f, false);
        sb_fol_choose(f, now);
    }
}

void sb_fol_send_to(sb_follower *f, uint32_t link, const Sb__Frame *frame)
{
    if (sb_fol_link_find(f, link) == NULL)
        return;
    sb_buf_clear(&f->frame);
    sb_frame_encode(frame, &f->frame);
    sb_fol_effect *effect = sb_fol_emit(f, SB_FOL_SEND);
    effect->link = link;
    effect->bytes = sb_arena_copy(&f->out_arena, sb_buf_slice(&f->frame));
}

void sb_fol_send(sb_follower *f, const Sb__Frame *frame)
{
    if (f->followed != 0)
        sb_fol_send_to(f, f->followed, frame);
}

/* ---- naming ---- */

void sb_fol_name_fault(sb_follower *f, uint32_t number, sb_now now)
{
    sb_fol_link *link = sb_fol_link_find(f, number);
    if (f->wrong.code == SB_OK || link == NULL || link->role != SB_FOL_ROLE_BROKER ||
        f->catchup.is_on)
        return;
    if (f->wrong.code == SB_E_FOLLOWER_OLD_TERM) { /* it may not know yet */
        bool goes_on = link->told_ms != 0 && now.mono_ms - link->told_ms >= FOL_OLD_TERM_MS;
        uint32_t term = sb_fol_term(f), theirs = link->term;
        if (number == f->followed)
            return; /* a note of before, looked at again */
        sb_fol_offer_terms(f, link, theirs > 0 && theirs < term ? theirs : term - 1, now);
        if (!goes_on)
            return;
    } else if (number != f->followed) {
        return;
    }
    f->faults += f->faults < UINT32_MAX;
    f->fault = f->wrong;
    f->fault_ms = now.legal_ms;
}

/* ---- greeting ---- */

static void send_hello(sb_follower *f, sb_fol_link *link, sb_now now)
{
    uint8_t id[32];
    Sb__Hello hello = SB__HELLO__INIT;
    if (sb_ledger_federation_id(f->ledger, id))
        hello.federation_id = (ProtobufCBinaryData){.len = 32, .data = id};
    else if (f->has_federation_id)
        hello.federation_id = (ProtobufCBinaryData){.len = 32, .data = f->federation_id};
    hello.organisation = f->organisation;
    hello.size = f->committed;
    hello.engine = SB_ENGINE;
    hello.term = sb_fol_term(f);
    Sb__Frame frame = SB__FRAME__INIT;
    frame.body_case = SB__FRAME__BODY_HELLO;
    frame.hello = &hello;
    sb_fol_send_to(f, link->number, &frame);
    if (link->hello_ms == 0)
        link->greeted_size = f->head.size;
    link->hello_ms = now.mono_ms;
}

void sb_fol_greet(sb_follower *f, sb_now now)
{
    bool asks_around = sb_fol_catchup_is_quiet(f, now); /* who is greeted shows its HANDOVERs */
    for (size_t i = 0; i < f->link_count; i++) {
        sb_fol_link *link = &f->links[i];
        if ((link->welcomed && (!asks_around || link->number == f->catchup.link)) ||
            (link->hello_ms != 0 && now.mono_ms - link->hello_ms < SB_FOL_HELLO_MS))
            continue;
        send_hello(f, link, now);
    }
}

bool sb_fol_same_federation(sb_follower *f, ProtobufCBinaryData theirs)
{
    uint8_t ours[32];
    if (!sb_ledger_federation_id(f->ledger, ours)) {
        if (!f->has_federation_id)
            return true;
        memcpy(ours, f->federation_id, 32);
    }
    if (theirs.len == 0)
        return true; /* it has no history yet */
    if (theirs.len == 32 && memcmp(theirs.data, ours, 32) == 0)
        return true;
    char has[65] = "?", wanted[65];
    if (theirs.len == 32)
        sb_hex(sb_slice_of(theirs.data, 32), has);
    sb_hex(sb_slice_of(ours, 32), wanted);
    sb_fail_set(&f->broker_fail, SB_E_FOLLOWER_FEDERATION, has, wanted, NULL);
    return false;
}

/* A standby or another node greets us. */
void sb_fol_on_hello(sb_follower *f, sb_fol_link *link, const Sb__Frame *frame, sb_now now)
{
    const Sb__Hello *hello = frame->hello;
    link->is_standby = link->role == SB_FOL_ROLE_BROKER;
    if (!sb_fol_same_federation(f, hello->federation_id))
        return;
    uint32_t term = sb_fol_term(f);
    if (link->role == SB_FOL_ROLE_NODE)
        link->term = hello->term;
    if (hello->term < term)
        sb_fol_offer_terms(f, link, hello->term, now);
    uint8_t id[32];
    sb_slice note = {0};
    sb_checkpoint head;
    Sb__Welcome welcome = SB__WELCOME__INIT;
    if (sb_ledger_federation_id(f->ledger, id))
        welcome.federation_id = (ProtobufCBinaryData){.len = 32, .data = id};
    if (sb_fol_newest_note(f, &note, &head))
        welcome.head =
            (ProtobufCBinaryData){.len = note.len, .data = (uint8_t *)(uintptr_t)note.data};
    welcome.size = f->committed;
    welcome.term = term;
    Sb__Frame answer = SB__FRAME__INIT;
    answer.request = frame->request;
    answer.body_case = SB__FRAME__BODY_WELCOME;
    answer.welcome = &welcome;
    sb_fol_send_to(f, link->number, &answer);
}

/* The longest head of our term that we know its broker to have signed. Where leaves came from other
 * nodes it isn't the one of just our leaves. */
static sb_slice longest_note(sb_follower *f, uint64_t *size)
{
    const sb_buf *notes[] = {&f->head_note, &f->certified_note, &f->early_note};
    sb_slice longest = {0};
    *size = 0;
    for (size_t i = 0; i < sizeof notes / sizeof *notes; i++) {
        sb_checkpoint head;
        sb_slice note = sb_buf_slice(notes[i]);
        if (note.len == 0 || sb_checkpoint_parse(note, &head, NULL) != SB_OK ||
            sb_fol_origin_term(head.origin) != sb_fol_term(f) || head.size <= *size)
            continue;
        longest = note;
        *size = head.size;
    }
    return longest;
}

/* A broker that has fewer leaves than a head that it signed is shown that head. */
static void send_evidence(sb_follower *f, const sb_fol_link *link)
{
    uint64_t size;
    sb_slice note = longest_note(f, &size);
    if (link->size >= size)
        return;
    Sb__Certified certified = SB__CERTIFIED__INIT;
    certified.note =
        (ProtobufCBinaryData){.len = note.len, .data = (uint8_t *)(uintptr_t)note.data};
    Sb__Frame frame = SB__FRAME__INIT;
    frame.body_case = SB__FRAME__BODY_CERTIFIED;
    frame.certified = &certified;
    sb_fol_send_to(f, link->number, &frame);
}

void sb_fol_link_term(sb_fol_link *link, uint32_t term)
{
    if (link->term != term)
        link->size = 0;
    link->term = term;
}

void sb_fol_on_welcome(sb_follower *f, sb_fol_link *link, const Sb__Welcome *welcome, sb_now now)
{
    if (link->welcomed)
        return;
    link->welcomed = true;
    link->refused = !sb_fol_same_federation(f, welcome->federation_id);
    if (link->refused)
        f->broker_refused = link->role == SB_FOL_ROLE_BROKER && f->followed == 0;
    if (link->refused)
        return;
    uint32_t term = sb_fol_term(f);
    link->term = welcome->term;
    link->size = welcome->size;
    if (welcome->term > 0 && welcome->term < term) {
        sb_fol_offer_terms(f, link, welcome->term, now);
        if (link->role == SB_FOL_ROLE_BROKER && f->followed == 0) {
            f->broker_refused = true; /* it isn't followed; it may come back as a standby */
            sb_fail_num(&f->broker_fail, SB_E_FOLLOWER_OLD_TERM, 2, welcome->term, term);
        }
    }
    sb_slice head = sb_slice_of(welcome->head.data, welcome->head.len);
    if (link->role == SB_FOL_ROLE_NODE) {
        if (head.len > 0)
            sb_fol_on_peer_head(f, link, head, now);
        return;
    }
    if (welcome->term == term && term > 0)
        send_evidence(f, link);
    bool is_shrunken = welcome->term == term && term > 0 && welcome->size < link->greeted_size;
    if (f->catchup.is_on && f->catchup.link == link->number)
        sb_fol_pull(f, now);
    sb_fol_choose(f, now);
    if (f->followed == link->number && head.len > 0 && f->committed > 0)
        sb_fol_on_note(f, head, now);
    if (is_shrunken && f->followed == link->number)
        sb_fail_num(&f->wrong, SB_E_FOLLOWER_SHRUNKEN, 2, welcome->size, link->greeted_size);
}

/* ---- whom to follow ---- */

static bool may_follow(sb_follower *f, const sb_fol_link *link)
{
    uint32_t term = sb_fol_term(f);
    if (link->role != SB_FOL_ROLE_BROKER || !link->welcomed || link->refused)
        return false;
    if (term > 0)
        return link->term == term;
    /* before genesis: whoever orders, or will */
    return link->term == 1 || (link->term == 0 && !link->is_standby);
}

void sb_fol_follow(sb_follower *f, sb_fol_link *link, sb_now now)
{
    f->followed = link->number;
    f->broker_refused = false;
    f->is_asked = false;                    /* not by this one, yet */
    (void)longest_note(f, &f->broker_size); /* not what another one claimed */
    if (link->size > f->broker_size)
        f->broker_size = link->size;
    sb_fol_outbox_broker(f, true);
    sb_fol_resend_cosign(f);
    sb_fol_pull(f, now);
    sb_fol_outbox_tick(f, now);
    sb_fol_missing_ask(f, now);
}

/* Anybody may say that he orders the term. 2: the standby whose key the term's HANDOVER names,
 * 0: another standby of the charter, 1: neither. */
static int likely(sb_follower *f, const sb_fol_link *link)
{
    uint8_t log_pk[32];
    const Sb__Charter *charter = sb_ledger_charter(f->ledger);
    for (size_t i = 0; charter != NULL && i < charter->n_standbys; i++) {
        const Sb__Standby *s = charter->standbys[i];
        if (s->curve_pk.len != 32 || memcmp(s->curve_pk.data, link->who, 32) != 0)
            continue;
        bool orders = s->log_pk.len == 32 && sb_ledger_log_pk(f->ledger, log_pk) &&
                      memcmp(s->log_pk.data, log_pk, 32) == 0;
        return orders ? 2 : 0;
    }
    return 1;
}

static bool is_better(sb_follower *f, const sb_fol_link *a, const sb_fol_link *b)
{
    int of_a = likely(f, a), of_b = likely(f, b);
    return of_a > of_b || (of_a == of_b && a->term > b->term);
}

void sb_fol_choose(sb_follower *f, sb_now now)
{
    sb_fol_link *best = f->followed == 0 ? NULL : sb_fol_link_find(f, f->followed);
    if (best != NULL && !may_follow(f, best))
        best = NULL;
    for (size_t i = 0; i < f->link_count; i++)
        if (may_follow(f, &f->links[i]) && (best == NULL || is_better(f, &f->links[i], best)))
            best = &f->links[i];
    if (best != NULL && best->number == f->followed)
        return;
    if (f->followed != 0) {
        f->followed = 0;
        sb_fol_outbox_broker(f, false);
    }
    if (best == NULL)
        return;
    if (f->catchup.is_on) {
        bool is_lost =
            f->catchup.link == 0 && now.mono_ms - f->catchup.lost_ms >= FOL_CATCHUP_LOST_MS;
        if (is_lost)
            sb_fol_catchup_lost(f, now); /* what we have isn't under a head of this broker */
        return;
    }
    sb_fol_follow(f, best, now);
}
