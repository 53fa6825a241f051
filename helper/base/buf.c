#include "base/buf.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void buf_reserve(struct buf *b, size_t more)
{
    if (b->cap - b->n >= more)
        return;
    size_t cap = b->cap == 0 ? 4096 : b->cap;
    while (cap - b->n < more)
        cap *= 2;
    char *p = realloc(b->p, cap);
    if (p == NULL) {
        fputs("dstack-audit: out of memory\n", stderr);
        exit(2);
    }
    b->p = p;
    b->cap = cap;
}

void buf_put(struct buf *b, sv s)
{
    if (s.n == 0)
        return;
    buf_reserve(b, s.n);
    memcpy(b->p + b->n, s.p, s.n);
    b->n += s.n;
}

void buf_puts(struct buf *b, const char *cstring)
{
    buf_put(b, sv_from(cstring));
}

void buf_putc(struct buf *b, char c)
{
    buf_put(b, (sv){&c, 1});
}

void buf_printf(struct buf *b, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    assert(n >= 0);
    buf_reserve(b, (size_t)n + 1);
    vsnprintf(b->p + b->n, (size_t)n + 1, format, again);
    va_end(again);
    b->n += (size_t)n;
}

char *buf_room(struct buf *b, size_t n)
{
    buf_reserve(b, n);
    return b->p + b->n;
}

sv buf_view(const struct buf *b)
{
    return (sv){b->p, b->n};
}

void buf_free(struct buf *b)
{
    free(b->p);
    *b = (struct buf){0};
}

bool buf_write(const struct buf *b, int fd)
{
    size_t done = 0;
    while (done < b->n) {
        ssize_t n = write(fd, b->p + done, b->n - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        done += (size_t)n;
    }
    return true;
}
