/* Python beyond os.environ: settings libraries, command lines, and names that stand for the environment. */
#include "fact/reads.h"

/* `env = Env()`, `config = Config(".env")`, `from decouple import config as cfg`: the names that
 * read a variable when called with its name. */
struct reader { sv name, prefix; const char *idiom; };
enum { READERS = 16 };
struct readers { struct reader at[READERS]; size_t n; };

static void add_reader(struct readers *r, sv name, sv prefix, const char *idiom)
{
    for (size_t i = 0; i < r->n; i++)
        if (sv_eq(r->at[i].name, name))
            return;
    if (r->n < READERS)
        r->at[r->n++] = (struct reader){name, prefix, idiom};
}

/* from MODULE import NAME [as ALIAS] */
static void imported(const struct code *c, size_t i, struct readers *r)
{
    if (!code_is(c, i, "from") || !c->at[i].first)
        return;
    size_t behind;
    sv module = code_chain(c, i + 1, &behind);
    for (size_t k = behind; k < c->n && k < behind + 40 && !c->at[k].first; k++) {
        bool config = sv_eq(module, SV("decouple")) && code_is(c, k, "config");
        if (!config)
            continue;
        add_reader(r, code_is(c, k + 1, "as") ? code_text(c, k + 2) : c->at[k].text, SV(""), "decouple");
    }
}

/* What makes a reader, and the library that must be named in the file. */
static const struct { const char *constructor, *library, *idiom; } constructors[] = {
    {"Env", "environs", "environs"},
    {"FileAwareEnv", "environ", "django-environ"},
    {"Env", "environ", "django-environ"},
    {"Config", "starlette.config", "starlette.config"},
    {"AutoConfig", "decouple", "decouple"},
    {"Config", "decouple", "decouple"},
};
enum { CONSTRUCTORS = sizeof constructors / sizeof constructors[0] };

/* NAME = Constructor(…) */
static void constructed(const struct code *c, size_t i, const bool *present, struct readers *r)
{
    if (!code_is(c, i + 1, "=") || !code_is_word(c, i))
        return;
    size_t behind;
    code_chain(c, i + 2, &behind);
    if (behind <= i + 2 || !code_is(c, behind, "("))
        return;
    for (size_t k = 0; k < CONSTRUCTORS; k++)
        if (present[k] && code_is(c, behind - 1, constructors[k].constructor)) {
            add_reader(r, c->at[i].text, SV(""), constructors[k].idiom);
            return;
        }
}

/* with env.prefixed("APP_"): holds for the indented block. */
static sv prefix_at(const struct code *c, size_t i, struct arena *a)
{
    sv prefix = SV("");
    size_t indent = code_indent(c, i);
    for (size_t k = i, steps = 0; k-- > 0 && steps < 400 && indent != 0; steps++) {
        if (!code_is(c, k, "with") || !c->at[k].first || code_indent(c, k) >= indent)
            continue;
        size_t behind;
        sv chain = code_chain(c, k + 1, &behind);
        indent = code_indent(c, k);
        if (sv_ends(chain, SV(".prefixed")) && code_string(c, behind + 1).p != NULL)
            prefix = sv_concat(a, code_string(c, behind + 1), prefix);
    }
    return prefix;
}

static void call_of_reader(struct reading *p, const struct code *c, const struct readers *r, size_t i)
{
    size_t behind;
    sv chain = code_chain(c, i, &behind);
    if (!code_is(c, behind, "(") || c->at[behind].partner >= c->n)
        return;
    size_t dot = sv_find_char(chain, '.');
    sv object = dot == SV_NOT_FOUND ? chain : sv_sub(chain, 0, dot);
    if (sv_eq(object, SV("self")) && dot != SV_NOT_FOUND) {
        chain = sv_sub(chain, dot + 1, chain.n);
        dot = sv_find_char(chain, '.');
        object = dot == SV_NOT_FOUND ? chain : sv_sub(chain, 0, dot);
    }
    for (size_t k = 0; k < r->n; k++) {
        if (!sv_eq(r->at[k].name, object))
            continue;
        size_t close = c->at[behind].partner;
        sv name = reads_literal(p, c, behind + 1);
        sv method = dot == SV_NOT_FOUND ? SV("") : sv_sub(chain, dot + 1, chain.n);
        if (name.p == NULL || SV_IN(method, SV("read_env"), SV("read_envfile"), SV("prefixed"), SV("parser_for")))
            return;
        sv prefix = prefix_at(c, i, p->facts->arena);
        struct env_read *row = reads_add(c, sv_concat(p->facts->arena, prefix, name), i, close, r->at[k].idiom);
        size_t end = close, value = code_keyword(c, behind + 1, close, "default", &end);
        size_t second = code_item_end(c, behind + 1, close) + 1;
        if (value == SV_NOT_FOUND && second < close && !code_is(c, second + 1, "=")) {
            value = second;
            end = code_item_end(c, second, close);
        }
        row->required = value == SV_NOT_FOUND;
        row->has_fallback = value != SV_NOT_FOUND;
        if (row->has_fallback)
            row->fallback = code_value(c, value, end);
        reads_complete(c, row, i, close);
        return;
    }
}

/* click, typer: envvar="X", envvar=["X", "Y"]. */
static void envvar_option(const struct code *c, size_t i)
{
    if (!code_is(c, i, "envvar") || !code_is(c, i + 1, "=") || code_is(c, i + 2, "="))
        return;
    size_t end = code_is(c, i + 2, "[") || code_is(c, i + 2, "(") ? c->at[i + 2].partner : i + 3;
    size_t open = i;
    while (open > 0 && i - open < 60 && !(code_is(c, open, "(") && c->at[open].partner > i))
        open--;
    for (size_t k = i + 2; k < end && k < c->n; k++) {
        sv name = code_string(c, k);
        if (!reads_is_name(name))
            continue;
        struct env_read *r = reads_add(c, name, k, k, "click/typer envvar");
        size_t close = c->at[open].partner, stop = close;
        size_t value = code_is(c, open, "(") ? code_keyword(c, open + 1, close, "default", &stop) : SV_NOT_FOUND;
        r->has_fallback = value != SV_NOT_FOUND;
        if (r->has_fallback)
            r->fallback = code_value(c, value, stop);
        r->required = code_is(c, open, "(") && code_keyword(c, open + 1, close, "required", &stop) != SV_NOT_FOUND;
    }
}

/* Dynaconf(envvar_prefix="APP"): settings.X is APP_X. */
static void dynaconf(struct reading *p, const struct code *c)
{
    if (!code_mentions(c, "dynaconf"))
        return;
    sv prefix = SV("DYNACONF"), object = SV("settings");
    for (size_t i = 0; i < c->n; i++) {
        if (!code_is(c, i, "Dynaconf") && !code_is(c, i, "LazySettings"))
            continue;
        if (!code_is(c, i + 1, "(") || c->at[i + 1].partner >= c->n)
            continue;
        size_t value = code_keyword(c, i + 2, c->at[i + 1].partner, "envvar_prefix", NULL);
        if (value != SV_NOT_FOUND)
            prefix = code_string(c, value); /* False: no prefix */
        if (i >= 2 && code_is(c, i - 1, "=") && code_is_word(c, i - 2))
            object = c->at[i - 2].text;
    }
    for (size_t i = 0; i < c->n; i++) {
        if (!code_starts_chain(c, i) || !sv_eq(c->at[i].text, object) || !code_is(c, i + 1, ".") || !code_is_word(c, i + 2))
            continue;
        sv field = c->at[i + 2].text;
        size_t last = i + 2;
        if (code_is(c, i + 2, "get") && code_is(c, i + 3, "(")) {
            field = code_string(c, i + 4);
            last = i + 4;
        } else if (code_is(c, i + 3, "(")) {
            continue;
        }
        if (!reads_is_name(field))
            continue;
        sv name = sv_upper(p->facts->arena, field);
        if (prefix.n != 0)
            name = sv_printf(p->facts->arena, "%.*s_%.*s", SV_ARG(prefix), SV_ARG(name));
        struct env_read *r = reads_add(c, name, i, last, "dynaconf");
        r->field = field;
    }
}

/* for k, v in os.environ.items(): if k.startswith("APP_"): every variable of that prefix. */
static void environ_loop(struct reading *p, const struct code *c, size_t i)
{
    size_t behind;
    sv chain = code_chain(c, i, &behind);
    if (!sv_ends(chain, SV("environ.items")) && !sv_ends(chain, SV("environ.keys")) && !sv_eq(chain, SV("os.environ")))
        return;
    if (i < 2 || !code_is(c, i - 1, "in"))
        return;
    for (size_t k = behind; k < c->n && k < behind + 40; k++) {
        if (!code_is(c, k, "startswith"))
            continue;
        sv prefix = code_string(c, k + 2);
        if (sv_is_ident(prefix))
            reads_add(c, sv_concat(p->facts->arena, prefix, SV("*")), i, k, "os.environ items");
        return;
    }
}

/* env = os.environ; from os import environ as env: env.get("X"), env["X"]. */
static void renamed_environ(const struct code *c, struct readers *objects, size_t i)
{
    if (code_is(c, i, "environ") && code_is(c, i + 1, "as") && code_is_word(c, i + 2))
        add_reader(objects, c->at[i + 2].text, SV(""), "os.environ");
    size_t behind;
    if (!code_is_word(c, i) || !code_is(c, i + 1, "=") || code_is(c, i + 2, "="))
        return;
    sv chain = code_chain(c, i + 2, &behind);
    bool whole = sv_eq(chain, SV("os.environ")) || sv_eq(chain, SV("environ"));
    if (whole && (behind >= c->n || c->at[behind].first))
        add_reader(objects, c->at[i].text, SV(""), "os.environ");
    if (code_is(c, behind, "(") && (sv_eq(chain, SV("dotenv_values")) || sv_eq(chain, SV("dotenv.dotenv_values")) || sv_eq(chain, SV("os.environ.copy"))))
        add_reader(objects, c->at[i].text, SV(""), "os.environ");
    /* {**dotenv_values(".env"), **os.environ} */
    for (size_t k = i + 3; code_is(c, i + 2, "{") && k + 2 < c->n && k < c->at[i + 2].partner; k++)
        if (code_is(c, k, "*") && code_is(c, k + 1, "*") && sv_eq(code_chain(c, k + 2, &behind), SV("os.environ"))) {
            add_reader(objects, c->at[i].text, SV(""), "os.environ");
            return;
        }
}

static void read_of_object(struct reading *p, const struct code *c, const struct readers *objects, size_t i)
{
    for (size_t k = 0; k < objects->n; k++) {
        if (!sv_eq(objects->at[k].name, c->at[i].text))
            continue;
        bool get = code_is(c, i + 1, ".") && (code_is(c, i + 2, "get") || code_is(c, i + 2, "pop") || code_is(c, i + 2, "setdefault"));
        size_t open = get ? i + 3 : i + 1;
        if (!code_is(c, open, get ? "(" : "[") || c->at[open].partner >= c->n)
            return;
        size_t close = c->at[open].partner;
        sv name = reads_literal(p, c, open + 1);
        if (name.p == NULL || (!get && code_is(c, close + 1, "=") && !code_is(c, close + 2, "=")))
            return;
        struct env_read *r = reads_add(c, name, i, close, "os.environ");
        size_t second = code_item_end(c, open + 1, close) + 1;
        r->has_fallback = second < close;
        if (r->has_fallback)
            r->fallback = code_value(c, second, close);
        r->required = !get;
        reads_complete(c, r, i, close);
    }
}

void reads_python(struct reading *p, const struct code *c)
{
    struct readers calls = {0}, objects = {0};
    bool present[CONSTRUCTORS];
    for (size_t k = 0; k < CONSTRUCTORS; k++)
        present[k] = code_mentions(c, constructors[k].library);
    for (size_t i = 0; i < c->n; i++) {
        imported(c, i, &calls);
        constructed(c, i, present, &calls);
        renamed_environ(c, &objects, i);
    }
    for (size_t i = 0; i < c->n; i++) {
        envvar_option(c, i);
        if (!code_starts_chain(c, i))
            continue;
        environ_loop(p, c, i);
        call_of_reader(p, c, &calls, i);
        read_of_object(p, c, &objects, i);
    }
    dynaconf(p, c);
}
