/* The bounded scenarios. Each is clean under the rules; model_mistakes_test says in which of them each
 * planted mistake is found. Organisation 3 lies, unless said otherwise. */
#include "tests/model/model.h"

#include <string.h>

#define LIAR 8

static void does(const sb_cfg *cfg, sb_state *state, uint8_t org, uint8_t cosigned)
{
    sb_view view;
    sb_model_view(cfg, state, cfg->liars, &view);
    sb_model_cosign(cfg, state, &view, org, cosigned);
}

static void vows(const sb_cfg *cfg, sb_state *state, uint8_t org, uint8_t term)
{
    sb_view view;
    sb_model_view(cfg, state, cfg->liars, &view);
    sb_model_promise(cfg, state, &view, org, term);
}

/* Term 1 got two entries certified that term 2, made without them, knows nothing of. */
static void two_lines(const sb_cfg *cfg, sb_state *state)
{
    uint8_t entry = sb_model_append(state, 0, SB_LEAF_ENTRY, 0, 0);
    uint8_t longer = sb_model_append(state, entry, SB_LEAF_ENTRY, 0, 0);
    does(cfg, state, 0, longer);
    does(cfg, state, 1, longer);
    vows(cfg, state, 1, 2);
    vows(cfg, state, 2, 2);
    does(cfg, state, 1, sb_model_append(state, 0, SB_LEAF_HANDOVER, 0, 2));
}

/* A head certified in term 1, and another in term 2, which was made without it. */
static void late_win(const sb_cfg *cfg, sb_state *state)
{
    uint8_t entry = sb_model_append(state, 0, SB_LEAF_ENTRY, 0, 0);
    does(cfg, state, 0, entry);
    does(cfg, state, 1, entry);
    vows(cfg, state, 0, 2);
    vows(cfg, state, 2, 2);
    uint8_t other = sb_model_append(state, 0, SB_LEAF_HANDOVER, 0, 2);
    does(cfg, state, 0, other);
    does(cfg, state, 1, other);
}

/* A change of policy that both have confirmed, and whose SEAL some have. */
static void under_way(const sb_cfg *cfg, sb_state *state)
{
    uint8_t change = sb_model_append(state, 0, SB_LEAF_CHANGE, 1, 0);
    does(cfg, state, 0, change);
    does(cfg, state, 1, change);
    uint8_t seal = sb_model_append(state, change, SB_LEAF_SEAL, 1, 0);
    does(cfg, state, 0, seal);
    does(cfg, state, 4, seal);
}

/* The first of two changes is done but for some that have not seen it; the second is asked for. */
static void second_change(const sb_cfg *cfg, sb_state *state)
{
    uint8_t change = sb_model_append(state, 0, SB_LEAF_CHANGE, 1, 0);
    uint8_t seal = sb_model_append(state, change, SB_LEAF_SEAL, 1, 0);
    does(cfg, state, 0, seal);
    does(cfg, state, 1, seal);
    uint8_t done = sb_model_append(state, seal, SB_LEAF_SEAL, 2, 0);
    does(cfg, state, 4, done);
    does(cfg, state, 0, sb_model_append(state, done, SB_LEAF_CHANGE, 2, 0));
}

/* clang-format off */
static const sb_cfg scenarios[] = {
    {.name = "small", .words = "2 terms, 5 leaves, each leaf twice",
     .orgs = 4, .liars = LIAR, .policy = {0xf}, .terms = 2, .nodes = 5, .entries = 2, .twins = 2,
     .live = true, .keeps = true},
    {.name = "seven", .words = "7 organisations of which 2 lie, 2 terms",
     .orgs = 7, .liars = 0x60, .policy = {0x7f}, .terms = 2, .nodes = 3, .entries = 2, .twins = 2,
     .live = true, .keeps = true},
    {.name = "rekey", .words = "each organisation may get a new witness key",
     .orgs = 4, .liars = LIAR, .policy = {0xf}, .terms = 2, .nodes = 4, .entries = 2, .twins = 2,
     .rekey = true},
    {.name = "lossy", .words = "crashes between storing and sending; SEALs learned without cosigning",
     .orgs = 4, .liars = LIAR, .policy = {0xf}, .terms = 2, .nodes = 3, .entries = 1, .twins = 2,
     .lossy = true, .hold = true, .live = true},
    {.name = "three-terms", .words = "3 terms, 4 leaves",
     .orgs = 4, .liars = LIAR, .policy = {0xf}, .terms = 3, .nodes = 4, .entries = 1, .twins = 1,
     .live = true, .keeps = true},
    {.name = "two-lines", .words = "3 terms; starts with two lines, the shorter of the higher term",
     .orgs = 4, .liars = LIAR, .policy = {0xf}, .terms = 3, .nodes = 5, .entries = 2, .twins = 2,
     .live = true, .start = two_lines},
    {.name = "late-win", .words = "4 terms; starts with a certified head in each of two",
     .orgs = 4, .liars = LIAR, .policy = {0xf}, .terms = 4, .nodes = 4, .entries = 1, .twins = 1,
     .start = late_win},
    {.name = "change", .words = "organisation 2 is replaced by 4, across 2 terms",
     .orgs = 5, .liars = LIAR, .policy = {0xf, 0x1b}, .changes = 1, .terms = 2, .nodes = 4,
     .entries = 0, .twins = 1, .withdraw = true, .live = true},
    {.name = "change-short", .words = "the same without withdrawal",
     .orgs = 5, .liars = LIAR, .policy = {0xf, 0x1b}, .changes = 1, .terms = 2, .nodes = 4,
     .entries = 0, .twins = 1, .live = true},
    {.name = "change-terms", .words = "the same from the SEAL on, across 3 terms",
     .orgs = 5, .liars = LIAR, .policy = {0xf, 0x1b}, .changes = 1, .terms = 3, .nodes = 3,
     .entries = 0, .twins = 1, .live = true, .start = under_way},
    {.name = "change-deep", .words = "the same with a leaf more",
     .orgs = 5, .liars = LIAR, .policy = {0xf, 0x1b}, .changes = 1, .terms = 3, .nodes = 4,
     .entries = 0, .twins = 1, .start = under_way},
    {.name = "change-twice", .words = "2 was replaced by 4, and 1 is to be by 5",
     .orgs = 6, .liars = LIAR, .policy = {0xf, 0x1b, 0x39}, .changes = 2, .terms = 2, .nodes = 5,
     .entries = 0, .twins = 1, .live = true, .start = second_change},
    {.name = "change-add", .words = "organisation 4 is added",
     .orgs = 5, .liars = LIAR, .policy = {0xf, 0x1f}, .changes = 1, .terms = 2, .nodes = 4,
     .entries = 0, .twins = 1, .live = true},
    {.name = "change-liar", .words = "the liar 3 is replaced by the liar 4",
     .orgs = 5, .liars = 0x18, .policy = {0xf, 0x17}, .changes = 1, .terms = 2, .nodes = 4,
     .entries = 0, .twins = 1, .withdraw = true, .live = true},
    {.name = "change-dead", .words = "2 of the 4 new organisations are never there: it is withdrawn",
     .orgs = 6, .liars = LIAR, .dead = 0x30, .policy = {0xf, 0x33}, .changes = 1, .terms = 2,
     .nodes = 4, .entries = 0, .twins = 1, .withdraw = true, .live = true},
    {.name = "honest", .words = "honest brokers that get lost, 2 terms, a liar: all becomes final",
     .orgs = 4, .liars = LIAR, .policy = {0xf}, .terms = 2, .keys = 1, .submitted = 1,
     .honest = true},
    {.name = "honest-three", .words = "3 terms; organisation 3 is silent; messages get lost",
     .orgs = 4, .dead = LIAR, .policy = {0xf}, .terms = 3, .keys = 1, .submitted = 1,
     .honest = true},
    {.name = "honest-split", .words = "the same with two standbys asking for term 2",
     .orgs = 4, .dead = LIAR, .policy = {0xf}, .terms = 3, .keys = 2, .submitted = 0,
     .honest = true},
    {.name = "honest-change", .words = "the same with a change of organisations, 2 terms",
     .orgs = 5, .dead = LIAR, .policy = {0xf, 0x1b}, .changes = 1, .terms = 2, .keys = 1,
     .honest = true},
};
/* clang-format on */

const sb_cfg *sb_model_scenarios(size_t *count)
{
    *count = sizeof scenarios / sizeof *scenarios;
    return scenarios;
}

const sb_cfg *sb_model_scenario(const char *name)
{
    for (size_t i = 0; i < sizeof scenarios / sizeof *scenarios; i++)
        if (!strcmp(scenarios[i].name, name))
            return &scenarios[i];
    return NULL;
}

static const char *const names[] = {
#define M(id, name, words) name,
    SB_MODEL_MISTAKES(M)
#undef M
};
static const char *const said[] = {
#define M(id, name, words) words,
    SB_MODEL_MISTAKES(M)
#undef M
};

const char *sb_model_mistake_name(sb_mistake mistake)
{
    return names[mistake];
}

const char *sb_model_mistake_words(sb_mistake mistake)
{
    return said[mistake];
}
