/* Shell text to simple commands. Control structures are flattened: a check asks which programs run
 * with which words, not which branch. Total on any bytes: what is no shell gives odd commands. */
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "doc/read.h"

enum { HEREDOCS = 16, NESTED_CASES = 32, NESTED_BRACES = 64, WORD_COPIED = 64 << 10 };

struct pending_heredoc { struct command *command; sv name; bool strip_tabs; };

struct brace { sv function; }; /* the function around it, restored at `}` */

struct parser {
    struct repo *repo;
    struct arena *arena;
    struct shell *out;
    sv text;        /* the source */
    size_t at, end; /* end: of the text, or of the backticks read now */
    size_t depth;
    bool condition; /* between if/while and then/do */
    sv function, pending_function;
    struct brace braces[NESTED_BRACES];
    size_t n_braces;
    struct pending_heredoc heredocs[HEREDOCS];
    size_t n_heredocs;
    struct buf scratch; /* words under construction, innermost last */
    VEC(struct word) words; /* of the simple commands under construction, innermost last */
};

struct ends { struct command *first, *last; }; /* of a list: what operators around it belong to */

static struct ends read_list(struct parser *p, char close);
static bool read_word(struct parser *p, struct word *w);

static char peek(const struct parser *p, size_t ahead)
{
    return p->at + ahead < p->end ? p->text.p[p->at + ahead] : 0;
}
static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }
static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool ends_word(char c) { return c == 0 || is_blank(c) || strchr("\n;&|<>()", c) != NULL; }
static bool sees(const struct parser *p, const char *s)
{
    size_t n = strlen(s);
    return p->at + n <= p->end && memcmp(p->text.p + p->at, s, n) == 0;
}

static void skip_blanks(struct parser *p)
{
    for (;;) {
        if (is_blank(peek(p, 0)))
            p->at++;
        else if (peek(p, 0) == '\\' && peek(p, 1) == '\n')
            p->at += 2;
        else if (peek(p, 0) == '\\' && peek(p, 1) == '\r' && peek(p, 2) == '\n')
            p->at += 3;
        else
            return;
    }
}

static void skip_line(struct parser *p)
{
    while (p->at < p->end && p->text.p[p->at] != '\n')
        p->at++;
}

/* ---- Heredocs ------------------------------------------------------------------------------- */

/* Commands inside $(…) of an unquoted body run too. */
static void read_expansions_until(struct parser *p, size_t end)
{
    size_t outer_end = p->end, mark = p->scratch.n;
    p->end = end;
    while (p->at < p->end) {
        struct word w = {0};
        if (peek(p, 0) == '$' && peek(p, 1) == '(')
            (void)read_word(p, &w);
        else
            p->at += peek(p, 0) == '\\' && p->at + 1 < p->end ? 2 : 1;
    }
    p->at = end;
    p->end = outer_end;
    p->scratch.n = mark;
}

static void read_heredoc(struct parser *p, struct pending_heredoc h)
{
    size_t start = p->at, line = start, stop = start;
    while (line < p->end) {
        stop = line;
        while (stop < p->end && p->text.p[stop] != '\n')
            stop++;
        sv text = sv_sub(p->text, line, stop);
        if (sv_ends(text, SV("\r")))
            text.n--;
        while (h.strip_tabs && text.n != 0 && text.p[0] == '\t')
            text = sv_sub(text, 1, text.n);
        if (sv_eq(text, h.name))
            break;
        line = stop + 1;
    }
    size_t body_end = line < p->end ? line : p->end;
    h.command->heredoc = sv_sub(p->text, start, body_end);
    h.command->heredoc_place = (struct place){p->out->src, start, body_end};
    if (!h.command->heredoc_quoted)
        read_expansions_until(p, body_end);
    p->at = line < p->end ? (stop < p->end ? stop + 1 : stop) : p->end;
}

static void take_newline(struct parser *p)
{
    p->at++;
    size_t n = p->n_heredocs;
    struct pending_heredoc waiting[HEREDOCS];
    memcpy(waiting, p->heredocs, sizeof waiting);
    p->n_heredocs = 0;
    for (size_t i = 0; i < n; i++)
        read_heredoc(p, waiting[i]);
}

/* ---- Words ---------------------------------------------------------------------------------- */

static void keep(struct parser *p, size_t from, size_t to) { buf_put(&p->scratch, sv_sub(p->text, from, to)); }

/* `(…)` at p->at whose commands count; the text stays in the word as written. */
static void read_substitution(struct parser *p)
{
    bool condition = p->condition;
    p->condition = false;
    p->depth++;
    p->at++;
    (void)read_list(p, ')');
    p->depth--;
    if (peek(p, 0) == ')')
        p->at++;
    p->condition = condition;
}

static void read_arithmetic(struct parser *p)
{
    size_t open = 0;
    while (p->at < p->end) {
        char c = p->text.p[p->at++];
        if (c == '(')
            open++;
        else if (c == ')' && --open == 0)
            return;
        else if (c == '\n' && open < 2)
            return;
    }
}

static void read_backticks(struct parser *p)
{
    size_t start = ++p->at, outer_end = p->end;
    while (p->at < p->end && p->text.p[p->at] != '`')
        p->at += p->text.p[p->at] == '\\' && p->at + 1 < p->end ? 2 : 1;
    size_t close = p->at;
    p->end = close;
    p->at = start;
    p->depth++;
    while (p->at < p->end) {
        size_t before = p->at;
        (void)read_list(p, 0);
        if (p->at == before)
            p->at++;
    }
    p->depth--;
    p->end = outer_end;
    p->at = close < outer_end ? close + 1 : close;
}

static void read_quoted(struct parser *p, struct word *w);

static void read_braces(struct parser *p, struct word *w);

/* `$…` or backticks at p->at: kept as written. Returns false where the dollar is a plain byte. */
static bool read_expansion(struct parser *p, struct word *w)
{
    size_t start = p->at, mark = p->scratch.n;
    char next = peek(p, 1);
    if (peek(p, 0) == '`') {
        if (p->depth >= LIMIT_SHELL_DEPTH)
            return false;
        read_backticks(p);
    } else if (next == '(' && peek(p, 2) == '(') {
        p->at++;
        read_arithmetic(p);
    } else if (next == '(' && p->depth < LIMIT_SHELL_DEPTH) {
        p->at++;
        read_substitution(p);
    } else if (next == '{' && p->depth < LIMIT_SHELL_DEPTH) {
        p->at += 2;
        p->depth++;
        read_braces(p, w);
        p->depth--;
    } else if (next == '_' || (next >= 'a' && next <= 'z') || (next >= 'A' && next <= 'Z') ||
               (next != 0 && strchr("0123456789@*#?$!-", next) != NULL))
        p->at += 2;
    else
        return false;
    w->expands = true;
    p->scratch.n = mark;
    keep(p, start, p->at);
    return true;
}

/* ${…}: quotes and expansions inside may hold a brace */
static void read_braces(struct parser *p, struct word *w)
{
    while (p->at < p->end) {
        char c = p->text.p[p->at];
        if (c == '}') {
            p->at++;
            return;
        }
        if (c == '\\' && p->at + 1 < p->end)
            p->at += 2;
        else if (c == '"' && p->depth < LIMIT_SHELL_DEPTH)
            read_quoted(p, w);
        else if ((c == '$' || c == '`') && read_expansion(p, w))
            continue;
        else
            p->at++;
    }
}

/* "…" at p->at */
static void read_quoted(struct parser *p, struct word *w)
{
    p->at++;
    p->depth++;
    while (p->at < p->end && p->text.p[p->at] != '"') {
        char c = p->text.p[p->at], next = peek(p, 1);
        if (c == '\\' && next == '\n') {
            p->at += 2;
        } else if (c == '\\' && next != 0 && strchr("\"\\$`", next) != NULL) {
            keep(p, p->at + 1, p->at + 2);
            p->at += 2;
        } else if ((c == '$' || c == '`') && read_expansion(p, w)) {
            continue;
        } else {
            keep(p, p->at, p->at + 1);
            p->at++;
        }
    }
    p->depth--;
    if (p->at < p->end)
        p->at++;
    w->quoted = true;
}

/* '…' and $'…' at the quote */
static void read_single(struct parser *p, struct word *w, bool escapes)
{
    size_t start = ++p->at;
    while (p->at < p->end && p->text.p[p->at] != '\'')
        p->at += escapes && p->text.p[p->at] == '\\' && p->at + 1 < p->end ? 2 : 1;
    keep(p, start, p->at);
    if (p->at < p->end)
        p->at++;
    w->quoted = true;
}

/* NAME=(a b) */
static bool is_array(const struct parser *p, size_t start)
{
    if (peek(p, 0) != '(' || p->at < start + 2 || p->text.p[p->at - 1] != '=')
        return false;
    sv name = sv_sub(p->text, start, p->at - 1);
    if (sv_ends(name, SV("+")))
        name.n--;
    return sv_is_ident(name);
}

static void read_array(struct parser *p, struct word *w)
{
    size_t start = p->at, mark = p->scratch.n;
    p->at++;
    while (p->at < p->end && p->text.p[p->at] != ')') {
        struct word element = {0};
        if (peek(p, 0) == '\n')
            p->at++;
        else if (peek(p, 0) == '#')
            skip_line(p);
        else if (p->depth < LIMIT_SHELL_DEPTH && read_word(p, &element))
            w->expands = w->expands || element.expands;
        else if (p->at < p->end)
            p->at++;
    }
    if (p->at < p->end)
        p->at++;
    p->scratch.n = mark;
    keep(p, start, p->at);
}

/* One word; false, and nothing consumed but blanks, where none begins. */
static bool read_word(struct parser *p, struct word *w)
{
    skip_blanks(p);
    size_t start = p->at, mark = p->scratch.n;
    bool process = (peek(p, 0) == '<' || peek(p, 0) == '>') && peek(p, 1) == '(' && p->depth < LIMIT_SHELL_DEPTH;
    if (process) {
        p->at++;
        read_substitution(p);
        p->scratch.n = mark;
        keep(p, start, p->at);
        w->expands = true;
    }
    bool escaped = false;
    while (p->at < p->end) {
        char c = p->text.p[p->at];
        if (is_array(p, start) && p->depth < LIMIT_SHELL_DEPTH) {
            p->depth++;
            read_array(p, w);
            p->depth--;
            continue;
        }
        if (ends_word(c))
            break;
        if (c == '\\' && p->at + 1 < p->end) {
            if (p->text.p[p->at + 1] != '\n')
                keep(p, p->at + 1, p->at + 2);
            p->at += 2;
            escaped = true;
        } else if (c == '\'')
            read_single(p, w, false);
        else if (c == '"' && p->depth < LIMIT_SHELL_DEPTH)
            read_quoted(p, w);
        else if (c == '$' && peek(p, 1) == '\'') {
            p->at++;
            read_single(p, w, true);
        } else if ((c == '$' || c == '`') && read_expansion(p, w))
            continue;
        else {
            keep(p, p->at, p->at + 1);
            p->at++;
        }
    }
    w->raw = sv_sub(p->text, start, p->at);
    w->place = (struct place){p->out->src, start, p->at};
    bool same = (!w->quoted && !escaped) || w->raw.n > WORD_COPIED;
    w->text = same ? w->raw : sv_copy(p->arena, sv_sub(buf_view(&p->scratch), mark, p->scratch.n));
    w->quoted = w->quoted || escaped;
    p->scratch.n = mark;
    return p->at != start;
}

/* ---- Simple commands ------------------------------------------------------------------------- */

static bool is_assignment(const struct word *w, struct assign *out)
{
    size_t eq = sv_find_char(w->raw, '=');
    if (eq == SV_NOT_FOUND || eq == 0)
        return false;
    sv name = sv_sub(w->raw, 0, eq);
    if (sv_ends(name, SV("+")))
        name.n--;
    size_t index = sv_find_char(name, '[');
    if (!sv_is_ident(index == SV_NOT_FOUND ? name : sv_sub(name, 0, index)))
        return false;
    size_t value = sv_find_char(w->text, '=');
    *out = (struct assign){.name = name, .value = sv_sub(w->text, value + 1, w->text.n), .place = w->place};
    return true;
}

static void add_assign(struct parser *p, struct command *c, struct assign a)
{
    struct assign **last = &c->assigns;
    while (*last != NULL)
        last = &(*last)->next;
    *last = arena_new(p->arena, struct assign);
    **last = a;
}

/* A redirection at p->at, its file descriptor included. False where there is none. */
static bool read_redirection(struct parser *p, struct command *c)
{
    size_t start = p->at, digits = 0;
    while (is_digit(peek(p, digits)))
        digits++;
    char fd = digits == 1 ? peek(p, 0) : 0, c0 = peek(p, digits), c1 = peek(p, digits + 1);
    bool both = digits == 0 && c0 == '&' && c1 == '>';
    if (!both && c0 != '<' && c0 != '>')
        return false;
    if (digits == 0 && c1 == '(' && !both)
        return false; /* <(…) is a word */
    p->at += digits + (both ? 2 : 1);
    bool out = both || c0 == '>', heredoc = false, here_string = false, strip = false, duplicates = false;
    if (!out && sees(p, "<<"))
        here_string = true, p->at += 2;
    else if (!out && sees(p, "<")) {
        heredoc = true, p->at++;
        if (sees(p, "-"))
            strip = true, p->at++;
    } else if (sees(p, ">") || sees(p, "|"))
        p->at++;
    else if (sees(p, "&"))
        duplicates = true, p->at++;
    struct word w = {0};
    if (!read_word(p, &w)) {
        if (p->at == start)
            p->at++;
        return true;
    }
    if (heredoc && p->n_heredocs < HEREDOCS) {
        p->heredocs[p->n_heredocs++] = (struct pending_heredoc){c, w.text, strip};
        c->heredoc_quoted = w.quoted;
    } else if (!heredoc && !here_string && !duplicates && out && (fd == 0 || fd == '1'))
        c->redirect_out = w.text;
    else if (!heredoc && !here_string && !duplicates && !out && (fd == 0 || fd == '0'))
        c->redirect_in = w.text;
    return true;
}

/* The options of a program that runs another: those that take a value. */
static const char *prefix_options(sv name, size_t *operands)
{
    static const struct { const char *name, *with_value; size_t operands; } rows[] = {
        {"sudo", "ugpChTUrt", 0}, {"doas", "uC", 0}, {"env", "uCS", 0}, {"exec", "a", 0}, {"time", "fo", 0},
        {"command", "", 0}, {"builtin", "", 0}, {"nohup", "", 0}, {"nice", "n", 0}, {"ionice", "cnp", 0},
        {"timeout", "ks", 1}, {"stdbuf", "ioe", 0}, {"setsid", "", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (sv_eq(name, sv_from(rows[i].name))) {
            *operands = rows[i].operands;
            return rows[i].with_value;
        }
    return NULL;
}

/* `sudo -u app env X=1 prog` runs prog with X. `command -v prog` runs nothing and stays. */
static void skip_prefixes(struct parser *p, struct command *c)
{
    for (;;) {
        size_t operands = 0, i = 1;
        const char *with_value = c->n == 0 ? NULL : prefix_options(command_name(c), &operands);
        if (with_value == NULL)
            return;
        bool env = sv_eq(command_name(c), SV("env")), queries = sv_eq(command_name(c), SV("command"));
        VEC(struct assign) assigns = {0};
        while (i < c->n) {
            sv word = c->words[i].text;
            struct assign a;
            if (word.n > 1 && word.p[0] == '-') {
                if (queries)
                    return;
                bool takes = word.n == 2 && strchr(with_value, word.p[1]) != NULL;
                i += takes ? 2 : 1;
                if (sv_eq(word, SV("--")))
                    break;
            } else if ((env || sv_eq(command_name(c), SV("sudo"))) && is_assignment(&c->words[i], &a)) {
                *vec_new(p->arena, &assigns, struct assign) = a;
                i++;
            } else if (operands > 0) {
                operands--;
                i++;
            } else
                break;
        }
        if (i >= c->n)
            return;
        for (size_t k = 0; k < assigns.n; k++)
            add_assign(p, c, *assigns.at[k]);
        c->words += i;
        c->n -= i;
    }
}

/* `sh -c '…'` runs the text. Read in place where no escapes stand between it and the shell. */
static void read_inner_script(struct parser *p, const struct command *c)
{
    if (!SV_IN(command_name(c), SV("sh"), SV("bash"), SV("ash"), SV("dash"), SV("zsh")) || p->depth >= LIMIT_SHELL_DEPTH)
        return;
    size_t i = 1;
    while (i < c->n && c->words[i].text.n > 1 && c->words[i].text.p[0] == '-' && !sv_ends(c->words[i].text, SV("c")))
        i++;
    if (i + 1 >= c->n || c->words[i].text.n < 2 || c->words[i].text.p[0] != '-' || c->words[i].text.p[1] == '-')
        return;
    struct word w = c->words[i + 1];
    sv raw = w.raw;
    bool single = raw.n > 2 && raw.p[0] == '\'' && sv_find_char(sv_sub(raw, 1, raw.n - 1), '\'') == SV_NOT_FOUND;
    bool quoted = raw.n > 2 && raw.p[0] == '"' && sv_find_char(sv_sub(raw, 1, raw.n - 1), '"') == SV_NOT_FOUND &&
                  sv_find_char(raw, '\\') == SV_NOT_FOUND && !sv_has(raw, SV("$(")) && sv_find_char(raw, '`') == SV_NOT_FOUND;
    if ((!single && !quoted) || raw.p[raw.n - 1] != raw.p[0])
        return;
    struct parser inner = *p;
    inner.at = w.place.start + 1, inner.end = w.place.end - 1;
    inner.depth++;
    inner.n_heredocs = 0, inner.n_braces = 0, inner.condition = false;
    while (inner.at < inner.end) {
        size_t before = inner.at;
        (void)read_list(&inner, 0);
        if (inner.at == before)
            inner.at++;
    }
    p->scratch = inner.scratch;
    p->words.at = inner.words.at, p->words.cap = inner.words.cap;
}

static void note_errexit(struct parser *p, const struct command *c)
{
    if (!sv_eq(command_name(c), SV("set")))
        return;
    for (size_t i = 1; i < c->n; i++) {
        sv w = c->words[i].text;
        bool letters = w.n > 1 && w.p[0] == '-' && w.p[1] != '-';
        if ((letters && sv_find_char(w, 'e') != SV_NOT_FOUND) || sv_eq(w, SV("errexit")))
            p->out->errexit = p->out->errexit || !sv_eq(c->words[i - 1].text, SV("+o"));
    }
}

/* Words of `[[ … ]]` are words even where they look like operators. */
static void read_test(struct parser *p, struct command *c, size_t first)
{
    (void)c;
    while (p->at < p->end && peek(p, 0) != '\n') {
        struct word w = {0};
        skip_blanks(p);
        if (!read_word(p, &w)) {
            if (p->at >= p->end || peek(p, 0) == '\n')
                break;
            size_t start = p->at;
            while (p->at < p->end && strchr(";&|<>()", peek(p, 0)) != NULL && p->at < start + 2)
                p->at++;
            w = (struct word){.text = sv_sub(p->text, start, p->at), .place = {p->out->src, start, p->at}};
            w.raw = w.text;
        }
        struct word *kept = arena_new(p->arena, struct word);
        *kept = w;
        vec_push(p->arena, &p->words, kept);
        if (sv_eq(w.text, SV("]]")) && p->words.n > first)
            break;
    }
}

static void finish_command(struct parser *p, struct command *c, size_t first, size_t start)
{
    c->n = p->words.n - first;
    c->words = arena_array(p->arena, struct word, c->n + 1);
    for (size_t i = 0; i < c->n; i++)
        c->words[i] = *p->words.at[first + i];
    p->words.n = first;
    size_t end = p->at;
    while (end > start && is_blank(p->text.p[end - 1]))
        end--;
    c->place = (struct place){p->out->src, start, end};
    skip_prefixes(p, c);
    note_errexit(p, c);
    read_inner_script(p, c);
}

/* A simple command at p->at. `first_word` was read already, or is NULL. */
static void read_simple(struct parser *p, struct command *c, const struct word *first_word, size_t start)
{
    size_t first = p->words.n;
    c->function = p->function;
    c->in_condition = p->condition;
    struct word w;
    bool have = first_word != NULL;
    if (have)
        w = *first_word;
    for (;;) {
        struct assign a;
        if (have && p->words.n == first && is_assignment(&w, &a))
            add_assign(p, c, a);
        else if (have) {
            struct word *kept = arena_new(p->arena, struct word);
            *kept = w;
            vec_push(p->arena, &p->words, kept);
            if (p->words.n == first + 1 && sv_eq(w.raw, SV("[[")))
                read_test(p, c, first);
        }
        skip_blanks(p);
        if (read_redirection(p, c)) {
            have = false;
            continue;
        }
        w = (struct word){0};
        if (peek(p, 0) == '#' || !read_word(p, &w))
            break;
        have = true;
    }
    finish_command(p, c, first, start);
}

/* ---- Lists and control structures ------------------------------------------------------------ */

enum link { LINK_NONE, LINK_PIPE, LINK_AND, LINK_OR };

struct list {
    struct command *first;
    struct command *last; /* what an operator behind it belongs to */
    enum link link;
    bool negated;
    size_t cases;      /* open `case`s at this level */
    bool in_patterns;  /* a case pattern comes next */
};

/* Joins what was read to the command before it by the operator between them. */
static void join(struct list *l, struct ends next)
{
    if (next.first == NULL)
        return;
    if (l->last != NULL && l->link == LINK_PIPE)
        l->last->pipe_to = next.first;
    else if (l->last != NULL && l->link == LINK_AND)
        l->last->and_then = next.first;
    else if (l->last != NULL && l->link == LINK_OR)
        l->last->or_else = next.first;
    if (l->first == NULL)
        l->first = next.first;
    l->last = next.last;
    l->link = LINK_NONE;
}

/* `for x in a b`, `case x in`: words up to `in` or the line's end run nothing themselves. */
static void read_header(struct parser *p, struct list *l, bool is_case)
{
    struct word w = {0};
    while (skip_blanks(p), read_word(p, &w)) {
        if (is_case && sv_eq(w.raw, SV("in")))
            break;
        w = (struct word){0};
    }
    if (!is_case && sees(p, "(("))
        read_arithmetic(p);
    if (is_case && l->cases < NESTED_CASES) {
        l->cases++;
        l->in_patterns = true;
    }
}

/* `pattern | pattern )` */
static void read_pattern(struct parser *p, struct list *l)
{
    l->in_patterns = false;
    if (peek(p, 0) == '(')
        p->at++;
    while (p->at < p->end) {
        struct word w = {0};
        size_t start = p->at;
        if (read_word(p, &w) && sv_eq(w.raw, SV("esac"))) {
            p->at = start;
            return;
        }
        char c = peek(p, 0);
        if (c == ')') {
            p->at++;
            return;
        }
        if (c == '\n' || c == ';')
            return;
        if (p->at == start || c == '|' || c == '&')
            p->at++;
    }
}

static void open_brace(struct parser *p)
{
    if (p->n_braces == NESTED_BRACES)
        return;
    p->braces[p->n_braces++].function = p->function;
    if (p->pending_function.n != 0)
        p->function = p->pending_function;
    p->pending_function = SV_NONE;
}

/* Acts on a reserved word; false where `w` is none. */
static bool reserved(struct parser *p, struct list *l, const struct word *w)
{
    sv t = w->raw;
    if (SV_IN(t, SV("if"), SV("elif"), SV("while"), SV("until")))
        p->condition = true;
    else if (SV_IN(t, SV("then"), SV("do"), SV("else")))
        p->condition = false;
    else if (SV_IN(t, SV("fi"), SV("done"), SV("esac"))) {
        l->last = NULL;
        p->condition = false;
        if (sv_eq(t, SV("esac")) && l->cases > 0)
            l->cases--;
        l->in_patterns = false;
    } else if (SV_IN(t, SV("for"), SV("select")))
        read_header(p, l, false);
    else if (sv_eq(t, SV("case")))
        read_header(p, l, true);
    else if (sv_eq(t, SV("{")))
        open_brace(p);
    else if (sv_eq(t, SV("}"))) {
        if (p->n_braces > 0)
            p->function = p->braces[--p->n_braces].function;
    } else if (sv_eq(t, SV("!")))
        l->negated = !l->negated;
    else if (sv_eq(t, SV("function"))) {
        struct word name = {0};
        if (read_word(p, &name))
            p->pending_function = name.text;
        skip_blanks(p);
        if (sees(p, "()"))
            p->at += 2;
    } else
        return false;
    return true;
}

/* An operator or separator at p->at; false where something else stands there. */
static bool take_operator(struct parser *p, struct list *l)
{
    char c = peek(p, 0);
    if (c == '\n') {
        take_newline(p);
        return true;
    }
    if (c == '#') {
        skip_line(p);
        return true;
    }
    if (c != ';' && c != '&' && c != '|')
        return false;
    if (c == '&' && peek(p, 1) == '>')
        return false;
    bool twice = peek(p, 1) == c;
    if (c == ';' && (twice || peek(p, 1) == '&') && l->cases > 0)
        l->in_patterns = true;
    if (c == '|')
        l->link = twice ? LINK_OR : LINK_PIPE;
    else if (c == '&' && twice)
        l->link = LINK_AND;
    else {
        if (c == '&' && l->last != NULL)
            l->last->background = true;
        l->last = NULL, l->link = LINK_NONE;
    }
    p->at += twice || (c == '|' && peek(p, 1) == '&') || (c == ';' && peek(p, 1) == '&') ? 2 : 1;
    return true;
}

static void read_subshell(struct parser *p, struct list *l)
{
    if (peek(p, 1) == '(') {
        read_arithmetic(p);
        return;
    }
    if (p->depth >= LIMIT_SHELL_DEPTH) {
        repo_limit(p->repo, p->out->src->path, "LIMIT_SHELL_DEPTH");
        p->at++;
        return;
    }
    sv outer = p->function;
    if (p->pending_function.n != 0)
        p->function = p->pending_function;
    p->pending_function = SV_NONE;
    p->depth++;
    p->at++;
    struct ends inside = read_list(p, ')');
    p->depth--;
    if (peek(p, 0) == ')')
        p->at++;
    p->function = outer;
    join(l, inside);
}

/* `name ( )` behind a plain first word */
static bool defines_function(struct parser *p, const struct word *w)
{
    size_t i = 0;
    while (is_blank(peek(p, i)))
        i++;
    if (w->quoted || w->expands || peek(p, i++) != '(')
        return false;
    while (is_blank(peek(p, i)))
        i++;
    if (peek(p, i) != ')')
        return false;
    p->at += i + 1;
    p->pending_function = w->text;
    return true;
}

/* A simple command, a reserved word or the head of a function. */
static void read_command(struct parser *p, struct list *l)
{
    size_t start = p->at, place = p->out->commands.n;
    char c = peek(p, 0);
    /* it stands before the commands inside its own words */
    struct command *command = vec_new(p->arena, &p->out->commands, struct command);
    struct word w = {0};
    bool redirection = (c == '<' || c == '>' || c == '&') && peek(p, 1) != '(';
    bool have = !redirection && !is_digit(c) && read_word(p, &w);
    if (have && (reserved(p, l, &w) || defines_function(p, &w))) {
        /* a reserved word holds no expansion, but the words of a `for` do */
        for (size_t i = place; i + 1 < p->out->commands.n; i++)
            p->out->commands.at[i] = p->out->commands.at[i + 1];
        p->out->commands.n--;
        return;
    }
    read_simple(p, command, have ? &w : NULL, start);
    if (p->at == start) {
        p->out->commands.n = place;
        p->at++;
        return;
    }
    command->negated = l->negated;
    l->negated = false;
    join(l, (struct ends){command, command});
}

/* Commands up to `close` (left for the caller), or to the end where it is 0. */
static struct ends read_list(struct parser *p, char close)
{
    struct list l = {0};
    while (p->at < p->end) {
        skip_blanks(p);
        if (p->at >= p->end)
            break;
        char c = peek(p, 0);
        if (l.in_patterns && c != '\n' && c != '#' && c != 0) {
            size_t before = p->at;
            read_pattern(p, &l);
            if (p->at != before)
                continue;
        }
        if (take_operator(p, &l))
            continue;
        if (c == ')') {
            if (close == ')')
                break;
            p->at++;
            continue;
        }
        if (c == '(') {
            read_subshell(p, &l);
            continue;
        }
        read_command(p, &l);
    }
    return (struct ends){l.first, l.last};
}

struct shell *read_shell(struct repo *r, const struct source *src)
{
    struct shell *s = arena_new(r->arena, struct shell);
    s->src = src;
    struct parser p = {.repo = r, .arena = r->arena, .out = s, .text = src->text, .end = src->text.n};
    if (sv_starts(src->text, SV("#!"))) {
        sv rest = src->text, line = sv_line(&rest);
        s->errexit = sv_has(line, SV("sh -e"));
    }
    read_list(&p, 0);
    buf_free(&p.scratch);
    return s;
}

/* ---- Questions ------------------------------------------------------------------------------- */

sv command_name(const struct command *c)
{
    if (c->n == 0)
        return SV_NONE;
    sv word = c->words[0].text;
    size_t slash = sv_rfind_char(word, '/');
    return slash == SV_NOT_FOUND ? word : sv_sub(word, slash + 1, word.n);
}

bool command_has(const struct command *c, const char *word)
{
    for (size_t i = 1; i < c->n; i++)
        if (sv_eq(c->words[i].text, sv_from(word)))
            return true;
    return false;
}

sv command_option(const struct command *c, const char *flag)
{
    sv name = sv_from(flag);
    for (size_t i = 1; i < c->n; i++) {
        sv w = c->words[i].text;
        if (sv_eq(w, name))
            return i + 1 < c->n ? c->words[i + 1].text : SV_NONE;
        if (sv_starts(w, name) && w.n > name.n && w.p[name.n] == '=')
            return sv_sub(w, name.n + 1, w.n);
    }
    return SV_NONE;
}
