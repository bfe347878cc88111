/* The constraint table is total and says what the schema can't: walked from every entry type and
 * the charter. */
#include "tests/lib/cmocka_all.h"
#include "tests/lib/wire_samples.h"

#include "proto/wire/strict.h"

#include <stdio.h>

typedef void (*visitor)(const sb_message_rules *rules);

static void walk(const sb_message_rules *rules, uint32_t depth, visitor visit)
{
    if (depth > SB_SCHEMA_DEPTH_MAX)
        fail_msg("%s is deeper than %d: recursive?", rules->descriptor->name, SB_SCHEMA_DEPTH_MAX);
    visit(rules);
    for (size_t i = 0; i < rules->field_count; i++)
        if (rules->fields[i].kind == SB_FIELD_MESSAGE)
            walk(rules->fields[i].message, depth + 1, visit);
}

static void walk_all(visitor visit)
{
    for (size_t i = 0; i < sb_sample_type_count; i++)
        walk(sb_rules_of_type(sb_sample_types[i]), 1, visit);
    walk(sb_rules_of_charter(), 1, visit);
}

static bool kind_fits(const sb_field_rule *rule, const ProtobufCFieldDescriptor *field)
{
    switch (rule->kind) {
    case SB_FIELD_ID:
    case SB_FIELD_LINE:
    case SB_FIELD_PROSE:
        return field->type == PROTOBUF_C_TYPE_STRING;
    case SB_FIELD_BYTES:
        return field->type == PROTOBUF_C_TYPE_BYTES;
    case SB_FIELD_NUMBER:
        return field->type == PROTOBUF_C_TYPE_UINT32 || field->type == PROTOBUF_C_TYPE_UINT64;
    case SB_FIELD_FLAG:
        return field->type == PROTOBUF_C_TYPE_BOOL;
    case SB_FIELD_ENUM:
        return field->type == PROTOBUF_C_TYPE_ENUM;
    case SB_FIELD_MESSAGE:
        return field->type == PROTOBUF_C_TYPE_MESSAGE &&
               field->descriptor == rule->message->descriptor;
    }
    return false;
}

static void visit_rows(const sb_message_rules *rules)
{
    const ProtobufCMessageDescriptor *d = rules->descriptor;
    assert_int_equal(rules->field_count, d->n_fields);
    for (size_t i = 0; i < rules->field_count; i++) {
        const sb_field_rule *rule = &rules->fields[i];
        const ProtobufCFieldDescriptor *field = &d->fields[i];
        if (strcmp(rule->name, field->name) != 0)
            fail_msg("%s: row %zu is %s, the field is %s", d->name, i, rule->name, field->name);
        if (!kind_fits(rule, field))
            fail_msg("%s.%s: the row's kind is not the field's", d->name, field->name);
        bool repeated = field->label == PROTOBUF_C_LABEL_REPEATED;
        if (repeated != (rule->count_max > 0))
            fail_msg("%s.%s: a count belongs to a repeated field", d->name, field->name);
        assert_true(rule->min <= rule->max && rule->count_min <= rule->count_max);
        assert_false(repeated && rule->optional);
    }
}

static void every_field_has_its_row(void **unused)
{
    (void)unused;
    walk_all(visit_rows);
}

static void visit_scalars(const sb_message_rules *rules)
{
    for (size_t i = 0; i < rules->field_count; i++) {
        const ProtobufCFieldDescriptor *field = &rules->descriptor->fields[i];
        bool packable = rules->fields[i].kind == SB_FIELD_NUMBER ||
                        rules->fields[i].kind == SB_FIELD_FLAG ||
                        rules->fields[i].kind == SB_FIELD_ENUM;
        /* packed and unpacked would be two spellings */
        assert_false(packable && field->label == PROTOBUF_C_LABEL_REPEATED);
        /* proto3 without `optional`: protobuf-c shows such a field as a oneof of one */
        assert_int_not_equal(field->label, PROTOBUF_C_LABEL_OPTIONAL);
        assert_int_not_equal(field->label, PROTOBUF_C_LABEL_REQUIRED);
    }
}

static void no_field_can_be_packed(void **unused)
{
    (void)unused;
    walk_all(visit_scalars);
}

static void visit_bytes(const sb_message_rules *rules)
{
    for (size_t i = 0; i < rules->field_count; i++) {
        const sb_field_rule *rule = &rules->fields[i];
        bool part = rules->descriptor == &sb__charter_part__descriptor ||
                    rules->descriptor == &sb__charter_draft_part__descriptor;
        if (rule->kind != SB_FIELD_BYTES || part)
            continue;
        uint64_t len =
            strcmp(rule->name, "signature") == 0 || strcmp(rule->name, "log_signature") == 0 ? 64
                                                                                             : 32;
        if (rule->min != len || rule->max != len)
            fail_msg("%s.%s: bytes of another length than %d", rules->descriptor->name, rule->name,
                     (int)len);
    }
}

static void ids_keys_and_hashes_have_32_bytes_and_signatures_64(void **unused)
{
    (void)unused;
    walk_all(visit_bytes);
}

static bool can_be_empty(const sb_message_rules *rules)
{
    for (size_t i = 0; i < rules->field_count; i++) {
        const sb_field_rule *rule = &rules->fields[i];
        bool zero_fits = rule->kind == SB_FIELD_NUMBER && rule->min == 0;
        bool repeated = rule->count_max > 0;
        if (repeated ? rule->count_min > 0 : !rule->optional && !zero_fits)
            return false;
    }
    return true;
}

/* Else an empty submessage would be a second spelling of none. */
static void visit_presence(const sb_message_rules *rules)
{
    for (size_t i = 0; i < rules->field_count; i++) {
        const sb_field_rule *rule = &rules->fields[i];
        if (rule->kind == SB_FIELD_MESSAGE && rule->optional && can_be_empty(rule->message))
            fail_msg("%s.%s: absent and empty", rules->descriptor->name, rule->name);
    }
}

static void absent_and_empty_are_never_both_allowed(void **unused)
{
    (void)unused;
    walk_all(visit_presence);
}

static void visit_enums(const sb_message_rules *rules)
{
    for (size_t i = 0; i < rules->field_count; i++)
        if (rules->fields[i].kind == SB_FIELD_ENUM) {
            const ProtobufCEnumDescriptor *e = rules->descriptor->fields[i].descriptor;
            assert_non_null(protobuf_c_enum_descriptor_get_value(e, 0));
            assert_non_null(strstr(protobuf_c_enum_descriptor_get_value(e, 0)->name, "_INVALID"));
        }
}

static void zero_of_every_enum_is_invalid(void **unused)
{
    (void)unused;
    walk_all(visit_enums);
}

static void types_have_names_and_descriptors(void **unused)
{
    (void)unused;
    size_t known = 0;
    for (uint32_t type = 0; type < 256; type++)
        if (sb_entry_type_known(type)) {
            known++;
            assert_non_null(sb_entry_type_name((sb_entry_type)type));
            assert_non_null(sb_entry_type_descriptor((sb_entry_type)type));
        } else {
            assert_null(sb_entry_type_name((sb_entry_type)type));
            assert_null(sb_entry_type_descriptor((sb_entry_type)type));
        }
    assert_int_equal(known, sb_sample_type_count);
    assert_string_equal(sb_entry_type_name(SB_ENTRY_BALLOT_RECORDED), "BALLOT_RECORDED");
    for (size_t i = 0; i < sb_sample_type_count; i++) {
        sb_entry_type type = sb_sample_types[i];
        bool system = type == SB_ENTRY_STATE || type == SB_ENTRY_RESULT || type == SB_ENTRY_TICK ||
                      type == SB_ENTRY_SEAL || type == SB_ENTRY_HANDOVER;
        assert_int_equal(sb_entry_type_is_system(type), system);
    }
}

static void the_protocol_page_lists_every_type(void **unused)
{
    (void)unused;
    static char page[256 * 1024];
    FILE *file = fopen("proto/PROTOCOL.md", "r");
    assert_non_null(file);
    page[fread(page, 1, sizeof page - 1, file)] = '\0';
    fclose(file);
    for (size_t i = 0; i < sb_sample_type_count; i++) {
        sb_entry_type type = sb_sample_types[i];
        char row[100];
        snprintf(row, sizeof row, "\n| %u | %s | %s |", (unsigned)type, sb_entry_type_name(type),
                 sb_entry_type_descriptor(type)->short_name);
        if (strstr(page, row) == NULL)
            fail_msg("proto/PROTOCOL.md lacks the row%s", row);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_protocol_page_lists_every_type),
        cmocka_unit_test(every_field_has_its_row),
        cmocka_unit_test(no_field_can_be_packed),
        cmocka_unit_test(absent_and_empty_are_never_both_allowed),
        cmocka_unit_test(ids_keys_and_hashes_have_32_bytes_and_signatures_64),
        cmocka_unit_test(zero_of_every_enum_is_invalid),
        cmocka_unit_test(types_have_names_and_descriptors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
