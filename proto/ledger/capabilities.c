#include "proto/ledger/core.h"

#include "proto/text/text.h"

uint32_t sb_capabilities_of(sb_entry_type type)
{
    switch (type) {
#define C(name) | SB_CAP_##name
#define SB_CAPABILITY(NAME, who)                                                                   \
    case SB_ENTRY_##NAME:                                                                          \
        return 0 who;
#include "proto/ledger/capabilities.def"
#undef SB_CAPABILITY
#undef C
    }
    return 0;
}

const char *sb_capabilities_text(sb_arena *arena, uint32_t capabilities, bool is_nb)
{
    const char *text = "";
    for (uint32_t bit = 0; bit < 32; bit++)
        if ((capabilities & (UINT32_C(1) << bit)) != 0)
            text = sb_arena_printf(
                arena, "%s%s%s", text, text[0] == '\0' ? "" : ", ",
                sb_text_word(SB_TEXT_CAPABILITY, bit, is_nb ? SB_LANG_NB : SB_LANG_EN));
    return text;
}

sb_err sb_refuse_capability(sb_step *s)
{
    sb_entry_type type = s->leaf->entry.type;
    char entry[SB_TEXT_ARG_BYTES], who[SB_TEXT_ARG_BYTES];
    sb_text_arg(entry, SB_TEXT_ENTRY, (uint32_t)type);
    sb_text_arg(who, SB_TEXT_CAPABILITY, sb_capabilities_of(type));
    return sb_fail_set(s->fail, SB_E_LEDGER_CAPABILITY, entry, who, NULL);
}

static bool holds_any(sb_step *s, const uint32_t *seats, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (sb_key_holds_seat(s, s->signer.no, seats[i], NULL))
            return true;
    return false;
}

/* A seat of the charter in force, in a body that isn't dissolved. */
static bool is_live(sb_step *s, uint32_t no)
{
    sb_row_seat seat = {.no = no};
    return sb_row_seat_get(s->kv, s->arena, &seat) && sb_seat_at(&seat, SB_NOW) &&
           !s->charter->bodies[seat.body]->dissolved;
}

static bool holds_place(sb_step *s)
{
    sb_row_place row = {.key = s->signer.no};
    for (bool more = sb_row_place_next(s->kv, NULL, &row, true, 1); more;
         more = sb_row_place_next(s->kv, NULL, &row, false, 1)) {
        if (row.kind == SB_PLACE_SEAT && sb_key_holds_seat(s, row.key, row.number, NULL) &&
            is_live(s, row.number))
            return true;
        if (row.kind == SB_PLACE_OFFICE &&
            sb_key_holds_office(s, row.key, s->charter->offices[row.number]->id, SB_NONE))
            return true;
    }
    return false;
}

/* The deputy of the chairing seat doesn't chair beside the primary, nor the other way about. */
static bool chairs(sb_step *s, const sb_scope *scope)
{
    if (scope->chair_seat == 0)
        return false;
    if (scope->chair_role == 0)
        return sb_key_holds_seat(s, s->signer.no, scope->chair_seat, NULL);
    sb_row_holder holder;
    return sb_holder_get(s->kv, scope->chair_seat, (Sb__SeatRole)scope->chair_role, s->date,
                         &holder) &&
           holder.key != 0 && holder.key == s->signer.no;
}

static bool has_one(sb_step *s, uint32_t capability, const sb_scope *scope)
{
    uint32_t no = s->signer.no;
    switch (capability) {
    case SB_CAP_FIRST_AUTHORITY:
        return s->signer.kind == SB_KEY_KIND_AUTHORITY && s->signer.org == 0;
    case SB_CAP_AUTHORITY:
        return s->signer.kind == SB_KEY_KIND_AUTHORITY;
    case SB_CAP_RECOVERY:
        return s->signer.kind == SB_KEY_KIND_RECOVERY;
    case SB_CAP_LOG:
        return s->signer.kind == SB_KEY_KIND_LOG;
    case SB_CAP_SECRETARIAT:
        return sb_key_holds_office(s, no, "secretariat", scope->body);
    case SB_CAP_LEADER:
        return sb_key_holds_office(s, no, "leader", scope->body) ||
               sb_key_holds_office(s, no, "deputy-leader", scope->body);
    case SB_CAP_CHAIR:
        return chairs(s, scope);
    case SB_CAP_SEAT:
        return holds_any(s, scope->seats, scope->seat_count);
    case SB_CAP_REPORTER:
        return scope->reporter_key != 0 && scope->reporter_key == no;
    case SB_CAP_MEMBER:
        return holds_place(s);
    case SB_CAP_SELF:
        return false; /* people.c knows what is revoked */
    }
    return false;
}

bool sb_signer_can(sb_step *s, uint32_t capability, const sb_scope *scope)
{
    if (!s->has_signer)
        return false;
    for (uint32_t bit = 1; bit <= SB_CAP_SELF; bit <<= 1)
        if ((capability & bit) != 0 && has_one(s, bit, scope))
            return true;
    return false;
}

sb_err sb_may(sb_step *s, const sb_scope *scope)
{
    if (sb_signer_can(s, sb_capabilities_of(s->leaf->entry.type), scope))
        return SB_OK;
    return sb_refuse_capability(s);
}
