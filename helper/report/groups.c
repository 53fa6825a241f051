/* Findings as people read them: one rule is one issue, and places of which the same is said stand
 * together. Documents for machines keep every finding apart. */
#include "report/report.h"

#include <stdlib.h>
#include <string.h>

/* A word that names one place or quotes one value: "a.py:12", "'latest'". */
static bool is_particular(sv word)
{
    sv core = sv_trim_char(sv_trim_char(sv_trim_char(word, '.'), ','), ')');
    size_t colon = sv_rfind_char(core, ':');
    if (core.n > 2 && core.p[0] == '\'' && core.p[core.n - 1] == '\'')
        return true;
    return colon != SV_NOT_FOUND && colon + 1 < core.n && strspn(core.p + colon + 1, "0123456789") >= core.n - colon - 1;
}

/* What is said, whatever it is said of. */
static sv without_subject(struct arena *a, const struct finding *f)
{
    struct buf said = {0};
    sv rest = f->message;
    while (rest.p != NULL && rest.n != 0) {
        if (f->subject.n != 0 && sv_starts(rest, f->subject)) {
            buf_putc(&said, '\x01');
            rest = sv_sub(rest, f->subject.n, rest.n);
            continue;
        }
        size_t n = 0; /* to the end of the word, or where the subject begins */
        while (n < rest.n && rest.p[n] != ' ' && (n == 0 || f->subject.n == 0 || !sv_starts(sv_sub(rest, n, rest.n), f->subject)))
            n++;
        n += n == 0;
        sv word = sv_sub(rest, 0, n);
        buf_put(&said, is_particular(word) ? SV("\x02") : word);
        rest = sv_sub(rest, n, rest.n);
    }
    sv copy = sv_copy(a, buf_view(&said));
    buf_free(&said);
    return copy;
}

/* Those that say the same stand behind the first of them. */
static void group(struct arena *a, struct issue *issue, const struct finding *const *all, size_t n)
{
    sv *says = arena_array(a, sv, n);
    bool *placed = arena_array(a, bool, n);
    issue->places = arena_array(a, struct told, n);
    for (size_t i = 0; i < n; i++)
        says[i] = without_subject(a, all[i]);
    for (size_t i = 0; i < n; i++) {
        if (placed[i])
            continue;
        issue->places[issue->n++] = (struct told){all[i], false};
        for (size_t j = i + 1; j < n; j++) {
            if (placed[j] || all[j]->severity != all[i]->severity || !sv_eq(says[j], says[i]))
                continue;
            placed[j] = true;
            issue->places[issue->n++] = (struct told){all[j], true};
        }
    }
}

/* Of equal severity: first what the operator can do at once, last what a rebuild would show. */
static int weight_of(const struct issue *i)
{
    static const int weights[CAT_COUNT] = {
        [CAT_AUDIT_EVASION] = 0, [CAT_CONFIG_CONTROL] = 1, [CAT_SECRETS_STORAGE] = 2, [CAT_COMPOSE_HARDENING] = 3, [CAT_RED_FLAG] = 4,
        [CAT_ATTESTATION] = 5, [CAT_EVIDENCE] = 6, [CAT_NETWORK] = 7, [CAT_CONTRACTS] = 8, [CAT_REPRODUCIBILITY] = 9,
    };
    return weights[i->rule->category];
}

static int by_weight(const void *pa, const void *pb)
{
    const struct issue *a = pa, *b = pb;
    int c = (b->severity > a->severity) - (b->severity < a->severity);
    if (c == 0)
        c = weight_of(a) - weight_of(b);
    return c != 0 ? c : (a->order > b->order) - (a->order < b->order);
}

size_t issues_of(const struct result *r, finding_filter *wanted, const void *context, struct issue **out)
{
    const struct verdicts *v = r->verdicts;
    const struct finding **of_rule = arena_array(r->arena, const struct finding *, v->findings.n);
    size_t n = 0;
    *out = arena_array(r->arena, struct issue, v->findings.n);
    for (size_t i = 0; i < v->findings.n; i++) {
        const struct rule *rule = v->findings.at[i]->rule;
        bool known = !wanted(v->findings.at[i], context);
        for (size_t j = 0; j < n && !known; j++)
            known = (*out)[j].rule == rule;
        if (known)
            continue;
        size_t m = 0;
        for (size_t j = i; j < v->findings.n; j++)
            if (v->findings.at[j]->rule == rule && wanted(v->findings.at[j], context))
                of_rule[m++] = v->findings.at[j];
        (*out)[n].rule = rule;
        (*out)[n].severity = v->findings.at[i]->severity;
        (*out)[n].order = n;
        group(r->arena, &(*out)[n++], of_rule, m);
    }
    if (n != 0)
        qsort(*out, n, sizeof **out, by_weight);
    return n;
}

bool finding_counts(const struct finding *f, const void *context)
{
    (void)context;
    return f->suppressed.p == NULL;
}

bool related_is_repeated(const struct finding *f, const struct related *x)
{
    for (const struct related *y = f->related; y != x; y = y->next)
        if (y->place.src == x->place.src && place_line(y->place) == place_line(x->place) && sv_eq(y->message, x->message))
            return true;
    return false;
}

bool related_is_told(const struct result *r, const struct finding *f, const struct related *x)
{
    struct spot s = shown_spot(r, x->place);
    sv spot = sv_printf(r->arena, "%s:%zu", s.path.p, s.line);
    size_t at = s.field.p == NULL ? sv_find(f->message, spot) : SV_NOT_FOUND, end = at + spot.n;
    if (at != SV_NOT_FOUND && (end == f->message.n || f->message.p[end] < '0' || f->message.p[end] > '9'))
        return true;
    return related_is_repeated(f, x);
}
