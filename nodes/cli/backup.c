#include "nodes/cli/backup.h"

#include <stdlib.h>
#include <unistd.h>

#include "nodes/cli/daemon.h"
#include "nodes/host/config.h"
#include "nodes/host/file.h"
#include "nodes/store/history.h"
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

static sb_err open_whole(sb_cli *cli, sb_history *h, const char *kind, const char *dir)
{
    const sb_store_opts opts = {.kind = kind, .readonly = true, .walk = true};
    sb_err err = sb_history_open(h, dir, &opts, &cli->fail);
    if (err == SB_OK)
        err = check_leaves(cli, h);
    if (err == SB_OK)
        err = check_blobs(cli, h);
    return err;
}

/* ---- copying ---- */

/* A store is copied beside its place and moved there when it has been read again as a whole, and
 * marked: whoever is killed before leaves nothing that could be taken for a copy. */
static const char UNFINISHED[] = "unfinished";

static const char *unfinished(sb_cli *cli, const char *store)
{
    return sb_path_join(&cli->arena, sb_path_dir(&cli->arena, store), UNFINISHED);
}

/* What a killed run left. */
static void drop_unfinished(const char *at)
{
    static const char *const names[] = {"data.mdb", "lock.mdb", "writer.lock"};
    sb_arena arena;
    sb_arena_init(&arena);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        (void)unlink(sb_path_join(&arena, at, names[i]));
    (void)rmdir(at);
    sb_arena_deinit(&arena);
}

/* The store in `from` to the new directory `to`; the copy is read again as a whole. */
static sb_err copy_store(sb_cli *cli, const char *kind, const char *from, const char *to)
{
    const sb_store_opts opts = {.kind = kind, .readonly = true};
    sb_history h;
    drop_unfinished(to);
    sb_err err = sb_history_open(&h, from, &opts, &cli->fail);
    if (err == SB_OK)
        err = sb_store_backup(h.store, to, &cli->fail);
    sb_history_close(&h);
    if (err == SB_OK)
        err = open_whole(cli, &h, kind, to);
    sb_history_close(&h);
    return err;
}

/* The same of a backup that may be older than this program: the copy is brought up, the backup stays. */
static sb_err copy_backup(sb_cli *cli, const char *kind, const char *from, const char *to)
{
    const sb_store_opts look = {.kind = kind, .readonly = true}, write = {.kind = kind};
    sb_store *backup;
    sb_history h;
    drop_unfinished(to);
    sb_err err = sb_store_open(&backup, from, &look, &cli->fail);
    if (err != SB_OK)
        return err;
    err = sb_store_backup(backup, to, &cli->fail);
    sb_store_close(backup);
    if (err != SB_OK)
        return err;
    err = sb_history_open(&h, to, &write, &cli->fail);
    sb_history_close(&h);
    if (err == SB_OK)
        err = open_whole(cli, &h, kind, to);
    sb_history_close(&h);
    return err;
}

/* Into its place, where nothing lies or an empty directory. */
static sb_err move_store(sb_cli *cli, const char *from, const char *to)
{
    (void)unlink(sb_path_join(&cli->arena, from, "lock.mdb"));
    (void)unlink(sb_path_join(&cli->arena, from, "writer.lock"));
    return sb_dir_move(from, to, &cli->fail);
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

static void say_size(sb_cli *cli, const char *kind, const char *dir)
{
    const sb_store_opts opts = {.kind = kind, .readonly = true};
    sb_history h;
    if (sb_history_open(&h, dir, &opts, NULL) == SB_OK)
        sb_cli_say(cli, sb_cli_either(cli, "%llu oppføringer", "%llu entries"),
                   (unsigned long long)sb_store_count(h.store));
    sb_history_close(&h);
}

static sb_err mark_restored(sb_cli *cli, const char *kind, const char *store, sb_backup_mark *mark)
{
    const sb_store_opts opts = {.kind = kind};
    sb_history h;
    sb_err err = sb_history_open(&h, store, &opts, &cli->fail);
    if (err == SB_OK)
        err = sb_store_begin(h.store, 0, &cli->fail);
    if (err == SB_OK) {
        mark(sb_store_own(h.store), h.ledger);
        err = sb_store_commit(h.store, &cli->fail);
    }
    sb_history_close(&h);
    return err;
}

/* ---- the verbs' common part ---- */

const sb_arg_position SB_BACKUP_POSITIONS[] = {
    {.name = "KATALOG"}, {.name = "TIL"}, {.name = NULL}};
const sb_arg_position SB_RESTORE_POSITIONS[] = {
    {.name = "FRA"}, {.name = "KATALOG"}, {.name = NULL}};

/* Only what a killed backup left lies there: it is made anew. */
static bool may_fill(sb_cli *cli, const char *to, const char *store)
{
    return sb_dir_is_empty(to) ||
           (!sb_file_exists(store) && sb_file_exists(unfinished(cli, store)));
}

sb_err sb_backup_make(sb_cli *cli, const sb_backup *b, const char *to)
{
    const char *store = sb_path_join(&cli->arena, to, "store");
    const char *beside = unfinished(cli, store);
    if (!may_fill(cli, to, store))
        return sb_fail_set(&cli->fail, SB_E_CLI_DIR_NOT_EMPTY, to, NULL);
    sb_err err = sb_dir_make(to, 0700, &cli->fail);
    if (err == SB_OK)
        err = copy_store(cli, b->kind, b->store, beside);
    if (err == SB_OK)
        err = copy_file(cli, b->federation, sb_path_join(&cli->arena, to, SB_FEDERATION_FILE));
    if (err == SB_OK)
        err = move_store(cli, beside, store);
    if (err != SB_OK)
        return err;
    sb_daemon_done(cli, to);
    say_size(cli, b->kind, store);
    sb_cli_say(cli, "%s",
               sb_cli_either(cli, "nøklene er ikke med; ta vare på dem for seg",
                             "the keys are not in it; keep them apart"));
    return SB_OK;
}

static sb_err check_finished(sb_cli *cli, const char *from, const char *store)
{
    if (!sb_file_exists(store) && sb_file_exists(unfinished(cli, store)))
        return sb_fail_set(&cli->fail, SB_E_CLI_BACKUP_UNFINISHED, from, NULL);
    return SB_OK;
}

/* What was committed last is the same in both. */
static bool has_tip_of(sb_store *a, sb_store *b)
{
    const uint8_t row = SB_HISTORY_ROW_TIP;
    sb_slice x = {0}, y = {0};
    (void)sb_kv_get(sb_store_own(a), sb_slice_of(&row, 1), &x);
    (void)sb_kv_get(sb_store_own(b), sb_slice_of(&row, 1), &y);
    return sb_slice_eq(x, y);
}

/* The store that lies in `store` already: whole, marked, and what the backup holds? */
static sb_err check_put_in(sb_cli *cli, const sb_backup *b, const char *source)
{
    const sb_store_opts opts = {.kind = b->kind, .readonly = true};
    sb_store *backup = NULL;
    sb_history h;
    sb_err err = open_whole(cli, &h, b->kind, b->store);
    bool is_ours =
        err == SB_OK && sb_kv_get(sb_store_own(h.store), sb_slice_of(&b->mark_row, 1), NULL);
    if (is_ours)
        err = sb_store_open(&backup, source, &opts, &cli->fail); /* of an older format too */
    if (is_ours && err == SB_OK)
        is_ours = has_tip_of(h.store, backup);
    sb_store_close(backup);
    sb_history_close(&h);
    if (err == SB_E_STORE_MISSING || (err == SB_OK && !is_ours))
        err = sb_fail_set(&cli->fail, SB_E_CLI_DIR_NOT_EMPTY, b->store, NULL);
    return err;
}

sb_err sb_backup_restore(sb_cli *cli, const sb_backup *b, const char *from, const char *dir,
                         sb_backup_mark *mark)
{
    const char *source = sb_path_join(&cli->arena, from, "store");
    const char *beside = unfinished(cli, b->store);
    /* killed with only the federation's file to go: the store is there, and marked */
    bool is_last = !sb_dir_is_empty(b->store) && !sb_file_exists(b->federation);
    if (!is_last && !sb_dir_is_empty(b->store))
        return sb_fail_set(&cli->fail, SB_E_CLI_DIR_NOT_EMPTY, b->store, NULL);
    sb_err err = check_finished(cli, from, source);
    if (err == SB_OK && is_last)
        err = check_put_in(cli, b, source);
    if (err == SB_OK && !is_last)
        err = copy_backup(cli, b->kind, source, beside);
    if (err == SB_OK && !is_last)
        err = mark_restored(cli, b->kind, beside, mark);
    if (err == SB_OK && !is_last)
        err = move_store(cli, beside, b->store);
    if (err == SB_OK)
        err = copy_file(cli, sb_path_join(&cli->arena, from, SB_FEDERATION_FILE), b->federation);
    if (err != SB_OK)
        return err;
    sb_daemon_done(cli, dir);
    say_size(cli, b->kind, b->store);
    return SB_OK;
}
