/* What the tree readers (YAML, JSON) share: making nodes within the limits, keys, and the map
 * from decoded text to the bytes of the file. */
#ifndef TREE_H
#define TREE_H

#include "doc/read.h"

struct tree {
    struct repo *repo;
    const struct source *src;
    size_t nodes;       /* made so far, for LIMIT_TREE_NODES */
};

/* True when `src` is small enough to be read; else the limit is recorded. */
bool tree_fits(struct repo *r, const struct source *src);

/* A diag at byte `offset` of the source. Always false, so that a reader can `return tree_error(…)`. */
bool tree_error(struct tree *t, size_t offset, const char *format, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 3, 4)))
#endif
    ;
/* A limit of base/limits.h was met at `offset`: recorded as a limit and as a diag. Always false. */
bool tree_limit(struct tree *t, size_t offset, const char *limit);

/* NULL when the node limit is met. */
struct node *tree_node(struct tree *t, enum node_kind kind, size_t start, size_t end);
/* Adds behind *last, the tail of parent's list (NULL while empty). */
void tree_append(struct node *parent, struct node **last, struct node *entry);

/* False, with a diag at the second one, where two entries of the map have one key. */
bool tree_unique_keys(struct tree *t, const struct node *map);
/* Drops every entry whose key an earlier entry has. */
void tree_first_wins(struct arena *a, struct node *map);

struct pieces {
    struct piece *at;
    size_t n, cap;
};

void pieces_add(struct arena *a, struct pieces *all, struct piece p);
/* Place of the bytes [from, to) of a decoded text of `length` bytes; `all` is not empty. */
struct place pieces_span(const struct source *src, const struct piece *all, size_t n, size_t length, size_t from, size_t to);

/* Collects the pieces of one scalar while its raw text is walked. The value is the library's; a
 * walk that disagrees with it gives no map, so a map is never wrong. */
struct mapper {
    struct arena *arena;
    sv raw;   /* text of the source */
    sv value; /* decoded */
    size_t at;
    struct pieces pieces;
    bool lost; /* raw text and value went apart */
};

/* raw[start, end) stands for `decoded`, the next bytes of the value. */
void mapper_put(struct mapper *m, size_t start, size_t end, sv decoded);
/* raw[start, end) stands for itself. */
void mapper_copy(struct mapper *m, size_t start, size_t end);
/* Hands the pieces to the node when raw text and value agreed to the end. */
bool mapper_finish(struct mapper *m, struct node *n);

#endif
