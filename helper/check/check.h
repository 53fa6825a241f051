/* Checks: verdicts over facts. One function, one rule id, one row in the table. */
#ifndef CHECK_H
#define CHECK_H

#include "fact/fact.h"

enum outcome { OUTCOME_PASS, OUTCOME_FAIL, OUTCOME_UNSURE, OUTCOME_NOTHING_TO_CHECK, OUTCOME_NOT_RUN };

struct related { struct place place; sv message; struct related *next; };

struct finding {
    const struct rule *rule;
    enum severity severity;
    enum confidence confidence;
    sv title, subject, message;
    struct place place;
    struct related *related;
    const struct deployment *deployment; /* NULL where it concerns none in particular */
    bool keep_severity; /* true wherever it stands: the engine must not lower it for its scope */
    sv id;          /* 16 hex: rule, path, subject and the text around, never the line number */
    sv suppressed;  /* reason of an acceptance, SV_NONE otherwise */
    sv baseline;    /* "new", "unchanged", SV_NONE without a baseline */
};

struct lead { const struct rule *rule; sv question; struct place place; int rank; };

struct check_result { const struct rule *rule; enum outcome outcome; size_t examined; sv reason; };

struct verdicts {
    VEC(struct finding) findings; /* after checks_run: sorted by severity, then place */
    VEC(struct lead) leads;
    VEC(struct check_result) checks; /* every rule that judges once, sorted by id (facts do not judge) */
    VEC(struct place) secrets;       /* no output shows these bytes, wherever they occur again */
    struct route_table *routes;      /* routes.c: made before all checks */
    struct topics *topics;           /* programs.c: made by the first check that asks for them */
    const struct holders *holders;   /* started.h: the same */
    const struct fetches *fetches;   /* fetch.c: the same */
    struct logged_list *logged;       /* logging.c: the same */
    const struct shell_runs *shell_runs; /* lookup.c: the same */
    struct reads_by_source *reads;   /* reads_here.c: the same */
};

/* What a check function sees; it lives until all checks are done. */
struct check_run {
    const struct facts *facts;
    struct arena *arena;
    const struct rule *rule;
    struct verdicts *out;
    size_t examined;  /* subjects looked at; 0 can never be a pass */
    sv not_run;       /* set: the check could not decide, with the reason */
    bool unsure;
    size_t findings, leads; /* so far; beyond the limit they are counted and not kept */
    void *kept;             /* what the check itself keeps from one program to the next */
    void (*then)(struct check_run *c); /* called when all of them were looked at, or NULL */
};

struct check { const char *id; void (*run)(struct check_run *c); };

/* The rows stand in check/table.h; each names its function once. */
extern const struct check check_table[]; /* ends with a NULL id */
#define CHECK(id, function) void function(struct check_run *c);
#include "check/table.h"
#undef CHECK

void checks_run(const struct facts *f, struct verdicts *out);

/* Adds a finding at the rule's own severity; change the returned fields to say otherwise.
 * `subject` and what the message quotes may be raw repository text: reports escape it. */
struct finding *report(struct check_run *c, struct place place, sv subject, const char *format, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 4, 5)))
#endif
    ;
void relate(struct check_run *c, struct finding *f, struct place place, const char *format, ...);
struct lead *ask(struct check_run *c, struct place place, const char *format, ...);
/* The bytes at `place` are a secret: every output shows them as "[redacted]", in this finding, in
 * others on the same line, in facts and wherever the same bytes occur again. */
void redact(struct check_run *c, struct place place);

/* Severity for where something stands. The engine applies it to every finding that does not set
 * keep_severity: at most low in tests, development files, documents, vendored code and in a compose
 * file that another one of the same app outranks. Checks that lower further set `severity` themselves. */
enum severity severity_at_most(enum severity s, enum severity cap);
/* True where a place takes no effect in production, by its scope (CI does take effect). */
bool place_is_aside(struct place p);

/* Called by checks_run once. routes.c: has the programs looked at for routes, before all checks; programs.c, routes.c: calls back
 * what each_program and each_route were given, after all checks. */
void routes_begin(struct check_run *c);
void programs_look(struct verdicts *v);
void routes_look(struct check_run *c);
/* finding.c: order, duplicates, ids. Called by checks_run once, after all checks. */
void findings_settle(struct verdicts *v, const struct facts *f);

const char *outcome_name(enum outcome o);

#endif
