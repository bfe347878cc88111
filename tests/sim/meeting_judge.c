/* What a log of a simulated meeting comes to, counted from its leaves alone: no row, no rule and no
 * policy of proto/ledger is asked (entries are read, signatures verified and origins spelled by proto). */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "proto/base/cursor.h"
#include "tests/sim/meeting_inside.h"

enum { QUESTIONS_MAX = 16, BALLOTS_MAX = 512, KEYS_MAX = 128, SEATS_MAX = 24, IDS_MAX = 4096 };

typedef struct seat_state {
    char id[32];
    bool primary, deputy; /* there, in the meeting at hand */
} seat_state;

typedef struct vote_state {
    char seat[32];
    uint8_t id[32];
    Sb__Choice choice;
} vote_state;

typedef struct question_state {
    uint8_t id[32];
    Sb__Mode mode;
    bool is_pm, closed, has_result;
    uint32_t objections;
    vote_state votes[SEATS_MAX];
    size_t vote_count;
    uint64_t closed_index;
    uint32_t present;   /* at the close */
    uint32_t counts[4]; /* by choice: for, against, abstain, candidate */
    bool quorate_open, quorate;
} question_state;

typedef struct key_state {
    uint8_t pk[32];
    uint64_t last_seq;
    bool has_seq, is_new; /* appointed in the log: used only when sealed */
    uint64_t since;       /* appointed here */
} key_state;

typedef struct judge {
    const meeting *m;
    sb_arena arena;
    uint64_t index, last_ms;
    uint32_t term;
    uint8_t (*ids)[32];
    size_t id_count;
    key_state keys[KEYS_MAX];
    size_t key_count;
    seat_state seats[SEATS_MAX];
    size_t seat_count;
    question_state questions[QUESTIONS_MAX];
    size_t question_count;
    /* the change of who confirms: adopted here, in force here, and alone here; UINT64_MAX: not yet */
    uint64_t adopted, started, alone;
    uint64_t sealed;   /* the longest head sealed */
    bool is_requested; /* a change of the minutes, in time */
    const char *wrong;
} judge;

static const char *say(judge *j, const char *format, ...)
{
    static char words[200];
    va_list args;
    va_start(args, format);
    vsnprintf(words, sizeof words, format, args);
    va_end(args);
    return j->wrong = words;
}

/* ---- who confirms ---- */

static uint32_t count_bits(uint32_t set)
{
    uint32_t count = 0;
    for (; set != 0; set &= set - 1)
        count++;
    return count;
}

static bool is_enough(const meeting_policy *p, uint32_t orgs)
{
    return count_bits(orgs & p->members) >= p->needed;
}

/* By what a head of this size must be confirmed: before the change by the old, then by both, then by
 * the new alone. `both_from`: where the change begins to matter. */
static bool is_confirmed(const judge *j, uint64_t size, uint64_t both_from, uint32_t orgs)
{
    const meeting *m = j->m;
    bool by_new = both_from != UINT64_MAX && size > both_from;
    bool by_old = j->alone == UINT64_MAX || size <= j->alone;
    return (!by_old || is_enough(&m->policy, orgs)) &&
           (!by_new || is_enough(&m->policy_after, orgs));
}

/* By what a HANDOVER must be promised whose highest SEAL is of a head of this size: by who confirms once
 * that is sealed (DESIGN §4 "Quorum"). The old no longer count there, once the SEAL that made both
 * confirm lies in it. */
static bool is_promised(const judge *j, uint64_t size, uint32_t orgs)
{
    bool by_new = j->adopted != UINT64_MAX && size > j->adopted;
    bool by_old = j->started == UINT64_MAX || size <= j->started;
    return (!by_old || is_enough(&j->m->policy, orgs)) &&
           (!by_new || is_enough(&j->m->policy_after, orgs));
}

/* The organisation whose key it is; -1: nobody's. */
static int org_of(const meeting *m, const uint8_t *pk)
{
    for (uint32_t n = 0; n < m->story.nodes; n++)
        for (size_t i = 0; i < MEETING_WITNESSES_MAX; i++)
            if (m->witness[n][i] != NULL && memcmp(m->witness[n][i]->pk, pk, 32) == 0)
                return (int)n;
    return -1;
}

static uint32_t orgs_behind(const judge *j, const sb_checkpoint *head, Sb__Cosignature *const *list,
                            size_t count)
{
    uint32_t orgs = 0;
    for (size_t i = 0; i < count; i++) {
        sb_cosignature c = {.time_s = list[i]->time_s};
        int org = org_of(j->m, list[i]->witness_pk.data);
        memcpy(c.sig, list[i]->signature.data, 64);
        if (org >= 0 && sb_cosignature_verify(head, list[i]->witness_pk.data, &c))
            orgs |= 1u << org;
    }
    return orgs;
}

static sb_checkpoint head_of(const judge *j, uint32_t term, uint64_t size, const uint8_t *root)
{
    sb_checkpoint head = {.size = size};
    memcpy(head.root, root, 32);
    (void)sb_origin(j->m->f->charter->slug, j->m->story.federation_id, term, head.origin, NULL);
    return head;
}

static void sealed(judge *j, uint64_t size)
{
    bool acts = j->adopted != UINT64_MAX && j->started == UINT64_MAX && size > j->adopted;
    if (acts && j->m->names_standbys && j->term > 1)
        j->adopted = UINT64_MAX; /* what it lists as a standby orders, or has ordered: dropped */
    else if (acts)
        j->started = j->index;
    else if (j->started != UINT64_MAX && j->alone == UINT64_MAX && size > j->started)
        j->alone = j->index;
    if (size > j->sealed)
        j->sealed = size;
}

static void on_seal(judge *j, const Sb__Seal *m)
{
    sb_checkpoint head = head_of(j, j->term, m->size, m->root.data);
    uint32_t orgs = orgs_behind(j, &head, m->cosignatures, m->n_cosignatures);
    if (!is_confirmed(j, m->size, j->adopted, orgs)) {
        say(j, "a SEAL of %llu with too few organisations behind it (%x)",
            (unsigned long long)m->size, orgs);
        return;
    }
    sealed(j, m->size);
}

/* Is a head of this rank cosigned as a SEAL of it must be? Of two roots there only one is the log's. */
static bool bears_its_seal(const judge *j, const Sb__Handover *m, uint32_t term, uint64_t size)
{
    bool bears = false;
    for (size_t i = 0; i < m->n_heads && !bears; i++) {
        const Sb__Head *h = m->heads[i];
        sb_checkpoint head = head_of(j, h->term, h->size, h->root.data);
        bears = h->term == term && h->size == size &&
                is_confirmed(j, size, j->adopted,
                             orgs_behind(j, &head, m->cosignatures, m->n_cosignatures));
    }
    return bears;
}

static void on_handover(judge *j, const Sb__Handover *m)
{
    uint32_t orgs = 0;
    uint64_t top = 0;
    uint32_t top_term = 0;
    for (size_t i = 0; i < m->n_promises; i++) {
        const Sb__Promised *p = m->promises[i];
        int org = org_of(j->m, p->witness_pk.data);
        const Sb__Head *h = p->seal > 0 && p->seal <= m->n_heads ? m->heads[p->seal - 1] : NULL;
        if (org < 0 || !sb_handover_promise_verify(j->m->story.federation_id, m, p))
            continue;
        orgs |= 1u << org;
        if (h != NULL && (h->term > top_term || (h->term == top_term && h->size > top))) {
            top = h->size;
            top_term = h->term;
        }
    }
    if (m->term <= j->term || m->continues_size != j->index)
        say(j, "a HANDOVER that isn't in its place");
    else if (!is_promised(j, top, orgs))
        say(j, "a HANDOVER with too few organisations behind it (%x)", orgs);
    else if (!bears_its_seal(j, m, top_term, top))
        say(j, "a HANDOVER whose sealed head %llu too few cosigned", (unsigned long long)top);
    j->term = m->term;
    sealed(j, top);
}

/* What lists as a standby who orders by now can't be done any more: it never waits. */
static void adopt(judge *j, uint64_t close)
{
    if (!j->m->names_standbys || j->term == 1)
        j->adopted = close;
}

/* ---- keys ---- */

static key_state *key_of(judge *j, const uint8_t *pk)
{
    for (size_t i = 0; i < j->key_count; i++)
        if (memcmp(j->keys[i].pk, pk, 32) == 0)
            return &j->keys[i];
    if (j->key_count == KEYS_MAX)
        abort();
    key_state *key = &j->keys[j->key_count++];
    *key = (key_state){.has_seq = false};
    memcpy(key->pk, pk, 32);
    return key;
}

static void check_signer(judge *j, const sb_entry *e)
{
    key_state *key = key_of(j, e->signer_pk);
    if (key->has_seq && e->signer_seq <= key->last_seq)
        say(j, "a key's numbers don't rise (%llu after %llu)", (unsigned long long)e->signer_seq,
            (unsigned long long)key->last_seq);
    if (key->is_new && key->since >= j->sealed)
        say(j, "a key is used before it is sealed");
    key->has_seq = true;
    key->last_seq = e->signer_seq;
    for (size_t i = 0; i < j->id_count; i++)
        if (memcmp(j->ids[i], e->id, 32) == 0)
            say(j, "an entry is there twice");
    if (j->id_count == IDS_MAX)
        abort();
    memcpy(j->ids[j->id_count++], e->id, 32);
}

static void on_appoint(judge *j, const Sb__Appoint *m)
{
    if (m->device_pk.len != 32)
        return;
    key_state *key = key_of(j, m->device_pk.data);
    if (!key->is_new)
        key->since = j->index;
    key->is_new = true;
}

/* ---- who is there ---- */

static seat_state *seat_of(judge *j, const char *id)
{
    for (size_t i = 0; i < j->seat_count; i++)
        if (strcmp(j->seats[i].id, id) == 0)
            return &j->seats[i];
    if (j->seat_count == SEATS_MAX)
        abort();
    seat_state *seat = &j->seats[j->seat_count++];
    *seat = (seat_state){.primary = false};
    snprintf(seat->id, sizeof seat->id, "%s", id);
    return seat;
}

static void on_attendance(judge *j, const Sb__Attendance *m)
{
    for (size_t i = 0; i < m->n_events; i++) {
        const Sb__AttendanceEvent *e = m->events[i];
        if (e->who_case != SB__ATTENDANCE_EVENT__WHO_SEAT)
            continue;
        seat_state *seat = seat_of(j, e->seat->seat);
        *(e->seat->role == PRIMARY ? &seat->primary : &seat->deputy) = e->kind == ARRIVED;
    }
}

static bool is_there(judge *j, const char *id)
{
    const seat_state *seat = seat_of(j, id);
    return seat->primary || seat->deputy;
}

static bool is_of(const char *seat, const char *prefix)
{
    return strncmp(seat, prefix, strlen(prefix)) == 0;
}

/* Present seats of the body whose ids begin so. */
static uint32_t present(judge *j, bool pm, const char *prefix)
{
    const char *const *all = pm ? play_pm_seats : play_ssu_seats;
    uint32_t count = 0;
    for (size_t i = 0; i < (pm ? 4u : 6u); i++)
        count += is_of(all[i], prefix) && is_there(j, all[i]);
    return count;
}

/* SSU: of each partner at least half of the seats; PM has no such rule. */
static bool is_quorate(judge *j, bool pm)
{
    return pm ? present(j, true, "") > 0
              : present(j, false, "unn-") >= 1 && present(j, false, "kommune-") >= 1 &&
                    present(j, false, "lege-") >= 1 && present(j, false, "bruker-") >= 1;
}

/* ---- questions ---- */

static question_state *question_of(judge *j, ProtobufCBinaryData id)
{
    for (size_t i = 0; i < j->question_count; i++)
        if (id.len == 32 && memcmp(j->questions[i].id, id.data, 32) == 0)
            return &j->questions[i];
    say(j, "a question that nobody opened");
    return NULL;
}

static void on_open(judge *j, const Sb__QuestionOpen *m, const uint8_t id[32])
{
    if (j->question_count == QUESTIONS_MAX)
        abort();
    question_state *q = &j->questions[j->question_count++];
    *q = (question_state){.mode = m->mode};
    memcpy(q->id, id, 32);
    q->is_pm = j->m->change.data != NULL && memcmp(id, j->m->change.data, 32) == 0;
    q->quorate_open = is_quorate(j, q->is_pm);
}

static void on_ballot(judge *j, const Sb__Ballot *m, const uint8_t id[32])
{
    question_state *q = question_of(j, m->question_id);
    if (q == NULL)
        return;
    if (q->closed) {
        say(j, "a ballot of %s stands after the close", m->seat);
        return;
    }
    vote_state *vote = NULL;
    for (size_t i = 0; i < q->vote_count; i++)
        if (strcmp(q->votes[i].seat, m->seat) == 0)
            vote = &q->votes[i];
    bool names_it = vote == NULL
                        ? m->replaces.len == 0
                        : m->replaces.len == 32 && memcmp(m->replaces.data, vote->id, 32) == 0;
    if (!names_it)
        say(j, "a ballot of %s doesn't name the one that it replaces", m->seat);
    if (vote == NULL)
        vote = &q->votes[q->vote_count++];
    snprintf(vote->seat, sizeof vote->seat, "%s", m->seat);
    memcpy(vote->id, id, 32);
    vote->choice = m->choice;
}

static void on_close(judge *j, const Sb__QuestionClose *m)
{
    question_state *q = question_of(j, m->question_id);
    if (q == NULL)
        return;
    if (q->closed)
        say(j, "a question is closed twice");
    q->closed = true;
    q->closed_index = j->index;
    q->present = present(j, q->is_pm, "");
    q->quorate = is_quorate(j, q->is_pm);
    for (size_t i = 0; i < q->vote_count; i++)
        if (is_there(j, q->votes[i].seat) && q->votes[i].choice >= 1 && q->votes[i].choice <= 4)
            q->counts[q->votes[i].choice - 1]++;
}

/* By the bylaws of the test federation, as they stand in fed_charter.c and play_actions.c. */
static Sb__Outcome outcome_of(const question_state *q)
{
    if (q->mode == POLL)
        return POLLED;
    if (!q->quorate_open || !q->quorate)
        return NOT_QUORATE;
    if (q->mode == NOTE)
        return NOTED;
    if (q->mode == CONSENSUS && q->objections == 0)
        return ADOPTED;
    if (q->is_pm) /* who we are: for > 1/2 of seats */
        return 2 * q->counts[0] > 4 ? ADOPTED : FALLEN;
    return q->counts[1] == 0 && q->counts[0] >= 1 ? ADOPTED : NO_CONSENSUS;
}

static void on_result(judge *j, const Sb__Result *m)
{
    question_state *q = question_of(j, m->question_id);
    if (q == NULL)
        return;
    bool votes = q->mode != NOTE && (q->mode != CONSENSUS || q->objections > 0);
    uint32_t for_ = q->counts[q->mode == ELECT ? 3 : 0];
    if (!q->closed || q->has_result || q->closed_index + 1 != j->index)
        say(j, "a RESULT that isn't right after its question's close");
    else if (m->n_counts == 0 || m->counts[0]->present != q->present)
        say(j, "a RESULT with %u present, not %u", m->n_counts == 0 ? 0 : m->counts[0]->present,
            q->present);
    else if (votes &&
             (m->counts[0]->votes_for != for_ || m->counts[0]->votes_against != q->counts[1] ||
              m->counts[0]->votes_abstain != q->counts[2]))
        say(j, "a RESULT of %u-%u-%u where the log has %u-%u-%u", m->counts[0]->votes_for,
            m->counts[0]->votes_against, m->counts[0]->votes_abstain, for_, q->counts[1],
            q->counts[2]);
    else if (q->mode != ELECT && m->outcome != outcome_of(q))
        say(j, "an outcome of %d that should be %d", (int)m->outcome, (int)outcome_of(q));
    else if (m->objections != q->objections)
        say(j, "%u objections, not %u", m->objections, q->objections);
    q->has_result = true;
    if (q->is_pm && m->outcome == ADOPTED)
        adopt(j, q->closed_index);
}

/* Every close has had its RESULT before anything else comes. */
static void check_owed(judge *j, sb_entry_type type)
{
    for (size_t i = 0; i < j->question_count; i++)
        if (j->questions[i].closed && !j->questions[i].has_result && type != SB_ENTRY_RESULT)
            say(j, "a close without its RESULT");
}

/* ---- the leaves ---- */

static bool is_id(ProtobufCBinaryData id, play_id wanted)
{
    return wanted.data != NULL && id.len == 32 && memcmp(id.data, wanted.data, 32) == 0;
}

static void on_leaf(judge *j, const sb_entry *e, const void *m, uint64_t ms)
{
    if (!sb_entry_type_is_system(e->type))
        check_signer(j, e);
    switch ((int)e->type) {
    case SB_ENTRY_SEAL:
        on_seal(j, m);
        break;
    case SB_ENTRY_HANDOVER:
        on_handover(j, m);
        break;
    case SB_ENTRY_RESULT:
        on_result(j, m);
        break;
    case SB_ENTRY_APPOINT:
        on_appoint(j, m);
        break;
    case SB_ENTRY_ATTENDANCE:
        on_attendance(j, m);
        break;
    case SB_ENTRY_QUESTION_OPEN:
        on_open(j, m, e->id);
        break;
    case SB_ENTRY_BALLOT:
    case SB_ENTRY_BALLOT_RECORDED:
        on_ballot(j, m, e->id);
        break;
    case SB_ENTRY_OBJECTION: {
        question_state *q = question_of(j, ((const Sb__Objection *)m)->question_id);
        if (q != NULL)
            q->objections++;
        break;
    }
    case SB_ENTRY_QUESTION_CLOSE:
        on_close(j, m);
        break;
    case SB_ENTRY_MINUTES_REQUEST:
        if (!is_id(((const Sb__MinutesRequest *)m)->draft_id, j->m->draft))
            break;
        if (ms > j->m->draft_due_ms && !j->is_requested)
            say(j, "a request after the minutes' silence was over");
        j->is_requested = true; /* that ends the silence: others may come later */
        break;
    case SB_ENTRY_CONDITION_FULFIL:
        if (is_id(((const Sb__ConditionFulfil *)m)->condition_id, j->m->condition) &&
            ms > j->m->condition_due_ms)
            say(j, "an answer after the condition's day");
        break;
    }
}

static void look_at(judge *j, sb_slice leaf)
{
    sb_entry e;
    const ProtobufCMessage *m;
    sb_reader r = sb_reader_over(leaf);
    uint64_t ms = sb_read_u64(&r);
    sb_arena_reset(&j->arena);
    if (leaf.len <= 8 ||
        sb_entry_parse(sb_slice_of(leaf.data + 8, leaf.len - 8), &e, NULL) != SB_OK ||
        sb_payload_decode(e.type, e.payload, &j->arena, &m, NULL) != SB_OK) {
        say(j, "a leaf that can't be read");
        return;
    }
    if (ms < j->last_ms)
        say(j, "a leaf's time falls");
    j->last_ms = ms;
    check_owed(j, e.type);
    on_leaf(j, &e, m, ms);
}

/* All that was to be handed in, but rivals, is there. */
static void check_lines(judge *j)
{
    const sw_story *s = &j->m->story;
    for (size_t i = 0; i < s->count && j->wrong == NULL; i++) {
        bool found = s->lines[i].rival || s->lines[i].refused != SB_OK;
        for (size_t k = 0; k < j->id_count && !found; k++)
            found = memcmp(j->ids[k], s->lines[i].id, 32) == 0;
        if (!found)
            say(j, "line %zu isn't in the log", i);
    }
}

static judge *judge_new(const meeting *m)
{
    judge *j = sb_xmalloc(sizeof *j);
    memset(j, 0, sizeof *j);
    j->m = m;
    j->term = 1;
    j->adopted = j->started = j->alone = UINT64_MAX;
    j->ids = sb_xmalloc(IDS_MAX * sizeof *j->ids);
    sb_arena_init(&j->arena);
    return j;
}

static void judge_free(judge *j)
{
    sb_arena_deinit(&j->arena);
    free(j->ids);
    free(j);
}

const char *meeting_judge(void *arg, const sw_leaves *log, uint64_t *index)
{
    judge *j = judge_new(arg);
    for (j->index = 0; j->index < log->size && j->wrong == NULL; j->index++) {
        *index = j->index;
        look_at(j, log->leaf(log->log, j->index));
    }
    if (j->wrong == NULL)
        check_lines(j);
    const char *wrong = j->wrong;
    judge_free(j);
    return wrong;
}

/* ---- what a node shows as final ---- */

/* Whose cosignatures the note bears, each organisation once. Of the note verified last: kept. */
static uint32_t orgs_on(const judge *j, sb_slice bytes, const sb_checkpoint *head)
{
    static sb_buf last;
    static uint32_t last_orgs;
    static const meeting *last_meeting;
    sb_note note;
    sb_note_line line;
    uint32_t orgs = 0;
    if (last_meeting == j->m && sb_slice_eq(sb_buf_slice(&last), bytes))
        return last_orgs;
    if (sb_note_parse(bytes, &note, NULL) != SB_OK)
        return 0;
    for (size_t at = 0; sb_note_next_line(&note, &at, &line);)
        for (uint32_t n = 0; n < j->m->story.nodes; n++)
            for (size_t i = 0; i < MEETING_WITNESSES_MAX && (orgs >> n & 1) == 0; i++)
                if (j->m->witness[n][i] != NULL &&
                    sb_cosignature_verify_line(head, &line, j->m->witness[n][i]->pk, NULL))
                    orgs |= 1u << n;
    sb_buf_clear(&last);
    sb_buf_add(&last, bytes);
    last_orgs = orgs;
    last_meeting = j->m;
    return orgs;
}

/* The leaf's time and type; of a SEAL the size that it seals. */
static sb_entry_type type_at(const sw_leaves *log, uint64_t index)
{
    sb_slice leaf = log->leaf(log->log, index);
    return (sb_entry_type)leaf.data[8 + 1];
}

static uint64_t sealed_at(judge *j, const sw_leaves *log, uint64_t index)
{
    sb_slice leaf = log->leaf(log->log, index);
    sb_entry e;
    const ProtobufCMessage *m;
    if (sb_entry_parse(sb_slice_of(leaf.data + 8, leaf.len - 8), &e, NULL) != SB_OK ||
        sb_payload_decode(e.type, e.payload, &j->arena, &m, NULL) != SB_OK)
        return 0;
    return ((const Sb__Seal *)(const void *)m)->size;
}

/* Where the change stands, for stories that have one: what is needed is a matter of the log. */
static void follow_change(judge *j, const sw_leaves *log, uint64_t size)
{
    if (j->m->change.data == NULL)
        return;
    for (j->index = 0; j->index < size && j->wrong == NULL; j->index++) {
        sb_entry_type type = type_at(log, j->index);
        if (type == SB_ENTRY_RESULT) {
            sb_slice leaf = log->leaf(log->log, j->index);
            sb_entry e;
            const ProtobufCMessage *m;
            if (sb_entry_parse(sb_slice_of(leaf.data + 8, leaf.len - 8), &e, NULL) == SB_OK &&
                sb_payload_decode(e.type, e.payload, &j->arena, &m, NULL) == SB_OK &&
                is_id(((const Sb__Result *)(const void *)m)->question_id, j->m->change) &&
                ((const Sb__Result *)(const void *)m)->outcome == ADOPTED)
                adopt(j, j->index - 1);
        } else if (type == SB_ENTRY_SEAL && j->adopted != UINT64_MAX) {
            sealed(j, sealed_at(j, log, j->index));
        } else if (type == SB_ENTRY_HANDOVER) {
            look_at(j, log->leaf(log->log, j->index));
        }
    }
}

const char *meeting_judge_final(void *arg, const sw_leaves *log, uint64_t final_size, sb_slice note)
{
    const meeting *m = arg;
    sb_checkpoint head;
    if (sb_checkpoint_parse(note, &head, NULL) != SB_OK || head.size > log->size)
        return "what is final isn't proved by a head of this log";
    judge *j = judge_new(m);
    follow_change(j, log, head.size);
    uint32_t orgs = orgs_on(j, note, &head);
    uint64_t at = head.size;
    if (j->wrong == NULL && !is_confirmed(j, head.size, j->started, orgs))
        say(j, "a head of %llu is taken for certified with too few behind it (%x)",
            (unsigned long long)head.size, orgs);
    while (j->wrong == NULL && at > 0 && type_at(log, at - 1) != SB_ENTRY_SEAL &&
           type_at(log, at - 1) != SB_ENTRY_HANDOVER)
        at--;
    if (j->wrong == NULL && (at == 0 || type_at(log, at - 1) != SB_ENTRY_SEAL))
        say(j, "%llu leaves are shown as final without a SEAL of that term",
            (unsigned long long)final_size);
    else if (j->wrong == NULL && sealed_at(j, log, at - 1) < final_size)
        say(j, "%llu leaves are shown as final where %llu are sealed",
            (unsigned long long)final_size, (unsigned long long)sealed_at(j, log, at - 1));
    const char *wrong = j->wrong;
    judge_free(j);
    return wrong;
}
