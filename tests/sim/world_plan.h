/* What a seed stands for: how many there are, how bad the network and the disks are, and what happens
 * to whom after which line of the story. */
#ifndef SB_TESTS_SIM_WORLD_PLAN_H
#define SB_TESTS_SIM_WORLD_PLAN_H

#include "tests/sim/world_members.h"

enum { SW_PLAN_DISKS_MAX = 5 };

typedef enum sw_plan_broker {
    SW_BROKER_STAYS,
    SW_BROKER_LOST,
    SW_BROKER_STOPS,
    SW_BROKER_RESTORED
} sw_plan_broker;

typedef struct sw_plan {
    uint64_t seed;
    const sw_story *story;
    uint32_t nodes, brokers;
    sw_plan_broker broker;
    size_t broker_at, again_at, backup_at;
    bool again;       /* the next broker is lost too */
    bool by_operator; /* the standby is told to take over */
    uint32_t disks;   /* nodes that lose theirs */
    size_t disk_at[SW_PLAN_DISKS_MAX];
    size_t part_at, crash_at,
        clock_at;           /* one partition, one crash; one clock is wrong for a while */
    bool clock_wrong, anew; /* anew: a node begins anew when all is final */
    /* how far it has come */
    uint32_t done;
    uint64_t broker_goes_ms, broker_gone_ms, clock_back_ms;
    uint32_t clock_end;
    int64_t clock_ms;
    bool told, restored;
} sw_plan;

/* Of so many nodes, by the seed alone. */
uint32_t sw_plan_nodes(uint64_t seed);
/* `lines` of the story, the first `founding` of them before anything is final. */
sw_plan sw_plan_make(uint64_t seed, const sw_story *story);
sw_options sw_plan_options(const sw_plan *p);
/* What is due now happens. */
void sw_plan_turn(sw_plan *p, sw *w, sw_members *m);
/* The story is over: no more faults, and what the plan set wrong is set right. */
void sw_plan_end(sw_plan *p, sw *w);

#endif
