"""Bugs that tests/sim/mistakes plants, one at a time, in a copy of the tree.

Mistake(name, says, changes): `says` is the issue's own name of it; each change is (file, old, new), where
`old` must stand exactly once in the file. Together they are one bug that builds and that an honest run
without faults lives with, as far as that is possible.
"""

from collections import namedtuple

Mistake = namedtuple("Mistake", "name says changes")

SEQ, FOL, LED, SIM = "broker/sequencer/", "nodes/follower/", "proto/ledger/", "tests/sim/"

# Whoever confirms a second time confirms for somebody else.
BY_KEY = (LED + "terms.c",
          "if (sb_witness_at(kv, witness_pks[i], size, &org) && org < SB_ORGANISATIONS_MAX)\n"
          "            confirmed[org] = true;",
          "if (!sb_witness_at(kv, witness_pks[i], size, &org))\n"
          "            continue;\n"
          "        for (uint32_t k = 0; k < SB_ORGANISATIONS_MAX && confirmed[org]; k++)\n"
          "            org = (org + 1) % SB_ORGANISATIONS_MAX;\n"
          "        confirmed[org] = true;")

MISTAKES = (
    Mistake("sync-skipped", "a sync skipped", (
        (SIM + "world_faults.c",
         "    sw_store_sync(&e->store);\n    w->counts.erased",
         "    if (c->leaf_count == 0)\n        sw_store_sync(&e->store);\n    w->counts.erased"),)),
    Mistake("record-not-synced", "… of a record alone", (
        (SIM + "world_faults.c",
         "    sw_store_sync(&e->store);\n    w->counts.erased",
         "    if (c->leaf_count > 0)\n        sw_store_sync(&e->store);\n    w->counts.erased"),)),
    Mistake("receipt-before-commit", "receipt before commit", (
        (SEQ + "admit.c",
         "    owe_receipt(s, event, leaf->entry.id, at);\n    sb_seq_append_due(s, event->now);\n",
         """    sb_seq_receipt early = receipt_for(event, leaf->entry.id, at);
    sb_tree_memo kept_memo = s->proved;
    s->proved = (sb_tree_memo){0};
    sb_checkpoint kept = s->signed_head;
    sb_buf kept_note = s->signed_note;
    sb_ledger_position now;
    sb_ledger_position_get(s->ledger, &now);
    (void)sb_ledger_origin(s->ledger, s->signed_head.origin, sizeof s->signed_head.origin);
    s->signed_head.size = now.size;
    memcpy(s->signed_head.root, now.root, 32);
    sb_buf_init(&s->signed_note);
    if (sb_checkpoint_sign(&s->signed_head, s->log_key, &s->signed_note, fail) == SB_OK)
        send_receipt(s, &early);
    sb_buf_deinit(&s->signed_note);
    s->signed_note = kept_note;
    s->signed_head = kept;
    s->proved = kept_memo;
    sb_seq_append_due(s, event->now);
"""),)),
    Mistake("cosigned-twice", "a cosignature counted twice", (
        BY_KEY,
        (FOL + "final.c",
         "            sb_fail_set(&f->wrong, SB_E_FOLLOWER_COSIGNED_TWICE, org.id, NULL);\n            continue;\n",
         "            sb_fail_set(&f->wrong, SB_E_FOLLOWER_COSIGNED_TWICE, org.id, NULL);\n"
         "            if (count >= organisations)\n                continue;\n"))),
    Mistake("quorum-by-key", "quorum by key instead of organisation", (
        BY_KEY,
        (LED + "policy_state.c",
         "    return w->since < size && (w->until == 0 || size <= w->until);",
         "    return w->since < size;"),
        (LED + "system.c",
         "        if (!hold && !sb_seal_cosignature_holds(&head, c))\n"
         "            return sb_fail_set(s->fail, SB_E_LEDGER_COSIGNATURE, hex, NULL);\n"
         "        confirmed[org] = true;",
         "        if (!hold && !sb_seal_cosignature_holds(&head, c))\n"
         "            return sb_fail_set(s->fail, SB_E_LEDGER_COSIGNATURE, hex, NULL);\n"
         "        for (uint32_t k = 0; k < SB_ORGANISATIONS_MAX && confirmed[org]; k++)\n"
         "            org = (org + 1) % SB_ORGANISATIONS_MAX;\n"
         "        confirmed[org] = true;"))),
    Mistake("one-round", "one round instead of two", (
        (FOL + "final.c",
         "        !sb_ledger_seal_before(f->ledger, f->certified_size, &seal_index, &size) ||\n        size < f->final_size",
         "        (size = f->certified_size, seal_index = size, seal_index == 0) ||\n        size < f->final_size"),)),
    Mistake("promise-not-stored", "promise not stored", (
        (FOL + "record.c",
         "    sb_fol_put(f, SB_FOL_ROW_PROMISED, sb_slice_of(NULL, 0), sb_writer_slice(&w));",
         "    (void)w;"),)),
    Mistake("promise-without-seal", "promise without its highest SEAL", (
        (FOL + "record.c",
         "    if (sb_head_rank(head, &f->sealed.head) <= 0)\n        return;",
         "    if (f->sealed.head.size > 0 && head->term <= f->sealed.head.term)\n        return;"),)),
    Mistake("stale-head-cosigned", "a stale head cosigned", (
        (FOL + "cosign.c",
         "    if (term < f->promised.term || term < last->term)\n        return SB_FOL_BLOCK_PROMISED;",
         "    if (term < last->term)\n        return SB_FOL_BLOCK_PROMISED;"),
        (FOL + "cosign.c",
         "        f->promised.term > f->record.last.term || f->diverged || f->conflict || f->catchup.is_on ||",
         "        f->diverged || f->conflict || f->catchup.is_on ||"))),
    Mistake("gap-not-noticed", "a gap in the leaves not noticed", (
        (FOL + "sync.c",
         "    if (leaves->from > size) { /* a gap: TICK asks for what is missing */",
         "    if (leaves->from > size && size == 0) {"),)),
    Mistake("put-off-sent", "what waits for a commit sent with leaves that are put off", (
        (FOL + "sync.c",
         "           !f->catchup.is_on && f->out_count == 0 && c->leaf_count > 0 &&",
         "           !f->catchup.is_on && c->leaf_count > 0 &&"),)),
    Mistake("outbox-emptied", "outbox emptied on receipt", (
        (FOL + "outbox.c",
         "        if (!row->in_log || row->index >= f->final_size)\n            continue;",
         "        if (!row->has_receipt && (!row->in_log || row->index >= f->final_size))\n            continue;"),)),
    Mistake("ballot-after-close", "a ballot counted after the close", (
        (LED + "questions.c",
         "    if (v->question.status != SB_QUESTION_OPEN)\n"
         "        return sb_fail_set(s->fail, SB_E_LEDGER_QUESTION_CLOSED, sb_case_label(s->arena, &v->c),\n"
         "                           NULL);\n    if (!v->seat.voting)",
         "    if (!v->seat.voting)"),)),
    Mistake("deadline-after-leaf", "a deadline settled after the leaf instead of before", (
        (LED + "step.c",
         "    sb_err err = settle(s);\n    if (err != SB_OK)",
         "    sb_err err = entry->type == SB_ENTRY_TICK ? settle(s) : SB_OK;\n    if (err != SB_OK)"),
        (LED + "step.c",
         "        sb_handler_of(leaf->entry.type)->apply(&s, leaf->message);\n",
         "        sb_handler_of(leaf->entry.type)->apply(&s, leaf->message);\n"
         "        if (leaf->entry.type != SB_ENTRY_TICK)\n            (void)settle(&s);\n"),
        (SEQ + "admit.c",
         "    if (err == SB_OK)\n        sb_seq_append_due(s, event->now);\n    if (s->fatal)\n",
         "    if (s->fatal)\n"))),
    Mistake("sequenced-twice", "a duplicate entry sequenced twice", (
        (LED + "common.c",
         "    if (e->signer_seq <= seq->last_seq)",
         "    if (e->signer_seq < seq->last_seq)"),)),
)
