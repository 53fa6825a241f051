/* The join: what the operator sets, where it enters, which code reads it. */
#include <stdlib.h>

#include "fact/compose.h"

/* ---- which names reach the compose client (dstack-facts 3.1, 3.4, 3.5) ---------------------------- */

static bool is_listed(const struct app_compose *app, sv name)
{
    for (size_t i = 0; i < app->allowed_envs.n; i++)
        if (sv_eq(node_text(app->allowed_envs.at[i]), name))
            return true;
    return false;
}

/* Set for every service by systemd, or by compose itself: nobody passes them. */
static bool is_fixed_by_system(sv name)
{
    return SV_IN(name, SV("HOME"), SV("LANG"), SV("USER"), SV("LOGNAME"), SV("SHELL"), SV("PWD"), SV("INVOCATION_ID"),
                 SV("JOURNAL_STREAM"), SV("SYSTEMD_EXEC_PID"));
}

/* What a line of a script takes from files that are not measured. */
static bool is_unmeasured(sv text)
{
    return sv_has(text, SV("user_config")) || sv_has(text, SV(".user-config")) || sv_has(text, SV("sys-config")) ||
           sv_has(text, SV("decrypted-env")) || sv_has(text, SV("curl ")) || sv_has(text, SV("wget "));
}

/* A script of the app-compose that assigns `name`: its text is measured, its sources may not be. */
static bool script_assigns(const struct source *script, sv name, bool *unmeasured)
{
    if (script == NULL)
        return false;
    bool assigns = false;
    for (size_t at = 0; (at = sv_find_at(script->text, name, at)) != SV_NOT_FOUND; at += name.n) {
        size_t end = at + name.n;
        bool starts = at == 0 || sv_find_char(SV(" \t\n;"), script->text.p[at - 1]) != SV_NOT_FOUND;
        if (!starts || end >= script->text.n || script->text.p[end] != '=')
            continue;
        assigns = true;
        sv rest = sv_sub(script->text, end + 1, script->text.n);
        *unmeasured |= is_unmeasured(sv_line(&rest));
    }
    return assigns;
}

static bool scripts_assign(const struct app_compose *app, sv name, bool *unmeasured)
{
    bool assigns = app->prelaunch_version.p == NULL && script_assigns(app->pre_launch, name, unmeasured);
    for (size_t i = 0; i < app->init_scripts.n; i++)
        assigns |= script_assigns(app->init_scripts.at[i], name, unmeasured);
    return assigns;
}

/* A line that fills the .env compose takes values from, out of something that is not measured. */
static bool fills_dotenv(const struct source *s)
{
    for (size_t i = 1; s != NULL && i <= s->lines.n; i++) {
        sv line = line_text(&s->lines, s->text, i);
        if (sv_has(line, SV(".env")) && script_feeds(line) != NULL && is_unmeasured(line))
            return true;
    }
    return false;
}

static bool dotenv_from_outside(const struct app_compose *app)
{
    bool fills = !app->prelaunch_exact && fills_dotenv(app->pre_launch);
    for (size_t i = 0; i < app->init_scripts.n; i++)
        fills = fills || fills_dotenv(app->init_scripts.at[i]);
    return fills;
}

/* Phala's pre-launch script copies these from DSTACK_AWS_*. */
static sv aws_origin(sv name)
{
    if (sv_eq(name, SV("AWS_ACCESS_KEY_ID")))
        return SV("DSTACK_AWS_ACCESS_KEY_ID");
    if (sv_eq(name, SV("AWS_SECRET_ACCESS_KEY")))
        return SV("DSTACK_AWS_SECRET_ACCESS_KEY");
    if (sv_eq(name, SV("AWS_SESSION_TOKEN")))
        return SV("DSTACK_AWS_SESSION_TOKEN");
    return sv_eq(name, SV("AWS_DEFAULT_REGION")) ? SV("DSTACK_AWS_REGION") : SV_NONE;
}

bool set_by_guest(const struct deployment *d, sv name)
{
    bool unmeasured = false;
    return is_fixed_by_system(name) || sv_eq(name, SV("DSTACK_APP_ID")) || (d->app != NULL && scripts_assign(d->app, name, &unmeasured));
}

enum allowed allowed_in(const struct deployment *d, sv name)
{
    const struct app_compose *app = d->app;
    bool phala = app == NULL || app->prelaunch_version.p != NULL;
    if (app != NULL && is_listed(app, name))
        return ALLOWED_YES;
    if (sv_eq(name, SV("PCCS_URL")))
        return ALLOWED_UNLISTED;
    if (phala && SV_IN(name, SV("DSTACK_GATEWAY_DOMAIN"), SV("DSTACK_APP_DOMAIN")))
        return ALLOWED_UNLISTED;
    if (phala && sv_eq(name, SV("DSTACK_APP_ID")))
        return ALLOWED_NO;
    if (app == NULL)
        return is_fixed_by_system(name) ? ALLOWED_NO : ALLOWED_ASSUMED;
    if (phala && aws_origin(name).p != NULL && is_listed(app, aws_origin(name)))
        return ALLOWED_UNLISTED;
    if (dotenv_from_outside(app))
        return ALLOWED_UNLISTED;
    bool unmeasured = false;
    if (scripts_assign(app, name, &unmeasured))
        return unmeasured ? ALLOWED_UNLISTED : ALLOWED_NO;
    return app->allowed_envs_known ? ALLOWED_NO : ALLOWED_ASSUMED;
}

/* ---- where a variable enters ---------------------------------------------------------------------- */

/* The field of the service, or of the document, that holds the node; NULL for lines of an env_file. */
static const struct node *field_of(const struct var_use *u)
{
    const struct node *n = u->node, *stop = u->service == NULL ? u->deployment->root : u->service->node;
    while (n != NULL && n->parent != stop && n->parent != NULL)
        n = n->parent;
    return n == NULL || n->parent != stop ? NULL : n;
}

static bool stands_below(const struct node *n, const char *key)
{
    for (; n != NULL; n = n->parent)
        if (sv_eq(n->key, sv_from(key)))
            return true;
    return false;
}

static sv enters_of(const struct var_use *u)
{
    static const struct { const char *field, *enters; } known[] = {
        {"environment", "environment"}, {"env_file", "env-file"},   {"image", "image"},         {"command", "command"},
        {"entrypoint", "command"},      {"healthcheck", "command"}, {"post_start", "command"},  {"pre_stop", "command"},
        {"volumes", "volume"},          {"tmpfs", "volume"},        {"ports", "port"},          {"expose", "port"},
        {"configs", "config"},          {"secrets", "secret"},      {"labels", "label"},        {"extra_hosts", "name-resolution"},
        {"dns", "name-resolution"},     {"dns_search", "name-resolution"}, {"links", "name-resolution"},
        {"external_links", "name-resolution"}, {"logging", "logging"}, {"networks", "network"}, {"network_mode", "network"},
        {"profiles", "profile"},        {"container_name", "name"}, {"hostname", "name"},       {"name", "name"},
    };
    const struct node *field = field_of(u);
    if (field == NULL)
        return SV("env-file");
    if (sv_eq(field->key, SV("build")))
        return stands_below(u->node, "args") ? SV("build-arg") : SV("build");
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (sv_eq(field->key, sv_from(known[i].field)))
            return sv_from(known[i].enters);
    return sv_starts(field->key, SV("x-")) ? SV("extension") : field->key;
}

static enum env_state state_of_form(enum var_form form)
{
    switch (form) {
    case VAR_PLAIN: return ENV_INTERPOLATED;
    case VAR_DEFAULT:
    case VAR_DEFAULT_IF_UNSET: return ENV_DEFAULT;
    case VAR_REQUIRED:
    case VAR_REQUIRED_IF_UNSET: return ENV_REQUIRED;
    case VAR_REPLACED:
    case VAR_REPLACED_IF_SET: return ENV_ALTERNATE;
    case VAR_BARE: break;
    }
    return ENV_BARE;
}

/* ---- what it is ------------------------------------------------------------------------------------ */

/* "scheme://user:${PASSWORD}@${HOST}:5432/${NAME}": where in a URL the variable stands. */
static bool chooses_host(sv value, sv expression_start)
{
    if (expression_start.p < value.p || expression_start.p > value.p + value.n)
        return true;
    sv before = sv_sub(value, 0, (size_t)(expression_start.p - value.p));
    size_t scheme = sv_find(before, SV("://"));
    if (scheme == SV_NOT_FOUND)
        return true;
    sv behind = sv_sub(before, scheme + 3, before.n);
    if (sv_find_char(behind, '/') != SV_NOT_FOUND || sv_find_char(behind, '?') != SV_NOT_FOUND)
        return false;
    /* User or password, when an "@" follows before the path begins. */
    sv after = sv_sub(value, before.n, value.n);
    sv authority = sv_cut(&(sv){after.p, after.n}, '/');
    size_t at = sv_rfind_char(authority, '@');
    return at == SV_NOT_FOUND;
}

static bool is_secret_kind(enum input_kind k)
{
    return k == KIND_CREDENTIAL || k == KIND_KEY || k == KIND_AUTH;
}

static bool says_little(enum input_kind k)
{
    return k == KIND_OTHER || k == KIND_TUNING || k == KIND_IDENTITY || k == KIND_FEATURE;
}

/* The kind of one variable inside the value of `s`. */
static enum input_kind kind_in_value(const struct env_set *s, const struct var_use *u)
{
    enum input_kind by_name = kind_of(u->name, u->word), by_target = sv_eq(u->name, s->name) ? by_name : kind_of(s->name, u->word);
    bool whole = s->value.p == NULL || (s->uses.n >= 1 && u->outer == NULL && u->place.end - u->place.start >= s->value.n);
    if (whole)
        return says_little(by_target) && !says_little(by_name) ? by_name : by_target;
    if (is_secret_kind(by_name))
        return by_name;
    enum input_kind by_value = kind_of(SV(""), s->value);
    if (by_value == KIND_OTHER)
        return says_little(by_target) ? by_name : by_target;
    size_t at = 0;
    while ((at = sv_find_at(s->value, u->name, at)) != SV_NOT_FOUND) {
        size_t dollar = at > 0 && s->value.p[at - 1] == '{' ? at - 2 : at - 1;
        if (at > 0 && dollar < s->value.n && s->value.p[dollar] == '$')
            return chooses_host(s->value, sv_sub(s->value, dollar, s->value.n)) ? by_value : by_name;
        at += u->name.n;
    }
    return by_name;
}

/* Names of what is shown to others as well as of what others must show. */
static bool may_be_sent(sv name)
{
    return sv_has(name, SV("BEARER")) || SV_IN(name, SV("API_KEY"), SV("API_TOKEN"), SV("TOKEN"), SV("ACCESS_KEY"), SV("AUTH_KEY"));
}

/* The use of the value (reads_uses.c) decides over a name that says little, and over any name when it
 * reaches a program text, a host or a store. */
static enum input_kind kind_of_file(struct arena *a, sv path)
{
    return kind_of(sv_upper(a, path_base(path)), SV(""));
}

static void settle_read(struct env_read *r, enum input_kind by_name)
{
    enum input_kind by_use = r->kind;
    bool tells = by_use == KIND_CODE || by_use == KIND_ENDPOINT || by_use == KIND_STORAGE;
    r->kind = by_name;
    if (r->kind == KIND_TUNING && tells)
        return; /* a size or a limit stays one wherever it is handed on */
    if (r->kind == KIND_IDENTITY && by_use == KIND_AUTH)
        return; /* who signs, in a token's text, is no secret */
    if (r->guards && (r->kind == KIND_CREDENTIAL || r->kind == KIND_OTHER))
        r->kind = KIND_AUTH;
    if (r->kind == KIND_AUTH && by_use == KIND_CREDENTIAL && !r->guards && may_be_sent(r->name))
        r->kind = KIND_CREDENTIAL; /* goes out with requests, and no incoming one is measured by it */
    if (by_use != KIND_OTHER && (says_little(r->kind) || (tells && r->kind == KIND_LOG_LEVEL)))
        r->kind = by_use;
}

/* A part of the program, whatever it is called: below a folder of sources, or a module of a package. */
static bool is_inside_program(const struct facts *f, sv folder)
{
    static const char *const marks[] = {"__init__.py", "mod.rs", "lib.rs"};
    sv above = path_dir(folder);
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (above.n != 0 && repo_find(f->repo, sv_printf(f->arena, "%.*s/%s", SV_ARG(above), marks[i])) != NULL)
            return true;
    for (; above.n != 0; above = path_dir(above))
        if (sv_eq(path_base(above), SV("src")))
            return true;
    return false;
}

/* Programs for the developer's machine, unless an image takes them in. */
static sv tool_folder(const struct facts *f, sv path)
{
    for (sv rest = path_dir(path); rest.n != 0; rest = path_dir(rest))
        if (SV_IN(path_base(rest), SV("scripts"), SV("script"), SV("tools"), SV("tool"), SV("examples"), SV("example"), SV("bench"),
                  SV("benchmarks"), SV("hack"), SV("contrib"), SV("e2e"), SV("perf"), SV("clients"), SV("demo"), SV("k6"), SV("loadtest"), SV("loadtests"), SV("load-test"), SV("load-tests"), SV("load_test"), SV("load_tests")) &&
            !is_inside_program(f, rest))
            return path_base(rest);
    return SV_NONE;
}

static bool is_said(const struct facts *f, enum source_kind kind, sv word)
{
    for (size_t i = 0; i < f->repo->files.n; i++)
        if (f->repo->files.at[i]->kind == kind && source_has(f->repo->files.at[i], word))
            return true;
    return false;
}

/* A Dockerfile or compose file says the word: it copies or starts what is called so. */
static bool image_names(const struct facts *f, sv word) { return is_said(f, SOURCE_DOCKERFILE, word) || is_said(f, SOURCE_COMPOSE, word); }

static bool has_target(const struct facts *f, const struct dockerfile *d)
{
    for (size_t i = 0; i < f->services.n; i++)
        if (f->services.at[i]->dockerfile == d && node_get(node_get(f->services.at[i]->node, "build"), "target") != NULL)
            return true;
    return false;
}

/* `COPY --from=build /app .`: a folder of the root, or the one in which a stage works, with all that is in it. */
static bool copies_all(const struct dockerfile *d, const struct instruction *copy)
{
    bool from = false;
    for (const struct docker_flag *g = copy->flags; g != NULL; g = g->next)
        from = from || sv_eq(g->name, SV("from"));
    sv rest = copy->args;
    for (sv path = sv_trim_char(sv_cut(&rest, ' '), '/'); from && rest.p != NULL; path = sv_trim_char(sv_cut(&rest, ' '), '/')) {
        if (sv_find_char(path, '/') == SV_NOT_FOUND)
            return true;
        for (size_t i = 0; i < d->instructions.n; i++)
            if (sv_eq(d->instructions.at[i]->keyword, SV("WORKDIR")) && sv_eq(sv_trim_char(sv_trim(d->instructions.at[i]->args), '/'), path))
                return true;
    }
    return false;
}

/* The image is the last stage and those it builds on: what an earlier one copied to build with is not in it. */
static bool image_holds(const struct facts *f, const struct dockerfile *d, sv word)
{
    bool said = source_has(d->src, word);
    if (!said || d->stages.n < 2 || has_target(f, d))
        return said;
    for (const struct stage *s = d->stages.at[d->stages.n - 1]; s != NULL; s = s->base)
        for (size_t i = 0; i < d->instructions.n; i++) {
            const struct instruction *in = d->instructions.at[i];
            if (in->stage == s->index && (sv_has(sv_sub(d->src->text, in->place.start, in->place.end), word) || copies_all(d, in)))
                return true;
        }
    return false;
}

/* An image of the repository, or a compose file, says so of the folder. */
static bool images_hold(const struct facts *f, sv folder)
{
    for (size_t i = 0; i < f->dockerfiles.n; i++)
        if (image_holds(f, f->dockerfiles.at[i], folder))
            return true;
    return is_said(f, SOURCE_COMPOSE, folder);
}

/* An image of the repository is made with Swift. */
static bool builds_swift(const struct facts *f)
{
    for (size_t i = 0; i < f->images.n; i++)
        if (f->images.at[i]->origin == IMAGE_DOCKERFILE && sv_starts(path_base(f->images.at[i]->name), SV("swift")))
            return true;
    for (size_t i = 0; i < f->runs.n; i++)
        if (f->runs.at[i]->when != RUN_CI && sv_eq(command_name(f->runs.at[i]->command), SV("swift")))
            return true;
    return false;
}

/* The nearest package.json is that of an app for phones. */
static bool is_native_package(const struct facts *f, sv path)
{
    for (sv dir = path_dir(path); dir.n != 0; dir = path_dir(dir)) {
        const struct source *s = repo_find(f->repo, sv_printf(f->arena, "%.*s/package.json", SV_ARG(dir)));
        if (s != NULL)
            return sv_has(s->text, SV("\"expo\"")) || sv_has(s->text, SV("\"react-native\""));
    }
    return false;
}

/* An app for phones: what it connects to, it connects to from its user's hand. Java and Kotlin are Android's below a
 * manifest of Android. */
static bool is_phone_app(const struct facts *f, const struct source *s)
{
    if (s->lang == LANG_SWIFT)
        return !builds_swift(f);
    if (s->lang == LANG_JAVASCRIPT || s->lang == LANG_TYPESCRIPT)
        return is_native_package(f, s->path);
    if (s->lang != LANG_JAVA && s->lang != LANG_KOTLIN)
        return false;
    for (sv dir = path_dir(s->path); dir.n != 0; dir = path_dir(dir))
        if (repo_find(f->repo, sv_printf(f->arena, "%.*s/AndroidManifest.xml", SV_ARG(dir))) != NULL)
            return true;
    return false;
}

bool runs_outside(const struct facts *f, const struct source *s)
{
    if (s->host != NULL)
        return false;
    if (s->lang == LANG_SHELL)
        return !image_names(f, path_base(s->path));
    sv folder = tool_folder(f, s->path), base = path_base(s->path);
    if (sv_starts(base, SV("hardhat.config.")) || sv_starts(base, SV("truffle-config.")))
        return true; /* settings of a tool that compiles and deploys contracts */
    return (folder.p != NULL && !images_hold(f, folder)) || is_phone_app(f, s);
}

/* ---- reads by name --------------------------------------------------------------------------------- */

/* Settings classes match names in any case; everything else is exact. */
static int by_lower_name(const void *pa, const void *pb)
{
    const struct env_read *a = *(struct env_read *const *)pa, *b = *(struct env_read *const *)pb;
    size_t n = a->name.n < b->name.n ? a->name.n : b->name.n;
    for (size_t i = 0; i < n; i++) {
        int x = a->name.p[i] | 32, y = b->name.p[i] | 32;
        if (x != y)
            return x - y;
    }
    int c = (a->name.n > b->name.n) - (a->name.n < b->name.n);
    return c != 0 ? c : place_cmp(a->place, b->place);
}

struct read_index { struct env_read **at; size_t n; };
struct reads { struct read_index own, library, file; };

/* ACME_BEARER_TOKEN beside ACME_API_URL: the token is shown to whom the address names. */
static void settle_sent(const struct read_index *x, struct env_read *r)
{
    size_t at = sv_find(r->name, SV("_BEARER"));
    if (r->kind != KIND_AUTH || r->guards || at == SV_NOT_FOUND || at == 0)
        return;
    for (size_t i = 0; i < x->n; i++)
        if (x->at[i]->kind == KIND_ENDPOINT && x->at[i]->name.n > at + 1 && sv_starts(x->at[i]->name, sv_sub(r->name, 0, at + 1)))
            r->kind = KIND_CREDENTIAL;
}

static struct read_index index_of(struct facts *f, struct env_read **rows, size_t n)
{
    struct read_index x = {arena_array(f->arena, struct env_read *, n + 1), n};
    for (size_t i = 0; i < x.n; i++) {
        struct env_read *r = x.at[i] = rows[i];
        /* Reads of one file follow each other. */
        bool same = i > 0 && x.at[i - 1]->place.src == r->place.src;
        r->outside = same ? x.at[i - 1]->outside : runs_outside(f, r->place.src);
    }
    if (x.n > 1)
        qsort(x.at, x.n, sizeof *x.at, by_lower_name);
    enum input_kind by_name = KIND_OTHER;
    for (size_t i = 0; i < x.n; i++) {
        struct env_read *r = x.at[i], *before = i == 0 ? NULL : x.at[i - 1];
        if (r->file)
            by_name = kind_of_file(f->arena, r->name);
        else if (before == NULL || before->file || !sv_eq(before->name, r->name) || !sv_eq(before->fallback, r->fallback))
            by_name = kind_of(r->name, r->fallback);
        settle_read(r, by_name);
    }
    for (size_t i = 0; i < x.n; i++)
        settle_sent(&x, x.at[i]);
    return x;
}

bool read_matches(const struct env_read *r, sv name)
{
    return r->any_case ? sv_ieq(r->name, name) : sv_eq(r->name, name);
}

static size_t first_read(const struct read_index *x, sv name)
{
    struct env_read probe = {.name = name};
    size_t low = 0, high = x->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct env_read *r = x->at[middle];
        size_t n = r->name.n < name.n ? r->name.n : name.n;
        int c = 0;
        for (size_t i = 0; i < n && c == 0; i++)
            c = (r->name.p[i] | 32) - (probe.name.p[i] | 32);
        if (c < 0 || (c == 0 && r->name.n < name.n))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* A service whose build directory is known runs the code below it and no other. */
static bool may_read(struct facts *f, const struct operator_input *in, sv path)
{
    const struct service *s = in->service;
    if (s != NULL && s->context.p != NULL && s->context.n > in->deployment->dir.n)
        return path_is_below(path, s->context) || deployment_shares(f, in->deployment, path);
    return deployment_owns(f, in->deployment, path) || deployment_shares(f, in->deployment, path);
}

static const struct source *file_of(const struct source *s)
{
    while (s->host != NULL)
        s = s->host;
    return s;
}

/* Code written into another compose file belongs to that one's services. */
static bool stands_in_other_compose(const struct operator_input *in, const struct source *code)
{
    const struct source *file = file_of(code);
    if (code->host == NULL || file->kind != SOURCE_COMPOSE)
        return false;
    bool own = file == file_of(in->deployment->compose);
    for (size_t i = 0; i < in->deployment->n_bases; i++)
        own = own || file == file_of(in->deployment->bases[i]);
    return !own;
}

static void find_in(struct facts *f, const struct read_index *x, struct operator_input *in)
{
    for (size_t i = first_read(x, in->target); i < x->n && sv_ieq(x->at[i]->name, in->target); i++) {
        struct env_read *r = x->at[i];
        if (!read_matches(r, in->target) || r->scope == SCOPE_TEST || r->outside || !may_read(f, in, r->place.src->path) ||
            stands_in_other_compose(in, r->place.src))
            continue;
        vec_push(f->arena, &in->reads, r);
        if ((says_little(in->kind) && !says_little(r->kind)) || (r->guards && in->kind == KIND_CREDENTIAL))
            in->kind = r->kind;
    }
}

/* The program's own reads first, then those of its libraries. */
static void find_reads(struct facts *f, const struct reads *x, struct operator_input *in)
{
    if (in->target.n == 0)
        return;
    find_in(f, &x->own, in);
    find_in(f, &x->library, in);
    size_t sent = 0;
    for (size_t i = 0; i < in->reads.n; i++)
        sent += in->reads.at[i]->kind == KIND_CREDENTIAL;
    if (in->kind == KIND_AUTH && sent != 0 && sent == in->reads.n)
        in->kind = KIND_CREDENTIAL;
}

/* ---- rows ------------------------------------------------------------------------------------------ */

const struct deployment *deployed_app_of(const struct facts *f, const struct deployment *d)
{
    for (size_t i = 0; d->app == NULL && i < f->deployments.n; i++) {
        const struct deployment *o = f->deployments.at[i];
        if (o->app != NULL && o->deployed && sv_eq(o->group, d->group))
            return o;
    }
    return d;
}

static void settle_allowed(const struct facts *f, struct operator_input *in)
{
    in->allowed = allowed_in(deployed_app_of(f, in->deployment), in->name);
    for (size_t i = 0; in->allowed == ALLOWED_ASSUMED && i < f->passed.n; i++)
        if (f->passed.at[i]->deployment == in->deployment && sv_eq(f->passed.at[i]->name, in->name)) {
            in->allowed = ALLOWED_PASSED;
            in->passed = f->passed.at[i]->place;
        }
}

static struct operator_input *add_input(struct facts *f, const struct var_use *u, struct deployment *d)
{
    struct operator_input *in = vec_new(f->arena, &f->inputs, struct operator_input);
    *in = (struct operator_input){.name = u->name, .deployment = d, .service = u->service, .place = u->place,
                                  .state = state_of_form(u->form), .form = u->form, .word = u->word, .fallback = SV_NONE, .target = SV("")};
    in->has_fallback = u->form == VAR_DEFAULT || u->form == VAR_DEFAULT_IF_UNSET;
    if (in->has_fallback)
        in->fallback = u->word;
    settle_allowed(f, in);
    return in;
}

static bool seen_in(const struct env_set *s, size_t before)
{
    for (size_t i = 0; i < before; i++)
        if (sv_eq(s->uses.at[i]->name, s->uses.at[before]->name))
            return true;
    return false;
}

/* `environment` beats env_file, a bare name included. */
static bool is_overridden(const struct facts *f, size_t at)
{
    const struct env_set *s = f->env_sets.at[at];
    if (s->state != ENV_FILE || s->node != NULL)
        return false;
    /* Rows of one service follow each other. */
    for (size_t i = at; i-- > 0 && f->env_sets.at[i]->service == s->service;)
        if (f->env_sets.at[i]->state != ENV_FILE && sv_eq(f->env_sets.at[i]->name, s->name))
            return true;
    for (size_t i = at + 1; i < f->env_sets.n && f->env_sets.at[i]->service == s->service; i++)
        if (f->env_sets.at[i]->state != ENV_FILE && sv_eq(f->env_sets.at[i]->name, s->name))
            return true;
    return false;
}

static void add_environment(struct facts *f, const struct reads *x)
{
    for (size_t i = 0; i < f->env_sets.n; i++) {
        struct env_set *s = f->env_sets.at[i];
        bool overridden = is_overridden(f, i);
        for (size_t k = 0; k < s->uses.n && !overridden; k++) {
            if (k < 200 && seen_in(s, k))
                continue;
            const struct var_use *u = s->uses.at[k];
            if (u->filled.src != NULL)
                continue; /* fixed text by the time it is deployed */
            struct operator_input *in = add_input(f, u, s->service->deployment);
            in->enters = s->state == ENV_FILE ? SV("env-file") : SV("environment");
            in->target = s->name;
            enum input_kind part = in->kind = kind_in_value(s, u);
            find_reads(f, x, in);
            bool address = in->kind == KIND_STORAGE || in->kind == KIND_ENDPOINT;
            if (address && part != in->kind && kind_of(SV(""), s->value) == in->kind)
                in->kind = part; /* the user or the database in an address whose host is fixed */
        }
    }
}

static enum input_kind kind_of_field(const struct var_use *u, sv enters)
{
    if (sv_eq(enters, SV("image")))
        return KIND_IMAGE;
    if (SV_IN(enters, SV("command"), SV("build")))
        return KIND_CODE;
    return kind_of(u->name, u->word);
}

/* ENV NAME=$ARG: the Dockerfile hands the build argument on. */
struct handed { struct facts *f; const struct reads *x; struct operator_input *in; };

static void hand_on(void *ctx, sv key, sv value, bool has_value, struct place place)
{
    struct handed *h = ctx;
    (void)place;
    sv arg = h->in->target;
    if (!has_value || sv_eq(key, arg))
        return;
    for (size_t at = 0; (at = sv_find_at(value, arg, at)) != SV_NOT_FOUND; at += arg.n)
        if (at > 0 && (value.p[at - 1] == '$' || (value.p[at - 1] == '{' && at > 1 && value.p[at - 2] == '$'))) {
            h->in->target = key;
            find_reads(h->f, h->x, h->in);
            h->in->target = arg;
            return;
        }
}

static void find_env_reads(struct facts *f, const struct reads *x, struct operator_input *in)
{
    const struct dockerfile *file = in->service == NULL ? NULL : in->service->dockerfile;
    struct handed h = {f, x, in};
    for (size_t i = 0; file != NULL && i < file->instructions.n; i++)
        if (sv_eq(file->instructions.at[i]->keyword, SV("ENV")))
            instruction_pairs(f->arena, file->instructions.at[i], hand_on, &h);
}

static void add_read(struct facts *f, struct operator_input *in, struct env_read *r)
{
    vec_push(f->arena, &in->reads, r);
    if (says_little(in->kind) && !says_little(r->kind))
        in->kind = r->kind;
}

/* Settings with a secrets_dir take the file of their name. */
static bool takes_file(const struct env_read *r, sv path)
{
    sv dir = sv_trim_char(r->secrets, '/');
    return dir.n != 0 && sv_eq(dir, sv_trim_char(path_dir(path), '/')) &&
           (r->any_case ? sv_ieq(r->name, path_base(path)) : sv_eq(r->name, path_base(path)));
}

/* Reads of the file that compose makes of the variable: by its path, by a variable that holds the path, by settings. */
static void find_file_reads(struct facts *f, const struct reads *x, struct operator_input *in, const struct var_use *u)
{
    for (size_t i = 0; i < f->file_mounts.n; i++) {
        const struct file_mount *m = f->file_mounts.at[i];
        if (m->variable != u->node || m->service->deployment != in->deployment)
            continue;
        in->kind = says_little(in->kind) ? kind_of(sv_upper(f->arena, m->key), SV("")) : in->kind;
        in->kind = says_little(in->kind) ? kind_of_file(f->arena, m->path) : in->kind;
        struct operator_input by_service = *in; /* its program alone may read it */
        by_service.service = m->service;
        for (size_t k = 0; k < x->file.n; k++)
            if (sv_eq(x->file.at[k]->name, m->path) && x->file.at[k]->scope != SCOPE_TEST && may_read(f, &by_service, x->file.at[k]->place.src->path))
                add_read(f, in, x->file.at[k]);
        for (size_t k = 0; k < x->own.n; k++)
            if (takes_file(x->own.at[k], m->path) && may_read(f, &by_service, x->own.at[k]->place.src->path))
                add_read(f, in, x->own.at[k]);
        for (size_t k = 0; k < f->env_sets.n; k++) {
            const struct env_set *s = f->env_sets.at[k];
            if (s->service != m->service || !sv_eq(s->value, m->path))
                continue;
            sv stem = sv_ends(s->name, SV("_FILE")) ? sv_sub(s->name, 0, s->name.n - 5) : s->name;
            in->kind = says_little(in->kind) ? kind_of(stem, SV("")) : in->kind;
            by_service.target = s->name;
            by_service.reads.n = 0;
            find_in(f, &x->own, &by_service);
            for (size_t r = 0; r < by_service.reads.n; r++)
                add_read(f, in, by_service.reads.at[r]);
        }
    }
}

static void add_fields(struct facts *f, const struct reads *x)
{
    for (size_t i = 0; i < f->var_uses.n; i++) {
        const struct var_use *u = f->var_uses.at[i];
        sv enters = enters_of(u);
        if (SV_IN(enters, SV("environment"), SV("env-file"), SV("extension")) || u->filled.src != NULL)
            continue;
        struct operator_input *in = add_input(f, u, u->deployment);
        in->enters = enters;
        in->kind = kind_of_field(u, enters);
        if (sv_eq(enters, SV("build-arg"))) {
            in->target = u->node->key.p != NULL ? u->node->key : sv_cut(&(sv){u->node->text.p, u->node->text.n}, '=');
            find_reads(f, x, in);
            find_env_reads(f, x, in);
        } else {
            in->target = node_route(f->arena, u->node);
            if (u->form == VAR_BARE)
                find_file_reads(f, x, in, u);
        }
    }
}

/* Everything the app-compose allows reaches a bash runner, whether or not its text names it. */
static void add_bash_inputs(struct facts *f, struct deployment *d)
{
    for (size_t i = 0; d->app != NULL && d->app->bash_script != NULL && i < d->app->allowed_envs.n; i++) {
        const struct node *n = d->app->allowed_envs.at[i];
        struct operator_input *in = vec_new(f->arena, &f->inputs, struct operator_input);
        *in = (struct operator_input){.name = node_text(n), .target = node_text(n), .enters = SV("script"), .state = ENV_BARE,
                                      .form = VAR_BARE, .allowed = ALLOWED_YES, .kind = kind_of(node_text(n), SV("")), .fallback = SV_NONE,
                                      .deployment = d, .place = n->place};
    }
}

static int in_place_order(const void *pa, const void *pb)
{
    const struct operator_input *a = *(struct operator_input *const *)pa, *b = *(struct operator_input *const *)pb;
    int c = place_cmp(a->place, b->place);
    return c != 0 ? c : sv_cmp(a->name, b->name);
}

/* A service most of whose settings the code of this repository reads runs that code, whoever built the image. */
static void know_own_services(struct facts *f)
{
    for (size_t i = 0; i < f->services.n; i++) {
        struct service *s = f->services.at[i];
        size_t read = 0;
        for (size_t k = 0; k < f->inputs.n; k++) {
            const struct operator_input *in = f->inputs.at[k];
            const struct env_read *r = in->service != s || in->reads.n == 0 ? NULL : in->reads.at[0];
            read += r != NULL && !r->implicit && r->place.src->lang != LANG_SHELL && r->scope == SCOPE_PROD;
        }
        s->built_here = s->built_here || (read >= 3 && s->image != NULL && !s->image->has_variable);
    }
}

void facts_join(struct facts *f)
{
    struct reads x = {index_of(f, f->env_reads.at, f->env_reads.n), index_of(f, f->library_reads.at, f->library_reads.n),
                      index_of(f, f->file_reads.at, f->file_reads.n)};
    add_environment(f, &x);
    add_fields(f, &x);
    for (size_t i = 0; i < f->deployments.n; i++)
        if (sv_eq(f->deployments.at[i]->app == NULL ? SV_NONE : f->deployments.at[i]->app->runner, SV("bash")))
            add_bash_inputs(f, f->deployments.at[i]);
    know_own_services(f);
    if (f->inputs.n > 1)
        qsort(f->inputs.at, f->inputs.n, sizeof *f->inputs.at, in_place_order);
}

const struct env_set *set_of(const struct facts *f, const struct deployment *d, sv name)
{
    for (size_t i = 0; i < f->env_sets.n; i++) {
        const struct env_set *s = f->env_sets.at[i];
        if (s->service->deployment == d && sv_eq(s->name, name))
            return s;
    }
    return NULL;
}

const char *env_state_name(enum env_state s)
{
    switch (s) {
    case ENV_LITERAL: return "literal";
    case ENV_INTERPOLATED: return "interpolated";
    case ENV_DEFAULT: return "default";
    case ENV_REQUIRED: return "required";
    case ENV_ALTERNATE: return "alternate";
    case ENV_BARE: return "bare";
    case ENV_FILE: return "env-file";
    case ENV_IMAGE: return "image";
    case ENV_ABSENT: break;
    }
    return "absent";
}
