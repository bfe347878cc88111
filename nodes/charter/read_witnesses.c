/* "witnesses:" and "standby:": who confirms the history, and who may take over ordering it. */
#include <stdio.h>
#include <stdlib.h>

#include "nodes/charter/reading.h"
#include "nodes/charter/standby_card.h"
#include "nodes/host/file.h"
#include "proto/ledger/policy.h"

/* ---- more than a share ---- */

/* "2/3" into two numbers; 0 < p < q. */
static bool parse_share(const char *text, uint32_t *p, uint32_t *q)
{
    uint32_t value[2] = {0, 0};
    int part = 0;
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '/' && part == 0 && c != text)
            part = 1;
        else if (*c >= '0' && *c <= '9' && value[part] < 1000)
            value[part] = value[part] * 10 + (uint32_t)(*c - '0');
        else
            return false;
    }
    *p = value[0];
    *q = value[1];
    return part == 1 && *p > 0 && *p < *q;
}

static sb_err read_share(sb_reading *r, const sb_doc *node, Sb__WitnessPolicy *policy)
{
    char *share = NULL;
    sb_err err = sb_reading_text(r, node, "more-than", true, 16, &share);
    /* Less than a half could certify two histories without a single liar. */
    if (err == SB_OK && (!parse_share(share, &policy->more_than_num, &policy->more_than_den) ||
                         2 * policy->more_than_num < policy->more_than_den))
        err = sb_doc_fail(sb_doc_get(node, "more-than"), SB_E_CHARTER_POLICY, share, NULL, r->fail);
    return err;
}

/* ---- groups ---- */

/* A number, or "all", or "any" (C2SP tlog-policy). */
static sb_err read_threshold(sb_reading *r, const sb_doc *item, Sb__WitnessGroup *g)
{
    const char *text = NULL;
    char *end = NULL;
    sb_err err = sb_doc_need_text(item, "threshold", &text, r->fail);
    if (err != SB_OK)
        return err;
    unsigned long value = strtoul(text, &end, 10);
    if (strcmp(text, "any") == 0)
        value = 1;
    else if (strcmp(text, "all") == 0)
        value = g->n_members;
    else if (*end != '\0' || text[0] < '0' || text[0] > '9')
        value = 0;
    if (value == 0 || value > g->n_members)
        return sb_doc_fail(sb_doc_get(item, "threshold"), SB_E_CHARTER_THRESHOLD, text, g->name,
                           r->fail);
    g->threshold = (uint32_t)value;
    return SB_OK;
}

static sb_err read_group(sb_reading *r, const sb_doc *item, Sb__WitnessGroup *g)
{
    const sb_doc *list = NULL;
    size_t count = 0;
    sb__witness_group__init(g);
    sb_err err = sb_doc_only(item, r->fail, "name", "threshold", "members", NULL);
    if (err == SB_OK)
        err = sb_reading_id(r, item, "name", true, &g->name);
    if (err == SB_OK)
        err = sb_reading_list(r, item, "members", SB_ORGANISATIONS_MAX, &list, &count);
    if (err == SB_OK && count == 0)
        err = sb_doc_fail(item, SB_E_CHARTER_EMPTY, "members", NULL, r->fail);
    g->members = SB_ARENA_ARRAY(r->arena, char *, count);
    for (size_t i = 0; err == SB_OK && i < count; i++) {
        const char *text = NULL;
        err = sb_doc_text(list->items[i], &text, r->fail);
        g->members[g->n_members++] = (char *)(uintptr_t)text;
    }
    return err == SB_OK ? read_threshold(r, item, g) : err;
}

/* What the fold would say of it is said here with the line of the group it is about. */
static sb_err check_groups(sb_reading *r, const sb_doc *list)
{
    sb_fail why = {0};
    const sb_doc *at = list->items[list->count - 1];
    if (sb_policy_check(r->charter, &why) == SB_OK)
        return SB_OK;
    for (size_t i = 0; why.argc > 0 && i < r->charter->policy->n_groups; i++)
        if (strcmp(r->charter->policy->groups[i]->name, why.arg[0]) == 0)
            at = list->items[i];
    return sb_doc_fail(at, SB_E_CHARTER_GROUP, why.arg[0], why.argc > 1 ? why.arg[1] : "", r->fail);
}

static sb_err read_groups(sb_reading *r, const sb_doc *node, Sb__WitnessPolicy *policy)
{
    const sb_doc *list = NULL;
    size_t count = 0;
    sb_err err = sb_reading_list(r, node, "groups", SB_WITNESS_GROUPS_MAX, &list, &count);
    if (err == SB_OK && count == 0)
        err = sb_doc_fail(node, SB_E_CHARTER_EMPTY, "groups", NULL, r->fail);
    policy->more_than_num = policy->more_than_den = 0;
    policy->groups = sb_reading_pointers(r, node, "groups");
    for (size_t i = 0; err == SB_OK && i < count; i++) {
        policy->groups[i] = SB_ARENA_NEW(r->arena, Sb__WitnessGroup);
        err = read_group(r, list->items[i], policy->groups[i]);
        policy->n_groups++;
    }
    if (err == SB_OK)
        err = check_groups(r, list);
    sb_policy p;
    if (err != SB_OK)
        return err;
    sb_policy_of_charter(r->charter, r->arena, &p);
    if (sb_policy_overlap(&p) == 0) /* two histories without a single liar */
        err = sb_doc_fail(node, SB_E_CHARTER_NO_OVERLAP, NULL, NULL, r->fail);
    for (uint32_t i = 0; err == SB_OK && i < r->charter->n_organisations; i++)
        if (!sb_policy_has(&p, i))
            sb_reading_remark(r, node, "", SB_E_CHARTER_NOT_COUNTED,
                              r->charter->organisations[i]->id);
    return err;
}

/* When one that is silent stops everything. */
static void remark(sb_reading *r, const sb_doc *node)
{
    sb_policy p;
    sb_policy_of_charter(r->charter, r->arena, &p);
    if (sb_policy_stopped_by(&p) > 1)
        return;
    bool all = sb_policy_needs(&p) == sb_policy_members(&p);
    sb_reading_remark(r, node, "", all ? SB_E_CHARTER_ALL_NEEDED : SB_E_CHARTER_ONE_STOPS,
                      sb_arena_printf(r->arena, "%u", (unsigned)sb_policy_members(&p)));
}

sb_err sb_reading_witnesses(sb_reading *r, const sb_doc *root)
{
    Sb__WitnessPolicy *policy = SB_ARENA_NEW(r->arena, Sb__WitnessPolicy);
    sb__witness_policy__init(policy);
    policy->more_than_num = 2;
    policy->more_than_den = 3;
    r->charter->policy = policy;
    const sb_doc *node = sb_doc_get(root, "witnesses");
    sb_err err = SB_OK;
    if (node != NULL && sb_doc_get(node, "groups") != NULL) {
        err = sb_doc_only(node, r->fail, "groups", NULL);
        if (err == SB_OK)
            err = read_groups(r, node, policy);
    } else if (node != NULL) {
        err = sb_doc_only(node, r->fail, "more-than", NULL);
        if (err == SB_OK)
            err = read_share(r, node, policy);
    }
    if (err == SB_OK)
        remark(r, node == NULL ? root : node);
    return err;
}

/* ---- standbys ---- */

/* A card beside this file, or what stands in a card. */
static sb_err read_standby(sb_reading *r, const sb_doc *item, Sb__Standby *out)
{
    sb_standby_card *card = SB_ARENA_NEW(r->arena, sb_standby_card);
    const char *path = NULL;
    sb_err err;
    if (item->kind == SB_DOC_MAP) {
        err = sb_standby_card_of(item, card, r->fail);
    } else {
        err = sb_doc_text(item, &path, r->fail);
        if (err == SB_OK && path[0] != '/')
            path = sb_path_join(r->arena, sb_path_dir(r->arena, item->file), path);
        if (err == SB_OK)
            err = sb_standby_card_read(path, r->arena, card, r->fail);
    }
    sb__standby__init(out);
    if (err != SB_OK)
        return err;
    out->id = (char *)(uintptr_t)card->id;
    out->address = (char *)(uintptr_t)card->address;
    out->log_pk = (ProtobufCBinaryData){.len = 32, .data = card->log_pk};
    out->curve_pk = (ProtobufCBinaryData){.len = 32, .data = card->curve_pk};
    for (size_t i = 0; i < r->charter->n_standbys; i++) {
        const Sb__Standby *other = r->charter->standbys[i];
        if (strcmp(other->id, out->id) == 0 || memcmp(other->log_pk.data, card->log_pk, 32) == 0 ||
            memcmp(other->curve_pk.data, card->curve_pk, 32) == 0)
            return sb_doc_fail(item, SB_E_CHARTER_DUPLICATE_ID, out->id, NULL, r->fail);
    }
    return SB_OK;
}

static sb_err short_silence(const sb_doc *node, uint64_t silence, sb_fail *fail)
{
    char is[24], least[24];
    (void)snprintf(is, sizeof is, "%llu", (unsigned long long)silence);
    (void)snprintf(least, sizeof least, "%d", SB_SILENCE_S_MIN);
    return sb_doc_fail(sb_doc_get(node, "silence"), SB_E_CHARTER_SILENCE_SHORT, is, least, fail);
}

sb_err sb_reading_standbys(sb_reading *r, const sb_doc *root)
{
    const sb_doc *node = sb_doc_get(root, "standby"), *list = NULL;
    size_t count = 0;
    uint64_t silence = 0;
    if (node == NULL)
        return SB_OK;
    sb_err err = sb_doc_only(node, r->fail, "silence", "brokers", NULL);
    if (err == SB_OK)
        err = sb_doc_need_u64(node, "silence", 1, SB_SILENCE_S_MAX, &silence, r->fail);
    if (err == SB_OK && silence < SB_SILENCE_S_MIN && !r->charter->rehearsal)
        err = short_silence(node, silence, r->fail);
    if (err == SB_OK)
        err = sb_reading_list(r, node, "brokers", SB_STANDBYS_MAX, &list, &count);
    if (err == SB_OK && count == 0)
        err = sb_doc_fail(node, SB_E_CHARTER_EMPTY, "brokers", NULL, r->fail);
    r->charter->silence_s = (uint32_t)silence;
    r->charter->standbys = sb_reading_pointers(r, node, "brokers");
    for (size_t i = 0; err == SB_OK && i < count; i++) {
        Sb__Standby *one = SB_ARENA_NEW(r->arena, Sb__Standby);
        err = read_standby(r, list->items[i], one);
        r->charter->standbys[r->charter->n_standbys] = one;
        r->charter->n_standbys += err == SB_OK;
    }
    return err;
}
