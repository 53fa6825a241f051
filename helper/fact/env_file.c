/* env_file documents, read as compose-go's dotenv parser reads them. */
#include "base/buf.h"
#include "fact/compose.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}

static bool is_name_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
           c == '-' || c == '[' || c == ']' || (unsigned char)c >= 0x80;
}

static size_t line_end(sv text, size_t from)
{
    while (from < text.n && text.p[from] != '\n')
        from++;
    return from;
}

static size_t skip_blanks(sv text, size_t i)
{
    while (i < text.n && is_blank(text.p[i]))
        i++;
    return i;
}

/* Value in quotes, opened at `i`; returns the offset behind it, SV_NOT_FOUND where it never closes.
 * `\"` is a quote; in double quotes `\n`, `\t` and `\$` are undone as well. */
static size_t quoted_value(struct arena *a, sv text, size_t i, sv *value)
{
    char quote = text.p[i];
    struct buf b = {0};
    size_t end = SV_NOT_FOUND;
    for (size_t k = i + 1; k < text.n; k++) {
        char c = text.p[k];
        if (c == quote) {
            end = k + 1;
            break;
        }
        if (c != '\\' || k + 1 >= text.n) {
            buf_putc(&b, c);
            continue;
        }
        char next = text.p[++k];
        if (next == quote)
            buf_putc(&b, next);
        else if (quote == '"' && next == 'n')
            buf_putc(&b, '\n');
        else if (quote == '"' && next == 't')
            buf_putc(&b, '\t');
        else if (quote == '"' && next == '$')
            buf_puts(&b, "$$"); /* stays literal when interpolated */
        else if (quote == '"' && next == '\\')
            buf_putc(&b, '\\');
        else
            buf_printf(&b, "\\%c", next);
    }
    *value = sv_copy(a, buf_view(&b));
    if (value->p == NULL)
        *value = SV("");
    buf_free(&b);
    return end;
}

static sv unquoted_value(sv line)
{
    size_t comment = sv_find(line, SV(" #"));
    return sv_trim(comment == SV_NOT_FOUND ? line : sv_sub(line, 0, comment));
}

/* One assignment at `start`; returns the offset behind it, SV_NOT_FOUND where compose refuses the file. */
static size_t read_assignment(struct arena *a, sv text, size_t start, bool raw, struct env_lines *out)
{
    size_t i = start;
    if (sv_starts(sv_sub(text, i, text.n), SV("export")) && i + 6 < text.n && is_blank(text.p[i + 6]))
        i = skip_blanks(text, i + 6);
    size_t from = i;
    while (i < text.n && is_name_byte(text.p[i]))
        i++;
    sv name = sv_sub(text, from, i);
    i = skip_blanks(text, i);
    bool bare = i >= text.n || text.p[i] == '\n';
    if (name.n == 0 || (!bare && text.p[i] != '=' && text.p[i] != ':'))
        return SV_NOT_FOUND;
    struct env_line *line = vec_new(a, &out->all, struct env_line);
    *line = (struct env_line){.name = name, .value = SV_NONE, .bare = bare, .start = start, .end = i};
    if (bare)
        return i;
    i = skip_blanks(text, i + 1);
    line->interpolates = !raw;
    size_t end = line_end(text, i);
    if (raw) {
        line->value = sv_sub(text, i, end);
    } else if (i < text.n && (text.p[i] == '"' || text.p[i] == '\'')) {
        line->interpolates = text.p[i] == '"';
        end = quoted_value(a, text, i, &line->value);
        if (end == SV_NOT_FOUND)
            return end;
    } else {
        line->value = unquoted_value(sv_sub(text, i, end));
    }
    line->end = end;
    return end;
}

void env_lines_parse(struct arena *a, sv text, bool raw, struct env_lines *out)
{
    *out = (struct env_lines){.valid = true};
    size_t i = sv_starts(text, SV("\xEF\xBB\xBF")) ? 3 : 0;
    while (i < text.n) {
        if (is_blank(text.p[i]) || text.p[i] == '\n') {
            i++;
        } else if (text.p[i] == '#') {
            i = line_end(text, i);
        } else {
            size_t end = read_assignment(a, text, i, raw, out);
            if (end == SV_NOT_FOUND) {
                out->valid = false;
                out->error_at = i;
                return;
            }
            i = end;
        }
    }
}
