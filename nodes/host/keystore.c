#include "nodes/host/keystore.h"

#include "nodes/host/file.h"
#include "nodes/host/random.h"

/* The passphrase, from where the source says; `fresh` asks twice. */
static sb_err get_passphrase(const sb_passphrase_source *source, const char *path, bool fresh,
                             sb_passphrase *out, sb_fail *fail)
{
    sb_buf prompt;
    if (source != NULL && source->given != NULL) {
        *out = *source->given;
        return SB_OK;
    }
    if (source != NULL && source->file != NULL)
        return sb_passphrase_file(source->file, out, fail);
    if (source == NULL || source->never_ask)
        return sb_fail_set(fail, SB_E_TERM_NONE, NULL);
    sb_buf_init(&prompt);
    sb_text_format(&prompt, source->lang,
                   fresh ? SB_MSG_HOST_PASSPHRASE_NEW : SB_MSG_HOST_PASSPHRASE, path, NULL);
    sb_err err =
        sb_passphrase_ask(sb_buf_cstr(&prompt), sb_text(SB_MSG_HOST_PASSPHRASE_AGAIN, source->lang),
                          fresh, out, fail);
    sb_buf_deinit(&prompt);
    return err;
}

static void wipe_buf(sb_buf *b)
{
    if (b->data != NULL)
        sb_wipe(b->data, b->cap);
    sb_buf_deinit(b);
}

static sb_err public_of(sb_key_role role, const uint8_t secret[32], uint8_t public_key[32])
{
    if (role == SB_KEY_CURVE) {
        sb_curve_public(secret, public_key);
        return SB_OK;
    }
    sb_secret *key = sb_secret_from_seed(secret);
    memcpy(public_key, sb_secret_pk(key), 32);
    sb_secret_free(key);
    return SB_OK;
}

sb_err sb_keystore_new(const char *path, sb_key_role role, const sb_passphrase_source *source,
                       const sb_kdf_cost *cost, uint8_t public_key[32], sb_fail *fail)
{
    uint8_t secret[32], salt[SB_SALT_BYTES], nonce[SB_NONCE_BYTES];
    sb_passphrase passphrase = {0};
    sb_buf file;
    sb_buf_init(&file);
    sb_err err = sb_sign_init(fail);
    if (err == SB_OK && sb_file_exists(path)) /* before the person thinks of a passphrase */
        err = sb_fail_set(fail, SB_E_FILE_EXISTS, path, NULL);
    if (err == SB_OK && source != NULL)
        err = get_passphrase(source, path, true, &passphrase, fail);
    if (err != SB_OK)
        goto out;
    sb_random_bytes(secret, sizeof secret);
    sb_random_bytes(salt, sizeof salt);
    sb_random_bytes(nonce, sizeof nonce);
    err = public_of(role, secret, public_key);
    if (err == SB_OK && source == NULL)
        err = sb_keyfile_plain(role, public_key, secret, &file, fail);
    else if (err == SB_OK)
        err = sb_keyfile_seal(role, public_key, secret, sb_passphrase_slice(&passphrase),
                              cost != NULL ? *cost : SB_KDF_MODERATE, salt, nonce, &file, fail);
    if (err == SB_OK)
        err = sb_file_write_new(path, sb_buf_slice(&file), SB_FILE_MODE_SECRET, fail);
out:
    sb_wipe(secret, sizeof secret);
    sb_passphrase_wipe(&passphrase);
    wipe_buf(&file);
    return err;
}

/* Read the file and, when it is sealed, get its passphrase. */
static sb_err read_key_file(const char *path, const sb_passphrase_source *source, sb_buf *file,
                            sb_passphrase *passphrase, sb_fail *fail)
{
    sb_keyfile_info info;
    sb_err err = sb_sign_init(fail);
    if (err == SB_OK)
        err = sb_file_read_secret(path, SB_KEYFILE_BYTES_MAX, file, fail);
    if (err == SB_OK)
        err = sb_keyfile_public(sb_buf_slice(file), &info, fail);
    if (err == SB_OK && info.is_sealed)
        err = get_passphrase(source, path, false, passphrase, fail);
    return err;
}

sb_err sb_keystore_load(const char *path, sb_key_role want, const sb_passphrase_source *source,
                        sb_secret **secret, sb_fail *fail)
{
    sb_passphrase passphrase = {0};
    sb_buf file;
    sb_buf_init(&file);
    *secret = NULL;
    sb_err err = read_key_file(path, source, &file, &passphrase, fail);
    if (err == SB_OK)
        err = sb_keyfile_open_secret(sb_buf_slice(&file), want, sb_passphrase_slice(&passphrase),
                                     secret, fail);
    sb_passphrase_wipe(&passphrase);
    wipe_buf(&file);
    return err;
}

sb_err sb_keystore_load_curve(const char *path, uint8_t secret[32], uint8_t public_key[32],
                              sb_fail *fail)
{
    sb_passphrase passphrase = {0};
    sb_keyfile_info info;
    sb_buf file;
    sb_buf_init(&file);
    sb_err err = read_key_file(path, NULL, &file, &passphrase, fail);
    if (err == SB_OK)
        err = sb_keyfile_open(sb_buf_slice(&file), SB_KEY_CURVE, sb_passphrase_slice(&passphrase),
                              secret, &info, fail);
    if (err == SB_OK)
        memcpy(public_key, info.public_key, 32);
    sb_passphrase_wipe(&passphrase);
    wipe_buf(&file);
    return err;
}

sb_err sb_keystore_info(const char *path, sb_keyfile_info *info, sb_fail *fail)
{
    sb_buf file;
    sb_buf_init(&file);
    sb_err err = sb_file_read_secret(path, SB_KEYFILE_BYTES_MAX, &file, fail);
    if (err == SB_OK)
        err = sb_keyfile_public(sb_buf_slice(&file), info, fail);
    wipe_buf(&file);
    return err;
}
