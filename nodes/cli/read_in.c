/* What people type: dates, words, texts, files, lists, keys. Forgiving where only one thing can be
 * meant. */
#include <ctype.h>
#include <stdlib.h>

#include "nodes/cli/inside.h"
#include "nodes/host/file.h"
#include "nodes/host/nfc.h"
#include "proto/base/hash.h"
#include "proto/calendar/oslo.h"

/* ---- dates ---- */

/* 1 to `digits_max` digits, and what follows must be `end` (0: anything). */
static bool take_number(const char **at, int digits_max, char end, uint32_t *value)
{
    int digits = 0;
    for (*value = 0; **at >= '0' && **at <= '9' && digits < digits_max; digits++)
        *value = *value * 10 + (uint32_t)(*(*at)++ - '0');
    if (digits == 0 || (end != '\0' && **at != end))
        return false;
    if (end != '\0')
        (*at)++;
    return true;
}

enum { YEAR_MIN = 1900, YEAR_MAX = 2199 };

/* What is written as a date at the start of `text`, whether or not there is such a day; *rest: what
 * follows it. */
static bool parse_date(const char *text, sb_date *out, const char **rest)
{
    uint32_t year, month, day;
    const char *at = text;
    bool iso = take_number(&at, 4, '-', &year) && take_number(&at, 2, '-', &month) &&
               take_number(&at, 2, '\0', &day);
    if (!iso) {
        at = text;
        if (!take_number(&at, 2, '.', &day) || !take_number(&at, 2, '.', &month) ||
            !take_number(&at, 4, '\0', &year))
            return false;
    }
    *out = (sb_date){.year = (int32_t)year, .month = (uint8_t)month, .day = (uint8_t)day};
    *rest = at;
    return year >= 1000;
}

static sb_err check_date(sb_cli *cli, const char *text, sb_date date)
{
    if (!sb_date_valid(date))
        return sb_fail_set(&cli->fail, SB_E_CLI_DATE_NONE, text, NULL);
    if (date.year < YEAR_MIN || date.year > YEAR_MAX)
        return sb_fail_set(&cli->fail, SB_E_CLI_DATE_RANGE, text,
                           sb_arena_printf(&cli->arena, "%d", YEAR_MIN),
                           sb_arena_printf(&cli->arena, "%d", YEAR_MAX), NULL);
    return SB_OK;
}

static bool parse_clock(const char *text, uint32_t *minute)
{
    uint32_t hour, min;
    const char *at = text;
    bool ok = take_number(&at, 2, ':', &hour);
    if (!ok) {
        at = text;
        ok = take_number(&at, 2, '.', &hour);
    }
    ok = ok && take_number(&at, 2, '\0', &min) && *at == '\0' && hour < 48 && min < 60;
    if (ok)
        *minute = hour * 60 + min;
    return ok;
}

sb_err sb_read_date(sb_cli *cli, const char *text, uint32_t *yyyymmdd)
{
    sb_date date;
    const char *rest;
    if (!parse_date(text, &date, &rest) || *rest != '\0')
        return sb_fail_set(&cli->fail, SB_E_CLI_DATE, text, NULL);
    sb_err err = check_date(cli, text, date);
    if (err != SB_OK)
        return err;
    *yyyymmdd = (uint32_t)date.year * 10000 + date.month * 100u + date.day;
    return SB_OK;
}

sb_err sb_read_clock(sb_cli *cli, const char *text, uint32_t *minute)
{
    if (!parse_clock(text, minute))
        return sb_fail_set(&cli->fail, SB_E_CLI_TIME, text, NULL);
    return SB_OK;
}

sb_err sb_read_moment(sb_cli *cli, const char *text, uint64_t *ms)
{
    sb_date date;
    const char *rest;
    uint32_t minute = 12 * 60;
    if (!parse_date(text, &date, &rest))
        return sb_fail_set(&cli->fail, SB_E_CLI_DATE, text, NULL);
    sb_err err = check_date(cli, text, date);
    if (err != SB_OK)
        return err;
    while (*rest == ' ' || *rest == 'T')
        rest++;
    if (*rest != '\0' && (!parse_clock(rest, &minute) || minute >= 24 * 60))
        return sb_fail_set(&cli->fail, SB_E_CLI_TIME, rest, NULL);
    sb_civil civil = {
        .date = date, .hour = (uint8_t)(minute / 60), .minute = (uint8_t)(minute % 60)};
    *ms = (uint64_t)sb_oslo_to_utc(civil, SB_FOLD_FIRST);
    return SB_OK;
}

uint32_t sb_yyyymmdd(uint64_t ms)
{
    sb_date d = sb_oslo_date((int64_t)ms);
    return (uint32_t)d.year * 10000 + d.month * 100u + d.day;
}

sb_err sb_option_date(sb_cli *cli, const char *option, uint32_t otherwise, uint32_t *yyyymmdd)
{
    const char *text = sb_args_value(cli->args, option);
    *yyyymmdd = otherwise;
    return text == NULL ? SB_OK : sb_read_date(cli, text, yyyymmdd);
}

/* ---- words ---- */

/* Equal but for the letters' case (ASCII), '-' and '_' and ' ' being one. */
static bool same_word(const char *a, const char *b)
{
    for (;; a++, b++) {
        int x = *a == '_' || *a == ' ' ? '-' : tolower((unsigned char)*a);
        int y = *b == '_' || *b == ' ' ? '-' : tolower((unsigned char)*b);
        if (x != y)
            return false;
        if (x == '\0')
            return true;
    }
}

/* The word of the reader's language when it is one word, else the code. */
static const char *word_to_type(const sb_cli *cli, sb_text_family family, uint32_t value,
                                const char *code)
{
    const char *word = sb_text_word(family, value, cli->lang);
    return cli->lang == SB_LANG_EN || strchr(word, ' ') != NULL ? code : word;
}

sb_err sb_read_word(sb_cli *cli, sb_text_family family, const char *option, const char *text,
                    uint32_t *value)
{
    sb_buf list;
    sb_buf_init(&list);
    const char *code;
    for (size_t i = 0; (code = sb_text_code_at(family, i)) != NULL; i++) {
        uint32_t v = 0;
        (void)sb_text_parse(family, sb_slice_str(code), &v);
        if (same_word(text, code) || same_word(text, sb_text_word(family, v, SB_LANG_NB)) ||
            same_word(text, sb_text_word(family, v, SB_LANG_EN))) {
            *value = v;
            sb_buf_deinit(&list);
            return SB_OK;
        }
        sb_buf_printf(&list, "%s%s", i == 0 ? "" : ", ", word_to_type(cli, family, v, code));
    }
    bool is_option = islower((unsigned char)option[0]);
    sb_err err = sb_fail_set(&cli->fail, is_option ? SB_E_ARG_CHOICE : SB_E_CLI_WORD, option, text,
                             sb_buf_cstr(&list), NULL);
    sb_buf_deinit(&list);
    return err;
}

sb_err sb_option_word(sb_cli *cli, sb_text_family family, const char *option, uint32_t otherwise,
                      uint32_t *value)
{
    const char *text = sb_args_value(cli->args, option);
    *value = otherwise;
    return text == NULL ? SB_OK : sb_read_word(cli, family, option, text, value);
}

/* ---- texts and files ---- */

static sb_slice trim(sb_slice text)
{
    while (text.len > 0 && isspace(text.data[0]))
        text = sb_slice_of(text.data + 1, text.len - 1);
    while (text.len > 0 && isspace(text.data[text.len - 1]))
        text.len--;
    return text;
}

sb_err sb_read_text(sb_cli *cli, const char *text, char **out)
{
    sb_slice nfc = {0};
    sb_err err = sb_nfc(sb_slice_str(text), &cli->arena, &nfc, &cli->fail);
    if (err == SB_OK)
        *out = sb_arena_str(&cli->arena, trim(nfc));
    return err;
}

static sb_err upload_text(sb_cli *cli, sb_slice text, Sb__BlobRef **ref)
{
    sb_slice nfc = {0};
    sb_err err = sb_nfc(text, &cli->arena, &nfc, &cli->fail);
    return err == SB_OK ? sb_upload(cli, nfc, ref) : err;
}

sb_err sb_option_blob(sb_cli *cli, const char *option, bool required, Sb__BlobRef **ref)
{
    const char *with_file = sb_arena_printf(&cli->arena, "%s-file", option);
    const char *text = sb_args_value(cli->args, option);
    const char *file = sb_args_value(cli->args, with_file);
    *ref = NULL;
    if ((text != NULL && file != NULL) || (required && text == NULL && file == NULL))
        return sb_fail_set(&cli->fail, SB_E_CLI_ONE_OF, option, with_file, NULL);
    if (text != NULL)
        return upload_text(cli, trim(sb_slice_str(text)), ref);
    if (file == NULL)
        return SB_OK;
    sb_buf bytes;
    sb_buf_init(&bytes);
    sb_err err = sb_file_read(file, SB_BLOB_BYTES_MAX, &bytes, &cli->fail);
    if (err == SB_OK)
        err = upload_text(cli, sb_buf_slice(&bytes), ref);
    sb_buf_deinit(&bytes);
    return err;
}

sb_err sb_option_file(sb_cli *cli, const char *option, Sb__BlobRef **ref)
{
    const char *path = sb_args_value(cli->args, option);
    *ref = NULL;
    if (path == NULL)
        return SB_OK;
    sb_buf bytes;
    sb_buf_init(&bytes);
    sb_err err = sb_file_read(path, SB_BLOB_BYTES_MAX, &bytes, &cli->fail);
    if (err == SB_OK)
        err = sb_upload(cli, sb_buf_slice(&bytes), ref);
    sb_buf_deinit(&bytes);
    return err;
}

/* "NAME=FILE", or a file that is named after itself; a file that exists is never cut in two. */
static void name_and_file(sb_cli *cli, const char *given, const char **name, const char **file)
{
    const char *equals = strchr(given, '='), *slash = strrchr(given, '/');
    *file = given;
    *name = slash != NULL ? slash + 1 : given;
    if (equals == NULL || sb_file_exists(given))
        return;
    *name = sb_arena_str(&cli->arena, sb_slice_of(given, (size_t)(equals - given)));
    *file = equals + 1;
}

/* An attachment's content is its name in one line, then the file's bytes (PROTOCOL.md "Blobs"). */
static sb_err attach(sb_cli *cli, const char *given, bool has_file, Sb__BlobRef **ref)
{
    const char *name = given, *file = NULL;
    char *line = NULL;
    if (has_file)
        name_and_file(cli, given, &name, &file);
    sb_err err = sb_read_text(cli, name, &line);
    if (err != SB_OK)
        return err;
    for (char *p = line; *p != '\0'; p++)
        if (*p == '\n')
            *p = ' ';
    sb_buf content;
    sb_buf_init(&content);
    sb_buf_printf(&content, "%s\n", line);
    if (file != NULL)
        err = sb_file_read(file, SB_BLOB_BYTES_MAX, &content, &cli->fail);
    if (err == SB_OK)
        err = sb_upload(cli, sb_buf_slice(&content), ref);
    sb_buf_deinit(&content);
    return err;
}

sb_err sb_upload_attachment(sb_cli *cli, const char *given, Sb__BlobRef **ref)
{
    return attach(cli, given, true, ref);
}

sb_err sb_option_attachments(sb_cli *cli, Sb__BlobRef ***refs, size_t *count)
{
    const sb_args *a = cli->args;
    *refs = SB_ARENA_ARRAY(&cli->arena, Sb__BlobRef *, a->given_count + 1);
    *count = 0;
    sb_err err = SB_OK;
    for (uint32_t i = 0; err == SB_OK && i < a->given_count; i++) {
        bool has_file = strcmp(a->given[i].option->name, "attach") == 0;
        if (has_file || strcmp(a->given[i].option->name, "enclosed") == 0)
            err = attach(cli, a->given[i].value, has_file, &(*refs)[(*count)++]);
    }
    return err;
}

sb_err sb_option_claim(sb_cli *cli, Sb__Claim **claim)
{
    const char *when = sb_args_value(cli->args, "when"),
               *source = sb_args_value(cli->args, "source");
    uint32_t value = SB__SOURCE__SOURCE_OTHER;
    *claim = NULL;
    if (when == NULL && source == NULL)
        return SB_OK;
    Sb__Claim *c = SB_ARENA_NEW(&cli->arena, Sb__Claim);
    sb__claim__init(c);
    uint64_t now = 0;
    sb_err err = sb_option_word(cli, SB_TEXT_SOURCE, "source", value, &value);
    if (err == SB_OK)
        err = sb_session_now(cli, &now);
    c->claimed_at_ms = now;
    if (err == SB_OK && when != NULL)
        err = sb_read_moment(cli, when, &c->claimed_at_ms);
    /* "today", said before noon */
    if (err == SB_OK && when != NULL && strlen(when) <= 10 && c->claimed_at_ms > now &&
        sb_yyyymmdd(c->claimed_at_ms) == sb_yyyymmdd(now))
        c->claimed_at_ms = now;
    c->source = (Sb__Source)value;
    *claim = c;
    return err;
}

const char **sb_option_list(sb_cli *cli, const char *option, size_t *count)
{
    size_t room = 1;
    const char *value;
    for (uint32_t n = 0; (value = sb_args_nth(cli->args, option, n)) != NULL; n++)
        room += strlen(value) / 2 + 1;
    const char **out = SB_ARENA_ARRAY(&cli->arena, const char *, room);
    *count = 0;
    for (uint32_t n = 0; (value = sb_args_nth(cli->args, option, n)) != NULL; n++)
        while (*value != '\0') {
            size_t len = strcspn(value, ", ");
            if (len > 0)
                out[(*count)++] = sb_arena_str(&cli->arena, sb_slice_of(value, len));
            value += len + (value[len] != '\0' ? 1 : 0);
        }
    return out;
}

sb_err sb_read_pk(sb_cli *cli, const char *text, uint8_t pk[32])
{
    sb_keyfile_info info;
    if (strlen(text) == 64 && sb_unhex(sb_slice_str(text), pk, 32))
        return SB_OK;
    if (!sb_file_exists(text))
        return sb_fail_set(&cli->fail, SB_E_CLI_PK, text, NULL);
    sb_err err = sb_keystore_info(text, &info, &cli->fail);
    if (err == SB_OK)
        memcpy(pk, info.public_key, 32);
    return err;
}
