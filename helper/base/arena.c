#include "base/arena.h"

#include <stdbool.h>
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
#define LARGEST_BLOCK_BYTES (ARENA_BLOCK_BYTES << 4)
#define HUGE_PAGE_BYTES ((size_t)2 << 20) /* of x86-64, and of arm64 with pages of 4 KiB */

struct arena_block {
    struct arena_block *before;
    size_t size; /* with this head */
    void *map;   /* what the system gave: the block may begin later in it */
    size_t mapped;
};

static _Noreturn void out_of_memory(void)
{
    fputs("dstack-audit: out of memory\n", stderr);
    exit(2);
}

/* Zeroed by the system, page by page, when a page is first touched: what is never used costs nothing. A large
 * repository touches tens of thousands of pages: a large block asks for larger ones. */
static struct arena_block *map_block(size_t size)
{
    bool huge = size >= 2 * HUGE_PAGE_BYTES;
    size_t mapped = size + (huge ? HUGE_PAGE_BYTES : 0);
    char *map = mmap(NULL, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0);
    if (map == MAP_FAILED)
        out_of_memory();
    void *begin = map + (huge ? -(uintptr_t)map & (HUGE_PAGE_BYTES - 1) : 0);
#ifdef MADV_HUGEPAGE
    if (huge)
        (void)madvise(begin, size, MADV_HUGEPAGE); /* a wish: refused, the pages stay small */
#endif
    struct arena_block *b = begin;
    *b = (struct arena_block){.size = size, .map = map, .mapped = mapped};
    return b;
}

/* Each block is twice as large as the one before, up to a limit: a small run stays small. */
static void arena_extend(struct arena *a, size_t need)
{
    if (need > SIZE_MAX / 2)
        out_of_memory();
    size_t size = a->blocks == NULL ? ARENA_BLOCK_BYTES : 2 * a->blocks->size;
    if (size > LARGEST_BLOCK_BYTES)
        size = LARGEST_BLOCK_BYTES;
    if (size < sizeof(struct arena_block) + need)
        size = sizeof(struct arena_block) + need;
    struct arena_block *b = map_block(size);
    b->before = a->blocks;
    a->blocks = b;
    a->next = (char *)(b + 1);
    a->end = (char *)b + size;
    poison(a->next, size - sizeof *b);
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
        unpoison(b + 1, b->size - sizeof *b);
        munmap(b->map, b->mapped);
    }
    a->next = a->end = NULL;
    a->total = 0;
}

void *arena_grow(struct arena *a, void *at, size_t size, size_t n, size_t *cap)
{
    if (n < *cap)
        return at;
    size_t more = *cap == 0 ? 8 : *cap * 2, added = (more - *cap) * size;
    char *end = *cap == 0 ? NULL : (char *)at + *cap * size;
    if (end != NULL && end + RED_ZONE == a->next && (size_t)(a->end - a->next) >= added) {
        unpoison(end, added);
        a->next += added;
        a->total += added;
        *cap = more;
        return at;
    }
    void *grown = arena_alloc(a, size, _Alignof(max_align_t), more);
    if (n != 0)
        memcpy(grown, at, n * size);
    *cap = more;
    return grown;
}
