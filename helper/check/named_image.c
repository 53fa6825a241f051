/* Images that data names: a program in reach of the container engine starts whatever a request, project or job says,
 * and asks for no digest (CX-02). */
#include "check/code.h"
#include "check/lookup.h"

/* The argument of a call that pulls or starts: a field called image of something that is no setting of the program. */
static bool names_by_data(const struct program *p, const struct call *k, size_t *from, size_t *to)
{
    static const char *const starters[] = {"pull", "run", "create", "create_container", "createcontainer", "containercreate", "imagepull", "pull_image", "image_pull", NULL};
    static const char *const engines[] = {"docker", "podman", "containerd", "containers", "images", NULL};
    static const char *const image[] = {"image", "imageref", NULL}, *const own[] = {"config", "settings", "env", "environ", "constants", "defaults", "opts", "options", NULL};
    if (!call_named(k, starters) || !text_has_any(k->chain, engines))
        return false;
    for (size_t i = 0; i < 3; i++) {
        bool there = i < 2 ? program_argument(p, k, i, from, to) : program_named_argument(p, k, "image", from, to);
        if (!there || *to < *from + 3)
            continue;
        size_t last = program_is(p, *to - 1, "]") ? *to - 2 : *to - 1;
        bool named = name_has_part(p->at[last].kind == TOKEN_STRING ? program_string(p, last) : program_token(p, last), image);
        if (named && !says_any(p, *from, last, own) && !program_is(p, *from, "self") && !program_is(p, *from, "this"))
            return true;
    }
    return false;
}

/* `"@sha256:" in project.image`, !/@sha256:[0-9a-f]{64}$/.test(image): some statement asks for a digest. */
static bool asks_for_digest(const struct program *p)
{
    static const char *const image[] = {"image", "ref", NULL};
    for (size_t i = 0; i < p->n; i++)
        if (p->at[i].kind != TOKEN_NEWLINE && sv_has(program_token(p, i), SV("sha256:")) && says_any(p, program_statement_start(p, i), program_statement_end(p, i), image))
            return true;
    return false;
}

static const struct service *holder_of_engine(const struct check_run *c, sv path)
{
    for (size_t i = 0; i < c->facts->services.n; i++) {
        const struct service *s = c->facts->services.at[i];
        struct mounts mounts = {0};
        mounts_of(c->arena, s, &mounts);
        for (size_t k = 0; deployment_owns(c->facts, s->deployment, path) && k < mounts.all.n; k++)
            if (mount_shows_engine(mounts.all.at[k]))
                return s;
    }
    return NULL;
}

static void look_for_named_image(struct check_run *c, const struct program *p)
{
    for (size_t i = 0; i < p->calls.n && p->lang != LANG_SHELL; i++) {
        size_t from, to;
        if (!names_by_data(p, &p->calls.at[i], &from, &to))
            continue;
        const struct service *s = holder_of_engine(c, p->src->path);
        c->examined++;
        if (s == NULL || asks_for_digest(p))
            continue;
        struct place place = program_place(p, from, to);
        on_service(report(c, place, program_text(p, from, to), "The program starts the image that %.*s names and asks for no digest: under the same compose hash a container runs whatever stands behind that name at the moment.",
                          SV_ARG(program_text(p, from, to))), s, SEV_HIGH);
        return; /* one a program: pull and create name the same */
    }
}

void check_image_named_by_data(struct check_run *c)
{
    static const char *const topics[] = {"docker", "podman", "containerd", NULL};
    each_program(c, topics, look_for_named_image);
}
