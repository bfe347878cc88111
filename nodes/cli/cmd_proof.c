/* samband decision export, samband log policy: what others need to verify one decision alone. */
#include <stdio.h>

#include "nodes/cli/export_inside.h"
#include "nodes/cli/leaves.h"
#include "nodes/host/file.h"
#include "proto/base/hash.h"
#include "proto/evidence/decision_proof.h"

static const sb_arg_option EXPORT_OPTIONS[] = {
    {.name = "out",
     .value = "FIL",
     .nb = "skriv beviset hit (ellers til skjermen)",
     .en = "write the proof here (else to the screen)"},
    {.name = "question",
     .value = "REFERANSE",
     .nb = "for dette avstemmingspunktet (ellers sakens siste)",
     .en = "for this question (else the case's last)"},
    SB_OPTION_END};

/* The proof in the making. */
typedef struct proving {
    sb_cli *cli;
    sb_exporter x; /* asks for head and policies */
    uint8_t question[32];
    bool found;
    uint64_t result_index, seal_index;
    sb_slice result, seal;
    sb_proof result_proof, seal_proof;
    sb_buf note;
} proving;

/* ---- the RESULT ---- */

static sb_err look_at(void *arg, uint64_t index, const sb_leaf *leaf)
{
    proving *p = arg;
    if (p->found || leaf->entry.type != SB_ENTRY_RESULT ||
        memcmp(((const Sb__Result *)(const void *)leaf->message)->question_id.data, p->question,
               32) != 0)
        return SB_OK;
    p->found = true;
    p->result_index = index;
    p->result = sb_arena_copy(&p->cli->arena, leaf->bytes);
    return SB_OK;
}

/* It follows the leaf that closed the question, after those of others that it closed. */
static sb_err find_result(proving *p, const char *case_id, uint64_t size)
{
    const sb_doc *list = NULL;
    char hex[65];
    sb_hex(sb_slice_of(p->question, 32), hex);
    sb_err err = sb_session_ask(p->cli, &list, "decisions", "", case_id, NULL);
    for (uint32_t i = 0; err == SB_OK && i < sb_doc_count(list); i++) {
        if (strcmp(sb_doc_str(list->items[i], "question"), hex) != 0)
            continue;
        uint64_t from = sb_doc_num(list->items[i], "closed_index");
        uint64_t to = from + SB_RESULTS_PENDING_MAX + 2;
        err = sb_leaves_each(p->cli, from, to < size ? to : size, look_at, p);
    }
    return err;
}

/* ---- the head, and the SEAL within it ---- */

static sb_err read_proof(sb_cli *cli, const sb_doc *list, sb_proof *out)
{
    size_t count = 0;
    sb_err err = sb_head_read_path(list, out->hashes, &count, &cli->fail);
    out->count = (uint32_t)count;
    return err;
}

static sb_err not_final(proving *p)
{
    return sb_fail_set(&p->cli->fail, SB_E_CLI_BUNDLE_NOT_FINAL, sb_args_position(p->cli->args, 0),
                       NULL);
}

/* The proof of what is final (queries.h "head"): its certified head holds the SEAL. */
static sb_err ask_head(proving *p, uint64_t *final_size)
{
    const sb_doc *answer = NULL;
    sb_cli *cli = p->cli;
    sb_err err = sb_session_ask(cli, &answer, "head", NULL);
    if (err != SB_OK)
        return err;
    const sb_doc *certified = sb_doc_get(answer, "certified"), *seal = sb_doc_get(answer, "seal");
    const char *leaf = sb_doc_str(seal, "leaf");
    size_t len = strlen(leaf) / 2;
    *final_size = sb_doc_num(sb_doc_get(answer, "final"), "size");
    if (*final_size == 0 || len == 0)
        return not_final(p);
    uint8_t *bytes = sb_arena_alloc(&cli->arena, len);
    if (!sb_unhex(sb_slice_str(leaf), bytes, len))
        return sb_fail_set(&cli->fail, SB_E_CLI_ANSWER, "head", NULL);
    p->seal = sb_slice_of(bytes, len);
    p->seal_index = sb_doc_num(seal, "index");
    err = read_proof(cli, sb_doc_get(seal, "proof"), &p->seal_proof);
    if (err == SB_OK)
        err = sb_export_take_certified(&p->x, sb_slice_str(sb_doc_str(certified, "note")));
    if (err == SB_OK)
        sb_head_whole_note(&p->x.head, &p->note);
    return err;
}

static sb_err ask_proof(proving *p)
{
    const sb_doc *answer = NULL;
    sb_cli *cli = p->cli;
    const char *index = sb_arena_printf(&cli->arena, "%llu", (unsigned long long)p->result_index);
    const char *size =
        sb_arena_printf(&cli->arena, "%llu", (unsigned long long)p->x.head.head.size);
    sb_err err = sb_session_ask(cli, &answer, "proof", index, size, NULL);
    return err == SB_OK ? read_proof(cli, sb_doc_get(answer, "proof"), &p->result_proof) : err;
}

/* ---- writing ---- */

/* Nothing is given out that our own verifier refuses. */
static sb_err write_proof(proving *p, sb_buf *text)
{
    sb_tlog_policy policy;
    sb_decision_verdict verdict;
    sb_cli *cli = p->cli;
    const sb_decision_proof proof = {.result_index = p->result_index,
                                     .seal_index = p->seal_index,
                                     .result = p->result,
                                     .seal = p->seal,
                                     .result_proof = &p->result_proof,
                                     .seal_proof = &p->seal_proof,
                                     .note = sb_buf_slice(&p->note)};
    sb_decision_proof_write(&proof, text);
    sb_err err = sb_tlog_policy_parse(p->x.policies[0], &cli->arena, &policy, &cli->fail);
    if (err == SB_OK)
        err =
            sb_decision_proof_judge(sb_buf_slice(text), &policy, &cli->arena, &verdict, &cli->fail);
    return err;
}

static sb_err make(proving *p, const char *case_id, sb_buf *text)
{
    uint64_t final_size = 0;
    sb_err err = ask_head(p, &final_size);
    if (err == SB_OK)
        err = find_result(p, case_id, p->x.head.head.size);
    if (err == SB_OK && (!p->found || p->result_index >= final_size))
        err = not_final(p);
    if (err == SB_OK)
        err = ask_proof(p);
    return err == SB_OK ? write_proof(p, text) : err;
}

static sb_err give(proving *p, const char *out, const sb_buf *text)
{
    sb_cli *cli = p->cli;
    sb_err err = SB_OK;
    if (out == NULL)
        sb_cli_say(cli, "%.*s", (int)text->len, (const char *)text->data);
    else
        err = sb_file_write(out, sb_buf_slice(text), SB_FILE_MODE, &cli->fail);
    if (err == SB_OK && out != NULL)
        sb_cli_say(
            cli,
            sb_cli_either(cli,
                          "%s: %zu byte. Kontroller med: samband-audit decision %s --policy P "
                          "(P: samband log policy)",
                          "%s: %zu bytes. Verify with: samband-audit decision %s --policy P "
                          "(P: samband log policy)"),
            out, text->len, out);
    sb_json_key(&cli->json, "result_index");
    sb_json_u64(&cli->json, p->result_index);
    sb_json_key(&cli->json, "bytes");
    sb_json_u64(&cli->json, text->len);
    sb_json_key(&cli->json, "proof");
    sb_json_str(&cli->json, sb_buf_slice(text));
    return err;
}

static sb_err decision_export(sb_cli *cli)
{
    const char *question = sb_args_value(cli->args, "question");
    const sb_doc *c = NULL, *answer = NULL;
    uint8_t id[32];
    sb_buf text;
    sb_session *s = NULL;
    proving *p = SB_ARENA_NEW(&cli->arena, proving);
    p->cli = p->x.cli = cli;
    sb_buf_init(&p->note);
    sb_buf_init(&text);
    sb_err err = sb_session_open(cli, &s);
    if (err == SB_OK)
        err = sb_position_case(cli, &c, id);
    if (err == SB_OK)
        err = sb_session_ask(cli, &answer, "certificate",
                             question != NULL ? question : sb_doc_str(c, "id"), NULL);
    if (err == SB_E_NOT_FOUND && c != NULL)
        err = sb_fail_set(&cli->fail, SB_E_CLI_UNDECIDED, sb_args_position(cli->args, 0), NULL);
    if (err == SB_OK)
        err = sb_doc_hex32(answer, "question", p->question, &cli->fail);
    if (err == SB_OK)
        err = make(p, sb_doc_str(c, "id"), &text);
    if (err == SB_OK)
        err = give(p, sb_args_value(cli->args, "out"), &text);
    sb_buf_deinit(&text);
    sb_buf_deinit(&p->note);
    return err;
}

const sb_verb_spec sb_spec_decision_export = {SB_CASE_POSITION, EXPORT_OPTIONS, decision_export};

/* ---- the policy ---- */

static sb_err log_policy(sb_cli *cli)
{
    sb_session *s = NULL;
    const sb_doc *answer = NULL;
    sb_exporter *x = SB_ARENA_NEW(&cli->arena, sb_exporter);
    x->cli = cli;
    sb_err err = sb_session_open(cli, &s);
    if (err == SB_OK)
        err = sb_session_ask(cli, &answer, "checkpoint", NULL);
    if (err == SB_OK)
        err = sb_export_take_certified(x, sb_slice_str(sb_doc_str(answer, "certified")));
    if (err != SB_OK)
        return err;
    sb_json_key(&cli->json, "size");
    sb_json_u64(&cli->json, x->head.head.size);
    sb_json_key(&cli->json, "policies");
    sb_json_array(&cli->json);
    for (uint32_t i = 0; i < x->policy_count; i++) {
        size_t len = x->policies[i].len; /* the last line end is sb_cli_say's */
        sb_cli_say(cli, "%.*s", (int)(len == 0 ? 0 : len - 1), (const char *)x->policies[i].data);
        sb_json_str(&cli->json, x->policies[i]);
    }
    sb_json_end_array(&cli->json);
    return SB_OK;
}

const sb_verb_spec sb_spec_log_policy = {NULL, NULL, log_policy};
