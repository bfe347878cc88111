#include "proto/base/json.h"
#include "tests/lib/cmocka_all.h"

static int open_buf(void **state)
{
    static sb_buf buf;
    sb_buf_init(&buf);
    *state = &buf;
    return 0;
}

static int close_buf(void **state)
{
    sb_buf_deinit(*state);
    return 0;
}

static void nests_and_separates(void **state)
{
    sb_json j;
    sb_json_begin(&j, *state);
    sb_json_object(&j);
    sb_json_key(&j, "a");
    sb_json_array(&j);
    sb_json_u64(&j, UINT64_MAX);
    sb_json_i64(&j, INT64_MIN);
    sb_json_object(&j);
    sb_json_end_object(&j);
    sb_json_array(&j);
    sb_json_end_array(&j);
    sb_json_end_array(&j);
    sb_json_key(&j, "b");
    sb_json_bool(&j, true);
    sb_json_key(&j, "c");
    sb_json_cstr(&j, NULL);
    sb_json_key(&j, "d");
    sb_json_hex(&j, sb_slice_of("\x00\xff", 2));
    sb_json_key(&j, "e");
    sb_json_raw(&j, sb_slice_str("[1,2]"));
    sb_json_key(&j, "f");
    sb_json_bool(&j, false);
    sb_json_end_object(&j);
    assert_string_equal(sb_buf_cstr(*state),
                        "{\"a\":[18446744073709551615,-9223372036854775808,{},[]],\"b\":true,"
                        "\"c\":null,\"d\":\"00ff\",\"e\":[1,2],\"f\":false}");
}

/* The string of RFC 8785 §3.2.2's example. */
static void escapes_as_rfc_8785(void **state)
{
    sb_json j;
    sb_json_begin(&j, *state);
    sb_json_cstr(&j, "\xE2\x82\xAC$\x0F\nA'B\"\\\\\"/");
    assert_string_equal(sb_buf_cstr(*state), "\"\xE2\x82\xAC$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"");
}

static void escapes_each_control(void **state)
{
    sb_json j;
    sb_json_begin(&j, *state);
    uint8_t controls[0x20];
    for (uint8_t c = 0; c < 0x20; c++)
        controls[c] = c;
    sb_json_str(&j, sb_slice_of(controls, sizeof controls));
    assert_string_equal(
        sb_buf_cstr(*state),
        "\"\\u0000\\u0001\\u0002\\u0003\\u0004\\u0005\\u0006\\u0007\\b\\t\\n\\u000b\\f\\r\\u000e"
        "\\u000f\\u0010\\u0011\\u0012\\u0013\\u0014\\u0015\\u0016\\u0017\\u0018\\u0019\\u001a"
        "\\u001b\\u001c\\u001d\\u001e\\u001f\"");
}

static void leaves_the_rest_alone(void **state)
{
    sb_json j;
    sb_json_begin(&j, *state);
    sb_json_cstr(&j, "\x7f \xC3\xA6\xC3\xB8\xC3\xA5 </script>");
    assert_string_equal(sb_buf_cstr(*state), "\"\x7f \xC3\xA6\xC3\xB8\xC3\xA5 </script>\"");
}

static void a_lone_value_and_an_empty_string(void **state)
{
    sb_json j;
    sb_json_begin(&j, *state);
    sb_json_str(&j, (sb_slice){0});
    assert_string_equal(sb_buf_cstr(*state), "\"\"");
}

static void goes_as_deep_as_promised(void **state)
{
    sb_json j;
    sb_json_begin(&j, *state);
    for (int i = 0; i < SB_JSON_DEPTH_MAX; i++)
        sb_json_array(&j);
    for (int i = 0; i < SB_JSON_DEPTH_MAX; i++)
        sb_json_end_array(&j);
    assert_int_equal(((sb_buf *)*state)->len, 2 * SB_JSON_DEPTH_MAX);
}

#define WITH_BUF(test) cmocka_unit_test_setup_teardown(test, open_buf, close_buf)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_BUF(nests_and_separates),      WITH_BUF(escapes_as_rfc_8785),
        WITH_BUF(escapes_each_control),     WITH_BUF(leaves_the_rest_alone),
        WITH_BUF(goes_as_deep_as_promised), WITH_BUF(a_lone_value_and_an_empty_string),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
