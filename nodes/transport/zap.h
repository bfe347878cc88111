/* The ZAP handler (RFC 27 of ZeroMQ): one thread that says which CURVE keys may connect. */
#ifndef SB_TRANSPORT_ZAP_H
#define SB_TRANSPORT_ZAP_H

#include "proto/base/err.h"
#include "proto/base/slice.h"

#define SB_ZAP_DOMAIN "samband"

typedef struct sb_zap sb_zap;

/* Start the thread on the context; it answers before this returns. */
sb_err sb_zap_start(sb_zap **out, void *zmq_context, sb_fail *fail);
/* Replace the list of allowed keys (thread-safe). */
void sb_zap_allow(sb_zap *zap, const uint8_t (*public_keys)[32], size_t count);
/* False once the thread has ended by itself. */
bool sb_zap_alive(const sb_zap *zap);
/* Stop and join. Before the context is terminated. */
void sb_zap_stop(sb_zap *zap);
/* Let the thread die, as a fault: for tests. */
void sb_zap_kill(sb_zap *zap);

#endif
