/* Key files on disk (bytes: proto/sign/keyfile.h): mode 0600, passphrase given or asked for,
 * randomness from here. */
#ifndef SB_HOST_KEYSTORE_H
#define SB_HOST_KEYSTORE_H

#include "nodes/host/term.h"
#include "proto/sign/keyfile.h"

/* Where a passphrase comes from: the first that is set; else the terminal is asked. */
typedef struct sb_passphrase_source {
    const sb_passphrase *given; /* or NULL */
    const char *file;           /* or NULL; "-" is standard input */
    bool never_ask;             /* daemons: SB_E_TERM_NONE instead of a prompt */
    sb_lang lang;               /* of the prompt */
} sb_passphrase_source;

/* Make a new key of `role` and write its file (0600, never over an existing one). A plain file
 * when `source` is NULL (roles that may be plain), else sealed at `cost` (NULL: SB_KDF_MODERATE).
 * public_key[32] is set. Errors: SB_E_FILE_EXISTS, SB_E_FILE_WRITE, those of sb_keyfile_seal and
 * of the passphrase. */
sb_err sb_keystore_new(const char *path, sb_key_role role, const sb_passphrase_source *source,
                       const sb_kdf_cost *cost, uint8_t public_key[32], sb_fail *fail);
/* Load an Ed25519 key of the role `want` (SB_KEY_NONE: any) into guarded memory; *secret is the
 * caller's (sb_secret_free). The passphrase is only looked for when the file is sealed.
 * Errors: SB_E_FILE_MISSING, SB_E_FILE_OPEN_TO_OTHERS, SB_E_KEYFILE_*, the passphrase's. */
sb_err sb_keystore_load(const char *path, sb_key_role want, const sb_passphrase_source *source,
                        sb_secret **secret, sb_fail *fail);
/* Load a CURVE key: secret[32] and public_key[32]; the caller wipes the secret (sb_wipe). */
sb_err sb_keystore_load_curve(const char *path, uint8_t secret[32], uint8_t public_key[32],
                              sb_fail *fail);
/* What the file says without a passphrase. */
sb_err sb_keystore_info(const char *path, sb_keyfile_info *info, sb_fail *fail);

#endif
