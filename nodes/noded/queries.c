#include "nodes/noded/queries.h"

#include "proto/base/hash.h"
#include "proto/base/json.h"
#include "proto/ledger/query.h"
#include "proto/merkle/checkpoint.h"

enum { LEAVES_MAX = 256, LEAVES_BYTES_MAX = 400 * 1024 };

/* ---- small writers ---- */

static void key_u64(sb_json *j, const char *key, uint64_t v)
{
    sb_json_key(j, key);
    sb_json_u64(j, v);
}

static void key_bool(sb_json *j, const char *key, bool v)
{
    sb_json_key(j, key);
    sb_json_bool(j, v);
}

static void key_str(sb_json *j, const char *key, const char *v)
{
    sb_json_key(j, key);
    sb_json_cstr(j, v);
}

static void key_hash(sb_json *j, const char *key, const uint8_t hash[32])
{
    sb_json_key(j, key);
    sb_json_hex(j, sb_slice_of(hash, 32));
}

static void key_note(sb_json *j, const char *key, sb_slice note)
{
    sb_json_key(j, key);
    sb_json_str(j, note);
}

static void key_proof(sb_json *j, const char *key, const sb_proof *proof)
{
    sb_json_key(j, key);
    sb_json_array(j);
    for (uint32_t i = 0; i < proof->count; i++)
        sb_json_hex(j, sb_slice_of(&proof->hashes[i], 32));
    sb_json_end_array(j);
}

/* ---- arguments ---- */

static sb_err need_u64(const Sb__Query *q, size_t index, const char *name, uint64_t *out,
                       sb_fail *fail)
{
    const char *text = index < q->n_args ? q->args[index] : "";
    uint64_t value = 0;
    bool ok = *text != '\0' && strlen(text) <= 16;
    for (const char *c = text; ok && *c != '\0'; c++) {
        ok = *c >= '0' && *c <= '9';
        value = value * 10 + (uint64_t)(*c - '0');
    }
    if (!ok)
        return sb_fail_set(fail, SB_E_QUERY_ARGUMENT, q->name, name, NULL);
    *out = value;
    return SB_OK;
}

/* ---- status ---- */

static const char *block_word(sb_fol_block block)
{
    switch (block) {
    case SB_FOL_BLOCK_NONE:
        return NULL;
    case SB_FOL_BLOCK_NO_KEY:
        return "no_key";
    case SB_FOL_BLOCK_DIVERGED:
        return "diverged";
    case SB_FOL_BLOCK_CONFLICT:
        return "conflict";
    case SB_FOL_BLOCK_BLOBS:
        return "blobs";
    case SB_FOL_BLOCK_LEAF_EARLY:
        return "leaf_early";
    case SB_FOL_BLOCK_LEAF_LATE:
        return "leaf_late";
    }
    return NULL;
}

/* Nothing but STATE and SEAL stands above the final head. */
static bool all_is_final(const sb_node_view *v, const sb_fol_status *s)
{
    if (s->final_size == 0 || s->size - s->final_size > 64)
        return false;
    for (uint64_t i = s->final_size; i < s->size; i++) {
        sb_slice leaf;
        if (!v->history->reader.leaf(v->history->reader.arg, i, &leaf) || leaf.len < 10)
            return false;
        uint8_t type = leaf.data[9]; /* after the time and the version */
        if (type != SB_ENTRY_STATE && type != SB_ENTRY_SEAL)
            return false;
    }
    return true;
}

static const char *state_word(const sb_node_view *v, const sb_fol_status *s)
{
    if (s->diverged)
        return "diverged";
    if (s->conflict)
        return "conflict";
    if (s->size == 0)
        return "empty";
    if (s->stale)
        return "stale";
    if (all_is_final(v, s))
        return "final";
    return s->certified_size >= s->size && s->size > 0 ? "certified" : "not_confirmed";
}

static void write_diverged(sb_json *j, const sb_fol_status *s)
{
    sb_json_key(j, "diverged");
    if (!s->diverged) {
        sb_json_null(j);
        return;
    }
    sb_json_object(j);
    key_u64(j, "index", s->diverged_index);
    key_u64(j, "code", (uint64_t)s->diverged_fail.code);
    key_str(j, "name", sb_err_name(s->diverged_fail.code));
    sb_json_key(j, "args");
    sb_json_array(j);
    for (uint32_t i = 0; i < s->diverged_fail.argc; i++)
        sb_json_cstr(j, s->diverged_fail.arg[i]);
    sb_json_end_array(j);
    sb_json_end_object(j);
}

static sb_err query_status(const sb_node_view *v, const Sb__Query *q, sb_json *j, sb_fail *fail)
{
    (void)q;
    (void)fail;
    sb_fol_status s;
    uint8_t id[32] = {0};
    char origin[SB_ORIGIN_BYTES_MAX + 1] = "";
    sb_follower_status(v->follower, v->now, &s);
    sb_ledger_federation_id(v->history->ledger, id);
    sb_ledger_origin(v->history->ledger, origin, sizeof origin);
    sb_json_object(j);
    key_str(j, "organisation", v->organisation);
    key_hash(j, "federation", id);
    key_str(j, "origin", origin);
    key_str(j, "version", SB_VERSION);
    key_bool(j, "rehearsal", v->is_rehearsal);
    key_u64(j, "term", sb_ledger_term(v->history->ledger));
    key_u64(j, "size", s.size);
    key_hash(j, "root", s.root);
    key_hash(j, "digest", s.digest);
    key_u64(j, "certified_size", s.certified_size);
    key_u64(j, "final_size", s.final_size);
    sb_json_key(j, "final_root");
    if (s.final_size > 0)
        sb_json_hex(j, sb_slice_of(s.final_root, 32));
    else
        sb_json_null(j);
    key_str(j, "state", state_word(v, &s));
    key_u64(j, "confirmed_size", s.confirmed_size);
    key_u64(j, "confirmed", s.confirmed);
    key_u64(j, "needed", s.needed);
    key_u64(j, "organisations", s.organisations);
    sb_json_key(j, "broker");
    sb_json_object(j);
    key_bool(j, "connected", s.broker_up);
    key_u64(j, "size", s.broker_size);
    sb_json_end_object(j);
    key_u64(j, "outbox", s.outbox);
    key_u64(j, "held_back", s.held_back);
    key_u64(j, "blobs_missing", s.blobs_missing);
    key_str(j, "blocked", block_word(s.block));
    write_diverged(j, &s);
    key_u64(j, "time_ms", v->now.legal_ms);
    sb_json_end_object(j);
    return SB_OK;
}

/* ---- head ---- */

static sb_err write_seal(const sb_node_view *v, uint64_t seal_index, uint64_t certified_size,
                         sb_json *j, sb_fail *fail)
{
    const sb_log_reader *log = &v->history->reader;
    sb_proof proof;
    sb_slice leaf;
    sb_err err = sb_tree_inclusion(sb_ledger_tree(v->history->ledger), seal_index, certified_size,
                                   log->tiles, &proof, fail);
    if (err != SB_OK)
        return err;
    if (!log->leaf(log->arg, seal_index, &leaf))
        return sb_fail_num(fail, SB_E_NOT_FOUND, 1, seal_index, 0);
    sb_json_object(j);
    key_u64(j, "index", seal_index);
    sb_json_key(j, "leaf");
    sb_json_hex(j, leaf);
    key_proof(j, "proof", &proof);
    sb_json_end_object(j);
    return SB_OK;
}

static sb_err write_consistency(const sb_node_view *v, uint64_t from, uint64_t to, const char *key,
                                sb_json *j, sb_fail *fail)
{
    if (from == 0 || from > to) {
        sb_json_key(j, key);
        sb_json_null(j);
        return SB_OK;
    }
    sb_proof proof;
    sb_err err = sb_tree_consistency(sb_ledger_tree(v->history->ledger), from, to,
                                     v->history->reader.tiles, &proof, fail);
    if (err == SB_OK)
        key_proof(j, key, &proof);
    return err;
}

static void write_no_head(sb_json *j)
{
    static const char *const NULLS[] = {"final", "certified", "seal", "from_old", "to_certified"};
    for (size_t i = 0; i < sizeof NULLS / sizeof *NULLS; i++) {
        sb_json_key(j, NULLS[i]);
        sb_json_null(j);
    }
}

static sb_err write_head(const sb_node_view *v, const sb_fol_status *s, uint64_t old_size,
                         sb_json *j, sb_fail *fail)
{
    uint64_t seal_index = 0, sealed_size = 0;
    sb_checkpoint certified;
    sb_slice note = sb_follower_certified(v->follower);
    sb_err err = sb_checkpoint_parse(note, &certified, fail);
    if (err != SB_OK)
        return err;
    if (!sb_ledger_seal_before(v->history->ledger, certified.size, &seal_index, &sealed_size))
        return sb_fail_set(fail, SB_E_INTERNAL, "seal", NULL);
    sb_json_key(j, "final");
    sb_json_object(j);
    key_u64(j, "size", s->final_size);
    key_hash(j, "root", s->final_root);
    sb_json_end_object(j);
    sb_json_key(j, "certified");
    sb_json_object(j);
    key_u64(j, "size", certified.size);
    key_hash(j, "root", certified.root);
    key_note(j, "note", note);
    sb_json_end_object(j);
    sb_json_key(j, "seal");
    err = write_seal(v, seal_index, certified.size, j, fail);
    if (err == SB_OK)
        err = write_consistency(v, old_size, s->final_size, "from_old", j, fail);
    if (err == SB_OK)
        err = write_consistency(v, s->final_size, certified.size, "to_certified", j, fail);
    return err;
}

static sb_err query_head(const sb_node_view *v, const Sb__Query *q, sb_json *j, sb_fail *fail)
{
    uint64_t old_size = 0;
    sb_fol_status s;
    char origin[SB_ORIGIN_BYTES_MAX + 1] = "";
    if (q->n_args > 0) {
        sb_err err = need_u64(q, 0, "OLD_SIZE", &old_size, fail);
        if (err != SB_OK)
            return err;
    }
    sb_follower_status(v->follower, v->now, &s);
    sb_ledger_origin(v->history->ledger, origin, sizeof origin);
    sb_json_object(j);
    key_str(j, "origin", origin);
    sb_err err = SB_OK;
    if (s.final_size == 0)
        write_no_head(j);
    else
        err = write_head(v, &s, old_size, j, fail);
    if (err == SB_OK)
        sb_json_end_object(j);
    return err;
}

static sb_err query_checkpoint(const sb_node_view *v, const Sb__Query *q, sb_json *j, sb_fail *fail)
{
    (void)q;
    (void)fail;
    sb_json_object(j);
    key_note(j, "head", sb_follower_head(v->follower));
    key_note(j, "certified", sb_follower_certified(v->follower));
    sb_json_end_object(j);
    return SB_OK;
}

/* ---- keys and the outbox ---- */

static sb_err query_seq(const sb_node_view *v, const Sb__Query *q, sb_json *j, sb_fail *fail)
{
    uint8_t pk[32];
    if (q->n_args != 1 || !sb_unhex(sb_slice_str(q->args[0]), pk, 32))
        return sb_fail_set(fail, SB_E_QUERY_ARGUMENT, q->name, "PK", NULL);
    uint64_t last_seq = 0, last_anchor = 0;
    sb_ledger_signer(v->history->ledger, pk, &last_seq, &last_anchor);
    size_t at = 0;
    sb_fol_outbox_row row;
    while (sb_follower_outbox_next(v->follower, v->now, &at, &row)) {
        sb_entry entry;
        if (sb_entry_parse(row.entry, &entry, NULL) == SB_OK &&
            memcmp(entry.signer_pk, pk, 32) == 0 && entry.signer_seq > last_seq)
            last_seq = entry.signer_seq;
    }
    sb_fol_status s;
    sb_follower_status(v->follower, v->now, &s);
    sb_json_object(j);
    key_u64(j, "next_seq", last_seq + 1);
    sb_json_key(j, "anchor");
    sb_json_object(j);
    key_u64(j, "size", s.final_size);
    uint8_t root[32];
    if (s.final_size == 0)
        sb_hash(sb_slice_of("", 0), root);
    else
        memcpy(root, s.final_root, 32);
    key_hash(j, "root", root);
    sb_json_end_object(j);
    sb_json_end_object(j);
    return SB_OK;
}

static sb_err query_outbox(const sb_node_view *v, const Sb__Query *q, sb_json *j, sb_fail *fail)
{
    (void)q;
    (void)fail;
    size_t at = 0;
    sb_fol_outbox_row row;
    sb_json_array(j);
    while (sb_follower_outbox_next(v->follower, v->now, &at, &row)) {
        sb_entry entry;
        if (sb_entry_parse(row.entry, &entry, NULL) != SB_OK)
            continue;
        sb_json_object(j);
        key_hash(j, "id", row.entry_id);
        key_str(j, "type", sb_entry_type_name(entry.type));
        key_hash(j, "signer", entry.signer_pk);
        key_u64(j, "seq", entry.signer_seq);
        sb_json_key(j, "receipt");
        if (row.has_receipt || row.in_log)
            sb_json_u64(j, row.index);
        else
            sb_json_null(j);
        key_bool(j, "in_log", row.in_log);
        key_bool(j, "held_back", row.held_back);
        key_u64(j, "waited_ms", row.waited_ms);
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
    return SB_OK;
}

/* ---- the log ---- */

static sb_err write_entry(const sb_node_view *v, uint64_t index, sb_json *j, sb_fail *fail)
{
    sb_slice leaf;
    sb_entry entry;
    sb_fol_status s;
    sb_follower_status(v->follower, v->now, &s);
    if (index >= s.size || !v->history->reader.leaf(v->history->reader.arg, index, &leaf) ||
        leaf.len < 8)
        return sb_fail_num(fail, SB_E_NOT_FOUND, 1, index, 0);
    sb_err err = sb_entry_parse(sb_slice_of(leaf.data + 8, leaf.len - 8), &entry, fail);
    if (err != SB_OK)
        return err;
    sb_json_object(j);
    key_u64(j, "index", index);
    sb_json_key(j, "leaf");
    sb_json_hex(j, leaf);
    key_str(j, "type", sb_entry_type_name(entry.type));
    key_bool(j, "final", index < s.final_size);
    sb_json_end_object(j);
    return SB_OK;
}

/* By id: an entry of a member of ours is found in the outbox while it is not final. */
static bool find_in_outbox(const sb_node_view *v, const uint8_t id[32], uint64_t *index)
{
    size_t at = 0;
    sb_fol_outbox_row row;
    while (sb_follower_outbox_next(v->follower, v->now, &at, &row))
        if (memcmp(row.entry_id, id, 32) == 0 && (row.has_receipt || row.in_log)) {
            *index = row.index;
            return true;
        }
    return false;
}

static sb_err query_entry(const sb_node_view *v, const Sb__Query *q, sb_json *j, sb_fail *fail)
{
    uint64_t index = 0;
    uint8_t id[32];
    if (q->n_args == 1 && sb_unhex(sb_slice_str(q->args[0]), id, 32)) {
        if (!find_in_outbox(v, id, &index))
            return sb_fail_set(fail, SB_E_NOT_FOUND, q->args[0], NULL);
        return write_entry(v, index, j, fail);
    }
    sb_err err = need_u64(q, 0, "ID|INDEX", &index, fail);
    return err == SB_OK ? write_entry(v, index, j, fail) : err;
}

static sb_err query_leaves(const sb_node_view *v, const Sb__Query *q, sb_json *j, sb_fail *fail)
{
    uint64_t from = 0, count = 0, bytes = 0;
    sb_fol_status s;
    sb_err err = need_u64(q, 0, "FROM", &from, fail);
    if (err == SB_OK)
        err = need_u64(q, 1, "COUNT", &count, fail);
    if (err != SB_OK)
        return err;
    sb_follower_status(v->follower, v->now, &s);
    if (count > LEAVES_MAX)
        count = LEAVES_MAX;
    sb_json_object(j);
    key_u64(j, "from", from);
    key_u64(j, "size", s.size);
    sb_json_key(j, "leaves");
    sb_json_array(j);
    for (uint64_t i = from; i < s.size && i - from < count; i++) {
        sb_slice leaf;
        if (!v->history->reader.leaf(v->history->reader.arg, i, &leaf) ||
            (bytes > 0 && bytes + leaf.len > LEAVES_BYTES_MAX))
            break;
        bytes += leaf.len;
        sb_json_hex(j, leaf);
    }
    sb_json_end_array(j);
    sb_json_end_object(j);
    return SB_OK;
}

static sb_err query_proof(const sb_node_view *v, const Sb__Query *q, sb_json *j, sb_fail *fail)
{
    uint64_t index = 0, size = 0;
    sb_proof proof;
    sb_err err = need_u64(q, 0, "INDEX", &index, fail);
    if (err == SB_OK)
        err = need_u64(q, 1, "SIZE", &size, fail);
    if (err == SB_OK)
        err = sb_tree_inclusion(sb_ledger_tree(v->history->ledger), index, size,
                                v->history->reader.tiles, &proof, fail);
    if (err != SB_OK)
        return err;
    sb_json_object(j);
    key_u64(j, "index", index);
    key_u64(j, "size", size);
    key_proof(j, "proof", &proof);
    sb_json_end_object(j);
    return SB_OK;
}

static sb_err query_consistency(const sb_node_view *v, const Sb__Query *q, sb_json *j,
                                sb_fail *fail)
{
    uint64_t from = 0, to = 0;
    sb_proof proof;
    sb_err err = need_u64(q, 0, "OLD", &from, fail);
    if (err == SB_OK)
        err = need_u64(q, 1, "NEW", &to, fail);
    if (err == SB_OK)
        err = sb_tree_consistency(sb_ledger_tree(v->history->ledger), from, to,
                                  v->history->reader.tiles, &proof, fail);
    if (err != SB_OK)
        return err;
    sb_json_object(j);
    key_u64(j, "old", from);
    key_u64(j, "new", to);
    key_proof(j, "proof", &proof);
    sb_json_end_object(j);
    return SB_OK;
}

static sb_err query_tile(const sb_node_view *v, const Sb__Query *q, sb_json *j, sb_fail *fail)
{
    uint64_t level = 0, index = 0, width = 0;
    sb_hash32 hashes[SB_TILE_WIDTH];
    sb_err err = need_u64(q, 0, "LEVEL", &level, fail);
    if (err == SB_OK)
        err = need_u64(q, 1, "INDEX", &index, fail);
    if (err == SB_OK)
        err = need_u64(q, 2, "WIDTH", &width, fail);
    if (err == SB_OK && (level >= SB_TREE_LEVELS || width == 0 || width > SB_TILE_WIDTH))
        err = sb_fail_set(fail, SB_E_QUERY_ARGUMENT, q->name, "LEVEL, WIDTH", NULL);
    if (err == SB_OK)
        err = sb_tree_read(sb_ledger_tree(v->history->ledger), (uint32_t)level, index, 0,
                           (uint32_t)width, v->history->reader.tiles, hashes, fail);
    if (err != SB_OK)
        return err;
    sb_json_object(j);
    key_u64(j, "level", level);
    key_u64(j, "index", index);
    key_u64(j, "width", width);
    sb_json_key(j, "hashes");
    sb_json_hex(j, sb_slice_of(hashes, (size_t)width * 32));
    sb_json_end_object(j);
    return SB_OK;
}

/* ---- the table ---- */

typedef struct node_query {
    const char *name;
    sb_err (*answer)(const sb_node_view *v, const Sb__Query *q, sb_json *j, sb_fail *fail);
} node_query;

static const node_query QUERIES[] = {
    {"status", query_status},
    {"head", query_head},
    {"seq", query_seq},
    {"outbox", query_outbox},
    {"entry", query_entry},
    {"leaves", query_leaves},
    {"proof", query_proof},
    {"tile", query_tile},
    {"checkpoint", query_checkpoint},
    {"consistency", query_consistency},
};

sb_err sb_node_query(const sb_node_view *v, const Sb__Query *q, sb_buf *json, sb_fail *fail)
{
    for (size_t i = 0; i < sizeof QUERIES / sizeof *QUERIES; i++) {
        if (strcmp(QUERIES[i].name, q->name) != 0)
            continue;
        sb_json j;
        sb_json_begin(&j, json);
        return QUERIES[i].answer(v, q, &j, fail);
    }
    return sb_ledger_query(v->history->ledger, q->name, (const char *const *)q->args, q->n_args,
                           json, fail);
}
