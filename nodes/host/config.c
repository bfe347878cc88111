#include "nodes/host/config.h"

#include "nodes/host/file.h"
#include "nodes/host/yaml_read.h"
#include "proto/base/hash.h"

void sb_node_config_init(sb_node_config *c, const char *dir, const char *organisation,
                         sb_arena *arena)
{
    *c = (sb_node_config){.dir = dir, .organisation = organisation, .broker = "", .listen = ""};
    c->socket = sb_path_join(arena, dir, "run/node.sock");
    c->federation = sb_path_join(arena, dir, SB_FEDERATION_FILE);
    c->witness_key = sb_path_join(arena, dir, "witness.key");
    c->curve_key = sb_path_join(arena, dir, "curve.key");
    c->store = sb_path_join(arena, dir, "store");
}

void sb_broker_config_init(sb_broker_config *c, const char *dir, const char *listen,
                           sb_arena *arena)
{
    *c = (sb_broker_config){.dir = dir, .listen = listen};
    c->socket = sb_path_join(arena, dir, "run/broker.sock");
    c->federation = sb_path_join(arena, dir, SB_FEDERATION_FILE);
    c->log_key = sb_path_join(arena, dir, "log.key");
    c->curve_key = sb_path_join(arena, dir, "curve.key");
    c->store = sb_path_join(arena, dir, "store");
}

/* ---- reading ---- */

bool sb_endpoint_valid(const char *endpoint)
{
    if (strncmp(endpoint, "tcp://", 6) != 0)
        return false;
    const char *host = endpoint + 6, *colon = strrchr(host, ':');
    if (colon == NULL || colon == host)
        return false;
    if (strcmp(colon, ":*") == 0)
        return true;
    uint32_t port = 0, digits = 0;
    for (const char *p = colon + 1; *p != '\0'; p++, digits++) {
        if (*p < '0' || *p > '9' || digits == 5)
            return false;
        port = port * 10 + (uint32_t)(*p - '0');
    }
    return digits > 0 && port <= 65535;
}

static sb_err check_endpoint(const sb_doc *root, const char *key, const char *endpoint,
                             sb_fail *fail)
{
    if (sb_endpoint_valid(endpoint))
        return SB_OK;
    return sb_doc_fail(sb_doc_get(root, key), SB_E_CONFIG_ENDPOINT, endpoint, NULL, fail);
}

static sb_err read_socket(const sb_doc *root, const char *dir, sb_arena *arena, const char **socket,
                          sb_fail *fail)
{
    const char *text = NULL;
    sb_err err = sb_doc_text_or(root, "socket", "", &text, fail);
    if (err == SB_OK && text[0] != '\0')
        *socket = sb_path_join(arena, dir, text);
    return err;
}

static sb_err read_broker_key(const sb_doc *root, sb_node_config *out, sb_fail *fail)
{
    const char *text = NULL;
    sb_err err = sb_doc_text_or(root, "broker-key", "", &text, fail);
    if (err != SB_OK || text[0] == '\0')
        return err;
    if (!sb_unhex(sb_slice_str(text), out->broker_curve_pk, 32))
        return sb_doc_fail(sb_doc_get(root, "broker-key"), SB_E_CONFIG_KEY, "broker-key", NULL,
                           fail);
    out->has_broker_curve = true;
    return SB_OK;
}

static sb_err read_peers(const sb_doc *root, sb_node_config *out, sb_fail *fail)
{
    const sb_doc *list = sb_doc_get(root, "peers");
    if (list == NULL || list->kind == SB_DOC_NULL)
        return SB_OK;
    sb_err err = sb_doc_want_list(list, fail);
    if (err == SB_OK && list->count > SB_NODE_PEERS_MAX)
        return sb_doc_fail(list, SB_E_CONFIG_PEERS, NULL, NULL, fail);
    for (uint32_t i = 0; err == SB_OK && i < list->count; i++) {
        const sb_doc *item = list->items[i];
        sb_node_peer *peer = &out->peers[i];
        err = sb_doc_only(item, fail, "organisation", "address", NULL);
        if (err == SB_OK)
            err = sb_doc_need_text(item, "organisation", &peer->organisation, fail);
        if (err == SB_OK)
            err = sb_doc_need_text(item, "address", &peer->address, fail);
        if (err == SB_OK)
            err = check_endpoint(item, "address", peer->address, fail);
        out->peer_count = i + 1;
    }
    return err;
}

sb_err sb_node_config_read(const char *dir, sb_arena *arena, sb_node_config *out, sb_fail *fail)
{
    const sb_doc *root = NULL;
    sb_node_config_init(out, dir, "", arena);
    sb_err err = sb_yaml_read(sb_path_join(arena, dir, "node.yaml"), arena, &root, fail);
    if (err == SB_OK)
        err = sb_doc_only(root, fail, "organisation", "broker", "broker-key", "socket", "listen",
                          "peers", NULL);
    if (err == SB_OK)
        err = sb_doc_need_text(root, "organisation", &out->organisation, fail);
    if (err == SB_OK)
        err = sb_doc_text_or(root, "broker", "", &out->broker, fail);
    if (err == SB_OK && out->broker[0] != '\0')
        err = check_endpoint(root, "broker", out->broker, fail);
    if (err == SB_OK)
        err = read_broker_key(root, out, fail);
    if (err == SB_OK)
        err = sb_doc_text_or(root, "listen", "", &out->listen, fail);
    if (err == SB_OK && out->listen[0] != '\0')
        err = check_endpoint(root, "listen", out->listen, fail);
    if (err == SB_OK)
        err = read_peers(root, out, fail);
    if (err == SB_OK)
        err = read_socket(root, dir, arena, &out->socket, fail);
    return err;
}

sb_err sb_broker_config_read(const char *dir, sb_arena *arena, sb_broker_config *out, sb_fail *fail)
{
    const sb_doc *root = NULL;
    sb_broker_config_init(out, dir, "", arena);
    sb_err err = sb_yaml_read(sb_path_join(arena, dir, "broker.yaml"), arena, &root, fail);
    if (err == SB_OK)
        err = sb_doc_only(root, fail, "listen", "standby", "socket", NULL);
    if (err == SB_OK)
        err = sb_doc_need_text(root, "listen", &out->listen, fail);
    if (err == SB_OK)
        err = check_endpoint(root, "listen", out->listen, fail);
    if (err == SB_OK)
        err = sb_doc_bool_or(root, "standby", false, &out->standby, fail);
    if (err == SB_OK)
        err = read_socket(root, dir, arena, &out->socket, fail);
    return err;
}

/* ---- writing ---- */

/* "key: value", unless the value is what the reader assumes. Values are ids, endpoints and paths:
 * in single quotes no character of theirs means anything to YAML but the quote itself. */
static void add_quoted(sb_buf *out, const char *value)
{
    sb_buf_str(out, "'");
    for (; *value != '\0'; value++)
        sb_buf_add(out, sb_slice_of(*value == '\'' ? "''" : value, *value == '\'' ? 2 : 1));
    sb_buf_str(out, "'");
}

static void add_line(sb_buf *out, const char *key, const char *value)
{
    sb_buf_printf(out, "%s: ", key);
    add_quoted(out, value);
    sb_buf_str(out, "\n");
}

/* The socket's path relative to DIR, when it lies there. */
static const char *below(const char *dir, const char *path)
{
    size_t len = strlen(dir);
    return strncmp(path, dir, len) == 0 && path[len] == '/' ? path + len + 1 : path;
}

static sb_err write_in(const char *dir, const char *name, const sb_buf *text, sb_fail *fail)
{
    sb_arena arena;
    sb_arena_init(&arena);
    sb_err err =
        sb_file_write(sb_path_join(&arena, dir, name), sb_buf_slice(text), SB_FILE_MODE, fail);
    sb_arena_deinit(&arena);
    return err;
}

sb_err sb_node_config_write(const sb_node_config *c, sb_fail *fail)
{
    sb_buf text;
    sb_buf_init(&text);
    sb_buf_str(&text, "# Samband: en organisasjons node.\n");
    add_line(&text, "organisation", c->organisation);
    if (c->broker[0] != '\0')
        add_line(&text, "broker", c->broker);
    if (c->has_broker_curve) {
        char hex[65];
        sb_hex(sb_slice_of(c->broker_curve_pk, 32), hex);
        add_line(&text, "broker-key", hex);
    }
    add_line(&text, "socket", below(c->dir, c->socket));
    if (c->listen[0] != '\0')
        add_line(&text, "listen", c->listen);
    if (c->peer_count > 0)
        sb_buf_str(&text, "peers:\n");
    for (uint32_t i = 0; i < c->peer_count; i++) {
        sb_buf_str(&text, "  - organisation: ");
        add_quoted(&text, c->peers[i].organisation);
        sb_buf_str(&text, "\n    address: ");
        add_quoted(&text, c->peers[i].address);
        sb_buf_str(&text, "\n");
    }
    sb_err err = write_in(c->dir, "node.yaml", &text, fail);
    sb_buf_deinit(&text);
    return err;
}

sb_err sb_broker_config_write(const sb_broker_config *c, sb_fail *fail)
{
    sb_buf text;
    sb_buf_init(&text);
    sb_buf_str(&text, "# Samband: føderasjonens megler.\n");
    add_line(&text, "listen", c->listen);
    if (c->standby)
        sb_buf_str(&text, "standby: true\n");
    add_line(&text, "socket", below(c->dir, c->socket));
    sb_err err = write_in(c->dir, "broker.yaml", &text, fail);
    sb_buf_deinit(&text);
    return err;
}
