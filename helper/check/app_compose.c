/* Settings of app-compose.json, and of programs and commands that write one (dstack-facts 1; DS-05…DS-38). */
#include "check/lookup.h"

/* ---- where a setting stands --------------------------------------------------------------------------------- */

struct setting {
    sv value;                     /* SV_NONE where it is absent */
    struct place place;           /* of the value; of the document where absent */
    const struct app_compose *app; /* NULL: a script or command sets it */
    const struct deployment *deployment;
};

static const struct deployment *deployment_with(const struct facts *f, const struct app_compose *app)
{
    for (size_t i = 0; i < f->deployments.n; i++)
        if (f->deployments.at[i]->app == app)
            return f->deployments.at[i];
    return NULL;
}

/* Scripts that write the document as text leave quotes and commas at the value. */
static sv plain_value(sv value)
{
    return sv_unquote(sv_trim(sv_trim_char(sv_trim(value), ',')));
}

static void each_setting(struct check_run *c, const char *key, void (*judge)(struct check_run *c, const struct setting *s))
{
    const struct facts *f = c->facts;
    for (size_t i = 0; i < f->app_composes.n; i++) {
        const struct app_compose *app = f->app_composes.at[i];
        const struct node *n = node_get(app->root, key);
        c->examined++;
        judge(c, &(struct setting){n == NULL ? SV_NONE : node_text(n), n == NULL ? app->root->place : n->place, app, deployment_with(f, app)});
    }
    for (size_t i = 0; i < f->hints.n; i++) {
        const struct deploy_hint *h = f->hints.at[i];
        if (!sv_eq(h->what, sv_from(key)))
            continue;
        c->examined++;
        judge(c, &(struct setting){plain_value(h->value), h->place, NULL, deployment_of(f, h->place.src->path)});
    }
}

/* The engine lowers what does not belong to the deployed configuration. */
static struct finding *on_setting(struct finding *found, const struct setting *s, enum severity severity)
{
    found->severity = severity;
    found->deployment = s->deployment;
    return found;
}

static bool is_true(sv v)
{
    return SV_IN(v, SV("true"), SV("True"), SV("1"));
}

static bool is_false(sv v)
{
    return SV_IN(v, SV("false"), SV("False"), SV("0"));
}

/* ---- what the guest shows ------------------------------------------------------------------------------------- */

static void judge_logs(struct check_run *c, const struct setting *s)
{
    if (is_true(s->value))
        on_setting(report(c, s->place, SV("public_logs"), "Everything the containers print is public on port 8090: whatever a log line says about users, everybody reads."), s, SEV_LOW);
}

void check_logs_public(struct check_run *c)
{
    each_setting(c, "public_logs", judge_logs);
    each_setting(c, "public-logs", judge_logs);
}

static void judge_tcbinfo(struct check_run *c, const struct setting *s)
{
    bool flag = s->app == NULL && s->value.n == 0;
    if (is_false(s->value) || flag)
        on_setting(report(c, s->place, SV("public_tcbinfo"), "The app-compose and the event log are hidden from users, while host and operator see them: nobody outside can check what runs."), s, SEV_MEDIUM);
}

void check_tcbinfo_hidden(struct check_run *c)
{
    each_setting(c, "public_tcbinfo", judge_tcbinfo);
    for (size_t i = 0; i < c->facts->hints.n; i++) {
        const struct deploy_hint *h = c->facts->hints.at[i];
        if (sv_eq(h->what, SV("no-public-tcbinfo")))
            judge_tcbinfo(c, &(struct setting){SV_NONE, h->place, NULL, deployment_of(c->facts, h->place.src->path)});
    }
}

static void judge_sysinfo(struct check_run *c, const struct setting *s)
{
    if (is_true(s->value))
        on_setting(report(c, s->place, SV("public_sysinfo"), "Load, memory and network counters of the CVM are public: they tell when and how much users do."), s, SEV_INFO);
}

void check_sysinfo_public(struct check_run *c)
{
    each_setting(c, "public_sysinfo", judge_sysinfo);
}

/* ---- disk, clock, instance ---------------------------------------------------------------------------------------- */

static void judge_instance(struct check_run *c, const struct setting *s)
{
    if (is_true(s->value))
        on_setting(report(c, s->place, SV("no_instance_id"), "All instances of the app share one disk key: whoever starts another instance reads the disk of this one."), s, SEV_LOW);
}

void check_instance_id_off(struct check_run *c)
{
    each_setting(c, "no_instance_id", judge_instance);
}

/* Code of the deployment that decides by the clock. */
static const struct source *code_with_clock(const struct facts *f, const struct deployment *d)
{
    static const char *const words[] = {"expires_at", "expiresAt", "expires_in", "expiresIn", "timelock", "notAfter", "not_after", "max_age", "maxAge", "jwt.verify", "jwt.decode"};
    for (size_t i = 0; d != NULL && i < f->repo->files.n; i++) {
        const struct source *s = f->repo->files.at[i];
        if (s->kind != SOURCE_CODE || s->vendored || s->scope != SCOPE_PROD || s->lang == LANG_SOLIDITY || !deployment_owns(f, d, s->path))
            continue;
        for (size_t w = 0; w < sizeof words / sizeof *words; w++)
            if (source_has(s, sv_from(words[w])))
                return s;
    }
    return NULL;
}

static void judge_clock(struct check_run *c, const struct setting *s)
{
    bool off = s->app == NULL && s->value.n == 0; /* --no-secure-time */
    if (!is_false(s->value) && !off)
        return;
    const struct source *code = code_with_clock(c->facts, s->deployment);
    struct finding *f = report(c, s->place, SV("secure_time"), code != NULL ? "The CVM takes its time from the host, and the code decides by it: the host makes expired tokens and certificates valid again, or ends periods early."
                                                                            : "The CVM takes its time from the host: certificates, expiry and freshness depend on what the host says.");
    if (code != NULL)
        relate(c, f, (struct place){code, 0, 0}, "decides by the clock");
    on_setting(f, s, code != NULL ? SEV_MEDIUM : SEV_LOW);
}

void check_clock_from_host(struct check_run *c)
{
    each_setting(c, "secure_time", judge_clock);
    each_setting(c, "no-secure-time", judge_clock);
}

static void judge_fs(struct check_run *c, const struct setting *s)
{
    if (sv_eq(s->value, SV("ext4")))
        on_setting(report(c, s->place, SV("storage_fs"), "The disk is encrypted, and ext4 does not notice changes: the host can alter or replay blocks of it, and the app reads what comes out."), s, SEV_LOW);
}

void check_storage_fs(struct check_run *c)
{
    each_setting(c, "storage_fs", judge_fs);
    each_setting(c, "fs", judge_fs);
}

/* ---- key provider ------------------------------------------------------------------------------------------------ */

static sv text_at(const struct app_compose *app, const char *key)
{
    return node_get_text(app->root, key);
}

static sv provider_of(const struct app_compose *app)
{
    sv named = text_at(app, "key_provider");
    if (named.n != 0)
        return named;
    const struct node *features = node_get(app->root, "features");
    for node_each(n, features)
        if (sv_eq(node_text(n), SV("kms")))
            return SV("kms");
    return is_true(text_at(app, "kms_enabled")) ? SV("kms") : is_true(text_at(app, "local_key_provider_enabled")) ? SV("local") : SV("none");
}

static void judge_pin(struct check_run *c, const struct setting *s)
{
    bool kms = s->app == NULL || sv_eq(provider_of(s->app), SV("kms"));
    if (!kms || s->value.n != 0)
        return;
    on_setting(report(c, s->place, SV("key_provider_id"), "No key provider is pinned: the host chooses the KMS that hands out the keys, and only who compares the event key-provider with the known root notices another one."), s, SEV_LOW);
}

/* A program that writes the manifest sets `key` to `value`; any value where `value` is SV_NONE. */
static bool writes_setting(const struct facts *f, const struct source *src, sv key, sv value)
{
    for (size_t i = 0; i < f->hints.n; i++) {
        const struct deploy_hint *h = f->hints.at[i];
        if (h->place.src == src && sv_eq(h->what, key) && (value.p == NULL || sv_ieq(plain_value(h->value), value)))
            return true;
    }
    return false;
}

static bool asks_for_kms(const struct facts *f, const struct source *src)
{
    size_t features = sv_find(src->text, SV("features"));
    sv list = features == SV_NOT_FOUND ? SV_NONE : sv_sub(src->text, features, features + 60);
    return writes_setting(f, src, SV("kms_enabled"), SV("true")) || writes_setting(f, src, SV("key_provider"), SV("kms")) || sv_has(list, SV("\"kms\"")) || sv_has(list, SV("'kms'"));
}

void check_key_provider_pin(struct check_run *c)
{
    each_setting(c, "key_provider_id", judge_pin);
    for (size_t i = 0; i < c->facts->hints.n; i++) { /* absent in what a program writes */
        const struct deploy_hint *h = c->facts->hints.at[i];
        if (!sv_eq(h->what, SV("manifest")) || !asks_for_kms(c->facts, h->place.src))
            continue;
        c->examined++;
        if (!writes_setting(c->facts, h->place.src, SV("key_provider_id"), SV_NONE))
            judge_pin(c, &(struct setting){SV_NONE, h->place, NULL, deployment_of(c->facts, h->place.src->path)});
    }
}

static void judge_provider(struct check_run *c, const struct setting *s)
{
    sv kind = s->app != NULL ? provider_of(s->app) : s->value;
    if (sv_eq(kind, SV("local")))
        on_setting(report(c, s->place, SV("key_provider"), "Keys are sealed by a provider on the host machine: they stay on that machine, no contract governs who gets them, and users must know the provider's measurement."), s, SEV_MEDIUM);
    else if (sv_eq(kind, SV("tpm")))
        on_setting(report(c, s->place, SV("key_provider"), "Keys are sealed by a TPM: outside of the clouds whose TPM is part of the TEE, the host emulates it and reads them."), s, SEV_MEDIUM);
    else if (sv_eq(kind, SV("none")))
        on_setting(report(c, s->place, SV("key_provider"), "There is no key provider: keys are made anew at each start, so nothing that users stored or trusted outlives a restart, and no key stands for the app."), s, SEV_INFO);
}

void check_key_provider_kind(struct check_run *c)
{
    each_setting(c, "key_provider", judge_provider);
    each_setting(c, "key-provider", judge_provider);
}

/* ---- runner, requirements, unknown keys ------------------------------------------------------------------------------ */

static void judge_runner(struct check_run *c, const struct setting *s)
{
    if (sv_eq(s->value, SV("bash")))
        on_setting(report(c, s->place, SV("runner"), "The app is a script that runs as root in the CVM with every allowed variable: no container limits it, and all of it must be read."), s, SEV_MEDIUM);
}

void check_bash_runner(struct check_run *c)
{
    each_setting(c, "runner", judge_runner);
}

void check_requirements_ignored(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->app_composes.n; i++) {
        const struct app_compose *app = c->facts->app_composes.at[i];
        const struct node *requirements = node_get(app->root, "requirements");
        struct setting s = {SV_NONE, app->root->place, app, deployment_with(c->facts, app)};
        c->examined++;
        if (requirements == NULL || requirements->kind == NODE_NULL || (app->manifest_is_string && sv_eq(app->manifest_version, SV("3"))))
            continue;
        on_setting(report(c, requirements->place, SV("requirements"), "Requirements need manifest_version \"3\" as a string, and this one is %.*s: guests that do not know them start the app without checking any, the launch token included.",
                          SV_ARG(app->manifest_version)), &s, SEV_HIGH);
    }
}

void check_gpu_policy(struct check_run *c)
{
    static const struct { const char *key; bool weak; const char *what; } keys[] = {
        {"allow_devtools", true, "a GPU in developer mode, whose memory can be read from outside"}, {"allow_debug", true, "a GPU with its debugging on"},
        {"allow_insecure_boot", true, "a GPU whose firmware was not verified"}, {"attest_gpu", false, "any GPU, attested or not"},
    };
    for (size_t i = 0; i < c->facts->app_composes.n; i++) {
        const struct app_compose *app = c->facts->app_composes.at[i];
        const struct node *policy = node_path(app->root, "requirements.gpu_policy");
        struct setting s = {SV_NONE, app->root->place, app, deployment_with(c->facts, app)};
        c->examined += policy != NULL;
        for (size_t k = 0; policy != NULL && k < sizeof keys / sizeof *keys; k++) {
            const struct node *n = node_get(policy, keys[k].key);
            if (n != NULL && (keys[k].weak ? is_true(node_text(n)) : is_false(node_text(n))))
                on_setting(report(c, n->place, n->key, "The policy accepts %s: what users send to the model can leave the TEE there.", keys[k].what), &s, SEV_HIGH);
        }
    }
}

void check_key_ignored(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->app_composes.n; i++) {
        const struct app_compose *app = c->facts->app_composes.at[i];
        const struct node *encrypted = node_get(app->root, "storage_encrypted"), *login = node_get(app->root, "docker_config");
        struct setting s = {SV_NONE, app->root->place, app, deployment_with(c->facts, app)};
        c->examined++;
        if (encrypted != NULL)
            on_setting(report(c, encrypted->key_place, encrypted->key, "The guest does not read storage_encrypted here: whether the disk is encrypted stands in the kernel's command line, which RTMR2 measures."), &s, SEV_LOW);
        if (login != NULL && node_count(login) != 0)
            on_setting(report(c, login->key_place, login->key, "The guest has not read docker_config since 0.5.5: the registry login it describes takes no effect on newer images, and its name of a token tells which variable holds one."), &s, SEV_LOW);
    }
}

/* ---- who vouches for the environment (DS-04, DS-05; dstack-facts 3.8) ---------------------------------------------------- */

static bool has_allowed(const struct app_compose *app, const char *name)
{
    for (size_t i = 0; i < app->allowed_envs.n; i++)
        if (sv_eq(node_text(app->allowed_envs.at[i]), sv_from(name)))
            return true;
    return false;
}

static bool init_checks(const struct app_compose *app)
{
    for (size_t i = 0; i < app->init_scripts.n; i++)
        if (sv_has(app->init_scripts.at[i]->text, SV("sha256")) || sv_has(app->init_scripts.at[i]->text, SV("openssl")))
            return true;
    return false;
}

static const struct node *real_token(const struct app_compose *app)
{
    bool manifest = app->manifest_is_string && sv_eq(app->manifest_version, SV("3"));
    return manifest ? node_path(app->root, "requirements.launch_token_hash") : NULL;
}

static bool is_weighty(enum input_kind k)
{
    return k == KIND_ENDPOINT || k == KIND_STORAGE || k == KIND_KEY || k == KIND_AUTH || k == KIND_CODE || k == KIND_IMAGE || k == KIND_REFERENCE || k == KIND_PROXY_CA;
}

void check_environment_unauthenticated(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->app_composes.n; i++) {
        const struct app_compose *app = c->facts->app_composes.at[i];
        const struct node *list = node_get(app->root, "allowed_envs");
        struct setting s = {SV_NONE, app->root->place, app, deployment_with(c->facts, app)};
        bool weighty = false;
        c->examined++;
        if (app->allowed_envs.n == 0 || real_token(app) != NULL || init_checks(app) || has_allowed(app, "APP_LAUNCH_TOKEN"))
            continue;
        for (size_t k = 0; k < app->allowed_envs.n; k++)
            weighty = weighty || is_weighty(kind_of(node_text(app->allowed_envs.at[k]), SV_NONE));
        on_setting(report(c, list->place, SV("allowed_envs"), "The encrypted environment is not authenticated, and nothing here checks where it comes from: not only the operator, also the host of the machine can replace the values or leave them out, under the same compose hash."),
                   &s, weighty ? SEV_MEDIUM : SEV_LOW);
    }
}

void check_launch_token(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->app_composes.n; i++) {
        const struct app_compose *app = c->facts->app_composes.at[i];
        const struct node *top = node_get(app->root, "launch_token_hash");
        struct setting s = {SV_NONE, app->root->place, app, deployment_with(c->facts, app)};
        c->examined++;
        if (real_token(app) != NULL)
            continue;
        if (top != NULL)
            on_setting(report(c, top->key_place, top->key, "The guest does not read launch_token_hash at the top level: it is compared only where a script does so, and a pre-launch script comes too late after a reboot."), &s, SEV_MEDIUM);
        else if (app->pre_launch != NULL && !app->prelaunch_exact && (sv_has(app->pre_launch->text, SV("LAUNCH_TOKEN")) || sv_has(app->pre_launch->text, SV("USER_CONFIG_HASH"))))
            on_setting(report(c, (struct place){app->pre_launch, 0, 0}, SV("pre_launch_script"), "The token is compared in the pre-launch script: from OS 0.5.6 on containers with a restart policy are back before it runs, and the host can force the reboot."), &s, SEV_MEDIUM);
    }
}
