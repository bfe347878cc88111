/* When who pulls asks again, on lines of all speeds. */
#include "proto/wire/pace.h"

#include <string.h>

#include "tests/lib/cmocka_all.h"

enum { STEP_MS = 20, UNITS = 2000, QUEUE_MAX = 64 };

static void test_nothing_comes(void **state)
{
    (void)state;
    static const uint64_t at[] = {2000, 4000, 8000, 16000, 24000, 32000};
    sb_pace p = {0};
    assert_true(sb_pace_is_over(&p, 1));
    sb_pace_begin(&p, 1000, true);
    assert_false(sb_pace_is_slow(&p));
    for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
        assert_false(sb_pace_is_over(&p, at[i] - 1));
        assert_true(sb_pace_is_over(&p, at[i]));
        sb_pace_asked(&p, at[i]);
        assert_true(sb_pace_is_slow(&p));
    }
    sb_pace_begin(&p, 40000, true); /* another one */
    assert_true(sb_pace_is_over(&p, 41000));
}

static void test_progress(void **state)
{
    (void)state;
    sb_pace p = {0};
    sb_pace_begin(&p, 1000, true);
    sb_pace_asked(&p, 2000);
    sb_pace_came(&p, 2100, true); /* of the first, or of the second? */
    assert_false(sb_pace_is_over(&p, 4099));
    assert_true(sb_pace_is_over(&p, 4100));
    sb_pace_came(&p, 2300, true); /* a good line that lost something */
    assert_false(sb_pace_is_slow(&p));
    assert_true(sb_pace_is_over(&p, 3300));
    sb_pace_asked(&p, 3300);
    sb_pace_came(&p, 3400, false); /* all is here */
    assert_false(sb_pace_is_slow(&p));
    sb_pace_begin(&p, 10000, false); /* nothing need come… */
    sb_pace_asked(&p, 15000);        /* … until this */
    assert_true(sb_pace_is_over(&p, 16000));
    sb_pace_asked(&p, 16000);
    assert_false(sb_pace_is_over(&p, 17999));
    sb_pace_begin(&p, 20000, false);
    sb_pace_came(&p, 25000, true); /* what this took can't be told */
    assert_false(sb_pace_is_slow(&p));
    sb_pace_came(&p, 25500, true);
    assert_false(sb_pace_is_over(&p, 27499));
}

/* Who catches up, and a line with what it was sent and hasn't carried yet. Its unit is 256 leaves. */
typedef struct line {
    uint64_t now_ms, left_ms; /* until the first of the queue is here */
    uint64_t here, window_end;
    struct {
        uint64_t from, to;
    } queue[QUEUE_MAX];
    size_t count;
} line;

/* Four frames answer. */
static void pull(line *l, const sb_pace *p)
{
    uint64_t from = l->here, frame = sb_pace_is_slow(p) ? 1 : 4;
    for (int i = 0; i < 4; i++, from += frame) {
        assert_true(l->count < QUEUE_MAX);
        l->queue[l->count].from = from;
        l->queue[l->count++].to = from + frame;
    }
    l->window_end = from;
}

static void step(line *l, sb_pace *p, uint64_t unit_ms)
{
    l->now_ms += STEP_MS;
    if (l->count > 0 && l->left_ms == 0)
        l->left_ms = (l->queue[0].to - l->queue[0].from) * unit_ms;
    if (l->count > 0 && (l->left_ms -= STEP_MS) == 0) {
        l->here = l->queue[0].to > l->here ? l->queue[0].to : l->here;
        memmove(l->queue, l->queue + 1, --l->count * sizeof *l->queue);
        sb_pace_came(p, l->now_ms, true);
    }
    if (l->here >= l->window_end) {
        sb_pace_asked(p, l->now_ms);
        pull(l, p);
    } else if (sb_pace_is_over(p, l->now_ms)) {
        sb_pace_asked(p, l->now_ms);
        pull(l, p);
    }
}

/* Catching up takes hardly longer than the line needs for the leaves: 256 in 3.5 s are about 170
 * kbit/s. */
static void test_slow_lines(void **state)
{
    (void)state;
    static const uint64_t units_ms[] = {20, 100, 200, 260, 400, 700, 1000, 2000, 3500};
    for (size_t i = 0; i < sizeof units_ms / sizeof *units_ms; i++) {
        line l = {.now_ms = 1000};
        sb_pace p = {0};
        sb_pace_begin(&p, l.now_ms, true);
        pull(&l, &p);
        while (l.here < UNITS)
            step(&l, &p, units_ms[i]);
        assert_in_range(l.now_ms - 1000, UNITS * units_ms[i], UNITS * units_ms[i] * 21 / 20);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_comes),
        cmocka_unit_test(test_progress),
        cmocka_unit_test(test_slow_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
