/* Python beyond os.environ: settings libraries, command lines, and names that stand for the environment. */
#include "fact/reads.h"

/* `env = Env()`, `config = Config(".env")`, `from decouple import config as cfg`: the names that
 * read a variable when called with its name. */
struct reader { sv name; size_t made; const char *idiom; }; /* `made`: bracket of its constructor, or SV_NOT_FOUND */
enum { READERS = 16 };
struct readers { struct reader at[READERS]; size_t n; };

static void add_reader(struct readers *r, sv name, size_t made, const char *idiom)
{
    for (size_t i = 0; i < r->n; i++)
        if (sv_eq(r->at[i].name, name))
            return;
    if (r->n < READERS)
        r->at[r->n++] = (struct reader){name, made, idiom};
}

/* from MODULE import NAME [as ALIAS] */
static void imported(const struct code *c, size_t i, struct readers *r)
{
    if (!code_is(c, i, "from") || !code_first(c, i))
        return;
    size_t behind;
    sv module = code_chain(c, i + 1, &behind);
    for (size_t k = behind; k < c->n && k < behind + 40 && !code_first(c, k); k++) {
        bool decouple = sv_eq(module, SV("decouple")) && code_is(c, k, "config");
        if (!decouple && !(sv_eq(module, SV("environs")) && code_is(c, k, "env")))
            continue;
        add_reader(r, code_is(c, k + 1, "as") ? code_text(c, k + 2) : code_text(c, k), SV_NOT_FOUND, decouple ? "decouple" : "environs");
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
    size_t behind;
    code_chain(c, i + 2, &behind);
    if (behind <= i + 2 || !code_is(c, behind, "("))
        return;
    for (size_t k = 0; k < CONSTRUCTORS; k++)
        if (present[k] && code_is(c, behind - 1, constructors[k].constructor)) {
            add_reader(r, code_text(c, i), behind, constructors[k].idiom);
            return;
        }
}

/* with env.prefixed("APP_"): holds for the indented block. */
static sv prefix_at(const struct code *c, size_t i, struct arena *a)
{
    sv prefix = SV("");
    size_t indent = code_indent(c, i);
    for (size_t k = i, steps = 0; k-- > 0 && steps < 400 && indent != 0; steps++) {
        if (!code_is(c, k, "with") || !code_first(c, k) || code_indent(c, k) >= indent)
            continue;
        size_t behind;
        sv chain = code_chain(c, k + 1, &behind);
        indent = code_indent(c, k);
        if (sv_ends(chain, SV(".prefixed")) && code_string(c, behind + 1).p != NULL)
            prefix = sv_concat(a, code_string(c, behind + 1), prefix);
    }
    return prefix;
}

/* environ.Env(DEBUG=(bool, False)): the default that the constructor states for a name. */
static bool default_in_scheme(const struct code *c, size_t made, sv name, sv *out)
{
    if (made == SV_NOT_FOUND || name.p == NULL)
        return false;
    for (size_t i = made + 1, close = c->at[made].partner; i < close && close < c->n; i = code_item_end(c, i, close) + 1) {
        if (!sv_eq(code_text(c, i), name) || !code_is(c, i + 1, "=") || !code_is(c, i + 2, "("))
            continue;
        size_t end = c->at[i + 2].partner, second = code_item_end(c, i + 3, end) + 1;
        *out = second < end ? code_value(c, second, end) : SV_NONE;
        return second < end;
    }
    return false;
}

/* The variable that a method of django-environ reads when it is given no name. */
static sv name_of_method(sv method)
{
    static const struct { const char *method, *name; } rows[] = {
        {"db", "DATABASE_URL"}, {"db_url", "DATABASE_URL"}, {"cache", "CACHE_URL"}, {"cache_url", "CACHE_URL"}, {"email", "EMAIL_URL"},
        {"email_url", "EMAIL_URL"}, {"search_url", "SEARCH_URL"}, {"channels_url", "CHANNELS_URL"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (sv_eq(method, sv_from(rows[i].method)))
            return sv_from(rows[i].name);
    return SV_NONE;
}

static void read_by(struct reading *p, const struct code *c, const struct reader *reader, size_t i, size_t open, sv method)
{
    size_t close = c->at[open].partner;
    sv name = reads_literal(p, c, open + 1);
    if (name.p == NULL && close == open + 1 && sv_eq(sv_from(reader->idiom), SV("django-environ")))
        name = name_of_method(method);
    if (name.p == NULL || SV_IN(method, SV("read_env"), SV("read_envfile"), SV("prefixed"), SV("parser_for")))
        return;
    sv prefix = prefix_at(c, i, p->facts->arena);
    struct env_read *row = reads_add(c, sv_concat(p->facts->arena, prefix, name), i, close, reader->idiom);
    size_t end = close, value = code_keyword(c, open + 1, close, "default", &end);
    size_t second = code_item_end(c, open + 1, close) + 1;
    if (value == SV_NOT_FOUND && second < close && !code_is(c, second + 1, "=")) {
        value = second;
        end = code_item_end(c, second, close);
    }
    row->has_fallback = value != SV_NOT_FOUND;
    if (row->has_fallback)
        row->fallback = code_value(c, value, end);
    else
        row->has_fallback = default_in_scheme(c, reader->made, name, &row->fallback);
    row->required = !row->has_fallback;
    reads_complete(c, row, i, close);
}

static bool is_reader(const struct readers *r, sv name)
{
    for (size_t k = 0; k < r->n; k++)
        if (sv_eq(r->at[k].name, name))
            return true;
    return false;
}

static void call_of_reader(struct reading *p, const struct code *c, const struct readers *r, size_t i)
{
    size_t behind;
    sv chain = code_chain(c, i, &behind);
    if (!code_is(c, behind, "(") || c->at[behind].partner >= c->n)
        return;
    if (sv_starts(chain, SV("self.")))
        chain = sv_sub(chain, 5, chain.n);
    size_t dot = sv_find_char(chain, '.');
    sv object = dot == SV_NOT_FOUND ? chain : sv_sub(chain, 0, dot);
    for (size_t k = 0; k < r->n; k++)
        if (sv_eq(r->at[k].name, object)) {
            read_by(p, c, &r->at[k], i, behind, dot == SV_NOT_FOUND ? SV("") : sv_sub(chain, dot + 1, chain.n));
            return;
        }
}

/* The default and the need of an option: click.option(…, default=d, required=True), typer.Option("d", …) with `...` for
 * none, and `x: Annotated[T, typer.Option(…)] = "d"`. */
static void complete_option(const struct code *c, struct env_read *r, size_t open)
{
    size_t close = c->at[open].partner, stop = close, value = code_keyword(c, open + 1, close, "default", &stop);
    size_t required = code_keyword(c, open + 1, close, "required", NULL);
    bool typer = code_is(c, open - 1, "Option") || code_is(c, open - 1, "Argument");
    bool insists = required != SV_NOT_FOUND && code_is(c, required, "True");
    bool argument = code_is(c, open - 1, "argument") && required == SV_NOT_FOUND;
    size_t outer = open;
    while (typer && outer > 0 && open - outer < 40 && !(code_is(c, outer, "[") && c->at[outer].partner > close))
        outer--;
    bool annotated = typer && outer > 0 && code_is(c, outer, "[") && code_is(c, outer - 1, "Annotated");
    if (annotated && code_is(c, c->at[outer].partner + 1, "=")) {
        value = c->at[outer].partner + 2;
        stop = code_behind(c, value);
    } else if (typer && !annotated && value == SV_NOT_FOUND && !code_is(c, open + 2, "=")) {
        value = open + 1;
        stop = code_item_end(c, value, close);
    }
    bool none = value == SV_NOT_FOUND || code_is(c, value, ".") || code_is(c, value, "...");
    r->has_fallback = !none;
    if (r->has_fallback)
        r->fallback = code_value(c, value, stop);
    r->required = none && (insists || argument || typer);
}

/* click, typer: envvar="X", envvar=["X", "Y"]; auto_envvar_prefix="APP": every option has a variable of that prefix. */
static void envvar_option(const struct code *c, size_t i)
{
    if (code_is(c, i, "auto_envvar_prefix") && code_string(c, i + 2).n != 0)
        reads_add(c, sv_printf(c->facts->arena, "%.*s_*", SV_ARG(code_string(c, i + 2))), i, i + 2, "click auto_envvar_prefix");
    if (!code_is(c, i, "envvar") || !code_is(c, i + 1, "=") || code_is(c, i + 2, "="))
        return;
    size_t end = code_is(c, i + 2, "[") || code_is(c, i + 2, "(") ? c->at[i + 2].partner : i + 3;
    size_t open = i;
    while (open > 0 && i - open < 60 && !(code_is(c, open, "(") && c->at[open].partner > i))
        open--;
    if (open == 0 || !code_is(c, open, "(") || c->at[open].partner >= c->n)
        return;
    for (size_t k = i + 2; k < end && k < c->n; k++)
        if (reads_is_name(code_string(c, k)))
            complete_option(c, reads_add(c, code_string(c, k), k, k, "click/typer envvar"), open);
}

/* ---- dynaconf (dynaconf.com/envvars) ------------------------------------------------------------------ */

struct dynaconf { sv object, prefix; };

/* NAME = Dynaconf(envvar_prefix="APP"), from dynaconf import settings. */
static bool makes_dynaconf(const struct code *c, struct dynaconf *out)
{
    bool found = false;
    *out = (struct dynaconf){SV("settings"), SV("DYNACONF")};
    for (size_t i = 0; i + 1 < c->n; i++) {
        found = found || (code_is(c, i, "import") && code_is(c, i + 1, "settings") && i > 0 && code_is(c, i - 1, "dynaconf"));
        if ((!code_is(c, i, "Dynaconf") && !code_is(c, i, "LazySettings")) || !code_is(c, i + 1, "(") || c->at[i + 1].partner >= c->n)
            continue;
        size_t value = code_keyword(c, i + 2, c->at[i + 1].partner, "envvar_prefix", NULL);
        if (value != SV_NOT_FOUND)
            out->prefix = code_string(c, value); /* False: no prefix */
        if (i >= 2 && code_is(c, i - 1, "=") && code_is_word(c, i - 2))
            out->object = code_text(c, i - 2);
        found = true;
    }
    return found;
}

/* from app.config import settings: the object that another file made. */
static bool imports_dynaconf(const struct reading *p, const struct code *c, struct dynaconf *out)
{
    for (size_t i = 0; i + 3 < c->n; i++) {
        size_t behind;
        if (!code_is(c, i, "from") || !code_first(c, i))
            continue;
        sv module = code_chain(c, code_is(c, i + 1, ".") ? i + 2 : i + 1, &behind);
        size_t dot = sv_rfind_char(module, '.');
        sv last = dot == SV_NOT_FOUND ? module : sv_sub(module, dot + 1, module.n);
        for (size_t k = 0; last.n != 0 && code_is(c, behind, "import") && k < p->codes.n; k++) {
            const struct code *made = p->codes.at[k];
            sv base = path_base(made->src->path), stem = sv_sub(base, 0, sv_rfind_char(base, '.'));
            bool named = sv_eq(stem, last) || (sv_eq(stem, SV("__init__")) && sv_eq(path_base(path_dir(made->src->path)), last));
            if (!named || made->src->lang != LANG_PYTHON || !code_mentions(made, "Dynaconf(") || !makes_dynaconf(made, out))
                continue;
            for (size_t name = behind + 1; name < c->n && !code_first(c, name); name++)
                if (sv_eq(code_text(c, name), out->object))
                    return true;
        }
    }
    return false;
}

/* settings.X, settings.DB.HOST, settings["X"], settings.get("X", d). */
static void read_dynaconf(struct reading *p, const struct code *c, const struct dynaconf *d, size_t i)
{
    struct arena *a = p->facts->arena;
    size_t last = i + 2, second = SV_NOT_FOUND, close = c->n;
    sv field = SV_NONE, name = SV_NONE;
    if (code_is(c, i + 1, "[")) {
        name = field = code_string(c, i + 2);
    } else if (code_is(c, i + 1, ".") && code_is(c, i + 2, "get") && code_is(c, i + 3, "(")) {
        name = field = code_string(c, i + 4);
        close = c->at[i + 3].partner;
        last = i + 4;
        second = code_item_end(c, last, close) + 1;
    } else if (code_is(c, i + 1, ".") && code_is_word(c, i + 2)) {
        name = field = code_text(c, i + 2);
        /* Nested keys are capitals by custom; lower case may be a method of the value. */
        for (; code_is(c, last + 1, ".") && sv_is_env_name(code_text(c, last + 2)); last += 2)
            name = sv_printf(a, "%.*s__%.*s", SV_ARG(name), SV_ARG(code_text(c, last + 2)));
        if (code_is(c, last + 1, "("))
            return;
    }
    if (!reads_is_name(field) || SV_IN(field, SV("validators"), SV("current_env"), SV("env_for_dynaconf"), SV("loaders"), SV("root_path")))
        return;
    name = sv_upper(a, name);
    if (d->prefix.n != 0)
        name = sv_printf(a, "%.*s_%.*s", SV_ARG(d->prefix), SV_ARG(name));
    struct env_read *r = reads_add(c, name, i, last, "dynaconf");
    r->field = field;
    r->has_fallback = second != SV_NOT_FOUND && second < close;
    if (r->has_fallback)
        r->fallback = code_value(c, second, close);
}

static void dynaconf(struct reading *p, const struct code *c)
{
    struct dynaconf d;
    bool own = code_mentions(c, "dynaconf") && makes_dynaconf(c, &d);
    if (!own && (!p->has_dynaconf || !imports_dynaconf(p, c, &d)))
        return;
    for (size_t i = 0; i < c->n; i++)
        if (code_starts_chain(c, i) && sv_eq(code_text(c, i), d.object))
            read_dynaconf(p, c, &d, i);
}

/* for k, v in os.environ.items(): if k.startswith("APP_"): every variable of that prefix. */
static void environ_loop(struct reading *p, const struct code *c, size_t i)
{
    size_t behind;
    sv chain = code_chain(c, i, &behind);
    if (!sv_ends(chain, SV("environ.items")) && !sv_ends(chain, SV("environ.keys")) && !sv_eq(chain, SV("os.environ")))
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

/* def load(env=os.environ) */
static bool is_parameter(const struct code *c, size_t i)
{
    size_t open = i;
    while (open > 0 && i - open < 60 && !(code_is(c, open, "(") && c->at[open].partner > i))
        open--;
    return open >= 2 && code_is(c, open, "(") && code_is(c, open - 2, "def");
}

/* def load(env: Mapping[str, str] = os.environ) */
static void typed_parameter(const struct code *c, struct readers *objects, size_t i)
{
    size_t behind, type = i + 2;
    while (type < i + 10 && type < c->n && !code_is(c, type, "=") && !code_is(c, type, ","))
        type = code_behind(c, type);
    if (code_is(c, type, "=") && SV_IN(code_chain(c, type + 1, &behind), SV("os.environ")) && is_parameter(c, i))
        add_reader(objects, code_text(c, i), SV_NOT_FOUND, "os.environ");
}

/* os.environ if env is None else env, env or os.environ: one of the two is the environment. */
static bool is_environ_by_choice(const struct code *c, size_t from)
{
    bool chosen = false, environment = false;
    for (size_t k = from, behind; k < c->n && k < from + 16 && !(k > from && code_first(c, k)); k++) {
        chosen = chosen || code_is(c, k, "or") || code_is(c, k, "else");
        if (SV_IN(code_chain(c, k, &behind), SV("os.environ")) && !code_is(c, behind, "[") && !code_is(c, behind, "("))
            environment = true;
    }
    return chosen && environment;
}

/* env = os.environ: env.get("X"), env["X"]. */
static void renamed_environ(const struct code *c, struct readers *objects, size_t i)
{
    size_t behind;
    if (code_is(c, i + 2, "="))
        return;
    sv chain = code_chain(c, i + 2, &behind);
    bool whole = SV_IN(chain, SV("os.environ"), SV("environ")) && !reads_is_foreign(c, i + 2);
    if ((whole && (behind >= c->n || code_first(c, behind) || is_parameter(c, i))) || is_environ_by_choice(c, i + 2))
        add_reader(objects, code_text(c, i), SV_NOT_FOUND, "os.environ");
    if (code_is(c, behind, "(") && (sv_eq(chain, SV("dotenv_values")) || sv_eq(chain, SV("dotenv.dotenv_values")) || sv_eq(chain, SV("os.environ.copy"))))
        add_reader(objects, code_text(c, i), SV_NOT_FOUND, "os.environ");
    /* {**dotenv_values(".env"), **os.environ} */
    for (size_t k = i + 3; code_is(c, i + 2, "{") && k + 2 < c->n && k < c->at[i + 2].partner; k++)
        if (code_is(c, k, "*") && code_is(c, k + 1, "*") && SV_IN(code_chain(c, k + 2, &behind), SV("os.environ"), SV("environ")) &&
            !reads_is_foreign(c, k + 2)) {
            add_reader(objects, code_text(c, i), SV_NOT_FOUND, "os.environ");
            return;
        }
}

static void read_of_object(struct reading *p, const struct code *c, const struct readers *objects, size_t i)
{
    for (size_t k = 0; k < objects->n; k++) {
        if (!sv_eq(objects->at[k].name, code_text(c, i)))
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

/* The first atom at or behind `i` that is one of the words by which Python has the whole environment; c->n without. */
static size_t next_environment(const struct code *c, size_t i)
{
    size_t environ = code_next_word(c, i, SV("environ")), values = code_next_word(c, i, SV("dotenv_values"));
    return environ < values ? environ : values;
}

/* Where the environment is named soon enough behind `i` to be meant there; *next is the atom that names it. */
static bool is_near_environment(const struct code *c, size_t i, size_t *next)
{
    enum { NEAR = 100 }; /* atoms: an expression is looked at no further */
    if (*next < i)
        *next = next_environment(c, i);
    return *next < c->n && (*next < i + NEAR || (code_is(c, i + 2, "{") && *next < c->at[i + 2].partner));
}

/* The names that read a variable when called with its name, and those that stand for the environment. */
static void collect_readers(struct reading *p, const struct code *c, struct readers *calls, struct readers *objects)
{
    bool present[CONSTRUCTORS], constructs = false;
    for (size_t k = 0; k < CONSTRUCTORS; k++) {
        present[k] = code_mentions(c, constructors[k].library) && code_mentions(c, constructors[k].constructor);
        constructs = constructs || present[k];
    }
    bool imports = code_mentions(c, "decouple") || code_mentions(c, "environs"), hands = reads_may_be_handed(p, c->src);
    size_t next = next_environment(c, 0);
    for (size_t i = 0; i < c->n && (imports || constructs || hands || next < c->n); i++) {
        if (!code_is_word(c, i))
            continue;
        bool equals = code_is(c, i + 1, "=");
        if (imports)
            imported(c, i, calls);
        if (constructs && equals)
            constructed(c, i, present, calls);
        sv handed = hands && code_is(c, i, "def") ? reads_handed(p, c, i) : SV_NONE;
        if (equals && is_near_environment(c, i, &next))
            renamed_environ(c, objects, i);
        if (code_is(c, i, "environ") && code_is(c, i + 1, "as") && code_is_word(c, i + 2)) /* from os import environ as env */
            add_reader(objects, code_text(c, i + 2), SV_NOT_FOUND, "os.environ");
        if (code_is(c, i + 1, ":") && is_near_environment(c, i, &next))
            typed_parameter(c, objects, i);
        if (handed.n != 0)
            add_reader(objects, handed, SV_NOT_FOUND, "os.environ");
    }
}

void reads_python(struct reading *p, const struct code *c)
{
    struct readers calls = {0}, objects = {0};
    collect_readers(p, c, &calls, &objects);
    bool loops = code_mentions(c, "environ") && code_mentions(c, "startswith"), options = code_mentions(c, "envvar");
    size_t next = 0;
    for (size_t i = 0; i < c->n && (loops || options || calls.n != 0 || objects.n != 0); i++) {
        if (!code_is_word(c, i))
            continue;
        if (options)
            envvar_option(c, i);
        bool loop = loops && i > 1 && code_is(c, i - 1, "in") && is_near_environment(c, i, &next);
        bool call = is_reader(&calls, code_text(c, i)) || (calls.n != 0 && code_is(c, i, "self"));
        bool object = is_reader(&objects, code_text(c, i));
        if ((!loop && !call && !object) || !code_starts_chain(c, i))
            continue;
        if (loop)
            environ_loop(p, c, i);
        if (call)
            call_of_reader(p, c, &calls, i);
        if (object)
            read_of_object(p, c, &objects, i);
    }
    dynaconf(p, c);
}
