/* Inclusion and consistency vectors of transparency-dev/merkle, good and bad, all of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>
#include <ftw.h>
#include <jansson.h>

#include "proto/merkle/base64.h"
#include "proto/merkle/proof.h"

#define VECTORS "../shared/vectors/merkle/testdata"
enum { PATH_MAX_HASHES = 128 };

static size_t inclusion_files, consistency_files, good;

static bool read_hash(json_t *value, uint8_t out[32])
{
    const char *text = json_string_value(value);
    return text != NULL && sb_base64_decode_exact(sb_slice_str(text), out, 32);
}

/* Some vectors have words as roots ("dont care 1"); our types hold 32 bytes, so such a root is
 * replaced by its hash: equal ones stay equal, different ones different. */
static void read_root(json_t *value, uint8_t out[32])
{
    if (!read_hash(value, out))
        sb_leaf_hash(sb_slice_str(json_string_value(value)), out);
}

static bool read_path(json_t *array, sb_hash32 *out, size_t *count)
{
    size_t i;
    json_t *value;
    *count = json_array_size(array);
    assert_true(*count <= PATH_MAX_HASHES);
    json_array_foreach(array, i, value)
    {
        if (!read_hash(value, out[i].b))
            return false;
    }
    return true;
}

static uint64_t number(json_t *vector, const char *key)
{
    /* read as reals: 2^64-1 occurs and jansson's integers are signed */
    double value = json_real_value(json_object_get(vector, key));
    return value >= 18446744073709551616.0 ? UINT64_MAX : (uint64_t)value;
}

static bool inclusion(json_t *vector)
{
    uint8_t root[32], leaf_hash[32];
    sb_hash32 path[PATH_MAX_HASHES];
    size_t count;
    inclusion_files++;
    read_root(json_object_get(vector, "root"), root);
    return read_hash(json_object_get(vector, "leafHash"), leaf_hash) &&
           read_path(json_object_get(vector, "proof"), path, &count) &&
           sb_verify_inclusion(leaf_hash, number(vector, "leafIdx"), number(vector, "treeSize"),
                               path, count, root);
}

static bool consistency(json_t *vector)
{
    uint8_t root1[32], root2[32];
    sb_hash32 path[PATH_MAX_HASHES];
    size_t count;
    consistency_files++;
    read_root(json_object_get(vector, "root1"), root1);
    read_root(json_object_get(vector, "root2"), root2);
    return read_path(json_object_get(vector, "proof"), path, &count) &&
           sb_verify_consistency(number(vector, "size1"), root1, number(vector, "size2"), root2,
                                 path, count);
}

static int visit(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)st;
    (void)ftw;
    size_t len = strlen(path);
    if (kind != FTW_F || len < 5 || strcmp(path + len - 5, ".json") != 0)
        return 0;
    json_error_t error;
    json_t *vector = json_load_file(path, JSON_DECODE_INT_AS_REAL, &error);
    if (vector == NULL)
        fail_msg("%s: %s", path, error.text);
    bool is_refused = json_is_true(json_object_get(vector, "wantErr"));
    bool is_valid = strstr(path, "/inclusion/") != NULL ? inclusion(vector) : consistency(vector);
    if (is_valid == is_refused)
        fail_msg("%s: verified %d, should be %d", path, is_valid, !is_refused);
    good += is_valid;
    json_decref(vector);
    return 0;
}

static void all_vectors(void **state)
{
    (void)state;
    assert_int_equal(nftw(VECTORS, visit, 16, FTW_PHYS), 0);
    printf("%zu inclusion, %zu consistency, %zu of them valid\n", inclusion_files,
           consistency_files, good);
    assert_true(inclusion_files > 50 && consistency_files > 50 && good >= 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(all_vectors)};
    if (access(VECTORS, R_OK) != 0) {
        printf("skipped: %s is not here\n", VECTORS);
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
