/* samband witness: somebody outside who confirms that there is one history (C2SP tlog-witness). */
#include <stdio.h>

#include "nodes/cli/daemon.h"
#include "nodes/cli/inside.h"
#include "nodes/host/file.h"
#include "nodes/host/keystore.h"
#include "nodes/web/http.h"
#include "proto/base/hash.h"
#include "proto/merkle/tlog_policy.h"
#include "proto/merkle/tlog_witness.h"
#include "proto/sign/lines.h"

/* ---- init ---- */

static const sb_arg_position DIR_POSITION[] = {{.name = "KATALOG"}, {.name = NULL}};

static const sb_arg_option INIT_OPTIONS[] = {
    {.name = "name",
     .value = "NAVN",
     .nb = "vitnets navn i bekreftelsene, for eksempel statsforvalteren.example.no",
     .en = "the witness's name in cosignatures, for example witness.example.org",
     .is_required = true},
    {.name = "listen",
     .value = "ADRESSE",
     .nb = "hvor det svarer på HTTP (127.0.0.1:7140); en omvendt mellomtjener gir TLS",
     .en = "where it answers HTTP (127.0.0.1:7140); a reverse proxy adds TLS"},
    {.name = "policy",
     .value = "FIL",
     .nb = "filen policy i en revisjonspakke: loggen som skal bekreftes, står der",
     .en = "the file policy of a bundle: it names the log to confirm",
     .is_required = true},
    SB_OPTION_END};

static sb_err write_config(sb_cli *cli, const char *dir, const sb_tlog_policy *policy)
{
    sb_buf text;
    sb_buf_init(&text);
    sb_buf_str(&text,
               "# Samband: et vitne utenfor fellesskapet. En ny linje under logs for hver ny "
               "termin.\n");
    sb_buf_printf(&text, "name: '%s'\nlisten: '%s'\nlogs:\n", sb_args_value(cli->args, "name"),
                  sb_args_value_or(cli->args, "listen", "127.0.0.1:7140"));
    for (uint32_t i = 0; i < policy->log_count; i++) {
        sb_buf_str(&text, "  - '");
        sb_vkey_add(&text, policy->logs[i].name, SB_NOTE_TYPE_LOG, policy->logs[i].pk);
        sb_buf_str(&text, "'\n");
    }
    sb_err err = sb_file_write_new(sb_path_join(&cli->arena, dir, "witness.yaml"),
                                   sb_buf_slice(&text), SB_FILE_MODE, &cli->fail);
    sb_buf_deinit(&text);
    return err;
}

static sb_err witness_init(sb_cli *cli)
{
    const char *dir = sb_args_position(cli->args, 0), *name = sb_args_value(cli->args, "name");
    const char *path = sb_args_value(cli->args, "policy");
    sb_tlog_policy policy;
    sb_buf text, vkey;
    uint8_t pk[32];
    sb_buf_init(&text);
    sb_buf_init(&vkey);
    sb_err err = sb_file_read(path, SB_TLOG_POLICY_BYTES_MAX, &text, &cli->fail);
    if (err == SB_OK)
        err = sb_tlog_policy_parse(sb_buf_slice(&text), &cli->arena, &policy, &cli->fail);
    if (err == SB_OK && (!sb_note_name_valid(sb_slice_str(name)) || strchr(name, '\'') != NULL))
        err = sb_fail_set(&cli->fail, SB_E_WITNESS_NAME, "--name", "1", name, NULL);
    if (err == SB_OK)
        err = sb_dir_make(dir, 0700, &cli->fail);
    if (err == SB_OK)
        err = sb_keystore_new(sb_path_join(&cli->arena, dir, "witness.key"), SB_KEY_WITNESS, NULL,
                              NULL, pk, &cli->fail);
    if (err == SB_OK)
        err = write_config(cli, dir, &policy);
    if (err == SB_OK) {
        sb_vkey_add(&vkey, sb_slice_str(name), SB_NOTE_TYPE_COSIGNATURE, pk);
        sb_daemon_done(cli, dir);
        sb_cli_say(cli, "%s: %s", sb_cli_either(cli, "vitnets nøkkel", "the witness's key"),
                   sb_buf_cstr(&vkey));
        sb_cli_say(cli, "%s: samband-witness %s",
                   sb_cli_either(cli, "start det med", "start it with"), dir);
        sb_json_key(&cli->json, "vkey");
        sb_json_cstr(&cli->json, sb_buf_cstr(&vkey));
    }
    sb_buf_deinit(&text);
    sb_buf_deinit(&vkey);
    return err;
}

const sb_verb_spec sb_spec_witness_init = {DIR_POSITION, INIT_OPTIONS, witness_init};

/* ---- ask ---- */

static const sb_arg_position URL_POSITION[] = {{.name = "ADRESSE"}, {.name = NULL}};

static const sb_arg_option ASK_OPTIONS[] = {{.name = "out",
                                             .value = "FIL",
                                             .nb = "skriv hodet med vitnets bekreftelse",
                                             .en = "write the head with the witness's cosignature"},
                                            SB_OPTION_END};

/* Consistency old -> new, from one's own node. */
static sb_err ask_proof(sb_cli *cli, uint64_t old_size, uint64_t size, sb_proof *proof)
{
    const sb_doc *answer = NULL;
    proof->count = 0;
    if (old_size == 0 || old_size == size)
        return SB_OK;
    sb_err err =
        sb_session_ask(cli, &answer, "consistency",
                       sb_arena_printf(&cli->arena, "%llu", (unsigned long long)old_size),
                       sb_arena_printf(&cli->arena, "%llu", (unsigned long long)size), NULL);
    const sb_doc *list = sb_doc_get(answer, "proof");
    for (uint32_t i = 0; err == SB_OK && i < sb_doc_count(list); i++)
        if (i == SB_WITNESS_PROOF_HASHES_MAX ||
            !sb_unhex(list->items[i]->text, proof->hashes[proof->count++].b, 32))
            err = sb_fail_set(&cli->fail, SB_E_INTERNAL, "consistency", NULL);
    return err;
}

static sb_err post(sb_cli *cli, const char *url, uint64_t old_size, const sb_checkpoint *head,
                   sb_slice note, uint32_t *status, sb_buf *answer)
{
    sb_proof proof;
    sb_buf body;
    sb_buf_init(&body);
    sb_err err = ask_proof(cli, old_size, head->size, &proof);
    if (err == SB_OK) {
        sb_add_checkpoint_write(old_size, &proof, note, &body);
        sb_buf_clear(answer);
        err = sb_http_post(sb_arena_printf(&cli->arena, "%s/add-checkpoint", url),
                           "application/octet-stream", sb_buf_slice(&body), SB_NOTE_BYTES_MAX,
                           status, answer, &cli->fail);
    }
    sb_buf_deinit(&body);
    return err;
}

static bool read_size(const sb_buf *answer, uint64_t *size)
{
    sb_slice text = sb_buf_slice(answer);
    if (text.len == 0 || text.data[text.len - 1] != '\n')
        return false;
    return sb_decimal_parse(sb_slice_of(text.data, text.len - 1), INT64_MAX, size);
}

static sb_err refused(sb_cli *cli, uint32_t status, const sb_buf *answer)
{
    char code[16];
    char *text = sb_arena_printf(&cli->arena, "%.*s", (int)answer->len, (const char *)answer->data);
    text[strcspn(text, "\r\n")] = '\0';
    (void)snprintf(code, sizeof code, "%u", (unsigned)status);
    return sb_fail_set(&cli->fail, SB_E_WITNESS_REFUSED, code, text, NULL);
}

static sb_err tell(sb_cli *cli, const sb_checkpoint *head, sb_slice note, const sb_buf *lines)
{
    const char *out = sb_args_value(cli->args, "out");
    sb_cli_say(cli,
               sb_cli_either(cli, "Vitnet har bekreftet historien til og med oppføring %llu.",
                             "The witness confirmed the history up to entry %llu."),
               (unsigned long long)(head->size - 1));
    sb_cli_say(cli, "%.*s", (int)(lines->len - 1), (const char *)lines->data);
    sb_json_key(&cli->json, "size");
    sb_json_u64(&cli->json, head->size);
    sb_json_key(&cli->json, "lines");
    sb_json_str(&cli->json, sb_buf_slice(lines));
    if (out == NULL)
        return SB_OK;
    sb_buf whole;
    sb_buf_init(&whole);
    sb_buf_add(&whole, note);
    sb_buf_add(&whole, sb_buf_slice(lines));
    sb_err err = sb_file_write(out, sb_buf_slice(&whole), SB_FILE_MODE, &cli->fail);
    sb_buf_deinit(&whole);
    return err;
}

/* It says itself where it stands: first as if it were new, then from the size that it names. */
static sb_err witness_ask(sb_cli *cli)
{
    const char *url = sb_args_position(cli->args, 0);
    const sb_doc *notes = NULL;
    sb_checkpoint head;
    sb_note_line line;
    uint32_t status = 0;
    uint64_t old_size = 0;
    sb_buf answer;
    sb_buf_init(&answer);
    sb_err err = sb_session_ask(cli, &notes, "checkpoint", NULL);
    sb_slice note = sb_slice_str(sb_doc_str(notes, "certified"));
    if (err == SB_OK && note.len == 0)
        err = sb_fail_set(&cli->fail, SB_E_NOT_FOUND, "checkpoint", NULL);
    if (err == SB_OK)
        err = sb_checkpoint_parse(note, &head, &cli->fail);
    if (err == SB_OK)
        err = post(cli, url, 0, &head, note, &status, &answer);
    if (err == SB_OK && status == SB_WITNESS_CONFLICT && read_size(&answer, &old_size) &&
        old_size <= head.size)
        err = post(cli, url, old_size, &head, note, &status, &answer);
    if (err == SB_OK && (status != SB_WITNESS_OK ||
                         sb_note_parse_line(sb_buf_slice(&answer), &line, NULL) != SB_OK))
        err = refused(cli, status, &answer);
    if (err == SB_OK)
        err = tell(cli, &head, note, &answer);
    sb_buf_deinit(&answer);
    return err;
}

const sb_verb_spec sb_spec_witness_ask = {URL_POSITION, ASK_OPTIONS, witness_ask};
