/* A head with its signatures in their one spelling (PROTOCOL.md "Bundle", Notes of a head): the
 * log's line, then the cosignatures rising by key; at most 16 lines a note, what is left over in
 * further notes with the same text and the log's line again. So they follow byte for byte from what
 * was signed.
 */
#ifndef SB_MERKLE_HEAD_NOTES_H
#define SB_MERKLE_HEAD_NOTES_H

#include "proto/merkle/checkpoint.h"

typedef struct sb_cosigner {
    const char *organisation; /* its id; the line is named <origin>/<id> */
    uint8_t pk[32];
    sb_cosignature cosignature;
} sb_cosigner;

/* A head and who signed it. */
typedef struct sb_signed_head {
    sb_checkpoint head;
    uint8_t log_pk[32], log_signature[64];
    sb_cosigner *cosigners; /* rising pk, each once: sb_cosigners_sort */
    size_t cosigner_count;
} sb_signed_head;

void sb_cosigners_sort(sb_cosigner *cosigners, size_t count);
/* How many notes it takes: at least one. */
uint32_t sb_head_note_count(const sb_signed_head *h);
/* Note number `which` (from 0), appended. */
void sb_head_note(const sb_signed_head *h, uint32_t which, sb_buf *out);

/* All lines in one note, appended: for a proof that stands alone. */
void sb_head_whole_note(const sb_signed_head *h, sb_buf *out);

#endif
