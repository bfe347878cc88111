/* The Ed25519 edge cases of C2SP/CCTV: our rule accepts exactly 43 and refuses 871. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "proto/base/hash.h"
#include "proto/sign/sign.h"

#define VECTORS "../shared/vectors/ed25519/cctv-ed25519vectors.json"

static bool has_flag(json_t *vector, const char *name)
{
    size_t i;
    json_t *flag;
    json_array_foreach(json_object_get(vector, "flags"), i, flag)
    {
        if (strcmp(json_string_value(flag), name) == 0)
            return true;
    }
    return false;
}

static void exactly_43_accepted(void **state)
{
    (void)state;
    json_error_t error;
    json_t *vectors = json_load_file(VECTORS, 0, &error), *vector;
    size_t i, accepted = 0, refused = 0;
    assert_non_null(vectors);
    json_array_foreach(vectors, i, vector)
    {
        uint8_t pk[32], sig[64];
        assert_true(
            sb_unhex(sb_slice_str(json_string_value(json_object_get(vector, "key"))), pk, 32));
        assert_true(
            sb_unhex(sb_slice_str(json_string_value(json_object_get(vector, "sig"))), sig, 64));
        sb_slice message = sb_slice_str(json_string_value(json_object_get(vector, "msg")));
        if (sb_verify(pk, message, sig)) {
            accepted++;
            /* what a key check and a strict rule must keep out */
            assert_false(has_flag(vector, "low_order_A"));
            assert_false(has_flag(vector, "non_canonical_A"));
            assert_false(has_flag(vector, "non_canonical_R"));
        } else {
            refused++;
        }
        /* enrolment refuses keys outside the main subgroup as well */
        if (has_flag(vector, "low_order_component_A") || has_flag(vector, "non_canonical_A"))
            assert_false(sb_pk_valid(pk));
    }
    assert_int_equal(accepted, 43);
    assert_int_equal(refused, 871);
    json_decref(vectors);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(exactly_43_accepted)};
    if (access(VECTORS, R_OK) != 0) {
        printf("skipped: %s is not here\n", VECTORS);
        return 77;
    }
    if (sb_sign_init(NULL) != SB_OK)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
