/* power_replay JOURNAL BASE INTO [EACH [RANDOM]]: every planned power cut of commands that write files.
 *
 * BASE is what was in the folder before (it may be empty), INTO a folder to work in. In each outcome
 * each file must be as it was put under its name, whole; what was there before and is there
 * afterwards must always be there; and after the mark "done" nothing may be missing or old. Names
 * like x.AbC123 and what lies in a folder "unfinished" or "new" are on their way and don't count, nor
 * do locks. Prints how many outcomes there were; 1 and a word about the first that was wrong.
 *
 * power_replay --changes JOURNAL: how many changes there were (SB_RECORD_KILL=1…).
 * power_replay --killed JOURNAL BASE INTO N: the folder as a SIGKILL before record N leaves it. */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/fault/replay.h"

enum { VERSIONS_MAX = 20000 };

typedef struct version {
    char path[256];
    uint64_t hash;
    bool is_before, is_after;
} version;

typedef struct versions {
    version items[VERSIONS_MAX];
    size_t count;
} versions;

static versions known, now;
static size_t done_marks;

static bool is_on_its_way(const char *name)
{
    size_t len = strlen(name);
    static const char *const others[] = {"unfinished", "new", "lock.mdb", "writer.lock"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strcmp(name, others[i]) == 0)
            return true;
    if (len > 11 && strcmp(name + len - 11, ".unfinished") == 0)
        return true;
    return len > 7 && name[len - 7] == '.' &&
           strspn(name + len - 6,
                  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == 6;
}

static uint64_t hash_of(const char *path)
{
    uint64_t hash = 14695981039346656037u;
    uint8_t part[65536];
    ssize_t n;
    int fd = open(path, O_RDONLY);
    while (fd >= 0 && (n = read(fd, part, sizeof part)) > 0)
        for (ssize_t i = 0; i < n; i++)
            hash = (hash ^ part[i]) * 1099511628211u;
    (void)close(fd);
    return hash;
}

static void walk(versions *v, const char *root, const char *below)
{
    char path[PATH_MAX], name[PATH_MAX];
    struct dirent *e;
    (void)snprintf(path, sizeof path, "%s%s", root, below);
    DIR *d = opendir(path);
    while (d != NULL && (e = readdir(d)) != NULL) {
        struct stat st;
        if (e->d_name[0] == '.' || is_on_its_way(e->d_name))
            continue;
        if (snprintf(name, sizeof name, "%s/%s", below, e->d_name) >= 256 ||
            snprintf(path, sizeof path, "%s%s", root, name) >= PATH_MAX || lstat(path, &st) != 0)
            continue;
        if (S_ISDIR(st.st_mode)) {
            walk(v, root, name);
        } else if (S_ISREG(st.st_mode) && v->count < VERSIONS_MAX) {
            version *x = &v->items[v->count++];
            *x = (version){.hash = hash_of(path)};
            (void)snprintf(x->path, sizeof x->path, "%.255s", name);
        }
    }
    if (d != NULL)
        (void)closedir(d);
}

static version *find(versions *v, const char *path, uint64_t hash)
{
    for (size_t i = 0; i < v->count; i++)
        if (strcmp(v->items[i].path, path) == 0 && (hash == 0 || v->items[i].hash == hash))
            return &v->items[i];
    return NULL;
}

static void learn(replay *r, size_t record, const char *into)
{
    now.count = 0;
    replay_killed(r, record, into);
    walk(&now, into, "");
    for (size_t i = 0; i < now.count; i++) {
        version *x = find(&known, now.items[i].path, now.items[i].hash);
        if (x == NULL && known.count < VERSIONS_MAX) {
            x = &known.items[known.count++];
            *x = now.items[i];
        }
        x->is_before = x->is_before || record == 0;
        x->is_after = x->is_after || record == replay_records(r);
    }
}

/* The path is there before and after, in whatever version. */
static bool must_stay(const char *path)
{
    bool before = false, after = false;
    for (size_t i = 0; i < known.count; i++)
        if (strcmp(known.items[i].path, path) == 0) {
            before = before || known.items[i].is_before;
            after = after || known.items[i].is_after;
        }
    return before && after;
}

static bool judge(void *arg, const replay_cut *cut)
{
    const char *into = arg, *wrong = NULL, *path = "";
    bool is_done = cut->marks == done_marks && done_marks > 0;
    now.count = 0;
    walk(&now, into, "");
    for (size_t i = 0; i < now.count && wrong == NULL; i++) {
        const version *x = find(&known, now.items[i].path, now.items[i].hash);
        path = now.items[i].path;
        if (x == NULL)
            wrong = "is not as it ever was";
        else if (is_done && !x->is_after)
            wrong = "is old, and it was said to be done";
    }
    for (size_t i = 0; i < known.count && wrong == NULL; i++) {
        path = known.items[i].path;
        if (find(&now, path, 0) != NULL)
            continue;
        if (must_stay(path))
            wrong = "is gone";
        else if (is_done && known.items[i].is_after)
            wrong = "is missing, and it was said to be done";
    }
    if (wrong == NULL)
        return true;
    printf("%s %s: cut before record %zu, %zu of %zu units kept (%s)\n", path, wrong, cut->record,
           cut->kept, cut->waiting, cut->how);
    exit(1);
}

static size_t number(int argc, char **argv, int at, size_t otherwise)
{
    return argc > at ? strtoul(argv[at], NULL, 10) : otherwise;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--changes") == 0) {
        replay *r = replay_read(argv[2], NULL);
        size_t count = replay_records(r);
        count -= replay_count(r, RECORD_OPEN) + replay_count(r, RECORD_MARK) +
                 replay_count(r, RECORD_WRITTEN);
        printf("%zu\n", count);
        replay_free(r);
        return 0;
    }
    if (argc == 6 && strcmp(argv[1], "--killed") == 0) {
        replay *r = replay_read(argv[2], argv[3]);
        replay_killed(r, strtoul(argv[5], NULL, 10), argv[4]);
        replay_free(r);
        return 0;
    }
    if (argc < 4) {
        fprintf(stderr, "power_replay JOURNAL BASE INTO [EACH [RANDOM]]\n");
        return 2;
    }
    replay *r = replay_read(argv[1], argv[2]);
    learn(r, 0, argv[3]);
    for (size_t i = 0; i < replay_records(r); i++)
        if (replay_kind(r, i) == RECORD_LINK || replay_kind(r, i) == RECORD_RENAME ||
            replay_kind(r, i) == RECORD_EXCHANGE || replay_kind(r, i) == RECORD_UNLINK)
            learn(r, i + 1, argv[3]);
    learn(r, replay_records(r), argv[3]);
    done_marks = replay_marks(r);
    const replay_plan plan = {.unit = 4096,
                              .each = number(argc, argv, 4, 4),
                              .random = number(argc, argv, 5, 4),
                              .seed = 5};
    printf("%zu\n", replay_power_cuts(r, &plan, argv[3], judge, argv[3]));
    replay_free(r);
    return 0;
}
