#include "doc/node.h"

#include "base/buf.h"
#include "doc/tree.h"

const struct node *node_get(const struct node *map, const char *key)
{
    if (map == NULL || map->kind != NODE_MAP)
        return NULL;
    sv wanted = sv_from(key);
    for node_each(entry, map)
        if (sv_eq(entry->key, wanted))
            return entry;
    return NULL;
}

const struct node *node_path(const struct node *map, const char *path)
{
    sv rest = sv_from(path);
    const struct node *at = map;
    while (rest.p != NULL && at != NULL) {
        sv key = sv_cut(&rest, '.');
        const struct node *found = NULL;
        if (at->kind == NODE_MAP)
            for node_each(entry, at)
                if (found == NULL && sv_eq(entry->key, key))
                    found = entry;
        at = found;
    }
    return at;
}

sv node_text(const struct node *n)
{
    return n == NULL || n->kind != NODE_SCALAR ? SV_NONE : n->text;
}

sv node_get_text(const struct node *map, const char *key)
{
    return node_text(node_get(map, key));
}

/* compose-go casts quoted words too (interpolation/interpolation.go); a JSON string stays a string. */
static bool may_be_bool(const struct node *n)
{
    return n != NULL && n->kind == NODE_SCALAR && n->style != STYLE_JSON_STRING;
}

bool node_true(const struct node *n)
{
    sv t = node_text(n);
    return may_be_bool(n) && (sv_ieq(t, SV("true")) || sv_ieq(t, SV("yes")) || sv_ieq(t, SV("on")) || sv_ieq(t, SV("y")));
}

bool node_false(const struct node *n)
{
    sv t = node_text(n);
    return may_be_bool(n) && (sv_ieq(t, SV("false")) || sv_ieq(t, SV("no")) || sv_ieq(t, SV("off")) || sv_ieq(t, SV("n")));
}

size_t node_count(const struct node *n)
{
    size_t count = 0;
    for node_each(entry, n)
        count++;
    return count;
}

static void put_route(struct buf *out, const struct node *n)
{
    if (n->parent == NULL)
        return;
    put_route(out, n->parent); /* at most LIMIT_TREE_DEPTH deep */
    if (n->parent->kind == NODE_MAP) {
        if (out->n != 0)
            buf_putc(out, '.');
        buf_put(out, n->key);
        return;
    }
    size_t index = 0;
    for (const struct node *c = n->parent->child; c != NULL && c != n; c = c->next)
        index++;
    buf_printf(out, "[%zu]", index);
}

sv node_route(struct arena *a, const struct node *n)
{
    if (n == NULL)
        return SV_NONE;
    struct buf out = {0};
    put_route(&out, n);
    sv route = sv_copy(a, buf_view(&out));
    buf_free(&out);
    return route;
}

struct place node_span(const struct node *n, size_t from, size_t to)
{
    return n->n_pieces == 0 ? n->place : pieces_span(n->place.src, n->pieces, n->n_pieces, n->text.n, from, to);
}

/* True where decoded line k begins on the host's line first + k - 1. */
static bool lines_agree(const struct node *n)
{
    sv host = n->place.src->text;
    size_t before = node_span(n, 0, 0).start;
    for (size_t at = sv_find_char(n->text, '\n'); at != SV_NOT_FOUND && at + 1 < n->text.n;
         at = sv_find_at(n->text, SV("\n"), at + 1)) {
        size_t start = node_span(n, at + 1, at + 1).start;
        if (start <= before)
            return false;
        size_t line_end = sv_find_at(host, SV("\n"), before);
        if (line_end >= start || sv_find_at(sv_sub(host, 0, start), SV("\n"), line_end + 1) != SV_NOT_FOUND)
            return false;
        before = start;
    }
    return true;
}

struct source *node_source(struct arena *a, const struct node *n, const char *field)
{
    if (n == NULL || n->kind != NODE_SCALAR)
        return NULL;
    bool lines = n->style != STYLE_JSON_STRING && n->n_pieces != 0 && lines_agree(n);
    size_t offset = lines ? n->pieces[0].start : n->place.start;
    return source_embed(a, n->place.src, offset, n->text, lines ? EMBED_LINES : EMBED_STRING, field);
}
