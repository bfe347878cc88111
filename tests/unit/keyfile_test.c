/* Key files: golden bytes, both kinds, every refusal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "proto/sign/keyfile.h"

static const uint8_t salt[SB_SALT_BYTES] = {1, 2, 3};
static const uint8_t nonce[SB_NONCE_BYTES] = {4, 5, 6};
static uint8_t seed[32]; /* 00 01 02 … 1f */
static uint8_t pk[32];

static sb_slice pass(const char *text)
{
    return sb_slice_str(text);
}

static sb_buf sealed(sb_key_role role)
{
    sb_buf out;
    sb_buf_init(&out);
    assert_int_equal(
        sb_keyfile_seal(role, pk, seed, pass("trygg"), SB_KDF_MIN, salt, nonce, &out, NULL), SB_OK);
    return out;
}

/* Replace the whole line that starts with `prefix`. */
static sb_buf with_line(const sb_buf *file, const char *prefix, const char *line)
{
    sb_buf out, copy;
    sb_buf_init(&out);
    sb_buf_init(&copy);
    sb_buf_add(&copy, sb_buf_slice(file));
    const char *text = sb_buf_cstr(&copy);
    const char *at = strstr(text, prefix);
    assert_non_null(at);
    const char *end = strchr(at, '\n');
    sb_buf_add(&out, sb_slice_of(text, (size_t)(at - text)));
    sb_buf_str(&out, line);
    sb_buf_str(&out, end);
    sb_buf_deinit(&copy);
    return out;
}

/* Golden: these bytes are in PROTOCOL.md. The public key is OpenSSL's of the same seed. */
static const char golden_plain[] =
    "samband-key/1\n"
    "role: witness\n"
    "public: 03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8\n"
    "kdf: none\n"
    "secret: 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n";

/* Golden: in PROTOCOL.md. Passphrase "trygg", the salt, nonce and seed above; computed with
 * libargon2 and OpenSSL. */
static const char golden_sealed[] =
    "samband-key/1\n"
    "role: member\n"
    "public: 03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8\n"
    "kdf: argon2id13\n"
    "ops: 1\n"
    "mem: 8192\n"
    "salt: 01020300000000000000000000000000\n"
    "nonce: 040506000000000000000000000000000000000000000000\n"
    "secret: "
    "942108307dde682aa8ddcbb4629d433b2f4f8ee485388f88bdda3fb81d85d4b6e0d078ce22882111a41f546329f32d"
    "23\n";

static void sealed_golden(void **state)
{
    (void)state;
    sb_buf out = sealed(SB_KEY_MEMBER);
    assert_string_equal(sb_buf_cstr(&out), golden_sealed);
    sb_buf_deinit(&out);
}

static void plain_golden(void **state)
{
    (void)state;
    sb_buf out;
    uint8_t secret[32];
    sb_keyfile_info info;
    sb_buf_init(&out);
    assert_int_equal(sb_keyfile_plain(SB_KEY_WITNESS, pk, seed, &out, NULL), SB_OK);
    assert_string_equal(sb_buf_cstr(&out), golden_plain);
    assert_int_equal(
        sb_keyfile_open(sb_buf_slice(&out), SB_KEY_WITNESS, pass(""), secret, &info, NULL), SB_OK);
    assert_memory_equal(secret, seed, 32);
    assert_false(info.is_sealed);
    sb_buf_deinit(&out);
}

static void sealed_round_trip(void **state)
{
    (void)state;
    for (sb_key_role role = SB_KEY_MEMBER; role <= SB_KEY_LOG; role++) {
        sb_buf file = sealed(role);
        sb_keyfile_info info;
        sb_secret *secret;
        assert_int_equal(sb_keyfile_public(sb_buf_slice(&file), &info, NULL), SB_OK);
        assert_int_equal(info.role, role);
        assert_true(info.is_sealed);
        assert_memory_equal(info.public_key, pk, 32);
        assert_int_equal(info.cost.ops, 1);
        assert_int_equal(info.cost.mem_bytes, 8192);
        assert_int_equal(
            sb_keyfile_open_secret(sb_buf_slice(&file), role, pass("trygg"), &secret, NULL), SB_OK);
        assert_memory_equal(sb_secret_pk(secret), pk, 32);
        assert_memory_equal(sb_secret_seed(secret), seed, 32);
        sb_secret_free(secret);
        /* the secret isn't in the file */
        assert_null(strstr(sb_buf_cstr(&file), "000102030405"));
        sb_buf_deinit(&file);
    }
}

static void curve_key(void **state)
{
    (void)state;
    sb_buf file;
    uint8_t public_key[32], secret[32];
    sb_secret *none;
    sb_keyfile_info info;
    sb_buf_init(&file);
    sb_curve_public(seed, public_key);
    assert_int_equal(sb_keyfile_plain(SB_KEY_CURVE, pk, seed, &file, NULL), SB_E_KEY_MISMATCH);
    assert_int_equal(sb_keyfile_plain(SB_KEY_CURVE, public_key, seed, &file, NULL), SB_OK);
    assert_int_equal(
        sb_keyfile_open(sb_buf_slice(&file), SB_KEY_CURVE, pass(""), secret, &info, NULL), SB_OK);
    assert_memory_equal(secret, seed, 32);
    assert_int_equal(
        sb_keyfile_open_secret(sb_buf_slice(&file), SB_KEY_NONE, pass(""), &none, NULL),
        SB_E_KEYFILE_ROLE);
    assert_null(none);
    sb_buf_deinit(&file);
}

static void wrong_passphrase_and_role(void **state)
{
    (void)state;
    sb_buf file = sealed(SB_KEY_MEMBER);
    sb_slice bytes = sb_buf_slice(&file);
    uint8_t secret[32];
    sb_fail fail;
    memset(secret, 0xaa, sizeof secret);
    assert_int_equal(sb_keyfile_open(bytes, SB_KEY_MEMBER, pass("feil"), secret, NULL, &fail),
                     SB_E_KEYFILE_PASSPHRASE);
    for (size_t i = 0; i < 32; i++)
        assert_int_equal(secret[i], 0);
    assert_int_equal(sb_keyfile_open(bytes, SB_KEY_MEMBER, pass(""), secret, NULL, &fail),
                     SB_E_KEYFILE_NEEDS_PASSPHRASE);
    assert_int_equal(sb_keyfile_open(bytes, SB_KEY_AUTHORITY, pass("trygg"), secret, NULL, &fail),
                     SB_E_KEYFILE_ROLE);
    assert_string_equal(fail.arg[0], "member");
    assert_string_equal(fail.arg[1], "authority");
    sb_buf_deinit(&file);
}

/* The header is authenticated: one key's file can't be passed off as another role's. */
static void a_changed_header_does_not_open(void **state)
{
    (void)state;
    sb_buf file = sealed(SB_KEY_MEMBER);
    sb_buf bad = with_line(&file, "role: ", "role: authority");
    uint8_t secret[32];
    assert_int_equal(
        sb_keyfile_open(sb_buf_slice(&bad), SB_KEY_NONE, pass("trygg"), secret, NULL, NULL),
        SB_E_KEYFILE_PASSPHRASE);
    sb_buf_deinit(&bad);
    sb_buf_deinit(&file);
}

static void plain_only_where_allowed(void **state)
{
    (void)state;
    sb_buf file;
    uint8_t secret[32];
    sb_buf_init(&file);
    assert_int_equal(sb_keyfile_plain(SB_KEY_MEMBER, pk, seed, &file, NULL),
                     SB_E_KEYFILE_NEEDS_PASSPHRASE);
    assert_int_equal(sb_keyfile_plain(SB_KEY_AUTHORITY, pk, seed, &file, NULL),
                     SB_E_KEYFILE_NEEDS_PASSPHRASE);
    assert_int_equal(sb_keyfile_plain(SB_KEY_RECOVERY, pk, seed, &file, NULL),
                     SB_E_KEYFILE_NEEDS_PASSPHRASE);
    assert_int_equal(
        sb_keyfile_seal(SB_KEY_MEMBER, pk, seed, pass(""), SB_KDF_MIN, salt, nonce, &file, NULL),
        SB_E_KEYFILE_NEEDS_PASSPHRASE);
    assert_int_equal(file.len, 0);
    /* nor is a hand-made one opened */
    sb_buf_str(&file, "samband-key/1\nrole: member\n");
    sb_buf_str(&file, strchr(strchr(golden_plain, '\n') + 1, '\n') + 1);
    assert_int_equal(
        sb_keyfile_open(sb_buf_slice(&file), SB_KEY_MEMBER, pass("x"), secret, NULL, NULL),
        SB_E_KEYFILE_NEEDS_PASSPHRASE);
    sb_buf_deinit(&file);
}

static void costs_are_capped(void **state)
{
    (void)state;
    static const struct {
        const char *prefix, *line;
    } cases[] = {
        {"ops: ", "ops: 17"},         {"ops: ", "ops: 0"},
        {"ops: ", "ops: 4294967297"}, {"mem: ", "mem: 1099511627776"},
        {"mem: ", "mem: 1073741825"}, {"mem: ", "mem: 18446744073709551615"},
        {"mem: ", "mem: 8191"},
    };
    sb_buf file = sealed(SB_KEY_MEMBER);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t secret[32];
        sb_fail fail;
        sb_keyfile_info info;
        sb_buf bad = with_line(&file, cases[i].prefix, cases[i].line);
        assert_int_equal(sb_keyfile_public(sb_buf_slice(&bad), &info, &fail), SB_E_KEYFILE_COST);
        assert_int_equal(fail.argc, 2);
        assert_int_equal(
            sb_keyfile_open(sb_buf_slice(&bad), SB_KEY_MEMBER, pass("trygg"), secret, NULL, &fail),
            SB_E_KEYFILE_COST);
        sb_buf_deinit(&bad);
    }
    sb_buf out;
    sb_buf_init(&out);
    sb_kdf_cost dear = {.ops = 3, .mem_bytes = SB_ARGON_MEM_BYTES_MAX + 1};
    assert_int_equal(
        sb_keyfile_seal(SB_KEY_MEMBER, pk, seed, pass("x"), dear, salt, nonce, &out, NULL),
        SB_E_KEYFILE_COST);
    sb_buf_deinit(&out);
    sb_buf_deinit(&file);
}

static void malformed_lines_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *prefix, *line, *number;
    } cases[] = {
        {"samband-key/1", "samband-key/2", "1"},
        {"role: ", "role: Member", "2"},
        {"role: ", "role:  member", "2"},
        {"public: ", "public: 03A107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8",
         "3"},
        {"public: ", "public: 03a1", "3"},
        {"kdf: ", "kdf: scrypt", "4"},
        {"ops: ", "ops: 01", "5"},
        {"ops: ", "ops: +1", "5"},
        {"mem: ", "mem: 8192 ", "6"},
        {"mem: ", "mem: 99999999999999999999", "6"},
        {"salt: ", "salt: 00", "7"},
        {"nonce: ", "nonce: zz", "8"},
        {"secret: ", "secret: 00", "9"},
    };
    sb_buf file = sealed(SB_KEY_MEMBER);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sb_fail fail;
        sb_keyfile_info info;
        sb_buf bad = with_line(&file, cases[i].prefix, cases[i].line);
        assert_int_equal(sb_keyfile_public(sb_buf_slice(&bad), &info, &fail),
                         SB_E_KEYFILE_MALFORMED);
        assert_string_equal(fail.arg[0], cases[i].number);
        sb_buf_deinit(&bad);
    }
    sb_buf_deinit(&file);
}

static void every_cut_and_every_flip_is_refused(void **state)
{
    (void)state;
    sb_buf file = sealed(SB_KEY_MEMBER);
    uint8_t secret[32];
    for (size_t len = 0; len < file.len; len++)
        assert_int_equal(sb_keyfile_open(sb_slice_of(file.data, len), SB_KEY_NONE, pass("trygg"),
                                         secret, NULL, NULL),
                         SB_E_KEYFILE_MALFORMED);
    for (size_t bit = 0; bit < 8 * file.len; bit++) {
        file.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_not_equal(
            sb_keyfile_open(sb_buf_slice(&file), SB_KEY_NONE, pass("trygg"), secret, NULL, NULL),
            SB_OK);
        file.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    assert_int_equal(
        sb_keyfile_open(sb_buf_slice(&file), SB_KEY_NONE, pass("trygg"), secret, NULL, NULL),
        SB_OK);
    sb_buf_str(&file, "\n");
    assert_int_equal(
        sb_keyfile_open(sb_buf_slice(&file), SB_KEY_NONE, pass("trygg"), secret, NULL, NULL),
        SB_E_KEYFILE_MALFORMED);
    sb_buf_deinit(&file);
}

static void role_names(void **state)
{
    (void)state;
    for (sb_key_role role = SB_KEY_MEMBER; role <= SB_KEY_CURVE; role++)
        assert_int_equal(sb_key_role_from(sb_slice_str(sb_key_role_name(role))), role);
    assert_null(sb_key_role_name(SB_KEY_NONE));
    assert_int_equal(sb_key_role_from(sb_slice_str("leder")), SB_KEY_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_golden),
        cmocka_unit_test(sealed_golden),
        cmocka_unit_test(sealed_round_trip),
        cmocka_unit_test(curve_key),
        cmocka_unit_test(wrong_passphrase_and_role),
        cmocka_unit_test(a_changed_header_does_not_open),
        cmocka_unit_test(plain_only_where_allowed),
        cmocka_unit_test(costs_are_capped),
        cmocka_unit_test(malformed_lines_are_named),
        cmocka_unit_test(every_cut_and_every_flip_is_refused),
        cmocka_unit_test(role_names),
    };
    if (sb_sign_init(NULL) != SB_OK)
        return 1;
    for (uint8_t i = 0; i < 32; i++)
        seed[i] = i;
    sb_secret *secret = sb_secret_from_seed(seed);
    memcpy(pk, sb_secret_pk(secret), 32);
    sb_secret_free(secret);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
