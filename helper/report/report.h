/* Reports: pure functions of the result. Nothing of the repository leaves unescaped. */
#ifndef REPORT_H
#define REPORT_H

#include "base/buf.h"
#include "check/check.h"

struct report_options {
    bool color, hyperlinks;
    unsigned width;          /* columns of the terminal; 0 = do not wrap */
    enum severity least;     /* findings below are left out of text views */
    sv only;                 /* rule id or category, SV_NONE = all */
};

struct result {
    const struct repo *repo;
    const struct facts *facts;
    const struct verdicts *verdicts;
    struct arena *arena;
};

void report_json(const struct result *r, struct buf *out);
void report_text(const struct result *r, const struct report_options *o, struct buf *out);
/* One finding a line, "severity rule path:line:column subject", then leads: for tests and grep. */
void report_lines(const struct result *r, struct buf *out);
void report_sarif(const struct result *r, struct buf *out);
void report_markdown(const struct result *r, struct buf *out);
void report_github(const struct result *r, struct buf *out);

/* sections.c: the summary of the findings document, shared by all formats. */
struct section { const char *id, *title; const char *status; sv note; };
size_t sections_of(const struct result *r, struct section **out);
struct stage1 { const char *id, *requirement; const char *status; VEC(struct finding) evidence; };
size_t stage1_of(const struct result *r, struct stage1 **out);

#endif
