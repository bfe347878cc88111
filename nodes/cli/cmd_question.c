/* samband question: what is decided on, objections and votes. */
#include "nodes/cli/inside.h"
#include "proto/base/hash.h"

static const sb_arg_position VOTE_POSITIONS[] = {
    {.name = "SAK"}, {.name = "STEMME", .is_optional = true}, {.name = NULL}};

/* ---- open ---- */

static const sb_arg_option OPEN_OPTIONS[] = {
    {.name = "mode",
     .value = "MÅTE",
     .nb = "konsensus, avstemming, valg, poll (rådgivende avstemming) eller note (til orientering)",
     .en = "consensus, vote, election, poll or note",
     .is_required = true},
    {.name = "meeting",
     .value = "MØTE",
     .nb = "møtet (ellers det saken står på)",
     .en = "the meeting (else the one the case is on)"},
    SB_OPTION_END};

static sb_err question_open(sb_cli *cli)
{
    Sb__QuestionOpen m = SB__QUESTION_OPEN__INIT;
    const sb_doc *c = NULL;
    uint32_t mode = 0;
    uint8_t id[32], meeting[32], wording[32], question[32];
    sb_err err = sb_option_word(cli, SB_TEXT_MODE, "mode", 0, &mode);
    if (err == SB_OK)
        err = sb_position_case(cli, &c, id);
    if (err == SB_OK)
        err = sb_doc_hex32(c, "wording_sha256", wording, &cli->fail);
    if (err == SB_OK)
        err = sb_meeting_of(cli, c, meeting);
    if (err != SB_OK)
        return err;
    m.meeting_id = sb_bytes32(meeting);
    m.case_id = sb_bytes32(id);
    m.mode = (Sb__Mode)mode;
    m.wording_sha256 = sb_bytes32(wording);
    err = sb_submit(cli, SB_ENTRY_QUESTION_OPEN, &m.base, SB_KEY_MEMBER, question);
    if (err == SB_OK) {
        char hex[65];
        sb_hex(sb_slice_of(question, 32), hex);
        sb_json_key(&cli->json, "question");
        sb_json_cstr(&cli->json, hex);
    }
    return err;
}

const sb_verb_spec sb_spec_question_open = {SB_CASE_POSITION, OPEN_OPTIONS, question_open};

/* ---- object ---- */

static const sb_arg_option OBJECT_OPTIONS[] = {
    SB_OPTION_OWN_SEAT, SB_OPTION_TEXT("reason", "hvorfor", "why"), SB_OPTION_END};

static sb_err question_object(sb_cli *cli)
{
    Sb__Objection m = SB__OBJECTION__INIT;
    const sb_doc *q = NULL;
    const char *seat = NULL;
    uint8_t id[32], wording[32];
    sb_err err = sb_ref_question(cli, sb_args_position(cli->args, 0), &q, id);
    if (err == SB_OK)
        err = sb_doc_hex32(q, "wording_sha256", wording, &cli->fail);
    if (err == SB_OK)
        err = sb_own_seat(cli, sb_doc_str(sb_doc_get(q, "meeting"), "body"), &seat);
    if (err == SB_OK)
        err = sb_option_blob(cli, "reason", false, &m.reason);
    m.question_id = sb_bytes32(id);
    m.wording_sha256 = sb_bytes32(wording);
    m.seat = (char *)(uintptr_t)seat;
    return err == SB_OK ? sb_submit(cli, SB_ENTRY_OBJECTION, &m.base, SB_KEY_MEMBER, NULL) : err;
}

const sb_verb_spec sb_spec_question_object = {SB_CASE_POSITION, OBJECT_OPTIONS, question_object};

/* ---- vote, record ---- */

#define OPTIONS_BALLOT                                                                             \
    {.name = "candidate",                                                                          \
     .value = "NR",                                                                                \
     .nb = "i et valg: kandidaten det stemmes på",                                                 \
     .en = "in an election: the candidate voted for"},                                             \
        {.name = "blank",                                                                          \
         .nb = "i et valg: en blank stemme",                                                       \
         .en = "in an election: a blank vote"},                                                    \
    {                                                                                              \
        .name = "replaces", .value = "STEMME",                                                     \
        .nb = "stemmen som erstattes, eller none (ellers den som gjelder nå)",                     \
        .en = "the vote it replaces, or none (else the current one)"                               \
    }

static const sb_arg_option VOTE_OPTIONS[] = {SB_OPTION_OWN_SEAT, OPTIONS_BALLOT, SB_OPTION_END};

static const sb_arg_option RECORD_OPTIONS[] = {{.name = "seat",
                                                .value = "PLASS",
                                                .nb = "medlemsplassen det stemmes for",
                                                .en = "the seat that votes",
                                                .is_required = true},
                                               OPTIONS_BALLOT,
                                               SB_OPTION_END};

/* The seat's ballot now, as the open question's answer tells it: hex, "" for none. */
static const char *current_ballot(const sb_doc *question, const char *seat)
{
    const sb_doc *seats = sb_doc_get(question, "seats");
    for (uint32_t i = 0; i < sb_doc_count(seats); i++)
        if (strcmp(sb_doc_str(seats->items[i], "seat"), seat) == 0)
            return sb_doc_str(seats->items[i], "ballot");
    return "";
}

static sb_err set_replaces(sb_cli *cli, const sb_doc *question, Sb__Ballot *m, uint8_t replaces[32])
{
    const char *hex = sb_args_value(cli->args, "replaces");
    if (hex == NULL)
        hex = current_ballot(question, m->seat);
    if (hex[0] == '\0' || strcmp(hex, "none") == 0)
        return SB_OK;
    if (!sb_unhex(sb_slice_str(hex), replaces, 32))
        return sb_fail_set(&cli->fail, SB_E_ARG_CHOICE, "replaces", hex, "none, ID", NULL);
    m->replaces = sb_bytes32(replaces);
    return SB_OK;
}

/* STEMME, --candidate or --blank: exactly one of them. */
static sb_err read_choice(sb_cli *cli, Sb__Ballot *m)
{
    const char *word = sb_args_position(cli->args, 1);
    const char *candidate = sb_args_value(cli->args, "candidate");
    bool blank = sb_args_flag(cli->args, "blank");
    uint64_t number = 0;
    uint32_t choice = 0;
    sb_err err = SB_OK;
    if ((word != NULL) + (candidate != NULL) + blank != 1)
        return sb_fail_set(&cli->fail, SB_E_CLI_CHOICE, NULL);
    if (candidate != NULL)
        err = sb_args_u64(cli->args, "candidate", 1, UINT32_MAX, 0, &number, &cli->fail);
    if (word != NULL)
        err = sb_read_word(cli, SB_TEXT_CHOICE, sb_args_placeholder("STEMME", cli->lang), word,
                           &choice);
    if (err == SB_OK && choice == SB__CHOICE__CHOICE_CANDIDATE) /* "kandidat" without a number */
        return sb_args_missing(cli->args, "candidate", &cli->fail);
    m->candidate = (uint32_t)number;
    m->choice = candidate != NULL ? SB__CHOICE__CHOICE_CANDIDATE
                : blank           ? SB__CHOICE__CHOICE_ABSTAIN
                                  : (Sb__Choice)choice;
    return err;
}

static sb_err ballot(sb_cli *cli, sb_entry_type type)
{
    Sb__Ballot m = SB__BALLOT__INIT;
    const sb_doc *q = NULL;
    const char *seat = NULL;
    uint8_t id[32], wording[32], replaces[32];
    sb_err err = read_choice(cli, &m);
    if (err == SB_OK)
        err = sb_ref_question(cli, sb_args_position(cli->args, 0), &q, id);
    if (err == SB_OK)
        err = sb_doc_hex32(q, "wording_sha256", wording, &cli->fail);
    if (err == SB_OK)
        err = sb_own_seat(cli, sb_doc_str(sb_doc_get(q, "meeting"), "body"), &seat);
    m.question_id = sb_bytes32(id);
    m.wording_sha256 = sb_bytes32(wording);
    m.seat = (char *)(uintptr_t)seat;
    if (err == SB_OK)
        err = set_replaces(cli, q, &m, replaces);
    return err == SB_OK ? sb_submit(cli, type, &m.base, SB_KEY_MEMBER, NULL) : err;
}

/* Does the key hold an office, as the secretariat does? */
static bool is_officer(sb_cli *cli)
{
    const char *path = NULL;
    const sb_doc *key = NULL;
    sb_keyfile_info info;
    char hex[65];
    const sb_fail before = cli->fail;
    bool found = false;
    if (sb_home_key_info(cli, &path, &info) == SB_OK) {
        sb_hex(sb_slice_of(info.public_key, 32), hex);
        if (sb_session_ask(cli, &key, "key", hex, NULL) == SB_OK) {
            const sb_doc *places = sb_doc_get(key, "places");
            for (uint32_t i = 0; i < sb_doc_count(places); i++)
                found = found || sb_doc_str(places->items[i], "office")[0] != '\0';
        }
    }
    cli->fail = before;
    return found;
}

/* The secretariat that votes for a member is told how to. */
static sb_err question_vote(sb_cli *cli)
{
    sb_err err = ballot(cli, SB_ENTRY_BALLOT);
    const char *seat = sb_args_value(cli->args, "seat");
    if (err == SB_E_LEDGER_CAPABILITY && seat != NULL && is_officer(cli))
        err = sb_fail_set(&cli->fail, SB_E_CLI_VOTE_OF_OTHER, seat, NULL);
    return err;
}

static sb_err question_record(sb_cli *cli)
{
    return ballot(cli, SB_ENTRY_BALLOT_RECORDED);
}

const sb_verb_spec sb_spec_question_vote = {VOTE_POSITIONS, VOTE_OPTIONS, question_vote};
const sb_verb_spec sb_spec_question_record = {VOTE_POSITIONS, RECORD_OPTIONS, question_record};

/* ---- confirm ---- */

static const sb_arg_option CONFIRM_OPTIONS[] = {SB_OPTION_OWN_SEAT, SB_OPTION_END};

/* The seat's recorded ballot: of the open question's seats, else of the closed one's ballots. */
static const char *recorded_ballot(const sb_doc *question, const char *seat)
{
    const sb_doc *ballots = sb_doc_get(question, "ballots");
    for (uint32_t i = 0; i < sb_doc_count(ballots); i++)
        if (strcmp(sb_doc_str(ballots->items[i], "seat"), seat) == 0 &&
            sb_doc_str(ballots->items[i], "id")[0] != '\0')
            return sb_doc_str(ballots->items[i], "id");
    return current_ballot(question, seat);
}

static sb_err question_confirm(sb_cli *cli)
{
    Sb__BallotConfirm m = SB__BALLOT_CONFIRM__INIT;
    const sb_doc *q = NULL;
    const char *seat = NULL, *hex = "";
    uint8_t id[32], ballot_id[32];
    sb_err err = sb_ref_question(cli, sb_args_position(cli->args, 0), &q, id);
    if (err == SB_OK)
        err = sb_own_seat(cli, sb_doc_str(sb_doc_get(q, "meeting"), "body"), &seat);
    if (err == SB_OK)
        hex = recorded_ballot(q, seat);
    if (err == SB_OK && !sb_unhex(sb_slice_str(hex), ballot_id, 32))
        err =
            sb_fail_set(&cli->fail, SB_E_CLI_NO_MATCH,
                        sb_cli_either(cli, "noen ført stemme for", "recorded vote of"), seat, NULL);
    m.question_id = sb_bytes32(id);
    m.seat = (char *)(uintptr_t)seat;
    m.ballot_id = sb_bytes32(ballot_id);
    return err == SB_OK ? sb_submit(cli, SB_ENTRY_BALLOT_CONFIRM, &m.base, SB_KEY_MEMBER, NULL)
                        : err;
}

const sb_verb_spec sb_spec_question_confirm = {SB_CASE_POSITION, CONFIRM_OPTIONS, question_confirm};

/* ---- close ---- */

static sb_err question_close(sb_cli *cli)
{
    Sb__QuestionClose m = SB__QUESTION_CLOSE__INIT;
    const sb_doc *q = NULL;
    char hex[65];
    uint8_t id[32];
    sb_err err = sb_ref_question(cli, sb_args_position(cli->args, 0), &q, id);
    m.question_id = sb_bytes32(id);
    if (err == SB_OK)
        err = sb_submit(cli, SB_ENTRY_QUESTION_CLOSE, &m.base, SB_KEY_MEMBER, NULL);
    if (err != SB_OK)
        return err;
    sb_hex(sb_slice_of(id, 32), hex);
    sb_json_key(&cli->json, "question");
    sb_json_cstr(&cli->json, hex);
    return SB_OK;
}

const sb_verb_spec sb_spec_question_close = {SB_CASE_POSITION, NULL, question_close};

/* ---- show ---- */

/* "for", "kandidat 2" */
static const char *choice_words(sb_cli *cli, const sb_doc *ballot)
{
    const char *word = sb_doc_word(cli, SB_TEXT_CHOICE, ballot, "choice");
    uint64_t candidate = sb_doc_num(ballot, "candidate");
    return candidate == 0
               ? word
               : sb_arena_printf(&cli->arena, "%s %llu", word, (unsigned long long)candidate);
}

static void say_ballots(sb_cli *cli, const sb_doc *list)
{
    sb_buf lines;
    sb_buf_init(&lines);
    for (uint32_t i = 0; i < sb_doc_count(list); i++) {
        const sb_doc *b = list->items[i];
        const sb_doc *counted = sb_doc_get(b, "counted");
        bool left_out = counted != NULL && !sb_doc_true(b, "counted");
        const char *recorded = !sb_doc_true(b, "recorded") ? ""
                               : sb_doc_true(b, "confirmed")
                                   ? sb_text(SB_MSG_PAPER_RECORDED_CONFIRMED, cli->lang)
                                   : sb_text(SB_MSG_RECORDED_BY_SECRETARIAT, cli->lang);
        sb_buf_printf(&lines, "  %s\t%s\t%s%s%s\n", sb_doc_str(b, "seat"), choice_words(cli, b),
                      recorded,
                      left_out ? sb_cli_either(cli, "ikke talt med: ", "not counted: ") : "",
                      left_out ? sb_doc_word(cli, SB_TEXT_ATTENDANCE_KIND, b, "reason") : "");
    }
    sb_cli_say_table(cli, &lines);
    sb_buf_deinit(&lines);
}

static sb_err question_show(sb_cli *cli)
{
    const sb_doc *q = NULL;
    sb_slice json = {0};
    uint8_t id[32];
    sb_err err = sb_ref_question(cli, sb_args_position(cli->args, 0), &q, id);
    if (err == SB_OK)
        err = sb_session_query(cli, &json, "question", sb_doc_str(q, "id"), NULL);
    if (err != SB_OK)
        return err;
    sb_cli_json_whole(cli, json);
    const sb_doc *c = sb_doc_get(q, "case"), *objections = sb_doc_get(q, "objections");
    const char *outcome = sb_doc_word(cli, SB_TEXT_OUTCOME, q, "outcome");
    sb_cli_say(cli, "%s  %s", sb_doc_str(c, "number"), sb_doc_str(c, "title"));
    bool is_noted = outcome[0] != '\0' && strcmp(sb_doc_str(q, "mode"), "note") == 0;
    if (is_noted) /* "tatt til orientering" says the mode too */
        sb_cli_say(cli, "%s", outcome);
    else
        sb_cli_say(cli, "%s: %s", sb_doc_word(cli, SB_TEXT_MODE, q, "mode"),
                   outcome[0] != '\0' ? outcome : sb_cli_either(cli, "åpent", "open"));
    sb_say_clauses(cli, sb_doc_get(c, "clauses"));
    for (uint32_t i = 0; i < sb_doc_count(objections); i++)
        sb_cli_say(cli, "%s: %s %s", sb_text_word(SB_TEXT_ENTRY, SB_ENTRY_OBJECTION, cli->lang),
                   sb_doc_str(objections->items[i], "seat"),
                   sb_blob_text(cli, sb_doc_get(objections->items[i], "reason")));
    sb_say_candidates(cli, sb_doc_get(q, "candidates"));
    say_ballots(cli, sb_doc_get(q, "ballots"));
    return SB_OK;
}

const sb_verb_spec sb_spec_question_show = {SB_CASE_POSITION, NULL, question_show};
