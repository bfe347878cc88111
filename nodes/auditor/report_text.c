/* What an audit found, in words. */
#include "nodes/auditor/report.h"
#include "proto/base/hash.h"
#include "proto/calendar/oslo.h"

typedef struct teller {
    sb_audit *a;
    sb_lang lang;
    sb_buf *out;
} teller;

/* A line of the catalogue. */
static void say(const teller *t, sb_msg msg, const char *a0, const char *a1, const char *a2)
{
    sb_text_format(t->out, t->lang, msg, a0, a1, a2, NULL);
    sb_buf_str(t->out, "\n");
}

static const char *number(const teller *t, uint64_t n)
{
    return sb_arena_printf(&t->a->arena, "%llu", (unsigned long long)n);
}

static const char *hex(const teller *t, const uint8_t hash[32])
{
    char *out = sb_arena_alloc(&t->a->arena, 65);
    sb_hex(sb_slice_of(hash, 32), out);
    return out;
}

static void say_history(const teller *t)
{
    sb_ledger_position at;
    char moment[SB_CIVIL_TEXT_BYTES];
    sb_ledger_position_get(t->a->ledger, &at);
    (t->lang == SB_LANG_NB ? sb_oslo_nb : sb_oslo_en)((int64_t)at.last_time_ms, moment);
    say(t, SB_MSG_AUDIT_FEDERATION, t->a->federation.charter->name, NULL, NULL);
    say(t, SB_MSG_AUDIT_ID, hex(t, t->a->federation.federation_id), NULL, NULL);
    say(t, SB_MSG_AUDIT_HISTORY, number(t, at.size), moment, NULL);
    say(t, SB_MSG_AUDIT_ROOT, hex(t, at.root), NULL, NULL);
    say(t, SB_MSG_AUDIT_DIGEST, hex(t, at.digest), NULL, NULL);
}

static void say_final(const teller *t)
{
    sb_audit *a = t->a;
    say(t, SB_MSG_AUDIT_CONFIRMED, number(t, a->cosigners), number(t, a->organisations),
        number(t, a->needed));
    if (a->is_all_final)
        say(t, SB_MSG_AUDIT_FINAL_ALL, NULL, NULL, NULL);
    else if (a->has_final)
        say(t, SB_MSG_AUDIT_FINAL_PART, number(t, a->final_size), NULL, NULL);
    else
        say(t, SB_MSG_AUDIT_FINAL_NONE, NULL, NULL, NULL);
    if (a->blobs_named > 0)
        say(t, SB_MSG_AUDIT_BLOBS, number(t, a->blobs_held),
            number(t, a->blobs_named - a->blobs_erased), NULL);
    if (a->blobs_erased > 0)
        say(t, SB_MSG_AUDIT_ERASED, number(t, a->blobs_erased), NULL, NULL);
    if (a->sealed_heads > 0)
        say(t, SB_MSG_AUDIT_EARLIER, number(t, a->sealed_heads), NULL, NULL);
    if (a->term_count > 1) {
        const sb_audit_term *last = &a->terms[a->term_count - 1];
        say(t, SB_MSG_AUDIT_TERMS, number(t, a->term_count), number(t, last->index),
            number(t, last->promises));
    }
    if (a->from_size > 0) {
        say(t, SB_MSG_AUDIT_SINCE, number(t, a->leaves - a->from_size),
            number(t, sb_audit_results_since(a, a->from_size)), number(t, a->from_size));
        say(t, SB_MSG_AUDIT_AGAIN, NULL, NULL, NULL);
    }
}

static const char *word(const teller *t, sb_text_family family, const char *code)
{
    uint32_t value = 0;
    (void)sb_text_parse(family, sb_slice_str(code), &value);
    return sb_text_word(family, value, t->lang);
}

static void say_cases(const teller *t)
{
    const sb_audit_case *cases;
    size_t count;
    const char *body = "", *date = "";
    if (sb_audit_cases(t->a, &cases, &count, NULL) != SB_OK || count == 0)
        return;
    sb_buf_str(t->out, "\n");
    say(t, SB_MSG_AUDIT_CASES, NULL, NULL, NULL);
    for (size_t i = 0; i < count; i++) {
        const sb_audit_case *c = &cases[i];
        if (c->outcome[0] == '\0')
            continue;
        if (strcmp(body, c->body) != 0 || strcmp(date, c->date) != 0)
            sb_buf_printf(t->out, "  %s %s\n", c->body, c->date);
        body = c->body;
        date = c->date;
        sb_buf_printf(t->out, "    %s  %s: %s", c->number, c->title,
                      word(t, SB_TEXT_OUTCOME, c->outcome));
        bool is_said = strcmp(c->outcome, "noted") == 0 || strcmp(c->outcome, "no_consensus") == 0;
        if (c->after_objection)
            sb_buf_printf(t->out, " (%s)", sb_text(SB_MSG_PAPER_AFTER_OBJECTION, t->lang));
        else if (c->mode[0] != '\0' && !is_said)
            sb_buf_printf(t->out, " (%s)", word(t, SB_TEXT_MODE, c->mode));
        sb_buf_str(t->out, "\n");
    }
}

static void say_failure(const teller *t, const sb_fail *failed)
{
    sb_buf words;
    sb_buf_init(&words);
    sb_text_fail(failed, t->lang, &words);
    say(t, SB_MSG_AUDIT_REFUSED, sb_buf_cstr(&words), NULL, NULL);
    sb_buf_clear(&words);
    if (t->a->cause.code != SB_OK) {
        sb_text_fail(&t->a->cause, t->lang, &words);
        say(t, SB_MSG_AUDIT_REASON, sb_buf_cstr(&words), sb_err_name(t->a->cause.code), NULL);
    }
    if (failed->code == SB_E_AUDIT_LEAF && t->a->leaves > 0)
        say(t, SB_MSG_AUDIT_UNTIL, number(t, t->a->leaves), NULL, NULL);
    sb_buf_deinit(&words);
}

void sb_audit_text(sb_audit *a, const sb_audit_opts *opts, const sb_audit_decision *decision,
                   const sb_fail *failed, sb_lang lang, sb_buf *out)
{
    const teller told = {.a = a, .lang = lang, .out = out}, *t = &told;
    say(t, SB_MSG_AUDIT_OF, opts->dir, NULL, NULL);
    if (a->has_federation && a->federation.charter->rehearsal)
        say(t, SB_MSG_AUDIT_REHEARSAL, NULL, NULL, NULL);
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
        say(t, SB_MSG_AUDIT_HEAD_FOUND, number(t, opts->head.size), NULL, NULL);
    if (a->digest_found)
        say(t, SB_MSG_AUDIT_DIGEST_FOUND, number(t, opts->digest.size), NULL, NULL);
    say(t, SB_MSG_AUDIT_ACCEPTED, NULL, NULL, NULL);
}
