/* Variables that configuration files name: what Caddy, nginx (through envsubst), Spring, Prisma, the
 * OpenTelemetry collector, LiteLLM, supervisord and Go templates put in from the environment. */
#include <string.h>

#include "base/limits.h"
#include "fact/reads.h"

/* How a kind of file writes a variable: `open` NAME, perhaps `separator` DEFAULT, `close`. */
struct notation { const char *open, *close, *separator, *idiom; };

/* caddyserver.com/docs/caddyfile/concepts#environment-variables */
static const struct notation caddy[] = {{"{$", "}", ":", "Caddyfile {$X}"}, {"{env.", "}", NULL, "Caddyfile {env.X}"}, {NULL, NULL, NULL, NULL}};
/* gettext envsubst; hub.docker.com/_/nginx "Using environment variables in nginx configuration" */
static const struct notation envsubst[] = {{"${", "}", NULL, "envsubst template"}, {"$", "", NULL, "envsubst template"}, {NULL, NULL, NULL, NULL}};
/* docs.spring.io/spring-boot/reference/features/external-config.html, property placeholders */
static const struct notation spring[] = {{"${", "}", ":", "Spring placeholder"}, {NULL, NULL, NULL, NULL}};
/* prisma.io/docs/orm/reference/prisma-schema-reference#env-function */
static const struct notation prisma[] = {{"env(\"", "\")", NULL, "Prisma env()"}, {NULL, NULL, NULL, NULL}};
/* opentelemetry.io/docs/collector/configuration/#environment-variables */
static const struct notation collector[] = {{"${env:", "}", ":-", "collector ${env:X}"}, {"${", "}", ":-", "collector ${X}"}, {NULL, NULL, NULL, NULL}};
/* docs.litellm.ai/docs/proxy/configs, "os.environ/" */
static const struct notation litellm[] = {{"os.environ/", "", NULL, "LiteLLM os.environ/"}, {NULL, NULL, NULL, NULL}};
/* supervisord.org/configuration.html, expansions */
static const struct notation supervisor[] = {{"%(ENV_", ")s", NULL, "supervisord %(ENV_X)s"}, {NULL, NULL, NULL, NULL}};
/* masterminds.github.io/sprig/os.html, as in Traefik's dynamic files; docs.gomplate.ca; jwilder/dockerize */
static const struct notation go_template[] = {
    {"{{ env \"", "\"", NULL, "template env"},     {"{{env \"", "\"", NULL, "template env"},
    {"{{ getenv \"", "\"", NULL, "template env"},  {"{{ .Env.", "", NULL, "template .Env"},
    {"{{.Env.", "", NULL, "template .Env"},        {NULL, NULL, NULL, NULL},
};
/* github.com/lightbend/config HOCON, as in ktor's application.conf */
static const struct notation hocon[] = {{"${?", "}", NULL, "HOCON ${?X}"}, {"${", "}", NULL, "HOCON ${X}"}, {NULL, NULL, NULL, NULL}};
/* github.com/node-config/node-config wiki, custom environment variables */
static const struct notation node_config[] = {{": \"", "\"", NULL, "node-config"}, {NULL, NULL, NULL, NULL}};
/* haproxy.org configuration manual 2.3: environment variables between double quotes; vector.dev, fluentbit.io,
 * grafana.com/docs/loki: ${X} and ${X:-d} */
static const struct notation braces[] = {{"${", "}", ":-", "config ${X}"}, {NULL, NULL, NULL, NULL}};

static bool name_starts(sv path, const char *const *starts)
{
    sv base = path_base(path);
    for (; *starts != NULL; starts++)
        if (sv_istarts(base, sv_from(*starts)))
            return true;
    return false;
}

static bool is_yaml_or_properties(sv base)
{
    return sv_ends(base, SV(".yml")) || sv_ends(base, SV(".yaml")) || sv_ends(base, SV(".properties"));
}

/* A template that the nginx image, or a script of the repository, hands to envsubst. */
static bool is_envsubst_template(sv path)
{
    sv base = path_base(path);
    bool folder = sv_eq(path_base(path_dir(path)), SV("templates")) || sv_has(path, SV("nginx"));
    return sv_ends(base, SV(".envsubst")) || sv_ends(base, SV(".conf.template")) || sv_ends(base, SV(".conf.tmpl")) ||
           (folder && sv_ends(base, SV(".template")));
}

static const struct notation *notation_of(sv path, sv text)
{
    static const char *const with_braces[] = {"haproxy", "vector.", "fluent-bit", "fluentbit", "loki", "promtail", "litellm-otel", NULL};
    static const char *const spring_names[] = {"application.", "application-", "bootstrap.", NULL};
    sv base = path_base(path);
    if (sv_istarts(base, SV("Caddyfile")) || sv_iends(base, SV(".caddyfile")))
        return caddy;
    if (is_envsubst_template(path))
        return envsubst;
    if (sv_ends(base, SV(".prisma")))
        return prisma;
    if (sv_eq(base, SV("application.conf")) || sv_ends(base, SV(".hocon")))
        return hocon;
    if (sv_starts(base, SV("custom-environment-variables.")))
        return node_config;
    if (name_starts(path, spring_names) && is_yaml_or_properties(base))
        return spring;
    if (sv_has(text, SV("model_list:")) && sv_has(text, SV("litellm_params")))
        return litellm;
    if (sv_has(text, SV("[program:")) && sv_has(text, SV("%(ENV_")))
        return supervisor;
    if (sv_has(text, SV("receivers:")) && sv_has(text, SV("exporters:")) && sv_has(text, SV("pipelines:")))
        return collector;
    if (sv_ends(base, SV(".tmpl")) || sv_ends(base, SV(".gotmpl")) || sv_ihas(path, SV("traefik")))
        return go_template;
    return name_starts(path, with_braces) ? braces : NULL;
}

struct found { sv name, fallback; size_t end; };

/* Where `close` ends the expression; `${A:${B}}` holds another. */
static size_t close_of(sv line, sv close, size_t from)
{
    size_t depth = 0;
    if (!sv_eq(close, SV("}")))
        return sv_find_at(line, close, from);
    for (size_t i = from; i < line.n; i++) {
        if (line.p[i] == '}' && depth-- == 0)
            return i;
        if (line.p[i] == '{')
            depth++;
    }
    return SV_NOT_FOUND;
}

/* The variable behind `open` at `at`; false where it is none. */
static bool read_name(const struct notation *x, sv text, size_t at, struct found *f)
{
    size_t from = at, to = at;
    bool dotted = x == spring;
    while (to < text.n && to - from < 128 && ((text.p[to] >= 'a' && text.p[to] <= 'z') || (text.p[to] >= 'A' && text.p[to] <= 'Z') ||
                                              (text.p[to] >= '0' && text.p[to] <= '9') || text.p[to] == '_' ||
                                              (dotted && (text.p[to] == '.' || text.p[to] == '-'))))
        to++;
    f->name = sv_sub(text, from, to);
    f->fallback = SV_NONE;
    f->end = to;
    if (f->name.n == 0)
        return false;
    sv rest = sv_sub(text, to, to + LIMIT_LINE_BYTES), line = sv_line(&rest), close = sv_from(x->close);
    if (sv_starts(line, close)) {
        f->end = to + close.n;
        return true;
    }
    if (x->separator == NULL || !sv_starts(line, sv_from(x->separator)))
        return false;
    size_t behind = strlen(x->separator), stop = close_of(line, close, behind);
    f->fallback = sv_sub(line, behind, stop);
    f->end = to + (stop == SV_NOT_FOUND ? line.n : stop + close.n);
    return stop != SV_NOT_FOUND;
}

static bool is_comment(const struct source *s, size_t offset)
{
    sv line = sv_trim(line_text(&s->lines, s->text, line_at(&s->lines, offset)));
    return sv_starts(line, SV("#")) || sv_starts(line, SV("//")) || sv_starts(line, SV(";"));
}

/* `only`: the list an envsubst command restricts itself to ('$A $B'); SV_NONE where it takes all. */
static void scan(struct facts *f, const struct source *s, const struct notation *rows, bool doubled, sv only)
{
    size_t before = f->env_reads.n;
    for (const struct notation *x = rows; x->open != NULL; x++) {
        sv open = sv_from(x->open);
        size_t dollar = sv_find_char(open, '$');
        if (doubled && dollar != SV_NOT_FOUND) /* compose turns $$ into $ and fills in the rest itself */
            open = sv_printf(f->arena, "%.*s$%.*s", SV_ARG(sv_sub(open, 0, dollar + 1)), SV_ARG(sv_sub(open, dollar + 1, open.n)));
        for (size_t at = 0; (at = sv_find_at(s->text, open, at)) != SV_NOT_FOUND && f->env_reads.n - before < LIMIT_HITS_PER_RULE_FILE;) {
            struct found found;
            size_t start = at;
            at += open.n;
            if (!read_name(x, s->text, at, &found) || is_comment(s, start))
                continue;
            sv name = x == spring ? reads_spring_name(f->arena, found.name, false) : found.name;
            if (!sv_is_env_name(name) || !reads_is_name(name) || (only.p != NULL && !sv_has(only, found.name)))
                continue;
            struct env_read *r = vec_new(f->arena, &f->env_reads, struct env_read);
            *r = (struct env_read){.name = name, .place = {s, start, found.end}, .idiom = sv_from(x->idiom), .fallback = found.fallback,
                                   .has_fallback = found.fallback.p != NULL, .scope = s->scope, .kind = KIND_OTHER, .field = SV_NONE};
            /* Spring and HOCON refuse to start where a placeholder has no value. */
            r->required = (x == spring || x == &hocon[1]) && !r->has_fallback;
            if (!sv_has(found.fallback, open)) /* what stands in the default is looked at, too */
                at = found.end;
        }
    }
}

/* `envsubst '$A $B' < x.tmpl`, `cat x.tmpl | envsubst`: which file, and which names alone. */
struct substitution { sv file, only; };
struct substitutions { VEC(struct substitution) all; };

static void collect_substitutions(struct facts *f, struct substitutions *out)
{
    for (size_t i = 0; i < f->runs.n; i++) {
        const struct command *c = f->runs.at[i]->command;
        if (f->runs.at[i]->when == RUN_CI || f->runs.at[i]->when == RUN_DEPLOY)
            continue; /* done before deployment: from_scripts.c */
        const struct command *into = sv_eq(command_name(c), SV("cat")) && c->pipe_to != NULL ? c->pipe_to : c;
        sv file = into == c ? c->redirect_in : c->n > 1 ? c->words[1].text : SV_NONE;
        if (!sv_eq(command_name(into), SV("envsubst")) || file.n == 0)
            continue;
        bool limited = into->n > 1 && sv_has(into->words[1].text, SV("$"));
        *vec_new(f->arena, &out->all, struct substitution) = (struct substitution){path_base(file), limited ? into->words[1].text : SV_NONE};
    }
}

static void read_file(struct facts *f, const struct source *s, const struct substitutions *substitutions)
{
    bool config = s->kind == SOURCE_CONFIG || s->kind == SOURCE_OTHER;
    if (s->vendored || !config || s->text.n == 0)
        return;
    for (size_t i = 0; i < substitutions->all.n; i++)
        if (sv_eq(substitutions->all.at[i]->file, path_base(s->path))) {
            scan(f, s, envsubst, false, substitutions->all.at[i]->only);
            return;
        }
    const struct notation *rows = notation_of(s->path, s->text);
    if (rows != NULL)
        scan(f, s, rows, false, SV_NONE);
}

/* configs: {x: {content: …}}: named by its key, or by where a service mounts it. */
static sv target_of(const struct deployment *d, sv config)
{
    for (size_t i = 0; i < d->services.n; i++)
        for node_each(e, node_get(d->services.at[i]->node, "configs"))
            if (sv_eq(node_get_text(e, "source"), config) && node_get_text(e, "target").n != 0)
                return node_get_text(e, "target");
    return config;
}

static void read_configs(struct facts *f, const struct deployment *d)
{
    for node_each(config, node_get(d->root, "configs")) {
        const struct node *content = node_get(config, "content");
        sv target = target_of(d, config->key);
        const struct notation *rows = content == NULL || content->kind != NODE_SCALAR ? NULL : notation_of(target, content->text);
        const struct source *s = rows == NULL ? NULL : facts_embed(f, content, "content", SOURCE_CONFIG, LANG_NONE);
        if (s != NULL && s->kind == SOURCE_CONFIG)
            scan(f, s, rows, true, SV_NONE);
    }
}

void reads_config(struct facts *f)
{
    struct substitutions substitutions = {0};
    collect_substitutions(f, &substitutions);
    for (size_t i = 0; i < f->repo->files.n; i++)
        read_file(f, f->repo->files.at[i], &substitutions);
    for (size_t i = 0; i < f->deployments.n; i++)
        read_configs(f, f->deployments.at[i]);
}
