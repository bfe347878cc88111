#include "nodes/cli/rules_explain.h"

#include "nodes/cli/assumed.h"
#include "nodes/cli/policy_words.h"
#include "nodes/cli/rules_power.h"
#include "nodes/cli/rules_words.h"
#include "proto/text/text.h"

static bool is_rule(const Sb__Rule *given)
{
    return given != NULL && given->text[0] != '\0';
}

/* "  Vedtak (§ 6 SSU nr. 11): " */
static void say_label(sb_cli *cli, const char *label, const char *cite, const char *text)
{
    sb_cli_say(cli, "  %s%s%s%s: %s", label, cite[0] != '\0' ? " (" : "", cite,
               cite[0] != '\0' ? ")" : "", text);
}

static void say_rule(sb_cli *cli, const sb_rule_shape *shape, const char *key, const char *label,
                     const Sb__Rule *given, bool elects)
{
    sb_json *j = &cli->json;
    sb_rule rule;
    sb_json_key(j, key);
    if (!is_rule(given) ||
        sb_rule_parse(&cli->arena, sb_slice_str(given->text), &rule, NULL) != SB_OK) {
        sb_cli_say(cli, "  %s: %s", label, sb_text(SB_MSG_NO_RULE, cli->lang));
        sb_json_null(j);
        return;
    }
    const char *meaning =
        elects ? sb_words_election(cli, &rule, shape) : sb_words_rule(cli, &rule, shape);
    say_label(cli, label, given->cite, meaning);
    sb_json_object(j);
    sb_json_key(j, "rule");
    sb_json_cstr(j, given->text);
    sb_json_key(j, "cite");
    sb_json_cstr(j, given->cite);
    sb_json_key(j, "meaning");
    sb_json_cstr(j, meaning);
    sb_power_say(cli, &rule, shape, elects);
    sb_json_end_object(j);
}

/* Where a body elects by the rule for decisions that is said in a line. */
static void say_election(sb_cli *cli, const sb_rule_shape *shape, const Sb__Body *body)
{
    const Sb__Election *e = body->election;
    const char *label = sb_cli_either(cli, "Valg", "Election");
    const char *who = sb_cli_either(
        cli,
        "Stemmer på kandidaten regnes som for, stemmer på andre som mot, og blanke som avstår.",
        "Votes for the candidate count as for, votes for others as against, and blank ones as "
        "abstaining.");
    if (e == NULL)
        return;
    if (is_rule(e->elect)) {
        say_rule(cli, shape, "elect", label, e->elect, true);
        sb_cli_say(cli, "    %s", who);
        return;
    }
    sb_json_key(&cli->json, "elect");
    sb_json_null(&cli->json);
    say_label(
        cli, label, e->cite,
        sb_arena_printf(
            &cli->arena,
            sb_cli_either(cli,
                          "Valgt er den som får så mange stemmer som regelen for vedtak krever. %s",
                          "Who gets as many votes as the rule for decisions asks is elected. %s"),
            who));
}

static void say_open(sb_cli *cli)
{
    sb_cli_say(cli, "  %s",
               sb_cli_either(cli, "Dette lar vedtektene stå åpent, og slik er det lest:",
                             "What the bylaws leave open, and how it is read:"));
}

static void say_body(sb_cli *cli, const Sb__Charter *charter, const Sb__Body *body)
{
    sb_json *j = &cli->json;
    sb_rule_shape shape;
    uint32_t assumed = 0;
    sb_words_shape(cli, charter, body, &shape);
    sb_cli_say(
        cli,
        sb_cli_either(cli, "%s%s%s%s – plasser med stemmerett: %s", "%s%s%s%s – voting seats: %s"),
        body->name, body->short_name[0] != '\0' ? " (" : "", body->short_name,
        body->short_name[0] != '\0' ? ")" : "", sb_power_seats(cli, &shape));
    sb_json_object(j);
    sb_json_key(j, "body");
    sb_json_cstr(j, body->id);
    sb_json_key(j, "seats");
    sb_power_put_seats(cli, &shape);
    say_rule(cli, &shape, "quorum", sb_cli_either(cli, "Beslutningsdyktig", "Quorum"), body->quorum,
             false);
    say_rule(cli, &shape, "pass", sb_cli_either(cli, "Vedtak", "Decision"), body->pass, false);
    say_election(cli, &shape, body);
    sb_cli_say(cli, "  %s",
               sb_cli_either(cli, "Ellers sier vedtektene:", "What the bylaws say besides:"));
    sb_json_key(j, "says");
    sb_json_array(j);
    sb_cli_say_sections(cli, charter, body);
    sb_json_end_array(j);
    say_open(cli);
    sb_json_key(j, "assumptions");
    sb_json_array(j);
    sb_cli_say_assumed(cli, body, &assumed);
    sb_cli_say_assumed_offices(cli, charter, body, &assumed);
    sb_json_end_array(j);
    if (assumed == 0)
        sb_cli_say(cli, "  %s", sb_text(SB_MSG_NONE, cli->lang));
    sb_json_end_object(j);
    sb_cli_say(cli, "%s", "");
}

/* ---- how the bylaws change ---- */

static const Sb__Body *body_of(const Sb__Charter *charter, const Sb__Amendment *a)
{
    for (size_t i = 0; a != NULL && i < charter->n_bodies; i++)
        if (strcmp(charter->bodies[i]->id, a->body) == 0)
            return charter->bodies[i];
    return NULL;
}

static void put_assumption(sb_cli *cli, const char *cite, const char *assumed, uint32_t *count)
{
    sb_json *j = &cli->json;
    if (assumed[0] == '\0')
        return;
    if (++*count == 1)
        say_open(cli);
    sb_cli_say(cli, "  %s%s%s", cite, cite[0] != '\0' ? ": " : "", assumed);
    sb_json_object(j);
    sb_json_key(j, "cite");
    sb_json_cstr(j, cite);
    sb_json_key(j, "assumed");
    sb_json_cstr(j, assumed);
    sb_json_end_object(j);
}

static void say_amendment(sb_cli *cli, const Sb__Charter *charter, const Sb__Amendment *a,
                          const char *key, const char *heading)
{
    sb_json *j = &cli->json;
    const Sb__Body *body = body_of(charter, a);
    sb_rule_shape shape;
    uint32_t assumed = 0;
    sb_json_key(j, key);
    if (body == NULL) {
        sb_json_null(j);
        sb_cli_say(cli, "%s: %s", heading,
                   sb_cli_either(cli, "vedtektene sier ikke hvordan", "the bylaws don't say how"));
        return;
    }
    sb_words_shape(cli, charter, body, &shape);
    sb_cli_say(cli, sb_cli_either(cli, "%s – vedtas i %s (%s)", "%s – decided in %s (%s)"), heading,
               body->name, sb_power_seats(cli, &shape));
    sb_json_object(j);
    sb_json_key(j, "body");
    sb_json_cstr(j, body->id);
    say_rule(cli, &shape, "pass", sb_cli_either(cli, "Vedtak", "Decision"), a->pass, false);
    if (is_rule(body->quorum))
        sb_cli_say(cli, "    %s",
                   sb_cli_either(cli, "Møtet må også være beslutningsdyktig etter regelen over.",
                                 "The meeting must also have a quorum by the rule above."));
    sb_json_key(j, "involvement");
    sb_json_array(j);
    if (a->involvement != NULL)
        sb_cli_say_involvement(cli, a->involvement, sb_cli_either(cli, "Partene", "The parties"));
    sb_json_end_array(j);
    sb_json_key(j, "assumptions");
    sb_json_array(j);
    put_assumption(cli, a->pass->cite, a->pass->assumed, &assumed);
    if (a->involvement != NULL)
        put_assumption(cli, a->involvement->cite, a->involvement->assumed, &assumed);
    sb_json_end_array(j);
    sb_json_end_object(j);
    sb_cli_say(cli, "%s", "");
}

void sb_rules_explain(sb_cli *cli, const Sb__Charter *charter)
{
    sb_json_key(&cli->json, "bodies");
    sb_json_array(&cli->json);
    for (size_t i = 0; i < charter->n_bodies; i++)
        say_body(cli, charter, charter->bodies[i]);
    sb_json_end_array(&cli->json);
    say_amendment(cli, charter, charter->amendment, "amendment",
                  sb_cli_either(cli, "Endring av vedtektene", "Amendment of the charter"));
    say_amendment(cli, charter, charter->membership, "membership",
                  sb_cli_either(cli, "Endring av hvem som er med, og av hvor mange som må bekrefte",
                                "Change of the organisations and of how many must confirm"));
    sb_say_policy(cli, charter);
}
