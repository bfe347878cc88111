/* samband charter diff: what two charters come to differently, by meaning and not by wording. */
#include "nodes/cli/charter_in_force.h"
#include "nodes/cli/inside.h"
#include "nodes/cli/rules_differ.h"
#include "nodes/cli/rules_structure.h"

static const sb_arg_position DIFF_POSITIONS[] = {
    {.name = "FIL"}, {.name = "NY", .is_optional = true}, {.name = NULL}};

typedef struct pair {
    const char *name[2];
    const Sb__Charter *charter[2];
} pair;

static const Sb__Body *find_body(const Sb__Charter *c, const char *id)
{
    for (size_t i = 0; i < c->n_bodies; i++)
        if (strcmp(c->bodies[i]->id, id) == 0)
            return c->bodies[i];
    return NULL;
}

static sb_rules_change differ(sb_cli *cli, const char *key, const char *label, const pair *p,
                              const Sb__Body *const bodies[2], const Sb__Rule *const rules[2],
                              bool with_quorum)
{
    sb_rules_side sides[2];
    for (int s = 0; s < 2; s++)
        sides[s] = (sb_rules_side){p->charter[s], bodies[s], rules[s], with_quorum,
                                   strcmp(key, "elect") == 0};
    sb_json_key(&cli->json, key);
    return sb_rules_differ(cli, label, sides);
}

static bool elects_by_own_rule(const Sb__Body *b)
{
    return b->election != NULL && b->election->elect->text[0] != '\0';
}

/* By the pass rule where the section names no other. */
static const Sb__Rule *elect_of(const Sb__Body *b)
{
    if (b->election == NULL)
        return NULL;
    return elects_by_own_rule(b) ? b->election->elect : b->pass;
}

typedef struct rule_count {
    uint32_t changed, reseated, reworded;
} rule_count;

static void add(rule_count *count, sb_rules_change change)
{
    count->changed += change == SB_RULES_CHANGED;
    count->reseated += change == SB_RULES_RESEATED;
    count->reworded += change == SB_RULES_REWORDED;
}

/* A body that both have. */
static void diff_body(sb_cli *cli, const pair *p, const Sb__Body *before, rule_count *rules)
{
    const Sb__Body *const bodies[2] = {before, find_body(p->charter[1], before->id)};
    if (bodies[1] == NULL)
        return;
    sb_json_object(&cli->json);
    sb_json_key(&cli->json, "body");
    sb_json_cstr(&cli->json, before->id);
    sb_cli_say(cli, "%s", before->name);
    add(rules, differ(cli, "quorum", sb_cli_either(cli, "Beslutningsdyktig", "Quorum"), p, bodies,
                      (const Sb__Rule *[]){before->quorum, bodies[1]->quorum}, false));
    add(rules, differ(cli, "pass", sb_cli_either(cli, "Vedtak", "Decision"), p, bodies,
                      (const Sb__Rule *[]){before->pass, bodies[1]->pass}, true));
    if (elects_by_own_rule(before) || elects_by_own_rule(bodies[1]))
        add(rules, differ(cli, "elect", sb_cli_either(cli, "Valg", "Election"), p, bodies,
                          (const Sb__Rule *[]){elect_of(before), elect_of(bodies[1])}, true));
    sb_json_end_object(&cli->json);
}

/* Where the same body decides on it before and after, the rules are compared; that it is another
 * one is a change of structure. */
static void diff_amendment(sb_cli *cli, const pair *p, const char *key, const char *heading,
                           const Sb__Amendment *const a[2], rule_count *rules)
{
    const Sb__Body *bodies[2];
    for (int s = 0; s < 2; s++)
        bodies[s] = a[s] != NULL ? find_body(p->charter[s], a[s]->body) : NULL;
    if (bodies[0] == NULL || bodies[1] == NULL || strcmp(a[0]->body, a[1]->body) != 0) {
        sb_json_key(&cli->json, key);
        sb_json_null(&cli->json);
        return;
    }
    sb_cli_say(cli, sb_cli_either(cli, "%s, i %s", "%s, in %s"), heading, bodies[0]->name);
    add(rules, differ(cli, key, sb_cli_either(cli, "Vedtak", "Decision"), p, bodies,
                      (const Sb__Rule *[]){a[0]->pass, a[1]->pass}, true));
}

static sb_err read_pair(sb_cli *cli, pair *p)
{
    const sb_charter_options options = {.lang = cli->lang};
    const char *first = sb_args_position(cli->args, 0), *second = sb_args_position(cli->args, 1);
    sb_err err = SB_OK;
    if (second == NULL) {
        p->name[0] = sb_cli_either(cli, "vedtektene som gjelder", "the charter in force");
        err = sb_charter_in_force(cli, &p->charter[0]);
        second = first;
    } else {
        p->name[0] = first;
        err = sb_charter_read(first, &options, &cli->arena, &p->charter[0], NULL, &cli->fail);
    }
    p->name[1] = second;
    if (err == SB_OK)
        err = sb_charter_read(second, &options, &cli->arena, &p->charter[1], NULL, &cli->fail);
    return err;
}

static void say_end(sb_cli *cli, const rule_count *rules, const sb_structure_count *n)
{
    uint32_t structure = n->added + n->removed + n->changed;
    bool same = rules->changed + rules->reseated + structure == 0;
    bool identical = same && rules->reworded + n->worded == 0;
    sb_json_key(&cli->json, "same_meaning");
    sb_json_bool(&cli->json, same);
    sb_json_key(&cli->json, "identical");
    sb_json_bool(&cli->json, identical);
    if (identical)
        sb_cli_say(cli, "%s", sb_cli_either(cli, "Vedtektene er like.", "The charters are equal."));
    else if (same)
        sb_cli_say(
            cli, "%s",
            sb_cli_either(
                cli, "Vedtektene betyr det samme; bare ordlyd, navn og henvisninger er endret.",
                "The charters mean the same; only wording, names and references have changed."));
    else
        sb_cli_say(
            cli,
            sb_cli_either(cli,
                          "Regler med ny betydning: %u. Samme regel på endrede plasser: %u. "
                          "Lagt til: %u, tatt ut: %u, endret: %u, bare ordlyd og navn: %u.",
                          "Rules with another meaning: %u. The same rule on changed seats: "
                          "%u. Added: %u, removed: %u, changed: %u, wording and names alone: %u."),
            rules->changed, rules->reseated, n->added, n->removed, n->changed,
            rules->reworded + n->worded);
}

static sb_err charter_diff(sb_cli *cli)
{
    pair p = {.name = {NULL}};
    rule_count rules = {0};
    sb_structure_count count;
    sb_err err = read_pair(cli, &p);
    if (err != SB_OK)
        return err;
    for (int s = 0; s < 2; s++) {
        sb_cli_say(cli, "%s: %s",
                   s == 0 ? sb_cli_either(cli, "Gamle", "Old") : sb_cli_either(cli, "Nye", "New"),
                   p.name[s]);
        sb_json_key(&cli->json, s == 0 ? "old" : "new");
        sb_json_cstr(&cli->json, p.name[s]);
    }
    sb_cli_say(cli, "%s", "");
    sb_json_key(&cli->json, "bodies");
    sb_json_array(&cli->json);
    for (size_t i = 0; i < p.charter[0]->n_bodies; i++)
        diff_body(cli, &p, p.charter[0]->bodies[i], &rules);
    sb_json_end_array(&cli->json);
    diff_amendment(cli, &p, "amendment",
                   sb_cli_either(cli, "Endring av vedtektene", "Amendment of the charter"),
                   (const Sb__Amendment *[]){p.charter[0]->amendment, p.charter[1]->amendment},
                   &rules);
    diff_amendment(cli, &p, "membership",
                   sb_cli_either(cli, "Endring av hvem som er med", "Change of the organisations"),
                   (const Sb__Amendment *[]){p.charter[0]->membership, p.charter[1]->membership},
                   &rules);
    sb_cli_say(cli, "%s", "");
    sb_rules_structure(cli, p.charter[0], p.charter[1], &count);
    say_end(cli, &rules, &count);
    return SB_OK;
}

const sb_verb_spec sb_spec_charter_diff = {DIFF_POSITIONS, NULL, charter_diff};
