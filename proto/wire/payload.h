/* The generated payload and charter structs, for everybody who may use them. */
#ifndef SB_WIRE_PAYLOAD_H
#define SB_WIRE_PAYLOAD_H

#include "charter.pb-c.h"
#include "entry.pb-c.h"

#endif
