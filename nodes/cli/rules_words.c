#include "nodes/cli/rules_words.h"

const char *sb_words_and(sb_cli *cli, const char *const *items, size_t count)
{
    const char *text = "", *last = sb_cli_either(cli, " og ", " and ");
    for (size_t i = 0; i < count; i++)
        text = sb_arena_printf(&cli->arena, "%s%s%s", text,
                               i == 0           ? ""
                               : i + 1 == count ? last
                                                : ", ",
                               items[i]);
    return text;
}

const char *sb_words_group(sb_cli *cli, const sb_find_group *g)
{
    if (g->is_whole)
        return sb_cli_either(cli, "organet", "the body");
    if (g->is_rest)
        return sb_cli_either(cli, "de andre", "the others");
    return sb_arena_str(&cli->arena, g->name);
}

const char *sb_words_votes(sb_cli *cli, uint32_t for_, uint32_t against, uint32_t abstain)
{
    const uint32_t numbers[3] = {for_, against, abstain};
    const char *const words[3] = {sb_cli_either(cli, "for", "for"),
                                  sb_cli_either(cli, "mot", "against"),
                                  sb_cli_either(cli, "avstår", "abstaining")};
    const char *text = "";
    for (int i = 0; i < 3; i++)
        if (numbers[i] > 0)
            text = sb_arena_printf(&cli->arena, "%s%s%u %s", text, text[0] != '\0' ? ", " : "",
                                   numbers[i], words[i]);
    return text;
}

/* "3 av 6 fra UNN" */
static const char *how_many(sb_cli *cli, const sb_find_group *g, const sb_tally *t)
{
    sb_arena *a = &cli->arena;
    const char *name = sb_words_group(cli, g);
    bool none = t->present == 0;
    if (g->is_whole && none)
        return sb_cli_either(cli, "ingen", "nobody");
    if (g->is_whole)
        return sb_arena_printf(a, sb_cli_either(cli, "%u av %u", "%u of %u"), t->present, t->seats);
    if (g->is_rest && none)
        return sb_arena_printf(
            a, sb_cli_either(cli, "ingen av de %u andre", "none of the %u others"), t->seats);
    if (g->is_rest)
        return sb_arena_printf(a, sb_cli_either(cli, "%u av de %u andre", "%u of the %u others"),
                               t->present, t->seats);
    if (none)
        return sb_arena_printf(a, sb_cli_either(cli, "ingen fra %s", "none from %s"), name);
    return sb_arena_printf(a, sb_cli_either(cli, "%u av %u fra %s", "%u of %u from %s"), t->present,
                           t->seats, name);
}

/* "2 for, 1 mot, 1 plass ubesatt"; "" for nothing to say. */
static const char *remarks(sb_cli *cli, const sb_tally *t, bool votes)
{
    uint32_t vacant = t->seats - t->filled;
    const char *text = votes ? sb_words_votes(cli, t->for_, t->against, t->abstain) : "";
    if (votes && t->present > 0 && text[0] == '\0')
        text = sb_cli_either(cli, "ingen stemmer", "no votes");
    if (vacant == 0)
        return text;
    return sb_arena_printf(&cli->arena, "%s%s%u %s", text, text[0] != '\0' ? ", " : "", vacant,
                           vacant == 1 ? sb_cli_either(cli, "plass ubesatt", "seat vacant")
                                       : sb_cli_either(cli, "plasser ubesatt", "seats vacant"));
}

/* "3 av 6 fra UNN (2 for, 1 mot; etter de nye 4 av 8: 3 for, 1 mot)" */
static const char *part(sb_cli *cli, const sb_find_group *g, const sb_find_acts *acts,
                        uint32_t bodies, bool votes)
{
    sb_arena *a = &cli->arena;
    sb_tally t[2] = {sb_find_group_tally(g, acts, 0), sb_find_group_tally(g, acts, 1)};
    bool only_second = bodies == 2 && t[0].seats == 0;
    const sb_tally *first = &t[only_second];
    const char *said = remarks(cli, first, votes), *more = "", *other = remarks(cli, &t[1], votes);
    if (only_second)
        more = sb_cli_either(cli, "har ingen plass etter de gamle", "has no seat by the old ones");
    else if (bodies == 2 && t[1].seats == 0)
        more = sb_cli_either(cli, "har ingen plass etter de nye", "has no seat by the new ones");
    else if (bodies == 2 && memcmp(&t[0], &t[1], sizeof t[0]) != 0)
        more = sb_arena_printf(
            a, sb_cli_either(cli, "etter de nye %u av %u%s%s", "by the new ones %u of %u%s%s"),
            t[1].present, t[1].seats, strcmp(said, other) != 0 ? ": " : "",
            strcmp(said, other) != 0 ? other : "");
    const char *text = how_many(cli, g, first);
    if (said[0] == '\0' && more[0] == '\0')
        return text;
    return sb_arena_printf(a, "%s (%s%s%s)", text, said,
                           said[0] != '\0' && more[0] != '\0' ? "; " : "", more);
}

const char *sb_words_attendance(sb_cli *cli, const sb_find_group *groups, const sb_find_acts *acts,
                                uint32_t count, uint32_t bodies, bool votes)
{
    const char *items[SB_FIND_GROUPS_MAX];
    size_t shown = 0;
    for (uint32_t g = 0; g < count; g++)
        if (groups[g].both + groups[g].only[0] + groups[g].only[1] > 0)
            items[shown++] = part(cli, &groups[g], &acts[g], bodies, votes);
    return sb_words_and(cli, items, shown);
}

static const char *explained(sb_cli *cli, const sb_rule *rule, const sb_rule_shape *shape,
                             void (*explain)(const sb_rule *, const sb_rule_shape *, sb_rule_lang,
                                             sb_buf *))
{
    sb_buf words;
    sb_buf_init(&words);
    explain(rule, shape, cli->lang == SB_LANG_EN ? SB_RULE_EN : SB_RULE_NB, &words);
    const char *text = sb_arena_str(&cli->arena, sb_buf_slice(&words));
    sb_buf_deinit(&words);
    return text;
}

const char *sb_words_rule(sb_cli *cli, const sb_rule *rule, const sb_rule_shape *shape)
{
    return explained(cli, rule, shape, sb_rule_explain);
}

const char *sb_words_election(sb_cli *cli, const sb_rule *rule, const sb_rule_shape *shape)
{
    return explained(cli, rule, shape, sb_rule_explain_election);
}

void sb_words_shape(sb_cli *cli, const Sb__Charter *charter, const Sb__Body *body,
                    sb_rule_shape *out)
{
    sb_charter_shape(charter, body, &cli->arena, out);
    sb_rule_group *groups = SB_ARENA_ARRAY(&cli->arena, sb_rule_group, out->partner_count);
    for (uint32_t i = 0; i < out->partner_count; i++) {
        const char *en = charter->partners[i]->name_en;
        groups[i] = out->partners[i];
        if (cli->lang == SB_LANG_EN && en[0] != '\0')
            groups[i].name = sb_slice_str(en);
    }
    out->partners = groups;
}
