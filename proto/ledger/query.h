/* Questions about the state, answered in canonical JSON (PROTOCOL.md "Queries").
 *
 *   status  charter  charter-versions  charter-bytes [VERSION]  charter-drafts  actions [CASE]
 *   bodies  seats [BODY]  members [BODY]  cases [BODY]  case REF  meetings [BODY]
 *   meeting REF  questions  question ID  decisions [BODY]  certificate REF  tasks [BODY]
 *   candidates REF  disputes [REF]  minutes MEETING  key PK  deadlines  conditions [BODY]
 *   inputs [BODY]  plan BODY YEAR  erased  policy [SIZE]
 *   membership
 *
 * REF of a case: entry id, "04/22" or "ssu:04/22"; of a meeting: entry id, "ssu:2022-01-20" or
 * "2022-01-20"; of a question: entry id, or a case's number (its last question). A body may be
 * named by its id or its short name, in any case of letters. Ids and hashes are lower-case hex.
 * Answers come from rows only, never from blobs; what is a blob is given as {"sha256","size"}, with
 * "erased":true once its content is gone. */
#ifndef SB_LEDGER_QUERY_H
#define SB_LEDGER_QUERY_H

#include "proto/ledger/ledger.h"

/* Every name, NULL at the end; for help texts. */
extern const char *const sb_query_names[];

#endif
