/* Workflows: who else may decide what CI builds, signs and deploys. */
#include "check/fetch.h"
#include "check/lookup.h"

/* ---- what a workflow may do ------------------------------------------------------------------------------------ */

/* A name behind `secrets.`, the token of the run itself left out. */
static bool holds_secrets(sv text)
{
    for (size_t at = 0; (at = sv_find_at(text, SV("secrets."), at)) != SV_NOT_FOUND; at += 8)
        if (!sv_starts(sv_sub(text, at + 8, text.n), SV("GITHUB_TOKEN")))
            return true;
    return sv_has(text, SV("secrets: inherit"));
}

static bool publishes(const struct workflow *w)
{
    return w->builds_image && (source_has(w->src, SV("login-action")) || source_has(w->src, SV("docker login")) || source_has(w->src, SV("push")));
}

static bool is_github(const struct workflow *w)
{
    return sv_starts(w->src->path, SV(".github/workflows/"));
}

/* `on: push`, `on: [push]`, `on: {push: …}`; YAML 1.1 readers may have made the key a boolean. */
static const struct node *trigger_of(const struct workflow *w, const char *event)
{
    const struct node *on = node_get(w->root, "on");
    if (on == NULL)
        return NULL;
    if (on->kind == NODE_SCALAR)
        return sv_eq(on->text, sv_from(event)) ? on : NULL;
    for node_each(entry, on)
        if (sv_eq(on->kind == NODE_MAP ? entry->key : node_text(entry), sv_from(event)))
            return entry;
    return NULL;
}

/* ---- actions by tag or branch ----------------------------------------------------------------------------------- */

static sv ref_of(sv uses)
{
    size_t at = sv_rfind_char(uses, '@');
    return at == SV_NOT_FOUND ? SV_NONE : sv_sub(uses, at + 1, uses.n);
}

/* "v4", "v1.2.3", "0.35.0", "1.x" */
static bool is_version(sv ref)
{
    size_t i = sv_starts(ref, SV("v")) ? 1 : 0;
    return i < ref.n && ref.p[i] >= '0' && ref.p[i] <= '9';
}

static bool is_fixed_action(sv uses)
{
    return uses.n == 0 || sv_starts(uses, SV("./")) || sv_is_hex(ref_of(uses), 40) || sv_has(uses, SV("@sha256:")) || sv_starts(uses, SV("docker://"));
}

static void judge_actions(struct check_run *c, const struct workflow *w)
{
    struct finding *found = NULL;
    bool branch = false;
    size_t open = 0;
    for (size_t i = 0; i < w->steps.n; i++) {
        const struct workflow_step *s = w->steps.at[i];
        const struct node *uses = node_get(s->node, "uses");
        c->examined += s->uses.n != 0;
        if (is_fixed_action(s->uses))
            continue;
        struct place place = uses != NULL ? uses->place : s->place;
        branch = branch || !is_version(ref_of(s->uses));
        open++;
        if (found == NULL)
            found = report(c, place, s->uses, "%s", "");
        else if (open < 20)
            relate(c, found, place, "%.*s", SV_ARG(s->uses));
    }
    if (found == NULL)
        return;
    bool trusted = w->deploys || publishes(w) || holds_secrets(w->src->text);
    found->message = sv_printf(c->arena, "%zu action%s of this workflow %s named by tag%s: whoever owns or takes over %s repository runs other code in it%s.", open, open == 1 ? "" : "s", open == 1 ? "is" : "are",
                               branch ? " or branch" : "", open == 1 ? "its" : "one such", trusted ? ", with the credentials of the workflow" : "");
    found->severity = branch && (w->deploys || publishes(w)) ? SEV_MEDIUM : SEV_LOW;
}

void check_action_pinned(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->workflows.n; i++)
        judge_actions(c, c->facts->workflows.at[i]);
}

/* ---- strangers ----------------------------------------------------------------------------------------------------- */

static bool checks_out_head(const struct workflow_step *s)
{
    sv ref = node_get_text(node_get(s->node, "with"), "ref");
    return sv_has(s->uses, SV("actions/checkout")) &&
           (sv_has(ref, SV("pull_request.head")) || sv_has(ref, SV("head_ref")) || sv_has(ref, SV("refs/pull/")) || sv_has(ref, SV("head_sha")));
}

/* `if: github.event.pull_request.head.repo.full_name == github.repository` keeps forks out. */
static bool forks_are_out(const struct node *step)
{
    for (const struct node *n = step; n != NULL; n = n->parent) {
        sv condition = node_get_text(n, "if");
        if (sv_has(condition, SV("head.repo.full_name ==")) || sv_has(condition, SV("author_association")) || sv_has(condition, SV("head.repo.fork == false")) || sv_has(condition, SV("!github.event.pull_request.head.repo.fork")))
            return true;
    }
    return false;
}

/* A workflow it waits for runs on pull requests, or is not seen: its head may be a stranger's. */
static bool waits_for_strangers(const struct facts *f, const struct node *trigger)
{
    const struct node *names = node_get(trigger, "workflows");
    size_t seen = 0, wanted = 0;
    for node_each(name, names) {
        wanted++;
        for (size_t i = 0; i < f->workflows.n; i++) {
            const struct workflow *w = f->workflows.at[i];
            if (!sv_eq(node_get_text(w->root, "name"), node_text(name)))
                continue;
            if (trigger_of(w, "pull_request") != NULL || trigger_of(w, "pull_request_target") != NULL)
                return true;
            seen++;
        }
    }
    return wanted == 0 || seen < wanted;
}

void check_stranger_code(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->workflows.n; i++) {
        const struct workflow *w = c->facts->workflows.at[i];
        const struct node *trigger = trigger_of(w, "pull_request_target");
        const struct node *run = trigger == NULL ? trigger_of(w, "workflow_run") : NULL;
        trigger = trigger != NULL ? trigger : run;
        if (trigger == NULL)
            continue;
        c->examined++;
        if (run != NULL && !waits_for_strangers(c->facts, run))
            continue;
        for (size_t k = 0; k < w->steps.n; k++) {
            const struct workflow_step *s = w->steps.at[k];
            if (!checks_out_head(s) || forks_are_out(s->node))
                continue;
            struct finding *found = report(c, s->place, s->uses, "The workflow runs with the rights of the repository and checks out the code of a pull request: anybody who opens one can run code with its secrets%s.",
                                           w->deploys || publishes(w) ? ", and so decide what is published or deployed" : "");
            relate(c, found, trigger->kind == NODE_SCALAR ? trigger->place : trigger->key_place, "the trigger");
        }
    }
}

/* Texts that a stranger writes: titles, bodies, branch names, commit messages. */
static bool is_stranger_text(sv expression)
{
    static const char *const fields[] = {"issue.title", "issue.body", "pull_request.title", "pull_request.body", "pull_request.head.ref", "pull_request.head.label", "pull_request.head.repo.default_branch",
                                         "comment.body", "review.body", "review_comment.body", "discussion.title", "discussion.body", "head_commit.message", "head_commit.author", "commits[", "pages[",
                                         "workflow_run.head_branch", "workflow_run.display_title", NULL};
    if (sv_has(expression, SV("github.head_ref")))
        return true;
    for (size_t i = 0; fields[i] != NULL && sv_has(expression, SV("github.event.")); i++)
        if (sv_has(expression, sv_from(fields[i])) && !sv_has(expression, SV("contains(")) && !sv_has(expression, SV("startsWith(")))
            return true;
    return false;
}

/* The text of `run:` or of a script action: GitHub pastes the value in before the shell reads it. */
static void judge_text(struct check_run *c, const struct workflow *w, const struct node *text)
{
    if (text == NULL || text->kind != NODE_SCALAR)
        return;
    c->examined++;
    for (size_t at = 0; (at = sv_find_at(text->text, SV("${{"), at)) != SV_NOT_FOUND; at += 3) {
        size_t end = sv_find_at(text->text, SV("}}"), at);
        sv expression = sv_trim(sv_sub(text->text, at + 3, end == SV_NOT_FOUND ? text->text.n : end));
        if (!is_stranger_text(expression))
            continue;
        struct finding *found = report(c, node_span(text, at, end == SV_NOT_FOUND ? at + 3 : end + 2), expression, "GitHub pastes %.*s, which a stranger writes, into the script before it runs: a branch or a title with a command in it "
                                       "runs%s.", SV_ARG(expression), holds_secrets(w->src->text) ? " with the secrets of the workflow" : " in the workflow");
        found->severity = w->deploys || publishes(w) ? SEV_HIGH : holds_secrets(w->src->text) ? SEV_MEDIUM : SEV_LOW;
    }
}

void check_script_injection(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->workflows.n; i++) {
        const struct workflow *w = c->facts->workflows.at[i];
        for (size_t k = 0; k < w->steps.n; k++) {
            judge_text(c, w, node_get(w->steps.at[k]->node, "run"));
            judge_text(c, w, node_get(node_get(w->steps.at[k]->node, "with"), "script"));
        }
    }
}

/* ---- machines and keys ---------------------------------------------------------------------------------------------------- */

static bool names_own_machine(const struct node *runs_on)
{
    if (sv_has(node_text(runs_on), SV("self-hosted")))
        return true;
    for node_each(label, runs_on)
        if (sv_eq(node_text(label), SV("self-hosted")) || names_own_machine(label))
            return true;
    return false;
}

/* Strangers' pull requests run there too: what one leaves on the machine meets the next build. */
void check_self_hosted(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->workflows.n; i++) {
        const struct workflow *w = c->facts->workflows.at[i];
        if (!publishes(w) && !w->deploys)
            continue;
        for node_each(job, node_get(w->root, "jobs")) {
            const struct node *runs_on = node_get(job, "runs-on");
            c->examined += runs_on != NULL;
            if (!names_own_machine(runs_on))
                continue;
            bool strangers = trigger_of(w, "pull_request") != NULL || trigger_of(w, "pull_request_target") != NULL;
            struct finding *found = report(c, runs_on->place, job->key, "The job '%.*s' builds or deploys on a machine of its owner: what earlier jobs left there reaches the image, and an attestation of the workflow vouches for "
                                           "a machine nobody else can see%s.", SV_ARG(job->key), strangers ? "; pull requests of strangers run on it, too" : "");
            found->severity = strangers ? SEV_MEDIUM : SEV_LOW;
        }
    }
}

static bool is_owner_key(sv name)
{
    static const char *const words[] = {"PRIVATE_KEY", "DEPLOYER_KEY", "OWNER_KEY", "MNEMONIC", "SEED_PHRASE", "WALLET_KEY", "SIGNER_KEY", NULL};
    static const char *const others[] = {"SSH", "GPG", "APP_PRIVATE", "APP_KEY", "COSIGN", "DEPLOY_KEY", "RSA", "JWT", "NPM", "SIGNING", "PROPOSER", NULL};
    for (size_t i = 0; others[i] != NULL; i++)
        if (sv_has(name, sv_from(others[i])))
            return false;
    for (size_t i = 0; words[i] != NULL; i++)
        if (sv_has(name, sv_from(words[i])))
            return true;
    return false;
}

/* The secrets that a text names, each once a workflow. */
static void each_secret(struct check_run *c, const struct workflow *w, void (*look)(struct check_run *c, const struct workflow *w, sv name, struct place place))
{
    sv text = w->src->text, seen = SV(" ");
    for (size_t at = 0; (at = sv_find_at(text, SV("secrets."), at)) != SV_NOT_FOUND;) {
        size_t from = at += 8;
        while (at < text.n && (text.p[at] == '_' || (text.p[at] >= 'A' && text.p[at] <= 'Z') || (text.p[at] >= 'a' && text.p[at] <= 'z') || (text.p[at] >= '0' && text.p[at] <= '9')))
            at++;
        sv name = sv_sub(text, from, at), padded = sv_printf(c->arena, " %.*s ", SV_ARG(name));
        if (name.n == 0 || sv_has(seen, padded))
            continue;
        seen = sv_concat(c->arena, seen, sv_sub(padded, 1, padded.n));
        look(c, w, name, (struct place){w->src, from, at});
    }
}

/* PREVIEW_SERVER_PRIVATE_KEY is SERVER_PRIVATE_KEY of another stage; any key may end with PRIVATE_KEY. */
static bool is_of_stage(sv secret, sv variable)
{
    size_t first = sv_find_char(variable, '_');
    bool tells = first != SV_NOT_FOUND && sv_has(sv_sub(variable, first + 1, variable.n), SV("_"));
    return tells && sv_ends(secret, variable) && secret.p[secret.n - variable.n - 1] == '_';
}

/* A variable of the app's own: key-from-operator says what that means. */
static bool is_passed_to_app(const struct facts *f, sv name)
{
    for (size_t i = 0; i < f->inputs.n; i++) {
        sv variable = f->inputs.at[i]->name;
        if (f->inputs.at[i]->service != NULL && (sv_eq(variable, name) || (variable.n < name.n && is_of_stage(name, variable))))
            return true;
    }
    return false;
}

static void judge_owner_key(struct check_run *c, const struct workflow *w, sv name, struct place place)
{
    (void)w;
    c->examined++;
    if (is_owner_key(name) && !is_passed_to_app(c->facts, name))
        report(c, place, name, "The workflow holds %.*s, a key that signs transactions: whoever may change the workflow or the repository's secrets can upgrade or authorise what the key owns, without the notice that a contract could enforce.",
               SV_ARG(name));
}

/* TU-11 */
void check_owner_key_in_ci(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->workflows.n; i++)
        if (is_github(c->facts->workflows.at[i]))
            each_secret(c, c->facts->workflows.at[i], judge_owner_key);
}

/* ---- deployments from CI --------------------------------------------------------------------------------------------------- */

static struct place place_of_deploy(const struct facts *f, const struct workflow *w)
{
    for (size_t i = 0; i < f->runs.n; i++) {
        const struct source *s = f->runs.at[i]->src;
        if (s->host == w->src && command_deploys(f->runs.at[i]->command))
            return f->runs.at[i]->command->place;
    }
    for (size_t i = 0; i < f->hints.n; i++)
        if (f->hints.at[i]->place.src == w->src && sv_eq(f->hints.at[i]->what, SV("deploy")))
            return f->hints.at[i]->place;
    return (struct place){w->src, 0, 0};
}

static bool asks_a_person(const struct workflow *w)
{
    for node_each(job, node_get(w->root, "jobs"))
        if (node_get(job, "environment") != NULL)
            return true;
    return trigger_of(w, "workflow_dispatch") != NULL && trigger_of(w, "push") == NULL;
}

/* E5 */
void check_deploy_from_ci(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->workflows.n; i++) {
        const struct workflow *w = c->facts->workflows.at[i];
        if (!w->deploys || !is_github(w))
            continue;
        c->examined++;
        if (!asks_a_person(w))
            report(c, place_of_deploy(c->facts, w), SV("deploy"), "The workflow deploys by itself on a push: whoever can push to the branch, or gets hold of the repository's secrets, changes what runs, and users learn of it afterwards.");
    }
}

static const struct workflow_step *step_of(const struct facts *f, const struct run *r)
{
    for (size_t i = 0; i < f->workflows.n; i++)
        for (size_t k = 0; r->src->host == f->workflows.at[i]->src && k < f->workflows.at[i]->steps.n; k++) {
            const struct workflow_step *s = f->workflows.at[i]->steps.at[k];
            if (s->run != NULL && s->run->src == r->src)
                return s;
        }
    return NULL;
}

/* The mapping that holds the list of steps. */
static const struct node *job_of(const struct workflow_step *s)
{
    return s->node->parent == NULL ? NULL : s->node->parent->parent;
}

enum job_work { JOB_OTHER, JOB_PUBLISHES, JOB_DEPLOYS };

static enum job_work work_of(const struct facts *f, const struct workflow *w, const struct node *job)
{
    enum job_work work = JOB_OTHER;
    for (size_t i = 0; i < w->steps.n; i++) {
        const struct workflow_step *s = w->steps.at[i];
        if (job_of(s) != job)
            continue;
        if (sv_ihas(s->uses, SV("build-push-action")))
            work = work < JOB_PUBLISHES ? JOB_PUBLISHES : work;
        for (size_t k = 0; s->run != NULL && k < s->run->commands.n; k++) {
            if (command_deploys(s->run->commands.at[k]))
                return JOB_DEPLOYS;
            if (command_builds_image(s->run->commands.at[k]))
                work = JOB_PUBLISHES;
        }
        for (size_t k = 0; k < f->hints.n; k++)
            if (sv_eq(f->hints.at[k]->what, SV("deploy")) && f->hints.at[k]->place.src == w->src && f->hints.at[k]->place.start == s->place.start)
                return JOB_DEPLOYS;
    }
    return work;
}

/* CX-12: tools that are handed the credentials and the secrets of the deployment. One finding a job. */
static void judge_ci_tool(struct check_run *c, const struct workflow_step *s, enum job_work work, const struct fetch *f)
{
    bool tool = f->kind == FETCH_PACKAGES || f->kind == FETCH_DOWNLOAD || f->kind == FETCH_PIPE || f->kind == FETCH_GIT;
    if (!tool || SV_IN(f->subject, SV("pip"), SV("npm"), SV("npm@latest"), SV("wheel"), SV("setuptools")))
        return;
    if (work == JOB_OTHER || (work == JOB_PUBLISHES && !publishes(s->workflow)))
        return;
    c->examined++;
    if (f->state != FETCH_OPEN)
        return;
    struct finding *before = c->out->findings.n == 0 ? NULL : c->out->findings.at[c->out->findings.n - 1];
    if (before != NULL && before->rule == c->rule && before->place.src->host == s->workflow->src && place_line(before->place) >= place_line(job_of(s)->place)) {
        relate(c, before, f->place, "%.*s %.*s", SV_ARG(f->tool), SV_ARG(f->subject));
        return;
    }
    bool deploys = work == JOB_DEPLOYS;
    struct finding *found = report(c, f->place, f->subject, "The job %s and installs %.*s by %.*s, and %s: whoever publishes the next release of it gets the credentials%s.", deploys ? "deploys" : "publishes an image", SV_ARG(f->subject),
                                   SV_ARG(f->tool), f->flaw, deploys ? " and the plaintext of the encrypted environment" : " and changes what is built");
    found->severity = deploys ? SEV_MEDIUM : SEV_LOW;
}

void check_ci_tool_pinned(struct check_run *c)
{
    struct fetching x = fetching_begin(c);
    const struct node *job = NULL; /* runs of one job follow each other */
    enum job_work work = JOB_OTHER;
    for (size_t i = 0; i < c->facts->runs.n; i++) {
        const struct run *r = c->facts->runs.at[i];
        const struct workflow_step *s = r->when == RUN_CI ? step_of(c->facts, r) : NULL;
        struct fetch f;
        if (s == NULL || !fetch_of(&x, r, &f))
            continue;
        if (job == NULL || job != job_of(s))
            work = work_of(c->facts, s->workflow, job_of(s));
        job = job_of(s);
        judge_ci_tool(c, s, work, &f);
    }
}

/* ---- path filters ------------------------------------------------------------------------------------------------------------- */

static bool filter_matches(const struct facts *f, sv pattern)
{
    if (sv_starts(pattern, SV("**.")))
        pattern = sv_concat(f->arena, SV("**/*"), sv_sub(pattern, 2, pattern.n));
    for (size_t i = 0; i < f->repo->files.n; i++)
        if (glob_matches(pattern, f->repo->files.at[i]->path))
            return true;
    for (size_t i = 0; i < f->repo->skipped.n; i++)
        if (glob_matches(pattern, f->repo->skipped.at[i]->path))
            return true;
    return false;
}

/* AG-21 */
static void judge_paths(struct check_run *c, const struct workflow *w, const struct node *paths)
{
    size_t n = 0, dead = 0;
    const struct node *first = NULL;
    for node_each(entry, paths) {
        sv pattern = node_text(entry);
        if (pattern.n == 0 || sv_starts(pattern, SV("!")) || sv_find_char(pattern, '{') != SV_NOT_FOUND || n >= 100)
            continue;
        n++;
        c->examined++;
        if (filter_matches(c->facts, pattern))
            continue;
        dead++;
        first = first == NULL ? entry : first;
    }
    if (first == NULL)
        return;
    struct finding *found = report(c, first->place, node_text(first), "The path filter %.*s matches no file of the repository%s.", SV_ARG(node_text(first)),
                                   dead == n ? ": the workflow never runs on this event, so what it checks is checked by nobody" : "");
    found->severity = dead == n && (w->builds_image || w->deploys) ? SEV_LOW : SEV_INFO;
}

void check_path_filters(struct check_run *c)
{
    static const char *const events[] = {"push", "pull_request", "pull_request_target"};
    for (size_t i = 0; i < c->facts->workflows.n; i++)
        for (size_t k = 0; k < sizeof events / sizeof *events && is_github(c->facts->workflows.at[i]); k++)
            judge_paths(c, c->facts->workflows.at[i], node_get(trigger_of(c->facts->workflows.at[i], events[k]), "paths"));
}
