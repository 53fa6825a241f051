/* JavaScript and TypeScript: destructuring, names that stand for process.env, and the schemas that
 * libraries lay over it (envalid, zod, t3-env, convict, Joi with NestJS, env-var, commander). */
#include "fact/reads.h"

enum { OBJECTS = 16, SCHEMAS = 32 };

/* `const env = process.env`, `(env: NodeJS.ProcessEnv)`, `import { env } from 'node:process'`. */
struct objects { sv at[OBJECTS]; size_t n; };

static bool is_object_name(const struct objects *o, sv name)
{
    return sv_in(name, o->at, o->n);
}

static void add_object(struct objects *o, sv name)
{
    if (name.n != 0 && !is_object_name(o, name) && o->n < OBJECTS)
        o->at[o->n++] = name;
}

/* The environment as a whole, from `i`: process.env, import.meta.env, Bun.env, a name that stands
 * for it, and `{ ...process.env }`. *behind is the atom after it. */
static bool is_environment(const struct code *c, const struct objects *o, size_t i, size_t *behind)
{
    if (code_is(c, i, "{") && code_is(c, i + 1, ".") && code_is(c, i + 2, ".") && code_is(c, i + 3, "."))
        i += 4;
    if (!code_is_word(c, i))
        return false;
    sv chain = code_chain(c, i, behind);
    if (code_is(c, *behind, "!"))
        ++*behind;
    if (SV_IN(chain, SV("process.env"), SV("import.meta.env"), SV("Bun.env"), SV("globalThis.process.env")))
        return true;
    if (sv_eq(chain, SV("Deno.env.toObject")) && code_is(c, *behind, "(")) {
        *behind = code_behind(c, *behind);
        return true;
    }
    return is_object_name(o, chain);
}

static bool ends_value(const struct code *c, size_t i)
{
    return i >= c->n || code_first(c, i) || code_is(c, i, ";") || code_is(c, i, ",") || code_is(c, i, ")") || code_is(c, i, "}") ||
           code_is(c, i, "as") || code_is(c, i, "?") || code_is(c, i, "|");
}

/* const env = require('dotenv').config().parsed; const { parsed: env } = dotenv.config() */
static void dotenv_object(const struct code *c, struct objects *o, size_t i)
{
    if (!code_is(c, i, "parsed"))
        return;
    if (code_is(c, i + 1, ":") && code_is_word(c, i + 2) && code_is(c, i + 3, "}"))
        add_object(o, code_text(c, i + 2));
    else if (code_is(c, i + 1, "}") && code_is(c, i + 2, "="))
        add_object(o, SV("parsed"));
    for (size_t k = i, steps = 0; ends_value(c, i + 1) && k-- > 0 && steps < 16; steps++)
        if (code_is(c, k, "=") && k > 0 && code_is_word(c, k - 1)) {
            add_object(o, code_text(c, k - 1));
            return;
        }
}

/* const { env } = process, const { env: e } = require('process') */
static void taken_from_process(const struct code *c, struct objects *o, size_t i)
{
    if (c->at[i].partner >= c->n || !code_is(c, c->at[i].partner + 1, "="))
        return;
    size_t close = c->at[i].partner, behind;
    sv module = code_is(c, close + 2, "require") ? code_string(c, close + 4) : code_chain(c, close + 2, &behind);
    if (!SV_IN(module, SV("process"), SV("node:process"), SV("Bun")))
        return;
    for (size_t k = i + 1; k < close; k = code_item_end(c, k, close) + 1)
        if (code_is(c, k, "env"))
            add_object(o, code_is(c, k + 1, ":") ? code_text(c, k + 2) : code_text(c, k));
}

/* (env: Env = process.env), const env: Record<string, string> = Bun.env: the name in front of the type. */
static sv typed_name(const struct code *c, size_t equals)
{
    for (size_t k = equals; k > 1 && equals - k < 14 && !code_first(c, k); k--)
        if (code_is(c, k - 1, ":") && code_is_word(c, k - 2))
            return code_text(c, k - 2);
    return SV_NONE;
}

/* env = process.env, and env = loadEnv(mode, …) of vite. */
static void given_environment(const struct code *c, struct objects *o, size_t equals)
{
    size_t behind;
    bool named = equals > 0 && code_is_word(c, equals - 1);
    if (is_environment(c, o, equals + 1, &behind) && ends_value(c, behind)) {
        if (named)
            add_object(o, code_text(c, equals - 1));
        add_object(o, typed_name(c, equals));
    }
    if (named && code_is(c, equals + 1, "loadEnv"))
        add_object(o, code_text(c, equals - 1));
}

static void collect_objects(struct reading *p, const struct code *c, struct objects *o)
{
    bool dotenv = code_mentions(c, "dotenv"), typed = code_mentions(c, "ProcessEnv"), hands = reads_may_be_handed(p, c->src);
    for (size_t i = 0; i + 2 < c->n; i++) {
        size_t behind;
        char sign = code_sign(c, i);
        if (sign == '{')
            taken_from_process(c, o, i);
        else if (sign == '=')
            given_environment(c, o, i);
        if (!code_is_word(c, i))
            continue;
        if (dotenv)
            dotenv_object(c, o, i);
        if (hands)
            add_object(o, reads_handed(p, c, i));
        if (typed && (code_is(c, i + 1, ":") || (code_is(c, i + 1, "?") && code_is(c, i + 2, ":")))) {
            size_t type = i + (code_is(c, i + 1, ":") ? 2 : 3);
            sv chain = code_chain(c, type, &behind);
            if (sv_eq(chain, SV("NodeJS.ProcessEnv")))
                add_object(o, code_text(c, i));
        }
        if (!code_is(c, i, "import") || !code_is(c, i + 1, "{"))
            continue;
        size_t close = c->at[i + 1].partner;
        sv module = code_is(c, close + 1, "from") ? code_string(c, close + 2) : SV_NONE;
        if (!SV_IN(module, SV("process"), SV("node:process"), SV("bun"), SV("$env/dynamic/private"), SV("$env/dynamic/public")))
            continue;
        for (size_t k = i + 2; k < close && k < c->n; k++)
            if (code_is(c, k, "env"))
                add_object(o, code_is(c, k + 1, "as") ? code_text(c, k + 2) : code_text(c, k));
    }
}

/* { A, B = 'd', C: c, 'D': d = 1 } = process.env; the pattern opens at `i`. */
static void destructuring(const struct code *c, const struct objects *o, size_t i)
{
    size_t close = c->at[i].partner, behind, value = close + 1;
    if (close >= c->n)
        return;
    if (code_is(c, value, ":")) /* }: Env = process.env */
        while (value < c->n && value < close + 12 && !code_is(c, value, "="))
            value++;
    if (!code_is(c, value, "=") || !is_environment(c, o, value + 1, &behind) || !ends_value(c, behind))
        return;
    for (size_t k = i + 1, end; k < close; k = end + 1) {
        end = code_item_end(c, k, close);
        sv name = code_string(c, k).p != NULL ? code_string(c, k) : code_text(c, k);
        if (!reads_is_name(name))
            continue;
        struct env_read *r = reads_add(c, name, k, k, "process.env destructuring");
        r->field = code_is(c, k + 1, ":") && code_is_word(c, k + 2) ? code_text(c, k + 2) : name;
        for (size_t e = k + 1; e < end; e++)
            if (code_is(c, e, "=")) {
                r->fallback = code_value(c, e + 1, end);
                r->has_fallback = true;
                break;
            }
    }
}

/* import { SECRET } from '$env/static/private' (SvelteKit). */
static void static_import(const struct code *c, size_t i)
{
    if (!code_is(c, i + 1, "{"))
        return;
    size_t close = c->at[i + 1].partner;
    sv module = code_is(c, close + 1, "from") ? code_string(c, close + 2) : SV_NONE;
    if (!sv_starts(module, SV("$env/static/")))
        return;
    for (size_t k = i + 2; k < close && k < c->n; k = code_item_end(c, k, close) + 1)
        if (code_is_word(c, k))
            reads_add(c, code_text(c, k), k, k, "$env/static")->required = true;
}

/* env.X, env['X'] where env stands for the environment. */
static void object_read(const struct code *c, const struct objects *o, size_t i)
{
    if (!is_object_name(o, code_text(c, i)) || !code_starts_chain(c, i))
        return;
    size_t at = i + 1;
    if (code_is(c, at, "?"))
        at++;
    sv name = SV_NONE;
    size_t last = at + 1;
    if (code_is(c, at, ".") && code_is_word(c, at + 1)) {
        name = code_text(c, at + 1);
    } else if (code_is(c, at, "[")) {
        name = code_string(c, at + 1);
        last = at + 2;
    }
    /* Lower-case members are those of an object of another kind. */
    if (!sv_is_env_name(name) || (code_is(c, last + 1, "=") && !code_is(c, last + 2, "=")))
        return;
    if (i > 0 && code_is(c, i - 1, "delete"))
        return;
    reads_complete(c, reads_add(c, name, i, last, "process.env"), i, last);
}

/* ---- schemas --------------------------------------------------------------------------------- */

/* `open`: the `{` of the object whose keys are names; `from`: where its expression begins. */
struct schema { sv name; const struct code *code; size_t from, open; };
struct schemas { struct schema at[SCHEMAS]; size_t n; bool known; /* looked for on first use */ };

/* What a key's value [from, end) says: z.string().default('d'), str({ default: 'd' }), v.optional(…). `devDefault` of
 * envalid counts only where NODE_ENV says that this is no production. */
static void complete_key(const struct code *c, struct env_read *r, size_t from, size_t end)
{
    r->required = true;
    for (size_t e = from; e < end; e++) {
        if (code_is(c, e, "optional") || code_is(c, e, "nullish") || code_is(c, e, "allow"))
            r->required = false;
        bool named = code_is(c, e, "default") || code_is(c, e, "catch");
        if (!named || (!code_is(c, e + 1, "(") && !code_is(c, e + 1, ":")))
            continue;
        size_t stop = code_is(c, e + 1, "(") ? c->at[e + 1].partner : e + 3;
        r->required = false;
        if (code_is(c, e + 2, "undefined"))
            continue;
        r->fallback = code_value(c, e + 2, stop < end ? stop : end);
        r->has_fallback = true;
    }
}

/* createEnv maps the key to a variable of another name: runtimeEnv: { KEY: process.env.OTHER }. */
static bool is_mapped(const struct code *c, size_t map, sv key)
{
    size_t close = map == SV_NOT_FOUND || !code_is(c, map, "{") ? 0 : c->at[map].partner, behind;
    for (size_t k = map + 1; k < close && k < c->n; k = code_item_end(c, k, close) + 1) {
        sv chain = code_is(c, k + 1, ":") ? code_chain(c, k + 2, &behind) : SV_NONE;
        if (sv_eq(code_text(c, k), key) && sv_starts(chain, SV("process.env.")))
            return !sv_eq(sv_sub(chain, 12, chain.n), key);
    }
    return false;
}

/* The keys of the object at `open` are variables; `map` is the object that renames them, or SV_NOT_FOUND. */
static void add_keys(const struct code *c, size_t open, size_t map, const char *idiom)
{
    size_t close = c->at[open].partner;
    if (!code_is(c, open, "{") || close >= c->n)
        return;
    for (size_t k = open + 1, end; k < close; k = end + 1) {
        end = code_item_end(c, k, close);
        sv name = code_string(c, k).p != NULL ? code_string(c, k) : code_text(c, k);
        if (!code_is(c, k + 1, ":") || !reads_is_name(name) || is_mapped(c, map, name))
            continue;
        struct env_read *r = reads_add(c, name, k, k, idiom);
        r->field = name;
        complete_key(c, r, k + 2, end);
    }
}

/* z.object({…}), Joi.object({…}), v.object({…}): index of the `{`, or SV_NOT_FOUND. */
static size_t schema_object(const struct code *c, size_t i)
{
    size_t behind;
    sv chain = code_chain(c, i, &behind);
    size_t dot = sv_rfind_char(chain, '.');
    sv last = dot == SV_NOT_FOUND ? chain : sv_sub(chain, dot + 1, chain.n);
    bool object = SV_IN(last, SV("object"), SV("strictObject"), SV("looseObject"), SV("extend"), SV("Object"), SV("keys"));
    if (!object || !code_is(c, behind, "("))
        return SV_NOT_FOUND;
    return code_is(c, behind + 1, "{") ? behind + 1 : SV_NOT_FOUND;
}

static void collect_schemas(const struct code *c, struct schemas *s)
{
    if (s->known)
        return;
    s->known = true;
    for (size_t i = 0; i + 3 < c->n && s->n < SCHEMAS; i++) {
        if (!code_is_word(c, i) || !code_is(c, i + 1, "="))
            continue;
        size_t open = schema_object(c, i + 2);
        if (open == SV_NOT_FOUND && code_is(c, i + 2, "{")) /* const spec = { PORT: port() } */
            open = i + 2;
        if (open != SV_NOT_FOUND)
            s->at[s->n++] = (struct schema){code_text(c, i), c, i + 2, open};
    }
}

/* The schema of this file, else one that another file exports under the name. */
static bool find_schema(struct reading *p, const struct code *c, struct schemas *s, sv name, struct schema *out)
{
    collect_schemas(c, s);
    for (size_t k = 0; k < s->n; k++)
        if (sv_eq(s->at[k].name, name)) {
            *out = s->at[k];
            return true;
        }
    sv exported = sv_printf(p->facts->arena, "export const %.*s", SV_ARG(name));
    for (size_t i = 0; name.n > 3 && code_mentions(c, "import") && i < p->n; i++) {
        const struct source *src = p->sources[i];
        if (reads_family(src->lang) != LANG_JAVASCRIPT || src == c->src || !source_has(src, exported))
            continue;
        const struct code *other = reads_open(p, src);
        struct schemas there = {.n = 0};
        if (other != NULL)
            collect_schemas(other, &there);
        for (size_t k = 0; k < there.n; k++)
            if (sv_eq(there.at[k].name, name)) {
                *out = there.at[k];
                return true;
            }
    }
    return false;
}

/* The keys of a schema, of what it extends, and of what is merged into it. */
static void add_schema(struct reading *p, const struct code *c, struct schemas *s, sv name, const char *idiom, int depth)
{
    struct schema x;
    if (depth > 3 || !find_schema(p, c, s, name, &x))
        return;
    add_keys(x.code, x.open, SV_NOT_FOUND, idiom);
    if (x.from != x.open && code_is_word(x.code, x.from) && !code_is(x.code, x.from, "z"))
        add_schema(p, x.code, s, code_text(x.code, x.from), idiom, depth + 1);
    for (size_t k = code_behind(x.code, x.open) + 1; code_is(x.code, k, "."); k = code_behind(x.code, k + 2))
        if (code_is(x.code, k + 1, "merge") && code_is_word(x.code, k + 3))
            add_schema(p, x.code, s, code_text(x.code, k + 3), idiom, depth + 1);
}

/* SCHEMA.parse(process.env), z.object({…}).safeParse(process.env), v.parse(SCHEMA, process.env). */
static void schema_read(struct reading *p, const struct code *c, const struct objects *o, struct schemas *s, size_t i)
{
    if (!code_is(c, i, "parse") && !code_is(c, i, "safeParse") && !code_is(c, i, "validate") && !code_is(c, i, "validateSync") &&
        !code_is(c, i, "parseAsync") && !code_is(c, i, "assert") && !code_is(c, i, "create"))
        return;
    if (!code_is(c, i + 1, "("))
        return;
    size_t close = c->at[i + 1].partner, behind, first_end = code_item_end(c, i + 2, close);
    bool second = first_end < close && is_environment(c, o, first_end + 1, &behind);
    if (close >= c->n || (!second && !is_environment(c, o, i + 2, &behind)))
        return;
    if (!second && i >= 2 && code_is(c, i - 1, ".") && code_is(c, i - 2, ")")) { /* inline object */
        size_t list = c->at[i - 2].partner;
        if (code_is(c, list + 1, "{"))
            add_keys(c, list + 1, SV_NOT_FOUND, "schema over process.env");
        return;
    }
    add_schema(p, c, s, second ? code_text(c, i + 2) : i >= 2 ? code_text(c, i - 2) : SV_NONE, "schema over process.env", 0);
}

/* createEnv({ server: {…}, client: {…}, shared: {…} }) of t3-env. */
static void t3_env(const struct code *c, size_t i)
{
    static const char *const parts[] = {"server", "client", "shared"};
    if (!code_is(c, i, "createEnv") || !code_is(c, i + 1, "(") || !code_is(c, i + 2, "{"))
        return;
    size_t close = c->at[i + 2].partner, map = code_keyword(c, i + 3, close, "runtimeEnv", NULL);
    if (map == SV_NOT_FOUND)
        map = code_keyword(c, i + 3, close, "runtimeEnvStrict", NULL);
    for (size_t k = 0; k < 3 && close < c->n; k++) {
        size_t value = code_keyword(c, i + 3, close, parts[k], NULL);
        if (value != SV_NOT_FOUND)
            add_keys(c, value, map, "t3-env");
    }
}

static void envalid(struct reading *p, const struct code *c, const struct objects *o, struct schemas *s, size_t i)
{
    size_t behind;
    if (code_is(c, i, "envsafe") && code_is(c, i + 1, "(")) {
        add_keys(c, i + 2, SV_NOT_FOUND, "envsafe");
        return;
    }
    if ((!code_is(c, i, "cleanEnv") && !code_is(c, i, "customCleanEnv") && !code_is(c, i, "parseEnv")) || !code_is(c, i + 1, "(") ||
        !is_environment(c, o, i + 2, &behind))
        return;
    size_t second = code_item_end(c, i + 2, c->at[i + 1].partner) + 1;
    const char *idiom = code_is(c, i, "parseEnv") ? "znv" : "envalid";
    if (code_is(c, second, "{"))
        add_keys(c, second, SV_NOT_FOUND, idiom);
    else if (code_is_word(c, second))
        add_schema(p, c, s, code_text(c, second), idiom, 0);
}

/* convict: { env: 'PORT', default: 80 }; the brace opens at `i`. */
static void convict(const struct code *c, size_t i)
{
    size_t close = c->at[i].partner, end = close;
    size_t value = close < c->n ? code_keyword(c, i + 1, close, "env", &end) : SV_NOT_FOUND;
    sv name = value == SV_NOT_FOUND ? SV_NONE : code_string(c, value);
    size_t fallback = value == SV_NOT_FOUND ? value : code_keyword(c, i + 1, close, "default", &end);
    if (!reads_is_name(name) || fallback == SV_NOT_FOUND) /* every property of convict has a default */
        return;
    struct env_read *r = reads_add(c, name, value, value, "convict");
    r->has_fallback = true;
    r->fallback = code_value(c, fallback, end);
    if (i >= 2 && code_is(c, i - 1, ":") && code_is_word(c, i - 2))
        r->field = code_text(c, i - 2);
}

/* A call with the name first, of a library the file names: config.get<string>('X', 'd'). */
static const struct { const char *library, *method; bool required; const char *idiom; } getters[] = {
    {"ConfigService", "get", false, "NestJS ConfigService"},
    {"ConfigService", "getOrThrow", true, "NestJS ConfigService"},
    {"env-var", "get", false, "env-var"},
    {"commander", "env", false, "commander env"},
};
enum { GETTERS = sizeof getters / sizeof getters[0] };

static void getter(struct reading *p, const struct code *c, size_t i, const bool *present)
{
    if (i == 0 || !code_is(c, i - 1, "."))
        return;
    for (size_t k = 0; k < GETTERS; k++) {
        if (!present[k] || !code_is(c, i, getters[k].method))
            continue;
        size_t open = i + 1;
        while (open < c->n && open < i + 10 && !code_is(c, open, "(") && (code_is(c, i + 1, "<")))
            open++;
        if (!code_is(c, open, "(") || c->at[open].partner >= c->n)
            return;
        size_t close = c->at[open].partner, comma = code_item_end(c, open + 1, close);
        sv name = reads_literal(p, c, open + 1);
        if (!sv_is_env_name(name))
            return;
        struct env_read *r = reads_add(c, name, i, close, getters[k].idiom);
        r->required = getters[k].required;
        if (comma < close && !code_is(c, comma + 1, "{")) {
            r->fallback = code_value(c, comma + 1, close);
            r->has_fallback = true;
        }
        reads_complete(c, r, i >= 2 ? i - 2 : i, close);
        return;
    }
}

void reads_javascript(struct reading *p, const struct code *c)
{
    struct objects objects = {0};
    struct schemas schemas = {0};
    bool present[GETTERS];
    for (size_t k = 0; k < GETTERS; k++)
        present[k] = code_mentions(c, getters[k].library);
    bool has_convict = code_mentions(c, "convict"), has_joi = code_mentions(c, "validationSchema");
    collect_objects(p, c, &objects);
    for (size_t i = 0; i < c->n; i++) {
        if (code_sign(c, i) == '{') {
            destructuring(c, &objects, i);
            if (has_convict)
                convict(c, i);
        }
        if (!code_is_word(c, i))
            continue;
        if (code_is(c, i, "import"))
            static_import(c, i);
        if (objects.n != 0)
            object_read(c, &objects, i);
        char next = code_sign(c, i + 1);
        if (next == '(' || next == '<') {
            schema_read(p, c, &objects, &schemas, i);
            t3_env(c, i);
            envalid(p, c, &objects, &schemas, i);
            getter(p, c, i, present);
        }
        if (has_joi && code_is(c, i, "validationSchema") && code_is(c, i + 1, ":")) {
            size_t open = schema_object(c, i + 2);
            collect_schemas(c, &schemas);
            for (size_t k = 0; open == SV_NOT_FOUND && k < schemas.n; k++)
                if (sv_eq(schemas.at[k].name, code_text(c, i + 2)))
                    open = schemas.at[k].open;
            if (open != SV_NOT_FOUND)
                add_keys(c, open, SV_NOT_FOUND, "NestJS validationSchema");
        }
    }
}
