#include "base/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_ASAN 1
#endif
#endif

#ifdef ARENA_ASAN
#include <sanitizer/asan_interface.h>
#define RED_ZONE 16
#define unpoison(p, n) __asan_unpoison_memory_region((p), (n))

/* gcc takes a pointer to const for a read of what it points to, and would warn of fresh memory that is
 * only marked here: it does not follow a volatile one. */
static void poison(void *p, size_t n)
{
    void *volatile marked = p;
    __asan_poison_memory_region(marked, n);
}
#else
#define RED_ZONE 0
#define poison(p, n) ((void)0)
#define unpoison(p, n) ((void)0)
#endif

#ifndef ARENA_BLOCK_BYTES /* fuzzers take small ones: making a block costs more than they read */
#define ARENA_BLOCK_BYTES ((size_t)1 << 20)
#endif

struct arena_block {
    struct arena_block *before;
    size_t size;
};

static _Noreturn void out_of_memory(void)
{
    fputs("dstack-audit: out of memory\n", stderr);
    exit(2);
}

static void arena_extend(struct arena *a, size_t need)
{
    size_t size = need > ARENA_BLOCK_BYTES ? need : ARENA_BLOCK_BYTES;
    if (size > SIZE_MAX - sizeof(struct arena_block))
        out_of_memory();
    /* Zeroed by the system, page by page, when a page is first touched: what is never used costs nothing. */
    struct arena_block *b = mmap(NULL, sizeof *b + size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0);
    if (b == MAP_FAILED)
        out_of_memory();
    b->before = a->blocks;
    b->size = size;
    a->blocks = b;
    a->next = (char *)(b + 1);
    a->end = a->next + size;
    poison(a->next, size);
}

void *arena_alloc(struct arena *a, size_t size, size_t align, size_t count)
{
    if (count != 0 && size > (SIZE_MAX / 2) / count)
        out_of_memory();
    size_t bytes = size * count;
    size_t pad = a->next == NULL ? 0 : (size_t)(-(uintptr_t)a->next & (align - 1));
    if (a->next == NULL || (size_t)(a->end - a->next) < pad + bytes + RED_ZONE) {
        arena_extend(a, bytes + align + RED_ZONE);
        pad = (size_t)(-(uintptr_t)a->next & (align - 1));
    }
    char *p = a->next + pad;
    a->next = p + bytes + RED_ZONE;
    a->total += bytes;
    unpoison(p, bytes);
    return p;
}

void arena_give_back(struct arena *a, void *from, void *end)
{
    if ((char *)end + RED_ZONE != a->next || from == end)
        return; /* something was made behind it */
    a->total -= (size_t)((char *)end - (char *)from);
    poison(from, (size_t)((char *)end - (char *)from));
    a->next = (char *)from + RED_ZONE;
}

char *arena_copy(struct arena *a, const char *p, size_t n)
{
    char *copy = arena_alloc(a, 1, 1, n + 1);
    if (n != 0)
        memcpy(copy, p, n);
    return copy;
}

void arena_free(struct arena *a)
{
    while (a->blocks != NULL) {
        struct arena_block *b = a->blocks;
        a->blocks = b->before;
        unpoison(b + 1, b->size);
        munmap(b, sizeof *b + b->size);
    }
    a->next = a->end = NULL;
    a->total = 0;
}

void *arena_grow(struct arena *a, void *at, size_t size, size_t n, size_t *cap)
{
    if (n < *cap)
        return at;
    size_t more = *cap == 0 ? 8 : *cap * 2;
    void *grown = arena_alloc(a, size, _Alignof(max_align_t), more);
    if (n != 0)
        memcpy(grown, at, n * size);
    *cap = more;
    return grown;
}
