/* Reads whose name is not a literal on the same line: constants, loops over names, calls written
 * over several lines, and functions that only pass their argument on to the environment. */
#include <stdlib.h>

#include "base/limits.h"
#include "fact/reads.h"

enum {
    NAME_BYTES = 128,   /* longest name taken for a variable */
    WRAPPER_ATOMS = 400, /* longest body of a function that only passes a name on */
    WRAPPERS = 500,      /* such functions kept of one repository */
    SAME_NAME = 64,      /* constants of one name that are looked at */
    TYPE_ATOMS = 8,      /* longest type between a constant and its `=` */
    BEFORE_VALUE = TYPE_ATOMS + 2,
};

enum lang reads_family(enum lang l)
{
    switch (l) {
    case LANG_TYPESCRIPT: return LANG_JAVASCRIPT;
    case LANG_CPP: return LANG_C;
    case LANG_KOTLIN: return LANG_JAVA;
    default: return l;
    }
}

bool reads_is_name(sv name)
{
    return name.n <= NAME_BYTES && sv_is_ident(name) && !(name.n == 1 && name.p[0] == '_');
}

sv reads_spring_name(struct arena *a, sv key, bool legacy)
{
    if (!sv_has(key, SV(".")) && !sv_has(key, SV("-")))
        return key;
    char *p = arena_array(a, char, key.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < key.n; i++)
        if (key.p[i] != '-' || legacy)
            p[n++] = key.p[i] == '.' || key.p[i] == '-' ? '_' : key.p[i];
    return sv_upper(a, (sv){p, n});
}

struct env_read *reads_add(const struct code *c, sv name, size_t from, size_t to, const char *idiom)
{
    struct env_read *r = vec_new(c->facts->arena, &c->facts->env_reads, struct env_read);
    r->name = name;
    r->place = code_place(c, from, to);
    r->idiom = sv_from(idiom);
    r->scope = c->src->scope;
    r->kind = KIND_OTHER;
    return r;
}

/* What gives access to the environment, by language. */
static const struct {
    enum lang lang;
    sv chain;
    char open;
    const char *idiom;
} accesses[] = {
    {LANG_PYTHON, {"environ.get", 11}, '(', "os.environ.get"},
    {LANG_PYTHON, {"environ.setdefault", 18}, '(', "os.environ.setdefault"},
    {LANG_PYTHON, {"environ.pop", 11}, '(', "os.environ.pop"},
    {LANG_PYTHON, {"getenv", 6}, '(', "os.getenv"},
    {LANG_PYTHON, {"environ", 7}, '[', "os.environ[]"},
    {LANG_JAVASCRIPT, {"process.env", 11}, '[', "process.env"},
    {LANG_JAVASCRIPT, {"Bun.env", 7}, '[', "Bun.env"},
    {LANG_JAVASCRIPT, {"import.meta.env", 15}, '[', "import.meta.env"},
    {LANG_JAVASCRIPT, {"Deno.env.get", 12}, '(', "Deno.env.get"},
    {LANG_GO, {"os.Getenv", 9}, '(', "os.Getenv"},
    {LANG_GO, {"os.LookupEnv", 12}, '(', "os.LookupEnv"},
    {LANG_GO, {"syscall.Getenv", 14}, '(', "syscall.Getenv"},
    {LANG_RUST, {"env.var", 7}, '(', "std::env::var"},
    {LANG_RUST, {"env.var_os", 10}, '(', "std::env::var_os"},
    {LANG_RUST, {"dotenvy.var", 11}, '(', "dotenvy::var"},
    {LANG_RUST, {"dotenv.var", 10}, '(', "dotenv::var"},
    {LANG_JAVA, {"System.getenv", 13}, '(', "System.getenv"},
    {LANG_CSHARP, {"Environment.GetEnvironmentVariable", 34}, '(', "Environment.GetEnvironmentVariable"},
    {LANG_RUBY, {"ENV.fetch", 9}, '(', "ENV.fetch"},
    {LANG_RUBY, {"ENV", 3}, '[', "ENV[]"},
    {LANG_PHP, {"getenv", 6}, '(', "getenv"},
    {LANG_ELIXIR, {"System.get_env", 14}, '(', "System.get_env"},
    {LANG_ELIXIR, {"System.fetch_env!", 17}, '(', "System.fetch_env!"},
    {LANG_C, {"getenv", 6}, '(', "getenv"},
    {LANG_C, {"std.getenv", 10}, '(', "getenv"},
    {LANG_C, {"secure_getenv", 13}, '(', "getenv"},
};

/* `os.environ.get`, `environ.get` and `self.os.environ.get` end alike. */
static bool chain_ends(sv chain, sv tail)
{
    return sv_ends(chain, tail) && (chain.n == tail.n || chain.p[chain.n - tail.n - 1] == '.');
}

bool reads_is_foreign(const struct code *c, size_t i)
{
    size_t behind;
    sv chain = code_chain(c, i, &behind);
    size_t at = sv_find(chain, SV("environ"));
    if (at == SV_NOT_FOUND)
        at = sv_find(chain, SV("getenv"));
    if (reads_family(c->src->lang) == LANG_C)
        return at != 0 && at != SV_NOT_FOUND && !sv_starts(chain, SV("std.")) && !sv_starts(chain, SV("secure_"));
    if (c->src->lang != LANG_PYTHON || at == SV_NOT_FOUND)
        return false;
    if (at == 0) /* the environ of a WSGI request is called so, too */
        return !code_mentions(c, "from os import") && !code_mentions(c, "= os.environ");
    sv module = sv_sub(chain, 0, at - 1);
    return !sv_eq(module, SV("os")) && !source_has(c->src, sv_printf(c->facts->arena, "os as %.*s", SV_ARG(module)));
}

/* An access to the environment whose name stands in brackets: `os.environ.get (`, `process.env [`. */
static bool is_access(const struct code *c, size_t i, struct access *out)
{
    if (!code_starts_chain(c, i))
        return false;
    size_t behind;
    sv chain = code_chain(c, i, &behind);
    size_t bracket = behind;
    if (code_is(c, bracket, "?") && code_is(c, bracket + 1, ".")) /* env?.[name] */
        bracket += 2;
    if (!code_is(c, bracket, "(") && !code_is(c, bracket, "["))
        return false;
    enum lang family = reads_family(c->src->lang);
    for (size_t k = 0; k < sizeof accesses / sizeof accesses[0]; k++) {
        if (accesses[k].lang != family || code_text(c, bracket).p[0] != accesses[k].open)
            continue;
        if (!chain_ends(chain, accesses[k].chain) || reads_is_foreign(c, i))
            continue;
        *out = (struct access){i, bracket, accesses[k].idiom};
        return true;
    }
    return false;
}

/* The word is the last of one of the chains [from, to): most have another last byte. */
static bool ends_access(size_t from, size_t to, sv word)
{
    char last = word.p[word.n - 1];
    for (size_t k = from; k < to; k++)
        if (accesses[k].chain.p[accesses[k].chain.n - 1] == last && sv_ends(accesses[k].chain, word))
            return true;
    return false;
}

/* The accesses of a program, by where they begin: looked for once, and from their last word, for few words have a
 * bracket behind and most chains give no access. */
static const struct accesses *accesses_of(const struct code *c)
{
    if (c->accesses != NULL)
        return c->accesses;
    struct accesses *all = arena_new(c->facts->arena, struct accesses);
    enum lang family = reads_family(c->src->lang);
    size_t from = 0, to, rows = sizeof accesses / sizeof accesses[0]; /* those of one language stand together */
    while (from < rows && accesses[from].lang != family)
        from++;
    for (to = from; to < rows && accesses[to].lang == family;)
        to++;
    for (size_t k = from == to ? c->n_heads : 0; k < c->n_heads; k++) {
        struct access x;
        size_t i = c->heads[k];
        bool may = !code_is(c, i + 1, "<") && ends_access(from, to, code_text(c, i));
        if (may && is_access(c, code_chain_start(c, i), &x) && x.open > i)
            *vec_new(c->facts->arena, &all->list, struct access) = x;
    }
    ((struct code *)c)->accesses = all; /* only what is found out is written behind the const */
    return all;
}

/* ---- constants ---------------------------------------------------------------------------- */

static int constant_cmp(const void *x, const void *y)
{
    const struct constant *a = *(struct constant *const *)x, *b = *(struct constant *const *)y;
    int by_name = sv_cmp(a->name, b->name);
    if (by_name != 0)
        return by_name;
    int by_path = sv_cmp(a->src->path, b->src->path);
    return by_path != 0 ? by_path : sv_cmp(a->value, b->value);
}

/* The constant of this file, or the only value the repository gives that name. */
static const struct constant *find_constant(const struct reading *p, sv name, const struct code *c)
{
    size_t low = 0, high = p->constants.n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (sv_cmp(p->constants.at[middle]->name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    const struct constant *elsewhere = NULL;
    bool several = false;
    for (size_t i = low; i < p->constants.n && i < low + SAME_NAME && sv_eq(p->constants.at[i]->name, name); i++) {
        const struct constant *k = p->constants.at[i];
        if (k->lang != reads_family(c->src->lang))
            continue;
        if (k->src == c->src)
            return k;
        if (sv_eq(name, sv_lower(p->facts->arena, name)))
            continue; /* "name" and "key" mean another thing in every file */
        several = several || (elsewhere != NULL && !sv_eq(elsewhere->value, k->value));
        elsewhere = elsewhere == NULL ? k : elsewhere;
    }
    return several ? NULL : elsewhere;
}

/* The `=` behind the name at `i` and its type; another atom, or SV_NOT_FOUND, where none is. */
static size_t equals_behind(const struct code *c, size_t i)
{
    if (!code_is_word(c, i))
        return SV_NOT_FOUND;
    size_t at = i + 1;
    if (code_is(c, at, ":"))
        for (at++; at < i + TYPE_ATOMS && !code_is(c, at, "=") && !code_first(c, at < c->n ? at : i);)
            at++;
    return code_is(c, at, "string") ? at + 1 : at; /* Go: const X string = "…" */
}

/* NAME = "VALUE", const NAME: &str = "VALUE", NAME := "VALUE": only values that can be names. */
static void collect_constants(struct reading *p, const struct code *c)
{
    for (size_t value = 2; value < c->n; value++) {
        if (c->at[value].kind != TOKEN_STRING || !code_is(c, value - 1, "="))
            continue;
        sv name = code_string(c, value);
        if (!sv_is_env_name(name) || !reads_is_name(name) || name.n < 2)
            continue;
        for (size_t i = value < BEFORE_VALUE ? 0 : value - BEFORE_VALUE; i + 1 < value; i++)
            if (equals_behind(c, i) + 1 == value)
                *vec_new(p->facts->arena, &p->constants, struct constant) =
                    (struct constant){code_text(c, i), name, c->src, reads_family(c->src->lang)};
    }
}

void reads_collect_constants(struct reading *p)
{
    for (size_t i = 0; i < p->codes.n; i++)
        collect_constants(p, p->codes.at[i]);
    if (p->constants.n != 0)
        qsort(p->constants.at, p->constants.n, sizeof *p->constants.at, constant_cmp);
}

sv reads_literal(const struct reading *p, const struct code *c, size_t i)
{
    sv s = code_string(c, i);
    if (s.p != NULL)
        return reads_is_name(s) ? s : SV_NONE;
    if (!code_is_word(c, i))
        return SV_NONE;
    size_t behind;
    sv chain = code_chain(c, i, &behind);
    size_t dot = sv_rfind_char(chain, '.');
    const struct constant *k = find_constant(p, dot == SV_NOT_FOUND ? chain : sv_sub(chain, dot + 1, chain.n), c);
    return k == NULL ? SV_NONE : k->value;
}

/* ---- reads by access ------------------------------------------------------------------------ */

/* for X in ("A", "B"): …, ["A", "B"].forEach((X) => …: rows for the names that X runs over. */
static bool add_loop(const struct code *c, sv variable, size_t at, const char *idiom)
{
    bool found = false;
    for (size_t i = at; i-- > 0 && i + 200 > at;) {
        if (!code_is(c, i, "in") && !code_is(c, i, "of") && !code_is(c, i, "range"))
            continue;
        bool names_it = false;
        for (size_t k = i; k-- > 0 && k + 8 > i;)
            names_it = names_it || (code_is_word(c, k) && sv_eq(code_text(c, k), variable));
        size_t list = i + 1;
        while (list < i + 5 && !code_is(c, list, "(") && !code_is(c, list, "["))
            list++;
        if (code_is(c, list, "[") && code_is(c, list + 1, "]")) /* Go: []string{…} */
            list += 3;
        size_t close = list < c->n ? c->at[list].partner : c->n;
        if (!names_it || close <= list || close >= c->n)
            continue;
        for (size_t item = list + 1; item < close; item = code_item_end(c, item, close) + 1) {
            sv name = code_string(c, item);
            if (reads_is_name(name)) {
                reads_add(c, name, item, item, idiom);
                found = true;
            }
        }
        return found;
    }
    return found;
}

static bool same_line(const struct code *c, size_t i, size_t k)
{
    return line_at(&c->src->lines, code_start(c, i)) == line_at(&c->src->lines, code_start(c, k));
}

/* `X[…] = v` sets the variable. */
static bool is_set(const struct code *c, size_t close)
{
    return code_is(c, close, "]") && code_is(c, close + 1, "=") && !code_is(c, close + 2, "=") &&
           !code_is(c, close + 2, "~");
}

void reads_by_access(struct reading *p, const struct code *c)
{
    const struct accesses *all = accesses_of(c);
    for (size_t k = 0; k < all->list.n; k++) {
        size_t i = all->list.at[k]->from, open = all->list.at[k]->open;
        const char *idiom = all->list.at[k]->idiom;
        size_t close = c->at[open].partner, arg = open + 1;
        if (close >= c->n || close <= arg || is_set(c, close))
            continue;
        if (i > 0 && (code_is(c, i - 1, "del") || code_is(c, i - 1, "delete")))
            continue;
        if (reads_family(c->src->lang) == LANG_RUST && code_is(c, arg, "&"))
            arg++;
        if (code_string(c, arg).p != NULL && same_line(c, i, arg))
            continue; /* the patterns of env-reads.yaml see it */
        sv name = reads_literal(p, c, arg);
        if (name.p == NULL) {
            if (code_is_word(c, arg) && code_item_end(c, arg, close) == arg + 1)
                add_loop(c, code_text(c, arg), i, idiom);
            continue;
        }
        struct env_read *r = reads_add(c, name, i, close, idiom);
        size_t comma = code_item_end(c, arg, close);
        if (comma < close) {
            r->fallback = code_value(c, comma + 1, code_item_end(c, comma + 1, close));
            r->has_fallback = r->fallback.p != NULL;
        }
        r->required = code_text(c, open).p[0] == '[' && c->src->lang == LANG_PYTHON;
        reads_complete(c, r, i, close);
    }
}

/* ---- the environment as an argument ------------------------------------------------------------- */

static bool is_handed(const struct reading *p, struct handed h)
{
    for (size_t i = 0; i < p->handed.n; i++)
        if (p->handed.at[i]->lang == h.lang && p->handed.at[i]->argument == h.argument && sv_eq(p->handed.at[i]->name, h.name))
            return true;
    return false;
}

static bool is_whole_environment(const struct code *c, size_t from, size_t to)
{
    size_t behind;
    if (code_is(c, from + 1, ",") || code_is(c, from + 1, ")")) /* one atom, as most arguments are */
        return false;
    sv chain = code_chain(c, from, &behind);
    if (behind != to && !code_is(c, behind, "as"))
        return false;
    return c->src->lang == LANG_PYTHON ? sv_eq(chain, SV("os.environ")) : SV_IN(chain, SV("process.env"), SV("Bun.env"), SV("import.meta.env"));
}

void reads_collect_handed(struct reading *p)
{
    for (size_t k = 0; k < p->codes.n; k++) {
        const struct code *c = p->codes.at[k];
        enum lang family = reads_family(c->src->lang);
        if ((family != LANG_JAVASCRIPT && family != LANG_PYTHON) || c->src->scope == SCOPE_TEST || !code_mentions(c, "env"))
            continue;
        for (size_t head = 0; head < c->n_heads && p->handed.n < WRAPPERS; head++) {
            size_t i = c->heads[head], close = code_is(c, i + 1, "(") ? c->at[i + 1].partner : 0, argument = 0;
            for (size_t at = i + 2, end; at < close && close < c->n; at = end + 1, argument++) {
                end = code_item_end(c, at, close);
                struct handed h = {code_text(c, i), argument, family};
                if (is_whole_environment(c, at, end) && h.name.n >= 4 && !is_handed(p, h))
                    *vec_new(p->facts->arena, &p->handed, struct handed) = h;
            }
        }
    }
}

bool reads_may_be_handed(const struct reading *p, const struct source *s)
{
    for (size_t k = 0; k < p->handed.n; k++)
        if (p->handed.at[k]->lang == reads_family(s->lang) && source_has(s, p->handed.at[k]->name))
            return true;
    return false;
}

sv reads_handed(const struct reading *p, const struct code *c, size_t i)
{
    struct function fn = {0};
    bool named = false;
    for (size_t k = 0; k < p->handed.n && !named; k++) /* the name stands here, or behind `function`, `def` */
        named = p->handed.at[k]->lang == reads_family(c->src->lang) &&
                (sv_eq(p->handed.at[k]->name, code_text(c, i)) || sv_eq(p->handed.at[k]->name, code_text(c, i + 1)));
    if (!named || !code_is_word(c, i) || !code_function(c, i, &fn))
        return SV_NONE;
    for (size_t k = 0; k < p->handed.n; k++) {
        const struct handed *h = p->handed.at[k];
        if (!sv_eq(h->name, fn.name) || h->lang != reads_family(c->src->lang))
            continue;
        size_t at = fn.open + 1;
        at += code_is(c, at, "self") && code_is(c, at + 1, ",") ? 2 : 0;
        for (size_t skip = h->argument; skip > 0 && at < fn.close; skip--)
            at = code_item_end(c, at, fn.close) + 1;
        if (at < fn.close && code_is_word(c, at))
            return code_text(c, at);
    }
    return SV_NONE;
}

/* ---- wrappers --------------------------------------------------------------------------------- */

static unsigned shape_of(sv name) { return ((unsigned char)name.p[0] + 5 * (unsigned)name.n) & 63; }

/* That of this file, or the last one found. */
static const struct wrapper *find_wrapper(const struct reading *p, const struct code *c, sv name)
{
    const struct wrapper *elsewhere = NULL;
    if ((p->wrapper_shapes >> shape_of(name) & 1) == 0)
        return NULL;
    for (const struct wrapper *w = p->wrapper_named[sv_hash(name) % WRAPPER_BUCKETS]; w != NULL; w = w->next) {
        if (w->lang != reads_family(c->src->lang) || !sv_eq(w->name, name))
            continue;
        if (w->src == c->src)
            return w;
        elsewhere = elsewhere == NULL ? w : elsewhere;
    }
    return elsewhere;
}

/* Which parameter is called `name`: SV_NOT_FOUND where none is. `self` does not count. */
static size_t parameter_index(const struct code *c, const struct function *fn, sv name)
{
    size_t index = 0;
    for (size_t i = fn->open + 1, end; i < fn->close; i = end + 1) {
        end = code_item_end(c, i, fn->close);
        if (code_is(c, i, "self") || code_is(c, i, "cls") || (code_is(c, i, "&") && code_is(c, i + 1, "self")))
            continue;
        bool here = false, past_name = false;
        for (size_t k = i; k < end && !past_name; k++) {
            if (code_is_word(c, k) && sv_eq(sv_trim_char(code_text(c, k), '$'), sv_trim_char(name, '$')))
                here = true;
            past_name = code_is(c, k, ":") || code_is(c, k, "=");
        }
        if (here)
            return index;
        index++;
    }
    return SV_NOT_FOUND;
}

static size_t fallback_index(const struct code *c, const struct function *fn, size_t name_at)
{
    static const char *const names[] = {"default", "fallback", "def", "defaultValue", "default_value", "dflt", "defaultVal", "d"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t at = parameter_index(c, fn, sv_from(names[i]));
        if (at != SV_NOT_FOUND && at != name_at)
            return at;
    }
    return SV_NOT_FOUND;
}

/* The next access or call: where it begins. */
static size_t earlier(const struct code *c, const struct accesses *all, size_t access, size_t head)
{
    size_t by_access = access < all->list.n ? all->list.at[access]->from : SV_NOT_FOUND;
    size_t by_head = head < c->n_heads ? c->heads[head] : SV_NOT_FOUND;
    return by_access < by_head ? by_access : by_head;
}

/* The parameter that the body hands to the environment, or to a wrapper found earlier; `not_this` is
 * passed over. */
static size_t passed_parameter(const struct reading *p, const struct code *c, const struct function *fn, size_t not_this)
{
    if (fn->to - fn->from > WRAPPER_ATOMS)
        return SV_NOT_FOUND;
    const struct accesses *all = accesses_of(c);
    size_t next = 0, head = p->wrappers.n == 0 ? c->n_heads : code_head(c, fn->from), open;
    while (next < all->list.n && all->list.at[next]->from < fn->from)
        next++;
    for (size_t i; (i = earlier(c, all, next, head)) < fn->to;) {
        const struct access *access = next < all->list.n && all->list.at[next]->from == i ? all->list.at[next] : NULL;
        while (next < all->list.n && all->list.at[next]->from == i)
            next++;
        if (head < c->n_heads && c->heads[head] == i)
            head++;
        if (access != NULL) {
            open = access->open;
        } else {
            const struct wrapper *w = code_is(c, i + 1, "(") ? find_wrapper(p, c, code_text(c, i)) : NULL;
            if (w == NULL || w->name_at != 0 || sv_eq(fn->name, w->name))
                continue;
            open = i + 1;
        }
        size_t arg = open + 1;
        while (code_is(c, arg, "&") || code_is(c, arg, "*"))
            arg++;
        if (!code_is_word(c, arg))
            continue;
        size_t at = parameter_index(c, fn, code_text(c, arg));
        if (at != SV_NOT_FOUND && at != not_this)
            return at;
    }
    return SV_NOT_FOUND;
}

static bool has_word(const struct code *c, const struct function *fn, const char *word)
{
    for (size_t i = fn->from; i < fn->to && i < c->n; i++)
        if (code_is(c, i, word))
            return true;
    return false;
}

static bool gives_up(const struct code *c, size_t from, size_t to);

static bool calls_wrapper(const struct reading *p, const struct code *c)
{
    for (size_t k = 0; k < c->n_heads && p->wrappers.n != 0; k++)
        if (code_is(c, c->heads[k] + 1, "(") && find_wrapper(p, c, code_text(c, c->heads[k])) != NULL)
            return true;
    return false;
}

static void collect_wrappers(struct reading *p, const struct code *c)
{
    if (accesses_of(c)->list.n == 0 && !calls_wrapper(p, c))
        return;
    const struct functions *fns = code_functions(c);
    for (size_t i = 0; i < fns->all.n && p->wrappers.n < WRAPPERS; i++) {
        const struct function *fn = fns->all.at[i];
        size_t at = passed_parameter(p, c, fn, SV_NOT_FOUND);
        const struct wrapper *known = find_wrapper(p, c, fn->name);
        if (at == SV_NOT_FOUND || (known != NULL && known->src == c->src))
            continue;
        struct wrapper *w = vec_new(p->facts->arena, &p->wrappers, struct wrapper);
        const struct wrapper **named = &p->wrapper_named[sv_hash(fn->name) % WRAPPER_BUCKETS];
        *w = (struct wrapper){fn->name, reads_family(c->src->lang), c->src, at, passed_parameter(p, c, fn, at),
                              fallback_index(c, fn, at),
                              gives_up(c, fn->from, fn->to) || has_word(c, fn, "expect"), *named};
        *named = w;
        p->wrapper_shapes |= (uint64_t)1 << shape_of(fn->name);
    }
}

bool reads_collect_wrappers(struct reading *p, size_t from)
{
    size_t before = p->wrappers.n;
    for (int round = 0; round < 3; round++) { /* a wrapper of a wrapper of a wrapper */
        size_t known = p->wrappers.n;
        for (size_t i = from; i < p->codes.n; i++)
            collect_wrappers(p, p->codes.at[i]);
        if (p->wrappers.n == known)
            break;
    }
    return p->wrappers.n > before;
}

static bool defines(const struct code *c, sv name)
{
    const struct functions *fns = code_functions(c);
    for (size_t i = 0; i < fns->all.n; i++)
        if (sv_eq(fns->all.at[i]->name, name))
            return true;
    return false;
}

/* Index of the argument number `k` of the list that opens at `open`, or SV_NOT_FOUND. */
static size_t argument(const struct code *c, size_t open, size_t k)
{
    size_t close = c->at[open].partner, i = open + 1;
    if (close > c->n)
        close = c->n;
    for (; k != 0 && i < close; k--)
        i = code_item_end(c, i, close) + 1;
    return i < close ? i : SV_NOT_FOUND;
}

static void add_wrapped(struct reading *p, const struct code *c, const struct wrapper *w, size_t name_at, size_t i, size_t open)
{
    size_t at = argument(c, open, name_at), close = c->at[open].partner;
    if (at == SV_NOT_FOUND || close >= c->n)
        return;
    sv name = reads_literal(p, c, at);
    /* Elsewhere a function of that name may be another one: only what looks like a variable counts. */
    if (name.p == NULL || (w->src != c->src && (!sv_is_env_name(name) || defines(c, w->name))))
        return;
    struct env_read *r = reads_add(c, name, i, close, "wrapper");
    r->idiom = sv_printf(p->facts->arena, "%.*s()", SV_ARG(w->name));
    size_t end = close;
    size_t fallback = code_keyword(c, open + 1, close, "default", &end);
    if (fallback == SV_NOT_FOUND && w->fallback_at != SV_NOT_FOUND) {
        fallback = argument(c, open, w->fallback_at);
        end = fallback == SV_NOT_FOUND ? close : code_item_end(c, fallback, close);
    }
    r->required = w->required;
    if (fallback != SV_NOT_FOUND) {
        r->fallback = code_value(c, fallback, end);
        r->has_fallback = true;
        r->required = false;
    }
    reads_complete(c, r, i, close);
}

static bool is_definition(const struct code *c, size_t i)
{
    return i > 0 && SV_IN(code_text(c, i - 1), SV("fn"), SV("def"), SV("defp"), SV("func"), SV("fun"), SV("function"));
}

void reads_by_wrapper(struct reading *p, const struct code *c)
{
    if (p->wrappers.n == 0)
        return;
    size_t rows = c->facts->env_reads.n;
    for (size_t k = 0; k < c->n_heads && c->facts->env_reads.n - rows < LIMIT_HITS_PER_RULE_FILE; k++) {
        size_t last = c->heads[k], behind = last + 1, chain_end;
        if (!code_is(c, behind, "(") && !code_is(c, behind, "<"))
            continue;
        const struct wrapper *w = find_wrapper(p, c, code_text(c, last));
        if (w == NULL)
            continue;
        while (!code_is(c, behind, "(") && behind < c->n && behind < last + 13) /* getEnv<string>("X") */
            behind++;
        size_t i = code_chain_start(c, last);
        code_chain(c, i, &chain_end);
        if (!code_is(c, behind, "(") || !code_starts_chain(c, i) || chain_end != last + 1 || is_definition(c, i))
            continue;
        add_wrapped(p, c, w, w->name_at, i, behind);
        if (w->other_at != SV_NOT_FOUND)
            add_wrapped(p, c, w, w->other_at, i, behind);
    }
}

/* ---- what stands around ----------------------------------------------------------------------- */

/* `|| "d"`, `?? "d"`, `or "d"`, `?: "d"` behind the expression, also after `.trim()` and `?.toInt()`, and `||= "d"`. */
static size_t alternative(const struct code *c, size_t i)
{
    for (int steps = 0; steps < 4; steps++) {
        size_t method = code_is(c, i, "?") ? i + 1 : i;
        if (!code_is(c, method, ".") || !code_is_word(c, method + 1) || !code_is(c, method + 2, "("))
            break;
        i = code_behind(c, method + 2);
    }
    if ((code_is(c, i, "|") && code_is(c, i + 1, "|")) || (code_is(c, i, "?") && code_is(c, i + 1, "?")) ||
        (code_is(c, i, "?") && code_is(c, i + 1, ":")))
        return code_is(c, i + 2, "=") && !code_is(c, i + 3, "=") ? i + 3 : i + 2;
    return code_is(c, i, "or") ? i + 1 : SV_NOT_FOUND;
}

/* The range gives up: the program does not go on. */
static bool gives_up(const struct code *c, size_t from, size_t to)
{
    for (size_t i = from; i < to && i < c->n; i++)
        if (code_is_word(c, i) && SV_IN(code_text(c, i), SV("throw"), SV("raise"), SV("panic"), SV("exit"), SV("Exit"), SV("Fatal"), SV("Fatalf"),
                                        SV("Fatalln"), SV("fatalError"), SV("abort"), SV("die"), SV("bail"), SV("Errorf"), SV("unreachable"),
                                        SV("preconditionFailure")))
            return true;
    return false;
}

/* Rust: .unwrap_or("d".into()), .unwrap_or_else(|_| "d".to_string()), .unwrap_or_default(). */
static bool rust_alternative(const struct code *c, struct env_read *r, size_t i)
{
    for (int steps = 0; steps < 6 && code_is(c, i, "."); steps++, i = code_behind(c, i + 2)) {
        if (code_is(c, i + 1, "unwrap_or_default")) {
            r->has_fallback = true;
            r->fallback = SV("");
            return true;
        }
        bool or_else = code_is(c, i + 1, "unwrap_or_else") || code_is(c, i + 1, "map_or_else");
        if (!or_else && !code_is(c, i + 1, "unwrap_or") && !code_is(c, i + 1, "map_or")) {
            if (code_is(c, i + 1, "expect") || code_is(c, i + 1, "unwrap"))
                r->required = true;
            continue;
        }
        size_t close = code_behind(c, i + 2) - 1;
        if (gives_up(c, i + 3, close)) {
            r->required = true;
            return true;
        }
        for (size_t k = i + 3; k < close; k++)
            if (c->at[k].kind == TOKEN_STRING || c->at[k].kind == TOKEN_NUMBER) {
                r->fallback = code_value(c, k, k + 1);
                r->has_fallback = true;
                return true;
            }
        r->has_fallback = true;
        r->fallback = code_value(c, i + 3, close);
        return true;
    }
    if (code_is(c, i, "?"))
        r->required = true;
    return false;
}

/* Conversions, calls and alternatives through which a value still reaches the name on the left. */
static bool passes_on(const struct code *c, size_t i)
{
    return code_is(c, i, "(") || code_is(c, i, "!") || code_is(c, i, ".") || code_is(c, i, "|") || code_is(c, i, "?") ||
           (code_is_word(c, i) && !code_is(c, i, "return"));
}

/* Going left from `from`: the `=` or `:` that stores the value, or SV_NOT_FOUND. */
static size_t storing(const struct code *c, size_t from)
{
    for (size_t i = from; i > 0 && from - i < 24;) {
        bool line_begins = code_first(c, i);
        i--;
        if (line_begins && c->at[i].kind != TOKEN_PUNCT)
            return SV_NOT_FOUND; /* another statement */
        if (line_begins && c->at[i].partner < i)
            return SV_NOT_FOUND;
        if (c->at[i].partner < i) /* an earlier call: f(a) or … */
            i = c->at[i].partner;
        if (code_is(c, i, "=") || code_is(c, i, ":"))
            return i;
        if (!passes_on(c, i) && !code_is(c, i, "["))
            return SV_NOT_FOUND;
    }
    return SV_NOT_FOUND;
}

static sv assigned_name(const struct code *c, size_t equals)
{
    size_t i = equals;
    while (i > 0 && (code_is(c, i - 1, ":") || code_is(c, i - 1, "|") || code_is(c, i - 1, "?")))
        i--;
    if (i == 0 || code_is(c, i - 1, "=") || code_is(c, i - 1, "!"))
        return SV_NONE;
    size_t name = i - 1;
    /* a type between the name and `=`: x: str = …, let x: Option<String> = … */
    for (size_t k = name; k > 1 && name - k < 8 && same_line(c, k, i); k--)
        if (code_is(c, k - 1, ":") && same_line(c, k - 1, i) && code_is_word(c, k - 2) && !code_is(c, k, ":")) {
            name = k - 2;
            break;
        }
    while (c->src->lang == LANG_GO && name >= 2 && code_is(c, name - 1, ",") && code_is_word(c, name - 2))
        name -= 2; /* v, ok := … */
    return code_is_word(c, name) ? code_text(c, name) : SV_NONE;
}

/* The name on the left: `x = …`, `self.x = …`, `x: …` in an object, `let x: T = …`, `x := …`. */
static sv stored_in(const struct code *c, size_t from)
{
    size_t i = storing(c, from);
    if (i == SV_NOT_FOUND || i == 0)
        return SV_NONE;
    if (code_is(c, i, "="))
        return assigned_name(c, i);
    sv key = code_string(c, i - 1);
    return code_is_word(c, i - 1) ? code_text(c, i - 1) : key.p != NULL && sv_is_ident(key) ? key : SV_NONE;
}

static bool is_literal(const struct code *c, size_t i)
{
    return i < c->n && (c->at[i].kind == TOKEN_STRING || c->at[i].kind == TOKEN_NUMBER ||
                        (code_is_word(c, i) && SV_IN(code_text(c, i), SV("true"), SV("false"), SV("None"), SV("True"), SV("False"), SV("null"))));
}

static void take_default(const struct code *c, struct env_read *r, size_t from, size_t to)
{
    r->fallback = code_value(c, from, to);
    r->has_fallback = r->fallback.p != NULL;
    r->required = r->required && !r->has_fallback;
}

/* A function around the expression that supplies the default, or insists: cmp.Or (Go), Objects.requireNonNullElse and
 * Optional.ofNullable(…).orElse (Java). */
static void by_function_around(const struct code *c, struct env_read *r, size_t from, size_t to)
{
    if (from < 2 || !code_is(c, from - 1, "("))
        return;
    size_t close = c->at[from - 1].partner, second = code_item_end(c, to, close) + 1;
    bool either = code_is(c, from - 2, "Or") || code_is(c, from - 2, "requireNonNullElse");
    if (either && second < close)
        take_default(c, r, second, code_item_end(c, second, close));
    r->required = r->required || code_is(c, from - 2, "requireNonNull");
    if (!code_is(c, from - 2, "ofNullable"))
        return;
    size_t i = close + 1;
    for (int steps = 0; steps < 6 && code_is(c, i, ".") && code_is(c, i + 2, "("); steps++, i = code_behind(c, i + 2)) {
        r->required = r->required || code_is(c, i + 1, "orElseThrow");
        if (code_is(c, i + 1, "orElse"))
            take_default(c, r, i + 3, c->at[i + 2].partner);
    }
}

/* `!x`, `not x`, `x == ""`, `x is None`, `!ok`: the condition [from, to) holds when there is no value. */
static bool asks_for_absence(const struct code *c, size_t from, size_t to, sv field)
{
    bool named = false, absent = false;
    for (size_t i = from; i < to; i++) {
        named = named || (code_is_word(c, i) && (sv_eq(code_text(c, i), field) || SV_IN(code_text(c, i), SV("ok"), SV("found"), SV("exists"))));
        bool empty = code_string(c, i).p != NULL && code_string(c, i).n == 0;
        absent = absent || empty || (code_is(c, i, "!") && !code_is(c, i + 1, "=")) ||
                 (code_is_word(c, i) && SV_IN(code_text(c, i), SV("not"), SV("None"), SV("nil"), SV("null"), SV("undefined"), SV("unless")));
        if ((code_is(c, i, "!") && code_is(c, i + 1, "=")) || (code_is(c, i, "is") && code_is(c, i + 1, "not")))
            return false;
    }
    return named && absent;
}

/* The statement behind: `if x == "" { x = "d" }` gives a default, `if not x: raise …` makes it needed. */
static void by_next_statement(const struct code *c, struct env_read *r, size_t to)
{
    size_t i = to + 1;
    while (i < c->n && i < to + 6 && !code_first(c, i) && !code_is(c, i, "{"))
        i++;
    if (!code_is(c, i, "if") || !code_first(c, i) || r->field.n == 0)
        return;
    size_t open = i + 1, from, end;
    bool python = c->src->lang == LANG_PYTHON;
    while (open < c->n && open < i + 16 && !code_is(c, open, python ? ":" : "{") && !(open > i + 1 && code_is(c, open - 1, ")")))
        open = code_behind(c, open);
    if (open >= c->n || open >= i + 16 || !asks_for_absence(c, i, open, r->field))
        return;
    if (code_is(c, open, "{")) {
        from = open + 1, end = c->at[open].partner;
    } else if (python) {
        from = open + 1, end = code_indent_end(c, i);
    } else {
        from = open, end = from + 1; /* one statement without braces */
        while (end < c->n && !code_first(c, end) && !code_is(c, end, ";"))
            end = code_behind(c, end);
    }
    if (sv_eq(code_text(c, from), r->field) && code_is(c, from + 1, "=") && is_literal(c, from + 2))
        take_default(c, r, from + 2, from + 3);
    else if (gives_up(c, from, end < from + 60 ? end : from + 60))
        r->required = true;
}

void reads_complete(const struct code *c, struct env_read *r, size_t from, size_t to)
{
    if (r->field.p == NULL)
        r->field = stored_in(c, from);
    if (r->has_fallback)
        return;
    size_t i = to + 1;
    if (c->src->lang == LANG_RUST && rust_alternative(c, r, i))
        return;
    size_t other = alternative(c, i);
    while (code_is(c, i, ")") && other == SV_NOT_FOUND) /* (process.env.X) ?? "d" */
        other = alternative(c, ++i);
    if (c->src->lang == LANG_SWIFT && code_is(c, to + 1, "else") && code_is(c, to + 2, "{")) /* guard let … else */
        r->required = gives_up(c, to + 3, c->at[to + 2].partner);
    if (other == SV_NOT_FOUND || other >= c->n) {
        by_function_around(c, r, from, to);
        if (!r->has_fallback)
            by_next_statement(c, r, to);
        return;
    }
    r->required = false;
    size_t end = code_is(c, other, "(") ? code_behind(c, other) : other + 1;
    if (is_literal(c, other))
        take_default(c, r, other, other + 1);
    else if (gives_up(c, other, end) || (code_is(c, other, "error") && code_is(c, other + 1, "(")))
        r->required = true;
}
