/* Where keys come from, and how many purposes one serves. */
#include "check/routes.h"

/* ---- hardcoded-key ---------------------------------------------------------------------------------- */

static bool is_key_literal(const struct program *p, size_t i)
{
    sv text = program_string(p, i);
    static const char *const spared[] = {"utf", "hex", "base64", "hs256", "sha", "aes", "rs256", "es256", "ascii", "latin", "{", "$", "-----begin public", NULL};
    return p->at[i].kind == TOKEN_STRING && text.n >= 3 && !text_has_any(text, spared) && sv_find_char(text, ' ') == SV_NOT_FOUND;
}

/* A literal in the range, or a name that was given one. */
static size_t literal_in(const struct program *p, size_t from, size_t to, bool *named)
{
    size_t first, end;
    program_calls_in(p, from, to, &first, &end);
    for (size_t i = first; i < end; i++) /* another call makes the key; these only change its type */
        if (!SV_IN(p->calls.at[i].name, SV("byte"), SV("from"), SV("as_ref"), SV("as_bytes"), SV("encode"), SV("Buffer"), SV("Uint8Array"), SV("into"), SV("to_vec"), SV("bytes")))
            return SV_NOT_FOUND;
    for (size_t i = from; i < to && i < p->n; i++) {
        if (is_key_literal(p, i) && !(i > from && (program_is(p, i - 1, "[") || program_is(p, i - 1, ":"))) && !says_any(p, from, i, (const char *const[]){"env", "environ", "getenv", "config", "get", NULL})) {
            *named = false;
            return i;
        }
        const struct assignment *a = p->at[i].kind == TOKEN_WORD && !(i > 0 && program_is(p, i - 1, ".")) ? program_assigned(p, program_token(p, i), from) : NULL;
        bool alone = a != NULL && (a->value_end == a->value + 1 || (a->value_end == a->value + 2 && program_is(p, a->value, "b")));
        if (alone && is_key_literal(p, a->value_end - 1)) {
            *named = true;
            return a->value_end - 1;
        }
    }
    return SV_NOT_FOUND;
}

enum key_place { KEY_OF_JWT, KEY_FIRST, KEY_SECOND, KEY_OF_MIDDLEWARE, KEY_OF_SESSION };
static const struct { const char *name; enum key_place place; } keyed_calls[] = {
    {"sign", KEY_OF_JWT}, {"verify", KEY_OF_JWT}, {"encode", KEY_OF_JWT}, {"decode", KEY_OF_JWT},
    {"Fernet", KEY_FIRST}, {"SecretBox", KEY_FIRST}, {"AESGCM", KEY_FIRST}, {"SignedString", KEY_FIRST}, {"from_secret", KEY_FIRST},
    {"URLSafeTimedSerializer", KEY_FIRST}, {"URLSafeSerializer", KEY_FIRST}, {"TimestampSigner", KEY_FIRST}, {"cookieParser", KEY_FIRST}, {"cookieSession", KEY_FIRST},
    {"createCipheriv", KEY_SECOND}, {"createDecipheriv", KEY_SECOND}, {"add_middleware", KEY_OF_MIDDLEWARE}, {"session", KEY_OF_SESSION},
};
enum { KEYED_CALLS = sizeof keyed_calls / sizeof *keyed_calls };

static enum key_place key_place_of(sv name)
{
    size_t i = 0;
    while (i + 1 < KEYED_CALLS && !sv_eq(name, sv_from(keyed_calls[i].name)))
        i++;
    return keyed_calls[i].place;
}

/* Which argument of one of those calls is the key; false where it takes none. */
static bool key_argument(const struct program *p, const struct call *k, size_t *from, size_t *to)
{
    switch (key_place_of(k->name)) {
    case KEY_OF_JWT:
        return sv_ihas(k->chain, SV("jwt")) && (program_named_argument(p, k, "key", from, to) || program_argument(p, k, 1, from, to)) && !program_is(p, *from, "{");
    case KEY_FIRST:
        return program_argument(p, k, 0, from, to);
    case KEY_SECOND:
        return program_argument(p, k, 1, from, to);
    case KEY_OF_MIDDLEWARE:
        return program_says(p, k->open, k->close, "SessionMiddleware") && program_named_argument(p, k, "secret_key", from, to);
    case KEY_OF_SESSION:
        for (size_t i = k->open; k->chain.n == k->name.n && i + 2 < k->close; i++)
            if (program_is(p, i, "secret") && program_is(p, i + 1, ":")) {
                *from = i + 2, *to = program_expression_end(p, i + 2);
                return true;
            }
    }
    return false;
}

static void report_key(struct check_run *c, const struct program *p, size_t literal, sv what)
{
    struct place where = program_place(p, literal, literal + 1);
    report(c, where, what, "The key of %.*s is a constant of the code: everybody who reads the repository can forge or decrypt with it, the operator included.", SV_ARG(what));
    redact(c, (struct place){where.src, where.start + (token_length(&p->at[literal]) - program_string(p, literal).n > 2 ? 2 : 1), where.end - 1});
}

static void look_for_hardcoded(struct check_run *c, const struct program *p)
{
    bool named;
    if (p->lang == LANG_SHELL)
        return;
    struct calls keyed = calls_written(c, p, c->kept);
    for (const struct call *k; (k = next_named(&keyed)) != NULL;) {
        size_t from, to;
        if (!key_argument(p, k, &from, &to))
            continue;
        c->examined++;
        size_t literal = literal_in(p, from, to, &named);
        if (literal != SV_NOT_FOUND && !place_is_aside(program_place(p, literal, literal + 1)))
            report_key(c, p, literal, k->chain);
    }
    bool named_so = source_ihas(p->src, SV("secret_key"));
    for (size_t i = 0; named_so && i < p->assigns.n; i++) { /* app.secret_key = "…" */
        const struct assignment *a = &p->assigns.at[i];
        bool config = SV_IN(a->target, SV("SECRET_KEY"), SV("JWT_SECRET_KEY")) && a->at > 1 && program_is(p, a->at - 1, "[");
        if (!sv_eq(a->target, SV("secret_key")) && !config)
            continue;
        c->examined++;
        if (a->value_end == a->value + 1 && is_key_literal(p, a->value))
            report_key(c, p, a->value, SV("the session"));
    }
}

void check_hardcoded_key(struct check_run *c)
{
    const char **names = arena_array(c->arena, const char *, KEYED_CALLS + 1);
    for (size_t i = 0; i < KEYED_CALLS; i++)
        names[i] = keyed_calls[i].name;
    c->kept = names;
    each_program(c, NULL, look_for_hardcoded);
}

/* ---- derived-key-reused ------------------------------------------------------------------------------- */

static const char *const derive_calls[] = {"get_key", "getkey", "derive_key", "derivekey", NULL};

/* One call that derives a key, or posts "/GetKey" to the guest agent. */
struct derivation { const struct program *program; const struct call *call; sv path, purpose, algorithm; };
struct derivations { VEC(struct derivation) all; };

static sv string_behind(const struct program *p, size_t from, size_t to, const char *key)
{
    for (size_t i = from; i + 2 < to; i++) {
        sv w = p->at[i].kind == TOKEN_STRING ? program_string(p, i) : program_token(p, i);
        if (sv_eq(w, sv_from(key)) && (program_is(p, i + 1, ":") || program_is(p, i + 1, "=")) && p->at[i + 2].kind == TOKEN_STRING)
            return program_string(p, i + 2);
    }
    return SV_NONE;
}

static void collect_derivations(struct check_run *c, struct derivations *out)
{
    static const char *const topics[] = {"getkey", "get_key", "derivekey", "derive_key", NULL};
    const struct programs *list = programs_of(c, topics);
    for (size_t i = 0; i < list->all.n; i++) {
        const struct program *p = list->all.at[i];
        for (size_t n = 0; n < p->calls.n; n++) {
            const struct call *k = &p->calls.at[n];
            size_t from, to;
            bool sdk = call_named(k, derive_calls) && k->chain.n > k->name.n;
            bool raw = program_argument(p, k, 0, &from, &to) && to == from + 1 && p->at[from].kind == TOKEN_STRING && sv_iends(program_string(p, from), SV("/GetKey"));
            if (!sdk && !raw)
                continue;
            struct derivation d = {.program = p, .call = k};
            d.path = string_behind(p, k->open, k->close, "path");
            d.purpose = string_behind(p, k->open, k->close, "purpose");
            d.algorithm = string_behind(p, k->open, k->close, "algorithm");
            if (sdk && program_argument(p, k, 0, &from, &to) && to == from + 1 && p->at[from].kind == TOKEN_STRING)
                d.path = program_string(p, from);
            if (sdk && program_argument(p, k, 1, &from, &to) && to == from + 1 && p->at[from].kind == TOKEN_STRING)
                d.purpose = program_string(p, from);
            if (sdk && program_argument(p, k, 2, &from, &to) && to == from + 1 && p->at[from].kind == TOKEN_STRING)
                d.algorithm = program_string(p, from);
            if (d.path.n != 0)
                *vec_new(c->arena, &out->all, struct derivation) = d;
        }
    }
}

static bool is_curve(sv s) { return SV_IN(s, SV("ed25519"), SV("secp256k1"), SV("k256"), SV("p256"), SV("secp256r1"), SV("x25519")); }

/* The name the call's result, or that of the function around it, is kept under. */
static bool holds_result(const struct program *p, const struct assignment *a, const struct call *k)
{
    if (a->value <= k->from && k->close < a->value_end)
        return true;
    const struct block *f = program_function_at(p, k->from);
    if (f == NULL || f->name.n == 0 || program_function_at(p, a->at) == f)
        return false;
    size_t first, end;
    program_calls_in(p, a->value, a->value_end, &first, &end);
    for (size_t i = first; i < end; i++)
        if (sv_eq(p->calls.at[i].name, f->name))
            return true;
    return false;
}

/* Names made from `name`, one step: `aesKey = Buffer.from(key.slice(0, 64), 'hex')`. */
static bool is_made_from(const struct program *p, sv name, sv other)
{
    for (size_t i = 0; i < p->assigns.n; i++)
        if (sv_eq(p->assigns.at[i].target, other) && program_mentions(p, p->assigns.at[i].value, p->assigns.at[i].value_end, name))
            return true;
    return sv_eq(name, other);
}

static bool is_given_to(const struct program *p, sv name, const char *const *calls)
{
    for (size_t i = 0; i < p->calls.n; i++) {
        const struct call *k = &p->calls.at[i];
        if (!call_names(k, calls))
            continue;
        for (size_t t = k->open + 1; t < k->close; t++)
            if (p->at[t].kind == TOKEN_WORD && (sv_eq(program_token(p, t), name) || is_made_from(p, name, program_token(p, t))))
                return true;
    }
    return false;
}

/* Purposes of one derivation in its program. */
static void purposes_of(const struct derivation *d, bool *encrypts, bool *signs)
{
    static const char *const ciphers[] = {"cipher", "encrypt", "secretbox", "aesgcm", "fernet", "seal", "importkey", NULL};
    static const char *const signers[] = {"sign", "toaccount", "to_account", "privatekeytoaccount", "from_key", "wallet", "signingkey", "createsign", NULL};
    const struct program *p = d->program;
    *signs = sv_ihas(d->purpose, SV("sign")) || is_curve(d->algorithm);
    *encrypts = sv_ihas(d->purpose, SV("encrypt"));
    for (size_t i = 0; i < p->assigns.n; i++) {
        const struct assignment *a = &p->assigns.at[i];
        if (!holds_result(p, a, d->call))
            continue;
        *encrypts = *encrypts || is_given_to(p, a->target, ciphers);
        *signs = *signs || is_given_to(p, a->target, signers);
    }
}

void check_derived_key_reused(struct check_run *c)
{
    struct derivations list = {0};
    collect_derivations(c, &list);
    for (size_t i = 0; i < list.all.n; i++) {
        const struct derivation *d = list.all.at[i];
        bool encrypts, signs;
        c->examined++;
        purposes_of(d, &encrypts, &signs);
        struct place where = program_place(d->program, d->call->from, d->call->close + 1);
        if (encrypts && signs) {
            report(c, where, d->path, "The key of path %.*s signs and encrypts: what is given away for one purpose breaks the other. The bytes depend on the path alone.", SV_ARG(d->path));
            continue;
        }
        for (size_t k = 0; k < i; k++) {
            const struct derivation *e = list.all.at[k];
            bool same = sv_eq(d->path, e->path) && deployment_of(c->facts, d->program->src->path) == deployment_of(c->facts, e->program->src->path);
            bool differs = (is_curve(d->algorithm) && is_curve(e->algorithm) && !sv_eq(d->algorithm, e->algorithm)) || (d->purpose.n != 0 && e->purpose.n != 0 && !sv_eq(d->purpose, e->purpose));
            if (!same || !differs)
                continue;
            struct finding *f = report(c, where, d->path, "Two purposes take the key of path %.*s: neither purpose nor algorithm changes its bytes, so they share one key.", SV_ARG(d->path));
            relate(c, f, program_place(e->program, e->call->from, e->call->close + 1), "the other one");
            break;
        }
    }
}

/* ---- key-path-from-caller -------------------------------------------------------------------------------- */

static bool tests_prefix(const struct route *r, size_t span, const struct call *k)
{
    if (!SV_IN(k->name, SV("startswith"), SV("startsWith"), SV("starts_with"), SV("HasPrefix")))
        return false;
    size_t from = k->from, to = SV_IN(k->name, SV("HasPrefix")) ? k->close : k->open;
    bool path = find_any(r->program, from, to, (const char *const[]){"path", NULL}) != SV_NOT_FOUND;
    return path && from_caller(r, span, SV_IN(k->name, SV("HasPrefix")) ? k->open + 1 : from, to, 3) && !program_says(r->program, from, to, "url") && !program_is(r->program, from, "request") && !program_is(r->program, from, "req");
}

/* path_for(user), where path_for puts a text of its own around the name. */
static bool is_made_here(const struct program *p, const struct assignment *a)
{
    if (p->at[a->value].kind != TOKEN_WORD || !program_is(p, a->value + 1, "("))
        return false;
    for (size_t i = 0; i < p->blocks.n; i++) {
        const struct block *b = p->blocks.at[i];
        for (size_t t = b->body; b->kind == BLOCK_FUNCTION && sv_eq(b->name, program_token(p, a->value)) && t < b->body_end; t++)
            if (p->at[t].kind == TOKEN_STRING)
                return true;
    }
    return false;
}

/* f"/users/{user}/key", `/session/${id}`: a namespace of the app's own. */
static bool is_composed_path(const struct program *p, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        if (p->at[i].kind == TOKEN_STRING || program_is(p, i, "+"))
            return true;
    for (size_t i = from; i < to; i++) { /* key_path, Some(key_path) */
        const struct assignment *a = p->at[i].kind == TOKEN_WORD && !(i > 0 && program_is(p, i - 1, ".")) ? program_assigned(p, program_token(p, i), from) : NULL;
        if (a != NULL && (p->at[a->value].kind == TOKEN_STRING || is_made_here(p, a)))
            return true;
    }
    return false;
}

static bool derives_callers_path(const struct route *r, size_t span, const struct call *k)
{
    size_t from, to;
    static const char *const agents[] = {"client", "dstack", "tappd", "sdk", "tee", "agent", "kms", "guest", NULL};
    return call_named(k, derive_calls) && text_has_any(sv_sub(k->chain, 0, k->chain.n - k->name.n), agents) && program_argument(r->program, k, 0, &from, &to) && !is_composed_path(r->program, from, to) && from_caller(r, span, from, to, 3);
}

static void judge_key_path(struct check_run *c, const struct route *r)
{
    const struct program *p = r->program;
    size_t span;
    if (!source_says(p->src, (const char *const[]){"getkey", "get_key", "derivekey", "derive_key", NULL}))
        return;
    c->examined++;
    const struct call *k = route_call(r, derives_callers_path, &span);
    if (k != NULL) {
        report(c, program_place(p, k->from, k->close + 1), k->name, "The caller names the path of the key that is derived here: with another caller's path comes that one's key.");
        return;
    }
    k = route_call(r, tests_prefix, &span);
    if (k == NULL || !program_says(p, r->body, r->body_end, "getkey"))
        return;
    struct finding *f = report(c, program_place(p, k->from, k->close + 1), SV("GetKey"), "Key paths of callers need only begin with one common prefix: every client of this proxy derives the keys of all others.");
    for (size_t t = k->open; t < k->close; t++) {
        const struct assignment *a = p->at[t].kind == TOKEN_WORD ? program_assigned(p, program_token(p, t), t) : NULL;
        if (a != NULL)
            relate(c, f, program_place(p, a->at, a->value_end), "the prefix");
    }
}

void check_key_path(struct check_run *c) { each_route(c, judge_key_path); }
