/* What a node answers to its own members and operators on the local socket, besides the ledger's
 * queries (proto/ledger/query.h). All answers are canonical JSON; hashes, keys, leaves and entries
 * are lower-case hex; notes are text; 64-bit numbers fit in 2^53.
 *
 * "status"
 *   {"organisation","federation","origin","version","rehearsal","term","size","root","digest",
 *    "certified_size","final_size","final_root",     null when nothing is final
 *    "state",       empty not_confirmed certified final stale diverged conflict
 *    "confirmed_size","confirmed","needed","organisations",
 *                   how many organisations confirmed the newest head, and that head's size
 *    "broker":{"connected","size"},"outbox","held_back","blobs_missing",
 *    "blocked",     null or no_key diverged conflict blobs leaf_early leaf_late
 *    "diverged":null|{"index","code","name","args"},"time_ms"}
 *   state is "final" when all that the log holds, but STATE and SEAL, is under a final head.
 *
 * "head" [OLD_SIZE]: the proof of what is final, for a member who trusts no node
 *   {"origin","final":null|{"size","root"},
 *    "certified":null|{"size","root","note"},  the head that contains the SEAL, with cosignatures
 *    "seal":null|{"index","leaf","proof":[]},  the SEAL of the final head, its way to certified
 *    "from_old":null|[],                       consistency OLD_SIZE -> final size
 *    "to_certified":null|[]}                   consistency final size -> certified size
 *
 * "seq" PK                  {"next_seq","anchor":{"size","root"}}  counts the outbox; final head
 * "outbox"                  [{"id","type","signer","seq","receipt":null|index,"in_log","held_back",
 *                             "waited_ms"}]                      since handed in or the node's start
 * "entry" ID|INDEX          {"index","leaf","type","final"}        by id: of those in the outbox
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
    bool is_rehearsal;
    sb_now now;
} sb_node_view;

/* Append the answer. Errors: SB_E_QUERY_UNKNOWN, SB_E_QUERY_ARGUMENT, SB_E_NOT_FOUND. */
sb_err sb_node_query(const sb_node_view *view, const Sb__Query *query, sb_buf *json, sb_fail *fail);

#endif
