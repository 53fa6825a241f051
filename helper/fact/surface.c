/* The surface of a deployment beyond its inputs: what a container gets in each case (dstack-facts 3.2),
 * which variables code reads though nobody passes them, and which settings do nothing. */
#include "fact/fact.h"

/* ---- the columns of the table ------------------------------------------------------------------- */

static sv text_or_empty(struct arena *a, sv text)
{
    if (text.p == NULL)
        return SV("nothing, because compose refuses to start the app");
    return text.n == 0 ? SV("an empty text") : sv_printf(a, "the fixed text %.*s", SV_ARG(text));
}

/* Without its quotes and comments a long default says no more. */
static sv when_unset(struct arena *a, sv word)
{
    sv text = interp_when_unset(a, word.p == NULL ? SV("") : word);
    return text.n > 80 ? sv_printf(a, "%.*s…", SV_ARG(sv_sub(text, 0, 80))) : text;
}

struct effect effect_of(struct arena *a, const struct operator_input *in)
{
    struct effect o = {SV("the operator's value"), SV("an empty text")};
    switch (in->form) {
    case VAR_PLAIN: break;
    case VAR_DEFAULT:
        o.given = SV("the operator's value, unless it is empty");
        o.without = text_or_empty(a, when_unset(a, in->word));
        break;
    case VAR_DEFAULT_IF_UNSET:
        o.given = SV("the operator's value, also an empty one");
        o.without = text_or_empty(a, when_unset(a, in->word));
        break;
    case VAR_REQUIRED:
    case VAR_REQUIRED_IF_UNSET: o.without = text_or_empty(a, SV_NONE); break;
    case VAR_REPLACED:
    case VAR_REPLACED_IF_SET: o.given = text_or_empty(a, when_unset(a, in->word)); break;
    case VAR_BARE:
        o.without = sv_eq(in->enters, SV("build-arg")) ? SV("the default of the Dockerfile's ARG")
                    : SV_IN(in->enters, SV("config"), SV("secret")) ? SV("an empty file")
                                                                    : SV("nothing: a value of that name from the image or an env_file goes, too");
        break;
    }
    return o;
}

/* ---- what images set ------------------------------------------------------------------------------ */

struct search { sv name; struct image_env *found; };

static void look(void *ctx, sv key, sv value, bool has_value, struct place place)
{
    struct search *s = ctx;
    if (has_value && sv_eq(key, s->name))
        *s->found = (struct image_env){value, place};
}

/* The last ENV of the name in the Dockerfile. */
static bool dockerfile_sets(struct arena *a, const struct dockerfile *file, sv name, struct image_env *out)
{
    out->place.src = NULL;
    struct search s = {name, out};
    for (size_t i = 0; file != NULL && i < file->instructions.n; i++)
        if (sv_eq(file->instructions.at[i]->keyword, SV("ENV")))
            instruction_pairs(a, file->instructions.at[i], look, &s);
    return out->place.src != NULL;
}

bool image_env_of(struct arena *a, const struct service *s, sv name, struct image_env *out)
{
    return s != NULL && dockerfile_sets(a, s->dockerfile, name, out);
}

/* ---- read and not passed ------------------------------------------------------------------------- */

/* Any deployed file of the app may be the deployed one: what one of them passes is passed. */
static bool passes(const struct facts *f, const struct deployment *d, const struct env_read *r)
{
    for (size_t i = 0; i < f->env_sets.n; i++) {
        const struct deployment *o = f->env_sets.at[i]->service->deployment;
        if (o->deployed && sv_eq(o->group, d->group) && read_matches(r, f->env_sets.at[i]->name))
            return true;
    }
    for (size_t i = 0; i < f->inputs.n; i++) {
        const struct operator_input *in = f->inputs.at[i];
        bool reads = false; /* by an ENV that takes a build argument */
        for (size_t k = 0; k < in->reads.n && in->deployment == d && !reads; k++)
            reads = in->reads.at[k] == r;
        if (in->deployment == d && (reads || read_matches(r, in->target)))
            return true;
    }
    return false;
}

/* `NAME=` in a command, or in a file that the compose makes: the text sets it, or hands it on. */
static bool text_sets(const struct node *n, sv name)
{
    if (n == NULL)
        return false;
    for (size_t at = 0; n->kind == NODE_SCALAR && (at = sv_find_at(n->text, name, at)) != SV_NOT_FOUND; at += name.n) {
        size_t end = at + name.n;
        bool begins = at == 0 || sv_find_char(SV(" \t\n\"';&("), n->text.p[at - 1]) != SV_NOT_FOUND;
        if (begins && end < n->text.n && (n->text.p[end] == '=' || n->text.p[end] == ':'))
            return true;
    }
    for node_each(e, n)
        if (text_sets(e, name))
            return true;
    return false;
}

static bool compose_text_sets(const struct deployment *d, sv name)
{
    for (size_t i = 0; i < d->services.n; i++)
        if (text_sets(node_get(d->services.at[i]->node, "command"), name) || text_sets(node_get(d->services.at[i]->node, "entrypoint"), name))
            return true;
    for node_each(config, node_get(d->root, "configs"))
        if (text_sets(node_get(config, "content"), name))
            return true;
    return false;
}

static struct operator_input *absent_row(struct facts *f, const struct deployment *d, sv name)
{
    for (size_t i = f->absent.n; i-- > 0;)
        if (f->absent.at[i]->deployment == d && sv_eq(f->absent.at[i]->name, name))
            return f->absent.at[i];
    return NULL;
}

static void add_absent(struct facts *f, struct deployment *d, struct env_read *r)
{
    struct operator_input *in = absent_row(f, d, r->name);
    if (in == NULL) {
        in = vec_new(f->arena, &f->absent, struct operator_input);
        *in = (struct operator_input){.name = r->name, .target = r->name, .enters = SV("nowhere"), .state = ENV_ABSENT, .form = VAR_PLAIN,
                                      .allowed = d->app == NULL ? ALLOWED_ASSUMED : allowed_in(d, r->name), .kind = r->kind,
                                      .fallback = r->fallback, .has_fallback = r->has_fallback, .deployment = d, .place = r->place};
        struct image_env set;
        for (size_t i = 0; i < d->services.n && in->state == ENV_ABSENT; i++)
            if (image_env_of(f->arena, d->services.at[i], r->name, &set)) {
                in->state = ENV_IMAGE;
                in->fallback = set.value;
                in->has_fallback = true;
            }
        struct way way;
        if (other_way(f, d, r, &way)) {
            struct way *kept = arena_new(f->arena, struct way);
            *kept = way;
            in->way = kept;
        }
    }
    vec_push(f->arena, &in->reads, r);
}

static bool is_measured_text(const struct facts *f, const struct source *s)
{
    const struct source *file = s;
    for (; file->host != NULL; file = file->host)
        ;
    if (file->kind == SOURCE_APP_COMPOSE)
        return true;
    for (size_t i = 0; i < f->deployments.n; i++)
        if (f->deployments.at[i]->compose == file)
            return true;
    return false;
}

/* Production code that a deployed compose owns, and no text inside that compose. */
static void find_absent(struct facts *f)
{
    for (size_t i = 0; i < f->env_reads.n; i++) {
        struct env_read *r = f->env_reads.at[i];
        const struct source *s = r->place.src;
        if (r->scope != SCOPE_PROD || r->outside || s->vendored || is_measured_text(f, s))
            continue;
        for (size_t k = 0; k < f->deployments.n; k++) {
            struct deployment *d = f->deployments.at[k];
            if (d->deployed && d->root != NULL && deployment_owns(f, d, s->path) && !passes(f, d, r) && !compose_text_sets(d, r->name))
                add_absent(f, d, r);
        }
    }
}

/* ---- settings without effect ------------------------------------------------------------------------ */

static void add_dead(struct facts *f, enum dead_case why, sv name, struct place place, const struct deployment *d, const struct service *s,
                     sv consequence)
{
    *vec_new(f->arena, &f->dead, struct dead_setting) =
        (struct dead_setting){.name = name, .why = why, .place = place, .deployment = d, .service = s, .consequence = consequence};
}

static bool mentions(const struct source *script, sv name)
{
    return script != NULL && sv_has(script->text, name);
}

/* A variable that reaches more than the compose text shows. */
static bool may_arrive_otherwise(struct facts *f, const struct deployment *d, sv name)
{
    const struct operator_input *absent = absent_row(f, d, name);
    struct way way;
    if (other_way(f, d, absent == NULL ? NULL : absent->reads.at[0], &way))
        return true;
    const struct app_compose *app = d->app;
    if (sv_eq(app->runner, SV("bash")) || mentions(app->pre_launch, name) || mentions(app->bash_script, name))
        return true;
    for (size_t i = 0; i < app->init_scripts.n; i++)
        if (mentions(app->init_scripts.at[i], name))
            return true;
    return false;
}

static bool is_referenced(const struct facts *f, const struct deployment *d, sv name)
{
    for (size_t i = 0; i < f->var_uses.n; i++)
        if (f->var_uses.at[i]->deployment == d && sv_eq(f->var_uses.at[i]->name, name))
            return true;
    return false;
}

/* Names that the compose client or the guest's scripts take themselves (dstack-facts 3.4, 3.6). */
static bool steers_the_client(sv name)
{
    return sv_starts(name, SV("DSTACK_DOCKER_")) || sv_starts(name, SV("DSTACK_AWS_")) || sv_starts(name, SV("DSTACK_ROOT_")) ||
           SV_IN(name, SV("DSTACK_AUTHORIZED_KEYS"), SV("DSTACK_GATEWAY_DOMAIN")) || sv_starts(name, SV("COMPOSE_")) || sv_starts(name, SV("DOCKER_")) || sv_starts(name, SV("BUILDKIT_")) ||
           sv_starts(name, SV("LD_")) ||
           SV_IN(name, SV("APP_COMPOSE_FILE"), SV("NERDCTL_NAMESPACE"), SV("PATH"), SV("BASH_ENV"), SV("ENV"), SV("IFS"), SV("SHELLOPTS"), SV("PCCS_URL"));
}

static sv kept_default(struct facts *f, const struct deployment *d, sv name)
{
    const struct operator_input *in = absent_row(f, d, name);
    if (in == NULL)
        return SV("");
    struct spot at = spot_of(f->arena, in->reads.at[0]->place);
    if (!in->has_fallback)
        return sv_printf(f->arena, "; %.*s:%zu reads it and finds nothing", SV_ARG(at.path), at.line);
    return sv_printf(f->arena, "; %.*s:%zu reads it and keeps its default %.*s", SV_ARG(at.path), at.line, SV_ARG(in->fallback));
}

static void find_unreferenced(struct facts *f, const struct deployment *d)
{
    for (size_t i = 0; i < d->app->allowed_envs.n; i++) {
        const struct node *n = d->app->allowed_envs.at[i];
        sv name = node_text(n);
        if (is_referenced(f, d, name) || may_arrive_otherwise(f, d, name) || steers_the_client(name))
            continue;
        const struct env_set *fixed = set_of(f, d, name);
        sv then = fixed == NULL || fixed->value.p == NULL ? kept_default(f, d, name)
                                                          : sv_printf(f->arena, "; the compose fixes it to %.*s", SV_ARG(fixed->value));
        add_dead(f, DEAD_ALLOWED_UNREFERENCED, name, n->place, d, NULL,
                 sv_printf(f->arena, "allowed_envs lists it and no line of the compose passes it on, so it reaches no container%.*s", SV_ARG(then)));
    }
}

/* The program of the service is in the repository, so that "nobody reads it" means something. */
static bool program_is_known(const struct service *s)
{
    return s != NULL && (s->context.p != NULL || (s->dockerfile != NULL && s->dockerfile->src->host == NULL));
}

static void find_idle_inputs(struct facts *f)
{
    for (size_t i = 0; i < f->inputs.n; i++) {
        const struct operator_input *in = f->inputs.at[i];
        if (!in->deployment->deployed || !SV_IN(in->enters, SV("environment"), SV("env-file")))
            continue;
        struct way way;
        if (in->allowed == ALLOWED_NO && in->deployment->app != NULL && !set_by_guest(in->deployment, in->name) &&
            !other_way(f, in->deployment, NULL, &way))
            add_dead(f, DEAD_PASSED_NOT_ALLOWED, in->name, in->place, in->deployment, in->service,
                     sv_printf(f->arena, "the compose passes it and allowed_envs does not list it: the container always gets %.*s",
                               SV_ARG(effect_of(f->arena, in).without)));
        else if (in->reads.n == 0 && program_is_known(in->service))
            add_dead(f, DEAD_PASSED_UNREAD, in->name, in->place, in->deployment, in->service,
                     SV("the compose passes it and no program of the repository reads it: only the base image or a dependency may"));
    }
}

static void find_unpassed(struct facts *f)
{
    for (size_t i = 0; i < f->absent.n; i++) {
        const struct operator_input *in = f->absent.at[i];
        if (in->way != NULL)
            continue;
        sv value = in->state == ENV_IMAGE ? sv_printf(f->arena, "the image's %.*s holds", SV_ARG(in->fallback))
                   : in->has_fallback && in->fallback.n != 0 ? sv_printf(f->arena, "the code's default %.*s holds", SV_ARG(in->fallback))
                                                             : SV("it stays unset");
        add_dead(f, DEAD_READ_UNPASSED, in->name, in->place, in->deployment, NULL,
                 sv_printf(f->arena, "code reads it and %.*s neither sets nor passes it: %.*s, and nobody changes that under this compose hash",
                           SV_ARG(in->deployment->id), SV_ARG(value)));
    }
}

void facts_surface(struct facts *f)
{
    find_absent(f);
    for (size_t i = 0; i < f->deployments.n; i++)
        if (f->deployments.at[i]->app != NULL && f->deployments.at[i]->deployed)
            find_unreferenced(f, f->deployments.at[i]);
    find_idle_inputs(f);
    find_unpassed(f);
}

const char *dead_case_name(enum dead_case c)
{
    switch (c) {
    case DEAD_ALLOWED_UNREFERENCED: return "allowed-not-referenced";
    case DEAD_PASSED_NOT_ALLOWED: return "passed-not-allowed";
    case DEAD_PASSED_UNREAD: return "passed-not-read";
    case DEAD_READ_UNPASSED: break;
    }
    return "read-not-passed";
}
