#include "tests/unit/follower_says.h"

#include <stdio.h>

#include "proto/base/cursor.h"
#include "proto/base/hash.h"

/* ---- links ---- */

const char *link_up(rig *r, uint32_t link, sb_fol_role role)
{
    assert_true(r->up_count < RIG_LINKS_MAX);
    r->up[r->up_count].link = link;
    r->up[r->up_count++].role = role;
    return feed(r, (sb_fol_event){.kind = SB_FOL_LINK_UP, .link = link, .role = role});
}

void link_down(rig *r, uint32_t link)
{
    for (size_t i = 0; i < r->up_count; i++)
        if (r->up[i].link == link)
            r->up[i] = r->up[--r->up_count];
    feed(r, (sb_fol_event){.kind = SB_FOL_LINK_DOWN, .link = link});
}

const char *frame_on(rig *r, uint32_t link, const Sb__Frame *f, const sb_leaf *leaf)
{
    return feed(r, (sb_fol_event){.kind = SB_FOL_FRAME, .link = link, .frame = f, .leaf = leaf});
}

const char *frame(rig *r, const Sb__Frame *f)
{
    return frame_on(r, 1, f, NULL);
}

const char *welcome_on(rig *r, uint32_t link, uint64_t size, uint32_t term)
{
    return frame_on(r, link, sim_welcome(&r->arena, size, term), NULL);
}

const char *welcome(rig *r, uint64_t size)
{
    return welcome_on(r, 1, size, size > 0);
}

void link_broker(rig *r)
{
    link_up(r, 1, SB_FOL_ROLE_BROKER);
    welcome(r, r->f->leaf_count);
}

/* ---- leaves ---- */

static const char *give(rig *r, uint32_t link, uint64_t first, uint64_t last, sb_slice note,
                        const sb_slice *instead)
{
    size_t count = (size_t)(last - first);
    sb_slice *list = SB_ARENA_ARRAY(&r->arena, sb_slice, count + 1);
    for (size_t i = 0; i < count; i++)
        list[i] = sb_arena_copy(&r->arena,
                                instead != NULL ? instead[i] : fed_leaf(r->f, (size_t)first + i));
    sb_fol_event event = sim_leaves(&r->arena, link, first, list, count, note, NULL);
    assert_true(event.opened == count || instead != NULL);
    return feed(r, event);
}

const char *leaves_under(rig *r, uint64_t first, uint64_t last, sb_slice note,
                         const sb_slice *instead)
{
    return give(r, 1, first, last, note, instead);
}

const char *leaves(rig *r, uint64_t first, uint64_t last)
{
    return leaves_under(r, first, last, note_at(r, last, 1), NULL);
}

const char *leaves_under_on(rig *r, uint32_t link, uint64_t first, uint64_t last, sb_slice note)
{
    hold_blobs(r, first, last);
    return give(r, link, first, last, note, NULL);
}

const char *leaves_on(rig *r, uint32_t link, uint64_t first, uint64_t last, uint32_t term)
{
    return leaves_under_on(r, link, first, last, note_at(r, last, term));
}

void follow_all(rig *r)
{
    hold_all_blobs(r);
    link_broker(r);
    leaves(r, 0, r->f->leaf_count);
    assert_int_equal(status_of(r).size, r->f->leaf_count);
}

void follow(rig *r, uint64_t size)
{
    link_up(r, 1, SB_FOL_ROLE_BROKER);
    welcome_on(r, 1, size, 1);
    r->now.legal_ms = r->f->now_ms + 1000;
    for (uint64_t at = status_of(r).size; at < size;) {
        uint64_t end = at + 200 < size ? at + 200 : size;
        leaves_on(r, 1, at, end, 1);
        at = end;
    }
    assert_int_equal(status_of(r).size, size);
}

/* ---- heads that were cosigned ---- */

const char *const THREE[3] = {"unn", "kommune-a", "bruker"};

const char *peer_head_on(rig *r, uint32_t link, sb_slice note)
{
    Sb__PeerHead m = SB__PEER_HEAD__INIT;
    m.note = data_of(note);
    Sb__Frame f = SB__FRAME__INIT;
    f.body_case = SB__FRAME__BODY_PEER_HEAD;
    f.peer_head = &m;
    return frame_on(r, link, &f, NULL);
}

static const char *show_note(rig *r, uint32_t link, sb_slice note, bool is_peer_head)
{
    return is_peer_head ? peer_head_on(r, link, note)
                        : frame_on(r, link, sim_certified(&r->arena, note), NULL);
}

const char *certified(rig *r, uint64_t size, const char *const *orgs, size_t count, uint64_t time_s)
{
    sb_checkpoint head = head_at(r, size);
    sb_buf note;
    sb_buf_init(&note);
    sb_buf_add(&note, note_of(r, &head, "log"));
    for (size_t i = 0; i < count; i++) {
        char *key = sb_arena_printf(&r->arena, "%s/witness", orgs[i]);
        char *name = sb_arena_printf(&r->arena, "%s/%s", head.origin, orgs[i]);
        sb_cosignature c;
        assert_int_equal(sb_cosign(&head, fed_key_of(r->f, key)->secret, time_s, &c, NULL), SB_OK);
        sb_cosignature_add_line(&note, sb_slice_str(name), fed_key_of(r->f, key)->pk, &c);
    }
    const char *trace = show_note(r, 1, sb_buf_slice(&note), false);
    sb_buf_deinit(&note);
    return trace;
}

const char *certified_on(rig *r, uint32_t link, uint64_t size, uint32_t term,
                         uint32_t organisations, bool is_peer_head)
{
    sb_checkpoint head = head_in(r, size, term);
    uint64_t time_s = r->now.legal_ms / 1000 + r->later_s;
    sb_buf note;
    sb_buf_init(&note);
    sb_buf_add(&note, note_at(r, size, term));
    for (uint32_t i = 0; i < organisations; i++) {
        sb_cosignature c;
        const fed_key *key = fed_witness(r->f, i);
        bool is_last = i + 1 == organisations;
        uint64_t at_s = is_last && r->last_at_s != 0 ? r->last_at_s : time_s;
        assert_int_equal(sb_cosign(&head, key->secret, at_s, &c, NULL), SB_OK);
        sb_cosignature_add_line(&note, sb_slice_str(key->name), key->pk, &c);
    }
    const char *trace = show_note(r, link, sb_buf_slice(&note), is_peer_head);
    sb_buf_deinit(&note);
    return trace;
}

/* ---- what becomes of an entry ---- */

const char *receipt(rig *r, const sb_buf *entry, bool spoil)
{
    uint8_t hash[32], time[8] = {0, 0, 1, 0x80};
    sb_buf leaf;
    sb_buf_init(&leaf);
    sb_buf_add(&leaf, sb_slice_of(time, 8));
    sb_buf_add(&leaf, sb_buf_slice(entry));
    sb_leaf_hash(sb_buf_slice(&leaf), hash);
    hash[3] ^= spoil;
    uint64_t size = r->f->leaf_count;
    sb_tree tree = tree_at(r, size);
    sb_tree_append(&tree, hash, NULL, NULL);
    sb_checkpoint head = head_at(r, size);
    head.size = size + 1;
    sb_tree_root(&tree, head.root);
    sb_proof proof;
    assert_int_equal(sb_tree_inclusion(&tree, size, size + 1, (sb_tile_reader){0}, &proof, NULL),
                     SB_OK);
    sb_slice note = note_of(r, &head, "log");
    const char *trace = frame(
        r, sim_receipt(&r->arena, sb_buf_slice(entry), size, (uint64_t)0x180 << 32, &proof, note));
    sb_buf_deinit(&leaf);
    return trace;
}

const char *refused_on(rig *r, uint32_t link, const sb_buf *entry, sb_err code)
{
    uint8_t id[32];
    sb_hash(sb_slice_of(entry->data, entry->len - 64), id);
    Sb__Refused m = SB__REFUSED__INIT;
    m.entry_id = (ProtobufCBinaryData){.len = 32, .data = id};
    m.code = (uint32_t)code;
    Sb__Frame f = SB__FRAME__INIT;
    f.body_case = SB__FRAME__BODY_REFUSED;
    f.refused = &m;
    return frame_on(r, link, &f, NULL);
}

const char *refused(rig *r, const sb_buf *entry, sb_err code)
{
    return refused_on(r, 1, entry, code);
}

/* ---- the next term ---- */

static const char *ask_about(rig *r, uint32_t term, const char *key, bool would)
{
    Sb__PromiseAsk m = SB__PROMISE_ASK__INIT;
    m.term = term;
    m.would = would;
    m.log_pk = (ProtobufCBinaryData){.len = 32, .data = fed_key_of(r->f, key)->pk};
    Sb__Frame f = SB__FRAME__INIT;
    f.request = 7;
    f.body_case = SB__FRAME__BODY_PROMISE_ASK;
    f.promise_ask = &m;
    return frame_on(r, 2, &f, NULL);
}

const char *ask_promise(rig *r, uint32_t term, const char *key)
{
    return ask_about(r, term, key, false);
}

const char *ask_would(rig *r, uint32_t term, const char *key)
{
    return ask_about(r, term, key, true);
}

const char *consent(rig *r, uint32_t term, const char *log_key, const char *signer)
{
    Sb__Consent m = SB__CONSENT__INIT;
    sb_consent c = {.term = term, .address = sb_slice_str("tcp://ny.example.no:7117")};
    uint8_t sig[64];
    memcpy(c.log_pk, fed_key_of(r->f, log_key)->pk, 32);
    memcpy(c.curve_pk, fed_key_of(r->f, "curve")->pk, 32);
    assert_int_equal(
        sb_consent_sign(r->f->federation_id, &c, fed_key_of(r->f, signer)->secret, sig, NULL),
        SB_OK);
    m.term = term;
    m.log_pk = (ProtobufCBinaryData){.len = 32, .data = c.log_pk};
    m.curve_pk = (ProtobufCBinaryData){.len = 32, .data = c.curve_pk};
    m.address = (char *)(uintptr_t) "tcp://ny.example.no:7117";
    m.signature = (ProtobufCBinaryData){.len = 64, .data = sig};
    Sb__Frame f = SB__FRAME__INIT;
    f.body_case = SB__FRAME__BODY_CONSENT;
    f.consent = &m;
    return feed(r, (sb_fol_event){.kind = SB_FOL_MEMBER_CONSENT, .frame = &f, .member = 5});
}

const char *offer(rig *r, uint32_t link, uint64_t index, sb_slice note)
{
    sb_slice bytes = sb_arena_copy(&r->arena, fed_leaf(r->f, (size_t)index));
    sb_leaf leaf;
    assert_int_equal(sb_leaf_open(bytes, &r->arena, &leaf, NULL), SB_OK);
    return frame_on(r, link, sim_offer(&r->arena, index, bytes, note), &leaf);
}

const char *offer_by(rig *r, uint32_t link, const Sb__Handover *m, const char *key, uint64_t kept)
{
    sb_entry_head head;
    sb_entry_head_init(&head, r->f->federation_id, kept);
    sb_buf bytes;
    sb_buf_init(&bytes);
    sb_buf_add(&bytes, sb_slice_of("\0\0\1\x7d\x75\0\0\0", 8));
    assert_int_equal(sb_make_HANDOVER(m, &head, fed_key_of(r->f, key)->secret, &bytes, NULL),
                     SB_OK);
    sb_slice leaf_bytes = sb_arena_copy(&r->arena, sb_buf_slice(&bytes));
    sb_buf_deinit(&bytes);
    sb_leaf leaf;
    assert_int_equal(sb_leaf_open(leaf_bytes, &r->arena, &leaf, NULL), SB_OK);
    sb_checkpoint under = head_in(r, r->f->leaf_count < kept ? r->f->leaf_count : kept, m->term);
    under.size = kept + 1;
    return frame_on(r, link, sim_offer(&r->arena, kept, leaf_bytes, note_of(r, &under, key)),
                    &leaf);
}

const char *offer_made(rig *r, uint32_t link, const Sb__Handover *m, uint64_t kept)
{
    return offer_by(r, link, m, "log-2", kept);
}

const Sb__Handover *far_away(rig *r, uint32_t term, const char *key)
{
    sb_head made_up = {.term = 1, .size = 1000000};
    memset(made_up.root, 7, 32);
    fed_handover h = fed_handover_begin(r->f, term, key);
    fed_promise(r->f, &h, 3, &made_up, &made_up);
    Sb__Handover *m = fed_handover_message(r->f, &h);
    memset(m->promises[0]->signature.data, 0, 64);
    m->continues_size = 1000000;
    return m;
}

/* ---- members ---- */

const char *submit(rig *r, const sb_buf *entry, uint64_t member)
{
    sb_leaf leaf;
    sb_fail fail = {0};
    sb_fol_event event = {
        .kind = SB_FOL_MEMBER_SUBMIT, .entry = sb_buf_slice(entry), .member = member};
    if (sb_entry_open(event.entry, &r->arena, &leaf, &fail) == SB_OK)
        event.leaf = &leaf;
    event.refusal = &fail;
    return feed(r, event);
}

const char *submit_on(rig *r, uint32_t link, const sb_buf *entry)
{
    sb_leaf leaf;
    Sb__Submit m = SB__SUBMIT__INIT;
    Sb__Frame f = SB__FRAME__INIT;
    m.entry = data_of(sb_buf_slice(entry));
    f.body_case = SB__FRAME__BODY_SUBMIT;
    f.submit = &m;
    assert_int_equal(sb_entry_open(sb_buf_slice(entry), &r->arena, &leaf, NULL), SB_OK);
    return feed(r, (sb_fol_event){.kind = SB_FOL_FRAME,
                                  .link = link,
                                  .frame = &f,
                                  .entry = sb_buf_slice(entry),
                                  .leaf = &leaf});
}

sb_buf make_report(rig *r, const char *title, uint64_t seq, bool with_text)
{
    Sb__CaseReport m = SB__CASE_REPORT__INIT;
    m.body = (char *)"ssu";
    m.title = (char *)title;
    m.kind = SB__CASE_KIND__CASE_KIND_DECISION;
    if (with_text)
        m.text = fed_blob(r->f, title);
    sb_entry_head head;
    sb_entry_head_init(&head, r->f->federation_id, seq);
    sb_buf entry;
    sb_buf_init(&entry);
    assert_int_equal(
        sb_make_CASE_REPORT(&m, &head, fed_key_of(r->f, "bruker-1/primary")->secret, &entry, NULL),
        SB_OK);
    return entry;
}

sb_buf make_case(rig *r, const char *title)
{
    Sb__CaseReport report = SB__CASE_REPORT__INIT;
    report.body = (char *)(uintptr_t) "ssu";
    report.title = (char *)(uintptr_t)title;
    report.kind = SB__CASE_KIND__CASE_KIND_DECISION;
    sb_buf entry;
    sb_buf_init(&entry);
    fed_make(r->f, SB_ENTRY_CASE_REPORT, &report.base, "secretariat", NULL, &entry);
    return entry;
}

sb_buf report_case(rig *r, const char *title, uint64_t member)
{
    sb_buf entry = make_case(r, title);
    submit(r, &entry, member);
    return entry;
}

void take_here(rig *r, const sb_buf *entry, uint32_t link, uint32_t term)
{
    uint64_t before = r->f->leaf_count;
    r->f->now_ms = r->now.legal_ms;
    assert_int_equal(fed_take(r->f, sb_buf_slice(entry)), SB_OK);
    fed_state(r->f);
    r->now.legal_ms = r->f->now_ms + 1000;
    leaves_on(r, link, before, r->f->leaf_count, term);
}

uint64_t time_cosigned(rig *r)
{
    sb_slice row;
    uint8_t key = SB_FOL_ROW_COSIGNED;
    assert_true(sb_kv_get(r->store.own, sb_slice_of(&key, 1), &row));
    sb_reader reader = sb_reader_over(row);
    sb_read_bytes(&reader, 4 + 8 + 32);
    return sb_read_u64(&reader);
}
