/* Playing the steps of a script, one after the other, and telling each in a line. */
#include "nodes/cli/rehearse_play.h"
#include "nodes/cli/rehearse_out.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include "nodes/host/clock.h"
#include "nodes/host/json_read.h"
#include "proto/calendar/oslo.h"

enum { LINE_BYTES = 2000 };

/* ---- telling ---- */

static const char *clock_words(const sb_reh_fed *fed, sb_arena *arena)
{
    sb_civil at;
    char date[SB_DATE_TEXT_BYTES];
    sb_oslo_from_utc(fed->clock_ms, &at, NULL);
    if (fed->lang == SB_LANG_EN) {
        sb_date_iso(at.date, date);
        return sb_arena_printf(arena, "%s %02u:%02u", date, at.hour, at.minute);
    }
    sb_date_nb_short(at.date, date);
    return sb_arena_printf(arena, "%s kl. %02u.%02u", date, at.hour, at.minute);
}

void sb_reh_say(sb_reh_play *p, const char *format, ...)
{
    char text[LINE_BYTES];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    p->say(p->say_arg,
           sb_arena_printf(&p->scratch, "[%s] %s  %s", sb_text(SB_MSG_REHEARSAL, p->fed->lang),
                           clock_words(p->fed, &p->scratch), text));
}

/* A refusal in words, in the scratch arena. */
static const char *in_words(sb_reh_play *p, const sb_fail *fail)
{
    sb_buf words;
    sb_buf_init(&words);
    sb_text_fail(fail, p->fed->lang, &words);
    const char *text = sb_arena_str(&p->scratch, sb_buf_slice(&words));
    sb_buf_deinit(&words);
    return text;
}

/* `code` with the step's file and line, and up to two arguments. */
static sb_err at_step(const sb_reh_step *step, sb_err code, const char *a2, const char *a3,
                      sb_fail *fail)
{
    char line[16];
    (void)snprintf(line, sizeof line, "%lu", (unsigned long)step->line);
    return sb_fail_set(fail, code, step->file, line, a2, a3 != NULL ? a3 : "", NULL);
}

sb_reh_name *sb_reh_named(const sb_reh_play *p, sb_reh_name_kind kind, const sb_reh_step *step,
                          sb_reh_field field)
{
    const char *name = sb_reh_text(step, field);
    return name == NULL ? NULL : sb_reh_names_find(&p->names, kind, name);
}

sb_reh_process *sb_reh_any_node(sb_reh_fed *fed)
{
    for (uint32_t i = 1; i < fed->count; i++)
        if (sb_reh_is_running(&fed->processes[i]) && fed->processes[i].stand == SB_REH_FOLLOWS)
            return &fed->processes[i];
    return NULL;
}

/* Say once that a node has stopped folding, and why. */
static void tell_stopped(sb_reh_play *p)
{
    for (uint32_t i = 1; i < p->fed->count; i++) {
        sb_reh_process *node = &p->fed->processes[i];
        const sb_doc *status = NULL;
        if (node->stand != SB_REH_STOPPED || node->why != NULL ||
            sb_reh_ask(p->fed, node, &p->scratch, &status, NULL, "status", NULL) != SB_OK)
            continue;
        const sb_doc *diverged = sb_doc_get(status, "diverged");
        node->why = sb_arena_printf(p->fed->arena, "%s, %s %llu: %s", sb_doc_str(status, "state"),
                                    sb_reh_either(p, "oppføring", "entry"),
                                    (unsigned long long)sb_doc_num(diverged, "index"),
                                    sb_doc_str(diverged, "message"));
        sb_reh_say(p, "%s %s: %s", sb_reh_either(p, "Noden har stanset:", "The node has stopped:"),
                   node->name, node->why);
    }
}

/* ---- steps that are signed ---- */

/* The answer of the verb just run: its entry's id, and where it is in the log. */
static void read_answer(sb_reh_play *p, const sb_reh_act *act, uint64_t *index, bool *has_index,
                        bool *waits)
{
    const sb_doc *answer = NULL;
    if (sb_json_parse("samband", sb_buf_slice(&p->fed->io.json), &p->scratch, &answer, NULL) !=
        SB_OK)
        return;
    const char *entry = sb_doc_str(answer, "entry");
    if (act->gives != NULL && strlen(entry) == 64)
        memcpy(act->gives, entry, 65);
    if (*entry == '\0')
        return;
    if (sb_reh_doc_none(sb_doc_get(answer, "index"))) {
        *waits = true;
        return;
    }
    uint64_t at = sb_doc_num(answer, "index");
    *index = *has_index && *index > at ? *index : at;
    *has_index = true;
}

/* "Møtet er åpnet" of what the verb said: its first sentence, without the full stop. Headings, and
 * what is set in below them, aren't. */
static const char *first_sentence(sb_reh_play *p)
{
    const char *text = sb_buf_cstr(&p->fed->io.out);
    for (const char *line = text; *line != '\0';) {
        size_t len = strcspn(line, "\n");
        size_t stop = strcspn(line, ".\n"); /* "…." or "…. (øvelse)" */
        if (line[0] != ' ' && line[stop] == '.' && (stop + 1 == len || line[stop + 1] == ' ')) {
            text = line;
            break;
        }
        line += len + (line[len] == '\n');
    }
    return sb_arena_str(&p->scratch, sb_slice_of(text, strcspn(text, ".\n")));
}

/* The verb waits for the receipt, so that a step's entries are waited for together, or not at all. */
static const char **with_wait(sb_reh_play *p, const char **words, const char *what)
{
    size_t n = 0;
    while (words[n] != NULL)
        n++;
    const char **out = SB_ARENA_ARRAY(&p->scratch, const char *, n + 3);
    memcpy(out, words, n * sizeof *words);
    out[n] = "--wait";
    out[n + 1] = what;
    return out;
}

/* It was refused. As written, or for another reason, or it should not have been. */
static sb_err judge_refusal(sb_reh_play *p, const sb_reh_step *step, sb_err err, sb_fail *fail)
{
    const char *words = in_words(p, fail);
    int status = sb_err_exit(err);
    if (step->is_refused && err == step->code) {
        sb_reh_say(p, "%s %s", sb_reh_either(p, "Avvist, som ventet:", "Refused, as expected:"),
                   words);
        return SB_OK;
    }
    if (status == SB_EXIT_UNREACHABLE || status == SB_EXIT_VERIFY)
        return at_step(
            step, status == SB_EXIT_VERIFY ? SB_E_REHEARSE_UNVERIFIED : SB_E_REHEARSE_UNREACHED,
            sb_reh_word(step->kind), words, fail);
    if (step->is_refused)
        return at_step(step, SB_E_REHEARSE_OTHER_REASON, step->because, words, fail);
    return at_step(step, SB_E_REHEARSE_FAILED, sb_reh_word(step->kind), words, fail);
}

static void tell_done(sb_reh_play *p, const sb_reh_step *step, const char *done, uint32_t count,
                      const char *about, bool waits)
{
    const char *times = step->kind == SB_REH_APPOINT && count > 1
                            ? sb_arena_printf(&p->scratch, ": %u", count)
                            : "";
    if (waits)
        done = sb_reh_either(p, "Lagt i utboksen, leveres når forbindelsen er tilbake",
                             "Put in the outbox, delivered when the connection is back");
    sb_reh_say(p, "%s%s%s%s.", done, times,
               *about == '\0'   ? ""
               : *times == '\0' ? ": "
                                : ", ",
               about);
    if (waits)
        return;
    if (step->kind == SB_REH_CHAIR && step->fields[SB_REH_F_CASE] == NULL)
        sb_reh_say_presence(p, sb_reh_named(p, SB_REH_NAME_MEETING, step, SB_REH_F_MEETING));
    if (step->kind == SB_REH_CLOSE)
        sb_reh_say_outcome(p, sb_reh_named(p, SB_REH_NAME_CASE, step, SB_REH_F_CASE));
}

static sb_err play_signed(sb_reh_play *p, const sb_reh_step *step, sb_fail *fail)
{
    sb_reh_act *acts = NULL;
    const char *about = "", *done = "";
    uint64_t index = 0;
    uint32_t count = 0;
    bool has_index = false, waits = false;
    bool is_offline = step->is_offline && !p->is_calm;
    bool confirms = sb_reh_fed_can_confirm(p->fed) && !is_offline;
    if (!confirms && !is_offline)
        return at_step(step, SB_E_REHEARSE_OFFLINE, sb_reh_word(step->kind), NULL, fail);
    sb_err err = sb_reh_acts(p, step, &acts, &about, fail);
    if (err != SB_OK)
        return err;
    for (sb_reh_act *act = acts; act != NULL; act = act->next) {
        const char **words = act->person.key == NULL
                                 ? act->words
                                 : with_wait(p, act->words, confirms ? "receipt" : "none");
        err = sb_reh_do(p->fed, act->person.key == NULL ? NULL : &act->person, words, fail);
        if (err != SB_OK)
            return judge_refusal(p, step, err, fail);
        if (act->person.key == NULL)
            continue; /* a key file was made */
        if (step->is_refused)
            return at_step(step, SB_E_REHEARSE_NOT_REFUSED, sb_reh_word(step->kind), step->because,
                           fail);
        read_answer(p, act, &index, &has_index, &waits);
        done = count++ == 0 ? first_sentence(p) : done;
    }
    if (has_index && confirms)
        err = sb_reh_await_final(p->fed, index, p->timeout_s, step, fail);
    if (err == SB_OK)
        tell_done(p, step, done, count, about, waits);
    return err;
}

/* ---- other steps ---- */

static sb_err play_clock(sb_reh_play *p, const sb_reh_step *step, sb_fail *fail)
{
    int64_t ms = (int64_t)sb_reh_number(step, SB_REH_F_MOMENT, 0);
    sb_err err = sb_reh_fed_clock(p->fed, ms, fail);
    if (err == SB_OK && sb_reh_fed_can_confirm(p->fed))
        err = sb_reh_await_quiet(p->fed, p->timeout_s, step, fail);
    return err;
}

static bool means(const sb_reh_step *step, const sb_reh_process *process, bool is_broker)
{
    const sb_reh_value *v = step->fields[SB_REH_F_PROCESSES];
    for (uint32_t i = 0; i < v->count; i++)
        if (strcmp(v->items[i].text, process->name) == 0 || strcmp(v->items[i].text, "all") == 0 ||
            (!is_broker && strcmp(v->items[i].text, "nodes") == 0))
            return true;
    return false;
}

static sb_err play_processes(sb_reh_play *p, const sb_reh_step *step, sb_fail *fail)
{
    sb_err err = SB_OK;
    for (uint32_t i = 0; i < p->fed->count && err == SB_OK; i++) {
        sb_reh_process *process = &p->fed->processes[i];
        if (!means(step, process, i == 0))
            continue;
        if (step->kind == SB_REH_KILL)
            sb_reh_process_kill(p->fed, process);
        else
            err = sb_reh_process_start(p->fed, process, fail);
        if (err == SB_OK)
            sb_reh_say(p, "%s: %s",
                       step->kind == SB_REH_KILL
                           ? sb_reh_either(p, "Drept (SIGKILL)", "Killed (SIGKILL)")
                           : sb_reh_either(p, "Startet", "Started"),
                       process->name);
    }
    if (err == SB_OK && step->kind == SB_REH_START && sb_reh_fed_can_confirm(p->fed))
        err = sb_reh_await_quiet(p->fed, p->timeout_s, step, fail);
    return err;
}

static sb_err play_lose(sb_reh_play *p, const sb_reh_step *step, sb_fail *fail)
{
    sb_err err = SB_OK;
    for (uint32_t i = 0; i < p->fed->count && err == SB_OK; i++) {
        sb_reh_process *process = &p->fed->processes[i];
        if (!means(step, process, i == 0))
            continue;
        err = sb_reh_process_lose(p->fed, process, fail);
        if (err == SB_OK)
            sb_reh_say(p, "%s: %s",
                       sb_reh_either(p, "Tapt (drept, og disken er borte)",
                                     "Lost (killed, and the disk is gone)"),
                       process->name);
    }
    return err;
}

static sb_err play_take_over(sb_reh_play *p, const sb_reh_step *step, sb_fail *fail)
{
    const char *name = sb_reh_text(step, SB_REH_F_NAME);
    uint32_t term = 0;
    sb_err err = sb_reh_take_over(p->fed, name, p->timeout_s, step, &term, fail);
    if (err == SB_OK)
        sb_reh_say(p,
                   sb_reh_either(p, "«%s» har tatt over som megler, i termin %u",
                                 "\"%s\" has taken over as broker, in term %u"),
                   name, (unsigned)term);
    return err;
}

/* Start it again so that it dies at the fault point (builds with -DSB_FAULTS=ON). */
static sb_err play_arm(sb_reh_play *p, const sb_reh_step *step, sb_fail *fail)
{
    sb_reh_process *node = sb_reh_process_named(p->fed, sb_reh_text(step, SB_REH_F_NODE));
    sb_reh_process_stop(p->fed, node);
    node->fault = sb_arena_printf(p->fed->arena, "%s:1", sb_reh_text(step, SB_REH_F_FAULT));
    sb_err err = sb_reh_process_start(p->fed, node, fail);
    if (err == SB_OK)
        sb_reh_say(p,
                   sb_reh_either(p, "%s dør neste gang den kommer til «%s»",
                                 "%s dies the next time it comes to \"%s\""),
                   node->name, sb_reh_text(step, SB_REH_F_FAULT));
    return err;
}

/* What a rehearsal without faults leaves out. */
static bool is_fault(const sb_reh_step *step)
{
    return step->kind == SB_REH_KILL || step->kind == SB_REH_START || step->kind == SB_REH_LOSE ||
           step->kind == SB_REH_TAKE_OVER || step->kind == SB_REH_ARM ||
           (step->kind == SB_REH_EXPECT && step->fields[SB_REH_F_DEAD] != NULL);
}

static sb_err play_step(sb_reh_play *p, const sb_reh_step *step, sb_fail *fail)
{
    struct timespec pause;
    if (p->is_calm && is_fault(step))
        return SB_OK;
    if (step->kind == SB_REH_AT)
        return play_clock(p, step, fail);
    if (step->kind == SB_REH_KILL || step->kind == SB_REH_START)
        return play_processes(p, step, fail);
    if (step->kind == SB_REH_LOSE)
        return play_lose(p, step, fail);
    if (step->kind == SB_REH_TAKE_OVER)
        return play_take_over(p, step, fail);
    if (step->kind == SB_REH_ARM)
        return play_arm(p, step, fail);
    if (step->kind == SB_REH_EXPECT)
        return sb_reh_expect(p, step, fail);
    if (step->kind == SB_REH_POSITIONS) {
        sb_reh_say_nodes(p);
        return SB_OK;
    }
    if (step->kind == SB_REH_SAY) {
        sb_reh_say(p, "%s", sb_reh_text(step, SB_REH_F_SAID));
        return SB_OK;
    }
    if (step->kind == SB_REH_WAIT) {
        pause.tv_sec = (time_t)(sb_reh_number(step, SB_REH_F_MS, 0) / 1000);
        pause.tv_nsec = (long)(sb_reh_number(step, SB_REH_F_MS, 0) % 1000) * 1000000;
        (void)nanosleep(&pause, NULL);
        return SB_OK;
    }
    return play_signed(p, step, fail);
}

/* The new key is final: from now on it is the one. */
static void take_new_key(sb_reh_play *p, const sb_reh_step *step)
{
    const char *seat = sb_reh_text(step, SB_REH_F_SEAT);
    uint32_t role = (uint32_t)sb_reh_number(step, SB_REH_F_ROLE, SB__SEAT_ROLE__SEAT_ROLE_PRIMARY);
    sb_reh_person person;
    if (sb_reh_person_of(p->fed, seat != NULL ? seat : sb_reh_text(step, SB_REH_F_OFFICE), role,
                         &person))
        (void)rename(sb_arena_printf(&p->scratch, "%s.new", person.key), person.key);
}

/* What later steps need to know of this one. */
static void follow(sb_reh_play *p, const sb_reh_step *step)
{
    if (step->kind == SB_REH_REPLACE_KEY && !step->is_refused)
        take_new_key(p, step);
    if (step->kind == SB_REH_OPEN_MEETING)
        p->questions_opened = false;
    else if (step->kind == SB_REH_OPEN && !step->is_refused)
        p->questions_opened = true;
}

sb_err sb_reh_play_script(sb_reh_play *p, sb_reh_script *script, sb_fail *fail)
{
    sb_err err = SB_OK;
    p->script = script;
    sb_reh_say(p, "%s%s", script->title,
               script->made_up && strstr(script->title, "oppdiktet") == NULL
                   ? sb_reh_either(p, " (oppdiktet)", " (made up)")
                   : "");
    const sb_reh_step start = {.kind = SB_REH_AT, .file = script->file, .line = script->start_line};
    if (script->start_ms > p->fed->clock_ms &&
        (err = sb_reh_fed_clock(p->fed, script->start_ms, fail)) == SB_OK)
        err = sb_reh_await_quiet(p->fed, p->timeout_s, &start, fail);
    for (uint32_t i = 0; i < script->count && err == SB_OK; i++) {
        uint64_t from = sb_clock_monotonic_ms();
        err = play_step(p, &script->steps[i], fail);
        uint64_t took = sb_clock_monotonic_ms() - from;
        if (err == SB_OK) {
            follow(p, &script->steps[i]);
            tell_stopped(p);
            p->steps++;
        }
        if (took > p->slowest_ms) {
            p->slowest_ms = took;
            p->slowest_line = script->steps[i].line;
        }
        sb_arena_reset(&p->scratch);
    }
    return err;
}
