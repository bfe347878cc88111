/* The bounded scenarios, and in which of them each planted mistake shows. */
#include "tests/model/model.h"

#include <string.h>

#define LIAR 8 /* organisation 3 */

static const sb_cfg scenarios[] = {
    {.name = "small",
     .words = "4 organisations, 1 lies, lying brokers, 2 terms",
     .orgs = 4,
     .liars = LIAR,
     .policy = {15},
     .terms = 2,
     .nodes = 4,
     .entries = 2,
     .twins = 2,
     .live = true},
    {.name = "three-terms",
     .words = "the same with 3 terms",
     .orgs = 4,
     .liars = LIAR,
     .policy = {15},
     .terms = 3,
     .nodes = 4,
     .entries = 2,
     .twins = 2,
     .live = true},
    {.name = "change",
     .words = "an organisation is replaced",
     .orgs = 5,
     .liars = LIAR,
     .policy = {15, 8 + 1 + 2 + 16},
     .changes = 1,
     .terms = 2,
     .nodes = 4,
     .entries = 0,
     .twins = 1,
     .live = true},
};

const sb_cfg *sb_model_scenarios(size_t *count)
{
    *count = sizeof scenarios / sizeof *scenarios;
    return scenarios;
}

const sb_cfg *sb_model_scenario(const char *name)
{
    for (size_t i = 0; i < sizeof scenarios / sizeof *scenarios; i++)
        if (!strcmp(scenarios[i].name, name))
            return &scenarios[i];
    return NULL;
}

static const char *const names[] = {
#define M(id, name, words) name,
    SB_MODEL_MISTAKES(M)
#undef M
};
static const char *const said[] = {
#define M(id, name, words) words,
    SB_MODEL_MISTAKES(M)
#undef M
};

const char *sb_model_mistake_name(sb_mistake mistake)
{
    return names[mistake];
}

const char *sb_model_mistake_words(sb_mistake mistake)
{
    return said[mistake];
}
