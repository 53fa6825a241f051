/* Makefiles and justfiles as shell: their recipes line by line, their variables as assignments. Which target runs is
 * not decided: a workflow that calls make may reach each of them. */
#include "fact/fact.h"

struct shell_text { char *p; size_t n; };

static void put(struct shell_text *out, sv text)
{
    for (size_t i = 0; i < text.n; i++)
        out->p[out->n++] = text.p[i];
}

/* "$(X)" is "${X}" in shell, "$(shell cmd)" is "$(cmd)", "$$" is "$", just's "{{X}}" is "${X}". Never longer than `text`. */
static void put_expanded(struct shell_text *out, sv text)
{
    for (size_t i = 0; i < text.n; i++) {
        sv rest = sv_sub(text, i, text.n);
        size_t close = sv_find_char(rest, ')'), braces = sv_starts(rest, SV("{{")) ? sv_find(rest, SV("}}")) : SV_NOT_FOUND;
        sv name = sv_starts(rest, SV("$(")) && close != SV_NOT_FOUND ? sv_sub(rest, 2, close) : SV_NONE;
        sv just = braces == SV_NOT_FOUND ? SV_NONE : sv_trim(sv_sub(rest, 2, braces));
        if (sv_starts(rest, SV("$$"))) {
            put(out, SV("$"));
            i++;
        } else if (sv_starts(rest, SV("$(shell "))) {
            put(out, SV("$("));
            i += 7;
        } else if (sv_is_ident(name) || sv_is_ident(just)) {
            put(out, SV("${"));
            put(out, name.n != 0 ? name : just);
            put(out, SV("}"));
            i += name.n != 0 ? close : braces + 1;
        } else {
            out->p[out->n++] = text.p[i];
        }
    }
}

/* `X := value`, `export X ?= value`: an assignment, its value in one pair of quotes. False for other lines. */
static bool put_assignment(struct shell_text *out, sv line)
{
    size_t eq = sv_find_char(line, '=');
    sv left = eq == SV_NOT_FOUND ? SV_NONE : sv_sub(line, 0, eq), value = sv_unquote(sv_trim(sv_sub(line, eq + 1, line.n)));
    while (left.n != 0 && sv_find_char(SV(":?+! "), left.p[left.n - 1]) != SV_NOT_FOUND)
        left.n--;
    bool exported = sv_starts(left, SV("export "));
    sv name = sv_trim(exported ? sv_sub(left, 7, left.n) : left);
    if (!sv_is_ident(name) || sv_ends(value, SV("\\")))
        return false;
    sv quote = sv_find_char(value, '"') == SV_NOT_FOUND ? SV("\"") : SV("'");
    put(out, exported ? SV("export ") : SV(""));
    put(out, name);
    put(out, SV("="));
    put(out, quote);
    put_expanded(out, value);
    put(out, quote);
    return true;
}

bool is_makefile(const struct source *s)
{
    sv name = path_base(s->path);
    return SV_IN(name, SV("Makefile"), SV("makefile"), SV("GNUmakefile"), SV("justfile"), SV("Justfile"), SV(".justfile")) || sv_ends(name, SV(".mk"));
}

struct source *makefile_as_shell(struct arena *a, const struct source *s)
{
    struct shell_text out = {0};
    bool spaces = sv_ihas(path_base(s->path), SV("justfile")), goes_on = false;
    out.p = arena_array(a, char, s->text.n + 3 * s->lines.n + 1); /* quotes around values */
    for (sv rest = s->text; rest.p != NULL;) {
        sv line = sv_line(&rest);
        bool recipe = sv_starts(line, SV("\t")) || (spaces && sv_starts(line, SV(" ")));
        if (recipe) {
            sv command = sv_trim(line);
            while (!goes_on && command.n != 0 && sv_find_char(SV("@-+"), command.p[0]) != SV_NOT_FOUND)
                command = sv_sub(command, 1, command.n);
            put_expanded(&out, command);
            goes_on = sv_ends(command, SV("\\"));
        } else if (!put_assignment(&out, line)) {
            put(&out, sv_starts(line, SV("export ")) ? line : SV(""));
        }
        out.p[out.n++] = '\n';
    }
    struct source *shell = source_embed(a, s, 0, (sv){out.p, out.n}, EMBED_LINES, "recipes");
    shell->kind = SOURCE_SCRIPT;
    shell->lang = LANG_SHELL;
    return shell;
}
