#include "tests/lib/play_actions.h"

#include <stdio.h>
#include <stdlib.h>

#include "proto/base/hash.h"

static char *text(const char *s)
{
    return (char *)(uintptr_t)s;
}

static void must(fed *f, bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "play: %s [%s] [%s]\n", what, f->fail.arg[0], f->fail.arg[1]);
    abort();
}

static Sb__Rule *rule_of(sb_arena *a, const char *words, const char *cite)
{
    Sb__Rule *r = SB_ARENA_NEW(a, Sb__Rule);
    *r = (Sb__Rule)SB__RULE__INIT;
    r->text = text(words);
    r->cite = text(cite);
    return r;
}

static Sb__Amendment *amendment_of(sb_arena *a, const char *body, const char *words)
{
    Sb__Amendment *m = SB_ARENA_NEW(a, Sb__Amendment);
    *m = (Sb__Amendment)SB__AMENDMENT__INIT;
    m->body = text(body);
    m->pass = rule_of(a, words, "§ 7");
    return m;
}

static void add_party(sb_arena *a, Sb__Charter *c, const char *id)
{
    Sb__Party *p = SB_ARENA_NEW(a, Sb__Party);
    *p = (Sb__Party)SB__PARTY__INIT;
    p->id = text(id);
    p->name = text(id);
    c->parties[c->n_parties++] = p;
}

void play_amendable(Sb__Charter *c, sb_arena *a, void *arg)
{
    (void)arg;
    c->parties = SB_ARENA_ARRAY(a, Sb__Party *, 4);
    add_party(a, c, "tromso");
    add_party(a, c, "karlsoy");
    c->amendment = amendment_of(
        a, "ssu", "pass for >= 2/3 of present, after discussion in an earlier meeting");
    Sb__Involvement *i = SB_ARENA_NEW(a, Sb__Involvement);
    *i = (Sb__Involvement)SB__INVOLVEMENT__INIT;
    i->moment = SB__CONDITION_MOMENT__CONDITION_MOMENT_BEFORE_EFFECT;
    i->kind = SB__CONDITION_KIND__CONDITION_KIND_CONSENTED;
    i->cite = text("§ 7");
    c->amendment->involvement = i;
    c->membership = amendment_of(a, "pm", "pass for > 1/2 of seats");
    c->bodies[0]->may_create = true;
    c->bodies[0]->create_cite = text("§ 3 nr. 3");
}

Sb__Charter *play_charter_copy(fed *f)
{
    sb_buf bytes;
    const Sb__Charter *decoded = NULL;
    sb_buf_init(&bytes);
    must(f, sb_charter_encode(sb_ledger_charter(f->ledger), &bytes, &f->fail) == SB_OK, "encode");
    sb_slice copy = sb_arena_copy(&f->arena, sb_buf_slice(&bytes));
    sb_buf_deinit(&bytes);
    must(f, sb_charter_decode(copy, &f->arena, &decoded, &f->fail) == SB_OK, "decode");
    Sb__Charter *c = (Sb__Charter *)(uintptr_t)decoded;
#define ROOM(owner, list, type)                                                                    \
    do {                                                                                           \
        type **more = SB_ARENA_ARRAY(&f->arena, type *, (owner)->n_##list + 4);                    \
        if ((owner)->n_##list > 0)                                                                 \
            memcpy(more, (owner)->list, (owner)->n_##list * sizeof more[0]);                       \
        (owner)->list = more;                                                                      \
    } while (0)
    ROOM(c, partners, Sb__Partner);
    ROOM(c, organisations, Sb__Organisation);
    ROOM(c, appointers, Sb__Appointer);
    ROOM(c, parties, Sb__Party);
    ROOM(c, bodies, Sb__Body);
    ROOM(c, offices, Sb__Office);
    for (size_t i = 0; i < c->n_bodies; i++)
        ROOM(c->bodies[i], seats, Sb__Seat);
#undef ROOM
    return c;
}

Sb__Seat *play_add_seat(fed *f, Sb__Body *body, const char *id, const char *partner,
                        const char *appointer, bool voting)
{
    Sb__Seat *s = SB_ARENA_NEW(&f->arena, Sb__Seat);
    *s = (Sb__Seat)SB__SEAT__INIT;
    s->id = text(id);
    s->title = sb_arena_printf(&f->arena, "Plass %s", id);
    s->partner = text(partner);
    s->appointer = text(appointer);
    s->voting = voting;
    s->has_deputy = true;
    body->seats[body->n_seats++] = s;
    return s;
}

Sb__Body *play_new_body(fed *f, const char *id, const char *parent)
{
    Sb__Body *b = SB_ARENA_NEW(&f->arena, Sb__Body);
    *b = (Sb__Body)SB__BODY__INIT;
    b->id = text(id);
    b->name = sb_arena_printf(&f->arena, "Organet %s", id);
    b->parent = text(parent);
    b->seats = SB_ARENA_ARRAY(&f->arena, Sb__Seat *, 4);
    play_add_seat(f, b, sb_arena_printf(&f->arena, "%s-1", id), "unn", "", true);
    play_add_seat(f, b, sb_arena_printf(&f->arena, "%s-2", id), "kommune", "", true);
    b->quorum = rule_of(&f->arena, "quorum present >= 1/2 of seats", "mandatet");
    b->pass = rule_of(&f->arena, "pass for > 1/2 of cast", "mandatet");
    b->minutes_name = text("referat");
    return b;
}

static sb_err submit(fed *f, sb_entry_type type, const ProtobufCMessage *m, const char *by,
                     play_id *id)
{
    sb_err err = fed_submit(f, type, m, by);
    if (err == SB_OK && id != NULL)
        *id = fed_last_id(f);
    return err;
}

sb_err play_draft_charter(fed *f, const Sb__Charter *c, const char *by, play_id *draft)
{
    sb_buf bytes;
    uint8_t sha256[32];
    play_id id;
    sb_buf_init(&bytes);
    must(f, sb_charter_encode(c, &bytes, &f->fail) == SB_OK, "the draft's form");
    sb_hash(sb_buf_slice(&bytes), sha256);
    size_t part = f->options.part_bytes;
    Sb__CharterDraft m = SB__CHARTER_DRAFT__INIT;
    m.charter_sha256 = (play_id){32, sha256};
    m.charter_bytes = (uint32_t)bytes.len;
    m.charter_parts = (uint32_t)((bytes.len + part - 1) / part);
    sb_err err = submit(f, SB_ENTRY_CHARTER_DRAFT, &m.base, by, &id);
    for (uint32_t n = 1; err == SB_OK && n <= m.charter_parts; n++) {
        size_t at = (n - 1) * part;
        Sb__CharterDraftPart p = SB__CHARTER_DRAFT_PART__INIT;
        p.draft_id = id;
        p.number = n;
        p.data = (play_id){bytes.len - at < part ? bytes.len - at : part, bytes.data + at};
        err = submit(f, SB_ENTRY_CHARTER_DRAFT_PART, &p.base, by, NULL);
    }
    sb_buf_deinit(&bytes);
    if (err == SB_OK)
        *draft = id;
    return err;
}

sb_err play_action(fed *f, const Sb__ActionPropose *m, const char *by, play_id *id)
{
    return submit(f, SB_ENTRY_ACTION_PROPOSE, &m->base, by, id);
}

#define ACTION(m, what, member, Message, INIT)                                                     \
    Sb__ActionPropose m = SB__ACTION_PROPOSE__INIT;                                                \
    Message what = INIT;                                                                           \
    m.case_id = c;                                                                                 \
    m.action_case = SB__ACTION_PROPOSE__ACTION_##member

sb_err play_change(fed *f, play_id c, play_id draft, Sb__Overlap overlap, const char *by,
                   play_id *id)
{
    ACTION(m, a, CHARTER, Sb__ActionCharter, SB__ACTION_CHARTER__INIT);
    a.draft_id = draft;
    a.overlap = overlap;
    m.charter = &a;
    return play_action(f, &m, by, id);
}

sb_err play_create(fed *f, play_id c, Sb__Body *body, const char *by, play_id *id)
{
    ACTION(m, a, BODY_CREATE, Sb__ActionBodyCreate, SB__ACTION_BODY_CREATE__INIT);
    a.body = body;
    m.body_create = &a;
    return play_action(f, &m, by, id);
}

sb_err play_mandate(fed *f, play_id c, const char *body, const char *by, play_id *id)
{
    ACTION(m, a, BODY_MANDATE, Sb__ActionBodyMandate, SB__ACTION_BODY_MANDATE__INIT);
    a.body = text(body);
    a.mandate = fed_blob(f, "mandat");
    m.body_mandate = &a;
    return play_action(f, &m, by, id);
}

sb_err play_dissolve(fed *f, play_id c, const char *body, const char *by, play_id *id)
{
    ACTION(m, a, BODY_DISSOLVE, Sb__ActionBodyDissolve, SB__ACTION_BODY_DISSOLVE__INIT);
    a.body = text(body);
    m.body_dissolve = &a;
    return play_action(f, &m, by, id);
}

sb_err play_fill(fed *f, play_id c, const char *seat, Sb__SeatRole role, const char *office,
                 const char *key, uint32_t from_date, const char *by, play_id *id)
{
    ACTION(m, a, APPOINT, Sb__Appoint, SB__APPOINT__INIT);
    Sb__SeatPlace place = SB__SEAT_PLACE__INIT;
    place.seat = text(seat);
    place.role = role;
    a.place_case = seat != NULL ? SB__APPOINT__PLACE_SEAT : SB__APPOINT__PLACE_OFFICE;
    if (seat != NULL)
        a.seat = &place;
    else
        a.office = text(office);
    if (key != NULL)
        a.device_pk = (play_id){32, fed_key_of(f, key)->pk};
    a.name = fed_blob(f, seat != NULL ? seat : office);
    a.from_date = from_date;
    m.appoint = &a;
    return play_action(f, &m, by, id);
}

sb_err play_new_key(fed *f, play_id c, const char *old_key, const char *new_key, const char *by,
                    play_id *id)
{
    ACTION(m, a, KEY_REPLACE, Sb__KeyReplace, SB__KEY_REPLACE__INIT);
    a.old_pk = (play_id){32, fed_key_of(f, old_key)->pk};
    a.new_pk = (play_id){32, fed_key_of(f, new_key)->pk};
    m.key_replace = &a;
    return play_action(f, &m, by, id);
}

sb_err play_strike(fed *f, play_id action, const char *by)
{
    Sb__ActionStrike m = SB__ACTION_STRIKE__INIT;
    m.action_id = action;
    return submit(f, SB_ENTRY_ACTION_STRIKE, &m.base, by, NULL);
}

sb_row_action play_action_row(fed *f, play_id id)
{
    sb_kv *kv = sb_ledger_kv(f->ledger);
    sb_row_action row = {.no = sb_ref_find(kv, id, SB_REF_ACTION)};
    (void)sb_row_action_get(kv, &f->arena, &row);
    return row;
}

uint32_t play_version(fed *f)
{
    sb_row_federation row = {0};
    (void)sb_row_federation_get(sb_ledger_kv(f->ledger), &f->arena, &row);
    return row.charter_version;
}
