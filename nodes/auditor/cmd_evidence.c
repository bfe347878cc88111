/* samband-audit evidence FILE: judge it, and say in plain words whom it convicts of what. */
#include <stdio.h>
#include <unistd.h>

#include "nodes/auditor/audit.h"
#include "nodes/auditor/bundle.h"
#include "nodes/auditor/commands.h"
#include "nodes/auditor/tell.h"
#include "nodes/host/file.h"
#include "nodes/host/term.h"
#include "proto/base/cursor.h"
#include "proto/base/hash.h"
#include "proto/base/json.h"
#include "proto/evidence/evidence.h"

/* ---- leaves of a bundle ---- */

enum { ENTRIES_BYTES_MAX = SB_TILE_WIDTH * (2 + SB_LEAF_BYTES_MAX) };

/* Reads a bundle's leaves in rising order, one file in memory. Nothing is trusted: the judge checks
 * that they are those under the head. */
typedef struct leaf_files {
    sb_bundle bundle;
    uint64_t size; /* the checkpoint's */
    uint64_t next; /* index of the next leaf in `file` */
    sb_buf file;
    sb_reader reader;
} leaf_files;

static bool next_leaf(void *arg, uint64_t index, sb_slice *leaf)
{
    leaf_files *f = arg;
    if (index >= f->size || index != f->next)
        return false;
    if (index % SB_TILE_WIDTH == 0) {
        char path[SB_BUNDLE_PATH_BYTES_MAX];
        sb_fail ignored = {0}, cause = {0};
        uint64_t left = f->size - index;
        sb_bundle_tile_path(true, 0, index / SB_TILE_WIDTH,
                            left < SB_TILE_WIDTH ? (uint32_t)left : SB_TILE_WIDTH, path);
        if (sb_bundle_read_into(&f->bundle, path, ENTRIES_BYTES_MAX, &f->file, &ignored, &cause) !=
            SB_OK)
            return false;
        f->reader = sb_reader_over(sb_buf_slice(&f->file));
    }
    *leaf = sb_read_var16(&f->reader);
    f->next++;
    return !f->reader.failed;
}

static sb_err open_leaves(leaf_files *f, const char *dir, sb_fail *fail)
{
    sb_slice note;
    sb_checkpoint head;
    sb_fail cause = {0};
    sb_bundle_init(&f->bundle, dir);
    sb_buf_init(&f->file);
    sb_err err = sb_bundle_read(&f->bundle, "checkpoint", SB_NOTE_BYTES_MAX, &note, fail, &cause);
    if (err == SB_OK)
        err = sb_checkpoint_parse(note, &head, fail);
    if (err == SB_OK)
        f->size = head.size;
    return err;
}

/* ---- in words ---- */

typedef struct teller {
    sb_teller tell;
    const sb_args *args;
    const sb_evidence_verdict *v;
} teller;

static sb_msg kind_words(sb_evidence_kind kind)
{
    switch (kind) {
    case SB_EVIDENCE_HEADS:
        return SB_MSG_EVIDENCE_HEADS;
    case SB_EVIDENCE_RECEIPT:
        return SB_MSG_EVIDENCE_RECEIPT;
    case SB_EVIDENCE_STATE:
        return SB_MSG_EVIDENCE_STATE;
    case SB_EVIDENCE_PROMISES:
        return SB_MSG_EVIDENCE_PROMISES;
    case SB_EVIDENCE_BROKEN_PROMISE:
        return SB_MSG_EVIDENCE_BROKEN;
    }
    return SB_MSG_EVIDENCE_HEADS;
}

static const char *type_words(const teller *t)
{
    const char *name = t->v->type == 0 ? NULL : sb_entry_type_name(t->v->type);
    return name == NULL ? "?" : name;
}

static void say_what(const teller *t)
{
    const sb_evidence_verdict *v = t->v;
    sb_buf words;
    for (uint32_t i = 0; i < v->head_count; i++)
        sb_tell(&t->tell, SB_MSG_EVIDENCE_HEAD, sb_tell_number(&t->tell, v->heads[i].size),
                sb_tell_hex(&t->tell, v->heads[i].root), v->heads[i].origin, NULL);
    for (uint32_t i = 0; i < v->promise_count; i++)
        sb_tell(&t->tell, SB_MSG_EVIDENCE_PROMISED, sb_tell_number(&t->tell, v->promises[i].term),
                sb_tell_hex(&t->tell, v->promises[i].log_pk),
                sb_tell_number(&t->tell, v->promises[i].cosigned.size),
                sb_tell_number(&t->tell, v->promises[i].cosigned.term));
    if (v->kind == SB_EVIDENCE_HEADS && v->heads[0].size != v->heads[1].size)
        sb_tell(&t->tell, SB_MSG_EVIDENCE_CONTAINS, sb_tell_number(&t->tell, v->heads[0].size),
                sb_tell_hex(&t->tell, v->contains), NULL, NULL);
    if (v->kind == SB_EVIDENCE_RECEIPT)
        sb_tell(&t->tell, SB_MSG_EVIDENCE_LEAF, sb_tell_number(&t->tell, v->index), type_words(t),
                sb_tell_hex(&t->tell, v->leaf_hash), sb_tell_hex(&t->tell, v->other_hash));
    if (v->kind != SB_EVIDENCE_STATE)
        return;
    sb_buf_init(&words);
    sb_text_fail(&v->refusal, t->tell.lang, &words);
    sb_tell(&t->tell, SB_MSG_EVIDENCE_REFUSED, sb_tell_number(&t->tell, v->index), type_words(t),
            sb_buf_cstr(&words), sb_err_name(v->refusal.code));
    sb_tell(&t->tell, v->is_computed_same ? SB_MSG_EVIDENCE_AGREES : SB_MSG_EVIDENCE_DISAGREES,
            sb_err_name(v->accused.code), NULL, NULL, NULL);
    sb_buf_deinit(&words);
}

static void say_convicted(const teller *t, const sb_evidence_convicted *who)
{
    static const sb_msg tied[] = {SB_MSG_EVIDENCE_NOTHING, SB_MSG_EVIDENCE_TIED_POLICY,
                                  SB_MSG_EVIDENCE_TIED_GENESIS, SB_MSG_EVIDENCE_TIED_HANDOVER};
    sb_tell(&t->tell, who->is_log ? SB_MSG_EVIDENCE_CONVICTS_LOG : SB_MSG_EVIDENCE_CONVICTS_WITNESS,
            sb_tell_hex(&t->tell, who->pk), who->name, NULL, NULL);
    sb_tell(&t->tell, tied[who->tied], NULL, NULL, NULL, NULL);
}

static void tell(const teller *t, const char *path, const sb_fail *fail)
{
    sb_tell(&t->tell, SB_MSG_EVIDENCE_OF, path,
            t->v->kind == 0 ? "?" : sb_text(kind_words(t->v->kind), t->tell.lang), NULL, NULL);
    sb_buf_str(t->tell.out, "\n");
    if (fail->code != SB_OK) {
        sb_buf words;
        sb_buf_init(&words);
        sb_text_fail(fail, t->tell.lang, &words);
        sb_tell(&t->tell, SB_MSG_EVIDENCE_NOTHING, sb_buf_cstr(&words), NULL, NULL, NULL);
        sb_buf_deinit(&words);
        return;
    }
    sb_tell(&t->tell, SB_MSG_AUDIT_ID, sb_tell_hex(&t->tell, t->v->federation_id), NULL, NULL,
            NULL);
    say_what(t);
    sb_buf_str(t->tell.out, "\n");
    for (uint32_t i = 0; i < t->v->convicted_count; i++)
        say_convicted(t, &t->v->convicted[i]);
    sb_tell(&t->tell, SB_MSG_EVIDENCE_LIMITS, NULL, NULL, NULL, NULL);
}

/* ---- as JSON ---- */

static void put_hash(sb_json *j, const char *key, const uint8_t hash[32])
{
    sb_json_key(j, key);
    sb_json_hex(j, sb_slice_of(hash, 32));
}

static void put_convicted(sb_json *j, const sb_evidence_verdict *v)
{
    static const char *const tied[] = {NULL, "policy", "genesis", "handover"};
    sb_json_key(j, "convicted");
    sb_json_array(j);
    for (uint32_t i = 0; i < v->convicted_count; i++) {
        sb_json_object(j);
        sb_json_key(j, "key");
        sb_json_cstr(j, v->convicted[i].is_log ? "log" : "witness");
        sb_json_key(j, "name");
        sb_json_cstr(j, v->convicted[i].name);
        put_hash(j, "pk", v->convicted[i].pk);
        sb_json_key(j, "tied_by");
        sb_json_cstr(j, tied[v->convicted[i].tied]);
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
}

static void put_heads(sb_json *j, const sb_evidence_verdict *v)
{
    sb_json_key(j, "heads");
    sb_json_array(j);
    for (uint32_t i = 0; i < v->head_count; i++) {
        sb_json_object(j);
        sb_json_key(j, "origin");
        sb_json_cstr(j, v->heads[i].origin);
        sb_json_key(j, "size");
        sb_json_u64(j, v->heads[i].size);
        put_hash(j, "root", v->heads[i].root);
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
}

static void tell_json(const sb_evidence_verdict *v, const sb_fail *fail, sb_buf *out)
{
    sb_json j;
    sb_json_begin(&j, out);
    sb_json_object(&j);
    sb_json_key(&j, "kind");
    sb_json_cstr(&j, sb_evidence_kind_name(v->kind));
    put_hash(&j, "federation", v->federation_id);
    put_convicted(&j, v);
    put_heads(&j, v);
    if (v->kind == SB_EVIDENCE_STATE || v->kind == SB_EVIDENCE_RECEIPT) {
        sb_json_key(&j, "index");
        sb_json_u64(&j, v->index);
    }
    if (v->kind == SB_EVIDENCE_STATE) {
        sb_json_key(&j, "refusal");
        sb_json_cstr(&j, sb_err_name(v->refusal.code));
        sb_json_key(&j, "accuser_agrees");
        sb_json_bool(&j, v->is_computed_same);
    }
    sb_json_key(&j, "verdict");
    sb_json_cstr(&j, fail->code == SB_OK ? "holds" : sb_err_name(fail->code));
    sb_json_end_object(&j);
    sb_buf_str(out, "\n");
}

/* ---- the command ---- */

static sb_err read_policy(const char *path, sb_arena *arena, sb_tlog_policy *policy, sb_fail *fail)
{
    sb_buf text;
    sb_buf_init(&text);
    sb_err err = sb_file_read(path, SB_TLOG_POLICY_BYTES_MAX, &text, fail);
    if (err == SB_OK)
        err = sb_tlog_policy_parse(sb_arena_copy(arena, sb_buf_slice(&text)), arena, policy, fail);
    sb_buf_deinit(&text);
    return err;
}

static int judge(const sb_args *args, sb_slice file, const sb_evidence_help *help, sb_arena *arena)
{
    sb_fail fail = {0};
    sb_buf out;
    sb_evidence_verdict v;
    const teller t = {
        .tell = {.lang = args->lang, .arena = arena, .out = &out}, .args = args, .v = &v};
    sb_err err = sb_evidence_judge(file, help, arena, &v, &fail);
    if (help->progress != NULL)
        (void)fputs("\r\033[K", stderr);
    sb_buf_init(&out);
    if (args->wants_json)
        tell_json(&v, &fail, &out);
    else
        tell(&t, sb_args_position(args, 0), &fail);
    sb_audit_print(args, &out);
    sb_buf_deinit(&out);
    return err == SB_OK ? SB_EXIT_OK : sb_err_exit(err);
}

int sb_audit_evidence(const sb_args *args)
{
    sb_arena arena;
    sb_fail fail = {0};
    sb_buf file;
    sb_tlog_policy policy;
    leaf_files leaves = {.size = 0};
    const char *policy_path = sb_args_value(args, "policy"), *dir = sb_args_value(args, "bundle");
    sb_evidence_help help = {.progress = isatty(2) && !args->wants_json ? sb_audit_progress : NULL};
    sb_arena_init(&arena);
    sb_buf_init(&file);
    sb_err err = sb_file_read(sb_args_position(args, 0), SB_EVIDENCE_BYTES_MAX, &file, &fail);
    if (err == SB_OK && policy_path != NULL) {
        err = read_policy(policy_path, &arena, &policy, &fail);
        help.policy = &policy;
    }
    if (err == SB_OK && dir != NULL) {
        err = open_leaves(&leaves, dir, &fail);
        help.leaf = next_leaf;
        help.leaf_arg = &leaves;
    }
    int code = err == SB_OK ? judge(args, sb_buf_slice(&file), &help, &arena)
                            : sb_term_fail(SB_AUDIT_NAME, args->lang, &fail);
    if (dir != NULL && leaves.bundle.asked != NULL) {
        sb_bundle_deinit(&leaves.bundle);
        sb_buf_deinit(&leaves.file);
    }
    sb_buf_deinit(&file);
    sb_arena_deinit(&arena);
    return code;
}
