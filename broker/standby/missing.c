#include "broker/standby/missing.h"

#include "broker/standby/standby.h"
#include "proto/wire/payload.h"

bool sb_standby_missing_load(sb_missing *m, sb_kv *own, sb_ledger *ledger, const sb_log_reader *log)
{
    sb_ledger_position position;
    sb_ledger_position_get(ledger, &position);
    sb_missing_init(m, SB_STANDBY_ROW_MISSING);
    if (!sb_missing_load(m, own, log))
        return false;
    for (size_t i = m->count; i-- > 0;)
        if (m->blobs[i].index >= position.size ||
            sb_ledger_blob_erased(ledger, m->blobs[i].sha256, NULL))
            sb_missing_done(m, m->blobs[i].sha256, NULL);
    return true;
}

void sb_standby_missing_leaf(sb_missing *m, const sb_log_reader *log, uint64_t index,
                             const sb_leaf *leaf, sb_commit_builder *commit)
{
    if (leaf->entry.type == SB_ENTRY_BLOB_ERASE)
        sb_missing_done(m, ((const Sb__BlobErase *)leaf->message)->blob_sha256.data, commit);
    sb_missing_leaf(m, log, index, leaf, commit);
}

sb_missing_blob *sb_standby_missing_next(sb_missing *m, uint64_t mono_ms, size_t *at)
{
    for (; *at < m->count && *at < SB_STANDBY_BLOBS_ASKED_MAX; (*at)++) {
        sb_missing_blob *blob = &m->blobs[*at];
        if (blob->asked_ms != 0 && mono_ms - blob->asked_ms < SB_STANDBY_BLOB_MS)
            continue;
        blob->asked_ms = mono_ms;
        (*at)++;
        return blob;
    }
    return NULL;
}
