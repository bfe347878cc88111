/* power_store_replay JOURNAL BASE INTO STORE KIND [EACH [RANDOM]]: every planned power cut of a daemon that
 * was recorded (record.c). STORE is its store below the recorded folder. 1: something promised was lost,
 * or a store wasn't as after any commit, or wasn't opened. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/fault/power_judge.h"

int main(int argc, char **argv)
{
    static judge j;
    if (argc < 6) {
        fprintf(stderr, "power_store_replay JOURNAL BASE INTO STORE KIND [EACH [RANDOM]]\n");
        return 2;
    }
    replay_plan plan = {.unit = 4096,
                        .each = argc > 6 ? strtoul(argv[6], NULL, 10) : 1,
                        .random = argc > 7 ? strtoul(argv[7], NULL, 10) : 1,
                        .seed = 17};
    bool learnt = judge_learn(&j, argv[1], argv[2], argv[3], argv[4], argv[5]);
    if (!learnt)
        printf("what a SIGKILL after commit %zu leaves can't be opened\n", j.commits);
    judge_try(&j, &plan);
    plan.unit = 512;
    judge_try(&j, &plan);
    bool good = learnt && j.refused + j.lost + j.mixed == 0 && j.commits > 0;
    judge_free(&j);
    return good ? 0 : 1;
}
