/* Inside find.c: what the rules can see of some groups, and the cheapest way to each such sight. */
#ifndef SB_RULES_FIND_LAYER_H
#define SB_RULES_FIND_LAYER_H

#include "proto/rules/find.h"

/* All that the rules can see. */
typedef struct sb_find_key {
    uint64_t words[SB_FIND_BODIES_MAX][2]; /* 14 bits a word: what unscoped comparisons count */
    uint32_t scopes[SB_FIND_VIEWS_MAX];    /* 5 bits a scope, not above its limit */
    uint32_t shows;                        /* SB_FIND_SOMEBODY_PRESENT … */
} sb_find_key;

int sb_find_key_cmp(const sb_find_key *a, const sb_find_key *b);

typedef struct sb_find_state {
    sb_find_key key;
    uint64_t cost; /* of the cheapest way to it */
    uint64_t ways; /* cheapest ways from here to a wanted end */
} sb_find_state;

/* Found by key in constant time; the states stand in the order in which they came. */
typedef struct sb_find_layer {
    sb_find_state *at;
    size_t count, cap;
    uint32_t *slots; /* position + 1; 0: free */
    size_t slot_count;
} sb_find_layer;

/* Keep the state if it is new or cheaper than what is there. False: more than `most`. */
bool sb_find_layer_add(sb_find_layer *layer, const sb_find_state *state, size_t most);
/* NULL: not there. */
sb_find_state *sb_find_layer_get(const sb_find_layer *layer, const sb_find_key *key);
void sb_find_layer_free(sb_find_layer *layer);

#endif
