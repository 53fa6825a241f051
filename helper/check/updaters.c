/* Code that changes after attestation: updaters, scripts and programs that start containers of their own
 * (dstack-facts 8: CX-02, CX-20, CX-31). */
#include "check/lookup.h"

/* ---- commands ------------------------------------------------------------------------------------------- */

static bool is_engine_client(sv name)
{
    return SV_IN(name, SV("docker"), SV("podman"), SV("nerdctl"), SV("docker-compose"), SV("podman-compose"), SV("ctr"), SV("crictl"));
}

/* Starts containers or pods. */
static bool starts_workload(const struct command *k)
{
    sv name = command_name(k);
    if (SV_IN(name, SV("kubectl"), SV("k3s")))
        return command_has(k, "apply") || command_has(k, "run") || command_has(k, "create") || command_has(k, "replace");
    if (sv_eq(name, SV("helm")))
        return command_has(k, "install") || command_has(k, "upgrade");
    if (!is_engine_client(name) || command_has(k, "network") || command_has(k, "volume") || command_has(k, "buildx") || command_has(k, "context"))
        return false;
    bool compose = sv_ends(name, SV("-compose")) || command_has(k, "compose");
    if (compose)
        return command_has(k, "up") || command_has(k, "run") || command_has(k, "start");
    return command_has(k, "run") || command_has(k, "create") || (command_has(k, "stack") && command_has(k, "deploy"));
}

/* Brings other code than before. */
static bool fetches_update(const struct command *k)
{
    sv name = command_name(k);
    if (sv_eq(name, SV("git")))
        return command_has(k, "pull") || command_has(k, "fetch") || command_has(k, "clone") || command_has(k, "reset");
    if (is_engine_client(name))
        return command_has(k, "pull") || (command_has(k, "service") && command_has(k, "update"));
    return sv_eq(name, SV("kubectl")) && (command_has(k, "set") || command_has(k, "rollout"));
}

/* The script goes round: what it does at start it does again later. */
static bool repeats(const struct source *s)
{
    static const char *const words[] = {"while ", "until ", "crontab", "inotifywait", "watch "};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        for (size_t at = 0; (at = sv_find_at(s->text, sv_from(words[i]), at)) != SV_NOT_FOUND; at++)
            if (at == 0 || SV_IN(sv_sub(s->text, at - 1, at), SV("\n"), SV(" "), SV("\t"), SV(";"), SV("\""), SV("'")))
                return true;
    return false;
}

static bool shows_engine(struct check_run *c, const struct service *s)
{
    struct mounts mounts = {0};
    mounts_of(c->arena, s, &mounts);
    for (size_t i = 0; i < mounts.all.n; i++)
        if (mount_shows_engine(mounts.all.at[i]))
            return true;
    return service_true(s, "privileged") || env_of(c->facts, s, "DOCKER_HOST") != NULL;
}

static bool is_published_prelaunch(const struct facts *f, const struct source *s)
{
    for (size_t i = 0; i < f->app_composes.n; i++)
        if (f->app_composes.at[i]->pre_launch == s && f->app_composes.at[i]->prelaunch_exact)
            return true;
    return false;
}

/* The command runs in the CVM and finds an engine there. A script named start.sh beside a Dockerfile may be
 * a developer's: it counts where its image has an engine's client or its service the engine. */
static bool has_engine(struct check_run *c, const struct run *r)
{
    if (r->when != RUN_START || r->scope == SCOPE_TEST || is_published_prelaunch(c->facts, r->src))
        return false;
    if (r->service != NULL || r->dockerfile == NULL)
        return true;
    for (size_t i = 0; i < c->facts->services.n; i++)
        if (run_is_of(r, c->facts->services.at[i]) && shows_engine(c, c->facts->services.at[i]))
            return true;
    return source_has(r->dockerfile->src, SV("docker-ce")) || source_has(r->dockerfile->src, SV("docker.io")) ||
           source_has(r->dockerfile->src, SV("docker-cli")) || source_has(r->dockerfile->src, SV("docker:"));
}

static void place_on_run(struct finding *f, const struct run *r, enum severity severity)
{
    if (r->service != NULL)
        on_service(f, r->service, severity);
    else
        on_scope(f, r->scope, severity);
}

/* ---- updaters (CX-02) ----------------------------------------------------------------------------------------- */

static void updater_image(struct check_run *c, const struct service *s)
{
    if (s->image == NULL)
        return;
    c->examined++;
    bool hook = SV_IN(path_base(s->image->name), SV("webhook"), SV("docker-webhook"));
    if ((image_roles(s->image->name) & ROLE_UPDATER) == 0 && !hook)
        return;
    bool notifies = sv_has(s->image->name, SV("diun"));
    on_service(report(c, s->image->place, s->image->name, notifies ? "'%.*s' watches registries for new images; with a script behind its notifications it replaces containers under the same compose hash."
                      : hook ? "'%.*s' runs commands when somebody calls it over the network: whoever can call it changes what runs under the same compose hash."
                             : "'%.*s' replaces running containers whenever their images change: code that no user attested handles their data, under the same compose hash.",
                      SV_ARG(service_name(s))), s, notifies ? SEV_MEDIUM : SEV_CRITICAL);
}

enum { NEAR = 500 }; /* commands of one script stand together: farther away none is looked for */

/* Another command of the same script, from `from` on, does the same; that one speaks. */
static bool said_by(const struct facts *f, size_t from, size_t to, const struct source *src, bool (*does)(const struct command *k))
{
    for (size_t i = from; i < to && i < f->runs.n; i++)
        if (f->runs.at[i]->src == src && does(f->runs.at[i]->command))
            return true;
    return false;
}

/* Says which version is the newest: a download, or another script. */
static bool names_version(const struct command *k)
{
    return SV_IN(command_name(k), SV("curl"), SV("wget"), SV("gh")) || (sv_ends(command_name(k), SV(".sh")) && k->n > 1);
}

static void ask_for_source(struct check_run *c, size_t first, size_t end, const struct source *src)
{
    if (said_by(c->facts, first, end, src, command_verifies))
        return;
    for (size_t i = first; i < end && i < c->facts->runs.n; i++) {
        const struct command *k = c->facts->runs.at[i]->command;
        if (c->facts->runs.at[i]->src != src || !names_version(k))
            continue;
        ask(c, k->place, "What %.*s answers decides what the loop starts next: is the answer authenticated (a signature, an allow-list, a contract) and is there a delay before it is applied?", SV_ARG(command_name(k)))->rank = 1;
        return;
    }
}

/* One finding for each script: where it starts what it fetched. */
static void updater_script(struct check_run *c, size_t at)
{
    const struct run *r = c->facts->runs.at[at];
    size_t first = at > NEAR ? at - NEAR : 0;
    bool starts = starts_workload(r->command), updates = fetches_update(r->command);
    if ((!starts && !updates) || !has_engine(c, r))
        return;
    c->examined++;
    if (!repeats(r->src))
        return;
    if (said_by(c->facts, first, at, r->src, starts ? starts_workload : fetches_update) ||
        (!starts && said_by(c->facts, at, at + NEAR, r->src, starts_workload)))
        return;
    place_on_run(report(c, r->command->place, command_name(r->command),
                        "A script in the TEE does this again and again: it can replace the running code at any time after attestation, while users see one constant compose hash."),
                 r, SEV_CRITICAL);
    ask_for_source(c, first, at + NEAR, r->src);
}

void check_code_updater(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->services.n; i++)
        updater_image(c, c->facts->services.at[i]);
    for (size_t i = 0; i < c->facts->runs.n; i++)
        updater_script(c, i);
}

/* ---- workloads that no compose file lists ------------------------------------------------------------------------- */

/* What the started container is given of the CVM. */
static const char *rights_of(struct check_run *c, const struct command *k)
{
    if (command_has(k, "--privileged") || command_has(k, "--privileged=true"))
        return " It is privileged, so it has the whole CVM.";
    for (size_t i = 1; i + 1 < k->n; i++) {
        struct mounts mounts = {0};
        static const struct service nobody;
        static const struct deployment nowhere;
        struct service s = nobody;
        s.deployment = (struct deployment *)&nowhere;
        if (!SV_IN(k->words[i].text, SV("-v"), SV("--volume")))
            continue;
        mount_of_spec(c->arena, &s, k->words[i + 1].text, k->words[i + 1].place, &mounts);
        if (mounts.all.n != 0 && mount_shows_engine(mounts.all.at[0]))
            return " It gets the engine's socket, so it is root in the CVM.";
        if (mounts.all.n != 0 && SV_IN(mounts.all.at[0]->path, SV("/"), SV("/dstack"), SV("/tapp")))
            return " It sees the decrypted environment and the app's keys.";
    }
    return "";
}

void check_workload_outside(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->runs.n; i++) {
        const struct run *r = c->facts->runs.at[i];
        c->examined += r->when == RUN_START;
        if (!starts_workload(r->command) || !has_engine(c, r))
            continue;
        if (repeats(r->src))
            continue; /* code-updater says more about it */
        place_on_run(report(c, r->command->place, command_name(r->command),
                            "A script in the TEE starts containers that the compose file does not list: a reader who checks its services sees neither them nor the ports they open.%s",
                            rights_of(c, r->command)), r, SEV_HIGH);
    }
}

/* ---- programs with a client of the engine --------------------------------------------------------------------------- */

/* The program may stand in the service's image: below the folder of its Dockerfile or build, else anywhere in the app. */
static bool holds_program(const struct facts *f, const struct service *s, sv path)
{
    sv made_in = s->dockerfile != NULL && s->dockerfile->src->host == NULL ? path_dir(s->dockerfile->src->path) : s->context;
    return made_in.p != NULL ? path_is_below(path, made_in) : deployment_owns(f, s->deployment, path);
}

static const struct service *service_with_engine(struct check_run *c, sv path)
{
    for (size_t i = 0; i < c->facts->services.n; i++) {
        const struct service *s = c->facts->services.at[i];
        if (holds_program(c->facts, s, path) && shows_engine(c, s))
            return s;
    }
    return NULL;
}

void check_program_starts_containers(struct check_run *c)
{
    const struct hits *hits = &c->facts->hits;
    const struct source *last = NULL;
    const struct service *said = NULL;
    struct finding *found = NULL;
    for (size_t i = 0; i < c->facts->repo->files.n; i++)
        c->examined += c->facts->repo->files.at[i]->kind == SOURCE_CODE;
    for (size_t i = 0; i < hits->all.n; i++) {
        const struct hit *h = hits->all.at[i];
        if (h->pattern->rule != c->rule || h->place.src == last || place_is_aside(h->place))
            continue;
        const struct service *s = service_with_engine(c, h->place.src->path);
        if (s == NULL)
            continue;
        last = h->place.src; /* the first place of a file speaks for it, the first file for the program */
        if (s == said) {
            relate(c, found, h->place, "and here");
            continue;
        }
        said = s;
        found = on_service(report(c, h->place, h->pattern->name, "The program commands the container engine that '%.*s' reaches: which containers run is decided by what it is told at run time, not by the attested compose file.",
                          SV_ARG(service_name(s))), s, SEV_HIGH);
    }
}

/* ---- labels, profiles, watch (CX-31, CX-20) --------------------------------------------------------------------------- */

static const struct service *updater_in(const struct deployment *d)
{
    for (size_t i = 0; i < d->services.n; i++)
        if (d->services.at[i]->image != NULL && (image_roles(d->services.at[i]->image->name) & ROLE_UPDATER) != 0)
            return d->services.at[i];
    return NULL;
}

void check_updater_label(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->services.n; i++) {
        const struct service *s = c->facts->services.at[i];
        for node_each(n, node_get(s->node, "labels")) {
            sv rest = node_text(n), value = rest;
            sv name = n->key.p != NULL ? n->key : sv_cut(&rest, '=');
            if (n->key.p == NULL)
                value = rest;
            bool steers = sv_starts(name, SV("com.centurylinklabs.watchtower")) || sv_starts(name, SV("diun.")) || sv_starts(name, SV("wud.")) ||
                          sv_starts(name, SV("com.ouroboros")) || sv_starts(name, SV("keel.sh/")) || sv_starts(name, SV("shepherd."));
            c->examined++;
            if (!steers || SV_IN(value, SV("false"), SV("no")))
                continue;
            bool present = updater_in(s->deployment) != NULL;
            on_service(report(c, n->place, name, present ? "'%.*s' is marked for the updater of the same compose file: its code is replaced whenever its image changes."
                                                         : "'%.*s' is marked for an updater. None stands in this compose file; if one is started elsewhere in the CVM, it replaces this container.",
                              SV_ARG(service_name(s))), s, present ? SEV_HIGH : SEV_LOW);
        }
    }
}

void check_profile_service(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->services.n; i++) {
        const struct service *s = c->facts->services.at[i];
        const struct node *profiles = node_get(s->node, "profiles"), *watch = node_path(s->node, "develop.watch");
        c->examined++;
        if (watch != NULL)
            on_service(report(c, watch->place, SV("develop.watch"), "'%.*s' has rules for `docker compose watch`, which the CVM never runs: this is a developer's compose file, or these lines are left over.",
                              SV_ARG(service_name(s))), s, SEV_INFO);
        if (s->enabled)
            continue;
        bool allowed = allowed_in(s->deployment, SV("COMPOSE_PROFILES")) == ALLOWED_YES;
        on_service(report(c, profiles->place, service_name(s), allowed ? "'%.*s' is off until the operator sets COMPOSE_PROFILES, which allowed_envs lists: the operator decides whether it runs."
                                                                       : "'%.*s' stays off as long as COMPOSE_PROFILES is not in allowed_envs: look there before leaving it out of the audit.",
                          SV_ARG(service_name(s))), s, allowed ? SEV_HIGH : SEV_INFO);
    }
}
