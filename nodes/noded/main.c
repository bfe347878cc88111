/* samband-node DIR: an organisation's own copy of the history. (samband-node check DIR, repair DIR:
 * keep.h.)
 *
 * It holds the witness key and the whole signed history in LMDB. In order: read the configuration
 * and the federation file; open the store and check it; serve members on the local socket; dial the
 * broker, the standbys and the other nodes that the configuration names; then loop: take frames, open leaves in the pool (the next while these are folded), let the
 * follower (pure) verify, fold and decide, commit durably, only then cosign. It shows as confirmed
 * only what is final.
 */
#include <stdlib.h>

#include "nodes/host/daemon.h"
#include "nodes/host/federation_file.h"
#include "nodes/host/file.h"
#include "nodes/host/keystore.h"
#include "nodes/host/log.h"
#include "nodes/noded/keep.h"
#include "nodes/noded/node.h"

#define NAME "samband-node"

static const char ABOUT_NB[] = "noden: organisasjonens egen kopi av historien\n"
                               "samband-node kontroller KATALOG: er lageret helt?\n"
                               "samband-node reparer KATALOG: gjør et skadet lager helt igjen";
static const char ABOUT_EN[] = "the node: the organisation's own copy of the history\n"
                               "samband-node check DIRECTORY: is the store whole?\n"
                               "samband-node repair DIRECTORY: make a damaged store whole again";

typedef struct opened {
    sb_node_config config;
    sb_federation federation;
    sb_secret *witness;
    sb_curve_keys curve;
    uint8_t broker_curve_pk[32];
} opened;

static sb_err read_all(const char *dir, sb_arena *arena, opened *o, sb_fail *fail)
{
    static const sb_passphrase_source never = {.never_ask = true};
    sb_err err = sb_node_config_read(dir, arena, &o->config, fail);
    if (err == SB_OK)
        err = sb_dir_check_private(dir, fail);
    if (err == SB_OK)
        err = sb_dir_check_private(o->config.store, fail);
    if (err == SB_OK && (!sb_file_exists(o->config.federation) || o->config.broker[0] == '\0'))
        err = sb_fail_set(fail, SB_E_DAEMON_NO_FEDERATION, o->config.federation, NULL);
    if (err == SB_OK)
        err = sb_federation_read(o->config.federation, arena, &o->federation, fail);
    if (err == SB_OK)
        err = sb_keystore_load(o->config.witness_key, SB_KEY_WITNESS, &never, &o->witness, fail);
    if (err == SB_OK)
        err = sb_keystore_load_curve(o->config.curve_key, o->curve.secret_key, o->curve.public_key,
                                     fail);
    if (err == SB_OK)
        memcpy(o->broker_curve_pk,
               o->config.has_broker_curve ? o->config.broker_curve_pk
                                          : o->federation.genesis->broker_curve_pk.data,
               32);
    return err;
}

static sb_err open_history(sb_node *n, const opened *o, sb_fail *fail)
{
    const sb_store_opts opts = {
        .kind = "node", .create = true, .federation_id = o->federation.federation_id};
    sb_err err = sb_history_open(&n->history, o->config.store, &opts, fail);
    if (err != SB_OK)
        return err;
    uint8_t id[32];
    if (sb_ledger_federation_id(n->history.ledger, id) &&
        memcmp(id, o->federation.federation_id, 32) != 0)
        return sb_fail_set(fail, SB_E_DAEMON_WRONG_FEDERATION, o->config.store, NULL);
    n->fol_opts = (sb_fol_opts){.ledger = n->history.ledger,
                                .log = n->history.reader,
                                .own = sb_store_own(n->history.store),
                                .witness = o->witness,
                                .organisation = o->config.organisation,
                                .has_federation_id = true};
    memcpy(n->fol_opts.federation_id, o->federation.federation_id, 32);
    return sb_follower_open(&n->follower, &n->fol_opts, fail);
}

/* A wrong file, or one that a replacement hasn't reached yet: it serves, and confirms nothing. */
static void warn_of_key(const sb_node *n, const opened *o)
{
    const Sb__Genesis *g = o->federation.genesis;
    const uint8_t *pk = sb_secret_pk(o->witness);
    bool is_known = false;
    sb_ledger_org org;
    for (uint32_t i = 0; i < sb_ledger_org_count(n->history.ledger); i++)
        if (sb_ledger_org_get(n->history.ledger, i, &org) &&
            strcmp(org.id, o->config.organisation) == 0)
            is_known = memcmp(org.witness_pk, pk, 32) == 0;
    for (size_t i = 0; i < g->n_organisations; i++)
        if (strcmp(g->organisations[i]->id, o->config.organisation) == 0)
            is_known = is_known || memcmp(g->organisations[i]->witness_pk.data, pk, 32) == 0;
    if (!is_known)
        sb_log(SB_LOG_WARN, "%s is not the key of %s in force: nothing is confirmed with it",
               o->config.witness_key, o->config.organisation);
}

static sb_err open_net(sb_node *n, const opened *o, sb_fail *fail)
{
    sb_err err = sb_net_zmq_open(&n->net, fail);
    if (err == SB_OK)
        err = sb_net_zmq_serve_local(n->net, o->config.socket, &n->local_link, fail);
    n->config = &o->config;
    n->federation = &o->federation;
    n->curve = &o->curve;
    memcpy(n->broker_curve_pk, o->broker_curve_pk, 32);
    n->listens = o->config.listen[0] != '\0';
    if (err == SB_OK && n->listens)
        err = sb_net_zmq_serve(n->net, o->config.listen, &o->curve, &n->peer_link, fail);
    if (err == SB_OK)
        sb_node_tend_links(n);
    return err;
}

static void close_all(sb_node *n, opened *o)
{
    sb_net_close(n->net);
    if (n->follower != NULL)
        sb_follower_close(n->follower);
    sb_history_close(&n->history);
    sb_pool_free(n->pool);
    sb_node_ahead_deinit(&n->ahead);
    sb_arena_deinit(&n->frame_arena);
    sb_buf_deinit(&n->probe);
    sb_secret_free(o->witness);
    sb_wipe(&o->curve, sizeof o->curve);
}

int main(int argc, char **argv)
{
    if (sb_keeper_wants(argc, argv))
        return sb_keeper_main(&SB_NODE_KEEPER, argc, argv);
    sb_arena arena;
    sb_fail fail = {0};
    sb_daemon_args args;
    int exit_code = 0;
    opened o = {0};
    sb_node *n = calloc(1, sizeof *n);
    sb_daemon_start(NAME);
    sb_arena_init(&arena);
    if (n == NULL ||
        !sb_daemon_args_read(NAME, ABOUT_NB, ABOUT_EN, argc, argv, &arena, &args, &exit_code)) {
        sb_arena_deinit(&arena);
        free(n);
        return exit_code;
    }
    sb_arena_init(&n->frame_arena);
    sb_node_ahead_init(&n->ahead);
    sb_buf_init(&n->probe);
    n->pool = sb_pool_new(0, SB_NODE_FRAMES_AHEAD * SB_NODE_SHARES_MAX);
    sb_err err = sb_sign_init(&fail);
    if (err == SB_OK)
        err = read_all(args.dir, &arena, &o, &fail);
    n->organisation = o.config.organisation;
    if (err == SB_OK)
        err = sb_daemon_clock(&n->clock, args.clock_file, o.federation.charter->rehearsal, &fail);
    if (err == SB_OK)
        err = open_history(n, &o, &fail);
    if (err == SB_OK)
        err = open_net(n, &o, &fail);
    if (err == SB_OK) {
        sb_log_setup(&n->clock, SB_LOG_INFO, NAME);
        warn_of_key(n, &o);
        sb_daemon_ready(NAME);
        err = sb_node_run(n, &fail);
    }
    if (err != SB_OK)
        exit_code = sb_daemon_end(NAME, &fail, args.lang);
    close_all(n, &o);
    sb_arena_deinit(&arena);
    free(n);
    return exit_code;
}
