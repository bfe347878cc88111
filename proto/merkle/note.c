/* C2SP signed-note, strictly: what is accepted has one spelling. */
#include "proto/merkle/note.h"

#include <assert.h>
#include <stdio.h>

#include "proto/base/hash.h"
#include "proto/merkle/base64.h"
#include "proto/sign/lines.h"

#define DASH "\xe2\x80\x94 " /* U+2014 and a space */

sb_err sb_note_malformed(sb_fail *fail, uint32_t line, const char *expected)
{
    char number[12];
    snprintf(number, sizeof number, "%u", (unsigned)line);
    return sb_fail_set(fail, SB_E_NOTE_MALFORMED, number, expected, NULL);
}

void sb_note_key_id(sb_slice name, uint8_t type, const uint8_t pk[32], uint8_t out[4])
{
    uint8_t digest[32];
    sb_sha256 h;
    sb_sha256_init(&h);
    sb_sha256_add(&h, name);
    sb_sha256_add_u8(&h, '\n');
    sb_sha256_add_u8(&h, type);
    sb_sha256_add(&h, sb_slice_of(pk, 32));
    sb_sha256_final(&h, digest);
    memcpy(out, digest, 4);
}

/* ---- UTF-8 ---- */

/* The next code point (RFC 3629: shortest form, no surrogates, up to U+10FFFF); false when there
 * is none or it is malformed. */
static bool next_rune(sb_slice *text, uint32_t *rune)
{
    static const uint32_t lowest[5] = {0, 0, 0x80, 0x800, 0x10000};
    if (text->len == 0)
        return false;
    uint8_t lead = text->data[0];
    size_t len = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if ((lead >= 0x80 && lead < 0xc2) || lead > 0xf4 || len > text->len)
        return false;
    uint32_t v = len == 1 ? lead : lead & (0xffu >> (len + 1));
    for (size_t i = 1; i < len; i++) {
        if ((text->data[i] & 0xc0) != 0x80)
            return false;
        v = v << 6 | (text->data[i] & 0x3fu);
    }
    if (v < lowest[len] || v > 0x10ffff || (v >= 0xd800 && v <= 0xdfff))
        return false;
    *text = sb_slice_of(text->data + len, text->len - len);
    *rune = v;
    return true;
}

/* Unicode White_Space. */
static bool is_space(uint32_t r)
{
    return (r >= 0x09 && r <= 0x0d) || r == 0x20 || r == 0x85 || r == 0xa0 || r == 0x1680 ||
           (r >= 0x2000 && r <= 0x200a) || r == 0x2028 || r == 0x2029 || r == 0x202f ||
           r == 0x205f || r == 0x3000;
}

bool sb_note_name_valid(sb_slice name)
{
    uint32_t rune;
    if (name.len == 0 || name.len > SB_NOTE_NAME_BYTES_MAX)
        return false;
    while (name.len > 0) {
        if (name.data[0] > ' ' && name.data[0] < 0x7f && name.data[0] != '+') {
            name = sb_slice_of(name.data + 1, name.len - 1);
            continue;
        }
        if (!next_rune(&name, &rune) || rune < 0x20 || rune == '+' || is_space(rune))
            return false;
    }
    return true;
}

/* Eight bytes, each from ' ' to 0x7f. */
static bool are_plain(const uint8_t *bytes)
{
    const uint64_t tops = 0x8080808080808080u;
    uint64_t v;
    memcpy(&v, bytes, sizeof v);
    /* below 0x80, and adding 0x60 carries each into its top bit */
    return (v & tops) == 0 && ((v + 0x6060606060606060u) & tops) == tops;
}

/* Valid UTF-8 without control characters but \n. */
static bool text_is_clean(sb_slice text, uint32_t *bad_line)
{
    uint32_t rune;
    *bad_line = 1;
    while (text.len > 0) {
        if (text.len >= 8 && are_plain(text.data)) {
            text = sb_slice_of(text.data + 8, text.len - 8);
            continue;
        }
        if (text.data[0] >= ' ' && text.data[0] < 0x80) {
            text = sb_slice_of(text.data + 1, text.len - 1);
            continue;
        }
        if (!next_rune(&text, &rune) || (rune < 0x20 && rune != '\n'))
            return false;
        if (rune == '\n')
            ++*bad_line;
    }
    return true;
}

/* ---- reading ---- */

/* NULL when the line (without \n) is well formed, else what is wrong with it. */
static const char *parse_line(sb_slice line, sb_note_line *out)
{
    uint8_t decoded[4 + SB_NOTE_SIG_BYTES_MAX];
    size_t len;

    if (!sb_text_skip(&line, DASH))
        return "U+2014";
    const uint8_t *space = line.len == 0 ? NULL : memchr(line.data, ' ', line.len);
    if (space == NULL)
        return "name base64";
    out->name = sb_slice_of(line.data, (size_t)(space - line.data));
    if (!sb_note_name_valid(out->name))
        return "name";
    sb_slice base64 = sb_slice_of(space + 1, line.len - out->name.len - 1);
    if (!sb_base64_decode(base64, decoded, sizeof decoded, &len) || len < 5)
        return "base64";
    memcpy(out->key_id, decoded, 4);
    memcpy(out->sig, decoded + 4, len - 4);
    out->sig_len = (uint32_t)(len - 4);
    return NULL;
}

sb_err sb_note_parse_line(sb_slice line, sb_note_line *out, sb_fail *fail)
{
    out->line = line;
    if (line.len > 0 && line.data[line.len - 1] == '\n')
        line.len--;
    const char *wrong = parse_line(line, out);
    if (wrong == NULL && line.len > 0 && memchr(line.data, '\n', line.len) != NULL)
        wrong = "\\n";
    return wrong == NULL ? SB_OK : sb_note_malformed(fail, 1, wrong);
}

/* Where the last blank line begins: the index of the second \n of the last "\n\n". */
static bool find_blank_line(sb_slice bytes, size_t *at)
{
    const uint8_t *newline;
    while (bytes.len > 0 && (newline = memrchr(bytes.data, '\n', bytes.len)) != NULL) {
        bytes.len = (size_t)(newline - bytes.data);
        if (bytes.len > 0 && newline[-1] == '\n') {
            *at = bytes.len;
            return true;
        }
    }
    return false;
}

static uint32_t count_lines(sb_slice text)
{
    uint32_t n = 0;
    for (size_t i = 0; i < text.len; i++)
        n += text.data[i] == '\n';
    return n;
}

sb_err sb_note_parse(sb_slice bytes, sb_note *out, sb_fail *fail)
{
    uint32_t bad_line;
    size_t blank;
    sb_note_line line;

    memset(out, 0, sizeof *out);
    if (bytes.len > SB_NOTE_BYTES_MAX) {
        sb_fail_set(fail, SB_E_TOO_LARGE, "note", "> 128 KiB", "128 KiB", NULL);
        return SB_E_TOO_LARGE;
    }
    if (!text_is_clean(bytes, &bad_line))
        return sb_note_malformed(fail, bad_line, "UTF-8");
    if (bytes.len == 0 || bytes.data[bytes.len - 1] != '\n')
        return sb_note_malformed(fail, count_lines(bytes) + 1, "\\n");
    if (!find_blank_line(bytes, &blank))
        return sb_note_malformed(fail, count_lines(bytes) + 1, "\\n\\n");
    out->text = sb_slice_of(bytes.data, blank);
    out->lines = sb_slice_of(bytes.data + blank + 1, bytes.len - blank - 1);

    sb_lines lines = sb_lines_over(out->lines);
    sb_slice raw;
    while (sb_lines_next(&lines, &raw)) {
        const char *wrong = parse_line(raw, &line);
        if (wrong == NULL && lines.number > SB_NOTE_LINES_MAX)
            wrong = "lines <= 512";
        if (wrong != NULL)
            return sb_note_malformed(fail, count_lines(out->text) + 1 + lines.number, wrong);
        out->line_count++;
    }
    if (out->line_count == 0)
        return sb_note_malformed(fail, count_lines(out->text) + 2, "U+2014");
    return SB_OK;
}

bool sb_note_next_line(const sb_note *note, size_t *at, sb_note_line *out)
{
    assert(*at <= note->lines.len);
    sb_slice rest = sb_slice_of(note->lines.data + *at, note->lines.len - *at);
    sb_lines lines = sb_lines_over(rest);
    sb_slice line;
    if (!sb_lines_next(&lines, &line))
        return false;
    const char *wrong = parse_line(line, out);
    assert(wrong == NULL); /* sb_note_parse saw it */
    (void)wrong;
    out->line = sb_slice_of(line.data, line.len + 1);
    *at += out->line.len;
    return true;
}

bool sb_note_next_line_by(const sb_note *note, sb_slice name, size_t *at, sb_note_line *out)
{
    while (*at < note->lines.len) {
        sb_slice rest = sb_slice_of(note->lines.data + *at, note->lines.len - *at);
        bool may_be = sb_text_skip(&rest, DASH) && rest.len > name.len &&
                      memcmp(rest.data, name.data, name.len) == 0 && rest.data[name.len] == ' ';
        if (may_be)
            return sb_note_next_line(note, at, out);
        const uint8_t *end = memchr(rest.data, '\n', rest.len);
        assert(end != NULL); /* sb_note_parse saw it */
        *at = (size_t)(end - note->lines.data) + 1;
    }
    return false;
}

/* ---- writing and verifying ---- */

void sb_note_add_line(sb_buf *out, sb_slice name, const uint8_t key_id[4], sb_slice sig)
{
    uint8_t bytes[4 + SB_NOTE_SIG_BYTES_MAX];
    assert(sb_note_name_valid(name) && sig.len >= 1 && sig.len <= SB_NOTE_SIG_BYTES_MAX);
    memcpy(bytes, key_id, 4);
    memcpy(bytes + 4, sig.data, sig.len);
    sb_buf_str(out, DASH);
    sb_buf_add(out, name);
    sb_buf_str(out, " ");
    sb_base64_add(out, sb_slice_of(bytes, 4 + sig.len));
    sb_buf_str(out, "\n");
}

sb_err sb_note_sign(sb_slice text, sb_slice name, const sb_secret *key, sb_buf *out, sb_fail *fail)
{
    uint8_t sig[SB_SIG_BYTES], id[4];
    uint32_t bad_line;
    if (text.len == 0 || text.data[text.len - 1] != '\n' || !text_is_clean(text, &bad_line))
        return sb_note_malformed(fail, 1, "text");
    if (!sb_note_name_valid(name))
        return sb_note_malformed(fail, 1, "name");
    sb_err err = sb_sign(key, text, sig, fail);
    if (err != SB_OK)
        return err;
    sb_note_key_id(name, SB_NOTE_TYPE_LOG, sb_secret_pk(key), id);
    sb_buf_add(out, text);
    sb_buf_str(out, "\n");
    sb_note_add_line(out, name, id, sb_slice_of(sig, sizeof sig));
    return SB_OK;
}

sb_err sb_note_verify(const sb_note *note, sb_slice name, const uint8_t pk[32], sb_fail *fail)
{
    uint8_t id[4];
    sb_note_line line;
    uint32_t found = 0;

    sb_note_key_id(name, SB_NOTE_TYPE_LOG, pk, id);
    for (size_t at = 0; sb_note_next_line_by(note, name, &at, &line);) {
        if (memcmp(line.key_id, id, 4) != 0)
            continue;
        if (line.sig_len != SB_SIG_BYTES || !sb_verify(pk, note->text, line.sig))
            return sb_fail_set(fail, SB_E_CHECKPOINT_SIGNATURE, NULL);
        found++;
    }
    return found > 0 ? SB_OK : sb_fail_set(fail, SB_E_CHECKPOINT_UNSIGNED, NULL);
}
