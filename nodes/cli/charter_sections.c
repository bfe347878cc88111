/* What a charter says about a body besides its rules, in words: elections and the offices elected,
 * plans, extraordinary meetings, delegation, terms, bodies below, norms, and how it all changes. */
#include "nodes/cli/assumed.h"
#include "nodes/cli/rules_words.h"

/* One line, and an object in the answer's open array. */
static void say(sb_cli *cli, const char *where, const char *cite, const char *text)
{
    sb_json *j = &cli->json;
    sb_cli_say(cli, "  %s: %s%s%s%s", where, text, cite[0] != '\0' ? " (" : "", cite,
               cite[0] != '\0' ? ")" : "");
    sb_json_object(j);
    sb_json_key(j, "where");
    sb_json_cstr(j, where);
    sb_json_key(j, "cite");
    sb_json_cstr(j, cite);
    sb_json_key(j, "text");
    sb_json_cstr(j, text);
    sb_json_end_object(j);
}

/* Clauses in a row: "a; b; c". */
static void add(sb_buf *out, const char *text)
{
    if (out->len > 0)
        sb_buf_str(out, "; ");
    sb_buf_str(out, text);
}

static const char *short_name(const Sb__Body *b)
{
    return b->short_name[0] != '\0' ? b->short_name : b->id;
}

/* "4 år", "6 måneder" */
static const char *months_text(sb_cli *cli, uint32_t months)
{
    bool years = months % 12 == 0;
    uint32_t n = years ? months / 12 : months;
    const char *unit =
        years ? sb_cli_either(cli, "år", n == 1 ? "year" : "years")
              : sb_cli_either(cli, n == 1 ? "måned" : "måneder", n == 1 ? "month" : "months");
    return sb_arena_printf(&cli->arena, "%u %s", n, unit);
}

static const Sb__Office *office_of(const Sb__Charter *c, const char *id)
{
    for (size_t i = 0; i < c->n_offices; i++)
        if (strcmp(c->offices[i]->id, id) == 0)
            return c->offices[i];
    return NULL;
}

static const char *office_name(const Sb__Charter *c, const char *id)
{
    const Sb__Office *o = office_of(c, id);
    return o == NULL ? id : o->name;
}

/* ---- elections ---- */

static const char *elect_rule(sb_cli *cli, const Sb__Charter *c, const Sb__Body *b)
{
    sb_rule tree;
    sb_rule_shape shape;
    sb_buf words;
    const char *text = b->election->elect->text;
    if (text[0] == '\0')
        return sb_cli_either(cli, "med samme regel som for vedtak, prøvd på hver kandidat",
                             "by the rule for decisions, asked of each candidate");
    if (sb_rule_parse(&cli->arena, sb_slice_str(text), &tree, NULL) != SB_OK)
        return text;
    sb_words_shape(cli, c, b, &shape);
    sb_buf_init(&words);
    sb_rule_print(&tree, cli->lang == SB_LANG_EN ? SB_RULE_EN : SB_RULE_NB, &words);
    const char *out = sb_arena_printf(&cli->arena,
                                      sb_cli_either(cli, "når dette holder for én kandidat: «%s»",
                                                    "when this holds for one candidate: \"%s\""),
                                      strchr(sb_buf_cstr(&words), ' ') + 1 /* not "pass" */);
    sb_buf_deinit(&words);
    return out;
}

static const char *tie_text(sb_cli *cli, Sb__ElectionTie tie)
{
    switch (tie) {
    case SB__ELECTION_TIE__ELECTION_TIE_INCUMBENTS:
        return sb_cli_either(cli, "blir ingen valgt, fortsetter de som sitter",
                             "if nobody is elected, those who sit go on");
    case SB__ELECTION_TIE__ELECTION_TIE_NOBODY:
        return sb_cli_either(cli, "blir ingen valgt, står vervet tomt",
                             "if nobody is elected, the office stays vacant");
    case SB__ELECTION_TIE__ELECTION_TIE_INVALID:
    case _SB__ELECTION_TIE_IS_INT_SIZE:
        break;
    }
    return "";
}

static void say_election(sb_cli *cli, const Sb__Charter *c, const Sb__Body *b)
{
    const Sb__Election *e = b->election;
    sb_buf out, names;
    if (e == NULL)
        return;
    sb_buf_init(&out);
    sb_buf_init(&names);
    size_t last = 0;
    for (size_t i = 0; i < c->n_offices; i++)
        if (strcmp(c->offices[i]->elected_by, b->id) == 0)
            last = i;
    for (size_t i = 0; i < c->n_offices; i++)
        if (strcmp(c->offices[i]->elected_by, b->id) == 0)
            sb_buf_printf(&names, "%s%s",
                          names.len == 0 ? ""
                          : i == last    ? sb_cli_either(cli, " og ", " and ")
                                         : ", ",
                          c->offices[i]->name);
    sb_buf_printf(&out, sb_cli_either(cli, "velger %s %s", "elects %s %s"),
                  names.len > 0 ? sb_buf_cstr(&names) : sb_cli_either(cli, "ingen", "nobody"),
                  elect_rule(cli, c, b));
    if (e->rounds > 1)
        add(&out, sb_arena_printf(&cli->arena,
                                  sb_cli_either(cli, "høyst %u omganger", "at most %u rounds"),
                                  e->rounds));
    if (e->rounds > 1 && e->keep > 0)
        add(&out,
            sb_arena_printf(&cli->arena,
                            sb_cli_either(cli, "de %u øverste går videre", "the %u highest go on"),
                            e->keep));
    if (e->acclamation)
        add(&out, sb_cli_either(cli, "et eneste forslag er valgt når ingen har innvendinger",
                                "a single proposal is elected when nobody objects"));
    add(&out, tie_text(cli, e->tie));
    say(cli, short_name(b), e->cite, sb_buf_cstr(&out));
    sb_buf_deinit(&names);
    sb_buf_deinit(&out);
}

static const char *norm_text(sb_cli *cli, const Sb__Charter *c, const Sb__OfficeNorm *n)
{
    bool must = n->force == SB__FORCE__FORCE_MUST;
    const char *verb = sb_cli_either(cli, must ? "skal" : "bør", must ? "must" : "should");
    if (n->kind == SB__OFFICE_NORM_KIND__OFFICE_NORM_KIND_ALTERNATES)
        return sb_arena_printf(&cli->arena,
                               sb_cli_either(cli, "%s komme fra en annen partner enn den forrige",
                                             "%s come from another partner than the one before"),
                               verb);
    return sb_arena_printf(&cli->arena,
                           sb_cli_either(cli, "%s komme fra en annen partner enn %s",
                                         "%s come from another partner than %s"),
                           verb, office_name(c, n->office));
}

static void say_offices(sb_cli *cli, const Sb__Charter *c, const Sb__Body *b)
{
    for (size_t i = 0; i < c->n_offices; i++) {
        const Sb__Office *o = c->offices[i];
        if (strcmp(o->elected_by, b->id) != 0)
            continue;
        if (o->term_months > 0)
            say(cli, o->name, o->cite,
                sb_arena_printf(
                    &cli->arena, "%s %s%s", sb_cli_either(cli, "velges for", "is elected for"),
                    months_text(cli, o->term_months),
                    !o->sits_until_replaced   ? ""
                    : cli->lang == SB_LANG_EN ? ", and sits until somebody else is elected"
                                              : ", og sitter til en ny er valgt"));
        for (size_t n = 0; n < o->n_norms; n++)
            say(cli, o->name, o->norms[n]->cite, norm_text(cli, c, o->norms[n]));
    }
}

/* ---- meetings and members ---- */

static void say_planning(sb_cli *cli, const Sb__Body *b)
{
    const Sb__Planning *p = b->planning;
    sb_buf out;
    if (p == NULL)
        return;
    sb_buf_init(&out);
    if (p->least_meetings > 0)
        add(&out,
            sb_arena_printf(&cli->arena,
                            sb_cli_either(cli, "minst %u %s i året", "at least %u %s a year"),
                            p->least_meetings,
                            p->least_meetings == 1 ? sb_cli_either(cli, "møte", "meeting")
                                                   : sb_cli_either(cli, "møter", "meetings")));
    if (p->before_year)
        add(&out, sb_cli_either(cli, "møteplanen vedtas før året starter",
                                "the plan is decided before its year starts"));
    if (p->next_date)
        add(&out, sb_cli_either(cli, "datoen for neste års møte fastsettes på møtet",
                                "the date of next year's meeting is set at the meeting"));
    say(cli, short_name(b), p->cite, sb_buf_cstr(&out));
    sb_buf_deinit(&out);
}

static void say_members(sb_cli *cli, const Sb__Charter *c, const Sb__Body *b)
{
    const char *name = short_name(b);
    sb_arena *a = &cli->arena;
    if (b->extraordinary_cite[0] != '\0')
        say(cli, name, b->extraordinary_cite,
            b->extraordinary_by[0] == '\0'
                ? sb_cli_either(cli, "kan ha ekstraordinære møter",
                                "may hold extraordinary meetings")
                : sb_arena_printf(a,
                                  sb_cli_either(cli, "ekstraordinære møter innkalles av %s",
                                                "extraordinary meetings are called by %s"),
                                  office_name(c, b->extraordinary_by)));
    if (b->delegation_cite[0] != '\0')
        say(cli, name, b->delegation_cite,
            sb_cli_either(cli,
                          "den som er medlem i kraft av vervet sitt, kan gi fullmakt til en annen",
                          "who is a member by virtue of office may delegate to somebody else"));
    if (b->term_months > 0)
        say(cli, name, b->term_cite,
            sb_arena_printf(
                a, "%s %s",
                sb_cli_either(cli, "medlemmene oppnevnes for", "members are appointed for"),
                months_text(cli, b->term_months)));
    if (b->may_create)
        say(cli, name, b->create_cite,
            sb_cli_either(cli, "kan opprette organer under seg, gi dem mandat og oppløse dem",
                          "may create bodies below itself, give them mandates and dissolve them"));
}

static void say_norms(sb_cli *cli, const Sb__Body *b)
{
    for (size_t i = 0; i < b->n_norms; i++) {
        const Sb__Norm *n = b->norms[i];
        bool must = n->force == SB__FORCE__FORCE_MUST;
        say(cli,
            sb_arena_printf(&cli->arena, "%s, %s", short_name(b),
                            sb_cli_either(cli, must ? "skal" : "bør", must ? "must" : "should")),
            n->cite, n->text);
    }
}

void sb_cli_say_sections(sb_cli *cli, const Sb__Charter *charter, const Sb__Body *b)
{
    say_election(cli, charter, b);
    say_offices(cli, charter, b);
    say_planning(cli, b);
    say_members(cli, charter, b);
    say_norms(cli, b);
}

/* ---- how the charter changes ---- */

static const char *involvement_text(sb_cli *cli, const Sb__Involvement *v)
{
    bool before = v->moment == SB__CONDITION_MOMENT__CONDITION_MOMENT_BEFORE_QUESTION;
    const char *kind = "";
    switch (v->kind) {
    case SB__CONDITION_KIND__CONDITION_KIND_INFORMED:
        kind = sb_cli_either(cli, "involveres", "be involved");
        break;
    case SB__CONDITION_KIND__CONDITION_KIND_CONSENTED:
        kind = sb_cli_either(cli, "samtykke", "consent");
        break;
    case SB__CONDITION_KIND__CONDITION_KIND_SIGNED:
        kind = sb_cli_either(cli, "undertegne", "sign");
        break;
    case SB__CONDITION_KIND__CONDITION_KIND_INVALID:
    case _SB__CONDITION_KIND_IS_INT_SIZE:
        break;
    }
    return sb_arena_printf(
        &cli->arena, "%s %s %s%s",
        sb_cli_either(cli, "sammenfaller endringen med avtalen mellom partene, skal alle partene",
                      "where the change overlaps the parties' agreement, every party must"),
        kind,
        before ? sb_cli_either(cli, "før det stemmes", "before the vote")
               : sb_cli_either(cli, "før den trer i kraft", "before it is in force"),
        !v->lapses
            ? ""
            : sb_cli_either(cli, "; den som ikke svarer innen fristen, regnes som å ha svart",
                            "; who hasn't answered in time counts as having done so"));
}

void sb_cli_say_involvement(sb_cli *cli, const Sb__Involvement *v, const char *where)
{
    say(cli, where, v->cite, involvement_text(cli, v));
}

void sb_cli_say_changes(sb_cli *cli, const Sb__Charter *c, const Sb__Amendment *a,
                        const char *where)
{
    sb_rule tree;
    sb_rule_shape shape;
    sb_buf words;
    const Sb__Body *body = NULL;
    for (size_t i = 0; a != NULL && i < c->n_bodies; i++)
        if (strcmp(c->bodies[i]->id, a->body) == 0)
            body = c->bodies[i];
    if (body == NULL ||
        sb_rule_parse(&cli->arena, sb_slice_str(a->pass->text), &tree, NULL) != SB_OK)
        return;
    sb_words_shape(cli, c, body, &shape);
    sb_buf_init(&words);
    sb_rule_explain(&tree, &shape, cli->lang == SB_LANG_EN ? SB_RULE_EN : SB_RULE_NB, &words);
    say(cli, where, a->pass->cite,
        sb_arena_printf(&cli->arena, sb_cli_either(cli, "vedtas av %s. %s", "by %s. %s"),
                        short_name(body), sb_buf_cstr(&words)));
    sb_buf_deinit(&words);
    if (a->involvement != NULL)
        sb_cli_say_involvement(cli, a->involvement, where);
}
