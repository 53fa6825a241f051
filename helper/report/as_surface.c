/* The surface as a table: for each deployment every value that the operator, or the host, can set
 * without changing the attested configuration, and what it reaches. */
#include <string.h>

#include "report/report.h"

enum { COLUMNS = 6, CELL_CHARACTERS = 44, LAST_CHARACTERS = 90, ROWS_SHOWN = 25, DEAD_SHOWN = 8 };

struct row { const char *cells[COLUMNS]; };
struct table { VEC(struct row) rows; size_t widths[COLUMNS]; };

static size_t characters(const char *text)
{
    size_t n = 0;
    for (; *text != '\0'; text++)
        n += ((unsigned char)*text & 0xC0) != 0x80;
    return n;
}

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
        size_t n = characters(cells[i]);
        t->widths[i] = n > t->widths[i] ? n : t->widths[i];
    }
}

static sv at_line(const struct result *r, struct place p)
{
    struct spot s = spot_of(r->arena, p);
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

static void put_table(const struct table *t, struct buf *out)
{
    for (size_t i = 0; i < t->rows.n; i++) {
        size_t last = COLUMNS;
        while (last > 1 && t->rows.at[i]->cells[last - 1][0] == '\0')
            last--;
        buf_puts(out, "  ");
        for (size_t k = 0; k < last; k++) {
            const char *text = t->rows.at[i]->cells[k];
            buf_puts(out, text);
            for (size_t pad = characters(text); k + 1 < last && pad < t->widths[k] + 2; pad++)
                buf_putc(out, ' ');
        }
        buf_putc(out, '\n');
    }
}

static void put_dead(const struct result *r, const struct deployment *d, bool all, struct buf *out)
{
    size_t n = 0;
    for (size_t i = 0; i < r->facts->dead.n; i++) {
        const struct dead_setting *x = r->facts->dead.at[i];
        if (x->deployment != d)
            continue;
        if (n++ == 0)
            buf_puts(out, "  Without effect:\n");
        if (all || n <= DEAD_SHOWN)
            buf_printf(out, "    %s  %s  %s\n", shown(r, x->name), shown(r, at_line(r, x->place)), shown_about(r, x->place, x->consequence));
    }
    if (!all && n > DEAD_SHOWN)
        buf_printf(out, "    and %zu more\n", n - DEAD_SHOWN);
}

static void put_heading(const struct result *r, const struct deployment *d, struct buf *out)
{
    buf_printf(out, "%s  (%s: %s)\n", shown(r, d->id), d->deployed ? "taken as deployed" : "not taken as deployed", shown(r, d->why));
    if (d->refused.p != NULL)
        buf_printf(out, "  Not read, or not all of it: %s (%s)\n", shown(r, d->refused), shown(r, at_line(r, d->refused_at)));
    if (d->app == NULL)
        buf_puts(out, "  No app-compose says what allowed_envs lists: every variable is assumed to be allowed.\n");
    else if (!d->app->allowed_envs_known)
        buf_puts(out, "  The app-compose has no allowed_envs: OS 0.3 lets every variable in then, later ones let none in.\n");
}

void report_surface_of(const struct result *r, const struct deployment *d, bool all, struct buf *out)
{
    struct table t = {0};
    size_t n = 0;
    put_heading(r, d, out);
    add_row(r, &t, (const char *const[COLUMNS]){"VARIABLE", "ENTERS", "ALLOWED", "WITHOUT IT", "KIND", "READ AND USED"});
    for (size_t i = 0; i < r->facts->inputs.n; i++)
        if (r->facts->inputs.at[i]->deployment == d && (++n <= ROWS_SHOWN || all))
            add_input(r, &t, r->facts->inputs.at[i]);
    if (n == 0)
        buf_puts(out, d->refused.p != NULL ? "  No variable was found in what could be read.\n" : "  No variable: the compose text fixes every value.\n");
    else
        put_table(&t, out);
    if (n > ROWS_SHOWN && !all)
        buf_printf(out, "  and %zu more: dstack-audit surface lists them all\n", n - ROWS_SHOWN);
    put_dead(r, d, all, out);
}

void report_surface(const struct result *r, struct buf *out)
{
    const struct facts *f = r->facts;
    for (size_t i = 0; i < f->deployments.n; i++) {
        if (i != 0)
            buf_putc(out, '\n');
        report_surface_of(r, f->deployments.at[i], true, out);
    }
    if (f->deployments.n == 0)
        buf_puts(out, "No compose file and no app-compose: what the operator can set is not visible here.\n");
}
