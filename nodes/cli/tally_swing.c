#include "nodes/cli/tally_swing.h"

#include "nodes/cli/rules_words.h"
#include "proto/rules/swing.h"
#include "proto/text/text.h"

enum { SHOWN_WAYS = 5, SHOWN_SEATS = 8, CATEGORIES = 4 };

typedef enum change { ARRIVALS, DEPARTURES, VOTES } change;

typedef struct telling {
    sb_cli *cli;
    const sb_column *column;
    sb_rule_shape shape;
    sb_swing_now now;
    change change;
    const sb_swing *swing;
} telling;

/* ---- as the search wants it ---- */

static sb_tally without(const sb_tally *all, const sb_tally *some)
{
    sb_tally t = {.seats = all->seats - some->seats,
                  .filled = all->filled - some->filled,
                  .present = all->present - some->present};
    t.eligible = t.present;
    sb_tally_votes(&t, all->for_ - some->for_, all->against - some->against,
                   all->abstain - some->abstain);
    return t;
}

/* The place of a seat's partner in the shape; past the last: of none. */
static uint32_t place_of(const telling *t, const sb_tally_seat *s)
{
    uint32_t i = 0;
    while (i < t->shape.partner_count && !sb_slice_eq(t->shape.partners[i].id, s->partner))
        i++;
    return i;
}

static bool may_come(const sb_tally_seat *s)
{
    return s->filled && s->presence == SB_TALLY_ABSENT;
}

static void prepare(telling *t, const sb_rule_shape *names)
{
    sb_arena *a = &t->cli->arena;
    const sb_rule_input *in = &t->column->counts;
    const sb_tally_case *votes = t->column->votes;
    uint32_t n = in->partner_count;
    sb_rule_group *groups = SB_ARENA_ARRAY(a, sb_rule_group, n);
    sb_tally *tallies = SB_ARENA_ARRAY(a, sb_tally, n + 1);
    uint32_t *coming = SB_ARENA_ARRAY(a, uint32_t, n + 1);
    tallies[n] = in->total;
    for (uint32_t i = 0; i < n; i++) {
        groups[i] = (sb_rule_group){
            .id = in->partners[i].id,
            .name = sb_slice_str(sb_partner_words(t->cli, names, in->partners[i].id)),
            .seats = in->partners[i].tally.seats};
        tallies[i] = in->partners[i].tally;
        tallies[n] = without(&tallies[n], &tallies[i]);
    }
    t->shape = (sb_rule_shape){groups, n, tallies[n].seats};
    for (uint32_t i = 0; i < votes->count; i++)
        coming[place_of(t, &votes->seats[i])] += may_come(&votes->seats[i]);
    t->now = (sb_swing_now){.shape = &t->shape, .tallies = tallies, .may_come = coming};
}

/* ---- which seats ---- */

static uint32_t category(const sb_tally_seat *s)
{
    switch (s->vote) {
    case SB_TALLY_FOR:
        return 0;
    case SB_TALLY_AGAINST:
        return 1;
    case SB_TALLY_ABSTAIN:
        return 2;
    case SB_TALLY_NO_BALLOT:
        return 3;
    }
    return 3;
}

/* How many of each category fewer (more) than now: for, against, abstain, no ballot. */
typedef struct moves {
    uint32_t fewer[CATEGORIES], more[CATEGORIES];
} moves;

static moves moves_of(const sb_tally *before, const sb_find_act *after)
{
    const uint32_t was[CATEGORIES] = {before->for_, before->against, before->abstain,
                                      before->present - before->voted};
    const uint32_t is[CATEGORIES] = {after->for_, after->against, after->abstain,
                                     (uint32_t)after->present - after->for_ - after->against -
                                         after->abstain};
    moves m = {{0}, {0}};
    for (int i = 0; i < CATEGORIES; i++) {
        m.fewer[i] = was[i] > is[i] ? was[i] - is[i] : 0;
        m.more[i] = is[i] > was[i] ? is[i] - was[i] : 0;
    }
    return m;
}

/* May this seat be one of those that act in group g? */
static bool is_candidate(const telling *t, uint32_t g, const moves *m, const sb_tally_seat *s)
{
    if ((t->swing->groups[g].members >> place_of(t, s) & 1) == 0)
        return false;
    switch (t->change) {
    case ARRIVALS:
        return may_come(s);
    case DEPARTURES:
        return sb_tally_no_say(s) == NULL;
    case VOTES:
        return sb_tally_no_say(s) == NULL && m->fewer[category(s)] > 0;
    }
    return false;
}

/* " (unn-1 eller unn-2)", " (unn-1 og unn-2)" where all of them must, " (blant …)" */
static const char *candidates(const telling *t, uint32_t g, const moves *m, uint32_t number)
{
    sb_cli *cli = t->cli;
    const sb_tally_case *v = t->column->votes;
    const char *names[SHOWN_SEATS];
    uint32_t count = 0;
    for (uint32_t i = 0; i < v->count; i++)
        if (is_candidate(t, g, m, &v->seats[i])) {
            if (count < SHOWN_SEATS)
                names[count] = sb_arena_str(&cli->arena, v->seats[i].id);
            count++;
        }
    uint32_t shown = count < SHOWN_SEATS ? count : SHOWN_SEATS;
    const char *last = count == number ? sb_cli_either(cli, " og ", " and ")
                       : number == 1   ? sb_cli_either(cli, " eller ", " or ")
                                       : ", ";
    const char *text = "";
    for (uint32_t i = 0; i < shown; i++)
        text = sb_arena_printf(&cli->arena, "%s%s%s", text,
                               i == 0                             ? ""
                               : i + 1 == shown && shown == count ? last
                                                                  : ", ",
                               names[i]);
    return sb_arena_printf(&cli->arena, " (%s%s%s)",
                           number > 1 && count > number ? sb_cli_either(cli, "blant ", "among ")
                                                        : "",
                           text, count > shown ? ", …" : "");
}

/* ---- words ---- */

/* "2 som stemte for og 1 som avsto" */
static const char *sources(sb_cli *cli, const moves *m)
{
    const char *const WORDS[CATEGORIES] = {
        sb_cli_either(cli, "som stemte for", "who voted for"),
        sb_cli_either(cli, "som stemte mot", "who voted against"),
        sb_cli_either(cli, "som avsto", "who abstained"),
        sb_cli_either(cli, "som ikke stemte", "who didn't vote")};
    const char *items[CATEGORIES];
    size_t count = 0;
    for (int i = 0; i < CATEGORIES; i++)
        if (m->fewer[i] > 0)
            items[count++] = sb_arena_printf(&cli->arena, "%u %s", m->fewer[i], WORDS[i]);
    return sb_words_and(cli, items, count);
}

/* ", stemmer mot"; "; 2 stemmer mot og 1 avstår" */
static const char *targets(sb_cli *cli, const moves *m, uint32_t number)
{
    const char *const ONE[3] = {sb_cli_either(cli, "stemmer for", "votes for"),
                                sb_cli_either(cli, "stemmer mot", "votes against"),
                                sb_cli_either(cli, "avstår", "abstains")};
    const char *const MANY[3] = {sb_cli_either(cli, "stemmer for", "vote for"),
                                 sb_cli_either(cli, "stemmer mot", "vote against"),
                                 sb_cli_either(cli, "avstår", "abstain")};
    const char *items[3];
    size_t count = 0;
    for (int i = 0; i < 3; i++)
        if (m->more[i] == number)
            return sb_arena_printf(&cli->arena, ", %s", number == 1 ? ONE[i] : MANY[i]);
        else if (m->more[i] > 0)
            items[count++] = sb_arena_printf(&cli->arena, "%u %s", m->more[i],
                                             m->more[i] == 1 ? ONE[i] : MANY[i]);
    return sb_arena_printf(&cli->arena, sb_cli_either(cli, ": så %s", ": then %s"),
                           sb_words_and(cli, items, count));
}

/* What changes in a group; 0: nothing. */
static uint32_t number_of(const telling *t, uint32_t g, const sb_find_act *after, moves *m)
{
    const sb_tally *before = &t->swing->before[g];
    uint32_t number = 0;
    *m = moves_of(before, after);
    if (t->change != VOTES)
        return after->present > before->present ? after->present - before->present
                                                : before->present - after->present;
    for (int i = 0; i < 3; i++)
        number += m->more[i];
    return number;
}

static const char *group_way(const telling *t, uint32_t g, const moves *m, uint32_t number)
{
    sb_cli *cli = t->cli;
    const sb_find_group *group = &t->swing->groups[g];
    const char *name = sb_words_group(cli, group), *who = candidates(t, g, m, number);
    if (t->change == VOTES)
        return sb_arena_printf(&cli->arena, "%s%s%s%s%s", group->is_whole ? "" : name,
                               group->is_whole ? "" : ": ", sources(cli, m),
                               targets(cli, m, number), who);
    if (group->is_whole)
        return sb_arena_printf(&cli->arena, sb_cli_either(cli, "%u hvem som helst%s", "any %u%s"),
                               number, who);
    return sb_arena_printf(&cli->arena, sb_cli_either(cli, "%u fra %s%s", "%u from %s%s"), number,
                           name, who);
}

static void say_way(const telling *t, const sb_find_acts *way)
{
    const char *items[SB_FIND_GROUPS_MAX];
    size_t count = 0;
    moves m;
    for (uint32_t g = 0; g < t->swing->group_count; g++) {
        uint32_t number = number_of(t, g, &way[g].both, &m);
        if (number > 0)
            items[count++] = group_way(t, g, &m, number);
    }
    if (t->change != VOTES) {
        sb_cli_say(t->cli, "  %s", sb_words_and(t->cli, items, count));
        return;
    }
    for (size_t i = 0; i < count; i++)
        sb_cli_say(t->cli, "  %s%s", i > 0 ? sb_cli_either(t->cli, "  og ", "  and ") : "",
                   items[i]);
}

/* ---- the answer ---- */

static void put_number(sb_json *j, const char *key, uint64_t number)
{
    sb_json_key(j, key);
    sb_json_u64(j, number);
}

static void put_counts(sb_json *j, const char *key, uint32_t present, uint32_t for_,
                       uint32_t against, uint32_t abstain)
{
    sb_json_key(j, key);
    sb_json_object(j);
    put_number(j, "present", present);
    put_number(j, "for", for_);
    put_number(j, "against", against);
    put_number(j, "abstain", abstain);
    sb_json_end_object(j);
}

static void put_way(const telling *t, const sb_find_acts *way)
{
    sb_json *j = &t->cli->json;
    const sb_tally_case *v = t->column->votes;
    moves m;
    sb_json_array(j);
    for (uint32_t g = 0; g < t->swing->group_count; g++) {
        const sb_find_act *a = &way[g].both;
        const sb_tally *b = &t->swing->before[g];
        uint32_t number = number_of(t, g, a, &m);
        if (number == 0)
            continue;
        sb_json_object(j);
        sb_json_key(j, "partner");
        if (t->swing->groups[g].is_rest)
            sb_json_null(j);
        else
            sb_json_str(j, t->swing->groups[g].id);
        put_number(j, "seats", number);
        put_counts(j, "before", b->present, b->for_, b->against, b->abstain);
        put_counts(j, "after", a->present, a->for_, a->against, a->abstain);
        sb_json_key(j, "among");
        sb_json_array(j);
        for (uint32_t i = 0; i < v->count; i++)
            if (is_candidate(t, g, &m, &v->seats[i]))
                sb_json_str(j, v->seats[i].id);
        sb_json_end_array(j);
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
}

static void put(const telling *t, const char *key)
{
    sb_json *j = &t->cli->json;
    const sb_swing *s = t->swing;
    sb_json_key(j, key);
    if (s == NULL || !s->is_exact) {
        sb_json_null(j);
        return;
    }
    sb_json_object(j);
    sb_json_key(j, "seats");
    if (s->found)
        sb_json_u64(j, s->seats);
    else
        sb_json_null(j);
    sb_json_key(j, "ways");
    sb_json_cstr(j, sb_arena_printf(&t->cli->arena, "%llu", (unsigned long long)s->ways));
    sb_json_key(j, "first");
    sb_json_array(j);
    for (uint32_t i = 0; i < s->list_count; i++)
        put_way(t, s->list[i]);
    sb_json_end_array(j);
    sb_json_end_object(j);
}

/* All that change in a group come to vote the same: told before mixtures. */
static bool is_plain(const telling *t, const sb_find_acts *way)
{
    moves m;
    for (uint32_t g = 0; g < t->swing->group_count; g++) {
        uint32_t number = number_of(t, g, &way[g].both, &m);
        if (number > 0 && t->change == VOTES && m.more[0] != number && m.more[1] != number &&
            m.more[2] != number)
            return false;
    }
    return true;
}

static uint64_t say_ways(const telling *t, bool plain)
{
    uint64_t shown = 0;
    const uint32_t most = t->swing->seats > SHOWN_WAYS ? 2 : SHOWN_WAYS; /* long ones: fewer */
    for (uint32_t i = 0; i < t->swing->list_count && shown < most; i++)
        if (!plain || is_plain(t, t->swing->list[i])) {
            say_way(t, t->swing->list[i]);
            shown++;
        }
    return shown;
}

static void say(const telling *t, const char *heading, const char *never)
{
    sb_cli *cli = t->cli;
    const sb_swing *s = t->swing;
    if (!s->is_exact) {
        sb_cli_say(
            cli, "%s",
            sb_cli_either(cli, "Organet eller regelen er for stor til å regne ut hva som skal til.",
                          "The body or the rule is too large to work out what it takes."));
        return;
    }
    if (!s->found) {
        sb_cli_say(cli, "%s", never);
        return;
    }
    sb_cli_say(cli, "%s", heading);
    uint64_t shown = say_ways(t, true);
    if (shown == 0)
        shown = say_ways(t, false);
    if (s->ways == shown + 1)
        sb_cli_say(cli, "%s",
                   sb_cli_either(cli, "  … eller på én annen måte", "  … or in one other way"));
    else if (s->ways > shown)
        sb_cli_say(cli,
                   sb_cli_either(cli, "  … eller på %llu andre måter", "  … or in %llu other ways"),
                   (unsigned long long)(s->ways - shown));
}

/* ---- the three questions ---- */

static const char *so_many(sb_cli *cli, uint32_t number)
{
    return number == 1 ? sb_cli_either(cli, "én", "1") : sb_arena_printf(&cli->arena, "%u", number);
}

static void tell_quorum(telling *t)
{
    sb_cli *cli = t->cli;
    const sb_column *c = t->column;
    sb_swing swing;
    t->swing = NULL;
    t->change = c->quorate ? ARRIVALS : DEPARTURES;
    put(t, c->quorate ? "arrivals" : "departures"); /* not asked */
    if (c->quorum_rule == NULL) {
        put(t, "departures");
        return;
    }
    t->now.rule = c->quorum_rule;
    t->swing = &swing;
    if (c->quorate) {
        t->change = DEPARTURES;
        sb_swing_departures(&cli->arena, &t->now, &swing);
        say(t,
            sb_arena_printf(
                &cli->arena,
                sb_cli_either(cli, "Møtet er ikke lenger beslutningsdyktig om %s går:",
                              "The meeting has no quorum any more when at least %s leave:"),
                so_many(cli, swing.seats)),
            sb_cli_either(cli, "Møtet er beslutningsdyktig uansett hvor mange som går.",
                          "The meeting has a quorum however many leave."));
        put(t, "departures");
        return;
    }
    t->change = ARRIVALS;
    sb_swing_arrivals(&cli->arena, &t->now, &swing);
    say(t,
        sb_arena_printf(&cli->arena,
                        sb_cli_either(cli, "Møtet blir beslutningsdyktig om %s til kommer:",
                                      "The meeting has a quorum when at least %s more come:"),
                        so_many(cli, swing.seats)),
        sb_cli_either(cli,
                      "Møtet kan ikke bli beslutningsdyktig, selv om alle som er borte, kommer.",
                      "The meeting can't have a quorum even if all who are away come."));
    put(t, "arrivals");
}

/* Why votes alone change nothing; NULL: they may. */
static const char *no_vote_helps(const telling *t)
{
    const sb_column *c = t->column;
    sb_cli *cli = t->cli;
    if (c->pass_rule == NULL)
        return "";
    if (!c->quorate)
        return sb_cli_either(
            cli, "Så lenge møtet ikke er beslutningsdyktig, endrer ingen stemme utfallet.",
            "While the meeting has no quorum, no vote changes the outcome.");
    if (c->pass.result.discussion_missing)
        return sb_cli_either(
            cli, "Saken er ikke drøftet i et tidligere møte, og da endrer ingen stemme utfallet.",
            "The case was not discussed in an earlier meeting, so no vote changes the outcome.");
    if (c->by_consensus && !c->has_ballots)
        return c->has_objections
                   ? ""
                   : sb_cli_either(
                         cli,
                         "Én innvending fra noen som er til stede, er nok til at det må stemmes.",
                         "One objection by somebody present is enough to make a vote necessary.");
    return NULL;
}

static void tell_votes(telling *t)
{
    sb_cli *cli = t->cli;
    const sb_column *c = t->column;
    const char *why = no_vote_helps(t);
    sb_swing swing;
    t->swing = NULL;
    t->change = VOTES;
    if (why != NULL) {
        if (why[0] != '\0')
            sb_cli_say(cli, "%s", why);
        put(t, "votes");
        return;
    }
    t->now.rule = c->pass_rule;
    t->swing = &swing;
    sb_swing_votes(&cli->arena, &t->now, &swing);
    uint32_t other = 1; /* adopted */
    if (c->pass.result.formula_held)
        (void)sb_text_parse(SB_TEXT_OUTCOME,
                            sb_slice_str(sb_rule_failure_code(c->pass_rule->failure)), &other);
    say(t,
        sb_arena_printf(&cli->arena,
                        sb_cli_either(cli, "Utfallet blir «%s» om %s stemmer annerledes:",
                                      "The outcome is \"%s\" when at least %s vote otherwise:"),
                        sb_text_word(SB_TEXT_OUTCOME, other, cli->lang), so_many(cli, swing.seats)),
        sb_cli_either(cli, "Ingen endring i stemmene til dem som er til stede, endrer utfallet.",
                      "No change in the votes of those present changes the outcome."));
    put(t, "votes");
}

void sb_tally_swings(sb_cli *cli, const sb_column *column, const sb_rule_shape *names)
{
    telling t = {.cli = cli, .column = column};
    prepare(&t, names);
    tell_quorum(&t);
    tell_votes(&t);
}
