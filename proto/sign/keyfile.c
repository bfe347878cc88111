/* Key files: one spelling each, costs checked before memory is asked for. */
#include "proto/sign/keyfile.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>

#include "proto/base/hash.h"
#include "proto/sign/lines.h"

enum { SEALED_BYTES = 32 + crypto_aead_xchacha20poly1305_ietf_ABYTES };

_Static_assert(crypto_pwhash_argon2id_SALTBYTES == SB_SALT_BYTES, "salt");
_Static_assert(crypto_aead_xchacha20poly1305_ietf_NPUBBYTES == SB_NONCE_BYTES, "nonce");
_Static_assert(crypto_aead_xchacha20poly1305_ietf_KEYBYTES == 32, "AEAD key");

_Static_assert(crypto_pwhash_argon2id_OPSLIMIT_MODERATE == 3 &&
                   crypto_pwhash_argon2id_MEMLIMIT_MODERATE == 268435456,
               "libsodium's moderate cost");
const sb_kdf_cost SB_KDF_MODERATE = {.ops = 3, .mem_bytes = 268435456};
const sb_kdf_cost SB_KDF_MIN = {.ops = 1, .mem_bytes = 8192};

/* A parsed file. */
typedef struct keyfile {
    sb_keyfile_info info;
    uint8_t salt[SB_SALT_BYTES];
    uint8_t nonce[SB_NONCE_BYTES];
    sb_slice header;              /* all lines before `secret:`, the associated data */
    uint8_t secret[SEALED_BYTES]; /* sealed, or 32 plain bytes */
} keyfile;

const char *sb_key_role_name(sb_key_role role)
{
    switch (role) {
#define SB_ROLE(symbol, name)                                                                      \
    case symbol:                                                                                   \
        return name;
        SB_KEY_ROLES(SB_ROLE)
#undef SB_ROLE
    case SB_KEY_NONE:
        break;
    }
    return NULL;
}

sb_key_role sb_key_role_from(sb_slice name)
{
#define SB_ROLE(symbol, text)                                                                      \
    if (sb_slice_eq(name, sb_slice_str(text)))                                                     \
        return symbol;
    SB_KEY_ROLES(SB_ROLE)
#undef SB_ROLE
    return SB_KEY_NONE;
}

bool sb_key_role_may_be_plain(sb_key_role role)
{
    return role == SB_KEY_WITNESS || role == SB_KEY_LOG || role == SB_KEY_CURVE;
}

static bool cost_is_allowed(sb_kdf_cost cost)
{
    return cost.ops >= crypto_pwhash_argon2id_OPSLIMIT_MIN && cost.ops <= SB_ARGON_OPS_MAX &&
           cost.mem_bytes >= crypto_pwhash_argon2id_MEMLIMIT_MIN &&
           cost.mem_bytes <= SB_ARGON_MEM_BYTES_MAX;
}

static void public_of(sb_key_role role, const uint8_t secret[32], uint8_t out[32])
{
    if (role == SB_KEY_CURVE) {
        sb_curve_public(secret, out);
        return;
    }
    uint8_t sk[crypto_sign_SECRETKEYBYTES];
    crypto_sign_seed_keypair(out, sk, secret);
    sodium_memzero(sk, sizeof sk);
}

static bool public_fits(sb_key_role role, const uint8_t secret[32], const uint8_t public_key[32])
{
    uint8_t computed[32];
    public_of(role, secret, computed);
    return memcmp(computed, public_key, 32) == 0;
}

/* Argon2id13. False: the system has no memory for the cost. */
static bool derive(sb_slice passphrase, sb_kdf_cost cost, const uint8_t salt[SB_SALT_BYTES],
                   uint8_t key[32])
{
    assert(cost_is_allowed(cost));
    return crypto_pwhash(key, 32, passphrase.len == 0 ? "" : (const char *)passphrase.data,
                         passphrase.len, salt, cost.ops, (size_t)cost.mem_bytes,
                         crypto_pwhash_ALG_ARGON2ID13) == 0;
}

/* ---- writing ---- */

static void add_hex_line(sb_buf *out, const char *name, const uint8_t *bytes, size_t len)
{
    char hex[2 * SEALED_BYTES + 1];
    assert(len <= SEALED_BYTES);
    sb_hex(sb_slice_of(bytes, len), hex);
    sb_buf_printf(out, "%s: %s\n", name, hex);
    sodium_memzero(hex, sizeof hex);
}

sb_err sb_keyfile_seal(sb_key_role role, const uint8_t public_key[32], const uint8_t secret[32],
                       sb_slice passphrase, sb_kdf_cost cost, const uint8_t salt[SB_SALT_BYTES],
                       const uint8_t nonce[SB_NONCE_BYTES], sb_buf *out, sb_fail *fail)
{
    uint8_t key[32], sealed[SEALED_BYTES];
    size_t start = out->len;

    assert(sb_key_role_name(role) != NULL);
    if (!cost_is_allowed(cost))
        return sb_fail_num(fail, SB_E_KEYFILE_COST, 2, cost.ops, cost.mem_bytes);
    if (passphrase.len == 0)
        return sb_fail_set(fail, SB_E_KEYFILE_NEEDS_PASSPHRASE, sb_key_role_name(role), NULL);
    if (!public_fits(role, secret, public_key))
        return sb_fail_set(fail, SB_E_KEY_MISMATCH, NULL);
    if (!derive(passphrase, cost, salt, key))
        return sb_fail_num(fail, SB_E_KEYFILE_MEMORY, 1, cost.mem_bytes / (1024 * 1024), 0);

    sb_buf_printf(out, "samband-key/1\nrole: %s\n", sb_key_role_name(role));
    add_hex_line(out, "public", public_key, 32);
    sb_buf_printf(out, "kdf: argon2id13\nops: %u\nmem: %llu\n", (unsigned)cost.ops,
                  (unsigned long long)cost.mem_bytes);
    add_hex_line(out, "salt", salt, SB_SALT_BYTES);
    add_hex_line(out, "nonce", nonce, SB_NONCE_BYTES);
    crypto_aead_xchacha20poly1305_ietf_encrypt(sealed, NULL, secret, 32, out->data + start,
                                               out->len - start, NULL, nonce, key);
    sodium_memzero(key, sizeof key);
    add_hex_line(out, "secret", sealed, sizeof sealed);
    return SB_OK;
}

sb_err sb_keyfile_plain(sb_key_role role, const uint8_t public_key[32], const uint8_t secret[32],
                        sb_buf *out, sb_fail *fail)
{
    assert(sb_key_role_name(role) != NULL);
    if (!sb_key_role_may_be_plain(role))
        return sb_fail_set(fail, SB_E_KEYFILE_NEEDS_PASSPHRASE, sb_key_role_name(role), NULL);
    if (!public_fits(role, secret, public_key))
        return sb_fail_set(fail, SB_E_KEY_MISMATCH, NULL);
    sb_buf_printf(out, "samband-key/1\nrole: %s\n", sb_key_role_name(role));
    add_hex_line(out, "public", public_key, 32);
    sb_buf_str(out, "kdf: none\n");
    add_hex_line(out, "secret", secret, 32);
    return SB_OK;
}

/* ---- reading ---- */

static sb_err malformed(sb_fail *fail, uint32_t line, const char *expected)
{
    char number[12];
    snprintf(number, sizeof number, "%u", (unsigned)line);
    return sb_fail_set(fail, SB_E_KEYFILE_MALFORMED, number, expected, NULL);
}

/* Lower-case hexadecimal only: one spelling. */
static bool is_lower_hex(sb_slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.data[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
            return false;
    }
    return true;
}

static bool next_hex(sb_lines *lines, const char *prefix, uint8_t *out, size_t len)
{
    sb_slice line;
    return sb_lines_next(lines, &line) && sb_text_skip(&line, prefix) && is_lower_hex(line) &&
           sb_unhex(line, out, len);
}

static bool next_decimal(sb_lines *lines, const char *prefix, uint64_t *value)
{
    sb_slice line;
    return sb_lines_next(lines, &line) && sb_text_skip(&line, prefix) &&
           sb_decimal_parse(line, UINT64_MAX, value);
}

static sb_err parse_sealing(sb_lines *lines, keyfile *k, sb_fail *fail)
{
    uint64_t ops, mem;
    if (!next_decimal(lines, "ops: ", &ops))
        return malformed(fail, lines->number, "ops: <n>");
    if (!next_decimal(lines, "mem: ", &mem))
        return malformed(fail, lines->number, "mem: <n>");
    k->info.cost =
        (sb_kdf_cost){.ops = ops > UINT32_MAX ? UINT32_MAX : (uint32_t)ops, .mem_bytes = mem};
    if (!cost_is_allowed(k->info.cost))
        return sb_fail_num(fail, SB_E_KEYFILE_COST, 2, ops, mem);
    if (!next_hex(lines, "salt: ", k->salt, SB_SALT_BYTES))
        return malformed(fail, lines->number, "salt: <32 hex>");
    if (!next_hex(lines, "nonce: ", k->nonce, SB_NONCE_BYTES))
        return malformed(fail, lines->number, "nonce: <48 hex>");
    return SB_OK;
}

static sb_err parse(sb_slice file, keyfile *k, sb_fail *fail)
{
    sb_slice line;
    sb_lines lines = sb_lines_over(file);

    memset(k, 0, sizeof *k);
    if (file.len > SB_KEYFILE_BYTES_MAX)
        return malformed(fail, 1, "samband-key/1");
    if (!sb_lines_next(&lines, &line) || !sb_slice_eq(line, sb_slice_str("samband-key/1")))
        return malformed(fail, lines.number, "samband-key/1");
    if (!sb_lines_next(&lines, &line) || !sb_text_skip(&line, "role: ") ||
        (k->info.role = sb_key_role_from(line)) == SB_KEY_NONE)
        return malformed(fail, lines.number, "role: member|authority|witness|recovery|log|curve");
    if (!next_hex(&lines, "public: ", k->info.public_key, 32))
        return malformed(fail, lines.number, "public: <64 hex>");

    if (!sb_lines_next(&lines, &line))
        return malformed(fail, lines.number, "kdf: argon2id13|none");
    k->info.is_sealed = sb_slice_eq(line, sb_slice_str("kdf: argon2id13"));
    if (!k->info.is_sealed && !sb_slice_eq(line, sb_slice_str("kdf: none")))
        return malformed(fail, lines.number, "kdf: argon2id13|none");
    if (k->info.is_sealed) {
        sb_err err = parse_sealing(&lines, k, fail);
        if (err != SB_OK)
            return err;
    }

    k->header = sb_slice_of(file.data, file.len - lines.rest.len);
    if (!next_hex(&lines, "secret: ", k->secret, k->info.is_sealed ? SEALED_BYTES : 32))
        return malformed(fail, lines.number,
                         k->info.is_sealed ? "secret: <96 hex>" : "secret: <64 hex>");
    if (lines.rest.len != 0)
        return malformed(fail, lines.number + 1, "EOF");
    return SB_OK;
}

sb_err sb_keyfile_public(sb_slice file, sb_keyfile_info *info, sb_fail *fail)
{
    keyfile k;
    sb_err err = parse(file, &k, fail);
    if (err == SB_OK)
        *info = k.info;
    sodium_memzero(&k, sizeof k);
    return err;
}

static sb_err unseal(const keyfile *k, sb_slice passphrase, uint8_t secret[32], sb_fail *fail)
{
    uint8_t key[32];
    if (passphrase.len == 0)
        return sb_fail_set(fail, SB_E_KEYFILE_NEEDS_PASSPHRASE, sb_key_role_name(k->info.role),
                           NULL);
    if (!derive(passphrase, k->info.cost, k->salt, key))
        return sb_fail_num(fail, SB_E_KEYFILE_MEMORY, 1, k->info.cost.mem_bytes / (1024 * 1024), 0);
    int rc = crypto_aead_xchacha20poly1305_ietf_decrypt(
        secret, NULL, NULL, k->secret, SEALED_BYTES, k->header.data, k->header.len, k->nonce, key);
    sodium_memzero(key, sizeof key);
    return rc == 0 ? SB_OK : sb_fail_set(fail, SB_E_KEYFILE_PASSPHRASE, NULL);
}

sb_err sb_keyfile_open(sb_slice file, sb_key_role want, sb_slice passphrase, uint8_t secret[32],
                       sb_keyfile_info *info, sb_fail *fail)
{
    keyfile k;
    sb_err err = parse(file, &k, fail);
    if (err != SB_OK)
        goto out;
    const char *role = sb_key_role_name(k.info.role);
    if (want != SB_KEY_NONE && k.info.role != want) {
        err = sb_fail_set(fail, SB_E_KEYFILE_ROLE, role, sb_key_role_name(want), NULL);
    } else if (k.info.is_sealed) {
        err = unseal(&k, passphrase, secret, fail);
    } else if (!sb_key_role_may_be_plain(k.info.role)) {
        err = sb_fail_set(fail, SB_E_KEYFILE_NEEDS_PASSPHRASE, role, NULL);
    } else {
        memcpy(secret, k.secret, 32);
    }
    if (err == SB_OK && !public_fits(k.info.role, secret, k.info.public_key))
        err = sb_fail_set(fail, SB_E_KEY_MISMATCH, NULL);
    if (err == SB_OK && info != NULL)
        *info = k.info;
out:
    if (err != SB_OK)
        sodium_memzero(secret, 32);
    sodium_memzero(&k, sizeof k);
    return err;
}

sb_err sb_keyfile_open_secret(sb_slice file, sb_key_role want, sb_slice passphrase, sb_secret **out,
                              sb_fail *fail)
{
    uint8_t seed[SB_SEED_BYTES];
    sb_keyfile_info info;
    *out = NULL;
    sb_err err = sb_keyfile_open(file, want, passphrase, seed, &info, fail);
    if (err == SB_OK && info.role == SB_KEY_CURVE)
        err = sb_fail_set(fail, SB_E_KEYFILE_ROLE, "curve", "member|authority|witness|recovery|log",
                          NULL);
    else if (err == SB_OK)
        *out = sb_secret_from_seed(seed);
    sodium_memzero(seed, sizeof seed);
    return err;
}
