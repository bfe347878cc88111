#include "nodes/noded/queries_inside.h"

#include <stdlib.h>

#include "nodes/host/fault.h"
#include "proto/base/cursor.h"
#include "proto/ledger/query.h"

enum { LEAVES_MAX = 256, LEAVES_BYTES_MAX = 400 * 1024 };
enum { LIST_BYTES = 256 * 1024 }; /* of one part; its last row may be as large again, and larger */

/* ---- arguments ---- */

sb_err sb_node_need_u64(const Sb__Query *q, size_t index, const char *name, uint64_t *out,
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

static size_t list_bytes(void)
{
    return sb_fault_size("SB_FAULT_ANSWER_BYTES", LIST_BYTES);
}

/* A row's place is its number: others may leave between two parts. */
static void write_outbox(const sb_node_view *v, uint64_t from, sb_buf *json, uint64_t *next)
{
    size_t begin = json->len, count;
    sb_fol_outbox_place *places = sb_follower_outbox_since(v->follower, from, &count);
    sb_json out, *j = &out;
    sb_json_begin(j, json);
    sb_json_array(j);
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && json->len - begin > list_bytes()) {
            *next = places[i].number;
            break;
        }
        sb_fol_outbox_row row;
        sb_entry entry;
        size_t at = places[i].at;
        if (!sb_follower_outbox_next(v->follower, v->now, &at, &row) ||
            sb_entry_parse(row.entry, &entry, NULL) != SB_OK)
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
        key_bool(j, "of_peer", row.of_peer);
        key_u64(j, "waited_ms", row.waited_ms);
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
    free(places);
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
    sb_reader time = sb_reader_over(leaf);
    uint64_t entered_ms = sb_read_u64(&time);
    sb_json_object(j);
    key_u64(j, "index", index);
    sb_json_key(j, "leaf");
    sb_json_hex(j, leaf);
    key_str(j, "type", sb_entry_type_name(entry.type));
    key_bool(j, "final", index < s.final_size);
    key_str(j, "state",
            index < s.final_size       ? "final"
            : s.diverged || s.conflict ? sb_node_state_word(s.state)
            : index < s.certified_size ? "certified"
                                       : "not_confirmed");
    key_u64(j, "since_ms", entered_ms);
    bool counts = s.confirmed_size > index && index >= s.final_size;
    key_u64(j, "confirmed", counts ? s.confirmed : index < s.final_size ? s.needed : 0);
    key_u64(j, "needed", s.needed);
    key_u64(j, "organisations", s.organisations);
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
    sb_err err = sb_node_need_u64(q, 0, "ID|INDEX", &index, fail);
    return err == SB_OK ? write_entry(v, index, j, fail) : err;
}

static sb_err query_leaves(const sb_node_view *v, const Sb__Query *q, sb_json *j, sb_fail *fail)
{
    uint64_t from = 0, count = 0, bytes = 0;
    sb_fol_status s;
    sb_err err = sb_node_need_u64(q, 0, "FROM", &from, fail);
    if (err == SB_OK)
        err = sb_node_need_u64(q, 1, "COUNT", &count, fail);
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
    sb_err err = sb_node_need_u64(q, 0, "INDEX", &index, fail);
    if (err == SB_OK)
        err = sb_node_need_u64(q, 1, "SIZE", &size, fail);
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
    sb_err err = sb_node_need_u64(q, 0, "OLD", &from, fail);
    if (err == SB_OK)
        err = sb_node_need_u64(q, 1, "NEW", &to, fail);
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
    sb_err err = sb_node_need_u64(q, 0, "LEVEL", &level, fail);
    if (err == SB_OK)
        err = sb_node_need_u64(q, 1, "INDEX", &index, fail);
    if (err == SB_OK)
        err = sb_node_need_u64(q, 2, "WIDTH", &width, fail);
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
    {"status", sb_node_query_status},
    {"head", sb_node_query_head},
    {"seq", query_seq},
    {"entry", query_entry},
    {"leaves", query_leaves},
    {"proof", query_proof},
    {"tile", query_tile},
    {"checkpoint", query_checkpoint},
    {"consistency", query_consistency},
    {"evidence", sb_node_query_evidence},
};

sb_err sb_node_query(const sb_node_view *v, const Sb__Query *q, sb_buf *json, uint64_t *next,
                     sb_fail *fail)
{
    *next = 0;
    for (size_t i = 0; i < sizeof QUERIES / sizeof *QUERIES; i++) {
        if (strcmp(QUERIES[i].name, q->name) != 0)
            continue;
        sb_json j;
        sb_json_begin(&j, json);
        return QUERIES[i].answer(v, q, &j, fail);
    }
    if (strcmp(q->name, "outbox") == 0) {
        write_outbox(v, q->from, json, next);
        return SB_OK;
    }
    sb_query_part part = {.from = q->from, .bytes_max = list_bytes()};
    sb_err err = sb_ledger_query_part(v->history->ledger, q->name, (const char *const *)q->args,
                                      q->n_args, &part, json, fail);
    *next = part.next;
    return err;
}
