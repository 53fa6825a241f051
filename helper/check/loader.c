/* Programs that fetch code and run it: what was attested is only the loader. */
#include "check/code.h"

/* What a call makes of its first argument: eval(text), new vm.Script(text), import(address). */
enum runs { RUNS_NOTHING, RUNS_TEXT, RUNS_ADDRESS };

static bool is_js(const struct program *p) { return p->lang == LANG_JAVASCRIPT || p->lang == LANG_TYPESCRIPT; }

/* All that runs_of takes: no other call is looked at. */
static const char *const runners[] = {"exec", "eval", "compile", "import", "runInContext", "runInNewContext", "runInThisContext", "compileFunction", "Script", "instantiate", "instantiateStreaming", "compileStreaming",
                                      "Function", "AsyncFunction", "importScripts", NULL};

static enum runs runs_of(const struct program *p, const struct call *k)
{
    bool bare = k->chain.n == k->name.n;
    if (p->lang == LANG_PYTHON && bare && SV_IN(k->name, SV("exec"), SV("eval"), SV("compile"))) {
        bool inside = k->from > 1 && program_is(p, k->from - 1, "(") && SV_IN(program_token(p, k->from - 2), SV("exec"), SV("eval")); /* exec(compile(…)) */
        return inside ? RUNS_NOTHING : RUNS_TEXT;
    }
    if (!is_js(p))
        return RUNS_NOTHING;
    if (bare && sv_eq(k->name, SV("import")))
        return RUNS_ADDRESS;
    bool vm = SV_IN(k->name, SV("runInContext"), SV("runInNewContext"), SV("runInThisContext"), SV("compileFunction")) || (sv_eq(k->name, SV("Script")) && sv_has(k->chain, SV("vm")));
    bool wasm = sv_has(k->chain, SV("WebAssembly")) && SV_IN(k->name, SV("instantiate"), SV("instantiateStreaming"), SV("compile"), SV("compileStreaming"));
    return vm || wasm || (bare && SV_IN(k->name, SV("eval"), SV("Function"), SV("AsyncFunction"), SV("importScripts"))) ? RUNS_TEXT : RUNS_NOTHING;
}

/* ---- where a text comes from -------------------------------------------------------------------------------- */

static const struct call *request_in(const struct program *p, size_t from, size_t to)
{
    size_t first, end;
    program_calls_in(p, from, to, &first, &end);
    for (; first < end; first++)
        if (is_http_call(p, &p->calls.at[first]))
            return &p->calls.at[first];
    return NULL;
}

/* loadText(url): a function of the program that asks and returns what came. */
static const struct call *request_behind(const struct program *p, size_t from, size_t to)
{
    static const char *const takes[] = {"text", "read", "content", "data", "arraybuffer", NULL};
    size_t first, end;
    const struct call *k = request_in(p, from, to);
    program_calls_in(p, from, to, &first, &end);
    for (; first < end && k == NULL; first++) {
        const struct block *f = p->calls.at[first].chain.n == p->calls.at[first].name.n ? function_named(p, p->calls.at[first].name) : NULL;
        if (f != NULL && says_any(p, f->body, f->body_end, takes) && find_any(p, f->body, f->body_end, (const char *const[]){"return", NULL}) != SV_NOT_FOUND)
            k = request_in(p, f->body, f->body_end);
    }
    return k;
}

/* with urlopen(u) as r: …; fetch(u).then(r => …): what the name is bound to without an assignment. */
static const struct call *request_of_binding(const struct program *p, sv name, size_t token)
{
    const struct block *f = program_function_at(p, token);
    for (size_t i = token; i-- > (f == NULL ? 0 : f->body);)
        if (program_is(p, i, "as") && p->at[i + 1].kind == TOKEN_WORD && sv_eq(program_token(p, i + 1), name))
            return request_in(p, program_statement_start(p, i), i);
    if (f != NULL && is_js(p) && program_mentions(p, f->params < f->params_end ? f->params : f->head, f->body, name))
        return request_in(p, program_statement_start(p, f->head), f->head);
    return NULL;
}

static const struct call *fetched_from(const struct program *p, size_t from, size_t to, int depth)
{
    const struct call *k = request_behind(p, from, to);
    for (size_t i = from; i < to && k == NULL && depth > 0; i++) {
        bool part = i > 0 && SV_IN(program_token(p, i - 1), SV("."), SV("?."));
        if (p->at[i].kind != TOKEN_WORD || part)
            continue;
        const struct assignment *a = program_assigned(p, program_token(p, i), from);
        if (a != NULL && !(a->value <= from && from < a->value_end))
            k = fetched_from(p, a->value, a->value_end, depth - 1);
        else if (a == NULL)
            k = request_of_binding(p, program_token(p, i), from);
    }
    return k;
}

/* import(u): the address of another host, and no file of the image. A constant in place is third-party-script's. */
static bool is_remote_address(const struct program *p, size_t from, size_t to, int depth)
{
    if (p->at[from].kind == TOKEN_STRING)
        return (depth < 2 || to > from + 1) && (sv_has(program_token(p, from), SV("https://")) || sv_has(program_token(p, from), SV("http://")));
    const struct assignment *a = depth > 0 && p->at[from].kind == TOKEN_WORD ? program_assigned(p, program_token(p, from), from) : NULL;
    return a != NULL && is_remote_address(p, a->value, a->value_end, depth - 1);
}

/* ---- fetched-code-runs ---------------------------------------------------------------------------------------- */

/* A digest or signature is compared in the function before the code runs. */
static bool is_compared(const struct program *p, size_t token)
{
    static const char *const digests[] = {"sha256", "sha384", "sha512", "createhash", "digest", "integrity", "hash", "signature", NULL};
    size_t from, to;
    function_range(p, token, &from, &to);
    return compares(p, from, token, digests) || checks_value(p, from, token, digests);
}

static void judge_run(struct check_run *c, const struct program *p, const struct call *k, const struct call *request, const struct call *via)
{
    static const char *const settings[] = {"environ", "getenv", "process.env", "config", "settings", "env", NULL};
    const struct call *where = via != NULL ? via : k;
    size_t from, to;
    if (is_compared(p, where->open) || place_is_aside(program_place(p, where->from, where->close + 1)) || runs_outside(c->facts, p->src))
        return;
    struct finding *f = report(c, program_place(p, where->from, where->close + 1), k->name,
                               "What is fetched here runs as code (%.*s) and nothing compares it with what was attested: whoever serves the address decides what handles user data and keys.", SV_ARG(k->chain));
    bool chosen = request != NULL && program_argument(p, request, 0, &from, &to) && derives_from(p, from, to, settings, 3);
    f->severity = chosen ? SEV_CRITICAL : SEV_HIGH;
    if (request != NULL)
        relate(c, f, program_place(p, request->from, request->close + 1), "fetched here");
}

/* run(await load(url)), where run hands its parameter to eval. */
static void follow_wrapper(struct check_run *c, const struct program *p, const struct call *sink, size_t from, size_t to)
{
    const struct block *f = program_function_at(p, sink->open);
    if (f == NULL || f->name.n == 0 || to != from + 1 || !program_mentions(p, f->params, f->params_end, program_token(p, from)))
        return;
    for (size_t i = 0; i < p->calls.n; i++) {
        const struct call *k = &p->calls.at[i];
        const struct call *request = sv_eq(k->name, f->name) && k->chain.n == k->name.n ? fetched_from(p, k->open + 1, k->close, 3) : NULL;
        if (request != NULL) {
            judge_run(c, p, sink, request, k);
            return;
        }
    }
}

static void look_for_loader(struct check_run *c, const struct program *p)
{
    if (p->lang != LANG_PYTHON && !is_js(p))
        return;
    struct calls running = calls_written(c, p, runners);
    for (const struct call *k; (k = next_named(&running)) != NULL;) {
        enum runs runs = runs_of(p, k);
        size_t from, to;
        if (runs == RUNS_NOTHING || !program_argument(p, k, 0, &from, &to))
            continue;
        c->examined++;
        const struct call *request = runs == RUNS_TEXT ? fetched_from(p, from, to, 3) : NULL;
        if (request != NULL || (runs == RUNS_ADDRESS && is_remote_address(p, from, to, 2)))
            judge_run(c, p, k, request, NULL);
        else if (runs == RUNS_TEXT)
            follow_wrapper(c, p, k, from, to);
    }
}

void check_fetched_code(struct check_run *c) { each_program(c, NULL, look_for_loader); }
