/* Ed25519: secrets, signing, and the one place where signatures are verified.
 *
 * Acceptance is libsodium 1.0.18's crypto_sign_verify_detached (DESIGN §3): cofactorless, S < L,
 * canonical A and R, no small-order A or R. Nothing else in Samband verifies signatures; there is
 * no batch equation, because it accepts other sets.
 *
 * Randomness is the caller's (nodes/host): seeds come in as bytes.
 */
#ifndef SB_SIGN_SIGN_H
#define SB_SIGN_SIGN_H

#include "proto/base/err.h"
#include "proto/base/slice.h"

enum {
    SB_PK_BYTES = 32,
    SB_SEED_BYTES = 32,
    SB_SIG_BYTES = 64,
    SB_SIGN_MESSAGE_BYTES_MAX = 1024 * 1024 /* of a domain-separated message */
};

/* The domains of DESIGN §3. A domain is followed by one zero byte. */
#define SB_DOMAIN_ENTRY "samband/entry/v1"
#define SB_DOMAIN_STATEMENT "samband/statement/v1"

/* Once before anything else here, from one thread. Errors: SB_E_INTERNAL. */
sb_err sb_sign_init(sb_fail *fail);

/* A secret key in guarded memory (sodium_malloc), locked against swapping where the system allows
 * it, wiped when freed. */
typedef struct sb_secret sb_secret;

/* The Ed25519 key of a seed (RFC 8032 §5.1.5). Owned by the caller: sb_secret_free. The seed is
 * copied; wiping the caller's copy is the caller's (sb_wipe). Out of memory ends the process. */
sb_secret *sb_secret_from_seed(const uint8_t seed[SB_SEED_BYTES]);
void sb_secret_free(sb_secret *secret); /* NULL is allowed */
/* The public key, borrowed. */
const uint8_t *sb_secret_pk(const sb_secret *secret);
/* The seed, borrowed: for writing key files only. */
const uint8_t *sb_secret_seed(const sb_secret *secret);
/* False when the system refused to lock the memory (RLIMIT_MEMLOCK): worth a warning, no error. */
bool sb_secret_is_locked(const sb_secret *secret);

/* Sign `message` (at most what memory holds) and verify the result before giving it out.
 * Errors: SB_E_SIGN_SELF_CHECK (a fault in memory or CPU; sig is zeroed). */
sb_err sb_sign(const sb_secret *secret, sb_slice message, uint8_t sig[SB_SIG_BYTES], sb_fail *fail);
/* Sign domain ‖ 0x00 ‖ message. Errors: SB_E_TOO_LARGE, SB_E_SIGN_SELF_CHECK. */
sb_err sb_sign_domain(const sb_secret *secret, const char *domain, sb_slice message,
                      uint8_t sig[SB_SIG_BYTES], sb_fail *fail);

/* True when `sig` is pk's over `message`. Safe from several threads at once. */
bool sb_verify(const uint8_t pk[SB_PK_BYTES], sb_slice message, const uint8_t sig[SB_SIG_BYTES]);
/* … over domain ‖ 0x00 ‖ message. False also for a message beyond SB_SIGN_MESSAGE_BYTES_MAX. */
bool sb_verify_domain(const uint8_t pk[SB_PK_BYTES], const char *domain, sb_slice message,
                      const uint8_t sig[SB_SIG_BYTES]);
/* True for a canonical point of the main subgroup that isn't of small order: what may be enrolled
 * (right only from libsodium 1.0.18-1+deb12u1 on, see PITFALLS). */
bool sb_pk_valid(const uint8_t pk[SB_PK_BYTES]);

/* Curve25519 public key of 32 random bytes: the same as zmq_curve_keypair's, without zmq.h.
 * `secret` may be the random bytes themselves. */
void sb_curve_public(const uint8_t secret[32], uint8_t public_key[32]);

/* Overwrite secret bytes; not optimised away. */
void sb_wipe(void *bytes, size_t len);
/* Constant-time comparison of equally long secrets. */
bool sb_equal(const void *a, const void *b, size_t len);

#endif
