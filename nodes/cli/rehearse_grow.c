/* What a script's decisions add to the charter that its steps are held against: bodies that are
 * made, and new versions. What is taken away stays known, for steps that name it before. */
#include "nodes/charter/charter.h"
#include "nodes/cli/charter_follow.h"
#include "nodes/cli/rehearse_play.h"
#include "nodes/host/file.h"
#include "proto/base/hash.h"

static const char *file_of(const sb_reh_step *step, sb_arena *arena)
{
    return sb_path_join(arena, sb_path_dir(arena, step->file), sb_reh_text(step, SB_REH_F_FILE));
}

static sb_err add_body(const sb_reh_step *step, sb_lang lang, sb_arena *arena,
                       const Sb__Charter **charter, sb_fail *fail)
{
    const sb_charter_options options = {.lang = lang};
    const Sb__Charter *now = *charter;
    Sb__Charter *next = SB_ARENA_NEW(arena, Sb__Charter);
    Sb__Body *body = NULL;
    sb_err err =
        sb_charter_read_body(file_of(step, arena), now, &options, arena, &body, NULL, fail);
    if (err != SB_OK)
        return err;
    *next = *now;
    next->bodies = SB_ARENA_ARRAY(arena, Sb__Body *, now->n_bodies + 1);
    memcpy(next->bodies, now->bodies, now->n_bodies * sizeof *next->bodies);
    next->bodies[next->n_bodies++] = body;
    *charter = next;
    return SB_OK;
}

/* Seats of the body as it was that it will not have. */
static Sb__Body *with_old_seats(const Sb__Body *was, const Sb__Body *is, sb_arena *arena)
{
    Sb__Body *both = SB_ARENA_NEW(arena, Sb__Body);
    *both = *is;
    both->seats = SB_ARENA_ARRAY(arena, Sb__Seat *, was->n_seats + is->n_seats + 1);
    memcpy(both->seats, is->seats, is->n_seats * sizeof *both->seats);
    for (size_t i = 0; i < was->n_seats; i++) {
        bool stays = false;
        for (size_t k = 0; k < is->n_seats; k++)
            stays = stays || strcmp(was->seats[i]->id, is->seats[k]->id) == 0;
        if (!stays)
            both->seats[both->n_seats++] = was->seats[i];
    }
    return both;
}

static sb_err add_version(const sb_reh_step *step, sb_lang lang, sb_arena *arena,
                          const Sb__Charter **charter, sb_fail *fail)
{
    const sb_charter_options options = {.rehearsal = true, .lang = lang};
    const Sb__Charter *now = *charter, *file = NULL;
    Sb__Charter *next = NULL;
    sb_err err = sb_charter_read(file_of(step, arena), &options, arena, &file, NULL, fail);
    if (err == SB_OK)
        err = sb_charter_follow(now, file, arena, &next, fail);
    for (size_t i = 0; err == SB_OK && i < now->n_bodies; i++)
        next->bodies[i] = with_old_seats(now->bodies[i], next->bodies[i], arena);
    if (err == SB_OK)
        *charter = next;
    return err;
}

sb_err sb_reh_charter_in_force(sb_reh_play *p, sb_arena *arena, const Sb__Charter **charter,
                               sb_fail *fail)
{
    const sb_doc *answer = NULL;
    sb_reh_process *node = sb_reh_any_node(p->fed);
    sb_err err = node == NULL
                     ? SB_OK
                     : sb_reh_ask(p->fed, node, arena, &answer, fail, "charter-bytes", NULL);
    const char *hex = sb_doc_str(answer, "hex");
    size_t len = strlen(hex) / 2;
    uint8_t *bytes = sb_arena_alloc(arena, len + 1);
    if (err != SB_OK || len == 0 || !sb_unhex(sb_slice_str(hex), bytes, len))
        return err;
    return sb_charter_decode(sb_slice_of(bytes, len), arena, charter, fail);
}

sb_err sb_reh_grow(const sb_reh_script *script, sb_lang lang, sb_arena *arena,
                   const Sb__Charter **charter, sb_fail *fail)
{
    sb_err err = SB_OK;
    for (uint32_t i = 0; err == SB_OK && i < script->count; i++) {
        const sb_reh_step *step = &script->steps[i];
        if (step->is_refused)
            continue;
        if (step->kind == SB_REH_CREATE_BODY)
            err = add_body(step, lang, arena, charter, fail);
        else if (step->kind == SB_REH_PROPOSE_CHARTER)
            err = add_version(step, lang, arena, charter, fail);
    }
    return err;
}
