/* A fresh directory for a test, and its removal with all that is in it. */
#ifndef SB_TEST_TMPDIR_H
#define SB_TEST_TMPDIR_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static inline int sb_tmpdir_unlink(const char *path, const struct stat *st, int type,
                                   struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(path);
}

/* Into `path` (at least 64 bytes). */
static inline void sb_tmpdir_make(char *path)
{
    strcpy(path, "/tmp/sb-test-XXXXXX");
    if (mkdtemp(path) == NULL)
        abort();
}

static inline void sb_tmpdir_drop(const char *path)
{
    (void)nftw(path, sb_tmpdir_unlink, 16, FTW_DEPTH | FTW_PHYS);
}

#endif
