/* What another platform runs: code and images that a manifest of one which is no TEE takes up. */
#include "fact/fact.h"

static const char *const manifests[] = {"vercel.json", "netlify.toml", "wrangler.toml", "wrangler.jsonc", "fly.toml", "render.yaml",
                                        "railway.json", "railway.toml", "firebase.json", "app.yaml", "Procfile", "serverless.yml",
                                        "amplify.yml"};

static bool is_manifest(sv path)
{
    sv base = path_base(path);
    for (size_t i = 0; i < sizeof manifests / sizeof *manifests; i++)
        if (sv_eq(base, sv_from(manifests[i])))
            return true;
    return false;
}

const struct source *platform_of(const struct facts *f, sv path)
{
    for (sv dir = path_dir(path);; dir = path_dir(dir)) {
        for (size_t i = 0; i < sizeof manifests / sizeof *manifests; i++) {
            sv candidate = dir.n == 0 ? sv_from(manifests[i]) : sv_printf(f->arena, "%.*s/%s", SV_ARG(dir), manifests[i]);
            const struct source *s = repo_find(f->repo, candidate);
            if (s != NULL)
                return s;
        }
        if (dir.n == 0)
            return NULL;
    }
}

struct builders { VEC(const struct source) all; }; /* scripts that build images */

static struct builders builders_of(const struct facts *f)
{
    struct builders made = {0};
    for (size_t i = 0; i < f->runs.n; i++) {
        const struct run *r = f->runs.at[i];
        bool known = made.all.n != 0 && made.all.at[made.all.n - 1] == r->src;
        if (!known && r->dockerfile == NULL && command_builds_image(r->command))
            vec_push(f->arena, &made.all, r->src);
    }
    return made;
}

/* A service of a deployed compose is built from it, or a workflow names it, or a script that builds images. */
static bool is_used(const struct facts *f, const struct builders *builders, const struct dockerfile *d)
{
    for (size_t i = 0; i < f->services.n; i++)
        if (f->services.at[i]->dockerfile == d && f->services.at[i]->deployment->deployed)
            return true;
    for (size_t i = 0; i < f->workflows.n; i++)
        if (source_has(f->workflows.at[i]->src, d->src->path))
            return true;
    for (size_t i = 0; i < builders->all.n; i++)
        if (source_has(builders->all.at[i], d->src->path))
            return true;
    return false;
}

struct platform_files { VEC(const struct source) all; };

/* The manifest lies beside it or above it, the root of the repository left out, or names it. */
static bool is_taken_up(const struct facts *f, const struct platform_files *files, const struct dockerfile *d)
{
    const struct source *near = platform_of(f, d->src->path);
    if (near != NULL && path_dir(near->path).n != 0)
        return true;
    for (size_t i = 0; i < files->all.n; i++)
        if (source_has(files->all.at[i], d->src->path))
            return true;
    return false;
}

void facts_find_elsewhere(struct facts *f)
{
    struct platform_files files = {0};
    for (size_t i = 0; i < f->repo->files.n; i++)
        if (is_manifest(f->repo->files.at[i]->path))
            vec_push(f->arena, &files.all, f->repo->files.at[i]);
    struct builders builders = files.all.n == 0 ? (struct builders){0} : builders_of(f);
    bool known = false; /* which one the deployment uses, so that the others can be told apart */
    for (size_t i = 0; i < f->dockerfiles.n && files.all.n != 0; i++)
        known = known || is_used(f, &builders, f->dockerfiles.at[i]);
    for (size_t i = 0; known && i < f->dockerfiles.n; i++) {
        struct dockerfile *d = f->dockerfiles.at[i];
        if (d->src->host == NULL && !is_used(f, &builders, d) && is_taken_up(f, &files, d))
            vec_push(f->arena, &f->elsewhere, d);
    }
}

bool is_elsewhere(const struct facts *f, const struct source *dockerfile)
{
    for (size_t i = 0; i < f->elsewhere.n; i++)
        if (f->elsewhere.at[i]->src == dockerfile)
            return true;
    return false;
}
