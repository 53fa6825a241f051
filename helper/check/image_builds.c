/* Image builds of scripts and workflows as rows. */
#include "check/provenance.h"

#include "base/limits.h"
#include "check/fetch.h"

static const struct source *file_of(const struct source *s)
{
    while (s->host != NULL)
        s = s->host;
    return s;
}

const struct node *env_around(const struct node *step, const char *key)
{
    for (const struct node *n = step; n != NULL; n = n->parent) {
        const struct node *value = node_get(node_get(n, "env"), key);
        if (value != NULL)
            return value;
    }
    return NULL;
}

/* ---- attestations ----------------------------------------------------------------------------------------- */

static bool step_attests(const struct workflow_step *s)
{
    static const char *const actions[] = {"attest-build-provenance", "actions/attest@", "actions/attest-sbom", "slsa-framework/", "slsa-github-generator", NULL};
    for (size_t i = 0; actions[i] != NULL; i++)
        if (sv_ihas(s->uses, sv_from(actions[i])))
            return true;
    return false;
}

static bool run_attests(const struct run *r)
{
    return sv_eq(command_name(r->command), SV("cosign")) && r->command->n > 1 && SV_IN(r->command->words[1].text, SV("sign"), SV("attest"), SV("sign-blob"));
}

static bool workflow_attests(const struct facts *f, const struct workflow *w)
{
    for (size_t i = 0; i < w->steps.n; i++)
        if (step_attests(w->steps.at[i]))
            return true;
    for (size_t i = 0; i < f->runs.n; i++)
        if (file_of(f->runs.at[i]->src) == w->src && run_attests(f->runs.at[i]))
            return true;
    return false;
}

/* ---- which Dockerfile --------------------------------------------------------------------------------------- */

static const struct dockerfile *dockerfile_at(const struct facts *f, sv path)
{
    for (size_t i = 0; path.p != NULL && i < f->dockerfiles.n; i++)
        if (f->dockerfiles.at[i]->src->host == NULL && sv_eq(f->dockerfiles.at[i]->src->path, path))
            return f->dockerfiles.at[i];
    return NULL;
}

/* Seen from `dir` or a folder above it; "Dockerfile" in the context where no file is named. */
static const struct dockerfile *find_dockerfile(const struct facts *f, sv dir, sv context, sv file)
{
    for (;; dir = path_dir(dir)) {
        sv base = context.n == 0 ? dir : path_join(f->arena, dir, context);
        sv in_context = base.p == NULL ? SV_NONE : path_join(f->arena, base, file.n == 0 ? SV("Dockerfile") : file);
        const struct dockerfile *d = file.n == 0 ? NULL : dockerfile_at(f, path_join(f->arena, dir, file));
        d = d != NULL ? d : dockerfile_at(f, in_context);
        if (d != NULL || dir.n == 0)
            return d;
    }
}

static const struct dockerfile *only_dockerfile(const struct facts *f)
{
    const struct dockerfile *only = NULL;
    for (size_t i = 0; i < f->dockerfiles.n; i++) {
        const struct dockerfile *d = f->dockerfiles.at[i];
        if (d->src->host != NULL || d->src->vendored || d->src->scope != SCOPE_PROD)
            continue;
        if (only != NULL)
            return NULL;
        only = d;
    }
    return only;
}

/* ---- commands -------------------------------------------------------------------------------------------------- */

static bool word_has(const struct command *c, const char *text)
{
    for (size_t i = 1; i < c->n; i++)
        if (sv_has(c->words[i].text, sv_from(text)))
            return true;
    return false;
}

static bool is_push(const struct command *c)
{
    sv name = command_name(c);
    if (SV_IN(name, SV("docker"), SV("podman"), SV("buildah"), SV("crane"), SV("oras"), SV("regctl"), SV("nerdctl")) && command_has(c, "push"))
        return true;
    return sv_eq(name, SV("skopeo")) && command_has(c, "copy") && word_has(c, "docker://");
}

static bool shell_pushes(const struct shell *s)
{
    for (size_t i = 0; s != NULL && i < s->commands.n; i++)
        if (is_push(s->commands.at[i]))
            return true;
    return false;
}

static bool workflow_pushes(const struct workflow *w)
{
    for (size_t i = 0; w != NULL && i < w->steps.n; i++)
        if (shell_pushes(w->steps.at[i]->run))
            return true;
    return false;
}

bool calls_file(const struct source *text, const struct source *s)
{
    return is_makefile(s) ? source_has(text, SV("make ")) || source_has(text, SV("just ")) : source_has(text, path_base(s->path));
}

/* A workflow that calls the script pushes what the script makes. */
static bool caller_pushes(const struct facts *f, const struct run *r)
{
    for (size_t i = 0; i < f->workflows.n && r->when == RUN_CI; i++)
        if (calls_file(f->workflows.at[i]->src, file_of(r->src)) && workflow_pushes(f->workflows.at[i]))
            return true;
    return false;
}

static const struct workflow_step *step_of(const struct facts *f, const struct run *r)
{
    for (size_t i = 0; i < f->workflows.n; i++)
        for (size_t k = 0; k < f->workflows.at[i]->steps.n; k++) {
            const struct workflow_step *s = f->workflows.at[i]->steps.at[k];
            if (s->run != NULL && s->run->src == r->src)
                return s;
        }
    return NULL;
}

bool is_bake_file(const struct source *s)
{
    sv name = path_base(s->path);
    return sv_has(name, SV("bake")) && (sv_ends(name, SV(".hcl")) || sv_ends(name, SV(".json")));
}

static bool bake_says(const struct facts *f, const char *text)
{
    for (size_t i = 0; i < f->repo->files.n; i++) {
        const struct source *s = f->repo->files.at[i];
        if (is_bake_file(s) && source_has(s, sv_from(text)))
            return true;
    }
    return false;
}

/* The script may put its options together in variables: what it assigns to them counts. */
static bool says(const struct facts *f, const struct image_build *b, const struct run *r, const char *text)
{
    const struct command *c = b->command;
    if (word_has(c, text) || (command_has(c, "bake") && bake_says(f, text)))
        return true;
    for (size_t i = 1; i < c->n; i++)
        if (c->words[i].expands && shell_assigns(r->shell, plain_variable(c->words[i].text), sv_from(text)))
            return true;
    return false;
}

static sv context_of(const struct command *c)
{
    sv last = c->words[c->n - 1].text;
    return c->words[c->n - 1].expands || is_flag(last) || sv_has(last, SV("://")) ? SV_NONE : last;
}

static void of_command(const struct facts *f, struct image_builds *out, struct arena *a, const struct run *r)
{
    const struct command *c = r->command;
    struct image_build *b = vec_new(a, &out->all, struct image_build);
    b->command = c;
    b->place = c->place;
    b->src = file_of(r->src);
    b->scope = r->scope;
    b->how = sv_printf(a, "%.*s %.*s", SV_ARG(command_name(c)), SV_ARG(c->words[1].text));
    if (sv_eq(c->words[1].text, SV("buildx")) && c->n > 2)
        b->how = sv_printf(a, "docker buildx %.*s", SV_ARG(c->words[2].text));
    b->step = r->when == RUN_CI && b->src->kind == SOURCE_WORKFLOW ? step_of(f, r) : NULL;
    b->workflow = b->step != NULL ? b->step->workflow : NULL;
    bool sealed = (sv_eq(command_name(c), SV("kaniko")) && command_has(c, "--reproducible")) || sv_eq(command_name(c), SV("ko")) ||
                  word_has(c, "--source-date-epoch") || word_has(c, "--timestamp");
    b->rewrites = sealed || says(f, b, r, "rewrite-timestamp");
    b->epoch = sealed || command_passes_epoch(f, r, b->step);
    b->pushes = word_has(c, "--push") || word_has(c, "type=registry") || word_has(c, "push=true") || shell_pushes(r->shell) || workflow_pushes(b->workflow) ||
                (b->workflow == NULL && caller_pushes(f, r));
    b->no_cache = command_has(c, "--no-cache");
    b->imports_cache = word_has(c, "--cache-from");
    b->attests_inline = (word_has(c, "--push") || word_has(c, "type=registry")) && !says(f, b, r, "--provenance=false") && !word_has(c, "provenance=false");
    bool bakes = command_has(c, "bake"); /* -f and the last word are its own file and target */
    sv file = bakes ? SV_NONE : command_option(c, "-f"), step_dir = b->step == NULL ? SV_NONE : node_get_text(b->step->node, "working-directory");
    file = file.n == 0 && !bakes ? command_option(c, "--file") : file;
    b->dockerfile = find_dockerfile(f, b->step != NULL ? (step_dir.n != 0 ? step_dir : SV("")) : path_dir(b->src->path), bakes ? SV_NONE : context_of(c), file);
    if (b->dockerfile == NULL)
        b->dockerfile = only_dockerfile(f);
}

/* ---- steps ---------------------------------------------------------------------------------------------------------- */

static void of_step(const struct facts *f, struct image_builds *out, struct arena *a, const struct workflow_step *s)
{
    const struct node *with = node_get(s->node, "with");
    struct image_build *b = vec_new(a, &out->all, struct image_build);
    sv outputs = node_get_text(with, "outputs"), provenance = node_get_text(with, "provenance");
    bool bakes = sv_has(s->uses, SV("bake-action"));
    const struct node *uses = node_get(s->node, "uses"), *push = node_get(with, "push");
    b->step = s;
    b->workflow = s->workflow;
    b->src = s->workflow->src;
    b->scope = SCOPE_CI;
    b->place = uses != NULL ? uses->place : s->place;
    b->how = s->uses;
    b->pushes = (push != NULL && !node_false(push)) || sv_has(outputs, SV("push=true")) || sv_has(outputs, SV("type=registry")) || workflow_pushes(s->workflow);
    b->rewrites = sv_has(outputs, SV("rewrite-timestamp=true")) || sv_has(node_get_text(with, "set"), SV("rewrite-timestamp")) || (bakes && bake_says(f, "rewrite-timestamp"));
    b->epoch = step_passes_epoch(f, s, bakes);
    b->imports_cache = node_get_text(with, "cache-from").n != 0;
    b->no_cache = node_true(node_get(with, "no-cache"));
    b->attests_inline = b->pushes && !sv_eq(provenance, SV("false"));
    sv context = node_get_text(with, "context");
    b->dockerfile = find_dockerfile(f, SV(""), sv_find_char(context, '$') == SV_NOT_FOUND ? context : SV_NONE, node_get_text(with, "file"));
    if (b->dockerfile == NULL)
        b->dockerfile = only_dockerfile(f);
}

static bool builds(const struct run *r)
{
    return r->command->n > 1 && r->when != RUN_START && r->when != RUN_BUILD && !r->src->vendored && command_builds_image(r->command);
}

static bool is_build_action(const struct workflow_step *s)
{
    return sv_ihas(s->uses, SV("build-push-action")) || sv_ihas(s->uses, SV("bake-action"));
}

void image_builds_of(const struct facts *f, struct arena *a, struct image_builds *out)
{
    for (size_t i = 0; i < f->runs.n && out->all.n < LIMIT_IMAGE_BUILDS; i++)
        if (builds(f->runs.at[i]))
            of_command(f, out, a, f->runs.at[i]);
    for (size_t i = 0; i < f->workflows.n; i++)
        for (size_t k = 0; k < f->workflows.at[i]->steps.n && out->all.n < LIMIT_IMAGE_BUILDS; k++)
            if (is_build_action(f->workflows.at[i]->steps.at[k]))
                of_step(f, out, a, f->workflows.at[i]->steps.at[k]);
    if (out->all.n >= LIMIT_IMAGE_BUILDS)
        repo_limit(f->repo, SV("."), "image-builds");
    for (size_t i = 0; i < out->all.n; i++) {
        struct image_build *b = out->all.at[i];
        const struct image_build *before = i > 0 ? out->all.at[i - 1] : NULL;
        if (before != NULL && before->workflow == b->workflow)
            b->attested = before->attested;
        else
            b->attested = b->workflow != NULL && workflow_attests(f, b->workflow);
    }
}
