/* Every bound of the protocol in one place. What crosses a bound gets a typed refusal. */
#ifndef SB_BASE_LIMITS_H
#define SB_BASE_LIMITS_H

enum {
    SB_LEAF_BYTES_MAX = 65535,                   /* u64 time + entry, DESIGN §3 */
    SB_ENTRY_BYTES_MAX = 65535 - 8,              /* entry with signature */
    SB_PAYLOAD_BYTES_MAX = 65535 - 8 - 118 - 64, /* 65,345: what is left of a leaf */
    SB_CHARTER_PART_BYTES_MAX = 60000,           /* of the charter in one CHARTER_PART */
    SB_CHARTER_BYTES_MAX = 1024 * 1024,          /* whole compiled charter */
    SB_ALLOC_PER_ENTRY_MAX = 4 * 1024 * 1024,
    SB_ALLOC_PER_CHARTER_MAX = 32 * 1024 * 1024, /* more than any valid charter takes */
    SB_BLOB_BYTES_MAX = 32 * 1024 * 1024,
    SB_BLOB_CHUNK_BYTES = 256 * 1024, /* one frame's share of a blob */
    SB_FRAME_BYTES_MAX = 1024 * 1024,
    SB_TITLE_BYTES_MAX = 1000, /* case titles, names of bodies and seats */
    SB_CLAUSE_BYTES_MAX = 4000,
    SB_CLAUSES_MAX = 50, /* of one proposal */
    SB_AGENDA_MAX = 100, /* items of one meeting */
    SB_BLOBS_PER_ENTRY_MAX = 64,
    SB_ID_BYTES_MAX = 64, /* charter ids: [a-z0-9-] */
    SB_RULE_BYTES_MAX = 2000,
    SB_RULE_NODES_MAX = 256,
    SB_RULE_DEPTH_MAX = 32,
    SB_PARTNERS_MAX = 16,
    SB_SEATS_MAX = 10000, /* of one federation */
    SB_BODIES_MAX = 500,
    SB_ORGANISATIONS_MAX = 400,
    SB_WITNESS_GROUPS_MAX = 64,
    SB_STANDBYS_MAX = 8,
    SB_ADDRESS_BYTES_MAX = 255, /* "tcp://host:port" */
    SB_SILENCE_S_MIN = 3 * 60,  /* heads that don't change are confirmed anew each minute */
    SB_SILENCE_S_MAX = 7 * 24 * 3600,
    SB_LOST_MAX = 100, /* lines that say what was lost */
    SB_COSIGNATURES_MAX = 400,
    SB_NOTE_SIGNATURES_MAX = 16, /* lines of one signed note that is promised */
    SB_NOTE_BYTES_MAX = 128 * 1024,
    SB_TILE_WIDTH = 256,
    SB_PROOF_HASHES_MAX = 64,
    SB_MEETINGS_OPEN_MAX = 64,
    SB_RESULTS_PENDING_MAX = 64, /* questions one step can close */
    SB_ATTENDANCE_PER_ENTRY_MAX = 200,
    SB_CANDIDATES_MAX = 50,        /* of one case */
    SB_CANDIDATES_PER_KEY_MAX = 8, /* that a member proposes in one case */
    SB_TICKET_PLACES_MAX = 8,      /* offices of one candidate */
    SB_ROUNDS_MAX = 10,            /* of one election */
    SB_ACTIONS_MAX = 32,           /* of one case */
    SB_DRAFTS_MAX = 8,             /* of the charter, by one key, that no action names */
    SB_CONDITIONS_MAX = 32,        /* of one case */
    SB_RELATIONS_MAX = 100,        /* of one case, each way */
    SB_RULINGS_MAX = 200,          /* in one meeting */
    SB_FINALISED_MAX = 50,         /* texts after one question */
    SB_DISPUTES_MAX = 8,           /* of one seat about one question */
    SB_DELEGATIONS_MAX = 32,       /* of one seat, not long over */
    SB_PARTIES_ASKED_MAX = 200,    /* by one condition or input round */
    SB_PLANNED_DATES_MAX = 366,    /* of one year */
    SB_QUEUE_FRAMES_MAX = 4096,    /* of any one peer's queue */
    SB_OUTBOX_ENTRIES_MAX = 100000,
    SB_TIME_TOLERANCE_MS = 5 * 60 * 1000
};

#endif
