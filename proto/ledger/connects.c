/* Who may connect (PROTOCOL.md "Links"). */
#include "proto/ledger/machine.h"

size_t sb_ledger_curve_keys(sb_ledger *l, uint8_t out[SB_LEDGER_CURVE_KEYS_MAX][32])
{
    const Sb__Charter *charter = sb_ledger_charter(l);
    uint32_t organisations = sb_ledger_org_count(l);
    sb_ledger_org org;
    size_t count = 0;
    for (uint32_t i = 0; i < organisations && count < SB_LEDGER_CURVE_KEYS_MAX; i++) {
        bool has_left =
            charter != NULL && i < charter->n_organisations && charter->organisations[i]->withdrawn;
        if (!has_left && sb_ledger_org_get(l, i, &org))
            memcpy(out[count++], org.curve_pk, 32);
    }
    for (uint32_t i = 0; count < SB_LEDGER_CURVE_KEYS_MAX && sb_ledger_waiting_org(l, i, &org); i++)
        memcpy(out[count++], org.curve_pk, 32);
    for (size_t i = 0;
         charter != NULL && i < charter->n_standbys && count < SB_LEDGER_CURVE_KEYS_MAX; i++)
        if (charter->standbys[i]->curve_pk.len == 32)
            memcpy(out[count++], charter->standbys[i]->curve_pk.data, 32);
    return count;
}
