/* The document that the participants were sent: the last draft of a meeting's minutes. What
 * `minutes write` makes is made anew from the log; this is what was approved. */
#include "nodes/cli/inside.h"

enum { SALT_BYTES = 32, NAMED_BYTES = 64 };

const sb_doc *sb_minutes_sent(const sb_doc *meeting)
{
    const sb_doc *drafts = sb_doc_get(sb_doc_get(meeting, "minutes"), "drafts");
    uint32_t count = sb_doc_count(drafts);
    return count == 0 ? NULL : sb_doc_get(drafts->items[count - 1], "document");
}

sb_err sb_minutes_sent_fetch(sb_cli *cli, const sb_doc *document, sb_buf *out)
{
    sb_buf bytes;
    sb_buf_init(&bytes);
    sb_err err = sb_blob_fetch(cli, sb_doc_str(document, "sha256"), &bytes);
    if (err == SB_OK && bytes.len >= SALT_BYTES)
        sb_buf_add(out, sb_slice_of(bytes.data + SALT_BYTES, bytes.len - SALT_BYTES));
    sb_buf_deinit(&bytes);
    return err;
}

static bool begins(sb_slice content, const char *with)
{
    size_t len = strlen(with);
    return content.len >= len && memcmp(content.data, with, len) == 0;
}

/* The zip files of word processors name their kind at the front. */
static const char *zip_ending(sb_slice content)
{
    static const char odt[] = "opendocument.text", docx[] = "[Content_Types].xml";
    size_t len = content.len < 2 * NAMED_BYTES ? content.len : 2 * NAMED_BYTES;
    for (size_t i = 0; i < len; i++) {
        sb_slice rest = sb_slice_of(content.data + i, content.len - i);
        if (begins(rest, odt))
            return "odt";
        if (begins(rest, docx))
            return "docx";
    }
    return "zip";
}

const char *sb_minutes_sent_ending(sb_slice content)
{
    if (begins(content, "%PDF-"))
        return "pdf";
    if (begins(content, "PK\x03\x04"))
        return zip_ending(content);
    if (begins(content, "<!DOCTYPE html") || begins(content, "<!doctype html") ||
        begins(content, "<html"))
        return "html";
    if (begins(content, "# ") || begins(content, "> **")) /* as `minutes draft` makes it */
        return "md";
    return memchr(content.data == NULL ? (const uint8_t *)"" : content.data, 0, content.len) == NULL
               ? "txt"
               : "bin";
}
