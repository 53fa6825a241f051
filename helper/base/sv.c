#include "base/sv.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_alpha_(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

int sv_cmp(sv a, sv b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int c = n == 0 ? 0 : memcmp(a.p, b.p, n);
    return c != 0 ? c : (a.n > b.n) - (a.n < b.n);
}

bool sv_iends(sv s, sv suffix)
{
    return s.n >= suffix.n && sv_ieq(sv_sub(s, s.n - suffix.n, s.n), suffix);
}

/* Where `c` stands next, the end where nowhere. */
static const char *next_char(const char *from, const char *end, char c)
{
    const char *hit = from == end ? NULL : memchr(from, c, (size_t)(end - from));
    return hit == NULL ? end : hit;
}

/* Which byte of a word is met least in programs, that at `but` left out: the search goes from one place of it to the next. */
static size_t rarest(sv word, size_t but)
{
    static const unsigned char often[256] = {
        [' '] = 30, ['/'] = 12, ['.'] = 12, ['('] = 10, [','] = 10, ['"'] = 10, ['-'] = 8, ['='] = 8, [':'] = 8,
        ['e'] = 25, ['t'] = 24, ['a'] = 23, ['i'] = 22, ['o'] = 21, ['n'] = 20, ['s'] = 19, ['r'] = 18,
        ['l'] = 17, ['c'] = 16, ['d'] = 15, ['u'] = 14, ['p'] = 13, ['m'] = 12, ['h'] = 11, ['f'] = 10,
        ['g'] = 9, ['y'] = 8, ['b'] = 7, ['_'] = 6, ['v'] = 5, ['w'] = 4, ['k'] = 3, ['x'] = 2,
    };
    size_t best = 0;
    unsigned least = UINT8_MAX;
    for (size_t i = 0; i < word.n && least != 0; i++) {
        unsigned rank = often[(unsigned char)sv_lower_byte(word.p[i])];
        if (i != but && rank < least)
            best = i, least = rank;
    }
    return best;
}

size_t sv_find_at(sv s, sv needle, size_t from)
{
    if (needle.n == 0 || from > s.n || needle.n > s.n - from)
        return needle.n == 0 && from <= s.n ? from : SV_NOT_FOUND;
    size_t pivot = s.n - from < 64 ? 0 : rarest(needle, SV_NOT_FOUND); /* on a line the first byte does as well */
    const char *end = s.p + s.n - needle.n + pivot + 1;
    char first = needle.p[0], last = needle.p[needle.n - 1]; /* tell most places apart without a call */
    for (const char *at = s.p + from + pivot; (at = next_char(at, end, needle.p[pivot])) != end; at++) {
        const char *start = at - pivot;
        if (start[0] == first && start[needle.n - 1] == last && memcmp(start, needle.p, needle.n) == 0)
            return (size_t)(start - s.p);
    }
    return SV_NOT_FOUND;
}

size_t sv_find(sv s, sv needle)
{
    return sv_find_at(s, needle, 0);
}

/* One byte of a word at sixteen places of a text at once, letter case ignored. */
typedef unsigned char sixteen __attribute__((vector_size(16)));
struct byte_wanted { size_t at; char small; sixteen all, cases; };

static sixteen sixteen_of(char c)
{
    unsigned char b = (unsigned char)c;
    return (sixteen){b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b};
}

static struct byte_wanted byte_wanted(sv word, size_t at)
{
    char small = sv_lower_byte(word.p[at]);
    return (struct byte_wanted){at, small, sixteen_of(small), sixteen_of(small >= 'a' && small <= 'z' ? 'a' - 'A' : 0)};
}

/* 0xFF for each place, counted from `start`, that may have it: what is no letter may pass for one. */
static inline sixteen places(const struct byte_wanted *w, const char *start)
{
    sixteen text;
    memcpy(&text, start + w->at, sizeof text);
    return (sixteen)((text | w->cases) == w->all);
}

/* Most places are told apart by two bytes of the word, sixty-four at a time: words are looked for that a text seldom holds. */
static size_t ifind_far(sv s, sv needle, size_t starts)
{
    enum { STEP = 64 };
    size_t pivot = rarest(needle, SV_NOT_FOUND);
    struct byte_wanted one = byte_wanted(needle, pivot), other = byte_wanted(needle, rarest(needle, pivot));
    size_t i = 0;
    for (size_t next = STEP; next <= starts; next += STEP) {
        sixteen any = {0};
        uint64_t halves[2];
#pragma GCC unroll 4
        for (size_t part = 0; part < STEP; part += sizeof any)
            any |= places(&one, s.p + i + part) & places(&other, s.p + i + part);
        memcpy(halves, &any, sizeof halves);
        for (; (halves[0] | halves[1]) != 0 && i < next; i++)
            if (sv_lower_byte(s.p[i + one.at]) == one.small && sv_istarts((sv){s.p + i, needle.n}, needle))
                return i;
        i = next;
    }
    for (; i < starts; i++)
        if (sv_lower_byte(s.p[i + one.at]) == one.small && sv_istarts((sv){s.p + i, needle.n}, needle))
            return i;
    return SV_NOT_FOUND;
}

size_t sv_ifind(sv s, sv needle)
{
    if (needle.n == 0 || needle.n > s.n)
        return needle.n == 0 ? 0 : SV_NOT_FOUND;
    size_t starts = s.n - needle.n + 1;
    if (starts >= 64)
        return ifind_far(s, needle, starts);
    for (size_t i = 0; i < starts; i++) /* an identifier: calls cost more than they save */
        if (sv_lower_byte(s.p[i]) == sv_lower_byte(needle.p[0]) && sv_istarts((sv){s.p + i, needle.n}, needle))
            return i;
    return SV_NOT_FOUND;
}

size_t sv_find_char(sv s, char c)
{
    const char *hit = s.n == 0 ? NULL : memchr(s.p, c, s.n);
    return hit == NULL ? SV_NOT_FOUND : (size_t)(hit - s.p);
}

size_t sv_rfind_char(sv s, char c)
{
    for (size_t i = s.n; i-- > 0;)
        if (s.p[i] == c)
            return i;
    return SV_NOT_FOUND;
}

bool sv_has(sv s, sv needle)
{
    return sv_find(s, needle) != SV_NOT_FOUND;
}

bool sv_ihas(sv s, sv needle)
{
    return sv_ifind(s, needle) != SV_NOT_FOUND;
}

sv sv_trim(sv s)
{
    while (s.n != 0 && is_space(s.p[0]))
        s = (sv){s.p + 1, s.n - 1};
    while (s.n != 0 && is_space(s.p[s.n - 1]))
        s.n--;
    return s;
}

sv sv_trim_char(sv s, char c)
{
    while (s.n != 0 && s.p[0] == c)
        s = (sv){s.p + 1, s.n - 1};
    while (s.n != 0 && s.p[s.n - 1] == c)
        s.n--;
    return s;
}

sv sv_unquote(sv s)
{
    if (s.n >= 2 && s.p[0] == s.p[s.n - 1] && (s.p[0] == '"' || s.p[0] == '\'' || s.p[0] == '`'))
        return sv_sub(s, 1, s.n - 1);
    return s;
}

sv sv_cut(sv *rest, char sep)
{
    sv s = *rest;
    size_t at = sv_find_char(s, sep);
    if (at == SV_NOT_FOUND) {
        *rest = SV_NONE;
        return s;
    }
    *rest = (sv){s.p + at + 1, s.n - at - 1};
    return (sv){s.p, at};
}

sv sv_line(sv *rest)
{
    sv line = sv_cut(rest, '\n');
    if (line.n != 0 && line.p[line.n - 1] == '\r')
        line.n--;
    return line;
}

bool sv_is_ident(sv s)
{
    if (s.n == 0 || !is_alpha_(s.p[0]))
        return false;
    for (size_t i = 1; i < s.n; i++)
        if (!is_alpha_(s.p[i]) && !is_digit(s.p[i]))
            return false;
    return true;
}

bool sv_is_env_name(sv s)
{
    if (!sv_is_ident(s))
        return false;
    bool letter = false;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] >= 'a' && s.p[i] <= 'z')
            return false;
        letter = letter || (s.p[i] >= 'A' && s.p[i] <= 'Z');
    }
    return letter;
}

bool sv_is_hex(sv s, size_t digits)
{
    if (s.n != digits)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        int c = sv_lower_byte(s.p[i]);
        if (!is_digit(s.p[i]) && !(c >= 'a' && c <= 'f'))
            return false;
    }
    return true;
}

sv sv_copy(struct arena *a, sv s)
{
    return (sv){arena_copy(a, s.p, s.n), s.n};
}

sv sv_lower(struct arena *a, sv s)
{
    char *p = arena_copy(a, s.p, s.n);
    for (size_t i = 0; i < s.n; i++)
        p[i] = (char)sv_lower_byte(p[i]);
    return (sv){p, s.n};
}

sv sv_upper(struct arena *a, sv s)
{
    char *p = arena_copy(a, s.p, s.n);
    for (size_t i = 0; i < s.n; i++)
        if (p[i] >= 'a' && p[i] <= 'z')
            p[i] = (char)(p[i] - 'a' + 'A');
    return (sv){p, s.n};
}

sv sv_concat(struct arena *a, sv x, sv y)
{
    char *p = arena_array(a, char, x.n + y.n + 1);
    if (x.n != 0)
        memcpy(p, x.p, x.n);
    if (y.n != 0)
        memcpy(p + x.n, y.p, y.n);
    return (sv){p, x.n + y.n};
}

sv sv_vprintf(struct arena *a, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    assert(n >= 0);
    char *p = arena_array(a, char, (size_t)n + 1);
    vsnprintf(p, (size_t)n + 1, format, again);
    va_end(again);
    return (sv){p, (size_t)n};
}

sv sv_printf(struct arena *a, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    sv s = sv_vprintf(a, format, args);
    va_end(args);
    return s;
}
