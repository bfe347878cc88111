/* The end of the minutes: what they are worth, which deadlines held, how to check them. */
#include "nodes/papers/minutes_inside.h"

enum { SHORT_HEX = 16 };

/* The document in force, which isn't this one. */
static const char *of_document(sb_minutes_writer *w, const char *state)
{
    const sb_minutes_draft *last =
        w->m->draft_count == 0 ? NULL : &w->m->drafts[w->m->draft_count - 1];
    if (last == NULL)
        return state;
    const char *checksum =
        sb_arena_printf(&w->arena, "%.*s…", SHORT_HEX, sb_minutes_text(last->sha256));
    return sb_minutes_words(w, SB_MSG_PAPER_STATE_DOCUMENT, state,
                            sb_minutes_date(w, last->sent_date), checksum, NULL);
}

const char *sb_minutes_state_words(sb_minutes_writer *w)
{
    const sb_minutes_model *m = w->m;
    const char *sent = sb_minutes_date(w, m->sent_date);
    switch (m->state) {
    case SB_MINUTES_NO_DRAFT:
        break;
    case SB_MINUTES_DRAFT:
        if (m->silence_date == 0)
            return sb_minutes_words(w, SB_MSG_PAPER_STATE_DRAFT, sent, NULL, NULL, NULL);
        return sb_minutes_words(w, SB_MSG_PAPER_STATE_SILENCE, sent,
                                sb_minutes_date(w, m->silence_date), NULL, NULL);
    case SB_MINUTES_REQUESTED:
        return sb_minutes_words(w, SB_MSG_PAPER_STATE_REQUESTED, sent, NULL, NULL, NULL);
    case SB_MINUTES_APPROVED:
        return of_document(w, sb_minutes_words(w, SB_MSG_PAPER_STATE_APPROVED,
                                               sb_minutes_date(w, m->approved_date), NULL, NULL,
                                               NULL));
    case SB_MINUTES_SENDING:
        return sb_minutes_word(w, SB_MSG_PAPER_STATE_SENDING);
    }
    return sb_minutes_word(w, SB_MSG_PAPER_STATE_NONE);
}

static void write_documents(sb_minutes_writer *w)
{
    static const sb_msg headers[] = {SB_MSG_PAPER_HEAD_SENT, SB_MSG_PAPER_HEAD_DOCUMENT,
                                     SB_MSG_PAPER_HEAD_STATUS, SB_MSG_PAPER_HEAD_CHECKSUM};
    static const sb_msg states[] = {[SB_MINUTES_DOC_SENT] = SB_MSG_PAPER_DOC_SENT,
                                    [SB_MINUTES_DOC_REQUESTED] = SB_MSG_PAPER_DOC_REQUESTED,
                                    [SB_MINUTES_DOC_REPLACED] = SB_MSG_PAPER_DOC_REPLACED,
                                    [SB_MINUTES_DOC_APPROVED] = SB_MSG_PAPER_DOC_APPROVED};
    const sb_minutes_model *m = w->m;
    if (m->draft_count == 0)
        return;
    sb_paper_para(&w->p, sb_minutes_word(w, SB_MSG_PAPER_DOCUMENT_TEXT));
    sb_minutes_table t = sb_minutes_table_new(w, headers, 4, m->draft_count);
    for (size_t i = 0; i < m->draft_count; i++) {
        const char **cells = sb_minutes_table_row(&t);
        cells[0] = sb_minutes_short(w, m->drafts[i].sent_date);
        cells[1] = sb_minutes_word(w, i == 0 ? SB_MSG_PAPER_DOC_FIRST : SB_MSG_PAPER_DOC_CORRECTED);
        cells[2] = sb_minutes_word(w, states[m->drafts[i].state]);
        cells[3] =
            sb_arena_printf(&w->arena, "%.*s…", SHORT_HEX, sb_minutes_text(m->drafts[i].sha256));
    }
    sb_minutes_table_write(w, &t, sb_minutes_word(w, SB_MSG_PAPER_DOCUMENTS_CAPTION));
    sb_paper_open_facts(&w->p);
    sb_paper_fact_code(&w->p, sb_minutes_word(w, SB_MSG_PAPER_LAST_CHECKSUM),
                       m->drafts[m->draft_count - 1].sha256);
    sb_paper_close_facts(&w->p);
    for (size_t i = 0; i < m->draft_count; i++)
        sb_minutes_write_remarks(w, 3,
                                 sb_minutes_words(w, SB_MSG_PAPER_HEAD_REQUESTS,
                                                  sb_minutes_date(w, m->drafts[i].sent_date), NULL,
                                                  NULL, NULL),
                                 m->drafts[i].requests, m->drafts[i].request_count);
}

static const char *period(sb_minutes_writer *w, const sb_minutes_deadline *d)
{
    const char *from = sb_minutes_short(w, d->from_date), *to = sb_minutes_short(w, d->to_date);
    if (d->from_date != 0 && d->to_date != 0)
        return sb_minutes_words(w, SB_MSG_PAPER_PERIOD, from, to, NULL, NULL);
    if (d->from_date != 0)
        return sb_minutes_words(w, SB_MSG_PAPER_PERIOD_FROM, from, NULL, NULL, NULL);
    return sb_minutes_words(w, SB_MSG_PAPER_PERIOD_TO, to, NULL, NULL, NULL);
}

static void write_deadlines(sb_minutes_writer *w)
{
    static const sb_msg headers[] = {SB_MSG_PAPER_HEAD_DEADLINE, SB_MSG_PAPER_HEAD_CASES,
                                     SB_MSG_PAPER_HEAD_PERIOD,   SB_MSG_PAPER_HEAD_ACTUAL,
                                     SB_MSG_PAPER_HEAD_KEPT,     SB_MSG_PAPER_HEAD_CITE};
    const sb_minutes_model *m = w->m;
    sb_minutes_table t = sb_minutes_table_new(w, headers, 6, m->deadline_count);
    for (size_t i = 0; i < m->deadline_count; i++) {
        const sb_minutes_deadline *d = &m->deadlines[i];
        const char **cells = sb_minutes_table_row(&t);
        cells[0] = d->what;
        cells[1] = d->cases;
        cells[2] = period(w, d);
        cells[3] = d->actual_date == 0 ? sb_minutes_word(w, SB_MSG_PAPER_NOT_YET)
                                       : sb_minutes_short(w, d->actual_date);
        if (d->actual_date != 0)
            cells[4] = sb_minutes_word(w, d->is_kept ? SB_MSG_YES : SB_MSG_NO);
        cells[5] = d->cite;
    }
    sb_minutes_table_write(w, &t, sb_minutes_word(w, SB_MSG_PAPER_DEADLINES_CAPTION));
}

static void write_certificates(sb_minutes_writer *w)
{
    const sb_minutes_model *m = w->m;
    bool has_any = false;
    for (size_t i = 0; i < m->case_count; i++)
        has_any = has_any || !sb_paper_is_blank(m->cases[i].certificate_sha256);
    if (!has_any)
        return;
    sb_paper_heading(&w->p, 3, NULL, sb_minutes_word(w, SB_MSG_PAPER_HEAD_CERTIFICATES));
    sb_paper_open_facts(&w->p);
    for (size_t i = 0; i < m->case_count; i++)
        sb_paper_fact_code(&w->p, m->cases[i].number, m->cases[i].certificate_sha256);
    sb_paper_close_facts(&w->p);
}

static void write_check(sb_minutes_writer *w)
{
    const sb_minutes_model *m = w->m;
    sb_paper *p = &w->p;
    sb_paper_heading(p, 3, NULL, sb_minutes_word(w, SB_MSG_PAPER_HEAD_CHECK));
    sb_paper_para(p, sb_minutes_word(w, SB_MSG_PAPER_CHECK_TEXT));
    sb_paper_command(p, sb_arena_printf(&w->arena, "samband-audit --head %llu:%s %s",
                                        (unsigned long long)m->size, sb_minutes_text(m->root),
                                        sb_minutes_word(w, SB_MSG_PAPER_FOLDER)));
    const char *confirmed =
        m->is_final
            ? sb_minutes_word(w, SB_MSG_CONFIRMED)
            : sb_minutes_words(w, SB_MSG_NOT_CONFIRMED_COUNT, sb_minutes_number(w, m->confirmed_by),
                               sb_minutes_number(w, m->organisations), NULL, NULL);
    sb_paper_open_facts(p);
    sb_paper_fact(p, sb_minutes_word(w, SB_MSG_PAPER_HEAD_CONFIRMED), confirmed);
    sb_paper_fact_code(p, sb_minutes_word(w, SB_MSG_PAPER_HEAD_LOG), m->origin);
    sb_paper_fact_code(p, sb_minutes_word(w, SB_MSG_PAPER_HEAD_SIZE),
                       sb_minutes_number(w, m->size));
    sb_paper_fact_code(p, sb_minutes_word(w, SB_MSG_PAPER_HEAD_ROOT), m->root);
    sb_paper_fact_code(p,
                       sb_minutes_words(w, SB_MSG_PAPER_HEAD_DIGEST,
                                        sb_minutes_number(w, m->digest_size), NULL, NULL, NULL),
                       m->digest);
    sb_paper_close_facts(p);
}

void sb_minutes_write_about(sb_minutes_writer *w)
{
    sb_paper *p = &w->p;
    sb_paper_open_region(p, SB_PAPER_FOOTER, "om");
    sb_paper_heading(p, 2, "om", sb_minutes_word(w, SB_MSG_PAPER_HEAD_ABOUT));
    sb_paper_open_facts(p);
    sb_paper_fact(p, sb_minutes_word(w, SB_MSG_PAPER_HEAD_STATUS), sb_minutes_state_words(w));
    sb_paper_fact(p, sb_minutes_word(w, SB_MSG_PAPER_HEAD_FEDERATION), w->m->federation);
    sb_paper_close_facts(p);
    write_documents(w);
    write_deadlines(w);
    write_check(w);
    write_certificates(w);
    sb_paper_close_region(p, SB_PAPER_FOOTER);
}
