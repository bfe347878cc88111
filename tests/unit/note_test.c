/* Signed notes, checkpoints, cosignatures, tlog-proofs: others' examples, golden bytes, refusals.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "proto/base/hash.h"
#include "proto/merkle/base64.h"
#include "proto/merkle/tlog_proof.h"

static sb_secret *log_key, *witness_key;

static sb_slice str(const char *text)
{
    return sb_slice_str(text);
}

static void base64_has_one_spelling(void **state)
{
    (void)state;
    static const char *const good[][2] = {{"", ""},
                                          {"f", "Zg=="},
                                          {"fo", "Zm8="},
                                          {"foo", "Zm9v"},
                                          {"foob", "Zm9vYg=="},
                                          {"fooba", "Zm9vYmE="},
                                          {"foobar", "Zm9vYmFy"}};
    static const char *const bad[] = {"Zh==", "Zm9=",     "Zg=",      "Zg",     "Z",
                                      "=",    "====",     "Zg==Zg==", "Zm9v\n", " Zm9",
                                      "Zm-_", "Zm9vYg=A", "Zm=v",     "Z===",   "Zm9v=AAA"};
    uint8_t out[16];
    size_t len;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        sb_buf b;
        sb_buf_init(&b);
        sb_base64_add(&b, str(good[i][0]));
        assert_string_equal(sb_buf_cstr(&b), good[i][1]);
        assert_true(sb_base64_decode(str(good[i][1]), out, sizeof out, &len));
        assert_int_equal(len, strlen(good[i][0]));
        assert_memory_equal(out, good[i][0], len);
        sb_buf_deinit(&b);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(sb_base64_decode(str(bad[i]), out, sizeof out, &len));
    assert_false(sb_base64_decode(str("Zm9vYmFy"), out, 5, &len));
    assert_false(sb_base64_decode_exact(str("Zm9v"), out, 2));
}

/* The example of Go's golang.org/x/mod/sumdb/note. */
static const char peter[] =
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "\xe2\x80\x94 PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdng"
    "otpRZb6KE6RyyBwJnAM=\n";

static void peter_key(uint8_t pk[32])
{
    uint8_t typed[33];
    assert_true(
        sb_base64_decode_exact(str("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"), typed, 33));
    assert_int_equal(typed[0], SB_NOTE_TYPE_LOG);
    memcpy(pk, typed + 1, 32);
}

static void sumdb_example(void **state)
{
    (void)state;
    uint8_t pk[32], id[4];
    sb_note note;
    peter_key(pk);
    sb_note_key_id(str("PeterNeumann"), SB_NOTE_TYPE_LOG, pk, id);
    assert_memory_equal(id, "\xc7\x4f\x20\xa3", 4);
    assert_int_equal(sb_note_parse(str(peter), &note, NULL), SB_OK);
    assert_int_equal(note.line_count, 1);
    assert_int_equal(sb_note_verify(&note, str("PeterNeumann"), pk, NULL), SB_OK);
    assert_int_equal(sb_note_verify(&note, str("Peter"), pk, NULL), SB_E_CHECKPOINT_UNSIGNED);
}

static void every_flipped_bit_of_a_note_is_refused(void **state)
{
    (void)state;
    char bytes[sizeof peter];
    uint8_t pk[32];
    sb_note note;
    peter_key(pk);
    memcpy(bytes, peter, sizeof peter);
    sb_slice slice = sb_slice_of(bytes, sizeof peter - 1);
    for (size_t bit = 0; bit < 8 * slice.len; bit++) {
        bytes[bit / 8] = (char)(bytes[bit / 8] ^ (1 << bit % 8));
        bool is_accepted = sb_note_parse(slice, &note, NULL) == SB_OK &&
                           sb_note_verify(&note, str("PeterNeumann"), pk, NULL) == SB_OK;
        assert_false(is_accepted);
        bytes[bit / 8] = (char)(bytes[bit / 8] ^ (1 << bit % 8));
    }
    for (size_t len = 0; len < slice.len; len++)
        assert_int_equal(sb_note_parse(sb_slice_of(bytes, len), &note, NULL), SB_E_NOTE_MALFORMED);
    assert_int_equal(sb_note_parse(slice, &note, NULL), SB_OK);
}

/* The example of C2SP tlog-cosignature; its keys aren't published, so only the form. */
static void c2sp_example(void **state)
{
    (void)state;
    static const char text[] =
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
        "\xe2\x80\x94 example.com/behind-the-sofa "
        "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u"
        "5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
        "\xe2\x80\x94 witness.example.com/w1 "
        "jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dl"
        "rDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n";
    sb_checkpoint c;
    sb_note note;
    sb_note_line line;
    sb_cosignature cosignature;
    size_t at = 0;
    assert_int_equal(sb_checkpoint_parse(str(text), &c, NULL), SB_OK);
    assert_string_equal(c.origin, "example.com/behind-the-sofa");
    assert_int_equal(c.size, 20852163);
    assert_int_equal(sb_note_parse(str(text), &note, NULL), SB_OK);
    assert_true(sb_note_next_line(&note, &at, &line));
    assert_int_equal(line.sig_len, 64);
    assert_true(sb_note_next_line(&note, &at, &line));
    assert_int_equal(line.sig_len, SB_COSIGNATURE_BYTES);
    sb_cosignature_unpack(line.sig, &cosignature);
    assert_int_equal(cosignature.time_s, 1679315147);
    assert_false(sb_note_next_line(&note, &at, &line));
    sb_buf message;
    sb_buf_init(&message);
    sb_cosignature_message(&c, cosignature.time_s, &message);
    assert_string_equal(sb_buf_cstr(&message),
                        "cosignature/v1\ntime 1679315147\nexample.com/behind-the-sofa\n20852163\n"
                        "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n");
    sb_buf_deinit(&message);
}

#define DASH "\xe2\x80\x94 "
#define SIG "x08go/ZJkuBS9UG/SffcvIAQ"

static void malformed_notes(void **state)
{
    (void)state;
    static const struct {
        const char *bytes, *line;
    } cases[] = {
        {"", "1"},
        {"text\n", "2"},
        {"text\n\n", "3"},
        {"text\n" DASH "a " SIG "\n", "3"},        /* no blank line */
        {"text\n\n" DASH "a " SIG, "3"},           /* no closing \n */
        {"text\n\n" DASH "a " SIG "\n\n", "5"},    /* blank line last */
        {"text\n\n- a " SIG "\n", "3"},            /* hyphen */
        {"text\n\n\xe2\x80\x93 a " SIG "\n", "3"}, /* U+2013 */
        {"text\n\n\xe2\x80\x94"
         "a " SIG "\n",
         "3"},                                  /* no space */
        {"text\n\n" DASH " " SIG "\n", "3"},    /* no name */
        {"text\n\n" DASH "a+b " SIG "\n", "3"}, /* plus */
        {"text\n\n" DASH "a\xc2\xa0"
         "b " SIG "\n",
         "3"},                                   /* no-break space */
        {"text\n\n" DASH "a " SIG " \n", "3"},   /* space after */
        {"text\n\n" DASH "a b " SIG "\n", "3"},  /* space in the name */
        {"text\n\n" DASH "a x08goz==\n", "3"},   /* not canonical */
        {"text\n\n" DASH "a x08gow==\n", "3"},   /* key id alone */
        {"text\n\n" DASH "a " SIG "\nx\n", "4"}, /* foreign line */
        {"te\txt\n\n" DASH "a " SIG "\n", "1"},  /* control character */
        {"text\r\n\n" DASH "a " SIG "\n", "1"},
        {"a\n\xc0\xaf\n\n" DASH "a " SIG "\n", "2"},     /* overlong */
        {"a\n\xed\xa0\x80\n\n" DASH "a " SIG "\n", "2"}, /* surrogate */
        {"a\n\xf4\x90\x80\x80\n\n" DASH "a " SIG "\n", "2"},
        {"a\n\xe2\x80\n\n" DASH "a " SIG "\n", "2"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sb_note note;
        sb_fail fail;
        if (sb_note_parse(str(cases[i].bytes), &note, &fail) != SB_E_NOTE_MALFORMED)
            fail_msg("case %zu was accepted", i);
        if (strcmp(fail.arg[0], cases[i].line) != 0)
            fail_msg("case %zu: line %s, should be %s", i, fail.arg[0], cases[i].line);
    }
    sb_note note;
    assert_int_equal(sb_note_parse(str("a\n\nb\n\n" DASH "\xc3\xa6.no/1 " SIG "\n"), &note, NULL),
                     SB_OK);
    assert_int_equal(note.text.len, 5); /* the last blank line separates */
}

static void too_many_lines(void **state)
{
    (void)state;
    sb_buf b;
    sb_note note;
    sb_buf_init(&b);
    sb_buf_str(&b, "t\n\n");
    for (int i = 0; i < SB_NOTE_LINES_MAX; i++)
        sb_buf_str(&b, DASH "a " SIG "\n");
    assert_int_equal(sb_note_parse(sb_buf_slice(&b), &note, NULL), SB_OK);
    assert_int_equal(note.line_count, SB_NOTE_LINES_MAX);
    sb_buf_str(&b, DASH "a " SIG "\n");
    assert_int_equal(sb_note_parse(sb_buf_slice(&b), &note, NULL), SB_E_NOTE_MALFORMED);
    while (b.len <= SB_NOTE_BYTES_MAX)
        sb_buf_str(&b, DASH "a " SIG "\n");
    assert_int_equal(sb_note_parse(sb_buf_slice(&b), &note, NULL), SB_E_TOO_LARGE);
    sb_buf_deinit(&b);
}

/* ---- checkpoints ---- */

static const uint8_t federation_id[32] = {0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0xff};

static sb_checkpoint head(uint64_t size)
{
    sb_checkpoint c = {.size = size};
    assert_int_equal(sb_origin("troms-og-ofoten", federation_id, 1, c.origin, NULL), SB_OK);
    sb_leaf_hash(str("the root"), c.root);
    return c;
}

/* Golden: in PROTOCOL.md. Seeds: log 32 bytes of 01, witness 32 bytes of 02. */
static const char golden_checkpoint[] = "samband/troms-og-ofoten/0123456789abcdef/1\n"
                                        "5\n"
                                        "gfmAy2kQIgCdWod0ZlCegzc2sn3LreRrptmqBiC+74Y=\n"
                                        "\n"
                                        "\xe2\x80\x94 samband/troms-og-ofoten/0123456789abcdef/1 "
                                        "VTCVECD4bG5BO5B07vDINtgPzYAmE8mTaDJUpRYPADCOx4x1acIrIq62Xb"
                                        "iBPootk1oKpPx3YIJ1DznrmbyqgnGpuAE=\n";

/* Signatures of types that are not ours may be long (ML-DSA has 2,420 bytes), and are kept. */
static void long_signatures(void **state)
{
    (void)state;
    static const size_t lens[] = {1, 2420, SB_NOTE_SIG_BYTES_MAX, SB_NOTE_SIG_BYTES_MAX + 1};
    for (size_t i = 0; i < sizeof lens / sizeof lens[0]; i++) {
        sb_buf bytes, text;
        sb_note note;
        sb_buf_init(&bytes);
        sb_buf_init(&text);
        for (size_t k = 0; k < 4 + lens[i]; k++)
            sb_buf_add(&bytes, sb_slice_of("\x5a", 1));
        sb_buf_str(&text, "text\n\n" DASH "a ");
        sb_base64_add(&text, sb_buf_slice(&bytes));
        sb_buf_str(&text, "\n");
        sb_err expected = lens[i] <= SB_NOTE_SIG_BYTES_MAX ? SB_OK : SB_E_NOTE_MALFORMED;
        assert_int_equal(sb_note_parse(sb_buf_slice(&text), &note, NULL), expected);
        sb_buf_deinit(&bytes);
        sb_buf_deinit(&text);
    }
}

static void checkpoint_round_trip(void **state)
{
    (void)state;
    sb_checkpoint c = head(5), got;
    sb_buf note, again;
    sb_fail fail;
    uint8_t other_pk[32];
    memcpy(other_pk, sb_secret_pk(witness_key), 32);
    sb_buf_init(&note);
    sb_buf_init(&again);
    assert_int_equal(sb_checkpoint_sign(&c, log_key, &note, NULL), SB_OK);
    assert_string_equal(sb_buf_cstr(&note), golden_checkpoint);
    sb_slice bytes = sb_buf_slice(&note);
    const uint8_t *pk = sb_secret_pk(log_key);
    assert_int_equal(sb_checkpoint_verify(bytes, c.origin, pk, &got, NULL), SB_OK);
    assert_true(sb_checkpoint_eq(&c, &got));
    assert_int_equal(sb_checkpoint_verify(bytes, NULL, pk, &got, NULL), SB_OK);
    assert_int_equal(sb_checkpoint_verify(bytes, "samband/x/0123456789abcdef/1", pk, &got, &fail),
                     SB_E_CHECKPOINT_ORIGIN);
    assert_int_equal(sb_checkpoint_verify(bytes, NULL, other_pk, &got, NULL),
                     SB_E_CHECKPOINT_UNSIGNED);
    sb_checkpoint_body(&c, &again);
    assert_int_equal(sb_checkpoint_parse_body(sb_buf_slice(&again), &got, NULL), SB_OK);
    assert_true(sb_checkpoint_eq(&c, &got));
    sb_buf_deinit(&again);
    sb_buf_deinit(&note);
}

static void every_flipped_bit_of_a_checkpoint_is_refused(void **state)
{
    (void)state;
    sb_checkpoint c = head(12345), got;
    sb_buf note;
    sb_buf_init(&note);
    assert_int_equal(sb_checkpoint_sign(&c, log_key, &note, NULL), SB_OK);
    for (size_t bit = 0; bit < 8 * note.len; bit++) {
        note.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_not_equal(
            sb_checkpoint_verify(sb_buf_slice(&note), NULL, sb_secret_pk(log_key), &got, NULL),
            SB_OK);
        note.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    sb_buf_deinit(&note);
}

static void a_bad_line_of_the_log_key_spoils_the_note(void **state)
{
    (void)state;
    sb_checkpoint c = head(5), got;
    sb_buf note;
    uint8_t id[4], sig[64] = {0};
    sb_buf_init(&note);
    assert_int_equal(sb_checkpoint_sign(&c, log_key, &note, NULL), SB_OK);
    sb_note_key_id(str(c.origin), SB_NOTE_TYPE_LOG, sb_secret_pk(log_key), id);
    sb_note_add_line(&note, str(c.origin), id, sb_slice_of(sig, 64));
    assert_int_equal(
        sb_checkpoint_verify(sb_buf_slice(&note), NULL, sb_secret_pk(log_key), &got, NULL),
        SB_E_CHECKPOINT_SIGNATURE);
    sb_buf_deinit(&note);
}

#define ROOT_B64 "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="
#define EMPTY_B64 "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="

static void checkpoint_bodies(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "o\n5\n",
        "o\n5\n" ROOT_B64,
        "\n5\n" ROOT_B64 "\n",
        "o o\n5\n" ROOT_B64 "\n",
        "o\n05\n" ROOT_B64 "\n",
        "o\n+5\n" ROOT_B64 "\n",
        "o\n5 \n" ROOT_B64 "\n",
        "o\n\n" ROOT_B64 "\n",
        "o\n9223372036854775808\n" ROOT_B64 "\n",
        "o\n99999999999999999999\n" ROOT_B64 "\n",
        "o\n5\n" ROOT_B64 "\nextension\n",
        "o\n5\n" ROOT_B64 "\n\n",
        "o\n5\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=\n", /* the other spelling */
        "o\n5\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I\n",
        "o\n5\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxqw==\n",
        "o\n0\n" ROOT_B64 "\n", /* size 0 has one root */
    };
    static const char *const good[] = {
        "o\n5\n" ROOT_B64 "\n",
        "o\n0\n" EMPTY_B64 "\n",
        "o\n9223372036854775807\n" ROOT_B64 "\n",
    };
    sb_checkpoint c;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (sb_checkpoint_parse_body(str(bad[i]), &c, NULL) != SB_E_NOTE_MALFORMED)
            fail_msg("case %zu was accepted", i);
    }
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_int_equal(sb_checkpoint_parse_body(str(good[i]), &c, NULL), SB_OK);
}

static void origins(void **state)
{
    (void)state;
    char out[SB_ORIGIN_BYTES_MAX + 1], slug[121];
    assert_int_equal(sb_origin("a-1", federation_id, 12, out, NULL), SB_OK);
    assert_string_equal(out, "samband/a-1/0123456789abcdef/12");
    assert_int_equal(sb_origin("", federation_id, 1, out, NULL), SB_E_ORIGIN_SLUG);
    assert_int_equal(sb_origin("A", federation_id, 1, out, NULL), SB_E_ORIGIN_SLUG);
    assert_int_equal(sb_origin("a/b", federation_id, 1, out, NULL), SB_E_ORIGIN_SLUG);
    assert_int_equal(sb_origin("a", federation_id, 0, out, NULL), SB_E_ORIGIN_SLUG);
    memset(slug, 'a', 120);
    slug[120] = '\0';
    assert_int_equal(sb_origin(slug, federation_id, 1, out, NULL), SB_E_TOO_LARGE);
}

/* ---- cosignatures ---- */

/* Golden: in PROTOCOL.md. */
static const char golden_cosignature[] = "\xe2\x80\x94 unn.example/samband "
                                         "K7AYGwAAAABh6TKgtohUBHpWPjXj0IDMYshLQv9zqscTb5MK3YxIAWOEw"
                                         "61dfgMRNrYXZAstZ2hP7GsJ+HFl3quwvwncsiQOtkAqDQ==\n";

static void cosignatures(void **state)
{
    (void)state;
    sb_checkpoint c = head(5), other = head(6);
    sb_cosignature cosignature, got;
    sb_note note;
    sb_buf b;
    const uint8_t *pk = sb_secret_pk(witness_key);
    sb_slice name = str("unn.example/samband");

    assert_int_equal(sb_cosign(&c, witness_key, 1642672800, &cosignature, NULL), SB_OK);
    assert_true(sb_cosignature_verify(&c, pk, &cosignature));
    assert_false(sb_cosignature_verify(&other, pk, &cosignature));
    assert_false(sb_cosignature_verify(&c, sb_secret_pk(log_key), &cosignature));
    got = cosignature;
    got.time_s++;
    assert_false(sb_cosignature_verify(&c, pk, &got));
    /* truly signed, but beyond what the format allows */
    got.time_s = (uint64_t)INT64_MAX + 1;
    sb_buf_init(&b);
    sb_cosignature_message(&c, got.time_s, &b);
    assert_int_equal(sb_sign(witness_key, sb_buf_slice(&b), got.sig, NULL), SB_OK);
    sb_buf_deinit(&b);
    assert_false(sb_cosignature_verify(&c, pk, &got));
    assert_int_equal(sb_cosign(&c, witness_key, UINT64_MAX, &got, NULL), SB_E_TOO_LARGE);

    sb_buf_init(&b);
    assert_int_equal(sb_checkpoint_sign(&c, log_key, &b, NULL), SB_OK);
    assert_int_equal(sb_note_parse(sb_buf_slice(&b), &note, NULL), SB_OK);
    assert_false(sb_cosignature_find(&note, &c, pk, &got));
    size_t before = b.len;
    sb_cosignature_add_line(&b, name, pk, &cosignature);
    assert_string_equal(sb_buf_cstr(&b) + before, golden_cosignature);
    assert_int_equal(sb_note_parse(sb_buf_slice(&b), &note, NULL), SB_OK);
    assert_true(sb_cosignature_find(&note, &c, pk, &got));
    assert_memory_equal(got.sig, cosignature.sig, 64);
    assert_int_equal(got.time_s, 1642672800);
    assert_false(sb_cosignature_find(&note, &other, pk, &got));
    assert_false(sb_cosignature_find(&note, &c, sb_secret_pk(log_key), &got));

    /* a line travels alone, with or without \n */
    sb_note_line line;
    sb_slice alone = sb_slice_of(b.data + before, b.len - before);
    assert_int_equal(sb_note_parse_line(alone, &line, NULL), SB_OK);
    assert_true(sb_cosignature_verify_line(&c, &line, pk, NULL));
    alone.len--;
    assert_int_equal(sb_note_parse_line(alone, &line, NULL), SB_OK);
    for (size_t bit = 0; bit < 8 * alone.len; bit++) {
        b.data[before + bit / 8] ^= (uint8_t)(1 << bit % 8);
        if (sb_note_parse_line(alone, &line, NULL) == SB_OK)
            assert_false(sb_cosignature_verify_line(&c, &line, pk, NULL));
        b.data[before + bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    sb_buf_deinit(&b);
}

/* A cosignature is no log signature and the other way round, even under one key. */
static void types_keep_apart(void **state)
{
    (void)state;
    sb_checkpoint c = head(5), got;
    sb_cosignature cosignature;
    sb_note note;
    sb_buf b;
    sb_buf_init(&b);
    assert_int_equal(sb_cosign(&c, log_key, 7, &cosignature, NULL), SB_OK);
    sb_checkpoint_body(&c, &b);
    sb_buf_str(&b, "\n");
    sb_cosignature_add_line(&b, str(c.origin), sb_secret_pk(log_key), &cosignature);
    assert_int_equal(
        sb_checkpoint_verify(sb_buf_slice(&b), NULL, sb_secret_pk(log_key), &got, NULL),
        SB_E_CHECKPOINT_UNSIGNED);
    sb_buf_clear(&b);
    assert_int_equal(sb_checkpoint_sign(&c, log_key, &b, NULL), SB_OK);
    assert_int_equal(sb_note_parse(sb_buf_slice(&b), &note, NULL), SB_OK);
    assert_false(sb_cosignature_find(&note, &c, sb_secret_pk(log_key), &cosignature));
    sb_buf_deinit(&b);
}

static void merging(void **state)
{
    (void)state;
    sb_checkpoint c = head(5), d = head(6), got;
    sb_cosignature one, two;
    sb_buf plain, a, b, other, out;
    sb_note note;
    sb_buf_init(&plain);
    sb_buf_init(&a);
    sb_buf_init(&b);
    sb_buf_init(&other);
    sb_buf_init(&out);
    assert_int_equal(sb_checkpoint_sign(&c, log_key, &plain, NULL), SB_OK);
    assert_int_equal(sb_checkpoint_sign(&d, log_key, &other, NULL), SB_OK);
    assert_int_equal(sb_cosign(&c, witness_key, 7, &one, NULL), SB_OK);
    assert_int_equal(sb_cosign(&c, log_key, 8, &two, NULL), SB_OK);
    sb_buf_add(&a, sb_buf_slice(&plain));
    sb_cosignature_add_line(&a, str("w1"), sb_secret_pk(witness_key), &one);
    sb_buf_add(&b, sb_buf_slice(&plain));
    sb_cosignature_add_line(&b, str("w2"), sb_secret_pk(log_key), &two);
    sb_slice notes[] = {sb_buf_slice(&a), sb_buf_slice(&b), sb_buf_slice(&a)};
    assert_int_equal(sb_note_merge(notes, 3, &out, NULL), SB_OK);
    assert_int_equal(
        sb_checkpoint_verify(sb_buf_slice(&out), NULL, sb_secret_pk(log_key), &got, NULL), SB_OK);
    assert_int_equal(sb_note_parse(sb_buf_slice(&out), &note, NULL), SB_OK);
    assert_int_equal(note.line_count, 3);
    assert_true(sb_cosignature_find(&note, &c, sb_secret_pk(witness_key), NULL));
    assert_true(sb_cosignature_find(&note, &c, sb_secret_pk(log_key), NULL));
    size_t len = out.len;
    notes[1] = sb_buf_slice(&other);
    assert_int_equal(sb_note_merge(notes, 3, &out, NULL), SB_E_NOTE_BODIES_DIFFER);
    assert_int_equal(out.len, len);
    sb_buf_deinit(&plain);
    sb_buf_deinit(&a);
    sb_buf_deinit(&b);
    sb_buf_deinit(&other);
    sb_buf_deinit(&out);
}

/* ---- tlog-proof ---- */

static void tlog_proofs(void **state)
{
    (void)state;
    static const char *const words[5] = {"ein", "to", "tre", "fire", "fem"};
    static sb_tree t;
    sb_tile_reader none = {0};
    sb_proof proof;
    sb_checkpoint c = head(5), got;
    sb_tlog_proof parsed;
    sb_buf note, text;
    sb_fail fail;
    const uint8_t *pk = sb_secret_pk(log_key);

    sb_buf_init(&note);
    sb_buf_init(&text);
    sb_tree_init(&t);
    for (size_t i = 0; i < 5; i++) {
        uint8_t hash[32];
        sb_leaf_hash(str(words[i]), hash);
        sb_tree_append(&t, hash, NULL, NULL);
    }
    sb_tree_root(&t, c.root);
    assert_int_equal(sb_checkpoint_sign(&c, log_key, &note, NULL), SB_OK);
    assert_int_equal(sb_tree_inclusion(&t, 2, 5, none, &proof, NULL), SB_OK);
    sb_tlog_proof_write(2, &proof, str("extra!"), sb_buf_slice(&note), &text);
    assert_int_equal(
        strncmp(sb_buf_cstr(&text), "c2sp.org/tlog-proof@v1\nextra ZXh0cmEh\nindex 2\n", 46), 0);
    sb_slice bytes = sb_buf_slice(&text);
    assert_int_equal(sb_tlog_proof_verify(bytes, str("tre"), c.origin, pk, &parsed, &got, &fail),
                     SB_OK);
    assert_int_equal(parsed.index, 2);
    assert_true(sb_checkpoint_eq(&c, &got));
    assert_true(sb_slice_eq(parsed.extra_base64, str("ZXh0cmEh")));
    assert_int_equal(sb_tlog_proof_verify(bytes, str("to"), c.origin, pk, &parsed, &got, &fail),
                     SB_E_MERKLE_PROOF);
    /* Every flipped bit but those of the extra data, which nothing authenticates. */
    for (size_t bit = 0; bit < 8 * text.len; bit++) {
        if (bit / 8 >= 23 + 6 && bit / 8 < 23 + 6 + 8)
            continue;
        text.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_not_equal(
            sb_tlog_proof_verify(bytes, str("tre"), c.origin, pk, &parsed, &got, NULL), SB_OK);
        text.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (size_t len = 0; len < text.len; len++)
        assert_int_not_equal(sb_tlog_proof_verify(sb_slice_of(text.data, len), str("tre"), c.origin,
                                                  pk, &parsed, &got, NULL),
                             SB_OK);
    /* without extra, and one line too many */
    sb_buf_clear(&text);
    sb_tlog_proof_write(2, &proof, str(""), sb_buf_slice(&note), &text);
    assert_int_equal(
        sb_tlog_proof_verify(sb_buf_slice(&text), str("tre"), NULL, pk, &parsed, &got, NULL),
        SB_OK);
    proof.hashes[proof.count++] = proof.hashes[0];
    sb_buf_clear(&text);
    sb_tlog_proof_write(2, &proof, str(""), sb_buf_slice(&note), &text);
    assert_int_equal(
        sb_tlog_proof_verify(sb_buf_slice(&text), str("tre"), NULL, pk, &parsed, &got, NULL),
        SB_E_MERKLE_PROOF);
    sb_buf_deinit(&text);
    sb_buf_deinit(&note);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base64_has_one_spelling),
        cmocka_unit_test(sumdb_example),
        cmocka_unit_test(every_flipped_bit_of_a_note_is_refused),
        cmocka_unit_test(c2sp_example),
        cmocka_unit_test(malformed_notes),
        cmocka_unit_test(too_many_lines),
        cmocka_unit_test(long_signatures),
        cmocka_unit_test(checkpoint_round_trip),
        cmocka_unit_test(every_flipped_bit_of_a_checkpoint_is_refused),
        cmocka_unit_test(a_bad_line_of_the_log_key_spoils_the_note),
        cmocka_unit_test(checkpoint_bodies),
        cmocka_unit_test(origins),
        cmocka_unit_test(cosignatures),
        cmocka_unit_test(types_keep_apart),
        cmocka_unit_test(merging),
        cmocka_unit_test(tlog_proofs),
    };
    uint8_t seed[32];
    if (sb_sign_init(NULL) != SB_OK)
        return 1;
    memset(seed, 1, sizeof seed);
    log_key = sb_secret_from_seed(seed);
    memset(seed, 2, sizeof seed);
    witness_key = sb_secret_from_seed(seed);
    int rc = cmocka_run_group_tests(tests, NULL, NULL);
    sb_secret_free(log_key);
    sb_secret_free(witness_key);
    return rc;
}
