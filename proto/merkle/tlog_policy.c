#include "proto/merkle/tlog_policy.h"

#include <stdio.h>

#include "proto/base/hash.h"
#include "proto/merkle/base64.h"
#include "proto/sign/lines.h"

enum { WORDS_MAX = SB_TLOG_POLICY_NAMES_MAX + 3 };

/* ---- verifier keys ---- */

void sb_vkey_add(sb_buf *out, sb_slice name, uint8_t type, const uint8_t pk[32])
{
    uint8_t id[4], key[33] = {type};
    char hex[9];
    memcpy(key + 1, pk, 32);
    sb_note_key_id(name, type, pk, id);
    sb_hex(sb_slice_of(id, 4), hex);
    sb_buf_add(out, name);
    sb_buf_printf(out, "+%s+", hex);
    sb_base64_add(out, sb_slice_of(key, sizeof key));
}

bool sb_vkey_parse(sb_slice text, uint8_t type, sb_slice *name, uint8_t pk[32])
{
    uint8_t key[33], id[4], own[4];
    const uint8_t *plus = text.len == 0 ? NULL : memchr(text.data, '+', text.len);
    if (plus == NULL)
        return false;
    *name = sb_slice_of(text.data, (size_t)(plus - text.data));
    sb_slice rest = sb_slice_of(plus + 1, text.len - name->len - 1);
    if (rest.len < 9 || rest.data[8] != '+' || !sb_unhex(sb_slice_of(rest.data, 8), id, 4) ||
        !sb_base64_decode_exact(sb_slice_of(rest.data + 9, rest.len - 9), key, sizeof key) ||
        key[0] != type || !sb_note_name_valid(*name))
        return false;
    memcpy(pk, key + 1, 32);
    sb_note_key_id(*name, type, pk, own);
    return memcmp(own, id, 4) == 0;
}

/* ---- reading ---- */

typedef struct parser {
    sb_tlog_policy *out;
    sb_arena *arena;
    sb_slice *words;
    uint32_t word_count, line;
    bool has_quorum;
    bool *is_member; /* of some group */
    sb_fail *fail;
} parser;

static sb_err malformed(const parser *p, const char *what)
{
    char number[16];
    snprintf(number, sizeof number, "%u", p->line);
    return sb_fail_set(p->fail, SB_E_POLICY_MALFORMED, number, what, NULL);
}

static bool is_word(const parser *p, uint32_t i, const char *word)
{
    return sb_slice_eq(p->words[i], sb_slice_str(word));
}

static uint32_t find(const sb_tlog_policy *policy, sb_slice name)
{
    for (uint32_t i = 0; i < policy->name_count; i++)
        if (sb_slice_eq(policy->names[i].name, name))
            return i;
    return UINT32_MAX;
}

/* Words of a line; false: too many, or a control character. */
static bool split(parser *p, sb_slice line)
{
    p->word_count = 0;
    for (size_t at = 0; at < line.len;) {
        size_t from = at;
        while (at < line.len && line.data[at] != ' ' && line.data[at] != '\t') {
            if (line.data[at] < 0x20 || line.data[at] == 0x7f)
                return false;
            at++;
        }
        if (at > from && p->word_count == WORDS_MAX)
            return false;
        if (at > from)
            p->words[p->word_count++] = sb_slice_of(line.data + from, at - from);
        at++;
    }
    return true;
}

static sb_err read_log(parser *p)
{
    sb_tlog_policy *out = p->out;
    sb_tlog_log log;
    if (p->word_count < 2 || p->word_count > 3 ||
        !sb_vkey_parse(p->words[1], SB_NOTE_TYPE_LOG, &log.name, log.pk))
        return malformed(p, "log <vkey>");
    for (uint32_t i = 0; i < out->log_count; i++)
        if (memcmp(out->logs[i].pk, log.pk, 32) == 0)
            return malformed(p, "log <vkey>");
    if (out->log_count == SB_TLOG_POLICY_LOGS_MAX)
        return malformed(p, "log");
    out->logs[out->log_count++] = log;
    return SB_OK;
}

/* A new name; NULL: it can't be one. */
static sb_tlog_name *add_name(parser *p, sb_slice name)
{
    sb_tlog_policy *out = p->out;
    if (out->name_count == SB_TLOG_POLICY_NAMES_MAX || find(out, name) != UINT32_MAX ||
        sb_slice_eq(name, sb_slice_str("none")))
        return NULL;
    sb_tlog_name *at = &out->names[out->name_count];
    *at = (sb_tlog_name){.name = name};
    return at;
}

static sb_err read_witness(parser *p)
{
    sb_tlog_policy *out = p->out;
    sb_tlog_name *at = p->word_count < 3 ? NULL : add_name(p, p->words[1]);
    if (at == NULL || p->word_count > 4 ||
        !sb_vkey_parse(p->words[2], SB_NOTE_TYPE_COSIGNATURE, &at->key_name, at->pk))
        return malformed(p, "witness <name> <vkey>");
    for (uint32_t i = 0; i < out->name_count; i++)
        if (!out->names[i].is_group && memcmp(out->names[i].pk, at->pk, 32) == 0)
            return malformed(p, "witness <name> <vkey>");
    out->name_count++;
    return SB_OK;
}

static sb_err read_group(parser *p)
{
    uint64_t threshold = 0;
    sb_tlog_name *at = p->word_count < 4 ? NULL : add_name(p, p->words[1]);
    if (at == NULL)
        return malformed(p, "group <name> <k> <member> …");
    at->is_group = true;
    at->member_count = p->word_count - 3;
    at->members = SB_ARENA_ARRAY(p->arena, uint32_t, at->member_count);
    for (uint32_t i = 0; i < at->member_count; i++) {
        at->members[i] = find(p->out, p->words[i + 3]);
        if (at->members[i] == UINT32_MAX || p->is_member[at->members[i]])
            return malformed(p, "group <name> <k> <member> …");
        p->is_member[at->members[i]] = true;
    }
    if (is_word(p, 2, "any"))
        threshold = 1;
    else if (is_word(p, 2, "all"))
        threshold = at->member_count;
    else if (!sb_decimal_parse(p->words[2], at->member_count, &threshold) || threshold == 0)
        return malformed(p, "group <name> <k> <member> …");
    at->threshold = (uint32_t)threshold;
    p->out->name_count++;
    return SB_OK;
}

static sb_err read_quorum(parser *p)
{
    if (p->has_quorum || p->word_count != 2)
        return malformed(p, "quorum <name>");
    p->has_quorum = true;
    p->out->quorum = find(p->out, p->words[1]);
    if (p->out->quorum == UINT32_MAX && !is_word(p, 1, "none"))
        return malformed(p, "quorum <name>");
    return SB_OK;
}

static sb_err read_line(parser *p, sb_slice line)
{
    if (!split(p, line))
        return malformed(p, "log | witness | group | quorum");
    if (p->word_count == 0 || p->words[0].data[0] == '#')
        return SB_OK;
    if (is_word(p, 0, "log"))
        return read_log(p);
    if (is_word(p, 0, "witness"))
        return read_witness(p);
    if (is_word(p, 0, "group"))
        return read_group(p);
    if (is_word(p, 0, "quorum"))
        return read_quorum(p);
    return malformed(p, "log | witness | group | quorum");
}

sb_err sb_tlog_policy_parse(sb_slice text, sb_arena *arena, sb_tlog_policy *out, sb_fail *fail)
{
    *out = (sb_tlog_policy){.quorum = UINT32_MAX};
    if (text.len > SB_TLOG_POLICY_BYTES_MAX)
        return sb_fail_num(fail, SB_E_TOO_LARGE, 2, text.len, SB_TLOG_POLICY_BYTES_MAX);
    out->logs = SB_ARENA_ARRAY(arena, sb_tlog_log, SB_TLOG_POLICY_LOGS_MAX);
    out->names = SB_ARENA_ARRAY(arena, sb_tlog_name, SB_TLOG_POLICY_NAMES_MAX);
    parser p = {.out = out,
                .arena = arena,
                .words = SB_ARENA_ARRAY(arena, sb_slice, WORDS_MAX),
                .is_member = SB_ARENA_ARRAY(arena, bool, SB_TLOG_POLICY_NAMES_MAX),
                .fail = fail};
    sb_lines lines = sb_lines_over(text);
    sb_slice line;
    sb_err err = SB_OK;
    while (err == SB_OK && sb_lines_next(&lines, &line)) {
        p.line = lines.number;
        err = read_line(&p, line);
    }
    p.line = lines.number;
    if (err == SB_OK && (lines.rest.len > 0 || !p.has_quorum))
        err = malformed(&p, "quorum <name>");
    return err;
}

/* ---- judging ---- */

bool sb_tlog_policy_satisfied(const sb_tlog_policy *policy, const bool *cosigned, sb_arena *arena)
{
    if (policy->quorum == UINT32_MAX)
        return true;
    bool *holds = SB_ARENA_ARRAY(arena, bool, policy->name_count);
    for (uint32_t i = 0; i < policy->name_count; i++) {
        const sb_tlog_name *at = &policy->names[i];
        uint32_t have = 0;
        for (uint32_t k = 0; k < at->member_count; k++)
            have += holds[at->members[k]];
        holds[i] = at->is_group ? have >= at->threshold : cosigned[i];
    }
    return holds[policy->quorum];
}

const sb_tlog_log *sb_tlog_policy_log(const sb_tlog_policy *policy, const char *origin)
{
    for (uint32_t i = 0; i < policy->log_count; i++)
        if (sb_slice_eq(policy->logs[i].name, sb_slice_str(origin)))
            return &policy->logs[i];
    return NULL;
}

sb_err sb_tlog_policy_verify(const sb_tlog_policy *policy, sb_slice note, sb_arena *arena,
                             sb_checkpoint *head, bool *cosigned, sb_fail *fail)
{
    sb_note parsed;
    uint32_t have = 0, witnesses = 0;
    sb_err err = sb_checkpoint_parse(note, head, fail);
    if (err != SB_OK)
        return err;
    const sb_tlog_log *log = sb_tlog_policy_log(policy, head->origin);
    if (log == NULL)
        return sb_fail_set(fail, SB_E_POLICY_LOG, head->origin, NULL);
    err = sb_checkpoint_verify(note, head->origin, log->pk, head, fail);
    if (err == SB_OK)
        err = sb_note_parse(note, &parsed, fail);
    if (err != SB_OK)
        return err;
    for (uint32_t i = 0; i < policy->name_count; i++) {
        cosigned[i] = !policy->names[i].is_group &&
                      sb_cosignature_find(&parsed, head, policy->names[i].pk, NULL);
        have += cosigned[i];
        witnesses += !policy->names[i].is_group;
    }
    if (!sb_tlog_policy_satisfied(policy, cosigned, arena))
        return sb_fail_num(fail, SB_E_POLICY_QUORUM, 2, have, witnesses);
    return SB_OK;
}
