#include "nodes/cli/policy_words.h"

#include "proto/ledger/policy.h"

/* "3 av 4" and what it comes to. */
static void say_numbers(sb_cli *cli, uint32_t members, uint32_t needs, uint32_t stopped_by,
                        uint32_t forked_by)
{
    sb_cli_say(cli,
               sb_cli_either(cli, "  Det trengs minst %u av %u organisasjoner.",
                             "  It takes at least %u of %u organisations."),
               (unsigned)needs, (unsigned)members);
    sb_cli_say(cli,
               stopped_by == 1
                   ? sb_cli_either(cli, "  %u organisasjon som er taus, kan stoppe bekreftelsen.",
                                   "  %u organisation that is silent can stop the confirming.")
                   : sb_cli_either(cli,
                                   "  %u organisasjoner som er tause, kan stoppe bekreftelsen.",
                                   "  %u organisations that are silent can stop the confirming."),
               (unsigned)stopped_by);
    if (forked_by == 0)
        sb_cli_say(cli, "  %s",
                   sb_cli_either(cli, "To historier kan bekreftes uten at noen lyver.",
                                 "Two histories can be confirmed without anybody lying."));
    else
        sb_cli_say(cli,
                   sb_cli_either(cli, "  For å få to historier bekreftet må minst %u lyve.",
                                 "  To have two histories confirmed, at least %u must lie."),
                   (unsigned)forked_by);
}

static void say_group(sb_cli *cli, const char *name, uint32_t threshold, const char *members)
{
    sb_cli_say(cli, sb_cli_either(cli, "  %s: minst %u av %s", "  %s: at least %u of %s"), name,
               (unsigned)threshold, members);
}

static void put_number(sb_cli *cli, const char *key, uint32_t value)
{
    sb_json_key(&cli->json, key);
    sb_json_u64(&cli->json, value);
}

void sb_say_policy(sb_cli *cli, const Sb__Charter *charter)
{
    const Sb__WitnessPolicy *words = charter->policy;
    sb_policy p;
    sb_policy_of_charter(charter, &cli->arena, &p);
    sb_cli_say(cli, "%s",
               sb_cli_either(cli, "Hvem som bekrefter historien:", "Who confirms the history:"));
    if (words->n_groups == 0)
        sb_cli_say(cli,
                   sb_cli_either(cli, "  Flere enn %u/%u av organisasjonene.",
                                 "  More than %u/%u of the organisations."),
                   (unsigned)words->more_than_num, (unsigned)words->more_than_den);
    for (size_t i = 0; i < words->n_groups; i++) {
        const Sb__WitnessGroup *g = words->groups[i];
        const char *members = "";
        for (size_t k = 0; k < g->n_members; k++)
            members =
                sb_arena_printf(&cli->arena, "%s%s%s", members, k > 0 ? ", " : "", g->members[k]);
        say_group(cli, g->name, g->threshold, members);
    }
    say_numbers(cli, sb_policy_members(&p), sb_policy_needs(&p), sb_policy_stopped_by(&p),
                sb_policy_overlap(&p));
    for (size_t i = 0; i < charter->n_standbys; i++)
        sb_cli_say(
            cli,
            sb_cli_either(cli, "  Reservemegleren %s (%s) kan overta etter %u sekunders stillhet.",
                          "  The standby broker %s (%s) may take over after %u seconds of "
                          "silence."),
            charter->standbys[i]->id, charter->standbys[i]->address, (unsigned)charter->silence_s);
    sb_json_key(&cli->json, "confirming");
    sb_json_object(&cli->json);
    put_number(cli, "members", sb_policy_members(&p));
    put_number(cli, "needs", sb_policy_needs(&p));
    put_number(cli, "stopped_by", sb_policy_stopped_by(&p));
    put_number(cli, "may_lie", sb_policy_may_lie(&p));
    put_number(cli, "forked_by", sb_policy_overlap(&p));
    sb_json_end_object(&cli->json);
}

void sb_say_policies(sb_cli *cli, const sb_doc *policies)
{
    static const char *const holds[][3] = {
        {"now", "Gjelder nå:", "In force:"},
        {"next", "Gjelder også nå, og alene når det er bekreftet:",
         "Also in force, and alone once that is confirmed:"},
        {"waits",
         "Vedtatt, venter på bekreftelse fra begge:", "Adopted, waiting to be confirmed by both:"},
        {NULL, NULL, NULL}};
    for (uint32_t i = 0; i < sb_doc_count(policies); i++) {
        const sb_doc *p = policies->items[i];
        const sb_doc *groups = sb_doc_get(p, "groups");
        sb_cli_say(cli, "%s", sb_word_of(cli, holds, sb_doc_str(p, "holds")));
        for (uint32_t k = 0; k < sb_doc_count(groups); k++) {
            const sb_doc *g = groups->items[k];
            const sb_doc *members = sb_doc_get(g, "members");
            const char *list = "";
            for (uint32_t n = 0; n < sb_doc_count(members); n++) {
                const char *text = "";
                (void)sb_doc_text(members->items[n], &text, NULL);
                list = sb_arena_printf(&cli->arena, "%s%s%s", list, n > 0 ? ", " : "", text);
            }
            const char *name = sb_doc_str(g, "name");
            say_group(cli, name[0] != '\0' ? name : sb_arena_printf(&cli->arena, "#%u", k + 1),
                      (uint32_t)sb_doc_num(g, "threshold"), list);
        }
        say_numbers(cli, (uint32_t)sb_doc_num(p, "members"), (uint32_t)sb_doc_num(p, "needs"),
                    (uint32_t)sb_doc_num(p, "stopped_by"), (uint32_t)sb_doc_num(p, "forked_by"));
    }
}

void sb_say_change(sb_cli *cli, const sb_doc *change)
{
    static const char *const waits[][3] = {
        {"conditions", "venter på vilkår", "waits for conditions"},
        {"seal", "venter på bekreftelse fra både gamle og nye", "waits for old and new to confirm"},
        {"second_seal", "er i kraft; gamle og nye bekrefter sammen til også det er bekreftet",
         "is in force; old and new confirm together until that is confirmed too"},
        {NULL, NULL, NULL}};
    if (change == NULL || change->kind != SB_DOC_MAP)
        return;
    const char *label = sb_doc_str(change, "case");
    sb_cli_say(cli, "%s%s%s: %s", sb_cli_either(cli, "En endring", "A change"),
               label[0] != '\0' ? sb_cli_either(cli, " i sak ", " in case ") : "", label,
               sb_word_of(cli, waits, sb_doc_str(change, "waits_for")));
    const sb_doc *list = sb_doc_get(change, "actions");
    for (uint32_t i = 0; i < sb_doc_count(list); i++)
        sb_cli_say(cli, "  %llu: %s", (unsigned long long)sb_doc_num(list->items[i], "number"),
                   sb_doc_str(list->items[i], cli->lang == SB_LANG_EN ? "says_en" : "says_nb"));
}

void sb_say_predecessor(sb_cli *cli, const sb_doc *predecessor)
{
    if (predecessor == NULL || predecessor->kind != SB_DOC_MAP)
        return;
    sb_cli_say(cli,
               sb_cli_either(cli,
                             "Fortsetter føderasjonen %.16s… etter %llu oppføringer (termin %llu).",
                             "Continues the federation %.16s… after %llu entries (term %llu)."),
               sb_doc_str(predecessor, "federation_id"),
               (unsigned long long)sb_doc_num(predecessor, "size"),
               (unsigned long long)sb_doc_num(predecessor, "term"));
    const sb_doc *lost = sb_doc_get(predecessor, "lost");
    for (uint32_t i = 0; i < sb_doc_count(lost); i++) {
        const char *text = "";
        (void)sb_doc_text(lost->items[i], &text, NULL);
        sb_cli_say(cli, "  %s: %s", sb_cli_either(cli, "tapt", "lost"), text);
    }
}
