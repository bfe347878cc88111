/* A lying node. Its follower goes on honestly inside; beside that it says whatever harms. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/sim/liars_inside.h"

/* ---- confirming whatever it sees ---- */

static void cosign_with(sw *w, node_liar *n, uint32_t conn, const sb_checkpoint *head,
                        const fed_key *key)
{
    sb_cosignature made;
    Sb__Cosign m = SB__COSIGN__INIT;
    Sb__Frame lie = SB__FRAME__INIT;
    if (sb_cosign(head, key->secret, sw_now_of(w, n->self).legal_ms / 1000, &made, NULL) != SB_OK)
        return;
    m.size = head->size;
    m.root = (ProtobufCBinaryData){32, (uint8_t *)(uintptr_t)head->root};
    m.witness_pk = (ProtobufCBinaryData){32, (uint8_t *)(uintptr_t)key->pk};
    m.time_s = made.time_s;
    m.signature = (ProtobufCBinaryData){64, made.sig};
    lie.body_case = SB__FRAME__BODY_COSIGN;
    lie.cosign = &m;
    liars_send(w, n->self, conn, &lie);
    liars_all->cosigned++;
}

/* With each key that its organisation ever had. */
static void cosign(sw *w, node_liar *n, uint32_t conn, sb_slice note)
{
    static const char *const WORDS[] = {"witness", "witness-2"};
    sb_checkpoint head;
    if (sb_checkpoint_parse(note, &head, NULL) != SB_OK)
        return;
    for (size_t i = 0; i < 2; i++) {
        char name[96];
        snprintf(name, sizeof name, "%s/%s", n->l->story->organisation[n->self], WORDS[i]);
        for (size_t k = 0; k < w->keys->key_count; k++)
            if (strcmp(w->keys->keys[k]->name, name) == 0)
                cosign_with(w, n, conn, &head, w->keys->keys[k]);
    }
}

/* ---- promising everything ---- */

/* Some say that they would, and then don't. (By the term: no draw, so that a seed stays what it was.) */
static void say_it_would(sw *w, node_liar *n, uint32_t conn, const Sb__Frame *f)
{
    Sb__PromiseGiven m = SB__PROMISE_GIVEN__INIT;
    Sb__Frame lie = SB__FRAME__INIT;
    m.term = f->promise_ask->term;
    m.log_pk = f->promise_ask->log_pk;
    m.witness_pk =
        (ProtobufCBinaryData){32, (uint8_t *)(uintptr_t)sb_secret_pk(sw_secret(w, n->self))};
    lie.request = f->request;
    lie.body_case = SB__FRAME__BODY_PROMISE_GIVEN;
    lie.promise_given = &m;
    liars_send(w, n->self, conn, &lie);
    liars_all->promised++;
}

static bool promise(sw *w, node_liar *n, uint32_t conn, const Sb__Frame *f)
{
    const Sb__PromiseAsk *ask = f->promise_ask;
    sb_promise promised = {.term = ask->term};
    uint8_t sig[64];
    if (ask->log_pk.len != 32 || ask->term < 2)
        return false;
    if ((ask->term + n->self) % 3 == 0) {
        say_it_would(w, n, conn, f);
        return true;
    }
    memcpy(promised.log_pk, ask->log_pk.data, 32);
    bool is_false = sw_below(w, 3) == 0;
    if (is_false) {
        promised.seal = (sb_head){.term = ask->term - 1, .size = 1 + sw_below(w, 400)};
        memset(promised.seal.root, 0xAB, 32);
    }
    if (sb_promise_sign(w->federation_id, &promised, sw_secret(w, n->self), sig, NULL) != SB_OK)
        return false;
    Sb__PromiseGiven m = SB__PROMISE_GIVEN__INIT;
    Sb__Head seal = SB__HEAD__INIT;
    Sb__Frame lie = SB__FRAME__INIT;
    m.term = ask->term;
    m.log_pk = ask->log_pk;
    m.witness_pk =
        (ProtobufCBinaryData){32, (uint8_t *)(uintptr_t)sb_secret_pk(sw_secret(w, n->self))};
    m.signature = (ProtobufCBinaryData){64, sig};
    seal.term = promised.seal.term;
    seal.size = promised.seal.size;
    seal.root = (ProtobufCBinaryData){32, promised.seal.root};
    m.seal = is_false ? &seal : NULL;
    lie.request = f->request;
    lie.body_case = SB__FRAME__BODY_PROMISE_GIVEN;
    lie.promise_given = &m;
    liars_send(w, n->self, conn, &lie);
    liars_all->promised++;
    return true;
}

/* ---- false answers ---- */

static uint8_t flipped(sw *w, ProtobufCBinaryData data)
{
    if (data.len > 0)
        data.data[sw_below(w, data.len)] ^= (uint8_t)(1u << sw_below(w, 8));
    return 0;
}

/* What its core would have answered, a little different. */
static bool bend(sw *w, node_liar *n, uint32_t conn, sb_slice frame)
{
    const Sb__Frame *f;
    sb_arena_reset(&n->arena);
    if (sw_below(w, 3) != 0 || sb_frame_decode(frame, &n->arena, &f, NULL) != SB_OK)
        return false;
    switch ((int)f->body_case) {
    case SB__FRAME__BODY_LEAVES:
        flipped(w, f->leaves->leaves[sw_below(w, f->leaves->n_leaves)]);
        break;
    case SB__FRAME__BODY_PEER_HEAD:
        flipped(w, f->peer_head->note);
        break;
    case SB__FRAME__BODY_CONSISTENCY:
        flipped(w, f->consistency->root);
        break;
    case SB__FRAME__BODY_WELCOME:
        f->welcome->size += sw_below(w, 1000);
        f->welcome->term += (uint32_t)sw_below(w, 3);
        break;
    default:
        return false;
    }
    liars_send(w, n->self, conn, f);
    liars_all->answers++;
    return true;
}

/* ---- the role ---- */

static sw_verdict on_send(void *arg, sw *w, uint32_t self, uint32_t conn, uint32_t to,
                          sb_slice frame)
{
    node_liar *n = arg;
    uint32_t body = sw_frame_body(frame);
    (void)self;
    bool may = body == SB__FRAME__BODY_LEAVES || body == SB__FRAME__BODY_PEER_HEAD ||
               body == SB__FRAME__BODY_CONSISTENCY || body == SB__FRAME__BODY_WELCOME;
    if (n->over || (n->kinds & NODE_ANSWERS) == 0 || !may || !sw_is_node(w, to))
        return SW_PASS;
    return bend(w, n, conn, frame) ? SW_SWALLOW : SW_PASS;
}

static sw_verdict on_hear(void *arg, sw *w, uint32_t self, uint32_t conn, uint32_t from,
                          sb_slice frame)
{
    node_liar *n = arg;
    uint32_t body = sw_frame_body(frame);
    const Sb__Frame *f;
    (void)self;
    bool cosigns = (n->kinds & NODE_COSIGNS) != 0 &&
                   (body == SB__FRAME__BODY_CERTIFIED || body == SB__FRAME__BODY_LEAVES);
    bool promises = (n->kinds & NODE_PROMISES) != 0 && body == SB__FRAME__BODY_PROMISE_ASK;
    if (n->over || sw_is_node(w, from) || !(cosigns || promises))
        return SW_PASS;
    sb_arena_reset(&n->arena);
    if (sb_frame_decode(frame, &n->arena, &f, NULL) != SB_OK)
        return SW_PASS;
    if (promises)
        return promise(w, n, conn, f) ? SW_SWALLOW : SW_PASS;
    ProtobufCBinaryData note =
        body == SB__FRAME__BODY_CERTIFIED ? f->certified->note : f->leaves->head;
    cosign(w, n, conn, sb_slice_of(note.data, note.len));
    return SW_PASS;
}

/* Many frames that cost something to answer. */
static void flood(sw *w, node_liar *n)
{
    uint32_t at = 0, conn, to;
    Sb__Pull pull = SB__PULL__INIT;
    Sb__Submit submit = SB__SUBMIT__INIT;
    Sb__Frame f = SB__FRAME__INIT;
    const sw_line *line = &n->l->story->lines[sw_below(w, n->l->story->count)];
    sb_slice old = line->entry;
    bool has_old = sw_is_final(w, line->id); /* what isn't in the log yet it can't have */
    if (n->floods >= FLOODS_MAX || sw_time_ms(w) - n->flooded_ms < 3000)
        return;
    n->floods++;
    n->flooded_ms = sw_time_ms(w);
    pull.credit = 100;
    submit.entry = (ProtobufCBinaryData){old.len, (uint8_t *)(uintptr_t)old.data};
    while (sw_next_conn(w, n->self, &at, &conn, &to))
        for (int i = 0; i < 8; i++) {
            f.request++;
            bool pulls = i % 2 == 0 || !has_old;
            f.body_case = pulls ? SB__FRAME__BODY_PULL : SB__FRAME__BODY_SUBMIT;
            if (pulls)
                f.pull = &pull;
            else
                f.submit = &submit;
            liars_send(w, n->self, conn, &f);
            liars_all->floods++;
        }
}

static void on_tick(void *arg, sw *w, uint32_t self)
{
    node_liar *n = arg;
    (void)self;
    if (!n->over && (n->kinds & NODE_FLOODS) != 0)
        flood(w, n);
}

void liars_node_begin(node_liar *n)
{
    sw_role role = {
        .arg = n, .name = "a lying node", .send = on_send, .hear = on_hear, .tick = on_tick};
    sb_arena_init(&n->arena);
    sw_set_role(n->l->w, n->self, &role);
}
