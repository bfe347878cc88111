/* What people call things: numbers, dates, bodies, the first digits of an id. */
#include <ctype.h>
#include <stdio.h>

#include "nodes/cli/inside.h"
#include "proto/base/hash.h"

enum { PREFIX_MIN = 4 };

/* ---- reading answers ---- */

sb_err sb_doc_hex32(const sb_doc *map, const char *key, uint8_t out[32], sb_fail *fail)
{
    const char *text = NULL;
    sb_err err = sb_doc_need_text(map, key, &text, fail);
    if (err == SB_OK && !sb_unhex(sb_slice_str(text), out, 32))
        err = sb_fail_set(fail, SB_E_CLI_ANSWER, key, NULL);
    return err;
}

void sb_doc_refusal(sb_cli *cli, const sb_doc *refusal, sb_buf *out)
{
    sb_fail fail = {.code = (sb_err)sb_doc_num(refusal, "code")};
    const sb_doc *args = sb_doc_get(refusal, "args");
    for (uint32_t i = 0; i < sb_doc_count(args) && i < SB_FAIL_ARGS_MAX; i++)
        (void)snprintf(fail.arg[fail.argc++], SB_FAIL_ARG_BYTES, "%s",
                       (const char *)args->items[i]->text.data);
    sb_text_fail(&fail, cli->lang, out);
}

const char *sb_doc_date(sb_cli *cli, const sb_doc *map, const char *key)
{
    const char *text = sb_doc_str(map, key);
    uint32_t date = 0;
    const sb_fail before = cli->fail;
    if (text[0] == '\0')
        return "";
    sb_err err = sb_read_date(cli, text, &date);
    cli->fail = before;
    return err == SB_OK ? sb_cli_date(cli, date) : text;
}

const char *sb_doc_word(sb_cli *cli, sb_text_family family, const sb_doc *map, const char *key)
{
    uint32_t value = 0;
    const char *code = sb_doc_str(map, key);
    return sb_text_parse(family, sb_slice_str(code), &value)
               ? sb_text_word(family, value, cli->lang)
               : code;
}

/* ---- by the first digits of an id ---- */

static bool is_hex(const char *text)
{
    for (; *text != '\0'; text++)
        if (!isxdigit((unsigned char)*text))
            return false;
    return true;
}

static bool begins_with(const char *id, const char *prefix)
{
    for (; *prefix != '\0'; id++, prefix++)
        if (*id != tolower((unsigned char)*prefix))
            return false;
    return true;
}

sb_err sb_ref_in(sb_cli *cli, const sb_doc *list, const char *prefix, const char *what,
                 const char **id)
{
    const char *found = NULL;
    for (uint32_t i = 0; i < sb_doc_count(list) && is_hex(prefix); i++) {
        const char *one = sb_doc_str(list->items[i], "id");
        if (strlen(prefix) < PREFIX_MIN || !begins_with(one, prefix))
            continue;
        if (found != NULL)
            return sb_fail_set(&cli->fail, SB_E_CLI_AMBIGUOUS, prefix,
                               sb_arena_printf(&cli->arena, "%.12s, %.12s", found, one), NULL);
        found = one;
    }
    if (found == NULL)
        return sb_fail_set(&cli->fail, SB_E_CLI_NO_MATCH, what, prefix, NULL);
    *id = found;
    return SB_OK;
}

static bool is_id(const char *text)
{
    return strlen(text) == 64 && is_hex(text);
}

/* ---- cases ---- */

sb_err sb_ref_case(sb_cli *cli, const char *text, const sb_doc **doc, uint8_t id[32])
{
    sb_err err = sb_session_ask(cli, doc, "case", text, NULL);
    if (err == SB_E_NOT_FOUND && !is_id(text))
        return sb_fail_set(&cli->fail, SB_E_CLI_NO_MATCH, sb_cli_either(cli, "saken", "case"), text,
                           NULL);
    return err == SB_OK ? sb_doc_hex32(*doc, "id", id, &cli->fail) : err;
}

sb_err sb_position_case(sb_cli *cli, const sb_doc **doc, uint8_t id[32])
{
    return sb_ref_case(cli, sb_args_position(cli->args, 0), doc, id);
}

sb_err sb_case_facts(sb_cli *cli, const sb_doc *case_doc, const char *name, const sb_doc **list)
{
    *list = sb_doc_get(case_doc, name);
    return *list != NULL ? SB_OK
                         : sb_session_ask(cli, list, name, sb_doc_str(case_doc, "id"), NULL);
}

sb_err sb_option_case(sb_cli *cli, const char *option, const sb_doc **doc, uint8_t id[32])
{
    const char *text = sb_args_value(cli->args, option);
    *doc = NULL;
    return text == NULL ? SB_OK : sb_ref_case(cli, text, doc, id);
}

sb_err sb_ref_question(sb_cli *cli, const char *text, const sb_doc **doc, uint8_t id[32])
{
    const sb_doc *c = NULL;
    uint8_t case_id[32];
    char hex[65];
    sb_err err = sb_ref_case(cli, text, &c, case_id);
    if (err != SB_OK)
        return err;
    const char *ref = sb_doc_str(c, "question");
    sb_hex(sb_slice_of(case_id, 32), hex);
    err = sb_session_ask(cli, doc, "question", ref[0] != '\0' ? ref : hex, NULL);
    if (err == SB_E_NOT_FOUND)
        return sb_fail_set(&cli->fail, SB_E_CLI_NO_QUESTION, text, NULL);
    return err == SB_OK ? sb_doc_hex32(*doc, "id", id, &cli->fail) : err;
}

/* ---- meetings ---- */

/* Of a body's meetings: the open one; else the next that is called, or the last that was held. */
static const char *pick_meeting(const sb_doc *list, bool want_held)
{
    const char *best = NULL, *best_date = "";
    int best_rank = 99;
    for (uint32_t i = 0; i < sb_doc_count(list); i++) {
        const sb_doc *m = list->items[i];
        const char *status = sb_doc_str(m, "status"), *date = sb_doc_str(m, "date");
        bool held = strcmp(status, "closed") == 0, open = strcmp(status, "open") == 0;
        int rank = want_held ? (held ? 0 : open ? 1 : 2) : (open ? 0 : held ? 2 : 1);
        int order = strcmp(date, best_date);
        if (rank < best_rank || (rank == best_rank && (held ? order >= 0 : order < 0))) {
            best = sb_doc_str(m, "id");
            best_date = date;
            best_rank = rank;
        }
    }
    return best;
}

/* "ssu": a body's meeting. Else the first digits of an id, "fade12", as the node takes them. */
static sb_err meeting_by_word(sb_cli *cli, const char *word, const char **ref)
{
    const sb_doc *list = NULL;
    bool want_held = strcmp(cli->verb->noun, "minutes") == 0;
    sb_err err = sb_session_ask(cli, &list, "meetings", word, NULL);
    if (err == SB_OK) {
        *ref = pick_meeting(list, want_held);
        if (*ref == NULL)
            err = sb_fail_set(&cli->fail, SB_E_CLI_NO_MATCH,
                              sb_cli_either(cli, "noe møte i", "meeting of"), word, NULL);
        return err;
    }
    if (err == SB_E_NOT_FOUND) {
        *ref = word;
        err = SB_OK;
    }
    return err;
}

static sb_err meeting_by_date(sb_cli *cli, const char *body, const char *date, const char **ref)
{
    uint32_t d = 0;
    sb_err err = sb_read_date(cli, date, &d);
    if (err == SB_OK)
        *ref = sb_arena_printf(&cli->arena, "%s%s%04u-%02u-%02u", body, body[0] != '\0' ? ":" : "",
                               d / 10000, d / 100 % 100, d % 100);
    return err;
}

sb_err sb_ref_meeting(sb_cli *cli, const char *text, const char *date, const sb_doc **doc,
                      uint8_t id[32])
{
    const char *ref = text;
    size_t cut = strcspn(text, ": ");
    sb_err err = SB_OK;
    if (date != NULL)
        err = meeting_by_date(cli, text, date, &ref);
    else if (text[cut] != '\0')
        err = meeting_by_date(cli, sb_arena_str(&cli->arena, sb_slice_of(text, cut)),
                              text + cut + 1, &ref);
    else if (strchr(text, '-') != NULL && isdigit((unsigned char)text[0]))
        err = meeting_by_date(cli, "", text, &ref);
    else if (strchr(text, '.') != NULL)
        err = meeting_by_date(cli, "", text, &ref);
    else if (!is_id(text))
        err = meeting_by_word(cli, text, &ref);
    if (err == SB_OK)
        err = sb_session_ask(cli, doc, "meeting", ref, NULL);
    if (err == SB_E_NOT_FOUND)
        return sb_fail_set(&cli->fail, SB_E_CLI_NO_MATCH, sb_cli_either(cli, "møtet", "meeting"),
                           ref, NULL);
    return err == SB_OK ? sb_doc_hex32(*doc, "id", id, &cli->fail) : err;
}

sb_err sb_position_meeting(sb_cli *cli, const sb_doc **doc, uint8_t id[32])
{
    return sb_ref_meeting(cli, sb_args_position(cli->args, 0), sb_args_position(cli->args, 1), doc,
                          id);
}

/* The one open meeting there is. */
static sb_err only_open(sb_cli *cli, const char *body, const char **id)
{
    const sb_doc *list = NULL;
    sb_err err = sb_session_ask(cli, &list, "meetings", body, NULL);
    *id = NULL;
    for (uint32_t i = 0; err == SB_OK && i < sb_doc_count(list); i++) {
        if (strcmp(sb_doc_str(list->items[i], "status"), "open") != 0)
            continue;
        if (*id != NULL)
            return sb_args_missing(cli->args, "meeting", &cli->fail);
        *id = sb_doc_str(list->items[i], "id");
    }
    if (err == SB_OK && *id == NULL)
        err = sb_args_missing(cli->args, "meeting", &cli->fail);
    return err;
}

sb_err sb_meeting_of(sb_cli *cli, const sb_doc *case_doc, uint8_t id[32])
{
    const char *given = sb_args_value(cli->args, "meeting"), *hex = NULL, *body = NULL;
    const sb_doc *doc = NULL;
    if (given != NULL)
        return sb_ref_meeting(cli, given, NULL, &doc, id);
    const sb_doc *meeting = sb_doc_get(case_doc, "meeting");
    const sb_doc *treatments = sb_doc_get(case_doc, "treatments");
    uint32_t count = sb_doc_count(treatments);
    if ((meeting == NULL || meeting->kind == SB_DOC_NULL) && count > 0)
        meeting = sb_doc_get(treatments->items[count - 1], "meeting");
    sb_err err = SB_OK;
    if (meeting != NULL && meeting->kind == SB_DOC_MAP) {
        hex = sb_doc_str(meeting, "id");
    } else {
        body = case_doc != NULL ? sb_doc_str(case_doc, "body") : NULL;
        err = only_open(cli, body, &hex);
    }
    if (err == SB_OK && !sb_unhex(sb_slice_str(hex), id, 32))
        err = sb_fail_set(&cli->fail, SB_E_CLI_ANSWER, "meeting", NULL);
    return err;
}

/* ---- bodies and seats ---- */

static bool same(const char *a, const char *b)
{
    for (; *a != '\0' && tolower((unsigned char)*a) == tolower((unsigned char)*b); a++, b++)
        continue;
    return *a == *b;
}

sb_err sb_ref_body(sb_cli *cli, const char *text, const char **body_id)
{
    const sb_doc *list = NULL;
    sb_err err = sb_session_ask(cli, &list, "bodies", NULL);
    if (err != SB_OK)
        return err;
    for (uint32_t i = 0; i < sb_doc_count(list); i++) {
        const sb_doc *b = list->items[i];
        if (same(text, sb_doc_str(b, "id")) || same(text, sb_doc_str(b, "short_name")) ||
            same(text, sb_doc_str(b, "name"))) {
            *body_id = sb_doc_str(b, "id");
            return SB_OK;
        }
    }
    return sb_fail_set(&cli->fail, SB_E_CLI_NO_MATCH, sb_cli_either(cli, "organet", "body"), text,
                       NULL);
}

/* The id in a list of the charter whose id or name this is; NULL: none. */
static const char *id_in(const sb_doc *list, const char *text)
{
    for (uint32_t i = 0; i < sb_doc_count(list); i++)
        if (same(text, sb_doc_str(list->items[i], "id")) ||
            same(text, sb_doc_str(list->items[i], "name")) ||
            same(text, sb_doc_str(list->items[i], "short_name")))
            return sb_doc_str(list->items[i], "id");
    return NULL;
}

sb_err sb_ref_party(sb_cli *cli, const char *text, const char **id)
{
    static const char *const lists[] = {"parties", "organisations", "appointers", "partners",
                                        "bodies"};
    const sb_doc *charter = NULL;
    sb_err err = sb_session_ask(cli, &charter, "charter", NULL);
    *id = NULL;
    for (size_t i = 0; err == SB_OK && *id == NULL && i < sizeof lists / sizeof lists[0]; i++)
        *id = id_in(sb_doc_get(charter, lists[i]), text);
    if (err == SB_OK && *id == NULL)
        err = sb_fail_set(&cli->fail, SB_E_CLI_NO_MATCH, sb_cli_either(cli, "parten", "party"),
                          text, NULL);
    return err;
}

static bool means_all_parties(const char *text)
{
    return strcmp(text, "parties") == 0 || strcmp(text, "partene") == 0;
}

static sb_err all_parties(sb_cli *cli, char ***ids, size_t *count)
{
    const sb_doc *charter = NULL;
    sb_err err = sb_session_ask(cli, &charter, "charter", NULL);
    const sb_doc *parties = sb_doc_get(charter, "parties");
    *ids = SB_ARENA_ARRAY(&cli->arena, char *, sb_doc_count(parties) + 1);
    for (*count = 0; err == SB_OK && *count < sb_doc_count(parties); ++*count)
        (*ids)[*count] = (char *)(uintptr_t)sb_doc_str(parties->items[*count], "id");
    return err;
}

/* The comma-separated names of one value, each as sb_ref_party. */
static sb_err add_parties(sb_cli *cli, const char *value, char **ids, size_t *count)
{
    sb_err err = SB_OK;
    while (err == SB_OK && *value != '\0') {
        size_t len = strcspn(value, ",");
        char *text = NULL;
        const char *id = NULL;
        err = sb_read_text(cli, sb_arena_str(&cli->arena, sb_slice_of(value, len)), &text);
        value += len + (value[len] == ',');
        if (err != SB_OK || text[0] == '\0')
            continue;
        err = sb_ref_party(cli, text, &id);
        ids[(*count)++] = (char *)(uintptr_t)id;
    }
    return err;
}

sb_err sb_option_parties(sb_cli *cli, const char *option, char ***ids, size_t *count)
{
    const char *value;
    size_t room = 1;
    sb_err err = SB_OK;
    for (uint32_t n = 0; (value = sb_args_nth(cli->args, option, n)) != NULL; n++)
        room += strlen(value) / 2 + 1;
    if (sb_args_value(cli->args, option) != NULL &&
        means_all_parties(sb_args_value(cli->args, option)))
        return all_parties(cli, ids, count);
    *ids = SB_ARENA_ARRAY(&cli->arena, char *, room);
    *count = 0;
    for (uint32_t n = 0; err == SB_OK && (value = sb_args_nth(cli->args, option, n)) != NULL; n++)
        err = add_parties(cli, value, *ids, count);
    return err;
}

static sb_err no_seat(sb_cli *cli, const char *body)
{
    bool votes = cli->verb->types[0] == SB_ENTRY_BALLOT;
    return sb_fail_set(&cli->fail, votes ? SB_E_CLI_NO_SEAT_TO_VOTE : SB_E_CLI_NO_SEAT, body, NULL);
}

sb_err sb_own_seat(sb_cli *cli, const char *body, const char **seat)
{
    const char *path = NULL;
    const sb_doc *key = NULL;
    sb_keyfile_info info;
    char hex[65];
    *seat = sb_args_value(cli->args, "seat");
    if (*seat != NULL)
        return SB_OK;
    sb_err err = sb_home_key_info(cli, &path, &info);
    if (err != SB_OK)
        return err;
    sb_hex(sb_slice_of(info.public_key, 32), hex);
    err = sb_session_ask(cli, &key, "key", hex, NULL);
    if (err == SB_E_NOT_FOUND)
        return sb_fail_set(&cli->fail, SB_E_LEDGER_KEY_UNKNOWN,
                           sb_arena_printf(&cli->arena, "%.16s", hex), NULL);
    if (err != SB_OK)
        return err;
    const sb_doc *places = sb_doc_get(key, "places");
    for (uint32_t i = 0; i < sb_doc_count(places); i++) {
        const char *one = sb_doc_str(places->items[i], "seat");
        if (one[0] == '\0' ||
            (body != NULL && strcmp(sb_doc_str(places->items[i], "body"), body) != 0))
            continue;
        if (*seat != NULL && strcmp(*seat, one) != 0)
            return sb_fail_set(&cli->fail, SB_E_CLI_SEATS,
                               sb_arena_printf(&cli->arena, "%s, %s", *seat, one), NULL);
        *seat = one;
    }
    return *seat == NULL && body != NULL ? no_seat(cli, body) : SB_OK;
}

/* ---- prose ---- */

sb_err sb_blob_fetch(sb_cli *cli, const char *sha256_hex, sb_buf *out)
{
    uint8_t sha256[32], hash[32];
    Sb__Frame frame = SB__FRAME__INIT;
    Sb__BlobGet get = SB__BLOB_GET__INIT;
    sb_session *s = NULL;
    sb_err err = sb_session_connect(cli, &s);
    if (err == SB_OK && !sb_unhex(sb_slice_str(sha256_hex), sha256, 32))
        err = sb_fail_set(&cli->fail, SB_E_CLI_ANSWER, "blob", NULL);
    sb_buf_clear(out);
    frame.body_case = SB__FRAME__BODY_BLOB_GET;
    frame.blob_get = &get;
    get.sha256 = sb_bytes32(sha256);
    uint64_t size = 1;
    while (err == SB_OK && out->len < size) {
        sb_arena arena;
        const Sb__Frame *answer = NULL;
        sb_arena_init(&arena);
        get.offset = out->len;
        err = sb_session_request(cli, &frame, &arena, &answer);
        if (err == SB_OK && answer->body_case != SB__FRAME__BODY_BLOB_DATA)
            err = sb_fail_set(&cli->fail, SB_E_CLI_ANSWER, "blob", NULL);
        if (err == SB_OK && (answer->blob_data->size == 0 || answer->blob_data->data.len == 0 ||
                             answer->blob_data->size > SB_BLOB_BYTES_MAX))
            err = sb_fail_set(&cli->fail, SB_E_CLI_BLOB_MISSING,
                              sb_arena_printf(&cli->arena, "%.12s", sha256_hex), NULL);
        if (err == SB_OK) {
            size = answer->blob_data->size;
            sb_buf_add(out, sb_slice_of(answer->blob_data->data.data, answer->blob_data->data.len));
        }
        sb_arena_deinit(&arena);
    }
    sb_hash(sb_buf_slice(out), hash);
    if (err == SB_OK && memcmp(hash, sha256, 32) != 0)
        err = sb_fail_set(&cli->fail, SB_E_CLI_BLOB,
                          sb_arena_printf(&cli->arena, "%.12s", sha256_hex), NULL);
    return err;
}

/* Somebody's text within our lines: its own lines are set off, so that none of them passes for ours. */
const char *sb_quoted_lines(sb_arena *arena, const char *text)
{
    size_t len = strlen(text), lines = 0;
    while (len > 0 && text[len - 1] == '\n')
        len--;
    for (size_t i = 0; i < len; i++)
        lines += text[i] == '\n';
    static const char MARGIN[] = "\n      │ ";
    char *out = sb_arena_alloc(arena, len + lines * sizeof MARGIN + 1), *at = out;
    for (size_t i = 0; i < len; i++) {
        if (text[i] != '\n') {
            *at++ = text[i];
            continue;
        }
        memcpy(at, MARGIN, sizeof MARGIN - 1);
        at += sizeof MARGIN - 1;
    }
    *at = '\0';
    return out;
}

const char *sb_blob_text(sb_cli *cli, const sb_doc *ref)
{
    enum { SALT_BYTES = 32, SHOWN_BYTES_MAX = 64 * 1024 };
    const char *sha256 = sb_doc_str(ref, "sha256"), *text = NULL;
    bool erased = false;
    if (sha256[0] == '\0')
        return "";
    if (sb_doc_bool_or(ref, "erased", false, &erased, NULL) == SB_OK && erased)
        return sb_text(SB_MSG_BLOB_ERASED, cli->lang);
    const sb_fail before = cli->fail;
    sb_buf bytes;
    sb_buf_init(&bytes);
    if (sb_doc_num(ref, "size") <= SHOWN_BYTES_MAX && sb_blob_fetch(cli, sha256, &bytes) == SB_OK &&
        bytes.len >= SALT_BYTES)
        text = sb_quoted_lines(&cli->arena,
                               sb_arena_str(&cli->arena, sb_slice_of(bytes.data + SALT_BYTES,
                                                                     bytes.len - SALT_BYTES)));
    sb_buf_deinit(&bytes);
    cli->fail = before;
    return text != NULL ? text : sb_arena_printf(&cli->arena, "[%.12s…]", sha256);
}
