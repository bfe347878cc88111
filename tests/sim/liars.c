/* Who lies in a seed; lying members; and whether it was noticed. */
#include "tests/sim/liars.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "tests/sim/liars_inside.h"

static liars_counts own_counts;
liars_counts *liars_all = &own_counts;

void liars_share(void)
{
    void *shared =
        mmap(NULL, sizeof *liars_all, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared != MAP_FAILED)
        liars_all = shared;
}

void liars_summary(void)
{
    const liars_counts *c = liars_all;
    printf("lying brokers %llu (splits %llu, receipts forgotten %llu, leaves bent %llu, heads "
           "shrunken "
           "%llu, clocks %llu, gaps %llu, false certificates %llu)\n",
           (unsigned long long)c->brokers, (unsigned long long)c->splits,
           (unsigned long long)c->forgotten, (unsigned long long)c->altered,
           (unsigned long long)c->shrunken, (unsigned long long)c->clocks,
           (unsigned long long)c->gaps, (unsigned long long)c->false_certificates);
    printf("lying nodes %llu (cosignatures %llu, promises %llu, answers %llu, frames of floods "
           "%llu)\n",
           (unsigned long long)c->nodes, (unsigned long long)c->cosigned,
           (unsigned long long)c->promised, (unsigned long long)c->answers,
           (unsigned long long)c->floods);
    printf("lying members %llu (two ballots under one number %llu, entries again %llu, another "
           "federation's %llu, another's seat %llu)\n",
           (unsigned long long)c->members, (unsigned long long)c->twins,
           (unsigned long long)c->again, (unsigned long long)c->foreign,
           (unsigned long long)c->others_seats);
    printf(
        "of these lies %llu reached somebody honest who would have taken them; seeds with liars in "
        "which somebody honest noticed: %llu\n",
        (unsigned long long)c->reached, (unsigned long long)c->noticed);
}

uint64_t liars_mix(uint64_t seed, uint64_t salt)
{
    uint64_t z = seed * 0x9E3779B97F4A7C15u + salt * 0xBF58476D1CE4E5B9u + 0x51AB;
    z = (z ^ (z >> 31)) * 0x94D049BB133111EBu;
    z = (z ^ (z >> 29)) * 0xBF58476D1CE4E5B9u;
    return z ^ (z >> 32);
}

void liars_send(sw *w, uint32_t self, uint32_t conn, const Sb__Frame *frame)
{
    sb_buf bytes;
    sb_buf_init(&bytes);
    sb_frame_encode(frame, &bytes);
    sw_lie(w, self, conn, sb_buf_slice(&bytes));
    sb_buf_deinit(&bytes);
}

/* ---- who ---- */

static void choose_broker(liars *l)
{
    uint32_t nodes = l->w->o.nodes;
    broker_liar *b = &l->broker;
    b->l = l;
    b->self = nodes;
    b->lie = (broker_lie)(liars_mix(l->seed, 2) % BROKER_LIES);
    b->victims = 1u << liars_mix(l->seed, 3) % nodes;
    if (b->lie != LIE_ALTERS && liars_mix(l->seed, 4) % 2 == 0)
        b->victims |= (uint32_t)liars_mix(l->seed, 5) & ((1u << nodes) - 1);
    l->has_broker = true;
    liars_all->brokers++;
    liars_broker_begin(b);
}

/* Where an organisation's witness key is replaced, that one, so that it has two. */
static void choose_node(liars *l)
{
    node_liar *n = &l->node;
    n->l = l;
    n->self = (uint32_t)(liars_mix(l->seed, 6) % l->w->o.nodes);
    for (uint32_t i = 0; i < l->w->o.nodes; i++)
        for (size_t k = 0; k < l->w->keys->key_count; k++) {
            char name[96];
            snprintf(name, sizeof name, "%s/witness-2", l->story->organisation[i]);
            if (strcmp(l->w->keys->keys[k]->name, name) == 0)
                n->self = i;
        }
    n->kinds = 1 + (uint32_t)(liars_mix(l->seed, 7) % NODE_LIES);
    l->has_node = true;
    liars_all->nodes++;
    liars_node_begin(n);
}

liars *liars_new(sw *w, const sw_story *story)
{
    uint64_t seed = w->o.seed, who = liars_mix(seed, 1) % 12;
    bool broker = who < 4 && w->o.brokers > 1, node = (who >= 2 && who < 6) && sw_may_lie(w) > 0;
    bool member = who == 1 || who == 6 || who == 7;
    if (story->organisation == NULL || !(broker || node || member))
        return NULL;
    liars *l = sb_xmalloc(sizeof *l);
    *l = (liars){.w = w, .story = story, .seed = seed, .has_member = member};
    sb_arena_init(&l->arena);
    liars_all->members += member;
    if (broker)
        choose_broker(l);
    if (node)
        choose_node(l);
    return l;
}

void liars_free(liars *l)
{
    if (l == NULL)
        return;
    if (l->has_broker) {
        if (!l->broker.over)
            liars_broker_end(&l->broker);
        sb_arena_deinit(&l->broker.arena);
    }
    if (l->has_node)
        sb_arena_deinit(&l->node.arena);
    sb_arena_deinit(&l->arena);
    free(l);
}

const char *liars_words(const liars *l)
{
    static const char *const LIES[] = {"splits", "forgets", "alters",   "shrinks",
                                       "clock",  "gaps",    "certifies"};
    static char words[100];
    int at = 0;
    words[0] = '\0';
    if (l != NULL && l->has_broker)
        at += snprintf(words, sizeof words, "broker %s (%x) ", LIES[l->broker.lie],
                       l->broker.victims);
    if (l != NULL && l->has_node)
        at += snprintf(words + at, sizeof words - (size_t)at, "node %u lies (%x) ", l->node.self,
                       l->node.kinds);
    if (l != NULL && l->has_member)
        snprintf(words + at, sizeof words - (size_t)at, "a member lies");
    return words;
}

/* ---- members ---- */

static const fed_key *key_of(const sw *w, const uint8_t *pk)
{
    for (size_t k = 0; k < w->keys->key_count; k++)
        if (memcmp(w->keys->keys[k]->pk, pk, 32) == 0)
            return w->keys->keys[k];
    return NULL;
}

static void hand_in(liars *l, sb_entry_type type, const ProtobufCMessage *m,
                    const sb_entry_head *head, const fed_key *key)
{
    sb_buf entry;
    sb_buf_init(&entry);
    if (sb_entry_make(type, m, head, key->secret, &entry, NULL) == SB_OK)
        (void)sw_submit(l->w, (uint32_t)sw_below(l->w, l->w->o.nodes), sb_buf_slice(&entry));
    sb_buf_deinit(&entry);
}

/* The same number, another choice, at another node. Only of what races anyway: else the story would wait
 * for an entry that its own signer has made worthless. */
static void twin(liars *l, const sw_line *line)
{
    sb_entry e;
    const ProtobufCMessage *m;
    sb_entry_head head;
    sb_arena_reset(&l->arena);
    if (sb_entry_parse(line->entry, &e, NULL) != SB_OK || e.type != SB_ENTRY_BALLOT ||
        sb_payload_decode(e.type, e.payload, &l->arena, &m, NULL) != SB_OK)
        return;
    Sb__Ballot *ballot = (Sb__Ballot *)(uintptr_t)m;
    const fed_key *key = key_of(l->w, e.signer_pk);
    if (ballot->choice == SB__CHOICE__CHOICE_CANDIDATE || key == NULL)
        return;
    ballot->choice = ballot->choice == SB__CHOICE__CHOICE_FOR ? SB__CHOICE__CHOICE_AGAINST
                                                              : SB__CHOICE__CHOICE_FOR;
    sb_entry_head_init(&head, e.federation_id, e.signer_seq);
    hand_in(l, e.type, m, &head, key);
    l->twin_last = (size_t)(line - l->story->lines);
    liars_all->twins++;
}

/* Another federation's, or for another's seat, by a key that the story doesn't use again. */
static void forge(liars *l, const sw_line *line, bool foreign)
{
    sb_entry e;
    const ProtobufCMessage *m;
    sb_entry_head head;
    const fed_key *key = NULL;
    for (size_t k = 0; k < l->w->keys->key_count; k++)
        if (strcmp(l->w->keys->keys[k]->name, "lege-1/deputy") == 0)
            key = l->w->keys->keys[k];
    sb_arena_reset(&l->arena);
    if (key == NULL || sb_entry_parse(line->entry, &e, NULL) != SB_OK ||
        sb_entry_type_is_system(e.type) || e.type == SB_ENTRY_GENESIS ||
        sb_payload_decode(e.type, e.payload, &l->arena, &m, NULL) != SB_OK)
        return;
    if (foreign) {
        key = key_of(l->w, e.signer_pk);
        e.federation_id[3] ^= 1;
        sb_entry_head_init(&head, e.federation_id, e.signer_seq + 1000);
        liars_all->foreign++;
    } else if (e.type == SB_ENTRY_BALLOT) {
        sb_entry_head_init(&head, e.federation_id, 100 + l->member_seq++);
        liars_all->others_seats++;
    } else {
        return;
    }
    if (key != NULL)
        hand_in(l, e.type, m, &head, key);
}

static void member_lies(liars *l)
{
    sw *w = l->w;
    const sw_story *s = l->story;
    if (sw_final_size(w) == 0 || sw_time_ms(w) < l->member_ms)
        return;
    l->member_ms = sw_time_ms(w) + 100 + sw_below(w, 400);
    const sw_line *line = &s->lines[sw_below(w, s->count)];
    switch (sw_below(w, 4)) {
    case 0:
        if (sw_is_final(w, line->id)) {
            (void)sw_submit(w, (uint32_t)sw_below(w, w->o.nodes), line->entry);
            liars_all->again++;
        }
        break;
    case 1:
        forge(l, line, true);
        break;
    case 2:
        forge(l, line, false);
        break;
    default:
        break;
    }
    while (l->twin_next < s->count &&
           (s->lines[l->twin_next].rival || sw_is_final(w, s->lines[l->twin_next].id)))
        l->twin_next++; /* the story is about here */
    for (size_t i = l->twin_next; i-- > 0 && i + 6 > l->twin_next && i > l->twin_last;)
        if (s->lines[i].rival && !sw_is_final(w, s->lines[i].id))
            twin(l, &s->lines[i]);
}

/* ---- as it goes, and the end ---- */

static bool is_noticed(const liars *l)
{
    const sw_counts *c = sw_counts_of(l->w);
    return c->evidence + c->divergences + c->conflicts + c->faults_named > 0;
}

static void switch_off(liars *l)
{
    if (!l->broker.over)
        liars_broker_end(&l->broker);
    if (!sw_is_lost(l->w, l->broker.self))
        sw_lose(l->w, l->broker.self);
}

void liars_turn(liars *l)
{
    if (l == NULL)
        return;
    if (l->has_member)
        member_lies(l);
    broker_liar *b = &l->broker;
    if (l->has_broker)
        liars_look(l);
    if (!l->has_broker || b->over || !b->on)
        return;
    uint64_t since_ms = sw_time_ms(l->w) - b->begins_ms;
    if (since_ms > LIARS_LATEST_MS || (is_noticed(l) && since_ms > 20000))
        switch_off(l);
}

void liars_end(liars *l)
{
    if (l == NULL)
        return;
    l->has_member = false;
    l->node.over = true;
    if (l->has_broker && !l->broker.over)
        switch_off(l);
    liars_all->noticed += is_noticed(l);
}

const char *liars_missed(liars *l)
{
    return l != NULL && l->unseen[0] != '\0' ? l->unseen : NULL;
}
