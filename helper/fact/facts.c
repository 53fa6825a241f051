#include "fact/fact.h"

void facts_collect(struct facts *f, struct repo *r, const struct catalogue *c)
{
    f->arena = r->arena;
    f->repo = r;
    f->catalogue = c;
    match_all(r, c, &f->hits);
    facts_from_app_compose(f);
    facts_from_compose(f);
    facts_from_build(f);
    facts_from_inline_code(f);
    facts_from_workflow(f);
    facts_from_scripts(f);
    facts_from_source(f);
    facts_rank_deployments(f);
    facts_find_elsewhere(f);
    facts_pass(f);
    facts_fill(f);
    facts_join(f);
    facts_surface(f);
}

bool text_says(const struct source *s, sv word)
{
    return s->kind == SOURCE_CODE ? source_has(s, word) : sv_has(s->text, word);
}
