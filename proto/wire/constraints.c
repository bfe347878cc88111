#include "proto/wire/constraints.h"
#include "proto/base/limits.h"

/* Times up to the end of year 9999. */
#define TIME_MS_MAX 253402300799999u

enum {
    DATE_MIN = 19000101, /* form only; whether the day exists is the calendar's */
    DATE_MAX = 99991231,
    MINUTES_OF_DAY = 1440,
};

#define ID(f)                                                                                      \
    {                                                                                              \
        .name = #f, .kind = SB_FIELD_ID, .min = 1, .max = SB_ID_BYTES_MAX                          \
    }
#define LINE(f, most)                                                                              \
    {                                                                                              \
        .name = #f, .kind = SB_FIELD_LINE, .min = 1, .max = most                                   \
    }
#define PROSE(f, most)                                                                             \
    {                                                                                              \
        .name = #f, .kind = SB_FIELD_PROSE, .min = 1, .max = most                                  \
    }
#define HASH(f)                                                                                    \
    {                                                                                              \
        .name = #f, .kind = SB_FIELD_BYTES, .min = 32, .max = 32                                   \
    }
#define SIGNATURE(f)                                                                               \
    {                                                                                              \
        .name = #f, .kind = SB_FIELD_BYTES, .min = 64, .max = 64                                   \
    }
#define BYTES(f, least, most)                                                                      \
    {                                                                                              \
        .name = #f, .kind = SB_FIELD_BYTES, .min = least, .max = most                              \
    }
#define NUMBER(f, least, most)                                                                     \
    {                                                                                              \
        .name = #f, .kind = SB_FIELD_NUMBER, .min = least, .max = most                             \
    }
#define FLAG(f)                                                                                    \
    {                                                                                              \
        .name = #f, .kind = SB_FIELD_FLAG, .optional = true                                        \
    }
#define ENUM(f)                                                                                    \
    {                                                                                              \
        .name = #f, .kind = SB_FIELD_ENUM                                                          \
    }
#define MESSAGE(f, rules)                                                                          \
    {                                                                                              \
        .name = #f, .kind = SB_FIELD_MESSAGE, .message = &rules                                    \
    }
#define DATE(f) NUMBER(f, DATE_MIN, DATE_MAX)
#define TIME(f) NUMBER(f, 1, TIME_MS_MAX)

/* May be absent: the reason stands beside each. */
#define MAY_ID(f)                                                                                  \
    {                                                                                              \
        .name = #f, .kind = SB_FIELD_ID, .optional = true, .min = 1, .max = SB_ID_BYTES_MAX        \
    }
#define MAY_LINE(f, most)                                                                          \
    {                                                                                              \
        .name = #f, .kind = SB_FIELD_LINE, .optional = true, .min = 1, .max = most                 \
    }
#define MAY_HASH(f)                                                                                \
    {                                                                                              \
        .name = #f, .kind = SB_FIELD_BYTES, .optional = true, .min = 32, .max = 32                 \
    }
#define MAY_DATE(f)                                                                                \
    {                                                                                              \
        .name = #f, .kind = SB_FIELD_NUMBER, .optional = true, .min = DATE_MIN, .max = DATE_MAX    \
    }
#define MAY_TIME(f)                                                                                \
    {                                                                                              \
        .name = #f, .kind = SB_FIELD_NUMBER, .optional = true, .min = 1, .max = TIME_MS_MAX        \
    }
#define MAY_MESSAGE(f, rules)                                                                      \
    {                                                                                              \
        .name = #f, .kind = SB_FIELD_MESSAGE, .optional = true, .message = &rules                  \
    }

/* Repeated. */
#define IDS(f, least, most)                                                                        \
    {                                                                                              \
        .name = #f, .kind = SB_FIELD_ID, .min = 1, .max = SB_ID_BYTES_MAX, .count_min = least,     \
        .count_max = most                                                                          \
    }
#define PROSES(f, bytes, least, most)                                                              \
    {                                                                                              \
        .name = #f, .kind = SB_FIELD_PROSE, .min = 1, .max = bytes, .count_min = least,            \
        .count_max = most                                                                          \
    }
#define HASHES(f, least, most)                                                                     \
    {                                                                                              \
        .name = #f, .kind = SB_FIELD_BYTES, .min = 32, .max = 32, .count_min = least,              \
        .count_max = most                                                                          \
    }
#define MESSAGES(f, rules, least, most)                                                            \
    {                                                                                              \
        .name = #f, .kind = SB_FIELD_MESSAGE, .message = &rules, .count_min = least,               \
        .count_max = most                                                                          \
    }

#define RULES(lower, ...)                                                                          \
    static const sb_field_rule lower##_fields[] = {__VA_ARGS__};                                   \
    static const sb_message_rules lower = {.descriptor = &sb__##lower##__descriptor,               \
                                           .fields = lower##_fields,                               \
                                           .field_count =                                          \
                                               sizeof lower##_fields / sizeof lower##_fields[0]}

/* clang-format off */

RULES(blob_ref,
      HASH(sha256),
      NUMBER(size, 32, SB_BLOB_BYTES_MAX)); /* the 32 random bytes count */

RULES(claim,
      TIME(claimed_at_ms),
      ENUM(source));

/* ---- the federation ---- */

RULES(genesis_organisation,
      ID(id),
      HASH(authority_pk),
      HASH(witness_pk),
      HASH(recovery_pk),
      HASH(curve_pk));

RULES(predecessor,
      HASH(federation_id),
      NUMBER(term, 1, UINT32_MAX),
      NUMBER(size, 1, UINT64_MAX),
      HASH(root),
      PROSES(lost, SB_TITLE_BYTES_MAX, 0, SB_LOST_MAX));

RULES(genesis,
      ID(slug),
      HASH(charter_sha256),
      NUMBER(charter_bytes, 1, SB_CHARTER_BYTES_MAX),
      NUMBER(charter_parts, 1, SB_CHARTER_PARTS_MAX),
      NUMBER(engine, 1, UINT32_MAX),
      HASH(log_pk),
      HASH(broker_curve_pk),
      MESSAGES(organisations, genesis_organisation, 1, SB_ORGANISATIONS_MAX),
      MAY_MESSAGE(predecessor, predecessor)); /* absent: continues no other federation */

RULES(charter_part,
      NUMBER(number, 1, SB_CHARTER_PARTS_MAX),
      BYTES(data, 1, SB_CHARTER_PART_BYTES_MAX));

RULES(accept,
      HASH(charter_sha256));

/* ---- system entries ---- */

RULES(state,
      HASH(digest));

RULES(count,
      MAY_ID(partner), /* empty: all voting seats */
      NUMBER(seats, 0, SB_SEATS_MAX),
      NUMBER(filled, 0, SB_SEATS_MAX),
      NUMBER(present, 0, SB_SEATS_MAX),
      NUMBER(eligible, 0, SB_SEATS_MAX),
      NUMBER(votes_for, 0, SB_SEATS_MAX),
      NUMBER(votes_against, 0, SB_SEATS_MAX),
      NUMBER(votes_abstain, 0, SB_SEATS_MAX));

RULES(candidate_count,
      NUMBER(number, 1, SB_CANDIDATES_MAX),
      MAY_ID(partner), /* empty: all voting seats */
      NUMBER(votes, 0, SB_SEATS_MAX));

RULES(result,
      HASH(question_id),
      HASH(wording_sha256),
      ENUM(mode),
      ENUM(outcome),
      MESSAGES(counts, count, 1, 1 + SB_PARTNERS_MAX),
      NUMBER(charter_version, 0, UINT32_MAX),
      MAY_LINE(quorum_rule, SB_RULE_BYTES_MAX), /* empty: no rule */
      MAY_LINE(pass_rule, SB_RULE_BYTES_MAX),   /* empty: no rule */
      NUMBER(objections, 0, SB_SEATS_MAX),
      HASH(electorate_sha256),
      HASH(certificate_sha256),
      NUMBER(round, 0, SB_ROUNDS_MAX),
      NUMBER(elected, 0, SB_CANDIDATES_MAX),
      MESSAGES(candidates, candidate_count, 0, SB_CANDIDATES_MAX * (1 + SB_PARTNERS_MAX)));

RULES(tick,
      TIME(due_ms));

RULES(cosignature,
      HASH(witness_pk),
      NUMBER(time_s, 1, TIME_MS_MAX / 1000),
      SIGNATURE(signature));

RULES(seal,
      NUMBER(size, 1, UINT64_MAX),
      HASH(root),
      MESSAGES(cosignatures, cosignature, 1, SB_COSIGNATURES_MAX),
      SIGNATURE(log_signature));

RULES(head,
      NUMBER(term, 1, UINT32_MAX),
      NUMBER(size, 1, UINT64_MAX),
      HASH(root),
      HASHES(proof, 0, SB_PROOF_HASHES_MAX));

RULES(promised,
      HASH(witness_pk),
      NUMBER(seal, 0, 2 * SB_ORGANISATIONS_MAX),     /* 0: holds none */
      NUMBER(cosigned, 0, 2 * SB_ORGANISATIONS_MAX), /* 0: cosigned none */
      SIGNATURE(signature));

RULES(handover,
      NUMBER(term, 2, UINT32_MAX),
      HASH(log_pk),
      NUMBER(continues_size, 1, UINT64_MAX),
      HASH(continues_root),
      MESSAGES(heads, head, 1, 2 * SB_ORGANISATIONS_MAX),
      MESSAGES(promises, promised, 1, SB_ORGANISATIONS_MAX),
      MESSAGES(cosignatures, cosignature, 1, SB_COSIGNATURES_MAX));

/* ---- people and keys ---- */

RULES(seat_place,
      ID(seat),
      ENUM(role));

RULES(appoint,
      MESSAGE(seat, seat_place),
      ID(office),
      MAY_HASH(device_pk),       /* empty: a member without a key */
      MESSAGE(name, blob_ref),
      DATE(from_date),
      MAY_DATE(until_date),      /* 0: until replaced */
      MAY_MESSAGE(claim, claim)); /* absent: the appointer signs itself */

RULES(key_revoke,
      HASH(pk),
      ENUM(reason));

RULES(key_replace,
      HASH(old_pk),
      HASH(new_pk));

RULES(delegate,
      ID(seat),
      MAY_HASH(device_pk), /* empty: without a key */
      MESSAGE(name, blob_ref),
      DATE(from_date),
      MAY_DATE(until_date),       /* 0: until replaced */
      MAY_MESSAGE(claim, claim)); /* absent: the member signs itself */

RULES(statement,
      HASH(pk),
      SIGNATURE(signature));

RULES(membership_withdraw,
      HASH(action_id),
      MESSAGES(statements, statement, 1, SB_ORGANISATIONS_MAX));

/* ---- cases ---- */

RULES(case_report,
      ID(body),
      LINE(title, SB_TITLE_BYTES_MAX),
      ENUM(kind),
      MAY_MESSAGE(from, blob_ref), /* not every case has a presenter */
      MAY_MESSAGE(text, blob_ref), /* absent: without papers */
      MESSAGES(attachments, blob_ref, 0, SB_BLOBS_PER_ENTRY_MAX),
      MAY_MESSAGE(claim, claim));  /* absent: reported now */

RULES(case_amend,
      HASH(case_id),
      MAY_LINE(title, SB_TITLE_BYTES_MAX), /* empty: as before */
      MAY_MESSAGE(text, blob_ref),         /* absent: as before */
      MESSAGES(attachments, blob_ref, 0, SB_BLOBS_PER_ENTRY_MAX));

RULES(case_postpone,
      HASH(case_id),
      LINE(external, SB_EXTERNAL_BYTES_MAX),
      HASH(meeting_id),
      MAY_DATE(to_date)); /* 0: not set */

RULES(case_withdraw,
      HASH(case_id),
      MAY_MESSAGE(reason, blob_ref)); /* need not be given */

RULES(case_relate,
      HASH(case_id),
      ENUM(relation),
      HASH(other_case),
      LINE(external, SB_EXTERNAL_BYTES_MAX));

RULES(case_discuss,
      HASH(meeting_id),
      HASH(case_id));

RULES(condition_set,
      HASH(case_id),
      ENUM(moment),
      ENUM(kind),
      IDS(parties, 1, SB_PARTIES_ASKED_MAX),
      LINE(cite, SB_TITLE_BYTES_MAX),
      MAY_DATE(due_date), /* 0: none */
      FLAG(lapses),
      MAY_MESSAGE(text, blob_ref)); /* need not be given */

RULES(condition_fulfil,
      HASH(condition_id),
      ID(party),
      ENUM(answer),
      LINE(decided_by, SB_TITLE_BYTES_MAX),
      DATE(date),
      MAY_LINE(reference, SB_TITLE_BYTES_MAX), /* not every decision has one */
      MAY_MESSAGE(document, blob_ref));        /* need not be given */

RULES(input_open,
      HASH(case_id),
      IDS(asked, 1, SB_PARTIES_ASKED_MAX),
      MESSAGE(text, blob_ref),
      DATE(due_date));

RULES(input_receive,
      HASH(input_id),
      ID(from),
      ENUM(kind),
      MAY_MESSAGE(text, blob_ref), /* absent: they have none */
      MAY_MESSAGE(claim, claim));  /* absent: now */

/* ---- meetings ---- */

RULES(meeting_call,
      ID(body),
      DATE(date),
      NUMBER(start_minute, 0, MINUTES_OF_DAY - 1),
      NUMBER(end_minute, 0, 2 * MINUTES_OF_DAY),
      ENUM(form),
      MAY_MESSAGE(place, blob_ref), /* a telephone meeting has none */
      HASHES(agenda, 0, SB_AGENDA_MAX),
      FLAG(extraordinary),
      MAY_MESSAGE(reason, blob_ref), /* of an extraordinary meeting */
      MAY_MESSAGE(claim, claim));    /* absent: notice goes out now */

RULES(planned_date,
      DATE(date));

RULES(meeting_plan,
      ID(body),
      NUMBER(year, 1900, 9999),
      MESSAGES(dates, planned_date, 1, SB_PLANNED_DATES_MAX),
      MAY_HASH(question_id)); /* empty: not decided by the body */

RULES(ruling,
      HASH(meeting_id),
      MAY_HASH(case_id), /* empty: of the meeting */
      ENUM(kind),
      MESSAGE(text, blob_ref));

RULES(papers_sent,
      HASH(meeting_id),
      HASHES(case_ids, 1, SB_AGENDA_MAX),
      MAY_MESSAGE(claim, claim), /* absent: sent now */
      MESSAGES(papers, blob_ref, 0, SB_BLOBS_PER_ENTRY_MAX));

RULES(meeting_open,
      HASH(meeting_id));

RULES(chair_take,
      HASH(meeting_id),
      MAY_HASH(case_id), /* empty: the meeting */
      ID(seat),
      ENUM(basis));

RULES(meeting_close,
      HASH(meeting_id));

RULES(attendance_event,
      MESSAGE(seat, seat_place),
      ENUM(participant),
      ENUM(kind),
      MAY_HASH(case_id),             /* only for disqualified and on-case */
      MAY_MESSAGE(person, blob_ref), /* absent: the seat's appointment says */
      MAY_MESSAGE(reason, blob_ref), /* need not be given */
      FLAG(whole_meeting),
      MAY_TIME(at_ms));              /* 0: not stated */

RULES(attendance,
      HASH(meeting_id),
      MESSAGES(events, attendance_event, 1, SB_ATTENDANCE_PER_ENTRY_MAX));

/* ---- wording ---- */

RULES(wording_propose,
      HASH(case_id),
      PROSES(clauses, SB_CLAUSE_BYTES_MAX, 1, SB_CLAUSES_MAX));

RULES(clause_amend,
      HASH(case_id),
      HASH(base_sha256),
      NUMBER(number, 1, SB_CLAUSES_MAX),
      PROSE(text, SB_CLAUSE_BYTES_MAX),
      FLAG(strike));

RULES(text_finalise,
      HASH(question_id),
      MESSAGE(decided, blob_ref),
      MESSAGE(final, blob_ref),
      MAY_MESSAGE(note, blob_ref)); /* need not be given */

RULES(action_strike,
      HASH(action_id));

RULES(charter_draft,
      HASH(charter_sha256),
      NUMBER(charter_bytes, 1, SB_CHARTER_BYTES_MAX),
      NUMBER(charter_parts, 1, SB_CHARTER_PARTS_MAX));

RULES(charter_draft_part,
      HASH(draft_id),
      NUMBER(number, 1, SB_CHARTER_PARTS_MAX),
      BYTES(data, 1, SB_CHARTER_PART_BYTES_MAX));

RULES(candidate_place,
      ID(office),
      ID(seat));

RULES(candidate_propose,
      HASH(case_id),
      MESSAGES(places, candidate_place, 1, SB_TICKET_PLACES_MAX));

RULES(candidate_withdraw,
      HASH(candidate_id));

/* ---- questions ---- */

RULES(question_open,
      HASH(meeting_id),
      HASH(case_id),
      ENUM(mode),
      HASH(wording_sha256));

RULES(objection,
      HASH(question_id),
      HASH(wording_sha256),
      ID(seat),
      MAY_MESSAGE(reason, blob_ref)); /* need not be given */

RULES(ballot,
      HASH(question_id),
      HASH(wording_sha256),
      ID(seat),
      ENUM(choice),
      MAY_HASH(replaces), /* empty: the seat's first */
      NUMBER(candidate, 0, SB_CANDIDATES_MAX));

RULES(question_close,
      HASH(question_id));

RULES(ballot_confirm,
      HASH(question_id),
      ID(seat),
      HASH(ballot_id));

RULES(dispute_open,
      HASH(question_id),
      ID(seat),
      MESSAGE(text, blob_ref));

RULES(dispute_close,
      HASH(dispute_id),
      ENUM(end),
      MAY_MESSAGE(text, blob_ref)); /* need not be given */

RULES(remark,
      HASH(meeting_id),
      MAY_HASH(case_id), /* empty: to the meeting */
      ID(seat),
      MESSAGE(text, blob_ref));

/* ---- follow-up ---- */

RULES(task_set,
      HASH(meeting_id),
      HASH(case_id),
      MESSAGE(text, blob_ref),
      IDS(responsible, 1, SB_RESPONSIBLE_MAX),
      DATE(date),
      HASH(meeting),
      FLAG(continuous),
      MESSAGE(event, blob_ref));

RULES(task_done,
      HASH(task_id),
      MAY_MESSAGE(note, blob_ref)); /* need not be given */

/* ---- minutes ---- */

RULES(minutes_draft,
      HASH(meeting_id),
      MESSAGE(document, blob_ref),
      MAY_MESSAGE(claim, claim)); /* absent: sent now */

RULES(minutes_request,
      HASH(draft_id),
      ID(seat),
      MESSAGE(text, blob_ref));

RULES(minutes_correct,
      HASH(draft_id),
      MESSAGE(document, blob_ref),
      MAY_MESSAGE(claim, claim)); /* absent: sent now */

RULES(minutes_approve,
      HASH(draft_id),
      HASH(question_id));

/* ---- blobs ---- */

RULES(blob_erase,
      HASH(blob_sha256),
      ENUM(reason),
      MAY_LINE(cite, SB_TITLE_BYTES_MAX));

/* ---- the charter: what the bylaws don't say stays empty ---- */

RULES(rule,
      MAY_LINE(text, SB_RULE_BYTES_MAX), /* empty: no rule */
      MAY_LINE(cite, SB_TITLE_BYTES_MAX),
      MAY_LINE(assumed, SB_RULE_BYTES_MAX));

RULES(partner,
      ID(id),
      LINE(name, SB_TITLE_BYTES_MAX),
      MAY_LINE(name_en, SB_TITLE_BYTES_MAX));

RULES(organisation,
      ID(id),
      LINE(name, SB_TITLE_BYTES_MAX),
      ID(partner),
      FLAG(withdrawn));

RULES(appointer,
      ID(id),
      LINE(name, SB_TITLE_BYTES_MAX),
      MAY_ID(host)); /* empty: the secretariat */

RULES(party,
      ID(id),
      LINE(name, SB_TITLE_BYTES_MAX));

RULES(seat,
      ID(id),
      LINE(title, SB_TITLE_BYTES_MAX),
      MAY_ID(partner), /* empty: of no partner */
      FLAG(voting),
      MAY_ID(appointer),
      FLAG(has_deputy),
      MAY_LINE(requirement, SB_TITLE_BYTES_MAX),
      FLAG(ex_officio));

RULES(deadline,
      ENUM(kind),
      NUMBER(least, 0, SB_NUMBER_MAX),
      NUMBER(most, 0, SB_NUMBER_MAX),
      ENUM(unit),
      ENUM(effect),
      MAY_LINE(cite, SB_TITLE_BYTES_MAX),
      MAY_LINE(assumed, SB_RULE_BYTES_MAX));

RULES(norm,
      ENUM(force),
      LINE(text, SB_CLAUSE_BYTES_MAX),
      MAY_LINE(cite, SB_TITLE_BYTES_MAX),
      MAY_LINE(assumed, SB_RULE_BYTES_MAX));

RULES(first_number,
      NUMBER(year, 1900, 9999),
      NUMBER(number, 1, SB_NUMBER_MAX));

RULES(election,
      MESSAGE(elect, rule),
      NUMBER(rounds, 1, SB_ROUNDS_MAX),
      NUMBER(keep, 0, SB_CANDIDATES_MAX),
      ENUM(tie),
      FLAG(acclamation),
      MAY_LINE(cite, SB_TITLE_BYTES_MAX),
      MAY_LINE(assumed, SB_RULE_BYTES_MAX));

RULES(planning,
      NUMBER(least_meetings, 0, SB_PLANNED_DATES_MAX),
      FLAG(before_year),
      FLAG(next_date),
      LINE(cite, SB_TITLE_BYTES_MAX));

RULES(body,
      ID(id),
      LINE(name, SB_TITLE_BYTES_MAX),
      MAY_LINE(short_name, SB_TITLE_BYTES_MAX),
      MAY_ID(parent),
      MESSAGES(seats, seat, 0, SB_SEATS_MAX),
      MESSAGE(quorum, rule),
      MESSAGE(pass, rule),
      MESSAGES(deadlines, deadline, 0, SB_DEADLINES_MAX),
      MESSAGES(norms, norm, 0, SB_NORMS_MAX),
      MESSAGES(first_numbers, first_number, 0, SB_YEARS_MAX),
      MAY_LINE(bar_cite, SB_TITLE_BYTES_MAX),
      MAY_LINE(minutes_name, SB_TITLE_BYTES_MAX),
      FLAG(minutes_silence),
      MAY_LINE(deputy_cite, SB_TITLE_BYTES_MAX),
      MAY_LINE(deputy_assumed, SB_RULE_BYTES_MAX),
      MAY_LINE(dispute_cite, SB_TITLE_BYTES_MAX),
      MAY_LINE(roll_call_cite, SB_TITLE_BYTES_MAX),
      MAY_MESSAGE(election, election),
      MAY_MESSAGE(planning, planning),
      MAY_ID(extraordinary_by),
      MAY_LINE(extraordinary_cite, SB_TITLE_BYTES_MAX),
      MAY_LINE(delegation_cite, SB_TITLE_BYTES_MAX),
      NUMBER(term_months, 0, SB_TERM_MONTHS_MAX),
      MAY_LINE(term_cite, SB_TITLE_BYTES_MAX),
      FLAG(may_create),
      MAY_LINE(create_cite, SB_TITLE_BYTES_MAX),
      MAY_HASH(mandate_sha256),
      NUMBER(mandate_size, 0, SB_BLOB_BYTES_MAX),
      FLAG(dissolved));

RULES(office_norm,
      ENUM(kind),
      MAY_ID(office), /* for DIFFERS */
      ENUM(force),
      MAY_LINE(cite, SB_TITLE_BYTES_MAX),
      MAY_LINE(assumed, SB_RULE_BYTES_MAX));

RULES(office,
      ID(id),
      LINE(name, SB_TITLE_BYTES_MAX),
      MAY_ID(body), /* empty: every body */
      ID(appointed_by),
      MAY_ID(seat),
      MAY_LINE(cite, SB_TITLE_BYTES_MAX),
      MAY_ID(elected_by), /* empty: appointed */
      NUMBER(term_months, 0, SB_TERM_MONTHS_MAX),
      FLAG(sits_until_replaced),
      MESSAGES(norms, office_norm, 0, SB_NORMS_MAX));

RULES(witness_group,
      ID(name),
      NUMBER(threshold, 1, SB_ORGANISATIONS_MAX),
      IDS(members, 1, SB_ORGANISATIONS_MAX));

RULES(witness_policy,
      NUMBER(more_than_num, 0, SB_NUMBER_MAX),
      NUMBER(more_than_den, 0, SB_NUMBER_MAX), /* 0 where groups decide */
      MESSAGES(groups, witness_group, 0, SB_WITNESS_GROUPS_MAX));

RULES(standby,
      ID(id),
      HASH(log_pk),
      HASH(curve_pk),
      LINE(address, SB_ADDRESS_BYTES_MAX));

RULES(quotas,
      NUMBER(entries_per_key_and_day, 0, UINT32_MAX),
      NUMBER(entries_per_case, 0, UINT32_MAX));

RULES(involvement,
      ENUM(moment),
      ENUM(kind),
      FLAG(lapses),
      MAY_LINE(cite, SB_TITLE_BYTES_MAX),
      MAY_LINE(assumed, SB_RULE_BYTES_MAX));

RULES(amendment,
      ID(body),
      MESSAGE(pass, rule),
      MAY_MESSAGE(involvement, involvement)); /* absent: none is needed */

RULES(charter,
      ID(slug),
      LINE(name, SB_TITLE_BYTES_MAX),
      FLAG(rehearsal),
      MESSAGES(partners, partner, 1, SB_PARTNERS_MAX),
      MESSAGES(organisations, organisation, 1, SB_ORGANISATIONS_MAX),
      MESSAGES(appointers, appointer, 0, SB_SEATS_MAX),
      MESSAGES(parties, party, 0, SB_PARTIES_MAX),
      MESSAGES(bodies, body, 1, SB_BODIES_MAX),
      MESSAGES(offices, office, 0, SB_OFFICES_MAX),
      MESSAGE(policy, witness_policy),
      MESSAGE(quotas, quotas),
      MAY_MESSAGE(amendment, amendment), /* absent: can't be changed */
      MAY_LINE(source, SB_TITLE_BYTES_MAX),
      MAY_MESSAGE(membership, amendment), /* absent: can't be changed */
      NUMBER(silence_s, 0, SB_SILENCE_S_MAX), /* 0 without standbys */
      MESSAGES(standbys, standby, 0, SB_STANDBYS_MAX));

/* ---- actions: they carry parts of a charter ---- */

RULES(action_charter,
      HASH(draft_id),
      ENUM(overlap));

RULES(action_body_create,
      MESSAGE(body, body));

RULES(action_body_mandate,
      ID(body),
      MESSAGE(mandate, blob_ref));

RULES(action_body_dissolve,
      ID(body));

RULES(action_organisation,
      MESSAGE(organisation, organisation),
      MESSAGE(keys, genesis_organisation));

RULES(action_organisation_remove,
      ID(organisation));

RULES(action_witnessing,
      MESSAGE(policy, witness_policy),
      NUMBER(silence_s, 0, SB_SILENCE_S_MAX), /* 0 without standbys */
      MESSAGES(standbys, standby, 0, SB_STANDBYS_MAX));

RULES(action_propose,
      HASH(case_id),
      MESSAGE(charter, action_charter),
      MESSAGE(body_create, action_body_create),
      MESSAGE(body_mandate, action_body_mandate),
      MESSAGE(body_dissolve, action_body_dissolve),
      MESSAGE(appoint, appoint),
      MESSAGE(key_replace, key_replace),
      MESSAGE(organisation, action_organisation),
      MESSAGE(organisation_remove, action_organisation_remove),
      MESSAGE(witnessing, action_witnessing));

/* clang-format on */

const sb_message_rules *sb_rules_of_type(sb_entry_type type)
{
    switch (type) {
#define SB_ENTRY_TYPE(NAME, number, Message, lower)                                                \
    case SB_ENTRY_##NAME:                                                                          \
        return &lower;
#include "proto/wire/types.def"
#undef SB_ENTRY_TYPE
    }
    return NULL;
}

const sb_message_rules *sb_rules_of_charter(void)
{
    return &charter;
}
