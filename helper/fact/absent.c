/* Variables that deployed code reads and no line of its compose sets or passes. */
#include <stdlib.h>

#include "base/limits.h"
#include "fact/fact.h"

/* ---- what is passed ------------------------------------------------------------------------------- */

/* Names by letter, case ignored: settings classes match in any. */
struct name_set { sv *at; size_t n, cap; };

static int by_letters(const void *x, const void *y)
{
    const sv a = *(const sv *)x, b = *(const sv *)y;
    for (size_t i = 0; i < a.n && i < b.n; i++) {
        int d = (a.p[i] | 32) - (b.p[i] | 32);
        if (d != 0)
            return d;
    }
    return (a.n > b.n) - (a.n < b.n);
}

static void put_name(struct arena *a, struct name_set *s, sv name)
{
    if (s->n == s->cap) {
        size_t cap = s->cap * 2 + 64;
        sv *grown = arena_array(a, sv, cap);
        for (size_t i = 0; i < s->n; i++)
            grown[i] = s->at[i];
        s->at = grown;
        s->cap = cap;
    }
    s->at[s->n++] = name;
}

static bool holds(const struct name_set *s, const struct env_read *r)
{
    size_t low = 0, high = s->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (by_letters(&s->at[middle], &r->name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < s->n && by_letters(&s->at[low], &r->name) == 0; low++)
        if (read_matches(r, s->at[low]))
            return true;
    return false;
}

/* Any deployed file of the app may be the deployed one: what one of them passes is passed. Reads that a build
 * argument reaches through an ENV of the Dockerfile, or a secret through its file, count by their own name. */
static struct name_set passed_by(struct facts *f, struct arena *a, const struct deployment *d)
{
    struct name_set s = {0};
    for (size_t i = 0; i < f->env_sets.n; i++) {
        const struct deployment *o = f->env_sets.at[i]->service->deployment;
        if (o == d || (o->deployed && sv_eq(o->group, d->group)))
            put_name(a, &s, f->env_sets.at[i]->name);
    }
    for (size_t i = 0; i < f->inputs.n; i++) {
        const struct operator_input *in = f->inputs.at[i];
        if (in->deployment != d)
            continue;
        put_name(a, &s, in->target);
        for (size_t k = 0; k < in->reads.n && SV_IN(in->enters, SV("build-arg"), SV("secret"), SV("config")); k++)
            put_name(a, &s, in->reads.at[k]->name);
    }
    if (s.n > 1)
        qsort(s.at, s.n, sizeof *s.at, by_letters);
    return s;
}

/* `NAME=` in a command, or in a file that the compose makes: the text sets it, or hands it on. */
static bool text_sets(const struct node *n, sv name)
{
    if (n == NULL)
        return false;
    for (size_t at = 0; n->kind == NODE_SCALAR && (at = sv_find_at(n->text, name, at)) != SV_NOT_FOUND; at += name.n) {
        size_t end = at + name.n;
        bool begins = at == 0 || sv_find_char(SV(" \t\n\"';&("), n->text.p[at - 1]) != SV_NOT_FOUND;
        if (begins && end < n->text.n && (n->text.p[end] == '=' || n->text.p[end] == ':'))
            return true;
    }
    for node_each(e, n)
        if (text_sets(e, name))
            return true;
    return false;
}

static bool compose_text_sets(const struct deployment *d, sv name)
{
    for (size_t i = 0; i < d->services.n; i++)
        if (text_sets(node_get(d->services.at[i]->node, "command"), name) || text_sets(node_get(d->services.at[i]->node, "entrypoint"), name))
            return true;
    for node_each(config, node_get(d->root, "configs"))
        if (text_sets(node_get(config, "content"), name))
            return true;
    return false;
}

/* ---- rows -------------------------------------------------------------------------------------------- */

struct operator_input *absent_row(const struct facts *f, const struct deployment *d, sv name)
{
    for (size_t i = d->absent_from; i < d->absent_to; i++)
        if (sv_eq(f->absent.at[i]->name, name))
            return f->absent.at[i];
    return NULL;
}

static void settle_image(struct facts *f, struct operator_input *in)
{
    struct image_env set;
    for (size_t i = 0; i < in->deployment->services.n && in->state == ENV_ABSENT; i++)
        if (image_env_of(f->arena, in->deployment->services.at[i], in->name, &set)) {
            in->state = ENV_IMAGE;
            in->fallback = set.value;
            in->has_fallback = true;
        }
}

static struct operator_input *new_row(struct facts *f, struct deployment *d, struct env_read *r)
{
    struct operator_input *in = vec_new(f->arena, &f->absent, struct operator_input);
    *in = (struct operator_input){.name = r->name, .target = r->name, .enters = SV("nowhere"), .state = ENV_ABSENT, .form = VAR_PLAIN,
                                  .allowed = d->app == NULL ? ALLOWED_ASSUMED : allowed_in(d, r->name), .kind = r->kind,
                                  .fallback = r->fallback, .has_fallback = r->has_fallback, .deployment = d, .place = r->place};
    settle_image(f, in);
    in->way = other_way(f, d, r);
    return in;
}

static int by_name(const void *x, const void *y)
{
    const struct env_read *a = *(struct env_read *const *)x, *b = *(struct env_read *const *)y;
    int c = sv_cmp(a->name, b->name);
    return c != 0 ? c : place_cmp(a->place, b->place);
}

static int by_first_read(const void *x, const void *y)
{
    const struct operator_input *a = *(struct operator_input *const *)x, *b = *(struct operator_input *const *)y;
    int c = place_cmp(a->place, b->place);
    return c != 0 ? c : sv_cmp(a->name, b->name);
}

/* One row for each name among `reads`, which are sorted by it. */
static void add_rows(struct facts *f, struct deployment *d, struct env_read **reads, size_t n)
{
    struct operator_input *in = NULL;
    for (size_t i = 0; i < n; i++) {
        bool same = i > 0 && sv_eq(reads[i - 1]->name, reads[i]->name);
        if (!same) {
            if (f->absent.n >= LIMIT_ABSENT) {
                repo_limit(f->repo, d->id, "absent-settings");
                return;
            }
            in = compose_text_sets(d, reads[i]->name) ? NULL : new_row(f, d, reads[i]);
        }
        if (in != NULL)
            vec_push(f->arena, &in->reads, reads[i]);
    }
}

static bool is_measured_text(const struct facts *f, const struct source *s)
{
    const struct source *file = s;
    for (; file->host != NULL; file = file->host)
        ;
    if (file->kind == SOURCE_APP_COMPOSE)
        return true;
    for (size_t i = 0; i < f->deployments.n; i++)
        if (f->deployments.at[i]->compose == file)
            return true;
    return false;
}

static bool is_candidate(const struct facts *f, const struct env_read *r)
{
    return r->scope == SCOPE_PROD && !r->outside && !r->place.src->vendored && !is_measured_text(f, r->place.src);
}

/* Production code that the deployed compose owns, and no text inside the compose itself. */
static void find_in(struct facts *f, struct deployment *d, struct env_read **candidates, size_t n)
{
    struct arena scratch = {0};
    struct name_set passed = passed_by(f, &scratch, d);
    struct env_read **kept = arena_array(&scratch, struct env_read *, n + 1);
    size_t k = 0;
    bool owned = false;
    for (size_t i = 0; i < n; i++) {
        const struct source *s = candidates[i]->place.src;
        if (i == 0 || candidates[i - 1]->place.src != s) /* reads of one file follow each other */
            owned = deployment_owns(f, d, s->path);
        if (owned && !holds(&passed, candidates[i]))
            kept[k++] = candidates[i];
    }
    if (k > 1)
        qsort(kept, k, sizeof *kept, by_name);
    d->absent_from = f->absent.n;
    add_rows(f, d, kept, k);
    d->absent_to = f->absent.n;
    if (d->absent_to - d->absent_from > 1)
        qsort(f->absent.at + d->absent_from, d->absent_to - d->absent_from, sizeof *f->absent.at, by_first_read);
    arena_free(&scratch);
}

void facts_find_absent(struct facts *f)
{
    struct arena scratch = {0};
    struct env_read **candidates = arena_array(&scratch, struct env_read *, f->env_reads.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < f->env_reads.n; i++)
        if (is_candidate(f, f->env_reads.at[i]))
            candidates[n++] = f->env_reads.at[i];
    for (size_t i = 0; i < f->deployments.n; i++)
        if (f->deployments.at[i]->deployed && f->deployments.at[i]->root != NULL)
            find_in(f, f->deployments.at[i], candidates, n);
    arena_free(&scratch);
}
