#include "nodes/noded/transfers.h"

enum { STUCK_MAX = 3 };

sb_transfer *sb_transfers_find(sb_transfers *t, sb_transfer_kind kind, uint32_t peer,
                               const uint8_t sha256[32])
{
    for (uint32_t i = 0; i < t->count; i++)
        if (t->list[i].kind == kind && t->list[i].peer == peer &&
            memcmp(t->list[i].sha256, sha256, 32) == 0)
            return &t->list[i];
    return NULL;
}

sb_transfer *sb_transfers_ask(sb_transfers *t, sb_transfer_kind kind, uint32_t peer,
                              const uint8_t sha256[32], uint64_t size)
{
    sb_transfer *transfer = sb_transfers_find(t, kind, peer, sha256);
    if (transfer != NULL) {
        bool moved = transfer->moved;
        transfer->moved = false;
        return moved ? NULL : transfer;
    }
    if (t->count == SB_TRANSFERS_MAX)
        return NULL;
    transfer = &t->list[t->count++];
    *transfer = (sb_transfer){.kind = kind, .peer = peer, .size = size};
    memcpy(transfer->sha256, sha256, 32);
    return transfer;
}

void sb_transfers_end(sb_transfers *t, sb_transfer *transfer)
{
    *transfer = t->list[--t->count];
}

void sb_transfers_gone(sb_transfers *t, uint32_t peer)
{
    for (uint32_t i = t->count; i-- > 0;)
        if (t->list[i].peer == peer)
            sb_transfers_end(t, &t->list[i]);
}

void sb_transfers_clear(sb_transfers *t)
{
    t->count = 0;
}

bool sb_transfer_is_of(const sb_transfer *transfer, uint64_t size)
{
    return size == transfer->size; /* 0: it isn't held there */
}

bool sb_transfer_moved(sb_transfer *transfer, uint64_t next_offset)
{
    transfer->stuck = next_offset > transfer->next_offset ? 0 : transfer->stuck + 1;
    transfer->moved = transfer->moved || next_offset > transfer->next_offset;
    transfer->next_offset = next_offset;
    return transfer->stuck < STUCK_MAX;
}
