/* bench_rules [ROUNDS]: the rule language alone, one thread: a body of 16 seats counted and its rule
 * evaluated with every line reported, as at a close; the same with the certificate of `samband rules
 * eval`; and the analyser on the largest body it takes. */
#include <stdio.h>
#include <stdlib.h>

#include "proto/rules/analyse.h"
#include "proto/rules/tally.h"
#include "tests/bench/bench.h"

enum { SEATS = 16, PARTNERS = 4, EVALUATIONS = 50000, CERTIFICATES = 10000 };

static const char *const IDS[8] = {"unn", "kommune", "fastlege", "bruker", "e", "f", "g", "h"};
static const char RULE[] = "each partner in (unn, kommune, fastlege, bruker): (present >= 1/2 of "
                           "seats and for > 1/2 of cast)";

static void parse(sb_arena *arena, const char *text, sb_rule *rule)
{
    sb_fail fail = {0};
    bench_must(sb_rule_parse(arena, sb_slice_str(text), rule, &fail), &fail, text);
}

static void seat_all(sb_tally_seat seats[SEATS], uint32_t round)
{
    for (uint32_t i = 0; i < SEATS; i++)
        seats[i] =
            (sb_tally_seat){.id = sb_slice_of(&"abcdefghijklmnop"[i], 1),
                            .partner = sb_slice_str(IDS[i % PARTNERS]),
                            .filled = true,
                            .presence = i == round % 32 ? SB_TALLY_ABSENT : SB_TALLY_PRIMARY,
                            .vote = (round >> i % 8) % 4 == 0 ? SB_TALLY_AGAINST : SB_TALLY_FOR};
}

/* Evaluations a second, of a rule that is parsed already or (rule NULL) parsed each time from its
 * text, as at a close; `passed` keeps the work from being left out. */
static double evaluate(sb_arena *arena, const sb_rule *rule, uint32_t *passed)
{
    sb_rule read;
    sb_tally_seat seats[SEATS];
    sb_fail fail = {0};
    double start = bench_now_s();
    for (uint32_t i = 0; i < EVALUATIONS; i++) {
        sb_rule_input in;
        sb_rule_result result;
        seat_all(seats, i);
        if (rule == NULL)
            parse(arena, RULE, &read);
        bench_must(sb_tally_count(arena, seats, SEATS, &in, &fail), &fail, "count");
        sb_rule_eval(arena, rule == NULL ? &read : rule, &in, &result);
        *passed += result.passed;
        sb_arena_reset(arena);
    }
    return EVALUATIONS / (bench_now_s() - start);
}

static double certify(sb_arena *arena, const sb_rule *rule, uint32_t *passed)
{
    sb_tally_seat seats[SEATS];
    sb_fail fail = {0};
    sb_buf out;
    sb_buf_init(&out);
    double start = bench_now_s();
    for (uint32_t i = 0; i < CERTIFICATES; i++) {
        const sb_tally_case one = {.seats = seats, .count = SEATS};
        bool pass;
        seat_all(seats, i);
        sb_buf_clear(&out);
        bench_must(sb_tally_certificate(arena, rule, &one, &out, &pass, &fail), &fail, "answer");
        *passed += pass;
        sb_arena_reset(arena);
    }
    double took = bench_now_s() - start;
    sb_buf_deinit(&out);
    return CERTIFICATES / took;
}

/* Milliseconds for both sides of 64 seats in 8 partners. */
static double analyse(const sb_rule *rule, uint64_t *kinds)
{
    sb_rule_group groups[8];
    const sb_rule_shape shape = {.partners = groups, .partner_count = 8};
    sb_analyse_seats all;
    sb_analyse_minimal m;
    for (int i = 0; i < 8; i++)
        groups[i] = (sb_rule_group){.id = sb_slice_str(IDS[i]), .seats = 8};
    sb_analyse_all(&shape, &all);
    double start = bench_now_s();
    for (int side = 0; side < 2; side++) {
        sb_analyse_minimal_choices(rule, &shape, &all, (sb_analyse_side)side, &m);
        if (!m.is_exact)
            bench_die("not exact");
        *kinds += m.kinds;
    }
    return (bench_now_s() - start) * 1000;
}

int main(int argc, char **argv)
{
    size_t rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : 5;
    double plain[BENCH_ROUNDS_MAX], read[BENCH_ROUNDS_MAX], whole[BENCH_ROUNDS_MAX],
        ms[BENCH_ROUNDS_MAX];
    sb_arena kept, arena;
    sb_rule rule, large;
    uint32_t passed = 0;
    uint64_t kinds = 0;
    if (rounds == 0 || rounds > BENCH_ROUNDS_MAX)
        bench_die("rounds");
    sb_arena_init(&kept);
    sb_arena_init(&arena);
    parse(&kept, RULE, &rule);
    parse(&kept, "at least 5 partners: for > 1/2 of cast and for >= 2/3 of present", &large);
    for (size_t i = 0; i < rounds; i++) {
        plain[i] = evaluate(&arena, &rule, &passed);
        read[i] = evaluate(&arena, NULL, &passed);
        whole[i] = certify(&arena, &rule, &passed);
        ms[i] = analyse(&large, &kinds);
    }
    if (passed == 0 || passed == rounds * (2 * EVALUATIONS + CERTIFICATES))
        bench_die("every outcome is the same");
    bench_line("rules/evaluate", bench_median(plain, rounds), "rules/s", -1,
               bench_spread(plain, rounds), 20000, "16 seats of 4 partners counted, 8 comparisons");
    bench_line("rules/parse-evaluate", bench_median(read, rounds), "rules/s", -1,
               bench_spread(read, rounds), 20000,
               "the same, the rule parsed from its text each time");
    bench_line("rules/certificate", bench_median(whole, rounds), "rules/s", -1,
               bench_spread(whole, rounds), 0, "the same with the JSON of `samband rules eval`");
    bench_line("rules/analyse", bench_median(ms, rounds), "ms", -1, bench_spread(ms, rounds), 0,
               "64 seats of 8 partners: %llu minimal choices of both sides",
               (unsigned long long)(kinds / rounds));
    sb_arena_deinit(&arena);
    sb_arena_deinit(&kept);
    return 0;
}
