#include "nodes/host/term.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

#include "nodes/host/file.h"
#include "nodes/host/nfc.h"
#include "proto/sign/sign.h"

enum { SAY_BYTES = 4096 };

/* Signals that would leave the terminal without echo. */
static const int SIGNALS[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
enum { SIGNAL_COUNT = sizeof SIGNALS / sizeof SIGNALS[0] };
static volatile sig_atomic_t caught;

static void note_signal(int number)
{
    caught = number;
}

void sb_passphrase_wipe(sb_passphrase *p)
{
    sb_wipe(p, sizeof *p);
}

/* Wait for the terminal with the signals let in: only here, so that none is lost before read. */
static bool wait_for_input(int fd, const sigset_t *let_in)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    while (ppoll(&p, 1, NULL, let_in) < 0)
        if (errno != EINTR || caught != 0)
            return false;
    return true;
}

/* Read to a newline or the end, byte for byte: nothing may stay in a buffer. `let_in`: a terminal's
 * signal mask, else NULL. */
static sb_err read_line(int fd, const sigset_t *let_in, sb_passphrase *p, sb_fail *fail)
{
    p->len = 0;
    for (;;) {
        uint8_t byte;
        if (let_in != NULL && !wait_for_input(fd, let_in))
            return sb_fail_set(fail, SB_E_TERM_NONE, NULL);
        ssize_t got = read(fd, &byte, 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return sb_fail_set(fail, SB_E_FILE_READ, "passphrase", strerror(errno), NULL);
        if (got == 0 || byte == '\n')
            break;
        if (p->len == sizeof p->bytes)
            return sb_fail_num(fail, SB_E_PASSPHRASE_LONG, 1, sizeof p->bytes, 0);
        p->bytes[p->len++] = byte;
    }
    if (p->len > 0 && p->bytes[p->len - 1] == '\r')
        p->len--;
    if (p->len == 0)
        return sb_fail_set(fail, SB_E_PASSPHRASE_EMPTY, NULL);
    return SB_OK;
}

/* The same passphrase typed on two machines must be the same bytes. */
static sb_err normalise(sb_passphrase *p, sb_fail *fail)
{
    if (!sb_nfc_secret(p->bytes, &p->len, sizeof p->bytes))
        return sb_fail_set(fail, SB_E_NFC_UTF8, NULL);
    return SB_OK;
}

sb_err sb_passphrase_fd(int fd, sb_passphrase *out, sb_fail *fail)
{
    sb_err err = read_line(fd, NULL, out, fail);
    if (err == SB_OK)
        err = normalise(out, fail);
    if (err != SB_OK)
        sb_passphrase_wipe(out);
    return err;
}

sb_err sb_passphrase_file(const char *path, sb_passphrase *out, sb_fail *fail)
{
    int fd;
    if (strcmp(path, "-") == 0)
        return sb_passphrase_fd(STDIN_FILENO, out, fail);
    sb_err err = sb_file_open_secret(path, &fd, fail);
    if (err != SB_OK)
        return err;
    err = sb_passphrase_fd(fd, out, fail);
    (void)close(fd);
    return err;
}

/* Prompt and read on the terminal with echo off; it is put back whatever happens. */
static sb_err ask_once(int tty, const char *prompt, sb_passphrase *out, sb_fail *fail)
{
    struct termios before, quiet;
    struct sigaction note = {.sa_handler = note_signal}, old[SIGNAL_COUNT];
    sigset_t held, let_in;
    if (tcgetattr(tty, &before) != 0)
        return sb_fail_set(fail, SB_E_TERM_NONE, NULL);
    caught = 0;
    (void)sigemptyset(&held);
    for (int i = 0; i < SIGNAL_COUNT; i++) {
        (void)sigaddset(&held, SIGNALS[i]);
        (void)sigaction(SIGNALS[i], &note, &old[i]);
    }
    (void)pthread_sigmask(SIG_BLOCK, &held, &let_in);
    quiet = before;
    quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
    (void)tcsetattr(tty, TCSAFLUSH, &quiet);
    ssize_t shown = write(tty, prompt, strlen(prompt));
    sb_err err =
        shown < 0 ? sb_fail_set(fail, SB_E_TERM_NONE, NULL) : read_line(tty, &let_in, out, fail);
    (void)tcsetattr(tty, TCSAFLUSH, &before);
    shown = write(tty, "\n", 1);
    for (int i = 0; i < SIGNAL_COUNT; i++)
        (void)sigaction(SIGNALS[i], &old[i], NULL);
    (void)pthread_sigmask(SIG_SETMASK, &let_in, NULL);
    if (caught != 0)
        (void)raise(caught);
    return err;
}

sb_err sb_passphrase_ask(const char *prompt, const char *prompt_again, bool twice,
                         sb_passphrase *out, sb_fail *fail)
{
    sb_passphrase again = {0};
    int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (tty < 0)
        return sb_fail_set(fail, SB_E_TERM_NONE, NULL);
    sb_err err = ask_once(tty, prompt, out, fail);
    if (err == SB_OK && twice) {
        err = ask_once(tty, prompt_again, &again, fail);
        if (err == SB_OK && (again.len != out->len || !sb_equal(again.bytes, out->bytes, out->len)))
            err = sb_fail_set(fail, SB_E_PASSPHRASE_DIFFERS, NULL);
    }
    if (err == SB_OK)
        err = normalise(out, fail);
    sb_passphrase_wipe(&again);
    if (err != SB_OK)
        sb_passphrase_wipe(out);
    (void)close(tty);
    return err;
}

/* ---- messages ---- */

static void say(const char *program, sb_slice text)
{
    sb_buf line;
    sb_buf_init(&line);
    sb_buf_printf(&line, "%s: ", program);
    sb_nfc_printable(text, true, &line);
    sb_buf_str(&line, "\n");
    (void)fwrite(line.data, 1, line.len, stderr);
    sb_buf_deinit(&line);
}

int sb_term_fail(const char *program, sb_lang lang, const sb_fail *fail)
{
    sb_buf words;
    sb_buf_init(&words);
    sb_text_fail(fail, lang, &words);
    say(program, sb_buf_slice(&words));
    sb_buf_deinit(&words);
    return sb_err_exit(fail->code);
}

void sb_term_say(const char *program, const char *format, ...)
{
    char text[SAY_BYTES];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    say(program, sb_slice_str(text));
}
