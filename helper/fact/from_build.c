/* Dockerfiles (files, `dockerfile_inline`, here-documents), the images they build on, and the
 * commands they run at build time and at the start of a container. */
#include "fact/fact.h"

/* Several services may share one node by an anchor, and other collectors may have met it before. */
struct source *facts_embed(struct facts *f, const struct node *n, const char *field, enum source_kind kind, enum lang lang)
{
    struct source *made = node_source(f->arena, n, field);
    if (made == NULL)
        return NULL;
    for (size_t i = 0; i < f->embedded.n; i++) {
        struct source *s = f->embedded.at[i];
        if (s->host == made->host && s->host_offset == made->host_offset)
            return s;
    }
    made->kind = kind;
    made->lang = lang;
    made->scope = n->place.src->scope;
    vec_push(f->arena, &f->embedded, made);
    return made;
}

/* ---- images ----------------------------------------------------------------------------------- */

static bool is_stage_name(const struct dockerfile *d, sv name, size_t before)
{
    bool number = name.n != 0;
    for (size_t i = 0; i < name.n; i++)
        number = number && name.p[i] >= '0' && name.p[i] <= '9';
    if (number)
        return true;
    for (size_t i = 0; i < d->stages.n && i < before; i++)
        if (sv_ieq(d->stages.at[i]->name, name))
            return true;
    return false;
}

static void add_image(struct facts *f, const struct dockerfile *d, const struct stage *stage, sv ref, struct place place)
{
    if (ref.n == 0 || sv_ieq(ref, SV("scratch")))
        return;
    struct image_ref *image = vec_new(f->arena, &f->images, struct image_ref);
    image_parse(f->arena, ref, image);
    image->ref = ref;
    image->origin = IMAGE_DOCKERFILE;
    image->place = place;
    image->stage = stage;
    image->scope = d->src->scope;
}

/* The value of `key` in "type=bind,from=image,target=/x". */
static sv mount_field(sv value, sv key)
{
    for (sv rest = value; rest.p != NULL;) {
        sv field = sv_trim(sv_cut(&rest, ','));
        size_t eq = sv_find_char(field, '=');
        if (eq != SV_NOT_FOUND && sv_ieq(sv_sub(field, 0, eq), key))
            return sv_sub(field, eq + 1, field.n);
    }
    return SV_NONE;
}

static void images_of_instruction(struct facts *f, const struct dockerfile *d, const struct instruction *i)
{
    const struct stage *stage = i->stage < d->stages.n ? d->stages.at[i->stage] : NULL;
    for (const struct docker_flag *flag = i->flags; flag != NULL; flag = flag->next) {
        sv from = SV_NONE;
        if (sv_eq(flag->name, SV("from")))
            from = flag->value;
        else if (sv_eq(flag->name, SV("mount")))
            from = mount_field(flag->value, SV("from"));
        if (from.n != 0 && !is_stage_name(d, from, i->stage))
            add_image(f, d, stage, from, i->place);
    }
}

static void images_of(struct facts *f, const struct dockerfile *d)
{
    for (size_t i = 0; i < d->stages.n; i++) {
        const struct stage *s = d->stages.at[i];
        if (s->base == NULL)
            add_image(f, d, s, s->resolved.n != 0 ? s->resolved : s->image,
                      s->from != NULL ? s->from->args_place : (struct place){d->src, 0, 0});
    }
    for (size_t i = 0; i < d->instructions.n; i++)
        images_of_instruction(f, d, d->instructions.at[i]);
}

/* ---- commands ---------------------------------------------------------------------------------- */

/* A JSON array of strings, as CMD and ENTRYPOINT carry: the words, escapes undone where simple. */
static size_t exec_words(struct facts *f, sv args, struct place place, struct word **out)
{
    VEC(struct word) words = {0};
    size_t i = 0;
    while (i < args.n) {
        if (args.p[i++] != '"')
            continue;
        char *text = arena_copy(f->arena, args.p + i, args.n - i);
        size_t n = 0;
        for (; i < args.n && args.p[i] != '"'; i++) {
            if (args.p[i] == '\\' && i + 1 < args.n) {
                i++;
                text[n++] = args.p[i] == 'n' ? '\n' : args.p[i] == 't' ? '\t' : args.p[i];
            } else {
                text[n++] = args.p[i];
            }
        }
        i++;
        struct word *w = vec_new(f->arena, &words, struct word);
        *w = (struct word){.text = {text, n}, .raw = {text, n}, .place = place, .quoted = true};
    }
    *out = arena_array(f->arena, struct word, words.n + 1);
    for (size_t k = 0; k < words.n; k++)
        (*out)[k] = *words.at[k];
    return words.n;
}

void facts_run_words(struct facts *f, const struct word *words, size_t n, struct place place, struct run like)
{
    if (n == 0)
        return;
    struct command *c = arena_new(f->arena, struct command);
    c->words = arena_array(f->arena, struct word, n);
    for (size_t i = 0; i < n; i++)
        c->words[i] = words[i];
    c->n = n;
    c->place = place;
    struct run *r = vec_new(f->arena, &f->runs, struct run);
    *r = like;
    r->command = c;
    facts_run_nested(f, c, like);
}

static void run_of_start(struct facts *f, const struct dockerfile *d, const struct instruction *i)
{
    struct run like = {.src = d->src, .when = RUN_START, .scope = d->src->scope, .dockerfile = d};
    if (i->exec_form) {
        struct word *words;
        size_t n = exec_words(f, i->args, i->args_place, &words);
        facts_run_words(f, words, n, i->args_place, like);
        return;
    }
    size_t start = i->args_place.start;
    sv text = sv_sub(d->src->text, start, i->args_place.end);
    size_t cmd = sv_eq(i->keyword, SV("HEALTHCHECK")) ? sv_find(text, SV("CMD")) : SV_NOT_FOUND;
    if (cmd != SV_NOT_FOUND) { /* options stand before it */
        start += cmd + 3;
        text = sv_sub(text, cmd + 3, text.n);
    }
    struct source *script = source_embed(f->arena, d->src, start, text, EMBED_LINES, "cmd");
    script->kind = SOURCE_SCRIPT;
    script->lang = LANG_SHELL;
    facts_run_shell(f, script, like);
}

static bool starts_container(sv keyword)
{
    return SV_IN(keyword, SV("CMD"), SV("ENTRYPOINT"));
}

static void runs_of(struct facts *f, const struct dockerfile *d)
{
    for (size_t i = 0; i < d->instructions.n; i++) {
        const struct instruction *in = d->instructions.at[i];
        struct run like = {.src = d->src, .when = RUN_BUILD, .scope = d->src->scope, .dockerfile = d};
        if (sv_eq(in->keyword, SV("RUN")) && in->script != NULL) {
            facts_run_shell(f, in->script, like);
        } else if (sv_eq(in->keyword, SV("RUN")) && in->exec_form) {
            struct word *words;
            size_t n = exec_words(f, in->args, in->args_place, &words);
            facts_run_words(f, words, n, in->args_place, like);
        } else if (starts_container(in->keyword)) {
            run_of_start(f, d, in);
        } else if (sv_eq(in->keyword, SV("HEALTHCHECK")) && sv_has(in->args, SV("CMD"))) {
            run_of_start(f, d, in);
        }
    }
}

const struct dockerfile *facts_dockerfile(struct facts *f, const struct source *src)
{
    for (size_t i = 0; i < f->dockerfiles.n; i++)
        if (f->dockerfiles.at[i]->src == src)
            return f->dockerfiles.at[i];
    struct dockerfile *d = read_dockerfile(f->repo, src);
    if (d == NULL)
        return NULL;
    vec_push(f->arena, &f->dockerfiles, d);
    images_of(f, d);
    runs_of(f, d);
    return d;
}

/* ---- compose ------------------------------------------------------------------------------------- */

/* The Dockerfile of `build:`, from the repository or from the compose itself. */
static const struct dockerfile *dockerfile_of_build(struct facts *f, const struct service *s)
{
    const struct node *build = node_get(s->node, "build");
    if (build == NULL)
        return NULL;
    const struct node *inline_text = node_get(build, "dockerfile_inline");
    if (inline_text != NULL) {
        struct source *src = facts_embed(f, inline_text, "dockerfile_inline", SOURCE_DOCKERFILE, LANG_DOCKERFILE);
        return src == NULL ? NULL : facts_dockerfile(f, src);
    }
    sv context = build->kind == NODE_SCALAR ? build->text : node_get_text(build, "context");
    if (sv_has(context, SV("://")) || sv_starts(context, SV("git@")))
        return NULL; /* a remote context is not in the repository */
    sv dir = path_join(f->arena, path_dir(s->deployment->compose->path), context.n == 0 ? SV(".") : context);
    sv name = node_get_text(build, "dockerfile");
    if (dir.p == NULL)
        return NULL;
    sv path = path_join(f->arena, dir, name.n == 0 ? SV("Dockerfile") : name);
    for (size_t i = 0; path.p != NULL && i < f->dockerfiles.n; i++)
        if (f->dockerfiles.at[i]->src->host == NULL && sv_eq(f->dockerfiles.at[i]->src->path, path))
            return f->dockerfiles.at[i];
    return NULL;
}

static void run_list(struct facts *f, const struct node *list, bool skip_first, struct run like)
{
    size_t n = node_count(list), k = 0;
    struct word *words = arena_array(f->arena, struct word, n + 1);
    for node_each(item, list) {
        if (skip_first && item == list->child)
            continue;
        words[k++] = (struct word){.text = node_text(item), .raw = node_text(item), .place = item->place, .quoted = true};
        /* sh -c SCRIPT as list items: the script keeps its own lines */
        if (k >= 2 && sv_starts(words[k - 2].text, SV("-")) && sv_has(words[k - 2].text, SV("c")) && is_shell_name(words[0].text)) {
            struct source *src = facts_embed(f, item, "command", SOURCE_SCRIPT, LANG_SHELL);
            if (src != NULL)
                facts_run_shell(f, src, like);
            words[k - 1].text = SV("");
        }
    }
    facts_run_words(f, words, k, list->place, like);
}

static void run_field(struct facts *f, const struct service *s, const struct node *n, const char *field)
{
    struct run like = {.src = s->deployment->compose, .when = RUN_START, .scope = s->deployment->compose->scope,
                       .service = s, .dockerfile = s->dockerfile};
    if (n == NULL)
        return;
    if (n->kind == NODE_SCALAR) {
        struct source *src = facts_embed(f, n, field, SOURCE_SCRIPT, LANG_SHELL);
        if (src != NULL)
            facts_run_shell(f, src, like);
        return;
    }
    if (n->kind != NODE_LIST || n->child == NULL)
        return;
    sv first = node_text(n->child);
    if (sv_eq(first, SV("CMD-SHELL")) && n->child->next != NULL) {
        struct source *src = facts_embed(f, n->child->next, field, SOURCE_SCRIPT, LANG_SHELL);
        if (src != NULL)
            facts_run_shell(f, src, like);
    } else if (!sv_eq(first, SV("NONE"))) {
        run_list(f, n, sv_eq(first, SV("CMD")), like);
    }
}

void facts_from_build(struct facts *f)
{
    for (size_t i = 0; i < f->repo->files.n; i++)
        if (f->repo->files.at[i]->kind == SOURCE_DOCKERFILE)
            facts_dockerfile(f, f->repo->files.at[i]);
    for (size_t i = 0; i < f->services.n; i++) {
        struct service *s = f->services.at[i];
        s->dockerfile = dockerfile_of_build(f, s);
        run_field(f, s, node_get(s->node, "entrypoint"), "entrypoint");
        run_field(f, s, node_get(s->node, "command"), "command");
        run_field(f, s, node_path(s->node, "healthcheck.test"), "healthcheck");
        const struct node *hooks[] = {node_get(s->node, "post_start"), node_get(s->node, "pre_stop")};
        for (size_t k = 0; k < 2; k++)
            for node_each(hook, hooks[k])
                run_field(f, s, node_get(hook, "command"), "command");
    }
}
