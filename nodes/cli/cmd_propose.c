/* samband charter propose: a new charter as a case's proposal. The lists of the present charter keep
 * their order (what is decided stays where it is found), bodies that were made by decision are kept,
 * and what would change is shown before anything is signed. */
#include "nodes/cli/charter_follow.h"
#include "nodes/cli/charter_in_force.h"
#include "nodes/cli/inside.h"
#include "nodes/cli/rules_differ.h"
#include "nodes/cli/rules_structure.h"
#include "proto/base/hash.h"

/* ---- sending it ---- */

static sb_err send_draft(sb_cli *cli, sb_slice bytes, uint8_t draft_id[32])
{
    Sb__CharterDraft m = SB__CHARTER_DRAFT__INIT;
    uint8_t sha256[32];
    sb_hash(bytes, sha256);
    m.charter_sha256 = sb_bytes32(sha256);
    m.charter_bytes = (uint32_t)bytes.len;
    m.charter_parts =
        (uint32_t)((bytes.len + SB_CHARTER_PART_BYTES_MAX - 1) / SB_CHARTER_PART_BYTES_MAX);
    sb_err err = sb_submit_part(cli, SB_ENTRY_CHARTER_DRAFT, &m.base, SB_KEY_MEMBER, draft_id);
    for (uint32_t n = 0; err == SB_OK && n < m.charter_parts; n++) {
        Sb__CharterDraftPart part = SB__CHARTER_DRAFT_PART__INIT;
        size_t at = (size_t)n * SB_CHARTER_PART_BYTES_MAX, left = bytes.len - at;
        part.draft_id = sb_bytes32(draft_id);
        part.number = n + 1;
        part.data = (ProtobufCBinaryData){
            .len = left < SB_CHARTER_PART_BYTES_MAX ? left : SB_CHARTER_PART_BYTES_MAX,
            .data = (uint8_t *)(uintptr_t)(bytes.data + at)};
        err = sb_submit_part(cli, SB_ENTRY_CHARTER_DRAFT_PART, &part.base, SB_KEY_MEMBER, NULL);
    }
    return err;
}

static sb_err send_action(sb_cli *cli, sb_slice bytes, uint32_t overlap)
{
    Sb__ActionPropose m = SB__ACTION_PROPOSE__INIT;
    Sb__ActionCharter charter = SB__ACTION_CHARTER__INIT;
    uint8_t draft_id[32];
    sb_err err = send_draft(cli, bytes, draft_id);
    charter.draft_id = sb_bytes32(draft_id);
    charter.overlap = (Sb__Overlap)overlap;
    m.action_case = SB__ACTION_PROPOSE__ACTION_CHARTER;
    m.charter = &charter;
    return err == SB_OK ? sb_submit_action(cli, sb_args_value(cli->args, "case"), &m) : err;
}

/* ---- what would change ---- */

/* The same rule on other voting seats may come to something else. */
static bool same_votes(const Sb__Body *a, const Sb__Body *b)
{
    bool same = a->n_seats == b->n_seats;
    for (size_t i = 0; same && i < a->n_seats; i++)
        same = a->seats[i]->voting == b->seats[i]->voting &&
               strcmp(a->seats[i]->partner, b->seats[i]->partner) == 0;
    return same;
}

static void say_rule(sb_cli *cli, const char *label, const Sb__Charter *const charters[2],
                     const Sb__Body *const bodies[2], const Sb__Rule *const rules[2],
                     bool with_quorum)
{
    const char *was = rules[0] == NULL ? "" : rules[0]->text;
    const char *is = rules[1] == NULL ? "" : rules[1]->text;
    sb_rules_side sides[2];
    if (strcmp(was, is) == 0 && (was[0] == '\0' || same_votes(bodies[0], bodies[1])))
        return;
    for (int s = 0; s < 2; s++)
        sides[s] = (sb_rules_side){charters[s], bodies[s], rules[s], with_quorum, false};
    sb_cli_say(cli, "%s", bodies[1]->name);
    (void)sb_rules_differ(cli, label, sides);
}

/* The rules with another text, by what they come to differently. */
static void say_rules(sb_cli *cli, const Sb__Charter *now, const Sb__Charter *next)
{
    const Sb__Charter *const charters[2] = {now, next};
    sb_json_key(&cli->json, "rules");
    sb_json_array(&cli->json);
    for (size_t i = 0; i < now->n_bodies; i++) { /* the same ones, in the same order */
        const Sb__Body *const bodies[2] = {now->bodies[i], next->bodies[i]};
        say_rule(cli, sb_cli_either(cli, "Beslutningsdyktig", "Quorum"), charters, bodies,
                 (const Sb__Rule *[]){bodies[0]->quorum, bodies[1]->quorum}, false);
        say_rule(cli, sb_cli_either(cli, "Vedtak", "Decision"), charters, bodies,
                 (const Sb__Rule *[]){bodies[0]->pass, bodies[1]->pass}, true);
    }
    sb_json_end_array(&cli->json);
}

static sb_err say_changes(sb_cli *cli, const Sb__Charter *now, const Sb__Charter *next,
                          sb_slice next_bytes, bool *is_same)
{
    sb_structure_count count;
    sb_buf bytes;
    sb_buf_init(&bytes);
    sb_err err = sb_charter_encode(now, &bytes, &cli->fail);
    *is_same = sb_slice_eq(sb_buf_slice(&bytes), next_bytes);
    if (err == SB_OK && !*is_same) {
        say_rules(cli, now, next);
        sb_rules_structure(cli, now, next, &count);
    }
    sb_buf_deinit(&bytes);
    return err;
}

/* ---- the verb ---- */

static const sb_arg_position FILE_POSITION[] = {{.name = "FIL"}, {.name = NULL}};
static const sb_arg_option PROPOSE_OPTIONS[] = {
    {.name = "case",
     .value = "SAK",
     .nb = "saken som skal vedta endringen; trengs ikke med --dry-run",
     .en = "the case that is to decide the change; not needed with --dry-run"},
    {.name = "overlap",
     .value = "HVORDAN",
     .nb = "om endringen sammenfaller med avtalen mellom partene: none (nei), overlaps (ja) eller "
           "unclear (uklart)",
     .en = "whether the change overlaps the parties' agreement: none, overlaps or unclear"},
    {.name = "dry-run", .nb = "vis bare hva som endres", .en = "only show what would change"},
    SB_OPTION_END};

static sb_err charter_propose(sb_cli *cli)
{
    const sb_charter_options options = {.lang = cli->lang};
    sb_charter_report *report = SB_ARENA_NEW(&cli->arena, sb_charter_report);
    const Sb__Charter *now = NULL, *file = NULL;
    Sb__Charter *next = NULL;
    bool only_shows = sb_args_flag(cli->args, "dry-run");
    uint32_t overlap = 0;
    bool is_same = false;
    sb_buf bytes;
    sb_buf_init(&bytes);
    sb_err err = sb_option_word(cli, SB_TEXT_OVERLAP, "overlap", 0, &overlap);
    for (size_t i = 0; err == SB_OK && !only_shows && i < 2; i++) {
        static const char *const needed[] = {"case", "overlap"};
        if (sb_args_value(cli->args, needed[i]) == NULL)
            err = sb_args_missing(cli->args, needed[i], &cli->fail);
    }
    if (err == SB_OK)
        err = sb_charter_read(sb_args_position(cli->args, 0), &options, &cli->arena, &file, report,
                              &cli->fail);
    if (err == SB_OK)
        err = sb_charter_in_force(cli, &now);
    if (err == SB_OK)
        err = sb_charter_follow(now, file, &cli->arena, &next, &cli->fail);
    if (err == SB_OK)
        err = sb_charter_encode(next, &bytes, &cli->fail);
    if (err == SB_OK)
        err = say_changes(cli, now, next, sb_buf_slice(&bytes), &is_same);
    if (err == SB_OK && is_same)
        err = sb_fail_set(&cli->fail, SB_E_CLI_CHARTER_SAME, sb_args_position(cli->args, 0), NULL);
    if (err == SB_OK && !only_shows)
        err = send_action(cli, sb_buf_slice(&bytes), overlap);
    sb_buf_deinit(&bytes);
    return err;
}

const sb_verb_spec sb_spec_charter_propose = {FILE_POSITION, PROPOSE_OPTIONS, charter_propose};
