/* What others say to a node under test, each in one event: the trace is returned. Words without a link
 * are the broker's on link 1, in term 1; words that end in _on are anybody's. */
#ifndef SB_TESTS_FOLLOWER_SAYS_H
#define SB_TESTS_FOLLOWER_SAYS_H

#include "tests/sim/sim_frame.h"
#include "tests/unit/follower_rig.h"

/* ---- the broker ---- */

/* It is there, and its log is the whole one. */
void link_broker(rig *r);
/* … and followed to its end. */
void follow_all(rig *r);
const char *frame(rig *r, const Sb__Frame *f);
const char *welcome(rig *r, uint64_t size);
/* Leaves first…last-1 of the federation's log, under the head of its first `last`. */
const char *leaves(rig *r, uint64_t first, uint64_t last);
/* … under this note; other leaves if `instead` isn't NULL, which needn't be well-formed. */
const char *leaves_under(rig *r, uint64_t first, uint64_t last, sb_slice note,
                         const sb_slice *instead);
extern const char *const THREE[3]; /* a quorum */
/* The head of this size, cosigned by these organisations. */
const char *certified(rig *r, uint64_t size, const char *const *orgs, size_t count,
                      uint64_t time_s);
/* A receipt for the entry as the leaf after the whole log; spoil: its proof is of another leaf. */
const char *receipt(rig *r, const sb_buf *entry, bool spoil);
const char *refused(rig *r, const sb_buf *entry, sb_err code);

/* ---- anybody ---- */

const char *link_up(rig *r, uint32_t link, sb_fol_role role);
void link_down(rig *r, uint32_t link);
const char *frame_on(rig *r, uint32_t link, const Sb__Frame *f, const sb_leaf *leaf);
const char *welcome_on(rig *r, uint32_t link, uint64_t size, uint32_t term);
/* Leaves first…last-1 of the federation's log, under the head of its first `last` in this term, under
 * this note; the attachments that they name are here. */
const char *leaves_on(rig *r, uint32_t link, uint64_t first, uint64_t last, uint32_t term);
const char *leaves_under_on(rig *r, uint32_t link, uint64_t first, uint64_t last, sb_slice note);
/* The head of this size, cosigned by so many organisations, as who orders tells it or as a node. */
const char *certified_on(rig *r, uint32_t link, uint64_t size, uint32_t term,
                         uint32_t organisations, bool is_peer_head);
/* A node shows the head that it has. */
const char *peer_head_on(rig *r, uint32_t link, sb_slice note);
const char *refused_on(rig *r, uint32_t link, const sb_buf *entry, sb_err code);
/* Follow so much of the federation's log of term 1 over link 1. */
void follow(rig *r, uint64_t size);

/* The time of the last cosignature in the record, s. */
uint64_t time_cosigned(rig *r);

/* ---- who wants to order the next term ---- */

/* On link 2. */
const char *ask_promise(rig *r, uint32_t term, const char *key);
/* … would it, if it were asked? */
const char *ask_would(rig *r, uint32_t term, const char *key);
/* The organisation's consent, handed in by member 5. */
const char *consent(rig *r, uint32_t term, const char *log_key, const char *signer);
/* The HANDOVER at this index of the federation's log, under this head. */
const char *offer(rig *r, uint32_t link, uint64_t index, sb_slice note);
/* A HANDOVER that isn't in any log, by this key, after `kept` leaves; by the reserve's. */
const char *offer_by(rig *r, uint32_t link, const Sb__Handover *m, const char *key, uint64_t kept);
const char *offer_made(rig *r, uint32_t link, const Sb__Handover *m, uint64_t kept);
/* A HANDOVER of this term, beyond all logs, that nobody promised: the signature is nobody's. */
const Sb__Handover *far_away(rig *r, uint32_t term, const char *key);

/* ---- members, through this node ---- */

const char *submit(rig *r, const sb_buf *entry, uint64_t member);
/* … through another node, which hands it on to this one. */
const char *submit_on(rig *r, uint32_t link, const sb_buf *entry);
/* A case, by bruker-1, under this number. */
sb_buf make_report(rig *r, const char *title, uint64_t seq, bool with_text);
/* A case, by the secretariat, under its next number; handed in, too. */
sb_buf make_case(rig *r, const char *title);
sb_buf report_case(rig *r, const char *title, uint64_t member);
/* Into the log and here, by way of another node. */
void take_here(rig *r, const sb_buf *entry, uint32_t link, uint32_t term);

#endif
