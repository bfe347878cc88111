/* Reading a federation file from disk (bytes: proto/wire/federation.h). */
#ifndef SB_HOST_FEDERATION_FILE_H
#define SB_HOST_FEDERATION_FILE_H

#include "proto/wire/federation.h"

/* sb_file_read + sb_federation_parse; the bytes stay in the arena. */
sb_err sb_federation_read(const char *path, sb_arena *arena, sb_federation *out, sb_fail *fail);

#endif
