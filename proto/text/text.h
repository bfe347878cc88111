/* Words: the one catalogue in which codes become bokmål or English (DESIGN §9). No locale.
 *
 * Three lists: errors.def (proto/base), words.def (one word for each value of a schema enum and
 * each entry type) and messages.def (everything else). All strings are UTF-8 and static. */
#ifndef SB_TEXT_TEXT_H
#define SB_TEXT_TEXT_H

#include "proto/base/buf.h"
#include "proto/base/err.h"

typedef enum sb_lang { SB_LANG_NB = 0, SB_LANG_EN = 1 } sb_lang;

/* "nb" (also "no") and "en". False on anything else. */
bool sb_lang_parse(const char *code, sb_lang *out);

/* ---- refusals ---- */

/* Append the refusal in words: {0}…{3} become its arguments (an absent one "?"), each on one line. A
 * code that this version doesn't know becomes its number. */
void sb_text_fail(const sb_fail *fail, sb_lang lang, sb_buf *out);
/* The template itself, or NULL for an unknown code (SB_OK has none). */
const char *sb_text_error(sb_err code, sb_lang lang);

/* ---- words of enums ---- */

typedef enum sb_text_family {
#define SB_FAMILY(name) SB_TEXT_##name,
#include "proto/text/families.def"
#undef SB_FAMILY
} sb_text_family;

/* The word for a schema enum's value ("ikke konsensus"); "?" for a value that has none. */
const char *sb_text_word(sb_text_family family, uint32_t value, sb_lang lang);

/* By what somebody chairs: the name that the charter gives the office ("the convenor"), or our word where it has none
 * or uses one of our own, in either language. */
const char *sb_text_chair_basis(uint32_t basis, const char *office_name, sb_lang lang);
/* The value's code in JSON, scripts and arguments ("no_consensus"); NULL for one that has none. */
const char *sb_text_code(sb_text_family family, uint32_t value);
/* The value whose code this is. False: none. */
bool sb_text_parse(sb_text_family family, sb_slice code, uint32_t *value);
/* Walk the codes of a family in order of value, from 0: "one of for, against, abstain". NULL: end.
 */
const char *sb_text_code_at(sb_text_family family, size_t at);

/* A refusal's argument that is a word, not a text, is said in the reader's language: sb_text_arg
 * writes it as "@MODE:2", and sb_text_fail says its word. A CAPABILITY is a set of bits and becomes
 * a list. */
enum { SB_TEXT_ARG_BYTES = 48 };
void sb_text_arg(char out[SB_TEXT_ARG_BYTES], sb_text_family family, uint32_t value);

/* ---- messages ---- */

typedef enum sb_msg {
#define SB_MESSAGE(name, nb, en) SB_MSG_##name,
#include "proto/text/messages.def"
#undef SB_MESSAGE
    SB_MSG_COUNT
} sb_msg;

const char *sb_text(sb_msg msg, sb_lang lang);
/* Append the message; {0}…{7} become the const char * arguments, closed by NULL. */
void sb_text_format(sb_buf *out, sb_lang lang, sb_msg msg, ...) __attribute__((sentinel));
/* Append "a, b og c", "a, b and c". */
void sb_text_list(sb_buf *out, sb_lang lang, const char *const *items, size_t count);

/* ---- dates and times (civil; what day it is in Oslo is proto/calendar's) ---- */

/* "20. januar 2022", "20 January 2022". A date that doesn't exist becomes "?". */
void sb_text_date(sb_buf *out, sb_lang lang, int32_t year, uint32_t month, uint32_t day);
/* "20.01.2022", "2022-01-20". */
void sb_text_date_short(sb_buf *out, sb_lang lang, int32_t year, uint32_t month, uint32_t day);
/* "kl. 14.30", "14:30". `minute` is of the local day; past midnight it goes round. */
void sb_text_clock(sb_buf *out, sb_lang lang, uint32_t minute);
/* As above from the schema's YYYYMMDD. */
void sb_text_wire_date(sb_buf *out, sb_lang lang, uint32_t yyyymmdd);
void sb_text_wire_date_short(sb_buf *out, sb_lang lang, uint32_t yyyymmdd);

#endif
