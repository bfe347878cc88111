#include "nodes/cli/tally_base.h"

#include "nodes/cli/rules_input.h"
#include "nodes/host/json_read.h"
#include "proto/text/text.h"

sb_err sb_tally_from_file(sb_cli *cli, const char *path, sb_tally_base *out)
{
    const sb_doc *root = NULL;
    *out = (sb_tally_base){.title = path, .body_name = ""};
    sb_err err = sb_json_read(path, &cli->arena, &root, &cli->fail);
    if (err == SB_OK)
        err = sb_rules_input(root, &cli->arena, &out->votes, &cli->fail);
    if (err != SB_OK)
        return err;
    out->seats = SB_ARENA_ARRAY(&cli->arena, sb_tally_seat, out->votes.count);
    for (uint32_t i = 0; i < out->votes.count; i++)
        out->seats[i] = out->votes.seats[i];
    out->votes.seats = out->seats;
    return SB_OK;
}

/* ---- from the node's answers ---- */

static sb_err read_rule(sb_cli *cli, const char *text, const sb_rule **out)
{
    sb_rule *rule = NULL;
    *out = NULL;
    if (text[0] == '\0')
        return SB_OK;
    rule = SB_ARENA_NEW(&cli->arena, sb_rule);
    *out = rule;
    return sb_rule_parse(&cli->arena, sb_slice_str(text), rule, &cli->fail);
}

static sb_tally_seat read_seat(const sb_doc *d)
{
    const char *by = sb_doc_str(d, "represented_by"), *reason = sb_doc_str(d, "reason");
    sb_tally_seat s = {.id = sb_slice_str(sb_doc_str(d, "seat")),
                       .partner = sb_slice_str(sb_doc_str(d, "partner")),
                       .filled = strcmp(reason, "vacant") != 0};
    if (strcmp(by, "primary") == 0)
        s.presence = SB_TALLY_PRIMARY;
    else if (strcmp(by, "deputy") == 0)
        s.presence = SB_TALLY_DEPUTY;
    else if (strcmp(reason, "disqualified") == 0)
        s.presence = SB_TALLY_DISQUALIFIED;
    else
        s.presence = SB_TALLY_ABSENT;
    return s;
}

static void read_seats(sb_cli *cli, const sb_doc *list, sb_tally_base *out)
{
    out->votes.count = sb_doc_count(list);
    out->seats = SB_ARENA_ARRAY(&cli->arena, sb_tally_seat, out->votes.count);
    out->votes.seats = out->seats;
    for (uint32_t i = 0; i < out->votes.count; i++)
        out->seats[i] = read_seat(list->items[i]);
}

static sb_tally_seat *seat_of(sb_tally_base *out, const char *id)
{
    for (uint32_t i = 0; i < out->votes.count; i++)
        if (sb_slice_eq(out->seats[i].id, sb_slice_str(id)))
            return &out->seats[i];
    return NULL;
}

static sb_tally_vote vote_of(const char *choice)
{
    if (strcmp(choice, "for") == 0)
        return SB_TALLY_FOR;
    if (strcmp(choice, "against") == 0)
        return SB_TALLY_AGAINST;
    return strcmp(choice, "abstain") == 0 ? SB_TALLY_ABSTAIN : SB_TALLY_NO_BALLOT;
}

static void read_ballots(const sb_doc *list, sb_tally_base *out)
{
    for (uint32_t i = 0; i < sb_doc_count(list); i++) {
        sb_tally_seat *s = seat_of(out, sb_doc_str(list->items[i], "seat"));
        if (s != NULL)
            s->vote = vote_of(sb_doc_str(list->items[i], "choice"));
    }
}

static void read_objections(const sb_doc *list, sb_tally_base *out)
{
    for (uint32_t i = 0; i < sb_doc_count(list); i++) {
        sb_tally_seat *s = seat_of(out, sb_doc_str(list->items[i], "seat"));
        if (s != NULL)
            s->objects = true;
    }
}

static sb_err read_open(sb_cli *cli, const sb_doc *q, sb_tally_base *out)
{
    const sb_doc *seats = sb_doc_get(q, "seats");
    read_seats(cli, seats, out);
    read_ballots(seats, out);
    read_objections(sb_doc_get(q, "objections"), out);
    sb_err err = read_rule(cli, sb_doc_str(q, "quorum_rule"), &out->quorum);
    return err == SB_OK ? read_rule(cli, sb_doc_str(q, "pass_rule"), &out->pass) : err;
}

static sb_err read_closed(sb_cli *cli, const sb_doc *q, sb_tally_base *out)
{
    const sb_doc *answer = NULL;
    sb_err err = sb_session_ask(cli, &answer, "certificate", sb_doc_str(q, "id"), NULL);
    if (err != SB_OK)
        return err;
    const sb_doc *c = sb_doc_get(answer, "certificate"), *rules = sb_doc_get(c, "rules");
    read_seats(cli, sb_doc_get(c, "electorate"), out);
    read_ballots(sb_doc_get(c, "ballots"), out);
    read_ballots(sb_doc_get(c, "ballots_not_counted"), out);
    read_objections(sb_doc_get(c, "objections"), out);
    out->recorded = sb_doc_str(c, "outcome");
    out->votes.earlier = sb_doc_true(sb_doc_get(c, "case"), "discussed_earlier")
                             ? SB_TALLY_EARLIER_YES
                             : SB_TALLY_EARLIER_NO;
    err = read_rule(cli, sb_doc_str(sb_doc_get(rules, "quorum"), "text"), &out->quorum);
    if (err == SB_OK)
        err = read_rule(cli, sb_doc_str(sb_doc_get(rules, "pass"), "text"), &out->pass);
    return err;
}

/* The partners' names, from the charter in force. */
static sb_err read_names(sb_cli *cli, sb_tally_base *out)
{
    const sb_doc *charter = NULL;
    sb_err err = sb_session_ask(cli, &charter, "charter", NULL);
    if (err != SB_OK)
        return err;
    const sb_doc *partners = sb_doc_get(charter, "partners");
    sb_rule_shape *shape = SB_ARENA_NEW(&cli->arena, sb_rule_shape);
    sb_rule_group *groups = SB_ARENA_ARRAY(&cli->arena, sb_rule_group, sb_doc_count(partners));
    for (uint32_t i = 0; i < sb_doc_count(partners); i++) {
        const char *en = sb_doc_str(partners->items[i], "name_en");
        const char *name = sb_doc_str(partners->items[i], "name");
        groups[i] = (sb_rule_group){
            .id = sb_slice_str(sb_doc_str(partners->items[i], "id")),
            .name = sb_slice_str(cli->lang == SB_LANG_EN && en[0] != '\0' ? en : name)};
    }
    *shape = (sb_rule_shape){.partners = groups, .partner_count = sb_doc_count(partners)};
    out->names = shape;
    return SB_OK;
}

sb_err sb_tally_from_question(sb_cli *cli, const char *ref, sb_tally_base *out)
{
    const sb_doc *q = NULL;
    uint8_t id[32];
    *out = (sb_tally_base){.title = ref};
    sb_err err = sb_ref_question(cli, ref, &q, id);
    if (err != SB_OK)
        return err;
    const char *mode = sb_doc_str(q, "mode");
    if (strcmp(mode, "election") == 0 || strcmp(mode, "poll") == 0)
        return sb_fail_set(&cli->fail, SB_E_CLI_WHAT_IF_MODE,
                           sb_doc_word(cli, SB_TEXT_MODE, q, "mode"), NULL);
    const sb_doc *c = sb_doc_get(q, "case"), *meeting = sb_doc_get(q, "meeting");
    out->title =
        sb_arena_printf(&cli->arena, "%s  %s", sb_doc_str(c, "number"), sb_doc_str(c, "title"));
    out->body_id = sb_doc_str(meeting, "body");
    out->body_name = sb_doc_str(meeting, "body_name");
    out->by_consensus = strcmp(mode, "consensus") == 0;
    err = strcmp(sb_doc_str(q, "status"), "open") == 0 ? read_open(cli, q, out)
                                                       : read_closed(cli, q, out);
    if (strcmp(mode, "note") == 0)
        out->pass = NULL; /* nothing to adopt */
    return err == SB_OK ? read_names(cli, out) : err;
}
