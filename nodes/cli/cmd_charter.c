/* samband charter: from bylaws written as data to a federation, and the organisations' acceptance.
 */
#include "nodes/cli/assumed.h"
#include "nodes/cli/inside.h"
#include "nodes/cli/policy_words.h"
#include "nodes/cli/rules_words.h"
#include "nodes/host/file.h"
#include "proto/base/hash.h"

static const sb_arg_position FILE_POSITION[] = {{.name = "FIL"}, {.name = NULL}};

/* ---- what is read between the lines ---- */

static void say_assumed(sb_cli *cli, const char *where, const char *cite, const char *assumed,
                        uint32_t *count)
{
    if (assumed == NULL || assumed[0] == '\0')
        return;
    ++*count;
    sb_cli_say(cli, "  %s%s%s: %s", where, cite[0] != '\0' ? ", " : "", cite, assumed);
    sb_json_object(&cli->json);
    sb_json_key(&cli->json, "where");
    sb_json_cstr(&cli->json, where);
    sb_json_key(&cli->json, "cite");
    sb_json_cstr(&cli->json, cite);
    sb_json_key(&cli->json, "assumed");
    sb_json_cstr(&cli->json, assumed);
    sb_json_end_object(&cli->json);
}

static void say_rule(sb_cli *cli, const char *where, const Sb__Rule *rule, uint32_t *count)
{
    if (rule != NULL)
        say_assumed(cli, where, rule->cite, rule->assumed, count);
}

static const char *quorum_word(const sb_cli *cli)
{
    return sb_cli_either(cli, "beslutningsdyktighet", "quorum");
}

static const char *decision_word(const sb_cli *cli)
{
    return sb_cli_either(cli, "vedtak", "decisions");
}

void sb_cli_say_assumed(sb_cli *cli, const Sb__Body *b, uint32_t *count)
{
    const char *name = b->short_name[0] != '\0' ? b->short_name : b->id;
    sb_arena *a = &cli->arena;
    say_rule(cli, sb_arena_printf(a, "%s, %s", name, quorum_word(cli)), b->quorum, count);
    say_rule(cli, sb_arena_printf(a, "%s, %s", name, decision_word(cli)), b->pass, count);
    for (size_t i = 0; i < b->n_deadlines; i++)
        say_assumed(
            cli,
            sb_arena_printf(a, "%s, %s", name,
                            sb_text_word(SB_TEXT_DEADLINE_KIND, b->deadlines[i]->kind, cli->lang)),
            b->deadlines[i]->cite, b->deadlines[i]->assumed, count);
    for (size_t i = 0; i < b->n_norms; i++)
        say_assumed(cli,
                    sb_arena_printf(a, sb_cli_either(cli, "%s, «%s»", "%s, \"%s\""), name,
                                    b->norms[i]->text),
                    b->norms[i]->cite, b->norms[i]->assumed, count);
    say_assumed(cli,
                sb_arena_printf(
                    a, "%s, %s", name,
                    sb_text_word(SB_TEXT_SEAT_ROLE, SB__SEAT_ROLE__SEAT_ROLE_DEPUTY, cli->lang)),
                b->deputy_cite, b->deputy_assumed, count);
    if (b->election != NULL)
        say_assumed(cli,
                    sb_arena_printf(a, "%s, %s", name, sb_cli_either(cli, "valg", "elections")),
                    b->election->cite, b->election->assumed, count);
}

void sb_cli_say_assumed_offices(sb_cli *cli, const Sb__Charter *charter, const Sb__Body *b,
                                uint32_t *count)
{
    for (size_t i = 0; i < charter->n_offices; i++) {
        const Sb__Office *o = charter->offices[i];
        for (size_t n = 0; strcmp(o->elected_by, b->id) == 0 && n < o->n_norms; n++)
            say_assumed(cli, o->name, o->norms[n]->cite, o->norms[n]->assumed, count);
    }
}

static void say_assumed_changes(sb_cli *cli, const Sb__Amendment *a, const char *where,
                                uint32_t *count)
{
    if (a == NULL)
        return;
    say_rule(cli, where, a->pass, count);
    if (a->involvement != NULL)
        say_assumed(cli, where, a->involvement->cite, a->involvement->assumed, count);
}

static const char *amendment_word(const sb_cli *cli)
{
    return sb_cli_either(cli, "endring av vedtektene", "amendment of the charter");
}

static const char *membership_word(const sb_cli *cli)
{
    return sb_cli_either(cli, "endring av hvem som er med", "change of who takes part");
}

static void say_assumptions(sb_cli *cli, const Sb__Charter *charter)
{
    uint32_t count = 0;
    sb_cli_say(cli, "%s",
               sb_cli_either(cli, "Lagt til grunn der vedtektene er uklare:",
                             "Assumed where the bylaws are unclear:"));
    sb_json_key(&cli->json, "assumptions");
    sb_json_array(&cli->json);
    for (size_t i = 0; i < charter->n_bodies; i++)
        sb_cli_say_assumed(cli, charter->bodies[i], &count);
    for (size_t i = 0; i < charter->n_bodies; i++)
        sb_cli_say_assumed_offices(cli, charter, charter->bodies[i], &count);
    say_assumed_changes(cli, charter->amendment, amendment_word(cli), &count);
    say_assumed_changes(cli, charter->membership, membership_word(cli), &count);
    sb_json_end_array(&cli->json);
    if (count == 0)
        sb_cli_say(cli, "  %s", sb_text(SB_MSG_NONE, cli->lang));
}

/* ---- what the rules mean ---- */

static void say_meaning(sb_cli *cli, const Sb__Charter *charter, const Sb__Body *body,
                        const char *what, const Sb__Rule *rule)
{
    sb_rule tree;
    sb_rule_shape shape;
    sb_buf words;
    if (rule->text[0] == '\0' ||
        sb_rule_parse(&cli->arena, sb_slice_str(rule->text), &tree, NULL) != SB_OK)
        return;
    sb_words_shape(cli, charter, body, &shape);
    sb_buf_init(&words);
    sb_rule_explain(&tree, &shape, cli->lang == SB_LANG_EN ? SB_RULE_EN : SB_RULE_NB, &words);
    sb_cli_say(cli, "  %s, %s (%s): %s", body->short_name, what, rule->cite, sb_buf_cstr(&words));
    sb_buf_deinit(&words);
}

static void say_meanings(sb_cli *cli, const Sb__Charter *charter)
{
    sb_cli_say(cli, "%s", sb_cli_either(cli, "Reglene betyr:", "What the rules mean:"));
    for (size_t i = 0; i < charter->n_bodies; i++) {
        const Sb__Body *b = charter->bodies[i];
        say_meaning(cli, charter, b, quorum_word(cli), b->quorum);
        say_meaning(cli, charter, b, decision_word(cli), b->pass);
    }
}

static void say_the_rest(sb_cli *cli, const Sb__Charter *c)
{
    sb_cli_say(cli, "%s",
               sb_cli_either(cli, "Ellers sier vedtektene:", "What the bylaws say besides:"));
    sb_json_key(&cli->json, "says");
    sb_json_array(&cli->json);
    for (size_t i = 0; i < c->n_bodies; i++)
        sb_cli_say_sections(cli, c, c->bodies[i]);
    sb_cli_say_changes(cli, c, c->amendment, amendment_word(cli));
    sb_cli_say_changes(cli, c, c->membership, membership_word(cli));
    sb_json_end_array(&cli->json);
}

/* ---- check ---- */

static const char *level_word(const sb_cli *cli, sb_rule_level level)
{
    switch (level) {
    case SB_RULE_NOTE:
        return sb_cli_either(cli, "merk", "note");
    case SB_RULE_WARNING:
        return sb_text(SB_MSG_WARNING, cli->lang);
    case SB_RULE_ERROR:
        return sb_text(SB_MSG_ERROR, cli->lang);
    }
    return "?";
}

static const char *level_code(sb_rule_level level)
{
    switch (level) {
    case SB_RULE_NOTE:
        return "note";
    case SB_RULE_WARNING:
        return "warning";
    case SB_RULE_ERROR:
        return "error";
    }
    return "?";
}

static void say_findings(sb_cli *cli, const char *path, const sb_charter_report *report)
{
    sb_json *j = &cli->json;
    sb_json_key(j, "findings");
    sb_json_array(j);
    for (uint32_t i = 0; i < report->count; i++) {
        const sb_charter_finding *f = &report->findings[i];
        sb_buf words;
        sb_buf_init(&words);
        sb_text_fail(&f->finding.fail, cli->lang, &words);
        sb_cli_say(cli, "%s:%u: %s: %s%s%s", path, f->line, level_word(cli, f->finding.level),
                   f->body, f->body[0] != '\0' ? ": " : "", sb_buf_cstr(&words));
        sb_json_object(j);
        sb_json_key(j, "line");
        sb_json_u64(j, f->line);
        sb_json_key(j, "level");
        sb_json_cstr(j, level_code(f->finding.level));
        sb_json_key(j, "body");
        sb_json_cstr(j, f->body);
        sb_json_key(j, "code");
        sb_json_cstr(j, sb_err_name(f->finding.fail.code));
        sb_json_key(j, "message");
        sb_json_str(j, sb_buf_slice(&words));
        sb_json_end_object(j);
        sb_buf_deinit(&words);
    }
    sb_json_end_array(j);
}

/* "1 organ", "2 organer" */
static const char *counted(sb_cli *cli, size_t n, const char *one, const char *many)
{
    return sb_arena_printf(&cli->arena, "%zu %s", n, n == 1 ? one : many);
}

static void say_summary(sb_cli *cli, const Sb__Charter *charter)
{
    size_t seats = 0;
    for (size_t i = 0; i < charter->n_bodies; i++)
        seats += charter->bodies[i]->n_seats;
    sb_cli_say(cli, "%s: %s, %s, %s.", charter->name,
               counted(cli, charter->n_organisations,
                       sb_cli_either(cli, "organisasjon", "organisation"),
                       sb_cli_either(cli, "organisasjoner", "organisations")),
               counted(cli, charter->n_bodies, sb_cli_either(cli, "organ", "body"),
                       sb_cli_either(cli, "organer", "bodies")),
               counted(cli, seats, sb_cli_either(cli, "medlemsplass", "seat"),
                       sb_cli_either(cli, "medlemsplasser", "seats")));
    sb_json_key(&cli->json, "name");
    sb_json_cstr(&cli->json, charter->name);
    sb_json_key(&cli->json, "organisations");
    sb_json_u64(&cli->json, charter->n_organisations);
    sb_json_key(&cli->json, "bodies");
    sb_json_u64(&cli->json, charter->n_bodies);
    sb_json_key(&cli->json, "seats");
    sb_json_u64(&cli->json, seats);
}

static sb_err charter_check(sb_cli *cli)
{
    const char *path = sb_args_position(cli->args, 0);
    const Sb__Charter *charter = NULL;
    sb_charter_report *report = SB_ARENA_NEW(&cli->arena, sb_charter_report);
    const sb_charter_options options = {.lang = cli->lang};
    sb_err err = sb_charter_read(path, &options, &cli->arena, &charter, report, &cli->fail);
    if (err != SB_OK)
        return err;
    say_summary(cli, charter);
    say_meanings(cli, charter);
    say_the_rest(cli, charter);
    sb_say_policy(cli, charter);
    say_findings(cli, path, report);
    say_assumptions(cli, charter);
    sb_cli_say(cli, "%s", sb_cli_either(cli, "Vedtektene kan brukes.", "The charter can be used."));
    return SB_OK;
}

const sb_verb_spec sb_spec_charter_check = {FILE_POSITION, NULL, charter_check};

/* ---- compile ---- */

static const sb_arg_option COMPILE_OPTIONS[] = {
    {.name = "cards",
     .value = "KATALOG",
     .nb = "kortene fra organisasjonene og megleren",
     .en = "the cards of the organisations and the broker",
     .is_required = true},
    {.name = "out",
     .value = "FIL",
     .nb = "føderasjonsfilen som lages (federation.samband)",
     .en = "the federation file to make (federation.samband)",
     .is_required = true},
    {.name = "continues",
     .value = "FIL",
     .nb = "føderasjonen som denne fortsetter, når den ikke kan reddes: «federation:», "
           "«checkpoint:» og «lost:»",
     .en = "the federation that this one continues, when it can't be saved: \"federation:\", "
           "\"checkpoint:\" and \"lost:\""},
    {.name = "rehearsal",
     .nb = "stift en øvelse, hva filen enn sier",
     .en = "found a rehearsal whatever the file says"},
    SB_OPTION_END};

static sb_err make_federation(sb_cli *cli, const Sb__Charter *charter, const sb_secret *key,
                              uint8_t federation_id[32])
{
    const sb_node_card *cards = NULL;
    const Sb__Predecessor *predecessor = NULL;
    const char *continues = sb_args_value(cli->args, "continues");
    sb_broker_card broker;
    sb_buf bytes;
    sb_buf_init(&bytes);
    sb_err err = sb_cards_read(sb_args_value(cli->args, "cards"), charter, &cli->arena, &cards,
                               &broker, &cli->fail);
    if (err == SB_OK && continues != NULL)
        err = sb_predecessor_read(continues, &cli->arena, &predecessor, &cli->fail);
    if (err == SB_OK)
        err = sb_federation_make_after(predecessor, charter, cards, &broker, key, &bytes,
                                       federation_id, &cli->fail);
    if (err == SB_OK)
        err = sb_file_write_new(sb_args_value(cli->args, "out"), sb_buf_slice(&bytes), SB_FILE_MODE,
                                &cli->fail);
    sb_buf_deinit(&bytes);
    return err;
}

static sb_err charter_compile(sb_cli *cli)
{
    const sb_charter_options options = {.rehearsal = sb_args_flag(cli->args, "rehearsal"),
                                        .lang = cli->lang};
    const Sb__Charter *charter = NULL;
    const char *key_path = NULL;
    sb_secret *key = NULL;
    uint8_t id[32];
    char hex[65];
    sb_err err = sb_charter_read(sb_args_position(cli->args, 0), &options, &cli->arena, &charter,
                                 NULL, &cli->fail);
    if (err == SB_OK)
        err = sb_home_key(cli, &key_path);
    const sb_passphrase_source source = {.file = cli->passphrase_file, .lang = cli->lang};
    if (err == SB_OK)
        err = sb_keystore_load(key_path, SB_KEY_AUTHORITY, &source, &key, &cli->fail);
    if (err == SB_OK)
        err = make_federation(cli, charter, key, id);
    sb_secret_free(key);
    if (err != SB_OK)
        return err;
    sb_hex(sb_slice_of(id, 32), hex);
    sb_cli_say(cli, "%s", sb_cli_either(cli, cli->verb->done_nb, cli->verb->done_en));
    if (charter->rehearsal)
        sb_cli_say(cli, "%s", sb_text(SB_MSG_REHEARSAL, cli->lang));
    sb_cli_say(cli, "%s: %s", sb_cli_either(cli, "føderasjon", "federation"), hex);
    sb_json_key(&cli->json, "federation");
    sb_json_cstr(&cli->json, hex);
    sb_json_key(&cli->json, "rehearsal");
    sb_json_bool(&cli->json, charter->rehearsal);
    return SB_OK;
}

const sb_verb_spec sb_spec_charter_compile = {FILE_POSITION, COMPILE_OPTIONS, charter_compile};

/* ---- accept ---- */

static sb_err charter_accept(sb_cli *cli)
{
    sb_session *s = NULL;
    Sb__Accept m = SB__ACCEPT__INIT;
    sb_err err = sb_session_open(cli, &s);
    if (err != SB_OK)
        return err;
    m.charter_sha256 = sb_bytes32(s->federation.charter_sha256);
    return sb_submit(cli, SB_ENTRY_ACCEPT, &m.base, SB_KEY_AUTHORITY, NULL);
}

const sb_verb_spec sb_spec_charter_accept = {NULL, NULL, charter_accept};

/* ---- show ---- */

static void show_rule(sb_cli *cli, const char *label, const sb_doc *rule)
{
    if (rule == NULL || rule->kind == SB_DOC_NULL)
        sb_cli_say(cli, "  %s: %s", label, sb_text(SB_MSG_NO_RULE, cli->lang));
    else
        sb_cli_say(cli, "  %s: %s (%s)", label, sb_doc_str(rule, "text"), sb_doc_str(rule, "cite"));
}

static sb_err charter_show(sb_cli *cli)
{
    sb_slice json = {0};
    const sb_doc *charter = NULL;
    sb_err err = sb_session_query(cli, &json, "charter", NULL);
    if (err == SB_OK)
        err = sb_session_ask(cli, &charter, "charter", NULL);
    if (err != SB_OK)
        return err;
    sb_cli_json_whole(cli, json);
    sb_cli_say(cli, "%s%s%s", sb_doc_str(charter, "name"),
               sb_doc_true(charter, "rehearsal") ? " – " : "",
               sb_doc_true(charter, "rehearsal") ? sb_text(SB_MSG_REHEARSAL, cli->lang) : "");
    if (sb_doc_str(charter, "source")[0] != '\0')
        sb_cli_say(cli, "%s", sb_doc_str(charter, "source"));
    sb_say_predecessor(cli, sb_doc_get(charter, "predecessor"));
    const sb_doc *bodies = sb_doc_get(charter, "bodies");
    for (uint32_t i = 0; bodies != NULL && i < bodies->count; i++) {
        const sb_doc *b = bodies->items[i];
        sb_cli_say(cli, "%s: %s", sb_doc_str(b, "id"), sb_doc_str(b, "name"));
        show_rule(cli, sb_text(SB_MSG_QUORATE, cli->lang), sb_doc_get(b, "quorum"));
        show_rule(cli, sb_text_word(SB_TEXT_OUTCOME, 1, cli->lang), sb_doc_get(b, "pass"));
    }
    return SB_OK;
}

const sb_verb_spec sb_spec_charter_show = {NULL, NULL, charter_show};
