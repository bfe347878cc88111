/* What an audit found, in words. */
#include "nodes/auditor/report.h"
#include "nodes/auditor/tell.h"
#include "proto/base/hash.h"
#include "proto/calendar/oslo.h"

typedef struct teller {
    sb_teller tell;
    sb_audit *a;
} teller;

static void say_history(const teller *t)
{
    sb_ledger_position at;
    char moment[SB_CIVIL_TEXT_BYTES];
    sb_ledger_position_get(t->a->ledger, &at);
    (t->tell.lang == SB_LANG_NB ? sb_oslo_nb : sb_oslo_en)((int64_t)at.last_time_ms, moment);
    sb_tell(&t->tell, SB_MSG_AUDIT_FEDERATION, t->a->federation.charter->name, NULL, NULL, NULL);
    sb_tell(&t->tell, SB_MSG_AUDIT_ID, sb_tell_hex(&t->tell, t->a->federation.federation_id), NULL,
            NULL, NULL);
    sb_tell(&t->tell, SB_MSG_AUDIT_HISTORY, sb_tell_number(&t->tell, at.size), moment, NULL, NULL);
    sb_tell(&t->tell, SB_MSG_AUDIT_ROOT, sb_tell_hex(&t->tell, at.root), NULL, NULL, NULL);
    sb_tell(&t->tell, SB_MSG_AUDIT_DIGEST, sb_tell_hex(&t->tell, at.digest), NULL, NULL, NULL);
}

static void say_final(const teller *t)
{
    sb_audit *a = t->a;
    sb_tell(&t->tell, SB_MSG_AUDIT_CONFIRMED, sb_tell_number(&t->tell, a->cosigners),
            sb_tell_number(&t->tell, a->organisations), sb_tell_number(&t->tell, a->needed), NULL);
    if (a->is_all_final)
        sb_tell(&t->tell, SB_MSG_AUDIT_FINAL_ALL, NULL, NULL, NULL, NULL);
    else if (a->has_final)
        sb_tell(&t->tell, SB_MSG_AUDIT_FINAL_PART, sb_tell_number(&t->tell, a->final_size), NULL,
                NULL, NULL);
    else
        sb_tell(&t->tell, SB_MSG_AUDIT_FINAL_NONE, NULL, NULL, NULL, NULL);
    if (a->blobs_named > 0)
        sb_tell(&t->tell, SB_MSG_AUDIT_BLOBS, sb_tell_number(&t->tell, a->blobs_held),
                sb_tell_number(&t->tell, a->blobs_named - a->blobs_erased), NULL, NULL);
    if (a->blobs_erased > 0)
        sb_tell(&t->tell, SB_MSG_AUDIT_ERASED, sb_tell_number(&t->tell, a->blobs_erased), NULL,
                NULL, NULL);
    if (a->sealed_heads > 0)
        sb_tell(&t->tell, SB_MSG_AUDIT_EARLIER, sb_tell_number(&t->tell, a->sealed_heads), NULL,
                NULL, NULL);
    if (a->term_count > 1) {
        const sb_audit_term *last = &a->terms[a->term_count - 1];
        sb_tell(&t->tell, SB_MSG_AUDIT_TERMS, sb_tell_number(&t->tell, a->term_count),
                sb_tell_number(&t->tell, last->index), sb_tell_number(&t->tell, last->promises),
                NULL);
    }
    if (a->from_size > 0) {
        sb_tell(&t->tell, SB_MSG_AUDIT_SINCE, sb_tell_number(&t->tell, a->leaves - a->from_size),
                sb_tell_number(&t->tell, sb_audit_results_since(a, a->from_size)),
                sb_tell_number(&t->tell, a->from_size), NULL);
        sb_tell(&t->tell, SB_MSG_AUDIT_AGAIN, NULL, NULL, NULL, NULL);
    }
}

static const char *word(const teller *t, sb_text_family family, const char *code)
{
    uint32_t value = 0;
    (void)sb_text_parse(family, sb_slice_str(code), &value);
    return sb_text_word(family, value, t->tell.lang);
}

static void say_cases(const teller *t)
{
    const sb_audit_case *cases;
    size_t count;
    const char *body = "", *date = "";
    if (sb_audit_cases(t->a, &cases, &count, NULL) != SB_OK || count == 0)
        return;
    sb_buf_str(t->tell.out, "\n");
    sb_tell(&t->tell, SB_MSG_AUDIT_CASES, NULL, NULL, NULL, NULL);
    for (size_t i = 0; i < count; i++) {
        const sb_audit_case *c = &cases[i];
        if (c->outcome[0] == '\0')
            continue;
        if (strcmp(body, c->body) != 0 || strcmp(date, c->date) != 0)
            sb_buf_printf(t->tell.out, "  %s %s\n", c->body, c->date);
        body = c->body;
        date = c->date;
        sb_buf_printf(t->tell.out, "    %s  %s: %s", c->number, c->title,
                      word(t, SB_TEXT_OUTCOME, c->outcome));
        bool is_said = strcmp(c->outcome, "noted") == 0 || strcmp(c->outcome, "no_consensus") == 0;
        if (c->after_objection)
            sb_buf_printf(t->tell.out, " (%s)",
                          sb_text(SB_MSG_PAPER_AFTER_OBJECTION, t->tell.lang));
        else if (c->mode[0] != '\0' && !is_said)
            sb_buf_printf(t->tell.out, " (%s)", word(t, SB_TEXT_MODE, c->mode));
        sb_buf_str(t->tell.out, "\n");
    }
}

static void say_failure(const teller *t, const sb_fail *failed)
{
    sb_buf words;
    sb_buf_init(&words);
    sb_text_fail(failed, t->tell.lang, &words);
    sb_tell(&t->tell, SB_MSG_AUDIT_REFUSED, sb_buf_cstr(&words), NULL, NULL, NULL);
    sb_buf_clear(&words);
    if (t->a->cause.code != SB_OK) {
        sb_text_fail(&t->a->cause, t->tell.lang, &words);
        sb_tell(&t->tell, SB_MSG_AUDIT_REASON, sb_buf_cstr(&words), sb_err_name(t->a->cause.code),
                NULL, NULL);
    }
    if (failed->code == SB_E_AUDIT_LEAF && t->a->leaves > 0)
        sb_tell(&t->tell, SB_MSG_AUDIT_UNTIL, sb_tell_number(&t->tell, t->a->leaves), NULL, NULL,
                NULL);
    sb_buf_deinit(&words);
}

void sb_audit_text(sb_audit *a, const sb_audit_opts *opts, const sb_audit_decision *decision,
                   const sb_fail *failed, sb_lang lang, sb_buf *out)
{
    const teller told = {.tell = {.lang = lang, .arena = &a->arena, .out = out}, .a = a},
                 *t = &told;
    sb_tell(&t->tell, SB_MSG_AUDIT_OF, opts->dir, NULL, NULL, NULL);
    if (a->has_federation && a->federation.charter->rehearsal)
        sb_tell(&t->tell, SB_MSG_AUDIT_REHEARSAL, NULL, NULL, NULL, NULL);
    sb_buf_str(out, "\n");
    if (failed->code != SB_OK) {
        say_failure(t, failed);
        return;
    }
    say_history(t);
    say_final(t);
    say_cases(t);
    if (decision != NULL)
        sb_audit_decision_text(a, decision, lang, out);
    sb_buf_str(out, "\n");
    if (a->head_found)
        sb_tell(&t->tell, SB_MSG_AUDIT_HEAD_FOUND, sb_tell_number(&t->tell, opts->head.size), NULL,
                NULL, NULL);
    if (a->digest_found)
        sb_tell(&t->tell, SB_MSG_AUDIT_DIGEST_FOUND, sb_tell_number(&t->tell, opts->digest.size),
                NULL, NULL, NULL);
    sb_tell(&t->tell, SB_MSG_AUDIT_ACCEPTED, NULL, NULL, NULL, NULL);
}
