/* Reports: pure functions of the result. Nothing of the repository leaves unescaped. */
#ifndef REPORT_H
#define REPORT_H

#include "base/buf.h"
#include "check/check.h"

struct report_options {
    bool color, hyperlinks;
    unsigned width;          /* columns of the terminal; 0 = do not wrap */
    enum severity least;     /* findings below are left out of text views */
    sv only, category;       /* this rule, this category alone; SV_NONE = all */
    bool leads;              /* list every open question */
    sv base_uri;             /* "file:///absolute/root/" for hyperlinks; SV_NONE where unknown */
};

/* A finding of the baseline that is no more. */
struct fixed { sv id, rule, severity, subject, path; size_t line; };

struct result {
    const struct repo *repo;
    const struct facts *facts;
    const struct verdicts *verdicts;
    struct arena *arena;
    sv prefix; /* what the target is called in its repository, for SARIF and GitHub; SV_NONE where it is the root */
    bool drop_accepted; /* from SARIF: GitHub shows what is marked as suppressed as an open alert */
    bool has_baseline;
    struct fixed *fixed; size_t n_fixed; /* against the baseline */
    sv *secrets; size_t n_secrets; /* bytes no report shows; longest first */
};

/* Call once before any report: collects what must not be shown. */
void report_prepare(struct result *r);

void report_json(const struct result *r, struct buf *out);
/* Facts and deployments alone, shaped as in the findings document. */
void report_facts(const struct result *r, struct buf *out);
/* Every deployment: what the operator can set, and the settings that do nothing. */
void report_surface(const struct result *r, struct buf *out);
/* One of them, in lines of `width` (0: as long as they are); `all`: alone and whole, long lists are not cut. */
void report_surface_of(const struct result *r, const struct deployment *d, bool all, unsigned width, struct buf *out);
void report_text(const struct result *r, const struct report_options *o, struct buf *out);
/* One finding a line, "severity rule path:line:column subject", then leads: for tests and grep. */
void report_lines(const struct result *r, struct buf *out);
void report_sarif(const struct result *r, struct buf *out);
void report_markdown(const struct result *r, struct buf *out);
/* True where the template's mark `<!-- FILL: name -->` has somebody who fills it. */
bool report_fills(sv name);
void report_github(const struct result *r, struct buf *out);
/* At most 8 KB about a run whose reports stand in `folder`; `draft` is the report to be completed, NULL where that
 * is the one in the folder. */
void report_summary(const struct result *r, const char *folder, const char *draft, struct buf *out);

/* shown.c: the one way from the repository into a report. Secrets become "[redacted]", characters
 * that steer a reader are escaped; the result is valid UTF-8 and NUL-terminated. */
const char *shown(const struct result *r, sv text);
/* The same for a sentence about `p`: also hides short secrets that stand on its line. */
const char *shown_about(const struct result *r, struct place p, sv text);
/* spot_of with path and field escaped. */
struct spot shown_spot(const struct result *r, struct place p);
/* The line of the place, around it where the line is long; cleaned and capped. */
const char *shown_snippet(const struct result *r, struct place p);

/* A path below the root of the repository that the target lies in. */
sv path_in_repository(const struct result *r, sv path);
/* A path as part of a URI: percent-encoded, '/' kept. */
sv uri_path(struct arena *a, sv path);

/* wrap.c: columns of a terminal, one a code point. */
size_t text_columns(const char *text);
void text_pad(struct buf *out, size_t n);
/* Words of `text` from column `at` on; lines after the first begin at `indent`. Ends the line. */
void text_wrap(struct buf *out, unsigned width, size_t indent, size_t at, const char *text);

/* groups.c: all findings of one rule, for people. */
struct told {
    const struct finding *finding;
    bool same; /* what is said of it was said of the one before, of another subject */
};
struct issue {
    const struct rule *rule;
    enum severity severity; /* the worst */
    size_t order; /* among the findings as they come */
    struct told *places; size_t n; /* most severe first */
};
typedef bool finding_filter(const struct finding *f, const void *context);
/* Most severe first, then what the operator can use at once; the findings that `wanted` holds of. */
size_t issues_of(const struct result *r, finding_filter *wanted, const void *context, struct issue **out);
/* Not accepted. `context` is not looked at. */
bool finding_counts(const struct finding *f, const void *context);
/* An earlier row of `f` says the same of the line. */
bool related_is_repeated(const struct finding *f, const struct related *x);
/* The same, or the message of `f` names the place already. */
bool related_is_told(const struct result *r, const struct finding *f, const struct related *x);

/* rule_docs.c: the catalogue as text. */
enum rules_format { RULES_TEXT, RULES_JSON, RULES_MARKDOWN };
void report_rules(const struct catalogue *c, enum rules_format format, struct buf *out);
/* One rule in full; false where the id is unknown. */
bool report_explain(const struct catalogue *c, sv id, struct buf *out);
/* skills/dstack-audit/references/search-patterns.md: what ripgrep and grep -E can look for by hand. */
void report_search_patterns(const struct catalogue *c, struct buf *out);
/* "CX-01<tab>rules" for each id of the published guidance that a rule decides, then "rule<tab>command" for
 * what needs live data: what tools/checklist.awk puts into skills/dstack-audit/references/checklist.md. */
void report_covers(const struct catalogue *c, struct buf *out);
const char *category_title(enum category c);

/* sections.c: the summary of the findings document, shared by all formats. */
struct section { const char *id, *title; const char *status; sv note; };
size_t sections_of(const struct result *r, struct section **out);
/* stage1.c: "met" with the places that show it, "not-met" with the findings that break it, else "unknown". */
struct stage1 { const char *id, *requirement; const char *status; VEC(struct finding) evidence; VEC(struct place) places; };
size_t stage1_of(const struct result *r, struct stage1 **out);

/* True when something was left unexamined: a limit, an unreadable file, a parse error. */
bool is_incomplete(const struct result *r);

#endif
