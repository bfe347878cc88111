/* The two ends that come in the middle of anything: no memory is left, and a page of a file can't be
 * read (SIGBUS: the store is a mapped file, so a bad sector or a file cut short shows there). */
#ifndef SB_HOST_LAST_WORDS_H
#define SB_HOST_LAST_WORDS_H

/* From now on both are said on standard error under this name (borrowed), in both languages, and the
 * process ends: 1 without memory, for starting again is safe; 3 for the disk, which people must look
 * at first. Nothing is flushed or freed. */
void sb_last_words(const char *name);

#endif
