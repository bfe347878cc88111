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
    say_refusal(cli, sb_doc_get(s, "refusal"));
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
