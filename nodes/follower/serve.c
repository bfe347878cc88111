/* What a standby or another node pulls from us: leaves under the newest signed head, and proofs. */
#include "nodes/follower/inside.h"

bool sb_fol_newest_note(sb_follower *f, sb_slice *note, sb_checkpoint *head)
{
    const sb_buf *candidates[] = {&f->head_note, &f->certified_note, &f->final_note};
    *note = (sb_slice){0};
    for (size_t i = 0; i < sizeof candidates / sizeof *candidates; i++) {
        sb_checkpoint one;
        if (candidates[i]->len == 0 ||
            sb_checkpoint_parse(sb_buf_slice(candidates[i]), &one, NULL) != SB_OK ||
            one.size > f->committed || (note->len > 0 && one.size <= head->size))
            continue;
        *note = sb_buf_slice(candidates[i]);
        *head = one;
    }
    return note->len > 0;
}

static bool consistency(sb_follower *f, uint64_t from, uint64_t to, sb_proof *proof)
{
    return from > 0 && from <= to && to <= f->committed &&
           sb_tree_consistency(sb_ledger_tree(f->ledger), from, to, sb_commit_tiles(&f->commit),
                               proof, NULL) == SB_OK;
}

static void list_proof(sb_follower *f, sb_proof *proof, ProtobufCBinaryData **out, size_t *count)
{
    *count = proof->count;
    *out = SB_ARENA_ARRAY(&f->scratch, ProtobufCBinaryData, proof->count + 1);
    for (uint32_t i = 0; i < proof->count; i++)
        (*out)[i] = (ProtobufCBinaryData){.len = 32, .data = proof->hashes[i].b};
}

/* One frame of up to `max` leaves from `from`, below the head's size. How many it holds; 0: none can
 * be given. */
static uint64_t serve(sb_follower *f, const sb_fol_link *link, uint64_t from, uint64_t max,
                      sb_slice note, const sb_checkpoint *head)
{
    ProtobufCBinaryData list[SB_LONG_FRAME_LEAVES_MAX];
    size_t count = 0, bytes = 0;
    while (count < max && from + count < head->size) {
        sb_slice leaf;
        if (!f->log.leaf(f->log.arg, from + count, &leaf) ||
            (count > 0 && bytes + leaf.len > SB_FOL_SERVE_BYTES_MAX))
            break;
        leaf = sb_arena_copy(&f->scratch, leaf); /* a kv may give the same memory for each read */
        list[count++] = (ProtobufCBinaryData){.len = leaf.len, .data = (uint8_t *)leaf.data};
        bytes += leaf.len;
    }
    sb_proof proof;
    if (count == 0 || !consistency(f, from + count, head->size, &proof))
        return 0;
    Sb__Leaves leaves = SB__LEAVES__INIT;
    leaves.from = from;
    leaves.n_leaves = count;
    leaves.leaves = list;
    leaves.head = (ProtobufCBinaryData){.len = note.len, .data = (uint8_t *)(uintptr_t)note.data};
    list_proof(f, &proof, &leaves.proof, &leaves.n_proof);
    Sb__Frame frame = SB__FRAME__INIT;
    frame.body_case = SB__FRAME__BODY_LEAVES;
    frame.leaves = &leaves;
    sb_fol_send_to(f, link->number, &frame);
    return count;
}

void sb_fol_on_pull(sb_follower *f, sb_fol_link *link, const Sb__Pull *pull)
{
    sb_slice note;
    sb_checkpoint head;
    if (f->catchup.is_on || !sb_fol_newest_note(f, &note, &head))
        return; /* what we have isn't proved yet */
    uint64_t from = pull->from, credit = pull->credit;
    uint64_t max = sb_frame_leaves_max(pull->credit);
    for (int i = 0; i < SB_FOL_SERVE_FRAMES_MAX && credit > 0 && from < head.size; i++) {
        uint64_t count = serve(f, link, from, credit < max ? credit : max, note, &head);
        if (count == 0)
            return;
        from += count;
        credit -= count;
    }
}

void sb_fol_on_consistency_get(sb_follower *f, sb_fol_link *link, const Sb__Frame *frame)
{
    const Sb__ConsistencyGet *get = frame->consistency_get;
    Sb__Consistency answer = SB__CONSISTENCY__INIT;
    sb_proof proof;
    uint8_t root[32];
    answer.from = get->from;
    if (consistency(f, get->from, get->to, &proof) && sb_fol_root_at(f, get->from, root)) {
        answer.to = get->to;
        answer.root = (ProtobufCBinaryData){.len = 32, .data = root};
        list_proof(f, &proof, &answer.proof, &answer.n_proof);
    }
    Sb__Frame out = SB__FRAME__INIT;
    out.request = frame->request;
    out.body_case = SB__FRAME__BODY_CONSISTENCY;
    out.consistency = &answer;
    sb_fol_send_to(f, link->number, &out);
}
