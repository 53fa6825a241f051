/* Findings about operator inputs. */
#include "check/input.h"

static bool is_alnum(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool in_words(const char *words, sv word)
{
    sv rest = sv_from(words);
    while (rest.p != NULL)
        if (sv_ieq(sv_cut(&rest, ' '), word))
            return true;
    return false;
}

bool name_has(sv name, const char *words)
{
    for (size_t i = 0, from = 0; i <= name.n; i++) {
        bool end = i == name.n || !is_alnum(name.p[i]);
        bool hump = !end && i > from && name.p[i] >= 'A' && name.p[i] <= 'Z' && name.p[i - 1] >= 'a' && name.p[i - 1] <= 'z';
        if (!end && !hump)
            continue;
        if (i > from && in_words(words, sv_sub(name, from, i)))
            return true;
        from = hump ? i : i + 1;
    }
    return false;
}

bool enters_by(const struct operator_input *in, const char *way)
{
    return sv_eq(in->enters, sv_from(way));
}

bool outweighs_where(const struct operator_input *in)
{
    return in->kind == KIND_ENDPOINT || in->kind == KIND_STORAGE || in->kind == KIND_KEY || in->kind == KIND_AUTH || in->kind == KIND_PROXY_CA ||
           in->kind == KIND_CODE || in->kind == KIND_REFERENCE;
}

bool is_setting(const struct operator_input *in)
{
    if (is_hosts(in) || (enters_by(in, "config") && !outweighs_where(in)))
        return false;
    return SV_IN(in->enters, SV("environment"), SV("env-file"), SV("build-arg"), SV("script"), SV("secret"), SV("config"));
}

const struct var_use *input_use(const struct facts *f, const struct operator_input *in)
{
    for (size_t i = 0; i < f->var_uses.n; i++) {
        const struct var_use *u = f->var_uses.at[i];
        if (u->place.src == in->place.src && u->place.start == in->place.start && sv_eq(u->name, in->name))
            return u;
    }
    return NULL;
}

bool is_script_text(sv text)
{
    return sv_starts(text, SV("#!")) || sv_has(text, SV("import ")) || sv_has(text, SV("exec ")) || sv_has(text, SV("require("));
}

sv input_name(const struct operator_input *in)
{
    return enters_by(in, "config") || enters_by(in, "secret") ? in->name : in->target;
}

bool is_simulator(sv name)
{
    return SV_IN(name, SV("DSTACK_SIMULATOR_ENDPOINT"), SV("TAPPD_SIMULATOR_ENDPOINT"), SV("DSTACK_AGENT_ADDRESS"));
}

bool names_agent(sv name)
{
    return is_simulator(name) || sv_ends(name, SV("DSTACK_ENDPOINT")) || sv_ends(name, SV("TAPPD_ENDPOINT"));
}

bool names_own_address(sv name)
{
    return name_has(name, "PUBLIC SITE CALLBACK REDIRECT NEXTAUTH FRONTEND EXTERNAL CANONICAL") ||
           (name_has(name, "PUBSUB") && name_has(name, "PUSH")) || /* where a queue calls the app */
           SV_IN(name, SV("APP_URL"), SV("BASE_URL"), SV("HOST_URL"), SV("WEB_URL"));
}

sv place_text(struct arena *a, struct place p)
{
    struct spot s = spot_of(p);
    if (s.field.p != NULL && p.src->embed == EMBED_STRING)
        return sv_printf(a, "%.*s, %.*s line %zu", SV_ARG(s.path), SV_ARG(s.field), s.field_line);
    return sv_printf(a, "%.*s:%zu", SV_ARG(s.path), s.line);
}

void inputs_begin(struct check_run *c)
{
    const struct facts *f = c->facts;
    for (size_t i = 0; i < f->deployments.n; i++)
        if (f->deployments.at[i]->deployed && f->deployments.at[i]->refused.p != NULL)
            c->unsure = true;
    for (size_t i = 0; i < f->env_sets.n; i++)
        c->examined += f->env_sets.at[i]->state == ENV_LITERAL;
}

bool input_is_open(struct check_run *c, const struct operator_input *in)
{
    c->examined++;
    return in->allowed != ALLOWED_NO;
}

bool is_hosts(const struct operator_input *in)
{
    return in->allowed == ALLOWED_UNLISTED && SV_IN(in->name, SV("PCCS_URL"), SV("DSTACK_GATEWAY_DOMAIN"), SV("DSTACK_APP_DOMAIN"));
}

const struct node *input_allowed_by(const struct operator_input *in)
{
    const struct app_compose *app = in->deployment == NULL ? NULL : in->deployment->app;
    for (size_t i = 0; app != NULL && i < app->allowed_envs.n; i++)
        if (sv_eq(node_text(app->allowed_envs.at[i]), in->name))
            return app->allowed_envs.at[i];
    return NULL;
}

/* Who sets it, and on what authority. */
static sv setter(struct arena *a, const struct operator_input *in)
{
    if (in->allowed == ALLOWED_UNLISTED)
        return sv_printf(a, "%.*s comes from files of the host or of the network that are not measured, whether or not allowed_envs lists it",
                         SV_ARG(in->name));
    if (in->allowed == ALLOWED_PASSED && in->passed.src->kind == SOURCE_ENV)
        return sv_printf(a, "The operator sets %.*s (listed at %.*s for the env file of the deploy command, which makes it allowed)",
                         SV_ARG(in->name), SV_ARG(place_text(a, in->passed)));
    if (in->allowed == ALLOWED_PASSED)
        return sv_printf(a, in->passed.src->kind == SOURCE_ENV ? "The operator sets %.*s (named at %.*s, in the file that the deploy command passes, which makes it allowed)"
                                                               : "The operator sets %.*s (passed by the deploy command at %.*s, which makes it allowed)",
                         SV_ARG(in->name), SV_ARG(place_text(a, in->passed)));
    const char *on = in->allowed == ALLOWED_YES        ? "in allowed_envs"
                     : in->deployment->app == NULL ? "assumed allowed"
                                                   : "assumed allowed: its app-compose has no allowed_envs, which OS 0.3 takes for all names "
                                                     "and later ones for none";
    return sv_printf(a, "The operator sets %.*s (%s)", SV_ARG(in->name), on);
}

/* What happens without a value (dstack-facts 3.2). */
static sv when_dropped(struct arena *a, const struct operator_input *in)
{
    const char *when = in->allowed != ALLOWED_ASSUMED ? "Withheld" : "Not listed in allowed_envs, or withheld";
    if (in->allowed == ALLOWED_UNLISTED || sv_eq(in->enters, SV("script")))
        return SV("");
    sv without = effect_of(a, in).without;
    struct image_env set;
    bool setting = SV_IN(in->enters, SV("environment"), SV("env-file"));
    if (in->form == VAR_REQUIRED || in->form == VAR_REQUIRED_IF_UNSET)
        return SV(" It cannot be withheld silently: compose refuses to start without it.");
    if (in->form == VAR_BARE && setting && image_env_of(a, in->service, in->target, &set))
        without = sv_printf(a, "no such variable, and the %.*s that %.*s sets is gone with it", SV_ARG(set.value), SV_ARG(place_text(a, set.place)));
    return sv_printf(a, " %s, %s gets %.*s.", when, setting ? "the container" : "the field", SV_ARG(without));
}

/* " Read at src/config.py:28, used at src/llm.py:51." */
static sv readers(struct arena *a, const struct operator_input *in)
{
    if (in->reads.n == 0)
        return SV("");
    const struct env_read *r = in->reads.at[0];
    sv at = place_text(a, r->place);
    if (r->implicit)
        return sv_printf(a, " The library %.*s reads it by itself at %.*s.", SV_ARG(r->idiom), SV_ARG(at));
    if (r->uses.n == 0)
        return sv_printf(a, " Read at %.*s.", SV_ARG(at));
    sv used = place_text(a, *r->uses.at[0]);
    return sv_printf(a, " Read at %.*s, used at %.*s.", SV_ARG(at), SV_ARG(used));
}

static void relate_reads(struct check_run *c, struct finding *f, const struct operator_input *in)
{
    for (size_t i = 0; i < in->reads.n && i < 5; i++) {
        const struct env_read *r = in->reads.at[i];
        relate(c, f, r->place, r->implicit ? "a library reads it here" : "read here");
        for (size_t k = 0; k < r->uses.n && k < 3; k++)
            relate(c, f, *r->uses.at[k], "used here");
    }
}

/* A setting that compose pastes into a config: its text may hold more than the value. */
static sv pasted(struct check_run *c, const struct operator_input *in, sv clause, enum severity *severity)
{
    const struct var_use *u = is_setting(in) && enters_by(in, "config") ? input_use(c->facts, in) : NULL;
    if (u == NULL)
        return clause;
    bool content = sv_eq(u->node->key, SV("content")), script = content && is_script_text(u->node->text);
    enum severity least = script ? SEV_CRITICAL : SEV_HIGH;
    *severity = *severity > least ? *severity : least;
    return sv_printf(c->arena, "%.*s; %s", SV_ARG(clause),
                     script    ? "compose pastes it into a program that the container runs, so that it can add code"
                     : content ? "compose pastes it into a configuration file, so that it can add directives"
                               : "the whole file that it becomes in the container is the operator's");
}

struct finding *report_input(struct check_run *c, const struct operator_input *in, enum severity severity,
                             const char *reach, ...)
{
    va_list args;
    va_start(args, reach);
    sv clause = sv_vprintf(c->arena, reach, args);
    va_end(args);
    clause = pasted(c, in, clause, &severity);
    /* A value that two fixed texts are switched by is no free choice. */
    if (in->state == ENV_ALTERNATE) {
        severity = severity_at_most(severity, SEV_LOW);
        clause = sv_printf(c->arena, "the operator only chooses between an empty text and %.*s, but %.*s",
                           SV_ARG(effect_of(c->arena, in).given), SV_ARG(clause));
    }
    /* Behind a profile, and nobody may switch it on. */
    if (in->service != NULL && !in->service->enabled && allowed_in(deployed_app_of(c->facts, in->deployment), SV("COMPOSE_PROFILES")) == ALLOWED_NO) {
        severity = severity_at_most(severity, SEV_LOW);
        clause = sv_printf(c->arena, "%.*s; its service stands behind a profile that nothing switches on", SV_ARG(clause));
    }
    sv set = setter(c->arena, in), read = readers(c->arena, in), dropped = when_dropped(c->arena, in); /* once: SV_ARG asks three times */
    struct finding *f = report(c, in->place, in->name, "%.*s: %.*s.%.*s%.*s", SV_ARG(set), SV_ARG(clause), SV_ARG(read), SV_ARG(dropped));
    f->severity = severity;
    f->deployment = in->deployment;
    f->confidence = in->allowed == ALLOWED_YES || in->allowed == ALLOWED_PASSED || in->reads.n != 0 ? CONF_HIGH : f->confidence;
    if (in->allowed == ALLOWED_ASSUMED && in->deployment->app != NULL)
        f->confidence = CONF_LOW;
    const struct node *entry = input_allowed_by(in);
    if (entry != NULL)
        relate(c, f, entry->place, "allowed_envs lists it here");
    relate_reads(c, f, in);
    return f;
}
