/* What a POST reads: the address it is given, and the answer. Private to nodes/web and the fuzzers. */
#ifndef SB_WEB_HTTP_INSIDE_H
#define SB_WEB_HTTP_INSIDE_H

#include "proto/base/slice.h"

typedef struct sb_http_target {
    char host[256], port[8];
    const char *path; /* in the url */
} sb_http_target;

/* "http://host[:port][/path]". */
bool sb_http_read_url(const char *url, sb_http_target *t);
/* "HTTP/1.x NNN …" and headers, then the body up to the end of the connection. */
bool sb_http_split(sb_slice whole, uint32_t *status, sb_slice *body);

#endif
