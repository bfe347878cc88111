/* LMDB asks for memory by itself, beside the product's one way to it: where it gets none, the process
 * ends as it does everywhere without memory, and the store is as its last commit left it. FAULTS.md
 * row 6. */
#include "tests/lib/cmocka_all.h"
#include "tests/lib/tmpdir.h"

#include <dlfcn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "nodes/store/store.h"
#include "proto/base/buf.h"

enum {
    ENDED_WITHOUT_MEMORY = 17,
    NEVER_ASKED = 18,
    FAILED = 19,
    FEW = 20,
    ROWS = 3000,
    ROUNDS = 40
};

static bool refuses; /* from now on LMDB gets no more memory by realloc */

void *realloc(void *old, size_t bytes)
{
    static void *(*next)(void *, size_t);
    Dl_info caller;
    if (next == NULL)
        *(void **)&next = dlsym(RTLD_NEXT, "realloc");
    if (refuses && dladdr(__builtin_return_address(0), &caller) != 0 && caller.dli_fname != NULL &&
        strstr(caller.dli_fname, "liblmdb") != NULL)
        return NULL;
    return next(old, bytes);
}

static void end_in_words(void)
{
    _exit(ENDED_WITHOUT_MEMORY);
}

/* A round writes its number into so many rows, now few and now many: where LMDB finds the pages that
 * few have freed, and then those of many, its list of them grows. */
static uint32_t rows_of(uint32_t round)
{
    return round == 1 ? ROWS : 1 + round * round * 7919 % ROWS;
}

static bool write_round(sb_store *s, uint32_t round)
{
    if (sb_store_begin(s, 0, NULL) != SB_OK)
        return false;
    for (uint32_t i = 0; i < rows_of(round); i++) {
        uint8_t key[] = {(uint8_t)(i * 151 >> 8), (uint8_t)(i * 151), (uint8_t)i,
                         (uint8_t)(i >> 8)},
                value[200] = {(uint8_t)round};
        sb_kv_put(sb_store_state(s), sb_slice_of(key, sizeof key),
                  sb_slice_of(value, sizeof value));
    }
    return sb_store_commit(s, NULL) == SB_OK;
}

/* In a process of its own: rounds, then rounds without memory. Never returns. */
static void write_without_memory(const char *dir)
{
    const sb_store_opts opts = {.kind = "node", .create = true};
    sb_store *s = NULL;
    sb_on_out_of_memory(end_in_words);
    if (sb_store_open(&s, dir, &opts, NULL) != SB_OK || !write_round(s, 1) || !write_round(s, 2))
        _exit(FAILED);
    refuses = true;
    for (uint32_t round = 3; round < ROUNDS; round++)
        if (!write_round(s, round))
            _exit(FAILED);
    _exit(NEVER_ASKED);
}

/* The last round that the store holds: all of it, and nothing of a later one. */
static uint8_t round_in(const char *dir)
{
    const sb_store_opts opts = {.kind = "node"};
    sb_store *s = NULL;
    assert_int_equal(sb_store_open(&s, dir, &opts, NULL), SB_OK);
    sb_kv_walk row = {.kv = sb_store_state(s)};
    uint32_t rows = 0, newest = 0;
    uint8_t last = 0;
    while (sb_kv_walk_next(&row)) {
        rows++;
        last = row.value.data[0] > last ? row.value.data[0] : last;
    }
    assert_int_equal(rows, ROWS);
    for (row = (sb_kv_walk){.kv = sb_store_state(s)}; sb_kv_walk_next(&row);)
        newest += row.value.data[0] == last;
    assert_int_equal(newest, rows_of(last));
    sb_store_close(s);
    return last;
}

static void test_ends_in_words(void **state)
{
    (void)state;
    char root[64], dir[80];
    int status;
    sb_tmpdir_make(root);
    (void)snprintf(dir, sizeof dir, "%s/store", root);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        write_without_memory(dir);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), ENDED_WITHOUT_MEMORY);
    assert_true(round_in(dir) >= 2);
    sb_tmpdir_drop(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_ends_in_words)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
