/* samband-witness DIR: an outside witness over HTTP (nodes/witness/witness.h). */
#include "nodes/host/daemon.h"
#include "nodes/host/log.h"
#include "nodes/witness/witness.h"

#define NAME "samband-witness"

enum { WAIT_MS = 200 };

static uint64_t now_s(void *arg)
{
    uint64_t ms = 0;
    sb_fail fail = {0};
    if (sb_clock_legal_ms(arg, &ms, &fail) != SB_OK)
        sb_log_fail(SB_LOG_WARN, "clock", &fail);
    return ms / 1000;
}

static sb_err serve(sb_witness *w, sb_clock *clock, sb_fail *fail)
{
    sb_http *http = NULL;
    sb_witness_http handler = {.witness = w, .now_s = now_s, .arg = clock};
    sb_err err =
        sb_http_open(&http, w->listen, SB_WITNESS_ASK_BYTES_MAX, sb_witness_handle, &handler, fail);
    if (err != SB_OK)
        return err;
    sb_log(SB_LOG_INFO, "port %u", (unsigned)sb_http_port(http));
    sb_daemon_ready(NAME);
    while (!sb_daemon_stopping())
        sb_http_run(http, WAIT_MS);
    sb_http_close(http);
    return SB_OK;
}

int main(int argc, char **argv)
{
    sb_arena arena;
    sb_fail fail = {0};
    sb_daemon_args args;
    sb_witness w = {0};
    sb_clock clock;
    int exit_code = 0;
    sb_daemon_start(NAME);
    sb_arena_init(&arena);
    if (!sb_daemon_args_read(
            NAME, "vitnet: bekrefter at historien er én, uten å være medlem",
            "the witness: confirms that there is one history, without being a member", argc, argv,
            &arena, &args, &exit_code)) {
        sb_arena_deinit(&arena);
        return exit_code;
    }
    sb_err err = sb_sign_init(&fail);
    if (err == SB_OK)
        err = sb_daemon_clock(&clock, args.clock_file, args.clock_file != NULL, &fail);
    if (err == SB_OK) {
        err = sb_witness_open(&w, args.dir, &fail);
        if (err == SB_OK)
            err = serve(&w, &clock, &fail);
        sb_witness_close(&w);
    }
    if (err != SB_OK)
        exit_code = sb_daemon_end(NAME, &fail, args.lang);
    sb_arena_deinit(&arena);
    return exit_code;
}
