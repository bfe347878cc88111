/* What a log of a simulated meeting comes to, counted from its leaves alone: no row, no rule and no
 * policy of proto/ledger is asked (entries are read, signatures verified and origins spelled by proto). */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "proto/base/cursor.h"
#include "tests/sim/meeting_judge.h"

const char *judge_say(judge *j, const char *format, ...)
{
    static char words[200];
    va_list args;
    va_start(args, format);
    vsnprintf(words, sizeof words, format, args);
    va_end(args);
    return j->wrong = words;
}

/* ---- keys ---- */

static key_state *key_of(judge *j, const uint8_t *pk)
{
    for (size_t i = 0; i < j->key_count; i++)
        if (memcmp(j->keys[i].pk, pk, 32) == 0)
            return &j->keys[i];
    if (j->key_count == KEYS_MAX)
        abort();
    key_state *key = &j->keys[j->key_count++];
    *key = (key_state){.has_seq = false};
    memcpy(key->pk, pk, 32);
    return key;
}

static void check_signer(judge *j, const sb_entry *e)
{
    key_state *key = key_of(j, e->signer_pk);
    if (key->has_seq && e->signer_seq <= key->last_seq)
        judge_say(j, "a key's numbers don't rise (%llu after %llu)",
                  (unsigned long long)e->signer_seq, (unsigned long long)key->last_seq);
    if (key->is_new && key->since >= j->sealed)
        judge_say(j, "a key is used before it is sealed");
    key->has_seq = true;
    key->last_seq = e->signer_seq;
    for (size_t i = 0; i < j->id_count; i++)
        if (memcmp(j->ids[i], e->id, 32) == 0)
            judge_say(j, "an entry is there twice");
    if (j->id_count == IDS_MAX)
        abort();
    memcpy(j->ids[j->id_count++], e->id, 32);
}

static void on_appoint(judge *j, const Sb__Appoint *m)
{
    if (m->device_pk.len != 32)
        return;
    key_state *key = key_of(j, m->device_pk.data);
    if (!key->is_new)
        key->since = j->index;
    key->is_new = true;
}

/* ---- the leaves ---- */

bool judge_is_id(ProtobufCBinaryData id, play_id wanted)
{
    return wanted.data != NULL && id.len == 32 && memcmp(id.data, wanted.data, 32) == 0;
}

static void on_leaf(judge *j, const sb_entry *e, const void *m, uint64_t ms)
{
    if (!sb_entry_type_is_system(e->type))
        check_signer(j, e);
    switch ((int)e->type) {
    case SB_ENTRY_SEAL:
        judge_on_seal(j, m);
        break;
    case SB_ENTRY_HANDOVER:
        judge_on_handover(j, m);
        break;
    case SB_ENTRY_RESULT:
        judge_on_result(j, m);
        break;
    case SB_ENTRY_APPOINT:
        on_appoint(j, m);
        break;
    case SB_ENTRY_ATTENDANCE:
        judge_on_attendance(j, m);
        break;
    case SB_ENTRY_QUESTION_OPEN:
        judge_on_open(j, m, e->id);
        break;
    case SB_ENTRY_BALLOT:
    case SB_ENTRY_BALLOT_RECORDED:
        judge_on_ballot(j, m, e->id);
        break;
    case SB_ENTRY_OBJECTION:
        judge_on_objection(j, m);
        break;
    case SB_ENTRY_QUESTION_CLOSE:
        judge_on_close(j, m);
        break;
    case SB_ENTRY_MINUTES_REQUEST:
        if (!judge_is_id(((const Sb__MinutesRequest *)m)->draft_id, j->m->draft))
            break;
        if (ms > j->m->draft_due_ms && !j->is_requested)
            judge_say(j, "a request after the minutes' silence was over");
        j->is_requested = true; /* that ends the silence: others may come later */
        break;
    case SB_ENTRY_CONDITION_FULFIL:
        if (judge_is_id(((const Sb__ConditionFulfil *)m)->condition_id, j->m->condition) &&
            ms > j->m->condition_due_ms)
            judge_say(j, "an answer after the condition's day");
        break;
    }
}

void judge_look_at(judge *j, sb_slice leaf)
{
    sb_entry e;
    const ProtobufCMessage *m;
    sb_reader r = sb_reader_over(leaf);
    uint64_t ms = sb_read_u64(&r);
    sb_arena_reset(&j->arena);
    if (leaf.len <= 8 ||
        sb_entry_parse(sb_slice_of(leaf.data + 8, leaf.len - 8), &e, NULL) != SB_OK ||
        sb_payload_decode(e.type, e.payload, &j->arena, &m, NULL) != SB_OK) {
        judge_say(j, "a leaf that can't be read");
        return;
    }
    if (ms < j->last_ms)
        judge_say(j, "a leaf's time falls");
    j->last_ms = ms;
    judge_check_owed(j, e.type);
    on_leaf(j, &e, m, ms);
}

/* All that was to be handed in, but rivals, is there. */
static void check_lines(judge *j)
{
    const sw_story *s = &j->m->story;
    for (size_t i = 0; i < s->count && j->wrong == NULL; i++) {
        bool found = s->lines[i].rival || s->lines[i].refused != SB_OK;
        for (size_t k = 0; k < j->id_count && !found; k++)
            found = memcmp(j->ids[k], s->lines[i].id, 32) == 0;
        if (!found)
            judge_say(j, "line %zu isn't in the log", i);
    }
}

judge *judge_new(const meeting *m)
{
    judge *j = sb_xmalloc(sizeof *j);
    memset(j, 0, sizeof *j);
    j->m = m;
    j->term = 1;
    j->adopted = j->started = j->alone = UINT64_MAX;
    j->ids = sb_xmalloc(IDS_MAX * sizeof *j->ids);
    sb_arena_init(&j->arena);
    return j;
}

void judge_free(judge *j)
{
    sb_arena_deinit(&j->arena);
    free(j->ids);
    free(j);
}

const char *meeting_judge(void *arg, const sw_leaves *log, uint64_t *index)
{
    judge *j = judge_new(arg);
    for (j->index = 0; j->index < log->size && j->wrong == NULL; j->index++) {
        *index = j->index;
        judge_look_at(j, log->leaf(log->log, j->index));
    }
    if (j->wrong == NULL)
        check_lines(j);
    const char *wrong = j->wrong;
    judge_free(j);
    return wrong;
}
