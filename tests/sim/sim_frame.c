#include "tests/sim/sim_frame.h"

#include "proto/base/hash.h"

ProtobufCBinaryData data_of(sb_slice s)
{
    return (ProtobufCBinaryData){.len = s.len, .data = (uint8_t *)(uintptr_t)s.data};
}

/* NULL: none. */
static ProtobufCBinaryData *hashes_of(sb_arena *a, const sb_proof *proof, size_t *count)
{
    *count = proof != NULL ? proof->count : 0;
    ProtobufCBinaryData *list = SB_ARENA_ARRAY(a, ProtobufCBinaryData, *count + 1);
    for (size_t i = 0; i < *count; i++)
        list[i] = data_of(sb_arena_copy(a, sb_slice_of(proof->hashes[i].b, 32)));
    return list;
}

static Sb__Frame *frame_of(sb_arena *a, Sb__Frame__BodyCase body)
{
    Sb__Frame *f = SB_ARENA_NEW(a, Sb__Frame);
    *f = (Sb__Frame)SB__FRAME__INIT;
    f->body_case = body;
    return f;
}

const Sb__Frame *sim_welcome(sb_arena *a, uint64_t size, uint32_t term)
{
    Sb__Frame *f = frame_of(a, SB__FRAME__BODY_WELCOME);
    f->welcome = SB_ARENA_NEW(a, Sb__Welcome);
    *f->welcome = (Sb__Welcome)SB__WELCOME__INIT;
    f->welcome->size = size;
    f->welcome->term = term;
    return f;
}

const Sb__Frame *sim_certified(sb_arena *a, sb_slice note)
{
    Sb__Frame *f = frame_of(a, SB__FRAME__BODY_CERTIFIED);
    f->certified = SB_ARENA_NEW(a, Sb__Certified);
    *f->certified = (Sb__Certified)SB__CERTIFIED__INIT;
    f->certified->note = data_of(note);
    return f;
}

const Sb__Frame *sim_receipt(sb_arena *a, sb_slice entry, uint64_t index, uint64_t time_ms,
                             const sb_proof *proof, sb_slice note)
{
    uint8_t id[32];
    Sb__Frame *f = frame_of(a, SB__FRAME__BODY_RECEIPT);
    Sb__Receipt *m = f->receipt = SB_ARENA_NEW(a, Sb__Receipt);
    *m = (Sb__Receipt)SB__RECEIPT__INIT;
    sb_hash(sb_slice_of(entry.data, entry.len - 64), id);
    m->entry_id = data_of(sb_arena_copy(a, sb_slice_of(id, 32)));
    m->index = index;
    m->sequenced_at_ms = time_ms;
    m->proof = hashes_of(a, proof, &m->n_proof);
    m->head = data_of(note);
    return f;
}

const Sb__Frame *sim_offer(sb_arena *a, uint64_t index, sb_slice leaf, sb_slice note)
{
    Sb__Frame *f = frame_of(a, SB__FRAME__BODY_HANDOVER_OFFER);
    f->handover_offer = SB_ARENA_NEW(a, Sb__HandoverOffer);
    *f->handover_offer = (Sb__HandoverOffer)SB__HANDOVER_OFFER__INIT;
    f->handover_offer->index = index;
    f->handover_offer->leaf = data_of(leaf);
    f->handover_offer->head = data_of(note);
    return f;
}

sb_fol_event sim_leaves(sb_arena *a, uint32_t link, uint64_t first, const sb_slice *leaves,
                        size_t count, sb_slice note, const sb_proof *proof)
{
    Sb__Frame *f = frame_of(a, SB__FRAME__BODY_LEAVES);
    Sb__Leaves *m = f->leaves = SB_ARENA_NEW(a, Sb__Leaves);
    *m = (Sb__Leaves)SB__LEAVES__INIT;
    m->from = first;
    m->n_leaves = count;
    m->leaves = SB_ARENA_ARRAY(a, ProtobufCBinaryData, count + 1);
    m->head = data_of(note);
    m->proof = hashes_of(a, proof, &m->n_proof);
    sb_leaf *opened = SB_ARENA_ARRAY(a, sb_leaf, count + 1);
    sb_fail *fail = SB_ARENA_NEW(a, sb_fail);
    sb_fol_event event = {
        .kind = SB_FOL_FRAME, .link = link, .frame = f, .leaves = opened, .refusal = fail};
    for (size_t i = 0; i < count; i++)
        m->leaves[i] = data_of(leaves[i]);
    while (event.opened < count &&
           sb_leaf_open(leaves[event.opened], a, &opened[event.opened], fail) == SB_OK)
        event.opened++;
    return event;
}
