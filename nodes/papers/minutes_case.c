/* One case: what was proposed, what was decided and how. */
#include "nodes/papers/diff.h"
#include "nodes/papers/minutes_inside.h"
#include "proto/rules/check.h"

/* ---- the outcome in words ---- */

static const char *postponed_words(sb_minutes_writer *w, uint32_t to_date)
{
    if (to_date == 0)
        return sb_minutes_word(w, SB_MSG_PAPER_OUT_POSTPONED);
    return sb_minutes_words(w, SB_MSG_PAPER_OUT_POSTPONED_TO, sb_minutes_date(w, to_date), NULL,
                            NULL, NULL);
}

static const char *outcome_words(sb_minutes_writer *w, const sb_minutes_case *c)
{
    switch (c->outcome) {
    case SB__OUTCOME__OUTCOME_ADOPTED:
        if (c->is_waiting)
            return sb_minutes_word(w, SB_MSG_PAPER_OUT_WAITING);
        if (c->mode == SB__MODE__MODE_CONSENSUS && c->objection_count == 0)
            return sb_minutes_word(w, SB_MSG_PAPER_OUT_CONSENSUS);
        return sb_minutes_word(w, c->is_unanimous ? SB_MSG_PAPER_OUT_UNANIMOUS
                                                  : SB_MSG_PAPER_OUT_ADOPTED);
    case SB__OUTCOME__OUTCOME_FALLEN:
        return sb_minutes_word(w, SB_MSG_PAPER_OUT_FALLEN);
    case SB__OUTCOME__OUTCOME_NO_CONSENSUS:
        return sb_minutes_word(w, SB_MSG_PAPER_OUT_NO_CONSENSUS);
    case SB__OUTCOME__OUTCOME_NOTED:
        return sb_minutes_word(w, SB_MSG_PAPER_OUT_NOTED);
    case SB__OUTCOME__OUTCOME_ELECTED:
        return sb_minutes_word(w, SB_MSG_PAPER_OUT_ELECTED);
    case SB__OUTCOME__OUTCOME_TIED:
        if (!sb_paper_is_blank(c->tie))
            return sb_minutes_words(w, SB_MSG_PAPER_OUT_TIED_SO, c->tie, NULL, NULL, NULL);
        return sb_minutes_word(w, SB_MSG_PAPER_OUT_TIED);
    case SB__OUTCOME__OUTCOME_POLLED:
        return sb_minutes_word(w, SB_MSG_PAPER_OUT_POLLED);
    case SB__OUTCOME__OUTCOME_POSTPONED:
        return postponed_words(w, c->to_date);
    case SB__OUTCOME__OUTCOME_WITHDRAWN:
        return sb_minutes_word(w, SB_MSG_PAPER_OUT_WITHDRAWN);
    case SB__OUTCOME__OUTCOME_NOT_QUORATE:
        return sb_minutes_word(w, SB_MSG_PAPER_OUT_NOT_QUORATE);
    case SB__OUTCOME__OUTCOME_INVALID:
    case _SB__OUTCOME_IS_INT_SIZE:
        break;
    }
    return sb_minutes_word(w, c->is_discussed ? SB_MSG_PAPER_OUT_DISCUSSED : SB_MSG_PAPER_OUT_NONE);
}

void sb_minutes_write_overview(sb_minutes_writer *w)
{
    static const sb_msg headers[] = {SB_MSG_HEAD_CASE, SB_MSG_HEAD_TITLE,
                                     SB_MSG_PAPER_HEAD_OUTCOME};
    if (w->m->case_count == 0)
        return;
    sb_paper_open_region(&w->p, SB_PAPER_SECTION, "saker");
    sb_paper_heading(&w->p, 2, "saker", sb_minutes_word(w, SB_MSG_PAPER_HEAD_CASES));
    sb_minutes_table t = sb_minutes_table_new(w, headers, 3, w->m->case_count);
    for (size_t i = 0; i < w->m->case_count; i++) {
        const sb_minutes_case *c = &w->m->cases[i];
        const char **cells = sb_minutes_table_row(&t);
        cells[0] = c->number;
        cells[1] = c->title;
        cells[2] = outcome_words(w, c);
    }
    sb_minutes_table_write(w, &t, sb_minutes_word(w, SB_MSG_PAPER_CASES_CAPTION));
    sb_paper_close_region(&w->p, SB_PAPER_SECTION);
}

/* ---- clauses ---- */

/* A single clause stands by itself; several are numbered. */
static void open_clause(sb_minutes_writer *w, bool is_listed)
{
    if (is_listed)
        sb_paper_open_item(&w->p);
    else
        sb_paper_open_para(&w->p);
}

static void close_clause(sb_minutes_writer *w, bool is_listed)
{
    if (is_listed)
        sb_paper_close_item(&w->p);
    else
        sb_paper_close_para(&w->p);
}

void sb_minutes_write_clauses(sb_minutes_writer *w, const char *const *clauses, size_t count)
{
    bool is_listed = count > 1;
    if (is_listed)
        sb_paper_open_list(&w->p, 1);
    for (size_t i = 0; i < count; i++) {
        open_clause(w, is_listed);
        sb_paper_str(&w->p, SB_PAPER_PLAIN, clauses[i]);
        close_clause(w, is_listed);
    }
    if (is_listed)
        sb_paper_close_list(&w->p);
}

static void write_changed(sb_minutes_writer *w, const char *before, const char *after)
{
    static const sb_paper_style styles[] = {[SB_DIFF_KEEP] = SB_PAPER_PLAIN,
                                            [SB_DIFF_DELETE] = SB_PAPER_DELETED,
                                            [SB_DIFF_INSERT] = SB_PAPER_INSERTED};
    sb_diff_run *runs;
    size_t count = sb_diff_words(&w->arena, sb_slice_str(before), sb_slice_str(after), &runs);
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            sb_paper_str(&w->p, SB_PAPER_PLAIN, " ");
        sb_paper_run(&w->p, styles[runs[i].op], runs[i].text);
    }
}

static void write_diff(sb_minutes_writer *w, const sb_minutes_case *c)
{
    sb_diff_pair *pairs;
    size_t count = sb_diff_pair_clauses(&w->arena, c->proposed, c->proposed_count, c->decided,
                                        c->decided_count, &pairs);
    bool is_listed = c->decided_count > 1;
    if (is_listed)
        sb_paper_open_list(&w->p, 1);
    for (size_t i = 0; i < count; i++) {
        if (pairs[i].new_at == SIZE_MAX)
            continue;
        open_clause(w, is_listed);
        write_changed(w, pairs[i].old_at == SIZE_MAX ? "" : c->proposed[pairs[i].old_at],
                      c->decided[pairs[i].new_at]);
        close_clause(w, is_listed);
    }
    if (is_listed)
        sb_paper_close_list(&w->p);
    for (size_t i = 0; i < count; i++) {
        if (pairs[i].new_at != SIZE_MAX)
            continue;
        sb_paper_open_para(&w->p);
        sb_paper_str(&w->p, SB_PAPER_PLAIN,
                     sb_minutes_words(w, SB_MSG_PAPER_STRUCK,
                                      sb_minutes_number(w, pairs[i].old_at + 1), NULL, NULL, NULL));
        sb_paper_str(&w->p, SB_PAPER_DELETED, c->proposed[pairs[i].old_at]);
        sb_paper_close_para(&w->p);
    }
}

static void write_changes_key(sb_minutes_writer *w)
{
    sb_paper_open_para(&w->p);
    sb_paper_str(&w->p, SB_PAPER_PLAIN, sb_minutes_word(w, SB_MSG_PAPER_CHANGES_KEY));
    sb_paper_str(&w->p, SB_PAPER_DELETED, sb_minutes_word(w, SB_MSG_PAPER_KEY_STRUCK));
    sb_paper_str(&w->p, SB_PAPER_PLAIN, ", ");
    sb_paper_str(&w->p, SB_PAPER_INSERTED, sb_minutes_word(w, SB_MSG_PAPER_KEY_NEW));
    sb_paper_str(&w->p, SB_PAPER_PLAIN, ".");
    sb_paper_close_para(&w->p);
}

static bool is_changed(const sb_minutes_case *c)
{
    if (c->proposed_count != c->decided_count)
        return true;
    for (size_t i = 0; i < c->proposed_count; i++)
        if (strcmp(c->proposed[i], c->decided[i]) != 0)
            return true;
    return false;
}

static bool is_decided(const sb_minutes_case *c)
{
    return c->outcome == SB__OUTCOME__OUTCOME_ADOPTED || c->outcome == SB__OUTCOME__OUTCOME_NOTED ||
           c->outcome == SB__OUTCOME__OUTCOME_ELECTED;
}

/* ---- the vote ---- */

static const char *demand_words(sb_minutes_writer *w, const sb_minutes_demand *d)
{
    static const struct {
        const char *what;
        sb_msg word;
    } measures[] = {
        {"for", SB_MSG_PAPER_MEASURE_FOR},         {"against", SB_MSG_PAPER_MEASURE_AGAINST},
        {"abstain", SB_MSG_PAPER_MEASURE_ABSTAIN}, {"cast", SB_MSG_PAPER_MEASURE_CAST},
        {"present", SB_MSG_PAPER_MEASURE_PRESENT},
    };
    static const sb_msg kinds[] = {[SB_MINUTES_AT_LEAST] = SB_MSG_PAPER_AT_LEAST,
                                   [SB_MINUTES_EXACTLY] = SB_MSG_PAPER_EXACTLY,
                                   [SB_MINUTES_AT_MOST] = SB_MSG_PAPER_AT_MOST,
                                   [SB_MINUTES_NEVER] = SB_MSG_PAPER_NEVER};
    const char *what = sb_minutes_text(d->what);
    for (size_t i = 0; i < sizeof measures / sizeof measures[0]; i++)
        if (strcmp(what, measures[i].what) == 0)
            what = sb_minutes_word(w, measures[i].word);
    return sb_minutes_words(w, kinds[d->kind], sb_minutes_number(w, d->number), what,
                            sb_minutes_word(w, d->is_met ? SB_MSG_PAPER_MET : SB_MSG_PAPER_NOT_MET),
                            NULL);
}

static const char *demands_words(sb_minutes_writer *w, const sb_minutes_count *count)
{
    const char *words = "";
    for (size_t i = 0; i < count->demand_count; i++) {
        const char *one = demand_words(w, &count->demands[i]);
        words = i == 0 ? one : sb_arena_printf(&w->arena, "%s; %s", words, one);
    }
    return words;
}

static void write_tally(sb_minutes_writer *w, const sb_minutes_case *c)
{
    static const sb_msg headers[] = {SB_MSG_PAPER_HEAD_PARTNER, SB_MSG_PAPER_HEAD_FOR,
                                     SB_MSG_PAPER_HEAD_AGAINST, SB_MSG_PAPER_HEAD_ABSTAIN,
                                     SB_MSG_PAPER_HEAD_NEEDED};
    sb_minutes_table t = sb_minutes_table_new(w, headers, 5, c->tally_count);
    for (size_t i = 0; i < c->tally_count; i++) {
        const sb_minutes_count *row = &c->tally[i];
        const char **cells = sb_minutes_table_row(&t);
        cells[0] = sb_paper_is_blank(row->partner) ? sb_minutes_word(w, SB_MSG_PAPER_ALL_SEATS)
                                                   : row->partner;
        cells[1] = sb_minutes_number(w, row->votes_for);
        cells[2] = sb_minutes_number(w, row->votes_against);
        cells[3] = sb_minutes_number(w, row->votes_abstain);
        cells[4] = demands_words(w, row);
    }
    sb_minutes_table_write(w, &t, sb_minutes_word(w, SB_MSG_PAPER_TALLY_CAPTION));
}

static const char *vote_note(sb_minutes_writer *w, const sb_minutes_vote *v)
{
    const char *note = v->by_delegation ? sb_minutes_word(w, SB_MSG_PAPER_BY_DELEGATION)
                       : v->by_deputy   ? sb_minutes_word(w, SB_MSG_PAPER_BY_DEPUTY)
                                        : "";
    const char *recorded = !v->is_recorded   ? ""
                           : v->is_confirmed ? sb_minutes_word(w, SB_MSG_PAPER_RECORDED_CONFIRMED)
                                             : sb_minutes_word(w, SB_MSG_PAPER_RECORDED);
    const char *more[2] = {
        recorded,
        v->is_counted ? "" : sb_minutes_words(w, SB_MSG_NOT_COUNTED, v->reason, NULL, NULL, NULL)};
    for (int i = 0; i < 2; i++)
        if (more[i][0] != '\0')
            note = note[0] == '\0' ? more[i] : sb_arena_printf(&w->arena, "%s; %s", note, more[i]);
    return note;
}

static const char *choice_words(sb_minutes_writer *w, const sb_minutes_vote *v, bool is_election)
{
    if (v->choice == SB__CHOICE__CHOICE_CANDIDATE)
        return sb_minutes_words(w, SB_MSG_PAPER_CANDIDATE, sb_minutes_number(w, v->candidate), NULL,
                                NULL, NULL);
    if (is_election && v->choice == SB__CHOICE__CHOICE_ABSTAIN)
        return sb_minutes_word(w, SB_MSG_PAPER_BLANK);
    return sb_text_word(SB_TEXT_CHOICE, v->choice, w->lang);
}

static bool names_candidates(const sb_minutes_vote *votes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (votes[i].choice == SB__CHOICE__CHOICE_CANDIDATE)
            return true;
    return false;
}

void sb_minutes_write_roll_call(sb_minutes_writer *w, const sb_minutes_vote *votes, size_t count,
                                const char *caption)
{
    static const sb_msg headers[] = {SB_MSG_PAPER_HEAD_SEAT, SB_MSG_PAPER_HEAD_PARTNER,
                                     SB_MSG_PAPER_HEAD_VOTE, SB_MSG_PAPER_HEAD_NOTE};
    sb_minutes_table t = sb_minutes_table_new(w, headers, 4, count);
    bool is_election = names_candidates(votes, count);
    for (size_t i = 0; i < count; i++) {
        const char **cells = sb_minutes_table_row(&t);
        cells[0] = votes[i].seat;
        cells[1] = votes[i].partner;
        cells[2] = choice_words(w, &votes[i], is_election);
        cells[3] = vote_note(w, &votes[i]);
    }
    sb_minutes_table_write(w, &t, caption);
}

/* The rule in plain words, with the partners' names; as it stands when it can't be read (another
 * engine's). */
static const char *rule_words(sb_minutes_writer *w, const sb_minutes_case *c)
{
    sb_rule rule;
    if (sb_rule_parse(&w->arena, sb_slice_str(c->pass_rule), &rule, NULL) != SB_OK)
        return c->pass_rule;
    sb_rule_group *partners = SB_ARENA_ARRAY(&w->arena, sb_rule_group, c->tally_count + 1);
    sb_rule_shape names = {.partners = partners};
    for (size_t i = 0; i < c->tally_count; i++)
        if (!sb_paper_is_blank(c->tally[i].partner_id))
            partners[names.partner_count++] =
                (sb_rule_group){.id = sb_slice_str(c->tally[i].partner_id),
                                .name = sb_slice_str(sb_minutes_text(c->tally[i].partner))};
    sb_buf words;
    sb_buf_init(&words);
    sb_rule_explain(&rule, &names, w->lang == SB_LANG_NB ? SB_RULE_NB : SB_RULE_EN, &words);
    const char *text = sb_arena_str(&w->arena, sb_buf_slice(&words));
    sb_buf_deinit(&words);
    return text;
}

static void write_rule(sb_minutes_writer *w, const sb_minutes_case *c)
{
    if (sb_paper_is_blank(c->pass_rule))
        return;
    const char *cite =
        sb_paper_is_blank(c->pass_cite) ? "" : sb_arena_printf(&w->arena, " (%s)", c->pass_cite);
    sb_paper_para(&w->p,
                  sb_minutes_words(w, SB_MSG_PAPER_RULE, rule_words(w, c), cite, NULL, NULL));
}

static void write_vote(sb_minutes_writer *w, const sb_minutes_case *c)
{
    if (c->round_count > 0) {
        sb_minutes_write_rounds(w, c);
        return;
    }
    bool is_short = c->outcome == SB__OUTCOME__OUTCOME_FALLEN ||
                    c->outcome == SB__OUTCOME__OUTCOME_NO_CONSENSUS;
    if (c->vote_count == 0 || (c->is_unanimous && !is_short)) /* nobody against, but too few */
        return;
    if (c->mode != SB__MODE__MODE_POLL)
        write_rule(w, c);
    else if (c->outcome != SB__OUTCOME__OUTCOME_POLLED) /* the case itself went another way */
        sb_paper_para(
            &w->p, sb_arena_printf(&w->arena, "%s.", sb_minutes_word(w, SB_MSG_PAPER_OUT_POLLED)));
    write_tally(w, c);
    sb_minutes_write_roll_call(w, c->votes, c->vote_count,
                               sb_minutes_word(w, SB_MSG_HEAD_ROLL_CALL));
}

/* ---- the decision ---- */

static bool same_count(const sb_minutes_count *a, const sb_minutes_count *b)
{
    return strcmp(sb_minutes_text(a->partner), sb_minutes_text(b->partner)) == 0 &&
           a->of == b->of && a->have == b->have;
}

/* Said again for a case only when it wasn't as for the meeting. */
static void write_own_quorum(sb_minutes_writer *w, const sb_minutes_case *c)
{
    const sb_minutes_quorum *q = c->quorum, *of_meeting = &w->m->quorum;
    if (q == NULL || !q->has_rule)
        return;
    bool is_same = q->count_count == of_meeting->count_count &&
                   q->is_quorate == of_meeting->is_quorate && of_meeting->has_rule;
    for (size_t i = 0; is_same && i < q->count_count; i++)
        is_same = same_count(&q->counts[i], &of_meeting->counts[i]);
    if (!is_same)
        sb_minutes_write_quorum(w, q);
}

/* Consensus was asked for, somebody objected, and it was voted on by name. */
static bool after_objection(const sb_minutes_case *c)
{
    return c->mode == SB__MODE__MODE_CONSENSUS && c->vote_count > 0;
}

/* "Vedtak"; what decides nothing has another heading. */
static const char *decision_heading(sb_minutes_writer *w, const sb_minutes_case *c)
{
    if (c->mode == SB__MODE__MODE_ELECTION)
        return sb_minutes_word(w, SB_MSG_PAPER_HEAD_ELECTION);
    if (c->mode == SB__MODE__MODE_POLL || c->is_discussed)
        return sb_minutes_word(w, SB_MSG_PAPER_HEAD_TREATED);
    return sb_minutes_word(w, SB_MSG_HEAD_DECISION);
}

static void write_outcome(sb_minutes_writer *w, const sb_minutes_case *c)
{
    sb_paper_open_para(&w->p);
    if (!sb_paper_is_blank(c->elected)) {
        sb_paper_str(&w->p, SB_PAPER_STRONG,
                     sb_minutes_words(w, SB_MSG_PAPER_ELECTED, c->elected, NULL, NULL, NULL));
        sb_paper_close_para(&w->p);
        return;
    }
    if (after_objection(c)) {
        sb_paper_str(&w->p, SB_PAPER_STRONG, outcome_words(w, c));
        sb_paper_str(
            &w->p, SB_PAPER_PLAIN,
            sb_arena_printf(&w->arena, " (%s).", sb_minutes_word(w, SB_MSG_PAPER_AFTER_OBJECTION)));
    } else {
        sb_paper_str(&w->p, SB_PAPER_STRONG,
                     sb_arena_printf(&w->arena, "%s.", outcome_words(w, c)));
    }
    sb_paper_close_para(&w->p);
}

void sb_minutes_write_question(sb_minutes_writer *w, const sb_minutes_case *c)
{
    write_outcome(w, c);
    write_own_quorum(w, c);
    write_vote(w, c);
}

static void write_decision(sb_minutes_writer *w, const sb_minutes_case *c, const char *id)
{
    bool changed = is_changed(c);
    bool shows_proposal = changed || !is_decided(c) ||
                          c->kind == SB__CASE_KIND__CASE_KIND_DECISION ||
                          c->kind == SB__CASE_KIND__CASE_KIND_DISCUSSION;
    if (c->proposed_count > 0 && shows_proposal) {
        sb_paper_heading(&w->p, 3, NULL, sb_minutes_word(w, SB_MSG_HEAD_PROPOSAL));
        sb_minutes_write_clauses(w, c->proposed, c->proposed_count);
    }
    sb_minutes_write_others(w, c, 0, c->others_before);
    sb_paper_open_region(&w->p, SB_PAPER_DECISION, id);
    sb_paper_heading(&w->p, 3, id, decision_heading(w, c));
    if (!is_decided(c) && changed && c->decided_count > 0)
        sb_paper_para(&w->p, sb_minutes_word(w, SB_MSG_PAPER_AS_PUT));
    if (is_decided(c) || changed) {
        write_diff(w, c);
        if (changed && c->proposed_count > 0)
            write_changes_key(w);
    }
    write_outcome(w, c);
    sb_minutes_write_earlier(w, c);
    write_own_quorum(w, c);
    write_vote(w, c);
    sb_minutes_write_conditions(w, c);
    sb_paper_close_region(&w->p, SB_PAPER_DECISION);
    sb_minutes_write_others(w, c, c->others_before, c->other_count);
}

/* ---- what follows it ---- */

void sb_minutes_write_remarks(sb_minutes_writer *w, uint32_t level, const char *heading,
                              const sb_minutes_remark *remarks, size_t count)
{
    if (count == 0)
        return;
    sb_paper_heading(&w->p, level, NULL, heading);
    sb_paper_open_list(&w->p, 0);
    for (size_t i = 0; i < count; i++) {
        const char *seat =
            remarks[i].by_deputy
                ? sb_arena_printf(&w->arena, "%s (%s)", sb_minutes_text(remarks[i].seat),
                                  sb_minutes_word(w, remarks[i].by_delegation
                                                         ? SB_MSG_PAPER_BY_DELEGATION
                                                         : SB_MSG_PAPER_DEPUTY))
                : remarks[i].seat;
        sb_paper_open_item(&w->p);
        sb_paper_str(&w->p, SB_PAPER_STRONG, seat);
        if (!sb_paper_is_blank(remarks[i].text)) {
            sb_paper_str(&w->p, SB_PAPER_PLAIN, ": ");
            sb_paper_str(&w->p, SB_PAPER_PLAIN, remarks[i].text);
        }
        sb_paper_close_item(&w->p);
    }
    sb_paper_close_list(&w->p);
}

static void write_tasks(sb_minutes_writer *w, const sb_minutes_case *c)
{
    static const sb_msg headers[] = {SB_MSG_PAPER_HEAD_WHAT, SB_MSG_HEAD_RESPONSIBLE,
                                     SB_MSG_HEAD_DUE};
    if (c->task_count == 0)
        return;
    sb_paper_heading(&w->p, 3, NULL, sb_minutes_word(w, SB_MSG_PAPER_HEAD_FOLLOW_UP));
    sb_minutes_table t = sb_minutes_table_new(w, headers, 3, c->task_count);
    for (size_t i = 0; i < c->task_count; i++) {
        const sb_minutes_task *task = &c->tasks[i];
        const char **cells = sb_minutes_table_row(&t);
        const char *due = task->due_date != 0             ? sb_minutes_short(w, task->due_date)
                          : !sb_paper_is_blank(task->due) ? task->due
                                                          : sb_minutes_word(w, SB_MSG_CONTINUOUSLY);
        cells[0] = task->text;
        cells[1] = task->responsible;
        cells[2] = task->is_done
                       ? sb_minutes_words(w, SB_MSG_PAPER_TASK_DONE, due, NULL, NULL, NULL)
                       : due;
    }
    sb_minutes_table_write(
        w, &t, sb_minutes_words(w, SB_MSG_PAPER_FOLLOW_UP_CAPTION, c->number, NULL, NULL, NULL));
}

static void write_attachments(sb_minutes_writer *w, const sb_minutes_case *c)
{
    if (c->attachment_count == 0)
        return;
    sb_paper_heading(&w->p, 3, NULL, sb_minutes_word(w, SB_MSG_HEAD_ATTACHMENTS));
    sb_paper_open_list(&w->p, 0);
    for (size_t i = 0; i < c->attachment_count; i++) {
        const sb_minutes_blob *blob = &c->attachments[i];
        sb_paper_open_item(&w->p);
        if (sb_paper_is_blank(blob->name))
            sb_paper_str(&w->p, SB_PAPER_CODE, blob->sha256);
        else
            sb_paper_str(&w->p, SB_PAPER_PLAIN, blob->name);
        sb_paper_close_item(&w->p);
    }
    sb_paper_close_list(&w->p);
}

static void write_disqualified(sb_minutes_writer *w, const sb_minutes_case *c)
{
    const char *seats = "";
    for (size_t i = 0; i < c->disqualified_count; i++)
        seats = i == 0 ? sb_minutes_text(c->disqualified[i])
                       : sb_arena_printf(&w->arena, "%s; %s", seats, c->disqualified[i]);
    if (c->disqualified_count > 0)
        sb_paper_para(&w->p,
                      sb_minutes_words(w, SB_MSG_PAPER_DISQUALIFIED, seats, NULL, NULL, NULL));
}

static void write_head(sb_minutes_writer *w, const sb_minutes_case *c, const char *id)
{
    const sb_minutes_model *m = w->m;
    sb_paper_heading(&w->p, 2, id,
                     sb_minutes_words(w, SB_MSG_PAPER_CASE, c->number, NULL, NULL, NULL));
    sb_paper_open_facts(&w->p);
    sb_paper_fact(&w->p, sb_minutes_word(w, SB_MSG_HEAD_TITLE), c->title);
    const char *body =
        sb_paper_is_blank(m->body_short)
            ? sb_minutes_text(m->body)
            : sb_arena_printf(&w->arena, "%s (%s)", sb_minutes_text(m->body), m->body_short);
    sb_paper_fact(&w->p, sb_minutes_word(w, SB_MSG_HEAD_TO), body);
    sb_paper_fact(&w->p, sb_minutes_word(w, SB_MSG_HEAD_FROM), c->from);
    sb_paper_fact(&w->p, sb_minutes_word(w, SB_MSG_HEAD_MEETING_DATE),
                  sb_minutes_short(w, m->date));
    sb_paper_fact(&w->p, sb_minutes_word(w, SB_MSG_PAPER_HEAD_RELATIONS), c->relations);
    sb_paper_close_facts(&w->p);
}

void sb_minutes_write_case(sb_minutes_writer *w, const sb_minutes_case *c)
{
    size_t at = (size_t)(c - w->m->cases) + 1;
    const char *id = sb_arena_printf(&w->arena, "sak-%zu", at);
    sb_paper_open_region(&w->p, SB_PAPER_ARTICLE, id);
    write_head(w, c, id);
    if (c->text_missing)
        sb_paper_para(&w->p, sb_minutes_word(w, SB_MSG_PAPER_TEXT_MISSING));
    else
        sb_paper_prose(&w->p, c->text);
    if (!sb_paper_is_blank(c->chair))
        sb_paper_para(&w->p,
                      sb_minutes_words(w, SB_MSG_PAPER_CASE_CHAIR, c->chair, NULL, NULL, NULL));
    write_disqualified(w, c);
    sb_minutes_write_rulings(w, 3, c->rulings, c->ruling_count);
    write_decision(w, c, sb_arena_printf(&w->arena, "sak-%zu-vedtak", at));
    sb_minutes_write_remarks(w, 3, sb_minutes_word(w, SB_MSG_PAPER_HEAD_OBJECTIONS), c->objections,
                             c->objection_count);
    sb_minutes_write_remarks(w, 3, sb_minutes_word(w, SB_MSG_HEAD_REMARKS), c->remarks,
                             c->remark_count);
    write_tasks(w, c);
    sb_minutes_write_later(w, c);
    write_attachments(w, c);
    sb_paper_close_region(&w->p, SB_PAPER_ARTICLE);
}

/* ---- postponed ---- */

static void write_postponed(sb_minutes_writer *w, const char *ref, uint32_t to_date)
{
    sb_paper_open_item(&w->p);
    sb_paper_str(&w->p, SB_PAPER_PLAIN,
                 sb_minutes_words(w,
                                  to_date == 0 ? SB_MSG_PAPER_POSTPONED : SB_MSG_PAPER_POSTPONED_TO,
                                  ref, sb_minutes_date(w, to_date), NULL, NULL));
    sb_paper_close_item(&w->p);
}

void sb_minutes_write_postponed(sb_minutes_writer *w)
{
    const sb_minutes_model *m = w->m;
    size_t count = m->external_count;
    for (size_t i = 0; i < m->case_count; i++)
        count += m->cases[i].outcome == SB__OUTCOME__OUTCOME_POSTPONED;
    if (count == 0)
        return;
    sb_paper_open_region(&w->p, SB_PAPER_SECTION, "utsatt");
    sb_paper_heading(&w->p, 2, "utsatt", sb_minutes_word(w, SB_MSG_PAPER_HEAD_POSTPONED));
    sb_paper_open_list(&w->p, 0);
    for (size_t i = 0; i < m->case_count; i++)
        if (m->cases[i].outcome == SB__OUTCOME__OUTCOME_POSTPONED)
            write_postponed(w, m->cases[i].number, m->cases[i].to_date);
    for (size_t i = 0; i < m->external_count; i++)
        write_postponed(w, m->externals[i].ref, m->externals[i].to_date);
    sb_paper_close_list(&w->p);
    sb_paper_close_region(&w->p, SB_PAPER_SECTION);
}
