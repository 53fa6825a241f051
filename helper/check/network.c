/* Where users' data leaves the TEE, and what comes in from outside. */
#include <string.h>

#include "check/code.h"
#include "check/lookup.h"
#include "doc/read_program.h"

/* Where no user's data flows; development files count, the engine lowers what stands in them. */
static bool is_aside(const struct source *s)
{
    return s->vendored || s->scope == SCOPE_TEST || s->scope == SCOPE_DOC || s->scope == SCOPE_CI;
}

static sv text_of(struct place p)
{
    return sv_sub(p.src->text, p.start, p.end);
}

/* ---- scripts of others ------------------------------------------------------------------------- */

static bool is_page(const struct source *s)
{
    sv p = s->path;
    return s->lang == LANG_HTML || sv_has(p, SV("frontend/")) || sv_has(p, SV("public/")) || sv_has(p, SV("static/")) ||
           sv_has(p, SV("client/")) || sv_has(p, SV("www/"));
}

static bool has_lock_beside(const struct facts *f, const struct source *s)
{
    for (sv dir = path_dir(s->path);; dir = path_dir(dir)) {
        if (repo_find(f->repo, path_join(f->arena, dir, SV("deno.lock"))) != NULL)
            return true;
        if (dir.n == 0)
            return false;
    }
}

/* Hits of the rule in one file stand together; the first speaks for all of them. */
static size_t hits_in_file(const struct check_run *c, size_t from)
{
    const struct hits *hits = &c->facts->hits;
    size_t n = 0;
    for (size_t i = from; i < hits->all.n && hits->all.at[i]->place.src == hits->all.at[from]->place.src; i++)
        n += hits->all.at[i]->pattern->rule == c->rule;
    return n;
}

void check_third_party_script(struct check_run *c)
{
    const struct facts *f = c->facts;
    const struct source *last = NULL;
    for (size_t i = 0; i < f->repo->files.n; i++)
        c->examined += is_page(f->repo->files.at[i]) || f->repo->files.at[i]->kind == SOURCE_CODE;
    for (size_t i = 0; i < f->hits.all.n; i++) {
        const struct hit *h = f->hits.all.at[i];
        if (h->pattern->rule != c->rule || h->place.src == last || is_aside(h->place.src) || (!is_page(h->place.src) && runs_outside(f, h->place.src)))
            continue;
        last = h->place.src;
        size_t n = hits_in_file(c, i);
        sv url = hit_group(h, "subject"), more = n < 2 ? SV("") : sv_printf(c->arena, " and %zu more", n - 1);
        bool page = is_page(last) || sv_eq(h->pattern->name, SV("script element")), locked = !page && has_lock_beside(f, last);
        struct finding *r = report(c, hit_group_place(h, "subject"), url, "%.*s%.*s %s", SV_ARG(url), SV_ARG(more),
                                   page ? "runs in the user's page as whoever controls that host wrote it: it reads everything the user enters."
                                   : locked ? "is loaded by the program; deno.lock pins its hash."
                                            : "is fetched and run by the program, outside the measured image.");
        r->severity = locked ? SEV_LOW : page ? SEV_MEDIUM : SEV_HIGH;
    }
}

/* ---- hosting services ----------------------------------------------------------------------------- */

static const struct { const char *file, *service, *functions; } hostings[] = {
    {"vercel.json", "Vercel", "api/"},           {"netlify.toml", "Netlify", "netlify/functions/"},
    {"firebase.json", "Firebase", "functions/"}, {"wrangler.toml", "Cloudflare", "functions/"},
    {"wrangler.jsonc", "Cloudflare", "functions/"}, {"amplify.yml", "AWS Amplify", "amplify/backend/function/"},
};

enum { HOSTINGS = sizeof hostings / sizeof *hostings };

static bool is_function_of(struct arena *a, const struct source *s, sv dir, size_t hosting)
{
    sv below = sv_concat(a, dir.n == 0 ? SV("") : sv_concat(a, dir, SV("/")), sv_from(hostings[hosting].functions));
    return s->kind == SOURCE_CODE && sv_starts(s->path, below);
}

static bool has_functions(const struct check_run *c, sv dir, size_t hosting)
{
    for (size_t i = 0; i < c->facts->repo->files.n; i++)
        if (is_function_of(c->arena, c->facts->repo->files.at[i], dir, hosting))
            return true;
    return false;
}

static size_t hosting_of(const struct source *s)
{
    size_t k = 0;
    while (k < HOSTINGS && !sv_eq(path_base(s->path), sv_from(hostings[k].file)))
        k++;
    return is_aside(s) ? HOSTINGS : k;
}

static const char *const hosting_actions[] = {
    "cloudflare/pages-action", "cloudflare/wrangler-action", "amondnet/vercel-action", "nwtgck/actions-netlify", "netlify/actions",
    "FirebaseExtended/action-hosting-deploy",
};

/* `directory: docs/dist`, `projectName: app-docs`: a manual, in which users enter nothing. */
static bool puts_manual(const struct workflow_step *step)
{
    const struct node *with = node_get(step->node, "with");
    for node_each(n, with) {
        sv rest = n->kind == NODE_SCALAR ? n->text : SV_NONE;
        while (sv_starts(rest, SV("./")))
            rest = sv_sub(rest, 2, rest.n);
        if (SV_IN(sv_cut(&rest, '/'), SV("docs"), SV("doc"), SV("documentation")) || (n->kind == NODE_SCALAR && sv_ends(n->text, SV("-docs"))))
            return true;
    }
    return false;
}

/* A workflow that puts the page there says the same as a configuration file does. */
static void check_hosting_steps(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->workflows.n; i++) {
        const struct workflow *w = c->facts->workflows.at[i];
        for (size_t k = 0; k < w->steps.n; k++)
            for (size_t a = 0; a < sizeof hosting_actions / sizeof *hosting_actions; a++)
                if (sv_istarts(w->steps.at[k]->uses, sv_from(hosting_actions[a])) && !puts_manual(w->steps.at[k]))
                    report(c, w->steps.at[k]->place, w->steps.at[k]->uses,
                           "%s puts the front-end into an account of the operator; no quote covers what it delivers.", hosting_actions[a]);
    }
}

void check_centralised_frontend(struct check_run *c)
{
    c->examined = c->facts->repo->files.n;
    for (size_t i = 0; i < c->facts->repo->files.n; i++) {
        const struct source *s = c->facts->repo->files.at[i];
        size_t k = hosting_of(s);
        if (k == HOSTINGS)
            continue;
        bool functions = has_functions(c, path_dir(s->path), k);
        struct finding *r = report(c, (struct place){s, 0, 0}, path_base(s->path),
                                   "%s serves the %s from an account of the operator; no quote covers what it delivers.",
                                   hostings[k].service, functions ? "front-end and functions of the app" : "front-end");
        r->severity = functions ? SEV_HIGH : SEV_MEDIUM;
    }
    check_hosting_steps(c);
}

/* A call that sends a body somewhere, in a function that reads the body of its request. */
static void check_function(struct check_run *c, const struct source *s, const char *service)
{
    const struct program *p = read_program(c->facts->repo, s);
    c->examined++;
    if (p == NULL || is_verifying_file(c, p) /* evidence is for everybody */ || !(source_has(s, SV("req.body")) || source_has(s, SV("request.json()")) ||
                       source_has(s, SV("event.body")) || source_has(s, SV("req.json()"))))
        return;
    for (size_t i = 0; i < p->calls.n; i++) {
        const struct call *k = &p->calls.at[i];
        if (!SV_IN(k->name, SV("fetch"), SV("request"), SV("post"), SV("put")) || !program_says(p, k->open, k->close, "body"))
            continue;
        report(c, program_place(p, k->from, k->close + 1), s->path,
               "The %s function reads the request of the user in clear and sends it on from here.", service);
        return;
    }
}

void check_plaintext_before_enclave(struct check_run *c)
{
    const struct repo *repo = c->facts->repo;
    for (size_t i = 0; i < repo->files.n; i++) {
        size_t k = hosting_of(repo->files.at[i]);
        if (k == HOSTINGS)
            continue;
        sv dir = path_dir(repo->files.at[i]->path);
        for (size_t j = 0; j < repo->files.n; j++)
            if (is_function_of(c->arena, repo->files.at[j], dir, k) && !is_aside(repo->files.at[j]))
                check_function(c, repo->files.at[j], hostings[k].service);
    }
}

/* ---- services that see what users write ------------------------------------------------------------- */

void check_model_passed_through(struct check_run *c)
{
    const struct source *last = NULL;
    for (size_t i = 0; i < c->facts->env_reads.n; i++)
        c->examined += c->facts->env_reads.at[i]->kind == KIND_MODEL;
    for (size_t i = 0; i < c->facts->hits.all.n; i++) {
        const struct hit *h = c->facts->hits.all.at[i];
        if (h->pattern->rule != c->rule)
            continue;
        c->examined++;
        if (h->place.src == last || place_is_aside(h->place))
            continue;
        last = h->place.src;
        sv model = hit_group(h, "subject");
        report(c, hit_group_place(h, "subject"), model,
               "%.*s is a model of its maker: the text of users reaches that company in clear, whatever gateway stands between.",
               SV_ARG(model));
    }
}

/* One finding for each service and app: the first place says it. */
static bool is_first(const struct check_run *c, const struct hit *h)
{
    const struct deployment *d = deployment_of(c->facts, h->place.src->path);
    for (size_t i = 0; i < c->facts->hits.all.n && c->facts->hits.all.at[i] != h; i++) {
        const struct hit *before = c->facts->hits.all.at[i];
        if (before->pattern == h->pattern && !is_aside(before->place.src) &&
            deployment_of(c->facts, before->place.src->path) == d)
            return false;
    }
    return true;
}

static void check_service(struct check_run *c, const char *sentence)
{
    const struct facts *f = c->facts;
    for (size_t i = 0; i < f->repo->files.n; i++)
        c->examined += f->repo->files.at[i]->kind == SOURCE_CODE;
    for (size_t i = 0; i < f->hits.all.n; i++) {
        const struct hit *h = f->hits.all.at[i];
        if (h->pattern->rule != c->rule || is_aside(h->place.src) || !is_first(c, h))
            continue;
        report(c, h->place, h->pattern->name, "%.*s %s", SV_ARG(h->pattern->name), sentence)->deployment =
            deployment_of(f, h->place.src->path);
    }
}

void check_messenger(struct check_run *c)
{
    check_service(c, "sees every message to the bot in clear before the TEE does, and so does whoever holds the bot's token.");
}

void check_hosted_database(struct check_run *c)
{
    check_service(c, "keeps data of this app outside the TEE, under an account of the operator.");
}

static const struct { const char *host; bool tee; } providers[] = {
    {"api.openai.com", false},   {"api.anthropic.com", false},   {"generativelanguage.googleapis.com", false},
    {"openrouter.ai", false},    {"api.groq.com", false},        {"api.together.xyz", false},
    {"api.mistral.ai", false},   {"api.deepseek.com", false},    {"api.x.ai", false},
    {"api.cohere.com", false},   {"api.cohere.ai", false},       {"api.perplexity.ai", false},
    {"api.fireworks.ai", false}, {"api-inference.huggingface.co", false}, {"api.redpill.ai", true},
    {"cloud-api.near.ai", true}, {"api.near.ai", true},          {"api.venice.ai", false},
};

/* https://api.example.com/v1/models: asks what there is, and sends no text. */
static bool lists_models(struct place p)
{
    sv rest = sv_sub(p.src->text, p.end, p.end + 60 < p.src->text.n ? p.end + 60 : p.src->text.n);
    size_t end = 0;
    while (end < rest.n && sv_find_char(SV("\"'` \n?)"), rest.p[end]) == SV_NOT_FOUND)
        end++;
    return sv_ends(sv_sub(rest, 0, end), SV("/models"));
}

/* The first place where code names the host; a literal of the compose is measured and says no more. */
static const struct place *place_in_code(const struct facts *f, const struct host *h)
{
    for (size_t i = 0; i < h->places.n; i++)
        if (h->places.at[i]->src->kind == SOURCE_CODE && !runs_outside(f, h->places.at[i]->src) && !place_is_aside(*h->places.at[i]) && !lists_models(*h->places.at[i]))
            return h->places.at[i];
    return NULL;
}

void check_model_provider(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->hosts.n; i++) {
        const struct host *h = c->facts->hosts.at[i];
        const struct place *where = h->use == HOST_CODE ? place_in_code(c->facts, h) : NULL;
        c->examined++;
        for (size_t k = 0; where != NULL && k < sizeof providers / sizeof *providers; k++) {
            if (!sv_eq(h->name, sv_from(providers[k].host)))
                continue;
            struct finding *r = report(c, *where, h->name, "Text of users goes to %.*s, which %s.", SV_ARG(h->name),
                                       providers[k].tee ? "says that it runs models in a TEE: only its verified attestation protects the text"
                                                        : "runs no TEE and reads it");
            r->severity = providers[k].tee ? SEV_LOW : SEV_MEDIUM;
        }
    }
}

/* ---- connections without protection --------------------------------------------------------------------- */

/* Repositories of packages are signed, and these hosts only name formats. */
static bool is_signed_or_name(sv host)
{
    return sv_ends(host, SV("debian.org")) || sv_ends(host, SV("ubuntu.com")) || sv_ends(host, SV("alpinelinux.org")) ||
           sv_ends(host, SV("archlinux.org")) || sv_ends(host, SV("fedoraproject.org")) || sv_has(host, SV("schemas")) ||
           sv_ends(host, SV("w3.org")) || sv_has(host, SV("crl")) || sv_has(host, SV("ocsp")) || sv_starts(host, SV("cert")) ||
           sv_ends(host, SV("apache.org")) || sv_ends(host, SV("gnu.org")) || sv_starts(host, SV("ns.")) ||
           sv_ends(host, SV("letsencrypt.org"));
}

/* "{http://…}tag": the name of an XML element, asked of nobody. */
static bool is_namespace(struct place p)
{
    return p.start != 0 && p.src->text.p[p.start - 1] == '{' && (p.start < 2 || p.src->text.p[p.start - 2] != '$');
}

static bool fetches_code(const struct source *s, size_t line)
{
    for (size_t i = line; i < line + 12; i++) {
        sv text = line_text(&s->lines, s->text, i);
        if (sv_has(text, SV("clone")) || sv_has(text, SV("docker pull")) || sv_has(text, SV("download")))
            return true;
    }
    return false;
}

static void check_accepted(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->hits.all.n; i++) {
        const struct hit *h = c->facts->hits.all.at[i];
        if (h->pattern->rule != c->rule || is_aside(h->place.src))
            continue;
        c->examined++;
        if (fetches_code(h->place.src, line_at(&h->place.src->lines, h->place.start)))
            report(c, h->place, SV("http://"), "An address that begins with http:// is accepted here and code is fetched from it: "
                   "the host of the CVM can put other code in its place.");
    }
}

/* The compose gives a container this address in a network of its own. */
static bool is_container_address(const struct facts *f, sv host)
{
    for (size_t i = 0; i < f->services.n; i++)
        for node_each(network, node_get(f->services.at[i]->node, "networks"))
            if (sv_eq(node_get_text(network, "ipv4_address"), host))
                return true;
    return false;
}

/* placeholder="http://…": an example in a form. */
static bool is_placeholder(struct place p)
{
    sv before = sv_sub(p.src->text, p.start < 24 ? 0 : p.start - 24, p.start);
    size_t at = sv_find(before, SV("placeholder"));
    return at != SV_NOT_FOUND && sv_find_at(before, SV(" "), at) == SV_NOT_FOUND;
}

void check_plain_http(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->hosts.n; i++) {
        const struct host *h = c->facts->hosts.at[i];
        c->examined++;
        for (size_t k = 0; h->use != HOST_DISPLAY && k < h->places.n; k++) {
            struct place p = *h->places.at[k];
            bool data = p.src->lang == LANG_JSON && p.src->kind == SOURCE_CONFIG; /* an inventory or schema names, it does not ask */
            if (place_is_aside(p) || !sv_starts(text_of(p), SV("http://")) || is_signed_or_name(h->name) || is_namespace(p) || is_aside(p.src) || is_placeholder(p) ||
                p.src->scope == SCOPE_DEV || p.src->kind == SOURCE_DOCKERFILE || data || (p.src->lang != LANG_SHELL && runs_outside(c->facts, p.src)) ||
                is_container_address(c->facts, h->name))
                continue;
            report(c, p, h->name, "The connection to %.*s is not encrypted: the host of the CVM reads and changes it.",
                   SV_ARG(h->name));
        }
    }
    check_accepted(c);
}

/* "--trusted-host", "-k": the word that switches the check off; SV_NONE where none does. */
static sv switches_tls_off(const struct command *k)
{
    sv name = command_name(k);
    for (size_t i = 1; i < k->n; i++) {
        sv w = k->words[i].text;
        bool pip = (sv_starts(name, SV("pip")) || sv_starts(name, SV("python")) || sv_eq(name, SV("uv"))) && sv_starts(w, SV("--trusted-host"));
        bool curl = sv_eq(name, SV("curl")) && (SV_IN(w, SV("-k"), SV("--insecure")) ||
                    (w.n > 2 && w.n < 8 && w.p[0] == '-' && w.p[1] != '-' && sv_find_char(w, 'k') != SV_NOT_FOUND));
        bool wget = sv_eq(name, SV("wget")) && sv_eq(w, SV("--no-check-certificate"));
        bool git = sv_eq(name, SV("git")) && sv_ieq(w, SV("http.sslVerify=false"));
        if (pip || curl || wget || git)
            return w;
    }
    return SV_NONE;
}

static bool talks_to_itself(const struct command *k)
{
    for (size_t i = 1; i < k->n; i++)
        if (sv_has(k->words[i].text, SV("localhost")) || sv_has(k->words[i].text, SV("127.0.0.1")) ||
            sv_starts(k->words[i].text, SV("--unix-socket")))
            return true;
    return false;
}

void check_tls_off_in_command(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->runs.n; i++) {
        const struct run *run = c->facts->runs.at[i];
        if (run->when != RUN_START && run->when != RUN_BUILD)
            continue;
        c->examined++;
        sv word = switches_tls_off(run->command);
        if (word.p == NULL || talks_to_itself(run->command))
            continue;
        struct finding *r = report(c, run->command->place, word, "%.*s with %.*s takes the answer of any server: the host of the CVM can give its own.",
                                   SV_ARG(command_name(run->command)), SV_ARG(word));
        enum severity severity = run->when == RUN_START ? SEV_HIGH : SEV_MEDIUM;
        if (run->service != NULL)
            on_service(r, run->service, severity);
        else
            on_scope(r, run->scope, severity);
    }
}
