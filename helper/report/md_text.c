/* The one way into Markdown: what the repository says stays text. */
#include "report/markdown.h"

#include <string.h>

enum { EXCERPT_AROUND = 2 };

void md_code(struct buf *out, const char *text)
{
    size_t longest = 0, run = 0;
    for (const char *p = text; *p != '\0'; p++) {
        run = *p == '`' ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    if (*text == '\0')
        text = " ";
    bool spaced = *text == '`' || text[strlen(text) - 1] == '`';
    for (size_t i = 0; i <= longest; i++)
        buf_putc(out, '`');
    buf_puts(out, spaced ? " " : "");
    buf_puts(out, text);
    buf_puts(out, spaced ? " " : "");
    for (size_t i = 0; i <= longest; i++)
        buf_putc(out, '`');
}

static bool is_risky(sv word)
{
    for (size_t i = 0; i < word.n; i++)
        if (strchr("`*_<>[]{}$@|\\#~^=&!", word.p[i]) != NULL)
            return true;
    return sv_has(word, SV("://")) || sv_istarts(word, SV("www.")) || (sv_has(word, SV(".")) && sv_has(word, SV("/")));
}

/* Marks around a word are no part of it; a closing bracket is, where the word opens one. */
static sv core_of(sv word, size_t *front)
{
    size_t back = word.n;
    for (*front = 0; *front < word.n && strchr("(\"'", word.p[*front]) != NULL;)
        ++*front;
    for (; back > *front && strchr(".,;:)\"'?", word.p[back - 1]) != NULL; back--)
        if (word.p[back - 1] == ')' && sv_find_char(sv_sub(word, *front, back), '(') != SV_NOT_FOUND)
            break;
    return sv_sub(word, *front, back);
}

static void put_word(struct buf *out, sv word)
{
    size_t front;
    sv core = core_of(word, &front);
    sv before = sv_sub(word, 0, front), behind = sv_sub(word, front + core.n, word.n);
    if (!is_risky(core)) {
        buf_put(out, word);
        return;
    }
    if (before.n != 0 && behind.n != 0 && before.p[before.n - 1] == behind.p[0]) { /* a span needs no quotes */
        before = sv_sub(before, 0, before.n - 1);
        behind = sv_sub(behind, 1, behind.n);
    }
    buf_put(out, before);
    char code[512];
    size_t kept = core.n < sizeof code ? core.n : sizeof code - 1;
    memcpy(code, core.p, kept);
    code[kept] = '\0';
    md_code(out, code);
    buf_put(out, behind);
}

static void put_words(struct buf *out, sv text)
{
    while (text.n != 0) {
        size_t n = sv_find_char(text, ' ');
        n = n == SV_NOT_FOUND ? text.n : n;
        put_word(out, sv_sub(text, 0, n));
        for (text = sv_sub(text, n, text.n); text.n != 0 && text.p[0] == ' '; text = sv_sub(text, 1, text.n))
            buf_putc(out, ' ');
    }
}

static size_t ticks_at(sv text, size_t at)
{
    size_t n = 0;
    while (at + n < text.n && text.p[at + n] == '`')
        n++;
    return n;
}

/* Where a run of `n` ticks begins, from `at` on. */
static size_t find_ticks(sv text, size_t at, size_t n)
{
    while ((at = sv_find_at(text, SV("`"), at)) != SV_NOT_FOUND) {
        size_t found = ticks_at(text, at);
        if (found == n)
            return at;
        at += found;
    }
    return SV_NOT_FOUND;
}

void md_text(struct buf *out, const char *text)
{
    sv rest = sv_from(text);
    for (size_t open; (open = sv_find_char(rest, '`')) != SV_NOT_FOUND;) {
        size_t n = ticks_at(rest, open), close = find_ticks(rest, open + n, n);
        if (close == SV_NOT_FOUND)
            break;
        put_words(out, sv_sub(rest, 0, open));
        struct buf code = {0};
        buf_put(&code, sv_sub(rest, open + n, close));
        buf_putc(&code, '\0');
        md_code(out, code.p);
        buf_free(&code);
        rest = sv_sub(rest, close + n, rest.n);
    }
    put_words(out, rest);
}

/* The subject as a word of its own, not inside a longer one. */
static size_t find_subject(sv text, sv subject)
{
    for (size_t at = 0; (at = sv_find_at(text, subject, at)) != SV_NOT_FOUND; at += subject.n) {
        size_t end = at + subject.n;
        bool begins = at == 0 || strchr(" ('\"", text.p[at - 1]) != NULL;
        bool ends = end == text.n || strchr(" )'\",;:", text.p[end]) != NULL ||
                    (text.p[end] == '.' && (end + 1 == text.n || text.p[end + 1] == ' '));
        if (begins && ends)
            return at;
    }
    return SV_NOT_FOUND;
}

void md_message(struct buf *out, const struct result *r, const struct finding *f)
{
    sv rest = sv_from(shown_about(r, f->place, f->message)), subject = sv_from(shown_about(r, f->place, f->subject));
    for (size_t at; subject.n > 2 && (at = find_subject(rest, subject)) != SV_NOT_FOUND;) {
        md_text(out, sv_copy(r->arena, sv_sub(rest, 0, at)).p);
        md_code(out, subject.p);
        rest = sv_sub(rest, at + subject.n, rest.n);
    }
    md_text(out, rest.p);
}

size_t md_cell(struct buf *out)
{
    if (out->n == 0 || out->p[out->n - 1] == '\n')
        buf_putc(out, '|');
    buf_putc(out, ' ');
    return out->n;
}

void md_cell_end(struct buf *out, size_t cell)
{
    struct buf text = {0};
    buf_put(&text, (sv){out->p + cell, out->n - cell});
    out->n = cell;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '|')
            buf_putc(out, '\\');
        buf_putc(out, text.p[i]);
    }
    buf_free(&text);
    buf_puts(out, " |");
}

void md_spot(struct buf *out, const struct result *r, struct place p)
{
    struct spot s = shown_spot(r, p);
    md_code(out, sv_printf(r->arena, "%s:%zu", s.path.p, s.line).p);
    if (s.field.p != NULL) {
        buf_printf(out, " (line %zu of ", s.field_line);
        md_code(out, s.field.p);
        buf_putc(out, ')');
    }
}

void md_excerpt(struct buf *out, const struct result *r, struct place p)
{
    const struct source *s = p.src;
    size_t at = line_at(&s->lines, p.start), first = at > EXCERPT_AROUND ? at - EXCERPT_AROUND : 1;
    size_t last = at + EXCERPT_AROUND < s->lines.n ? at + EXCERPT_AROUND : s->lines.n;
    struct buf body = {0}, fence = {0};
    for (size_t line = first; line <= last; line++) {
        size_t start = s->lines.at[line - 1];
        sv text = line_text(&s->lines, s->text, line);
        size_t indent = 0;
        while (indent < text.n && indent < 40 && (text.p[indent] == ' ' || text.p[indent] == '\t'))
            indent++;
        const char *snippet = shown_snippet(r, line == at ? p : (struct place){s, start, start});
        if (*snippet == '\0')
            buf_printf(&body, "    %4zu\n", line);
        else
            buf_printf(&body, "  %c %4zu  %*s%s\n", line == at ? '>' : ' ', line, (int)indent, "", snippet);
    }
    buf_puts(&fence, "``");
    for (size_t i = 0, run = 0; i < body.n; i++) {
        run = body.p[i] == '`' ? run + 1 : 0;
        if (run >= fence.n)
            buf_putc(&fence, '`');
    }
    buf_putc(&fence, '`');
    buf_printf(out, "\n  %.*s\n%.*s  %.*s\n", SV_ARG(buf_view(&fence)), SV_ARG(buf_view(&body)), SV_ARG(buf_view(&fence)));
    buf_free(&fence);
    buf_free(&body);
}

void md_rest(struct buf *out, size_t shown_rows, size_t all, const char *what)
{
    if (shown_rows < all)
        buf_printf(out, "\n%zu more %s are in findings.json.\n", all - shown_rows, what);
}
