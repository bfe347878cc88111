/* What belongs to a case besides the vote: elections, the chair's rulings, what was discussed before,
 * conditions, what the decision does by itself, and what came after the meeting. */
#include "nodes/cli/minutes_model_inside.h"

enum { NAMED_PARTIES_MAX = 4 };

static const char *add_words(sb_minutes_maker *k, const char *words, const char *sign,
                             const char *more)
{
    return words[0] == '\0' ? more : sb_arena_printf(k->arena, "%s%s%s", words, sign, more);
}

static const char *format(sb_minutes_maker *k, sb_msg msg, const char *a, const char *b)
{
    sb_buf words;
    sb_buf_init(&words);
    sb_text_format(&words, k->lang, msg, a, b, NULL);
    const char *text = sb_arena_str(k->arena, sb_buf_slice(&words));
    sb_buf_deinit(&words);
    return text;
}

/* ---- elections ---- */

/* "Ordfører, By (leder); Kommuneoverlege (nestleder)" */
static const char *ticket_of(sb_minutes_maker *k, const sb_doc *candidate)
{
    const char *words = "";
    for (uint32_t i = 0; i < sb_mm_count(candidate, "places"); i++) {
        const sb_doc *place = sb_mm_item(candidate, "places", i);
        words = add_words(k, words, "; ",
                          sb_arena_printf(k->arena, "%s (%s)", sb_doc_str(place, "title"),
                                          sb_doc_str(place, "office_name")));
    }
    return words;
}

/* "kommunene 2, legene 1" */
static const char *votes_by_partner(sb_minutes_maker *k, const sb_doc *candidate)
{
    const char *words = "";
    for (uint32_t i = 0; i < sb_mm_count(candidate, "partners"); i++) {
        const sb_doc *line = sb_mm_item(candidate, "partners", i);
        const char *partner = sb_mm_partner_name(k, line);
        uint64_t votes = sb_doc_num(line, "votes");
        if (partner[0] != '\0' && votes > 0)
            words =
                add_words(k, words, ", ",
                          sb_arena_printf(k->arena, "%s %llu", partner, (unsigned long long)votes));
    }
    return words;
}

static void make_round(sb_minutes_maker *k, const sb_doc *question, sb_minutes_round *out)
{
    uint32_t count = sb_mm_count(question, "candidates");
    uint64_t elected = sb_doc_num(question, "elected");
    sb_minutes_candidate *candidates = SB_ARENA_ARRAY(k->arena, sb_minutes_candidate, count);
    for (uint32_t i = 0; i < count; i++) {
        const sb_doc *one = sb_mm_item(question, "candidates", i);
        candidates[i] = (sb_minutes_candidate){
            .number = (uint32_t)sb_doc_num(one, "number"),
            .ticket = ticket_of(k, one),
            .votes = (uint32_t)sb_doc_num(one, "votes"),
            .by_partner = votes_by_partner(k, one),
            .is_elected = elected != 0 && sb_doc_num(one, "number") == elected,
            .goes_on = elected == 0 && sb_doc_true(one, "goes_on"),
        };
    }
    *out = (sb_minutes_round){.number = (uint32_t)sb_doc_num(question, "round"),
                              .candidates = candidates,
                              .candidate_count = count};
    out->votes = sb_mm_votes(k, question, &out->vote_count);
    out->by_acclamation =
        elected != 0 && out->vote_count == 0 && sb_doc_true(question, "acclamation");
    for (size_t i = 0; i < out->vote_count; i++)
        out->blank +=
            out->votes[i].is_counted && out->votes[i].choice == SB__CHOICE__CHOICE_ABSTAIN;
}

static void make_election(sb_minutes_maker *k, const sb_doc *item, sb_minutes_case *out)
{
    uint32_t count = sb_mm_count(item, "questions");
    sb_minutes_round *rounds = SB_ARENA_ARRAY(k->arena, sb_minutes_round, count);
    uint32_t tie = 0;
    for (uint32_t i = 0; i < count; i++) {
        const sb_doc *question = sb_mm_item(item, "questions", i);
        if (strcmp(sb_doc_str(question, "mode"), "election") != 0 ||
            strcmp(sb_doc_str(question, "status"), "closed") != 0 ||
            strcmp(sb_doc_str(question, "outcome"), "not_quorate") == 0)
            continue;
        sb_minutes_round *round = &rounds[out->round_count++];
        make_round(k, question, round);
        for (size_t c = 0; c < round->candidate_count; c++)
            if (round->candidates[c].is_elected)
                out->elected = round->candidates[c].ticket;
        tie = sb_mm_word(question, "tie", SB_TEXT_ELECTION_TIE);
    }
    out->rounds = rounds;
    if (tie != 0 && out->elected == NULL)
        out->tie = sb_text_word(SB_TEXT_ELECTION_TIE, tie, k->lang);
}

/* ---- rulings, relations, what was discussed before ---- */

const sb_minutes_ruling *sb_mm_rulings(sb_minutes_maker *k, const sb_doc *map, size_t *count)
{
    uint32_t n = sb_mm_count(map, "rulings");
    sb_minutes_ruling *rulings = SB_ARENA_ARRAY(k->arena, sb_minutes_ruling, n);
    for (uint32_t i = 0; i < n; i++) {
        const sb_doc *one = sb_mm_item(map, "rulings", i);
        uint32_t kind = sb_mm_word(one, "kind", SB_TEXT_RULING_KIND);
        rulings[i] = (sb_minutes_ruling){
            .kind = kind == 0 || kind == SB__RULING_KIND__RULING_KIND_OTHER
                        ? ""
                        : sb_text_word(SB_TEXT_RULING_KIND, kind, k->lang),
            .text = sb_mm_blob(k, one, "text", NULL),
        };
    }
    *count = n;
    return rulings;
}

/* "følger opp sak 9/21; sak 06/22 endrer denne". A case without a number yet is named by title. */
static void make_relations(sb_minutes_maker *k, const sb_doc *item, sb_minutes_case *out)
{
    out->relations = "";
    for (uint32_t i = 0; i < sb_mm_count(item, "relations"); i++) {
        const sb_doc *one = sb_mm_item(item, "relations", i);
        const char *number = sb_doc_str(one, "number");
        bool from = strcmp(sb_doc_str(one, "direction"), "from") == 0;
        uint32_t relation = sb_mm_word(one, "relation", SB_TEXT_CASE_RELATION);
        if (number[0] == '\0')
            number = sb_arena_printf(k->arena, k->lang == SB_LANG_EN ? "\"%s\"" : "«%s»",
                                     sb_doc_str(one, "title"));
        out->relations =
            add_words(k, out->relations, "; ",
                      format(k, from ? SB_MSG_PAPER_RELATION_FROM : SB_MSG_PAPER_RELATION_TO,
                             sb_text_word(SB_TEXT_CASE_RELATION, relation, k->lang), number));
    }
}

static void make_earlier(sb_minutes_maker *k, const sb_doc *item, sb_minutes_case *out)
{
    const char *question = sb_doc_str(item, "question");
    const sb_doc *earlier =
        question[0] == '\0'
            ? NULL
            : sb_doc_get(k->source->certificate(k->source->arg, question), "earlier");
    out->earlier_date = sb_mm_date(earlier, "date");
    out->earlier_number = sb_doc_str(earlier, "number");
    uint32_t count = sb_mm_count(earlier, "difference");
    const char **numbers = SB_ARENA_ARRAY(k->arena, const char *, count);
    for (uint32_t i = 0; i < count; i++) {
        const sb_doc *clause = sb_mm_item(earlier, "difference", i);
        numbers[i] =
            sb_arena_printf(k->arena, "%llu", (unsigned long long)sb_doc_num(clause, "number"));
    }
    out->earlier_changed = sb_mm_list(k, numbers, count);
}

/* Discussed for a later decision: the wording is shown as it stood then. */
static void make_discussed(sb_minutes_maker *k, const sb_doc *item, sb_minutes_case *out)
{
    const sb_doc *discussed = sb_doc_get(item, "discussed");
    out->is_discussed = out->outcome == 0 && sb_doc_true(discussed, "by_entry");
    size_t count = 0;
    const char *const *clauses = sb_mm_texts(k, discussed, "clauses", &count);
    if (out->is_discussed && count > 0) {
        out->decided = clauses;
        out->decided_count = count;
    }
}

/* ---- conditions and actions ---- */

static void make_condition(sb_minutes_maker *k, const sb_doc *one, sb_minutes_condition *out)
{
    uint32_t count = sb_mm_count(one, "parties");
    const char **names = SB_ARENA_ARRAY(k->arena, const char *, count);
    const char **missing = SB_ARENA_ARRAY(k->arena, const char *, count);
    *out = (sb_minutes_condition){
        .moment = (Sb__ConditionMoment)sb_mm_word(one, "moment", SB_TEXT_CONDITION_MOMENT),
        .kind = (Sb__ConditionKind)sb_mm_word(one, "kind", SB_TEXT_CONDITION_KIND),
        .cite = sb_doc_str(one, "cite"),
    };
    uint32_t open = 0;
    for (uint32_t i = 0; i < count; i++) {
        const sb_doc *party = sb_mm_item(one, "parties", i);
        const char *answer = sb_doc_str(party, "answer"), *name = sb_doc_str(party, "name");
        name = name[0] == '\0' ? sb_doc_str(party, "party") : name;
        names[i] = name;
        out->by_deadline = out->by_deadline || strcmp(answer, "lapsed") == 0;
        if (strcmp(answer, "met") != 0 && strcmp(answer, "lapsed") != 0)
            missing[open++] = name;
    }
    out->parties = sb_mm_list(k, names, count);
    out->missing = sb_mm_list(k, missing, open);
    if (count > NAMED_PARTIES_MAX)
        out->parties =
            format(k, SB_MSG_PAPER_PARTIES, sb_arena_printf(k->arena, "%u", count), NULL);
    if (open > NAMED_PARTIES_MAX)
        out->missing = format(k, SB_MSG_PAPER_PARTIES, sb_arena_printf(k->arena, "%u", open), NULL);
}

static void make_conditions(sb_minutes_maker *k, const sb_doc *item, sb_minutes_case *out)
{
    uint32_t count = sb_mm_count(item, "conditions");
    sb_minutes_condition *rows = SB_ARENA_ARRAY(k->arena, sb_minutes_condition, count);
    for (uint32_t i = 0; i < count; i++) {
        make_condition(k, sb_mm_item(item, "conditions", i), &rows[i]);
        if (rows[i].missing[0] != '\0' &&
            rows[i].moment == SB__CONDITION_MOMENT__CONDITION_MOMENT_BEFORE_EFFECT)
            out->is_waiting = true;
    }
    out->conditions = rows;
    out->condition_count = count;
}

static void make_actions(sb_minutes_maker *k, const sb_doc *item, sb_minutes_case *out)
{
    static const struct {
        const char *code;
        int state;
    } states[] = {{"proposed", SB_MINUTES_ACTION_PROPOSED},
                  {"adopted", SB_MINUTES_ACTION_WAITS},
                  {"in_force", SB_MINUTES_ACTION_IN_FORCE},
                  {"dropped", SB_MINUTES_ACTION_DROPPED}};
    const sb_doc *list = k->source->actions == NULL
                             ? NULL
                             : k->source->actions(k->source->arg, sb_doc_str(item, "case"));
    uint32_t count = list != NULL && list->kind == SB_DOC_LIST ? list->count : 0;
    sb_minutes_action *rows = SB_ARENA_ARRAY(k->arena, sb_minutes_action, count);
    for (uint32_t i = 0; i < count; i++) {
        const char *status = sb_doc_str(list->items[i], "status");
        sb_minutes_action *row = &rows[out->action_count];
        if (strcmp(status, "struck") == 0)
            continue;
        out->action_count++;
        row->what = sb_doc_str(list->items[i], k->lang == SB_LANG_EN ? "says_en" : "says_nb");
        for (size_t s = 0; s < sizeof states / sizeof states[0]; s++)
            if (strcmp(status, states[s].code) == 0)
                row->state = states[s].state;
        row->since_date = sb_mm_day(sb_doc_num(list->items[i], "done_at_ms"));
        if (row->state == SB_MINUTES_ACTION_WAITS)
            out->is_waiting = true;
    }
    out->actions = rows;
}

/* ---- after the meeting ---- */

static void make_finished(sb_minutes_maker *k, const sb_doc *question, sb_minutes_case *out)
{
    uint32_t count = sb_mm_count(question, "finalised");
    sb_minutes_finished *rows = SB_ARENA_ARRAY(k->arena, sb_minutes_finished, count);
    for (uint32_t i = 0; i < count; i++) {
        const sb_doc *one = sb_mm_item(question, "finalised", i);
        const char *text = sb_mm_blob(k, one, "final", NULL);
        rows[i] = (sb_minutes_finished){
            .name = sb_arena_str(k->arena, sb_slice_of(text, strcspn(text, "\n"))),
            .note = sb_mm_blob(k, one, "note", NULL),
            .sha256 = sb_doc_str(sb_doc_get(one, "final"), "sha256"),
            .date = sb_mm_day(sb_doc_num(one, "at_ms")),
        };
    }
    out->finished = rows;
    out->finished_count = count;
}

static void make_disputes(sb_minutes_maker *k, const sb_doc *question, sb_minutes_case *out)
{
    const sb_doc *later = sb_doc_get(question, "later");
    uint32_t count = sb_mm_count(later, "disputes");
    sb_minutes_dispute *rows = SB_ARENA_ARRAY(k->arena, sb_minutes_dispute, count);
    for (uint32_t i = 0; i < count; i++) {
        const sb_doc *one = sb_mm_item(later, "disputes", i);
        uint32_t end = sb_mm_word(one, "end", SB_TEXT_DISPUTE_END);
        rows[i] = (sb_minutes_dispute){
            .seat = sb_doc_str(one, "title"),
            .text = sb_mm_blob(k, one, "text", NULL),
            .end = end == 0 ? "" : sb_text_word(SB_TEXT_DISPUTE_END, end, k->lang),
        };
    }
    out->disputes = rows;
    out->dispute_count = count;
}

void sb_mm_case_more(sb_minutes_maker *k, const sb_doc *item, sb_minutes_case *out)
{
    const sb_doc *question = sb_mm_question_of(item);
    make_election(k, item, out);
    make_relations(k, item, out);
    make_earlier(k, item, out);
    make_discussed(k, item, out);
    make_conditions(k, item, out);
    make_actions(k, item, out);
    out->is_waiting = out->is_waiting && out->outcome == SB__OUTCOME__OUTCOME_ADOPTED;
    make_finished(k, question, out);
    make_disputes(k, question, out);
    out->rulings = sb_mm_rulings(k, item, &out->ruling_count);
}
