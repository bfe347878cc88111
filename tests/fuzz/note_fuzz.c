/* Signed notes, checkpoints and cosignature lines from anywhere: what is accepted has one spelling.
 */
#include "proto/merkle/checkpoint.h"

#include <stdlib.h>

#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void require(bool holds)
{
    if (!holds)
        abort();
}

/* Text, blank line and lines together are the input; each line stands alone too. */
static void check_note(sb_slice bytes, const sb_note *note)
{
    require(note->text.len + 1 + note->lines.len == bytes.len);
    size_t at = 0;
    uint32_t count = 0;
    sb_note_line line, alone;
    while (sb_note_next_line(note, &at, &line)) {
        count++;
        require(sb_note_parse_line(line.line, &alone, NULL) == SB_OK);
        require(alone.sig_len == line.sig_len && memcmp(alone.sig, line.sig, line.sig_len) == 0);
        sb_buf again;
        sb_buf_init(&again);
        sb_note_add_line(&again, line.name, line.key_id, sb_slice_of(line.sig, line.sig_len));
        require(sb_slice_eq(sb_buf_slice(&again), line.line));
        sb_buf_deinit(&again);
    }
    require(count == note->line_count);
    sb_buf merged;
    sb_note back;
    sb_slice twice[] = {bytes, bytes};
    sb_buf_init(&merged);
    require(sb_note_merge(twice, 2, &merged, NULL) == SB_OK);
    require(sb_note_parse(sb_buf_slice(&merged), &back, NULL) == SB_OK);
    sb_buf_deinit(&merged);
}

static void check_body(sb_slice text)
{
    sb_checkpoint c;
    if (sb_checkpoint_parse_body(text, &c, NULL) != SB_OK)
        return;
    sb_buf again;
    sb_buf_init(&again);
    sb_checkpoint_body(&c, &again);
    require(sb_slice_eq(sb_buf_slice(&again), text));
    sb_buf_deinit(&again);
}

static bool one(sb_slice input)
{
    static const uint8_t pk[32];
    sb_slice bytes = input;
    sb_note note;
    sb_note_line line;
    sb_checkpoint head;
    sb_cosignature cosignature;
    sb_fail fail = {0};
    sb_err err = sb_note_parse(bytes, &note, &fail);
    require(err == fail.code);
    if (err == SB_OK) {
        check_note(bytes, &note);
        check_body(note.text);
        if (sb_checkpoint_parse(bytes, &head, NULL) == SB_OK)
            (void)sb_cosignature_find(&note, &head, pk, &cosignature);
        require(sb_checkpoint_verify(bytes, NULL, pk, &head, NULL) != SB_OK);
    }
    (void)sb_note_parse_line(bytes, &line, NULL);
    check_body(bytes);
    return err == SB_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    /* a note merged with itself */
    return sb_fuzz_run(one, data, len, (sb_fuzz_bound){256 * 1024, 64});
}
