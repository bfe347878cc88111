/* Terms of the log: who orders it since which leaf, and judging a HANDOVER (DESIGN §4). */
#include "proto/ledger/machine.h"

bool sb_ledger_quorum_seal(sb_ledger *l, uint64_t head_size, const uint8_t (*witness_pks)[32],
                           size_t count)
{
    return sb_ledger_quorum(l, head_size, witness_pks, count, NULL, NULL);
}

bool sb_ledger_witness(sb_ledger *l, const uint8_t pk[32], sb_ledger_org *out)
{
    uint32_t count = sb_ledger_org_count(l);
    for (uint32_t i = 0; i < count; i++)
        if (sb_ledger_org_get(l, i, out) && memcmp(out->witness_pk, pk, 32) == 0)
            return true;
    return false;
}

bool sb_ledger_term_get(sb_ledger *l, uint32_t term, sb_ledger_term_info *out)
{
    if (term != 1 || !sb_ledger_log_pk(l, out->log_pk))
        return false;
    out->term = 1;
    out->index = 0;
    return true;
}

uint32_t sb_ledger_term_at(sb_ledger *l, uint64_t head_size)
{
    return head_size == 0 ? 0 : sb_ledger_term(l);
}

sb_err sb_ledger_handover_judge(sb_ledger *l, const Sb__Handover *m, sb_handover_verdict *out,
                                sb_fail *fail)
{
    (void)l, (void)m, (void)out;
    return sb_fail_set(fail, SB_E_LEDGER_HANDOVER_LATER, NULL);
}
