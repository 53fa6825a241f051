/* CI definitions: steps, the actions they use, the commands they run. GitHub Actions in detail; for
 * other systems every `script:` and `run:` text. */
#include "fact/fact.h"

/* What a step says, without judging it: names of actions and programs that build or deploy. */
static const char *const BUILD_ACTIONS[] = {
    "docker/build-push-action", "docker/bake-action", "redhat-actions/buildah-build",
    "depot/build-push-action", "ko-build/setup-ko", "mr-smithers-excellent/docker-build-push",
};
/* dstack-facts 5.3 */
static const char *const DEPLOY_ACTIONS[] = {"phala-deploy-action", "phala-deployment-action", "phala-cloud-deploy"};

static bool holds_any(sv text, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (sv_ihas(text, sv_from(list[i])))
            return true;
    return false;
}

bool command_builds_image(const struct command *c)
{
    sv name = command_name(c);
    if (SV_IN(name, SV("docker"), SV("podman"), SV("nerdctl"), SV("depot")))
        return c->n > 1 && (command_has(c, "build") || command_has(c, "bake")) && !command_has(c, "compose");
    return SV_IN(name, SV("buildah"), SV("kaniko"), SV("ko"), SV("buildctl")) && c->n > 1 &&
           (command_has(c, "build") || command_has(c, "bud") || sv_eq(name, SV("kaniko")));
}

bool command_deploys(const struct command *c)
{
    for (size_t i = 0; i + 1 < c->n; i++) {
        sv word = path_base(c->words[i].text), next = c->words[i + 1].text;
        if (sv_eq(word, SV("phala")) || sv_starts(word, SV("phala@")))
            return SV_IN(next, SV("deploy")) ||
                   (sv_eq(next, SV("cvms")) && i + 2 < c->n &&
                    SV_IN(c->words[i + 2].text, SV("create"), SV("upgrade"), SV("deploy"), SV("provision")));
        if (sv_starts(word, SV("vmm-cli")))
            return command_has(c, "deploy") || command_has(c, "compose");
    }
    return false;
}

static void hint(struct facts *f, const char *what, const struct node *value)
{
    if (value == NULL || value->kind != NODE_SCALAR)
        return;
    struct deploy_hint *h = vec_new(f->arena, &f->hints, struct deploy_hint);
    h->what = sv_from(what);
    h->value = value->text;
    h->place = value->place;
}

/* Inputs of the deploy actions that name the deployed document and its environment. */
static void hints_of_action(struct facts *f, const struct workflow_step *step)
{
    struct deploy_hint *h = vec_new(f->arena, &f->hints, struct deploy_hint);
    *h = (struct deploy_hint){.what = SV("deploy"), .value = step->uses, .place = step->place};
    for node_each(input, node_get(step->node, "with")) {
        if (SV_IN(input->key, SV("compose-file"), SV("compose_file"), SV("docker-compose-file"), SV("compose")))
            hint(f, "compose", input);
        else if (SV_IN(input->key, SV("env-file"), SV("env_file")))
            hint(f, "env-file", input);
        else if (SV_IN(input->key, SV("envs"), SV("env"), SV("environment")))
            hint(f, "env", input);
        else if (SV_IN(input->key, SV("base-image"), SV("image"), SV("os-image")))
            hint(f, "image", input);
        else if (SV_IN(input->key, SV("kms"), SV("kms-id"), SV("kms-contract")))
            hint(f, "kms", input);
        else if (SV_IN(input->key, SV("app-id"), SV("cvm-id")))
            hint(f, "app-id", input);
        else if (SV_IN(input->key, SV("dev-os")) && node_true(input))
            hint(f, "dev-os", input);
    }
}

static struct source *script_source(struct facts *f, const struct node *n)
{
    struct source *src = node_source(f->arena, n, "run");
    if (src == NULL)
        return NULL;
    src->kind = SOURCE_SCRIPT;
    src->lang = LANG_SHELL;
    vec_push(f->arena, &f->embedded, src);
    return src;
}

static const struct shell *run_script(struct facts *f, struct workflow *w, const struct node *n)
{
    struct source *src = n->kind == NODE_SCALAR ? script_source(f, n) : NULL;
    if (src == NULL)
        return NULL;
    const struct shell *sh = facts_run_shell(f, src, (struct run){.src = src, .when = RUN_CI, .scope = SCOPE_CI});
    for (size_t i = 0; sh != NULL && i < sh->commands.n; i++) {
        w->builds_image = w->builds_image || command_builds_image(sh->commands.at[i]);
        w->deploys = w->deploys || command_deploys(sh->commands.at[i]);
    }
    return sh;
}

static void add_step(struct facts *f, struct workflow *w, const struct node *n)
{
    struct workflow_step *step = vec_new(f->arena, &w->steps, struct workflow_step);
    const struct node *run = node_get(n, "run");
    step->node = n;
    step->uses = node_get_text(n, "uses");
    step->name = node_get_text(n, "name");
    step->place = n->place;
    step->workflow = w;
    if (run != NULL && run->kind == NODE_MAP)
        run = node_get(run, "command"); /* CircleCI */
    if (run != NULL)
        step->run = run_script(f, w, run);
    w->builds_image = w->builds_image || holds_any(step->uses, BUILD_ACTIONS, sizeof BUILD_ACTIONS / sizeof *BUILD_ACTIONS);
    if (holds_any(step->uses, DEPLOY_ACTIONS, sizeof DEPLOY_ACTIONS / sizeof *DEPLOY_ACTIONS)) {
        w->deploys = true;
        hints_of_action(f, step);
    }
}

static bool is_script_key(sv key)
{
    return SV_IN(key, SV("script"), SV("before_script"), SV("after_script"), SV("commands"), SV("command"), SV("cmds"));
}

/* Depth is bounded by the reader (LIMIT_TREE_DEPTH). */
static void walk(struct facts *f, struct workflow *w, const struct node *n)
{
    for node_each(entry, n) {
        if (sv_eq(entry->key, SV("steps")) && entry->kind == NODE_LIST) {
            for node_each(step, entry)
                if (step->kind == NODE_MAP)
                    add_step(f, w, step);
        } else if (is_script_key(entry->key) && entry->kind == NODE_SCALAR) {
            run_script(f, w, entry);
        } else if (is_script_key(entry->key) && entry->kind == NODE_LIST) {
            for node_each(line, entry)
                run_script(f, w, line);
        } else if (sv_eq(entry->key, SV("uses")) && entry->kind == NODE_SCALAR) {
            struct workflow_step *step = vec_new(f->arena, &w->steps, struct workflow_step); /* a reusable workflow */
            *step = (struct workflow_step){.node = n, .uses = entry->text, .place = entry->place, .workflow = w};
        } else {
            walk(f, w, entry);
        }
    }
}

static bool is_workflow(const struct source *s) { return s->kind == SOURCE_WORKFLOW && !s->vendored; }

static bool lies_at_root(sv path) { return sv_starts(path, SV(".github/")); }

void facts_from_workflow(struct facts *f)
{
    bool root = false;
    for (size_t i = 0; i < f->repo->files.n && !root; i++)
        root = is_workflow(f->repo->files.at[i]) && lies_at_root(f->repo->files.at[i]->path);
    for (size_t i = 0; i < f->repo->files.n; i++) {
        const struct source *src = f->repo->files.at[i];
        if (!is_workflow(src) || (root && !lies_at_root(src->path) && sv_has(src->path, SV("/.github/"))))
            continue; /* those of a repository that was copied in: GitHub runs the root's alone */
        for (struct doc *d = read_yaml(f->repo, src); d != NULL; d = d->next) {
            struct workflow *w = vec_new(f->arena, &f->workflows, struct workflow);
            w->src = src;
            w->root = d->root;
            walk(f, w, d->root);
        }
    }
}
