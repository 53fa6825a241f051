/* Issues by severity, one heading a rule, and what to do about them in order. */
#include "report/markdown.h"

enum { PLACES_LISTED = 12, EXCERPTS = 3 };

static const char *const headings[] = {"Info", "Low", "Medium", "High", "Critical"};

/* The place, and whom it is about. */
static void put_where(const struct result *r, const struct finding *f, struct buf *out)
{
    md_spot(out, r, f->place);
    struct spot s = shown_spot(r, f->place);
    const char *subject = text_clean(r->arena, sv_from(shown_about(r, f->place, f->subject))).p;
    if (*subject != '\0' && !sv_eq(sv_from(subject), s.path)) {
        buf_putc(out, ' ');
        md_code(out, subject);
    }
}

static void put_id(const struct finding *f, enum severity usual, struct buf *out)
{
    buf_printf(out, " (id `%.*s`", SV_ARG(f->id));
    if (f->severity != usual)
        buf_printf(out, ", %s here", severity_name(f->severity));
    if (f->confidence != CONF_HIGH)
        buf_printf(out, ", %s confidence", confidence_name(f->confidence));
    if (f->baseline.p != NULL)
        buf_printf(out, ", %.*s", SV_ARG(f->baseline));
    buf_puts(out, ")\n");
}

static void put_place(const struct result *r, const struct finding *f, enum severity usual, bool excerpt, struct buf *out)
{
    buf_puts(out, "\n- ");
    put_where(r, f, out);
    buf_puts(out, ": ");
    md_message(out, r, f);
    put_id(f, usual, out);
    for (const struct related *x = f->related; x != NULL; x = x->next) {
        if (related_is_told(r, f, x))
            continue;
        buf_puts(out, "  - ");
        md_spot(out, r, x->place);
        buf_puts(out, ": ");
        md_text(out, shown_about(r, x->place, x->message));
        buf_putc(out, '\n');
    }
    if (excerpt)
        md_excerpt(out, r, f->place);
}

/* Of a finding whose message is not repeated. */
static void put_related_inline(const struct result *r, const struct finding *f, struct buf *out)
{
    for (const struct related *x = f->related; x != NULL; x = x->next) {
        if (related_is_repeated(f, x))
            continue;
        buf_puts(out, "; ");
        md_text(out, shown_about(r, x->place, x->message));
        buf_puts(out, ": ");
        md_spot(out, r, x->place);
    }
}

static void put_places(const struct result *r, const struct issue *issue, struct buf *out)
{
    size_t excerpts = 0, n = issue->n < PLACES_LISTED ? issue->n : PLACES_LISTED;
    for (size_t i = 0; i < n; i++) {
        const struct told *t = &issue->places[i];
        if (t->same) {
            buf_puts(out, i > 0 && !issue->places[i - 1].same ? "\n  The same holds of:\n  - " : "  - ");
            put_where(r, t->finding, out);
            put_related_inline(r, t->finding, out);
            put_id(t->finding, t->finding->severity, out);
            continue;
        }
        bool excerpt = t->finding->severity >= SEV_MEDIUM && excerpts < EXCERPTS;
        excerpts += excerpt;
        put_place(r, t->finding, issue->severity, excerpt, out);
    }
    md_rest(out, n, issue->n, "places");
}

static void put_issue(const struct result *r, const struct issue *issue, size_t number, struct buf *out)
{
    const struct finding *first = issue->places[0].finding;
    buf_printf(out, "\n#### %zu. ", number);
    md_text(out, shown_about(r, first->place, first->title));
    buf_printf(out, "\n\nRule `%.*s`, %s, %zu place%s.\n\n**Problem.**\n", SV_ARG(issue->rule->id),
               category_name(issue->rule->category), issue->n, issue->n == 1 ? "" : "s");
    put_places(r, issue, out);
    buf_puts(out, "\n**Impact.** ");
    md_text(out, text_escape(r->arena, sv_trim(issue->rule->why)).p);
    if (issue->severity >= SEV_HIGH)
        buf_printf(out, "\n\n**Attack vector.** <!-- JUDGE: issue %zu: refute it or keep it; then the operator's steps, one by one, "
                        "and whether a user's verification notices -->", number);
    buf_puts(out, "\n\n**Recommendation.** ");
    md_text(out, text_escape(r->arena, sv_trim(issue->rule->fix)).p);
    buf_putc(out, '\n');
}

static void put_accepted(const struct result *r, struct buf *out)
{
    bool any = false;
    for (size_t i = 0; i < r->verdicts->findings.n; i++) {
        const struct finding *f = r->verdicts->findings.at[i];
        if (finding_counts(f, NULL))
            continue;
        buf_puts(out, any ? "- " : "\n### Accepted\n\nBy the auditor's own file, outside the audited tree.\n\n- ");
        any = true;
        buf_printf(out, "%s `%.*s` ", severity_name(f->severity), SV_ARG(f->rule->id));
        put_where(r, f, out);
        buf_puts(out, ": ");
        md_text(out, shown(r, f->suppressed));
        put_id(f, f->severity, out);
    }
}

/* What the baseline had and this tree no longer has. */
static void put_fixed(const struct result *r, struct buf *out)
{
    if (!r->has_baseline)
        return;
    buf_puts(out, "\n### Fixed since the baseline\n\n");
    for (size_t i = 0; i < r->n_fixed; i++) {
        const struct fixed *f = &r->fixed[i];
        buf_puts(out, "- ");
        md_text(out, shown(r, f->severity));
        buf_putc(out, ' ');
        md_code(out, shown(r, f->rule));
        buf_putc(out, ' ');
        md_code(out, sv_printf(r->arena, "%s:%zu", shown(r, f->path), f->line).p);
        buf_putc(out, ' ');
        md_code(out, text_clean(r->arena, sv_from(shown(r, f->subject))).p);
        buf_puts(out, "\n");
    }
    if (r->n_fixed == 0)
        buf_puts(out, "None.\n");
}

void md_issues(const struct result *r, struct buf *out)
{
    struct issue *issues;
    size_t n = issues_of(r, finding_counts, NULL, &issues);
    int heading = -1;
    for (size_t i = 0; i < n; i++) {
        if ((int)issues[i].severity != heading) {
            heading = (int)issues[i].severity;
            buf_printf(out, "%s### %s\n", i == 0 ? "" : "\n", headings[heading]);
        }
        put_issue(r, &issues[i], i + 1, out);
    }
    if (n == 0)
        buf_puts(out, "The scanner found none. That is no clean bill: see what was not looked at.\n");
    put_accepted(r, out);
    put_fixed(r, out);
}

void md_recommendations(const struct result *r, struct buf *out)
{
    struct issue *issues;
    size_t n = issues_of(r, finding_counts, NULL, &issues), number = 0;
    for (size_t i = 0; i < n && issues[i].severity >= SEV_LOW; i++) {
        buf_printf(out, "%zu. ", ++number);
        md_text(out, text_escape(r->arena, sv_trim(issues[i].rule->fix)).p);
        buf_printf(out, " (issue %zu, %s, %zu place%s)\n", i + 1, severity_name(issues[i].severity), issues[i].n,
                   issues[i].n == 1 ? "" : "s");
    }
    if (number == 0)
        buf_puts(out, "None from the scanner.\n");
}
