/* Which values a program compares, and whether anything acts on the outcome. */
#include "check/code.h"

/* ---- Names --------------------------------------------------------------------------------------- */

static bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
static bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

/* "key" in publicKey, TLSKey, sign_key and KEY_ID, not in kvKeys or monkey. */
static bool is_part(sv name, size_t at, size_t end)
{
    if (at > 0 && (is_lower(name.p[at - 1]) || is_upper(name.p[at - 1])) && !(is_upper(name.p[at]) && is_lower(name.p[at - 1])) &&
        !(is_upper(name.p[at]) && at + 1 < name.n && is_lower(name.p[at + 1])))
        return false;
    if (end == name.n || !(is_lower(name.p[end]) || is_upper(name.p[end])))
        return true;
    bool next_part = is_upper(name.p[end]) && (is_lower(name.p[end - 1]) || (end + 1 < name.n && is_lower(name.p[end + 1])));
    return next_part;
}

bool name_has_part(sv name, const char *const *parts)
{
    if (!text_has_any(name, parts))
        return false;
    for (; *parts != NULL; parts++) {
        sv part = sv_from(*parts);
        for (size_t at = 0; at + part.n <= name.n; at++)
            if (((name.p[at] ^ part.p[0]) & 31) == 0 && sv_ieq(sv_sub(name, at, at + part.n), part) && is_part(name, at, at + part.n))
                return true;
    }
    return false;
}

/* ---- Comparisons ----------------------------------------------------------------------------------- */

static const char *const equality_calls[] = {"compare_digest", "timingsafeequal", "constanttimecompare", "equals", "equal", "isequal", "ct_eq",
                                             "eq_ignore_ascii_case", "equalfold", "startswith", "endswith", "starts_with", "ends_with", "hasprefix", "includes",
                                             "contains", "has", "assert_eq", "assertequal", "assert_ne", "deepstrictequal", "strictequal", "deepequal", "tobe", "toequal", NULL};

static bool is_open_bracket(const struct program *p, const struct token *t) { return t->kind == TOKEN_PUNCT && SV_IN(token_text(p->src, t), SV("("), SV("["), SV("{")); }
static bool is_close_bracket(const struct program *p, const struct token *t) { return t->kind == TOKEN_PUNCT && SV_IN(token_text(p->src, t), SV(")"), SV("]"), SV("}")); }

static bool ends_operand(const struct program *p, const struct token *t)
{
    if (t->kind == TOKEN_NEWLINE)
        return true;
    if (t->kind == TOKEN_WORD)
        return SV_IN(token_text(p->src, t), SV("and"), SV("or"), SV("not"), SV("if"), SV("elif"), SV("else"), SV("return"), SV("assert"), SV("while"), SV("await"), SV("is"));
    return t->kind == TOKEN_PUNCT && SV_IN(token_text(p->src, t), SV(","), SV(";"), SV("="), SV(":="), SV("+="), SV("&&"), SV("||"), SV("?"), SV("=>"), SV("!"), SV("{"), SV("}"));
}

static size_t operand_start(const struct program *p, size_t op)
{
    size_t i = op;
    while (i > 0) {
        const struct token *t = &p->at[i - 1];
        if (is_close_bracket(p, t) && program_match(p, i - 1) != SV_NOT_FOUND) {
            i = program_match(p, i - 1);
            continue;
        }
        if (is_open_bracket(p, t) || ends_operand(p, t) || (t->kind == TOKEN_PUNCT && sv_eq(token_text(p->src, t), SV(":"))))
            break;
        i--;
    }
    return i;
}

static size_t operand_end(const struct program *p, size_t from)
{
    size_t i = from;
    while (i < p->n) {
        const struct token *t = &p->at[i];
        if (is_close_bracket(p, t) || (ends_operand(p, t) && i > from) || (t->kind == TOKEN_PUNCT && sv_eq(token_text(p->src, t), SV(":"))))
            break;
        i = is_open_bracket(p, t) && program_match(p, i) != SV_NOT_FOUND ? program_match(p, i) + 1 : i + 1;
    }
    return i;
}

static bool is_comparison_operator(const struct program *p, size_t i)
{
    const struct token *t = &p->at[i];
    if (t->kind == TOKEN_WORD) {
        bool in = p->lang == LANG_PYTHON && sv_eq(token_text(p->src, t), SV("in")) && i > 0 && p->at[i - 1].kind != TOKEN_STRING; /* "x" in d: is it there? */
        for (size_t k = i; in && k > 0 && k + 6 > i && !is_open_bracket(p, &p->at[k]); k--)
            in = !program_is(p, k, "for");
        return in;
    }
    if (t->kind != TOKEN_PUNCT || (program_first(p, i) != '=' && program_first(p, i) != '!'))
        return false;
    if (SV_IN(token_text(p->src, t), SV("=="), SV("==="), SV("!="), SV("!==")))
        return true;
    /* [ "$a" = "$b" ]: spaces stand around it */
    return p->lang == LANG_SHELL && sv_eq(token_text(p->src, t), SV("=")) && i > 0 && p->at[i - 1].start + token_length(&p->at[i - 1]) < t->start;
}

static bool call_comparison(const struct program *p, const struct call *k, const char *const *named, struct comparison *out)
{
    size_t from, to;
    if (!call_named(k, named) || !program_argument(p, k, 0, &from, &to))
        return false;
    *out = (struct comparison){k->open, k->from, k->open, from, to};
    size_t second, second_end;
    if (program_argument(p, k, 1, &second, &second_end)) /* equal(a, b) */
        *out = (struct comparison){k->open, from, to, second, second_end};
    return true;
}

void each_comparison(const struct program *p, size_t from, size_t to, bool (*look)(const struct program *p, const struct comparison *c, void *ctx), void *ctx)
{
    struct comparison found;
    for (size_t i = from; i < to && i < p->n; i++)
        if (is_comparison_operator(p, i)) {
            found = (struct comparison){i, operand_start(p, i), i, i + 1, operand_end(p, i + 1)};
            if (look(p, &found, ctx))
                return;
        }
    size_t first, end;
    const char *named[sizeof equality_calls / sizeof *equality_calls];
    program_calls_in(p, from, to, &first, &end);
    take_words_within(p, equality_calls, named);
    for (; first < end; first++)
        if (call_comparison(p, &p->calls.at[first], named, &found) && look(p, &found, ctx))
            return;
}

/* Nothing, a flag, a small number or the name of a field: comparing with it says nothing about content. */
static bool is_no_value(const struct program *p, size_t from, size_t to)
{
    if (to != from + 1)
        return from >= to;
    const struct token *t = &p->at[from];
    if (t->kind == TOKEN_NUMBER)
        return token_length(t) < 16;
    if (t->kind == TOKEN_STRING)
        return SV_IN(token_string(p->src, t), SV(""), SV("0x"), SV("null"), SV("undefined"), SV("unknown"), SV("string"));
    return SV_IN(token_text(p->src, t), SV("null"), SV("undefined"), SV("None"), SV("nil"), SV("true"), SV("false"), SV("True"), SV("False"));
}

/* Every token is a name or stands in one: `"compose_hash"` alone is none. */
static bool names_value(const struct program *p, size_t from, size_t to, const char *const *words, int depth)
{
    if (to == from + 1 && p->at[from].kind == TOKEN_STRING && p->lang != LANG_SHELL)
        return false;
    return derives_from(p, from, to, words, depth);
}

/* name == "compose-hash": which field it is, not what it holds */
static bool is_field_name(const struct program *p, size_t from, size_t to, const char *const *words)
{
    return to == from + 1 && p->at[from].kind == TOKEN_STRING && p->lang != LANG_SHELL && text_has_any(program_token(p, from), words);
}

static bool says(const struct program *p, const struct comparison *c, const char *const *words, int depth)
{
    if (is_field_name(p, c->left, c->left_end, words) || is_field_name(p, c->right, c->right_end, words))
        return false;
    if (is_no_value(p, c->left, c->left_end) || is_no_value(p, c->right, c->right_end))
        return false;
    return names_value(p, c->left, c->left_end, words, depth) || names_value(p, c->right, c->right_end, words, depth);
}

bool comparison_says(const struct program *p, const struct comparison *c, const char *const *words) { return says(p, c, words, 2); }

struct wanted { const char *const *words; int depth; bool found; };

static bool is_wanted(const struct program *p, const struct comparison *c, void *ctx)
{
    struct wanted *w = ctx;
    w->found = says(p, c, w->words, w->depth);
    return w->found;
}

/* verify_nonce(nonce), validate(&report, &nonce) */
static bool is_handed_over(const struct program *p, size_t from, size_t to, const char *const *words)
{
    static const char *const checking[] = {"verify", "validate", "check", "assert", "ensure", "compare", "expect", "require", "match", "bind", "allowed", "whitelisted", NULL};
    size_t first, end;
    const char *named[sizeof checking / sizeof *checking];
    program_calls_in(p, from, to, &first, &end);
    take_words_within(p, checking, named);
    for (; first < end; first++) {
        const struct call *k = &p->calls.at[first];
        if (call_names(k, named) && !is_log_call(k) && !is_http_call(p, k) && says_any(p, k->open, k->close, words))
            return true;
    }
    return false;
}

/* Nothing compares what the file never says. */
static bool compares_what(const struct program *p, size_t from, size_t to, struct wanted w)
{
    if (source_says(p->src, w.words))
        each_comparison(p, from, to, is_wanted, &w);
    return w.found;
}

bool compares(const struct program *p, size_t from, size_t to, const char *const *words)
{
    return compares_what(p, from, to, (struct wanted){words, 2, false});
}

bool compares_by_name(const struct program *p, size_t from, size_t to, const char *const *words)
{
    return compares_what(p, from, to, (struct wanted){words, 0, false});
}

bool checks_value(const struct program *p, size_t from, size_t to, const char *const *words)
{
    return compares(p, from, to, words) || (source_says(p->src, words) && is_handed_over(p, from, to, words));
}

/* Not a status, a length or a type; not whether a field is there. */
static bool is_content(const struct program *p, const struct comparison *k, void *ctx)
{
    static const char *const status[] = {"status", "length", "len", "type", NULL};
    bool nothing = k->right_end == k->right + 1 && (p->at[k->right].kind == TOKEN_NUMBER ||
                   SV_IN(program_token(p, k->right), SV("null"), SV("undefined"), SV("None"), SV("nil"), SV("\"\""), SV("''")));
    *(bool *)ctx = !nothing && !says_any(p, k->left, k->left_end, status) && !(p->at[k->at].kind == TOKEN_WORD && p->at[k->left].kind == TOKEN_STRING);
    return *(bool *)ctx;
}

bool compares_content(const struct program *p, size_t from, size_t to)
{
    bool found = false;
    each_comparison(p, from, to, is_content, &found);
    return found;
}
