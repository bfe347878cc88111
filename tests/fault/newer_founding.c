/* The founding of a federation as a newer version of the program would write it: engine 2, all else as
 * it was, signed anew by the first organisation's authority.
 *
 *   newer_founding FEDERATION_FILE AUTHORITY_KEY PASSPHRASE_FILE > NEW_FILE */
#include <stdio.h>

#include "nodes/host/file.h"
#include "nodes/host/keystore.h"
#include "proto/base/cursor.h"
#include "proto/sign/sign.h"
#include "proto/wire/federation.h"
#include "proto/wire/payload.h"

enum { FILE_MAX = 4 * 1024 * 1024, NEWER_ENGINE = 2 };

static sb_err put(const sb_buf *entry)
{
    uint8_t length[4];
    sb_writer w = sb_writer_over(length, sizeof length);
    sb_write_u32(&w, (uint32_t)entry->len);
    bool is_out = fwrite(length, 1, sizeof length, stdout) == sizeof length &&
                  fwrite(entry->data, 1, entry->len, stdout) == entry->len;
    return is_out ? SB_OK : SB_E_INTERNAL;
}

static sb_err write_newer(const sb_federation *f, const sb_secret *key, sb_arena *arena,
                          sb_buf *out)
{
    uint8_t id[32] = {0};
    sb_err err = SB_OK;
    for (size_t i = 0; err == SB_OK && i < f->entry_count; i++) {
        sb_leaf leaf;
        sb_entry_head head;
        sb_entry made;
        err = sb_entry_open(f->entries[i], arena, &leaf, NULL);
        if (err != SB_OK)
            return err;
        if (leaf.entry.type == SB_ENTRY_GENESIS)
            ((Sb__Genesis *)(uintptr_t)leaf.message)->engine = NEWER_ENGINE;
        sb_entry_head_init(&head, id, 1 + i);
        sb_buf_clear(out);
        err = sb_entry_make(leaf.entry.type, leaf.message, &head, key, out, NULL);
        if (err == SB_OK && i == 0 &&
            (err = sb_entry_parse(sb_buf_slice(out), &made, NULL)) == SB_OK)
            memcpy(id, made.id, sizeof id);
        if (err == SB_OK)
            err = put(out);
    }
    return err;
}

int main(int argc, char **argv)
{
    sb_arena arena;
    sb_buf bytes, out;
    sb_federation federation;
    sb_secret *key = NULL;
    if (argc != 4)
        return 2;
    const sb_passphrase_source source = {.file = argv[3], .never_ask = true};
    sb_arena_init(&arena);
    sb_buf_init(&bytes);
    sb_buf_init(&out);
    sb_err err = sb_sign_init(NULL);
    if (err == SB_OK)
        err = sb_file_read(argv[1], FILE_MAX, &bytes, NULL);
    if (err == SB_OK)
        err = sb_federation_parse(sb_buf_slice(&bytes), &arena, &federation, NULL);
    if (err == SB_OK)
        err = sb_keystore_load(argv[2], SB_KEY_NONE, &source, &key, NULL);
    if (err == SB_OK)
        err = write_newer(&federation, key, &arena, &out);
    if (err != SB_OK)
        fprintf(stderr, "newer_founding: %s\n", sb_err_name(err));
    sb_secret_free(key);
    sb_buf_deinit(&out);
    sb_buf_deinit(&bytes);
    sb_arena_deinit(&arena);
    return err == SB_OK ? 0 : 1;
}
