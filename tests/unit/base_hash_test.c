#include "proto/base/hash.h"

#include <sodium.h>

#include "tests/lib/cmocka_all.h"

/* NIST's example values for SHA-256 (FIPS 180-4). */
static const struct {
    const char *message, *digest;
} nist[] = {
    {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
};

static void agrees_with_nist(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof nist / sizeof *nist; i++) {
        uint8_t digest[32];
        char hex[65];
        sb_hash(sb_slice_str(nist[i].message), digest);
        sb_hex(sb_slice_of(digest, 32), hex);
        assert_string_equal(hex, nist[i].digest);
    }
}

static void parts_are_the_whole(void **state)
{
    (void)state;
    uint8_t bytes[300], whole[32], parts[32];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 31);
    sb_hash(sb_slice_of(bytes, sizeof bytes), whole);
    for (size_t cut = 0; cut <= sizeof bytes; cut += 13) {
        sb_sha256 h;
        sb_sha256_init(&h);
        sb_sha256_add(&h, sb_slice_of(bytes, cut));
        sb_sha256_add(&h, (sb_slice){0});
        sb_sha256_add(&h, sb_slice_of(bytes + cut, sizeof bytes - cut));
        sb_sha256_final(&h, parts);
        assert_memory_equal(whole, parts, 32);
    }
}

/* Across the borders of blocks and of the padding, whole and cut in two. */
static void agrees_with_libsodium(void **state)
{
    (void)state;
    uint8_t bytes[300], theirs[32], ours[32];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 7 + 1);
    for (size_t len = 0; len <= sizeof bytes; len++) {
        crypto_hash_sha256(theirs, bytes, len);
        sb_hash(sb_slice_of(bytes, len), ours);
        assert_memory_equal(ours, theirs, 32);
        for (size_t cut = 0; cut <= len; cut++) {
            sb_sha256 h;
            sb_sha256_init(&h);
            sb_sha256_add(&h, sb_slice_of(bytes, cut));
            sb_sha256_add(&h, sb_slice_of(bytes + cut, len - cut));
            sb_sha256_final(&h, ours);
            assert_memory_equal(ours, theirs, 32);
        }
    }
}

static void numbers_are_big_endian(void **state)
{
    (void)state;
    const uint8_t bytes[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    uint8_t whole[32], numbers[32];
    sb_hash(sb_slice_of(bytes, sizeof bytes), whole);
    sb_sha256 h;
    sb_sha256_init(&h);
    sb_sha256_add_u8(&h, 0x01);
    sb_sha256_add_u16(&h, 0x0203);
    sb_sha256_add_u32(&h, 0x04050607);
    sb_sha256_add_u64(&h, 0x08090a0b0c0d0e0fu);
    sb_sha256_final(&h, numbers);
    assert_memory_equal(whole, numbers, 32);
}

static void hex_goes_there_and_back(void **state)
{
    (void)state;
    uint8_t all[256], back[256];
    char hex[513];
    for (size_t i = 0; i < 256; i++)
        all[i] = (uint8_t)i;
    sb_hex(sb_slice_of(all, 256), hex);
    assert_memory_equal(hex, "000102", 6);
    assert_string_equal(hex + 506, "fdfeff");
    assert_true(sb_unhex(sb_slice_str(hex), back, 256));
    assert_memory_equal(all, back, 256);
    assert_true(sb_unhex(sb_slice_str("aBcD"), back, 2));
    assert_int_equal(back[0], 0xAB);
    assert_int_equal(back[1], 0xCD);
}

static void refuses_what_is_not_hex(void **state)
{
    (void)state;
    uint8_t out[8];
    const char *bad[] = {"",     "0",    "000",  "00000", "0g00", "g000", " 000",
                         "0x00", "00 0", "/000", ":000",  "@000", "G000", "`000"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(sb_unhex(sb_slice_str(bad[i]), out, 2));
    assert_false(sb_unhex(sb_slice_str("0011"), out, 1));
    assert_false(sb_unhex(sb_slice_str("0011"), out, SIZE_MAX / 2 + 3)); /* 2 * len wraps to 4 */
    assert_true(sb_unhex((sb_slice){0}, out, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_nist),        cmocka_unit_test(parts_are_the_whole),
        cmocka_unit_test(numbers_are_big_endian),  cmocka_unit_test(hex_goes_there_and_back),
        cmocka_unit_test(refuses_what_is_not_hex), cmocka_unit_test(agrees_with_libsodium),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
