/* Inside nodes/host: the options that every command has. */
#ifndef SB_HOST_ARGS_INTERNAL_H
#define SB_HOST_ARGS_INTERNAL_H

#include "nodes/host/args.h"

/* help, version, json, lang; ended by an entry without name. */
extern const sb_arg_option SB_ARGS_COMMON[];

#endif
