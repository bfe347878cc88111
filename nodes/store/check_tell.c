/* A report in words for whoever runs the machine, or as JSON. */
#include <stdio.h>
#include <stdlib.h>

#include "nodes/store/check.h"
#include "proto/base/json.h"

enum { SHOWN_OF_EACH = 5 };

static const char *const PART_NAMES[SB_CHECK_PARTS][3] = {
    [SB_CHECK_FILE] = {"file", "databasefilen", "the database file"},
    [SB_CHECK_LEAVES] = {"leaves", "oppføringene", "the entries"},
    [SB_CHECK_TILES] = {"tiles", "sjekksummene", "the checksums"},
    [SB_CHECK_STATE] = {"state", "tilstanden", "the state"},
    [SB_CHECK_BLOBS] = {"blobs", "vedleggene", "the attachments"},
    [SB_CHECK_ARCHIVE] = {"archive", "arkivet etter terminskifter",
                          "the archive of changes of term"},
    [SB_CHECK_OWN] = {"own", "de egne radene", "its own rows"},
};

static const char *const CURE_NAMES[SB_CURES] = {"none",   "recompute", "refetch", "drop",
                                                 "record", "program",   "store"};

const char *sb_check_part_name(sb_check_part part, sb_lang lang)
{
    return PART_NAMES[part][lang == SB_LANG_EN ? 2 : 1];
}

/* The words of a finding; where the reading broke down is told by the part's number. */
static void add_words(const sb_check_finding *f, sb_lang lang, sb_buf *out)
{
    sb_fail what = f->what;
    if (what.code == SB_E_CHECK_CRASHED) {
        int part = atoi(what.arg[0]);
        sb_fail_set(
            &what, what.code,
            sb_check_part_name(part < SB_CHECK_PARTS ? (sb_check_part)part : SB_CHECK_FILE, lang),
            NULL);
    }
    sb_text_fail(&what, lang, out);
    if (f->why.code != SB_OK) {
        sb_buf_str(out, ": ");
        sb_text_fail(&f->why, lang, out);
    }
}

/* ---- what it means, and what to do ---- */

static bool is_node(const sb_check_report *r)
{
    return strcmp(r->kind, "node") == 0;
}

static bool has_cure(const sb_check_report *r, sb_check_cure cure)
{
    return (r->cures >> cure & 1) != 0;
}

static bool needs(const sb_check_report *r, sb_check_part part, sb_check_cure cure)
{
    for (uint32_t i = 0; i < r->count; i++)
        if (r->findings[i].part == part && r->findings[i].cure == cure)
            return true;
    return false;
}

typedef void say_fn(void *arg, const char *words);

static void say_leaves(const sb_check_report *r, sb_lang lang, say_fn *say, void *arg)
{
    typedef unsigned long long n;
    char words[600];
    bool en = lang == SB_LANG_EN;
    (void)snprintf(words, sizeof words,
                   en ? "The entries before no. %llu are whole."
                      : "Oppføringene før nr. %llu er hele.",
                   (n)r->good);
    say(arg, words);
    if (is_node(r))
        (void)snprintf(
            words, sizeof words,
            en ? "The %llu from there on are fetched anew from the broker or another node, "
                 "with proofs."
               : "De %llu fra og med den hentes på nytt fra megleren eller en annen node, "
                 "med bevis.",
            (n)(r->leaves - r->good));
    else
        (void)snprintf(
            words, sizeof words,
            en ? "A broker cannot fetch the %llu that follow back into its own log: do as when the "
                 "broker's disk is lost (OPERATIONS, A standby). The nodes have the entries."
               : "En megler kan ikke hente de %llu som følger, tilbake til sin egen logg: Gjør som "
                 "når "
                 "meglerens disk er borte (driftshåndboken, «Reservemegler»). Nodene har "
                 "oppføringene.",
            (n)(r->leaves - r->good));
    say(arg, words);
}

static void say_record(sb_lang lang, say_fn *say, void *arg)
{
    say(arg,
        lang == SB_LANG_EN
            ? "Nobody else has what this organisation itself confirmed and promised. Until it is "
              "repaired the node signs nothing. Afterwards it counts as one that may contradict "
              "itself: it confirms nothing before a quorum has confirmed something anew, and "
              "promises no new broker in this term without consent. Tell the other organisations; "
              "of four, one may be in this position at a time, of seven two."
            : "Hva organisasjonen selv har bekreftet og lovet, har ingen andre. Før dette er "
              "reparert, signerer noden ingenting. Etterpå regnes den blant dem som kan komme til "
              "å "
              "motsi seg selv: Den bekrefter ikke før et flertall har bekreftet noe nytt, og lover "
              "ingen ny megler i denne terminen uten samtykke. Si fra til de andre "
              "organisasjonene; "
              "av fire kan én være i denne stillingen om gangen, av sju to.");
}

static void say_store(const sb_check_report *r, sb_lang lang, say_fn *say, void *arg)
{
    bool en = lang == SB_LANG_EN;
    if (is_node(r))
        say(arg,
            en ? "The file cannot be trusted. If there is a backup from \"samband node backup\", "
                 "put "
                 "it back. Else repair begins anew: the file is kept beside, and the node "
                 "fetches the history from the broker or another node. What the organisation "
                 "itself confirmed and promised is lost then; the node holds back until a "
                 "quorum has confirmed something anew."
               : "Filen er ikke til å stole på. Har du en kopi fra «samband node kopier», så "
                 "legg den inn. Ellers begynner reparasjonen forfra: Filen tas vare på ved "
                 "siden av, og noden henter historien fra megleren eller en annen node. Det "
                 "organisasjonen selv har bekreftet og lovet, er da tapt, og noden holder igjen "
                 "til et flertall har bekreftet noe nytt.");
    else
        say(arg,
            en ? "The file cannot be trusted. Do as when the broker's disk is lost "
                 "(OPERATIONS, A standby): the nodes have the whole history. Never start an "
                 "empty broker with the old log key."
               : "Filen er ikke til å stole på. Gjør som når meglerens disk er borte "
                 "(driftshåndboken, «Reservemegler»): Nodene har hele historien. Start aldri en "
                 "tom megler med den gamle loggnøkkelen.");
}

static void say_program(sb_lang lang, say_fn *say, void *arg)
{
    say(arg, lang == SB_LANG_EN
                 ? "Nothing is damaged here: the store is another federation's, or another version "
                   "of the program wrote it. Use the version that the others use; repair changes "
                   "nothing."
                 : "Her er ingenting skadet: Lageret hører til en annen føderasjon, eller en annen "
                   "versjon av programmet har skrevet det. Bruk den versjonen de andre bruker; "
                   "reparasjon endrer ingenting.");
}

static void say_next(const sb_check_report *r, const char *dir, sb_lang lang, say_fn *say,
                     void *arg)
{
    char words[4600];
    bool lost = r->good < r->leaves || has_cure(r, SB_CURE_STORE);
    if (has_cure(r, SB_CURE_PROGRAM) || (!is_node(r) && lost))
        return;
    if (lang == SB_LANG_EN)
        (void)snprintf(words, sizeof words,
                       "Do this: stop the service, run \"samband %s repair %.4000s\", and start it "
                       "again.",
                       is_node(r) ? "node" : "broker", dir);
    else
        (void)snprintf(
            words, sizeof words,
            "Gjør dette: stans tjenesten, kjør «samband %s reparer %.4000s», og start den "
            "igjen.",
            is_node(r) ? "node" : "megler", dir);
    say(arg, words);
}

static void advise(const sb_check_report *r, const char *dir, sb_lang lang, say_fn *say, void *arg)
{
    bool en = lang == SB_LANG_EN;
    if (r->damages == 0)
        return;
    if (has_cure(r, SB_CURE_STORE))
        say_store(r, lang, say, arg);
    if (has_cure(r, SB_CURE_PROGRAM))
        say_program(lang, say, arg);
    if (needs(r, SB_CHECK_LEAVES, SB_CURE_REFETCH))
        say_leaves(r, lang, say, arg);
    if (needs(r, SB_CHECK_BLOBS, SB_CURE_REFETCH))
        say(arg, !is_node(r)
                     ? (en ? "The attachments are at the nodes; a standby fetches them from there."
                           : "Vedleggene finnes hos nodene; en reserve henter dem derfra.")
                 : en ? "The attachments are fetched anew from the broker or another node; until "
                        "then the node confirms nothing new."
                      : "Vedleggene hentes på nytt fra megleren eller en annen node; til da "
                        "bekrefter noden ikke noe nytt.");
    if (has_cure(r, SB_CURE_RECOMPUTE))
        say(arg,
            en ? "What was worked out from the entries is worked out anew here; nothing is "
                 "lost by it."
               : "Det som er regnet ut av oppføringene, regnes ut på nytt her; ingenting er tapt "
                 "ved det.");
    if (has_cure(r, SB_CURE_DROP))
        say(arg, en ? "What is damaged of the rest is left out; nobody needs it to go on."
                    : "Det som ellers er skadet, blir utelatt; ingen trenger det for å fortsette.");
    if (has_cure(r, SB_CURE_RECORD))
        say_record(lang, say, arg);
    say_next(r, dir, lang, say, arg);
}

/* ---- words ---- */

static void say_line(void *arg, const char *words)
{
    sb_buf_printf(arg, "  %s\n", words);
}

static void tell_counts(const sb_check_report *r, bool en, sb_buf *out)
{
    typedef unsigned long long n;
    sb_buf_printf(out, en ? "  entries      %llu\n" : "  oppføringer  %llu\n", (n)r->leaves);
    sb_buf_printf(out, en ? "  checksums    %llu tiles\n" : "  sjekksummer  %llu fliser\n",
                  (n)r->tiles);
    if (r->rows > 0)
        sb_buf_printf(out, en ? "  state        %llu rows\n" : "  tilstand     %llu rader\n",
                      (n)r->rows);
    else if (r->leaves > 0)
        sb_buf_str(out,
                   en ? "  state        not compared\n" : "  tilstand     ikke sammenlignet\n");
    sb_buf_printf(out, en ? "  attachments  %llu (%llu kB)" : "  vedlegg      %llu (%llu kB)",
                  (n)r->blobs, (n)((r->blob_bytes + 999) / 1000));
    if (r->awaited > 0)
        sb_buf_printf(out, en ? "; %llu still to be fetched" : "; %llu er ikke hentet ennå",
                      (n)r->awaited);
    sb_buf_str(out, "\n");
    if (r->archived > 0)
        sb_buf_printf(out,
                      en ? "  archive      %llu entries that changes of term took out\n"
                         : "  arkiv        %llu oppføringer som terminskifter tok ut\n",
                      (n)r->archived);
    sb_buf_printf(out,
                  en ? "  own rows     %llu\n  format       %u\n"
                     : "  egne rader   %llu\n  format       %u\n",
                  (n)r->own_rows, (unsigned)r->format);
}

/* Many entries may be damaged: the first ones tell enough. */
static uint32_t like_it_before(const sb_check_report *r, uint32_t at)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < at; i++)
        count += r->findings[i].what.code == r->findings[at].what.code;
    return count;
}

static void tell_words(const sb_check_report *r, const char *dir, sb_lang lang, sb_buf *out)
{
    bool en = lang == SB_LANG_EN;
    if (r->damages == 0) {
        sb_buf_str(out, en ? "The store is whole: all of it was read and worked out anew.\n"
                           : "Lageret er helt: Alt er lest og regnet ut på nytt.\n");
    } else if (has_cure(r, SB_CURE_PROGRAM) && r->damages == 1) {
        sb_buf_str(out, en ? "The store does not fit.\n" : "Lageret passer ikke.\n");
    } else {
        sb_buf_str(out, en ? "The store is damaged.\n" : "Lageret er skadet.\n");
    }
    uint32_t more = r->left_out;
    for (uint32_t i = 0; i < r->count; i++) {
        if (like_it_before(r, i) >= SHOWN_OF_EACH) {
            more++;
            continue;
        }
        sb_buf_str(out, r->findings[i].cure == SB_CURE_NONE ? "  · " : "  ! ");
        add_words(&r->findings[i], lang, out);
        sb_buf_str(out, "\n");
    }
    if (more > 0)
        sb_buf_printf(out,
                      en ? "  … and %u more (--json names more of them)\n"
                         : "  … og %u til (--json nevner flere)\n",
                      (unsigned)more);
    if (!has_cure(r, SB_CURE_STORE))
        tell_counts(r, en, out);
    advise(r, dir, lang, say_line, out);
}

/* ---- JSON ---- */

static void say_item(void *arg, const char *words)
{
    sb_json_cstr(arg, words);
}

static void add_number(sb_json *j, const char *key, uint64_t value)
{
    sb_json_key(j, key);
    sb_json_u64(j, value);
}

static void add_finding(sb_json *j, const sb_check_finding *f, sb_lang lang)
{
    sb_buf words;
    sb_buf_init(&words);
    add_words(f, lang, &words);
    sb_json_object(j);
    sb_json_key(j, "part");
    sb_json_cstr(j, PART_NAMES[f->part][0]);
    sb_json_key(j, "cure");
    sb_json_cstr(j, CURE_NAMES[f->cure]);
    sb_json_key(j, "code");
    sb_json_cstr(j, sb_err_name(f->what.code));
    sb_json_key(j, "args");
    sb_json_array(j);
    for (uint32_t i = 0; i < f->what.argc; i++)
        sb_json_cstr(j, f->what.arg[i]);
    sb_json_end_array(j);
    sb_json_key(j, "message");
    sb_json_str(j, sb_buf_slice(&words));
    sb_json_end_object(j);
    sb_buf_deinit(&words);
}

static void tell_json(const sb_check_report *r, const char *dir, sb_lang lang, sb_buf *out)
{
    sb_json j;
    sb_json_begin(&j, out);
    sb_json_object(&j);
    sb_json_key(&j, "directory");
    sb_json_cstr(&j, dir);
    sb_json_key(&j, "kind");
    sb_json_cstr(&j, r->kind);
    sb_json_key(&j, "sound");
    sb_json_bool(&j, r->finished && r->damages == 0);
    add_number(&j, "format", r->format);
    add_number(&j, "leaves", r->leaves);
    add_number(&j, "good", r->good);
    add_number(&j, "tiles", r->tiles);
    add_number(&j, "state_rows", r->rows);
    add_number(&j, "blobs", r->blobs);
    add_number(&j, "blob_bytes", r->blob_bytes);
    add_number(&j, "blobs_awaited", r->awaited);
    add_number(&j, "archived", r->archived);
    add_number(&j, "own_rows", r->own_rows);
    sb_json_key(&j, "findings");
    sb_json_array(&j);
    for (uint32_t i = 0; i < r->count; i++)
        add_finding(&j, &r->findings[i], lang);
    sb_json_end_array(&j);
    add_number(&j, "left_out", r->left_out);
    sb_json_key(&j, "advice");
    sb_json_array(&j);
    advise(r, dir, lang, say_item, &j);
    sb_json_end_array(&j);
    sb_json_end_object(&j);
    sb_buf_str(out, "\n");
}

void sb_check_tell(const sb_check_report *r, const char *dir, sb_lang lang, bool json, sb_buf *out)
{
    if (json)
        tell_json(r, dir, lang, out);
    else
        tell_words(r, dir, lang, out);
}
