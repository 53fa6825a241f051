/* PCRE2 behind a narrow seam: the only file that includes <pcre2.h> is regex.c. */
#ifndef REGEX_H
#define REGEX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/sv.h"

enum { REGEX_GROUPS = 12 }; /* group 0 is the whole match */

struct regex;
struct regex_engine;

/* Owns what PCRE2 holds for its patterns. Zero-initialise with an arena; not thread-safe:
 * a thread that matches has a set of its own. */
struct regex_set {
    struct arena *arena;
    struct regex *all;
    struct regex_engine *engine;
};

enum regex_result {
    REGEX_NO,
    REGEX_YES,
    REGEX_GAVE_UP, /* a match limit was hit: this is not "no match" and must be recorded */
};

struct regex_match {
    size_t start[REGEX_GROUPS], end[REGEX_GROUPS]; /* SV_NOT_FOUND where a group did not take part */
};

/* A pattern of the subset that PCRE2 and ripgrep share; bytes are matched, not characters.
 * `ignore_case` is ASCII. Compiled on first use, with JIT where the machine has it: a run pays
 * for the patterns that meet a candidate line, not for the whole catalogue. */
struct regex *regex_new(struct regex_set *set, sv pattern, bool ignore_case);

/* Compiles now. False when the pattern is invalid, with a reason in *error (in the arena). */
bool regex_compile(struct regex *r, sv *error);

/* Searches text[from..]. The subject is one line; `^` and `$` are its ends. An invalid pattern
 * is our bug: message and exit code 70. */
enum regex_result regex_find(struct regex *r, sv text, size_t from, struct regex_match *m);

/* Number of the named group, or -1. */
int regex_group(struct regex *r, const char *name);
sv regex_sub(const struct regex_match *m, sv text, int group); /* SV_NONE where it did not take part */
sv regex_pattern(const struct regex *r);

/* Releases the patterns; the set may be used again. */
void regex_set_free(struct regex_set *set);

#endif
