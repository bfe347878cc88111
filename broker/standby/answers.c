/* Who has promised, would promise, or says why not: the operator has to know whom to call. */
#include "broker/standby/inside.h"

static void look_at_peers(const sb_standby *s, const sb_ledger_org *org, sb_standby_org *out)
{
    for (size_t i = 0; i < s->peer_count; i++) {
        const stb_peer *peer = &s->peers[i];
        if (memcmp(peer->curve_pk, org->curve_pk, 32) != 0)
            continue;
        out->answer = SB_STANDBY_SILENT;
        if (peer->no_term != 0 && peer->no_term == s->asked_term) {
            out->answer = SB_STANDBY_SAID_NO;
            out->refusal = peer->no;
            return;
        }
    }
}

/* A key that counts goes before one that doesn't; a promise came before a word. */
static void take_willing(sb_standby_org *org, bool has_promised, bool has_new_key)
{
    if (org->answer >= SB_STANDBY_WOULD && (!org->has_new_key || has_new_key))
        return;
    org->answer = has_promised ? SB_STANDBY_PROMISED : SB_STANDBY_WOULD;
    org->has_new_key = has_new_key;
}

const sb_standby_org *sb_standby_orgs(sb_standby *s, sb_now now, size_t *count)
{
    uint32_t all = sb_ledger_org_count(s->ledger);
    sb_standby_org *list = SB_ARENA_ARRAY(&s->scratch, sb_standby_org, all + 1);
    uint32_t *place = SB_ARENA_ARRAY(&s->scratch, uint32_t, all + 1); /* all: it isn't in */
    sb_ledger_org org;
    *count = 0;
    for (uint32_t i = 0; i < all; i++) {
        place[i] = all;
        if (!sb_ledger_org_is_in(s->ledger, i) || !sb_ledger_org_get(s->ledger, i, &org))
            continue;
        place[i] = (uint32_t)*count;
        sb_standby_org *out = &list[(*count)++];
        *out = (sb_standby_org){.answer = SB_STANDBY_AWAY};
        memcpy(out->id, org.id, sizeof org.id);
        look_at_peers(s, &org, out);
    }
    stb_willing w = sb_stb_willing(s, now);
    uint64_t judged_at = sb_stb_judged_at(s, &w);
    for (size_t i = 0; i < w.count; i++)
        if (sb_ledger_witness(s->ledger, w.pks[i], &org) && org.number < all &&
            place[org.number] < all)
            take_willing(&list[place[org.number]], i < w.promised,
                         judged_at != 0 && !sb_ledger_witness_at(s->ledger, w.pks[i], judged_at));
    return list;
}
