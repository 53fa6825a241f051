/* Manifests and lock files: which of them a command meets, in the image or beside its script. */
#include "base/limits.h"
#include "check/fetch.h"

/* ---- globs ------------------------------------------------------------------------------------------- */

/* Going back to the last `*` is enough, here and in glob_matches. */
static bool part_matches(sv pattern, sv text)
{
    size_t p = 0, t = 0, star = SV_NOT_FOUND, mark = 0;
    while (t < text.n) {
        if (p < pattern.n && pattern.p[p] == '*') {
            star = p++;
            mark = t;
        } else if (p < pattern.n && (pattern.p[p] == '?' || pattern.p[p] == text.p[t])) {
            p++;
            t++;
        } else if (star != SV_NOT_FOUND) {
            p = star + 1;
            t = ++mark;
        } else {
            return false;
        }
    }
    while (p < pattern.n && pattern.p[p] == '*')
        p++;
    return p == pattern.n;
}

bool glob_matches(sv pattern, sv path)
{
    sv after_star = SV_NONE, star_at = SV_NONE;
    bool star = false;
    while (path.p != NULL) {
        sv rest = pattern, tail = path, part = pattern.p == NULL ? SV_NONE : sv_cut(&rest, '/');
        if (sv_eq(part, SV("**"))) {
            star = true;
            after_star = pattern = rest;
            star_at = path;
        } else if (part.p != NULL && part_matches(part, sv_cut(&tail, '/'))) {
            pattern = rest;
            path = tail;
        } else if (star) {
            sv_cut(&star_at, '/');
            path = star_at;
            pattern = after_star;
        } else {
            return false;
        }
    }
    return pattern.p == NULL || sv_eq(pattern, SV("**"));
}

/* ---- where a command runs -------------------------------------------------------------------------------- */

static const struct source *top_of(const struct source *s)
{
    while (s->host != NULL)
        s = s->host;
    return s;
}

/* Offset of a place in `top`, through the texts embedded in it. */
static size_t offset_in(struct place p, const struct source *top)
{
    size_t at = p.start;
    const struct source *s = p.src;
    for (; s != NULL && s != top; s = s->host)
        at = s->embed == EMBED_LINES ? s->host_offset + at : s->host_offset;
    return s == top ? at : SV_NOT_FOUND;
}

/* Index of the instruction that holds the command; SV_NOT_FOUND where it stands in another file. */
static size_t instruction_index(const struct run *r)
{
    const struct dockerfile *d = r->dockerfile;
    size_t at = d == NULL ? SV_NOT_FOUND : offset_in(r->command->place, d->src);
    size_t from = 0, to = at == SV_NOT_FOUND ? 0 : d->instructions.n;
    while (from < to) { /* instructions stand in text order */
        size_t middle = from + (to - from) / 2;
        if (d->instructions.at[middle]->place.start <= at)
            from = middle + 1;
        else
            to = middle;
    }
    return from == 0 ? SV_NOT_FOUND : from - 1;
}

const struct instruction *instruction_of(const struct run *r)
{
    size_t i = instruction_index(r);
    return i == SV_NOT_FOUND ? NULL : r->dockerfile->instructions.at[i];
}

struct image_files *image_files_of(struct fetching *x, const struct dockerfile *d)
{
    size_t i = 0;
    while (i < x->f->dockerfiles.n && x->f->dockerfiles.at[i] != d)
        i++;
    struct image_files *image = &x->images[i];
    for (size_t k = 0; !image->has_copies && k < d->instructions.n; k++)
        if (SV_IN(d->instructions.at[k]->keyword, SV("COPY"), SV("ADD")))
            vec_push(x->a, &image->copies, d->instructions.at[k]);
    image->has_copies = true;
    return image;
}

static void note_lock(struct fetching *x, const struct run *r)
{
    const struct command *c = r->command;
    sv tool = command_name(c);
    bool python = SV_IN(tool, SV("uv"), SV("poetry"), SV("pdm"), SV("pipenv"));
    if (r->dockerfile == NULL || (!python && !command_has(c, "--require-hashes")))
        return;
    struct image_files *image = image_files_of(x, r->dockerfile);
    bool exports = python && (command_has(c, "export") || command_has(c, "requirements"));
    image->exports_lock = image->exports_lock || (exports && !command_has(c, "--without-hashes"));
    image->installs_lock = image->installs_lock || !python || command_has(c, "sync") || (sv_eq(tool, SV("poetry")) && command_has(c, "install"));
}

struct fetching fetching_begin(const struct check_run *c)
{
    struct fetching x = {c->facts, c->arena, arena_array(c->arena, struct image_files, c->facts->dockerfiles.n + 1)};
    for (size_t i = 0; i < c->facts->runs.n; i++)
        note_lock(&x, c->facts->runs.at[i]);
    for (size_t i = 0; i < c->facts->services.n; i++) {
        const struct service *s = c->facts->services.at[i];
        if (s->dockerfile != NULL && s->context.p != NULL)
            image_files_of(&x, s->dockerfile)->context = s->context;
    }
    return x;
}

enum { SUBFOLDERS = 4, NEAR = 200 /* commands or instructions looked back for a change of folder */ };

/* Folders below the build context in which the command may stand: `cd web`, `--prefix web`, WORKDIR /app/web. */
static size_t subfolders(const struct run *r, sv out[SUBFOLDERS])
{
    static const char *const options[] = {"--prefix", "-C", "--dir", "--cwd", "--directory", "--project"};
    size_t n = 0;
    for (size_t i = 0; i < sizeof options / sizeof *options && n == 0; i++)
        if (command_option(r->command, options[i]).n != 0)
            out[n++] = command_option(r->command, options[i]);
    for (size_t i = r->index; r->shell != NULL && i > 0 && i + NEAR > r->index; i--) {
        const struct command *before = r->shell->commands.at[i - 1];
        if (!sv_eq(command_name(before), SV("cd")) || before->n < 2)
            continue;
        out[n++] = before->words[1].text;
        break;
    }
    size_t at = instruction_index(r);
    sv workdir = SV_NONE;
    for (size_t i = at; at != SV_NOT_FOUND && workdir.n == 0 && i-- > 0 && i + NEAR > at;) {
        const struct instruction *in = r->dockerfile->instructions.at[i];
        if (sv_eq(in->keyword, SV("WORKDIR")) && in->stage == r->dockerfile->instructions.at[at]->stage)
            workdir = sv_trim(in->args);
    }
    if (sv_find_char(sv_trim_char(workdir, '/'), '/') != SV_NOT_FOUND && n < SUBFOLDERS) {
        sv rest = sv_trim_char(workdir, '/');
        sv_cut(&rest, '/'); /* /app/web holds what the context has in web */
        out[n++] = rest;
    }
    if (n < SUBFOLDERS)
        out[n++] = SV("");
    return n;
}

static const struct source *find_at(const struct facts *f, sv dir, sv sub, sv name)
{
    sv folder = sub.n == 0 ? dir : path_join(f->arena, dir, sv_trim_char(sub, '/'));
    sv path = folder.p == NULL ? SV_NONE : path_join(f->arena, folder, name);
    const struct source *s = path.p == NULL ? NULL : repo_find(f->repo, path);
    return s == NULL || s->vendored ? NULL : s;
}

/* Does `word`, a source of COPY or of a bind mount seen from `context`, bring the file `name`? */
static const struct source *brings(const struct facts *f, sv context, sv word, sv sub, sv name)
{
    while (sv_starts(word, SV("./")) || sv_starts(word, SV("/")))
        word = sv_sub(word, word.p[0] == '/' ? 1 : 2, word.n);
    if (sv_find_char(word, '$') != SV_NOT_FOUND)
        return NULL;
    if (word.n == 0 || sv_eq(word, SV(".")) || sv_eq(word, SV("*")))
        return find_at(f, context, sub, name);
    sv base = path_base(word), folder = path_join(f->arena, context, word);
    if (glob_matches(base, name))
        return find_at(f, context, path_dir(word), name);
    const struct source *s = folder.p == NULL ? NULL : find_at(f, folder, SV(""), name);
    if (s == NULL && folder.p != NULL && sub.n != 0 && sv_starts(sub, word))
        s = find_at(f, context, sub, name);
    return s;
}

/* The build context is what a compose says, else the folder of the Dockerfile or one above it. */
static const struct source *brought_from(struct fetching *x, const struct run *r, sv word, sv name)
{
    sv subs[SUBFOLDERS], named = image_files_of(x, r->dockerfile)->context;
    size_t n = subfolders(r, subs);
    for (size_t i = 0; i < n && named.p != NULL; i++) {
        const struct source *s = brings(x->f, named, word, subs[i], name);
        if (s != NULL)
            return s;
    }
    for (sv context = path_dir(top_of(r->dockerfile->src)->path);; context = path_dir(context)) {
        for (size_t i = 0; i < n; i++) {
            const struct source *s = brings(x->f, context, word, subs[i], name);
            if (s != NULL)
                return s;
        }
        if (context.n == 0)
            return NULL;
    }
}

static const struct source *brought_by_mount(struct fetching *x, const struct run *r, const struct instruction *in, sv name)
{
    for (const struct docker_flag *flag = in->flags; flag != NULL; flag = flag->next) {
        sv source = SV_NONE;
        if (!sv_eq(flag->name, SV("mount")) || !sv_has(flag->value, SV("type=bind")) || sv_has(flag->value, SV("from=")))
            continue;
        for (sv rest = flag->value; rest.p != NULL;) {
            sv value = sv_cut(&rest, ','), key = sv_cut(&value, '=');
            if (SV_IN(key, SV("source"), SV("src")))
                source = value;
        }
        const struct source *s = brought_from(x, r, source, name);
        if (s != NULL)
            return s;
    }
    return NULL;
}

struct search { struct fetching *x; const struct run *r; sv name; struct image_files *image; bool *seen; };

static bool is_exhausted(struct search *q)
{
    if (++q->image->copied_words <= LIMIT_COPIED_WORDS)
        return false;
    repo_limit(q->x->f->repo, q->r->dockerfile->src->path, "copied-words");
    return true;
}

/* Sources of a COPY or ADD from the build context; the last word is the target. */
static const struct source *brought_by_copy(struct search *q, const struct instruction *in)
{
    sv previous = SV_NONE;
    for (sv rest = in->args; rest.p != NULL;) {
        sv word = sv_trim(sv_cut(&rest, ' '));
        if (sv_starts(in->args, SV("[")))
            word = sv_unquote(sv_trim_char(sv_trim_char(sv_trim_char(word, '['), ']'), ','));
        if (word.n == 0)
            continue;
        if (is_exhausted(q))
            return NULL;
        const struct source *s = previous.n == 0 ? NULL : brought_from(q->x, q->r, previous, q->name);
        if (s != NULL)
            return s;
        previous = word;
    }
    return NULL;
}

/* By name, or by number as in `--from=0`. */
static const struct stage *stage_named(const struct dockerfile *d, sv name, size_t before)
{
    size_t number = 0, i = 0;
    for (; i < name.n && i < 4 && name.p[i] >= '0' && name.p[i] <= '9'; i++)
        number = number * 10 + (size_t)(name.p[i] - '0');
    if (i == name.n && number < before && number < d->stages.n)
        return d->stages.at[number];
    for (i = 0; i < d->stages.n && i < before; i++)
        if (sv_ieq(d->stages.at[i]->name, name))
            return d->stages.at[i];
    return NULL;
}

static sv from_of(const struct instruction *in)
{
    for (const struct docker_flag *flag = in->flags; flag != NULL; flag = flag->next)
        if (sv_eq(flag->name, SV("from")))
            return flag->value;
    return SV_NONE;
}

/* What stands in `stage` before the offset `end`: copied there, in the stages it builds on, or in those it
 * copies from. Stages only look at earlier ones, and each is looked at once. */
static const struct source *in_stage(struct search *q, const struct stage *stage, size_t end)
{
    const struct dockerfile *d = q->r->dockerfile;
    const struct source *s = NULL;
    if (stage == NULL || q->seen[stage->index])
        return NULL;
    q->seen[stage->index] = true;
    for (size_t i = q->image->copies.n; i-- > 0 && s == NULL && !is_exhausted(q);) {
        const struct instruction *in = q->image->copies.at[i];
        if (in->stage != stage->index || in->place.start >= end)
            continue;
        sv from = from_of(in);
        s = from.n == 0 ? brought_by_copy(q, in) : in_stage(q, stage_named(d, from, stage->index), SV_NOT_FOUND);
    }
    return s != NULL ? s : in_stage(q, stage->base, SV_NOT_FOUND);
}

static const struct source *in_image(struct fetching *x, const struct run *r, const struct instruction *at, sv name)
{
    const struct dockerfile *d = r->dockerfile;
    const struct source *s = brought_by_mount(x, r, at, name);
    if (s != NULL || at->stage >= d->stages.n)
        return s;
    struct search q = {.x = x, .r = r, .name = name,
                       .image = image_files_of(x, d), .seen = arena_array(x->a, bool, d->stages.n)};
    return in_stage(&q, d->stages.at[at->stage], at->place.start);
}

const struct source *file_for_run(struct fetching *x, const struct run *r, sv name, bool *image)
{
    const struct instruction *at = instruction_of(r);
    const struct source *s = at == NULL ? NULL : in_image(x, r, at, name);
    *image = s != NULL;
    if (s != NULL)
        return s;
    sv subs[SUBFOLDERS];
    size_t n = subfolders(r, subs);
    const struct source *origin = top_of(r->dockerfile != NULL ? r->dockerfile->src : r->src);
    for (sv dir = path_dir(origin->path);; dir = path_dir(dir)) {
        for (size_t i = 0; i < n && s == NULL; i++)
            s = find_at(x->f, dir, subs[i], name);
        if (s != NULL || dir.n == 0)
            return s;
    }
}

/* ---- locks ------------------------------------------------------------------------------------------------- */

/* The line of a .gitignore beside or above `manifest` that names the lock. */
static struct place ignored_at(const struct facts *f, const struct source *manifest, sv lock)
{
    for (sv dir = path_dir(manifest->path);; dir = path_dir(dir)) {
        const struct source *s = find_at(f, dir, SV(""), SV(".gitignore"));
        for (sv rest = s == NULL ? SV_NONE : s->text; rest.p != NULL;) {
            sv line = sv_trim(sv_line(&rest)), pattern = sv_starts(line, SV("/")) ? sv_sub(line, 1, line.n) : line;
            if (pattern.n != 0 && glob_matches(pattern, lock))
                return (struct place){s, (size_t)(line.p - s->text.p), (size_t)(line.p - s->text.p) + line.n};
        }
        if (dir.n == 0)
            return (struct place){0};
    }
}

void fetch_find_lock(struct fetching *x, const struct run *r, const char *const *manifests, const char *const *locks, struct fetch *out)
{
    bool image = false;
    for (; *manifests != NULL && out->manifest == NULL; manifests++)
        out->manifest = file_for_run(x, r, sv_from(*manifests), &image);
    out->manifest_in_image = image || instruction_of(r) == NULL;
    for (size_t i = 0; locks[i] != NULL && (out->lock == NULL || !out->lock_in_image); i++) {
        const struct source *s = file_for_run(x, r, sv_from(locks[i]), &image);
        if (s == NULL)
            continue;
        out->lock = s;
        out->lock_in_image = image || instruction_of(r) == NULL;
    }
    for (size_t i = 0; locks[i] != NULL && out->lock == NULL && out->manifest != NULL && out->ignored.src == NULL; i++)
        out->ignored = ignored_at(x->f, out->manifest, sv_from(locks[i]));
}

/* "" stands for the tool without a verb. `frozen`: words that make the lock binding; none: it always is.
 * `needs_lock`: it then fails where there is none. */
static const struct lock_tool { const char *tool, *verbs[6], *manifests[3], *locks[4], *frozen[5]; bool needs_lock; } TOOLS[] = {
    {"npm", {"install", "i", "ci", "clean-install"}, {"package.json"}, {"package-lock.json", "npm-shrinkwrap.json"}, {"ci", "clean-install"}, true},
    {"pnpm", {"install", "i"}, {"package.json"}, {"pnpm-lock.yaml"}, {"--frozen-lockfile"}, true},
    {"yarn", {"", "install"}, {"package.json"}, {"yarn.lock"}, {"--frozen-lockfile", "--immutable"}, false},
    {"bun", {"install", "i", "ci"}, {"package.json"}, {"bun.lock", "bun.lockb"}, {"--frozen-lockfile", "ci"}, false},
    {"uv", {"sync", "run"}, {"pyproject.toml"}, {"uv.lock"}, {"--locked", "--frozen", "--no-sync"}, true},
    {"poetry", {"install", "sync"}, {"pyproject.toml"}, {"poetry.lock"}, {0}, false},
    {"pdm", {"install"}, {"pyproject.toml"}, {"pdm.lock"}, {"--frozen-lockfile", "--frozen", "--check"}, true},
    {"pdm", {"sync"}, {"pyproject.toml"}, {"pdm.lock"}, {0}, false},
    {"pipenv", {"install"}, {"Pipfile"}, {"Pipfile.lock"}, {"--deploy", "--ignore-pipfile"}, true},
    {"pipenv", {"sync"}, {"Pipfile"}, {"Pipfile.lock"}, {0}, false},
    {"cargo", {"build", "rustc", "run", "zigbuild"}, {"Cargo.toml"}, {"Cargo.lock"}, {"--locked", "--frozen", "--offline"}, true},
    {"go", {"build", "mod", "install", "run"}, {"go.mod"}, {"go.sum"}, {0}, true},
    {"bundle", {"", "install"}, {"Gemfile"}, {"Gemfile.lock"}, {0}, false},
    {"composer", {"install"}, {"composer.json"}, {"composer.lock"}, {0}, false},
    {"mix", {"deps.get"}, {"mix.exs"}, {"mix.lock"}, {"--check-locked"}, false},
    {"deno", {"cache", "install"}, {"deno.json", "deno.jsonc"}, {"deno.lock"}, {"--frozen", "--frozen=true"}, false},
    {"nix", {"build", "develop", "run"}, {"flake.nix"}, {"flake.lock"}, {0}, false},
};

static bool verb_is(const struct command *c, const struct lock_tool *tool)
{
    sv verb = c->n > 1 && !is_flag(c->words[1].text) ? c->words[1].text : SV("");
    for (size_t i = 0; i < sizeof tool->verbs / sizeof *tool->verbs && tool->verbs[i] != NULL; i++)
        if (sv_eq(verb, sv_from(tool->verbs[i])))
            return true;
    return false;
}

static bool is_frozen(const struct command *c, const struct lock_tool *tool)
{
    if (tool->frozen[0] == NULL)
        return true;
    for (size_t i = 0; tool->frozen[i] != NULL; i++)
        if (command_has(c, tool->frozen[i]))
            return true;
    return false;
}

/* A manifest that asks for nothing needs no lock. */
static bool asks_for_nothing(const struct source *s)
{
    sv name = path_base(s->path);
    if (sv_eq(name, SV("package.json")))
        return !source_ihas(s, SV("dependencies\""));
    if (sv_eq(name, SV("go.mod")))
        return !source_has(s, SV("require"));
    return sv_eq(name, SV("Cargo.toml")) && !source_has(s, SV("dependencies"));
}

bool fetch_by_manifest(struct fetching *x, const struct run *r, struct fetch *out)
{
    const struct command *c = r->command;
    sv tool = command_name(c);
    for (size_t i = 0; i < sizeof TOOLS / sizeof *TOOLS; i++) {
        const struct lock_tool *t = &TOOLS[i];
        if (!sv_eq(tool, sv_from(t->tool)) || !verb_is(c, t))
            continue;
        bool strict = t->needs_lock && is_frozen(c, t); /* fails without a lock */
        fetch_find_lock(x, r, t->manifests, t->locks, out);
        bool known = out->manifest != NULL && out->manifest_in_image; /* else it comes with sources from elsewhere */
        if ((!known && !strict) || (known && asks_for_nothing(out->manifest)))
            return false;
        out->kind = FETCH_MANIFEST;
        out->subject = out->manifest != NULL ? out->manifest->path : sv_from(t->manifests[0]);
        bool met = strict || (out->lock != NULL && out->lock_in_image);
        out->state = !met ? FETCH_OPEN : is_frozen(c, t) ? FETCH_FIXED : FETCH_VERSIONS;
        out->flaw = met ? (out->state == FETCH_FIXED ? "" : "the command may change the lock file instead of failing")
                        : out->lock == NULL ? "no lock file is committed" : "the committed lock file is not copied to where the command runs";
        return true;
    }
    return false;
}
