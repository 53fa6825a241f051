/* Containers that a script in the TEE starts, as services: `docker run` and compose files written by here-documents.
 * What they are given of the CVM weighs the same as in the compose file (dstack-facts 8). */
#include "check/started.h"

/* ---- docker run ------------------------------------------------------------------------------------------------- */

static struct node *add_node(struct arena *a, struct node *map, const char *key, enum node_kind kind, sv text, struct place place)
{
    struct node *n = arena_new(a, struct node), **last = &map->child;
    *n = (struct node){.kind = kind, .text = text, .place = place, .key = key == NULL ? SV_NONE : sv_from(key), .key_place = place, .parent = map};
    while (*last != NULL)
        last = &(*last)->next;
    *last = n;
    return n;
}

static struct node *entry_of(struct node *map, const char *key)
{
    for (struct node *n = map->child; n != NULL; n = n->next)
        if (sv_eq(n->key, sv_from(key)))
            return n;
    return NULL;
}

static void put_option(struct arena *a, struct node *map, const char *key, bool list, sv value, struct place place)
{
    if (!list) {
        add_node(a, map, key, NODE_SCALAR, value, place);
        return;
    }
    struct node *items = entry_of(map, key);
    items = items != NULL ? items : add_node(a, map, key, NODE_LIST, SV_NONE, place);
    add_node(a, items, NULL, NODE_SCALAR, value, place);
}

static const struct { const char *flag, *key; bool list; } OPTIONS[] = {
    {"--cap-add", "cap_add", true}, {"-v", "volumes", true},      {"--volume", "volumes", true},          {"--device", "devices", true}, {"--security-opt", "security_opt", true},
    {"--pid", "pid", false},        {"--ipc", "ipc", false},      {"--userns", "userns_mode", false},     {"--uts", "uts", false},       {"--cgroupns", "cgroup", false},
    {"--net", "network_mode", false}, {"--network", "network_mode", false}, {"--runtime", "runtime", false}, {"--sysctl", "sysctls", true}, {"--device-cgroup-rule", "device_cgroup_rules", true},
};

/* type=bind,source=/x,target=/y as "/x:/y". */
static sv mount_option(struct arena *a, sv value)
{
    sv source = SV_NONE, target = SV_NONE;
    for (sv rest = value; rest.p != NULL;) {
        sv field = sv_cut(&rest, ','), text = field, key = sv_cut(&text, '=');
        if (SV_IN(key, SV("source"), SV("src")))
            source = text;
        else if (SV_IN(key, SV("target"), SV("dst"), SV("destination")))
            target = text;
    }
    return sv_printf(a, "%.*s:%.*s", SV_ARG(source), SV_ARG(target));
}

static void read_options(struct arena *a, const struct command *c, struct node *map)
{
    for (size_t i = 1; i < c->n; i++) {
        sv value = c->words[i].text, flag = sv_cut(&value, '=');
        if (sv_eq(flag, SV("--privileged")) && !sv_eq(value, SV("false")))
            put_option(a, map, "privileged", false, SV("true"), c->words[i].place);
        if (value.p == NULL && i + 1 < c->n)
            value = c->words[i + 1].text;
        if (sv_eq(flag, SV("--mount")))
            put_option(a, map, "volumes", true, mount_option(a, value), c->words[i].place);
        for (size_t k = 0; k < sizeof OPTIONS / sizeof *OPTIONS; k++)
            if (sv_eq(flag, sv_from(OPTIONS[k].flag)))
                put_option(a, map, OPTIONS[k].key, OPTIONS[k].list, value, c->words[i].place);
    }
}

/* ---- where they belong -------------------------------------------------------------------------------------------- */

/* A script of no deployment at hand (runner bash) stands for itself. */
static struct deployment *deployment_for(const struct check_run *c, const struct run *r, const struct source *text, const struct node *root)
{
    const struct deployment *near = r->service != NULL ? r->service->deployment : deployment_of(c->facts, r->src->path);
    for (size_t i = 0; root == NULL && i < c->facts->deployments.n; i++)
        if (c->facts->deployments.at[i] == near)
            return c->facts->deployments.at[i];
    struct deployment *d = arena_new(c->arena, struct deployment);
    *d = (struct deployment){.id = SV_NONE, .compose = text, .root = root, .rank = near != NULL ? near->rank : RANK_PLAIN, .deployed = near == NULL || near->deployed, .why = SV("")};
    return d;
}

static void add_holder(const struct check_run *c, struct holders *out, sv name, sv image, const struct node *node, struct place place, struct deployment *d)
{
    struct image_ref *ref = arena_new(c->arena, struct image_ref);
    image_parse(c->arena, image, ref);
    ref->ref = image;
    ref->place = place;
    struct service *s = vec_new(c->arena, &out->all, struct service);
    *s = (struct service){.name = name.n != 0 ? name : image, .node = node, .deployment = d, .image = image.n != 0 ? ref : NULL, .enabled = true};
}

static void from_command(const struct check_run *c, const struct run *r, struct holders *out)
{
    sv image = started_image_of(r->command);
    if (image.n == 0 || command_has(r->command, "pull"))
        return;
    struct node *map = arena_new(c->arena, struct node);
    *map = (struct node){.kind = NODE_MAP, .place = r->command->place};
    read_options(c->arena, r->command, map);
    add_holder(c, out, command_option(r->command, "--name"), image, map, r->command->place, deployment_for(c, r, r->src, NULL));
}

/* cat > docker-compose.yml <<EOF */
static void from_heredoc(const struct check_run *c, const struct run *r, struct holders *out)
{
    const struct command *k = r->command;
    bool yaml = sv_ends(k->redirect_out, SV(".yml")) || sv_ends(k->redirect_out, SV(".yaml"));
    if (!yaml || !sv_has(k->heredoc, SV("services:")) || k->heredoc_place.src == NULL)
        return;
    struct source *text = source_embed(c->arena, k->heredoc_place.src, k->heredoc_place.start, k->heredoc, EMBED_LINES, "heredoc");
    text->kind = SOURCE_COMPOSE;
    text->lang = LANG_YAML;
    for (const struct doc *doc = read_yaml(c->facts->repo, text); doc != NULL; doc = doc->next) {
        struct deployment *d = deployment_for(c, r, text, doc->root);
        for node_each(s, node_get(doc->root, "services"))
            if (s->kind == NODE_MAP)
                add_holder(c, out, s->key, node_get_text(s, "image"), s, s->place, d);
    }
}

const struct holders *holders_of(struct check_run *c)
{
    if (c->out->holders != NULL)
        return c->out->holders;
    struct holders *all = arena_new(c->arena, struct holders);
    for (size_t i = 0; i < c->facts->services.n; i++)
        vec_push(c->arena, &all->all, c->facts->services.at[i]);
    for (size_t i = 0; i < c->facts->runs.n; i++) {
        const struct run *r = c->facts->runs.at[i];
        if (r->when != RUN_START || r->scope == SCOPE_TEST || r->src->vendored)
            continue;
        from_command(c, r, all);
        from_heredoc(c, r, all);
    }
    return c->out->holders = all;
}
