#include "proto/ledger/query.h"

const char *const sb_query_names[] = {NULL};

sb_err sb_ledger_query(sb_ledger *l, const char *name, const char *const *args, size_t argc,
                       sb_buf *json, sb_fail *fail)
{
    (void)l;
    (void)args;
    (void)argc;
    (void)json;
    return sb_fail_set(fail, SB_E_QUERY_UNKNOWN, name, NULL);
}
