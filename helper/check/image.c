/* Images: what is fixed by digest, what a tag leaves open, and who holds the guest agent. */
#include "check/fetch.h"
#include "check/lookup.h"
#include "check/started.h"

/* ---- images of the compose ----------------------------------------------------------------------- */

static bool has_digest_marker(sv ref)
{
    return sv_has(ref, SV("@sha256:"));
}

/* Built from the compose itself: the name is a label for the result, nothing is pulled. */
static bool is_built(const struct service *s)
{
    return s != NULL && node_get(s->node, "build") != NULL;
}

static const char *tag_flaw(struct arena *a, const struct image_ref *image)
{
    if (sv_find_char(image->ref, '$') != SV_NOT_FOUND)
        return "is filled in before the deployment, by a tag at most";
    if (image->tag.n == 0)
        return "has neither tag nor digest";
    if (SV_IN(image->tag, SV("latest"), SV("edge"), SV("main"), SV("master"), SV("nightly"), SV("dev"), SV("stable")))
        return sv_printf(a, "is named by the moving tag '%.*s'", SV_ARG(image->tag)).p;
    return sv_printf(a, "is named by the tag '%.*s', which its owner can move", SV_ARG(image->tag)).p;
}

/* __IMAGE__, <image>, @IMAGE@, %IMAGE%: of a template. */
static bool is_template_word(sv ref)
{
    static const char *const marks[][2] = {{"__", "__"}, {"<", ">"}, {"@", "@"}, {"%", "%"}};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (ref.n > 4 && sv_starts(ref, sv_from(marks[i][0])) && sv_ends(ref, sv_from(marks[i][1])))
            return true;
    return false;
}

static enum severity severity_of_image(const struct service *s, const struct image_ref *image)
{
    if (s == NULL)
        return SEV_HIGH;
    bool strong = s->mounts_guest_agent || s->mounts_docker || service_true(s, "privileged");
    return !strong && (image_roles(image->name) & ROLE_DATABASE) != 0 ? SEV_MEDIUM : SEV_HIGH;
}

/* DS-01, CX-09, CX-37, AG-02 */
void check_image_not_pinned(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->images.n; i++) {
        const struct image_ref *image = c->facts->images.at[i];
        if (image->origin != IMAGE_COMPOSE || image->has_variable || is_built(image->service) || image->ref.n == 0)
            continue;
        c->examined++;
        if (image->pinned || has_digest_marker(image->ref))
            continue;
        if (is_template_word(image->ref)) {
            ask(c, image->place, "%.*s stands for an image that something fills in before the deployment. Which one, and is it named by digest?", SV_ARG(image->ref))->rank = 2;
            continue;
        }
        struct finding *f = report(c, image->place, image->ref,
                                   "The image %s. Its owner, or a registry mirror the host puts in between, can serve other code%s while the compose hash stays the same.",
                                   tag_flaw(c->arena, image),
                                   image->service != NULL && image->service->mounts_guest_agent ? ", which then gets the application's keys," : "");
        if (image->service != NULL)
            on_service(f, image->service, severity_of_image(image->service, image));
    }
}

/* A digest that is none: "@sha256:REPLACE_ME", a truncated one. */
void check_image_digest_malformed(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->images.n; i++) {
        const struct image_ref *image = c->facts->images.at[i];
        if (!has_digest_marker(image->ref) || image->has_variable)
            continue;
        c->examined++;
        if (image->pinned)
            continue;
        struct finding *f = report(c, image->place, image->ref,
                                   "What follows '@sha256:' is not a digest of 64 hex digits: the text looks pinned, but no image is named, and what is really deployed is unknown.");
        if (image->service != NULL)
            on_service(f, image->service, SEV_MEDIUM);
        else
            on_scope(f, image->scope, SEV_MEDIUM);
    }
}

/* CX-11 */
void check_pull_policy(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->services.n; i++) {
        const struct service *s = c->facts->services.at[i];
        const struct node *policy = node_get(s->node, "pull_policy");
        if (policy == NULL || s->image == NULL)
            continue;
        c->examined++;
        sv value = node_text(policy);
        bool refreshes = SV_IN(value, SV("always"), SV("daily"), SV("weekly")) || sv_starts(value, SV("every_"));
        if (!refreshes || s->image->pinned)
            continue;
        on_service(report(c, policy->place, value,
                          "The image of '%.*s' is fetched again (%.*s) although it is named by a tag: whatever stands behind the tag at that moment runs under the same compose hash.",
                          SV_ARG(service_name(s)), SV_ARG(value)), s, SEV_HIGH);
    }
}

/* ---- base images ------------------------------------------------------------------------------------ */

/* AG-08, DS-03: every FROM, COPY --from and RUN --mount=from that is not a stage. */
void check_base_image_not_pinned(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->images.n; i++) {
        const struct image_ref *image = c->facts->images.at[i];
        if (image->origin != IMAGE_DOCKERFILE || image->place.src->vendored || is_elsewhere(c->facts, image->place.src))
            continue;
        c->examined++;
        if (image->pinned || has_digest_marker(image->ref))
            continue;
        const char *flaw = sv_find_char(image->ref, '$') != SV_NOT_FOUND ? "is chosen by a build argument without a fixed default" : tag_flaw(c->arena, image);
        on_scope(report(c, image->place, image->ref, "The base image %s: %s", flaw,
                        image->place.src->host != NULL && image->place.src->host->kind == SOURCE_COMPOSE ? "the CVM builds on whatever stands behind the name at that moment, under an unchanged compose hash."
                                                       : "a rebuild of the same source gives other bytes, so nobody can show that the deployed digest comes from it."),
                 image->scope, SEV_MEDIUM);
    }
}

/* AG-19: compiled files without source in the image. */
void check_closed_binary(struct check_run *c)
{
    static const char *const ends[] = {".so", ".a", ".dll", ".exe", ".wasm", ".jar", ".pyc", ".node", ".bin"};
    for (size_t i = 0; i < c->facts->dockerfiles.n; i++) {
        const struct dockerfile *d = c->facts->dockerfiles.at[i];
        for (size_t k = 0; k < d->instructions.n && !d->src->vendored; k++) {
            const struct instruction *in = d->instructions.at[k];
            bool from_stage = false;
            for (const struct docker_flag *flag = in->flags; flag != NULL; flag = flag->next)
                from_stage = from_stage || sv_eq(flag->name, SV("from"));
            if (!SV_IN(in->keyword, SV("COPY"), SV("ADD")) || from_stage)
                continue;
            c->examined++;
            sv words = in->args;
            sv last = SV_NONE;
            for (sv rest = words; rest.p != NULL;) {
                sv word = sv_trim(sv_cut(&rest, ' '));
                if (rest.p == NULL)
                    break; /* the target */
                for (size_t e = 0; e < sizeof ends / sizeof *ends; e++)
                    if (sv_iends(word, sv_from(ends[e])))
                        last = word;
            }
            if (last.n != 0)
                on_scope(report(c, in->place, last, "A compiled file is copied into the image as it is: no source in the repository tells what it does with user data."),
                         d->src->scope, SEV_MEDIUM);
        }
    }
}

/* ---- images that the compose does not list ------------------------------------------------------------- */

static bool plausible_image(struct arena *a, sv text, struct image_ref *out)
{
    *out = (struct image_ref){0};
    if (text.n < 3 || text.n > 200 || sv_starts(text, SV("-")) || sv_has(text, SV("://")) || sv_find_char(text, ' ') != SV_NOT_FOUND)
        return false;
    for (size_t i = 0; i < text.n; i++) {
        char ch = text.p[i];
        if (!((ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9') || (ch >= 'A' && ch <= 'Z') || SV_IN(sv_sub(text, i, i + 1), SV("."), SV("_"), SV("-"), SV("/"), SV(":"), SV("@"))))
            return false;
    }
    image_parse(a, text, out);
    return out->name.n != 0 && !sv_starts(text, SV("/")) && !sv_starts(text, SV("."));
}

/* The image of `docker run`, `docker pull`, `kubectl run --image`: options with values are skipped. */
sv started_image_of(const struct command *c)
{
    static const char *const flags[] = {"-d", "--rm", "-i", "-t", "-it", "-ti", "-q", "--quiet", "--privileged", "--init", "--detach", "--interactive", "--tty", "--read-only", "-P", "-dit", "-itd", NULL};
    sv name = command_name(c);
    if (SV_IN(name, SV("kubectl"), SV("k3s")) && c->n > 2)
        return command_option(c, "--image");
    if (!SV_IN(name, SV("docker"), SV("podman"), SV("nerdctl"), SV("crictl")) || c->n < 3)
        return SV_NONE;
    size_t i = 1;
    if (sv_eq(c->words[i].text, SV("container")) || sv_eq(c->words[i].text, SV("image")))
        i++;
    if (!SV_IN(c->words[i].text, SV("run"), SV("pull"), SV("create")))
        return SV_NONE;
    for (i++; i < c->n; i++) {
        sv w = c->words[i].text;
        if (!sv_starts(w, SV("-")))
            return w;
        bool alone = sv_find_char(w, '=') != SV_NOT_FOUND;
        for (size_t k = 0; flags[k] != NULL; k++)
            alone = alone || sv_eq(w, sv_from(flags[k]));
        i += !alone;
    }
    return SV_NONE;
}

static bool runs_in_tee_or_deploys(const struct run *r)
{
    return r->when == RUN_START || r->when == RUN_DEPLOY;
}

/* An image that a command starts; `how` NULL: names in a document that it writes. */
typedef void started_image(struct check_run *c, const struct run *r, struct place place, sv ref, const char *how);

static void report_started(struct check_run *c, const struct run *r, struct place place, sv ref, const char *how)
{
    struct image_ref image;
    if (sv_find_char(ref, '$') != SV_NOT_FOUND || !plausible_image(c->arena, ref, &image))
        return;
    c->examined++;
    if (image.pinned)
        return;
    struct finding *f = how == NULL ? report(c, place, ref, "A script writes a document that names this image without a digest: the image's owner decides what runs.")
                                    : report(c, place, ref, "%s starts an image by name: it is no part of the measured compose, and without a digest its owner decides what runs.", how);
    if (r->service != NULL)
        on_service(f, r->service, SEV_HIGH);
    else
        on_scope(f, r->scope, r->when == RUN_START ? SEV_HIGH : SEV_MEDIUM);
}

/* `image:` lines of a document that a script writes out. */
static void images_in_text(struct check_run *c, const struct run *r, sv text, struct place host, started_image *judge)
{
    for (sv rest = text; rest.p != NULL;) {
        sv line = sv_line(&rest), value = sv_trim(line);
        if (sv_starts(value, SV("- ")))
            value = sv_trim(sv_sub(value, 2, value.n));
        if (!sv_starts(value, SV("image:")))
            continue;
        value = sv_unquote(sv_trim(sv_sub(value, 6, value.n)));
        struct place place = host;
        if (host.src != NULL && line.p >= host.src->text.p && line.p <= host.src->text.p + host.src->text.n) {
            place.start = (size_t)(line.p - host.src->text.p);
            place.end = place.start + line.n;
        }
        judge(c, r, place, value, NULL);
    }
}

/* Text of a word with its place: word texts may be copies, the source holds the same lines. */
static void images_in_word(struct check_run *c, const struct run *r, const struct word *w, started_image *judge)
{
    if (w->place.src == NULL || !sv_has(w->text, SV("image:")) || sv_find_char(w->text, '\n') == SV_NOT_FOUND)
        return;
    images_in_text(c, r, sv_sub(w->place.src->text, w->place.start, w->place.end), w->place, judge);
}

static void each_started_image(struct check_run *c, started_image *judge)
{
    for (size_t i = 0; i < c->facts->runs.n; i++) {
        const struct run *r = c->facts->runs.at[i];
        if (!runs_in_tee_or_deploys(r) || r->scope == SCOPE_TEST)
            continue;
        sv ref = started_image_of(r->command);
        if (ref.n != 0)
            judge(c, r, r->command->place, ref, r->when == RUN_START ? "A script in the TEE" : "A deploy script");
        if (r->command->heredoc.n != 0)
            images_in_text(c, r, r->command->heredoc, r->command->heredoc_place, judge);
        for (size_t k = 1; k < r->command->n; k++)
            images_in_word(c, r, &r->command->words[k], judge);
    }
}

void check_image_in_script(struct check_run *c)
{
    each_started_image(c, report_started);
}

static void report_chosen(struct check_run *c, const struct run *r, struct place place, sv ref, const char *how)
{
    if (r->when != RUN_START || ref.n == 0)
        return;
    c->examined++;
    /* "image@$DIGEST" is no better: whoever sets the digest chooses the code */
    if (sv_find_char(ref, '$') == SV_NOT_FOUND && sv_find_char(ref, '`') == SV_NOT_FOUND)
        return;
    struct finding *f = report(c, place, ref, "%s starts an image whose name is put together at run time (%.*s): whoever controls where it comes from decides which code handles user data, and no hash shows it.",
                               how == NULL ? "A document written by a script" : how, SV_ARG(ref));
    if (r->service != NULL)
        on_service(f, r->service, SEV_HIGH);
    else
        on_scope(f, r->scope, SEV_HIGH);
}

void check_image_chosen_at_start(struct check_run *c)
{
    each_started_image(c, report_chosen);
}

/* Image references in program text, where containers are started by code. */
void check_image_in_code(struct check_run *c)
{
    const struct hits *hits = &c->facts->hits;
    for (size_t i = 0; i < hits->all.n; i++) {
        const struct hit *h = hits->all.at[i];
        struct image_ref image;
        if (h->pattern->rule != c->rule || h->place.src->vendored || place_is_aside(h->place))
            continue;
        sv ref = hit_group(h, "IMAGE");
        if (!plausible_image(c->arena, ref, &image))
            continue;
        c->examined++;
        if (image.pinned)
            continue;
        bool starts = source_ihas(h->place.src, SV("docker")) || source_ihas(h->place.src, SV("containerd"));
        struct finding *f = report(c, h->place, ref, "The program names an image without a digest: a container it starts runs whatever the name stands for at that moment, outside the measured compose.");
        f->severity = starts ? SEV_HIGH : SEV_MEDIUM;
    }
}

/* ---- the guest agent --------------------------------------------------------------------------------------- */

static const struct mount *agent_mount(struct check_run *c, const struct service *s)
{
    struct mounts mounts = {0};
    mounts_of(c->arena, s, &mounts);
    for (size_t i = 0; i < mounts.all.n; i++)
        if (mount_shows_agent(mounts.all.at[i]))
            return mounts.all.at[i];
    return NULL;
}

/* An ingress is there to be reached from outside and to hold the certificate's key. */
static bool is_ingress(const struct service *s)
{
    return s->image != NULL && (image_roles(s->image->name) & ROLE_INGRESS) != 0;
}

/* Another of your own services, standing before `s`, holds the agent. */
static const struct service *first_with_agent(struct check_run *c, const struct service *s)
{
    for (size_t i = 0; i < s->deployment->services.n && s->deployment->services.at[i] != s; i++) {
        const struct service *other = s->deployment->services.at[i];
        if (!is_foreign(other) && !is_ingress(other) && agent_mount(c, other) != NULL)
            return other;
    }
    return NULL;
}

static void judge_agent(struct check_run *c, const struct service *s, const struct mount *m)
{
    sv subject = m->source.n != 0 ? m->source : m->target;
    struct place where = m->place;
    sv shell = remote_shell_of(c, s, &where);
    if (shell.n != 0) {
        struct finding *f = report(c, m->place, subject,
                                   "The guest agent is reachable from '%.*s', where somebody outside can run commands (%.*s): they can ask for the application's keys and for quotes over any data.",
                                   SV_ARG(service_name(s)), SV_ARG(shell));
        relate(c, f, where, "remote shell");
        on_service(f, s, SEV_CRITICAL);
        return;
    }
    const struct image_ref *image = s->image;
    if (is_ingress(s) && s->deployment->services.n > 1 && image->pinned) {
        on_service(report(c, m->place, subject, "The guest agent is mounted into the ingress '%.*s'. It needs it for its certificate, but can ask for every other key of the application too: its source belongs to what a verifier must read.",
                          SV_ARG(image->name)), s, is_third_party(s) ? SEV_MEDIUM : SEV_LOW);
        return;
    }
    if (!is_foreign(s))
        return;
    if (image->has_variable)
        on_service(report(c, m->place, subject, "The image that holds the guest agent is chosen by a variable (%.*s): whoever sets it runs code that can ask for the application's keys.",
                          SV_ARG(image->ref)), s, SEV_CRITICAL);
    else if (!image->pinned)
        on_service(report(c, m->place, subject, "The guest agent is mounted into '%.*s', an image that nothing here builds and no digest fixes: new code behind the same name can ask for the application's keys.",
                          SV_ARG(image->ref)), s, SEV_HIGH);
    else
        on_service(report(c, m->place, subject, "The guest agent is mounted into '%.*s', an image from elsewhere. It can ask for every key of the application: its source belongs to what a verifier must read.",
                          SV_ARG(image->name)), s, SEV_MEDIUM);
}

/* The agent knows no containers: each that holds its socket has every key of the app. */
static void judge_several(struct check_run *c, const struct service *s, const struct service *first, const struct mount *m)
{
    struct finding *f = report(c, m->place, service_name(s), "The guest agent is mounted into '%.*s' as well as into '%.*s'. It does not tell containers apart: a flaw in either gives the keys of both.",
                               SV_ARG(service_name(s)), SV_ARG(service_name(first)));
    on_service(f, s, SEV_LOW);
}

/* CX-08 */
void check_guest_agent_shared(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->services.n; i++) {
        const struct service *s = c->facts->services.at[i];
        const struct mount *m = agent_mount(c, s);
        if (m == NULL)
            continue;
        c->examined++;
        judge_agent(c, s, m);
        const struct service *first = first_with_agent(c, s);
        if (first != NULL && !is_foreign(s) && !is_ingress(s))
            judge_several(c, s, first, m);
    }
}
