/* From a step to commands: cases, their conditions and input, and what is proposed in them. */
#include "nodes/cli/rehearse_acts.h"
#include "nodes/host/file.h"

const char *sb_act_report(sb_maker *m)
{
    sb_reh_name *name = sb_reh_named(m->p, SB_REH_NAME_CASE, m->step, SB_REH_F_CASE);
    sb_mk_begin_as_secretariat(m, "case", "report");
    sb_mk_text_option(m, "--body", SB_REH_F_BODY);
    sb_mk_text_option(m, "--kind", SB_REH_F_KIND);
    sb_mk_text_option(m, "--title", SB_REH_F_TITLE);
    sb_mk_text_option(m, "--from", SB_REH_F_FROM);
    sb_mk_text_option(m, "--text", SB_REH_F_TEXT);
    sb_mk_list_option(m, "--enclosed", SB_REH_F_ATTACHMENTS);
    sb_mk_claim_options(m);
    if (m->err != SB_OK || name == NULL) /* one that is to be refused gives no name */
        return NULL;
    name->title = sb_reh_text(m->step, SB_REH_F_TITLE);
    sb_mk_gives(m, name);
    /* the words borrow name->id, which the report fills in before they are used */
    if (m->step->fields[SB_REH_F_CLAUSES] != NULL) {
        sb_mk_begin_as_secretariat(m, "wording", "propose");
        sb_mk_word(m, name->id);
        sb_mk_list_option(m, "--clause", SB_REH_F_CLAUSES);
    }
    return NULL;
}

const char *sb_act_postpone(sb_maker *m)
{
    const char *external = sb_reh_text(m->step, SB_REH_F_EXTERNAL);
    sb_mk_begin_as_secretariat(m, "case", "postpone");
    sb_mk_word(m, external != NULL ? external : sb_mk_case_id(m));
    if (external != NULL)
        sb_mk_word(m, "--external");
    sb_mk_option(m, "--meeting", sb_mk_meeting_id(m));
    sb_mk_date_option(m, "--to", SB_REH_F_TO);
    return external;
}

const char *sb_act_relate(sb_maker *m)
{
    const char *external = sb_reh_text(m->step, SB_REH_F_EXTERNAL);
    sb_mk_begin_as_secretariat(m, "case", "relate");
    sb_mk_word(m, sb_mk_case_id(m));
    sb_mk_word(m, sb_reh_text(m->step, SB_REH_F_RELATION));
    sb_mk_word(m, external != NULL ? external : sb_mk_id_of(m, SB_REH_NAME_CASE, SB_REH_F_OTHER));
    if (external != NULL)
        sb_mk_word(m, "--external");
    return NULL;
}

const char *sb_act_condition(sb_maker *m)
{
    const sb_reh_value *due = m->step->fields[SB_REH_F_DUE];
    bool is_effect = sb_reh_number(m->step, SB_REH_F_BEFORE, 0) == 1;
    sb_mk_begin_as_secretariat(m, "condition", "set");
    sb_mk_word(m, sb_mk_case_id(m));
    sb_mk_option(m, "--moment", is_effect ? "before_effect" : "before_question");
    sb_mk_text_option(m, "--kind", SB_REH_F_ASKS);
    sb_mk_list_option(m, "--parties", SB_REH_F_PARTIES);
    sb_mk_text_option(m, "--cite", SB_REH_F_CITE);
    sb_mk_text_option(m, "--text", SB_REH_F_TEXT);
    if (due != NULL)
        sb_mk_option(m, "--due", sb_mk_date_text(m, due->number));
    sb_mk_flag(m, "--lapses", SB_REH_F_LAPSES);
    sb_mk_gives(m, sb_reh_named(m->p, SB_REH_NAME_CONDITION, m->step, SB_REH_F_CONDITION));
    return NULL;
}

/* Whoever may speak for a party: its own authority, its appointer's host's, else the secretariat. */
static sb_reh_person speaker_of(sb_maker *m, const char *party)
{
    const Sb__Charter *c = m->p->fed->charter;
    sb_reh_person person = {0};
    const char *organisation = "";
    for (size_t i = 0; i < c->n_appointers; i++)
        if (strcmp(c->appointers[i]->id, party) == 0)
            organisation = c->appointers[i]->host;
    for (size_t i = 0; i < c->n_organisations; i++)
        if (strcmp(c->organisations[i]->id, party) == 0)
            organisation = party;
    if (m->step->fields[SB_REH_F_BY] != NULL || organisation[0] == '\0')
        return sb_mk_actor(m, "secretariat", 0);
    sb_mk_need_person(m, organisation, 0, &person);
    return person;
}

const char *sb_act_answer(sb_maker *m)
{
    const char *party = sb_reh_text(m->step, SB_REH_F_PARTY);
    const char *text = sb_reh_text(m->step, SB_REH_F_TEXT);
    sb_reh_person person = speaker_of(m, party);
    sb_mk_begin(m, &person, "condition", "answer");
    sb_mk_word(m, sb_mk_case_id(m));
    sb_mk_option(m, "--party", party);
    sb_mk_text_option(m, "--answer", SB_REH_F_ANSWERED);
    sb_mk_text_option(m, "--decided-by", SB_REH_F_DECIDED_BY);
    sb_mk_date_option(m, "--date", SB_REH_F_DATE);
    sb_mk_text_option(m, "--reference", SB_REH_F_REFERENCE);
    if (text != NULL)
        sb_mk_document_option(m, "--document", text);
    if (m->step->fields[SB_REH_F_CONDITION] != NULL)
        sb_mk_option(m, "--condition", sb_mk_id_of(m, SB_REH_NAME_CONDITION, SB_REH_F_CONDITION));
    return party;
}

const char *sb_act_input(sb_maker *m)
{
    const sb_reh_value *due = m->step->fields[SB_REH_F_DUE];
    sb_mk_begin_as_secretariat(m, "input", "open");
    sb_mk_word(m, sb_mk_case_id(m));
    sb_mk_list_option(m, "--asked", SB_REH_F_ASKED);
    sb_mk_option(m, "--due", sb_mk_date_text(m, due->number));
    sb_mk_text_option(m, "--text", SB_REH_F_TEXT);
    sb_mk_gives(m, sb_reh_named(m->p, SB_REH_NAME_INPUT, m->step, SB_REH_F_INPUT));
    return NULL;
}

const char *sb_act_give_input(sb_maker *m)
{
    const char *party = sb_reh_text(m->step, SB_REH_F_PARTY);
    sb_reh_person person = speaker_of(m, party);
    sb_mk_begin(m, &person, "input", "give");
    sb_mk_word(m, sb_mk_case_id(m));
    sb_mk_option(m, "--from", party);
    sb_mk_text_option(m, "--text", SB_REH_F_TEXT);
    sb_mk_flag(m, "--none", SB_REH_F_NO_INPUT);
    if (m->step->fields[SB_REH_F_INPUT] != NULL)
        sb_mk_option(m, "--input", sb_mk_id_of(m, SB_REH_NAME_INPUT, SB_REH_F_INPUT));
    sb_mk_claim_options(m);
    return party;
}

/* The hash of the case's attachment with this number, from 1; "?" when there is none. */
static const char *attachment_of(sb_maker *m, uint64_t number)
{
    const sb_doc *c = NULL;
    sb_reh_process *node = sb_reh_any_node(m->p->fed);
    if (node == NULL || sb_reh_ask(m->p->fed, node, &m->p->scratch, &c, NULL, "case",
                                   sb_mk_case_id(m), NULL) != SB_OK)
        return "?";
    const sb_doc *list = sb_doc_get(c, "attachments");
    return number == 0 || number > sb_doc_count(list)
               ? "?"
               : sb_doc_str(list->items[number - 1], "sha256");
}

const char *sb_act_erase(sb_maker *m)
{
    sb_mk_begin_as_secretariat(m, "blob", "erase");
    sb_mk_word(m, attachment_of(m, sb_reh_number(m->step, SB_REH_F_ATTACHMENT, 0)));
    sb_mk_text_option(m, "--reason", SB_REH_F_ERASE);
    sb_mk_text_option(m, "--cite", SB_REH_F_CITE);
    return NULL;
}

/* A path beside the script. */
static const char *beside_script(sb_maker *m)
{
    sb_arena *s = &m->p->scratch;
    return sb_path_join(s, sb_path_dir(s, m->step->file), sb_reh_text(m->step, SB_REH_F_FILE));
}

const char *sb_act_create_body(sb_maker *m)
{
    sb_mk_begin_as_secretariat(m, "body", "create");
    sb_mk_option(m, "--case", sb_mk_case_id(m));
    sb_mk_option(m, "--file", beside_script(m));
    sb_mk_text_option(m, "--mandate", SB_REH_F_MANDATE);
    return sb_reh_text(m->step, SB_REH_F_FILE);
}

const char *sb_act_propose_charter(sb_maker *m)
{
    sb_mk_begin_as_secretariat(m, "charter", "propose");
    sb_mk_word(m, beside_script(m));
    sb_mk_option(m, "--case", sb_mk_case_id(m));
    sb_mk_text_option(m, "--overlap", SB_REH_F_OVERLAP);
    return sb_reh_text(m->step, SB_REH_F_FILE);
}

const char *sb_act_add_organisation(sb_maker *m)
{
    sb_mk_begin_as_secretariat(m, "organisation", "add");
    sb_mk_option(m, "--case", sb_mk_case_id(m));
    sb_mk_option(m, "--card", beside_script(m));
    sb_mk_text_option(m, "--name", SB_REH_F_NAME);
    sb_mk_text_option(m, "--partner", SB_REH_F_PARTNER);
    return sb_reh_text(m->step, SB_REH_F_NAME);
}

const char *sb_act_remove_organisation(sb_maker *m)
{
    sb_mk_begin_as_secretariat(m, "organisation", "remove");
    sb_mk_word(m, sb_reh_text(m->step, SB_REH_F_ORGANISATION));
    sb_mk_option(m, "--case", sb_mk_case_id(m));
    return sb_reh_text(m->step, SB_REH_F_ORGANISATION);
}

const char *sb_act_propose_witnessing(sb_maker *m)
{
    sb_mk_begin_as_secretariat(m, "witnessing", "propose");
    sb_mk_option(m, "--case", sb_mk_case_id(m));
    sb_mk_option(m, "--file", beside_script(m));
    return sb_reh_text(m->step, SB_REH_F_FILE);
}

const char *sb_act_candidate(sb_maker *m)
{
    const sb_reh_value *v = m->step->fields[SB_REH_F_TICKET];
    const char *about = "";
    sb_mk_begin_as_secretariat(m, "candidate", "propose");
    sb_mk_word(m, sb_mk_case_id(m));
    for (uint32_t i = 0; i < v->count; i++) {
        sb_mk_word(m,
                   sb_arena_printf(&m->p->scratch, "%s=%s", v->items[i].text, v->items[i].other));
        about =
            sb_arena_printf(&m->p->scratch, "%s%s%s", about, i == 0 ? "" : ", ", v->items[i].other);
    }
    return about;
}

const char *sb_act_finalise(sb_maker *m)
{
    const char *path = sb_mk_document(m, sb_reh_text(m->step, SB_REH_F_TEXT));
    const char *name = sb_reh_text(m->step, SB_REH_F_NAME);
    sb_mk_begin_as_secretariat(m, "wording", "finalise");
    sb_mk_word(m, sb_mk_case_id(m));
    sb_mk_number_option(m, "--decided", SB_REH_F_DECIDED);
    sb_mk_option(m, "--final", sb_arena_printf(&m->p->scratch, "%s=%s", name, path));
    sb_mk_text_option(m, "--note", SB_REH_F_NOTE);
    return NULL;
}

const char *sb_act_amend(sb_maker *m)
{
    sb_mk_begin_as_secretariat(m, "wording", "amend");
    sb_mk_word(m, sb_mk_case_id(m));
    sb_mk_number_option(m, "--clause", SB_REH_F_CLAUSE);
    sb_mk_text_option(m, "--text", SB_REH_F_TEXT);
    sb_mk_flag(m, "--strike", SB_REH_F_STRIKE);
    return NULL;
}
