/* Files, directories, both clocks, text made safe, log lines. */
#include "tests/lib/cmocka_all.h"
#include "tests/lib/tmpdir.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

#include "nodes/host/clock.h"
#include "nodes/host/file.h"
#include "nodes/host/log.h"
#include "nodes/host/nfc.h"
#include "nodes/host/random.h"
#include "nodes/host/term.h"
#include "proto/text/text.h"

typedef struct bench {
    char root[64], path[128];
    sb_arena arena;
    sb_buf buf;
    sb_fail fail;
} bench;

#define ok(expression) assert_int_equal((expression), SB_OK)

static int setup(void **state)
{
    bench *b = calloc(1, sizeof *b);
    sb_tmpdir_make(b->root);
    (void)snprintf(b->path, sizeof b->path, "%s/file", b->root);
    sb_arena_init(&b->arena);
    sb_buf_init(&b->buf);
    *state = b;
    return 0;
}

static int teardown(void **state)
{
    bench *b = *state;
    sb_tmpdir_drop(b->root);
    sb_arena_deinit(&b->arena);
    sb_buf_deinit(&b->buf);
    free(b);
    return 0;
}

static unsigned mode_of(const char *path)
{
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    return st.st_mode & 07777;
}

static const char *in(bench *b, const char *name)
{
    return sb_path_join(&b->arena, b->root, name);
}

static void test_writing_replaces_as_a_whole(void **state)
{
    bench *b = *state;
    const char *const *names;
    size_t count;
    mode_t before = umask(077);
    ok(sb_file_write(b->path, sb_slice_str("one"), SB_FILE_MODE, &b->fail));
    (void)umask(before);
    assert_int_equal(mode_of(b->path), 0644);
    ok(sb_file_write(b->path, sb_slice_str("second"), SB_FILE_MODE_SECRET, &b->fail));
    assert_int_equal(mode_of(b->path), 0600);
    ok(sb_file_read(b->path, 6, &b->buf, &b->fail));
    SB_ASSERT_TEXT(sb_buf_slice(&b->buf), "second");
    ok(sb_dir_list(b->root, &b->arena, &names, &count, &b->fail)); /* no temporary left */
    assert_int_equal(count, 1);
    assert_string_equal(names[0], "file");
}

static void test_a_new_file_never_replaces(void **state)
{
    bench *b = *state;
    size_t count;
    const char *const *names;
    ok(sb_file_write_new(b->path, sb_slice_str("kept"), 0600, &b->fail));
    assert_int_equal(sb_file_write_new(b->path, sb_slice_str("x"), 0600, &b->fail),
                     SB_E_FILE_EXISTS);
    assert_string_equal(b->fail.arg[0], b->path);
    ok(sb_file_read(b->path, 100, &b->buf, &b->fail));
    SB_ASSERT_TEXT(sb_buf_slice(&b->buf), "kept");
    ok(sb_dir_list(b->root, &b->arena, &names, &count, &b->fail));
    assert_int_equal(count, 1);
}

static void test_what_cannot_be_read_says_why(void **state)
{
    bench *b = *state;
    const char *nowhere = in(b, "none/file");
    assert_int_equal(sb_file_read(b->path, 9, &b->buf, &b->fail), SB_E_FILE_MISSING);
    assert_string_equal(b->fail.arg[0], b->path);
    assert_int_equal(sb_file_read(b->root, 9, &b->buf, &b->fail), SB_E_FILE_NOT_REGULAR);
    assert_int_equal(sb_file_write(nowhere, sb_slice_str("x"), 0644, &b->fail), SB_E_DIR_MISSING);
    ok(sb_file_write(b->path, sb_slice_str("0123456789"), 0644, &b->fail));
    assert_int_equal(sb_file_read(b->path, 9, &b->buf, &b->fail), SB_E_TOO_LARGE);
    assert_string_equal(b->fail.arg[2], "9");
    assert_int_equal(b->buf.len, 0);
}

/* A pipe has no size to look at before reading. */
static void test_the_cap_holds_for_pipes(void **state)
{
    bench *b = *state;
    int ends[2];
    char path[64];
    assert_int_equal(pipe(ends), 0);
    (void)snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
    assert_int_equal(write(ends[1], "0123456789", 10), 10);
    (void)close(ends[1]);
    assert_int_equal(sb_file_read(path, 9, &b->buf, &b->fail), SB_E_TOO_LARGE);
    (void)close(ends[0]);
}

static void test_secrets_open_to_others_are_refused(void **state)
{
    bench *b = *state;
    const unsigned open_modes[] = {0640, 0604, 0660, 0644, 0620, 0601};
    ok(sb_file_write(b->path, sb_slice_str("secret"), 0600, &b->fail));
    ok(sb_file_read_secret(b->path, 100, &b->buf, &b->fail));
    for (size_t i = 0; i < sizeof open_modes / sizeof *open_modes; i++) {
        assert_int_equal(chmod(b->path, open_modes[i]), 0);
        sb_buf_clear(&b->buf);
        assert_int_equal(sb_file_read_secret(b->path, 100, &b->buf, &b->fail),
                         SB_E_FILE_OPEN_TO_OTHERS);
        assert_int_equal(b->buf.len, 0);
    }
    assert_int_equal(chmod(b->path, 0400), 0);
    ok(sb_file_read_secret(b->path, 100, &b->buf, &b->fail));
}

static void test_directories(void **state)
{
    bench *b = *state;
    const char *const *names;
    size_t count;
    mode_t before = umask(077);
    ok(sb_dir_make(in(b, "a/b/c"), 0750, &b->fail));
    ok(sb_dir_make(in(b, "a/b/c/"), 0700, &b->fail)); /* there already: keeps its mode */
    (void)umask(before);
    assert_int_equal(mode_of(in(b, "a")), 0750);
    assert_int_equal(mode_of(in(b, "a/b/c")), 0750);
    assert_true(sb_dir_is_empty(in(b, "a/b/c")));
    assert_true(sb_dir_is_empty(in(b, "none")));
    assert_false(sb_dir_is_empty(in(b, "a")));
    ok(sb_file_write(in(b, "f"), sb_slice_str(""), 0644, &b->fail));
    assert_int_equal(sb_dir_make(in(b, "f/g"), 0700, &b->fail), SB_E_DIR_MAKE);
    ok(sb_file_write(in(b, "Z"), sb_slice_str(""), 0644, &b->fail));
    ok(sb_dir_list(b->root, &b->arena, &names, &count, &b->fail));
    assert_int_equal(count, 3);
    assert_string_equal(names[0], "Z");
    assert_string_equal(names[1], "a");
    assert_string_equal(names[2], "f");
    assert_int_equal(sb_dir_list(in(b, "none"), &b->arena, &names, &count, &b->fail),
                     SB_E_FILE_MISSING);
}

static void test_paths(void **state)
{
    bench *b = *state;
    assert_string_equal(sb_path_join(&b->arena, "a", "b"), "a/b");
    assert_string_equal(sb_path_join(&b->arena, "a/", "b"), "a/b");
    assert_string_equal(sb_path_join(&b->arena, "a", "/b"), "/b");
    assert_string_equal(sb_path_join(&b->arena, "", "b"), "b");
    assert_string_equal(sb_path_dir(&b->arena, "a/b/c"), "a/b");
    assert_string_equal(sb_path_dir(&b->arena, "c"), ".");
    assert_string_equal(sb_path_dir(&b->arena, "/c"), "/");
}

static void test_the_system_clock(void **state)
{
    (void)state;
    sb_clock clock;
    uint64_t a, b, m = sb_clock_monotonic_ms();
    sb_clock_system(&clock);
    assert_false(sb_clock_is_rehearsal(&clock));
    ok(sb_clock_legal_ms(&clock, &a, NULL));
    assert_true(a / 1000 >= (uint64_t)time(NULL) - 2 && a / 1000 <= (uint64_t)time(NULL) + 2);
    clock.legal_ms = a + 3600000; /* the machine's clock was set back an hour */
    ok(sb_clock_legal_ms(&clock, &b, NULL));
    assert_int_equal(b, a + 3600000);
    assert_true(sb_clock_monotonic_ms() >= m);
}

static void test_the_clock_file_feeds_and_never_goes_back(void **state)
{
    bench *b = *state;
    sb_clock clock;
    uint64_t ms = 0;
    assert_int_equal(sb_clock_file(&clock, b->path, &b->fail), SB_E_CLOCK_FILE);
    ok(sb_clock_file_write(b->path, 1642680000000, &b->fail));
    ok(sb_clock_file(&clock, b->path, &b->fail));
    assert_true(sb_clock_is_rehearsal(&clock));
    ok(sb_clock_legal_ms(&clock, &ms, &b->fail));
    assert_int_equal(ms, 1642680000000);
    ok(sb_clock_legal_ms(&clock, &ms, &b->fail)); /* frozen */
    assert_int_equal(ms, 1642680000000);
    for (uint64_t i = 1; i <= 50; i++) { /* each replacement is seen, however fast */
        ok(sb_clock_file_write(b->path, 1642680000000 + i, &b->fail));
        ok(sb_clock_legal_ms(&clock, &ms, &b->fail));
        assert_int_equal(ms, 1642680000000 + i);
    }
    assert_int_equal(sb_clock_file_write(b->path, 1642680000049, &b->fail), SB_E_CLOCK_BACKWARDS);
    assert_string_equal(b->fail.arg[1], "1642680000050");
    assert_string_equal(b->fail.arg[2], "1642680000049");
    /* somebody sets it back by hand: the clock stays, and says so */
    ok(sb_file_write(b->path, sb_slice_str("5\n"), 0644, &b->fail));
    assert_int_equal(sb_clock_legal_ms(&clock, &ms, &b->fail), SB_E_CLOCK_BACKWARDS);
    assert_int_equal(ms, 1642680000050);
    assert_int_equal(unlink(b->path), 0);
    assert_int_equal(sb_clock_legal_ms(&clock, &ms, &b->fail), SB_E_CLOCK_FILE);
    assert_int_equal(ms, 1642680000050);
    ok(sb_clock_file_write(b->path, 1642680000051, &b->fail));
    ok(sb_clock_legal_ms(&clock, &ms, &b->fail));
    assert_int_equal(ms, 1642680000051);
}

static void test_broken_clock_files(void **state)
{
    bench *b = *state;
    const char *broken[] = {"", "\n", "x", "-5", "1.5", "12 ", "1\n2", "9999999999999999", "0x10"};
    sb_clock clock;
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        ok(sb_file_write(b->path, sb_slice_str(broken[i]), 0644, &b->fail));
        assert_int_equal(sb_clock_file(&clock, b->path, &b->fail), SB_E_CLOCK_FILE);
        assert_string_equal(b->fail.arg[0], b->path);
    }
    ok(sb_file_write(b->path, sb_slice_str("0"), 0644, &b->fail));
    ok(sb_clock_file(&clock, b->path, &b->fail));
}

static void test_randomness_varies_and_stays_below(void **state)
{
    (void)state;
    uint8_t a[32] = {0}, b[32] = {0};
    uint32_t seen = 0;
    sb_random_bytes(a, sizeof a);
    sb_random_bytes(b, sizeof b);
    assert_memory_not_equal(a, b, sizeof a);
    for (int i = 0; i < 2000; i++) {
        uint32_t n = sb_random_below(5);
        assert_in_range(n, 0, 4);
        seen |= 1u << n;
    }
    assert_int_equal(seen, 31);
}

static void test_nfc(void **state)
{
    bench *b = *state;
    sb_slice out;
    ok(sb_nfc(sb_slice_str("bla\xCC\x8A"), &b->arena, &out, &b->fail)); /* a + ring above */
    SB_ASSERT_TEXT(out, "bl\xC3\xA5");
    ok(sb_nfc(sb_slice_str("H\xC3\xA5logaland"), &b->arena, &out, &b->fail));
    SB_ASSERT_TEXT(out, "H\xC3\xA5logaland");
    ok(sb_nfc(sb_slice_of(NULL, 0), &b->arena, &out, &b->fail));
    assert_int_equal(out.len, 0);
    assert_int_equal(sb_nfc(sb_slice_str("\xC3"), &b->arena, &out, &b->fail), SB_E_NFC_UTF8);
    assert_int_equal(sb_nfc(sb_slice_str("\xED\xA0\x80"), &b->arena, &out, &b->fail),
                     SB_E_NFC_UTF8); /* a surrogate */
    assert_int_equal(sb_nfc(sb_slice_of("a\0b", 3), &b->arena, &out, &b->fail), SB_E_NFC_UTF8);
}

static void test_nfc_of_secrets_is_in_place(void **state)
{
    (void)state;
    uint8_t secret[16] = "bla\xCC\x8A", bad[4] = "\xFF", grows[4] = "\xCC\x88\xC1";
    size_t len = 5;
    assert_true(sb_nfc_secret(secret, &len, sizeof secret));
    assert_int_equal(len, 4);
    assert_memory_equal(secret, "bl\xC3\xA5", 4);
    len = 1;
    assert_false(sb_nfc_secret(bad, &len, sizeof bad));
    /* U+0344 becomes two code points: four bytes from two, more than there is room for */
    memcpy(grows, "\xCD\x84\xCD", 3);
    len = 2;
    assert_false(sb_nfc_secret(grows, &len, 3));
}

/* JSON goes to a terminal too; what reads it sees the same characters. */
static void test_json_for_a_terminal(void **state)
{
    bench *b = *state;
    sb_buf_clear(&b->buf);
    sb_nfc_json(sb_slice_str("{\"a\":\"bl\xC3\xA5 \\u001b \xC2\x9B"
                             "2J \xE2\x80\xAE"
                             "x "
                             "\xF3\xA0\x81\x81 \x7F\"}"),
                &b->buf);
    assert_string_equal(sb_buf_cstr(&b->buf),
                        "{\"a\":\"bl\xC3\xA5 \\u001b \\u009b2J \\u202ex \\udb40\\udc41 \\u007f\"}");
}

static void expect_printable(bench *b, sb_slice text, bool lines, const char *expected)
{
    sb_buf_clear(&b->buf);
    sb_nfc_printable(text, lines, &b->buf);
    assert_string_equal(sb_buf_cstr(&b->buf), expected);
}

static void test_terminals_obey_nothing(void **state)
{
    bench *b = *state;
    expect_printable(b, sb_slice_str("blåbær «€» 漢"), false, "blåbær «€» 漢");
    expect_printable(b, sb_slice_str("\x1b[31mred"), false, "\\x1B[31mred");
    expect_printable(b, sb_slice_str("a\nb\tc\r"), false, "a\\x0Ab\\x09c\\x0D");
    expect_printable(b, sb_slice_str("a\nb\tc\r"), true, "a\nb\tc\\x0D");
    expect_printable(b,
                     sb_slice_str("\xC2\x9B"
                                  "2J"),
                     false, "\\u{009B}2J");
    expect_printable(b,
                     sb_slice_str("\xE2\x80\xAE"
                                  "evil"),
                     false, "\\u{202E}evil");
    expect_printable(b, sb_slice_str("\xE2\x80\xA8"), true, "\\u{2028}");
    expect_printable(b, sb_slice_of("a\0b\xFF", 4), false, "a\\x00b\\xFF");
    /* a storm of marks on one letter; a few are a language */
    char storm[2 * 100 + 2] = "e";
    for (size_t i = 0; i < 100; i++)
        memcpy(storm + 1 + 2 * i, "\xCC\x81", 3);
    sb_buf_clear(&b->buf);
    sb_nfc_printable(sb_slice_str(storm), false, &b->buf);
    assert_memory_equal(b->buf.data, storm, 1 + 2 * 8);
    assert_memory_equal(b->buf.data + 17, "\\u{0301}\\u{0301}", 16);
    expect_printable(b, sb_slice_str("e\xCC\x82\xCC\x81 o\xCC\x88"), false,
                     "e\xCC\x82\xCC\x81 o\xCC\x88");
    assert_int_equal(sb_nfc_columns(sb_slice_str("blåbær")), 6);
    assert_int_equal(sb_nfc_columns(sb_slice_str("漢字")), 4);
    assert_int_equal(sb_nfc_columns(sb_slice_str("a\xCC\x8A")), 1);
}

/* What went to stderr meanwhile. */
static void catch_stderr(bench *b, void (*speak)(void *), void *arg)
{
    (void)fflush(stderr);
    int keep = dup(STDERR_FILENO);
    int fd = open(b->path, O_CREAT | O_TRUNC | O_WRONLY, 0600);
    assert_true(keep >= 0 && fd >= 0 && dup2(fd, STDERR_FILENO) >= 0);
    speak(arg);
    (void)fflush(stderr);
    assert_true(dup2(keep, STDERR_FILENO) >= 0);
    (void)close(fd);
    (void)close(keep);
    sb_buf_clear(&b->buf);
    ok(sb_file_read(b->path, 100000, &b->buf, &b->fail));
}

static void speak_log(void *arg)
{
    sb_log_setup(arg, SB_LOG_INFO, "samband-node");
    sb_log(SB_LOG_INFO, "sequenced index=%d note=%s", 17, "a\nfake line");
    sb_log(SB_LOG_DEBUG, "hidden");
    sb_fail fail;
    (void)sb_fail_set(&fail, SB_E_FILE_MISSING, "x.yaml", NULL);
    sb_log_fail(SB_LOG_ERROR, "start", &fail);
    sb_log_setup(NULL, SB_LOG_INFO, NULL);
}

static void test_log_lines(void **state)
{
    bench *b = *state;
    sb_clock clock;
    const char *file = in(b, "clock");
    ok(sb_clock_file_write(file, 1642680000123, &b->fail));
    ok(sb_clock_file(&clock, file, &b->fail));
    catch_stderr(b, speak_log, &clock);
    const char *expected =
        "2022-01-20T12:00:00.123Z info  samband-node: sequenced index=17 note=a\\x0Afake line\n"
        "2022-01-20T12:00:00.123Z error samband-node: start code=SB_E_FILE_MISSING "
        "filen x.yaml finnes ikke\n";
    assert_string_equal(sb_buf_cstr(&b->buf), expected);
}

static int exit_code;

static void speak_terminal(void *arg)
{
    sb_fail fail;
    (void)sb_fail_set(&fail, SB_E_FILE_OPEN_TO_OTHERS, arg, NULL);
    exit_code = sb_term_fail("samband", SB_LANG_EN, &fail);
    sb_term_say("samband", "%s", "hei\x1b[2J");
}

static void test_messages_name_the_program_and_obey_nothing(void **state)
{
    bench *b = *state;
    catch_stderr(b, speak_terminal, (void *)"a\x1b.key");
    assert_string_equal(sb_buf_cstr(&b->buf),
                        "samband: other users have access to the secret file a\\x1B.key; "
                        "run: chmod 600 a\\x1B.key\nsamband: hei\\x1B[2J\n");
    assert_int_equal(exit_code, SB_EXIT_ERROR);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_writing_replaces_as_a_whole),
        T(test_a_new_file_never_replaces),
        T(test_what_cannot_be_read_says_why),
        T(test_the_cap_holds_for_pipes),
        T(test_secrets_open_to_others_are_refused),
        T(test_directories),
        T(test_paths),
        T(test_the_system_clock),
        T(test_the_clock_file_feeds_and_never_goes_back),
        T(test_broken_clock_files),
        T(test_randomness_varies_and_stays_below),
        T(test_nfc),
        T(test_nfc_of_secrets_is_in_place),
        T(test_terminals_obey_nothing),
        T(test_json_for_a_terminal),
        T(test_log_lines),
        T(test_messages_name_the_program_and_obey_nothing),
    };
    return cmocka_run_group_tests_name("host files", tests, NULL, NULL);
}
