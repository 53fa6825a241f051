/* How a variable that no line of the compose passes still reaches a program (dstack-facts 3.3): an env_file,
 * a boot script, a mounted file, a shared volume, an image or a compose file of the operator's choice. */
#include "fact/compose.h"

const char *script_feeds(sv line)
{
    sv trimmed = sv_trim(line);
    if (trimmed.n == 0 || trimmed.p[0] == '#')
        return NULL;
    bool writes = sv_has(line, SV(">")) || sv_has(line, SV("tee ")) || sv_has(line, SV("cp ")) || sv_has(line, SV("mv ")) ||
                  sv_has(line, SV("ln "));
    if (writes && sv_has(line, SV("docker-compose.override")))
        return "it writes an override file that compose merges over the measured document";
    if ((writes || sv_has(line, SV("sed -i")) || sv_has(line, SV("yq -i")) || sv_has(line, SV("envsubst"))) &&
        (sv_has(line, SV("docker-compose.y")) || sv_has(line, SV("compose.yaml")) || sv_has(line, SV("compose.yml"))))
        return "it changes the compose file before compose reads it";
    if (writes && (sv_has(line, SV("/dstack/.env")) || sv_has(line, SV("> .env")) || sv_has(line, SV(">.env")) || sv_has(line, SV("./.env"))))
        return "it writes the .env that compose takes values from";
    if (sv_has(line, SV("docker run")) && (sv_has(line, SV("--env-file")) || sv_has(line, SV(" -e "))))
        return "it starts a container with variables that the compose file does not show";
    return NULL;
}

static bool by_env_file(struct facts *f, const struct deployment *d, struct way *out)
{
    for (size_t i = 0; i < f->env_sets.n; i++) {
        const struct env_set *s = f->env_sets.at[i];
        if (s->service->deployment != d || s->state != ENV_FILE || s->value.p != NULL || s->node == NULL)
            continue;
        out->sure = sv_has(s->name, SV("decrypted-env")) || sv_has(s->name, SV(".host-shared")) || s->uses.n != 0;
        out->place = s->place;
        out->what = sv_printf(f->arena, out->sure ? "env_file %.*s hands on every variable that is allowed"
                                                  : "env_file %.*s may carry it, and what is in that file is not measured", SV_ARG(s->name));
        return true;
    }
    return false;
}

static bool script_way(struct facts *f, const struct source *s, struct way *out)
{
    for (size_t i = 1; s != NULL && i <= s->lines.n; i++) {
        sv line = line_text(&s->lines, s->text, i);
        const char *feeds = script_feeds(line);
        if (feeds == NULL)
            continue;
        out->sure = true;
        out->place = (struct place){s, (size_t)(line.p - s->text.p), (size_t)(line.p - s->text.p) + line.n};
        out->what = sv_printf(f->arena, "a line of %.*s may hand it on: %s", SV_ARG(s->field), feeds);
        return true;
    }
    return false;
}

static bool by_script(struct facts *f, const struct deployment *d, struct way *out)
{
    if (d->app == NULL || d->app->prelaunch_exact)
        return false;
    if (script_way(f, d->app->pre_launch, out))
        return true;
    for (size_t i = 0; i < d->app->init_scripts.n; i++)
        if (script_way(f, d->app->init_scripts.at[i], out))
            return true;
    return false;
}

/* Names with which the compose client reads other files or another daemon. */
static bool by_client(struct facts *f, const struct deployment *d, struct way *out)
{
    for (size_t i = 0; d->app != NULL && i < d->app->allowed_envs.n; i++) {
        const struct node *n = d->app->allowed_envs.at[i];
        if (!SV_IN(node_text(n), SV("COMPOSE_FILE"), SV("COMPOSE_ENV_FILES"), SV("APP_COMPOSE_FILE"), SV("DOCKER_HOST"), SV("DOCKER_CONTEXT"),
                   SV("PATH"), SV("LD_PRELOAD"), SV("LD_LIBRARY_PATH"), SV("BASH_ENV")))
            continue;
        out->sure = true;
        out->place = n->place;
        out->what = sv_printf(f->arena, "allowed_envs lists %.*s, with which the operator replaces what starts the containers", SV_ARG(node_text(n)));
        return true;
    }
    return false;
}

/* The operator's image may be any program; only a service that is not built here can be meant. */
static bool by_image(struct facts *f, const struct deployment *d, struct way *out)
{
    for (size_t i = 0; i < f->inputs.n; i++) {
        const struct operator_input *in = f->inputs.at[i];
        if (in->deployment != d || !sv_eq(in->enters, SV("image")) || in->allowed == ALLOWED_NO || in->service == NULL ||
            (in->service->image != NULL && in->service->image->pinned))
            continue;
        out->place = in->place;
        out->what = sv_printf(f->arena, "%.*s chooses the image of %.*s, and with it every default", SV_ARG(in->name), SV_ARG(in->service->name));
        return true;
    }
    return false;
}

static bool reads_host_files(const struct facts *f, const struct deployment *d)
{
    for (size_t i = 0; i < f->repo->files.n; i++) {
        const struct source *s = f->repo->files.at[i];
        if ((s->kind == SOURCE_CODE || s->kind == SOURCE_SCRIPT) && s->scope == SCOPE_PROD && !s->vendored &&
            (source_has(s, SV("decrypted-env")) || source_has(s, SV(".host-shared"))) && deployment_owns(f, d, s->path))
            return true;
    }
    return false;
}

static bool shows_host_files(sv source)
{
    return SV_IN(sv_trim_char(source, '/'), SV(""), SV("dstack"), SV("tapp")) ? source.n != 0 : sv_has(source, SV(".host-shared"));
}

/* The decrypted environment lies in a file: a mount shows it to a program that looks there. */
static bool by_mount(struct facts *f, const struct deployment *d, struct way *out)
{
    for (size_t i = 0; i < d->services.n; i++)
        for node_each(e, node_get(d->services.at[i]->node, "volumes")) {
            struct mount_entry m;
            if (!mount_of(e, &m) || !shows_host_files(m.source) || !reads_host_files(f, d))
                continue;
            out->sure = true;
            out->place = e->place;
            out->what = sv_printf(f->arena, "%.*s mounts %.*s, where the decrypted environment lies, and the program reads it there",
                                  SV_ARG(d->services.at[i]->name), SV_ARG(m.source));
            return true;
        }
    return false;
}

/* The literal that names the .env which the file loads; SV_NONE where it loads none. */
static sv dotenv_path(const struct source *s)
{
    if (!source_has(s, SV("dotenv")) && !source_has(s, SV("env_file")))
        return SV_NONE;
    size_t at = sv_find(s->text, SV(".env\""));
    if (at == SV_NOT_FOUND)
        at = sv_find(s->text, SV(".env'"));
    if (at == SV_NOT_FOUND)
        return SV("");
    size_t from = at;
    while (from > 0 && s->text.p[from - 1] != '"' && s->text.p[from - 1] != '\'' && s->text.p[from - 1] != '\n')
        from--;
    return sv_sub(s->text, from, at + 4);
}

static sv working_dir(const struct service *s)
{
    sv dir = node_get_text(s->node, "working_dir");
    for (size_t i = 0; dir.n == 0 && s->dockerfile != NULL && i < s->dockerfile->instructions.n; i++)
        if (sv_eq(s->dockerfile->instructions.at[i]->keyword, SV("WORKDIR")))
            dir = sv_trim(s->dockerfile->instructions.at[i]->args);
    return dir;
}

static const struct service *other_user(const struct deployment *d, const struct service *own, sv volume)
{
    for (size_t i = 0; i < d->services.n; i++)
        for node_each(e, node_get(d->services.at[i]->node, "volumes")) {
            struct mount_entry m;
            if (d->services.at[i] != own && mount_of(e, &m) && sv_eq(m.source, volume) && !sv_has(m.mode, SV("ro")))
                return d->services.at[i];
        }
    return NULL;
}

/* The program loads a .env from a folder that another container may write. */
static bool by_volume(struct facts *f, const struct deployment *d, const struct env_read *r, struct way *out)
{
    sv path = dotenv_path(r->place.src);
    for (size_t i = 0; path.p != NULL && i < d->services.n; i++) {
        const struct service *s = d->services.at[i];
        sv dir = sv_starts(path, SV("/")) ? path_dir(path) : working_dir(s);
        for node_each(e, node_get(s->node, "volumes")) {
            struct mount_entry m;
            const struct service *writer = mount_of(e, &m) && m.source.n != 0 && dir.n != 0 && sv_eq(sv_trim_char(m.target, '/'), sv_trim_char(dir, '/'))
                                               ? other_user(d, s, m.source) : NULL;
            if (writer == NULL)
                continue;
            out->place = e->place;
            out->what = sv_printf(f->arena, "the program loads a .env from %.*s, a volume that %.*s may write, too", SV_ARG(m.target), SV_ARG(writer->name));
            return true;
        }
    }
    return false;
}

static const struct way *kept(struct facts *f, struct way way)
{
    struct way *w = arena_new(f->arena, struct way);
    *w = way;
    return w;
}

const struct way *other_way(struct facts *f, const struct deployment *d, const struct env_read *r)
{
    struct way way = {.what = SV_NONE};
    return d->way != NULL ? d->way : by_volume(f, d, r, &way) ? kept(f, way) : NULL;
}

void facts_find_ways(struct facts *f)
{
    for (size_t i = 0; i < f->deployments.n; i++) {
        struct deployment *d = f->deployments.at[i];
        struct way way = {.what = SV_NONE};
        if (d->deployed && (by_env_file(f, d, &way) || by_script(f, d, &way) || by_client(f, d, &way) || by_image(f, d, &way) || by_mount(f, d, &way)))
            d->way = kept(f, way);
    }
}
