#include "base/grams.h"

/* Five bits of each byte: both cases of a letter share them, and so do some other bytes, which only makes an
 * answer less sharp. Three bytes alone would let every phrase of common words through. */
enum { SHORT_RUN = 3, LONG_RUN = 6, LEAST_BITS = 12, MOST_BITS = 21 };

struct grams { unsigned char *set; unsigned shift; /* of a 32-bit hash, to the number of a bit */ };

static uint32_t next_run(uint32_t run, char c) { return (run << 5 | ((unsigned char)c & 31)) & 0x3fffffff; }
static uint32_t bit_of(const struct grams *g, uint32_t run) { return run * 0x9e3779b1u >> g->shift; }
static uint32_t short_bit(const struct grams *g, uint32_t run) { return bit_of(g, run & 0x7fff); }

struct grams *grams_of(struct arena *a, sv text)
{
    struct grams *g = arena_new(a, struct grams);
    unsigned bits = LEAST_BITS;
    while (bits < MOST_BITS && ((size_t)1 << bits) < text.n * 8)
        bits++;
    g->shift = 32 - bits;
    g->set = arena_array(a, unsigned char, ((size_t)1 << bits) / 8);
    uint32_t run = 0;
    for (size_t i = 0; i < text.n; i++) {
        run = next_run(run, text.p[i]);
        uint32_t three = short_bit(g, run), six = bit_of(g, run);
        if (i + 1 >= SHORT_RUN)
            g->set[three >> 3] |= (unsigned char)(1u << (three & 7));
        if (i + 1 >= LONG_RUN)
            g->set[six >> 3] |= (unsigned char)(1u << (six & 7));
    }
    return g;
}

bool grams_may_hold(const struct grams *g, sv word)
{
    uint32_t run = 0;
    for (size_t i = 0; i < word.n; i++) {
        run = next_run(run, word.p[i]);
        uint32_t bit = i + 1 >= LONG_RUN ? bit_of(g, run) : short_bit(g, run);
        if (i + 1 >= SHORT_RUN && (g->set[bit >> 3] >> (bit & 7) & 1) == 0)
            return false;
    }
    return true;
}
