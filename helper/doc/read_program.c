/* Tokens to blocks, calls and assignments. */
#include "doc/read_program.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

enum { HEADER_TOKENS = 300, STATEMENT_TOKENS = 4000, CHAIN_STEPS = 64, GENERIC_TOKENS = 24 };

struct builder {
    struct arena *arena;
    struct program *c;
    const uint32_t *marks; /* the tokens with that flag */
    size_t n_marks;
};

/* Punctuation of one byte; 0 for anything else. */
static char punct(const struct program *c, const struct token *t) { return t->kind == TOKEN_PUNCT && token_length(t) == 1 ? c->src->text.p[t->start] : 0; }
static bool is_punct(const struct program *c, const struct token *t, char sign) { return punct(c, t) == sign; }
static bool opens(char c) { return c == '(' || c == '[' || c == '{'; }
static bool closes(char c) { return c == ')' || c == ']' || c == '}'; }
static bool is_open(const struct program *c, const struct token *t) { return opens(punct(c, t)); }
static bool is_close(const struct program *c, const struct token *t) { return closes(punct(c, t)); }
static bool is_word(const struct program *c, const struct token *t, const char *text) { return t->kind == TOKEN_WORD && sv_eq(token_text(c->src, t), sv_from(text)); }

/* ---- Marks ---------------------------------------------------------------------------------------- */

/* A token is one or not as it comes: a jump at each would be guessed wrong too often, so it is written first and counted
 * if it is. */
static size_t find_marks(const struct program *c, uint32_t *out)
{
    size_t n = 0;
    for (size_t i = 0, all = c->n; i < all; i++) {
        out[n] = (uint32_t)i;
        n += c->at[i].mark;
    }
    return n;
}

/* ---- Statements --------------------------------------------------------------------------------- */

static bool has_semicolons_only(enum lang l)
{
    return l == LANG_RUST || l == LANG_JAVA || l == LANG_CSHARP || l == LANG_C || l == LANG_CPP || l == LANG_PHP ||
           l == LANG_SOLIDITY;
}

/* A token that cannot begin a statement: the line before goes on. */
static bool continues(const struct program *c, const struct token *t)
{
    return t->kind == TOKEN_PUNCT &&
           SV_IN(token_text(c->src, t), SV("."), SV("?."), SV("&&"), SV("||"), SV("??"), SV("?"), SV(":"), SV("=>"), SV("="), SV("=="),
                 SV("==="), SV("!="), SV("!=="), SV("+"), SV(","), SV("|"), SV(")"), SV("]"));
}

/* A token that cannot end one. */
static bool awaits_more(const struct program *c, const struct token *t)
{
    return t->kind == TOKEN_PUNCT && !SV_IN(token_text(c->src, t), SV(")"), SV("]"), SV("}"), SV("++"), SV("--"), SV("!"), SV(";"), SV("?"));
}

/* Does the NEWLINE at `i` end a statement? */
static bool newline_ends(const struct program *c, size_t i)
{
    if (c->lang == LANG_PYTHON || c->lang == LANG_SHELL)
        return true;
    if (has_semicolons_only(c->lang))
        return false;
    if (c->lang == LANG_GO)
        return i == 0 || !awaits_more(c, &c->at[i - 1]);
    bool more = i + 1 < c->n && continues(c, &c->at[i + 1]);
    return !more && !(i > 0 && awaits_more(c, &c->at[i - 1]));
}

static size_t range_end(const struct program *c, size_t from, bool comma_ends)
{
    size_t i = from;
    for (size_t steps = 0; i < c->n && steps < STATEMENT_TOKENS; steps++) {
        const struct token *t = &c->at[i];
        if (is_close(c, t) || is_punct(c, t, ';') || (comma_ends && is_punct(c, t, ',')))
            return i;
        if (t->kind == TOKEN_NEWLINE && i > from && newline_ends(c, i))
            return i;
        i = is_open(c, t) && program_match(c, i) != SV_NOT_FOUND ? program_match(c, i) + 1 : i + 1;
    }
    return i < c->n ? i : c->n;
}

size_t program_statement_end(const struct program *c, size_t from) { return range_end(c, from, false); }
size_t program_expression_end(const struct program *c, size_t from) { return range_end(c, from, true); }

size_t program_statement_start(const struct program *c, size_t token)
{
    size_t i = token;
    for (size_t steps = 0; i > 0 && steps < HEADER_TOKENS; steps++) {
        const struct token *before = &c->at[i - 1];
        if (before->kind == TOKEN_NEWLINE ? newline_ends(c, i - 1) : is_punct(c, before, ';') || is_punct(c, before, '{') || is_punct(c, before, '}'))
            break;
        size_t open = is_close(c, before) ? program_match(c, i - 1) : SV_NOT_FOUND;
        i = open != SV_NOT_FOUND ? open : i - 1;
    }
    return i;
}

/* ---- Blocks ------------------------------------------------------------------------------------- */

static struct block *add_block(struct builder *b, enum block_kind kind, const struct block *parent)
{
    struct block *k = vec_new(b->arena, &b->c->blocks, struct block);
    k->kind = kind;
    k->parent = parent;
    k->decorators = SV_NOT_FOUND;
    return k;
}

static void follow(struct block *later, struct block *earlier)
{
    later->follows = earlier;
    if (earlier != NULL && earlier->next == NULL)
        earlier->next = later;
}

static void take_params(struct builder *b, struct block *f, size_t open)
{
    const struct program *c = b->c;
    if (open >= c->n || !is_punct(c, &c->at[open], '(') || program_match(c, open) == SV_NOT_FOUND)
        return;
    f->params = open + 1;
    f->params_end = program_match(c, open);
}

/* ---- Python: indentation */

static enum block_kind python_kind(sv word)
{
#define ROW(word, kind) {{word, sizeof(word) - 1}, kind}
    static const struct { sv word; enum block_kind kind; } rows[] = {
        ROW("def", BLOCK_FUNCTION), ROW("class", BLOCK_TYPE), ROW("if", BLOCK_IF), ROW("elif", BLOCK_IF), ROW("else", BLOCK_ELSE),
        ROW("try", BLOCK_TRY), ROW("except", BLOCK_CATCH), ROW("finally", BLOCK_FINALLY), ROW("for", BLOCK_LOOP),
        ROW("while", BLOCK_LOOP), ROW("with", BLOCK_OTHER), ROW("case", BLOCK_ARM), ROW("match", BLOCK_OTHER), ROW("async", BLOCK_OTHER),
    };
#undef ROW
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (sv_eq(word, rows[i].word))
            return rows[i].kind;
    return (enum block_kind)-1;
}

static size_t indent_of(const struct program *c, size_t token)
{
    size_t i = c->at[token].start, width = 0;
    while (i > 0 && (c->src->text.p[i - 1] == ' ' || c->src->text.p[i - 1] == '\t'))
        i--;
    for (; i < c->at[token].start; i++)
        width = c->src->text.p[i] == '\t' ? (width / 8 + 1) * 8 : width + 1;
    return width;
}

/* The colon that ends the header of a compound statement. */
static size_t header_colon(const struct program *c, size_t from, size_t to)
{
    size_t lambdas = 0;
    for (size_t i = from; i < to; i++) {
        if (is_open(c, &c->at[i]) && program_match(c, i) != SV_NOT_FOUND)
            i = program_match(c, i);
        else if (is_word(c, &c->at[i], "lambda"))
            lambdas++;
        else if (is_punct(c, &c->at[i], ':') && lambdas-- == 0)
            return i;
    }
    return SV_NOT_FOUND;
}

struct open_block { struct block *block; size_t indent; };
struct open_blocks { struct open_block *at; size_t n, room; };

static void push_block(struct builder *b, struct open_blocks *open, struct block *block, size_t indent)
{
    open->at = arena_grow(b->arena, open->at, sizeof *open->at, open->n, &open->room);
    open->at[open->n++] = (struct open_block){block, indent};
}

static struct block *python_header(struct builder *b, size_t from, size_t to, const struct block *parent)
{
    struct program *c = b->c;
    size_t word = from;
    bool async = is_word(c, &c->at[from], "async") && from + 1 < to;
    if (async)
        word++;
    enum block_kind kind = c->at[word].kind == TOKEN_WORD ? python_kind(program_token(c, word)) : (enum block_kind)-1;
    size_t colon = kind == (enum block_kind)-1 ? SV_NOT_FOUND : header_colon(c, word + 1, to);
    if (colon == SV_NOT_FOUND)
        return NULL;
    struct block *k = add_block(b, kind, parent);
    k->head = from, k->head_end = colon;
    k->body = k->body_end = colon + 1;
    if ((kind == BLOCK_FUNCTION || kind == BLOCK_TYPE) && word + 1 < to)
        k->name = program_token(c, word + 1);
    if (kind == BLOCK_FUNCTION)
        take_params(b, k, word + 2);
    return k;
}

static void python_blocks(struct builder *b)
{
    struct program *c = b->c;
    struct open_blocks open = {0};
    size_t decorators = SV_NOT_FOUND;
    for (size_t from = 0, to; from < c->n; from = to + 1) {
        for (to = from; to < c->n && c->at[to].kind != TOKEN_NEWLINE;)
            to++;
        if (to == from)
            continue;
        size_t indent = indent_of(c, from);
        struct block *before = NULL;
        while (open.n > 0 && open.at[open.n - 1].indent >= indent) {
            struct open_block ended = open.at[--open.n];
            ended.block->body_end = from;
            before = ended.indent == indent ? ended.block : NULL;
        }
        if (is_punct(c, &c->at[from], '@')) {
            decorators = decorators == SV_NOT_FOUND ? from : decorators;
            continue;
        }
        struct block *k = python_header(b, from, to, open.n == 0 ? NULL : open.at[open.n - 1].block);
        if (k != NULL) {
            k->decorators = k->kind == BLOCK_FUNCTION || k->kind == BLOCK_TYPE ? decorators : SV_NOT_FOUND;
            if (SV_IN(program_token(c, from), SV("elif"), SV("else"), SV("except"), SV("finally")))
                follow(k, before);
            k->body_end = to;
            push_block(b, &open, k, indent);
        }
        decorators = SV_NOT_FOUND;
    }
    while (open.n > 0)
        open.at[--open.n].block->body_end = c->n;
}

/* ---- Shell: keywords */

static struct block *shell_open(struct builder *b, struct open_blocks *open, enum block_kind kind, size_t head, size_t head_end)
{
    const struct block *parent = open->n == 0 ? NULL : open->at[open->n - 1].block;
    struct block *k = add_block(b, kind, parent);
    k->head = head, k->head_end = head_end;
    k->body = k->body_end = head_end + 1;
    push_block(b, open, k, 0);
    return k;
}

static struct block *shell_close(struct open_blocks *open, size_t at)
{
    if (open->n == 0)
        return NULL;
    struct block *k = open->at[--open->n].block;
    k->body_end = at;
    return k;
}

static bool at_command(const struct program *c, size_t i)
{
    if (i == 0 || c->at[i - 1].kind == TOKEN_NEWLINE)
        return true;
    const struct token *before = &c->at[i - 1];
    return is_punct(c, before, ';') || is_punct(c, before, '&') || is_punct(c, before, '|') || is_punct(c, before, '{') ||
           is_punct(c, before, ')') || is_punct(c, before, '(') ||
           (before->kind == TOKEN_PUNCT && SV_IN(token_text(c->src, before), SV("&&"), SV("||"))) ||
           (before->kind == TOKEN_WORD && SV_IN(token_text(c->src, before), SV("then"), SV("do"), SV("else"), SV("time")));
}

/* A function's `{`: "name() {" or "function name {". */
static sv shell_function(const struct program *c, size_t brace)
{
    size_t i = brace;
    while (i > 0 && c->at[i - 1].kind == TOKEN_NEWLINE)
        i--;
    if (i >= 3 && is_punct(c, &c->at[i - 1], ')') && is_punct(c, &c->at[i - 2], '('))
        return program_token(c, i - 3);
    return i >= 2 && is_word(c, &c->at[i - 2], "function") ? program_token(c, i - 1) : SV_NONE;
}

static void shell_blocks(struct builder *b)
{
    struct program *c = b->c;
    struct open_blocks open = {0};
    size_t condition = SV_NOT_FOUND;
    struct block *before = NULL; /* the branch an `elif` or `else` follows */
    for (size_t i = 0; i < c->n; i++) {
        const struct token *t = &c->at[i];
        if (is_punct(c, t, '{') && shell_function(c, i).n != 0)
            shell_open(b, &open, BLOCK_FUNCTION, i, i)->name = shell_function(c, i);
        else if (is_punct(c, t, '}') && open.n > 0 && open.at[open.n - 1].block->kind == BLOCK_FUNCTION)
            (void)shell_close(&open, i);
        if (t->kind != TOKEN_WORD || !at_command(c, i))
            continue;
        if (is_word(c, t, "if"))
            condition = i, before = NULL;
        else if (is_word(c, t, "elif"))
            condition = i, before = shell_close(&open, i);
        else if (is_word(c, t, "then") && condition != SV_NOT_FOUND) {
            follow(shell_open(b, &open, BLOCK_IF, condition, i), before);
            condition = SV_NOT_FOUND, before = NULL;
        } else if (is_word(c, t, "else")) {
            before = shell_close(&open, i);
            follow(shell_open(b, &open, BLOCK_ELSE, i, i), before);
        } else if (is_word(c, t, "do"))
            (void)shell_open(b, &open, BLOCK_LOOP, i, i);
        else if (is_word(c, t, "fi") || is_word(c, t, "done"))
            (void)shell_close(&open, i);
    }
    while (open.n > 0)
        (void)shell_close(&open, c->n);
}

/* ---- The others: braces */

static bool is_js(enum lang l) { return l == LANG_JAVASCRIPT || l == LANG_TYPESCRIPT; }

/* The first token of the type arguments that the `>` at `close` ends: `<` of Result<A, B>; SV_NOT_FOUND. */
static size_t type_arguments(const struct program *c, size_t close)
{
    size_t nested = 0;
    for (size_t k = close, steps = 0; steps < GENERIC_TOKENS; k--, steps++) {
        if (is_punct(c, &c->at[k], '>'))
            nested++;
        else if (is_punct(c, &c->at[k], '<') && --nested == 0)
            return k > 0 && c->at[k - 1].kind == TOKEN_WORD ? k : SV_NOT_FOUND;
        else if (is_close(c, &c->at[k]) && program_match(c, k) != SV_NOT_FOUND)
            k = program_match(c, k);
        if (k == 0)
            break;
    }
    return SV_NOT_FOUND;
}

/* `for _, x := range xs {`, `if v, ok := m[k]; ok {`: a comma of Go that stands in the header itself. */
static bool is_go_header_comma(const struct program *c, size_t comma)
{
    size_t i = comma;
    while (c->lang == LANG_GO && i > 0 && c->at[i - 1].kind != TOKEN_NEWLINE && !is_open(c, &c->at[i - 1]) && !is_punct(c, &c->at[i - 1], '}'))
        i--;
    return c->lang == LANG_GO && (is_word(c, &c->at[i], "for") || is_word(c, &c->at[i], "if") || is_word(c, &c->at[i], "switch"));
}

/* Where the header of the `{` or `=>` at `brace` begins. */
static size_t header_start(const struct program *c, size_t brace)
{
    size_t i = brace;
    for (size_t steps = 0; i > 0 && steps < HEADER_TOKENS; steps++) {
        const struct token *t = &c->at[i - 1];
        if (is_close(c, t) && program_match(c, i - 1) != SV_NOT_FOUND) {
            /* a block that ended, or a type like Promise<{…}> */
            if (is_punct(c, t, '}') && (i >= c->n || !(is_punct(c, &c->at[i], '>') || is_punct(c, &c->at[i], '|') || is_punct(c, &c->at[i], '['))))
                break;
            i = program_match(c, i - 1);
            continue;
        }
        size_t generic = is_punct(c, t, '>') ? type_arguments(c, i - 1) : SV_NOT_FOUND;
        if (generic != SV_NOT_FOUND) {
            i = generic;
            continue;
        }
        if (is_open(c, t) || (is_punct(c, t, ',') && !is_go_header_comma(c, i - 1)))
            break;
        if (is_punct(c, t, ';') && c->lang != LANG_GO)
            break;
        if (t->kind == TOKEN_NEWLINE && i != brace && newline_ends(c, i - 1))
            break;
        i--;
    }
    while (i < brace && c->at[i].kind == TOKEN_NEWLINE)
        i++;
    return i;
}

/* A keyword of the header outside brackets; the last one decides. */
static enum block_kind header_kind(const struct program *c, size_t from, size_t to, size_t *keyword)
{
    enum block_kind kind = (enum block_kind)-1;
    for (size_t i = from; i < to; i++) {
        const struct token *t = &c->at[i];
        if (is_open(c, t) && program_match(c, i) != SV_NOT_FOUND && program_match(c, i) < to) {
            i = program_match(c, i);
            continue;
        }
        enum block_kind found = (enum block_kind)-1;
        if (t->kind == TOKEN_PUNCT && sv_eq(token_text(c->src, t), SV("=>")))
            found = c->lang == LANG_RUST ? BLOCK_ARM : BLOCK_FUNCTION;
        else if (t->kind == TOKEN_PUNCT && c->lang == LANG_RUST && (is_punct(c, t, '|') || sv_eq(token_text(c->src, t), SV("||"))) &&
                 kind == (enum block_kind)-1)
            found = BLOCK_FUNCTION;
        else if (t->kind != TOKEN_WORD || (i > 0 && is_punct(c, &c->at[i - 1], '.')))
            continue;
        else if (SV_IN(token_text(c->src, t), SV("fn"), SV("func"), SV("function"), SV("fun")))
            found = BLOCK_FUNCTION;
        else if (sv_eq(token_text(c->src, t), SV("if")))
            found = BLOCK_IF;
        else if (sv_eq(token_text(c->src, t), SV("else")))
            found = BLOCK_ELSE;
        else if (SV_IN(token_text(c->src, t), SV("for"), SV("while"), SV("loop"), SV("do")))
            found = kind == BLOCK_TYPE ? kind : BLOCK_LOOP; /* impl X for Y */
        else if (SV_IN(token_text(c->src, t), SV("match"), SV("switch"), SV("select"), SV("unsafe")) && kind != BLOCK_FUNCTION)
            found = BLOCK_OTHER;
        else if (sv_eq(token_text(c->src, t), SV("try")))
            found = BLOCK_TRY;
        else if (sv_eq(token_text(c->src, t), SV("catch")))
            found = BLOCK_CATCH;
        else if (sv_eq(token_text(c->src, t), SV("finally")))
            found = BLOCK_FINALLY;
        else if (SV_IN(token_text(c->src, t), SV("class"), SV("struct"), SV("impl"), SV("trait"), SV("interface"), SV("enum"), SV("mod"),
                       SV("namespace"), SV("contract")) && kind == (enum block_kind)-1)
            found = BLOCK_TYPE;
        if (found == (enum block_kind)-1)
            continue;
        if (kind == BLOCK_FUNCTION && found != BLOCK_FUNCTION)
            continue;
        if (found == BLOCK_TYPE && kind == BLOCK_TYPE)
            continue;
        kind = found;
        *keyword = i;
    }
    return kind;
}

/* `name(params) {` of a class or an object; SV_NOT_FOUND where the header is none. */
static size_t method_name(const struct program *c, size_t from, size_t to)
{
    for (size_t i = from; i + 1 < to; i++) {
        if (c->at[i].kind == TOKEN_WORD && is_punct(c, &c->at[i + 1], '(') && program_match(c, i + 1) != SV_NOT_FOUND && program_match(c, i + 1) < to)
            return SV_IN(program_token(c, i), SV("return"), SV("await"), SV("throw")) ? SV_NOT_FOUND : i;
        if (c->at[i].kind == TOKEN_PUNCT && !SV_IN(program_token(c, i), SV("*"), SV("<"), SV(">"), SV(":"), SV("#")))
            return SV_NOT_FOUND;
    }
    return SV_NOT_FOUND;
}

/* The name a function is stored under: `name = `, `name: `, `'/route': `. */
static sv stored_name(const struct program *c, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        const struct token *t = &c->at[i];
        if (i > from && (is_punct(c, t, '=') || is_punct(c, t, ':') || (t->kind == TOKEN_PUNCT && sv_eq(token_text(c->src, t), SV(":="))))) {
            const struct token *name = &c->at[i - 1];
            return name->kind == TOKEN_STRING ? token_string(c->src, name) : name->kind == TOKEN_WORD ? token_text(c->src, name) : SV_NONE;
        }
        if (is_open(c, t))
            break;
    }
    return SV_NONE;
}

static void name_function(struct builder *b, struct block *k, size_t from, size_t keyword, size_t brace)
{
    struct program *c = b->c;
    if (sv_eq(program_token(c, keyword), SV("=>"))) {
        k->name = stored_name(c, from, keyword);
        size_t last = keyword;
        for (size_t i = from; i < keyword; i++)
            if (is_punct(c, &c->at[i], '(') && program_match(c, i) != SV_NOT_FOUND && program_match(c, i) < keyword) {
                last = i;
                i = program_match(c, i);
            }
        if (last != keyword)
            take_params(b, k, last);
        else if (keyword > from)
            k->params = keyword - 1, k->params_end = keyword;
        return;
    }
    size_t i = keyword + 1;
    if (c->lang == LANG_GO && i < brace && is_punct(c, &c->at[i], '(') && program_match(c, i) != SV_NOT_FOUND && program_match(c, i) + 1 < brace &&
        c->at[program_match(c, i) + 1].kind == TOKEN_WORD && program_match(c, i) + 2 < brace && is_punct(c, &c->at[program_match(c, i) + 2], '('))
        i = program_match(c, i) + 1; /* the receiver */
    if (i < brace && c->at[i].kind == TOKEN_WORD) {
        k->name = program_token(c, i);
        while (i < brace && !is_punct(c, &c->at[i], '('))
            i++;
    } else
        k->name = stored_name(c, from, keyword);
    take_params(b, k, i);
}

/* A block for the `{` at `brace`; NULL where it opens a literal. */
static struct block *brace_header(struct builder *b, size_t brace, const struct block *parent)
{
    struct program *c = b->c;
    if (is_js(c->lang) && brace > 0 && (is_punct(c, &c->at[brace - 1], '<') || is_punct(c, &c->at[brace - 1], ':') || is_punct(c, &c->at[brace - 1], '|')))
        return NULL; /* a type or the value of a key */
    size_t from = header_start(c, brace), keyword = from;
    enum block_kind kind = header_kind(c, from, brace, &keyword);
    bool arrow = brace > 0 && c->at[brace - 1].kind == TOKEN_PUNCT && sv_eq(program_token(c, brace - 1), SV("=>"));
    size_t method = kind == (enum block_kind)-1 && c->lang != LANG_RUST && c->lang != LANG_GO ? method_name(c, from, brace) : SV_NOT_FOUND;
    if (method != SV_NOT_FOUND)
        kind = BLOCK_FUNCTION;
    if (kind == BLOCK_FUNCTION && is_js(c->lang) && !arrow && is_punct(c, &c->at[brace - 1], '='))
        return NULL;
    if (kind == (enum block_kind)-1) {
        bool starts = from == brace && (brace == 0 || c->at[brace - 1].kind == TOKEN_NEWLINE || is_punct(c, &c->at[brace - 1], ';') ||
                                        is_punct(c, &c->at[brace - 1], '{') || is_punct(c, &c->at[brace - 1], '}'));
        if (!starts && !(c->lang == LANG_RUST && brace > 0 && (is_punct(c, &c->at[brace - 1], '=') || is_word(c, &c->at[brace - 1], "move") ||
                                                                is_word(c, &c->at[brace - 1], "async"))))
            return NULL;
        kind = BLOCK_OTHER;
    }
    struct block *k = add_block(b, kind, parent);
    k->head = from, k->head_end = brace;
    if (kind == BLOCK_IF)
        k->head = keyword;
    if (method != SV_NOT_FOUND) {
        k->name = program_token(c, method);
        take_params(b, k, method + 1);
    } else if (kind == BLOCK_FUNCTION)
        name_function(b, k, from, keyword, brace);
    else if (kind == BLOCK_TYPE && keyword + 1 < brace)
        k->name = program_token(c, keyword + 1);
    return k;
}

/* `if (x) return;` and `x => expr`: a body without braces. */
static void bare_body(struct builder *b, size_t i, const struct block *parent)
{
    struct program *c = b->c;
    const struct token *t = &c->at[i];
    if (is_js(c->lang) && is_word(c, t, "if") && i + 1 < c->n && is_punct(c, &c->at[i + 1], '(') && program_match(c, i + 1) != SV_NOT_FOUND) {
        size_t body = program_match(c, i + 1) + 1;
        while (body < c->n && c->at[body].kind == TOKEN_NEWLINE)
            body++;
        if (body >= c->n || is_punct(c, &c->at[body], '{'))
            return;
        struct block *k = add_block(b, BLOCK_IF, parent);
        k->head = i, k->head_end = program_match(c, i + 1) + 1;
        k->body = body, k->body_end = program_statement_end(c, body);
        return;
    }
    bool arrow = t->kind == TOKEN_PUNCT && sv_eq(token_text(c->src, t), SV("=>"));
    if (!arrow || i + 1 >= c->n || is_punct(c, &c->at[i + 1], '{') || !(is_js(c->lang) || c->lang == LANG_RUST))
        return;
    struct block *k = add_block(b, is_js(c->lang) ? BLOCK_FUNCTION : BLOCK_ARM, parent);
    k->head = header_start(c, i), k->head_end = i;
    k->body = i + 1, k->body_end = program_expression_end(c, i + 1);
    if (k->kind == BLOCK_FUNCTION)
        name_function(b, k, k->head, i, i);
}

static void brace_blocks(struct builder *b)
{
    struct program *c = b->c;
    struct level { struct block *block; struct block *closed; } *stack = NULL;
    size_t depth = 0, room = 0; /* stack[0] is the file */
    stack = arena_grow(b->arena, stack, sizeof *stack, depth, &room);
    for (size_t k = 0; k < b->n_marks; k++) {
        size_t i = b->marks[k];
        const struct block *parent = stack[depth].block;
        char mark = punct(c, &c->at[i]);
        if (mark == '(' && is_js(c->lang) && i > 0 && is_word(c, &c->at[i - 1], "if"))
            bare_body(b, i - 1, parent);
        else if (mark == '{' && program_match(c, i) != SV_NOT_FOUND) {
            struct block *block = brace_header(b, i, parent);
            if (block != NULL) {
                block->body = i + 1, block->body_end = program_match(c, i);
                bool is_next = block->kind == BLOCK_ELSE || block->kind == BLOCK_CATCH || block->kind == BLOCK_FINALLY ||
                               (block->kind == BLOCK_IF && block->head > 0 && is_word(c, &c->at[block->head - 1], "else"));
                if (is_next)
                    follow(block, stack[depth].closed);
                stack[depth].closed = block;
            }
            depth++;
            stack = arena_grow(b->arena, stack, sizeof *stack, depth, &room);
            stack[depth] = (struct level){block != NULL ? block : stack[depth - 1].block, NULL};
        } else if (mark == '}' && program_match(c, i) != SV_NOT_FOUND && depth > 0)
            depth--;
        else if (mark == 0) /* `=>` */
            bare_body(b, i, parent);
    }
}

/* ---- Calls and assignments ------------------------------------------------------------------------ */

static bool is_keyword(sv w)
{
    return SV_IN(w, SV("if"), SV("for"), SV("while"), SV("switch"), SV("catch"), SV("function"), SV("return"), SV("and"), SV("or"),
                 SV("not"), SV("in"), SV("elif"), SV("func"), SV("fn"), SV("match"), SV("await"), SV("yield"), SV("typeof"),
                 SV("assert"), SV("lambda"), SV("print_"), SV("else"), SV("case"), SV("except"), SV("raise"), SV("with"), SV("let"),
                 SV("const"), SV("var"));
}

/* The token behind which a generic argument list `<…>` begins, or `i` itself. */
static size_t before_generics(const struct program *c, size_t i)
{
    if (!is_punct(c, &c->at[i], '>'))
        return i;
    size_t nested = 0;
    for (size_t k = i, steps = 0; k > 0 && steps < GENERIC_TOKENS; k--, steps++) {
        if (is_punct(c, &c->at[k], '>'))
            nested++;
        else if (is_punct(c, &c->at[k], '<') && --nested == 0) {
            if (k >= 2 && sv_eq(program_token(c, k - 1), SV("::")))
                return k - 2;
            return k - 1;
        }
    }
    return i;
}

static size_t chain_start(const struct program *c, size_t last)
{
    size_t i = last;
    for (size_t steps = 0; i >= 2 && steps < CHAIN_STEPS; steps++) {
        size_t dot = i - 1;
        if (c->at[dot].kind == TOKEN_NEWLINE && dot > 0)
            dot--;
        if (c->at[dot].kind != TOKEN_PUNCT || !SV_IN(program_token(c, dot), SV("."), SV("?."), SV("::"), SV("->")) || dot == 0)
            return i;
        size_t k = dot - 1;
        if (c->at[k].kind == TOKEN_NEWLINE && k > 0)
            k--;
        while (k > 0 && is_punct(c, &c->at[k], '?'))
            k--;
        while (is_close(c, &c->at[k]) && !is_punct(c, &c->at[k], '}') && program_match(c, k) != SV_NOT_FOUND && program_match(c, k) > 0) {
            size_t callee = before_generics(c, program_match(c, k) - 1);
            if (c->at[callee].kind != TOKEN_WORD && !is_close(c, &c->at[callee]))
                break;
            k = callee;
        }
        if (is_punct(c, &c->at[k], ')') && program_match(c, k) != SV_NOT_FOUND)
            return program_match(c, k); /* (await x).json() */
        if (c->at[k].kind != TOKEN_WORD && c->at[k].kind != TOKEN_STRING)
            return i;
        i = k;
    }
    return i;
}

/* Nothing but modifiers stands between the name and the member before it. */
static bool begins_member(const struct program *c, size_t name)
{
    while (name > 0 && c->at[name - 1].kind == TOKEN_WORD &&
           SV_IN(program_token(c, name - 1), SV("abstract"), SV("public"), SV("protected"), SV("private"), SV("readonly"), SV("static"), SV("declare")))
        name--;
    const struct token *before = name > 0 ? &c->at[name - 1] : NULL;
    return before != NULL && (before->kind == TOKEN_NEWLINE || is_punct(c, before, '{') || is_punct(c, before, ';') || is_punct(c, before, ','));
}

/* `func (s *Server) Name(…)` and the methods of an interface: what is declared, and not called. */
static bool declares_method(const struct program *c, size_t name)
{
    if (c->lang != LANG_GO || name == 0)
        return false;
    size_t receiver = is_punct(c, &c->at[name - 1], ')') ? program_match(c, name - 1) : SV_NOT_FOUND;
    if (receiver != SV_NOT_FOUND)
        return receiver > 0 && program_is(c, receiver - 1, "func");
    const struct block *b = begins_member(c, name) ? program_block_at(c, name) : NULL;
    return b != NULL && b->kind == BLOCK_TYPE && program_says(c, b->head, b->head_end, "interface");
}

static void take_call(struct builder *b, size_t open)
{
    struct program *c = b->c;
    if (open == 0)
        return;
    size_t last = before_generics(c, open - 1);
    if (is_punct(c, &c->at[last], '!') && last > 0 && c->lang == LANG_RUST)
        last--;
    if (is_punct(c, &c->at[last], '.') || (c->at[last].kind == TOKEN_PUNCT && sv_eq(program_token(c, last), SV("?."))))
        last = last > 0 ? last - 1 : last;
    bool method = last > 0 && c->at[last - 1].kind == TOKEN_PUNCT && SV_IN(program_token(c, last - 1), SV("."), SV("?."));
    if (c->at[last].kind != TOKEN_WORD || (is_keyword(program_token(c, last)) && !method))
        return;
    if (last > 0 && c->at[last - 1].kind == TOKEN_WORD && SV_IN(program_token(c, last - 1), SV("def"), SV("function"), SV("fn"), SV("func"), SV("class")))
        return;
    if (c->lang == LANG_RUST && last > 1 && is_punct(c, &c->at[last - 1], '[') && is_punct(c, &c->at[last - 2], '#'))
        return; /* an attribute: #[error("…")] */
    size_t close = program_match(c, open);
    if (is_js(c->lang) && close + 1 < c->n && is_punct(c, &c->at[close + 1], '{'))
        return;
    if (!method && is_js(c->lang) && close + 1 < c->n && is_punct(c, &c->at[close + 1], ':') && begins_member(c, last))
        return; /* of an interface: getQuote(data: string): Promise<Quote> */
    if (!method && declares_method(c, last))
        return;
    size_t from = chain_start(c, last);
    *array_new(b->arena, &c->calls) = (struct call){
        .name = program_token(c, last), .chain = sv_trim(sv_sub(c->src->text, c->at[from].start, c->at[open].start)),
        .from = (uint32_t)from, .open = (uint32_t)open, .close = (uint32_t)close,
    };
}

static bool is_declared(const struct program *c, size_t target)
{
    size_t start = target;
    for (size_t steps = 0; start > 0 && steps < 3; steps++) {
        const struct token *t = &c->at[start - 1];
        if (t->kind == TOKEN_WORD && SV_IN(token_text(c->src, t), SV("let"), SV("const"), SV("var"), SV("static")))
            return true;
        if (t->kind != TOKEN_WORD)
            return false;
        start--;
    }
    return false;
}

/* `const { key: publicKey, other } = value` */
static void take_destructured(struct builder *b, size_t open, size_t value, size_t value_end)
{
    struct program *c = b->c;
    for (size_t i = open + 1; i < program_match(c, open); i++) {
        if (is_open(c, &c->at[i]) && program_match(c, i) != SV_NOT_FOUND) {
            i = program_match(c, i);
            continue;
        }
        const struct token *next = &c->at[i + 1];
        if (c->at[i].kind != TOKEN_WORD || !(is_punct(c, next, ',') || is_close(c, next) || is_punct(c, next, '=') || next->kind == TOKEN_NEWLINE))
            continue;
        bool renamed = i >= 2 && is_punct(c, &c->at[i - 1], ':');
        *array_new(b->arena, &c->assigns) = (struct assignment){
            .target = program_token(c, i), .field = program_token(c, renamed ? i - 2 : i),
            .at = (uint32_t)i, .value = (uint32_t)value, .value_end = (uint32_t)value_end, .declares = true,
        };
    }
}

static void take_assignment(struct builder *b, size_t eq)
{
    struct program *c = b->c;
    if (eq == 0)
        return;
    size_t value = eq + 1;
    while (value < c->n && c->at[value].kind == TOKEN_NEWLINE && !newline_ends(c, value))
        value++;
    size_t end = program_statement_end(c, value), target = eq - 1;
    if (c->lang == LANG_RUST && is_punct(c, &c->at[target], ')') && program_match(c, target) != SV_NOT_FOUND) {
        take_destructured(b, program_match(c, target), value, end); /* let (parts, body) = …, if let Some(x) = … */
        return;
    }
    if (is_close(c, &c->at[target]) && program_match(c, target) != SV_NOT_FOUND && !is_punct(c, &c->at[target], ')')) {
        size_t open = program_match(c, target);
        if (is_js(c->lang) && open > 0 && c->at[open - 1].kind == TOKEN_WORD && is_declared(c, open)) {
            take_destructured(b, open, value, end);
            return;
        }
        if (open > 0 && is_punct(c, &c->at[target], ']') && target == open + 2 && c->at[open + 1].kind == TOKEN_STRING)
            target = open + 1; /* report["quote"] = … */
    }
    target = before_generics(c, target);
    /* `name: Type = value` */
    for (size_t k = target, steps = 0; k > 0 && steps < 12 && c->at[k].kind != TOKEN_NEWLINE; k--, steps++)
        if (is_punct(c, &c->at[k], ':') && c->at[k - 1].kind == TOKEN_WORD) {
            target = k - 1;
            break;
        } else if (is_punct(c, &c->at[k], ',') || is_open(c, &c->at[k]) || is_punct(c, &c->at[k], ';'))
            break;
    if (c->lang == LANG_GO && is_punct(c, &c->at[eq], '=') && target > 1 && c->at[target - 1].kind == TOKEN_WORD &&
        !SV_IN(program_token(c, target - 1), SV("var"), SV("const"), SV("if"), SV("for"), SV("switch"), SV("case"), SV("else")))
        target--; /* `name Type = value` */
    if (c->at[target].kind != TOKEN_WORD && c->at[target].kind != TOKEN_STRING)
        return;
    struct assignment a = {
        .target = c->at[target].kind == TOKEN_STRING ? program_string(c, target) : program_token(c, target),
        .at = (uint32_t)target, .value = (uint32_t)value, .value_end = (uint32_t)end,
        .declares = is_declared(c, target) || sv_eq(program_token(c, eq), SV(":=")),
    };
    *array_new(b->arena, &c->assigns) = a;
    for (size_t t = target; (c->lang == LANG_GO || c->lang == LANG_PYTHON) && t >= 2 && is_punct(c, &c->at[t - 1], ',') && c->at[t - 2].kind == TOKEN_WORD; t -= 2) {
        a.at = (uint32_t)t - 2;
        a.target = program_token(c, t - 2);
        *array_new(b->arena, &c->assigns) = a;
    }
}

static void take_calls(struct builder *b)
{
    const struct program *c = b->c;
    for (size_t k = 0; k < b->n_marks; k++)
        if (program_first(c, b->marks[k]) == '(' && program_match(c, b->marks[k]) != SV_NOT_FOUND)
            take_call(b, b->marks[k]);
    array_end(b->arena, &b->c->calls);
}

/* `=` between parentheses names an argument or gives a parameter its default: no assignment. */
static void take_assignments(struct builder *b)
{
    struct program *c = b->c;
    size_t list_end = 0; /* behind the parentheses we are directly in; blocks inside end that */
    for (size_t k = 0; k < b->n_marks; k++) {
        size_t i = b->marks[k];
        char mark = punct(c, &c->at[i]);
        if (mark == '(') {
            if (program_match(c, i) != SV_NOT_FOUND && program_match(c, i) > list_end && !bracket_holds_lines(c->src->text, c->at, i, c->lang))
                list_end = program_match(c, i);
        } else if (mark == '{' && c->lang != LANG_PYTHON)
            list_end = i;
        else if ((mark == '=' && i >= list_end) || (mark == 0 && sv_eq(program_token(c, i), SV(":="))))
            take_assignment(b, i);
    }
    array_end(b->arena, &c->assigns);
}

/* For each name the last assignment to it, and for each assignment the one before it: a name is asked for often. */
static void index_assigns(struct builder *b)
{
    struct program *c = b->c;
    struct named_before *x = arena_new(b->arena, struct named_before);
    uint32_t buckets = 16;
    while (buckets < c->assigns.n)
        buckets *= 2;
    x->mask = buckets - 1;
    x->last = arena_array(b->arena, uint32_t, buckets);
    x->before = arena_array(b->arena, uint32_t, c->assigns.n + 1);
    for (uint32_t i = 0; i < c->assigns.n; i++) {
        uint32_t *last = &x->last[sv_hash(c->assigns.at[i].target) & x->mask];
        x->before[i + 1] = *last;
        *last = i + 1;
    }
    c->named = x;
}

static int by_body(const void *a, const void *b)
{
    const struct block *x = *(struct block *const *)a, *y = *(struct block *const *)b;
    if (x->body != y->body)
        return x->body < y->body ? -1 : 1;
    if (x->body_end != y->body_end)
        return x->body_end > y->body_end ? -1 : 1;
    return (x->head > y->head) - (x->head < y->head);
}

/* A body without braces can hold blocks that were met before it was known. */
static void nest_blocks(struct builder *b)
{
    struct program *c = b->c;
    if (c->blocks.n == 0)
        return;
    qsort(c->blocks.at, c->blocks.n, sizeof *c->blocks.at, by_body);
    struct block **stack = arena_array(b->arena, struct block *, c->blocks.n);
    size_t depth = 0;
    for (size_t i = 0; i < c->blocks.n; i++) {
        struct block *k = c->blocks.at[i];
        while (depth > 0 && stack[depth - 1]->body_end <= k->body)
            depth--;
        k->parent = depth == 0 ? NULL : stack[depth - 1];
        stack[depth++] = k;
    }
}

enum lang program_language(enum lang l)
{
    switch (l) {
    case LANG_HTML:
        return LANG_JAVASCRIPT;
    case LANG_PYTHON: case LANG_JAVASCRIPT: case LANG_TYPESCRIPT: case LANG_RUST: case LANG_GO: case LANG_SHELL:
    case LANG_SOLIDITY:
        return l;
    default:
        return LANG_NONE;
    }
}

const struct program *read_program(struct repo *r, const struct source *src)
{
    enum lang lang = program_language(src->lang);
    if (lang == LANG_NONE)
        return NULL;
    if (src->program != NULL)
        return src->program;
    const struct tokens *t = src->lang == LANG_HTML ? read_page_scripts(r, src) : read_tokens(r, src);
    struct program *c = arena_new(r->arena, struct program);
    *c = (struct program){.src = src, .lang = lang, .at = t->at, .n = t->n, .comments = t->comments, .n_comments = t->n_comments};
    struct buf room = {0};
    uint32_t *marked = (void *)buf_room(&room, (c->n + 1) * sizeof *marked);
    struct builder b = {.arena = r->arena, .c = c, .marks = marked, .n_marks = find_marks(c, marked)};
    if (lang == LANG_PYTHON)
        python_blocks(&b);
    else if (lang == LANG_SHELL)
        shell_blocks(&b);
    else
        brace_blocks(&b);
    nest_blocks(&b);
    take_calls(&b);
    take_assignments(&b);
    index_assigns(&b);
    buf_free(&room);
    /* as with tokens: only the cache is written behind the const */
    ((struct source *)src)->program = c;
    return c;
}
