/* Who was there, who wasn't, and whether they could decide. */
#include "nodes/papers/minutes_inside.h"

static const struct {
    sb_msg heading;
    bool has_seats;
} groups[SB_MINUTES_GROUPS] = {
    [SB_MINUTES_VOTING] = {SB_MSG_HEAD_VOTING, true},
    [SB_MINUTES_SPEAKING] = {SB_MSG_HEAD_SPEAKING, true},
    [SB_MINUTES_SECRETARIAT] = {SB_MSG_HEAD_SECRETARIAT, false},
    [SB_MINUTES_ON_CASE] = {SB_MSG_HEAD_ON_CASE, false},
    [SB_MINUTES_OBSERVERS] = {SB_MSG_HEAD_OBSERVERS, false},
    [SB_MINUTES_OBSERVERS_ON_CASE] = {SB_MSG_HEAD_OBSERVERS_ON_CASE, false},
    [SB_MINUTES_ABSENT_WITH_NOTICE] = {SB_MSG_HEAD_ABSENT_WITH_NOTICE, true},
    [SB_MINUTES_NOT_MET] = {SB_MSG_HEAD_NOT_MET, true},
    [SB_MINUTES_VACANT] = {SB_MSG_PAPER_HEAD_VACANT, true},
    [SB_MINUTES_NOT_DOCUMENTED] = {SB_MSG_HEAD_NOT_DOCUMENTED, true},
};

/* Notes are phrases parted by "; ", made without a document: a list in a terminal has them too. */
typedef struct noter {
    sb_lang lang;
    sb_arena *arena;
    const char *notes;
} noter;

static void add_note(noter *n, sb_msg msg, const char *argument)
{
    sb_buf b;
    sb_buf_init(&b);
    sb_text_format(&b, n->lang, msg, sb_minutes_text(argument), NULL);
    const char *note = sb_buf_cstr(&b);
    n->notes = sb_arena_printf(n->arena, "%s%s%s", n->notes, n->notes[0] == '\0' ? "" : "; ", note);
    sb_buf_deinit(&b);
}

static void add_moment(noter *n, const sb_minutes_moment *m, bool is_first)
{
    sb_buf clock;
    sb_buf_init(&clock);
    if (m->minute != SB_MINUTES_NO_TIME) {
        sb_text_clock(&clock, n->lang, m->minute);
        add_note(n, m->has_arrived ? SB_MSG_PAPER_ARRIVED : SB_MSG_PAPER_LEFT, sb_buf_cstr(&clock));
    } else if (m->has_arrived) {
        add_note(n, is_first ? SB_MSG_PAPER_CAME_LATE : SB_MSG_PAPER_CAME_BACK, NULL);
    } else {
        add_note(n, SB_MSG_PAPER_LEFT_SOMETIME, NULL);
    }
    sb_buf_deinit(&clock);
}

static void add_vote(noter *n, const sb_minutes_person *person)
{
    bool is_some = false;
    if (!sb_paper_is_blank(person->cases_away)) {
        add_note(n, SB_MSG_PAPER_STOOD_IN_AWAY, person->cases_away);
        is_some = true;
    }
    if (!sb_paper_is_blank(person->cases_disqualified)) {
        add_note(n, SB_MSG_PAPER_STOOD_IN_DISQUALIFIED, person->cases_disqualified);
        is_some = true;
    }
    if (is_some)
        add_note(n, SB_MSG_PAPER_ELSE_NO_VOTE, NULL);
    else if (person->no_vote)
        add_note(n, SB_MSG_PAPER_NO_VOTE, NULL);
}

/* The seat is said with the deputy where the line has no other place for it. */
static bool says_seat(const sb_minutes_person *person)
{
    return person->is_deputy && !sb_paper_is_blank(person->name) &&
           strcmp(person->name, sb_minutes_text(person->seat)) != 0;
}

const char *sb_minutes_person_notes(const sb_minutes_person *person, sb_lang lang, sb_arena *arena)
{
    noter n = {lang, arena, ""};
    if (person->is_deputy)
        add_note(&n,
                 person->by_delegation
                     ? (says_seat(person) ? SB_MSG_PAPER_DELEGATE_FOR : SB_MSG_PAPER_BY_DELEGATION)
                     : (says_seat(person) ? SB_MSG_DEPUTY_FOR : SB_MSG_PAPER_DEPUTY),
                 person->seat);
    add_vote(&n, person);
    if (!sb_paper_is_blank(person->cases))
        add_note(&n, SB_MSG_PAPER_SUBJECT_CASES, person->cases);
    for (size_t i = 0; i < person->moment_count; i++)
        add_moment(&n, &person->moments[i], i == 0);
    return n.notes;
}

const char *sb_minutes_group_words(sb_minutes_group group, sb_lang lang)
{
    return sb_text(groups[group].heading, lang);
}

static void write_group(sb_minutes_writer *w, sb_minutes_group group)
{
    static const sb_msg headers[] = {SB_MSG_PAPER_HEAD_NAME, SB_MSG_PAPER_HEAD_SEAT,
                                     SB_MSG_PAPER_HEAD_PARTNER, SB_MSG_PAPER_HEAD_NOTE};
    const sb_minutes_people *people = &w->m->people[group];
    sb_minutes_table t = sb_minutes_table_new(w, headers, 4, people->count);
    for (size_t i = 0; i < people->count; i++) {
        const sb_minutes_person *person = &people->items[i];
        const char **cells = sb_minutes_table_row(&t);
        bool has_name = !sb_paper_is_blank(person->name);
        bool is_same = has_name && strcmp(person->name, sb_minutes_text(person->seat)) == 0;
        cells[0] = has_name ? person->name : person->seat;
        cells[1] = has_name && !is_same && !says_seat(person) ? person->seat : "";
        cells[2] = person->partner;
        cells[3] = sb_minutes_person_notes(person, w->lang, &w->arena);
    }
    sb_minutes_table_write(w, &t, sb_minutes_word(w, groups[group].heading));
}

void sb_minutes_write_people(sb_minutes_writer *w)
{
    sb_paper_open_region(&w->p, SB_PAPER_SECTION, "til-stede");
    sb_paper_heading(&w->p, 2, "til-stede", sb_minutes_word(w, SB_MSG_HEAD_PRESENT));
    for (size_t g = 0; g < SB_MINUTES_GROUPS; g++)
        write_group(w, (sb_minutes_group)g);
    sb_minutes_write_quorum(w, &w->m->quorum);
    sb_paper_close_region(&w->p, SB_PAPER_SECTION);
}

void sb_minutes_write_quorum(sb_minutes_writer *w, const sb_minutes_quorum *quorum)
{
    sb_paper *p = &w->p;
    sb_paper_open_para(p);
    if (!quorum->has_rule) {
        sb_paper_str(p, SB_PAPER_PLAIN, sb_minutes_word(w, SB_MSG_PAPER_QUORUM_NO_RULE));
        if (quorum->count_count > 0)
            sb_paper_str(p, SB_PAPER_PLAIN, " ");
    } else {
        sb_paper_str(p, SB_PAPER_STRONG,
                     sb_minutes_word(w, quorum->is_quorate ? SB_MSG_PAPER_QUORATE
                                                           : SB_MSG_PAPER_NOT_QUORATE));
        if (!sb_paper_is_blank(quorum->cite))
            sb_paper_str(p, SB_PAPER_PLAIN, sb_arena_printf(&w->arena, " (%s)", quorum->cite));
        sb_paper_str(p, SB_PAPER_PLAIN, quorum->count_count > 0 ? ": " : ".");
    }
    for (size_t i = 0; i < quorum->count_count; i++) {
        const sb_minutes_count *c = &quorum->counts[i];
        const char *who =
            sb_paper_is_blank(c->partner) ? sb_minutes_word(w, SB_MSG_PAPER_ALL_SEATS) : c->partner;
        const sb_minutes_demand *least =
            c->demand_count > 0 && c->demands[0].kind == SB_MINUTES_AT_LEAST ? &c->demands[0]
                                                                             : NULL;
        sb_msg msg = least != NULL ? SB_MSG_PAPER_QUORUM_PART : SB_MSG_PAPER_QUORUM_PART_FREE;
        sb_paper_str(p, SB_PAPER_PLAIN,
                     sb_minutes_words(w, msg, who, sb_minutes_number(w, c->have),
                                      sb_minutes_number(w, c->of),
                                      least == NULL ? "" : sb_minutes_number(w, least->number)));
        sb_paper_str(p, SB_PAPER_PLAIN, i + 1 < quorum->count_count ? ", " : ".");
    }
    sb_paper_close_para(p);
}
