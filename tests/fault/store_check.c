#include "tests/fault/store_check.h"

#include <stdio.h>

#include "nodes/noded/keep.h"
#include "tests/lib/cmocka_all.h"

sb_check_opts store_check_opts(const char *dir)
{
    return (sb_check_opts){.dir = dir,
                           .kind = "node",
                           .own = sb_node_keep_check,
                           .context = (void *)(uintptr_t) "unn",
                           .missing_table = 5};
}

void store_check_whole(const fed *f, const char *dir, uint32_t format, uint64_t leaves)
{
    sb_check_opts opts = store_check_opts(dir);
    sb_check_report r;
    opts.federation_id = f->federation_id;
    sb_check_run(&opts, &r);
    for (uint32_t i = 0; i < r.count; i++)
        if (r.findings[i].cure != SB_CURE_NONE)
            print_error("%s %s\n", sb_err_name(r.findings[i].what.code), r.findings[i].what.arg[0]);
    assert_int_equal(sb_check_exit(&r), 0);
    assert_int_equal(r.format, format);
    assert_int_equal(r.leaves, leaves);
    sb_check_report_deinit(&r);
}

int store_say_format(const char *dir, uint8_t is, uint8_t says)
{
    char path[128];
    sb_buf bytes;
    uint8_t part[4096];
    const uint8_t row[] = {0, 0, 0, is, 'n', 'o', 'd', 'e'};
    (void)snprintf(path, sizeof path, "%s/data.mdb", dir);
    FILE *f = fopen(path, "r+b");
    assert_non_null(f);
    sb_buf_init(&bytes);
    for (size_t n; (n = fread(part, 1, sizeof part, f)) > 0;)
        sb_buf_add(&bytes, sb_slice_of(part, n));
    int count = 0;
    for (size_t at = 0; at + sizeof row <= bytes.len; at++)
        if (memcmp(bytes.data + at, row, sizeof row) == 0) {
            assert_int_equal(fseek(f, (long)at + 3, SEEK_SET), 0);
            assert_int_equal(fputc(says, f), says);
            count++;
        }
    assert_int_equal(fclose(f), 0);
    sb_buf_deinit(&bytes);
    return count;
}
