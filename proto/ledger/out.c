#include "proto/ledger/out.h"

#include <stdio.h>

void sb_out_str(sb_json *j, const char *key, const char *value)
{
    sb_json_key(j, key);
    sb_json_cstr(j, value);
}

void sb_out_some(sb_json *j, const char *key, const char *value)
{
    sb_out_str(j, key, value != NULL && value[0] != '\0' ? value : NULL);
}

void sb_out_u64(sb_json *j, const char *key, uint64_t value)
{
    sb_json_key(j, key);
    sb_json_u64(j, value);
}

void sb_out_index(sb_json *j, const char *key, bool has, uint64_t value)
{
    sb_json_key(j, key);
    if (has)
        sb_json_u64(j, value);
    else
        sb_json_null(j);
}

void sb_out_moment(sb_json *j, const char *key, uint64_t ms)
{
    sb_out_index(j, key, ms != 0, ms);
}

void sb_out_bool(sb_json *j, const char *key, bool value)
{
    sb_json_key(j, key);
    sb_json_bool(j, value);
}

void sb_out_hash(sb_json *j, const char *key, const uint8_t hash[32])
{
    sb_json_key(j, key);
    sb_json_hex(j, sb_slice_of(hash, 32));
}

void sb_out_date(sb_json *j, const char *key, uint32_t yyyymmdd)
{
    char text[16];
    snprintf(text, sizeof text, "%04u-%02u-%02u", (unsigned)(yyyymmdd / 10000 % 10000),
             (unsigned)(yyyymmdd / 100 % 100), (unsigned)(yyyymmdd % 100));
    sb_out_str(j, key, yyyymmdd == 0 ? NULL : text);
}

void sb_out_blob(sb_json *j, const char *key, const uint8_t sha256[32], uint64_t size)
{
    sb_json_key(j, key);
    sb_out_blob_item(j, sha256, size, false);
}

void sb_out_blob_item(sb_json *j, const uint8_t sha256[32], uint64_t size, bool erased)
{
    if (size == 0) {
        sb_json_null(j);
        return;
    }
    sb_json_object(j);
    sb_out_hash(j, "sha256", sha256);
    sb_out_u64(j, "size", size);
    if (erased)
        sb_out_bool(j, "erased", true);
    sb_json_end_object(j);
}
