/* From source to digest: can the image be rebuilt, and does anything tie its digest to this repository
 * (dstack-facts 9.1, 9.3, 9.4)? */
#include "check/provenance.h"

#include "check/code.h"
#include "check/lookup.h"

/* ---- the build command --------------------------------------------------------------------------------------- */

/* AG-08, DS-03: builds whose result is published; others show nobody a digest. */
void check_rewrite_timestamp(struct check_run *c)
{
    struct image_builds builds = {0};
    image_builds_of(c->facts, c->arena, &builds);
    for (size_t i = 0; i < builds.all.n; i++) {
        const struct image_build *b = builds.all.at[i];
        if (!b->pushes)
            continue;
        c->examined++;
        if (b->rewrites)
            continue;
        on_scope(report(c, b->place, b->how, "%.*s publishes an image%s: the layers keep the times at which files were written, so nobody can rebuild the digest from this source.", SV_ARG(b->how),
                        b->epoch ? " without rewrite-timestamp=true" : " with neither rewrite-timestamp=true nor SOURCE_DATE_EPOCH"), b->scope, SEV_MEDIUM);
    }
}

static bool aims_at_reproducible(sv text)
{
    return sv_has(text, SV("rewrite-timestamp")) || sv_has(text, SV("SOURCE_DATE_EPOCH"));
}

static const struct source *file_of(const struct source *s)
{
    while (s->host != NULL)
        s = s->host;
    return s;
}

/* The BuildKit image that the builder runs, from `--driver-opt image=…` or `driver-opts: image=…`. */
static sv buildkit_image(sv options)
{
    size_t at = sv_find(options, SV("image="));
    if (at == SV_NOT_FOUND)
        return SV_NONE;
    size_t end = at += 6;
    while (end < options.n && sv_find_char(SV(" ,\n\"'"), options.p[end]) == SV_NOT_FOUND)
        end++;
    return sv_sub(options, at, end);
}

/* "${BUILDKIT_IMAGE}": what the script sets it to. */
static sv value_in(const struct source *s, sv word)
{
    sv name = sv_trim_char(sv_trim_char(sv_sub(word, 1, word.n), '{'), '}');
    for (sv rest = s->text; rest.p != NULL;) {
        sv line = sv_trim(sv_line(&rest)), value = line;
        if (sv_eq(sv_cut(&value, '='), name) && value.p != NULL)
            return sv_unquote(value);
    }
    return word;
}

static void judge_builder(struct check_run *c, struct place place, sv subject, sv options, enum scope scope)
{
    sv image = buildkit_image(options);
    image = sv_starts(image, SV("$")) ? value_in(file_of(place.src), image) : image;
    c->examined++;
    if (sv_has(image, SV("@sha256:")))
        return;
    on_scope(report(c, place, subject, "The builder '%.*s' runs %.*s%s: another version of BuildKit may write the same source as another digest.", SV_ARG(subject),
                    SV_ARG(image.n == 0 ? SV("whatever version of BuildKit is current") : image), image.n == 0 ? "" : ", named by a tag"), scope, SEV_LOW);
}

static void judge_setup_buildx(struct check_run *c, const struct workflow *w)
{
    if (!aims_at_reproducible(w->src->text) || source_has(w->src, SV("buildx create")))
        return;
    for (size_t i = 0; i < w->steps.n; i++) {
        const struct workflow_step *s = w->steps.at[i];
        const struct node *uses = node_get(s->node, "uses");
        if (sv_ihas(s->uses, SV("setup-buildx-action")) && uses != NULL)
            judge_builder(c, uses->place, s->uses, node_get_text(node_get(s->node, "with"), "driver-opts"), SCOPE_CI);
    }
}

/* AG-08: only where a reproducible build is meant; elsewhere the rules above say what is missing first. */
void check_buildkit_pinned(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->runs.n; i++) {
        const struct run *r = c->facts->runs.at[i];
        const struct command *k = r->command;
        if (!sv_eq(command_name(k), SV("docker")) || !command_has(k, "buildx") || !command_has(k, "create") || !aims_at_reproducible(file_of(r->src)->text))
            continue;
        sv name = command_option(k, "--name"), options = command_option(k, "--driver-opt");
        judge_builder(c, k->place, name.n != 0 ? name : SV("buildx create"), options, r->scope);
    }
    for (size_t i = 0; i < c->facts->workflows.n; i++)
        judge_setup_buildx(c, c->facts->workflows.at[i]);
}

/* AG-08: a cache brings layers of other builds. One finding a file: release scripts repeat their command. */
void check_build_cache(struct check_run *c)
{
    struct image_builds builds = {0};
    image_builds_of(c->facts, c->arena, &builds);
    struct finding *found = NULL;
    for (size_t i = 0; i < builds.all.n; i++) {
        const struct image_build *b = builds.all.at[i];
        if (!b->rewrites && !b->epoch)
            continue;
        c->examined++;
        bool local = b->command != NULL && b->workflow == NULL && !b->no_cache && !sv_eq(command_name(b->command), SV("ko"));
        if (b->no_cache || (!b->imports_cache && !local))
            continue;
        if (found != NULL && file_of(found->place.src) == b->src) {
            relate(c, found, b->place, "and here");
            continue;
        }
        found = report(c, b->place, b->how, "%.*s means to be reproducible but %s: layers of an earlier build, made from other packages, may end in the image.", SV_ARG(b->how),
                       b->imports_cache ? "imports a cache" : "runs without --no-cache");
        on_scope(found, b->scope, SEV_LOW);
    }
}

/* AG-08: the digest of an index with BuildKit's provenance holds the times of that one build. */
void check_attestation_in_digest(struct check_run *c)
{
    struct image_builds builds = {0};
    image_builds_of(c->facts, c->arena, &builds);
    for (size_t i = 0; i < builds.all.n; i++) {
        const struct image_build *b = builds.all.at[i];
        if (!b->rewrites || !b->pushes)
            continue;
        c->examined++;
        if (b->attests_inline)
            on_scope(report(c, b->place, b->how, "%.*s pushes without provenance: false, so BuildKit adds a statement with the times of this build to the index: its digest, the one a compose file "
                            "names, cannot be rebuilt even where the image can.", SV_ARG(b->how)), b->scope, SEV_LOW);
    }
}

/* ---- attestations --------------------------------------------------------------------------------------------------- */

/* AG-14: one finding for a workflow that publishes. */
void check_image_attested(struct check_run *c)
{
    struct image_builds builds = {0};
    image_builds_of(c->facts, c->arena, &builds);
    const struct workflow *last = NULL;
    for (size_t i = 0; i < builds.all.n; i++) {
        const struct image_build *b = builds.all.at[i];
        if (b->workflow == NULL || !b->pushes || b->workflow == last)
            continue;
        last = b->workflow;
        c->examined++;
        if (b->attested)
            continue;
        bool rebuildable = b->rewrites && b->epoch, records = source_ihas(b->workflow->src, SV("digest"));
        struct finding *found = report(c, b->place, b->how, "The workflow publishes an image and signs no statement about it%s: %s", records ? "" : ", nor does it record the digest",
                                       rebuildable ? "the link from digest to commit rests on somebody rebuilding it." : "nothing ties the digest that a compose file names to this source.");
        found->severity = rebuildable ? SEV_LOW : SEV_MEDIUM;
    }
}

/* ---- the deployed digest ---------------------------------------------------------------------------------------------- */

static bool digest_is_recorded(const struct facts *f, const struct image_ref *image)
{
    for (size_t i = 0; i < f->repo->files.n; i++) {
        const struct source *s = f->repo->files.at[i];
        if (s->kind != SOURCE_COMPOSE && s->kind != SOURCE_APP_COMPOSE && source_has(s, image->digest))
            return true;
    }
    return false;
}

static bool image_is_linked(const struct image_builds *builds, const struct service *s)
{
    for (size_t i = 0; i < builds->all.n; i++) {
        const struct image_build *b = builds->all.at[i];
        if (b->dockerfile == s->dockerfile && (b->attested || (b->rewrites && b->epoch)))
            return true;
    }
    return false;
}

/* Images that everybody runs have their source where everybody looks for it. */
static bool is_common(const struct image_ref *image)
{
    bool library = sv_find_char(image->name, '/') == SV_NOT_FOUND || sv_starts(image->name, SV("docker.io/library/"));
    return library || image_roles(image->name) != 0;
}

/* AG-14, AG-19, E2: only for images with a digest; the others name no code at all. */
void check_source_linked(struct check_run *c)
{
    struct image_builds builds = {0};
    image_builds_of(c->facts, c->arena, &builds);
    for (size_t i = 0; i < c->facts->services.n; i++) {
        const struct service *s = c->facts->services.at[i];
        if (!s->deployment->deployed || s->image == NULL || !s->image->pinned || is_common(s->image) || is_dev(s))
            continue;
        c->examined++;
        if (s->dockerfile == NULL)
            ask(c, s->image->place, "Which source is %.*s built from? No Dockerfile of this repository makes it: read that source, and find the attestation or rebuild that ties the digest to it.",
                SV_ARG(s->image->name));
        else if (!image_is_linked(&builds, s) && !digest_is_recorded(c->facts, s->image))
            on_service(report(c, s->image->place, s->image->name, "The digest of '%.*s' is fixed, but nothing ties it to this source: no build that gives the same bytes, no attestation, no record of the digest.",
                              SV_ARG(service_name(s))), s, SEV_LOW);
    }
}

/* ---- a comparison that must fail -------------------------------------------------------------------------------------------- */

static const char *const hash_words[] = {"hash", "digest", "sha256", "checksum", NULL};

/* `if [ "$A" = "$B" ]` over hashes, in a script that builds images. */
static bool compares_hashes(const struct program *p, const struct block *b)
{
    sv head = program_text(p, b->head, b->head_end);
    size_t dollars = 0;
    for (size_t i = 0; i < head.n; i++)
        dollars += head.p[i] == '$';
    bool test = sv_has(head, SV("=")) && !sv_has(head, SV("-z ")) && !sv_has(head, SV("-n "));
    return b->kind == BLOCK_IF && test && dollars >= 2 && text_has_any(head, hash_words);
}

static bool is_mismatch(const struct program *p, const struct block *b)
{
    static const char *const words[] = {"differ", "mismatch", "not reproducible", "does not match", "do not match", "not match", "changed", NULL};
    return text_has_any(program_text(p, b->body, b->body_end), words);
}

/* `FAILED=true`, `status=1`, `false`: what comes later ends the script. */
static bool remembers(sv body)
{
    return sv_has(body, SV("=true")) || sv_has(body, SV("=1")) || sv_has(body, SV("=\"true\"")) || sv_has(body, SV("=fail")) || sv_has(body, SV("false"));
}

static void judge_comparison(struct check_run *c, const struct program *p)
{
    for (size_t i = 0; i < p->blocks.n; i++) {
        const struct block *b = p->blocks.at[i];
        const struct block *bad = b->next != NULL && b->next->kind == BLOCK_ELSE && is_mismatch(p, b->next) ? b->next : b;
        if (!compares_hashes(p, b) || !is_mismatch(p, bad))
            continue;
        c->examined++;
        if (program_leaves(p, bad->body, bad->body_end) || remembers(program_text(p, bad->body, bad->body_end)))
            continue;
        on_scope(report(c, program_place(p, b->head, b->head_end), SV("build comparison"), "The script compares the hash of its build with the expected one and only says so when they differ: a build that nobody can "
                        "reproduce passes like one that everybody can."), p->src->scope, SEV_LOW);
    }
}

static bool builds_images(const struct source *s)
{
    return source_has(s, SV("docker build")) || source_has(s, SV("oci-archive")) || source_has(s, SV("buildx")) || source_has(s, SV("build-push-action"));
}

/* TU-03 */
void check_comparison_fails(struct check_run *c)
{
    const struct facts *f = c->facts;
    for (size_t i = 0; i < f->repo->files.n + f->embedded.n; i++) {
        const struct source *s = i < f->repo->files.n ? f->repo->files.at[i] : f->embedded.at[i - f->repo->files.n];
        if (s->kind != SOURCE_SCRIPT || s->vendored || !builds_images(file_of(s)))
            continue;
        const struct program *p = read_program(f->repo, s);
        if (p != NULL)
            judge_comparison(c, p);
    }
}

/* ---- a second build that nobody makes ------------------------------------------------------------------------------------- */

static bool names_hash(sv word)
{
    return sv_ihas(word, SV("hash")) || sv_ihas(word, SV("digest")) || sv_ihas(word, SV("sha256")) || sv_ihas(word, SV("checksum"));
}

/* diffoci A B, cmp a.tar b.tar, diff digest-1 digest-2, [ "$HASH1" = "$HASH2" ]; in a script named for it any two values. */
static bool compares_builds(const struct command *k, bool named)
{
    sv name = command_name(k);
    size_t archives = 0, hashes = 0, values = 0;
    bool test = SV_IN(name, SV("["), SV("[["), SV("test")), equals = false;
    if (sv_eq(name, SV("diffoci")))
        return true;
    if (!test && !SV_IN(name, SV("cmp"), SV("diff")))
        return false;
    for (size_t i = 1; i < k->n; i++) {
        archives += sv_has(k->words[i].text, SV(".tar")) || sv_has(k->words[i].text, SV(".oci"));
        hashes += names_hash(k->words[i].text);
        values += k->words[i].expands;
        equals = equals || SV_IN(k->words[i].text, SV("="), SV("=="), SV("!="));
    }
    return test ? equals && values >= 2 && (hashes >= 1 || named) : hashes >= 1 || archives >= 2;
}

/* In a script that builds images, or in one that is named for it. */
static bool compares_somewhere(const struct facts *f)
{
    for (size_t i = 0; i < f->runs.n; i++) {
        const struct run *r = f->runs.at[i];
        const struct source *file = file_of(r->src);
        bool named = sv_ihas(path_base(file->path), SV("verif")) || sv_ihas(path_base(file->path), SV("reproduc"));
        if ((named || builds_images(file)) && compares_builds(r->command, named))
            return true;
    }
    for (size_t i = 0; i < f->repo->files.n; i++) /* a program that rebuilds */
        if (f->repo->files.at[i]->kind == SOURCE_CODE && builds_images(f->repo->files.at[i]) && sv_ihas(f->repo->files.at[i]->text, SV("digest")))
            return true;
    return false;
}

/* TU-03: one finding for the repository, at the first build that means to be reproducible. */
void check_rebuild_compared(struct check_run *c)
{
    struct image_builds builds = {0};
    const struct image_build *first = NULL;
    image_builds_of(c->facts, c->arena, &builds);
    for (size_t i = 0; i < builds.all.n; i++) {
        const struct image_build *b = builds.all.at[i];
        if (!b->rewrites || !b->epoch)
            continue;
        c->examined++;
        first = first == NULL ? b : first;
    }
    if (first != NULL && !compares_somewhere(c->facts))
        on_scope(report(c, first->place, first->how, "%.*s means to be reproducible, and nothing in the repository builds a second time and compares: the day it stops being so, nobody is told.", SV_ARG(first->how)), first->scope, SEV_LOW);
}
