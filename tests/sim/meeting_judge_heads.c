/* The judge of a simulated meeting: who confirms its heads, and what nodes may show as final. */
#include "tests/sim/meeting_judge.h"

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

void judge_on_seal(judge *j, const Sb__Seal *m)
{
    sb_checkpoint head = head_of(j, j->term, m->size, m->root.data);
    uint32_t orgs = orgs_behind(j, &head, m->cosignatures, m->n_cosignatures);
    if (!is_confirmed(j, m->size, j->adopted, orgs)) {
        judge_say(j, "a SEAL of %llu with too few organisations behind it (%x)",
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

void judge_on_handover(judge *j, const Sb__Handover *m)
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
        judge_say(j, "a HANDOVER that isn't in its place");
    else if (!is_promised(j, top, orgs))
        judge_say(j, "a HANDOVER with too few organisations behind it (%x)", orgs);
    else if (!bears_its_seal(j, m, top_term, top))
        judge_say(j, "a HANDOVER whose sealed head %llu too few cosigned", (unsigned long long)top);
    j->term = m->term;
    sealed(j, top);
}

/* What lists as a standby who orders by now can't be done any more: it never waits. */
void judge_adopt(judge *j, uint64_t close)
{
    if (!j->m->names_standbys || j->term == 1)
        j->adopted = close;
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
                judge_is_id(((const Sb__Result *)(const void *)m)->question_id, j->m->change) &&
                ((const Sb__Result *)(const void *)m)->outcome == ADOPTED)
                judge_adopt(j, j->index - 1);
        } else if (type == SB_ENTRY_SEAL && j->adopted != UINT64_MAX) {
            sealed(j, sealed_at(j, log, j->index));
        } else if (type == SB_ENTRY_HANDOVER) {
            judge_look_at(j, log->leaf(log->log, j->index));
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
        judge_say(j, "a head of %llu is taken for certified with too few behind it (%x)",
                  (unsigned long long)head.size, orgs);
    while (j->wrong == NULL && at > 0 && type_at(log, at - 1) != SB_ENTRY_SEAL &&
           type_at(log, at - 1) != SB_ENTRY_HANDOVER)
        at--;
    if (j->wrong == NULL && (at == 0 || type_at(log, at - 1) != SB_ENTRY_SEAL))
        judge_say(j, "%llu leaves are shown as final without a SEAL of that term",
                  (unsigned long long)final_size);
    else if (j->wrong == NULL && sealed_at(j, log, at - 1) < final_size)
        judge_say(j, "%llu leaves are shown as final where %llu are sealed",
                  (unsigned long long)final_size, (unsigned long long)sealed_at(j, log, at - 1));
    const char *wrong = j->wrong;
    judge_free(j);
    return wrong;
}
