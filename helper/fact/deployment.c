/* Which compose document is the deployed one, and which code belongs to it (dstack-facts 10.3). */
#include <stdlib.h>

#include "fact/compose.h"

/* ---- words of a path ---------------------------------------------------------------------------- */

static bool is_word_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* True when one of the words of `text` is in the list. */
static bool has_word(sv text, const sv *list, size_t n)
{
    for (size_t i = 0, from = 0; i <= text.n; i++) {
        if (i < text.n && is_word_byte(text.p[i]))
            continue;
        for (size_t k = 0; k < n; k++)
            if (sv_ieq(sv_sub(text, from, i), list[k]))
                return true;
        from = i + 1;
    }
    return false;
}
#define HAS_WORD(text, ...) has_word((text), (const sv[]){__VA_ARGS__}, sizeof((const sv[]){__VA_ARGS__}) / sizeof(sv))

static bool says_dev(sv name)
{
    return HAS_WORD(name, SV("dev"), SV("develop"), SV("development"), SV("local"), SV("test"), SV("tests"), SV("testing"),
                    SV("e2e"), SV("ci"), SV("example"), SV("sample"), SV("mock"), SV("debug"), SV("staging"), SV("stage"),
                    SV("override"), SV("bench"), SV("devnet"), SV("localnet"), SV("regtest"));
}

static bool says_prod(sv name)
{
    return HAS_WORD(name, SV("prod"), SV("production"), SV("deploy"), SV("deployed"), SV("deployment"), SV("release"),
                    SV("template"), SV("tmpl"), SV("phala"), SV("dstack"), SV("tee"), SV("cvm"));
}

/* ---- the app a document belongs to --------------------------------------------------------------- */

/* Directories that hold how an app is deployed, not the app. */
static bool is_deploy_dir(sv base)
{
    return SV_IN(base, SV("deploy"), SV("deployment"), SV("deployments"), SV("docker"), SV(".docker"), SV("compose"),
                 SV("infra"), SV("ops"), SV("phala"), SV("dstack"), SV("dstack-app"), SV("cvm"), SV("tee"), SV("config"),
                 SV(".deploy"), SV("prod"), SV("production"), SV("staging"), SV("dev"), SV("local"), SV("release"),
                 SV("app-compose"), SV("docker-compose"), SV("environments"), SV("env"));
}

static sv app_dir(sv dir)
{
    while (dir.n != 0 && is_deploy_dir(path_base(dir)))
        dir = path_dir(dir);
    return dir;
}

static bool holds_code(const struct facts *f, sv dir)
{
    for (size_t i = 0; i < f->repo->files.n; i++) {
        const struct source *s = f->repo->files.at[i];
        if (s->kind == SOURCE_CODE && !s->vendored && s->scope == SCOPE_PROD && path_is_below(s->path, dir))
            return true;
    }
    return false;
}

/* The one directory of an app that holds no program; SV_NONE where there is none, or where several
 * could mean the same code. */
static sv only_app_without_code(const struct facts *f)
{
    sv only = SV_NONE;
    for (size_t i = 0; i < f->deployments.n; i++) {
        const struct deployment *d = f->deployments.at[i];
        if (d->app != NULL || (only.p != NULL && sv_eq(d->group, only)) || holds_code(f, d->group))
            continue;
        if (only.p != NULL)
            return SV_NONE;
        only = d->group;
    }
    return only;
}

/* Services of the two documents with one name. */
static size_t services_in_common(const struct deployment *a, const struct deployment *b)
{
    size_t n = 0;
    for (size_t i = 0; i < a->services.n; i++)
        for (size_t k = 0; k < b->services.n && i < 200 && k < 200; k++)
            n += sv_eq(a->services.at[i]->name, b->services.at[k]->name);
    return n;
}

/* An app-compose joins the app whose compose file it looks like most: saved evidence lies anywhere. */
static void join_app(struct facts *f, struct deployment *d)
{
    const struct deployment *best = NULL;
    size_t most = 0;
    for (size_t i = 0; i < f->deployments.n; i++) {
        const struct deployment *o = f->deployments.at[i];
        /* Evidence in a folder may stand for an app around it, never for one beside it. */
        if (o->app != NULL || (!d->app->given && !path_is_below(d->compose->path, o->group)))
            continue;
        size_t n = services_in_common(d, o);
        bool nearer = n == most && n != 0 && best != NULL && o->rank < best->rank;
        if (n > most || nearer) {
            best = o;
            most = n;
        }
    }
    if (best != NULL)
        d->group = d->dir = best->group;
    else if (d->app->given)
        d->group = d->dir = SV("");
}

static void find_groups(struct facts *f)
{
    for (size_t i = 0; i < f->deployments.n; i++) {
        struct deployment *d = f->deployments.at[i];
        d->group = d->dir = app_dir(path_dir(d->compose->path));
    }
    /* Where one app has no program beside its compose file, the code that lies beside no other is its. */
    sv only = only_app_without_code(f);
    for (size_t i = 0; i < f->deployments.n && only.n != 0; i++)
        if (sv_eq(f->deployments.at[i]->group, only))
            f->deployments.at[i]->group = f->deployments.at[i]->dir = SV("");
}

/* ---- rank ---------------------------------------------------------------------------------------- */

static const struct deploy_hint *hint_for(const struct facts *f, const struct deployment *d)
{
    for (size_t i = 0; i < f->hints.n; i++) {
        const struct deploy_hint *h = f->hints.at[i];
        if (!sv_eq(h->what, SV("compose")) || h->value.n == 0)
            continue;
        sv joined = path_join(f->arena, path_dir(h->place.src->path), h->value);
        sv plain = sv_starts(h->value, SV("./")) ? sv_sub(h->value, 2, h->value.n) : h->value;
        if (sv_eq(plain, d->compose->path) || (joined.p != NULL && sv_eq(joined, d->compose->path)))
            return h;
    }
    return NULL;
}

static bool uses_guest_agent(const struct deployment *d)
{
    for (size_t i = 0; i < d->services.n; i++)
        if (d->services.at[i]->mounts_guest_agent)
            return true;
    return false;
}

/* Every image pinned and nothing built: nobody writes that for a development machine. */
static bool all_pinned(const struct deployment *d)
{
    for (size_t i = 0; i < d->services.n; i++) {
        const struct service *s = d->services.at[i];
        if (s->image == NULL || !s->image->pinned || node_get(s->node, "build") != NULL)
            return false;
    }
    return d->services.n != 0;
}

static bool says_ingress(const struct deployment *d)
{
    for (size_t i = 0; i < d->services.n; i++)
        if (d->services.at[i]->image != NULL && sv_has(d->services.at[i]->image->name, SV("dstack-ingress")))
            return true;
    return false;
}

/* "./src:/app": a development machine's live reload. Inside a CVM there is no such directory. */
static const struct node *source_bind(const struct deployment *d)
{
    for (size_t i = 0; i < d->services.n; i++)
        for node_each(e, node_get(d->services.at[i]->node, "volumes")) {
            struct mount_entry m;
            if (!mount_of(e, &m) || m.source.n == 0)
                continue;
            sv base = path_base(m.source);
            if (SV_IN(m.source, SV("."), SV("./"), SV("..")) ||
                (m.source.p[0] == '.' && SV_IN(base, SV("src"), SV("app"), SV("lib"), SV("server"), SV("backend"), SV("frontend"))))
                return e;
        }
    return NULL;
}

static void rank_app_compose(struct facts *f, struct deployment *d)
{
    if (d->app->given) {
        d->rank = RANK_GIVEN;
        d->why = SV("given with --app-compose");
    } else if (says_dev(path_base(d->compose->path)) || d->compose->scope == SCOPE_TEST) {
        d->rank = RANK_DEV;
        d->why = SV("its file name or place speaks of development");
    } else {
        d->rank = RANK_APP_COMPOSE;
        d->why = sv_printf(f->arena, "%.*s holds the app-compose", SV_ARG(d->compose->path));
    }
}

/* The part of the path that speaks of the deployment: the file and the directories lifted over. */
static sv naming_part(const struct deployment *d)
{
    sv path = d->compose->path;
    return path_is_below(path, d->group) ? sv_sub(path, d->group.n, path.n) : path_base(path);
}

static void rank_compose(struct facts *f, struct deployment *d)
{
    sv name = naming_part(d);
    const struct deploy_hint *hint = hint_for(f, d);
    const struct node *bind = source_bind(d);
    if (d->override) {
        d->rank = RANK_DEV;
        d->why = SV("an override file is merged by a local `docker compose up` alone");
    } else if (says_dev(name) || d->compose->scope == SCOPE_TEST || d->compose->scope == SCOPE_DEV) {
        d->rank = RANK_DEV;
        d->why = SV("its name or place speaks of development");
    } else if (hint != NULL) {
        d->rank = RANK_NAMED;
        d->why = sv_printf(f->arena, "named for deployment in %.*s:%zu", SV_ARG(hint->place.src->path),
                           place_line(hint->place));
    } else if (says_prod(path_base(d->compose->path)) || (says_prod(name) && !says_dev(name))) {
        d->rank = RANK_PROD;
        d->why = SV("its name speaks of production");
    } else if (uses_guest_agent(d) || says_ingress(d)) {
        d->rank = RANK_SOCKET;
        d->why = SV("it mounts the guest agent or runs dstack-ingress");
    } else if (all_pinned(d)) {
        d->rank = RANK_SOCKET;
        d->why = SV("every image is pinned and nothing is built");
    } else if (d->merged.p != NULL) {
        d->rank = RANK_PLAIN;
        d->why = d->merged;
        return;
    } else {
        d->rank = RANK_PLAIN;
        d->why = bind == NULL ? SV("no sign of another deployed file") : SV("it mounts source code, as on a development machine");
    }
    if (d->merged.p != NULL)
        d->why = sv_printf(f->arena, "%.*s; %.*s", SV_ARG(d->why), SV_ARG(d->merged));
}

static bool runs_simulator(const struct deployment *d)
{
    for (size_t i = 0; i < d->services.n; i++) {
        const struct image_ref *image = d->services.at[i]->image;
        if (image != NULL && sv_has(image->name, SV("simulator")) && (sv_has(image->name, SV("tappd")) || sv_has(image->name, SV("dstack"))))
            return true;
    }
    return false;
}

/* Keys of a simulator are public: where another file of the app does without one, this is for development. */
static void rank_simulated(struct facts *f, struct deployment *d)
{
    if (d->rank >= RANK_DEV || d->rank < RANK_PROD || !runs_simulator(d))
        return;
    for (size_t i = 0; i < f->deployments.n; i++) {
        const struct deployment *o = f->deployments.at[i];
        if (o == d || o->rank >= RANK_DEV || !sv_eq(o->group, d->group) || runs_simulator(o))
            continue;
        d->rank = RANK_DEV;
        d->why = SV("it runs a simulator of the guest agent");
        return;
    }
}

static struct deployment *deployment_at(const struct facts *f, const struct source *src)
{
    for (size_t i = 0; i < f->deployments.n; i++)
        if (f->deployments.at[i]->compose == src)
            return f->deployments.at[i];
    return NULL;
}

/* A file that another one, which ranks as well, reads or is laid over: the two are deployed as one. */
static void make_part(struct facts *f, const struct deployment *whole, const struct source *part, const char *why)
{
    struct deployment *d = deployment_at(f, part);
    if (whole == NULL || d == NULL || d == whole || d->app != NULL || whole->rank >= RANK_DEV || whole->rank > d->rank)
        return;
    d->rank = RANK_PART;
    d->why = sv_printf(f->arena, "%.*s %s", SV_ARG(whole->id), why);
}

static void settle_parts(struct facts *f)
{
    for (size_t i = 0; i < f->deployments.n; i++)
        for (size_t b = 0; b < f->deployments.at[i]->n_bases; b++)
            make_part(f, f->deployments.at[i], f->deployments.at[i]->bases[b], "is laid over it");
    for (size_t i = 0; i < f->compose_parts.n; i++)
        make_part(f, deployment_at(f, f->compose_parts.at[i]->by), f->compose_parts.at[i]->src, "includes or extends it");
}

static int best_first(const void *pa, const void *pb)
{
    const struct deployment *a = *(struct deployment *const *)pa, *b = *(struct deployment *const *)pb;
    int c = (a->rank > b->rank) - (a->rank < b->rank);
    return c != 0 ? c : sv_cmp(a->id, b->id);
}

/* Of several saved app-composes the last by path counts: evidence folders are named by date. */
static bool outdated(const struct facts *f, const struct deployment *d)
{
    for (size_t i = 0; i < f->deployments.n; i++) {
        const struct deployment *o = f->deployments.at[i];
        if (o->rank == RANK_APP_COMPOSE && sv_eq(o->group, d->group) && sv_cmp(o->id, d->id) > 0 &&
            services_in_common(o, d) != 0)
            return true;
    }
    return false;
}

static void choose(struct facts *f, struct deployment *d)
{
    size_t alike = 0;
    const struct deployment *before = NULL;
    d->deployed = d->rank < RANK_DEV;
    for (size_t i = 0; i < f->deployments.n; i++) {
        const struct deployment *o = f->deployments.at[i];
        if (!sv_eq(o->group, d->group))
            continue;
        if (o->rank < d->rank) {
            d->deployed = false;
            before = before == NULL || o->rank < before->rank ? o : before;
        }
        alike += o->rank == d->rank;
    }
    if (d->rank == RANK_APP_COMPOSE && outdated(f, d)) {
        d->deployed = false;
        d->why = SV("an earlier app-compose of the same app");
    } else if (before != NULL && d->rank < RANK_DEV) {
        d->why = sv_printf(f->arena, "%.*s ranks before it", SV_ARG(before->id));
    } else if (d->deployed && alike > 1 && d->rank > RANK_APP_COMPOSE) {
        d->why = sv_printf(f->arena, "%.*s; one of %zu that rank alike", SV_ARG(d->why), alike);
    }
}

/* A service with a ready image runs the code from which another file of the app builds the service of that name. */
static void borrow_contexts(struct facts *f, struct deployment *d)
{
    for (size_t i = 0; i < d->services.n && i < 200; i++) {
        struct service *s = d->services.at[i];
        for (size_t k = 0; s->context.p == NULL && node_get(s->node, "build") == NULL && k < f->deployments.n; k++) {
            const struct deployment *o = f->deployments.at[k];
            for (size_t t = 0; o != d && sv_eq(o->group, d->group) && t < o->services.n && t < 200; t++) {
                const struct service *built = o->services.at[t];
                bool apart = built->context.n > d->group.n && sv_eq(built->name, s->name) && node_get(built->node, "build") != NULL;
                if (apart && holds_code(f, built->context))
                    s->context = built->context;
            }
        }
    }
}

/* A plain file in the folder of a service that a better one deploys is for work on that service. */
static void settle_inner(struct facts *f, struct deployment *d)
{
    for (size_t i = 0; d->deployed && d->rank == RANK_PLAIN && i < f->deployments.n; i++) {
        const struct deployment *o = f->deployments.at[i];
        for (size_t k = 0; o->deployed && o->rank < RANK_PLAIN && !sv_eq(o->group, d->group) && k < o->services.n; k++)
            if (o->services.at[k]->context.n != 0 && sv_eq(o->services.at[k]->context, d->dir)) {
                d->deployed = false;
                d->why = sv_printf(f->arena, "%.*s deploys what is built here", SV_ARG(o->id));
                return;
            }
    }
}

/* A runner `bash` has no compose file: the app-compose itself stands for the deployment. */
static void add_bash_deployments(struct facts *f)
{
    for (size_t i = 0; i < f->app_composes.n; i++) {
        struct app_compose *app = f->app_composes.at[i];
        if (app->compose != NULL)
            continue;
        struct deployment *d = vec_new(f->arena, &f->deployments, struct deployment);
        *d = (struct deployment){.id = app->src->path, .compose = app->src, .root = app->root, .app = app,
                                 .refused = SV_NONE, .dir = path_dir(app->src->path), .group = path_dir(app->src->path)};
    }
}

void facts_rank_deployments(struct facts *f)
{
    add_bash_deployments(f);
    find_groups(f);
    for (size_t i = 0; i < f->deployments.n; i++)
        if (f->deployments.at[i]->app == NULL)
            rank_compose(f, f->deployments.at[i]);
    settle_parts(f);
    for (size_t i = 0; i < f->deployments.n; i++)
        if (f->deployments.at[i]->app != NULL) {
            join_app(f, f->deployments.at[i]);
            rank_app_compose(f, f->deployments.at[i]);
        }
    for (size_t i = 0; i < f->deployments.n; i++)
        rank_simulated(f, f->deployments.at[i]);
    for (size_t i = 0; i < f->deployments.n; i++)
        borrow_contexts(f, f->deployments.at[i]);
    for (size_t i = 0; i < f->deployments.n; i++)
        choose(f, f->deployments.at[i]);
    for (size_t i = 0; i < f->deployments.n; i++)
        settle_inner(f, f->deployments.at[i]);
    if (f->deployments.n > 1)
        qsort(f->deployments.at, f->deployments.n, sizeof *f->deployments.at, best_first);
}

/* ---- code --------------------------------------------------------------------------------------- */

/* Length of the longest directory of the deployment that holds the path, plus one; 0 when none does. */
static size_t holds(const struct deployment *d, sv path)
{
    size_t best = path_is_below(path, d->dir) ? d->dir.n + 1 : 0;
    for (size_t i = 0; i < d->services.n; i++) {
        sv context = d->services.at[i]->context;
        if (context.p != NULL && context.n + 1 > best && path_is_below(path, context))
            best = context.n + 1;
    }
    return best;
}

const struct deployment *deployment_of(const struct facts *f, sv path)
{
    const struct deployment *best = NULL;
    size_t most = 0;
    for (size_t i = 0; i < f->deployments.n; i++) {
        const struct deployment *d = f->deployments.at[i];
        size_t n = holds(d, path);
        if (n > most || (n == most && n != 0 && d->deployed && !best->deployed)) {
            best = d;
            most = n;
        }
    }
    return best;
}

/* Below `dir`, and not below another app's directory that lies deeper. */
static bool owned_below(const struct facts *f, sv path, sv dir)
{
    if (!path_is_below(path, dir))
        return false;
    for (size_t i = 0; i < f->deployments.n; i++) {
        sv other = f->deployments.at[i]->dir;
        if (other.n > dir.n && path_is_below(path, other))
            return false;
    }
    return true;
}

bool deployment_owns(const struct facts *f, const struct deployment *d, sv path)
{
    if (owned_below(f, path, d->dir))
        return true;
    for (size_t i = 0; i < d->services.n; i++) {
        sv context = d->services.at[i]->context;
        if (context.p != NULL && owned_below(f, path, context))
            return true;
    }
    return false;
}

const char *rank_name(enum deploy_rank r)
{
    switch (r) {
    case RANK_GIVEN: return "given";
    case RANK_APP_COMPOSE: return "app-compose";
    case RANK_NAMED: return "named";
    case RANK_PROD: return "prod";
    case RANK_SOCKET: return "guest-agent";
    case RANK_PLAIN: return "plain";
    case RANK_DEV: return "dev";
    case RANK_PART: break;
    }
    return "part";
}
