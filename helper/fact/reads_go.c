/* Go: struct tags (caarlos0/env, envconfig, kong, cleanenv), urfave/cli and viper. */
#include "base/limits.h"
#include "fact/reads.h"

/* The value of `key` in a struct tag: `env:"X,required" envDefault:"d"`. */
static sv tag_value(sv tag, const char *key)
{
    for (size_t at = 0; at < tag.n;) {
        while (at < tag.n && (tag.p[at] == ' ' || tag.p[at] == '\t' || tag.p[at] == '\n'))
            at++;
        size_t colon = at;
        while (colon < tag.n && tag.p[colon] != ':' && tag.p[colon] != ' ')
            colon++;
        if (colon + 1 >= tag.n || tag.p[colon] != ':' || tag.p[colon + 1] != '"') {
            at = colon + 1;
            continue;
        }
        size_t end = colon + 2;
        while (end < tag.n && tag.p[end] != '"')
            end += tag.p[end] == '\\' ? 2 : 1;
        if (end > tag.n)
            end = tag.n;
        if (sv_eq(sv_sub(tag, at, colon), sv_from(key)))
            return sv_sub(tag, colon + 2, end);
        at = end + 1;
    }
    return SV_NONE;
}

/* envPrefix of the struct that holds the field, and the prefix given to envconfig.Process. */
struct prefixes { sv process; };

static bool has_option(sv options, const char *option)
{
    while (options.p != NULL)
        if (sv_eq(sv_trim(sv_cut(&options, ',')), sv_from(option)))
            return true;
    return false;
}

/* The name of the struct whose body holds atom `i`. */
static sv struct_around(const struct code *c, size_t i)
{
    for (size_t k = i, steps = 0; k-- > 0 && steps < 4000; steps++) {
        if (!code_is(c, k, "{") || c->at[k].partner < i)
            continue;
        if (k >= 2 && code_is(c, k - 1, "struct") && code_is_word(c, k - 2))
            return c->at[k - 2].text;
        return SV_NONE;
    }
    return SV_NONE;
}

/* DB Database `envPrefix:"DB_"`: what the fields of Database begin with. */
static sv nested_prefix(const struct code *c, sv type)
{
    for (size_t i = 1; type.n != 0 && i < c->n; i++) {
        if (c->at[i].kind != TOKEN_STRING || c->at[i].text.p[0] != '`' || !sv_eq(code_text(c, i - 1), type))
            continue;
        sv prefix = tag_value(code_string(c, i), "envPrefix");
        if (prefix.p != NULL)
            return prefix;
    }
    return SV("");
}

static void tagged_field(struct reading *p, const struct code *c, const struct prefixes *x, bool nested, size_t i)
{
    sv tag = code_string(c, i);
    if (c->at[i].text.p[0] != '`' || (!sv_has(tag, SV("env:\"")) && !sv_has(tag, SV("envconfig:\""))))
        return;
    struct arena *a = p->facts->arena;
    sv rest = tag_value(tag, "envconfig");
    bool envconfig = rest.p != NULL;
    if (!envconfig)
        rest = tag_value(tag, "env");
    sv names = rest, name = sv_trim(sv_cut(&names, ','));
    if (!reads_is_name(name))
        return;
    if (envconfig && x->process.n != 0)
        name = sv_printf(a, "%.*s_%.*s", SV_ARG(x->process), SV_ARG(name));
    if (envconfig)
        name = sv_upper(a, name);
    else if (nested)
        name = sv_concat(a, nested_prefix(c, struct_around(c, i)), name);
    size_t first = i;
    while (first > 0 && !c->at[first].first)
        first--;
    struct env_read *r = reads_add(c, name, i, i, envconfig ? "envconfig tag" : "env tag");
    static const char *const defaults[] = {"envDefault", "default", "env-default"};
    for (size_t k = 0; k < 3 && !r->has_fallback; k++) {
        r->fallback = tag_value(tag, defaults[k]);
        r->has_fallback = r->fallback.p != NULL;
    }
    bool must = has_option(rest, "required") || has_option(rest, "notEmpty") || sv_eq(tag_value(tag, "required"), SV("true")) ||
                sv_eq(tag_value(tag, "env-required"), SV("true"));
    r->required = must && !r->has_fallback;
    r->field = code_is_word(c, first) ? c->at[first].text : SV_NONE;
}

/* EnvVars: []string{"A", "B"}, EnvVar: "A,B", Sources: cli.EnvVars("A"). */
static void cli_flag(const struct code *c, size_t i)
{
    bool vars = code_is(c, i, "EnvVars"), one = code_is(c, i, "EnvVar");
    if (!vars && !one)
        return;
    size_t list = i + 1;
    if (code_is(c, list, ":"))
        while (vars && list < c->n && list < i + 6 && !code_is(c, list, "{"))
            list++;
    if (!code_is(c, list, "{") && !code_is(c, list, "(") && !one)
        return;
    size_t end = one ? i + 3 : c->at[list].partner, brace = i;
    while (brace > 0 && i - brace < 60 && !(code_is(c, brace, "{") && c->at[brace].partner > i && c->at[brace].partner <= c->n))
        brace--;
    for (size_t k = list; k < end && k < c->n; k++)
        for (sv rest = code_string(c, k); rest.p != NULL;) {
            sv name = sv_trim(sv_cut(&rest, ','));
            if (!reads_is_name(name))
                continue;
            struct env_read *r = reads_add(c, name, k, k, "urfave/cli");
            size_t stop = 0, value = code_is(c, brace, "{") ? code_keyword(c, brace + 1, c->at[brace].partner, "Value", &stop) : SV_NOT_FOUND;
            r->has_fallback = value != SV_NOT_FOUND;
            if (r->has_fallback)
                r->fallback = code_value(c, value, stop);
        }
}

/* ---- viper ------------------------------------------------------------------------------------ */

struct viper { sv prefix; bool automatic, replaces; };

static sv viper_name(struct arena *a, const struct viper *v, sv key)
{
    sv name = v->prefix.n == 0 ? sv_upper(a, key) : sv_upper(a, sv_printf(a, "%.*s_%.*s", SV_ARG(v->prefix), SV_ARG(key)));
    char *p = arena_copy(a, name.p, name.n);
    for (size_t i = 0; i < name.n; i++)
        if (p[i] == '.' || p[i] == '-')
            p[i] = '_';
    return (sv){p, name.n};
}

static bool viper_call(const struct code *c, size_t i, const char *method)
{
    return code_is(c, i, method) && i > 0 && code_is(c, i - 1, ".") && code_is(c, i + 1, "(");
}

static void viper_read(struct reading *p, const struct code *c, const struct viper *v, size_t i)
{
    size_t close = code_is(c, i + 1, "(") ? c->at[i + 1].partner : c->n;
    sv key = code_string(c, i + 2);
    if (close >= c->n || key.n == 0)
        return;
    if (viper_call(c, i, "BindEnv") || viper_call(c, i, "MustBindEnv")) {
        size_t second = code_item_end(c, i + 2, close) + 1;
        sv name = second < close ? reads_literal(p, c, second) : viper_name(p->facts->arena, v, key);
        if (reads_is_name(name))
            reads_add(c, name, i, close, "viper.BindEnv")->field = key;
        return;
    }
    if (v->automatic && viper_call(c, i, "SetDefault") && (!sv_has(key, SV(".")) || v->replaces)) {
        sv name = viper_name(p->facts->arena, v, key);
        size_t second = code_item_end(c, i + 2, close) + 1;
        if (!reads_is_name(name) || second >= close)
            return;
        struct env_read *r = reads_add(c, name, i, close, "viper AutomaticEnv");
        r->field = key;
        r->fallback = code_value(c, second, close);
        r->has_fallback = true;
        return;
    }
    bool get = i > 0 && code_is(c, i - 1, ".") && sv_starts(c->at[i].text, SV("Get")) &&
               SV_IN(c->at[i].text, SV("Get"), SV("GetString"), SV("GetInt"), SV("GetBool"), SV("GetDuration"), SV("GetStringSlice"),
                     SV("GetFloat64"), SV("GetInt64"), SV("GetUint"));
    bool reader = i >= 2 && (code_is(c, i - 2, "viper") || code_is(c, i - 2, "v"));
    if (!v->automatic || !get || !reader || (sv_has(key, SV(".")) && !v->replaces))
        return;
    sv name = viper_name(p->facts->arena, v, key);
    if (reads_is_name(name))
        reads_complete(c, reads_add(c, name, i, close, "viper AutomaticEnv"), i - 2, close);
}

static void viper(struct reading *p, const struct code *c)
{
    struct viper v = {0};
    for (size_t i = 0; i < c->n; i++) {
        if (viper_call(c, i, "SetEnvPrefix"))
            v.prefix = code_string(c, i + 2);
        v.automatic = v.automatic || viper_call(c, i, "AutomaticEnv");
        v.replaces = v.replaces || viper_call(c, i, "SetEnvKeyReplacer");
    }
    for (size_t i = 0; i < c->n; i++)
        if (code_is_word(c, i))
            viper_read(p, c, &v, i);
}

void reads_go(struct reading *p, const struct code *c)
{
    struct prefixes x = {0};
    bool nested = code_mentions(c, "envPrefix:\"");
    for (size_t i = 0; i < c->n; i++)
        if ((code_is(c, i, "Process") || code_is(c, i, "MustProcess")) && i >= 2 && code_is(c, i - 2, "envconfig") && code_is(c, i + 1, "("))
            x.process = code_string(c, i + 2);
    size_t tags = 0;
    for (size_t i = 0; i < c->n; i++) {
        if (c->at[i].kind == TOKEN_STRING && tags < LIMIT_HITS_PER_RULE_FILE) {
            size_t before = p->facts->env_reads.n;
            tagged_field(p, c, &x, nested, i);
            tags += p->facts->env_reads.n - before;
        } else if (code_is_word(c, i)) {
            cli_flag(c, i);
        }
    }
    if (code_mentions(c, "viper"))
        viper(p, c);
}
