/* An outside witness (C2SP tlog-witness): somebody who is no member, Statsforvalteren say, confirms
 * that there is one history. It holds no leaves and knows no bylaws: it remembers the last head that
 * it cosigned of each log, and cosigns only what provably continues it.
 *
 *   DIR/            0700
 *     witness.yaml  name: samband-statsforvalteren      its key's name in notes
 *                   listen: 127.0.0.1:7140              a reverse proxy with TLS stands before it
 *                   logs:                               C2SP vkeys, one a term of a federation
 *                     - samband/…/1+12ab34cd+AT…        (the log line of a bundle's policy)
 *     witness.key   0600
 *     heads/        of each log the last head: the note, with our own cosignature
 *     evidence/     the first two signed heads of a log that can't both be
 *
 * The file of a head is replaced durably before the cosignature is given out. A witness that lost
 * its files must get a new key and name.
 */
#ifndef SB_WITNESS_WITNESS_H
#define SB_WITNESS_WITNESS_H

#include "nodes/web/http.h"
#include "proto/base/arena.h"
#include "proto/base/limits.h"
#include "proto/merkle/tlog_witness.h"

typedef struct sb_witness_log {
    const char *origin;
    uint8_t pk[32];
    sb_checkpoint last; /* size 0: nothing cosigned yet */
    uint64_t time_s;    /* of that cosignature */
    sb_buf note;        /* its note as the log signed it */
} sb_witness_log;

typedef struct sb_witness {
    const char *dir, *name, *listen;
    sb_secret *key;
    sb_witness_log logs[SB_WITNESS_LOGS_MAX];
    size_t log_count;
    sb_arena arena;   /* of the configuration */
    sb_arena scratch; /* of one request */
} sb_witness;

/* Read DIR, its key, and the last heads. Errors: SB_E_FILE_*, SB_E_DOC_*, SB_E_KEYFILE_*,
 * SB_E_WITNESS_LOG {file, line, vkey}, SB_E_WITNESS_HEAD {file} (not ours, or damaged: it must not
 * start, for it might cosign something else). */
sb_err sb_witness_open(sb_witness *w, const char *dir, sb_fail *fail);
void sb_witness_close(sb_witness *w);

/* Answer an add-checkpoint body at this time; what is cosigned is durable before this returns. */
void sb_witness_answer(sb_witness *w, sb_slice body, uint64_t now_s, sb_http_answer *answer);
/* The HTTP interface: POST /add-checkpoint; GET / says what this is. arg: sb_witness_http. */
typedef struct sb_witness_http {
    sb_witness *witness;
    uint64_t (*now_s)(void *arg);
    void *arg;
} sb_witness_http;
void sb_witness_handle(void *arg, const sb_http_request *request, sb_http_answer *answer);

#endif
