#include "base/grams.h"

/* Five bits of each byte: both cases of a letter share them, and so do some other bytes, which only makes an
 * answer less sharp. Three bytes alone would let every phrase of common words through. */
enum { SHORT_RUN = 3, LONG_RUN = 6, LEAST_BITS = 12, MOST_BITS = 21 };

struct grams { uint64_t *set; unsigned shift; /* of a 32-bit hash, to the number of a bit */ };

static uint32_t next_run(uint32_t run, char c) { return run << 5 | ((unsigned char)c & 31); }
static uint32_t bit_of(uint32_t run, unsigned shift) { return run * 0x9e3779b1u >> shift; }
static uint32_t short_bit(uint32_t run, unsigned shift) { return bit_of(run & 0x7fff, shift); }
static uint32_t long_bit(uint32_t run, unsigned shift) { return bit_of(run & 0x3fffffff, shift); }
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
