/* The interpolation grammar of compose files, as compose-go's template package applies it. */
#include "base/buf.h"
#include "base/limits.h"
#include "fact/fact.h"

/* What follows "${": a name, then nothing or an operator and a word. */
struct braced {
    sv name, word;
    enum var_form form;
    size_t word_start, end; /* offsets in the text; `end` is behind the closing brace */
};

static bool is_name_start(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static size_t name_end(sv text, size_t from)
{
    size_t i = from;
    if (i >= text.n || !is_name_start(text.p[i]))
        return from;
    while (i < text.n && (is_name_start(text.p[i]) || (text.p[i] >= '0' && text.p[i] <= '9')))
        i++;
    return i;
}

/* The brace that closes the one at text.p[1]. Braces inside the word count whether or not a `$`
 * precedes them, and the byte behind an opening brace is not looked at: both as in compose-go. */
static size_t closing_brace(sv text)
{
    size_t open = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '}') {
            if (open <= 1)
                return i;
            open--;
        } else if (text.p[i] == '{') {
            open++;
            i++;
        }
    }
    return SV_NOT_FOUND;
}

/* One of the six operators at `at`; the colon forms also treat an empty value as unset. */
static bool operator_at(sv text, size_t at, enum var_form *form, size_t *size)
{
    bool colon = at < text.n && text.p[at] == ':';
    size_t i = at + (colon ? 1 : 0);
    if (i >= text.n)
        return false;
    switch (text.p[i]) {
    case '-': *form = colon ? VAR_DEFAULT : VAR_DEFAULT_IF_UNSET; break;
    case '?': *form = colon ? VAR_REQUIRED : VAR_REQUIRED_IF_UNSET; break;
    case '+': *form = colon ? VAR_REPLACED : VAR_REPLACED_IF_SET; break;
    default: return false;
    }
    *size = i + 1 - at;
    return true;
}

/* Reads "${…}" whose dollar is at `at`. False when compose would refuse it. */
static bool read_braced(sv text, size_t at, struct braced *b)
{
    size_t from = at + 2, end = name_end(text, from), size = 0;
    *b = (struct braced){.name = sv_sub(text, from, end), .form = VAR_PLAIN, .word = SV_NONE};
    if (end == from || end >= text.n)
        return false;
    if (text.p[end] == '}') {
        b->end = end + 1;
        return true;
    }
    if (!operator_at(text, end, &b->form, &size))
        return false;
    /* The grammar first takes everything up to the last brace of the line, a word holds no line
     * break, and only then looks for the brace that closes this expression. */
    sv line = sv_sub(text, at, at + LIMIT_LINE_BYTES);
    line = sv_sub(line, 0, sv_find_char(line, '\n'));
    size_t last = sv_rfind_char(line, '}');
    if (last == SV_NOT_FOUND || last < end + size - at)
        return false;
    sv expression = sv_sub(line, 0, last + 1);
    size_t close = closing_brace(expression);
    if (close == SV_NOT_FOUND)
        close = last;
    b->word_start = end + size;
    b->end = at + close + 1;
    b->word = sv_sub(text, b->word_start, at + close);
    return true;
}

static void scan(struct arena *a, sv text, size_t base, size_t depth, struct interp *out)
{
    for (size_t i = 0; i + 1 < text.n; i++) {
        if (text.p[i] != '$')
            continue;
        if (depth > LIMIT_INTERPOLATION_DEPTH || out->vars.n >= LIMIT_INTERPOLATIONS) {
            out->limited = true;
            return;
        }
        char next = text.p[i + 1];
        if (next == '$') {
            i++;
        } else if (next == '{') {
            struct braced b;
            if (!read_braced(text, i, &b)) {
                /* Inside a word it only matters when the word is used: the file may still load. */
                if (depth == 0 && out->valid) {
                    out->valid = false;
                    out->error_at = base + i;
                }
                i++;
                continue;
            }
            struct interp_var *v = vec_new(a, &out->vars, struct interp_var);
            *v = (struct interp_var){b.name, b.form, b.word, base + i, base + b.end, depth};
            if (b.word.n != 0)
                scan(a, b.word, base + b.word_start, depth + 1, out);
            i = b.end - 1;
        } else if (is_name_start(next)) {
            size_t end = name_end(text, i + 1);
            struct interp_var *v = vec_new(a, &out->vars, struct interp_var);
            *v = (struct interp_var){sv_sub(text, i + 1, end), VAR_PLAIN, SV_NONE, base + i, base + end, depth};
            i = end - 1;
        }
    }
}

/* Appends `s` with "$$" turned into "$". */
static void put_undone(struct buf *out, sv s)
{
    for (size_t i = 0; i < s.n; i++) {
        buf_putc(out, s.p[i]);
        if (s.p[i] == '$' && i + 1 < s.n && s.p[i + 1] == '$')
            i++;
    }
}

static sv taken(struct arena *a, struct buf *b)
{
    sv copy = sv_copy(a, buf_view(b));
    buf_free(b);
    return copy.p == NULL ? SV("") : copy;
}

void interp_parse(struct arena *a, sv text, struct interp *out)
{
    *out = (struct interp){.valid = true, .literal = SV_NONE};
    scan(a, text, 0, 0, out);
    if (out->vars.n != 0 || !out->valid)
        return;
    out->literal = text;
    if (sv_has(text, SV("$$"))) {
        struct buf b = {0};
        put_undone(&b, text);
        out->literal = taken(a, &b);
    }
}

/* False when a required variable or an invalid expression stops compose. */
static bool put_when_unset(struct arena *a, sv text, struct buf *out)
{
    struct interp found;
    interp_parse(a, text, &found);
    if (!found.valid || found.limited)
        return false;
    size_t from = 0;
    for (size_t i = 0; i < found.vars.n; i++) {
        const struct interp_var *v = found.vars.at[i];
        if (v->depth != 0)
            continue;
        put_undone(out, sv_sub(text, from, v->start));
        from = v->end;
        if (v->form == VAR_REQUIRED || v->form == VAR_REQUIRED_IF_UNSET)
            return false;
        if ((v->form == VAR_DEFAULT || v->form == VAR_DEFAULT_IF_UNSET) &&
            !put_when_unset(a, v->word, out))
            return false;
    }
    put_undone(out, sv_sub(text, from, text.n));
    return true;
}

sv interp_when_unset(struct arena *a, sv text)
{
    struct buf b = {0};
    bool starts = put_when_unset(a, text, &b);
    sv value = taken(a, &b);
    return starts ? value : SV_NONE;
}
