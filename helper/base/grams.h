/* Which runs of three and of six bytes a text holds. Many checks ask whether a text says a word, and most texts
 * do not: here that takes a look at a few bits instead of a search. */
#ifndef GRAMS_H
#define GRAMS_H

#include "base/arena.h"
#include "base/sv.h"

struct grams; /* of one text; letter case is ignored; 4 KiB and a quarter to half of the text */

/* Lives in the arena. Linear in the text. */
struct grams *grams_of(struct arena *a, sv text);
/* False: the text holds the word nowhere, in no letter case. True: search. */
bool grams_may_hold(const struct grams *g, sv word);

/* Words for a question that many texts are asked: how the sets know two runs of each is found out once. */
struct gram_word { sv word; uint32_t first, last, even, odd; };
struct gram_words { const struct gram_word *all; size_t n; };
struct gram_words gram_words_of(struct arena *a, const char *const *words); /* the list ends with NULL */
/* The first of them from `from` on that the text may hold; w->n where there is none. */
size_t grams_next(const struct grams *g, const struct gram_words *w, size_t from);

#endif
