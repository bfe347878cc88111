/* What waits for somebody, in all bodies: for `samband status`. */
#include "nodes/cli/inside.h"

/* "02/22 Felles budsjett" */
static const char *case_words(sb_cli *cli, const sb_doc *item)
{
    const sb_doc *c = sb_doc_get(item, "case");
    const char *number = sb_doc_str(c, "number");
    return sb_arena_printf(&cli->arena, "%s%s%s", number, number[0] != '\0' ? " " : "",
                           sb_doc_str(c, "title"));
}

static sb_err say_conditions(sb_cli *cli)
{
    const sb_doc *list = NULL;
    sb_err err = sb_session_ask(cli, &list, "conditions", NULL);
    for (uint32_t i = 0; err == SB_OK && i < sb_doc_count(list); i++)
        if (!sb_doc_true(list->items[i], "met"))
            sb_cli_say(cli,
                       sb_cli_either(cli, "vilkår: %s, %llu har ikke svart ja, %s",
                                     "condition: %s, %llu have not said yes, %s"),
                       case_words(cli, list->items[i]),
                       (unsigned long long)sb_doc_num(list->items[i], "unmet"),
                       sb_doc_word(cli, SB_TEXT_CONDITION_MOMENT, list->items[i], "moment"));
    return err;
}

static sb_err say_inputs(sb_cli *cli)
{
    const sb_doc *list = NULL;
    sb_err err = sb_session_ask(cli, &list, "inputs", NULL);
    for (uint32_t i = 0; err == SB_OK && i < sb_doc_count(list); i++) {
        const sb_doc *asked = sb_doc_get(list->items[i], "asked");
        uint32_t missing = 0;
        for (uint32_t k = 0; k < sb_doc_count(asked); k++)
            missing += strcmp(sb_doc_str(asked->items[k], "status"), "outstanding") == 0;
        if (missing > 0)
            sb_cli_say(cli,
                       sb_cli_either(cli, "innspill: %s, %u har ikke svart, frist %s",
                                     "input: %s, %u have not answered, due %s"),
                       case_words(cli, list->items[i]), missing,
                       sb_doc_date(cli, list->items[i], "due_date"));
    }
    return err;
}

static sb_err say_actions(sb_cli *cli)
{
    const sb_doc *list = NULL;
    sb_err err = sb_session_ask(cli, &list, "actions", NULL);
    for (uint32_t i = 0; err == SB_OK && i < sb_doc_count(list); i++)
        if (strcmp(sb_doc_str(list->items[i], "status"), "adopted") == 0)
            sb_cli_say(cli,
                       sb_cli_either(cli, "vedtatt, ikke i kraft: %s, %s",
                                     "adopted, not in force: %s, %s"),
                       case_words(cli, list->items[i]),
                       sb_doc_str(list->items[i], cli->lang == SB_LANG_EN ? "says_en" : "says_nb"));
    return err;
}

static sb_err say_disputes(sb_cli *cli)
{
    const sb_doc *list = NULL;
    uint32_t open = 0;
    sb_err err = sb_session_ask(cli, &list, "disputes", NULL);
    for (uint32_t i = 0; err == SB_OK && i < sb_doc_count(list); i++)
        open += strcmp(sb_doc_str(list->items[i], "status"), "open") == 0;
    if (open > 0)
        sb_cli_say(cli, sb_cli_either(cli, "åpne tvister: %u", "open disputes: %u"), open);
    return err;
}

/* Seats that voted before or may vote, and offices; deputies that were never appointed aren't told. */
static sb_err say_vacancies(sb_cli *cli)
{
    const sb_doc *answer = NULL;
    uint32_t seats = 0, over = 0;
    sb_err err = sb_session_ask(cli, &answer, "vacancies", NULL);
    if (err != SB_OK)
        return err;
    const sb_doc *list = sb_doc_get(answer, "seats"), *offices = sb_doc_get(answer, "offices");
    for (uint32_t i = 0; i < sb_doc_count(list); i++) {
        bool is_over = strcmp(sb_doc_str(list->items[i], "reason"), "term_over") == 0;
        over += is_over;
        seats += !is_over && strcmp(sb_doc_str(list->items[i], "role"), "primary") == 0;
    }
    if (seats > 0)
        sb_cli_say(cli, sb_cli_either(cli, "ubesatte medlemsplasser: %u", "vacant seats: %u"),
                   seats);
    if (over > 0)
        sb_cli_say(cli,
                   sb_cli_either(cli, "medlemsplasser der funksjonstiden er ute: %u",
                                 "seats whose term is over: %u"),
                   over);
    for (uint32_t i = 0; i < sb_doc_count(offices); i++)
        if (strcmp(sb_doc_str(offices->items[i], "reason"), "never") != 0)
            sb_cli_say(cli, sb_cli_either(cli, "funksjonstiden er ute: %s", "the term is over: %s"),
                       sb_doc_str(offices->items[i], "office_name"));
    return SB_OK;
}

sb_err sb_say_waiting(sb_cli *cli)
{
    sb_err err = say_conditions(cli);
    if (err == SB_OK)
        err = say_inputs(cli);
    if (err == SB_OK)
        err = say_actions(cli);
    if (err == SB_OK)
        err = say_disputes(cli);
    return err == SB_OK ? say_vacancies(cli) : err;
}
