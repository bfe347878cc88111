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

/* "kandidat 1: 12, kandidat 2: 4", "ført av sekretariatet: by-2" */
static void add_names(sentence *s, sb_reh_field field, const char *label)
{
    const sb_reh_value *v = s->step->fields[field];
    const char *text = label;
    for (uint32_t i = 0; v != NULL && i < v->count; i++)
        text =
            sb_arena_printf(&s->p->scratch, "%s%s %s", text, i == 0 ? ":" : ",", v->items[i].text);
    if (v != NULL)
        add(s, text);
}

static void add_number(sentence *s, sb_reh_field field, const char *label)
{
    if (s->step->fields[field] != NULL)
        add(s, sb_arena_printf(&s->p->scratch, "%s %llu", label,
                               (unsigned long long)s->step->fields[field]->number));
}

/* What belongs to a case besides the vote. */
static void add_case_more(sentence *s)
{
    static const char *const conditions[][3] = {
        {"none", "ingen vilkår", "no conditions"},
        {"open", "vilkårene er ikke oppfylt", "the conditions are not met"},
        {"met", "vilkårene er oppfylt", "the conditions are met"},
        {NULL, NULL, NULL}};
    static const char *const disputes[][3] = {
        {"none", "ingen tvist", "no dispute"},
        {"open", "tvist er reist", "a dispute is open"},
        {"closed", "tvisten er avsluttet", "the dispute is closed"},
        {NULL, NULL, NULL}};
    sb_reh_play *p = s->p;
    add_number(s, SB_REH_F_ROUND, sb_reh_either(p, "valgomgang", "round"));
    add_number(s, SB_REH_F_ELECTED, sb_reh_either(p, "valgt kandidat", "elected candidate"));
    const sb_reh_value *votes = s->step->fields[SB_REH_F_VOTES_FOR];
    for (uint32_t i = 0; votes != NULL && i < votes->count; i++)
        add(s, sb_arena_printf(&p->scratch,
                               sb_reh_either(p, "stemmer på kandidat %llu: %llu",
                                             "votes for candidate %llu: %llu"),
                               (unsigned long long)votes->items[i].a,
                               (unsigned long long)votes->items[i].b));
    add_list(s, SB_REH_F_EARLIER,
             sb_reh_either(p, "endret siden drøftingen:", "changed since it was discussed:"), '\0');
    add_word(s, SB_REH_F_CONDITIONS, conditions);
    add_yes_or_no(s, SB_REH_F_IN_FORCE, sb_reh_either(p, "i kraft", "in force"),
                  sb_reh_either(p, "ikke i kraft", "not in force"));
    add_names(s, SB_REH_F_RECORDED,
              sb_reh_either(p, "ført av sekretariatet", "recorded by the secretariat"));
    add_names(s, SB_REH_F_CONFIRMED,
              sb_reh_either(p, "bekreftet av medlemmet", "confirmed by the member"));
    add_word(s, SB_REH_F_DISPUTES, disputes);
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
    add_case_more(s);
}

/* Offices, bodies and the charter. */
static void add_others(sentence *s)
{
    sb_reh_play *p = s->p;
    if (s->step->fields[SB_REH_F_HOLDER] != NULL)
        add(s, s->step->fields[SB_REH_F_HOLDER]->text);
    add_yes_or_no(s, SB_REH_F_EXISTS, sb_reh_either(p, "finnes", "exists"),
                  sb_reh_either(p, "finnes ikke", "does not exist"));
    add_yes_or_no(s, SB_REH_F_DISSOLVED, sb_reh_either(p, "oppløst", "dissolved"),
                  sb_reh_either(p, "ikke oppløst", "not dissolved"));
    add_list(s, SB_REH_F_FILLED, sb_reh_either(p, "besatte plasser:", "filled seats:"), '/');
    add_number(s, SB_REH_F_CHARTER,
               sb_reh_either(p, "vedtektene, versjon", "the charter, version"));
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
    add_number(s, SB_REH_F_REQUESTS, sb_reh_either(p, "ønsker om endring:", "requested changes:"));
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
        {"certified", "bekreftet av nok organisasjoner, ikke beseglet", "certified, not sealed"},
        {"stale", "henger etter", "stale"},
        {"diverged", "har stanset, for den kom til et annet resultat", "diverged"},
        {"conflict", "har stanset, for loggen motsier seg selv", "conflict"},
        {NULL, NULL, NULL}};
    add_word(s, SB_REH_F_STATE, states);
}

void sb_reh_say_held(sb_reh_play *p, const sb_reh_step *step)
{
    static const sb_reh_field subjects[] = {SB_REH_F_CASE, SB_REH_F_MEETING, SB_REH_F_TASK,
                                            SB_REH_F_NODE, SB_REH_F_OFFICE,  SB_REH_F_BODY};
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
    s.sign = s.text[0] == '\0' ? "" : ": ";
    if (step->fields[SB_REH_F_CASE] != NULL)
        add_case(&s);
    else if (step->fields[SB_REH_F_MEETING] != NULL)
        add_meeting(&s);
    else if (step->fields[SB_REH_F_NODE] != NULL)
        add_node(&s);
    else
        add_others(&s);
    add_yes_or_no(&s, SB_REH_F_DONE, sb_reh_either(p, "utført", "done"),
                  sb_reh_either(p, "ikke utført", "not done"));
    sb_reh_say(p, sb_reh_either(p, "Som ventet: %s", "As expected: %s"), s.text);
}
