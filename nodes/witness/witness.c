#include "nodes/witness/witness.h"

#include "nodes/host/file.h"
#include "nodes/host/keystore.h"
#include "nodes/host/yaml_read.h"
#include "proto/base/hash.h"
#include "proto/merkle/tlog_policy.h"

/* ---- files ---- */

/* DIR/<folder>/<16 hex of the origin's hash><suffix> */
static const char *file_of(sb_witness *w, const char *folder, const sb_witness_log *log,
                           const char *suffix)
{
    uint8_t hash[32];
    char of_log[17];
    sb_hash(sb_slice_str(log->origin), hash);
    sb_hex(sb_slice_of(hash, 8), of_log);
    return sb_arena_printf(&w->scratch, "%s/%s/%s%s", w->dir, folder, of_log, suffix);
}

/* The stored note must be the log's, with a cosignature of ours. */
static sb_err load_head(sb_witness *w, sb_witness_log *log, sb_fail *fail)
{
    const char *path = file_of(w, "heads", log, "");
    sb_note note;
    sb_cosignature ours;
    if (!sb_file_exists(path))
        return SB_OK;
    sb_err err = sb_file_read(path, SB_NOTE_BYTES_MAX, &log->note, fail);
    if (err != SB_OK)
        return err;
    sb_slice bytes = sb_buf_slice(&log->note);
    if (sb_checkpoint_verify(bytes, log->origin, log->pk, &log->last, NULL) != SB_OK ||
        sb_note_parse(bytes, &note, NULL) != SB_OK ||
        !sb_cosignature_find(&note, &log->last, sb_secret_pk(w->key), &ours))
        return sb_fail_set(fail, SB_E_WITNESS_HEAD, path, NULL);
    log->time_s = ours.time_s;
    return SB_OK;
}

static sb_err read_log(sb_witness *w, const sb_doc *item, sb_fail *fail)
{
    const char *vkey = NULL;
    sb_slice name;
    sb_witness_log *log = &w->logs[w->log_count];
    sb_err err = sb_doc_text(item, &vkey, fail);
    if (err != SB_OK)
        return err;
    if (w->log_count == SB_WITNESS_LOGS_MAX ||
        !sb_vkey_parse(sb_slice_str(vkey), SB_NOTE_TYPE_LOG, &name, log->pk))
        return sb_doc_fail(item, SB_E_WITNESS_LOG, vkey, NULL, fail);
    sb_buf_init(&log->note);
    w->log_count++;
    log->origin = sb_arena_printf(&w->arena, "%.*s", (int)name.len, (const char *)name.data);
    return load_head(w, log, fail);
}

static sb_err read_config(sb_witness *w, sb_fail *fail)
{
    const sb_doc *root = NULL, *logs = NULL;
    sb_err err =
        sb_yaml_read(sb_path_join(&w->arena, w->dir, "witness.yaml"), &w->arena, &root, fail);
    if (err == SB_OK)
        err = sb_doc_only(root, fail, "name", "listen", "logs", NULL);
    if (err == SB_OK)
        err = sb_doc_need_text(root, "name", &w->name, fail);
    if (err == SB_OK && !sb_note_name_valid(sb_slice_str(w->name)))
        err = sb_doc_fail(sb_doc_get(root, "name"), SB_E_WITNESS_NAME, w->name, NULL, fail);
    if (err == SB_OK)
        err = sb_doc_text_or(root, "listen", "127.0.0.1:7140", &w->listen, fail);
    if (err == SB_OK)
        err = sb_doc_need(root, "logs", &logs, fail);
    if (err == SB_OK)
        err = sb_doc_want_list(logs, fail);
    for (uint32_t i = 0; err == SB_OK && i < logs->count; i++)
        err = read_log(w, logs->items[i], fail);
    return err;
}

sb_err sb_witness_open(sb_witness *w, const char *dir, sb_fail *fail)
{
    static const sb_passphrase_source never = {.never_ask = true};
    *w = (sb_witness){.dir = dir};
    sb_arena_init(&w->arena);
    sb_arena_init(&w->scratch);
    sb_err err = sb_keystore_load(sb_path_join(&w->arena, dir, "witness.key"), SB_KEY_WITNESS,
                                  &never, &w->key, fail);
    if (err == SB_OK)
        err = sb_dir_make(sb_path_join(&w->arena, dir, "heads"), 0700, fail);
    if (err == SB_OK)
        err = sb_dir_make(sb_path_join(&w->arena, dir, "evidence"), 0700, fail);
    if (err == SB_OK)
        err = read_config(w, fail);
    return err;
}

void sb_witness_close(sb_witness *w)
{
    for (size_t i = 0; i < w->log_count; i++)
        sb_buf_deinit(&w->logs[i].note);
    sb_secret_free(w->key);
    sb_arena_deinit(&w->arena);
    sb_arena_deinit(&w->scratch);
}

/* ---- answering ---- */

static void say(sb_http_answer *answer, uint32_t status, const char *text)
{
    answer->status = status;
    answer->type = "text/plain; charset=utf-8";
    sb_buf_str(&answer->body, text);
}

static void say_size(sb_http_answer *answer, const sb_checkpoint *last)
{
    answer->status = SB_WITNESS_CONFLICT;
    answer->type = "text/x.tlog.size";
    sb_buf_printf(&answer->body, "%llu\n", (unsigned long long)last->size);
}

static sb_witness_log *find_log(sb_witness *w, sb_slice note, sb_checkpoint *head)
{
    if (sb_checkpoint_parse(note, head, NULL) != SB_OK)
        return NULL;
    for (size_t i = 0; i < w->log_count; i++)
        if (strcmp(w->logs[i].origin, head->origin) == 0)
            return &w->logs[i];
    return NULL;
}

/* Two heads of one size with different roots, both signed by the log: kept for whoever asks. The
 * first conflict convicts the log; it must not fill the disk with more. */
static void keep_evidence(sb_witness *w, const sb_witness_log *log, sb_slice note)
{
    const char *ours = file_of(w, "evidence", log, "-a"),
               *other = file_of(w, "evidence", log, "-b");
    if (sb_file_exists(other))
        return;
    if (sb_file_write(ours, sb_buf_slice(&log->note), SB_FILE_MODE, NULL) == SB_OK)
        (void)sb_file_write(other, note, SB_FILE_MODE, NULL);
}

/* The text and the log's verified line, once. What others put there could be anything, also so much
 * that the file couldn't be read again. */
static void keep_log_line(const sb_witness_log *log, const sb_note *note, sb_buf *out)
{
    sb_note_line line;
    uint8_t id[4];
    sb_slice name = sb_slice_str(log->origin);
    sb_note_key_id(name, SB_NOTE_TYPE_LOG, log->pk, id);
    sb_buf_add(out, note->text);
    sb_buf_str(out, "\n");
    for (size_t at = 0; sb_note_next_line(note, &at, &line);) {
        if (!sb_slice_eq(line.name, name) || memcmp(line.key_id, id, 4) != 0)
            continue;
        sb_buf_add(out, line.line);
        return;
    }
}

/* Cosign, keep, and only then answer. */
static void cosign(sb_witness *w, sb_witness_log *log, sb_slice note, const sb_checkpoint *head,
                   uint64_t now_s, sb_http_answer *answer)
{
    sb_cosignature made;
    sb_buf kept;
    sb_note parsed;
    uint64_t time_s = now_s > log->time_s ? now_s : log->time_s; /* our time never falls */
    sb_buf_init(&kept);
    sb_err err = sb_note_parse(note, &parsed, NULL);
    if (err == SB_OK)
        err = sb_cosign(head, w->key, time_s, &made, NULL);
    if (err == SB_OK) {
        keep_log_line(log, &parsed, &kept);
        sb_cosignature_add_line(&kept, sb_slice_str(w->name), sb_secret_pk(w->key), &made);
        err = sb_file_write(file_of(w, "heads", log, ""), sb_buf_slice(&kept), SB_FILE_MODE, NULL);
    }
    if (err == SB_OK) {
        log->last = *head;
        log->time_s = time_s;
        sb_buf_clear(&log->note);
        sb_buf_add(&log->note, sb_buf_slice(&kept));
        say(answer, SB_WITNESS_OK, "");
        sb_cosignature_add_line(&answer->body, sb_slice_str(w->name), sb_secret_pk(w->key), &made);
    } else {
        say(answer, SB_WITNESS_FAILED, "the head could not be stored\n");
    }
    sb_buf_deinit(&kept);
}

void sb_witness_answer(sb_witness *w, sb_slice body, uint64_t now_s, sb_http_answer *answer)
{
    sb_add_checkpoint ask;
    sb_checkpoint head;
    if (sb_add_checkpoint_parse(body, &ask, NULL) != SB_OK) {
        say(answer, SB_WITNESS_MALFORMED, "malformed\n");
        return;
    }
    sb_witness_log *log = find_log(w, ask.note, &head);
    if (log == NULL) {
        say(answer, SB_WITNESS_UNKNOWN, "unknown log\n");
        return;
    }
    if (sb_checkpoint_verify(ask.note, log->origin, log->pk, &head, NULL) != SB_OK) {
        say(answer, SB_WITNESS_UNSIGNED, "not signed by the log\n");
        return;
    }
    if (head.size == log->last.size && memcmp(head.root, log->last.root, 32) != 0 && head.size > 0)
        keep_evidence(w, log, ask.note);
    switch (sb_add_checkpoint_judge(&ask, &head, &log->last)) {
    case SB_WITNESS_OK:
        if (now_s == 0)
            say(answer, SB_WITNESS_FAILED, "the clock could not be read\n");
        else
            cosign(w, log, ask.note, &head, now_s, answer);
        break;
    case SB_WITNESS_CONFLICT:
        say_size(answer, &log->last);
        break;
    case SB_WITNESS_PROOF:
        say(answer, SB_WITNESS_PROOF, "the consistency proof is wrong\n");
        break;
    default:
        say(answer, SB_WITNESS_MALFORMED, "the old size is above the new one\n");
        break;
    }
}

void sb_witness_handle(void *arg, const sb_http_request *request, sb_http_answer *answer)
{
    sb_witness_http *http = arg;
    sb_arena_reset(&http->witness->scratch);
    if (strcmp(request->path, "/add-checkpoint") != 0)
        say(answer, strcmp(request->path, "/") == 0 ? 200 : 404,
            "C2SP tlog-witness: POST /add-checkpoint\n");
    else if (strcmp(request->method, "POST") != 0)
        say(answer, 405, "POST\n");
    else
        sb_witness_answer(http->witness, request->body, http->now_s(http->arg), answer);
}
