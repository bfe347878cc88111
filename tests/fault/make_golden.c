/* Write a node's store as this tree writes it: make_golden DIR. For tests/fault/golden (README there). */
#include <stdio.h>

#include "tests/lib/store_sample.h"

int main(int argc, char **argv)
{
    char made[4096];
    store_sample sample;
    const sb_store_opts look = {.kind = "node", .readonly = true};
    sb_store *s;
    if (argc != 2)
        return 2;
    (void)snprintf(made, sizeof made, "%s.made", argv[1]);
    fed *f = store_sample_fed(70);
    store_sample_make(&sample, f, made, "node", true);
    if (sb_store_open(&s, made, &look, NULL) != SB_OK ||
        sb_store_backup(s, argv[1], NULL) != SB_OK) /* compact */
        return 1;
    sb_store_close(s);
    fed_free(f);
    return 0;
}
