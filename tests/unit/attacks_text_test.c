/* Script, markup and control characters in titles and names, on every surface where people read them:
 * entries, certificates in both languages and as JSON, the terminal, papers, file names. */
#include "tests/lib/cmocka_all.h"

#include "nodes/host/json_read.h"
#include "nodes/host/nfc.h"
#include "nodes/papers/paper.h"
#include "proto/base/limits.h"
#include "proto/wire/utf8.h"
#include "tests/lib/play.h"

#define MARK "\xcc\x81"
#define MARKS10 MARK MARK MARK MARK MARK MARK MARK MARK MARK MARK

/* Never in an entry: what a terminal obeys, what turns text around, what nobody sees. */
static const char *const FORBIDDEN[] = {
    "\x1b[2J",            /* clears the screen */
    "\x1b]0;x\x07",       /* the window's title */
    "a\rb",               /* writes over what was there */
    "a\bb",               /* … */
    "a\nUtfall: vedtatt", /* a line of ours */
    "\xc2\x9b"
    "31m", /* C1: another escape */
    "\xe2\x80\xae"
    "dlrow",         /* right to left override */
    "\xe2\x81\xa6x", /* isolate */
    "\xe2\x80\x8f",  /* mark */
    "\xef\xbb\xbfx", /* byte order mark */
    "\x7f",
};

/* Anybody may write this; it must stay text. */
static const char *const ALLOWED[] = {
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "# Vedtatt | **fet** _kursiv_ `kode` [her](javascript:alert(1)) ![](http://x/)",
    "\"}],\"outcome\":\"adopted\",\"x\":[{\"",
    "{0} {1} %s %n $(reboot) `id` '; DROP TABLE x; --",
    "e" MARKS10 MARKS10 MARKS10 MARKS10 MARKS10 MARKS10,
    "../../etc/passwd",
};

static void test_entries(void **state)
{
    (void)state;
    fed *f = fed_new(NULL);
    play_id id;
    fed_run(f);
    fed_at(f, 20211220, 9, 0);
    for (size_t i = 0; i < sizeof FORBIDDEN / sizeof FORBIDDEN[0]; i++) {
        sb_buf bytes;
        sb_buf_init(&bytes);
        Sb__CaseReport m = SB__CASE_REPORT__INIT;
        m.body = (char *)(uintptr_t) "ssu";
        m.title = (char *)(uintptr_t)FORBIDDEN[i];
        m.kind = DECISION;
        sb_entry_head head = fed_head(f, SEC);
        sb_fail fail = {0};
        assert_string_equal(sb_err_name(sb_entry_make(SB_ENTRY_CASE_REPORT, &m.base, &head,
                                                      fed_key_of(f, SEC)->secret, &bytes, &fail)),
                            "SB_E_PAYLOAD_CODE_POINT");
        assert_string_equal(fail.arg[0], "CaseReport.title");
        sb_buf_deinit(&bytes);
    }
    for (size_t i = 0; i < sizeof ALLOWED / sizeof ALLOWED[0]; i++)
        play_ok(play_report(f, "ssu", ALLOWED[i], DECISION, SEC, &id));
    /* as long as it may be, all marks */
    char storm[SB_TITLE_BYTES_MAX + 3] = "";
    for (size_t i = 0; i + 2 <= SB_TITLE_BYTES_MAX; i += 2)
        memcpy(storm + i, MARK, 3);
    play_ok(play_report(f, "ssu", storm, DECISION, SEC, &id));
    fed_free(f);
}

static bool is_safe_for_terminal(const char *text)
{
    sb_slice s = sb_slice_str(text);
    size_t marks = 0;
    for (size_t at = 0; at < s.len;) {
        uint32_t c;
        if (!sb_utf8_next(s, &at, &c) || (c != '\n' && sb_code_point_forbidden(c)))
            return false;
        marks = c >= 0x300 && c <= 0x36f ? marks + 1 : 0;
        if (marks > 8)
            return false;
    }
    return true;
}

/* A decision on a case of this title: certificates, and what a terminal is given of them. */
static void test_certificates(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof ALLOWED / sizeof ALLOWED[0]; i++) {
        fed *f = fed_new(NULL);
        play_table t;
        play_id c, q;
        const char *const clause[] = {ALLOWED[i]};
        fed_run(f);
        fed_at(f, 20211220, 9, 0);
        play_ok(play_report(f, "ssu", ALLOWED[i], DECISION, SEC, &c));
        play_ok(play_propose(f, c, SEC, 1, clause));
        play_next_meeting(f, "ssu", 20220120, c, &t.meeting);
        play_ok(play_ask(f, t.meeting, c, CONSENSUS, SEC, &q));
        play_ok(play_end(f, q, SEC));
        /* JSON stays one document, that says the title once */
        const char *json = play_certificate(f, q);
        const sb_doc *root = NULL;
        sb_fail fail = {0};
        assert_int_equal(sb_json_parse("certificate", sb_slice_str(json), &f->arena, &root, &fail),
                         SB_OK);
        const char *outcome = NULL;
        assert_int_equal(sb_doc_need_text(root, "outcome", &outcome, &fail), SB_OK);
        assert_string_equal(outcome, "adopted");
        sb_buf safe;
        sb_buf_init(&safe);
        sb_nfc_json(sb_slice_str(json), &safe);
        assert_true(is_safe_for_terminal(sb_buf_cstr(&safe)));
        assert_int_equal(sb_json_parse("certificate", sb_buf_slice(&safe), &f->arena, &root, &fail),
                         SB_OK);
        for (int lang = 0; lang < 2; lang++) {
            const char *text = play_certificate_text(f, q, lang ? SB_LANG_EN : SB_LANG_NB);
            sb_buf_clear(&safe);
            sb_nfc_printable(sb_slice_str(text), true, &safe);
            assert_true(is_safe_for_terminal(sb_buf_cstr(&safe)));
        }
        sb_buf_deinit(&safe);
        fed_free(f);
    }
}

/* In Markdown: each stands behind a backslash. */
static bool is_escaped(const char *text, char c)
{
    for (const char *at = text; (at = strchr(at, c)) != NULL; at++)
        if (at == text || at[-1] != '\\')
            return false;
    return true;
}

/* Names and texts are blobs: any bytes. */
static void test_blobs_on_terminal_and_paper(void **state)
{
    (void)state;
    const size_t forbidden = sizeof FORBIDDEN / sizeof FORBIDDEN[0];
    for (size_t i = 0; i < forbidden + sizeof ALLOWED / sizeof ALLOWED[0]; i++) {
        const char *text = i < forbidden ? FORBIDDEN[i] : ALLOWED[i - forbidden];
        sb_buf out;
        sb_buf_init(&out);
        sb_nfc_printable(sb_slice_str(text), false, &out);
        assert_true(is_safe_for_terminal(sb_buf_cstr(&out)));
        assert_null(strchr(sb_buf_cstr(&out), '\n'));
        for (int html = 0; html < 2; html++) {
            sb_paper paper;
            sb_buf_clear(&out);
            sb_paper_begin(&paper, html ? SB_PAPER_HTML : SB_PAPER_MARKDOWN, SB_LANG_NB, text,
                           &out);
            sb_paper_heading(&paper, 1, NULL, text);
            sb_paper_para(&paper, text);
            sb_paper_end(&paper);
            assert_true(is_safe_for_terminal(sb_buf_cstr(&out)));
            if (html) {
                assert_null(strstr(sb_buf_cstr(&out), "<script"));
                assert_null(strstr(sb_buf_cstr(&out), "<img"));
            } else {
                assert_true(is_escaped(sb_buf_cstr(&out), '<'));
                assert_true(is_escaped(sb_buf_cstr(&out), ']'));
                assert_true(is_escaped(sb_buf_cstr(&out), '|'));
            }
        }
        sb_buf_deinit(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_entries),
        cmocka_unit_test(test_certificates),
        cmocka_unit_test(test_blobs_on_terminal_and_paper),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
