/* A federation of real processes in one directory, for a rehearsal: made with the verbs that people
 * use (node init, charter compile, …), started, asked, killed, started again, stopped.
 *
 *     DIR/ keys/ people/ home/ nodes/<organisation>/ broker/ clock passphrase running names *.log
 *
 * Processes are known by name: "broker", or an organisation's id. Only processes that this program
 * started, or that DIR/running names and that still are ours, are ever signalled, by their id.
 */
#ifndef SB_CLI_REHEARSE_FED_H
#define SB_CLI_REHEARSE_FED_H

#include <sys/types.h>

#include "nodes/cli/cli.h"
#include "nodes/cli/rehearse_script.h"
#include "nodes/transport/net.h"
#include "proto/text/text.h"

/* Only who follows is waited for. */
typedef enum sb_reh_stand {
    SB_REH_FOLLOWS = 0,
    SB_REH_STOPPED, /* diverged or in conflict */
    SB_REH_LEFT     /* its organisation did: not asked either */
} sb_reh_stand;

typedef struct sb_reh_process {
    const char *name;
    const char *dir, *log, *socket;
    const char *program;    /* path */
    pid_t pid;              /* 0: not running */
    bool is_child;          /* started by this process: to be waited for */
    const char *fault;      /* SB_FAULT at its next start; NULL: none */
    const char *options[3]; /* of its next start, NULL-ended */
    sb_reh_stand stand;
    const char *why; /* it stopped, as it was said; NULL: not yet */
    bool may_stop;   /* the script expected it */
    sb_net *net;     /* nodes: NULL until asked */
    uint32_t peer;
    uint64_t request;
} sb_reh_process;

typedef struct sb_reh_fed {
    sb_arena *arena; /* for the whole rehearsal */
    const char *dir, *charter_path;
    const char *clock, *passphrase, *keys, *people, *home, *federation;
    const Sb__Charter *charter;
    sb_reh_process *processes; /* the broker, then nodes in charter order */
    uint32_t count;
    int64_t clock_ms;
    bool keep;         /* leave everything running */
    bool is_joined;    /* was running before us */
    bool is_temporary; /* a directory of ours, removed at the end when all went well */
    sb_lang lang;
    sb_cli_io io; /* of the last verb run */
} sb_reh_fed;

/* Who signs: a key file, the node it goes through, and what that person's samband remembers. */
typedef struct sb_reh_person {
    const char *key;
    const sb_reh_process *node;
    const char *home;
} sb_reh_person;

typedef struct sb_reh_fed_options {
    const char *dir;  /* NULL: a new temporary one */
    const char *join; /* NULL: make a federation */
    bool keep;
    const char *const *programs; /* "ORGANISATION=PATH", NULL-ended: another node program */
    sb_lang lang;
} sb_reh_fed_options;

/* Make and start a federation at `start_ms`, or find the one to join: every organisation accepted
 * the charter, and offices of all bodies are appointed, all of it final. `fed->charter` is read
 * from `charter_path`. On failure sb_reh_fed_end is still due. Errors: SB_E_REHEARSE_DIR,
 * _DIR_LONG, _PROCESS, _NO_FEDERATION, those of the verbs. */
sb_err sb_reh_fed_begin(sb_reh_fed *fed, sb_arena *arena, const sb_reh_fed_options *options,
                        const char *charter_path, int64_t start_ms, sb_fail *fail);
/* Stop what runs (SIGTERM, then SIGKILL) unless it is to be kept; remove a temporary directory when
 * `all_went_well`. */
void sb_reh_fed_end(sb_reh_fed *fed, bool all_went_well);

/* ---- processes ---- */

/* NULL when there is none of that name. */
sb_reh_process *sb_reh_process_named(sb_reh_fed *fed, const char *name);
/* Start what doesn't run, and wait until it serves. Errors: SB_E_REHEARSE_PROCESS. */
sb_err sb_reh_process_start(sb_reh_fed *fed, sb_reh_process *process, sb_fail *fail);
/* Sleep: the processes have work to do. */
void sb_reh_pause_ms(uint32_t ms);
/* SIGTERM, and wait until it is gone. */
void sb_reh_process_stop(sb_reh_fed *fed, sb_reh_process *process);
/* It is gone within the time. */
bool sb_reh_process_gone(sb_reh_process *process, uint32_t timeout_ms);
/* SIGKILL, and wait until it is gone. */
void sb_reh_process_kill(sb_reh_fed *fed, sb_reh_process *process);
/* SIGKILL, and its disk is gone: the broker's whole directory; of a node everything but its
 * configuration and key files, which are kept elsewhere too. Errors: SB_E_FILE_READ. */
sb_err sb_reh_process_lose(sb_reh_fed *fed, sb_reh_process *process, sb_fail *fail);
/* Name a process: its directory below the rehearsal's, its socket there, its program. */
void sb_reh_process_name(sb_reh_fed *fed, sb_reh_process *process, const char *name,
                         const char *dir, const char *socket, const char *program);
/* A port that nobody has right now. Errors: SB_E_NET_BIND. */
sb_err sb_reh_free_port(uint16_t *port, sb_fail *fail);
/* A new broker in place of the one that is lost, in DIR/<name>: the organisations whose nodes run
 * consent, it takes over in a new term, and all that waited is final. *term: that one.
 * Errors: those of the verbs, SB_E_REHEARSE_PROCESS, SB_E_REHEARSE_NOT_FINAL. */
sb_err sb_reh_take_over(sb_reh_fed *fed, const char *name, uint32_t timeout_s,
                        const sb_reh_step *step, uint32_t *term, sb_fail *fail);
/* The broker and enough nodes run for something to become final. */
bool sb_reh_fed_can_confirm(sb_reh_fed *fed);
/* It is there; one that has ended is noticed here. */
bool sb_reh_is_running(sb_reh_process *process);
/* Stop all, by their ids. */
void sb_reh_stop_all(sb_reh_fed *fed);
/* What DIR/running says runs. Errors: SB_E_REHEARSE_NO_FEDERATION. */
sb_err sb_reh_running_read(sb_reh_fed *fed, sb_fail *fail);
/* Replace the clock file. Errors: SB_E_CLOCK_BACKWARDS, SB_E_FILE_WRITE. */
sb_err sb_reh_fed_clock(sb_reh_fed *fed, int64_t ms, sb_fail *fail);

/* ---- asking and doing ---- */

/* Ask a node a query (nodes/noded/queries.h, proto/ledger/query.h); arguments closed by NULL.
 * Errors: what it refuses with; SB_E_CLI_NODE_SILENT. */
sb_err sb_reh_ask(sb_reh_fed *fed, sb_reh_process *node, sb_arena *arena, const sb_doc **doc,
                  sb_fail *fail, const char *name, ...) __attribute__((sentinel));
/* Run one verb as a person (NULL: nobody, for verbs that only make files): the words after
 * "samband", closed by NULL. The answer is in fed->io. Returns fed->io.fail.code. */
sb_err sb_reh_do(sb_reh_fed *fed, const sb_reh_person *person, const char *const *words,
                 sb_fail *fail);

/* The key file of a seat's holder, an office's or an organisation's authority; the node of that
 * person's organisation. False: no such id, or (seats and offices) nobody appointed with a key. */
bool sb_reh_person_of(sb_reh_fed *fed, const char *id, uint32_t role, sb_reh_person *out);
/* The clock's date, "2022-01-20", in the arena. */
const char *sb_reh_date(const sb_reh_fed *fed);
/* Make a member's key file, unless it is there. */
sb_err sb_reh_new_key(sb_reh_fed *fed, const char *path, sb_fail *fail);
/* Appoint to an office; key NULL: without; until NULL: no end. */
sb_err sb_reh_appoint_office(sb_reh_fed *fed, const Sb__Office *office, const char *key,
                             const char *name, const char *from, const char *until, sb_fail *fail);
/* Where such a key file is or will be. */
const char *sb_reh_seat_key(const sb_reh_fed *fed, const char *seat, uint32_t role);
const char *sb_reh_office_key(const sb_reh_fed *fed, const char *office);
/* The authority that appoints to a seat or office: an organisation; the secretariat where the
 * seat's appointer has no host. */
bool sb_reh_appointer_of_seat(sb_reh_fed *fed, const char *seat, sb_reh_person *out);
bool sb_reh_appointer_of_office(sb_reh_fed *fed, const Sb__Office *office, sb_reh_person *out);

/* ---- waiting ---- */

/* Wait until the leaf at `index` is final on every running node. A node that has stopped (diverged)
 * is left out from then on. Errors: SB_E_REHEARSE_NOT_FINAL {file, line, node, seconds}. */
sb_err sb_reh_await_final(sb_reh_fed *fed, uint64_t index, uint32_t timeout_s,
                          const sb_reh_step *step, sb_fail *fail);
/* … until every running node has nothing in its outbox, has settled deadlines before the clock, and
 * all it holds is final. */
sb_err sb_reh_await_quiet(sb_reh_fed *fed, uint32_t timeout_s, const sb_reh_step *step,
                          sb_fail *fail);

#endif
