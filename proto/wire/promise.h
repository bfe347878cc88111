/* Statements that are signed outside entries (DESIGN §4 "Terms and handover"; PROTOCOL.md
 * "Promises"). Each is signed with the domain "samband/statement/v1" over federation_id ‖ statement;
 * the statement's first byte says which it is, all numbers are big-endian.
 *
 *   PROMISE   u8 1 ‖ u32 term ‖ log_pk[32] ‖ head seal ‖ head cosigned      by a witness key
 *             head = u32 term ‖ u64 size ‖ root[32]; all zero: there is none
 *   CONSENT   u8 2 ‖ u32 term ‖ log_pk[32] ‖ curve_pk[32] ‖ u16 length ‖ address   by an authority key
 *   WITHDRAW  u8 3 ‖ id[32] of the ACTION_PROPOSE that is withdrawn          by an authority key
 */
#ifndef SB_WIRE_PROMISE_H
#define SB_WIRE_PROMISE_H

#include "proto/base/err.h"
#include "proto/base/limits.h"
#include "proto/base/slice.h"
#include "proto/merkle/checkpoint.h"
#include "proto/sign/sign.h"
#include "proto/wire/payload.h"

/* A head of this federation; its origin is the term's. size 0: there is none. */
typedef struct sb_head {
    uint32_t term;
    uint64_t size;
    uint8_t root[32];
} sb_head;

/* By (term, size), the only order in which sealed heads rank: -1, 0, 1. None is the lowest. */
int sb_head_rank(const sb_head *a, const sb_head *b);
bool sb_head_eq(const sb_head *a, const sb_head *b);

/* From now on the signer cosigns nothing of a term below `term` and promises no other key that
 * term. */
typedef struct sb_promise {
    uint32_t term;
    uint8_t log_pk[32];
    sb_head seal;     /* the highest SEAL ever held, by its sealed head */
    sb_head cosigned; /* the longest head cosigned in the last term it cosigned in */
} sb_promise;

/* Errors: as sb_sign. */
sb_err sb_promise_sign(const uint8_t federation_id[32], const sb_promise *promise,
                       const sb_secret *witness, uint8_t sig[64], sb_fail *fail);
bool sb_promise_verify(const uint8_t federation_id[32], const sb_promise *promise,
                       const uint8_t witness_pk[32], const uint8_t sig[64]);

/* The head at a place of a HANDOVER, from 1; 0, or a place it doesn't have: none. */
sb_head sb_handover_head(const Sb__Handover *m, uint32_t place);
/* A row of the HANDOVER, as the promise it stands for. One that names a place it doesn't have is
 * none. */
bool sb_handover_promise_verify(const uint8_t federation_id[32], const Sb__Handover *m,
                                const Sb__Promised *row);

/* The organisation's authority lets its node promise this broker this term. */
typedef struct sb_consent {
    uint32_t term;
    uint8_t log_pk[32], curve_pk[32];
    sb_slice address; /* 1…SB_ADDRESS_BYTES_MAX bytes, "tcp://host:port" */
} sb_consent;

/* Errors: as sb_sign; SB_E_TOO_LARGE (address). */
sb_err sb_consent_sign(const uint8_t federation_id[32], const sb_consent *consent,
                       const sb_secret *authority, uint8_t sig[64], sb_fail *fail);
bool sb_consent_verify(const uint8_t federation_id[32], const sb_consent *consent,
                       const uint8_t authority_pk[32], const uint8_t sig[64]);

/* The signer's organisation takes back a change of organisations or policy that waits. */
sb_err sb_withdraw_sign(const uint8_t federation_id[32], const uint8_t action_id[32],
                        const sb_secret *authority, uint8_t sig[64], sb_fail *fail);
bool sb_withdraw_verify(const uint8_t federation_id[32], const uint8_t action_id[32],
                        const uint8_t authority_pk[32], const uint8_t sig[64]);

#endif
