/* Bits flipped and ends cut off, everywhere in a store: what is damaged is named, nothing is called
 * whole that isn't, no process ends by a signal; and repair gives a store that is whole, with every
 * leaf before the first damaged one. FAULTS.md rows 12 and 14. */
#include "tests/lib/cmocka_all.h"
#include "tests/lib/tmpdir.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "nodes/noded/keep.h"
#include "proto/base/hash.h"
#include "tests/fault/store_check.h"
#include "tests/lib/store_sample.h"

enum { LEAVES = 300, FLIPS = 160, CUTS = 24 };

typedef struct world {
    fed *f;
    store_sample sample;
    char root[64], made[96], whole[96], hurt[96];
    sb_buf bytes; /* of whole/data.mdb */
    uint8_t dump[32];
} world;

/* ---- files ---- */

static void read_file(const char *dir, sb_buf *out)
{
    char path[128];
    (void)snprintf(path, sizeof path, "%s/data.mdb", dir);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    uint8_t part[4096];
    for (size_t n; (n = fread(part, 1, sizeof part, f)) > 0;)
        sb_buf_add(out, sb_slice_of(part, n));
    assert_int_equal(fclose(f), 0);
}

/* The damaged store: these bytes, nothing else. */
static void write_file(world *w, const uint8_t *bytes, size_t len)
{
    char path[128];
    sb_tmpdir_drop(w->hurt);
    assert_int_equal(mkdir(w->hurt, 0700), 0);
    (void)snprintf(path, sizeof path, "%s/data.mdb", w->hurt);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, len, f), len);
    assert_int_equal(fclose(f), 0);
}

/* Where these bytes lie in the file, first place. */
static size_t place_of(const world *w, sb_slice bytes)
{
    for (size_t at = 0; at + bytes.len <= w->bytes.len; at++)
        if (memcmp(w->bytes.data + at, bytes.data, bytes.len) == 0)
            return at;
    fail_msg("not in the file");
    return 0;
}

/* ---- what a store holds ---- */

static void dump_kv(sb_kv *kv, sb_sha256 *h)
{
    sb_kv_walk row = {.kv = kv};
    while (sb_kv_walk_next(&row)) {
        sb_sha256_add(h, row.key);
        sb_sha256_add(h, row.value);
    }
}

static void dump_blobs(sb_store *s, sb_sha256 *h)
{
    uint8_t sha256[32];
    sb_buf blob;
    sb_buf_init(&blob);
    for (const uint8_t *after = NULL; sb_store_blob_next(s, after, sha256); after = sha256) {
        sb_buf_clear(&blob);
        (void)sb_store_blob_read(s, sha256, 0, SB_BLOB_BYTES_MAX, &blob, NULL);
        sb_sha256_add(h, sb_slice_of(sha256, 32));
        sb_sha256_add(h, sb_buf_slice(&blob));
    }
    sb_buf_deinit(&blob);
}

/* Everything in it, but for undo rows, which only save work. */
static void dump(const char *dir, uint8_t out[32])
{
    const sb_store_opts opts = {.kind = "node", .readonly = true};
    sb_store *s;
    sb_sha256 h;
    sb_slice bytes;
    assert_int_equal(sb_store_open(&s, dir, &opts, NULL), SB_OK);
    sb_sha256_init(&h);
    for (uint64_t i = 0; i < sb_store_count(s); i++)
        if (sb_store_leaf(s, i, &bytes))
            sb_sha256_add(&h, bytes);
    for (uint64_t i = 0; sb_store_tile(s, 0, i, &bytes); i++)
        sb_sha256_add(&h, bytes);
    for (uint32_t cut = 0; cut < sb_store_cuts(s); cut++)
        for (uint64_t i = 0; sb_store_cut_leaf(s, cut, &i, &bytes); i++)
            sb_sha256_add(&h, bytes);
    dump_kv(sb_store_state(s), &h);
    dump_kv(sb_store_own(s), &h);
    dump_blobs(s, &h);
    sb_sha256_final(&h, out);
    sb_store_close(s);
}

static int setup(void **state)
{
    world *w = calloc(1, sizeof *w);
    strcpy(w->root, "/dev/shm/sb-damage-XXXXXX"); /* nothing here is about syncs, which cost most */
    if (mkdtemp(w->root) == NULL)
        sb_tmpdir_make(w->root);
    (void)snprintf(w->made, sizeof w->made, "%s/made", w->root);
    (void)snprintf(w->whole, sizeof w->whole, "%s/whole", w->root);
    (void)snprintf(w->hurt, sizeof w->hurt, "%s/hurt", w->root);
    w->f = store_sample_fed(LEAVES);
    store_sample_make(&w->sample, w->f, w->made, "node", true);
    const sb_store_opts look = {.kind = "node", .readonly = true};
    sb_store *s; /* a compact copy: older versions of pages don't lie about in it */
    assert_int_equal(sb_store_open(&s, w->made, &look, NULL), SB_OK);
    assert_int_equal(sb_store_backup(s, w->whole, NULL), SB_OK);
    sb_store_close(s);
    sb_buf_init(&w->bytes);
    read_file(w->whole, &w->bytes);
    dump(w->whole, w->dump);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    world *w = *state;
    sb_tmpdir_drop(w->root);
    sb_buf_deinit(&w->bytes);
    fed_free(w->f);
    free(w);
    return 0;
}

/* ---- checking ---- */

static int check(const char *dir, sb_check_report *r)
{
    sb_check_opts opts = store_check_opts(dir);
    sb_check_run(&opts, r);
    return sb_check_exit(r);
}

static void print_report(const sb_check_report *r, const char *dir)
{
    sb_buf words;
    sb_buf_init(&words);
    if (r->finished)
        sb_check_tell(r, dir, SB_LANG_NB, false, &words);
    else
        sb_text_fail(&r->broke, SB_LANG_NB, &words);
    print_error("%s\n", sb_buf_cstr(&words));
    sb_buf_deinit(&words);
}

static bool names(const sb_check_report *r, sb_err code, const char *arg)
{
    for (uint32_t i = 0; i < r->count; i++)
        if (r->findings[i].what.code == code &&
            (arg == NULL || strcmp(r->findings[i].what.arg[0], arg) == 0))
            return true;
    return false;
}

/* A daemon that is started on it: in a child, which may refuse but not die of it. */
static int open_as_daemon(const char *dir)
{
    int status = 0;
    (void)fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        const sb_store_opts opts = {.kind = "node", .create = true};
        sb_history h;
        sb_fail why = {0};
        (void)freopen("/dev/null", "w", stderr);
        sb_err err = sb_history_open(&h, dir, &opts, &why);
        if (err == SB_OK) {
            sb_slice leaf;
            for (uint64_t i = 0; i < sb_store_count(h.store); i++)
                (void)h.reader.leaf(h.reader.arg, i, &leaf);
            sb_history_close(&h);
        }
        _exit(err == SB_OK ? 0 : sb_err_exit(err));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFSIGNALED(status))
        print_error("ended by signal %d\n", WTERMSIG(status));
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static sb_err repair(const char *dir, sb_repair_result *r, sb_fail *why)
{
    const sb_repair_opts opts = {
        .check = store_check_opts(dir), .own = sb_node_keep_repair, .may_refetch = true};
    return sb_repair_run(&opts, r, why);
}

/* Repaired, it is whole, and its leaves are the first ones of the federation's. */
static void expect_repaired(world *w, uint64_t good)
{
    sb_repair_result r;
    sb_fail why = {0};
    sb_check_report again;
    sb_err err = repair(w->hurt, &r, &why);
    if (err != SB_OK) {
        print_error("repair: %s %s\n", sb_err_name(err), why.arg[0]);
        print_report(&r.before, w->hurt);
        print_report(&r.after, w->hurt);
    }
    assert_int_equal(err, SB_OK);
    assert_int_equal(r.after.leaves, good);
    sb_repair_result_deinit(&r);
    int code = check(w->hurt, &again);
    if (code != 0)
        print_report(&again, w->hurt);
    assert_int_equal(code, 0);
    sb_check_report_deinit(&again);
    const sb_store_opts opts = {.kind = "node"};
    sb_history h;
    assert_int_equal(sb_history_open(&h, w->hurt, &opts, &why), SB_OK);
    sb_slice leaf;
    for (uint64_t i = 0; i < good; i++) {
        assert_true(sb_store_leaf(h.store, i, &leaf));
        assert_true(sb_slice_eq(leaf, fed_leaf(w->f, i)));
    }
    store_sample_append(&h, w->f, good, w->sample.size,
                        NULL); /* what it fetches goes on from there */
    sb_history_close(&h);
    assert_int_equal(check(w->hurt, &again), 0);
    sb_check_report_deinit(&again);
}

/* ---- tests ---- */

static void test_a_whole_store_is_whole(void **state)
{
    world *w = *state;
    sb_check_report r;
    int code = check(w->whole, &r);
    if (code != 0)
        print_report(&r, w->whole);
    assert_int_equal(code, 0);
    assert_int_equal(r.leaves, w->sample.size);
    assert_int_equal(r.tiles, 1);
    assert_int_equal(r.awaited, 1);
    assert_int_equal(r.archived, 3);
    assert_true(r.blobs > 2 && r.rows > 50 && r.own_rows >= 6);
    sb_check_report_deinit(&r);
}

/* Flip a bit in the first place of these bytes, at `skip` within them. */
static int check_flipped(world *w, sb_slice bytes, size_t skip, sb_check_report *r)
{
    size_t at = place_of(w, bytes) + skip;
    w->bytes.data[at] ^= 1;
    write_file(w, w->bytes.data, w->bytes.len);
    w->bytes.data[at] ^= 1;
    return check(w->hurt, r);
}

static void test_a_leaf_under_a_tile_is_named(void **state)
{
    world *w = *state;
    sb_check_report r;
    for (uint64_t i = 0; i < 256; i += 85) {
        char number[24];
        (void)snprintf(number, sizeof number, "%llu", (unsigned long long)i);
        sb_slice leaf = fed_leaf(w->f, i);
        assert_int_equal(check_flipped(w, leaf, i % 2 == 0 ? 3 : leaf.len - 5, &r), 3);
        assert_true(names(&r, SB_E_CHECK_LEAF, number));
        assert_int_equal(r.good, i);
        sb_check_report_deinit(&r);
        expect_repaired(w, i);
    }
}

/* A daemon that starts on it doesn't see it: the tile stands for the leaves under it. When somebody
 * asks for the leaf it is not given out, and nothing more is committed, so nothing more is signed. */
static void test_a_damaged_leaf_ends_who_meets_it(void **state)
{
    world *w = *state;
    const sb_store_opts opts = {.kind = "node"};
    sb_check_report r;
    sb_history h;
    sb_slice leaf;
    sb_fail why = {0};
    sb_log_commit nothing = {.first = w->sample.size};
    assert_int_equal(check_flipped(w, fed_leaf(w->f, 77), 40, &r), 3);
    sb_check_report_deinit(&r);
    assert_int_equal(sb_history_open(&h, w->hurt, &opts, &why), SB_OK);
    assert_true(h.reader.leaf(h.reader.arg, 76, &leaf));
    assert_int_equal(sb_history_damage(&h, &why), SB_OK);
    assert_int_equal(sb_history_commit(&h, &nothing, &why), SB_OK);
    assert_false(h.reader.leaf(h.reader.arg, 77, &leaf));
    assert_int_equal(sb_history_damage(&h, &why), SB_E_HISTORY_DAMAGED);
    assert_string_equal(why.arg[0], "77");
    assert_int_equal(sb_history_commit(&h, &nothing, &why), SB_E_HISTORY_DAMAGED);
    sb_history_close(&h);
}

static void test_a_leaf_of_the_edge_is_named(void **state)
{
    world *w = *state;
    sb_check_report r;
    uint64_t last = w->sample.size - 1;
    for (uint64_t i = 256; i <= last; i += 21) {
        sb_slice leaf = fed_leaf(w->f, i);
        assert_int_equal(check_flipped(w, leaf, i % 2 == 0 ? 7 : leaf.len - 5, &r), 3);
        assert_true(r.good <= i);
        assert_true(names(&r, SB_E_CHECK_LEAF, NULL) || names(&r, SB_E_CHECK_LEAF_RANGE, NULL));
        uint64_t good = r.good;
        sb_check_report_deinit(&r);
        assert_int_equal(open_as_daemon(w->hurt), 3);
        expect_repaired(w, good);
    }
}

static void test_checksums_are_not_taken_for_leaves(void **state)
{
    world *w = *state;
    sb_check_report r;
    uint8_t hash[32];
    sb_leaf_hash(fed_leaf(w->f, 100), hash);
    assert_int_equal(check_flipped(w, sb_slice_of(hash, sizeof hash), 9, &r), 3);
    assert_true(names(&r, SB_E_CHECK_TILE, "0"));
    assert_int_equal(r.good, w->sample.size);
    assert_int_equal(r.damages, 1);
    sb_check_report_deinit(&r);
    expect_repaired(w, w->sample.size);
}

static void test_state_blob_and_record_are_told_apart(void **state)
{
    world *w = *state;
    sb_check_report r;
    uint8_t salt[33] = {0};
    salt[32] = 'E';
    assert_int_equal(check_flipped(w, sb_slice_of(salt, sizeof salt), 32, &r), 3);
    if (!names(&r, SB_E_CHECK_BLOB, NULL))
        print_report(&r, w->hurt);
    assert_true(names(&r, SB_E_CHECK_BLOB, NULL));
    sb_check_report_deinit(&r);
    expect_repaired(w, w->sample.size);
    const fed_key *key = fed_witness(w->f, 0);
    /* COSIGNED ends with the witness key, after the signature */
    for (size_t at = 0; at + 32 < w->bytes.len; at++) {
        if (memcmp(w->bytes.data + at, key->pk, 32) != 0 || at < 64)
            continue;
        w->bytes.data[at - 20] ^= 4;
        write_file(w, w->bytes.data, w->bytes.len);
        w->bytes.data[at - 20] ^= 4;
        (void)check(w->hurt, &r);
        bool found = names(&r, SB_E_CHECK_RECORD, "COSIGNED");
        sb_check_report_deinit(&r);
        if (!found)
            continue;
        expect_repaired(w, w->sample.size);
        uint8_t restored = 12;
        const sb_store_opts opts = {.kind = "node", .readonly = true};
        sb_store *s;
        assert_int_equal(sb_store_open(&s, w->hurt, &opts, NULL), SB_OK);
        assert_true(sb_kv_get(sb_store_own(s), sb_slice_of(&restored, 1), NULL));
        sb_store_close(s);
        return;
    }
    fail_msg("the record was not found in the file");
}

/* Any bit: it is found, or nothing that the store holds has changed. */
static void test_flips_everywhere(void **state)
{
    world *w = *state;
    uint32_t draw = 12345;
    int found = 0, harmless = 0, refused = 0;
    for (int i = 0; i < FLIPS; i++) {
        sb_check_report r;
        draw = draw * 1664525 + 1013904223;
        size_t at = (size_t)i * w->bytes.len / FLIPS + (draw >> 8) % (w->bytes.len / FLIPS);
        uint8_t bit = (uint8_t)(1 << (draw >> 5 & 7));
        w->bytes.data[at] ^= bit;
        write_file(w, w->bytes.data, w->bytes.len);
        w->bytes.data[at] ^= bit;
        int code = check(w->hurt, &r);
        if (code == 3) {
            found++;
        } else {
            uint8_t now[32];
            if (code != 0)
                print_report(&r, w->hurt);
            assert_int_equal(code, 0);
            dump(w->hurt, now);
            if (memcmp(now, w->dump, 32) != 0)
                print_error("byte %zu bit %u: called whole, and isn't\n", at, bit);
            assert_memory_equal(now, w->dump, 32);
            harmless++;
        }
        sb_check_report_deinit(&r);
        if (i % 4 == 0)
            refused += open_as_daemon(w->hurt) != 0;
    }
    print_message("%d flips: %d found, %d in space that nothing uses; %d of %d stopped a daemon at "
                  "its start\n",
                  FLIPS, found, harmless, refused, (FLIPS + 3) / 4);
    assert_true(found > FLIPS / 2);
}

/* A row's key that swallowed some of its value, or is nothing: no row of ours has such a one. */
static void test_a_key_of_another_length_is_found(void **state)
{
    world *w = *state;
    static const uint8_t LENGTHS[] = {0, 200};
    sb_tree *tree = sb_xmalloc(sizeof *tree);
    sb_buf note;
    sb_tree_init(tree);
    for (uint64_t i = 0; i < w->sample.size; i++) {
        uint8_t hash[32];
        sb_leaf_hash(fed_leaf(w->f, i), hash);
        sb_tree_append(tree, hash, NULL, NULL);
    }
    sb_buf_init(&note);
    store_sample_note(w->f, tree, &note);
    /* before it in the page: u16 bytes of the value, …, u16 bytes of the key, the key: u8 table */
    uint8_t *value = w->bytes.data + place_of(w, sb_buf_slice(&note)) - 9, *key = value + 6;
    assert_int_equal(*key, 1);
    for (size_t i = 0; i < sizeof LENGTHS; i++) {
        uint8_t now[32], was[2] = {value[0], value[1]};
        uint16_t left = (uint16_t)(note.len + 1 - LENGTHS[i]);
        sb_check_report r;
        *key = LENGTHS[i];
        value[0] = (uint8_t)left;
        value[1] = (uint8_t)(left >> 8);
        write_file(w, w->bytes.data, w->bytes.len);
        *key = 1;
        memcpy(value, was, 2);
        assert_int_equal(check(w->hurt, &r), 3);
        assert_true(names(&r, SB_E_CHECK_READ, NULL));
        assert_false(names(&r, SB_E_CHECK_CRASHED, NULL));
        sb_check_report_deinit(&r);
        (void)open_as_daemon(w->hurt);
        dump(w->hurt, now); /* it ends */
        expect_repaired(w, 0);
    }
    sb_buf_deinit(&note);
    free(tree);
}

/* Four rows, and one bit of the third's key is another: a search from it finds the first. */
static void test_a_walk_over_keys_that_fall_ends(void **state)
{
    world *w = *state;
    static const char *const KEYS[] = {"row-1", "row-2", "row-3", "row-4"};
    const sb_store_opts opts = {.kind = "node", .create = true};
    const sb_store_opts look = {.kind = "node", .readonly = true};
    sb_store *s;
    sb_buf bytes;
    sb_buf_init(&bytes);
    sb_tmpdir_drop(w->hurt);
    assert_int_equal(sb_store_open(&s, w->hurt, &opts, NULL), SB_OK);
    assert_int_equal(sb_store_begin(s, 0, NULL), SB_OK);
    for (size_t i = 0; i < 4; i++)
        sb_kv_put(sb_store_own(s), sb_slice_str(KEYS[i]), sb_slice_str("value"));
    assert_int_equal(sb_store_commit(s, NULL), SB_OK);
    sb_store_close(s);
    read_file(w->hurt, &bytes);
    for (size_t at = 0; at + 5 <= bytes.len; at++)
        if (memcmp(bytes.data + at, "row-3", 5) == 0)
            bytes.data[at + 4] = '1';
    write_file(w, bytes.data, bytes.len);
    sb_buf_deinit(&bytes);
    assert_int_equal(sb_store_open(&s, w->hurt, &opts, NULL), SB_E_STORE_PAGE);
    assert_int_equal(sb_store_open(&s, w->hurt, &look, NULL), SB_OK); /* it may also rot later */
    sb_kv_walk row = {.kv = sb_store_own(s)};
    size_t steps = 0;
    while (steps < 100 && sb_kv_walk_next(&row))
        steps++;
    assert_in_range(steps, 2, 4);
    assert_int_equal(sb_store_error(s), SB_E_STORE_IO);
    sb_store_close(s);
}

static void test_truncated_at_many_lengths(void **state)
{
    world *w = *state;
    size_t full = w->bytes.len;
    int refused = 0;
    for (int i = 0; i <= CUTS; i++) {
        sb_check_report r;
        size_t len = i == CUTS ? full - 1 : full * (size_t)i / CUTS + (i % 3 == 1 ? 137 : 0);
        len = len >= full ? full - 1 : len;
        write_file(w, w->bytes.data, len);
        int code = open_as_daemon(w->hurt), checked = check(w->hurt, &r);
        if (code == 0 || checked == 0) { /* only pages that nothing uses were cut off */
            uint8_t now[32];
            dump(w->hurt, now);
            assert_memory_equal(now, w->dump, 32);
        } else {
            assert_int_equal(code, 3);
            assert_int_equal(checked, 3);
            refused++;
        }
        sb_check_report_deinit(&r);
    }
    print_message("%d lengths: %d refused\n", CUTS + 1, refused);
    assert_true(refused >= CUTS - 2);
}

static void test_a_truncated_store_begins_anew(void **state)
{
    world *w = *state;
    write_file(w, w->bytes.data, w->bytes.len / 2 + 99);
    expect_repaired(w, 0);
}

static void test_nothing_to_repair(void **state)
{
    world *w = *state;
    sb_repair_result r;
    sb_fail why = {0};
    write_file(w, w->bytes.data, w->bytes.len);
    assert_int_equal(repair(w->hurt, &r, &why), SB_OK);
    assert_true(r.was_sound);
    sb_repair_result_deinit(&r);
}

static void test_foreign_and_misplaced_files(void **state)
{
    world *w = *state;
    sb_check_report r;
    uint8_t noise[8192];
    for (size_t i = 0; i < sizeof noise; i++)
        noise[i] = (uint8_t)(i * 131 + 7);
    write_file(w, noise, sizeof noise);
    assert_int_equal(check(w->hurt, &r), 3);
    assert_true(names(&r, SB_E_STORE_FOREIGN, NULL));
    sb_check_report_deinit(&r);
    assert_int_equal(open_as_daemon(w->hurt), 3);

    write_file(w, w->bytes.data, w->bytes.len); /* a node's in a broker's place */
    sb_check_opts opts = store_check_opts(w->hurt);
    opts.kind = "broker";
    sb_check_run(&opts, &r);
    assert_false(r.finished);
    assert_int_equal(r.broke.code, SB_E_STORE_KIND);
    sb_check_report_deinit(&r);

    uint8_t other[32] = {1}; /* of another federation */
    opts = store_check_opts(w->hurt);
    opts.federation_id = other;
    sb_check_run(&opts, &r);
    assert_true(names(&r, SB_E_CHECK_FEDERATION, NULL));
    sb_check_report_deinit(&r);

    char path[128]; /* the lock file is made anew */
    (void)snprintf(path, sizeof path, "%s/lock.mdb", w->hurt);
    (void)unlink(path);
    assert_int_equal(open_as_daemon(w->hurt), 0);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, NULL, NULL)
    const struct CMUnitTest tests[] = {
        T(test_a_whole_store_is_whole),
        T(test_a_leaf_under_a_tile_is_named),
        T(test_a_damaged_leaf_ends_who_meets_it),
        T(test_a_leaf_of_the_edge_is_named),
        T(test_checksums_are_not_taken_for_leaves),
        T(test_state_blob_and_record_are_told_apart),
        T(test_flips_everywhere),
        T(test_a_key_of_another_length_is_found),
        T(test_a_walk_over_keys_that_fall_ends),
        T(test_truncated_at_many_lengths),
        T(test_a_truncated_store_begins_anew),
        T(test_nothing_to_repair),
        T(test_foreign_and_misplaced_files),
    };
    return cmocka_run_group_tests_name("damaged stores", tests, setup, teardown);
}
