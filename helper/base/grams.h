/* Which runs of three and of six bytes a text holds. Many checks ask whether a text says a word, and most texts
 * do not: here that takes a look at a few bits instead of a search. */
#ifndef GRAMS_H
#define GRAMS_H

#include "base/arena.h"
#include "base/sv.h"

struct grams; /* of one text; letter case is ignored; about as many bytes as the text */

/* Lives in the arena. Linear in the text. */
struct grams *grams_of(struct arena *a, sv text);
/* False: the text holds the word nowhere, in no letter case. True: search. */
bool grams_may_hold(const struct grams *g, sv word);

#endif
