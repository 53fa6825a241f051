#include "report/search_pattern.h"

#include <string.h>

struct rewriter {
    struct buf *out;
    sv in;
    size_t at;
};

static bool sees(const struct rewriter *w, const char *text)
{
    return sv_starts(sv_sub(w->in, w->at, w->in.n), sv_from(text));
}

static void put(struct rewriter *w, char c)
{
    if (c == '\'')
        buf_puts(w->out, "'\\''");
    else
        buf_putc(w->out, c);
}

/* A class escape as the inside of a bracket expression; NULL where `c` is none. */
static const char *class_of(char c)
{
    switch (c) {
    case 'w':
        return "[:alnum:]_";
    case 'd':
        return "0-9";
    case 's':
        return "[:space:]";
    case 't':
        return "[:blank:]";
    default:
        return NULL;
    }
}

/* What a bracket expression holds; POSIX wants `]` first and `-` last instead of escapes. */
struct bracket {
    struct buf inside;
    bool negated, close, dash;
};

static void bracket_escape(struct rewriter *w, struct bracket *b)
{
    char c = w->in.p[++w->at];
    const char *class = class_of(c);
    if (class != NULL)
        buf_puts(&b->inside, class);
    else if (c == ']')
        b->close = true;
    else if (c == '-')
        b->dash = true;
    else if (c == '\\' || c == '[') {
        buf_putc(&b->inside, '\\');
        buf_putc(&b->inside, c);
    } else if (strchr("nrfv", c) == NULL) /* a line holds none of these */
        buf_putc(&b->inside, c);
}

static void bracket_char(struct rewriter *w, struct bracket *b)
{
    char c = w->in.p[w->at];
    bool last = w->at + 1 < w->in.n && w->in.p[w->at + 1] == ']';
    if (c == '\\' && w->at + 1 < w->in.n)
        bracket_escape(w, b);
    else if (c == '-' && (b->inside.n == 0 || last))
        b->dash = true;
    else if (c == '[') /* ripgrep would begin a class in the class */
        buf_puts(&b->inside, "\\[");
    else
        buf_putc(&b->inside, c);
}

static void put_bracket(struct rewriter *w)
{
    struct bracket b = {0};
    w->at++;
    if (sees(w, "^")) {
        b.negated = true;
        w->at++;
    }
    if (sees(w, "]")) {
        b.close = true;
        w->at++;
    }
    for (; w->at < w->in.n && w->in.p[w->at] != ']'; w->at++)
        bracket_char(w, &b);
    w->at++;
    if (b.negated && b.inside.n == 0 && !b.close && !b.dash) {
        put(w, '.');
    } else {
        buf_puts(w->out, b.negated ? "[^" : "[");
        buf_puts(w->out, b.close ? "]" : "");
        for (size_t i = 0; i < b.inside.n; i++)
            put(w, b.inside.p[i]);
        buf_puts(w->out, b.dash ? "-]" : "]");
    }
    buf_free(&b.inside);
}

static void put_escape(struct rewriter *w)
{
    char c = w->in.p[w->at + 1];
    const char *class = class_of(c), *other = c == 'S' ? "[^[:space:]]" : c == 'W' ? "[^[:alnum:]_]" : c == 'D' ? "[^0-9]" : NULL;
    w->at += 2;
    if (class != NULL)
        buf_printf(w->out, "[%s]", class);
    else if (other != NULL)
        buf_puts(w->out, other);
    else if (c == 'b' || c == 'B' || strchr(".[]()*+?{}^$|\\", c) != NULL) {
        put(w, '\\');
        put(w, c);
    } else
        put(w, c);
}

static void put_group(struct rewriter *w)
{
    put(w, '(');
    if (sees(w, "(?<"))
        while (w->at < w->in.n && w->in.p[w->at] != '>')
            w->at++;
    else if (sees(w, "(?:"))
        w->at += 2;
    w->at++;
}

/* `*`, `+`, `?` or `{n,m}` and the `?` that makes it lazy. */
static void put_repeat(struct rewriter *w)
{
    char c = w->in.p[w->at];
    while (c == '{' && w->at < w->in.n && w->in.p[w->at] != '}')
        put(w, w->in.p[w->at++]);
    put(w, w->in.p[w->at++]);
    if (sees(w, "?"))
        w->at++;
}

void put_search_pattern(struct buf *out, sv regex)
{
    struct rewriter w = {out, regex, 0};
    while (w.at < w.in.n) {
        char c = w.in.p[w.at];
        if (c == '\\' && w.at + 1 < w.in.n)
            put_escape(&w);
        else if (c == '[')
            put_bracket(&w);
        else if (c == '(')
            put_group(&w);
        else if (c == '*' || c == '+' || c == '?' || c == '{')
            put_repeat(&w);
        else
            put(&w, w.in.p[w.at++]);
    }
}
