/* The whole protocol under faults: for each seed the story of sim_script is handed in at nodes that
 * crash, over a network that loses, doubles and reorders; the invariants of DESIGN §4 hold after
 * each step, and once the faults stop everything becomes final everywhere.
 *
 *   sync_sim_test [--seeds FROM TO] [--seed N [--trace]]
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/sim/sim_script.h"
#include "tests/sim/sim_world.h"

enum { RETRY_MS = 700, ELSEWHERE_MS = 20000, STUCK_MS = 180 * 1000, HEALED_MS_MAX = 120 * 1000 };

typedef enum line_state { LINE_WAITS, LINE_SENT, LINE_IN_LOG, LINE_FINAL } line_state;

typedef struct driver {
    sim *s;
    const sim_script *script;
    uint32_t nodes;
    line_state *states;
    uint64_t *sent_ms;
    uint32_t *tries;
    size_t next; /* all before it are in the log */
    bool jumped;
} driver;

static size_t line_of(const driver *d, const uint8_t id[32])
{
    size_t i = 0;
    while (i < d->script->count && memcmp(d->script->lines[i].id, id, 32) != 0)
        i++;
    return i;
}

static void hear(driver *d)
{
    size_t count;
    const sim_note *notes = sim_notes(d->s, &count);
    for (size_t i = 0; i < count; i++) {
        size_t line = line_of(d, notes[i].entry_id);
        if (line == d->script->count)
            sim_fail(d->s, "a note about an unknown entry", i, 0);
        switch (notes[i].note) {
        case SB_FOL_QUEUED:
        case SB_FOL_CONSENTED:
            break;
        case SB_FOL_RECEIPT:
            if (d->states[line] < LINE_IN_LOG)
                d->states[line] = LINE_IN_LOG;
            break;
        case SB_FOL_REFUSED: /* too early (an appointment that isn't sealed): once more, later */
            if (d->states[line] == LINE_SENT)
                d->states[line] = LINE_WAITS;
            break;
        case SB_FOL_FINAL:
            d->states[line] = LINE_FINAL;
            break;
        }
    }
    while (d->next < d->script->count && d->states[d->next] >= LINE_IN_LOG)
        d->next++;
}

/* Nothing is under way: whatever was dated is under a certified head on every node. A jump of all
 * clocks before that is what §6 protects against (leaves dated before a cosigning). */
static bool is_quiet(driver *d)
{
    sb_seq_status broker;
    if (!sim_broker_status(d->s, &broker) || broker.certified_size != broker.size)
        return false;
    for (uint32_t n = 0; n < d->nodes; n++) {
        sb_fol_status status;
        if (!sim_status(d->s, n, &status) || status.certified_size != broker.size)
            return false;
    }
    return true;
}

/* Hand in what may be: in order, and again where nothing was heard. */
static void hand_in(driver *d)
{
    uint64_t now = sim_now_ms(d->s);
    for (size_t i = d->next; i < d->script->count; i++) {
        const sim_line *line = &d->script->lines[i];
        if (line->waits && d->next < i)
            return;
        if (line->wants_later && !d->jumped) {
            if (!is_quiet(d))
                return;
            sim_jump(d->s, (uint64_t)10 * 24 * 3600 * 1000);
            d->jumped = true;
        }
        if (d->states[i] >= LINE_IN_LOG)
            continue;
        uint64_t quiet = d->states[i] == LINE_SENT ? ELSEWHERE_MS : RETRY_MS;
        if (d->tries[i] > 0 && now - d->sent_ms[i] < quiet)
            continue;
        uint32_t node = (uint32_t)((i + d->tries[i]) % d->nodes);
        d->tries[i]++;
        d->sent_ms[i] = now;
        d->states[i] = LINE_SENT;
        if (!sim_submit(d->s, node, line->entry))
            d->states[i] = LINE_WAITS;
    }
}

static bool all_final(driver *d)
{
    sb_seq_status broker;
    if (d->next < d->script->count || !sim_broker_status(d->s, &broker))
        return false;
    for (uint32_t n = 0; n < d->nodes; n++) {
        sb_fol_status status;
        if (!sim_status(d->s, n, &status) || status.size != broker.size || status.outbox > 0 ||
            status.certified_size != broker.size || status.stale || status.final_size == 0 ||
            status.blobs_missing > 0)
            return false;
        /* nothing but STATE and SEAL above the final head */
        for (uint64_t i = status.final_size; i < status.size; i++) {
            uint8_t type = sim_log_leaf(d->s, n, i).data[8 + 1];
            if (type != SB_ENTRY_STATE && type != SB_ENTRY_SEAL)
                return false;
        }
    }
    return true;
}

static void show(driver *d)
{
    sb_seq_status b = {0};
    sim_broker_status(d->s, &b);
    fprintf(stderr, "broker: size %llu certified %llu\n", (unsigned long long)b.size,
            (unsigned long long)b.certified_size);
    for (uint32_t n = 0; n < d->nodes; n++) {
        sb_fol_status t = {0};
        sim_status(d->s, n, &t);
        fprintf(stderr,
                "node %u: size %llu cosigned %llu certified %llu final %llu outbox %u stale %d "
                "block %d blobs missing %u broker %d\n",
                n, (unsigned long long)t.size, (unsigned long long)t.cosigned_size,
                (unsigned long long)t.certified_size, (unsigned long long)t.final_size, t.outbox,
                t.stale, (int)t.block, t.blobs_missing, t.broker_up);
    }
}

/* The erased text is nowhere; a new node joins without it and becomes as final as the others. */
static void check_erased(driver *d, fed *f)
{
    const uint8_t *erased = fed_blob(f, "Sak to")->sha256.data;
    const uint8_t *kept = fed_blob(f, "Sak en")->sha256.data;
    for (uint32_t n = 0; n <= d->nodes; n++) {
        uint32_t who = n == d->nodes ? UINT32_MAX : n;
        if (sim_has_blob(d->s, who, erased))
            sim_fail(d->s, "an erased blob is held", n, 0);
        if (!sim_has_blob(d->s, who, kept))
            sim_fail(d->s, "a blob is gone", n, 0);
    }
}

static void until_all_final(driver *d)
{
    uint64_t stop = sim_now_ms(d->s) + HEALED_MS_MAX;
    while (!all_final(d)) {
        if (sim_now_ms(d->s) > stop)
            show(d);
        if (sim_now_ms(d->s) > stop)
            sim_fail(d->s, "not everything became final", d->next, d->script->count);
        sim_step(d->s);
        hear(d);
    }
}

static void play(driver *d, fed *f)
{
    uint64_t stop = sim_now_ms(d->s) + STUCK_MS;
    while (d->next < d->script->count) {
        if (sim_now_ms(d->s) > stop)
            show(d);
        if (sim_now_ms(d->s) > stop)
            sim_fail(d->s, "the story got stuck at line", d->next, d->script->count);
        hand_in(d);
        sim_step(d->s);
        size_t before = d->next;
        hear(d);
        if (d->next > before)
            stop = sim_now_ms(d->s) + STUCK_MS;
    }
    sim_heal(d->s);
    until_all_final(d);
    check_erased(d, f);
    sim_begin_anew(d->s, 0);
    until_all_final(d);
    check_erased(d, f);
    sim_check_receipts(d->s);
}

/* Faults differ from seed to seed. */
static sim_options options_of(uint64_t seed, const char *replay, bool trace)
{
    sim_options o = {
        .seed = seed, .nodes = seed % 5 == 0 ? 7 : 4, .replay = replay, .trace = trace};
    o.delay_ms_max = (uint32_t)(10 + seed * 37 % 290);
    if (seed % 8 == 0)
        return o; /* slow, but nothing fails */
    o.drop_permille = (uint32_t)(seed * 13 % 80);
    o.double_permille = (uint32_t)(seed * 7 % 50);
    o.crash_commit_permille = (uint32_t)(seed * 3 % 12);
    o.crash_step_permille = seed % 2;
    o.cut_permille = seed % 3;
    o.down_ms_max = (uint32_t)(200 + seed * 101 % 4000);
    o.skew_ms_max = (uint32_t)(seed * 997 % 60000);
    return o;
}

static void run(uint64_t seed, const char *replay, bool trace)
{
    sim_options o = options_of(seed, replay, trace);
    fed_options federation = {.organisations = o.nodes};
    fed *f = fed_new(&federation);
    sim_script script = sim_script_make(f, seed % 4 == 3 ? 220 : 0);
    fed *keys = fed_new(&federation); /* the same keys; its clock says when the story starts */
    driver d = {.s = sim_new(&o, keys), .script = &script, .nodes = o.nodes};
    d.states = calloc(script.count, sizeof *d.states);
    d.sent_ms = calloc(script.count, sizeof *d.sent_ms);
    d.tries = calloc(script.count, sizeof *d.tries);
    play(&d, f);
    const sim_counts *c = sim_get_counts(d.s);
    printf("seed %llu: %zu entries, %llu leaves, %llu s, %llu messages (%llu lost, %llu doubled), "
           "%llu crashes, %llu cuts, %llu refusals\n",
           (unsigned long long)seed, script.count,
           (unsigned long long)sim_log_size(d.s, UINT32_MAX),
           (unsigned long long)sim_now_ms(d.s) / 1000, (unsigned long long)c->messages,
           (unsigned long long)c->dropped, (unsigned long long)c->doubled,
           (unsigned long long)c->crashes, (unsigned long long)c->cuts,
           (unsigned long long)c->refusals);
    fflush(stdout);
    sim_free(d.s);
    free(d.states);
    free(d.sent_ms);
    free(d.tries);
    sim_script_free(&script);
    fed_free(keys);
    fed_free(f);
}

/* Seeds that found a fault once. 71: an entry before the first TICK after a restart. */
static const uint64_t FOUND[] = {71};

int main(int argc, char **argv)
{
    uint64_t from = 1, to = 12;
    bool trace = false, all = true;
    for (int i = 1; i < argc; i++) {
        all = false;
        if (strcmp(argv[i], "--seed") == 0 && i + 1 < argc)
            from = to = strtoull(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--seeds") == 0 && i + 2 < argc) {
            from = strtoull(argv[i + 1], NULL, 10);
            to = strtoull(argv[i + 2], NULL, 10);
            i += 2;
        } else if (strcmp(argv[i], "--trace") == 0)
            trace = true;
        else
            return 2;
    }
    for (uint64_t seed = from; seed <= to; seed++)
        run(seed, argv[0], trace);
    for (size_t i = 0; all && i < sizeof FOUND / sizeof FOUND[0]; i++)
        run(FOUND[i], argv[0], trace);
    return 0;
}
