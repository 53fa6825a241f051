/* Code beside the apps of a repository that one of them takes in: packages of a workspace, a library folder. */
#include "fact/fact.h"

enum { SHARED = 2000 };

static const struct source *manifest_in(const struct facts *f, sv dir)
{
    static const char *const names[] = {"package.json", "Cargo.toml", "pyproject.toml", "go.mod", "setup.py"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        sv path = path_join(f->arena, dir, sv_from(names[i]));
        const struct source *s = path.p == NULL ? NULL : repo_find(f->repo, path);
        if (s != NULL)
            return s;
    }
    return NULL;
}

/* The folder that is taken in as one: the nearest with a manifest, else the file's own. */
static sv package_of(const struct facts *f, sv path, const struct source **manifest)
{
    for (sv dir = path_dir(path); dir.n != 0; dir = path_dir(dir))
        if ((*manifest = manifest_in(f, dir)) != NULL)
            return dir;
    return path_dir(path);
}

static sv first_quoted(sv text)
{
    size_t open = sv_find_char(text, '"');
    sv name = open == SV_NOT_FOUND ? SV("") : sv_sub(text, open + 1, text.n);
    return sv_cut(&name, '"');
}

/* `"name": "@x/lib"`, `name = "x-lib"`, `module example.com/lib`. */
static sv package_name(const struct source *manifest)
{
    sv text = manifest == NULL ? SV("") : manifest->text;
    bool json = manifest != NULL && manifest->lang == LANG_JSON;
    size_t at = json ? sv_find(text, SV("\"name\"")) : SV_NOT_FOUND;
    if (json)
        return at == SV_NOT_FOUND ? SV("") : first_quoted(sv_sub(text, at + 6, text.n));
    for (sv rest = text; rest.p != NULL && rest.n != 0;) {
        sv line = sv_trim(sv_line(&rest));
        if (sv_starts(line, SV("module ")))
            return sv_trim(sv_sub(line, 7, line.n));
        if (sv_starts(line, SV("name")) && sv_find_char(line, '=') != SV_NOT_FOUND)
            return first_quoted(line);
    }
    return SV("");
}

/* Code writes `my_lib::` for the crate `my-lib`. */
static sv as_crate(struct arena *a, sv name)
{
    char *p = arena_copy(a, name.p, name.n);
    for (size_t i = 0; i < name.n; i++)
        p[i] = p[i] == '-' ? '_' : p[i];
    return (sv){p, name.n};
}

/* The text takes the folder in: by a path that ends in it, by an import, by the package's name. */
static bool takes_in(struct arena *a, const struct source *s, sv dir, sv name)
{
    sv base = path_base(dir);
    if (name.n > 2 && source_has(s, s->lang == LANG_RUST ? sv_printf(a, "%.*s::", SV_ARG(as_crate(a, name))) : name))
        return true;
    const sv forms[] = {sv_printf(a, "../%.*s/", SV_ARG(base)), sv_printf(a, "../%.*s\"", SV_ARG(base)), sv_printf(a, "../%.*s'", SV_ARG(base)),
                        sv_printf(a, "%.*s/", SV_ARG(dir)),     sv_printf(a, "COPY %.*s ", SV_ARG(dir)), sv_printf(a, "from %.*s", SV_ARG(base)),
                        sv_printf(a, "import %.*s", SV_ARG(base))};
    size_t n = sizeof forms / sizeof *forms - (s->lang == LANG_PYTHON ? 0 : 2);
    for (size_t i = 0; i < n; i++)
        if ((i != 3 || sv_find_char(dir, '/') != SV_NOT_FOUND || s->kind == SOURCE_DOCKERFILE) && source_has(s, forms[i]))
            return true;
    return false;
}

bool deployment_shares(struct facts *f, const struct deployment *d, sv path)
{
    const struct source *manifest = NULL;
    if (d->dir.n == 0 || deployment_of(f, path) != NULL)
        return false;
    sv dir = package_of(f, path, &manifest);
    for (size_t i = 0; i < f->shared.n; i++)
        if (f->shared.at[i]->deployment == d && sv_eq(f->shared.at[i]->dir, dir))
            return f->shared.at[i]->taken;
    if (dir.n == 0 || f->shared.n >= SHARED)
        return false;
    struct shared_code *row = vec_new(f->arena, &f->shared, struct shared_code);
    *row = (struct shared_code){.deployment = d, .dir = dir};
    sv name = package_name(manifest);
    for (size_t i = 0; i < f->repo->files.n && !row->taken; i++) {
        const struct source *s = f->repo->files.at[i];
        bool says = s->kind == SOURCE_CODE || s->kind == SOURCE_MANIFEST || s->kind == SOURCE_DOCKERFILE;
        row->taken = says && !s->vendored && deployment_owns(f, d, s->path) && takes_in(f->arena, s, dir, name);
    }
    return row->taken;
}
