/* The rule language: text <-> tree. RULES.md is the definition; DESIGN §5.
 *
 *   quorum each partner in (unn, kommune, fastlege, bruker): present >= 1/2 of seats
 *   pass for >= 2/3 of present, after discussion in an earlier meeting
 *
 * English and Norwegian words may stand in the same text; the canonical text is the English print.
 * A tree has no more structure than its meaning: `a and (b and c)` is `a and b and c`, and
 * parentheses around one comparison vanish. */
#ifndef SB_RULES_RULE_H
#define SB_RULES_RULE_H

#include "proto/base/arena.h"
#include "proto/base/buf.h"
#include "proto/base/err.h"
#include "proto/base/limits.h"

/* The numbers are those of proto/text's sb_lang. */
typedef enum sb_rule_lang { SB_RULE_NB = 0, SB_RULE_EN = 1 } sb_rule_lang;

typedef enum sb_rule_kind { SB_RULE_PASS = 0, SB_RULE_QUORUM = 1 } sb_rule_kind;

/* What it is called when a pass rule does not hold. */
typedef enum sb_rule_failure {
    SB_RULE_FALLEN = 0,      /* default and `else fallen`; told apart by sb_rule.says_failure */
    SB_RULE_NO_CONSENSUS = 1 /* `else no_consensus` */
} sb_rule_failure;

/* The countable words, defined in RULES.md. The order is that of the table there. */
typedef enum sb_count {
    SB_COUNT_SEATS = 0,
    SB_COUNT_FILLED,
    SB_COUNT_ELIGIBLE,
    SB_COUNT_PRESENT,
    SB_COUNT_VOTED,
    SB_COUNT_CAST,
    SB_COUNT_FOR,
    SB_COUNT_AGAINST,
    SB_COUNT_ABSTAIN
} sb_count;
enum { SB_COUNTS = 9 };

typedef enum sb_rule_op {
    SB_OP_GE = 0, /* >= */
    SB_OP_GT,     /* >  */
    SB_OP_EQ,     /* =  */
    SB_OP_LT,     /* <  */
    SB_OP_LE      /* <= */
} sb_rule_op;

typedef enum sb_rule_node_kind {
    SB_NODE_COMPARE = 0,
    SB_NODE_AND,     /* two or more children */
    SB_NODE_OR,      /* two or more children */
    SB_NODE_EACH,    /* each partner [in (…)]: one child */
    SB_NODE_AT_LEAST /* at least k partners: one child */
} sb_rule_node_kind;

enum { SB_RULE_NONE = 0xFFFF }; /* no node */

typedef struct sb_rule_node {
    uint8_t kind;               /* sb_rule_node_kind */
    uint8_t op;                 /* COMPARE: sb_rule_op */
    uint8_t a, b;               /* COMPARE: sb_count; b only where is_share */
    bool is_share;              /* COMPARE: a op p/q of b; else a op p */
    uint32_t p, q;              /* COMPARE: share p/q, or the number p with q = 1 */
    uint32_t k;                 /* AT_LEAST */
    uint16_t ids_at, ids_count; /* EACH: range in sb_rule.ids; 0 = every partner of the body */
    uint16_t child, next;       /* first child, next sibling; SB_RULE_NONE */
    uint32_t at;                /* byte offset in the text parsed; not part of the meaning */
} sb_rule_node;

/* Plain and bounded; `nodes` and `ids` live in the arena given to sb_rule_parse. */
typedef struct sb_rule {
    sb_rule_kind kind;
    sb_rule_failure failure;
    bool says_failure;     /* an `else` was written */
    bool after_discussion; /* the suffix was written */
    uint16_t root;
    uint16_t node_count; /* at most SB_RULE_NODES_MAX; children come after their parent */
    uint16_t id_count;   /* at most SB_RULE_PARTNERS_NAMED_MAX */
    sb_rule_node *nodes;
    sb_slice *ids;
    uint32_t error_at; /* after a failed parse: byte offset of what was not understood */
} sb_rule;

/* Read a rule. On failure *out has only error_at set.
 * Errors: SB_E_RULE_EXPECTED_* and SB_E_RULE_* with arguments {0} line, {1} column (both from 1, a
 * column is a code point), {2} what stands there ("" at the end of the text), {3} the fixed word
 * expected where there is one; SB_E_RULE_TOO_LONG (the text or a canonical print of it is over
 * SB_RULE_BYTES_MAX), _TOO_MANY_PARTS (more than SB_RULE_NODES_MAX comparisons, scopes and chains
 * of `and` or `or`, as written), _TOO_MANY_NAMES (SB_RULE_PARTNERS_NAMED_MAX). */
sb_err sb_rule_parse(sb_arena *arena, sb_slice text, sb_rule *out, sb_fail *fail);
/* A partner's id: [a-z0-9-], 1 to SB_ID_BYTES_MAX bytes. */
bool sb_rule_is_partner_id(sb_slice text);

/* Append the canonical text: one line, no end of line. parse(print(r)) equals r in both languages
 * and print(parse(print(r))) is the same bytes. */
void sb_rule_print(const sb_rule *rule, sb_rule_lang lang, sb_buf *out);
/* One comparison as the print shows it, e.g. "present >= 1/2 of seats". */
void sb_rule_print_compare(const sb_rule_node *node, sb_rule_lang lang, sb_buf *out);

/* Same tree (positions aside). */
bool sb_rule_eq(const sb_rule *a, const sb_rule *b);

/* "present", "representert": the keyword; static. */
const char *sb_count_word(sb_count c, sb_rule_lang lang);
const char *sb_rule_op_text(sb_rule_op op);
/* "fallen", "no_consensus": the outcome code; static. */
const char *sb_rule_failure_code(sb_rule_failure f);
/* Line and column (from 1, in code points) of a byte offset. */
void sb_rule_position(sb_slice text, uint32_t at, uint32_t *line, uint32_t *column);

#endif
