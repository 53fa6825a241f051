/* Settings that code reads and no compose file passes: fixed by the image, or read outside the TEE. */
#include "base/limits.h"
#include "check/code.h"
#include "check/input.h"
#include "check/lookup.h"

/* Kinds whose value decides where users' data goes or who answers. */
static bool carries_data(enum input_kind k)
{
    return k == KIND_ENDPOINT || k == KIND_STORAGE || k == KIND_MODEL || k == KIND_PROXY_CA;
}

/* The deployed compose whose code this is; NULL where none owns it. */
static const struct deployment *owner_of(const struct facts *f, sv path)
{
    for (size_t i = 0; i < f->deployments.n; i++)
        if (f->deployments.at[i]->deployed && deployment_owns(f, f->deployments.at[i], path))
            return f->deployments.at[i];
    return NULL;
}

static const char *what_it_decides(enum input_kind k)
{
    switch (k) {
    case KIND_STORAGE: return "where data is stored";
    case KIND_MODEL: return "which model answers";
    case KIND_PROXY_CA: return "through whose hands connections go";
    default: return "where data is sent";
    }
}

static void relate_uses(struct check_run *c, struct finding *f, const struct env_read *r)
{
    for (size_t i = 0; i < r->uses.n && i < 3; i++)
        relate(c, f, *r->uses.at[i], "used here");
}

/* No compose file at all. */
static void judge_without_compose(struct check_run *c, const struct env_read *r)
{
    struct finding *f = report(c, r->place, r->name, "%.*s decides %s, and the repository holds no compose file that fixes it: whether the "
                               "operator can set it is not visible here", SV_ARG(r->name), what_it_decides(r->kind));
    f->confidence = CONF_LOW;
    f->severity = SEV_LOW;
    relate_uses(c, f, r);
}

/* Behind the address is the same machine or, for a name without a dot, a container beside it. */
static bool stays_inside(const struct deployment *d, sv address)
{
    sv host = address_host(address);
    return is_in_cvm(d, address) || (sv_find_char(host, '.') == SV_NOT_FOUND && sv_find_char(host, '$') == SV_NOT_FOUND && sv_find_char(host, '{') == SV_NOT_FOUND);
}

/* The text of the code alone decides: under this compose hash nobody changes it. */
static struct finding *judge_fixed(struct check_run *c, const struct env_read *r, const struct deployment *d, sv used)
{
    /* public in the browser's copy of the program */
    bool bundled = sv_starts(r->name, SV("NEXT_PUBLIC_")) || sv_starts(r->name, SV("NUXT_PUBLIC_")) || sv_starts(r->name, SV("EXPO_PUBLIC_"));
    if (r->required || (names_own_address(r->name) && !bundled))
        return NULL; /* without it the program does not start: this compose does not run it */
    bool set = r->has_fallback && r->fallback.n != 0, inside = set && r->kind != KIND_MODEL && stays_inside(d, r->fallback);
    const char *unseen = r->uses.n == 0 ? "by its name " : "";
    if (!set || inside) {
        sv now = set ? sv_printf(c->arena, "the default %.*s of the code applies, inside the CVM", SV_ARG(r->fallback)) : SV("it stays unset");
        struct finding *f = report(c, r->place, r->name, "%.*s %sdecides %s%.*s; %.*s neither sets nor passes it, and %.*s: with this image "
                                   "no data leaves by it, but no attested text says so.", SV_ARG(r->name), unseen, what_it_decides(r->kind),
                                   SV_ARG(used), SV_ARG(d->id), SV_ARG(now));
        f->severity = SEV_INFO;
        return f;
    }
    struct finding *f = report(c, r->place, r->name, "%.*s %sdecides %s%.*s; %.*s neither sets nor passes it, so the default %.*s of the code "
                               "applies. The operator cannot change it under the same compose hash, but no attested text states it, and the next "
                               "image may carry another.", SV_ARG(r->name), unseen, what_it_decides(r->kind), SV_ARG(used), SV_ARG(d->id),
                               SV_ARG(r->fallback));
    f->severity = r->uses.n == 0 ? SEV_LOW : SEV_MEDIUM;
    return f;
}

static struct finding *judge_way(struct check_run *c, const struct env_read *r, const struct operator_input *in, sv used)
{
    bool own = names_own_address(r->name);
    struct finding *f = report(c, r->place, r->name, "%.*s decides %s%.*s; %.*s names no such variable, but %.*s: the operator can change it under "
                               "the same compose hash.", SV_ARG(r->name), own ? "where links, callbacks and redirects lead" : what_it_decides(r->kind),
                               SV_ARG(used), SV_ARG(in->deployment->id), SV_ARG(in->way->what));
    relate(c, f, in->way->place, "by this way");
    f->severity = own ? SEV_MEDIUM : in->way->sure ? SEV_CRITICAL : SEV_HIGH;
    return f;
}

static void judge_default(struct check_run *c, const struct env_read *r, const struct operator_input *in)
{
    sv used = r->uses.n == 0 ? SV("") : sv_printf(c->arena, " (used at %.*s)", SV_ARG(place_text(c->arena, *r->uses.at[0])));
    struct finding *f = in->way != NULL ? judge_way(c, r, in, used) : judge_fixed(c, r, in->deployment, used);
    if (f == NULL)
        return;
    f->deployment = in->deployment;
    relate_uses(c, f, r);
}

/* A bundler puts the value into the page when it is built, and a platform outside the TEE serves the page: no compose
 * file has a say in it. */
static bool is_bundled_elsewhere(const struct facts *f, const struct env_read *r)
{
    static const char *const prefixes[] = {"VITE_", "NEXT_PUBLIC_", "REACT_APP_", "NUXT_PUBLIC_", "EXPO_PUBLIC_", "GATSBY_", "VUE_APP_"};
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
        if (sv_starts(r->name, sv_from(prefixes[i])))
            return platform_of(f, r->place.src->path) != NULL;
    return false;
}

static bool is_candidate(const struct env_read *r)
{
    return r->scope == SCOPE_PROD && carries_data(r->kind) && !r->place.src->vendored && !r->outside && !is_simulator(r->name);
}

/* The first read of a name stands for all; several files of one app that rank alike would say the same. */
struct reported { sv name, group; };
struct reported_list { VEC(struct reported) all; };

static bool reported_before(struct check_run *c, struct reported_list *list, sv name, sv group)
{
    for (size_t i = 0; i < list->all.n; i++)
        if (sv_eq(list->all.at[i]->name, name) && sv_eq(list->all.at[i]->group, group))
            return true;
    if (list->all.n < LIMIT_FINDINGS_PER_RULE) /* no more are shown */
        *vec_new(c->arena, &list->all, struct reported) = (struct reported){name, group};
    return false;
}

/* The read that says most: with a default, and where the value is used. */
static const struct env_read *data_read_of(const struct operator_input *in)
{
    const struct env_read *best = NULL;
    int most = -1;
    for (size_t i = 0; i < in->reads.n; i++) {
        const struct env_read *r = in->reads.at[i];
        int says = 2 * (r->has_fallback && r->fallback.n != 0) + (r->uses.n != 0);
        if (is_candidate(r) && says > most)
            best = r, most = says;
    }
    return best;
}

static void judge_unowned(struct check_run *c)
{
    const struct facts *f = c->facts;
    struct reported_list reported = {0};
    for (size_t i = 0; i < f->env_reads.n; i++) {
        const struct env_read *r = f->env_reads.at[i];
        if (!is_candidate(r) || reported_before(c, &reported, r->name, SV("")))
            continue;
        c->examined++;
        judge_without_compose(c, r);
    }
}

void check_env_default(struct check_run *c)
{
    const struct facts *f = c->facts;
    struct reported_list reported = {0};
    inputs_begin(c);
    if (f->deployments.n == 0)
        judge_unowned(c);
    for (size_t i = 0; i < f->inputs.n; i++)
        c->examined += f->inputs.at[i]->reads.n != 0;
    for (size_t i = 0; i < f->absent.n; i++) {
        const struct operator_input *in = f->absent.at[i];
        const struct env_read *r = data_read_of(in);
        c->examined++;
        if (r != NULL && in->state == ENV_ABSENT && !is_bundled_elsewhere(f, r) && !reported_before(c, &reported, in->name, in->deployment->group))
            judge_default(c, r, in);
    }
}

/* ---- code that another platform runs ------------------------------------------------------------------ */

/* A verifier asks the address for evidence; other code sends it what users wrote. */
static enum severity outside_severity(struct check_run *c, const struct env_read *r)
{
    const struct program *p = program_in_use(c, r->place.src, NULL);
    return r->kind != KIND_ENDPOINT || (p != NULL && is_verifying_file(c, p)) ? SEV_MEDIUM : SEV_HIGH;
}

void check_env_outside(struct check_run *c)
{
    const struct facts *f = c->facts;
    for (size_t i = 0; i < f->env_reads.n; i++) {
        const struct env_read *r = f->env_reads.at[i];
        if (!is_candidate(r) || owner_of(f, r->place.src->path) != NULL)
            continue;
        c->examined++;
        const struct source *platform = platform_of(f, r->place.src->path);
        if (platform == NULL)
            continue;
        struct finding *found = report(c, r->place, r->name,
            "This code runs on the platform of %.*s, outside the attested CVM: whoever holds that account sets %.*s, which decides %s.",
            SV_ARG(platform->path), SV_ARG(r->name), r->kind == KIND_ENDPOINT ? "whom it talks to" : what_it_decides(r->kind));
        found->severity = outside_severity(c, r);
        relate_uses(c, found, r);
    }
}
