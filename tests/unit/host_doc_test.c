/* YAML and JSON as document trees: places, refusals, accessors. */
#include "tests/lib/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>

#include "nodes/host/json_read.h"
#include "nodes/host/yaml_read.h"
#include "proto/base/buf.h"

typedef struct bench {
    sb_arena arena;
    sb_fail fail;
    const sb_doc *root;
} bench;

#define ok(expression) assert_int_equal((expression), SB_OK)

static int setup(void **state)
{
    bench *b = calloc(1, sizeof *b);
    sb_arena_init(&b->arena);
    *state = b;
    return 0;
}

static int teardown(void **state)
{
    bench *b = *state;
    sb_arena_deinit(&b->arena);
    free(b);
    return 0;
}

static sb_err yaml(bench *b, const char *text)
{
    return sb_yaml_parse("x.yaml", sb_slice_str(text), &b->arena, &b->root, &b->fail);
}

static sb_err json(bench *b, const char *text)
{
    return sb_json_parse("x.json", sb_slice_str(text), &b->arena, &b->root, &b->fail);
}

/* The text is refused with this code at this line. */
static void refused(bench *b, sb_err got, sb_err code, const char *line)
{
    assert_int_equal(got, code);
    assert_int_equal(b->fail.code, code);
    assert_int_equal(b->fail.argc, 4);
    assert_string_equal(b->fail.arg[1], line);
    assert_null(b->root);
}

static void test_yaml_keeps_places_and_order(void **state)
{
    bench *b = *state;
    const char *text;
    ok(yaml(b, "# a charter\n"
               "name: Helsefellesskapet  # comment\n"
               "seats:\n"
               "  - {id: a, count: 2}\n"
               "  - id: b\n"
               "    rule: |\n"
               "      quorum each partner\n"
               "      pass for > 1/2 of cast\n"
               "empty:\n"));
    assert_int_equal(b->root->kind, SB_DOC_MAP);
    assert_int_equal(b->root->count, 3);
    const sb_doc *seats = sb_doc_get(b->root, "seats");
    assert_int_equal(seats->kind, SB_DOC_LIST);
    assert_int_equal(seats->count, 2);
    assert_int_equal(seats->items[0]->line, 4);
    assert_int_equal(seats->items[0]->column, 5);
    assert_int_equal(seats->items[1]->line, 5);
    const sb_doc *rule = sb_doc_get(seats->items[1], "rule");
    assert_int_equal(rule->line, 6);
    assert_int_equal(rule->kind, SB_DOC_TEXT);
    ok(sb_doc_text(rule, &text, &b->fail));
    assert_string_equal(text, "quorum each partner\npass for > 1/2 of cast\n");
    assert_int_equal(sb_doc_get(b->root, "empty")->kind, SB_DOC_NULL);
    ok(sb_doc_need_text(b->root, "name", &text, &b->fail));
    assert_string_equal(text, "Helsefellesskapet");
    assert_string_equal(b->root->items[1]->key, "seats");
    assert_string_equal(b->root->file, "x.yaml");
}

static void test_yaml_brings_text_to_nfc(void **state)
{
    bench *b = *state;
    ok(yaml(b, "bla\xCC\x8A: Ha\xCC\x8Alogaland\n"));
    const sb_doc *node = sb_doc_get(b->root, "bl\xC3\xA5");
    assert_non_null(node);
    SB_ASSERT_TEXT(node->text, "H\xC3\xA5logaland");
}

static void test_yaml_refusals_say_the_line(void **state)
{
    bench *b = *state;
    refused(b, yaml(b, "a: 1\nb: 2\na: 3\n"), SB_E_DOC_DUPLICATE_KEY, "3");
    assert_string_equal(b->fail.arg[0], "x.yaml");
    assert_string_equal(b->fail.arg[2], "a");
    refused(b, yaml(b, "a: 1\n\"a\": 3\n"), SB_E_DOC_DUPLICATE_KEY, "2");
    refused(b, yaml(b, "bl\xC3\xA5: 1\nbla\xCC\x8A: 3\n"), SB_E_DOC_DUPLICATE_KEY, "2");
    refused(b, yaml(b, "a: 1\nb: &x 2\n"), SB_E_DOC_ANCHOR, "2");
    refused(b, yaml(b, "a: &x [1]\nb:\n  - *x\n"), SB_E_DOC_ANCHOR, "1");
    refused(b, yaml(b, "- 1\n- *x\n"), SB_E_DOC_ANCHOR, "2");
    refused(b, yaml(b, "a: !!str 1\n"), SB_E_DOC_ANCHOR, "1");
    refused(b, yaml(b, "a: !x [1]\n"), SB_E_DOC_ANCHOR, "1");
    refused(b, yaml(b, "*x"), SB_E_DOC_ANCHOR, "1");
    refused(b, yaml(b, "a: 1\n\tb: 2\n"), SB_E_DOC_SYNTAX, "2");
    refused(b, yaml(b, "a: 1\nb: 'open\n"), SB_E_DOC_SYNTAX, "3");
    refused(b, yaml(b, "a: [1, 2\nb: 3\n"), SB_E_DOC_SYNTAX, "2");
    refused(b, yaml(b, "a: \"\\0\"\n"), SB_E_DOC_SYNTAX, "1");
    refused(b, yaml(b, "a: \xC3\x28\n"), SB_E_DOC_SYNTAX, "1");
    refused(b, yaml(b, "a: 1\n---\nb: 2\n"), SB_E_DOC_ONE, "2");
    refused(b, yaml(b, "a: 1\n? [x]\n: 2\n"), SB_E_DOC_KEY_TEXT, "2");
    refused(b, yaml(b, "'': 1\n"), SB_E_DOC_KEY_TEXT, "1");
}

static void test_an_empty_yaml_is_null(void **state)
{
    bench *b = *state;
    ok(yaml(b, ""));
    assert_int_equal(b->root->kind, SB_DOC_NULL);
    ok(yaml(b, "# nothing\n"));
    assert_int_equal(b->root->kind, SB_DOC_NULL);
    assert_int_equal(sb_doc_only(b->root, &b->fail, "a", NULL), SB_E_DOC_WANT_MAP);
    assert_string_equal(b->fail.arg[1], "1");
}

static void test_depth_and_size_are_bounded(void **state)
{
    bench *b = *state;
    sb_buf text;
    sb_buf_init(&text);
    for (int i = 0; i < SB_DOC_DEPTH_MAX - 1; i++)
        sb_buf_str(&text, "[");
    sb_buf_str(&text, "1");
    for (int i = 0; i < SB_DOC_DEPTH_MAX - 1; i++)
        sb_buf_str(&text, "]");
    ok(yaml(b, sb_buf_cstr(&text)));
    ok(json(b, sb_buf_cstr(&text)));
    sb_buf_clear(&text);
    for (int i = 0; i < SB_DOC_DEPTH_MAX; i++)
        sb_buf_str(&text, "[");
    sb_buf_str(&text, "1");
    for (int i = 0; i < SB_DOC_DEPTH_MAX; i++)
        sb_buf_str(&text, "]");
    refused(b, yaml(b, sb_buf_cstr(&text)), SB_E_DOC_LIMIT, "1");
    refused(b, json(b, sb_buf_cstr(&text)), SB_E_DOC_LIMIT, "1");
    sb_buf_clear(&text);
    for (int i = 0; i < 100000; i++)
        sb_buf_str(&text, "[");
    assert_int_not_equal(yaml(b, sb_buf_cstr(&text)), SB_OK);
    assert_int_not_equal(json(b, sb_buf_cstr(&text)), SB_OK);
    sb_buf_clear(&text);
    sb_buf_str(&text, "[");
    for (int i = 0; i < SB_DOC_NODES_MAX; i++)
        sb_buf_str(&text, "1,");
    sb_buf_str(&text, "1]");
    refused(b, json(b, sb_buf_cstr(&text)), SB_E_DOC_LIMIT, "1");
    assert_string_equal(b->fail.arg[2], "200000");
    while (text.len <= SB_DOC_BYTES_MAX)
        sb_buf_str(&text, "                                                                ");
    refused(b, yaml(b, sb_buf_cstr(&text)), SB_E_DOC_LIMIT, "1");
    refused(b, json(b, sb_buf_cstr(&text)), SB_E_DOC_LIMIT, "1");
    sb_buf_deinit(&text);
}

static void test_numbers(void **state)
{
    bench *b = *state;
    uint64_t u = 0;
    int64_t i = 0;
    const char *bad[] = {"-1",  "+1", "1.0", "01", "0x1", "1e3", "1_000", "18446744073709551616",
                         "'1'", "ti", "",    "[1]"};
    ok(yaml(b, "18446744073709551615"));
    ok(sb_doc_u64(b->root, 0, UINT64_MAX, &u, &b->fail));
    assert_true(u == UINT64_MAX);
    ok(yaml(b, "-9223372036854775807"));
    ok(sb_doc_i64(b->root, INT64_MIN, INT64_MAX, &i, &b->fail));
    assert_true(i == -INT64_MAX);
    for (size_t n = 0; n < sizeof bad / sizeof *bad; n++) {
        ok(yaml(b, bad[n]));
        assert_int_equal(sb_doc_u64(b->root, 0, 9, &u, &b->fail), SB_E_DOC_WANT_NUMBER);
    }
    ok(yaml(b, "count: 5\nother: x\n"));
    assert_int_equal(sb_doc_need_u64(b->root, "count", 6, 10, &u, &b->fail), SB_E_DOC_RANGE);
    assert_string_equal(b->fail.arg[1], "1");
    assert_string_equal(b->fail.arg[2], "count");
    assert_string_equal(b->fail.arg[3], "6–10");
    assert_int_equal(sb_doc_need_u64(b->root, "count", 0, 4, &u, &b->fail), SB_E_DOC_RANGE);
    ok(sb_doc_need_u64(b->root, "count", 5, 5, &u, &b->fail));
    assert_int_equal(sb_doc_need_u64(b->root, "other", 5, 5, &u, &b->fail), SB_E_DOC_WANT_NUMBER);
    assert_string_equal(b->fail.arg[1], "2");
    assert_string_equal(b->fail.arg[3], "x");
    ok(sb_doc_u64_or(b->root, "absent", 5, 5, 42, &u, &b->fail));
    assert_int_equal(u, 42);
}

static void test_texts_bools_and_choices(void **state)
{
    bench *b = *state;
    const char *const words[] = {"consensus", "vote", "note", NULL};
    const char *text;
    bool flag = false;
    uint32_t index = 9;
    ok(yaml(b,
            "yes: yes\nt: true\nf: false\nq: 'true'\nn: 12\nmode: vote\nbad: votes\nl: [a]\nz:\n"));
    ok(sb_doc_bool(sb_doc_get(b->root, "t"), &flag, &b->fail));
    assert_true(flag);
    ok(sb_doc_bool(sb_doc_get(b->root, "f"), &flag, &b->fail));
    assert_false(flag);
    assert_int_equal(sb_doc_bool(sb_doc_get(b->root, "yes"), &flag, &b->fail), SB_E_DOC_WANT_BOOL);
    assert_int_equal(sb_doc_bool(sb_doc_get(b->root, "q"), &flag, &b->fail), SB_E_DOC_WANT_BOOL);
    ok(sb_doc_bool_or(b->root, "absent", true, &flag, &b->fail));
    assert_true(flag);
    ok(sb_doc_need_text(b->root, "n", &text, &b->fail));
    assert_string_equal(text, "12");
    ok(sb_doc_choice(sb_doc_get(b->root, "mode"), words, &index, &b->fail));
    assert_int_equal(index, 1);
    assert_int_equal(sb_doc_choice(sb_doc_get(b->root, "bad"), words, &index, &b->fail),
                     SB_E_DOC_CHOICE);
    assert_string_equal(b->fail.arg[1], "7");
    assert_string_equal(b->fail.arg[2], "votes");
    assert_string_equal(b->fail.arg[3], "consensus, vote, note");
    assert_int_equal(sb_doc_need_text(b->root, "l", &text, &b->fail), SB_E_DOC_WANT_TEXT);
    assert_int_equal(sb_doc_need_text(b->root, "none", &text, &b->fail), SB_E_DOC_MISSING_KEY);
    assert_string_equal(b->fail.arg[2], "none");
    assert_int_equal(sb_doc_need_text(b->root, "z", &text, &b->fail), SB_E_DOC_MISSING_KEY);
    assert_string_equal(b->fail.arg[1], "9");
    ok(sb_doc_want_list(sb_doc_get(b->root, "l"), &b->fail));
    assert_int_equal(sb_doc_want_list(sb_doc_get(b->root, "n"), &b->fail), SB_E_DOC_WANT_LIST);
    assert_int_equal(sb_doc_want_map(sb_doc_get(b->root, "l"), &b->fail), SB_E_DOC_WANT_MAP);
    assert_int_equal(sb_doc_text(NULL, &text, &b->fail), SB_E_DOC_WANT_TEXT);
    assert_null(sb_doc_get(NULL, "a"));
    assert_null(sb_doc_get(sb_doc_get(b->root, "l"), "a"));
}

static void test_what_is_not_there_is_empty(void **state)
{
    bench *b = *state;
    ok(yaml(b, "t: text\nq: ''\nn: 12\nb: true\nl: [a]\nm: {t: inner}\nz:\n"));
    assert_string_equal(sb_doc_str(b->root, "t"), "text");
    assert_string_equal(sb_doc_str(b->root, "n"), "12");
    assert_string_equal(sb_doc_str(b->root, "b"), "true");
    const char *const none[] = {"q", "l", "m", "z", "absent"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        assert_string_equal(sb_doc_str(b->root, none[i]), "");
    assert_string_equal(sb_doc_str(sb_doc_get(b->root, "m"), "t"), "inner");
    assert_string_equal(sb_doc_str(sb_doc_get(b->root, "l"), "t"), "");
    assert_string_equal(sb_doc_str(NULL, "t"), "");
    assert_int_equal(sb_doc_num(b->root, "n"), 12);
    assert_true(sb_doc_true(b->root, "b"));
    const char *const others[] = {"t", "q", "l", "m", "z", "absent"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        assert_int_equal(sb_doc_num(b->root, others[i]), 0);
        assert_false(sb_doc_true(b->root, others[i]));
    }
    assert_int_equal(sb_doc_count(sb_doc_get(b->root, "l")), 1);
    assert_int_equal(sb_doc_count(sb_doc_get(b->root, "m")), 0);
    assert_int_equal(sb_doc_count(sb_doc_get(b->root, "z")), 0);
    assert_int_equal(sb_doc_count(NULL), 0);
}

static void test_unknown_keys(void **state)
{
    bench *b = *state;
    ok(yaml(b, "a: 1\nb: 2\nc: 3\n"));
    ok(sb_doc_only(b->root, &b->fail, "c", "b", "a", "d", NULL));
    assert_int_equal(sb_doc_only(b->root, &b->fail, "a", "c", NULL), SB_E_DOC_UNKNOWN_KEY);
    assert_string_equal(b->fail.arg[0], "x.yaml");
    assert_string_equal(b->fail.arg[1], "2");
    assert_string_equal(b->fail.arg[2], "b");
    assert_string_equal(b->fail.arg[3], "a, c");
}

static void test_json_has_lines(void **state)
{
    bench *b = *state;
    uint64_t n = 0;
    ok(json(b, "{\n \"z\": \"a\\\"]},:\\u00e5\",\n \"list\": [1,\n  {}, [],\n  {\"k\": true,\n"
               "   \"null\": null}],\n \"n\": 9007199254740993\n}\n"));
    assert_int_equal(b->root->line, 1);
    SB_ASSERT_TEXT(sb_doc_get(b->root, "z")->text, "a\"]},:\xC3\xA5");
    const sb_doc *list = sb_doc_get(b->root, "list");
    assert_int_equal(list->line, 3);
    assert_int_equal(list->count, 4);
    assert_int_equal(list->items[0]->line, 3);
    assert_int_equal(list->items[1]->line, 4);
    assert_int_equal(list->items[2]->count, 0);
    assert_int_equal(list->items[3]->line, 5);
    assert_int_equal(sb_doc_get(list->items[3], "null")->kind, SB_DOC_NULL);
    assert_int_equal(sb_doc_get(list->items[3], "null")->line, 6);
    ok(sb_doc_need_u64(b->root, "n", 0, UINT64_MAX, &n, &b->fail));
    assert_int_equal(n, 9007199254740993);
    assert_int_equal(sb_doc_get(b->root, "n")->line, 7);
    /* file order, not a hash table's */
    assert_string_equal(b->root->items[0]->key, "z");
    assert_string_equal(b->root->items[1]->key, "list");
    assert_string_equal(b->root->items[2]->key, "n");
}

static void test_json_is_strict(void **state)
{
    bench *b = *state;
    refused(b, json(b, "{\"a\": 1,\n\"a\": 2}"), SB_E_DOC_JSON, "2");
    refused(b, json(b, "{\"a\": 1,}"), SB_E_DOC_JSON, "1");
    refused(b, json(b, "{} x"), SB_E_DOC_JSON, "1");
    refused(b, json(b, "{}\n{}"), SB_E_DOC_JSON, "2");
    refused(b, json(b, ""), SB_E_DOC_JSON, "1");
    refused(b, json(b, "{'a': 1}"), SB_E_DOC_JSON, "1");
    refused(b, json(b, "\"\\u0000\""), SB_E_DOC_JSON, "1");
    refused(b, json(b, "\"\xC3\x28\""), SB_E_DOC_JSON, "1");
    refused(b, json(b, "\"\xED\xA0\x80\""), SB_E_DOC_JSON, "1");
    refused(b, json(b, "99999999999999999999"), SB_E_DOC_JSON, "1");
    refused(b, json(b, "[1,\n1.5]"), SB_E_DOC_WANT_INTEGER, "2");
    assert_string_equal(b->fail.arg[2], "1.5");
    refused(b, json(b, "1e2"), SB_E_DOC_WANT_INTEGER, "1");
    ok(json(b, "\"alone\""));
    SB_ASSERT_TEXT(b->root->text, "alone");
}

/* A list that came in parts. */
static void test_lists_are_put_together(void **state)
{
    bench *b = *state;
    static const char *const parts[] = {"[1,2]", "[]", "[3]"};
    const sb_doc *all = NULL;
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(json(b, parts[i]), SB_OK);
        assert_int_equal(sb_doc_append(&all, b->root, &b->arena, &b->fail), SB_OK);
    }
    assert_int_equal(all->count, 3);
    assert_string_equal((const char *)all->items[2]->text.data, "3");
    assert_int_equal(json(b, "{}"), SB_OK);
    assert_int_equal(sb_doc_append(&all, b->root, &b->arena, &b->fail), SB_E_DOC_WANT_LIST);
    const sb_doc *one = NULL; /* what isn't a list comes alone */
    assert_int_equal(sb_doc_append(&one, b->root, &b->arena, &b->fail), SB_OK);
    assert_ptr_equal(one, b->root);
    assert_int_equal(sb_doc_append(&one, all, &b->arena, &b->fail), SB_E_DOC_WANT_LIST);
}

static void test_files_that_are_not_there(void **state)
{
    bench *b = *state;
    assert_int_equal(sb_yaml_read("/nonexistent.yaml", &b->arena, &b->root, &b->fail),
                     SB_E_FILE_MISSING);
    assert_int_equal(sb_json_read("/nonexistent.json", &b->arena, &b->root, &b->fail),
                     SB_E_FILE_MISSING);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_yaml_keeps_places_and_order),
        T(test_yaml_brings_text_to_nfc),
        T(test_yaml_refusals_say_the_line),
        T(test_an_empty_yaml_is_null),
        T(test_depth_and_size_are_bounded),
        T(test_numbers),
        T(test_texts_bools_and_choices),
        T(test_what_is_not_there_is_empty),
        T(test_unknown_keys),
        T(test_json_has_lines),
        T(test_json_is_strict),
        T(test_lists_are_put_together),
        T(test_files_that_are_not_there),
    };
    return cmocka_run_group_tests_name("host documents", tests, NULL, NULL);
}
