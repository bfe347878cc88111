/* `samband-broker check` and `repair` (nodes/store/keeper.h). */
#ifndef SB_BROKERD_KEEP_H
#define SB_BROKERD_KEEP_H

#include "nodes/store/keeper.h"

extern const sb_keeper SB_BROKER_KEEPER;

#endif
