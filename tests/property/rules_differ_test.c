/* The difference of meaning of two rules, against every attendance and vote of small bodies. */
#include "proto/rules/differ.h"
#include "tests/lib/rules_gen.h"

enum { GROUPS = 3, PARTS = 2 * GROUPS }; /* a, b, of none; each: in both, in one alone */

typedef struct pair {
    sb_rule_group groups[2][2];
    sb_rule_shape shapes[2];
    uint32_t both[GROUPS], only[GROUPS];
    int owner[GROUPS]; /* whose the others are */
    sb_rule rules[2], quorums[2];
    sb_differ_side sides[2];
} pair;

static uint32_t seats_of(const sb_rule_shape *shape, int g)
{
    return g < 2 ? shape->partners[g].seats : shape->free_seats;
}

/* Bodies of at most `most` seats in the union. */
static void random_bodies(pair *p, bool same)
{
    static const char *const IDS[2] = {"a", "b"};
    for (int s = 0; s < 2; s++) {
        for (int i = 0; i < 2; i++)
            p->groups[s][i] =
                (sb_rule_group){.id = sb_slice_str(IDS[i]),
                                .seats = s == 1 && same ? p->groups[0][i].seats : pick(3)};
        p->shapes[s] =
            (sb_rule_shape){.partners = p->groups[s],
                            .partner_count = 2,
                            .free_seats = s == 1 && same ? p->shapes[0].free_seats : pick(2)};
    }
    for (int g = 0; g < GROUPS; g++) {
        uint32_t a = seats_of(&p->shapes[0], g), b = seats_of(&p->shapes[1], g);
        p->both[g] = a < b ? a : b;
        p->only[g] = a < b ? b - a : a - b;
        p->owner[g] = a < b;
    }
}

/* ---- everything that can happen ---- */

typedef struct happening {
    sb_find_act part[PARTS];
} happening;

static sb_tally tally_of(const sb_find_act *a, uint32_t seats)
{
    sb_tally t = {.seats = seats, .filled = a->filled, .present = a->present};
    t.eligible = t.present;
    sb_tally_votes(&t, a->for_, a->against, a->abstain);
    return t;
}

static bool side_holds(const pair *p, int side, const sb_rule *rule, const happening *h)
{
    sb_partner_tally partners[2];
    sb_tally of_none = {.seats = 0};
    if (rule == NULL)
        return true;
    for (int g = 0; g < GROUPS; g++) {
        sb_tally t = tally_of(&h->part[2 * g], p->both[g]);
        if (p->owner[g] == side) {
            sb_tally more = tally_of(&h->part[2 * g + 1], p->only[g]);
            tally_add(&t, &more);
        }
        if (g < 2)
            partners[g] = (sb_partner_tally){.id = p->groups[side][g].id, .tally = t};
        else
            of_none = t;
    }
    return rule_holds_on(rule, partners, 2, &of_none);
}

/* As differ.h says it: 0 where the sides agree. `alone`: a and b are groups of their own. */
static uint32_t rank_of(const pair *p, const bool alone[2], const happening *h)
{
    uint32_t present = 0, cast = 0, only = 0, cast_in[GROUPS] = {0}, seats[GROUPS] = {0};
    if (side_holds(p, 0, p->sides[0].rule, h) == side_holds(p, 1, p->sides[1].rule, h))
        return 0;
    for (int i = 0; i < PARTS; i++) {
        int g = i / 2 < 2 && alone[i / 2] ? i / 2 : 2;
        uint32_t votes = (uint32_t)h->part[i].for_ + h->part[i].against;
        present += h->part[i].present;
        only |= i % 2 == 1 && h->part[i].present > 0;
        cast += votes;
        cast_in[g] += votes;
        seats[g] += i % 2 ? p->only[i / 2] : p->both[i / 2];
    }
    bool silent_group = false;
    for (int g = 0; g < GROUPS; g++)
        silent_group = silent_group || (seats[g] > 0 && cast_in[g] == 0);
    if (p->rules[0].kind == SB_RULE_QUORUM)
        return only + (present > 0 ? 1 : 3);
    bool quorate =
        side_holds(p, 0, p->sides[0].quorum, h) && side_holds(p, 1, p->sides[1].quorum, h);
    return only + (cast == 0 ? 5 : silent_group ? 3 : 1) + (quorate ? 0 : 6);
}

static uint64_t size_of(const pair *p, const happening *h)
{
    uint64_t present = 0, voted = 0, abstain = 0, vacant = 0;
    for (int i = 0; i < PARTS; i++) {
        const sb_find_act *a = &h->part[i];
        present += a->present;
        voted += (uint32_t)a->for_ + a->against + a->abstain;
        abstain += a->abstain;
        vacant += (i % 2 ? p->only[i / 2] : p->both[i / 2]) - a->filled;
    }
    return present << 48 | voted << 32 | abstain << 16 | vacant;
}

typedef struct best {
    uint32_t rank;
    uint64_t size;
} best;

static void try_all(const pair *p, const bool alone[2], happening *h, int part, best *out)
{
    if (part == PARTS) {
        uint32_t rank = rank_of(p, alone, h);
        uint64_t size = size_of(p, h);
        if (rank != 0 &&
            (out->rank == 0 || rank < out->rank || (rank == out->rank && size < out->size)))
            *out = (best){rank, size};
        return;
    }
    uint32_t seats = part % 2 ? p->only[part / 2] : p->both[part / 2];
    sb_find_act *a = &h->part[part];
    for (uint32_t f = 0; f <= seats; f++)
        for (uint32_t n = 0; n <= f; n++)
            for (uint32_t x = 0; x <= n; x++)
                for (uint32_t y = 0; x + y <= n; y++)
                    for (uint32_t z = 0; x + y + z <= n; z++) {
                        *a = (sb_find_act){(uint16_t)f, (uint16_t)n, (uint16_t)x, (uint16_t)y,
                                           (uint16_t)z};
                        if (p->rules[0].kind == SB_RULE_QUORUM && x + y + z > 0)
                            continue; /* no rule counts votes */
                        try_all(p, alone, h, part + 1, out);
                    }
}

/* ---- the answer, as a happening ---- */

static bool counts_dissent(const char *text)
{
    return strstr(text, "against") || strstr(text, "cast") || strstr(text, "voted") ||
           strstr(text, "abstain");
}

/* The example's groups, put on partners: those of the rest in any order. */
static void example_of(const pair *p, const sb_differ_result *r, happening *out)
{
    memset(out, 0, sizeof *out);
    const sb_find_acts *rest = NULL;
    for (uint32_t i = 0; i < r->group_count; i++) {
        if (r->groups[i].is_rest) {
            rest = &r->example[i];
            continue;
        }
        int g = sb_slice_eq(r->groups[i].id, sb_slice_str("a")) ? 0 : 1;
        out->part[2 * g] = r->example[i].both;
        out->part[2 * g + 1] = r->example[i].only[p->owner[g]];
    }
    /* The rest is counted as a whole only: all of it on the seats of none will do. */
    if (rest != NULL) {
        out->part[4] = rest->both;
        out->part[5] = rest->only[p->owner[2]];
    }
}

/* Only where the rest is one partner or none apart can its seats be told; such cases are kept. */
static bool rest_is_simple(const pair *p, const sb_differ_result *r)
{
    for (int g = 0; g < 2; g++) {
        bool own = false;
        for (uint32_t i = 0; i < r->group_count; i++)
            own = own || sb_slice_eq(r->groups[i].id, p->groups[0][g].id);
        if (!own)
            return false;
    }
    return true;
}

static void check_example(const pair *p, const bool alone[2], const sb_differ_result *r,
                          const best *want, bool dissent, const char *texts)
{
    happening h;
    example_of(p, r, &h);
    if (side_holds(p, 0, p->sides[0].rule, &h) != r->held[0] ||
        side_holds(p, 1, p->sides[1].rule, &h) != r->held[1] || r->held[0] == r->held[1] ||
        side_holds(p, 0, p->sides[0].quorum, &h) != r->quorate[0] ||
        side_holds(p, 1, p->sides[1].quorum, &h) != r->quorate[1])
        fail_msg("the example isn't one: %s", texts);
    if (dissent && rank_of(p, alone, &h) != want->rank)
        fail_msg("rank %u, not %u: %s", rank_of(p, alone, &h), want->rank, texts);
    uint64_t size = size_of(p, &h);
    /* Where dissent isn't counted it is filled in for the reader; those present are the fewest. */
    if (dissent ? size != want->size : size >> 48 != want->size >> 48)
        fail_msg("size %llx, not %llx: %s", (unsigned long long)size_of(p, &h),
                 (unsigned long long)want->size, texts);
}

static void compare_one(pair *p, bool quorum, uint32_t seen[5])
{
    sb_buf text[4];
    sb_differ_result r;
    happening h;
    best want = {0};
    bool with_quorum = !quorum && pick(2), dissent = quorum;
    for (int i = 0; i < 4; i++)
        sb_buf_init(&text[i]);
    for (uint32_t s = 0; s < 2; s++) {
        random_rule(&text[s], quorum, "nobody", &p->rules[s]);
        random_rule(&text[2 + s], true, "nobody", &p->quorums[s]);
        p->sides[s] =
            (sb_differ_side){&p->rules[s], with_quorum ? &p->quorums[s] : NULL, &p->shapes[s]};
        dissent = dissent || counts_dissent(sb_buf_cstr(&text[s]));
    }
    sb_rule_differ(&arena, p->sides, &r);
    bool alone[2] = {false, false};
    for (uint32_t i = 0; i < r.group_count; i++)
        for (int g = 0; g < 2; g++)
            alone[g] = alone[g] || sb_slice_eq(r.groups[i].id, p->groups[0][g].id);
    try_all(p, alone, &h, 0, &want);
    uint32_t silent_from = quorum ? 3 : 5;
    sb_differ_verdict verdict = want.rank == 0            ? SB_DIFFER_SAME
                                : want.rank > 6           ? SB_DIFFER_UNQUORATE
                                : want.rank < silent_from ? SB_DIFFER_DIFFERS
                                                          : SB_DIFFER_SILENT;
    const char *texts =
        sb_arena_printf(&arena, "%s | %s | %s | %s", sb_buf_cstr(&text[0]), sb_buf_cstr(&text[1]),
                        sb_buf_cstr(&text[2]), sb_buf_cstr(&text[3]));
    if (r.verdict != verdict || r.quorum_left_out)
        fail_msg("verdict %d, not %d: %s", (int)r.verdict, (int)verdict, texts);
    if (want.rank != 0 && rest_is_simple(p, &r))
        check_example(p, alone, &r, &want, dissent, texts);
    seen[r.verdict]++;
    for (int i = 0; i < 4; i++)
        sb_buf_deinit(&text[i]);
}

static void difference_is_exact(void **state)
{
    (void)state;
    uint32_t seen[5] = {0};
    pick_seed = 20220120;
    for (int i = 0; i < 250; i++) {
        pair p;
        uint32_t seats = 0;
        bool quorum = pick(2);
        do {
            seats = 0;
            random_bodies(&p, pick(2));
            for (int g = 0; g < GROUPS; g++)
                seats += p.both[g] + p.only[g];
        } while (seats > (quorum ? 6 : 3));
        compare_one(&p, quorum, seen);
        sb_arena_reset(&arena);
    }
    print_message("same %u, unquorate %u, silent %u, differs %u\n", seen[0], seen[1], seen[2],
                  seen[3]);
    assert_true(seen[0] > 40 && seen[1] > 10 && seen[2] > 5 && seen[3] > 80);
}

/* ---- what people would expect ---- */

static const sb_rule *rule_of(const char *text)
{
    sb_rule *rule = SB_ARENA_NEW(&arena, sb_rule);
    parse_rule(text, rule);
    return rule;
}

static const sb_rule_group SSU[4] = {{.id = {(const uint8_t *)"unn", 3}, .seats = 6},
                                     {.id = {(const uint8_t *)"kommune", 7}, .seats = 6},
                                     {.id = {(const uint8_t *)"fastlege", 8}, .seats = 2},
                                     {.id = {(const uint8_t *)"bruker", 6}, .seats = 2}};
static const sb_rule_shape SSU_SHAPE = {.partners = SSU, .partner_count = 4};
#define SSU_QUORUM                                                                                 \
    "quorum each partner in (unn, kommune, fastlege, bruker): present >= 1/2 of seats"

static sb_differ_result ssu(const char *before, const char *after, const char *quorum)
{
    const sb_rule *q = quorum != NULL ? rule_of(quorum) : NULL;
    const sb_differ_side sides[2] = {{before != NULL ? rule_of(before) : NULL, q, &SSU_SHAPE},
                                     {after != NULL ? rule_of(after) : NULL, q, &SSU_SHAPE}};
    sb_differ_result r;
    sb_rule_differ(&arena, sides, &r);
    return r;
}

static void ssu_by_hand(void **state)
{
    (void)state;
    sb_differ_result r = ssu(SSU_QUORUM, "quorum each partner: present >= 2/4 of seats", NULL);
    assert_int_equal(r.verdict, SB_DIFFER_SAME);
    /* Two of three may differ for a rule in the whole body: 8 of 16 there, not 3, 3, 1, 1. */
    r = ssu(SSU_QUORUM, "quorum each partner: present >= 2/3 of seats", NULL);
    assert_int_equal(r.verdict, SB_DIFFER_DIFFERS);
    assert_true(r.held[0] && !r.held[1] && r.group_count == 4);
    assert_int_equal(r.example[0].both.present, 3);
    assert_int_equal(r.example[1].both.present, 3);
    assert_int_equal(r.example[2].both.present, 1);
    /* 2/3 and 3/4 of those present come apart at nine, in a meeting with a quorum. */
    r = ssu("for >= 2/3 of present", "for >= 3/4 of present", SSU_QUORUM);
    uint32_t present = 0, for_ = 0, against = 0;
    assert_int_equal(r.verdict, SB_DIFFER_DIFFERS);
    for (uint32_t g = 0; g < r.group_count; g++) {
        present += r.example[g].both.present;
        for_ += r.example[g].both.for_;
        against += r.example[g].both.against;
    }
    assert_true(present == 9 && for_ == 6 && against == 3);
    /* Without votes alone: 0 is half of 0. */
    r = ssu("for >= 1/2 of cast and for >= 1/2 of cast", "for >= 1/2 of cast and for >= 1",
            SSU_QUORUM);
    assert_int_equal(r.verdict, SB_DIFFER_SILENT);
    /* Never in a meeting with a quorum. */
    r = ssu("for >= 1", "for >= 1 and present >= 8", SSU_QUORUM);
    assert_int_equal(r.verdict, SB_DIFFER_UNQUORATE);
    r = ssu("for >= 1", "for >= 1 and present >= 9", SSU_QUORUM);
    assert_int_equal(r.verdict, SB_DIFFER_DIFFERS);
    /* No quorum rule at all. */
    r = ssu(NULL, SSU_QUORUM, NULL);
    assert_int_equal(r.verdict, SB_DIFFER_DIFFERS);
    assert_true(r.held[0] && !r.held[1]);
    r = ssu(NULL, "quorum present >= 0", NULL);
    assert_int_equal(r.verdict, SB_DIFFER_SAME);
    r = ssu(NULL, NULL, NULL);
    assert_int_equal(r.verdict, SB_DIFFER_SAME);
    sb_arena_reset(&arena);
}

static void suffix_and_failure(void **state)
{
    (void)state;
    sb_differ_result r = ssu("for >= 1", "for >= 1 after discussion in an earlier meeting", NULL);
    assert_true(r.verdict == SB_DIFFER_SAME && r.discussion_differs && !sb_differ_is_same(&r));
    r = ssu("for >= 1", "for > 0 else no_consensus", NULL);
    assert_true(r.verdict == SB_DIFFER_SAME && r.failure_differs && !sb_differ_is_same(&r));
    r = ssu("for >= 1 else fallen", "for > 0", NULL);
    assert_true(sb_differ_is_same(&r));
    sb_arena_reset(&arena);
}

/* A partner gets two more seats: the six are in both, the others in the new body alone. */
static void more_seats(void **state)
{
    (void)state;
    sb_rule_group groups[4];
    memcpy(groups, SSU, sizeof groups);
    groups[0].seats = 8;
    const sb_rule_shape wider = {.partners = groups, .partner_count = 4};
    const sb_rule *rule = rule_of(SSU_QUORUM);
    const sb_differ_side sides[2] = {{rule, NULL, &SSU_SHAPE}, {rule, NULL, &wider}};
    sb_differ_result r;
    sb_rule_differ(&arena, sides, &r);
    assert_int_equal(r.verdict, SB_DIFFER_DIFFERS);
    assert_true(r.held[0] && !r.held[1]); /* 3 of 6, and 3 of 8 */
    assert_true(r.groups[0].both == 6 && r.groups[0].only[1] == 2 && r.groups[0].only[0] == 0);
    assert_true(r.example[0].both.present == 3 && r.example[0].only[1].present == 0);
    sb_arena_reset(&arena);
}

/* A large body is refused, not guessed; 64 seats of 8 partners are not large. */
static void bounds(void **state)
{
    (void)state;
    static const char *const IDS[8] = {"p0", "p1", "p2", "p3", "p4", "p5", "p6", "p7"};
    sb_rule_group groups[8];
    sb_rule_shape shape = {.partners = groups, .partner_count = 8};
    for (int i = 0; i < 8; i++)
        groups[i] = (sb_rule_group){.id = sb_slice_str(IDS[i]), .seats = 8};
    const sb_rule *quorum = rule_of("quorum each partner: present >= 1/2 of seats");
    sb_differ_side sides[2] = {
        {rule_of("each partner: for > 1/2 of cast and for >= 2/3 of present"), quorum, &shape},
        {rule_of("at least 7 partners: for > 1/2 of cast and for >= 2/3 of present"), quorum,
         &shape}};
    sb_differ_result r;
    sb_rule_differ(&arena, sides, &r);
    assert_int_equal(r.verdict, SB_DIFFER_DIFFERS);
    assert_false(r.quorum_left_out);
    shape.free_seats = 9000;
    sides[0].rule = rule_of("for > 1/2 of cast");
    sides[1].rule = rule_of("for > 1/2 of voted");
    sb_rule_differ(&arena, sides, &r);
    assert_int_equal(r.verdict, SB_DIFFER_NOT_SEARCHED);
    sb_arena_reset(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(difference_is_exact),
        cmocka_unit_test(ssu_by_hand),
        cmocka_unit_test(suffix_and_failure),
        cmocka_unit_test(more_seats),
        cmocka_unit_test(bounds),
    };
    return cmocka_run_group_tests(tests, rules_setup, rules_teardown);
}
