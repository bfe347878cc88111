#include "tests/bench/lmdb.h"

#include <lmdb.h>
#include <sys/stat.h>

#include "tests/lib/tmpdir.h"

static void must(int rc)
{
    if (rc != 0)
        bench_die(mdb_strerror(rc));
}

static void put_group(MDB_env *env, MDB_dbi dbi, const bench_log *values, size_t first, size_t last)
{
    MDB_txn *txn;
    must(mdb_txn_begin(env, NULL, 0, &txn));
    for (size_t i = first; i < last; i++) {
        sb_slice bytes = bench_leaf(values, i);
        uint8_t number[8];
        for (int k = 0; k < 8; k++)
            number[k] = (uint8_t)((uint64_t)i >> (56 - 8 * k));
        MDB_val key = {sizeof number, number};
        MDB_val value = {bytes.len, (void *)(uintptr_t)bytes.data};
        must(mdb_put(txn, dbi, &key, &value, MDB_APPEND));
    }
    must(mdb_txn_commit(txn));
}

double bench_lmdb_put(const char *dir, const bench_log *values, size_t first, size_t last,
                      size_t group)
{
    MDB_env *env;
    MDB_txn *txn;
    MDB_dbi dbi;
    sb_tmpdir_drop(dir);
    (void)mkdir(dir, 0700);
    must(mdb_env_create(&env));
    must(mdb_env_set_mapsize(env, (size_t)4 << 30));
    must(mdb_env_open(env, dir, 0, 0600));
    must(mdb_txn_begin(env, NULL, 0, &txn));
    must(mdb_dbi_open(txn, NULL, 0, &dbi));
    must(mdb_txn_commit(txn));
    double start = bench_now_s();
    for (size_t i = first; i < last; i += group)
        put_group(env, dbi, values, i, last - i < group ? last : i + group);
    double took = bench_now_s() - start;
    mdb_env_close(env);
    sb_tmpdir_drop(dir);
    return took;
}
