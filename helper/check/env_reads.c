/* Settings that code reads and no compose file passes: fixed by the image, or read outside the TEE. */
#include "check/input.h"

/* Kinds whose value decides where users' data goes or who answers. */
static bool carries_data(enum input_kind k)
{
    return k == KIND_ENDPOINT || k == KIND_STORAGE || k == KIND_MODEL || k == KIND_PROXY_CA;
}

static const struct source *file_of(const struct source *s)
{
    while (s->host != NULL)
        s = s->host;
    return s;
}

/* A default inside the compose file or the app-compose is measured with it. */
static bool is_measured_text(const struct facts *f, const struct source *s)
{
    for (const struct source *host = s; host != NULL; host = host->host)
        for (size_t i = 0; i < f->deployments.n; i++)
            if (f->deployments.at[i]->compose == host)
                return true;
    return file_of(s)->kind == SOURCE_APP_COMPOSE;
}

/* The image sets it: an ENV of the Dockerfile that the service is built from. */
struct env_search { sv name; bool found; };

static void look(void *ctx, sv key, sv value, bool has_value, struct place place)
{
    struct env_search *s = ctx;
    (void)value, (void)has_value, (void)place;
    s->found |= sv_eq(key, s->name);
}

static bool image_sets(struct check_run *c, const struct deployment *d, sv name)
{
    struct env_search s = {name, false};
    for (size_t i = 0; i < d->services.n && !s.found; i++) {
        const struct dockerfile *file = d->services.at[i]->dockerfile;
        for (size_t k = 0; file != NULL && k < file->instructions.n; k++)
            if (sv_eq(file->instructions.at[k]->keyword, SV("ENV")))
                instruction_pairs(c->arena, file->instructions.at[k], look, &s);
    }
    return s.found;
}

/* Settings classes match in any case; a name in any spelling counts as passed. */
static bool passes(const struct facts *f, const struct deployment *d, const struct env_read *r)
{
    /* Of several files that rank alike, any may be the deployed one. */
    for (size_t i = 0; i < f->env_sets.n; i++) {
        const struct deployment *o = f->env_sets.at[i]->service->deployment;
        if (o->deployed && sv_eq(o->group, d->group) && read_matches(r, f->env_sets.at[i]->name))
            return true;
    }
    for (size_t i = 0; i < f->inputs.n; i++)
        if (f->inputs.at[i]->deployment == d && read_matches(r, f->inputs.at[i]->target))
            return true;
    return false;
}

/* The deployed compose whose code this is; NULL where none owns it. */
static const struct deployment *owner_of(const struct facts *f, sv path)
{
    for (size_t i = 0; i < f->deployments.n; i++)
        if (f->deployments.at[i]->deployed && deployment_owns(f, f->deployments.at[i], path))
            return f->deployments.at[i];
    return NULL;
}

/* Whole env_files of the deployment hand on what the compose text does not name. */
static const struct env_set *env_file_of(const struct facts *f, const struct deployment *d)
{
    for (size_t i = 0; i < f->env_sets.n; i++) {
        const struct env_set *s = f->env_sets.at[i];
        if (s->service->deployment == d && s->state == ENV_FILE && s->value.p == NULL && s->node != NULL)
            return s;
    }
    return NULL;
}

/* One finding for a name and deployment: the first read stands for all. */
struct reported { sv name; const struct deployment *deployment; };
struct reported_list { VEC(struct reported) all; };

static bool reported_before(struct check_run *c, struct reported_list *list, sv name, const struct deployment *d)
{
    for (size_t i = 0; i < list->all.n; i++)
        if (list->all.at[i]->deployment == d && sv_eq(list->all.at[i]->name, name))
            return true;
    *vec_new(c->arena, &list->all, struct reported) = (struct reported){name, d};
    return false;
}

static const char *what_it_decides(enum input_kind k)
{
    switch (k) {
    case KIND_STORAGE: return "where data is stored";
    case KIND_MODEL: return "which model answers";
    case KIND_PROXY_CA: return "through whose hands connections go";
    default: return "where data is sent";
    }
}

static void relate_uses(struct check_run *c, struct finding *f, const struct env_read *r)
{
    for (size_t i = 0; i < r->uses.n && i < 3; i++)
        relate(c, f, *r->uses.at[i], "used here");
}

static void judge_default(struct check_run *c, const struct env_read *r, const struct deployment *d)
{
    const struct env_set *file = d == NULL ? NULL : env_file_of(c->facts, d);
    sv fixed = r->has_fallback && r->fallback.n != 0
                   ? sv_printf(c->arena, "the default %.*s of the code applies", SV_ARG(r->fallback))
                   : SV("it stays unset");
    struct finding *f;
    if (d == NULL) {
        f = report(c, r->place, r->name, "%.*s decides %s, and the repository holds no compose file that fixes it: whether the operator "
                   "can set it is not visible here.", SV_ARG(r->name), what_it_decides(r->kind));
        f->confidence = CONF_LOW;
        f->severity = SEV_LOW;
    } else if (file != NULL) {
        f = report(c, r->place, r->name, "%.*s decides %s; %.*s names no such variable, but env_file %.*s may carry it, and what is in "
                   "that file is not measured.", SV_ARG(r->name), what_it_decides(r->kind), SV_ARG(d->id), SV_ARG(file->name));
        relate(c, f, file->place, "env_file");
        f->severity = SEV_HIGH;
    } else {
        f = report(c, r->place, r->name, "%.*s decides %s; %.*s neither sets nor passes it, so %.*s. The operator cannot change it under "
                   "the same compose hash, but no attested text states it, and the next image may carry another.",
                   SV_ARG(r->name), what_it_decides(r->kind), SV_ARG(d->id), SV_ARG(fixed));
    }
    f->deployment = d;
    relate_uses(c, f, r);
}

static bool is_candidate(const struct facts *f, const struct env_read *r)
{
    const struct source *s = r->place.src;
    return r->scope == SCOPE_PROD && !r->implicit && carries_data(r->kind) && !s->vendored && !r->outside &&
           !is_measured_text(f, s);
}

void check_env_default(struct check_run *c)
{
    const struct facts *f = c->facts;
    struct reported_list reported = {0};
    inputs_begin(c);
    for (size_t i = 0; i < f->env_reads.n; i++) {
        const struct env_read *r = f->env_reads.at[i];
        if (!is_candidate(f, r))
            continue;
        const struct deployment *d = owner_of(f, r->place.src->path);
        c->examined++;
        if (d == NULL && f->deployments.n != 0)
            continue; /* tools, or another platform: see the next check */
        if (d != NULL && (passes(f, d, r) || image_sets(c, d, r->name)))
            continue;
        if (!reported_before(c, &reported, r->name, d))
            judge_default(c, r, d);
    }
}

/* ---- code that another platform runs ------------------------------------------------------------------ */

/* The manifest of a platform that is no TEE, in the directory or above it; NULL where there is none. */
static const struct source *platform_of(const struct facts *f, struct arena *a, sv path)
{
    static const char *const names[] = {"vercel.json", "netlify.toml", "wrangler.toml", "wrangler.jsonc", "fly.toml", "render.yaml",
                                        "railway.json", "railway.toml", "firebase.json", "app.yaml", "Procfile", "serverless.yml",
                                        "amplify.yml"};
    for (sv dir = path_dir(path);; dir = path_dir(dir)) {
        for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
            sv candidate = dir.n == 0 ? sv_from(names[i]) : sv_printf(a, "%.*s/%s", SV_ARG(dir), names[i]);
            const struct source *s = repo_find(f->repo, candidate);
            if (s != NULL)
                return s;
        }
        if (dir.n == 0)
            return NULL;
    }
}

static enum severity outside_severity(const struct env_read *r)
{
    return r->kind == KIND_ENDPOINT ? SEV_HIGH : SEV_MEDIUM;
}

void check_env_outside(struct check_run *c)
{
    const struct facts *f = c->facts;
    for (size_t i = 0; i < f->env_reads.n; i++) {
        const struct env_read *r = f->env_reads.at[i];
        if (!is_candidate(f, r) || owner_of(f, r->place.src->path) != NULL)
            continue;
        const struct source *platform = platform_of(f, c->arena, r->place.src->path);
        if (platform == NULL)
            continue;
        c->examined++;
        struct finding *found = report(c, r->place, r->name,
            "This code runs on the platform of %.*s, outside the attested CVM: whoever holds that account sets %.*s, which decides %s.",
            SV_ARG(platform->path), SV_ARG(r->name), what_it_decides(r->kind));
        found->severity = outside_severity(r);
        relate_uses(c, found, r);
    }
}
