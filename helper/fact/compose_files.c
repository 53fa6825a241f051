/* Which files compose reads together: `-f a -f b` on a command line, COMPOSE_FILE, the override beside a
 * file, and a file whose services cannot stand without those of its neighbour. */
#include "fact/compose.h"

enum { GROUPS = 200 };

struct files { const struct source *at[COMPOSE_FILES]; size_t n; };

static const struct source *file_near(const struct facts *f, const struct source *from, sv path)
{
    size_t slash;
    while (sv_starts(path, SV("$")) && (slash = sv_find_char(path, '/')) != SV_NOT_FOUND)
        path = sv_sub(path, slash + 1, path.n); /* "$ROOT/compose.yml" */
    for (sv dir = path_dir(from->path);; dir = path_dir(dir)) {
        sv full = path_join(f->arena, dir, path);
        const struct source *s = full.p == NULL ? NULL : repo_find(f->repo, full);
        if (s != NULL || dir.n == 0)
            return s;
    }
}

static void add_file(const struct facts *f, const struct source *from, sv path, struct files *out)
{
    const struct source *s = path.n == 0 ? NULL : file_near(f, from, path);
    if (s != NULL && s->kind == SOURCE_COMPOSE && out->n < COMPOSE_FILES)
        out->at[out->n++] = s;
}

static sv next_word(sv *rest)
{
    while (rest->n != 0 && (rest->p[0] == ' ' || rest->p[0] == '\t' || rest->p[0] == '\\'))
        *rest = sv_sub(*rest, 1, rest->n);
    size_t i = 0;
    while (i < rest->n && sv_find_char(SV(" \t;|&`)"), rest->p[i]) == SV_NOT_FOUND)
        i++;
    sv word = sv_sub(*rest, 0, i);
    *rest = sv_sub(*rest, i, rest->n);
    return sv_unquote(word);
}

/* The files of one command line, its continued lines joined in `line`. */
static void files_of_command(const struct facts *f, const struct source *from, sv line, struct files *out)
{
    while (line.n != 0) {
        sv word = next_word(&line);
        if (word.n == 0 && line.n != 0 && sv_find_char(SV(";|&`)"), line.p[0]) != SV_NOT_FOUND)
            return;
        if (SV_IN(word, SV("-f"), SV("--file")))
            add_file(f, from, next_word(&line), out);
        else if (sv_starts(word, SV("--file=")))
            add_file(f, from, sv_unquote(sv_sub(word, 7, word.n)), out);
        else if (word.n == 0)
            line = sv_sub(line, 1, line.n);
    }
}

/* A line and those that a backslash joins to it. */
static sv joined_lines(const struct source *s, size_t at)
{
    size_t end = at;
    while (end < s->text.n && (s->text.p[end] != '\n' || (end > at && s->text.p[end - 1] == '\\')))
        end++;
    return sv_sub(s->text, at, end);
}

static void keep(struct facts *f, const struct files *files, struct place place)
{
    if (files->n < 2 || f->compose_groups.n >= GROUPS)
        return;
    struct compose_group *g = vec_new(f->arena, &f->compose_groups, struct compose_group);
    *g = (struct compose_group){.n = files->n, .place = place};
    for (size_t i = 0; i < files->n; i++)
        g->files[i] = files->at[i];
}

static void read_commands(struct facts *f, const struct source *s)
{
    const sv programs[] = {SV("docker compose"), SV("docker-compose "), SV("podman-compose ")};
    for (size_t p = 0; p < sizeof programs / sizeof *programs; p++) {
        if (!text_says(s, programs[p]))
            continue;
        for (size_t at = 0; (at = sv_find_at(s->text, programs[p], at)) != SV_NOT_FOUND; at += programs[p].n) {
            struct files files = {0};
            sv line = joined_lines(s, at);
            files_of_command(f, s, sv_sub(line, programs[p].n, line.n), &files);
            keep(f, &files, (struct place){s, at, at + line.n});
        }
    }
}

/* COMPOSE_FILE=a.yml:b.yml, in a .env or a script */
static void read_variable(struct facts *f, const struct source *s)
{
    const sv assignment = SV("COMPOSE_FILE=");
    for (size_t at = 0; (at = sv_find_at(s->text, assignment, at)) != SV_NOT_FOUND; at += assignment.n) {
        sv rest = sv_sub(s->text, at + assignment.n, s->text.n), line = sv_line(&rest);
        sv list = sv_trim_char(sv_trim_char(next_word(&line), '"'), '\'');
        struct files files = {0};
        while (list.p != NULL)
            add_file(f, s, sv_cut(&list, ':'), &files);
        keep(f, &files, (struct place){s, at, at + assignment.n});
    }
}

void compose_groups_find(struct facts *f)
{
    for (size_t i = 0; i < f->repo->files.n; i++) {
        const struct source *s = f->repo->files.at[i];
        if (s->vendored || s->kind == SOURCE_COMPOSE || s->kind == SOURCE_LOCK || s->kind == SOURCE_EVIDENCE)
            continue;
        read_commands(f, s);
        if (s->kind == SOURCE_ENV || s->kind == SOURCE_SCRIPT || s->kind == SOURCE_WORKFLOW)
            read_variable(f, s);
    }
}

/* ---- what lies under a file ------------------------------------------------------------------------- */

static bool is_override_name(sv base)
{
    return sv_has(base, SV(".override."));
}

/* Every service of its own says what it runs. */
static bool stands_alone(const struct node *root)
{
    for node_each(s, node_get(root, "services"))
        if (s->kind == NODE_MAP && node_get(s, "image") == NULL && node_get(s, "build") == NULL && node_get(s, "extends") == NULL)
            return false;
    return true;
}

/* The default file of the folder, or for "x.override.yml" the file "x.yml". */
static const struct source *neighbour(const struct facts *f, const struct source *s)
{
    static const char *const names[] = {"compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"};
    const sv ends[] = {SV(".yml"), SV(".yaml")};
    sv base = path_base(s->path), dir = path_dir(s->path);
    size_t dot = sv_find(base, SV(".override."));
    for (size_t i = 0; dot != SV_NOT_FOUND && i < 2; i++) {
        const struct source *found = repo_find(f->repo, sv_concat(f->arena, sv_sub(s->path, 0, s->path.n - base.n + dot), ends[i]));
        if (found != NULL)
            return found;
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        sv path = dir.n == 0 ? sv_from(names[i]) : sv_printf(f->arena, "%.*s/%s", SV_ARG(dir), names[i]);
        const struct source *found = repo_find(f->repo, path);
        if (found != NULL && found != s)
            return found;
    }
    return NULL;
}

size_t compose_bases(const struct facts *f, const struct source *s, const struct node *root, const struct source **out, sv *why)
{
    *why = SV_NONE;
    for (size_t i = 0; i < f->compose_groups.n; i++) {
        const struct compose_group *g = f->compose_groups.at[i];
        size_t n = 0;
        while (n < g->n && g->files[n] != s) {
            out[n] = g->files[n];
            n++;
        }
        if (n == g->n || n == 0 || n + 1 != g->n)
            continue; /* not the last one: the whole stands under that name */
        *why = sv_printf(f->arena, "%.*s:%zu lays it over %.*s", SV_ARG(g->place.src->path), place_line(g->place), SV_ARG(out[n - 1]->path));
        return n;
    }
    const struct source *base = is_override_name(path_base(s->path)) || !stands_alone(root) ? neighbour(f, s) : NULL;
    if (base == NULL || base->kind != SOURCE_COMPOSE)
        return 0;
    out[0] = base;
    *why = sv_printf(f->arena, "it completes %.*s", SV_ARG(base->path));
    return 1;
}
