/* Promising a term (DESIGN §4 "Terms and handover"): stored whole, then sent; the same bytes again
 * whenever they are asked for. By the authority's consent, or for a standby of the charter in a
 * silence. Nothing here looks at the present log but for who may ask: what a promise says comes
 * from the record. */
#include "nodes/follower/inside.h"

#include <assert.h>

#include "proto/base/hash.h"

enum { ONE_BYTES = 32 + 8 + 64 };

/* Promised, cosigned, or simply where the log is: a promise must be for a later one. */
static uint32_t highest_term(sb_follower *f)
{
    uint32_t highest = sb_fol_term(f);
    if (f->record.last.term > highest)
        highest = f->record.last.term;
    return f->promised.term > highest ? f->promised.term : highest;
}

/* ---- consent ---- */

static sb_err check_consent(sb_follower *f, const Sb__Consent *m, sb_consent *out, sb_fail *fail)
{
    sb_ledger_org org;
    uint8_t id[32];
    if (m->log_pk.len != 32 || m->curve_pk.len != 32 || m->signature.len != 64 ||
        !sb_pk_valid(m->log_pk.data))
        return sb_fail_set(fail, SB_E_FOLLOWER_CONSENT_SIGNATURE, NULL);
    *out = (sb_consent){.term = m->term, .address = sb_slice_str(m->address)};
    memcpy(out->log_pk, m->log_pk.data, 32);
    memcpy(out->curve_pk, m->curve_pk.data, 32);
    bool is_signed = false;
    for (uint32_t i = 0; i < sb_ledger_org_count(f->ledger) && !is_signed; i++)
        is_signed = sb_ledger_org_get(f->ledger, i, &org) && strcmp(org.id, f->organisation) == 0 &&
                    sb_ledger_federation_id(f->ledger, id) &&
                    sb_consent_verify(id, out, org.authority_pk, m->signature.data);
    if (!is_signed)
        return sb_fail_set(fail, SB_E_FOLLOWER_CONSENT_SIGNATURE, NULL);
    bool is_same = m->term == f->promised.term && memcmp(out->log_pk, f->promised.log_pk, 32) == 0;
    if (m->term <= highest_term(f) && !is_same)
        return sb_fail_num(fail, SB_E_FOLLOWER_CONSENT_TERM, 2, m->term, highest_term(f));
    return SB_OK;
}

void sb_fol_on_consent(sb_follower *f, const sb_fol_event *event)
{
    const Sb__Consent *m = event->frame->consent;
    sb_fail fail = {0};
    sb_consent consent = {0};
    if (check_consent(f, m, &consent, &fail) != SB_OK) {
        sb_fol_notify(f, SB_FOL_REFUSED, consent.log_pk, event->member)->fail = fail;
        return;
    }
    sb_buf_clear(&f->consent_address);
    sb_buf_add(&f->consent_address, consent.address);
    f->consent = consent;
    f->consent.address = sb_buf_slice(&f->consent_address);
    memcpy(f->consent_sig, m->signature.data, 64);
    f->has_consent = true;
    size_t len = 4 + 32 + 32 + 64 + consent.address.len;
    sb_writer w = sb_writer_over(sb_arena_alloc(&f->scratch, len), len);
    sb_write_u32(&w, consent.term);
    sb_write_bytes(&w, sb_slice_of(consent.log_pk, 32));
    sb_write_bytes(&w, sb_slice_of(consent.curve_pk, 32));
    sb_write_bytes(&w, sb_slice_of(f->consent_sig, 64));
    sb_write_bytes(&w, consent.address);
    sb_fol_put(f, SB_FOL_ROW_CONSENT, sb_slice_of(NULL, 0), sb_writer_slice(&w));
    sb_fol_notify(f, SB_FOL_CONSENTED, consent.log_pk, event->member);
}

bool sb_follower_consent(const sb_follower *f, sb_consent *out)
{
    if (f->has_consent)
        *out = f->consent;
    return f->has_consent;
}

/* ---- may we? ---- */

static bool is_standby(sb_follower *f, const uint8_t log_pk[32])
{
    const Sb__Charter *charter = sb_ledger_charter(f->ledger);
    for (size_t i = 0; charter != NULL && i < charter->n_standbys; i++)
        if (charter->standbys[i]->log_pk.len == 32 &&
            memcmp(charter->standbys[i]->log_pk.data, log_pk, 32) == 0)
            return true;
    return false;
}

static bool has_consent(const sb_follower *f, uint32_t term, const uint8_t log_pk[32])
{
    return f->has_consent && f->consent.term == term && memcmp(f->consent.log_pk, log_pk, 32) == 0;
}

/* How much of the silence is left; 0: long enough. UINT64_MAX: the charter knows no silence. */
static uint64_t silence_left(sb_follower *f, sb_now now)
{
    const Sb__Charter *charter = sb_ledger_charter(f->ledger);
    if (charter == NULL || charter->silence_s == 0)
        return UINT64_MAX;
    uint64_t since = f->silent_ms;
    if (f->has_life_ms && f->life_ms > since)
        since = f->life_ms;
    uint64_t wanted = (uint64_t)charter->silence_s * 1000, passed = now.mono_ms - since;
    return passed >= wanted ? 0 : wanted - passed;
}

static sb_err may_promise(sb_follower *f, const Sb__PromiseAsk *ask, sb_now now, bool *by_silence,
                          sb_fail *fail)
{
    *by_silence = false;
    if (ask->log_pk.len != 32 || ask->term == 0 || !sb_pk_valid(ask->log_pk.data))
        return sb_fail_set(fail, SB_E_FOLLOWER_PROMISE_CONSENT, NULL);
    if (f->promised.term == ask->term) /* another key: the same one is answered before */
        return sb_fail_num(fail, SB_E_FOLLOWER_PROMISE_OTHER, 1, ask->term, 0);
    if (ask->term <= highest_term(f))
        return sb_fail_num(fail, SB_E_FOLLOWER_PROMISE_TERM, 1, highest_term(f), 0);
    sb_ledger_org org;
    if (!sb_fol_key_in_force(f, &org))
        return sb_fail_set(fail, SB_E_FOLLOWER_PROMISE_KEY, NULL);
    uint64_t seq, anchor;
    if (sb_ledger_signer(f->ledger, ask->log_pk.data, &seq, &anchor)) { /* it can begin no term */
        char hex[17];
        sb_hex(sb_slice_of(ask->log_pk.data, 8), hex);
        return sb_fail_set(fail, SB_E_LEDGER_HANDOVER_KEY, hex, NULL);
    }
    if (has_consent(f, ask->term, ask->log_pk.data))
        return SB_OK;
    if (!is_standby(f, ask->log_pk.data))
        return sb_fail_set(fail, SB_E_FOLLOWER_PROMISE_CONSENT, NULL);
    if (f->is_restored)
        return sb_fail_set(fail, SB_E_FOLLOWER_PROMISE_RESTORED, NULL);
    if (ask->term - highest_term(f) > SB_FOL_TERM_STEP_MAX) /* nobody uses the numbers up */
        return sb_fail_num(fail, SB_E_FOLLOWER_PROMISE_TERM, 1, highest_term(f), 0);
    uint64_t left_ms = silence_left(f, now);
    if (left_ms == UINT64_MAX)
        return sb_fail_set(fail, SB_E_FOLLOWER_PROMISE_CONSENT, NULL);
    if (left_ms > 0)
        return sb_fail_num(fail, SB_E_FOLLOWER_PROMISE_SILENCE, 1, (left_ms + 999) / 1000, 0);
    *by_silence = true;
    return SB_OK;
}

/* ---- promising ---- */

static void head_of(const sb_head *head, Sb__Head *out)
{
    sb__head__init(out);
    out->term = head->term;
    out->size = head->size;
    out->root = (ProtobufCBinaryData){.len = 32, .data = (uint8_t *)(uintptr_t)head->root};
}

/* From the record; packed into f->promised. */
static sb_err sign_promise(sb_follower *f, const Sb__PromiseAsk *ask, sb_fail *fail)
{
    uint8_t id[32], sig[64];
    sb_promise promise = {.term = ask->term, .seal = f->sealed.head, .cosigned = f->record.last};
    memcpy(promise.log_pk, ask->log_pk.data, 32);
    if (!sb_ledger_federation_id(f->ledger, id))
        return sb_fail_set(fail, SB_E_FOLLOWER_PROMISE_KEY, NULL);
    sb_err err = sb_promise_sign(id, &promise, f->witness, sig, fail);
    if (err != SB_OK)
        return err;
    Sb__PromiseGiven given = SB__PROMISE_GIVEN__INIT;
    Sb__Head seal, cosigned;
    given.term = ask->term;
    given.log_pk = ask->log_pk;
    given.witness_pk =
        (ProtobufCBinaryData){.len = 32, .data = (uint8_t *)(uintptr_t)sb_secret_pk(f->witness)};
    given.signature = (ProtobufCBinaryData){.len = 64, .data = sig};
    head_of(&promise.seal, &seal);
    head_of(&promise.cosigned, &cosigned);
    given.seal = promise.seal.size > 0 ? &seal : NULL;
    given.cosigned = promise.cosigned.size > 0 ? &cosigned : NULL;
    size_t count = promise.seal.size > 0 ? f->sealed.cosignatures.len / ONE_BYTES : 0;
    Sb__Cosignature *list = SB_ARENA_ARRAY(&f->scratch, Sb__Cosignature, count + 1);
    given.cosignatures = SB_ARENA_ARRAY(&f->scratch, Sb__Cosignature *, count + 1);
    for (size_t i = 0; i < count; i++) {
        uint8_t *one = f->sealed.cosignatures.data + i * ONE_BYTES;
        sb_reader r = sb_reader_over(sb_slice_of(one + 32, 8));
        sb__cosignature__init(&list[i]);
        list[i].witness_pk = (ProtobufCBinaryData){.len = 32, .data = one};
        list[i].time_s = sb_read_u64(&r);
        list[i].signature = (ProtobufCBinaryData){.len = 64, .data = one + 40};
        given.cosignatures[given.n_cosignatures++] = &list[i];
    }
    f->promised.term = ask->term;
    memcpy(f->promised.log_pk, ask->log_pk.data, 32);
    Sb__Frame frame = SB__FRAME__INIT;
    frame.body_case = SB__FRAME__BODY_PROMISE_GIVEN;
    frame.promise_given = &given;
    sb_buf_clear(&f->promised.packed);
    sb_frame_encode(&frame, &f->promised.packed);
    return SB_OK;
}

static void send_promise(sb_follower *f, uint32_t link, uint64_t request)
{
    const Sb__Frame *kept;
    if (sb_frame_decode(sb_buf_slice(&f->promised.packed), &f->scratch, &kept, NULL) != SB_OK)
        return;
    Sb__Frame frame = *kept;
    frame.request = request;
    sb_fol_send_to(f, link, &frame);
}

/* In this silence. Unsigned, and nothing of it is stored: it binds nobody. The SEAL says by which policy
 * the HANDOVER would be judged. */
static void send_would(sb_follower *f, uint32_t link, const Sb__Frame *ask)
{
    Sb__PromiseGiven given = SB__PROMISE_GIVEN__INIT;
    Sb__Head seal;
    head_of(&f->sealed.head, &seal);
    given.seal = f->sealed.head.size > 0 ? &seal : NULL;
    given.term = ask->promise_ask->term;
    given.log_pk = ask->promise_ask->log_pk;
    given.witness_pk =
        (ProtobufCBinaryData){.len = 32, .data = (uint8_t *)(uintptr_t)sb_secret_pk(f->witness)};
    Sb__Frame frame = SB__FRAME__INIT;
    frame.request = ask->request;
    frame.body_case = SB__FRAME__BODY_PROMISE_GIVEN;
    frame.promise_given = &given;
    sb_fol_send_to(f, link, &frame);
}

static void send_refused(sb_follower *f, uint32_t link, const Sb__Frame *ask, const sb_fail *fail)
{
    char *args[SB_FAIL_ARGS_MAX];
    Sb__Refused refused = SB__REFUSED__INIT;
    if (ask->promise_ask->log_pk.len == 32) /* else it may fill a frame, and ours not hold it */
        refused.entry_id = ask->promise_ask->log_pk;
    refused.code = (uint32_t)fail->code;
    refused.n_args = fail->argc;
    refused.args = args;
    for (uint32_t i = 0; i < fail->argc; i++)
        args[i] = (char *)(uintptr_t)fail->arg[i];
    Sb__Frame frame = SB__FRAME__INIT;
    frame.request = ask->request;
    frame.body_case = SB__FRAME__BODY_REFUSED;
    frame.refused = &refused;
    sb_fol_send_to(f, link, &frame);
}

void sb_fol_on_promise_ask(sb_follower *f, sb_fol_link *link, const Sb__Frame *frame, sb_now now)
{
    const Sb__PromiseAsk *ask = frame->promise_ask;
    sb_fail fail = {0};
    bool by_silence;
    if (ask->log_pk.len == 32 && f->promised.term == ask->term && ask->term > 0 &&
        memcmp(f->promised.log_pk, ask->log_pk.data, 32) == 0) {
        send_promise(f, link->number, frame->request);
        return;
    }
    sb_err err = may_promise(f, ask, now, &by_silence, &fail);
    if (err == SB_OK && ask->would && by_silence) { /* else the authority has decided */
        send_would(f, link->number, frame);
        return;
    }
    if (err == SB_OK)
        err = sign_promise(f, ask, &fail);
    if (err != SB_OK) {
        send_refused(f, link->number, frame, &fail);
        return;
    }
    if (by_silence)
        f->silent_ms = now.mono_ms; /* at most one term a silence */
    sb_fol_keep_promised(f);
    send_promise(f, link->number, frame->request); /* leaves after the commit */
}
