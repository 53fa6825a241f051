/* What programs say: environment reads, hosts, contracts, attestation calls. The readers stand in
 * reads_*.c; here they are put in order, and each read becomes one row. */
#include <stdlib.h>

#include "fact/reads.h"

static bool is_code(const struct source *s)
{
    return !s->vendored && s->text.n != 0 && (s->kind == SOURCE_CODE || s->kind == SOURCE_MANIFEST || s->host != NULL) &&
           s->lang != LANG_SHELL && s->lang != LANG_NONE && s->lang < LANG_YAML;
}

/* Steps of a workflow and of an image build have the variables of their tools, not of the app. */
static bool is_app_script(const struct source *s)
{
    if (s->lang != LANG_SHELL || s->vendored)
        return false;
    for (const struct source *host = s->host; host != NULL; host = host->host)
        if (host->kind == SOURCE_WORKFLOW || host->kind == SOURCE_DOCKERFILE)
            return false;
    return s->kind == SOURCE_SCRIPT || s->kind == SOURCE_CODE || s->host != NULL;
}

static void list_sources(struct reading *p)
{
    struct facts *f = p->facts;
    size_t all = f->repo->files.n + f->embedded.n;
    p->sources = arena_array(f->arena, const struct source *, all + 1);
    p->opened = arena_array(f->arena, const struct code *, all + 1);
    p->listed = arena_array(f->arena, bool, all + 1);
    for (size_t i = 0; i < all; i++) {
        const struct source *s = i < f->repo->files.n ? f->repo->files.at[i] : f->embedded.at[i - f->repo->files.n];
        if (is_code(s))
            p->sources[p->n++] = s;
    }
}

/* Files come first and by path; embedded ones are few. */
size_t reads_number(const struct reading *p, const struct source *s)
{
    size_t low = 0, high = p->n;
    while (s->host == NULL && low < high) {
        size_t middle = low + (high - low) / 2;
        if (p->sources[middle]->host == NULL && sv_cmp(p->sources[middle]->path, s->path) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (size_t i = low; i < p->n; i++) {
        if (p->sources[i] == s)
            return i;
        if (s->host == NULL)
            break;
    }
    return SV_NOT_FOUND;
}

const struct code *reads_open(struct reading *p, const struct source *s)
{
    size_t i = reads_number(p, s);
    if (i == SV_NOT_FOUND)
        return NULL;
    struct code c;
    if (p->opened[i] == NULL && code_open(p->facts, s, &c)) {
        struct code *kept = arena_new(p->facts->arena, struct code);
        *kept = c;
        p->opened[i] = kept;
    }
    return p->opened[i];
}

struct gram_words reads_words(struct arena *a, const sv *words, size_t n)
{
    const char **list = arena_array(a, const char *, n + 1);
    for (size_t i = 0; i < n; i++)
        list[i] = arena_copy(a, words[i].p, words[i].n);
    return gram_words_of(a, list);
}

static void list(struct reading *p, size_t number)
{
    const struct code *c = p->listed[number] ? NULL : reads_open(p, p->sources[number]);
    if (c == NULL)
        return;
    vec_push(p->facts->arena, &p->codes, (struct code *)c);
    p->listed[number] = true;
}

/* What every program that reads variables by itself holds, by language; the first row is for those without one. */
enum { HINTS = 32 };
static const struct { enum lang family; const char *words[HINTS]; } hints[] = {
    {LANG_NONE, {"environ", "getenv", ".env", "_env", "env_", "env(", "env[", "env.", "env =", "env=", "env:", "env,", "env)", "env\"",
                 "dotenv", "getsection", "@value", ":system"}},
    {LANG_PYTHON, {"environ", "getenv", ".env", "_env", "env_", "env(", "env[", "env.", "env =", "env=", "env:", "env,", "env)", "env\"",
                   "envvar", "settings", "decouple", "dynaconf"}},
    {LANG_JAVASCRIPT, {".env", "_env", "env_", "env(", "env[", "env.", "env =", "env=", "env:", "env,", "env)", "env\"",
                       "$env", "dotenv", "validationschema", "configservice", "convict", "createenv", "envsafe"}},
    {LANG_GO, {"environ", "getenv", "_env", "env_", "env(", "env.", "env =", "env=", "env:", "env,", "env)", "env\"",
               "lookupenv", "expandenv", "defaultenvars", "envvar", "envconfig", "cleanenv", "viper", "koanf"}},
    {LANG_RUST, {"environment:", "_env", "env_", "env(", "env!(", "env.", "env =", "env=", "env:", "env,", "env)",
                 "dotenv", "envconfig", "envy", "figment"}},
};

static struct gram_words hints_of(struct arena *a, enum lang family)
{
    size_t row = 0;
    for (size_t i = 1; i < sizeof hints / sizeof *hints; i++)
        if (hints[i].family == family)
            row = i;
    return gram_words_of(a, hints[row].words);
}

static void open_hinted(struct reading *p)
{
    struct gram_words words[LANG_COUNT] = {0};
    for (size_t i = 0; i < p->n; i++) {
        enum lang family = reads_family(p->sources[i]->lang);
        if (words[family].n == 0)
            words[family] = hints_of(p->facts->arena, family);
        if (source_says_of(p->sources[i], &words[family]))
            list(p, i);
    }
}

/* First the files that read by themselves, then those that call a helper of theirs. */
static void open_codes(struct reading *p)
{
    list_sources(p);
    open_hinted(p);
    reads_collect_constants(p);
    size_t from = 0;
    for (int round = 0; round < 3 && reads_collect_wrappers(p, from); round++) {
        from = p->codes.n;
        sv *names = arena_array(p->facts->arena, sv, p->wrappers.n);
        size_t n = 0;
        for (size_t i = 0; i < p->wrappers.n; i++)
            if (p->wrappers.at[i]->name.n >= 3)
                names[n++] = p->wrappers.at[i]->name;
        struct gram_words words = reads_words(p->facts->arena, names, n);
        for (size_t i = 0; i < p->n; i++)
            if (!p->listed[i] && source_says_of(p->sources[i], &words))
                list(p, i);
    }
}

static void read_scripts(struct facts *f)
{
    size_t n = 0, all = f->repo->files.n + f->embedded.n;
    const struct source **scripts = arena_array(f->arena, const struct source *, all + 1);
    for (size_t i = 0; i < all; i++) {
        const struct source *s = i < f->repo->files.n ? f->repo->files.at[i] : f->embedded.at[i - f->repo->files.n];
        if (is_app_script(s))
            scripts[n++] = s;
    }
    reads_shell(f, scripts, n);
}

/* ---- rows from patterns --------------------------------------------------------------------- */

/* Names that tools set while they build, and members every object has. */
static bool is_no_variable(const struct source *s, sv idiom, sv name)
{
    if (s->lang == LANG_RUST && sv_eq(idiom, SV("env!")))
        return sv_starts(name, SV("CARGO_")) || sv_eq(name, SV("OUT_DIR"));
    if (sv_eq(idiom, SV("import.meta.env")))
        return SV_IN(name, SV("MODE"), SV("DEV"), SV("PROD"), SV("SSR"), SV("BASE_URL"));
    return SV_IN(name, SV("hasOwnProperty"), SV("toString"), SV("constructor"));
}

static bool is_spring(sv idiom)
{
    return SV_IN(idiom, SV("@Value"), SV("@ConfigProperty"), SV("getProperty"));
}

/* Keys of configuration systems as the variables that set them. */
static sv variable_of(struct arena *a, const struct source *s, sv idiom, sv key)
{
    if (sv_eq(idiom, SV("GetConnectionString")))
        return sv_concat(a, SV("ConnectionStrings__"), key);
    if (is_spring(idiom))
        return reads_spring_name(a, key, false);
    if (s->lang != LANG_CSHARP || !sv_has(key, SV(":")))
        return key;
    sv name = SV("");
    for (sv rest = key; rest.p != NULL;) { /* ASP.NET: `:` is written `__` */
        sv part = sv_cut(&rest, ':');
        name = name.n == 0 ? part : sv_printf(a, "%.*s__%.*s", SV_ARG(name), SV_ARG(part));
    }
    return name;
}

/* The bracket around atom `i`, or SV_NOT_FOUND: of `f("X", d)` and `f["X"]`. */
static size_t bracket_around(const struct code *c, size_t i, size_t from)
{
    for (size_t k = i; k-- > 0 && k + 6 > from;)
        if ((code_is(c, k, "(") || code_is(c, k, "[")) && c->at[k].partner > i && c->at[k].partner < c->n)
            return k;
    return SV_NOT_FOUND;
}

static sv pattern_text(const struct hit *h)
{
    return sv_sub(h->place.src->text, h->place.start, h->place.end);
}

static void add_pattern_read(struct reading *p, const struct hit *h)
{
    const struct source *s = h->place.src;
    sv idiom = h->pattern->name.p == NULL ? h->pattern->rule->id : h->pattern->name;
    sv name = variable_of(p->facts->arena, s, idiom, hit_group(h, "NAME"));
    const struct code *c = reads_open(p, s);
    if (!reads_is_name(name) || c == NULL || is_no_variable(s, idiom, name))
        return;
    size_t first = code_at(c, h->place.start), last = code_at(c, h->place.end == 0 ? 0 : h->place.end - 1);
    if (last >= c->n)
        return;
    size_t item = last; /* the string that names the variable, where there is one */
    while (item > first && c->at[item].kind != TOKEN_STRING)
        item--;
    size_t bracket = c->at[item].kind == TOKEN_STRING ? bracket_around(c, item, first) : SV_NOT_FOUND;
    size_t end = bracket == SV_NOT_FOUND ? last : c->at[bracket].partner;
    first = code_chain_start(c, first);
    size_t chain = first; /* "X" in environ */
    while (chain < end && (!code_is_word(c, chain) || code_is(c, chain, "in") || code_is(c, chain, "not")))
        chain++;
    if (reads_is_foreign(c, chain))
        return;
    bool sets = code_is(c, end + 1, "=") && !code_is(c, end + 2, "=") && !code_is(c, end + 2, ">") && !code_is(c, end + 2, "~");
    bool calls = code_is(c, end + 1, "(") && bracket == SV_NOT_FOUND;
    /* os.environ.pop("X") as a statement takes the variable away. */
    sets = sets || (sv_eq(idiom, SV("os.environ.get")) && code_first(c, first) && sv_has(pattern_text(h), SV(".pop")));
    if (sets || (calls && !code_is(c, first, "import")) || (first > 0 && (code_is(c, first - 1, "delete") || code_is(c, first - 1, "del"))))
        return;
    struct env_read *r = reads_add(c, name, first, end, "");
    r->place = h->place;
    r->idiom = idiom;
    r->required = hit_group(h, "REQUIRED").n != 0;
    r->fallback = hit_group(h, "DEFAULT");
    r->has_fallback = r->fallback.p != NULL;
    r->any_case = s->lang == LANG_CSHARP && !sv_has(idiom, SV("Environment."));
    if (sv_eq(idiom, SV("@Value")))
        r->required = !r->has_fallback; /* an unknown placeholder ends the start of the application */
    if (is_spring(idiom) && sv_has(hit_group(h, "NAME"), SV("-"))) {
        struct env_read *old = reads_add(c, reads_spring_name(p->facts->arena, hit_group(h, "NAME"), true), first, end, "");
        sv name_kept = old->name;
        *old = *r;
        old->name = name_kept;
    }
    size_t comma = bracket == SV_NOT_FOUND ? end : code_item_end(c, item, end);
    if (s->lang == LANG_RUBY && sv_eq(idiom, SV("ENV.fetch")) && sv_has(pattern_text(h), SV("fetch"))) {
        bool block = code_is(c, end + 1, "{") && c->at[end + 1].partner < c->n;
        r->required = !block && comma >= end;
        if (block && !sv_has(code_value(c, end + 2, c->at[end + 1].partner), SV("raise"))) {
            r->fallback = code_value(c, end + 2, c->at[end + 1].partner);
            r->has_fallback = true;
        }
    }
    bool delimiter = s->lang == LANG_SOLIDITY && !sv_eq(idiom, SV("vm.envOr")); /* envAddress("X", ",") is a list */
    if (!r->has_fallback && comma < end && !delimiter) {
        size_t value = comma + 1;
        if ((code_is(c, value + 1, "=") || code_is(c, value + 1, ":")) && code_is_word(c, value))
            value += 2;
        r->fallback = code_value(c, value, code_item_end(c, value, end));
        r->has_fallback = true;
    }
    reads_complete(c, r, first, end);
}

static void add_pattern_reads(struct reading *p)
{
    struct facts *f = p->facts;
    struct hits inside = {0};
    for (size_t i = 0; i < f->embedded.n; i++)
        if (is_code(f->embedded.at[i]))
            match_source(f->repo, f->catalogue, f->embedded.at[i], &inside);
    for (size_t i = 0; i < f->hits.all.n + inside.all.n; i++) {
        const struct hit *h = i < f->hits.all.n ? f->hits.all.at[i] : inside.all.at[i - f->hits.all.n];
        if (h->pattern->rule->kind == RULE_FACT && sv_eq(h->pattern->rule->fact, SV("env-read")))
            add_pattern_read(p, h);
    }
}

/* ---- order ------------------------------------------------------------------------------------ */

static int read_cmp(const void *x, const void *y)
{
    const struct env_read *a = *(struct env_read *const *)x, *b = *(struct env_read *const *)y;
    int by_place = place_cmp(a->place, b->place);
    return by_place != 0 ? by_place : sv_cmp(a->name, b->name);
}

/* One row for each variable and line: two readers may see the same one. */
static void merge(struct facts *f)
{
    if (f->env_reads.n == 0)
        return;
    qsort(f->env_reads.at, f->env_reads.n, sizeof *f->env_reads.at, read_cmp);
    size_t kept = 0;
    for (size_t i = 0; i < f->env_reads.n; i++) {
        struct env_read *r = f->env_reads.at[i];
        struct env_read *same = NULL;
        for (size_t k = kept; k-- > 0 && same == NULL;) {
            struct env_read *o = f->env_reads.at[k];
            if (o->place.src != r->place.src || place_line(o->place) != place_line(r->place))
                break;
            if (sv_eq(o->name, r->name))
                same = o;
        }
        if (same == NULL) {
            f->env_reads.at[kept++] = r;
            continue;
        }
        if (!same->has_fallback && r->has_fallback) {
            same->fallback = r->fallback;
            same->has_fallback = true;
        }
        if (same->field.p == NULL)
            same->field = r->field;
    }
    f->env_reads.n = kept;
}

void facts_from_source(struct facts *f)
{
    struct reading p = {.facts = f};
    open_codes(&p);
    reads_collect_classes(&p);
    reads_collect_handed(&p);
    add_pattern_reads(&p);
    for (size_t i = 0; i < p.codes.n && !p.has_dynaconf; i++)
        p.has_dynaconf = code_mentions(p.codes.at[i], "Dynaconf(");
    for (size_t i = 0; i < p.codes.n; i++) {
        const struct code *c = p.codes.at[i];
        reads_by_access(&p, c);
        reads_by_wrapper(&p, c);
        switch (reads_family(c->src->lang)) {
        case LANG_PYTHON:
            reads_python_settings(&p, c);
            reads_python(&p, c);
            break;
        case LANG_JAVASCRIPT: reads_javascript(&p, c); break;
        case LANG_RUST: reads_rust(&p, c); break;
        default: reads_others(c); break;
        }
    }
    reads_go(&p);
    read_scripts(f);
    reads_config(f);
    reads_files(&p);
    merge(f);
    reads_library(&p);
    reads_follow(&p);
    reads_part_files(f);
    reads_outside(&p);
}
