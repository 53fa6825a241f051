/* Verifiers whose verdict means nothing: they always pass, nobody asks them, or nobody listens. */
#include "check/code.h"

static const char *const subjects[] = {"quote", "attest", "report", "signature", "measure", "evidence", "proof", "enclave", "compose", "integrity",
                                       "source", "hash", "chain", "tee", "tdx", "key", NULL};

static const char *const actions[] = {"verify", "validate", "check", "authenticate", NULL};

/* verify_quote, validateAttestation; a method verify() of something that is about attestation. */
bool is_evidence_verifier(struct check_run *c, const struct program *p, sv name)
{
    static const char *const others[] = {"schema", "input", "form", "email", "url", "config", "param", "health", "format", "length", "token_count", "file", "setup",
                                         "env", "migration", "request_body", "webhook", "otp", "password", "rate", "version", "size", "type", "command", NULL};
    enum { SHORTEST = 7 }; /* checkey */
    return name.n >= SHORTEST && name_has_part(name, words_within(c, p, actions)) && text_has_any(name, subjects) && !text_has_any(name, others) && is_verifier_name(name);
}

/* ---- verifier-always-passes ------------------------------------------------------------------------ */

/* Calls that decide nothing about the evidence they are given. */
static bool decides_nothing(const struct program *p, const struct call *k)
{
    static const char *const harmless[] = {"get", "append", "push", "join", "str", "len", "print", "format", "lower", "upper", "strip", "replace", "split", "startswith",
                                           "slice", "substring", "tostring", "string", "json", "text", "items", "keys", "values", "extend", "add", "set", "sleep", "any", "all",
                                           "map", "filter", "clone", "to_string", "into", "ok", "err", "some", "sprintf", "errorf", "now", "time", "isoformat", "strftime",
                                           "bool", "boolean", "has", "hasownproperty", "isinstance", "isarray", "is_empty", "is_some", "is_none", "unwrap_or", "unwrap_or_default",
                                           "unwrap", "as_str", "as_deref", "loads", "parse", "stringify", "dumps", "list", "dict", "new", "println", "error", "resolve", "fromtimestamp", "max", "min", NULL};
    bool makes_object = k->name.n != 0 && k->name.p[0] >= 'A' && k->name.p[0] <= 'Z' && p->lang != LANG_GO;
    return makes_object || is_log_call(k) || is_http_call(p, k) || call_named(k, harmless);
}

/* The token that ends the function with success, or SV_NOT_FOUND. */
static size_t final_success(const struct program *p, const struct block *f)
{
    size_t last = SV_NOT_FOUND;
    for (size_t i = f->body; i < f->body_end; i++)
        if (program_is(p, i, "return") && program_function_at(p, i) == f && program_block_at(p, i) == f)
            last = i;
    if (last != SV_NOT_FOUND)
        return claims_success(p, last, program_statement_end(p, last)) ? last : SV_NOT_FOUND;
    if (p->lang != LANG_RUST || f->body_end < 5)
        return SV_NOT_FOUND;
    size_t end = f->body_end; /* a last expression: Ok(true), true */
    while (end > f->body && p->at[end - 1].kind == TOKEN_NEWLINE)
        end--;
    bool plain = program_is(p, end - 1, "true");
    bool wrapped = end >= 4 && program_is(p, end - 1, ")") && program_is(p, end - 2, "true") && program_is(p, end - 4, "Ok");
    return plain ? end - 1 : wrapped ? end - 4 : SV_NOT_FOUND;
}

static bool examines_evidence(const struct program *p, const struct block *f)
{
    size_t first, end;
    if (compares_content(p, f->body, f->body_end))
        return true;
    program_calls_in(p, f->body, f->body_end, &first, &end);
    for (; first < end; first++)
        if (!decides_nothing(p, &p->calls.at[first]))
            return true;
    return false;
}

/* quote-presence-check speaks of it. */
static bool tests_presence(const struct program *p, const struct block *f)
{
    for (size_t i = 0; i < p->blocks.n; i++) {
        const struct block *b = p->blocks.at[i];
        if (b->kind == BLOCK_IF && b->body > f->body && b->body < f->body_end && is_presence_test(p, b->head, b->head_end) && says_any(p, b->head, b->head_end, quote_words))
            return true;
    }
    return false;
}

static void look_for_empty_verifier(struct check_run *c, const struct program *p)
{
    bool verifying = is_verifying_file(c, p);
    for (size_t i = 0; i < p->blocks.n; i++) {
        const struct block *f = p->blocks.at[i];
        if (f->kind != BLOCK_FUNCTION || p->lang == LANG_SHELL || !is_evidence_verifier(c, p, f->name) || !verifying)
            continue;
        c->examined++;
        size_t success = final_success(p, f);
        if (success == SV_NOT_FOUND || examines_evidence(p, f) || tests_presence(p, f))
            continue;
        struct finding *found = report(c, program_place(p, success, program_statement_end(p, success)), f->name,
               "%.*s answers yes without having compared or verified anything: whatever it is given passes.", SV_ARG(f->name));
        relate(c, found, program_place(p, f->head, f->head_end), "the verifier");
    }
}

void check_verifier_always_passes(struct check_run *c) { each_program(c, verify_words, look_for_empty_verifier); }

/* ---- verification-result-unused ---------------------------------------------------------------------- */

/* How the function of that name tells of a failure: by what it returns, and not by an exception. */
static bool answers_by_value(const struct program *p, sv name)
{
    for (size_t i = 0; i < p->blocks.n; i++) {
        const struct block *f = p->blocks.at[i];
        if (f->kind != BLOCK_FUNCTION || !sv_eq(f->name, name))
            continue;
        bool negative = false;
        for (size_t t = f->body; t < f->body_end; t++) {
            if (program_function_at(p, t) == f && SV_IN(program_token(p, t), SV("raise"), SV("throw"), SV("exit"), SV("panic"), SV("Fatal")) && p->at[t].kind == TOKEN_WORD)
                return false;
            if (!program_is(p, t, "return"))
                continue;
            negative = negative || SV_IN(program_token(p, t + 1), SV("False"), SV("false"));
            for (size_t k = t + 1; k + 2 < program_statement_end(p, t); k++)
                negative = negative || (SV_IN(program_token(p, k + 2), SV("False"), SV("false")) && text_has_any(program_token(p, k), (const char *const[]){"valid", "ok", "verified", NULL}));
        }
        return negative;
    }
    return false;
}

static const char *unused_how(const struct program *p, const struct call *k)
{
    size_t start = program_statement_start(p, k->from), first;
    while (start < k->from && p->at[start].kind == TOKEN_NEWLINE)
        start++;
    first = start;
    while (first < k->from && SV_IN(program_token(p, first), SV("await"), SV("then"), SV("else")))
        first++;
    size_t after = k->close + 1, further = after;
    while (further < p->n && p->at[further].kind == TOKEN_NEWLINE)
        further++;
    if (further > after && (program_is(p, further, ".") || program_is(p, further, "?.")))
        return NULL; /* verify(quote) and, on the next line, .then(…) */
    bool ends = after >= p->n || p->at[after].kind == TOKEN_NEWLINE || program_is(p, after, ";") || program_is(p, after, "}");
    if (first == k->from && ends && (start == 0 || !program_is(p, start - 1, "=>")))
        return "is called as a statement";
    bool dropped = program_is(p, start, "_") || (program_is(p, start, "let") && program_is(p, start + 1, "_"));
    if (dropped && program_function_at(p, start) == program_function_at(p, k->from) && k->from - start < 6)
        return "is assigned to _";
    if (p->lang == LANG_RUST && program_is(p, after, ".") && program_is(p, after + 1, "ok") && first == k->from && program_is(p, after + 4, ";"))
        return "is turned into an Option nobody reads";
    return NULL;
}

static void look_for_unused_result(struct check_run *c, const struct program *p)
{
    struct holding acting = calls_holding(c, p, actions);
    for (const struct call *k; p->lang != LANG_SHELL && (k = next_holding(&acting)) != NULL;) {
        if (!is_evidence_verifier(c, p, k->name))
            continue;
        c->examined++;
        const char *how = unused_how(p, k);
        if (how == NULL)
            continue;
        bool dropped = how[3] != 'c';
        bool last = p->lang == LANG_RUST && !dropped && !program_is(p, k->close + 1, ";"); /* the value of a block */
        if (last || (!dropped && (p->lang == LANG_RUST || !answers_by_value(p, k->name))))
            continue;
        report(c, program_place(p, k->from, k->close + 1), k->name,
               "%.*s %s: its verdict is thrown away, and what it rejected is used like what it accepted.", SV_ARG(k->chain), how);
    }
}

void check_verification_unused(struct check_run *c) { each_program(c, verify_words, look_for_unused_result); }

/* ---- verifier-not-called -------------------------------------------------------------------------------- */

static bool is_word_byte(char b) { return (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') || (b >= '0' && b <= '9') || b == '_'; }

static size_t occurrences(sv text, sv name, size_t limit)
{
    size_t n = 0;
    for (size_t at = 0; n < limit && (at = sv_find_at(text, name, at)) != SV_NOT_FOUND; at += name.n)
        n += (at == 0 || !is_word_byte(text.p[at - 1])) && (at + name.n == text.n || !is_word_byte(text.p[at + name.n]));
    return n;
}

static size_t uses_in(const struct source *s, sv name)
{
    return s->kind != SOURCE_DOC && s->scope != SCOPE_TEST && s->scope != SCOPE_DOC ? occurrences(s->text, name, 2) : 0;
}

/* Named once in all that is not a test: where it is defined. */
static bool is_named_once(struct check_run *c, sv name)
{
    const struct programs *naming = programs_naming(c, name); /* most names: there, and more than once */
    size_t n = 0;
    for (size_t i = 0; i < naming->all.n && n < 2; i++)
        n += naming->all.at[i]->src->host == NULL ? uses_in(naming->all.at[i]->src, name) : 0;
    if (n > 1)
        return false;
    n = 0;
    for (size_t i = 0; i < c->facts->repo->files.n && n < 2; i++)
        n += uses_in(c->facts->repo->files.at[i], name);
    return n == 1;
}

/* Others may call it from outside: exported by a library, a route, a method of an interface. */
static bool is_for_others(const struct program *p, const struct block *f)
{
    if (f->decorators != SV_NOT_FOUND || SV_IN(f->name, SV("main"), SV("__init__")))
        return true;
    for (size_t i = f->head; i < f->head_end && i < f->params; i++)
        if (SV_IN(program_token(p, i), SV("export"), SV("pub"), SV("public")))
            return true;
    return (p->lang == LANG_GO && f->name.p[0] >= 'A' && f->name.p[0] <= 'Z') || (f->parent != NULL && f->parent->kind == BLOCK_TYPE && sv_ihas(program_text(p, f->parent->head, f->parent->head_end), SV(" for ")));
}

static void look_for_uncalled(struct check_run *c, const struct program *p)
{
    for (size_t i = 0; i < p->blocks.n; i++) {
        const struct block *f = p->blocks.at[i];
        if (f->kind != BLOCK_FUNCTION || p->lang == LANG_SHELL || f->name.n < 5 || !is_evidence_verifier(c, p, f->name) || is_for_others(p, f) ||
            place_is_aside(program_place(p, f->head, f->head_end)))
            continue;
        c->examined++;
        if (source_says(p->src, attest_words) && is_named_once(c, f->name))
            report(c, program_place(p, f->head, f->head_end), f->name,
                   "%.*s is defined and nothing calls it: what it would verify is used unverified.", SV_ARG(f->name));
    }
}

void check_verifier_not_called(struct check_run *c) { each_program(c, verify_words, look_for_uncalled); }

/* ---- verification-admitted-missing ------------------------------------------------------------------------- */

static const char *const gaps[] = {"todo", "fixme", "not implemented", "not yet implemented", "full implementation", "real implementation", "production implementation",
                                   "in production,", "in production this", "in production we", "for now", "simplified", "placeholder", "known issue", "should verify", "should be verified",
                                   "would verify", "without verif", "not verified", "skip verif", "skipping verif", "stub", NULL};
static const char *const gap_subjects[] = {"verif", "validat", "signature", "attest", "quote", "measurement", "mismatch", "report_data", "rtmr", "hash", NULL};

static size_t token_behind(const struct program *p, size_t offset)
{
    size_t low = 0, high = p->n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (p->at[mid].start < offset)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* "the API may nest the quote": of the form of an answer; "validate the params": of what a caller sends. */
static bool speaks_of_form(sv comment)
{
    static const char *const duties[] = {"verif", "validat", "check", "compar", "match", "enforc", "bind", "sign", "implement", "replay", "skip", NULL};
    static const char *const params[] = {"param", "argument", "input", NULL};
    bool todo = sv_ihas(comment, SV("todo")) || sv_ihas(comment, SV("fixme"));
    static const char *const evidence[] = {"quote", "attest", "signature", "measurement", "report_data", "rtmr", "hash", NULL};
    return todo && (!text_has_any(comment, duties) || (text_has_any(comment, params) && !text_has_any(comment, evidence)));
}

static void look_for_admission(struct check_run *c, const struct program *p)
{
    static const char *const about_evidence[] = {"quote", "attest", "evidence", "report_data", "compose_hash", "rtmr", "measurement", NULL};
    for (struct walk walk = walk_comments(p, gaps); next_word(&walk);) {
        const struct token *t = &p->comments[walk.at];
        if (!text_has_any(token_text(p->src, t), gap_subjects) || speaks_of_form(token_text(p->src, t)))
            continue;
        size_t at = token_behind(p, t->start);
        const struct block *f = at < p->n ? program_function_at(p, at) : NULL;
        if (f == NULL || f->name.n == 0)
            continue;
        c->examined++;
        bool verifier = is_evidence_verifier(c, p, f->name) || (is_verifier_name(f->name) && says_any(p, f->head, f->body_end, about_evidence));
        struct place place = {p->src, t->start, t->start + token_length(t)};
        bool empty = final_success(p, f) != SV_NOT_FOUND && !examines_evidence(p, f); /* said by its own rule */
        if (verifier && !empty && !place_is_aside(place))
            report(c, place, f->name, "The comment says that %.*s leaves a part of the verification out: what it is silent about passes unchecked.", SV_ARG(f->name));
    }
}

void check_verification_admitted(struct check_run *c) { each_program(c, verify_words, look_for_admission); }
