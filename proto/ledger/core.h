/* What the core of the ledger offers to the handlers: looking up ids, numbers, people, capability.
 */
#ifndef SB_LEDGER_CORE_H
#define SB_LEDGER_CORE_H

#include "proto/ledger/step.h"

/* ---- numbers and references ---- */

/* The next number of this kind, from 1. Apply only. */
uint32_t sb_number_next(sb_kv *kv, sb_ref_kind kind);
/* Make `id` name (kind, number). Apply only. */
void sb_ref_put(sb_kv *kv, const uint8_t id[32], sb_ref_kind kind, uint32_t number);
/* What an entry id names: its number, or 0 when it is nothing or of another kind (or not 32 bytes).
 */
uint32_t sb_ref_find(sb_kv *kv, ProtobufCBinaryData id, sb_ref_kind kind);
/* As sb_ref_find, refusing: SB_E_LEDGER_CASE_UNKNOWN, _MEETING_, _QUESTION_, _DRAFT_, _TASK_UNKNOWN
 * {first hex of the id}. */
sb_err sb_ref_need(sb_step *s, ProtobufCBinaryData id, sb_ref_kind kind, uint32_t *number);

/* Positions in the charter; SB_NONE when there is none. NULL or "" : SB_NONE. */
uint32_t sb_body_find(const Sb__Charter *c, const char *id);
uint32_t sb_partner_find(const Sb__Charter *c, const char *id);
uint32_t sb_org_find(const Sb__Charter *c, const char *id);
uint32_t sb_appointer_find(const Sb__Charter *c, const char *id);
uint32_t sb_office_find(const Sb__Charter *c, const char *id);
/* The organisation whose authority speaks for an appointer (by position; SB_NONE: no appointer). "":
 * none, or one that is withdrawn: the secretariat does. */
const char *sb_appointer_host(const Sb__Charter *c, uint32_t appointer);
/* The seat's row by its charter id (key fields needn't be filled). False: no such seat. The row's
 * strings live in the arena. */
bool sb_seat_find(sb_kv *kv, sb_arena *arena, const char *id, sb_row_seat *out);
/* Refusing: SB_E_LEDGER_PLACE_UNKNOWN {id}. */
sb_err sb_seat_need(sb_step *s, const char *id, sb_row_seat *out);
/* The charter's words about a seat (borrowed from the charter, of whatever version), found by id.
 * NULL: the seat isn't in this version; seat->title is always there. */
const Sb__Seat *sb_seat_words(const Sb__Charter *c, const sb_row_seat *seat);
/* Was the seat there after this leaf (SB_NOW: is it there)? */
#define SB_NOW UINT64_MAX
bool sb_seat_at(const sb_row_seat *seat, uint64_t index);

/* ---- people ---- */

/* Day number since 1970 of a moment in Oslo; YYYYMMDD of it. */
int32_t sb_day_of(uint64_t ms);
uint32_t sb_yyyymmdd_of(uint64_t ms);

/* Who holds the seat in this role on this date (YYYYMMDD; 0: whoever was appointed last)? False:
 * vacant. As a deputy on a date: who has a delegation then (delegate.h), before the appointed one.
 * out->key == 0: a holder without a key. */
bool sb_holder_get(sb_kv *kv, uint32_t seat, Sb__SeatRole role, uint32_t date, sb_row_holder *out);
/* Does the key (a number, in force) hold the seat now, and in which role? (Primary wins.) */
bool sb_key_holds_seat(sb_step *s, uint32_t key, uint32_t seat, Sb__SeatRole *role);
/* Does the key hold this office for the body (SB_NONE: any body)? Where the charter says that the
 * holder sits until replaced, also when the term has run out. */
bool sb_key_holds_office(sb_step *s, uint32_t key, const char *office_id, uint32_t body);
/* Enrol a key, in force. Its number. Apply only. */
uint32_t sb_key_add(sb_kv *kv, const uint8_t pk[32], sb_key_kind kind, uint32_t org);
/* A key's row by its public key. */
bool sb_key_find(sb_kv *kv, const uint8_t pk[32], sb_row_key *out);
/* Which seat holds the office: the one elected, else the charter's, else the voting seat that its
 * officer's key sits in. A seat's number; 0: none or unknown. */
uint32_t sb_office_seat(sb_kv *kv, sb_arena *arena, const Sb__Charter *charter, uint32_t office);

/* ---- capability (capabilities.def) ---- */

/* What the entry is about, for those capabilities that depend on it. Zero = doesn't apply. */
typedef struct sb_scope {
    uint32_t body;         /* charter position or SB_NONE; set it always */
    uint32_t chair_seat;   /* whose representative chairs the meeting or case; 0 none */
    uint8_t chair_role;    /* which of its holders that is, Sb__SeatRole; 0: either */
    uint32_t reporter_key; /* key number of who reported the case; 0 none */
    const uint32_t *seats; /* the seats whose holders may; NULL none */
    size_t seat_count;
} sb_scope;

/* May the signer send this entry about this? By the row of the entry's type in capabilities.def.
 * Each handler that the table gives anything but authority, first authority or log calls it once.
 * Errors: SB_E_LEDGER_CAPABILITY {entry type, who may (English), who may (bokmål)}. */
sb_err sb_may(sb_step *s, const sb_scope *scope);
/* Is one capability there (for handlers that treat the secretariat otherwise)? SB_CAP_* bits. */
bool sb_signer_can(sb_step *s, uint32_t capability, const sb_scope *scope);

enum {
    SB_CAP_FIRST_AUTHORITY = 1 << 0, /* the first organisation's authority key */
    SB_CAP_AUTHORITY = 1 << 1,       /* an organisation's authority key */
    SB_CAP_RECOVERY = 1 << 2,        /* an organisation's recovery key */
    SB_CAP_LOG = 1 << 3,             /* the term's log key */
    SB_CAP_SECRETARIAT = 1 << 4,     /* a key in the office "secretariat" */
    SB_CAP_LEADER = 1 << 5,          /* … "leader" or "deputy-leader" of the body */
    SB_CAP_CHAIR = 1 << 6,           /* who represents the chairing seat */
    SB_CAP_SEAT = 1 << 7,            /* a holder, primary or deputy, of the seat named */
    SB_CAP_REPORTER = 1 << 8,        /* the key that reported the case */
    SB_CAP_MEMBER = 1 << 9,          /* any device key that holds a place */
    SB_CAP_SELF = 1 << 10            /* the key itself (revoking) */
};
/* The capabilities that an entry type needs one of; 0 for an unknown type. */
uint32_t sb_capabilities_of(sb_entry_type type);
/* "the secretariat, the chair": in the arena. */
const char *sb_capabilities_text(sb_arena *arena, uint32_t capabilities, bool is_nb);
/* SB_E_LEDGER_CAPABILITY {entry type, who may in English, in bokmål}. */
sb_err sb_refuse_capability(sb_step *s);

/* The version of the charter in force; 0 before it is whole. */
uint32_t sb_charter_version(const sb_ledger *l);
/* As sb_ledger_keep_certificates said. */
bool sb_keeps_certificates(const sb_ledger *l);

/* ---- deadlines ---- */

/* Set or remove a deadline. Apply only. */
void sb_due_put(sb_kv *kv, uint64_t due_ms, sb_deadline_target kind, uint32_t number);
void sb_due_del(sb_kv *kv, uint64_t due_ms, sb_deadline_target kind, uint32_t number);

#endif
