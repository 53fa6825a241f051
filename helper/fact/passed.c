/* Names that a deploy command passes: `phala deploy -e K=V`, `-e FILE`, the `envs` of a deploy action. The
 * command line makes exactly these the allowed_envs of what it deploys (dstack-facts 1.6). */
#include "fact/compose.h"

enum { NAMES = 2000, COMMANDS = 200 };

struct deploy_command {
    const struct deploy_hint *command;
    const struct deploy_hint **options;
    size_t n;
};

static bool is_for(const struct facts *f, const struct deploy_command *c, const struct deployment *d)
{
    sv dir = path_dir(c->command->place.src->path);
    bool named = false;
    for (size_t i = 0; i < c->n; i++) {
        const struct deploy_hint *h = c->options[i];
        if (!sv_eq(h->what, SV("compose")) || h->value.n == 0)
            continue;
        named = true;
        sv joined = path_join(f->arena, dir, h->value);
        sv plain = sv_starts(h->value, SV("./")) ? sv_sub(h->value, 2, h->value.n) : h->value;
        if (sv_eq(plain, d->compose->path) || (joined.p != NULL && sv_eq(joined, d->compose->path)))
            return true;
    }
    /* Without one the command takes the compose file of the folder. */
    return !named && d->deployed && (path_is_below(d->compose->path, dir) || path_is_below(dir, d->group));
}

static void add_name(struct facts *f, sv name, struct deployment *d, struct place place)
{
    name = sv_trim_char(sv_trim(name), '"');
    if (!sv_is_ident(name) || f->passed.n >= NAMES)
        return;
    *vec_new(f->arena, &f->passed, struct passed_name) = (struct passed_name){name, d, place};
}

/* "K=V" or lines of them, as in the input of an action. */
static void add_pairs(struct facts *f, sv text, struct deployment *d, struct place place)
{
    for (sv rest = text; rest.p != NULL;) {
        sv line = sv_line(&rest), value = line;
        sv name = sv_cut(&value, '=');
        if (value.p != NULL)
            add_name(f, name, d, place);
    }
}

static void add_env_text(struct facts *f, const struct source *s, struct deployment *d)
{
    struct env_lines lines;
    env_lines_parse(f->arena, s->text, false, &lines);
    for (size_t i = 0; i < lines.all.n; i++)
        add_name(f, lines.all.at[i]->name, d, (struct place){s, lines.all.at[i]->start, lines.all.at[i]->end});
}

/* The file itself, which is seldom committed, or the example that stands for it. */
static const struct source *env_file_near(const struct facts *f, const struct source *from, sv path)
{
    static const char *const endings[] = {"", ".example", ".template", ".sample", ".dist"};
    for (sv dir = path_dir(from->path);; dir = path_dir(dir)) {
        for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
            sv full = path_join(f->arena, dir, sv_concat(f->arena, path, sv_from(endings[i])));
            const struct source *s = full.p == NULL ? NULL : repo_find(f->repo, full);
            if (s != NULL && s->kind == SOURCE_ENV)
                return s;
        }
        if (dir.n == 0)
            return NULL;
    }
}

/* Commands of the same text that write the file: cat > .env <<EOF, echo "K=V" >> .env. */
static void add_written(struct facts *f, const struct source *from, sv path, struct deployment *d)
{
    for (size_t i = 0; i < f->runs.n; i++) {
        const struct command *c = f->runs.at[i]->command;
        if (!sv_eq(c->place.src->path, from->path) || c->redirect_out.n == 0 || !sv_eq(path_base(c->redirect_out), path_base(path)))
            continue;
        add_pairs(f, c->heredoc, d, c->place);
        for (size_t k = 1; k < c->n; k++)
            add_pairs(f, c->words[k].text, d, c->place);
    }
}

static void read_command(struct facts *f, const struct deploy_command *c)
{
    for (size_t i = 0; i < f->deployments.n; i++) {
        struct deployment *d = f->deployments.at[i];
        if (d->app != NULL || !is_for(f, c, d))
            continue;
        for (size_t k = 0; k < c->n; k++) {
            const struct deploy_hint *h = c->options[k];
            if (sv_eq(h->what, SV("env")))
                add_pairs(f, h->value, d, h->place);
            if (!sv_eq(h->what, SV("env-file")) || h->value.n == 0)
                continue;
            const struct source *s = env_file_near(f, h->place.src, h->value);
            if (s != NULL)
                add_env_text(f, s, d);
            add_written(f, h->place.src, h->value, d);
        }
    }
}

void facts_pass(struct facts *f)
{
    size_t commands = 0;
    for (size_t i = 0; i < f->hints.n && commands < COMMANDS; i++) {
        if (!sv_eq(f->hints.at[i]->what, SV("deploy")))
            continue;
        commands++;
        struct deploy_command c = {.command = f->hints.at[i], .options = (const struct deploy_hint **)&f->hints.at[i + 1]};
        while (i + 1 + c.n < f->hints.n && !sv_eq(f->hints.at[i + 1 + c.n]->what, SV("deploy")) &&
               f->hints.at[i + 1 + c.n]->place.src == c.command->place.src)
            c.n++;
        read_command(f, &c);
    }
}
