#include "proto/text/text.h"

#include <assert.h>
#include <stdarg.h>

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

void sb_text_fail(const sb_fail *fail, sb_lang lang, sb_buf *out)
{
    const char *template = sb_text_error(fail->code, lang);
    if (template == NULL) {
        sb_buf_printf(out, "%s %d", lang == SB_LANG_EN ? "error" : "feil", (int)fail->code);
        return;
    }
    const char *args[SB_FAIL_ARGS_MAX];
    uint32_t argc = fail->argc < SB_FAIL_ARGS_MAX ? fail->argc : SB_FAIL_ARGS_MAX;
    for (uint32_t i = 0; i < argc; i++)
        args[i] = fail->arg[i];
    render(out, template, args, argc);
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
