/* The audited tree: what was read, what was not, and why. Never follows a link, never leaves
 * the root, never runs anything. */
#ifndef REPO_H
#define REPO_H

#include "input/source.h"

struct skip {
    sv path;   /* escaped for output */
    sv reason; /* "too-large", "binary", "symlink", "special", "unreadable", "depth", "path-too-long",
                * "dependency-tree", "other-filesystem", "git-metadata", "lfs-pointer", "kept-limit" */
    sv detail; /* where a symbolic link points, an error message; escaped; SV_NONE where there is none */
};

/* Something that went wrong with a place: a broken document, a regex that gave up. */
struct diag {
    sv path;
    size_t line; /* 0 where there is none */
    sv message;
};

struct repo {
    struct arena *arena;
    sv root;     /* as given by the user, or repo_options.target_name */
    sv name;     /* last part of the resolved root */
    sv commit;   /* 40 hex from .git/HEAD and refs read as data, else SV_NONE */
    bool shallow_git; /* .git is present */

    VEC(struct source) files; /* sorted by path */
    const struct source *given; /* the file of repo_options.app_compose, not among `files`; or NULL */
    VEC(struct skip) skipped; /* sorted by path */
    VEC(struct diag) diags;   /* parse errors, in order of discovery; sorted before output */
    VEC(struct diag) limits;  /* limits hit: message names the limit */
    size_t files_seen, files_read, bytes_read;
};

struct repo_options {
    sv app_compose; /* a file given by the user, read besides the tree; SV_NONE where absent */
    sv target_name; /* shown instead of the path, e.g. the URL of a clone; SV_NONE where absent */
};

/* Reads `root` (a directory, or one file). False with a message on stderr when root cannot be
 * opened: exit code 2. */
bool repo_read(struct repo *r, const char *root, const struct repo_options *options);

/* The file at `path`, or NULL. */
const struct source *repo_find(const struct repo *r, sv path);

void repo_diag(struct repo *r, sv path, size_t line, const char *format, ...);
/* Records each limit and path once. */
void repo_limit(struct repo *r, sv path, const char *limit);

/* classify.c: sets kind, lang, scope and vendored from `path` and `text`. Pure. */
void classify(struct source *s);
/* The name alone says that this is a text someone runs, parses or reads. */
bool path_names_text(sv path);

#endif
