/* For people at a terminal: most severe first, one rule's findings together, and at the end what
 * nobody looked at. */
#include <stdlib.h>
#include <string.h>

#include "base/version.h"
#include "report/report.h"

enum { PATHS_SHOWN = 8, DEPLOYMENTS_SHOWN = 6, LEADS_SHOWN = 12, SUBJECT_COLUMN = 40, WIDE = 110 };

struct view {
    const struct result *r;
    const struct report_options *o;
    struct buf *out;
};

/* ---- ink ------------------------------------------------------------------------------------------ */

#define BOLD "1"
#define DIM "2"
#define RED "31"
#define GREEN "32"
#define YELLOW "33"
#define CYAN "36"

static const char *const severity_ink[] = {DIM, CYAN, YELLOW, RED, "1;31"};

static void ink(struct view *v, const char *code, const char *text)
{
    if (v->o->color)
        buf_printf(v->out, "\033[%sm%s\033[0m", code, text);
    else
        buf_puts(v->out, text);
}

static void pad(struct view *v, size_t n)
{
    text_pad(v->out, n);
}

static void wrap(struct view *v, size_t indent, size_t at, const char *text)
{
    text_wrap(v->out, v->o->width, indent, at, text);
}

static void labelled(struct view *v, size_t indent, const char *label, const char *text)
{
    pad(v, indent);
    ink(v, DIM, label);
    buf_putc(v->out, ' ');
    size_t column = indent + text_columns(label) + 1;
    wrap(v, column, column, text);
}

static void heading(struct view *v, const char *text)
{
    buf_putc(v->out, '\n');
    ink(v, BOLD, text);
    buf_putc(v->out, '\n');
}

/* "path:line:column", a link where the terminal has them. */
static size_t put_spot(struct view *v, const struct spot *s, struct place p)
{
    struct arena *a = v->r->arena;
    sv text = sv_printf(a, "%s:%zu:%zu", s->path.p, s->line, s->column);
    if (s->field.p != NULL)
        text = sv_printf(a, "%s (%s line %zu)", text.p, s->field.p, s->field_line);
    bool link = v->o->hyperlinks && v->o->base_uri.p != NULL;
    if (link)
        buf_printf(v->out, "\033]8;;%.*s%s\033\\", SV_ARG(v->o->base_uri), uri_path(a, p.src->path).p);
    ink(v, CYAN, text.p);
    if (link)
        buf_puts(v->out, "\033]8;;\033\\");
    return text_columns(text.p);
}

/* ---- findings ------------------------------------------------------------------------------------- */

static bool is_wanted(const struct finding *f, const void *context)
{
    const struct report_options *o = context;
    return finding_counts(f, NULL) && f->severity >= o->least && (o->only.p == NULL || sv_eq(o->only, f->rule->id)) &&
           (o->category.p == NULL || sv_eq(o->category, sv_from(category_name(f->rule->category))));
}

/* Where, about whom, and what is particular: a severity that differs from the heading's. */
static void put_where(struct view *v, const struct finding *f, size_t indent, enum severity usual)
{
    struct spot s = shown_spot(v->r, f->place);
    sv subject = text_clean(v->r->arena, sv_from(shown_about(v->r, f->place, f->subject)));
    const char *here = f->severity == usual ? "" : sv_printf(v->r->arena, "  %s here", severity_name(f->severity)).p;
    if (sv_eq(subject, sv_from(shown_snippet(v->r, f->place))) || sv_eq(subject, s.path))
        subject = SV("");
    pad(v, indent);
    size_t at = indent + put_spot(v, &s, f->place), wide = text_columns(subject.p) + text_columns(here);
    if (wide != 0 && v->o->width != 0 && at + 2 + wide > v->o->width && indent + 2 + wide <= v->o->width) {
        buf_putc(v->out, '\n');
        pad(v, at = indent + 2);
    } else if (wide != 0) {
        size_t gap = at + 2 <= SUBJECT_COLUMN && (v->o->width == 0 || SUBJECT_COLUMN + wide <= v->o->width) ? SUBJECT_COLUMN - at : 2;
        pad(v, gap);
        at += gap;
    }
    ink(v, BOLD, subject.p);
    if (*here != '\0')
        ink(v, severity_ink[f->severity], here);
    if (f->baseline.p != NULL)
        buf_printf(v->out, "  [%.*s]", SV_ARG(f->baseline));
    buf_putc(v->out, '\n');
}

static const char *message_of(const struct view *v, const struct finding *f)
{
    return shown_about(v->r, f->place, f->message);
}

static void put_finding(struct view *v, const struct finding *f, enum severity usual)
{
    put_where(v, f, 4, usual);
    const char *snippet = shown_snippet(v->r, f->place);
    if (*snippet != '\0')
        labelled(v, 6, "|", snippet);
    pad(v, 6);
    wrap(v, 6, 6, sv_printf(v->r->arena, "%s%s [%.*s]", message_of(v, f),
                            f->confidence == CONF_HIGH ? "" : f->confidence == CONF_LOW ? " Low confidence." : " Medium confidence.",
                            SV_ARG(f->id)).p);
    for (const struct related *x = f->related; x != NULL; x = x->next) {
        if (related_is_told(v->r, f, x))
            continue;
        struct spot other = shown_spot(v->r, x->place);
        pad(v, 6);
        size_t column = 6 + put_spot(v, &other, x->place) + 2;
        buf_puts(v->out, "  ");
        wrap(v, 8, column, shown_about(v->r, x->place, x->message));
    }
}

static void put_issue(struct view *v, const struct issue *issue)
{
    const struct finding *first = issue->places[0].finding;
    const char *title = text_escape(v->r->arena, first->title).p;
    size_t wide = 2 + text_columns(title) + 2 + issue->rule->id.n;
    buf_puts(v->out, "\n  ");
    if (v->o->width != 0 && wide > v->o->width) {
        buf_puts(v->out, v->o->color ? "\033[" BOLD "m" : "");
        wrap(v, 2, 2, title);
        buf_puts(v->out, v->o->color ? "\033[0m  " : "  ");
    } else {
        ink(v, BOLD, title);
        buf_puts(v->out, "  ");
    }
    ink(v, DIM, sv_copy(v->r->arena, issue->rule->id).p);
    buf_putc(v->out, '\n');
    for (size_t i = 0; i < issue->n; i++) {
        const struct told *t = &issue->places[i];
        if (!t->same) {
            put_finding(v, t->finding, issue->severity);
            continue;
        }
        if (!issue->places[i - 1].same)
            buf_puts(v->out, "      The same holds of\n");
        put_where(v, t->finding, 6, t->finding->severity);
    }
    if (issue->rule->fix.n != 0)
        labelled(v, 4, "Fix:", sv_copy(v->r->arena, sv_trim(issue->rule->fix)).p);
}

static void put_findings(struct view *v)
{
    static const char *const headings[] = {"INFO", "LOW", "MEDIUM", "HIGH", "CRITICAL"};
    struct issue *issues;
    size_t n = issues_of(v->r, is_wanted, v->o, &issues), counts[SEV_CRITICAL + 1] = {0}, above[SEV_CRITICAL + 1] = {0};
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < issues[i].n; j++) {
            enum severity s = issues[i].places[j].finding->severity;
            counts[s]++;
            above[s] += s != issues[i].severity;
        }
    for (size_t i = 0; i < n; i++) {
        enum severity s = issues[i].severity;
        if (i == 0 || issues[i - 1].severity != s) {
            buf_putc(v->out, '\n');
            sv others = above[s] == 0 ? SV("") : sv_printf(v->r->arena, ", %zu of them above", above[s]);
            ink(v, severity_ink[s], sv_printf(v->r->arena, "%s (%zu%.*s)", headings[s], counts[s], SV_ARG(others)).p);
            buf_putc(v->out, '\n');
        }
        put_issue(v, &issues[i]);
    }
    if (n == 0)
        buf_puts(v->out, "\nNo finding to show. That is no clean bill: see below what was examined.\n");
}

static void put_accepted(struct view *v)
{
    bool any = false;
    for (size_t i = 0; i < v->r->verdicts->findings.n; i++) {
        const struct finding *f = v->r->verdicts->findings.at[i];
        if (finding_counts(f, NULL))
            continue;
        if (!any)
            heading(v, "ACCEPTED");
        any = true;
        put_where(v, f, 2, f->severity);
        labelled(v, 4, sv_printf(v->r->arena, "%.*s:", SV_ARG(f->rule->id)).p, shown(v->r, f->suppressed));
    }
}

static void put_fixed(struct view *v)
{
    for (size_t i = 0; i < v->r->n_fixed; i++) {
        const struct fixed *f = &v->r->fixed[i];
        if (i == 0)
            heading(v, "FIXED SINCE THE BASELINE");
        pad(v, 2);
        wrap(v, 4, 2, shown(v->r, sv_printf(v->r->arena, "%.*s %.*s %.*s:%zu %.*s", SV_ARG(f->severity), SV_ARG(f->rule),
                                            SV_ARG(f->path), f->line, SV_ARG(f->subject))));
    }
}

static void put_leads(struct view *v)
{
    const struct verdicts *all = v->r->verdicts;
    if (all->leads.n == 0)
        return;
    buf_putc(v->out, '\n');
    ink(v, BOLD, sv_printf(v->r->arena, "OPEN QUESTIONS (%zu)", all->leads.n).p);
    buf_puts(v->out, "  for a person or the model to answer\n");
    size_t n = v->o->leads || all->leads.n <= LEADS_SHOWN ? all->leads.n : LEADS_SHOWN;
    for (size_t i = 0; i < n; i++) {
        const struct lead *l = all->leads.at[i];
        struct spot s = shown_spot(v->r, l->place);
        buf_puts(v->out, "  ");
        put_spot(v, &s, l->place);
        buf_putc(v->out, '\n');
        pad(v, 4);
        wrap(v, 4, 4, shown_about(v->r, l->place, l->question));
    }
    if (n < all->leads.n)
        buf_printf(v->out, "  and %zu more: --leads lists them all\n", all->leads.n - n);
}

/* ---- around them ---------------------------------------------------------------------------------- */

static void put_head(struct view *v)
{
    const struct repo *repo = v->r->repo;
    bool assumed = false;
    size_t deployed = 0;
    ink(v, BOLD, shown(v->r, repo->name));
    if (repo->commit.p != NULL)
        buf_printf(v->out, " at %.*s", SV_ARG(sv_sub(repo->commit, 0, 12)));
    buf_puts(v->out, "  dstack-audit " VERSION "\n");
    for (size_t i = 0; i < v->r->facts->deployments.n; i++) {
        const struct deployment *d = v->r->facts->deployments.at[i];
        if (!d->deployed)
            continue;
        assumed |= d->app == NULL;
        if (deployed++ >= DEPLOYMENTS_SHOWN)
            continue;
        const char *text = shown(v->r, sv_printf(v->r->arena, "%.*s (%.*s)", SV_ARG(d->id), SV_ARG(d->why)));
        labelled(v, 0, "Taken as deployed:", text);
    }
    if (deployed > DEPLOYMENTS_SHOWN)
        buf_printf(v->out, "and %zu more\n", deployed - DEPLOYMENTS_SHOWN);
    if (assumed)
        wrap(v, 0, 0, "No app-compose.json says which variables are allowed: each that the compose file passes on is taken as settable.");
}

/* The deployments taken as deployed; the subcommand `surface` shows all. */
static void put_surface(struct view *v)
{
    const struct facts *f = v->r->facts;
    bool first = true;
    for (size_t i = 0; i < f->deployments.n; i++) {
        if (!f->deployments.at[i]->deployed)
            continue;
        buf_putc(v->out, '\n');
        if (first)
            ink(v, BOLD, "WHAT THE OPERATOR CAN SET");
        if (first)
            buf_putc(v->out, '\n');
        first = false;
        report_surface_of(v->r, f->deployments.at[i], false, v->o->width, v->out);
    }
}

static const char *status_ink(const char *status)
{
    return strcmp(status, "fail") == 0 ? RED : strcmp(status, "concern") == 0 ? YELLOW
         : strcmp(status, "pass") == 0 ? GREEN : DIM;
}

static void put_sections(struct view *v)
{
    struct section *sections;
    size_t n = sections_of(v->r, &sections), widest = 0;
    for (size_t i = 0; i < n; i++)
        widest = strlen(sections[i].title) > widest ? strlen(sections[i].title) : widest;
    heading(v, "SUMMARY");
    for (size_t i = 0; i < n; i++) {
        buf_puts(v->out, "  ");
        ink(v, status_ink(sections[i].status), sections[i].status);
        pad(v, 15 - strlen(sections[i].status));
        buf_puts(v->out, sections[i].title);
        size_t column = 17;
        if (v->o->width == 0 || v->o->width >= WIDE) {
            pad(v, widest + 2 - strlen(sections[i].title));
            column = 19 + widest;
        } else {
            buf_putc(v->out, '\n');
            pad(v, column);
        }
        wrap(v, column, column, shown(v->r, sections[i].note));
    }
}

/* Skipped files by reason: a thousand images are one line. */
static void put_skipped(struct view *v)
{
    const struct repo *repo = v->r->repo;
    for (size_t i = 0; i < repo->skipped.n; i++) {
        sv reason = repo->skipped.at[i]->reason;
        bool seen = false;
        for (size_t j = 0; j < i && !seen; j++)
            seen = sv_eq(repo->skipped.at[j]->reason, reason);
        if (seen)
            continue;
        size_t n = 0;
        struct buf paths = {0};
        for (size_t j = i; j < repo->skipped.n; j++) {
            if (!sv_eq(repo->skipped.at[j]->reason, reason))
                continue;
            if (n++ < PATHS_SHOWN)
                buf_printf(&paths, "%s%s", n == 1 ? "" : ", ", shown(v->r, repo->skipped.at[j]->path));
        }
        if (n > PATHS_SHOWN)
            buf_printf(&paths, " and %zu more", n - PATHS_SHOWN);
        const char *label = sv_printf(v->r->arena, "%zu %s:", n, shown(v->r, reason)).p;
        labelled(v, 2, label, sv_copy(v->r->arena, buf_view(&paths)).p);
        buf_free(&paths);
    }
}

static void put_unseen(struct view *v)
{
    const struct repo *repo = v->r->repo;
    heading(v, "NOT LOOKED AT");
    put_skipped(v);
    for (size_t i = 0; i < repo->limits.n; i++)
        labelled(v, 2, sv_printf(v->r->arena, "limit in %s:", shown(v->r, repo->limits.at[i]->path)).p,
                 shown(v->r, repo->limits.at[i]->message));
    for (size_t i = 0; i < repo->diags.n; i++)
        labelled(v, 2, sv_printf(v->r->arena, "%s:%zu:", shown(v->r, repo->diags.at[i]->path), repo->diags.at[i]->line).p,
                 shown(v->r, repo->diags.at[i]->message));
    size_t idle = 0, live = 0;
    for (size_t i = 0; i < v->r->verdicts->checks.n; i++) {
        const struct check_result *c = v->r->verdicts->checks.at[i];
        idle += c->outcome == OUTCOME_NOTHING_TO_CHECK;
        live += c->rule->kind == RULE_LIVE;
        if (c->outcome == OUTCOME_NOT_RUN && c->rule->kind != RULE_LIVE)
            labelled(v, 2, sv_printf(v->r->arena, "check %.*s:", SV_ARG(c->rule->id)).p, shown(v->r, c->reason));
    }
    pad(v, 2);
    if (live != 0) {
        wrap(v, 2, 2, sv_printf(v->r->arena, "%zu check%s need%s live data (a quote, the chain, DNS, a registry): the report in "
                                "Markdown or JSON names the command.", live, live == 1 ? "" : "s", live == 1 ? "s" : "").p);
        pad(v, 2);
    }
    wrap(v, 2, 2, sv_printf(v->r->arena, "%zu of %zu checks had nothing to judge here. Running images, deployed values, "
                            "chain state and what third-party services do were not looked at at all.",
                            idle, v->r->verdicts->checks.n - live).p);
}

void report_text(const struct result *r, const struct report_options *o, struct buf *out)
{
    struct view v = {r, o, out};
    put_head(&v);
    put_findings(&v);
    put_accepted(&v);
    put_fixed(&v);
    put_leads(&v);
    if (o->only.p == NULL && o->category.p == NULL)
        put_surface(&v);
    put_sections(&v);
    put_unseen(&v);
}
