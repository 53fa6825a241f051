/* The catalogue: everything the program says about a check stands once, in helper/rules. */
#ifndef RULE_H
#define RULE_H

#include "base/regex.h"
#include "input/repo.h"

enum severity { SEV_INFO, SEV_LOW, SEV_MEDIUM, SEV_HIGH, SEV_CRITICAL };
enum confidence { CONF_LOW, CONF_MEDIUM, CONF_HIGH };

enum category {
    CAT_CONFIG_CONTROL, CAT_NETWORK, CAT_ATTESTATION, CAT_RED_FLAG, CAT_REPRODUCIBILITY,
    CAT_SECRETS_STORAGE, CAT_CONTRACTS, CAT_COMPOSE_HARDENING, CAT_EVIDENCE, CAT_AUDIT_EVASION, CAT_COUNT
};

/* What a hit of a pattern rule becomes without further reasoning. */
enum rule_kind {
    RULE_CHECK,    /* a function in check/ decides; patterns, if any, feed it as hits */
    RULE_FINDING,  /* a hit is a finding as it stands */
    RULE_LEAD,     /* a hit is a question */
    RULE_FACT,     /* a hit is a row, e.g. an environment read: see `fact` */
    RULE_LIVE,     /* no file decides it: the rule names the `command` that would */
};

struct pattern {
    const struct rule *rule;
    size_t number;      /* in the catalogue: rules by id, their patterns in order */
    sv name;            /* idiom, e.g. "process.env.X"; SV_NONE where the rule has one pattern */
    unsigned langs;     /* bit per enum lang; 0 = every text */
    unsigned kinds;     /* bit per enum source_kind; 0 = any */
    unsigned scopes;    /* bit per enum byte_scope; 0 = any */
    bool ignore_case;
    bool vendored;      /* looks into third-party code kept in the tree, too */
    sv *literals;       /* one of them must occur on the line (case folded); at least 3 bytes each */
    size_t n_literals;
    sv regex;
    struct regex *compiled;
    struct regex *unless; /* the line is spared when this matches it too */
};

struct example {
    sv text;
    enum lang lang;
    enum source_kind kind; /* where it stands; by default what files of the language are */
    sv captures;           /* "NAME=…" expected, SV_NONE = any */
};

struct rule {
    sv id, title;
    enum category category;
    enum severity severity;     /* the usual one; a check may state another with its reason */
    enum confidence confidence;
    enum rule_kind kind;
    sv fact;                    /* RULE_FACT: "env-read", "attestation", … */
    sv question;                /* leads: what must be answered */
    sv command;                 /* RULE_LIVE: what fetches and decides */
    sv message;                 /* RULE_FINDING: the sentence; {0}, {NAME} are replaced by what matched */
    sv why, fix;
    sv *refs; size_t n_refs;
    sv *covers; size_t n_covers; /* ids of the published guidance: "CX-01", "DS-09", "AG-10", "E4" */
    sv bad, good;               /* short examples for `explain` */
    VEC(struct pattern) patterns;
    VEC(struct example) catches, spares;
    struct place place;         /* in the rule file, for messages about the catalogue itself */
};

struct catalogue {
    struct arena *arena;
    VEC(struct rule) rules; /* sorted by id */
    struct regex_set regexes;
    struct scanner *scanner; /* the literals of all patterns as one automaton (match.c) */
};

/* Loads the rules embedded at build time. A broken rule is our bug: message and exit 70. */
void catalogue_load(struct catalogue *c, struct arena *a);
/* Adds the rules of one text in the format of helper/rules/README.md. False when something is
 * wrong with it: *error then says "file:line: what". Exposed for the tests of the loader. */
bool catalogue_add(struct catalogue *c, sv name, sv yaml, sv *error);
/* Sorts the rules, refuses equal ids and builds the scanner; after the last catalogue_add. */
bool catalogue_finish(struct catalogue *c, sv *error);
void catalogue_free(struct catalogue *c); /* what the regex library holds; the rest is the arena's */
const struct rule *catalogue_find(const struct catalogue *c, sv id); /* NULL where unknown */

const char *severity_name(enum severity s);
const char *confidence_name(enum confidence c);
const char *category_name(enum category c);
const char *rule_kind_name(enum rule_kind k);
bool severity_from_name(sv name, enum severity *out);
bool confidence_from_name(sv name, enum confidence *out);
bool category_from_name(sv name, enum category *out);
bool rule_kind_from_name(sv name, enum rule_kind *out);

/* A pattern that matched a line, in the right scope and language. */
struct hit {
    const struct pattern *pattern;
    struct place place; /* of group 0 */
    struct regex_match match; /* offsets relative to `line` */
    sv line;
};

sv hit_group(const struct hit *h, const char *name); /* SV_NONE where it took no part */
/* Where the group stands; src is NULL where it took no part. On a line with hidden characters the whole hit. */
struct place hit_group_place(const struct hit *h, const char *name);

struct hits {
    VEC(struct hit) all; /* sorted by path, offset, rule id */
};

/* match.c: all patterns over all files and embedded texts: one Aho-Corasick pass for the literals,
 * then each candidate rule's regex on that line alone. */
void match_all(struct repo *r, const struct catalogue *c, struct hits *out);
/* The same for one text, used for documents embedded in others. */
void match_source(struct repo *r, const struct catalogue *c, const struct source *s, struct hits *out);

#endif
