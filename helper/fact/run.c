/* Shell texts to runs: one row for each command, with where it runs. */
#include "doc/read_program.h"
#include "fact/fact.h"

enum { NESTED_SHELLS = 8 }; /* `sh -c "sh -c …"`: deeper is not written by people */

bool is_shell_name(sv word)
{
    sv base = path_base(word);
    return SV_IN(base, SV("sh"), SV("bash"), SV("ash"), SV("dash"), SV("zsh"), SV("busybox"));
}

bool program_names_shell(const struct program *p, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        if (p->at[i].kind == TOKEN_STRING && is_shell_name(program_string(p, i)))
            return true;
    return false;
}

static size_t depth_of(const struct source *s)
{
    size_t depth = 0;
    for (; s != NULL && s->host != NULL; s = s->host)
        depth++;
    return depth;
}

static struct source *embed(struct facts *f, const struct source *host, size_t offset, sv text, enum source_kind kind,
                            enum lang lang, const char *field)
{
    struct source *s = source_embed(f->arena, host, offset, text, EMBED_LINES, field);
    s->kind = kind;
    s->lang = lang;
    s->scope = host->scope;
    return s;
}

/* The script of `sh -c SCRIPT`, or -1. */
static size_t script_word(const struct command *c)
{
    if (c->n < 3 || !is_shell_name(c->words[0].text))
        return SV_NOT_FOUND;
    for (size_t i = 1; i + 1 < c->n; i++) {
        sv t = c->words[i].text;
        if (!sv_starts(t, SV("-")))
            return SV_NOT_FOUND;
        if (!sv_starts(t, SV("--")) && sv_has(t, SV("c")))
            return i + 1;
    }
    return SV_NOT_FOUND;
}

static bool feeds_a_shell(const struct command *c)
{
    sv name = command_name(c);
    if (is_shell_name(name))
        return true;
    return SV_IN(name, SV("ssh"), SV("docker"), SV("kubectl"), SV("chroot"), SV("su")) &&
           (command_has(c, "bash") || command_has(c, "sh") || sv_eq(name, SV("ssh")));
}

static void nested_heredoc(struct facts *f, const struct command *c, struct run like)
{
    const struct source *host = c->heredoc_place.src;
    if (c->heredoc.n == 0 || host == NULL)
        return;
    if (feeds_a_shell(c)) {
        facts_run_shell(f, embed(f, host, c->heredoc_place.start, c->heredoc, SOURCE_SCRIPT, LANG_SHELL, "heredoc"), like);
    } else if (sv_istarts(path_base(c->redirect_out), SV("Dockerfile"))) {
        struct source *s = embed(f, host, c->heredoc_place.start, c->heredoc, SOURCE_DOCKERFILE, LANG_DOCKERFILE, "heredoc");
        vec_push(f->arena, &f->embedded, s);
        facts_dockerfile(f, s);
    }
}

void facts_run_nested(struct facts *f, const struct command *c, struct run like)
{
    if (c->place.src == NULL || depth_of(c->place.src) >= NESTED_SHELLS)
        return;
    size_t i = script_word(c);
    if (i != SV_NOT_FOUND && c->words[i].text.n != 0) {
        const struct word *w = &c->words[i];
        facts_run_shell(f, embed(f, w->place.src, w->place.start, w->text, SOURCE_SCRIPT, LANG_SHELL, "sh -c"), like);
    }
    nested_heredoc(f, c, like);
}

const struct shell *facts_run_shell(struct facts *f, const struct source *src, struct run like)
{
    struct shell *sh = read_shell(f->repo, src);
    if (sh == NULL)
        return NULL;
    for (size_t i = 0; i < sh->commands.n; i++) {
        struct run *r = vec_new(f->arena, &f->runs, struct run);
        *r = like;
        r->command = sh->commands.at[i];
        r->src = src;
        r->shell = sh;
        r->index = i;
        facts_run_nested(f, sh->commands.at[i], like);
    }
    return sh;
}
