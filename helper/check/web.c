/* What routes reveal and leave open besides the data they are for: debug paths, cookies, CORS, whole records. */
#include "check/routes.h"

/* ---- debug-route-open ---------------------------------------------------------------------------- */

static bool has_segment(sv path, const char *const *words)
{
    sv rest = path;
    while (rest.p != NULL) {
        if (is_any(sv_cut(&rest, '/'), words))
            return true;
    }
    return false;
}

/* The whole environment in an answer. */
static size_t dumps_environment(const struct route *r)
{
    const struct program *p = r->program;
    for (size_t i = r->body; i + 2 < r->body_end; i++) {
        bool js = program_is(p, i, "process") && program_is(p, i + 1, ".") && program_is(p, i + 2, "env") && !program_is(p, i + 3, ".") && !program_is(p, i + 3, "[");
        bool python = program_is(p, i, "os") && program_is(p, i + 1, ".") && program_is(p, i + 2, "environ") && !program_is(p, i + 3, ".") && !program_is(p, i + 3, "[");
        bool items = program_is(p, i, "environ") && program_is(p, i + 1, ".") && (program_is(p, i + 2, "items") || program_is(p, i + 2, "copy"));
        bool go = program_is(p, i, "os") && program_is(p, i + 1, ".") && program_is(p, i + 2, "Environ");
        if (js || python || items || go)
            return i;
    }
    return SV_NOT_FOUND;
}

/* The handler compares what the caller sends with a variable of the environment: the operator holds the secret. */
static sv operators_secret(const struct route *r)
{
    const struct program *p = r->program;
    for (size_t i = r->body; i < r->body_end; i++) {
        bool js = program_is(p, i, "env") && i >= 2 && program_is(p, i - 2, "process") && program_is(p, i + 1, ".");
        bool python = SV_IN(program_token(p, i), SV("environ"), SV("getenv")) && (program_is(p, i + 1, "[") || program_is(p, i + 1, "(") || program_is(p, i + 1, "."));
        size_t name = js ? i + 2 : i + 1;
        for (size_t k = i + 1; python && k < i + 5 && k < r->body_end; k++)
            name = p->at[k].kind == TOKEN_STRING ? k : name;
        sv w = (js || python) && name < p->n ? (p->at[name].kind == TOKEN_STRING ? program_string(p, name) : program_token(p, name)) : SV_NONE;
        if (sv_ihas(w, SV("KEY")) || sv_ihas(w, SV("TOKEN")) || sv_ihas(w, SV("SECRET")) || sv_ihas(w, SV("PASSW")))
            return w;
    }
    return SV_NONE;
}

/* Answers a fixed text: a page of documentation. */
static bool only_answers(const struct route *r)
{
    size_t first, end;
    program_calls_in(r->program, r->body, r->body_end, &first, &end);
    for (size_t i = first; i < end; i++) {
        const struct call *k = &r->program->calls.at[i];
        if (!SV_IN(k->name, SV("json"), SV("send"), SV("jsonify"), SV("JSONResponse"), SV("Json")))
            return false;
        for (size_t t = k->open + 1; t < k->close; t++)
            if (r->program->at[t].kind == TOKEN_WORD && !program_is(r->program, t + 1, ":") && !SV_IN(program_token(r->program, t), SV("true"), SV("false"), SV("True"), SV("False")))
                return false;
    }
    return end > first;
}

static bool only_tells_status(const struct route *r)
{
    if (only_answers(r))
        return true;
    return !r->writes && (sv_iends(r->path, SV("/status")) || sv_iends(r->path, SV("/health")) || sv_iends(r->path, SV("/healthz")) || sv_iends(r->path, SV("/version")) || sv_iends(r->path, SV("/test")));
}

/* `door`: the first route of this program that only the operator's secret guards. */
static void judge_debug_route(struct check_run *c, const struct route *r)
{
    static const char *const powers[] = {"admin", "_admin", "internal", "reset", "migrate", "prune", "migrations", "seed", "wipe", "drop", "shutdown", "restart", "impersonate", "sudo", "reload", "purge", "flush", "set-config", NULL};
    static const char *const looks[] = {"debug", "_debug", "test", "eval", "env", "exec", "shell", "console", "dump", "dev", "sql", "heap", "pprof", "trace", NULL};
    const struct program *p = r->program;
    size_t environment = dumps_environment(r);
    struct finding *door = c->kept;
    c->examined++;
    if (environment != SV_NOT_FOUND && r->guard == GUARD_NONE) {
        report(c, program_place(p, environment, environment + 3), r->path, "%.*s answers any caller with the whole environment, the secrets in it included.", SV_ARG(r->path));
    } else if (!r->unregistered && (has_segment(r->path, powers) || has_segment(r->path, looks))) {
        bool power = has_segment(r->path, powers);
        if (r->guard == GUARD_NONE)
            report(c, route_place(r), r->path, "%.*s is meant for operators or developers and asks nobody who they are.", SV_ARG(r->path))->severity = only_tells_status(r) ? SEV_LOW : power ? SEV_HIGH : SEV_MEDIUM;
        else if (r->guard == GUARD_SOME && operators_secret(r).n != 0 && door != NULL && door->place.src == r->program->src)
            relate(c, door, route_place(r), "another one");
        else if (r->guard == GUARD_SOME && operators_secret(r).n != 0)
            (door = report(c, route_place(r), r->path, "%.*s is open to whoever knows %.*s, and the operator sets that variable: the route is a door for the operator into what the enclave protects.", SV_ARG(r->path), SV_ARG(operators_secret(r))))->severity = SEV_MEDIUM;
        else if (r->guard == GUARD_UNKNOWN && power && !only_tells_status(r))
            ask(c, route_place(r), "%.*s is a route for operators. Which check stands in front, and can the operator alone pass it?", SV_ARG(r->path))->rank = 2;
    }
    c->kept = door;
}

/* app.run(debug=True): Werkzeug's console runs code for whoever reaches it. */
static void look_for_debugger(struct check_run *c, const struct program *p)
{
    static const char *const runs[] = {"run", NULL};
    struct calls named = calls_written(c, p, runs);
    for (const struct call *k; p->lang == LANG_PYTHON && (k = next_named(&named)) != NULL;) {
        size_t from, to;
        if (!sv_has(k->chain, SV("app")) || !program_named_argument(p, k, "debug", &from, &to))
            continue;
        c->examined++;
        if (program_is(p, from, "True"))
            report(c, program_place(p, from, to), SV("debug"), "The server runs in debug mode: its error pages open a console that runs code, and its reloader and traces show internals to every caller.");
    }
}

void check_debug_open(struct check_run *c)
{
    static const char *const topics[] = {"flask", NULL};
    each_route(c, judge_debug_route);
    each_program(c, topics, look_for_debugger);
}

/* ---- trace-in-answer --------------------------------------------------------------------------------------- */

static void judge_trace_in_answer(struct check_run *c, const struct route *r)
{
    struct finding *f = c->kept;
    const struct program *p = r->program;
    c->examined++;
    for (size_t t = r->body; t + 1 < r->body_end; t++) {
        bool python = program_is(p, t, "format_exc") && program_is(p, t + 1, "(");
        bool js = program_is(p, t, "stack") && t > 1 && program_is(p, t - 1, ".") && SV_IN(program_token(p, t - 2), SV("e"), SV("err"), SV("error"), SV("ex"));
        size_t start = t, first, end;
        if (!python && !js)
            continue;
        while (start > r->body && t - start < 60 && p->at[start - 1].kind != TOKEN_NEWLINE && !program_is(p, start - 1, ";"))
            start--;
        bool logged = false;
        program_calls_in(p, start, t, &first, &end);
        for (size_t k = first; k < end; k++)
            logged = logged || is_log_call(&p->calls.at[k]);
        if (logged || !says_any(p, start, t, (const char *const[]){"return", "json", "send", "jsonify", "response", "detail", NULL}))
            continue;
        if (f != NULL && f->place.src == p->src) /* one a file */
            relate(c, f, program_place(p, t, t + 1), "here too");
        else
            c->kept = report(c, program_place(p, t, t + 1), r->path, "%.*s answers an error with its stack trace: paths, statements and values of the enclave's inside go to any caller who provokes one.", SV_ARG(r->path));
        break;
    }
}

void check_trace_in_answer(struct check_run *c) { each_route(c, judge_trace_in_answer); }

/* ---- sessions-listed -------------------------------------------------------------------------------------- */

/* getAllSessions(), Object.keys(sessions), list(sessions.keys()), sessions.values() */
static bool lists_sessions(const struct route *r, size_t span, const struct call *k)
{
    static const char *const names[] = {"getallsessions", "get_all_sessions", "listsessions", "list_sessions", "getsessions", "get_sessions", "all_sessions", "allsessions", NULL};
    (void)span;
    bool keys = SV_IN(k->name, SV("keys"), SV("values"), SV("entries"), SV("items")) && (sv_ihas(k->chain, SV("sessions")) || program_says(r->program, k->open, k->close, "sessions"));
    return call_named(k, names) || keys;
}

static bool answers_with(const struct route *r, const struct call *k)
{
    const struct program *p = r->program;
    size_t end = program_statement_end(p, k->from);
    for (size_t i = k->close; i < end; i++) /* only counted */
        if (program_is(p, i, "length") || program_is(p, i, "len"))
            return false;
    return !(k->from >= 2 && (program_is(p, k->from - 2, "len") || program_is(p, k->from - 2, "for") || program_is(p, k->from - 1, "of") || program_is(p, k->from - 1, "in")));
}

static void judge_sessions_listed(struct check_run *c, const struct route *r)
{
    size_t span;
    const struct call *k = r->writes || r->unregistered ? NULL : route_call(r, lists_sessions, &span);
    c->examined++;
    if (k == NULL || span != 0 || r->guard == GUARD_SOME || !answers_with(r, k))
        return;
    if (r->guard == GUARD_NONE)
        relate(c, report(c, route_place(r), r->path, "%.*s lists the sessions of all users to any caller: the number of a session is what other routes take as proof of who calls.", SV_ARG(r->path)), program_place(r->program, k->from, k->close + 1), "listed here");
    else
        ask(c, route_place(r), "%.*s lists sessions. Who may call it, and does a listed number open the session?", SV_ARG(r->path))->rank = 2;
}

void check_sessions_listed(struct check_run *c) { each_route(c, judge_sessions_listed); }

/* ---- session-is-identifier ------------------------------------------------------------------------------- */

static bool is_identifier_name(sv w)
{
    return SV_IN(w, SV("userId"), SV("user_id"), SV("userid"), SV("username"), SV("uid"), SV("email"), SV("userID"), SV("accountId"), SV("account_id"), SV("UserID"));
}

/* `session=${userId}; …`, set_cookie("session", user_id), res.cookie('session', userId) */
static void look_for_cookie(struct check_run *c, const struct program *p)
{
    static const char *const made[] = {"sign", "jwt", "encrypt", "hmac", "token", "seal", "encode", NULL};
    for (size_t i = 0; i < p->calls.n; i++) {
        const struct call *k = &p->calls.at[i];
        bool setter = SV_IN(k->name, SV("set_cookie"), SV("cookie"), SV("setCookie"), SV("set_signed_cookie"), SV("SetCookie"));
        bool header = SV_IN(k->name, SV("setHeader"), SV("set"), SV("header"), SV("append"), SV("writeHead")) && program_says(p, k->open, k->close, "set-cookie");
        if (!setter && !header)
            continue;
        c->examined++;
        bool session = program_says(p, k->open, k->close, "session") || program_says(p, k->open, k->close, "sid") || program_says(p, k->open, k->close, "user") || program_says(p, k->open, k->close, "auth");
        size_t word = SV_NOT_FOUND;
        for (size_t t = k->open; t < k->close && word == SV_NOT_FOUND; t++)
            if (p->at[t].kind == TOKEN_WORD && is_identifier_name(program_token(p, t)))
                word = t;
        if (!session || word == SV_NOT_FOUND || sv_has(k->name, SV("signed")) || program_says(p, k->open, k->close, "signed") || derives_from(p, k->open + 1, k->close, made, 1))
            continue;
        report(c, program_place(p, k->from, k->close), program_token(p, word), "The session cookie is the plain value of %.*s. Whoever knows it, and the operator reads it in the database and in logs, is that user.", SV_ARG(program_token(p, word)));
    }
}

static const char *const session_identifier_topics[] = {"cookie", NULL};
void check_session_identifier(struct check_run *c) { each_program(c, session_identifier_topics, look_for_cookie); }

/* ---- cors-with-credentials --------------------------------------------------------------------------------- */

static bool is_any_origin(const struct program *p, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        if ((p->at[i].kind == TOKEN_STRING && sv_eq(program_string(p, i), SV("*"))) || program_is(p, i, "mirror_request") || program_is(p, i, "Any"))
            return true;
    return program_is(p, from, "true") || program_is(p, from, "True");
}

/* Value of `name=…` or `name: …` among the tokens. */
static bool option_of(const struct program *p, size_t from, size_t to, const char *name, size_t *value)
{
    for (size_t i = from; i + 2 < to; i++)
        if (program_is(p, i, name) && (program_is(p, i + 1, "=") || program_is(p, i + 1, ":") || program_is(p, i + 1, "("))) {
            *value = i + 2;
            return true;
        }
    return false;
}

static void report_cors(struct check_run *c, struct place where, const char *how)
{
    report(c, where, SV("Access-Control-Allow-Origin"), "Answers name %s as allowed origin and allow credentials: a page of anybody calls the API with the user's session and reads the answer.", how);
}

/* cors({origin: true, credentials: true}), CORSMiddleware(allow_origins=["*"], allow_credentials=True) … */
static void cors_call(struct check_run *c, const struct program *p, const struct call *k)
{
    static const char *const credentials[] = {"credentials", "allow_credentials", "supports_credentials", "AllowCredentials", NULL};
    static const char *const origins[] = {"origin", "allow_origins", "origins", "AllowAllOrigins", "AllowOrigins", "allow_origin", NULL};
    size_t value, end = p->lang == LANG_RUST || p->lang == LANG_GO ? program_statement_end(p, k->from) : k->close;
    bool sends = false, any = false;
    for (size_t i = 0; credentials[i] != NULL; i++)
        sends = sends || (option_of(p, k->open, end, credentials[i], &value) && (program_is(p, value, "true") || program_is(p, value, "True")));
    for (size_t i = 0; origins[i] != NULL && sends; i++)
        any = any || (option_of(p, k->open, end, origins[i], &value) && is_any_origin(p, value, program_expression_end(p, value)));
    c->examined++;
    if (sends && any)
        report_cors(c, program_place(p, k->from, k->close), "any");
}

/* setHeader('Access-Control-Allow-Origin', req.headers.origin) with …-Credentials in the same function */
static void cors_header(struct check_run *c, const struct program *p, size_t at)
{
    size_t from, to, end = program_statement_end(p, at);
    function_range(p, at, &from, &to);
    c->examined++;
    bool reflects = false, credentials = false;
    for (size_t i = at + 1; i < end; i++)
        reflects = reflects || (p->at[i].kind != TOKEN_PUNCT && sv_ieq(p->at[i].kind == TOKEN_STRING ? program_string(p, i) : program_token(p, i), SV("origin")));
    for (size_t i = from; i < to; i++)
        credentials = credentials || (p->at[i].kind == TOKEN_STRING && sv_ieq(program_string(p, i), SV("access-control-allow-credentials")));
    static const char *const lists[] = {"allowed", "whitelist", "allowlist", "includes", "indexof", "test", "origins", "endswith", "has", NULL};
    if (reflects && credentials && !says_any(p, from, to, lists))
        report_cors(c, program_place(p, at, end), "the caller's own");
}

static void look_for_cors(struct check_run *c, const struct program *p)
{
    for (size_t i = 0; i < p->calls.n; i++)
        if (sv_ihas(p->calls.at[i].chain, SV("cors")) || (sv_eq(p->calls.at[i].name, SV("add_middleware")) && program_says(p, p->calls.at[i].open, p->calls.at[i].close, "cors")))
            cors_call(c, p, &p->calls.at[i]);
    for (size_t i = 0; i < p->n; i++)
        if (p->at[i].kind == TOKEN_STRING && sv_ieq(program_string(p, i), SV("access-control-allow-origin")))
            cors_header(c, p, i);
}

static const char *const cors_credentials_topics[] = {"cors", "access-control-allow", NULL};
void check_cors_credentials(struct check_run *c) { each_program(c, cors_credentials_topics, look_for_cors); }

/* ---- secret-in-query ------------------------------------------------------------------------------------------ */

static bool is_secret_parameter(sv w)
{
    return SV_IN(w, SV("token"), SV("api_key"), SV("apikey"), SV("apiKey"), SV("access_token"), SV("accessToken"), SV("secret"), SV("password"), SV("auth"), SV("jwt"), SV("session"), SV("key_secret"), SV("auth_token"),
                 SV("private_key"), SV("privateKey"), SV("secretKey"), SV("secret_key"));
}

/* A token may be a coin. */
static bool says_coins(const struct program *p)
{
    return source_says(p->src, (const char *const[]){"erc20", "erc-20", "token_address", "tokenAddress", "swap", "vault", "liquidity", "balanceOf", NULL});
}

static const char *const queries[] = {"query", "args", "searchParams", "query_params", "Query", "URLSearchParams", "search_params", NULL};

/* req.query.token, request.args.get("token"), url.searchParams.get('token'), c.Query("token") */
static void look_for_query(struct check_run *c, const struct program *p)
{
    struct finding *f = NULL; /* one a file */
    bool coins = says_coins(p);
    for (struct walk walk = walk_words(p, queries); next_word(&walk);) {
        size_t i = walk.at;
        if (i + 2 >= p->n)
            break;
        if (program_is(p, i, "args") && !(i >= 2 && program_is(p, i - 1, ".") && program_is(p, i - 2, "request")))
            continue; /* args of argparse are no query */
        c->examined++;
        size_t name = program_is(p, i + 1, ".") || program_is(p, i + 1, "?.") ? i + 2 : i + 1;
        if (program_is(p, name, "get") || program_is(p, name, "Get"))
            name++;
        if (program_is(p, name, "(") || program_is(p, name, "["))
            name++;
        sv w = name < p->n && p->at[name].kind == TOKEN_STRING ? program_string(p, name) : name < p->n && p->at[name].kind == TOKEN_WORD ? program_token(p, name) : SV_NONE;
        if (p->lang == LANG_RUST || program_is(p, name + 1, "=") || (coins && sv_eq(w, SV("token"))))
            continue;
        bool member = name == i + 2 && (program_is(p, i + 1, ".") || program_is(p, i + 1, "?.")) && program_is(p, name + 1, "(");
        if (w.n == 0 || member || !is_secret_parameter(w) || name <= i + 1)
            continue;
        if (f != NULL)
            relate(c, f, program_place(p, i, name + 1), "here too");
        else
            f = report(c, program_place(p, i, name + 1), w, "The secret %.*s is taken from the query string: it stands in access logs, in those of every proxy on the way, and in the browser's history.", SV_ARG(w));
    }
}

void check_secret_in_query(struct check_run *c) { each_program(c, queries, look_for_query); }

/* ---- record-returned-whole ---------------------------------------------------------------------------------------- */

static bool is_kept_field(sv w)
{
    return SV_IN(w, SV("env"), SV("environment"), SV("password"), SV("password_hash"), SV("passwordHash"), SV("secret"), SV("secrets"), SV("api_key"), SV("apiKey"), SV("private_key"), SV("privateKey"), SV("token"),
                 SV("access_token"), SV("refresh_token"), SV("session_token"), SV("cookies"), SV("mnemonic"), SV("secret_key"), SV("secretKey"), SV("encryption_key"), SV("auth_token"), SV("credentials"), SV("tid_secret"));
}

/* A field of the class or type, the k-th block, that should stay inside. */
static size_t kept_field(const struct program *p, size_t k)
{
    const struct block *type = p->blocks.at[k];
    for (size_t i = type->body + 1; i < type->body_end; i++) {
        while (k + 1 < p->blocks.n && p->blocks.at[k + 1]->body < i) /* past its methods */
            i = p->blocks.at[++k]->body_end > i ? p->blocks.at[k]->body_end : i;
        if (i < type->body_end && token_length(&p->at[i]) == 1 && program_first(p, i) == ':' && p->at[i - 1].kind == TOKEN_WORD && is_kept_field(program_token(p, i - 1)) && program_block_at(p, i - 1) == type)
            return i - 1;
    }
    return SV_NOT_FOUND;
}

struct kept { const struct program *program; const struct block *type; size_t field; };
struct kept_types { VEC(struct kept) all; };

static void collect_types(struct check_run *c, struct kept_types *out)
{
    const struct programs *list = programs_of(c, NULL);
    for (size_t i = 0; i < list->all.n; i++) {
        const struct program *p = list->all.at[i];
        for (size_t k = 0; k < p->blocks.n; k++) {
            const struct block *b = p->blocks.at[k];
            size_t field = b->kind == BLOCK_TYPE && b->name.n != 0 ? kept_field(p, k) : SV_NOT_FOUND;
            if (field != SV_NOT_FOUND)
                *vec_new(c->arena, &out->all, struct kept) = (struct kept){p, b, field};
        }
    }
}

/* The record is an instance: `project` of Project, or `p` where its class is told by an annotation. */
static const struct kept *type_of(const struct kept_types *types, sv name)
{
    for (size_t i = 0; i < types->all.n; i++)
        if (sv_ieq(types->all.at[i]->type->name, name))
            return types->all.at[i];
    return NULL;
}

/* asdict(project), project.__dict__, vars(project), project.model_dump(), project.dict() */
static size_t record_in(const struct program *p, size_t from, size_t to, sv *name)
{
    for (size_t i = from; i + 2 < to; i++) {
        if ((program_is(p, i, "asdict") || program_is(p, i, "vars")) && program_is(p, i + 1, "(") && p->at[i + 2].kind == TOKEN_WORD) {
            *name = program_token(p, i + 2);
            return i;
        }
        if (p->at[i].kind == TOKEN_WORD && program_is(p, i + 1, ".") &&
            (program_is(p, i + 2, "__dict__") || program_is(p, i + 2, "model_dump") || program_is(p, i + 2, "to_dict")) &&
            !(program_is(p, i + 3, "(") && program_says(p, i + 3, program_match(p, i + 3) == SV_NOT_FOUND ? i + 4 : program_match(p, i + 3), "clude"))) {
            *name = program_token(p, i);
            return i;
        }
    }
    return SV_NOT_FOUND;
}

static const char *const answers[] = {"json_response", "jsonify", "JSONResponse", "json", "send", "Json", "JSON", NULL};

/* res.json(user), c.JSON(200, user), Json(user): the variable itself, of a type with such a field. */
static size_t bare_record(const struct program *p, const struct call *k, sv *name)
{
    size_t from, to, index = sv_eq(k->name, SV("JSON")) ? 1 : 0;
    if (p->lang == LANG_PYTHON || !program_argument(p, k, index, &from, &to) || to != from + 1 || p->at[from].kind != TOKEN_WORD)
        return SV_NOT_FOUND;
    *name = program_token(p, from);
    return from;
}

static bool hides_field(const struct kept *k)
{
    size_t end = program_statement_end(k->program, k->field), start = program_statement_start(k->program, k->field);
    return says_any(k->program, start > 8 ? start - 8 : 0, end, (const char *const[]){"exclude", "skip_serializing", "json:\"-\"", "secretstr", "repr", NULL});
}

static const struct kept_types *types_of(struct check_run *c)
{
    if (c->kept == NULL) {
        c->kept = arena_new(c->arena, struct kept_types);
        collect_types(c, c->kept);
    }
    return c->kept;
}

static void look_for_records(struct check_run *c, const struct program *p)
{
    struct finding *f = NULL; /* one a file: the others are named with it */
    struct calls answering = calls_written(c, p, answers);
    for (const struct call *call; (call = next_named(&answering)) != NULL;) {
        sv name = SV_NONE;
        c->examined++;
        size_t at = p->lang == LANG_PYTHON ? record_in(p, call->open + 1, call->close, &name) : bare_record(p, call, &name);
        const struct kept *type = at == SV_NOT_FOUND ? NULL : type_of(types_of(c), name);
        if (type == NULL || hides_field(type))
            continue;
        if (f != NULL) {
            relate(c, f, program_place(p, at, at + 1), "here too");
            continue;
        }
        sv field = program_token(type->program, type->field);
        f = report(c, program_place(p, at, at + 1), field, "The answer holds the whole %.*s, its %.*s included: whoever may call this reads it.", SV_ARG(type->type->name), SV_ARG(field));
        relate(c, f, program_place(type->program, type->field, type->field + 1), "the field");
    }
}

void check_record_whole(struct check_run *c) { each_program(c, answers, look_for_records); }

/* ---- access-setting-unused ------------------------------------------------------------------------------------------ */

static const char *const access_settings[] = {"auth_mode", "authMode", "auth_required", "authRequired", "require_auth", "requireAuth", "requires_auth", "is_private", "isPrivate", "auth_type", "authType", "access_mode",
                                              "accessMode", "allowed_users", "allowedUsers", "access_control", "accessControl", "auth_policy", "authPolicy", NULL};

struct setting { const struct program *program; size_t at; bool enforced; };
struct settings { VEC(struct setting) all; };

static struct setting *setting_of(struct check_run *c, struct settings *list, const struct program *p, size_t at)
{
    for (size_t i = 0; i < list->all.n; i++)
        if (sv_eq(program_token(list->all.at[i]->program, list->all.at[i]->at), program_token(p, at)))
            return list->all.at[i];
    struct setting *s = vec_new(c->arena, &list->all, struct setting);
    *s = (struct setting){p, at, false};
    return s;
}

/* A declaration, a parameter, or an assignment from the request: the setting is only kept here. */
static bool only_kept(const struct program *p, size_t i)
{
    if (program_is(p, i + 1, ":") || program_is(p, i + 1, "=") || program_is(p, i + 1, ":="))
        return true; /* auth_mode: str, auth_mode=…; {authMode: …} */
    const struct block *b = program_block_at(p, i + 1);
    for (size_t k = 0; k < p->blocks.n; k++) /* a test of the value that raises an error is no use of it */
        if (p->blocks.at[k]->kind == BLOCK_IF && p->blocks.at[k]->head <= i && i < p->blocks.at[k]->head_end)
            b = p->blocks.at[k];
    if (b != NULL && b->kind == BLOCK_IF && b->head <= i && i < b->head_end && says_any(p, b->body, b->body_end, (const char *const[]){"ValueError", "invalid", "400", "BadRequest", NULL}))
        return true;
    bool argument = (program_is(p, i + 1, ",") || program_is(p, i + 1, ")") || program_is(p, i + 1, "}")) && i > 0 && (program_is(p, i - 1, ",") || program_is(p, i - 1, "(") || program_is(p, i - 1, "{") || program_is(p, i - 1, "="));
    return argument;
}

static void look_for_settings(struct check_run *c, const struct program *p)
{
    for (struct walk walk = walk_words(p, access_settings); next_word(&walk);) {
        size_t t = walk.at;
        struct setting *s = setting_of(c, c->kept, p, t);
        size_t close = t + 1 < p->n && program_is(p, t + 1, "(") ? program_match(p, t + 1) : SV_NOT_FOUND;
        s->enforced = s->enforced || close != SV_NOT_FOUND || !only_kept(p, t);
        const struct assignment *a = program_assigned(p, program_token(p, t), t + 1);
        if (a != NULL && a->at == t && says_any(p, a->value, a->value_end, (const char *const[]){"get", "body", "req", "json", NULL}))
            s->program = p, s->at = t;
    }
}

static void report_settings(struct check_run *c)
{
    const struct settings *settings = c->kept;
    for (size_t i = 0; i < settings->all.n; i++) {
        const struct setting *s = settings->all.at[i];
        sv name = program_token(s->program, s->at);
        c->examined++;
        if (!s->enforced)
            report(c, program_place(s->program, s->at, s->at + 1), name, "%.*s is accepted and stored, and no line of the repository ever looks at it: who set it believes in a protection that is not there.", SV_ARG(name));
    }
}

void check_access_setting(struct check_run *c)
{
    c->kept = arena_new(c->arena, struct settings);
    c->then = report_settings;
    each_program(c, access_settings, look_for_settings);
}
