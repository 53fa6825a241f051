/* What the steps of a Dockerfile that means to be reproducible leave in the image, other at each build: logs and caches
 * with times, inode numbers, compiled files, days (TU-04; docker-library/ruby#455, docker-library/golang#532; PEP 552). */
#include "check/lookup.h"
#include "check/provenance.h"

/* A command, what it leaves, and the words that show it cleaned up: in the step, or as a variable of its stage. */
static const struct residue { const char *commands[6], *leaves, *cleaned[5], *variables[4]; bool cache; } RESIDUES[] = {
    {{"apt-get install", "apt install", "apt-get update"}, "the package lists of apt", {"/var/lib/apt/lists"}, {0}, true},
    {{"apt-get install", "apt install"}, "logs of apt and dpkg with times", {"/var/log"}, {0}, false},
    {{"apt-get install", "apt install"}, "/var/cache/ldconfig/aux-cache with inode numbers", {"aux-cache", "/var/cache/ldconfig"}, {0}, false},
    {{"dnf install", "yum install", "microdnf install", "dnf -y install", "yum -y install"}, "caches and the history of dnf", {"clean all"}, {0}, true},
    {{"dnf install", "yum install", "microdnf install", "dnf -y install", "yum -y install"}, "logs of dnf with times", {"/var/log"}, {0}, false},
    {{"pip install", "pip3 install"}, "__pycache__ with the times of the sources", {"--no-compile", "__pycache__", ".pyc"}, {"PYTHONDONTWRITEBYTECODE", "PIP_NO_COMPILE", "SOURCE_DATE_EPOCH"}, false},
    {{"pip install", "pip3 install"}, "pip's cache of answers with dates", {"--no-cache-dir", ".cache", "cache purge"}, {"PIP_NO_CACHE_DIR"}, true},
    {{"npm ci", "npm install", "npm i "}, "npm's logs, which bear times in name and text", {".npm", "npm-cache", "_logs", "logs-max=0"}, {"npm_config_logs_max"}, true},
    {{"useradd", "adduser", "passwd "}, "the day of the build in /etc/shadow", {"chage", "/etc/shadow"}, {"SOURCE_DATE_EPOCH"}, false},
};

static bool has_any(sv text, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n && words[i] != NULL; i++)
        if (sv_has(text, sv_from(words[i])))
            return true;
    return false;
}

/* What stage `at` builds on, itself included. */
static bool is_below(const struct dockerfile *d, size_t at, size_t stage)
{
    for (const struct stage *s = at < d->stages.n ? d->stages.at[at] : NULL; s != NULL; s = s->base)
        if (s->index == stage)
            return true;
    return false;
}

/* ENV or ARG before the instruction, in its stage or one it builds on. */
static bool stage_sets(const struct dockerfile *d, const struct instruction *in, const char *const *names, size_t n)
{
    for (size_t i = 0; i < d->instructions.n && d->instructions.at[i] != in; i++) {
        const struct instruction *set = d->instructions.at[i];
        bool global = d->stages.n == 0 || d->stages.at[0]->from == NULL || set->place.start < d->stages.at[0]->from->place.start;
        if (SV_IN(set->keyword, SV("ENV"), SV("ARG")) && !global && is_below(d, in->stage, set->stage) && has_any(set->args, names, n))
            return true;
    }
    return false;
}

/* `apk add --virtual .deps`: without "=0" its version is the time. */
static bool has_timed_virtual(sv args)
{
    size_t at = sv_find(args, SV("--virtual"));
    if (!sv_has(args, SV("apk add")) || at == SV_NOT_FOUND)
        return false;
    sv rest = sv_trim(sv_trim_char(sv_sub(args, at + 9, args.n), '='));
    return sv_find_char(sv_cut(&rest, ' '), '=') == SV_NOT_FOUND;
}

static void judge_step(struct check_run *c, const struct dockerfile *d, const struct instruction *in)
{
    bool mounted = false, looked = false;
    sv left = SV_NONE;
    for (const struct docker_flag *flag = in->flags; flag != NULL; flag = flag->next)
        mounted = mounted || sv_has(flag->value, SV("type=cache"));
    for (size_t i = 0; i < sizeof RESIDUES / sizeof *RESIDUES; i++) {
        const struct residue *r = &RESIDUES[i];
        if (!has_any(in->args, r->commands, sizeof r->commands / sizeof *r->commands))
            continue;
        looked = true;
        if ((r->cache && mounted) || has_any(in->args, r->cleaned, sizeof r->cleaned / sizeof *r->cleaned) || stage_sets(d, in, r->variables, sizeof r->variables / sizeof *r->variables))
            continue;
        left = left.n == 0 ? sv_from(r->leaves) : sv_printf(c->arena, "%.*s; %s", SV_ARG(left), r->leaves);
    }
    if (has_timed_virtual(in->args)) {
        looked = true;
        left = left.n == 0 ? SV("a virtual package whose version is the time") : sv_printf(c->arena, "%.*s; a virtual package whose version is the time", SV_ARG(left));
    }
    c->examined += looked;
    if (left.n != 0)
        on_scope(report(c, in->place, SV("RUN"), "The image means to be reproducible, but this step leaves in its layer: %.*s. Two builds of the same source differ there.", SV_ARG(left)), d->src->scope, SEV_INFO);
}

static bool aims_at_reproducible(const struct image_builds *builds, const struct dockerfile *d)
{
    for (size_t i = 0; i < builds->all.n; i++)
        if (builds->all.at[i]->dockerfile == d && (builds->all.at[i]->rewrites || builds->all.at[i]->epoch))
            return true;
    return sv_has(d->src->text, SV("SOURCE_DATE_EPOCH"));
}

/* TU-04: only in stages that the last one builds on; what others leave is not in the image. */
void check_build_residue(struct check_run *c)
{
    struct image_builds builds = {0};
    image_builds_of(c->facts, c->arena, &builds);
    for (size_t i = 0; i < c->facts->dockerfiles.n; i++) {
        const struct dockerfile *d = c->facts->dockerfiles.at[i];
        for (size_t k = 0; k < d->instructions.n && !d->src->vendored && d->stages.n != 0 && aims_at_reproducible(&builds, d); k++)
            if (sv_eq(d->instructions.at[k]->keyword, SV("RUN")) && is_below(d, d->stages.n - 1, d->instructions.at[k]->stage))
                judge_step(c, d, d->instructions.at[k]);
    }
}
