/* Files that compose makes of a variable (secrets and configs with `environment`), and where programs read them:
 * docs.docker.com/compose/how-tos/use-secrets. A secret lies at /run/secrets/NAME, a config at /NAME, or where
 * `target` says. */
#include "base/limits.h"
#include "fact/reads.h"

enum { MOUNTS = 500, HELPERS = 16 };

static void add_mount(struct facts *f, struct service *s, const struct node *definitions, sv key, sv target, bool secret)
{
    const struct node *variable = node_get(node_get(definitions, sv_copy(f->arena, key).p), "environment");
    if (!sv_is_ident(node_text(variable)) || f->file_mounts.n >= MOUNTS)
        return;
    sv name = target.n == 0 ? key : target;
    sv path = sv_starts(name, SV("/")) ? name : sv_concat(f->arena, secret ? SV("/run/secrets/") : SV("/"), name);
    *vec_new(f->arena, &f->file_mounts, struct file_mount) = (struct file_mount){path, key, variable, s};
}

/* `- name`, or {source: name, target: path}. */
static void list_mounts(struct facts *f)
{
    static const char *const sections[] = {"secrets", "configs"};
    for (size_t i = 0; i < f->services.n; i++)
        for (size_t k = 0; k < 2; k++) {
            struct service *s = f->services.at[i];
            const struct node *definitions = node_get(s->deployment->root, sections[k]);
            for node_each(e, definitions == NULL ? NULL : node_get(s->node, sections[k])) {
                bool map = e->kind == NODE_MAP;
                add_mount(f, s, definitions, map ? node_get_text(e, "source") : node_text(e), map ? node_get_text(e, "target") : SV_NONE, k == 0);
            }
        }
}

/* Functions that read the file whose name they are given, and names that hold the directory. */
struct helpers { sv at[HELPERS]; size_t n; };

static void add_helper(struct helpers *h, sv name)
{
    if (name.n >= 3 && !sv_in(name, h->at, h->n) && h->n < HELPERS)
        h->at[h->n++] = name;
}

static void add_file_read(const struct code *c, const struct file_mount *m, size_t from, size_t to)
{
    struct env_read *r = reads_add(c, m->path, from, to, "mounted file");
    r->file = true;
    reads_complete(c, r, from, to);
}

/* The directory itself, alone or with what a program puts in behind it: "/run/secrets", f"/run/secrets/{name}". */
static bool names_directory(sv text, sv directory)
{
    if (!sv_starts(text, directory))
        return false;
    sv rest = sv_sub(text, directory.n, text.n);
    while (sv_starts(rest, SV("/")))
        rest = sv_sub(rest, 1, rest.n);
    return rest.n == 0 || sv_find_char(SV("{$%#\\"), rest.p[0]) != SV_NOT_FOUND;
}

/* The smallest function with parameters around atom `i`. */
static sv function_around(const struct code *c, size_t i)
{
    sv name = SV_NONE;
    for (size_t k = 0; k < i; k++) {
        struct function fn = {0};
        if (code_is_word(c, k) && code_function(c, k, &fn) && fn.from <= i && i < fn.to && fn.close > fn.open + 1)
            name = fn.name;
    }
    return name;
}

/* What stands at `i` names the directory of the mount: the file's name follows, or a function takes it, or a name keeps it. */
static void use_of_directory(const struct code *c, const struct file_mount *m, size_t i, struct helpers *functions, struct helpers *names)
{
    for (size_t k = i + 1; k < c->n && k < i + 6; k++)
        if (sv_eq(code_string(c, k), path_base(m->path))) {
            add_file_read(c, m, i, k);
            return;
        }
    sv function = function_around(c, i);
    if (function.n != 0) {
        add_helper(functions, function);
        return;
    }
    for (size_t k = i; k > 0 && i - k < 5; k--)
        if (code_is(c, k, "=") && code_is_word(c, k - 1)) {
            add_helper(names, code_text(c, k - 1));
            return;
        }
}

static void look_in(const struct code *c, const struct file_mount *m, struct helpers *functions, struct helpers *names)
{
    sv directory = path_dir(m->path);
    for (size_t i = 0; i < c->n; i++) {
        sv text = code_string(c, i);
        bool named = code_is_word(c, i) && sv_in(code_text(c, i), names->at, names->n) && !code_is(c, i + 1, "=");
        if (sv_eq(text, m->path))
            add_file_read(c, m, i, i);
        else if (named || (directory.n > 1 && text.p != NULL && names_directory(text, directory)))
            use_of_directory(c, m, i, functions, names);
    }
}

/* secret("db_password") */
static void calls_of(const struct code *c, const struct file_mount *m, const struct helpers *functions)
{
    for (size_t i = 0; i + 1 < c->n; i++) {
        bool definition = i > 0 && SV_IN(code_text(c, i - 1), SV("def"), SV("function"), SV("func"), SV("fn"), SV("fun"));
        if (!code_is_word(c, i) || !code_is(c, i + 1, "(") || definition || !sv_in(code_text(c, i), functions->at, functions->n))
            continue;
        size_t close = c->at[i + 1].partner;
        for (size_t k = i + 2; k < close && k < c->n; k = code_item_end(c, k, close) + 1)
            if (sv_ieq(code_string(c, k), path_base(m->path)))
                add_file_read(c, m, i, close);
    }
}

/* $(cat /run/secrets/x) */
static void look_in_script(struct facts *f, const struct source *s, const struct file_mount *m)
{
    for (size_t at = 0; (at = sv_find_at(s->text, m->path, at)) != SV_NOT_FOUND; at += m->path.n) {
        size_t end = at + m->path.n;
        sv line = sv_trim(line_text(&s->lines, s->text, line_at(&s->lines, at)));
        if (sv_starts(line, SV("#")) || (end < s->text.n && (sv_is_ident(sv_sub(s->text, end, end + 1)) || s->text.p[end] == '-')))
            continue;
        struct env_read *r = vec_new(f->arena, &f->env_reads, struct env_read);
        *r = (struct env_read){.name = m->path, .place = {s, at, end}, .idiom = SV("mounted file"), .fallback = SV_NONE, .field = SV_NONE,
                               .scope = s->scope, .kind = KIND_OTHER, .file = true};
    }
}

static void look_in_scripts(struct facts *f, const struct file_mount *m)
{
    for (size_t i = 0; i < f->repo->files.n; i++)
        if (f->repo->files.at[i]->lang == LANG_SHELL && !f->repo->files.at[i]->vendored)
            look_in_script(f, f->repo->files.at[i], m);
}

/* Programs that mention one of the words, opened or not. */
static void each_mentioning(struct reading *p, const sv *words, size_t n, const struct file_mount *m, struct helpers *functions,
                            struct helpers *names, bool calls)
{
    struct gram_words asked = reads_words(p->facts->arena, words, n);
    for (size_t i = 0; i < p->n; i++) {
        const struct code *c = source_says_of(p->sources[i], &asked) ? reads_open(p, p->sources[i]) : NULL;
        if (c != NULL && calls)
            calls_of(c, m, functions);
        else if (c != NULL)
            look_in(c, m, functions, names);
    }
}

void reads_files(struct reading *p)
{
    struct facts *f = p->facts;
    list_mounts(f);
    for (size_t i = 0; i < f->file_mounts.n; i++) {
        const struct file_mount *m = f->file_mounts.at[i];
        bool again = false; /* another service sees the same path */
        for (size_t k = 0; k < i && !again; k++)
            again = sv_eq(f->file_mounts.at[k]->path, m->path);
        if (again)
            continue;
        struct helpers functions = {.n = 0}, names = {.n = 0};
        sv directory = path_dir(m->path).n > 1 ? path_dir(m->path) : m->path;
        each_mentioning(p, &directory, 1, m, &functions, &names, false);
        if (functions.n != 0)
            each_mentioning(p, functions.at, functions.n, m, &functions, &names, true);
        look_in_scripts(f, m);
    }
}

/* Rows of files followed like the others, and then kept apart: they are no variables. */
void reads_part_files(struct facts *f)
{
    size_t kept = 0;
    for (size_t i = 0; i < f->env_reads.n; i++) {
        struct env_read *r = f->env_reads.at[i];
        if (r->file)
            vec_push(f->arena, &f->file_reads, r);
        else
            f->env_reads.at[kept++] = r;
    }
    f->env_reads.n = kept;
}
