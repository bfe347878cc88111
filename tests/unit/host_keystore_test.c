/* Key files on disk, passphrases from files, descriptors and a terminal. */
#include "tests/lib/cmocka_all.h"
#include "tests/lib/tmpdir.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>

#include "nodes/host/file.h"
#include "nodes/host/keystore.h"

typedef struct bench {
    char root[64], path[128], pass[128];
    sb_fail fail;
    uint8_t pk[32];
} bench;

#define ok(expression) assert_int_equal((expression), SB_OK)

static int setup(void **state)
{
    bench *b = calloc(1, sizeof *b);
    sb_tmpdir_make(b->root);
    (void)snprintf(b->path, sizeof b->path, "%s/k.key", b->root);
    (void)snprintf(b->pass, sizeof b->pass, "%s/pass", b->root);
    *state = b;
    return sb_sign_init(NULL) != SB_OK;
}

static int teardown(void **state)
{
    bench *b = *state;
    sb_tmpdir_drop(b->root);
    free(b);
    return 0;
}

static sb_passphrase words(const char *text)
{
    sb_passphrase p = {.len = strlen(text)};
    memcpy(p.bytes, text, p.len);
    return p;
}

static void test_a_sealed_key_comes_back_with_its_passphrase(void **state)
{
    bench *b = *state;
    sb_passphrase right = words("blå bær"), wrong = words("blå bar");
    sb_passphrase_source source = {.given = &right}, other = {.given = &wrong};
    sb_secret *key = NULL;
    sb_keyfile_info info;
    struct stat st;
    uint8_t sig[64];
    ok(sb_keystore_new(b->path, SB_KEY_MEMBER, &source, &SB_KDF_MIN, b->pk, &b->fail));
    assert_int_equal(stat(b->path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    ok(sb_keystore_info(b->path, &info, &b->fail));
    assert_int_equal(info.role, SB_KEY_MEMBER);
    assert_true(info.is_sealed);
    assert_memory_equal(info.public_key, b->pk, 32);
    ok(sb_keystore_load(b->path, SB_KEY_MEMBER, &source, &key, &b->fail));
    assert_memory_equal(sb_secret_pk(key), b->pk, 32);
    ok(sb_sign(key, sb_slice_str("x"), sig, &b->fail));
    assert_true(sb_verify(b->pk, sb_slice_str("x"), sig));
    sb_secret_free(key);
    assert_int_equal(sb_keystore_load(b->path, SB_KEY_MEMBER, &other, &key, &b->fail),
                     SB_E_KEYFILE_PASSPHRASE);
    assert_null(key);
    assert_int_equal(sb_keystore_load(b->path, SB_KEY_WITNESS, &source, &key, &b->fail),
                     SB_E_KEYFILE_ROLE);
    sb_passphrase_source daemon = {.never_ask = true};
    assert_int_equal(sb_keystore_load(b->path, SB_KEY_MEMBER, &daemon, &key, &b->fail),
                     SB_E_TERM_NONE);
    assert_int_equal(sb_keystore_load(b->path, SB_KEY_MEMBER, NULL, &key, &b->fail),
                     SB_E_TERM_NONE);
}

static void test_plain_keys(void **state)
{
    bench *b = *state;
    sb_secret *key = NULL;
    ok(sb_keystore_new(b->path, SB_KEY_WITNESS, NULL, NULL, b->pk, &b->fail));
    ok(sb_keystore_load(b->path, SB_KEY_WITNESS, NULL, &key, &b->fail));
    assert_memory_equal(sb_secret_pk(key), b->pk, 32);
    sb_secret_free(key);
    assert_int_equal(sb_keystore_new(b->path, SB_KEY_WITNESS, NULL, NULL, b->pk, &b->fail),
                     SB_E_FILE_EXISTS);
    assert_int_equal(chmod(b->path, 0640), 0);
    assert_int_equal(sb_keystore_load(b->path, SB_KEY_WITNESS, NULL, &key, &b->fail),
                     SB_E_FILE_OPEN_TO_OTHERS);
    assert_int_equal(unlink(b->path), 0);
    assert_int_equal(sb_keystore_load(b->path, SB_KEY_WITNESS, NULL, &key, &b->fail),
                     SB_E_FILE_MISSING);
    assert_int_equal(sb_keystore_new(b->path, SB_KEY_MEMBER, NULL, NULL, b->pk, &b->fail),
                     SB_E_KEYFILE_NEEDS_PASSPHRASE);
    assert_false(sb_file_exists(b->path));
}

static void test_curve_keys(void **state)
{
    bench *b = *state;
    uint8_t secret[32], pk[32], derived[32];
    ok(sb_keystore_new(b->path, SB_KEY_CURVE, NULL, NULL, b->pk, &b->fail));
    ok(sb_keystore_load_curve(b->path, secret, pk, &b->fail));
    sb_curve_public(secret, derived);
    assert_memory_equal(pk, derived, 32);
    assert_memory_equal(pk, b->pk, 32);
}

static void test_each_key_is_new(void **state)
{
    bench *b = *state;
    uint8_t other[32];
    char path[128];
    (void)snprintf(path, sizeof path, "%s/other", b->root);
    ok(sb_keystore_new(b->path, SB_KEY_LOG, NULL, NULL, b->pk, &b->fail));
    ok(sb_keystore_new(path, SB_KEY_LOG, NULL, NULL, other, &b->fail));
    assert_memory_not_equal(b->pk, other, 32);
}

static void test_passphrase_files(void **state)
{
    bench *b = *state;
    sb_passphrase p;
    char longer[SB_PASSPHRASE_BYTES_MAX + 2];
    ok(sb_file_write(b->pass, sb_slice_str("bla\xCC\x8A b\xC3\xA6r\r\nsecond line\n"), 0600,
                     &b->fail));
    ok(sb_passphrase_file(b->pass, &p, &b->fail));
    SB_ASSERT_TEXT(sb_passphrase_slice(&p), "bl\xC3\xA5 b\xC3\xA6r");
    assert_int_equal(chmod(b->pass, 0644), 0);
    assert_int_equal(sb_passphrase_file(b->pass, &p, &b->fail), SB_E_FILE_OPEN_TO_OTHERS);
    ok(sb_file_write(b->pass, sb_slice_str("\nx\n"), 0600, &b->fail));
    assert_int_equal(sb_passphrase_file(b->pass, &p, &b->fail), SB_E_PASSPHRASE_EMPTY);
    ok(sb_file_write(b->pass, sb_slice_str("\xFFx"), 0600, &b->fail));
    assert_int_equal(sb_passphrase_file(b->pass, &p, &b->fail), SB_E_NFC_UTF8);
    memset(longer, 'a', sizeof longer);
    ok(sb_file_write(b->pass, sb_slice_of(longer, sizeof longer), 0600, &b->fail));
    assert_int_equal(sb_passphrase_file(b->pass, &p, &b->fail), SB_E_PASSPHRASE_LONG);
    ok(sb_file_write(b->pass, sb_slice_of(longer, SB_PASSPHRASE_BYTES_MAX), 0600, &b->fail));
    ok(sb_passphrase_file(b->pass, &p, &b->fail));
    assert_int_equal(p.len, SB_PASSPHRASE_BYTES_MAX);
    sb_passphrase_wipe(&p);
    assert_int_equal(p.len, 0);
}

static void test_a_descriptor_is_read_no_further_than_its_line(void **state)
{
    bench *b = *state;
    sb_passphrase p;
    int ends[2];
    char rest[8] = {0};
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "one\ntwo\n", 8), 8);
    ok(sb_passphrase_fd(ends[0], &p, &b->fail));
    SB_ASSERT_TEXT(sb_passphrase_slice(&p), "one");
    assert_int_equal(read(ends[0], rest, sizeof rest), 4);
    assert_string_equal(rest, "two\n");
    (void)close(ends[0]);
    (void)close(ends[1]);
}

/* A child on a terminal of its own asks twice; what it shows and gets is seen from outside. */
static pid_t ask_on_terminal(int *terminal)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    assert_true(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
    const char *name = ptsname(master);
    pid_t child = fork();
    if (child == 0) {
        sb_passphrase p;
        struct termios after;
        (void)alarm(20); /* never outlive the test */
        if (setsid() < 0)
            _exit(90);
        int tty = open(name, O_RDWR); /* becomes the controlling terminal */
        if (tty < 0)
            _exit(91);
        sb_err err = sb_passphrase_ask("Pass? ", "Again? ", true, &p, NULL);
        if (tcgetattr(tty, &after) != 0 || (after.c_lflag & ECHO) == 0)
            _exit(92); /* echo was not put back */
        if (err == SB_OK && !sb_slice_eq(sb_passphrase_slice(&p), sb_slice_str("hemmelig")))
            _exit(93);
        _exit(err == SB_OK ? 0 : err == SB_E_PASSPHRASE_DIFFERS ? 1 : 2);
    }
    *terminal = master;
    return child;
}

/* Read what the terminal shows until it ends with `text`. */
static void wait_for(int terminal, char *seen, size_t cap, const char *text)
{
    size_t len = strlen(seen);
    while (strstr(seen, text) == NULL) {
        ssize_t got = read(terminal, seen + len, cap - 1 - len);
        assert_true(got > 0);
        len += (size_t)got;
        seen[len] = '\0';
    }
}

static int answer(const char *first, const char *second, char *seen, size_t cap)
{
    int terminal, status = 0;
    pid_t child = ask_on_terminal(&terminal);
    seen[0] = '\0';
    wait_for(terminal, seen, cap, "Pass? ");
    assert_int_equal(write(terminal, first, strlen(first)), (ssize_t)strlen(first));
    if (second != NULL) {
        wait_for(terminal, seen, cap, "Again? ");
        assert_int_equal(write(terminal, second, strlen(second)), (ssize_t)strlen(second));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    (void)close(terminal);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void test_the_terminal_shows_no_passphrase(void **state)
{
    (void)state;
    char seen[1024];
    int terminal = posix_openpt(O_RDWR | O_NOCTTY);
    if (terminal < 0 || grantpt(terminal) != 0) {
        print_message("skipped: this machine has no pseudo-terminals (/dev/pts)\n");
        skip();
    }
    close(terminal);
    assert_int_equal(answer("hemmelig\n", "hemmelig\n", seen, sizeof seen), 0);
    assert_null(strstr(seen, "hemmelig"));
    assert_int_equal(answer("hemmelig\n", "hemmelik\n", seen, sizeof seen), 1);
    assert_int_equal(answer("\n", NULL, seen, sizeof seen), 2);
    for (int i = 0; i < 50; i++) /* Ctrl-C ends it, however early */
        assert_int_equal(answer("\x03", NULL, seen, sizeof seen), 128 + SIGINT);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_a_sealed_key_comes_back_with_its_passphrase),
        T(test_plain_keys),
        T(test_curve_keys),
        T(test_each_key_is_new),
        T(test_passphrase_files),
        T(test_a_descriptor_is_read_no_further_than_its_line),
        T(test_the_terminal_shows_no_passphrase),
    };
    return cmocka_run_group_tests_name("host keys", tests, NULL, NULL);
}
