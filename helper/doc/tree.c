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
    return tree_error(t, again->key_place.start, "mapping key \"%.*s\" already defined at line %zu", SV_ARG(again->key),
                      place_line(all[first].node->key_place));
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

static void add_piece(struct mapper *m, struct piece p)
{
    if (m->n == m->cap) {
        size_t cap = m->cap == 0 ? 1 : m->cap * 4;
        struct piece *grown = arena_array(m->arena, struct piece, cap);
        if (m->n != 0)
            memcpy(grown, m->pieces, m->n * sizeof *grown);
        m->pieces = grown;
        m->cap = cap;
    }
    m->pieces[m->n++] = p;
}

void mapper_put(struct mapper *m, size_t start, size_t end, sv decoded)
{
    if (m->lost || decoded.n == 0)
        return;
    if (!sv_eq(sv_sub(m->value, m->at, m->at + decoded.n), decoded)) {
        m->lost = true;
        return;
    }
    struct piece *before = m->n == 0 ? NULL : &m->pieces[m->n - 1];
    if (before != NULL && before->end == start && before->end - before->start == m->at - before->at &&
        end - start == decoded.n)
        before->end = (uint32_t)end;
    else
        add_piece(m, (struct piece){(uint32_t)m->at, (uint32_t)start, (uint32_t)end});
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
    n->pieces = m->pieces;
    n->n_pieces = m->n;
    return true;
}
