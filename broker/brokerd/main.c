/* samband-broker DIR: puts the federation's signed entries in order.
 *
 * It holds the log key of its term and the whole history in LMDB. In order: read the configuration
 * and the federation file; open the store and check it; put the founding entries in if it is empty;
 * start the key checker, then listen; then loop: take frames, open entries in the pool, let the
 * sequencer (pure) decide, commit a batch durably, only then sign the head and answer.
 * It can order, delay or go away. It can't forge, alter, drop after a receipt, backdate or show two
 * histories without every node and auditor seeing it.
 */
#include <stdlib.h>

#include "broker/brokerd/broker.h"
#include "nodes/host/daemon.h"
#include "nodes/host/federation_file.h"
#include "nodes/host/file.h"
#include "nodes/host/keystore.h"
#include "nodes/host/log.h"

#define NAME "samband-broker"

typedef struct opened {
    sb_broker_config config;
    sb_federation federation;
    sb_secret *log_key;
    sb_curve_keys curve;
} opened;

static sb_err check_keys(const opened *o, sb_fail *fail)
{
    if (memcmp(o->federation.genesis->log_pk.data, sb_secret_pk(o->log_key), 32) != 0)
        return sb_fail_set(fail, SB_E_DAEMON_KEY, o->config.log_key, NULL);
    if (memcmp(o->federation.genesis->broker_curve_pk.data, o->curve.public_key, 32) != 0)
        return sb_fail_set(fail, SB_E_DAEMON_KEY, o->config.curve_key, NULL);
    return SB_OK;
}

static sb_err read_all(const char *dir, sb_arena *arena, opened *o, sb_fail *fail)
{
    static const sb_passphrase_source never = {.never_ask = true};
    sb_err err = sb_broker_config_read(dir, arena, &o->config, fail);
    if (err == SB_OK && !sb_file_exists(o->config.federation))
        err = sb_fail_set(fail, SB_E_DAEMON_NO_FEDERATION, o->config.federation, NULL);
    if (err == SB_OK)
        err = sb_federation_read(o->config.federation, arena, &o->federation, fail);
    if (err == SB_OK)
        err = sb_keystore_load(o->config.log_key, SB_KEY_LOG, &never, &o->log_key, fail);
    if (err == SB_OK)
        err = sb_keystore_load_curve(o->config.curve_key, o->curve.secret_key, o->curve.public_key,
                                     fail);
    if (err == SB_OK)
        err = check_keys(o, fail);
    return err;
}

static sb_err open_history(sb_broker *b, const opened *o, sb_fail *fail)
{
    const sb_store_opts opts = {.kind = "broker", .create = true};
    uint8_t id[32];
    sb_err err = sb_history_open(&b->history, o->config.store, &opts, fail);
    if (err == SB_OK && sb_ledger_federation_id(b->history.ledger, id) &&
        memcmp(id, o->federation.federation_id, 32) != 0)
        err = sb_fail_set(fail, SB_E_DAEMON_WRONG_FEDERATION, o->config.store, NULL);
    if (err == SB_OK) {
        const sb_seq_opts seq_opts = {
            .ledger = b->history.ledger, .log = b->history.reader, .log_key = o->log_key};
        err = sb_sequencer_open(&b->sequencer, &seq_opts, fail);
    }
    if (err == SB_OK)
        err = sb_broker_found(b, o->federation.entries, o->federation.entry_count, fail);
    return err;
}

static sb_err open_net(sb_broker *b, const opened *o, sb_fail *fail)
{
    sb_err err = sb_net_zmq_open(&b->net, fail);
    if (err == SB_OK)
        err = sb_net_zmq_serve_local(b->net, o->config.socket, &b->local_link, fail);
    if (err == SB_OK)
        err = sb_net_zmq_serve(b->net, o->config.listen, &o->curve, &b->nodes_link, fail);
    return err;
}

static void close_all(sb_broker *b, opened *o)
{
    sb_net_close(b->net);
    if (b->sequencer != NULL)
        sb_sequencer_close(b->sequencer);
    sb_history_close(&b->history);
    sb_pool_free(b->pool);
    for (size_t i = 0; i < SB_BROKER_INBOX; i++) {
        sb_buf_deinit(&b->inbox[i].bytes);
        sb_arena_deinit(&b->inbox[i].arena);
    }
    sb_secret_free(o->log_key);
    sb_wipe(&o->curve, sizeof o->curve);
}

int main(int argc, char **argv)
{
    sb_arena arena;
    sb_fail fail = {0};
    sb_daemon_args args;
    int exit_code = 0;
    opened o = {0};
    sb_broker *b = calloc(1, sizeof *b);
    sb_daemon_start();
    sb_arena_init(&arena);
    if (b == NULL || !sb_daemon_args_read(NAME, "megleren: ordner signerte oppføringer",
                                          "the broker: orders signed entries", argc, argv, &arena,
                                          &args, &exit_code)) {
        sb_arena_deinit(&arena);
        free(b);
        return exit_code;
    }
    for (size_t i = 0; i < SB_BROKER_INBOX; i++)
        sb_arena_init(&b->inbox[i].arena);
    b->pool = sb_pool_new(0, SB_BROKER_INBOX);
    sb_err err = sb_sign_init(&fail);
    if (err == SB_OK)
        err = read_all(args.dir, &arena, &o, &fail);
    if (err == SB_OK)
        err = sb_daemon_clock(&b->clock, args.clock_file, o.federation.charter->rehearsal, &fail);
    if (err == SB_OK)
        err = open_history(b, &o, &fail);
    if (err == SB_OK)
        err = open_net(b, &o, &fail);
    if (err == SB_OK) {
        sb_log_setup(&b->clock, SB_LOG_INFO, NAME);
        sb_daemon_ready(NAME);
        err = sb_broker_run(b, &fail);
    }
    if (err != SB_OK)
        exit_code = sb_daemon_end(NAME, &fail, args.lang);
    close_all(b, &o);
    sb_arena_deinit(&arena);
    free(b);
    return exit_code;
}
