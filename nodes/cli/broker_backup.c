/* samband broker backup, restore: a verified copy of a broker's store, and back. What was restored
 * is marked: it signs nothing by itself, for heads were signed after the copy was made. */
#include <stdlib.h>

#include "nodes/cli/daemon.h"
#include "nodes/cli/inside.h"
#include "nodes/host/config.h"
#include "nodes/host/file.h"
#include "nodes/store/history.h"
#include "proto/base/cursor.h"
#include "proto/base/hash.h"

/* ---- verifying ---- */

/* Every leaf, hashed anew, makes the root that the store states. */
static sb_err check_leaves(sb_cli *cli, sb_history *h)
{
    sb_ledger_position position;
    uint8_t root[32], hash[32];
    sb_tree *tree = sb_xmalloc(sizeof *tree);
    sb_err err = SB_OK;
    sb_tree_init(tree);
    sb_ledger_position_get(h->ledger, &position);
    for (uint64_t i = 0; i < position.size && err == SB_OK; i++) {
        sb_slice leaf;
        if (!h->reader.leaf(h->reader.arg, i, &leaf)) {
            err = sb_fail_num(&cli->fail, SB_E_CLI_BACKUP_LEAF, 1, i, 0);
            break;
        }
        sb_leaf_hash(leaf, hash);
        sb_tree_append(tree, hash, NULL, NULL);
    }
    sb_tree_root(tree, root);
    if (err == SB_OK && memcmp(root, position.root, 32) != 0)
        err = sb_fail_num(&cli->fail, SB_E_CLI_BACKUP_LEAF, 1, position.size, 0);
    free(tree);
    return err;
}

static sb_err check_blobs(sb_cli *cli, sb_history *h)
{
    uint8_t hash[32], made[32];
    const uint8_t *after = NULL;
    sb_buf blob;
    sb_buf_init(&blob);
    sb_err err = SB_OK;
    while (err == SB_OK && sb_store_blob_next(h->store, after, hash)) {
        sb_buf_clear(&blob);
        after = hash;
        err = sb_store_blob_read(h->store, hash, 0, SB_BLOB_BYTES_MAX, &blob, &cli->fail);
        sb_hash(sb_buf_slice(&blob), made);
        if (err == SB_OK && memcmp(hash, made, 32) != 0) {
            char hex[65];
            sb_hex(sb_slice_of(hash, 32), hex);
            err = sb_fail_set(&cli->fail, SB_E_CLI_BACKUP_BLOB, hex, NULL);
        }
    }
    sb_buf_deinit(&blob);
    return err;
}

static sb_err open_whole(sb_cli *cli, sb_history *h, const char *dir, bool readonly)
{
    const sb_store_opts opts = {.kind = "broker", .readonly = readonly};
    sb_err err = sb_history_open(h, dir, &opts, &cli->fail);
    if (err == SB_OK)
        err = check_leaves(cli, h);
    if (err == SB_OK)
        err = check_blobs(cli, h);
    return err;
}

/* ---- copying ---- */

/* The store in `from` to the new or empty directory `to`; the copy is read again as a whole. */
static sb_err copy_store(sb_cli *cli, const char *from, const char *to)
{
    const sb_store_opts opts = {.kind = "broker", .readonly = true};
    sb_history h;
    sb_err err = sb_history_open(&h, from, &opts, &cli->fail);
    if (err == SB_OK)
        err = sb_store_backup(h.store, to, &cli->fail);
    sb_history_close(&h);
    if (err == SB_OK)
        err = open_whole(cli, &h, to, true);
    sb_history_close(&h);
    return err;
}

static sb_err copy_file(sb_cli *cli, const char *from, const char *to)
{
    sb_buf bytes;
    sb_buf_init(&bytes);
    sb_err err = sb_file_read(from, SB_FEDERATION_BYTES_MAX, &bytes, &cli->fail);
    if (err == SB_OK)
        err = sb_file_write(to, sb_buf_slice(&bytes), SB_FILE_MODE, &cli->fail);
    sb_buf_deinit(&bytes);
    return err;
}

static void say_size(sb_cli *cli, const char *dir)
{
    const sb_store_opts opts = {.kind = "broker", .readonly = true};
    sb_history h;
    if (sb_history_open(&h, dir, &opts, NULL) == SB_OK)
        sb_cli_say(cli, sb_cli_either(cli, "%llu oppføringer", "%llu entries"),
                   (unsigned long long)sb_store_count(h.store));
    sb_history_close(&h);
}

/* ---- backup ---- */

static const sb_arg_position BACKUP_POSITIONS[] = {
    {.name = "KATALOG"}, {.name = "TIL"}, {.name = NULL}};

static sb_err broker_backup(sb_cli *cli)
{
    const char *dir = sb_args_position(cli->args, 0), *to = sb_args_position(cli->args, 1);
    const char *store = sb_path_join(&cli->arena, to, "store");
    sb_broker_config config;
    sb_err err = sb_broker_config_read(dir, &cli->arena, &config, &cli->fail);
    if (err == SB_OK && !sb_dir_is_empty(to))
        err = sb_fail_set(&cli->fail, SB_E_CLI_DIR_NOT_EMPTY, to, NULL);
    if (err == SB_OK)
        err = sb_dir_make(to, 0700, &cli->fail);
    if (err == SB_OK)
        err = copy_store(cli, config.store, store);
    if (err == SB_OK)
        err = copy_file(cli, config.federation, sb_path_join(&cli->arena, to, SB_FEDERATION_FILE));
    if (err != SB_OK)
        return err;
    sb_daemon_done(cli, to);
    say_size(cli, store);
    return SB_OK;
}

const sb_verb_spec sb_spec_broker_backup = {BACKUP_POSITIONS, NULL, broker_backup};

/* ---- restore ---- */

static const sb_arg_position RESTORE_POSITIONS[] = {
    {.name = "FRA"}, {.name = "KATALOG"}, {.name = NULL}};

/* From now on it follows the nodes first (brokerd/main.c). */
static sb_err mark_restored(sb_cli *cli, const char *dir)
{
    const sb_store_opts opts = {.kind = "broker"};
    const uint8_t key = SB_BROKER_ROW_RESTORED;
    uint8_t term[4];
    sb_history h;
    sb_err err = sb_history_open(&h, dir, &opts, &cli->fail);
    if (err == SB_OK) {
        sb_writer w = sb_writer_over(term, sizeof term);
        sb_write_u32(&w, sb_ledger_term(h.ledger));
        err = sb_store_begin(h.store, 0, &cli->fail);
    }
    if (err == SB_OK) {
        sb_kv_put(sb_store_own(h.store), sb_slice_of(&key, 1), sb_slice_of(term, sizeof term));
        err = sb_store_commit(h.store, &cli->fail);
    }
    sb_history_close(&h);
    return err;
}

static sb_err broker_restore(sb_cli *cli)
{
    const char *from = sb_args_position(cli->args, 0), *dir = sb_args_position(cli->args, 1);
    sb_broker_config config;
    sb_err err = sb_broker_config_read(dir, &cli->arena, &config, &cli->fail);
    if (err == SB_OK && !sb_dir_is_empty(config.store))
        err = sb_fail_set(&cli->fail, SB_E_CLI_DIR_NOT_EMPTY, config.store, NULL);
    if (err == SB_OK)
        err = copy_store(cli, sb_path_join(&cli->arena, from, "store"), config.store);
    if (err == SB_OK)
        err = mark_restored(cli, config.store);
    if (err == SB_OK)
        err =
            copy_file(cli, sb_path_join(&cli->arena, from, SB_FEDERATION_FILE), config.federation);
    if (err != SB_OK)
        return err;
    sb_daemon_done(cli, dir);
    say_size(cli, config.store);
    sb_cli_say(cli,
               sb_cli_either(cli, "start den som reserve: samband broker run %s --standby",
                             "start it as a standby: samband broker run %s --standby"),
               dir);
    return SB_OK;
}

const sb_verb_spec sb_spec_broker_restore = {RESTORE_POSITIONS, NULL, broker_restore};
