/* The federation file: the founding entries, GENESIS and CHARTER_PARTs, as u32be length ‖ entry,
 * one after the other. Whoever joins gets it from somebody they trust: it says which history is
 * ours.
 */
#ifndef SB_WIRE_FEDERATION_H
#define SB_WIRE_FEDERATION_H

#include "proto/base/limits.h"
#include "proto/wire/entry.h"

/* What a federation file says, each entry's signature and the charter's hash checked. Slices borrow
 * from `bytes`, structs live in the arena. */
typedef struct sb_federation {
    uint8_t federation_id[32];
    const Sb__Genesis *genesis;
    const Sb__Charter *charter;
    uint8_t charter_sha256[32];
    const sb_slice *entries; /* GENESIS, then the parts */
    size_t entry_count;
} sb_federation;

/* Errors: SB_E_CHARTER_FEDERATION_FILE (what), those of sb_entry_open and sb_charter_decode. */
sb_err sb_federation_parse(sb_slice bytes, sb_arena *arena, sb_federation *out, sb_fail *fail);

#endif
