/* What an app keeps in databases outside the TEE, and how it protects it there. */
#include "check/routes.h"

/* The address written out in the compose file leads to a service of the same compose. */
static bool is_beside(const struct deployment *d, const struct env_set *set)
{
    size_t scheme = sv_find(set->value, SV("://"));
    if (scheme == SV_NOT_FOUND)
        return true;
    sv rest = sv_sub(set->value, scheme + 3, set->value.n), authority = sv_cut(&rest, '/');
    size_t at = sv_rfind_char(authority, '@');
    sv hosts = at == SV_NOT_FOUND ? authority : sv_sub(authority, at + 1, authority.n), host = sv_cut(&hosts, ':');
    for (size_t i = 0; i < d->services.n; i++)
        if (sv_eq(d->services.at[i]->name, host) || sv_eq(node_get_text(d->services.at[i]->node, "container_name"), host))
            return true;
    return sv_eq(host, SV("localhost")) || sv_starts(host, SV("127."));
}

/* The database whose address or account is the operator's, read in the code of the same app; NULL where the app has
 * none. */
static const struct env_read *outside_store(struct check_run *c, const struct program *p)
{
    const struct facts *f = c->facts;
    const struct deployment *d = deployment_of(f, p->src->path);
    for (size_t i = 0; i < f->env_reads.n; i++) {
        const struct env_read *r = f->env_reads.at[i];
        if (r->kind != KIND_STORAGE || r->scope != SCOPE_PROD || r->place.src->vendored || r->outside || deployment_of(f, r->place.src->path) != d)
            continue;
        bool database = sv_ihas(r->name, SV("DATABASE")) || sv_ihas(r->name, SV("DB")) || sv_ihas(r->name, SV("POSTGRES")) || sv_ihas(r->name, SV("PG")) || sv_ihas(r->name, SV("SQL")) || sv_ihas(r->name, SV("MONGO")) || sv_ihas(r->name, SV("REDIS")) ||
                        sv_ihas(r->name, SV("S3")) || sv_ihas(r->name, SV("BUCKET")) || sv_ihas(r->name, SV("STORAGE"));
        bool address = database && (sv_iends(r->name, SV("URL")) || sv_iends(r->name, SV("URI")) || sv_iends(r->name, SV("DSN")) || sv_iends(r->name, SV("HOST")) || sv_ihas(r->name, SV("BUCKET")) || sv_iends(r->name, SV("ENDPOINT")));
        const struct env_set *set = d == NULL ? NULL : set_of(f, d, r->name);
        bool inside = sv_has(r->fallback, SV("localhost")) || sv_has(r->fallback, SV("sqlite")) || sv_has(r->fallback, SV("127.0.0.1")) || sv_has(r->fallback, SV("memory"));
        if (address && !(set != NULL && set->state == ENV_LITERAL && is_beside(d, set)) && !(inside && set == NULL))
            return r;
    }
    return NULL;
}

static bool is_statement(const struct program *p, size_t i, const char *verb)
{
    return p->at[i].kind == TOKEN_STRING && sv_ihas(program_token(p, i), sv_from(verb));
}

/* INSERT, UPDATE, or a call that puts an object. */
static size_t write_in(const struct program *p, size_t from, size_t to)
{
    static const char *const puts[] = {"put_object", "putObject", "upload_fileobj", "insertOne", "insert_one", "insertMany", "hset", "setex", "PutObjectCommand", NULL};
    for (size_t i = from; i < to && i < p->n; i++) {
        if (is_statement(p, i, "insert into") || is_statement(p, i, "replace into") || (is_statement(p, i, "update ") && is_statement(p, i, " set ")))
            return i;
        if (p->at[i].kind == TOKEN_WORD && program_is(p, i + 1, "("))
            for (const char *const *w = puts; *w != NULL; w++)
                if (sv_eq(program_token(p, i), sv_from(*w)))
                    return i;
    }
    return SV_NOT_FOUND;
}

/* ---- ciphertext-unbound -------------------------------------------------------------------------------- */

static const char *const encryptors[] = {"createcipheriv", "secretbox", "crypto_secretbox_easy", "seal", "encrypt", NULL};

/* The encrypting call authenticates, and takes no associated data. */
static bool encrypts_unbound(const struct program *p, const struct call *k)
{
    static const char *const aad[] = {"aad", "associated", "additional", "authtagdata", "context", NULL};
    size_t from, to, a, b;
    function_range(p, k->from, &from, &to);
    if (says_any(p, from, to, aad))
        return false;
    if (sv_eq(k->name, SV("createCipheriv")))
        return program_says(p, k->open, k->close, "gcm") || program_says(p, k->open, k->close, "poly1305");
    if (SV_IN(k->name, SV("secretbox"), SV("crypto_secretbox_easy")))
        return true;
    if (sv_eq(k->name, SV("Seal")) && program_argument(p, k, 3, &a, &b))
        return program_is(p, a, "nil");
    if (!sv_eq(k->name, SV("encrypt")) || k->chain.n == k->name.n)
        return false;
    static const char *const payload[] = {"Payload", NULL}; /* Payload {msg, aad} */
    sv text = p->src->text;
    bool box = sv_has(text, SV("SecretBox")) || sv_has(text, SV("Fernet"));
    bool gcm = sv_has(text, SV("AESGCM")) || sv_has(text, SV("ChaCha20Poly1305"));
    bool rust = p->lang == LANG_RUST && (sv_has(text, SV("Aes256Gcm")) || sv_has(text, SV("ChaCha20Poly1305")) || sv_has(text, SV("XChaCha20Poly1305"))) && !derives_from(p, k->open, k->close, payload, 2);
    if (gcm && p->lang == LANG_PYTHON)
        return program_argument(p, k, 2, &a, &b) ? program_is(p, a, "None") || program_is(p, a, "b\"\"") : program_argument(p, k, 1, &a, &b);
    return box || rust;
}

/* The statement the ciphertext goes to: in the function, or in one that calls it. */
static size_t stored_at(const struct program *p, const struct call *k)
{
    size_t from, to, at;
    function_range(p, k->from, &from, &to);
    const struct block *f = program_function_at(p, k->from);
    if (f != NULL && (at = write_in(p, from, to)) != SV_NOT_FOUND)
        return at;
    for (size_t i = 0; f != NULL && f->name.n != 0 && i < p->calls.n; i++) {
        if (!sv_eq(p->calls.at[i].name, f->name))
            continue;
        function_range(p, p->calls.at[i].from, &from, &to);
        if ((at = write_in(p, p->calls.at[i].from, to)) != SV_NOT_FOUND)
            return at;
    }
    return SV_NOT_FOUND;
}

static void look_for_unbound(struct check_run *c, const struct program *p)
{
    if (p->lang == LANG_SHELL)
        return;
    struct calls named = calls_named(c, p, encryptors);
    for (const struct call *k; (k = next_named(&named)) != NULL;) {
        c->examined++;
        if (!encrypts_unbound(p, k))
            continue;
        size_t at = stored_at(p, k);
        const struct env_read *store = at == SV_NOT_FOUND ? NULL : outside_store(c, p);
        if (store == NULL)
            continue;
        struct finding *f = report(c, program_place(p, k->from, k->close + 1), k->name,
                                   "The ciphertext carries no associated data that says which record it belongs to: whoever runs the database behind %.*s swaps the values of two rows, and both still decrypt.", SV_ARG(store->name));
        relate(c, f, program_place(p, at, at + 1), "stored here");
    }
}

bool encrypts_rows(struct check_run *c, const struct source *s)
{
    static const char *const topics[] = {"encrypt", "cipher", "seal", "secretbox", NULL};
    static const char *const seals[] = {"encrypt", "seal", "sealvalue", "seal_value", "encryptvalue", "encrypt_value", "encryptrecord", "encrypt_record", "createcipheriv", "secretbox", NULL};
    const struct program *p = program_in_use(c, s, topics);
    for (size_t i = 0; p != NULL && p->lang != LANG_SHELL && i < p->calls.n; i++)
        if (call_named(&p->calls.at[i], seals) && stored_at(p, &p->calls.at[i]) != SV_NOT_FOUND)
            return true;
    return false;
}

static const char *const ciphertext_unbound_topics[] = {"encrypt", "cipher", "seal", "secretbox", NULL};
void check_ciphertext_unbound(struct check_run *c) { each_program(c, ciphertext_unbound_topics, look_for_unbound); }

/* ---- stored-data-replayable --------------------------------------------------------------------------------- */

static size_t read_in(const struct program *p, size_t from, size_t to)
{
    for (size_t i = from; i < to && i < p->n; i++)
        if (is_statement(p, i, "select "))
            return i;
    return SV_NOT_FOUND;
}

/* One finding a program: the first decryption of a row. */
static void look_for_replay(struct check_run *c, const struct program *p)
{
    static const char *const fresh[] = {"version", "counter", "revision", "generation", "merkle", "epoch", "monotonic", "rollback", "freshness", "sequence", "anchor", "last_seen", "nonce_seen", NULL};
    static const char *const opens[] = {"decrypt", "unseal", "unsealvalue", "decryptvalue", "decrypt_value", "open", "decrypt_data", "decryptdata", "decrypt_record", NULL};
    if (p->lang == LANG_SHELL)
        return;
    struct calls named = calls_named(c, p, opens);
    for (const struct call *k; (k = next_named(&named)) != NULL;) {
        size_t from, to;
        if (sv_starts(k->chain, SV("open")))
            continue;
        function_range(p, k->from, &from, &to);
        size_t start = k->from > from + 200 ? k->from - 200 : from; /* long handlers hold many statements */
        size_t at = read_in(p, start, k->from);
        if (at == SV_NOT_FOUND)
            continue;
        c->examined++;
        const struct env_read *store = says_any(p, 0, p->n, fresh) ? NULL : outside_store(c, p);
        if (store == NULL)
            continue;
        struct finding *f = report(c, program_place(p, k->from, k->close + 1), k->name,
                                   "Any ciphertext that once was valid is accepted: whoever runs the database behind %.*s puts an old row back, or drops one, and the app does not notice.", SV_ARG(store->name));
        relate(c, f, program_place(p, at, at + 1), "read here");
        size_t write = write_in(p, 0, p->n);
        if (write != SV_NOT_FOUND)
            relate(c, f, program_place(p, write, write + 1), "stored here");
        return;
    }
}

static const char *const stored_replayable_topics[] = {"decrypt", "unseal", NULL};
void check_stored_replayable(struct check_run *c) { each_program(c, stored_replayable_topics, look_for_replay); }

/* ---- record-names-in-clear ---------------------------------------------------------------------------------- */

static bool is_word_char(char ch) { return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || ch == '_' || (ch >= '0' && ch <= '9'); }

/* The first column of text type in a CREATE TABLE that holds a ciphertext too. */
static bool clear_column(sv text, size_t *at, sv *name)
{
    size_t table = sv_ifind(text, SV("create table"));
    size_t open = table == SV_NOT_FOUND ? SV_NOT_FOUND : sv_find_at(text, SV("("), table);
    bool sealed = sv_ihas(text, SV("ciphertext")) || sv_ihas(text, SV("encrypted")) || sv_ihas(text, SV("sealed")) || sv_ihas(text, SV("_enc "));
    if (open == SV_NOT_FOUND || !sealed)
        return false;
    for (size_t i = open + 1; i < text.n;) {
        while (i < text.n && !is_word_char(text.p[i]) && text.p[i] != ')')
            i++;
        size_t end = i;
        while (end < text.n && is_word_char(text.p[end]))
            end++;
        sv column = sv_sub(text, i, end), rest = sv_trim(sv_sub(text, end, end + 12));
        bool clear = !sv_ihas(column, SV("cipher")) && !sv_ihas(column, SV("encrypt")) && !sv_ihas(column, SV("seal")) && !sv_ihas(column, SV("nonce")) && !sv_ihas(column, SV("hash")) && !sv_ieq(column, SV("iv")) &&
                     !sv_ieq(column, SV("id")) && !sv_ieq(column, SV("tag")) && !sv_ihas(column, SV("_enc"));
        if (column.n != 0 && clear && (sv_istarts(rest, SV("text")) || sv_istarts(rest, SV("varchar")))) {
            *at = i, *name = column;
            return true;
        }
        size_t comma = sv_find_at(text, SV(","), end);
        if (comma == SV_NOT_FOUND || column.n == 0)
            return false;
        i = comma + 1;
    }
    return false;
}

static void look_for_clear_names(struct check_run *c, const struct program *p)
{
    for (size_t i = 0; i < p->n; i++) {
        const struct token *t = &p->at[i];
        size_t at;
        sv name;
        if (t->kind != TOKEN_STRING || !is_statement(p, i, "create table"))
            continue;
        c->examined++;
        const struct env_read *store = clear_column(program_token(p, i), &at, &name) ? outside_store(c, p) : NULL;
        if (store != NULL)
            report(c, (struct place){p->src, t->start + at, t->start + at + name.n}, name, "The value is encrypted and %.*s beside it is not: whoever runs the database behind %.*s sees who keeps what, and when it changes.", SV_ARG(name), SV_ARG(store->name));
    }
}

static const char *const record_names_topics[] = {"create table", NULL};
void check_record_names(struct check_run *c) { each_program(c, record_names_topics, look_for_clear_names); }

/* ---- plaintext-stored-outside ---------------------------------------------------------------------------------- */

/* Columns that hold what users wrote. */
static bool names_user_text(sv text)
{
    size_t open = sv_find_char(text, '('), close = open == SV_NOT_FOUND ? SV_NOT_FOUND : sv_find_at(text, SV(")"), open);
    sv list = close == SV_NOT_FOUND ? SV_NONE : sv_sub(text, open + 1, close);
    while (list.p != NULL) {
        sv column = sv_trim_char(sv_trim(sv_cut(&list, ',')), '"');
        if (SV_IN(column, SV("content"), SV("message"), SV("messages"), SV("prompt"), SV("transcript"), SV("note"), SV("notes"), SV("body"), SV("diary"), SV("completion"), SV("answer"), SV("plaintext"), SV("input"), SV("output"),
                  SV("response"), SV("chat_history"), SV("message_text"), SV("user_message")))
            return true;
    }
    return false;
}

/* What the statement at `token` writes was encrypted: in its arguments, before them, or by who calls the function. */
static bool is_sealed(const struct program *p, size_t token)
{
    static const char *const ciphers[] = {"encrypt", "cipher", "secretbox", "fernet", "aesgcm", "aes256", "seal", NULL};
    const struct call *written = NULL; /* the innermost around it */
    if (!source_says(p->src, ciphers))
        return false;
    for (size_t i = 0; i < p->calls.n; i++)
        if (p->calls.at[i].open < token && token < p->calls.at[i].close)
            written = &p->calls.at[i];
    size_t from = written != NULL ? token + 1 : program_statement_start(p, token), to = written != NULL ? written->close : program_statement_end(p, token);
    const struct block *f = program_function_at(p, token);
    if (derives_from(p, from, to, ciphers, 3) || text_has_any(program_token(p, token), ciphers))
        return true;
    for (size_t i = 0; f != NULL && f->name.n != 0 && i < p->calls.n; i++)
        if (sv_eq(p->calls.at[i].name, f->name) && derives_from(p, p->calls.at[i].open, p->calls.at[i].close, ciphers, 3))
            return true;
    return false;
}

void check_plaintext_outside(struct check_run *c)
{
    const struct deployment *app = NULL;
    struct finding *f = NULL; /* one an app */
    static const char *const topics[] = {"insert into", NULL};
    const struct programs *list = programs_of(c, topics);
    for (size_t i = 0; i < list->all.n; i++) {
        const struct program *p = list->all.at[i];
        const struct deployment *d = deployment_of(c->facts, p->src->path);
        if (d != app)
            app = d, f = NULL;
        for (size_t t = 0; t < p->n; t++) {
            if (!is_statement(p, t, "insert into") || place_is_aside(program_place(p, t, t + 1)))
                continue;
            c->examined++;
            const struct env_read *store = names_user_text(program_token(p, t)) && !is_sealed(p, t) ? outside_store(c, p) : NULL;
            if (store == NULL)
                continue;
            if (f != NULL) {
                relate(c, f, program_place(p, t, t + 1), "here too");
                break;
            }
            f = report(c, program_place(p, t, t + 1), store->name, "What users wrote goes in clear to the database behind %.*s, whose address is no part of the attested configuration: whoever runs it reads it.", SV_ARG(store->name));
            relate(c, f, store->place, "the address is read here");
            break;
        }
    }
}

/* ---- text-kept-unused ------------------------------------------------------------------------------------------------ */

static bool is_text_field(sv w)
{
    return SV_IN(w, SV("message"), SV("text"), SV("content"), SV("prompt"), SV("transcript"), SV("plaintext"), SV("body"), SV("answer"), SV("message_text"), SV("raw_text"), SV("user_message"), SV("original_text"));
}

static bool is_text(const struct program *p, size_t i, sv text) { return i < p->n && p->at[i].kind == TOKEN_WORD && sv_eq(program_token(p, i), text); }

/* `.field` is read on a thing that may be this record: anywhere in the files that name its type, elsewhere on
 * what is called like it. The record as a whole may be written out, too. */
static bool is_read(struct check_run *c, sv type, sv field)
{
    static const char *const whole[] = {"asdict", "astuple", "__dict__", "pickle", "model_dump", "dataclasses.fields", NULL};
    const struct programs *knowing = programs_naming(c, type), *reading = programs_naming(c, field);
    for (size_t i = 0; i < knowing->all.n; i++)
        if (source_says(knowing->all.at[i]->src, whole))
            return true;
    for (size_t i = 0; i < reading->all.n; i++) {
        const struct program *p = reading->all.at[i];
        bool knows = source_has(p->src, type);
        for (size_t t = 2; t < p->n; t++) {
            if (!is_text(p, t, field) || !program_is(p, t - 1, ".") || program_is(p, t + 1, "="))
                continue;
            if (knows || (p->at[t - 2].kind == TOKEN_WORD && (sv_ihas(type, program_token(p, t - 2)) || sv_ihas(program_token(p, t - 2), type))))
                return true;
        }
    }
    return false;
}

static bool is_made(struct check_run *c, sv type)
{
    const struct programs *list = programs_naming(c, type);
    for (size_t i = 0; i < list->all.n; i++)
        for (size_t k = 0; k < list->all.at[i]->calls.n; k++)
            if (sv_eq(list->all.at[i]->calls.at[k].name, type))
                return true;
    return false;
}

void check_text_kept(struct check_run *c)
{
    static const char *const topics[] = {"dataclass", NULL};
    const struct programs *list = programs_of(c, topics);
    for (size_t i = 0; i < list->all.n; i++) {
        const struct program *p = list->all.at[i];
        for (size_t k = 0; p->lang == LANG_PYTHON && k < p->blocks.n; k++) {
            const struct block *b = p->blocks.at[k];
            if (b->kind != BLOCK_TYPE || b->decorators == SV_NOT_FOUND || !program_says(p, b->decorators, b->head, "dataclass"))
                continue;
            for (size_t t = b->body; t + 1 < b->body_end; t++) {
                if (p->at[t].kind != TOKEN_WORD || !is_text_field(program_token(p, t)) || !program_is(p, t + 1, ":") || program_block_at(p, t) != b)
                    continue;
                c->examined++;
                if (is_made(c, b->name) && !is_read(c, b->name, program_token(p, t)))
                    report(c, program_place(p, t, t + 1), program_token(p, t), "Every %.*s keeps what a user wrote (%.*s), and no line reads it again: a memory dump or a later line of code finds what could have been dropped.",
                           SV_ARG(b->name), SV_ARG(program_token(p, t)));
            }
        }
    }
}
