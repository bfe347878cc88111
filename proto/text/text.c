#include "proto/text/text.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

typedef struct pair {
    const char *in[2]; /* by sb_lang */
} pair;

/* ---- templates ---- */

enum { ARGS_MAX = 8 };

/* {n} becomes the n-th argument; all other text, braces too, stays. */
static void render(sb_buf *out, const char *template, const char *const *args, uint32_t argc)
{
    for (const char *p = template; *p != '\0'; p++) {
        bool is_argument = p[0] == '{' && p[1] >= '0' && p[1] < '0' + ARGS_MAX && p[2] == '}';
        if (!is_argument) {
            sb_buf_add(out, sb_slice_of(p, 1));
            continue;
        }
        uint32_t n = (uint32_t)(p[1] - '0');
        sb_buf_str(out, n < argc ? args[n] : "?");
        p += 2;
    }
}

bool sb_lang_parse(const char *code, sb_lang *out)
{
    bool is_en = strcmp(code, "en") == 0;
    if (!is_en && strcmp(code, "nb") != 0 && strcmp(code, "no") != 0)
        return false;
    *out = is_en ? SB_LANG_EN : SB_LANG_NB;
    return true;
}

/* ---- refusals ---- */

const char *sb_text_error(sb_err code, sb_lang lang)
{
    switch (code) {
    case SB_OK:
        return NULL;
#define SB_ERROR(name, number, exit, nb, en)                                                       \
    case name:                                                                                     \
        return lang == SB_LANG_EN ? en : nb;
#include "proto/base/errors.def"
#undef SB_ERROR
    }
    return NULL;
}

/* ---- words ---- */

static const struct word {
    sb_text_family family;
    uint32_t value;
    const char *code;
    pair text;
} words[] = {
#define SB_WORD(family, value, code, nb, en) {SB_TEXT_##family, value, code, {{nb, en}}},
#include "proto/text/words.def"
#undef SB_WORD
};

enum { WORDS = sizeof words / sizeof *words };

static const struct word *find_word(sb_text_family family, uint32_t value)
{
    for (size_t i = 0; i < WORDS; i++)
        if (words[i].family == family && words[i].value == value)
            return &words[i];
    return NULL;
}

const char *sb_text_word(sb_text_family family, uint32_t value, sb_lang lang)
{
    const struct word *w = find_word(family, value);
    return w != NULL ? w->text.in[lang] : "?";
}

const char *sb_text_chair_basis(uint32_t basis, const char *office_name, sb_lang lang)
{
    bool is_ours = office_name == NULL || office_name[0] == '\0' ||
                   strcmp(office_name, sb_text_word(SB_TEXT_CHAIR_BASIS, basis, SB_LANG_NB)) == 0 ||
                   strcmp(office_name, sb_text_word(SB_TEXT_CHAIR_BASIS, basis, SB_LANG_EN)) == 0;
    return is_ours ? sb_text_word(SB_TEXT_CHAIR_BASIS, basis, lang) : office_name;
}

const char *sb_text_code(sb_text_family family, uint32_t value)
{
    const struct word *w = find_word(family, value);
    return w != NULL ? w->code : NULL;
}

bool sb_text_parse(sb_text_family family, sb_slice code, uint32_t *value)
{
    for (size_t i = 0; i < WORDS; i++) {
        if (words[i].family == family && sb_slice_eq(sb_slice_str(words[i].code), code)) {
            *value = words[i].value;
            return true;
        }
    }
    return false;
}

const char *sb_text_code_at(sb_text_family family, size_t at)
{
    for (size_t i = 0; i < WORDS; i++)
        if (words[i].family == family && at-- == 0)
            return words[i].code;
    return NULL;
}

/* ---- arguments that are words ---- */

static const char *const family_names[] = {
#define SB_FAMILY(name) #name,
#include "proto/text/families.def"
#undef SB_FAMILY
};

enum { FAMILIES = sizeof family_names / sizeof *family_names };

void sb_text_arg(char out[SB_TEXT_ARG_BYTES], sb_text_family family, uint32_t value)
{
    (void)snprintf(out, SB_TEXT_ARG_BYTES, "@%s:%u", family_names[family], value);
}

static void say_list(sb_buf *out, sb_text_family family, uint32_t bits, sb_lang lang)
{
    for (uint32_t bit = 0; bit < 32; bit++) {
        if ((bits & (UINT32_C(1) << bit)) == 0)
            continue;
        if (out->len > 0)
            sb_buf_str(out, ", ");
        sb_buf_str(out, sb_text_word(family, bit, lang));
    }
}

/* Append the word that "@FAMILY:value" stands for, or the day of "@DATE:20220120"; nothing when it
 * is a text. */
static void say_arg(sb_buf *out, const char *arg, sb_lang lang)
{
    const char *colon = arg[0] == '@' ? strchr(arg, ':') : NULL;
    uint32_t value = 0;
    if (colon == NULL || colon[1] == '\0' || strlen(colon + 1) > 9)
        return;
    for (const char *c = colon + 1; *c != '\0'; c++) {
        if (*c < '0' || *c > '9')
            return;
        value = value * 10 + (uint32_t)(*c - '0');
    }
    sb_slice name = sb_slice_of(arg + 1, (size_t)(colon - arg - 1));
    if (sb_slice_eq(name, sb_slice_str("DATE")))
        sb_text_wire_date_short(out, lang, value);
    for (uint32_t f = 0; f < FAMILIES; f++) {
        if (!sb_slice_eq(sb_slice_str(family_names[f]), name))
            continue;
        if (f == SB_TEXT_CAPABILITY)
            say_list(out, SB_TEXT_CAPABILITY, value, lang);
        else
            sb_buf_str(out, sb_text_word((sb_text_family)f, value, lang));
    }
}

/* On one line: it may be a peer's, and no line of it may pass for ours. */
static void say_text(sb_buf *out, const char *arg)
{
    for (const char *c = arg; *c != '\0'; c++)
        sb_buf_add(out, sb_slice_of(*c == '\n' || *c == '\r' || *c == '\t' ? " " : c, 1));
}

void sb_text_fail(const sb_fail *fail, sb_lang lang, sb_buf *out)
{
    const char *template = sb_text_error(fail->code, lang);
    if (template == NULL) {
        sb_buf_printf(out, "%s %d", lang == SB_LANG_EN ? "error" : "feil", (int)fail->code);
        return;
    }
    const char *args[SB_FAIL_ARGS_MAX] = {NULL};
    sb_buf said[SB_FAIL_ARGS_MAX];
    uint32_t argc = fail->argc < SB_FAIL_ARGS_MAX ? fail->argc : SB_FAIL_ARGS_MAX;
    for (uint32_t i = 0; i < argc; i++) {
        sb_buf_init(&said[i]);
        say_arg(&said[i], fail->arg[i], lang);
        if (said[i].len == 0)
            say_text(&said[i], fail->arg[i]);
        args[i] = sb_buf_cstr(&said[i]);
    }
    render(out, template, args, argc);
    for (uint32_t i = 0; i < argc; i++)
        sb_buf_deinit(&said[i]);
}

/* ---- messages ---- */

static const pair messages[] = {
#define SB_MESSAGE(name, nb, en) {{nb, en}},
#include "proto/text/messages.def"
#undef SB_MESSAGE
};

const char *sb_text(sb_msg msg, sb_lang lang)
{
    assert(msg < SB_MSG_COUNT);
    return messages[msg].in[lang];
}

void sb_text_format(sb_buf *out, sb_lang lang, sb_msg msg, ...)
{
    const char *args[ARGS_MAX];
    uint32_t argc = 0;
    va_list list;
    va_start(list, msg);
    const char *arg;
    while (argc < ARGS_MAX && (arg = va_arg(list, const char *)) != NULL)
        args[argc++] = arg;
    va_end(list);
    render(out, sb_text(msg, lang), args, argc);
}

void sb_text_list(sb_buf *out, sb_lang lang, const char *const *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && i + 1 < count)
            sb_buf_str(out, ", ");
        else if (i > 0)
            sb_buf_printf(out, " %s ", sb_text(SB_MSG_AND, lang));
        sb_buf_str(out, items[i]);
    }
}
