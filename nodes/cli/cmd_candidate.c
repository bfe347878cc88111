/* samband candidate: who stands for election. */
#include "nodes/cli/inside.h"
#include "proto/base/hash.h"

static const sb_arg_position PROPOSE_POSITIONS[] = {
    {.name = "SAK"}, {.name = "VERV=PLASS", .may_repeat = true}, {.name = NULL}};
static const sb_arg_position NUMBER_POSITIONS[] = {{.name = "SAK"}, {.name = "NR"}, {.name = NULL}};

/* ---- propose ---- */

/* An office that is elected, by id or name ("leder"). */
static sb_err ref_office(sb_cli *cli, const char *text, const char **id)
{
    const sb_doc *charter = NULL;
    sb_err err = sb_session_ask(cli, &charter, "charter", NULL);
    const sb_doc *list = sb_doc_get(charter, "offices");
    *id = NULL;
    for (uint32_t i = 0; err == SB_OK && i < sb_doc_count(list); i++)
        if (strcmp(sb_doc_str(list->items[i], "id"), text) == 0 ||
            strcmp(sb_doc_str(list->items[i], "name"), text) == 0)
            *id = sb_doc_str(list->items[i], "id");
    if (err == SB_OK && *id == NULL)
        err = sb_fail_set(&cli->fail, SB_E_CLI_NO_MATCH, sb_cli_either(cli, "vervet", "office"),
                          text, NULL);
    return err;
}

/* "leder=unn-1" */
static sb_err read_place(sb_cli *cli, const char *text, Sb__CandidatePlace **out)
{
    const char *equals = strchr(text, '='), *office = NULL;
    if (equals == NULL || equals == text || equals[1] == '\0')
        return sb_fail_set(&cli->fail, SB_E_CLI_PLACE, text, NULL);
    Sb__CandidatePlace *place = SB_ARENA_NEW(&cli->arena, Sb__CandidatePlace);
    sb__candidate_place__init(place);
    sb_err err = ref_office(
        cli, sb_arena_str(&cli->arena, sb_slice_of(text, (size_t)(equals - text))), &office);
    place->office = (char *)(uintptr_t)office;
    place->seat = (char *)(uintptr_t)(equals + 1);
    *out = place;
    return err;
}

static sb_err candidate_propose(sb_cli *cli)
{
    Sb__CandidatePropose m = SB__CANDIDATE_PROPOSE__INIT;
    const sb_doc *c = NULL;
    const char *text;
    uint8_t id[32];
    sb_err err = sb_position_case(cli, &c, id);
    m.places = SB_ARENA_ARRAY(&cli->arena, Sb__CandidatePlace *, cli->args->position_count + 1);
    for (uint32_t n = 1; err == SB_OK && (text = sb_args_position(cli->args, n)) != NULL; n++)
        err = read_place(cli, text, &m.places[m.n_places++]);
    m.case_id = sb_bytes32(id);
    if (err == SB_OK)
        err = sb_submit_new(cli, SB_ENTRY_CANDIDATE_PROPOSE, &m.base, "candidate",
                            "Kandidatens referanse", "The candidate's reference");
    return err;
}

const sb_verb_spec sb_spec_candidate_propose = {PROPOSE_POSITIONS, NULL, candidate_propose};

/* ---- withdraw ---- */

static sb_err candidate_withdraw(sb_cli *cli)
{
    Sb__CandidateWithdraw m = SB__CANDIDATE_WITHDRAW__INIT;
    const sb_doc *c = NULL;
    uint8_t case_id[32], id[32];
    sb_err err = sb_position_case(cli, &c, case_id);
    if (err == SB_OK)
        err = sb_case_fact(cli, c, "candidates", sb_args_position(cli->args, 1),
                           sb_cli_either(cli, "kandidaten", "candidate"), id);
    m.candidate_id = sb_bytes32(id);
    return err == SB_OK ? sb_submit(cli, SB_ENTRY_CANDIDATE_WITHDRAW, &m.base, SB_KEY_MEMBER, NULL)
                        : err;
}

const sb_verb_spec sb_spec_candidate_withdraw = {NUMBER_POSITIONS, NULL, candidate_withdraw};

/* ---- list ---- */

/* "Administrerende direktør, UNN (leder); … (nestleder)" */
static const char *ticket(sb_cli *cli, const sb_doc *candidate)
{
    const sb_doc *places = sb_doc_get(candidate, "places");
    const char *words = "";
    for (uint32_t i = 0; i < sb_doc_count(places); i++) {
        const sb_doc *p = places->items[i];
        const char *name = sb_doc_str(p, "office_name"), *title = sb_doc_str(p, "title");
        words = sb_arena_printf(&cli->arena, "%s%s%s (%s)", words, i == 0 ? "" : "; ",
                                title[0] != '\0' ? title : sb_doc_str(p, "seat"),
                                name[0] != '\0' ? name : sb_doc_str(p, "office"));
    }
    return words;
}

void sb_say_candidates(sb_cli *cli, const sb_doc *list)
{
    for (uint32_t i = 0; i < sb_doc_count(list); i++) {
        const sb_doc *one = list->items[i];
        const sb_doc *votes = sb_doc_get(one, "votes");
        bool is_counted = votes != NULL && votes->kind != SB_DOC_NULL;
        sb_cli_say(
            cli, "%s %llu: %s%s%s", sb_cli_either(cli, "Kandidat", "Candidate"),
            (unsigned long long)sb_doc_num(one, "number"), ticket(cli, one),
            sb_doc_true(one, "withdrawn") ? sb_cli_either(cli, " – trukket", " – withdrawn") : "",
            is_counted ? sb_arena_printf(&cli->arena,
                                         sb_cli_either(cli, " – stemmer: %llu", " – votes: %llu"),
                                         (unsigned long long)sb_doc_num(one, "votes"))
                       : "");
    }
}

static sb_err candidate_list(sb_cli *cli)
{
    const sb_doc *c = NULL, *list = NULL;
    uint8_t id[32];
    sb_err err = sb_position_case(cli, &c, id);
    if (err == SB_OK)
        err = sb_session_show(cli, &list, "candidates", sb_doc_str(c, "id"));
    if (err != SB_OK)
        return err;
    if (sb_doc_count(list) == 0)
        sb_cli_say(cli, "%s", sb_text(SB_MSG_NONE, cli->lang));
    sb_say_candidates(cli, list);
    return SB_OK;
}

const sb_verb_spec sb_spec_candidate_list = {SB_CASE_POSITION, NULL, candidate_list};
