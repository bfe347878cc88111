/* Ed25519 against RFC 8032, domains, and the keys that are refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "proto/base/hash.h"
#include "proto/sign/sign.h"

static void unhex(const char *hex, uint8_t *out, size_t len)
{
    assert_true(sb_unhex(sb_slice_str(hex), out, len));
}

/* RFC 8032 §7.1, TEST 1 to 3. */
static const struct {
    const char *seed, *pk, *message, *sig;
} rfc8032[] = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9"
     "b46bd25bf5f0595bbe24655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f1"
     "1d8c387b2eaeb4302aeeb00d291612bb0c00"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984d"
     "c6594a7c15e9716ed28dc027beceea1ec40a"},
};

static void rfc8032_vectors(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rfc8032 / sizeof rfc8032[0]; i++) {
        uint8_t seed[32], pk[32], want[64], sig[64], message[4];
        size_t len = strlen(rfc8032[i].message) / 2;
        unhex(rfc8032[i].seed, seed, 32);
        unhex(rfc8032[i].pk, pk, 32);
        unhex(rfc8032[i].sig, want, 64);
        unhex(rfc8032[i].message, message, len);
        sb_secret *secret = sb_secret_from_seed(seed);
        assert_memory_equal(sb_secret_pk(secret), pk, 32);
        assert_memory_equal(sb_secret_seed(secret), seed, 32);
        assert_int_equal(sb_sign(secret, sb_slice_of(message, len), sig, NULL), SB_OK);
        assert_memory_equal(sig, want, 64);
        assert_true(sb_pk_valid(pk));
        sb_secret_free(secret);
    }
}

static void every_flipped_bit_is_refused(void **state)
{
    (void)state;
    uint8_t seed[32] = {7}, sig[64], pk[32], message[5] = "abcde";
    sb_secret *secret = sb_secret_from_seed(seed);
    memcpy(pk, sb_secret_pk(secret), 32);
    sb_slice bytes = sb_slice_of(message, sizeof message);
    assert_int_equal(sb_sign(secret, bytes, sig, NULL), SB_OK);
    for (size_t bit = 0; bit < 8 * 64; bit++) {
        sig[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_false(sb_verify(pk, bytes, sig));
        sig[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (size_t bit = 0; bit < 8 * 32; bit++) {
        pk[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_false(sb_verify(pk, bytes, sig));
        pk[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (size_t bit = 0; bit < 8 * sizeof message; bit++) {
        message[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_false(sb_verify(pk, bytes, sig));
        message[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    assert_true(sb_verify(pk, bytes, sig));
    sb_secret_free(secret);
}

static void domains_keep_apart(void **state)
{
    (void)state;
    uint8_t seed[32] = {1}, sig[64];
    static const uint8_t joined[] = "samband/entry/v1\0hello";
    sb_secret *secret = sb_secret_from_seed(seed);
    const uint8_t *pk = sb_secret_pk(secret);
    sb_slice hello = sb_slice_str("hello");
    assert_int_equal(sb_sign_domain(secret, SB_DOMAIN_ENTRY, hello, sig, NULL), SB_OK);
    assert_true(sb_verify_domain(pk, SB_DOMAIN_ENTRY, hello, sig));
    assert_true(sb_verify(pk, sb_slice_of(joined, sizeof joined - 1), sig));
    assert_false(sb_verify_domain(pk, SB_DOMAIN_STATEMENT, hello, sig));
    assert_false(sb_verify(pk, hello, sig));
    /* The zero byte stops "…/v1" + "1x" from being read as "…/v11" + "x". */
    assert_false(sb_verify_domain(pk, "samband/entry/v1h", sb_slice_str("ello"), sig));
    sb_secret_free(secret);
}

static void domain_messages_are_bounded(void **state)
{
    (void)state;
    uint8_t seed[32] = {1}, sig[64] = {0};
    sb_fail fail;
    sb_secret *secret = sb_secret_from_seed(seed);
    size_t fits = SB_SIGN_MESSAGE_BYTES_MAX - sizeof SB_DOMAIN_ENTRY;
    uint8_t *bytes = calloc(1, fits + 1);
    assert_int_equal(sb_sign_domain(secret, SB_DOMAIN_ENTRY, sb_slice_of(bytes, fits), sig, &fail),
                     SB_OK);
    assert_int_equal(
        sb_sign_domain(secret, SB_DOMAIN_ENTRY, sb_slice_of(bytes, fits + 1), sig, &fail),
        SB_E_TOO_LARGE);
    assert_false(
        sb_verify_domain(sb_secret_pk(secret), SB_DOMAIN_ENTRY, sb_slice_of(bytes, fits + 1), sig));
    free(bytes);
    sb_secret_free(secret);
}

static void bad_points_cannot_be_enrolled(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "0000000000000000000000000000000000000000000000000000000000000000", /* order 4 */
        "0100000000000000000000000000000000000000000000000000000000000000", /* identity */
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", /* order 2 */
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a", /* order 8 */
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", /* not canonical */
        "0200000000000000000000000000000000000000000000000000000000000000", /* not on the curve */
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        uint8_t pk[32];
        unhex(bad[i], pk, 32);
        assert_false(sb_pk_valid(pk));
    }
}

static void curve_keys(void **state)
{
    (void)state;
    uint8_t secret[32], pk[32], want[32];
    for (uint8_t i = 0; i < 32; i++)
        secret[i] = i;
    /* computed with OpenSSL (python3-cryptography) */
    unhex("8f40c5adb68f25624ae5b214ea767a6ec94d829d3d7b5e1ad1ba6f3e2138285f", want, 32);
    sb_curve_public(secret, pk);
    assert_memory_equal(pk, want, 32);
    assert_true(sb_equal(pk, want, 32));
    sb_wipe(want, 32);
    assert_false(sb_equal(pk, want, 32));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfc8032_vectors),
        cmocka_unit_test(every_flipped_bit_is_refused),
        cmocka_unit_test(domains_keep_apart),
        cmocka_unit_test(domain_messages_are_bounded),
        cmocka_unit_test(bad_points_cannot_be_enrolled),
        cmocka_unit_test(curve_keys),
    };
    if (sb_sign_init(NULL) != SB_OK)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
