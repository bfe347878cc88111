/* The one module that signs and verifies. See sign.h for the acceptance rule. */
#include "proto/sign/sign.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>

#include "proto/base/buf.h"

_Static_assert(crypto_sign_PUBLICKEYBYTES == SB_PK_BYTES, "Ed25519 public key");
_Static_assert(crypto_sign_SEEDBYTES == SB_SEED_BYTES, "Ed25519 seed");
_Static_assert(crypto_sign_BYTES == SB_SIG_BYTES, "Ed25519 signature");
_Static_assert(crypto_sign_SECRETKEYBYTES == SB_SEED_BYTES + SB_PK_BYTES, "seed then public key");
_Static_assert(crypto_scalarmult_SCALARBYTES == 32 && crypto_scalarmult_BYTES == 32, "Curve25519");

/* Bytes only: sodium_malloc puts the end of the struct at a page's end, at any alignment. */
struct sb_secret {
    uint8_t sk[crypto_sign_SECRETKEYBYTES]; /* seed ‖ public key, as libsodium keeps it */
    uint8_t is_locked;
};

sb_err sb_sign_init(sb_fail *fail)
{
    if (sodium_init() < 0)
        return sb_fail_set(fail, SB_E_INTERNAL, "sodium_init", NULL);
    return SB_OK;
}

sb_secret *sb_secret_from_seed(const uint8_t seed[SB_SEED_BYTES])
{
    uint8_t pk[SB_PK_BYTES];
    sb_secret *secret = sodium_malloc(sizeof *secret);
    if (secret == NULL)
        sb_out_of_memory();
    /* sodium_malloc ignores a failed mlock (PITFALLS); locking again tells. */
    secret->is_locked = sodium_mlock(secret, sizeof *secret) == 0;
    crypto_sign_seed_keypair(pk, secret->sk, seed);
    assert(memcmp(pk, sb_secret_pk(secret), SB_PK_BYTES) == 0);
    return secret;
}

void sb_secret_free(sb_secret *secret)
{
    sodium_free(secret); /* wipes and unlocks; NULL is allowed */
}

const uint8_t *sb_secret_pk(const sb_secret *secret)
{
    return secret->sk + SB_SEED_BYTES;
}

const uint8_t *sb_secret_seed(const sb_secret *secret)
{
    return secret->sk;
}

bool sb_secret_is_locked(const sb_secret *secret)
{
    return secret->is_locked != 0;
}

sb_err sb_sign(const sb_secret *secret, sb_slice message, uint8_t sig[SB_SIG_BYTES], sb_fail *fail)
{
    crypto_sign_detached(sig, NULL, message.data, message.len, secret->sk);
    if (!sb_verify(sb_secret_pk(secret), message, sig)) {
        sodium_memzero(sig, SB_SIG_BYTES); /* a faulty signature can give the key away */
        return sb_fail_set(fail, SB_E_SIGN_SELF_CHECK, NULL);
    }
    return SB_OK;
}

bool sb_verify(const uint8_t pk[SB_PK_BYTES], sb_slice message, const uint8_t sig[SB_SIG_BYTES])
{
    return crypto_sign_verify_detached(sig, message.data, message.len, pk) == 0;
}

/* domain ‖ 0x00 ‖ message on the heap; the caller frees. NULL when it is too large. */
static uint8_t *domain_message(const char *domain, sb_slice message, size_t *len)
{
    size_t domain_len = strlen(domain) + 1;
    if (message.len > SB_SIGN_MESSAGE_BYTES_MAX - domain_len)
        return NULL;
    *len = domain_len + message.len;
    uint8_t *bytes = sb_xmalloc(*len);
    memcpy(bytes, domain, domain_len);
    if (message.len > 0)
        memcpy(bytes + domain_len, message.data, message.len);
    return bytes;
}

sb_err sb_sign_domain(const sb_secret *secret, const char *domain, sb_slice message,
                      uint8_t sig[SB_SIG_BYTES], sb_fail *fail)
{
    size_t len = 0;
    uint8_t *bytes = domain_message(domain, message, &len);
    if (bytes == NULL) {
        return sb_fail_set(fail, SB_E_TOO_LARGE, domain, "> 1 MiB", "1 MiB", NULL);
    }
    sb_err err = sb_sign(secret, sb_slice_of(bytes, len), sig, fail);
    free(bytes);
    return err;
}

bool sb_verify_domain(const uint8_t pk[SB_PK_BYTES], const char *domain, sb_slice message,
                      const uint8_t sig[SB_SIG_BYTES])
{
    size_t len = 0;
    uint8_t *bytes = domain_message(domain, message, &len);
    if (bytes == NULL)
        return false;
    bool is_valid = sb_verify(pk, sb_slice_of(bytes, len), sig);
    free(bytes);
    return is_valid;
}

bool sb_pk_valid(const uint8_t pk[SB_PK_BYTES])
{
    return crypto_core_ed25519_is_valid_point(pk) == 1;
}

void sb_curve_public(const uint8_t secret[32], uint8_t public_key[32])
{
    int rc = crypto_scalarmult_base(public_key, secret);
    assert(rc == 0);
    (void)rc;
}

void sb_wipe(void *bytes, size_t len)
{
    sodium_memzero(bytes, len);
}

bool sb_equal(const void *a, const void *b, size_t len)
{
    return sodium_memcmp(a, b, len) == 0;
}
