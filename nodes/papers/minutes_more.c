/* What belongs to a case besides the vote: elections, the chair's rulings, what was discussed
 * before, conditions, what the decision does by itself, and what came after the meeting. */
#include "nodes/papers/minutes_inside.h"

enum { SHORT_HEX = 16 };

/* ---- elections ---- */

static const char *candidate_note(sb_minutes_writer *w, const sb_minutes_candidate *c)
{
    if (c->is_elected)
        return sb_minutes_word(w, SB_MSG_PAPER_IS_ELECTED);
    return c->goes_on ? sb_minutes_word(w, SB_MSG_PAPER_GOES_ON) : "";
}

static void write_round(sb_minutes_writer *w, const sb_minutes_case *c, const sb_minutes_round *r)
{
    static const sb_msg headers[] = {SB_MSG_PAPER_HEAD_NUMBER, SB_MSG_PAPER_HEAD_CANDIDATE,
                                     SB_MSG_PAPER_HEAD_VOTES, SB_MSG_PAPER_HEAD_BY_PARTNER,
                                     SB_MSG_PAPER_HEAD_NOTE};
    const char *number = sb_minutes_number(w, r->number);
    bool is_only = c->round_count == 1;
    sb_minutes_table t = sb_minutes_table_new(w, headers, 5, r->candidate_count);
    for (size_t i = 0; i < r->candidate_count; i++) {
        const char **cells = sb_minutes_table_row(&t);
        cells[0] = sb_minutes_number(w, r->candidates[i].number);
        cells[1] = r->candidates[i].ticket;
        cells[2] = r->by_acclamation ? "" : sb_minutes_number(w, r->candidates[i].votes);
        cells[3] = r->candidates[i].by_partner;
        cells[4] = candidate_note(w, &r->candidates[i]);
    }
    sb_minutes_table_write(
        w, &t,
        is_only ? sb_minutes_word(w, SB_MSG_PAPER_CANDIDATES_CAPTION)
                : sb_minutes_words(w, SB_MSG_PAPER_ROUND_CAPTION, number, NULL, NULL, NULL));
    if (r->by_acclamation)
        sb_paper_para(&w->p, sb_minutes_word(w, SB_MSG_PAPER_ACCLAMATION));
    if (r->blank > 0)
        sb_paper_para(&w->p, sb_minutes_words(w, SB_MSG_PAPER_BLANK_COUNT,
                                              sb_minutes_number(w, r->blank), NULL, NULL, NULL));
    sb_minutes_write_roll_call(
        w, r->votes, r->vote_count,
        is_only ? sb_minutes_word(w, SB_MSG_HEAD_ROLL_CALL)
                : sb_minutes_words(w, SB_MSG_PAPER_ROUND_ROLL_CALL, number, NULL, NULL, NULL));
}

void sb_minutes_write_rounds(sb_minutes_writer *w, const sb_minutes_case *c)
{
    for (size_t i = 0; i < c->round_count; i++)
        write_round(w, c, &c->rounds[i]);
}

/* ---- rulings, and what was discussed before ---- */

void sb_minutes_write_rulings(sb_minutes_writer *w, uint32_t level,
                              const sb_minutes_ruling *rulings, size_t count)
{
    if (count == 0)
        return;
    sb_paper_heading(&w->p, level, NULL, sb_minutes_word(w, SB_MSG_PAPER_HEAD_RULINGS));
    sb_paper_open_list(&w->p, 0);
    for (size_t i = 0; i < count; i++) {
        sb_paper_open_item(&w->p);
        if (!sb_paper_is_blank(rulings[i].kind)) {
            sb_paper_str(&w->p, SB_PAPER_STRONG, rulings[i].kind);
            sb_paper_str(&w->p, SB_PAPER_PLAIN, ": ");
        }
        sb_paper_str(&w->p, SB_PAPER_PLAIN, rulings[i].text);
        sb_paper_close_item(&w->p);
    }
    sb_paper_close_list(&w->p);
}

void sb_minutes_write_earlier(sb_minutes_writer *w, const sb_minutes_case *c)
{
    if (c->earlier_date == 0)
        return;
    bool is_same = sb_paper_is_blank(c->earlier_changed);
    sb_paper_para(&w->p,
                  sb_minutes_words(w, is_same ? SB_MSG_PAPER_EARLIER_SAME : SB_MSG_PAPER_EARLIER,
                                   sb_minutes_date(w, c->earlier_date), c->earlier_number,
                                   c->earlier_changed, NULL));
}

/* ---- the other questions ---- */

static bool same_texts(const char *const *a, size_t a_count, const char *const *b, size_t b_count)
{
    for (size_t i = 0; i < a_count && a_count == b_count; i++)
        if (strcmp(a[i], b[i]) != 0)
            return false;
    return a_count == b_count;
}

void sb_minutes_write_others(sb_minutes_writer *w, const sb_minutes_case *c, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        const sb_minutes_case *other = &c->others[i];
        size_t number = i + 1 + (i >= c->others_before);
        sb_paper_heading(&w->p, 3, NULL,
                         sb_minutes_words(w, SB_MSG_PAPER_HEAD_QUESTION,
                                          sb_minutes_number(w, number), NULL, NULL, NULL));
        if (other->decided_count > 0 &&
            !same_texts(other->decided, other->decided_count, c->decided, c->decided_count)) {
            sb_paper_para(&w->p, sb_minutes_word(w, SB_MSG_PAPER_AS_PUT));
            sb_minutes_write_clauses(w, other->decided, other->decided_count);
        }
        sb_minutes_write_question(w, other);
        sb_minutes_write_remarks(w, 4, sb_minutes_word(w, SB_MSG_PAPER_HEAD_OBJECTIONS),
                                 other->objections, other->objection_count);
    }
}

/* ---- conditions, and what the decision does by itself ---- */

static const char *condition_words(sb_minutes_writer *w, const sb_minutes_condition *c)
{
    sb_msg msg =
        c->kind == SB__CONDITION_KIND__CONDITION_KIND_CONSENTED ? SB_MSG_PAPER_CONDITION_CONSENTED
        : c->kind == SB__CONDITION_KIND__CONDITION_KIND_SIGNED  ? SB_MSG_PAPER_CONDITION_SIGNED
                                                                : SB_MSG_PAPER_CONDITION_INFORMED;
    const char *what =
        sb_minutes_words(w, msg, c->parties,
                         sb_text_word(SB_TEXT_CONDITION_MOMENT, c->moment, w->lang), c->cite, NULL);
    if (sb_paper_is_blank(c->missing))
        return sb_minutes_words(
            w, c->by_deadline ? SB_MSG_PAPER_CONDITION_LAPSED : SB_MSG_PAPER_CONDITION_MET, what,
            NULL, NULL, NULL);
    return sb_minutes_words(w, SB_MSG_PAPER_CONDITION_OPEN, what, c->missing, NULL, NULL);
}

static void write_actions(sb_minutes_writer *w, const sb_minutes_case *c)
{
    static const sb_msg states[] = {[SB_MINUTES_ACTION_WAITS] = SB_MSG_PAPER_ACTION_WAITS,
                                    [SB_MINUTES_ACTION_IN_FORCE] = SB_MSG_PAPER_ACTION_IN_FORCE,
                                    [SB_MINUTES_ACTION_DROPPED] = SB_MSG_PAPER_ACTION_DROPPED};
    bool is_adopted = c->outcome == SB__OUTCOME__OUTCOME_ADOPTED;
    if (c->action_count == 0)
        return;
    sb_paper_heading(
        &w->p, 3, NULL,
        sb_minutes_word(w, is_adopted ? SB_MSG_PAPER_HEAD_ACTIONS : SB_MSG_PAPER_HEAD_ACTIONS_IF));
    sb_paper_open_list(&w->p, 0);
    for (size_t i = 0; i < c->action_count; i++) {
        sb_paper_open_item(&w->p);
        const sb_minutes_action *action = &c->actions[i];
        bool has_state = is_adopted && action->state != SB_MINUTES_ACTION_PROPOSED;
        bool has_date = action->state == SB_MINUTES_ACTION_IN_FORCE && action->since_date != 0;
        sb_msg state = has_date ? SB_MSG_PAPER_ACTION_IN_FORCE_FROM : states[action->state];
        sb_paper_str(&w->p, SB_PAPER_PLAIN,
                     has_state
                         ? sb_minutes_words(w, state, action->what,
                                            sb_minutes_date(w, action->since_date), NULL, NULL)
                         : action->what);
        sb_paper_close_item(&w->p);
    }
    sb_paper_close_list(&w->p);
}

void sb_minutes_write_conditions(sb_minutes_writer *w, const sb_minutes_case *c)
{
    if (c->condition_count > 0) {
        sb_paper_heading(&w->p, 3, NULL, sb_minutes_word(w, SB_MSG_PAPER_HEAD_CONDITIONS));
        sb_paper_open_list(&w->p, 0);
        for (size_t i = 0; i < c->condition_count; i++) {
            sb_paper_open_item(&w->p);
            sb_paper_str(&w->p, SB_PAPER_PLAIN, condition_words(w, &c->conditions[i]));
            sb_paper_close_item(&w->p);
        }
        sb_paper_close_list(&w->p);
    }
    write_actions(w, c);
}

/* ---- after the meeting ---- */

static void write_finished(sb_minutes_writer *w, const sb_minutes_finished *f)
{
    const char *name =
        sb_paper_is_blank(f->name)
            ? sb_minutes_word(w, SB_MSG_PAPER_THE_TEXT)
            : sb_arena_printf(&w->arena, w->lang == SB_LANG_EN ? "\"%s\"" : "«%s»", f->name);
    const char *note =
        sb_paper_is_blank(f->note) ? "" : sb_arena_printf(&w->arena, ": %s", f->note);
    sb_paper_str(&w->p, SB_PAPER_PLAIN,
                 sb_minutes_words(
                     w, SB_MSG_PAPER_FINISHED, name, sb_minutes_date(w, f->date), note,
                     sb_arena_printf(&w->arena, "%.*s…", SHORT_HEX, sb_minutes_text(f->sha256))));
}

static void write_dispute(sb_minutes_writer *w, const sb_minutes_dispute *d)
{
    const char *end =
        sb_paper_is_blank(d->end) ? sb_minutes_word(w, SB_MSG_PAPER_DISPUTE_OPEN) : d->end;
    sb_paper_str(&w->p, SB_PAPER_PLAIN,
                 sb_minutes_words(w, SB_MSG_PAPER_DISPUTE, d->seat, d->text, end, NULL));
}

void sb_minutes_write_later(sb_minutes_writer *w, const sb_minutes_case *c)
{
    if (c->finished_count + c->dispute_count == 0)
        return;
    sb_paper_heading(&w->p, 3, NULL, sb_minutes_word(w, SB_MSG_PAPER_HEAD_LATER));
    sb_paper_open_list(&w->p, 0);
    for (size_t i = 0; i < c->finished_count; i++) {
        sb_paper_open_item(&w->p);
        write_finished(w, &c->finished[i]);
        sb_paper_close_item(&w->p);
    }
    for (size_t i = 0; i < c->dispute_count; i++) {
        sb_paper_open_item(&w->p);
        write_dispute(w, &c->disputes[i]);
        sb_paper_close_item(&w->p);
    }
    sb_paper_close_list(&w->p);
}
