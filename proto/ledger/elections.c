/* CANDIDATE_PROPOSE, CANDIDATE_WITHDRAW; which norms a ticket keeps (§ 6: leader and deputy leader
 * alternate and come from two partners). */
#include "proto/ledger/elections.h"

#include "proto/ledger/actions.h"
#include "proto/ledger/handlers.h"

#define PRIMARY SB__SEAT_ROLE__SEAT_ROLE_PRIMARY

/* ---- who holds an office ---- */

uint32_t sb_office_seat(sb_kv *kv, sb_arena *arena, const Sb__Charter *charter, uint32_t office)
{
    const Sb__Office *words = charter->offices[office];
    sb_row_office_seat elected = {.office = office};
    sb_row_seat seat;
    if (sb_row_office_seat_get(kv, NULL, &elected))
        return elected.seat;
    if (words->seat[0] != '\0')
        return sb_seat_find(kv, arena, words->seat, &seat) ? seat.no : 0;
    sb_row_officer officer = {.office = office};
    if (!sb_row_officer_next(kv, NULL, &officer, true, 1) || officer.key == 0)
        return 0;
    const char *body = words->body[0] != '\0' ? words->body : words->elected_by;
    sb_row_place place = {.key = officer.key, .kind = SB_PLACE_SEAT};
    for (bool more = sb_row_place_next(kv, NULL, &place, true, 2); more;
         more = sb_row_place_next(kv, NULL, &place, false, 2)) {
        seat = (sb_row_seat){.no = place.number};
        if (place.role == PRIMARY && sb_row_seat_get(kv, arena, &seat) && seat.voting &&
            (body[0] == '\0' || sb_body_find(charter, body) == seat.body))
            return seat.no;
    }
    return 0;
}

/* ---- norms ---- */

static uint32_t partner_of_seat(sb_kv *kv, sb_arena *arena, uint32_t seat_no)
{
    sb_row_seat seat = {.no = seat_no};
    return seat_no != 0 && sb_row_seat_get(kv, arena, &seat) ? seat.partner : SB_NONE;
}

/* The partner that the norm compares with. */
static uint32_t partner_against(sb_kv *kv, sb_arena *arena, const Sb__Charter *charter,
                                const sb_row_candidate_place *places, uint32_t count,
                                uint32_t office, const Sb__OfficeNorm *norm)
{
    uint32_t other = norm->kind == SB__OFFICE_NORM_KIND__OFFICE_NORM_KIND_DIFFERS
                         ? sb_office_find(charter, norm->office)
                         : office;
    if (other == SB_NONE)
        return SB_NONE;
    for (uint32_t i = 0; i < count && other != office; i++)
        if (places[i].office == other)
            return partner_of_seat(kv, arena, places[i].seat);
    return partner_of_seat(kv, arena, sb_office_seat(kv, arena, charter, other));
}

uint32_t sb_ticket_norms(sb_kv *kv, sb_arena *arena, const Sb__Charter *charter,
                         const sb_row_candidate_place *places, uint32_t count, Sb__Force force,
                         sb_norm_broken **out)
{
    size_t most = 0;
    for (uint32_t i = 0; i < count; i++)
        most += charter->offices[places[i].office]->n_norms;
    *out = SB_ARENA_ARRAY(arena, sb_norm_broken, most);
    uint32_t n = 0;
    for (uint32_t i = 0; i < count; i++) {
        const Sb__Office *office = charter->offices[places[i].office];
        uint32_t own = partner_of_seat(kv, arena, places[i].seat);
        for (size_t k = 0; k < office->n_norms; k++) {
            const Sb__OfficeNorm *norm = office->norms[k];
            if (norm->force == force && own != SB_NONE &&
                own == partner_against(kv, arena, charter, places, count, places[i].office, norm))
                (*out)[n++] = (sb_norm_broken){.norm = norm, .office = places[i].office};
        }
    }
    return n;
}

/* ---- candidates of a case ---- */

uint32_t sb_candidate_places(sb_kv *kv, sb_arena *arena, uint32_t candidate,
                             sb_row_candidate_place **out)
{
    *out = SB_ARENA_ARRAY(arena, sb_row_candidate_place, SB_TICKET_PLACES_MAX);
    uint32_t count = 0;
    sb_row_candidate_place row = {.candidate = candidate};
    for (bool more = sb_row_candidate_place_next(kv, NULL, &row, true, 1);
         more && count < SB_TICKET_PLACES_MAX;
         more = sb_row_candidate_place_next(kv, NULL, &row, false, 1))
        (*out)[count++] = row;
    return count;
}

static uint32_t last_number(sb_kv *kv, uint32_t case_no)
{
    uint32_t last = 0;
    sb_row_case_candidate at = {.case_no = case_no};
    for (bool more = sb_row_case_candidate_next(kv, NULL, &at, true, 1); more;
         more = sb_row_case_candidate_next(kv, NULL, &at, false, 1))
        last = at.number;
    return last;
}

/* ---- CANDIDATE_PROPOSE ---- */

/* Has a meeting that is closed elected somebody in this case? */
static bool has_elected(sb_kv *kv, const sb_row_case *c)
{
    sb_row_case_candidate at = {.case_no = c->no};
    for (bool more = sb_row_case_candidate_next(kv, NULL, &at, true, 1); more;
         more = sb_row_case_candidate_next(kv, NULL, &at, false, 1)) {
        sb_row_candidate row = {.no = at.candidate};
        if (sb_row_candidate_get(kv, NULL, &row) && row.question != 0)
            return true;
    }
    return false;
}

/* The case can still be changed: neither withdrawn, decided nor put to the vote. */
static sb_err check_open_case(sb_step *s, const sb_row_case *c)
{
    const char *label = sb_case_label(s->arena, c);
    if (c->kind != SB__CASE_KIND__CASE_KIND_ELECTION)
        return sb_fail_set(s->fail, SB_E_LEDGER_NOT_ELECTION, label, NULL);
    sb_err err = sb_case_free_need(s, c);
    if (err != SB_OK)
        return err;
    sb_row_agenda item = {.meeting = c->meeting, .item = c->item};
    bool decided = c->meeting == 0
                       ? has_elected(s->kv, c)
                       : sb_row_agenda_get(s->kv, NULL, &item) && sb_outcome_decides(item.outcome);
    if (decided)
        return sb_fail_set(s->fail, SB_E_LEDGER_CASE_DECIDED, label, NULL);
    return SB_OK;
}

/* The ticket's places by office, resolved; each office once, each seat once, all elected here. */
static sb_err resolve(sb_step *s, const Sb__CandidatePropose *m, const sb_row_case *c,
                      sb_row_candidate_place *places)
{
    const Sb__Body *body = sb_body_words(s->charter, c->body);
    uint32_t count = 0;
    for (size_t i = 0; i < m->n_places; i++) {
        const Sb__CandidatePlace *p = m->places[i];
        sb_row_candidate_place at = {.office = sb_office_find(s->charter, p->office)};
        if (at.office == SB_NONE)
            return sb_fail_set(s->fail, SB_E_LEDGER_OFFICE_UNKNOWN, p->office, NULL);
        const Sb__Office *office = s->charter->offices[at.office];
        if (strcmp(office->elected_by, body->id) != 0)
            return sb_fail_set(s->fail, SB_E_LEDGER_OFFICE_NOT_ELECTED, office->name, body->name,
                               NULL);
        sb_row_seat seat;
        sb_row_holder holder;
        sb_err err =
            office->body[0] == '\0'
                ? sb_seat_need(s, p->seat, &seat)
                : sb_seat_in_body(s, p->seat, sb_body_find(s->charter, office->body), &seat);
        if (err != SB_OK)
            return err;
        if (!sb_seat_at(&seat, SB_NOW))
            return sb_fail_set(s->fail, SB_E_LEDGER_SEAT_GONE, p->seat, NULL);
        if ((err = sb_body_live_need(s, seat.body)) != SB_OK)
            return err;
        if (!sb_holder_get(s->kv, seat.no, PRIMARY, s->date, &holder))
            return sb_fail_set(s->fail, SB_E_LEDGER_CANDIDATE_VACANT, p->seat, NULL);
        at.seat = seat.no;
        uint32_t to = count++;
        for (; to > 0 && places[to - 1].office > at.office; to--)
            places[to] = places[to - 1];
        places[to] = at;
        if (to > 0 && places[to - 1].office == at.office)
            return sb_fail_set(s->fail, SB_E_LEDGER_CANDIDATE_OFFICE_TWICE, office->name, NULL);
        for (uint32_t k = 0; k < count; k++)
            if (k != to && places[k].seat == at.seat)
                return sb_fail_set(s->fail, SB_E_LEDGER_CANDIDATE_SEAT_TWICE, p->seat, NULL);
    }
    return SB_OK;
}

static const char *offices_text(sb_step *s, const sb_row_candidate_place *places, uint32_t count)
{
    const char *text = "";
    for (uint32_t i = 0; i < count; i++)
        text = sb_arena_printf(s->arena, "%s%s%s", text, i == 0 ? "" : ", ",
                               s->charter->offices[places[i].office]->name);
    return text;
}

/* The same offices as the others, and not the same ticket again. */
static sb_err check_against_others(sb_step *s, const sb_row_case *c,
                                   const sb_row_candidate_place *places, uint32_t count)
{
    sb_row_case_candidate at = {.case_no = c->no};
    for (bool more = sb_row_case_candidate_next(s->kv, NULL, &at, true, 1); more;
         more = sb_row_case_candidate_next(s->kv, NULL, &at, false, 1)) {
        sb_row_candidate other = {.no = at.candidate};
        sb_row_candidate_place *theirs;
        if (!sb_row_candidate_get(s->kv, NULL, &other) || other.withdrawn)
            continue;
        uint32_t n = sb_candidate_places(s->kv, s->arena, other.no, &theirs);
        bool same_offices = n == count, same = n == count;
        for (uint32_t i = 0; i < count && same_offices; i++) {
            same_offices = theirs[i].office == places[i].office;
            same = same && same_offices && theirs[i].seat == places[i].seat;
        }
        if (!same_offices)
            return sb_fail_set(s->fail, SB_E_LEDGER_CANDIDATE_OFFICES, sb_case_label(s->arena, c),
                               offices_text(s, theirs, n), NULL);
        if (same)
            return sb_fail_num(s->fail, SB_E_LEDGER_CANDIDATE_SAME, 1, other.number, 0);
    }
    return SB_OK;
}

static sb_err check_norms(sb_step *s, const sb_row_candidate_place *places, uint32_t count)
{
    sb_norm_broken *broken;
    if (sb_ticket_norms(s->kv, s->arena, s->charter, places, count, SB__FORCE__FORCE_MUST,
                        &broken) == 0)
        return SB_OK;
    const Sb__OfficeNorm *norm = broken[0].norm;
    const char *own = s->charter->offices[broken[0].office]->name;
    if (norm->kind == SB__OFFICE_NORM_KIND__OFFICE_NORM_KIND_ALTERNATES)
        return sb_fail_set(s->fail, SB_E_LEDGER_CANDIDATE_ALTERNATES, own, sb_cite(norm->cite),
                           NULL);
    const char *other = s->charter->offices[sb_office_find(s->charter, norm->office)]->name;
    return sb_fail_set(s->fail, SB_E_LEDGER_CANDIDATE_NORM, own, other, sb_cite(norm->cite), NULL);
}

/* Room for others: who isn't secretariat or leads the body proposes so many, withdrawn ones too. */
static sb_err check_own_count(sb_step *s, const sb_row_case *c, const sb_scope *scope)
{
    uint32_t own = 0;
    sb_row_case_candidate at = {.case_no = c->no};
    for (bool more = sb_row_case_candidate_next(s->kv, NULL, &at, true, 1); more;
         more = sb_row_case_candidate_next(s->kv, NULL, &at, false, 1)) {
        sb_row_candidate row = {.no = at.candidate};
        own += sb_row_candidate_get(s->kv, NULL, &row) && row.key == s->signer.no;
    }
    if (own < SB_CANDIDATES_PER_KEY_MAX ||
        sb_signer_can(s, SB_CAP_SECRETARIAT | SB_CAP_LEADER, scope))
        return SB_OK;
    return sb_fail_num(s->fail, SB_E_LEDGER_CANDIDATES_YOURS, 1, own, 0);
}

sb_err sb_check_candidate_propose(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__CandidatePropose *m = (const void *)message;
    sb_row_case c;
    sb_err err = sb_case_need(s, m->case_id, &c);
    if (err != SB_OK)
        return err;
    sb_scope scope = sb_scope_body(c.body);
    if ((err = sb_may(s, &scope)) != SB_OK || (err = check_open_case(s, &c)) != SB_OK)
        return err;
    sb_row_item_election held = {.meeting = c.meeting, .item = c.item};
    if (c.meeting != 0 && sb_row_item_election_get(s->kv, NULL, &held))
        return sb_fail_set(s->fail, SB_E_LEDGER_CANDIDATE_LATE, sb_case_label(s->arena, &c), NULL);
    uint32_t last = last_number(s->kv, c.no);
    if (last >= SB_CANDIDATES_MAX)
        return sb_fail_num(s->fail, SB_E_LEDGER_CANDIDATES_MANY, 1, last, 0);
    if ((err = check_own_count(s, &c, &scope)) != SB_OK)
        return err;
    uint32_t count = (uint32_t)m->n_places;
    sb_row_candidate_place *places =
        SB_ARENA_ARRAY(s->arena, sb_row_candidate_place, m->n_places + 1);
    if ((err = resolve(s, m, &c, places)) != SB_OK ||
        (err = check_against_others(s, &c, places, count)) != SB_OK)
        return err;
    return check_norms(s, places, count);
}

void sb_apply_candidate_propose(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__CandidatePropose *m = (const void *)message;
    sb_row_case c;
    if (sb_case_need(s, m->case_id, &c) != SB_OK)
        return;
    sb_row_candidate row = {.no = sb_number_next(s->kv, SB_REF_CANDIDATE),
                            .case_no = c.no,
                            .number = last_number(s->kv, c.no) + 1,
                            .places = (uint32_t)m->n_places,
                            .index = s->index,
                            .key = s->signer.no};
    memcpy(row.id, s->leaf->entry.id, 32);
    sb_row_candidate_put(s->kv, &row);
    sb_row_case_candidate at = {.case_no = c.no, .number = row.number, .candidate = row.no};
    sb_row_case_candidate_put(s->kv, &at);
    sb_ref_put(s->kv, row.id, SB_REF_CANDIDATE, row.no);
    for (size_t i = 0; i < m->n_places; i++) {
        sb_row_seat seat;
        sb_row_holder holder;
        sb_row_candidate_place place = {.candidate = row.no,
                                        .office = sb_office_find(s->charter, m->places[i]->office)};
        if (!sb_seat_find(s->kv, s->arena, m->places[i]->seat, &seat))
            continue;
        place.seat = seat.no;
        sb_row_candidate_place_put(s->kv, &place);
        sb_row_candidate_name name = {.candidate = row.no, .office = place.office};
        if (sb_holder_get(s->kv, seat.no, PRIMARY, s->date, &holder)) {
            memcpy(name.sha256, holder.name_sha256, 32);
            name.size = holder.name_size;
        }
        sb_row_candidate_name_put(s->kv, &name);
    }
    sb_case_attach(s->kv, &c, SB_ATTACHED_CANDIDATE, row.number, row.id);
    sb_row_case_put(s->kv, &c);
}

/* ---- CANDIDATE_WITHDRAW ---- */

static sb_err candidate_need(sb_step *s, ProtobufCBinaryData id, sb_row_candidate *row,
                             sb_row_case *c)
{
    sb_err err = sb_ref_need(s, id, SB_REF_CANDIDATE, &row->no);
    if (err != SB_OK)
        return err;
    if (!sb_row_candidate_get(s->kv, NULL, row))
        return SB_E_LEDGER_STATE;
    c->no = row->case_no;
    return sb_row_case_get(s->kv, s->arena, c) ? SB_OK : SB_E_LEDGER_STATE;
}

/* Who stands may withdraw: the permanent representatives, not their deputies. */
static bool stands(sb_step *s, uint32_t candidate)
{
    sb_row_candidate_place *places;
    uint32_t count = sb_candidate_places(s->kv, s->arena, candidate, &places);
    for (uint32_t i = 0; i < count; i++) {
        sb_row_holder holder;
        if (sb_holder_get(s->kv, places[i].seat, PRIMARY, s->date, &holder) && holder.key != 0 &&
            holder.key == s->signer.no)
            return true;
    }
    return false;
}

sb_err sb_check_candidate_withdraw(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__CandidateWithdraw *m = (const void *)message;
    sb_row_candidate row;
    sb_row_case c;
    sb_err err = candidate_need(s, m->candidate_id, &row, &c);
    if (err != SB_OK)
        return err;
    sb_scope scope = sb_scope_body(c.body);
    sb_row_meeting meeting = {.no = c.meeting};
    if (c.meeting != 0 && sb_row_meeting_get(s->kv, NULL, &meeting))
        scope = sb_scope_meeting(s, &meeting, c.no);
    if (!stands(s, row.no) && (err = sb_may(s, &scope)) != SB_OK)
        return err;
    if ((err = check_open_case(s, &c)) != SB_OK)
        return err;
    if (row.withdrawn)
        return sb_fail_num(s->fail, SB_E_LEDGER_CANDIDATE_WITHDRAWN, 1, row.number, 0);
    return SB_OK;
}

void sb_apply_candidate_withdraw(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__CandidateWithdraw *m = (const void *)message;
    sb_row_candidate row;
    sb_row_case c;
    if (candidate_need(s, m->candidate_id, &row, &c) != SB_OK)
        return;
    row.withdrawn = true;
    sb_row_candidate_put(s->kv, &row);
    sb_case_detach(s->kv, &c, SB_ATTACHED_CANDIDATE, row.number);
    sb_row_case_put(s->kv, &c);
}
