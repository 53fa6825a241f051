/* C#, Elixir, Java, PHP, Ruby and Swift: what takes more than the one line that rules/env-reads.yaml sees. */
#include "fact/reads.h"

/* Configuration.GetSection("Llm")["Key"], .GetSection("Llm").GetValue<string>("Key", d): Llm__Key. */
static void csharp(const struct code *c, size_t i)
{
    if (!code_is(c, i, "GetSection") || !code_is(c, i + 1, "(") || code_string(c, i + 2).n == 0 || c->at[i + 1].partner != i + 3)
        return;
    size_t open = i + 4;
    if (code_is(c, open, ".") && code_is(c, open + 1, "GetValue"))
        while (open < c->n && open < i + 14 && !code_is(c, open, "("))
            open++;
    sv key = code_is(c, open, "(") || code_is(c, open, "[") ? code_string(c, open + 1) : SV_NONE;
    if (!reads_is_name(key) || !reads_is_name(code_string(c, i + 2)))
        return;
    size_t close = c->at[open].partner, comma = code_item_end(c, open + 1, close);
    struct env_read *r = reads_add(c, sv_printf(c->facts->arena, "%.*s__%.*s", SV_ARG(code_string(c, i + 2)), SV_ARG(key)), i, close,
                                   "Configuration.GetSection");
    r->any_case = true;
    r->has_fallback = comma < close;
    if (r->has_fallback)
        r->fallback = code_value(c, comma + 1, close);
    reads_complete(c, r, i, close);
}

/* {:system, "X"} in a configuration. */
static void elixir(const struct code *c, size_t i)
{
    if (code_is(c, i, "{") && code_is(c, i + 1, ":") && code_is(c, i + 2, "system") && code_is(c, i + 3, ",") && reads_is_name(code_string(c, i + 4)))
        reads_add(c, code_string(c, i + 4), i, i + 5, "{:system, X}");
}

/* @Value("#{systemEnvironment['X']}") */
static void java(const struct code *c, size_t i)
{
    sv text = code_string(c, i);
    size_t at = sv_find(text, SV("systemEnvironment['"));
    if (at == SV_NOT_FOUND)
        return;
    sv rest = sv_sub(text, at + 19, text.n), name = sv_cut(&rest, '\'');
    if (reads_is_name(name))
        reads_add(c, name, i, i, "@Value systemEnvironment");
}

/* $dotenv->required('X'), $dotenv->required(['X', 'Y']) of vlucas/phpdotenv. */
static void php(const struct code *c, size_t i)
{
    size_t behind;
    if (!code_starts_chain(c, i) || !sv_ieq(code_text(c, i), SV("$dotenv")) || !sv_ends(code_chain(c, i, &behind), SV(".required")) ||
        !code_is(c, behind, "("))
        return;
    for (size_t k = behind + 1, close = c->at[behind].partner; k < close && k < c->n; k++)
        if (reads_is_name(code_string(c, k)))
            reads_add(c, code_string(c, k), k, k, "phpdotenv required")->required = true;
}

/* ENV.values_at("A", "B"), ENV.fetch_values. */
static void ruby(const struct code *c, size_t i)
{
    if (!code_is(c, i, "ENV") || !code_is(c, i + 1, ".") || !code_is(c, i + 3, "("))
        return;
    bool fetch = code_is(c, i + 2, "fetch_values");
    if (!fetch && !code_is(c, i + 2, "values_at"))
        return;
    for (size_t k = i + 4, close = c->at[i + 3].partner; k < close && k < c->n; k = code_item_end(c, k, close) + 1)
        if (reads_is_name(code_string(c, k)))
            reads_add(c, code_string(c, k), k, k, "ENV.values_at")->required = fetch;
}

enum { OBJECTS = 8 };
struct objects { sv at[OBJECTS]; size_t n; };

/* let env = ProcessInfo.processInfo.environment, and then env["X"]. */
static void swift(const struct code *c, size_t i, struct objects *o)
{
    size_t behind;
    if (code_is_word(c, i) && code_is(c, i + 1, "=") && o->n < OBJECTS &&
        sv_eq(code_chain(c, i + 2, &behind), SV("ProcessInfo.processInfo.environment")) && !code_is(c, behind, "["))
        o->at[o->n++] = code_text(c, i);
    if (!code_is(c, i + 1, "[") || !code_starts_chain(c, i) || !sv_in(code_text(c, i), o->at, o->n) || !reads_is_name(code_string(c, i + 2)))
        return;
    reads_complete(c, reads_add(c, code_string(c, i + 2), i, i + 3, "ProcessInfo.environment"), i, i + 3);
}

void reads_others(const struct code *c)
{
    struct objects o = {.n = 0};
    for (size_t i = 0; i < c->n; i++)
        switch (reads_family(c->src->lang)) {
        case LANG_CSHARP: csharp(c, i); break;
        case LANG_ELIXIR: elixir(c, i); break;
        case LANG_JAVA: java(c, i); break;
        case LANG_PHP: php(c, i); break;
        case LANG_RUBY: ruby(c, i); break;
        case LANG_SWIFT: swift(c, i, &o); break;
        default: return;
        }
}
