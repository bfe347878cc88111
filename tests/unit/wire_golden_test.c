/* One golden entry for each type: the constructor gives these bytes, decoding accepts them.
 * SB_REGENERATE=1 prints what tests/unit/golden/entries.hex should be. Since entries are signed
 * and stored for ever, a difference here is a change of the protocol. */
#include "tests/lib/cmocka_all.h"
#include "tests/lib/wire_samples.h"

#include "proto/base/hash.h"
#include "proto/merkle/merkle_hash.h"

#include <stdio.h>
#include <stdlib.h>

#define GOLDEN "tests/unit/golden/entries.hex"

/* The golden bytes of `name`, in the arena. */
static sb_slice golden(sb_arena *arena, const char *name)
{
    static char line[2 * SB_LEAF_BYTES_MAX + 100];
    FILE *file = fopen(GOLDEN, "r");
    assert_non_null(file);
    sb_slice found = {0};
    while (found.data == NULL && fgets(line, sizeof line, file) != NULL) {
        char *space = strchr(line, ' ');
        if (space == NULL || (size_t)(space - line) != strlen(name) ||
            strncmp(line, name, strlen(name)) != 0)
            continue;
        sb_slice hex = sb_slice_of(space + 1, strcspn(space + 1, "\n"));
        uint8_t *bytes = sb_arena_alloc(arena, hex.len / 2);
        assert_true(sb_unhex(hex, bytes, hex.len / 2));
        found = sb_slice_of(bytes, hex.len / 2);
    }
    fclose(file);
    if (found.data == NULL)
        fail_msg("no golden entry for %s in " GOLDEN, name);
    return found;
}

static void print_golden(void)
{
    for (size_t i = 0; i < sb_sample_type_count; i++) {
        sb_arena arena;
        sb_buf entry;
        sb_arena_init(&arena);
        sb_buf_init(&entry);
        sb_sample_entry(&arena, sb_sample_types[i], &entry);
        char *hex = sb_arena_alloc(&arena, 2 * entry.len + 1);
        sb_hex(sb_buf_slice(&entry), hex);
        printf("%s %s\n", sb_entry_type_name(sb_sample_types[i]), hex);
        sb_buf_deinit(&entry);
        sb_arena_deinit(&arena);
    }
}

static void constructors_give_the_golden_bytes(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < sb_sample_type_count; i++) {
        sb_arena arena;
        sb_buf entry;
        sb_arena_init(&arena);
        sb_buf_init(&entry);
        sb_slice expected = golden(&arena, sb_entry_type_name(sb_sample_types[i]));
        sb_sample_entry(&arena, sb_sample_types[i], &entry);
        assert_int_equal(entry.len, expected.len);
        assert_memory_equal(entry.data, expected.data, expected.len);
        sb_buf_deinit(&entry);
        sb_arena_deinit(&arena);
    }
}

static void decoding_accepts_the_golden_bytes(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < sb_sample_type_count; i++) {
        sb_entry_type type = sb_sample_types[i];
        sb_arena arena;
        sb_arena_init(&arena);
        sb_slice bytes = golden(&arena, sb_entry_type_name(type));
        sb_leaf leaf;
        sb_fail fail = {0};
        sb_err err = sb_entry_open(bytes, &arena, &leaf, &fail);
        if (err != SB_OK)
            fail_msg("%s: %s %s", sb_entry_type_name(type), sb_err_name(err), fail.arg[0]);
        sb_entry_head head;
        sb_sample_head(type, &head);
        assert_int_equal(leaf.entry.type, type);
        assert_int_equal(leaf.entry.signer_seq, head.signer_seq);
        assert_int_equal(leaf.entry.anchor_size, head.anchor_size);
        assert_memory_equal(leaf.entry.anchor_root, head.anchor_root, 32);
        assert_memory_equal(leaf.entry.federation_id, head.federation_id, 32);
        assert_ptr_equal(leaf.message->descriptor, sb_entry_type_descriptor(type));
        sb_arena_deinit(&arena);
    }
}

static void a_leaf_is_its_time_and_the_entry(void **unused)
{
    (void)unused;
    sb_arena arena;
    sb_arena_init(&arena);
    sb_slice entry = golden(&arena, "CASE_REPORT");
    uint8_t *bytes = sb_arena_alloc(&arena, entry.len + 8);
    memcpy(bytes, "\x00\x00\x01\x7e\x76\x2c\x5d\x80", 8);
    memcpy(bytes + 8, entry.data, entry.len);
    sb_slice whole = sb_slice_of(bytes, entry.len + 8);
    sb_leaf leaf;
    assert_int_equal(sb_leaf_open(whole, &arena, &leaf, NULL), SB_OK);
    assert_int_equal(leaf.sequenced_at_ms, 0x17e762c5d80);
    assert_true(sb_slice_eq(leaf.bytes, whole));
    assert_true(sb_slice_eq(leaf.entry.bytes, entry));
    uint8_t hash[32];
    sb_leaf_hash(whole, hash);
    assert_memory_equal(leaf.hash, hash, 32);
    sb_hash(sb_slice_of(entry.data, entry.len - 64), hash);
    assert_memory_equal(leaf.entry.id, hash, 32);
    for (size_t len = 0; len < 8; len++)
        assert_int_equal(sb_leaf_open(sb_slice_of(bytes, len), &arena, &leaf, NULL),
                         SB_E_ENTRY_TRUNCATED);
    sb_arena_deinit(&arena);
}

int main(void)
{
    if (sb_sign_init(NULL) != SB_OK)
        return 1;
    const char *regenerate = getenv("SB_REGENERATE");
    if (regenerate != NULL && strcmp(regenerate, "1") == 0) {
        print_golden();
        return 0;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(constructors_give_the_golden_bytes),
        cmocka_unit_test(decoding_accepts_the_golden_bytes),
        cmocka_unit_test(a_leaf_is_its_time_and_the_entry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
