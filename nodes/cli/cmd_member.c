/* samband member: who holds which seat and office. */
#include "nodes/cli/inside.h"
#include "proto/base/hash.h"

/* ---- appoint ---- */

static const sb_arg_option APPOINT_OPTIONS[] = {
    SB_OPTIONS_APPOINT,
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

static sb_err set_dates(sb_cli *cli, uint32_t *from_date, uint32_t *until_date)
{
    uint64_t now = 0;
    sb_err err = sb_option_date(cli, "from", 0, from_date);
    if (err == SB_OK)
        err = sb_option_date(cli, "until", 0, until_date);
    if (err == SB_OK && *from_date == 0) {
        err = sb_session_now(cli, &now);
        *from_date = sb_yyyymmdd(now);
    }
    return err;
}

/* --device: the key, in the arena; none: empty. */
static sb_err option_device(sb_cli *cli, ProtobufCBinaryData *out)
{
    const char *device = sb_args_value(cli->args, "device");
    if (device == NULL)
        return SB_OK;
    uint8_t *pk = sb_arena_alloc(&cli->arena, 32);
    *out = sb_bytes32(pk);
    return sb_read_pk(cli, device, pk);
}

sb_err sb_option_appoint(sb_cli *cli, Sb__Appoint *m)
{
    Sb__SeatPlace *place = SB_ARENA_NEW(&cli->arena, Sb__SeatPlace);
    sb__seat_place__init(place);
    sb_err err = set_place(cli, m, place);
    if (err == SB_OK)
        err = option_device(cli, &m->device_pk);
    if (err == SB_OK)
        err = set_dates(cli, &m->from_date, &m->until_date);
    if (err == SB_OK)
        err = sb_option_blob(cli, "name", true, &m->name);
    return err;
}

static sb_err member_appoint(sb_cli *cli)
{
    Sb__Appoint m = SB__APPOINT__INIT;
    sb_err err = sb_option_claim(cli, &m.claim);
    if (err == SB_OK)
        err = sb_option_appoint(cli, &m);
    return err == SB_OK ? sb_submit(cli, SB_ENTRY_APPOINT, &m.base, SB_KEY_NONE, NULL) : err;
}

const sb_verb_spec sb_spec_member_appoint = {NULL, APPOINT_OPTIONS, member_appoint};

/* ---- delegate ---- */

static const sb_arg_option DELEGATE_OPTIONS[] = {
    {.name = "seat",
     .value = "PLASS",
     .nb = "medlemsplassen det gis fullmakt for (ellers din egen)",
     .en = "the seat that is represented (else your own)"},
    SB_OPTION_TEXT("name", "hvem som får fullmakten, med stilling", "who is to represent it"),
    SB_OPTION_DEVICE,
    {.name = "from", .value = "DATO", .nb = "fra og med (i dag)", .en = "from (today)"},
    {.name = "until",
     .value = "DATO",
     .nb = "til og med; samme dag som --from: bare for det møtet",
     .en = "until; the same day as --from: that day's meeting only"},
    SB_OPTION_CLAIM("datoen på fullmakten", "the date of the letter"),
    SB_OPTION_END};

static sb_err delegated_seat(sb_cli *cli, const char **seat)
{
    sb_err err = sb_own_seat(cli, NULL, seat);
    return err == SB_OK && *seat == NULL ? sb_args_missing(cli->args, "seat", &cli->fail) : err;
}

static sb_err member_delegate(sb_cli *cli)
{
    Sb__Delegate m = SB__DELEGATE__INIT;
    const char *seat = NULL;
    sb_err err = delegated_seat(cli, &seat);
    if (err == SB_OK)
        err = option_device(cli, &m.device_pk);
    if (err == SB_OK)
        err = set_dates(cli, &m.from_date, &m.until_date);
    if (err == SB_OK)
        err = sb_option_claim(cli, &m.claim);
    if (err == SB_OK)
        err = sb_option_blob(cli, "name", true, &m.name);
    m.seat = (char *)(uintptr_t)seat;
    return err == SB_OK ? sb_submit(cli, SB_ENTRY_DELEGATE, &m.base, SB_KEY_NONE, NULL) : err;
}

const sb_verb_spec sb_spec_member_delegate = {NULL, DELEGATE_OPTIONS, member_delegate};

/* ---- list ---- */

/* What isn't as it should be with the term; "": nothing. */
static const char *term_words(sb_cli *cli, const sb_doc *holder)
{
    if (strcmp(sb_doc_str(holder, "term"), "over") == 0)
        return sb_text(SB_MSG_OFFICE_TERM_OVER, cli->lang);
    return sb_doc_true(holder, "term_exceeds")
               ? sb_cli_either(cli, "oppnevnt for lenger enn vedtektene sier",
                               "appointed for longer than the bylaws say")
               : "";
}

/* Who represents an ex officio seat by delegation now. */
static void add_delegate(sb_cli *cli, sb_buf *lines, const sb_doc *seat)
{
    const sb_doc *list = sb_doc_get(seat, "delegates");
    for (uint32_t i = 0; i < sb_doc_count(list); i++)
        if (sb_doc_true(list->items[i], "in_force"))
            sb_buf_printf(lines, "\t%s\t%s\t%s\n",
                          sb_text_word(SB_TEXT_ENTRY, SB_ENTRY_DELEGATE, cli->lang),
                          sb_blob_text(cli, sb_doc_get(list->items[i], "name")),
                          sb_doc_date(cli, list->items[i], "until_date"));
}

static void add_holder(sb_cli *cli, sb_buf *lines, const sb_doc *seat, const char *role)
{
    const sb_doc *holder = sb_doc_get(seat, role);
    bool is_deputy = strcmp(role, "deputy") == 0;
    bool vacant = holder == NULL || holder->kind == SB_DOC_NULL;
    if (is_deputy && vacant)
        return;
    sb_buf_printf(lines, "%s\t%s\t%s\t%s\n", is_deputy ? "" : sb_doc_str(seat, "seat"),
                  is_deputy ? sb_text_word(SB_TEXT_SEAT_ROLE, 2, cli->lang)
                            : sb_doc_str(seat, "title"),
                  vacant ? sb_text(SB_MSG_SEAT_VACANT, cli->lang)
                         : sb_blob_text(cli, sb_doc_get(holder, "name")),
                  vacant ? "" : term_words(cli, holder));
}

/* "leader  leder  Kari (funksjonstiden er ute; sitter til nye er valgt)" */
static void add_officer(sb_cli *cli, sb_buf *lines, const sb_doc *officer)
{
    const char *term = sb_doc_str(officer, "term");
    const char *note = "";
    if (strcmp(term, "sits_on") == 0)
        note = sb_text(SB_MSG_OFFICE_SITS_ON, cli->lang);
    else if (strcmp(term, "over") == 0)
        note = sb_text(SB_MSG_OFFICE_TERM_OVER, cli->lang);
    sb_buf_printf(lines, "%s\t%s\t%s", sb_doc_str(officer, "office"),
                  sb_doc_str(officer, "office_name"),
                  sb_blob_text(cli, sb_doc_get(officer, "name")));
    if (note[0] != '\0')
        sb_buf_printf(lines, " (%s)", note);
    sb_buf_str(lines, "\n");
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
        add_delegate(cli, &lines, seats->items[i]);
    }
    const sb_doc *officers = sb_doc_get(members, "officers");
    for (uint32_t i = 0; i < sb_doc_count(officers); i++)
        add_officer(cli, &lines, officers->items[i]);
    sb_cli_say_table(cli, &lines);
    sb_buf_deinit(&lines);
    return SB_OK;
}

const sb_verb_spec sb_spec_member_list = {SB_OPTIONAL_BODY, NULL, member_list};
