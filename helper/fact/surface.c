/* The surface of a deployment beyond its inputs: what a container gets in each case (dstack-facts 3.2), and
 * which settings do nothing. */
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
    if (d->way != NULL || (absent != NULL && absent->way != NULL))
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
    struct spot at = spot_of(in->reads.at[0]->place);
    if (!in->has_fallback)
        return sv_printf(f->arena, "; %.*s:%zu reads it and finds nothing", SV_ARG(at.path), at.line);
    return sv_printf(f->arena, "; %.*s:%zu reads it and keeps its default %.*s", SV_ARG(at.path), at.line, SV_ARG(in->fallback));
}

enum { ALLOWED_NAMES = 1024 }; /* the guest refuses to boot with more (dstack-facts 3.1) */

static void find_unreferenced(struct facts *f, const struct deployment *d)
{
    for (size_t i = 0; i < d->app->allowed_envs.n && i < ALLOWED_NAMES; i++) {
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
        if (in->allowed == ALLOWED_NO && in->deployment->app != NULL && !set_by_guest(in->deployment, in->name) &&
            in->deployment->way == NULL)
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
    facts_find_ways(f);
    facts_find_absent(f);
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
