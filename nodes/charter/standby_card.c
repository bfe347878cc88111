#include "nodes/charter/standby_card.h"

#include "nodes/host/config.h"
#include "nodes/host/yaml_read.h"
#include "proto/base/hash.h"
#include "proto/sign/sign.h"

void sb_standby_card_write(const sb_standby_card *card, sb_buf *out)
{
    char log[65], curve[65];
    sb_hex(sb_slice_of(card->log_pk, 32), log);
    sb_hex(sb_slice_of(card->curve_pk, 32), curve);
    sb_buf_str(out, "# Offentlige nøkler for en reservemegler (standby). Kan deles fritt.\n");
    sb_buf_printf(out, "id: %s\nlog: %s\ncurve: %s\naddress: '%s'\n", card->id, log, curve,
                  card->address);
}

static sb_err read_key(const sb_doc *root, const char *name, uint8_t pk[32], sb_fail *fail)
{
    const char *text = NULL;
    sb_err err = sb_doc_need_text(root, name, &text, fail);
    if (err != SB_OK)
        return err;
    bool is_curve = strcmp(name, "curve") == 0; /* no Edwards point */
    if (!sb_unhex(sb_slice_str(text), pk, 32) || (!is_curve && !sb_pk_valid(pk)))
        return sb_doc_fail(sb_doc_get(root, name), SB_E_CHARTER_CARD, name, NULL, fail);
    return SB_OK;
}

sb_err sb_standby_card_read(const char *path, sb_arena *arena, sb_standby_card *card, sb_fail *fail)
{
    const sb_doc *root = NULL;
    sb_err err = sb_yaml_read(path, arena, &root, fail);
    return err == SB_OK ? sb_standby_card_of(root, card, fail) : err;
}

sb_err sb_standby_card_of(const sb_doc *root, sb_standby_card *card, sb_fail *fail)
{
    *card = (sb_standby_card){0};
    sb_err err = sb_doc_only(root, fail, "id", "log", "curve", "address", NULL);
    if (err == SB_OK)
        err = sb_doc_need_text(root, "id", &card->id, fail);
    if (err == SB_OK)
        err = read_key(root, "log", card->log_pk, fail);
    if (err == SB_OK)
        err = read_key(root, "curve", card->curve_pk, fail);
    if (err == SB_OK)
        err = sb_doc_need_text(root, "address", &card->address, fail);
    if (err == SB_OK &&
        (strlen(card->address) > SB_ADDRESS_BYTES_MAX || !sb_endpoint_valid(card->address)))
        err = sb_doc_fail(sb_doc_get(root, "address"), SB_E_CONFIG_ENDPOINT, card->address, NULL,
                          fail);
    return err;
}
