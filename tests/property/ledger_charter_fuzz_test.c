/* Whatever charter is accepted as a draft, the ledger works on under it: a federation in the middle
 * of everything (open questions, ballots, candidates, delegations, minutes in silence) gets a
 * charter that a seed has bent, again and again. What is refused is refused; what is accepted comes
 * into force, and then every query answers, every question can be closed, every certificate can be
 * read, and the log goes on. */
#include <stdio.h>
#include <stdlib.h>

#include "proto/base/hash.h"
#include "proto/ledger/query.h"
#include "tests/lib/cmocka_all.h"
#include "tests/lib/play_actions.h"

enum { SEEDS = 12, DRAFTS = 6, TRIES = 12 };

static const char *const clause[] = {"Slik blir det."};

static uint64_t next(uint64_t *seed)
{
    *seed ^= *seed >> 12;
    *seed ^= *seed << 25;
    *seed ^= *seed >> 27;
    return *seed * 2685821657736338717u;
}

static size_t below(uint64_t *seed, size_t n)
{
    return n == 0 ? 0 : (size_t)((next(seed) >> 11) % n);
}

static char *text(const char *s)
{
    return (char *)(uintptr_t)s;
}

/* ---- bending ---- */

static const char *const words[] = {
    "",
    "unn",
    "kommune",
    "fastlege",
    "bruker",
    "ssu",
    "pm",
    "raad",
    "leader",
    "deputy-leader",
    "secretariat",
    "utenfor",
    "kommune-a",
    "unn-1",
    "kommune-1",
    "pm-unn-1",
    "lege-1",
    "ny-plass",
    "pass for > 1/2 of cast",
    "pass against = 0 and for >= 1 else no_consensus",
    "quorum present >= 1/2 of seats",
    "quorum each partner in (unn, bruker): present >= 1",
    "pass each partner: for >= 2/3 of present, after discussion in an earlier meeting",
    "§ 9",
    "referat",
};

static const void *place_of(const ProtobufCMessage *m, const ProtobufCFieldDescriptor *f)
{
    return (const uint8_t *)m + f->offset;
}

static void bend(fed *f, uint64_t *seed, ProtobufCMessage *m);

static ProtobufCMessage *copy_of(fed *f, const ProtobufCMessage *m)
{
    ProtobufCMessage *copy = sb_arena_alloc(&f->arena, m->descriptor->sizeof_message);
    memcpy(copy, m, m->descriptor->sizeof_message);
    return copy;
}

static void bend_list(fed *f, uint64_t *seed, const ProtobufCFieldDescriptor *field,
                      ProtobufCMessage *m)
{
    size_t *count = (size_t *)(void *)((uint8_t *)m + field->quantifier_offset);
    void **list = (void **)(uintptr_t)place_of(m, field);
    if (field->type != PROTOBUF_C_TYPE_MESSAGE || *count == 0)
        return;
    ProtobufCMessage **old = *list;
    ProtobufCMessage **more = SB_ARENA_ARRAY(&f->arena, ProtobufCMessage *, *count + 1);
    memcpy(more, old, *count * sizeof *more);
    size_t at = below(seed, *count);
    switch (below(seed, 6)) {
    case 0: /* out */
        for (size_t i = at; i + 1 < *count; i++)
            more[i] = more[i + 1];
        (*count)--;
        break;
    case 1: /* another one like it, bent */
        more[*count] = copy_of(f, more[at]);
        bend(f, seed, more[*count]);
        (*count)++;
        break;
    default:
        bend(f, seed, more[at]);
    }
    *list = more;
}

static void bend(fed *f, uint64_t *seed, ProtobufCMessage *m)
{
    const ProtobufCMessageDescriptor *d = m->descriptor;
    const ProtobufCFieldDescriptor *field = &d->fields[below(seed, d->n_fields)];
    void *place = (void *)(uintptr_t)place_of(m, field);
    if (field->label == PROTOBUF_C_LABEL_REPEATED) {
        bend_list(f, seed, field, m);
        return;
    }
    switch (field->type) {
    case PROTOBUF_C_TYPE_MESSAGE: {
        ProtobufCMessage **sub = place;
        if (*sub != NULL && below(seed, 5) == 0)
            *sub = NULL;
        else if (*sub != NULL)
            bend(f, seed, *sub);
        return;
    }
    case PROTOBUF_C_TYPE_STRING:
        *(char **)place = text(words[below(seed, sizeof words / sizeof words[0])]);
        return;
    case PROTOBUF_C_TYPE_BOOL:
        *(protobuf_c_boolean *)place = !*(protobuf_c_boolean *)place;
        return;
    case PROTOBUF_C_TYPE_ENUM:
        *(int *)place = 1 + (int)below(seed, 3);
        return;
    case PROTOBUF_C_TYPE_UINT32: {
        static const uint32_t numbers[] = {0, 1, 2, 3, 10, 12, 99, 366, 2022, UINT32_MAX};
        *(uint32_t *)place = numbers[below(seed, 10)];
        return;
    }
    default: /* bytes and u64: the mandate; actions' business */
        return;
    }
}

/* What random bends seldom hit and a founding allows. */
static void bend_seats(fed *f, uint64_t *seed, Sb__Charter *c, int round)
{
    Sb__Body *b = c->bodies[below(seed, 2)];
    if (b->n_seats > 1 && below(seed, 3) != 0) {
        for (size_t i = below(seed, b->n_seats); i + 1 < b->n_seats; i++)
            b->seats[i] = b->seats[i + 1];
        b->n_seats--;
    } else {
        (void)play_add_seat(f, b, sb_arena_printf(&f->arena, "ny-%d", round), "unn", "utenfor",
                            below(seed, 2) == 0);
    }
    if (below(seed, 6) == 0)
        b->dissolved = true;
    if (below(seed, 3) == 0)
        c->offices[1 + below(seed, 2)]->seat = text("");
}

static void bend_charter(fed *f, uint64_t *seed, Sb__Charter *c, int round)
{
    c->name = sb_arena_printf(&f->arena, "Navn %d", round);
    if (below(seed, 2) == 0)
        bend_seats(f, seed, c, round);
    for (size_t n = below(seed, 4); n > 0; n--) {
        switch (below(seed, 4)) {
        case 0:
            bend(f, seed, &c->base);
            break;
        case 1:
            bend(f, seed, &c->offices[below(seed, c->n_offices)]->base);
            break;
        default:
            bend(f, seed, &c->bodies[below(seed, 2)]->base);
        }
    }
}

/* ---- the world ---- */

/* "raad" with one seat amends; ssu elects its leader; unn-1 is ex officio. */
static void world_charter(Sb__Charter *c, sb_arena *a, void *arg)
{
    play_amendable(c, a, arg);
    Sb__Body *raad = SB_ARENA_NEW(a, Sb__Body);
    *raad = *c->bodies[1];
    raad->id = text("raad");
    raad->short_name = text("RAAD");
    raad->seats = SB_ARENA_ARRAY(a, Sb__Seat *, 4);
    raad->seats[0] = SB_ARENA_NEW(a, Sb__Seat);
    *raad->seats[0] = *c->bodies[1]->seats[0];
    raad->seats[0]->id = text("raad-1");
    raad->n_seats = 1;
    raad->pass = SB_ARENA_NEW(a, Sb__Rule);
    *raad->pass = *c->bodies[1]->pass;
    raad->pass->text = text("pass for >= 1");
    c->bodies[c->n_bodies++] = raad;
    c->amendment->body = text("raad");
    c->amendment->pass->text = text("");
    Sb__Body *ssu = c->bodies[0];
    Sb__Election *e = SB_ARENA_NEW(a, Sb__Election);
    *e = (Sb__Election)SB__ELECTION__INIT;
    e->elect = SB_ARENA_NEW(a, Sb__Rule);
    *e->elect = (Sb__Rule)SB__RULE__INIT;
    e->elect->text = text("pass for > 1/2 of cast");
    e->rounds = 2;
    e->tie = SB__ELECTION_TIE__ELECTION_TIE_INCUMBENTS;
    ssu->election = e;
    ssu->delegation_cite = text("§ 3");
    ssu->seats[0]->ex_officio = true;
    ssu->extraordinary_cite = text("§ 6");
    c->offices[1]->elected_by = text("ssu");
    c->offices[2]->elected_by = text("ssu");
    Sb__OfficeNorm *n = SB_ARENA_NEW(a, Sb__OfficeNorm);
    *n = (Sb__OfficeNorm)SB__OFFICE_NORM__INIT;
    n->kind = SB__OFFICE_NORM_KIND__OFFICE_NORM_KIND_DIFFERS;
    n->office = text("deputy-leader");
    n->force = SB__FORCE__FORCE_SHOULD;
    c->offices[1]->norms = SB_ARENA_ARRAY(a, Sb__OfficeNorm *, 1);
    c->offices[1]->norms[0] = n;
    c->offices[1]->n_norms = 1;
}

enum { QUESTIONS = 16, CASES = 24, MEETINGS = 16 };

typedef struct world {
    fed *f;
    uint64_t seed;
    play_id cases[CASES], meetings[MEETINGS], questions[QUESTIONS], drafts[MEETINGS];
    size_t case_count, meeting_count, question_count, draft_count;
    uint32_t month; /* since 2022-01 */
} world;

static uint32_t date_of(const world *w, uint32_t day)
{
    return (2022 + w->month / 12) * 10000 + (w->month % 12 + 1) * 100 + day;
}

static play_id new_case(world *w, const char *body, Sb__CaseKind kind)
{
    play_id id = {0};
    if (w->case_count == CASES || play_report(w->f, body, "En sak", kind, SEC, &id) != SB_OK)
        return id;
    w->cases[w->case_count++] = id;
    (void)play_propose(w->f, id, SEC, 1, clause);
    return id;
}

static void arrive(world *w, play_id meeting, const char *body)
{
    bool ssu = strcmp(body, "ssu") == 0;
    (void)play_chair(w->f, meeting, NULL, ssu ? "kommune-1" : "pm-unn-1",
                     SB__CHAIR_BASIS__CHAIR_BASIS_CHOSEN, SEC);
    for (size_t i = 0; i < (ssu ? 6u : 4u); i++)
        (void)play_here(w->f, meeting, ssu ? play_ssu_seats[i] : play_pm_seats[i], PRIMARY, ARRIVED,
                        NULL, SEC);
}

/* A meeting with a vote, an election and a poll open. */
static void busy_meeting(world *w, const char *body)
{
    play_id c[3] = {new_case(w, body, DECISION), new_case(w, body, ELECTION),
                    new_case(w, body, DECISION)};
    play_id meeting, q;
    if (c[2].len == 0 || w->meeting_count == MEETINGS || w->question_count + 3 > QUESTIONS)
        return;
    (void)play_candidate(w->f, c[1], "leader=unn-1", SEC, NULL);
    (void)play_candidate(w->f, c[1], "leader=kommune-2", SEC, NULL);
    if (play_call(w->f, body, date_of(w, 20), SEC, 3, c, &meeting) != SB_OK)
        return;
    w->meetings[w->meeting_count++] = meeting;
    (void)play_papers(w->f, meeting, 3, c, 0, SEC);
    fed_at(w->f, date_of(w, 20), 9, 0);
    fed_due(w->f);
    (void)play_open(w->f, meeting, SEC);
    arrive(w, meeting, body);
    static const Sb__Mode modes[] = {VOTE, ELECT, POLL};
    for (size_t i = 0; i < 3; i++)
        if (play_ask(w->f, meeting, c[i], modes[i], SEC, &q) == SB_OK)
            w->questions[w->question_count++] = q;
}

static void begin(world *w)
{
    busy_meeting(w, "ssu");
    busy_meeting(w, "pm");
    Sb__Delegate d = SB__DELEGATE__INIT;
    d.seat = text("unn-1");
    d.device_pk = (play_id){32, fed_key_of(w->f, "fullmektig")->pk};
    d.name = fed_blob(w->f, "fullmektig");
    d.from_date = 20220101;
    d.until_date = 20261231;
    (void)fed_submit(w->f, SB_ENTRY_DELEGATE, &d.base, "unn-1/primary");
    fed_seal(w->f);
}

/* What there is, if anything; who sealed before is not asked again. */
static void seal(fed *f)
{
    sb_ledger_position at;
    sb_ledger_position_get(f->ledger, &at);
    if (!at.ends_only_system)
        fed_seal(f);
}

/* ---- poking ---- */

static void poke_question(world *w, play_id q)
{
    fed *f = w->f;
    for (size_t i = 0; i < 6; i++)
        if (below(&w->seed, 3) == 0)
            (void)play_vote(f, q, play_ssu_seats[i], FOR);
    for (size_t i = 0; i < 4; i++)
        if (below(&w->seed, 3) == 0)
            (void)play_vote(f, q, play_pm_seats[i], AGAINST);
    (void)play_choose(f, q, play_ssu_seats[below(&w->seed, 6)], 1 + (uint32_t)below(&w->seed, 2));
    (void)play_object(f, q, play_ssu_seats[below(&w->seed, 6)]);
}

static void poke_people(world *w)
{
    fed *f = w->f;
    const char *seat = play_ssu_seats[below(&w->seed, 6)];
    play_id meeting = w->meetings[below(&w->seed, w->meeting_count)];
    (void)play_here(f, meeting, seat, DEPUTY, ARRIVED, NULL, SEC);
    (void)play_here(f, meeting, seat, PRIMARY, below(&w->seed, 2) == 0 ? LEFT : ARRIVED, NULL, SEC);
    (void)fed_appoint_seat(f, seat, below(&w->seed, 2) == 0 ? PRIMARY : DEPUTY, "ny-nøkkel");
    (void)fed_appoint_office(f, below(&w->seed, 2) == 0 ? "leader" : "deputy-leader",
                             "leder-nøkkel");
    char old_name[64];
    (void)snprintf(old_name, sizeof old_name, "%s/primary", seat);
    Sb__KeyReplace m = SB__KEY_REPLACE__INIT;
    m.old_pk = (play_id){32, fed_key_of(f, old_name)->pk};
    m.new_pk = (play_id){32, fed_key_of(f, sb_arena_printf(&f->arena, "k%zu", f->leaf_count))->pk};
    static const char *const hosts[] = {"unn/authority", "kommune-a/authority", "lege/authority"};
    if (below(&w->seed, 4) == 0)
        (void)fed_submit(f, SB_ENTRY_KEY_REPLACE, &m.base, hosts[below(&w->seed, 3)]);
    (void)play_chair(f, meeting, NULL, seat, SB__CHAIR_BASIS__CHAIR_BASIS_LEADER, old_name);
}

static void poke_cases(world *w)
{
    fed *f = w->f;
    play_id c = w->cases[below(&w->seed, w->case_count)];
    static const char *const asked[] = {"tromso", "unn"};
    (void)play_condition(f, c, BEFORE_EFFECT, 0, false, 2, asked, SEC, NULL);
    (void)play_input_open(f, c, 20300101, 2, asked, SEC, NULL);
    (void)play_dissolve(f, c, "pm", SEC, NULL);
    (void)play_create(f, c, play_new_body(f, "organ", "ssu"), SEC, NULL);
    (void)play_fill(f, c, "unn-1", PRIMARY, NULL, NULL, 20220101, SEC, NULL);
    (void)play_task(f, w->meetings[below(&w->seed, w->meeting_count)], c, "leader", 20300101, NULL);
    (void)play_rule(f, w->meetings[below(&w->seed, w->meeting_count)], NULL,
                    SB__RULING_KIND__RULING_KIND_OTHER, SEC);
}

static void poke_end(world *w)
{
    fed *f = w->f;
    play_id draft;
    for (size_t i = 0; i < w->question_count; i++)
        if (below(&w->seed, 3) == 0)
            (void)play_end(f, w->questions[i], SEC);
    play_id meeting = w->meetings[below(&w->seed, w->meeting_count)];
    if (play_close(f, meeting, SEC) == SB_OK)
        (void)play_draft(f, meeting, 0, &draft);
    busy_meeting(w, below(&w->seed, 2) == 0 ? "ssu" : "pm");
}

static void ask_everything(world *w)
{
    fed *f = w->f;
    static const char *const bodies[] = {"ssu", "pm", "raad"};
    char hex[65];
    for (size_t n = 0; sb_query_names[n] != NULL; n++) {
        const char *name = sb_query_names[n];
        (void)play_query(f, name, NULL);
        for (size_t i = 0; i < 3; i++) {
            (void)play_query(f, name, bodies[i]);
            (void)play_query2(f, name, bodies[i], "2022");
        }
        for (size_t i = 0; i < w->case_count; i++) {
            sb_hex(sb_slice_of(w->cases[i].data, 32), hex);
            (void)play_query(f, name, hex);
        }
        for (size_t i = 0; i < w->meeting_count; i++) {
            sb_hex(sb_slice_of(w->meetings[i].data, 32), hex);
            (void)play_query(f, name, hex);
        }
        for (size_t i = 0; i < w->question_count; i++) {
            sb_hex(sb_slice_of(w->questions[i].data, 32), hex);
            (void)play_query(f, name, hex);
        }
        for (size_t i = 0; i < f->key_count; i += 5) {
            sb_hex(sb_slice_of(f->keys[i]->pk, 32), hex);
            (void)play_query(f, name, hex);
        }
    }
    static const char *const must[] = {"charter", "bodies",  "seats",    "members",
                                       "cases",   "actions", "vacancies"};
    for (size_t i = 0; i < sizeof must / sizeof must[0]; i++)
        assert_non_null(play_query(f, must[i], NULL));
}

static void read_certificates(world *w)
{
    for (size_t i = 0; i < w->question_count; i++) {
        if (play_question(w->f, w->questions[i]).closed_index == 0)
            continue;
        assert_non_null(play_certificate(w->f, w->questions[i]));
        assert_non_null(play_certificate_text(w->f, w->questions[i], SB_LANG_NB));
        assert_non_null(play_certificate_text(w->f, w->questions[i], SB_LANG_EN));
    }
}

/* ---- a change ---- */

static bool draft_some(world *w, int round, play_id *draft)
{
    fed *f = w->f;
    for (int i = 0; i < TRIES; i++) {
        Sb__Charter *c = play_charter_copy(f);
        sb_buf bytes;
        sb_buf_init(&bytes);
        bend_charter(f, &w->seed, c, round * TRIES + i);
        bool whole = sb_charter_encode(c, &bytes, NULL) == SB_OK;
        sb_buf_deinit(&bytes);
        if (whole && play_draft_charter(f, c, SEC, draft) == SB_OK)
            return true;
    }
    return false;
}

static bool enact(world *w, play_id draft)
{
    fed *f = w->f;
    play_id c, meeting, q;
    uint32_t before = play_version(f);
    bool ok = play_report(f, "raad", "Vedtektene", DECISION, SEC, &c) == SB_OK &&
              play_propose(f, c, SEC, 1, clause) == SB_OK &&
              play_change(f, c, draft, SB__OVERLAP__OVERLAP_NONE, SEC, NULL) == SB_OK &&
              play_call(f, "raad", date_of(w, 5), SEC, 1, &c, &meeting) == SB_OK &&
              play_papers(f, meeting, 1, &c, 0, SEC) == SB_OK;
    fed_at(f, date_of(w, 5), 9, 0);
    fed_due(f);
    ok =
        ok && play_open(f, meeting, SEC) == SB_OK &&
        play_chair(f, meeting, NULL, "raad-1", SB__CHAIR_BASIS__CHAIR_BASIS_CHOSEN, SEC) == SB_OK &&
        play_here(f, meeting, "raad-1", PRIMARY, ARRIVED, NULL, SEC) == SB_OK &&
        play_ask(f, meeting, c, VOTE, SEC, &q) == SB_OK &&
        play_vote(f, q, "raad-1", FOR) == SB_OK && play_end(f, q, SEC) == SB_OK &&
        play_close(f, meeting, SEC) == SB_OK;
    seal(f);
    return ok && play_version(f) == before + 1;
}

/* Another node, that commits other batches and restarts after each. */
static void refold(fed *f, size_t batch)
{
    sb_kv *kv = sb_kv_memory_new();
    sb_ledger *l = NULL;
    sb_ledger_position here, there;
    sb_tree none, *tree = &none;
    sb_tree_init(&none);
    for (size_t at = 0; at < f->leaf_count; at += batch) {
        assert_int_equal(sb_ledger_open(&l, kv, tree, NULL), SB_OK);
        fed_replay(f, at, at + batch < f->leaf_count ? at + batch : f->leaf_count, l);
        sb_ledger_flush(l);
        sb_tree_copy(&none, sb_ledger_tree(l));
        sb_ledger_position_get(l, &there);
        sb_ledger_close(l);
    }
    sb_ledger_position_get(f->ledger, &here);
    assert_memory_equal(here.digest, there.digest, 32);
    sb_kv_memory_free(kv);
}

static size_t run(uint64_t seed)
{
    world w = {.f = fed_new(&(fed_options){.edit = world_charter}), .seed = seed * 7919 + 1};
    size_t enacted = 0;
    fed_run(w.f);
    begin(&w);
    for (int round = 0; round < DRAFTS; round++) {
        play_id draft;
        w.month += below(&w.seed, 5) == 0 ? 12 : 1;
        if (!draft_some(&w, round, &draft))
            continue;
        if (!enact(&w, draft))
            break; /* who amends can't any more: as adopted */
        enacted++;
        for (size_t i = 0; i < w.question_count; i++)
            poke_question(&w, w.questions[i]);
        poke_people(&w);
        poke_cases(&w);
        fed_due(w.f);
        seal(w.f);
        ask_everything(&w);
        poke_end(&w);
        seal(w.f);
        ask_everything(&w);
        read_certificates(&w);
    }
    refold(w.f, 1 + below(&w.seed, 90));
    fed_free(w.f);
    return enacted;
}

static void test_accepted_is_workable(void **state)
{
    (void)state;
    const char *more = getenv("SB_SEEDS"); /* for a longer run */
    uint64_t seeds = more == NULL ? SEEDS : strtoull(more, NULL, 10);
    size_t enacted = 0;
    for (uint64_t seed = 1; seed <= seeds; seed++)
        enacted += run(seed);
    assert_true(enacted > 3 * seeds); /* or nothing was tried */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_accepted_is_workable)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
