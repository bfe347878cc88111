/* A stored history: the store with the tree and the ledger over it, and the one way they move on
 * together. What both daemons open, and how they carry out a core's COMMIT.
 */
#ifndef SB_STORE_HISTORY_H
#define SB_STORE_HISTORY_H

#include "nodes/store/store.h"
#include "proto/ledger/ledger.h"
#include "proto/wire/frame.h"
#include "proto/wire/logio.h"

typedef struct sb_history {
    sb_store *store;
    sb_ledger *ledger;
    sb_log_reader reader; /* over the store, for the cores */
    sb_tile_parts *parts; /* the reader's, for proofs */
    const char *dir;      /* as opened, to open it anew; borrowed */
    sb_store_opts opts;
} sb_history;

/* The own rows (sb_store_own) that belong to the history; the shells' begin after them.
 *   TIP      u64be size ‖ root[32] of what was committed last
 *   UNNAMED  owner[32] ‖ sha256[32] -> u64be since_ms (the log's time) ‖ u64be bytes: a blob that no entry named when
 *            this CURVE key brought it */
enum { SB_HISTORY_ROW_TIP = 0x80, SB_HISTORY_ROW_UNNAMED = 0x81 };

/* Open the store, rebuild the tree's edge from the stored leaves and tiles, open the ledger, and
 * check that the root is the one committed last and the one that the last STATE row has. A flipped
 * bit in any leaf of the edge or in a tile that the root stands on is found here; one in an older
 * leaf when it is read: reader.leaf compares it with its tile and finds no leaf there.
 * Errors: sb_store_open's, SB_E_HISTORY_DAMAGED (the first index that can't be vouched for),
 * sb_ledger_open's. */
sb_err sb_history_open(sb_history *h, const char *dir, const sb_store_opts *opts, sb_fail *fail);
void sb_history_close(sb_history *h);

/* A leaf was read that isn't the one that was written: whoever serves others from it must end, and
 * nothing more is committed, so nothing more is signed. Errors: SB_E_HISTORY_DAMAGED {index}. */
sb_err sb_history_damage(const sb_history *h, sb_fail *fail);

/* ---- a full disk ---- */

/* The disk seems to have room for the largest commit. */
bool sb_history_has_room(sb_history *h);
/* … and something can be written: the newest row is committed once more, for a quota without any room
 * says no only then. Where it has a little, the next commit may be refused again.
 * Errors: sb_store_commit's. */
sb_err sb_history_try_room(sb_history *h, sb_fail *fail);
/* After SB_E_STORE_DISK_FULL: close it and open it anew, over what is committed. Whoever calls it has
 * closed the core that stands on it. After an error there is no history any more.
 * Errors: sb_history_open's. */
sb_err sb_history_reopen(sb_history *h, sb_fail *fail);

/* Carry out a core's commit: leaves, tiles, the ledger's rows, own rows and the erasing of blobs in
 * one transaction, every row of it read back and compared. After any error the core can't go on:
 * the process must end, but after SB_E_STORE_DISK_FULL (sb_history_reopen).
 * Errors: sb_store_commit's, SB_E_HISTORY_DAMAGED. */
sb_err sb_history_commit(sb_history *h, const sb_log_commit *commit, sb_fail *fail);

/* ---- cutting off what isn't final (DESIGN §4 "Terms and handover") ---- */

/* Go back to `size` leaves: in one transaction the leaves after it go into the archive, the
 * ledger's rows become what they were, and the own rows `puts` are written. When `probe` isn't
 * empty it is a leaf that must be acceptable next (a HANDOVER), else nothing changes.
 * h->ledger is another afterwards, also when refused: close the core that stands on it before, and
 * open it again after. Blobs stay.
 * Errors: the probe's refusal (all is as it was); else, and then the process must end,
 * SB_E_HISTORY_DAMAGED, sb_store_commit's. */
sb_err sb_history_rewind(sb_history *h, uint64_t size, sb_slice probe, const sb_commit_put *puts,
                         size_t put_count, sb_fail *fail);

/* What the log alone shows to be final: a sealed head that lies, with its SEAL, under a later sealed
 * head of its term. No valid handover cuts it off. */
uint64_t sb_history_settled_size(const sb_history *h);

/* ---- blobs over frames: the answering side ---- */

/* Take one BlobPut; the answer's next_offset is what to send next, the blob's size when it is
 * whole or erased (then nothing is kept). A chunk out of order or a blob that isn't its hash is answered with where to begin again;
 * while the disk has no room for blobs (sb_store_blob_room) it stays where it is.
 * Errors (worth ending for): sb_store_commit's. */
sb_err sb_history_blob_put(sb_history *h, const Sb__BlobPut *put, uint64_t *next_offset,
                           sb_fail *fail);
/* The same from another organisation, by its CURVE key: what no entry names yet is bounded
 * (SB_BLOBS_UNNAMED_MAX, SB_BLOBS_UNNAMED_MIB_MAX). When the bound is met, those that nobody has named
 * for SB_BLOB_UNNAMED_MS of the log's time are forgotten; if there are too few of them, *refusal is SB_E_STORE_BLOB_QUOTA
 * {count, MiB} and nothing is taken. Errors (worth ending for): as sb_history_blob_put. */
sb_err sb_history_blob_take(sb_history *h, const uint8_t owner[32], const Sb__BlobPut *put,
                            uint64_t *next_offset, sb_fail *refusal, sb_fail *fail);
/* Its lengths and offset can be a blob's. */
bool sb_history_blob_put_is_sane(const Sb__BlobPut *put);
/* Answer a BlobGet: the BlobData frame with the chunk asked for, encoded, is appended to `answer`
 * (its size is 0 when the blob is not held). Errors: the store's. */
sb_err sb_history_blob_get(sb_history *h, const Sb__Frame *frame, sb_buf *answer, sb_fail *fail);

#endif
