/* samband-model: explores one scenario, with options for its bounds. See README.md. */
#include "tests/model/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void usage(void)
{
    puts("Usage: tests/model/run SCENARIO|all [--mistake NAME]... [--states-max N]\n"
         "         lying brokers: [--terms N] [--nodes N] [--entries N] [--twins N] [--hold] "
         "[--rekey]\n"
         "                        [--withdraw] [--lossy] [--live|--no-live]\n"
         "         honest ones:   [--terms N] [--keys N] [--submitted N] [--silent]\n"
         "Exits 0: nothing broken, 1: broken, with the way there, 2: usage, 3: more states than "
         "allowed.\n");
    size_t count;
    const sb_cfg *all = sb_model_scenarios(&count);
    for (size_t i = 0; i < count; i++)
        printf("  %-14s %s\n", all[i].name, all[i].words);
    puts("Mistakes:");
    for (int i = 0; i < SB_WRONG_COUNT; i++)
        printf("  %-18s %s\n", sb_model_mistake_name((sb_mistake)i),
               sb_model_mistake_words((sb_mistake)i));
}

static bool number(const char *option, const char *name, const char *value, uint8_t *out)
{
    if (strcmp(option, name) != 0 || !value)
        return false;
    *out = (uint8_t)strtoul(value, NULL, 10);
    return true;
}

static bool flag(const char *option, const char *name, bool *out, bool value)
{
    if (strcmp(option, name) != 0)
        return false;
    *out = value;
    return true;
}

static bool mistake(sb_cfg *cfg, const char *name)
{
    for (int i = 0; name && i < SB_WRONG_COUNT; i++)
        if (!strcmp(name, sb_model_mistake_name((sb_mistake)i))) {
            cfg->wrong |= 1u << i;
            return true;
        }
    return false;
}

int main(int argc, char **argv)
{
    if (argc == 2 && !strcmp(argv[1], "--names")) {
        size_t count;
        const sb_cfg *all = sb_model_scenarios(&count);
        for (size_t i = 0; i < count; i++)
            puts(all[i].name);
        return 0;
    }
    const sb_cfg *known = argc > 1 ? sb_model_scenario(argv[1]) : NULL;
    if (!known) {
        usage();
        return argc > 1 ? 2 : 0;
    }
    sb_cfg cfg = *known;
    uint64_t states_max = 50000000;
    for (int i = 2; i < argc; i++) {
        const char *o = argv[i], *v = argv[i + 1];
        if (number(o, "--terms", v, &cfg.terms) || number(o, "--nodes", v, &cfg.nodes) ||
            number(o, "--entries", v, &cfg.entries) || number(o, "--twins", v, &cfg.twins) ||
            number(o, "--keys", v, &cfg.keys) || number(o, "--submitted", v, &cfg.submitted)) {
            i++;
        } else if (!strcmp(o, "--mistake") && mistake(&cfg, v)) {
            i++;
        } else if (!strcmp(o, "--silent")) {
            cfg.dead |= cfg.liars;
            cfg.liars = 0;
        } else if (!strcmp(o, "--states-max") && v) {
            states_max = strtoull(v, NULL, 10);
            i++;
        } else if (!flag(o, "--hold", &cfg.hold, true) && !flag(o, "--rekey", &cfg.rekey, true) &&
                   !flag(o, "--withdraw", &cfg.withdraw, true) &&
                   !flag(o, "--lossy", &cfg.lossy, true) && !flag(o, "--live", &cfg.live, true) &&
                   !flag(o, "--no-live", &cfg.live, false)) {
            usage();
            return 2;
        }
    }
    if (cfg.nodes > 12 || cfg.terms < 1 || cfg.terms > 6 || cfg.keys > 2 || cfg.submitted > 2) {
        fputs("at most 12 leaves, 6 terms, 2 standbys and 2 entries submitted\n", stderr);
        return 2;
    }
    clock_t start = clock();
    sb_result result;
    (cfg.honest ? sb_model_explore_ending : sb_model_explore)(&cfg, states_max, true, &result);
    printf("%s: %s: %llu states, %llu steps, depth %u, %.1f s, %llu MiB\n", cfg.name,
           result.broken  ? result.words
           : result.whole ? "nothing broken within the bounds"
                          : "NOT WHOLE: more states than allowed",
           (unsigned long long)result.states, (unsigned long long)result.steps, result.depth,
           (double)(clock() - start) / CLOCKS_PER_SEC, (unsigned long long)(result.bytes >> 20));
    return result.broken ? 1 : result.whole ? 0 : 3;
}
