/* What every entry must satisfy, whatever it says: phase, federation, key, sequence, anchor, quota,
 * pending RESULTs. */
#include "proto/base/hash.h"
#include "proto/ledger/machine.h"

static const char *type_name(const sb_step *s)
{
    return sb_entry_type_name(s->leaf->entry.type);
}

static sb_err check_phase(const sb_step *s)
{
    const sb_entry *e = &s->leaf->entry;
    uint32_t phase = s->ledger->federation.phase, wanted = SB_PHASE_RUNNING;
    if (e->type == SB_ENTRY_GENESIS)
        wanted = SB_PHASE_EMPTY;
    else if (e->type == SB_ENTRY_CHARTER_PART)
        wanted = SB_PHASE_CHARTER;
    else if (e->type == SB_ENTRY_ACCEPT)
        wanted = SB_PHASE_ACCEPTING;
    else if (sb_entry_type_is_system(e->type) && phase != SB_PHASE_EMPTY)
        wanted = phase;
    if (phase != wanted) {
        static const char *const names[] = {"GENESIS", "CHARTER_PART", "ACCEPT", "RUNNING"};
        return sb_fail_set(s->fail, SB_E_LEDGER_PHASE, type_name(s), names[phase], NULL);
    }
    static const uint8_t zero[32];
    if (memcmp(e->federation_id, wanted == SB_PHASE_EMPTY ? zero : s->ledger->federation.id, 32) !=
        0)
        return sb_fail_set(s->fail, SB_E_LEDGER_FEDERATION, NULL);
    return SB_OK;
}

/* Only the RESULT that the state demands, while it demands one. */
static sb_err check_pending(const sb_step *s)
{
    const sb_ledger *l = s->ledger;
    if (l->has_pending && s->leaf->entry.type != SB_ENTRY_RESULT)
        return sb_fail_set(s->fail, SB_E_LEDGER_RESULT_EXPECTED, type_name(s), NULL);
    if (!l->has_pending && s->leaf->entry.type == SB_ENTRY_RESULT)
        return sb_fail_set(s->fail, SB_E_LEDGER_RESULT_UNEXPECTED, NULL);
    return SB_OK;
}

/* The kinds of key that may send the type at all; the handler asks for the rest with sb_may. */
static bool kind_fits(uint32_t capabilities, sb_key_kind kind)
{
    uint32_t device = SB_CAP_SECRETARIAT | SB_CAP_LEADER | SB_CAP_CHAIR | SB_CAP_SEAT |
                      SB_CAP_REPORTER | SB_CAP_MEMBER | SB_CAP_SELF;
    switch (kind) {
    case SB_KEY_KIND_AUTHORITY:
        return (capabilities & (SB_CAP_AUTHORITY | SB_CAP_FIRST_AUTHORITY)) != 0;
    case SB_KEY_KIND_RECOVERY:
        return (capabilities & SB_CAP_RECOVERY) != 0;
    case SB_KEY_KIND_LOG:
        return (capabilities & SB_CAP_LOG) != 0;
    case SB_KEY_KIND_DEVICE:
        return (capabilities & device) != 0;
    case SB_KEY_KIND_WITNESS:
        return false; /* cosigns; never signs an entry */
    }
    return false;
}

static sb_err check_signer(sb_step *s)
{
    const sb_entry *e = &s->leaf->entry;
    char hex[17];
    sb_hex(sb_slice_of(e->signer_pk, 8), hex);
    if (!sb_key_find(s->kv, e->signer_pk, &s->signer))
        return sb_fail_set(s->fail, SB_E_LEDGER_KEY_UNKNOWN, hex, NULL);
    s->has_signer = true;
    if (s->signer.status != SB_KEY_IN_FORCE)
        return sb_fail_set(s->fail, SB_E_LEDGER_KEY_OUT_OF_FORCE, hex, NULL);
    if (!kind_fits(sb_capabilities_of(e->type), (sb_key_kind)s->signer.kind))
        return sb_refuse_capability(s);
    return SB_OK;
}

static sb_err check_anchor(const sb_step *s, uint64_t last_anchor)
{
    const sb_entry *e = &s->leaf->entry;
    uint8_t root[32];
    if (e->anchor_size < last_anchor)
        return sb_fail_num(s->fail, SB_E_LEDGER_ANCHOR_LOWER, 2, e->anchor_size, last_anchor);
    if (e->anchor_size == 0)
        sb_empty_root(root);
    else if (!sb_ledger_root_at(s->ledger, e->anchor_size, root))
        return sb_fail_num(s->fail, SB_E_LEDGER_ANCHOR_UNKNOWN, 1, e->anchor_size, 0);
    if (memcmp(root, e->anchor_root, 32) != 0)
        return sb_fail_num(s->fail, SB_E_LEDGER_ANCHOR_ROOT, 1, e->anchor_size, 0);
    return SB_OK;
}

/* The case that the payload names in its field case_id; 0: none. */
static uint32_t case_of(const sb_step *s)
{
    const ProtobufCMessage *m = s->leaf->message;
    const ProtobufCFieldDescriptor *f =
        protobuf_c_message_descriptor_get_field_by_name(m->descriptor, "case_id");
    if (f == NULL || f->type != PROTOBUF_C_TYPE_BYTES || f->label == PROTOBUF_C_LABEL_REPEATED)
        return 0;
    if ((f->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0 &&
        *(const uint32_t *)(const void *)((const uint8_t *)m + f->quantifier_offset) != f->id)
        return 0;
    const ProtobufCBinaryData *id = (const void *)((const uint8_t *)m + f->offset);
    return sb_ref_find(s->kv, *id, SB_REF_CASE);
}

/* What ends something is never too much: nobody is locked in by a quota. */
static bool ends_something(sb_entry_type type)
{
    return type == SB_ENTRY_KEY_REVOKE || type == SB_ENTRY_CASE_POSTPONE ||
           type == SB_ENTRY_CASE_WITHDRAW || type == SB_ENTRY_QUESTION_CLOSE ||
           type == SB_ENTRY_MEETING_CLOSE || type == SB_ENTRY_MEMBERSHIP_WITHDRAW;
}

/* Nor does one member's use of a case keep the meeting from treating it. */
static bool conducts(sb_entry_type type)
{
    return type == SB_ENTRY_QUESTION_OPEN || type == SB_ENTRY_CHAIR_TAKE ||
           type == SB_ENTRY_CLAUSE_AMEND || type == SB_ENTRY_TASK_SET ||
           type == SB_ENTRY_CASE_DISCUSS || type == SB_ENTRY_RULING ||
           type == SB_ENTRY_CONDITION_SET || type == SB_ENTRY_CANDIDATE_PROPOSE;
}

static sb_err check_quota(const sb_step *s, const sb_row_key_seq *seq)
{
    sb_entry_type type = s->leaf->entry.type;
    if (s->charter == NULL || s->charter->quotas == NULL || ends_something(type))
        return SB_OK;
    uint32_t per_day = s->charter->quotas->entries_per_key_and_day;
    uint32_t per_case = s->charter->quotas->entries_per_case;
    if (per_day != 0 && seq->day == (uint32_t)s->day && seq->day_count >= per_day)
        return sb_fail_num(s->fail, SB_E_LEDGER_QUOTA_DAY, 1, per_day, 0);
    sb_row_case_quota row = {.case_no = per_case == 0 || conducts(type) ? 0 : case_of(s)};
    if (row.case_no != 0 && sb_row_case_quota_get(s->kv, NULL, &row) && row.count >= per_case)
        return sb_fail_num(s->fail, SB_E_LEDGER_QUOTA_CASE, 1, per_case, 0);
    return SB_OK;
}

static sb_err check_system(const sb_step *s)
{
    const sb_entry *e = &s->leaf->entry;
    if (e->type == SB_ENTRY_HANDOVER) { /* by the new term's key, which it enrols */
        const Sb__Handover *m = (const Sb__Handover *)(const void *)s->leaf->message;
        char hex[17];
        sb_hex(sb_slice_of(m->log_pk.data, 8), hex);
        if (memcmp(e->signer_pk, m->log_pk.data, 32) != 0)
            return sb_fail_set(s->fail, SB_E_LEDGER_HANDOVER_SIGNER, hex, NULL);
    } else if (memcmp(e->signer_pk, s->ledger->federation.log_pk, 32) != 0) {
        return sb_fail_set(s->fail, SB_E_LEDGER_LOG_KEY, type_name(s), NULL);
    }
    if (e->signer_seq != s->index)
        return sb_fail_num(s->fail, SB_E_LEDGER_SYSTEM_SEQ, 2, e->signer_seq, s->index);
    if (e->anchor_size != 0)
        return sb_fail_num(s->fail, SB_E_LEDGER_ANCHOR_UNKNOWN, 1, e->anchor_size, 0);
    return check_anchor(s, 0);
}

sb_err sb_common_check(sb_step *s)
{
    const sb_entry *e = &s->leaf->entry;
    sb_err err = check_phase(s);
    if (err != SB_OK)
        return err;
    if (sb_entry_type_is_system(e->type)) {
        err = check_system(s);
        return err != SB_OK ? err : check_pending(s);
    }
    sb_row_key_seq *seq = &s->sequence;
    if (e->type != SB_ENTRY_GENESIS) {
        err = check_signer(s);
        if (err != SB_OK)
            return err;
        seq->no = s->signer.no;
        (void)sb_row_key_seq_get(s->kv, NULL, seq);
    }
    if (e->signer_seq <= seq->last_seq)
        return sb_fail_num(s->fail, SB_E_LEDGER_SUPERSEDED, 2, e->signer_seq, seq->last_seq);
    err = check_anchor(s, seq->last_anchor);
    if (err == SB_OK)
        err = check_pending(s);
    if (err == SB_OK)
        err = check_quota(s, seq);
    if (err == SB_OK)
        err = sb_erased_check(s);
    return err;
}

void sb_common_apply(sb_step *s)
{
    const sb_entry *e = &s->leaf->entry;
    if (!s->has_signer)
        return; /* system entries; GENESIS makes its key first */
    sb_row_key_seq seq = s->sequence;
    seq.no = s->signer.no; /* GENESIS made it since */
    seq.last_seq = e->signer_seq;
    seq.last_anchor = e->anchor_size;
    if (seq.day != (uint32_t)s->day) {
        seq.day = (uint32_t)s->day;
        seq.day_count = 0;
    }
    seq.day_count++;
    sb_row_key_seq_put(s->kv, &seq);
    sb_submission_put(s);
    sb_blobs_apply(s);
    if (s->charter == NULL || s->charter->quotas == NULL ||
        s->charter->quotas->entries_per_case == 0)
        return;
    sb_row_case_quota quota = {.case_no = case_of(s)};
    if (quota.case_no == 0)
        return;
    (void)sb_row_case_quota_get(s->kv, NULL, &quota);
    quota.count++;
    sb_row_case_quota_put(s->kv, &quota);
}
