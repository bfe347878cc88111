/* Members of the certificate whose family has nothing to say yet (certificate.h). */
#include "proto/ledger/certificate.h"

#define NOTHING_YET(name, empty)                                                                   \
    void sb_certificate_put_##name(sb_json *j, const sb_certificate *c)                            \
    {                                                                                              \
        (void)c;                                                                                   \
        sb_json_key(j, #name);                                                                     \
        sb_json_raw(j, sb_slice_str(empty));                                                       \
    }                                                                                              \
    void sb_certificate_text_##name(const sb_certificate *c, sb_lang lang, sb_buf *out)            \
    {                                                                                              \
        (void)c;                                                                                   \
        (void)lang;                                                                                \
        (void)out;                                                                                 \
    }

NOTHING_YET(actions, "[]")
