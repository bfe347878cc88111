/* Versions of the charter: kept whole, checked, put in force, and the seats that move with them. */
#include "proto/ledger/charter_change.h"

#include <assert.h>

#include "proto/base/hash.h"
#include "proto/ledger/action_plan.h"
#include "proto/ledger/charter_check.h"
#include "proto/ledger/delegate.h"
#include "proto/ledger/machine.h"
#include "proto/ledger/policy.h"

/* ---- what was and is ---- */

sb_slice sb_charter_bytes_of(sb_kv *kv, sb_arena *arena, uint32_t version)
{
    sb_row_charter_version v = {.version = version};
    if (!sb_row_charter_version_get(kv, NULL, &v))
        return (sb_slice){0};
    uint8_t *bytes = sb_arena_alloc(arena, v.bytes);
    size_t at = 0;
    sb_row_charter_part part = {.version = version};
    for (bool more = sb_row_charter_part_next(kv, arena, &part, true, 1); more;
         more = sb_row_charter_part_next(kv, arena, &part, false, 1)) {
        if (part.data.len > v.bytes - at)
            return (sb_slice){0};
        memcpy(bytes + at, part.data.data, part.data.len);
        at += part.data.len;
    }
    return at == v.bytes ? sb_slice_of(bytes, at) : (sb_slice){0};
}

const Sb__Charter *sb_charter_of_version(sb_kv *kv, sb_arena *arena, uint32_t version)
{
    const Sb__Charter *charter = NULL;
    sb_slice bytes = sb_charter_bytes_of(kv, arena, version);
    if (bytes.len == 0 || sb_charter_decode(bytes, arena, &charter, NULL) != SB_OK)
        return NULL;
    return charter;
}

static uint32_t version_of(sb_kv *kv, sb_arena *arena)
{
    sb_row_federation f = {0};
    (void)sb_row_federation_get(kv, arena, &f);
    return f.charter_version;
}

const Sb__Charter *sb_step_charter(sb_step *s, uint32_t version)
{
    if (version == version_of(s->kv, s->arena))
        return s->charter;
    const Sb__Charter *charter = sb_charter_of_version(s->kv, s->arena, version);
    return charter == NULL ? s->charter : charter; /* unreadable: the kv's error tells */
}

uint64_t sb_charter_since(sb_kv *kv, uint32_t version)
{
    sb_row_charter_version v = {.version = version};
    return sb_row_charter_version_get(kv, NULL, &v) ? v.index : 0;
}

uint32_t sb_charter_whole_version(sb_kv *kv)
{
    uint32_t whole = 0;
    sb_row_charter_version v = {.version = 0};
    for (bool more = sb_row_charter_version_next(kv, NULL, &v, true, 0); more;
         more = sb_row_charter_version_next(kv, NULL, &v, false, 0))
        if (v.kind == 0 || v.kind == SB_ACTION_CHARTER)
            whole = v.version;
    return whole;
}

/* ---- bodies ---- */

bool sb_body_is_dissolved(const Sb__Charter *charter, uint32_t body)
{
    return charter->bodies[body]->dissolved;
}

sb_err sb_body_live_need(sb_step *s, uint32_t body)
{
    if (!sb_body_is_dissolved(s->charter, body))
        return SB_OK;
    return sb_fail_set(s->fail, SB_E_LEDGER_BODY_DISSOLVED, sb_body_short(s->charter, body), NULL);
}

bool sb_body_is_below(const Sb__Charter *charter, uint32_t body, uint32_t above)
{
    uint32_t at = sb_body_find(charter, charter->bodies[body]->parent);
    for (size_t steps = 0; at != SB_NONE && steps < charter->n_bodies; steps++) {
        if (at == above)
            return true;
        at = sb_body_find(charter, charter->bodies[at]->parent);
    }
    return false;
}

/* ---- a draft over what is in force ---- */

static Sb__Body *copy_body(sb_arena *arena, const Sb__Body *body)
{
    Sb__Body *copy = SB_ARENA_NEW(arena, Sb__Body);
    *copy = *body;
    return copy;
}

/* What the founding or a draft said, so that a draft has to say it too; the rest came by actions. */
typedef struct written {
    const Sb__Charter *from, *draft;
    bool *bodies, *organisations; /* of `from` */
    bool policy, standbys;        /* the draft's were written so before */
} written;

static void mark_written(written *w, const Sb__Charter *charter)
{
    if (charter == NULL)
        return;
    for (size_t i = 0; i < w->from->n_bodies; i++)
        w->bodies[i] |= sb_body_find(charter, w->from->bodies[i]->id) != SB_NONE;
    for (size_t i = 0; i < w->from->n_organisations; i++)
        w->organisations[i] |= sb_org_find(charter, w->from->organisations[i]->id) != SB_NONE;
    w->policy |= sb_charter_same_policy(w->draft, charter);
    w->standbys |= sb_charter_same_standbys(w->draft, charter);
}

/* A charter at a time: there may be many, and great ones. */
static void find_written(sb_kv *kv, written *w)
{
    sb_arena arena;
    sb_arena_init(&arena);
    sb_row_charter_version v = {.version = 0};
    while (sb_row_charter_version_next(kv, NULL, &v, false, 0)) {
        sb_row_action action = {.no = v.action};
        sb_arena_reset(&arena);
        if (v.kind == 0)
            mark_written(w, sb_charter_of_version(kv, &arena, v.version));
        else if (v.kind == SB_ACTION_CHARTER && sb_row_action_get(kv, &arena, &action))
            mark_written(w, sb_charter_draft_decode(kv, &arena, action.draft));
    }
    sb_arena_deinit(&arena);
}

static void carry_bodies(const written *w, sb_arena *arena, Sb__Charter *c)
{
    const Sb__Charter *from = w->from, *draft = w->draft;
    c->bodies = SB_ARENA_ARRAY(arena, Sb__Body *, from->n_bodies + draft->n_bodies);
    c->n_bodies = 0;
    for (size_t i = 0; i < from->n_bodies; i++) {
        Sb__Body *now = from->bodies[i];
        uint32_t at = sb_body_find(draft, now->id);
        if (at == SB_NONE && !w->bodies[i]) {
            c->bodies[c->n_bodies++] = now;
        } else if (at != SB_NONE) {
            Sb__Body *body = copy_body(arena, draft->bodies[at]);
            body->mandate_sha256 = now->mandate_sha256;
            body->mandate_size = now->mandate_size;
            body->dissolved |= now->dissolved;
            c->bodies[c->n_bodies++] = body;
        } /* else: the draft takes out what it may not; sb_charter_succeeds says so */
    }
    for (size_t i = 0; i < draft->n_bodies; i++)
        if (sb_body_find(from, draft->bodies[i]->id) == SB_NONE)
            c->bodies[c->n_bodies++] = draft->bodies[i];
}

/* In the order in force: else sb_charter_succeeds says so. */
static bool in_order(const Sb__Charter *from, const Sb__Charter *draft)
{
    uint32_t next = 0;
    for (size_t i = 0; i < from->n_organisations; i++) {
        uint32_t at = sb_org_find(draft, from->organisations[i]->id);
        if (at != SB_NONE && at != next++)
            return false;
    }
    return true;
}

static void carry_organisations(const written *w, sb_arena *arena, Sb__Charter *c)
{
    const Sb__Charter *from = w->from, *draft = w->draft;
    if (!in_order(from, draft))
        return;
    c->organisations =
        SB_ARENA_ARRAY(arena, Sb__Organisation *, from->n_organisations + draft->n_organisations);
    c->n_organisations = 0;
    for (size_t i = 0; i < from->n_organisations; i++) {
        Sb__Organisation *now = from->organisations[i];
        uint32_t at = sb_org_find(draft, now->id);
        if (at == SB_NONE && !w->organisations[i]) {
            c->organisations[c->n_organisations++] = now;
        } else if (at != SB_NONE) {
            Sb__Organisation *o = SB_ARENA_NEW(arena, Sb__Organisation);
            *o = *draft->organisations[at];
            o->withdrawn = now->withdrawn;
            c->organisations[c->n_organisations++] = o;
        }
    }
    for (size_t i = 0; i < draft->n_organisations; i++)
        if (sb_org_find(from, draft->organisations[i]->id) == SB_NONE)
            c->organisations[c->n_organisations++] = draft->organisations[i];
}

const Sb__Charter *sb_charter_carry(sb_kv *kv, sb_arena *arena, const Sb__Charter *from,
                                    const Sb__Charter *draft)
{
    Sb__Charter *c = SB_ARENA_NEW(arena, Sb__Charter);
    *c = *draft;
    written w = {.from = from,
                 .draft = draft,
                 .bodies = SB_ARENA_ARRAY(arena, bool, from->n_bodies),
                 .organisations = SB_ARENA_ARRAY(arena, bool, from->n_organisations)};
    find_written(kv, &w);
    carry_bodies(&w, arena, c);
    carry_organisations(&w, arena, c);
    if (w.policy)
        c->policy = from->policy;
    if (w.standbys) {
        c->silence_s = from->silence_s;
        c->standbys = from->standbys;
        c->n_standbys = from->n_standbys;
    }
    return c;
}

/* ---- preparing ---- */

/* An id that a seat had stands for that seat in the history. */
static sb_err check_seat_ids(sb_step *s, const Sb__Charter *next, sb_fail *fail)
{
    for (uint32_t b = 0; b < next->n_bodies; b++)
        for (size_t i = 0; i < next->bodies[b]->n_seats; i++) {
            const char *id = next->bodies[b]->seats[i]->id;
            sb_row_seat seat;
            if (sb_seat_find(s->kv, s->arena, id, &seat) &&
                (!sb_seat_at(&seat, SB_NOW) || seat.body != b))
                return sb_fail_set(fail, SB_E_LEDGER_SEAT_ID_USED, id, NULL);
        }
    return SB_OK;
}

sb_err sb_charter_prepare(sb_step *s, const Sb__Charter *from, const Sb__Charter *next,
                          bool by_membership, sb_charter_next *out, sb_fail *fail)
{
    sb_buf bytes;
    sb_buf_init(&bytes);
    sb_err err = sb_charter_encode(next, &bytes, fail);
    if (err == SB_OK) {
        out->bytes = sb_arena_copy(s->arena, sb_buf_slice(&bytes));
        sb_hash(out->bytes, out->sha256);
        err = sb_charter_decode(out->bytes, s->arena, &out->charter, fail);
    }
    sb_buf_deinit(&bytes);
    if (err == SB_OK)
        err = sb_charter_check(out->charter, s->arena, fail);
    if (err == SB_OK)
        err = sb_charter_succeeds(from, out->charter, by_membership, fail);
    if (err == SB_OK)
        err = check_seat_ids(s, out->charter, fail);
    return err;
}

/* ---- in force ---- */

static void put_seat(sb_step *s, const Sb__Charter *c, uint32_t body, uint32_t at, uint64_t since)
{
    const Sb__Seat *seat = c->bodies[body]->seats[at];
    sb_row_seat row = {.since = since};
    bool is_new = !sb_seat_find(s->kv, s->arena, seat->id, &row);
    if (is_new)
        row = (sb_row_seat){.no = sb_number_next(s->kv, SB_REF_SEAT), .since = since};
    row.id = seat->id;
    row.title = seat->title;
    row.body = body;
    row.at = at;
    row.partner = sb_partner_find(c, seat->partner);
    row.appointer = sb_appointer_find(c, seat->appointer);
    row.voting = seat->voting ? 1 : 0;
    row.has_deputy = seat->has_deputy ? 1 : 0;
    sb_row_seat_put(s->kv, &row);
    if (!is_new)
        return;
    sb_row_seat_by_id by_id = {.id = seat->id, .no = row.no};
    sb_row_seat_by_id_put(s->kv, &by_id);
    sb_row_body_seat of_body = {.body = body, .seat = row.no};
    sb_row_body_seat_put(s->kv, &of_body);
}

/* Who sat as deputy where there are no deputies any more; a delegation of the same key stands. */
static void vacate_deputy(sb_step *s, uint32_t seat)
{
    sb_row_holder row = {.seat = seat, .role = SB__SEAT_ROLE__SEAT_ROLE_DEPUTY};
    if (!sb_row_holder_get(s->kv, NULL, &row))
        return;
    sb_row_holder_del(s->kv, &row);
    sb_deputy_place_drop(s, seat, row.key);
}

/* What the charter takes from a seat that stays ends with this leaf. */
static void narrow_seat(sb_step *s, const Sb__Charter *c, const sb_row_seat *row)
{
    if (!row->has_deputy)
        vacate_deputy(s, row->no);
    if (!sb_seat_words(c, row)->ex_officio || c->bodies[row->body]->delegation_cite[0] == '\0')
        sb_delegations_end(s, row->no);
}

/* Seats that the charter lost; their rows stay, for the questions that are open and the history. */
static void retire_seats(sb_step *s, const Sb__Charter *c)
{
    sb_row_seat row = {.no = 0};
    for (bool more = sb_row_seat_next(s->kv, s->arena, &row, true, 0); more;
         more = sb_row_seat_next(s->kv, s->arena, &row, false, 0)) {
        if (!sb_seat_at(&row, SB_NOW))
            continue;
        if (sb_seat_words(c, &row) == NULL) {
            row.gone = s->index;
            sb_row_seat_put(s->kv, &row);
        } else {
            narrow_seat(s, c, &row);
        }
    }
}

static void put_version(sb_step *s, uint32_t version, sb_slice bytes, const uint8_t sha256[32],
                        uint32_t parts, sb_action_kind kind, uint32_t action)
{
    sb_row_charter_version v = {.version = version,
                                .bytes = (uint32_t)bytes.len,
                                .parts = parts,
                                .index = s->index,
                                .kind = (uint8_t)kind,
                                .action = action};
    memcpy(v.sha256, sha256, 32);
    sb_row_charter_version_put(s->kv, &v);
}

void sb_charter_enact(sb_step *s, const sb_charter_next *next, sb_action_kind kind, uint32_t action)
{
    const Sb__Charter *c = next->charter;
    sb_row_federation f = {0};
    (void)sb_row_federation_get(s->kv, s->arena, &f);
    f.charter_version++;
    f.charter_bytes = (uint32_t)next->bytes.len;
    f.charter_parts = 0;
    memcpy(f.charter_sha256, next->sha256, 32);
    for (size_t at = 0; at < next->bytes.len; at += SB_CHARTER_PART_BYTES_MAX) {
        size_t len = next->bytes.len - at;
        if (len > SB_CHARTER_PART_BYTES_MAX)
            len = SB_CHARTER_PART_BYTES_MAX;
        sb_row_charter_part part = {.version = f.charter_version,
                                    .number = ++f.charter_parts,
                                    .data = sb_slice_of(next->bytes.data + at, len)};
        sb_row_charter_part_put(s->kv, &part);
    }
    f.parts_seen = f.charter_parts;
    sb_row_federation_put(s->kv, &f);
    put_version(s, f.charter_version, next->bytes, next->sha256, f.charter_parts, kind, action);
    for (uint32_t b = 0; b < c->n_bodies; b++)
        for (uint32_t i = 0; i < c->bodies[b]->n_seats; i++)
            put_seat(s, c, b, i, s->index);
    retire_seats(s, c);
    s->charter = c;
}

void sb_charter_found(sb_step *s, const Sb__Charter *charter)
{
    sb_row_federation f = {0};
    (void)sb_row_federation_get(s->kv, s->arena, &f);
    put_version(s, f.charter_version, (sb_slice){.len = f.charter_bytes}, f.charter_sha256,
                f.charter_parts, (sb_action_kind)0, 0);
    sb_policy_found(s, charter);
    for (uint32_t b = 0; b < charter->n_bodies; b++)
        for (uint32_t i = 0; i < charter->bodies[b]->n_seats; i++)
            put_seat(s, charter, b, i, 0);
}
