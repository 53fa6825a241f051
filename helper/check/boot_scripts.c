/* Scripts of the app-compose: gates that come too late, code they fetch
 * (dstack-facts 1.4; DS-06, DS-07, DS-37). */
#include "check/fetch.h"
#include "check/lookup.h"

static const struct deployment *deployment_with(const struct facts *f, const struct app_compose *app)
{
    for (size_t i = 0; i < f->deployments.n; i++)
        if (f->deployments.at[i]->app == app)
            return f->deployments.at[i];
    return NULL;
}

static struct finding *on_app(struct check_run *c, struct finding *found, const struct app_compose *app)
{
    found->deployment = deployment_with(c->facts, app);
    return found;
}

static bool is_prelaunch_file(const struct source *s)
{
    sv name = path_base(s->path);
    return s->kind == SOURCE_SCRIPT && s->host == NULL && !s->vendored &&
           (sv_ihas(name, SV("prelaunch")) || sv_ihas(name, SV("pre-launch")) || sv_ihas(name, SV("pre_launch")));
}

/* ---- gates (DS-06, DS-07, CX-30) ------------------------------------------------------------------------------ */

/* The lines before `offset` that a condition stands in. */
static sv lines_before(const struct source *s, size_t offset)
{
    size_t line = line_at(&s->lines, offset), first = line > 6 ? line - 6 : 1;
    sv from = line_text(&s->lines, s->text, first);
    size_t at = (size_t)(from.p - s->text.p);
    return sv_sub(s->text, at, offset);
}

/* What the script refuses to go on without; NULL where it is no question of trust. */
static const char *gate_of(const struct source *s, const struct command *k, bool phala)
{
    sv name = command_name(k);
    if (SV_IN(name, SV("iptables"), SV("ip6tables"), SV("nft")))
        return "a firewall";
    if (!sv_eq(name, SV("exit")) || k->n < 2 || sv_eq(k->words[1].text, SV("0")))
        return NULL;
    sv before = lines_before(s, k->place.start);
    if (sv_ihas(before, SV("launch_token")) || (!phala && sv_ihas(before, SV("token"))))
        return "a token";
    if (sv_ihas(before, SV("sha256")) || sv_ihas(before, SV("sha512")) || (!phala && (sv_ihas(before, SV("hash")) || sv_ihas(before, SV("signature")) || sv_ihas(before, SV("verify")))))
        return "a hash or signature";
    return NULL;
}

static const struct node *restarts(const struct deployment *d)
{
    for (size_t i = 0; d != NULL && i < d->services.n; i++) {
        const struct node *n = node_get(d->services.at[i]->node, "restart");
        if (SV_IN(node_text(n), SV("always"), SV("unless-stopped")))
            return n;
    }
    return NULL;
}

static void judge_gates(struct check_run *c, const struct source *script, bool phala, const struct deployment *d)
{
    for (size_t i = 0; i < c->facts->runs.n; i++) {
        const struct run *r = c->facts->runs.at[i];
        const char *gate = r->src == script ? gate_of(r->src, r->command, phala) : NULL;
        if (gate == NULL)
            continue;
        const struct node *restart = restarts(d);
        struct finding *f = report(c, r->command->place, SV("pre_launch_script"), "The pre-launch script puts up %s as a gate. From OS 0.5.6 on containers%s are back after a reboot before it runs, and the host can force one: the gate does not hold.",
                                             gate, restart != NULL ? " with a restart policy, as here," : " with a restart policy");
        f->deployment = d;
        if (restart != NULL)
            relate(c, f, restart->place, "comes back before the script");
        else
            f->severity = SEV_LOW;
        return; /* one gate shows the script's intent */
    }
}

void check_gate_in_prelaunch(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->app_composes.n; i++) {
        const struct app_compose *app = c->facts->app_composes.at[i];
        c->examined += app->pre_launch != NULL;
        if (app->pre_launch != NULL && !app->prelaunch_exact)
            judge_gates(c, app->pre_launch, app->prelaunch_version.n != 0, deployment_with(c->facts, app));
    }
    for (size_t i = 0; i < c->facts->repo->files.n; i++) {
        const struct source *s = c->facts->repo->files.at[i];
        bool exact = false;
        if (!is_prelaunch_file(s))
            continue;
        bool phala = phala_prelaunch_version(c->arena, s->text, &exact).n != 0;
        c->examined++;
        if (!exact)
            judge_gates(c, s, phala, deployment_of(c->facts, s->path));
    }
}

/* ---- code from the network (DS-37) --------------------------------------------------------------------------------- */

/* A file of the repository that is meant to be the pre-launch or init script. */
static bool is_boot_script_file(const struct source *s)
{
    return is_prelaunch_file(s) || (s->kind == SOURCE_SCRIPT && s->host == NULL && !s->vendored && sv_ieq(path_base(s->path), SV("init_script.sh")));
}

/* The app whose script holds `s`, or NULL; *boot where it is one of the two kinds. */
static const struct app_compose *app_of_script(const struct facts *f, const struct source *s, bool *boot)
{
    for (; s != NULL; s = s->host) {
        for (size_t i = 0; i < f->app_composes.n; i++) {
            const struct app_compose *app = f->app_composes.at[i];
            bool init = false;
            for (size_t k = 0; k < app->init_scripts.n; k++)
                init = init || app->init_scripts.at[k] == s;
            *boot = (s == app->pre_launch && !app->prelaunch_exact) || s == app->bash_script || init;
            if (*boot)
                return app;
        }
        bool exact = false;
        *boot = is_boot_script_file(s) && (phala_prelaunch_version(f->arena, s->text, &exact).n == 0 || !exact);
        if (*boot)
            return NULL;
    }
    return NULL;
}

void check_boot_script_fetches(struct check_run *c)
{
    struct fetching fetching = fetching_begin(c);
    const struct source *script = NULL; /* the commands of one stand together */
    const struct app_compose *app = NULL;
    bool boot = false;
    for (size_t i = 0; i < c->facts->runs.n; i++) {
        const struct run *r = c->facts->runs.at[i];
        struct fetch fetch;
        if (r->src != script)
            app = app_of_script(c->facts, script = r->src, &boot);
        if (!boot)
            continue;
        c->examined++;
        if (!fetch_of(&fetching, r, &fetch) || fetch.state == FETCH_FIXED)
            continue;
        struct finding *f = report(c, fetch.place, fetch.subject, "A script that runs as root at boot fetches code with %.*s (%s): what arrives is not in the compose hash, and who serves it decides what the CVM runs.",
                                   SV_ARG(fetch.tool), fetch.flaw);
        if (app != NULL)
            on_app(c, f, app);
        f->severity = fetch.state == FETCH_OPEN ? SEV_HIGH : SEV_MEDIUM;
    }
}

/* "0.0.15" and above pull images at every boot. */
static bool pulls_at_boot(sv version)
{
    unsigned part[3] = {0, 0, 0};
    size_t n = 0;
    for (sv rest = version; rest.p != NULL && n < 3; n++) {
        sv text = sv_cut(&rest, '.');
        for (size_t i = 0; i < text.n && text.p[i] >= '0' && text.p[i] <= '9' && part[n] < 10000; i++)
            part[n] = part[n] * 10 + (unsigned)(text.p[i] - '0');
    }
    return n == 3 && (part[0] > 0 || part[1] > 0 || part[2] >= 15);
}

void check_prelaunch_pulls(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->app_composes.n; i++) {
        const struct app_compose *app = c->facts->app_composes.at[i];
        const struct deployment *d = deployment_with(c->facts, app);
        const struct image_ref *tag = NULL;
        c->examined++;
        bool pulls = app->pre_launch != NULL && (pulls_at_boot(app->prelaunch_version) || (app->prelaunch_version.n == 0 && sv_has(app->pre_launch->text, SV("docker compose pull"))));
        for (size_t k = 0; pulls && d != NULL && k < d->services.n && tag == NULL; k++)
            if (d->services.at[k]->image != NULL && !d->services.at[k]->image->pinned)
                tag = d->services.at[k]->image;
        if (tag == NULL)
            continue;
        struct finding *f = report(c, (struct place){app->pre_launch, 0, 0}, tag->ref, "The pre-launch script pulls images at every boot, and %.*s is no digest: after a reboot, which the host can force, other code runs under the same compose hash.",
                                   SV_ARG(tag->ref));
        relate(c, f, tag->place, "named without a digest");
        on_app(c, f, app);
    }
}
