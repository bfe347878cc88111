/* Terms under faults: the story of sim_script is handed in while the broker is lost, or stops, or is
 * put back from an old backup, while one or two nodes' disks are lost, and standbys take over; over a
 * network that loses and doubles, with processes that fall at commits. After each step what is final
 * anywhere is final the same everywhere; nothing final is lost; once the faults stop everything that
 * was handed in becomes final on every node.
 *
 *   terms_sim_test [--seeds FROM TO] [--seed N [--trace]]
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/sim/sim_script.h"
#include "tests/sim/terms_world.h"

enum {
    SILENCE_S = 180,
    RETRY_MS = 700,
    UNHEARD_MS = 20000,
    STUCK_MS = 1200 * 1000,
    HEALED_MS_MAX = 1200 * 1000
};

typedef enum line_state { LINE_WAITS, LINE_SENT, LINE_IN_LOG, LINE_FINAL } line_state;

/* What goes wrong, and after which line. */
typedef struct plan {
    uint64_t seed;
    uint32_t nodes;
    size_t broker_at, again_at, backup_at, disk_at[2];
    uint32_t disks; /* lost */
    enum { LOST, STOPS, RESTORED } how;
    bool again;       /* the next broker is lost too */
    bool by_operator; /* the standby is told to take over */
} plan;

typedef struct driver {
    tw *w;
    const sim_script *script;
    plan plan;
    line_state *states;
    uint64_t *sent_ms;
    size_t next; /* all before it are final */
    uint64_t final_seen;
    size_t done; /* of the plan */
    uint64_t broker_gone_ms;
    bool told, restored;
} driver;

static size_t line_of(const driver *d, const uint8_t id[32])
{
    size_t i = 0;
    while (i < d->script->count && memcmp(d->script->lines[i].id, id, 32) != 0)
        i++;
    return i;
}

static void see_final(driver *d)
{
    for (; d->final_seen < tw_final_size(d->w); d->final_seen++) {
        sb_slice leaf = tw_final_leaf(d->w, d->final_seen);
        sb_entry entry;
        if (sb_entry_parse(sb_slice_of(leaf.data + 8, leaf.len - 8), &entry, NULL) != SB_OK)
            tw_fail(d->w, "a final leaf that can't be", d->final_seen, 0);
        size_t line = line_of(d, entry.id);
        if (line < d->script->count && d->states[line] == LINE_FINAL)
            tw_fail(d->w, "an entry is final twice", line, d->final_seen);
        if (line < d->script->count)
            d->states[line] = LINE_FINAL;
    }
    while (d->next < d->script->count && d->states[d->next] == LINE_FINAL)
        d->next++;
}

static void hear(driver *d)
{
    size_t count;
    const tw_note *notes = tw_notes(d->w, &count);
    see_final(d);
    for (size_t i = 0; i < count; i++) {
        size_t line = line_of(d, notes[i].entry_id);
        if (line == d->script->count || d->states[line] == LINE_FINAL)
            continue;
        switch (notes[i].note) {
        case SB_FOL_QUEUED:
        case SB_FOL_CONSENTED:
        case SB_FOL_FINAL:
            break;
        case SB_FOL_RECEIPT:
            d->states[line] = LINE_IN_LOG;
            break;
        case SB_FOL_REFUSED: /* too early: once more, later */
            d->states[line] = LINE_WAITS;
            break;
        }
    }
}

/* One key's entries go through one node: its outbox keeps their order. */
static uint32_t node_of(const driver *d, const sim_line *line)
{
    return line->entry.data[2 + 32] % d->plan.nodes;
}

/* An independent run of lines at a time; what has a receipt is the node's to bring back. */
static void hand_in(driver *d)
{
    uint64_t now = tw_now_ms(d->w);
    bool founding = tw_final_size(d->w) == 0; /* nothing can be sealed yet, nor cut off */
    bool ready = true;
    for (size_t i = d->next; i < d->script->count; i++) {
        const sim_line *line = &d->script->lines[i];
        if (line->waits && d->next < i && !(founding && ready))
            return;
        ready = ready && d->states[i] >= LINE_IN_LOG;
        /* sent and nothing heard: the node fell before it was durable, perhaps */
        uint64_t quiet_ms = d->states[i] == LINE_SENT ? UNHEARD_MS : RETRY_MS;
        if (d->states[i] > LINE_SENT || (d->sent_ms[i] != 0 && now - d->sent_ms[i] < quiet_ms))
            continue;
        d->sent_ms[i] = now;
        if (tw_submit(d->w, node_of(d, line), line->entry))
            d->states[i] = LINE_SENT;
    }
}

/* ---- the plan ---- */

static uint64_t mix(uint64_t seed, uint64_t salt)
{
    uint64_t z = seed * 0x9E3779B97F4A7C15u + salt * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 31)) * 0x94D049BB133111EBu;
    return z ^ (z >> 29);
}

static plan make_plan(uint64_t seed, size_t lines, size_t first)
{
    plan p = {.seed = seed, .nodes = seed % 3 == 0 ? 4 : 7};
    size_t span = lines - first - 2;
    p.broker_at = first + mix(seed, 1) % span;
    p.backup_at = first + mix(seed, 2) % (p.broker_at - first + 1);
    p.again = seed % 4 == 0;
    p.again_at = p.broker_at + 1 + mix(seed, 3) % (lines - p.broker_at - 1);
    p.how = (int)(mix(seed, 4) % 3);
    p.disks = p.nodes == 4 ? (uint32_t)(mix(seed, 5) % 2) : (uint32_t)(mix(seed, 5) % 3);
    p.by_operator = mix(seed, 6) % 4 == 0;
    for (uint32_t i = 0; i < p.disks; i++)
        p.disk_at[i] = first + mix(seed, 7 + i) % span;
    return p;
}

/* Whoever orders now. UINT32_MAX: nobody. */
static uint32_t sequencer_now(driver *d, uint32_t *term)
{
    uint32_t best = UINT32_MAX;
    *term = 0;
    for (uint32_t b = 0; b < 3; b++) {
        sb_seq_status s;
        if (!tw_seq_status(d->w, b, &s) || s.term < *term)
            continue;
        *term = s.term;
        best = b;
    }
    return best;
}

static void lose_disk(driver *d, uint32_t n)
{
    tw_lose_disk(d->w, n);
    for (size_t i = 0; i < d->script->count; i++)
        if (d->states[i] != LINE_FINAL && node_of(d, &d->script->lines[i]) == n)
            d->states[i] = LINE_WAITS; /* members hand it in anew */
}

enum { DID_BACKUP = 1, DID_BROKER = 2, DID_AGAIN = 4, DID_DISK = 8 };

static bool due(driver *d, size_t what, size_t at)
{
    /* nothing can be handed over before anything was sealed */
    if ((d->done & what) != 0 || d->next < at || tw_final_size(d->w) == 0)
        return false;
    d->done |= what;
    return true;
}

static void broker_goes(driver *d)
{
    d->broker_gone_ms = tw_now_ms(d->w);
    if (d->plan.how == STOPS)
        tw_stop_broker(d->w, 0, SILENCE_S * 1000 + 40000 + mix(d->plan.seed, 9) % 60000);
    else
        tw_lose_broker(d->w, 0);
}

static void follow_plan(driver *d)
{
    uint32_t term;
    if (due(d, DID_BACKUP, d->plan.backup_at))
        tw_backup_broker(d->w, 0);
    for (uint32_t i = 0; i < d->plan.disks; i++)
        if (due(d, (size_t)DID_DISK << i, d->plan.disk_at[i]))
            lose_disk(d, i == 0 ? 1 : d->plan.nodes - 1);
    if (due(d, DID_BROKER, d->plan.broker_at))
        broker_goes(d);
    if (d->broker_gone_ms != 0 && d->plan.by_operator && !d->told &&
        tw_now_ms(d->w) - d->broker_gone_ms > 5000) {
        d->told = true;
        tw_tell_take_over(d->w, 1);
    }
    uint32_t b = sequencer_now(d, &term);
    if (term >= 2 && d->plan.how == RESTORED && !d->restored) {
        d->restored = true;
        tw_restore_broker(d->w, 0);
    }
    if (term >= 2 && b != 0 && d->plan.again && due(d, DID_AGAIN, d->plan.again_at))
        tw_lose_broker(d->w, b);
}

/* ---- the run ---- */

static bool all_final(driver *d)
{
    uint32_t term, b = sequencer_now(d, &term);
    sb_seq_status q;
    if (d->next < d->script->count || b == UINT32_MAX || !tw_seq_status(d->w, b, &q))
        return false;
    for (uint32_t n = 0; n < d->plan.nodes; n++) {
        sb_fol_status s;
        if (!tw_status(d->w, n, &s) || s.size != q.size || s.outbox > 0 || s.term != term ||
            s.certified_size != q.size || s.final_size != tw_final_size(d->w) ||
            s.blobs_missing > 0)
            return false;
    }
    return true;
}

static void must_not_last(driver *d, uint64_t stop, const char *what)
{
    if (tw_now_ms(d->w) <= stop)
        return;
    tw_show(d->w);
    tw_fail(d->w, what, d->next, d->script->count);
}

static void play(driver *d)
{
    uint64_t stop = tw_now_ms(d->w) + STUCK_MS;
    while (d->next < d->script->count) {
        must_not_last(d, stop, "the story got stuck at line");
        hand_in(d);
        follow_plan(d);
        tw_step(d->w);
        size_t before = d->next;
        hear(d);
        if (d->next > before)
            stop = tw_now_ms(d->w) + STUCK_MS;
    }
    tw_heal(d->w);
    stop = tw_now_ms(d->w) + HEALED_MS_MAX;
    while (!all_final(d)) {
        must_not_last(d, stop, "not everything became final");
        tw_step(d->w);
        hear(d);
    }
    for (uint32_t n = 0; n < d->plan.nodes; n++)
        for (uint64_t i = 0; i < tw_final_size(d->w); i++)
            if (!sb_slice_eq(tw_log_leaf(d->w, n, i), tw_final_leaf(d->w, i)))
                tw_fail(d->w, "something final was lost", n, i);
}

static tw_options options_of(uint64_t seed, const char *replay, bool trace)
{
    tw_options o = {.seed = seed, .brokers = 3, .replay = replay, .trace = trace};
    o.delay_ms_max = (uint32_t)(5 + seed * 37 % 150);
    if (seed % 6 == 0)
        return o; /* slow, but nothing fails by chance */
    o.drop_permille = (uint32_t)(seed * 13 % 50);
    o.double_permille = (uint32_t)(seed * 7 % 40);
    o.crash_commit_permille = (uint32_t)(seed * 3 % 10);
    o.crash_step_permille = (uint32_t)(seed % 4);
    o.down_ms_max = (uint32_t)(200 + seed * 101 % 4000);
    return o;
}

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
    charter->silence_s = SILENCE_S;
    charter->rehearsal = false; /* there the same cosignatures count again */
    fed_free(names);
}

static void run(uint64_t seed, const char *replay, bool trace)
{
    tw_options o = options_of(seed, replay, trace);
    o.nodes = seed % 3 == 0 ? 4 : 7;
    fed_options federation = {.organisations = o.nodes, .edit = with_standbys};
    fed *f = fed_new(&federation), *keys = fed_new(&federation);
    sim_script script = sim_script_make(f, 0);
    script.count--; /* not the last line, which waits ten days */
    memcpy(keys->federation_id, f->federation_id, 32);
    driver d = {.w = tw_new(&o, keys), .script = &script};
    d.plan = make_plan(seed, script.count, 3 + o.nodes);
    d.states = calloc(script.count, sizeof *d.states);
    d.sent_ms = calloc(script.count, sizeof *d.sent_ms);
    play(&d);
    uint32_t term;
    sequencer_now(&d, &term);
    const tw_counts *c = tw_get_counts(d.w);
    printf("seed %llu: %u nodes, %u disks lost, broker %s%s, term %u, %llu leaves final, %llu s, "
           "%llu messages "
           "(%llu lost), %llu crashes, %llu rewinds, %llu refusals\n",
           (unsigned long long)seed, o.nodes, d.plan.disks,
           d.plan.how == LOST    ? "lost"
           : d.plan.how == STOPS ? "stopped"
                                 : "restored",
           d.plan.again ? " and the next" : "", term, (unsigned long long)tw_final_size(d.w),
           (unsigned long long)tw_now_ms(d.w) / 1000, (unsigned long long)c->messages,
           (unsigned long long)c->dropped, (unsigned long long)c->crashes,
           (unsigned long long)c->rewinds, (unsigned long long)c->refusals);
    fflush(stdout);
    tw_free(d.w);
    free(d.states);
    free(d.sent_ms);
    sim_script_free(&script);
    fed_free(keys);
    fed_free(f);
}

/* Seeds that found a fault once. 72: who was cut back greeted nobody. */
static const uint64_t FOUND[] = {72};

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
