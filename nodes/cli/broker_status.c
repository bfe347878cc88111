/* How a broker or a standby stands, in words. */
#include "nodes/cli/daemon.h"
#include "nodes/cli/inside.h"

typedef unsigned long long number;

static void say_sequencer(sb_cli *cli, const sb_doc *s)
{
    sb_cli_say(cli,
               sb_cli_either(cli,
                             "megler i termin %llu: %llu oppføringer, de første %llu er bekreftet",
                             "broker of term %llu: %llu entries, the first %llu are confirmed"),
               (number)sb_doc_num(s, "term"), (number)sb_doc_num(s, "size"),
               (number)sb_doc_num(s, "final_size"));
    if (sb_doc_num(s, "needed") == 0 && sb_doc_num(s, "final_size") == 0)
        sb_cli_say(cli, "%s",
                   sb_cli_either(cli, "ingenting kan bekreftes før vedtektene er ført inn",
                                 "nothing can be confirmed before the charter is entered"));
    else if (sb_doc_num(s, "needed") > 0) /* else no head was offered since the start */
        sb_cli_say(
            cli,
            sb_cli_either(
                cli, "det siste hodet er bekreftet av %llu av %llu organisasjoner; det trengs %llu",
                "the newest head is confirmed by %llu of %llu organisations; %llu are needed"),
            (number)sb_doc_num(s, "confirmed"), (number)sb_doc_num(s, "organisations"),
            (number)sb_doc_num(s, "needed"));
    if (sb_doc_true(s, "clock_bad"))
        sb_cli_say(cli, "%s",
                   sb_cli_either(cli, "STANSET: klokken går feil i forhold til nodenes; still den",
                                 "STOPPED: the clock differs from the nodes'; set it"));
}

/* What the node that answered last without promising said. */
static void say_refusal(sb_cli *cli, const sb_doc *refusal)
{
    if (refusal == NULL || refusal->kind != SB_DOC_MAP)
        return;
    sb_buf words;
    sb_buf_init(&words);
    sb_doc_refusal(cli, refusal, &words);
    sb_cli_say(cli, sb_cli_either(cli, "siste svar: %s", "last answer: %s"), sb_buf_cstr(&words));
    sb_buf_deinit(&words);
}

/* Nodes look by themselves only for a standby that is in the charter. */
static const char *answer_words(sb_cli *cli, const sb_doc *one, bool is_enrolled)
{
    static const struct {
        const char *answer, *nb, *en;
    } words[] = {{"away", "noden er ikke tilkoblet", "its node isn't connected"},
                 {"silent", "har ikke svart", "hasn't answered"},
                 {"no", "lover ikke", "doesn't promise"},
                 {"would", "ville lovet", "would promise"},
                 {"promised", "har lovet", "has promised"}};
    if (!is_enrolled && strcmp(sb_doc_str(one, "answer"), "away") == 0)
        return sb_cli_either(cli,
                             "noden er ikke tilkoblet; den finner reserven når organisasjonen "
                             "samtykker",
                             "its node isn't connected; it finds the standby when the organisation "
                             "consents");
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(sb_doc_str(one, "answer"), words[i].answer) == 0)
            return sb_cli_either(cli, words[i].nb, words[i].en);
    return "?";
}

static void say_answer(sb_cli *cli, const sb_doc *one, bool is_enrolled)
{
    const char *organisation = sb_doc_str(one, "organisation");
    const char *words = answer_words(cli, one, is_enrolled);
    const sb_doc *refusal = sb_doc_get(one, "refusal");
    if (refusal != NULL) {
        sb_buf why;
        sb_buf_init(&why);
        sb_doc_refusal(cli, refusal, &why);
        sb_cli_say(cli, "  %s: %s: %s", organisation, words, sb_buf_cstr(&why));
        sb_buf_deinit(&why);
    } else if (sb_doc_true(one, "new_key")) {
        sb_cli_say(cli,
                   sb_cli_either(cli,
                                 "  %s: %s, men med en ny nøkkel som ikke er bekreftet ennå; det "
                                 "teller ikke",
                                 "  %s: %s, but with a new key that isn't confirmed yet; it "
                                 "doesn't count"),
                   organisation, words);
    } else {
        sb_cli_say(cli, "  %s: %s", organisation, words);
    }
}

/* What each organisation says to it. A refusal that is no organisation's (the standby's key can't be
 * used) stands alone. */
static void say_answers(sb_cli *cli, const sb_doc *s)
{
    const sb_doc *answers = sb_doc_get(s, "answers");
    bool has_refusal = false;
    for (uint32_t i = 0; i < sb_doc_count(answers); i++) {
        say_answer(cli, answers->items[i], sb_doc_num(s, "silence_s") > 0);
        has_refusal = has_refusal || sb_doc_get(answers->items[i], "refusal") != NULL;
    }
    if (!has_refusal)
        say_refusal(cli, sb_doc_get(s, "refusal"));
}

static void say_waiting(sb_cli *cli, const sb_doc *s)
{
    if (sb_doc_num(s, "silence_s") > 0)
        sb_cli_say(
            cli,
            sb_cli_either(
                cli,
                "ingen ny bekreftelse på %llu sekunder; etter %llu ber reserven om å få overta",
                "nothing newly confirmed for %llu seconds; after %llu the standby asks to take "
                "over"),
            (number)sb_doc_num(s, "silent_s"), (number)sb_doc_num(s, "silence_s"));
    else if (sb_doc_true(s, "take_over"))
        sb_cli_say(cli, "%s",
                   sb_cli_either(cli, "skal be om å få overta: venter på at noder kobler seg til",
                                 "is to ask to take over: waits for nodes to connect"));
    else
        sb_cli_say(
            cli, "%s",
            sb_cli_either(
                cli, "overtar bare når den startes med --take-over og organisasjonene samtykker",
                "takes over only when started with --take-over and the organisations consent"));
}

static void say_standby(sb_cli *cli, const sb_doc *s)
{
    const char *phase = sb_doc_str(s, "phase");
    sb_cli_say(
        cli,
        sb_cli_either(cli, "reserve, følger termin %llu: %llu oppføringer, %llu noder er tilkoblet",
                      "standby, follows term %llu: %llu entries, %llu nodes are connected"),
        (number)sb_doc_num(s, "term"), (number)sb_doc_num(s, "size"),
        (number)sb_doc_num(s, "peers"));
    if (strcmp(phase, "follows") == 0) {
        say_waiting(cli, s);
        return;
    }
    sb_cli_say(
        cli,
        sb_cli_either(
            cli,
            "ber om løfter for termin %llu: %llu organisasjoner har lovet; det trengs %llu "
            "(i alt %llu har lovet eller ville gjort det)",
            "asks for promises of term %llu: %llu organisations have promised; %llu are needed "
            "(in all %llu have promised or would)"),
        (number)sb_doc_num(s, "asked_term"), (number)sb_doc_num(s, "promised"),
        (number)sb_doc_num(s, "needed"), (number)sb_doc_num(s, "would"));
    if (strcmp(phase, "fetches") == 0)
        sb_cli_say(cli, "%s",
                   sb_cli_either(cli, "henter oppføringer som løftene viser til",
                                 "fetches entries that the promises name"));
    say_answers(cli, s);
}

void sb_say_broker(sb_cli *cli, const sb_doc *s)
{
    sb_say_disk_full(cli, s);
    if (strcmp(sb_doc_str(s, "mode"), "standby") == 0)
        say_standby(cli, s);
    else
        say_sequencer(cli, s);
    if (sb_doc_num(s, "blobs_missing") > 0)
        sb_cli_say(
            cli, sb_cli_either(cli, "%llu vedlegg mangler ennå", "%llu attachments still missing"),
            (number)sb_doc_num(s, "blobs_missing"));
}
