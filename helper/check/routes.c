/* Where requests come in. */
#include "check/code.h"

static bool is_path(sv s) { return s.n >= 1 && s.p[0] == '/' && sv_find_char(s, ' ') == SV_NOT_FOUND && sv_find_char(s, '\n') == SV_NOT_FOUND; }

static bool is_write(sv text)
{
    static const char *const verbs[] = {"post", "put", "delete", "patch", NULL};
    return text_has_any(text, verbs);
}

/* @app.route("/x"), @router.post("/x") above a function */
static void decorated(struct check_run *c, const struct program *p, const struct block *f,
                      void (*look)(struct check_run *, const struct program *, const struct route *))
{
    size_t first, end;
    program_calls_in(p, f->decorators, f->head, &first, &end);
    for (size_t i = first; i < end; i++) {
        const struct call *k = p->calls.at[i];
        size_t from, to;
        if (!SV_IN(k->name, SV("route"), SV("get"), SV("post"), SV("put"), SV("delete"), SV("patch"), SV("api_route"), SV("websocket")) ||
            !program_argument(p, k, 0, &from, &to) || p->at[from].kind != TOKEN_STRING || !is_path(token_string(&p->at[from])))
            continue;
        struct route r = {token_string(&p->at[from]), from, f->body, f->body_end, f->decorators, false};
        r.writes = is_write(k->name) || is_write(program_text(p, k->open, k->close));
        look(c, p, &r);
        return;
    }
}

static const struct block *function_named(const struct program *p, sv name)
{
    for (size_t i = 0; i < p->blocks.n; i++)
        if (p->blocks.at[i]->kind == BLOCK_FUNCTION && sv_eq(p->blocks.at[i]->name, name))
            return p->blocks.at[i];
    return NULL;
}

/* app.get('/x', …, handler), .route("/x", get(handler)), mux.HandleFunc("/x", handler), add_get("/x", self.handler) */
static void registered(struct check_run *c, const struct program *p, const struct call *k,
                       void (*look)(struct check_run *, const struct program *, const struct route *))
{
    size_t from, to;
    bool verb = SV_IN(k->name, SV("get"), SV("post"), SV("put"), SV("delete"), SV("patch"), SV("all"), SV("route"), SV("HandleFunc"), SV("Handle"),
                      SV("GET"), SV("POST"), SV("PUT"), SV("DELETE"), SV("add_get"), SV("add_post"), SV("add_put"), SV("add_delete"), SV("add_route"), SV("Get"), SV("Post"));
    if (!verb || !program_argument(p, k, 0, &from, &to) || to != from + 1 || p->at[from].kind != TOKEN_STRING || !is_path(token_string(&p->at[from])))
        return;
    struct route r = {token_string(&p->at[from]), from, 0, 0, k->from, is_write(k->name) || (to < k->close && is_write(program_text(p, to, k->close)))};
    for (size_t i = 0; i < p->blocks.n && r.body == 0; i++) {
        const struct block *f = p->blocks.at[i];
        if (f->kind == BLOCK_FUNCTION && f->body > to && f->body < k->close)
            r.body = f->body, r.body_end = f->body_end;
    }
    for (size_t i = k->close; i-- > to && r.body == 0;) {
        const struct block *f = p->at[i].kind == TOKEN_WORD ? function_named(p, p->at[i].text) : NULL;
        if (f != NULL)
            r.body = f->body, r.body_end = f->body_end;
    }
    if (r.body != 0)
        look(c, p, &r);
}

/* if (req.url === '/x') …; case-less chains of small servers */
static void compared(struct check_run *c, const struct program *p, const struct block *b,
                     void (*look)(struct check_run *, const struct program *, const struct route *))
{
    static const char *const urls[] = {"url", "path", "pathname", NULL};
    for (size_t i = b->head; i < b->head_end; i++)
        if (p->at[i].kind == TOKEN_STRING && is_path(token_string(&p->at[i])) && find_any(p, b->head, i, urls) != SV_NOT_FOUND) {
            struct route r = {token_string(&p->at[i]), i, b->body, b->body_end, b->head, is_write(program_text(p, b->head, b->head_end))};
            look(c, p, &r);
            return;
        }
}

/* module.exports = (req, res) => …, export default function handler(req, res) in api/ */
static void exported(struct check_run *c, const struct program *p, const struct block *f,
                     void (*look)(struct check_run *, const struct program *, const struct route *))
{
    bool exports = sv_eq(f->name, SV("exports")) || program_says(p, f->head, f->head_end, "export");
    bool handler = f->params_end > f->params && (program_mentions(p, f->params, f->params_end, SV("req")) || program_mentions(p, f->params, f->params_end, SV("request")));
    if (!exports || !handler || f->parent != NULL || !sv_has(p->src->path, SV("api/")))
        return;
    struct route r = {p->src->path, f->head, f->body, f->body_end, f->head, program_says(p, f->body, f->body_end, "POST")};
    look(c, p, &r);
}

void each_route(struct check_run *c, const struct program *p, void (*look)(struct check_run *, const struct program *, const struct route *))
{
    if (p->lang == LANG_SHELL || p->src->lang == LANG_HTML)
        return;
    for (size_t i = 0; i < p->calls.n; i++)
        registered(c, p, p->calls.at[i], look);
    for (size_t i = 0; i < p->blocks.n; i++) {
        const struct block *b = p->blocks.at[i];
        if (b->kind == BLOCK_IF)
            compared(c, p, b, look);
        if (b->kind != BLOCK_FUNCTION)
            continue;
        if (b->decorators != SV_NOT_FOUND)
            decorated(c, p, b, look);
        if (is_path(b->name)) {
            struct route r = {b->name, b->head, b->body, b->body_end, b->head, false};
            look(c, p, &r);
        }
        exported(c, p, b, look);
    }
}

bool route_is_guarded(const struct program *p, const struct route *r)
{
    static const char *const guards[] = {"auth", "token", "session", "login", "api_key", "apikey", "api-key", "permission", "jwt", "cookie", "current_user",
                                         "get_user", "getuser", "userid", "require_", "signature", "secret", "allowed", "whitelist", "rate_limit", "basic", "guard", "admin_key", NULL};
    static const char *const everywhere[] = {"before_request", "middleware", "Depends", "layer", "preHandler", "onRequest", NULL};
    if (says_any(p, r->head, r->body_end, guards))
        return true;
    if (says_any(p, 0, p->n, everywhere))
        return true;
    for (size_t i = 0; i < p->calls.n; i++)
        if (SV_IN(p->calls.at[i]->name, SV("use"), SV("addHook")) && says_any(p, p->calls.at[i]->open, p->calls.at[i]->close, guards))
            return true;
    return false;
}
