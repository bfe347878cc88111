/* Deadlines in words, counted from any day and back again; dates and names of days as texts. */
#include <stdlib.h>

#include "proto/calendar/deadline.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static bool is_after(sb_date a, sb_date b)
{
    if (a.year != b.year)
        return a.year > b.year;
    return a.month != b.month ? a.month > b.month : a.day > b.day;
}

static void check_rule(const sb_deadline_rule *rule, sb_date anchor, sb_arena *arena)
{
    sb_deadline d, back;
    sb_fail fail = {0};
    sb_json j;
    sb_buf json;
    sb_err err = sb_deadline_of(arena, rule, anchor, &d, &fail);
    sb_fuzz_must(err == fail.code);
    if (err != SB_OK)
        return;
    sb_fuzz_must(d.day_count >= 1 && d.day_count <= SB_DEADLINE_DAYS_MAX + 400);
    sb_fuzz_must(rule->direction == SB_DEADLINE_BEFORE ? !is_after(d.day, anchor)
                                                       : !is_after(anchor, d.day));
    sb_buf_init(&json);
    sb_json_begin(&j, &json);
    sb_deadline_days_json(&j, d.days, d.day_count);
    sb_fuzz_must(json.len > 0);
    sb_buf_deinit(&json);
    (void)sb_deadline_anchor_of(arena, rule, d.day, &back, &fail);
}

static bool one(sb_slice input)
{
    sb_script s = sb_script_over(input);
    sb_arena arena;
    sb_deadline_rule rule = {0};
    sb_day_reason reason;
    sb_fail fail = {0};
    sb_date anchor = {.year = 1900 + sb_script_u8(&s) * 2,
                      .month = (uint8_t)(1 + sb_script_below(&s, 12)),
                      .day = (uint8_t)(1 + sb_script_below(&s, 28))};
    sb_slice text = sb_slice_of(input.data + s.at, input.len - s.at);
    sb_arena_init(&arena);
    sb_err err = sb_deadline_rule_parse(text, &rule, &fail);
    sb_fuzz_must(err == fail.code);
    if (err == SB_OK)
        check_rule(&rule, anchor, &arena);
    (void)sb_day_reason_parse(text, &reason);
    rule = (sb_deadline_rule){.count = (uint32_t)sb_script_u64(&s),
                              .unit = (sb_deadline_unit)sb_script_below(&s, 5),
                              .direction = (sb_deadline_direction)sb_script_below(&s, 4),
                              .kind = (sb_deadline_kind)sb_script_below(&s, 5)};
    check_rule(&rule, anchor, &arena);
    sb_arena_deinit(&arena);
    return err == SB_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    return sb_fuzz_run(one, data, len, (sb_fuzz_bound){2 * 1024 * 1024, 64});
}
