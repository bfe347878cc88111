#include "tests/unit/audit_rig.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "tests/lib/play.h"
#include "tests/lib/tmpdir.h"

/* ---- the federation and its bundle ---- */

static void remark(fed *f, const play_table *t)
{
    Sb__Remark r = SB__REMARK__INIT;
    r.meeting_id = t->meeting;
    r.case_id = t->c;
    r.seat = (char *)(uintptr_t) "bruker-1";
    r.text = fed_blob(f, "En merknad.");
    fed_must(f, SB_ENTRY_REMARK, &r.base, SEC);
}

int rig_setup(void **state)
{
    rig *r = calloc(1, sizeof *r);
    play_table t;
    play_id question, id;
    r->whole = fed_new(NULL);
    fed_run(r->whole);
    play_ssu(r->whole, &t);
    play_ok(play_ask(r->whole, t.meeting, t.c, VOTE, SEC, &question));
    play_ok(play_vote(r->whole, question, "unn-1", FOR));
    play_ok(play_end(r->whole, question, SEC));
    remark(r->whole, &t);
    play_ok(play_close(r->whole, t.meeting, SEC));
    play_ok(play_report(r->whole, "ssu", "Et navn for mye", INFORMATION, SEC, &id));
    play_ok(play_erase(r->whole, "Et navn for mye", SEC));
    for (; r->whole->leaf_count < 300; r->more_cases++)
        play_ok(play_report(r->whole, "ssu", "Enda en sak", INFORMATION, SEC, &id));
    fed_seal(r->whole);
    sb_tmpdir_make(r->dir);
    *state = r;
    return 0;
}

int rig_teardown(void **state)
{
    rig *r = *state;
    sb_tmpdir_drop(r->dir);
    fed_free(r->whole);
    free(r->json);
    free(r->words);
    free(r);
    return 0;
}

void write_whole(rig *r, bundle_opts o)
{
    sb_tmpdir_drop(r->dir);
    (void)mkdir(r->dir, 0755);
    o.dir = r->dir;
    bundle_write(r->whole, &o);
}

static rig *listed; /* nftw has no argument of its own */

static int keep_path(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)ftw;
    if (type == FTW_F && listed->path_count < RIG_PATHS_MAX)
        snprintf(listed->paths[listed->path_count++], 200, "%s", path + strlen(listed->dir) + 1);
    return 0;
}

void list_files(rig *r)
{
    listed = r;
    r->path_count = 0;
    (void)nftw(r->dir, keep_path, 16, FTW_PHYS);
}

/* ---- the auditor ---- */

int audit_with(rig *r, const sb_audit_opts *given, const char *summary)
{
    static sb_audit a;
    sb_buf out;
    sb_audit_opts opts = *given;
    opts.dir = r->dir;
    opts.threads = 2;
    opts.keeps_certificates = r->decision != NULL;
    r->failed = (sb_fail){0};
    sb_err err = sb_audit_run(&opts, &a, &r->failed);
    if (err == SB_OK && summary != NULL)
        err = sb_audit_compare(&a, summary, &r->failed);
    assert_int_equal(err, r->failed.code);
    r->cause = a.cause;
    sb_audit_decision decision;
    bool has_decision = err == SB_OK && r->decision != NULL;
    if (has_decision)
        assert_int_equal(sb_audit_decision_find(&a, r->decision, SB_LANG_NB, &decision, &r->failed),
                         SB_OK);
    sb_buf_init(&out);
    sb_audit_json(&a, &r->failed, (sb_slice){0}, &out);
    free(r->json);
    r->json = strdup(sb_buf_cstr(&out));
    sb_buf_clear(&out);
    sb_audit_text(&a, &opts, has_decision ? &decision : NULL, &r->failed, SB_LANG_NB, &out);
    free(r->words);
    r->words = strdup(sb_buf_cstr(&out));
    sb_buf_deinit(&out);
    sb_audit_deinit(&a);
    return err == SB_OK ? 0 : sb_err_exit(err);
}

int audit(rig *r)
{
    return audit_with(r, &(sb_audit_opts){.dir = r->dir}, NULL);
}

bool names(const rig *r, const char *what)
{
    for (uint32_t i = 0; i < r->failed.argc; i++)
        if (strcmp(r->failed.arg[i], what) == 0)
            return true;
    return false;
}

void is_refused(rig *r, sb_err code, const char *what)
{
    int got = audit(r);
    if (got != SB_EXIT_VERIFY || r->failed.code != code || (what != NULL && !names(r, what)))
        fail_msg("wanted %s naming %s; exit %d: %s", sb_err_name(code), what, got, r->words);
}
