/* One step: settle, check, apply, digest, tree. Nothing is written below the step's overlay until
 * the leaf has been accepted; a refusal drops it, settled deadlines too. */
#include <assert.h>

#include "proto/base/cursor.h"
#include "proto/base/hash.h"
#include "proto/ledger/domain.h"
#include "proto/ledger/machine.h"

#define DIGEST_DOMAIN "samband/digest/v1" /* with its zero byte */

enum {
    FIRST_VIEW = 0x80,
    DEADLINE_TABLE = 0x13,
    PENDING_TABLE = 0x14,
    CASE_TABLE = 0x20,
    QUESTION_TABLE = 0x29
};

/* The day of now_ms, in both forms. */
static void set_day(sb_step *s)
{
    s->day = sb_day_of(s->now_ms);
    s->date = sb_date_number(sb_date_from_days(s->day));
}

/* Deadlines earlier than the leaf, by (due, kind, number). */
static sb_err settle(sb_step *s)
{
    sb_ledger *l = s->ledger;
    if (!l->has_deadline || l->deadline.due_ms >= s->leaf->sequenced_at_ms)
        return SB_OK;
    sb_step quiet = *s;
    quiet.leaf = NULL;
    quiet.fail = NULL;
    s->settled_due_ms = l->deadline.due_ms;
    for (;;) {
        sb_row_deadline row = {0};
        if (!sb_row_deadline_next(s->kv, NULL, &row, true, 0) ||
            row.due_ms >= s->leaf->sequenced_at_ms)
            return SB_OK;
        if (sb_deadline_closes_question(&row) && s->leaf->entry.type != SB_ENTRY_TICK)
            return sb_fail_num(s->fail, SB_E_LEDGER_TICK_FIRST, 1, row.due_ms, 0);
        quiet.now_ms = row.due_ms;
        set_day(&quiet);
        sb_row_deadline_del(s->kv, &row);
        sb_settle_deadline(&quiet, &row);
    }
}

static void begin(sb_ledger *l, sb_step *s, const sb_leaf *leaf, sb_fail *fail)
{
    assert(sb_overlay_count(l->step) == 0);
    if (!l->due_known)
        sb_ledger_reload_due(l);
    *s = (sb_step){.ledger = l,
                   .kv = sb_overlay_kv(l->step),
                   .arena = &l->arena,
                   .leaf = leaf,
                   .index = l->position.size,
                   .now_ms = leaf->sequenced_at_ms,
                   .charter = sb_ledger_charter(l),
                   .fail = fail};
    set_day(s);
}

/* Everything that can refuse. */
static sb_err check(sb_step *s)
{
    sb_ledger *l = s->ledger;
    const sb_entry *entry = &s->leaf->entry;
    if (s->leaf->sequenced_at_ms < l->position.last_time_ms)
        return sb_fail_num(s->fail, SB_E_LEDGER_TIME, 2, s->leaf->sequenced_at_ms,
                           l->position.last_time_ms);
    if (l->federation.charter_version != 0 && l->charter == NULL) /* the last leaf changed it */
        return sb_fail_set(s->fail, SB_E_LEDGER_STATE, "charter", NULL);
    const sb_handler *handler = sb_handler_of(entry->type);
    assert(handler != NULL); /* sb_leaf_open knows the types */
    sb_err err = settle(s);
    if (err != SB_OK)
        return err;
    size_t changes = sb_overlay_count(l->step);
    err = sb_common_check(s);
    if (err == SB_OK)
        err = handler->check(s, s->leaf->message);
    assert(sb_overlay_count(l->step) == changes);
    if (sb_kv_error(s->kv) != SB_OK) /* what was not found may be there */
        return sb_fail_set(s->fail, SB_E_LEDGER_STATE, "kv", NULL);
    return err;
}

/* ---- effects and digest ---- */

typedef struct effects {
    sb_ledger *ledger;
    bool due_changed, federation_changed, asked_changed;
} effects;

static void add_head(sb_buf *out, uint8_t op, sb_slice key, size_t value_len)
{
    uint8_t bytes[1 + 2 + SB_KV_KEY_MAX + 4];
    sb_writer w = sb_writer_over(bytes, sizeof bytes);
    sb_write_u8(&w, op);
    sb_write_var16(&w, key);
    sb_write_u32(&w, (uint32_t)value_len);
    assert(!w.failed);
    sb_buf_add(out, sb_writer_slice(&w));
}

/* A row of the step's overlay that differs from before. */
static void add_effect(void *arg, sb_slice key, sb_slice value, bool is_delete)
{
    effects *e = arg;
    if (key.data[0] == 0 || key.data[0] >= FIRST_VIEW)
        return;
    sb_slice before;
    bool was = sb_kv_get(sb_ledger_kv(e->ledger), key, &before);
    if (is_delete ? !was : (was && sb_slice_eq(before, value)))
        return;
    e->due_changed |= key.data[0] == DEADLINE_TABLE || key.data[0] == PENDING_TABLE;
    e->federation_changed |= key.data[0] == sb_row_desc_federation()->table;
    e->asked_changed |= key.data[0] == QUESTION_TABLE || key.data[0] == CASE_TABLE;
    add_head(&e->ledger->effects, is_delete ? 0 : 1, key, is_delete ? 0 : value.len);
    if (!is_delete)
        sb_buf_add(&e->ledger->effects, value);
}

static void move_digest(sb_ledger *l, const sb_leaf *leaf)
{
    sb_sha256 h;
    sb_sha256_init(&h);
    sb_sha256_add(&h, sb_slice_of(DIGEST_DOMAIN, sizeof DIGEST_DOMAIN));
    sb_sha256_add(&h, sb_slice_of(l->position.digest, 32));
    sb_sha256_add_u64(&h, l->position.size);
    sb_sha256_add(&h, sb_slice_of(leaf->hash, 32));
    sb_sha256_add_u32(&h, (uint32_t)l->effects.len);
    sb_sha256_add(&h, sb_buf_slice(&l->effects));
    sb_sha256_final(&h, l->position.digest);
}

/* Can't refuse; a failing kv shows in its sticky error, which whoever commits checks. */
static void take(sb_step *s, sb_tile_sink sink, void *sink_arg)
{
    sb_ledger *l = s->ledger;
    const sb_leaf *leaf = s->leaf;
    sb_tree_append(&l->tree, leaf->hash, sink, sink_arg);
    if (leaf->entry.type == SB_ENTRY_STATE) {
        sb_row_root row = {.size = s->index + 1, .last_other = l->position.last_other};
        sb_tree_root(&l->tree, row.root);
        sb_row_root_put(s->kv, &row);
    }
    effects e = {.ledger = l};
    sb_buf_clear(&l->effects);
    sb_overlay_each(l->step, add_effect, &e);
    move_digest(l, leaf);

    l->position.size++;
    l->position.last_time_ms = leaf->sequenced_at_ms;
    l->position.last_type = (uint8_t)leaf->entry.type;
    if (leaf->entry.type != SB_ENTRY_STATE && leaf->entry.type != SB_ENTRY_SEAL)
        l->position.last_other = l->position.size;
    sb_row_position_put(s->kv, &l->position);
    sb_overlay_flush(l->step);
    l->unflushed += l->batch != NULL;
    assert(l->tree.size == l->position.size);
    if (e.federation_changed) {
        sb_ledger_reload_federation(l);
        (void)sb_ledger_load_charter(l, sb_ledger_kv(l));
    }
    if (e.due_changed)
        l->due_known = false;
    if (e.asked_changed)
        l->asked_known = false;
}

sb_err sb_ledger_step(sb_ledger *l, const sb_leaf *leaf, sb_tile_sink sink, void *sink_arg,
                      sb_fail *fail)
{
    sb_step s;
    begin(l, &s, leaf, fail);
    sb_err err = check(&s);
    if (err == SB_OK) {
        sb_common_apply(&s);
        sb_handler_of(leaf->entry.type)->apply(&s, leaf->message);
        if (sb_kv_error(s.kv) != SB_OK)
            err = sb_fail_set(fail, SB_E_LEDGER_STATE, "kv", NULL);
    }
    if (err == SB_OK)
        take(&s, sink, sink_arg);
    else
        sb_overlay_clear(l->step);
    sb_arena_reset(&l->arena);
    return err;
}

sb_err sb_ledger_check(sb_ledger *l, const sb_leaf *leaf, sb_fail *fail)
{
    sb_step s;
    begin(l, &s, leaf, fail);
    sb_err err = check(&s);
    sb_overlay_clear(l->step);
    sb_arena_reset(&l->arena);
    return err;
}
