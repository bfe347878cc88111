/* The bundle: the whole history as files (PROTOCOL.md "Bundle"), a C2SP tlog-tiles tree.
 *
 * Written as a stream: one entry bundle and one attachment in memory at a time. Run again on an older
 * bundle of the same federation it adds what is new and replaces what changed: whole entry bundles
 * that agree with their tile are kept and read from the disk. It is written beside DIR and takes its
 * place when it is whole, so that whoever is interrupted has the older one; where that can't be done
 * (DIR is a mount, or "."), `checkpoint` comes last, and what was interrupted never verifies. Where the history below was cut off by a handover the
 * tiles don't lead to the head, and everything is fetched anew.
 */
#ifndef SB_CLI_EXPORT_H
#define SB_CLI_EXPORT_H

#include "nodes/cli/inside.h"

typedef struct sb_exported {
    uint64_t size;  /* leaves in the bundle */
    uint64_t kept;  /* of these, read from an earlier bundle in DIR */
    uint64_t blobs; /* fetched */
} sb_exported;

/* Errors: SB_E_CLI_DIR_NOT_EMPTY (DIR holds something else), SB_E_CLI_BUNDLE_FOREIGN (another
 * federation's bundle), SB_E_CLI_BUNDLE_BLOBS (the node lacks attachments; nothing is certified),
 * SB_E_FILE_*, the session's; SB_E_CLI_DIFFERS when the leaves do not make up the head. */
sb_err sb_export_bundle(sb_cli *cli, const char *dir, sb_exported *out);

#endif
