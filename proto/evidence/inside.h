/* Shared by the parts of evidence: its sections, and what ties keys to the federation. */
#ifndef SB_EVIDENCE_INSIDE_H
#define SB_EVIDENCE_INSIDE_H

#include "proto/evidence/evidence.h"

/* In the order in which they stand in a file. SB_SECTION(symbol, name, bytes at most) */
#define SB_EVIDENCE_SECTIONS(SB_SECTION)                                                           \
    SB_SECTION(FEDERATION, "federation", 32)                                                       \
    SB_SECTION(GENESIS, "genesis", SB_ENTRY_BYTES_MAX)                                             \
    SB_SECTION(HANDOVER, "handover", SB_LEAF_BYTES_MAX)                                            \
    SB_SECTION(WITNESS, "witness", 32)                                                             \
    SB_SECTION(PROMISE, "promise", SB_PROMISE_BYTES)                                               \
    SB_SECTION(OTHER_PROMISE, "other-promise", SB_PROMISE_BYTES)                                   \
    SB_SECTION(INDEX, "index", 20)                                                                 \
    SB_SECTION(LEAF, "leaf", SB_FRAME_BYTES_MAX)                                                   \
    SB_SECTION(NOTE, "note", SB_NOTE_BYTES_MAX)                                                    \
    SB_SECTION(PROOF, "proof", SB_PROOF_HASHES_MAX * 32)                                           \
    SB_SECTION(OTHER_HASH, "other-hash", 32)                                                       \
    SB_SECTION(OTHER_NOTE, "other-note", SB_NOTE_BYTES_MAX)                                        \
    SB_SECTION(OTHER_PROOF, "other-proof", SB_PROOF_HASHES_MAX * 32)                               \
    SB_SECTION(ROOT, "root", 32)                                                                   \
    SB_SECTION(REFUSAL, "refusal", 64)                                                             \
    SB_SECTION(COMPUTED, "computed", SB_PAYLOAD_BYTES_MAX)                                         \
    SB_SECTION(FROM, "from", 20)                                                                   \
    SB_SECTION(LEAVES, "leaves", SB_EVIDENCE_LEAVES_BYTES_MAX)                                     \
    SB_SECTION(CONSISTENCY, "consistency", SB_PROOF_HASHES_MAX * 32)

enum { SB_PROMISE_BYTES = 1 + 4 + 32 + 44 + 44 + 64 };

typedef enum sb_section {
#define SB_SECTION(symbol, name, bytes_max) SB_SECTION_##symbol,
    SB_EVIDENCE_SECTIONS(SB_SECTION)
#undef SB_SECTION
        SB_SECTION_COUNT
} sb_section;

const char *sb_section_name(sb_section section);

typedef struct sb_evidence_file {
    sb_evidence_kind kind;
    bool has[SB_SECTION_COUNT];
    sb_slice at[SB_SECTION_COUNT]; /* borrowed from the file */
} sb_evidence_file;

/* Header and sections; each section's length and form. Errors: SB_E_EVIDENCE_MALFORMED. */
sb_err sb_evidence_parse(sb_slice bytes, sb_evidence_file *out, sb_fail *fail);
/* The one way to write it. */
void sb_evidence_write(const sb_evidence_file *file, sb_buf *out);

sb_err sb_evidence_malformed(sb_fail *fail, const char *where);
/* A section of hashes; its length is right after sb_evidence_parse. */
sb_proof sb_section_proof(const sb_evidence_file *file, sb_section section);
void sb_promise_pack(const sb_evidence_promise *promise, uint8_t out[SB_PROMISE_BYTES]);
/* False: not in the one spelling. */
bool sb_promise_unpack(sb_slice bytes, sb_evidence_promise *out);

typedef struct sb_judging {
    sb_evidence_file file;
    const sb_evidence_help *help;
    bool is_making; /* keys needn't be tied, nothing is folded */
    sb_arena *arena;
    sb_evidence_verdict *out;
    sb_fail *fail;
    const uint8_t *federation_id;
    const Sb__Genesis *genesis;   /* NULL: not in the file */
    const Sb__Handover *handover; /* NULL: not in the file */
} sb_judging;

/* tie.c */
/* Federation, genesis, handover. Errors: SB_E_EVIDENCE_FOREIGN, SB_E_EVIDENCE_MALFORMED. */
sb_err sb_tie_open(sb_judging *x);
/* The term of an origin of this federation. Errors: SB_E_EVIDENCE_FOREIGN. */
sb_err sb_tie_term(sb_judging *x, const char *origin, uint32_t *term);
/* A note signed by the log key of its origin, which is tied to the federation (and is convicted with
 * sb_convict_log). Errors: also SB_E_EVIDENCE_UNTIED, SB_E_EVIDENCE_UNSIGNED, SB_E_NOTE_MALFORMED. */
sb_err sb_tie_note(sb_judging *x, sb_section section, sb_checkpoint *head,
                   sb_evidence_convicted *log);
/* Whose witness key is it? Errors: SB_E_EVIDENCE_UNTIED. */
sb_err sb_tie_witness(sb_judging *x, const uint8_t pk[32], sb_evidence_convicted *out);
/* Call for each witness key known from genesis and policy, each once. */
void sb_tie_each_witness(sb_judging *x,
                         void (*visit)(void *arg, const sb_evidence_convicted *witness), void *arg);
void sb_convict(sb_judging *x, const sb_evidence_convicted *who);
void sb_verdict_head(sb_judging *x, const sb_checkpoint *head);

/* judge.c; is_making: what can be said without folding and without a policy. */
sb_err sb_evidence_examine(sb_slice bytes, const sb_evidence_help *help, bool is_making,
                           sb_arena *arena, sb_evidence_verdict *out, sb_fail *fail);
/* judge_state.c */
sb_err sb_judge_state(sb_judging *x);

#endif
