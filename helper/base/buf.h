/* A growing output buffer. Reports are written here and leave the program in one write. */
#ifndef BUF_H
#define BUF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/sv.h"

struct buf {
    char *p;
    size_t n, cap;
};

void buf_put(struct buf *b, sv s);
void buf_puts(struct buf *b, const char *cstring);
void buf_putc(struct buf *b, char c);
void buf_printf(struct buf *b, const char *format, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 2, 3)))
#endif
    ;
/* Room for `n` more bytes behind what is there; write them and add to `n` of the buffer. */
char *buf_room(struct buf *b, size_t n);
sv buf_view(const struct buf *b);
void buf_free(struct buf *b);
/* Writes all of it to `fd`; false with errno set when the other side fails. */
bool buf_write(const struct buf *b, int fd);

#endif
