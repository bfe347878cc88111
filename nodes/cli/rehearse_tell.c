/* What a rehearsal shows of a meeting: who is present of how many needed, and what was decided by
 * which votes. */
#include "nodes/cli/rehearse_play.h"

static const sb_doc *ask(sb_reh_play *p, const char *name, const char *arg)
{
    const sb_doc *answer = NULL;
    sb_reh_process *node = sb_reh_any_node(p->fed);
    if (node == NULL ||
        sb_reh_ask(p->fed, node, &p->scratch, &answer, NULL, name, arg, NULL) != SB_OK)
        return NULL;
    return answer;
}

/* ", 3 kreves": what the quorum rule asks of the partner. */
static const char *needed_of(sb_reh_play *p, const sb_doc *quorum, const char *partner)
{
    const sb_doc *lines = *partner == '\0' ? NULL : sb_doc_get(quorum, "comparisons");
    for (uint32_t i = 0; i < sb_doc_count(lines); i++)
        if (strcmp(sb_doc_str(lines->items[i], "partner"), partner) == 0)
            return sb_arena_printf(&p->scratch, sb_reh_either(p, ", %llu kreves", ", %llu needed"),
                                   (unsigned long long)sb_doc_num(lines->items[i], "needed"));
    return "";
}

/* A partner of the charter, in the language. */
static const char *partner_name(const sb_reh_play *p, const Sb__Partner *partner)
{
    bool has_en = p->fed->lang == SB_LANG_EN && partner->name_en[0] != '\0';
    return has_en ? partner->name_en : partner->name;
}

/* {"partner","partner_name"} of an answer. */
static const char *partner_told(const sb_reh_play *p, const sb_doc *one)
{
    const Sb__Charter *c = p->fed->charter;
    for (size_t i = 0; i < c->n_partners; i++)
        if (strcmp(c->partners[i]->id, sb_doc_str(one, "partner")) == 0)
            return partner_name(p, c->partners[i]);
    return sb_text(SB_MSG_PAPER_NO_PARTNER, p->fed->lang);
}

void sb_reh_say_presence(sb_reh_play *p, const sb_reh_name *meeting)
{
    const sb_doc *answer = meeting == NULL ? NULL : ask(p, "meeting", meeting->id);
    const sb_doc *presence = sb_doc_get(answer, "presence");
    const sb_doc *partners = sb_doc_get(presence, "partners");
    const sb_doc *quorum = sb_doc_get(presence, "quorum");
    if (answer == NULL)
        return;
    for (uint32_t i = 0; i < sb_doc_count(partners); i++) {
        const sb_doc *t = partners->items[i];
        sb_reh_say(p, sb_reh_either(p, "  til stede: %s %llu/%llu%s", "  present: %s %llu/%llu%s"),
                   partner_told(p, t), (unsigned long long)sb_doc_num(t, "present"),
                   (unsigned long long)sb_doc_num(t, "seats"),
                   needed_of(p, quorum, sb_doc_str(t, "partner")));
    }
    for (uint32_t i = 0; i < sb_doc_count(sb_doc_get(quorum, "comparisons")); i++) {
        const sb_doc *line = sb_doc_get(quorum, "comparisons")->items[i];
        if (*sb_doc_str(line, "partner") == '\0')
            sb_reh_say(p,
                       sb_reh_either(p, "  til stede i alt: %llu, %llu kreves",
                                     "  present in all: %llu, %llu needed"),
                       (unsigned long long)sb_doc_num(line, "have"),
                       (unsigned long long)sb_doc_num(line, "needed"));
    }
    if (sb_reh_doc_none(quorum))
        sb_reh_say(p, "  %s",
                   sb_reh_either(p, "ingen regel om beslutningsdyktighet", "no quorum rule"));
    else
        sb_reh_say(p, "  %s",
                   sb_text(sb_doc_true(quorum, "held") ? SB_MSG_QUORATE : SB_MSG_NOT_QUORATE,
                           p->fed->lang));
}

/* ---- outcome ---- */

static uint32_t votes(const sb_doc *ballots, const char *partner, const char *choice)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < sb_doc_count(ballots); i++)
        n += sb_doc_true(ballots->items[i], "counted") &&
             strcmp(sb_doc_str(ballots->items[i], "partner"), partner) == 0 &&
             strcmp(sb_doc_str(ballots->items[i], "choice"), choice) == 0;
    return n;
}

static void say_tally(sb_reh_play *p, const sb_doc *ballots)
{
    const Sb__Charter *c = p->fed->charter;
    for (size_t i = 0; i < c->n_partners; i++) {
        const char *id = c->partners[i]->id;
        uint32_t for_ = votes(ballots, id, "for"), against = votes(ballots, id, "against");
        uint32_t abstain = votes(ballots, id, "abstain");
        if (for_ + against + abstain > 0)
            sb_reh_say(p,
                       sb_reh_either(p, "  %s: %u for, %u mot, %u avstår",
                                     "  %s: %u for, %u against, %u abstaining"),
                       partner_name(p, c->partners[i]), for_, against, abstain);
    }
}

/* "leder: Ordfører, Bygd; nestleder: Kommuneoverlege" */
static const char *ticket(sb_reh_play *p, const sb_doc *candidate)
{
    const sb_doc *places = sb_doc_get(candidate, "places");
    const char *words = "";
    for (uint32_t i = 0; i < sb_doc_count(places); i++)
        words = sb_arena_printf(&p->scratch, "%s%s%s: %s", words, i == 0 ? "" : "; ",
                                sb_doc_str(places->items[i], "office_name"),
                                sb_doc_str(places->items[i], "title"));
    return words;
}

/* "  kandidat 2 (leder: …): 3 stemmer", and the blank ones. */
static void say_candidates(sb_reh_play *p, const sb_doc *question)
{
    const sb_doc *list = sb_doc_get(question, "candidates");
    const sb_doc *ballots = sb_doc_get(question, "ballots");
    uint32_t blank = 0;
    for (uint32_t i = 0; i < sb_doc_count(list); i++)
        sb_reh_say(p,
                   sb_reh_either(p, "  kandidat %llu (%s), stemmer: %llu",
                                 "  candidate %llu (%s), votes: %llu"),
                   (unsigned long long)sb_doc_num(list->items[i], "number"),
                   ticket(p, list->items[i]),
                   (unsigned long long)sb_doc_num(list->items[i], "votes"));
    for (uint32_t i = 0; i < sb_doc_count(ballots); i++)
        blank += sb_doc_true(ballots->items[i], "counted") &&
                 strcmp(sb_doc_str(ballots->items[i], "choice"), "abstain") == 0;
    if (blank > 0)
        sb_reh_say(p, sb_reh_either(p, "  blanke stemmer: %u", "  blank votes: %u"), blank);
}

static const char *outcome_word(sb_reh_play *p, const sb_doc *question)
{
    uint32_t outcome = 0;
    if (!sb_text_parse(SB_TEXT_OUTCOME, sb_slice_str(sb_doc_str(question, "outcome")), &outcome))
        return "?";
    if (outcome == SB__OUTCOME__OUTCOME_ADOPTED && sb_doc_true(question, "unanimous"))
        return sb_text(SB_MSG_ADOPTED_UNANIMOUSLY, p->fed->lang);
    return sb_text_word(SB_TEXT_OUTCOME, outcome, p->fed->lang);
}

void sb_reh_say_outcome(sb_reh_play *p, const sb_reh_name *of_case)
{
    const sb_doc *c = of_case == NULL ? NULL : ask(p, "case", of_case->id);
    const sb_doc *question = c == NULL ? NULL : ask(p, "question", of_case->id);
    if (question == NULL)
        return;
    const sb_doc *objections = sb_doc_get(question, "objections");
    uint32_t mode = 0;
    (void)sb_text_parse(SB_TEXT_MODE, sb_slice_str(sb_doc_str(question, "mode")), &mode);
    for (uint32_t i = 0; i < sb_doc_count(objections); i++)
        sb_reh_say(p, "  %s: %s", sb_text_word(SB_TEXT_ENTRY, 61, p->fed->lang),
                   sb_doc_str(objections->items[i], "title"));
    if (mode == SB__MODE__MODE_ELECTION)
        say_candidates(p, question);
    else
        say_tally(p, sb_doc_get(question, "ballots"));
    const char *how = sb_text_word(SB_TEXT_MODE, mode, p->fed->lang);
    bool is_said = mode == SB__MODE__MODE_NOTE /* "tatt til orientering", "ikke konsensus" */ ||
                   mode == SB__MODE__MODE_POLL || mode == SB__MODE__MODE_ELECTION ||
                   strcmp(sb_doc_str(question, "outcome"), "no_consensus") == 0;
    bool after_objection = mode == SB__MODE__MODE_CONSENSUS && sb_doc_count(objections) > 0;
    if (after_objection)
        how = sb_reh_either(p, "avstemming etter innvending", "vote after an objection");
    how = is_said && !after_objection ? "" : sb_arena_printf(&p->scratch, " (%s)", how);
    sb_reh_say(p, "  %s %s: %s%s", sb_text(SB_MSG_HEAD_CASE, p->fed->lang), sb_doc_str(c, "number"),
               outcome_word(p, question), how);
}
