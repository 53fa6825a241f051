/* What a build takes from the network: packages, dependencies, downloads, sources; and what is built
 * inside the CVM. */
#include "check/fetch.h"
#include "check/lookup.h"

/* ---- where a build happens ------------------------------------------------------------------------------ */

/* A Dockerfile that stands in the compose itself is built in the CVM, by whoever's network it meets there. */
static const struct service *built_in_cvm(const struct check_run *c, const struct run *r)
{
    if (r->dockerfile == NULL || r->dockerfile->src->host == NULL)
        return NULL;
    for (size_t i = 0; i < c->facts->services.n; i++)
        if (c->facts->services.at[i]->dockerfile == r->dockerfile && node_get(c->facts->services.at[i]->node, "build") != NULL)
            return c->facts->services.at[i];
    return NULL;
}

static bool is_build(const struct run *r)
{
    return r->when == RUN_BUILD;
}

/* `in_cvm`: the severity where the build runs under an attestation that was given before it. */
static struct finding *report_build(struct check_run *c, const struct run *r, const struct fetch *f, enum severity severity, enum severity in_cvm)
{
    const struct service *s = built_in_cvm(c, r);
    struct finding *found = report(c, f->place, f->subject, "%.*s brings %.*s into the image, and %s: %s", SV_ARG(f->tool), SV_ARG(f->subject), f->flaw,
                                   s != NULL ? "the CVM takes whatever is served at the moment it builds, under an unchanged compose hash."
                                             : "a rebuild of the same source gives other bytes, so nobody can show that the deployed digest comes from it.");
    if (s != NULL)
        return on_service(found, s, in_cvm);
    return on_scope(found, r->scope, severity);
}

/* ---- packages ---------------------------------------------------------------------------------------------- */

static void judge_system(struct check_run *c, const struct run *r, const struct fetch *f)
{
    if (!is_build(r) || f->kind != FETCH_SYSTEM)
        return;
    c->examined++;
    if (f->state == FETCH_OPEN)
        report_build(c, r, f, SEV_MEDIUM, SEV_MEDIUM);
}

/* AG-08, DS-03 */
void check_system_packages(struct check_run *c)
{
    each_fetch(c, judge_system);
}

/* Installers bring the packages and do not stay in the program: another version rarely gives another result. */
static bool only_installers(sv packages)
{
    for (sv rest = packages; rest.p != NULL;) {
        sv word = sv_cut(&rest, ' ');
        word = sv_cut(&word, '@');
        if (word.n != 0 && !SV_IN(word, SV("uv"), SV("pip"), SV("poetry"), SV("pdm"), SV("pipenv"), SV("setuptools"), SV("wheel"), SV("pnpm"), SV("npm"),
                                  SV("yarn"), SV("corepack"), SV("bun"), SV("cargo-chef"), SV("hatch"), SV("hatchling"), SV("build")))
            return false;
    }
    return true;
}

static void judge_packages(struct check_run *c, const struct run *r, const struct fetch *f)
{
    if (!is_build(r) || f->kind != FETCH_PACKAGES)
        return;
    c->examined++;
    bool installers = only_installers(f->subject);
    if (f->state == FETCH_OPEN)
        report_build(c, r, f, installers ? SEV_LOW : SEV_MEDIUM, installers ? SEV_MEDIUM : SEV_HIGH);
}

/* AG-08, DS-03 */
void check_packages(struct check_run *c)
{
    each_fetch(c, judge_packages);
}

/* ---- manifests and locks -------------------------------------------------------------------------------------- */

static void relate_manifest(struct check_run *c, struct finding *found, const struct fetch *f)
{
    if (f->range.src != NULL)
        relate(c, found, f->range, "the first open requirement");
    else if (f->manifest != NULL)
        relate(c, found, (struct place){f->manifest, 0, 0}, "asks for the packages");
    if (f->ignored.src != NULL)
        relate(c, found, f->ignored, "keeps the lock file out of the repository");
}

static void judge_dependencies(struct check_run *c, const struct run *r, const struct fetch *f)
{
    if (!is_build(r) || f->kind != FETCH_MANIFEST)
        return;
    c->examined++;
    if (f->lock != NULL || f->state == FETCH_FIXED)
        return;
    bool open = f->state == FETCH_OPEN;
    struct finding *found = report_build(c, r, f, open ? SEV_MEDIUM : SEV_LOW, open ? SEV_HIGH : SEV_LOW);
    relate_manifest(c, found, f);
}

/* AG-08, DS-03 */
void check_dependencies_locked(struct check_run *c)
{
    each_fetch(c, judge_dependencies);
}

static void judge_lock(struct check_run *c, const struct run *r, const struct fetch *f)
{
    if (!is_build(r) || f->kind != FETCH_MANIFEST || f->lock == NULL)
        return;
    c->examined++;
    if (f->state == FETCH_FIXED)
        return;
    bool enforced = f->state == FETCH_OPEN;
    struct finding *found = report(c, f->place, f->lock->path, "%.*s is committed, but %s: %s", SV_ARG(f->lock->path), f->flaw,
                                   enforced ? "the image gets other packages than the ones that were reviewed and locked."
                                            : "the image may get other packages than the ones that were locked, and nobody is told.");
    relate(c, found, (struct place){f->lock, 0, 0}, "the lock file");
    on_scope(found, r->scope, enforced ? SEV_MEDIUM : SEV_LOW);
}

/* AG-08, DS-03 */
void check_lock_used(struct check_run *c)
{
    each_fetch(c, judge_lock);
}

/* ---- manifests that no image is known to install -------------------------------------------------------------- */

static const struct { const char *manifest, *asks, *locks[6]; } LOCKED[] = {
    {"package.json", "ependencies\"", {"package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock", "bun.lockb"}},
    {"pyproject.toml", "dependencies = [", {"uv.lock", "poetry.lock", "pdm.lock", "pylock.toml", "requirements.lock", "requirements.txt"}},
    {"pyproject.toml", "poetry.dependencies]", {"poetry.lock", "uv.lock"}},
    {"Pipfile", "packages]", {"Pipfile.lock"}},
    {"Cargo.toml", "[dependencies]", {"Cargo.lock"}},
    {"go.mod", "require", {"go.sum"}},
};

struct manifests { const struct source **at; size_t n; };

static bool in_manifests(const struct manifests *m, const struct source *s)
{
    for (size_t i = 0; i < m->n; i++)
        if (m->at[i] == s)
            return true;
    return false;
}

/* Beside the manifest or above it, as workspaces keep it. */
static bool has_lock(const struct facts *f, const struct source *s, const char *const *locks, size_t n)
{
    for (sv dir = path_dir(s->path);; dir = path_dir(dir)) {
        for (size_t i = 0; i < n && locks[i] != NULL; i++) {
            sv path = path_join(f->arena, dir, sv_from(locks[i]));
            if (path.p != NULL && repo_find(f->repo, path) != NULL)
                return true;
        }
        if (dir.n == 0)
            return false;
    }
}

static void judge_manifest(struct check_run *c, const struct source *s)
{
    for (size_t i = 0; i < sizeof LOCKED / sizeof *LOCKED; i++) {
        size_t at = sv_eq(path_base(s->path), sv_from(LOCKED[i].manifest)) ? sv_find(s->text, sv_from(LOCKED[i].asks)) : SV_NOT_FOUND;
        if (at == SV_NOT_FOUND)
            continue;
        c->examined++;
        if (has_lock(c->facts, s, LOCKED[i].locks, sizeof LOCKED[i].locks / sizeof *LOCKED[i].locks))
            return;
        report(c, (struct place){s, at, at + 1}, path_base(s->path),
               "%.*s asks for packages by range, and no lock file is committed: whoever installs it gets what the registry serves at that moment.", SV_ARG(s->path));
        return;
    }
}

/* DS-03: one finding a manifest, unless an image that installs it was judged by the rules above. */
void check_manifest_lock(struct check_run *c)
{
    struct fetching x = fetching_begin(c);
    struct manifests installed = {arena_array(c->arena, const struct source *, c->facts->runs.n + 1), 0};
    for (size_t i = 0; i < c->facts->runs.n; i++) {
        struct fetch f;
        const struct run *r = c->facts->runs.at[i];
        if ((is_build(r) || r->when == RUN_START) && fetch_of(&x, r, &f) && f.manifest != NULL && !in_manifests(&installed, f.manifest))
            installed.at[installed.n++] = f.manifest;
    }
    for (size_t i = 0; i < c->facts->repo->files.n; i++) {
        const struct source *s = c->facts->repo->files.at[i];
        if (s->kind == SOURCE_MANIFEST && !s->vendored && s->scope == SCOPE_PROD && !in_manifests(&installed, s))
            judge_manifest(c, s);
    }
}

/* ---- downloads and sources -------------------------------------------------------------------------------------- */

/* A script that deploys or verifies decides what users believe; other helpers of a developer do not. */
static bool is_trusted_script(const struct run *r)
{
    if (r->when == RUN_DEPLOY)
        return true;
    static const char *const words[] = {"attest", "quote", "mrtd", "rtmr", "verif"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (sv_ihas(r->src->path, sv_from(words[i])) || (i < 4 && source_ihas(r->src, sv_from(words[i]))))
            return true;
    return false;
}

static bool is_judged_download(const struct run *r, const struct fetch *f)
{
    return (f->kind == FETCH_DOWNLOAD || f->kind == FETCH_PIPE) && r->when != RUN_START && r->when != RUN_CI;
}

static void judge_download(struct check_run *c, const struct run *r, const struct fetch *f, bool trusted)
{
    c->examined++;
    if (f->state == FETCH_FIXED)
        return;
    if (is_build(r)) {
        report_build(c, r, f, SEV_MEDIUM, SEV_HIGH);
        return;
    }
    on_scope(report(c, f->place, f->subject, "%.*s fetches %.*s and runs or unpacks it, and %s: whoever serves the file decides what %s.", SV_ARG(f->tool),
                    SV_ARG(f->subject), f->flaw, trusted ? "this script deploys or verifies" : "runs on the machine of whoever calls the script"),
             r->scope, trusted ? SEV_MEDIUM : SEV_LOW);
}

/* `ADD https://…` and `ADD https://….git`: fixed by --checksum, or by a commit behind "#". */
static void judge_add(struct check_run *c, const struct dockerfile *d, const struct instruction *in, bool git)
{
    sv rest = sv_trim(in->args), url = sv_cut(&rest, ' ');
    bool checksum = false, is_git = sv_ends(url, SV(".git")) || sv_has(url, SV(".git#")) || sv_starts(url, SV("git@"));
    if (!sv_eq(in->keyword, SV("ADD")) || (!sv_has(url, SV("://")) && !sv_starts(url, SV("git@"))) || is_git != git)
        return;
    for (const struct docker_flag *flag = in->flags; flag != NULL; flag = flag->next)
        checksum = checksum || sv_eq(flag->name, SV("checksum"));
    size_t hash = sv_rfind_char(url, '#');
    c->examined++;
    if (checksum || (git && hash != SV_NOT_FOUND && sv_is_hex(sv_sub(url, hash + 1, hash + 41), 40)))
        return;
    struct run r = {.dockerfile = d, .scope = d->src->scope, .src = d->src, .when = RUN_BUILD};
    struct fetch f = {.tool = SV("ADD"), .subject = url, .place = in->place, .flaw = git ? "no commit is named" : "no --checksum is given"};
    report_build(c, &r, &f, SEV_MEDIUM, SEV_HIGH);
}

static void each_add(struct check_run *c, bool git)
{
    for (size_t i = 0; i < c->facts->dockerfiles.n; i++) {
        const struct dockerfile *d = c->facts->dockerfiles.at[i];
        for (size_t k = 0; k < d->instructions.n && !d->src->vendored && !is_elsewhere(c->facts, d->src); k++)
            judge_add(c, d, d->instructions.at[k], git);
    }
}

/* CX-12, DS-37, DS-03 */
void check_download_verified(struct check_run *c)
{
    const struct fetches *list = fetches_of(c);
    const struct source *script = NULL; /* commands of one script follow each other */
    bool trusted = false;
    for (size_t i = 0; i < list->all.n; i++) {
        const struct run *r = list->all.at[i]->run;
        if (!is_judged_download(r, &list->all.at[i]->fetch))
            continue;
        trusted = script == r->src ? trusted : is_trusted_script(r);
        script = r->src;
        judge_download(c, r, &list->all.at[i]->fetch, trusted);
    }
    each_add(c, false);
}

static void judge_git(struct check_run *c, const struct run *r, const struct fetch *f)
{
    if (!is_build(r) || f->kind != FETCH_GIT)
        return;
    c->examined++;
    if (f->state != FETCH_FIXED)
        report_build(c, r, f, f->state == FETCH_OPEN ? SEV_MEDIUM : SEV_LOW, SEV_HIGH);
}

/* DS-03 */
void check_source_pinned(struct check_run *c)
{
    each_fetch(c, judge_git);
    each_add(c, true);
}

/* ---- built in the CVM ----------------------------------------------------------------------------------------------- */

static void judge_service_build(struct check_run *c, const struct service *s, const struct node *build)
{
    sv context = build->kind == NODE_SCALAR ? build->text : node_get_text(build, "context");
    bool remote = sv_has(context, SV("://")) || sv_starts(context, SV("git@")) || sv_has(context, SV(".git#"));
    const struct node *text = node_get(build, "dockerfile_inline");
    size_t hash = sv_rfind_char(context, '#');
    if (remote && hash != SV_NOT_FOUND && sv_is_hex(sv_sub(context, hash + 1, hash + 41), 40))
        remote = false; /* the commit is measured with the compose */
    const struct node *named = text != NULL ? text : build->kind == NODE_SCALAR ? build : node_get(build, "context");
    struct place place = text != NULL ? text->key_place : build->key_place;
    if (remote)
        on_service(report(c, named->place, context, "The CVM builds '%.*s' from a repository address without a commit: whoever can push there decides which code runs, under the same compose hash.",
                          SV_ARG(service_name(s))), s, SEV_CRITICAL);
    else if (text != NULL)
        on_service(report(c, place, service_name(s), "The image of '%.*s' is built inside the CVM from an inline Dockerfile: what its commands fetch at that boot is in no measurement, "
                          "so two instances with one compose hash may run different code.", SV_ARG(service_name(s))), s, SEV_HIGH);
    else if (s->deployment->deployed && !is_dev(s)) /* elsewhere it is how developers start it */
        on_service(report(c, place, service_name(s), "'%.*s' is built from '%.*s' instead of being named by digest: the compose hash then says nothing about the code. The files of the context are in no CVM "
                          "either, so what is really deployed is not this document.", SV_ARG(service_name(s)), SV_ARG(context.n == 0 ? SV(".") : context)), s, SEV_MEDIUM);
}

/* CX-18 */
void check_built_in_cvm(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->services.n; i++) {
        const struct service *s = c->facts->services.at[i];
        const struct node *build = node_get(s->node, "build");
        c->examined++;
        if (build != NULL && (s->image == NULL || !s->image->pinned)) /* a digest is pulled, not built */
            judge_service_build(c, s, build);
    }
}
