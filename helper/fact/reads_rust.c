/* Rust: clap attributes, and structs filled from the environment by envy, figment and config. */
#include "base/limits.h"
#include "fact/reads.h"

/* One attribute list: #[arg(long, env = "X", default_value = "d")]; `open` is the bracket behind
 * the attribute's name. */
static bool is_clap(const struct code *c, size_t i)
{
    return code_is(c, i, "arg") || code_is(c, i, "clap") || code_is(c, i, "structopt") || code_is(c, i, "config") ||
           code_is(c, i, "envconfig");
}

/* The word of the field or parameter behind the attributes that begin at `i`. */
static size_t field_behind(const struct code *c, size_t i)
{
    while (code_is(c, i, "#") && code_is(c, i + 1, "["))
        i = code_behind(c, i + 1);
    if (code_is(c, i, "pub"))
        i = code_is(c, i + 1, "(") ? code_behind(c, i + 1) : i + 1;
    return code_is_word(c, i) && code_is(c, i + 1, ":") ? i : SV_NOT_FOUND;
}

static void clap_attribute(struct reading *p, const struct code *c, size_t i)
{
    if (!code_is(c, i, "#") || !code_is(c, i + 1, "[") || !is_clap(c, i + 2) || !code_is(c, i + 3, "("))
        return;
    size_t open = i + 3, close = c->at[open].partner, field = field_behind(c, i);
    if (close >= c->n)
        return;
    for (size_t k = open + 1, end; k < close; k = end + 1) {
        end = code_item_end(c, k, close);
        bool envconfig = code_is(c, i + 2, "envconfig");
        if (!code_is(c, k, envconfig ? "from" : "env"))
            continue;
        sv name = code_is(c, k + 1, "=") ? reads_literal(p, c, k + 2) : SV_NONE;
        if (k + 1 == end && field != SV_NOT_FOUND) /* env alone: the field's name */
            name = sv_upper(p->facts->arena, code_text(c, field));
        if (!reads_is_name(name))
            return;
        struct env_read *r = reads_add(c, name, k, end - 1, envconfig ? "envconfig" : code_is(c, i + 2, "config") ? "confique" : "clap env");
        static const char *const defaults[] = {"default_value", "default_value_t", "default_values", "default"};
        for (size_t d = 0; d < 4 && !r->has_fallback; d++) {
            size_t stop = close, value = code_keyword(c, open + 1, close, defaults[d], &stop);
            r->has_fallback = value != SV_NOT_FOUND;
            if (r->has_fallback)
                r->fallback = code_value(c, value, stop);
        }
        if (field != SV_NOT_FOUND) {
            r->field = code_text(c, field);
            r->required = !r->has_fallback && !code_is(c, field + 2, "Option") && !code_is(c, field + 2, "bool") &&
                          !code_is(c, field + 2, "Vec");
        }
        return;
    }
}

/* Few bytes of a program are a `#`: they are looked for in the text. */
static void clap_attributes(struct reading *p, const struct code *c)
{
    sv text = c->src->text;
    for (size_t at = 0, next; (next = sv_find_char(sv_sub(text, at, text.n), '#')) != SV_NOT_FOUND; at++) {
        at += next;
        size_t i = code_at(c, at);
        if (i < c->n && code_start(c, i) == at)
            clap_attribute(p, c, i);
    }
}

/* clap's builder: Arg::new("url").env("X").default_value("d"). */
static void clap_builder(struct reading *p, const struct code *c, size_t i)
{
    if (!code_is(c, i, "env") || i == 0 || !code_is(c, i - 1, ".") || !code_is(c, i + 1, "(") || c->at[i + 1].partner >= c->n)
        return;
    sv name = reads_literal(p, c, i + 2);
    if (!sv_is_env_name(name) || c->at[i + 1].partner != i + 3)
        return;
    struct env_read *r = reads_add(c, name, i, i + 3, "clap env");
    for (size_t k = i + 4; code_is(c, k, ".") && code_is(c, k + 2, "("); k = code_behind(c, k + 2))
        if (code_is(c, k + 1, "default_value")) {
            r->fallback = code_value(c, k + 3, c->at[k + 2].partner);
            r->has_fallback = true;
        }
}

/* ---- structs filled as a whole ------------------------------------------------------------------ */

struct source_of { sv prefix, separator; const char *idiom; sv type; size_t at; };

/* struct NAME { … }: index of its `{`, in this file or another of the repository. */
static size_t find_struct(const struct reading *p, const struct code **c, sv name)
{
    for (size_t pass = 0; pass < 2 && name.n != 0; pass++)
        for (size_t f = 0; f < p->codes.n; f++) {
            const struct code *x = p->codes.at[f];
            if (x->src->lang != LANG_RUST || (pass == 0) != (x == *c))
                continue;
            for (size_t i = 0; i + 2 < x->n; i++)
                if (code_is(x, i, "struct") && sv_eq(code_text(x, i + 1), name) && code_is(x, i + 2, "{")) {
                    *c = x;
                    return i + 2;
                }
        }
    return SV_NOT_FOUND;
}

/* #[serde(default = "path")]: the literal that the function of that name returns; SV_NONE where it is none. */
static sv default_of(const struct code *c, sv path)
{
    size_t colon = sv_rfind_char(path, ':');
    sv name = colon == SV_NOT_FOUND ? path : sv_sub(path, colon + 1, path.n);
    for (size_t i = 0; name.n != 0 && i + 1 < c->n; i++) {
        struct function fn = {0};
        if (!code_is(c, i, "fn") || !sv_eq(code_text(c, i + 1), name) || !code_function(c, i, &fn))
            continue;
        for (size_t k = fn.from; k < fn.to && k < c->n; k++)
            if (c->at[k].kind == TOKEN_STRING || c->at[k].kind == TOKEN_NUMBER || code_is(c, k, "true") || code_is(c, k, "false"))
                return code_value(c, k, k + 1);
    }
    return SV_NONE;
}

/* #[serde(WORD …)] among the attributes of [from, field). */
static bool serde_says(const struct code *c, size_t from, size_t field, const char *word)
{
    for (size_t i = from; i < field; i = code_behind(c, i)) {
        size_t close = code_is(c, i, "[") && code_is(c, i + 1, "serde") && code_is(c, i + 2, "(") ? c->at[i + 2].partner : 0;
        for (size_t k = i + 3; k < close && k < c->n; k = code_item_end(c, k, close) + 1)
            if (code_is(c, k, word))
                return true;
    }
    return false;
}

/* #[serde(default)] in front of the struct whose body opens at `open`: every field has one. */
static bool struct_has_default(const struct code *c, size_t open)
{
    size_t i = open >= 2 ? open - 2 : 0; /* `struct` */
    while (i > 0 && (code_is(c, i - 1, "pub") || (code_is(c, i - 1, ")") && c->at[i - 1].partner < i)))
        i = code_is(c, i - 1, "pub") ? i - 1 : c->at[i - 1].partner;
    size_t end = i;
    while (i > 1 && code_is(c, i - 1, "]") && c->at[i - 1].partner < i && c->at[i - 1].partner > 0)
        i = c->at[i - 1].partner - 1;
    return serde_says(c, i, end, "default");
}

/* What serde makes of a field: rename = "…", whether it has a default and, where it is written down, which. */
static sv serde_name(const struct code *c, size_t from, size_t field, bool *has_default, sv *fallback)
{
    sv name = code_text(c, field);
    for (size_t i = from; i < field; i = code_behind(c, i)) {
        if (!code_is(c, i, "[") || !code_is(c, i + 1, "serde") || !code_is(c, i + 2, "("))
            continue;
        size_t close = c->at[i + 2].partner, rename = code_keyword(c, i + 3, close, "rename", NULL);
        if (rename != SV_NOT_FOUND && code_string(c, rename).p != NULL)
            name = code_string(c, rename);
        for (size_t k = i + 3; k < close && k < c->n; k = code_item_end(c, k, close) + 1)
            *has_default = *has_default || code_is(c, k, "default");
        size_t path = code_keyword(c, i + 3, close, "default", NULL);
        if (path != SV_NOT_FOUND && code_string(c, path).p != NULL)
            *fallback = default_of(c, code_string(c, path));
    }
    return name;
}

/* Worth looking for in the repository. */
static bool is_own_type(sv type)
{
    return type.n > 1 && type.p[0] >= 'A' && type.p[0] <= 'Z' &&
           !SV_IN(type, SV("Option"), SV("String"), SV("PathBuf"), SV("HashMap"), SV("BTreeMap"), SV("Duration"), SV("SocketAddr"),
                  SV("IpAddr"), SV("Cow"), SV("Arc"), SV("Box"));
}

static void add_struct(struct reading *p, const struct code *c, const struct source_of *s, sv prefix, sv type, int depth)
{
    const struct code *x = c;
    size_t open = find_struct(p, &x, type), close = open == SV_NOT_FOUND ? 0 : x->at[open].partner;
    if (open == SV_NOT_FOUND || close >= x->n || depth > 2)
        return;
    struct arena *a = p->facts->arena;
    size_t rows = p->facts->env_reads.n;
    bool all_default = struct_has_default(x, open);
    for (size_t i = open + 1, end; i < close && p->facts->env_reads.n - rows < LIMIT_HITS_PER_RULE_FILE; i = end + 1) {
        end = code_item_end(x, i, close);
        size_t field = field_behind(x, i);
        if (field == SV_NOT_FOUND || field >= end)
            continue;
        if (serde_says(x, i, field, "skip") || serde_says(x, i, field, "skip_deserializing"))
            continue;
        if (serde_says(x, i, field, "flatten")) {
            add_struct(p, x, s, prefix, code_text(x, field + 2), depth + 1);
            continue;
        }
        /* With the separator "_" the variable A_B is a.b, and no field a_b is ever filled. */
        if (s->separator.n != 0 && sv_has(code_text(x, field), s->separator))
            continue;
        bool has_default = all_default;
        sv fallback = SV_NONE, name = sv_upper(a, sv_concat(a, prefix, serde_name(x, i, field, &has_default, &fallback)));
        size_t before = p->facts->env_reads.n;
        if (s->separator.n != 0 && is_own_type(code_text(x, field + 2)))
            add_struct(p, x, s, sv_concat(a, name, s->separator), code_text(x, field + 2), depth + 1);
        if (p->facts->env_reads.n > before)
            continue;
        struct env_read *r = reads_add(x, name, field, field, s->idiom);
        r->field = code_text(x, field);
        r->has_fallback = has_default;
        r->fallback = fallback;
        r->required = !has_default && !code_is(x, field + 2, "Option");
        r->any_case = true; /* all three lower the names they find */
    }
}

/* The type in `::<T>` behind `i`, or of the variable on the left, `let c: T = …`, or what the
 * function returns: `-> Result<T, …>`. */
static sv type_near(const struct code *c, size_t i)
{
    for (size_t k = i; k < c->n && k < i + 60; k++) {
        if (code_is(c, k, ";"))
            break;
        bool fills = code_is(c, k, "from_env") || code_is(c, k, "extract") || code_is(c, k, "try_deserialize") || code_is(c, k, "try_into");
        if (fills && code_is(c, k + 1, ":") && code_is(c, k + 3, "<") && code_is_word(c, k + 4))
            return code_text(c, k + 4);
    }
    for (size_t k = i, steps = 0; k-- > 1 && steps < 120; steps++) {
        if (code_is(c, k, "let")) {
            size_t name = k + 1 + (code_is(c, k + 1, "mut") ? 1 : 0);
            if (code_is(c, name + 1, ":") && code_is_word(c, name + 2))
                return code_text(c, name + 2);
        }
        if (!code_is(c, k, "-") || !code_is(c, k + 1, ">"))
            continue;
        size_t type = k + 2;
        if (code_is(c, type, "Result") || code_is(c, type, "Option"))
            type += 2;
        size_t behind;
        code_chain(c, type, &behind);
        if (code_is(c, behind, "<") && code_is_word(c, behind + 1)) /* anyhow::Result<T> */
            return code_text(c, behind + 1);
        return code_is_word(c, type) ? code_text(c, type) : SV_NONE;
    }
    return SV_NONE;
}

/* `Self` is the type of the impl block around. */
static sv self_type(const struct code *c, size_t i)
{
    for (size_t k = i; k-- > 0;)
        if (code_is(c, k, "impl") && code_first(c, k)) {
            size_t type = k + 1;
            for (size_t t = type; t < k + 12; t++)
                if (code_is(c, t, "for"))
                    type = t + 1;
            return code_text(c, type);
        }
    return SV_NONE;
}

static bool whole_source(const struct code *c, size_t i, struct source_of *s)
{
    size_t behind;
    sv chain = code_chain(c, i, &behind);
    s->prefix = SV("");
    s->separator = SV_NONE;
    if (sv_eq(chain, SV("envy.from_env"))) {
        s->idiom = "envy";
    } else if (sv_eq(chain, SV("envy.prefixed")) && code_is(c, behind, "(")) {
        s->idiom = "envy";
        s->prefix = code_string(c, behind + 1);
    } else if ((sv_ends(chain, SV("Env.prefixed")) || sv_ends(chain, SV("Env.raw"))) && code_is(c, behind, "(")) {
        s->idiom = "figment";
        if (code_string(c, behind + 1).p != NULL)
            s->prefix = code_string(c, behind + 1);
    } else if (sv_ends(chain, SV("Environment.with_prefix")) || sv_ends(chain, SV("Environment.default"))) {
        s->idiom = "config Environment";
        s->prefix = code_string(c, behind + 1).p == NULL ? SV("") : code_string(c, behind + 1);
    } else {
        return false;
    }
    sv behind_prefix = SV_NONE;
    for (size_t k = behind; k < c->n && k < behind + 30 && !code_is(c, k, ";"); k++) {
        if ((code_is(c, k, "separator") || code_is(c, k, "split")) && code_is(c, k + 1, "(") && code_string(c, k + 2).p != NULL)
            s->separator = code_string(c, k + 2);
        if (code_is(c, k, "prefix_separator") && code_string(c, k + 2).p != NULL)
            behind_prefix = code_string(c, k + 2);
    }
    /* Between prefix and key stands the separator, where one is set, else "_" (docs.rs/config, Environment::prefix_separator). */
    if (behind_prefix.p == NULL)
        behind_prefix = s->separator.p == NULL ? SV("_") : s->separator;
    if (s->prefix.n != 0 && sv_eq(sv_from(s->idiom), SV("config Environment")))
        s->prefix = sv_concat(c->facts->arena, s->prefix, behind_prefix);
    s->at = i;
    s->type = type_near(c, i);
    if (sv_eq(s->type, SV("Self")))
        s->type = self_type(c, i);
    return true;
}

/* for (k, v) in std::env::vars() { if k.starts_with("APP_") …: every variable of that prefix. */
static void vars_loop(struct reading *p, const struct code *c, size_t i)
{
    size_t behind;
    sv chain = code_chain(c, i, &behind);
    if (!sv_ends(chain, SV("env.vars")) || !code_is(c, behind, "("))
        return;
    for (size_t k = behind; k < c->n && k < behind + 60; k++) {
        if (!code_is(c, k, "starts_with") && !code_is(c, k, "strip_prefix"))
            continue;
        sv prefix = code_string(c, k + 2);
        if (sv_is_env_name(prefix))
            reads_add(c, sv_concat(p->facts->arena, prefix, SV("*")), i, k, "std::env::vars");
        return;
    }
}

/* Last words of the chains above: all others need no look at theirs. */
static bool may_end_source(const struct code *c, size_t i)
{
    switch (c->text[c->at[i].start]) {
    case 'f': return code_is(c, i, "from_env");
    case 'p': return code_is(c, i, "prefixed");
    case 'r': return code_is(c, i, "raw");
    case 'w': return code_is(c, i, "with_prefix");
    case 'd': return code_is(c, i, "default");
    case 'v': return code_is(c, i, "vars");
    default: return false;
    }
}

void reads_rust(struct reading *p, const struct code *c)
{
    clap_attributes(p, c);
    size_t wholes = 0;
    bool builder = code_mentions(c, "clap");
    bool looks = builder || code_mentions(c, "envy") || code_mentions(c, "Env") || code_mentions(c, "vars");
    for (size_t i = 0; i < c->n && looks; i++) {
        struct source_of s = {0};
        if (!code_is_word(c, i))
            continue;
        if (builder && code_is(c, i, "env"))
            clap_builder(p, c, i);
        if (!may_end_source(c, i))
            continue;
        size_t behind, from = code_chain_start(c, i);
        code_chain(c, from, &behind);
        if (!code_starts_chain(c, from) || behind != i + 1)
            continue;
        vars_loop(p, c, from);
        if (wholes >= 16 || !whole_source(c, from, &s))
            continue;
        wholes++;
        size_t before = p->facts->env_reads.n;
        add_struct(p, c, &s, s.prefix, s.type, 0);
        if (p->facts->env_reads.n == before && s.prefix.n != 0)
            reads_add(c, sv_upper(p->facts->arena, sv_concat(p->facts->arena, s.prefix, SV("*"))), from, from, s.idiom);
    }
}
