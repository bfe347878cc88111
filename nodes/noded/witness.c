#include "nodes/noded/witness.h"

#include <stdio.h>

static uint32_t answer_size(uint64_t size, sb_buf *answer)
{
    sb_buf_printf(answer, "%llu\n", (unsigned long long)size);
    return SB_WITNESS_CONFLICT;
}

uint32_t sb_node_witness(const sb_node_view *view, sb_slice body, sb_buf *answer)
{
    sb_ledger *ledger = view->history->ledger;
    sb_add_checkpoint ask;
    sb_checkpoint head, ours;
    sb_cosignature cosignature;
    char origin[SB_ORIGIN_BYTES_MAX + 1] = "", name[SB_NOTE_NAME_BYTES_MAX + 1];
    uint8_t log_pk[32], witness_pk[32];
    if (sb_add_checkpoint_parse(body, &ask, NULL) != SB_OK)
        return SB_WITNESS_MALFORMED;
    if (sb_checkpoint_parse(ask.note, &head, NULL) != SB_OK ||
        !sb_ledger_origin(ledger, origin, sizeof origin) || !sb_ledger_log_pk(ledger, log_pk) ||
        strcmp(head.origin, origin) != 0)
        return SB_WITNESS_UNKNOWN;
    if (sb_checkpoint_verify(ask.note, origin, log_pk, &head, NULL) != SB_OK)
        return SB_WITNESS_UNSIGNED;
    if (!sb_follower_cosigned(view->follower, &ours, witness_pk, &cosignature))
        return answer_size(0, answer);
    /* what it cosigned is the old and the new head at once: who names an older one gets the size */
    uint32_t status = sb_add_checkpoint_judge(&ask, &head, &ours);
    if (status == SB_WITNESS_CONFLICT || (status == SB_WITNESS_OK && head.size != ours.size))
        return answer_size(ours.size, answer);
    if (status != SB_WITNESS_OK)
        return status;
    (void)snprintf(name, sizeof name, "%s/%s", origin, view->organisation);
    sb_cosignature_add_line(answer, sb_slice_str(name), witness_pk, &cosignature);
    return SB_WITNESS_OK;
}
