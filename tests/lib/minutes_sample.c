#include "tests/lib/minutes_sample.h"

#define LIST(array) array, sizeof array / sizeof array[0]

static const sb_minutes_person voting[] = {
    {.name = "Rådmann, Senja kommune", .seat = "Midt-Tromsrådet", .partner = "kommunene"},
    {.name = "Driftsleder, UNN Narvik",
     .seat = "Driftsleder, UNN Harstad",
     .partner = "UNN",
     .is_deputy = true},
    {.name = "Fastlegerepresentant", .seat = "Fastlegerepresentant", .partner = "fastlegene"},
    {.seat = "Brukerutvalget", .partner = "brukerne", .is_deputy = true},
    {.name = "Fastlegerepresentant, vara",
     .seat = "Fastlegerepresentant 2",
     .partner = "fastlegene",
     .is_deputy = true,
     .no_vote = true},
};
static const sb_minutes_person speaking[] = {
    {.name = "Seniorrådgiver, KS Nord-Norge", .seat = "KS Nord-Norge", .is_deputy = true},
    {.name = "Ass. fylkeslege", .seat = "Statsforvalteren i Nordland"},
};
static const sb_minutes_person secretariat[] = {{.name = "Rådgiver, Samhandlingsseksjonen"}};
static const sb_minutes_person on_case[] = {
    {.name = "Prosjektleder, Stormottakerprosjektet", .cases = "04/22"}};
static const sb_minutes_person absent[] = {
    {.name = "Driftsleder, UNN Harstad", .seat = "Driftsleder, UNN Harstad", .partner = "UNN"}};
static const sb_minutes_person not_met[] = {{.seat = "Ungdomsrådet", .partner = "brukerne"}};

static const sb_minutes_demand least_3 = {"present", SB_MINUTES_AT_LEAST, 3, true};
static const sb_minutes_demand least_1 = {"present", SB_MINUTES_AT_LEAST, 1, true};
static const sb_minutes_demand not_1 = {"present", SB_MINUTES_AT_LEAST, 1, false};
static const sb_minutes_demand for_6 = {"for", SB_MINUTES_AT_LEAST, 6, false};
static const sb_minutes_demand for_12[] = {{"for", SB_MINUTES_AT_LEAST, 12, true},
                                           {"against", SB_MINUTES_EXACTLY, 0, true}};
static const sb_minutes_count present[] = {
    {.partner = "UNN", .of = 6, .have = 6, .demands = &least_3, .demand_count = 1},
    {.partner = "kommunene", .of = 6, .have = 6, .demands = &least_3, .demand_count = 1},
    {.partner = "fastlegene", .of = 2, .have = 2, .demands = &least_1, .demand_count = 1},
    {.partner = "brukerne", .of = 2, .have = 1, .demands = &least_1, .demand_count = 1},
};
static const sb_minutes_count present_later[] = {
    {.partner = "UNN", .of = 6, .have = 5, .demands = &least_3, .demand_count = 1},
    {.partner = "kommunene", .of = 6, .have = 6, .demands = &least_3, .demand_count = 1},
    {.partner = "fastlegene", .of = 2, .have = 2, .demands = &least_1, .demand_count = 1},
    {.partner = "brukerne", .of = 2, .have = 0, .demands = &not_1, .demand_count = 1},
};
static const sb_minutes_quorum quorum = {
    .counts = LIST(present), .has_rule = true, .is_quorate = true, .cite = "§ 6 SSU nr. 10"};
static const sb_minutes_quorum quorum_later = {
    .counts = LIST(present_later), .has_rule = true, .cite = "§ 6 SSU nr. 10"};

static const char *const simple[] = {"Innkalling og dagsorden er godkjent."};

static const char *const proposed[] = {
    "SSU godkjenner etablering av referansegruppe for Stormottakerprosjektet. Referansegruppen "
    "skal delta i dialogmøter, drøfte stormottakerproblematikk og gi innspill til "
    "prosjektledelsen.",
    "SSU godkjenner at referansegruppen settes sammen av 4-6 representanter fra "
    "primærhelsetjenesten (inkl. fastleger), to brukerrepresentanter og en representant fra "
    "Statsforvalter. UNN representeres gjennom prosjektledelsen.",
    "SSUs fastlege-, bruker- og kommunale representanter melder inn navn på "
    "referansegruppe-deltakere til sekretariatet innen 07.02.22.",
    "Anbefalinger fra disse arbeidsmøtene skal presenteres for SSU og for Direktørens ledergruppe "
    "i UNN i mai/juni 2022.",
};
static const char *const decided[] = {
    "SSU godkjenner etablering av referansegruppe for Stormottakerprosjektet. Referansegruppen "
    "skal delta i dialogmøter, drøfte stormottakerproblematikk og gi innspill til "
    "prosjektledelsen.",
    "SSU godkjenner at referansegruppen settes sammen av 4-6 representanter fra "
    "primærhelsetjenesten (inkl. fastleger), to brukerrepresentanter og en representant fra "
    "Statsforvalter. UNN representeres gjennom to representanter fra klinikk i tillegg til "
    "prosjektledelsen for stormottakerprosjektet.",
    "SSUs fastlege-, bruker-, kommunale og UNN representanter melder inn navn på "
    "referansegruppe-deltakere til sekretariatet innen 07.02.22.",
    "Anbefalinger fra referansegruppens dialogmøter presenteres fortløpende til SSU og for "
    "direktørens ledergruppe i UNN.",
};
static const sb_minutes_task tasks[] = {
    {.text = "Melde inn navn på deltakere i referansegruppen",
     .responsible = "fastlegene, brukerne, kommunene og UNN",
     .due_date = 20220207},
    {.text = "Presentere anbefalinger fra dialogmøtene", .responsible = "sekretariatet"},
    {.text = "Ny orientering",
     .responsible = "sekretariatet",
     .due = "medio april 2022",
     .is_done = true},
};
static const sb_minutes_blob attachments[] = {
    {.name = "Vedlegg 1: Presentasjon stormottakersatsningen", .sha256 = "aa"},
    {.sha256 = "bb00"},
};
static const sb_minutes_remark remarks[] = {
    {.seat = "Brukerutvalget", .by_deputy = true, .text = "Brukerne ber om å få delta tidlig."}};

static const char *const struck_before[] = {"Møtet vedtar A.", "Møtet vedtar noe helt annet.",
                                            "Møtet vedtar C."};
static const char *const struck_after[] = {"Møtet vedtar A.", "Møtet vedtar C."};
static const sb_minutes_count tally[] = {
    {.partner = "UNN",
     .partner_id = "unn",
     .votes_against = 10,
     .demands = &for_6,
     .demand_count = 1},
    {.partner = "kommunene",
     .partner_id = "kommune",
     .votes_for = 23,
     .votes_abstain = 1,
     .demands = for_12,
     .demand_count = 2},
};
static const sb_minutes_vote votes[] = {
    {.seat = "Direktøren",
     .partner = "UNN",
     .choice = SB__CHOICE__CHOICE_AGAINST,
     .is_counted = true},
    {.seat = "Ordfører, Senja",
     .partner = "kommunene",
     .choice = SB__CHOICE__CHOICE_FOR,
     .by_deputy = true,
     .is_recorded = true,
     .is_counted = true},
    {.seat = "Ordfører, Karlsøy",
     .partner = "kommunene",
     .choice = SB__CHOICE__CHOICE_ABSTAIN,
     .is_counted = false,
     .reason = "ikke til stede da avstemmingspunktet ble lukket"},
};
static const sb_minutes_remark objections[] = {{.seat = "Klinikksjef, medisin", .text = "Uenig."}};
static const char *const disqualified[] = {"Ordfører, Ibestad"};

static const sb_minutes_case cases[] = {
    {.number = "01/22",
     .title = "Innkalling og dagsorden",
     .from = "Sekretariatet",
     .kind = SB__CASE_KIND__CASE_KIND_PROCEDURAL,
     .text = "Leder ønsker velkommen.\n\nTidligere meldte saker:\n- Oppfølging av planen\n- "
             "Partnerskapsmøtet\n\nSaker kan meldes fortløpende.\n",
     .proposed = LIST(simple),
     .decided = LIST(simple),
     .outcome = SB__OUTCOME__OUTCOME_ADOPTED,
     .mode = SB__MODE__MODE_CONSENSUS,
     .quorum = &quorum,
     .certificate_sha256 = "0101010101010101010101010101010101010101010101010101010101010101"},
    {.number = "04/22",
     .title = "Etablering av PSHT-nettverk og overordnet ressursgruppe for felles "
              "tjenesteutvikling for stormottakere",
     .from = "Senterleder, ESI, og prosjektleder, Stormottakerprosjektet",
     .kind = SB__CASE_KIND__CASE_KIND_DECISION,
     .text = "I saken ble det fremmet ønske om en referansegruppe.",
     .proposed = LIST(proposed),
     .decided = LIST(decided),
     .outcome = SB__OUTCOME__OUTCOME_ADOPTED,
     .mode = SB__MODE__MODE_VOTE,
     .is_unanimous = true,
     .quorum = &quorum,
     .tally = LIST(tally),
     .votes = LIST(votes),
     .remarks = LIST(remarks),
     .tasks = LIST(tasks),
     .attachments = LIST(attachments),
     .certificate_sha256 = "0404040404040404040404040404040404040404040404040404040404040404"},
    {.number = "05/22",
     .title = "Felles mål",
     .kind = SB__CASE_KIND__CASE_KIND_DECISION,
     .text_missing = true,
     .proposed = LIST(struck_before),
     .decided = LIST(struck_after),
     .outcome = SB__OUTCOME__OUTCOME_FALLEN,
     .mode = SB__MODE__MODE_VOTE,
     .quorum = &quorum_later,
     .chair = "Direktøren",
     .tally = LIST(tally),
     .pass_rule = "each partner in (unn, kommune): for > 1/2 of cast",
     .pass_cite = "§ 3 nr. 1",
     .votes = LIST(votes),
     .objections = LIST(objections),
     .disqualified = LIST(disqualified)},
    {.number = "06/22",
     .title = "Samhandlingsavvik 2021",
     .from = "Sekretariatet",
     .kind = SB__CASE_KIND__CASE_KIND_INFORMATION,
     .text = "Orientering.",
     .proposed = LIST(simple),
     .decided = LIST(simple),
     .outcome = SB__OUTCOME__OUTCOME_POSTPONED,
     .to_date = 20220222},
    {.number = "07/22",
     .title = "Neste møte",
     .kind = SB__CASE_KIND__CASE_KIND_INFORMATION,
     .proposed = LIST(simple),
     .decided = LIST(simple)},
};
static const sb_minutes_remark requests[] = {
    {.seat = "Brukerutvalget", .by_deputy = true, .text = "Sak 06/22 bør nevne antallet."}};
static const sb_minutes_draft drafts[] = {
    {.sent_date = 20220120,
     .state = SB_MINUTES_DOC_REPLACED,
     .sha256 = "0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d",
     .requests = LIST(requests)},
    {.sent_date = 20220121,
     .sha256 = "1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d"},
};
static const sb_minutes_external externals[] = {{"42/21", 20220222}, {"43/21", 0}};
static const sb_minutes_deadline deadlines[] = {
    {.what = "sak meldt",
     .cases = "01/22–07/22",
     .to_date = 20211230,
     .actual_date = 20211229,
     .is_kept = true,
     .cite = "§ 6 SSU nr. 5"},
    {.what = "sakspapirer sendt ut",
     .cases = "01/22–07/22",
     .from_date = 20220106,
     .to_date = 20220110,
     .actual_date = 20220111,
     .cite = "§ 6 SSU nr. 7"},
    {.what = "referat tilgjengelig",
     .to_date = 20220127,
     .is_kept = true,
     .cite = "§ 6 SSU nr. 14"},
};

const sb_minutes_model minutes_sample = {
    .federation = "Helsefellesskapet Troms og Ofoten",
    .body = "Strategisk samarbeidsutvalg",
    .body_short = "SSU",
    .kind = "referat",
    .date = 20220120,
    .start_minute = 720,
    .end_minute = 930,
    .form = SB__MEETING_FORM__MEETING_FORM_VIDEO,
    .place = "Videokonferanse (Teams)",
    .chair = "Midt-Tromsrådet",
    .chair_basis = SB__CHAIR_BASIS__CHAIR_BASIS_LEADER,
    .people = {[SB_MINUTES_VOTING] = {LIST(voting)},
               [SB_MINUTES_SPEAKING] = {LIST(speaking)},
               [SB_MINUTES_SECRETARIAT] = {LIST(secretariat)},
               [SB_MINUTES_ON_CASE] = {LIST(on_case)},
               [SB_MINUTES_ABSENT_WITH_NOTICE] = {LIST(absent)},
               [SB_MINUTES_NOT_MET] = {LIST(not_met)}},
    .quorum = {.counts = LIST(present),
               .has_rule = true,
               .is_quorate = true,
               .cite = "§ 6 SSU nr. 10"},
    .cases = LIST(cases),
    .remarks = LIST(remarks),
    .externals = LIST(externals),
    .deadlines = LIST(deadlines),
    .state = SB_MINUTES_DRAFT,
    .sent_date = 20220121,
    .silence_date = 20220128,
    .drafts = LIST(drafts),
    .is_rehearsal = true,
    .is_final = false,
    .confirmed_by = 3,
    .needed = 5,
    .organisations = 7,
    .origin = "samband/troms-og-ofoten/0123456789abcdef/1",
    .size = 173,
    .root = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
    .digest = "ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100",
    .digest_size = 175,
};
