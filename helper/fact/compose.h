/* Parts of from_compose.c that stand alone. */
#ifndef COMPOSE_H
#define COMPOSE_H

#include "fact/fact.h"

/* compose_tree.c: the documents as compose sees them together, later ones over earlier, with `extends` and
 * `include` followed inside the repository. Returns the only root itself when there is nothing to merge;
 * otherwise a copy whose scalars keep their places. What cannot be followed is a diag; what is followed
 * is a row of f->compose_parts. Semantics: compose-spec 13-merge, 14-include; compose-go override/, and
 * loader/: several documents of one file are merged like several files. */
struct compose_file { const struct source *src; const struct node *root; };
const struct node *compose_resolve(struct facts *f, const struct compose_file *files, size_t n);

/* compose_files.c: fills f->compose_groups. */
void compose_groups_find(struct facts *f);
/* The files under `s`, in the order in which compose reads them; `out` has room for COMPOSE_FILES.
 * *why says who lays them together, SV_NONE where nobody does. */
size_t compose_bases(const struct facts *f, const struct source *s, const struct node *root, const struct source **out, sv *why);

/* env_file.c: one assignment of an env_file (compose-go dotenv/parser.go). */
struct env_line {
    sv name, value;   /* value: quotes and escapes undone; SV_NONE for a bare name */
    bool bare;        /* the value comes from the environment of the compose client */
    bool interpolates; /* unquoted and double-quoted values do */
    size_t start, end; /* of the whole assignment */
};
struct env_lines { VEC(struct env_line) all; size_t error_at; bool valid; };
/* `raw`: `format: raw`, no quotes and no interpolation. */
void env_lines_parse(struct arena *a, sv text, bool raw, struct env_lines *out);

/* A mount in either syntax. Parts are views into the node's text, expressions kept. */
struct mount_entry { sv type, source, target, mode; const struct node *node; };
/* False when the entry is no mount. Short syntax: `source` is SV_NONE for an anonymous volume. */
bool mount_of(const struct node *entry, struct mount_entry *out);
/* Splits at `sep` outside of ${…}; like sv_cut. */
sv cut_outside_braces(sv *rest, char sep);

#endif
