/* "head": the proof of what is final, over terms. */
#include "nodes/noded/queries_inside.h"

enum { CHANGES_BYTES_MAX = SB_FRAME_BYTES_MAX / 2 };

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

/* The HANDOVERs of the newest term, and of the proof's, whose keys a member may not know yet. */
static void write_handovers(const sb_node_view *v, uint64_t certified_size, sb_json *j)
{
    sb_ledger *l = v->history->ledger;
    uint32_t newest = sb_ledger_term(l);
    uint32_t proof = certified_size > 0 ? sb_ledger_term_at(l, certified_size) : newest;
    sb_json_key(j, "handovers");
    sb_json_array(j);
    for (int i = 0; i < 2; i++) {
        uint32_t term = i == 0 ? proof : newest;
        sb_ledger_term_info info;
        sb_slice leaf;
        if (term > 1 && (i == 0 || proof != newest) && sb_ledger_term_get(l, term, &info) &&
            v->history->reader.leaf(v->history->reader.arg, info.index, &leaf))
            sb_json_hex(j, leaf);
    }
    sb_json_end_array(j);
}

static void write_policies(const sb_node_view *v, uint64_t size, sb_json *j)
{
    sb_json_key(j, "policies");
    sb_json_array(j);
    for (uint32_t i = 0;; i++) {
        sb_buf text;
        sb_buf_init(&text);
        bool found = sb_ledger_policy_text(v->history->ledger, size, i, &text);
        if (found)
            sb_json_str(j, sb_buf_slice(&text));
        sb_buf_deinit(&text);
        if (!found)
            break;
    }
    sb_json_end_array(j);
}

/* The SEALs (HANDOVERs) that changed who confirms, from the head that the member saw on: each is
 * cosigned by those who held before it. */
static sb_err write_changes(const sb_node_view *v, uint64_t from, uint64_t certified_size,
                            sb_json *j, sb_fail *fail)
{
    sb_ledger *l = v->history->ledger;
    size_t start = j->out->len;
    sb_err err = SB_OK;
    sb_json_key(j, "changes");
    sb_json_array(j);
    for (uint64_t i = from; err == SB_OK && sb_ledger_policy_change(l, &i) && i < certified_size &&
                            j->out->len - start < CHANGES_BYTES_MAX;
         i++) {
        sb_json_object(j);
        key_u64(j, "term", sb_ledger_term_at(l, i + 1));
        sb_json_key(j, "at");
        err = write_seal(v, i, certified_size, j, fail);
        write_policies(v, i + 1, j);
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
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
    sb_slice note = sb_follower_final_proof(v->follower);
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
    if (err == SB_OK)
        err = write_changes(v, old_size, certified.size, j, fail);
    if (err == SB_OK) {
        write_handovers(v, certified.size, j);
        write_policies(v, certified.size, j);
    }
    return err;
}

sb_err sb_node_query_head(const sb_node_view *v, const Sb__Query *q, sb_json *j, sb_fail *fail)
{
    uint64_t old_size = 0;
    sb_fol_status s;
    char origin[SB_ORIGIN_BYTES_MAX + 1] = "";
    if (q->n_args > 0) {
        sb_err err = sb_node_need_u64(q, 0, "OLD_SIZE", &old_size, fail);
        if (err != SB_OK)
            return err;
    }
    sb_follower_status(v->follower, v->now, &s);
    sb_ledger_origin(v->history->ledger, origin, sizeof origin);
    sb_json_object(j);
    key_str(j, "origin", origin);
    sb_err err = SB_OK;
    bool has_proof = sb_follower_final_proof(v->follower).len > 0;
    key_bool(j, "proof_was_cut", s.final_size > 0 && !has_proof);
    if (!has_proof) {
        write_no_head(j);
        write_handovers(v, 0, j);
    } else
        err = write_head(v, &s, old_size, j, fail);
    if (err == SB_OK)
        sb_json_end_object(j);
    return err;
}
