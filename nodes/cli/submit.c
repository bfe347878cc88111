/* Verify, sign, submit, wait: how every entry leaves this program. */
#include "nodes/cli/inside.h"
#include "nodes/host/clock.h"
#include "nodes/host/json_read.h"
#include "nodes/host/random.h"
#include "proto/base/hash.h"

enum {
    RECEIPT_MS = 10 * 1000, /* with a broker that the node is connected to */
    BEHIND_MS = 2 * 1000,   /* that the node knows less than the broker */
    POLL_MS = 50,
    SOON_S = 10,
    FINAL_S = 60
};

/* Without --wait: until it is confirmed, but not for long, and then it is said how far it has come.
 * --wait final asks for more: it fails when the time is up. */
enum wait_for { WAIT_RECEIPT, WAIT_FINAL, WAIT_NONE, WAIT_A_WHILE };
static const char *const WAITS[] = {"receipt", "final", "none", NULL};

typedef struct submission {
    sb_cli *cli;
    sb_entry entry;
    sb_buf bytes;
    uint32_t wait;
    uint64_t timeout_s;
    uint64_t request;
    bool is_queued, has_broker, has_receipt, is_final;
    uint64_t index, time_ms;
} submission;

/* ---- blobs ---- */

static sb_err put_chunk(sb_cli *cli, const Sb__BlobRef *ref, sb_slice blob, uint64_t *offset)
{
    sb_arena arena;
    const Sb__Frame *answer = NULL;
    Sb__Frame frame = SB__FRAME__INIT;
    Sb__BlobPut put = SB__BLOB_PUT__INIT;
    size_t left = blob.len - (size_t)*offset;
    size_t len = left < SB_BLOB_CHUNK_BYTES ? left : SB_BLOB_CHUNK_BYTES;
    put.sha256 = ref->sha256;
    put.size = ref->size;
    put.offset = *offset;
    put.data = (ProtobufCBinaryData){len, (uint8_t *)(uintptr_t)(blob.data + *offset)};
    frame.body_case = SB__FRAME__BODY_BLOB_PUT;
    frame.blob_put = &put;
    sb_arena_init(&arena);
    sb_err err = sb_session_request(cli, &frame, &arena, &answer);
    if (err == SB_OK && answer->body_case == SB__FRAME__BODY_REFUSED)
        err = sb_fail_set(&cli->fail, (sb_err)answer->refused->code,
                          answer->refused->n_args > 0 ? answer->refused->args[0] : "?", NULL);
    else if (err == SB_OK && (answer->body_case != SB__FRAME__BODY_BLOB_STORED ||
                              answer->blob_stored->next_offset <= *offset))
        err = sb_fail_set(&cli->fail, SB_E_CLI_ANSWER, "blob", NULL);
    if (err == SB_OK)
        *offset = answer->blob_stored->next_offset;
    sb_arena_deinit(&arena);
    return err;
}

sb_err sb_upload(sb_cli *cli, sb_slice content, Sb__BlobRef **out)
{
    enum { SALT_BYTES = 32 };
    sb_session *s = NULL;
    if (content.len > SB_BLOB_BYTES_MAX - SALT_BYTES)
        return sb_fail_set(
            &cli->fail, SB_E_TOO_LARGE, sb_cli_either(cli, "vedlegget", "the attachment"),
            sb_arena_printf(&cli->arena, "%zu", content.len),
            sb_arena_printf(&cli->arena, "%d", SB_BLOB_BYTES_MAX - SALT_BYTES), NULL);
    sb_err err = sb_session_connect(cli, &s);
    if (err != SB_OK)
        return err;
    sb_buf blob;
    uint8_t salt[SALT_BYTES];
    sb_buf_init(&blob);
    sb_random_bytes(salt, sizeof salt);
    sb_buf_add(&blob, sb_slice_of(salt, sizeof salt));
    sb_buf_add(&blob, content);
    Sb__BlobRef *ref = SB_ARENA_NEW(&cli->arena, Sb__BlobRef);
    sb__blob_ref__init(ref);
    uint8_t *hash = sb_arena_alloc(&cli->arena, 32);
    sb_hash(sb_buf_slice(&blob), hash);
    ref->sha256 = sb_bytes32(hash);
    ref->size = blob.len;
    uint64_t offset = 0;
    while (err == SB_OK && offset < blob.len)
        err = put_chunk(cli, ref, sb_buf_slice(&blob), &offset);
    sb_buf_deinit(&blob);
    *out = ref;
    return err;
}

/* ---- signing ---- */

static sb_err key_and_seq(sb_cli *cli, const char **path, uint64_t *seq)
{
    sb_keyfile_info info;
    const sb_doc *answer = NULL;
    char hex[65];
    sb_err err = sb_home_key_info(cli, path, &info);
    if (err != SB_OK)
        return err;
    sb_hex(sb_slice_of(info.public_key, 32), hex);
    err = sb_session_ask(cli, &answer, "seq", hex, NULL);
    if (err == SB_OK)
        err = sb_doc_need_u64(answer, "next_seq", 1, UINT64_MAX, seq, &cli->fail);
    return err;
}

/* A node that was started a moment ago, or is behind the broker, doesn't know yet what a key has signed.
 * One that stays behind isn't waited for: it may never get on. */
static sb_err await_history(sb_cli *cli)
{
    uint64_t begun = sb_clock_monotonic_ms(), size = 0, wanted = 1;
    sb_arena arena;
    sb_slice json = {0};
    const sb_doc *status = NULL;
    const Sb__Frame *late = NULL;
    sb_session *session = NULL;
    sb_err err = sb_session_open(cli, &session);
    sb_arena_init(&arena);
    while (err == SB_OK && size < wanted &&
           sb_clock_monotonic_ms() < begun + (size == 0 ? RECEIPT_MS : BEHIND_MS)) {
        sb_arena_reset(&arena);
        err = sb_session_query_in(cli, &arena, &json, "status", NULL, 0);
        if (err == SB_OK)
            err = sb_json_parse("status", json, &arena, &status, &cli->fail);
        size = err == SB_OK ? sb_doc_num(status, "size") : 0;
        uint64_t broker = err == SB_OK ? sb_doc_num(sb_doc_get(status, "broker"), "size") : 0;
        if (wanted == 1 && broker > 1)
            wanted = broker;
        if (err == SB_OK && size < wanted)
            err = sb_session_wait(cli, 0, POLL_MS, &arena, &late);
    }
    sb_arena_deinit(&arena);
    return err == SB_OK && size == 0 ? sb_fail_set(&cli->fail, SB_E_CLI_NO_HISTORY, NULL) : err;
}

static sb_err sign(submission *s, sb_entry_type type, const ProtobufCMessage *message,
                   sb_key_role want)
{
    sb_cli *cli = s->cli;
    sb_seen_head final;
    sb_entry_head head;
    sb_secret *secret = NULL;
    const char *path = NULL;
    uint64_t seq = 0;
    sb_err err = await_history(cli);
    if (err == SB_OK)
        err = sb_session_verify_head(cli, &final);
    if (err == SB_OK)
        err = key_and_seq(cli, &path, &seq);
    const sb_passphrase_source source = {.file = cli->passphrase_file, .lang = cli->lang};
    if (err == SB_OK)
        err = sb_keystore_load(path, want, &source, &secret, &cli->fail);
    if (err != SB_OK)
        return err;
    sb_entry_head_init(&head, cli->session->federation.federation_id, seq);
    head.anchor_size = final.size;
    memcpy(head.anchor_root, final.root, 32);
    err = sb_entry_make(type, message, &head, secret, &s->bytes, &cli->fail);
    sb_secret_free(secret);
    if (err == SB_OK)
        err = sb_entry_parse(sb_buf_slice(&s->bytes), &s->entry, &cli->fail);
    return err;
}

/* ---- what the node says ---- */

static sb_err refused(sb_cli *cli, const Sb__Refused *r)
{
    sb_err code = r->code == 0 ? SB_E_CLI_ANSWER : (sb_err)r->code;
    return sb_fail_list(&cli->fail, code, r->args, r->n_args);
}

/* The broker's whole receipt is verified (DESIGN §4); its index alone is believed until it is final,
 * when the entry is proven to stand there (prove_final). */
static sb_err take_receipt(submission *s, const Sb__Receipt *r)
{
    sb_err err = sb_receipt_check(r, sb_buf_slice(&s->bytes), s->entry.id, &s->cli->session->trust,
                                  &s->cli->fail);
    s->has_receipt = err == SB_OK;
    s->index = r->index;
    s->time_ms = r->sequenced_at_ms;
    return err;
}

/* The node says first that the entry lies durably in its outbox, then what the broker said. */
static sb_err take_queued(submission *s, const Sb__Answer *a)
{
    const sb_doc *doc = NULL;
    sb_err err = sb_json_parse("submit", sb_slice_of(a->json.data, a->json.len), &s->cli->arena,
                               &doc, &s->cli->fail);
    s->is_queued = true;
    s->has_broker = err == SB_OK && sb_doc_true(doc, "broker_up");
    return err;
}

static sb_err take_answer(submission *s, const Sb__Frame *answer)
{
    if (answer->body_case == SB__FRAME__BODY_ANSWER)
        return take_queued(s, answer->answer);
    if (answer->body_case == SB__FRAME__BODY_RECEIPT)
        return take_receipt(s, answer->receipt);
    if (answer->body_case == SB__FRAME__BODY_REFUSED)
        return refused(s->cli, answer->refused);
    return sb_fail_set(&s->cli->fail, SB_E_CLI_ANSWER, "submit", NULL);
}

/* Enough was heard: the receipt; or that it is queued, when there is no broker and the member
 * doesn't want to wait for one. */
static bool heard_enough(const submission *s)
{
    if (s->has_receipt)
        return true;
    if (!s->is_queued)
        return false;
    switch ((enum wait_for)s->wait) {
    case WAIT_NONE:
        return true;
    case WAIT_RECEIPT:
    case WAIT_A_WHILE:
        return !s->has_broker;
    case WAIT_FINAL:
        break;
    }
    return false;
}

static sb_err await_receipt(submission *s)
{
    const Sb__Frame *answer = NULL;
    uint32_t patience_ms = s->wait == WAIT_FINAL ? (uint32_t)s->timeout_s * 1000 : RECEIPT_MS;
    sb_err err = SB_OK;
    while (err == SB_OK && !heard_enough(s)) {
        err = sb_session_wait(s->cli, s->request, patience_ms, &s->cli->arena, &answer);
        if (err == SB_OK && answer == NULL)
            break;
        if (err == SB_OK)
            err = take_answer(s, answer);
    }
    if (err == SB_OK && !s->is_queued && !s->has_receipt)
        return sb_fail_set(&s->cli->fail, SB_E_CLI_NODE_SILENT, s->cli->session->socket, NULL);
    return err;
}

/* ---- final ---- */

static sb_err read_status(submission *s, const sb_doc **status, sb_arena *arena)
{
    sb_slice json = {0};
    sb_err err = sb_session_query_in(s->cli, arena, &json, "status", NULL, 0);
    if (err == SB_OK)
        err = sb_json_parse("status", json, arena, status, &s->cli->fail);
    if (err == SB_OK)
        s->is_final = s->has_receipt && sb_doc_num(*status, "final_size") > s->index;
    return err;
}

static sb_err await_final(submission *s)
{
    uint64_t until = sb_clock_monotonic_ms() + s->timeout_s * 1000;
    sb_arena arena;
    const sb_doc *status = NULL;
    const Sb__Frame *late = NULL;
    sb_err err = SB_OK;
    sb_arena_init(&arena);
    while (err == SB_OK && !s->is_final && sb_clock_monotonic_ms() < until) {
        sb_arena_reset(&arena);
        err = read_status(s, &status, &arena);
        if (err == SB_OK && !s->is_final)
            err = sb_session_wait(s->cli, 0, POLL_MS, &arena, &late);
    }
    sb_arena_deinit(&arena);
    return err;
}

/* The node says that it is final: then the entry must stand in the head that is proven to be. */
static sb_err prove_final(submission *s)
{
    sb_cli *cli = s->cli;
    const sb_doc *answer = NULL;
    sb_seen_head final;
    sb_hash32 path[SB_PROOF_HASHES_MAX];
    uint8_t leaf_hash[32];
    size_t count = 0;
    sb_err err = sb_session_verify_head(cli, &final);
    if (err == SB_OK)
        err = sb_session_ask(cli, &answer, "proof",
                             sb_arena_printf(&cli->arena, "%llu", (unsigned long long)s->index),
                             sb_arena_printf(&cli->arena, "%llu", (unsigned long long) final.size),
                             NULL);
    if (err == SB_OK)
        err = sb_head_read_path(sb_doc_get(answer, "proof"), path, &count, &cli->fail);
    if (err != SB_OK)
        return err;
    sb_receipt_leaf_hash(sb_buf_slice(&s->bytes), s->time_ms, leaf_hash);
    if (!sb_verify_inclusion(leaf_hash, s->index, final.size, path, count, final.root))
        return sb_fail_set(&cli->fail, SB_E_CLI_RECEIPT, "inclusion", NULL);
    return SB_OK;
}

/* ---- telling ---- */

/* How many organisations have confirmed a history that this entry stands in. */
static uint64_t confirmed_by(const submission *s, const sb_doc *status)
{
    bool covers = s->has_receipt && sb_doc_num(status, "confirmed_size") > s->index;
    return covers ? sb_doc_num(status, "confirmed") : 0;
}

static void tell_json(submission *s, const sb_doc *status)
{
    sb_json *j = &s->cli->json;
    sb_json_key(j, "entry");
    sb_json_hex(j, sb_slice_of(s->entry.id, 32));
    sb_json_key(j, "type");
    sb_json_cstr(j, sb_text_code(SB_TEXT_ENTRY, s->entry.type));
    sb_json_key(j, "index");
    if (s->has_receipt)
        sb_json_u64(j, s->index);
    else
        sb_json_null(j);
    sb_json_key(j, "state");
    sb_json_cstr(j, s->is_final ? "final" : s->has_receipt ? "not_confirmed" : "outbox");
    sb_json_key(j, "confirmed");
    sb_json_u64(j, confirmed_by(s, status));
    sb_json_key(j, "organisations");
    sb_json_u64(j, sb_doc_num(status, "organisations"));
}

static void tell_words(submission *s, const sb_doc *status)
{
    sb_cli *cli = s->cli;
    const char *done = sb_cli_either(cli, cli->verb->done_nb, cli->verb->done_en);
    if (sb_doc_true(status, "rehearsal"))
        sb_cli_say(cli, "%s (%s)", done, sb_text(SB_MSG_REHEARSAL, cli->lang));
    else
        sb_cli_say(cli, "%s", done);
    if (s->is_final)
        sb_cli_say_msg(cli, SB_MSG_CONFIRMED, NULL);
    else
        sb_cli_say_msg(
            cli,
            confirmed_by(s, status) < sb_doc_num(status, "needed") ? SB_MSG_NOT_CONFIRMED_YET
                                                                   : SB_MSG_NOT_CONFIRMED_SEALING,
            sb_arena_printf(&cli->arena, "%llu", (unsigned long long)confirmed_by(s, status)),
            sb_arena_printf(&cli->arena, "%llu",
                            (unsigned long long)sb_doc_num(status, "organisations")),
            NULL);
}

/* In the log, in the outbox, or final: words, JSON, and the error that belongs to it. */
static sb_err tell(submission *s)
{
    sb_cli *cli = s->cli;
    const sb_doc *status = NULL;
    sb_err err = read_status(s, &status, &cli->arena);
    if (err == SB_OK && s->is_final)
        err = prove_final(s);
    if (err != SB_OK)
        return err;
    tell_json(s, status);
    if (!s->has_receipt && s->wait != WAIT_NONE)
        return sb_fail_set(&cli->fail, SB_E_CLI_IN_OUTBOX, NULL);
    if (!s->has_receipt)
        sb_cli_say_msg(cli, SB_MSG_WAITS_IN_OUTBOX, NULL);
    else
        tell_words(s, status);
    if (s->wait == WAIT_FINAL && !s->is_final)
        return sb_fail_num(&cli->fail, SB_E_CLI_NOT_FINAL, 1, s->timeout_s, 0);
    return SB_OK;
}

static sb_err send(submission *s)
{
    Sb__Frame frame = SB__FRAME__INIT;
    Sb__Submit submit = SB__SUBMIT__INIT;
    submit.entry = (ProtobufCBinaryData){s->bytes.len, s->bytes.data};
    frame.body_case = SB__FRAME__BODY_SUBMIT;
    frame.submit = &submit;
    sb_err err = sb_session_send(s->cli, &frame);
    s->request = frame.request;
    return err == SB_OK ? await_receipt(s) : err;
}

sb_err sb_submit_part(sb_cli *cli, sb_entry_type type, const ProtobufCMessage *message,
                      sb_key_role want, uint8_t *id)
{
    submission s = {.cli = cli, .wait = WAIT_RECEIPT};
    sb_buf_init(&s.bytes);
    sb_err err = sign(&s, type, message, want);
    if (err == SB_OK)
        err = send(&s);
    if (err == SB_OK && id != NULL)
        memcpy(id, s.entry.id, 32);
    sb_buf_deinit(&s.bytes);
    return err;
}

sb_err sb_submit(sb_cli *cli, sb_entry_type type, const ProtobufCMessage *message, sb_key_role want,
                 uint8_t *id)
{
    submission s = {.cli = cli};
    sb_buf_init(&s.bytes);
    sb_err err = sb_args_choice(cli->args, "wait", WAITS, WAIT_A_WHILE, &s.wait, &cli->fail);
    if (err == SB_OK)
        err = sb_args_u64(cli->args, "timeout", 1, 86400, s.wait == WAIT_FINAL ? FINAL_S : SOON_S,
                          &s.timeout_s, &cli->fail);
    if (err == SB_OK)
        err = sign(&s, type, message, want);
    if (err != SB_OK)
        goto out;
    err = send(&s);
    if (err == SB_OK && (s.wait == WAIT_FINAL || s.wait == WAIT_A_WHILE) && s.has_receipt)
        err = await_final(&s);
    if (err == SB_OK)
        err = tell(&s);
    if (id != NULL)
        memcpy(id, s.entry.id, 32);
out:
    sb_buf_deinit(&s.bytes);
    return err;
}

sb_err sb_submit_new(sb_cli *cli, sb_entry_type type, const ProtobufCMessage *message,
                     const char *key, const char *nb, const char *en)
{
    uint8_t id[32];
    char hex[65];
    sb_err err = sb_submit(cli, type, message, SB_KEY_MEMBER, id);
    if (err != SB_OK)
        return err;
    sb_hex(sb_slice_of(id, 32), hex);
    sb_cli_say(cli, "%s: %.12s", sb_cli_either(cli, nb, en), hex);
    sb_json_key(&cli->json, key);
    sb_json_cstr(&cli->json, hex);
    return SB_OK;
}
