/* Key files as bytes: a small text that a person can look at (DESIGN §3, Keys).
 *
 *   samband-key/1
 *   role: member
 *   public: <64 hex>
 *   kdf: argon2id13                      | none
 *   ops: 3                                 (sealed files only, from here …)
 *   mem: 268435456
 *   salt: <32 hex>
 *   nonce: <48 hex>                        (… to here)
 *   secret: <96 hex, sealed> | <64 hex>
 *
 * Lines in exactly this order, each closed by \n; lower-case hex; decimals without leading zeros;
 * nothing after the last line. Sealed secret = XChaCha20-Poly1305-IETF of the 32 secret bytes
 * under Argon2id13(passphrase, salt, ops, mem), with all lines before `secret:` as associated data.
 * One spelling per key file: what is read and written again is identical.
 *
 * The passphrase is bytes; clients normalise it to NFC. Randomness (salt, nonce) is passed in.
 * Files and their modes are nodes/host's.
 */
#ifndef SB_SIGN_KEYFILE_H
#define SB_SIGN_KEYFILE_H

#include "proto/base/buf.h"
#include "proto/base/limits.h"
#include "proto/sign/sign.h"

/* No key serves two purposes (DESIGN §3). SB_ROLE(symbol, name in the file) */
#define SB_KEY_ROLES(SB_ROLE)                                                                      \
    SB_ROLE(SB_KEY_MEMBER, "member")       /* one per device, passphrase */                        \
    SB_ROLE(SB_KEY_AUTHORITY, "authority") /* organisation; passphrase; never on the node */       \
    SB_ROLE(SB_KEY_WITNESS, "witness")     /* organisation; on the node, 0600 */                   \
    SB_ROLE(SB_KEY_RECOVERY, "recovery")   /* organisation; offline, passphrase */                 \
    SB_ROLE(SB_KEY_LOG, "log")             /* broker, one per term, 0600 */                        \
    SB_ROLE(SB_KEY_CURVE, "curve")         /* transport, 0600; a Curve25519 key */

typedef enum sb_key_role {
    SB_KEY_NONE = 0,
#define SB_ROLE(symbol, name) symbol,
    SB_KEY_ROLES(SB_ROLE)
#undef SB_ROLE
} sb_key_role;

/* "member" …; NULL for SB_KEY_NONE and unknown numbers. */
const char *sb_key_role_name(sb_key_role role);
/* SB_KEY_NONE when there is no such role. */
sb_key_role sb_key_role_from(sb_slice name);
/* True for roles whose files may stand without passphrase: witness, log, curve. */
bool sb_key_role_may_be_plain(sb_key_role role);

enum { SB_SALT_BYTES = 16, SB_NONCE_BYTES = 24 };

/* What opening a sealed file costs. */
typedef struct sb_kdf_cost {
    uint32_t ops;       /* passes, 1…SB_ARGON_OPS_MAX */
    uint64_t mem_bytes; /* 8 KiB…SB_ARGON_MEM_BYTES_MAX */
} sb_kdf_cost;
extern const sb_kdf_cost SB_KDF_MODERATE; /* 3 passes over 256 MiB: the default */
extern const sb_kdf_cost SB_KDF_MIN;      /* 1 pass over 8 KiB: rehearsals and tests only */

/* What a key file says without its passphrase. */
typedef struct sb_keyfile_info {
    sb_key_role role;
    uint8_t public_key[32];
    bool is_sealed;
    sb_kdf_cost cost; /* sealed files */
} sb_keyfile_info;

/* Write the key file of a 32-byte secret (Ed25519 seed; CURVE secret) into `out` (appended).
 * The public key must belong to the secret.
 * Errors: SB_E_KEY_MISMATCH, SB_E_KEYFILE_COST, SB_E_KEYFILE_NEEDS_PASSPHRASE (plain of a role
 * that must be sealed, or an empty passphrase), SB_E_INTERNAL (no memory for the cost). */
sb_err sb_keyfile_seal(sb_key_role role, const uint8_t public_key[32], const uint8_t secret[32],
                       sb_slice passphrase, sb_kdf_cost cost, const uint8_t salt[SB_SALT_BYTES],
                       const uint8_t nonce[SB_NONCE_BYTES], sb_buf *out, sb_fail *fail);
sb_err sb_keyfile_plain(sb_key_role role, const uint8_t public_key[32], const uint8_t secret[32],
                        sb_buf *out, sb_fail *fail);

/* Read role, public key and cost; needs no passphrase (and proves nothing about the secret).
 * Errors: SB_E_KEYFILE_MALFORMED {line number, what}, SB_E_KEYFILE_COST {ops, mem}. */
sb_err sb_keyfile_public(sb_slice file, sb_keyfile_info *info, sb_fail *fail);

/* Open a file of the role `want` (SB_KEY_NONE: any). `passphrase` is ignored for plain files.
 * On success secret[32] holds the seed; the caller wipes it.
 * Errors: as sb_keyfile_public, SB_E_KEYFILE_ROLE {has, wanted}, SB_E_KEYFILE_NEEDS_PASSPHRASE,
 * SB_E_KEYFILE_PASSPHRASE (wrong passphrase, or the file was changed: the two can't be told
 * apart), SB_E_KEY_MISMATCH, SB_E_INTERNAL (no memory). Nothing is allocated for a cost over the
 * cap. */
sb_err sb_keyfile_open(sb_slice file, sb_key_role want, sb_slice passphrase, uint8_t secret[32],
                       sb_keyfile_info *info, sb_fail *fail);
/* As sb_keyfile_open, straight into guarded memory. *out is the caller's (sb_secret_free).
 * Not for SB_KEY_CURVE (SB_E_KEYFILE_ROLE). */
sb_err sb_keyfile_open_secret(sb_slice file, sb_key_role want, sb_slice passphrase, sb_secret **out,
                              sb_fail *fail);

#endif
