/* Who must confirm a head: the policies, and which of them hold at which size (DESIGN §4 "Quorum").
 *
 * A policy is a threshold tree (C2SP tlog-policy groups): "more than num/den of the organisations"
 * is one group of them all. While a change goes on up to three count: the one that holds, the next
 * one beside it, and one that waits in the log for the SEAL that covers it. All of it is a function
 * of the head alone. Counted by organisation, never by key. */
#ifndef SB_LEDGER_POLICY_H
#define SB_LEDGER_POLICY_H

#include "proto/ledger/step.h"

/* A member of a group is an organisation's number, or SB_POLICY_GROUP | the place of a group that
 * stands before this one. */
#define SB_POLICY_GROUP UINT32_C(0x80000000)

typedef struct sb_policy_group {
    uint32_t threshold, member_count;
    const uint32_t *members;
} sb_policy_group;

typedef struct sb_policy {
    uint32_t no;      /* the row's; 0: made from a charter alone */
    uint32_t version; /* of the charter that has its words; 0: it waits, or no row */
    uint32_t group_count;
    const sb_policy_group *groups; /* the last decides */
} sb_policy;

/* ---- one policy ---- */

/* The charter's, which has been checked; in the arena. */
void sb_policy_of_charter(const Sb__Charter *charter, sb_arena *arena, sb_policy *out);
/* confirmed[o]: organisation o did; `count` of them are known. */
bool sb_policy_satisfied(const sb_policy *p, const bool *confirmed, size_t count);
/* How many of its organisations did. */
uint32_t sb_policy_have(const sb_policy *p, const bool *confirmed, size_t count);
bool sb_policy_has(const sb_policy *p, uint32_t organisation);
/* How many organisations it has; how many it takes at least. */
uint32_t sb_policy_members(const sb_policy *p);
uint32_t sb_policy_needs(const sb_policy *p);
/* How many silent organisations stop it, at least. */
uint32_t sb_policy_stopped_by(const sb_policy *p);
/* In how many organisations two sets that satisfy it meet, at least: so many lying ones could
 * confirm two histories. 0: two sets may have nobody in common. */
uint32_t sb_policy_overlap(const sb_policy *p);
/* One fewer may lie. */
uint32_t sb_policy_may_lie(const sb_policy *p);

/* Do groups and members stand as they should (charter_check.c)? Errors: SB_E_LEDGER_CHARTER_POLICY,
 * SB_E_LEDGER_CHARTER_GROUP {group, member}, SB_E_LEDGER_CHARTER_THRESHOLD {group}. */
sb_err sb_policy_check(const Sb__Charter *charter, sb_fail *fail);

/* ---- which hold ---- */

/* Two or three policies that all must be satisfied. */
typedef struct sb_policies {
    uint32_t count; /* 0: the charter isn't whole there */
    sb_policy of[3];
} sb_policies;

/* Whom a head of `size` leaves needs to be certified: what holds there, then the next. */
void sb_policies_hold(sb_kv *kv, sb_arena *arena, uint64_t size, sb_policies *out);
/* … to be sealed: also what waits in it. */
void sb_policies_seal(sb_kv *kv, sb_arena *arena, uint64_t size, sb_policies *out);
/* Who judges a HANDOVER whose highest SEAL is of the head of `size`: what holds once it is sealed. */
void sb_policies_after(sb_kv *kv, sb_arena *arena, uint64_t size, sb_policies *out);

/* Does the next policy, beside the one that holds, stand in a head of `size` leaves? Then it waits
 * for that head's SEAL. */
bool sb_policy_next_in(sb_kv *kv, uint64_t size);
/* Do these organisations satisfy them all? have, needed (may be NULL): of the first that isn't
 * satisfied, else of the first. No policy: false, and needed is UINT32_MAX. */
bool sb_policies_satisfied(const sb_policies *p, const bool *confirmed, size_t count,
                           uint32_t *have, uint32_t *needed);
/* So many may lie, at most, by any of them. */
uint32_t sb_policies_may_lie(const sb_policies *p);

/* ---- whose key ---- */

/* Whose witness key is it for a head of `size` leaves? False: nobody's there. */
bool sb_witness_at(sb_kv *kv, const uint8_t pk[32], uint64_t size, uint32_t *organisation);
/* The organisation's witness key for a head of `size` leaves. */
bool sb_witness_of(sb_kv *kv, uint32_t organisation, uint64_t size, uint8_t pk[32]);

/* ---- writing (apply) ---- */

/* A row for it, which nothing names yet. Its number. */
uint32_t sb_policy_put(sb_step *s, const sb_policy *p, uint32_t version);
/* The founding's policy holds from this leaf on. */
void sb_policy_found(sb_step *s, const Sb__Charter *charter);
/* The head of `size` leaves is sealed: what the policies become, after its actions have acted. */
void sb_policy_sealed(sb_step *s, uint64_t size);
/* The key counts for heads that contain this leaf; from now on for no newer ones. */
void sb_witness_begin(sb_step *s, const uint8_t pk[32], uint32_t organisation);
void sb_witness_end(sb_step *s, const uint8_t pk[32]);

#endif
