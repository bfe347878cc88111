#include "tests/sim/frame_words.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "proto/merkle/checkpoint.h"
#include "proto/wire/frame.h"

/* What is said of a frame after its name; of one that isn't here the name alone. {A field} is a
 * number, or how many; what may be empty brings its own space along (field_words). */
static const char *const FRAMES[] = {
    [SB__FRAME__BODY_HELLO] = "{organisation} size {size} term {term}",
    [SB__FRAME__BODY_WELCOME] = " size {size} term {term}{head}",
    [SB__FRAME__BODY_PULL] = " from {from} credit {credit}",
    [SB__FRAME__BODY_LEAVES] = " {from}+{leaves}{head}",
    [SB__FRAME__BODY_SUBMIT] = "{entry}",
    [SB__FRAME__BODY_RECEIPT] = " index {index}{head}",
    [SB__FRAME__BODY_REFUSED] = " {code}",
    [SB__FRAME__BODY_COSIGN] = " {size} at {time_s}",
    [SB__FRAME__BODY_CERTIFIED] = "{note}",
    [SB__FRAME__BODY_HANDOVER_OFFER] = " {index}{head}",
    [SB__FRAME__BODY_PROMISE_ASK] = " {term}{would}",
    [SB__FRAME__BODY_PROMISE_GIVEN] = " {term}{signature}{seal}{cosigned}",
    [SB__FRAME__BODY_PEER_HEAD] = "{note}",
    [SB__FRAME__BODY_CONSISTENCY_GET] = " {from} to {to}",
    [SB__FRAME__BODY_CONSISTENCY] = " {from} to {to}",
};

static void note_words(sb_slice note, sb_buf *out)
{
    sb_checkpoint head = {0};
    sb_note parsed = {0};
    if (note.len == 0) {
        sb_buf_str(out, " no head");
        return;
    }
    if (sb_checkpoint_parse(note, &head, NULL) == SB_OK)
        sb_note_parse(note, &parsed, NULL);
    sb_buf_printf(out, " head %llu", (unsigned long long)head.size);
    if (parsed.line_count > 1)
        sb_buf_printf(out, " cosigned %u", parsed.line_count - 1);
}

static void entry_words(sb_slice bytes, sb_buf *out)
{
    sb_entry entry;
    bool ok = sb_entry_parse(bytes, &entry, NULL) == SB_OK;
    sb_buf_printf(out, " %s", ok ? sb_entry_type_name(entry.type) : "?");
}

static void bytes_words(const char *name, const ProtobufCBinaryData *field, sb_buf *out)
{
    sb_slice bytes = sb_slice_of(field->data, field->len);
    if (strcmp(name, "entry") == 0)
        entry_words(bytes, out);
    else if (strcmp(name, "signature") == 0)
        sb_buf_str(out, bytes.len == 0 ? " would," : "");
    else
        note_words(bytes, out);
}

static void head_words(const char *name, const Sb__Head *head, sb_buf *out)
{
    if (head != NULL)
        sb_buf_printf(out, " %s %u/%llu", name, head->term, (unsigned long long)head->size);
}

/* A broker's Hello names no organisation. */
static void text_words(const char *text, sb_buf *out)
{
    sb_buf_printf(out, "%s%s", text[0] == '\0' ? "" : " ", text);
}

static void field_words(const ProtobufCMessage *m, const char *name, sb_buf *out)
{
    const ProtobufCFieldDescriptor *f =
        protobuf_c_message_descriptor_get_field_by_name(m->descriptor, name);
    assert(f != NULL);
    const void *at = (const uint8_t *)m + f->offset;
    if (f->label == PROTOBUF_C_LABEL_REPEATED)
        sb_buf_u64(out, *(const size_t *)(const void *)((const uint8_t *)m + f->quantifier_offset));
    else if (f->type == PROTOBUF_C_TYPE_STRING)
        text_words(*(const char *const *)at, out);
    else if (f->type == PROTOBUF_C_TYPE_BYTES)
        bytes_words(name, at, out);
    else if (f->type == PROTOBUF_C_TYPE_MESSAGE)
        head_words(name, *(const Sb__Head *const *)at, out);
    else if (f->type == PROTOBUF_C_TYPE_BOOL)
        sb_buf_str(out, *(const protobuf_c_boolean *)at ? " would" : "");
    else if (f->type == PROTOBUF_C_TYPE_UINT64)
        sb_buf_u64(out, *(const uint64_t *)at);
    else if (strcmp(name, "code") == 0)
        sb_buf_str(out, sb_err_name((sb_err) * (const uint32_t *)at));
    else
        sb_buf_u64(out, *(const uint32_t *)at);
}

static void body_words(const Sb__Frame *frame, sb_buf *out)
{
    const ProtobufCFieldDescriptor *f =
        protobuf_c_message_descriptor_get_field(&sb__frame__descriptor, (unsigned)frame->body_case);
    const void *at = (const uint8_t *)frame + f->offset;
    const ProtobufCMessage *m = *(const ProtobufCMessage *const *)at;
    const char *words = f->id < sizeof FRAMES / sizeof *FRAMES ? FRAMES[f->id] : NULL;
    char name[32];
    int len;
    sb_buf_str(out, m->descriptor->short_name);
    for (; words != NULL && *words != '\0'; words += len) {
        if (sscanf(words, "{%31[^}]}%n", name, &len) == 1) {
            field_words(m, name, out);
        } else {
            len = (int)strcspn(words + 1, "{") + 1;
            sb_buf_add(out, sb_slice_of(words, (size_t)len));
        }
    }
}

void sim_frame_words(sb_slice frame, sb_buf *out)
{
    sb_arena arena;
    const Sb__Frame *f;
    sb_arena_init(&arena);
    if (sb_frame_decode(frame, &arena, &f, NULL) == SB_OK)
        body_words(f, out);
    else
        sb_buf_str(out, "what nobody can read");
    sb_arena_deinit(&arena);
}

void sim_commit_words(const sb_log_commit *c, sim_whose whose, sb_buf *out)
{
    static const char *const TABLES[][SB_FOL_ROW_CATCHUP + 1] = {
        [SIM_NODE] = {NULL, "HEAD", "CERTIFIED", "COSIGNED", "OUTBOX", "MISSING", "EVIDENCE",
                      "DIVERGED", "FINAL", "PROMISED", "SEALED", "CONSENT", "RESTORED", "CATCHUP"},
        [SIM_BROKER] = {NULL, "ASKED", "PROMISE", "HANDOVER", "OVER", "MISSING", "SEEN", "REFUSED"},
    };
    for (size_t i = 0; i < c->leaf_count; i++)
        entry_words(sb_slice_of(c->leaves[i].data + 8, c->leaves[i].len - 8), out);
    for (size_t i = 0; i < c->put_count; i++) {
        uint8_t table = c->puts[i].key.data[0];
        const char *name = table <= SB_FOL_ROW_CATCHUP ? TABLES[whose][table] : NULL;
        sb_buf_printf(out, " %c%s", c->puts[i].is_delete ? '-' : '+', name != NULL ? name : "?");
    }
}
