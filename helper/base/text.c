#include "base/text.h"

#include <string.h>

#include "base/buf.h"
#include "base/limits.h"

struct lines lines_of(struct arena *a, sv text)
{
    size_t n = 1;
    for (const char *p = text.p, *end = text.p + text.n; p != end; n++, p++) {
        p = memchr(p, '\n', (size_t)(end - p));
        if (p == NULL)
            break;
    }
    size_t *at = arena_array(a, size_t, n);
    size_t i = 1;
    for (size_t off = 0; i < n; i++) {
        off = sv_find_at(text, SV("\n"), off) + 1;
        at[i] = off;
    }
    return (struct lines){at, n};
}

size_t line_at(const struct lines *l, size_t offset)
{
    size_t low = 0, high = l->n;
    while (high - low > 1) {
        size_t mid = low + (high - low) / 2;
        if (l->at[mid] <= offset)
            low = mid;
        else
            high = mid;
    }
    return low + 1;
}

size_t column_at(const struct lines *l, sv text, size_t offset)
{
    size_t column = 1;
    if (offset > text.n)
        offset = text.n;
    for (size_t i = l->at[line_at(l, offset) - 1]; i < offset; i++)
        column += ((unsigned char)text.p[i] & 0xC0) != 0x80;
    return column;
}

sv line_text(const struct lines *l, sv text, size_t line)
{
    if (line == 0 || line > l->n)
        return SV_NONE;
    sv rest = sv_sub(text, l->at[line - 1], line == l->n ? text.n : l->at[line] - 1);
    return rest.n != 0 && rest.p[rest.n - 1] == '\r' ? sv_sub(rest, 0, rest.n - 1) : rest;
}

unsigned utf8_decode(sv s, size_t *size)
{
    const unsigned char *p = (const unsigned char *)s.p;
    static const unsigned least[] = {0, 0x80, 0x800, 0x10000};
    unsigned more = p[0] < 0x80 ? 0 : p[0] >= 0xF0 ? 3 : p[0] >= 0xE0 ? 2 : 1;
    *size = 1;
    if (more == 0)
        return p[0];
    if (p[0] < 0xC2 || p[0] > 0xF4 || s.n <= more)
        return 0xFFFD;
    unsigned c = p[0] & (0x3Fu >> more);
    for (unsigned i = 1; i <= more; i++) {
        if ((p[i] & 0xC0) != 0x80)
            return 0xFFFD;
        c = c << 6 | (p[i] & 0x3Fu);
    }
    if (c < least[more] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
        return 0xFFFD;
    *size = more + 1;
    return c;
}

bool utf8_valid(sv s)
{
    for (size_t i = 0, size; i < s.n; i += size) {
        unsigned c = utf8_decode(sv_sub(s, i, s.n), &size);
        if (c == 0xFFFD && size == 1)
            return false;
    }
    return true;
}

size_t utf8_encode(unsigned c, char out[4])
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    size_t more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    for (size_t i = more; i > 0; i--, c >>= 6)
        out[i] = (char)(0x80 | (c & 0x3F));
    out[0] = (char)((0xFF00u >> (more + 1) & 0xFF) | c);
    return more + 1;
}

/* Characters that steer a terminal, a renderer or a reader instead of being read. */
static bool is_unsafe(unsigned c)
{
    return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0xAD || c == 0x61C || c == 0x180E ||
           (c >= 0x200B && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) ||
           (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF || (c >= 0xFFF9 && c <= 0xFFFB) ||
           (c >= 0xE0000 && c <= 0xE0FFF) || (c >= 0xFE00 && c <= 0xFE0F);
}

static void put_char(struct buf *out, sv raw, unsigned c)
{
    if (c == 0xFFFD)
        buf_puts(out, "\xEF\xBF\xBD");
    else if (is_unsafe(c))
        buf_printf(out, "\\u{%04X}", c);
    else
        buf_put(out, raw);
}

/* The letters, digits and marks of ASCII from `i` on, with `least` as the first of them: most of any text, and nothing
 * to look at in it. */
static sv plain_run(sv s, size_t i, char least)
{
    size_t end = i;
    while (end < s.n && s.p[end] >= least && s.p[end] < 0x7F)
        end++;
    return sv_sub(s, i, end);
}

sv text_escape(struct arena *a, sv s)
{
    struct buf out = {0};
    if (plain_run(s, 0, ' ').n == s.n)
        return sv_copy(a, s);
    for (size_t i = 0, size; i < s.n; i += size) {
        sv plain = plain_run(s, i, ' ');
        if ((size = plain.n) != 0) {
            buf_put(&out, plain);
            continue;
        }
        unsigned c = utf8_decode(sv_sub(s, i, s.n), &size);
        put_char(&out, sv_sub(s, i, i + size), c);
    }
    sv copy = sv_copy(a, buf_view(&out));
    buf_free(&out);
    return copy;
}

sv text_clean(struct arena *a, sv s)
{
    struct buf out = {0};
    bool gap = false, cut = false;
    s = sv_trim(s);
    for (size_t i = 0, size; i < s.n && !cut; i += size) {
        sv plain = plain_run(s, i, '!');
        if ((size = plain.n) != 0) {
            cut = out.n + plain.n > LIMIT_SNIPPET_BYTES - 3;
            buf_put(&out, cut ? sv_sub(plain, 0, LIMIT_SNIPPET_BYTES - 3 - out.n) : plain);
            gap = false;
            continue;
        }
        unsigned c = utf8_decode(sv_sub(s, i, s.n), &size);
        bool blank = c == ' ' || (c >= '\t' && c <= '\r');
        if (blank && gap)
            continue;
        gap = blank;
        size_t before = out.n;
        put_char(&out, blank ? SV(" ") : sv_sub(s, i, i + size), blank ? ' ' : c);
        if (out.n > LIMIT_SNIPPET_BYTES - 3) { /* room for the ellipsis */
            out.n = before;
            cut = true;
        }
    }
    if (cut)
        buf_puts(&out, "\xE2\x80\xA6");
    sv copy = sv_copy(a, buf_view(&out));
    buf_free(&out);
    return copy;
}
