/* SOURCE_DATE_EPOCH: are the times in an image fixed? They come from the build argument of that name alone.
 * buildx and nerdctl pass a variable of their environment on as that argument unless it is empty (docker/buildx#1482,
 * #1675; build-push-action#994). A default inside a stage only reaches the commands of that stage; one above the first
 * FROM counts for the image from BuildKit 0.29 on (moby/buildkit docs/build-repro.md and #6601). */
#include "check/lookup.h"
#include "check/provenance.h"

#define EPOCH SV("SOURCE_DATE_EPOCH")

/* ---- shell ------------------------------------------------------------------------------------------------ */

sv plain_variable(sv word)
{
    bool braces = sv_starts(word, SV("${")) && sv_ends(word, SV("}"));
    sv name = !sv_starts(word, SV("$")) ? SV_NONE : braces ? sv_sub(word, 2, word.n - 1) : sv_sub(word, 1, word.n);
    size_t index = sv_find_char(name, '[');
    name = index == SV_NOT_FOUND ? name : sv_sub(name, 0, index);
    return sv_is_ident(name) ? name : SV_NONE;
}

bool shell_assigns(const struct shell *s, sv name, sv text)
{
    for (size_t i = 0; s != NULL && name.n != 0 && i < s->commands.n; i++)
        for (const struct assign *a = s->commands.at[i]->assigns; a != NULL; a = a->next)
            if (sv_eq(a->name, name) && a->value.n != 0 && sv_has(a->value, text))
                return true;
    return false;
}

static bool shell_sets(const struct shell *s)
{
    return shell_assigns(s, EPOCH, SV(""));
}

static bool is_exporter(const struct command *c)
{
    return sv_eq(command_name(c), SV("export")) || (SV_IN(command_name(c), SV("declare"), SV("typeset")) && command_has(c, "-x"));
}

/* "export X=1", "export X", `set -a` before the assignment, or $GITHUB_ENV. */
static bool shell_exports(const struct shell *s, size_t before)
{
    bool all = false;
    for (size_t i = 0; s != NULL && i < s->commands.n; i++) {
        const struct command *c = s->commands.at[i];
        if (i >= before && c->function.n == 0)
            return false;
        all = all || (sv_eq(command_name(c), SV("set")) && (command_has(c, "-a") || command_has(c, "allexport")));
        for (const struct assign *a = c->assigns; a != NULL && all; a = a->next)
            if (sv_eq(a->name, EPOCH) && c->n == 0)
                return a->value.n != 0;
        for (size_t k = 1; is_exporter(c) && k < c->n; k++) {
            sv value = c->words[k].text, name = sv_cut(&value, '=');
            if (sv_eq(name, EPOCH) && (value.p == NULL ? shell_sets(s) : value.n != 0))
                return true;
        }
    }
    return false;
}

static bool writes_github_env(const struct shell *s)
{
    for (size_t i = 0; s != NULL && i < s->commands.n; i++) {
        const struct command *c = s->commands.at[i];
        bool says = sv_has(c->heredoc, EPOCH);
        for (size_t k = 1; k < c->n && !says; k++)
            says = sv_has(c->words[k].text, SV("SOURCE_DATE_EPOCH="));
        for (const struct command *to = c; to != NULL && says; to = to->pipe_to)
            if (sv_has(to->redirect_out, SV("GITHUB_ENV")) || command_has(to, "$GITHUB_ENV") || command_has(to, "${GITHUB_ENV}"))
                return true;
    }
    return false;
}

/* The environment of a workflow's step: its own, its job's, the workflow's, or what an earlier step wrote. */
static bool step_env_sets(const struct workflow_step *s)
{
    const struct node *value = env_around(s->node, "SOURCE_DATE_EPOCH");
    if (value != NULL)
        return node_text(value).n != 0;
    for (size_t i = 0; i < s->workflow->steps.n && s->workflow->steps.at[i] != s; i++)
        if (s->workflow->steps.at[i]->node->parent == s->node->parent && writes_github_env(s->workflow->steps.at[i]->run))
            return true;
    return false;
}

/* A step that calls the script of `r` gives it its environment. */
static bool caller_sets(const struct facts *f, const struct run *r)
{
    const struct source *file = r->src;
    while (file->host != NULL)
        file = file->host;
    for (size_t i = 0; i < f->workflows.n && r->when == RUN_CI; i++)
        for (size_t k = 0; k < f->workflows.at[i]->steps.n; k++) {
            const struct workflow_step *s = f->workflows.at[i]->steps.at[k];
            if (s->run != NULL && calls_file(s->run->src, file) && (step_env_sets(s) || shell_exports(s->run, s->run->commands.n)))
                return true;
        }
    return false;
}

static bool environment_sets(const struct facts *f, const struct run *r, const struct workflow_step *step)
{
    for (const struct assign *a = r->command->assigns; a != NULL; a = a->next)
        if (sv_eq(a->name, EPOCH) && r->command->n != 0)
            return a->value.n != 0;
    return shell_exports(r->shell, r->index) || (step != NULL ? step_env_sets(step) : caller_sets(f, r));
}

static bool sources_another(const struct shell *s)
{
    for (size_t i = 0; s != NULL && i < s->commands.n; i++)
        if (SV_IN(command_name(s->commands.at[i]), SV("source"), SV(".")))
            return true;
    return false;
}

/* What stands behind SOURCE_DATE_EPOCH in a word: a value, or nothing, where the environment's is taken. */
static bool gives_value(const struct facts *f, const struct run *r, const struct workflow_step *step, sv after)
{
    if (!sv_starts(after, SV("=")))
        return after.n == 0 && environment_sets(f, r, step);
    sv value = sv_unquote(sv_trim(sv_sub(after, 1, after.n)));
    bool own = sv_eq(plain_variable(value), EPOCH);
    return value.n != 0 && (!own || shell_sets(r->shell) || sources_another(r->shell) || environment_sets(f, r, step));
}

static bool text_gives_value(const struct facts *f, const struct run *r, const struct workflow_step *step, sv text)
{
    size_t at = sv_find(text, EPOCH);
    if (at == SV_NOT_FOUND)
        return false;
    sv after = sv_sub(text, at + EPOCH.n, text.n);
    size_t end = 0; /* an array's text goes on with further options */
    while (end < after.n && sv_find_char(SV(" \t\n)"), after.p[end]) == SV_NOT_FOUND)
        end++;
    return gives_value(f, r, step, sv_starts(after, SV("=$(")) ? after : sv_sub(after, 0, end));
}

/* `ARGS=(--build-arg SOURCE_DATE_EPOCH=0)`, `ARGS+=" --build-arg …"`. */
static bool options_give_value(const struct facts *f, const struct run *r, const struct workflow_step *step, sv name)
{
    for (size_t i = 0; r->shell != NULL && i < r->shell->commands.n; i++)
        for (const struct assign *a = r->shell->commands.at[i]->assigns; a != NULL; a = a->next)
            if (sv_eq(a->name, name) && text_gives_value(f, r, step, a->value))
                return true;
    return false;
}

/* ---- bake ------------------------------------------------------------------------------------------------ */

/* `SOURCE_DATE_EPOCH = "0"` in docker-bake.hcl or .json; a variable of the file counts with its default. */
static bool bake_line_sets(const struct source *s, sv line)
{
    size_t at = sv_find(line, EPOCH);
    if (at == SV_NOT_FOUND || sv_starts(line, SV("#")) || sv_starts(line, SV("//")))
        return false;
    sv value = sv_trim(sv_trim_char(sv_sub(line, at + EPOCH.n, line.n), '"'));
    if (!sv_starts(value, SV("=")) && !sv_starts(value, SV(":")))
        return false;
    value = sv_trim(sv_sub(value, 1, value.n));
    while (value.n != 0 && sv_find_char(SV(",} "), value.p[value.n - 1]) != SV_NOT_FOUND && !sv_starts(value, SV("${")))
        value.n--;
    value = sv_unquote(value);
    sv name = sv_is_ident(value) ? value : plain_variable(value);
    if (name.n == 0)
        return value.n != 0;
    bool inside = false;
    for (sv rest = s->text; rest.p != NULL;) {
        sv other = sv_trim(sv_line(&rest));
        if (sv_starts(other, SV("variable")))
            inside = sv_has(other, name);
        size_t is = inside ? sv_find(other, SV("default")) : SV_NOT_FOUND;
        if (is != SV_NOT_FOUND) {
            sv set = sv_sub(other, is + 7, other.n);
            (void)sv_cut(&set, '=');
            set = sv_trim(sv_trim_char(sv_trim(set), '}'));
            return sv_unquote(set).n != 0 && !sv_eq(set, SV("null"));
        }
    }
    return false;
}

static bool bake_sets_epoch(const struct facts *f)
{
    for (size_t i = 0; i < f->repo->files.n; i++) {
        const struct source *s = f->repo->files.at[i];
        if (!is_bake_file(s) || !source_has(s, EPOCH))
            continue;
        for (sv rest = s->text; rest.p != NULL;)
            if (bake_line_sets(s, sv_trim(sv_line(&rest))))
                return true;
    }
    return false;
}

/* ---- builds ----------------------------------------------------------------------------------------------- */

bool command_passes_epoch(const struct facts *f, const struct run *r, const struct workflow_step *step)
{
    const struct command *c = r->command;
    for (size_t i = 1; i < c->n; i++) {
        sv word = c->words[i].text, name = plain_variable(word);
        if (sv_has(word, EPOCH) && name.n == 0)
            return text_gives_value(f, r, step, word); /* what the command says goes before the environment */
        if (name.n != 0 && options_give_value(f, r, step, name))
            return true;
    }
    return environment_sets(f, r, step) || (command_has(c, "bake") && bake_sets_epoch(f));
}

bool step_passes_epoch(const struct facts *f, const struct workflow_step *s, bool bakes)
{
    const struct node *with = node_get(s->node, "with");
    for (sv rest = node_get_text(with, bakes ? "set" : "build-args"); rest.p != NULL;) {
        sv line = sv_trim(sv_line(&rest));
        size_t at = sv_find(line, EPOCH);
        sv value = at == SV_NOT_FOUND ? SV_NONE : sv_sub(line, at + EPOCH.n, line.n);
        if (!sv_starts(value, SV("=")))
            continue;
        value = sv_trim(sv_sub(value, 1, value.n));
        return value.n != 0 && (!sv_has(value, SV("env.SOURCE_DATE_EPOCH")) || step_env_sets(s));
    }
    return step_env_sets(s) || (bakes && bake_sets_epoch(f));
}

/* A compose build whose environment has it: `SOURCE_DATE_EPOCH=0 docker compose build`. */
static bool compose_command_sets(const struct facts *f)
{
    for (size_t i = 0; i < f->runs.n; i++) {
        const struct run *r = f->runs.at[i];
        bool compose = sv_eq(command_name(r->command), SV("docker-compose")) || (sv_eq(command_name(r->command), SV("docker")) && command_has(r->command, "compose"));
        if (compose && command_has(r->command, "build") && environment_sets(f, r, NULL))
            return true;
    }
    return false;
}

static bool compose_passes_epoch(const struct facts *f, struct arena *a, const struct dockerfile *d)
{
    for (size_t i = 0; i < f->services.n; i++) {
        if (f->services.at[i]->dockerfile != d)
            continue;
        for node_each(arg, node_path(f->services.at[i]->node, "build.args")) {
            sv value = node_text(arg), name = arg->key.p != NULL ? arg->key : sv_trim(sv_cut(&value, '='));
            if (!sv_eq(name, EPOCH))
                continue;
            bool fixed = value.p != NULL && interp_when_unset(a, value).n != 0;
            return fixed || compose_command_sets(f);
        }
    }
    return false;
}

/* ---- Dockerfiles -------------------------------------------------------------------------------------------- */

/* Where a Dockerfile gives the argument a value, and where it only names it. */
struct epoch { bool in_global, in_stage, declared; struct place place; bool before_stages; };

static void look_for_epoch(void *ctx, sv key, sv value, bool has_value, struct place place)
{
    struct epoch *e = ctx;
    if (!sv_eq(key, EPOCH))
        return;
    bool valued = has_value && value.n != 0 && !sv_starts(value, SV("$"));
    if (!e->declared || (valued && !e->in_global && !e->in_stage))
        e->place = place;
    e->declared = true;
    e->in_global = e->in_global || (valued && e->before_stages);
    e->in_stage = e->in_stage || (valued && !e->before_stages);
}

static struct epoch epoch_of(struct arena *a, const struct dockerfile *d)
{
    struct epoch e = {.before_stages = true};
    for (size_t i = 0; i < d->instructions.n; i++) {
        const struct instruction *in = d->instructions.at[i];
        e.before_stages = e.before_stages && !sv_eq(in->keyword, SV("FROM"));
        if (SV_IN(in->keyword, SV("ARG"), SV("ENV")))
            instruction_pairs(a, in, look_for_epoch, &e);
    }
    return e;
}

/* `# syntax=docker/dockerfile:1` is the newest frontend of its line; 1.24 reads a default above FROM. */
static bool frontend_reads_global(sv syntax)
{
    sv digest = syntax, name = sv_cut(&digest, ':');
    if (!sv_ends(name, SV("docker/dockerfile")))
        return false;
    sv minor = sv_cut(&digest, '@'), major = sv_cut(&minor, '.'), number = sv_cut(&minor, '.');
    if (!SV_IN(major, SV("1"), SV("latest"), SV("")))
        return false;
    return number.n == 0 ? digest.p == NULL : number.n > 2 || (number.n == 2 && sv_cmp(number, SV("24")) >= 0);
}

static const struct service *service_built_from(const struct facts *f, const struct dockerfile *d)
{
    for (size_t i = 0; i < f->services.n; i++)
        if (f->services.at[i]->dockerfile == d && f->services.at[i]->deployment->deployed)
            return f->services.at[i];
    return NULL;
}

static const char *flaw_of(const struct epoch *e, bool passed)
{
    if (passed)
        return "A build of this repository passes SOURCE_DATE_EPOCH, but not the one that publishes the image: what is published carries the time of the build, so the same source gives another digest each time.";
    if (e->in_global)
        return "The default of SOURCE_DATE_EPOCH above FROM dates the image from BuildKit 0.29 on; an older one ignores it, and no build of this repository passes the argument: the digest then depends on who builds.";
    if (e->in_stage)
        return "SOURCE_DATE_EPOCH has a value inside a stage, which the commands of that stage see; the times of the image come from the build argument, which no build of this repository passes, so each build has another digest.";
    if (e->declared)
        return "SOURCE_DATE_EPOCH is declared without a value, and no build of this repository passes one: files and image carry the time of the build, so the same source gives another digest each time.";
    return "Nothing sets SOURCE_DATE_EPOCH, neither this Dockerfile nor a build of this repository: files and image carry the time of the build, so the same source gives another digest each time.";
}

static void judge_epoch(struct check_run *c, const struct image_builds *builds, const struct dockerfile *d)
{
    struct epoch e = epoch_of(c->arena, d);
    bool passed = compose_passes_epoch(c->facts, c->arena, d), published = false;
    const struct image_build *without = NULL;
    for (size_t i = 0; i < builds->all.n; i++) {
        const struct image_build *b = builds->all.at[i];
        if (b->dockerfile != d)
            continue;
        passed = passed || b->epoch;
        published = published || b->pushes;
        without = without == NULL && b->pushes && !b->epoch ? b : without;
    }
    c->examined++;
    if ((passed && without == NULL) || d->stages.n == 0 || (e.in_global && frontend_reads_global(d->syntax)))
        return;
    struct place from = d->stages.at[0]->from != NULL ? d->stages.at[0]->from->place : (struct place){d->src, 0, 0};
    struct finding *found = report(c, e.declared ? e.place : from, EPOCH, "%s", flaw_of(&e, passed));
    if (without != NULL)
        relate(c, found, without->place, "builds and pushes the image without it");
    bool matters = published || service_built_from(c->facts, d) != NULL;
    on_scope(found, d->src->scope, matters && !(e.in_global && !passed) ? SEV_MEDIUM : SEV_LOW);
}

/* AG-08, DS-03 */
void check_source_date_epoch(struct check_run *c)
{
    struct image_builds builds = {0};
    image_builds_of(c->facts, c->arena, &builds);
    for (size_t i = 0; i < c->facts->dockerfiles.n; i++) {
        const struct dockerfile *d = c->facts->dockerfiles.at[i];
        if (d->src->host == NULL && !d->src->vendored) /* inside a compose: no digest to compare with anyway */
            judge_epoch(c, &builds, d);
    }
}
