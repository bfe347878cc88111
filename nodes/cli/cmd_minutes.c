/* samband minutes: the draft, wishes for changes, and where they stand. */
#include "nodes/cli/deadline_tell.h"
#include "nodes/cli/inside.h"
#include "nodes/host/file.h"
#include "nodes/papers/minutes.h"
#include "proto/base/hash.h"

/* ---- draft, correct ---- */

static const sb_arg_option DRAFT_OPTIONS[] = {
    {.name = "document",
     .value = "FIL",
     .nb = "referatet (ellers lages det av det som er ført inn)",
     .en = "the minutes (else they are made from what was entered)"},
    SB_OPTION_CLAIM("når det ble sendt til deltakerne", "when it was sent to the participants"),
    SB_OPTION_END};

static sb_err compose(sb_cli *cli, const sb_doc *meeting, sb_buf *document)
{
    sb_minutes_model model;
    sb_err err = sb_minutes_ask(cli, meeting, &model);
    model.state = SB_MINUTES_SENDING;
    if (err == SB_OK)
        sb_minutes_markdown(&model, cli->lang, document);
    return err;
}

/* The document that is sent: a file, or the minutes as they stand, in Markdown. */
static sb_err upload_document(sb_cli *cli, const sb_doc *meeting, Sb__BlobRef **ref)
{
    const char *path = sb_args_value(cli->args, "document");
    sb_buf document;
    sb_buf_init(&document);
    sb_err err = path != NULL ? sb_file_read(path, SB_BLOB_BYTES_MAX, &document, &cli->fail)
                              : compose(cli, meeting, &document);
    if (err == SB_OK)
        err = sb_upload(cli, sb_buf_slice(&document), ref);
    sb_buf_deinit(&document);
    return err;
}

static sb_err minutes_draft(sb_cli *cli)
{
    Sb__MinutesDraft m = SB__MINUTES_DRAFT__INIT;
    const sb_doc *meeting = NULL;
    uint8_t id[32];
    sb_err err = sb_position_meeting(cli, &meeting, id);
    if (err == SB_OK)
        err = sb_option_claim(cli, &m.claim);
    if (err == SB_OK)
        err = upload_document(cli, meeting, &m.document);
    m.meeting_id = sb_bytes32(id);
    if (err == SB_OK)
        err = sb_submit_new(cli, SB_ENTRY_MINUTES_DRAFT, &m.base, "draft", "Utkastets referanse",
                            "The draft's reference");
    return err;
}

const sb_verb_spec sb_spec_minutes_draft = {SB_MEETING_POSITION, DRAFT_OPTIONS, minutes_draft};

/* The newest draft of the meeting. */
static sb_err newest_draft(sb_cli *cli, const sb_doc *meeting, uint8_t id[32])
{
    const sb_doc *drafts = sb_doc_get(sb_doc_get(meeting, "minutes"), "drafts");
    uint32_t count = sb_doc_count(drafts);
    if (count == 0)
        return sb_fail_set(&cli->fail, SB_E_CLI_NO_MATCH,
                           sb_cli_either(cli, "noe utkast til referat fra", "draft minutes of"),
                           sb_args_position(cli->args, 0), NULL);
    return sb_doc_hex32(drafts->items[count - 1], "id", id, &cli->fail);
}

static sb_err minutes_correct(sb_cli *cli)
{
    Sb__MinutesCorrect m = SB__MINUTES_CORRECT__INIT;
    const sb_doc *meeting = NULL;
    uint8_t id[32], draft[32];
    sb_err err = sb_position_meeting(cli, &meeting, id);
    if (err == SB_OK)
        err = newest_draft(cli, meeting, draft);
    if (err == SB_OK)
        err = sb_option_claim(cli, &m.claim);
    if (err == SB_OK)
        err = upload_document(cli, meeting, &m.document);
    m.draft_id = sb_bytes32(draft);
    return err == SB_OK ? sb_submit(cli, SB_ENTRY_MINUTES_CORRECT, &m.base, SB_KEY_MEMBER, NULL)
                        : err;
}

const sb_verb_spec sb_spec_minutes_correct = {SB_MEETING_POSITION, DRAFT_OPTIONS, minutes_correct};

/* ---- approve ---- */

static const sb_arg_option APPROVE_OPTIONS[] = {
    {.name = "case",
     .value = "SAK",
     .nb = "saken i et senere møte der referatet ble godkjent",
     .en = "the case of a later meeting in which the minutes were approved",
     .is_required = true},
    {.name = NULL}};

static sb_err minutes_approve(sb_cli *cli)
{
    Sb__MinutesApprove m = SB__MINUTES_APPROVE__INIT;
    const sb_doc *meeting = NULL, *q = NULL;
    uint8_t id[32], draft[32], question[32];
    sb_err err = sb_position_meeting(cli, &meeting, id);
    if (err == SB_OK)
        err = newest_draft(cli, meeting, draft);
    if (err == SB_OK)
        err = sb_ref_question(cli, sb_args_value(cli->args, "case"), &q, question);
    m.draft_id = sb_bytes32(draft);
    m.question_id = sb_bytes32(question);
    return err == SB_OK ? sb_submit(cli, SB_ENTRY_MINUTES_APPROVE, &m.base, SB_KEY_MEMBER, NULL)
                        : err;
}

const sb_verb_spec sb_spec_minutes_approve = {SB_MEETING_POSITION, APPROVE_OPTIONS,
                                              minutes_approve};

/* ---- request ---- */

static const sb_arg_option REQUEST_OPTIONS[] = {
    {.name = "seat",
     .value = "PLASS",
     .nb = "medlemsplassen (ellers din egen)",
     .en = "the seat (else your own)"},
    SB_OPTION_TEXT("text", "hva som bør endres", "what should be changed"),
    SB_OPTION_END};

static sb_err minutes_request(sb_cli *cli)
{
    Sb__MinutesRequest m = SB__MINUTES_REQUEST__INIT;
    const sb_doc *meeting = NULL;
    const char *seat = NULL;
    uint8_t id[32], draft[32];
    sb_err err = sb_position_meeting(cli, &meeting, id);
    if (err == SB_OK)
        err = newest_draft(cli, meeting, draft);
    if (err == SB_OK)
        err = sb_own_seat(cli, sb_doc_str(meeting, "body"), &seat);
    if (err == SB_OK)
        err = sb_option_blob(cli, "text", true, &m.text);
    m.draft_id = sb_bytes32(draft);
    m.seat = (char *)(uintptr_t)seat;
    return err == SB_OK ? sb_submit(cli, SB_ENTRY_MINUTES_REQUEST, &m.base, SB_KEY_MEMBER, NULL)
                        : err;
}

const sb_verb_spec sb_spec_minutes_request = {SB_MEETING_POSITION, REQUEST_OPTIONS,
                                              minutes_request};

/* ---- show ---- */

static const char *status_word(const sb_cli *cli, const char *code)
{
    static const char *const words[][3] = {
        {"none", "ikke sendt ut", "not sent"},
        {"sent", "sendt ut, ikke godkjent", "sent, not approved"},
        {"change_requested", "det er ønsket endringer", "changes were asked for"},
        {"replaced", "erstattet", "replaced"},
        {"approved", "godkjent", "approved"}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(words[i][0], code) == 0)
            return sb_cli_either(cli, words[i][1], words[i][2]);
    return code;
}

void sb_minutes_say_state(sb_cli *cli, const sb_doc *meeting)
{
    const sb_doc *m = sb_doc_get(meeting, "minutes"), *drafts = sb_doc_get(m, "drafts");
    const char *name = sb_doc_str(m, "name");
    if (name[0] == '\0' || cli->lang != SB_LANG_NB)
        name = sb_cli_either(cli, "referat", "minutes");
    const char *date = sb_doc_date(cli, m, "approved_date");
    sb_cli_say(cli, "%c%s: %s%s%s",
               name[0] >= 'a' && name[0] <= 'z' ? name[0] - 'a' + 'A' : name[0], name + 1,
               status_word(cli, sb_doc_str(m, "status")), date[0] == '\0' ? "" : " ", date);
    if (sb_doc_num(m, "silence_until_ms") != 0 && sb_doc_num(m, "approved_ms") == 0) {
        sb_cli_say(cli,
                   sb_cli_either(cli, "  Godkjent hvis ingen ber om endringer før %s (%s).",
                                 "  Approved when nobody asks for changes before %s (%s)."),
                   sb_cli_time(cli, sb_doc_num(m, "silence_until_ms")),
                   sb_doc_str(m, "silence_cite"));
        sb_deadline_say_silence(cli, m);
    }
    for (uint32_t i = 0; i < sb_doc_count(drafts); i++) {
        const sb_doc *draft = drafts->items[i], *requests = sb_doc_get(draft, "requests");
        sb_cli_say(cli,
                   sb_cli_either(cli, "  Dokument sendt %s: %s (sjekksum i loggen %.12s…)",
                                 "  Document sent on %s: %s (checksum in the log %.12s…)"),
                   sb_cli_time(cli, sb_doc_num(draft, "sent_ms")),
                   status_word(cli, sb_doc_str(draft, "status")),
                   sb_doc_str(sb_doc_get(draft, "document"), "sha256"));
        for (uint32_t k = 0; k < sb_doc_count(requests); k++)
            sb_cli_say(cli, "    %s, %s: %s",
                       sb_text_word(SB_TEXT_ENTRY, SB_ENTRY_MINUTES_REQUEST, cli->lang),
                       sb_doc_str(requests->items[k], "title"),
                       sb_blob_text(cli, sb_doc_get(requests->items[k], "text")));
    }
}

static const sb_arg_option SHOW_OPTIONS[] = {
    {.name = "document",
     .value = "FIL",
     .nb = "lagrer dokumentet som ble sendt til deltakerne, det siste",
     .en = "saves the document that the participants were sent, the last one"},
    SB_OPTION_END};

/* --document: both checksums, since the log's also covers 32 random bytes. */
static sb_err save_document(sb_cli *cli, const sb_doc *meeting)
{
    const char *path = sb_args_value(cli->args, "document");
    const sb_doc *document = sb_minutes_sent(meeting);
    uint8_t hash[32];
    char hex[65];
    sb_buf bytes;
    if (path == NULL)
        return SB_OK;
    if (document == NULL)
        return sb_fail_set(&cli->fail, SB_E_CLI_NO_MATCH,
                           sb_cli_either(cli, "noe utsendt dokument fra", "a document sent of"),
                           sb_args_position(cli->args, 0), NULL);
    sb_buf_init(&bytes);
    sb_err err = sb_minutes_sent_fetch(cli, document, &bytes);
    if (err == SB_OK)
        err = sb_file_write(path, sb_buf_slice(&bytes), SB_FILE_MODE, &cli->fail);
    if (err == SB_OK) {
        sb_hash(sb_buf_slice(&bytes), hash);
        sb_hex(sb_slice_of(hash, 32), hex);
        sb_cli_say(cli, sb_cli_either(cli, "Lagret i %s.", "Saved in %s."), path);
        sb_cli_say(cli, sb_cli_either(cli, "Sjekksum i loggen: %s", "Checksum in the log: %s"),
                   sb_doc_str(document, "sha256"));
        sb_cli_say(cli, sb_cli_either(cli, "Filens SHA-256: %s", "SHA-256 of the file: %s"), hex);
    }
    sb_buf_deinit(&bytes);
    return err;
}

static sb_err minutes_show(sb_cli *cli)
{
    const sb_doc *meeting = NULL;
    sb_slice json = {0};
    uint8_t id[32];
    sb_err err = sb_position_meeting(cli, &meeting, id);
    if (err == SB_OK)
        err = sb_session_query(cli, &json, "minutes", sb_doc_str(meeting, "id"), NULL);
    if (err != SB_OK)
        return err;
    sb_cli_json_whole(cli, json);
    sb_cli_say(cli, "%s, %s", sb_doc_str(meeting, "body_name"), sb_doc_date(cli, meeting, "date"));
    sb_minutes_say_state(cli, meeting);
    return save_document(cli, meeting);
}

const sb_verb_spec sb_spec_minutes_show = {SB_MEETING_POSITION, SHOW_OPTIONS, minutes_show};
