/* Merging of compose documents: extends, include, override files, !reset and !override. */
#include "base/limits.h"
#include "fact/compose.h"

enum { DEPTH_MAX = 16 }; /* files and services that lead to each other; compose refuses cycles */

struct loaded { const struct source *src; const struct node *root; };

struct resolver {
    struct facts *f;
    const struct source *reader; /* for whom files are followed */
    size_t copied; /* nodes made so far: LIMIT_TREE_NODES for one document */
    bool full;
    VEC(struct loaded) loaded;
};

/* How deep a node stands, as far as merging differs by it. */
enum level { LEVEL_ROOT, LEVEL_SERVICES, LEVEL_SERVICE, LEVEL_FIELD, LEVEL_BUILD, LEVEL_OTHER };

static struct node *merge(struct resolver *r, const struct node *base, const struct node *over,
                          const struct node *parent, enum level level);

static struct node *new_node(struct resolver *r, const struct node *like, const struct node *parent)
{
    if (r->copied++ >= LIMIT_TREE_NODES) {
        r->full = true;
        return NULL;
    }
    struct node *n = arena_new(r->f->arena, struct node);
    *n = *like;
    n->child = n->next = NULL;
    n->parent = parent;
    return n;
}

/* Appends at the end of a list of children, which may be NULL. */
static void append(struct node ***tail, struct node *n)
{
    if (n == NULL)
        return;
    **tail = n;
    *tail = &n->next;
}

static struct node *copy(struct resolver *r, const struct node *n, const struct node *parent)
{
    if (sv_eq(n->tag, SV("!reset")))
        return NULL;
    struct node *made = new_node(r, n, parent);
    if (made == NULL)
        return NULL;
    struct node **tail = &made->child;
    for node_each(e, n)
        append(&tail, copy(r, e, made));
    return made;
}

/* The part of an entry that decides whether two say the same thing: a key, "NAME" of "NAME=value". */
static sv entry_name(const struct node *e)
{
    if (e->key.p != NULL)
        return e->key;
    sv rest = node_text(e);
    return sv_cut(&rest, '=');
}

/* Mounts with one target replace each other. */
static sv mount_target(const struct node *e)
{
    struct mount_entry m;
    return mount_of(e, &m) ? m.target : SV_NONE;
}

/* Two large maps would be compared entry by entry: hostile, no compose file has thousands. */
static bool too_large(struct resolver *r, const struct node *base, const struct node *over)
{
    if (node_count(base) > 2000 && node_count(over) > 2000)
        r->full = true;
    return r->full;
}

static bool replaced(const struct node *base, const struct node *over, sv (*name)(const struct node *))
{
    sv wanted = name(base);
    if (wanted.p == NULL)
        return false;
    for node_each(e, over)
        if (sv_eq(name(e), wanted))
            return true;
    return false;
}

/* Lists of "NAME=value" and maps merge by name whatever their form: the later one wins. */
static struct node *merge_named(struct resolver *r, const struct node *base, const struct node *over,
                                const struct node *parent, sv (*name)(const struct node *))
{
    struct node *made = too_large(r, base, over) ? NULL : new_node(r, over, parent);
    if (made == NULL)
        return NULL;
    if (base->kind != over->kind)
        made->kind = NODE_LIST; /* entries of the map keep their keys */
    struct node **tail = &made->child;
    for node_each(e, base)
        if (!replaced(e, over, name))
            append(&tail, copy(r, e, made));
    for node_each(e, over)
        append(&tail, copy(r, e, made));
    return made;
}

static enum level level_below(enum level level, sv key)
{
    switch (level) {
    case LEVEL_ROOT: return sv_eq(key, SV("services")) ? LEVEL_SERVICES : LEVEL_OTHER;
    case LEVEL_SERVICES: return LEVEL_SERVICE;
    case LEVEL_SERVICE: return LEVEL_FIELD;
    case LEVEL_FIELD: return sv_eq(key, SV("build")) ? LEVEL_BUILD : LEVEL_OTHER;
    case LEVEL_BUILD:
    case LEVEL_OTHER: break;
    }
    return LEVEL_OTHER;
}

static const struct node *entry_of(const struct node *map, sv key)
{
    for node_each(e, map)
        if (sv_eq(e->key, key))
            return e;
    return NULL;
}

/* `level` is that of the entries. */
static struct node *merge_maps(struct resolver *r, const struct node *base, const struct node *over,
                               const struct node *parent, enum level level)
{
    struct node *made = too_large(r, base, over) ? NULL : new_node(r, over, parent);
    if (made == NULL)
        return NULL;
    made->key = base->key.p != NULL ? base->key : over->key;
    struct node **tail = &made->child;
    for node_each(e, base) {
        const struct node *o = entry_of(over, e->key);
        append(&tail, o == NULL ? copy(r, e, made) : merge(r, e, o, made, level_below(level, made->key)));
    }
    for node_each(e, over)
        if (entry_of(base, e->key) == NULL)
            append(&tail, copy(r, e, made));
    return made;
}

static struct node *append_lists(struct resolver *r, const struct node *base, const struct node *over,
                                 const struct node *parent)
{
    struct node *made = new_node(r, over, parent);
    if (made == NULL)
        return NULL;
    struct node **tail = &made->child;
    for node_each(e, base)
        append(&tail, copy(r, e, made));
    for node_each(e, over)
        append(&tail, copy(r, e, made));
    return made;
}

/* `build: dir` says the same as `build: {context: dir}`. */
static const struct node *as_build_map(struct resolver *r, const struct node *n)
{
    if (n->kind != NODE_SCALAR)
        return n;
    struct node *map = new_node(r, n, n->parent);
    struct node *context = map == NULL ? NULL : new_node(r, n, map);
    if (context == NULL)
        return n;
    map->kind = NODE_MAP;
    context->key = SV("context");
    map->child = context;
    return map;
}

static struct node *merge(struct resolver *r, const struct node *base, const struct node *over,
                          const struct node *parent, enum level level)
{
    if (sv_eq(over->tag, SV("!reset")))
        return NULL;
    if (sv_eq(over->tag, SV("!override")))
        return copy(r, over, parent);
    if (over->kind == NODE_NULL && level != LEVEL_OTHER)
        return copy(r, base, parent);
    if (level == LEVEL_FIELD) {
        if (SV_IN(over->key, SV("command"), SV("entrypoint")))
            return copy(r, over, parent);
        if (SV_IN(over->key, SV("environment"), SV("labels"), SV("annotations"), SV("sysctls")))
            return merge_named(r, base, over, parent, entry_name);
        if (sv_eq(over->key, SV("volumes")) && base->kind == NODE_LIST && over->kind == NODE_LIST)
            return merge_named(r, base, over, parent, mount_target);
        if (sv_eq(over->key, SV("build")))
            return merge_maps(r, as_build_map(r, base), as_build_map(r, over), parent, LEVEL_BUILD);
    }
    if (level == LEVEL_BUILD && SV_IN(over->key, SV("args"), SV("labels"), SV("additional_contexts")))
        return merge_named(r, base, over, parent, entry_name);
    if (sv_eq(over->key, SV("test")) && parent != NULL && sv_eq(parent->key, SV("healthcheck")))
        return copy(r, over, parent);
    if (base->kind == NODE_MAP && over->kind == NODE_MAP)
        return merge_maps(r, base, over, parent, level);
    if (base->kind == NODE_LIST && over->kind == NODE_LIST)
        return append_lists(r, base, over, parent);
    return copy(r, over, parent);
}

/* ---- following other files ------------------------------------------------------------------- */

static const struct node *load(struct resolver *r, const struct source *src)
{
    for (size_t i = 0; i < r->loaded.n; i++)
        if (r->loaded.at[i]->src == src)
            return r->loaded.at[i]->root;
    const struct doc *doc = read_yaml(r->f->repo, src);
    struct loaded *l = vec_new(r->f->arena, &r->loaded, struct loaded);
    *l = (struct loaded){src, doc == NULL ? NULL : doc->root};
    return l->root;
}

/* The file that `path`, written at `at`, names; NULL with a diag when the repository has none.
 * A document inside app-compose.json has no files beside it: nothing is followed from there. */
static const struct source *named_file(struct resolver *r, const struct node *at, sv path)
{
    const struct source *from = at->place.src;
    const struct source *found = NULL;
    if (from->embed == EMBED_NONE) {
        sv joined = path_join(r->f->arena, path_dir(from->path), path);
        found = joined.p == NULL ? NULL : repo_find(r->f->repo, joined);
    }
    if (found == NULL)
        repo_diag(r->f->repo, from->path, place_line(at->place), "compose file not in the repository: %.*s",
                  SV_ARG(path));
    else
        *vec_new(r->f->arena, &r->f->compose_parts, struct compose_part) = (struct compose_part){found, r->reader};
    return found;
}

static const struct node *service_of(const struct node *root, sv name)
{
    return entry_of(node_get(root, "services"), name);
}

/* The service with everything it extends; the caller's own node when it extends nothing. */
static const struct node *extended(struct resolver *r, const struct node *root, const struct node *service,
                                   unsigned depth)
{
    const struct node *extends = node_get(service, "extends");
    if (extends == NULL || extends->kind == NODE_NULL)
        return service;
    sv name = extends->kind == NODE_MAP ? node_get_text(extends, "service") : node_text(extends);
    const struct node *file = node_get(extends, "file");
    const struct node *other = root;
    if (file != NULL) {
        const struct source *src = named_file(r, file, node_text(file));
        other = src == NULL ? NULL : load(r, src);
    }
    const struct node *base = other == NULL ? NULL : service_of(other, name);
    if (base == NULL || depth >= DEPTH_MAX) {
        if (other != NULL)
            repo_diag(r->f->repo, extends->place.src->path, place_line(extends->place),
                      depth >= DEPTH_MAX ? "extends leads in a circle: %.*s" : "extends an unknown service: %.*s",
                      SV_ARG(name));
        return service;
    }
    base = extended(r, other, base, depth + 1);
    struct node *made = merge(r, base, service, service->parent, LEVEL_SERVICE);
    if (made == NULL)
        return service;
    made->key = service->key;
    made->key_place = service->key_place;
    for (struct node **e = &made->child; *e != NULL;)
        if (sv_eq((*e)->key, SV("extends")))
            *e = (*e)->next;
        else
            e = &(*e)->next;
    return made;
}

static bool any_extends(const struct node *root)
{
    for node_each(s, node_get(root, "services"))
        if (node_get(s, "extends") != NULL)
            return true;
    return false;
}

static const struct node *apply_extends(struct resolver *r, const struct node *root)
{
    if (!any_extends(root))
        return root;
    struct node *made = new_node(r, root, NULL);
    if (made == NULL)
        return root;
    struct node **tail = &made->child;
    for node_each(e, root) {
        if (!sv_eq(e->key, SV("services")) || e->kind != NODE_MAP) {
            append(&tail, copy(r, e, made));
            continue;
        }
        struct node *services = new_node(r, e, made);
        if (services == NULL)
            return root;
        struct node **last = &services->child;
        for node_each(s, e)
            append(&last, copy(r, extended(r, root, s, 0), services));
        append(&tail, services);
    }
    return made;
}

static const struct node *apply_include(struct resolver *r, const struct node *root, unsigned depth);

static const struct node *included(struct resolver *r, const struct node *root, const struct node *path,
                                   unsigned depth)
{
    const struct source *src = r->full ? NULL : named_file(r, path, node_text(path));
    const struct node *other = src == NULL || depth >= DEPTH_MAX ? NULL : load(r, src);
    if (other == NULL)
        return root;
    other = apply_extends(r, apply_include(r, other, depth + 1));
    const struct node *made = merge(r, other, root, NULL, LEVEL_ROOT);
    return made == NULL ? root : made;
}

static const struct node *apply_include(struct resolver *r, const struct node *root, unsigned depth)
{
    const struct node *include = node_get(root, "include");
    if (include == NULL)
        return root;
    for node_each(e, include) {
        const struct node *path = e->kind == NODE_MAP ? node_get(e, "path") : e;
        if (path != NULL && path->kind == NODE_LIST) {
            for node_each(p, path)
                root = included(r, root, p, depth);
        } else if (path != NULL) {
            root = included(r, root, path, depth);
        }
    }
    return root;
}

const struct node *compose_resolve(struct facts *f, const struct compose_file *files, size_t n)
{
    struct resolver r = {.f = f};
    const struct node *made = NULL;
    for (size_t i = 0; i < n; i++) {
        r.reader = files[n - 1].src;
        const struct node *one = apply_extends(&r, apply_include(&r, files[i].root, 0));
        const struct node *both = made == NULL ? one : merge(&r, made, one, NULL, LEVEL_ROOT);
        made = both == NULL ? made : both;
    }
    if (r.full)
        repo_limit(f->repo, files[n - 1].src->path, "tree-nodes");
    return made;
}
