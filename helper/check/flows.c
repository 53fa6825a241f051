/* Values that change what a program does: into shells and modules, past a check, past the server's certificate. */
#include <assert.h>

#include "check/input.h"
#include "check/routes.h"

/* ---- operator-input-runs ------------------------------------------------------------------------------ */

/* Numbers, quoting and lists of what is allowed end the flow. */
static bool is_tamed(const struct program *p, size_t from, size_t to)
{
    static const char *const words[] = {"quote", "escape", "parseint", "number", "isdigit", "int", "float", "strconv", "atoi", "fullmatch", "allowed", "whitelist", "boolean", "literal", "identifier", NULL};
    for (size_t i = from; i < to && i < p->n; i++)
        for (const char *const *w = words; p->at[i].kind == TOKEN_WORD && *w != NULL; w++)
            if (sv_ieq(program_token(p, i), sv_from(*w)) || (sv_from(*w).n > 5 && sv_ihas(program_token(p, i), sv_from(*w))))
                return true;
    return false;
}

static bool is_true_option(const struct program *p, const struct call *k, const char *name)
{
    for (size_t i = k->open + 1; i + 2 <= k->close; i++)
        if (program_is(p, i, name) && (program_is(p, i + 1, "=") || program_is(p, i + 1, ":")) && (program_is(p, i + 2, "True") || program_is(p, i + 2, "true")))
            return true;
    return false;
}

enum sink { SINK_NONE, SINK_SHELL, SINK_CODE, SINK_MODULE, SINK_PROGRAM, SINK_SQL };

static enum sink sink_of_python(const struct program *p, const struct call *k, bool bare)
{
    bool process = sv_has(k->chain, SV("subprocess")) || SV_IN(k->name, SV("Popen"), SV("check_output"), SV("check_call"));
    if ((SV_IN(k->name, SV("system"), SV("popen")) && sv_has(k->chain, SV("os."))) || sv_eq(k->name, SV("create_subprocess_shell")) || (process && is_true_option(p, k, "shell")))
        return SINK_SHELL;
    if (bare && SV_IN(k->name, SV("eval"), SV("exec")))
        return SINK_CODE;
    if (SV_IN(k->name, SV("import_module"), SV("__import__"), SV("run_path")))
        return SINK_MODULE;
    if (!process && !sv_eq(k->name, SV("create_subprocess_exec")))
        return SINK_NONE;
    return program_names_shell(p, k->open, k->close) ? SINK_SHELL : SINK_PROGRAM;
}

static enum sink sink_of_javascript(const struct program *p, const struct call *k, bool bare)
{
    if (sv_eq(k->name, SV("execSync")) || (sv_eq(k->name, SV("exec")) && (bare || sv_has(k->chain, SV("child_process")) || sv_has(k->chain, SV("cp.")))))
        return SINK_SHELL;
    if (SV_IN(k->name, SV("spawn"), SV("spawnSync"), SV("execFile")) && is_true_option(p, k, "shell"))
        return SINK_SHELL;
    if (bare && SV_IN(k->name, SV("eval"), SV("Function")))
        return SINK_CODE;
    if (bare && SV_IN(k->name, SV("import"), SV("require")))
        return SINK_MODULE;
    if (!SV_IN(k->name, SV("spawn"), SV("spawnSync"), SV("execFile"), SV("execFileSync")))
        return SINK_NONE;
    return program_names_shell(p, k->open, k->close) ? SINK_SHELL : SINK_PROGRAM;
}

static enum sink sink_of_go(const struct program *p, const struct call *k)
{
    if (!SV_IN(k->name, SV("Command"), SV("CommandContext")))
        return SINK_NONE;
    if (program_names_shell(p, k->open, k->close))
        return SINK_SHELL;
    return sv_eq(k->name, SV("Command")) && sv_has(k->chain, SV("exec")) ? SINK_PROGRAM : SINK_NONE;
}

static enum sink sink_of_rust(const struct call *k)
{
    if (SV_IN(k->name, SV("arg"), SV("args")) && (sv_has(k->chain, SV("\"sh\"")) || sv_has(k->chain, SV("\"bash\""))))
        return SINK_SHELL;
    return sv_eq(k->name, SV("new")) && sv_has(k->chain, SV("Command")) ? SINK_PROGRAM : SINK_NONE;
}

static bool runs_statement(const struct program *p, const struct call *k)
{
    static const char *const verbs[] = {"select ", "insert into", "update ", "delete from", "create ", "drop ", "alter ", NULL};
    size_t from, to;
    return SV_IN(k->name, SV("execute"), SV("query"), SV("executescript"), SV("exec_driver_sql"), SV("Query"), SV("Exec"), SV("raw"), SV("unsafe")) &&
           program_argument(p, k, 0, &from, &to) && says_any(p, from, to, verbs);
}

/* All that sink_of takes, besides what is called on Python's subprocess: no other call is looked at. */
static const char *const sinks[] = {"Popen", "check_output", "check_call", "system", "popen", "create_subprocess_shell", "create_subprocess_exec", "eval", "exec", "import_module", "__import__", "run_path",
                                    "execSync", "spawn", "spawnSync", "execFile", "execFileSync", "Function", "import", "require", "Command", "CommandContext", "arg", "args", "new",
                                    "execute", "query", "executescript", "exec_driver_sql", "Query", "Exec", "raw", "unsafe", NULL};

/* What the call makes of a text. */
static enum sink sink_of(const struct program *p, const struct call *k)
{
    bool bare = k->chain.n == k->name.n;
    enum sink s = SINK_NONE;
    switch (p->lang) {
    case LANG_PYTHON: s = sink_of_python(p, k, bare); break;
    case LANG_JAVASCRIPT: case LANG_TYPESCRIPT: s = sink_of_javascript(p, k, bare); break;
    case LANG_GO: s = sink_of_go(p, k); break;
    case LANG_RUST: s = sink_of_rust(k); break;
    default: break;
    }
    if (s == SINK_NONE && runs_statement(p, k))
        s = SINK_SQL;
    assert(s == SINK_NONE || is_any(k->name, sinks) || sv_has(k->chain, SV("subprocess")));
    return s;
}

/* The argument that becomes a command or a statement; the values of a prepared statement are none. */
static bool sink_range(const struct program *p, const struct call *k, enum sink sink, size_t *from, size_t *to)
{
    *from = k->open + 1, *to = k->close;
    if (sink != SINK_PROGRAM)
        return (sink == SINK_SHELL && (p->lang == LANG_RUST || program_names_shell(p, k->open, k->close))) || program_argument(p, k, 0, from, to);
    if (!program_argument(p, k, 0, from, to))
        return false;
    const struct assignment *a = *to == *from + 1 ? program_assigned(p, program_token(p, *from), k->from) : NULL;
    if (a != NULL && program_is(p, a->value, "[")) /* cmd = ["prog", …] */
        *from = a->value, *to = a->value_end;
    if (program_is(p, *from, "[")) { /* the program is the first of the list */
        (*from)++;
        *to = program_expression_end(p, *from);
    }
    return true;
}

static const char *made_of(enum sink s)
{
    return s == SINK_SHELL ? "is run by a shell" : s == SINK_CODE ? "is evaluated as code" : s == SINK_MODULE ? "names the module that is loaded" : s == SINK_PROGRAM ? "names the program that is started" : "stands in the text of a database statement";
}

/* `${VALUE}` alone as an element of a list, or a text around it: in SQL only text counts. */
static bool joins_text(const struct program *p, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        if (program_is(p, i, "+") || program_is(p, i, "%") || program_is(p, i, "format") || (p->at[i].kind == TOKEN_STRING && (sv_has(program_token(p, i), SV("${")) || ((program_first(p, i) == 'f' || program_first(p, i) == 'F') && sv_has(program_token(p, i), SV("{"))))))
            return true;
    return false;
}

static const struct operator_input *input_of(struct check_run *c, const struct env_read *r)
{
    for (size_t i = 0; i < c->facts->inputs.n; i++) {
        const struct operator_input *in = c->facts->inputs.at[i];
        for (size_t k = 0; k < in->reads.n; k++)
            if (in->reads.at[k] == r && in->allowed != ALLOWED_NO)
                return in;
    }
    return NULL;
}

static void check_operator_value(struct check_run *c, const struct program *p, const struct call *k, enum sink sink, size_t from, size_t to)
{
    const struct reads_here *reads = reads_within(c, p->src);
    for (size_t i = 0; i < reads->all.n; i++) {
        const struct env_read *r = *reads->all.at[i];
        bool here = r->place.src == p->src && begins_in(p, r->place, from, to);
        for (size_t u = 0; u < r->uses.n && !here; u++)
            here = begins_in(p, *r->uses.at[u], from, to);
        if (!here && r->field.n != 0 && r->place.src == p->src)
            here = program_mentions(p, from, to, r->field);
        const struct operator_input *in = here ? input_of(c, r) : NULL;
        if (in == NULL || (sink == SINK_SQL && !joins_text(p, from, to)))
            continue;
        struct finding *f = report(c, program_place(p, k->from, k->close + 1), r->name, "The operator sets %.*s, and its value %s: any command or code of the operator's choice runs in the TEE under the attested configuration.", SV_ARG(r->name), made_of(sink));
        relate(c, f, in->place, "set here");
        relate(c, f, r->place, "read here");
        if (sink == SINK_SQL)
            f->severity = SEV_MEDIUM;
        return;
    }
}

static void look_for_sink(struct check_run *c, const struct program *p, const struct call *k)
{
    size_t from, to;
    enum sink sink = sink_of(p, k);
    if (sink == SINK_NONE || !sink_range(p, k, sink, &from, &to))
        return;
    c->examined++;
    if (!is_tamed(p, from, to))
        check_operator_value(c, p, k, sink, from, to);
}

static void look_for_sinks(struct check_run *c, const struct program *p)
{
    bool any = p->lang == LANG_PYTHON && source_has(p->src, SV("subprocess"));
    struct calls named = calls_written(c, p, sinks);
    for (size_t i = 0; any && i < p->calls.n; i++)
        look_for_sink(c, p, &p->calls.at[i]);
    for (const struct call *k; !any && (k = next_named(&named)) != NULL;)
        look_for_sink(c, p, k);
}

void check_operator_input_runs(struct check_run *c) { each_program(c, NULL, look_for_sinks); }

/* ---- caller-input-runs --------------------------------------------------------------------------------- */

/* if (!isValidPeriod(since)) return …: what does not fit never comes further. */
static bool is_vetted(const struct program *p, sv name, size_t token)
{
    static const char *const tests[] = {"valid", "includes", "allowed", "fullmatch", "match", "test", "has", NULL};
    const struct block *f = program_function_at(p, token);
    for (size_t i = 0; i < p->blocks.n; i++) {
        const struct block *b = p->blocks.at[i];
        if (b->kind == BLOCK_IF && b->body_end <= token && program_function_at(p, b->head) == f && program_mentions(p, b->head, b->head_end, name) &&
            says_any(p, b->head, b->head_end, tests) && program_leaves(p, b->body, b->body_end))
            return true;
    }
    return false;
}

/* Every value of the caller in the range was held against a list or a pattern, or was cleaned. */
static bool all_vetted(const struct route *r, size_t span, size_t from, size_t to, int depth)
{
    static const char *const cleaning[] = {"sanitiz", "escape", "quote", "parseint", "valid", NULL};
    const struct program *p = r->program;
    for (size_t i = from; i < to; i++) {
        if (p->at[i].kind == TOKEN_STRING && from_caller(r, span, i, i + 1, 2))
            return false; /* an f-string */
        if (p->at[i].kind != TOKEN_WORD || (i > 0 && SV_IN(program_token(p, i - 1), SV("."), SV("?."))) || !from_caller(r, span, i, i + 1, 3) || is_vetted(p, program_token(p, i), from))
            continue;
        const struct assignment *a = depth > 0 ? program_assigned(p, program_token(p, i), from) : NULL;
        if (a == NULL || a->field.n != 0)
            return false;
        if (!says_any(p, a->value, a->value_end, cleaning) && !all_vetted(r, span, a->value, a->value_end, depth - 1))
            return false;
    }
    return true;
}

static bool runs_callers_text(const struct route *r, size_t span, const struct call *k)
{
    size_t from, to;
    enum sink sink = sink_of(r->program, k);
    return sink != SINK_NONE && sink_range(r->program, k, sink, &from, &to) && !is_tamed(r->program, from, to) && (sink != SINK_SQL || joins_text(r->program, from, to)) && from_caller(r, span, from, to, 3) && !all_vetted(r, span, from, to, 2);
}

static void judge_caller_input_runs(struct check_run *c, const struct route *r)
{
    size_t span;
    const struct call *k = route_call(r, runs_callers_text, &span);
    c->examined++;
    if (k == NULL)
        return;
    enum sink sink = sink_of(r->program, k);
    struct finding *f = report(c, program_place(r->program, k->from, k->close + 1), r->path, "What the caller of %.*s sends %s: it runs with all rights of the app.", SV_ARG(r->path), made_of(sink));
    relate(c, f, route_place(r), "the route");
    f->severity = sink == SINK_SQL || r->guard != GUARD_NONE ? SEV_HIGH : SEV_CRITICAL;
}

void check_caller_input_runs(struct check_run *c) { each_route(c, judge_caller_input_runs); }

/* ---- variable-named-by-data ------------------------------------------------------------------------------- */

static size_t variable_name(const struct program *p, const struct call *k)
{
    bool getter = (sv_eq(k->name, SV("get")) && sv_has(k->chain, SV("environ"))) || SV_IN(k->name, SV("getenv"), SV("Getenv"), SV("LookupEnv")) || (sv_eq(k->name, SV("var")) && sv_has(k->chain, SV("env")));
    size_t from, to;
    if (!getter || !program_argument(p, k, 0, &from, &to) || p->at[from].kind != TOKEN_WORD || to > from + 1)
        return SV_NOT_FOUND;
    return from;
}

/* `for key in project.env_passthrough or []`, `for (const name of manifest.env)`: a field of data, not a list of the code. */
static size_t loop_over_data(const struct program *p, size_t name)
{
    for (const struct block *b = program_block_at(p, name); b != NULL; b = b->parent) {
        if (b->kind != BLOCK_LOOP || !program_mentions(p, b->head, b->head_end, program_token(p, name)))
            continue;
        for (size_t i = b->head; i + 1 < b->head_end; i++)
            if (program_is(p, i, ".") && p->at[i + 1].kind == TOKEN_WORD && (sv_ihas(program_token(p, i + 1), SV("env")) || sv_ihas(program_token(p, i + 1), SV("pass"))) && !program_is(p, i + 2, "("))
                return i + 1;
    }
    return SV_NOT_FOUND;
}

static void look_for_passthrough(struct check_run *c, const struct program *p)
{
    for (size_t i = 0; i < p->calls.n; i++) {
        size_t name = variable_name(p, &p->calls.at[i]), data = name == SV_NOT_FOUND ? SV_NOT_FOUND : loop_over_data(p, name);
        if (name == SV_NOT_FOUND)
            continue;
        c->examined++;
        if (data == SV_NOT_FOUND)
            continue;
        sv field = program_token(p, data);
        struct finding *f = report(c, program_place(p, p->calls.at[i].from, p->calls.at[i].close + 1), field, "%.*s names which variables of this process are handed on: with the name of a secret (the admin token among them) whoever writes that list gets it.", SV_ARG(field));
        relate(c, f, program_place(p, data, data + 1), "the list");
    }
}

static const char *const variable_by_data_topics[] = {"environ", "getenv", "env::var", "lookupenv", NULL};
void check_variable_by_data(struct check_run *c) { each_program(c, variable_by_data_topics, look_for_passthrough); }

/* ---- tls-off-in-code ----------------------------------------------------------------------------------------- */

/* A switch and what follows it: a literal that turns verification off, or a name that may. */
struct tls_switch { const char *word; bool off_when; bool call; };
enum { SWITCHES = 10 };
static const struct tls_switch tls_switches[SWITCHES] = {
    {"verify", false, false}, {"rejectUnauthorized", false, false}, {"InsecureSkipVerify", true, false}, {"danger_accept_invalid_certs", true, true}, {"danger_accept_invalid_hostnames", true, true},
    {"verify_ssl", false, false}, {"ssl_verify", false, false}, {"check_hostname", false, false}, {"tls_insecure_skip_verify", true, false}, {"strictSSL", false, false},
};

static bool is_literal_bool(const struct program *p, size_t i, bool value)
{
    return value ? program_is(p, i, "true") || program_is(p, i, "True") : program_is(p, i, "false") || program_is(p, i, "False") || (program_is(p, i, "0") && !program_is(p, i - 1, "verify"));
}

/* The certificate is fetched to be compared with one that was attested, or a function of the app judges it. */
static bool pins_certificate(const struct program *p, size_t at)
{
    static const char *const words[] = {"getpeercert", "getpeercertificate", "peercertificates", "peer_certificate", "checkserveridentity", "verifypeercertificate", "verifyconnection", "custom_certificate_verifier", "server_hash", "fingerprint256", "assert_fingerprint", NULL};
    size_t from, to;
    function_range(p, at, &from, &to);
    return says_any(p, from, to, words);
}

static bool is_own_address(const struct program *p, size_t at)
{
    size_t from = program_statement_start(p, at), to = program_statement_end(p, at);
    return says_any(p, from, to, (const char *const[]){"localhost", "127.0.0.1", "::1", NULL});
}

/* A comment above says that the program judges the certificate itself: that is for a person to confirm. */
static bool says_it_pins(const struct program *p, size_t at)
{
    size_t line = line_at(&p->src->lines, p->at[at].start);
    for (size_t i = 0; i < p->n_comments; i++) {
        size_t last = line_at(&p->src->lines, p->comments[i].start + token_length(&p->comments[i]));
        if (last <= line && last + 10 > line && text_has_any(token_text(p->src, &p->comments[i]), (const char *const[]){" pin ", "pinned", "pinning", "verifycertificate", "validates cert", "verifies the cert", NULL}))
            return true;
    }
    return false;
}

/* Evidence speaks for itself once it is verified: the connection it came by matters less. */
static bool fetches_evidence(const struct program *p, size_t at)
{
    static const char *const words[] = {"attest", "quote", "evidence", "tcb_info", NULL};
    return says_any(p, program_statement_start(p, at), program_statement_end(p, at), words);
}

/* One finding a file. */
static void report_tls(struct check_run *c, const struct program *p, size_t from, size_t to, struct finding **first)
{
    struct place where = program_place(p, from, to);
    if (pins_certificate(p, from) || is_own_address(p, from) || place_is_aside(where) || connects_inside(c, p, from))
        return;
    if (says_it_pins(p, from))
        ask(c, where, "The certificate is not checked by the client here; a comment says that the program does it. Does it compare the certificate of this very connection before anything is sent?")->rank = 2;
    else if (*first != NULL)
        relate(c, *first, where, "here too");
    else if (fetches_evidence(p, from))
        (*first = report(c, where, program_token(p, from), "The server's certificate is not checked while evidence is fetched: whoever sits on the way gives that of another "
                         "machine, and only a key that is compared with the quote's report_data tells them apart."))->severity = SEV_MEDIUM;
    else
        *first = report(c, where, program_token(p, from), "The server's certificate is not checked here: whoever sits on the way, the host of the CVM first of all, answers in its place and reads what is sent.");
    if (runs_outside(c->facts, p->src) && *first != NULL) /* of who runs the tool, and of what he concludes */
        (*first)->severity = severity_at_most((*first)->severity, is_verifying_file(c, p) ? SEV_MEDIUM : SEV_LOW);
}

/* `verify=False`: only of an HTTP or TLS call, and not `verify: false` of some other object. */
static bool is_tls_option(const struct program *p, size_t i)
{
    if (!program_is(p, i, "verify"))
        return true;
    static const char *const clients[] = {"requests", "httpx", "client", "session", "get", "post", "put", "request", "stream", NULL};
    size_t first, end;
    program_calls_in(p, program_statement_start(p, i), i, &first, &end);
    for (size_t k = first; k < end; k++)
        if (p->calls.at[k].open < i && i < p->calls.at[k].close && (text_has_any(p->calls.at[k].chain, clients)))
            return p->lang == LANG_PYTHON;
    return p->lang == LANG_PYTHON && i > 0 && program_is(p, i - 1, "."); /* session.verify = False */
}

/* The value is a parameter of the function around: its callers decide. */
static bool is_parameter(const struct program *p, size_t i, const struct block **function, size_t *index)
{
    const struct block *f = program_function_at(p, i);
    if (f == NULL || f->name.n == 0 || p->at[i].kind != TOKEN_WORD)
        return false;
    size_t n = 0;
    for (size_t t = f->params; t < f->params_end; t++) {
        if (program_is(p, t, "(") || program_is(p, t, "[") || program_is(p, t, "{")) {
            t = program_match(p, t) == SV_NOT_FOUND ? t : program_match(p, t);
            continue;
        }
        if (program_is(p, t, ","))
            n++;
        else if (p->at[t].kind == TOKEN_WORD && sv_eq(program_token(p, t), program_token(p, i)) && !program_is(p, t + 1, "::")) {
            *function = f, *index = n - (n > 0 && (program_is(p, f->params, "self") || program_mentions(p, f->params, f->params + 3, SV("self"))));
            return true;
        }
    }
    return false;
}

struct open_call { const struct program *program; const struct block *function; size_t index; bool off_when; };
struct open_calls { VEC(struct open_call) all; };

static void take_switch(struct check_run *c, const struct program *p, size_t i, const struct tls_switch *row, struct open_calls *open, struct finding **first)
{
    bool assigned = program_is(p, i + 1, "=") || program_is(p, i + 1, ":");
    size_t value = assigned || (row->call && program_is(p, i + 1, "(")) ? i + 2 : SV_NOT_FOUND;
    if (value == SV_NOT_FOUND || value >= p->n || !is_tls_option(p, i))
        return;
    c->examined++;
    bool negated = program_is(p, value, "!") || program_is(p, value, "not");
    const struct block *f, *b = program_block_at(p, i);
    size_t index;
    /* `if accept_invalid { builder.danger_accept_invalid_certs(true) }` */
    bool branch = b != NULL && b->kind == BLOCK_IF && b->head_end - b->head <= 3 && is_parameter(p, b->head_end - 1, &f, &index);
    if (is_literal_bool(p, value, row->off_when) && branch)
        *vec_new(c->arena, &open->all, struct open_call) = (struct open_call){p, f, index, true};
    else if (is_literal_bool(p, value, row->off_when))
        report_tls(c, p, i, value + 1, first);
    else if (is_parameter(p, negated ? value + 1 : value, &f, &index) && !pins_certificate(p, i))
        *vec_new(c->arena, &open->all, struct open_call) = (struct open_call){p, f, index, row->off_when != negated};
}

static void look_for_other_switches(struct check_run *c, const struct program *p, struct finding **first)
{
    static const char *const words[] = {"CERT_NONE", "_create_unverified_context", "ssl", "NODE_TLS_REJECT_UNAUTHORIZED", NULL};
    for (struct walk w = walk_words(p, words); next_word(&w);) {
        size_t i = w.at;
        bool context = program_is(p, i, "CERT_NONE") && i > 1 && (program_is(p, i - 1, ".") || program_is(p, i - 1, "=")) && !program_says(p, i > 6 ? i - 6 : 0, i, "check_hostname");
        bool unverified = program_is(p, i, "_create_unverified_context") && program_is(p, i + 1, "(");
        bool aiohttp = program_is(p, i, "ssl") && program_is(p, i + 1, "=") && program_is(p, i + 2, "False") && source_has(p->src, SV("aiohttp"));
        bool node = program_is(p, i, "NODE_TLS_REJECT_UNAUTHORIZED") && program_is(p, i + 1, "=") && i + 2 < p->n && SV_IN(program_string(p, i + 2), SV("0"));
        bool number = program_is(p, i, "NODE_TLS_REJECT_UNAUTHORIZED") && program_is(p, i + 1, "=") && program_is(p, i + 2, "0");
        if (!context && !unverified && !aiohttp && !node && !number)
            continue;
        c->examined++;
        report_tls(c, p, i, i + 1, first);
    }
}

/* `create_pool(cfg, true)`: the constant decides what the function does. */
static void follow_constant(struct check_run *c, const struct program *p, const struct call *call, const struct open_calls *open)
{
    for (size_t o = 0; o < open->all.n; o++) {
        const struct open_call *site = open->all.at[o];
        size_t from, to;
        if (!sv_eq(call->name, site->function->name) || site->program->lang != p->lang || !program_argument(p, call, site->index, &from, &to) || to != from + 1 || !is_literal_bool(p, from, site->off_when) ||
            place_is_aside(program_place(p, from, to)))
            continue;
        struct finding *f = report(c, program_place(p, call->from, call->close + 1), call->name, "This constant makes %.*s accept any certificate: whoever sits on the way answers in the server's place.", SV_ARG(call->name));
        relate(c, f, program_place(site->program, site->function->head, site->function->head_end), "switched off in here");
        return;
    }
}

static void follow_constants(struct check_run *c)
{
    const struct open_calls *open = c->kept;
    const struct programs *list = open->all.n == 0 ? NULL : programs_of(c, NULL);
    for (size_t i = 0; list != NULL && i < list->all.n; i++) {
        const struct program *p = list->all.at[i];
        bool named = false;
        for (size_t o = 0; o < open->all.n && !named; o++)
            named = source_has(p->src, open->all.at[o]->function->name);
        for (size_t k = 0; named && k < p->calls.n; k++)
            follow_constant(c, p, &p->calls.at[k], open);
    }
}

static void look_for_tls_off(struct check_run *c, const struct program *p)
{
    struct finding *first = NULL;
    const char *words[SWITCHES + 1] = {NULL};
    if (p->lang == LANG_SHELL)
        return;
    for (size_t s = 0; s < SWITCHES; s++)
        words[s] = tls_switches[s].word;
    for (struct walk w = walk_words(p, words); next_word(&w);)
        for (size_t s = 0; w.at + 2 < p->n && s < SWITCHES; s++)
            if (program_is(p, w.at, tls_switches[s].word))
                take_switch(c, p, w.at, &tls_switches[s], c->kept, &first);
    look_for_other_switches(c, p, &first);
}

void check_tls_off_in_code(struct check_run *c)
{
    static const char *const topics[] = {"verify", "unauthorized", "danger_accept", "cert_none", "unverified", "ssl", "tls", NULL};
    c->kept = arena_new(c->arena, struct open_calls);
    c->then = follow_constants;
    each_program(c, topics, look_for_tls_off);
}

/* ---- sender-unverified-when-unset ----------------------------------------------------------------------------------- */

/* if (SECRET) verifySignature(body, SECRET) and the message is used either way */
static void look_for_unverified(struct check_run *c, const struct program *p)
{
    static const char *const checkers[] = {"verify_signature", "verifysignature", "verify_hmac", "verifyhmac", "verifywebhook", "verify_webhook", "timingsafeequal", "compare_digest", NULL};
    static const char *const secrets[] = {"secret", "token", "hmac_key", "signing_key", "webhook_key", NULL};
    static const char *const settings[] = {"environ", "getenv", "process.env", "env", "config", "settings", NULL};
    const char *const *words = words_within(c, p, secrets);
    for (size_t i = 0; i < p->blocks.n; i++) {
        const struct block *b = p->blocks.at[i], *other = b->next;
        if (b->kind != BLOCK_IF || b->follows != NULL || p->lang == LANG_SHELL || b->head_end - b->head > 8)
            continue;
        size_t word = find_any(p, b->head + 1, b->head_end, words), first, end;
        bool silent = other == NULL || (other->kind == BLOCK_ELSE && only_logs(p, other->body, other->body_end) && !program_leaves(p, other->body, other->body_end));
        if (word == SV_NOT_FOUND || !is_presence_test(p, b->head, b->head_end) || is_absence_test(p, b->head, b->head_end) || !silent || !derives_from(p, b->head + 1, b->head_end, settings, 2))
            continue;
        c->examined++;
        bool checks = false;
        program_calls_in(p, b->body, b->body_end, &first, &end);
        for (size_t n = first; n < end; n++)
            checks = checks || (call_named(&p->calls.at[n], checkers) && program_mentions(p, p->calls.at[n].from, p->calls.at[n].close, program_token(p, word)));
        if (checks)
            report(c, program_place(p, b->head, b->head_end), program_token(p, word), "The sender is verified only when %.*s is set. The deployer leaves it empty, and every forged message is taken.", SV_ARG(program_token(p, word)));
    }
}

static const char *const unverified_topics[] = {"hmac", "verify", "timingsafeequal", "compare_digest", NULL};
void check_sender_unverified(struct check_run *c) { each_program(c, unverified_topics, look_for_unverified); }

/* ---- volume-given-to-containers ----------------------------------------------------------------------------------------- */

/* `binds = [f"{VOLUME}:/data:ro"]`, Binds: [`${volume}:/data`] in a program that starts containers. */
static const char *const container_starts[] = {"create_container", "createcontainer", "containers.run", "containercreate", NULL};

static void look_for_volume(struct check_run *c, const struct program *p)
{
    if (!says_any(p, 0, p->n, container_starts))
        return;
    for (size_t i = 0; i < p->assigns.n; i++) {
        const struct assignment *a = &p->assigns.at[i];
        if (!sv_ihas(a->target, SV("binds")) && !sv_ihas(a->target, SV("volumes")))
            continue;
        c->examined++;
        for (size_t t = a->value; t < a->value_end; t++) {
            const struct token *k = &p->at[t];
            sv text = k->kind == TOKEN_STRING ? token_string(p->src, k) : SV_NONE;
            size_t close = sv_find(text, SV("}:/"));
            sv name = close == SV_NOT_FOUND || text.p[0] != '{' ? SV_NONE : sv_sub(text, 1, close);
            if (sv_eq(token_text(p->src, k), SV("`${")) && t + 2 < a->value_end && sv_starts(program_token(p, t + 2), SV("}:/"))) /* `${VOLUME}:/data` */
                name = program_token(p, t + 1);
            if (sv_is_env_name(name)) {
                ask(c, program_place(p, t, t + 1), "Containers that the code starts get the whole volume %.*s. Do all of them belong to the same owner, and does it hold secrets of others?", SV_ARG(name))->rank = 2;
                break;
            }
        }
    }
}

void check_volume_given(struct check_run *c) { each_program(c, container_starts, look_for_volume); }
