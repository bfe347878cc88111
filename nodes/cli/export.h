/* The bundle: the whole history as files (PROTOCOL.md "Bundle"), a C2SP tlog-tiles tree.
 *
 *   checkpoint              newest certified head, a note with cosignatures; `size` below is its
 * size checkpoints/<size>      certified heads needed for finality, the newest among them
 *   tile/<level>/<index>    full tiles of 256 hashes; <index>.p/<width> the partial ones of `size`
 *   tile/entries/<index>    entry bundles: 256 times u16be length ‖ leaf; partial as above
 *   federation.samband      the federation file
 *   blobs/<sha256>          32 random bytes ‖ content, those the node holds and nobody erased
 *   README.txt
 *
 * Written as a stream: one entry bundle in memory at a time.
 */
#ifndef SB_CLI_EXPORT_H
#define SB_CLI_EXPORT_H

#include "nodes/cli/inside.h"

/* Write to DIR, which must be empty or missing. *size: entries written.
 * Errors: SB_E_CLI_DIR_NOT_EMPTY, SB_E_FILE_*, the session's; SB_E_CLI_DIFFERS when the leaves do
 * not make up the head. */
sb_err sb_export_bundle(sb_cli *cli, const char *dir, uint64_t *size, uint64_t *blobs,
                        uint64_t *blobs_missing);

#endif
