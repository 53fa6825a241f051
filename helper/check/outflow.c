/* What containers print, measure and store, and who else gets it (dstack-facts 8: CX-21, CX-22, CX-29). */
#include "check/lookup.h"

/* ---- log drivers (CX-21) --------------------------------------------------------------------------------- */

/* Where the driver sends; SV_NONE where no option says it. */
static sv log_target(const struct node *options)
{
    for node_each(n, options)
        if (sv_iends(n->key, SV("address")) || sv_iends(n->key, SV("url")) || sv_iends(n->key, SV("-host")) || sv_iends(n->key, SV("-group")))
            return node_text(n);
    return SV_NONE;
}

void check_log_driver(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->services.n; i++) {
        const struct service *s = c->facts->services.at[i];
        const struct node *driver = node_path(s->node, "logging.driver");
        sv name = node_text(driver), target = log_target(node_path(s->node, "logging.options"));
        c->examined++;
        if (name.n == 0 || sv_find_char(name, '$') != SV_NOT_FOUND || SV_IN(name, SV("json-file"), SV("local"), SV("none"), SV("journald")))
            continue;
        bool inside = sv_has(target, SV("://localhost")) || sv_has(target, SV("://127.")) || sv_starts(target, SV("unix:"));
        on_service(report(c, driver->place, name, inside ? "'%.*s' hands everything it prints to a collector in the CVM (driver %.*s): what that one does with it is part of the audit."
                                                         : "Everything '%.*s' prints leaves the TEE by the log driver %.*s: who runs the collector reads user data in it.",
                          SV_ARG(service_name(s)), SV_ARG(name)), s, inside ? SEV_MEDIUM : SEV_HIGH);
    }
}

/* ---- telemetry agents (CX-22) ------------------------------------------------------------------------------- */

/* Agents made to collect logs; others count numbers unless they are given more. */
static bool ships_logs(struct check_run *c, const struct service *s)
{
    static const char *const shippers[] = {"promtail", "fluent-bit", "fluentd", "filebeat", "logspout", "timberio", "alloy", "sumologic"};
    for (size_t i = 0; i < sizeof shippers / sizeof *shippers; i++)
        if (sv_has(s->image->name, sv_from(shippers[i])))
            return true;
    for (size_t i = 0; i < c->facts->env_sets.n; i++) {
        const struct env_set *e = c->facts->env_sets.at[i];
        if (e->service == s && sv_ihas(e->name, SV("LOGS")) && SV_IN(e->value, SV("true"), SV("1"), SV("yes")))
            return true;
    }
    if (sv_has(s->image->name, SV("exporter")) || sv_has(s->image->name, SV("cadvisor")))
        return false; /* counts, whatever it is shown */
    struct mounts mounts = {0};
    mounts_of(c->arena, s, &mounts);
    for (size_t i = 0; i < mounts.all.n; i++)
        if (mount_shows_engine(mounts.all.at[i]) || path_shows(mounts.all.at[i]->path, SV("/var/lib/docker/containers")) ||
            sv_starts(mounts.all.at[i]->path, SV("/var/lib/docker")))
            return true;
    return false;
}

/* Settings of libraries that send errors, traces or prompts to a service; literals alone, since variables are
 * judged as addresses and credentials. */
static const char *telemetry_setting(const struct env_set *e)
{
    static const struct { const char *name, *what; } settings[] = {
        {"SENTRY_DSN", "errors with their surroundings"}, {"LANGFUSE_HOST", "prompts and answers"}, {"LANGFUSE_BASE_URL", "prompts and answers"},
        {"LANGSMITH_ENDPOINT", "prompts and answers"}, {"LANGCHAIN_ENDPOINT", "prompts and answers"}, {"POSTHOG_HOST", "what users do"},
        {"OTEL_EXPORTER_OTLP_ENDPOINT", "traces and logs"}, {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "traces"},
        {"OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "logs"}, {"DD_SITE", "traces and logs"}, {"HELICONE_BASE_URL", "prompts and answers"},
    };
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        if (sv_eq(e->name, sv_from(settings[i].name)) && e->state == ENV_LITERAL && sv_has(e->value, SV(".")))
            return settings[i].what;
    bool tracing = SV_IN(e->name, SV("LANGCHAIN_TRACING_V2"), SV("LANGSMITH_TRACING"));
    return tracing && e->state == ENV_LITERAL && sv_ieq(e->value, SV("true")) ? "prompts and answers" : NULL;
}

void check_telemetry(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->services.n; i++) {
        const struct service *s = c->facts->services.at[i];
        if (s->image == NULL)
            continue;
        c->examined++;
        if ((image_roles(s->image->name) & ROLE_TELEMETRY) == 0)
            continue;
        bool logs = ships_logs(c, s);
        on_service(report(c, s->image->place, s->image->name, logs ? "'%.*s' collects what all containers print and sends it out of the TEE: whoever receives it reads user data in it."
                                                                   : "'%.*s' measures the CVM and its containers for somebody outside: sizes, times and names of requests tell about users.",
                          SV_ARG(service_name(s))), s, logs ? SEV_HIGH : SEV_MEDIUM);
    }
    for (size_t i = 0; i < c->facts->env_sets.n; i++) {
        const struct env_set *e = c->facts->env_sets.at[i];
        const char *what = telemetry_setting(e);
        if (what != NULL && e->service != NULL)
            on_service(report(c, e->place, e->name, "%.*s is set: '%.*s' sends %s to a service outside the TEE.", SV_ARG(e->name), SV_ARG(service_name(e->service)), what),
                       e->service, SEV_MEDIUM);
    }
}

/* ---- shared volumes (CX-29) --------------------------------------------------------------------------------------- */

struct sharer { const struct service *service; struct place place; bool read_only, own; };
struct sharers { VEC(struct sharer) all; };

static void sharers_of(struct check_run *c, const struct deployment *d, sv volume, struct sharers *out)
{
    for (size_t i = 0; i < d->services.n; i++) {
        struct mounts mounts = {0};
        mounts_of(c->arena, d->services.at[i], &mounts);
        for (size_t k = 0; k < mounts.all.n; k++)
            if (sv_eq(mounts.all.at[k]->source, volume)) {
                const struct mount *m = mounts.all.at[k];
                *vec_new(c->arena, &out->all, struct sharer) =
                    (struct sharer){d->services.at[i], m->place, m->read_only, !is_third_party(d->services.at[i])};
                break;
            }
    }
}

/* Public evidence and certificates of an ingress are there to be shared. */
static bool is_ingress_volume(const struct sharers *all)
{
    for (size_t i = 0; i < all->all.n; i++)
        if (all->all.at[i]->service->image != NULL && (image_roles(all->all.at[i]->service->image->name) & (ROLE_INGRESS | ROLE_PROXY)) != 0)
            return true;
    return false;
}

static void judge_volume(struct check_run *c, const struct deployment *d, sv volume)
{
    struct sharers sharers = {0};
    const struct sharer *own = NULL, *foreign = NULL;
    sharers_of(c, d, volume, &sharers);
    c->examined++;
    for (size_t i = 0; i < sharers.all.n; i++) {
        if (sharers.all.at[i]->own)
            own = sharers.all.at[i];
        else
            foreign = sharers.all.at[i];
    }
    if (own == NULL || foreign == NULL || is_ingress_volume(&sharers))
        return;
    struct finding *f = report(c, foreign->place, volume, foreign->read_only ? "'%.*s', an image from elsewhere, reads the volume in which '%.*s' keeps its data."
                                                                             : "'%.*s', an image from elsewhere, reads and changes the volume in which '%.*s' keeps its data.",
                               SV_ARG(service_name(foreign->service)), SV_ARG(service_name(own->service)));
    relate(c, f, own->place, "shared with");
    /* a database that reads its password, an exporter that reads counters: little for whoever is pinned or only reads */
    on_service(f, foreign->service, foreign->read_only || foreign->service->image->pinned ? SEV_LOW : SEV_MEDIUM);
}

void check_shared_volume(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->deployments.n; i++) {
        const struct deployment *d = c->facts->deployments.at[i];
        size_t services = d->services.n;
        for node_each(v, node_get(d->root, "volumes"))
            if (services > 1 && services < 200 && v->key.n != 0)
                judge_volume(c, d, v->key);
    }
}
