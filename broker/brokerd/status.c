/* The operator's "status", on the local socket. */
#include "broker/brokerd/broker.h"

static void put_num(sb_json *j, const char *key, uint64_t value)
{
    sb_json_key(j, key);
    sb_json_u64(j, value);
}

static void put_sequencer(sb_broker *b, sb_json *j)
{
    sb_seq_status s;
    sb_sequencer_status(b->sequencer, &s);
    put_num(j, "size", s.size);
    sb_json_key(j, "root");
    sb_json_hex(j, sb_slice_of(s.root, 32));
    sb_json_key(j, "digest");
    sb_json_hex(j, sb_slice_of(s.digest, 32));
    put_num(j, "head_size", s.head_size);
    put_num(j, "certified_size", s.certified_size);
    put_num(j, "final_size", s.final_size);
    put_num(j, "confirmed", s.cosigners);
    put_num(j, "needed", s.needed);
    put_num(j, "organisations", s.organisations);
    put_num(j, "peers", s.peers);
    sb_json_key(j, "clock_off_ms");
    sb_json_i64(j, s.clock_off_ms);
    sb_json_key(j, "clock_bad");
    sb_json_bool(j, s.clock_bad);
    put_num(j, "blobs_missing", b->missing.count);
}

static const char *phase_name(sb_standby_phase phase)
{
    switch (phase) {
    case SB_STANDBY_FOLLOWS:
        return "follows";
    case SB_STANDBY_ASKS:
        return "asks";
    case SB_STANDBY_FETCHES:
        return "fetches";
    case SB_STANDBY_CHANGES:
        return "changes";
    }
    return "?";
}

static void put_refusal(sb_json *j, const sb_fail *refusal)
{
    sb_json_object(j);
    put_num(j, "code", (uint64_t)refusal->code);
    sb_json_key(j, "args");
    sb_json_array(j);
    for (uint32_t i = 0; i < refusal->argc; i++)
        sb_json_cstr(j, refusal->arg[i]);
    sb_json_end_array(j);
    sb_json_end_object(j);
}

static void put_answers(sb_broker *b, sb_json *j)
{
    static const char *const words[] = {[SB_STANDBY_AWAY] = "away",
                                        [SB_STANDBY_SILENT] = "silent",
                                        [SB_STANDBY_SAID_NO] = "no",
                                        [SB_STANDBY_WOULD] = "would",
                                        [SB_STANDBY_PROMISED] = "promised"};
    size_t count;
    const sb_standby_org *orgs = sb_standby_orgs(b->standby, sb_broker_now(b), &count);
    sb_json_key(j, "answers");
    sb_json_array(j);
    for (size_t i = 0; i < count; i++) {
        sb_json_object(j);
        sb_json_key(j, "organisation");
        sb_json_cstr(j, orgs[i].id);
        sb_json_key(j, "answer");
        sb_json_cstr(j, words[orgs[i].answer]);
        sb_json_key(j, "new_key");
        sb_json_bool(j, orgs[i].has_new_key);
        if (orgs[i].answer == SB_STANDBY_SAID_NO) {
            sb_json_key(j, "refusal");
            put_refusal(j, &orgs[i].refusal);
        }
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
}

static void put_standby(sb_broker *b, sb_json *j)
{
    sb_standby_status s;
    sb_standby_status_get(b->standby, sb_broker_now(b), &s);
    put_num(j, "size", s.size);
    sb_json_key(j, "root");
    sb_json_hex(j, sb_slice_of(s.root, 32));
    sb_json_key(j, "phase");
    sb_json_cstr(j, phase_name(s.phase));
    put_num(j, "asked_term", s.asked_term);
    put_num(j, "would", s.would);
    put_num(j, "promised", s.promised);
    put_num(j, "needed", s.needed);
    put_num(j, "organisations", s.organisations);
    put_num(j, "peers", s.peers);
    put_num(j, "silent_s", s.silent_ms / 1000);
    put_num(j, "silence_s", s.silence_ms / 1000);
    sb_json_key(j, "take_over");
    sb_json_bool(j, b->take_over);
    put_num(j, "blobs_missing", s.blobs_missing);
    sb_json_key(j, "refusal");
    if (s.has_refusal)
        put_refusal(j, &s.refusal);
    else
        sb_json_null(j);
    put_answers(b, j);
}

void sb_broker_write_status(sb_broker *b, sb_buf *json)
{
    char origin[SB_ORIGIN_BYTES_MAX + 1] = "";
    sb_ledger_origin(b->history.ledger, origin, sizeof origin);
    sb_json j;
    sb_json_begin(&j, json);
    sb_json_object(&j);
    sb_json_key(&j, "origin");
    sb_json_cstr(&j, origin);
    sb_json_key(&j, "version");
    sb_json_cstr(&j, SB_VERSION);
    sb_json_key(&j, "mode");
    sb_json_cstr(&j, b->standby != NULL ? "standby" : "broker");
    put_num(&j, "term", sb_ledger_term(b->history.ledger));
    put_num(&j, "disk_full_since_ms", b->full.since_ms); /* 0: it isn't */
    if (b->standby != NULL)
        put_standby(b, &j);
    else
        put_sequencer(b, &j);
    sb_json_end_object(&j);
}
