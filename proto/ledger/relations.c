/* CASE_RELATE: a case follows, amends or repeals another, or was postponed to it (DESIGN §1). */
#include "proto/ledger/case_parts.h"
#include "proto/ledger/certificate.h"
#include "proto/ledger/handlers.h"
#include "proto/ledger/out.h"

/* The row as it stands at the case itself; external is "" for a case of the log. */
static sb_row_case_relation relation_of(const Sb__CaseRelate *m, const sb_row_case *c,
                                        const sb_row_case *other)
{
    bool is_external = m->to_case == SB__CASE_RELATE__TO_EXTERNAL;
    return (sb_row_case_relation){.case_no = c->no,
                                  .relation = (uint8_t)m->relation,
                                  .other = is_external ? 0 : other->no,
                                  .external = is_external ? m->external : ""};
}

static sb_err find_other(sb_step *s, const Sb__CaseRelate *m, const sb_row_case *c,
                         sb_row_case *other, const char **label)
{
    *other = (sb_row_case){0};
    if (m->to_case == SB__CASE_RELATE__TO_EXTERNAL) {
        *label = m->external;
        return sb_external_check(s, m->external, c->body);
    }
    sb_err err = sb_case_need(s, m->other_case, other);
    if (err != SB_OK)
        return err;
    *label = sb_case_label(s->arena, other);
    return other->no != c->no ? SB_OK : sb_fail_set(s->fail, SB_E_LEDGER_RELATE_SELF, *label, NULL);
}

/* Each way by itself: who points to a case doesn't keep it from pointing to others. */
static sb_err check_room(sb_step *s, const sb_row_case *c, bool back)
{
    uint32_t count = 0;
    sb_row_case_relation row = {.case_no = c->no, .back = back, .external = ""};
    for (bool more = sb_row_case_relation_next(s->kv, s->arena, &row, true, 2); more;
         more = sb_row_case_relation_next(s->kv, s->arena, &row, false, 2))
        count++;
    if (count < SB_RELATIONS_MAX)
        return SB_OK;
    return sb_fail_set(s->fail, SB_E_LEDGER_RELATIONS_MANY, sb_case_label(s->arena, c),
                       sb_arena_printf(s->arena, "%d", SB_RELATIONS_MAX), NULL);
}

sb_err sb_check_case_relate(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__CaseRelate *m = (const void *)message;
    sb_row_case c, other;
    const char *label;
    sb_err err = sb_case_need(s, m->case_id, &c);
    if (err != SB_OK)
        return err;
    sb_scope scope = sb_scope_body(c.body);
    scope.reporter_key = c.reporter;
    if ((err = sb_may(s, &scope)) != SB_OK || (err = find_other(s, m, &c, &other, &label)) != SB_OK)
        return err;
    sb_row_case_relation row = relation_of(m, &c, &other);
    if (sb_row_case_relation_get(s->kv, s->arena, &row))
        return sb_fail_set(s->fail, SB_E_LEDGER_RELATED_TWICE, sb_case_label(s->arena, &c), label,
                           NULL);
    err = check_room(s, &c, false);
    return err == SB_OK && other.no != 0 ? check_room(s, &other, true) : err;
}

void sb_apply_case_relate(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__CaseRelate *m = (const void *)message;
    sb_row_case c, other;
    const char *label;
    if (sb_case_need(s, m->case_id, &c) != SB_OK || find_other(s, m, &c, &other, &label) != SB_OK)
        return;
    sb_row_case_relation row = relation_of(m, &c, &other);
    row.index = s->index;
    sb_row_case_relation_put(s->kv, &row);
    if (other.no == 0)
        return;
    row.case_no = other.no;
    row.other = c.no;
    row.back = 1;
    sb_row_case_relation_put(s->kv, &row);
}

/* ---- the certificate's member ---- */

void sb_relations_put(sb_json *j, sb_kv *kv, sb_arena *arena, uint32_t case_no)
{
    sb_json_key(j, "relations");
    sb_json_array(j);
    sb_row_case_relation row = {.case_no = case_no, .external = ""};
    for (bool more = sb_row_case_relation_next(kv, arena, &row, true, 1); more;
         more = sb_row_case_relation_next(kv, arena, &row, false, 1)) {
        sb_row_case other = {.no = row.other};
        bool known = row.other != 0 && sb_row_case_get(kv, arena, &other);
        sb_json_object(j);
        sb_out_str(j, "relation", sb_text_code(SB_TEXT_CASE_RELATION, row.relation));
        sb_out_str(j, "direction", row.back ? "from" : "to");
        sb_json_key(j, "case");
        if (known)
            sb_json_hex(j, sb_slice_of(other.id, 32));
        else
            sb_json_null(j);
        sb_out_some(j, "number",
                    known ? sb_number_label(arena, other.number, other.year) : row.external);
        sb_out_str(j, "title", known ? other.title : NULL);
        sb_out_u64(j, "index", row.index);
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
}

void sb_certificate_put_relations(sb_json *j, const sb_certificate *c)
{
    sb_relations_put(j, c->kv, c->arena, c->c.no);
}

/* "Saken følger opp sak 51/21." */
void sb_certificate_text_relations(const sb_certificate *c, sb_lang lang, sb_buf *out)
{
    sb_row_case_relation row = {.case_no = c->c.no, .external = ""};
    for (bool more = sb_row_case_relation_next(c->kv, c->arena, &row, true, 1); more;
         more = sb_row_case_relation_next(c->kv, c->arena, &row, false, 1)) {
        sb_row_case other = {.no = row.other};
        bool known = row.other != 0 && sb_row_case_get(c->kv, c->arena, &other);
        const char *label = known ? sb_case_label(c->arena, &other) : row.external;
        const char *relation = sb_text_word(SB_TEXT_CASE_RELATION, row.relation, lang);
        bool nb = lang == SB_LANG_NB;
        if (row.back)
            sb_buf_printf(out, nb ? "Sak %s %s denne saken.\n" : "Case %s %s this case.\n", label,
                          relation);
        else
            sb_buf_printf(out, nb ? "Saken %s sak %s.\n" : "This case %s case %s.\n", relation,
                          label);
    }
}
