#include "tests/unit/follower_rig.h"

#include <stdio.h>
#include <stdlib.h>

#include "proto/base/cursor.h"
#include "tests/sim/sim_script.h"
#include "tests/sim/sim_trace.h"

/* ---- opening ---- */

/* After `before`, or NULL. */
static void open_follower(rig *r, sb_follower *before)
{
    sb_fail fail = {0};
    const char *witness = r->witness != NULL ? r->witness : "unn/witness";
    r->ledger = sim_store_ledger(&r->store);
    sb_fol_opts opts = {.ledger = r->ledger,
                        .credit = r->credit,
                        .log = sim_store_reader(&r->store),
                        .own = r->store.own,
                        .witness = fed_key_of(r->f, witness)->secret,
                        .organisation = "unn",
                        .has_federation_id = r->knows_id,
                        .before = before};
    memcpy(opts.federation_id, r->f->federation_id, 32);
    sb_err err = sb_follower_open(&r->fol, &opts, &fail);
    if (err != SB_OK)
        print_error("%s %s\n", sb_err_name(err), fail.arg[0]);
    assert_int_equal(err, SB_OK);
}

static void close_follower(rig *r)
{
    sb_follower_close(r->fol);
    sb_ledger_close(r->ledger);
}

void reopen(rig *r)
{
    close_follower(r);
    open_follower(r, NULL);
    r->up_count = 0;
}

void open_anew(rig *r)
{
    close_follower(r);
    sim_store_deinit(&r->store);
    sim_store_init(&r->store);
    open_follower(r, NULL);
    r->up_count = 0;
}

static rig *rig_new(const fed_options *options)
{
    rig *r = calloc(1, sizeof *r);
    r->f = fed_new(options);
    sim_store_init(&r->store);
    sb_buf_init(&r->trace);
    sb_buf_init(&r->receipt);
    sb_arena_init(&r->arena);
    return r;
}

static int rig_start(rig *r, void **state)
{
    r->now = (sb_now){.legal_ms = r->f->now_ms, .mono_ms = 1000};
    open_follower(r, NULL);
    *state = r;
    return 0;
}

static void for_real(Sb__Charter *charter, sb_arena *arena, void *arg)
{
    (void)arena;
    charter->rehearsal = *(const bool *)arg;
}

static int setup_as(void **state, bool rehearsal)
{
    fed_options options = {.edit = for_real, .edit_arg = &rehearsal, .silent = 1};
    rig *r = rig_new(&options);
    sim_script script = sim_script_make(r->f, 0);
    sim_script_free(&script);
    return rig_start(r, state);
}

int setup_script(void **state)
{
    return setup_as(state, false);
}

int setup_rehearsal(void **state)
{
    return setup_as(state, true);
}

/* Three of four organisations are a quorum; a reserve may take over after a minute. */
static void with_standby(Sb__Charter *charter, sb_arena *arena, void *arg)
{
    (void)arg;
    fed *keys = fed_new(NULL); /* names make the same keys everywhere */
    Sb__Standby *s = SB_ARENA_NEW(arena, Sb__Standby);
    *s = (Sb__Standby)SB__STANDBY__INIT;
    s->id = (char *)"reserve";
    sb_slice pk = sb_arena_copy(arena, sb_slice_of(fed_key_of(keys, "log-2")->pk, 32));
    s->log_pk = (ProtobufCBinaryData){.len = 32, .data = (uint8_t *)pk.data};
    s->curve_pk = s->log_pk;
    s->address = (char *)"tcp://reserve.example.no:7117";
    charter->standbys = SB_ARENA_ARRAY(arena, Sb__Standby *, 1);
    charter->standbys[0] = s;
    charter->n_standbys = 1;
    charter->silence_s = 180;
    charter->rehearsal = false;
    fed_free(keys);
}

int setup_terms(void **state)
{
    fed_options options = {.edit = with_standby, .silent = 1};
    rig *r = rig_new(&options);
    fed_run(r->f);
    r->knows_id = true;
    return rig_start(r, state);
}

int teardown(void **state)
{
    rig *r = *state;
    close_follower(r);
    sim_store_deinit(&r->store);
    fed_free(r->f);
    sb_buf_deinit(&r->trace);
    sb_buf_deinit(&r->receipt);
    sb_arena_deinit(&r->arena);
    free(r);
    return 0;
}

/* ---- events and what they do ---- */

static void keep_receipt(rig *r, const sb_fol_effects *effects)
{
    for (size_t i = 0; i < effects->count; i++)
        if (effects->items[i].kind == SB_FOL_NOTIFY && effects->items[i].note == SB_FOL_RECEIPT) {
            sb_buf_clear(&r->receipt);
            sb_buf_add(&r->receipt, effects->items[i].receipt);
        }
}

static void add(rig *r, sb_fol_event event);

static void rewind_store(rig *r, const sb_fol_effect *e)
{
    sb_fail fail = {0};
    sb_slice probe = sb_arena_copy(&r->arena, e->bytes);
    r->rewinds++;
    r->rewound_to = e->index;
    r->refused_probe = sim_store_rewind(&r->store, e->index, probe, e->commit->puts,
                                        e->commit->put_count, &r->ledger, &fail);
    assert_true(r->refused_probe == SB_OK || probe.len > 0);
    sb_follower *before = r->fol;
    sb_ledger_close(r->ledger);
    open_follower(r, before);
    sb_follower_close(before);
    if (r->refused_probe != SB_OK)
        add(r, (sb_fol_event){.kind = SB_FOL_REWIND_REFUSED, .entry = probe, .refusal = &fail});
    for (size_t i = 0; i < r->up_count; i++)
        add(r,
            (sb_fol_event){.kind = SB_FOL_LINK_UP, .link = r->up[i].link, .role = r->up[i].role});
}

/* One event; its effects are added to the trace. */
static void add(rig *r, sb_fol_event event)
{
    sb_fol_effects effects;
    event.now = r->now;
    sb_follower_step(r->fol, &event, &effects);
    sim_trace_fol(&effects, &r->trace);
    keep_receipt(r, &effects);
    if (effects.count == 0)
        return;
    const sb_fol_effect *last = &effects.items[effects.count - 1];
    if (last->kind == SB_FOL_REWIND) {
        rewind_store(r, last);
    } else if (last->kind == SB_FOL_COMMIT) {
        sim_store_commit(&r->store, last->commit, r->ledger);
        if (r->dies)
            return;
        sb_fol_event done = {.kind = SB_FOL_COMMITTED, .now = r->now};
        sb_follower_step(r->fol, &done, &effects);
        sim_trace_fol(&effects, &r->trace);
        keep_receipt(r, &effects);
    }
}

const char *feed(rig *r, sb_fol_event event)
{
    sb_buf_clear(&r->trace);
    add(r, event);
    return sb_buf_cstr(&r->trace);
}

const char *tick(rig *r, uint64_t ms)
{
    r->now.mono_ms += ms;
    r->now.legal_ms += ms;
    return feed(r, (sb_fol_event){.kind = SB_FOL_TICK});
}

sb_fol_status status_of(rig *r)
{
    sb_fol_status status;
    sb_follower_status(r->fol, r->now, &status);
    return status;
}

bool has(const char *trace, const char *what)
{
    bool found = strstr(trace, what) != NULL;
    if (!found)
        print_error("no \"%s\" in:\n%s\n", what, trace);
    return found;
}

void assert_convicts(rig *r, sb_evidence_kind kind)
{
    sb_fol_evidence e = {0}, last = {0};
    sb_evidence_verdict verdict;
    sb_fail why = {0};
    for (uint64_t at = 0; sb_follower_evidence_next(r->fol, &at, &e);)
        last = e;
    sb_err err = sb_evidence_judge(last.file, NULL, &r->arena, &verdict, &why);
    if (err != SB_OK)
        print_error("%s %s\n", sb_err_name(err), why.arg[0]);
    assert_int_equal(err, SB_OK);
    assert_int_equal(verdict.kind, kind);
}

void hold_blobs(rig *r, uint64_t first, uint64_t last)
{
    for (uint64_t i = first; i < last; i++) {
        sb_leaf leaf;
        assert_int_equal(sb_leaf_open(fed_leaf(r->f, (size_t)i), &r->arena, &leaf, NULL), SB_OK);
        for (size_t b = 0; b < leaf.blob_count; b++)
            sim_store_blob(&r->store, leaf.blobs[b]->sha256.data);
    }
}

void hold_all_blobs(rig *r)
{
    hold_blobs(r, 0, r->f->leaf_count);
}

void clock_after(rig *r, uint64_t index)
{
    sb_reader reader = sb_reader_over(fed_leaf(r->f, (size_t)index));
    r->now.legal_ms = sb_read_u64(&reader) + 1000;
}

/* ---- the federation's log ---- */

sb_entry_type type_at(rig *r, uint64_t index)
{
    return (sb_entry_type)fed_leaf(r->f, (size_t)index).data[8 + 1];
}

uint64_t state_size(rig *r, int n)
{
    for (uint64_t i = 0; i < r->f->leaf_count; i++)
        if (type_at(r, i) == SB_ENTRY_STATE && --n == 0)
            return i + 1;
    fail();
    return 0;
}

uint64_t unsealed(rig *r)
{
    assert_int_equal(fed_appoint_office(r->f, "leader", "leader"), SB_OK);
    assert_int_equal(fed_state(r->f), SB_OK);
    return r->f->leaf_count;
}

void something_happens(rig *r)
{
    assert_int_equal(fed_appoint_office(r->f, "deputy-leader", "deputy-leader"), SB_OK);
    assert_int_equal(fed_state(r->f), SB_OK);
}

sb_tree tree_at(rig *r, uint64_t size)
{
    sb_tree tree;
    sb_tree_init(&tree);
    for (uint64_t i = 0; i < size; i++) {
        uint8_t hash[32];
        sb_leaf_hash(fed_leaf(r->f, (size_t)i), hash);
        sb_tree_append(&tree, hash, NULL, NULL);
    }
    return tree;
}

sb_checkpoint head_at(rig *r, uint64_t size)
{
    return head_in(r, size, 1);
}

sb_checkpoint head_in(rig *r, uint64_t size, uint32_t term)
{
    sb_checkpoint head = {.size = size};
    char ours[SB_ORIGIN_BYTES_MAX + 1];
    assert_true(sb_ledger_origin(r->f->ledger, ours, sizeof ours));
    *strrchr(ours, '/') = '\0';
    snprintf(head.origin, sizeof head.origin, "%.100s/%u", ours, term);
    sb_tree tree = tree_at(r, size);
    sb_tree_root(&tree, head.root);
    return head;
}

sb_slice note_of(rig *r, const sb_checkpoint *head, const char *key)
{
    sb_buf note;
    sb_buf_init(&note);
    assert_int_equal(sb_checkpoint_sign(head, fed_key_of(r->f, key)->secret, &note, NULL), SB_OK);
    sb_slice copy = sb_arena_copy(&r->arena, sb_buf_slice(&note));
    sb_buf_deinit(&note);
    return copy;
}

sb_slice note_at(rig *r, uint64_t size, uint32_t term)
{
    sb_checkpoint head = head_in(r, size, term);
    char key[16] = "log";
    if (term > 1)
        snprintf(key, sizeof key, "log-%u", term);
    return note_of(r, &head, key);
}
