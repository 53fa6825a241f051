/* Access that the operator keeps or gets while deploying: development OS images, shells into the CVM,
 * development settings of an own KMS or gateway (dstack-facts 3.7; AG-03, DS-15, DS-16). */
#include "check/code.h"
#include "check/lookup.h"

/* ---- development OS ------------------------------------------------------------------------------------- */

static bool names_dev_image(sv value)
{
    return sv_has(value, SV("dstack-dev-")) || sv_has(value, SV("dstack-nvidia-dev-"));
}

/* It names a production image as well: "dstack-0.5.3". Which of both a deployment gets, the branch or an argument decides. */
static bool names_production_image(const struct source *s)
{
    static const char *const starts[] = {"dstack-0.", "dstack-nvidia-0."};
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        for (size_t at = 0; (at = sv_find_at(s->text, sv_from(starts[i]), at)) != SV_NOT_FOUND; at++)
            if (!sv_starts(sv_trim(line_text(&s->lines, s->text, line_at(&s->lines, at))), SV("#")))
                return true;
    return false;
}

static bool is_dev_os_hint(const struct deploy_hint *h)
{
    if (SV_IN(h->what, SV("dev-os"), SV("dev_os")))
        return !SV_IN(h->value, SV("false"), SV("no"));
    return SV_IN(h->what, SV("image"), SV("os_image"), SV("os-image")) && names_dev_image(h->value);
}

static bool is_hinted(const struct facts *f, const struct source *src)
{
    for (size_t i = 0; i < f->hints.n; i++)
        if (f->hints.at[i]->place.src == src && is_dev_os_hint(f->hints.at[i]))
            return true;
    return false;
}

void check_dev_os(struct check_run *c)
{
    const struct facts *f = c->facts;
    for (size_t i = 0; i < f->hints.n; i++) {
        const struct deploy_hint *h = f->hints.at[i];
        c->examined += SV_IN(h->what, SV("deploy"), SV("image"), SV("dev-os"));
        if (sv_eq(h->what, SV("ssh-key")))
            report(c, h->place, SV("--ssh-pubkey"), "A key for root's login is handed over at deployment. A production OS image has no sshd to use it; on a development image its holder reads everything.")->severity =
                is_hinted(f, h->place.src) ? SEV_CRITICAL : SEV_LOW;
        if (is_dev_os_hint(h))
            report(c, h->place, sv_eq(h->what, SV("dev-os")) ? SV("--dev-os") : h->value,
                   "The app is deployed on the development image of the OS: whoever deploys logs in as root by ssh and reads memory, keys and user data.");
    }
    for (size_t i = 0; i < f->hits.all.n; i++) {
        const struct hit *h = f->hits.all.at[i];
        if (h->pattern->rule != c->rule || place_is_aside(h->place) || is_hinted(f, h->place.src) || expects_dev_image(c, h->place.src))
            continue;
        bool code = h->place.src->kind == SOURCE_CODE, chosen = !code && names_production_image(h->place.src);
        struct finding *found = report(c, h->place, hit_group(h, "image"), chosen ? "A development image of the OS is named here beside one for production: where it is chosen, whoever deploys logs in as root and reads memory, keys and user data." : code ? "The program names a development image of the OS, in which the operator may log in as root: a verifier that takes its measurements accepts a machine the operator can read."
                                                                               : "A development image of the OS is named here: on it whoever deploys logs in as root and reads memory, keys and user data.");
        on_scope(found, h->place.src->scope, chosen ? SEV_MEDIUM : code ? SEV_HIGH : SEV_CRITICAL);
    }
}

/* ---- shells into the CVM ---------------------------------------------------------------------------------- */

static bool leads_to_cvm(const struct command *k)
{
    static const char *const words[] = {"gateway", "dstack", "phala", "APP_ID", "app_id", "s_client", "-22.", "-22s", "-1022", "CVM", "cvm"};
    /* options and the host; what is said to the machine there may name anything */
    for (size_t i = 1; i < k->n; i++) {
        sv text = k->words[i].text;
        for (size_t w = 0; w < sizeof words / sizeof *words; w++)
            if (sv_has(text, sv_from(words[w])))
                return true;
        bool is_value = sv_starts(k->words[i - 1].text, SV("-")) && k->words[i - 1].text.n == 2 && i > 1;
        if (!sv_starts(text, SV("-")) && !is_value && sv_eq(command_name(k), SV("ssh")))
            return false;
    }
    return false;
}

static bool opens_shell(const struct command *k)
{
    for (size_t i = 0; i + 1 < k->n && i < 3; i++) {
        sv word = path_base(k->words[i].text), next = k->words[i + 1].text;
        if (sv_eq(word, SV("phala")) || sv_starts(word, SV("phala@")))
            return SV_IN(next, SV("ssh"), SV("cp"), SV("scp")) ||
                   (sv_eq(next, SV("cvms")) && i + 2 < k->n && SV_IN(k->words[i + 2].text, SV("ssh"), SV("exec"), SV("cp")));
    }
    return SV_IN(command_name(k), SV("ssh"), SV("scp"), SV("rsync"), SV("sshpass")) && leads_to_cvm(k);
}

/* It takes something out, or acts inside a container. */
static bool takes_out(const struct command *k)
{
    static const char *const words[] = {"docker exec", "docker cp", "kubeconfig", "k3s.yaml", ".decrypted-env", ".appkeys", "cat ", "docker logs", "tar "};
    for (size_t i = 1; i < k->n; i++)
        for (size_t w = 0; w < sizeof words / sizeof *words; w++)
            if (sv_has(k->words[i].text, sv_from(words[w])))
                return true;
    return false;
}

enum { NEAR = 500 }; /* commands of one script stand together */

/* The same script does it too, and worse or earlier. */
static bool is_said(const struct facts *f, size_t at)
{
    const struct run *r = f->runs.at[at];
    for (size_t i = at > NEAR ? at - NEAR : 0; i < f->runs.n && i < at + NEAR; i++) {
        const struct run *o = f->runs.at[i];
        if (i == at || o->src != r->src || !opens_shell(o->command))
            continue;
        if (takes_out(o->command) != takes_out(r->command) ? takes_out(o->command) : i < at)
            return true;
    }
    return false;
}

void check_operator_shell(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->runs.n; i++) {
        const struct run *r = c->facts->runs.at[i];
        if (r->when == RUN_START || r->when == RUN_BUILD || r->scope == SCOPE_TEST)
            continue;
        c->examined++;
        if (!opens_shell(r->command) || is_said(c->facts, i))
            continue;
        bool out = takes_out(r->command);
        on_scope(report(c, r->command->place, command_name(r->command), out ? "A script opens a shell in the running CVM and takes something out of it: the operator keeps a way into the TEE, and what it yields (files, credentials, a console) is his."
                                                                            : "A script opens a shell in the running CVM: the operator has a way into the TEE, past all that the compose file says."),
                 r->scope, out ? SEV_CRITICAL : SEV_HIGH);
    }
}

/* ---- an own KMS or gateway ------------------------------------------------------------------------------------ */

void check_kms_setting(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->repo->files.n; i++)
        c->examined += c->facts->repo->files.at[i]->lang == LANG_TOML && sv_has(c->facts->repo->files.at[i]->text, SV("[core"));
    for (size_t i = 0; i < c->facts->hits.all.n; i++) {
        const struct hit *h = c->facts->hits.all.at[i];
        if (h->pattern->rule != c->rule || place_is_aside(h->place))
            continue;
        bool type = sv_eq(h->pattern->name, SV("development authority"));
        if (type && !source_has(h->place.src, SV("auth_api")))
            continue; /* `type` of something else */
        report(c, h->place, hit_group(h, "key"), "%.*s: %.*s. Keys of every app behind this service are then handed to whoever asks.", SV_ARG(sv_trim(h->line)),
               SV_ARG(h->pattern->name));
    }
}

/* ---- interpreters without their sandbox ------------------------------------------------------------------------- */

/* Deno and browsers limit what the code they run may do; switched off, tenants' code has the container. */
void check_sandbox_off(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->repo->files.n; i++)
        c->examined += c->facts->repo->files.at[i]->kind == SOURCE_CODE || c->facts->repo->files.at[i]->kind == SOURCE_DOCKERFILE;
    for (size_t i = 0; i < c->facts->hits.all.n; i++) {
        const struct hit *h = c->facts->hits.all.at[i];
        if (h->pattern->rule != c->rule || place_is_aside(h->place))
            continue;
        bool code = h->place.src->kind == SOURCE_CODE;
        struct finding *f = report(c, h->place, hit_group(h, "flag"), code ? "The program starts %.*s with %.*s: code it runs that way, be it a tenant's or a page's, has every right of the container."
                                                                           : "%.*s starts with %.*s: a flaw in the code it runs has every right of the container.",
                                   SV_ARG(h->pattern->name), SV_ARG(hit_group(h, "flag")));
        f->severity = code ? SEV_MEDIUM : SEV_LOW;
    }
}
