/* Development paths: mock evidence, switches that turn verification off, and who throws them. */
#include "check/code.h"

/* ---- Who sets a switch ------------------------------------------------------------------------------- */

enum hold { HELD_UNKNOWN, HELD_BY_OPERATOR, HELD_FIXED, HELD_ABSENT };

/* The environment read a condition rests on: in it, or stored in a variable or settings field it names. */
static const struct env_read *switch_read(struct check_run *c, const struct program *p, size_t from, size_t to)
{
    struct place span = program_place(p, from, to);
    const struct reads_here *known = reads_known(c, p);
    for (size_t i = 0; i < known->all.n; i++) {
        const struct env_read *r = *known->all.at[i];
        bool here = r->place.src == p->src && r->place.start >= span.start && r->place.start < span.end;
        bool stored = r->field.n > 2 && (r->place.src == p->src || SV_IN(r->idiom, SV("pydantic-settings"))) && program_mentions(p, from, to, r->field);
        if ((here || stored) && !place_is_aside(r->place))
            return r;
    }
    return NULL;
}

static enum hold held_by(struct check_run *c, const struct env_read *r)
{
    const struct deployment *d = deployment_of(c->facts, r->place.src->path);
    const struct env_set *set = d == NULL ? NULL : set_of(c->facts, d, r->name);
    if (d == NULL)
        return HELD_UNKNOWN;
    if (set == NULL)
        return HELD_ABSENT;
    return set->state == ENV_LITERAL || set->state == ENV_IMAGE ? HELD_FIXED : HELD_BY_OPERATOR;
}

static const char *hold_text(enum hold h)
{
    switch (h) {
    case HELD_BY_OPERATOR: return "the compose file passes it on, so the deployer turns it without changing the compose hash";
    case HELD_FIXED: return "the compose file sets it to a fixed value, which a verifier has to look up";
    case HELD_ABSENT: return "the compose file does not pass it on, so only another compose hash turns it";
    default: return "whoever writes the compose file decides";
    }
}

static void weigh(struct finding *f, enum hold h)
{
    if (h == HELD_FIXED || h == HELD_ABSENT)
        f->severity = severity_at_most(f->severity, SEV_LOW);
    else if (h == HELD_UNKNOWN)
        f->severity = severity_at_most(f->severity, SEV_MEDIUM);
}

/* ---- What is compiled for tests only -------------------------------------------------------------------- */

/* `#[cfg(test)]`, `#[cfg(feature = "simulator")]`, `#[cfg(debug_assertions)]`, `cfg!(…)` between the last statement and `to`. */
static bool has_test_mark(const struct program *p, size_t to)
{
    static const char *const marks[] = {"test", "debug_assertions", "mock", "simulator", "dev", NULL};
    size_t from = to;
    while (from > 0 && !(p->at[from - 1].kind == TOKEN_PUNCT && SV_IN(program_token(p, from - 1), SV(";"), SV("{"), SV("}"))))
        from--;
    size_t cfg = from;
    while (cfg < to && !program_is(p, cfg, "cfg"))
        cfg++;
    return cfg < to && says_any(p, cfg, to, marks);
}

/* The block, or what stands around it, is left out of release builds. */
bool is_built_for_tests(const struct program *p, const struct block *b)
{
    if (p->lang == LANG_RUST && has_test_mark(p, b->head_end))
        return true;
    for (size_t i = b->head; p->lang == LANG_RUST && i-- > 0;) {
        if (program_match(p, i) != SV_NOT_FOUND && program_match(p, i) < i)
            i = program_match(p, i); /* over what is closed */
        else if (program_is(p, i, "{") && has_test_mark(p, i))
            return true;
    }
    for (size_t i = 0; p->lang == LANG_GO && i < p->n_comments && p->comments[i].start < 400; i++)
        if (sv_starts(token_text(p->src, &p->comments[i]), SV("//go:build")) && text_has_any(token_text(p->src, &p->comments[i]), (const char *const[]){"test", "mock", "sim", "dev", NULL}))
            return true;
    return false;
}

/* ---- development-path-reachable --------------------------------------------------------------------------- */

static const char *const dev_parts[] = {"dev", "development", "debug", "mock", "simulator", "simulate", "simulation", "test", "testing", "local", "production", "prod", "insecure", "fake",
                                        "node_env", "app_env", "environment", "dstack_available", "tee_available", "in_tee", "tee_mode", "is_tee", NULL};
static const char *const evidence_parts[] = {"quote", "attestation", "event_log", "eventlog", "report_data", "reportdata", "signature_chain", "measurement", "measurements", "tcb_info", NULL};

/* quote: "0x1234", "quote": "mock", attestation = 'fake' */
static bool is_canned(struct check_run *c, const struct program *p, size_t i)
{
    static const char *const said[] = {"mock", "dummy", "fake", "canned", "simulated", "placeholder", "dev-", "test-", "deadbeef", "stub", NULL};
    sv name = p->at[i].kind == TOKEN_STRING ? program_string(p, i) : program_token(p, i);
    if (p->at[i].kind == TOKEN_PUNCT || !name_has_part(name, words_within(c, p, evidence_parts)) || !(program_is(p, i + 1, ":") || program_is(p, i + 1, "=")) || i + 2 >= p->n)
        return false;
    const struct token *v = &p->at[i + 2];
    if (v->kind == TOKEN_STRING) {
        sv text = token_string(p->src, v);
        bool hex = text.n >= 6 && (sv_starts(text, SV("0x")) || sv_is_hex(text, text.n));
        return hex || (text.n > 0 && text_has_any(text, said));
    }
    return v->kind == TOKEN_WORD && name_has_part(token_text(p->src, v), (const char *const[]){"mock", "dummy", "fake", "canned", "simulated", NULL});
}

/* return mockQuote(…), self._dev_quote(), new FakeAttestation() */
static bool is_substitute(struct check_run *c, const struct program *p, size_t i)
{
    static const char *const unreal[] = {"mock", "dummy", "fake", "canned", "simulated", "stub", "dev", "mocked", NULL};
    static const char *const what[] = {"quote", "attest", "evidence", "client", "tee", "dstack", "tappd", "tcb", "info", "report", NULL};
    if (p->at[i].kind != TOKEN_WORD || !name_has_part(program_token(p, i), words_within(c, p, unreal)) || !text_has_any(program_token(p, i), what))
        return false;
    return program_is(p, i + 1, "(") || (i > 0 && program_is(p, i - 1, "return"));
}

static size_t find_substitute(struct check_run *c, const struct program *p, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        if (is_canned(c, p, i) || is_substitute(c, p, i))
            return i;
    return SV_NOT_FOUND;
}

static const char *const tee_words[] = {"dstack", "tappd", "attest", "tdx", "enclave", "report_data", NULL};

/* The condition that leads into the block: its own, or that of the `if` it is the other case of. */
static const struct block *condition_of(const struct block *b)
{
    if (b->kind == BLOCK_IF)
        return b;
    return b->kind == BLOCK_ELSE && b->follows != NULL && b->follows->kind == BLOCK_IF ? b->follows : NULL;
}

static bool chooses_mode(struct check_run *c, const struct program *p, const struct block *b)
{
    const char *const *parts = words_within(c, p, dev_parts);
    for (size_t i = find_any(p, b->head, b->head_end, parts); i < b->head_end; i++)
        if ((p->at[i].kind == TOKEN_WORD || p->at[i].kind == TOKEN_STRING) && name_has_part(program_token(p, i), parts))
            return true;
    static const char *const sockets[] = {"dstack.sock", "tappd.sock", "socket_path", "_client", "dstackclient", NULL};
    return says_any(p, b->head, b->head_end, words_within(c, p, sockets));
}

static void look_for_dev_path(struct check_run *c, const struct program *p)
{
    for (size_t i = 0; i < p->blocks.n; i++) {
        const struct block *b = p->blocks.at[i], *condition = condition_of(b);
        if (condition == NULL || p->lang == LANG_SHELL || !chooses_mode(c, p, condition))
            continue;
        c->examined++;
        size_t at = find_substitute(c, p, b->body, b->body_end);
        if (at == SV_NOT_FOUND || place_is_aside(program_place(p, at, at + 1)) || program_block_at(p, at) != b || is_built_for_tests(p, b))
            continue;
        const struct env_read *r = switch_read(c, p, condition->head, condition->head_end);
        enum hold h = r == NULL ? HELD_UNKNOWN : held_by(c, r);
        struct finding *f = r != NULL
            ? report(c, program_place(p, at, at + 1), r->name, "Invented evidence (%.*s) takes the place of a quote when %.*s says so; %s.", SV_ARG(program_token(p, at)), SV_ARG(r->name), hold_text(h))
            : report(c, program_place(p, at, at + 1), program_token(p, at), "Invented evidence (%.*s) takes the place of a quote when %.*s: the program answers without an enclave as it does with one.",
                     SV_ARG(program_token(p, at)), SV_ARG(condition_text(p, condition)));
        relate(c, f, program_place(p, condition->head, condition->head_end), "the way in");
        weigh(f, h);
        if (r == NULL && !program_says(p, at, at + 1, "attest") && !is_canned(c, p, at))
            f->severity = SEV_LOW; /* says of itself what it is, more often than not */
    }
}

void check_development_path(struct check_run *c) { each_program(c, tee_words, look_for_dev_path); }

/* ---- verification-switch ------------------------------------------------------------------------------------ */

static const char *const off_parts[] = {"skip", "bypass", "disable", "disabled", "insecure", "unsafe", "mock", "unverified", "noverify", "fake", "ignore", NULL};
static const char *const on_parts[] = {"enable", "enabled", "require", "required", "enforce", "strict", "verify", "verification", "check", "validate", NULL};

static size_t switch_in(const struct program *p, size_t from, size_t to, const char *const *parts)
{
    for (size_t i = find_any(p, from, to, parts); i < to; i++) {
        sv name = p->at[i].kind == TOKEN_STRING ? program_string(p, i) : program_token(p, i);
        if ((p->at[i].kind == TOKEN_WORD || (p->at[i].kind == TOKEN_STRING && sv_is_env_name(name))) && name_has_part(name, parts) && !program_is(p, i + 1, "("))
            return i;
    }
    return SV_NOT_FOUND;
}

static size_t verifying_call(struct check_run *c, const struct program *p, size_t from, size_t to)
{
    size_t first, end;
    program_calls_in(p, from, to, &first, &end);
    for (; first < end; first++)
        if (is_evidence_verifier(c, p, p->calls.at[first].name) && !is_log_call(&p->calls.at[first]))
            return first;
    return SV_NOT_FOUND;
}

static void report_switch(struct check_run *c, const struct program *p, const struct block *b, const struct env_read *r, sv what)
{
    enum hold h = held_by(c, r);
    struct finding *f = report(c, program_place(p, b->head, b->head_end), r->name, "%.*s decides whether %.*s verifies anything; %s.", SV_ARG(r->name), SV_ARG(what), hold_text(h));
    relate(c, f, r->place, "read here");
    weigh(f, h);
}

static void look_for_switch(struct check_run *c, const struct program *p)
{
    const char *const *on = words_within(c, p, on_parts), *const *off = words_within(c, p, off_parts);
    for (size_t i = 0; i < p->blocks.n; i++) {
        const struct block *b = p->blocks.at[i];
        if (b->kind != BLOCK_IF || p->lang == LANG_SHELL)
            continue;
        sv name = function_name(p, b->body);
        bool verifier = is_evidence_verifier(c, p, name);
        size_t call = switch_in(p, b->head, b->head_end, on) == SV_NOT_FOUND ? SV_NOT_FOUND : verifying_call(c, p, b->body, b->body_end);
        if ((!verifier && call == SV_NOT_FOUND) || is_built_for_tests(p, b))
            continue;
        c->examined += verifier;
        bool returns = verifier && switch_in(p, b->head, b->head_end, off) != SV_NOT_FOUND && program_says(p, b->body, b->body_end, "return") &&
                       !says_any(p, b->body, b->body_end, (const char *const[]){"raise", "throw", "error", "Err", "false", NULL});
        if (!returns && (call == SV_NOT_FOUND || (b->next != NULL && b->next->kind == BLOCK_ELSE)))
            continue;
        const struct env_read *r = switch_read(c, p, b->head, b->head_end);
        c->examined += !verifier;
        if (r != NULL)
            report_switch(c, p, b, r, returns ? name : p->calls.at[call].name);
    }
}

void check_verification_switch(struct check_run *c) { each_program(c, verify_words, look_for_switch); }

/* ---- flag-set-by-presence -------------------------------------------------------------------------------------- */

static bool is_flag_name(sv name)
{
    static const char *const flags[] = {"DEV", "DEBUG", "MOCK", "SKIP", "SIMULATOR", "SIMULATE", "TEST", "INSECURE", "DISABLE", "ALLOW", "UNSAFE", "BYPASS", "NO", "FAKE", "DEVELOPMENT", NULL};
    static const char *const values[] = {"URL", "ENDPOINT", "KEY", "TOKEN", "PATH", "HOST", "PORT", "SECRET", "NAME", "FILE", "DIR", "USER", "PASSWORD", "ORIGINS", "LIST", "ID", "IPS", "SOCKET", NULL};
    return name_has_part(name, flags) && !name_has_part(name, values);
}

/* The value is asked for, not looked at: `if (process.env.DEV)`, `env::var("DEV").is_ok()`, os.Getenv("DEV") != "". */
static bool asks_presence(const struct program *p, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        const struct token *t = &p->at[i];
        bool compares_text = t->kind == TOKEN_PUNCT && SV_IN(token_text(p->src, t), SV("=="), SV("==="), SV("!="), SV("!==")) &&
                             !SV_IN(program_token(p, i + 1), SV("\"\""), SV("''"), SV("nil"), SV("null"), SV("undefined"), SV("None"));
        if (compares_text || (t->kind == TOKEN_WORD && SV_IN(token_text(p->src, t), SV("in"), SV("lower"), SV("toLowerCase"), SV("int"), SV("parse"), SV("ParseBool"), SV("strtobool"), SV("includes"), SV("is_ok_and"),
                                                                    SV("unwrap_or_default"), SV("unwrap_or"), SV("map"), SV("as_deref"), SV("EqualFold"), SV("test"), SV("loads"), SV("eq_ignore_ascii_case"))))
            return false;
    }
    return true;
}

static bool reads_flag(struct check_run *c, const struct source *s)
{
    const struct reads_here *reads = reads_within(c, s);
    for (size_t i = 0; i < reads->all.n; i++)
        if ((*reads->all.at[i])->place.src == s && is_flag_name((*reads->all.at[i])->name))
            return true;
    return false;
}

static void look_for_presence_flag(struct check_run *c, const struct program *p)
{
    static const char *const matters[] = {"quote", "attest", "verify", "verif", "signature", "signing_key", "private_key", "mock", "auth", NULL};
    if (!reads_flag(c, p->src))
        return;
    for (size_t i = 0; i < p->blocks.n; i++) {
        const struct block *b = p->blocks.at[i];
        const struct env_read *r = b->kind == BLOCK_IF ? switch_read(c, p, b->head, b->head_end) : NULL;
        if (r == NULL || !is_flag_name(r->name) || r->place.src != p->src || is_built_for_tests(p, b))
            continue;
        c->examined++;
        bool inside = r->place.start >= p->at[b->head].start && r->place.start < p->at[b->head_end - 1].start + token_length(&p->at[b->head_end - 1]);
        const struct assignment *a = inside ? NULL : program_assigned(p, r->field, b->head);
        bool presence = asks_presence(p, b->head, b->head_end) && (inside || (a != NULL && asks_presence(p, a->value, a->value_end)));
        if (!presence || (p->lang == LANG_SHELL && program_find(p, b->head, b->head_end, "=") != SV_NOT_FOUND) || !says_any(p, b->body, b->body_end, matters))
            continue;
        if (r->has_fallback && !SV_IN(r->fallback, SV(""), SV("\"\""), SV("''")))
            continue;
        enum hold h = held_by(c, r);
        struct finding *f = report(c, program_place(p, b->head, b->head_end), r->name,
               "%.*s counts as on whenever it is set: %.*s=false and %.*s=0 turn this path on as well; %s.", SV_ARG(r->name), SV_ARG(r->name), SV_ARG(r->name), hold_text(h));
        weigh(f, h);
    }
}

void check_presence_flag(struct check_run *c) { each_program(c, NULL, look_for_presence_flag); }
