/* Bump arena: everything of one run lives here and is released at once. */
#ifndef ARENA_H
#define ARENA_H

#include <stddef.h>

struct arena_block;

/* Zero-initialise to use. Not thread-safe: one arena per thread. */
struct arena {
    struct arena_block *blocks;
    char *next, *end;
    size_t total; /* bytes handed out since the start */
};

/* `count` objects of `size` bytes, zeroed, aligned to `align` (a power of two).
 * Never NULL: running out of memory is the machine's failure and ends the run with exit code 2. */
void *arena_alloc(struct arena *a, size_t size, size_t align, size_t count);

/* The end of the last array made, where it turned out too long. The bytes must never have been written. */
void arena_give_back(struct arena *a, void *from, void *end);

/* Copies `n` bytes and appends a NUL, so that the result may be passed to a C library. */
char *arena_copy(struct arena *a, const char *p, size_t n);

/* Releases all of it. The arena may be used again. */
void arena_free(struct arena *a);

#define arena_new(a, T) ((T *)arena_alloc((a), sizeof(T), _Alignof(T), 1))
#define arena_array(a, T, n) ((T *)arena_alloc((a), sizeof(T), _Alignof(T), (n)))

/* Growing arrays. Rows are allocated one by one and a vector holds pointers to them, so
 * that a row's address never changes:
 *     VEC(struct finding) all;          struct finding *f = vec_new(arena, &all, struct finding);
 *     for (size_t i = 0; i < all.n; i++) use(all.at[i]);                                     */
#define VEC(T) struct { T **at; size_t n, cap; }
#define vec_push(a, v, item) \
    ((v)->at = vec_grow((a), (v)->at, (v)->n, &(v)->cap), (v)->at[(v)->n++] = (item))
#define vec_new(a, v, T) (vec_push((a), (v), arena_new((a), T)))

/* Where rows are small and many, an array holds them themselves; their addresses change while it grows:
 *     ARRAY(struct call) calls;          struct call *k = array_new(arena, &calls); … array_end(arena, &calls);      */
#define ARRAY(T) struct { T *at; size_t n, cap; }
#define array_new(a, r) ((r)->at = arena_grow((a), (r)->at, sizeof *(r)->at, (r)->n, &(r)->cap), &(r)->at[(r)->n++])
#define array_end(a, r) \
    ((r)->at == NULL ? (void)0 : arena_give_back((a), (r)->at + (r)->n, (r)->at + (r)->cap), (void)((r)->cap = (r)->n))

/* Room for one more element of `size` bytes behind `n`; the returned array replaces `at`. Where nothing was made
 * behind the array, it stays in its place. */
void *arena_grow(struct arena *a, void *at, size_t size, size_t n, size_t *cap);
#define vec_grow(a, at, n, cap) arena_grow((a), (at), sizeof(void *), (n), (cap))

#endif
