/* A new charter is put in the order that may follow the one in force. */
#include "nodes/charter/charter.h"
#include "nodes/cli/charter_follow.h"
#include "tests/lib/cmocka_all.h"

static sb_arena arena;

static int setup(void **state)
{
    (void)state;
    sb_arena_init(&arena);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    sb_arena_deinit(&arena);
    return 0;
}

static Sb__Charter *read(void)
{
    const Sb__Charter *charter = NULL;
    sb_fail fail;
    assert_int_equal(
        sb_charter_read("tests/e2e/parts/raad.yaml", NULL, &arena, &charter, NULL, &fail), SB_OK);
    Sb__Charter *own = SB_ARENA_NEW(&arena, Sb__Charter);
    *own = *charter;
    return own;
}

static void test_order(void **state)
{
    (void)state;
    Sb__Charter *now = read(), *file = read(), *next = NULL;
    sb_fail fail;
    Sb__Appointer *turned[4] = {file->appointers[2], file->appointers[1], file->appointers[0]};
    Sb__Appointer added = SB__APPOINTER__INIT;
    added.id = (char *)(uintptr_t) "ny";
    turned[3] = turned[2];
    turned[2] = &added;
    file->appointers = turned;
    file->n_appointers = 4;
    now->rehearsal = true;
    assert_int_equal(sb_charter_follow(now, file, &arena, &next, &fail), SB_OK);
    assert_int_equal(next->n_appointers, 4);
    for (size_t i = 0; i < 3; i++)
        assert_string_equal(next->appointers[i]->id, now->appointers[i]->id);
    assert_string_equal(next->appointers[3]->id, "ny");
    assert_true(next->rehearsal);
}

/* A body that a decision made stays; what the file leaves out of the rest is refused. */
static void test_kept_and_gone(void **state)
{
    (void)state;
    Sb__Charter *now = read(), *file = read(), *next = NULL;
    const sb_charter_options options = {.lang = SB_LANG_NB};
    Sb__Body *bodies[2] = {now->bodies[0], NULL};
    uint8_t hash[32] = {7};
    sb_fail fail;
    assert_int_equal(sb_charter_read_body("tests/e2e/parts/raad-utvalg.yaml", now, &options, &arena,
                                          &bodies[1], NULL, &fail),
                     SB_OK);
    assert_string_equal(bodies[1]->seats[1]->appointer, "");
    Sb__Body mandated = *now->bodies[0];
    mandated.mandate_sha256 = (ProtobufCBinaryData){32, hash};
    mandated.mandate_size = 40;
    bodies[0] = &mandated;
    now->bodies = bodies;
    now->n_bodies = 2;
    assert_int_equal(sb_charter_follow(now, file, &arena, &next, &fail), SB_OK);
    assert_int_equal(next->n_bodies, 2);
    assert_ptr_equal(next->bodies[1], bodies[1]);
    assert_int_equal(next->bodies[0]->mandate_size, 40);
    assert_int_equal(file->bodies[0]->mandate_size, 0); /* the file's own is untouched */
    file->n_offices = 2;
    assert_int_equal(sb_charter_follow(now, file, &arena, &next, &fail), SB_E_CLI_CHARTER_GONE);
    assert_string_equal(fail.arg[0], "offices deputy-leader");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_order, setup, teardown),
        cmocka_unit_test_setup_teardown(test_kept_and_gone, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
