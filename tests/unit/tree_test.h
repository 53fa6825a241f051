/* What the tests of the tree readers share: a source from a string and checks of a whole tree. */
#ifndef TREE_TEST_H
#define TREE_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "doc/read.h"

struct bench {
    struct arena arena;
    struct repo repo;
    struct source src;
};

static inline void bench_open(struct bench *b, sv text)
{
    memset(b, 0, sizeof *b);
    b->repo.arena = &b->arena;
    b->src.path = SV("file");
    b->src.text = sv_copy(&b->arena, text);
    b->src.lines = lines_of(&b->arena, b->src.text);
}

static inline void bench_close(struct bench *b)
{
    arena_free(&b->arena);
}

static inline void place_is_inside(struct place p)
{
    assert_non_null(p.src);
    assert_true(p.start <= p.end);
    assert_true(p.end <= p.src->text.n);
}

/* Every span lies in its source, every piece in its text, every link fits. */
static inline void tree_is_sound(const struct node *n)
{
    place_is_inside(n->place);
    if (n->parent != NULL && n->parent->kind == NODE_MAP) {
        assert_non_null(n->key.p);
        place_is_inside(n->key_place);
    }
    for (size_t i = 0; i < n->n_pieces; i++) {
        assert_true(n->pieces[i].start <= n->pieces[i].end);
        assert_true(n->pieces[i].end <= n->place.src->text.n);
        assert_true(n->pieces[i].at < n->text.n);
        assert_true(i == 0 || n->pieces[i].at > n->pieces[i - 1].at);
    }
    size_t last = 0;
    for (size_t i = 0; i <= n->text.n && n->kind == NODE_SCALAR && i < 300; i++) {
        struct place p = node_span(n, i, i + 1);
        place_is_inside(p);
        assert_true(p.start >= last || n->n_pieces == 0);
        last = p.start;
    }
    for node_each(entry, n) {
        assert_ptr_equal(entry->parent, n);
        tree_is_sound(entry);
    }
}

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

/* The raw bytes that a span of a scalar stands for. */
static inline sv raw_span(const struct node *n, size_t from, size_t to)
{
    struct place p = node_span(n, from, to);
    return sv_sub(p.src->text, p.start, p.end);
}

#endif
