/* Issues by severity, one heading a rule, and what to do about them in order. */
#include "report/markdown.h"

enum { PLACES_LISTED = 12, EXCERPTS = 3 };

static const char *const headings[] = {"Info", "Low", "Medium", "High", "Critical"};

static bool counts(const struct finding *f)
{
    return f->suppressed.p == NULL;
}

/* First of its rule among the findings of the same severity. */
static bool opens_issue(const struct verdicts *v, size_t at)
{
    const struct finding *f = v->findings.at[at];
    if (!counts(f))
        return false;
    while (at-- > 0 && v->findings.at[at]->severity == f->severity)
        if (v->findings.at[at]->rule == f->rule && counts(v->findings.at[at]))
            return false;
    return true;
}

static size_t places_of(const struct verdicts *v, size_t from)
{
    const struct finding *first = v->findings.at[from];
    size_t n = 0;
    for (size_t i = from; i < v->findings.n && v->findings.at[i]->severity == first->severity; i++)
        n += v->findings.at[i]->rule == first->rule && counts(v->findings.at[i]);
    return n;
}

static void put_place(const struct result *r, const struct finding *f, bool excerpt, struct buf *out)
{
    buf_puts(out, "\n- ");
    md_spot(out, r, f->place);
    if (f->subject.n != 0) {
        buf_putc(out, ' ');
        md_code(out, text_clean(r->arena, sv_from(shown_about(r, f->place, f->subject))).p);
    }
    buf_puts(out, ": ");
    md_text(out, shown_about(r, f->place, f->message));
    buf_printf(out, " (id `%.*s`", SV_ARG(f->id));
    if (f->confidence != CONF_HIGH)
        buf_printf(out, ", %s confidence", confidence_name(f->confidence));
    if (f->baseline.p != NULL)
        buf_printf(out, ", %.*s", SV_ARG(f->baseline));
    buf_puts(out, ")\n");
    for (const struct related *x = f->related; x != NULL; x = x->next) {
        buf_puts(out, "  - ");
        md_spot(out, r, x->place);
        buf_puts(out, ": ");
        md_text(out, shown_about(r, x->place, x->message));
        buf_putc(out, '\n');
    }
    if (excerpt)
        md_excerpt(out, r, f->place);
}

static void put_issue(const struct result *r, size_t from, size_t number, struct buf *out)
{
    const struct verdicts *v = r->verdicts;
    const struct finding *first = v->findings.at[from];
    size_t all = places_of(v, from), n = 0;
    buf_printf(out, "\n#### %zu. ", number);
    md_text(out, shown_about(r, first->place, first->title));
    buf_printf(out, "\n\nRule `%.*s`, %s, %zu place%s.\n\n**Problem**\n", SV_ARG(first->rule->id),
               category_name(first->rule->category), all, all == 1 ? "" : "s");
    for (size_t i = from; i < v->findings.n && n < PLACES_LISTED; i++) {
        const struct finding *f = v->findings.at[i];
        if (f->severity == first->severity && f->rule == first->rule && counts(f))
            put_place(r, f, n++ < EXCERPTS && f->severity >= SEV_MEDIUM, out);
    }
    md_rest(out, n, all, "places");
    buf_puts(out, "\n**Impact.** ");
    md_text(out, text_escape(r->arena, sv_trim(first->rule->why)).p);
    if (first->severity >= SEV_HIGH)
        buf_puts(out, "\n\n**Attack vector.** <!-- JUDGE: refute it or keep it; then the operator's steps, one by one, and whether a "
                      "user's verification notices -->");
    buf_puts(out, "\n\n**Recommendation.** ");
    md_text(out, text_escape(r->arena, sv_trim(first->rule->fix)).p);
    buf_putc(out, '\n');
}

static void put_accepted(const struct result *r, struct buf *out)
{
    bool any = false;
    for (size_t i = 0; i < r->verdicts->findings.n; i++) {
        const struct finding *f = r->verdicts->findings.at[i];
        if (counts(f))
            continue;
        buf_puts(out, any ? "- " : "\n### Accepted\n\n- ");
        any = true;
        buf_printf(out, "%s `%.*s` ", severity_name(f->severity), SV_ARG(f->rule->id));
        md_spot(out, r, f->place);
        buf_puts(out, ": ");
        md_text(out, shown(r, f->suppressed));
        buf_putc(out, '\n');
    }
}

void md_issues(const struct result *r, struct buf *out)
{
    const struct verdicts *v = r->verdicts;
    int heading = -1;
    size_t number = 0;
    for (size_t i = 0; i < v->findings.n; i++) {
        if (!opens_issue(v, i))
            continue;
        if ((int)v->findings.at[i]->severity != heading) {
            heading = (int)v->findings.at[i]->severity;
            buf_printf(out, "%s### %s\n", number == 0 ? "" : "\n", headings[heading]);
        }
        put_issue(r, i, ++number, out);
    }
    if (number == 0)
        buf_puts(out, "The scanner found none. That is no clean bill: see what was not looked at.\n");
    put_accepted(r, out);
}

void md_recommendations(const struct result *r, struct buf *out)
{
    const struct verdicts *v = r->verdicts;
    size_t number = 0;
    for (size_t i = 0; i < v->findings.n; i++) {
        const struct finding *f = v->findings.at[i];
        bool first = counts(f) && f->severity >= SEV_LOW;
        size_t closed = 0;
        for (size_t j = 0; j < v->findings.n && first; j++) {
            first = j >= i || v->findings.at[j]->rule != f->rule || !counts(v->findings.at[j]);
            closed += v->findings.at[j]->rule == f->rule && counts(v->findings.at[j]);
        }
        if (!first)
            continue;
        buf_printf(out, "%zu. ", ++number);
        md_text(out, text_escape(r->arena, sv_trim(f->rule->fix)).p);
        buf_printf(out, " (`%.*s`, %s, closes %zu)\n", SV_ARG(f->rule->id), severity_name(f->severity), closed);
    }
    if (number == 0)
        buf_puts(out, "None from the scanner.\n");
}
