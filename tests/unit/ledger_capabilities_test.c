/* The capability table: a row per entry type, in PROTOCOL.md as in the code, and what each
 * capability means. With --print: the table for PROTOCOL.md. */
#include <stdio.h>

#include "proto/ledger/machine.h"
#include "tests/lib/cmocka_all.h"
#include "tests/lib/fed.h"

static const struct {
    const char *name;
    sb_entry_type type;
} types[] = {
#define SB_ENTRY_TYPE(NAME, number, Message, lower) {#NAME, SB_ENTRY_##NAME},
#include "proto/wire/types.def"
#undef SB_ENTRY_TYPE
};

static void print_table(sb_buf *out)
{
    sb_arena arena;
    sb_arena_init(&arena);
    sb_buf_str(out, "| entry | one of |\n|---|---|\n");
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        sb_buf_printf(out, "| %s | %s |\n", types[i].name,
                      sb_capabilities_text(&arena, sb_capabilities_of(types[i].type), false));
    sb_arena_deinit(&arena);
}

static void test_total(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        uint32_t who = sb_capabilities_of(types[i].type);
        assert_int_not_equal(who, 0);
        assert_int_equal(who == SB_CAP_LOG, sb_entry_type_is_system(types[i].type));
        assert_non_null(sb_handler_of(types[i].type));
    }
    assert_int_equal(sb_capabilities_of((sb_entry_type)255), 0);
    assert_null(sb_handler_of((sb_entry_type)255));
}

static void test_protocol_lists_it(void **state)
{
    (void)state;
    static char text[512 * 1024];
    FILE *file = fopen("proto/PROTOCOL.md", "rb");
    assert_non_null(file);
    size_t len = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    assert_true(len < sizeof text - 1);
    sb_buf table;
    sb_buf_init(&table);
    print_table(&table);
    const char *section = strstr(text, "\n## Capabilities\n");
    assert_non_null(section);
    if (strstr(section, sb_buf_cstr(&table)) == NULL)
        fail_msg("PROTOCOL.md \"Capabilities\" differs; it should be:\n%s", sb_buf_cstr(&table));
    sb_buf_deinit(&table);
}

/* A step as a handler sees it, signed by the key of this name. */
static sb_step step_of(fed *f, const char *key)
{
    sb_step s = {.ledger = f->ledger,
                 .kv = sb_ledger_kv(f->ledger),
                 .arena = &f->arena,
                 .charter = sb_ledger_charter(f->ledger),
                 .date = 20211201,
                 .fail = &f->fail};
    s.has_signer = sb_key_find(s.kv, fed_key_of(f, key)->pk, &s.signer);
    return s;
}

static uint32_t seat_no(fed *f, const char *id)
{
    sb_row_seat row;
    assert_true(sb_seat_find(sb_ledger_kv(f->ledger), &f->arena, id, &row));
    return row.no;
}

static bool can(fed *f, const char *key, uint32_t capability, const sb_scope *scope)
{
    sb_step s = step_of(f, key);
    return sb_signer_can(&s, capability, scope);
}

static void limit_leader(Sb__Charter *c, sb_arena *arena, void *arg)
{
    (void)arena, (void)arg;
    c->offices[1]->body = "ssu";
}

static void test_meaning(void **state)
{
    (void)state;
    fed *f = fed_new(&(fed_options){.edit = limit_leader});
    fed_run(f);
    const sb_scope any = {.body = SB_NONE}, ssu = {.body = 0}, pm = {.body = 1};
    assert_true(can(f, "unn/authority", SB_CAP_FIRST_AUTHORITY, &any));
    assert_false(can(f, "lege/authority", SB_CAP_FIRST_AUTHORITY, &any));
    assert_true(can(f, "lege/authority", SB_CAP_AUTHORITY, &any));
    assert_false(can(f, "lege/recovery", SB_CAP_AUTHORITY, &any));
    assert_true(can(f, "lege/recovery", SB_CAP_RECOVERY, &any));
    assert_false(can(f, "stranger", SB_CAP_MEMBER | SB_CAP_SEAT, &any));

    assert_true(can(f, "secretariat", SB_CAP_SECRETARIAT, &ssu));
    assert_true(can(f, "secretariat", SB_CAP_SECRETARIAT, &pm));
    assert_false(can(f, "unn-1/primary", SB_CAP_SECRETARIAT, &ssu));
    assert_true(can(f, "leader", SB_CAP_LEADER, &ssu));
    assert_false(can(f, "leader", SB_CAP_LEADER, &pm)); /* of the ssu only */
    assert_true(can(f, "deputy-leader", SB_CAP_LEADER, &pm));
    assert_false(can(f, "secretariat", SB_CAP_LEADER, &ssu));

    uint32_t seats[] = {seat_no(f, "unn-2"), seat_no(f, "lege-1")};
    const sb_scope scope = {.body = 0, .chair_seat = seats[1], .seats = seats, .seat_count = 2};
    assert_true(can(f, "unn-2/primary", SB_CAP_SEAT, &scope));
    assert_true(can(f, "lege-1/deputy", SB_CAP_SEAT, &scope));
    assert_false(can(f, "unn-1/primary", SB_CAP_SEAT, &scope));
    assert_false(can(f, "unn-2/primary", SB_CAP_SEAT, &any));
    assert_true(can(f, "lege-1/primary", SB_CAP_CHAIR, &scope));
    assert_false(can(f, "unn-2/primary", SB_CAP_CHAIR, &scope));
    assert_false(can(f, "lege-1/primary", SB_CAP_CHAIR, &any));

    sb_row_key reporter;
    assert_true(sb_key_find(sb_ledger_kv(f->ledger), fed_key_of(f, "leader")->pk, &reporter));
    const sb_scope reported = {.body = 0, .reporter_key = reporter.no};
    assert_true(can(f, "leader", SB_CAP_REPORTER, &reported));
    assert_false(can(f, "secretariat", SB_CAP_REPORTER, &reported));
    assert_false(can(f, "leader", SB_CAP_REPORTER, &ssu));
    assert_true(can(f, "leader", SB_CAP_MEMBER, &any));
    assert_true(can(f, "obs-1/primary", SB_CAP_MEMBER, &any));
    assert_false(can(f, "unn/authority", SB_CAP_MEMBER, &any));
    fed_free(f);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--print") == 0) {
        sb_buf table;
        sb_buf_init(&table);
        print_table(&table);
        fputs(sb_buf_cstr(&table), stdout);
        sb_buf_deinit(&table);
        return 0;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_total),
        cmocka_unit_test(test_protocol_lists_it),
        cmocka_unit_test(test_meaning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
