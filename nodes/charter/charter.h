/* From bylaws in YAML to a genesis: what a federation's founders do once.
 *
 *   YAML ──read──> Sb__Charter ──┐
 *   cards of every organisation ─┴─genesis──> federation file: GENESIS, CHARTER_PARTs
 *
 * The format is documented in nodes/charter/CHARTER.md. Errors name file, line and what to do.
 */
#ifndef SB_CHARTER_CHARTER_H
#define SB_CHARTER_CHARTER_H

#include "nodes/host/doc.h"
#include "nodes/host/federation_file.h"
#include "proto/rules/check.h"
#include "proto/text/text.h"
#include "proto/wire/entry.h"

/* A remark on one rule of the charter: warnings and notes (errors stop the reading). */
typedef struct sb_charter_finding {
    uint32_t line;
    const char *body; /* id, or "" */
    sb_rule_finding finding;
} sb_charter_finding;

enum { SB_CHARTER_FINDINGS_MAX = 256 };

typedef struct sb_charter_report {
    sb_charter_finding findings[SB_CHARTER_FINDINGS_MAX];
    uint32_t count;
    uint32_t assumed; /* places where the bylaws are ambiguous */
} sb_charter_report;

typedef struct sb_charter_options {
    bool rehearsal; /* set rehearsal: true whatever the file says */
    sb_lang lang;   /* of what the rule checker says inside a refusal */
} sb_charter_options;

/* Read and check a charter. Everything lives in `arena`; report may be NULL.
 * Errors: those of sb_yaml_read and sb_doc_*; SB_E_CHARTER_DUPLICATE_ID, _UNKNOWN_REF, _ID, _RULE,
 * _POLICY, _LIMIT: each with file and line. */
sb_err sb_charter_read(const char *path, const sb_charter_options *options, sb_arena *arena,
                       const Sb__Charter **out, sb_charter_report *report, sb_fail *fail);
/* The same over bytes; `name` stands for the file in messages. */
sb_err sb_charter_parse(const char *name, sb_slice bytes, const sb_charter_options *options,
                        sb_arena *arena, const Sb__Charter **out, sb_charter_report *report,
                        sb_fail *fail);

/* One body that a decision is to make, written in a file of its own as under "bodies:" (CHARTER.md),
 * held against the charter it is to stand in; its parent may be left out ("", the deciding body),
 * and its seats' appointers too (then decisions fill them). `report` may be NULL.
 * Errors: as sb_charter_read. */
sb_err sb_charter_read_body(const char *path, const Sb__Charter *charter,
                            const sb_charter_options *options, sb_arena *arena, Sb__Body **out,
                            sb_charter_report *report, sb_fail *fail);

/* "witnesses:" and "standby:" in a file of their own, held against the charter whose organisations
 * they name: that charter with both replaced. Errors: as sb_charter_read. */
sb_err sb_charter_read_witnessing(const char *path, const Sb__Charter *charter, sb_arena *arena,
                                  const Sb__Charter **out, sb_fail *fail);

/* A rule as the rest of the system reads it: the voting seats of each partner in a body. */
void sb_charter_shape(const Sb__Charter *charter, const Sb__Body *body, sb_arena *arena,
                      sb_rule_shape *out);

/* ---- cards: public keys, written by `node init` and `broker init` ---- */

typedef struct sb_node_card {
    char organisation[SB_ID_BYTES_MAX + 1];
    uint8_t authority_pk[32], witness_pk[32], recovery_pk[32], curve_pk[32];
} sb_node_card;

typedef struct sb_broker_card {
    uint8_t log_pk[32], curve_pk[32];
} sb_broker_card;

/* A card's file text. */
void sb_node_card_write(const sb_node_card *card, sb_buf *out);
void sb_broker_card_write(const sb_broker_card *card, sb_buf *out);

/* One organisation's card. Errors: as sb_cards_read. */
sb_err sb_node_card_read(const char *path, sb_arena *arena, sb_node_card *card, sb_fail *fail);
/* Read DIR/<organisation>.card for each of the charter's organisations, and DIR/broker.card.
 * cards: one each in charter order, in the arena.
 * Errors: SB_E_FILE_MISSING, SB_E_CHARTER_CARD (file, line, what), SB_E_DOC_*. */
sb_err sb_cards_read(const char *dir, const Sb__Charter *charter, sb_arena *arena,
                     const sb_node_card **cards, sb_broker_card *broker, sb_fail *fail);

/* ---- a federation whose quorum was lost ---- */

/* FILE: `federation` (its id, 64 hex), `checkpoint` (a file beside it: the note of its last final
 * head), `lost` (lines that say what was lost; may be absent). In the arena.
 * Errors: those of sb_yaml_read and sb_file_read, SB_E_NOTE_MALFORMED, SB_E_CHARTER_PREDECESSOR,
 * _EMPTY, _LIMIT. */
sb_err sb_predecessor_read(const char *path, sb_arena *arena, const Sb__Predecessor **out,
                           sb_fail *fail);

/* ---- the federation file ---- */

/* The founding entries: GENESIS and the CHARTER_PARTs, signed by the first organisation's authority
 * key, as u32be length ‖ entry, one after the other. Also gives the federation id.
 * Errors: SB_E_CHARTER_AUTHORITY (the key is not the first organisation's), those of entries. */
sb_err sb_federation_make(const Sb__Charter *charter, const sb_node_card *cards,
                          const sb_broker_card *broker, const sb_secret *first_authority,
                          sb_buf *out, uint8_t federation_id[32], sb_fail *fail);
/* … that continues another one. NULL: none. */
sb_err sb_federation_make_after(const Sb__Predecessor *predecessor, const Sb__Charter *charter,
                                const sb_node_card *cards, const sb_broker_card *broker,
                                const sb_secret *first_authority, sb_buf *out,
                                uint8_t federation_id[32], sb_fail *fail);

#endif
