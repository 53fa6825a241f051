/* Does the repository describe what is deployed? The app-compose against the compose file beside it. */
#include "check/input.h"

/* The compose file of the repository that the app-compose should equal: the best of the same app. */
static const struct deployment *twin_of(const struct facts *f, const struct deployment *d)
{
    for (size_t i = 0; i < f->deployments.n; i++) {
        const struct deployment *o = f->deployments.at[i];
        if (o->app == NULL && sv_eq(o->group, d->group) && o->refused.p == NULL && o->rank < RANK_DEV)
            return o;
    }
    return NULL;
}

static const struct service *service_in(const struct deployment *d, sv name)
{
    for (size_t i = 0; i < d->services.n; i++)
        if (sv_eq(d->services.at[i]->name, name))
            return d->services.at[i];
    return NULL;
}

static struct finding *differs(struct check_run *c, const struct deployment *d, struct place place, sv subject, sv what)
{
    struct finding *f = report(c, place, subject, "The deployed configuration (%.*s) is not that of the repository: %.*s.", SV_ARG(d->id), SV_ARG(what));
    f->deployment = d;
    return f;
}

/* A template's variable may have been filled in before deployment: "${IMAGE}" against a fixed text. */
static bool fills_in(sv template, sv text)
{
    size_t dollar = sv_find_char(template, '$');
    return dollar != SV_NOT_FOUND && sv_starts(text, sv_sub(template, 0, dollar));
}

static void compare_image(struct check_run *c, const struct deployment *d, const struct service *ours, const struct service *theirs)
{
    sv deployed = ours->image == NULL ? SV("(built)") : ours->image->ref;
    sv here = theirs->image == NULL ? SV("(built)") : theirs->image->ref;
    if (sv_eq(deployed, here))
        return;
    struct place place = ours->image == NULL ? ours->node->place : ours->image->place;
    struct finding *f = differs(c, d, place, deployed,
                                sv_printf(c->arena, "service %.*s runs %.*s, the repository says %.*s", SV_ARG(ours->name),
                                          SV_ARG(deployed), SV_ARG(here)));
    if (fills_in(here, deployed))
        f->severity = SEV_LOW;
    if (theirs->image != NULL)
        relate(c, f, theirs->image->place, "in the repository");
}

static const struct env_set *env_in(const struct facts *f, const struct service *s, sv name)
{
    for (size_t i = 0; i < f->env_sets.n; i++)
        if (f->env_sets.at[i]->service == s && sv_eq(f->env_sets.at[i]->name, name))
            return f->env_sets.at[i];
    return NULL;
}

static sv value_of(const struct env_set *s)
{
    return s->value.p == NULL ? SV("(from the operator)") : s->value;
}

static void compare_environment(struct check_run *c, const struct deployment *d, const struct service *ours,
                                const struct service *theirs)
{
    const struct facts *f = c->facts;
    if (f->env_sets.n * d->services.n > 2000000) { /* hostile: no app comes near */
        c->unsure = true;
        return;
    }
    for (size_t i = 0; i < f->env_sets.n; i++) {
        const struct env_set *s = f->env_sets.at[i];
        if (s->service == ours) {
            const struct env_set *o = env_in(f, theirs, s->name);
            if (o != NULL && (sv_eq(value_of(s), value_of(o)) || fills_in(value_of(o), value_of(s))))
                continue;
            sv what = o == NULL ? sv_printf(c->arena, "service %.*s sets %.*s, the repository does not", SV_ARG(ours->name), SV_ARG(s->name))
                                : sv_printf(c->arena, "service %.*s sets %.*s otherwise than the repository", SV_ARG(ours->name),
                                            SV_ARG(s->name));
            struct finding *found = differs(c, d, s->place, s->name, what);
            if (o != NULL)
                relate(c, found, o->place, "in the repository");
        } else if (s->service == theirs && env_in(f, ours, s->name) == NULL) {
            struct finding *found = differs(c, d, ours->node->place, s->name,
                                            sv_printf(c->arena, "service %.*s lacks %.*s, which the repository sets", SV_ARG(ours->name),
                                                      SV_ARG(s->name)));
            relate(c, found, s->place, "in the repository");
        }
    }
}

static void compare_services(struct check_run *c, const struct deployment *d, const struct deployment *twin)
{
    for (size_t i = 0; i < d->services.n; i++) {
        const struct service *s = d->services.at[i], *o = service_in(twin, s->name);
        if (o == NULL) {
            differs(c, d, s->node->place, s->name, sv_printf(c->arena, "service %.*s is not in %.*s", SV_ARG(s->name), SV_ARG(twin->id)));
            continue;
        }
        compare_image(c, d, s, o);
        compare_environment(c, d, s, o);
    }
    for (size_t i = 0; i < twin->services.n; i++)
        if (service_in(d, twin->services.at[i]->name) == NULL)
            differs(c, d, d->root->place, twin->services.at[i]->name,
                    sv_printf(c->arena, "service %.*s of %.*s is not deployed", SV_ARG(twin->services.at[i]->name), SV_ARG(twin->id)));
}

/* A pre-launch or init script that no file of the repository holds: users cannot read where it comes from. */
static void compare_script(struct check_run *c, const struct deployment *d, const struct source *script, sv text)
{
    if (script == NULL)
        return;
    sv wanted = sv_trim(text);
    for (size_t i = 0; i < c->facts->repo->files.n; i++) {
        const struct source *s = c->facts->repo->files.at[i];
        if (s != d->app->src && source_has(s, wanted))
            return;
    }
    struct finding *f = differs(c, d, (struct place){script, 0, 0}, script->field,
                                sv_printf(c->arena, "no file of the repository holds the deployed %.*s", SV_ARG(script->field)));
    f->severity = SEV_LOW;
}

void check_deployed_differs(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->deployments.n; i++) {
        const struct deployment *d = c->facts->deployments.at[i];
        if (d->app == NULL || !d->deployed || d->root == NULL)
            continue;
        const struct deployment *twin = twin_of(c->facts, d);
        c->examined++;
        if (twin == NULL) {
            if (d->app->given)
                differs(c, d, (struct place){d->compose, 0, 0}, d->id, SV("the repository holds no compose file with these services"));
            continue;
        }
        compare_services(c, d, twin);
        if (!d->app->prelaunch_exact)
            compare_script(c, d, d->app->pre_launch, d->app->pre_launch_text);
        for (size_t k = 0; k < d->app->init_scripts.n; k++)
            compare_script(c, d, d->app->init_scripts.at[k], d->app->init_scripts.at[k]->text);
    }
}
