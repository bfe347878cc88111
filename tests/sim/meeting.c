/* Lines out of a federation that was played once. */
#include "tests/sim/meeting.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/sim/meeting_inside.h"

void meeting_must(maker *k, sb_err err, const char *what)
{
    if (err == SB_OK)
        return;
    fprintf(stderr, "meeting, %s: %s: %s [%s] [%s] [%s]\n", k->m->name, what, sb_err_name(err),
            k->f->fail.arg[0], k->f->fail.arg[1], k->f->fail.arg[2]);
    abort();
}

/* ---- writing down ---- */

static bool has_line(const maker *k, size_t since, const uint8_t pk[32])
{
    const sw_story *s = &k->m->story;
    for (size_t i = since; i < s->count; i++)
        if (memcmp(s->lines[i].entry.data + 2 + 32, pk, 32) == 0)
            return true;
    return false;
}

static void write_line(maker *k, sb_slice bytes)
{
    sw_story *s = &k->m->story;
    sw_line *line = &k->m->lines[s->count];
    sb_entry entry;
    if (s->count == MEETING_LINES_MAX || sb_entry_parse(bytes, &entry, NULL) != SB_OK)
        meeting_must(k, SB_E_INTERNAL, "a line");
    *line = (sw_line){.entry = sb_arena_copy(&k->f->arena, bytes),
                      .rival = k->is_rival,
                      .twice = k->twice,
                      .at_ms = k->at_ms,
                      .after_ms = k->after_ms};
    memcpy(line->id, entry.id, 32);
    line->waits = !k->is_run || k->run == s->count || has_line(k, k->run, entry.signer_pk);
    if (line->waits)
        k->run = s->count;
    k->at_ms = k->after_ms = 0;
    k->twice = false;
    s->count++;
}

void meeting_write(maker *k)
{
    for (; k->seen < k->f->leaf_count; k->seen++) {
        sb_slice leaf = fed_leaf(k->f, k->seen);
        if (!sb_entry_type_is_system((sb_entry_type)leaf.data[8 + 1]))
            write_line(k, sb_slice_of(leaf.data + 8, leaf.len - 8));
    }
}

void meeting_together(maker *k)
{
    meeting_write(k);
    k->is_run = true;
    k->run = k->m->story.count;
}

void meeting_end_together(maker *k)
{
    meeting_write(k);
    k->is_run = false;
}

void meeting_at(maker *k, uint32_t yyyymmdd, uint32_t hour, uint32_t minute)
{
    meeting_write(k);
    fed_at(k->f, yyyymmdd, hour, minute);
    k->at_ms = k->f->now_ms;
}

void meeting_late(maker *k, sb_entry_type type, const ProtobufCMessage *m, const char *key)
{
    bool was = k->is_rival;
    sb_buf entry;
    sb_buf_init(&entry);
    meeting_write(k);
    fed_make(k->f, type, m, key, NULL, &entry);
    if (k->must_fit)
        meeting_must(k, fed_check(k->f, sb_buf_slice(&entry)), "a rival");
    k->must_fit = false;
    fed_key_of(k->f, key)->seq++; /* the number is used, taken or not */
    k->is_rival = true;
    write_line(k, sb_buf_slice(&entry));
    k->is_rival = was;
    sb_buf_deinit(&entry);
}

/* ---- what the world asks ---- */

/* The newest of its keys that is in force. */
static const sb_secret *witness_of(void *arg, uint32_t node, sb_ledger *ledger)
{
    const meeting *m = arg;
    sb_ledger_org org;
    for (size_t i = MEETING_WITNESSES_MAX; i-- > 1;)
        if (m->witness[node][i] != NULL && sb_ledger_witness(ledger, m->witness[node][i]->pk, &org))
            return m->witness[node][i]->secret;
    return m->witness[node][0]->secret;
}

static meeting *make(uint32_t variant)
{
    meeting *m = sb_xmalloc(sizeof *m);
    *m = (meeting){.name = ""};
    fed_options options = {.organisations = meeting_organisations(variant),
                           .edit = meeting_charter,
                           .part_bytes = 16000};
    m->f = fed_new(&options);
    maker k = {.m = m, .f = m->f};
    sw_story *s = &m->story;
    s->lines = m->lines;
    s->start_ms = m->f->now_ms;
    s->nodes = options.organisations;
    for (uint32_t n = 0; n < s->nodes; n++) {
        m->organisation[n] = m->f->charter->organisations[n]->id;
        m->witness[n][0] = fed_witness(m->f, n);
    }
    meeting_play(&k, variant);
    meeting_write(&k);
    memcpy(s->federation_id, m->f->federation_id, 32);
    s->organisation = m->organisation;
    s->keys = m->f;
    s->check_arg = m;
    s->witness = witness_of;
    s->judge = meeting_judge;
    s->judge_final = meeting_judge_final;
    /* as it was when the story begins: worlds start from there, and only read */
    m->f->now_ms = s->start_ms;
    memset(m->f->witness, 0, 4 * sizeof m->f->witness[0]);
    static const char *const others[] = {"log", "log-2", "log-3", "log-4"};
    for (size_t i = 0; i < 4; i++)
        (void)fed_key_of(m->f, others[i]);
    return m;
}

const sw_story *meeting_of(uint64_t seed)
{
    static meeting *made[MEETING_VARIANTS];
    uint32_t variant = (uint32_t)(seed % MEETING_VARIANTS);
    if (made[variant] == NULL)
        made[variant] = make(variant);
    return &made[variant]->story;
}

const char *meeting_name(const sw_story *story)
{
    return ((const meeting *)story->check_arg)->name;
}
