/* What the tests of environment reads share: small programs in, rows out. */
#ifndef READS_TEST_H
#define READS_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "fact/fact.h"

struct file { const char *path, *text; };

static struct catalogue catalogue;
static struct arena catalogue_arena;

static inline int by_path(const void *x, const void *y)
{
    return sv_cmp((*(struct source *const *)x)->path, (*(struct source *const *)y)->path);
}

static inline void collect(struct facts *f, struct repo *r, struct arena *a, const struct file *files, size_t n)
{
    *r = (struct repo){.arena = a};
    *f = (struct facts){.arena = a, .repo = r, .catalogue = &catalogue};
    for (size_t i = 0; i < n && files[i].path != NULL; i++) {
        struct source *s = vec_new(a, &r->files, struct source);
        *s = (struct source){.path = sv_from(files[i].path), .text = sv_from(files[i].text)};
        s->lines = lines_of(a, s->text);
        classify(s);
    }
    if (r->files.n > 1)
        qsort(r->files.at, r->files.n, sizeof *r->files.at, by_path);
    match_all(r, &catalogue, &f->hits);
    facts_from_source(f);
}

static inline int load(void **state)
{
    (void)state;
    catalogue_load(&catalogue, &catalogue_arena);
    return 0;
}

static inline int unload(void **state)
{
    (void)state;
    catalogue_free(&catalogue);
    arena_free(&catalogue_arena);
    return 0;
}

#endif
