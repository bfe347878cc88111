/* Random changes of payload bytes: whatever is accepted is the one spelling of what it means.
 * Two accepted byte strings that decode to equal structs would re-pack to equal bytes; so it is
 * enough that each accepted one equals its re-packing by protobuf-c itself. Deterministic. */
#include "tests/lib/cmocka_all.h"
#include "tests/lib/pb_wire.h"
#include "tests/lib/wire_samples.h"

#include <stdio.h>
#include <stdlib.h>

enum { ROUNDS = 3000, CHANGES_MAX = 4 };

static uint64_t random_state;

static uint32_t random_below(uint32_t n)
{
    /* xorshift64* */
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return (uint32_t)((random_state * UINT64_C(0x2545F4914F6CDD1D)) >> 33) % n;
}

static void remove_at(sb_buf *b, size_t at, size_t len)
{
    memmove(b->data + at, b->data + at + len, b->len - at - len);
    b->len -= len;
}

static void insert_at(sb_buf *b, size_t at, sb_slice bytes)
{
    sb_buf copy;
    sb_buf_init(&copy);
    sb_buf_add(&copy, sb_slice_of(b->data, at));
    sb_buf_add(&copy, bytes);
    sb_buf_add(&copy, sb_slice_of(b->data + at, b->len - at));
    sb_buf_clear(b);
    sb_buf_add(b, sb_buf_slice(&copy));
    sb_buf_deinit(&copy);
}

/* One change of the kinds that parsers disagree about, or of none in particular. */
static void change(sb_buf *b)
{
    static const uint8_t bytes[] = {0, 1, 2, 8, 10, 16, 18, 0x20, 0x7F, 0x80, 0xFF};
    if (b->len == 0)
        return;
    size_t at = random_below((uint32_t)b->len);
    uint8_t byte = bytes[random_below(sizeof bytes)];
    switch (random_below(7)) {
    case 0:
        b->data[at] ^= (uint8_t)(1u << random_below(8));
        break;
    case 1:
        b->data[at] = byte;
        break;
    case 2:
        insert_at(b, at, sb_slice_of(&byte, 1));
        break;
    case 3:
        remove_at(b, at, 1 + random_below((uint32_t)(b->len - at)));
        break;
    case 4: { /* a run once more */
        uint32_t len = 1 + random_below((uint32_t)(b->len - at));
        sb_buf run;
        sb_buf_init(&run);
        sb_buf_add(&run, sb_slice_of(b->data + at, len));
        insert_at(b, at, sb_buf_slice(&run));
        sb_buf_deinit(&run);
        break;
    }
    case 5: { /* an overlong varint */
        b->data[at] |= 0x80;
        insert_at(b, at + 1, sb_slice_of("", 1));
        break;
    }
    case 6: { /* a field more */
        sb_buf field;
        sb_buf_init(&field);
        if (random_below(2) == 0)
            pb_number(&field, 1 + random_below(9), random_below(3));
        else
            pb_fill(&field, 1 + random_below(9), 0x41, random_below(2) * 32);
        sb_buf_add(b, sb_buf_slice(&field));
        sb_buf_deinit(&field);
        break;
    }
    }
}

static size_t try_type(sb_entry_type type)
{
    size_t accepted = 0;
    sb_arena sample_arena, arena;
    sb_arena_init(&sample_arena);
    sb_arena_init(&arena);
    const ProtobufCMessage *sample = sb_sample_payload(&sample_arena, type);
    size_t len = protobuf_c_message_get_packed_size(sample);
    uint8_t *packed = sb_arena_alloc(&sample_arena, len);
    protobuf_c_message_pack(sample, packed);
    sb_buf b;
    sb_buf_init(&b);
    for (uint32_t round = 0; round < ROUNDS; round++) {
        sb_buf_clear(&b);
        sb_buf_add(&b, sb_slice_of(packed, len));
        for (uint32_t i = 0; i <= round % CHANGES_MAX; i++)
            change(&b);
        sb_arena_reset(&arena);
        const ProtobufCMessage *message;
        sb_fail fail = {0};
        sb_err err = sb_payload_decode(type, sb_buf_slice(&b), &arena, &message, &fail);
        if (err != SB_OK) {
            assert_int_equal(fail.code, err);
            continue;
        }
        accepted++;
        size_t again_len = protobuf_c_message_get_packed_size(message);
        uint8_t *again = sb_xmalloc(again_len + 1);
        protobuf_c_message_pack(message, again);
        bool same = sb_slice_eq(sb_slice_of(again, again_len), sb_buf_slice(&b));
        free(again);
        if (!same)
            fail_msg("%s: round %u decodes to what packs differently", sb_entry_type_name(type),
                     (unsigned)round);
    }
    sb_buf_deinit(&b);
    sb_arena_deinit(&arena);
    sb_arena_deinit(&sample_arena);
    return accepted;
}

static void one_meaning_has_one_spelling(void **unused)
{
    (void)unused;
    random_state = UINT64_C(0x5A4D42414E440001);
    size_t accepted = 0;
    for (size_t i = 0; i < sb_sample_type_count; i++)
        accepted += try_type(sb_sample_types[i]);
    size_t tried = sb_sample_type_count * ROUNDS;
    print_message("%zu of %zu changed payloads were accepted\n", accepted, tried);
    /* else the changes say nothing about acceptance */
    assert_true(accepted > tried / 100 && accepted < tried / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(one_meaning_has_one_spelling)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
