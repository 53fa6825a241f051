/* One line a finding: for tests, grep and eyes in a hurry. */
#include "report/report.h"

static void put_line(const struct result *r, const char *what, sv rule, struct place p, sv text, struct buf *out)
{
    struct spot s = shown_spot(r, p);
    buf_printf(out, "%s %.*s %s:%zu:%zu", what, SV_ARG(rule), s.path.p, s.line, s.column);
    if (s.field.p != NULL)
        buf_printf(out, "[%s:%zu]", s.field.p, s.field_line);
    buf_printf(out, " %s\n", text.n == 0 ? "-" : shown_about(r, p, text));
}

void report_lines(const struct result *r, struct buf *out)
{
    const struct verdicts *v = r->verdicts;
    for (size_t i = 0; i < v->findings.n; i++) {
        const struct finding *f = v->findings.at[i];
        if (f->suppressed.p == NULL)
            put_line(r, severity_name(f->severity), f->rule->id, f->place, f->subject, out);
    }
    for (size_t i = 0; i < v->leads.n; i++)
        put_line(r, "lead", v->leads.at[i]->rule->id, v->leads.at[i]->place, v->leads.at[i]->question, out);
}
