/* Questions about the state, answered in canonical JSON (PROTOCOL.md "Queries").
 *
 *   status  charter  charter-versions  charter-bytes [VERSION]  charter-drafts  actions [CASE]
 *   bodies  seats [BODY]  members [BODY]  cases [BODY]  case REF  meetings [BODY]
 *   meeting REF  questions  question ID  decisions [BODY [CASE]]  certificate REF  tasks [BODY]
 *   candidates REF  disputes [REF]  minutes MEETING  key PK  deadlines  conditions [BODY]
 *   inputs [BODY]  plan BODY YEAR  erased  policy [SIZE]
 *   membership
 *
 * REF of a case: entry id, "04/22" or "ssu:04/22"; of a meeting: entry id, "ssu:2022-01-20" or
 * "2022-01-20"; of a question: entry id, or a case's number (its last question). The first four
 * digits or more of an entry id do where they fit one only (else SB_E_QUERY_SEVERAL). A body may be
 * named by its id or its short name, in any case of letters, an optional one by "". Ids and hashes are lower-case hex.
 * Answers come from rows only, never from blobs; what is a blob is given as {"sha256","size"}, with
 * "erased":true once its content is gone.
 *
 * Lists. What the log grows is asked for in parts (sb_ledger_query_part; Query.from, Answer.next):
 *   actions  cases  charter-drafts  charter-versions  conditions  decisions  disputes  erased
 *   inputs  meetings  questions  seats  tasks
 * Each part is an array, closed after the row that passes the bound on its bytes; all of them after
 * each other are the list. A row that changes meanwhile is as it was when its part was made; new
 * rows come last, but an action comes after its case's. Every other answer is whole: what grows it is
 * the charter, one case, one meeting, one question or what is waiting. */
#ifndef SB_LEDGER_QUERY_H
#define SB_LEDGER_QUERY_H

#include "proto/ledger/ledger.h"

/* Every name, NULL at the end; for help texts. */
extern const char *const sb_query_names[];

#endif
