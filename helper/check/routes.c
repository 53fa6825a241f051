/* Route tables of web frameworks, read by their shape. */
#include "check/routes.h"

#include "check/lookup.h"

/* A handler that another file holds: `.route("/x", post(handlers::create))`. */
struct pending { const struct program *table; sv path, name, holder; size_t at, head, head_end; bool writes; };
struct pendings { VEC(struct pending) all; };

struct finder { struct check_run *c; const struct program *p; struct routes *out; struct pendings *pending; };

static bool is_path(sv s) { return s.n >= 1 && s.p[0] == '/' && sv_find_char(s, ' ') == SV_NOT_FOUND && sv_find_char(s, '\n') == SV_NOT_FOUND; }

static bool is_writing_verb(sv w)
{
    return SV_IN(w, SV("post"), SV("put"), SV("delete"), SV("patch"), SV("Post"), SV("Put"), SV("Delete"), SV("Patch"), SV("POST"), SV("PUT"),
                 SV("DELETE"), SV("PATCH"), SV("add_post"), SV("add_put"), SV("add_delete"), SV("add_patch"), SV("do_POST"), SV("do_PUT"), SV("do_DELETE"));
}

static bool has_writing_verb(const struct program *p, size_t from, size_t to)
{
    for (size_t i = from; i < to && i < p->n; i++) {
        sv w = p->at[i].kind == TOKEN_STRING ? program_string(p, i) : p->at[i].kind == TOKEN_WORD ? program_token(p, i) : SV_NONE;
        if (w.n != 0 && is_writing_verb(w))
            return true;
    }
    return false;
}

static struct route *add_route(struct finder *f, sv path, size_t at, size_t head, const struct block *function, bool writes)
{
    struct route *r = vec_new(f->c->arena, &f->out->all, struct route);
    *r = (struct route){.program = f->p, .table = f->p, .path = path, .at = at, .head = head, .head_end = at + 1, .function = function, .writes = writes};
    if (function == NULL)
        return r;
    r->body = function->body, r->body_end = function->body_end;
    if (function->head > at)
        r->head_end = function->head;
    return r;
}

/* ---- The shapes ---------------------------------------------------------------------------------- */

/* @app.route("/x"), @router.post("/x") above a function */
static void decorated(struct finder *f, const struct block *b)
{
    const struct program *p = f->p;
    size_t first, end;
    program_calls_in(p, b->decorators, b->head, &first, &end);
    for (size_t i = first; i < end; i++) {
        const struct call *k = &p->calls.at[i];
        size_t from, to;
        if (!SV_IN(k->name, SV("route"), SV("get"), SV("post"), SV("put"), SV("delete"), SV("patch"), SV("api_route"), SV("websocket")) ||
            !program_argument(p, k, 0, &from, &to) || p->at[from].kind != TOKEN_STRING || !is_path(program_string(p, from)))
            continue;
        add_route(f, program_string(p, from), from, b->decorators, b, is_writing_verb(k->name) || has_writing_verb(p, to, k->close));
        return;
    }
}

/* The handler among the arguments: the last function written there, or named there. */
static const struct block *handler_in(const struct program *p, size_t from, size_t to)
{
    const struct block *found = NULL;
    for (size_t i = 0; i < p->blocks.n; i++) {
        const struct block *b = p->blocks.at[i];
        bool inside = found != NULL && b->body > found->body && b->body < found->body_end;
        if (b->kind == BLOCK_FUNCTION && b->body > from && b->body < to && !inside)
            found = b;
    }
    for (size_t i = to; i-- > from && found == NULL;)
        if (p->at[i].kind == TOKEN_WORD)
            found = function_named(p, program_token(p, i));
    return found;
}

/* `#[post("/x")] async fn handler(…)` */
static const struct block *attributed(const struct program *p, const struct call *k)
{
    if (p->lang != LANG_RUST || !program_is(p, k->close + 1, "]"))
        return NULL;
    for (size_t i = 0; i < p->blocks.n; i++)
        if (p->blocks.at[i]->kind == BLOCK_FUNCTION && p->blocks.at[i]->head > k->close && p->blocks.at[i]->head < k->close + 40)
            return p->blocks.at[i];
    return NULL;
}

/* "/x"; Go's "POST /x"; the second argument of add_route("GET", "/x", h); url: '/x' of an options object. */
static bool path_of(const struct program *p, const struct call *k, size_t *at, sv *path)
{
    size_t from, to;
    for (size_t n = 0; n < 2 && program_argument(p, k, n, &from, &to); n++) {
        if (to == from + 1 && p->at[from].kind == TOKEN_STRING) {
            sv text = program_string(p, from), verb = sv_cut(&text, ' ');
            *path = text.p != NULL && (p->lang == LANG_GO || p->lang == LANG_PYTHON) ? text : program_string(p, from);
            *at = from;
            if (is_path(*path))
                return verb.n != 0;
        } else if (n == 0 && program_is(p, from, "{"))
            for (size_t i = from; i + 2 < to; i++)
                if ((program_is(p, i, "url") || program_is(p, i, "path")) && program_is(p, i + 1, ":") && p->at[i + 2].kind == TOKEN_STRING) {
                    *at = i + 2, *path = program_string(p, i + 2);
                    return is_path(*path);
                }
    }
    return false;
}

/* The last name among the arguments, and the word in front of it: create and users of `users.create`. */
static void wait_for_handler(struct finder *f, sv path, size_t at, size_t head, size_t from, size_t to, bool writes)
{
    const struct program *p = f->p;
    size_t i = to;
    while (i > from && (p->at[i - 1].kind == TOKEN_NEWLINE || program_is(p, i - 1, ",")))
        i--;
    if (f->pending == NULL || i <= from || p->at[i - 1].kind != TOKEN_WORD || token_length(&p->at[i - 1]) < 4)
        return;
    size_t before = i >= 2 && SV_IN(program_token(p, i - 2), SV("."), SV("::")) ? i - 3 : i >= 3 && program_is(p, i - 2, ":") ? i - 4 : SV_NOT_FOUND;
    struct pending *w = vec_new(f->c->arena, &f->pending->all, struct pending);
    bool held = before != SV_NOT_FOUND && before >= from;
    *w = (struct pending){p, path, program_token(p, i - 1), held ? program_token(p, before) : SV_NONE, at, head, held ? before : i - 1, writes};
}

/* axum: .route("/x", get(read).post(write)); actix: resource("/x").route(web::get().to(read)) */
static bool by_method(struct finder *f, const struct call *k, size_t at, sv path)
{
    const struct program *p = f->p;
    size_t first, end, found = 0, to = sv_eq(k->name, SV("resource")) ? program_statement_end(p, k->from) : k->close;
    program_calls_in(p, at + 1, to, &first, &end);
    for (size_t i = first; p->lang == LANG_RUST && i < end; i++) {
        const struct call *m = &p->calls.at[i];
        if (!SV_IN(m->name, SV("get"), SV("post"), SV("put"), SV("delete"), SV("patch"), SV("any"), SV("to")))
            continue;
        const struct block *b = handler_in(p, m->open, m->close);
        bool writes = is_writing_verb(m->name) || (sv_eq(m->name, SV("to")) && has_writing_verb(p, at, m->open));
        if (b != NULL)
            add_route(f, path, at, k->open, b, writes);
        else
            wait_for_handler(f, path, at, k->open, m->open + 1, m->close, writes);
        found++;
    }
    return found != 0;
}

/* A table of routes, and no client that asks for the address. */
static bool registers(const struct program *p, const struct call *k)
{
    static const char *const tables[] = {"app", "router", "server", "fastify", "api", "mux", "group", "routes", "engine", "echo", "hono", NULL};
    sv base = program_token(p, k->from);
    return SV_IN(k->name, SV("HandleFunc"), SV("add_api_route"), SV("add_url_rule")) || name_has_part(base, tables) || (p->lang == LANG_GO && base.n < 4);
}

static const char *const registering[] = {"get", "post", "put", "delete", "patch", "all", "any", "route", "resource", "HandleFunc", "Handle", "Any", "GET", "POST", "PUT", "DELETE", "PATCH",
                                          "add_get", "add_post", "add_put", "add_delete", "add_route", "add_url_rule", "add_api_route", "Route", "Get", "Post", "Put", "Delete", NULL};

/* app.get('/x', …, handler), mux.HandleFunc("/x", handler), add_get("/x", self.handler), Route("/x", handler) */
static void registered(struct finder *f, const struct call *k)
{
    const struct program *p = f->p;
    size_t at;
    sv path;
    if (!path_of(p, k, &at, &path))
        return;
    const struct block *b = attributed(p, k);
    if (b == NULL && by_method(f, k, at, path))
        return;
    if (b == NULL)
        b = handler_in(p, at, k->close);
    if (b == NULL && registers(p, k))
        wait_for_handler(f, path, at, k->open, at + 1, k->close, is_writing_verb(k->name) || sv_starts(program_string(p, at), SV("POST ")));
    else if (b != NULL)
        add_route(f, path, at, p->lang == LANG_RUST && b->head > k->close ? b->head : k->open, b, is_writing_verb(k->name) || has_writing_verb(p, k->open, b->body > k->close ? k->close : b->head) || sv_starts(program_string(p, at), SV("POST ")));
}

/* if (req.url === '/x') …, chains of small servers */
static void compared(struct finder *f, const struct block *b)
{
    static const char *const urls[] = {"url", "path", "pathname", NULL};
    const struct program *p = f->p;
    for (size_t i = b->head; i < b->head_end; i++)
        if (p->at[i].kind == TOKEN_STRING && is_path(program_string(p, i)) && find_any(p, b->head, i, urls) != SV_NOT_FOUND) {
            struct route *r = add_route(f, program_string(p, i), i, b->head, NULL, has_writing_verb(p, b->head, b->head_end));
            r->body = b->body, r->body_end = b->body_end;
            return;
        }
}

/* module.exports = (req, res) => …, export default function handler(req, res), export async function POST(request) */
static void exported(struct finder *f, const struct block *b)
{
    const struct program *p = f->p;
    if (b->parent != NULL || !sv_has(p->src->path, SV("api/")))
        return;
    bool exports = sv_eq(b->name, SV("exports")) || program_says(p, b->head, b->head_end, "export");
    bool takes = program_mentions(p, b->params, b->params_end, SV("req")) || program_mentions(p, b->params, b->params_end, SV("request"));
    bool verb = SV_IN(b->name, SV("GET"), SV("POST"), SV("PUT"), SV("PATCH"), SV("DELETE"));
    if (!exports || !(takes || verb))
        return;
    add_route(f, p->src->path, b->head, b->head, b, is_writing_verb(b->name) || program_says(p, b->body, b->body_end, "POST"));
}

/* do_GET of http.server */
static void by_name(struct finder *f, const struct block *b)
{
    if (f->p->lang == LANG_PYTHON && SV_IN(b->name, SV("do_GET"), SV("do_POST"), SV("do_PUT"), SV("do_DELETE")))
        add_route(f, b->name, b->head + 1, b->head, b, is_writing_verb(b->name));
    else if (is_path(b->name))
        add_route(f, b->name, b->head, b->head, b, false);
}

static const char *const request_types[] = {"web.Request", "HttpRequest", "NextRequest", NULL};

static bool is_handler(const struct finder *f, const struct block *b)
{
    for (size_t i = f->out->all.n; i-- > 0 && f->out->all.at[i]->program == f->p;)
        if (f->out->all.at[i]->function == b)
            return true;
    return false;
}

/* `async def handle(self, request: web.Request)`, `(req, res) => …` registered in another file. `types`: the file says one. */
static void by_parameters(struct finder *f, const struct block *b, bool types)
{
    const struct program *p = f->p;
    bool typed = (types && says_any(p, b->params, b->params_end, request_types)) ||
                 (program_mentions(p, b->params, b->params_end, SV("request")) && program_mentions(p, b->params, b->params_end, SV("Request")));
    bool pair = program_mentions(p, b->params, b->params_end, SV("req")) && program_mentions(p, b->params, b->params_end, SV("res"));
    if ((typed || pair) && b->name.n != 0 && !is_handler(f, b))
        add_route(f, b->name, b->head, b->head, b, has_writing_verb(p, b->body, b->body_end))->unregistered = true;
}

static void find_routes(struct finder *f)
{
    const struct program *p = f->p;
    static const char *const servers[] = {"createServer", "BaseHTTPRequestHandler", "Deno.serve", "Bun.serve", "http.Handler", "ServeHTTP", "web.Request", "fetch(req", NULL};
    if (p->lang == LANG_SHELL || p->lang == LANG_SOLIDITY || p->src->lang == LANG_HTML)
        return;
    bool serves = program_speaks_of(f->c, p, servers), types = program_speaks_of(f->c, p, request_types);
    struct calls named = calls_written(f->c, p, registering);
    for (const struct call *k; (k = next_named(&named)) != NULL;)
        registered(f, k);
    for (size_t i = 0; i < p->blocks.n; i++) {
        const struct block *b = p->blocks.at[i];
        if (b->kind == BLOCK_IF && serves)
            compared(f, b);
        if (b->kind != BLOCK_FUNCTION)
            continue;
        if (b->decorators != SV_NOT_FOUND)
            decorated(f, b);
        by_name(f, b);
        exported(f, b);
    }
    static const char *const request[] = {"req", "request", NULL};
    struct walk said = walk_words(p, request);
    bool parameters = types || next_word(&said);
    for (size_t i = 0; parameters && i < p->blocks.n; i++)
        if (p->blocks.at[i]->kind == BLOCK_FUNCTION)
            by_parameters(f, p->blocks.at[i], types);
}

/* ---- What a handler reaches ------------------------------------------------------------------------ */

static bool is_reached(const struct route *r, const struct block *b)
{
    for (size_t i = 0; i < r->n_spans; i++)
        if (r->spans[i].function == b || (r->spans[i].from <= b->body && b->body_end <= r->spans[i].to))
            return true;
    return false;
}

static void reach(struct route *r)
{
    const struct program *p = r->program;
    r->spans[r->n_spans++] = (struct reached){.from = r->body, .to = r->body_end, .function = r->function};
    for (size_t i = 0; i < r->n_spans; i++) {
        size_t first, end;
        program_calls_in(p, r->spans[i].from, r->spans[i].to, &first, &end);
        for (size_t k = first; k < end && r->n_spans < REACHED_SPANS; k++) {
            const struct call *call = &p->calls.at[k];
            bool own = call->chain.n == call->name.n || sv_starts(call->chain, SV("self.")) || sv_starts(call->chain, SV("this.")) || sv_starts(call->chain, SV("Self::"));
            const struct block *b = own ? function_named(p, call->name) : NULL;
            if (b != NULL && !is_reached(r, b))
                r->spans[r->n_spans++] = (struct reached){b->body, b->body_end, b, call, i};
        }
    }
}

/* ---- What the caller chooses ------------------------------------------------------------------------- */

/* Parts of a request that the server or an authentication filled in. */
static bool is_own_part(sv field)
{
    return SV_IN(field, SV("app"), SV("method"), SV("socket"), SV("ip"), SV("log"), SV("user"), SV("auth"), SV("session"), SV("state"), SV("id"),
                 SV("protocol"), SV("transport"), SV("client"), SV("is_disconnected"), SV("userId"), SV("user_id"), SV("uid"), SV("account"), SV("on"),
                 SV("context"), SV("Context"), SV("logger"), SV("remote"), SV("auth_user"), SV("authUser"), SV("identity"), SV("apikey"), SV("jwt"));
}

/* `(req as any).project`: Express knows no such part, so a middleware put it there. */
static bool is_left_by_middleware(const struct program *p, size_t i)
{
    if (!program_is(p, i + 1, "as") || i == 0 || !program_is(p, i - 1, "("))
        return false;
    size_t close = program_match(p, i - 1);
    if (close == SV_NOT_FOUND || close + 2 >= p->n || !program_is(p, close + 1, "."))
        return false;
    return !SV_IN(program_token(p, close + 2), SV("body"), SV("query"), SV("params"), SV("headers"), SV("cookies"), SV("url"), SV("path"), SV("rawBody"), SV("files"), SV("file"), SV("json"), SV("text"));
}

static bool is_request(const struct program *p, size_t i)
{
    sv w = program_token(p, i);
    bool object = SV_IN(w, SV("req"), SV("request"), SV("event")) ||
                  (SV_IN(w, SV("c"), SV("ctx"), SV("r")) && program_is(p, i + 1, ".") && i + 2 < p->n &&
                   SV_IN(program_token(p, i + 2), SV("Query"), SV("Param"), SV("PostForm"), SV("GetHeader"), SV("query"), SV("params"), SV("Body"), SV("FormValue"), SV("URL"),
                         SV("PathValue"), SV("BodyParser"), SV("body")));
    bool python = p->lang == LANG_PYTHON && sv_eq(w, SV("self")) && program_is(p, i + 1, ".") &&
                  (program_is(p, i + 2, "rfile") || program_is(p, i + 2, "path") || program_is(p, i + 2, "headers"));
    if (python)
        return true;
    if (!object)
        return false;
    if (is_left_by_middleware(p, i))
        return false;
    bool field = program_is(p, i + 1, ".") || program_is(p, i + 1, "?.");
    return !(field && i + 2 < p->n && is_own_part(program_token(p, i + 2)));
}

/* The call that answers who the caller is: its result is no free choice. */
static bool is_identifying(sv name)
{
    static const char *const words[] = {"getuser", "get_user", "current_user", "currentuser", "authenticate", "authorize", "requireauth", "require_auth", "verify",
                                        "getsession", "get_session", "check_auth", "checkauth", "decode_token", "decodetoken", "getauth", "get_auth", NULL};
    return text_has_any(name, words);
}

/* `c.ShouldBindJSON(&body)`: the request fills a variable that is passed in. */
static bool is_filled(const struct program *p, const struct block *function, sv name)
{
    size_t first, end;
    if (function == NULL || p->lang != LANG_GO)
        return false;
    program_calls_in(p, function->body, function->body_end, &first, &end);
    for (size_t i = first; i < end; i++)
        if (SV_IN(p->calls.at[i].name, SV("ShouldBindJSON"), SV("BindJSON"), SV("Bind"), SV("ShouldBind"), SV("Decode"), SV("Unmarshal"), SV("BodyParser")) &&
            program_mentions(p, p->calls.at[i].open, p->calls.at[i].close, name))
            return true;
    return false;
}

/* Position of a parameter; SV_NOT_FOUND where the name is none. */
static size_t parameter(const struct program *p, const struct block *f, sv name)
{
    size_t index = 0, depth = 0;
    bool fresh = true;
    for (size_t i = f->params; i < f->params_end; i++) {
        const struct token *t = &p->at[i];
        if (t->kind == TOKEN_PUNCT && SV_IN(token_text(p->src, t), SV("("), SV("["), SV("{"), SV("<")))
            depth++;
        else if (t->kind == TOKEN_PUNCT && SV_IN(token_text(p->src, t), SV(")"), SV("]"), SV("}"), SV(">")) && depth > 0)
            depth--;
        else if (t->kind == TOKEN_PUNCT && depth == 0 && sv_eq(token_text(p->src, t), SV(",")))
            index++, fresh = true;
        else if (t->kind == TOKEN_PUNCT && SV_IN(token_text(p->src, t), SV(":"), SV("=")))
            fresh = false;
        else if (t->kind == TOKEN_WORD && fresh && sv_eq(token_text(p->src, t), name))
            return index;
    }
    return SV_NOT_FOUND;
}

/* What a framework passes to a handler besides the caller's values. */
static bool is_injected(const struct program *p, const struct block *f, sv name)
{
    if (SV_IN(name, SV("self"), SV("cls"), SV("this"), SV("res"), SV("response"), SV("reply"), SV("next"), SV("ctx"), SV("context"), SV("c"), SV("w"), SV("r"), SV("_"), SV("db"),
              SV("req"), SV("request"), SV("state"), SV("env"), SV("background_tasks"), SV("e"), SV("err")))
        return true;
    for (size_t i = f->params; i < f->params_end; i++) {
        if (p->at[i].kind != TOKEN_WORD || !sv_eq(program_token(p, i), name))
            continue;
        size_t end = program_expression_end(p, i), start = i;
        while (start > f->params && !program_is(p, start - 1, ","))
            start--;
        static const char *const injections[] = {"Depends", "Security", "State", "Extension", "Session", "Request", "BackgroundTasks", "Arc", "Data", "User", "Claims", "Auth", "Pool", "Client", NULL};
        for (size_t t = start; t < end && t < f->params_end; t++)
            for (const char *const *word = injections; *word != NULL; word++)
                if (p->at[t].kind == TOKEN_WORD && sv_has(program_token(p, t), sv_from(*word)))
                    return true;
        return false;
    }
    return false;
}

static bool word_from_caller(const struct route *r, size_t span, size_t i, size_t from, int depth)
{
    const struct program *p = r->program;
    const struct reached *s = &r->spans[span];
    sv name = program_token(p, i);
    if (is_request(p, i))
        return true;
    if (i > 0 && (program_is(p, i - 1, ".") || program_is(p, i - 1, "?.")))
        return false;
    const struct block *f = s->function;
    size_t index = f == NULL ? SV_NOT_FOUND : parameter(p, f, name);
    if (index != SV_NOT_FOUND && s->via == NULL)
        return !is_injected(p, f, name);
    if (index != SV_NOT_FOUND) {
        size_t a, b;
        bool method = p->lang == LANG_PYTHON && f->params < f->params_end && program_is(p, f->params, "self");
        return program_argument(p, s->via, method && index > 0 ? index - 1 : index, &a, &b) && depth > 0 && from_caller(r, s->caller, a, b, depth - 1);
    }
    if (is_filled(p, f, name))
        return true;
    const struct assignment *a = depth > 0 ? program_assigned(p, name, from) : NULL;
    return a != NULL && !(a->value <= from && from < a->value_end) && a->at >= s->from && a->at < s->to && from_caller(r, span, a->value, a->value_end, depth - 1);
}

/* Only what stands behind `in`, `of` … of a loop is left out; nested functions count. */
bool from_caller(const struct route *r, size_t span, size_t from, size_t to, int depth)
{
    const struct program *p = r->program;
    for (size_t i = from; i < to && i < p->n; i++) {
        const struct token *t = &p->at[i];
        if (t->kind == TOKEN_STRING && p->lang == LANG_PYTHON && (program_first(p, i) == 'f' || program_first(p, i) == 'F') && r->spans[span].function != NULL) {
            const struct block *f = r->spans[span].function;
            for (size_t k = f->params; k < f->params_end; k++)
                if (p->at[k].kind == TOKEN_WORD && program_mentions(p, i, i + 1, program_token(p, k)) && word_from_caller(r, span, k, from, depth))
                    return true;
            for (size_t k = 0; depth > 0 && k < p->assigns.n; k++) {
                const struct assignment *a = &p->assigns.at[k];
                if (a->at >= r->spans[span].from && a->at < from && program_mentions(p, i, i + 1, a->target) && from_caller(r, span, a->value, a->value_end, depth - 1))
                    return true;
            }
            continue;
        }
        if (t->kind != TOKEN_WORD)
            continue;
        if (is_identifying(token_text(p->src, t)) && program_is(p, i + 1, "(") && program_match(p, i + 1) != SV_NOT_FOUND) {
            i = program_match(p, i + 1);
            continue;
        }
        if (word_from_caller(r, span, i, from, depth))
            return true;
    }
    return false;
}

/* ---- Who may call ----------------------------------------------------------------------------------- */

static const char *const guard_words[] = {"authoriz", "authentic", "auth_", "_auth", "checkauth", "requireauth", "withauth", "isauth", "bearer", "api_key", "apikey", "api-key", "session", "login",
                                          "cookie", "current_user", "currentuser", "getuser", "get_user", "require_", "permission", "password", "hmac", "compare_digest", "timingsafeequal", "csrf",
                                          "credential", "guard", "admin_key", "is_admin", "isadmin", "allowlist", "whitelist", "allowed_", "secret", "token", "jwt", "x-signature", "x-hub-signature", "verify",
                                          "privy", "clerk", "passport", "oauth", "basic_auth", "owner_id", "claims", "identity", "admin", "challenge", NULL};

static bool is_guard_word(sv w, const char *const *words)
{
    static const char *const spared[] = {"tokens", "max_token", "maxtoken", "tokeniz", "clientsession", "sessionmaker", "sessionlocal", "db_session", "asyncsession", "async_session", "tokio",
                                         "headers", "not authenticated", "requests.session", NULL};
    bool requires = sv_istarts(w, SV("require")) && w.n > 8;
    return requires || sv_ieq(w, SV("auth")) || (text_has_any(w, words) && !text_has_any(w, spared)) || sv_eq(w, SV("AuthUser")) || sv_eq(w, SV("AuthenticatedUser"));
}

bool asks_who(struct check_run *c, const struct program *p, size_t from, size_t to)
{
    const char *const *words = words_within(c, p, guard_words);
    for (size_t i = from; i < to && i < p->n; i++) {
        const struct token *t = &p->at[i];
        if (t->kind == TOKEN_WORD && is_guard_word(token_text(p->src, t), words))
            return true;
        /* of strings only keys: headers["Authorization"], cookies.get("session") */
        if (t->kind == TOKEN_STRING && token_length(t) < 40 && is_guard_word(token_string(p->src, t), words) && sv_find_char(token_text(p->src, t), ' ') == SV_NOT_FOUND)
            return true;
    }
    return false;
}

/* A header or field whose value proves something: "Authorization", "x-api-key", "cookie", "secret_key". */
static bool is_proof_key(sv w)
{
    static const char *const parts[] = {"authoriz", "api-key", "api_key", "apikey", "token", "secret", "passw", "cookie", "x-signature", "hub-signature", "x-auth", "auth-", "jwt", "bearer", "hmac", "migration-key", "admin-key", NULL};
    static const char *const spared[] = {"tokens", "max_token", "no_token", "access-control", NULL};
    return w.n >= 3 && w.n < 40 && sv_find_char(w, ' ') == SV_NOT_FOUND && sv_find_char(w, '/') == SV_NOT_FOUND && text_has_any(w, parts) && !text_has_any(w, spared);
}

/* Functions that find out, or insist on, who calls. */
static bool is_gatekeeper(sv name)
{
    static const char *const parts[] = {"auth", "require_", "requireuser", "requirelogin", "requireadmin", "current_user", "currentuser", "getuser", "get_user", "verify", "checktoken", "check_token", "validatetoken", "validate_token", "apikey", "api_key",
                                        "permission", "is_admin", "isadmin", "login_required", "jwt", "getserversession", "compare_digest", "timingsafeequal", "hmac", "guard", "ensureuser", "ensure_user", "decode_token", "owns", "whoami", "identify", "enforce", "check_admin", "checkadmin", "ensure_admin", "adminonly", "admin_only", NULL};
    static const char *const spared[] = {"author", "authority", NULL};
    return text_has_any(name, parts) && !text_has_any(name, spared);
}

/* The handler sends some callers away, or calls a function that does. */
static bool turns_away(const struct program *p, size_t from, size_t to)
{
    static const char *const refusals[] = {"unauthorized", "forbidden", "http_401", "http_403", "permissiondenied", "permission_denied", "accessdenied", NULL};
    for (size_t i = from; i < to && i < p->n; i++) {
        const struct token *t = &p->at[i];
        if (t->kind == TOKEN_NUMBER && SV_IN(token_text(p->src, t), SV("401"), SV("403")))
            return true;
        if (t->kind == TOKEN_WORD && (text_has_any(token_text(p->src, t), refusals) || (program_is(p, i + 1, "(") && is_gatekeeper(token_text(p->src, t)))))
            return true;
        if (t->kind == TOKEN_STRING && token_length(t) < 60 && (is_proof_key(token_string(p->src, t)) || text_has_any(token_text(p->src, t), refusals)))
            return true;
        /* body.secret_key, request.cookies */
        bool field = t->kind == TOKEN_WORD && i > 0 && (program_is(p, i - 1, ".") || program_is(p, i - 1, "?.") || program_is(p, i - 1, "{") || program_is(p, i - 1, ","));
        if (field && is_proof_key(token_text(p->src, t)) && !program_is(p, i + 1, "(") && !program_is(p, i + 1, ":"))
            return true;
    }
    return false;
}

/* A check that stands before several routes: app.use(auth), before_request, dependencies=[…], .layer(…). */
static bool has_gate(struct check_run *c, const struct program *p)
{
    static const char *const gates[] = {"use", "Use", "addHook", "layer", "route_layer", "wrap", "add_middleware", "include_router", "before_request", "from_fn", "from_fn_with_state", "APIRouter", "FastAPI",
                                        "Group", NULL};
    struct calls named = calls_written(c, p, gates);
    for (const struct call *k; (k = next_named(&named)) != NULL;) {
        if (asks_who(c, p, k->open + 1, k->close) && !program_says(p, k->open, k->close, "cors") && !sv_has(k->chain, SV("interceptors")))
            return true;
    }
    for (size_t i = 0; i < p->blocks.n; i++) {
        const struct block *b = p->blocks.at[i];
        if (b->kind != BLOCK_FUNCTION)
            continue;
        bool gate = (b->decorators != SV_NOT_FOUND && (program_says(p, b->decorators, b->head, "before_request") || program_says(p, b->decorators, b->head, "middleware"))) ||
                    (sv_eq(b->name, SV("middleware")) && sv_starts(path_base(p->src->path), SV("middleware."))) || (p->lang == LANG_PYTHON && sv_eq(b->name, SV("dispatch")));
        if (gate && asks_who(c, p, b->body, b->body_end))
            return true;
    }
    return false;
}

static bool same_family(const struct program *a, const struct program *b)
{
    bool js = (a->lang == LANG_JAVASCRIPT || a->lang == LANG_TYPESCRIPT) && (b->lang == LANG_JAVASCRIPT || b->lang == LANG_TYPESCRIPT);
    return js || a->lang == b->lang;
}

/* Something stands in front of the handler that may send callers away: a middleware, a decorator, an injected value. */
static bool has_unknown_gate(const struct route *r)
{
    static const char *const harmless[] = {"route", "get", "post", "put", "delete", "patch", "api_route", "websocket", "app", "router", "api", "bp", "blueprint", "methods", "async", "json", "urlencoded", "raw", "text", "express", "cors", "upload", "multer", "single",
                                           "array", "limit", "type", "ratelimit", "limiter", "cache", "cross_origin", "response_model", "tags", "status_code", "summary", "include_in_schema", "response_class", "none", "true", "false", "self", "server", "description",
                                           "name", "responses", "web", "routes", "httpstatus", "move", "axum", "routing", "with_state", "state", "pub", "fn", "const", "func", "function", "responsemodel", "deprecated", "operation_id", "http", "bodyparser", "compression", "strict", NULL};
    const struct program *p = r->program;
    if (r->function != NULL && p->lang == LANG_PYTHON && program_mentions(p, r->function->params, r->function->params_end, SV("Depends")) &&
        !says_any(p, r->function->params, r->function->params_end, (const char *const[]){"get_db", "get_session", "settings", "get_config", NULL}))
        return true;
    for (size_t i = r->head; i < r->head_end; i++) {
        const struct token *t = &r->table->at[i];
        bool decorator = r->table->lang == LANG_PYTHON && i > 0 && program_is(r->table, i - 1, "@");
        bool argument = p->lang != LANG_PYTHON && p->lang != LANG_RUST && i > r->at && !program_is(r->table, i - 1, ".") && !program_is(r->table, i + 1, ":");
        if (t->kind != TOKEN_WORD || (decorator ? program_is(r->table, i + 1, ".") : !argument))
            continue;
        bool known = false;
        for (const char *const *w = harmless; *w != NULL && !known; w++)
            known = sv_ieq(token_text(p->src, t), sv_from(*w)) || (sv_from(*w).n > 6 && sv_ihas(token_text(p->src, t), sv_from(*w)));
        if (!known)
            return true;
    }
    return false;
}

/* `denied(&state, &headers)`, `s.allowed(r)`: a function of another file sees who calls. */
static bool hands_request_on(const struct route *r)
{
    const struct program *p = r->program;
    size_t first, end;
    program_calls_in(p, r->body, r->body_end, &first, &end);
    for (size_t i = first; i < end && (p->lang == LANG_RUST || p->lang == LANG_GO); i++) {
        const struct call *k = &p->calls.at[i];
        if (is_log_call(k) || function_named(p, k->name) != NULL)
            continue;
        for (size_t t = k->open + 1; t < k->close; t++)
            if (p->at[t].kind == TOKEN_WORD && SV_IN(program_token(p, t), SV("headers"), SV("r"), SV("req")) && !program_is(p, t - 1, ".") && !program_is(p, t + 1, "."))
                return true;
    }
    return false;
}

static enum guard guard_of(struct check_run *c, const struct route *r, const struct programs *gates)
{
    const struct program *p = r->program;
    if (asks_who(c, r->table, r->head, r->at) || asks_who(c, r->table, r->at + 1, r->head_end) || (r->function != NULL && asks_who(c, p, r->function->params, r->function->params_end)))
        return GUARD_SOME;
    if (has_unknown_gate(r))
        return GUARD_UNKNOWN;
    for (size_t i = 0; i < r->n_spans; i++)
        if (turns_away(p, r->spans[i].from, r->spans[i].to))
            return GUARD_SOME;
    /* a branch of a chain: what stands before it in the function may have sent the caller away */
    size_t from, to;
    function_range(p, r->at, &from, &to);
    if (r->function == NULL && turns_away(p, from, r->head))
        return GUARD_UNKNOWN;
    const struct deployment *d = deployment_of(c->facts, p->src->path);
    for (size_t i = 0; i < gates->all.n; i++) {
        if (gates->all.at[i] == p || gates->all.at[i] == r->table)
            return GUARD_SOME;
        if (same_family(gates->all.at[i], p) && deployment_of(c->facts, gates->all.at[i]->src->path) == d)
            return GUARD_UNKNOWN;
    }
    return hands_request_on(r) ? GUARD_UNKNOWN : GUARD_NONE;
}

/* The service that runs the program publishes nothing, while another of the same compose does. */
static bool is_internal(struct check_run *c, const struct program *p)
{
    const struct deployment *d = deployment_of(c->facts, p->src->path);
    const struct service *own = NULL;
    size_t published = 0;
    for (size_t i = 0; d != NULL && i < d->services.n; i++) {
        const struct service *s = d->services.at[i];
        struct ports ports = {0};
        ports_of(c->arena, s, &ports);
        published += ports.all.n != 0;
        if (s->context.p != NULL && s->context.n != 0 && path_is_below(p->src->path, s->context) && (own == NULL || s->context.n > own->context.n))
            own = s;
    }
    if (own == NULL || published == 0)
        return false;
    struct ports ports = {0};
    ports_of(c->arena, own, &ports);
    return ports.all.n == 0 && node_get(own->node, "network_mode") == NULL;
}

/* The file is called like the word in front of the handler's name: users.ts, users/index.ts, users/mod.rs. */
static bool is_called(const struct program *p, sv holder)
{
    sv base = path_base(p->src->path), stem = sv_cut(&base, '.');
    return holder.n != 0 && (sv_ieq(stem, holder) || sv_ieq(path_base(path_dir(p->src->path)), holder));
}

/* All functions by the hash of their names; those of one program follow each other. */
struct function { const struct program *program; const struct block *block; const struct function *next; };
enum { FUNCTION_BUCKETS = 4096 };

static const struct function **index_functions(struct check_run *c)
{
    const struct programs *all = programs_of(c, NULL);
    const struct function **index = arena_array(c->arena, const struct function *, FUNCTION_BUCKETS);
    for (size_t i = all->all.n; i-- > 0;)
        for (size_t k = all->all.at[i]->blocks.n; k-- > 0;) {
            const struct block *b = all->all.at[i]->blocks.at[k];
            if (b->kind != BLOCK_FUNCTION || b->name.n == 0)
                continue;
            struct function *f = arena_new(c->arena, struct function);
            const struct function **bucket = &index[sv_hash(b->name) % FUNCTION_BUCKETS];
            *f = (struct function){all->all.at[i], b, *bucket};
            *bucket = f;
        }
    return index;
}

/* The only function of that name, or the only one in a file called like its holder. */
static const struct block *find_handler(const struct function *const *index, const struct pending *w, const struct program **where)
{
    const struct block *any = NULL, *own = NULL;
    const struct program *any_in = NULL, *own_in = NULL, *last = NULL;
    size_t n_any = 0, n_own = 0;
    for (const struct function *f = index[sv_hash(w->name) % FUNCTION_BUCKETS]; f != NULL; f = f->next) {
        const struct program *p = f->program;
        const struct block *b = f->block;
        if (p == last || !sv_eq(b->name, w->name))
            continue;
        last = p; /* of several in one program the first one counts */
        if (p == w->table || !same_family(p, w->table) || b->params >= b->params_end)
            continue;
        any = b, any_in = p, n_any++;
        if (is_called(p, w->holder))
            own = b, own_in = p, n_own++;
    }
    *where = n_own == 1 ? own_in : n_any == 1 ? any_in : NULL;
    return n_own == 1 ? own : n_any == 1 ? any : NULL;
}

/* A handler seen by its parameters alone gets the path that the table gives it. */
static void join_tables(struct check_run *c, const struct pendings *pending, struct routes *out)
{
    const struct function **index = pending->all.n == 0 ? NULL : index_functions(c);
    for (size_t i = 0; i < pending->all.n; i++) {
        const struct pending *w = pending->all.at[i];
        const struct program *p;
        const struct block *b = find_handler(index, w, &p);
        if (b == NULL || is_internal(c, p))
            continue;
        struct route *r = NULL;
        for (size_t k = 0; k < out->all.n && r == NULL; k++)
            r = out->all.at[k]->function == b && out->all.at[k]->unregistered ? out->all.at[k] : NULL;
        if (r == NULL)
            r = vec_new(c->arena, &out->all, struct route);
        *r = (struct route){.program = p, .table = w->table, .path = w->path, .at = w->at, .head = w->head, .head_end = w->head_end,
                            .body = b->body, .body_end = b->body_end, .function = b, .writes = w->writes};
    }
}

struct route_look { struct check_run *run; void (*look)(struct check_run *c, const struct route *r); };
struct route_table { struct routes all; struct programs gates; struct pendings pending; ARRAY(struct route_look) looks; };

static void look_for_routes(struct check_run *c, const struct program *p)
{
    struct route_table *table = c->out->routes;
    struct finder f = {c, p, &table->all, &table->pending};
    size_t before = table->all.all.n;
    find_routes(&f);
    if (table->all.all.n != before && is_internal(c, p))
        table->all.all.n = before;
    if (has_gate(c, p))
        vec_push(c->arena, &table->gates.all, p);
}

void routes_begin(struct check_run *c)
{
    c->out->routes = arena_new(c->arena, struct route_table);
    each_program(c, NULL, look_for_routes);
}

void each_route(struct check_run *c, void (*look)(struct check_run *c, const struct route *r))
{
    *array_new(c->arena, &c->out->routes->looks) = (struct route_look){c, look};
}

/* What the files hold is put together. */
static void complete_routes(struct check_run *c, struct route_table *table)
{
    join_tables(c, &table->pending, &table->all);
    for (size_t i = 0; i < table->all.all.n; i++) {
        struct route *r = table->all.all.at[i];
        reach(r);
        r->guard = guard_of(c, r, &table->gates);
        if (r->unregistered && r->guard == GUARD_NONE)
            r->guard = GUARD_UNKNOWN; /* what stands in front of it is registered elsewhere */
    }
}

void routes_look(struct check_run *c)
{
    const struct route_table *table = c->out->routes;
    complete_routes(c, c->out->routes);
    for (size_t i = 0; i < table->all.all.n; i++)
        for (size_t k = 0; k < table->looks.n; k++)
            table->looks.at[k].look(table->looks.at[k].run, table->all.all.at[i]);
}

void routes_within(struct check_run *c, const struct program *p, void (*look)(struct check_run *c, const struct route *r))
{
    struct routes list = {0};
    struct finder f = {c, p, &list, NULL};
    find_routes(&f);
    for (size_t i = 0; i < list.all.n; i++)
        if (!list.all.at[i]->unregistered)
            look(c, list.all.at[i]);
}

const struct call *route_call(const struct route *r, bool (*want)(const struct route *r, size_t span, const struct call *k), size_t *span)
{
    const struct program *p = r->program;
    for (size_t i = 0; i < r->n_spans; i++) {
        size_t first, end;
        program_calls_in(p, r->spans[i].from, r->spans[i].to, &first, &end);
        for (size_t k = first; k < end; k++)
            if (want(r, i, &p->calls.at[k])) {
                *span = i;
                return &p->calls.at[k];
            }
    }
    return NULL;
}

struct place route_place(const struct route *r) { return program_place(r->table, r->at, r->at + 1); }

