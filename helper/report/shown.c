/* What reports may show of the repository: escaped, cut, without its secrets. */
#include "report/report.h"

#include <stdlib.h>

#include "base/limits.h"

enum { SECRET_BYTES = 6, WORD_BYTES = 16, BEFORE_MATCH = 60 };

/* "admin" or "postgres" hidden everywhere would garble sentences, image names and paths, and hide
 * nothing that a guess would not find. Such words are hidden on the line of the secret itself alone. */
static bool is_guessable(sv text)
{
    size_t letters = 0;
    for (size_t i = 0; i < text.n; i++)
        letters += (text.p[i] >= 'a' && text.p[i] <= 'z') || text.p[i] == '-' || text.p[i] == '_';
    return text.n < SECRET_BYTES || (text.n < WORD_BYTES && letters == text.n);
}

static sv secret_text(struct place p)
{
    return sv_sub(p.src->text, p.start, p.end);
}

static int longest_first(const void *pa, const void *pb)
{
    const sv *a = pa, *b = pb;
    if (a->n != b->n)
        return a->n > b->n ? -1 : 1;
    return sv_cmp(*a, *b);
}

/* Each line of a secret counts alone, because outputs quote lines. */
void report_prepare(struct result *r)
{
    size_t n = 0, cap = 0;
    for (size_t i = 0; i < r->verdicts->secrets.n; i++) {
        sv rest = secret_text(*r->verdicts->secrets.at[i]);
        while (rest.p != NULL)
            sv_line(&rest), cap++;
    }
    sv *all = arena_array(r->arena, sv, cap);
    for (size_t i = 0; i < r->verdicts->secrets.n; i++) {
        sv rest = secret_text(*r->verdicts->secrets.at[i]);
        while (rest.p != NULL) {
            sv line = sv_trim(sv_line(&rest));
            if (!is_guessable(line))
                all[n++] = line;
        }
    }
    if (n != 0)
        qsort(all, n, sizeof *all, longest_first);
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || !sv_eq(all[kept - 1], all[i]))
            all[kept++] = all[i];
    r->secrets = all;
    r->n_secrets = kept;
}

static bool is_word(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* The whole word that the bytes [start, end) of `text` belong to. */
static sv word_around(sv text, size_t start, size_t end)
{
    while (start > 0 && start < end && is_word(text.p[start]) && is_word(text.p[start - 1]))
        start--;
    while (end < text.n && end > start && is_word(text.p[end - 1]) && is_word(text.p[end]))
        end++;
    return sv_sub(text, start, end);
}

/* With `whole` the secret is hidden only where it is a word of its own or stands in this word. */
static sv hide(struct arena *a, sv text, sv secret, sv whole)
{
    size_t at = secret.n == 0 ? SV_NOT_FOUND : sv_find(text, secret), done = 0;
    if (at == SV_NOT_FOUND)
        return text;
    struct buf out = {0};
    for (; at != SV_NOT_FOUND; at = sv_find_at(text, secret, at + secret.n)) {
        sv word = word_around(text, at, at + secret.n);
        if (whole.p != NULL && !sv_eq(word, secret) && !sv_eq(word, whole))
            continue;
        buf_put(&out, sv_sub(text, done, at));
        buf_puts(&out, "[redacted]");
        done = at + secret.n;
    }
    buf_put(&out, sv_sub(text, done, text.n));
    sv copy = sv_copy(a, buf_view(&out));
    buf_free(&out);
    return copy;
}

static sv hide_known(const struct result *r, sv text)
{
    for (size_t i = 0; i < r->n_secrets; i++)
        text = hide(r->arena, text, r->secrets[i], SV_NONE);
    return text;
}

/* The secrets of the line `p` stands on, guessable ones too. In the line itself they are hidden wherever
 * they stand; in a sentence about it "pass" must not garble "password". */
static sv hide_on_line(const struct result *r, struct place p, sv text, bool sentence)
{
    for (size_t i = 0; i < r->verdicts->secrets.n; i++) {
        struct place s = *r->verdicts->secrets.at[i];
        if (sv_eq(s.src->path, p.src->path) && place_line(s) == place_line(p))
            text = hide(r->arena, text, secret_text(s), sentence ? word_around(s.src->text, s.start, s.end) : SV_NONE);
    }
    return text;
}

const char *shown(const struct result *r, sv text)
{
    return text_escape(r->arena, hide_known(r, text)).p;
}

const char *shown_about(const struct result *r, struct place p, sv text)
{
    return text_escape(r->arena, hide_on_line(r, p, hide_known(r, text), true)).p;
}

/* The line of the place, from shortly before it where the line is long. Secrets are hidden before
 * anything is cut: half a secret is one too. */
static sv quoted_line(const struct result *r, struct place p)
{
    const struct source *s = p.src;
    size_t number = line_at(&s->lines, p.start);
    sv line = line_text(&s->lines, s->text, number);
    size_t column = p.start - s->lines.at[number - 1];
    bool cut = line.n > LIMIT_SNIPPET_BYTES && column > BEFORE_MATCH;
    if (line.n > LIMIT_LINE_BYTES) {
        size_t from = column > LIMIT_LINE_BYTES / 2 ? column - LIMIT_LINE_BYTES / 2 : 0;
        line = sv_sub(line, from, from + LIMIT_LINE_BYTES);
        column -= from;
    }
    sv whole = hide_on_line(r, p, hide_known(r, line), false);
    if (!cut)
        return whole;
    size_t before = hide_on_line(r, p, hide_known(r, sv_sub(line, 0, column)), false).n;
    whole = sv_sub(whole, before > BEFORE_MATCH ? before - BEFORE_MATCH : 0, whole.n);
    while (whole.n != 0 && ((unsigned char)whole.p[0] & 0xC0) == 0x80)
        whole = sv_sub(whole, 1, whole.n);
    return sv_concat(r->arena, SV("\xE2\x80\xA6"), whole);
}

struct spot shown_spot(const struct result *r, struct place p)
{
    struct spot spot = spot_of(p);
    spot.path = sv_from(shown(r, spot.path));
    if (spot.field.p != NULL)
        spot.field = sv_from(shown(r, spot.field));
    return spot;
}

const char *shown_snippet(const struct result *r, struct place p)
{
    return text_clean(r->arena, quoted_line(r, p)).p;
}

sv path_in_repository(const struct result *r, sv path)
{
    sv prefix = sv_trim_char(r->prefix, '/');
    while (sv_starts(prefix, SV("./")))
        prefix = sv_trim_char(sv_sub(prefix, 2, prefix.n), '/');
    if (prefix.n == 0 || sv_eq(prefix, SV(".")))
        return path;
    return sv_printf(r->arena, "%.*s/%.*s", SV_ARG(prefix), SV_ARG(path));
}

sv uri_path(struct arena *a, sv path)
{
    struct buf out = {0};
    for (size_t i = 0; i < path.n; i++) {
        char c = path.p[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' ||
                     c == '-' || c == '.' || c == '_' || c == '~';
        if (plain)
            buf_putc(&out, c);
        else
            buf_printf(&out, "%%%02X", (unsigned char)c);
    }
    sv copy = sv_copy(a, buf_view(&out));
    buf_free(&out);
    return copy;
}
