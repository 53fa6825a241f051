/* What the tests of the tree readers share. */
#ifndef TREE_TEST_H
#define TREE_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../fuzz/bench.h"
#include "base/buf.h"

/* The tree on one line: maps {k: v}, lists [v], scalars 'v', null ~; tags in front; merged entries
 * marked by '^'. */
static inline void put_tree(struct buf *out, const struct node *n)
{
    if (n->tag.p != NULL)
        buf_printf(out, "%.*s ", SV_ARG(n->tag));
    if (n->kind == NODE_NULL)
        buf_putc(out, '~');
    else if (n->kind == NODE_SCALAR)
        buf_printf(out, "'%.*s'", SV_ARG(n->text));
    if (n->kind != NODE_LIST && n->kind != NODE_MAP)
        return;
    buf_putc(out, n->kind == NODE_MAP ? '{' : '[');
    for node_each(entry, n) {
        if (entry != n->child)
            buf_puts(out, ", ");
        if (entry->from_merge)
            buf_putc(out, '^');
        if (n->kind == NODE_MAP)
            buf_printf(out, "%.*s: ", SV_ARG(entry->key));
        put_tree(out, entry);
    }
    buf_putc(out, n->kind == NODE_MAP ? '}' : ']');
}

static inline void tree_equals(const struct node *root, const char *expected)
{
    struct buf out = {0};
    put_tree(&out, root);
    buf_putc(&out, '\0');
    assert_string_equal(out.p, expected);
    buf_free(&out);
}

/* A text of `n` times `unit`. */
static inline sv repeated(struct arena *a, const char *unit, size_t n)
{
    size_t size = strlen(unit);
    char *p = arena_array(a, char, size * n + 1);
    for (size_t i = 0; i < n; i++)
        memcpy(p + i * size, unit, size);
    return (sv){p, size * n};
}

#endif
