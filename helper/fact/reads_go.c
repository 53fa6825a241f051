/* Go: os.ExpandEnv, command lines (urfave/cli, kong's default names), viper and koanf. Structs: reads_go_structs.c. */
#include "fact/reads.h"

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
    bool open = code_is(c, brace, "{");
    size_t required = open ? code_keyword(c, brace + 1, c->at[brace].partner, "Required", NULL) : SV_NOT_FOUND;
    for (size_t k = list; k < end && k < c->n; k++)
        for (sv rest = code_string(c, k); rest.p != NULL;) {
            sv name = sv_trim(sv_cut(&rest, ','));
            if (!reads_is_name(name))
                continue;
            struct env_read *r = reads_add(c, name, k, k, "urfave/cli");
            size_t stop = 0, value = open ? code_keyword(c, brace + 1, c->at[brace].partner, "Value", &stop) : SV_NOT_FOUND;
            r->has_fallback = value != SV_NOT_FOUND;
            if (r->has_fallback)
                r->fallback = code_value(c, value, stop);
            r->required = !r->has_fallback && required != SV_NOT_FOUND && code_is(c, required, "true");
        }
}

/* os.ExpandEnv("${DATA_DIR}/db") */
static void expand_env(const struct code *c, size_t i)
{
    sv text = code_is(c, i, "ExpandEnv") && i >= 2 && code_is(c, i - 2, "os") && code_is(c, i + 1, "(") ? code_string(c, i + 2) : SV_NONE;
    for (size_t at = 0; text.p != NULL && (at = sv_find_at(text, SV("$"), at)) != SV_NOT_FOUND;) {
        size_t from = at + 1 + (at + 1 < text.n && text.p[at + 1] == '{'), to = from;
        while (to < text.n && (text.p[to] == '_' || (text.p[to] >= 'A' && text.p[to] <= 'Z') || (text.p[to] >= '0' && text.p[to] <= '9')))
            to++;
        if (sv_is_env_name(sv_sub(text, from, to)))
            reads_add(c, sv_sub(text, from, to), i, i + 2, "os.ExpandEnv");
        at = to;
    }
}

/* kong.DefaultEnvars("APP"): every flag has a variable of that prefix. */
static void default_envars(const struct code *c, size_t i)
{
    sv prefix = code_is(c, i, "DefaultEnvars") && code_is(c, i + 1, "(") ? code_string(c, i + 2) : SV_NONE;
    if (prefix.n != 0)
        reads_add(c, sv_printf(c->facts->arena, "%.*s_*", SV_ARG(sv_upper(c->facts->arena, prefix))), i, i + 2, "kong.DefaultEnvars");
}

/* func run(getenv func(string) string): getenv("X") is a read where os.Getenv is handed in. */
static void handed_getenv(struct reading *p, const struct code *c)
{
    for (size_t i = 0; i + 3 < c->n; i++) {
        bool parameter = code_is_word(c, i) && code_is(c, i + 1, "func") && code_is(c, i + 2, "(") && code_is(c, i + 3, "string") &&
                         sv_ihas(code_text(c, i), SV("env"));
        for (size_t k = i + 4; parameter && k + 2 < c->n; k++) {
            sv name = sv_eq(code_text(c, k), code_text(c, i)) && code_is(c, k + 1, "(") ? reads_literal(p, c, k + 2) : SV_NONE;
            if (sv_is_env_name(name) && reads_is_name(name) && code_starts_chain(c, k) && c->at[k + 1].partner == k + 3)
                reads_complete(c, reads_add(c, name, k, k + 3, "os.Getenv"), k, k + 3);
        }
        if (parameter)
            return;
    }
}

static bool is_call_of(const struct code *c, size_t i, const char *method)
{
    return code_is(c, i, method) && i > 0 && code_is(c, i - 1, ".") && code_is(c, i + 1, "(");
}

/* ---- viper: github.com/spf13/viper, "Working with environment variables" ----------------------------- */

enum { REPLACED = 8 };
struct viper {
    sv prefix;
    sv from[REPLACED], to[REPLACED]; /* of the key replacer */
    size_t n;
    bool automatic;
    bool binds;   /* Unmarshal asks for every field: an option, or a file of settings that may name any key */
};

/* strings.NewReplacer(".", "_", "-", "_") */
static void read_replacer(const struct code *c, size_t i, struct viper *v)
{
    if (!code_is(c, i, "NewReplacer") || !code_is(c, i + 1, "("))
        return;
    size_t close = c->at[i + 1].partner;
    for (size_t k = i + 2; k < close && v->n < REPLACED; k = code_item_end(c, k, close) + 1) {
        size_t second = code_item_end(c, k, close) + 1;
        if (code_string(c, k).n == 0 || code_string(c, second).p == NULL)
            return;
        v->from[v->n] = code_string(c, k);
        v->to[v->n++] = code_string(c, second);
        k = second;
    }
}

static sv replaced(struct arena *a, const struct viper *v, sv name)
{
    struct { char *p; size_t n; } out = {arena_array(a, char, name.n * 8 + 1), 0};
    for (size_t i = 0; i < name.n;) {
        size_t k = 0;
        while (k < v->n && !sv_starts(sv_sub(name, i, name.n), v->from[k]))
            k++;
        sv piece = k == v->n ? sv_sub(name, i, i + 1) : v->to[k];
        for (size_t b = 0; b < piece.n && b < 8; b++)
            out.p[out.n++] = piece.p[b];
        i += k == v->n ? 1 : v->from[k].n;
    }
    return (sv){out.p, out.n};
}

/* The variable of a key: PREFIX_KEY in capitals, then what the replacer makes of it. */
static sv viper_name(struct arena *a, const struct viper *v, sv key)
{
    sv name = v->prefix.n == 0 ? key : sv_printf(a, "%.*s_%.*s", SV_ARG(v->prefix), SV_ARG(key));
    return replaced(a, v, sv_upper(a, name));
}

static void collect_viper(const struct code *c, struct viper *v, bool global)
{
    bool replaces = false;
    for (size_t i = 2; i + 2 < c->n; i++) {
        if (!code_is_word(c, i) || !code_is(c, i + 1, "(") || (global && !code_is(c, i - 2, "viper")))
            continue;
        if (is_call_of(c, i, "SetEnvPrefix") && code_string(c, i + 2).n != 0)
            v->prefix = code_string(c, i + 2);
        v->automatic = v->automatic || is_call_of(c, i, "AutomaticEnv");
        replaces = replaces || is_call_of(c, i, "SetEnvKeyReplacer");
        v->binds = v->binds || is_call_of(c, i, "ExperimentalBindStruct") || is_call_of(c, i, "ReadInConfig") || is_call_of(c, i, "ReadConfig") ||
                   is_call_of(c, i, "MergeInConfig") || is_call_of(c, i, "MergeConfig");
    }
    for (size_t i = 0; replaces && i + 1 < c->n && v->n == 0; i++)
        read_replacer(c, i, v);
}

static void bind_env(struct reading *p, const struct code *c, const struct viper *v, size_t i)
{
    size_t close = c->at[i + 1].partner, second = code_item_end(c, i + 2, close) + 1;
    sv key = code_string(c, i + 2);
    if (second >= close) {
        sv name = viper_name(p->facts->arena, v, key);
        if (reads_is_name(name))
            reads_add(c, name, i, close, "viper.BindEnv")->field = key;
    }
    for (; second < close; second = code_item_end(c, second, close) + 1) { /* names as they are */
        sv name = reads_literal(p, c, second);
        if (reads_is_name(name))
            reads_add(c, name, i, close, "viper.BindEnv")->field = key;
    }
}

static void viper_read(struct reading *p, const struct code *c, const struct viper *v, size_t i)
{
    size_t close = code_is(c, i + 1, "(") ? c->at[i + 1].partner : c->n;
    sv key = code_string(c, i + 2);
    if (close >= c->n || key.n == 0 || i == 0 || !code_is(c, i - 1, "."))
        return;
    if (is_call_of(c, i, "BindEnv") || is_call_of(c, i, "MustBindEnv")) {
        bind_env(p, c, v, i);
        return;
    }
    sv name = viper_name(p->facts->arena, v, key);
    if (!v->automatic || !reads_is_name(name))
        return;
    size_t second = code_item_end(c, i + 2, close) + 1;
    if (is_call_of(c, i, "SetDefault") && second < close) {
        struct env_read *r = reads_add(c, name, i, close, "viper AutomaticEnv");
        r->field = key;
        r->fallback = code_value(c, second, close);
        r->has_fallback = true;
        return;
    }
    bool get = SV_IN(code_text(c, i), SV("Get"), SV("GetString"), SV("GetInt"), SV("GetBool"), SV("GetDuration"), SV("GetStringSlice"),
                     SV("GetFloat64"), SV("GetInt32"), SV("GetInt64"), SV("GetUint"), SV("GetUint64"), SV("GetStringMapString"));
    if (get && i >= 2 && (code_is(c, i - 2, "viper") || code_is(c, i - 2, "v")))
        reads_complete(c, reads_add(c, name, i, close, "viper AutomaticEnv"), i - 2, close);
}

/* A field of the struct that Unmarshal fills: a row of its own where the key may be known, else a name for the rows there are. */
struct viper_walk { struct reading *p; const struct viper *v; const struct code *c; size_t first; };

static void viper_key(void *ctx, sv key, sv field, struct place place, const struct code *c)
{
    struct viper_walk *w = ctx;
    struct facts *f = w->p->facts;
    sv name = viper_name(f->arena, w->v, key);
    bool known = false;
    for (size_t i = w->first; i < f->env_reads.n; i++) {
        struct env_read *r = f->env_reads.at[i];
        if (r->place.src != w->c->src || !sv_ieq(r->field, key))
            continue;
        r->field = field;
        known = true;
    }
    if (known || !w->v->binds || !w->v->automatic || !reads_is_name(name))
        return;
    struct env_read *r = reads_add(c, name, 0, 0, "viper Unmarshal");
    r->place = place;
    r->field = field;
}

static void viper(struct reading *p, const struct code *c, const struct viper *global)
{
    struct viper v = *global;
    struct viper_walk w = {p, &v, c, p->facts->env_reads.n};
    collect_viper(c, &v, false);
    for (size_t i = 0; i < c->n; i++)
        if (code_is_word(c, i))
            viper_read(p, c, &v, i);
    for (size_t i = 0; i + 2 < c->n; i++) {
        if (is_call_of(c, i, "Unmarshal") || is_call_of(c, i, "UnmarshalExact"))
            reads_go_keys(p, c, i + 2, "mapstructure", SV(""), viper_key, &w);
        else if (is_call_of(c, i, "UnmarshalKey") && code_string(c, i + 2).n != 0)
            reads_go_keys(p, c, code_item_end(c, i + 2, c->at[i + 1].partner) + 1, "mapstructure", code_string(c, i + 2), viper_key, &w);
    }
}

/* ---- koanf: github.com/knadh/koanf, providers/env ------------------------------------------------------- */

struct koanf {
    sv prefix;
    sv from;      /* what the callback turns into a dot; SV_NONE where it turns nothing */
    bool lowers, trims, known;
    size_t at;    /* the call of the provider */
};

/* What the callback does to a variable's name: lower case, prefix off, "_" to ".". */
static void read_callback(const struct code *c, size_t from, size_t to, struct koanf *k)
{
    for (size_t i = from; i < to && i < c->n; i++) {
        k->lowers = k->lowers || code_is(c, i, "ToLower");
        k->trims = k->trims || code_is(c, i, "TrimPrefix");
        if (code_is(c, i, "switch") || code_is(c, i, "Index") || code_is(c, i, "SplitN"))
            k->known = false;
        if ((!code_is(c, i, "Replace") && !code_is(c, i, "ReplaceAll")) || !code_is(c, i + 1, "("))
            continue;
        size_t close = c->at[i + 1].partner, second = code_item_end(c, i + 2, close) + 1, third = code_item_end(c, second, close) + 1;
        if (sv_eq(code_string(c, third), SV(".")))
            k->from = code_string(c, second);
        else
            k->known = false;
    }
}

/* The body of the function that stands at `i`, or has its name. */
static bool callback_body(const struct code *c, size_t i, size_t *from, size_t *to)
{
    struct function fn = {0};
    if (code_is(c, i, "func")) {
        size_t brace = i + 1;
        while (brace < c->n && !code_is(c, brace, "{"))
            brace = code_behind(c, brace);
        *from = brace;
        *to = brace < c->n ? c->at[brace].partner : c->n;
        return brace < c->n;
    }
    for (size_t k = 0; code_is_word(c, i) && k + 1 < c->n; k++)
        if (code_is(c, k, "func") && sv_eq(code_text(c, k + 1), code_text(c, i)) && code_function(c, k, &fn)) {
            *from = fn.from;
            *to = fn.to;
            return true;
        }
    return false;
}

/* env.Provider("P_", ".", callback), env.ProviderWithValue(…), and env.Provider(".", env.Opt{…}) of version 2. */
static bool koanf_provider(const struct code *c, size_t i, sv package, struct koanf *k)
{
    if ((!is_call_of(c, i, "Provider") && !is_call_of(c, i, "ProviderWithValue")) || i < 2 || !sv_eq(code_text(c, i - 2), package))
        return false;
    size_t close = c->at[i + 1].partner, second = code_item_end(c, i + 2, close) + 1, third = code_item_end(c, second, close) + 1;
    *k = (struct koanf){.prefix = code_string(c, i + 2), .from = SV_NONE, .known = true, .at = i};
    size_t callback = third, from, to, behind;
    if (sv_ends(code_chain(c, second, &behind), SV(".Opt")) && code_is(c, behind, "{")) {
        size_t list_end = c->at[behind].partner, value = code_keyword(c, behind + 1, list_end, "Prefix", NULL);
        k->prefix = value == SV_NOT_FOUND ? SV("") : code_string(c, value);
        callback = code_keyword(c, behind + 1, list_end, "TransformFunc", NULL);
    }
    if (k->prefix.p == NULL || close >= c->n)
        return false;
    if (callback == SV_NOT_FOUND || callback >= close || code_is(c, callback, "nil"))
        return true;
    if (callback_body(c, callback, &from, &to))
        read_callback(c, from, to, k);
    else
        k->known = false;
    return true;
}

/* The variable that becomes `key`; SV_NONE where none can. */
static sv koanf_name(struct arena *a, const struct koanf *k, sv key)
{
    struct { char *p; size_t n; } out = {arena_array(a, char, key.n * 4 + 1), 0};
    if (k->from.n > 4 || (k->from.n != 0 && sv_has(key, k->from)))
        return SV_NONE; /* a_b would become a.b */
    for (size_t i = 0; i < key.n; i++) {
        if (key.p[i] != '.') {
            out.p[out.n++] = key.p[i];
            continue;
        }
        if (k->from.n == 0)
            return SV_NONE;
        for (size_t b = 0; b < k->from.n; b++)
            out.p[out.n++] = k->from.p[b];
    }
    sv name = {out.p, out.n};
    if (k->lowers)
        name = sv_upper(a, name);
    return k->trims ? sv_concat(a, k->prefix, name) : sv_starts(name, k->prefix) ? name : SV_NONE;
}

struct koanf_walk { struct reading *p; const struct koanf *k; };

static void koanf_key(void *ctx, sv key, sv field, struct place place, const struct code *c)
{
    struct koanf_walk *w = ctx;
    sv name = koanf_name(w->p->facts->arena, w->k, key);
    if (!reads_is_name(name))
        return;
    struct env_read *r = reads_add(c, name, 0, 0, "koanf");
    r->place = place;
    r->field = field;
}

static bool is_koanf_getter(sv method)
{
    sv plain = sv_starts(method, SV("Must")) ? sv_sub(method, 4, method.n) : method;
    return SV_IN(plain, SV("String"), SV("Strings"), SV("Int"), SV("Int64"), SV("Ints"), SV("Float64"), SV("Bool"), SV("Bools"), SV("Duration"),
                 SV("Time"), SV("Bytes"), SV("Get"), SV("StringMap"));
}

static void koanf_reads(struct reading *p, const struct code *c, const struct koanf *k)
{
    size_t before = p->facts->env_reads.n;
    struct koanf_walk w = {p, k};
    for (size_t i = 2; k->known && i + 2 < c->n; i++) {
        if (!code_is_word(c, i) || !code_is(c, i - 1, ".") || !code_is(c, i + 1, "("))
            continue;
        sv key = code_string(c, i + 2);
        size_t close = c->at[i + 1].partner;
        if (SV_IN(code_text(c, i), SV("Unmarshal"), SV("UnmarshalWithConf")) && key.p != NULL) {
            reads_go_keys(p, c, code_item_end(c, i + 2, close) + 1, "koanf", key, koanf_key, &w);
        } else if (is_koanf_getter(code_text(c, i)) && key.n != 0 && close == i + 3) {
            sv name = koanf_name(p->facts->arena, k, key);
            if (reads_is_name(name))
                reads_complete(c, reads_add(c, name, i - 2, close, "koanf"), i - 2, close);
        }
    }
    if (p->facts->env_reads.n == before && k->prefix.n != 0)
        reads_add(c, sv_concat(p->facts->arena, k->prefix, SV("*")), k->at, k->at, "koanf");
}

static void koanf(struct reading *p, const struct code *c)
{
    sv package = SV("env");
    for (size_t i = 1; i < c->n; i++)
        if (sv_has(code_string(c, i), SV("koanf/providers/env")) && code_is_word(c, i - 1) && !code_is(c, i - 1, "import"))
            package = code_text(c, i - 1); /* import koanfenv "…" */
    struct koanf k;
    for (size_t i = 0; i + 2 < c->n; i++)
        if (koanf_provider(c, i, package, &k))
            koanf_reads(p, c, &k);
}

void reads_go(struct reading *p)
{
    struct viper global = {.prefix = SV("")};
    for (size_t i = 0; i < p->codes.n; i++)
        if (p->codes.at[i]->src->lang == LANG_GO && p->codes.at[i]->src->scope == SCOPE_PROD && code_mentions(p->codes.at[i], "viper."))
            collect_viper(p->codes.at[i], &global, true);
    reads_go_structs(p);
    size_t opened = p->codes.n;
    for (size_t k = 0; k < opened; k++) {
        const struct code *c = p->codes.at[k];
        if (c->src->lang != LANG_GO)
            continue;
        for (size_t i = 0; i < c->n; i++)
            if (code_is_word(c, i)) {
                cli_flag(c, i);
                expand_env(c, i);
                default_envars(c, i);
            }
        if (code_mentions(c, "func(string)"))
            handed_getenv(p, c);
        if (code_mentions(c, "viper"))
            viper(p, c, &global);
        if (code_mentions(c, "koanf/providers/env"))
            koanf(p, c);
    }
}
