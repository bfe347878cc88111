/* What the certificate of an election says besides the rest: candidates, their votes, the rule for
 * each, who goes on. */
#include "proto/ledger/certificate.h"
#include "proto/ledger/conditions.h"
#include "proto/ledger/out.h"

static const char *word(sb_lang lang, const char *nb, const char *en)
{
    return lang == SB_LANG_NB ? nb : en;
}

static bool is_election(const sb_certificate *c)
{
    return c->question.mode == SB__MODE__MODE_ELECTION;
}

/* Tied in the last round: what the bylaws say of that decides. */
static bool ended_tied(const sb_certificate *c)
{
    return is_election(c) && c->question.outcome == SB__OUTCOME__OUTCOME_TIED &&
           c->election.row.round >= c->election.row.rounds;
}

/* ---- JSON ---- */

static const char *seat_id(const sb_certificate *c, uint32_t no)
{
    sb_row_seat seat = {.no = no};
    return sb_row_seat_get(c->kv, c->arena, &seat) ? seat.id : "";
}

static void put_votes(sb_json *j, const sb_certificate *c, const sb_contender *of)
{
    sb_json_key(j, "votes");
    sb_json_array(j);
    sb_json_object(j);
    sb_out_str(j, "partner", NULL);
    sb_out_u64(j, "votes", of->total);
    sb_json_end_object(j);
    for (uint32_t i = 0; i < c->presence.count; i++) {
        sb_json_object(j);
        sb_out_str(j, "partner", sb_partner_id(c->charter, c->presence.partners[i]));
        sb_out_u64(j, "votes", of->votes[i]);
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
}

static void put_contender(sb_json *j, const sb_certificate *c, const sb_contender *of)
{
    sb_json_object(j);
    sb_out_u64(j, "number", of->row.number);
    sb_out_hash(j, "id", of->row.id);
    sb_json_key(j, "places");
    sb_json_array(j);
    for (uint32_t i = 0; i < of->row.places; i++) {
        sb_json_object(j);
        sb_out_str(j, "office", c->charter->offices[of->places[i].office]->id);
        sb_out_str(j, "seat", seat_id(c, of->places[i].seat));
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
    put_votes(j, c, of);
    sb_judged_json(j, "rule", &of->rule);
    sb_out_bool(j, "goes_on", of->goes_on);
    sb_json_end_object(j);
}

void sb_certificate_put_election(sb_json *j, const sb_certificate *c)
{
    const sb_election *e = &c->election;
    sb_out_index(j, "round", is_election(c), e->row.round);
    sb_json_key(j, "candidates");
    if (is_election(c)) {
        sb_json_array(j);
        for (uint32_t i = 0; i < e->count; i++)
            put_contender(j, c, &e->contenders[i]);
        sb_json_end_array(j);
    } else {
        sb_json_null(j);
    }
    sb_out_index(j, "elected", e->row.elected != 0, e->row.elected);
    sb_out_bool(j, "acclamation", e->row.unopposed);
    sb_out_str(j, "tie", ended_tied(c) ? sb_text_code(SB_TEXT_ELECTION_TIE, e->row.tie) : NULL);
}

void sb_certificate_put_warnings(sb_json *j, const sb_certificate *c)
{
    sb_json_key(j, "warnings");
    sb_json_array(j);
    for (uint32_t i = 0; i < c->election.warning_count; i++) {
        const sb_warning *w = &c->election.warnings[i];
        sb_json_object(j);
        sb_out_u64(j, "candidate", w->candidate);
        sb_out_str(j, "kind", sb_text_code(SB_TEXT_OFFICE_NORM_KIND, w->norm->kind));
        sb_out_str(j, "office", c->charter->offices[w->office]->id);
        sb_out_some(j, "other", w->norm->office);
        sb_out_some(j, "cite", w->norm->cite);
        sb_out_some(j, "assumed", w->norm->assumed);
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
}

/* ---- text ---- */

void sb_certificate_text_choice(uint8_t choice, uint32_t candidate, bool election, sb_lang lang,
                                sb_buf *out)
{
    if (choice == SB__CHOICE__CHOICE_CANDIDATE)
        sb_buf_printf(out, "%s %u", word(lang, "kandidat", "candidate"), (unsigned)candidate);
    else if (election)
        sb_buf_str(out, word(lang, "blank stemme", "blank"));
    else
        sb_buf_str(out, sb_text_word(SB_TEXT_CHOICE, choice, lang));
}

static const char *office_name(const sb_certificate *c, uint32_t office)
{
    return c->charter->offices[office]->name;
}

/* "leder: Ordfører (pm-unn-1); nestleder: …" */
static void put_ticket(const sb_certificate *c, const sb_contender *of, sb_buf *out)
{
    for (uint32_t i = 0; i < of->row.places; i++) {
        sb_row_seat seat = {.no = of->places[i].seat};
        bool known = sb_row_seat_get(c->kv, c->arena, &seat);
        sb_buf_printf(out, "%s%s: ", i == 0 ? "" : "; ", office_name(c, of->places[i].office));
        if (known)
            sb_buf_printf(out, "%s (%s)", seat.title, seat.id);
    }
}

static void put_ticket_votes(const sb_certificate *c, const sb_contender *of, sb_lang lang,
                             sb_buf *out)
{
    sb_buf_printf(out, " – %u %s (", (unsigned)of->total,
                  of->total == 1 ? word(lang, "stemme", "vote") : word(lang, "stemmer", "votes"));
    for (uint32_t i = 0; i < c->presence.count; i++) {
        sb_buf_str(out, i == 0 ? "" : ", ");
        sb_certificate_text_partner(c, c->presence.tallies[i].id, lang, out);
        sb_buf_printf(out, " %u", (unsigned)of->votes[i]);
    }
    sb_buf_str(out, ")");
}

static void put_contenders(const sb_certificate *c, sb_lang lang, sb_buf *out)
{
    const sb_election *e = &c->election;
    sb_buf_printf(out, "%s:\n", word(lang, "Kandidater", "Candidates"));
    for (uint32_t i = 0; i < e->count; i++) {
        const sb_contender *of = &e->contenders[i];
        sb_buf_printf(out, "  %u. ", (unsigned)of->row.number);
        put_ticket(c, of, out);
        if (c->has_votes)
            put_ticket_votes(c, of, lang, out);
        if (e->row.elected == of->row.number)
            sb_buf_printf(out, " – %s", word(lang, "valgt", "elected"));
        else if (of->goes_on)
            sb_buf_printf(
                out, " – %s",
                word(lang, "går videre til neste omgang", "goes through to the next round"));
        sb_buf_str(out, "\n");
    }
}

static void put_rules(const sb_certificate *c, sb_lang lang, sb_buf *out)
{
    const Sb__Rule *words = sb_certificate_pass_words(c);
    for (uint32_t i = 0; i < c->election.count; i++) {
        const sb_contender *of = &c->election.contenders[i];
        if (!of->rule.has_rule)
            continue;
        sb_buf_str(out, word(lang, "Valgregel", "Rule of election"));
        if (words->cite[0] != '\0')
            sb_buf_printf(out, " (%s)", words->cite);
        sb_buf_printf(out, ", %s %u: %s\n", word(lang, "kandidat", "candidate"),
                      (unsigned)of->row.number,
                      of->rule.result.passed ? word(lang, "oppfylt", "met")
                                             : word(lang, "ikke oppfylt", "not met"));
        sb_certificate_text_lines(c, &of->rule, lang, out);
    }
}

static void put_what_follows(const sb_certificate *c, sb_lang lang, sb_buf *out)
{
    const sb_election *e = &c->election;
    const char *cite = c->body->election == NULL ? "" : c->body->election->cite;
    if (e->row.unopposed)
        sb_buf_printf(out, "%s\n",
                      word(lang,
                           "Valgt ved akklamasjon: bare denne kandidaten stilte, og ingen hadde "
                           "innvendinger.",
                           "Elected by acclamation: nobody else stood, and nobody objected."));
    bool free =
        sb_conditions_met(c->kv, c->c.no, SB__CONDITION_MOMENT__CONDITION_MOMENT_BEFORE_EFFECT);
    if (c->question.outcome == SB__OUTCOME__OUTCOME_ELECTED && free)
        sb_buf_printf(out, "%s\n",
                      word(lang, "De valgte tiltrer når valget er bekreftet.",
                           "Those elected take office once the election is final."));
    else if (c->question.outcome == SB__OUTCOME__OUTCOME_ELECTED)
        sb_buf_printf(out, "%s\n",
                      word(lang,
                           "De valgte tiltrer når vilkårene er oppfylt og valget er bekreftet.",
                           "Those elected take office once the conditions are met and the "
                           "election is final."));
    if (!ended_tied(c))
        return;
    sb_buf_printf(out, "%s: %s",
                  word(lang, "Siste valgomgang ble holdt uten at noen ble valgt",
                       "The last round was held and nobody was elected"),
                  sb_text_word(SB_TEXT_ELECTION_TIE, e->row.tie, lang));
    if (cite[0] != '\0')
        sb_buf_printf(out, " (%s)", cite);
    sb_buf_str(out, ".\n");
}

static void put_warnings_text(const sb_certificate *c, sb_lang lang, sb_buf *out)
{
    for (uint32_t i = 0; i < c->election.warning_count; i++) {
        const sb_warning *w = &c->election.warnings[i];
        bool differs = w->norm->kind == SB__OFFICE_NORM_KIND__OFFICE_NORM_KIND_DIFFERS;
        uint32_t other = sb_office_find(c->charter, w->norm->office);
        sb_buf_printf(out, "%s %u: %s ", word(lang, "Merknad til kandidat", "Note on candidate"),
                      (unsigned)w->candidate, office_name(c, w->office));
        if (differs && other != SB_NONE)
            sb_buf_printf(out, "%s %s",
                          word(lang, "bør komme fra en annen samarbeidspartner enn",
                               "should come from another partner than"),
                          office_name(c, other));
        else
            sb_buf_str(out, word(lang,
                                 "bør komme fra en annen samarbeidspartner enn den forrige "
                                 "som hadde vervet",
                                 "should come from another partner than the last holder of "
                                 "the office"));
        if (w->norm->cite[0] != '\0')
            sb_buf_printf(out, " (%s)", w->norm->cite);
        sb_buf_str(out, ".\n");
    }
}

bool sb_certificate_norm_said(const sb_certificate *c, uint32_t warning)
{
    for (uint32_t i = 0; i < warning; i++)
        if (c->election.warnings[i].norm == c->election.warnings[warning].norm)
            return true;
    return false;
}

void sb_certificate_text_election(const sb_certificate *c, sb_lang lang, sb_buf *out)
{
    if (!is_election(c))
        return;
    put_contenders(c, lang, out);
    put_what_follows(c, lang, out);
    put_warnings_text(c, lang, out);
    put_rules(c, lang, out);
}
