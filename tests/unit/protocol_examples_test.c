/* The worked examples of PROTOCOL.md: one small history, made here with published seeds, and all
 * that is signed and proved about it. The section between the two markers is compared byte for
 * byte. SB_REGENERATE=1 writes it anew: since these bytes are signed and stored for ever, a
 * difference is a change of the protocol. tests/oracle/verifier_examples_test.py verifies the same
 * text without this code. */
#include "tests/lib/cmocka_all.h"

#include "proto/base/hash.h"
#include "proto/evidence/decision_proof.h"
#include "proto/evidence/evidence.h"
#include "proto/ledger/rows.h"
#include "proto/merkle/base64.h"
#include "proto/merkle/head_notes.h"
#include "proto/merkle/tlog_witness.h"
#include "proto/sign/keyfile.h"
#include "tests/unit/protocol_examples_world.h"

#include <stdio.h>
#include <stdlib.h>

#define PROTOCOL "proto/PROTOCOL.md"
#define BEGIN "<!-- examples:begin -->\n"
#define END "<!-- examples:end -->\n"
/* ---- entries, digest, rows ---- */

static void put_keys(sb_buf *out)
{
    static const char *const names[KEYS] = {NULL,       "log",   "witness",      "authority",
                                            "recovery", "curve", "broker.curve", "log.2",
                                            "curve.2",  "log.3"};
    sb_buf_str(out, "**Keys.** The seed of each Ed25519 key is one byte 32 times: `01` log, `02` "
                    "witness, `03` authority, `04` recovery, `07` and `09` two that would be log "
                    "keys of term 2;\nso are the Curve25519 secrets `05` of the organisation, `06` "
                    "and `08` of the brokers.\n```hex\n");
    for (int i = 1; i < KEYS; i++)
        put_hash(out, names[i], w.pk[i]);
    sb_buf_str(out, "```\n\n");
}

static void put_entry(sb_buf *out, const char *of, sb_slice leaf)
{
    static const struct {
        const char *name;
        size_t len;
    } parts[] = {{"time_ms", 8},    {"version", 1},    {"type", 1},        {"federation_id", 32},
                 {"signer_pk", 32}, {"signer_seq", 8}, {"anchor_size", 8}, {"anchor_root", 32},
                 {"len", 4},        {"payload", 0},    {"signature", 64}};
    size_t at = 0;
    char name[64];
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        bool is_payload = parts[i].len == 0;
        sb_slice part = sb_slice_of(leaf.data + at, is_payload ? leaf.len - 64 - at : parts[i].len);
        snprintf(name, sizeof name, "%s.%s", of, parts[i].name);
        (is_payload ? put_payload : put_hex)(out, name, part);
        at += part.len;
    }
    assert_int_equal(at, leaf.len);
}

static void put_entries(sb_buf *out)
{
    sb_buf_str(
        out, "**Two leaves**: GENESIS of one organisation, then a STATE. A payload has each of its "
             "fields on a line. The id is SHA-256 of the parts from `version` to `payload`, before "
             "which the\nsigned message has `samband/entry/v1` and a zero byte.\n```hex\n");
    uint8_t id[32];
    put_entry(out, "genesis", sb_buf_slice(&w.leaf[0]));
    put_hash(out, "genesis.id", w.federation_id);
    put_hash(out, "genesis.leaf_hash", w.leaf_hash[0]);
    put_entry(out, "state", sb_buf_slice(&w.leaf[1]));
    sb_hash(sb_slice_of(w.leaf[1].data + 8, w.leaf[1].len - 72), id);
    put_hash(out, "state.id", id);
    put_hash(out, "state.leaf_hash", w.leaf_hash[1]);
    put_hash(out, "root", w.head.root);
    sb_buf_str(out, "```\n\n");
}

/* One row, its key and value taken apart by its fields. */
static void put_row(sb_buf *out, sb_kv *kv, sb_slice key)
{
    const sb_row_desc *d = sb_row_desc_of(key.data[0]);
    sb_slice value, from = key;
    char name[64];
    assert_true(sb_kv_get(kv, key, &value));
    snprintf(name, sizeof name, "row.%s", d->name);
    put_hex(out, name, sb_slice_of(key.data, 1));
    size_t at = 1;
    for (size_t i = 0; i < d->field_count; i++) {
        static const size_t sizes[] = {[SB_ROW_u8] = 1,   [SB_ROW_u32] = 4, [SB_ROW_u64] = 8,
                                       [SB_ROW_b32] = 32, [SB_ROW_d64] = 8, [SB_ROW_bytes] = 0};
        if (i == d->key_count) {
            assert_int_equal(at, key.len);
            from = value;
            at = 0;
        }
        size_t len = sizes[d->fields[i].type];
        if (len == 0) { /* only a str in a value here */
            assert_int_equal(d->fields[i].type, SB_ROW_str);
            len = 2 + ((size_t)from.data[at] << 8 | from.data[at + 1]);
        }
        snprintf(name, sizeof name, "row.%s.%s", d->name, d->fields[i].name);
        put_hex(out, name, sb_slice_of(from.data + at, len));
        at += len;
    }
    assert_int_equal(at, value.len);
}

static void put_digest(sb_buf *out)
{
    static const uint8_t org[] = {0x03, 0, 0, 0, 0};
    static const uint8_t witness[] = {0x18, 0,    0,    0,    0,    0xff, 0xff,
                                      0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    sb_buf_str(out, "**Effects and digest** of the two steps: the rows that changed, in key order, "
                    "each `op ‖ u16 ‖ key ‖ u32 ‖ value`. The STATE holds `digest.0`.\n```hex\n");
    sb_buf_add(out, sb_buf_slice(&w.effect_lines));
    put_hash(out, "digest.0", w.effects_digest[0]);
    put_hash(out, "digest.1", w.effects_digest[1]);
    sb_buf_str(out,
               "```\nTwo of these rows taken apart: table, the fields of the key, those of the "
               "value.\n```hex\n");
    put_row(out, w.rows, sb_slice_of(org, sizeof org));
    put_row(out, w.rows, sb_slice_of(witness, sizeof witness));
    sb_buf_str(out, "```\n\n");
}

/* ---- heads ---- */

static void put_checkpoint(sb_buf *out)
{
    sb_buf message;
    uint8_t id[4], payload[SB_COSIGNATURE_BYTES];
    char name[SB_ORIGIN_BYTES_MAX + 8];
    sb_buf_init(&message);
    snprintf(name, sizeof name, "%s/unn", w.head.origin);
    sb_buf_str(out,
               "**Checkpoint and cosignature** of the head of both leaves, as they stand in a "
               "bundle. The log signs the three lines of the text (an empty line and the log's "
               "line follow), the witness `cosignature.message`.\n");
    put_text(out, "checkpoint", sb_buf_slice(&w.cosigned));
    sb_buf_str(out, "```hex\n");
    sb_note_key_id(sb_slice_str(w.head.origin), SB_NOTE_TYPE_LOG, w.pk[LOG], id);
    put_hex(out, "log.key_id", sb_slice_of(id, 4));
    put_hex(out, "log.signature", sb_slice_of(w.log_signature, 64));
    sb_note_key_id(sb_slice_str(name), SB_NOTE_TYPE_COSIGNATURE, w.pk[WITNESS], id);
    put_hex(out, "witness.key_id", sb_slice_of(id, 4));
    sb_cosignature_message(&w.head, COSIGNED_S, &message);
    put_hex(out, "cosignature.message", sb_buf_slice(&message));
    sb_cosignature_pack(&w.cosignature, payload);
    put_hex(out, "cosignature", sb_slice_of(payload, sizeof payload));
    sb_buf_str(out, "```\n\n");
    sb_buf_deinit(&message);
}

static Sb__Cosignature cosignature_of(const sb_cosignature *c)
{
    Sb__Cosignature m = SB__COSIGNATURE__INIT;
    m.witness_pk = bytes_of(w.pk[WITNESS], 32);
    m.time_s = c->time_s;
    m.signature = bytes_of(c->sig, 64);
    return m;
}

static void put_seal(sb_buf *out)
{
    Sb__Cosignature by = cosignature_of(&w.cosignature), *all[] = {&by};
    Sb__Seal m = SB__SEAL__INIT;
    m.size = 2;
    m.root = bytes_of(w.head.root, 32);
    m.n_cosignatures = 1;
    m.cosignatures = all;
    m.log_signature = bytes_of(w.log_signature, 64);
    const ProtobufCMessage *decoded;
    sb_slice payload = packed(&m.base);
    MUST(sb_payload_decode(SB_ENTRY_SEAL, payload, &w.arena, &decoded, NULL));
    sb_buf_str(out,
               "**SEAL** of that head, its payload (a log takes one when its charter is whole; "
               "this one's isn't).\n```hex\n");
    put_payload(out, "seal.payload", payload);
    sb_buf_str(out, "```\n\n");
}

static void put_policy(sb_buf *out, sb_buf *text)
{
    char name[SB_ORIGIN_BYTES_MAX + 8];
    snprintf(name, sizeof name, "%s/unn", w.head.origin);
    sb_buf_str(text, "log ");
    sb_vkey_add(text, sb_slice_str(w.head.origin), SB_NOTE_TYPE_LOG, w.pk[LOG]);
    sb_buf_str(text, "\nwitness unn ");
    sb_vkey_add(text, sb_slice_str(name), SB_NOTE_TYPE_COSIGNATURE, w.pk[WITNESS]);
    sb_buf_str(text, "\ngroup QUORUM 1 unn\nquorum QUORUM\n");
    sb_tlog_policy policy;
    sb_checkpoint head;
    bool cosigned[8];
    MUST(sb_tlog_policy_parse(sb_buf_slice(text), &w.arena, &policy, NULL));
    MUST(
        sb_tlog_policy_verify(&policy, sb_buf_slice(&w.cosigned), &w.arena, &head, cosigned, NULL));
    sb_buf_str(out, "**Policy** under which that note is certified, as the bundle's `policy`.\n");
    put_text(out, "policy", sb_buf_slice(text));
    sb_buf_str(out, "\n");
}

static void put_add_checkpoint(sb_buf *out)
{
    sb_buf ask;
    sb_proof proof = {.count = 1};
    sb_checkpoint last = w.head;
    sb_add_checkpoint parsed;
    sb_buf_init(&ask);
    memcpy(proof.hashes[0].b, w.leaf_hash[1], 32);
    sb_add_checkpoint_write(1, &proof, sb_buf_slice(&w.note), &ask);
    MUST(sb_add_checkpoint_parse(sb_buf_slice(&ask), &parsed, NULL));
    last.size = 1;
    memcpy(last.root, w.leaf_hash[0], 32);
    assert_int_equal(sb_add_checkpoint_judge(&parsed, &w.head, &last), SB_WITNESS_OK);
    sb_buf_str(out, "**Add-checkpoint request** for it to a witness that cosigned size 1 last; the "
                    "answer's body would be the witness's line above.\n");
    put_text(out, "add-checkpoint", sb_buf_slice(&ask));
    sb_buf_str(out, "\n");
    sb_buf_deinit(&ask);
}

/* ---- statements and terms ---- */

static sb_slice promise_bytes(const sb_promise *p)
{
    sb_buf b;
    sb_buf_init(&b);
    const sb_head *heads[] = {&p->seal, &p->cosigned};
    add_u(&b, 1, 1);
    add_u(&b, p->term, 4);
    sb_buf_add(&b, sb_slice_of(p->log_pk, 32));
    for (int i = 0; i < 2; i++) {
        add_u(&b, heads[i]->term, 4);
        add_u(&b, heads[i]->size, 8);
        sb_buf_add(&b, sb_slice_of(heads[i]->root, 32));
    }
    sb_slice out = sb_arena_copy(&w.arena, sb_buf_slice(&b));
    sb_buf_deinit(&b);
    return out;
}

/* Term 2 for this key; the head of the two leaves is both the sealed and the last cosigned one. */
static sb_evidence_promise promise_to(int log_key)
{
    sb_evidence_promise p = {.promise.term = 2, .promise.seal = {.term = 1, .size = 2}};
    memcpy(p.promise.log_pk, w.pk[log_key], 32);
    memcpy(p.promise.seal.root, w.head.root, 32);
    p.promise.cosigned = p.promise.seal;
    MUST(sb_promise_sign(w.federation_id, &p.promise, w.secret[WITNESS], p.signature, NULL));
    return p;
}

/* A statement's bytes and signature; they must be what was signed. */
static void put_statement(sb_buf *out, const char *name, sb_slice statement, int key,
                          const uint8_t signature[64])
{
    char with[64];
    sb_buf message;
    sb_buf_init(&message);
    sb_buf_add(&message, sb_slice_of(w.federation_id, 32));
    sb_buf_add(&message, statement);
    assert_true(
        sb_verify_domain(w.pk[key], SB_DOMAIN_STATEMENT, sb_buf_slice(&message), signature));
    sb_buf_deinit(&message);
    put_hex(out, name, statement);
    snprintf(with, sizeof with, "%s.signature", name);
    put_hex(out, with, sb_slice_of(signature, 64));
}

static void put_statements(sb_buf *out)
{
    static const char address[] = "tcp://broker.example:5710";
    uint8_t signature[64], action[32];
    sb_evidence_promise p = promise_to(LOG_2);
    sb_buf b;
    sb_buf_init(&b);
    sb_buf_str(out, "**Statements** (Promises): of term 2 for the key `log.2`; WITHDRAW names the "
                    "action 32 × `aa`. Signed is `samband/statement/v1`, a zero byte, the "
                    "federation id (`genesis.id`), the statement.\n```hex\n");
    put_statement(out, "promise", promise_bytes(&p.promise), WITNESS, p.signature);

    sb_consent consent = {.term = 2, .address = sb_slice_str(address)};
    memcpy(consent.log_pk, w.pk[LOG_2], 32);
    memcpy(consent.curve_pk, w.pk[CURVE_2], 32);
    MUST(sb_consent_sign(w.federation_id, &consent, w.secret[AUTHORITY], signature, NULL));
    add_u(&b, 2, 1);
    add_u(&b, 2, 4);
    sb_buf_add(&b, sb_slice_of(consent.log_pk, 32));
    sb_buf_add(&b, sb_slice_of(consent.curve_pk, 32));
    add_u(&b, strlen(address), 2);
    sb_buf_str(&b, address);
    put_statement(out, "consent", sb_buf_slice(&b), AUTHORITY, signature);

    memset(action, 0xaa, 32);
    MUST(sb_withdraw_sign(w.federation_id, action, w.secret[AUTHORITY], signature, NULL));
    sb_buf_clear(&b);
    add_u(&b, 3, 1);
    sb_buf_add(&b, sb_slice_of(action, 32));
    put_statement(out, "withdraw", sb_buf_slice(&b), AUTHORITY, signature);
    sb_buf_str(out, "```\n\n");
    sb_buf_deinit(&b);
}

static void put_handover(sb_buf *out)
{
    sb_evidence_promise p = promise_to(LOG_2);
    Sb__Cosignature by = cosignature_of(&w.cosignature), *cosignatures[] = {&by};
    Sb__Head head = SB__HEAD__INIT, *heads[] = {&head};
    head.term = 1;
    head.size = 2;
    head.root = bytes_of(w.head.root, 32);
    Sb__Promised promised = SB__PROMISED__INIT, *promises[] = {&promised};
    promised.witness_pk = bytes_of(w.pk[WITNESS], 32);
    promised.seal = promised.cosigned = 1;
    promised.signature = bytes_of(p.signature, 64);
    Sb__Handover m = SB__HANDOVER__INIT;
    m.term = 2;
    m.log_pk = bytes_of(w.pk[LOG_2], 32);
    m.continues_size = 2;
    m.continues_root = head.root;
    m.n_heads = m.n_promises = m.n_cosignatures = 1;
    m.heads = heads;
    m.promises = promises;
    m.cosignatures = cosignatures;
    const ProtobufCMessage *decoded;
    sb_slice payload = packed(&m.base);
    MUST(sb_payload_decode(SB_ENTRY_HANDOVER, payload, &w.arena, &decoded, NULL));
    sb_buf_str(out,
               "**HANDOVER** that carries this promise, its payload: term 2 continues from the "
               "head of both leaves.\n```hex\n");
    put_payload(out, "handover.payload", payload);
    sb_buf_str(out, "```\n\n");
}

static void put_evidence(sb_buf *out, sb_slice policy_text)
{
    sb_evidence_promise a = promise_to(LOG_2), b = promise_to(LOG_3);
    sb_evidence_tie tie = {.federation_id = w.federation_id};
    sb_tlog_policy policy;
    sb_evidence_help help = {.policy = &policy};
    sb_evidence_verdict verdict;
    sb_buf file;
    sb_buf_init(&file);
    MUST(sb_evidence_make_promises(&tie, w.pk[WITNESS], &a, &b, &file, NULL));
    MUST(sb_tlog_policy_parse(policy_text, &w.arena, &policy, NULL));
    MUST(sb_evidence_judge(sb_buf_slice(&file), &help, &w.arena, &verdict, NULL));
    assert_int_equal(verdict.convicted_count, 1);
    assert_memory_equal(verdict.convicted[0].pk, w.pk[WITNESS], 32);
    sb_buf_str(out,
               "**Evidence** of two promises of term 2, for `log.2` and `log.3`: the whole "
               "file, a new line here at each line feed of its headers. Under the policy above it "
               "convicts the witness.\n```hex\n");
    for (size_t at = 0; at < file.len;) { /* header line, then its bytes and their line feed */
        const uint8_t *eol = memchr(file.data + at, '\n', file.len - at);
        assert_non_null(eol);
        size_t line = (size_t)(eol - file.data) + 1 - at;
        put_hex(out, at == 0 ? "evidence" : "", sb_slice_of(file.data + at, line));
        if (at != 0) {
            const char *space = memchr(file.data + at, ' ', line);
            size_t len = strtoul(space + 1, NULL, 10) + 1;
            put_hex(out, "", sb_slice_of(file.data + at + line, len));
            line += len;
        }
        at += line;
    }
    sb_buf_str(out, "```\n\n");
    sb_buf_deinit(&file);
}

/* ---- the proof of one decision ---- */

static void make_result(sb_buf *leaf)
{
    uint8_t question[32], wording[32], electorate[32], certificate[32];
    memset(question, 0xbb, 32);
    memset(wording, 0xdd, 32);
    memset(electorate, 0xee, 32);
    memset(certificate, 0xff, 32);
    Sb__Count count = SB__COUNT__INIT, *counts[] = {&count};
    count.seats = count.filled = count.present = count.eligible = 3;
    Sb__Result m = SB__RESULT__INIT;
    m.question_id = bytes_of(question, 32);
    m.wording_sha256 = bytes_of(wording, 32);
    m.mode = SB__MODE__MODE_CONSENSUS;
    m.outcome = SB__OUTCOME__OUTCOME_ADOPTED;
    m.n_counts = 1;
    m.counts = counts;
    m.charter_version = 1;
    m.electorate_sha256 = bytes_of(electorate, 32);
    m.certificate_sha256 = bytes_of(certificate, 32);
    sb_buf entry;
    sb_buf_init(&entry);
    make_leaf(leaf, &entry, SB_ENTRY_RESULT, &m.base, LOG, 1, AT_MS + 2000);
    sb_buf_deinit(&entry);
}

/* The head of the tree's leaves, signed by the log and cosigned. */
static sb_signed_head sign_tree(const sb_tree *tree, sb_cosigner *by)
{
    sb_signed_head h = {.head = w.head, .cosigners = by, .cosigner_count = 1};
    sb_buf body;
    sb_buf_init(&body);
    h.head.size = tree->size;
    sb_tree_root(tree, h.head.root);
    memcpy(h.log_pk, w.pk[LOG], 32);
    sb_checkpoint_body(&h.head, &body);
    MUST(sb_sign(w.secret[LOG], sb_buf_slice(&body), h.log_signature, NULL));
    by->organisation = "unn";
    memcpy(by->pk, w.pk[WITNESS], 32);
    MUST(sb_cosign(&h.head, w.secret[WITNESS], COSIGNED_S, &by->cosignature, NULL));
    sb_buf_deinit(&body);
    return h;
}

static void make_seal(sb_buf *leaf, const sb_signed_head *sealed)
{
    Sb__Cosignature by = cosignature_of(&sealed->cosigners[0].cosignature), *all[] = {&by};
    Sb__Seal m = SB__SEAL__INIT;
    m.size = sealed->head.size;
    m.root = bytes_of(sealed->head.root, 32);
    m.n_cosignatures = 1;
    m.cosignatures = all;
    m.log_signature = bytes_of(sealed->log_signature, 64);
    sb_buf entry;
    sb_buf_init(&entry);
    make_leaf(leaf, &entry, SB_ENTRY_SEAL, &m.base, LOG, 2, AT_MS + 3000);
    sb_buf_deinit(&entry);
}

static void append(sb_tree *tree, sb_slice leaf)
{
    uint8_t hash[32];
    sb_leaf_hash(leaf, hash);
    sb_tree_append(tree, hash, NULL, NULL);
}

/* Leaves: the GENESIS, a RESULT, a SEAL of these two. */
static void put_decision(sb_buf *out, sb_slice policy_text)
{
    sb_buf result, seal, note, text;
    sb_buf *all[] = {&result, &seal, &note, &text};
    for (size_t i = 0; i < 4; i++)
        sb_buf_init(all[i]);
    sb_tree tree;
    sb_tree_init(&tree);
    sb_cosigner first, second;
    make_result(&result);
    append(&tree, sb_buf_slice(&w.leaf[0]));
    append(&tree, sb_buf_slice(&result));
    sb_signed_head sealed = sign_tree(&tree, &first);
    make_seal(&seal, &sealed);
    append(&tree, sb_buf_slice(&seal));
    sb_signed_head head = sign_tree(&tree, &second);
    sb_head_whole_note(&head, &note);

    sb_proof of_result, of_seal;
    MUST(sb_tree_inclusion(&tree, 1, 3, (sb_tile_reader){0}, &of_result, NULL));
    MUST(sb_tree_inclusion(&tree, 2, 3, (sb_tile_reader){0}, &of_seal, NULL));
    sb_decision_proof proof = {.result_index = 1,
                               .seal_index = 2,
                               .result = sb_buf_slice(&result),
                               .seal = sb_buf_slice(&seal),
                               .result_proof = &of_result,
                               .seal_proof = &of_seal,
                               .note = sb_buf_slice(&note)};
    sb_decision_proof_write(&proof, &text);
    sb_tlog_policy policy;
    sb_decision_verdict verdict;
    MUST(sb_tlog_policy_parse(policy_text, &w.arena, &policy, NULL));
    MUST(sb_decision_proof_judge(sb_buf_slice(&text), &policy, &w.arena, &verdict, NULL));

    sb_buf_str(out,
               "**Proof of one decision**, a tlog-proof under the same policy, of a log that "
               "holds only what the proof looks at: the GENESIS above, a RESULT, and a SEAL of "
               "these two (no fold would take it).\n```hex\n");
    put_hex(out, "decision.result", sb_buf_slice(&result));
    put_hex(out, "decision.seal", sb_buf_slice(&seal));
    sb_buf_str(out, "```\n");
    put_text(out, "decision", sb_buf_slice(&text));
    for (size_t i = 0; i < 4; i++)
        sb_buf_deinit(all[i]);
}

/* ---- the section ---- */

static void put_section(sb_buf *out)
{
    sb_buf policy;
    sb_buf_init(&policy);
    put_keys(out);
    put_entries(out);
    put_digest(out);
    put_trees(out);
    put_paths(out);
    put_checkpoint(out);
    put_seal(out);
    put_policy(out, &policy);
    put_add_checkpoint(out);
    put_statements(out);
    put_handover(out);
    put_evidence(out, sb_buf_slice(&policy));
    put_decision(out, sb_buf_slice(&policy));
    sb_buf_str(out, "\n");
    put_hashes(out);
    sb_buf_deinit(&policy);
}

static char *protocol(void)
{
    static char text[512 * 1024];
    FILE *file = fopen(PROTOCOL, "rb");
    assert_non_null(file);
    size_t len = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    assert_true(len < sizeof text - 1);
    return text;
}

static void the_section_is_what_the_code_makes(void **unused)
{
    (void)unused;
    char *text = protocol(), *begin = strstr(text, BEGIN), *end = strstr(text, END);
    sb_buf section;
    sb_buf_init(&section);
    put_section(&section);
    assert_non_null(begin);
    assert_true(end > begin);
    begin += strlen(BEGIN);
    const char *made = sb_buf_cstr(&section);
    if (getenv("SB_REGENERATE") != NULL) {
        FILE *file = fopen(PROTOCOL, "wb");
        assert_non_null(file);
        fwrite(text, 1, (size_t)(begin - text), file);
        fputs(made, file);
        fputs(end, file);
        assert_int_equal(fclose(file), 0);
    } else if ((size_t)(end - begin) != section.len || memcmp(begin, made, section.len) != 0) {
        size_t at = 0;
        while (begin[at] == made[at])
            at++;
        fail_msg("PROTOCOL.md \"Worked examples\" differs from what the code makes, from: %.120s\n"
                 "SB_REGENERATE=1 writes it anew",
                 made + (at < 60 ? 0 : at - 60));
    }
    sb_buf_deinit(&section);
}

/* The examples that stand with their formats: what keyfile_test and note_test hold the code to. */
static void examples_in_other_sections(void **unused)
{
    (void)unused;
    const char *text = protocol();
    uint8_t seed[32], salt[16] = {1, 2, 3}, nonce[24] = {4, 5, 6}, id[32] = {0};
    static const uint8_t id_begin[] = {0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef};
    for (uint8_t i = 0; i < 32; i++)
        seed[i] = i;
    memcpy(id, id_begin, sizeof id_begin);
    sb_secret *secret = sb_secret_from_seed(seed);
    sb_buf out;
    sb_buf_init(&out);
    MUST(sb_keyfile_seal(SB_KEY_MEMBER, sb_secret_pk(secret), seed, sb_slice_str("trygg"),
                         SB_KDF_MIN, salt, nonce, &out, NULL));
    assert_non_null(strstr(text, sb_buf_cstr(&out)));
    sb_buf_clear(&out);
    MUST(sb_keyfile_plain(SB_KEY_WITNESS, sb_secret_pk(secret), seed, &out, NULL));
    assert_non_null(strstr(text, sb_buf_cstr(&out)));
    sb_buf_clear(&out);

    sb_checkpoint head = {.size = 5};
    sb_cosignature cosignature;
    sb_leaf_hash(sb_slice_str("the root"), head.root);
    MUST(sb_origin("troms-og-ofoten", id, 1, head.origin, NULL));
    MUST(sb_checkpoint_sign(&head, w.secret[LOG], &out, NULL));
    MUST(sb_cosign(&head, w.secret[WITNESS], 1642672800, &cosignature, NULL));
    sb_cosignature_add_line(&out, sb_slice_str("unn.example/samband"), w.pk[WITNESS], &cosignature);
    assert_non_null(strstr(text, sb_buf_cstr(&out)));
    sb_buf_deinit(&out);
    sb_secret_free(secret);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_section_is_what_the_code_makes),
        cmocka_unit_test(examples_in_other_sections),
    };
    return cmocka_run_group_tests(tests, world_setup, world_teardown);
}
