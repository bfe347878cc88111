/* What the files of the node's queries share. */
#ifndef SB_NODED_QUERIES_INSIDE_H
#define SB_NODED_QUERIES_INSIDE_H

#include "nodes/noded/queries.h"
#include "proto/base/hash.h"
#include "proto/base/json.h"
#include "proto/merkle/checkpoint.h"

static inline void key_u64(sb_json *j, const char *key, uint64_t v)
{
    sb_json_key(j, key);
    sb_json_u64(j, v);
}

static inline void key_bool(sb_json *j, const char *key, bool v)
{
    sb_json_key(j, key);
    sb_json_bool(j, v);
}

static inline void key_str(sb_json *j, const char *key, const char *v)
{
    sb_json_key(j, key);
    sb_json_cstr(j, v);
}

static inline void key_hash(sb_json *j, const char *key, const uint8_t hash[32])
{
    sb_json_key(j, key);
    sb_json_hex(j, sb_slice_of(hash, 32));
}

static inline void key_note(sb_json *j, const char *key, sb_slice note)
{
    sb_json_key(j, key);
    sb_json_str(j, note);
}

static inline void key_proof(sb_json *j, const char *key, const sb_proof *proof)
{
    sb_json_key(j, key);
    sb_json_array(j);
    for (uint32_t i = 0; i < proof->count; i++)
        sb_json_hex(j, sb_slice_of(&proof->hashes[i], 32));
    sb_json_end_array(j);
}

/* An argument as a number below 10^16. Errors: SB_E_QUERY_ARGUMENT. */
sb_err sb_node_need_u64(const Sb__Query *q, size_t index, const char *name, uint64_t *out,
                        sb_fail *fail);

/* query_status.c, query_head.c, query_evidence.c */
sb_err sb_node_query_status(const sb_node_view *v, const Sb__Query *q, sb_json *j, sb_fail *fail);
sb_err sb_node_query_head(const sb_node_view *v, const Sb__Query *q, sb_json *j, sb_fail *fail);
sb_err sb_node_query_evidence(const sb_node_view *v, const Sb__Query *q, sb_json *j, sb_fail *fail);

/* empty, not_confirmed, certified, final, stale, diverged or conflict. */
const char *sb_node_state_word(sb_fol_state state);

#endif
