/* What unit tests and fuzzers of the readers share: a source from bytes, and what must hold of
 * every result. Plain assert, so that a fuzzer stops at it too. */
#ifndef BENCH_H
#define BENCH_H

#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "doc/read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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
    assert(p.src != NULL);
    assert(p.start <= p.end);
    assert(p.end <= p.src->text.n);
}

/* An embedded source begins in its host, and where lines count through, it has no more of them. */
static inline void source_is_sound(const struct source *s)
{
    assert(s->host_offset <= s->host->text.n);
    size_t first = line_at(&s->host->lines, s->host_offset);
    assert(s->embed != EMBED_LINES || s->text.n == 0 || first + line_at(&s->lines, s->text.n - 1) - 1 <= s->host->lines.n);
}

/* Every span lies in its source, every piece in its text, every link fits. */
static inline void tree_is_sound(const struct node *n)
{
    place_is_inside(n->place);
    if (n->parent != NULL && n->parent->kind == NODE_MAP) {
        assert(n->key.p != NULL);
        place_is_inside(n->key_place);
    }
    for (size_t i = 0; i < n->n_pieces; i++) {
        assert(n->pieces[i].start <= n->pieces[i].end);
        assert(n->pieces[i].end <= n->place.src->text.n);
        assert(n->pieces[i].at < n->text.n);
        assert(i == 0 || n->pieces[i].at > n->pieces[i - 1].at);
    }
    size_t last = 0;
    for (size_t i = 0; i <= n->text.n && n->kind == NODE_SCALAR && i < 300; i++) {
        struct place p = node_span(n, i, i + 1);
        place_is_inside(p);
        assert(p.start >= last || n->n_pieces == 0);
        last = p.start;
    }
    for node_each(entry, n) {
        assert(entry->parent == n);
        tree_is_sound(entry);
    }
}

static inline void sources_are_sound(struct arena *a, const struct node *n)
{
    const struct source *s = node_source(a, n, "field");
    assert((s != NULL) == (n->kind == NODE_SCALAR));
    if (s != NULL)
        source_is_sound(s);
    for node_each(entry, n)
        sources_are_sound(a, entry);
}

static inline void file_is_sound(const struct dockerfile *d)
{
    size_t before = 0;
    for (size_t i = 0; i < d->instructions.n; i++) {
        const struct instruction *in = d->instructions.at[i];
        place_is_inside(in->place);
        place_is_inside(in->args_place);
        assert(in->place.start >= before);
        assert(in->stage == 0 || in->stage < d->stages.n);
        before = in->place.end;
        for (size_t k = 0; k < in->args.n && k < 300; k++) {
            struct place p = instruction_span(in, k, k + 1);
            place_is_inside(p);
            assert(d->src->text.p[p.start] == in->args.p[k]);
        }
        if (in->script != NULL)
            source_is_sound(in->script);
        for (const struct docker_heredoc *h = in->heredocs; h != NULL; h = h->next)
            source_is_sound(h->text);
    }
    for (size_t i = 0; i < d->stages.n; i++) {
        assert(d->stages.at[i]->index == i);
        assert(d->stages.at[i]->base == NULL || d->stages.at[i]->base->index < i);
    }
}

#endif
