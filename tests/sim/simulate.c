/* Meetings under faults: for each seed a story is handed in while processes fall, links break, brokers
 * are lost and clocks are wrong; the invariants hold after each step, and when the faults stop all that
 * was handed in becomes final on every node.
 *
 *   simulate                            the seeds of every run of the tests
 *   simulate --seeds FROM TO [--summary] [--each]    each: go on after a seed that fails, and count
 *   simulate --seed N [--trace]
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/sim/liars.h"
#include "tests/sim/meeting.h"
#include "tests/sim/sim_script.h"
#include "tests/sim/world_inside.h"
#include "tests/sim/world_memo.h"
#include "tests/sim/world_plan.h"

enum {
    STUCK_MS = 1500 * 1000,
    HEALED_MS_MAX = 1500 * 1000,
    CALM_MS = 900 * 1000,
    TURN_MS = 40,
    TURN_IDLE_MS = 200,
    TURN_SOON_MS = 5,
    FIXED_FROM = 1,
    FIXED_TO = 21
};

/* Seeds that found a fault once, or go where the others don't. 133: a certified note lost a replaced
 * key's cosignature; 44, 87, 99: divergences; 43: faults named; 41, 51: flipped pages, and commits put off;
 * 82, 138: stale ones; 43, 85, 87: rewinds; 10129: a peer spoilt a leaf that was here, and an honest broker was convicted;
 * 10078: a HANDOVER made anew over a later one; 10774: ballots cut off that came back before their
 * question; 100706: a standby that had ordered before asked for a term; 14212: an old copy of a broker
 * that can't judge the HANDOVER it is shown; 30680: a key that no SEAL covers when the broker is lost;
 * 689: leaves that no node has of a broker that stands still. */
static const uint64_t FOUND[] = {133, 44,    87,    99,    43,     41,    51,    82, 138,
                                 85,  10129, 10078, 10774, 100706, 14212, 30680, 689};

/* ---- stories: one a size of federation ---- */

typedef struct told {
    fed *f, *keys;
    sim_script script;
    sw_line *lines;
    sw_story story;
} told;

static told stories[SW_NODES_MAX + 1];

static void with_standbys(Sb__Charter *charter, sb_arena *arena, void *arg)
{
    static const char *const KEYS[] = {"log-2", "log-3"};
    fed *names = fed_new(NULL);
    (void)arg;
    charter->standbys = SB_ARENA_ARRAY(arena, Sb__Standby *, 2);
    for (size_t i = 0; i < 2; i++) {
        Sb__Standby *s = charter->standbys[i] = SB_ARENA_NEW(arena, Sb__Standby);
        *s = (Sb__Standby)SB__STANDBY__INIT;
        s->id = sb_arena_printf(arena, "reserve-%zu", i + 1);
        sb_slice pk = sb_arena_copy(arena, sb_slice_of(fed_key_of(names, KEYS[i])->pk, 32));
        s->log_pk = s->curve_pk = (ProtobufCBinaryData){.len = 32, .data = (uint8_t *)pk.data};
        s->address = "tcp://reserve.example.no:7117";
    }
    charter->n_standbys = 2;
    charter->silence_s = 180;
    charter->rehearsal = false; /* there the same cosignatures count again */
    fed_free(names);
}

static told *story_of(uint32_t nodes)
{
    told *t = &stories[nodes];
    if (t->f != NULL)
        return t;
    fed_options federation = {.organisations = nodes, .edit = with_standbys};
    t->f = fed_new(&federation);
    t->keys = fed_new(&federation); /* the same keys; its clock says when the story starts */
    t->script = sim_script_make(t->f, 0);
    t->lines = sb_xmalloc(t->script.count * sizeof *t->lines);
    for (size_t i = 0; i < t->script.count; i++) {
        t->lines[i] = (sw_line){
            .entry = t->script.lines[i].entry,
            .waits = t->script.lines[i].waits,
            .later_ms = t->script.lines[i].wants_later ? (uint64_t)10 * 24 * 3600 * 1000 : 0};
        memcpy(t->lines[i].id, t->script.lines[i].id, 32);
    }
    t->story = (sw_story){
        .lines = t->lines, .count = t->script.count, .founding = 3 + nodes, .has_blobs = true};
    t->story.nodes = nodes;
    t->story.keys = t->keys;
    memcpy(t->story.federation_id, t->f->federation_id, 32);
    memcpy(t->story.erased, fed_blob(t->f, "Sak to")->sha256.data, 32);
    memcpy(t->story.kept, fed_blob(t->f, "Sak en")->sha256.data, 32);
    return t;
}

/* Mostly a whole meeting; now and then a short one of a larger federation. */
static const sw_story *story_at(uint64_t seed)
{
    uint64_t which = seed * 0x9E3779B97F4A7C15u >> 40;
    return which % 8 == 0 ? &story_of(sw_plan_nodes(seed))->story : meeting_of(which / 8);
}

static void forget_stories(void)
{
    for (size_t i = 0; i <= SW_NODES_MAX; i++) {
        told *t = &stories[i];
        if (t->f == NULL)
            continue;
        sim_script_free(&t->script);
        free(t->lines);
        fed_free(t->keys);
        fed_free(t->f);
    }
}

/* ---- one meeting ---- */

static void must_not_last(sw *w, sw_members *m, uint64_t stop_ms, const char *what)
{
    if (sw_time_ms(w) <= stop_ms)
        return;
    sw_show(w);
    sw_fail(w, "%s at line %zu", what, sw_members_next(m));
}

static void until_all_final(sw *w, sw_members *m)
{
    uint64_t stop_ms = sw_time_ms(w) + HEALED_MS_MAX;
    while (!sw_members_all_final(m)) {
        must_not_last(w, m, stop_ms, "not everything became final");
        sw_run(w, TURN_IDLE_MS);
        sw_members_turn(m);
    }
}

static void play(sw *w, sw_members *m, sw_plan *p, liars *l)
{
    uint64_t stop_ms = sw_time_ms(w) + STUCK_MS;
    size_t before = 0;
    while (!sw_members_done(m)) {
        must_not_last(w, m, stop_ms, "the story is stuck");
        if (sw_time_ms(w) + CALM_MS > stop_ms && !sw_healed(w))
            sw_heal(w); /* who falls every minute never sees three of silence */
        sw_plan_turn(p, w, m);
        liars_turn(l);
        uint32_t messages = (uint32_t)sw_counts_of(w)->receipts;
        sw_members_turn(m);
        bool busy = sw_counts_of(w)->receipts != messages;
        sw_run(w, sw_members_soon(m) ? TURN_SOON_MS : busy ? TURN_MS : TURN_IDLE_MS / 2);
        if (sw_members_next(m) > before) {
            before = sw_members_next(m);
            stop_ms = sw_time_ms(w) + STUCK_MS;
        }
    }
    liars_end(l);
    sw_plan_end(p, w);
    until_all_final(w, m);
    sw_members_check_end(m);
    if (liars_missed(l) != NULL)
        sw_fail(w, "%s", liars_missed(l));
    if (p->anew && sw_may_lose(w)) {
        sw_lose_disk(w, 0);
        until_all_final(w, m);
        sw_members_check_end(m);
    }
}

static double seconds_now(void)
{
    struct timespec t;
    struct rusage children; /* with --each they do the work */
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    getrusage(RUSAGE_CHILDREN, &children);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9 + (double)children.ru_utime.tv_sec +
           (double)children.ru_utime.tv_usec / 1e6;
}

static void add_counts(sw_counts *sum, const sw_counts *c)
{
    uint64_t *to = (uint64_t *)(void *)sum;
    const uint64_t *from = (const uint64_t *)(const void *)c;
    for (size_t i = 0; i < sizeof *c / sizeof *to; i++)
        to[i] += from[i];
}

static const char *const BROKER[] = {"stays", "lost", "stops", "restored"};

static void run(uint64_t seed, const char *replay, bool trace, bool quiet, sw_counts *sum)
{
    const sw_story *story = story_at(seed);
    double began = seconds_now();
    sw_plan p = sw_plan_make(seed, story);
    sw_options o = sw_plan_options(&p);
    o.replay = replay;
    o.trace = trace;
    sw *w = sw_new(&o, story->keys, story->federation_id);
    liars *l = liars_new(w, story);
    sw_members *m =
        sw_members_new(w, story, p.broker == SW_BROKER_STAYS && !sw_is_liar(w, p.nodes));
    play(w, m, &p, l);
    const sw_counts *c = sw_counts_of(w);
    uint32_t term;
    sw_sequencer(w, &term);
    if (!quiet)
        printf("seed %llu: %s, %s%u nodes, %u disks lost, broker %s%s, term %u, %llu leaves final, "
               "%llu s, %llu messages (%llu lost), %llu crashes, %llu rewinds, %llu refusals, %.0f "
               "ms\n",
               (unsigned long long)seed, story->judge == NULL ? "short" : meeting_name(story),
               liars_words(l), p.nodes, p.disks, BROKER[p.broker],
               p.again && p.broker != SW_BROKER_STAYS ? " and the next" : "", term,
               (unsigned long long)sw_final_size(w), (unsigned long long)sw_time_ms(w) / 1000,
               (unsigned long long)c->messages, (unsigned long long)c->lost,
               (unsigned long long)c->crashes, (unsigned long long)c->rewinds,
               (unsigned long long)c->refusals, 1000 * (seconds_now() - began));
    fflush(stdout);
    add_counts(sum, c);
    liars_free(l);
    sw_members_free(m);
    sw_free(w);
}

static const char *const COUNTERS[] = {
    "messages",       "lost",           "doubled",      "late",         "crashes",
    "cuts",           "half_opens",     "partitions",   "one_way",      "clock_jumps",
    "commits",        "lost_commits",   "put_off",      "disk_full",    "sync_fails",
    "damaged_pages",  "stale_pages",    "rebuilt",      "handovers",    "rewinds",
    "dropped_leaves", "divergences",    "conflicts",    "evidence",     "faults_named",
    "final_heads",    "certified",      "signed_heads", "cosignatures", "promises",
    "receipts",       "refusals",       "finals",       "submits",      "resubmits",
    "audits",         "audited_leaves", "erased",       "lies",         "leaves"};
enum { COUNTER_COUNT = sizeof COUNTERS / sizeof COUNTERS[0] };
_Static_assert(COUNTER_COUNT == sizeof(sw_counts) / sizeof(uint64_t), "a name for each counter");

static void summary(const sw_counts *c, uint64_t seeds, double seconds)
{
    const uint64_t *v = (const uint64_t *)(const void *)c;
    for (size_t i = 0; i < COUNTER_COUNT; i++)
        printf("%-15s %llu\n", COUNTERS[i], (unsigned long long)v[i]);
    printf("%llu meetings in %.1f s: %.0f ms each, %.0f an hour\n", (unsigned long long)seeds,
           seconds, 1000 * seconds / (double)seeds, 3600 * (double)seeds / seconds);
    liars_summary();
}

/* A simulation in which something never happens says nothing about it. */
static uint64_t unvisited(const sw_counts *c)
{
    const uint64_t *v = (const uint64_t *)(const void *)c;
    uint64_t missing = 0;
    for (size_t i = 0; i < COUNTER_COUNT; i++)
        if (v[i] == 0) {
            fprintf(stderr, "in all these seeds: no %s\n", COUNTERS[i]);
            missing++;
        }
    return missing;
}

static void run_many(uint64_t from, uint64_t to, const char *replay, bool trace, bool sums,
                     sw_counts *sum)
{
    for (uint64_t seed = from; seed <= to; seed++)
        run(seed, replay, trace, sums, sum);
}

/* In a process of its own, and again from the next one when a seed fails. How many did. */
static uint64_t run_apart(uint64_t from, uint64_t to, const char *replay, bool trace, bool sums,
                          sw_counts *sum)
{
    uint64_t failed = 0;
    uint64_t *at =
        mmap(NULL, sizeof *at, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    for (*at = from; *at <= to; (*at)++) {
        int status = 0;
        fflush(stdout);
        pid_t pid = fork();
        if (pid == 0) {
            for (; *at <= to; (*at)++)
                run(*at, replay, trace, sums, sum);
            _exit(0);
        }
        waitpid(pid, &status, 0);
        if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
            break;
        failed++;
        if (WIFSIGNALED(status))
            fprintf(stderr, "seed %llu: signal %d\nreplay: %s --seed %llu --trace\n",
                    (unsigned long long)*at, WTERMSIG(status), replay, (unsigned long long)*at);
    }
    munmap(at, sizeof *at);
    return failed;
}

typedef struct args {
    uint64_t from, to;
    bool trace, sums, each, fixed;
} args;

static bool parse(int argc, char **argv, args *a)
{
    *a = (args){.from = FIXED_FROM, .to = FIXED_TO, .fixed = argc == 1, .sums = argc == 1};
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--seed") == 0 && i + 1 < argc)
            a->from = a->to = strtoull(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--seeds") == 0 && i + 2 < argc) {
            a->from = strtoull(argv[i + 1], NULL, 10);
            a->to = strtoull(argv[i + 2], NULL, 10);
            i += 2;
        } else if (strcmp(argv[i], "--trace") == 0)
            a->trace = true;
        else if (strcmp(argv[i], "--summary") == 0)
            a->sums = true;
        else if (strcmp(argv[i], "--each") == 0)
            a->each = true;
        else
            return false;
    }
    return true;
}

static uint64_t run_all(const args *a, const char *replay, sw_counts *sum)
{
    uint64_t failed = 0;
    for (uint64_t seed = a->from; seed <= a->to; seed += 50) {
        uint64_t last = seed + 49 < a->to ? seed + 49 : a->to;
        if (a->each)
            failed += run_apart(seed, last, replay, a->trace, a->sums, sum);
        else
            run_many(seed, last, replay, a->trace, a->sums, sum);
    }
    for (size_t i = 0; a->fixed && i < sizeof FOUND / sizeof FOUND[0]; i++)
        run(FOUND[i], replay, false, true, sum);
    return failed;
}

int main(int argc, char **argv)
{
    args a;
    if (!parse(argc, argv, &a))
        return 2;
    if (a.each)
        liars_share();
    sw_counts *sum =
        mmap(NULL, sizeof *sum, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    double began = seconds_now();
    uint64_t failed = run_all(&a, argv[0], sum), seeds = a.to - a.from + 1;
    if (a.sums)
        summary(sum, seeds, seconds_now() - began);
    if (a.each)
        printf("%llu of %llu seeds failed\n", (unsigned long long)failed,
               (unsigned long long)seeds);
    if (a.fixed)
        failed += unvisited(sum);
    munmap(sum, sizeof *sum);
    forget_stories();
    return failed > 0;
}
