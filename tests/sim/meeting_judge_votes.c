/* The judge of a simulated meeting: who is there, what is voted, and what comes of it. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/sim/meeting_judge.h"

/* ---- who is there ---- */

static seat_state *seat_of(judge *j, const char *id)
{
    for (size_t i = 0; i < j->seat_count; i++)
        if (strcmp(j->seats[i].id, id) == 0)
            return &j->seats[i];
    if (j->seat_count == SEATS_MAX)
        abort();
    seat_state *seat = &j->seats[j->seat_count++];
    *seat = (seat_state){.primary = false};
    snprintf(seat->id, sizeof seat->id, "%s", id);
    return seat;
}

void judge_on_attendance(judge *j, const Sb__Attendance *m)
{
    for (size_t i = 0; i < m->n_events; i++) {
        const Sb__AttendanceEvent *e = m->events[i];
        if (e->who_case != SB__ATTENDANCE_EVENT__WHO_SEAT)
            continue;
        seat_state *seat = seat_of(j, e->seat->seat);
        *(e->seat->role == PRIMARY ? &seat->primary : &seat->deputy) = e->kind == ARRIVED;
    }
}

static bool is_there(judge *j, const char *id)
{
    const seat_state *seat = seat_of(j, id);
    return seat->primary || seat->deputy;
}

static bool is_of(const char *seat, const char *prefix)
{
    return strncmp(seat, prefix, strlen(prefix)) == 0;
}

/* Present seats of the body whose ids begin so. */
static uint32_t present(judge *j, bool pm, const char *prefix)
{
    const char *const *all = pm ? play_pm_seats : play_ssu_seats;
    uint32_t count = 0;
    for (size_t i = 0; i < (pm ? 4u : 6u); i++)
        count += is_of(all[i], prefix) && is_there(j, all[i]);
    return count;
}

/* SSU: of each partner at least half of the seats; PM has no such rule. */
static bool is_quorate(judge *j, bool pm)
{
    return pm ? present(j, true, "") > 0
              : present(j, false, "unn-") >= 1 && present(j, false, "kommune-") >= 1 &&
                    present(j, false, "lege-") >= 1 && present(j, false, "bruker-") >= 1;
}

/* ---- questions ---- */

static question_state *question_of(judge *j, ProtobufCBinaryData id)
{
    for (size_t i = 0; i < j->question_count; i++)
        if (id.len == 32 && memcmp(j->questions[i].id, id.data, 32) == 0)
            return &j->questions[i];
    judge_say(j, "a question that nobody opened");
    return NULL;
}

void judge_on_open(judge *j, const Sb__QuestionOpen *m, const uint8_t id[32])
{
    if (j->question_count == QUESTIONS_MAX)
        abort();
    question_state *q = &j->questions[j->question_count++];
    *q = (question_state){.mode = m->mode};
    memcpy(q->id, id, 32);
    q->is_pm = j->m->change.data != NULL && memcmp(id, j->m->change.data, 32) == 0;
    q->quorate_open = is_quorate(j, q->is_pm);
}

void judge_on_ballot(judge *j, const Sb__Ballot *m, const uint8_t id[32])
{
    question_state *q = question_of(j, m->question_id);
    if (q == NULL)
        return;
    if (q->closed) {
        judge_say(j, "a ballot of %s stands after the close", m->seat);
        return;
    }
    vote_state *vote = NULL;
    for (size_t i = 0; i < q->vote_count; i++)
        if (strcmp(q->votes[i].seat, m->seat) == 0)
            vote = &q->votes[i];
    bool names_it = vote == NULL
                        ? m->replaces.len == 0
                        : m->replaces.len == 32 && memcmp(m->replaces.data, vote->id, 32) == 0;
    if (!names_it)
        judge_say(j, "a ballot of %s doesn't name the one that it replaces", m->seat);
    if (vote == NULL)
        vote = &q->votes[q->vote_count++];
    snprintf(vote->seat, sizeof vote->seat, "%s", m->seat);
    memcpy(vote->id, id, 32);
    vote->choice = m->choice;
}

void judge_on_objection(judge *j, const Sb__Objection *m)
{
    question_state *q = question_of(j, m->question_id);
    if (q != NULL)
        q->objections++;
}

void judge_on_close(judge *j, const Sb__QuestionClose *m)
{
    question_state *q = question_of(j, m->question_id);
    if (q == NULL)
        return;
    if (q->closed)
        judge_say(j, "a question is closed twice");
    q->closed = true;
    q->closed_index = j->index;
    q->present = present(j, q->is_pm, "");
    q->quorate = is_quorate(j, q->is_pm);
    for (size_t i = 0; i < q->vote_count; i++)
        if (is_there(j, q->votes[i].seat) && q->votes[i].choice >= 1 && q->votes[i].choice <= 4)
            q->counts[q->votes[i].choice - 1]++;
}

/* By the bylaws of the test federation, as they stand in fed_charter.c and play_actions.c. */
static Sb__Outcome outcome_of(const question_state *q)
{
    if (q->mode == POLL)
        return POLLED;
    if (!q->quorate_open || !q->quorate)
        return NOT_QUORATE;
    if (q->mode == NOTE)
        return NOTED;
    if (q->mode == CONSENSUS && q->objections == 0)
        return ADOPTED;
    if (q->is_pm) /* who we are: for > 1/2 of seats */
        return 2 * q->counts[0] > 4 ? ADOPTED : FALLEN;
    return q->counts[1] == 0 && q->counts[0] >= 1 ? ADOPTED : NO_CONSENSUS;
}

void judge_on_result(judge *j, const Sb__Result *m)
{
    question_state *q = question_of(j, m->question_id);
    if (q == NULL)
        return;
    bool votes = q->mode != NOTE && (q->mode != CONSENSUS || q->objections > 0);
    uint32_t for_ = q->counts[q->mode == ELECT ? 3 : 0];
    if (!q->closed || q->has_result || q->closed_index + 1 != j->index)
        judge_say(j, "a RESULT that isn't right after its question's close");
    else if (m->n_counts == 0 || m->counts[0]->present != q->present)
        judge_say(j, "a RESULT with %u present, not %u",
                  m->n_counts == 0 ? 0 : m->counts[0]->present, q->present);
    else if (votes &&
             (m->counts[0]->votes_for != for_ || m->counts[0]->votes_against != q->counts[1] ||
              m->counts[0]->votes_abstain != q->counts[2]))
        judge_say(j, "a RESULT of %u-%u-%u where the log has %u-%u-%u", m->counts[0]->votes_for,
                  m->counts[0]->votes_against, m->counts[0]->votes_abstain, for_, q->counts[1],
                  q->counts[2]);
    else if (q->mode != ELECT && m->outcome != outcome_of(q))
        judge_say(j, "an outcome of %d that should be %d", (int)m->outcome, (int)outcome_of(q));
    else if (m->objections != q->objections)
        judge_say(j, "%u objections, not %u", m->objections, q->objections);
    q->has_result = true;
    if (q->is_pm && m->outcome == ADOPTED)
        judge_adopt(j, q->closed_index);
}

/* Every close has had its RESULT before anything else comes. */
void judge_check_owed(judge *j, sb_entry_type type)
{
    for (size_t i = 0; i < j->question_count; i++)
        if (j->questions[i].closed && !j->questions[i].has_result && type != SB_ENTRY_RESULT)
            judge_say(j, "a close without its RESULT");
}
