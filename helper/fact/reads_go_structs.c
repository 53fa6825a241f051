/* Go structs whose fields are variables: by tags (caarlos0/env, cleanenv, sethvargo/go-envconfig, kong, go-arg) or
 * because a library fills the whole struct (kelseyhightower/envconfig; viper and koanf through reads_go_keys). */
#include <stdlib.h>

#include "base/limits.h"
#include "fact/reads.h"

enum { PREFIXES = 8, DEPTH = 5, LOOK_BACK = 4000, STRUCTS = 20000 };

struct go_field {
    sv name, tag;
    sv type, package; /* of a plain or pointer type; SV_NONE for slices and maps */
    size_t at;        /* its first atom */
    size_t mark;      /* the atom that a row points to: the tag, or the name */
    size_t inner;     /* `{` of a struct written in place, or SV_NOT_FOUND */
    bool embedded;
};

sv go_tag(sv tag, const char *key)
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

/* ---- structs and their fields ---------------------------------------------------------------------- */

/* The type that begins at `i`: `pkg.T`, `*T`; nothing for slices and maps. */
static void read_type(const struct code *c, size_t i, size_t end, struct go_field *f)
{
    while (i < end && code_is(c, i, "*"))
        i++;
    if (code_is(c, i, "struct") && code_is(c, i + 1, "{")) {
        f->inner = i + 1;
        return;
    }
    size_t behind;
    sv chain = code_chain(c, i, &behind);
    size_t dot = sv_rfind_char(chain, '.');
    f->type = dot == SV_NOT_FOUND ? chain : sv_sub(chain, dot + 1, chain.n);
    f->package = dot == SV_NOT_FOUND ? SV_NONE : sv_sub(chain, 0, dot);
}

/* The field that begins at *i; *i moves behind it. */
static bool next_field(const struct code *c, size_t *i, size_t close, struct go_field *f)
{
    while (*i < close && code_is(c, *i, ";"))
        ++*i;
    if (*i >= close)
        return false;
    size_t end = code_behind(c, *i);
    while (end < close && !code_first(c, end) && !code_is(c, end, ";"))
        end = code_behind(c, end);
    *f = (struct go_field){.at = *i, .mark = *i, .inner = SV_NOT_FOUND, .tag = SV("")};
    size_t last = end;
    if (end > *i && c->at[end - 1].kind == TOKEN_STRING) {
        last = f->mark = end - 1;
        f->tag = code_string(c, last);
    }
    size_t type = *i, behind;
    while (type < last && code_is(c, type, "*"))
        type++;
    code_chain(c, type, &behind);
    f->embedded = behind >= last;
    f->name = code_is_word(c, *i) ? code_text(c, *i) : SV("");
    if (!f->embedded)
        for (type = *i + 1; code_is(c, type, ",") && type + 2 < last;)
            type += 2; /* a, b T */
    read_type(c, type, last, f);
    if (f->embedded)
        f->name = f->type;
    *i = end;
    return true;
}

static void add_structs(struct reading *p, const struct code *c)
{
    for (size_t i = 0; i + 1 < c->n && p->structs.n < STRUCTS; i++) {
        if (!code_is(c, i, "struct") || !code_is(c, i + 1, "{"))
            continue;
        sv name = i > 0 && code_is_word(c, i - 1) ? code_text(c, i - 1) : SV("");
        *vec_new(p->facts->arena, &p->structs, struct go_struct) = (struct go_struct){.name = name, .code = c, .open = i + 1};
        i = code_behind(c, i + 1) - 1; /* those inside are fields */
    }
}

static bool same_package(const struct code *c, sv package, const struct go_struct *s)
{
    sv dir = path_dir(s->code->src->path);
    return package.n == 0 ? sv_eq(dir, path_dir(c->src->path)) : sv_eq(path_base(dir), package);
}

static struct go_struct *known_struct(const struct reading *p, const struct code *c, sv package, sv name)
{
    for (size_t i = 0; name.n != 0 && i < p->structs.n; i++)
        if (sv_eq(p->structs.at[i]->name, name) && same_package(c, package, p->structs.at[i]))
            return p->structs.at[i];
    return NULL;
}

/* A struct of the package, in a file that was not opened for anything else, too. */
static struct go_struct *find_struct(struct reading *p, const struct code *c, sv package, sv name)
{
    struct go_struct *found = known_struct(p, c, package, name);
    bool plain = SV_IN(name, SV("string"), SV("bool"), SV("int"), SV("int32"), SV("int64"), SV("uint"), SV("uint16"), SV("uint64"),
                       SV("float64"), SV("byte"), SV("any"));
    if (found != NULL || name.n == 0 || plain)
        return found;
    sv says = sv_concat(p->facts->arena, name, SV(" struct"));
    for (size_t i = 0; i < p->n; i++) {
        const struct source *s = p->sources[i];
        bool here = package.n == 0 ? sv_eq(path_dir(s->path), path_dir(c->src->path)) : sv_eq(path_base(path_dir(s->path)), package);
        if (s->lang != LANG_GO || !here || p->opened[i] != NULL || !source_has(s, says))
            continue;
        const struct code *opened = reads_open(p, s);
        if (opened != NULL)
            add_structs(p, opened);
    }
    return known_struct(p, c, package, name);
}

/* The struct behind `&c`, `c`, `&T{}`, `new(T)`. */
static struct go_struct *struct_of(struct reading *p, const struct code *c, size_t i)
{
    while (code_is(c, i, "&") || code_is(c, i, "*"))
        i++;
    size_t at = i;
    struct go_field f = {.inner = SV_NOT_FOUND};
    if (code_is(c, i, "new") && code_is(c, i + 1, "(")) {
        read_type(c, i + 2, c->n, &f);
        return find_struct(p, c, f.package, f.type);
    }
    size_t behind;
    sv name = code_chain(c, i, &behind);
    if (code_is(c, behind, "{")) {
        read_type(c, i, behind, &f);
        return find_struct(p, c, f.package, f.type);
    }
    for (size_t k = at, steps = 0; k-- > 0 && steps < LOOK_BACK && f.type.n == 0; steps++) {
        if (!code_is_word(c, k) || !sv_eq(code_text(c, k), name) || !code_starts_chain(c, k))
            continue;
        size_t type = k + 1;
        if (code_is(c, type, ":") && code_is(c, type + 1, "="))
            type += 2;
        else if (code_is(c, type, "="))
            type++;
        else if (!code_is(c, type, "*") && !code_is_word(c, type))
            continue;
        while (code_is(c, type, "&") || code_is(c, type, "*"))
            type++;
        if (code_is(c, type, "struct"))
            return known_struct(p, c, SV_NONE, name);
        if (code_is(c, type, "new") && code_is(c, type + 1, "("))
            type += 2;
        read_type(c, type, c->n, &f);
    }
    return f.type.n != 0 ? find_struct(p, c, f.package, f.type) : known_struct(p, c, SV_NONE, name);
}

/* ---- tags ----------------------------------------------------------------------------------------------- */

static bool has_option(sv options, const char *option)
{
    while (options.p != NULL)
        if (sv_eq(sv_trim(sv_cut(&options, ',')), sv_from(option)))
            return true;
    return false;
}

/* The text behind `key=` among the options; quotes around it go. */
static sv option_value(sv options, const char *key)
{
    while (options.p != NULL) {
        sv value = sv_trim(sv_cut(&options, ',')), name = sv_cut(&value, '=');
        if (value.p != NULL && sv_eq(name, sv_from(key)))
            return sv_unquote(value);
    }
    return SV_NONE;
}

static sv prefix_of(sv tag)
{
    static const char *const keys[] = {"envPrefix", "env-prefix", "envprefix"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (go_tag(tag, keys[i]).p != NULL)
            return go_tag(tag, keys[i]);
    sv value = option_value(go_tag(tag, "env"), "prefix");
    return value.p == NULL ? SV("") : value;
}

/* env.Options{Prefix: "APP_", RequiredIfNoDef: true} of the package. */
struct options { sv prefix; bool all_required; };

static struct options options_of(const struct reading *p, const struct code *c)
{
    struct options o = {SV(""), false};
    for (size_t k = 0; k < p->codes.n; k++) {
        const struct code *x = p->codes.at[k];
        if (x->src->lang != LANG_GO || !sv_eq(path_dir(x->src->path), path_dir(c->src->path)) || !code_mentions(x, "env.Options{"))
            continue;
        for (size_t i = 2; i + 1 < x->n; i++) {
            if (!code_is(x, i, "Options") || !code_is(x, i - 2, "env") || !code_is(x, i + 1, "{"))
                continue;
            size_t value = code_keyword(x, i + 2, x->at[i + 1].partner, "Prefix", NULL);
            if (value != SV_NOT_FOUND && code_string(x, value).p != NULL)
                o.prefix = code_string(x, value);
            value = code_keyword(x, i + 2, x->at[i + 1].partner, "RequiredIfNoDef", NULL);
            o.all_required = value != SV_NOT_FOUND && code_is(x, value, "true");
        }
    }
    return o;
}

struct prefixes { sv at[PREFIXES]; size_t n; };

/* Where a struct is the type of a field, and what that field's tag puts in front. */
struct go_parent { sv type, package, prefix; const struct go_struct *of; };
struct parents { VEC(struct go_parent) all; };

static void list_parents(struct arena *a, const struct go_struct *of, size_t open, sv inner, struct parents *out)
{
    const struct code *c = of->code;
    size_t close = c->at[open].partner;
    struct go_field f;
    for (size_t i = open + 1; close <= c->n && next_field(c, &i, close, &f);) {
        sv prefix = sv_concat(a, inner, prefix_of(f.tag));
        if (f.inner != SV_NOT_FOUND)
            list_parents(a, of, f.inner, prefix, out);
        else if (f.type.n != 0)
            *vec_new(a, &out->all, struct go_parent) = (struct go_parent){f.type, f.package, prefix, of};
    }
}

static int by_type(const void *x, const void *y)
{
    const struct go_parent *a = *(struct go_parent *const *)x, *b = *(struct go_parent *const *)y;
    int c = sv_cmp(a->type, b->type);
    if (c == 0)
        c = sv_cmp(a->of->code->src->path, b->of->code->src->path);
    return c != 0 ? c : (a->of->open > b->of->open) - (a->of->open < b->of->open);
}

/* What the names in `s` begin with: once for each field, anywhere, that has it for its type. */
static void add_prefixes(struct reading *p, const struct parents *in, const struct go_struct *s, sv root, struct prefixes *out, int depth)
{
    size_t low = 0, high = in->all.n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (sv_cmp(in->all.at[middle]->type, s->name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; s->name.n != 0 && depth < DEPTH && low < in->all.n && sv_eq(in->all.at[low]->type, s->name); low++) {
        const struct go_parent *o = in->all.at[low];
        struct prefixes above = {.n = 0};
        if (o->of == s || !same_package(o->of->code, o->package, s))
            continue;
        add_prefixes(p, in, o->of, root, &above, depth + 1);
        for (size_t k = 0; k < above.n && out->n < PREFIXES; k++)
            out->at[out->n++] = sv_concat(p->facts->arena, above.at[k], o->prefix);
    }
    if (out->n == 0)
        out->at[out->n++] = root;
}

static struct env_read *add_tagged(const struct code *c, const struct go_field *f, sv name, const char *idiom)
{
    if (!reads_is_name(name))
        return NULL;
    struct env_read *r = reads_add(c, name, f->mark, f->mark, idiom);
    static const char *const defaults[] = {"envDefault", "default", "env-default"};
    for (size_t k = 0; k < 3 && !r->has_fallback; k++) {
        r->fallback = go_tag(f->tag, defaults[k]);
        r->has_fallback = r->fallback.p != NULL;
    }
    sv env = go_tag(f->tag, "env"), raw = go_tag(f->tag, "kong"), arg = go_tag(f->tag, "arg"), need = go_tag(f->tag, "required");
    if (!r->has_fallback) {
        r->fallback = option_value(raw.p != NULL ? raw : env, "default");
        r->has_fallback = r->fallback.p != NULL;
    }
    bool must = has_option(env, "required") || has_option(env, "notEmpty") || has_option(raw, "required") || has_option(arg, "required") ||
                (need.p != NULL && !sv_eq(need, SV("false"))) || sv_eq(go_tag(f->tag, "env-required"), SV("true"));
    r->required = must && !r->has_fallback;
    r->field = f->name;
    return r;
}

/* The names in a tag: env:"A,required", env:"A,B" (cleanenv, kong), kong:"env='A'", arg:"env:A" or arg:"env". */
static size_t names_of(struct arena *a, const struct go_field *f, sv *names, size_t room)
{
    size_t n = 0;
    for (sv rest = go_tag(f->tag, "env"); rest.p != NULL && n < room;) {
        sv name = sv_trim(sv_cut(&rest, ','));
        bool option = SV_IN(name, SV("required"), SV("notEmpty"), SV("file"), SV("unset"), SV("expand"), SV("init"), SV("overwrite"),
                            SV("noinit"), SV("decodeunset"));
        if (reads_is_name(name) && !option)
            names[n++] = name;
    }
    sv raw = option_value(go_tag(f->tag, "kong"), "env");
    if (reads_is_name(raw) && n < room)
        names[n++] = raw;
    for (sv rest = go_tag(f->tag, "arg"); rest.p != NULL && n < room;) {
        sv part = sv_trim(sv_cut(&rest, ','));
        if (sv_starts(part, SV("env:")) && reads_is_name(sv_sub(part, 4, part.n)))
            names[n++] = sv_sub(part, 4, part.n);
        else if (sv_eq(part, SV("env")))
            names[n++] = sv_upper(a, f->name);
    }
    return n;
}

static void tagged_fields(struct reading *p, const struct code *c, size_t open, const struct prefixes *x, bool all_required, size_t *room)
{
    size_t close = c->at[open].partner;
    struct go_field f;
    for (size_t i = open + 1; close <= c->n && *room != 0 && next_field(c, &i, close, &f);) {
        if (f.inner != SV_NOT_FOUND) {
            struct prefixes longer = *x;
            for (size_t k = 0; k < longer.n; k++)
                longer.at[k] = sv_concat(p->facts->arena, longer.at[k], prefix_of(f.tag));
            tagged_fields(p, c, f.inner, &longer, all_required, room);
            continue;
        }
        sv names[4];
        size_t n = names_of(p->facts->arena, &f, names, 4);
        for (size_t k = 0; k < n; k++)
            for (size_t q = 0; q < x->n && *room != 0; q++, --*room) {
                struct env_read *r = add_tagged(c, &f, sv_concat(p->facts->arena, x->at[q], names[k]), "env tag");
                if (r != NULL && all_required && !r->has_fallback)
                    r->required = true;
            }
    }
}

static bool has_tags(const struct go_struct *s)
{
    const struct code *c = s->code;
    size_t close = c->at[s->open].partner;
    struct place body = code_place(c, s->open, close < c->n ? close : c->n - 1);
    sv text = sv_sub(c->src->text, body.start, body.end);
    return sv_has(text, SV("env:\"")) || sv_has(text, SV("env=")) || sv_has(text, SV("arg:\""));
}

static void list_all_parents(struct reading *p, struct parents *out)
{
    for (size_t k = 0; k < p->structs.n; k++)
        list_parents(p->facts->arena, p->structs.at[k], p->structs.at[k]->open, SV(""), out);
    if (out->all.n > 1)
        qsort(out->all.at, out->all.n, sizeof *out->all.at, by_type);
}

static void by_tags(struct reading *p)
{
    struct parents parents = {0};
    bool listed = false;
    for (size_t i = 0; i < p->structs.n; i++) {
        const struct go_struct *s = p->structs.at[i];
        if (!has_tags(s))
            continue;
        if (!listed)
            list_all_parents(p, &parents);
        listed = true;
        struct options o = options_of(p, s->code);
        struct prefixes x = {.n = 0};
        add_prefixes(p, &parents, s, o.prefix, &x, 0);
        size_t room = LIMIT_HITS_PER_RULE_FILE;
        tagged_fields(p, s->code, s->open, &x, o.all_required, &room);
    }
}

/* ---- kelseyhightower/envconfig --------------------------------------------------------------------------- */

/* SlackBotToken -> SLACK_BOT_TOKEN, HTTPTimeout -> HTTP_TIMEOUT: split_words:"true". */
static sv split_words(struct arena *a, sv name)
{
    char *p = arena_array(a, char, 2 * name.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < name.n; i++) {
        bool upper = name.p[i] >= 'A' && name.p[i] <= 'Z';
        bool before = i > 0 && !(name.p[i - 1] >= 'A' && name.p[i - 1] <= 'Z');
        bool after = i > 0 && i + 1 < name.n && name.p[i + 1] >= 'a' && name.p[i + 1] <= 'z';
        if (upper && (before || after) && n != 0 && p[n - 1] != '_')
            p[n++] = '_';
        p[n++] = name.p[i];
    }
    return (sv){p, n};
}

static sv joined(struct arena *a, sv prefix, sv name)
{
    return sv_upper(a, prefix.n == 0 ? name : sv_printf(a, "%.*s_%.*s", SV_ARG(prefix), SV_ARG(name)));
}

static bool is_exported(sv name)
{
    return name.n != 0 && name.p[0] >= 'A' && name.p[0] <= 'Z';
}

static void envconfig_fields(struct reading *p, const struct code *c, size_t open, sv prefix, bool tagged_only, int depth)
{
    struct arena *a = p->facts->arena;
    size_t close = c->at[open].partner;
    struct go_field f;
    for (size_t i = open + 1; close <= c->n && next_field(c, &i, close, &f);) {
        sv tag = go_tag(f.tag, "envconfig");
        if (!is_exported(f.name) || sv_eq(go_tag(f.tag, "ignored"), SV("true")) || sv_eq(tag, SV("-")) || (tagged_only && tag.n == 0))
            continue;
        sv word = tag.n != 0 ? tag : sv_eq(go_tag(f.tag, "split_words"), SV("true")) ? split_words(a, f.name) : f.name;
        sv key = joined(a, prefix, word);
        const struct go_struct *inner = f.inner == SV_NOT_FOUND && depth < DEPTH ? find_struct(p, c, f.package, f.type) : NULL;
        if (f.inner != SV_NOT_FOUND || inner != NULL) {
            sv longer = f.embedded ? prefix : key;
            envconfig_fields(p, inner == NULL ? c : inner->code, inner == NULL ? f.inner : inner->open, longer, tagged_only, depth + 1);
            continue;
        }
        add_tagged(c, &f, key, "envconfig tag");
        if (tag.n != 0 && prefix.n != 0) /* the bare name serves, too, where the longer one is unset */
            add_tagged(c, &f, sv_upper(a, tag), "envconfig tag");
    }
}

/* envconfig.Process("app", &c), envconfig.MustProcess("", c): not the library that takes a context first. */
static void by_envconfig(struct reading *p, const struct code *c)
{
    for (size_t i = 2; i + 1 < c->n; i++) {
        bool call = (code_is(c, i, "Process") || code_is(c, i, "MustProcess")) && code_is(c, i - 2, "envconfig") && code_is(c, i + 1, "(");
        sv prefix = call ? code_string(c, i + 2) : SV_NONE;
        if (prefix.p == NULL)
            continue;
        struct go_struct *s = struct_of(p, c, code_item_end(c, i + 2, c->at[i + 1].partner) + 1);
        if (s != NULL)
            envconfig_fields(p, s->code, s->open, prefix, false, 0);
        /* Handed around as an interface: those of this file that say it by their tags. */
        for (size_t k = 0; s == NULL && k < p->structs.n; k++)
            if (p->structs.at[k]->code == c)
                envconfig_fields(p, c, p->structs.at[k]->open, prefix, true, 0);
    }
}

/* ---- keys, for viper and koanf ------------------------------------------------------------------------------ */

static void keys_of(struct reading *p, const struct code *c, size_t open, const char *tag, sv path, go_key each, void *ctx, int depth)
{
    struct arena *a = p->facts->arena;
    size_t close = c->at[open].partner;
    struct go_field f;
    for (size_t i = open + 1; close <= c->n && next_field(c, &i, close, &f);) {
        sv options = go_tag(f.tag, tag), name = sv_cut(&options, ',');
        if (!is_exported(f.name) || sv_eq(name, SV("-")) || has_option(options, "remain"))
            continue;
        sv word = sv_lower(a, name.n != 0 ? name : f.name);
        sv key = has_option(options, "squash") ? path : path.n == 0 ? word : sv_printf(a, "%.*s.%.*s", SV_ARG(path), SV_ARG(word));
        const struct go_struct *inner = f.inner == SV_NOT_FOUND && depth < DEPTH ? find_struct(p, c, f.package, f.type) : NULL;
        if (f.inner != SV_NOT_FOUND)
            keys_of(p, c, f.inner, tag, key, each, ctx, depth + 1);
        else if (inner != NULL)
            keys_of(p, inner->code, inner->open, tag, key, each, ctx, depth + 1);
        else
            each(ctx, key, f.name, code_place(c, f.mark, f.mark), c);
    }
}

void reads_go_keys(struct reading *p, const struct code *c, size_t argument, const char *tag, sv path, go_key each, void *ctx)
{
    const struct go_struct *s = struct_of(p, c, argument);
    if (s != NULL)
        keys_of(p, s->code, s->open, tag, path, each, ctx, 0);
}

void reads_go_structs(struct reading *p)
{
    size_t opened = p->codes.n;
    for (size_t i = 0; i < opened; i++)
        if (p->codes.at[i]->src->lang == LANG_GO)
            add_structs(p, p->codes.at[i]);
    for (size_t i = 0; i < opened; i++)
        if (p->codes.at[i]->src->lang == LANG_GO && code_mentions(p->codes.at[i], "envconfig"))
            by_envconfig(p, p->codes.at[i]);
    by_tags(p);
}
