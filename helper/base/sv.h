/* String views: a pointer and a length, by value. A view never owns its bytes. */
#ifndef SV_H
#define SV_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

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

sv sv_from(const char *cstring); /* NULL gives the empty view */
bool sv_eq(sv a, sv b);
bool sv_ieq(sv a, sv b); /* ASCII case ignored; no locale anywhere */
int sv_cmp(sv a, sv b);  /* byte order, a prefix sorts first */
bool sv_starts(sv s, sv prefix);
bool sv_istarts(sv s, sv prefix);
bool sv_ends(sv s, sv suffix);
bool sv_iends(sv s, sv suffix);
size_t sv_find(sv s, sv needle);       /* offset or SV_NOT_FOUND */
size_t sv_find_at(sv s, sv needle, size_t from);
size_t sv_ifind(sv s, sv needle);
size_t sv_find_char(sv s, char c);
size_t sv_rfind_char(sv s, char c);
bool sv_has(sv s, sv needle);
bool sv_ihas(sv s, sv needle);
sv sv_sub(sv s, size_t from, size_t to); /* clamped to the view */
sv sv_trim(sv s);                        /* ASCII white space at both ends */
sv sv_trim_char(sv s, char c);           /* all `c` at both ends */
sv sv_unquote(sv s);                     /* one pair of matching ' " ` removed */

/* Cuts at the first `sep`: returns the part before it, *rest becomes what follows.
 * Without `sep` the whole is returned and *rest becomes SV_NONE. Loop while rest.p != NULL. */
sv sv_cut(sv *rest, char sep);
sv sv_line(sv *rest); /* like sv_cut at '\n', a trailing '\r' removed */

bool sv_is_ident(sv s);      /* [A-Za-z_][A-Za-z0-9_]* */
bool sv_is_env_name(sv s);   /* [A-Z_][A-Z0-9_]* with a letter */
bool sv_is_hex(sv s, size_t digits);
bool sv_in(sv s, const sv *list, size_t n);
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
