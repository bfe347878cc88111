/* The card of a standby (KEYDIR/broker-<id>.card): what the charter's `standbys` and an
 * organisation's consent need to know of it. Public keys only.
 *
 *   id: reserve
 *   log: <64 hex>
 *   curve: <64 hex>
 *   address: tcp://reserve.example.no:7117
 */
#ifndef SB_CHARTER_STANDBY_CARD_H
#define SB_CHARTER_STANDBY_CARD_H

#include "nodes/host/doc.h"
#include "proto/base/arena.h"
#include "proto/base/buf.h"
#include "proto/base/err.h"

typedef struct sb_standby_card {
    const char *id, *address; /* in the reader's arena */
    uint8_t log_pk[32], curve_pk[32];
} sb_standby_card;

void sb_standby_card_write(const sb_standby_card *card, sb_buf *out);
/* Errors: SB_E_FILE_*, SB_E_DOC_*, SB_E_CHARTER_CARD (which field), SB_E_CONFIG_ENDPOINT. */
sb_err sb_standby_card_read(const char *path, sb_arena *arena, sb_standby_card *card,
                            sb_fail *fail);

/* The same from what has been read. */
sb_err sb_standby_card_of(const sb_doc *root, sb_standby_card *card, sb_fail *fail);

#endif
