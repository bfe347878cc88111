/* What lies in a daemon's directory: node.yaml, broker.yaml, witness.yaml, cards of nodes, brokers and
 * standbys, a predecessor. The first byte says which. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "nodes/charter/charter.h"
#include "nodes/charter/standby_card.h"
#include "nodes/host/config.h"
#include "nodes/host/file.h"
#include "nodes/host/keystore.h"
#include "nodes/witness/witness.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static char dir[64];

static void drop_dir(void)
{
    static const char *const FILES[] = {"node.yaml",   "broker.yaml", "witness.yaml",
                                        "witness.key", "card",        "heads",
                                        "evidence",    "predecessor", "note"};
    char path[128];
    for (size_t i = 0; i < sizeof FILES / sizeof *FILES; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", dir, FILES[i]);
        (void)remove(path);
    }
    (void)rmdir(dir);
}

static void get_ready(void)
{
    uint8_t pk[32];
    char path[128];
    (void)snprintf(dir, sizeof dir, "/dev/shm/sb-fuzz-%ld", (long)getpid());
    sb_fuzz_must(sb_sign_init(NULL) == SB_OK && sb_dir_make(dir, 0700, NULL) == SB_OK);
    (void)atexit(drop_dir);
    (void)snprintf(path, sizeof path, "%s/witness.key", dir);
    sb_fuzz_must(sb_keystore_new(path, SB_KEY_WITNESS, NULL, NULL, pk, NULL) == SB_OK);
}

/* Not synced: a plain write is enough here. */
static const char *put(const char *name, sb_slice bytes)
{
    static char path[128];
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = fopen(path, "wb");
    sb_fuzz_must(f != NULL && (bytes.len == 0 || fwrite(bytes.data, 1, bytes.len, f) == bytes.len));
    sb_fuzz_must(fclose(f) == 0);
    return path;
}

static sb_err read_witness(sb_slice bytes, sb_fail *fail)
{
    static sb_witness w;
    (void)put("witness.yaml", bytes);
    sb_err err = sb_witness_open(&w, dir, fail);
    sb_fuzz_must(w.log_count <= SB_WITNESS_LOGS_MAX);
    sb_witness_close(&w);
    return err;
}

static sb_err read_node(sb_slice bytes, sb_arena *arena, sb_fail *fail)
{
    sb_node_config c = {0};
    (void)put("node.yaml", bytes);
    sb_err err = sb_node_config_read(dir, arena, &c, fail);
    if (err == SB_OK) {
        sb_fuzz_must(c.organisation != NULL && c.socket != NULL && c.store != NULL);
        sb_fuzz_must(c.peer_count <= SB_NODE_PEERS_MAX);
        sb_fuzz_must(c.broker[0] == '\0' || sb_endpoint_valid(c.broker));
    }
    return err;
}

static sb_err read_one(uint8_t which, sb_slice bytes, sb_arena *arena, sb_fail *fail)
{
    sb_broker_config broker = {0};
    sb_node_card card;
    sb_standby_card standby = {0};
    const Sb__Predecessor *predecessor = NULL;
    switch (which % 6) {
    case 0:
        return read_node(bytes, arena, fail);
    case 1:
        (void)put("broker.yaml", bytes);
        return sb_broker_config_read(dir, arena, &broker, fail);
    case 2:
        return read_witness(bytes, fail);
    case 3:
        return sb_node_card_read(put("card", bytes), arena, &card, fail);
    case 4:
        return sb_standby_card_read(put("card", bytes), arena, &standby, fail);
    default:
        return sb_predecessor_read(put("predecessor", bytes), arena, &predecessor, fail);
    }
}

static bool one(sb_slice input)
{
    sb_arena arena;
    sb_fail fail = {0};
    if (dir[0] == '\0')
        get_ready();
    if (input.len == 0)
        return false;
    sb_arena_init(&arena);
    sb_err err = read_one(input.data[0], sb_slice_of(input.data + 1, input.len - 1), &arena, &fail);
    sb_fuzz_must(err == fail.code);
    sb_arena_deinit(&arena);
    return err == SB_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    return sb_fuzz_run(one, data, len, (sb_fuzz_bound){2 * 1024 * 1024, 2 * 1024});
}
