#include "proto/wire/misfit.h"

#include <string.h>

sb_err sb_misfit_look(const Sb__Frame *frame, uint32_t engine, sb_fail *fail)
{
    if (frame->body_case != SB__FRAME__BODY_HELLO || frame->hello->engine == 0 ||
        frame->hello->engine == engine)
        return SB_OK;
    return sb_fail_num(fail, SB_E_FRAME_ENGINE, 2, frame->hello->engine, engine);
}

bool sb_misfit_is_time(sb_misfit *m, uint64_t mono_ms)
{
    if (m->told_ms != 0 && mono_ms - m->told_ms < SB_MISFIT_TELL_MS)
        return false;
    m->told_ms = mono_ms;
    return true;
}

bool sb_misfit_is_news(sb_misfit *m, uint64_t mono_ms, sb_err code)
{
    if (m->logged == code && mono_ms - m->logged_ms < SB_MISFIT_LOG_MS)
        return false;
    m->logged = code;
    m->logged_ms = mono_ms;
    return true;
}

static bool is_unreadable(sb_err code)
{
    return code == SB_E_FRAME_MALFORMED || code == SB_E_FRAME_UNKNOWN_FIELD ||
           code == SB_E_FRAME_BODY;
}

void sb_misfit_word(const sb_fail *why, sb_fail *word)
{
    if (is_unreadable(why->code))
        sb_fail_num(word, SB_E_FRAME_NEWER, 1, why->code, 0);
    else
        *word = *why;
}

void sb_misfit_answer(const sb_fail *why, sb_buf *out)
{
    static uint8_t none[32];
    char *args[SB_FAIL_ARGS_MAX];
    Sb__Refused refused = SB__REFUSED__INIT;
    refused.entry_id = (ProtobufCBinaryData){.len = sizeof none, .data = none};
    refused.code = (uint32_t)why->code;
    refused.n_args = why->argc;
    refused.args = args;
    for (uint32_t i = 0; i < why->argc; i++)
        args[i] = (char *)(uintptr_t)why->arg[i];
    Sb__Frame frame = SB__FRAME__INIT;
    frame.body_case = SB__FRAME__BODY_REFUSED;
    frame.refused = &refused;
    sb_frame_encode(&frame, out);
}

/* A number of ours or another's; anything else isn't shown. */
static const char *number(const Sb__Refused *refused, size_t i)
{
    const char *arg = i < refused->n_args ? refused->args[i] : "?";
    size_t len = strspn(arg, "0123456789");
    return len > 0 && len <= 20 && arg[len] == '\0' ? arg : "?";
}

bool sb_misfit_told(const Sb__Refused *refused, sb_fail *why)
{
    sb_err code = (sb_err)refused->code;
    if (code == SB_E_FRAME_ENGINE)
        sb_fail_set(why, code, number(refused, 0), number(refused, 1), NULL);
    else if (is_unreadable(code))
        sb_fail_num(why, SB_E_FRAME_VERSION, 1, refused->code, 0);
    else if (code == SB_E_FRAME_NEWER) /* told by one's own process */
        sb_fail_set(why, code, number(refused, 0), NULL);
    else
        return false;
    return true;
}
