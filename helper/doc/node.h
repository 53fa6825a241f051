/* One tree for YAML, JSON and what else has keys and values. Anchors, aliases and merge keys
 * are resolved: a reader sees plain maps, lists and scalars, each with its place. */
#ifndef NODE_H
#define NODE_H

#include <stdint.h>

#include "input/source.h"

enum node_kind { NODE_NULL, NODE_SCALAR, NODE_LIST, NODE_MAP };

enum node_style { STYLE_PLAIN, STYLE_QUOTED, STYLE_BLOCK, STYLE_JSON_STRING, STYLE_JSON_NUMBER, STYLE_JSON_BOOL };

/* How decoded text lies in its source: the decoded bytes from `at` up to the next piece stand in
 * [start, end). A piece as long on both sides maps byte by byte; any other (an escape, a folded
 * line break) maps as a whole. Trees are at most LIMIT_TREE_BYTES long, so 32 bits do. */
struct piece { uint32_t at, start, end; };

struct node {
    enum node_kind kind;
    enum node_style style;
    sv text;            /* scalar: decoded value; for NODE_NULL the text as written ("", "~", "null") */
    sv tag;             /* explicit tag, e.g. "!reset"; SV_NONE otherwise */
    struct place place; /* of the value; for an alias: of the alias itself */
    sv key;             /* entry of a map: the key; SV_NONE in lists */
    struct place key_place;     /* with its quotes, where it has some */
    struct node *child, *next;  /* first entry; next sibling */
    const struct node *parent;
    bool from_merge; /* came in through `<<` or an alias; inner nodes keep the place of their anchor's text */
    const struct piece *pieces; /* scalar: where its decoded bytes stand; for node_span and node_source */
    size_t n_pieces;            /* 0 where only the whole value's place is known */
};

/* One document. A YAML file may hold several. */
struct doc {
    const struct source *src;
    struct node *root;  /* never NULL; NODE_NULL for an empty document */
    size_t index;       /* 0-based number of the document in its file */
    struct doc *next;   /* next document of the same source */
};

const struct node *node_get(const struct node *map, const char *key);    /* NULL where absent or not a map */
const struct node *node_path(const struct node *map, const char *path);  /* "a.b.c" */
sv node_text(const struct node *n);      /* scalar text, SV_NONE for NULL or others */
sv node_get_text(const struct node *map, const char *key);
bool node_true(const struct node *n);    /* YAML 1.1 booleans, quoted or not: true yes on y; of JSON the literal only */
bool node_false(const struct node *n);   /* false no off n */
size_t node_count(const struct node *n); /* entries of a list or map */
/* "services.bot.environment.X" or "services.bot.ports[0]" */
sv node_route(struct arena *a, const struct node *n);

/* for node_each(entry, map) … */
#define node_each(entry, of) \
    (const struct node *entry = (of) == NULL ? NULL : (of)->child; entry != NULL; entry = entry->next)

/* A scalar's value as a source of its own (scripts, inline files); NULL for what is not a scalar.
 * EMBED_LINES where every decoded line begins on the next line of the host (literal block scalars,
 * one-liners), else EMBED_STRING: folded text, JSON strings. */
struct source *node_source(struct arena *a, const struct node *n, const char *field);
/* Place of the bytes [from, to) of the decoded scalar: exact to the byte, escapes and folded line
 * breaks as a whole; for a scalar reached through an alias, inside the anchored text. The whole
 * value where n_pieces is 0. */
struct place node_span(const struct node *n, size_t from, size_t to);

#endif
