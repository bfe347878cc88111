/* The simulated meetings as they were played, and the judge: it takes each, and nothing that is bent. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/lib/cmocka_all.h"
#include "tests/sim/meeting_inside.h"

static sb_slice leaf_of(const void *log, uint64_t index)
{
    return fed_leaf(log, (size_t)index);
}

static const meeting *meeting_at_seed(uint64_t seed)
{
    return meeting_of(seed)->check_arg;
}

static void test_right(void **state)
{
    (void)state;
    for (uint64_t v = 0; v < MEETING_VARIANTS; v++) {
        const meeting *m = meeting_at_seed(v);
        const sw_story *s = &m->story;
        sw_leaves log = {.leaf = leaf_of, .log = m->f, .size = m->f->leaf_count};
        uint64_t at = 0;
        const char *wrong = meeting_judge((void *)(uintptr_t)m, &log, &at);
        size_t rivals = 0;
        for (size_t i = 0; i < s->count; i++)
            rivals += s->lines[i].rival;
        printf("%s: %zu lines, %zu of the founding, %zu rivals, %zu leaves\n", m->name, s->count,
               s->founding, rivals, m->f->leaf_count);
        if (wrong != NULL)
            fail_msg("%s: leaf %llu: %s", m->name, (unsigned long long)at, wrong);
        assert_true(s->count - s->founding >= 50);
    }
}

typedef struct bent {
    fed *f;
    size_t without, twice, swapped; /* SIZE_MAX: none */
} bent;

static sb_slice bent_leaf(const void *log, uint64_t index)
{
    const bent *b = log;
    size_t at = (size_t)index;
    if (b->without != SIZE_MAX && at >= b->without)
        at++;
    if (b->twice != SIZE_MAX && at > b->twice)
        at--;
    if (b->swapped != SIZE_MAX && (at == b->swapped || at == b->swapped + 1))
        at = 2 * b->swapped + 1 - at;
    return fed_leaf(b->f, at);
}

static const char *judged(const meeting *m, bent b)
{
    uint64_t at;
    b.f = m->f;
    size_t size = m->f->leaf_count;
    size = size - (b.without != SIZE_MAX) + (b.twice != SIZE_MAX);
    sw_leaves log = {.leaf = bent_leaf, .log = &b, .size = size};
    const char *wrong = meeting_judge((void *)(uintptr_t)m, &log, &at);
    return wrong == NULL ? "right" : wrong;
}

static size_t find(const meeting *m, sb_entry_type type, size_t from)
{
    while (from < m->f->leaf_count && fed_leaf(m->f, from).data[8 + 1] != type)
        from++;
    assert_true(from < m->f->leaf_count);
    return from;
}

#define NONE .without = SIZE_MAX, .twice = SIZE_MAX, .swapped = SIZE_MAX

static void test_bent(void **state)
{
    (void)state;
    const meeting *m = meeting_at_seed(0);
    bent b = {NONE};
    size_t ballot = find(m, SB_ENTRY_BALLOT, 0), report = find(m, SB_ENTRY_CASE_REPORT, 0);
    assert_string_equal(judged(m, b), "right");
    b = (bent){NONE};
    b.without = ballot;
    assert_string_not_equal(judged(m, b), "right");
    b = (bent){NONE};
    b.without = report;
    assert_non_null(strstr(judged(m, b), "isn't in the log"));
    b = (bent){NONE};
    b.twice = report;
    assert_non_null(strstr(judged(m, b), "twice"));
    /* a ballot right after its close; a RESULT before it */
    size_t close = find(m, SB_ENTRY_QUESTION_CLOSE, ballot);
    b = (bent){NONE};
    b.swapped = close - 1;
    assert_string_not_equal(judged(m, b), "right");
    b.swapped = close;
    assert_string_not_equal(judged(m, b), "right");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_right), cmocka_unit_test(test_bent)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
