/* All patterns over all texts. The automaton names the lines that hold a literal; only there the
 * regexes run, each on that line alone. */
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "doc/read.h"
#include "rule/scan.h"

enum {
    SEGMENT_BYTES = 16 << 10, /* enough pieces for all lanes of the automaton */
    BATCH_SEGMENTS = 512,     /* bounds the marks held at a time */
};

/* ---- the scanner ------------------------------------------------------------------------------ */

static const struct { unsigned from, to; } hidden_characters[] = {
    {0xAD, 0xAD},     {0x34F, 0x34F},   {0x61C, 0x61C},   {0x180E, 0x180E}, {0x200B, 0x200F},
    {0x202A, 0x202E}, {0x2060, 0x206F}, {0xFE00, 0xFE0F}, {0xFEFF, 0xFEFF}, {0xE0000, 0xE007F},
};
enum { HIDDEN_RANGES = sizeof hidden_characters / sizeof *hidden_characters };

bool is_hidden_character(unsigned c)
{
    for (size_t i = 0; i < HIDDEN_RANGES; i++)
        if (c >= hidden_characters[i].from && c <= hidden_characters[i].to)
            return true;
    return false;
}

struct literal_list {
    sv *at;
    uint32_t *pattern_of;
    size_t n;
};

static void add_literal(struct literal_list *l, sv literal, size_t pattern)
{
    l->at[l->n] = literal;
    l->pattern_of[l->n++] = (uint32_t)pattern;
}

static void add_hidden_characters(struct arena *a, struct literal_list *l, size_t pattern)
{
    for (size_t i = 0; i < HIDDEN_RANGES; i++) {
        for (unsigned c = hidden_characters[i].from; c <= hidden_characters[i].to; c++) {
            char bytes[4];
            size_t n = utf8_encode(c, bytes);
            add_literal(l, sv_copy(a, (sv){bytes, n}), pattern);
        }
    }
}

struct scanner *scanner_new(const struct catalogue *c)
{
    struct scanner *s = arena_new(c->arena, struct scanner);
    struct arena scratch = {0};
    size_t literals = 0;
    for (size_t i = 0; i < HIDDEN_RANGES; i++)
        literals += hidden_characters[i].to - hidden_characters[i].from + 1;
    for (size_t i = 0; i < c->rules.n; i++) {
        s->n += c->rules.at[i]->patterns.n;
        for (size_t k = 0; k < c->rules.at[i]->patterns.n; k++)
            literals += c->rules.at[i]->patterns.at[k]->n_literals;
    }
    s->patterns = arena_array(c->arena, const struct pattern *, s->n);
    s->pattern_of = arena_array(c->arena, uint32_t, literals);
    struct literal_list list = {arena_array(&scratch, sv, literals), s->pattern_of, 0};
    size_t n = 0;
    for (size_t i = 0; i < c->rules.n; i++) {
        for (size_t k = 0; k < c->rules.at[i]->patterns.n; k++) {
            struct pattern *p = c->rules.at[i]->patterns.at[k];
            p->number = n;
            s->vendored = s->vendored || p->vendored;
            for (size_t j = 0; j < p->n_literals; j++)
                add_literal(&list, p->literals[j], n);
            s->patterns[n++] = p;
        }
    }
    add_hidden_characters(&scratch, &list, n);
    s->automaton = automaton_new(c->arena, list.at, list.n);
    arena_free(&scratch);
    return s;
}

/* ---- one text after the other ------------------------------------------------------------------- */

/* What a regex sees: a line, or what is left of it without its hidden characters. */
struct view {
    sv line;
    size_t base;       /* offset of the line in the source */
    const size_t *map; /* offset in `line` -> offset from `base`; NULL when they are equal */
};

struct matcher {
    struct repo *repo;
    const struct scanner *scanner;
    struct hits *out;
    struct arena scratch; /* marks and segments */
    struct scan_room room, second_room;
    uint32_t *tried; /* per pattern: the number of the line it was last tried on */
    size_t *hits_of; /* per first pattern of a rule: hits in this text, also those not kept */
    uint32_t line_number;

    const struct source *src; /* the text in work */
    const struct tokens *tokens;
    bool tokens_read;
    size_t first_hit;         /* of this text in out->all */
    size_t line_start, line_end;
    bool line_hides;          /* the line holds a hidden character */
};

/* A hit of the same rule at the same offset, on the line in work. */
static struct hit *same_hit(const struct matcher *m, const struct rule *r, size_t start)
{
    for (size_t i = m->out->all.n; i-- > m->first_hit && m->out->all.at[i]->place.start >= m->line_start;)
        if (m->out->all.at[i]->pattern->rule == r && m->out->all.at[i]->place.start == start)
            return m->out->all.at[i];
    return NULL;
}

/* Where two patterns of a rule match at one place, the one that stands first in the rule speaks. */
static void add_hit(struct matcher *m, const struct pattern *p, const struct view *v,
                    const struct regex_match *match)
{
    size_t start = match->start[0], end = match->end[0];
    if (v->map != NULL) {
        end = end == start ? v->map[start] : v->map[end - 1] + 1;
        start = v->map[start];
    }
    struct hit *h = same_hit(m, p->rule, v->base + start);
    if (h != NULL && h->pattern->number <= p->number)
        return;
    if (h == NULL && m->hits_of[p->rule->patterns.at[0]->number]++ >= LIMIT_HITS_PER_RULE_FILE)
        return;
    if (h == NULL)
        h = vec_new(m->repo->arena, &m->out->all, struct hit);
    h->pattern = p;
    h->place = (struct place){m->src, v->base + start, v->base + end};
    h->match = *match;
    h->line = v->line;
}

/* Where the scope is looked up: at the literal inside the match, as a match may begin with blanks. */
static size_t telling_offset(const struct pattern *p, const struct view *v, const struct regex_match *match)
{
    sv whole = sv_sub(v->line, match->start[0], match->end[0]);
    size_t at = SV_NOT_FOUND;
    for (size_t i = 0; i < p->n_literals; i++) {
        size_t found = sv_ifind(whole, p->literals[i]);
        at = found < at ? found : at;
    }
    at = match->start[0] + (at == SV_NOT_FOUND ? 0 : at);
    return v->base + (v->map == NULL ? at : v->map[at]);
}

static bool in_scope(struct matcher *m, const struct pattern *p, const struct view *v,
                     const struct regex_match *match)
{
    if (p->scopes == 0)
        return true;
    if (!m->tokens_read) {
        m->tokens = read_tokens(m->repo, m->src);
        m->tokens_read = true;
    }
    enum byte_scope scope = m->tokens == NULL ? IN_CODE : scope_at(m->tokens, telling_offset(p, v, match));
    return (p->scopes & 1u << scope) != 0;
}

static bool wants(const struct pattern *p, const struct source *s)
{
    return (p->langs == 0 || (p->langs & 1u << s->lang) != 0) &&
           (p->kinds == 0 || (p->kinds & 1u << s->kind) != 0) && (p->vendored || !s->vendored);
}

/* Giving up is recorded: it is not "no match". */
static bool finds(struct matcher *m, const struct pattern *p, struct regex *r, sv line, size_t from,
                  struct regex_match *match)
{
    enum regex_result result = regex_find(r, line, from, match);
    if (result == REGEX_GAVE_UP)
        repo_limit(m->repo, m->src->path,
                   sv_printf(m->repo->arena, "regex-matches: %.*s", SV_ARG(p->rule->id)).p);
    return result == REGEX_YES;
}

/* Hits of one pattern on a line; `index` is its number. */
static void try_pattern(struct matcher *m, size_t index, const struct view *v)
{
    const struct pattern *p = m->scanner->patterns[index];
    if (m->tried[index] == m->line_number)
        return;
    m->tried[index] = m->line_number;
    struct regex_match match;
    if (!wants(p, m->src) || !finds(m, p, p->compiled, v->line, 0, &match))
        return;
    struct regex_match spared;
    if (p->unless != NULL && finds(m, p, p->unless, v->line, 0, &spared))
        return;
    do {
        if (in_scope(m, p, v, &match))
            add_hit(m, p, v, &match);
        size_t from = match.end[0] == match.start[0] ? match.end[0] + 1 : match.end[0];
        if (from > v->line.n || !finds(m, p, p->compiled, v->line, from, &match))
            break;
    } while (true);
}

/* ---- lines ---------------------------------------------------------------------------------------- */

static void try_literals(struct matcher *m, uint32_t state, const struct view *v)
{
    size_t n;
    const uint32_t *literals = automaton_literals(m->scanner->automaton, state, &n);
    for (size_t i = 0; i < n; i++) {
        size_t pattern = m->scanner->pattern_of[literals[i]];
        if (pattern == m->scanner->n)
            m->line_hides = true;
        else
            try_pattern(m, pattern, v);
    }
}

static struct view line_view(const struct matcher *m)
{
    sv line = sv_sub(m->src->text, m->line_start, m->line_end);
    if (line.n != 0 && line.p[line.n - 1] == '\r')
        line.n--;
    return (struct view){line, m->line_start, NULL};
}

static struct view without_hidden(struct arena *a, struct view v)
{
    char *text = arena_array(a, char, v.line.n + 1);
    size_t *map = arena_array(a, size_t, v.line.n + 1), n = 0;
    for (size_t i = 0, size; i < v.line.n; i += size) {
        if (is_hidden_character(utf8_decode(sv_sub(v.line, i, v.line.n), &size)))
            continue;
        for (size_t k = 0; k < size; k++) {
            map[n] = i + k;
            text[n++] = v.line.p[i + k];
        }
    }
    map[n] = v.line.n;
    return (struct view){{text, n}, v.base, map};
}

/* A second look at a line that holds hidden characters, as if they were not there: what they
 * split is found all the same. */
static void look_again(struct matcher *m)
{
    m->line_hides = false;
    m->line_number++;
    struct view plain = without_hidden(m->repo->arena, line_view(m));
    struct segment segment = {.text = plain.line};
    automaton_scan(m->scanner->automaton, &m->second_room, &segment, 1);
    for (size_t i = 0; i < segment.n; i++)
        try_literals(m, segment.marks[i].state, &plain);
    m->line_hides = false;
}

static void end_line(struct matcher *m)
{
    if (m->line_hides)
        look_again(m);
    m->line_number++;
}

/* Moves on to the line around `at`. Of a very long line the regexes see one window. */
static void begin_line(struct matcher *m, size_t at)
{
    sv text = m->src->text;
    end_line(m);
    size_t start = at;
    while (start > m->line_end && text.p[start - 1] != '\n')
        start--;
    const char *end = memchr(text.p + at, '\n', text.n - at);
    m->line_start = start;
    m->line_end = end == NULL ? text.n : (size_t)(end - text.p);
    if (m->line_end - start <= LIMIT_LINE_BYTES)
        return;
    repo_limit(m->repo, m->src->path, "line-bytes");
    m->line_start = at - (at - start) % LIMIT_LINE_BYTES;
    if (m->line_end - m->line_start > LIMIT_LINE_BYTES)
        m->line_end = m->line_start + LIMIT_LINE_BYTES;
}

/* ---- texts ------------------------------------------------------------------------------------------ */

static int by_place(const void *a, const void *b)
{
    const struct hit *x = *(const struct hit *const *)a, *y = *(const struct hit *const *)b;
    if (x->place.start != y->place.start)
        return x->place.start < y->place.start ? -1 : 1;
    int order = sv_cmp(x->pattern->rule->id, y->pattern->rule->id);
    return order != 0 ? order : (x->pattern->number > y->pattern->number) - (x->pattern->number < y->pattern->number);
}

static void end_source(struct matcher *m)
{
    end_line(m);
    struct hits *out = m->out;
    if (out->all.n - m->first_hit > 1)
        qsort(out->all.at + m->first_hit, out->all.n - m->first_hit, sizeof *out->all.at, by_place);
    for (size_t i = 0; i < m->scanner->n; i++) {
        if (m->hits_of[i] > LIMIT_HITS_PER_RULE_FILE)
            repo_limit(m->repo, m->src->path,
                       sv_printf(m->repo->arena, "hits-per-rule-file: %.*s, %zu more",
                                 SV_ARG(m->scanner->patterns[i]->rule->id),
                                 m->hits_of[i] - LIMIT_HITS_PER_RULE_FILE).p);
        m->hits_of[i] = 0;
    }
}

static void begin_source(struct matcher *m, const struct source *src)
{
    m->src = src;
    m->tokens = NULL;
    m->tokens_read = false;
    m->first_hit = m->out->all.n;
    m->line_start = m->line_end = 0;
}

static void search_segment(struct matcher *m, const struct source *src, const struct segment *segment)
{
    if (segment->n == 0)
        return;
    if (m->src != src) {
        if (m->src != NULL)
            end_source(m);
        begin_source(m, src);
    }
    for (size_t i = 0; i < segment->n; i++) {
        size_t at = (size_t)(segment->text.p - src->text.p) + segment->marks[i].end - 1;
        if (at >= m->line_end)
            begin_line(m, at);
        struct view view = line_view(m);
        try_literals(m, segment->marks[i].state, &view);
    }
}

/* ---- batches ------------------------------------------------------------------------------------------ */

struct batch {
    struct segment segments[BATCH_SEGMENTS];
    const struct source *sources[BATCH_SEGMENTS];
    size_t n;
};

static void search_batch(struct matcher *m, struct batch *b)
{
    automaton_scan(m->scanner->automaton, &m->room, b->segments, b->n);
    for (size_t i = 0; i < b->n; i++)
        search_segment(m, b->sources[i], &b->segments[i]);
    b->n = 0;
}

/* Cuts a text at line ends into pieces for the automaton. */
static void add_source(struct matcher *m, struct batch *b, const struct source *src)
{
    if (src->vendored && !m->scanner->vendored)
        return;
    for (size_t from = 0, to; from < src->text.n; from = to) {
        to = from + SEGMENT_BYTES < src->text.n ? from + SEGMENT_BYTES : src->text.n;
        const char *end = memchr(src->text.p + to - 1, '\n', src->text.n - to + 1);
        to = end == NULL ? src->text.n : (size_t)(end - src->text.p) + 1;
        if (b->n == BATCH_SEGMENTS)
            search_batch(m, b);
        b->sources[b->n] = src;
        b->segments[b->n++] = (struct segment){.text = sv_sub(src->text, from, to)};
    }
}

static struct batch *begin(struct matcher *m, struct repo *r, const struct catalogue *c, struct hits *out)
{
    *m = (struct matcher){.repo = r, .scanner = c->scanner, .out = out};
    m->room.arena = m->second_room.arena = &m->scratch;
    m->tried = arena_array(&m->scratch, uint32_t, c->scanner->n);
    m->hits_of = arena_array(&m->scratch, size_t, c->scanner->n);
    return arena_new(&m->scratch, struct batch);
}

static void finish(struct matcher *m, struct batch *b)
{
    search_batch(m, b);
    if (m->src != NULL)
        end_source(m);
    arena_free(&m->scratch);
}

void match_all(struct repo *r, const struct catalogue *c, struct hits *out)
{
    struct matcher m;
    struct batch *b = begin(&m, r, c, out);
    for (size_t i = 0; i < r->files.n; i++)
        add_source(&m, b, r->files.at[i]);
    finish(&m, b);
}

void match_source(struct repo *r, const struct catalogue *c, const struct source *s, struct hits *out)
{
    struct matcher m;
    struct batch *b = begin(&m, r, c, out);
    add_source(&m, b, s);
    finish(&m, b);
}

sv hit_group(const struct hit *h, const char *name)
{
    return regex_sub(&h->match, h->line, regex_group(h->pattern->compiled, name));
}

struct place hit_group_place(const struct hit *h, const char *name)
{
    int group = regex_group(h->pattern->compiled, name);
    if (regex_sub(&h->match, h->line, group).p == NULL)
        return (struct place){NULL, 0, 0};
    const char *text = h->place.src->text.p;
    if (h->line.p < text || h->line.p >= text + h->place.src->text.n)
        return h->place;
    size_t base = (size_t)(h->line.p - text);
    return (struct place){h->place.src, base + h->match.start[group], base + h->match.end[group]};
}
