/* Compose documents: deployments, services, variables, environments, images, mounts. */
#include "base/limits.h"
#include "fact/compose.h"

struct reader {
    struct facts *f;
    struct deployment *deployment;
    struct service *service; /* NULL at top level */
};

/* ---- variables -------------------------------------------------------------------------------- */

static struct var_use *add_use(struct reader *r, sv name, enum var_form form, const struct node *node,
                               struct place place)
{
    struct var_use *u = vec_new(r->f->arena, &r->f->var_uses, struct var_use);
    *u = (struct var_use){.name = name, .form = form, .word = SV_NONE, .node = node, .place = place,
                          .deployment = r->deployment, .service = r->service};
    return u;
}

static void refuse(struct reader *r, struct place at, const char *why)
{
    repo_diag(r->f->repo, at.src->path, place_line(at), "%s", why);
    if (r->deployment->refused.p == NULL) {
        r->deployment->refused = sv_from(why);
        r->deployment->refused_at = at;
    }
}

/* Records every ${…} of one scalar; nested ones point to the one they stand in. */
static void scan_scalar(struct reader *r, const struct node *n)
{
    if (sv_find_char(n->text, '$') == SV_NOT_FOUND)
        return;
    struct interp found;
    interp_parse(r->f->arena, n->text, &found);
    if (found.limited)
        repo_limit(r->f->repo, n->place.src->path, "interpolation");
    if (!found.valid)
        refuse(r, node_span(n, found.error_at, found.error_at + 1), "compose refuses this interpolation");
    const struct var_use *outer[LIMIT_INTERPOLATION_DEPTH + 2] = {NULL};
    for (size_t i = 0; i < found.vars.n; i++) {
        const struct interp_var *v = found.vars.at[i];
        struct var_use *u = add_use(r, v->name, v->form, n, node_span(n, v->start, v->end));
        u->word = v->word;
        u->outer = v->depth == 0 ? NULL : outer[v->depth - 1];
        outer[v->depth] = u;
    }
}

/* Every scalar value below `n`; mapping keys are not interpolated. */
static void scan(struct reader *r, const struct node *n)
{
    if (n->kind == NODE_SCALAR)
        scan_scalar(r, n);
    else
        for node_each(e, n)
            scan(r, e);
}

/* ---- environment ------------------------------------------------------------------------------ */

/* How the value comes about, by the outermost variables in it. */
static enum env_state state_of(const struct env_set *s)
{
    enum env_state state = ENV_LITERAL;
    for (size_t i = 0; i < s->uses.n; i++) {
        const struct var_use *u = s->uses.at[i];
        if (u->outer != NULL)
            continue;
        switch (u->form) {
        case VAR_PLAIN: return ENV_INTERPOLATED;
        case VAR_BARE: return ENV_BARE;
        case VAR_REQUIRED:
        case VAR_REQUIRED_IF_UNSET: state = ENV_REQUIRED; break;
        case VAR_DEFAULT:
        case VAR_DEFAULT_IF_UNSET: state = state == ENV_REQUIRED ? state : ENV_DEFAULT; break;
        case VAR_REPLACED:
        case VAR_REPLACED_IF_SET: state = state == ENV_LITERAL ? ENV_ALTERNATE : state; break;
        }
    }
    return state;
}

static struct env_set *add_set(struct reader *r, sv name, sv value, const struct node *node, struct place place)
{
    struct env_set *s = vec_new(r->f->arena, &r->f->env_sets, struct env_set);
    *s = (struct env_set){.name = name, .value = value, .node = node, .service = r->service, .place = place};
    return s;
}

/* The variables recorded since `from` belong to the row. */
static void take_uses(struct reader *r, struct env_set *s, size_t from)
{
    for (size_t i = from; i < r->f->var_uses.n; i++)
        vec_push(r->f->arena, &s->uses, r->f->var_uses.at[i]);
    s->state = state_of(s);
}

static struct place entry_place(const struct node *e)
{
    return e->key.p != NULL && e->key_place.src != NULL ? e->key_place : e->place;
}

/* "NAME: value", "- NAME=value", "- NAME" and "NAME:". */
static void read_environment(struct reader *r, const struct node *environment)
{
    for node_each(e, environment) {
        size_t from = r->f->var_uses.n;
        sv name = e->key, value = SV_NONE;
        bool bare = e->kind == NODE_NULL;
        if (e->key.p == NULL) {
            sv rest = node_text(e);
            if (rest.p == NULL)
                continue;
            name = sv_cut(&rest, '=');
            value = rest;
            bare = rest.p == NULL && sv_find_char(name, '$') == SV_NOT_FOUND;
        } else if (!bare) {
            value = node_text(e);
        }
        struct env_set *s = add_set(r, name, value, e, entry_place(e));
        if (bare)
            add_use(r, name, VAR_BARE, e, entry_place(e));
        else
            scan(r, e);
        take_uses(r, s, from);
    }
}

/* Rows of a named env_file that the repository holds. */
static void read_env_lines(struct reader *r, const struct source *src, bool raw)
{
    struct env_lines lines;
    env_lines_parse(r->f->arena, src->text, raw, &lines);
    if (!lines.valid)
        repo_diag(r->f->repo, src->path, line_at(&src->lines, lines.error_at), "compose refuses this env_file line");
    for (size_t i = 0; i < lines.all.n; i++) {
        const struct env_line *l = lines.all.at[i];
        size_t from = r->f->var_uses.n;
        struct place place = {src, l->start, l->end};
        struct node *n = arena_new(r->f->arena, struct node);
        *n = (struct node){.kind = l->bare ? NODE_NULL : NODE_SCALAR, .text = l->value, .place = place,
                           .key = l->name, .key_place = place};
        struct env_set *s = add_set(r, l->name, l->value, NULL, place);
        if (l->bare)
            add_use(r, l->name, VAR_BARE, n, place);
        else if (l->interpolates)
            scan_scalar(r, n);
        take_uses(r, s, from);
        s->state = ENV_FILE;
    }
}

static void read_one_env_file(struct reader *r, const struct node *path, bool raw)
{
    sv text = node_text(path);
    if (text.n == 0)
        return;
    size_t from = r->f->var_uses.n;
    struct env_set *s = add_set(r, text, SV_NONE, path, path->place);
    scan(r, path);
    take_uses(r, s, from);
    s->state = ENV_FILE;
    const struct source *compose = path->place.src;
    if (compose->embed != EMBED_NONE || s->uses.n != 0)
        return;
    sv joined = path_join(r->f->arena, path_dir(compose->path), text);
    const struct source *file = joined.p == NULL ? NULL : repo_find(r->f->repo, joined);
    if (file != NULL)
        read_env_lines(r, file, raw);
}

/* A string, a list of strings, or a list of {path, required, format}. */
static void read_env_file(struct reader *r, const struct node *n)
{
    if (n->kind == NODE_SCALAR)
        read_one_env_file(r, n, false);
    else if (n->kind == NODE_MAP)
        read_one_env_file(r, node_get(n, "path"), sv_eq(node_get_text(n, "format"), SV("raw")));
    else
        for node_each(e, n)
            read_env_file(r, e);
}

/* `args` without a value take it from the environment of the compose client. */
static void read_build_args(struct reader *r, const struct node *args)
{
    for node_each(e, args) {
        sv rest = node_text(e);
        if (e->key.p != NULL && e->kind == NODE_NULL)
            add_use(r, e->key, VAR_BARE, e, entry_place(e));
        else if (e->key.p == NULL && sv_is_ident(rest))
            add_use(r, rest, VAR_BARE, e, e->place);
    }
}

/* ---- mounts ----------------------------------------------------------------------------------- */

sv cut_outside_braces(sv *rest, char sep)
{
    size_t depth = 0;
    for (size_t i = 0; i < rest->n; i++) {
        char c = rest->p[i];
        if (c == '{' && i > 0 && rest->p[i - 1] == '$')
            depth++;
        else if (c == '}' && depth > 0)
            depth--;
        else if (c == sep && depth == 0) {
            sv part = sv_sub(*rest, 0, i);
            *rest = sv_sub(*rest, i + 1, rest->n);
            return part;
        }
    }
    sv all = *rest;
    *rest = SV_NONE;
    return all;
}

bool mount_of(const struct node *entry, struct mount_entry *out)
{
    *out = (struct mount_entry){.node = entry, .type = SV_NONE, .source = SV_NONE, .mode = SV_NONE};
    if (entry->kind == NODE_MAP) {
        out->type = node_get_text(entry, "type");
        out->source = node_get_text(entry, "source");
        if (out->source.p == NULL)
            out->source = node_get_text(entry, "src");
        out->target = node_get_text(entry, "target");
        if (out->target.p == NULL)
            out->target = node_get_text(entry, "dst");
        return out->target.n != 0;
    }
    sv rest = node_text(entry);
    if (rest.n == 0)
        return false;
    sv first = cut_outside_braces(&rest, ':');
    if (rest.p == NULL) {
        out->target = first;
        return true;
    }
    out->source = first;
    out->target = cut_outside_braces(&rest, ':');
    out->mode = rest;
    return out->target.n != 0;
}

/* The sockets of the guest agent: /var/run, /run, and /var/run/dstack, each as dstack.sock and tappd.sock;
 * in a variable's default as well. A simulator's socket is named alike and mounted in the same place. */
static bool names_socket(sv path, const sv *names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t at = 0;
        while ((at = sv_find_at(path, names[i], at)) != SV_NOT_FOUND) {
            size_t end = at + names[i].n;
            if ((at == 0 || path.p[at - 1] == '/') && (end == path.n || path.p[end] == '}'))
                return true;
            at = end;
        }
    }
    return false;
}

static void read_mounts(struct service *s, const struct node *volumes)
{
    const sv agent[] = {SV("dstack.sock"), SV("tappd.sock")};
    const sv docker[] = {SV("docker.sock"), SV("containerd.sock"), SV("podman.sock"), SV("crio.sock")};
    for node_each(e, volumes) {
        struct mount_entry m;
        if (!mount_of(e, &m))
            continue;
        sv source = m.source;
        while (source.n > 1 && source.p[source.n - 1] == '/')
            source.n--;
        s->mounts_guest_agent |= names_socket(source, agent, 2) || names_socket(m.target, agent, 2) ||
                                 sv_eq(source, SV("/var/run/dstack")) || sv_eq(source, SV("/run/dstack"));
        s->mounts_docker |= names_socket(source, docker, 4) || names_socket(m.target, docker, 4);
    }
}

/* ---- images and builds ------------------------------------------------------------------------ */

void image_parse(struct arena *a, sv ref, struct image_ref *out)
{
    (void)a;
    out->ref = ref;
    out->tag = out->digest = SV_NONE;
    out->has_variable = false;
    for (size_t i = 0; i + 1 < ref.n; i++)
        if (ref.p[i] == '$' && ref.p[i + 1] != '$' && (i == 0 || ref.p[i - 1] != '$'))
            out->has_variable = true;
    sv rest = ref;
    sv name = cut_outside_braces(&rest, '@');
    if (sv_starts(rest, SV("sha256:")))
        out->digest = sv_sub(rest, 7, rest.n);
    out->pinned = sv_is_hex(out->digest, 64);
    /* A colon before the last slash belongs to the registry's port. */
    size_t tag_at = SV_NOT_FOUND, depth = 0;
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        if (c == '{')
            depth++;
        else if (c == '}' && depth > 0)
            depth--;
        else if (depth == 0 && c == '/')
            tag_at = SV_NOT_FOUND;
        else if (depth == 0 && c == ':')
            tag_at = i;
    }
    out->name = sv_sub(name, 0, tag_at);
    if (tag_at != SV_NOT_FOUND)
        out->tag = sv_sub(name, tag_at + 1, name.n);
}

static void read_image(struct reader *r, const struct node *n)
{
    sv ref = sv_trim(node_text(n));
    if (ref.n == 0)
        return;
    struct image_ref *i = vec_new(r->f->arena, &r->f->images, struct image_ref);
    image_parse(r->f->arena, ref, i);
    i->origin = IMAGE_COMPOSE;
    i->place = n->place;
    i->deployment = r->deployment;
    i->service = r->service;
    i->scope = n->place.src->scope;
    r->service->image = i;
}

static void read_build(struct reader *r, const struct node *build)
{
    const struct node *context = build->kind == NODE_MAP ? node_get(build, "context") : build;
    sv text = node_text(context);
    read_build_args(r, node_get(build, "args"));
    if (text.n == 0)
        text = SV(".");
    if (sv_has(text, SV("://")) || sv_starts(text, SV("git@")) || sv_has(text, SV("$")))
        return;
    const struct source *src = build->place.src;
    r->service->context = path_join(r->f->arena, path_dir(src->path), text);
}

/* ---- services and documents ------------------------------------------------------------------- */

static void read_service(struct reader *r, const struct node *n)
{
    struct service *s = arena_new(r->f->arena, struct service);
    *s = (struct service){.name = n->key, .node = n, .deployment = r->deployment, .context = SV_NONE};
    vec_push(r->f->arena, &r->f->services, s);
    vec_push(r->f->arena, &r->deployment->services, s);
    r->service = s;
    s->enabled = node_count(node_get(n, "profiles")) == 0;
    for node_each(e, n) {
        if (sv_eq(e->key, SV("environment"))) {
            read_environment(r, e);
            continue;
        }
        if (sv_eq(e->key, SV("env_file"))) {
            read_env_file(r, e);
            continue;
        }
        if (sv_eq(e->key, SV("image")))
            read_image(r, e);
        else if (sv_eq(e->key, SV("build")))
            read_build(r, e);
        else if (sv_eq(e->key, SV("volumes")))
            read_mounts(s, e);
        scan(r, e);
    }
    r->service = NULL;
}

/* configs and secrets may take a variable of the compose client by name. */
static void read_client_variables(struct reader *r, const struct node *section)
{
    for node_each(e, section) {
        const struct node *name = node_get(e, "environment");
        if (sv_is_ident(node_text(name)))
            add_use(r, node_text(name), VAR_BARE, name, name->place);
    }
}

static void read_document(struct reader *r, const struct node *root)
{
    for node_each(e, root) {
        if (sv_eq(e->key, SV("services"))) {
            for node_each(s, e)
                if (s->kind == NODE_MAP)
                    read_service(r, s);
            continue;
        }
        if (SV_IN(e->key, SV("configs"), SV("secrets")))
            read_client_variables(r, e);
        scan(r, e);
    }
}

static struct deployment *add_deployment(struct facts *f, const struct source *src)
{
    struct deployment *d = vec_new(f->arena, &f->deployments, struct deployment);
    *d = (struct deployment){.id = src->path, .compose = src, .refused = SV_NONE, .rank = RANK_PLAIN, .why = SV(""),
                             .merged = SV_NONE, .dir = path_dir(src->path), .group = path_dir(src->path)};
    return d;
}

/* Documents of one file, then those of the files laid over it. */
struct documents { struct compose_file at[COMPOSE_FILES * 4]; size_t n; };

static bool is_compose_document(const struct node *root)
{
    return node_get(root, "services") != NULL || node_get(root, "include") != NULL;
}

/* False when the file is unreadable, or holds no document that compose would take. */
static bool add_documents(const struct doc *doc, const struct source *src, bool embedded, struct documents *out)
{
    bool any = false;
    for (; doc != NULL; doc = doc->next) {
        if (doc->root->kind != NODE_MAP || out->n >= sizeof out->at / sizeof *out->at)
            continue;
        any = any || is_compose_document(doc->root) || embedded;
        out->at[out->n++] = (struct compose_file){src, doc->root};
    }
    return any;
}

static void read_compose(struct facts *f, const struct source *src, const struct app_compose *app)
{
    struct documents own = {0}, all = {0};
    const struct doc *doc = read_yaml(f->repo, src);
    if (doc != NULL && !add_documents(doc, src, app != NULL, &own))
        return;
    struct deployment *d = add_deployment(f, src);
    d->app = app;
    if (doc == NULL) {
        d->refused = SV("it could not be read");
        d->refused_at = (struct place){src, 0, 0};
        return;
    }
    d->override = app == NULL && sv_has(path_base(src->path), SV(".override."));
    d->n_bases = app != NULL ? 0 : compose_bases(f, src, own.at[0].root, d->bases, &d->merged);
    for (size_t i = 0; i < d->n_bases; i++)
        add_documents(read_yaml(f->repo, d->bases[i]), d->bases[i], false, &all);
    add_documents(doc, src, app != NULL, &all);
    d->root = compose_resolve(f, all.at, all.n);
    struct reader r = {.f = f, .deployment = d};
    read_document(&r, d->root);
}

void facts_from_compose(struct facts *f)
{
    compose_groups_find(f);
    for (size_t i = 0; i < f->app_composes.n; i++)
        if (f->app_composes.at[i]->compose != NULL)
            read_compose(f, f->app_composes.at[i]->compose, f->app_composes.at[i]);
    for (size_t i = 0; i < f->repo->files.n; i++) {
        const struct source *src = f->repo->files.at[i];
        if (src->kind == SOURCE_COMPOSE && !src->vendored)
            read_compose(f, src, NULL);
    }
}
