#include "base/grams.h"

/* Five bits of each byte: both cases of a letter share them, and so do some other bytes, which only makes an
 * answer less sharp. Three bytes alone would let every phrase of common words through. */
enum { SHORT_RUN = 3, LONG_RUN = 6, SHORT_MASK = 0x7fff, LONG_MASK = 0x3fffffff, LEAST_BITS = 12, MOST_BITS = 21 };

struct grams { uint64_t *set; unsigned shift; /* of a 32-bit hash, to the number of a bit */ };

static uint32_t next_run(uint32_t run, char c) { return run << 5 | ((unsigned char)c & 31); }
static uint32_t bit_of(uint32_t run, unsigned shift) { return run * 0x9e3779b1u >> shift; }
static uint32_t short_bit(uint32_t run, unsigned shift) { return bit_of(run & SHORT_MASK, shift); }
static uint32_t long_bit(uint32_t run, unsigned shift) { return bit_of(run & LONG_MASK, shift); }
static void set_bit(uint64_t *set, uint32_t bit) { set[bit >> 6] |= (uint64_t)1 << (bit & 63); }
static bool has_bit(const uint64_t *set, uint32_t bit) { return (set[bit >> 6] >> (bit & 63) & 1) != 0; }

struct grams *grams_of(struct arena *a, sv text)
{
    struct grams *g = arena_new(a, struct grams);
    unsigned bits = LEAST_BITS;
    while (bits < MOST_BITS && ((size_t)1 << bits) < text.n * 4)
        bits++;
    g->shift = 32 - bits;
    g->set = arena_array(a, uint64_t, ((size_t)1 << bits) / 64);
    uint64_t *set = g->set; /* in registers: the loop below sees every byte of the repository */
    unsigned shift = g->shift;
    uint32_t run = 0;
    size_t i = 0;
    for (; i < LONG_RUN - 1 && i < text.n; i++) {
        run = next_run(run, text.p[i]);
        if (i + 1 >= SHORT_RUN)
            set_bit(set, short_bit(run, shift));
    }
    for (; i < text.n; i++) {
        run = next_run(run, text.p[i]);
        set_bit(set, short_bit(run, shift));
        set_bit(set, long_bit(run, shift));
    }
    return g;
}

bool grams_may_hold(const struct grams *g, sv word)
{
    uint32_t run = 0;
    for (size_t i = 0; i < word.n; i++) {
        run = next_run(run, word.p[i]);
        if (i + 1 >= SHORT_RUN && !has_bit(g->set, i + 1 >= LONG_RUN ? long_bit(run, g->shift) : short_bit(run, g->shift)))
            return false;
    }
    return true;
}

struct gram_words gram_words_of(struct arena *a, const char *const *words)
{
    size_t n = 0;
    while (words[n] != NULL)
        n++;
    struct gram_word *all = arena_array(a, struct gram_word, n + 1);
    for (size_t i = 0; i < n; i++) {
        sv word = sv_from(words[i]);
        uint32_t run = 0;
        for (size_t k = 0; k < word.n && k < LONG_RUN; k++) {
            run = next_run(run, word.p[k]);
            if (k + 1 == SHORT_RUN)
                all[i].first = run & SHORT_MASK;
        }
        all[i].second = run & (word.n < LONG_RUN ? SHORT_MASK : LONG_MASK); /* of a word of four or five bytes, the last three */
        all[i].word = word;
    }
    return (struct gram_words){all, n};
}

size_t grams_next(const struct grams *g, const struct gram_words *w, size_t from)
{
    const uint64_t *set = g->set;
    unsigned shift = g->shift;
    for (size_t i = from; i < w->n; i++) {
        const struct gram_word *k = &w->all[i];
        if (k->word.n < SHORT_RUN || (has_bit(set, bit_of(k->first, shift)) && has_bit(set, bit_of(k->second, shift))))
            return i;
    }
    return w->n;
}
