/* Aho-Corasick over the literals of all patterns: one pass over a text says where any of them
 * stands. ASCII case is folded. Nothing changes after automaton_new, so threads may share it. */
#ifndef AUTOMATON_H
#define AUTOMATON_H

#include <stdint.h>

#include "base/arena.h"
#include "base/sv.h"

struct automaton;

/* Literal i has number i; none is empty. */
struct automaton *automaton_new(struct arena *a, const sv *literals, size_t n);

/* A place where at least one literal ends. */
struct mark {
    uint32_t end;   /* offset in the segment, behind the literal */
    uint32_t state; /* for automaton_literals */
};

/* A piece of text that no literal crosses, because it begins and ends at a line. */
struct segment {
    sv text; /* below 4 GiB */
    const struct mark *marks; /* result, in order of `end`; lives until the next scan with the room */
    size_t n;
};

/* Buffers that scans reuse; zero-initialise with an arena, one per thread. */
struct scan_room {
    struct arena *arena;
    struct scan_lane *lanes;
};

void automaton_scan(const struct automaton *m, struct scan_room *room, struct segment *segments, size_t n);

/* Numbers of the literals that end in this state. */
const uint32_t *automaton_literals(const struct automaton *m, uint32_t state, size_t *n);

#endif
