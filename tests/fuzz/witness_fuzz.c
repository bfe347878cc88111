/* What an outside witness is asked over HTTP, and what one answers: add-checkpoint bodies of any bytes
 * and of heads that their log signed, one after the other, to a real witness over a directory; and
 * answers and addresses of the POST client. The witness cosigns one history a log, in one order. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "nodes/host/file.h"
#include "nodes/host/keystore.h"
#include "nodes/web/http_inside.h"
#include "nodes/witness/witness.h"
#include "proto/base/hash.h"
#include "proto/merkle/tlog_policy.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { LEAVES = 40, ASKS_MAX = 12 };

static char dir[64], origin[] = "samband/fuzz/0011223344556677/1";
static sb_secret *log_key;
static sb_tree trees[2]; /* two histories, alike up to LEAVES / 2 */

static void drop_heads(void)
{
    uint8_t hash[32];
    char name[17], path[160];
    sb_hash(sb_slice_str(origin), hash);
    sb_hex(sb_slice_of(hash, 8), name);
    for (size_t i = 0; i < 3; i++) {
        char file[64];
        if (i == 0)
            (void)snprintf(file, sizeof file, "heads/%s", name);
        else
            (void)snprintf(file, sizeof file, "evidence/%s-%c", name, i == 1 ? 'a' : 'b');
        (void)snprintf(path, sizeof path, "%s/%s", dir, file);
        (void)unlink(path);
    }
}

static void drop_dir(void)
{
    static const char *const FILES[] = {"witness.yaml", "witness.key", "heads", "evidence", "."};
    char path[160];
    drop_heads();
    for (size_t i = 0; i < sizeof FILES / sizeof *FILES; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", dir, FILES[i]);
        (void)remove(i + 1 < sizeof FILES / sizeof *FILES ? path : dir);
    }
}

static void get_ready(void)
{
    static const uint8_t SEED[32] = {9};
    uint8_t pk[32];
    char path[160];
    sb_buf yaml;
    (void)snprintf(dir, sizeof dir, "/dev/shm/sb-fuzz-w-%ld", (long)getpid());
    sb_fuzz_must(sb_sign_init(NULL) == SB_OK && sb_dir_make(dir, 0700, NULL) == SB_OK);
    (void)atexit(drop_dir);
    log_key = sb_secret_from_seed(SEED);
    (void)snprintf(path, sizeof path, "%s/witness.key", dir);
    sb_fuzz_must(sb_keystore_new(path, SB_KEY_WITNESS, NULL, NULL, pk, NULL) == SB_OK);
    sb_buf_init(&yaml);
    sb_buf_str(&yaml, "name: vitne\nlogs:\n  - ");
    sb_vkey_add(&yaml, sb_slice_str(origin), SB_NOTE_TYPE_LOG, sb_secret_pk(log_key));
    sb_buf_str(&yaml, "\n");
    (void)snprintf(path, sizeof path, "%s/witness.yaml", dir);
    sb_fuzz_must(sb_file_write(path, sb_buf_slice(&yaml), 0644, NULL) == SB_OK);
    sb_buf_deinit(&yaml);
    for (uint8_t t = 0; t < 2; t++)
        for (uint8_t i = 0; i < LEAVES; i++) {
            uint8_t hash[32], leaf[2] = {i, i < LEAVES / 2 ? 0 : t};
            sb_leaf_hash(sb_slice_of(leaf, 2), hash);
            sb_tree_append(&trees[t], hash, NULL, NULL);
        }
}

/* An ask for a head of one of the histories, signed by the log. */
static void right_ask(sb_script *s, sb_buf *out)
{
    const sb_tree *t = &trees[sb_script_u8(s) % 2];
    uint64_t old = sb_script_below(s, LEAVES + 1), size = sb_script_below(s, LEAVES + 1);
    sb_checkpoint head = {.size = size};
    sb_proof proof = {0};
    sb_buf note;
    (void)snprintf(head.origin, sizeof head.origin, "%s", origin);
    sb_fuzz_must(sb_tree_root_at(t, size, (sb_tile_reader){0}, head.root, NULL) == SB_OK);
    if (old > 0 && old < size)
        (void)sb_tree_consistency(t, old, size, (sb_tile_reader){0}, &proof, NULL);
    sb_buf_init(&note);
    sb_fuzz_must(sb_checkpoint_sign(&head, log_key, &note, NULL) == SB_OK);
    sb_add_checkpoint_write(old, &proof, sb_buf_slice(&note), out);
    sb_buf_deinit(&note);
    if (sb_script_u8(s) >= 224 && out->len > 0)
        out->data[sb_script_u16(s) % out->len] = sb_script_u8(s);
}

static uint64_t now_s(void *arg)
{
    (void)arg;
    return 1700000000;
}

/* It never goes back, and never to another root at a size that it cosigned. */
static bool ask(sb_witness *w, sb_script *s, sb_slice body)
{
    static const char *const PATHS[] = {"/add-checkpoint", "/", "/add-checkpoint/", ""};
    sb_witness_http http = {.witness = w, .now_s = now_s};
    sb_http_request request = {.method = sb_script_u8(s) >= 240 ? "GET" : "POST",
                               .path = PATHS[sb_script_u8(s) >= 240 ? sb_script_below(s, 4) : 0],
                               .body = body};
    sb_http_answer answer = {0};
    sb_checkpoint before = w->logs[0].last;
    sb_buf_init(&answer.body);
    sb_witness_handle(&http, &request, &answer);
    const sb_checkpoint *after = &w->logs[0].last;
    sb_fuzz_must(answer.status >= 200 && answer.status < 600);
    sb_fuzz_must(after->size >= before.size);
    if (after->size == before.size)
        sb_fuzz_must(memcmp(after->root, before.root, 32) == 0 || before.size == 0);
    sb_note_line line;
    bool cosigned = answer.status == 200 && request.path == PATHS[0];
    if (cosigned)
        sb_fuzz_must(sb_note_parse_line(sb_buf_slice(&answer.body), &line, NULL) == SB_OK);
    sb_buf_deinit(&answer.body);
    return cosigned;
}

static void read_answer(sb_slice bytes)
{
    uint32_t status = 0;
    sb_slice body = {0};
    sb_http_target target;
    char url[512];
    if (sb_http_split(bytes, &status, &body))
        sb_fuzz_must(status < 1000 && body.data >= bytes.data &&
                     body.data + body.len == bytes.data + bytes.len);
    size_t len = bytes.len < sizeof url - 1 ? bytes.len : sizeof url - 1;
    if (len > 0)
        memcpy(url, bytes.data, len);
    url[len] = '\0';
    if (sb_http_read_url(url, &target))
        sb_fuzz_must(target.host[0] != '\0' && target.path[0] == '/' && target.port[0] != '\0');
}

static bool one(sb_slice input)
{
    static sb_witness w;
    sb_script s = sb_script_over(input);
    bool cosigned = false;
    if (dir[0] == '\0')
        get_ready();
    sb_fuzz_must(sb_witness_open(&w, dir, NULL) == SB_OK);
    for (int i = 0; i < ASKS_MAX && sb_script_left(&s) > 0; i++) {
        sb_buf body;
        uint8_t how = sb_script_u8(&s);
        sb_buf_init(&body);
        if (how < 160)
            right_ask(&s, &body);
        else
            sb_buf_add(&body, sb_script_long_bytes(&s));
        if (how >= 240)
            read_answer(sb_buf_slice(&body));
        else
            cosigned = ask(&w, &s, sb_buf_slice(&body)) || cosigned;
        sb_buf_deinit(&body);
        if (how % 16 == 15) { /* it starts again, from its files */
            sb_checkpoint last = w.logs[0].last;
            sb_witness_close(&w);
            sb_fuzz_must(sb_witness_open(&w, dir, NULL) == SB_OK);
            sb_fuzz_must(w.logs[0].last.size == last.size);
        }
    }
    sb_witness_close(&w);
    drop_heads();
    return cosigned;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    return sb_fuzz_run(one, data, len, (sb_fuzz_bound){2 * 1024 * 1024, 256});
}
