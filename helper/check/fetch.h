/* Commands that bring code from the network, and whether their text fixes what arrives
 * (dstack-facts 9.2). Shared by the checks on builds and on what runs in the TEE. */
#ifndef FETCH_H
#define FETCH_H

#include "check/check.h"

enum fetch_kind {
    FETCH_NONE,
    FETCH_APT, FETCH_RPM, FETCH_APK,
    FETCH_PIP,          /* pip, pipx, uv pip, uv tool */
    FETCH_PYTHON_LOCK,  /* uv sync, poetry, pdm, pipenv: tools that have a lock file */
    FETCH_NODE, FETCH_NODE_RUN, /* npm and kin; npx and kin */
    FETCH_CARGO, FETCH_GO, FETCH_GEM, FETCH_NIX,
    FETCH_GIT,
    FETCH_DOWNLOAD,     /* curl or wget to a file that is then used as code */
    FETCH_PIPE,         /* curl … | sh, | tar */
};

enum fetch_state {
    FETCH_FIXED,    /* versions and contents: lock with hashes, digest, commit */
    FETCH_VERSIONS, /* versions of what is named, not the contents or what they pull in */
    FETCH_OPEN,
};

struct fetch {
    enum fetch_kind kind;
    enum fetch_state state;
    sv subject;       /* package names, URL, repository */
    const char *flaw; /* what is missing, as a clause; NULL when FIXED */
    struct place place;
};

/* What `r` fetches; false when it fetches no code. */
bool fetch_of(const struct facts *f, struct arena *a, const struct run *r, struct fetch *out);
const char *fetch_tool(enum fetch_kind k); /* "apt", "pip" … */

/* One line of a requirements file: its name, and how far it is fixed. False for options and blanks. */
bool requirement_of(sv line, sv *name, enum fetch_state *state);
/* The requirements file `name` that a command in `r` installs, or NULL. */
const struct source *requirements_file(const struct facts *f, const struct run *r, sv name);
/* State of a whole requirements file; `all` receives the names that are open. */
enum fetch_state requirements_state(struct arena *a, const struct source *s, sv *open);
/* A file of that base name beside the Dockerfile or script of `r`, or above it. */
const struct source *file_beside(const struct facts *f, const struct run *r, const char *name);

#endif
