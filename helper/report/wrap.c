#include <string.h>

#include "report/report.h"

size_t text_columns(const char *text)
{
    size_t n = 0;
    for (; *text != '\0'; text++)
        n += ((unsigned char)*text & 0xC0) != 0x80;
    return n;
}

void text_pad(struct buf *out, size_t n)
{
    while (n-- > 0)
        buf_putc(out, ' ');
}

void text_wrap(struct buf *out, unsigned width, size_t indent, size_t at, const char *text)
{
    bool fresh = true;
    while (*text != '\0') {
        size_t n = strcspn(text, " \n"), wide = 0;
        for (size_t i = 0; i < n; i++)
            wide += ((unsigned char)text[i] & 0xC0) != 0x80;
        if (width != 0 && at > indent && at + !fresh + wide > width) {
            buf_putc(out, '\n');
            text_pad(out, indent);
            at = indent;
            fresh = true;
        }
        if (!fresh && n != 0) {
            buf_putc(out, ' ');
            at++;
        }
        buf_put(out, (sv){text, n});
        at += wide;
        fresh = fresh && n == 0;
        text += n;
        text += *text != '\0';
    }
    buf_putc(out, '\n');
}
