/* A store of each format that ever was, opened by today's program: brought up, whole, and going on. */
#include "tests/lib/cmocka_all.h"
#include "tests/lib/tmpdir.h"

#include <sys/stat.h>

#include "tests/fault/store_check.h"
#include "tests/lib/store_sample.h"

#define GOLDEN "tests/fault/golden"

typedef struct world {
    char root[64], dir[96];
    fed *f;
} world;

static void copy_golden(world *w, unsigned format)
{
    char from[128], to[128];
    uint8_t part[4096];
    (void)snprintf(from, sizeof from, GOLDEN "/store-v%u/data.mdb", format);
    (void)snprintf(to, sizeof to, "%s/data.mdb", w->dir);
    assert_int_equal(mkdir(w->dir, 0700), 0);
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    assert_non_null(in);
    assert_non_null(out);
    for (size_t n; (n = fread(part, 1, sizeof part, in)) > 0;)
        assert_int_equal(fwrite(part, 1, n, out), n);
    assert_int_equal(fclose(in), 0);
    assert_int_equal(fclose(out), 0);
}

static int setup(void **state)
{
    world *w = calloc(1, sizeof *w);
    sb_tmpdir_make(w->root);
    (void)snprintf(w->dir, sizeof w->dir, "%s/store", w->root);
    w->f = store_sample_fed(70);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    world *w = *state;
    sb_tmpdir_drop(w->root);
    fed_free(w->f);
    free(w);
    return 0;
}

static uint64_t goes_on(world *w, uint64_t size)
{
    const sb_store_opts opts = {.kind = "node"};
    sb_fail why = {0};
    sb_history h;
    assert_int_equal(sb_history_open(&h, w->dir, &opts, &why), SB_OK);
    assert_int_equal(sb_store_count(h.store), size);
    fed_state(w->f);
    store_sample_append(&h, w->f, size, w->f->leaf_count, NULL);
    sb_history_close(&h);
    return w->f->leaf_count;
}

static void open_golden(world *w, unsigned format)
{
    copy_golden(w, format);
    uint64_t size = w->f->leaf_count;
    store_check_whole(w->f, w->dir, format, size); /* before it is brought up */
    if (format < SB_STORE_FORMAT) {
        const sb_store_opts look = {.kind = "node", .readonly = true};
        sb_history h;
        assert_int_equal(sb_history_open(&h, w->dir, &look, NULL), SB_E_STORE_OLDER);
    }
    size = goes_on(w, size);
    store_check_whole(w->f, w->dir, SB_STORE_FORMAT, size);
}

static void test_format_1(void **state)
{
    open_golden(*state, 1);
}

static void test_format_2(void **state)
{
    open_golden(*state, 2);
}

static void test_format_3(void **state)
{
    open_golden(*state, 3);
}

/* What is in the file of leaf `index` has a bit flipped, `at` bytes into it. */
static void bend_leaf(world *w, uint64_t index, size_t at)
{
    char path[128];
    sb_buf bytes;
    uint8_t part[4096];
    sb_slice leaf = fed_leaf(w->f, index);
    (void)snprintf(path, sizeof path, "%s/data.mdb", w->dir);
    FILE *f = fopen(path, "r+b");
    assert_non_null(f);
    sb_buf_init(&bytes);
    for (size_t n; (n = fread(part, 1, sizeof part, f)) > 0;)
        sb_buf_add(&bytes, sb_slice_of(part, n));
    int bent = 0;
    for (const uint8_t *found = bytes.data, *end = bytes.data + bytes.len;
         (found = memmem(found, (size_t)(end - found), leaf.data, leaf.len)) != NULL;
         found += leaf.len, bent++) { /* pages that aren't in use any more have it too */
        assert_int_equal(fseek(f, found - bytes.data + (long)at, SEEK_SET), 0);
        assert_int_equal(fputc(found[at] ^ 1, f), found[at] ^ 1);
    }
    assert_true(bent > 0);
    assert_int_equal(fclose(f), 0);
    sb_buf_deinit(&bytes);
}

/* An older one that is damaged isn't brought up: it is called damaged, and stays what it is. */
static void expect_damaged(world *w, const char *index)
{
    const sb_store_opts opts = {.kind = "node"}, look = {.kind = "node", .readonly = true};
    sb_fail why = {0};
    sb_history h;
    assert_int_equal(sb_history_open(&h, w->dir, &opts, &why), SB_E_HISTORY_DAMAGED);
    assert_string_equal(why.arg[0], index);
    assert_int_equal(sb_history_open(&h, w->dir, &look, NULL), SB_E_STORE_OLDER);
}

static void test_a_damaged_entry_of_format_1(void **state)
{
    world *w = *state;
    copy_golden(w, 1);
    bend_leaf(w, 30, fed_leaf(w->f, 30).len - 1); /* its signature */
    expect_damaged(w, "30");
}

/* The fold takes it, and only the root tells. */
static void test_a_damaged_time_of_format_1(void **state)
{
    world *w = *state;
    char last[24];
    (void)snprintf(last, sizeof last, "%zu", w->f->leaf_count - 1);
    copy_golden(w, 1);
    bend_leaf(w, w->f->leaf_count - 1, 7);
    expect_damaged(w, last);
}

/* A newer one is refused by name, by daemons and by the check, and nothing is changed. */
static void test_a_newer_format_is_refused(void **state)
{
    world *w = *state;
    copy_golden(w, 2);
    assert_int_equal(store_say_format(w->dir, 2, 9), 1);
    const sb_store_opts opts = {.kind = "node", .create = true};
    sb_fail why = {0};
    sb_store *s;
    assert_int_equal(sb_store_open(&s, w->dir, &opts, &why), SB_E_STORE_NEWER);
    assert_string_equal(why.arg[1], "9");
    assert_string_equal(why.arg[2], SB_VERSION);
    char known[24];
    (void)snprintf(known, sizeof known, "%u", (unsigned)SB_STORE_FORMAT);
    assert_string_equal(why.arg[3], known);
}

int main(void)
{
    const uint16_t one = 1;
    if (sizeof(void *) != 8 || *(const uint8_t *)&one != 1 || sysconf(_SC_PAGESIZE) != 4096) {
        printf(
            "skipped: the golden stores are of 64-bit little-endian machines with pages of 4096\n");
        return 77;
    }
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {T(test_format_1),
                                       T(test_format_2),
                                       T(test_format_3),
                                       T(test_a_damaged_entry_of_format_1),
                                       T(test_a_damaged_time_of_format_1),
                                       T(test_a_newer_format_is_refused)};
    return cmocka_run_group_tests_name("golden stores", tests, NULL, NULL);
}
