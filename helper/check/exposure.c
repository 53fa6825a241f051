/* Routes that give callers more than they should have. */
#include "check/routes.h"

/* ---- signs-for-anyone ----------------------------------------------------------------------------- */

static const char *const key_words[] = {"getkey", "get_key", "derive_key", "derivekey", "private", "secretkey", "secret_key", "signing_key", "signingkey", "wallet", "account", "dstack", "tappd", NULL};

/* Text beside the caller's goes into what is signed: a prefix, a statement, a structure. */
static bool is_composed(const struct program *p, size_t from, size_t to, int depth)
{
    for (size_t i = from; i < to && i < p->n; i++) {
        const struct token *t = &p->at[i];
        if ((t->kind == TOKEN_PUNCT && SV_IN(token_text(p->src, t), SV("+"), SV("{"))) || (t->kind == TOKEN_STRING && (sv_has(token_text(p->src, t), SV("{")) || sv_has(token_text(p->src, t), SV("${")))) ||
            (t->kind == TOKEN_WORD && SV_IN(token_text(p->src, t), SV("stringify"), SV("dumps"), SV("format"), SV("to_string"), SV("Sprintf"), SV("Marshal"), SV("concat"))))
            return true;
        const struct assignment *a = t->kind == TOKEN_WORD && depth > 0 && !(i > 0 && program_is(p, i - 1, ".")) ? program_assigned(p, token_text(p->src, t), from) : NULL;
        if (a != NULL && !(a->value <= from && from < a->value_end) && !says_any(p, a->value, a->value_end, (const char *const[]){"req", "body", "json", NULL}) &&
            is_composed(p, a->value, a->value_end, depth - 1))
            return true;
    }
    return false;
}

static bool signs_callers_text(const struct route *r, size_t span, const struct call *k)
{
    static const char *const names[] = {"sign", "sign_message", "signMessage", "sign_transaction", "signTransaction", "signTypedData", "sign_typed_data", "sign_hash", "signHash",
                                        "unsafe_sign_hash", "sign_deterministic", "sign_digest", "signDigest", "_sign", "sign_raw", "signRaw", "sign_data", "SignMessage", "Sign", NULL};
    const struct program *p = r->program;
    size_t end = k->close + 1;
    if (!call_named(k, names) || sv_ihas(k->chain, SV("jwt")) || sv_ihas(k->chain, SV("jose")))
        return false;
    return from_caller(r, span, k->open + 1, k->close, 3) && !is_composed(p, k->open + 1, end, 2);
}

static void judge_signs_for_anyone(struct check_run *c, const struct route *r)
{
    size_t span;
    const struct call *k = route_call(r, signs_callers_text, &span);
    c->examined++;
    if (k == NULL || r->unregistered || !source_says(r->program->src, key_words))
        return;
    if (r->guard == GUARD_NONE)
        relate(c, report(c, route_place(r), r->path, "%.*s signs any text that any caller sends, with the app's own key: its signatures prove nothing about what the enclave did, and can be used as logins, permits or orders.",
                         SV_ARG(r->path)), program_place(r->program, k->from, k->close + 1), "signed here");
    else if (r->guard == GUARD_UNKNOWN)
        ask(c, route_place(r), "%.*s signs what its caller sends with the app's key. Who may call it, and is the text bound to a purpose?", SV_ARG(r->path))->rank = 3;
}

void check_signs_for_anyone(struct check_run *c) { each_route(c, judge_signs_for_anyone); }

/* ---- token-for-anyone -------------------------------------------------------------------------------- */

static bool mints(const struct route *r, size_t span, const struct call *k)
{
    static const char *const names[] = {"signjwt", "sign_jwt", "createtoken", "create_token", "generatetoken", "generate_token", "issuetoken", "issue_token", "minttoken", "mint_token", "create_access_token",
                                        "createaccesstoken", "createjwt", "create_jwt", "mintjwt", "mint_jwt", "encode_jwt", "generatejwt", "generate_jwt", "makejwt", "make_token", "maketoken", NULL};
    (void)r, (void)span;
    bool library = SV_IN(k->name, SV("sign"), SV("encode"), SV("SignedString")) && sv_ihas(k->chain, SV("jwt"));
    return call_named(k, names) || library || sv_eq(k->name, SV("SignJWT"));
}

/* The handler looks at anything a caller would have to know or own. */
static bool asks_for_proof(struct check_run *c, const struct route *r)
{
    static const char *const proofs[] = {"passw", "credential", "verify", "login", "code", "oauth", "otp", "challenge", "getuser", "get_user", "findone", "find_one", "findunique", "cookie", "apikey", "api_key",
                                         "authoriz", "authentic", "bcrypt", "compare", "grant", "refresh", "id_token", "idtoken", "session", "hmac", "invite", "admin", "401", "403", "unauthorized", "forbidden", "lookup",
                                         "select", "query", "siwe", "recover", NULL};
    const struct program *p = r->program;
    const char *const *said = words_within(c, p, proofs);
    for (size_t i = r->body; i < r->body_end; i++) {
        const struct token *t = &p->at[i];
        bool header = t->kind == TOKEN_STRING && sv_istarts(token_string(p->src, t), SV("access-control"));
        bool listed = t->kind == TOKEN_STRING && sv_find_char(token_text(p->src, t), ',') != SV_NOT_FOUND; /* "Content-Type, Authorization" */
        if (t->kind != TOKEN_PUNCT && !header && !listed && text_has_any(token_text(p->src, t), said))
            return true;
    }
    return asks_who(c, r->table, r->head, r->at) || asks_who(c, r->table, r->at + 1, r->head_end) || (r->function != NULL && asks_who(c, p, r->function->params, r->function->params_end));
}

static void judge_token_for_anyone(struct check_run *c, const struct route *r)
{
    size_t span;
    const struct call *k = route_call(r, mints, &span);
    c->examined++;
    if (k == NULL || r->unregistered || span != 0 || asks_for_proof(c, r))
        return;
    struct finding *f = report(c, route_place(r), r->path, "%.*s hands a signed token to whoever asks: nothing of the caller is checked before, so every route that trusts the token is open.", SV_ARG(r->path));
    relate(c, f, program_place(r->program, k->from, k->close + 1), "minted here");
}

void check_token_for_anyone(struct check_run *c) { each_route(c, judge_token_for_anyone); }

/* ---- data-open-to-all, data-writable-by-all ------------------------------------------------------------- */

static bool decrypts(const struct route *r, size_t span, const struct call *k)
{
    static const char *const names[] = {"decrypt", "unseal", "unsealvalue", "decryptvalue", "decrypt_value", "decrypt_data", "decryptdata", "decrypt_message", "open_in_place", "decryptrecord", "decrypt_record", NULL};
    (void)r, (void)span;
    return call_named(k, names);
}

static void judge_data_open(struct check_run *c, const struct route *r)
{
    size_t span;
    const struct call *k = route_call(r, decrypts, &span);
    c->examined++;
    if (k == NULL || r->unregistered || r->guard == GUARD_SOME)
        return;
    if (r->guard == GUARD_UNKNOWN) {
        ask(c, route_place(r), "%.*s decrypts stored data and answers with it. Which check on the caller stands in front?", SV_ARG(r->path))->rank = 3;
        return;
    }
    bool chosen = from_caller(r, span, k->open + 1, k->close, 3);
    relate(c, report(c, route_place(r), r->path, "%.*s decrypts %s and gives the plaintext to any caller, the operator included: the encryption protects nothing while nobody is asked who they are.",
                     SV_ARG(r->path), chosen ? "what the caller names" : "stored data"), program_place(r->program, k->from, k->close + 1), "decrypted here");
}

void check_data_open(struct check_run *c) { each_route(c, judge_data_open); }

static bool overwrites_rows(const struct program *p, size_t from, size_t to)
{
    static const char *const statements[] = {"delete from", "do update", "replace into", "insert or replace", "on duplicate key", NULL};
    for (size_t i = from; i < to && i < p->n; i++)
        if (p->at[i].kind == TOKEN_STRING && (text_has_any(program_token(p, i), statements) || (sv_ihas(program_token(p, i), SV("update ")) && sv_ihas(program_token(p, i), SV(" set ")))))
            return true;
    return false;
}

/* A statement or file call of the route whose target or content the caller chose. */
static bool changes_data(const struct route *r, size_t span, const struct call *k)
{
    static const char *const files[] = {"writeFile", "writeFileSync", "WriteFile", "write_text", "write_bytes", "unlink", "unlinkSync", "rmtree", "remove_file", "outputFile", NULL};
    static const char *const rows[] = {"deleteOne", "deleteMany", "updateOne", "updateMany", "findOneAndUpdate", "findOneAndDelete", "delete_one", "delete_many", "update_one", "update_many", "upsert",
                                       "findByIdAndDelete", "findByIdAndUpdate", "replaceOne", "replace_one", NULL};
    const struct program *p = r->program;
    bool statement = overwrites_rows(p, k->open, k->close) || overwrites_rows(p, k->from, k->open);
    bool rust_file = sv_eq(k->name, SV("write")) && sv_has(k->chain, SV("fs"));
    if (!statement && !call_named(k, files) && !call_named(k, rows) && !rust_file)
        return false;
    return from_caller(r, span, k->open + 1, k->close, 3);
}

static void judge_data_writable(struct check_run *c, const struct route *r)
{
    size_t span;
    const struct call *k = route_call(r, changes_data, &span);
    c->examined++;
    if (k == NULL || r->unregistered || r->guard == GUARD_SOME)
        return;
    bool file = call_names(k, (const char *const[]){"write", "unlink", "rmtree", "remove_file", NULL});
    if (r->guard == GUARD_UNKNOWN) {
        if (!file)
            ask(c, route_place(r), "%.*s overwrites or deletes rows the caller names. Which check on the caller stands in front?", SV_ARG(r->path))->rank = 2;
        return;
    }
    struct finding *f = report(c, route_place(r), r->path, file ? "%.*s writes what any caller sends to a file of the app: the first caller, or the last, decides what the app goes on with."
                                                                : "%.*s lets any caller overwrite or delete what others have stored: nobody is asked who they are.", SV_ARG(r->path));
    relate(c, f, program_place(r->program, k->from, k->close + 1), "written here");
    if (file)
        f->severity = SEV_MEDIUM;
}

void check_data_writable(struct check_run *c) { each_route(c, judge_data_writable); }

/* ---- owner-from-request ------------------------------------------------------------------------------------ */

static bool is_owner_name(sv w)
{
    return SV_IN(w, SV("userId"), SV("user_id"), SV("ownerId"), SV("owner_id"), SV("owner"), SV("accountId"), SV("account_id"), SV("uid"), SV("customerId"), SV("customer_id"),
                 SV("tenantId"), SV("tenant_id"), SV("username"), SV("userID"), SV("UserID"), SV("patientId"), SV("patient_id"));
}

static bool is_wallet_name(sv w)
{
    return SV_IN(w, SV("user_address"), SV("userAddress"), SV("wallet_address"), SV("walletAddress"), SV("owner_address"), SV("ownerAddress"), SV("account_address"), SV("accountAddress"));
}

/* `const userId = params.get('userId')`, `const { userId } = await req.json()`, `user_id = request.args["user_id"]` */
static const struct assignment *owner_assigned(const struct route *r)
{
    const struct program *p = r->program;
    for (size_t i = 0; i < p->assigns.n; i++) {
        const struct assignment *a = &p->assigns.at[i];
        if (a->at >= r->body && a->at < r->body_end && is_owner_name(a->target) && from_caller(r, 0, a->value, a->value_end, 3))
            return a;
    }
    return NULL;
}

/* The verified caller is used: `const user = requireAuth(req)`, `req.user.id`; a bare `requireAuth(req)` drops who it was. */
static bool uses_identity(const struct route *r, bool *checked)
{
    static const char *const checks[] = {"requireauth", "require_auth", "checkauth", "check_auth", "verifyjwt", "verify_jwt", "verifytoken", "verify_token", "authenticate", "ensureauth", "ensure_auth", "assertauth",
                                         "authorize", "validate_token", "validatetoken", NULL};
    const struct program *p = r->program;
    size_t first, end;
    program_calls_in(p, r->body, r->body_end, &first, &end);
    for (size_t i = first; i < end; i++) {
        const struct call *k = &p->calls.at[i];
        if (!call_names(k, checks))
            continue;
        size_t start = program_is(p, k->from - 1, "await") ? k->from - 1 : k->from;
        size_t begin = program_statement_start(p, start);
        while (begin < start && p->at[begin].kind == TOKEN_NEWLINE)
            begin++;
        if (begin != start)
            return true; /* assigned, compared or tested */
        *checked = true;
    }
    for (size_t i = r->body; i + 2 < r->body_end; i++) {
        if (program_is(p, i + 1, ".") && SV_IN(program_token(p, i + 2), SV("user"), SV("auth"), SV("session"), SV("userId"), SV("user_id"), SV("state"), SV("claims")) && SV_IN(program_token(p, i), SV("req"), SV("request"), SV("c"), SV("ctx"), SV("g")))
            return true;
        if (SV_IN(program_token(p, i), SV("current_user"), SV("currentUser"), SV("claims"), SV("Claims"), SV("decoded"), SV("principal")))
            return true;
    }
    return false;
}

static bool touches_store(const struct program *p, size_t from, size_t to, sv name)
{
    static const char *const calls[] = {"decrypt", "unseal", "query", "execute", "find", "findone", "find_one", "findmany", "findfirst", "findunique", "sql", "fetch", "fetchone", "fetch_one", "fetch_all", "queryrow", "get", "select", NULL};
    size_t first, end;
    program_calls_in(p, from, to, &first, &end);
    for (size_t i = first; i < end; i++)
        if ((call_named(&p->calls.at[i], calls) || call_names(&p->calls.at[i], (const char *const[]){"decrypt", "unseal", "load", "find", NULL})) && program_mentions(p, p->calls.at[i].open, p->calls.at[i].close, name))
            return true;
    for (size_t i = from; i + 2 < to; i++) /* sql`SELECT … ${userId}` */
        if (p->at[i].kind == TOKEN_STRING && sv_ihas(program_token(p, i), SV("select ")) && program_mentions(p, i, program_statement_end(p, i), name))
            return true;
    return false;
}

/* A person or wallet as an argument of the handler or a field of the request, handed to what acts for its owner. */
static const struct call *acts_for_named_owner(const struct route *r, sv *owner)
{
    static const char *const actions[] = {"cancel", "delete", "remove", "revoke", "withdraw", "transfer", "update", "redeem", NULL};
    const struct program *p = r->program;
    size_t first, end;
    program_calls_in(p, r->body, r->body_end, &first, &end);
    for (; first < end; first++) {
        const struct call *k = &p->calls.at[first];
        if (k->chain.n == k->name.n || !name_has_part(k->name, actions) || is_http_call(p, k))
            continue;
        for (size_t i = k->open + 1; i < k->close; i++)
            if (p->at[i].kind == TOKEN_WORD && (is_owner_name(program_token(p, i)) || is_wallet_name(program_token(p, i))) && !program_is(p, i + 1, "=") && !program_is(p, i + 1, ":") && from_caller(r, 0, i, i + 1, 2)) {
                *owner = program_token(p, i);
                return k;
            }
    }
    return NULL;
}

/* Nothing the request reaches asks who sends it, by a session, a token or a signature. */
static bool takes_callers_word(struct check_run *c, const struct route *r)
{
    static const char *const proofs[] = {"signature", "signed", "recover", NULL};
    if (asks_who(c, r->table, r->head, r->head_end) || (r->function != NULL && asks_who(c, r->program, r->function->params, r->function->params_end)))
        return false;
    for (size_t i = 0; i < r->n_spans; i++)
        if (asks_who(c, r->program, r->spans[i].from, r->spans[i].to) || says_any(r->program, r->spans[i].from, r->spans[i].to, proofs))
            return false;
    return true;
}

static void ask_about_owner(struct check_run *c, const struct route *r)
{
    sv owner;
    const struct call *k = r->writes && !r->unregistered ? acts_for_named_owner(r, &owner) : NULL;
    if (k != NULL && takes_callers_word(c, r))
        ask(c, program_place(r->program, k->from, k->close + 1), "%.*s acts for the owner that the caller names (%.*s). What proves that the caller is that owner?", SV_ARG(r->path), SV_ARG(owner))->rank = 2;
}

static void judge_owner_from_request(struct check_run *c, const struct route *r)
{
    ask_about_owner(c, r);
    const struct assignment *a = r->unregistered ? NULL : owner_assigned(r);
    bool checked = false;
    c->examined++;
    if (a == NULL || r->writes || !touches_store(r->program, a->value_end, r->body_end, a->target) || uses_identity(r, &checked) || !checked)
        return;
    struct finding *f = report(c, program_place(r->program, a->at, a->value_end), a->target,
                               "%.*s checks that some caller is logged in, then takes the owner of the data (%.*s) from the request: any valid token reads everybody's data, the operator's own token too.",
                               SV_ARG(r->path), SV_ARG(a->target));
    relate(c, f, route_place(r), "the route");
}

void check_owner_from_request(struct check_run *c) { each_route(c, judge_owner_from_request); }

/* ---- forwards-to-chosen-address ------------------------------------------------------------------------------ */

/* The URL argument of an HTTP call. */
static bool url_of(const struct program *p, const struct call *k, size_t *from, size_t *to)
{
    size_t index = SV_IN(k->name, SV("request"), SV("Request"), SV("NewRequest")) && p->lang != LANG_JAVASCRIPT && p->lang != LANG_TYPESCRIPT ? 1 : 0;
    return program_argument(p, k, index, from, to);
}

/* The host is fixed: the caller's value stands behind a literal scheme and host, or a configured base. */
static bool host_is_fixed(const struct program *p, size_t from)
{
    const struct token *t = &p->at[from];
    if (t->kind == TOKEN_STRING) {
        sv text = token_string(p->src, t);
        if (sv_starts(text, SV("http")) && sv_has(text, SV("://"))) {
            size_t host = sv_find(text, SV("://")) + 3;
            return host < text.n && text.p[host] != '{' && text.p[host] != '$';
        }
        /* f"{BASE}/x", `${BASE}/x` */
        return !(sv_starts(text, SV("{")) || sv_starts(text, SV("${")) || text.n == 0);
    }
    return false;
}

/* Only some hosts pass: a list or a comparison of the host. */
static bool checks_host(const struct route *r)
{
    static const char *const words[] = {"allowed", "allowlist", "whitelist", "allow_list", "hostname", "netloc", "is_private", "isprivate", "blocked", "validate_url", "validateurl", "is_safe", "issafe", "includes", "permitted", "known_", NULL};
    for (size_t i = 0; i < r->n_spans; i++)
        if (says_any(r->program, r->spans[i].from, r->spans[i].to, words))
            return true;
    return false;
}

/* url = key ? `${BASE}/x?key=${key}` : `${BASE}/x`: every text it may be begins with a name that the caller does not give. */
static bool begins_with_own(const struct route *r, size_t span, const struct assignment *a)
{
    const struct program *p = r->program;
    size_t own = 0;
    for (size_t i = a->value; i + 1 < a->value_end; i++) {
        if (p->at[i].kind != TOKEN_STRING || !sv_eq(program_token(p, i), SV("`${")))
            continue;
        if (from_caller(r, span, i + 1, i + 2, 3))
            return false;
        own++;
    }
    return own != 0;
}

static bool fetches_chosen(const struct route *r, size_t span, const struct call *k)
{
    const struct program *p = r->program;
    size_t from, to;
    if (!is_http_call(p, k) || !url_of(p, k, &from, &to) || host_is_fixed(p, from) || p->at[from].kind == TOKEN_STRING)
        return false;
    /* the first word of the expression names the address */
    size_t end = from + 1;
    while (end < to && !program_is(p, end, "+"))
        end++;
    const struct assignment *a = p->at[from].kind == TOKEN_WORD ? program_assigned(p, program_token(p, from), from) : NULL;
    if (a != NULL && (p->at[a->value].kind == TOKEN_STRING || begins_with_own(r, span, a)))
        return false;
    static const char *const addresses[] = {"url", "uri", "endpoint", "target", "address", "host", "link", "href", "webhook", "callback", "domain", "location", NULL};
    return says_any(p, from, end, addresses) && from_caller(r, span, from, end, 3);
}

/* The manifest of a platform that is no TEE is nearer than the compose file: beside the program nothing of the CVM listens. */
static bool is_on_platform(const struct facts *f, const struct source *s)
{
    const struct source *manifest = platform_of(f, s->path);
    const struct deployment *d = deployment_of(f, s->path);
    return manifest != NULL && path_dir(manifest->path).n > (d == NULL ? 0 : d->dir.n);
}

static void judge_forwards_anywhere(struct check_run *c, const struct route *r)
{
    size_t span;
    const struct call *k = route_call(r, fetches_chosen, &span);
    c->examined++;
    if (k == NULL || r->unregistered || checks_host(r) || is_on_platform(c->facts, r->program->src))
        return;
    struct finding *f = report(c, program_place(r->program, k->from, k->open), r->path, "%.*s opens an address that its caller chooses, from inside the CVM: services that listen only there (the guest's port 8090, databases, other containers) answer to it.", SV_ARG(r->path));
    relate(c, f, route_place(r), "the route");
    if (r->guard != GUARD_NONE)
        f->severity = SEV_LOW;
}

void check_forwards_anywhere(struct check_run *c) { each_route(c, judge_forwards_anywhere); }

/* ---- visitor-traffic-forwarded --------------------------------------------------------------------------- */

static bool is_target_field(sv w)
{
    return SV_IN(w, SV("backend"), SV("backend_url"), SV("backendUrl"), SV("target"), SV("target_url"), SV("targetUrl"), SV("upstream"), SV("upstream_url"), SV("upstreamUrl"), SV("destination"), SV("callback_url"), SV("callbackUrl"),
                 SV("webhook_url"), SV("webhookUrl"), SV("forward_to"), SV("forwardTo"), SV("endpoint"), SV("proxy_url"), SV("proxyUrl"), SV("origin_url"));
}

/* `x.backend` in the expression or in what its variables were made of. */
static sv target_in(const struct program *p, size_t from, size_t to, int depth)
{
    for (size_t i = from; i < to && i < p->n; i++) {
        const struct token *t = &p->at[i];
        if (t->kind == TOKEN_WORD && i > 0 && program_is(p, i - 1, ".") && is_target_field(token_text(p->src, t)))
            return token_text(p->src, t);
        if (t->kind == TOKEN_STRING) { /* f"{tunnel.backend}{path}" */
            sv rest = token_text(p->src, t);
            for (size_t dot; (dot = sv_find_char(rest, '.')) != SV_NOT_FOUND; rest = sv_sub(rest, dot + 1, rest.n)) {
                size_t end = dot + 1;
                while (end < rest.n && ((rest.p[end] >= 'a' && rest.p[end] <= 'z') || (rest.p[end] >= 'A' && rest.p[end] <= 'Z') || rest.p[end] == '_'))
                    end++;
                if (is_target_field(sv_sub(rest, dot + 1, end)) && sv_has(token_text(p->src, t), SV("{")))
                    return sv_sub(rest, dot + 1, end);
            }
        }
        const struct assignment *a = t->kind == TOKEN_WORD && depth > 0 && !(i > 0 && program_is(p, i - 1, ".")) ? program_assigned(p, token_text(p->src, t), from) : NULL;
        sv found = a != NULL && !(a->value <= from && from < a->value_end) ? target_in(p, a->value, a->value_end, depth - 1) : SV_NONE;
        if (found.n != 0)
            return found;
    }
    return SV_NONE;
}

/* Some route takes the value of that name from its caller. */
static const struct assignment *target_taken(const struct program *p, sv name)
{
    static const char *const sources[] = {"req", "request", "body", "data", "json", "payload", "manifest", NULL};
    for (size_t i = 0; i < p->assigns.n; i++) {
        const struct assignment *a = &p->assigns.at[i];
        if (sv_eq(a->target, name) && says_any(p, a->value, a->value_end, sources) && a->value_end - a->value < 20)
            return a;
    }
    return NULL;
}

static void judge_traffic_forwarded(struct check_run *c, const struct route *r)
{
    const struct program *p = r->program;
    size_t first, end;
    program_calls_in(p, r->body, r->body_end, &first, &end);
    c->examined++;
    for (size_t n = first; n < end; n++) {
        const struct call *k = &p->calls.at[n];
        size_t from, to;
        if (!is_http_call(p, k) || !url_of(p, k, &from, &to) || !derives_from(p, to, k->close, (const char *const[]){"headers", NULL}, 1) || !from_caller(r, 0, to, k->close, 2))
            continue;
        sv target = target_in(p, from, to, 2);
        const struct assignment *taken = target.n == 0 ? NULL : target_taken(p, target);
        if (taken == NULL)
            continue;
        struct finding *f = report(c, program_place(p, k->from, k->open), target, "What visitors send, headers and cookies included, goes on to the address in %.*s, which another request has set: their plaintext leaves the TEE for wherever that says.", SV_ARG(target));
        relate(c, f, program_place(p, from, to), "the address");
        relate(c, f, program_place(p, taken->at, taken->value_end), "set here");
        break;
    }
}

void check_traffic_forwarded(struct check_run *c) { each_route(c, judge_traffic_forwarded); }
