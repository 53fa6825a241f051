#include "rule/automaton.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

/* One table step waits for the one before it, about six cycles. Independent lanes in one loop
 * hide that: measured 4 times the speed of one lane, in plain C. */
enum {
    LANES = 8,
    STRIDE = 16 << 10, /* bytes between two looks at the room for marks */
};

struct automaton {
    unsigned char class_of[256];
    uint32_t classes;
    uint32_t *next;     /* next[state + class]; a state is its row's offset in the table */
    uint32_t accepting; /* states from here on end a literal */
    uint32_t *first;    /* accepting row -> its part of `literals` */
    uint32_t *literals;
};

/* While building: rows by number, not yet by offset. */
struct builder {
    struct arena *arena;
    struct automaton *m;
    uint32_t *next;   /* rows * classes; 0 = none, as nothing leads back to the root */
    uint32_t *fail;
    uint32_t *order;  /* rows by depth */
    uint32_t *own;    /* head of a row's own literals, 1-based, 0 = none */
    uint32_t *chain;  /* next literal of the same row, 1-based */
    uint32_t *ends;   /* literals that end in a row, those of its suffixes included */
    uint32_t rows;
};

static unsigned char fold(unsigned char c)
{
    return c >= 'A' && c <= 'Z' ? (unsigned char)(c + ('a' - 'A')) : c;
}

/* Bytes that no literal holds share class 0. */
static void number_classes(struct automaton *m, const sv *literals, size_t n)
{
    m->classes = 1;
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < literals[i].n; k++) {
            unsigned char c = fold((unsigned char)literals[i].p[k]);
            if (m->class_of[c] == 0)
                m->class_of[c] = (unsigned char)m->classes++;
        }
    }
    for (unsigned c = 'A'; c <= 'Z'; c++)
        m->class_of[c] = m->class_of[fold((unsigned char)c)];
}

static void add_literal(struct builder *b, sv literal, uint32_t number)
{
    uint32_t row = 0;
    assert(literal.n != 0);
    for (size_t k = 0; k < literal.n; k++) {
        uint32_t *to = &b->next[row * b->m->classes + b->m->class_of[(unsigned char)literal.p[k]]];
        if (*to == 0)
            *to = b->rows++;
        row = *to;
    }
    b->chain[number] = b->own[row];
    b->own[row] = number + 1;
    b->ends[row]++;
}

/* Breadth first: completes each row with the steps of its longest proper suffix. */
static void complete_rows(struct builder *b)
{
    uint32_t classes = b->m->classes, done = 0, known = 1;
    for (; done < known; done++) {
        uint32_t row = b->order[done], fail = b->fail[row];
        uint32_t *steps = &b->next[row * classes];
        if (row != 0)
            b->ends[row] += b->ends[fail];
        for (uint32_t c = 0; c < classes; c++) {
            uint32_t suffix = row == 0 ? 0 : b->next[fail * classes + c];
            if (steps[c] == 0) {
                steps[c] = suffix;
                continue;
            }
            b->fail[steps[c]] = suffix;
            b->order[known++] = steps[c];
        }
    }
}

/* Rows in their final order, those that end a literal last, so that one comparison finds them. */
static uint32_t *renumber(const struct builder *b)
{
    uint32_t *number = arena_array(b->arena, uint32_t, b->rows), n = 0;
    for (uint32_t row = 0; row < b->rows; row++)
        if (b->ends[row] == 0)
            number[row] = n++;
    b->m->accepting = n * b->m->classes;
    for (uint32_t row = 0; row < b->rows; row++)
        if (b->ends[row] != 0)
            number[row] = n++;
    return number;
}

static void list_literals(struct automaton *m, const struct builder *b)
{
    uint32_t total = 0, accepting = 0, at = 0;
    for (uint32_t row = 0; row < b->rows; row++) {
        total += b->ends[row];
        accepting += b->ends[row] != 0;
    }
    m->first = arena_array(b->arena, uint32_t, accepting + 1);
    m->literals = arena_array(b->arena, uint32_t, total);
    accepting = 0;
    for (uint32_t row = 0; row < b->rows; row++) {
        if (b->ends[row] == 0)
            continue;
        m->first[accepting++] = at;
        for (uint32_t suffix = row; suffix != 0; suffix = b->fail[suffix])
            for (uint32_t i = b->own[suffix]; i != 0; i = b->chain[i - 1])
                m->literals[at++] = i - 1;
    }
    m->first[accepting] = at;
}

struct automaton *automaton_new(struct arena *a, const sv *literals, size_t n)
{
    struct automaton *m = arena_new(a, struct automaton);
    struct arena scratch = {0};
    size_t rows = 1;
    for (size_t i = 0; i < n; i++)
        rows += literals[i].n;
    number_classes(m, literals, n);
    struct builder b = {.arena = &scratch, .m = m, .rows = 1};
    b.next = arena_array(&scratch, uint32_t, rows * m->classes);
    b.fail = arena_array(&scratch, uint32_t, rows);
    b.order = arena_array(&scratch, uint32_t, rows);
    b.own = arena_array(&scratch, uint32_t, rows);
    b.ends = arena_array(&scratch, uint32_t, rows);
    b.chain = arena_array(&scratch, uint32_t, n);
    for (size_t i = 0; i < n; i++)
        add_literal(&b, literals[i], (uint32_t)i);
    complete_rows(&b);
    uint32_t *number = renumber(&b);
    m->next = arena_array(a, uint32_t, (size_t)b.rows * m->classes);
    for (uint32_t row = 0; row < b.rows; row++)
        for (uint32_t c = 0; c < m->classes; c++)
            m->next[number[row] * m->classes + c] = number[b.next[row * m->classes + c]] * m->classes;
    b.arena = a;
    list_literals(m, &b);
    arena_free(&scratch);
    return m;
}

const uint32_t *automaton_literals(const struct automaton *m, uint32_t state, size_t *n)
{
    assert(state >= m->accepting);
    uint32_t i = (state - m->accepting) / m->classes;
    *n = m->first[i + 1] - m->first[i];
    return m->literals + m->first[i];
}

/* ---- scanning ------------------------------------------------------------------------------- */

struct scan_lane {
    const unsigned char *text, *at, *end;
    uint32_t state;
    struct segment *segment; /* NULL when idle */
    struct mark *marks;      /* of all segments this lane has worked on */
    size_t n, cap, first;
};

static void lane_reserve(struct arena *a, struct scan_lane *lane, size_t more)
{
    if (lane->cap - lane->n >= more)
        return;
    size_t cap = lane->cap * 2 > lane->n + more ? lane->cap * 2 : lane->n + more;
    struct mark *grown = arena_array(a, struct mark, cap);
    if (lane->n != 0)
        memcpy(grown, lane->marks, lane->n * sizeof *grown);
    lane->marks = grown;
    lane->cap = cap;
}

static void lane_note(struct scan_lane *lane, const unsigned char *at, uint32_t state)
{
    lane->marks[lane->n++] = (struct mark){(uint32_t)(at - lane->text) + 1, state};
}

static void lane_run(const struct automaton *m, struct scan_lane *lane, size_t n)
{
    uint32_t state = lane->state;
    const unsigned char *p = lane->at, *end = p + n;
    for (; p != end; p++) {
        state = m->next[state + m->class_of[*p]];
        if (state >= m->accepting)
            lane_note(lane, p, state);
    }
    lane->at = end;
    lane->state = state;
}

#define LANE_BEGIN(k)                       \
    const unsigned char *p##k = lanes[k].at; \
    uint32_t s##k = lanes[k].state;
#define LANE_STEP(k)                               \
    s##k = next[s##k + class_of[p##k[i]]];          \
    if (s##k >= accepting)                         \
        lane_note(&lanes[k], p##k + i, s##k);
#define LANE_END(k)        \
    lanes[k].at = p##k + n; \
    lanes[k].state = s##k;
#define ALL_LANES(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7)

/* All lanes, `n` bytes each. */
static void lanes_run(const struct automaton *m, struct scan_lane *lanes, size_t n)
{
    const uint32_t *next = m->next;
    const unsigned char *class_of = m->class_of;
    const uint32_t accepting = m->accepting;
    ALL_LANES(LANE_BEGIN)
    for (size_t i = 0; i < n; i++) {
        ALL_LANES(LANE_STEP)
    }
    ALL_LANES(LANE_END)
}

/* Gives an idle lane the next segment that holds anything; false when there is none. */
static bool lane_start(struct scan_lane *lane, struct segment *segments, size_t n, size_t *taken)
{
    while (*taken < n && segments[*taken].text.n == 0)
        segments[(*taken)++].n = 0;
    if (*taken == n)
        return false;
    lane->segment = &segments[(*taken)++];
    lane->text = lane->at = (const unsigned char *)lane->segment->text.p;
    lane->end = lane->text + lane->segment->text.n;
    lane->state = 0;
    lane->first = lane->n;
    return true;
}

/* What every lane can do without looking up: 0 when one of them is idle. */
static size_t common_length(const struct scan_lane *lanes)
{
    size_t least = STRIDE;
    for (size_t k = 0; k < LANES; k++) {
        size_t left = lanes[k].segment == NULL ? 0 : (size_t)(lanes[k].end - lanes[k].at);
        least = left < least ? left : least;
    }
    return least;
}

/* The rest of a segment, when too few are left to keep all lanes busy. */
static void lane_drain(const struct automaton *m, struct arena *a, struct scan_lane *lane)
{
    while (lane->at != lane->end) {
        size_t left = (size_t)(lane->end - lane->at), n = left < STRIDE ? left : STRIDE;
        lane_reserve(a, lane, n);
        lane_run(m, lane, n);
    }
}

static void lane_finish(struct scan_lane *lane)
{
    if (lane->segment == NULL || lane->at != lane->end)
        return;
    lane->segment->n = lane->n - lane->first;
    lane->segment->marks = lane->marks + lane->first; /* stays when the buffer grows: arenas free nothing */
    lane->segment = NULL;
}

void automaton_scan(const struct automaton *m, struct scan_room *room, struct segment *segments, size_t n)
{
    size_t taken = 0;
    if (room->lanes == NULL)
        room->lanes = arena_array(room->arena, struct scan_lane, LANES);
    struct scan_lane *lanes = room->lanes;
    for (size_t k = 0; k < LANES; k++)
        lanes[k].n = 0;
    for (bool more = true; more;) {
        more = false;
        for (size_t k = 0; k < LANES; k++)
            more |= lanes[k].segment != NULL || lane_start(&lanes[k], segments, n, &taken);
        size_t together = common_length(lanes);
        for (size_t k = 0; k < LANES; k++) {
            if (together != 0)
                lane_reserve(room->arena, &lanes[k], together);
            else if (lanes[k].segment != NULL)
                lane_drain(m, room->arena, &lanes[k]);
        }
        if (together != 0)
            lanes_run(m, lanes, together);
        for (size_t k = 0; k < LANES; k++)
            lane_finish(&lanes[k]);
    }
}
