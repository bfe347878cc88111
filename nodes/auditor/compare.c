/* A rehearsal's summary.json against what the bundle gives. */
#include <stdio.h>

#include "nodes/auditor/report.h"
#include "nodes/host/json_read.h"
#include "proto/base/hash.h"

/* What a node says there; "?": nothing. */
static const char *said_of(const sb_doc *node, const char *key)
{
    const char *text = "?";
    (void)sb_doc_text(sb_doc_get(node, key), &text, NULL);
    return text;
}

static sb_err differs(sb_fail *fail, const char *what, const char *who, const char *says,
                      const char *gives)
{
    return sb_fail_set(fail, SB_E_AUDIT_DIFFERS, what, who, says, gives, NULL);
}

/* What every node must say of the head. */
typedef struct expected {
    const char *key;
    char value[72];
} expected;

static sb_err compare_nodes(sb_audit *a, const sb_doc *summary, sb_fail *fail)
{
    sb_ledger_position at;
    const sb_doc *nodes;
    sb_ledger_position_get(a->ledger, &at);
    expected rows[] = {{.key = "size"}, {.key = "root"}, {.key = "digest"}, {.key = "final"}};
    snprintf(rows[0].value, sizeof rows[0].value, "%llu", (unsigned long long)at.size);
    sb_hex(sb_slice_of(at.root, 32), rows[1].value);
    sb_hex(sb_slice_of(at.digest, 32), rows[2].value);
    snprintf(rows[3].value, sizeof rows[3].value, "%s", a->is_all_final ? "true" : "false");
    sb_err err = sb_doc_need(summary, "nodes", &nodes, fail);
    if (err == SB_OK)
        err = sb_doc_want_list(nodes, fail);
    for (uint32_t i = 0; err == SB_OK && i < nodes->count; i++)
        for (size_t k = 0; err == SB_OK && k < sizeof rows / sizeof rows[0]; k++) {
            const char *says = said_of(nodes->items[i], rows[k].key);
            if (strcmp(says, rows[k].value) != 0)
                err =
                    differs(fail, rows[k].key, said_of(nodes->items[i], "id"), says, rows[k].value);
        }
    if (err == SB_OK && nodes->count == 0)
        err = differs(fail, "nodes", "summary", "0", "?");
    return err;
}

static const char *outcome_text(sb_arena *arena, const char *outcome, const char *mode)
{
    return sb_arena_printf(arena, "%s (%s)", outcome[0] == '\0' ? "-" : outcome,
                           mode[0] == '\0' ? "-" : mode);
}

static sb_err compare_case(sb_audit *a, const sb_doc *row, const sb_audit_case *c, sb_fail *fail)
{
    const char *says[] = {
        sb_doc_str(row, "number"), sb_doc_str(row, "body"), sb_doc_str(row, "title"),
        outcome_text(&a->arena, sb_doc_str(row, "outcome"), sb_doc_str(row, "mode"))};
    const char *gives[] = {c->number, c->body, c->title,
                           outcome_text(&a->arena, c->outcome, c->mode)};
    const char *name = sb_arena_printf(&a->arena, "%s %s", c->body, c->number);
    for (size_t i = 0; i < sizeof says / sizeof says[0]; i++)
        if (strcmp(says[i], gives[i]) != 0)
            return differs(fail, name, "summary", says[i], gives[i]);
    return SB_OK;
}

static sb_err compare_cases(sb_audit *a, const sb_doc *summary, sb_fail *fail)
{
    const sb_audit_case *own;
    const sb_doc *cases;
    size_t count;
    sb_err err = sb_doc_need(summary, "cases", &cases, fail);
    if (err == SB_OK)
        err = sb_doc_want_list(cases, fail);
    if (err == SB_OK)
        err = sb_audit_cases(a, &own, &count, fail);
    for (size_t i = 0; err == SB_OK && i < count && i < cases->count; i++)
        err = compare_case(a, cases->items[i], &own[i], fail);
    if (err == SB_OK && count != cases->count)
        err = differs(fail, "cases", "summary", sb_arena_printf(&a->arena, "%u", cases->count),
                      sb_arena_printf(&a->arena, "%zu", count));
    return err;
}

sb_err sb_audit_compare(sb_audit *a, const char *path, sb_fail *fail)
{
    const sb_doc *summary = NULL;
    sb_err err = sb_json_read(path, &a->arena, &summary, fail);
    if (err == SB_OK)
        err = compare_nodes(a, summary, fail);
    return err == SB_OK ? compare_cases(a, summary, fail) : err;
}
