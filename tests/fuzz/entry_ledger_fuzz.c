/* Entries to the fold: any payload, validly signed by a key of the federation, at a moment of a
 * history that has a bit of everything. A refusal changes nothing, a check says what the step does,
 * what the ledger says is due is taken, and its questions are answered. */
#include "proto/ledger/ledger.h"

#include <stdio.h>
#include <stdlib.h>

#include "proto/base/cursor.h"
#include "proto/base/hash.h"
#include "proto/ledger/query.h"
#include "tests/fuzz/fuzz.h"
#include "tests/lib/fed_terms.h"
#include "tests/lib/play_actions.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { MOMENTS_MAX = 16, STEPS_MAX = 40, LEAF_MAX = SB_LEAF_BYTES_MAX };

/* Where the history stood. */
typedef struct moment {
    sb_kv *rows;
    sb_tree *tree;
    size_t size;
    uint64_t now_ms;
} moment;

static fed *f;
static moment moments[MOMENTS_MAX];
static size_t moment_count;

static void keep_moment(void)
{
    sb_fuzz_must(moment_count < MOMENTS_MAX);
    sb_ledger_flush(f->ledger);
    moment *m = &moments[moment_count++];
    *m = (moment){.rows = sb_kv_memory_clone(f->kv),
                  .tree = sb_xmalloc(sizeof *m->tree),
                  .size = f->leaf_count,
                  .now_ms = f->now_ms};
    sb_tree_copy(m->tree, sb_ledger_tree(f->ledger));
}

static void ok(sb_err err)
{
    if (err != SB_OK)
        (void)fprintf(stderr, "history: %s\n", sb_err_name(err));
    sb_fuzz_must(err == SB_OK);
}

static void prepare_case(play_table *t)
{
    static const char *const asked[] = {"kommune"};
    play_id input, condition, other;
    ok(play_report(f, "ssu", "En annen sak", DECISION, SEC, &other));
    ok(play_relate(f, t->c, SB__CASE_RELATION__CASE_RELATION_FOLLOWS, &other, NULL, SEC));
    ok(play_discuss(f, t->meeting, t->c, SEC));
    keep_moment();
    (void)play_input_open(f, t->c, 20220220, 1, asked, SEC, &input);
    (void)play_input(f, input, "kommune", "Vi er enige", 0, SEC);
    (void)play_condition(f, t->c, BEFORE_EFFECT, 20220301, false, 1, asked, SEC, &condition);
    (void)play_answer(f, condition, "kommune", CONDITION_MET, "", SEC);
    ok(play_clause(f, t->c, NULL, 1, "En ny første paragraf", SEC));
    (void)play_mandate(f, t->c, "ssu", SEC, NULL);
    (void)play_rule(f, t->meeting, &t->c, SB__RULING_KIND__RULING_KIND_OTHER, SEC);
    keep_moment();
}

static void decide(play_table *t)
{
    play_id q, draft;
    ok(play_ask(f, t->meeting, t->c, CONSENSUS, SEC, &q));
    ok(play_object(f, q, "unn-1"));
    ok(play_end(f, q, SEC));
    ok(play_ask(f, t->meeting, t->c, VOTE, SEC, &q));
    ok(play_vote(f, q, "unn-1", FOR));
    ok(play_vote(f, q, "kommune-1", AGAINST));
    keep_moment();
    ok(play_vote(f, q, "unn-2", FOR));
    ok(play_end(f, q, SEC));
    (void)play_dispute(f, q, "kommune-1", "kommune-1/primary", &draft);
    (void)play_task(f, t->meeting, t->c, "unn-1", 20220301, &draft);
    ok(play_close(f, t->meeting, SEC));
    keep_moment();
    (void)play_draft(f, t->meeting, 0, &draft);
    keep_moment();
}

static void elect(void)
{
    play_id c, meeting, q, candidate;
    ok(play_report(f, "pm", "Valg av leder", ELECTION, SEC, &c));
    (void)play_candidate(f, c, "leader=pm-unn-1", SEC, &candidate);
    play_next_meeting(f, "pm", 20220310, c, &meeting);
    keep_moment();
    if (play_ask(f, meeting, c, ELECT, SEC, &q) == SB_OK)
        (void)play_choose(f, q, "pm-unn-1", 1);
    keep_moment();
}

static void get_ready(void)
{
    play_table t;
    f = fed_new(&(fed_options){.part_bytes = 30000, .edit = play_amendable});
    keep_moment();
    fed_genesis(f);
    fed_charter(f);
    keep_moment();
    fed_accept(f);
    keep_moment();
    fed_appoint_all(f);
    fed_seal(f);
    keep_moment();
    play_ssu(f, &t);
    keep_moment();
    prepare_case(&t);
    decide(&t);
    elect();
    (void)play_erase(f, "Sak til", SEC);
    fed_seal(f);
    keep_moment();
    fed_take_over(f, 2, "log-2");
    keep_moment();
}

/* ---- values that a payload is filled with ---- */

static bool is_named(const ProtobufCFieldDescriptor *field, const char *part)
{
    return strstr(field->name, part) != NULL;
}

static sb_slice some_text(const ProtobufCFieldDescriptor *field, sb_script *s)
{
    static const char *const IDS[] = {
        "ssu",         "pm",     "unn",      "kommune",      "kommune-a", "lege",
        "bruker",      "unn-1",  "unn-2",    "kommune-1",    "kommune-2", "lege-1",
        "bruker-1",    "obs-1",  "pm-unn-1", "pm-kommune-1", "leader",    "deputy-leader",
        "secretariat", "tromso", "karlsoy",  "fsu",          "org-5"};
    (void)field;
    return sb_slice_str(IDS[sb_script_below(s, sizeof IDS / sizeof *IDS)]);
}

static sb_slice some_bytes(void *arg, const ProtobufCFieldDescriptor *field, sb_script *s)
{
    uint8_t how = sb_script_u8(s);
    (void)arg;
    if (how < 24)
        return sb_slice_of(NULL, 0);
    if (field->type == PROTOBUF_C_TYPE_STRING)
        return some_text(field, s);
    if (is_named(field, "pk"))
        return sb_slice_of(f->keys[sb_script_below(s, f->key_count)]->pk, 32);
    return sb_slice_of(f->ids[sb_script_below(s, f->leaf_count)], 32);
}

static uint64_t some_number(void *arg, const ProtobufCFieldDescriptor *field, sb_script *s)
{
    uint8_t how = sb_script_u8(s);
    (void)arg;
    if (how < 16)
        return sb_script_u64(s);
    if (is_named(field, "date"))
        return 20220101 + sb_script_below(s, 4) * 100 + sb_script_below(s, 32);
    if (is_named(field, "_ms"))
        return f->now_ms - ((uint64_t)sb_script_u16(s) << 16);
    if (is_named(field, "year"))
        return 2021 + sb_script_below(s, 4);
    return sb_script_below(s, 24);
}

/* ---- entries ---- */

static const fed_key *log_key(sb_ledger *l)
{
    uint8_t pk[32];
    if (!sb_ledger_log_pk(l, pk))
        return fed_key_of(f, "log");
    for (size_t i = 0; i < f->key_count; i++)
        if (memcmp(f->keys[i]->pk, pk, 32) == 0)
            return f->keys[i];
    return fed_key_of(f, "log");
}

/* A leaf over this payload, by this key with the seq that the ledger expects next. */
static sb_slice sign_leaf(sb_ledger *l, sb_entry_type type, sb_slice payload, const fed_key *key,
                          uint64_t time_ms, sb_arena *arena)
{
    sb_ledger_position at;
    uint64_t seq = 0, anchor = 0;
    uint8_t *bytes = sb_arena_alloc(arena, LEAF_MAX);
    if (payload.len > SB_PAYLOAD_BYTES_MAX)
        payload.len = SB_PAYLOAD_BYTES_MAX;
    sb_ledger_position_get(l, &at);
    (void)sb_ledger_signer(l, key->pk, &seq, &anchor);
    sb_writer w = sb_writer_over(bytes, LEAF_MAX);
    sb_write_u64(&w, time_ms);
    sb_write_u8(&w, 1);
    sb_write_u8(&w, (uint8_t)type);
    uint8_t id[32] = {0}, empty[32], sig[64];
    if (type != SB_ENTRY_GENESIS)
        (void)sb_ledger_federation_id(l, id);
    sb_write_bytes(&w, sb_slice_of(id, 32));
    sb_write_bytes(&w, sb_slice_of(key->pk, 32));
    sb_write_u64(&w, sb_entry_type_is_system(type) ? at.size : seq + 1);
    sb_write_u64(&w, 0);
    sb_empty_root(empty);
    sb_write_bytes(&w, sb_slice_of(empty, 32));
    sb_write_u32(&w, (uint32_t)payload.len);
    sb_write_bytes(&w, payload);
    sb_fuzz_must(sb_sign_domain(key->secret, SB_DOMAIN_ENTRY, sb_slice_of(bytes + 8, w.at - 8), sig,
                                NULL) == SB_OK);
    sb_write_bytes(&w, sb_slice_of(sig, 64));
    sb_fuzz_must(!w.failed);
    return sb_writer_slice(&w);
}

static sb_slice packed(const ProtobufCMessage *m, sb_arena *arena)
{
    size_t len = protobuf_c_message_get_packed_size(m);
    uint8_t *bytes = sb_arena_alloc(arena, len);
    protobuf_c_message_pack(m, bytes);
    return sb_slice_of(bytes, len);
}

static const fed_key *key_of(const uint8_t pk[32])
{
    for (size_t i = 0; i < f->key_count; i++)
        if (memcmp(f->keys[i]->pk, pk, 32) == 0)
            return f->keys[i];
    return f->keys[0];
}

/* The next leaf: of the history, one of it with changes, one filled, or the script's own bytes. */
static sb_slice next_leaf(sb_ledger *l, sb_script *s, sb_arena *arena)
{
    const sb_fill fill = {.bytes = some_bytes, .number = some_number};
    sb_ledger_position at;
    sb_leaf leaf;
    uint8_t how = sb_script_u8(s);
    sb_ledger_position_get(l, &at);
    size_t near = at.size < f->leaf_count ? (size_t)at.size : f->leaf_count - 1;
    if (how % 8 < 2)
        return fed_leaf(f, near);
    size_t which = how % 8 < 5 ? (near + sb_script_below(s, 16)) % f->leaf_count
                               : sb_script_below(s, f->leaf_count);
    ok(sb_leaf_open(fed_leaf(f, which), arena, &leaf, NULL));
    sb_entry_type type = leaf.entry.type;
    const fed_key *key = key_of(leaf.entry.signer_pk);
    if (sb_script_u8(s) % 8 == 0)
        key = f->keys[sb_script_below(s, f->key_count)];
    uint64_t time_ms = at.last_time_ms + 1 + (uint64_t)sb_script_u8(s) * 1000;
    if (sb_script_u8(s) % 16 == 0)
        time_ms += (uint64_t)sb_script_u16(s) << 16;
    sb_slice payload;
    if (how % 8 < 6) {
        payload = packed(sb_fill_change(leaf.message, &fill, s, arena), arena);
    } else {
        type = (sb_entry_type)sb_script_u8(s);
        if (!sb_entry_type_known((uint32_t)type))
            return sb_slice_of(NULL, 0);
        payload =
            how % 8 == 6
                ? packed(sb_fill_message(sb_entry_type_descriptor(type), &fill, s, 4, arena), arena)
                : sb_script_long_bytes(s);
    }
    if (sb_entry_type_is_system(type) && type != SB_ENTRY_HANDOVER && how >= 32)
        key = log_key(l);
    return sign_leaf(l, type, payload, key, time_ms, arena);
}

/* ---- taking them ---- */

static bool take(sb_ledger *l, sb_slice bytes, sb_arena *arena)
{
    sb_leaf leaf;
    sb_fail fail = {0}, said = {0};
    sb_ledger_position before, after;
    if (sb_leaf_open(bytes, arena, &leaf, &fail) != SB_OK)
        return false;
    sb_ledger_position_get(l, &before);
    sb_err checked = sb_ledger_check(l, &leaf, &said);
    sb_ledger_position_get(l, &after);
    sb_fuzz_must(memcmp(&before, &after, sizeof before) == 0);
    sb_err err = sb_ledger_step(l, &leaf, NULL, NULL, &fail);
    sb_fuzz_must(err == checked && fail.code == said.code);
    sb_ledger_position_get(l, &after);
    if (err != SB_OK)
        sb_fuzz_must(memcmp(&before, &after, sizeof before) == 0);
    else
        sb_fuzz_must(after.size == before.size + 1);
    return err == SB_OK;
}

/* What is due is what is taken next, and then something else is due or nothing. */
static void settle(sb_ledger *l, sb_arena *arena)
{
    for (int i = 0; i < SB_RESULTS_PENDING_MAX + 64; i++) {
        sb_ledger_position at;
        sb_buf payload;
        sb_buf_init(&payload);
        sb_ledger_position_get(l, &at);
        sb_ledger_due due = sb_ledger_next_due(l, at.last_time_ms + 1, &payload);
        bool taken = due == SB_DUE_NOTHING ||
                     take(l,
                          sign_leaf(l, due == SB_DUE_RESULT ? SB_ENTRY_RESULT : SB_ENTRY_TICK,
                                    sb_buf_slice(&payload), log_key(l), at.last_time_ms + 1, arena),
                          arena);
        sb_buf_deinit(&payload);
        sb_fuzz_must(taken);
        if (due == SB_DUE_NOTHING)
            return;
    }
    sb_fuzz_broken(__FILE__, __LINE__, "what is due ends");
}

static void state(sb_ledger *l, sb_arena *arena)
{
    sb_ledger_position at;
    sb_buf payload;
    if (sb_ledger_phase_get(l) == SB_PHASE_EMPTY)
        return;
    sb_buf_init(&payload);
    sb_ledger_position_get(l, &at);
    sb_ledger_state_payload(l, &payload);
    (void)take(l,
               sign_leaf(l, SB_ENTRY_STATE, sb_buf_slice(&payload), log_key(l), at.last_time_ms + 1,
                         arena),
               arena);
    sb_buf_deinit(&payload);
}

static void ask(sb_ledger *l, sb_script *s)
{
    size_t count = 0;
    while (sb_query_names[count] != NULL)
        count++;
    const char *name = sb_query_names[sb_script_below(s, count)];
    char id[65];
    sb_hex(sb_slice_of(f->ids[sb_script_below(s, f->leaf_count)], 32), id);
    const char *const args[] = {sb_script_u8(s) % 2 == 0 ? id : "ssu", "2022"};
    sb_buf json;
    sb_fail fail = {0};
    sb_buf_init(&json);
    sb_err err = sb_ledger_query(l, name, args, sb_script_below(s, 3), &json, &fail);
    sb_fuzz_must(err == fail.code && (err != SB_OK || json.len > 0));
    sb_buf_deinit(&json);
}

static bool one(sb_slice input)
{
    sb_script s = sb_script_over(input);
    sb_ledger *l = NULL;
    sb_arena arena;
    bool accepted = false;
    if (f == NULL)
        get_ready();
    const moment *m = &moments[sb_script_below(&s, moment_count)];
    ok(sb_ledger_open(&l, m->rows, m->tree, NULL));
    sb_arena_init(&arena);
    for (int i = 0; i < STEPS_MAX && sb_script_left(&s) > 0; i++) {
        sb_arena_reset(&arena);
        uint8_t op = sb_script_u8(&s);
        if (op < 16)
            state(l, &arena);
        else if (op < 32)
            ask(l, &s);
        else if (op < 48)
            settle(l, &arena);
        else
            accepted = take(l, next_leaf(l, &s, &arena), &arena) || accepted;
    }
    ask(l, &s);
    sb_ledger_close(l);
    sb_arena_deinit(&arena);
    return accepted;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    /* a leaf's payload, the fold's own rows and charters, and 64 KiB for each leaf made here */
    return sb_fuzz_run(one, data, len,
                       (sb_fuzz_bound){2 * SB_ALLOC_PER_ENTRY_MAX + 16 * 1024 * 1024, 8 * 1024});
}
