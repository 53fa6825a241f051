#include "rule/rule.h"

void catalogue_load(struct catalogue *c, struct arena *a)
{
    c->arena = a;
    c->regexes.arena = a;
}

const struct rule *catalogue_find(const struct catalogue *c, sv id)
{
    size_t low = 0, high = c->rules.n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int order = sv_cmp(c->rules.at[mid]->id, id);
        if (order == 0)
            return c->rules.at[mid];
        if (order < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return NULL;
}

void catalogue_free(struct catalogue *c)
{
    regex_set_free(&c->regexes);
}
