/* C2SP tlog-policy: which logs and witnesses count, and how many must have cosigned a head.
 *
 *   log <vkey> [<url>]
 *   witness <name> <vkey> [<url>]
 *   group <name> <k>|any|all <member> …      members stand on earlier lines, each in one group only
 *   quorum <name>|none                       once
 *
 * Empty lines and lines that begin with # are left out. A vkey is <name>+<key id, 8 hex>+<base64(type
 * ‖ pk)> (C2SP signed-note): type 0x01 of a log, 0x04 of a witness; other types are refused.
 */
#ifndef SB_MERKLE_TLOG_POLICY_H
#define SB_MERKLE_TLOG_POLICY_H

#include "proto/base/arena.h"
#include "proto/base/limits.h"
#include "proto/merkle/checkpoint.h"

typedef struct sb_tlog_log {
    sb_slice name; /* its origin */
    uint8_t pk[32];
} sb_tlog_log;

/* A witness or a group. */
typedef struct sb_tlog_name {
    sb_slice name;
    bool is_group;
    sb_slice key_name; /* of a witness: in its vkey */
    uint8_t pk[32];
    uint32_t threshold; /* of a group */
    uint32_t *members;  /* places in `names` */
    uint32_t member_count;
} sb_tlog_name;

/* Slices borrow from the text, the rest lives in the arena. */
typedef struct sb_tlog_policy {
    sb_tlog_log *logs;
    uint32_t log_count;
    sb_tlog_name *names; /* in the order of their lines */
    uint32_t name_count;
    uint32_t quorum; /* place in `names`; UINT32_MAX: none */
} sb_tlog_policy;

/* Errors: SB_E_POLICY_MALFORMED {line, what}, SB_E_TOO_LARGE. */
sb_err sb_tlog_policy_parse(sb_slice text, sb_arena *arena, sb_tlog_policy *out, sb_fail *fail);
/* Do these witnesses make the quorum? cosigned[i]: of names[i] (groups are worked out here). */
bool sb_tlog_policy_satisfied(const sb_tlog_policy *policy, const bool *cosigned, sb_arena *arena);
/* Is the head signed by a log of the policy (by the one of its origin) and cosigned by a quorum of
 * its witnesses? cosigned (room for name_count) says which.
 * Errors: SB_E_NOTE_MALFORMED, SB_E_POLICY_LOG {origin}, SB_E_CHECKPOINT_*, SB_E_POLICY_QUORUM
 * {how many cosigned, how many witnesses there are}. */
sb_err sb_tlog_policy_verify(const sb_tlog_policy *policy, sb_slice note, sb_arena *arena,
                             sb_checkpoint *head, bool *cosigned, sb_fail *fail);
/* The log of this origin; NULL: none. */
const sb_tlog_log *sb_tlog_policy_log(const sb_tlog_policy *policy, const char *origin);

/* "<name>+<id>+<base64>", appended. */
void sb_vkey_add(sb_buf *out, sb_slice name, uint8_t type, const uint8_t pk[32]);
/* A vkey of this type; *name is borrowed. False: another type, id or spelling. */
bool sb_vkey_parse(sb_slice text, uint8_t type, sb_slice *name, uint8_t pk[32]);

#endif
