/* Canonical JSON writer: UTF-8, no spaces, keys in the order written (the caller keeps them
 * stable), integers only, strings escaped minimally (RFC 8785 §3.2.2.2). 64-bit numbers beyond
 * 2^53-1 are the caller's to write as strings. */
#ifndef SB_BASE_JSON_H
#define SB_BASE_JSON_H

#include "proto/base/buf.h"

enum { SB_JSON_DEPTH_MAX = 32 };

typedef struct sb_json {
    sb_buf *out;    /* borrowed */
    uint32_t depth; /* open objects and arrays */
    bool need_comma[SB_JSON_DEPTH_MAX + 1];
    bool after_key;
} sb_json;

void sb_json_begin(sb_json *j, sb_buf *out);
void sb_json_object(sb_json *j);
void sb_json_array(sb_json *j);
void sb_json_end_object(sb_json *j);
void sb_json_end_array(sb_json *j);
void sb_json_key(sb_json *j, const char *key);
void sb_json_str(sb_json *j, sb_slice text);
void sb_json_cstr(sb_json *j, const char *text); /* NULL writes null */
void sb_json_u64(sb_json *j, uint64_t v);
void sb_json_i64(sb_json *j, int64_t v);
void sb_json_bool(sb_json *j, bool v);
void sb_json_null(sb_json *j);
void sb_json_hex(sb_json *j, sb_slice bytes); /* lower-case hexadecimal string */
/* Already canonical JSON, copied as it is. */
void sb_json_raw(sb_json *j, sb_slice json);

#endif
