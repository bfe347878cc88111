/* CHARTER_DRAFT, CHARTER_DRAFT_PART: a whole new charter, in parts as at the founding, checked when
 * the last is in. It changes nothing; an action that is adopted does (§ 7). */
#include "proto/base/hash.h"
#include "proto/ledger/action_plan.h"
#include "proto/ledger/machine.h"

/* ---- reading drafts ---- */

/* The parts that are in, and `last` after them; len 0 when that isn't the size it says. */
static sb_slice bytes_of(sb_kv *kv, sb_arena *arena, const sb_row_charter_draft *d, sb_slice last)
{
    uint8_t *bytes = sb_arena_alloc(arena, d->bytes);
    size_t at = 0;
    sb_row_draft_part part = {.draft = d->no};
    for (bool more = sb_row_draft_part_next(kv, arena, &part, true, 1); more;
         more = sb_row_draft_part_next(kv, arena, &part, false, 1)) {
        if (part.data.len > d->bytes - at)
            return (sb_slice){0};
        memcpy(bytes + at, part.data.data, part.data.len);
        at += part.data.len;
    }
    if (last.len != d->bytes - at)
        return (sb_slice){0};
    if (last.len > 0)
        memcpy(bytes + at, last.data, last.len);
    return sb_slice_of(bytes, d->bytes);
}

static sb_err draft_need(sb_step *s, ProtobufCBinaryData id, sb_row_charter_draft *out)
{
    sb_err err = sb_ref_need(s, id, SB_REF_CHARTER_DRAFT, &out->no);
    if (err == SB_OK && !sb_row_charter_draft_get(s->kv, NULL, out))
        err = SB_E_LEDGER_STATE;
    return err;
}

sb_err sb_charter_draft_need(sb_step *s, ProtobufCBinaryData id, sb_row_charter_draft *out,
                             sb_fail *fail)
{
    sb_step quiet = *s;
    quiet.fail = fail;
    sb_err err = draft_need(&quiet, id, out);
    if (err == SB_OK && out->whole_index == 0)
        err = sb_fail_num(fail, SB_E_LEDGER_DRAFT_NOT_WHOLE, 2, out->seen, out->parts);
    return err;
}

const Sb__Charter *sb_charter_draft_decode(sb_kv *kv, sb_arena *arena, uint32_t draft)
{
    const Sb__Charter *charter = NULL;
    sb_row_charter_draft d = {.no = draft};
    if (!sb_row_charter_draft_get(kv, NULL, &d) || d.whole_index == 0)
        return NULL;
    sb_slice bytes = bytes_of(kv, arena, &d, (sb_slice){0});
    return sb_charter_decode(bytes, arena, &charter, NULL) == SB_OK ? charter : NULL;
}

sb_err sb_charter_draft_prepare(sb_step *s, const Sb__Charter *from, const Sb__Charter *draft,
                                sb_charter_next *out, sb_fail *fail)
{
    const Sb__Charter *next = sb_charter_carry(s->kv, s->arena, from, draft);
    sb_err err = sb_charter_prepare(s, from, next, false, out, fail);
    if (err != SB_OK)
        return err;
    sb_buf now;
    sb_buf_init(&now);
    err = sb_charter_encode(from, &now, fail);
    if (err == SB_OK && sb_slice_eq(sb_buf_slice(&now), out->bytes))
        err = sb_fail_set(fail, SB_E_LEDGER_AMEND_SAME, NULL);
    sb_buf_deinit(&now);
    return err;
}

/* ---- CHARTER_DRAFT ---- */

sb_err sb_check_charter_draft(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__CharterDraft *m = (const void *)message;
    const sb_scope scope = {.body = SB_NONE};
    sb_err err = sb_may(s, &scope);
    if (err != SB_OK)
        return err;
    if (s->charter->amendment == NULL)
        return sb_fail_set(s->fail, SB_E_LEDGER_AMEND_NONE, NULL);
    uint64_t room = (uint64_t)m->charter_parts * SB_CHARTER_PART_BYTES_MAX;
    if (m->charter_parts > m->charter_bytes || room < m->charter_bytes)
        return sb_fail_num(s->fail, SB_E_LEDGER_CHARTER_SIZE, 2, m->charter_bytes,
                           m->charter_parts);
    return SB_OK;
}

static void drop_draft(sb_step *s, const sb_row_charter_draft *d)
{
    for (uint32_t n = 1; n <= d->seen; n++) {
        sb_row_draft_part part = {.draft = d->no, .number = n};
        sb_row_draft_part_del(s->kv, &part);
    }
    sb_row_ref ref = {.kind = 0};
    memcpy(ref.id, d->id, 32);
    sb_row_ref_del(s->kv, &ref);
    sb_row_loose_draft loose = {.key = d->key, .draft = d->no};
    sb_row_loose_draft_del(s->kv, &loose);
    sb_row_charter_draft_del(s->kv, d);
}

/* Who begins anew has given up what wasn't finished, and the oldest where no action names any of
 * them. */
static void make_room(sb_step *s)
{
    sb_row_loose_draft loose = {.key = s->signer.no};
    uint32_t whole = 0;
    while (sb_row_loose_draft_next(s->kv, NULL, &loose, false, 1)) {
        sb_row_charter_draft d = {.no = loose.draft};
        if (sb_row_charter_draft_get(s->kv, NULL, &d) && d.whole_index == 0)
            drop_draft(s, &d);
        else
            whole++;
    }
    loose.draft = 0;
    while (whole-- >= SB_DRAFTS_MAX && sb_row_loose_draft_next(s->kv, NULL, &loose, false, 1)) {
        sb_row_charter_draft d = {.no = loose.draft};
        if (sb_row_charter_draft_get(s->kv, NULL, &d))
            drop_draft(s, &d);
    }
}

void sb_charter_draft_named(sb_kv *kv, uint32_t draft)
{
    sb_row_charter_draft d = {.no = draft};
    if (!sb_row_charter_draft_get(kv, NULL, &d))
        return;
    sb_row_loose_draft loose = {.key = d.key, .draft = draft};
    sb_row_loose_draft_del(kv, &loose);
}

void sb_apply_charter_draft(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__CharterDraft *m = (const void *)message;
    make_room(s);
    sb_row_charter_draft d;
    d = (sb_row_charter_draft){.no = sb_number_next(s->kv, SB_REF_CHARTER_DRAFT),
                               .key = s->signer.no,
                               .bytes = m->charter_bytes,
                               .parts = m->charter_parts,
                               .index = s->index};
    memcpy(d.id, s->leaf->entry.id, 32);
    memcpy(d.sha256, m->charter_sha256.data, 32);
    sb_row_charter_draft_put(s->kv, &d);
    sb_row_loose_draft loose = {.key = d.key, .draft = d.no};
    sb_row_loose_draft_put(s->kv, &loose);
    sb_ref_put(s->kv, d.id, SB_REF_CHARTER_DRAFT, d.no);
}

/* ---- CHARTER_DRAFT_PART ---- */

static sb_err check_whole(sb_step *s, const sb_row_charter_draft *d, sb_slice last)
{
    uint8_t hash[32];
    sb_slice bytes = bytes_of(s->kv, s->arena, d, last);
    sb_hash(bytes, hash);
    if (bytes.len == 0 || memcmp(hash, d->sha256, 32) != 0)
        return sb_fail_set(s->fail, SB_E_LEDGER_CHARTER_HASH, NULL);
    const Sb__Charter *draft = NULL;
    sb_charter_next next;
    sb_err err = sb_charter_decode(bytes, s->arena, &draft, s->fail);
    return err != SB_OK ? err : sb_charter_draft_prepare(s, s->charter, draft, &next, s->fail);
}

sb_err sb_check_charter_draft_part(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__CharterDraftPart *m = (const void *)message;
    const sb_scope scope = {.body = SB_NONE};
    sb_row_charter_draft d;
    sb_err err = sb_may(s, &scope);
    if (err != SB_OK || (err = draft_need(s, m->draft_id, &d)) != SB_OK)
        return err;
    if (d.key != s->signer.no)
        return sb_fail_set(s->fail, SB_E_LEDGER_DRAFT_NOT_YOURS, NULL);
    if (d.whole_index != 0)
        return sb_fail_set(s->fail, SB_E_LEDGER_DRAFT_WHOLE, NULL);
    if (m->number != d.seen + 1)
        return sb_fail_num(s->fail, SB_E_LEDGER_CHARTER_PART, 2, m->number, d.seen + 1);
    if (m->number < d.parts)
        return SB_OK;
    return check_whole(s, &d, sb_slice_of(m->data.data, m->data.len));
}

void sb_apply_charter_draft_part(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__CharterDraftPart *m = (const void *)message;
    sb_row_charter_draft d;
    if (draft_need(s, m->draft_id, &d) != SB_OK)
        return;
    sb_row_draft_part part = {
        .draft = d.no, .number = m->number, .data = sb_slice_of(m->data.data, m->data.len)};
    sb_row_draft_part_put(s->kv, &part);
    d.seen = m->number;
    if (d.seen == d.parts) {
        sb_row_federation f = {0};
        (void)sb_row_federation_get(s->kv, s->arena, &f);
        d.base = f.charter_version;
        d.whole_index = s->index;
    }
    sb_row_charter_draft_put(s->kv, &d);
}
