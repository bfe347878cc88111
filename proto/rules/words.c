#include "proto/rules/words.h"

#include <assert.h>

/* English, Norwegian. */
static const char *const WORDS[SB_WORD_NONE][2] = {
    [SB_COUNT_SEATS] = {"seats", "plasser"},
    [SB_COUNT_FILLED] = {"filled", "besatt"},
    [SB_COUNT_ELIGIBLE] = {"eligible", "stemmeberettiget"},
    [SB_COUNT_PRESENT] = {"present", "representert"},
    [SB_COUNT_VOTED] = {"voted", "stemt"},
    [SB_COUNT_CAST] = {"cast", "avgitt"},
    [SB_COUNT_FOR] = {"for", "for"},
    [SB_COUNT_AGAINST] = {"against", "mot"},
    [SB_COUNT_ABSTAIN] = {"abstain", "avstår"},
    [SB_WORD_QUORUM] = {"quorum", "beslutningsdyktig"},
    [SB_WORD_PASS] = {"pass", "vedtak"},
    [SB_WORD_EACH] = {"each", "hver"},
    [SB_WORD_PARTNER] = {"partner", "partner"},
    [SB_WORD_PARTNERS] = {"partners", "partnere"},
    [SB_WORD_IN] = {"in", "i"},
    [SB_WORD_AT] = {"at", NULL},
    [SB_WORD_LEAST] = {"least", NULL},
    [SB_WORD_MINST] = {NULL, "minst"},
    [SB_WORD_OF] = {"of", "av"},
    [SB_WORD_AND] = {"and", "og"},
    [SB_WORD_OR] = {"or", "eller"},
    [SB_WORD_AFTER] = {"after", "etter"},
    [SB_WORD_DISCUSSION] = {"discussion", "drøfting"},
    [SB_WORD_AN] = {"an", "et"},
    [SB_WORD_EARLIER] = {"earlier", "tidligere"},
    [SB_WORD_MEETING] = {"meeting", "møte"},
    [SB_WORD_ELSE] = {"else", "ellers"},
    [SB_WORD_FALLEN] = {"fallen", "ikke_vedtatt"},
    [SB_WORD_NO_CONSENSUS] = {"no_consensus", "ikke_konsensus"},
};

sb_word sb_word_find(sb_slice text)
{
    for (int word = 0; word < SB_WORD_NONE; word++)
        for (int i = 0; i < 2; i++)
            if (WORDS[word][i] && sb_slice_eq(text, sb_slice_str(WORDS[word][i])))
                return (sb_word)word;
    return SB_WORD_NONE;
}

const char *sb_word_text(sb_word word, sb_rule_lang lang)
{
    assert(word < SB_WORD_NONE);
    return WORDS[word][lang == SB_RULE_EN ? 0 : 1];
}

const char *sb_count_word(sb_count c, sb_rule_lang lang)
{
    return sb_word_text((sb_word)c, lang);
}

const char *sb_rule_op_text(sb_rule_op op)
{
    switch (op) {
    case SB_OP_GE:
        return ">=";
    case SB_OP_GT:
        return ">";
    case SB_OP_EQ:
        return "=";
    case SB_OP_LT:
        return "<";
    case SB_OP_LE:
        return "<=";
    }
    assert(false);
    return "";
}

const char *sb_rule_failure_code(sb_rule_failure f)
{
    return f == SB_RULE_NO_CONSENSUS ? "no_consensus" : "fallen";
}
