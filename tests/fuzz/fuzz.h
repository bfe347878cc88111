/* What fuzz targets share: memory counted by the sanitizer's allocator, the share of inputs that are
 * accepted, bytes read as a script, and messages filled by their descriptor.
 *
 * Memory is counted over the whole process, libraries too (jansson, libyaml, protobuf-c, libzmq): what is
 * held at most beyond what was held before the input. Without a sanitizer nothing is counted. */
#ifndef SB_TESTS_FUZZ_H
#define SB_TESTS_FUZZ_H

#include <protobuf-c/protobuf-c.h>

#include "proto/base/arena.h"
#include "proto/base/buf.h"

/* What a target may hold at most: `fixed` and `per_byte` of its input. */
typedef struct sb_fuzz_bound {
    size_t fixed, per_byte;
} sb_fuzz_bound;

/* Run `one` (true: the input was accepted) over the bytes and end the process when it held more, or
 * when inputs leave more and more behind. With SB_FUZZ_STATS set a line at exit says how many inputs there were, how
 * many were accepted, and the most that was held. Returns 0. */
int sb_fuzz_run(bool (*one)(sb_slice input), const uint8_t *data, size_t len, sb_fuzz_bound bound);
/* … that keeps things from one input to the next, by intent. */
int sb_fuzz_run_keeping(bool (*one)(sb_slice input), const uint8_t *data, size_t len,
                        sb_fuzz_bound bound);

/* What must hold whatever comes. */
#define sb_fuzz_must(holds)                                                                        \
    do {                                                                                           \
        if (!(holds))                                                                              \
            sb_fuzz_broken(__FILE__, __LINE__, #holds);                                            \
    } while (0)
void sb_fuzz_broken(const char *file, int line, const char *what) __attribute__((noreturn));

/* Bytes held now, beyond some number: only differences mean something (none without a sanitizer). */
size_t sb_fuzz_held(void);

/* ---- a script ---- */

/* Reads on with zeros behind its end; check sb_script_left. */
typedef struct sb_script {
    const uint8_t *data;
    size_t len, at;
} sb_script;

static inline sb_script sb_script_over(sb_slice bytes)
{
    return (sb_script){.data = bytes.data, .len = bytes.len};
}
static inline size_t sb_script_left(const sb_script *s)
{
    return s->len - s->at;
}
uint8_t sb_script_u8(sb_script *s);
uint16_t sb_script_u16(sb_script *s);
uint64_t sb_script_u64(sb_script *s); /* one length byte, then so many */
/* u8 length, then so many; less where the script ends. Borrowed. */
sb_slice sb_script_bytes(sb_script *s);
sb_slice sb_script_long_bytes(sb_script *s); /* u16 length */
static inline size_t sb_script_below(sb_script *s, size_t n)
{
    return n == 0 ? 0 : (n <= 256 ? sb_script_u8(s) : sb_script_u16(s)) % n;
}

/* ---- messages by their descriptor ---- */

/* Real values that a message is filled with: what a fuzzer doesn't guess. `bytes` and `numbers` may
 * depend on the field's name. */
typedef struct sb_fill {
    void *arg;
    /* A value for a bytes or string field, borrowed; data NULL: take the script's own bytes. */
    sb_slice (*bytes)(void *arg, const ProtobufCFieldDescriptor *field, sb_script *s);
    uint64_t (*number)(void *arg, const ProtobufCFieldDescriptor *field, sb_script *s);
} sb_fill;

/* A message of this kind in the arena: each field absent or filled as the script says; repeated ones
 * up to `list_max`. */
ProtobufCMessage *sb_fill_message(const ProtobufCMessageDescriptor *d, const sb_fill *fill,
                                  sb_script *s, size_t list_max, sb_arena *arena);
/* Change some fields of a message that is there (a deep copy comes back). */
ProtobufCMessage *sb_fill_change(const ProtobufCMessage *message, const sb_fill *fill, sb_script *s,
                                 sb_arena *arena);

#endif
