/* A federation in memory for tests: a compact charter, deterministic keys, entries made and
 * stepped.
 *
 *   fed *f = fed_new(NULL);              GENESIS not yet in; f->ledger is empty
 *   fed_run(f);                          genesis, charter, accepts, everybody appointed, sealed
 *   fed_at(f, 20211220, 12, 0);          the clock (Oslo); fed_new starts at 2021-12-01 12:00
 *   Sb__CaseReport m = SB__CASE_REPORT__INIT; …
 *   assert_int_equal(fed_submit(f, SB_ENTRY_CASE_REPORT, &m.base, "secretariat"), SB_OK);
 *   ProtobufCBinaryData case_id = fed_last_id(f);
 *   if refused: the code is returned and f->fail has the arguments; nothing changed
 *   fed_due(f);                          append the RESULTs and TICKs that are due
 *   fed_seal(f);                         STATE, SEAL by all witnesses, STATE
 *
 *   fed_terms.h: promises and HANDOVERs
 *
 * Keys are named and made from SHA-256 of the name when first asked for: "log", "<org>/authority",
 * "<org>/witness", "<org>/recovery", "<seat>/primary", "<seat>/deputy", "secretariat", "leader",
 * "deputy-leader", or any name of your own. The default charter (fed_default_charter):
 * organisations and partners unn, kommune-a (kommune), lege (fastlege), bruker; body "ssu" with
 * voting seats unn-1 unn-2 kommune-1 kommune-2 lege-1 bruker-1 (all with deputies) and speaking
 * seat obs-1 (appointed by the secretariat); body "pm" with voting seats pm-unn-1 pm-unn-2
 * pm-kommune-1 pm-kommune-2 (no deputies). All times go up by 1 s an entry (f->tick_ms). Every leaf
 * taken is kept: fed_leaf(f, i), fed_id(f, i). A failure that a test doesn't expect ends it with a
 * line on stderr. */
#ifndef SB_TESTS_LIB_FED_H
#define SB_TESTS_LIB_FED_H

#include "proto/base/buf.h"
#include "proto/ledger/ledger.h"
#include "proto/sign/sign.h"

typedef struct fed_key {
    char name[96];
    sb_secret *secret;
    uint8_t pk[32];
    uint64_t seq; /* the last used */
    uint64_t anchor_size;
    uint8_t anchor_root[32]; /* what the next entry is anchored to */
} fed_key;

typedef struct fed fed;

typedef struct fed_options {
    uint32_t organisations;    /* 0: the default four; n > 4 adds "kommune-b"… ("org-5"…) */
    const char *quorum, *pass; /* of "ssu"; NULL: the default; "": none */
    const char *pm_pass;       /* of "pm"; NULL: the default */
    uint32_t per_key_and_day, per_case; /* quotas; 0: none */
    uint32_t silent;   /* so many organisations, from the first, leave no cosignature and no promise
                        * in the log: the node under test has its own record of them */
    size_t part_bytes; /* of a CHARTER_PART; 0: 1000 */
    sb_kv *kv;         /* borrowed; NULL: an own memory kv */
    /* Change the charter before it is encoded (pointers into the arena or static). */
    void (*edit)(Sb__Charter *charter, sb_arena *arena, void *arg);
    void *edit_arg;
} fed_options;

struct fed {
    fed_options options;
    sb_arena arena; /* lives as long as the federation */
    sb_kv *kv;
    bool owns_kv;
    sb_ledger *ledger;
    uint64_t now_ms, tick_ms;
    sb_fail fail; /* of the last refusal */
    Sb__Charter *charter;
    sb_buf charter_bytes;
    uint8_t federation_id[32];
    char witness[SB_ORGANISATIONS_MAX][96]; /* its key's name, where it isn't "<org>/witness" */
    char log_key[96]; /* the name of the present term's log key: "log" in term 1 */
    fed_key **keys;
    size_t key_count, key_cap;
    sb_buf leaves;      /* all leaves, one after the other */
    size_t *starts;     /* leaf_count + 1 */
    uint8_t (*ids)[32]; /* entry ids */
    size_t leaf_count, leaf_cap;
    sb_kv *texts; /* blob hash -> what fed_blob was given */
};

fed *fed_new(const fed_options *options); /* NULL: defaults */
void fed_free(fed *f);

/* The default charter, in the arena. */
Sb__Charter *fed_default_charter(sb_arena *arena, const fed_options *options);
/* The key of this name; made when new. Borrowed. */
fed_key *fed_key_of(fed *f, const char *name);
/* With which this organisation cosigns and promises. */
fed_key *fed_witness(fed *f, uint32_t organisation);
/* A blob reference for a text (salt of zeros), in f->arena. */
Sb__BlobRef *fed_blob(fed *f, const char *text);
/* Set the clock to a time in Oslo (never backwards: then it only ticks). */
void fed_at(fed *f, uint32_t yyyymmdd, uint32_t hour, uint32_t minute);

/* ---- entries ---- */

/* Make, sequence and step an entry with the key's next seq. */
sb_err fed_submit(fed *f, sb_entry_type type, const ProtobufCMessage *message, const char *key);
/* The same, which must be taken. */
void fed_must(fed *f, sb_entry_type type, const ProtobufCMessage *message, const char *key);
/* Only the entry's bytes, appended; for tests that bend them. head NULL: the key's next. */
void fed_make(fed *f, sb_entry_type type, const ProtobufCMessage *message, const char *key,
              const sb_entry_head *head, sb_buf *entry);
/* What the next entry of this key would say besides its payload. */
sb_entry_head fed_head(fed *f, const char *key);
/* Sequence these entry bytes now and step them; the seq of the signer moves when taken. */
sb_err fed_take(fed *f, sb_slice entry);
/* Would they be taken? Changes nothing. */
sb_err fed_check(fed *f, sb_slice entry);

/* System entries by the present term's log key: a payload, or the ones that follow. */
sb_err fed_system(fed *f, sb_entry_type type, const ProtobufCMessage *message);
sb_err fed_state(fed *f); /* STATE */
void fed_due(fed *f);     /* RESULTs and TICKs, until nothing is due at f->now_ms */
/* A SEAL of the head of f->ledger (which must end with a STATE) by these organisations' witnesses.
 */
sb_err fed_seal_by(fed *f, const uint32_t *organisations, size_t count);
/* The same message without submitting it, in f->arena. */
Sb__Seal *fed_seal_message(fed *f, const uint32_t *organisations, size_t count);
/* STATE unless the log ends with one, SEAL by all, STATE. */
void fed_seal(fed *f);

/* ---- a running federation ---- */

/* The GENESIS that fed_genesis sends, in f->arena; for tests that bend it. */
Sb__Genesis *fed_genesis_message(fed *f);
/* Send it; the federation id is known from then on. */
sb_err fed_send_genesis(fed *f, const Sb__Genesis *m, const char *key);
/* CHARTER_PART `number` (from 1) of f->charter_bytes. */
sb_err fed_send_part(fed *f, uint32_t number, const char *key);
void fed_genesis(fed *f); /* GENESIS */
void fed_charter(fed *f); /* the CHARTER_PARTs */
void fed_accept(fed *f);  /* every ACCEPT */
/* An appointment by who may make it, with the key of this name ("" : without a key). */
sb_err fed_appoint_seat(fed *f, const char *seat, Sb__SeatRole role, const char *key);
sb_err fed_appoint_office(fed *f, const char *office, const char *key);
void fed_appoint_all(fed *f); /* offices, every voting seat's primary and deputy */
void fed_run(fed *f);         /* all of it, sealed twice over (the secretariat's own come second) */

/* ---- looking ---- */

sb_slice fed_leaf(const fed *f, size_t index);
ProtobufCBinaryData fed_id(const fed *f, size_t index);
ProtobufCBinaryData fed_last_id(const fed *f);
/* Step leaves first…last-1 of f into another ledger, asserting that all are taken. */
void fed_replay(const fed *f, size_t first, size_t last, sb_ledger *into);
/* Throw away all leaves from `size` on, as who drops a suffix does (not with options.kv). */
void fed_cut(fed *f, size_t size);
/* SHA-256 over every row (key and value) of a kv. */
void fed_rows_hash(sb_kv *kv, uint8_t out[32]);
/* The digest after the last leaf, in hex (static). */
const char *fed_digest(fed *f);

#endif
