/* The net in memory, under a seed: for tests. One hub joins nets of one thread; its time is virtual
 * and moves only by sb_sim_hub_advance and by waiting. */
#ifndef SB_TRANSPORT_NET_SIM_H
#define SB_TRANSPORT_NET_SIM_H

#include "nodes/transport/net.h"

typedef struct sb_sim_hub sb_sim_hub;

typedef struct sb_sim_faults {
    uint32_t drop_per_mille; /* a drop breaks the connection, as TCP would: DOWN on both sides */
    uint32_t delay_ms_max;   /* each frame is late by 0…max, in order within a connection */
} sb_sim_faults;

sb_sim_hub *sb_sim_hub_new(uint64_t seed, sb_sim_faults faults);
/* After all its nets are closed. */
void sb_sim_hub_free(sb_sim_hub *hub);
void sb_sim_hub_advance(sb_sim_hub *hub, uint64_t ms);
uint64_t sb_sim_hub_now_ms(const sb_sim_hub *hub);

/* `public_key` is what other nets see as this one's authenticated key. */
sb_net *sb_net_sim_open(sb_sim_hub *hub, const uint8_t public_key[32]);
/* Serve under a name; dial that name (reconnects by itself). Errors: SB_E_NET_BIND. */
sb_err sb_net_sim_serve(sb_net *net, const char *address, uint32_t *link, sb_fail *fail);
sb_err sb_net_sim_dial(sb_net *net, const char *address, uint32_t *link, sb_fail *fail);

#endif
