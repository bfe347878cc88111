/* Attachments that leaves name and that aren't held here yet: no head over them is cosigned, unless
 * it erases them too. What is erased goes when that is final. */
#include "nodes/follower/inside.h"

bool sb_fol_missing_load(sb_follower *f)
{
    if (!sb_missing_load(&f->missing, f->own, &f->log))
        return false;
    for (size_t i = 0; i < f->missing.count; i++) {
        sb_missing_blob *blob = &f->missing.blobs[i];
        if (!sb_ledger_blob_erased(f->ledger, blob->sha256, &blob->erased_index))
            blob->erased_index = UINT64_MAX;
    }
    return true;
}

void sb_fol_missing_leaf(sb_follower *f, uint64_t index, const sb_leaf *leaf)
{
    if (leaf->entry.type == SB_ENTRY_BLOB_ERASE) {
        const Sb__BlobErase *m = (const void *)leaf->message;
        sb_missing_blob *blob = sb_missing_find(&f->missing, m->blob_sha256.data);
        if (blob != NULL)
            blob->erased_index = index;
    }
    sb_missing_leaf(&f->missing, &f->log, index, leaf, &f->commit);
}

bool sb_fol_missing_below(const sb_follower *f, uint64_t size)
{
    for (size_t i = 0; i < f->missing.count; i++)
        if (f->missing.blobs[i].index < size && f->missing.blobs[i].erased_index >= size)
            return true;
    return false;
}

uint32_t sb_fol_missing_count(const sb_follower *f)
{
    uint32_t count = 0;
    for (size_t i = 0; i < f->missing.count; i++)
        count += f->missing.blobs[i].erased_index == UINT64_MAX;
    return count;
}

void sb_fol_erase_final(sb_follower *f)
{
    uint64_t index = f->erase_from;
    uint8_t sha256[32];
    while (index < f->final_size && sb_ledger_erasure_next(f->ledger, &index, sha256) &&
           index < f->final_size) {
        sb_commit_erase_blob(&f->commit, sha256);
        sb_fol_blob_stored(f, sha256); /* nobody waits for it any more */
        index++;
    }
    f->erase_from = f->final_size;
}

void sb_fol_blob_stored(sb_follower *f, const uint8_t sha256[32])
{
    sb_missing_done(&f->missing, sha256, &f->commit);
}

void sb_fol_missing_cut(sb_follower *f, uint64_t size)
{
    for (size_t i = 0; i < f->missing.count; i++)
        if (f->missing.blobs[i].index >= size)
            sb_missing_del_row(&f->missing, f->missing.blobs[i].sha256, &f->commit);
}

/* Whom to ask: the broker first, then the other nodes in turn. 0: nobody. */
static uint32_t whom(const sb_follower *f, uint32_t tries)
{
    uint32_t source = f->catchup.is_on ? f->catchup.link : f->followed;
    uint32_t nodes = 0, at = tries;
    for (size_t i = 0; i < f->link_count; i++)
        nodes += f->links[i].role == SB_FOL_ROLE_NODE && f->links[i].welcomed;
    if (nodes + (source != 0) == 0)
        return 0;
    at %= nodes + (source != 0);
    if (source != 0 && at-- == 0)
        return source;
    for (size_t i = 0; i < f->link_count; i++)
        if (f->links[i].role == SB_FOL_ROLE_NODE && f->links[i].welcomed && at-- == 0)
            return f->links[i].number;
    return source;
}

void sb_fol_missing_ask(sb_follower *f, sb_now now)
{
    size_t asked = 0;
    for (size_t i = 0; i < f->missing.count && asked < SB_FOL_BLOBS_ASKED_MAX; i++) {
        sb_missing_blob *blob = &f->missing.blobs[i];
        if (blob->erased_index != UINT64_MAX)
            continue;
        asked++;
        uint32_t link = whom(f, blob->tries);
        if (link == 0 || (blob->asked_ms != 0 && now.mono_ms - blob->asked_ms < SB_FOL_BLOB_MS))
            continue;
        blob->asked_ms = now.mono_ms;
        blob->tries++;
        sb_fol_effect *effect = sb_fol_emit(f, SB_FOL_WANT_BLOB);
        effect->link = link;
        memcpy(effect->blob, blob->sha256, 32);
        effect->blob_bytes = blob->size;
    }
}
