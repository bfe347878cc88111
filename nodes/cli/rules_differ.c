#include "nodes/cli/rules_differ.h"

#include "nodes/cli/rules_words.h"
#include "proto/rules/differ.h"

typedef struct comparing {
    sb_cli *cli;
    const sb_rules_side *sides;
    sb_rule rules[2], quorums[2];
    const sb_rule *rule[2], *quorum[2]; /* NULL: none */
    sb_rule_shape shapes[2];
    bool is_quorum;
    sb_differ_result result;
} comparing;

static const sb_rule *parsed(sb_cli *cli, const Sb__Rule *given, sb_rule *out)
{
    if (given == NULL || given->text[0] == '\0' ||
        sb_rule_parse(&cli->arena, sb_slice_str(given->text), out, NULL) != SB_OK)
        return NULL; /* a charter's rules were read when it was made */
    return out;
}

/* ---- the answer ---- */

static const char *verdict_code(const comparing *c, bool same_text)
{
    if (c->rule[0] == NULL && c->rule[1] == NULL)
        return "none";
    if (!c->is_quorum && (c->rule[0] == NULL || c->rule[1] == NULL))
        return c->rule[0] == NULL ? "added" : "removed";
    if (sb_differ_is_same(&c->result))
        return same_text ? "same" : "reworded";
    switch (c->result.verdict) {
    case SB_DIFFER_SAME: /* but for the suffix or the name of the failure */
    case SB_DIFFER_DIFFERS:
        return "differs";
    case SB_DIFFER_UNQUORATE:
        return "differs_without_quorum";
    case SB_DIFFER_SILENT:
        return "differs_in_silence";
    case SB_DIFFER_NOT_SEARCHED:
        return "not_searched";
    }
    return "?";
}

static void put_tally(sb_json *j, const char *key, const sb_tally *t)
{
    const struct {
        const char *key;
        uint32_t number;
    } MEMBERS[] = {{"seats", t->seats}, {"filled", t->filled},   {"present", t->present},
                   {"for", t->for_},    {"against", t->against}, {"abstain", t->abstain}};
    sb_json_key(j, key);
    sb_json_object(j);
    for (size_t i = 0; i < sizeof MEMBERS / sizeof MEMBERS[0]; i++) {
        sb_json_key(j, MEMBERS[i].key);
        sb_json_u64(j, MEMBERS[i].number);
    }
    sb_json_end_object(j);
}

static void put_truth(sb_json *j, const char *key, bool truth)
{
    sb_json_key(j, key);
    sb_json_bool(j, truth);
}

static void put_example(const comparing *c, const char *sentence)
{
    static const char *const SIDE[2] = {"old", "new"};
    sb_json *j = &c->cli->json;
    const sb_differ_result *r = &c->result;
    sb_json_key(j, "example");
    if (r->example == NULL) {
        sb_json_null(j);
        return;
    }
    sb_json_object(j);
    sb_json_key(j, "groups");
    sb_json_array(j);
    for (uint32_t g = 0; g < r->group_count; g++) {
        sb_json_object(j);
        sb_json_key(j, "partner");
        if (r->groups[g].is_rest)
            sb_json_null(j);
        else
            sb_json_str(j, r->groups[g].id);
        for (uint32_t s = 0; s < 2; s++) {
            sb_tally t = sb_find_group_tally(&r->groups[g], &r->example[g], s);
            put_tally(j, SIDE[s], &t);
        }
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
    put_truth(j, "old", r->held[0]);
    put_truth(j, "new", r->held[1]);
    put_truth(j, "quorate_old", r->quorate[0]);
    put_truth(j, "quorate_new", r->quorate[1]);
    sb_json_key(j, "text");
    sb_json_cstr(j, sentence);
    sb_json_end_object(j);
}

static void put_text(sb_json *j, const char *key, const char *text)
{
    sb_json_key(j, key);
    if (text == NULL || text[0] == '\0')
        sb_json_null(j);
    else
        sb_json_cstr(j, text);
}

static void put(const comparing *c, bool same_text, const char *sentence)
{
    sb_json *j = &c->cli->json;
    const sb_rules_side *s = c->sides;
    put_text(j, "verdict", verdict_code(c, same_text));
    put_text(j, "old", s[0].rule != NULL ? s[0].rule->text : NULL);
    put_text(j, "new", s[1].rule != NULL ? s[1].rule->text : NULL);
    put_truth(j, "discussion_differs", c->result.discussion_differs);
    put_truth(j, "failure_differs", c->result.failure_differs);
    put_truth(j, "quorum_left_out", c->result.quorum_left_out);
    put_example(c, sentence);
}

/* ---- the words ---- */

/* "Med 3 av 6 fra UNN … til stede er møtet beslutningsdyktig etter de nye vedtektene, men ikke
 * etter de gamle." */
static const char *example_sentence(const comparing *c)
{
    sb_cli *cli = c->cli;
    const sb_differ_result *r = &c->result;
    if (r->example == NULL)
        return "";
    const char *who =
        sb_words_attendance(cli, r->groups, r->example, r->group_count, 2, !c->is_quorum);
    const char *what =
        c->is_quorum ? sb_cli_either(cli, "møtet beslutningsdyktig", "the meeting has a quorum")
        : c->sides[0].is_election
            ? sb_cli_either(cli, "kandidaten valgt", "the candidate is elected")
            : sb_cli_either(cli, "forslaget vedtatt", "the proposal is adopted");
    const char *yes =
        r->held[0] ? sb_cli_either(cli, "gamle", "old") : sb_cli_either(cli, "nye", "new");
    const char *no =
        r->held[0] ? sb_cli_either(cli, "nye", "new") : sb_cli_either(cli, "gamle", "old");
    return sb_arena_printf(
        &cli->arena,
        sb_cli_either(cli, "Med %s til stede er %s etter de %s vedtektene, men ikke etter de %s.",
                      "With %s present, %s by the %s bylaws, but not by the %s ones."),
        who, what, yes, no);
}

static void say_rule(const comparing *c, int side)
{
    sb_cli *cli = c->cli;
    const char *when =
        side == 0 ? sb_cli_either(cli, "Før", "Before") : sb_cli_either(cli, "Nå", "Now");
    const char *text = NULL;
    if (c->rule[side] != NULL)
        text = c->sides[side].is_election ? sb_words_election(cli, c->rule[side], &c->shapes[side])
                                          : sb_words_rule(cli, c->rule[side], &c->shapes[side]);
    else if (c->is_quorum)
        text = sb_cli_either(cli, "Ingen regel: organet er alltid beslutningsdyktig.",
                             "No rule: the body always has a quorum.");
    else
        text = sb_cli_either(cli, "Ingen regel.", "No rule.");
    sb_cli_say(cli, "    %s: %s", when, text);
}

static void say_flags(const comparing *c)
{
    sb_cli *cli = c->cli;
    const sb_differ_result *r = &c->result;
    bool new_asks = r->discussion_differs && c->rule[1]->after_discussion;
    if (r->discussion_differs && new_asks)
        sb_cli_say(
            cli, "    %s",
            sb_cli_either(
                cli,
                "De nye krever at saken er drøftet i et tidligere møte. Det gjør ikke de gamle.",
                "The new ones ask that the case has been discussed in an earlier meeting. The old "
                "ones don't."));
    else if (r->discussion_differs)
        sb_cli_say(
            cli, "    %s",
            sb_cli_either(
                cli,
                "De gamle krever at saken er drøftet i et tidligere møte. Det gjør ikke de nye.",
                "The old ones ask that the case has been discussed in an earlier meeting. The new "
                "ones don't."));
    if (r->failure_differs)
        sb_cli_say(cli, "    %s",
                   c->rule[1]->failure == SB_RULE_NO_CONSENSUS
                       ? sb_cli_either(cli,
                                       "Når regelen ikke er oppfylt, heter det nå «ikke "
                                       "konsensus», ikke «ikke vedtatt».",
                                       "When the rule doesn't hold it is now called \"no "
                                       "consensus\", not \"not adopted\".")
                       : sb_cli_either(cli,
                                       "Når regelen ikke er oppfylt, heter det nå «ikke vedtatt», "
                                       "ikke «ikke konsensus».",
                                       "When the rule doesn't hold it is now called \"not "
                                       "adopted\", not \"no consensus\"."));
}

static void say_verdict(const comparing *c, const char *sentence)
{
    sb_cli *cli = c->cli;
    switch (c->result.verdict) {
    case SB_DIFFER_SAME:
        break;
    case SB_DIFFER_UNQUORATE:
        sb_cli_say(cli, "    %s",
                   sb_cli_either(cli,
                                 "Forskjellen betyr ikke noe i møter som er beslutningsdyktige "
                                 "etter begge; der blir utfallet det samme.",
                                 "The difference doesn't matter in meetings with a quorum by both; "
                                 "there the outcome is the same."));
        break;
    case SB_DIFFER_SILENT:
        sb_cli_say(
            cli, "    %s",
            c->is_quorum
                ? sb_cli_either(cli, "Forskjellen viser seg bare når ingen møter.",
                                "The difference shows only when nobody comes.")
                : sb_cli_either(cli, "Forskjellen viser seg bare når ingen stemmer for eller mot.",
                                "The difference shows only when nobody votes for or against."));
        break;
    case SB_DIFFER_DIFFERS:
        break;
    case SB_DIFFER_NOT_SEARCHED:
        sb_cli_say(cli, "    %s",
                   sb_cli_either(cli,
                                 "Organet eller reglene er for store til at alle utfall er prøvd; "
                                 "om betydningen er den samme, er ikke kjent.",
                                 "The body or the rules are too large to try every outcome; "
                                 "whether they mean the same is not known."));
        return;
    }
    if (c->result.quorum_left_out)
        sb_cli_say(cli, "    %s",
                   sb_cli_either(cli,
                                 "Kravet til beslutningsdyktighet er ikke regnet med i eksempelet.",
                                 "The quorum is left out of the example."));
    if (sentence[0] != '\0')
        sb_cli_say(cli, "    %s %s", sb_cli_either(cli, "Eksempel:", "Example:"), sentence);
}

static const char *change_words(const sb_cli *cli, sb_rules_change change)
{
    switch (change) {
    case SB_RULES_UNCHANGED:
        return sb_cli_either(cli, "uendret", "unchanged");
    case SB_RULES_REWORDED:
        return sb_cli_either(cli, "bare ordlyden er endret; betydningen er den samme",
                             "only the wording has changed; the meaning is the same");
    case SB_RULES_RESEATED:
        return sb_cli_either(
            cli, "samme regel, men den slår annerledes ut fordi plassene er endret",
            "the same rule; it comes to something else because the seats have changed");
    case SB_RULES_CHANGED:
        return sb_cli_either(cli, "endret", "changed");
    }
    return "?";
}

static void say(const comparing *c, const char *label, sb_rules_change change, const char *sentence)
{
    sb_cli *cli = c->cli;
    const char *cite = "";
    for (int s = 0; s < 2; s++)
        if (c->rule[s] != NULL)
            cite = c->sides[s].rule->cite;
    if (c->rule[0] == NULL && c->rule[1] == NULL)
        return;
    const char *what = change_words(cli, change);
    sb_cli_say(cli, "  %s%s%s%s: %s", label, cite[0] != '\0' ? " (" : "", cite,
               cite[0] != '\0' ? ")" : "", what);
    if (change == SB_RULES_UNCHANGED)
        return;
    say_rule(c, 0);
    say_rule(c, 1);
    if (change == SB_RULES_REWORDED)
        return;
    say_flags(c);
    say_verdict(c, sentence);
}

sb_rules_change sb_rules_differ(sb_cli *cli, const char *label, const sb_rules_side sides[2])
{
    comparing *c = SB_ARENA_NEW(&cli->arena, comparing);
    sb_differ_side asked[2];
    *c = (comparing){.cli = cli, .sides = sides};
    for (int s = 0; s < 2; s++) {
        c->rule[s] = parsed(cli, sides[s].rule, &c->rules[s]);
        c->quorum[s] =
            sides[s].with_quorum ? parsed(cli, sides[s].body->quorum, &c->quorums[s]) : NULL;
        c->is_quorum = c->is_quorum || (c->rule[s] != NULL && c->rule[s]->kind == SB_RULE_QUORUM);
        sb_words_shape(cli, sides[s].charter, sides[s].body, &c->shapes[s]);
        asked[s] = (sb_differ_side){c->rule[s], c->quorum[s], &c->shapes[s]};
    }
    bool some = c->rule[0] != NULL || c->rule[1] != NULL;
    bool both = c->rule[0] != NULL && c->rule[1] != NULL;
    bool same_text = !some || (both && strcmp(sides[0].rule->text, sides[1].rule->text) == 0);
    bool comparable = both || (some && c->is_quorum);
    if (comparable)
        sb_rule_differ(&cli->arena, asked, &c->result);
    bool same = comparable ? sb_differ_is_same(&c->result) : !some;
    sb_rules_change change = same && same_text ? SB_RULES_UNCHANGED
                             : same            ? SB_RULES_REWORDED
                             : same_text       ? SB_RULES_RESEATED
                                               : SB_RULES_CHANGED;
    const char *sentence = example_sentence(c);
    sb_json_object(&cli->json);
    put(c, same_text, sentence);
    sb_json_end_object(&cli->json);
    say(c, label, change, sentence);
    return change;
}
