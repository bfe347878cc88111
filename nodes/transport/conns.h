/* The connections that a link accepted, by descriptor: which of them have said something, and which
 * is to be cut. A connection that says nothing holds a descriptor, whoever it is from: nobody needs
 * a key for that. One list a link: what two links say of one descriptor comes in no order. Pure;
 * private to the transport.
 */
#ifndef SB_TRANSPORT_CONNS_H
#define SB_TRANSPORT_CONNS_H

#include "proto/base/slice.h"

/* One connection. Its number is never used again, its descriptor is. */
typedef struct sb_conn {
    uint64_t number; /* 0: no such connection */
    uint64_t since_ms;
    bool is_silent;         /* in the list below */
    bool is_cut;            /* not gone yet */
    int32_t older, younger; /* descriptors of silent ones; -1: none */
} sb_conn;

typedef struct sb_conns {
    sb_conn *by_fd;
    size_t cap;
    size_t count, cut;
    uint64_t last_number;
    int32_t oldest, youngest; /* of the silent ones */
} sb_conns;

void sb_conns_init(sb_conns *c);
void sb_conns_deinit(sb_conns *c);
void sb_conns_accepted(sb_conns *c, int32_t fd, uint64_t now_ms);
/* A frame came over it. Its number; 0: it is unknown, or cut. */
uint64_t sb_conns_heard(sb_conns *c, int32_t fd);
void sb_conns_gone(sb_conns *c, int32_t fd);
/* Is this descriptor still that connection's? */
bool sb_conns_is(const sb_conns *c, int32_t fd, uint64_t number);
/* It will be cut: it counts no more. */
void sb_conns_cut(sb_conns *c, int32_t fd);
/* The descriptor of one to cut: the oldest that has been
 * silent for silent_ms, or that stands above `max` connections. -1: none. */
int32_t sb_conns_victim(sb_conns *c, uint64_t now_ms, uint64_t silent_ms, size_t max);

#endif
