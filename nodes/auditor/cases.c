/* The cases of a history, as its ledger answers: a part of a list at a time, and one case at a time, so that
 * no more of a long history is held than what is told of it. */
#include "nodes/auditor/report.h"

#include <stdlib.h>

#include "nodes/host/json_read.h"

enum { PART_BYTES = 16 * 1024 };

typedef struct gathering {
    sb_audit *a;
    sb_kv *closed; /* case id -> the question of it that was closed last; ids in hex */
    sb_audit_case *all;
    size_t count, cap;
    sb_arena scratch; /* of one row */
    sb_fail *fail;
} gathering;

typedef sb_err take_row(gathering *g, const sb_doc *row);

static sb_err for_each(gathering *g, const char *list, take_row *take)
{
    sb_query_part part = {.bytes_max = PART_BYTES};
    sb_err err;
    sb_arena rows;
    sb_buf json;
    sb_arena_init(&rows);
    sb_buf_init(&json);
    do {
        const sb_doc *doc = NULL;
        sb_arena_reset(&rows);
        sb_buf_clear(&json);
        part.from = part.next;
        err = sb_ledger_query_part(g->a->ledger, list, NULL, 0, &part, &json, g->fail);
        if (err == SB_OK)
            err = sb_json_parse(list, sb_buf_slice(&json), &rows, &doc, g->fail);
        for (uint32_t i = 0; err == SB_OK && i < doc->count; i++) {
            sb_arena_reset(&g->scratch);
            err = take(g, doc->items[i]);
        }
    } while (err == SB_OK && part.next != 0);
    sb_buf_deinit(&json);
    sb_arena_deinit(&rows);
    return err;
}

static sb_err ask(gathering *g, const char *name, const char *id, const sb_doc **doc)
{
    sb_buf json;
    sb_buf_init(&json);
    sb_err err = sb_ledger_query(g->a->ledger, name, &id, 1, &json, g->fail);
    if (err == SB_OK)
        err = sb_json_parse(name, sb_buf_slice(&json), &g->scratch, doc, g->fail);
    sb_buf_deinit(&json);
    return err;
}

static const char *text_of(const sb_doc *map, const char *key)
{
    const sb_doc *node = sb_doc_get(map, key);
    const char *text = "";
    if (node == NULL || node->kind == SB_DOC_NULL || sb_doc_text(node, &text, NULL) != SB_OK)
        return "";
    return text;
}

static const char *kept_of(const gathering *g, const sb_doc *map, const char *key)
{
    return sb_arena_str(&g->a->arena, sb_slice_str(text_of(map, key)));
}

/* Closed questions come in the order they were asked. */
static sb_err take_decision(gathering *g, const sb_doc *row)
{
    const char *id = text_of(row, "case");
    if (id[0] != '\0')
        sb_kv_put(g->closed, sb_slice_str(id), sb_slice_str(text_of(row, "question")));
    return SB_OK;
}

/* By the question that was closed last: what the case was decided by in its last treatment. */
static sb_err find_objection(gathering *g, const char *case_id, sb_audit_case *out)
{
    const sb_doc *question = NULL;
    sb_slice id;
    if (strcmp(out->mode, "consensus") != 0 || !sb_kv_get(g->closed, sb_slice_str(case_id), &id))
        return SB_OK;
    sb_err err = ask(g, "question", sb_arena_str(&g->scratch, id), &question);
    const sb_doc *ballots = sb_doc_get(question, "ballots");
    out->after_objection = ballots != NULL && ballots->kind == SB_DOC_LIST && ballots->count > 0;
    return err;
}

/* As its last treatment left it. */
static sb_err take_case(gathering *g, const sb_doc *row)
{
    const sb_doc *one = NULL, *last = NULL;
    const char *id = text_of(row, "id");
    sb_err err = ask(g, "case", id, &one);
    if (err != SB_OK)
        return err;
    const sb_doc *treatments = sb_doc_get(one, "treatments");
    if (treatments != NULL && treatments->kind == SB_DOC_LIST && treatments->count > 0)
        last = treatments->items[treatments->count - 1];
    sb_audit_case c = {.number = kept_of(g, one, "number"),
                       .body = kept_of(g, one, "body"),
                       .title = kept_of(g, one, "title"),
                       .outcome = kept_of(g, last, "outcome"),
                       .mode = kept_of(g, last, "mode"),
                       .date = kept_of(g, sb_doc_get(last, "meeting"), "date")};
    if (g->count == g->cap) {
        g->cap = g->cap == 0 ? 64 : 2 * g->cap;
        g->all = sb_xrealloc(g->all, g->cap * sizeof *g->all);
    }
    err = find_objection(g, id, &c);
    g->all[g->count++] = c;
    return err;
}

sb_err sb_audit_cases(sb_audit *a, const sb_audit_case **cases, size_t *count, sb_fail *fail)
{
    *cases = NULL;
    *count = 0;
    if (sb_ledger_phase_get(a->ledger) != SB_PHASE_RUNNING)
        return SB_OK;
    gathering g = {.a = a, .closed = sb_kv_memory_new(), .fail = fail};
    sb_arena_init(&g.scratch);
    sb_err err = for_each(&g, "decisions", take_decision);
    if (err == SB_OK)
        err = for_each(&g, "cases", take_case);
    if (err == SB_OK && g.count > 0) {
        sb_slice bytes = sb_slice_of((const uint8_t *)g.all, g.count * sizeof *g.all);
        *cases = (const sb_audit_case *)(const void *)sb_arena_copy(&a->arena, bytes).data;
        *count = g.count;
    }
    free(g.all);
    sb_arena_deinit(&g.scratch);
    sb_kv_memory_free(g.closed);
    return err;
}
