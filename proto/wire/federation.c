#include "proto/wire/federation.h"

#include "proto/base/cursor.h"
#include "proto/base/hash.h"

static sb_err bad(sb_fail *fail, const char *what)
{
    return sb_fail_set(fail, SB_E_CHARTER_FEDERATION_FILE, what, NULL);
}

/* The parts in order, their hash as genesis says, and the charter decoded. */
static sb_err join_parts(const sb_leaf *leaves, size_t count, sb_arena *arena, sb_federation *out,
                         sb_fail *fail)
{
    sb_buf whole;
    sb_buf_init(&whole);
    sb_err err = SB_OK;
    for (size_t i = 1; i < count && err == SB_OK; i++) {
        const Sb__CharterPart *part = (const Sb__CharterPart *)leaves[i].message;
        if (leaves[i].entry.type != SB_ENTRY_CHARTER_PART || part->number != i ||
            memcmp(leaves[i].entry.federation_id, out->federation_id, 32) != 0 ||
            memcmp(leaves[i].entry.signer_pk, leaves[0].entry.signer_pk, 32) != 0)
            err = bad(fail, "del av vedtektene");
        else
            sb_buf_add(&whole, sb_slice_of(part->data.data, part->data.len));
    }
    sb_hash(sb_buf_slice(&whole), out->charter_sha256);
    if (err == SB_OK && (count - 1 != out->genesis->charter_parts ||
                         memcmp(out->charter_sha256, out->genesis->charter_sha256.data, 32) != 0))
        err = bad(fail, "vedtektenes sjekksum");
    if (err == SB_OK)
        err = sb_charter_decode(sb_arena_copy(arena, sb_buf_slice(&whole)), arena, &out->charter,
                                fail);
    sb_buf_deinit(&whole);
    return err;
}

sb_err sb_federation_parse(sb_slice bytes, sb_arena *arena, sb_federation *out, sb_fail *fail)
{
    *out = (sb_federation){0};
    sb_leaf *leaves = SB_ARENA_ARRAY(arena, sb_leaf, SB_FOUNDING_ENTRIES_MAX);
    sb_slice *entries = SB_ARENA_ARRAY(arena, sb_slice, SB_FOUNDING_ENTRIES_MAX);
    size_t count = 0;
    sb_reader r = sb_reader_over(bytes);
    while (sb_reader_left(&r) > 0) {
        sb_slice entry = sb_read_var32(&r);
        if (r.failed || count == SB_FOUNDING_ENTRIES_MAX)
            return bad(fail, "lengden");
        sb_err err = sb_entry_open(entry, arena, &leaves[count], fail);
        if (err != SB_OK)
            return err;
        entries[count++] = entry;
    }
    if (count < 2 || leaves[0].entry.type != SB_ENTRY_GENESIS)
        return bad(fail, "første oppføring");
    memcpy(out->federation_id, leaves[0].entry.id, 32);
    out->genesis = (const Sb__Genesis *)leaves[0].message;
    out->entries = entries;
    out->entry_count = count;
    return join_parts(leaves, count, arena, out, fail);
}
