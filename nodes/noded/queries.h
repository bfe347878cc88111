/* What a node answers to its own members and operators on the local socket, besides the ledger's
 * queries (proto/ledger/query.h). All answers are canonical JSON; hashes, keys, leaves and entries
 * are lower-case hex; notes are text; 64-bit numbers fit in 2^53.
 *
 * "status"
 *   {"organisation","federation","origin","version","rehearsal",
 *    "term","cosigned_term","cosigned_size","promised_term",      of the log, of the record
 *    "catchup_term",    towards whose HANDOVER the node catches up; 0: none
 *    "restored",        from a backup, and still restrained for it
 *    "size","root","digest","certified_size","final_size","final_root",   null when nothing is final
 *    "settled_size",    … as the log alone shows by its SEALs: final also before the others are heard
 *    "state",           empty not_confirmed certified final stale diverged conflict
 *    "since_ms",        not_confirmed, certified: when the oldest entry that isn't final was
 *                       entered; final, stale, conflict: the last confirmation; 0: unknown
 *    "confirmed_size","confirmed","needed","organisations",
 *                       how many organisations confirmed the newest head, and that head's size
 *    "confirmed_at_ms", when a quorum last confirmed anything, by its own times; 0: unknown
 *    "stale",
 *    "enough",          … make a quorum, also by a change that waits
 *    "unconfirmed":[id],  members who haven't confirmed the newest head
 *    "unaccepted":[id],   … who haven't accepted the charter while the federation is being founded
 *    "left":[id],         … who are members no more
 *    "standing":null|{"state":"leaving"|"out","index"},  our own: decided with the entry at index, and
 *                       acts when that is sealed; out since it. Who is out gets no more entries
 *    "broker":{"connected","size",
 *      "withheld":null|{"size","since_ms"},   other nodes have so much that is certified
 *      "refused":null|{"code","name","args"},  why no broker is followed
 *      "fault":null|{"count","since_ms","code","name","args"}},  what brokers sent that proves
 *                       nothing and wasn't taken: the last of it
 *    "peers","outbox","held_back","blobs_missing",
 *    "blocked",         null or no_key diverged conflict blobs leaf_early leaf_late promised record
 *                       restored catchup
 *    "clock_off_ms",        the organisations' median clock less this node's, when it is off by more than
 *                       2.5 minutes for 90 s; else 0
 *    "disk_full_since_ms",                     0: it isn't; else nothing is taken, followed or confirmed
 *    "diverged":null|{"index","code","name","args"},"evidence","time_ms"}
 *   state is "final" when all that the log holds, but STATE, SEAL and HANDOVER, is under a final
 *   head.
 *
 * "head" [OLD_SIZE]: the proof of what is final, for a member who trusts no node
 *   {"origin",
 *    "proof_was_cut",                          a HANDOVER cut it off: final is null until the next
 *                                              SEAL, and yet nothing that was final is gone
 *    "final":null|{"size","root"},
 *    "certified":null|{"size","root","note"},  the head that contains the SEAL, with cosignatures
 *    "seal":null|{"index","leaf","proof":[]},  the SEAL of the final head, its way to certified
 *    "from_old":null|[],                       consistency OLD_SIZE -> final size
 *    "to_certified":null|[],                   consistency final size -> certified size
 *    "handovers":[leaf],                       of the proof's term, and of the newest; not term 1's
 *    "changes":[{"term","at":{"index","leaf","proof":[]},"policies":[text]}],
 *                                              each SEAL or HANDOVER from OLD_SIZE on, below certified,
 *                                              that changed who confirms, rising: its way to certified,
 *                                              who confirms from there on, the term it stands in (512 KiB;
 *                                              the rest is left out)
 *    "policies":[text]}                        that hold at certified (C2SP tlog-policy)
 *
 * "evidence"                 [{"number","term","size","code","name","bytes"}]  0 bytes: no file
 * "evidence" NUMBER OFFSET   {"number","bytes","offset","data"}
 * "seq" PK                  {"next_seq","anchor":{"size","root"}}  counts the outbox; final head
 * "outbox"                  in parts as the ledger's lists are; in the order they came
 *                           [{"id","type","signer","seq","receipt":null|index,"in_log","held_back",
 *                             "of_peer","waited_ms"}]                      since handed in or the node's start
 * "entry" ID|INDEX          {"index","leaf","type","final","state","since_ms","confirmed","needed",
 *                            "organisations"}   by id: of those in the outbox; since: entered
 * "leaves" FROM COUNT       {"from","size","leaves":[]}            at most 256 and 400 kB
 * "proof" INDEX SIZE        {"index","size","proof":[]}
 * "consistency" OLD NEW     {"old","new","proof":[]}
 * "tile" LEVEL INDEX WIDTH  {"level","index","width","hashes"}
 * "checkpoint"              {"head","certified"}                   notes; "" where there is none
 */
#ifndef SB_NODED_QUERIES_H
#define SB_NODED_QUERIES_H

#include "nodes/follower/follower.h"
#include "nodes/store/history.h"

typedef struct sb_node_view {
    const sb_history *history;
    sb_follower *follower;
    const char *organisation;
    const uint8_t *federation_id; /* 32: that it follows, also before it has any of the log */
    bool is_rehearsal;
    uint64_t disk_full_since_ms; /* legal; 0: it isn't */
    sb_now now;
} sb_node_view;

/* Append the answer; *next for one that is a part of a list (proto/ledger/query.h "Lists"), else 0.
 * Errors: SB_E_QUERY_UNKNOWN, SB_E_QUERY_ARGUMENT, SB_E_NOT_FOUND. */
sb_err sb_node_query(const sb_node_view *view, const Sb__Query *query, sb_buf *json, uint64_t *next,
                     sb_fail *fail);

#endif
