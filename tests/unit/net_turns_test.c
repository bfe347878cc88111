/* Who is served next, and which connection is cut: the pure parts of the transport. */
#include "tests/lib/cmocka_all.h"

#include <stdlib.h>

#include "nodes/transport/conns.h"
#include "nodes/transport/turns.h"
#include "proto/base/buf.h"

/* ---- turns ---- */

typedef struct frame {
    sb_turns_item item;
    uint8_t from;
    uint32_t number;
} frame;

static const sb_turns_limits ROOMY = {
    .frames_a_key = 1000, .bytes_a_key = 1 << 24, .bytes = 1 << 26};

static void drop(sb_turns_item *item)
{
    free(item);
}

static bool put(sb_turns *t, uint8_t from, uint32_t number, size_t bytes)
{
    uint8_t key[32] = {from};
    frame *f = sb_xmalloc(sizeof *f);
    *f = (frame){.item.bytes = bytes, .from = from, .number = number};
    bool ok = sb_turns_put(t, key, &f->item);
    if (!ok)
        free(f);
    return ok;
}

static frame take(sb_turns *t)
{
    frame *f = (frame *)sb_turns_take(t), copy = {0};
    if (f == NULL)
        return copy;
    copy = *f;
    free(f);
    return copy;
}

static void test_one_key_in_order(void **state)
{
    (void)state;
    sb_turns *t = sb_turns_new(ROOMY);
    for (uint32_t i = 1; i <= 100; i++)
        assert_true(put(t, 1, i, i * 1000));
    for (uint32_t i = 1; i <= 100; i++)
        assert_int_equal(take(t).number, i);
    assert_null(sb_turns_take(t));
    assert_int_equal(sb_turns_count(t), 0);
    sb_turns_free(t, drop);
}

/* A thousand frames wait from one; three others come with one each, and are next. */
static void test_a_flood_waits_for_itself(void **state)
{
    (void)state;
    sb_turns *t = sb_turns_new(ROOMY);
    for (uint32_t i = 1; i <= 1000; i++)
        assert_true(put(t, 9, i, 300));
    assert_int_equal(take(t).from, 9);
    for (uint8_t from = 1; from <= 3; from++)
        assert_true(put(t, from, 1, 300));
    uint32_t others = 0;
    for (int i = 0; i < 40 && others < 3; i++)
        others += take(t).from != 9;
    assert_int_equal(others, 3);
    sb_turns_free(t, drop);
}

/* Turns are counted in bytes: who sends a MiB at a time waits until the others have had as much. */
static void test_big_frames_wait_longer(void **state)
{
    (void)state;
    sb_turns *t = sb_turns_new(ROOMY);
    for (uint32_t i = 1; i <= 10; i++)
        assert_true(put(t, 9, i, 1 << 20));
    for (uint32_t i = 1; i <= 200; i++)
        assert_true(put(t, 1, i, 1000));
    uint32_t small = 0, big = 0;
    while (small < 200)
        if (take(t).from == 1)
            small++;
        else
            big++;
    assert_true(big <= 1);
    sb_turns_free(t, drop);
}

static void test_queues_are_bounded(void **state)
{
    (void)state;
    sb_turns *t =
        sb_turns_new((sb_turns_limits){.frames_a_key = 10, .bytes_a_key = 1000, .bytes = 1500});
    for (uint32_t i = 0; i < 10; i++)
        assert_true(put(t, 1, i, 1));
    assert_false(put(t, 1, 10, 1)); /* frames */
    assert_true(put(t, 2, 0, 900));
    assert_false(put(t, 2, 1, 101)); /* bytes */
    assert_true(put(t, 3, 0, 500));
    assert_false(put(t, 3, 1, 100)); /* of all */
    assert_true(put(t, 4, 0, 5000)); /* who has nothing here is always taken from */
    assert_int_equal(sb_turns_count(t), 13);
    sb_turns_free(t, drop);
}

/* Random puts and takes against a plain count: nothing is lost, doubled or out of its key's order. */
static void test_random(void **state)
{
    (void)state;
    sb_turns *t = sb_turns_new(ROOMY);
    uint32_t put_last[8] = {0}, taken_last[8] = {0}, seed = 7;
    size_t held = 0;
    for (int i = 0; i < 20000; i++) {
        seed = seed * 1664525u + 1013904223u;
        uint8_t from = (uint8_t)(seed >> 29);
        if ((seed >> 8) % 5 < 3 && put(t, from, put_last[from] + 1, (seed >> 10) % 40000)) {
            put_last[from]++;
            held++;
        } else if (held > 0) {
            frame f = take(t);
            assert_int_equal(f.number, ++taken_last[f.from]);
            held--;
        }
        assert_int_equal(sb_turns_count(t), held);
    }
    sb_turns_free(t, drop);
}

/* ---- connections ---- */

static void test_silent_ones_are_cut(void **state)
{
    (void)state;
    sb_conns c;
    sb_conns_init(&c);
    for (int fd = 10; fd < 20; fd++)
        sb_conns_accepted(&c, fd, (uint64_t)fd);
    assert_true(sb_conns_heard(&c, 10) != 0);
    assert_int_equal(sb_conns_heard(&c, 99), 0);
    assert_int_equal(sb_conns_victim(&c, 100, 100, 1000), -1);
    assert_int_equal(sb_conns_victim(&c, 112, 100, 1000), 11);
    sb_conns_cut(&c, 11);
    sb_conns_cut(&c, 11);
    assert_int_equal(sb_conns_victim(&c, 112, 100, 1000), 12);
    sb_conns_gone(&c, 12);
    assert_int_equal(sb_conns_victim(&c, 112, 100, 1000), -1);
    assert_int_equal(c.count, 9);
    sb_conns_deinit(&c);
}

/* Above the bound the oldest silent ones go, as many as it takes; who has spoken stays. */
static void test_a_bound(void **state)
{
    (void)state;
    sb_conns c;
    int32_t fd, cut = 0;
    sb_conns_init(&c);
    for (fd = 0; fd < 1000; fd++) {
        sb_conns_accepted(&c, fd, 5);
        if (fd % 100 == 0)
            assert_true(sb_conns_heard(&c, fd) != 0);
    }
    while ((fd = sb_conns_victim(&c, 5, 100, 600)) >= 0) {
        assert_true(fd % 100 != 0);
        sb_conns_cut(&c, fd);
        cut++;
    }
    assert_int_equal(cut, 400);
    assert_int_equal(c.count, 1000); /* until they are gone */
    for (fd = 0; fd < 1000; fd++)
        sb_conns_gone(&c, fd);
    assert_int_equal(c.count, 0);
    assert_int_equal(c.cut, 0);
    assert_int_equal(sb_conns_victim(&c, 1000, 1, 0), -1);
    sb_conns_deinit(&c);
}

/* A descriptor is used again: what was told of the former one is not the new one's. */
static void test_descriptors_are_used_again(void **state)
{
    (void)state;
    sb_conns c;
    sb_conns_init(&c);
    sb_conns_accepted(&c, 7, 1);
    uint64_t first = sb_conns_heard(&c, 7);
    assert_true(sb_conns_is(&c, 7, first));
    sb_conns_gone(&c, 7);
    assert_false(sb_conns_is(&c, 7, first));
    sb_conns_accepted(&c, 7, 2);
    assert_false(sb_conns_is(&c, 7, first));
    uint64_t second = sb_conns_heard(&c, 7);
    assert_true(second > first && sb_conns_is(&c, 7, second));
    sb_conns_gone(&c, 7);
    assert_false(sb_conns_is(&c, 7, second));
    assert_false(sb_conns_is(&c, 7, 0));
    assert_int_equal(c.count, 0);
    sb_conns_deinit(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_key_in_order),
        cmocka_unit_test(test_a_flood_waits_for_itself),
        cmocka_unit_test(test_big_frames_wait_longer),
        cmocka_unit_test(test_queues_are_bounded),
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_silent_ones_are_cut),
        cmocka_unit_test(test_a_bound),
        cmocka_unit_test(test_descriptors_are_used_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
