/* samband body: bodies that a decision makes, mandates and dissolves. Each is an action of a case. */
#include "nodes/cli/charter_in_force.h"
#include "nodes/cli/inside.h"

static const sb_arg_position BODY_POSITION[] = {{.name = "ORGAN"}, {.name = NULL}};

#define OPTION_CASE                                                                                \
    {                                                                                              \
        .name = "case", .value = "SAK", .nb = "saken som skal vedta det",                          \
        .en = "the case that is to decide it", .is_required = true                                 \
    }

/* ---- create ---- */

static const sb_arg_option CREATE_OPTIONS[] = {
    OPTION_CASE,
    {.name = "file",
     .value = "FIL",
     .nb = "organet, skrevet som under «bodies:» i vedtektene",
     .en = "the body, written as under \"bodies:\" in a charter",
     .is_required = true},
    SB_OPTION_TEXT("mandate", "organets mandat", "the body's mandate"),
    SB_OPTION_END};

/* Two actions: a body gets its mandate by one of its own. */
static sb_err create_and_mandate(sb_cli *cli, Sb__ActionPropose *create, Sb__BlobRef *blob)
{
    Sb__ActionPropose m = SB__ACTION_PROPOSE__INIT;
    Sb__ActionBodyMandate mandate = SB__ACTION_BODY_MANDATE__INIT;
    const sb_doc *c = NULL;
    uint8_t id[32];
    sb_err err = sb_option_case(cli, "case", &c, id);
    create->case_id = sb_bytes32(id);
    if (err == SB_OK)
        err = sb_submit_part(cli, SB_ENTRY_ACTION_PROPOSE, &create->base, SB_KEY_MEMBER, NULL);
    mandate.body = create->body_create->body->id;
    mandate.mandate = blob;
    m.action_case = SB__ACTION_PROPOSE__ACTION_BODY_MANDATE;
    m.body_mandate = &mandate;
    return err == SB_OK ? sb_submit_action(cli, sb_args_value(cli->args, "case"), &m) : err;
}

static sb_err body_create(sb_cli *cli)
{
    Sb__ActionPropose m = SB__ACTION_PROPOSE__INIT;
    Sb__ActionBodyCreate create = SB__ACTION_BODY_CREATE__INIT;
    const Sb__Charter *charter = NULL;
    Sb__BlobRef *mandate = NULL;
    const sb_charter_options options = {.lang = cli->lang};
    sb_charter_report *report = SB_ARENA_NEW(&cli->arena, sb_charter_report);
    sb_err err = sb_charter_in_force(cli, &charter);
    if (err == SB_OK)
        err = sb_charter_read_body(sb_args_value(cli->args, "file"), charter, &options, &cli->arena,
                                   &create.body, report, &cli->fail);
    if (err == SB_OK)
        err = sb_option_blob(cli, "mandate", false, &mandate);
    if (err != SB_OK)
        return err;
    if (create.body->parent[0] == '\0') { /* the body that decides */
        const sb_doc *c = NULL;
        uint8_t id[32];
        err = sb_option_case(cli, "case", &c, id);
        create.body->parent = (char *)(uintptr_t)sb_doc_str(c, "body");
    }
    m.action_case = SB__ACTION_PROPOSE__ACTION_BODY_CREATE;
    m.body_create = &create;
    if (err == SB_OK && mandate != NULL)
        return create_and_mandate(cli, &m, mandate);
    return err == SB_OK ? sb_submit_action(cli, sb_args_value(cli->args, "case"), &m) : err;
}

const sb_verb_spec sb_spec_body_create = {NULL, CREATE_OPTIONS, body_create};

/* ---- mandate ---- */

static const sb_arg_option MANDATE_OPTIONS[] = {
    OPTION_CASE, SB_OPTION_TEXT("mandate", "mandatet", "the mandate"), SB_OPTION_END};

static sb_err body_mandate(sb_cli *cli)
{
    Sb__ActionPropose m = SB__ACTION_PROPOSE__INIT;
    Sb__ActionBodyMandate mandate = SB__ACTION_BODY_MANDATE__INIT;
    const char *body = NULL;
    sb_err err = sb_ref_body(cli, sb_args_position(cli->args, 0), &body);
    if (err == SB_OK)
        err = sb_option_blob(cli, "mandate", true, &mandate.mandate);
    mandate.body = (char *)(uintptr_t)body;
    m.action_case = SB__ACTION_PROPOSE__ACTION_BODY_MANDATE;
    m.body_mandate = &mandate;
    return err == SB_OK ? sb_submit_action(cli, sb_args_value(cli->args, "case"), &m) : err;
}

const sb_verb_spec sb_spec_body_mandate = {BODY_POSITION, MANDATE_OPTIONS, body_mandate};

/* ---- dissolve ---- */

static const sb_arg_option DISSOLVE_OPTIONS[] = {OPTION_CASE, SB_OPTION_END};

static sb_err body_dissolve(sb_cli *cli)
{
    Sb__ActionPropose m = SB__ACTION_PROPOSE__INIT;
    Sb__ActionBodyDissolve dissolve = SB__ACTION_BODY_DISSOLVE__INIT;
    const char *body = NULL;
    sb_err err = sb_ref_body(cli, sb_args_position(cli->args, 0), &body);
    dissolve.body = (char *)(uintptr_t)body;
    m.action_case = SB__ACTION_PROPOSE__ACTION_BODY_DISSOLVE;
    m.body_dissolve = &dissolve;
    return err == SB_OK ? sb_submit_action(cli, sb_args_value(cli->args, "case"), &m) : err;
}

const sb_verb_spec sb_spec_body_dissolve = {BODY_POSITION, DISSOLVE_OPTIONS, body_dissolve};

/* ---- list ---- */

static sb_err body_list(sb_cli *cli)
{
    const sb_doc *list = NULL;
    sb_err err = sb_session_show(cli, &list, "bodies", NULL);
    if (err != SB_OK)
        return err;
    sb_buf lines;
    sb_buf_init(&lines);
    for (uint32_t i = 0; i < sb_doc_count(list); i++) {
        const sb_doc *b = list->items[i];
        const char *parent = sb_doc_str(b, "parent");
        sb_buf_printf(
            &lines, "%s\t%s\t%s\t%s%s\t%s\n", sb_doc_str(b, "id"), sb_doc_str(b, "short_name"),
            sb_doc_str(b, "name"), parent[0] != '\0' ? sb_cli_either(cli, "under ", "below ") : "",
            parent, sb_doc_true(b, "dissolved") ? sb_cli_either(cli, "oppløst", "dissolved") : "");
    }
    sb_cli_say_table(cli, &lines);
    sb_buf_deinit(&lines);
    return SB_OK;
}

const sb_verb_spec sb_spec_body_list = {NULL, NULL, body_list};
