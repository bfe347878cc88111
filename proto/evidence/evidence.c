/* The file: header, sections, and which of them each kind has. */
#include "proto/evidence/evidence.h"

#include <assert.h>

#include "proto/base/cursor.h"
#include "proto/evidence/inside.h"
#include "proto/sign/lines.h"

#define MAGIC "samband-evidence/1 "
#define BIT(symbol) (1u << SB_SECTION_##symbol)

static const struct {
    const char *name;
    size_t bytes_max;
} sections[SB_SECTION_COUNT] = {
#define SB_SECTION(symbol, name, bytes_max) {name, bytes_max},
    SB_EVIDENCE_SECTIONS(SB_SECTION)
#undef SB_SECTION
};

/* By number of the kind; what isn't `optional` must be there. */
static const struct {
    const char *name;
    uint32_t required, optional;
} kinds[] = {
    {NULL, 0, 0},
    {"conflicting-heads", BIT(FEDERATION) | BIT(NOTE) | BIT(OTHER_NOTE),
     BIT(GENESIS) | BIT(HANDOVER) | BIT(ROOT) | BIT(PROOF)},
    {"broken-receipt",
     BIT(FEDERATION) | BIT(INDEX) | BIT(LEAF) | BIT(NOTE) | BIT(PROOF) | BIT(OTHER_HASH) |
         BIT(OTHER_NOTE) | BIT(OTHER_PROOF),
     BIT(GENESIS) | BIT(HANDOVER)},
    {"divergent-state",
     BIT(FEDERATION) | BIT(INDEX) | BIT(LEAF) | BIT(NOTE) | BIT(PROOF) | BIT(REFUSAL) |
         BIT(COMPUTED) | BIT(FROM) | BIT(LEAVES) | BIT(CONSISTENCY),
     BIT(GENESIS) | BIT(HANDOVER)},
    {"conflicting-promises", BIT(FEDERATION) | BIT(WITNESS) | BIT(PROMISE) | BIT(OTHER_PROMISE),
     BIT(GENESIS)},
    {"broken-promise", BIT(FEDERATION) | BIT(WITNESS) | BIT(PROMISE) | BIT(NOTE),
     BIT(GENESIS) | BIT(HANDOVER) | BIT(ROOT) | BIT(PROOF)},
};
enum { KIND_COUNT = sizeof kinds / sizeof kinds[0] };

const char *sb_evidence_kind_name(sb_evidence_kind kind)
{
    return (unsigned)kind < KIND_COUNT ? kinds[kind].name : NULL;
}

const char *sb_section_name(sb_section section)
{
    return sections[section].name;
}

sb_err sb_evidence_malformed(sb_fail *fail, const char *where)
{
    return sb_fail_set(fail, SB_E_EVIDENCE_MALFORMED, where, NULL);
}

/* ---- the form of a section ---- */

static bool length_is_right(sb_section section, size_t len)
{
    switch (section) {
    case SB_SECTION_FEDERATION:
    case SB_SECTION_WITNESS:
    case SB_SECTION_PROMISE:
    case SB_SECTION_OTHER_PROMISE:
    case SB_SECTION_OTHER_HASH:
    case SB_SECTION_ROOT:
        return len == sections[section].bytes_max;
    case SB_SECTION_PROOF:
    case SB_SECTION_OTHER_PROOF:
    case SB_SECTION_CONSISTENCY:
        return len % 32 == 0 && len <= sections[section].bytes_max;
    case SB_SECTION_GENESIS:
    case SB_SECTION_HANDOVER:
    case SB_SECTION_INDEX:
    case SB_SECTION_LEAF:
    case SB_SECTION_NOTE:
    case SB_SECTION_OTHER_NOTE:
    case SB_SECTION_REFUSAL:
    case SB_SECTION_FROM:
        return len > 0 && len <= sections[section].bytes_max;
    case SB_SECTION_COMPUTED:
    case SB_SECTION_LEAVES:
        return len <= sections[section].bytes_max;
    case SB_SECTION_COUNT:
        break;
    }
    return false;
}

sb_proof sb_section_proof(const sb_evidence_file *file, sb_section section)
{
    sb_proof proof = {.count = (uint32_t)(file->at[section].len / 32)};
    assert(proof.count <= SB_PROOF_HASHES_MAX);
    if (proof.count > 0)
        memcpy(proof.hashes, file->at[section].data, (size_t)proof.count * 32);
    return proof;
}

/* ---- promises ---- */

static void write_head(sb_writer *w, const sb_head *head)
{
    sb_write_u32(w, head->size == 0 ? 0 : head->term);
    sb_write_u64(w, head->size);
    sb_write_bytes(w, sb_slice_of(head->size == 0 ? (const uint8_t[32]){0} : head->root, 32));
}

void sb_promise_pack(const sb_evidence_promise *p, uint8_t out[SB_PROMISE_BYTES])
{
    sb_writer w = sb_writer_over(out, SB_PROMISE_BYTES);
    sb_write_u8(&w, 1);
    sb_write_u32(&w, p->promise.term);
    sb_write_bytes(&w, sb_slice_of(p->promise.log_pk, 32));
    write_head(&w, &p->promise.seal);
    write_head(&w, &p->promise.cosigned);
    sb_write_bytes(&w, sb_slice_of(p->signature, 64));
    assert(!w.failed && w.at == SB_PROMISE_BYTES);
}

static void read_head(sb_reader *r, sb_head *head)
{
    head->term = sb_read_u32(r);
    head->size = sb_read_u64(r);
    sb_read_into(r, head->root, 32);
}

bool sb_promise_unpack(sb_slice bytes, sb_evidence_promise *out)
{
    uint8_t again[SB_PROMISE_BYTES];
    sb_reader r = sb_reader_over(bytes);
    *out = (sb_evidence_promise){.promise = {.term = 0}};
    if (sb_read_u8(&r) != 1)
        return false;
    out->promise.term = sb_read_u32(&r);
    sb_read_into(&r, out->promise.log_pk, 32);
    read_head(&r, &out->promise.seal);
    read_head(&r, &out->promise.cosigned);
    sb_read_into(&r, out->signature, 64);
    if (!sb_reader_done(&r))
        return false;
    sb_promise_pack(out, again);
    return memcmp(again, bytes.data, sizeof again) == 0;
}

/* ---- the file ---- */

/* "<name> <length>\n<bytes>\n" */
static sb_err parse_section(sb_lines *lines, sb_evidence_file *out, sb_section *next, sb_fail *fail)
{
    sb_slice line;
    uint64_t len = 0;
    if (!sb_lines_next(lines, &line))
        return sb_evidence_malformed(fail, "section");
    const uint8_t *space = line.len == 0 ? NULL : memchr(line.data, ' ', line.len);
    size_t name_len = space == NULL ? line.len : (size_t)(space - line.data);
    sb_section at = *next;
    while (at < SB_SECTION_COUNT &&
           !sb_slice_eq(sb_slice_of(line.data, name_len), sb_slice_str(sections[at].name)))
        at++;
    if (at == SB_SECTION_COUNT)
        return sb_evidence_malformed(fail, "section");
    uint32_t allowed = kinds[out->kind].required | kinds[out->kind].optional;
    sb_slice digits =
        space == NULL ? (sb_slice){0} : sb_slice_of(space + 1, line.len - name_len - 1);
    if ((allowed & (1u << at)) == 0 || !sb_decimal_parse(digits, SB_EVIDENCE_BYTES_MAX, &len) ||
        !length_is_right(at, (size_t)len) || lines->rest.len <= len ||
        lines->rest.data[len] != '\n')
        return sb_evidence_malformed(fail, sections[at].name);
    out->has[at] = true;
    out->at[at] = sb_slice_of(lines->rest.data, (size_t)len);
    lines->rest = sb_slice_of(lines->rest.data + len + 1, lines->rest.len - (size_t)len - 1);
    *next = at + 1;
    return SB_OK;
}

sb_err sb_evidence_parse(sb_slice bytes, sb_evidence_file *out, sb_fail *fail)
{
    sb_lines lines = sb_lines_over(bytes);
    sb_slice line;
    sb_section next = SB_SECTION_FEDERATION;
    *out = (sb_evidence_file){.kind = SB_EVIDENCE_HEADS};
    if (bytes.len > SB_EVIDENCE_BYTES_MAX || !sb_lines_next(&lines, &line) ||
        !sb_text_skip(&line, MAGIC))
        return sb_evidence_malformed(fail, "samband-evidence/1");
    unsigned kind = 1;
    while (kind < KIND_COUNT && !sb_slice_eq(line, sb_slice_str(kinds[kind].name)))
        kind++;
    if (kind == KIND_COUNT)
        return sb_evidence_malformed(fail, "samband-evidence/1");
    out->kind = (sb_evidence_kind)kind;
    while (lines.rest.len > 0) {
        sb_err err = parse_section(&lines, out, &next, fail);
        if (err != SB_OK)
            return err;
    }
    for (sb_section i = 0; i < SB_SECTION_COUNT; i++)
        if ((kinds[kind].required & (1u << i)) != 0 && !out->has[i])
            return sb_evidence_malformed(fail, sections[i].name);
    return SB_OK;
}

void sb_evidence_write(const sb_evidence_file *file, sb_buf *out)
{
    sb_buf_printf(out, MAGIC "%s\n", kinds[file->kind].name);
    for (sb_section i = 0; i < SB_SECTION_COUNT; i++) {
        if (!file->has[i])
            continue;
        sb_buf_printf(out, "%s %zu\n", sections[i].name, file->at[i].len);
        sb_buf_add(out, file->at[i]);
        sb_buf_str(out, "\n");
    }
}
