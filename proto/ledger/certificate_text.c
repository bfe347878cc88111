/* The certificate in words, bokmål or English, from the same facts as its JSON. */
#include "proto/ledger/certificate.h"

#include "proto/ledger/conditions.h"

static const char *word(sb_lang lang, const char *nb, const char *en)
{
    return lang == SB_LANG_NB ? nb : en;
}

/* "Administrerende direktør (unn-1)" */
static void put_seat(const sb_row_seat *seat, sb_buf *out)
{
    sb_buf_printf(out, "%s (%s)", seat->title, seat->id);
}

static void put_seat_id(const sb_certificate *c, const char *id, sb_buf *out)
{
    for (uint32_t i = 0; i < c->presence.seat_count; i++)
        if (strcmp(c->presence.seats[i].id, id) == 0) {
            put_seat(&c->presence.seats[i], out);
            return;
        }
    sb_buf_str(out, id); /* a speaking seat may chair */
}

static void put_cite(sb_buf *out, const char *cite)
{
    if (cite[0] != '\0')
        sb_buf_printf(out, " (%s)", cite);
}

static void put_date(sb_buf *out, sb_lang lang, uint32_t yyyymmdd)
{
    if (yyyymmdd == 0)
        sb_buf_str(out, "–");
    else
        sb_text_wire_date_short(out, lang, yyyymmdd);
}

/* The charter's name for the office that the chair holds; NULL when chosen by the meeting. */
static const char *chair_office(const sb_certificate *c)
{
    if (c->chair_basis == SB__CHAIR_BASIS__CHAIR_BASIS_CHOSEN)
        return NULL;
    const char *id =
        c->chair_basis == SB__CHAIR_BASIS__CHAIR_BASIS_LEADER ? "leader" : "deputy-leader";
    for (size_t i = 0; i < c->charter->n_offices; i++) {
        const Sb__Office *o = c->charter->offices[i];
        if (strcmp(o->id, id) == 0 && (o->body[0] == '\0' || strcmp(o->body, c->body->id) == 0))
            return o->name;
    }
    return NULL;
}

static void put_head(const sb_certificate *c, sb_lang lang, sb_buf *out)
{
    if (c->charter->rehearsal)
        sb_buf_printf(out, "%s\n", word(lang, "ØVELSE", "REHEARSAL"));
    sb_buf_printf(out, "%s: %s %02u/%02u %s\n", word(lang, "Vedtaksgrunnlag", "Certificate"),
                  word(lang, "sak", "case"), (unsigned)c->item.number,
                  (unsigned)(c->item.year % 100), c->c.title);
    sb_buf_printf(out, "%s, %s ", c->charter->name, c->body->name);
    sb_text_wire_date(out, lang, c->meeting.date);
    sb_buf_printf(out, "\n%s: ", word(lang, "Utfall", "Outcome"));
    bool adopted = c->question.outcome == SB__OUTCOME__OUTCOME_ADOPTED;
    bool by_vote = c->has_votes && c->unanimous && adopted;
    sb_buf_str(out, by_vote ? sb_text(SB_MSG_ADOPTED_UNANIMOUSLY, lang)
                            : sb_text_word(SB_TEXT_OUTCOME, c->question.outcome, lang));
    bool after_objection = c->has_votes && c->question.mode == SB__MODE__MODE_CONSENSUS;
    bool says_how = c->question.outcome == SB__OUTCOME__OUTCOME_NOTED ||
                    c->question.outcome == SB__OUTCOME__OUTCOME_POLLED;
    if (c->question.mode == SB__MODE__MODE_ELECTION)
        sb_buf_printf(out, lang == SB_LANG_NB ? " (valg, %u. omgang)" : " (election, round %u)",
                      (unsigned)c->election.row.round);
    else if (!says_how)
        sb_buf_printf(out, " (%s)",
                      after_objection
                          ? word(lang, "avstemming etter innvending", "vote after an objection")
                          : sb_text_word(SB_TEXT_MODE, c->question.mode, lang));
    sb_buf_str(out, "\n");
    if (adopted &&
        !sb_conditions_met(c->kv, c->c.no, SB__CONDITION_MOMENT__CONDITION_MOMENT_BEFORE_EFFECT))
        sb_buf_printf(out, "%s\n",
                      word(lang, "Vedtatt – ikke i kraft: vilkårene er ikke oppfylt.",
                           "Adopted, not in force: the conditions are not met."));
    if (c->question.outcome == SB__OUTCOME__OUTCOME_NO_CONSENSUS &&
        c->body->dispute_cite[0] != '\0')
        sb_buf_printf(out, "%s %s.\n",
                      word(lang, "Uenigheten behandles etter", "The dispute is handled under"),
                      c->body->dispute_cite);
    if (c->question.outcome == SB__OUTCOME__OUTCOME_POLLED)
        sb_buf_printf(out, "%s\n",
                      word(lang, "Avstemmingen er rådgivende; ingenting er vedtatt.",
                           "The poll is advisory; nothing is adopted."));
    if (c->c.clauses > 0)
        sb_buf_printf(out, "%s:\n", word(lang, "Ordlyd", "Wording"));
    for (uint32_t i = 0; i < c->c.clauses; i++)
        sb_buf_printf(out, "  %u. %s\n", (unsigned)(i + 1), c->clauses[i]);
    if (c->chair[0] != '\0') {
        sb_buf_printf(out, "%s: ", word(lang, "Møteleder", "Chair"));
        put_seat_id(c, c->chair, out);
        sb_buf_printf(out, ", %s\n", sb_text_chair_basis(c->chair_basis, chair_office(c), lang));
    }
}

static void put_needed(sb_buf *out, sb_lang lang, const sb_rule_line *line)
{
    switch (line->needed_kind) {
    case SB_NEEDED_AT_LEAST:
        sb_buf_printf(out, "%s %llu", word(lang, "kreves minst", "needed: at least"),
                      (unsigned long long)line->needed);
        return;
    case SB_NEEDED_EXACTLY:
        sb_buf_printf(out, "%s %llu", word(lang, "kreves nøyaktig", "needed: exactly"),
                      (unsigned long long)line->needed);
        return;
    case SB_NEEDED_AT_MOST:
        sb_buf_printf(out, "%s %llu", word(lang, "kreves høyst", "needed: at most"),
                      (unsigned long long)line->needed);
        return;
    case SB_NEEDED_IMPOSSIBLE:
        sb_buf_str(out, word(lang, "kan ikke oppfylles", "cannot be met"));
        return;
    }
}

/* A partner's name in the language; its id where the charter has no name for it. */
void sb_certificate_text_partner(const sb_certificate *c, sb_slice id, sb_lang lang, sb_buf *out)
{
    for (size_t i = 0; i < c->charter->n_partners; i++) {
        const Sb__Partner *p = c->charter->partners[i];
        if (!sb_slice_eq(sb_slice_str(p->id), id))
            continue;
        sb_buf_str(out, lang == SB_LANG_EN && p->name_en[0] != '\0' ? p->name_en : p->name);
        return;
    }
    if (id.len == 0)
        sb_buf_str(out, word(lang, "uten samarbeidspartner", "of no partner"));
    sb_buf_add(out, id);
}

void sb_certificate_text_lines(const sb_certificate *c, const sb_judged *judged, sb_lang lang,
                               sb_buf *out)
{
    const sb_rule_result *r = &judged->result;
    for (uint32_t i = 0; i < r->line_count; i++) {
        const sb_rule_line *line = &r->lines[i];
        sb_buf_str(out, "  ");
        if (line->is_total)
            sb_buf_str(out, word(lang, "alle", "all"));
        else
            sb_certificate_text_partner(c, line->partner, lang, out);
        sb_buf_str(out, ": ");
        sb_rule_print_compare(&judged->rule.nodes[line->node],
                              lang == SB_LANG_NB ? SB_RULE_NB : SB_RULE_EN, out);
        sb_buf_printf(out, ": %u", (unsigned)line->a_value);
        if (judged->rule.nodes[line->node].is_share)
            sb_buf_printf(out, " %s %u", word(lang, "av", "of"), (unsigned)line->b_value);
        sb_buf_str(out, ", ");
        put_needed(out, lang, line);
        sb_buf_printf(out, " – %s\n",
                      line->held ? word(lang, "oppfylt", "met")
                                 : word(lang, "ikke oppfylt", "not met"));
    }
    for (uint32_t i = 0; i < r->scope_count; i++) /* `each partner`: the lines above tell */
        if (judged->rule.nodes[r->scopes[i].node].kind == SB_NODE_AT_LEAST)
            sb_buf_printf(
                out, "  %s: %u, %s %u – %s\n",
                word(lang, "antall partnere der det holder", "number of partners where it holds"),
                (unsigned)r->scopes[i].held, word(lang, "kreves minst", "needed: at least"),
                (unsigned)r->scopes[i].needed,
                r->scopes[i].passed ? word(lang, "oppfylt", "met")
                                    : word(lang, "ikke oppfylt", "not met"));
    if (r->discussion_missing)
        sb_buf_printf(out, "  %s\n",
                      word(lang, "saken er ikke drøftet i et tidligere møte",
                           "the case was not discussed in an earlier meeting"));
}

static void put_rule(const sb_certificate *c, sb_lang lang, sb_buf *out, const char *title,
                     const sb_judged *judged, const Sb__Rule *words)
{
    sb_buf_str(out, title);
    put_cite(out, words->cite);
    if (!judged->has_rule) {
        sb_buf_printf(out, ": %s\n", sb_text(SB_MSG_NO_RULE, lang));
        return;
    }
    sb_buf_printf(out, ": %s\n",
                  judged->result.passed ? word(lang, "oppfylt", "met")
                                        : word(lang, "ikke oppfylt", "not met"));
    sb_certificate_text_lines(c, judged, lang, out);
}

static const char *away_word(sb_away reason, sb_lang lang)
{
    switch (reason) {
    case SB_AWAY_NOT:
        return "";
    case SB_AWAY_WITH_NOTICE:
        return word(lang, "meldt forfall", "absent with notice");
    case SB_AWAY_NOT_MET:
        return word(lang, "ikke møtt", "absent without notice");
    case SB_AWAY_VACANT:
        return word(lang, "ubesatt", "vacant");
    case SB_AWAY_DISQUALIFIED:
        return word(lang, "inhabil", "disqualified");
    case SB_AWAY_NOT_DOCUMENTED:
        return word(lang, "ikke dokumentert", "not documented");
    case SB_AWAY_LEFT:
        return word(lang, "har gått", "left");
    case SB_AWAY_DEPUTY_BESIDE:
        return word(lang, "fast representant til stede", "the representative is present");
    }
    return "";
}

static void put_attendance(const sb_certificate *c, sb_lang lang, sb_buf *out)
{
    sb_buf_printf(out, "%s: %u %s %u\n", word(lang, "Representert", "Represented"),
                  (unsigned)c->presence.input.total.present, word(lang, "av", "of"),
                  (unsigned)c->presence.input.total.seats);
    for (uint32_t i = 0; i < c->presence.seat_count; i++) {
        const sb_row_seat *seat = &c->presence.seats[i];
        const sb_representation *r = &c->presence.representations[i];
        sb_buf_str(out, "  ");
        put_seat(seat, out);
        sb_buf_printf(out, ": %s",
                      r->role == 0       ? away_word(r->reason, lang)
                      : r->by_delegation ? word(lang, "etter fullmakt", "by delegation")
                                         : sb_text_word(SB_TEXT_SEAT_ROLE, r->role, lang));
        if (r->by_delegation)
            put_cite(out, c->body->delegation_cite);
        if (r->role != 0 && r->primary_disqualified)
            sb_buf_printf(out, "; %s",
                          word(lang, "den faste representanten er inhabil",
                               "the representative is disqualified"));
        if (r->deputy_beside) {
            sb_buf_printf(out, "; %s: %s", sb_text(SB_MSG_DEPUTY_WITHOUT_VOTE, lang),
                          away_word(SB_AWAY_DEPUTY_BESIDE, lang));
            put_cite(out, c->body->deputy_cite);
        }
        sb_buf_str(out, "\n");
    }
}

static void put_votes(const sb_certificate *c, sb_lang lang, sb_buf *out)
{
    for (uint32_t i = 0; i < c->objection_count; i++) {
        sb_buf_printf(out, "%s: ", word(lang, "Innvending", "Objection"));
        put_seat_id(c, c->objection_seats[i], out);
        sb_buf_str(out, "\n");
    }
    if (!c->has_votes)
        return;
    bool election = c->question.mode == SB__MODE__MODE_ELECTION;
    sb_buf_printf(out, "%s:\n", sb_text(SB_MSG_HEAD_ROLL_CALL, lang));
    for (uint32_t i = 0; i < c->ballot_count; i++) {
        const sb_counted_ballot *b = &c->ballots[i];
        sb_buf_str(out, "  ");
        put_seat(b->seat, out);
        sb_buf_str(out, ": ");
        sb_certificate_text_choice(b->ballot.choice, b->ballot.candidate, election, lang, out);
        if (b->ballot.recorded)
            sb_buf_printf(out, " (%s)",
                          sb_text(b->ballot.confirmed ? SB_MSG_RECORDED_AND_CONFIRMED
                                                      : SB_MSG_RECORDED_BY_SECRETARIAT,
                                  lang));
        if (b->reason != SB_AWAY_NOT) {
            sb_buf_str(out, "; ");
            sb_text_format(out, lang, SB_MSG_NOT_COUNTED, away_word(b->reason, lang), NULL);
        }
        sb_buf_str(out, "\n");
    }
    for (uint32_t i = 0; i < c->presence.count; i++) {
        const sb_tally *t = &c->presence.tallies[i].tally;
        sb_buf_str(out, "  ");
        sb_certificate_text_partner(c, c->presence.tallies[i].id, lang, out);
        if (election)
            sb_buf_printf(out, ": %u %s, %u %s\n", (unsigned)t->for_,
                          word(lang, "på kandidatene", "for the candidates"), (unsigned)t->abstain,
                          word(lang, t->abstain == 1 ? "blank" : "blanke", "blank"));
        else
            sb_buf_printf(out, ": %u for, %u %s, %u %s\n", (unsigned)t->for_, (unsigned)t->against,
                          word(lang, "mot", "against"), (unsigned)t->abstain,
                          word(lang, "avstår", "abstaining"));
    }
}

static void put_deadlines(const sb_certificate *c, sb_lang lang, sb_buf *out)
{
    for (size_t i = 0; i < c->noted_count; i++) {
        const sb_noted *n = &c->noted[i];
        sb_buf_printf(out, "%s: %s", word(lang, "Frist", "Deadline"),
                      sb_text_word(SB_TEXT_DEADLINE_KIND, n->words->kind, lang));
        put_cite(out, n->words->cite);
        sb_buf_str(out, ": ");
        if (n->from != 0) {
            put_date(out, lang, n->from);
            sb_buf_str(out, "–");
        } else {
            sb_buf_printf(out, "%s ", word(lang, "senest", "by"));
        }
        put_date(out, lang, n->to);
        sb_buf_printf(out, "; %s ", word(lang, "skjedde", "done"));
        put_date(out, lang, n->actual_ms == 0 ? 0 : sb_yyyymmdd_of(n->actual_ms));
        sb_buf_printf(out, " – %s\n",
                      n->kept ? word(lang, "holdt", "kept") : word(lang, "ikke holdt", "not kept"));
    }
}

static void put_assumed(sb_lang lang, sb_buf *out, const char *cite, const char *assumed)
{
    if (assumed[0] == '\0')
        return;
    if (cite[0] != '\0')
        sb_buf_printf(out, "%s: ", cite);
    sb_text_format(out, lang, SB_MSG_ASSUMED, assumed, NULL);
    sb_buf_str(out, "\n");
}

void sb_certificate_text(const sb_certificate *c, sb_lang lang, sb_buf *out)
{
    put_head(c, lang, out);
    put_rule(c, lang, out, word(lang, "Beslutningsdyktig ved åpningen", "Quorum at the opening"),
             &c->quorum_open, c->body->quorum);
    put_rule(c, lang, out, word(lang, "Beslutningsdyktig ved lukkingen", "Quorum at the close"),
             &c->quorum_close, c->body->quorum);
    sb_certificate_text_election(c, lang, out);
    if (c->pass.has_rule)
        put_rule(c, lang, out, word(lang, "Vedtaksregel", "Rule of decision"), &c->pass,
                 sb_certificate_pass_words(c));
    put_attendance(c, lang, out);
    put_votes(c, lang, out);
    put_deadlines(c, lang, out);
    sb_certificate_text_actions(c, lang, out);
    sb_certificate_text_conditions(c, lang, out);
    sb_certificate_text_relations(c, lang, out);
    sb_certificate_text_earlier(c, lang, out);
    sb_certificate_text_rulings(c, lang, out);
    put_assumed(lang, out, c->body->quorum->cite, c->body->quorum->assumed);
    const Sb__Rule *pass = sb_certificate_pass_words(c);
    if (sb_certificate_decides(c))
        put_assumed(lang, out, pass->cite, pass->assumed);
    if (c->question.mode == SB__MODE__MODE_ELECTION && c->body->election != NULL)
        put_assumed(lang, out, c->body->election->cite, c->body->election->assumed);
    put_assumed(lang, out, c->body->deputy_cite, c->body->deputy_assumed);
    for (size_t i = 0; i < c->noted_count; i++)
        put_assumed(lang, out, c->noted[i].words->cite, c->noted[i].words->assumed);
    for (uint32_t i = 0; i < c->election.warning_count; i++)
        if (!sb_certificate_norm_said(c, i))
            put_assumed(lang, out, c->election.warnings[i].norm->cite,
                        c->election.warnings[i].norm->assumed);
    const Sb__Involvement *involvement = sb_certificate_involvement(c);
    if (involvement != NULL)
        put_assumed(lang, out, involvement->cite, involvement->assumed);
    sb_buf_printf(out, "%s %u%s%s\n", word(lang, "Vedtektene, versjon", "Charter, version"),
                  (unsigned)c->question.charter_version, c->charter->source[0] != '\0' ? ": " : "",
                  c->charter->source);
}
