/* How a node stands, in words for a secretary: what is confirmed and how fresh that is, why the
 * node doesn't confirm, what it thinks of its broker. */
#include <stdio.h>

#include "nodes/cli/daemon.h"
#include "nodes/cli/inside.h"

enum { NAMED_MAX = 10, FETCHING_MIN = 10, STALE_MS = 3 * 60 * 1000 };

static const char *number(sb_cli *cli, uint64_t n)
{
    return sb_arena_printf(&cli->arena, "%llu", (unsigned long long)n);
}

/* "for 3 minutter siden" */
static const char *ago(sb_cli *cli, uint64_t now_ms, uint64_t then_ms)
{
    static const struct {
        uint64_t seconds;
        const char *nb_one, *nb, *en_one, *en;
    } units[] = {{(uint64_t)24 * 3600, "dag", "dager", "day", "days"},
                 {3600, "time", "timer", "hour", "hours"},
                 {60, "minutt", "minutter", "minute", "minutes"},
                 {1, "sekund", "sekunder", "second", "seconds"}};
    uint64_t s = now_ms > then_ms ? (now_ms - then_ms) / 1000 : 0;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        uint64_t n = s / units[i].seconds;
        if (n > 0)
            return sb_arena_printf(&cli->arena,
                                   sb_cli_either(cli, "for %llu %s siden", "%llu %s ago"),
                                   (unsigned long long)n,
                                   n == 1 ? sb_cli_either(cli, units[i].nb_one, units[i].en_one)
                                          : sb_cli_either(cli, units[i].nb, units[i].en));
    }
    return sb_cli_either(cli, "nå", "now");
}

/* ---- what is confirmed ---- */

/* "har ikke bekreftet: nes, by" */
static void say_list(sb_cli *cli, const char *what, const sb_doc *list)
{
    sb_buf names;
    sb_buf_init(&names);
    for (uint32_t i = 0; i < sb_doc_count(list) && i < NAMED_MAX; i++)
        sb_buf_printf(&names, "%s%.*s", i == 0 ? "" : ", ", (int)list->items[i]->text.len,
                      (const char *)list->items[i]->text.data);
    if (sb_doc_count(list) > NAMED_MAX)
        sb_buf_printf(&names, sb_cli_either(cli, " og %u til", " and %u more"),
                      (unsigned)(sb_doc_count(list) - NAMED_MAX));
    if (sb_doc_count(list) > 0)
        sb_cli_say(cli, "%s: %s", what, sb_buf_cstr(&names));
    sb_buf_deinit(&names);
}

/* What is confirmed: as the node has seen it, or as the log itself shows. */
static uint64_t final_size(const sb_doc *s)
{
    uint64_t final = sb_doc_num(s, "final_size"), settled = sb_doc_num(s, "settled_size");
    return final > settled ? final : settled;
}

/* A node that has just started knows of nobody who has confirmed what others know to be confirmed. */
static bool has_heard(const sb_doc *s)
{
    return sb_doc_num(s, "confirmed_size") > 0 || sb_doc_num(s, "settled_size") == 0;
}

static void say_missing(sb_cli *cli, const sb_doc *s)
{
    if (!has_heard(s))
        sb_cli_say(cli, "%s",
                   sb_cli_either(cli,
                                 "hvem som har bekreftet det siste, vet ikke noden ennå: den har "
                                 "ikke hørt fra de andre siden den startet",
                                 "who has confirmed the newest the node does not know yet: it has "
                                 "not heard from the others since it started"));
    else if (!sb_doc_true(s, "enough"))
        say_list(cli, sb_cli_either(cli, "har ikke bekreftet", "have not confirmed"),
                 sb_doc_get(s, "unconfirmed"));
    say_list(cli,
             sb_cli_either(cli, "har ikke godtatt vedtektene", "have not accepted the charter"),
             sb_doc_get(s, "unaccepted"));
}

static void say_confirming(sb_cli *cli, const sb_doc *s, uint64_t final)
{
    uint64_t confirmed = sb_doc_num(s, "confirmed_size") > final ? sb_doc_num(s, "confirmed") : 0;
    uint64_t needed = sb_doc_num(s, "needed"), since = sb_doc_num(s, "since_ms");
    bool is_certified = strcmp(sb_doc_str(s, "state"), "certified") == 0 ||
                        (confirmed > 0 && sb_doc_true(s, "enough"));
    if (has_heard(s))
        sb_cli_say_msg(cli, is_certified ? SB_MSG_NOT_CONFIRMED_SEALING : SB_MSG_NOT_CONFIRMED_YET,
                       number(cli, confirmed), number(cli, sb_doc_num(s, "organisations")), NULL);
    if (!is_certified && needed > 0)
        sb_cli_say(cli,
                   sb_cli_either(cli, "%llu organisasjoner må bekrefte",
                                 "%llu organisations must confirm"),
                   (unsigned long long)needed);
    say_missing(cli, s);
    if (since > 0 && final == sb_doc_num(s, "final_size"))
        sb_cli_say(cli, "%s %s (%s)",
                   sb_cli_either(cli, "det eldste som venter, ble ført inn",
                                 "the oldest that waits was entered"),
                   sb_cli_time(cli, since), ago(cli, sb_doc_num(s, "time_ms"), since));
}

static void say_last_confirmed(sb_cli *cli, const sb_doc *s)
{
    uint64_t at = sb_doc_num(s, "confirmed_at_ms");
    if (at > 0)
        sb_cli_say(cli, "%s %s (%s)", sb_cli_either(cli, "sist bekreftet", "last confirmed"),
                   sb_cli_time(cli, at), ago(cli, sb_doc_num(s, "time_ms"), at));
}

static void say_alarm(sb_cli *cli, const sb_doc *s, const char *state)
{
    uint64_t now = sb_doc_num(s, "time_ms"), at = sb_doc_num(s, "confirmed_at_ms");
    bool is_new = sb_doc_num(s, "certified_size") == 0 && final_size(s) == 0;
    bool is_recent = at > 0 && now < at + STALE_MS && !sb_doc_true(s, "rehearsal");
    if (strcmp(state, "diverged") == 0)
        sb_cli_say(cli, "%s",
                   sb_cli_either(cli, "STANSET: noe stemmer ikke; loggen følger ikke reglene",
                                 "STOPPED: something does not match; the log breaks the rules"));
    if (strcmp(state, "conflict") == 0)
        sb_cli_say(cli, "%s",
                   sb_cli_either(cli,
                                 "STANSET: noe stemmer ikke; megleren har vist to historier, og "
                                 "noden bekrefter ikke mer i denne terminen",
                                 "STOPPED: something does not match; the broker has shown two "
                                 "histories, and the node confirms no more in this term"));
    if (strcmp(state, "stale") == 0 && is_new) {
        sb_cli_say(cli, "%s",
                   sb_cli_either(cli, "ikke bekreftet ennå: for få organisasjoner har svart",
                                 "not confirmed yet: too few organisations have answered"));
        say_missing(cli, s);
    } else if (strcmp(state, "stale") == 0 && is_recent)
        sb_cli_say(
            cli, "%s",
            sb_cli_either(cli,
                          "IKKE BEKREFTET PÅ NYTT: for få organisasjoner har svart siden "
                          "noden startet; det kan ha skjedd mer enn det som vises her",
                          "NOT CONFIRMED ANEW: too few organisations have answered since the "
                          "node started; more may have happened than is shown here"));
    else if (strcmp(state, "stale") == 0)
        sb_cli_say(cli, "%s",
                   sb_cli_either(cli,
                                 "UTDATERT: for få organisasjoner har svart de siste tre "
                                 "minuttene; det kan ha skjedd mer enn det som vises her",
                                 "STALE: too few organisations have answered for three minutes; "
                                 "more may have happened than is shown here"));
}

/* A node that comes back, or is built up anew: how far it is. A few entries behind is everyday. */
static void say_fetching(sb_cli *cli, const sb_doc *s, uint64_t size)
{
    uint64_t known = sb_doc_num(s, "known_size");
    if (known > size && (size == 0 || known - size >= FETCHING_MIN))
        sb_cli_say(cli,
                   sb_cli_either(cli, "henter historien: har %llu av %llu oppføringer (%llu %%)",
                                 "fetches the history: has %llu of %llu entries (%llu%%)"),
                   (unsigned long long)size, (unsigned long long)known,
                   (unsigned long long)((double)size * 100 / (double)known));
}

static void say_state(sb_cli *cli, const sb_doc *s)
{
    const char *state = sb_doc_str(s, "state");
    uint64_t size = sb_doc_num(s, "size"), final = final_size(s);
    say_fetching(cli, s, size);
    if (strcmp(state, "empty") == 0) {
        if (sb_doc_num(s, "known_size") == 0)
            sb_cli_say(cli, "%s",
                       sb_cli_either(cli,
                                     "noden har ingenting ennå: enten er ingenting ført inn, eller "
                                     "så venter den på megleren eller en annen node",
                                     "the node has nothing yet: either nothing is entered, or it "
                                     "waits for the broker or another node"));
        return;
    }
    say_alarm(cli, s, state);
    if (strcmp(state, "final") == 0) /* what isn't counted is the log's own bookkeeping */
        sb_cli_say(cli,
                   sb_cli_either(cli, "%llu oppføringer, alt er bekreftet",
                                 "%llu entries, all is confirmed"),
                   (unsigned long long)size);
    else
        sb_cli_say(cli,
                   sb_cli_either(cli, "%llu oppføringer, de første %llu er bekreftet",
                                 "%llu entries, the first %llu are confirmed"),
                   (unsigned long long)size, (unsigned long long) final);
    if (strcmp(state, "not_confirmed") == 0 || strcmp(state, "certified") == 0)
        say_confirming(cli, s, final);
    say_last_confirmed(cli, s);
}

/* ---- why it doesn't confirm ---- */

static void say_blocked(sb_cli *cli, const sb_doc *s)
{
    static const char *const WORDS[][3] = {
        {"no_key", "noden har ingen gyldig vitnenøkkel", "the node has no witness key in force"},
        {"blobs", "noden venter på vedlegg før den kan bekrefte",
         "the node waits for attachments before it can confirm"},
        {"leaf_early",
         "noden bekrefter ikke: noe er datert før det noden bekreftet sist; kontroller klokken på "
         "nodens maskin, og be den som drifter megleren om det samme",
         "the node does not confirm: something is dated before what it confirmed last; check the "
         "clock of the node's machine, and ask who operates the broker to do the same"},
        {"leaf_late",
         "noden bekrefter ikke: meglerens klokke ligger foran nodens; kontroller klokken på nodens "
         "maskin, og be den som drifter megleren om det samme",
         "the node does not confirm: the broker's clock is ahead of the node's; check the clock of "
         "the node's machine, and ask who operates the broker to do the same"},
        {"promised",
         "organisasjonen har lovet en senere termin til en ny megler og bekrefter ikke mer i denne",
         "the organisation has promised a later term to a new broker and confirms no more in this"},
        {"record", "noden bekrefter ikke: loggen fortsetter ikke det organisasjonen bekreftet sist",
         "the node does not confirm: the log does not continue what the organisation confirmed "
         "last"},
        {"restored", "noden er gjenopprettet og bekrefter ikke før den har tatt igjen de andre",
         "the node was restored and does not confirm before it has caught up with the others"},
        {"catchup", "noden er på vei til en ny termin og bekrefter ikke underveis",
         "the node is on its way to a new term and does not confirm meanwhile"}};
    const char *code = sb_doc_str(s, "blocked");
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++)
        if (strcmp(code, WORDS[i][0]) == 0)
            sb_cli_say(cli, "%s", sb_cli_either(cli, WORDS[i][1], WORDS[i][2]));
}

static void say_clock(sb_cli *cli, const sb_doc *s)
{
    int64_t off_ms = 0;
    const sb_doc *value = sb_doc_get(s, "clock_off_ms");
    if (value == NULL || sb_doc_i64(value, INT64_MIN, INT64_MAX, &off_ms, NULL) != SB_OK ||
        off_ms == 0)
        return;
    unsigned long long minutes = (unsigned long long)(off_ms < 0 ? -off_ms : off_ms) / 60000;
    bool is_ahead = off_ms < 0;
    sb_cli_say(cli,
               is_ahead ? sb_cli_either(cli,
                                        "KLOKKEN PÅ NODENS MASKIN GÅR FEIL: %llu t %llu min foran "
                                        "de andre organisasjonenes. Still den; da fortsetter noden "
                                        "av seg selv",
                                        "THE CLOCK OF THE NODE'S MACHINE IS WRONG: %llu h %llu min "
                                        "ahead of the other organisations'. Set it; the node then "
                                        "goes on by itself")
                        : sb_cli_either(cli,
                                        "KLOKKEN PÅ NODENS MASKIN GÅR FEIL: %llu t %llu min etter "
                                        "de andre organisasjonenes. Still den; da fortsetter noden "
                                        "av seg selv",
                                        "THE CLOCK OF THE NODE'S MACHINE IS WRONG: %llu h %llu min "
                                        "behind the other organisations'. Set it; the node then "
                                        "goes on by itself"),
               minutes / 60, minutes % 60);
}

/* A node that is out is cut off at that index, so it never sees that it is final. */
static void say_standing(sb_cli *cli, const sb_doc *s)
{
    const sb_doc *standing = sb_doc_get(s, "standing");
    if (standing == NULL || standing->kind != SB_DOC_MAP)
        return;
    unsigned long long index = sb_doc_num(standing, "index");
    if (strcmp(sb_doc_str(standing, "state"), "out") == 0)
        sb_cli_say(cli,
                   sb_cli_either(cli,
                                 "ORGANISASJONEN ER UTE fra oppføring %llu: noden får ikke flere "
                                 "oppføringer og bekrefter ikke mer; det den har, er i behold",
                                 "THE ORGANISATION IS OUT from entry %llu on: the node gets no "
                                 "more entries and confirms no more; what it has is safe"),
                   index);
    else
        sb_cli_say(cli,
                   sb_cli_either(cli,
                                 "ORGANISASJONEN GÅR UT: det er vedtatt, ført inn med oppføring "
                                 "%llu, og gjelder når den er bekreftet. Fra da av får noden ikke "
                                 "flere oppføringer, heller ikke den som viser det; spør en av de "
                                 "andre",
                                 "THE ORGANISATION LEAVES: decided with entry %llu, and it acts "
                                 "when that is confirmed. From then on the node gets no more "
                                 "entries, nor the one that shows it; ask one of the others"),
                   index);
}

/* ---- the broker, and the others ---- */

static void say_fail(sb_cli *cli, const sb_doc *f)
{
    sb_buf text;
    sb_buf_init(&text);
    sb_doc_refusal(cli, f, &text);
    sb_cli_say(cli, "%s", sb_buf_cstr(&text));
    sb_buf_deinit(&text);
}

static void say_broker_link(sb_cli *cli, const sb_doc *s)
{
    const sb_doc *broker = sb_doc_get(s, "broker"), *withheld = sb_doc_get(broker, "withheld");
    const sb_doc *refused = sb_doc_get(broker, "refused"), *fault = sb_doc_get(broker, "fault");
    sb_cli_say(cli, "%s",
               sb_doc_true(broker, "connected")
                   ? sb_cli_either(cli, "har forbindelse med megleren", "connected to the broker")
                   : sb_cli_either(cli, "har ikke forbindelse med megleren",
                                   "not connected to the broker"));
    if (sb_doc_num(s, "term") > 1)
        sb_cli_say(cli, sb_cli_either(cli, "termin %llu", "term %llu"),
                   (unsigned long long)sb_doc_num(s, "term"));
    if (withheld != NULL && withheld->kind == SB_DOC_MAP)
        sb_cli_say(cli,
                   sb_cli_either(cli,
                                 "MEGLEREN HOLDER TILBAKE: andre noder har %llu oppføringer som er "
                                 "bekreftet (sett %s); de hentes derfra",
                                 "THE BROKER HOLDS BACK: other nodes have %llu entries that are "
                                 "confirmed (seen %s); they are fetched from there"),
                   (unsigned long long)sb_doc_num(withheld, "size"),
                   ago(cli, sb_doc_num(s, "time_ms"), sb_doc_num(withheld, "since_ms")));
    if (refused != NULL && refused->kind == SB_DOC_MAP)
        say_fail(cli, refused);
    if (fault != NULL && fault->kind == SB_DOC_MAP) {
        sb_cli_say(cli,
                   sb_cli_either(cli,
                                 "MEGLEREN SENDTE NOE SOM IKKE HOLDER (i alt %llu, sist %s); noden "
                                 "tok det ikke imot:",
                                 "THE BROKER SENT WHAT DOES NOT HOLD (%llu in all, last %s); the "
                                 "node did not take it:"),
                   (unsigned long long)sb_doc_num(fault, "count"),
                   ago(cli, sb_doc_num(s, "time_ms"), sb_doc_num(fault, "since_ms")));
        say_fail(cli, fault);
    }
    if (sb_doc_num(s, "peers") > 0)
        sb_cli_say(cli,
                   sb_doc_num(s, "peers") == 1
                       ? sb_cli_either(cli, "sammenligner historien med %llu annen node",
                                       "compares the history with %llu other node")
                       : sb_cli_either(cli, "sammenligner historien med %llu andre noder",
                                       "compares the history with %llu other nodes"),
                   (unsigned long long)sb_doc_num(s, "peers"));
}

void sb_say_disk_full(sb_cli *cli, const sb_doc *s)
{
    uint64_t since = sb_doc_num(s, "disk_full_since_ms");
    if (since == 0)
        return;
    sb_cli_say(
        cli,
        sb_cli_either(cli,
                      "STANSET: disken er full (siden %s). Ingenting tas imot, men det som er "
                      "mottatt, er i behold og kan leses. Rydd plass på disken; da fortsetter "
                      "tjenesten av seg selv",
                      "STOPPED: the disk is full (since %s). Nothing is taken, but what was "
                      "taken is safe and can be read. Make room on the disk; the service then "
                      "goes on by itself"),
        sb_cli_time(cli, since));
}

void sb_say_node(sb_cli *cli, const sb_doc *s)
{
    const sb_doc *diverged = sb_doc_get(s, "diverged");
    bool is_rehearsal = sb_doc_true(s, "rehearsal");
    sb_cli_say(cli, "%s%s%s", sb_doc_str(s, "organisation"), is_rehearsal ? " – " : "",
               is_rehearsal ? sb_text(SB_MSG_REHEARSAL, cli->lang) : "");
    sb_say_disk_full(cli, s);
    say_state(cli, s);
    say_standing(cli, s);
    say_broker_link(cli, s);
    say_blocked(cli, s);
    say_clock(cli, s);
    if (sb_doc_num(s, "blobs_missing") > 0)
        sb_cli_say(
            cli, sb_cli_either(cli, "%llu vedlegg mangler ennå", "%llu attachments still missing"),
            (unsigned long long)sb_doc_num(s, "blobs_missing"));
    if (diverged != NULL && diverged->kind == SB_DOC_MAP) {
        sb_cli_say_msg(cli, SB_MSG_DIVERGED, number(cli, sb_doc_num(diverged, "index")), NULL);
        say_fail(cli, diverged);
    }
    if (sb_doc_num(s, "evidence") > 0)
        sb_cli_say(cli, "%s",
                   sb_cli_either(cli,
                                 "noden har bevis for brudd; hent dem ut med «samband node "
                                 "evidence --out KATALOG»",
                                 "the node has evidence of a breach; take it out with \"samband "
                                 "node evidence --out DIR\""));
}
