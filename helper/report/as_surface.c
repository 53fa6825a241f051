/* The surface as a table: for each deployment every value that the operator, or the host, can set
 * without changing the attested configuration, and what it reaches. */
#include <string.h>

#include "report/report.h"

enum { COLUMNS = 6, CELL_CHARACTERS = 44, LAST_CHARACTERS = 90, ROWS_SHOWN = 25, DEAD_SHOWN = 8 };

struct row { const char *cells[COLUMNS]; };
struct table { VEC(struct row) rows; size_t widths[COLUMNS]; };

/* Long values end in "…": the JSON document has them whole. */
static const char *cell(const struct result *r, sv text, size_t most)
{
    const char *whole = shown(r, text);
    size_t n = 0, bytes = 0;
    for (; whole[bytes] != '\0'; bytes++) {
        if (((unsigned char)whole[bytes] & 0xC0) != 0x80 && n++ == most)
            return sv_printf(r->arena, "%.*s…", (int)bytes, whole).p;
    }
    return whole;
}

static void add_row(const struct result *r, struct table *t, const char *const cells[COLUMNS])
{
    struct row *row = vec_new(r->arena, &t->rows, struct row);
    for (size_t i = 0; i < COLUMNS; i++) {
        row->cells[i] = cells[i];
        size_t n = text_columns(cells[i]);
        t->widths[i] = n > t->widths[i] ? n : t->widths[i];
    }
}

static sv at_line(const struct result *r, struct place p)
{
    struct spot s = spot_of(p);
    if (s.field.p != NULL && p.src->embed == EMBED_STRING)
        return sv_printf(r->arena, "%.*s %.*s:%zu", SV_ARG(s.path), SV_ARG(s.field), s.field_line);
    return sv_printf(r->arena, "%.*s:%zu", SV_ARG(s.path), s.line);
}

static sv enters(const struct result *r, const struct operator_input *in)
{
    sv where = in->service == NULL ? SV("") : in->service->name;
    sv as = SV_IN(in->enters, SV("environment"), SV("env-file"), SV("build-arg")) && !sv_eq(in->name, in->target)
                ? sv_printf(r->arena, " as %.*s", SV_ARG(in->target)) : SV("");
    return sv_printf(r->arena, "%.*s%s%.*s%.*s", SV_ARG(where), where.n == 0 ? "" : " ", SV_ARG(in->enters), SV_ARG(as));
}

static const char *is_allowed(const struct operator_input *in)
{
    switch (in->allowed) {
    case ALLOWED_PASSED: return "passed";
    case ALLOWED_YES: return "yes";
    case ALLOWED_NO: return "no";
    case ALLOWED_UNLISTED: return "host";
    case ALLOWED_ASSUMED: break;
    }
    return "assumed";
}

/* "src/config.py:28 > src/llm.py:51": the first read and its first use. */
static sv reaches(const struct result *r, const struct operator_input *in)
{
    if (in->reads.n == 0)
        return SV("");
    const struct env_read *read = in->reads.at[0];
    sv at = at_line(r, read->place);
    if (read->implicit)
        return sv_printf(r->arena, "%.*s, %.*s", SV_ARG(read->idiom), SV_ARG(at));
    return read->uses.n == 0 ? at : sv_printf(r->arena, "%.*s > %.*s", SV_ARG(at), SV_ARG(at_line(r, *read->uses.at[0])));
}

/* The short form of struct effect: what the container gets without a value. */
static sv without(const struct result *r, const struct operator_input *in)
{
    if (in->form == VAR_REQUIRED || in->form == VAR_REQUIRED_IF_UNSET)
        return SV("does not start");
    if (in->form == VAR_BARE)
        return SV("unset");
    if (in->form != VAR_DEFAULT && in->form != VAR_DEFAULT_IF_UNSET)
        return SV("empty");
    sv text = interp_when_unset(r->arena, in->word);
    return text.p == NULL ? SV("does not start") : text.n == 0 ? SV("empty") : text;
}

static void add_input(const struct result *r, struct table *t, const struct operator_input *in)
{
    add_row(r, t, (const char *const[COLUMNS]){cell(r, in->name, CELL_CHARACTERS), cell(r, enters(r, in), CELL_CHARACTERS), is_allowed(in), cell(r, without(r, in), CELL_CHARACTERS),
                                               input_kind_name(in->kind), cell(r, reaches(r, in), LAST_CHARACTERS)});
}

static void put_row(const struct table *t, const struct row *row, struct buf *out)
{
    size_t last = COLUMNS;
    while (last > 1 && row->cells[last - 1][0] == '\0')
        last--;
    buf_puts(out, "  ");
    for (size_t k = 0; k < last; k++) {
        buf_puts(out, row->cells[k]);
        if (k + 1 < last)
            text_pad(out, t->widths[k] + 2 - text_columns(row->cells[k]));
    }
    buf_putc(out, '\n');
}

/* Too wide for a table: the name on a line, what is to say of it below. */
static void put_stacked(const struct result *r, const struct row *row, unsigned width, struct buf *out)
{
    buf_printf(out, "  %s\n    ", row->cells[0]);
    sv rest = sv_printf(r->arena, "%s, %s, allowed: %s; without it: %s%s%s", row->cells[1], row->cells[4], row->cells[2], row->cells[3],
                        row->cells[5][0] == '\0' ? "" : "; read and used: ", row->cells[5]);
    text_wrap(out, width, 4, 4, rest.p);
}

static void put_table(const struct result *r, const struct table *t, unsigned width, struct buf *out)
{
    size_t wide = 2 + 2 * (COLUMNS - 1);
    for (size_t k = 0; k < COLUMNS; k++)
        wide += t->widths[k];
    for (size_t i = 0; i < t->rows.n; i++) {
        if (width == 0 || wide <= width)
            put_row(t, t->rows.at[i], out);
        else if (i != 0) /* without the heading */
            put_stacked(r, t->rows.at[i], width, out);
    }
}

/* The names of one case on a line: that they do nothing is soon said. */
static void put_dead_names(const struct result *r, const struct deployment *d, enum dead_case why, const char *label, unsigned width,
                           struct buf *out)
{
    struct buf names = {0};
    size_t n = 0;
    for (size_t i = 0; i < r->facts->dead.n; i++) {
        const struct dead_setting *x = r->facts->dead.at[i];
        if (x->deployment == d && x->why == why && n++ < DEAD_SHOWN)
            buf_printf(&names, "%s%s", n == 1 ? "" : ", ", shown(r, x->name));
    }
    if (n > DEAD_SHOWN)
        buf_printf(&names, " and %zu more", n - DEAD_SHOWN);
    if (n != 0) {
        buf_puts(out, "  ");
        text_wrap(out, width, 4, 2, sv_printf(r->arena, "Without effect, %s: %.*s", label, SV_ARG(buf_view(&names))).p);
    }
    buf_free(&names);
}

static void put_dead(const struct result *r, const struct deployment *d, struct buf *out)
{
    size_t n = 0;
    for (size_t i = 0; i < r->facts->dead.n; i++) {
        const struct dead_setting *x = r->facts->dead.at[i];
        if (x->deployment != d)
            continue;
        if (n++ == 0)
            buf_puts(out, "  Without effect:\n");
        buf_printf(out, "    %s  %s  %s\n", shown(r, x->name), shown(r, at_line(r, x->place)), shown_about(r, x->place, x->consequence));
    }
}

/* A text report has said already what is taken as deployed, and what that assumes. */
static void put_heading(const struct result *r, const struct deployment *d, bool all, unsigned width, struct buf *out)
{
    if (all)
        buf_printf(out, "%s  (%s: %s)\n", shown(r, d->id), d->deployed ? "taken as deployed" : "not taken as deployed", shown(r, d->why));
    else
        buf_printf(out, "%s\n", shown(r, d->id));
    if (d->refused.p != NULL)
        buf_printf(out, "  Not read, or not all of it: %s (%s)\n", shown(r, d->refused), shown(r, at_line(r, d->refused_at)));
    const struct deployment *app = deployed_app_of(r->facts, d);
    if (app != d)
        buf_printf(out, "  What %s allows counts here, too.\n", shown(r, app->id));
    else if (d->app == NULL && all)
        buf_puts(out, "  No app-compose says what allowed_envs lists: every variable is assumed to be allowed.\n");
    else if (d->app != NULL && !d->app->allowed_envs_known)
        text_wrap(out, width, 2, 0, "  The app-compose has no allowed_envs: OS 0.3 lets every variable in then, later ones let none in.");
}

void report_surface_of(const struct result *r, const struct deployment *d, bool all, unsigned width, struct buf *out)
{
    struct table t = {0};
    size_t n = 0;
    put_heading(r, d, all, width, out);
    add_row(r, &t, (const char *const[COLUMNS]){"VARIABLE", "ENTERS", "ALLOWED", "WITHOUT IT", "KIND", "READ AND USED"});
    for (size_t i = 0; i < r->facts->inputs.n; i++)
        if (r->facts->inputs.at[i]->deployment == d && (++n <= ROWS_SHOWN || all))
            add_input(r, &t, r->facts->inputs.at[i]);
    if (n == 0)
        buf_puts(out, d->refused.p != NULL ? "  No variable was found in what could be read.\n" : "  No variable: the compose text fixes every value.\n");
    else
        put_table(r, &t, width, out);
    if (n > ROWS_SHOWN && !all)
        buf_printf(out, "  and %zu more: dstack-audit surface lists them all\n", n - ROWS_SHOWN);
    if (all) {
        put_dead(r, d, out);
        return;
    }
    put_dead_names(r, d, DEAD_ALLOWED_UNREFERENCED, "allowed and not referenced", width, out);
    put_dead_names(r, d, DEAD_PASSED_NOT_ALLOWED, "passed on and not allowed", width, out);
    put_dead_names(r, d, DEAD_PASSED_UNREAD, "passed on and not read", width, out);
    put_dead_names(r, d, DEAD_READ_UNPASSED, "read and neither set nor passed on", width, out);
}

void report_surface(const struct result *r, struct buf *out)
{
    const struct facts *f = r->facts;
    for (size_t i = 0; i < f->deployments.n; i++) {
        if (i != 0)
            buf_putc(out, '\n');
        report_surface_of(r, f->deployments.at[i], true, 0, out);
    }
    if (f->deployments.n == 0)
        buf_puts(out, "No compose file and no app-compose: what the operator can set is not visible here.\n");
}
