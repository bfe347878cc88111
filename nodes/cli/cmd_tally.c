/* samband tally: how a question comes out, and what it would come to with other rules or votes.
 * Nothing is entered in the log. */
#include <strings.h>

#include "nodes/cli/inside.h"
#include "nodes/cli/rules_pick.h"
#include "nodes/cli/rules_words.h"
#include "nodes/cli/tally_base.h"
#include "nodes/cli/tally_swing.h"

static const sb_arg_position TALLY_POSITION[] = {{.name = "SAK", .is_optional = true},
                                                 {.name = NULL}};

static const sb_arg_option TALLY_OPTIONS[] = {
    {.name = "what-if",
     .nb = "fortell også hva som skal til for et annet utfall",
     .en = "tell also what it takes for another outcome"},
    {.name = "input",
     .value = "FIL",
     .nb = "plasser, fremmøte og stemmer som JSON i stedet for en sak",
     .en = "seats, attendance and votes as JSON instead of a case"},
    {.name = "rule",
     .value = "REGEL",
     .nb = "en annen regel for vedtak, eller for beslutningsdyktighet («quorum …»); med --input er "
           "den første regelen den som gjelder",
     .en = "another rule for decisions, or for the quorum (\"quorum …\"); with --input the first "
           "one is the rule in force",
     .may_repeat = true},
    {.name = "rules-of",
     .value = "FIL",
     .nb = "reglene i andre vedtekter",
     .en = "the rules of another charter"},
    {.name = "body",
     .value = "ORGAN",
     .nb = "organet i de andre vedtektene (ellers det samme)",
     .en = "the body of the other charter (else the same one)"},
    {.name = "vote",
     .value = "PLASS=STEMME",
     .nb = "en annen stemme: for, mot, avstår eller ingen",
     .en = "another vote: for, against, abstain or none",
     .may_repeat = true},
    {.name = "attend",
     .value = "PLASS=FREMMØTE",
     .nb = "et annet fremmøte: fast, vara, borte eller inhabil",
     .en = "another attendance: primary, deputy, absent or disqualified",
     .may_repeat = true},
    SB_OPTION_END};

typedef struct what_if {
    sb_tally_base base;
    const sb_rule *quorum, *pass; /* of the other column */
    sb_tally_case votes;
    sb_tally_seat *seats;
    bool other_rules, other_votes;
    bool taken_as_for; /* those who agreed without a vote */
    sb_column columns[2];
    uint32_t column_count;
} what_if;

static bool same_rule(const sb_rule *a, const sb_rule *b)
{
    return a == b || (a != NULL && b != NULL && sb_rule_eq(a, b));
}

/* ---- other votes ---- */

typedef struct word_pair {
    const char *code, *nb;
} word_pair;

static const word_pair VOTE_WORDS[] = {
    {"none", "ingen"}, {"for", "for"}, {"against", "mot"}, {"abstain", "avstår"}, {NULL, NULL}};
static const word_pair PRESENCE_WORDS[] = {{"absent", "borte"},
                                           {"primary", "fast"},
                                           {"deputy", "vara"},
                                           {"disqualified", "inhabil"},
                                           {NULL, NULL}};

static const char *words_of(sb_cli *cli, const word_pair *list)
{
    const char *text = "";
    for (; list->code != NULL; list++)
        text = sb_arena_printf(&cli->arena, "%s%s%s", text, text[0] != '\0' ? ", " : "",
                               sb_cli_either(cli, list->nb, list->code));
    return text;
}

static sb_err no_seat(sb_cli *cli, const what_if *w, const char *name)
{
    const char *text = "";
    for (uint32_t i = 0; i < w->votes.count && strlen(text) < 100; i++)
        text = sb_arena_printf(&cli->arena, "%s%s%.*s", text, text[0] != '\0' ? ", " : "",
                               (int)w->seats[i].id.len, (const char *)w->seats[i].id.data);
    return sb_fail_set(&cli->fail, SB_E_CLI_WHAT_IF_SEAT, name, text, NULL);
}

/* "unn-1=mot" → the seat and the word's place in the list. */
static sb_err read_change(sb_cli *cli, const what_if *w, const char *option, const char *text,
                          const word_pair *list, sb_tally_seat **seat, uint32_t *word)
{
    const char *equals = strrchr(text, '=');
    *seat = NULL;
    *word = 0;
    while (equals != NULL && list[*word].code != NULL &&
           strcasecmp(equals + 1, list[*word].code) != 0 &&
           strcasecmp(equals + 1, list[*word].nb) != 0)
        ++*word;
    if (equals == NULL || list[*word].code == NULL)
        return sb_fail_set(&cli->fail, SB_E_CLI_WHAT_IF_WORD, option, text, words_of(cli, list),
                           NULL);
    sb_slice id = sb_slice_of(text, (size_t)(equals - text));
    for (uint32_t i = 0; i < w->votes.count; i++)
        if (sb_slice_eq(w->seats[i].id, id))
            *seat = &w->seats[i];
    return *seat != NULL ? SB_OK : no_seat(cli, w, sb_arena_str(&cli->arena, id));
}

static sb_err change_votes(sb_cli *cli, what_if *w)
{
    static const sb_tally_vote VOTES[] = {SB_TALLY_NO_BALLOT, SB_TALLY_FOR, SB_TALLY_AGAINST,
                                          SB_TALLY_ABSTAIN};
    static const sb_tally_presence PRESENCES[] = {SB_TALLY_ABSENT, SB_TALLY_PRIMARY,
                                                  SB_TALLY_DEPUTY, SB_TALLY_DISQUALIFIED};
    sb_tally_seat *seat;
    const char *text = NULL;
    uint32_t word;
    sb_err err = SB_OK;
    for (uint32_t i = 0; err == SB_OK && (text = sb_args_nth(cli->args, "attend", i)) != NULL;
         i++) {
        err = read_change(cli, w, "attend", text, PRESENCE_WORDS, &seat, &word);
        if (err != SB_OK)
            break;
        seat->presence = PRESENCES[word];
        seat->filled = seat->filled || seat->presence != SB_TALLY_ABSENT;
        w->other_votes = true;
    }
    for (uint32_t i = 0; err == SB_OK && (text = sb_args_nth(cli->args, "vote", i)) != NULL; i++) {
        err = read_change(cli, w, "vote", text, VOTE_WORDS, &seat, &word);
        if (err != SB_OK)
            break;
        seat->vote = VOTES[word];
        w->other_votes = true;
    }
    return err;
}

static bool any_ballot(const sb_tally_case *c)
{
    for (uint32_t i = 0; i < c->count; i++)
        if (c->seats[i].vote != SB_TALLY_NO_BALLOT)
            return true;
    return false;
}

/* Who agreed without a vote is for, once a rule or a vote asks. */
static void take_as_for(sb_cli *cli, what_if *w)
{
    bool votes = sb_args_nth(cli->args, "vote", 0) != NULL,
         rule = !same_rule(w->pass, w->base.pass);
    if (!w->base.by_consensus || any_ballot(&w->base.votes) || (!votes && !rule))
        return;
    for (uint32_t i = 0; i < w->votes.count; i++) {
        sb_tally_seat *s = &w->seats[i];
        if (s->vote == SB_TALLY_NO_BALLOT && sb_tally_no_say(s) == NULL) {
            s->vote = s->objects ? SB_TALLY_AGAINST : SB_TALLY_FOR;
            w->taken_as_for = true;
        }
    }
}

/* ---- other rules ---- */

static void take_rule(what_if *w, const sb_rule *rule, bool as_is)
{
    if (rule->kind == SB_RULE_QUORUM)
        w->quorum = rule;
    else
        w->pass = rule;
    if (as_is && rule->kind == SB_RULE_QUORUM)
        w->base.quorum = rule;
    else if (as_is)
        w->base.pass = rule;
}

/* From a file the first rule of each kind is how it is; then what follows is "what if". */
static sb_err change_rules(sb_cli *cli, what_if *w)
{
    const char *text = NULL, *path = sb_args_value(cli->args, "rules-of");
    bool from_file = w->base.body_id == NULL;
    for (uint32_t i = 0; (text = sb_args_nth(cli->args, "rule", i)) != NULL; i++) {
        sb_rule *rule = SB_ARENA_NEW(&cli->arena, sb_rule);
        sb_err err = sb_rule_parse(&cli->arena, sb_slice_str(text), rule, &cli->fail);
        if (err != SB_OK)
            return err;
        bool first = (rule->kind == SB_RULE_QUORUM ? w->base.quorum : w->base.pass) == NULL;
        take_rule(w, rule, from_file && first);
    }
    if (path != NULL) {
        sb_picked_rules picked;
        const char *body = sb_args_value(cli->args, "body");
        sb_err err = sb_rules_pick(cli, path, body != NULL ? body : w->base.body_id, &picked);
        if (err != SB_OK)
            return err;
        w->quorum = picked.quorum;
        w->pass = picked.pass;
        if (w->base.names == NULL)
            w->base.names = picked.names;
        if (from_file && w->base.quorum == NULL && w->base.pass == NULL) {
            w->base.quorum = picked.quorum;
            w->base.pass = picked.pass;
        }
    }
    w->other_rules = !same_rule(w->quorum, w->base.quorum) || !same_rule(w->pass, w->base.pass);
    if (w->base.quorum == NULL && w->base.pass == NULL && from_file)
        return sb_args_missing(cli->args, "rule", &cli->fail);
    return SB_OK;
}

/* ---- telling ---- */

static void say_rules(sb_cli *cli, const what_if *w, const char *label, const sb_rule *quorum,
                      const sb_rule *pass)
{
    const sb_rule *const rules[2] = {quorum, pass};
    for (int i = 0; i < 2; i++)
        if (rules[i] != NULL)
            sb_cli_say(cli, "%s: %s", label, sb_words_rule(cli, rules[i], w->base.names));
}

/* "hva om: unn-1 stemmer mot" */
static void say_changes(sb_cli *cli, const what_if *w)
{
    const char *const PRESENCE[] = {
        sb_cli_either(cli, "er borte", "is away"),
        sb_cli_either(cli, "er der ved fast representant", "is there in person"),
        sb_cli_either(cli, "er der ved vara", "is there by deputy"),
        sb_cli_either(cli, "er inhabil", "is disqualified")};
    const char *const VOTE[] = {sb_cli_either(cli, "stemmer ikke", "doesn't vote"),
                                sb_cli_either(cli, "stemmer for", "votes for"),
                                sb_cli_either(cli, "stemmer mot", "votes against"),
                                sb_cli_either(cli, "avstår", "abstains")};
    for (uint32_t i = 0; i < w->votes.count; i++) {
        const sb_tally_seat *was = &w->base.seats[i], *is = &w->seats[i];
        const char *id = sb_arena_str(&cli->arena, is->id);
        if (was->presence != is->presence)
            sb_cli_say(cli, "%s: %s %s", w->columns[1].name, id, PRESENCE[is->presence]);
        if (was->vote != is->vote && !w->taken_as_for)
            sb_cli_say(cli, "%s: %s %s", w->columns[1].name, id, VOTE[is->vote]);
        if (was->vote != is->vote && w->taken_as_for && is->vote != SB_TALLY_FOR)
            sb_cli_say(cli, "%s: %s %s", w->columns[1].name, id, VOTE[is->vote]);
    }
}

/* Ballots of seats that aren't represented. */
static void say_not_counted(sb_cli *cli, const sb_column *c)
{
    for (uint32_t i = 0; i < c->votes->count; i++) {
        const sb_tally_seat *s = &c->votes->seats[i];
        const char *why = sb_tally_no_say(s);
        if (s->vote == SB_TALLY_NO_BALLOT || why == NULL)
            continue;
        sb_cli_say(cli, "%s: %s: %s", c->name,
                   sb_cli_either(cli, "stemmen er ikke talt med", "the vote is not counted"),
                   sb_arena_printf(
                       &cli->arena, "%.*s (%s)", (int)s->id.len, (const char *)s->id.data,
                       !s->filled                             ? sb_cli_either(cli, "ubesatt", why)
                       : s->presence == SB_TALLY_DISQUALIFIED ? sb_cli_either(cli, "inhabil", why)
                                                              : sb_cli_either(cli, "borte", why)));
    }
}

static void say_head(sb_cli *cli, const what_if *w)
{
    const char *now = w->columns[0].name;
    uint32_t outcome;
    sb_cli_say(cli, "%s%s%s%s", w->base.title, w->base.body_name[0] != '\0' ? " (" : "",
               w->base.body_name, w->base.body_name[0] != '\0' ? ")" : "");
    if (w->base.recorded != NULL &&
        sb_text_parse(SB_TEXT_OUTCOME, sb_slice_str(w->base.recorded), &outcome))
        sb_cli_say(cli, "%s: %s", sb_cli_either(cli, "Avgjort", "Decided"),
                   sb_text_word(SB_TEXT_OUTCOME, outcome, cli->lang));
    say_rules(cli, w, now, w->base.quorum, w->base.pass);
    if (w->other_rules)
        say_rules(cli, w, w->columns[1].name,
                  same_rule(w->quorum, w->base.quorum) ? NULL : w->quorum,
                  same_rule(w->pass, w->base.pass) ? NULL : w->pass);
    if (!w->other_rules && w->base.body_id != NULL &&
        (sb_args_value(cli->args, "rules-of") != NULL || sb_args_nth(cli->args, "rule", 0) != NULL))
        sb_cli_say(cli, "%s: %s", w->columns[1].name,
                   sb_cli_either(cli, "reglene er de samme", "the rules are the same"));
    say_changes(cli, w);
    if (w->taken_as_for)
        sb_cli_say(
            cli, "%s",
            sb_cli_either(cli,
                          "Saken ble tatt opp uten avstemming. De andre som var til stede, er "
                          "regnet som for.",
                          "There was no vote on the case. The others present are counted as for."));
    sb_cli_say(cli, "%s", "");
}

static void tell(sb_cli *cli, what_if *w)
{
    sb_json *j = &cli->json;
    const sb_column *last = &w->columns[w->column_count - 1];
    say_head(cli, w);
    sb_columns_say(cli, w->columns, w->column_count, w->base.names);
    for (uint32_t i = 0; i < w->column_count; i++)
        say_not_counted(cli, &w->columns[i]);
    sb_json_key(j, "question");
    sb_json_cstr(j, w->base.title);
    sb_json_key(j, "as_is");
    sb_column_put(j, &w->columns[0]);
    sb_json_key(j, "what_if");
    if (w->column_count == 2)
        sb_column_put(j, &w->columns[1]);
    else
        sb_json_null(j);
    if (!sb_args_flag(cli->args, "what-if"))
        return;
    sb_cli_say(cli, "%s", "");
    if (w->column_count == 2)
        sb_cli_say(cli, "%s:", last->name);
    sb_tally_swings(cli, last, w->base.names);
}

static sb_err read_base(sb_cli *cli, sb_tally_base *out)
{
    const char *ref = sb_args_position(cli->args, 0), *path = sb_args_value(cli->args, "input");
    if ((ref == NULL) == (path == NULL))
        return sb_fail_set(&cli->fail, SB_E_CLI_WHAT_IF_NOTHING, NULL);
    return path != NULL ? sb_tally_from_file(cli, path, out)
                        : sb_tally_from_question(cli, ref, out);
}

static void make_columns(sb_cli *cli, what_if *w)
{
    w->columns[0] = (sb_column){.name = sb_cli_either(cli, "slik det er", "as it is"),
                                .quorum_rule = w->base.quorum,
                                .pass_rule = w->base.pass,
                                .votes = &w->base.votes,
                                .by_consensus = w->base.by_consensus};
    w->columns[1] =
        (sb_column){.name = sb_cli_either(cli, "hva om", "what if"),
                    .quorum_rule = w->quorum,
                    .pass_rule = w->pass,
                    .votes = w->other_votes || w->taken_as_for ? &w->votes : &w->base.votes,
                    .by_consensus = w->base.by_consensus};
    w->column_count = w->other_rules || w->other_votes ? 2 : 1;
}

static sb_err tally(sb_cli *cli)
{
    what_if *w = SB_ARENA_NEW(&cli->arena, what_if);
    sb_err err = read_base(cli, &w->base);
    if (err != SB_OK)
        return err;
    w->quorum = w->base.quorum;
    w->pass = w->base.pass;
    w->votes = w->base.votes;
    w->seats = SB_ARENA_ARRAY(&cli->arena, sb_tally_seat, w->votes.count);
    for (uint32_t i = 0; i < w->votes.count; i++)
        w->seats[i] = w->base.seats[i];
    w->votes.seats = w->seats;
    err = change_rules(cli, w);
    if (err == SB_OK)
        err = change_votes(cli, w);
    if (err != SB_OK)
        return err;
    take_as_for(cli, w);
    make_columns(cli, w);
    err = sb_columns_judge(cli, w->columns, w->column_count);
    if (err == SB_OK)
        tell(cli, w);
    return err;
}

const sb_verb_spec sb_spec_tally = {TALLY_POSITION, TALLY_OPTIONS, tally};
