/* Leaves frames through the pool: what the follower gets, and in which order. */
#include <stdlib.h>

#include "nodes/noded/node.h"
#include "tests/lib/cmocka_all.h"
#include "tests/lib/fed.h"

enum { STEPS_MAX = 128, FAR = 1000000 /* behind all that is here */ };

typedef struct rig {
    fed *f;
    sb_node *node;
    sb_ledger *empty; /* another, that has nothing */
    sb_kv *empty_kv;
    struct {
        uint64_t from;
        size_t opened, seals_known;
        sb_err refused; /* SB_OK: all were opened */
    } steps[STEPS_MAX];
    size_t step_count;
    bool are_known; /* what comes is here already */
} rig;

static rig *current;

/* In place of node.c's: what the follower would be told. */
void sb_node_step(sb_node *n, sb_fol_event *event)
{
    rig *r = current;
    const Sb__Leaves *leaves = event->frame->leaves;
    assert_ptr_equal(n, r->node);
    assert_int_equal(event->kind, SB_FOL_FRAME);
    assert_true(r->step_count < STEPS_MAX);
    size_t at = r->step_count++;
    r->steps[at].from = leaves->from;
    r->steps[at].opened = event->opened;
    r->steps[at].refused = event->refusal != NULL ? event->refusal->code : SB_OK;
    bool is_all = event->opened == leaves->n_leaves;
    if (r->are_known)
        assert_true(event->opened == 0 && event->refusal == NULL);
    else
        assert_true(is_all == (event->refusal == NULL));
    for (size_t i = 0; i < event->opened; i++) {
        const sb_leaf *leaf = &event->leaves[i];
        assert_true(
            sb_slice_eq(leaf->bytes, sb_slice_of(leaves->leaves[i].data, leaves->leaves[i].len)));
        r->steps[at].seals_known += leaf->cosigned_under != NULL;
    }
}

/* A founded federation, all of whose log the node has folded. */
static int setup(void **state)
{
    rig *r = calloc(1, sizeof *r);
    r->f = fed_new(NULL);
    fed_run(r->f);
    r->empty_kv = sb_kv_memory_new();
    assert_int_equal(sb_ledger_open(&r->empty, r->empty_kv, NULL, NULL), SB_OK);
    r->node = calloc(1, sizeof *r->node);
    sb_arena_init(&r->node->frame_arena);
    sb_node_ahead_init(&r->node->ahead);
    r->node->pool = sb_pool_new(2, SB_NODE_FRAMES_AHEAD * SB_NODE_SHARES_MAX);
    r->node->history.ledger = r->f->ledger;
    *state = current = r;
    return 0;
}

static int teardown(void **state)
{
    rig *r = *state;
    sb_pool_free(r->node->pool);
    sb_node_ahead_deinit(&r->node->ahead);
    sb_arena_deinit(&r->node->frame_arena);
    free(r->node);
    sb_ledger_close(r->empty);
    sb_kv_memory_free(r->empty_kv);
    fed_free(r->f);
    free(r);
    return 0;
}

/* A frame of `count` leaves that says `from`; each is leaf `first`, `first` + 1… of the federation,
 * round and round; number `bent` (if there) has a bit flipped in its signature. */
static void add(rig *r, uint64_t from, size_t first, size_t count, size_t bent)
{
    sb_arena arena;
    sb_buf bytes;
    const Sb__Frame *decoded = NULL;
    sb_arena_init(&arena);
    sb_buf_init(&bytes);
    ProtobufCBinaryData *list = SB_ARENA_ARRAY(&arena, ProtobufCBinaryData, count + 1);
    for (size_t i = 0; i < count; i++) {
        sb_slice leaf = sb_arena_copy(&arena, fed_leaf(r->f, (first + i) % r->f->leaf_count));
        list[i] = (ProtobufCBinaryData){.len = leaf.len, .data = (uint8_t *)(uintptr_t)leaf.data};
        if (i == bent)
            list[i].data[leaf.len - 60] ^= 1;
    }
    Sb__Leaves leaves = SB__LEAVES__INIT;
    leaves.from = from;
    leaves.n_leaves = count;
    leaves.leaves = list;
    leaves.head = (ProtobufCBinaryData){.len = 1, .data = (uint8_t *)(uintptr_t) "-"};
    Sb__Frame frame = SB__FRAME__INIT;
    frame.body_case = SB__FRAME__BODY_LEAVES;
    frame.leaves = &leaves;
    sb_frame_encode(&frame, &bytes);
    sb_arena_reset(&r->node->frame_arena);
    assert_int_equal(sb_frame_decode(sb_buf_slice(&bytes), &r->node->frame_arena, &decoded, NULL),
                     SB_OK);
    sb_node_ahead_add(r->node, 1, decoded);
    sb_buf_deinit(&bytes);
    sb_arena_deinit(&arena);
}

static void test_order(void **state)
{
    enum { FRAMES = 3 * SB_NODE_FRAMES_AHEAD + 1 };
    static const size_t counts[] = {1, SB_NODE_LEAVES_MAX, SB_NODE_SHARE, 0, SB_NODE_SHARE + 1};
    rig *r = *state;
    sb_node_ahead_take(r->node); /* nothing is there */
    assert_int_equal(r->step_count, 0);
    for (size_t i = 0; i < FRAMES; i++) {
        add(r, FAR + i, i, counts[i % 5], SIZE_MAX);
        size_t room = SB_NODE_FRAMES_AHEAD;
        assert_int_equal(r->step_count, i < room ? 0 : i + 1 - room); /* folded for room only */
    }
    sb_node_ahead_take_all(r->node);
    assert_int_equal(r->step_count, FRAMES);
    for (size_t i = 0; i < FRAMES; i++) {
        assert_int_equal(r->steps[i].from, FAR + i);
        assert_int_equal(r->steps[i].opened, counts[i % 5]);
    }
}

/* The first leaf that is refused ends its frame, and no other. */
static void test_refused(void **state)
{
    rig *r = *state;
    size_t count = 3 * SB_NODE_SHARE + 2, bent = 0;
    for (; bent < count; bent++) {
        add(r, FAR + bent, 0, count, bent);
        add(r, FAR + bent, 0, 2, SIZE_MAX);
    }
    sb_node_ahead_take_all(r->node);
    assert_int_equal(r->step_count, 2 * count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(r->steps[2 * i].opened, i);
        assert_int_equal(r->steps[2 * i].refused, SB_E_SIGNATURE);
        assert_int_equal(r->steps[2 * i + 1].opened, 2);
    }
}

/* A frame longer than allowed is ignored, and the next one isn't. */
static void test_too_long(void **state)
{
    rig *r = *state;
    add(r, FAR + 1, 0, SB_NODE_LEAVES_MAX + 1, SIZE_MAX);
    add(r, FAR + 2, 0, 3, SIZE_MAX);
    sb_node_ahead_take_all(r->node);
    assert_int_equal(r->step_count, 1);
    assert_int_equal(r->steps[0].from, FAR + 2);
}

/* A SEAL's cosignatures are verified in the pool as soon as the origin is known. */
static void test_seals(void **state)
{
    rig *r = *state;
    size_t seals = 0;
    for (size_t i = 0; i < r->f->leaf_count; i++)
        seals += fed_leaf(r->f, i).data[9] == SB_ENTRY_SEAL;
    assert_true(seals > 0 && r->f->leaf_count <= SB_NODE_LEAVES_MAX);
    r->node->history.ledger = r->empty;
    add(r, 0, 0, r->f->leaf_count, SIZE_MAX);
    r->node->history.ledger = r->f->ledger;
    add(r, 1, 0, r->f->leaf_count, SIZE_MAX);
    sb_node_ahead_take_all(r->node);
    assert_int_equal(r->steps[0].seals_known, 0);
    assert_int_equal(r->steps[1].seals_known, seals);
}

/* Leaves that are all here aren't opened: an answer to a question asked twice costs no signature. What
 * was here when it came, and isn't since the log went back, is dropped. */
static void test_known(void **state)
{
    rig *r = *state;
    size_t size = r->f->leaf_count;
    r->are_known = true;
    add(r, 0, 0, size, 5);
    add(r, size - 3, size - 3, 3, SIZE_MAX);
    sb_node_ahead_take_all(r->node);
    assert_int_equal(r->step_count, 2);
    r->are_known = false;
    add(r, size - 3, size - 3, 4, SIZE_MAX); /* one is new */
    sb_node_ahead_take_all(r->node);
    assert_int_equal(r->step_count, 3);
    assert_int_equal(r->steps[2].opened, 4);
    add(r, 0, 0, size, SIZE_MAX);
    add(r, UINT64_MAX - 1, 0, 3, SIZE_MAX); /* for the follower to refuse */
    r->node->history.ledger = r->empty;
    sb_node_ahead_take_all(r->node);
    assert_int_equal(r->step_count, 4);
    assert_true(r->steps[3].from == UINT64_MAX - 1);
}

/* The process may end with frames under way. */
static void test_dropped(void **state)
{
    rig *r = *state;
    add(r, FAR, 0, SB_NODE_LEAVES_MAX, SIZE_MAX);
    add(r, FAR, 0, SB_NODE_LEAVES_MAX, SIZE_MAX);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_order), T(test_refused), T(test_too_long),
        T(test_seals), T(test_known),   T(test_dropped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
