/* samband-broker DIR: puts the federation's signed entries in order; with --standby it follows the
 * nodes and is ready to.
 *
 * It holds the log key of its term and the whole history in LMDB. In order: read the configuration
 * and the federation file; open the store and check it; put the founding entries in if it is empty;
 * start the key checker, then listen; then loop: take frames, open entries in the pool, let the
 * sequencer (pure) decide, commit a batch durably, only then sign the head and answer.
 * It can order, delay or go away. It can't forge, alter, drop after a receipt, backdate (beyond the last
 * time that the nodes confirmed) or show two histories without every node and auditor seeing it.
 */
#include <stdlib.h>

#include "broker/brokerd/broker.h"
#include "broker/brokerd/keep.h"
#include "nodes/host/daemon.h"
#include "nodes/host/federation_file.h"
#include "nodes/host/file.h"
#include "nodes/host/keystore.h"
#include "nodes/host/log.h"
#include "proto/base/cursor.h"

#define NAME "samband-broker"

static const char ABOUT_NB[] =
    "megleren: setter signerte oppføringer i rekkefølge\n"
    "samband-broker kontroller KATALOG: er lageret helt?\n"
    "samband-broker reparer KATALOG: regn ut på nytt det som kan regnes ut";
static const char ABOUT_EN[] =
    "the broker: orders signed entries\n"
    "samband-broker check DIRECTORY: is the store whole?\n"
    "samband-broker repair DIRECTORY: work out anew what can be worked out";

typedef struct opened {
    sb_broker_config config;
    sb_federation federation;
    sb_secret *log_key;
    sb_curve_keys curve;
} opened;

static sb_err read_all(const char *dir, sb_arena *arena, opened *o, sb_fail *fail)
{
    static const sb_passphrase_source never = {.never_ask = true};
    sb_err err = sb_broker_config_read(dir, arena, &o->config, fail);
    if (err == SB_OK)
        err = sb_dir_check_private(dir, fail);
    if (err == SB_OK)
        err = sb_dir_check_private(o->config.store, fail);
    if (err == SB_OK && !sb_file_exists(o->config.federation))
        err = sb_fail_set(fail, SB_E_DAEMON_NO_FEDERATION, o->config.federation, NULL);
    if (err == SB_OK)
        err = sb_federation_read(o->config.federation, arena, &o->federation, fail);
    if (err == SB_OK)
        err = sb_keystore_load(o->config.log_key, SB_KEY_LOG, &never, &o->log_key, fail);
    if (err == SB_OK)
        err = sb_keystore_load_curve(o->config.curve_key, o->curve.secret_key, o->curve.public_key,
                                     fail);
    return err;
}

/* ---- broker or standby ---- */

/* It was restored, and hasn't taken a term over since: what it signed afterwards is missing. */
static bool is_restored(sb_broker *b)
{
    const uint8_t key = SB_BROKER_ROW_RESTORED;
    uint8_t made[5] = {SB_STANDBY_ROW_HANDOVER};
    sb_kv *own = sb_store_own(b->history.store);
    sb_slice value;
    if (!sb_kv_get(own, sb_slice_of(&key, 1), &value))
        return false;
    sb_reader r = sb_reader_over(value);
    uint32_t then = sb_read_u32(&r), term = sb_ledger_term(b->history.ledger);
    sb_writer w = sb_writer_over(made + 1, 4);
    sb_write_u32(&w, term);
    return r.failed || term <= then || !sb_kv_get(own, sb_slice_of(made, sizeof made), NULL);
}

/* Our log key ordered an earlier term, or the present one. */
static bool key_was_used(sb_broker *b)
{
    const uint8_t *ours = sb_secret_pk(b->log_key);
    sb_ledger_term_info info;
    if (memcmp(b->federation->genesis->log_pk.data, ours, 32) == 0)
        return true;
    for (uint32_t t = sb_ledger_term(b->history.ledger);
         t > 1 && sb_ledger_term_get(b->history.ledger, t, &info);
         t = sb_ledger_term_at(b->history.ledger,
                               info.index)) /* the one before: numbers have gaps */
        if (memcmp(info.log_pk, ours, 32) == 0)
            return true;
    return false;
}

/* The term's own broker may order at once; every other one follows first, if it was told to. */
static sb_err choose_mode(sb_broker *b, const opened *o, bool may_stand, bool *stands,
                          sb_fail *fail)
{
    uint8_t pk[32];
    sb_ledger *ledger = b->history.ledger;
    uint32_t term = sb_ledger_term(ledger),
             over = sb_sequencer_over(sb_store_own(b->history.store));
    bool is_empty = !sb_ledger_log_pk(ledger, pk);
    if (is_empty)
        memcpy(pk, b->federation->genesis->log_pk.data, 32);
    bool ours = memcmp(pk, sb_secret_pk(b->log_key), 32) == 0;
    bool restored = is_restored(b);
    *stands = may_stand && (is_empty || !ours || restored || over > term);
    if (*stands)
        return b->take_over && key_was_used(b)
                   ? sb_fail_set(fail, SB_E_BROKER_KEY_USED, o->config.log_key, NULL)
                   : SB_OK;
    if (restored)
        return sb_fail_set(fail, SB_E_BROKER_RESTORED, NULL);
    if (is_empty && !ours)
        return sb_fail_set(fail, SB_E_DAEMON_KEY, o->config.log_key, NULL);
    if (!ours)
        return sb_fail_set(fail, SB_E_BROKER_OTHER_KEY,
                           sb_arena_printf(&b->inboxes[0].items[0].arena, "%u", term),
                           o->config.log_key, NULL);
    if (term <= 1 &&
        memcmp(b->federation->genesis->broker_curve_pk.data, o->curve.public_key, 32) != 0)
        return sb_fail_set(fail, SB_E_DAEMON_KEY, o->config.curve_key, NULL);
    return SB_OK;
}

static sb_err open_core(sb_broker *b, const opened *o, bool may_stand, sb_fail *fail)
{
    bool stands = false;
    sb_err err = choose_mode(b, o, may_stand, &stands, fail);
    if (err == SB_OK && stands)
        return sb_broker_open_standby(b, fail);
    if (err == SB_OK)
        err = sb_broker_open_sequencer(b, true, fail);
    if (err == SB_OK && sb_ledger_term(b->history.ledger) <= 1)
        err = sb_broker_found(b, o->federation.entries, o->federation.entry_count, fail);
    return err;
}

static sb_err open_history(sb_broker *b, const opened *o, sb_fail *fail)
{
    const sb_store_opts opts = {
        .kind = "broker", .create = true, .federation_id = o->federation.federation_id};
    uint8_t id[32];
    sb_err err = sb_history_open(&b->history, o->config.store, &opts, fail);
    if (err == SB_OK && sb_ledger_federation_id(b->history.ledger, id) &&
        memcmp(id, o->federation.federation_id, 32) != 0)
        err = sb_fail_set(fail, SB_E_DAEMON_WRONG_FEDERATION, o->config.store, NULL);
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

static void inbox_init(sb_broker_inbox *inbox)
{
    for (size_t i = 0; i < SB_BROKER_INBOX; i++)
        sb_arena_init(&inbox->items[i].arena);
}

static void inbox_deinit(sb_broker_inbox *inbox)
{
    for (size_t i = 0; i < SB_BROKER_INBOX; i++) {
        sb_buf_deinit(&inbox->items[i].bytes);
        sb_arena_deinit(&inbox->items[i].arena);
    }
}

static void close_all(sb_broker *b, opened *o)
{
    sb_net_close(b->net);
    sb_sequencer_close(b->sequencer);
    sb_standby_close(b->standby);
    sb_missing_deinit(&b->missing);
    sb_history_close(&b->history);
    sb_pool_free(b->pool);
    inbox_deinit(&b->inboxes[0]);
    inbox_deinit(&b->inboxes[1]);
    sb_secret_free(o->log_key);
    sb_wipe(&o->curve, sizeof o->curve);
}

static const sb_arg_option OPTIONS[] = {
    SB_DAEMON_OPTION_CLOCK,
    SB_DAEMON_OPTION_LEVEL,
    {.name = "standby",
     .nb = "følg loggen som reserve; overta når megleren tier",
     .en = "follow the log as a standby; take over when the broker is silent"},
    {.name = "take-over",
     .nb = "som reserve: be om å få overta nå, uten å vente på taushet",
     .en = "as a standby: ask to take over now, without waiting for silence"},
    {0}};

int main(int argc, char **argv)
{
    if (sb_keeper_wants(argc, argv))
        return sb_keeper_main(&SB_BROKER_KEEPER, argc, argv);
    sb_arena arena;
    sb_fail fail = {0};
    sb_daemon_args args;
    sb_args given;
    int exit_code = 0;
    opened o = {0};
    sb_broker *b = calloc(1, sizeof *b);
    sb_daemon_start(NAME);
    sb_arena_init(&arena);
    if (b == NULL || !sb_daemon_args_read_with(NAME, ABOUT_NB, ABOUT_EN, OPTIONS, argc, argv,
                                               &arena, &given, &args, &exit_code)) {
        sb_arena_deinit(&arena);
        free(b);
        return exit_code;
    }
    inbox_init(&b->inboxes[0]);
    inbox_init(&b->inboxes[1]);
    b->pool = sb_pool_new(0, SB_BROKER_INBOX);
    sb_err err = sb_sign_init(&fail);
    if (err == SB_OK)
        err = read_all(args.dir, &arena, &o, &fail);
    if (err == SB_OK)
        err = sb_daemon_clock(&b->clock, args.clock_file, o.federation.charter->rehearsal, &fail);
    b->federation = &o.federation;
    b->log_key = o.log_key;
    b->take_over = sb_args_flag(&given, "take-over");
    bool may_stand = b->take_over || o.config.standby || sb_args_flag(&given, "standby");
    if (err == SB_OK)
        err = open_history(b, &o, &fail);
    if (err == SB_OK)
        err = open_core(b, &o, may_stand, &fail);
    if (err == SB_OK)
        err = open_net(b, &o, &fail);
    if (err == SB_OK) {
        sb_log_setup(&b->clock, SB_LOG_INFO, NAME);
        sb_daemon_ready(NAME);
        if (b->sequencer != NULL && sb_sequencer_awaits(b->sequencer, NULL))
            sb_log(SB_LOG_INFO, "hears from the nodes before it orders anything, at most %d s",
                   SB_SEQ_AWAIT_MS / 1000);
        err = sb_broker_run(b, &fail);
    }
    if (err != SB_OK)
        exit_code = sb_daemon_end(NAME, &fail, args.lang);
    close_all(b, &o);
    sb_arena_deinit(&arena);
    free(b);
    return exit_code;
}
