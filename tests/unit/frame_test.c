/* Frames: every body goes and comes back; what is out of bounds or spelt twice is refused. */
#include "tests/lib/cmocka_all.h"

#include <stdlib.h>

#include "proto/wire/frame.h"

static sb_err decode(sb_slice bytes, sb_arena *arena, const Sb__Frame **out)
{
    sb_fail fail = {0};
    sb_err err = sb_frame_decode(bytes, arena, out, &fail);
    assert_int_equal(err == SB_OK, fail.code == SB_OK);
    return err;
}

static sb_err decode_hex(const uint8_t *bytes, size_t len)
{
    sb_arena arena;
    const Sb__Frame *out;
    sb_arena_init(&arena);
    sb_err err = decode(sb_slice_of(bytes, len), &arena, &out);
    sb_arena_deinit(&arena);
    return err;
}
#define DECODE(...)                                                                                \
    decode_hex((const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static void test_there_and_back(void **state)
{
    (void)state;
    sb_arena arena;
    sb_buf bytes;
    sb_arena_init(&arena);
    sb_buf_init(&bytes);
    char *args[] = {"møte", ""};
    uint8_t id[32] = {1, 2, 3};
    Sb__Refused refused = SB__REFUSED__INIT;
    refused.entry_id = (ProtobufCBinaryData){.len = 32, .data = id};
    refused.code = 701;
    refused.n_args = 2;
    refused.args = args;
    Sb__Frame frame = SB__FRAME__INIT;
    frame.request = 9;
    frame.body_case = SB__FRAME__BODY_REFUSED;
    frame.refused = &refused;
    sb_buf_str(&bytes, "x"); /* appended */
    sb_frame_encode(&frame, &bytes);
    const Sb__Frame *out = NULL;
    assert_int_equal(decode(sb_slice_of(bytes.data + 1, bytes.len - 1), &arena, &out), SB_OK);
    assert_int_equal(out->request, 9);
    assert_int_equal(out->body_case, SB__FRAME__BODY_REFUSED);
    assert_int_equal(out->refused->code, 701);
    assert_memory_equal(out->refused->entry_id.data, id, 32);
    assert_int_equal(out->refused->n_args, 2);
    assert_string_equal(out->refused->args[0], "møte");
    sb_buf_deinit(&bytes);
    sb_arena_deinit(&arena);
}

/* A Pull is field 4 of the frame (tag 0x22): from = 1 (0x08), credit = 2 (0x10). */
static void test_refused(void **state)
{
    (void)state;
    assert_int_equal(DECODE(0x22, 2, 0x08, 5), SB_OK);
    assert_int_equal(DECODE(0x22, 0), SB_OK); /* a body of defaults */
    assert_int_equal(DECODE(0x08, 1), SB_E_FRAME_BODY);
    assert_int_equal(decode_hex(NULL, 0), SB_E_FRAME_BODY);
    assert_int_equal(DECODE(0x22, 3, 0x08, 5), SB_E_FRAME_MALFORMED);           /* cut */
    assert_int_equal(DECODE(0x22, 3, 0x08, 0x85, 0), SB_E_FRAME_MALFORMED);     /* overlong */
    assert_int_equal(DECODE(0x22, 2, 0x08, 0), SB_E_FRAME_MALFORMED);           /* a default */
    assert_int_equal(DECODE(0x22, 4, 0x08, 5, 0x08, 6), SB_E_FRAME_MALFORMED);  /* twice */
    assert_int_equal(DECODE(0x22, 0, 0x32, 0), SB_E_FRAME_MALFORMED);           /* two bodies */
    assert_int_equal(DECODE(0x22, 2, 0x78, 1), SB_E_FRAME_UNKNOWN_FIELD);       /* in the body */
    assert_int_equal(DECODE(0x22, 0, 0xF8, 0x07, 1), SB_E_FRAME_UNKNOWN_FIELD); /* beside it */
    assert_int_equal(DECODE(0x12, 3, 0x12, 1, 0xFF), SB_E_FRAME_MALFORMED);     /* UTF-8 */
    assert_int_equal(DECODE(0x12, 3, 0x12, 1, 0x00), SB_E_FRAME_MALFORMED);     /* zero byte */
}

/* PITFALLS "protobuf-c", one by one: each means something else to another parser, or nothing. */
static void test_one_spelling(void **state)
{
    (void)state;
    assert_int_equal(DECODE(0xA2, 0x00, 2, 0x08, 5), SB_E_FRAME_MALFORMED);    /* overlong tag */
    assert_int_equal(DECODE(0x22, 0x82, 0, 0x08, 5), SB_E_FRAME_MALFORMED);    /* … length */
    assert_int_equal(DECODE(0x22, 3, 0x88, 0x00, 5), SB_E_FRAME_MALFORMED);    /* … tag inside */
    assert_int_equal(DECODE(0x08, 0x81, 0, 0x22, 0), SB_E_FRAME_MALFORMED);    /* … request */
    assert_int_equal(DECODE(0x08, 0, 0x22, 0), SB_E_FRAME_MALFORMED);          /* a default */
    assert_int_equal(DECODE(0x08, 1, 0x08, 2, 0x22, 0), SB_E_FRAME_MALFORMED); /* twice */
    assert_int_equal(DECODE(0x22, 0, 0x22, 2, 0x08, 5), SB_E_FRAME_MALFORMED); /* merged or not */
    assert_int_equal(DECODE(0x22, 4, 0x10, 7, 0x08, 5), SB_OK);                /* order is free */
    /* credit = 2^32 - 1 has five bytes; with a 33rd bit it would be cut to 2^31, in five bytes */
    assert_int_equal(DECODE(0x22, 6, 0x10, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F), SB_OK);
    assert_int_equal(DECODE(0x22, 6, 0x10, 0x80, 0x80, 0x80, 0x80, 0x18), SB_E_FRAME_MALFORMED);
    /* from = 2^64 - 1 has ten bytes; with a 65th bit it would wrap, in ten bytes */
    assert_int_equal(
        DECODE(0x22, 11, 0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01), SB_OK);
    assert_int_equal(
        DECODE(0x22, 11, 0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x03),
        SB_E_FRAME_MALFORMED);
    /* groups, fixed and unassigned wire types */
    for (uint8_t wire_type = 1; wire_type < 8; wire_type++)
        if (wire_type != 2)
            assert_int_not_equal(
                DECODE(0x22, 10, (uint8_t)(0x08 | wire_type), 0, 0, 0, 0, 0, 0, 0, 0, 0), SB_OK);
    assert_int_equal(DECODE(0x22, 3, 0x0A, 1, 5), SB_E_FRAME_MALFORMED); /* a number as packed */
    /* PromiseGiven (field 20): its head twice; a field that nobody knows inside it; order */
    assert_int_equal(DECODE(0xA2, 0x01, 4, 0x22, 0, 0x22, 0), SB_E_FRAME_MALFORMED);
    assert_int_equal(DECODE(0xA2, 0x01, 4, 0x22, 2, 0x78, 1), SB_E_FRAME_UNKNOWN_FIELD);
    /* PromiseAsk (field 19): as it was before `would`, and with it; false isn't written */
    assert_int_equal(DECODE(0x9A, 0x01, 5, 0x08, 2, 0x12, 1, 7), SB_OK);
    assert_int_equal(DECODE(0x9A, 0x01, 7, 0x08, 2, 0x12, 1, 7, 0x18, 1), SB_OK);
    assert_int_equal(DECODE(0x9A, 0x01, 7, 0x08, 2, 0x12, 1, 7, 0x18, 0), SB_E_FRAME_MALFORMED);
    assert_int_equal(DECODE(0xA2, 0x01, 6, 0x22, 4, 0x10, 9, 0x08, 1), SB_OK);
    assert_int_equal(DECODE(0xA2, 0x01, 8, 0x22, 6, 0x08, 0x80, 0x80, 0x80, 0x80, 0x18),
                     SB_E_FRAME_MALFORMED);                           /* 33 bits, nested */
    assert_int_equal(DECODE(0x22, 0, 0), SB_E_FRAME_MALFORMED);       /* trailing */
    assert_int_equal(DECODE(0x22, 0, 0x00, 0), SB_E_FRAME_MALFORMED); /* field 0 */
}

static void test_bounds(void **state)
{
    (void)state;
    size_t len = SB_FRAME_BYTES_MAX + 1;
    uint8_t *bytes = calloc(1, len);
    assert_int_equal(decode_hex(bytes, len), SB_E_FRAME_TOO_LARGE);
    /* a frame within the size that would take 16 bytes of memory for each 2 of its own */
    size_t body = SB_FRAME_BYTES_MAX - 4;
    bytes[0] = 0x2A; /* Leaves */
    bytes[1] = (uint8_t)(0x80 | (body & 0x7F));
    bytes[2] = (uint8_t)(0x80 | (body >> 7 & 0x7F));
    bytes[3] = (uint8_t)(body >> 14);
    for (size_t i = 4; i < 4 + body; i += 2)
        bytes[i] = 0x12; /* an empty leaf */
    assert_int_equal(decode_hex(bytes, 4 + body), SB_E_FRAME_MALFORMED);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_one_spelling),
        cmocka_unit_test(test_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
