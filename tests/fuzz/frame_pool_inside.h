/* Between frame_pool.c (histories, values, signing) and frame_kinds.c (one frame of each kind). */
#ifndef SB_TESTS_FUZZ_FRAME_POOL_INSIDE_H
#define SB_TESTS_FUZZ_FRAME_POOL_INSIDE_H

#include "tests/fuzz/frame_pool.h"

typedef struct fz_fill_arg {
    fz_pool *p;
    sb_arena *arena;
} fz_fill_arg;

sb_fill fz_filler(fz_fill_arg *a);
const fz_history *fz_any_history(fz_pool *p, sb_script *s);
const fed_key *fz_any_log_key(fz_pool *p, sb_script *s);
const fed_key *fz_any_key(fz_pool *p, sb_script *s);
uint64_t fz_any_size(const fz_history *h, sb_script *s);
sb_slice fz_any_note(fz_pool *p, sb_script *s, sb_arena *arena);

ProtobufCBinaryData fz_data(sb_slice s);
Sb__Frame *fz_frame_of(sb_arena *arena, Sb__Frame__BodyCase body, void *message);
/* Through the wire: what isn't a frame doesn't come. */
const Sb__Frame *fz_wired(const Sb__Frame *frame, sb_arena *arena);
size_t fz_put_proof(const sb_proof *proof, ProtobufCBinaryData **out, sb_arena *arena);
void fz_put_consistency(const fz_history *h, uint64_t from, uint64_t to, size_t *n,
                        ProtobufCBinaryData **out, sb_arena *arena);

#endif
