/* Blobs on their way between the node and a broker or another node, a few at a time, chunk by chunk, each chunk asked for
 * after the one before. Pure: frames to send come out, frames that came go in. What is lost on the
 * way is begun again when the follower asks again.
 */
#ifndef SB_NODED_TRANSFERS_H
#define SB_NODED_TRANSFERS_H

#include "proto/base/limits.h"
#include "proto/base/slice.h"

typedef enum sb_transfer_kind { SB_TRANSFER_GET = 1, SB_TRANSFER_PUT } sb_transfer_kind;

typedef struct sb_transfer {
    sb_transfer_kind kind;
    uint32_t peer;
    uint8_t sha256[32];
    uint64_t size;        /* PUT: of the blob; GET: as the log states */
    uint64_t next_offset; /* what to ask for or to send next */
    uint32_t stuck;       /* answers in a row that brought nothing new */
    bool moved;           /* since it was asked for last */
} sb_transfer;

typedef struct sb_transfers {
    sb_transfer list[SB_TRANSFERS_MAX];
    uint32_t count;
} sb_transfers;

/* The follower asks (again): the transfer whose chunk is to be asked for or sent now, begun if need
 * be. NULL: it is under way by itself, or there are too many. */
sb_transfer *sb_transfers_ask(sb_transfers *t, sb_transfer_kind kind, uint32_t peer,
                              const uint8_t sha256[32], uint64_t size);
sb_transfer *sb_transfers_find(sb_transfers *t, sb_transfer_kind kind, uint32_t peer,
                               const uint8_t sha256[32]);
void sb_transfers_end(sb_transfers *t, sb_transfer *transfer);
/* The connection is gone, and all that ran over it. */
void sb_transfers_gone(sb_transfers *t, uint32_t peer);
void sb_transfers_clear(sb_transfers *t);
/* A chunk came of a blob that is said to have `size` bytes: is it the one that was asked for? False:
 * give up; what is endless or only begins like it takes no more of the disk than the right one. */
bool sb_transfer_is_of(const sb_transfer *transfer, uint64_t size);
/* The other side is at `next_offset`. False: it brought nothing new too often; give up. */
bool sb_transfer_moved(sb_transfer *transfer, uint64_t next_offset);

#endif
