/* Minutes of a meeting as the committee knows them, in Markdown and in accessible HTML.
 *
 * The model is data: whoever has the answers (nodes/cli from a node's queries and blobs) fills it;
 * papers lay it out, purely. Everything is UTF-8 text from others, blobs among it, and may contain
 * anything: it is made safe and escaped here. Laid out as the real minutes of 20.01.2022
 * (seeds/000): meeting, who was there, the quorum; then each case with its text, the proposal, the
 * decision with what the meeting changed, the vote by name where it wasn't unanimous, remarks and
 * tasks; last the state of the minutes and how to check them.
 *
 * Clock times are printed only where somebody's attendance has one: with "hele møtet" throughout,
 * no time is known and none is printed (DOMAIN §2).
 *
 * What is laid out here is made from the log. What the participants were sent, and approve, is a
 * document of its own (`drafts`): it is named with its checksum, and with what was asked of it.
 *
 * Ownership: all pointers are borrowed for the call. Strings may be NULL, which is the same as "".
 * Dates are YYYYMMDD, 0: none. Times of day are minutes since local midnight, SB_MINUTES_NO_TIME:
 * none.
 */
#ifndef SB_PAPERS_MINUTES_H
#define SB_PAPERS_MINUTES_H

#include "proto/base/arena.h"
#include "proto/base/buf.h"
#include "proto/text/text.h"
#include "proto/wire/payload.h"

enum { SB_MINUTES_NO_TIME = UINT32_MAX };

/* The headings under "Til stede", in this order. */
typedef enum sb_minutes_group {
    SB_MINUTES_VOTING = 0,
    SB_MINUTES_SPEAKING,
    SB_MINUTES_SECRETARIAT,
    SB_MINUTES_ON_CASE,
    SB_MINUTES_OBSERVERS,
    SB_MINUTES_OBSERVERS_ON_CASE,
    SB_MINUTES_ABSENT_WITH_NOTICE,
    SB_MINUTES_NOT_MET,
    SB_MINUTES_VACANT,
    SB_MINUTES_NOT_DOCUMENTED,
    SB_MINUTES_GROUPS
} sb_minutes_group;

/* Somebody came or went. */
typedef struct sb_minutes_moment {
    bool has_arrived; /* else left */
    uint32_t minute;  /* SB_MINUTES_NO_TIME: not known */
} sb_minutes_moment;

/* One who was there, or wasn't. */
typedef struct sb_minutes_person {
    const char *name;    /* who: the name's blob ("Driftsleder, UNN Narvik"); "": not known */
    const char *seat;    /* the seat's title; "": no seat */
    const char *partner; /* whom the seat counts for, in words ("kommunene"); "": nobody */
    bool is_deputy;      /* sat as the personal deputy of the seat's representative */
    bool by_delegation;  /* … not as that, but by delegation */
    bool no_vote;        /* a deputy beside the representative: spoke, didn't vote (§ 3 nr. 2) */
    /* A deputy who was there beside the representative, but had the seat's vote in some cases, and
     * why: "04/22, 06/22"; both "": in all, or (no_vote) in none. */
    const char *cases_disqualified, *cases_away;
    const char *cases;                /* "04/22, 06/22": on a case only; "": the whole meeting */
    const sb_minutes_moment *moments; /* none: hele møtet */
    size_t moment_count;
} sb_minutes_person;

typedef struct sb_minutes_people {
    const sb_minutes_person *items;
    size_t count;
} sb_minutes_people;

/* What a rule asks of a partner: "for": at least 12. */
typedef struct sb_minutes_demand {
    const char *what; /* a word of the rules: for, against, abstain, cast, present … */
    enum { SB_MINUTES_AT_LEAST, SB_MINUTES_EXACTLY, SB_MINUTES_AT_MOST, SB_MINUTES_NEVER } kind;
    uint32_t number;
    bool is_met;
} sb_minutes_demand;

/* A partner's side of the quorum, or of a vote. */
typedef struct sb_minutes_count {
    const char *partner;                              /* in words; "": all voting seats */
    const char *partner_id;                           /* as the rule names it; of a vote */
    uint32_t of, have;                                /* of the quorum: seats and present */
    uint32_t votes_for, votes_against, votes_abstain; /* of a vote */
    const sb_minutes_demand *demands; /* none: the rule doesn't count this partner by itself */
    size_t demand_count;
} sb_minutes_count;

typedef struct sb_minutes_quorum {
    const sb_minutes_count *counts;
    size_t count_count;
    bool has_rule; /* false: the bylaws have no rule */
    bool is_quorate;
    const char *cite; /* "§ 6 SSU nr. 10" */
} sb_minutes_quorum;

/* A seat's vote, or why it has none. */
typedef struct sb_minutes_vote {
    const char *seat, *partner;
    Sb__Choice choice;
    uint32_t candidate;            /* of CHOICE_CANDIDATE */
    bool by_deputy, by_delegation; /* … the deputy's place taken by delegation */
    bool is_recorded;              /* by the secretariat */
    bool is_confirmed;             /* … and confirmed by the member */
    bool is_counted;
    const char *reason; /* not counted: why, in words */
} sb_minutes_vote;

typedef struct sb_minutes_remark {
    const char *seat;
    bool by_deputy, by_delegation;
    const char *text;
} sb_minutes_remark;

typedef struct sb_minutes_task {
    const char *text;
    const char *responsible; /* in words: "fastlegene, brukerne og UNN" */
    uint32_t due_date;       /* of the date or of the meeting it is due at; 0: see due */
    const char *due;         /* "medio april 2022"; with due_date "" too: fortløpende */
    const char *case_number; /* "04/22": filled in for tasks in the meeting's own list */
    bool is_done;
} sb_minutes_task;

/* An attachment, or other blob: its words (of a text) or its name, and its hash. */
typedef struct sb_minutes_blob {
    const char *name;   /* "": the hash alone */
    const char *sha256; /* hex; "" prints none */
    uint64_t size;      /* bytes; 0 prints none */
} sb_minutes_blob;

/* A deadline of the bylaws and what came of it. */
typedef struct sb_minutes_deadline {
    const char *what;            /* "sak meldt", "sakspapirer sendt ut", "referat tilgjengelig" */
    const char *cases;           /* "01/22–09/22", or "" */
    uint32_t from_date, to_date; /* both permitted; 0: no bound */
    uint32_t actual_date;        /* 0: it hasn't happened */
    bool is_kept;
    const char *cite;
} sb_minutes_deadline;

typedef struct sb_minutes_candidate {
    uint32_t number;
    const char *ticket; /* "Ordfører, By (leder); Kommuneoverlege (nestleder)" */
    uint32_t votes;
    const char *by_partner; /* "kommunene 2, legene 1"; "": none */
    bool is_elected, goes_on;
} sb_minutes_candidate;

/* A round of an election. */
typedef struct sb_minutes_round {
    uint32_t number;
    bool by_acclamation; /* one ticket, nobody objected or voted */
    const sb_minutes_candidate *candidates;
    size_t candidate_count;
    uint32_t blank;
    const sb_minutes_vote *votes;
    size_t vote_count;
} sb_minutes_round;

/* What the chair ruled. */
typedef struct sb_minutes_ruling {
    const char *kind; /* in words: "habilitet" */
    const char *text;
} sb_minutes_ruling;

/* What parties must have answered. */
typedef struct sb_minutes_condition {
    Sb__ConditionMoment moment;
    Sb__ConditionKind kind;
    const char *parties; /* in words; "25 parter" where they are many */
    const char *missing; /* who hasn't answered yes; "": met */
    const char *cite;
    bool by_deadline; /* met because the date passed without an answer from somebody */
} sb_minutes_condition;

/* What the decision does by itself. */
typedef struct sb_minutes_action {
    const char *what; /* in words: "oppretter: Faglig utvalg" */
    enum {
        SB_MINUTES_ACTION_PROPOSED = 0,
        SB_MINUTES_ACTION_WAITS, /* adopted, not in force */
        SB_MINUTES_ACTION_IN_FORCE,
        SB_MINUTES_ACTION_DROPPED
    } state;             /* said where the case was adopted */
    uint32_t since_date; /* in force from; 0: not known */
} sb_minutes_action;

/* A text that was decided on and finished afterwards. */
typedef struct sb_minutes_finished {
    const char *name; /* of the finished text; "": not known */
    const char *note;
    const char *sha256;
    uint32_t date;
} sb_minutes_finished;

typedef struct sb_minutes_dispute {
    const char *seat, *text;
    const char *end; /* in words; "": open */
} sb_minutes_dispute;

typedef struct sb_minutes_case {
    const char *number; /* "04/22" */
    const char *title, *from;
    Sb__CaseKind kind;
    const char *text;  /* paragraphs parted by blank lines; lines starting with "- " are a list */
    bool text_missing; /* there is a text, but its blob isn't held here */
    const char *const *proposed; /* clauses, in order */
    size_t proposed_count;
    const char *const *decided; /* as they stood when the question closed, or stand now */
    size_t decided_count;
    Sb__Outcome outcome;             /* 0: the case wasn't decided (no question was closed) */
    Sb__Mode mode;                   /* 0 with outcome 0 */
    bool is_unanimous;               /* a vote with nobody against */
    uint32_t to_date;                /* postponed to; 0: not set */
    const sb_minutes_quorum *quorum; /* at the close; NULL: no question */
    const char *chair; /* the seat that chaired this case, where it isn't the meeting's */
    const sb_minutes_count *tally; /* per partner; of a vote */
    size_t tally_count;
    const char *pass_rule, *pass_cite; /* in the rule language; of a vote */
    const sb_minutes_vote *votes;
    size_t vote_count;
    const sb_minutes_remark *objections; /* an objection's text is its reason, may be "" */
    size_t objection_count;
    const sb_minutes_remark *remarks;
    size_t remark_count;
    const char *const *disqualified; /* seats; one entered too late says so */
    size_t disqualified_count;
    const sb_minutes_task *tasks;
    size_t task_count;
    const sb_minutes_blob *attachments;
    size_t attachment_count;
    const char *certificate_sha256; /* hex; "": no decision */
    bool is_discussed;              /* for a decision in a later meeting; with outcome 0 */
    bool is_waiting;                /* adopted, not in force */
    const char *elected;            /* the ticket; "": nobody */
    const char *tie; /* what a tie in the last round means, in words; "": another round */
    const sb_minutes_round *rounds;
    size_t round_count;
    const char *relations; /* "følger opp sak 9/21; sak 06/22 endrer denne"; "": none */
    uint32_t earlier_date; /* the meeting that discussed it before; 0: none */
    const char *earlier_number;
    const char *earlier_changed; /* numbers of the clauses that differ: "1, 3"; "": the same */
    const sb_minutes_ruling *rulings;
    size_t ruling_count;
    const sb_minutes_condition *conditions;
    size_t condition_count;
    const sb_minutes_action *actions;
    size_t action_count;
    const sb_minutes_finished *finished;
    size_t finished_count;
    const sb_minutes_dispute *disputes;
    size_t dispute_count;
    /* The case's other closed questions of this meeting, in order, as the fields from `decided` to
     * `objections` say them; rounds of an election are in `rounds`. The question that this case's
     * own fields tell of, if any, comes after the first `others_before` of them. */
    const struct sb_minutes_case *others;
    size_t other_count, others_before;
} sb_minutes_case;

/* A case from before the log that the meeting postponed. */
typedef struct sb_minutes_external {
    const char *ref; /* "42/21" */
    uint32_t to_date;
} sb_minutes_external;

/* A document that was sent to the participants; the last one is in force. */
typedef struct sb_minutes_draft {
    uint32_t sent_date;
    enum {
        SB_MINUTES_DOC_SENT = 0,  /* not approved */
        SB_MINUTES_DOC_REQUESTED, /* a change was asked for */
        SB_MINUTES_DOC_REPLACED,  /* by the next one */
        SB_MINUTES_DOC_APPROVED
    } state;
    const char *sha256; /* hex, as the log has it */
    const sb_minutes_remark *requests;
    size_t request_count;
} sb_minutes_draft;

typedef enum sb_minutes_state {
    SB_MINUTES_NO_DRAFT = 0, /* not sent to the participants yet */
    SB_MINUTES_DRAFT,        /* sent; changes may be asked for */
    SB_MINUTES_REQUESTED,    /* somebody asked for a change */
    SB_MINUTES_APPROVED,
    SB_MINUTES_SENDING /* this is the document that is to be sent */
} sb_minutes_state;

typedef struct sb_minutes_model {
    const char *federation;        /* its name */
    const char *body, *body_short; /* "Strategisk samarbeidsutvalg", "SSU" */
    const char *kind; /* "referat", "protokoll": as the charter calls this body's minutes */
    bool is_extraordinary;
    const char *extraordinary_reason;
    uint32_t date;
    uint32_t start_minute, end_minute; /* as called */
    Sb__MeetingForm form;
    const char *place;
    const char *chair;          /* the seat that chaired */
    Sb__ChairBasis chair_basis; /* 0: not said */
    const char *chair_office;   /* the charter's name for the office; "" or NULL: none */
    sb_minutes_people people[SB_MINUTES_GROUPS];
    sb_minutes_quorum quorum; /* of the meeting as a whole; counts may be empty */
    const sb_minutes_case *cases;
    size_t case_count;
    const sb_minutes_remark *remarks; /* to the meeting */
    size_t remark_count;
    const sb_minutes_ruling *rulings; /* about the meeting */
    size_t ruling_count;
    const sb_minutes_external *externals;
    size_t external_count;
    const sb_minutes_deadline *deadlines;
    size_t deadline_count;

    sb_minutes_state state;
    uint32_t sent_date; /* of the draft; 0: not sent */
    uint32_t
        silence_date; /* approved from this date when nobody asks for a change; 0: no such rule */
    uint32_t approved_date;
    const sb_minutes_draft *drafts; /* from the first to the one in force */
    size_t draft_count;

    bool is_rehearsal;
    bool is_final; /* the head below is final and holds all that stands here */
    uint32_t confirmed_by, needed, organisations; /* of a head that isn't */
    const char *origin;
    uint64_t size;
    const char *root;   /* hex */
    const char *digest; /* of the state at digest_size; hex, "": not known */
    uint64_t digest_size;
} sb_minutes_model;

/* What is noted of a person beside name and seat: "vara for …; kom kl. 12.40"; "": nothing. Not made
 * safe or escaped. In the arena. */
const char *sb_minutes_person_notes(const sb_minutes_person *person, sb_lang lang, sb_arena *arena);
/* The heading of a group: "Meldt forfall". */
const char *sb_minutes_group_words(sb_minutes_group group, sb_lang lang);

/* Append the document. Same model, same bytes. */
void sb_minutes_markdown(const sb_minutes_model *m, sb_lang lang, sb_buf *out);
void sb_minutes_html(const sb_minutes_model *m, sb_lang lang, sb_buf *out);

#endif
