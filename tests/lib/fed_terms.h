/* Terms over tests/lib/fed.h: what is sealed, promises, HANDOVERs.
 *
 *   fed_run(f); …; fed_state(f);
 *   fed_handover h = fed_handover_begin(f, 2, "log-2");      continues from where the log stands
 *   fed_promise_of(f, &h, 0); … 1, 2                         each names the last SEAL and that head
 *   Sb__Handover *m = fed_handover_message(f, &h);           sorted, in f->arena; bend it as you like
 *   assert_int_equal(fed_hand_over(f, m, "log-2"), SB_OK);   and f->log_key is "log-2"
 *
 * fed_take_over(f, term, key) does all of it with every organisation, and a STATE behind it. To cut
 * a suffix off first: fed_handover_begin, promises, then fed_cut(f, size) and fed_handover_at. */
#ifndef SB_TESTS_LIB_FED_TERMS_H
#define SB_TESTS_LIB_FED_TERMS_H

#include "tests/lib/fed.h"

enum { FED_PROMISES_MAX = 64 };

typedef struct fed_handover {
    uint32_t term;
    char key[96];             /* the name of the new log key */
    sb_head continues;        /* the head that it continues from */
    const Sb__Seal *seal;     /* the last one, with its cosignatures; NULL: none */
    sb_head sealed, cosigned; /* what fed_promise_of promises */
    sb_promise promises[FED_PROMISES_MAX];
    char witnesses[FED_PROMISES_MAX][96]; /* the names of the keys that promised */
    size_t count;
} fed_handover;

/* The head of the whole log (which must end with a STATE); the last SEAL in it, decoded into
 * f->arena, and the head that it seals (size 0: none). */
sb_head fed_head_now(fed *f);
const Sb__Seal *fed_last_seal(fed *f, sb_head *sealed);

fed_handover fed_handover_begin(fed *f, uint32_t term, const char *key);
/* It continues from this size instead, which must end with a STATE. */
void fed_handover_at(fed *f, fed_handover *h, uint64_t size);
/* The organisation promises h->sealed and h->cosigned; or these. */
void fed_promise_of(fed *f, fed_handover *h, uint32_t organisation);
void fed_promise(fed *f, fed_handover *h, uint32_t organisation, const sb_head *sealed,
                 const sb_head *cosigned);
/* In f->arena, without proofs. */
Sb__Handover *fed_handover_message(fed *f, const fed_handover *h);
/* Sign and step it; f->log_key moves when it is taken. */
sb_err fed_hand_over(fed *f, const Sb__Handover *m, const char *key);
void fed_take_over(fed *f, uint32_t term, const char *key);

#endif
