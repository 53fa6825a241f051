/* What a table cannot say: prefixes, raw strings with counted delimiters, regular expressions,
 * heredocs. Each hook looks at the next token and takes it, or leaves it to the engine. */
#include <string.h>

#include "doc/lex.h"

static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_one_of(char c, const char *set) { return c != 0 && strchr(set, c) != NULL; }

/* Content from `content` to the first `close` (cut to the end of the text where there is none). */
static void emit_until(struct lexer *x, size_t content, sv close)
{
    size_t end = sv_find_at(x->text, close, content);
    lex_emit(x, TOKEN_STRING, end == SV_NOT_FOUND ? x->text.n : end + close.n);
}

bool lex_special_python(struct lexer *x)
{
    size_t prefix = 0;
    while (prefix < 3 && is_one_of(lex_peek(x, prefix), "rRbBfFuUtT"))
        prefix++;
    char quote = lex_peek(x, prefix);
    if (prefix == 0 || prefix > 2 || (quote != '"' && quote != '\''))
        return false;
    const struct string_form *form = x->lang->strings;
    size_t start = x->at;
    x->at += prefix;
    while (!lex_sees(x, form->open))
        form++;
    x->at = start;
    lex_string(x, form, start + prefix + strlen(form->open));
    return true;
}

/* A regular expression ends on its line; `/` inside [...] does not end it. */
static bool regex_literal(struct lexer *x)
{
    if (x->at < x->no_regex_before || !lex_expects_operand(x))
        return false;
    bool in_class = false;
    size_t i = x->at + 1;
    for (; i < x->text.n && x->text.p[i] != '\n'; i++) {
        char c = x->text.p[i];
        if (c == '\\' && i + 1 < x->text.n && x->text.p[i + 1] != '\n')
            i++;
        else if (c == '[')
            in_class = true;
        else if (c == ']')
            in_class = false;
        else if (c == '/' && !in_class) {
            for (i++; i < x->text.n && is_letter(x->text.p[i]);)
                i++;
            lex_emit(x, TOKEN_STRING, i);
            return true;
        }
    }
    x->no_regex_before = i;
    return false;
}

bool lex_special_javascript(struct lexer *x)
{
    if (lex_peek(x, 0) == '#' && lex_peek(x, 1) == '!' && x->at == 0) {
        size_t end = sv_find_char(x->text, '\n');
        lex_emit(x, TOKEN_COMMENT, end == SV_NOT_FOUND ? x->text.n : end);
        return true;
    }
    if (lex_peek(x, 0) != '/' || lex_peek(x, 1) == '/' || lex_peek(x, 1) == '*')
        return false;
    /* </div>: the closing tag of JSX */
    if (x->at > 0 && x->text.p[x->at - 1] == '<')
        return false;
    return regex_literal(x);
}

/* r"…", r#"…"#, br##"…"##: as many hashes as opened. */
static bool rust_raw_string(struct lexer *x, size_t prefix)
{
    size_t hashes = 0;
    while (hashes < 255 && lex_peek(x, prefix + hashes) == '#')
        hashes++;
    if (lex_peek(x, prefix + hashes) != '"')
        return false;
    char close[257] = "\"";
    memset(close + 1, '#', hashes);
    emit_until(x, x->at + prefix + hashes + 1, (sv){close, hashes + 1});
    return true;
}

/* 'a' and '\n' are characters, 'a without a closing quote is a lifetime. */
static bool rust_quote(struct lexer *x, size_t prefix)
{
    size_t at = x->at + prefix + 1, size = 0;
    if (lex_peek(x, prefix + 1) == '\\') {
        for (size_t i = at + 2; i < x->text.n && i < at + 14 && x->text.p[i] != '\n'; i++)
            if (x->text.p[i] == '\'') {
                lex_emit(x, TOKEN_STRING, i + 1);
                return true;
            }
        return false;
    }
    if (at >= x->text.n)
        return false;
    utf8_decode(sv_sub(x->text, at, x->text.n), &size);
    if (at + size < x->text.n && x->text.p[at + size] == '\'' && x->text.p[at] != '\n') {
        lex_emit(x, TOKEN_STRING, at + size + 1);
        return true;
    }
    size_t end = at;
    while (end < x->text.n && (is_letter(x->text.p[end]) || is_digit(x->text.p[end]) || x->text.p[end] == '_'))
        end++;
    lex_emit(x, prefix == 0 ? TOKEN_WORD : TOKEN_PUNCT, end);
    return true;
}

bool lex_special_rust(struct lexer *x)
{
    char c = lex_peek(x, 0), next = lex_peek(x, 1);
    if (c == '\'')
        return rust_quote(x, 0);
    if (c == 'b' && next == '\'')
        return rust_quote(x, 1);
    if (c == 'r' && (next == '"' || next == '#'))
        return rust_raw_string(x, 1);
    if (is_one_of(c, "bc") && next == 'r' && is_one_of(lex_peek(x, 2), "\"#"))
        return rust_raw_string(x, 2);
    if (is_one_of(c, "bc") && next == '"') {
        lex_string(x, x->lang->strings, x->at + 2);
        return true;
    }
    return false;
}

/* <<NAME, <<-NAME, <<~NAME, <<'NAME', <<"NAME"; the body follows at the next line. */
static bool heredoc_operator(struct lexer *x, const char *marks, bool quoted_only_or_upper)
{
    size_t i = x->at + 2, limit = x->text.n;
    bool indented = i < limit && is_one_of(x->text.p[i], marks);
    if (indented)
        i++;
    while (!quoted_only_or_upper && i < limit && is_one_of(x->text.p[i], " \t"))
        i++;
    char quote = i < limit && is_one_of(x->text.p[i], "'\"") ? x->text.p[i] : 0;
    if (quote != 0 || (i < limit && x->text.p[i] == '\\'))
        i++;
    size_t start = i;
    while (i < limit && (is_letter(x->text.p[i]) || x->text.p[i] == '_' || (i > start && is_one_of(x->text.p[i], "-.!")) ||
                         (i > start && is_digit(x->text.p[i]))))
        i++;
    sv name = sv_sub(x->text, start, i);
    if (name.n == 0 || (quote != 0 && (i >= limit || x->text.p[i] != quote)))
        return false;
    if (quoted_only_or_upper && quote == 0 && !(name.p[0] >= 'A' && name.p[0] <= 'Z'))
        return false;
    lex_heredoc_announce(x, name, indented);
    lex_emit(x, TOKEN_PUNCT, quote != 0 ? i + 1 : i);
    return true;
}

bool lex_special_shell(struct lexer *x)
{
    if (!lex_sees(x, "<<"))
        return false;
    if (lex_peek(x, 2) == '<') {
        lex_emit(x, TOKEN_PUNCT, x->at + 3);
        return true;
    }
    return heredoc_operator(x, "-", false);
}

/* R"name( … )name" */
bool lex_special_cpp(struct lexer *x)
{
    if (lex_peek(x, 0) != 'R' || lex_peek(x, 1) != '"')
        return false;
    char close[20] = ")";
    size_t n = 0;
    while (n < 16 && lex_peek(x, 2 + n) != 0 && !is_one_of(lex_peek(x, 2 + n), "( )\\\n\"")) {
        close[1 + n] = lex_peek(x, 2 + n);
        n++;
    }
    if (lex_peek(x, 2 + n) != '(')
        return false;
    close[1 + n] = '"';
    emit_until(x, x->at + 3 + n, (sv){close, n + 2});
    return true;
}

static char closing(char open)
{
    return open == '(' ? ')' : open == '[' ? ']' : open == '{' ? '}' : open == '<' ? '>' : open;
}

/* %w[a b], ~s(text): from the delimiter at `ahead` to its match; brackets nest. */
static void delimited(struct lexer *x, size_t ahead)
{
    char open = lex_peek(x, ahead), close = closing(open);
    size_t nested = 0, i = x->at + ahead + 1;
    for (; i < x->text.n; i++) {
        char c = x->text.p[i];
        if (c == '\\')
            i++;
        else if (c == close && nested == 0)
            break;
        else if (c == close)
            nested--;
        else if (c == open)
            nested++;
    }
    lex_emit(x, TOKEN_STRING, i < x->text.n ? i + 1 : x->text.n);
}

bool lex_special_ruby(struct lexer *x)
{
    char c = lex_peek(x, 0);
    bool at_line = x->at == 0 || x->text.p[x->at - 1] == '\n';
    if (c == '=' && at_line && lex_sees(x, "=begin")) {
        size_t end = sv_find_at(x->text, SV("\n=end"), x->at);
        lex_emit(x, TOKEN_COMMENT, end == SV_NOT_FOUND ? x->text.n : end + 5);
        return true;
    }
    if (c == '<' && lex_peek(x, 1) == '<')
        return heredoc_operator(x, "-~", true);
    if (c == '/')
        return regex_literal(x);
    if (c == '%' && lex_expects_operand(x)) {
        size_t ahead = is_one_of(lex_peek(x, 1), "qQwWiIrsx") ? 2 : 1;
        if (!is_one_of(lex_peek(x, ahead), "([{<|!/"))
            return false;
        delimited(x, ahead);
        return true;
    }
    return false;
}

bool lex_special_elixir(struct lexer *x)
{
    if (lex_peek(x, 0) != '~' || !is_letter(lex_peek(x, 1)))
        return false;
    size_t ahead = 1;
    while (ahead < 8 && is_letter(lex_peek(x, ahead)))
        ahead++;
    if (lex_peek(x, ahead) == '"' && lex_peek(x, ahead + 1) == '"' && lex_peek(x, ahead + 2) == '"') {
        emit_until(x, x->at + ahead + 3, SV("\"\"\""));
        return true;
    }
    if (!is_one_of(lex_peek(x, ahead), "([{<|\"'/"))
        return false;
    delimited(x, ahead);
    return true;
}

/* Text outside <?php … ?> is output, not code. */
bool lex_special_php(struct lexer *x)
{
    if (x->at == 0 && !lex_sees(x, "<?") && sv_has(x->text, SV("<?"))) {
        lex_emit(x, TOKEN_STRING, sv_find(x->text, SV("<?")));
        return true;
    }
    if (lex_sees(x, "?>")) {
        size_t next = sv_find_at(x->text, SV("<?"), x->at + 2);
        lex_emit(x, TOKEN_STRING, next == SV_NOT_FOUND ? x->text.n : next);
        return true;
    }
    if (lex_sees(x, "<<<")) {
        x->at++;
        if (heredoc_operator(x, " \t", false))
            return true;
        x->at--;
    }
    return false;
}

bool lex_special_quotes_at_value(struct lexer *x)
{
    char c = lex_peek(x, 0);
    if ((c != '"' && c != '\'') || x->at == 0 || is_one_of(x->text.p[x->at - 1], " \t\n=:,[{("))
        return false;
    lex_emit(x, TOKEN_PUNCT, x->at + 1);
    return true;
}
