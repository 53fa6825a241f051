/* Programs that live inside other files: `configs: content`, COPY <<EOF app.mjs, python3 -c "…" in a script. */
#include "fact/fact.h"

static enum lang lang_of_name(sv name)
{
    static const struct { const char *ending; enum lang lang; } rows[] = {
        {".py", LANG_PYTHON}, {".js", LANG_JAVASCRIPT}, {".mjs", LANG_JAVASCRIPT}, {".cjs", LANG_JAVASCRIPT},
        {".ts", LANG_TYPESCRIPT}, {".sh", LANG_SHELL}, {".rs", LANG_RUST}, {".go", LANG_GO},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (sv_iends(name, sv_from(rows[i].ending)))
            return rows[i].lang;
    return LANG_NONE;
}

static bool is_known(const struct facts *f, const struct source *host, size_t offset)
{
    for (size_t i = 0; i < f->embedded.n; i++)
        if (f->embedded.at[i]->host == host && f->embedded.at[i]->host_offset == offset)
            return true;
    return false;
}

static void add(struct facts *f, struct source *s, enum lang lang)
{
    s->kind = lang == LANG_SHELL ? SOURCE_SCRIPT : SOURCE_CODE;
    s->lang = lang;
    s->scope = s->host != NULL ? s->host->scope : s->scope;
    if (s->host == NULL || !is_known(f, s->host, s->host_offset))
        vec_push(f->arena, &f->embedded, s);
}

/* configs:
 *   app.py: {content: "…"} */
static void from_configs(struct facts *f, const struct node *root)
{
    for node_each(config, node_get(root, "configs")) {
        const struct node *content = node_get(config, "content");
        enum lang lang = lang_of_name(config->key);
        if (content == NULL || node_text(content).n == 0 || lang == LANG_NONE)
            continue;
        struct source *s = node_source(f->arena, content, "content");
        if (s != NULL)
            add(f, s, lang);
    }
}

/* COPY <<EOF /app/index.mjs names the file last; RUN cat > app.mjs <<EOF behind the angle. */
static sv heredoc_file(const struct instruction *in)
{
    sv args = sv_trim(in->args);
    size_t line = sv_find_char(args, '\n');
    args = line == SV_NOT_FOUND ? args : sv_sub(args, 0, line);
    if (SV_IN(in->keyword, SV("COPY"), SV("ADD"))) {
        size_t blank = sv_rfind_char(args, ' ');
        return blank == SV_NOT_FOUND ? args : sv_sub(args, blank + 1, args.n);
    }
    size_t angle = sv_find_char(args, '>');
    if (!sv_eq(in->keyword, SV("RUN")) || angle == SV_NOT_FOUND)
        return SV_NONE;
    sv rest = sv_trim(sv_trim_char(sv_sub(args, angle, args.n), '>'));
    return sv_unquote(sv_cut(&rest, ' '));
}

static void from_heredocs(struct facts *f, const struct dockerfile *d)
{
    for (size_t i = 0; i < d->instructions.n; i++) {
        const struct instruction *in = d->instructions.at[i];
        enum lang lang = in->heredocs == NULL ? LANG_NONE : lang_of_name(heredoc_file(in));
        if (lang == LANG_NONE || in->heredocs->next != NULL || in->heredocs->text == NULL)
            continue;
        struct source *s = arena_new(f->arena, struct source);
        *s = *in->heredocs->text;
        add(f, s, lang);
    }
}

/* python3 -c "…", node -e '…': the program is one quoted word. */
static void from_arguments(struct facts *f, const struct source *script)
{
    const struct shell *sh = read_shell(f->repo, script);
    for (size_t i = 0; sh != NULL && i < sh->commands.n; i++) {
        const struct command *c = sh->commands.at[i];
        sv name = command_name(c);
        bool python = SV_IN(name, SV("python"), SV("python3")), node = sv_eq(name, SV("node"));
        if ((!python && !node) || c->n < 3 || !sv_eq(c->words[1].text, python ? SV("-c") : SV("-e")) || c->words[2].raw.n < 3)
            continue;
        const struct word *w = &c->words[2];
        char quote = w->raw.p[0];
        if ((quote != '"' && quote != '\'') || w->raw.p[w->raw.n - 1] != quote || w->place.src != script)
            continue;
        struct source *s = source_embed(f->arena, script, w->place.start + 1, sv_sub(w->raw, 1, w->raw.n - 1), EMBED_LINES, "argument");
        add(f, s, python ? LANG_PYTHON : LANG_JAVASCRIPT);
    }
}

void facts_from_inline_code(struct facts *f)
{
    for (size_t i = 0; i < f->repo->files.n; i++) {
        const struct source *s = f->repo->files.at[i];
        bool runs = s->lang == LANG_SHELL && s->kind == SOURCE_SCRIPT && !s->vendored && (source_has(s, SV("python3 -c")) || source_has(s, SV("python -c")) || source_has(s, SV("node -e")));
        if (runs)
            from_arguments(f, s);
    }
    for (size_t i = 0; i < f->deployments.n; i++)
        from_configs(f, f->deployments.at[i]->root);
    for (size_t i = 0; i < f->dockerfiles.n; i++)
        from_heredocs(f, f->dockerfiles.at[i]);
}
