/* Dockerfiles as BuildKit reads them (frontend/dockerfile/parser, shell, instructions). */
#include "doc/read.h"

#include <string.h>

#include <cjson/cJSON.h>

#include "base/buf.h"
#include "base/limits.h"
#include "doc/tree.h"

struct global_arg { sv name, value; }; /* ARG before the first FROM; value SV_NONE without default */

struct reader {
    struct tree tree;
    struct arena *arena;
    struct dockerfile *file;
    sv text;
    size_t at;          /* next line */
    char escape;        /* '\\' or '`' */
    VEC(struct global_arg) globals;
};

/* One physical line: [start, end) without the line end, `next` the start of the following one. */
struct line { size_t start, end, next; };

/* One logical line: its continuation lines joined, comments and empty lines between them left out. */
struct joined {
    sv text;
    struct pieces pieces;
    size_t end; /* in the source: end of the last physical line */
};

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static size_t skip_space(sv s, size_t at)
{
    while (at < s.n && is_space(s.p[at]))
        at++;
    return at;
}

/* ---- lines ------------------------------------------------------------------------------------ */

static struct line line_from(sv text, size_t start)
{
    size_t nl = sv_find_at(text, SV("\n"), start);
    struct line l = {start, nl == SV_NOT_FOUND ? text.n : nl, nl == SV_NOT_FOUND ? text.n : nl + 1};
    while (l.end > start && text.p[l.end - 1] == '\r')
        l.end--;
    return l;
}

static bool is_dropped(sv text, struct line l)
{
    size_t at = skip_space(sv_sub(text, 0, l.end), l.start);
    return at == l.end || text.p[at] == '#';
}

/* End of the content in front of an escape character that continues the line; l.end without one. */
static size_t content_end(sv text, struct line l, char escape, bool *continues)
{
    size_t end = l.end;
    while (end > l.start && (text.p[end - 1] == ' ' || text.p[end - 1] == '\t'))
        end--;
    *continues = end > l.start && text.p[end - 1] == escape && !(end - 1 > l.start && text.p[end - 2] == escape);
    return *continues ? end - 1 : l.end;
}

static struct joined join(struct reader *r, size_t start)
{
    struct joined j = {.end = start};
    size_t total = 0;
    bool continues = true;
    for (bool first = true; continues && (first || r->at < r->text.n); first = false) {
        struct line l = line_from(r->text, first ? start : r->at);
        r->at = l.next;
        j.end = l.end;
        if (!first && is_dropped(r->text, l))
            continue;
        size_t end = content_end(r->text, l, r->escape, &continues);
        if (end > l.start)
            pieces_add(r->arena, &j.pieces, (struct piece){(uint32_t)total, (uint32_t)l.start, (uint32_t)end});
        total += end - l.start;
    }
    char *p = arena_array(r->arena, char, total + 1);
    for (size_t i = 0; i < j.pieces.n; i++)
        memcpy(p + j.pieces.at[i].at, r->text.p + j.pieces.at[i].start, j.pieces.at[i].end - j.pieces.at[i].start);
    j.text = (sv){p, total};
    return j;
}

/* ---- words ------------------------------------------------------------------------------------- */

/* End of the word at `at`: up to white space outside quotes; an escape keeps the next character. */
static size_t word_end(sv s, size_t at, char escape)
{
    char quote = '\0';
    for (; at < s.n; at++) {
        char c = s.p[at];
        if (c == escape && quote != '\'' && at + 1 < s.n)
            at++;
        else if (quote != '\0')
            quote = c == quote ? '\0' : quote;
        else if (c == '"' || c == '\'')
            quote = c;
        else if (is_space(c))
            break;
    }
    return at < s.n ? at : s.n;
}

static sv next_word(sv s, size_t *at, char escape)
{
    size_t from = skip_space(s, *at);
    *at = word_end(s, from, escape);
    return sv_sub(s, from, *at);
}

/* Takes the --name=value words off the front; returns the offset of what follows. */
static size_t read_flags(struct reader *r, sv args, struct docker_flag **flags)
{
    size_t at = skip_space(args, 0);
    while (sv_starts(sv_sub(args, at, args.n), SV("--"))) {
        size_t next = at;
        sv raw = next_word(args, &next, r->escape);
        if (raw.n == 2)
            break;
        char *p = arena_array(r->arena, char, raw.n + 1);
        size_t n = 0;
        for (size_t i = 2; i < raw.n; i++) {
            if (raw.p[i] == r->escape && i + 1 < raw.n)
                i++;
            else if (raw.p[i] == '"' || raw.p[i] == '\'')
                continue;
            p[n++] = raw.p[i];
        }
        sv name = {p, n}, value = SV_NONE;
        size_t eq = sv_find_char(name, '=');
        if (eq != SV_NOT_FOUND) {
            value = sv_sub(name, eq + 1, n);
            name = sv_sub(name, 0, eq);
        }
        *flags = arena_new(r->arena, struct docker_flag);
        **flags = (struct docker_flag){name, value, NULL};
        flags = &(*flags)->next;
        at = skip_space(args, next);
    }
    return at;
}

/* A JSON array of strings. What follows it is ignored, as BuildKit does. */
static bool is_string_array(sv args)
{
    if (!sv_starts(args, SV("[")))
        return false;
    cJSON *array = cJSON_ParseWithLengthOpts(args.p, args.n, NULL, 0);
    bool ok = cJSON_IsArray(array);
    for (const cJSON *word = ok ? array->child : NULL; word != NULL; word = word->next)
        ok = ok && cJSON_IsString(word);
    cJSON_Delete(array);
    return ok;
}

/* ---- variables ---------------------------------------------------------------------------------- */

struct expansion {
    struct reader *reader; /* NULL: variables stay as written */
    struct buf *out;
    char escape;
    bool unresolved;
};

static void expand(struct expansion *e, sv word, size_t depth);

static const struct global_arg *global_of(const struct reader *r, sv name)
{
    for (size_t i = r->globals.n; i-- > 0;)
        if (sv_eq(r->globals.at[i]->name, name))
            return r->globals.at[i];
    return NULL;
}

static size_t name_end(sv s, size_t at)
{
    if (!sv_is_ident(sv_sub(s, at, at + 1)))
        return at;
    while (at < s.n && (sv_is_ident(sv_sub(s, at, at + 1)) || (s.p[at] >= '0' && s.p[at] <= '9')))
        at++;
    return at;
}

/* End of ${…}: the offset behind its brace, or SV_NOT_FOUND. */
static size_t brace_end(sv s, size_t at, char escape)
{
    size_t depth = 0;
    for (; at < s.n; at++) {
        if (s.p[at] == escape)
            at++;
        else if (s.p[at] == '{')
            depth++;
        else if (s.p[at] == '}' && --depth == 0)
            return at + 1;
    }
    return SV_NOT_FOUND;
}

static void keep(struct expansion *e, sv as_written)
{
    buf_put(e->out, as_written);
    e->unresolved = true;
}

/* ${NAME}, ${NAME:-word} and the like; `inner` is what stands between the braces. */
static void expand_braces(struct expansion *e, sv whole, sv inner, size_t depth)
{
    size_t end = name_end(inner, 0);
    const struct global_arg *arg = global_of(e->reader, sv_sub(inner, 0, end));
    sv value = arg == NULL ? SV_NONE : arg->value;
    sv rest = sv_sub(inner, end, inner.n);
    bool colon = sv_starts(rest, SV(":"));
    bool set = value.p != NULL && !(colon && value.n == 0);
    sv op = sv_sub(rest, colon, colon + 1u), word = sv_sub(rest, colon + 1u, rest.n);
    if (end == 0 || depth == LIMIT_INTERPOLATION_DEPTH)
        keep(e, whole);
    else if (rest.n == 0 && value.p != NULL)
        buf_put(e->out, value);
    else if (sv_eq(op, SV("-")) || sv_eq(op, SV("?"))) {
        if (set)
            buf_put(e->out, value);
        else if (sv_eq(op, SV("-")))
            expand(e, word, depth + 1);
        else
            keep(e, whole);
    } else if (sv_eq(op, SV("+"))) {
        if (set)
            expand(e, word, depth + 1);
    } else
        keep(e, whole);
}

/* A variable at word[at] == '$'; returns the offset behind it. */
static size_t expand_variable(struct expansion *e, sv word, size_t at, size_t depth)
{
    if (e->reader != NULL && at + 1 < word.n && word.p[at + 1] == '{') {
        size_t end = brace_end(word, at + 1, e->escape);
        if (end == SV_NOT_FOUND)
            keep(e, sv_sub(word, at, word.n));
        else
            expand_braces(e, sv_sub(word, at, end), sv_sub(word, at + 2, end - 1), depth);
        return end == SV_NOT_FOUND ? word.n : end;
    }
    size_t end = name_end(word, at + 1);
    const struct global_arg *arg = e->reader == NULL || end == at + 1 ? NULL : global_of(e->reader, sv_sub(word, at + 1, end));
    if (arg != NULL && arg->value.p != NULL)
        buf_put(e->out, arg->value);
    else
        keep(e, sv_sub(word, at, end));
    return end;
}

/* Quotes and escapes removed, variables filled in. */
static void expand(struct expansion *e, sv word, size_t depth)
{
    char quote = '\0';
    size_t most = e->reader == NULL ? word.n : LIMIT_DOCKER_EXPANSION_BYTES;
    for (size_t at = 0; at < word.n && e->out->n <= most;) {
        char c = word.p[at];
        if (c == e->escape && quote != '\'' && at + 1 < word.n) {
            char next = word.p[at + 1];
            if (quote == '"' && next != '"' && next != '$' && next != e->escape)
                buf_putc(e->out, c);
            buf_putc(e->out, next);
            at += 2;
        } else if (quote == '\0' ? c == '"' || c == '\'' : c == quote) {
            quote = quote == '\0' ? c : '\0';
            at++;
        } else if (c == '$' && quote != '\'') {
            at = expand_variable(e, word, at, depth);
        } else {
            buf_putc(e->out, c);
            at++;
        }
    }
}

/* SV_NONE when the result is too long, or holds a variable although `whole` is asked for. */
static sv filled_in(struct reader *r, sv word, bool whole)
{
    struct buf out = {0};
    struct expansion e = {r, &out, r->escape, false};
    expand(&e, word, 0);
    bool fits = out.n <= LIMIT_DOCKER_EXPANSION_BYTES;
    sv result = fits && !(whole && e.unresolved) ? sv_copy(r->arena, buf_view(&out)) : SV_NONE;
    buf_free(&out);
    if (!fits)
        repo_limit(r->tree.repo, r->tree.src->path, "LIMIT_DOCKER_EXPANSION_BYTES");
    return result;
}

/* Quotes and escapes removed, variables as written. */
static sv unquoted(struct arena *a, sv word, char escape)
{
    struct buf out = {0};
    expand(&(struct expansion){NULL, &out, escape, false}, word, 0);
    sv result = sv_copy(a, buf_view(&out));
    buf_free(&out);
    return result;
}

/* ---- ARG and FROM -------------------------------------------------------------------------------- */

static void add_globals(struct reader *r, const struct instruction *i)
{
    for (size_t at = skip_space(i->args, 0); at < i->args.n; at = skip_space(i->args, at)) {
        sv word = next_word(i->args, &at, r->escape);
        if (r->globals.n == LIMIT_DOCKER_NAMES) {
            repo_limit(r->tree.repo, r->tree.src->path, "LIMIT_DOCKER_NAMES");
            return;
        }
        size_t eq = sv_find_char(word, '=');
        sv value = eq == SV_NOT_FOUND ? SV_NONE : filled_in(r, sv_sub(word, eq + 1, word.n), true);
        struct global_arg *arg = vec_new(r->arena, &r->globals, struct global_arg);
        *arg = (struct global_arg){sv_sub(word, 0, eq == SV_NOT_FOUND ? word.n : eq), value};
    }
}

static const struct stage *stage_named(const struct dockerfile *d, sv name)
{
    for (size_t i = d->stages.n; i-- > 0;)
        if (sv_ieq(d->stages.at[i]->name, name) && name.n != 0)
            return d->stages.at[i];
    return NULL;
}

static void add_stage(struct reader *r, const struct instruction *i)
{
    if (r->file->stages.n == LIMIT_DOCKER_NAMES) {
        repo_limit(r->tree.repo, r->tree.src->path, "LIMIT_DOCKER_NAMES");
        return;
    }
    size_t at = 0;
    sv image = next_word(i->args, &at, r->escape), as = next_word(i->args, &at, r->escape);
    sv name = next_word(i->args, &at, r->escape);
    if (image.n == 0)
        tree_error(&r->tree, i->place.start, "FROM names no image");
    sv resolved = filled_in(r, image, false);
    if (resolved.p == NULL)
        resolved = image;
    const struct stage *base = stage_named(r->file, resolved);
    struct stage *s = vec_new(r->arena, &r->file->stages, struct stage);
    *s = (struct stage){.image = image, .resolved = resolved, .from = i, .base = base, .index = r->file->stages.n - 1};
    if (sv_ieq(as, SV("AS")) && name.n != 0)
        s->name = sv_lower(r->arena, name);
    for (const struct docker_flag *f = i->flags; f != NULL; f = f->next)
        if (sv_eq(f->name, SV("platform")))
            s->platform = f->value;
}

/* ---- here-documents and scripts -------------------------------------------------------------------- */

/* `<<EOF`, `<<-"EOF"`, `3<<EOF`: the name, quotes removed; false for other words. */
static bool heredoc_word(sv word, sv *name, bool *tabs, bool *quoted)
{
    size_t at = 0;
    while (at < word.n && word.p[at] >= '0' && word.p[at] <= '9')
        at++;
    if (!sv_starts(sv_sub(word, at, word.n), SV("<<")))
        return false;
    at += 2;
    *tabs = at < word.n && word.p[at] == '-';
    sv rest = sv_sub(word, at + *tabs, word.n);
    if (rest.n == 0 || sv_find_char(rest, '<') != SV_NOT_FOUND)
        return false;
    *name = sv_unquote(rest);
    *quoted = name->n != rest.n;
    return name->n != 0;
}

/* The lines from r->at up to `name` alone on a line; r->at moves behind that line, *end to its end.
 * False without such a line: the body is the rest of the file. */
static bool heredoc_body(struct reader *r, sv name, bool tabs, sv *body, size_t *end)
{
    size_t start = r->at;
    while (r->at < r->text.n) {
        struct line l = line_from(r->text, r->at);
        size_t from = l.start;
        while (tabs && from < l.end && r->text.p[from] == '\t')
            from++;
        r->at = l.next;
        *end = l.end;
        *body = sv_sub(r->text, start, l.start);
        if (sv_eq(sv_sub(r->text, from, l.end), name))
            return true;
    }
    *body = sv_sub(r->text, start, r->text.n);
    return tree_error(&r->tree, start, "unterminated heredoc \"%.*s\"", SV_ARG(text_clean(r->arena, name)));
}

static void read_heredocs(struct reader *r, struct instruction *i)
{
    struct docker_heredoc **tail = &i->heredocs;
    bool ended = true; /* behind one that is not there is nothing to read */
    for (size_t at = skip_space(i->args, 0); at < i->args.n && ended; at = skip_space(i->args, at)) {
        sv word = next_word(i->args, &at, r->escape), name, body;
        bool tabs, quoted;
        if (!heredoc_word(word, &name, &tabs, &quoted))
            continue;
        size_t start = r->at;
        ended = heredoc_body(r, name, tabs, &body, &i->place.end);
        struct docker_heredoc *h = arena_new(r->arena, struct docker_heredoc);
        struct source *text = source_embed(r->arena, r->tree.src, start, body, EMBED_LINES, "heredoc");
        *h = (struct docker_heredoc){name, text, quoted, NULL};
        *tail = h;
        tail = &h->next;
    }
}

/* The logical line [from, to) as the shell may read it: one line per line of the file, joined by
 * backslashes whatever the file's escape is, what Docker drops left empty. */
static sv shell_text(const struct reader *r, size_t from, size_t to)
{
    char *p = arena_array(r->arena, char, 2 * (to - from) + 2);
    size_t n = 0;
    for (size_t at = from; at < to;) {
        struct line l = line_from(sv_sub(r->text, 0, to), at);
        bool continues;
        size_t end = content_end(r->text, l, r->escape, &continues);
        if (at == from || !is_dropped(r->text, l)) {
            memcpy(p + n, r->text.p + l.start, end - l.start);
            n += end - l.start;
        }
        if (l.next < to) {
            p[n++] = '\\';
            p[n++] = '\n';
        }
        at = l.next;
    }
    return (sv){p, n};
}

static void set_interpreter(struct source *script)
{
    sv rest = script->text, first = sv_line(&rest);
    script->kind = SOURCE_SCRIPT;
    script->lang = LANG_SHELL;
    if (!sv_starts(first, SV("#!")))
        return;
    enum lang l = sv_has(first, SV("python")) ? LANG_PYTHON
                  : sv_has(first, SV("node")) ? LANG_JAVASCRIPT
                  : sv_has(first, SV("ruby")) ? LANG_RUBY
                                              : LANG_SHELL;
    if (l != LANG_SHELL)
        script->kind = SOURCE_CODE;
    script->lang = l;
}

/* `from` is where the command begins, `to` the end of the logical line. */
static void set_script(struct reader *r, struct instruction *i, size_t from, size_t to)
{
    const char *field = sv_lower(r->arena, i->keyword).p; /* copies end with NUL */
    const struct docker_heredoc *h = i->heredocs;
    sv name;
    bool tabs, quoted;
    struct source *script;
    if (h != NULL && heredoc_word(i->args, &name, &tabs, &quoted) && word_end(i->args, 0, r->escape) == i->args.n) {
        script = source_embed(r->arena, r->tree.src, h->text->host_offset, h->text->text, EMBED_LINES, field);
    } else {
        sv text = shell_text(r, from, to);
        if (h != NULL) /* the shell reads the documents too */
            text = sv_concat(r->arena, text, sv_sub(r->text, to, i->place.end));
        script = source_embed(r->arena, r->tree.src, from, text, EMBED_LINES, field);
    }
    set_interpreter(script);
    i->script = script;
}

/* ---- instructions ------------------------------------------------------------------------------------ */

/* Bytes of `args` in front of the command: HEALTHCHECK has options and CMD before it. */
static size_t command_start(const struct instruction *i)
{
    if (!sv_eq(i->keyword, SV("HEALTHCHECK")))
        return SV_IN(i->keyword, SV("RUN"), SV("CMD"), SV("ENTRYPOINT")) ? 0 : SV_NOT_FOUND;
    if (!sv_istarts(i->args, SV("CMD")) || i->args.n < 4 || !is_space(i->args.p[3]))
        return SV_NOT_FOUND;
    return skip_space(i->args, 3);
}

static bool may_hold_heredoc(const struct instruction *i)
{
    sv keyword = i->keyword;
    if (sv_eq(keyword, SV("ONBUILD"))) {
        size_t at = 0;
        keyword = next_word(i->args, &at, '\\');
    }
    return !i->exec_form && (sv_ieq(keyword, SV("RUN")) || sv_ieq(keyword, SV("COPY")) || sv_ieq(keyword, SV("ADD")));
}

static void read_body(struct reader *r, struct instruction *i, const struct joined *j)
{
    size_t command = command_start(i);
    sv array = command == SV_NOT_FOUND ? i->args : sv_sub(i->args, command, i->args.n);
    if (command != SV_NOT_FOUND || SV_IN(i->keyword, SV("SHELL"), SV("VOLUME"), SV("COPY"), SV("ADD")))
        i->exec_form = is_string_array(array);
    if (may_hold_heredoc(i))
        read_heredocs(r, i);
    if (command != SV_NOT_FOUND && !i->exec_form && command < i->args.n)
        set_script(r, i, instruction_span(i, command, command).start, j->end);
}

/* The pieces of `args`, which is text[from, …) of the joined line. */
static void set_args(struct reader *r, struct instruction *i, const struct joined *j, size_t from, size_t to)
{
    struct pieces own = {0};
    for (size_t k = 0; k < j->pieces.n; k++) {
        struct piece p = j->pieces.at[k];
        size_t first = p.at, last = p.at + (p.end - p.start);
        if (last <= from || first >= to)
            continue;
        size_t cut = from > first ? from - first : 0, tail = last > to ? last - to : 0;
        pieces_add(r->arena, &own,
                   (struct piece){(uint32_t)(first + cut - from), p.start + (uint32_t)cut, p.end - (uint32_t)tail});
    }
    i->args = sv_sub(j->text, from, to);
    i->pieces = own.at;
    i->n_pieces = own.n;
    i->args_place = instruction_span(i, 0, i->args.n);
}

static void read_instruction(struct reader *r, size_t start)
{
    struct joined j = join(r, start);
    size_t word = skip_space(j.text, 0), end = word;
    while (end < j.text.n && !is_space(j.text.p[end]))
        end++;
    if (end == word)
        return;
    struct instruction *i = vec_new(r->arena, &r->file->instructions, struct instruction);
    i->escape = r->escape;
    i->keyword = sv_upper(r->arena, sv_sub(j.text, word, end));
    i->place = (struct place){r->tree.src, start, j.end};
    i->args_place = (struct place){r->tree.src, j.end, j.end};
    size_t args = end + read_flags(r, sv_sub(j.text, end, j.text.n), &i->flags), to = j.text.n;
    while (to > args && is_space(j.text.p[to - 1]))
        to--;
    if (to > args)
        set_args(r, i, &j, args, to);
    else
        i->args = sv_sub(j.text, args, args);
    if (sv_eq(i->keyword, SV("FROM")))
        add_stage(r, i);
    else if (sv_eq(i->keyword, SV("ARG")) && r->file->stages.n == 0)
        add_globals(r, i);
    else
        read_body(r, i, &j);
    i->stage = r->file->stages.n == 0 ? 0 : r->file->stages.n - 1;
}

/* ---- the file ------------------------------------------------------------------------------------------ */

/* "# key=value" in the lines before everything else. Returns the offset behind them. */
static size_t read_directives(sv text, char *escape, sv *syntax)
{
    size_t at = 0;
    while (at < text.n) {
        struct line l = line_from(text, at);
        sv line = sv_trim(sv_sub(text, l.start, l.end));
        size_t eq = sv_find_char(line, '=');
        if (!sv_starts(line, SV("#")) || eq == SV_NOT_FOUND)
            break;
        sv key = sv_trim(sv_sub(line, 1, eq)), value = sv_trim(sv_sub(line, eq + 1, line.n));
        if (!sv_is_ident(key) || sv_find_char(key, '_') != SV_NOT_FOUND || value.n == 0)
            break;
        if (sv_ieq(key, SV("escape")) && (sv_eq(value, SV("`")) || sv_eq(value, SV("\\"))))
            *escape = value.p[0];
        else if (sv_ieq(key, SV("syntax")))
            *syntax = value;
        at = l.next;
    }
    return at;
}

struct dockerfile *read_dockerfile(struct repo *repo, const struct source *src)
{
    if (!tree_fits(repo, src))
        return NULL;
    struct reader r = {.tree = {.repo = repo, .src = src}, .arena = repo->arena, .text = src->text, .escape = '\\'};
    r.file = arena_new(repo->arena, struct dockerfile);
    r.file->src = src;
    r.at = sv_starts(r.text, SV("\xEF\xBB\xBF")) ? 3 : 0;
    sv head = sv_sub(r.text, r.at, r.text.n);
    r.at += read_directives(head, &r.escape, &r.file->syntax);
    while (r.at < r.text.n) {
        struct line l = line_from(r.text, r.at);
        if (is_dropped(r.text, l))
            r.at = l.next;
        else
            read_instruction(&r, skip_space(r.text, l.start));
    }
    return r.file;
}

struct place instruction_span(const struct instruction *i, size_t from, size_t to)
{
    return i->n_pieces == 0 ? i->args_place : pieces_span(i->place.src, i->pieces, i->n_pieces, i->args.n, from, to);
}

void instruction_pairs(struct arena *a, const struct instruction *i,
                       void (*each)(void *ctx, sv key, sv value, bool has_value, struct place), void *ctx)
{
    char escape = i->escape;
    size_t at = skip_space(i->args, 0), first_end = word_end(i->args, at, escape);
    bool old_form = !sv_eq(i->keyword, SV("ARG")) && sv_find_char(sv_sub(i->args, at, first_end), '=') == SV_NOT_FOUND;
    while (at < i->args.n) {
        size_t end = old_form ? i->args.n : word_end(i->args, at, escape);
        sv pair = sv_sub(i->args, at, end);
        size_t sep = old_form ? first_end - at : sv_find_char(pair, '=');
        bool has_value = sep < pair.n;
        sv value = has_value ? sv_sub(pair, old_form ? skip_space(pair, sep) : sep + 1, pair.n) : SV_NONE;
        sv key = unquoted(a, sv_sub(pair, 0, has_value ? sep : pair.n), escape);
        each(ctx, key, has_value ? unquoted(a, value, escape) : SV_NONE, has_value, instruction_span(i, at, end));
        at = skip_space(i->args, end);
    }
}
