/* For people at a terminal: most severe first, one rule's findings together, and at the end what
 * nobody looked at. */
#include <stdlib.h>
#include <string.h>

#include "base/version.h"
#include "report/report.h"

enum { PATHS_SHOWN = 8, LEADS_SHOWN = 12 };

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

static size_t columns(const char *text)
{
    size_t n = 0;
    for (; *text != '\0'; text++)
        n += ((unsigned char)*text & 0xC0) != 0x80;
    return n;
}

static void pad(struct view *v, size_t n)
{
    while (n-- > 0)
        buf_putc(v->out, ' ');
}

/* Words of `text` from column `at` on; lines after the first begin at `indent`. Ends the line. */
static void wrap(struct view *v, size_t indent, size_t at, const char *text)
{
    bool fresh = true;
    while (*text != '\0') {
        size_t n = strcspn(text, " \n");
        sv word = {text, n};
        size_t wide = columns(sv_copy(v->r->arena, word).p);
        if (!fresh && v->o->width != 0 && at + 1 + wide > v->o->width) {
            buf_putc(v->out, '\n');
            pad(v, indent);
            at = indent;
            fresh = true;
        }
        if (!fresh && n != 0) {
            buf_putc(v->out, ' ');
            at++;
        }
        buf_put(v->out, word);
        at += wide;
        fresh = fresh && n == 0;
        text += n;
        text += *text != '\0';
    }
    buf_putc(v->out, '\n');
}

static void labelled(struct view *v, size_t indent, const char *label, const char *text)
{
    pad(v, indent);
    ink(v, DIM, label);
    buf_putc(v->out, ' ');
    size_t column = indent + columns(label) + 1;
    wrap(v, column, column, text);
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
    return columns(text.p);
}

/* ---- findings ------------------------------------------------------------------------------------- */

static bool is_wanted(const struct view *v, const struct finding *f)
{
    return f->severity >= v->o->least && (v->o->only.p == NULL || sv_eq(v->o->only, f->rule->id)) &&
           (v->o->category.p == NULL || sv_eq(v->o->category, sv_from(category_name(f->rule->category))));
}

static void put_finding(struct view *v, const struct finding *f)
{
    struct spot s = shown_spot(v->r, f->place);
    buf_puts(v->out, "    ");
    size_t at = 4 + put_spot(v, &s, f->place);
    pad(v, at < 40 ? 40 - at : 2);
    if (f->subject.n != 0 && !sv_eq(sv_trim(f->subject), s.snippet)) {
        ink(v, BOLD, text_clean(v->r->arena, sv_from(shown_about(v->r, f->place, f->subject))).p);
        buf_puts(v->out, "  ");
    }
    ink(v, DIM, f->id.p);
    if (f->confidence == CONF_LOW)
        ink(v, DIM, "  low confidence");
    if (f->baseline.p != NULL)
        buf_printf(v->out, "  [%.*s]", SV_ARG(f->baseline));
    buf_putc(v->out, '\n');
    if (s.snippet.n != 0)
        labelled(v, 6, "|", s.snippet.p);
    pad(v, 6);
    wrap(v, 6, 6, shown_about(v->r, f->place, f->message));
    for (const struct related *x = f->related; x != NULL; x = x->next) {
        struct spot other = shown_spot(v->r, x->place);
        buf_puts(v->out, "      ");
        size_t column = 6 + put_spot(v, &other, x->place) + 2;
        buf_puts(v->out, "  ");
        wrap(v, 8, column, shown_about(v->r, x->place, x->message));
    }
    if (f->suppressed.p != NULL)
        labelled(v, 6, "accepted:", shown(v->r, f->suppressed));
}

/* All findings of one rule at one severity. */
static void put_rule(struct view *v, enum severity severity, const struct rule *rule, size_t from)
{
    const struct verdicts *all = v->r->verdicts;
    buf_puts(v->out, "\n  ");
    ink(v, BOLD, all->findings.at[from]->title.p);
    buf_puts(v->out, "  ");
    ink(v, DIM, rule->id.p);
    buf_putc(v->out, '\n');
    for (size_t i = from; i < all->findings.n; i++) {
        const struct finding *f = all->findings.at[i];
        if (f->rule == rule && f->severity == severity && is_wanted(v, f))
            put_finding(v, f);
    }
    if (rule->fix.n != 0)
        labelled(v, 4, "Fix:", sv_trim(rule->fix).p);
}

static bool is_first_of_rule(const struct view *v, size_t at)
{
    const struct finding *f = v->r->verdicts->findings.at[at];
    while (at-- > 0) {
        const struct finding *before = v->r->verdicts->findings.at[at];
        if (before->severity != f->severity)
            return true;
        if (before->rule == f->rule && is_wanted(v, before))
            return false;
    }
    return true;
}

static void put_findings(struct view *v)
{
    static const char *const headings[] = {"INFO", "LOW", "MEDIUM", "HIGH", "CRITICAL"};
    const struct verdicts *all = v->r->verdicts;
    int heading = -1;
    for (size_t i = 0; i < all->findings.n; i++) {
        const struct finding *f = all->findings.at[i];
        if (!is_wanted(v, f))
            continue;
        if ((int)f->severity != heading) {
            heading = (int)f->severity;
            size_t n = 0;
            for (size_t j = i; j < all->findings.n && all->findings.at[j]->severity == f->severity; j++)
                n += is_wanted(v, all->findings.at[j]);
            buf_putc(v->out, '\n');
            ink(v, severity_ink[heading], sv_printf(v->r->arena, "%s (%zu)", headings[heading], n).p);
            buf_putc(v->out, '\n');
        }
        if (is_first_of_rule(v, i))
            put_rule(v, f->severity, f->rule, i);
    }
    if (heading < 0)
        buf_puts(v->out, "\nNo finding to show. That is no clean bill: see below what was examined.\n");
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
    ink(v, BOLD, shown(v->r, repo->name));
    if (repo->commit.p != NULL)
        buf_printf(v->out, " at %.*s", SV_ARG(sv_sub(repo->commit, 0, 12)));
    buf_puts(v->out, "  dstack-audit " VERSION "\n");
    for (size_t i = 0; i < v->r->facts->deployments.n; i++) {
        const struct deployment *d = v->r->facts->deployments.at[i];
        if (!d->deployed)
            continue;
        const char *text = shown(v->r, sv_printf(v->r->arena, "%.*s (%.*s)", SV_ARG(d->id), SV_ARG(d->why)));
        labelled(v, 0, "Taken as deployed:", text);
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
    buf_putc(v->out, '\n');
    ink(v, BOLD, "SUMMARY");
    buf_putc(v->out, '\n');
    for (size_t i = 0; i < n; i++) {
        buf_puts(v->out, "  ");
        ink(v, status_ink(sections[i].status), sections[i].status);
        pad(v, 15 - strlen(sections[i].status));
        buf_puts(v->out, sections[i].title);
        pad(v, widest + 2 - strlen(sections[i].title));
        wrap(v, 19 + widest, 19 + widest, shown(v->r, sections[i].note));
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
    buf_putc(v->out, '\n');
    ink(v, BOLD, "NOT LOOKED AT");
    buf_putc(v->out, '\n');
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
    put_leads(&v);
    put_sections(&v);
    put_unseen(&v);
}
