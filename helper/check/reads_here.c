/* Environment reads by the text they stand in or are used in: a check on a program asks for those of that program. */
#include "check/code.h"

enum { LEAST_BUCKETS = 64 };

struct reads_of { const struct source *src; struct reads_here here; struct reads_of *next; };

struct reads_by_source {
    struct reads_of **buckets;
    size_t mask;
    struct reads_here settings;  /* kept in fields that other files may name */
    const struct program *asked; /* the last one, and what its conditions may rest on */
    struct reads_here known;
};

static struct reads_of **bucket_of(const struct reads_by_source *b, const struct source *s)
{
    return &b->buckets[((uintptr_t)s / sizeof *s) & b->mask];
}

static struct reads_of *reads_of(const struct reads_by_source *b, const struct source *s)
{
    for (struct reads_of *r = *bucket_of(b, s); r != NULL; r = r->next)
        if (r->src == s)
            return r;
    return NULL;
}

static void add(struct check_run *c, struct reads_by_source *b, const struct source *s, size_t n)
{
    struct reads_of *r = reads_of(b, s);
    if (r == NULL) {
        r = arena_new(c->arena, struct reads_of);
        *r = (struct reads_of){.src = s, .next = *bucket_of(b, s)};
        *bucket_of(b, s) = r;
    }
    struct env_read *const *row = &c->facts->env_reads.at[n];
    if (r->here.all.n == 0 || r->here.all.at[r->here.all.n - 1] != row)
        vec_push(c->arena, &r->here.all, row);
}

static struct reads_by_source *reads_by_source(struct check_run *c)
{
    size_t rows = c->facts->env_reads.n, buckets = LEAST_BUCKETS;
    if (c->out->reads != NULL)
        return c->out->reads;
    while (buckets < rows)
        buckets *= 2;
    struct reads_by_source *made = arena_new(c->arena, struct reads_by_source);
    made->buckets = arena_array(c->arena, struct reads_of *, buckets);
    made->mask = buckets - 1;
    for (size_t i = 0; i < rows; i++) {
        const struct env_read *r = c->facts->env_reads.at[i];
        add(c, made, r->place.src, i);
        for (size_t u = 0; u < r->uses.n; u++)
            add(c, made, r->uses.at[u]->src, i);
        if (sv_eq(r->idiom, SV("pydantic-settings")))
            vec_push(c->arena, &made->settings.all, &c->facts->env_reads.at[i]);
    }
    return c->out->reads = made;
}

const struct reads_here *reads_within(struct check_run *c, const struct source *s)
{
    static const struct reads_here none = {0};
    const struct reads_of *r = reads_of(reads_by_source(c), s);
    return r == NULL ? &none : &r->here;
}

const struct reads_here *reads_known(struct check_run *c, const struct program *p)
{
    struct reads_by_source *b = reads_by_source(c);
    const struct reads_here *own = reads_within(c, p->src);
    if (b->asked == p)
        return &b->known;
    b->asked = p;
    b->known.all.n = 0;
    size_t i = 0;
    for (size_t k = 0; k < b->settings.all.n; k++) {
        struct env_read *const *row = b->settings.all.at[k];
        if ((*row)->place.src == p->src || (*row)->field.n == 0 || !source_has(p->src, (*row)->field))
            continue;
        while (i < own->all.n && own->all.at[i] < row)
            vec_push(c->arena, &b->known.all, own->all.at[i++]);
        if (i == own->all.n || own->all.at[i] != row)
            vec_push(c->arena, &b->known.all, row);
    }
    while (i < own->all.n)
        vec_push(c->arena, &b->known.all, own->all.at[i++]);
    return &b->known;
}
