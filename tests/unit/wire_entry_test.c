/* The frame, the signature, what constructors refuse, blobs, charters, wording hashes. */
#include "tests/lib/cmocka_all.h"
#include "tests/lib/wire_samples.h"

#include "proto/base/hash.h"
#include "proto/wire/utf8.h"

#include <stdio.h>
#include <stdlib.h>

static sb_slice copy(sb_arena *arena, const sb_buf *entry)
{
    return sb_arena_copy(arena, sb_buf_slice(entry));
}

typedef struct fixture {
    sb_arena arena;
    sb_buf entry;
    uint8_t *bytes; /* a changeable copy of entry: CASE_REPORT */
    size_t len;
} fixture;

static int setup(void **state)
{
    fixture *f = sb_xmalloc(sizeof *f);
    sb_arena_init(&f->arena);
    sb_buf_init(&f->entry);
    sb_sample_entry(&f->arena, SB_ENTRY_CASE_REPORT, &f->entry);
    sb_slice bytes = copy(&f->arena, &f->entry);
    f->bytes = (uint8_t *)(uintptr_t)bytes.data;
    f->len = bytes.len;
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    fixture *f = *state;
    sb_arena_deinit(&f->arena);
    sb_buf_deinit(&f->entry);
    free(f);
    return 0;
}

static sb_err open_bytes(fixture *f, sb_slice bytes, sb_fail *fail)
{
    sb_leaf leaf;
    return sb_entry_open(bytes, &f->arena, &leaf, fail);
}

static void frames(void **state)
{
    fixture *f = *state;
    sb_fail fail = {0};
    f->bytes[0] = 2;
    assert_int_equal(open_bytes(f, sb_slice_of(f->bytes, f->len), &fail), SB_E_ENTRY_VERSION);
    assert_string_equal(fail.arg[0], "2");
    f->bytes[0] = 1;
    for (uint32_t type = 0; type < 256; type++) {
        f->bytes[1] = (uint8_t)type;
        sb_err err = open_bytes(f, sb_slice_of(f->bytes, f->len), &fail);
        assert_int_equal(err == SB_OK, type == SB_ENTRY_CASE_REPORT);
        assert_int_equal(err == SB_E_ENTRY_TYPE, !sb_entry_type_known(type));
    }
    f->bytes[1] = SB_ENTRY_CASE_REPORT;
    f->bytes[117]--; /* the payload's length */
    assert_int_equal(open_bytes(f, sb_slice_of(f->bytes, f->len), &fail), SB_E_ENTRY_LENGTH);
    f->bytes[117] = (uint8_t)(f->bytes[117] + 2);
    assert_int_equal(open_bytes(f, sb_slice_of(f->bytes, f->len), &fail), SB_E_ENTRY_TRUNCATED);
    f->bytes[117]--;
    memset(f->bytes + 114, 0xFF, 4);
    assert_int_equal(open_bytes(f, sb_slice_of(f->bytes, f->len), &fail), SB_E_ENTRY_TRUNCATED);
    uint8_t *large = sb_arena_alloc(&f->arena, SB_LEAF_BYTES_MAX + 1);
    memcpy(large, f->entry.data, f->entry.len);
    assert_int_equal(open_bytes(f, sb_slice_of(large, SB_ENTRY_BYTES_MAX + 1), &fail),
                     SB_E_ENTRY_TOO_LARGE);
    assert_string_equal(fail.arg[0], "65528");
    assert_int_equal(open_bytes(f, sb_slice_of(large, SB_ENTRY_BYTES_MAX), &fail),
                     SB_E_ENTRY_LENGTH);
}

static void truncations(void **state)
{
    fixture *f = *state;
    sb_fail fail;
    for (size_t len = 0; len < f->len; len++) {
        /* a copy of its own, so that the sanitizer sees any read beyond it */
        uint8_t *cut = sb_xmalloc(len + 1);
        memcpy(cut, f->bytes, len);
        cut = sb_xrealloc(cut, len > 0 ? len : 1);
        assert_int_equal(open_bytes(f, sb_slice_of(cut, len), &fail), SB_E_ENTRY_TRUNCATED);
        free(cut);
    }
}

static void trailing_bytes(void **state)
{
    fixture *f = *state;
    sb_buf_add(&f->entry, sb_slice_of("", 1));
    assert_int_equal(open_bytes(f, sb_buf_slice(&f->entry), NULL), SB_E_ENTRY_LENGTH);
}

static void every_bit_counts(void **state)
{
    fixture *f = *state;
    size_t by_signature = 0;
    for (size_t i = 0; i < f->len; i++)
        for (uint32_t bit = 0; bit < 8; bit++) {
            f->bytes[i] ^= (uint8_t)(1u << bit);
            sb_err err = open_bytes(f, sb_slice_of(f->bytes, f->len), NULL);
            assert_int_not_equal(err, SB_OK);
            by_signature += err == SB_E_SIGNATURE;
            bool in_payload = i >= SB_ENTRY_HEAD_BYTES && i < f->len - SB_SIG_BYTES;
            if (i >= 2 && i < 114) /* ids, keys, numbers, anchor: only the signature knows */
                assert_int_equal(err, SB_E_SIGNATURE);
            if (!in_payload && i >= SB_ENTRY_HEAD_BYTES)
                assert_int_equal(err, SB_E_SIGNATURE);
            f->bytes[i] ^= (uint8_t)(1u << bit);
            sb_arena_reset(&f->arena);
            /* the reset may have freed the copy: take another */
            sb_slice again = copy(&f->arena, &f->entry);
            f->bytes = (uint8_t *)(uintptr_t)again.data;
        }
    assert_true(by_signature > 112 * 8 + 64 * 8);
    assert_int_equal(open_bytes(f, sb_slice_of(f->bytes, f->len), NULL), SB_OK);
}

/* The signature covers the domain: the same bytes signed without it are refused. */
static void the_domain_counts(void **state)
{
    fixture *f = *state;
    sb_secret *secret = sb_sample_secret();
    assert_int_equal(sb_sign(secret, sb_slice_of(f->bytes, f->len - SB_SIG_BYTES),
                             f->bytes + f->len - SB_SIG_BYTES, NULL),
                     SB_OK);
    assert_int_equal(open_bytes(f, sb_slice_of(f->bytes, f->len), NULL), SB_E_SIGNATURE);
    assert_int_equal(sb_sign_domain(secret, SB_DOMAIN_STATEMENT,
                                    sb_slice_of(f->bytes, f->len - SB_SIG_BYTES),
                                    f->bytes + f->len - SB_SIG_BYTES, NULL),
                     SB_OK);
    assert_int_equal(open_bytes(f, sb_slice_of(f->bytes, f->len), NULL), SB_E_SIGNATURE);
    sb_secret_free(secret);
}

static void constructors(void **state)
{
    fixture *f = *state;
    sb_secret *secret = sb_sample_secret();
    sb_entry_head head;
    sb_sample_head(SB_ENTRY_CASE_REPORT, &head);
    sb_buf out;
    sb_buf_init(&out);
    const Sb__CaseReport *report =
        (const Sb__CaseReport *)sb_sample_payload(&f->arena, SB_ENTRY_CASE_REPORT);
    assert_int_equal(sb_make_CASE_REPORT(report, &head, secret, &out, NULL), SB_OK);
    assert_true(sb_slice_eq(sb_buf_slice(&out), sb_buf_slice(&f->entry)));
    /* appended, not replaced */
    assert_int_equal(sb_make_CASE_REPORT(report, &head, secret, &out, NULL), SB_OK);
    assert_int_equal(out.len, 2 * f->entry.len);
    sb_buf_clear(&out);
    Sb__CharterPart part = SB__CHARTER_PART__INIT;
    part.number = 1;
    part.data = (ProtobufCBinaryData){.len = SB_CHARTER_PART_BYTES_MAX,
                                      .data = sb_arena_alloc(&f->arena, SB_LEAF_BYTES_MAX)};
    assert_int_equal(sb_make_CHARTER_PART(&part, &head, secret, &out, NULL), SB_OK);
    assert_true(out.len + 8 <= SB_LEAF_BYTES_MAX);
    sb_buf_clear(&out);
    sb_fail fail = {0};
    part.data.len = SB_CHARTER_PART_BYTES_MAX + 1;
    assert_int_equal(sb_make_CHARTER_PART(&part, &head, secret, &out, &fail), SB_E_PAYLOAD_LENGTH);
    assert_string_equal(fail.arg[0], "CharterPart.data");
    part.data.len = SB_PAYLOAD_BYTES_MAX;
    assert_int_equal(sb_make_CHARTER_PART(&part, &head, secret, &out, &fail), SB_E_ENTRY_TOO_LARGE);
    assert_int_equal(out.len, 0);
    sb_buf_deinit(&out);
    sb_secret_free(secret);
}

static void a_head_without_anchor(void **state)
{
    (void)state;
    uint8_t id[32], empty[32];
    memset(id, 7, sizeof id);
    assert_true(
        sb_unhex(sb_slice_str("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
                 empty, 32));
    sb_entry_head head;
    sb_entry_head_init(&head, id, 42);
    assert_memory_equal(head.federation_id, id, 32);
    assert_memory_equal(head.anchor_root, empty, 32);
    assert_int_equal(head.anchor_size, 0);
    assert_int_equal(head.signer_seq, 42);
}

static size_t blobs_of(fixture *f, sb_entry_type type, const Sb__BlobRef *const **out)
{
    size_t count;
    sb_payload_blobs(sb_sample_payload(&f->arena, type), &f->arena, out, &count);
    return count;
}

static void blobs(void **state)
{
    fixture *f = *state;
    const Sb__BlobRef *const *found;
    assert_int_equal(blobs_of(f, SB_ENTRY_CASE_REPORT, &found), 4);
    for (size_t i = 0; i < 4; i++) /* from, text, attachments: field order */
        assert_int_equal(found[i]->sha256.data[0], 0x11 + i);
    assert_int_equal(blobs_of(f, SB_ENTRY_ATTENDANCE, &found), 2);
    assert_int_equal(found[0]->sha256.data[0], 0x13);
    assert_int_equal(found[1]->sha256.data[0], 0x14);
    assert_int_equal(blobs_of(f, SB_ENTRY_TASK_SET, &found), 2); /* one in a oneof */
    assert_int_equal(blobs_of(f, SB_ENTRY_BALLOT, &found), 0);
    Sb__TaskSet *task = (Sb__TaskSet *)(uintptr_t)sb_sample_payload(&f->arena, SB_ENTRY_TASK_SET);
    task->due_case = SB__TASK_SET__DUE_DATE;
    task->date = 20220207;
    size_t count;
    sb_payload_blobs(&task->base, &f->arena, &found, &count);
    assert_int_equal(count, 1);
    sb_leaf leaf;
    assert_int_equal(sb_entry_open(sb_buf_slice(&f->entry), &f->arena, &leaf, NULL), SB_OK);
    assert_int_equal(leaf.blob_count, 4);
}

static void charters(void **state)
{
    fixture *f = *state;
    Sb__Charter *charter = sb_sample_charter(&f->arena);
    sb_buf bytes;
    sb_buf_init(&bytes);
    sb_fail fail = {0};
    sb_err err = sb_charter_encode(charter, &bytes, &fail);
    if (err != SB_OK)
        fail_msg("%s %s", sb_err_name(err), fail.arg[0]);
    const Sb__Charter *decoded;
    assert_int_equal(sb_charter_decode(sb_buf_slice(&bytes), &f->arena, &decoded, &fail), SB_OK);
    assert_string_equal(decoded->bodies[0]->quorum->cite, "§ 6 SSU nr. 10");
    size_t len = bytes.len;
    charter->bodies[0]->pass = NULL;
    assert_int_equal(sb_charter_encode(charter, &bytes, &fail), SB_E_PAYLOAD_MISSING);
    assert_string_equal(fail.arg[0], "Charter.bodies[0].pass");
    assert_int_equal(bytes.len, len);
    sb_buf_add(&bytes, sb_slice_of("\x88\x01\x01", 3)); /* field 17 */
    assert_int_equal(sb_charter_decode(sb_buf_slice(&bytes), &f->arena, &decoded, &fail),
                     SB_E_PAYLOAD_UNKNOWN_FIELD);
    uint8_t *large = sb_arena_alloc(&f->arena, SB_CHARTER_BYTES_MAX + 1);
    assert_int_equal(
        sb_charter_decode(sb_slice_of(large, SB_CHARTER_BYTES_MAX + 1), &f->arena, &decoded, &fail),
        SB_E_ENTRY_TOO_LARGE);
    sb_buf_deinit(&bytes);
}

/* A charter of the size that DESIGN names fits into what may be allocated. */
static void a_large_charter(void **state)
{
    fixture *f = *state;
    sb_arena *a = &f->arena;
    Sb__Charter *charter = sb_sample_charter(a);
    Sb__Body *body = charter->bodies[0];
    Sb__Seat *seat = body->seats[0];
    seat->title = (char *)(uintptr_t) "Representant";
    seat->requirement = (char *)(uintptr_t) "";
    body->n_seats = 10000;
    body->seats = SB_ARENA_ARRAY(a, Sb__Seat *, body->n_seats);
    for (size_t i = 0; i < body->n_seats; i++)
        body->seats[i] = seat;
    sb_buf bytes;
    sb_buf_init(&bytes);
    sb_fail fail = {0};
    sb_err err = sb_charter_encode(charter, &bytes, &fail);
    if (err != SB_OK)
        fail_msg("%s %s", sb_err_name(err), fail.arg[0]);
    sb_buf_deinit(&bytes);
}

/* SHA-256 computed with Python's hashlib over the layout in the header. */
static void wording_hashes(void **state)
{
    (void)state;
    uint8_t case_id[32], hash[32], expected[32];
    memset(case_id, 0x11, sizeof case_id);
    const char *clauses[] = {"Tas til orientering.", "Å øve\npå æ"};
    sb_wording_hash(case_id, clauses, 2, NULL, 0, hash);
    assert_true(
        sb_unhex(sb_slice_str("0ce952425f962cb3c4c96892e9948ebe411cf3a29ec87b74ad798e5a03c5d602"),
                 expected, 32));
    assert_memory_equal(hash, expected, 32);
    sb_wording_hash(case_id, NULL, 0, NULL, 0, hash);
    assert_true(
        sb_unhex(sb_slice_str("99983bd82e53ab3c9c18d3e3ccfb45b1695f0d8909c9f0d17938a45611aad1f0"),
                 expected, 32));
    assert_memory_equal(hash, expected, 32);
    uint8_t attached[2][32];
    memset(attached[0], 0x22, 32);
    memset(attached[1], 0x33, 32);
    sb_wording_hash(case_id, clauses, 2, (const uint8_t(*)[32])attached, 2, hash);
    assert_true(
        sb_unhex(sb_slice_str("59097a5b61f2813559936568c85c95f4c05f6ecc1628c89d330c7fa70883e1cb"),
                 expected, 32));
    assert_memory_equal(hash, expected, 32);
}

/* Every code point, against the standard's rules written another way. */
static void code_points(void **state)
{
    (void)state;
    for (uint32_t c = 0; c <= 0x110000; c++) {
        bool control = c < 0x20 || (c >= 0x7F && c < 0xA0);
        bool bidi = c == 0x61C || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) ||
                    (c >= 0x2066 && c <= 0x2069);
        bool separator = c == 0x2028 || c == 0x2029 || c == 0xFEFF;
        bool surrogate = c >= 0xD800 && c <= 0xDFFF;
        bool noncharacter = (c >= 0xFDD0 && c <= 0xFDEF) || c % 0x10000 >= 0xFFFE || c > 0x10FFFF;
        bool forbidden = control || bidi || separator || surrogate || noncharacter;
        if (sb_code_point_forbidden(c) != forbidden)
            fail_msg("U+%04X", (unsigned)c);
        uint8_t utf8[4];
        size_t len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4, at = 0;
        static const uint8_t lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
        for (size_t i = len; i-- > 1;)
            utf8[i] = (uint8_t)(0x80 | (c >> (6 * (len - 1 - i)) & 0x3F));
        utf8[0] = (uint8_t)(lead[len] | c >> (6 * (len - 1)));
        uint32_t decoded = 0;
        bool ok = sb_utf8_next(sb_slice_of(utf8, len), &at, &decoded);
        assert_int_equal(ok, !surrogate && c <= 0x10FFFF);
        assert_int_equal(at, ok ? len : 0);
        assert_int_equal(decoded, ok ? c : 0);
    }
}

int main(void)
{
    if (sb_sign_init(NULL) != SB_OK)
        return 1;
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(frames),
        TEST(truncations),
        TEST(trailing_bytes),
        TEST(every_bit_counts),
        TEST(the_domain_counts),
        TEST(constructors),
        TEST(a_head_without_anchor),
        TEST(blobs),
        TEST(charters),
        TEST(a_large_charter),
        TEST(wording_hashes),
        TEST(code_points),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
