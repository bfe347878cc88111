/* Members of a JSON object as the ledger writes them: certificates and queries. */
#ifndef SB_LEDGER_OUT_H
#define SB_LEDGER_OUT_H

#include "proto/base/json.h"

void sb_out_str(sb_json *j, const char *key, const char *value);  /* NULL: null */
void sb_out_some(sb_json *j, const char *key, const char *value); /* NULL and "": null */
void sb_out_u64(sb_json *j, const char *key, uint64_t value);
/* null unless `has`. */
void sb_out_index(sb_json *j, const char *key, bool has, uint64_t value);
void sb_out_moment(sb_json *j, const char *key, uint64_t ms); /* 0: null */
void sb_out_bool(sb_json *j, const char *key, bool value);
void sb_out_hash(sb_json *j, const char *key, const uint8_t hash[32]);
/* "2022-01-20"; 0: null. */
void sb_out_date(sb_json *j, const char *key, uint32_t yyyymmdd);
/* {"sha256":…,"size":…}; size 0: null. */
void sb_out_blob(sb_json *j, const char *key, const uint8_t sha256[32], uint64_t size);
/* The same as an element of an array; where the content is erased, "erased":true stands last. */
void sb_out_blob_item(sb_json *j, const uint8_t sha256[32], uint64_t size, bool erased);

#endif
