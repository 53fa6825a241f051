#include "check/fetch.h"

const char *fetch_tool(enum fetch_kind k)
{
    static const char *const names[] = {
        [FETCH_NONE] = "", [FETCH_APT] = "apt", [FETCH_RPM] = "dnf", [FETCH_APK] = "apk", [FETCH_PIP] = "pip",
        [FETCH_PYTHON_LOCK] = "Python package manager", [FETCH_NODE] = "npm", [FETCH_NODE_RUN] = "npx", [FETCH_CARGO] = "cargo",
        [FETCH_GO] = "go", [FETCH_GEM] = "gem", [FETCH_NIX] = "nix", [FETCH_GIT] = "git", [FETCH_DOWNLOAD] = "download",
        [FETCH_PIPE] = "download",
    };
    return names[k];
}

/* ---- words ------------------------------------------------------------------------------------------- */

static bool is_flag(sv w)
{
    return w.n > 1 && w.p[0] == '-';
}

static bool list_has(const char *const *list, sv word)
{
    for (; *list != NULL; list++)
        if (sv_eq(word, sv_from(*list)))
            return true;
    return false;
}

/* Index behind the first of `words`, searched from 1; 0 when absent. Options may stand before it. */
static size_t after_word(const struct command *c, const char *const *words)
{
    for (size_t i = 1; i < c->n; i++)
        if (list_has(words, c->words[i].text))
            return i + 1;
    return 0;
}

struct names { sv list; size_t n, fixed; };

static void add_name(struct arena *a, struct names *names, sv name, bool fixed)
{
    names->list = names->list.n == 0 ? name : sv_printf(a, "%.*s %.*s", SV_ARG(names->list), SV_ARG(name));
    names->n++;
    names->fixed += fixed;
}

/* ---- files beside the command -------------------------------------------------------------------------- */

static const struct source *origin(const struct run *r)
{
    const struct source *s = r->dockerfile != NULL ? r->dockerfile->src : r->src;
    while (s->host != NULL)
        s = s->host;
    return s;
}

const struct source *file_beside(const struct facts *f, const struct run *r, const char *name)
{
    for (sv dir = path_dir(origin(r)->path);; dir = path_dir(dir)) {
        sv path = path_join(f->arena, dir, sv_from(name));
        const struct source *s = path.p == NULL ? NULL : repo_find(f->repo, path);
        if (s != NULL || dir.n == 0)
            return s;
    }
}

const struct source *requirements_file(const struct facts *f, const struct run *r, sv name)
{
    const char *base = arena_copy(f->arena, path_base(name).p, path_base(name).n);
    const struct source *s = file_beside(f, r, base);
    if (s != NULL)
        return s;
    sv dir = path_dir(origin(r)->path), found = path_base(name);
    const struct source *only = NULL;
    for (size_t i = 0; i < f->repo->files.n; i++) {
        const struct source *file = f->repo->files.at[i];
        if (path_is_below(file->path, dir) && sv_eq(path_base(file->path), found) && !file->vendored)
            only = only == NULL ? file : only;
    }
    return only;
}

bool requirement_of(sv line, sv *name, enum fetch_state *state)
{
    size_t comment = sv_find(line, SV(" #"));
    sv text = sv_trim(comment == SV_NOT_FOUND ? line : sv_sub(line, 0, comment));
    if (text.n == 0 || text.p[0] == '#' || text.p[0] == '-')
        return false;
    size_t end = 0;
    while (end < text.n && text.p[end] != '=' && text.p[end] != '<' && text.p[end] != '>' && text.p[end] != '~' &&
           text.p[end] != '!' && text.p[end] != ' ' && text.p[end] != ';' && text.p[end] != '@' && text.p[end] != '[')
        end++;
    *name = sv_sub(text, 0, end);
    if (sv_has(text, SV("--hash=")))
        *state = FETCH_FIXED;
    else if (sv_has(text, SV("==")) && !sv_has(text, SV(".*")))
        *state = FETCH_VERSIONS;
    else if (sv_has(text, SV("@")) && sv_has(text, SV("#sha256=")))
        *state = FETCH_FIXED;
    else
        *state = FETCH_OPEN;
    return name->n != 0;
}

enum fetch_state requirements_state(struct arena *a, const struct source *s, sv *open)
{
    enum fetch_state worst = FETCH_FIXED, state;
    struct names names = {0};
    bool continued = false;
    for (sv rest = s->text; rest.p != NULL;) {
        sv line = sv_line(&rest), name;
        bool goes_on = sv_ends(sv_trim(line), SV("\\"));
        if (continued) { /* "--hash=" lines of the requirement above */
            continued = goes_on;
            continue;
        }
        sv next = rest;
        bool hashed = goes_on && rest.p != NULL && sv_has(sv_line(&next), SV("--hash="));
        continued = goes_on;
        if (!requirement_of(line, &name, &state))
            continue;
        state = hashed ? FETCH_FIXED : state;
        if (state == FETCH_OPEN)
            add_name(a, &names, name, false);
        worst = state > worst ? state : worst;
    }
    *open = names.list;
    return worst;
}

/* ---- system packages ----------------------------------------------------------------------------------- */

/* Offset of a place in `top`, through the texts embedded in it. */
static size_t offset_in(struct place p, const struct source *top)
{
    size_t at = p.start;
    const struct source *s = p.src;
    for (; s != NULL && s != top; s = s->host)
        at = s->embed == EMBED_LINES ? s->host_offset + at : s->host_offset;
    return s == top ? at : SV_NOT_FOUND;
}

static bool text_pins_apt(sv text)
{
    return sv_has(text, SV("snapshot.debian.org")) || sv_has(text, SV("snapshot.ubuntu.com")) || sv_has(text, SV("snapshot-cloudflare")) ||
           sv_has(text, SV("repro-sources-list")) || sv_has(text, SV("apt/preferences.d")) || sv_has(text, SV("snapshot.notset.fr"));
}

/* A snapshot source or a list of pins stands before the command, in its stage or one it builds on. */
static bool apt_is_pinned(const struct run *r)
{
    if (r->dockerfile == NULL)
        return text_pins_apt(r->src->text);
    if (r->src != NULL && text_pins_apt(r->src->text))
        return true;
    const struct dockerfile *d = r->dockerfile;
    size_t at = offset_in(r->command->place, d->src), stage = SV_NOT_FOUND;
    for (size_t i = 0; i < d->instructions.n; i++)
        if (d->instructions.at[i]->place.start <= at)
            stage = d->instructions.at[i]->stage;
    for (const struct stage *s = stage < d->stages.n ? d->stages.at[stage] : NULL; s != NULL; s = s->base)
        for (size_t i = 0; i < d->instructions.n; i++) {
            const struct instruction *in = d->instructions.at[i];
            if (in->stage == s->index && (in->place.start <= at || s->index != stage) && text_pins_apt(in->args))
                return true;
        }
    return false;
}

static bool system_packages(struct arena *a, const struct run *r, struct fetch *out)
{
    static const char *const apt[] = {"apt-get", "apt", "aptitude", "apt-fast", NULL};
    static const char *const rpm[] = {"dnf", "yum", "microdnf", "zypper", "tdnf", NULL};
    static const char *const install[] = {"install", "add", "upgrade", "dist-upgrade", "full-upgrade", NULL};
    static const char *const valued[] = {"-t", "--target-release", "-o", "--virtual", "-X", "--repository", "-c", NULL};
    sv tool = command_name(r->command);
    out->kind = list_has(apt, tool) ? FETCH_APT : list_has(rpm, tool) ? FETCH_RPM : sv_eq(tool, SV("apk")) ? FETCH_APK : FETCH_NONE;
    size_t from = out->kind == FETCH_NONE ? 0 : after_word(r->command, install);
    if (from == 0)
        return false;
    struct names names = {0};
    for (size_t i = from; i < r->command->n; i++) {
        sv w = r->command->words[i].text;
        if (list_has(valued, w)) {
            i++;
            continue;
        }
        if (!is_flag(w) && !sv_starts(w, SV(".")) && !sv_starts(w, SV("/")))
            add_name(a, &names, w, sv_find_char(w, '=') != SV_NOT_FOUND && !sv_has(w, SV("=~")) && !sv_ends(w, SV("*")));
    }
    bool upgrade = sv_has(r->command->words[from - 1].text, SV("upgrade"));
    if (names.n == 0 && !upgrade)
        return false; /* local files only */
    out->subject = names.n == 0 ? SV("upgrade") : names.list;
    out->state = names.n > 0 && names.fixed == names.n ? FETCH_VERSIONS : FETCH_OPEN;
    if (out->kind == FETCH_APT && apt_is_pinned(r))
        out->state = FETCH_FIXED;
    out->flaw = "neither a snapshot of the archive nor versions are given";
    return true;
}

/* ---- Python ----------------------------------------------------------------------------------------------- */

static const char *const PIP_VALUED[] = {"-c", "--constraint", "-i", "--index-url", "--extra-index-url", "--trusted-host", "-t", "--target", "--prefix",
    "--root", "-f", "--find-links", "--platform", "--python", "--python-version", "--cache-dir", "--timeout", "--progress-bar", "-p", NULL};

static bool is_local(sv w)
{
    return sv_starts(w, SV(".")) || sv_starts(w, SV("/")) || sv_ends(w, SV(".whl")) || sv_ends(w, SV(".tar.gz"));
}

/* Does a file fix what `pip install .` resolves? pyproject ranges are open. */
static void pip_words(const struct facts *f, struct arena *a, const struct run *r, size_t from, struct fetch *out)
{
    const struct command *c = r->command;
    struct names names = {0};
    enum fetch_state worst = FETCH_FIXED;
    bool no_deps = command_has(c, "--no-deps"), hashes = command_has(c, "--require-hashes");
    for (size_t i = from; i < c->n; i++) {
        sv w = c->words[i].text, file = SV_NONE, open;
        enum fetch_state state = FETCH_OPEN;
        if (list_has(PIP_VALUED, w)) {
            i++;
            continue;
        }
        if (SV_IN(w, SV("-r"), SV("--requirement")) && i + 1 < c->n)
            file = c->words[++i].text;
        else if (sv_starts(w, SV("--requirement=")))
            file = sv_sub(w, 14, w.n);
        else if (sv_starts(w, SV("-r")) && w.n > 2)
            file = sv_sub(w, 2, w.n);
        else if (is_flag(w))
            continue;
        if (file.n != 0) {
            const struct source *s = requirements_file(f, r, file);
            state = hashes ? FETCH_FIXED : s == NULL ? FETCH_OPEN : requirements_state(a, s, &open);
            add_name(a, &names, file, state != FETCH_OPEN);
        } else if (is_local(w)) {
            state = no_deps || sv_ends(w, SV(".whl")) ? FETCH_FIXED : FETCH_OPEN;
            add_name(a, &names, w, state != FETCH_OPEN);
        } else {
            sv name;
            if (!requirement_of(w, &name, &state))
                continue;
            if (sv_starts(w, SV("git+")))
                state = sv_find_char(w, '@') != SV_NOT_FOUND && sv_is_hex(sv_sub(w, sv_rfind_char(w, '@') + 1, sv_rfind_char(w, '@') + 41), 40)
                            ? FETCH_VERSIONS : FETCH_OPEN;
            add_name(a, &names, w, state != FETCH_OPEN);
        }
        worst = state > worst ? state : worst;
    }
    out->kind = names.n == 0 ? FETCH_NONE : FETCH_PIP;
    out->subject = names.list;
    out->state = worst;
    out->flaw = worst == FETCH_VERSIONS ? "versions are given, hashes are not" : "no exact versions with hashes";
}

static bool python_tool(const struct facts *f, const struct run *r, struct fetch *out)
{
    static const struct { const char *tool, *verb, *lock, *flags[4]; } TOOLS[] = {
        {"uv", "sync", "uv.lock", {"--locked", "--frozen", NULL}}, {"uv", "run", "uv.lock", {"--locked", "--frozen", "--no-sync", NULL}},
        {"poetry", "install", "poetry.lock", {NULL}}, {"poetry", "sync", "poetry.lock", {NULL}},
        {"pdm", "install", "pdm.lock", {"--frozen-lockfile", "--frozen", "--check", NULL}}, {"pdm", "sync", "pdm.lock", {NULL}},
        {"pipenv", "install", "Pipfile.lock", {"--deploy", "--ignore-pipfile", NULL}}, {"pipenv", "sync", "Pipfile.lock", {NULL}},
    };
    const struct command *c = r->command;
    sv tool = command_name(c);
    for (size_t i = 0; i < sizeof TOOLS / sizeof *TOOLS; i++) {
        if (!sv_eq(tool, sv_from(TOOLS[i].tool)) || c->n < 2 || !sv_eq(c->words[1].text, sv_from(TOOLS[i].verb)))
            continue;
        bool flag = TOOLS[i].flags[0] == NULL, lock = file_beside(f, r, TOOLS[i].lock) != NULL;
        for (size_t k = 0; TOOLS[i].flags[k] != NULL; k++)
            flag = flag || command_has(c, TOOLS[i].flags[k]);
        out->kind = FETCH_PYTHON_LOCK;
        out->subject = sv_from(TOOLS[i].lock);
        out->state = !lock ? FETCH_OPEN : flag ? FETCH_FIXED : FETCH_VERSIONS;
        out->flaw = !lock ? "no lock file is committed" : "the lock file may be changed during the build";
        return true;
    }
    return false;
}

static bool python(const struct facts *f, struct arena *a, const struct run *r, struct fetch *out)
{
    static const char *const install[] = {"install", "download", "wheel", "inject", NULL};
    const struct command *c = r->command;
    sv tool = command_name(c);
    size_t from = 0;
    if (sv_starts(tool, SV("pip")) && !sv_eq(tool, SV("pipenv")))
        from = after_word(c, install);
    else if (sv_starts(tool, SV("python")) && c->n > 3 && sv_eq(c->words[1].text, SV("-m")) && SV_IN(c->words[2].text, SV("pip"), SV("pipx")))
        from = after_word(c, install);
    else if (sv_eq(tool, SV("uv")) && c->n > 2 && SV_IN(c->words[1].text, SV("pip"), SV("tool")))
        from = after_word(c, install);
    else if (sv_eq(tool, SV("uvx")))
        from = 1;
    else
        return python_tool(f, r, out);
    if (from == 0)
        return false;
    pip_words(f, a, r, from, out);
    return out->kind != FETCH_NONE;
}

/* ---- JavaScript -------------------------------------------------------------------------------------------- */

static bool exact_version(sv w)
{
    size_t at = sv_rfind_char(w, '@');
    if (at == SV_NOT_FOUND || at == 0 || at + 1 >= w.n)
        return false;
    sv v = sv_sub(w, at + 1, w.n);
    return v.p[0] >= '0' && v.p[0] <= '9' && sv_find_char(v, '.') != SV_NOT_FOUND && sv_find_char(v, 'x') == SV_NOT_FOUND;
}

static size_t node_names(struct arena *a, const struct command *c, size_t from, struct names *names)
{
    static const char *const valued[] = {"--registry", "--prefix", "-C", "--dir", "--cache", "--loglevel", "-w", "--workspace", "--filter", "-p", "--package", NULL};
    for (size_t i = from; i < c->n; i++) {
        sv w = c->words[i].text;
        if (SV_IN(w, SV("-p"), SV("--package")) && i + 1 < c->n)
            add_name(a, names, c->words[i + 1].text, exact_version(c->words[i + 1].text));
        if (list_has(valued, w))
            i++;
        else if (!is_flag(w) && !is_local(w))
            add_name(a, names, w, exact_version(w));
    }
    return names->n;
}

/* npx PACKAGE and kin: the first word is the package, the rest its arguments. */
static bool node_run(const struct command *c, size_t from, struct fetch *out)
{
    for (size_t i = from; i < c->n; i++) {
        sv w = c->words[i].text;
        if (is_flag(w) && !SV_IN(w, SV("-p"), SV("--package")))
            continue;
        if (is_flag(w) && i + 1 < c->n)
            w = c->words[i + 1].text;
        if (is_local(w))
            return false;
        out->kind = FETCH_NODE_RUN;
        out->subject = w;
        out->state = exact_version(w) ? FETCH_VERSIONS : FETCH_OPEN;
        out->flaw = "the newest release of the package is run";
        return true;
    }
    return false;
}

static bool node(const struct facts *f, struct arena *a, const struct run *r, struct fetch *out)
{
    static const char *const tools[] = {"npm", "pnpm", "yarn", "bun", NULL};
    static const char *const install[] = {"install", "i", "add", "ci", "clean-install", "update", "upgrade", "up", "global", NULL};
    static const char *const exec[] = {"dlx", "exec", "x", NULL};
    static const char *const frozen[] = {"--frozen-lockfile", "--immutable", "--frozen", "ci", "clean-install", NULL};
    const struct command *c = r->command;
    sv tool = command_name(c);
    if (SV_IN(tool, SV("npx"), SV("bunx"), SV("pnpx")))
        return node_run(c, 1, out) && (r->when == RUN_START || out->state == FETCH_OPEN) && file_beside(f, r, "package.json") == NULL;
    if (!list_has(tools, tool))
        return false;
    if (c->n > 2 && list_has(exec, c->words[1].text) && (sv_eq(c->words[1].text, SV("dlx")) || sv_eq(tool, SV("bun"))))
        return node_run(c, 2, out);
    size_t from = after_word(c, install);
    if (from == 0 && !(sv_eq(tool, SV("yarn")) && (c->n == 1 || is_flag(c->words[1].text))))
        return false;
    bool locked = false;
    for (size_t i = 1; i < c->n; i++)
        locked = locked || list_has(frozen, c->words[i].text);
    struct names names = {0};
    out->kind = FETCH_NODE;
    if (!locked && node_names(a, c, from == 0 ? c->n : from, &names) > 0) {
        out->subject = names.list;
        out->state = names.fixed == names.n ? FETCH_VERSIONS : FETCH_OPEN;
        out->flaw = names.fixed == names.n ? "what the packages depend on is not locked" : "packages without exact version or lock file";
    } else {
        bool lock = file_beside(f, r, "package-lock.json") != NULL || file_beside(f, r, "pnpm-lock.yaml") != NULL || file_beside(f, r, "yarn.lock") != NULL ||
                    file_beside(f, r, "bun.lock") != NULL || file_beside(f, r, "bun.lockb") != NULL || file_beside(f, r, "npm-shrinkwrap.json") != NULL;
        out->subject = sv_printf(a, "%.*s %.*s", SV_ARG(tool), SV_ARG(c->n > 1 ? c->words[1].text : SV("install")));
        out->state = locked ? FETCH_FIXED : lock ? FETCH_VERSIONS : FETCH_OPEN;
        out->flaw = lock ? "the lock file may be changed during the build" : "no lock file is committed";
    }
    return true;
}

/* ---- compiled languages, nix -------------------------------------------------------------------------------- */

static bool compiled(const struct facts *f, struct arena *a, const struct run *r, struct fetch *out)
{
    const struct command *c = r->command;
    sv tool = command_name(c), verb = c->n > 1 ? c->words[1].text : SV_NONE;
    bool locked = command_has(c, "--locked") || command_has(c, "--frozen") || command_has(c, "--offline");
    if (sv_eq(tool, SV("cargo")) && SV_IN(verb, SV("install"), SV("binstall"))) {
        bool version = command_option(c, "--version").n != 0 || command_option(c, "--rev").n != 0 || command_option(c, "--path").n != 0;
        struct names names = {0};
        for (size_t i = 2; i < c->n; i++)
            if (!is_flag(c->words[i].text) && !is_flag(c->words[i - 1].text)) {
                version = version || exact_version(c->words[i].text);
                add_name(a, &names, c->words[i].text, version);
            }
        *out = (struct fetch){.kind = FETCH_CARGO, .subject = names.n == 0 ? SV("cargo install") : names.list, .place = out->place,
                              .state = version && locked ? FETCH_FIXED : version ? FETCH_VERSIONS : FETCH_OPEN,
                              .flaw = version ? "without --locked its dependencies are resolved anew" : "no version is given"};
        return true;
    }
    if (sv_eq(tool, SV("cargo")) && SV_IN(verb, SV("build"), SV("chef"), SV("rustc"))) {
        bool lock = file_beside(f, r, "Cargo.lock") != NULL;
        *out = (struct fetch){.kind = FETCH_CARGO, .subject = SV("Cargo.lock"), .place = out->place,
                              .state = locked && lock ? FETCH_FIXED : lock || locked ? FETCH_VERSIONS : FETCH_OPEN,
                              .flaw = lock || locked ? "without --locked the lock file may be changed during the build" : "no Cargo.lock is committed"};
        return !(sv_eq(verb, SV("chef")) && command_has(c, "prepare"));
    }
    if (sv_eq(tool, SV("go")) && SV_IN(verb, SV("install"), SV("get")) && c->n > 2) {
        sv last = c->words[c->n - 1].text;
        bool open = sv_ends(last, SV("@latest")) || sv_ends(last, SV("@master")) || sv_ends(last, SV("@main")) ||
                    (sv_eq(verb, SV("get")) && sv_find_char(last, '@') == SV_NOT_FOUND && !is_local(last) && !is_flag(last));
        *out = (struct fetch){.kind = FETCH_GO, .subject = last, .place = out->place, .state = open ? FETCH_OPEN : FETCH_FIXED, .flaw = "the newest release is taken"};
        return open || sv_find_char(last, '@') != SV_NOT_FOUND;
    }
    if (sv_eq(tool, SV("gem")) && sv_eq(verb, SV("install"))) {
        bool version = command_has(c, "-v") || command_option(c, "--version").n != 0;
        *out = (struct fetch){.kind = FETCH_GEM, .subject = c->n > 2 ? c->words[2].text : SV("gem"), .place = out->place,
                              .state = version ? FETCH_VERSIONS : FETCH_OPEN, .flaw = "no version is given"};
        return true;
    }
    if (SV_IN(tool, SV("nix-env"), SV("nix-channel"), SV("nix-shell")) &&
        (command_has(c, "-i") || command_has(c, "-iA") || command_has(c, "--add") || command_has(c, "--update") || command_has(c, "-p"))) {
        *out = (struct fetch){.kind = FETCH_NIX, .subject = tool, .place = out->place, .state = FETCH_OPEN, .flaw = "packages come from a channel, not from a locked flake"};
        return true;
    }
    return false;
}

/* ---- git and downloads ---------------------------------------------------------------------------------------- */

static size_t index_in_shell(const struct run *r)
{
    for (size_t i = 0; r->shell != NULL && i < r->shell->commands.n; i++)
        if (r->shell->commands.at[i] == r->command)
            return i;
    return SV_NOT_FOUND;
}

static bool has_commit(const struct command *c)
{
    for (size_t i = 1; i < c->n; i++) {
        sv w = c->words[i].text;
        size_t at = sv_rfind_char(w, '@');
        if (sv_is_hex(w, 40) || (at != SV_NOT_FOUND && sv_is_hex(sv_sub(w, at + 1, w.n), 40)))
            return true;
        /* "$COMMIT", "${DSTACK_REV}": fixed as far as the variable is */
        if (c->words[i].expands && (sv_ihas(w, SV("COMMIT")) || sv_ihas(w, SV("REV")) || sv_ihas(w, SV("SHA"))))
            return true;
    }
    return false;
}

static bool git_clone(const struct run *r, struct fetch *out)
{
    const struct command *c = r->command;
    if (!sv_eq(command_name(c), SV("git")) || !command_has(c, "clone"))
        return false;
    out->kind = FETCH_GIT;
    out->state = FETCH_OPEN;
    out->flaw = "no commit is checked out";
    for (size_t i = 1; i < c->n; i++)
        if (sv_has(c->words[i].text, SV("://")) || sv_has(c->words[i].text, SV("git@")) || (out->subject.n == 0 && c->words[i].expands))
            out->subject = c->words[i].text;
    size_t at = index_in_shell(r);
    for (size_t i = at; at != SV_NOT_FOUND && i < r->shell->commands.n; i++) {
        const struct command *later = r->shell->commands.at[i];
        if (sv_eq(command_name(later), SV("git")) && has_commit(later) &&
            (command_has(later, "checkout") || command_has(later, "reset") || command_has(later, "fetch") || command_has(later, "clone")))
            out->state = FETCH_FIXED;
    }
    if (out->subject.n == 0)
        out->subject = SV("git clone");
    return true;
}

static bool verifies(const struct command *c)
{
    sv name = command_name(c);
    /* a function of the script, such as verify_sha512 FILE SUM */
    if ((sv_ihas(name, SV("verify")) || sv_ihas(name, SV("check"))) && (sv_ihas(name, SV("sha256")) || sv_ihas(name, SV("sha512")) || sv_ihas(name, SV("checksum"))))
        return true;
    if (SV_IN(name, SV("sha256sum"), SV("sha512sum"), SV("sha384sum"), SV("shasum"), SV("gpg"), SV("gpgv"), SV("cosign"), SV("minisign"), SV("b2sum"), SV("gh")))
        return !sv_eq(name, SV("gh")) || command_has(c, "attestation");
    return sv_eq(name, SV("openssl")) && command_has(c, "dgst");
}

static sv output_of(const struct command *c)
{
    static const char *const outputs[] = {"-o", "--output", "-O", "--output-document", NULL};
    if (c->redirect_out.n != 0)
        return c->redirect_out;
    for (size_t i = 1; i < c->n; i++) {
        sv w = c->words[i].text;
        bool curl_remote_name = sv_eq(command_name(c), SV("curl")) && sv_eq(w, SV("-O"));
        if (!curl_remote_name && list_has(outputs, w) && i + 1 < c->n)
            return c->words[i + 1].text;
        if (sv_starts(w, SV("--output=")))
            return sv_sub(w, 9, w.n);
        if (w.n > 2 && w.p[0] == '-' && w.p[1] != '-' && w.p[w.n - 1] == 'o' && i + 1 < c->n)
            return c->words[i + 1].text; /* -fsSLo FILE */
    }
    return SV_NONE;
}

static sv url_of(const struct command *c)
{
    sv variable = SV_NONE;
    for (size_t i = 1; i < c->n; i++) {
        if (sv_has(c->words[i].text, SV("://")))
            return c->words[i].text;
        if (c->words[i].expands && variable.n == 0 && !is_flag(c->words[i].text) && !is_flag(c->words[i - 1].text))
            variable = c->words[i].text;
    }
    return variable;
}

static bool is_local_url(sv url)
{
    return sv_has(url, SV("localhost")) || sv_has(url, SV("127.0.0.1")) || sv_has(url, SV("169.254.")) || sv_has(url, SV("http://dstack")) || sv_starts(url, SV("file://"));
}

static bool looks_like_code(sv url)
{
    static const char *const ends[] = {".tar.gz", ".tgz", ".tar.xz", ".tar.bz2", ".tar.zst", ".zip", ".deb", ".rpm", ".apk", ".whl", ".sh", ".py", ".so", ".AppImage", ".bin", ".jar", NULL};
    for (size_t i = 0; ends[i] != NULL; i++)
        if (sv_iends(url, sv_from(ends[i])))
            return true;
    return sv_has(url, SV("/releases/download/")) || sv_has(url, SV("/releases/latest/"));
}

/* The downloaded file is run, unpacked or installed by a later command. */
static bool used_as_code(const struct run *r, size_t at, sv file)
{
    static const char *const users[] = {"chmod", "tar", "unzip", "dpkg", "install", "sh", "bash", "source", ".", "python", "python3", "rpm", "apt-get", "apt", "gunzip", "mv", NULL};
    sv base = path_base(file);
    for (size_t i = at + 1; i < r->shell->commands.n && base.n != 0; i++) {
        const struct command *later = r->shell->commands.at[i];
        if (sv_eq(path_base(later->n > 0 ? later->words[0].text : SV_NONE), base))
            return true;
        if (!list_has(users, command_name(later)))
            continue;
        for (size_t k = 1; k < later->n; k++)
            if (sv_eq(path_base(later->words[k].text), base))
                return true;
    }
    return false;
}

static bool checked_later(const struct run *r, size_t at, sv file)
{
    sv base = path_base(file);
    for (size_t i = at + 1; i < r->shell->commands.n; i++) {
        const struct command *later = r->shell->commands.at[i];
        if (!verifies(later) && !(later->pipe_to != NULL && verifies(later->pipe_to)))
            continue;
        if (i <= at + 6)
            return true; /* right behind it, by whatever name */
        for (size_t k = 0; k < later->n; k++)
            if (base.n != 0 && sv_has(later->words[k].text, base))
                return true;
    }
    return false;
}

static bool download(const struct run *r, struct fetch *out)
{
    const struct command *c = r->command;
    sv tool = command_name(c), url = url_of(c);
    if (!SV_IN(tool, SV("curl"), SV("wget"), SV("aria2c")) || url.n == 0 || is_local_url(url) || command_has(c, "--unix-socket"))
        return false;
    *out = (struct fetch){.kind = FETCH_PIPE, .state = FETCH_OPEN, .subject = url, .place = c->place, .flaw = "no checksum or signature is compared"};
    if (c->pipe_to != NULL) {
        sv next = command_name(c->pipe_to);
        if (is_shell_name(next) || SV_IN(next, SV("tar"), SV("python"), SV("python3"), SV("gunzip"), SV("bsdtar"), SV("perl"), SV("node"), SV("dpkg")))
            return true;
        if (!SV_IN(next, SV("tee"), SV("gpg")) || !looks_like_code(url))
            return false;
        out->state = sv_eq(next, SV("gpg")) ? FETCH_FIXED : FETCH_OPEN; /* a repository key, used by the package manager */
        return sv_eq(next, SV("tee"));
    }
    size_t at = index_in_shell(r);
    sv file = output_of(c);
    bool remote_name = sv_eq(tool, SV("wget")) || command_has(c, "-O") || command_has(c, "--remote-name") || command_has(c, "-LO") || command_has(c, "-OL");
    if (file.n == 0 && remote_name)
        file = path_base(url);
    if (at == SV_NOT_FOUND || file.n == 0 || SV_IN(file, SV("/dev/null"), SV("-")))
        return false;
    out->kind = FETCH_DOWNLOAD;
    if (!used_as_code(r, at, file) && !looks_like_code(url) && !sv_has(file, SV("/bin/")))
        return false;
    if (checked_later(r, at, file))
        out->state = FETCH_FIXED;
    return true;
}

bool fetch_of(const struct facts *f, struct arena *a, const struct run *r, struct fetch *out)
{
    *out = (struct fetch){.kind = FETCH_NONE, .state = FETCH_OPEN, .place = r->command->place};
    if (r->command->n == 0)
        return false;
    return system_packages(a, r, out) || python(f, a, r, out) || node(f, a, r, out) || compiled(f, a, r, out) || git_clone(r, out) || download(r, out);
}
