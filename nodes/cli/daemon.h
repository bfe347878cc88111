/* What node and broker have in common: directories, the federation file, becoming the daemon. */
#ifndef SB_CLI_DAEMON_H
#define SB_CLI_DAEMON_H

#include "nodes/cli/inside.h"

extern const sb_arg_option SB_DAEMON_RUN_OPTIONS[];

/* DIR (0700) with run/ (0750) and store/, and the directory for keys and cards. DIR is empty, or
 * what a killed init left (*goes_on). Errors: SB_E_CLI_DIR_NOT_EMPTY, sb_dir_make's. */
sb_err sb_daemon_make_dirs(sb_cli *cli, const char *dir, const char *keys, bool *goes_on);
/* A new key; the one that lies there when an unfinished init goes on.
 * Errors: sb_keystore_new's, SB_E_FILE_EXISTS (a key of another role). */
sb_err sb_daemon_new_key(sb_cli *cli, const char *path, sb_key_role role,
                         const sb_passphrase_source *source, const sb_kdf_cost *cost, bool goes_on,
                         uint8_t pk[32]);
/* A card, never over another one unless an unfinished init goes on. */
sb_err sb_daemon_write_card(sb_cli *cli, const char *path, sb_slice text, bool goes_on);
/* "" is let through. Errors: SB_E_ARG_CHOICE. */
sb_err sb_daemon_check_endpoint(sb_cli *cli, const char *option, const char *endpoint);
/* --federation, checked. Errors: SB_E_ARG_OPTION_MISSING, the file's. */
sb_err sb_daemon_read_federation(sb_cli *cli, sb_federation *out);
/* … copied to `path`; the same file again is fine. Errors: SB_E_FILE_EXISTS for another one. */
sb_err sb_daemon_copy_federation(sb_cli *cli, const char *path);
/* The key file's public key is the one. Errors: SB_E_CLI_CARD_DIFFERS. */
sb_err sb_daemon_check_key(sb_cli *cli, const char *key_file, const uint8_t pk[32]);
/* Say what was done. */
void sb_daemon_done(sb_cli *cli, const char *dir);
/* Become the program that lies beside samband, with DIR and the options given.
 * Errors: SB_E_CLI_PROGRAM; else it doesn't return. */
sb_err sb_daemon_exec(sb_cli *cli, const char *program);
/* … with a verb of that program's own, DIR, --json and --lang. */
sb_err sb_daemon_exec_verb(sb_cli *cli, const char *program, const char *verb);
/* How a broker or a standby stands, in words (broker_status.c). */
void sb_say_broker(sb_cli *cli, const sb_doc *status);
/* The "status" of the node or broker at cli->node. */
sb_err sb_status_show(sb_cli *cli);

/* The daemon's disk is full, if it is. */
void sb_say_disk_full(sb_cli *cli, const sb_doc *status);
/* How a node stands, by its "status". */
void sb_say_node(sb_cli *cli, const sb_doc *status);

#endif
