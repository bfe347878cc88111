/* The witness policy: final when more than num/den of the organisations cosigned. Counted by
 * organisation, never by key (DESIGN §4). */
#include "proto/ledger/machine.h"

bool sb_ledger_quorum(sb_ledger *l, uint64_t head_size, const uint8_t (*witness_pks)[32],
                      size_t count, uint32_t *have, uint32_t *needed)
{
    (void)head_size; /* one policy so far */
    const Sb__Charter *charter = sb_ledger_charter(l);
    uint32_t cosigned = 0, least = UINT32_MAX;
    if (charter != NULL) {
        bool seen[SB_ORGANISATIONS_MAX] = {false};
        for (size_t i = 0; i < count; i++) {
            sb_row_key key;
            if (!sb_key_find(sb_overlay_kv(l->batch), witness_pks[i], &key) ||
                key.kind != SB_KEY_KIND_WITNESS || key.status != SB_KEY_IN_FORCE || seen[key.org])
                continue;
            seen[key.org] = true;
            cosigned++;
        }
        least = (uint32_t)((uint64_t)charter->policy->more_than_num * charter->n_organisations /
                               charter->policy->more_than_den +
                           1);
    }
    if (have != NULL)
        *have = cosigned;
    if (needed != NULL)
        *needed = least;
    return cosigned >= least;
}
