/* Every bound of the entries and of the charter crossed: at the limit taken, one above refused by its
 * own code, at its own place. The bounds are read from the table that the decoder uses; NAMED says
 * which of proto/base/limits.h they are. */
#include "tests/lib/cmocka_all.h"
#include "tests/lib/wire_samples.h"

#include <stdio.h>
#include <stdlib.h>

#include "proto/base/limits.h"
#include "proto/wire/constraints.h"

typedef enum bound_kind { BYTES, VALUE, COUNT } bound_kind;

static const struct {
    bound_kind kind;
    const char *path; /* without indices */
    uint64_t max;
} NAMED[] = {
    {BYTES, "CaseReport.title", SB_TITLE_BYTES_MAX},
    {BYTES, "WordingPropose.clauses", SB_CLAUSE_BYTES_MAX},
    {COUNT, "WordingPropose.clauses", SB_CLAUSES_MAX},
    {BYTES, "CaseReport.body", SB_ID_BYTES_MAX},
    {BYTES, "CasePostpone.external", SB_EXTERNAL_BYTES_MAX},
    {COUNT, "MeetingCall.agenda", SB_AGENDA_MAX},
    {COUNT, "CaseReport.attachments", SB_BLOBS_PER_ENTRY_MAX},
    {COUNT, "Attendance.events", SB_ATTENDANCE_PER_ENTRY_MAX},
    {COUNT, "ConditionSet.parties", SB_PARTIES_ASKED_MAX},
    {COUNT, "MeetingPlan.dates", SB_PLANNED_DATES_MAX},
    {COUNT, "Genesis.predecessor.lost", SB_LOST_MAX},
    {COUNT, "Genesis.organisations", SB_ORGANISATIONS_MAX},
    {VALUE, "Genesis.charter_bytes", SB_CHARTER_BYTES_MAX},
    {VALUE, "Genesis.charter_parts", SB_CHARTER_PARTS_MAX},
    {BYTES, "CharterPart.data", SB_CHARTER_PART_BYTES_MAX},
    {COUNT, "Seal.cosignatures", SB_COSIGNATURES_MAX},
    {COUNT, "Handover.promises", SB_ORGANISATIONS_MAX},
    {COUNT, "Handover.heads.proof", SB_PROOF_HASHES_MAX},
    {VALUE, "CaseReport.text.size", SB_BLOB_BYTES_MAX},
    {COUNT, "CandidatePropose.places", SB_TICKET_PLACES_MAX},
    {VALUE, "Result.round", SB_ROUNDS_MAX},
    {VALUE, "Result.counts.seats", SB_SEATS_MAX},
    {COUNT, "Result.counts", SB_PARTNERS_MAX + 1},
    {BYTES, "Result.pass_rule", SB_RULE_BYTES_MAX},
    {COUNT, "Charter.bodies", SB_BODIES_MAX},
    {COUNT, "Charter.offices", SB_OFFICES_MAX},
    {COUNT, "Charter.parties", SB_PARTIES_MAX},
    {COUNT, "Charter.policy.groups", SB_WITNESS_GROUPS_MAX},
    {COUNT, "Charter.partners", SB_PARTNERS_MAX},
    {COUNT, "Charter.bodies.seats", SB_SEATS_MAX},
    {COUNT, "Charter.bodies.deadlines", SB_DEADLINES_MAX},
    {COUNT, "Charter.bodies.norms", SB_NORMS_MAX},
    {COUNT, "Charter.bodies.first_numbers", SB_YEARS_MAX},
    {VALUE, "Charter.bodies.term_months", SB_TERM_MONTHS_MAX},
    {COUNT, "TaskSet.responsible", SB_RESPONSIBLE_MAX},
    {VALUE, "Charter.policy.more_than_num", SB_NUMBER_MAX},
    {COUNT, "Charter.standbys", SB_STANDBYS_MAX},
    {BYTES, "Charter.standbys.address", SB_ADDRESS_BYTES_MAX},
    {VALUE, "Charter.silence_s", SB_SILENCE_S_MAX},
};
enum { NAMED_COUNT = sizeof NAMED / sizeof NAMED[0] };

typedef struct crossing {
    sb_arena *arena;
    sb_entry_type type; /* 0: a charter */
    const ProtobufCMessage *whole;
    char path[200];
    uint32_t crossed;
    bool *named;
} crossing;

static sb_err decode(const crossing *x, sb_fail *fail)
{
    sb_arena arena;
    sb_arena_init(&arena);
    size_t len = protobuf_c_message_get_packed_size(x->whole);
    uint8_t *bytes = sb_xmalloc(len + 1);
    protobuf_c_message_pack(x->whole, bytes);
    const ProtobufCMessage *message;
    const Sb__Charter *charter;
    *fail = (sb_fail){0};
    sb_err err = x->type == 0
                     ? sb_charter_decode(sb_slice_of(bytes, len), &arena, &charter, fail)
                     : sb_payload_decode(x->type, sb_slice_of(bytes, len), &arena, &message, fail);
    free(bytes);
    sb_arena_deinit(&arena);
    return err;
}

/* Taken, or refused for something larger than this field: the whole, its memory, all its blobs. */
static void expect_taken(const crossing *x)
{
    sb_fail fail;
    sb_err err = decode(x, &fail);
    bool is_whole = err == SB_E_ENTRY_TOO_LARGE || err == SB_E_PAYLOAD_ALLOC ||
                    (err == SB_E_PAYLOAD_COUNT && strchr(fail.arg[0], '.') == NULL);
    if (err != SB_OK && !is_whole)
        fail_msg("%s: at its limit: %s %s %s", x->path, sb_err_name(err), fail.arg[0], fail.arg[1]);
}

static void expect_refused(crossing *x, bound_kind kind, uint64_t max)
{
    static const sb_err codes[] = {SB_E_PAYLOAD_LENGTH, SB_E_PAYLOAD_RANGE, SB_E_PAYLOAD_COUNT};
    sb_fail fail;
    sb_err err = decode(x, &fail);
    if (err != codes[kind] && err != SB_E_ENTRY_TOO_LARGE)
        fail_msg("%s: above its limit: %s %s", x->path, sb_err_name(err), fail.arg[0]);
    x->crossed++;
    for (size_t i = 0; i < NAMED_COUNT; i++)
        if (NAMED[i].kind == kind && strcmp(NAMED[i].path, x->path) == 0) {
            assert_int_equal(NAMED[i].max, max);
            assert_int_equal(err, codes[kind]);
            x->named[i] = true;
        }
}

static void cross_string(crossing *x, char **at, uint64_t max)
{
    char *old = *at, *text = sb_arena_alloc(x->arena, max + 2);
    memset(text, 'a', max + 1);
    text[max + 1] = '\0';
    *at = text;
    text[max] = '\0';
    expect_taken(x);
    text[max] = 'a';
    expect_refused(x, BYTES, max);
    *at = old;
}

static void cross_bytes(crossing *x, ProtobufCBinaryData *at, uint64_t max)
{
    ProtobufCBinaryData old = *at;
    at->data = sb_arena_alloc(x->arena, max + 1);
    memset(at->data, 1, max + 1);
    at->len = max;
    expect_taken(x);
    at->len = max + 1;
    expect_refused(x, BYTES, max);
    *at = old;
}

static void cross_number(crossing *x, void *at, bool is_64, uint64_t max)
{
    uint64_t old = is_64 ? *(uint64_t *)at : *(uint32_t *)at;
    for (uint64_t over = 0; over < 2; over++) {
        if (over == 1 && max >= (is_64 ? UINT64_MAX : UINT32_MAX))
            break;
        if (is_64)
            *(uint64_t *)at = max + over;
        else
            *(uint32_t *)at = (uint32_t)(max + over);
        if (over == 0)
            expect_taken(x);
        else
            expect_refused(x, VALUE, max);
    }
    if (is_64)
        *(uint64_t *)at = old;
    else
        *(uint32_t *)at = (uint32_t)old;
}

static size_t item_bytes(const ProtobufCFieldDescriptor *field)
{
    if (field->type == PROTOBUF_C_TYPE_BYTES)
        return sizeof(ProtobufCBinaryData);
    if (field->type == PROTOBUF_C_TYPE_STRING || field->type == PROTOBUF_C_TYPE_MESSAGE)
        return sizeof(void *);
    return field->type == PROTOBUF_C_TYPE_UINT64 ? 8 : 4;
}

/* The first item, over and over. */
static void cross_count(crossing *x, ProtobufCMessage *message,
                        const ProtobufCFieldDescriptor *field, uint64_t max)
{
    size_t *count = (size_t *)((char *)message + field->quantifier_offset), old_count = *count;
    char **list = (char **)((char *)message + field->offset), *old = *list;
    size_t each = item_bytes(field);
    *list = sb_arena_alloc(x->arena, each * (max + 1));
    for (uint64_t i = 0; i <= max; i++)
        memcpy(*list + i * each, old, each);
    *count = max;
    expect_taken(x);
    *count = max + 1;
    expect_refused(x, COUNT, max);
    *list = old;
    *count = old_count;
}

static void cross_all(crossing *x, const sb_message_rules *rules, ProtobufCMessage *message);

static void cross_value(crossing *x, const sb_field_rule *rule,
                        const ProtobufCFieldDescriptor *field, void *at)
{
    switch (rule->kind) {
    case SB_FIELD_ID:
    case SB_FIELD_LINE:
    case SB_FIELD_PROSE:
        cross_string(x, at, rule->max);
        break;
    case SB_FIELD_BYTES:
        cross_bytes(x, at, rule->max);
        break;
    case SB_FIELD_NUMBER:
        cross_number(x, at, field->type == PROTOBUF_C_TYPE_UINT64, rule->max);
        break;
    case SB_FIELD_MESSAGE:
        cross_all(x, rule->message, *(ProtobufCMessage **)at);
        break;
    case SB_FIELD_FLAG:
    case SB_FIELD_ENUM:
        break;
    }
}

static bool is_there(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
    const char *quantifier = (const char *)message + field->quantifier_offset;
    if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
        return *(const uint32_t *)(const void *)quantifier == field->id;
    if (field->label == PROTOBUF_C_LABEL_REPEATED)
        return *(const size_t *)(const void *)quantifier > 0;
    const void *at = (const char *)message + field->offset;
    return field->type != PROTOBUF_C_TYPE_MESSAGE || *(void *const *)at != NULL;
}

static void cross_all(crossing *x, const sb_message_rules *rules, ProtobufCMessage *message)
{
    size_t path = strlen(x->path);
    for (size_t i = 0; i < rules->field_count; i++) {
        const sb_field_rule *rule = &rules->fields[i];
        const ProtobufCFieldDescriptor *field = &rules->descriptor->fields[i];
        if (!is_there(message, field))
            continue;
        (void)snprintf(x->path + path, sizeof x->path - path, ".%s", rule->name);
        char *at = (char *)message + field->offset;
        if (rule->count_max > 0)
            cross_count(x, message, field, rule->count_max);
        cross_value(x, rule, field, rule->count_max > 0 ? *(char **)at : at);
        x->path[path] = '\0';
    }
}

/* The sample's bytes are older than this field. */
static void give_predecessor(sb_arena *arena, Sb__Genesis *m)
{
    Sb__Predecessor *p = m->predecessor = SB_ARENA_NEW(arena, Sb__Predecessor);
    sb__predecessor__init(p);
    p->federation_id = p->root = m->log_pk;
    p->term = 1;
    p->size = 1;
    p->n_lost = 1;
    p->lost = SB_ARENA_ARRAY(arena, char *, 1);
    p->lost[0] = (char *)(uintptr_t) "alt";
}

static void give_proof(sb_arena *arena, Sb__Handover *m)
{
    Sb__Head *h = m->heads[0];
    h->n_proof = 1;
    h->proof = SB_ARENA_ARRAY(arena, ProtobufCBinaryData, 1);
    h->proof[0] = h->root;
}

static void give_group(sb_arena *arena, Sb__Charter *c)
{
    Sb__WitnessGroup *g = SB_ARENA_NEW(arena, Sb__WitnessGroup);
    sb__witness_group__init(g);
    g->name = c->organisations[0]->id;
    g->threshold = 1;
    g->n_members = 1;
    g->members = &c->organisations[0]->id;
    c->policy->n_groups = 1;
    c->policy->groups = SB_ARENA_ARRAY(arena, Sb__WitnessGroup *, 1);
    c->policy->groups[0] = g;
}

static void give_standby(sb_arena *arena, Sb__Charter *c)
{
    uint8_t *pk = sb_arena_alloc(arena, 32);
    memset(pk, 1, 32);
    Sb__Standby *s = SB_ARENA_NEW(arena, Sb__Standby);
    sb__standby__init(s);
    s->id = c->organisations[0]->id;
    s->log_pk = s->curve_pk = (ProtobufCBinaryData){.len = 32, .data = pk};
    s->address = (char *)(uintptr_t) "tcp://reserve:7117";
    c->silence_s = 600;
    c->n_standbys = 1;
    c->standbys = SB_ARENA_ARRAY(arena, Sb__Standby *, 1);
    c->standbys[0] = s;
}

static void test_each_field(void **state)
{
    (void)state;
    sb_arena arena;
    sb_arena_init(&arena);
    bool named[NAMED_COUNT] = {false};
    crossing x = {.arena = &arena, .named = named};
    for (size_t i = 0; i < sb_sample_type_count; i++) {
        x.type = sb_sample_types[i];
        ProtobufCMessage *m = (ProtobufCMessage *)(uintptr_t)sb_sample_payload(&arena, x.type);
        x.whole = m;
        (void)snprintf(x.path, sizeof x.path, "%s", m->descriptor->short_name);
        if (x.type == SB_ENTRY_GENESIS)
            give_predecessor(&arena, (Sb__Genesis *)(void *)m);
        if (x.type == SB_ENTRY_HANDOVER)
            give_proof(&arena, (Sb__Handover *)(void *)m);
        expect_taken(&x);
        cross_all(&x, sb_rules_of_type(x.type), m);
    }
    x.type = (sb_entry_type)0;
    Sb__Charter *charter = sb_sample_charter(&arena);
    give_group(&arena, charter);
    give_standby(&arena, charter);
    x.whole = &charter->base;
    (void)snprintf(x.path, sizeof x.path, "Charter");
    cross_all(&x, sb_rules_of_charter(), &charter->base);
    print_message("%u bounds crossed\n", x.crossed);
    assert_true(x.crossed > 300);
    for (size_t i = 0; i < NAMED_COUNT; i++)
        if (!named[i])
            fail_msg("%s was not crossed", NAMED[i].path);
    sb_arena_deinit(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_each_field)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
