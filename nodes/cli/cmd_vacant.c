/* samband member vacant: seats and offices that nobody holds, and who is to fill them. */
#include "nodes/cli/inside.h"

/* "aldri oppnevnt", "funksjonstiden gikk ut 05.12.2021", "… sitter til nye er valgt" */
static const char *why(sb_cli *cli, const sb_doc *place)
{
    const char *reason = sb_doc_str(place, "reason");
    const char *date = sb_doc_date(cli, place, "until_date");
    if (strcmp(reason, "never") == 0)
        return sb_cli_either(cli, "aldri oppnevnt", "never appointed");
    if (strcmp(reason, "sits_on") == 0)
        return sb_arena_printf(&cli->arena, "%s (%s)", sb_text(SB_MSG_OFFICE_SITS_ON, cli->lang),
                               date);
    return sb_arena_printf(
        &cli->arena, sb_cli_either(cli, "funksjonstiden gikk ut %s", "the term ended %s"), date);
}

static const char *who_fills(sb_cli *cli, const sb_doc *place)
{
    const char *elects = sb_doc_str(place, "elected_by");
    const char *appoints = sb_doc_str(place, "appointer");
    if (elects[0] != '\0')
        return sb_arena_printf(&cli->arena,
                               sb_cli_either(cli, "velges av %s", "to be elected by %s"), elects);
    if (appoints[0] == '\0')
        appoints = sb_doc_str(place, "appointed_by");
    if (appoints[0] == '\0') /* by decision of the body above, or of the secretariat */
        return sb_cli_either(cli, "oppnevnes ved vedtak", "to be appointed by decision");
    return sb_arena_printf(
        &cli->arena, sb_cli_either(cli, "oppnevnes av %s", "to be appointed by %s"), appoints);
}

static sb_err member_vacant(sb_cli *cli)
{
    const char *body = sb_args_position(cli->args, 0);
    const sb_doc *answer = NULL;
    sb_slice json = {0};
    sb_err err = sb_session_query(cli, &json, "vacancies", body, NULL);
    if (err == SB_OK)
        err = sb_session_ask(cli, &answer, "vacancies", body, NULL);
    if (err != SB_OK)
        return err;
    sb_cli_json_whole(cli, json);
    const sb_doc *seats = sb_doc_get(answer, "seats"), *offices = sb_doc_get(answer, "offices");
    sb_buf lines;
    sb_buf_init(&lines);
    for (uint32_t i = 0; i < sb_doc_count(seats); i++) {
        const sb_doc *seat = seats->items[i];
        bool is_deputy = strcmp(sb_doc_str(seat, "role"), "deputy") == 0;
        sb_buf_printf(&lines, "%s\t%s%s%s\t%s\t%s\n", sb_doc_str(seat, "seat"),
                      sb_doc_str(seat, "title"), is_deputy ? ", " : "",
                      is_deputy ? sb_text(SB_MSG_PAPER_DEPUTY, cli->lang) : "", why(cli, seat),
                      who_fills(cli, seat));
    }
    for (uint32_t i = 0; i < sb_doc_count(offices); i++) {
        const sb_doc *office = offices->items[i];
        sb_buf_printf(&lines, "%s\t%s\t%s\t%s\n", sb_doc_str(office, "office"),
                      sb_doc_str(office, "office_name"), why(cli, office), who_fills(cli, office));
    }
    if (lines.len == 0)
        sb_cli_say(cli, "%s", sb_text(SB_MSG_NONE, cli->lang));
    sb_cli_say_table(cli, &lines);
    sb_buf_deinit(&lines);
    return SB_OK;
}

const sb_verb_spec sb_spec_member_vacant = {SB_OPTIONAL_BODY, NULL, member_vacant};
