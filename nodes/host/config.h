/* What a daemon's directory says: DIR/node.yaml, DIR/broker.yaml, and where everything else lies.
 *
 *   DIR/                0700
 *     node.yaml         organisation: unn
 *                       broker: tcp://megler.example.no:7117   (may be missing: not joined yet)
 *                       broker-key: <64 hex>                    (may be missing: genesis has it)
 *                       socket: run/node.sock                   (may be missing)
 *                       listen: tcp://0.0.0.0:7118              (other nodes may dial; may be missing)
 *                       peers:                                  (other nodes to dial; may be missing)
 *                         - {organisation: tromso, address: tcp://samband.tromso.example.no:7118}
 *     broker.yaml       listen: tcp://0.0.0.0:7117
 *                       standby: true                           (may be missing: false)
 *                       socket: run/broker.sock                 (may be missing)
 *     federation.samband, witness.key | log.key, curve.key, store/, run/
 *
 * Paths in the structs are DIR joined with what the file says. Shared by the daemons and `samband`.
 */
#ifndef SB_HOST_CONFIG_H
#define SB_HOST_CONFIG_H

#include "nodes/host/doc.h"
#include "proto/base/buf.h"
#include "proto/base/limits.h"

/* A broker store's own row: u32be, the term it was in when it was restored from a backup. */
enum { SB_BROKER_ROW_RESTORED = 0x90 };

#define SB_FEDERATION_FILE "federation.samband"

/* Another organisation's node; its key is in the log. */
typedef struct sb_node_peer {
    const char *organisation, *address;
} sb_node_peer;

/* Strings live in the arena given to the reader. */
typedef struct sb_node_config {
    const char *dir;
    const char *organisation; /* charter id */
    const char *broker;       /* "tcp://host:port", "" when not joined yet */
    bool has_broker_curve;    /* else genesis says it */
    uint8_t broker_curve_pk[32];
    const char *socket;     /* DIR/run/node.sock */
    const char *federation; /* DIR/federation.samband */
    const char *witness_key, *curve_key;
    const char *store;  /* directory */
    const char *listen; /* "": nobody dials this node */
    sb_node_peer peers[SB_NODE_PEERS_MAX];
    uint32_t peer_count;
} sb_node_config;

typedef struct sb_broker_config {
    const char *dir;
    const char *listen; /* "tcp://0.0.0.0:7117" */
    bool standby;       /* follow, and take over when it comes to that */
    const char *socket; /* DIR/run/broker.sock */
    const char *federation;
    const char *log_key, *curve_key;
    const char *store;
} sb_broker_config;

/* A config with every path filled in and nothing else: for `init`. `organisation`, `listen` and
 * `dir` are borrowed. */
void sb_node_config_init(sb_node_config *c, const char *dir, const char *organisation,
                         sb_arena *arena);
void sb_broker_config_init(sb_broker_config *c, const char *dir, const char *listen,
                           sb_arena *arena);

/* Errors: SB_E_FILE_*, SB_E_DOC_* (with file and line), SB_E_CONFIG_ENDPOINT, SB_E_CONFIG_KEY. */
sb_err sb_node_config_read(const char *dir, sb_arena *arena, sb_node_config *out, sb_fail *fail);
sb_err sb_broker_config_read(const char *dir, sb_arena *arena, sb_broker_config *out,
                             sb_fail *fail);
/* Replace DIR/node.yaml, DIR/broker.yaml (0644). Errors: SB_E_FILE_WRITE, SB_E_FILE_*. */
sb_err sb_node_config_write(const sb_node_config *c, sb_fail *fail);
sb_err sb_broker_config_write(const sb_broker_config *c, sb_fail *fail);

/* True for "tcp://host:port" (port 0…65535 or *, host not empty). */
bool sb_endpoint_valid(const char *endpoint);

#endif
