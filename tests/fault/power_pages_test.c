/* Pages of a store that aren't what was written: a flipped bit, zeros, the page's earlier version put
 * back, another page in its place. Each page of a real store in turn; a child then opens the store as a
 * daemon does and reads all that it would serve, and another checks it offline (samband node check).
 *
 * Nothing that is wrong may be served as good: an outcome is found at start, found when it is read, or
 * harmless (the page isn't in use, or the change isn't in anything that is). Rows that are worked out
 * from the leaves (state) and the process's own are compared too; what a start lets pass there, check finds.
 *
 * power_pages_test [EVERY]: each EVERY-th page (1: all). */
#include "tests/lib/cmocka_all.h"
#include "tests/lib/tmpdir.h"

#include <fcntl.h>
#include <sys/wait.h>

#include "nodes/store/check.h"
#include "proto/base/hash.h"
#include "tests/fault/power_story.h"

enum { PAGE = 4096, VERSIONS = 3 };
static const sb_store_opts OPTS = {.kind = "node", .create = true, .map_bytes_start = 1};
static size_t every = 6;

typedef enum harm { FLIP_HEAD, FLIP, ZERO, STALE, SWAP, HARMS } harm;
static const char *const HARM_NAMES[] = {"flipped in its head", "flipped", "zeroed", "stale",
                                         "another's"};

/* What a child says by its exit status. */
typedef enum outcome { SAME = 40, AT_START, WHEN_READ, ROWS, WRONG, SIGNAL, OUTCOMES } outcome;

typedef struct image {
    uint8_t *bytes;
    size_t len;
} image;

typedef struct bench {
    char root[64], dir[80], file[96];
    fed *f;
    image whole, older[VERSIONS];
    uint64_t rows;
    uint32_t damages;
    size_t seen[HARMS][OUTCOMES - SAME], found_by_check[HARMS], missed_by_check[HARMS];
} bench;

static image read_image(const char *path)
{
    image i = {0};
    struct stat st;
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0 && fstat(fd, &st) == 0);
    i.len = (size_t)st.st_size;
    i.bytes = malloc(i.len);
    assert_int_equal(read(fd, i.bytes, i.len), i.len);
    (void)close(fd);
    return i;
}

static void write_image(const char *path, const image *i)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, i->bytes, i->len), i->len);
    (void)close(fd);
}

/* ---- looking ---- */

static uint64_t hash_rows(sb_kv *kv, uint64_t hash)
{
    sb_kv_walk row = {.kv = kv};
    while (sb_kv_walk_next(&row)) {
        for (size_t i = 0; i < row.key.len; i++)
            hash = (hash ^ row.key.data[i]) * 0x100000001B3u;
        for (size_t i = 0; i < row.value.len; i++)
            hash = (hash ^ row.value.data[i]) * 0x100000001B3u;
    }
    return hash;
}

static uint64_t all_rows(sb_history *h)
{
    return hash_rows(sb_store_own(h->store),
                     hash_rows(sb_store_state(h->store), 14695981039346656037u));
}

/* What is served: leaves, tiles' hashes through proofs (the leaves stand for them), blobs, rows. */
static outcome read_all(bench *b, sb_history *h)
{
    outcome out = SAME;
    sb_buf blob;
    sb_buf_init(&blob);
    for (uint64_t i = 0; i < b->f->leaf_count; i++) {
        sb_slice leaf;
        if (!h->reader.leaf(h->reader.arg, i, &leaf))
            out = out == SAME ? WHEN_READ : out;
        else if (!sb_slice_eq(leaf, fed_leaf(b->f, i)))
            return WRONG;
    }
    for (uint32_t n = 0; n < STORY_BLOBS; n++) {
        uint8_t hash[32];
        sb_fail fail = {0};
        sb_slice whole = story_blob_bytes(n);
        sb_hash(whole, hash);
        sb_buf_clear(&blob);
        if (sb_store_blob_read(h->store, hash, 0, SB_BLOB_BYTES_MAX, &blob, &fail) != SB_OK)
            out = out == SAME ? WHEN_READ : out;
        else if (!sb_slice_eq(sb_buf_slice(&blob), whole))
            out = out == SAME ? WHEN_READ : out; /* by whoever gets it: a blob's name is its hash */
    }
    if (out == SAME && all_rows(h) != b->rows)
        out = sb_store_error(h->store) != SB_OK ? WHEN_READ : ROWS;
    sb_buf_deinit(&blob);
    return out;
}

static outcome as_a_daemon(bench *b)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        sb_history h;
        sb_fail fail = {0};
        (void)!freopen("/dev/null", "w", stderr);
        if (sb_history_open(&h, b->dir, &OPTS, &fail) != SB_OK)
            _exit(AT_START);
        _exit((int)read_all(b, &h));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFEXITED(status) && WEXITSTATUS(status) >= SAME && WEXITSTATUS(status) < SIGNAL)
        return (outcome)WEXITSTATUS(status);
    return WIFEXITED(status) && WEXITSTATUS(status) == SB_EXIT_VERIFY ? WHEN_READ : SIGNAL;
}

/* The story's entries name attachments that it doesn't have: so much is damaged to begin with. */
static uint32_t damages(bench *b, bool *finished)
{
    sb_check_report report;
    const sb_check_opts opts = {.dir = b->dir, .kind = "node"};
    sb_check_run(&opts, &report);
    uint32_t count = report.damages;
    *finished = report.finished;
    sb_check_report_deinit(&report);
    return count;
}

static bool by_check(bench *b)
{
    bool finished;
    uint32_t count = damages(b, &finished);
    return !finished || count != b->damages;
}

/* ---- harming ---- */

/* False: nothing would change. */
static bool harm_page(bench *b, image *i, harm how, size_t page)
{
    uint8_t *at = i->bytes + page * PAGE;
    size_t other = (page * 7 + 3) % (b->whole.len / PAGE);
    switch (how) {
    case FLIP_HEAD:
        at[page % 16] ^= (uint8_t)(1 << page % 8);
        break;
    case FLIP:
        at[PAGE - 1 - page * 37 % 1200] ^= (uint8_t)(1 << page % 8);
        break;
    case ZERO:
        memset(at, 0, PAGE);
        break;
    case STALE:
        for (size_t v = VERSIONS; v > 0; v--) {
            const image *old = &b->older[v - 1];
            if ((page + 1) * PAGE <= old->len && memcmp(old->bytes + page * PAGE, at, PAGE) != 0) {
                memcpy(at, old->bytes + page * PAGE, PAGE);
                break;
            }
        }
        break;
    case SWAP:
        memcpy(at, b->whole.bytes + other * PAGE, PAGE);
        break;
    case HARMS:
        break;
    }
    return memcmp(at, b->whole.bytes + page * PAGE, PAGE) != 0;
}

static void try_page(bench *b, image *i, harm how, size_t page)
{
    memcpy(i->bytes, b->whole.bytes, i->len);
    if (!harm_page(b, i, how, page))
        return;
    write_image(b->file, i);
    outcome seen = as_a_daemon(b);
    write_image(b->file, i);
    bool found = by_check(b);
    b->seen[how][seen - SAME]++;
    b->found_by_check[how] += found;
    if (seen != SAME && !found)
        b->missed_by_check[how]++;
    if (seen >= WRONG || (seen != SAME && !found))
        print_message("page %zu %s: %s, check %s\n", page, HARM_NAMES[how],
                      seen == WRONG    ? "WRONG DATA SERVED"
                      : seen == SIGNAL ? "a signal"
                                       : "changed",
                      found ? "finds it" : "FINDS NOTHING");
}

static int setup(void **state)
{
    bench *b = calloc(1, sizeof *b);
    sb_history h;
    sb_fail fail = {0};
    strcpy(b->root, "/dev/shm/sb-pages-XXXXXX");
    if (mkdtemp(b->root) == NULL)
        sb_tmpdir_make(b->root);
    (void)snprintf(b->dir, sizeof b->dir, "%s/store", b->root);
    (void)snprintf(b->file, sizeof b->file, "%s/data.mdb", b->dir);
    b->f = story_make();
    assert_int_equal(sb_history_open(&h, b->dir, &OPTS, &fail), SB_OK);
    for (uint32_t n = 0; n < STORY_BLOBS; n++)
        assert_int_equal(story_blob(&h, n), SB_OK);
    for (uint32_t n = 0; sb_store_count(h.store) < b->f->leaf_count; n++) {
        size_t left = b->f->leaf_count - sb_store_count(h.store);
        if (left <= 9)
            b->older[2] = read_image(b->file);
        assert_int_equal(story_forward(&h, b->f, left < 9 ? left : 9, n), SB_OK);
        if (n == 12 || n == 24)
            b->older[n / 12 - 1] = read_image(b->file);
    }
    b->rows = all_rows(&h);
    sb_history_close(&h);
    b->whole = read_image(b->file);
    *state = b;
    return 0;
}

static int teardown(void **state)
{
    bench *b = *state;
    for (size_t v = 0; v < VERSIONS; v++)
        free(b->older[v].bytes);
    free(b->whole.bytes);
    fed_free(b->f);
    sb_tmpdir_drop(b->root);
    free(b);
    return 0;
}

static void test_no_page_is_believed(void **state)
{
    bench *b = *state;
    image i = {.bytes = malloc(b->whole.len), .len = b->whole.len};
    size_t pages = b->whole.len / PAGE, wrong = 0, signals = 0, missed = 0;
    bool finished;
    assert_int_equal(as_a_daemon(b), SAME);
    b->damages = damages(b, &finished);
    assert_true(finished);
    for (size_t how = 0; how < HARMS; how++)
        for (size_t page = how % every; page < pages; page += every)
            try_page(b, &i, (harm)how, page);
    print_message("%zu pages; found at start, when read, only in rows; harmless; check finds\n",
                  pages);
    for (size_t how = 0; how < HARMS; how++) {
        const size_t *seen = b->seen[how];
        print_message("%-20s %4zu %4zu %4zu  %4zu  %4zu\n", HARM_NAMES[how], seen[AT_START - SAME],
                      seen[WHEN_READ - SAME], seen[ROWS - SAME], seen[0], b->found_by_check[how]);
        wrong += seen[WRONG - SAME];
        signals += seen[SIGNAL - SAME];
        missed += b->missed_by_check[how];
    }
    free(i.bytes);
    assert_int_equal(wrong, 0);
    assert_int_equal(signals, 0);
    assert_int_equal(missed, 0);
}

int main(int argc, char **argv)
{
    if (argc == 2)
        every = strtoul(argv[1], NULL, 10);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_no_page_is_believed, setup, teardown)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
