/* The federation that a new one continues, whose quorum was lost (DESIGN §4, at the end). */
#include <stdlib.h>

#include "nodes/charter/charter.h"
#include "nodes/host/file.h"
#include "nodes/host/yaml_read.h"
#include "proto/base/hash.h"
#include "proto/merkle/checkpoint.h"

/* The note's origin is of that federation, and says the term. */
static bool origin_fits(const char *origin, const uint8_t federation_id[32], uint32_t *term)
{
    char hex[17];
    const char *last = strrchr(origin, '/');
    sb_hex(sb_slice_of(federation_id, 8), hex);
    size_t at = last == NULL ? 0 : (size_t)(last - origin);
    if (strncmp(origin, "samband/", 8) != 0 || at < 17 || origin[at - 17] != '/' ||
        memcmp(origin + at - 16, hex, 16) != 0)
        return false;
    char *end = NULL;
    unsigned long value = strtoul(last + 1, &end, 10);
    *term = (uint32_t)value;
    return last[1] >= '1' && last[1] <= '9' && *end == '\0' && value <= UINT32_MAX;
}

static sb_err read_checkpoint(const sb_doc *root, sb_arena *arena, const uint8_t federation_id[32],
                              Sb__Predecessor *p, sb_fail *fail)
{
    const char *path = NULL;
    sb_checkpoint head;
    sb_buf note;
    sb_err err = sb_doc_need_text(root, "checkpoint", &path, fail);
    if (err == SB_OK && path[0] != '/')
        path = sb_path_join(arena, sb_path_dir(arena, root->file), path);
    sb_buf_init(&note);
    if (err == SB_OK)
        err = sb_file_read(path, SB_NOTE_BYTES_MAX, &note, fail);
    if (err == SB_OK)
        err = sb_checkpoint_parse(sb_buf_slice(&note), &head, fail);
    if (err == SB_OK && (head.size == 0 || !origin_fits(head.origin, federation_id, &p->term)))
        err = sb_doc_fail(sb_doc_get(root, "checkpoint"), SB_E_CHARTER_PREDECESSOR, head.origin,
                          NULL, fail);
    sb_buf_deinit(&note);
    if (err != SB_OK)
        return err;
    p->size = head.size;
    sb_slice copy = sb_arena_copy(arena, sb_slice_of(head.root, 32));
    p->root = (ProtobufCBinaryData){.len = 32, .data = (uint8_t *)(uintptr_t)copy.data};
    return SB_OK;
}

static sb_err read_lost(const sb_doc *root, sb_arena *arena, Sb__Predecessor *p, sb_fail *fail)
{
    const sb_doc *list = sb_doc_get(root, "lost");
    sb_err err = SB_OK;
    if (list == NULL)
        return SB_OK;
    if (list->kind != SB_DOC_LIST)
        return sb_doc_fail(list, SB_E_DOC_WANT_LIST, "lost", NULL, fail);
    if (list->count > SB_LOST_MAX)
        return sb_doc_fail(list, SB_E_CHARTER_LIMIT, "lost", NULL, fail);
    p->lost = SB_ARENA_ARRAY(arena, char *, list->count);
    for (size_t i = 0; err == SB_OK && i < list->count; i++) {
        const char *text = NULL;
        err = sb_doc_text(list->items[i], &text, fail);
        p->lost[p->n_lost++] = (char *)(uintptr_t)text;
        if (err == SB_OK && (text[0] == '\0' || strlen(text) > SB_TITLE_BYTES_MAX))
            err = sb_doc_fail(list->items[i],
                              text[0] == '\0' ? SB_E_CHARTER_EMPTY : SB_E_CHARTER_LIMIT, "lost",
                              NULL, fail);
    }
    return err;
}

sb_err sb_predecessor_read(const char *path, sb_arena *arena, const Sb__Predecessor **out,
                           sb_fail *fail)
{
    const sb_doc *root = NULL;
    const char *id = NULL;
    uint8_t *federation_id = sb_arena_alloc(arena, 32);
    Sb__Predecessor *p = SB_ARENA_NEW(arena, Sb__Predecessor);
    sb__predecessor__init(p);
    sb_err err = sb_yaml_read(path, arena, &root, fail);
    if (err == SB_OK)
        err = sb_doc_only(root, fail, "federation", "checkpoint", "lost", NULL);
    if (err == SB_OK)
        err = sb_doc_need_text(root, "federation", &id, fail);
    if (err == SB_OK && !sb_unhex(sb_slice_str(id), federation_id, 32))
        err = sb_doc_fail(sb_doc_get(root, "federation"), SB_E_CHARTER_PREDECESSOR, id, NULL, fail);
    p->federation_id = (ProtobufCBinaryData){.len = 32, .data = federation_id};
    if (err == SB_OK)
        err = read_checkpoint(root, arena, federation_id, p, fail);
    if (err == SB_OK)
        err = read_lost(root, arena, p, fail);
    if (err == SB_OK)
        *out = p;
    return err;
}
