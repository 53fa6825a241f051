/* Commands that bring code from the network, and whether their text fixes what arrives
 * (dstack-facts 9.2). Shared by the checks on builds, on workflows and on what runs in the TEE. */
#ifndef FETCH_H
#define FETCH_H

#include "check/check.h"

enum fetch_kind {
    FETCH_NONE,
    FETCH_SYSTEM,   /* apt, apk, dnf and kin */
    FETCH_PACKAGES, /* packages named on the command line: pip, npm, npx, cargo install, go install, gem, nix */
    FETCH_MANIFEST, /* what a manifest asks for: requirements.txt, package.json, Cargo.toml … */
    FETCH_GIT,
    FETCH_DOWNLOAD, /* a file that is then used as code */
    FETCH_PIPE,     /* curl … | sh, | tar */
};

enum fetch_state {
    FETCH_FIXED,    /* versions and contents: lock with hashes, digest, commit */
    FETCH_VERSIONS, /* versions of what is named, not the contents or what they pull in */
    FETCH_OPEN,
};

struct fetch {
    enum fetch_kind kind;
    enum fetch_state state;
    sv tool;          /* "apt-get", "pip" … */
    sv subject;       /* package names, URL, repository, manifest */
    const char *flaw; /* what is missing, as a clause; empty when FIXED */
    struct place place;
    const struct source *manifest, *lock; /* FETCH_MANIFEST: files of the repository, NULL where there are none */
    bool manifest_in_image, lock_in_image; /* they lie where the command runs */
    struct place ignored; /* line of a .gitignore that keeps the lock out; src NULL where there is none */
    struct place range;   /* the first requirement that is open; src NULL where there is none */
};

/* What is known of one Dockerfile, made when first asked for. */
struct image_files {
    VEC(struct instruction) copies; /* COPY and ADD, in order */
    bool has_copies;     /* `copies` is filled */
    size_t *apt_pinned; /* by stage: from which offset on a snapshot or a list of pins holds */
    size_t copied_words; /* sources looked through so far: LIMIT_COPIED_WORDS */
    sv context;          /* what a compose names as its build context; SV_NONE where none does */
    bool exports_lock;   /* some command writes a lock file out as requirements with hashes */
    bool installs_lock;  /* some command installs Python packages from a lock */
};
struct fetching { const struct facts *f; struct arena *a; struct image_files *images; };
struct fetching fetching_begin(const struct check_run *c);

/* What `r` fetches; false when it fetches no code. */
bool fetch_of(struct fetching *x, const struct run *r, struct fetch *out);
/* Commands that fetch code, third-party texts left out; found by the first check that asks. */
struct fetched { const struct run *run; struct fetch fetch; };
struct fetches { VEC(struct fetched) all; };
const struct fetches *fetches_of(struct check_run *c);
/* Calls back for each of them. */
void each_fetch(struct check_run *c, void (*look)(struct check_run *c, const struct run *r, const struct fetch *f));

/* ---- parts of fetch_of, by ecosystem ---- */
bool fetch_python(struct fetching *x, const struct run *r, struct fetch *out);
bool fetch_node(struct fetching *x, const struct run *r, struct fetch *out);
bool fetch_compiled(struct fetching *x, const struct run *r, struct fetch *out);

/* ---- locks.c: manifests and locks as the command finds them ---- */
/* `cargo build`, `npm install`, `uv sync` and kin, which read a manifest and a lock. */
bool fetch_by_manifest(struct fetching *x, const struct run *r, struct fetch *out);
/* The file called `name` where `r` runs: copied into the image before it, or below the folder of its
 * script. *in_image tells which; NULL when the repository has no such file. */
const struct source *file_for_run(struct fetching *x, const struct run *r, sv name, bool *in_image);
/* Sets manifest, lock, lock_in_image and ignored for the first of both lists that exist. */
void fetch_find_lock(struct fetching *x, const struct run *r, const char *const *manifests, const char *const *locks, struct fetch *out);
/* The instruction of `r->dockerfile` that holds the command, NULL where the command stands in another file. */
const struct instruction *instruction_of(const struct run *r);
struct image_files *image_files_of(struct fetching *x, const struct dockerfile *d);
/* `*` and `?` inside one path part, `**` across parts. */
bool glob_matches(sv pattern, sv path);

/* ---- words ---- */
struct names { sv list; size_t n, fixed; };
void add_name(struct arena *a, struct names *names, sv name, bool fixed);
bool is_flag(sv w);
bool list_has(const char *const *list, sv word); /* the list ends with NULL */
size_t after_word(const struct command *c, const char *const *words); /* index behind the first of them, 0 when absent */
bool is_local_path(sv w);

#endif
