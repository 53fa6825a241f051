/* Questions about a program that was read. */
#include "doc/read_program.h"

const struct block *program_block_at(const struct program *c, size_t token)
{
    size_t low = 0, high = c->blocks.n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (c->blocks.at[mid]->body <= token)
            low = mid + 1;
        else
            high = mid;
    }
    const struct block *k = low == 0 ? NULL : c->blocks.at[low - 1];
    while (k != NULL && !(k->body <= token && token < k->body_end))
        k = k->parent;
    return k;
}

const struct block *program_function_at(const struct program *c, size_t token)
{
    const struct block *k = program_block_at(c, token);
    while (k != NULL && k->kind != BLOCK_FUNCTION)
        k = k->parent;
    return k;
}

struct place program_place(const struct program *c, size_t from, size_t to)
{
    if (c->n == 0)
        return (struct place){c->src, 0, 0};
    size_t first = from < c->n ? from : c->n - 1;
    size_t last = to > first && to <= c->n ? to - 1 : first;
    while (last > first && c->at[last].kind == TOKEN_NEWLINE)
        last--;
    return (struct place){c->src, c->at[first].start, c->at[last].start + token_length(&c->at[last])};
}

sv program_text(const struct program *c, size_t from, size_t to)
{
    if (from >= to || from >= c->n)
        return SV_NONE;
    struct place p = program_place(c, from, to);
    return sv_sub(c->src->text, p.start, p.end);
}

static bool is_word_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$';
}

/* An identifier inside {…} of a Python f-string, or behind $ in a shell string. */
static bool interpolates(const struct program *c, size_t string, sv name)
{
    sv text = program_token(c, string);
    bool python = c->lang == LANG_PYTHON && text.n != 0 && (text.p[0] == 'f' || text.p[0] == 'F');
    bool shell = c->lang == LANG_SHELL && text.n != 0 && text.p[0] != '\'';
    if (!python && !shell)
        return false;
    for (size_t at = 0; (at = sv_find_at(text, name, at)) != SV_NOT_FOUND; at++) {
        sv before = sv_sub(text, 0, at);
        bool ends = at + name.n >= text.n || !is_word_byte(text.p[at + name.n]);
        bool starts = at > 0 && (!is_word_byte(text.p[at - 1]) || text.p[at - 1] == '$');
        if (!starts || !ends)
            continue;
        size_t open = sv_rfind_char(before, '{'), close = sv_rfind_char(before, '}');
        bool braces = open != SV_NOT_FOUND && (close == SV_NOT_FOUND || close < open);
        if (python ? braces : text.p[at - 1] == '$' || text.p[at - 1] == '{')
            return true;
    }
    return false;
}

bool program_mentions(const struct program *c, size_t from, size_t to, sv identifier)
{
    if (identifier.n == 0)
        return false;
    for (size_t i = from; i < to && i < c->n; i++) {
        const struct token *t = &c->at[i];
        if (t->kind == TOKEN_WORD && sv_eq(token_text(c->src, t), identifier))
            return true;
        if (t->kind == TOKEN_STRING && interpolates(c, i, identifier))
            return true;
    }
    return false;
}

size_t program_find(const struct program *c, size_t from, size_t to, const char *text)
{
    sv needle = sv_from(text);
    for (size_t i = from; i < to && i < c->n; i++)
        if ((c->at[i].kind == TOKEN_WORD || c->at[i].kind == TOKEN_STRING) && sv_ihas(program_token(c, i), needle))
            return i;
    return SV_NOT_FOUND;
}

bool program_says(const struct program *c, size_t from, size_t to, const char *text)
{
    return program_find(c, from, to, text) != SV_NOT_FOUND;
}

/* Goes through the arguments; `k` counts down over all, or `name` is looked for. */
static bool argument(const struct program *c, const struct call *call, size_t k, sv name, size_t *from, size_t *to)
{
    size_t i = call->open + 1;
    while (i < call->close) {
        size_t end = program_expression_end(c, i);
        if (end > call->close || end < i)
            end = call->close;
        bool named = end - i > 2 && c->at[i].kind == TOKEN_WORD && program_is(c, i + 1, "=");
        bool wanted = name.n != 0 ? named && sv_eq(program_token(c, i), name) : k == 0;
        if (wanted) {
            *from = named ? i + 2 : i, *to = end;
            return end > i;
        }
        if (k > 0)
            k--;
        i = end + 1;
    }
    return false;
}

bool program_argument(const struct program *c, const struct call *call, size_t k, size_t *from, size_t *to)
{
    return argument(c, call, k, SV_NONE, from, to);
}

bool program_named_argument(const struct program *c, const struct call *call, const char *name, size_t *from, size_t *to)
{
    return argument(c, call, 0, sv_from(name), from, to);
}

void program_calls_in(const struct program *c, size_t from, size_t to, size_t *first, size_t *end)
{
    size_t low = 0, high = c->calls.n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (c->calls.at[mid].open < from)
            low = mid + 1;
        else
            high = mid;
    }
    *first = low;
    while (low < c->calls.n && c->calls.at[low].open < to)
        low++;
    *end = low;
}

bool program_leaves(const struct program *c, size_t from, size_t to)
{
    const struct block *function = program_function_at(c, from);
    for (size_t i = from; i < to && i < c->n; i++) {
        const struct token *t = &c->at[i];
        if (t->kind != TOKEN_WORD)
            continue;
        bool plain = SV_IN(token_text(c->src, t), SV("return"), SV("raise"), SV("throw"), SV("exit"), SV("panic"), SV("continue"), SV("break"),
                           SV("abort"), SV("bail"), SV("die"), SV("fail"), SV("_exit"), SV("Fatal"), SV("Fatalf"), SV("Exit"),
                           SV("reject"), SV("unreachable"), SV("fatal"), SV("assert"), SV("ensure"));
        bool asks = c->lang == LANG_RUST && i + 1 < to && (program_is(c, i + 1, "?") || program_is(c, i + 1, "?."));
        if ((plain || asks) && program_function_at(c, i) == function)
            return true;
    }
    return false;
}

const struct assignment *program_assigned(const struct program *c, sv name, size_t token)
{
    const struct block *function = program_function_at(c, token);
    const struct assignment *outside = NULL;
    for (size_t k = c->named->last[sv_hash(name) & c->named->mask]; k != 0; k = c->named->before[k]) {
        const struct assignment *a = &c->assigns.at[k - 1];
        if (!sv_eq(a->target, name))
            continue;
        const struct block *where = program_function_at(c, a->at);
        if (where == function && a->at < token)
            return a;
        if (where == NULL && outside == NULL)
            outside = a;
    }
    return outside;
}
