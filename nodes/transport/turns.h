/* Frames that came in and wait to be handed out: a bounded queue for each key, and keys take turns,
 * so that whoever sends much waits for itself and nobody else (deficit round robin: a turn is worth
 * so many bytes). Pure; private to the transport.
 */
#ifndef SB_TRANSPORT_TURNS_H
#define SB_TRANSPORT_TURNS_H

#include "proto/base/slice.h"

enum {
    SB_TURN_BYTES = 16 * 1024, /* what a key may have handed out before it is the next one's turn */
    SB_TURN_FRAME_BYTES = 2 * 1024 /* what a frame counts on top of its bytes */
};

/* First in what the caller queues. */
typedef struct sb_turns_item {
    struct sb_turns_item *next;
    size_t bytes;
} sb_turns_item;

typedef struct sb_turns_limits {
    size_t frames_a_key, bytes_a_key;
    size_t bytes; /* of all keys; beyond it only who has nothing here is taken from */
} sb_turns_limits;

typedef struct sb_turns sb_turns;

sb_turns *sb_turns_new(sb_turns_limits limits);
/* Give what is left to `drop`. */
void sb_turns_free(sb_turns *t, void (*drop)(sb_turns_item *item));
/* False: the key's queue is full, and the item is still the caller's. */
bool sb_turns_put(sb_turns *t, const uint8_t key[32], sb_turns_item *item);
/* The next one, the caller's from now on; NULL: none. */
sb_turns_item *sb_turns_take(sb_turns *t);
size_t sb_turns_count(const sb_turns *t);

#endif
