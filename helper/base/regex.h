/* PCRE2 behind a narrow seam: the only file that includes <pcre2.h> is regex.c. */
#ifndef REGEX_H
#define REGEX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/sv.h"

enum { REGEX_GROUPS = 12 }; /* group 0 is the whole match */

struct regex; /* compiled on first use, with JIT where the machine has it */

enum regex_result {
    REGEX_NO,
    REGEX_YES,
    REGEX_GAVE_UP, /* a match limit was hit: this is not "no match" and must be recorded */
};

struct regex_match {
    size_t start[REGEX_GROUPS], end[REGEX_GROUPS]; /* SV_NOT_FOUND where a group did not take part */
};

/* A pattern of the subset that PCRE2 and ripgrep share; UTF-8 is matched bytewise.
 * `ignore_case` is ASCII. NULL when the pattern is invalid, with a reason in *error (in the arena). */
struct regex *regex_new(struct arena *a, sv pattern, bool ignore_case, sv *error);

/* Searches text[from..]. The subject is one line; `^` and `$` are its ends. */
enum regex_result regex_find(struct regex *r, sv text, size_t from, struct regex_match *m);

/* Number of the named group, or -1. */
int regex_group(struct regex *r, const char *name);
sv regex_sub(const struct regex_match *m, sv text, int group); /* SV_NONE where it did not take part */
sv regex_pattern(const struct regex *r);

/* Releases what PCRE2 holds for all patterns. */
void regex_free_all(void);

#endif
