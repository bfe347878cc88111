/* A made-up meeting that uses every part of the minutes. */
#ifndef SB_TESTS_MINUTES_SAMPLE_H
#define SB_TESTS_MINUTES_SAMPLE_H

#include "nodes/papers/minutes.h"

extern const sb_minutes_model minutes_sample;

#endif
