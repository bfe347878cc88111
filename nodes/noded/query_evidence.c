/* "evidence": what convicts a log key, as files. */
#include "nodes/noded/queries_inside.h"

enum { CHUNK_BYTES = 400 * 1024 };

static void write_row(sb_json *j, const sb_fol_evidence *e)
{
    sb_json_object(j);
    key_u64(j, "number", e->number);
    key_u64(j, "term", e->term);
    key_u64(j, "size", e->size);
    key_u64(j, "code", (uint64_t)e->code);
    key_str(j, "name", sb_err_name(e->code));
    key_u64(j, "bytes", e->file.len);
    sb_json_end_object(j);
}

/* One file, in chunks. */
static sb_err write_file(const sb_node_view *v, const Sb__Query *q, sb_json *j, sb_fail *fail)
{
    uint64_t number = 0, offset = 0;
    sb_fol_evidence e;
    sb_err err = sb_node_need_u64(q, 0, "NUMBER", &number, fail);
    if (err == SB_OK)
        err = sb_node_need_u64(q, 1, "OFFSET", &offset, fail);
    if (err != SB_OK)
        return err;
    uint64_t at = number;
    if (!sb_follower_evidence_next(v->follower, &at, &e) || e.number != number ||
        offset > e.file.len)
        return sb_fail_set(fail, SB_E_NOT_FOUND, q->args[0], NULL);
    size_t left = e.file.len - (size_t)offset, count = left < CHUNK_BYTES ? left : CHUNK_BYTES;
    sb_json_object(j);
    key_u64(j, "number", number);
    key_u64(j, "bytes", e.file.len);
    key_u64(j, "offset", offset);
    sb_json_key(j, "data");
    sb_json_hex(j, sb_slice_of(count == 0 ? NULL : e.file.data + offset, count));
    sb_json_end_object(j);
    return SB_OK;
}

sb_err sb_node_query_evidence(const sb_node_view *v, const Sb__Query *q, sb_json *j, sb_fail *fail)
{
    if (q->n_args > 0)
        return write_file(v, q, j, fail);
    sb_fol_evidence e;
    sb_json_array(j);
    for (uint64_t at = 0; sb_follower_evidence_next(v->follower, &at, &e);)
        write_row(j, &e);
    sb_json_end_array(j);
    return SB_OK;
}
