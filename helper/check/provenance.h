/* How images come about: the builds of the repository, and what each of them fixes. */
#ifndef PROVENANCE_H
#define PROVENANCE_H

#include "check/check.h"

/* One image build: a `docker build` of a script or workflow, or an action's step. */
struct image_build {
    struct place place;
    sv how;                            /* "docker buildx build", "docker/build-push-action@v6" */
    const struct source *src;          /* the file it stands in */
    const struct workflow *workflow;   /* NULL for scripts */
    const struct workflow_step *step;  /* NULL for commands */
    const struct command *command;     /* NULL for action steps */
    const struct dockerfile *dockerfile; /* NULL where it cannot be told */
    bool pushes;                       /* the result, or what the same script makes of it, goes to a registry */
    bool rewrites;                     /* rewrite-timestamp, or a builder that needs none */
    bool epoch;                        /* SOURCE_DATE_EPOCH is passed, with a value */
    bool imports_cache, no_cache;
    bool attested;                     /* the workflow signs a statement about what it made */
    bool attests_inline;               /* BuildKit adds its provenance to the index */
    enum scope scope;
};
struct image_builds { VEC(struct image_build) all; };
void image_builds_of(const struct facts *f, struct arena *a, struct image_builds *out);

/* An `env:` of the step, its job or the workflow has the key. */
const struct node *env_around(const struct node *step, const char *key);

bool calls_file(const struct source *text, const struct source *s); /* the script or Makefile, by its name */
bool is_bake_file(const struct source *s); /* docker-bake.hcl and kin, where `bake` reads its outputs and arguments */

/* The name in "$X", "${X}", "${X[@]}"; SV_NONE where more stands there than the variable. */
sv plain_variable(sv word);
/* One of the values that the script gives the variable holds `text`. */
bool shell_assigns(const struct shell *s, sv name, sv text);

/* epoch.c: the build gets SOURCE_DATE_EPOCH as an argument with a value. `step` NULL for scripts. */
bool command_passes_epoch(const struct facts *f, const struct run *r, const struct workflow_step *step);
bool step_passes_epoch(const struct facts *f, const struct workflow_step *s, bool bakes);

#endif
