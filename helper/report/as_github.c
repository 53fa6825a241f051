/* Workflow commands of GitHub Actions. Every line begins with our own "::", and what the repository
 * says can neither end a command nor begin another: "%", line ends, in properties ":" and ",", and
 * the older "##[" that counts anywhere in a line. */
#include "report/report.h"

static void put_data(struct buf *out, const char *text, bool property)
{
    for (; *text != '\0'; text++) {
        if (*text == '%' || *text == '\r' || *text == '\n' || (property && (*text == ':' || *text == ',')))
            buf_printf(out, "%%%02X", (unsigned)*text);
        else if (text[0] == '#' && text[1] == '#' && text[2] == '[')
            buf_puts(out, "# ");
        else
            buf_putc(out, *text);
    }
}

static void put_finding(const struct result *r, const struct finding *f, struct buf *out)
{
    static const char *const commands[] = {"notice", "notice", "warning", "error", "error"};
    struct spot s = shown_spot(r, f->place);
    buf_printf(out, "::%s file=", commands[f->severity]);
    put_data(out, shown(r, path_in_repository(r, f->place.src->path)), true);
    buf_printf(out, ",line=%zu,endLine=%zu,col=%zu,title=", s.line, s.end_line, s.column);
    put_data(out, sv_printf(r->arena, "%s: %.*s (%.*s)", severity_name(f->severity), SV_ARG(f->title),
                            SV_ARG(f->rule->id)).p, true);
    buf_puts(out, "::");
    put_data(out, shown_about(r, f->place, f->message), false);
    buf_printf(out, " [%.*s]\n", SV_ARG(f->id));
}

void report_github(const struct result *r, struct buf *out)
{
    const struct verdicts *v = r->verdicts;
    size_t n = 0;
    for (size_t i = 0; i < v->findings.n; i++) {
        if (v->findings.at[i]->suppressed.p != NULL)
            continue;
        put_finding(r, v->findings.at[i], out);
        n++;
    }
    buf_printf(out, "::notice title=dstack-audit::%zu findings, %zu open questions, %zu files skipped, "
                    "%zu parse errors, %zu limits hit\n",
               n, v->leads.n, r->repo->skipped.n, r->repo->diags.n, r->repo->limits.n);
}
