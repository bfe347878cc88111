/* What a rehearsal leaves behind. */
#include "nodes/cli/rehearse_out.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "nodes/host/clock.h"
#include "nodes/host/file.h"

enum { AGREE_MS = 30000, AGREE_POLL_MS = 10, NAMES_BYTES_MAX = 4 * 1024 * 1024 };

/* ---- summary ---- */

static void copy_text(sb_json *j, const char *key, const sb_doc *map)
{
    const sb_doc *node = sb_doc_get(map, key);
    sb_json_key(j, key);
    if (sb_reh_doc_none(node))
        sb_json_null(j);
    else
        sb_json_cstr(j, sb_doc_str(map, key));
}

static bool is_final(const sb_doc *status)
{
    return strcmp(sb_doc_str(status, "state"), "final") == 0;
}

static bool takes_part(sb_reh_process *node)
{
    return sb_reh_is_running(node) && node->stand == SB_REH_FOLLOWS;
}

/* Every running node is final, at the same size. */
static bool nodes_agree(sb_reh_play *p)
{
    const sb_doc *first = NULL;
    for (uint32_t i = 1; i < p->fed->count; i++) {
        sb_reh_process *node = &p->fed->processes[i];
        const sb_doc *status = NULL;
        if (!takes_part(node))
            continue;
        if (sb_reh_ask(p->fed, node, &p->scratch, &status, NULL, "status", NULL) != SB_OK ||
            !is_final(status))
            return false;
        if (first == NULL)
            first = status;
        if (sb_doc_num(first, "size") != sb_doc_num(status, "size"))
            return false;
    }
    return true;
}

static void await_agreement(sb_reh_play *p)
{
    const struct timespec pause = {.tv_nsec = AGREE_POLL_MS * 1000000};
    uint64_t until = sb_clock_monotonic_ms() + AGREE_MS;
    while (sb_reh_fed_can_confirm(p->fed) && !nodes_agree(p) && sb_clock_monotonic_ms() < until) {
        sb_arena_reset(&p->scratch);
        (void)nanosleep(&pause, NULL);
    }
}

static sb_err write_node(sb_reh_play *p, sb_reh_process *node, sb_json *j, sb_fail *fail)
{
    const sb_doc *status = NULL;
    sb_err err = sb_reh_ask(p->fed, node, &p->scratch, &status, fail, "status", NULL);
    if (err != SB_OK)
        return err;
    sb_json_object(j);
    sb_json_key(j, "id");
    sb_json_cstr(j, node->name);
    sb_json_key(j, "size");
    sb_json_u64(j, sb_doc_num(status, "size"));
    copy_text(j, "root", status);
    copy_text(j, "digest", status);
    sb_json_key(j, "final");
    sb_json_bool(j, is_final(status));
    sb_json_end_object(j);
    return SB_OK;
}

/* Number, outcome and mode are those of the case's last treatment. */
static sb_err write_case(sb_reh_play *p, sb_reh_process *node, const char *id, sb_json *j,
                         sb_fail *fail)
{
    const sb_doc *c = NULL;
    sb_err err = sb_reh_ask(p->fed, node, &p->scratch, &c, fail, "case", id, NULL);
    if (err != SB_OK)
        return err;
    const sb_doc *treatments = sb_doc_get(c, "treatments");
    uint32_t count = sb_doc_count(treatments);
    const sb_doc *last = count == 0 ? NULL : treatments->items[count - 1];
    sb_json_object(j);
    copy_text(j, "number", c);
    copy_text(j, "body", c);
    copy_text(j, "title", c);
    copy_text(j, "outcome", last);
    copy_text(j, "mode", last);
    sb_json_end_object(j);
    return SB_OK;
}

static sb_err write_cases(sb_reh_play *p, sb_reh_process *node, sb_buf *out, sb_fail *fail)
{
    const sb_doc *cases = NULL;
    sb_json j;
    sb_json_begin(&j, out);
    sb_json_array(&j);
    sb_err err = sb_reh_ask(p->fed, node, &p->scratch, &cases, fail, "cases", NULL);
    for (uint32_t i = 0; err == SB_OK && i < sb_doc_count(cases); i++)
        err = write_case(p, node, sb_doc_str(cases->items[i], "id"), &j, fail);
    sb_json_end_array(&j);
    return err;
}

/* The cases as the first node tells them; every other must tell the same. */
static sb_err agreed_cases(sb_reh_play *p, sb_buf *out, sb_fail *fail)
{
    sb_err err = SB_OK;
    const sb_reh_process *first = NULL;
    sb_buf other;
    sb_buf_init(&other);
    for (uint32_t i = 1; i < p->fed->count && err == SB_OK; i++) {
        sb_reh_process *node = &p->fed->processes[i];
        if (!takes_part(node))
            continue;
        sb_buf_clear(&other);
        err = write_cases(p, node, first == NULL ? out : &other, fail);
        if (err == SB_OK && first != NULL && !sb_slice_eq(sb_buf_slice(out), sb_buf_slice(&other)))
            err = sb_fail_set(fail, SB_E_REHEARSE_NODES_DIFFER, first->name, node->name, NULL);
        if (first == NULL)
            first = node;
    }
    if (first == NULL)
        sb_buf_str(out, "[]");
    sb_buf_deinit(&other);
    return err;
}

sb_err sb_reh_summary(sb_reh_play *p, sb_buf *out, sb_fail *fail)
{
    sb_json j;
    sb_buf cases;
    sb_err err = SB_OK;
    sb_buf_init(&cases);
    await_agreement(p);
    sb_json_begin(&j, out);
    sb_json_object(&j);
    sb_json_key(&j, "nodes");
    sb_json_array(&j);
    for (uint32_t i = 1; i < p->fed->count && err == SB_OK; i++)
        if (sb_reh_is_running(&p->fed->processes[i]) && p->fed->processes[i].stand != SB_REH_LEFT)
            err = write_node(p, &p->fed->processes[i], &j, fail);
    sb_json_end_array(&j);
    sb_json_key(&j, "cases");
    if (err == SB_OK)
        err = agreed_cases(p, &cases, fail);
    sb_json_raw(&j, sb_buf_slice(&cases));
    sb_json_end_object(&j);
    sb_buf_deinit(&cases);
    return err;
}

void sb_reh_say_nodes(sb_reh_play *p)
{
    await_agreement(p);
    for (uint32_t i = 1; i < p->fed->count; i++) {
        sb_reh_process *node = &p->fed->processes[i];
        const sb_doc *status = NULL;
        if (!sb_reh_is_running(node) ||
            sb_reh_ask(p->fed, node, &p->scratch, &status, NULL, "status", NULL) != SB_OK) {
            sb_reh_say(p, "%s: –", node->name);
            continue;
        }
        sb_reh_say(
            p,
            sb_reh_either(p, "%s: %llu oppføringer, rot %.16s…, tilstand %.16s…, %s",
                          "%s: %llu entries, root %.16s…, state %.16s…, %s"),
            node->name, (unsigned long long)sb_doc_num(status, "size"), sb_doc_str(status, "root"),
            sb_doc_str(status, "digest"),
            sb_text(is_final(status) ? SB_MSG_CONFIRMED : SB_MSG_NOT_CONFIRMED, p->fed->lang));
    }
}

/* ---- papers ---- */

static sb_err reader(sb_reh_play *p, sb_reh_person *person, sb_fail *fail)
{
    if (sb_reh_person_of(p->fed, "secretariat", 0, person))
        return SB_OK;
    return sb_fail_set(fail, SB_E_REHEARSE_NO_KEY, p->fed->charter_path, "0", "secretariat", NULL);
}

static sb_err ask_any(sb_reh_play *p, const char *name, const sb_doc **answer, sb_fail *fail)
{
    sb_reh_process *node = sb_reh_any_node(p->fed);
    if (node == NULL)
        return sb_fail_set(fail, SB_E_CLI_NODE_SILENT, p->fed->dir, NULL);
    return sb_reh_ask(p->fed, node, &p->scratch, answer, fail, name, NULL);
}

sb_err sb_reh_write_minutes(sb_reh_play *p, const char *dir, sb_fail *fail)
{
    const sb_doc *meetings = NULL;
    sb_reh_person person;
    sb_err err = reader(p, &person, fail);
    if (err == SB_OK)
        err = ask_any(p, "meetings", &meetings, fail);
    for (uint32_t i = 0; err == SB_OK && i < sb_doc_count(meetings); i++) {
        const char *const words[] = {"minutes", "write", sb_doc_str(meetings->items[i], "id"),
                                     "--out",   dir,     NULL};
        if (strcmp(sb_doc_str(meetings->items[i], "status"), "called") != 0)
            err = sb_reh_do(p->fed, &person, words, fail);
    }
    return err;
}

static bool same_item(const sb_doc *a, const sb_doc *b)
{
    const sb_doc *of_a = sb_doc_get(a, "meeting"), *of_b = sb_doc_get(b, "meeting");
    return strcmp(sb_doc_str(of_a, "id"), sb_doc_str(of_b, "id")) == 0 &&
           strcmp(sb_doc_str(a, "number"), sb_doc_str(b, "number")) == 0;
}

/* "ssu-04-22" of "04/22"; "ssu-04-22-2" of its second question, where it had several. */
static const char *decision_name(sb_reh_play *p, const sb_doc *decisions, uint32_t at)
{
    const sb_doc *decision = decisions->items[at];
    uint32_t number = 0, count = 0;
    for (uint32_t i = 0; i < decisions->count; i++)
        if (same_item(decisions->items[i], decision)) {
            count++;
            number += i <= at;
        }
    char *name =
        sb_arena_printf(&p->scratch, "%s-%s", sb_doc_str(sb_doc_get(decision, "meeting"), "body"),
                        sb_doc_str(decision, "number"));
    for (char *c = name; *c != '\0'; c++)
        if (*c == '/')
            *c = '-';
    return count < 2 ? name : sb_arena_printf(&p->scratch, "%s-%u", name, number);
}

sb_err sb_reh_write_certificates(sb_reh_play *p, const char *dir, sb_fail *fail)
{
    static const char *const endings[] = {"json", "txt"};
    const sb_doc *decisions = NULL;
    sb_reh_person person;
    sb_err err = reader(p, &person, fail);
    if (err == SB_OK)
        err = sb_dir_make(dir, 0755, fail);
    if (err == SB_OK)
        err = ask_any(p, "decisions", &decisions, fail);
    for (uint32_t i = 0; err == SB_OK && i < sb_doc_count(decisions); i++)
        for (size_t k = 0; err == SB_OK && k < 2; k++) {
            const char *file =
                sb_arena_printf(&p->scratch, "%s.%s", decision_name(p, decisions, i), endings[k]);
            const char *const words[] = {"decision",
                                         "certificate",
                                         sb_doc_str(decisions->items[i], "case"),
                                         "--question",
                                         sb_doc_str(decisions->items[i], "question"),
                                         "--out",
                                         sb_path_join(&p->scratch, dir, file),
                                         NULL};
            err = sb_reh_do(p->fed, &person, words, fail);
        }
    return err;
}

sb_err sb_reh_write_bundle(sb_reh_play *p, const char *dir, sb_fail *fail)
{
    const char *const words[] = {"export", "bundle", dir, NULL};
    sb_reh_person person;
    sb_err err = reader(p, &person, fail);
    return err == SB_OK ? sb_reh_do(p->fed, &person, words, fail) : err;
}

/* ---- names ---- */

static const char *names_path(const sb_reh_play *p)
{
    return sb_path_join(p->fed->arena, p->fed->dir, "names");
}

sb_err sb_reh_names_write(const sb_reh_play *p, sb_fail *fail)
{
    sb_buf text;
    sb_buf_init(&text);
    for (const sb_reh_name *n = p->names.first; n != NULL; n = n->next)
        if (n->id[0] != '\0')
            sb_buf_printf(&text, "%d %s %s %s\n", (int)n->kind, n->name, n->id,
                          *n->body == '\0' ? "-" : n->body);
    sb_err err = sb_file_write(names_path(p), sb_buf_slice(&text), SB_FILE_MODE, fail);
    sb_buf_deinit(&text);
    return err;
}

sb_err sb_reh_names_read(sb_reh_play *p, sb_fail *fail)
{
    sb_buf text;
    char *rest = NULL;
    sb_buf_init(&text);
    sb_err err = sb_file_exists(names_path(p))
                     ? sb_file_read(names_path(p), NAMES_BYTES_MAX, &text, fail)
                     : SB_OK;
    for (char *line = strtok_r((char *)(uintptr_t)sb_buf_cstr(&text), "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        int kind = 0;
        char name[65], id[65], body[65];
        if (sscanf(line, "%d %64s %64s %64s", &kind, name, id, body) != 4 || kind < 1 ||
            kind > SB_REH_NAME_DISPUTE)
            continue;
        const char *of = strcmp(body, "-") == 0 ? "" : body;
        sb_reh_name *n = sb_reh_names_add(&p->names, p->fed->arena, (sb_reh_name_kind)kind,
                                          sb_arena_str(p->fed->arena, sb_slice_str(name)),
                                          sb_arena_str(p->fed->arena, sb_slice_str(of)));
        memcpy(n->id, id, sizeof id);
    }
    sb_buf_deinit(&text);
    return err;
}
