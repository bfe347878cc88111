#include "nodes/charter/charter.h"

#include "nodes/host/file.h"
#include "nodes/host/yaml_read.h"
#include "proto/base/hash.h"

static void add_key(sb_buf *out, const char *name, const uint8_t pk[32])
{
    char hex[65];
    sb_hex(sb_slice_of(pk, 32), hex);
    sb_buf_printf(out, "%s: %s\n", name, hex);
}

void sb_node_card_write(const sb_node_card *card, sb_buf *out)
{
    sb_buf_str(out, "# Offentlige nøkler for en organisasjon. Kan deles fritt.\n");
    sb_buf_printf(out, "organisation: %s\n", card->organisation);
    add_key(out, "authority", card->authority_pk);
    add_key(out, "witness", card->witness_pk);
    add_key(out, "recovery", card->recovery_pk);
    add_key(out, "curve", card->curve_pk);
}

void sb_broker_card_write(const sb_broker_card *card, sb_buf *out)
{
    sb_buf_str(out, "# Offentlige nøkler for megleren (broker). Kan deles fritt.\n");
    add_key(out, "log", card->log_pk);
    add_key(out, "curve", card->curve_pk);
}

static sb_err need_key(const sb_doc *map, const char *name, uint8_t pk[32], sb_fail *fail)
{
    const char *text = NULL;
    sb_err err = sb_doc_need_text(map, name, &text, fail);
    if (err != SB_OK)
        return err;
    /* Curve25519 keys are no Edwards points; the others are enrolled and must be good ones. */
    bool ok = sb_unhex(sb_slice_str(text), pk, 32);
    if (!ok || (strcmp(name, "curve") != 0 && !sb_pk_valid(pk)))
        return sb_doc_fail(sb_doc_get(map, name), SB_E_CHARTER_CARD, name, NULL, fail);
    return SB_OK;
}

sb_err sb_node_card_read(const char *path, sb_arena *arena, sb_node_card *card, sb_fail *fail)
{
    const sb_doc *root = NULL;
    const char *organisation = NULL;
    sb_err err = sb_yaml_read(path, arena, &root, fail);
    if (err == SB_OK)
        err = sb_doc_only(root, fail, "organisation", "authority", "witness", "recovery", "curve",
                          NULL);
    if (err == SB_OK)
        err = sb_doc_need_text(root, "organisation", &organisation, fail);
    if (err == SB_OK && strlen(organisation) > SB_ID_BYTES_MAX)
        err = sb_doc_fail(root, SB_E_CHARTER_CARD, "organisation", NULL, fail);
    if (err == SB_OK)
        err = need_key(root, "authority", card->authority_pk, fail);
    if (err == SB_OK)
        err = need_key(root, "witness", card->witness_pk, fail);
    if (err == SB_OK)
        err = need_key(root, "recovery", card->recovery_pk, fail);
    if (err == SB_OK)
        err = need_key(root, "curve", card->curve_pk, fail);
    if (err == SB_OK)
        memcpy(card->organisation, organisation, strlen(organisation) + 1);
    return err;
}

/* The card of this organisation and no other. */
static sb_err read_card_of(const char *dir, const char *id, sb_arena *arena, sb_node_card *card,
                           sb_fail *fail)
{
    const char *path = sb_path_join(arena, dir, sb_arena_printf(arena, "%s.card", id));
    const sb_doc here = {.file = path, .line = 1};
    sb_err err = sb_node_card_read(path, arena, card, fail);
    if (err == SB_OK && strcmp(card->organisation, id) != 0)
        err = sb_doc_fail(&here, SB_E_CHARTER_CARD, "organisation", NULL, fail);
    return err;
}

sb_err sb_cards_read(const char *dir, const Sb__Charter *charter, sb_arena *arena,
                     const sb_node_card **cards, sb_broker_card *broker, sb_fail *fail)
{
    sb_node_card *all = SB_ARENA_ARRAY(arena, sb_node_card, charter->n_organisations);
    sb_err err = SB_OK;
    for (size_t i = 0; i < charter->n_organisations && err == SB_OK; i++)
        err = read_card_of(dir, charter->organisations[i]->id, arena, &all[i], fail);
    const sb_doc *root = NULL;
    if (err == SB_OK)
        err = sb_yaml_read(sb_path_join(arena, dir, "broker.card"), arena, &root, fail);
    if (err == SB_OK)
        err = sb_doc_only(root, fail, "log", "curve", NULL);
    if (err == SB_OK)
        err = need_key(root, "log", broker->log_pk, fail);
    if (err == SB_OK)
        err = need_key(root, "curve", broker->curve_pk, fail);
    if (err == SB_OK)
        *cards = all;
    return err;
}
