#include "doc/tree.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"

bool tree_fits(struct repo *r, const struct source *src)
{
    if (src->text.n <= LIMIT_TREE_BYTES)
        return true;
    repo_limit(r, src->path, "LIMIT_TREE_BYTES");
    return false;
}

bool tree_error(struct tree *t, size_t offset, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    sv message = sv_vprintf(t->repo->arena, format, args);
    va_end(args);
    struct place at = {t->src, offset, offset};
    repo_diag(t->repo, t->src->path, place_line(at), "%.*s", SV_ARG(message));
    return false;
}

bool tree_limit(struct tree *t, size_t offset, const char *limit)
{
    repo_limit(t->repo, t->src->path, limit);
    return tree_error(t, offset, "%s met, the document is not read", limit);
}

struct node *tree_node(struct tree *t, enum node_kind kind, size_t start, size_t end)
{
    if (++t->nodes > LIMIT_TREE_NODES) {
        tree_limit(t, start, "LIMIT_TREE_NODES");
        return NULL;
    }
    struct node *n = arena_new(t->repo->arena, struct node);
    n->kind = kind;
    n->place = (struct place){t->src, start, end};
    return n;
}

void tree_append(struct node *parent, struct node **last, struct node *entry)
{
    entry->parent = parent;
    entry->next = NULL;
    if (*last == NULL)
        parent->child = entry;
    else
        (*last)->next = entry;
    *last = entry;
}

struct entry {
    struct node *node;
    size_t order;
    bool repeats; /* an earlier entry has its key */
};

static int by_key(const void *x, const void *y)
{
    const struct entry *a = x, *b = y;
    int c = sv_cmp(a->node->key, b->node->key);
    return c != 0 ? c : (a->order > b->order) - (a->order < b->order);
}

static int by_order(const void *x, const void *y)
{
    const struct entry *a = x, *b = y;
    return (a->order > b->order) - (a->order < b->order);
}

/* The entries in their order, each told whether its key came before: sorting, since hostile maps
 * are long. */
static struct entry *entries_of(struct arena *a, const struct node *map, size_t *n)
{
    *n = node_count(map);
    struct entry *all = arena_array(a, struct entry, *n);
    size_t i = 0;
    for (struct node *c = map->child; c != NULL; c = c->next, i++)
        all[i] = (struct entry){c, i, false};
    if (*n < 2)
        return all;
    qsort(all, *n, sizeof *all, by_key);
    for (i = 1; i < *n; i++)
        all[i].repeats = sv_eq(all[i].node->key, all[i - 1].node->key);
    qsort(all, *n, sizeof *all, by_order);
    return all;
}

bool tree_unique_keys(struct tree *t, const struct node *map)
{
    size_t n;
    const struct entry *all = entries_of(t->repo->arena, map, &n);
    size_t second = 0, first = 0;
    while (second < n && !all[second].repeats)
        second++;
    if (second == n)
        return true;
    const struct node *again = all[second].node;
    while (!sv_eq(all[first].node->key, again->key))
        first++;
    return tree_error(t, again->key_place.start, "mapping key \"%.*s\" already defined at line %zu", SV_ARG(text_clean(t->repo->arena, again->key)), place_line(all[first].node->key_place));
}

void tree_first_wins(struct arena *a, struct node *map)
{
    size_t n;
    struct entry *all = entries_of(a, map, &n);
    struct node *last = NULL;
    map->child = NULL;
    for (size_t i = 0; i < n; i++)
        if (!all[i].repeats)
            tree_append(map, &last, all[i].node);
}

void pieces_add(struct arena *a, struct pieces *all, struct piece p)
{
    if (all->n == all->cap) {
        size_t cap = all->cap == 0 ? 1 : all->cap * 4;
        struct piece *grown = arena_array(a, struct piece, cap);
        if (all->n != 0)
            memcpy(grown, all->at, all->n * sizeof *grown);
        all->at = grown;
        all->cap = cap;
    }
    all->at[all->n++] = p;
}

/* Bytes of the source that stand for decoded byte `at`, which exists. */
static struct place byte_place(const struct source *src, const struct piece *all, size_t n, size_t length, size_t at)
{
    size_t low = 0, high = n;
    while (high - low > 1) {
        size_t mid = low + (high - low) / 2;
        if (all[mid].at <= at)
            low = mid;
        else
            high = mid;
    }
    const struct piece *p = &all[low];
    size_t decoded = (low + 1 < n ? p[1].at : length) - p->at;
    if (decoded != p->end - p->start)
        return (struct place){src, p->start, p->end};
    size_t start = p->start + (at - p->at);
    return (struct place){src, start, start + 1};
}

struct place pieces_span(const struct source *src, const struct piece *all, size_t n, size_t length, size_t from, size_t to)
{
    if (to > length)
        to = length;
    if (from > to)
        from = to;
    struct place p = byte_place(src, all, n, length, from == length ? length - 1 : from);
    if (from == to)
        return (struct place){src, from == length ? p.end : p.start, from == length ? p.end : p.start};
    p.end = byte_place(src, all, n, length, to - 1).end;
    return p;
}

void mapper_put(struct mapper *m, size_t start, size_t end, sv decoded)
{
    if (m->lost || decoded.n == 0)
        return;
    if (!sv_eq(sv_sub(m->value, m->at, m->at + decoded.n), decoded)) {
        m->lost = true;
        return;
    }
    struct piece *before = m->pieces.n == 0 ? NULL : &m->pieces.at[m->pieces.n - 1];
    if (before != NULL && before->end == start && before->end - before->start == m->at - before->at &&
        end - start == decoded.n)
        before->end = (uint32_t)end;
    else
        pieces_add(m->arena, &m->pieces, (struct piece){(uint32_t)m->at, (uint32_t)start, (uint32_t)end});
    m->at += decoded.n;
}

void mapper_copy(struct mapper *m, size_t start, size_t end)
{
    mapper_put(m, start, end, sv_sub(m->raw, start, end));
}

bool mapper_finish(struct mapper *m, struct node *n)
{
    if (m->lost || m->at != m->value.n)
        return false;
    n->pieces = m->pieces.at;
    n->n_pieces = m->pieces.n;
    return true;
}
