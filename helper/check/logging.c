/* What ends in the logs, which the operator reads and public_logs publishes. */
#include "check/input.h"
#include "check/lookup.h"
#include "check/routes.h"

/* ---- levels --------------------------------------------------------------------------------------- */

enum level { LEVEL_DEBUG, LEVEL_INFO, LEVEL_WARNING };

static enum level level_of(const struct call *k)
{
    if (SV_IN(k->name, SV("debug"), SV("trace"), SV("debugf"), SV("verbose")))
        return LEVEL_DEBUG;
    return SV_IN(k->name, SV("warn"), SV("warning"), SV("error"), SV("exception"), SV("critical"), SV("warnf"), SV("errorf"), SV("eprintln")) ? LEVEL_WARNING : LEVEL_INFO;
}

/* `getLogger("a.b").setLevel(logging.WARNING)`: name and level. */
static bool silences(const struct program *p, const struct call *k, sv *name, enum level *level)
{
    size_t from, to, first, end;
    if (!sv_eq(k->name, SV("setLevel")) || !program_argument(p, k, 0, &from, &to))
        return false;
    program_calls_in(p, k->from, k->open, &first, &end);
    for (size_t i = first; i < end; i++) {
        size_t a, b;
        if (!sv_eq(p->calls.at[i].name, SV("getLogger")))
            continue;
        *name = program_argument(p, &p->calls.at[i], 0, &a, &b) && p->at[a].kind == TOKEN_STRING ? program_string(p, a) : SV("");
        *level = says_any(p, from, to, (const char *const[]){"warn", "error", "critical", NULL}) ? LEVEL_WARNING : says_any(p, from, to, (const char *const[]){"debug", NULL}) ? LEVEL_DEBUG : LEVEL_INFO;
        return true;
    }
    return false;
}

struct logger { sv name; enum level level; };
struct loggers { VEC(struct logger) all; };

static const char *const set_level[] = {"setLevel", NULL};

static void collect_loggers(struct check_run *c, const struct programs *list, struct loggers *out)
{
    for (size_t i = 0; i < list->all.n; i++) {
        const struct program *p = list->all.at[i];
        struct calls setting = calls_written(c, p, set_level);
        for (const struct call *k; p->lang == LANG_PYTHON && (k = next_named(&setting)) != NULL;) {
            struct logger l;
            if (silences(p, k, &l.name, &l.level) && l.name.n != 0)
                *vec_new(c->arena, &out->all, struct logger) = l;
        }
    }
}

/* What is set for the logger or one above it; `fallback` where nothing is. */
static enum level level_of_logger(const struct loggers *list, sv name, enum level fallback)
{
    for (size_t i = 0; i < list->all.n; i++) {
        const struct logger *l = list->all.at[i];
        if (sv_eq(l->name, name) || (sv_starts(name, l->name) && name.p[l->name.n] == '.'))
            return l->level;
    }
    return fallback;
}

/* "src/app/llm.py" -> "src.app.llm"; the logger's name is an end of it. */
static bool is_silenced(struct check_run *c, const struct loggers *list, const struct program *p, enum level level)
{
    if (p->lang != LANG_PYTHON || list->all.n == 0)
        return false;
    sv path = p->src->path;
    path = sv_ends(path, SV(".py")) ? sv_sub(path, 0, path.n - 3) : path;
    char *dotted = arena_copy(c->arena, path.p, path.n);
    for (size_t i = 0; i < path.n; i++)
        dotted[i] = dotted[i] == '/' ? '.' : dotted[i];
    sv whole = {dotted, path.n};
    while (whole.n != 0) {
        if (level_of_logger(list, whole, LEVEL_DEBUG) > level)
            return true;
        size_t dot = sv_find_char(whole, '.');
        whole = dot == SV_NOT_FOUND ? SV_NONE : sv_sub(whole, dot + 1, whole.n);
    }
    return false;
}

/* ---- what is logged --------------------------------------------------------------------------------- */

enum content { CONTENT_NONE, CONTENT_IDENTIFIER, CONTENT_TEXT, CONTENT_SECRET };

static bool is_secret_value(sv w)
{
    static const char *const words[] = {"password", "passwd", "private_key", "privatekey", "api_key", "apikey", "access_token", "accesstoken", "refresh_token", "bot_token", "bottoken", "jwt_secret", "secret_key", "secretkey", "mnemonic",
                                        "session_token", "sessiontoken", "auth_token", "authtoken", "authorization", "bearer", "cookie_str", "cookiestr", "cookie_dict", "cookieheader", "auth_cookie", "seed_phrase", "encryption_key", "aes_key", "aeskey", "root_key", "rootkey", "master_key", "masterkey", "admin_key", "adminkey", NULL};
    static const char *const spared[] = {"length", "len", "count", "hash", "has", "is_", "missing", "type", "name", "_id", "path", "file", "url", "valid", "expire", "prefix", "ttl", "required", "error", "public", "set", "header_name", "id_", "mask", "redact",
                                         "fingerprint", "usage", "uuid", "spend", "limit", "budget", "quota", "contract", "address", NULL};
    return sv_ieq(w, SV("token")) || sv_ieq(w, SV("cookie")) || sv_ieq(w, SV("cookies")) || sv_ieq(w, SV("secret")) || sv_ieq(w, SV("credentials")) || (text_has_any(w, words) && !text_has_any(w, spared));
}

static bool is_text_value(sv w)
{
    static const char *const whole[] = {"prompt", "user_prompt", "userprompt", "system_prompt", "message_text", "messagetext", "user_message", "usermessage", "user_input", "userinput", "transcript", "completion", "chat_history", "chathistory",
                                        "conversation", "messages", "plaintext", "decrypted", "request_body", "requestbody", "raw_body", "rawbody", "req_body", "body_text", "user_text", "usertext", "query_text", "answer_text", "email_body", NULL};
    return is_any(w, whole);
}

static bool is_identifier_value(const struct program *p, sv w)
{
    if (SV_IN(w, SV("chat_id"), SV("chatId"))) /* elsewhere the number of a completion */
        return source_ihas(p->src, SV("telegram")) || source_ihas(p->src, SV("effective_chat"));
    return SV_IN(w, SV("user_id"), SV("userId"), SV("email"), SV("phone"), SV("username"), SV("userEmail"), SV("user_email"), SV("phone_number"), SV("phoneNumber"), SV("creator_id"), SV("wallet_address"));
}

/* `!!config.apiKey` */
static bool is_negated(const struct program *p, size_t i)
{
    while (i >= 2 && (program_is(p, i - 1, ".") || program_is(p, i - 1, "?.")) && p->at[i - 2].kind == TOKEN_WORD)
        i -= 2;
    return i > 0 && program_is(p, i - 1, "!");
}

/* Only its size or its presence is written. */
static bool is_reduced(const struct program *p, size_t i)
{
    bool field = i + 2 < p->n && (program_is(p, i + 1, ".") || program_is(p, i + 1, "?."));
    if (field && (SV_IN(program_token(p, i + 2), SV("length"), SV("len"), SV("size"), SV("is_some"), SV("is_none"), SV("is_empty"), SV("keys"), SV("model"), SV("status"), SV("id"), SV("status_code"), SV("code"), SV("count"), SV("name"), SV("get"))))
        return true;
    /* of a chain the last word says what is written */
    return program_is(p, i + 1, "?") || program_is(p, i + 1, ".") || program_is(p, i + 1, "?.") || is_negated(p, i) || program_is(p, i + 1, "(");
}

/* masked(token), len(text): the innermost call inside the log call makes something else of it. */
static bool is_changed(const struct program *p, const struct call *k, size_t i)
{
    size_t first, end;
    sv name = SV_NONE;
    program_calls_in(p, k->open + 1, k->close, &first, &end);
    for (size_t n = first; n < end; n++)
        if (p->calls.at[n].open < i && i < p->calls.at[n].close)
            name = p->calls.at[n].name;
    return name.n != 0 && !SV_IN(name, SV("stringify"), SV("str"), SV("String"), SV("format"), SV("dumps"), SV("repr"), SV("join"), SV("inspect"), SV("to_string"), SV("Some"), SV("Sprintf"), SV("String"), SV("pformat"), SV("json"), SV("dict"), SV("list"));
}

/* A token may be a coin. */
static bool is_coin(const struct program *p, sv w)
{
    return sv_ieq(w, SV("token")) && source_says(p->src, (const char *const[]){"erc20", "token_address", "tokenAddress", "swap", "vault", "balance", "generat", "tokeniz", NULL});
}

/* `const PasswordKey = "APP_PASSWORD"`: what a variable is called, not what it holds. */
static bool is_name_of_variable(const struct program *p, size_t i)
{
    const struct assignment *a = i > 0 && program_is(p, i - 1, ".") ? NULL : program_assigned(p, program_token(p, i), i);
    if (a == NULL || a->value_end != a->value + 1 || p->at[a->value].kind != TOKEN_STRING)
        return false;
    sv name = program_string(p, a->value);
    for (size_t k = 0; k < name.n; k++)
        if (name.p[k] >= 'a' && name.p[k] <= 'z')
            return false;
    return sv_is_ident(name) && sv_has(name, SV("_"));
}

/* req.body, request.headers, await request.json() */
static bool is_whole_request(const struct program *p, size_t i)
{
    if (!SV_IN(program_token(p, i), SV("req"), SV("request")) || !(program_is(p, i + 1, ".") || program_is(p, i + 1, "?.")) || i + 2 >= p->n)
        return false;
    sv field = program_token(p, i + 2);
    bool ends = !(program_is(p, i + 3, ".") || program_is(p, i + 3, "?.") || program_is(p, i + 3, "["));
    return ends && SV_IN(field, SV("body"), SV("headers"), SV("cookies"), SV("json"), SV("data"), SV("form"), SV("rawBody"), SV("text"), SV("get_json"), SV("get_data"));
}

/* Words inside {…} of an f-string, behind ${ of a template, in "{name}" of Rust. */
static enum content content_of_string(const struct program *p, size_t string)
{
    sv text = program_token(p, string);
    bool fields = (p->lang == LANG_PYTHON && text.n != 0 && (text.p[0] == 'f' || text.p[0] == 'F')) || p->lang == LANG_RUST;
    enum content found = CONTENT_NONE;
    for (size_t open = 0; fields && (open = sv_find_at(text, SV("{"), open)) != SV_NOT_FOUND; open++) {
        size_t end = open + 1;
        while (end < text.n && (text.p[end] == '_' || (text.p[end] >= '0' && text.p[end] <= '9') || (text.p[end] >= 'A' && text.p[end] <= 'Z') || (text.p[end] >= 'a' && text.p[end] <= 'z')))
            end++;
        sv w = sv_sub(text, open + 1, end);
        bool plain = end < text.n && (text.p[end] == '}' || text.p[end] == '!' || text.p[end] == ':' || text.p[end] == '[');
        enum content now = !plain || w.n == 0 ? CONTENT_NONE : is_coin(p, w) ? CONTENT_NONE : is_secret_value(w) ? CONTENT_SECRET : is_text_value(w) ? CONTENT_TEXT : is_identifier_value(p, w) ? CONTENT_IDENTIFIER : CONTENT_NONE;
        if (plain && text.p[end] == '[' && now == CONTENT_SECRET)
            now = CONTENT_NONE; /* a slice: the first characters */
        found = now > found ? now : found;
    }
    return found;
}

/* The answer of a model, or of a call on the user's text: `response = await self._complete(system_prompt, user_prompt)` */
static bool is_made_from_text(const struct program *p, sv name, size_t at)
{
    if (!SV_IN(name, SV("response"), SV("result"), SV("reply"), SV("output"), SV("answer"), SV("content"), SV("raw"), SV("text"), SV("message"), SV("body"), SV("data")))
        return false;
    const struct assignment *a = program_assigned(p, name, at);
    if (a == NULL || a->value_end - a->value > 60)
        return false;
    for (size_t i = a->value; i < a->value_end; i++)
        if (p->at[i].kind == TOKEN_WORD && !(i > 0 && program_is(p, i - 1, ".")) && (is_text_value(program_token(p, i)) || is_whole_request(p, i)))
            return true;
    return false;
}

static bool string_names(const struct program *p, size_t at)
{
    sv text = program_token(p, at);
    static const char *const names[] = {"response", "result", "reply", "output", "answer", "content", "raw", "text", "message"};
    for (size_t i = 0; p->lang == LANG_PYTHON && i < sizeof names / sizeof *names; i++) {
        sv name = sv_from(names[i]);
        for (size_t open = 0; (open = sv_find_at(text, name, open)) != SV_NOT_FOUND; open++)
            if (open > 0 && text.p[open - 1] == '{' && open + name.n < text.n && text.p[open + name.n] == '}' && is_made_from_text(p, name, at))
                return true;
    }
    return false;
}

static enum content content_of(const struct program *p, const struct call *k, sv *what)
{
    enum content found = CONTENT_NONE;
    for (size_t i = k->open + 1; i < k->close; i++) {
        const struct token *t = &p->at[i];
        enum content now = CONTENT_NONE;
        if (t->kind == TOKEN_STRING)
            now = string_names(p, i) ? CONTENT_TEXT : content_of_string(p, i);
        else if (t->kind == TOKEN_WORD && is_whole_request(p, i))
            now = CONTENT_TEXT;
        else if (t->kind == TOKEN_WORD && !is_reduced(p, i) && !is_changed(p, k, i) && !program_is(p, i + 1, "=") && !program_is(p, i + 1, ":"))
            now = is_coin(p, token_text(p->src, t)) ? CONTENT_NONE : is_secret_value(token_text(p->src, t)) ? (is_name_of_variable(p, i) ? CONTENT_NONE : CONTENT_SECRET) : is_text_value(token_text(p->src, t)) || is_made_from_text(p, token_text(p->src, t), i) ? CONTENT_TEXT : is_identifier_value(p, token_text(p->src, t)) ? CONTENT_IDENTIFIER : CONTENT_NONE;
        if (now > found) {
            found = now;
            *what = t->kind == TOKEN_STRING ? program_text(p, i, i + 1) : program_text(p, i, is_whole_request(p, i) ? i + 3 : i + 1);
        }
    }
    return found;
}

/* ---- user-content-logged --------------------------------------------------------------------------------- */

/* `if settings.is_development:` around the call */
static bool is_for_developers(const struct program *p, size_t at)
{
    static const char *const words[] = {"development", "debug", "verbose", "dev", "NODE_ENV", "testing", NULL};
    for (const struct block *b = program_block_at(p, at); b != NULL && b->kind != BLOCK_FUNCTION; b = b->parent)
        if (b->kind == BLOCK_IF && says_any(p, b->head, b->head_end, words))
            return true;
    return false;
}

/* Who can raise the level, or sees the logs besides. */
static sv who_sees(struct check_run *c, const struct program *p, bool *published)
{
    const struct deployment *d = deployment_of(c->facts, p->src->path);
    const struct node *node = d == NULL || d->app == NULL ? NULL : node_get(d->app->root, "public_logs");
    *published = node != NULL && node_true(node);
    if (*published)
        return SV("public_logs is on: everybody reads the log on port 8090");
    if (node != NULL)
        return SV("the operator reads the log of the container");
    return SV("the operator reads the log of the container, and everybody does where public_logs is left on");
}

static const struct operator_input *level_input(struct check_run *c, const struct program *p)
{
    for (size_t i = 0; i < c->facts->inputs.n; i++) {
        const struct operator_input *in = c->facts->inputs.at[i];
        if (in->kind == KIND_LOG_LEVEL && in->allowed != ALLOWED_NO && deployment_owns(c->facts, in->deployment, p->src->path))
            return in;
    }
    return NULL;
}

/* Printing is what a tool of the command line is for. */
static bool is_tool(struct check_run *c, const struct program *p, const struct call *k)
{
    static const char *const arguments[] = {"argparse", "sys.argv", "process.argv", "Deno.args", "clap::", "import click", "from click", "commander", "typer", "flag.Parse", NULL};
    static const char *const clap[] = {"clap", NULL};
    bool prints = call_named(k, (const char *const[]){"print", "println", "eprintln", "eprint", "printf", "fprintf", NULL}) || sv_has(k->chain, SV("console")) || sv_has(k->chain, SV("fmt."));
    if (!prints)
        return false;
    bool tools = sv_has(p->src->path, SV("scripts/")) || sv_has(p->src->path, SV("cli/")) || sv_has(p->src->path, SV("tools/")) || sv_starts(p->src->path, SV("examples/")) || sv_has(p->src->path, SV("/examples/"));
    for (size_t i = 0; p->lang == LANG_RUST && !tools && i < c->facts->repo->files.n; i++) {
        const struct source *s = c->facts->repo->files.at[i];
        tools = s->lang == LANG_RUST && sv_eq(path_dir(s->path), path_dir(p->src->path)) && source_says(s, clap);
    }
    return tools || source_says(p->src, arguments);
}

static void report_content(struct check_run *c, const struct program *p, const struct call *k, enum content what, sv text)
{
    bool published;
    enum level level = level_of(k);
    sv seen = who_sees(c, p, &published);
    struct place where = program_place(p, k->from, k->close + 1);
    if (level == LEVEL_DEBUG) {
        const struct operator_input *in = level_input(c, p);
        if (in == NULL)
            return;
        struct finding *f = report(c, where, text, "%.*s is written to the log at debug level, and the operator sets the level with %.*s.", SV_ARG(text), SV_ARG(in->name));
        relate(c, f, in->place, "the level");
        f->severity = SEV_MEDIUM;
        return;
    }
    struct finding *f = report(c, where, text, what == CONTENT_SECRET ? "A secret (%.*s) is written to the log: %.*s." : "What users send or receive (%.*s) is written to the log: %.*s.", SV_ARG(text), SV_ARG(seen));
    f->severity = published ? SEV_HIGH : what == CONTENT_SECRET ? SEV_MEDIUM : level == LEVEL_WARNING ? SEV_LOW : SEV_MEDIUM;
}

/* Nothing keeps the line out of the log of production. */
static bool is_seen(struct check_run *c, const struct loggers *list, const struct program *p, const struct call *k)
{
    sv name = function_name(p, k->from);
    if (sv_istarts(name, SV("test")) || sv_ihas(name, SV("selftest")))
        return false;
    return !is_for_developers(p, k->from) && !is_silenced(c, list, p, level_of(k)) && !place_is_aside(program_place(p, k->from, k->close)) && !is_tool(c, p, k);
}

/* Calls of one program that log something of users. Two checks judge them. */
struct logged { const struct call *call; enum content what; sv text; };
struct logged_list {
    struct loggers loggers;
    const struct program *program;
    ARRAY(struct logged) all;
    size_t examined;
};

static const struct logged_list *logged_in(struct check_run *c, const struct program *p)
{
    struct logged_list *list = c->out->logged;
    if (list == NULL) {
        list = c->out->logged = arena_new(c->arena, struct logged_list);
        collect_loggers(c, programs_of(c, set_level), &list->loggers);
    }
    if (list->program == p)
        return list;
    list->program = p, list->all.n = list->examined = 0;
    if (p->lang == LANG_SHELL || p->src->lang == LANG_HTML)
        return list;
    struct calls logs = calls_named(c, p, log_names);
    for (const struct call *k; (k = next_named(&logs)) != NULL;) {
        sv text = SV_NONE;
        if (!is_log_call(k))
            continue;
        list->examined++;
        enum content what = content_of(p, k, &text);
        if (what != CONTENT_NONE && is_seen(c, &list->loggers, p, k))
            *array_new(c->arena, &list->all) = (struct logged){k, what, text};
    }
    return list;
}

static void look_for_content(struct check_run *c, const struct program *p)
{
    const struct logged_list *list = logged_in(c, p);
    c->examined += list->examined;
    for (size_t i = 0; i < list->all.n; i++) {
        const struct logged *l = &list->all.at[i];
        if (l->what >= CONTENT_TEXT)
            report_content(c, p, l->call, l->what, l->text);
    }
}

void check_content_logged(struct check_run *c) { each_program(c, NULL, look_for_content); }

/* One finding an app: identifiers tell who uses it and when. */
struct identified { const struct deployment *app; struct finding *finding; size_t further; };

static void look_for_identifiers(struct check_run *c, const struct program *p)
{
    const struct logged_list *list = logged_in(c, p);
    const struct deployment *app = deployment_of(c->facts, p->src->path);
    struct identified *in = c->kept;
    if (app != in->app)
        *in = (struct identified){.app = app};
    c->examined += list->examined;
    for (size_t i = 0; i < list->all.n; i++) {
        const struct logged *l = &list->all.at[i];
        struct place place = program_place(p, l->call->from, l->call->close + 1);
        if (l->what != CONTENT_IDENTIFIER || level_of(l->call) == LEVEL_DEBUG)
            continue;
        if (in->finding == NULL) {
            bool published;
            in->finding = report(c, place, l->text, "Identifiers of users are written to the log: %.*s, and learns who uses the app and when.", SV_ARG(who_sees(c, p, &published)));
            in->finding->severity = published ? SEV_MEDIUM : SEV_LOW;
        } else if (++in->further <= 5)
            relate(c, in->finding, place, "here too");
    }
}

void check_identifiers_logged(struct check_run *c)
{
    c->kept = arena_new(c->arena, struct identified);
    each_program(c, NULL, look_for_identifiers);
}

/* ---- client-logs-urls ---------------------------------------------------------------------------------------- */

/* basicConfig(level=INFO) or root setLevel: what every library logs at that level comes out. */
static size_t root_level(struct check_run *c, const struct program *p, enum level *level)
{
    static const char *const levels[] = {"basicConfig", "setLevel", NULL};
    struct calls setting = calls_written(c, p, levels);
    for (const struct call *k; (k = next_named(&setting)) != NULL;) {
        size_t from, to;
        bool config = sv_eq(k->name, SV("basicConfig")) && program_named_argument(p, k, "level", &from, &to);
        sv name;
        bool root = !config && silences(p, k, &name, level) && name.n == 0 && program_argument(p, k, 0, &from, &to);
        if (!config && !root)
            continue;
        if (derives_from(p, from, to, (const char *const[]){"debug", NULL}, 1))
            *level = LEVEL_DEBUG;
        if (derives_from(p, from, to, (const char *const[]){"info", NULL}, 1))
            *level = LEVEL_INFO; /* a choice between both: what production uses */
        else if (!derives_from(p, from, to, (const char *const[]){"debug", NULL}, 1))
            continue;
        return (size_t)(k - p->calls.at);
    }
    return SV_NOT_FOUND;
}

/* A library whose requests carry a token in the URL, through the client named in *client. */
static const char *token_in_url(const struct programs *list, const char **client, enum level root)
{
    for (size_t i = 0; i < list->all.n; i++) {
        const struct program *p = list->all.at[i];
        const struct source *s = p->src;
        if (p->lang != LANG_PYTHON)
            continue;
        bool telegram = source_has(s, SV("from telegram import")) || source_has(s, SV("from telegram.")) || source_has(s, SV("import telegram\n"));
        bool httpx = source_has(s, SV("import httpx")), requests = source_has(s, SV("import requests"));
        bool url = source_has(s, SV("/bot{")) || source_has(s, SV("?key={")) || source_has(s, SV("api_key={")) || source_has(s, SV("access_token={")) || source_has(s, SV("?token={"));
        *client = telegram || httpx ? "httpx" : "urllib3";
        if (telegram)
            return "the bot's token in each address of the Telegram API";
        if (url && (httpx || (requests && root == LEVEL_DEBUG)))
            return "a key or token in the address of its requests";
    }
    return NULL;
}

void check_client_logs_urls(struct check_run *c)
{
    static const char *const topics[] = {"logging", "httpx", "telegram", "requests", NULL};
    const struct programs *list = programs_of(c, topics);
    struct loggers loggers = {0};
    collect_loggers(c, list, &loggers);
    for (size_t i = 0; i < list->all.n; i++) {
        const struct program *p = list->all.at[i];
        enum level root = LEVEL_INFO;
        size_t at = p->lang == LANG_PYTHON ? root_level(c, p, &root) : SV_NOT_FOUND;
        const char *client = NULL;
        if (at == SV_NOT_FOUND)
            continue;
        c->examined++;
        const char *what = token_in_url(list, &client, root);
        if (what == NULL || level_of_logger(&loggers, sv_from(client), LEVEL_INFO) == LEVEL_WARNING)
            continue;
        bool published;
        sv seen = who_sees(c, p, &published);
        const struct call *k = &p->calls.at[at];
        struct finding *f = report(c, program_place(p, k->from, k->close + 1), sv_from(client), "The root logger stands at %s and nothing silences %s, which logs the URL of every request: %s is written to the log. Besides, %.*s.",
                                   root == LEVEL_DEBUG ? "DEBUG" : "INFO", client, what, SV_ARG(seen));
        f->severity = published ? SEV_HIGH : SEV_MEDIUM;
    }
}

/* ---- framework-logs-content ---------------------------------------------------------------------------------------- */

struct switch_row { const char *call, *option; const char *context; const char *logs; };
static const struct switch_row switches[] = {
    {"AgentExecutor", "verbose", NULL, "the agent's thoughts, the tools' inputs and the answers"}, {"initialize_agent", "verbose", NULL, "the agent's thoughts, the tools' inputs and the answers"},
    {"LLMChain", "verbose", NULL, "prompts and answers"}, {"ConversationChain", "verbose", NULL, "prompts and answers"}, {"RetrievalQA", "verbose", NULL, "prompts and answers"},
    {"ChatOpenAI", "verbose", NULL, "prompts and answers"}, {"Crew", "verbose", "crewai", "the agents' thoughts and answers"}, {"Agent", "verbose", "crewai", "the agents' thoughts and answers"},
    {"create_engine", "echo", "sqlalchemy", "every statement with its values"}, {"create_async_engine", "echo", "sqlalchemy", "every statement with its values"},
};

static bool is_on(const struct program *p, size_t i)
{
    return program_is(p, i, "True") || program_is(p, i, "true");
}

static void report_framework(struct check_run *c, const struct program *p, size_t from, size_t to, sv subject, const char *logs)
{
    bool published;
    sv seen = who_sees(c, p, &published);
    struct finding *f = report(c, program_place(p, from, to), subject, "%.*s prints %s to the log: %.*s.", SV_ARG(subject), logs, SV_ARG(seen));
    f->severity = published ? SEV_HIGH : SEV_MEDIUM;
}

/* `verbose=True`, `{ verbose: true }` */
static size_t option_on(const struct program *p, const struct call *k, const char *option)
{
    for (size_t i = k->open + 1; i + 2 <= k->close; i++)
        if (program_is(p, i, option) && (program_is(p, i + 1, "=") || program_is(p, i + 1, ":")) && is_on(p, i + 2))
            return i;
    return SV_NOT_FOUND;
}

static void look_for_switches(struct check_run *c, const struct program *p)
{
    static const char *const globals[] = {"set_debug", "set_verbose", NULL};
    for (size_t i = 0; i < p->calls.n; i++) {
        const struct call *k = &p->calls.at[i];
        for (size_t s = 0; s < sizeof switches / sizeof *switches; s++) {
            if (!sv_eq(k->name, sv_from(switches[s].call)) || (switches[s].context != NULL && !source_ihas(p->src, sv_from(switches[s].context))))
                continue;
            size_t at = option_on(p, k, switches[s].option);
            c->examined++;
            if (at != SV_NOT_FOUND)
                report_framework(c, p, at, at + 3, sv_from(switches[s].option), switches[s].logs);
        }
        if (call_named(k, globals) && is_on(p, k->open + 1) && source_ihas(p->src, SV("langchain")))
            report_framework(c, p, k->from, k->close + 1, k->name, "prompts and answers");
        if (sv_eq(k->name, SV("set")) && sv_has(k->chain, SV("mongoose")) && program_says(p, k->open, k->close, "debug") && program_says(p, k->open, k->close, "true"))
            report_framework(c, p, k->from, k->close + 1, SV("debug"), "every query with its values");
    }
    for (size_t i = 0; i + 4 < p->n; i++) {
        bool langchain = program_is(p, i, "langchain") || program_is(p, i, "litellm");
        if (langchain && program_is(p, i + 1, ".") && (program_is(p, i + 2, "debug") || program_is(p, i + 2, "verbose") || program_is(p, i + 2, "set_verbose")) && program_is(p, i + 3, "=") && is_on(p, i + 4))
            report_framework(c, p, i, i + 5, program_token(p, i + 2), "prompts and answers");
    }
}

void check_framework_logs(struct check_run *c)
{
    static const char *const topics[] = {"langchain", "crewai", "sqlalchemy", "mongoose", "litellm", "AgentExecutor", NULL};
    each_program(c, topics, look_for_switches);
}
