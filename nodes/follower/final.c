/* Certified and final (DESIGN §4): a head is final when a head that contains its SEAL is certified.
 */
#include "nodes/follower/inside.h"

#include <assert.h>
#include <stdlib.h>

/* ---- cosignatures on a note ---- */

/* The line's name ends in the organisation's id; that is only a hint where to look first. */
static bool line_is_by(const sb_checkpoint *head, const sb_note_line *line,
                       const sb_ledger_org *org, bool by_name, sb_cosignature *out)
{
    size_t len = strlen(org->id);
    bool named = line->name.len > len &&
                 memcmp(line->name.data + line->name.len - len, org->id, len) == 0 &&
                 line->name.data[line->name.len - len - 1] == '/';
    return named == by_name && sb_cosignature_verify_line(head, line, org->witness_pk, out);
}

#define SB_FOL_NO_ORG UINT32_MAX

/* We verified these very bytes before. The name is part of what others check (the key's id is made
 * of it): a true signature under a name that was bent is nobody's. */
static bool seen_before(sb_follower *f, const sb_note_line *line, uint32_t *at)
{
    for (*at = 0; *at < f->seen_count; (*at)++) {
        sb_ledger_org org;
        uint8_t packed[SB_COSIGNATURE_BYTES], id[4];
        sb_cosignature_pack(&f->seen[*at].cosignature, packed);
        if (line->sig_len != sizeof packed || memcmp(line->sig, packed, sizeof packed) != 0 ||
            !sb_ledger_org_get(f->ledger, f->seen[*at].org, &org))
            continue;
        sb_note_key_id(line->name, SB_NOTE_TYPE_COSIGNATURE, org.witness_pk, id);
        return memcmp(line->key_id, id, sizeof id) == 0;
    }
    return false;
}

static void remember(sb_follower *f, uint32_t org, const sb_cosignature *cosignature,
                     const sb_now *now)
{
    sb_fol_seen news = {.org = org, .cosignature = *cosignature};
    if (now != NULL)
        news.rose_s = now->mono_ms / 1000 + 1; /* 0 stands for before the start */
    for (size_t i = 0; i < f->seen_count; i++) {
        if (f->seen[i].org != org)
            continue;
        if (f->seen[i].cosignature.time_s < cosignature->time_s)
            f->seen[i] = news;
        return;
    }
    if (f->seen_count == f->seen_cap) {
        f->seen_cap = f->seen_cap == 0 ? 16 : f->seen_cap * 2;
        f->seen = sb_xrealloc(f->seen, f->seen_cap * sizeof *f->seen);
    }
    f->seen[f->seen_count++] = news;
}

/* The organisation whose cosignature the line is; SB_FOL_NO_ORG: nobody's. */
static uint32_t take_line(sb_follower *f, const sb_checkpoint *head, const sb_note_line *line,
                          const sb_now *now)
{
    uint32_t at;
    if (seen_before(f, line, &at))
        return f->seen[at].org;
    uint32_t count = sb_ledger_org_count(f->ledger);
    for (int by_name = 1; by_name >= 0; by_name--)
        for (uint32_t i = 0; i < count; i++) {
            sb_ledger_org org;
            sb_cosignature cosignature;
            if (!sb_ledger_org_get(f->ledger, i, &org) ||
                !line_is_by(head, line, &org, by_name == 1, &cosignature))
                continue;
            remember(f, i, &cosignature, now);
            return i;
        }
    return SB_FOL_NO_ORG;
}

static uint64_t time_of(const sb_fol_seen *seen)
{
    return seen->cosignature.time_s;
}

static uint64_t rise_of(const sb_fol_seen *seen)
{
    return seen->rose_s;
}

/* A time of each cosignature seen. */
typedef uint64_t (*seen_time)(const sb_fol_seen *seen);

/* The keys of those where it is this one or later. */
static const uint8_t (*keys_since(sb_follower *f, seen_time of, uint64_t since_s, size_t *out))[32]
{
    uint8_t(*pks)[32] = sb_arena_alloc(&f->scratch, 32 * (f->seen_count + 1));
    size_t count = 0;
    for (size_t i = 0; i < f->seen_count; i++) {
        sb_ledger_org org;
        if (of(&f->seen[i]) >= since_s && sb_ledger_org_get(f->ledger, f->seen[i].org, &org))
            memcpy(pks[count++], org.witness_pk, 32);
    }
    *out = count;
    return (const uint8_t(*)[32])pks;
}

static bool has_quorum(sb_follower *f, seen_time of, uint64_t since_s, uint32_t *have,
                       uint32_t *needed)
{
    size_t count;
    const uint8_t(*pks)[32] = keys_since(f, of, since_s, &count);
    return sb_ledger_quorum(f->ledger, f->seen_head.size, pks, count, have, needed);
}

bool sb_fol_has_enough(sb_follower *f, uint32_t *have, uint32_t *needed)
{
    return has_quorum(f, time_of, 0, have, needed);
}

bool sb_fol_can_be_sealed(sb_follower *f, uint32_t *have, uint32_t *needed)
{
    size_t count;
    const uint8_t(*pks)[32] = keys_since(f, time_of, 0, &count);
    return sb_ledger_quorum_seal(f->ledger, f->seen_head.size, pks, count, have, needed);
}

/* ---- certified ---- */

/* What is final, and the certified head that proves it. */
static void keep_final(sb_follower *f)
{
    size_t len = 8 + 32 + f->final_note.len;
    sb_writer w = sb_writer_over(sb_arena_alloc(&f->scratch, len), len);
    sb_write_u64(&w, f->final_size);
    sb_write_bytes(&w, sb_slice_of(f->final_root, 32));
    sb_write_bytes(&w, sb_buf_slice(&f->final_note));
    sb_fol_put(f, SB_FOL_ROW_FINAL, sb_slice_of(NULL, 0), sb_writer_slice(&w));
}

/* A certified head makes final what a SEAL of its own term below it names. */
void sb_fol_update_final(sb_follower *f)
{
    uint64_t seal_index, size;
    uint8_t root[32];
    if (f->certified_size == 0 || f->catchup.is_on ||
        !sb_ledger_seal_before(f->ledger, f->certified_size, &seal_index, &size) ||
        size < f->final_size || (size == f->final_size && f->final_note.len > 0) ||
        !sb_ledger_root_at(f->ledger, size, root))
        return;
    f->final_size = size;
    memcpy(f->final_root, root, 32);
    sb_buf_clear(&f->final_note);
    sb_buf_add(&f->final_note, sb_buf_slice(&f->certified_note));
    keep_final(f);
}

bool sb_fol_load_final(sb_follower *f)
{
    sb_slice row;
    uint8_t root[32];
    sb_checkpoint head;
    if (!sb_fol_own_row(f, SB_FOL_ROW_FINAL, &row))
        return true;
    sb_reader r = sb_reader_over(row);
    f->final_size = sb_read_u64(&r);
    sb_read_into(&r, f->final_root, 32);
    sb_buf_add(&f->final_note, sb_read_bytes(&r, sb_reader_left(&r)));
    return sb_reader_done(&r) && sb_fol_root_at(f, f->final_size, root) &&
           memcmp(root, f->final_root, 32) == 0 &&
           (f->final_note.len == 0 ||
            (sb_checkpoint_parse(sb_buf_slice(&f->final_note), &head, NULL) == SB_OK &&
             sb_fol_root_at(f, head.size, root) && memcmp(root, head.root, 32) == 0));
}

static int by_time(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* The latest that a quorum of the cosignatures seen has reached. */
static uint64_t quorum_time(sb_follower *f, seen_time of)
{
    uint64_t *times = SB_ARENA_ARRAY(&f->scratch, uint64_t, f->seen_count + 1);
    for (size_t i = 0; i < f->seen_count; i++)
        times[i] = of(&f->seen[i]);
    qsort(times, f->seen_count, sizeof *times, by_time);
    size_t low = 0, high = f->seen_count; /* times[low - 1] has a quorum, times[high] doesn't */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (has_quorum(f, of, times[middle], NULL, NULL))
            low = middle + 1;
        else
            high = middle;
    }
    return low == 0 ? 0 : times[low - 1];
}

/* A sign of life, which holds back promises in a silence: each of a quorum has cosigned anew since the
 * last one. Not what its time is counts, but that it rose: who cosigned by a clock that was far ahead would
 * seem to be there until that time comes, also when it has promised or is gone. */
static void note_life(sb_follower *f, sb_now now, bool stands_still)
{
    uint64_t rose_s = quorum_time(f, rise_of);
    if (rose_s <= f->life_time_s && !stands_still)
        return;
    f->life_time_s = rose_s;
    f->life_ms = now.mono_ms;
    f->has_life_ms = true;
}

/* Fresh is what a quorum cosigned just now by our clock, and later than what we saw before: old
 * cosignatures sent again prove nothing. A rehearsal's clock stands still; there they do, when the
 * broker itself sends them. */
static void note_fresh(sb_follower *f, sb_now now)
{
    const Sb__Charter *charter = sb_ledger_charter(f->ledger);
    uint64_t time_s = quorum_time(f, time_of);
    bool is_near = time_s + SB_TIME_TOLERANCE_MS / 1000 >= now.legal_ms / 1000;
    bool has_risen = time_s > f->fresh_time_s;
    bool stands_still = charter != NULL && charter->rehearsal && f->is_from_broker;
    if (!is_near || (!has_risen && !stands_still))
        return;
    f->fresh_time_s = f->confirmed_s = time_s;
    f->fresh_ms = now.mono_ms;
    f->has_fresh_ms = true;
    note_life(f, now, stands_still);
    sb_fol_caught_up(f, time_s);
    sb_fol_peers_news(f);
}

static bool is_note_of(sb_slice note, const sb_checkpoint *head)
{
    sb_checkpoint of;
    return note.len > 0 && sb_checkpoint_parse(note, &of, NULL) == SB_OK &&
           sb_checkpoint_eq(&of, head);
}

static bool has_line_of(const sb_note *note, const sb_note_line *wanted)
{
    sb_note_line line;
    for (size_t at = 0; sb_note_next_line(note, &at, &line);)
        if (sb_slice_eq(line.name, wanted->name) && memcmp(line.key_id, wanted->key_id, 4) == 0)
            return true;
    return false;
}

/* The note, with the cosignatures of the same head that we had and it lacks: asked anew, a quorum of
 * others may have answered first, and who believes an older policy may need them all. */
static sb_slice fullest(sb_follower *f, sb_slice note)
{
    sb_slice had = sb_arena_copy(&f->scratch, sb_buf_slice(&f->certified_note));
    sb_note old, new;
    sb_note_line line;
    uint32_t org;
    sb_buf out;
    if (!is_note_of(had, &f->seen_head) || sb_note_parse(had, &old, NULL) != SB_OK ||
        sb_note_parse(note, &new, NULL) != SB_OK || !sb_slice_eq(old.text, new.text))
        return note;
    sb_buf_init(&out);
    sb_buf_add(&out, note);
    for (size_t at = 0; sb_note_next_line(&old, &at, &line);)
        if (seen_before(f, &line, &org) && !has_line_of(&new, &line))
            sb_buf_add(&out, line.line);
    sb_slice full =
        out.len <= SB_NOTE_BYTES_MAX ? sb_arena_copy(&f->scratch, sb_buf_slice(&out)) : note;
    sb_buf_deinit(&out);
    return full;
}

static void certify(sb_follower *f, sb_slice note, sb_now now)
{
    const sb_checkpoint *head = &f->seen_head;
    if (head->size < f->certified_size)
        return;
    note_fresh(f, now);
    note = fullest(f, note);
    if (sb_slice_eq(note, sb_buf_slice(&f->certified_note)))
        return;
    f->certified_size = head->size;
    sb_buf_clear(&f->certified_note);
    sb_buf_add(&f->certified_note, note);
    sb_fol_put(f, SB_FOL_ROW_CERTIFIED, sb_slice_of(NULL, 0), note);
    sb_fol_peers_news(f);
    sb_fol_update_final(f);
    if (is_note_of(sb_buf_slice(&f->final_note), head) &&
        !sb_slice_eq(note, sb_buf_slice(&f->final_note))) {
        sb_buf_clear(&f->final_note);
        sb_buf_add(&f->final_note, note);
        keep_final(f);
    }
    sb_fol_outbox_final(f);
}

/* A head within what we hold must be our tree's. */
static bool fits_our_tree(sb_follower *f, const sb_checkpoint *head, sb_slice note)
{
    uint8_t root[32];
    if (!sb_fol_root_at(f, head->size, root))
        return false;
    if (memcmp(root, head->root, 32) == 0)
        return true;
    sb_fol_conflicting_head(f, sb_fol_term(f), note, head);
    return false;
}

bool sb_fol_note_has_quorum(sb_follower *f, sb_slice note, const sb_checkpoint *head)
{
    sb_note parsed;
    sb_note_line line;
    if (sb_note_parse(note, &parsed, NULL) != SB_OK)
        return false;
    uint8_t(*pks)[32] = sb_arena_alloc(&f->scratch, 32 * ((size_t)SB_ORGANISATIONS_MAX + 1));
    size_t count = 0;
    uint32_t organisations = sb_ledger_org_count(f->ledger);
    bool *counted = SB_ARENA_ARRAY(&f->scratch, bool, organisations + 1);
    for (size_t at = 0; sb_note_next_line(&parsed, &at, &line);)
        for (uint32_t i = 0; i < organisations; i++) {
            sb_ledger_org org;
            sb_cosignature cosignature;
            if (counted[i] || count == SB_ORGANISATIONS_MAX ||
                !sb_ledger_org_get(f->ledger, i, &org) ||
                !sb_cosignature_verify_line(head, &line, org.witness_pk, &cosignature))
                continue;
            counted[i] = true;
            memcpy(pks[count++], org.witness_pk, 32);
            break;
        }
    uint64_t size = head->size < f->committed ? head->size : f->committed;
    return sb_ledger_quorum(f->ledger, size, (const uint8_t(*)[32])pks, count, NULL, NULL);
}

/* The note's text and the log's own lines; the cosignatures follow. */
static void begin_note(sb_follower *f, const sb_note *note, const sb_checkpoint *head, sb_buf *out)
{
    sb_note_line line;
    uint8_t log_pk[32], id[4];
    sb_buf_add(out, note->text);
    sb_buf_str(out, "\n");
    if (!sb_ledger_log_pk(f->ledger, log_pk))
        return;
    sb_note_key_id(sb_slice_str(head->origin), SB_NOTE_TYPE_LOG, log_pk, id);
    for (size_t at = 0; sb_note_next_line_by(note, sb_slice_str(head->origin), &at, &line);)
        if (memcmp(line.key_id, id, sizeof id) == 0)
            sb_buf_add(out, line.line);
}

/* Of one that a waiting change admits: it counts where that is sealed. */
static bool is_waiting(sb_follower *f, const sb_checkpoint *head, const sb_note_line *line)
{
    sb_ledger_org org;
    for (uint32_t i = 0; sb_ledger_waiting_org(f->ledger, i, &org); i++)
        if (sb_cosignature_verify_line(head, line, org.witness_pk, NULL))
            return true;
    return false;
}

/* Of the note only what counts is kept: others refuse one with lines that don't hold. */
static void take_note(sb_follower *f, const sb_note *parsed, const sb_checkpoint *head, sb_now now)
{
    sb_buf kept;
    sb_note_line line;
    if (!sb_checkpoint_eq(&f->seen_head, head)) {
        if (parsed->line_count == 1)
            return; /* only the log's own line: a question, no answer */
        f->seen_head = *head;
        f->seen_term = sb_fol_term(f);
        f->seen_count = 0;
    }
    /* What is kept must prove it by itself: a note without a quorum of its own (the broker asks anew
     * after a restart) doesn't take the place of one that has it. */
    uint32_t organisations = sb_ledger_org_count(f->ledger);
    bool *counted = SB_ARENA_ARRAY(&f->scratch, bool, organisations);
    uint8_t(*pks)[32] = sb_arena_alloc(&f->scratch, 32 * ((size_t)organisations + 1));
    size_t count = 0;
    sb_buf_init(&kept);
    begin_note(f, parsed, head, &kept);
    for (size_t at = 0; sb_note_next_line(parsed, &at, &line);) {
        sb_ledger_org org;
        uint32_t by = take_line(f, head, &line, &now);
        if (by >= organisations || !sb_ledger_org_get(f->ledger, by, &org)) {
            if (is_waiting(f, head, &line))
                sb_buf_add(&kept, line.line);
            continue;
        }
        if (counted[by]) { /* under another name, say: counted by key, once */
            sb_fail_set(&f->wrong, SB_E_FOLLOWER_COSIGNED_TWICE, org.id, NULL);
            continue;
        }
        counted[by] = true;
        memcpy(pks[count++], org.witness_pk, 32);
        sb_buf_add(&kept, line.line);
    }
    for (size_t i = 0; i < f->seen_count; i++)
        sb_fol_clock_saw(f, f->seen[i].org, f->seen[i].cosignature.time_s, &now);
    if (sb_ledger_quorum(f->ledger, head->size, (const uint8_t(*)[32])pks, count, NULL, NULL))
        certify(f, sb_arena_copy(&f->scratch, sb_buf_slice(&kept)), now);
    sb_buf_deinit(&kept);
}

/* Whose cosignatures the kept certified head has, and when a quorum gave them. */
void sb_fol_load_seen(sb_follower *f)
{
    sb_note parsed;
    sb_note_line line;
    sb_checkpoint head;
    uint32_t term;
    sb_slice note = sb_buf_slice(&f->certified_note);
    if (note.len == 0 || !sb_fol_verify_note(f, note, &head, &term) || term != sb_fol_term(f) ||
        sb_note_parse(note, &parsed, NULL) != SB_OK)
        return;
    f->seen_head = head;
    f->seen_term = term;
    for (size_t at = 0; sb_note_next_line(&parsed, &at, &line);)
        (void)take_line(f, &head, &line, NULL);
    for (size_t i = 0; i < f->seen_count; i++)
        sb_fol_clock_saw(f, f->seen[i].org, f->seen[i].cosignature.time_s, NULL);
    f->confirmed_s = quorum_time(f, time_of); /* for people; fresh is what comes from now on */
}

void sb_fol_on_note(sb_follower *f, sb_slice note, sb_now now)
{
    sb_note parsed;
    sb_checkpoint head;
    uint32_t term;
    if (!f->diverged && f->committed > 0 &&
        sb_checkpoint_parse_note(note, &parsed, &head, &f->wrong) == SB_OK &&
        sb_fol_verify_parsed(f, &parsed, &head, &term))
        sb_fol_on_verified_note(f, note, &parsed, &head, term, now);
}

void sb_fol_on_verified_note(sb_follower *f, sb_slice note, const sb_note *parsed,
                             const sb_checkpoint *head, uint32_t term, sb_now now)
{
    if (f->diverged || f->committed == 0 || head->size == 0)
        return;
    if (term < sb_fol_term(f)) { /* nobody is asked about it any more */
        sb_fail_num(&f->wrong, SB_E_FOLLOWER_OLD_TERM, 2, term, sb_fol_term(f));
        return;
    }
    if (head->size > f->broker_size)
        f->broker_size = head->size;
    if (f->catchup.is_on) {
        sb_buf_clear(&f->early_note);
        sb_buf_add(&f->early_note, note);
        return;
    }
    if (head->size > sb_ledger_size(f->ledger)) {
        sb_buf_clear(&f->early_note);
        sb_buf_add(&f->early_note, note);
        return;
    }
    if (!fits_our_tree(f, head, note))
        return;
    if (sb_ledger_term_at(f->ledger, head->size) != term)
        return; /* below this term's HANDOVER it has no heads */
    sb_fol_offer(f, head);
    if (head->size >= f->seen_head.size || f->seen_term != term)
        take_note(f, parsed, head, now);
    sb_fol_consider(f, now);
}

void sb_fol_retry_early(sb_follower *f, sb_now now)
{
    if (f->early_note.len == 0 || f->catchup.is_on)
        return;
    sb_slice note = sb_arena_copy(&f->scratch, sb_buf_slice(&f->early_note));
    sb_buf_clear(&f->early_note);
    sb_fol_on_note(f, note, now); /* comes back here when it is still early */
}
