/* What an expectation held, in words: every field of it, in the order of the document. */
#include "nodes/cli/rehearse_play.h"

typedef struct sentence {
    sb_reh_play *p;
    const sb_reh_step *step;
    const char *text;
    const char *sign; /* before the next part */
} sentence;

static void add(sentence *s, const char *part)
{
    s->text = sb_arena_printf(&s->p->scratch, "%s%s%s", s->text, s->sign, part);
    s->sign = ", ";
}

/* One of {code, bokmål, English}, closed by NULL; the code itself when there is none. */
static const char *word_of(const sb_reh_play *p, const char *const words[][3], const char *code)
{
    for (size_t i = 0; words[i][0] != NULL; i++)
        if (strcmp(words[i][0], code) == 0)
            return sb_reh_either(p, words[i][1], words[i][2]);
    return code;
}

/* "unn 5/6, bruker 1/2", "unn 1–2", "2, 4" after `label`. */
static void add_list(sentence *s, sb_reh_field field, const char *label, char sign)
{
    const sb_reh_value *v = s->step->fields[field];
    sb_arena *a = &s->p->scratch;
    if (v == NULL)
        return;
    const char *text = label;
    for (uint32_t i = 0; i < v->count; i++) {
        const sb_reh_item *item = &v->items[i];
        const char *one =
            sign == '\0'
                ? sb_arena_printf(a, "%llu", (unsigned long long)item->a)
                : sb_arena_printf(a, "%s %llu%s%llu", item->text, (unsigned long long)item->a,
                                  sign == '-' ? "–" : "/", (unsigned long long)item->b);
        text = sb_arena_printf(a, "%s%s%s", text, i == 0 ? " " : ", ", one);
    }
    add(s, v->count > 0 ? text
                        : sb_arena_printf(a, "%s %s", label, sb_reh_either(s->p, "ingen", "none")));
}

static void add_yes_or_no(sentence *s, sb_reh_field field, const char *yes, const char *no)
{
    if (s->step->fields[field] != NULL)
        add(s, s->step->fields[field]->number != 0 ? yes : no);
}

static void add_enum(sentence *s, sb_reh_field field, sb_text_family family)
{
    if (s->step->fields[field] != NULL)
        add(s, sb_text_word(family, (uint32_t)s->step->fields[field]->number, s->p->fed->lang));
}

static void add_word(sentence *s, sb_reh_field field, const char *const words[][3])
{
    if (s->step->fields[field] != NULL)
        add(s, word_of(s->p, words, s->step->fields[field]->text));
}

static void add_case(sentence *s)
{
    static const char *const statuses[][3] = {
        {"reported", "meldt", "reported"},     {"called", "satt på sakslisten", "on the agenda"},
        {"treated", "behandlet", "treated"},   {"postponed", "utsatt", "postponed"},
        {"withdrawn", "trukket", "withdrawn"}, {NULL, NULL, NULL}};
    sb_reh_play *p = s->p;
    if (s->step->fields[SB_REH_F_NUMBER] != NULL)
        add(s, s->step->fields[SB_REH_F_NUMBER]->text);
    add_enum(s, SB_REH_F_OUTCOME, SB_TEXT_OUTCOME);
    add_enum(s, SB_REH_F_MODE, SB_TEXT_MODE);
    if (s->step->fields[SB_REH_F_OUTCOME] == NULL || s->step->fields[SB_REH_F_STATUS] == NULL ||
        strcmp(s->step->fields[SB_REH_F_OUTCOME]->text, s->step->fields[SB_REH_F_STATUS]->text) !=
            0)
        add_word(s, SB_REH_F_STATUS, statuses); /* "utsatt" is said once */
    if (s->step->fields[SB_REH_F_CLAUSE_COUNT] != NULL)
        add(s, sb_arena_printf(&p->scratch, sb_reh_either(p, "antall punkter %llu", "clauses %llu"),
                               (unsigned long long)s->step->fields[SB_REH_F_CLAUSE_COUNT]->number));
    add_list(s, SB_REH_F_CHANGED, sb_reh_either(p, "endrede punkter:", "changed clauses:"), '\0');
    add_list(s, SB_REH_F_VOTES, sb_reh_either(p, "for–mot:", "for–against:"), '-');
}

static void add_meeting(sentence *s)
{
    static const char *const statuses[][3] = {{"called", "innkalt", "called"},
                                              {"open", "åpnet", "open"},
                                              {"closed", "avsluttet", "closed"},
                                              {NULL, NULL, NULL}};
    static const char *const minutes[][3] = {
        {"none", "referatet er ikke sendt", "no minutes were sent"},
        {"draft", "utkast til referat er sendt", "draft minutes were sent"},
        {"requested", "det er bedt om endring i referatet",
         "a change of the minutes was asked for"},
        {"approved", "referatet er godkjent", "the minutes are approved"},
        {NULL, NULL, NULL}};
    sb_reh_play *p = s->p;
    const sb_reh_value *without = s->step->fields[SB_REH_F_WITHOUT];
    const sb_reh_value *on = s->step->fields[SB_REH_F_APPROVED_ON];
    for (uint32_t i = 0; without != NULL && i < without->count; i++)
        s->text = sb_arena_printf(&p->scratch, "%s%s%s", s->text,
                                  i > 0 ? ", " : sb_reh_either(p, " uten ", " without "),
                                  without->items[i].text);
    add_word(s, SB_REH_F_STATUS, statuses);
    add_yes_or_no(s, SB_REH_F_QUORATE, sb_text(SB_MSG_QUORATE, p->fed->lang),
                  sb_text(SB_MSG_NOT_QUORATE, p->fed->lang));
    add_list(s, SB_REH_F_PRESENT, sb_reh_either(p, "til stede:", "present:"), '/');
    add_word(s, SB_REH_F_MINUTES, minutes);
    if (on == NULL)
        return;
    sb_buf date;
    sb_buf_init(&date);
    sb_text_wire_date_short(&date, p->fed->lang, (uint32_t)on->number);
    add(s, sb_arena_printf(&p->scratch, sb_reh_either(p, "godkjent dato %s", "approved on %s"),
                           sb_buf_cstr(&date)));
    sb_buf_deinit(&date);
}

static void add_node(sentence *s)
{
    static const char *const states[][3] = {
        {"final", "bekreftet", "final"},
        {"not_confirmed", "ikke bekreftet", "not confirmed"},
        {"certified", "nok organisasjoner har bekreftet, ikke forseglet", "certified, not sealed"},
        {"stale", "henger etter", "stale"},
        {"diverged", "har stanset, for den kom til et annet resultat", "diverged"},
        {"conflict", "har stanset, for loggen motsier seg selv", "conflict"},
        {NULL, NULL, NULL}};
    add_word(s, SB_REH_F_STATE, states);
}

void sb_reh_say_held(sb_reh_play *p, const sb_reh_step *step)
{
    static const sb_reh_field subjects[] = {SB_REH_F_CASE, SB_REH_F_MEETING, SB_REH_F_TASK,
                                            SB_REH_F_NODE};
    const sb_reh_value *dead = step->fields[SB_REH_F_DEAD];
    sentence s = {.p = p, .step = step, .text = "", .sign = ""};
    for (uint32_t i = 0; dead != NULL && i < dead->count; i++)
        add(&s, dead->items[i].text);
    if (dead != NULL)
        s.text = sb_arena_printf(&p->scratch, sb_reh_either(p, "%s er stanset", "%s has stopped"),
                                 s.text);
    for (size_t i = 0; i < sizeof subjects / sizeof subjects[0]; i++)
        if (step->fields[subjects[i]] != NULL)
            s.text = step->fields[subjects[i]]->text;
    s.sign = ": ";
    if (step->fields[SB_REH_F_CASE] != NULL)
        add_case(&s);
    else if (step->fields[SB_REH_F_MEETING] != NULL)
        add_meeting(&s);
    else if (step->fields[SB_REH_F_NODE] != NULL)
        add_node(&s);
    add_yes_or_no(&s, SB_REH_F_DONE, sb_reh_either(p, "utført", "done"),
                  sb_reh_either(p, "ikke utført", "not done"));
    sb_reh_say(p, sb_reh_either(p, "Som ventet: %s", "As expected: %s"), s.text);
}
