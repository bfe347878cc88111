/* A bundle's files: spoilt, cut, gone, and others that don't belong there. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/audit_rig.h"

/* ---- spoilt ---- */

/* In every file of the bundle but README.txt, at many places: refused, and the place named. */
static void test_flipped_bytes(void **state)
{
    rig *r = *state;
    write_whole(r, (bundle_opts){.cosigners = UINT32_MAX});
    list_files(r);
    assert_true(r->path_count >= 9);
    for (size_t i = 0; i < r->path_count; i++) {
        size_t len;
        uint8_t *data = bundle_read(r->dir, r->paths[i], &len);
        bool is_head =
            strncmp(r->paths[i], "checkpoint", 10) == 0 || strcmp(r->paths[i], "policy") == 0;
        bool is_blob = strncmp(r->paths[i], "blobs/", 6) == 0;
        size_t step = is_head ? 61 : is_blob ? len : len / 5 + 1;
        for (size_t at = 0; at < len; at += step) {
            data[at] ^= 1;
            bundle_put(r->dir, r->paths[i], data, len);
            int code = audit(r);
            if (strcmp(r->paths[i], "README.txt") == 0)
                assert_int_equal(code, 0);
            else if (code != SB_EXIT_VERIFY)
                fail_msg("byte %zu of %s: exit %d: %s", at, r->paths[i], code, r->words);
            else if (!names(r, r->paths[i]) && r->failed.code != SB_E_AUDIT_FOUNDING &&
                     strcmp(r->paths[i], "checkpoint") != 0)
                fail_msg("byte %zu of %s isn't named: %s", at, r->paths[i], r->words);
            data[at] ^= 1;
        }
        bundle_put(r->dir, r->paths[i], data, len);
        free(data);
    }
    assert_int_equal(audit(r), 0);
}

/* Cut short, too long, gone, a folder instead. */
static void test_lengths(void **state)
{
    rig *r = *state;
    write_whole(r, (bundle_opts){.cosigners = UINT32_MAX});
    list_files(r);
    for (size_t i = 0; i < r->path_count; i++) {
        size_t len;
        char full[300];
        if (strcmp(r->paths[i], "README.txt") == 0)
            continue;
        uint8_t *data = bundle_read(r->dir, r->paths[i], &len);
        if (len == 0)
            fail_msg("%s is empty", r->paths[i]);
        bundle_put(r->dir, r->paths[i], data, len - 1);
        assert_int_equal(audit(r), SB_EXIT_VERIFY);
        assert_true(names(r, r->paths[i]));
        bundle_put(r->dir, r->paths[i], data, len + 1); /* the NUL after it */
        assert_int_equal(audit(r), SB_EXIT_VERIFY);
        assert_true(names(r, r->paths[i]));
        snprintf(full, sizeof full, "%s/%.200s", r->dir, r->paths[i]);
        (void)unlink(full);
        is_refused(r, SB_E_AUDIT_MISSING, r->paths[i]);
        (void)mkdir(full, 0755);
        assert_int_equal(audit(r), SB_EXIT_VERIFY);
        (void)rmdir(full);
        bundle_put(r->dir, r->paths[i], data, len);
        free(data);
    }
    assert_int_equal(audit(r), 0);
}

/* Whatever is done to a file: refused or, where it doesn't matter, reported; never worse. */
static void test_random_damage(void **state)
{
    rig *r = *state;
    uint32_t random = 20220120;
    write_whole(r, (bundle_opts){.cosigners = UINT32_MAX});
    list_files(r);
    for (int round = 0; round < 60; round++) {
        size_t len;
        random = random * 1664525 + 1013904223;
        const char *path = r->paths[(random >> 8) % r->path_count];
        uint8_t *data = bundle_read(r->dir, path, &len);
        uint8_t *damaged = malloc(len + 300);
        memcpy(damaged, data, len);
        memset(damaged + len, (int)(random >> 24), 300);
        size_t new_len = random & 1 ? len : random & 2 ? len + 300 : len / 2;
        for (uint32_t k = 0; k < (random >> 4) % 8 + 1 && new_len > 0; k++) {
            random = random * 1664525 + 1013904223;
            damaged[(random >> 8) % new_len] = (uint8_t)random;
        }
        bundle_put(r->dir, path, damaged, new_len);
        bool is_same = new_len == len && memcmp(damaged, data, len) == 0;
        int code = audit(r);
        assert_int_equal(code,
                         is_same || strcmp(path, "README.txt") == 0 ? SB_EXIT_OK : SB_EXIT_VERIFY);
        bundle_put(r->dir, path, data, len);
        free(damaged);
        free(data);
    }
    assert_int_equal(audit(r), 0);
}

/* ---- what doesn't belong ---- */

static void add_stranger(rig *r, const char *path, const char *named)
{
    write_whole(r, (bundle_opts){.cosigners = UINT32_MAX});
    bundle_put(r->dir, path, "x", 1);
    is_refused(r, SB_E_AUDIT_FOREIGN, named);
    assert_null(strchr(r->words, '\x1b'));
}

static void test_foreign_files(void **state)
{
    rig *r = *state;
    char link[300];
    add_stranger(r, "notat.txt", "notat.txt");
    add_stranger(r, "tile/0/000.p/12", "tile/0/000.p/12");
    add_stranger(r, "policy.2", "policy.2");
    add_stranger(r, "mappe/README.txt", "mappe/README.txt");
    add_stranger(r, "\x1b[2J\xff", NULL);
    char long_name[SB_BUNDLE_PATH_BYTES_MAX + 2];
    memset(long_name, 'a', sizeof long_name - 1);
    long_name[sizeof long_name - 1] = '\0';
    add_stranger(r, long_name, long_name);
    write_whole(r, (bundle_opts){.cosigners = UINT32_MAX});
    snprintf(link, sizeof link, "%s/lenke", r->dir);
    assert_int_equal(symlink("/etc", link), 0);
    is_refused(r, SB_E_AUDIT_FOREIGN, "lenke");
}

/* Regular files only: a pipe would be waited for, a link leads out of the bundle. */
static void test_irregular_files(void **state)
{
    rig *r = *state;
    static const char *const names[] = {"erased", "checkpoint", "README.txt"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[300], away[300];
        sb_err code = i < 2 ? SB_E_AUDIT_FILE : SB_E_AUDIT_FOREIGN;
        snprintf(path, sizeof path, "%s/%s", r->dir, names[i]);
        snprintf(away, sizeof away, "%s.away", r->dir);
        write_whole(r, (bundle_opts){.cosigners = UINT32_MAX});
        if (i < 2)
            assert_int_equal(rename(path, away), 0);
        (void)unlink(path);
        assert_int_equal(symlink(i < 2 ? away : "/etc/hostname", path), 0);
        is_refused(r, code, names[i]);
        assert_int_equal(unlink(path), 0);
        assert_int_equal(mkfifo(path, 0600), 0);
        (void)alarm(60);
        is_refused(r, code, names[i]);
        (void)alarm(0);
        assert_int_equal(unlink(path), 0);
        (void)unlink(away);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_flipped_bytes),   cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_random_damage),   cmocka_unit_test(test_foreign_files),
        cmocka_unit_test(test_irregular_files),
    };
    return cmocka_run_group_tests(tests, rig_setup, rig_teardown);
}
