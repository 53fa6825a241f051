/* Text to tokens: one loop for all languages; lex_languages.c holds what differs. It sees every byte of every
 * program, so what most bytes are is asked first. */
#include <string.h>

#include "base/limits.h"
#include "doc/lex.h"

_Static_assert((int)TOKEN_VALUE >= (int)LIMIT_FILE_BYTES, "a token may be as long as its file");

static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v'; }

static void mark(struct lexer *x, const char *bytes, unsigned short what)
{
    for (; bytes != NULL && *bytes != 0; bytes++)
        x->may[(unsigned char)*bytes] |= what;
}

static void mark_first(struct lexer *x, const char *opening, unsigned short what)
{
    if (opening != NULL)
        x->may[(unsigned char)opening[0]] |= what;
}

/* Longest first. */
static const char *const operators[] = {"===", "!==", "...", "**=", "?\?=", "||=", "&&=", "==", "!=", "<=", ">=", "=>",
                                        "->",  "<-",  "::",  ":=",  "&&",  "||",  "??",  "?.", "+=", "-=", "*=", "/=",
                                        "|=",  "&=",  "^=",  "%=",  "**",  "++",  "--",  ".."};

/* Most bytes begin a word or an operator: one look at the table tells, and the questions of the language are spared. */
static void speak(struct lexer *x, enum lang which)
{
    x->which = which, x->lang = lex_language(which);
    for (int c = 0; c < 256; c++) {
        bool digit = is_digit((char)c), letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
        x->may[c] = (unsigned short)((letter || digit ? MAY_WORD : 0) | (digit ? MAY_NUMBER : 0) | (is_blank((char)c) ? MAY_BLANK : 0) |
                                     (x->lang->special != NULL && x->lang->special_at == NULL ? MAY_SPECIAL : 0));
    }
    mark(x, "\n\\", MAY_LINE);
    mark(x, "()[]{}", MAY_BRACKET);
    for (size_t k = 0; k < sizeof operators / sizeof *operators; k++)
        mark(x, operators[k], MAY_JOIN);
    mark(x, x->lang->word_bytes, MAY_WORD);
    mark(x, x->lang->special_at, MAY_SPECIAL);
    for (size_t k = 0; k < 2; k++)
        mark_first(x, x->lang->line_comments[k], MAY_COMMENT);
    mark_first(x, x->lang->block_open, MAY_COMMENT);
    for (const struct string_form *form = x->lang->strings; form->open != NULL; form++)
        mark_first(x, form->open, MAY_STRING);
}

static bool may(const struct lexer *x, char c, unsigned what) { return (x->may[(unsigned char)c] & what) != 0; }
static bool is_word_byte(const struct lexer *x, char c) { return may(x, c, MAY_WORD); }

char lex_peek(const struct lexer *x, size_t ahead)
{
    return x->at + ahead < x->text.n ? x->text.p[x->at + ahead] : 0;
}

/* Asked at every byte for every form of the language: the first byte answers most. */
static bool sees_at(const struct lexer *x, size_t at, const char *s)
{
    if (at >= x->text.n || x->text.p[at] != s[0])
        return false;
    if (s[1] == 0)
        return true;
    size_t n = strlen(s);
    return at + n <= x->text.n && memcmp(x->text.p + at, s, n) == 0;
}

bool lex_sees(const struct lexer *x, const char *s) { return sees_at(x, x->at, s); }

/* ---- Eight bytes at once: where a word or a string ends is what a jump for each byte would guess wrong ------ */

#define EACH(byte) (UINT64_C(0x0101010101010101) * (unsigned char)(byte))

static uint64_t eight_at(const char *p)
{
    uint64_t bytes;
    memcpy(&bytes, p, sizeof bytes);
    return bytes;
}

/* The top bit of each byte is set where the bytes are the same. */
static uint64_t same(uint64_t bytes, char c)
{
    uint64_t differ = bytes ^ EACH(c);
    return ~(((differ & EACH(0x7f)) + EACH(0x7f)) | differ) & EACH(0x80);
}

/* How many bytes stand before the first whose top bit is set. */
static unsigned before_first(uint64_t marked)
{
    if (marked == 0)
        return 8;
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    return (unsigned)__builtin_clzll(marked) / 8;
#else
    return (unsigned)__builtin_ctzll(marked) / 8;
#endif
}

/* How many of them are letters, digits, `_` or beyond ASCII, up to the first that is not. */
static unsigned word_bytes_at(const char *p)
{
    uint64_t bytes = eight_at(p), low = bytes & EACH(0x7f), small = low | EACH(0x20);
    uint64_t letter = (small + EACH(0x80 - 'a')) & ~(small + EACH(0x80 - 'z' - 1));
    uint64_t digit = (low + EACH(0x80 - '0')) & ~(low + EACH(0x80 - '9' - 1));
    return before_first(~(letter | digit | same(bytes, '_') | bytes) & EACH(0x80));
}

/* For one more token, and one behind it. */
static void reserve(struct lexer *x)
{
    size_t n = (size_t)(x->next - x->out), comments = (size_t)(x->end - x->comment), cap = (size_t)(x->end - x->out);
    cap = cap == 0 ? x->text.n / 3 + 32 : cap * 2;
    struct token *more = arena_array(x->arena, struct token, cap);
    if (x->out != NULL) {
        memcpy(more, x->out, n * sizeof *more);
        memcpy(more + cap - comments, x->comment, comments * sizeof *more);
    }
    x->out = more, x->next = more + n, x->end = more + cap, x->comment = x->end - comments;
}

static bool is_full(const struct lexer *x) { return x->comment - x->next < 2; }

static struct token token_to(const struct lexer *x, enum token_kind kind, size_t end)
{
    return (struct token){.start = (uint32_t)x->at, .value = (uint32_t)(end - x->at) & TOKEN_VALUE, .kind = kind};
}

static void add(struct lexer *x, struct token t, size_t end)
{
    if (is_full(x))
        reserve(x);
    *x->next++ = t;
    x->at = end;
}

static void emit(struct lexer *x, enum token_kind kind, size_t end) { add(x, token_to(x, kind, end), end); }

static void emit_comment(struct lexer *x, size_t end)
{
    if (is_full(x))
        reserve(x);
    *--x->comment = token_to(x, TOKEN_COMMENT, end);
    x->at = end;
}

static bool opens(char c) { return c == '(' || c == '[' || c == '{'; }

/* Of brackets alone: in ASCII the closing one follows at once, or behind one other sign. */
static bool pairs(char open, char close) { return close == open + 1 || close == open + 2; }

/* The last token closes the nearest bracket of its kind; a stray one closes nothing. */
static void pair(struct lexer *x)
{
    enum { LOOKED_AT = 4 };
    struct token *close = x->next - 1;
    const char *text = x->text.p, c = text[close->start];
    uint32_t open = x->open;
    for (size_t looked = 1; open != 0 && looked < LOOKED_AT && !pairs(text[x->out[open - 1].start], c); looked++)
        open = x->out[open - 1].value;
    if (open == 0 || !pairs(text[x->out[open - 1].start], c))
        return;
    while (x->open != open) { /* what stays open inside has no partner */
        struct token *inner = &x->out[x->open - 1];
        x->open = inner->value;
        inner->value = 0;
    }
    struct token *partner = &x->out[open - 1];
    x->open = partner->value;
    close->value = open & TOKEN_VALUE;
    partner->value = (uint32_t)(x->next - x->out) & TOKEN_VALUE;
}

static void leave_unpaired(struct lexer *x)
{
    while (x->open != 0) {
        struct token *t = &x->out[x->open - 1];
        x->open = t->value;
        t->value = 0;
    }
}

static void emit_bracket(struct lexer *x)
{
    char c = x->text.p[x->at];
    bool open = opens(c), program = x->program;
    struct token t = {.start = (uint32_t)x->at, .value = program && open ? x->open & TOKEN_VALUE : 0, .kind = TOKEN_PUNCT,
                      .mark = c == '(' || c == '{' || c == '}', .bracket = 1};
    add(x, t, x->at + 1);
    if (program && open)
        x->open = (uint32_t)(x->next - x->out);
    else if (program)
        pair(x);
}

void lex_emit(struct lexer *x, enum token_kind kind, size_t end)
{
    if (end > x->text.n)
        end = x->text.n;
    if (kind == TOKEN_PUNCT && end == x->at + 1 && may(x, x->text.p[x->at], MAY_BRACKET))
        emit_bracket(x);
    else if (kind == TOKEN_COMMENT && x->program)
        emit_comment(x, end);
    else
        emit(x, kind, end);
}

/* ---- Strings ------------------------------------------------------------------------------- */

/* `{{` is no code where a single brace opens it. */
static bool opens_code(const struct lexer *x, const struct string_form *form, size_t at)
{
    if (form->code_open == NULL || x->n_frames == LEX_NESTING || !sees_at(x, at, form->code_open))
        return false;
    bool single = form->code_open[1] == 0;
    return !(single && at + 1 < x->text.n && x->text.p[at + 1] == form->code_open[0]);
}

void lex_string(struct lexer *x, const struct string_form *form, size_t content)
{
    size_t close_n = strlen(form->close), i = content;
    char close = form->close[0], code = form->code_open == NULL ? close : form->code_open[0], escape = form->escape == 0 ? close : form->escape;
    while (i < x->text.n) {
        for (unsigned plain = 8; i + 8 <= x->text.n && plain == 8; i += plain) { /* most bytes are nothing but content */
            uint64_t bytes = eight_at(x->text.p + i);
            plain = before_first(same(bytes, close) | same(bytes, code) | same(bytes, escape) | same(bytes, '\n'));
        }
        if (i == x->text.n)
            break;
        char c = x->text.p[i];
        if (c != close && c != code && c != escape && c != '\n') {
            i++;
            continue;
        }
        if (opens_code(x, form, i)) {
            lex_emit(x, TOKEN_STRING, i + strlen(form->code_open));
            x->frames[x->n_frames++] = (struct lex_frame){form, 0, x->depth};
            x->depth++;
            return;
        }
        if (form->escape != 0 && c == form->escape)
            i += 2;
        else if (c == form->close[0] && sees_at(x, i, form->close)) {
            char behind = i + close_n < x->text.n ? x->text.p[i + close_n] : 0;
            if (form->close_again == NULL || behind == 0 || strchr(form->close_again, behind) == NULL) {
                lex_emit(x, TOKEN_STRING, i + close_n);
                return;
            }
            i += close_n + 1;
        } else if (c == '\n' && !form->lines)
            break;
        else if (form->code_open != NULL && form->code_open[1] == 0 && c == form->code_open[0])
            i += 2;
        else
            i++;
    }
    lex_emit(x, TOKEN_STRING, i);
}

/* At a bracket: does the code inside a string end here? */
static bool code_in_string_ends(struct lexer *x, char c)
{
    if (x->n_frames == 0)
        return false;
    struct lex_frame *f = &x->frames[x->n_frames - 1];
    char close = f->form->code_close, open = close == ')' ? '(' : '{';
    if (c == open)
        f->nested++;
    if (c != close)
        return false;
    if (f->nested != 0) {
        f->nested--;
        return false;
    }
    x->depth = f->depth;
    x->n_frames--;
    return true;
}

static bool take_string(struct lexer *x)
{
    for (const struct string_form *form = x->lang->strings; form->open != NULL; form++)
        if (lex_sees(x, form->open)) {
            lex_string(x, form, x->at + strlen(form->open));
            return true;
        }
    return false;
}

/* ---- Heredocs ------------------------------------------------------------------------------ */

void lex_heredoc_announce(struct lexer *x, sv name, bool indented)
{
    if (x->n_heredocs < LEX_HEREDOCS)
        x->heredocs[x->n_heredocs++] = (struct heredoc){name, indented};
}

/* The bodies announced on the line that ended just before `at`. */
static void take_heredocs(struct lexer *x)
{
    for (size_t k = 0; k < x->n_heredocs; k++) {
        size_t line = x->at, end = x->text.n;
        while (line < x->text.n) {
            size_t stop = sv_find_char(sv_sub(x->text, line, x->text.n), '\n');
            stop = stop == SV_NOT_FOUND ? x->text.n : line + stop;
            sv text = sv_sub(x->text, line, stop);
            /* PHP allows blanks and a semicolon around it; an indented end elsewhere is a mistake anyway */
            if (x->heredocs[k].indented || x->which == LANG_PHP)
                text = sv_trim_char(sv_trim(text), ';');
            else if (sv_ends(text, SV("\r")))
                text.n--;
            if (sv_eq(text, x->heredocs[k].name)) {
                end = line;
                line = stop;
                break;
            }
            line = stop + 1;
        }
        if (end > x->at)
            lex_emit(x, TOKEN_STRING, end);
        if (x->at < x->text.n && line > x->at)
            lex_emit(x, TOKEN_PUNCT, line);
        if (x->at < x->text.n)
            x->at++; /* the line end behind the delimiter */
    }
    x->n_heredocs = 0;
}

/* ---- Comments ------------------------------------------------------------------------------ */

static bool comment_may_begin(const struct lexer *x)
{
    size_t i = x->at;
    if (x->lang->comments_begin == COMMENT_ANYWHERE || i == 0)
        return true;
    char before = x->text.p[i - 1];
    if (x->lang->comments_begin == COMMENT_AT_WORD)
        return is_blank(before) || before == '\n' ||
               (x->which == LANG_SHELL && strchr(";&|()", before) != NULL && before != 0);
    while (i > 0 && is_blank(x->text.p[i - 1]))
        i--;
    return i == 0 || x->text.p[i - 1] == '\n';
}

static void take_block_comment(struct lexer *x)
{
    const char *open = x->lang->block_open, *close = x->lang->block_close;
    size_t nested = 0, i = x->at + strlen(open);
    while (i < x->text.n) {
        if (x->text.p[i] == close[0] && sees_at(x, i, close)) {
            i += strlen(close);
            if (nested-- == 0)
                break;
        } else if (x->lang->block_nests && sees_at(x, i, open)) {
            nested++;
            i += strlen(open);
        } else
            i++;
    }
    lex_emit(x, TOKEN_COMMENT, i);
}

static bool take_comment(struct lexer *x)
{
    for (size_t k = 0; k < 2; k++) {
        const char *mark = x->lang->line_comments[k];
        if (mark == NULL || !lex_sees(x, mark) || !comment_may_begin(x))
            continue;
        size_t end = sv_find_at(x->text, SV("\n"), x->at);
        lex_emit(x, TOKEN_COMMENT, end == SV_NOT_FOUND ? x->text.n : end);
        return true;
    }
    if (x->lang->block_open == NULL || !lex_sees(x, x->lang->block_open))
        return false;
    take_block_comment(x);
    return true;
}

/* ---- Words, numbers, operators ------------------------------------------------------------- */

static sv lexed_text(const struct lexer *x, const struct token *t) { return sv_sub(x->text, t->start, t->start + token_length(t)); }

bool lex_expects_operand(const struct lexer *x)
{
    const struct token *t = x->next;
    do
        if (t == x->out)
            return true;
    while ((--t)->kind == TOKEN_COMMENT || t->kind == TOKEN_NEWLINE);
    if (t->kind == TOKEN_WORD)
        return SV_IN(lexed_text(x, t), SV("return"), SV("typeof"), SV("case"), SV("in"), SV("of"), SV("delete"), SV("void"),
                     SV("throw"), SV("new"), SV("else"), SV("do"), SV("instanceof"), SV("yield"), SV("await"),
                     SV("if"), SV("unless"), SV("when"), SV("and"), SV("or"), SV("not"), SV("puts"));
    /* a piece of a string that opens code ends with its bracket */
    if (t->kind == TOKEN_STRING)
        return sv_ends(lexed_text(x, t), SV("{"));
    return t->kind == TOKEN_PUNCT && !SV_IN(lexed_text(x, t), SV(")"), SV("]"), SV("}"));
}

static void take_number(struct lexer *x)
{
    size_t i = x->at;
    while (i < x->text.n && (is_word_byte(x, x->text.p[i]) ||
                             (x->text.p[i] == '.' && i + 1 < x->text.n && is_digit(x->text.p[i + 1]))))
        i++;
    lex_emit(x, TOKEN_NUMBER, i);
}

static void take_operator(struct lexer *x)
{
    char c = x->text.p[x->at], next = lex_peek(x, 1);
    size_t n = 1;
    for (size_t k = 0; n == 1 && may(x, next, MAY_JOIN) && k < sizeof operators / sizeof *operators; k++)
        if (operators[k][0] == c && lex_sees(x, operators[k]))
            n = strlen(operators[k]);
    struct token t = token_to(x, TOKEN_PUNCT, x->at + n);
    t.mark = (c == '=' && (n == 1 || (n == 2 && next == '>'))) || (c == ':' && next == '=');
    add(x, t, x->at + n);
}

static void take_bracket(struct lexer *x)
{
    char c = x->text.p[x->at];
    if (x->n_frames != 0 && code_in_string_ends(x, c)) {
        lex_string(x, x->frames[x->n_frames].form, x->at + 1);
        return;
    }
    emit_bracket(x);
    if (opens(c))
        x->depth++;
    else if (x->depth != 0)
        x->depth--;
}

bool bracket_holds_lines(sv text, const struct token *row, size_t i, enum lang lang)
{
    if (text.p[row[i].start] == '{')
        return true;
    const struct token *before = i > 0 ? &row[i - 1] : &row[i];
    return lang == LANG_GO && before->kind == TOKEN_WORD && SV_IN(sv_sub(text, before->start, before->start + before->value), SV("const"), SV("var"));
}

/* A line that ends inside a list ends no statement. */
static bool in_list(const struct lexer *x)
{
    return (x->lang->brackets_join_lines && x->depth != 0) || (x->open != 0 && !bracket_holds_lines(x->text, x->out, x->open - 1, x->which));
}

static void take_newline(struct lexer *x)
{
    if (x->next != x->out && x->next[-1].kind != TOKEN_NEWLINE && !in_list(x))
        emit(x, TOKEN_NEWLINE, x->at + 1);
    else
        x->at++;
    if (x->n_heredocs != 0)
        take_heredocs(x);
}

/* A backslash that joins lines or quotes the next byte. False: it is an operator like others. */
static bool take_backslash(struct lexer *x)
{
    size_t ahead = lex_peek(x, 1) == '\r' ? 2 : 1;
    if (x->lang->backslash == BACKSLASH_PUNCT)
        return false;
    if (lex_peek(x, ahead) == '\n') {
        x->at += ahead + 1;
        return true;
    }
    if (x->lang->backslash != BACKSLASH_QUOTES || x->at + 1 >= x->text.n)
        return false;
    lex_emit(x, TOKEN_PUNCT, x->at + 2);
    return true;
}

static void take_word(struct lexer *x)
{
    size_t end = x->at + 1, n = x->text.n;
    const char *text = x->text.p;
    while (end < n && (x->may[(unsigned char)text[end]] & MAY_WORD) != 0)
        end++;
    emit(x, TOKEN_WORD, end);
}

/* What may begin several things: the first that takes it. */
static void take_other(struct lexer *x, unsigned may_be)
{
    if ((may_be & MAY_LINE) != 0) {
        if (x->text.p[x->at] == '\n') {
            take_newline(x);
            return;
        }
        if (take_backslash(x))
            return;
    }
    if (((may_be & MAY_COMMENT) != 0 && take_comment(x)) || ((may_be & MAY_SPECIAL) != 0 && x->lang->special(x)) ||
        ((may_be & MAY_STRING) != 0 && take_string(x)))
        return;
    if ((may_be & MAY_NUMBER) != 0)
        take_number(x);
    else if ((may_be & MAY_WORD) != 0)
        take_word(x);
    else if ((may_be & MAY_BRACKET) != 0)
        take_bracket(x);
    else if ((may_be & MAY_JOIN) != 0)
        take_operator(x);
    else
        emit(x, TOKEN_PUNCT, x->at + 1);
}

static void lex_all(struct lexer *x)
{
    const char *text = x->text.p;
    size_t n = x->text.n, words_end = n; /* no word that begins before it goes on behind it */
    while (words_end > 0 && is_word_byte(x, text[words_end - 1]))
        words_end--;
    for (size_t at = x->at; at < n; at = x->at) {
        unsigned may_be = x->may[(unsigned char)text[at]];
        size_t end = at + 1;
        if (may_be == MAY_WORD && at < words_end) { /* half of all tokens begin with nothing else */
            for (unsigned plain = 8; end + 8 <= n && plain == 8; end += plain)
                plain = word_bytes_at(text + end);
            while (is_word_byte(x, text[end]))
                end++;
            emit(x, TOKEN_WORD, end);
        } else if ((may_be & MAY_BLANK) != 0) {
            while (end < n && may(x, text[end], MAY_BLANK))
                end++;
            x->at = end;
        } else if (may_be == MAY_BRACKET)
            take_bracket(x);
        else if (may_be == 0)
            emit(x, TOKEN_PUNCT, end);
        else
            take_other(x, may_be);
    }
}

/* ---- HTML: markup is text, the bodies of <script> are JavaScript ---------------------------- */

/* The body of the first <script> from `from` on, and its end; SV_NOT_FOUND where there is none. */
static size_t script_body(sv text, size_t from, size_t *end)
{
    for (size_t open = from; (open = sv_find_at(text, SV("<script"), open)) != SV_NOT_FOUND; open++) {
        size_t body = sv_find_at(text, SV(">"), open);
        if (body == SV_NOT_FOUND)
            return SV_NOT_FOUND;
        *end = sv_find_at(text, SV("</script"), body);
        if (*end == SV_NOT_FOUND)
            *end = text.n;
        return body + 1;
    }
    return SV_NOT_FOUND;
}

static void lex_html(struct lexer *x)
{
    sv whole = x->text;
    while (x->at < whole.n) {
        size_t end = whole.n, body = script_body(whole, x->at, &end);
        if (x->program && body == SV_NOT_FOUND)
            return;
        if (x->program)
            x->at = body;
        x->text = sv_sub(whole, 0, body == SV_NOT_FOUND ? whole.n : body);
        speak(x, LANG_HTML);
        lex_all(x);
        if (body == SV_NOT_FOUND || x->at < body)
            continue;
        x->text = sv_sub(whole, 0, end);
        speak(x, LANG_JAVASCRIPT);
        lex_all(x);
        x->n_frames = 0, x->depth = 0;
    }
}

/* The comments go behind the tokens and the empty one, in their order. */
static struct token *gathered(struct lexer *x)
{
    for (struct token *early = x->comment, *late = x->end - 1; early < late; early++, late--) {
        struct token swap = *early;
        *early = *late, *late = swap;
    }
    size_t n = (size_t)(x->end - x->comment);
    struct token *to = x->next + 1, *left = to + n > x->comment ? to + n : x->comment;
    memmove(to, x->comment, n * sizeof *to);
    memset(left, 0, (size_t)(x->end - left) * sizeof *left); /* what goes back to the arena is as it came */
    arena_give_back(x->arena, to + n, x->end);
    return to;
}

static struct tokens *lexed(struct repo *r, const struct source *src, bool program)
{
    struct lexer x = {.arena = r->arena, .text = src->text, .program = program};
    speak(&x, src->lang);
    if (sv_starts(x.text, SV("\xEF\xBB\xBF")))
        x.at = 3;
    reserve(&x);
    if (src->lang == LANG_HTML)
        lex_html(&x);
    else
        lex_all(&x);
    leave_unpaired(&x);
    *x.next = (struct token){0};
    struct tokens t = {.src = src, .at = x.out, .n = (size_t)(x.next - x.out), .n_comments = (size_t)(x.end - x.comment)};
    t.comments = gathered(&x);
    struct tokens *kept = arena_new(r->arena, struct tokens);
    *kept = t;
    return kept;
}

const struct tokens *read_tokens(struct repo *r, const struct source *src)
{
    /* Every source is an object of the arena; only this cache is written behind the const. */
    if (src->tokens == NULL && lex_language(src->lang) != NULL)
        ((struct source *)src)->tokens = lexed(r, src, src->lang != LANG_HTML && program_language(src->lang) != LANG_NONE);
    return src->tokens;
}

const struct tokens *read_page_scripts(struct repo *r, const struct source *page) { return lexed(r, page, true); }

/* ---- Questions ------------------------------------------------------------------------------ */

static size_t first_behind(const struct token *at, size_t n, size_t offset)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (at[mid].start + token_length(&at[mid]) <= offset)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

size_t token_at(const struct tokens *t, size_t offset) { return first_behind(t->at, t->n, offset); }

/* Python keeps f-strings whole; what stands in {…} is code all the same. */
static bool inside_braces(sv text, size_t offset)
{
    enum { LOOKED_AT = 4096 };
    size_t open = 0;
    for (size_t i = 0; i < offset && i < LOOKED_AT; i++) {
        if (text.p[i] == '{' && i + 1 < text.n && text.p[i + 1] == '{' && open == 0)
            i++;
        else if (text.p[i] == '{')
            open++;
        else if (text.p[i] == '}' && open > 0)
            open--;
    }
    return open > 0 && offset < LOOKED_AT;
}

static bool is_f_string(sv text)
{
    for (size_t i = 0; i < text.n && i < 2 && text.p[i] != '"' && text.p[i] != '\''; i++)
        if (text.p[i] == 'f' || text.p[i] == 'F')
            return true;
    return false;
}

enum byte_scope scope_at(const struct tokens *t, size_t offset)
{
    size_t i = token_at(t, offset), comment = first_behind(t->comments, t->n_comments, offset);
    if (comment < t->n_comments && t->comments[comment].start <= offset)
        return IN_COMMENT;
    if (i == t->n || t->at[i].start > offset)
        return IN_CODE;
    const struct token *k = &t->at[i];
    if (k->kind == TOKEN_COMMENT)
        return IN_COMMENT;
    if (k->kind != TOKEN_STRING)
        return IN_CODE;
    bool code = t->src->lang == LANG_PYTHON && is_f_string(token_text(t->src, k)) && inside_braces(token_text(t->src, k), offset - k->start);
    return code ? IN_CODE : IN_STRING;
}

static bool is_quote(char c) { return c == '"' || c == '\'' || c == '`'; }

/* How many quotes open the string at text[at..]: 3, 2 (Nix), 1, or 0. */
static size_t quote_length(sv text, size_t at)
{
    if (at >= text.n || !is_quote(text.p[at]))
        return 0;
    if (text.n - at < 4 || text.p[at + 1] != text.p[at])
        return 1;
    return text.p[at + 2] != text.p[at] ? 2 : text.n - at >= 6 ? 3 : 1;
}

sv string_content(sv text)
{
    size_t start = 0, end = text.n, quotes = 1, hashes = 0;
    if (text.n != 0 && (text.p[0] == '}' || text.p[0] == ')'))
        start = 1; /* it goes on behind code inside the string */
    else {
        while (start < 3 && start < text.n && text.p[start] != 0 && strchr("rRbBfFuUtTcL@$", text.p[start]) != NULL)
            start++;
        for (; start < text.n && text.p[start] == '#'; start++)
            hashes++;
        quotes = quote_length(text, start);
        if (quotes == 0)
            return text; /* a heredoc or a regular expression */
        start += quotes;
    }
    if (sv_ends(text, SV("${")) || sv_ends(text, SV("$(")) || sv_ends(text, SV("#{")) || sv_ends(text, SV("\\(")))
        return sv_sub(text, start, end - 2 < start ? start : end - 2);
    for (; hashes > 0 && end > start && text.p[end - 1] == '#'; hashes--)
        end--;
    for (; quotes > 0 && end > start && is_quote(text.p[end - 1]); quotes--)
        end--;
    return sv_sub(text, start, end);
}
