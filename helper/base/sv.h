/* String views: a pointer and a length, by value. A view never owns its bytes. */
#ifndef SV_H
#define SV_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"

typedef struct {
    const char *p;
    size_t n;
} sv;

#define SV(literal) ((sv){"" literal, sizeof(literal) - 1})
#define SV_NONE ((sv){NULL, 0})
/* printf("%.*s", SV_ARG(v)); lengths above INT_MAX do not occur (files are capped). */
#define SV_ARG(v) (int)(v).n, (v).p == NULL ? "" : (v).p

#define SV_NOT_FOUND ((size_t)-1)

/* Those asked at every token are seen by the compiler where they are called: lengths of literals are constants there. */
static inline sv sv_from(const char *cstring) /* NULL gives the empty view */
{
    return cstring == NULL ? SV_NONE : (sv){cstring, strlen(cstring)};
}

static inline bool sv_eq(sv a, sv b)
{
    return a.n == b.n && (a.n == 0 || (a.p[0] == b.p[0] && memcmp(a.p, b.p, a.n) == 0));
}

/* ASCII; no locale anywhere. */
static inline char sv_lower_byte(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static inline sv sv_sub(sv s, size_t from, size_t to) /* clamped to the view */
{
    if (to > s.n)
        to = s.n;
    if (from > to)
        from = to;
    return s.p == NULL ? s : (sv){s.p + from, to - from};
}

static inline bool sv_starts(sv s, sv prefix)
{
    return s.n >= prefix.n && sv_eq(sv_sub(s, 0, prefix.n), prefix);
}

static inline bool sv_ends(sv s, sv suffix)
{
    return s.n >= suffix.n && sv_eq(sv_sub(s, s.n - suffix.n, s.n), suffix);
}

int sv_cmp(sv a, sv b);  /* byte order, a prefix sorts first */
/* ASCII case ignored. */
static inline bool sv_istarts(sv s, sv prefix)
{
    if (s.n < prefix.n)
        return false;
    for (size_t i = 0; i < prefix.n; i++)
        if (sv_lower_byte(s.p[i]) != sv_lower_byte(prefix.p[i]))
            return false;
    return true;
}

static inline bool sv_ieq(sv a, sv b)
{
    return a.n == b.n && sv_istarts(a, b);
}

static inline bool sv_in(sv s, const sv *list, size_t n)
{
#pragma GCC unroll 64 /* a list of literals becomes comparisons with constants, and no table on the stack */
    for (size_t i = 0; i < n; i++)
        if (sv_eq(s, list[i]))
            return true;
    return false;
}

bool sv_iends(sv s, sv suffix);
size_t sv_find(sv s, sv needle);       /* offset or SV_NOT_FOUND */
size_t sv_find_at(sv s, sv needle, size_t from);
size_t sv_ifind(sv s, sv needle);
size_t sv_find_char(sv s, char c);
size_t sv_rfind_char(sv s, char c);
bool sv_has(sv s, sv needle);
bool sv_ihas(sv s, sv needle);
sv sv_trim(sv s);                        /* ASCII white space at both ends */
sv sv_trim_char(sv s, char c);           /* all `c` at both ends */
sv sv_unquote(sv s);                     /* one pair of matching ' " ` removed */

/* Cuts at the first `sep`: returns the part before it, *rest becomes what follows.
 * Without `sep` the whole is returned and *rest becomes SV_NONE. Loop while rest.p != NULL. */
sv sv_cut(sv *rest, char sep);
sv sv_line(sv *rest); /* like sv_cut at '\n', a trailing '\r' removed */

static inline unsigned sv_hash(sv s) /* FNV-1a, 32 bits: for tables, not against enemies */
{
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < s.n; i++)
        h = (h ^ (unsigned char)s.p[i]) * 16777619u;
    return h;
}

bool sv_is_ident(sv s);      /* [A-Za-z_][A-Za-z0-9_]* */
bool sv_is_env_name(sv s);   /* [A-Z_][A-Z0-9_]* with a letter */
bool sv_is_hex(sv s, size_t digits);
#define SV_IN(s, ...) \
    sv_in((s), (const sv[]){__VA_ARGS__}, sizeof((const sv[]){__VA_ARGS__}) / sizeof(sv))

sv sv_copy(struct arena *a, sv s);
sv sv_lower(struct arena *a, sv s); /* ASCII */
sv sv_upper(struct arena *a, sv s);
sv sv_concat(struct arena *a, sv x, sv y);
sv sv_printf(struct arena *a, const char *format, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 2, 3)))
#endif
    ;
sv sv_vprintf(struct arena *a, const char *format, va_list args);

#endif
