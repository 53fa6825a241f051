/* Placeholders: variables of a compose file that a workflow or a deploy script replaces by fixed text
 * before the file is deployed. The deployed text holds no variable there, so nobody sets it later. */
#include "fact/fact.h"

/* One command that rewrites a compose file: sed, perl, envsubst, yq. */
struct rewrite { const struct run *run; sv file; sv text; bool all; bool by_path; };
enum { REWRITES = 500 };
struct rewrites { VEC(struct rewrite) all; };

static bool is_before_deployment(const struct run *r)
{
    return r->when == RUN_CI || r->when == RUN_DEPLOY || r->when == RUN_OTHER;
}

/* The words that say what is replaced, joined: `sed -i -e A -e B file` has two. */
static sv program_text(struct arena *a, const struct command *c)
{
    sv text = SV("");
    for (size_t i = 1; i < c->n; i++)
        text = sv_printf(a, "%.*s %.*s", SV_ARG(text), SV_ARG(c->words[i].raw));
    return text;
}

static void add(struct facts *f, struct rewrites *out, const struct run *r, sv file, sv text, bool all, bool by_path)
{
    if (out->all.n < REWRITES && file.n != 0 && (sv_has(path_base(file), SV(".y")) || sv_has(file, SV("compose"))))
        *vec_new(f->arena, &out->all, struct rewrite) = (struct rewrite){r, path_base(file), text, all, by_path};
}

/* sed s/…/…/ FILE, sed … < FILE, cat FILE | sed …; the same for perl, envsubst and yq. */
static void read_run(struct facts *f, struct rewrites *out, const struct run *r)
{
    const struct command *c = r->command;
    sv file = SV_NONE;
    if (sv_eq(command_name(c), SV("cat")) && c->pipe_to != NULL && c->n > 1) {
        file = c->words[1].text;
        c = c->pipe_to;
    }
    sv name = command_name(c);
    bool envsubst = sv_eq(name, SV("envsubst")), yq = sv_eq(name, SV("yq"));
    if (!envsubst && !yq && !SV_IN(name, SV("sed"), SV("gsed"), SV("perl")))
        return;
    if (file.p == NULL)
        file = c->redirect_in.p != NULL ? c->redirect_in : !envsubst && c->n > 2 ? c->words[c->n - 1].text : SV_NONE;
    sv text = program_text(f->arena, c);
    bool listed = envsubst && c->n > 1 && sv_has(text, SV("$"));
    add(f, out, r, file, text, envsubst && !listed, yq);
}

/* The name as a whole word of the program text. */
static bool names(sv text, sv name)
{
    for (size_t at = 0; (at = sv_find_at(text, name, at)) != SV_NOT_FOUND; at += name.n) {
        char before = at == 0 ? ' ' : text.p[at - 1], behind = at + name.n < text.n ? text.p[at + name.n] : ' ';
        bool word = (before >= 'A' && before <= 'Z') || before == '_' || (behind >= 'A' && behind <= 'Z') || behind == '_' ||
                    (behind >= '0' && behind <= '9');
        if (!word)
            return true;
    }
    return false;
}

static bool replaces(struct facts *f, const struct rewrite *x, const struct var_use *u)
{
    if (!sv_eq(x->file, path_base(u->place.src->path)))
        return false;
    if (x->by_path) /* yq '.services.web.image = "…"' */
        return u->node != NULL && u->node->parent != NULL && sv_has(x->text, sv_concat(f->arena, SV("."), node_route(f->arena, u->node)));
    if (x->all)
        return u->form == VAR_PLAIN; /* envsubst leaves ${X:-d} alone */
    return u->form != VAR_BARE && names(x->text, u->name);
}

/* s|${IMAGE}|owner/name@${DIGEST}|: what stands behind the name, up to the end of the expression, has a digest. */
static bool fills_digest(const struct rewrites *rewrites, const struct var_use *u)
{
    for (size_t i = 0; i < rewrites->all.n; i++) {
        const struct rewrite *x = rewrites->all.at[i];
        size_t at = x->run->command->place.start == u->filled.start && x->run->command->place.src == u->filled.src ? sv_find(x->text, u->name) : SV_NOT_FOUND;
        if (at == SV_NOT_FOUND)
            continue;
        sv rest = sv_sub(x->text, at + u->name.n, x->text.n);
        size_t next = sv_find(rest, SV(" -e "));
        if (next != SV_NOT_FOUND)
            rest = sv_sub(rest, 0, next);
        if (sv_has(rest, SV("@sha256:")) || sv_has(rest, SV("@$")))
            return true;
    }
    return false;
}

/* An image whose variables are all filled in has a name, and a tag at most: with "@sha256:${X}" it has a digest. */
static void settle_images(struct facts *f, const struct rewrites *rewrites)
{
    for (size_t i = 0; i < f->images.n; i++) {
        struct image_ref *image = f->images.at[i];
        bool filled = image->origin == IMAGE_COMPOSE && image->has_variable && !sv_has(image->ref, SV("@"));
        bool any = false, digest = false;
        for (size_t k = 0; filled && k < f->var_uses.n; k++) {
            const struct var_use *u = f->var_uses.at[k];
            bool inside = u->node != NULL && u->node->place.src == image->place.src && u->node->place.start == image->place.start;
            any = any || (inside && u->filled.src != NULL);
            digest = digest || (inside && u->filled.src != NULL && fills_digest(rewrites, u));
            filled = filled && (!inside || u->filled.src != NULL);
        }
        image->has_variable = image->has_variable && !(filled && any);
        image->pinned = image->pinned || (filled && digest);
    }
}

void facts_fill(struct facts *f)
{
    struct rewrites rewrites = {0};
    for (size_t i = 0; i < f->runs.n; i++)
        if (is_before_deployment(f->runs.at[i]))
            read_run(f, &rewrites, f->runs.at[i]);
    for (size_t i = 0; rewrites.all.n != 0 && i < f->var_uses.n; i++) {
        struct var_use *u = f->var_uses.at[i];
        for (size_t k = 0; k < rewrites.all.n && u->filled.src == NULL; k++)
            if (u->deployment->app == NULL && replaces(f, rewrites.all.at[k], u))
                u->filled = rewrites.all.at[k]->run->command->place;
    }
    if (rewrites.all.n != 0)
        settle_images(f, &rewrites);
}
