/* samband member: who holds which seat and office. */
#include "nodes/cli/inside.h"

/* ---- appoint ---- */

static const sb_arg_option APPOINT_OPTIONS[] = {
    {.name = "seat", .value = "PLASS", .nb = "medlemsplassen", .en = "the seat"},
    {.name = "deputy", .nb = "som personlig vara", .en = "as the personal deputy"},
    {.name = "office",
     .value = "VERV",
     .nb = "vervet: secretariat, leader, deputy-leader …",
     .en = "the office: secretariat, leader, deputy-leader …"},
    SB_OPTION_TEXT("name", "navn og stilling", "name and title"),
    {.name = "device",
     .value = "NØKKEL",
     .nb = "den offentlige nøkkelen til enheten (eller nøkkelfilen); uten fører sekretariatet "
           "stemmene",
     .en = "the device's public key (or key file); without it the secretariat records the votes"},
    {.name = "from", .value = "DATO", .nb = "fra og med (i dag)", .en = "from (today)"},
    {.name = "until", .value = "DATO", .nb = "til og med", .en = "until"},
    SB_OPTION_CLAIM("datoen på oppnevningsbrevet", "the date of the letter of appointment"),
    SB_OPTION_END};

static sb_err set_place(sb_cli *cli, Sb__Appoint *m, Sb__SeatPlace *place)
{
    const char *seat = sb_args_value(cli->args, "seat");
    const char *office = sb_args_value(cli->args, "office");
    if ((seat == NULL) == (office == NULL))
        return sb_fail_set(&cli->fail, SB_E_CLI_ONE_OF, "seat", "office", NULL);
    if (office != NULL) {
        m->place_case = SB__APPOINT__PLACE_OFFICE;
        m->office = (char *)(uintptr_t)office;
        return SB_OK;
    }
    place->seat = (char *)(uintptr_t)seat;
    place->role = sb_args_flag(cli->args, "deputy") ? SB__SEAT_ROLE__SEAT_ROLE_DEPUTY
                                                    : SB__SEAT_ROLE__SEAT_ROLE_PRIMARY;
    m->place_case = SB__APPOINT__PLACE_SEAT;
    m->seat = place;
    return SB_OK;
}

static sb_err set_dates(sb_cli *cli, Sb__Appoint *m)
{
    uint64_t now = 0;
    sb_err err = sb_option_date(cli, "from", 0, &m->from_date);
    if (err == SB_OK)
        err = sb_option_date(cli, "until", 0, &m->until_date);
    if (err == SB_OK && m->from_date == 0) {
        err = sb_session_now(cli, &now);
        m->from_date = sb_yyyymmdd(now);
    }
    return err;
}

static sb_err member_appoint(sb_cli *cli)
{
    Sb__Appoint m = SB__APPOINT__INIT;
    Sb__SeatPlace place = SB__SEAT_PLACE__INIT;
    const char *device = sb_args_value(cli->args, "device");
    uint8_t pk[32];
    sb_err err = set_place(cli, &m, &place);
    if (err == SB_OK && device != NULL)
        err = sb_read_pk(cli, device, pk);
    if (err == SB_OK && device != NULL)
        m.device_pk = sb_bytes32(pk);
    if (err == SB_OK)
        err = set_dates(cli, &m);
    if (err == SB_OK)
        err = sb_option_claim(cli, &m.claim);
    if (err == SB_OK)
        err = sb_option_blob(cli, "name", true, &m.name);
    return err == SB_OK ? sb_submit(cli, SB_ENTRY_APPOINT, &m.base, SB_KEY_NONE, NULL) : err;
}

const sb_verb_spec sb_spec_member_appoint = {NULL, APPOINT_OPTIONS, member_appoint};

/* ---- list ---- */

static const sb_arg_position OPTIONAL_BODY[] = {{.name = "ORGAN", .is_optional = true},
                                                {.name = NULL}};

static void add_holder(sb_cli *cli, sb_buf *lines, const sb_doc *seat, const char *role)
{
    const sb_doc *holder = sb_doc_get(seat, role);
    bool is_deputy = strcmp(role, "deputy") == 0;
    bool vacant = holder == NULL || holder->kind == SB_DOC_NULL;
    if (is_deputy && vacant)
        return;
    sb_buf_printf(lines, "%s\t%s\t%s\n", is_deputy ? "" : sb_doc_str(seat, "seat"),
                  is_deputy ? sb_text_word(SB_TEXT_SEAT_ROLE, 2, cli->lang)
                            : sb_doc_str(seat, "title"),
                  vacant ? sb_text(SB_MSG_SEAT_VACANT, cli->lang)
                         : sb_blob_text(cli, sb_doc_get(holder, "name")));
}

static sb_err member_list(sb_cli *cli)
{
    const char *body = sb_args_position(cli->args, 0);
    const sb_doc *seats = NULL, *members = NULL;
    sb_slice json = {0};
    sb_err err = sb_session_ask(cli, &seats, "seats", body, NULL);
    if (err == SB_OK)
        err = sb_session_query(cli, &json, "members", body, NULL);
    if (err == SB_OK)
        err = sb_session_ask(cli, &members, "members", body, NULL);
    if (err != SB_OK)
        return err;
    sb_cli_json_whole(cli, json);
    sb_buf lines;
    sb_buf_init(&lines);
    for (uint32_t i = 0; i < sb_doc_count(seats); i++) {
        add_holder(cli, &lines, seats->items[i], "primary");
        add_holder(cli, &lines, seats->items[i], "deputy");
    }
    const sb_doc *officers = sb_doc_get(members, "officers");
    for (uint32_t i = 0; i < sb_doc_count(officers); i++)
        sb_buf_printf(&lines, "%s\t%s\t%s\n", sb_doc_str(officers->items[i], "office"),
                      sb_doc_str(officers->items[i], "office_name"),
                      sb_blob_text(cli, sb_doc_get(officers->items[i], "name")));
    sb_cli_say_table(cli, &lines);
    sb_buf_deinit(&lines);
    return SB_OK;
}

const sb_verb_spec sb_spec_member_list = {OPTIONAL_BODY, NULL, member_list};
