/* samband log: look at the entries, and verify all of them anew. */
#include "nodes/cli/inside.h"
#include "nodes/cli/leaves.h"
#include "proto/base/hash.h"
#include "proto/ledger/ledger.h"

/* ---- show ---- */

static const sb_arg_option SHOW_OPTIONS[] = {
    {.name = "from", .value = "NR", .nb = "fra denne oppføringen", .en = "from this entry"},
    {.name = "count",
     .value = "ANTALL",
     .nb = "hvor mange (40; de siste)",
     .en = "how many (40; the last)"},
    SB_OPTION_END};

enum { NAMES_MAX = 64, SHOWN_MAX = 5000 };

/* Who a key is, asked once each. */
typedef struct names {
    uint8_t pk[NAMES_MAX][32];
    const char *name[NAMES_MAX];
    uint32_t count;
} names;

static const char *ask_name(sb_cli *cli, const uint8_t pk[32])
{
    const sb_doc *key = NULL;
    const sb_fail before = cli->fail;
    char hex[65];
    sb_hex(sb_slice_of(pk, 32), hex);
    sb_err err = sb_session_ask(cli, &key, "key", hex, NULL);
    cli->fail = before;
    if (err != SB_OK)
        return sb_arena_printf(&cli->arena, "%.8s…", hex);
    const sb_doc *places = sb_doc_get(key, "places");
    const char *out = sb_doc_str(key, "organisation");
    for (uint32_t i = 0; i < sb_doc_count(places); i++) {
        const char *seat = sb_doc_str(places->items[i], "seat");
        const char *place = seat[0] != '\0' ? seat : sb_doc_str(places->items[i], "office");
        bool deputy = strcmp(sb_doc_str(places->items[i], "role"), "deputy") == 0;
        out = sb_arena_printf(&cli->arena, "%s%s%s%s", i > 0 ? out : "", i > 0 ? ", " : "", place,
                              deputy ? sb_cli_either(cli, " (vara)", " (deputy)") : "");
    }
    if (out[0] == '\0')
        out = strcmp(sb_doc_str(key, "kind"), "log") == 0
                  ? sb_cli_either(cli, "megleren", "broker")
                  : sb_arena_printf(&cli->arena, "%.8s…", hex);
    return out;
}

static const char *name_of(sb_cli *cli, names *n, const uint8_t pk[32])
{
    for (uint32_t i = 0; i < n->count; i++)
        if (memcmp(n->pk[i], pk, 32) == 0)
            return n->name[i];
    const char *name = ask_name(cli, pk);
    if (n->count < NAMES_MAX) {
        memcpy(n->pk[n->count], pk, 32);
        n->name[n->count++] = name;
    }
    return name;
}

typedef struct shown {
    sb_cli *cli;
    names *names;
    sb_buf lines;
} shown;

static sb_err show_leaf(void *arg, uint64_t index, const sb_leaf *leaf)
{
    shown *s = arg;
    sb_cli *cli = s->cli;
    sb_json *j = &cli->json;
    const char *name = name_of(cli, s->names, leaf->entry.signer_pk);
    sb_buf_printf(&s->lines, "%llu\t%s\t%s\t%s\n", (unsigned long long)index,
                  sb_cli_time(cli, leaf->sequenced_at_ms),
                  sb_text_word(SB_TEXT_ENTRY, leaf->entry.type, cli->lang), name);
    sb_json_object(j);
    sb_json_key(j, "index");
    sb_json_u64(j, index);
    sb_json_key(j, "time_ms");
    sb_json_u64(j, leaf->sequenced_at_ms);
    sb_json_key(j, "type");
    sb_json_cstr(j, sb_text_code(SB_TEXT_ENTRY, leaf->entry.type));
    sb_json_key(j, "id");
    sb_json_hex(j, sb_slice_of(leaf->entry.id, 32));
    sb_json_key(j, "signer");
    sb_json_hex(j, sb_slice_of(leaf->entry.signer_pk, 32));
    sb_json_key(j, "who");
    sb_json_cstr(j, name);
    sb_json_end_object(j);
    return SB_OK;
}

static sb_err log_show(sb_cli *cli)
{
    const sb_doc *status = NULL;
    uint64_t from = 0, count = 0;
    shown s = {.cli = cli, .names = SB_ARENA_NEW(&cli->arena, names)};
    sb_err err = sb_session_ask(cli, &status, "status", NULL);
    uint64_t size = sb_doc_num(status, "size");
    if (err == SB_OK)
        err = sb_args_u64(cli->args, "count", 1, SHOWN_MAX, 40, &count, &cli->fail);
    if (err == SB_OK)
        err = sb_args_u64(cli->args, "from", 0, INT64_MAX, size > count ? size - count : 0, &from,
                          &cli->fail);
    if (err != SB_OK)
        return err;
    uint64_t to = from + count < size ? from + count : size;
    sb_buf_init(&s.lines);
    sb_json_key(&cli->json, "size");
    sb_json_u64(&cli->json, size);
    sb_json_key(&cli->json, "entries");
    sb_json_array(&cli->json);
    err = sb_leaves_each(cli, from, to, show_leaf, &s);
    sb_json_end_array(&cli->json);
    sb_cli_say_table(cli, &s.lines);
    sb_buf_deinit(&s.lines);
    return err;
}

const sb_verb_spec sb_spec_log_show = {NULL, SHOW_OPTIONS, log_show};

/* ---- verify ---- */

enum { FLUSH_EVERY = 1000 };

typedef struct refold {
    sb_cli *cli;
    sb_ledger *ledger;
} refold;

/* A leaf that the fold refuses ends the verification with its place and reason. */
static sb_err refold_leaf(void *arg, uint64_t index, const sb_leaf *leaf)
{
    refold *r = arg;
    sb_fail why = {0};
    if (sb_ledger_step(r->ledger, leaf, NULL, NULL, &why) != SB_OK) {
        sb_buf words;
        sb_buf_init(&words);
        sb_text_fail(&why, r->cli->lang, &words);
        sb_err err = sb_fail_set(&r->cli->fail, SB_E_CLI_REFOLD,
                                 sb_arena_printf(&r->cli->arena, "%llu", (unsigned long long)index),
                                 sb_buf_cstr(&words), NULL);
        sb_buf_deinit(&words);
        return err;
    }
    if (sb_ledger_unflushed(r->ledger) >= FLUSH_EVERY)
        sb_ledger_flush(r->ledger);
    if (index % 10000 == 0 && index > 0)
        sb_cli_progress(r->cli, "%llu …", (unsigned long long)index);
    return SB_OK;
}

static sb_err differs(sb_cli *cli, const char *what, const uint8_t ours[32],
                      const uint8_t theirs[32])
{
    char a[65], b[65];
    sb_hex(sb_slice_of(ours, 32), a);
    sb_hex(sb_slice_of(theirs, 32), b);
    return sb_fail_set(&cli->fail, SB_E_CLI_DIFFERS, sb_arena_printf(&cli->arena, "%.16s", a), what,
                       sb_arena_printf(&cli->arena, "%.16s", b), NULL);
}

/* The log begins with the genesis that is trusted. */
static sb_err compare_federation(sb_cli *cli, sb_ledger *ledger)
{
    uint8_t federation[32] = {0};
    if (sb_ledger_federation_id(ledger, federation) &&
        memcmp(federation, cli->session->federation.federation_id, 32) == 0)
        return SB_OK;
    return differs(cli, sb_cli_either(cli, "føderasjonen", "the federation"), federation,
                   cli->session->federation.federation_id);
}

/* The refolded history against what the node says, what is final, and what was seen before. */
static sb_err compare(sb_cli *cli, sb_ledger *ledger, const sb_doc *status,
                      const sb_seen_head *final)
{
    sb_ledger_position at;
    uint8_t root[32], digest[32];
    sb_ledger_position_get(ledger, &at);
    sb_err err = sb_doc_hex32(status, "root", root, &cli->fail);
    if (err == SB_OK)
        err = sb_doc_hex32(status, "digest", digest, &cli->fail);
    if (err != SB_OK)
        return err;
    if (memcmp(root, at.root, 32) != 0)
        return differs(cli, sb_cli_either(cli, "hodet", "the head"), at.root, root);
    if (memcmp(digest, at.digest, 32) != 0)
        return differs(cli, sb_cli_either(cli, "tilstanden", "the state"), at.digest, digest);
    if (final->size > 0 &&
        (!sb_ledger_root_at(ledger, final->size, root) || memcmp(root, final->root, 32) != 0))
        return differs(cli, sb_cli_either(cli, "det bekreftede hodet", "the confirmed head"), root,
                       final->root);
    return SB_OK;
}

static void tell(sb_cli *cli, sb_ledger *ledger, const sb_seen_head *final)
{
    sb_ledger_position at;
    sb_ledger_position_get(ledger, &at);
    char root[65], digest[65];
    sb_hex(sb_slice_of(at.root, 32), root);
    sb_hex(sb_slice_of(at.digest, 32), digest);
    sb_cli_say(cli,
               sb_cli_either(cli, "Kontrollert: %llu oppføringer, alle stemmer.",
                             "Verified: %llu entries, all correct."),
               (unsigned long long)at.size);
    sb_cli_say(cli, sb_cli_either(cli, "Bekreftet: %llu oppføringer.", "Confirmed: %llu entries."),
               (unsigned long long) final->size);
    sb_cli_say(cli, "%s: %s", sb_cli_either(cli, "hode", "head"), root);
    sb_cli_say(cli, "%s: %s", sb_cli_either(cli, "tilstand", "state"), digest);
    sb_json *j = &cli->json;
    sb_json_key(j, "size");
    sb_json_u64(j, at.size);
    sb_json_key(j, "root");
    sb_json_cstr(j, root);
    sb_json_key(j, "digest");
    sb_json_cstr(j, digest);
    sb_json_key(j, "final_size");
    sb_json_u64(j, final->size);
}

/* Every SEAL and HANDOVER was checked in its place, from genesis on: so the log itself says whose
 * keys and which policies its head is to be judged by. */
static sb_err learn_trust(sb_cli *cli, sb_ledger *ledger, uint64_t certified_size)
{
    sb_trust *trust = &cli->session->trust;
    sb_slice texts[SB_TRUST_POLICIES_MAX];
    size_t count = 0;
    sb_err err = SB_OK;
    trust->term_count = 0;
    for (uint32_t term = 1; err == SB_OK && term <= sb_ledger_term(ledger); term++) {
        sb_ledger_term_info info;
        if (sb_ledger_term_get(ledger, term, &info))
            err = sb_trust_add_term(trust, trust->slug, term, info.log_pk, &cli->fail);
    }
    for (sb_buf text; certified_size > 0 && count < SB_TRUST_POLICIES_MAX; count++) {
        sb_buf_init(&text);
        bool found = sb_ledger_policy_text(ledger, certified_size, (uint32_t)count, &text);
        texts[count] = sb_arena_copy(&cli->arena, sb_buf_slice(&text));
        sb_buf_deinit(&text);
        if (!found)
            break;
    }
    if (err == SB_OK && count > 0)
        err = sb_trust_set_policies(trust, texts, count, &cli->arena, &cli->fail);
    trust->changed = true;
    return err;
}

static sb_err log_verify(sb_cli *cli)
{
    const sb_doc *status = NULL, *head = NULL;
    sb_seen_head last, final;
    refold r = {.cli = cli};
    sb_kv *kv = sb_kv_memory_new();
    /* The head first: the status asked later covers it. */
    sb_err err = sb_session_ask_head(cli, &last, &head);
    if (err == SB_OK)
        err = sb_session_ask(cli, &status, "status", NULL);
    if (err == SB_OK)
        err = sb_ledger_open(&r.ledger, kv, NULL, &cli->fail);
    if (err == SB_OK)
        err = sb_leaves_each(cli, 0, sb_doc_num(status, "size"), refold_leaf, &r);
    if (err == SB_OK)
        err = compare_federation(cli, r.ledger);
    if (err == SB_OK)
        err = learn_trust(cli, r.ledger, sb_doc_num(sb_doc_get(head, "certified"), "size"));
    if (err == SB_OK)
        err = sb_session_judge_head(cli, &last, head, &final);
    if (err == SB_OK) /* what the log says, not what the node said */
        err = learn_trust(cli, r.ledger, sb_doc_num(sb_doc_get(head, "certified"), "size"));
    if (err == SB_OK)
        err = compare(cli, r.ledger, status, &final);
    if (err == SB_OK)
        err = sb_home_keep_trust(cli, &cli->session->trust);
    if (err == SB_OK)
        tell(cli, r.ledger, &final);
    if (r.ledger != NULL)
        sb_ledger_close(r.ledger);
    sb_kv_memory_free(kv);
    return err;
}

const sb_verb_spec sb_spec_log_verify = {NULL, NULL, log_verify};
