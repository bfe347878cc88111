#include "nodes/host/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include "nodes/host/nfc.h"
#include "proto/text/text.h"

enum { LINE_BYTES = 2000 };

static struct {
    sb_clock *clock;
    sb_log_level most;
    const char *name;
} setup = {.most = SB_LOG_INFO};

static const char *const LEVELS[] = {"", "error", "warn", "info", "debug"};

void sb_log_setup(sb_clock *clock, sb_log_level most, const char *name)
{
    setup.clock = clock;
    setup.most = most;
    setup.name = name;
}

static uint64_t now_ms(void)
{
    sb_clock system;
    sb_clock *clock = setup.clock;
    uint64_t ms = 0;
    if (clock == NULL) {
        sb_clock_system(&system);
        clock = &system;
    }
    (void)sb_clock_legal_ms(clock, &ms, NULL);
    return ms;
}

static void write_line(sb_log_level level, const char *message)
{
    sb_buf line;
    struct tm utc = {0};
    uint64_t ms = now_ms();
    time_t seconds = (time_t)(ms / 1000);
    (void)gmtime_r(&seconds, &utc);
    sb_buf_init(&line);
    sb_buf_printf(&line, "%04d-%02d-%02dT%02d:%02d:%02d.%03uZ %-5s ", utc.tm_year + 1900,
                  utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec,
                  (unsigned)(ms % 1000), LEVELS[level]);
    if (setup.name != NULL)
        sb_buf_printf(&line, "%s: ", setup.name);
    sb_nfc_printable(sb_slice_str(message), false, &line);
    sb_buf_str(&line, "\n");
    (void)fwrite(line.data, 1, line.len, stderr); /* one write: lines don't mix */
    sb_buf_deinit(&line);
}

void sb_log(sb_log_level level, const char *format, ...)
{
    char message[LINE_BYTES];
    va_list args;
    if (level > setup.most)
        return;
    va_start(args, format);
    (void)vsnprintf(message, sizeof message, format, args);
    va_end(args);
    write_line(level, message);
}

void sb_log_fail(sb_log_level level, const char *what, const sb_fail *fail)
{
    sb_buf line;
    const char *name = sb_err_name(fail->code);
    if (level > setup.most)
        return;
    sb_buf_init(&line);
    sb_buf_printf(&line, "%s code=%s ", what, name != NULL ? name : "?");
    sb_text_fail(fail, SB_LANG_NB, &line);
    write_line(level, sb_buf_cstr(&line));
    sb_buf_deinit(&line);
}
