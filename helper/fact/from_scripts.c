/* Shell scripts: what they run and when; deploy commands wherever they are written down. */
#include "doc/read_program.h"
#include "fact/fact.h"

/* ---- deploy commands --------------------------------------------------------------------------- */

static struct deploy_hint *add_hint(struct facts *f, sv what, sv value, const struct source *src, size_t start, size_t end)
{
    struct deploy_hint *h = vec_new(f->arena, &f->hints, struct deploy_hint);
    *h = (struct deploy_hint){.what = what, .value = value, .place = {src, start, end}};
    return h;
}

/* `path` as a file of the repository, seen from the folder of `src` or from the root: SV_NONE if none. */
static sv resolve(const struct facts *f, const struct source *src, sv path)
{
    /* "${SCRIPT_DIR}/docker-compose.yml": a variable in front stands for the script's folder. */
    size_t slash;
    while (sv_starts(path, SV("$")) && (slash = sv_find_char(path, '/')) != SV_NOT_FOUND)
        path = sv_sub(path, slash + 1, path.n);
    for (sv dir = path_dir(src->path);; dir = path_dir(dir)) {
        sv full = path_join(f->arena, dir, path);
        if (full.p != NULL && repo_find(f->repo, full) != NULL)
            return full;
        if (dir.n == 0)
            return SV_NONE;
    }
}

/* One word of a command line as it is written in any text: quotes removed. Ends at what ends a
 * command; a backslash before the line end goes on with the next line. */
static bool next_word(sv text, size_t *at, sv *word, size_t *start)
{
    size_t i = *at;
    for (;;) {
        while (i < text.n && (text.p[i] == ' ' || text.p[i] == '\t'))
            i++;
        if (i < text.n && text.p[i] == '\\') {
            size_t k = i + 1;
            while (k < text.n && (text.p[k] == '\r' || text.p[k] == ' '))
                k++;
            if (k >= text.n || text.p[k] != '\n')
                break;
            for (i = k + 1; i < text.n && (text.p[i] == ' ' || text.p[i] == '\t' || text.p[i] == '#');)
                i++; /* a command inside a comment goes on with "# " */
            continue;
        }
        break;
    }
    *start = i;
    if (i >= text.n || SV_IN(sv_sub(text, i, i + 1), SV("\n"), SV("\r"), SV(";"), SV("|"), SV("&"), SV(")"), SV("`"), SV("<"), SV("#"), SV("\\")))
        return false;
    char quote = 0;
    size_t from = i;
    for (; i < text.n && text.p[i] != '\n'; i++) {
        char c = text.p[i];
        if (quote != 0)
            quote = c == quote ? 0 : quote;
        else if (c == '"' || c == '\'')
            quote = c;
        else if (c == ' ' || c == '\t' || c == ';' || c == '`' || c == ')' || c == '|' || c == '\r')
            break;
    }
    *word = sv_unquote(sv_sub(text, from, i));
    *at = i;
    return i > from;
}

/* "$FILE", "${FILE}", "{{file}}" of a justfile: what the text assigns to the name, the value itself otherwise. */
static sv assigned_value(sv text, sv value)
{
    sv name = sv_trim(sv_trim_char(sv_trim_char(sv_trim_char(value, '$'), '{'), '}'));
    if (name.n == value.n || !sv_is_ident(name))
        return value;
    for (size_t at = 0; (at = sv_find_at(text, name, at)) != SV_NOT_FOUND; at += name.n) {
        size_t i = at + name.n;
        bool begins = at == 0 || sv_find_char(SV("\n \t"), text.p[at - 1]) != SV_NOT_FOUND;
        while (i < text.n && (text.p[i] == ' ' || text.p[i] == ':'))
            i++;
        if (!begins || i >= text.n || text.p[i] != '=')
            continue;
        sv rest = sv_sub(text, i + 1, text.n), word = sv_unquote(sv_trim(sv_line(&rest)));
        return sv_find_char(word, '$') == SV_NOT_FOUND && word.n != 0 ? word : value;
    }
    return value;
}

/* Flags of `phala deploy`, `phala cvms create` and `vmm-cli.py compose` (dstack-facts 5.3, 3.7). */
static const struct { const char *flag, *what; bool has_value; } FLAGS[] = {
    {"-c", "compose", true}, {"--compose", "compose", true}, {"--docker-compose", "compose", true}, {"--compose-file", "compose", true},
    {"-e", "env", true}, {"--env", "env", true}, {"--env-file", "env-file", true},
    {"--kms", "kms", true}, {"--kms-id", "kms-id", true}, {"--kms-contract", "kms-id", true}, {"--key-provider", "key-provider", true},
    {"--custom-app-id", "app-id", true}, {"--cvm-id", "app-id", true}, {"--app-id", "app-id", true}, {"--uuid", "app-id", true},
    {"--image", "image", true}, {"--base-image", "image", true}, {"--dev-os", "dev-os", false}, {"--ssh-pubkey", "ssh-key", true},
    {"--no-public-tcbinfo", "no-public-tcbinfo", false}, {"--no-public-logs", "no-public-logs", false},
    {"--public-logs", "public-logs", false}, {"--no-public-sysinfo", "no-public-sysinfo", false}, {"--fs", "fs", true},
    {"--private-key", "private-key", true}, {"--skip-gateway", "skip-gateway", false}, {"--no-secure-time", "no-secure-time", false},
};

static void hint_of_flag(struct facts *f, const struct source *src, sv word, sv text, size_t start, size_t *at)
{
    size_t eq = sv_find_char(word, '=');
    sv flag = eq == SV_NOT_FOUND ? word : sv_sub(word, 0, eq);
    for (size_t i = 0; i < sizeof FLAGS / sizeof *FLAGS; i++) {
        if (!sv_eq(flag, sv_from(FLAGS[i].flag)))
            continue;
        sv value = eq == SV_NOT_FOUND ? SV_NONE : sv_unquote(sv_sub(word, eq + 1, word.n)), what = sv_from(FLAGS[i].what);
        size_t ignored;
        if (eq == SV_NOT_FOUND && FLAGS[i].has_value)
            next_word(text, at, &value, &ignored);
        if (sv_eq(what, SV("kms")) && (value.n == 0 || sv_starts(value, SV("-"))))
            value = SV("kms"); /* vmm-cli: a switch */
        value = assigned_value(text, value);
        if (sv_eq(what, SV("compose"))) {
            sv found = resolve(f, src, value);
            value = found.p != NULL ? found : value;
        } else if (sv_eq(what, SV("env")) && sv_find_char(value, '=') == SV_NOT_FOUND) {
            what = SV("env-file");
        }
        add_hint(f, what, value, src, start, *at);
        return;
    }
}

static bool word_boundary(sv text, size_t at, size_t n)
{
    return (at == 0 || SV_IN(sv_sub(text, at - 1, at), SV(" "), SV("\n"), SV("\t"), SV("`"), SV("/"), SV("("), SV("\""), SV("'"), SV("$"))) &&
           at + n < text.n && SV_IN(sv_sub(text, at + n, at + n + 1), SV(" "), SV("@"), SV("."));
}

static void hints_of_command(struct facts *f, const struct source *src, size_t at, size_t name_length)
{
    sv word;
    size_t start, begin = at, i = at + name_length;
    while (i < src->text.n && src->text.p[i] != ' ' && src->text.p[i] != '\n')
        i++; /* "phala@latest", "vmm-cli.py" */
    if (!next_word(src->text, &i, &word, &start))
        return;
    bool deploys = SV_IN(word, SV("deploy"), SV("compose"));
    if (sv_eq(word, SV("cvms")) && next_word(src->text, &i, &word, &start))
        deploys = SV_IN(word, SV("create"), SV("upgrade"), SV("deploy"), SV("provision"));
    if (!deploys)
        return;
    struct deploy_hint *command = add_hint(f, SV("deploy"), SV_NONE, src, begin, i);
    while (next_word(src->text, &i, &word, &start))
        if (sv_starts(word, SV("-")))
            hint_of_flag(f, src, word, src->text, start, &i);
    command->place.end = i;
    command->value = sv_sub(src->text, begin, i);
}

static bool in_comment(struct facts *f, const struct source *src, size_t at)
{
    const struct program *p = src->kind == SOURCE_CODE ? read_program(f->repo, src) : NULL;
    for (size_t i = 0; p != NULL && i < p->n_comments; i++)
        if (p->comments[i].start <= at && at < p->comments[i].start + token_length(&p->comments[i]))
            return true;
    return false;
}

static void hints_of_text(struct facts *f, const struct source *src)
{
    const sv programs[] = {SV("phala"), SV("vmm-cli")};
    for (size_t p = 0; p < sizeof programs / sizeof *programs; p++)
        for (size_t at = text_says(src, programs[p]) ? 0 : src->text.n; (at = sv_find_at(src->text, programs[p], at)) != SV_NOT_FOUND; at += programs[p].n)
            if (word_boundary(src->text, at, programs[p].n) && !in_comment(f, src, at))
                hints_of_command(f, src, at, programs[p].n);
}

/* phala.toml: keys of the CLI's project file (dstack-facts 5.3). */
static void hints_of_phala_toml(struct facts *f, const struct source *src)
{
    for (sv rest = src->text; rest.p != NULL;) {
        sv line = sv_line(&rest), value = line;
        sv key = sv_trim(sv_cut(&value, '='));
        if (value.p == NULL || sv_starts(key, SV("#")))
            continue;
        value = sv_unquote(sv_trim(value));
        size_t at = (size_t)(line.p - src->text.p);
        if (sv_eq(key, SV("compose_file"))) {
            sv found = resolve(f, src, value);
            add_hint(f, SV("compose"), found.p != NULL ? found : value, src, at, at + line.n);
        } else if (sv_is_ident(key)) {
            add_hint(f, sv_eq(key, SV("env_file")) ? SV("env-file") : key, value, src, at, at + line.n);
        }
    }
}

/* A program or script that writes an app-compose: the keys it sets, as far as they are literals. */
static void hints_of_manifest(struct facts *f, const struct source *src)
{
    const sv keys[] = {
        SV("public_logs"), SV("public_sysinfo"), SV("public_tcbinfo"), SV("no_instance_id"), SV("secure_time"), SV("storage_fs"),
        SV("key_provider"), SV("key_provider_id"), SV("kms_enabled"), SV("local_key_provider_enabled"), SV("allowed_envs"), SV("runner"),
    };
    size_t first = text_says(src, SV("manifest_version")) ? sv_find(src->text, SV("manifest_version")) : SV_NOT_FOUND;
    if (first == SV_NOT_FOUND || !source_has(src, SV("docker_compose_file")))
        return;
    add_hint(f, SV("manifest"), SV_NONE, src, first, first + SV("manifest_version").n);
    for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
        size_t at = sv_find(src->text, keys[k]);
        while (at != SV_NOT_FOUND && sv_find_char(SV("_abcdefghijklmnopqrstuvwxyz"), at + keys[k].n < src->text.n ? src->text.p[at + keys[k].n] : '\n') != SV_NOT_FOUND)
            at = sv_find_at(src->text, keys[k], at + 1); /* key_provider in key_provider_id */
        if (at == SV_NOT_FOUND)
            continue;
        sv rest = sv_sub(src->text, at + keys[k].n, src->text.n);
        sv value = sv_line(&rest);
        value = sv_trim(sv_trim_char(sv_trim(sv_trim_char(sv_trim(value), '"')), '\\'));
        if (sv_starts(value, SV(":")) || sv_starts(value, SV("=")))
            add_hint(f, keys[k], sv_trim_char(sv_trim(sv_sub(value, 1, value.n)), ','), src, at, at + keys[k].n);
    }
}

static void hints_of_env_file(struct facts *f, const struct source *src)
{
    for (sv rest = src->text; rest.p != NULL;) {
        sv line = sv_line(&rest), value = line;
        sv name = sv_trim(sv_cut(&value, '='));
        if (sv_starts(name, SV("export ")))
            name = sv_trim(sv_sub(name, 7, name.n));
        size_t at = (size_t)(line.p - src->text.p);
        if (value.p != NULL && sv_is_ident(name))
            add_hint(f, SV("env-name"), name, src, at, at + line.n);
    }
}

static void collect_hints(struct facts *f)
{
    for (size_t i = 0; i < f->repo->files.n; i++) {
        const struct source *src = f->repo->files.at[i];
        if (src->vendored || src->kind == SOURCE_LOCK || src->kind == SOURCE_EVIDENCE)
            continue;
        if (sv_eq(path_base(src->path), SV("phala.toml")))
            hints_of_phala_toml(f, src);
        else
            hints_of_text(f, src);
        if (src->kind == SOURCE_SCRIPT || src->kind == SOURCE_CODE)
            hints_of_manifest(f, src);
        if (src->kind == SOURCE_ENV)
            hints_of_env_file(f, src);
    }
}

/* ---- scripts -------------------------------------------------------------------------------------- */

struct script { /* a script and its rows in facts.runs */
    const struct source *src;
    sv base; /* of its path */
    size_t from, to;
    struct run like;
};
struct scripts { VEC(struct script) all; };

static void add_script(struct facts *f, struct scripts *s, const struct source *src, struct run like)
{
    struct script *script = vec_new(f->arena, &s->all, struct script);
    script->src = src;
    script->base = path_base(src->path);
    script->from = f->runs.n;
    script->like = like;
    const struct shell *sh = facts_run_shell(f, src, like);
    script->to = f->runs.n;
    if (sh == NULL)
        return;
    struct shell *row = arena_new(f->arena, struct shell);
    *row = *sh;
    vec_push(f->arena, &f->scripts, row);
}

static void set_runs(struct facts *f, struct script *s, struct run like)
{
    s->like = like;
    for (size_t i = s->from; i < s->to; i++) {
        struct run *r = f->runs.at[i];
        r->when = like.when;
        r->service = like.service;
        r->dockerfile = like.dockerfile;
    }
}

static sv home_of(const struct run *r)
{
    const struct source *src = r->dockerfile != NULL && r->dockerfile->src->host == NULL ? r->dockerfile->src : r->src;
    return path_dir(src->path);
}

/* The script that `word` calls from the folder `home`: the nearest of that name below it, else the only
 * one of that name. Images place scripts anywhere, so the base name decides. */
static struct script *script_named(struct scripts *s, sv word, sv home)
{
    sv base = path_base(word);
    struct script *best = NULL, *only = NULL;
    size_t named = 0;
    if (base.n == 0 || sv_starts(word, SV("-")) || sv_find_char(base, '.') == 0)
        return NULL;
    for (size_t i = 0; i < s->all.n; i++) {
        struct script *candidate = s->all.at[i];
        if (candidate->src->host != NULL || !sv_eq(candidate->base, base))
            continue;
        named++;
        only = candidate;
        if (path_is_below(candidate->src->path, home) && (best == NULL || candidate->src->path.n < best->src->path.n))
            best = candidate;
    }
    return best != NULL ? best : named == 1 ? only : NULL;
}

/* Lower is stronger: what runs inside the TEE outweighs what runs in CI. */
static int weight(enum run_when when)
{
    static const int weights[] = {[RUN_START] = 0, [RUN_BUILD] = 1, [RUN_DEPLOY] = 2, [RUN_CI] = 3, [RUN_OTHER] = 4};
    return weights[when];
}

/* `make image`, `make -C dir image`, `just image`: the file it reads, seen from the root where a workflow calls it. */
static struct script *makefile_named(struct scripts *s, const struct run *r)
{
    sv dir = command_option(r->command, "-C");
    struct script *best = NULL;
    for (size_t i = 0; SV_IN(command_name(r->command), SV("make"), SV("gmake"), SV("just")) && i < s->all.n; i++) {
        struct script *candidate = s->all.at[i];
        bool makes = candidate->src->host != NULL && is_makefile(candidate->src->host) && !sv_ends(candidate->src->path, SV(".mk"));
        if (makes && (dir.n == 0 || sv_ends(path_dir(candidate->src->path), sv_trim_char(dir, '/'))) && (best == NULL || candidate->src->path.n < best->src->path.n))
            best = candidate;
    }
    return best;
}

static bool follow(struct facts *f, struct scripts *s, const struct run *r)
{
    bool changed = false;
    struct script *makefile = r->when == RUN_CI || r->when == RUN_DEPLOY ? makefile_named(s, r) : NULL;
    if (makefile != NULL && weight(makefile->like.when) > weight(r->when)) {
        set_runs(f, makefile, (struct run){.when = r->when, .scope = makefile->like.scope});
        changed = true;
    }
    for (size_t w = 0; w < r->command->n; w++) {
        struct script *called = script_named(s, r->command->words[w].text, home_of(r));
        if (called == NULL || weight(called->like.when) <= weight(r->when))
            continue;
        struct run like = called->like;
        like.when = r->when;
        like.service = r->service;
        like.dockerfile = r->dockerfile;
        set_runs(f, called, like);
        changed = true;
    }
    return changed;
}

static bool deploys(const struct facts *f, const struct script *s)
{
    for (size_t i = s->from; i < s->to; i++)
        if (command_deploys(f->runs.at[i]->command))
            return true;
    return false;
}

/* A script that is named like an entry point runs at start even where the entry point is set elsewhere;
 * `start.sh` only beside a Dockerfile. */
static void mark_by_name(struct facts *f, struct script *s)
{
    sv name = path_base(s->src->path);
    bool entry = SV_IN(name, SV("entrypoint.sh"), SV("docker-entrypoint.sh"), SV("entrypoint"));
    struct run like = {.src = s->src, .when = RUN_START, .scope = s->src->scope};
    if (!entry && !sv_eq(name, SV("start.sh")))
        return;
    for (size_t i = 0; i < f->dockerfiles.n && like.dockerfile == NULL; i++) {
        const struct dockerfile *d = f->dockerfiles.at[i];
        if (d->src->host == NULL && path_is_below(s->src->path, path_dir(d->src->path)) && d->src->scope == SCOPE_PROD)
            like.dockerfile = d;
    }
    if (like.dockerfile != NULL || entry)
        set_runs(f, s, like);
}

static bool looks_like_shell(sv name, sv text)
{
    sv rest = text, first = sv_line(&rest);
    if (sv_starts(first, SV("#!")))
        return sv_has(first, SV("sh"));
    return sv_ends(name, SV(".sh"));
}

/* Scripts inside a compose: `configs.*.content`. */
static void compose_scripts(struct facts *f, struct scripts *s)
{
    for (size_t i = 0; i < f->deployments.n; i++) {
        const struct deployment *d = f->deployments.at[i];
        for node_each(config, node_get(d->root, "configs")) {
            const struct node *content = node_get(config, "content");
            struct source *src = content != NULL && content->kind == NODE_SCALAR && looks_like_shell(config->key, content->text)
                                     ? facts_embed(f, content, "content", SOURCE_SCRIPT, LANG_SHELL) : NULL;
            if (src != NULL)
                add_script(f, s, src, (struct run){.src = src, .when = RUN_START, .scope = d->compose->scope,
                                                   .service = d->services.n == 1 ? d->services.at[0] : NULL});
        }
    }
    for (size_t i = 0; i < f->app_composes.n; i++) {
        const struct app_compose *app = f->app_composes.at[i];
        const struct source *texts[] = {app->pre_launch, app->bash_script};
        for (size_t k = 0; k < 2; k++)
            if (texts[k] != NULL)
                add_script(f, s, texts[k], (struct run){.src = texts[k], .when = RUN_START, .scope = texts[k]->scope});
        for (size_t k = 0; k < app->init_scripts.n; k++)
            add_script(f, s, app->init_scripts.at[k],
                       (struct run){.src = app->init_scripts.at[k], .when = RUN_START, .scope = app->init_scripts.at[k]->scope});
    }
}

/* ---- which Dockerfile makes a service's image ------------------------------------------------------ */

static sv last_part(sv name)
{
    return path_base(name);
}

static bool names_image(const struct command *c, sv image)
{
    for (size_t i = 1; i < c->n; i++)
        if (sv_has(c->words[i].text, image))
            return true;
    return false;
}

static bool built_by_workflow(const struct facts *f, sv image)
{
    for (size_t i = 0; i < f->workflows.n; i++)
        if (f->workflows.at[i]->builds_image && source_has(f->workflows.at[i]->src, image))
            return true;
    return false;
}

struct builders { VEC(struct run) all; }; /* the commands that build an image */

static bool built_by_script(const struct builders *b, sv image, const struct dockerfile *d)
{
    for (size_t i = 0; i < b->all.n; i++) {
        const struct run *r = b->all.at[i];
        if (names_image(r->command, image) && path_is_below(r->src->path, path_dir(d->src->path)))
            return true;
    }
    return false;
}

/* "ghcr.io/acme/app" -> "acme/app": workflows keep the registry in a variable. SV_NONE for names without an
 * owner, which stand in too many texts. */
static sv owned_name(sv name)
{
    size_t slash = sv_find_char(name, '/');
    if (slash != SV_NOT_FOUND && sv_find_char(sv_sub(name, 0, slash), '.') != SV_NOT_FOUND)
        name = sv_sub(name, slash + 1, name.n);
    return sv_find_char(name, '/') == SV_NOT_FOUND ? SV_NONE : name;
}

static bool built_here(const struct facts *f, const struct builders *b, sv image)
{
    for (size_t i = 0; i < b->all.n && image.n != 0; i++)
        if (names_image(b->all.at[i]->command, image))
            return true;
    if (image.n == 0)
        return false;
    /* "ghcr.io/${{ github.repository_owner }}/app" */
    sv tail = sv_concat(f->arena, SV("}/"), path_base(image));
    return built_by_workflow(f, image) || built_by_workflow(f, tail);
}

/* An image with a name that the repository builds: the Dockerfile beside the compose (or above it)
 * whose folder, workflow or build script bears the image's name. */
static const struct dockerfile *dockerfile_of_image(const struct facts *f, const struct builders *b, const struct service *s)
{
    const struct dockerfile *near = NULL;
    size_t nearby = 0;
    sv name = last_part(s->image->name), dir = path_dir(s->deployment->compose->path);
    if (s->image->has_variable || name.n == 0)
        return NULL;
    for (size_t i = 0; i < f->dockerfiles.n; i++) {
        const struct dockerfile *d = f->dockerfiles.at[i];
        sv home = path_dir(d->src->path);
        if (d->src->host != NULL || d->src->vendored || (!path_is_below(d->src->path, dir) && !path_is_below(s->deployment->compose->path, home)))
            continue;
        if (sv_eq(path_base(home), name) || built_by_script(b, s->image->name, d))
            return d;
        if (near == NULL || home.n < path_dir(near->src->path).n)
            near = d;
        nearby++;
    }
    if (near == NULL)
        return NULL;
    bool alone = s->deployment->services.n == 1 && nearby == 1;
    return alone || sv_eq(f->repo->name, name) || built_by_workflow(f, s->image->name) ? near : NULL;
}

static void link_services(struct facts *f)
{
    struct builders builders = {0};
    for (size_t i = 0; i < f->runs.n; i++)
        if (command_builds_image(f->runs.at[i]->command))
            vec_push(f->arena, &builders.all, f->runs.at[i]);
    for (size_t i = 0; i < f->services.n; i++) {
        struct service *s = f->services.at[i];
        if (s->dockerfile == NULL && s->image != NULL && node_get(s->node, "build") == NULL)
            s->dockerfile = dockerfile_of_image(f, &builders, s);
        s->built_here = s->image != NULL && built_here(f, &builders, owned_name(s->image->name));
    }
}

void facts_from_scripts(struct facts *f)
{
    struct scripts scripts = {0};
    size_t before = f->runs.n;
    for (size_t i = 0; i < f->repo->files.n; i++) {
        const struct source *src = f->repo->files.at[i];
        if (src->kind == SOURCE_SCRIPT && !src->vendored)
            add_script(f, &scripts, src, (struct run){.src = src, .when = RUN_OTHER, .scope = src->scope});
        else if (is_makefile(src) && !src->vendored)
            add_script(f, &scripts, makefile_as_shell(f->arena, src), (struct run){.when = RUN_OTHER, .scope = src->scope});
    }
    compose_scripts(f, &scripts);
    for (size_t i = 0; i < scripts.all.n; i++) {
        struct script *s = scripts.all.at[i];
        mark_by_name(f, s);
        if (s->like.when == RUN_OTHER && deploys(f, s))
            set_runs(f, s, (struct run){.src = s->src, .when = RUN_DEPLOY, .scope = s->src->scope});
    }
    for (size_t i = 0; i < before; i++)
        follow(f, &scripts, f->runs.at[i]);
    bool changed = true;
    for (size_t round = 0; changed && round <= scripts.all.n; round++) {
        changed = false;
        for (size_t i = before; i < f->runs.n; i++)
            if (f->runs.at[i]->when != RUN_OTHER)
                changed = follow(f, &scripts, f->runs.at[i]) || changed;
    }
    link_services(f);
    collect_hints(f);
}
