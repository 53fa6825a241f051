/* Variables outside of `environment`: images, commands, configs, mounts, and names nobody should allow. */
#include "check/input.h"

#define EACH_INPUT(c, in) \
    for (size_t i_ = 0; i_ < (c)->facts->inputs.n; i_++) \
        for (const struct operator_input *in = (c)->facts->inputs.at[i_]; in != NULL; in = NULL)

/* Fields without a variable are subjects as well. */
static void fields_begin(struct check_run *c, const char *const *fields)
{
    inputs_begin(c);
    for (size_t i = 0; i < c->facts->services.n; i++)
        for (const char *const *field = fields; *field != NULL; field++)
            c->examined += node_path(c->facts->services.at[i]->node, *field) != NULL;
}

void check_image_variable(struct check_run *c)
{
    inputs_begin(c);
    for (size_t i = 0; i < c->facts->images.n; i++)
        c->examined += c->facts->images.at[i]->origin == IMAGE_COMPOSE && !c->facts->images.at[i]->has_variable;
    EACH_INPUT(c, in) {
        if (!enters_by(in, "image") || !input_is_open(c, in))
            continue;
        bool digest = in->service != NULL && in->service->image != NULL && in->service->image->pinned &&
                      sv_has(in->service->image->name, in->name);
        report_input(c, in, digest ? SEV_HIGH : SEV_CRITICAL, "%s",
                     digest ? "it chooses the registry or repository; the digest is fixed, so only bytes with that digest run"
                            : "it chooses the image: all code of the service is the operator's, under an unchanged compose hash");
    }
}

/* ---- commands ---------------------------------------------------------------------------------------- */

static bool is_interpreter(sv word)
{
    sv slash = word;
    size_t at = sv_rfind_char(word, '/');
    if (at != SV_NOT_FOUND)
        slash = sv_sub(word, at + 1, word.n);
    return SV_IN(slash, SV("sh"), SV("bash"), SV("ash"), SV("dash"), SV("zsh"), SV("python"), SV("python3"), SV("node"), SV("perl"),
                 SV("ruby"), SV("eval"), SV("xargs"));
}

static bool takes_text(sv flag)
{
    return flag.n > 1 && flag.p[0] == '-' && flag.p[1] != '-' &&
           (sv_find_char(flag, 'c') != SV_NOT_FOUND || SV_IN(flag, SV("-e"), SV("-E")));
}

/* A list whose items before `item` end in an interpreter and the flag behind which its program stands. */
static bool is_program_text(const struct node *list, const struct node *item)
{
    bool interpreter = false, text = false;
    for node_each(e, list) {
        if (e == item)
            return text;
        text = text || (interpreter && takes_text(node_text(e)));
        interpreter = interpreter || is_interpreter(node_text(e)) || sv_eq(node_text(e), SV("CMD-SHELL"));
        text = text || sv_eq(node_text(e), SV("CMD-SHELL"));
    }
    return false;
}

/* The service's entrypoint hands the command to a shell: ["sh", "-c"]. */
static bool entrypoint_takes_text(const struct service *s)
{
    const struct node *entry = s == NULL ? NULL : node_get(s->node, "entrypoint");
    return entry != NULL && entry->kind == NODE_LIST && is_program_text(entry, NULL) == false && entry->child != NULL &&
           is_interpreter(node_text(entry->child)) && entry->child->next != NULL && takes_text(node_text(entry->child->next));
}

enum paste { PASTE_SHELL, PASTE_PROGRAM, PASTE_WORDS, PASTE_ARGUMENT };

static enum paste paste_of(const struct var_use *u)
{
    const struct node *n = u->node, *list = n->parent;
    if (list != NULL && list->kind == NODE_LIST) {
        bool command = sv_eq(list->key, SV("command"));
        if (is_program_text(list, n) || (command && n == list->child && entrypoint_takes_text(u->service)))
            return PASTE_SHELL;
        return n == list->child && sv_eq(list->key, SV("entrypoint")) ? PASTE_PROGRAM : PASTE_ARGUMENT;
    }
    if (sv_eq(n->key, SV("test")))
        return PASTE_SHELL; /* a healthcheck in one string is handed to a shell */
    bool shell = sv_has(n->text, SV("sh -c")) || sv_has(n->text, SV("bash -c")) || sv_has(n->text, SV("-lc")) ||
                 sv_has(n->text, SV("python -c")) || sv_has(n->text, SV("node -e")) || entrypoint_takes_text(u->service);
    return shell ? PASTE_SHELL : PASTE_WORDS;
}

void check_variable_in_command(struct check_run *c)
{
    fields_begin(c, (const char *const[]){"command", "entrypoint", "healthcheck", "build", NULL});
    EACH_INPUT(c, in) {
        const struct var_use *u = enters_by(in, "command") || enters_by(in, "build") ? input_use(c->facts, in) : NULL;
        if (u == NULL || !input_is_open(c, in))
            continue;
        if (enters_by(in, "build")) {
            bool text = sv_eq(u->node->key, SV("dockerfile_inline"));
            report_input(c, in, text ? SEV_CRITICAL : SEV_HIGH, "%s",
                         text ? "compose pastes the value into the Dockerfile before the image is built: the operator can add instructions"
                              : "it chooses what the image is built from");
            continue;
        }
        enum paste how = paste_of(u);
        if (how == PASTE_SHELL)
            report_input(c, in, SEV_CRITICAL, "compose pastes the value into the text of a shell or interpreter before it runs: the "
                                              "operator can add commands");
        else if (how == PASTE_PROGRAM)
            report_input(c, in, SEV_CRITICAL, "it names the program that the container runs");
        else if (how == PASTE_WORDS)
            report_input(c, in, SEV_HIGH, "compose cuts the command into words after it has pasted the value: the operator can add "
                                          "options and arguments");
        else if (!is_hosts(in))
            report_input(c, in, SEV_LOW, "it is one argument of the command");
    }
}

/* ---- configs and secrets ------------------------------------------------------------------------------- */

void check_variable_in_config(struct check_run *c)
{
    fields_begin(c, (const char *const[]){"configs", "secrets", NULL});
    EACH_INPUT(c, in) {
        if ((!enters_by(in, "config") && !enters_by(in, "secret")) || !input_is_open(c, in))
            continue;
        if (enters_by(in, "config") && in->service == NULL && is_setting(in))
            continue; /* what it reaches says more than where it enters: judged by its kind (env.c) */
        const struct var_use *u = input_use(c->facts, in);
        if (u == NULL || !sv_eq(u->node->key, SV("content"))) {
            if (enters_by(in, "config") && in->service == NULL)
                report_input(c, in, SEV_HIGH, "the whole file that it becomes in the container is the operator's");
            continue;
        }
        bool script = is_script_text(u->node->text);
        report_input(c, in, script ? SEV_CRITICAL : SEV_HIGH, "%s",
                     script ? "compose pastes the value into a program that the container runs: the operator can add code"
                            : "compose pastes the value into a configuration file: the operator can add directives to it");
    }
}

/* ---- other fields ----------------------------------------------------------------------------------------- */

/* The variable stands before the first ":" of a short mount, or in `source` of a long one. */
static bool is_mount_source(const struct var_use *u)
{
    if (sv_eq(u->node->key, SV("source")) || sv_eq(u->node->key, SV("device")))
        return true;
    size_t start = u->place.start - node_span(u->node, 0, 0).start;
    sv before = sv_sub(u->node->text, 0, start < u->node->text.n ? start : 0);
    return u->node->key.p == NULL && sv_find_char(before, ':') == SV_NOT_FOUND;
}

void check_volume_source(struct check_run *c)
{
    fields_begin(c, (const char *const[]){"volumes", NULL});
    EACH_INPUT(c, in) {
        const struct var_use *u = enters_by(in, "volume") ? input_use(c->facts, in) : NULL;
        if (u == NULL || !input_is_open(c, in))
            continue;
        bool agent = in->service != NULL && in->service->mounts_guest_agent &&
                     (sv_has(u->node->text, SV("dstack.sock")) || sv_has(u->node->text, SV("tappd.sock")));
        if (agent)
            report_input(c, in, SEV_HIGH, "it chooses what the container takes for the guest agent, so keys and quotes may come from "
                                          "something else; it may also name another path of the CVM");
        else if (is_mount_source(u))
            report_input(c, in, SEV_HIGH, "it chooses which path of the CVM the container sees: /, the decrypted environment and the "
                                          "Docker socket included");
        else
            report_input(c, in, SEV_LOW, "it chooses where in the container the volume appears");
    }
}

/* The build argument decides a base image, or a line of a RUN instruction. */
static const char *build_arg_use(const struct operator_input *in, enum severity *severity)
{
    const struct dockerfile *d = in->service == NULL ? NULL : in->service->dockerfile;
    *severity = SEV_MEDIUM;
    for (size_t i = 0; d != NULL && i < d->stages.n; i++)
        if (sv_has(d->stages.at[i]->image, SV("$")) && sv_has(d->stages.at[i]->image, in->target)) {
            *severity = SEV_CRITICAL;
            return "it chooses the base image of a build that runs inside the CVM";
        }
    for (size_t i = 0; d != NULL && i < d->instructions.n; i++) {
        const struct instruction *run = d->instructions.at[i];
        if (sv_eq(run->keyword, SV("RUN")) && sv_has(run->args, SV("$")) && sv_has(run->args, in->target)) {
            *severity = SEV_HIGH;
            return "commands of a build that runs inside the CVM use it";
        }
    }
    return "the image is built inside the CVM with the operator's value";
}

void check_build_arg(struct check_run *c)
{
    fields_begin(c, (const char *const[]){"build", NULL});
    EACH_INPUT(c, in) {
        if (!enters_by(in, "build-arg") || !input_is_open(c, in))
            continue;
        enum severity s;
        const char *reach = build_arg_use(in, &s);
        if (s == SEV_MEDIUM && outweighs_where(in))
            continue; /* what it reaches says more than where it enters: judged by its kind (env.c) */
        report_input(c, in, s, "%s", reach);
    }
}

void check_name_resolution(struct check_run *c)
{
    fields_begin(c, (const char *const[]){"extra_hosts", "dns", "dns_search", "links", "external_links", NULL});
    EACH_INPUT(c, in)
        if (enters_by(in, "name-resolution") && input_is_open(c, in))
            report_input(c, in, SEV_CRITICAL, "it decides to which address names of other hosts lead: connections go to the operator's "
                                              "machine wherever certificates are not checked");
}

void check_log_target(struct check_run *c)
{
    fields_begin(c, (const char *const[]){"logging", NULL});
    EACH_INPUT(c, in)
        if (enters_by(in, "logging") && input_is_open(c, in))
            report_input(c, in, SEV_CRITICAL, "it decides where everything the container prints is sent");
}

void check_field_operator_controlled(struct check_run *c)
{
    inputs_begin(c);
    c->examined += c->facts->services.n;
    EACH_INPUT(c, in) {
        bool rights = SV_IN(in->enters, SV("privileged"), SV("cap_add"), SV("pid"), SV("ipc"), SV("user"), SV("devices"),
                            SV("security_opt"), SV("runtime"), SV("network"), SV("userns_mode"), SV("cgroup"), SV("sysctls"));
        bool behaviour = SV_IN(in->enters, SV("profile"), SV("label"), SV("pull_policy"), SV("restart"), SV("platform"));
        if ((!rights && !behaviour) || !input_is_open(c, in))
            continue;
        report_input(c, in, rights ? SEV_HIGH : SEV_LOW, "%s %.*s of the container", rights ? "it decides the rights:" : "it sets",
                     SV_ARG(in->target));
    }
}

/* ---- names nobody should allow (dstack-facts 3.4) ------------------------------------------------------------ */

struct danger { const char *names; enum severity severity; const char *what; };

static const struct danger dangers[] = {
    {"COMPOSE_FILE COMPOSE_PATH_SEPARATOR COMPOSE_ENV_FILES COMPOSE_PROJECT_NAME COMPOSE_DISABLE_ENV_FILE", SEV_CRITICAL,
     "it makes the compose client read other files"},
    {"COMPOSE_PROFILES", SEV_HIGH, "it switches on services that the compose file keeps behind profiles"},
    {"APP_COMPOSE_FILE NERDCTL_NAMESPACE", SEV_CRITICAL, "the guest's start script reads the runner and the scripts from the file it names"},
    {"DOCKER_HOST DOCKER_CONTEXT DOCKER_CONFIG", SEV_CRITICAL, "it leads the compose client to another daemon or configuration"},
    {"DOCKER_DEFAULT_PLATFORM DOCKER_CONTENT_TRUST BUILDKIT_HOST BUILDKIT_PROGRESS", SEV_MEDIUM, "it steers the compose client"},
    {"PATH LD_PRELOAD LD_LIBRARY_PATH BASH_ENV ENV IFS SHELLOPTS PROMPT_COMMAND", SEV_CRITICAL,
     "the script that starts the containers runs as root with it: it decides which code that script runs"},
    {"PCCS_URL", SEV_LOW, "it replaces the collateral service that the guest was given"},
    {"DSTACK_AUTHORIZED_KEYS DSTACK_ROOT_PUBLIC_KEY DSTACK_ROOT_PASSWORD", SEV_LOW,
     "the pre-launch script opens a root login with it; production OS images have no sshd, dev images do"},
};

static const struct danger *danger_of(sv name)
{
    for (size_t i = 0; i < sizeof dangers / sizeof *dangers; i++) {
        sv rest = sv_from(dangers[i].names);
        while (rest.p != NULL)
            if (sv_eq(sv_cut(&rest, ' '), name))
                return &dangers[i];
    }
    return NULL;
}

static bool is_dev_os(const struct facts *f)
{
    for (size_t i = 0; i < f->hints.n; i++)
        if (sv_eq(f->hints.at[i]->what, SV("dev-os")) && !sv_eq(f->hints.at[i]->value, SV("false")))
            return true;
    return false;
}

static void judge_name(struct check_run *c, sv name, struct place place, const char *listed)
{
    const struct danger *d = danger_of(name);
    c->examined++;
    if (d == NULL)
        return;
    struct finding *f = report(c, place, name, "%.*s %s: %s, though no line of the compose file mentions it.", SV_ARG(name), listed, d->what);
    f->severity = d->severity;
    if (sv_starts(name, SV("DSTACK_")) && is_dev_os(c->facts))
        f->severity = SEV_CRITICAL;
}

void check_dangerous_env(struct check_run *c)
{
    const struct facts *f = c->facts;
    for (size_t i = 0; i < f->app_composes.n; i++)
        for (size_t k = 0; k < f->app_composes.at[i]->allowed_envs.n; k++) {
            const struct node *n = f->app_composes.at[i]->allowed_envs.at[k];
            judge_name(c, node_text(n), n->place, "is in allowed_envs");
        }
    for (size_t i = 0; i < f->hints.n; i++) {
        const struct deploy_hint *h = f->hints.at[i];
        if (!sv_eq(h->what, SV("env")))
            continue;
        sv rest = h->value;
        judge_name(c, sv_trim(sv_cut(&rest, '=')), h->place, "is passed at deployment and so becomes allowed");
    }
}

/* ---- documents and scripts -------------------------------------------------------------------------------------- */

void check_deployment_unreadable(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->deployments.n; i++) {
        const struct deployment *d = c->facts->deployments.at[i];
        c->examined++;
        if (d->refused.p == NULL)
            continue;
        struct finding *f = report(c, d->refused_at, d->id, "The compose file %.*s was not audited, or not all of it: %.*s.",
                                   SV_ARG(d->id), SV_ARG(d->refused));
        f->deployment = d;
    }
}

static void judge_script(struct check_run *c, const struct source *s)
{
    if (s == NULL)
        return;
    c->examined++;
    for (size_t i = 1; i <= s->lines.n; i++) {
        sv line = line_text(&s->lines, s->text, i);
        const char *what = script_feeds(line);
        if (what != NULL)
            report(c, (struct place){s, (size_t)(line.p - s->text.p), (size_t)(line.p - s->text.p) + line.n}, s->field,
                   "%.*s: %s; it runs with every variable that the operator may set.", SV_ARG(s->field), what);
    }
}

/* A script that bears the marker of Phala's and does something of its own beside it. */
void check_prelaunch_changed(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->app_composes.n; i++) {
        const struct app_compose *app = c->facts->app_composes.at[i];
        c->examined += app->prelaunch_version.p != NULL;
        if (app->prelaunch_exact || app->prelaunch_own == 0)
            continue;
        report(c, app->prelaunch_first, SV("pre_launch_script"), "The pre-launch script calls itself Phala's %.*s and holds %zu line%s that no published "
               "version has: what stands there runs as root with every variable that the operator may set.", SV_ARG(app->prelaunch_version),
               app->prelaunch_own, app->prelaunch_own == 1 ? "" : "s");
    }
}

void check_script_feeds_environment(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->app_composes.n; i++) {
        const struct app_compose *app = c->facts->app_composes.at[i];
        if (!app->prelaunch_exact)
            judge_script(c, app->pre_launch);
        for (size_t k = 0; k < app->init_scripts.n; k++)
            judge_script(c, app->init_scripts.at[k]);
    }
}
