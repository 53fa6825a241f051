/* A program as atoms: what every reader needs to look at code without a grammar. */
#include <string.h>

#include "base/limits.h"
#include "fact/reads.h"

/* A body is looked at this far: what is longer is no small helper, and nested ones must not cost
 * the square of the file. */
enum { BODY_ATOMS = 4000 };

#define NO_ATOM UINT32_MAX
_Static_assert(LIMIT_FILE_BYTES < 1 << 28, "the length of an atom has 28 bits");

/* Brackets are paired on the way: an open one holds, as its partner, the one open around it. A closing one without
 * its partner is taken as plain punctuation, and what is never closed ends with the file, so that every walk over
 * pairs ends. */
struct atoms { struct atom *at; uint32_t n, open; };

static uint32_t partner_of(struct atoms *x, char byte)
{
    uint32_t i = x->n, open = x->open;
    if (byte == '(' || byte == '[' || byte == '{') {
        x->open = i;
        return open;
    }
    if ((byte != ')' && byte != ']' && byte != '}') || open == NO_ATOM)
        return i;
    x->open = x->at[open].partner;
    x->at[open].partner = i;
    return open;
}

static void find_heads(struct arena *a, struct code *c)
{
    uint32_t *heads = arena_array(a, uint32_t, c->n / 2 + 1);
    for (size_t i = 1; i < c->n; i++) {
        if (c->at[i].kind != TOKEN_PUNCT || c->at[i - 1].kind != TOKEN_WORD)
            continue;
        char byte = c->text[c->at[i].start];
        if (byte == '(' || byte == '[' || byte == '<' || byte == '?')
            heads[c->n_heads++] = (uint32_t)i - 1;
    }
    arena_give_back(a, heads + c->n_heads, heads + c->n / 2 + 1);
    c->heads = heads;
}

bool code_open(struct facts *f, const struct source *src, struct code *out)
{
    const struct tokens *t = read_tokens(f->repo, src);
    if (t == NULL)
        return false;
    /* No more than one for each byte: what is not needed was never touched, and goes back. */
    struct atoms x = {arena_array(f->arena, struct atom, src->text.n + 1), 0, NO_ATOM};
    for (const struct token *k = t->at, *end = t->at + t->n; k < end; k++) {
        uint32_t start = k->start;
        if (k->kind == TOKEN_PUNCT)
            for (uint32_t piece = 0; piece < token_length(k); piece++, x.n++)
                x.at[x.n] = (struct atom){start + piece, partner_of(&x, src->text.p[start + piece]), 1, TOKEN_PUNCT};
        else if (k->kind != TOKEN_COMMENT && k->kind != TOKEN_NEWLINE) {
            x.at[x.n] = (struct atom){start, x.n, k->value, k->kind};
            x.n++;
        }
    }
    for (uint32_t open = x.open, outer; open != NO_ATOM; open = outer) {
        outer = x.at[open].partner;
        x.at[open].partner = x.n;
    }
    arena_give_back(f->arena, x.at + x.n, x.at + src->text.n + 1);
    *out = (struct code){.facts = f, .src = src, .text = src->text.p, .at = x.at, .n = x.n};
    find_heads(f->arena, out);
    return true;
}

size_t code_at(const struct code *c, size_t offset)
{
    size_t low = 0, high = c->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (code_start(c, middle) + code_text(c, middle).n <= offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

size_t code_head(const struct code *c, size_t i)
{
    size_t low = 0, high = c->n_heads;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (c->heads[middle] < i)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

size_t code_next_word(const struct code *c, size_t from, sv word)
{
    for (size_t at = from < c->n && source_has(c->src, word) ? code_start(c, from) : c->src->text.n;
         (at = sv_find_at(c->src->text, word, at)) != SV_NOT_FOUND; at += word.n) {
        size_t i = code_at(c, at);
        if (code_is_word(c, i) && sv_eq(code_text(c, i), word))
            return i;
    }
    return c->n;
}

sv code_string(const struct code *c, size_t i)
{
    if (i >= c->n || c->at[i].kind != TOKEN_STRING)
        return SV_NONE;
    sv text = code_text(c, i);
    sv s = string_content(text);
    return s.p == NULL ? SV("") : s;
}

size_t code_behind(const struct code *c, size_t i)
{
    if (i >= c->n)
        return c->n;
    size_t partner = c->at[i].partner;
    if (partner < i)
        partner = i;
    return partner < c->n ? partner + 1 : c->n;
}

size_t code_item_end(const struct code *c, size_t from, size_t close)
{
    if (close > c->n)
        close = c->n;
    size_t i = from;
    while (i < close && !code_is(c, i, ","))
        i = code_behind(c, i);
    return i < close ? i : close;
}

size_t code_indent(const struct code *c, size_t i)
{
    if (i >= c->n)
        return 0;
    sv line = line_text(&c->src->lines, c->src->text, line_at(&c->src->lines, code_start(c, i)));
    size_t indent = 0;
    while (indent < line.n && (line.p[indent] == ' ' || line.p[indent] == '\t'))
        indent++;
    return indent;
}

size_t code_indent_end(const struct code *c, size_t i)
{
    size_t indent = code_indent(c, i);
    size_t end = code_behind(c, i);
    for (size_t steps = 0; end < c->n && steps < BODY_ATOMS; steps++) {
        if (code_first(c, end) && code_indent(c, end) <= indent)
            break;
        end = code_behind(c, end);
    }
    return end;
}

struct place code_place(const struct code *c, size_t from, size_t to)
{
    if (c->n == 0 || from >= c->n)
        return (struct place){c->src, c->src->text.n, c->src->text.n};
    if (to >= c->n)
        to = c->n - 1;
    if (to < from)
        to = from;
    return (struct place){c->src, code_start(c, from), code_start(c, to) + code_text(c, to).n};
}

sv code_value(const struct code *c, size_t from, size_t to)
{
    if (from >= to || from >= c->n)
        return SV_NONE;
    if (to == from + 1 && c->at[from].kind == TOKEN_STRING)
        return code_string(c, from);
    struct place p = code_place(c, from, to - 1);
    return sv_trim(sv_sub(c->src->text, p.start, p.end));
}

/* Index of the word that a connector at `i` leads to, or SV_NOT_FOUND. */
static size_t connected(const struct code *c, size_t i)
{
    if ((code_is(c, i, "?") || code_is(c, i, "!")) && code_is(c, i + 1, "."))
        i++;
    if (code_is(c, i, ".") && code_is_word(c, i + 1))
        return i + 1;
    if ((code_is(c, i, ":") && code_is(c, i + 1, ":")) || (code_is(c, i, "-") && code_is(c, i + 1, ">")))
        return code_is_word(c, i + 2) ? i + 2 : SV_NOT_FOUND;
    return SV_NOT_FOUND;
}

sv code_chain(const struct code *c, size_t i, size_t *behind)
{
    if (!code_is_word(c, i)) {
        *behind = i;
        return SV_NONE;
    }
    size_t length = code_text(c, i).n, end = i + 1;
    size_t words = 1;
    for (size_t w = connected(c, end); w != SV_NOT_FOUND && words < 16; w = connected(c, end), words++) {
        length += 1 + code_text(c, w).n;
        end = w + 1;
    }
    *behind = end;
    if (words == 1)
        return code_text(c, i);
    char *p = arena_array(c->facts->arena, char, length + 1);
    size_t n = 0;
    for (size_t k = i; k < end; k++) {
        if (c->at[k].kind != TOKEN_WORD)
            continue;
        if (n != 0)
            p[n++] = '.';
        memcpy(p + n, code_text(c, k).p, code_text(c, k).n);
        n += code_text(c, k).n;
    }
    return (sv){p, n};
}

size_t code_chain_start(const struct code *c, size_t i)
{
    while (code_is_word(c, i) && !code_starts_chain(c, i)) {
        size_t back = i - 1;
        while (back > 0 && c->at[back].kind == TOKEN_PUNCT && i - back < 4)
            back--;
        if (!code_is_word(c, back))
            return i;
        i = back;
    }
    return i;
}

bool code_starts_chain(const struct code *c, size_t i)
{
    if (!code_is_word(c, i))
        return false;
    if (i == 0)
        return true;
    if (code_is(c, i - 1, ".") || (code_is(c, i - 1, ">") && i >= 2 && code_is(c, i - 2, "-")))
        /* `...process.env` spreads, it does not continue. */
        return i >= 3 && code_is(c, i - 2, ".") && code_is(c, i - 3, ".");
    return !(code_is(c, i - 1, ":") && i >= 2 && code_is(c, i - 2, ":") &&
             code_start(c, i - 1) == code_start(c, i - 2) + 1);
}

size_t code_keyword(const struct code *c, size_t from, size_t close, const char *keyword, size_t *end)
{
    for (size_t i = from, item; i < close; i = item + 1) {
        item = code_item_end(c, i, close);
        bool named = code_is(c, i, keyword) ||
                     (code_string(c, i).p != NULL && sv_eq(code_string(c, i), sv_from(keyword)));
        if (named && (code_is(c, i + 1, "=") || code_is(c, i + 1, ":")) && i + 2 < item) {
            if (end != NULL)
                *end = item;
            return i + 2;
        }
    }
    return SV_NOT_FOUND;
}

bool code_mentions(const struct code *c, const char *word)
{
    return source_has(c->src, sv_from(word));
}

/* An arrow function without braces ends with its statement. */
static size_t arrow_end(const struct code *c, size_t header, size_t from)
{
    size_t to = from;
    for (size_t steps = 0; to < c->n && steps < BODY_ATOMS && !code_is(c, to, ";"); steps++) {
        if (to > from && code_first(c, to) && code_indent(c, to) <= code_indent(c, header))
            break;
        to = code_behind(c, to);
    }
    return to;
}

/* Python and Ruby bodies go by indentation, the others by braces. */
static bool body_of(const struct code *c, size_t header, struct function *out)
{
    if (c->src->lang == LANG_PYTHON || c->src->lang == LANG_RUBY || c->src->lang == LANG_ELIXIR) {
        out->from = out->close + 1;
        out->to = code_indent_end(c, header);
        return out->to > out->from;
    }
    /* Return types, `async`, `where`, `=>` stand between; a `;` says that there is no body. */
    for (size_t i = out->close + 1; i < c->n && i < out->close + 40; i = code_behind(c, i)) {
        if (code_is(c, i, "{")) {
            out->from = i + 1;
            out->to = c->at[i].partner;
            return true;
        }
        if (code_is(c, i, "=") && code_is(c, i + 1, ">") && !code_is(c, i + 2, "{")) {
            out->from = i + 2;
            out->to = arrow_end(c, header, out->from);
            return true;
        }
        if (code_is(c, i, ";"))
            return false;
    }
    return false;
}

static bool parameters_at(const struct code *c, size_t i, struct function *out)
{
    if (code_is(c, i, "<")) /* type parameters hold no brackets worth pairing */
        while (i < c->n && !code_is(c, i, "(") && !code_is(c, i, "{") && !code_is(c, i, ";"))
            i++;
    if (!code_is(c, i, "(") || c->at[i].partner >= c->n)
        return false;
    out->open = i;
    out->close = c->at[i].partner;
    return true;
}

bool code_function(const struct code *c, size_t i, struct function *out)
{
    static const sv keywords[] = {{"def", 3}, {"defp", 4}, {"fn", 2}, {"func", 4}, {"function", 8}, {"fun", 3}};
    enum lang l = reads_family(c->src->lang);
    if (!code_is_word(c, i))
        return false;
    size_t name = SV_NOT_FOUND, header = i;
    if (sv_in(code_text(c, i), keywords, sizeof keywords / sizeof keywords[0])) {
        name = i + 1;
        if (code_is(c, name, "(") && l == LANG_GO) /* receiver */
            name = code_behind(c, name);
    } else if (l == LANG_JAVASCRIPT && code_is(c, i + 1, "=") && !code_is(c, i + 2, "=")) {
        size_t at = i + 2 + (code_is(c, i + 2, "async") ? 1 : 0);
        at += code_is(c, at, "function") ? 1 : 0;
        out->name = code_text(c, i);
        return parameters_at(c, at, out) && body_of(c, header, out);
    } else if ((l == LANG_JAVASCRIPT || l == LANG_JAVA || l == LANG_C || l == LANG_CSHARP) && code_is(c, i + 1, "(")) {
        /* A method or function is a name, a list and a body: `if (…) {` and its like are not. */
        if (SV_IN(code_text(c, i), SV("if"), SV("for"), SV("while"), SV("switch"), SV("catch"), SV("return"), SV("with")))
            return false;
        name = i;
    }
    if (name == SV_NOT_FOUND || !code_is_word(c, name))
        return false;
    out->name = code_text(c, name);
    if (!parameters_at(c, name + 1, out))
        return false;
    if (name == i) { /* the body, or its return type, follows the list at once */
        size_t next = out->close + 1;
        bool typed = l == LANG_JAVASCRIPT && code_is(c, next, ":");
        if (!code_is(c, next, "{") && !typed && !code_is(c, next, "throws") && !code_is(c, next, "="))
            return false;
    }
    return body_of(c, header, out);
}

/* False for most atoms: no keyword begins there, and in the languages that do without one no list or value follows. */
static bool may_be_function(const struct code *c, size_t i, enum lang l)
{
    if (!code_is_word(c, i))
        return false;
    char first = c->text[c->at[i].start];
    bool bare = l == LANG_JAVASCRIPT || l == LANG_JAVA || l == LANG_C || l == LANG_CSHARP;
    return first == 'd' || first == 'f' || (bare && (code_is(c, i + 1, "(") || code_is(c, i + 1, "=")));
}

const struct functions *code_functions(const struct code *c)
{
    if (c->functions != NULL)
        return c->functions;
    struct functions *fns = arena_new(c->facts->arena, struct functions);
    enum lang l = reads_family(c->src->lang);
    for (size_t i = 0; i < c->n; i++) {
        struct function fn = {0};
        if (may_be_function(c, i, l) && code_function(c, i, &fn))
            *vec_new(c->facts->arena, &fns->all, struct function) = fn;
    }
    ((struct code *)c)->functions = fns; /* only what is found out is written behind the const */
    return fns;
}
