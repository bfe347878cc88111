/* Random rules that count only for upwards: a vote turned into a vote for, or one more vote for,
 * can only help. And a small random generator. For the property tests of proto/rules. */
#ifndef SB_TESTS_PROPERTY_RULES_UPWARD_H
#define SB_TESTS_PROPERTY_RULES_UPWARD_H

#include "proto/base/buf.h"

static uint64_t upward_seed;

static inline uint32_t pick(uint32_t below)
{
    upward_seed = upward_seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(upward_seed >> 33) % below;
}

#define PICK(words) (words)[pick(sizeof(words) / sizeof *(words))]

static const char *const UPWARD_FIXED[] = {"seats", "filled", "eligible", "present"};

/* "n", or "p/q of word": a share of at most 1 where `part`. */
static inline void upward_right(sb_buf *out, const char *of, bool part)
{
    uint32_t q = 1 + pick(4);
    if (of == NULL)
        sb_buf_printf(out, "%u", pick(4));
    else
        sb_buf_printf(out, "%u/%u of %s", pick(part ? q + 1 : 6), q, of);
}

static inline void upward_comparison(sb_buf *out, bool is_quorum)
{
    static const char *const UP[] = {">=", ">"}, *const DOWN[] = {"<", "<="};
    static const char *const ANY[] = {">=", ">", "=", "<", "<="};
    static const char *const AGAINST[] = {"against", "abstain"};
    static const char *const SAID[] = {"cast", "voted"}, *const THERE[] = {"present", "eligible"};
    static const char *const ALL[] = {"seats", "filled",  "eligible", "present", "cast",
                                      "voted", "against", "abstain",  "for"};
    const char *left;
    if (is_quorum) { /* a quorum counts who is there upwards */
        sb_buf_printf(out, "%s %s ", PICK(THERE), PICK(UP));
        upward_right(out, pick(3) ? PICK(UPWARD_FIXED) : NULL, true);
        return;
    }
    switch (pick(6)) {
    case 0:
    case 1: /* a vote for is one of those cast: at most all of them */
        sb_buf_printf(out, "for %s ", PICK(UP));
        upward_right(out, pick(3) ? PICK(SAID) : NULL, true);
        break;
    case 2:
        sb_buf_printf(out, "for %s ", PICK(UP));
        upward_right(out, pick(2) ? PICK(UPWARD_FIXED) : PICK(AGAINST), false);
        break;
    case 3:
        sb_buf_printf(out, "%s %s ", PICK(SAID), PICK(UP));
        upward_right(out, pick(3) ? PICK(UPWARD_FIXED) : NULL, false);
        break;
    case 4:
        left = PICK(AGAINST);
        if (pick(3) == 0) {
            sb_buf_printf(out, "%s = 0", left);
            break;
        }
        sb_buf_printf(out, "%s %s ", left, PICK(DOWN));
        do
            left = pick(4) ? PICK(ALL) : NULL;
        while (left != NULL && (strcmp(left, "against") == 0 || strcmp(left, "abstain") == 0));
        upward_right(out, left, false);
        break;
    default: /* about attendance, which no vote changes */
        sb_buf_printf(out, "%s %s ", PICK(UPWARD_FIXED), PICK(ANY));
        upward_right(out, pick(2) ? PICK(UPWARD_FIXED) : NULL, false);
        break;
    }
}

/* A rule about partners a, b and c. */
static inline const char *upward_rule(sb_buf *out, bool is_quorum)
{
    static const char *const SCOPES[] = {
        "each partner: ", "each partner in (a, b): ", "each partner in (b): ",
        "at least 1 partners: ", "at least 2 partners: "};
    sb_buf_clear(out);
    sb_buf_str(out, is_quorum ? "quorum " : "pass ");
    for (uint32_t left = 1 + pick(3); left > 0; left--) {
        bool group = pick(2);
        sb_buf_str(out, pick(2) ? PICK(SCOPES) : "");
        sb_buf_str(out, group ? "(" : "");
        upward_comparison(out, is_quorum);
        if (group) {
            sb_buf_str(out, pick(2) ? " and " : " or ");
            upward_comparison(out, is_quorum);
            sb_buf_str(out, ")");
        }
        if (left > 1)
            sb_buf_str(out, pick(2) ? " and " : " or ");
    }
    return sb_buf_cstr(out);
}

#endif
