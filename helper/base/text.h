/* Bytes to lines and columns, UTF-8, and the one sink that makes hostile text harmless. */
#ifndef TEXT_H
#define TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/sv.h"

/* Offsets at which lines start; line 1 starts at at[0] == 0. Only '\n' ends a line. */
struct lines {
    const size_t *at;
    size_t n;
};

struct lines lines_of(struct arena *a, sv text);
size_t line_at(const struct lines *l, size_t offset);                    /* 1-based */
size_t column_at(const struct lines *l, sv text, size_t offset);         /* 1-based, in code points */
sv line_text(const struct lines *l, sv text, size_t line);               /* without the line end */

/* Decodes one code point at s.p[0]; *size is the bytes used (at least 1 when s.n != 0).
 * Returns 0xFFFD for an invalid sequence (overlong, surrogate, truncated; size 1). */
unsigned utf8_decode(sv s, size_t *size);
bool utf8_valid(sv s);
/* Appends code point `c` as UTF-8 to out[4]; returns the bytes written. */
size_t utf8_encode(unsigned c, char out[4]);

/* Text of the repository made safe to show: invalid UTF-8 becomes U+FFFD; control characters
 * (C0, C1, DEL), bidi controls, zero-width, tag characters and line separators become \u{XXXX};
 * runs of white space fold to one blank; cut at LIMIT_SNIPPET_BYTES with "…". */
sv text_clean(struct arena *a, sv s);
/* The same without folding and cutting: for names, messages and whole values. */
sv text_escape(struct arena *a, sv s);

#endif
