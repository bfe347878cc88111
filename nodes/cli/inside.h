/* Inside nodes/cli: what one command has at hand. */
#ifndef SB_CLI_INSIDE_H
#define SB_CLI_INSIDE_H

#include "nodes/charter/charter.h"
#include "nodes/cli/cli.h"
#include "nodes/cli/head.h"
#include "nodes/host/args.h"
#include "nodes/host/doc.h"
#include "nodes/host/keystore.h"
#include "nodes/transport/net.h"
#include "proto/base/json.h"
#include "proto/wire/entry.h"
#include "proto/wire/frame.h"
#include "proto/wire/payload.h"

typedef struct sb_cli sb_cli;

enum { SB_VERB_TYPES_MAX = 3 };

/* What cmd_<noun>.c says of one verb; lists ended by an entry without name. */
typedef struct sb_verb_spec {
    const sb_arg_position *positions;
    const sb_arg_option *options;
    sb_err (*run)(sb_cli *cli);
} sb_verb_spec;

/* A row of verbs.def. */
typedef struct sb_verb {
    const char *noun, *verb; /* verb NULL: the noun stands alone */
    const char *noun_nb, *verb_nb;
    const char *help_nb, *help_en;
    const char *done_nb, *done_en;    /* what was done, "" for verbs that only look */
    uint8_t types[SB_VERB_TYPES_MAX]; /* the entries it makes, ended by 0 */
    const sb_verb_spec *spec;
} sb_verb;

/* All rows; *count of them (may be NULL). */
const sb_verb *sb_cli_verbs(size_t *count);
/* The table as nodes/host/args wants it, commands in the arena in the order of sb_cli_verbs; names
 * of values in the language. */
const sb_program *sb_cli_program(sb_lang lang, sb_arena *arena);
/* argv with Norwegian nouns and verbs replaced, in the arena. */
char **sb_cli_unalias(int argc, const char *const *argv, sb_arena *arena);
/* The manual page samband(1), made from the table. */
void sb_cli_man(sb_buf *out);

struct sb_cli {
    sb_cli_io *io;
    const sb_args *args;
    const sb_verb *verb;
    sb_lang lang;
    sb_arena arena; /* for the whole command */
    sb_fail fail;
    sb_json json; /* the answer, an object that is open while the verb runs */
    bool json_replaced;
    /* The value, the environment variable, or NULL. */
    const char *home, *node, *key, *passphrase_file, *federation;
    struct sb_session *session;
};

/* ---- saying things ---- */

/* The one of the command's language. */
const char *sb_cli_either(const sb_cli *cli, const char *nb, const char *en)
    __attribute__((format_arg(2), format_arg(3)));
/* Append a line of text for people. */
void sb_cli_say(sb_cli *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));
void sb_cli_say_msg(sb_cli *cli, sb_msg msg, ...) __attribute__((sentinel));
/* A table in the making: cells by '\t' in lines, aligned when shown. */
void sb_cli_say_table(sb_cli *cli, const sb_buf *lines);
/* Long work: a line for who waits. */
void sb_cli_progress(sb_cli *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The whole answer is this JSON object instead. */
void sb_cli_json_whole(sb_cli *cli, sb_slice json);
/* "20. januar 2022 kl. 14.30" of UTC milliseconds, in Oslo; "20. januar 2022" of YYYYMMDD. */
const char *sb_cli_time(sb_cli *cli, uint64_t ms);
const char *sb_cli_date(sb_cli *cli, uint64_t yyyymmdd);
/* Lines that several nouns say. */
void sb_say_clauses(sb_cli *cli, const sb_doc *clauses);
/* What keeps a case waiting: a line each for its conditions, input rounds, actions, disputes. */
void sb_say_conditions(sb_cli *cli, const sb_doc *list);
void sb_say_inputs(sb_cli *cli, const sb_doc *list);
void sb_say_actions(sb_cli *cli, const sb_doc *list);
void sb_say_candidates(sb_cli *cli, const sb_doc *list);
void sb_say_disputes(sb_cli *cli, const sb_doc *list);
/* The word for one of {code, bokmål, English}, closed by NULL; the code itself when none fits. */
const char *sb_word_of(const sb_cli *cli, const char *const words[][3], const char *code);
/* … these, and its relations. Errors: those of queries. In cmd_case.c. */
sb_err sb_say_case_facts(sb_cli *cli, const sb_doc *case_doc);
/* Open conditions, waiting actions, outstanding input, open disputes and vacant places, everywhere:
 * what waits for somebody. In cmd_waiting.c. */
sb_err sb_say_waiting(sb_cli *cli);
const char *sb_case_status_word(const sb_cli *cli, const char *code);
const char *sb_meeting_status_word(const sb_cli *cli, const char *code);
/* Where a meeting's minutes stand, and what was asked of them; `meeting`: the query's answer. */
void sb_minutes_say_state(sb_cli *cli, const sb_doc *meeting);

/* ---- home.c: ~/.config/samband ---- */

/* The directory's path; made (0700) when `make`. */
sb_err sb_home(sb_cli *cli, bool make, const char **dir);
/* The last head seen in this federation; size 0 when none. */
sb_err sb_home_seen(sb_cli *cli, const uint8_t federation_id[32], sb_seen_head *out);
sb_err sb_home_see(sb_cli *cli, const uint8_t federation_id[32], const sb_seen_head *head);
/* Whom this member believes by now (trust-*.yaml), over what `trust` says by the federation file;
 * nothing is kept before something changes. */
sb_err sb_home_trust(sb_cli *cli, sb_trust *trust);
sb_err sb_home_keep_trust(sb_cli *cli, sb_trust *trust);
/* Where the trusted federation file lies in the home. */
sb_err sb_home_federation(sb_cli *cli, bool make, const char **path);
/* The key file to sign with: --key, SAMBAND_KEY, else HOME/member.key. Errors: SB_E_CLI_NO_KEY. */
sb_err sb_home_key(sb_cli *cli, const char **path);

/* … and what that file says without a passphrase. Errors: also SB_E_CLI_NOT_KEYFILE. */
sb_err sb_home_key_info(sb_cli *cli, const char **path, sb_keyfile_info *info);

/* ---- session.c: the connection to one's node ---- */

typedef struct sb_session {
    sb_net *net;
    uint32_t peer;
    uint64_t request; /* the last one used */
    const char *socket;
    bool is_broker; /* it is a broker's directory */
    bool has_federation;
    sb_federation federation; /* the one that is trusted */
    sb_trust trust;
} sb_session;

/* Connect when it wasn't done yet. Errors: SB_E_CLI_NO_NODE, SB_E_CLI_NODE_SILENT,
 * SB_E_CLI_BROKER_SILENT. */
sb_err sb_session_connect(sb_cli *cli, sb_session **out);
/* … and the federation file that this member trusts is read, and the node is of it.
 * Errors: also SB_E_CLI_NO_FEDERATION, SB_E_CLI_OTHER_FEDERATION. */
sb_err sb_session_open(sb_cli *cli, sb_session **out);
void sb_session_close(sb_session *session);
/* Send one frame (its `request` is set here) and wait for its answer, which lives in `arena`.
 * Errors: SB_E_NET_TIMEOUT, SB_E_NET_GONE, SB_E_FRAME_*. */
sb_err sb_session_request(sb_cli *cli, Sb__Frame *frame, sb_arena *arena, const Sb__Frame **answer);
sb_err sb_session_send(sb_cli *cli, Sb__Frame *frame);
/* The next frame that answers `request`; *answer NULL when the time is up. */
sb_err sb_session_wait(sb_cli *cli, uint64_t request, uint32_t timeout_ms, sb_arena *arena,
                       const Sb__Frame **answer);
/* Take an answer to `query`, which then asks for the rest of the list: from 0, that was all. *history is
 * kept from part to part. Errors: what the answer refuses it with; SB_E_CLI_ANSWER (it would never
 * end); SB_E_CLI_LIST_CHANGED (the parts are of two histories). */
sb_err sb_session_part(Sb__Query *query, uint64_t *history, const Sb__Answer *answer,
                       sb_fail *fail);
/* Ask a query, and a list (proto/ledger/query.h "Lists") until it is whole: `fn` gets the answer, or
 * each part, in order; they live in `arena`. Errors: what the node refuses it with; what `fn` says; as
 * sb_session_request. */
typedef sb_err (*sb_part_fn)(void *arg, sb_slice json);
sb_err sb_session_each(sb_cli *cli, sb_arena *arena, const char *name, const char *const *args,
                       size_t count, sb_part_fn fn, void *arg);
/* The same as one answer, however many parts it came in; arguments closed by NULL. The JSON lives in the command's arena.
 * Errors: what the node refuses it with; as sb_session_request. */
sb_err sb_session_query(sb_cli *cli, sb_slice *json, const char *name, ...)
    __attribute__((sentinel));
/* … read as a document. */
sb_err sb_session_ask(sb_cli *cli, const sb_doc **doc, const char *name, ...)
    __attribute__((sentinel));
/* … and that answer is the command's whole JSON. `arg` may be NULL. */
sb_err sb_session_show(sb_cli *cli, const sb_doc **doc, const char *name, const char *arg);
/* The same into an arena of the caller's, for loops. */
sb_err sb_session_query_in(sb_cli *cli, sb_arena *arena, sb_slice *json, const char *name,
                           const char *const *args, size_t count);
/* "head" with proof from the last head seen: verified, remembered (head.h).
 * Errors: SB_E_CLI_HEAD_*, SB_E_CLI_QUORUM. */
sb_err sb_session_verify_head(sb_cli *cli, sb_seen_head *head);
/* Its two halves: ask now, judge later. */
sb_err sb_session_ask_head(sb_cli *cli, sb_seen_head *last, const sb_doc **answer);
sb_err sb_session_judge_head(sb_cli *cli, const sb_seen_head *last, const sb_doc *answer,
                             sb_seen_head *head);
/* The node's legal clock: what "today" is, also in a rehearsal. */
sb_err sb_session_now(sb_cli *cli, uint64_t *ms);

/* ---- submit.c ---- */

/* Verify the node's head, sign the message, submit it, wait as --wait says, and tell what came of
 * it in words and JSON. `want`: the key's role. id[32] may be NULL. */
sb_err sb_submit(sb_cli *cli, sb_entry_type type, const ProtobufCMessage *message, sb_key_role want,
                 uint8_t *id);
/* The same of a member's entry that starts something, and the reference to it: "label: 12 digits",
 * the whole id under `key` in the answer. */
sb_err sb_submit_new(sb_cli *cli, sb_entry_type type, const ProtobufCMessage *message,
                     const char *key, const char *nb, const char *en);
/* One of several entries that a command makes: nothing is said of it, and its receipt is enough
 * (or that it lies in the outbox; the last one's sb_submit tells that). */
sb_err sb_submit_part(sb_cli *cli, sb_entry_type type, const ProtobufCMessage *message,
                      sb_key_role want, uint8_t *id);
/* Store content at the node under its hash (32 random bytes first). */
sb_err sb_upload(sb_cli *cli, sb_slice content, Sb__BlobRef **ref);

/* ---- read_in.c: what people type ---- */

/* "2022-01-20", "20.01.2022" → YYYYMMDD. Errors: SB_E_CLI_DATE, SB_E_CLI_DATE_NONE,
 * SB_E_CLI_DATE_RANGE. */
sb_err sb_read_date(sb_cli *cli, const char *text, uint32_t *yyyymmdd);
/* "12:00", "12.00" → minutes. Errors: SB_E_CLI_TIME. */
sb_err sb_read_clock(sb_cli *cli, const char *text, uint32_t *minute);
/* A date, maybe with a time after a blank or T (else noon), in Oslo → UTC ms. */
sb_err sb_read_moment(sb_cli *cli, const char *text, uint64_t *ms);
/* The legal date of UTC milliseconds. */
uint32_t sb_yyyymmdd(uint64_t ms);
/* An option's date; `otherwise` when not given. */
sb_err sb_option_date(sb_cli *cli, const char *option, uint32_t otherwise, uint32_t *yyyymmdd);
/* A value of a schema enum, by its code or its word in either language. Errors: SB_E_ARG_CHOICE;
 * SB_E_CLI_WORD when it isn't an option but a POSITION. */
sb_err sb_read_word(sb_cli *cli, sb_text_family family, const char *option, const char *text,
                    uint32_t *value);
sb_err sb_option_word(sb_cli *cli, sb_text_family family, const char *option, uint32_t otherwise,
                      uint32_t *value);
/* Text in NFC without blanks around it. */
sb_err sb_read_text(sb_cli *cli, const char *text, char **out);
/* --NAME TEXT or --NAME-file FILE, stored as a blob; NULL when neither is given and it need not be.
 * Errors: SB_E_CLI_ONE_OF. */
sb_err sb_option_blob(sb_cli *cli, const char *option, bool required, Sb__BlobRef **ref);
/* --NAME FILE: the file's bytes as a blob; NULL when it isn't given. */
sb_err sb_option_file(sb_cli *cli, const char *option, Sb__BlobRef **ref);
/* An appointment of the options of SB_OPTIONS_APPOINT, without claim. In cmd_member.c. */
sb_err sb_option_appoint(sb_cli *cli, Sb__Appoint *m);
/* --when and --source: NULL when neither is given. */
sb_err sb_option_claim(sb_cli *cli, Sb__Claim **claim);
/* --attach FILE, "NAME=FILE" or --enclosed NAME, in order: name, newline, bytes of the file. */
sb_err sb_option_attachments(sb_cli *cli, Sb__BlobRef ***refs, size_t *count);
/* One attachment, "NAME=FILE" or FILE. */
sb_err sb_upload_attachment(sb_cli *cli, const char *given, Sb__BlobRef **ref);
/* The values of an option that may repeat and hold lists: a,b c → three. In the arena. */
const char **sb_option_list(sb_cli *cli, const char *option, size_t *count);
/* 64 hex digits, a card or a key file → public key. */
sb_err sb_read_pk(sb_cli *cli, const char *text, uint8_t pk[32]);

/* ---- refs.c: what people call things ---- */

/* A case: "04/22", "ssu:04/22", entry id or the first digits of it. *doc: the query's answer. */
sb_err sb_ref_case(sb_cli *cli, const char *text, const sb_doc **doc, uint8_t id[32]);
/* A meeting: position n and the optional date after it: "ssu" (the open one, else the next),
 * "ssu 2022-01-20", "ssu:2022-01-20", entry id or the first digits of it. */
sb_err sb_ref_meeting(sb_cli *cli, const char *text, const char *date, const sb_doc **doc,
                      uint8_t id[32]);
/* A meeting by the first position and the optional second one. */
sb_err sb_position_meeting(sb_cli *cli, const sb_doc **doc, uint8_t id[32]);
/* A case by the first position. */
sb_err sb_position_case(sb_cli *cli, const sb_doc **doc, uint8_t id[32]);
/* An item of such a list by its number there ("2") or the first digits of its id. In cmd_action.c. */
sb_err sb_case_fact(sb_cli *cli, const sb_doc *case_doc, const char *name, const char *text,
                    const char *what, uint8_t id[32]);
/* Propose an action of the case that `case_ref` names. In cmd_action.c. */
sb_err sb_submit_action(sb_cli *cli, const char *case_ref, Sb__ActionPropose *m);
/* A list that belongs to a case ("conditions", "inputs", "actions", "candidates", "disputes"): of
 * the case's answer, else the query of that name. */
sb_err sb_case_facts(sb_cli *cli, const sb_doc *case_doc, const char *name, const sb_doc **list);
/* A case by an option; *doc NULL when it isn't given. */
sb_err sb_option_case(sb_cli *cli, const char *option, const sb_doc **doc, uint8_t id[32]);
/* A case's question: the open one, else its last. Errors: SB_E_CLI_NO_QUESTION. */
sb_err sb_ref_question(sb_cli *cli, const char *text, const sb_doc **doc, uint8_t id[32]);
/* Where something happens: --meeting, else the meeting whose agenda the case is on or was on last
 * (`case_doc`, may be NULL), else the one that is open. Errors: SB_E_ARG_OPTION_MISSING. */
sb_err sb_meeting_of(sb_cli *cli, const sb_doc *case_doc, uint8_t id[32]);
/* The id of the one item in the list that begins with these digits (at least four). `what` is named
 * in messages. Errors: SB_E_CLI_AMBIGUOUS, SB_E_CLI_NO_MATCH. */
sb_err sb_ref_in(sb_cli *cli, const sb_doc *list, const char *prefix, const char *what,
                 const char **id);
/* A body by id, short name or name. */
sb_err sb_ref_body(sb_cli *cli, const char *text, const char **body_id);
/* A party, organisation, appointer, partner or body by id or name, in that order, of the charter in
 * force. Errors: SB_E_CLI_NO_MATCH. */
sb_err sb_ref_party(sb_cli *cli, const char *text, const char **id);
/* The values of an option that may repeat and hold lists, each as sb_ref_party; "parties": all of
 * the charter's parties. */
sb_err sb_option_parties(sb_cli *cli, const char *option, char ***ids, size_t *count);
/* --seat, else the one seat that the key holds in the body (NULL: in any; *seat is NULL if none).
 * Errors: SB_E_LEDGER_KEY_UNKNOWN, SB_E_CLI_NO_SEAT, SB_E_CLI_NO_SEAT_TO_VOTE, SB_E_CLI_SEATS. */
sb_err sb_own_seat(sb_cli *cli, const char *body, const char **seat);
/* Content by its hash, checked; the 32 random bytes come first. Errors: SB_E_CLI_BLOB_MISSING,
 * SB_E_CLI_BLOB. */
sb_err sb_blob_fetch(sb_cli *cli, const char *sha256_hex, sb_buf *out);
/* The text behind {"sha256","size"}; "" for null; "[…]" when it isn't to be had or is long. */
const char *sb_blob_text(sb_cli *cli, const sb_doc *ref);
/* The same done to any text of somebody's that may have several lines. */
const char *sb_quoted_lines(sb_arena *arena, const char *text);
/* 64 hex digits under a key of a document. */
sb_err sb_doc_hex32(const sb_doc *map, const char *key, uint8_t out[32], sb_fail *fail);
/* A refusal as answers hold it, {"code","args"}, in words, appended. */
void sb_doc_refusal(sb_cli *cli, const sb_doc *refusal, sb_buf *out);
/* A date as the answers write it ("2022-01-20") in words; "" for null. */
const char *sb_doc_date(sb_cli *cli, const sb_doc *map, const char *key);
/* The word for a code of a family ("adopted" → "vedtatt"); "" for null. */
const char *sb_doc_word(sb_cli *cli, sb_text_family family, const sb_doc *map, const char *key);

/* The minutes of a meeting as they stand now (nodes/papers/minutes.h), `meeting` being the answer
 * of "meeting"; everything in the command's arena. In minutes_write.c. */
struct sb_minutes_model;
sb_err sb_minutes_ask(sb_cli *cli, const sb_doc *meeting, struct sb_minutes_model *model);

/* The document that the participants were sent last, {"sha256","size"}; NULL: none was. In
 * minutes_sent.c. */
const sb_doc *sb_minutes_sent(const sb_doc *meeting);
/* Append its content. Errors: SB_E_CLI_BLOB_MISSING, SB_E_CLI_BLOB. */
sb_err sb_minutes_sent_fetch(sb_cli *cli, const sb_doc *document, sb_buf *out);
/* "pdf", "md", …: how a file with this content is named; "txt" for text, "bin" for what isn't known.
 */
const char *sb_minutes_sent_ending(sb_slice content);
/* Who was there and where the minutes stand, for lists in the terminal (minutes_model.h). */
sb_err sb_minutes_ask_presence(sb_cli *cli, const sb_doc *meeting, struct sb_minutes_model *model);

/* Protobuf bytes that borrow. */
static inline ProtobufCBinaryData sb_bytes32(const uint8_t *data)
{
    return (ProtobufCBinaryData){.len = 32, .data = (uint8_t *)(uintptr_t)data};
}

/* ---- options that several verbs share ---- */

/* MØTE [DATO], SAK, [ORGAN] */
extern const sb_arg_position SB_MEETING_POSITION[], SB_CASE_POSITION[], SB_OPTIONAL_BODY[];

#define SB_OPTION_END                                                                              \
    {                                                                                              \
        .name = NULL                                                                               \
    }
#define SB_OPTION_TEXT(name_, nb_, en_)                                                            \
    {.name = name_, .value = "TEKST", .nb = nb_, .en = en_},                                       \
    {                                                                                              \
        .name = name_ "-file", .value = "FIL", .nb = "… fra en fil", .en = "… from a file"       \
    }
#define SB_OPTION_DEVICE                                                                              \
    {                                                                                                 \
        .name = "device", .value = "NØKKEL",                                                          \
        .nb = "den offentlige nøkkelen til enheten (eller nøkkelfilen); uten fører sekretariatet " \
              "stemmene",                                                                             \
        .en = "the device's public key (or key file); without it the secretariat records the "        \
              "votes"                                                                                 \
    }
#define SB_OPTIONS_APPOINT                                                                         \
    {.name = "seat", .value = "PLASS", .nb = "medlemsplassen", .en = "the seat"},                  \
        {.name = "deputy", .nb = "som personlig vara", .en = "as the personal deputy"},            \
        {.name = "office",                                                                         \
         .value = "VERV",                                                                          \
         .nb = "vervet: secretariat, leader, deputy-leader …",                                     \
         .en = "the office: secretariat, leader, deputy-leader …"},                                \
        SB_OPTION_TEXT("name", "navn og stilling", "name and title"), SB_OPTION_DEVICE,            \
        {.name = "from", .value = "DATO", .nb = "fra og med (i dag)", .en = "from (today)"},       \
    {                                                                                              \
        .name = "until", .value = "DATO", .nb = "til og med", .en = "until"                        \
    }
#define SB_OPTION_OWN_SEAT                                                                         \
    {                                                                                              \
        .name = "seat", .value = "PLASS", .nb = "medlemsplassen (ellers din egen)",                \
        .en = "the seat (else your own)"                                                           \
    }
#define SB_OPTION_CLAIM(nb_, en_)                                                                  \
    {.name = "when", .value = "DATO", .nb = nb_, .en = en_},                                       \
    {                                                                                              \
        .name = "source", .value = "KILDE",                                                        \
        .nb = "hvordan det er kjent: e-post, brev, telefon, meeting (i møtet) eller annet",        \
        .en = "how it is known: email, letter, meeting, telephone, other"                          \
    }
#define SB_OPTION_ATTACH                                                                           \
    {.name = "attach",                                                                             \
     .value = "FIL",                                                                               \
     .nb = "vedlegg; «NAVN=FIL» gir det et navn",                                                  \
     .en = "attachment; \"NAME=FILE\" names it",                                                   \
     .may_repeat = true},                                                                          \
    {                                                                                              \
        .name = "enclosed", .value = "NAVN", .nb = "vedlegg som bare nevnes ved navn",             \
        .en = "attachment that is only named", .may_repeat = true                                  \
    }

#endif
