#include "base/grams.h"

/* Runs are those of classes of bytes: both cases of a letter share one, and so do some other bytes, which only makes
 * an answer less sharp; the rarest letters share theirs to leave some to signs. Runs of three are kept as they are.
 * They alone would let every phrase of common words through: of runs of six, those that begin at every other byte are
 * kept too, hashed. */
enum { SHORT_RUN = 3, LONG_RUN = 6, STEP = 2, LEAST_BITS = 10, MOST_BITS = 20 };
enum { CLASS_BITS = 5, PAIR = (1 << 2 * CLASS_BITS) - 1, TRIPLE = (1 << 3 * CLASS_BITS) - 1 };

struct grams {
    uint32_t short_runs[PAIR + 1]; /* for each two classes those that stand behind them */
    uint32_t *long_runs;
    unsigned shift; /* of a 32-bit hash, to the number of a bit in long_runs */
};

#define LETTER(upper, lower, k) [upper] = (k), [lower] = (k)
enum { OTHER, RARE = 10, RAREST = 17, SEPARATOR = 24, QUOTE = 26, DIGIT, JOINER, DOT, SPACE, OPENER };
static const unsigned char class_of[256] = {
    LETTER('A', 'a', 1), LETTER('B', 'b', 2), LETTER('C', 'c', 3), LETTER('D', 'd', 4), LETTER('E', 'e', 5),
    LETTER('F', 'f', 6), LETTER('G', 'g', 7), LETTER('H', 'h', 8), LETTER('I', 'i', 9), LETTER('J', 'j', RARE),
    LETTER('K', 'k', 11), LETTER('L', 'l', 12), LETTER('M', 'm', 13), LETTER('N', 'n', 14), LETTER('O', 'o', 15),
    LETTER('P', 'p', 16), LETTER('Q', 'q', RAREST), LETTER('R', 'r', 18), LETTER('S', 's', 19), LETTER('T', 't', 20),
    LETTER('U', 'u', 21), LETTER('V', 'v', 22), LETTER('W', 'w', 23), LETTER('X', 'x', RARE), LETTER('Y', 'y', 25),
    LETTER('Z', 'z', RAREST),
    ['0'] = DIGIT, ['1'] = DIGIT, ['2'] = DIGIT, ['3'] = DIGIT, ['4'] = DIGIT, ['5'] = DIGIT, ['6'] = DIGIT,
    ['7'] = DIGIT, ['8'] = DIGIT, ['9'] = DIGIT, ['_'] = JOINER, ['-'] = JOINER, ['.'] = DOT, [' '] = SPACE,
    ['\n'] = SPACE, ['\t'] = SPACE, ['('] = OPENER, ['['] = OPENER, ['{'] = OPENER, ['/'] = SEPARATOR, [':'] = SEPARATOR,
    ['"'] = QUOTE, ['\''] = QUOTE, ['`'] = QUOTE,
};

static uint32_t next_run(uint32_t run, char c) { return run << CLASS_BITS | class_of[(unsigned char)c]; }
static uint32_t short_of(uint32_t run) { return run & TRIPLE; }
static uint32_t hash_of(uint32_t run) { return run * (0x9e3779b1u << 2); } /* of its lower 30 bits: six classes */
static bool has_bit(const uint32_t *set, uint32_t bit) { return (set[bit >> 5] >> (bit & 31) & 1) != 0; }

struct grams *grams_of(struct arena *a, sv text)
{
    struct grams *g = arena_new(a, struct grams);
    unsigned bits = LEAST_BITS;
    while (bits < MOST_BITS && ((size_t)1 << bits) < text.n * 2)
        bits++;
    g->shift = 32 - bits;
    g->long_runs = arena_array(a, uint32_t, ((size_t)1 << bits) / 32);
    /* In registers: the loop sees every byte of the code. What stands before the first byte is held by no word. */
    uint32_t *short_runs = g->short_runs, *long_runs = g->long_runs, run = 0;
    unsigned shift = g->shift;
    const unsigned char *at = (const unsigned char *)text.p, *last = at + text.n / STEP * STEP;
    for (; at != last; at += STEP) {
        uint32_t first = class_of[at[0]], second = class_of[at[1]];
        short_runs[run & PAIR] |= 1u << first;
        run = run << CLASS_BITS | first;
        short_runs[run & PAIR] |= 1u << second;
        run = run << CLASS_BITS | second;
        uint32_t hash = hash_of(run) >> shift;
        long_runs[hash >> 5] |= 1u << (hash & 31);
    }
    if (text.n % STEP != 0)
        short_runs[run & PAIR] |= 1u << class_of[*at];
    return g;
}

bool grams_may_hold(const struct grams *g, sv word)
{
    uint32_t run = 0;
    bool held[STEP] = {true, true}; /* all its long runs that begin at even bytes, at odd ones */
    for (size_t i = 0; i < word.n; i++) {
        run = next_run(run, word.p[i]);
        if (i + 1 >= SHORT_RUN && !has_bit(g->short_runs, short_of(run)))
            return false;
        if (i + 1 < LONG_RUN || has_bit(g->long_runs, hash_of(run) >> g->shift))
            continue;
        held[i % STEP] = false;
        if (!held[(i + 1) % STEP])
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
        struct gram_word *k = &all[i];
        k->word = sv_from(words[i]);
        uint32_t run = 0;
        for (size_t at = 0; at < k->word.n; at++) {
            run = next_run(run, k->word.p[at]);
            if (at + 1 == SHORT_RUN)
                k->first = short_of(run);
            if (at + 1 == LONG_RUN)
                k->even = hash_of(run);
            if (at + 1 == LONG_RUN + 1)
                k->odd = hash_of(run);
        }
        k->last = short_of(run);
    }
    return (struct gram_words){all, n};
}

size_t grams_next(const struct grams *g, const struct gram_words *w, size_t from)
{
    unsigned shift = g->shift;
    for (size_t i = from; i < w->n; i++) {
        const struct gram_word *k = &w->all[i];
        if (k->word.n < SHORT_RUN)
            return i;
        if (has_bit(g->short_runs, k->first) && has_bit(g->short_runs, k->last) &&
            (k->word.n <= LONG_RUN || has_bit(g->long_runs, k->even >> shift) || has_bit(g->long_runs, k->odd >> shift)))
            return i;
    }
    return w->n;
}
