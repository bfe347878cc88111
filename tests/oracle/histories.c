/* Histories for verifier_bundle_test.py, traced by tests/lib/fed_trace.h: what the ledger's own tests
 * have too little of. Twenty organisations (a head takes several notes), a decided case, blobs, one
 * of them erased, more than 256 leaves, three terms, one of which cut leaves off. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/lib/fed_terms.h"
#include "tests/lib/play.h"

static void must(sb_err err, const char *what)
{
    if (err != SB_OK) {
        (void)fprintf(stderr, "histories: %s: %s\n", what, sb_err_name(err));
        abort();
    }
}

static void decide(fed *f)
{
    play_table t;
    play_id question;
    play_ssu(f, &t);
    must(play_ask(f, t.meeting, t.c, VOTE, SEC, &question), "ask");
    must(play_vote(f, question, "unn-1", FOR), "vote");
    must(play_vote(f, question, "kommune-1", AGAINST), "vote");
    must(play_end(f, question, SEC), "end");
    must(play_close(f, t.meeting, SEC), "close");
}

static void report(fed *f, const char *title)
{
    play_id id;
    must(play_report(f, "ssu", title, INFORMATION, SEC, &id), title);
}

/* The suffix behind the last STATE is dropped; the new term continues there. */
static void take_over_from_state(fed *f, uint32_t term, const char *key)
{
    report(f, "Blir med videre uten å være beseglet");
    must(fed_state(f), "STATE");
    sb_head kept = fed_head_now(f);
    report(f, "Rekker ikke å bli bekreftet");
    fed_cut(f, kept.size);
    fed_take_over(f, term, key);
}

static void play(uint32_t organisations, size_t leaves)
{
    fed *f = fed_new(&(fed_options){.organisations = organisations});
    fed_run(f);
    decide(f);
    fed_seal(f);
    (void)fed_blob(f, "Et navn for mye");
    must(play_erase(f, "Et navn for mye", SEC), "erase");
    while (f->leaf_count < leaves)
        report(f, "Enda en sak");
    fed_seal(f);
    fed_take_over(f, 2, "log-2");
    report(f, "I den andre perioden");
    fed_seal(f);
    take_over_from_state(f, 5, "log-5");
    report(f, "I den siste perioden");
    fed_seal(f);
    fed_free(f);
}

int main(void)
{
    play(20, 300);
    play(46, 0);
    play(4, 560);
    return 0;
}
