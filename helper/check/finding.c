/* What all checks reported, made one list: severity for its place, order, duplicates, ids. */
#include "check/check.h"

#include <stdint.h>
#include <stdlib.h>


/* Line inside the nearest enclosing string that has lines of its own; 0 in a file's own text. */
static size_t embedded_line(struct place p)
{
    return p.src->embed == EMBED_STRING ? line_at(&p.src->lines, p.start) : 0;
}

/* ---- severity for the place ------------------------------------------------------------------ */

/* The deployment whose compose file holds the place. */
static const struct deployment *deployment_at(const struct facts *f, struct place p)
{
    for (const struct source *s = p.src; s != NULL; s = s->host)
        for (size_t i = 0; i < f->deployments.n; i++)
            if (f->deployments.at[i]->compose == s)
                return f->deployments.at[i];
    return NULL;
}

static void lower_for_place(const struct facts *f, struct finding *found)
{
    if (found->deployment == NULL)
        found->deployment = deployment_at(f, found->place);
    bool aside = place_is_aside(found->place) || (found->deployment != NULL && !found->deployment->deployed);
    if (aside && !found->keep_severity && found->rule->category != CAT_AUDIT_EVASION)
        found->severity = severity_at_most(found->severity, SEV_LOW);
}

/* ---- order and duplicates ---------------------------------------------------------------------- */

/* `place_cmp` sees offsets; a duplicate is the same line, found by another way. */
static int same_place_cmp(struct place a, struct place b)
{
    int c = sv_cmp(a.src->path, b.src->path);
    if (c != 0)
        return c;
    size_t la = place_line(a), lb = place_line(b);
    if (la == lb)
        la = embedded_line(a), lb = embedded_line(b);
    return (la > lb) - (la < lb);
}

static int key_cmp(const struct finding *a, const struct finding *b)
{
    int c = sv_cmp(a->rule->id, b->rule->id);
    if (c == 0)
        c = same_place_cmp(a->place, b->place);
    return c != 0 ? c : sv_cmp(a->subject, b->subject);
}

static int by_place(const struct finding *a, const struct finding *b)
{
    int c = place_cmp(a->place, b->place);
    if (c == 0)
        c = sv_cmp(a->rule->id, b->rule->id);
    if (c == 0)
        c = sv_cmp(a->subject, b->subject);
    return c != 0 ? c : sv_cmp(a->message, b->message);
}

static int duplicates_together(const void *pa, const void *pb)
{
    const struct finding *a = *(struct finding *const *)pa, *b = *(struct finding *const *)pb;
    int c = key_cmp(a, b);
    if (c == 0)
        c = (b->severity > a->severity) - (b->severity < a->severity);
    return c != 0 ? c : by_place(a, b);
}

static int in_text_order(const void *pa, const void *pb)
{
    return by_place(*(struct finding *const *)pa, *(struct finding *const *)pb);
}

static int most_severe_first(const void *pa, const void *pb)
{
    const struct finding *a = *(struct finding *const *)pa, *b = *(struct finding *const *)pb;
    int c = (b->severity > a->severity) - (b->severity < a->severity);
    return c != 0 ? c : by_place(a, b);
}

static void drop_duplicates(struct verdicts *v)
{
    size_t kept = 0;
    for (size_t i = 0; i < v->findings.n; i++)
        if (kept == 0 || key_cmp(v->findings.at[kept - 1], v->findings.at[i]) != 0)
            v->findings.at[kept++] = v->findings.at[i];
    v->findings.n = kept;
}

static int lead_cmp(const void *pa, const void *pb)
{
    const struct lead *a = *(struct lead *const *)pa, *b = *(struct lead *const *)pb;
    int c = (b->rank > a->rank) - (b->rank < a->rank);
    if (c == 0)
        c = place_cmp(a->place, b->place);
    if (c == 0)
        c = sv_cmp(a->rule->id, b->rule->id);
    return c != 0 ? c : sv_cmp(a->question, b->question);
}

static int line_cmp(const void *pa, const void *pb)
{
    return same_place_cmp((*(struct finding *const *)pa)->place, (*(struct finding *const *)pb)->place);
}

/* A place is decided or a question, never both; a rule asks once a line. `findings` must be sorted
 * by line. */
static void drop_answered(struct verdicts *v)
{
    size_t kept = 0;
    for (size_t i = 0; i < v->leads.n; i++) {
        struct lead *l = v->leads.at[i];
        struct finding probe = {.place = l->place}, *key = &probe;
        bool answered = v->findings.n != 0 && bsearch(&key, v->findings.at, v->findings.n,
                                                      sizeof *v->findings.at, line_cmp) != NULL;
        for (size_t j = kept; j-- > 0 && !answered;)
            answered = v->leads.at[j]->rule == l->rule && same_place_cmp(v->leads.at[j]->place, l->place) == 0;
        if (!answered)
            v->leads.at[kept++] = l;
    }
    v->leads.n = kept;
}

/* ---- ids -------------------------------------------------------------------------------------------- */

static uint64_t fnv1a(uint64_t hash, sv s)
{
    for (size_t i = 0; i < s.n; i++)
        hash = (hash ^ (unsigned char)s.p[i]) * 0x100000001B3u;
    return (hash ^ 0xFF) * 0x100000001B3u; /* no byte of a text ends a part */
}

static bool is_word(char c)
{
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           ((unsigned char)c & 0x80) != 0;
}

/* The shape of a line: words that a developer may rename become one letter, NAMES_LIKE_THIS and
 * numbers stay, white space goes. */
static uint64_t hash_shape(uint64_t hash, sv line)
{
    size_t i = 0;
    while (i < line.n) {
        size_t end = i;
        bool renamable = false;
        for (; end < line.n && is_word(line.p[end]); end++)
            renamable |= line.p[end] >= 'a' && line.p[end] <= 'z';
        if (end == i)
            end = i + 1;
        sv part = sv_sub(line, i, end);
        if (renamable)
            hash = fnv1a(hash, SV("w"));
        else if (sv_trim(part).n != 0)
            hash = fnv1a(hash, part);
        i = end;
    }
    return hash;
}

static size_t indent_of(sv line)
{
    size_t n = 0;
    while (n < line.n && (line.p[n] == ' ' || line.p[n] == '\t'))
        n++;
    return n;
}

/* In YAML the enclosing keys are what a line is about: `privileged: true` of which service? */
static uint64_t hash_context(uint64_t hash, struct place p)
{
    const struct source *s = p.src;
    size_t line = line_at(&s->lines, p.start);
    if (s->lang != LANG_YAML)
        return hash;
    size_t indent = indent_of(line_text(&s->lines, s->text, line));
    for (size_t looked = 0; line > 1 && indent > 0 && looked < 500; looked++) {
        sv above = line_text(&s->lines, s->text, --line);
        size_t less = indent_of(above);
        sv key = less < indent ? sv_trim(above) : SV("");
        if (key.n == 0 || key.p[0] == '#')
            continue;
        indent = less;
        hash = fnv1a(hash, key);
    }
    return hash;
}

static uint64_t hash_finding(const struct finding *f)
{
    const struct source *s = f->place.src;
    uint64_t hash = 0xCBF29CE484222325u;
    hash = fnv1a(hash, f->rule->id);
    hash = fnv1a(hash, s->path);
    hash = fnv1a(hash, f->subject);
    hash = hash_shape(hash, sv_trim(line_text(&s->lines, s->text, line_at(&s->lines, f->place.start))));
    return hash_context(hash, f->place);
}

struct numbered { uint64_t hash; struct finding *finding; size_t order; };

static int numbered_cmp(const void *pa, const void *pb)
{
    const struct numbered *a = pa, *b = pb;
    if (a->hash != b->hash)
        return a->hash < b->hash ? -1 : 1;
    return (a->order > b->order) - (a->order < b->order);
}

/* `findings` in text order: equal ones are told apart by which of them comes first. */
static void name_findings(struct verdicts *v, struct arena *a)
{
    struct numbered *all = arena_array(a, struct numbered, v->findings.n);
    for (size_t i = 0; i < v->findings.n; i++)
        all[i] = (struct numbered){hash_finding(v->findings.at[i]), v->findings.at[i], i};
    if (v->findings.n != 0)
        qsort(all, v->findings.n, sizeof *all, numbered_cmp);
    for (size_t i = 0, occurrence = 0; i < v->findings.n; i++) {
        occurrence = i != 0 && all[i - 1].hash == all[i].hash ? occurrence + 1 : 0;
        uint64_t id = fnv1a(all[i].hash, sv_printf(a, "%zu", occurrence));
        all[i].finding->id = sv_printf(a, "%016llx", (unsigned long long)id);
    }
}

static void sort_findings(struct verdicts *v, int (*order)(const void *, const void *))
{
    if (v->findings.n != 0)
        qsort(v->findings.at, v->findings.n, sizeof *v->findings.at, order);
}

void findings_settle(struct verdicts *v, const struct facts *f)
{
    for (size_t i = 0; i < v->findings.n; i++)
        lower_for_place(f, v->findings.at[i]);
    sort_findings(v, duplicates_together);
    drop_duplicates(v);
    sort_findings(v, line_cmp);
    if (v->leads.n != 0)
        qsort(v->leads.at, v->leads.n, sizeof *v->leads.at, lead_cmp);
    drop_answered(v);
    sort_findings(v, in_text_order);
    name_findings(v, f->arena);
    sort_findings(v, most_severe_first);
}
