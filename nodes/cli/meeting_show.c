/* samband meeting show: when and where, who is there and how, the papers, the agenda and where the
 * minutes stand. */
#include "nodes/cli/inside.h"
#include "nodes/cli/minutes_model.h"
#include "nodes/papers/minutes.h"

static void say_presence(sb_cli *cli, const sb_doc *presence)
{
    const sb_doc *partners = sb_doc_get(presence, "partners");
    const sb_doc *quorum = sb_doc_get(presence, "quorum");
    for (uint32_t i = 0; i < sb_doc_count(partners); i++) {
        const sb_doc *p = partners->items[i];
        sb_cli_say(cli, "  %s: %llu/%llu", sb_doc_str(p, "partner_name"),
                   (unsigned long long)sb_doc_num(p, "present"),
                   (unsigned long long)sb_doc_num(p, "seats"));
    }
    if (quorum != NULL && quorum->kind == SB_DOC_MAP)
        sb_cli_say(
            cli, "  %s (%s)",
            sb_text(sb_doc_true(quorum, "held") ? SB_MSG_QUORATE : SB_MSG_NOT_QUORATE, cli->lang),
            sb_doc_str(presence, "quorum_cite"));
}

static void say_agenda(sb_cli *cli, const sb_doc *agenda)
{
    sb_buf lines;
    sb_buf_init(&lines);
    for (uint32_t i = 0; i < sb_doc_count(agenda); i++) {
        const sb_doc *item = agenda->items[i];
        const char *outcome = sb_doc_word(cli, SB_TEXT_OUTCOME, item, "outcome");
        if (outcome[0] == '\0' && sb_doc_true(sb_doc_get(item, "discussed"), "by_entry"))
            outcome = sb_cli_either(cli, "drøftet", "discussed");
        sb_buf_printf(&lines, "%s\t%s\t%s\n", sb_doc_str(item, "number"), outcome,
                      sb_doc_str(item, "title"));
    }
    sb_cli_say(cli, "%s:", sb_text(SB_MSG_HEAD_AGENDA, cli->lang));
    sb_cli_say_table(cli, &lines);
    sb_buf_deinit(&lines);
}

/* What the chair ruled, about the meeting and about its cases. */
static void say_rulings(sb_cli *cli, const sb_doc *map, const char *number)
{
    const sb_doc *list = sb_doc_get(map, "rulings");
    for (uint32_t i = 0; i < sb_doc_count(list); i++)
        sb_cli_say(cli, "%s%s%s: %s (%s)", sb_text_word(SB_TEXT_ENTRY, SB_ENTRY_RULING, cli->lang),
                   number[0] != '\0' ? ", " : "", number,
                   sb_blob_text(cli, sb_doc_get(list->items[i], "text")),
                   sb_doc_word(cli, SB_TEXT_RULING_KIND, list->items[i], "kind"));
}

static void say_all_rulings(sb_cli *cli, const sb_doc *m)
{
    const sb_doc *agenda = sb_doc_get(m, "agenda");
    say_rulings(cli, m, "");
    for (uint32_t i = 0; i < sb_doc_count(agenda); i++)
        say_rulings(cli, agenda->items[i], sb_doc_str(agenda->items[i], "number"));
}

/* ---- who is there ---- */

/* One cell of a table: a name may hold anything. */
static const char *cell(sb_cli *cli, const char *text)
{
    char *line = sb_arena_printf(&cli->arena, "%s", text == NULL ? "" : text);
    for (char *c = line; *c != '\0'; c++)
        if (*c == '\t' || *c == '\n' || *c == '\r')
            *c = ' ';
    return line;
}

static void say_group(sb_cli *cli, const sb_minutes_people *people, sb_minutes_group group)
{
    sb_buf lines;
    if (people->count == 0)
        return;
    sb_buf_init(&lines);
    for (size_t i = 0; i < people->count; i++) {
        const sb_minutes_person *p = &people->items[i];
        const char *name = p->name == NULL ? "" : p->name, *seat = p->seat == NULL ? "" : p->seat;
        bool is_same = name[0] == '\0' || strcmp(name, seat) == 0;
        sb_buf_printf(&lines, "  %s\t%s\t%s\n", cell(cli, is_same ? seat : name),
                      cell(cli, is_same || p->is_deputy ? "" : seat),
                      cell(cli, sb_minutes_person_notes(p, cli->lang, &cli->arena)));
    }
    sb_cli_say(cli, "%s:", sb_minutes_group_words(group, cli->lang));
    sb_cli_say_table(cli, &lines);
    sb_buf_deinit(&lines);
}

/* Before the meeting opens, only who won't come is known. */
static void say_people(sb_cli *cli, const sb_doc *meeting, const sb_minutes_model *model)
{
    bool is_called = strcmp(sb_doc_str(meeting, "status"), "called") == 0;
    for (size_t g = 0; g < SB_MINUTES_GROUPS; g++)
        if (!is_called || g == SB_MINUTES_ABSENT_WITH_NOTICE)
            say_group(cli, &model->people[g], (sb_minutes_group)g);
    if (is_called)
        return;
    bool is_closed = strcmp(sb_doc_str(meeting, "status"), "closed") == 0;
    sb_cli_say(cli, "%s:",
               is_closed ? sb_cli_either(cli, "Plasser med stemmerett til stede da møtet sluttet",
                                         "Voting seats present when the meeting closed")
                         : sb_cli_either(cli, "Plasser med stemmerett til stede nå",
                                         "Voting seats present now"));
    say_presence(cli, sb_doc_get(meeting, "presence"));
}

/* ---- times, papers, minutes ---- */

static void say_times(sb_cli *cli, const sb_doc *m)
{
    sb_buf line, end;
    sb_buf_init(&line);
    sb_buf_init(&end);
    sb_text_clock(&line, cli->lang, (uint32_t)sb_doc_num(m, "start_minute"));
    sb_text_clock(&end, cli->lang, (uint32_t)sb_doc_num(m, "end_minute"));
    const char *until = sb_buf_cstr(&end);
    if (sb_doc_num(m, "end_minute") != 0) /* "kl. 12.00–15.30" */
        sb_buf_printf(&line, "–%s", until + (strncmp(until, "kl. ", 4) == 0 ? 4 : 0));
    sb_cli_say(cli, "%s: %s, %s", sb_cli_either(cli, "Kalt inn til", "Called for"),
               sb_doc_date(cli, m, "date"), sb_buf_cstr(&line));
    if (sb_doc_num(m, "opened_at_ms") != 0)
        sb_cli_say(cli, "%s: %s", sb_cli_either(cli, "Åpnet", "Opened"),
                   sb_cli_time(cli, sb_doc_num(m, "opened_at_ms")));
    if (sb_doc_num(m, "closed_at_ms") != 0)
        sb_cli_say(cli, "%s: %s", sb_cli_either(cli, "Avsluttet", "Closed"),
                   sb_cli_time(cli, sb_doc_num(m, "closed_at_ms")));
    sb_buf_deinit(&end);
    sb_buf_deinit(&line);
}

/* When the last case's papers were sent, or of how many they were. */
static void say_papers(sb_cli *cli, const sb_doc *m)
{
    const sb_doc *agenda = sb_doc_get(m, "agenda");
    const char *label = sb_cli_either(cli, "Sakspapirer", "Papers");
    uint64_t sent = 0, last = 0;
    for (uint32_t i = 0; i < sb_doc_count(agenda); i++) {
        uint64_t claimed = sb_doc_num(agenda->items[i], "sent_claimed_ms");
        uint64_t at = claimed != 0 ? claimed : sb_doc_num(agenda->items[i], "sent_at_ms");
        sent += at != 0;
        last = at > last ? at : last;
    }
    if (sent == 0)
        sb_cli_say(cli, "%s: %s", label, sb_cli_either(cli, "ikke sendt ut", "not sent"));
    else if (sent == sb_doc_count(agenda))
        sb_cli_say(cli, sb_cli_either(cli, "%s: sendt ut %s", "%s: sent on %s"), label,
                   sb_cli_time(cli, last));
    else
        sb_cli_say(cli,
                   sb_cli_either(cli, "%s: sendt ut for %llu av %u saker, sist %s",
                                 "%s: sent for %llu of %u cases, last on %s"),
                   label, (unsigned long long)sent, sb_doc_count(agenda), sb_cli_time(cli, last));
}

/* "leder", "the convenor", "valgt av møtet" */
static const char *chair_basis(sb_cli *cli, const sb_doc *charter, const sb_doc *meeting,
                               const sb_doc *chair)
{
    const char *code = sb_doc_str(chair, "basis");
    uint32_t basis = 0;
    if (!sb_text_parse(SB_TEXT_CHAIR_BASIS, sb_slice_str(code), &basis))
        return "?";
    return sb_text_chair_basis(
        basis, sb_minutes_chair_office(charter, sb_doc_str(meeting, "body"), code), cli->lang);
}

static sb_err meeting_show(sb_cli *cli)
{
    const sb_doc *m = NULL, *charter = NULL;
    sb_minutes_model model;
    sb_slice json = {0};
    uint8_t id[32];
    sb_err err = sb_position_meeting(cli, &m, id);
    if (err == SB_OK)
        err = sb_session_query(cli, &json, "meeting", sb_doc_str(m, "id"), NULL);
    if (err == SB_OK)
        err = sb_minutes_ask_presence(cli, m, &model);
    if (err == SB_OK)
        err = sb_session_ask(cli, &charter, "charter", NULL);
    if (err != SB_OK)
        return err;
    sb_cli_json_whole(cli, json);
    sb_cli_say(cli, "%s, %s (%s)", sb_doc_str(m, "body_name"), sb_doc_date(cli, m, "date"),
               sb_meeting_status_word(cli, sb_doc_str(m, "status")));
    sb_cli_say(cli, "%s: %s", sb_cli_either(cli, "Referanse", "Reference"), sb_doc_str(m, "id"));
    if (sb_doc_true(m, "extraordinary"))
        sb_cli_say(cli, "%s: %s",
                   sb_cli_either(cli, "Ekstraordinært møte", "Extraordinary meeting"),
                   sb_blob_text(cli, sb_doc_get(m, "extraordinary_reason")));
    say_times(cli, m);
    const char *place = sb_blob_text(cli, sb_doc_get(m, "place"));
    sb_cli_say(cli, "%s: %s", sb_text(SB_MSG_HEAD_PLACE, cli->lang),
               place[0] != '\0' ? place : sb_doc_word(cli, SB_TEXT_MEETING_FORM, m, "form"));
    say_papers(cli, m);
    const sb_doc *chair = sb_doc_get(m, "chair");
    if (chair != NULL && chair->kind == SB_DOC_MAP)
        sb_cli_say(cli, "%s: %s (%s)", sb_text(SB_MSG_PAPER_HEAD_CHAIR, cli->lang),
                   sb_doc_str(chair, "title"), chair_basis(cli, charter, m, chair));
    say_people(cli, m, &model);
    say_agenda(cli, sb_doc_get(m, "agenda"));
    say_all_rulings(cli, m);
    sb_minutes_say_state(cli, m);
    return SB_OK;
}

const sb_verb_spec sb_spec_meeting_show = {SB_MEETING_POSITION, NULL, meeting_show};
