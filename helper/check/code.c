/* What the checks on programs share. */
#include "check/code.h"

#include <assert.h>

const char *const quote_words[] = {"quote", "attestation", "evidence", "signature_chain", "signaturechain", "compose_hash",
                                   "composehash", "event_log", "tdx", NULL};
const char *const verify_words[] = {"verify", "validate", "verif", "dcap", "qvl", "check_quote", "checkquote", "parse_quote", "parsequote",
                                    "recover", "replay", NULL};
const char *const attest_words[] = {"quote", "attest", "dstack", "tappd", "report_data", "reportdata", "compose_hash", "composehash", NULL};

/* Asked of identifiers, millions of times: without a look at how long each word is. Where the word ends, or NULL. */
static const char *behind_word(const char *at, const char *end, const char *word)
{
    for (; *word != 0; at++, word++)
        if (at == end || sv_lower_byte(*at) != sv_lower_byte(*word))
            return NULL;
    return at;
}

/* Both cases of a letter; some other bytes count as the same, too. */
static bool same_letter(char a, char b) { return ((a ^ b) & 31) == 0; }

static bool any_where(sv text, const char *word)
{
    for (const char *at = text.p, *end = at + text.n; at != end; at++)
        if (same_letter(*at, *word) && behind_word(at, end, word) != NULL)
            return true;
    return false;
}

bool text_has_any(sv text, const char *const *words)
{
    if (words[0] == NULL || words[1] == NULL)
        return words[0] != NULL && any_where(text, words[0]);
    /* one pass for all words, which stops only where the first two letters of one stand */
    uint32_t behind[32] = {0}; /* for each first letter the second ones; five bits tell both cases of one from most others */
    for (const char *const *w = words; *w != NULL; w++) {
        if ((*w)[1] == 0 && any_where(text, *w))
            return true;
        behind[(*w)[0] & 31] |= 1u << ((*w)[1] & 31);
    }
    const char *end = text.p + text.n;
    for (const char *at = text.p; at + 1 < end; at++)
        for (const char *const *w = words; (behind[at[0] & 31] >> (at[1] & 31) & 1) != 0 && *w != NULL; w++)
            if (behind_word(at, end, *w) != NULL)
                return true;
    return false;
}

const char *const tee_names[] = {"dstack", "tappd", "attest", "tdx", "enclave", "report_data", "reportdata", "intel_quote", "confidential", "tee_quote", NULL};

bool is_about_tee(struct check_run *c, const struct program *p) { return program_speaks_of(c, p, tee_names); }

size_t find_any(const struct program *p, size_t from, size_t to, const char *const *words)
{
    if (to > p->n)
        to = p->n;
    if (from + 1 < to && !text_has_any(sv_sub(p->src->text, p->at[from].start, p->at[to - 1].start + token_length(&p->at[to - 1])), words))
        return SV_NOT_FOUND; /* one look at the text of all of them: most often the answer */
    for (size_t i = from; i < to; i++)
        if ((p->at[i].kind == TOKEN_WORD || p->at[i].kind == TOKEN_STRING) && text_has_any(program_token(p, i), words))
            return i;
    return SV_NOT_FOUND;
}

bool says_any(const struct program *p, size_t from, size_t to, const char *const *words)
{
    return find_any(p, from, to, words) != SV_NOT_FOUND;
}

static size_t stands_next(const struct walk *w, sv word, size_t from)
{
    sv text = w->program->src->text;
    if (w->what != WALK_WITHIN)
        return sv_find_at(text, word, from);
    size_t at = sv_ifind(sv_sub(text, from, text.n), word);
    return at == SV_NOT_FOUND ? at : at + from;
}

static struct walk walk(const struct program *p, const struct token *row, size_t n, const char *const *words, enum walked what)
{
    struct walk w = {.program = p, .row = {.src = p->src, .at = row, .n = n}, .what = what};
    for (size_t i = 0; words[i] != NULL; i++) {
        assert(i < WALK_WORDS); /* of the list, whatever the text holds of it */
        sv word = sv_from(words[i]);
        size_t next = p->src->grams != NULL && !grams_may_hold(p->src->grams, word) ? SV_NOT_FOUND : stands_next(&w, word, 0);
        if (next == SV_NOT_FOUND)
            continue;
        w.words[w.n].word = word;
        w.words[w.n++].next = next;
    }
    return w;
}

struct walk walk_words(const struct program *p, const char *const *words) { return walk(p, p->at, p->n, words, WALK_WHOLE); }
struct walk walk_names(const struct program *p, const char *const *words) { return walk(p, p->at, p->n, words, WALK_NAMES); }
struct walk walk_within(const struct program *p, const char *const *words) { return walk(p, p->at, p->n, words, WALK_WITHIN); }
struct walk walk_comments(const struct program *p, const char *const *words) { return walk(p, p->comments, p->n_comments, words, WALK_WITHIN); }

static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

/* Part of a longer word: no token is found for that. */
static bool goes_on(sv text, size_t at, size_t end)
{
    return (at > 0 && is_letter(text.p[at - 1]) && is_letter(text.p[at])) || (end < text.n && is_letter(text.p[end]) && is_letter(text.p[end - 1]));
}

static bool is_walked(const struct walk *w, const struct token *t, size_t at, sv word)
{
    size_t start = t->start, end = start + token_length(t);
    if (w->what == WALK_WITHIN)
        return start <= at && at + word.n <= end;
    if (t->kind == TOKEN_STRING)
        return w->what == WALK_NAMES && start <= at && sv_eq(token_string(w->row.src, t), word);
    return start == at && at + word.n == end;
}

bool next_word(struct walk *w)
{
    const struct token *row = w->row.at;
    for (;;) {
        size_t first = 0;
        for (size_t k = 1; k < w->n; k++)
            first = w->words[k].next < w->words[first].next ? k : first;
        size_t at = w->n == 0 ? SV_NOT_FOUND : w->words[first].next;
        if (at == SV_NOT_FOUND)
            return false;
        sv word = w->words[first].word;
        bool part = at < w->end || (w->what != WALK_WITHIN && goes_on(w->program->src->text, at, at + word.n));
        size_t i = part ? w->row.n : token_at(&w->row, at);
        w->words[first].next = stands_next(w, word, at < w->end ? w->end : at + 1);
        if (i == w->row.n || !is_walked(w, &row[i], at, word))
            continue;
        w->at = i;
        w->end = row[i].start + token_length(&row[i]);
        return true;
    }
}

const struct call *next_call(struct walk *w)
{
    enum { BEHIND_NAME = 32 }; /* type arguments may stand between the name and the parenthesis */
    const struct program *p = w->program;
    while (next_word(w)) {
        size_t k, end;
        program_calls_in(p, w->at, w->at + BEHIND_NAME, &k, &end);
        for (; k < end; k++)
            if (p->calls.at[k].name.p == program_token(p, w->at).p)
                return &p->calls.at[k];
    }
    return NULL;
}

static bool is_docstring(const struct program *p, size_t i)
{
    return p->lang == LANG_PYTHON && (i == 0 || p->at[i - 1].kind == TOKEN_NEWLINE || program_is(p, i - 1, ":")) &&
           (sv_starts(program_token(p, i), SV("\"\"\"")) || sv_starts(program_token(p, i), SV("'''")));
}

bool code_says(const struct program *p, const char *const *words)
{
    const struct tokens all = {.src = p->src, .at = p->at, .n = p->n}; /* without comments */
    for (; *words != NULL; words++)
        for (size_t at = 0, found; source_ihas(p->src, sv_from(*words)) && (found = sv_ifind(sv_sub(p->src->text, at, p->src->text.n), sv_from(*words))) != SV_NOT_FOUND; at++) {
            at += found;
            size_t i = token_at(&all, at);
            if (i < p->n && p->at[i].start <= at && !is_docstring(p, i))
                return true;
        }
    return false;
}

const struct block *function_named(const struct program *p, sv name)
{
    for (size_t i = 0; i < p->blocks.n; i++)
        if (p->blocks.at[i]->kind == BLOCK_FUNCTION && sv_eq(p->blocks.at[i]->name, name))
            return p->blocks.at[i];
    return NULL;
}

bool defines_any(const struct program *p, const char *const *words)
{
    for (size_t i = 0; *words != NULL && i < p->blocks.n; i++)
        if (p->blocks.at[i]->kind == BLOCK_FUNCTION && text_has_any(p->blocks.at[i]->name, words))
            return true;
    return false;
}

bool begins_in(const struct program *p, struct place place, size_t from, size_t to)
{
    if (place.src != p->src)
        return false;
    struct place range = program_place(p, from, to);
    return place.start >= range.start && place.start < range.end;
}

bool is_any(sv name, const char *const *words)
{
    if (name.n == 0)
        return false;
    const char *end = name.p + name.n;
    for (char first = *name.p; *words != NULL; words++)
        if (same_letter(first, **words) && behind_word(name.p, end, *words) == end)
            return true;
    return false;
}

bool call_named(const struct call *k, const char *const *words) { return is_any(k->name, words); }

unsigned mark_of(sv name)
{
    return name.n == 0 ? 0 : (((unsigned)name.p[0] & 31) << 3 ^ ((unsigned)name.p[name.n - 1] & 31) << 1 ^ (unsigned)name.n * 5) & 255;
}

struct calls calls_named(struct check_run *c, const struct program *p, const char *const *names)
{
    struct calls w = {.program = p, .names = words_within(c, p, names)};
    w.called = *w.names == NULL ? NULL : call_marks(c, p);
    for (const char *const *name = w.names; *name != NULL; name++) {
        unsigned mark = mark_of(sv_from(*name));
        w.marks[mark >> 6] |= (uint64_t)1 << (mark & 63);
    }
    return w;
}

struct calls calls_written(struct check_run *c, const struct program *p, const char *const *names)
{
    struct calls w = calls_named(c, p, names);
    w.as_written = true;
    return w;
}

static bool is_written(sv name, const char *const *words)
{
    for (size_t i; *words != NULL; words++) {
        for (i = 0; i < name.n && name.p[i] == (*words)[i];)
            i++;
        if (i == name.n && (*words)[i] == 0)
            return true;
    }
    return false;
}

const struct call *next_named(struct calls *w)
{
    const struct program *p = w->program;
    while (*w->names != NULL && w->next < p->calls.n) {
        size_t i = w->next++;
        unsigned mark = w->called[i];
        if ((w->marks[mark >> 6] >> (mark & 63) & 1) != 0 && (w->as_written ? is_written(p->calls.at[i].name, w->names) : call_named(&p->calls.at[i], w->names)))
            return &p->calls.at[i];
    }
    return NULL;
}

uint32_t letters_of(sv name)
{
    uint32_t letters = 0;
    for (size_t i = 0; i < name.n; i++)
        letters |= (uint32_t)1 << ((unsigned char)name.p[i] & 31);
    return letters;
}

struct holding calls_holding(struct check_run *c, const struct program *p, const char *const *words)
{
    struct holding w = {.program = p, .words = words_within(c, p, words)};
    w.called = *w.words == NULL ? NULL : call_letters(c, p);
    for (; w.words[w.n] != NULL; w.n++) {
        assert(w.n < HOLDING_WORDS);
        w.letters[w.n] = letters_of(sv_from(w.words[w.n]));
    }
    return w;
}

const struct call *next_holding(struct holding *w)
{
    while (w->n != 0 && w->next < w->program->calls.n) {
        size_t i = w->next++;
        bool may = false;
        for (size_t k = 0; k < w->n; k++)
            may = may || (w->called[i] & w->letters[k]) == w->letters[k];
        if (may && text_has_any(w->program->calls.at[i].name, w->words))
            return &w->program->calls.at[i];
    }
    return NULL;
}

bool call_names(const struct call *k, const char *const *words) { return text_has_any(k->name, words); }

/* ---- Logging and HTTP ------------------------------------------------------------------------ */

static const char *const log_functions[] = {"print", "println", "eprintln", "eprint", "printf", "fprintf", "echo", NULL};
const char *const log_names[] = {"print", "println", "eprintln", "eprint", "printf", "fprintf", "echo", "log", "info", "warn", "warning", "error", "debug", "trace",
                                 "exception", "critical", "infof", "warnf", "errorf", "debugf", NULL};

bool is_log_call(const struct call *k)
{
    static const char *const receivers[] = {"log", "console", "logging", "tracing", "slog", "fmt", "winston", "pino", NULL};
    if (!call_named(k, log_names))
        return false;
    if (k->chain.n == k->name.n) /* `throw new Error(…)`, `raise Exception(…)` make a value, and write nothing */
        return !SV_IN(k->name, SV("Error"), SV("Exception"), SV("Warning"));
    return call_named(k, log_functions) || text_has_any(k->chain, receivers) || sv_ends(k->chain, SV("!"));
}

static size_t call_at(const struct program *p, size_t token)
{
    size_t first, end;
    program_calls_in(p, token, token + 64, &first, &end);
    for (size_t i = first; i < end; i++)
        if (p->calls.at[i].from == token)
            return i;
    return SV_NOT_FOUND;
}

static bool shell_prints(const struct program *p, size_t i)
{
    return SV_IN(program_token(p, i), SV("echo"), SV("printf"), SV("log"), SV("warn"), SV("info"), SV("log_warn"), SV("log_info"));
}

bool only_logs(const struct program *p, size_t from, size_t to)
{
    size_t logs = 0, passes = 0;
    for (size_t i = from; i < to && i < p->n;) {
        const struct token *t = &p->at[i];
        if (t->kind == TOKEN_NEWLINE || (t->kind == TOKEN_PUNCT && sv_eq(token_text(p->src, t), SV(";")))) {
            i++;
            continue;
        }
        size_t end = program_statement_end(p, i), call = call_at(p, sv_eq(token_text(p->src, t), SV("await")) ? i + 1 : i);
        bool passed = t->kind == TOKEN_WORD && sv_eq(token_text(p->src, t), SV("pass"));
        bool log = p->lang == LANG_SHELL ? shell_prints(p, i) : call != SV_NOT_FOUND && is_log_call(&p->calls.at[call]);
        if (!passed && !log)
            return false;
        logs += log, passes += passed;
        i = end > i ? end : i + 1;
    }
    return logs + passes > 0;
}

bool is_http_call(const struct program *p, const struct call *k)
{
    static const char *const names[] = {"fetch", "axios", "urlopen", "ureq", "$fetch", "got", NULL};
    static const char *const methods[] = {"get", "post", "put", "request", "send", "do", NULL};
    static const char *const clients[] = {"client", "session", "requests", "httpx", "http", "axios", "aiohttp", "reqwest", "fetch", "agent", NULL};
    (void)p;
    if (call_named(k, names))
        return true;
    sv receiver = sv_sub(k->chain, 0, k->chain.n - k->name.n);
    return call_named(k, methods) && text_has_any(receiver, clients) && !sv_ihas(receiver, SV("headers")) && !sv_ihas(receiver, SV("searchparams"));
}

/* ---- Conditions ----------------------------------------------------------------------------------- */

/* Behind `if`, `elif`, `else if` and around brackets. */
static void strip_condition(const struct program *p, size_t *from, size_t *to)
{
    while (*from < *to && p->at[*from].kind == TOKEN_WORD &&
           SV_IN(program_token(p, *from), SV("if"), SV("elif"), SV("else"), SV("while")))
        (*from)++;
    while (*to > *from && (p->at[*to - 1].kind == TOKEN_NEWLINE || program_is(p, *to - 1, ";")))
        (*to)--;
    while (*to > *from + 1 && program_is(p, *from, "(") && program_match(p, *from) == *to - 1)
        (*from)++, (*to)--;
}

static bool tests_content(const struct program *p, size_t i, size_t to)
{
    const struct token *t = &p->at[i];
    if (t->kind != TOKEN_PUNCT || !SV_IN(token_text(p->src, t), SV("=="), SV("==="), SV("!="), SV("!=="), SV("<"), SV(">"), SV("<="), SV(">=")))
        return false;
    bool nothing = i + 1 < to && (SV_IN(program_token(p, i + 1), SV("null"), SV("undefined"), SV("None"), SV("nil"), SV("0"), SV("\"\""), SV("''"),
                                        SV("\"undefined\""), SV("'undefined'"), SV("'object'"), SV("'string'"), SV("\"string\""), SV("\"object\"")));
    return !nothing;
}

bool is_presence_test(const struct program *p, size_t from, size_t to)
{
    static const char *const harmless[] = {"get", "len", "has", "hasownproperty", "isinstance", "is_some", "is_ok", "is_empty", "includes",
                                           "bool", "boolean", "match", "search", "all", "any", "contains_key", "array.isarray", "isarray", NULL};
    strip_condition(p, &from, &to);
    size_t words = 0;
    for (size_t i = from; i < to; i++) {
        if (tests_content(p, i, to))
            return false;
        words += p->at[i].kind == TOKEN_WORD;
    }
    size_t first, end;
    program_calls_in(p, from, to, &first, &end);
    for (size_t i = first; i < end; i++)
        if (!call_named(&p->calls.at[i], harmless))
            return false;
    return words > 0 && to > from;
}

sv condition_text(const struct program *p, const struct block *b)
{
    size_t from = b->head, to = b->head_end;
    strip_condition(p, &from, &to);
    return sv_trim(program_text(p, from, to));
}

bool is_absence_test(const struct program *p, size_t from, size_t to)
{
    strip_condition(p, &from, &to);
    for (size_t i = from; i < to; i++) {
        const struct token *t = &p->at[i];
        if ((t->kind == TOKEN_WORD && SV_IN(token_text(p->src, t), SV("not"), SV("is_none"), SV("is_empty"))) ||
            (t->kind == TOKEN_PUNCT && SV_IN(token_text(p->src, t), SV("!"), SV("=="), SV("==="))) || (t->kind == TOKEN_WORD && sv_eq(token_text(p->src, t), SV("is")) && program_is(p, i + 1, "None")))
            return is_presence_test(p, from, to);
    }
    return false;
}

static bool is_positive_text(sv text)
{
    static const char *const good[] = {"verified", "success", "\xE2\x9C\x93", "\xE2\x9C\x85", "\xE2\x9C\x94", "is valid", "attested", "is authentic", "is genuine", NULL};
    static const char *const bad[] = {"not verif", "unverif", "fail", "could not", "cannot", "error", "unsuccess", "to be verified", "\xE2\x9C\x97", "\xE2\x9D\x8C",
                                      "must be", "needs", "used to", "fetched", "download", "retriev", "received", "generat", "saved", NULL};
    return text_has_any(text, good) && !text_has_any(text, bad);
}

bool claims_success(const struct program *p, size_t from, size_t to)
{
    for (size_t i = from; i < to && i < p->n; i++) {
        const struct token *t = &p->at[i];
        if (t->kind == TOKEN_STRING && (is_positive_text(token_text(p->src, t)) || SV_IN(token_string(p->src, t), SV("pass"), SV("ok"), SV("valid"))))
            return true;
        bool is_true = t->kind == TOKEN_WORD && SV_IN(token_text(p->src, t), SV("true"), SV("True"));
        if (!is_true || i == 0)
            continue;
        if (program_is(p, i - 1, "return") || (i >= 2 && SV_IN(program_token(p, i - 2), SV("ok"), SV("valid"), SV("verified"), SV("isValid"), SV("is_valid"),
                                                                   SV("passed"), SV("pass"), SV("success"), SV("\"ok\""), SV("'ok'"), SV("\"verified\""), SV("\"valid\""))))
            return true;
    }
    return false;
}

/* ---- Where values come from ------------------------------------------------------------------------ */

/* data[..32].copy_from_slice(key), h.update(key), copy(data[:], key): what else flows into the variable before `token`. */
static bool flows_in(const struct program *p, sv name, size_t token, size_t *next, size_t *from, size_t *to)
{
    static const char *const mutators[] = {"copy_from_slice", "clone_from_slice", "extend", "extend_from_slice", "push", "set", "update", "append", "write", "write_all", "copy", "put", "concat", NULL};
    const struct block *f = program_function_at(p, token);
    size_t first = f == NULL ? 0 : f->body, k, end;
    program_calls_in(p, first, token, &k, &end);
    for (k = *next > k ? *next : k; k < end; k++) {
        const struct call *call = &p->calls.at[k];
        bool receiver = sv_eq(program_token(p, call->from), name) && !sv_eq(call->chain, call->name) && call_named(call, mutators);
        bool go_copy = p->lang == LANG_GO && sv_eq(call->chain, SV("copy")) && sv_eq(program_token(p, call->open + 1), name);
        size_t target, target_end; /* Buffer.from(key).copy(data, 0) */
        if (call->chain.n > 5 && sv_eq(call->name, SV("copy")) && (p->lang == LANG_JAVASCRIPT || p->lang == LANG_TYPESCRIPT) && !receiver &&
            program_argument(p, call, 0, &target, &target_end) && target_end == target + 1 && sv_eq(program_token(p, target), name)) {
            *from = call->from, *to = call->open, *next = k + 1;
            return true;
        }
        if ((receiver && program_argument(p, call, 0, from, to)) || (go_copy && program_argument(p, call, 1, from, to))) {
            *next = k + 1;
            return true;
        }
    }
    return false;
}

static bool derives(const struct program *p, size_t from, size_t to, const char *const *words, int depth, bool (*matches)(sv text, const char *const *words))
{
    for (size_t i = from; i < to && i < p->n; i++)
        if ((p->at[i].kind == TOKEN_WORD || p->at[i].kind == TOKEN_STRING) && matches(program_token(p, i), words) &&
            !SV_IN(program_token(p, i), SV("sort_keys"), SV("keys"), SV("keccak256")))
            return true;
    if (depth == 0)
        return false;
    for (size_t i = from; i < to && i < p->n; i++) {
        const struct token *t = &p->at[i];
        if (t->kind != TOKEN_WORD || (i > 0 && program_is(p, i - 1, ".")))
            continue;
        const struct assignment *a = program_assigned(p, token_text(p->src, t), from);
        if (a != NULL && !(a->value <= from && from < a->value_end) && derives(p, a->value, a->value_end, words, depth - 1, matches))
            return true;
        for (size_t next = 0, part, end; flows_in(p, token_text(p->src, t), from, &next, &part, &end);)
            if (derives(p, part, end, words, depth - 1, matches))
                return true;
    }
    return false;
}

bool derives_from(const struct program *p, size_t from, size_t to, const char *const *words, int depth)
{
    return derives(p, from, to, words, depth, text_has_any);
}

bool derives_from_part(const struct program *p, size_t from, size_t to, const char *const *parts, int depth)
{
    return derives(p, from, to, parts, depth, name_has_part);
}

static bool is_pure_function(sv name)
{
    return SV_IN(name, SV("createHash"), SV("update"), SV("digest"), SV("sha256"), SV("sha384"), SV("sha512"), SV("keccak256"), SV("hexdigest"),
                 SV("encode"), SV("hex"), SV("alloc"), SV("from"), SV("bytes"), SV("Buffer"), SV("crypto"), SV("hashlib"), SV("fromhex"), SV("toString"),
                 SV("Uint8Array"), SV("new"), SV("TextEncoder"), SV("b64encode"), SV("fill"), SV("padEnd"), SV("padStart"), SV("repeat"), SV("byte"),
                 SV("to_vec"), SV("as_bytes"), SV("vec"), SV("ljust"), SV("rjust"), SV("slice"), SV("subarray"), SV("stringToHex"), SV("make"));
}

bool is_constant(const struct program *p, size_t from, size_t to, int depth)
{
    bool literal = false;
    for (size_t i = from; i < to && i < p->n; i++) {
        const struct token *t = &p->at[i];
        if (t->kind == TOKEN_STRING || t->kind == TOKEN_NUMBER) {
            if (t->kind == TOKEN_STRING && p->lang == LANG_PYTHON && (program_first(p, i) == 'f' || program_first(p, i) == 'F') && sv_find_char(token_text(p->src, t), '{') != SV_NOT_FOUND)
                return false;
            literal = true;
            continue;
        }
        if (t->kind != TOKEN_WORD)
            continue;
        if (is_pure_function(token_text(p->src, t)) || SV_IN(token_text(p->src, t), SV("u8"), SV("b")))
            continue;
        const struct assignment *a = depth > 0 && !(i > 0 && program_is(p, i - 1, ".")) ? program_assigned(p, token_text(p->src, t), from) : NULL;
        size_t next = 0, part, end;
        if (a == NULL || flows_in(p, token_text(p->src, t), from, &next, &part, &end) || (a->value <= from && from < a->value_end) || !is_constant(p, a->value, a->value_end, depth - 1))
            return false;
        literal = true;
    }
    return literal;
}

void function_range(const struct program *p, size_t token, size_t *from, size_t *to)
{
    const struct block *f = program_function_at(p, token);
    *from = f == NULL ? 0 : f->body;
    *to = f == NULL ? p->n : f->body_end;
}

sv function_name(const struct program *p, size_t token)
{
    for (const struct block *f = program_function_at(p, token); f != NULL; f = f->parent)
        if (f->kind == BLOCK_FUNCTION && f->name.n != 0)
            return f->name;
    return SV_NONE;
}

bool is_verifier_name(sv name)
{
    static const char *const words[] = {"verify", "verif", "validate", "check", "attest", NULL};
    static const char *const producers[] = {"get_", "fetch", "generate", "create", "build", "handle_get", NULL};
    return text_has_any(name, words) && !text_has_any(name, producers);
}
