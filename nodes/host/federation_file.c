#include "nodes/host/federation_file.h"

#include "nodes/host/file.h"

sb_err sb_federation_read(const char *path, sb_arena *arena, sb_federation *out, sb_fail *fail)
{
    sb_buf file;
    sb_buf_init(&file);
    sb_err err = sb_file_read(path, SB_FEDERATION_BYTES_MAX, &file, fail);
    if (err == SB_OK)
        err = sb_federation_parse(sb_arena_copy(arena, sb_buf_slice(&file)), arena, out, fail);
    sb_buf_deinit(&file);
    return err;
}
