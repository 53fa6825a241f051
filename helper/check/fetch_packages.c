/* Packages of languages: what the command names, and what requirements files fix. */
#include "check/fetch.h"

/* ---- Python ----------------------------------------------------------------------------------------------- */

static const char *const PIP_VALUED[] = {"-c", "--constraint", "-i", "--index-url", "--extra-index-url", "--trusted-host", "-t", "--target", "--prefix",
    "--root", "-f", "--find-links", "--platform", "--python", "--python-version", "--cache-dir", "--timeout", "--progress-bar", "-p", "--extra",
    "--group", "--no-binary", "--only-binary", "--index", "--default-index", "--index-strategy", "--torch-backend", "--no-build-isolation-package",
    "--retries", "--implementation", "--abi", "--with", "--override", "--resolution", NULL};

/* A commit of 40 digits behind the last "@". */
static bool names_commit(sv w)
{
    size_t at = sv_rfind_char(w, '@');
    return at != SV_NOT_FOUND && sv_is_hex(sv_sub(w, at + 1, at + 41), 40);
}

/* One requirement: its name, and how far it is fixed. False for options and blanks. */
static bool requirement_of(sv line, sv *name, enum fetch_state *state)
{
    size_t comment = sv_find(line, SV(" #"));
    sv text = sv_trim(comment == SV_NOT_FOUND ? line : sv_sub(line, 0, comment));
    if (text.n == 0 || text.p[0] == '#' || text.p[0] == '-')
        return false;
    size_t end = 0;
    while (end < text.n && sv_find_char(SV("=<>~!;@[ "), text.p[end]) == SV_NOT_FOUND)
        end++;
    *name = sv_sub(text, 0, end);
    if (sv_has(text, SV("--hash=")) || sv_has(text, SV("#sha256=")))
        *state = FETCH_FIXED;
    else if (sv_has(text, SV("git+")))
        *state = names_commit(text) ? FETCH_VERSIONS : FETCH_OPEN;
    else
        *state = (sv_has(text, SV("==")) && !sv_has(text, SV(".*"))) || sv_has(text, SV("://")) ? FETCH_VERSIONS : FETCH_OPEN;
    return name->n != 0;
}

struct requirements { enum fetch_state state; struct names open; struct place first; size_t files; };

enum { NESTED_REQUIREMENTS = 16 }; /* files read for one command: -r in -r in -r … */

static void read_requirements(struct fetching *x, const struct run *r, const struct source *s, struct requirements *out)
{
    bool continued = false;
    for (sv rest = s->text; rest.p != NULL;) {
        sv line = sv_line(&rest), name, trimmed = sv_trim(line);
        bool goes_on = sv_ends(trimmed, SV("\\")), was_continued = continued;
        continued = goes_on;
        if (was_continued) /* "--hash=" lines of the requirement above */
            continue;
        if (sv_starts(trimmed, SV("-r ")) || sv_starts(trimmed, SV("--requirement "))) {
            bool image;
            size_t space = sv_find_char(trimmed, ' ');
            const struct source *inner = file_for_run(x, r, path_base(sv_trim(sv_sub(trimmed, space, trimmed.n))), &image);
            if (inner != NULL && ++out->files < NESTED_REQUIREMENTS)
                read_requirements(x, r, inner, out);
            continue;
        }
        enum fetch_state state;
        if (!requirement_of(line, &name, &state))
            continue;
        sv next = rest;
        if (goes_on && rest.p != NULL && sv_has(sv_line(&next), SV("--hash=")))
            state = FETCH_FIXED;
        if (state == FETCH_OPEN) {
            add_name(x->a, &out->open, name, false);
            if (out->first.src == NULL)
                out->first = (struct place){s, (size_t)(line.p - s->text.p), (size_t)(line.p - s->text.p) + line.n};
        }
        out->state = state > out->state ? state : out->state;
    }
}

static void of_requirements(struct fetching *x, const struct run *r, sv file, struct fetch *out)
{
    bool image;
    out->kind = FETCH_MANIFEST;
    out->manifest = file_for_run(x, r, path_base(file), &image);
    out->subject = out->manifest != NULL ? out->manifest->path : file;
    struct requirements all = {.state = FETCH_FIXED};
    if (out->manifest != NULL)
        read_requirements(x, r, out->manifest, &all);
    else
        all.state = r->dockerfile != NULL && image_files_of(x, r->dockerfile)->exports_lock ? FETCH_FIXED : FETCH_OPEN;
    out->range = all.first;
    out->state = all.state;
    out->flaw = all.state == FETCH_VERSIONS ? "versions are given, hashes are not"
                : out->manifest == NULL     ? "the file is not in the repository"
                : all.state == FETCH_FIXED  ? ""
                                            : sv_printf(x->a, "these have no exact version: %.*s", SV_ARG(all.open.list)).p;
}

/* `pip install .` resolves the ranges of pyproject.toml and never looks at a lock; after a locked install
 * in the same Dockerfile there is nothing left to resolve. */
static bool of_project(struct fetching *x, const struct run *r, struct fetch *out)
{
    static const char *const manifests[] = {"pyproject.toml", "setup.py", "setup.cfg", NULL};
    static const char *const locks[] = {"uv.lock", "poetry.lock", "pdm.lock", NULL};
    if (r->dockerfile != NULL && image_files_of(x, r->dockerfile)->installs_lock)
        return false;
    fetch_find_lock(x, r, manifests, locks, out);
    out->kind = FETCH_MANIFEST;
    out->subject = out->manifest != NULL ? out->manifest->path : SV(".");
    out->state = FETCH_OPEN;
    out->lock_in_image = false;
    out->flaw = out->lock != NULL ? "pip does not read the committed lock file" : "no lock file is committed, the ranges are resolved anew at each build";
    return out->manifest != NULL;
}

struct pip { struct names names, open; enum fetch_state worst; sv file; bool project, hashes, no_deps, constrained; };

static void pip_word(struct fetching *x, struct pip *p, sv w)
{
    sv name;
    enum fetch_state state = FETCH_OPEN;
    if (is_local_path(w)) {
        p->project = p->project || !(p->no_deps || sv_ends(w, SV(".whl")));
        return;
    }
    if (!requirement_of(w, &name, &state))
        return;
    if (p->constrained && state == FETCH_OPEN)
        state = FETCH_VERSIONS;
    add_name(x->a, &p->names, w, state != FETCH_OPEN);
    if (state == FETCH_OPEN)
        add_name(x->a, &p->open, w, false);
    p->worst = state > p->worst ? state : p->worst;
}

static bool of_pip(struct fetching *x, const struct run *r, size_t from, bool first_only, struct fetch *out)
{
    const struct command *c = r->command;
    struct pip p = {.worst = FETCH_FIXED, .no_deps = command_has(c, "--no-deps"), .hashes = command_has(c, "--require-hashes"),
                    .constrained = command_has(c, "-c") || command_has(c, "--constraint")};
    for (size_t i = from; i < c->n && !(first_only && p.names.n != 0); i++) {
        sv w = c->words[i].text;
        if (SV_IN(w, SV("-r"), SV("--requirement"), SV("--requirements")) && i + 1 < c->n)
            p.file = c->words[++i].text;
        else if (sv_starts(w, SV("--requirement=")))
            p.file = sv_sub(w, 14, w.n);
        else if (sv_starts(w, SV("-r")) && w.n > 2)
            p.file = sv_sub(w, 2, w.n);
        else if (SV_IN(w, SV("-e"), SV("--editable")) && i + 1 < c->n)
            pip_word(x, &p, c->words[++i].text);
        else if (list_has(PIP_VALUED, w))
            i++;
        else if (!is_flag(w))
            pip_word(x, &p, w);
    }
    if (p.hashes && (p.file.n != 0 || p.names.n != 0)) {
        out->kind = p.file.n != 0 ? FETCH_MANIFEST : FETCH_PACKAGES;
        out->subject = p.file.n != 0 ? p.file : p.names.list;
        out->state = FETCH_FIXED;
        return true;
    }
    if (p.file.n != 0 && !sv_ends(p.file, SV(".toml")) && p.worst != FETCH_OPEN) {
        of_requirements(x, r, p.file, out);
        return true;
    }
    if (p.names.n == 0)
        return (p.project || p.file.n != 0) && of_project(x, r, out);
    out->kind = FETCH_PACKAGES;
    out->subject = p.names.list;
    out->state = p.worst;
    out->flaw = p.worst == FETCH_VERSIONS ? "versions are given, hashes are not"
                : p.open.n == p.names.n   ? "no exact versions are given"
                                          : sv_printf(x->a, "these have no exact version: %.*s", SV_ARG(p.open.list)).p;
    return true;
}

/* uv run --with requests app.py: beside what the lock says. */
static bool of_uv_with(struct fetching *x, const struct command *c, struct fetch *out)
{
    struct names names = {0};
    for (size_t i = 2; i < c->n && is_flag(c->words[i].text); i++) {
        sv value = c->words[i].text, flag = sv_cut(&value, '=');
        if (sv_eq(flag, SV("--with")) && value.p == NULL && i + 1 < c->n)
            value = c->words[++i].text;
        if (sv_eq(flag, SV("--with")) && value.n != 0)
            add_name(x->a, &names, value, sv_has(value, SV("==")));
    }
    if (names.n == 0)
        return false;
    out->kind = FETCH_PACKAGES;
    out->subject = names.list;
    out->state = names.fixed == names.n ? FETCH_VERSIONS : FETCH_OPEN;
    out->flaw = names.fixed == names.n ? "versions are given, contents are not" : "no exact versions are given";
    return true;
}

bool fetch_python(struct fetching *x, const struct run *r, struct fetch *out)
{
    static const char *const install[] = {"install", "download", "wheel", "inject", "sync", NULL};
    const struct command *c = r->command;
    sv verb = c->n > 1 ? c->words[1].text : SV_NONE;
    if (sv_starts(out->tool, SV("pip")) && !sv_eq(out->tool, SV("pipenv"))) {
        bool runs = sv_eq(out->tool, SV("pipx")) && sv_eq(verb, SV("run"));
        size_t from = runs ? 2 : after_word(c, install);
        return from != 0 && of_pip(x, r, from, runs, out);
    }
    if (sv_starts(out->tool, SV("python")) && c->n > 3 && sv_eq(verb, SV("-m")) && SV_IN(c->words[2].text, SV("pip"), SV("pipx"))) {
        size_t from = after_word(c, install);
        out->tool = SV("pip");
        return from != 0 && of_pip(x, r, from, false, out);
    }
    if (sv_eq(out->tool, SV("uvx")))
        return of_pip(x, r, 1, true, out);
    if (sv_eq(out->tool, SV("uv")) && sv_eq(verb, SV("run")))
        return of_uv_with(x, c, out);
    if (!sv_eq(out->tool, SV("uv")) || !SV_IN(verb, SV("pip"), SV("tool")))
        return false;
    size_t from = after_word(c, install);
    if (from == 0)
        return false;
    if (sv_eq(c->words[from - 1].text, SV("sync")) && from < c->n) { /* uv pip sync requirements.txt */
        of_requirements(x, r, c->words[c->n - 1].text, out);
        return true;
    }
    return of_pip(x, r, from, false, out);
}

/* ---- JavaScript -------------------------------------------------------------------------------------------- */

static bool exact_version(sv w)
{
    size_t at = sv_rfind_char(w, '@');
    if (at == SV_NOT_FOUND || at == 0 || at + 1 >= w.n) {
        size_t hash = sv_rfind_char(w, '#');
        return hash != SV_NOT_FOUND && sv_is_hex(sv_sub(w, hash + 1, w.n), 40); /* github:owner/name#commit */
    }
    sv v = sv_sub(w, at + 1, w.n);
    return (v.p[0] >= '0' && v.p[0] <= '9' && sv_find_char(v, '.') != SV_NOT_FOUND && sv_find_char(v, 'x') == SV_NOT_FOUND) ||
           (v.p[0] == '$' && sv_ihas(v, SV("VERSION")));
}

static size_t node_names(struct arena *a, const struct command *c, size_t from, struct names *names)
{
    static const char *const valued[] = {"--registry", "--prefix", "-C", "--dir", "--cache", "--loglevel", "-w", "--workspace", "--filter", "--cwd",
                                         "--omit", "--include", "--fetch-retries", "--network-timeout", "--backend", NULL};
    for (size_t i = from; i < c->n; i++) {
        sv w = c->words[i].text;
        if (list_has(valued, w))
            i++;
        else if (!is_flag(w) && !is_local_path(w) && !SV_IN(w, SV("global"), SV("add"), SV("install")))
            add_name(a, names, w, exact_version(w));
    }
    return names->n;
}

/* `npx tsc` runs what package.json installed; the name stands there. */
static bool is_installed(struct fetching *x, const struct run *r, sv package)
{
    bool image;
    const struct source *manifest = file_for_run(x, r, SV("package.json"), &image);
    size_t at = sv_rfind_char(package, '@');
    sv name = at == SV_NOT_FOUND || at == 0 ? package : sv_sub(package, 0, at);
    return manifest != NULL && (sv_has(manifest->text, sv_printf(x->a, "\"%.*s\"", SV_ARG(name))) || sv_has(manifest->text, sv_printf(x->a, "%.*s\"", SV_ARG(name))));
}

/* npx PACKAGE and kin: the first word is the package, the rest its arguments. */
static bool of_npx(struct fetching *x, const struct run *r, size_t from, struct fetch *out)
{
    const struct command *c = r->command;
    for (size_t i = from; i < c->n; i++) {
        sv w = c->words[i].text;
        if (is_flag(w) && !SV_IN(w, SV("-p"), SV("--package")))
            continue;
        if (is_flag(w) && i + 1 < c->n)
            w = c->words[i + 1].text;
        if (is_local_path(w) || command_has(c, "--no-install") || is_installed(x, r, w))
            return false;
        out->kind = FETCH_PACKAGES;
        out->subject = w;
        out->state = exact_version(w) ? FETCH_VERSIONS : FETCH_OPEN;
        out->flaw = "the newest release of the package is run";
        return true;
    }
    return false;
}

/* deno run https://…, deno run npm:tool@1 */
static bool of_deno(const struct command *c, struct fetch *out)
{
    for (size_t i = 2; i < c->n && SV_IN(c->words[1].text, SV("run"), SV("install"), SV("serve"), SV("x")); i++) {
        sv w = c->words[i].text;
        bool package = sv_starts(w, SV("npm:")) || sv_starts(w, SV("jsr:"));
        if (!package && !sv_starts(w, SV("https://")) && !sv_starts(w, SV("http://")))
            continue;
        out->kind = package ? FETCH_PACKAGES : FETCH_PIPE;
        out->subject = w;
        out->state = exact_version(w) ? FETCH_VERSIONS : FETCH_OPEN;
        out->flaw = out->state == FETCH_VERSIONS ? "a version is named, the contents are not" : "no version is given";
        return true;
    }
    return false;
}

bool fetch_node(struct fetching *x, const struct run *r, struct fetch *out)
{
    static const char *const tools[] = {"npm", "pnpm", "yarn", "bun", NULL};
    static const char *const install[] = {"install", "i", "add", "update", "upgrade", "up", NULL};
    static const char *const exec[] = {"dlx", "exec", "x", NULL};
    const struct command *c = r->command;
    if (SV_IN(out->tool, SV("npx"), SV("bunx"), SV("pnpx")))
        return of_npx(x, r, 1, out);
    if (sv_eq(out->tool, SV("deno")))
        return of_deno(c, out);
    if (sv_eq(out->tool, SV("corepack"))) {
        size_t at = c->n > 2 && SV_IN(c->words[1].text, SV("prepare"), SV("install"), SV("use")) ? 2 : 0;
        while (at != 0 && at < c->n && is_flag(c->words[at].text))
            at++;
        if (at == 0 || at >= c->n)
            return false;
        out->kind = FETCH_PACKAGES;
        out->subject = c->words[at].text;
        out->state = exact_version(out->subject) ? FETCH_VERSIONS : FETCH_OPEN;
        out->flaw = "no exact version is given";
        return true;
    }
    if (!list_has(tools, out->tool) || c->n < 2)
        return false;
    if (list_has(exec, c->words[1].text))
        return (sv_eq(c->words[1].text, SV("dlx")) || sv_eq(out->tool, SV("bun"))) && of_npx(x, r, 2, out);
    size_t from = after_word(c, install);
    struct names names = {0};
    if (from == 0 || node_names(x->a, c, from, &names) == 0)
        return false; /* what a manifest asks for: fetch_by_manifest */
    out->kind = FETCH_PACKAGES;
    out->subject = names.list;
    out->state = names.fixed == names.n ? FETCH_VERSIONS : FETCH_OPEN;
    out->flaw = names.fixed == names.n ? "what the packages depend on is not locked" : "no exact versions are given";
    return true;
}

/* ---- compiled languages, gem, nix --------------------------------------------------------------------------- */

static bool of_cargo(struct fetching *x, const struct command *c, struct fetch *out)
{
    bool locked = command_has(c, "--locked") || command_has(c, "--frozen");
    bool version = command_option(c, "--version").n != 0 || command_option(c, "--vers").n != 0 || command_option(c, "--rev").n != 0;
    struct names names = {0};
    for (size_t i = 2; i < c->n; i++) {
        sv w = c->words[i].text;
        bool value = is_flag(c->words[i - 1].text) && sv_starts(c->words[i - 1].text, SV("--")) &&
                     !SV_IN(c->words[i - 1].text, SV("--locked"), SV("--force"), SV("--quiet"), SV("--no-default-features"), SV("--all-features"), SV("--frozen"), SV("--bins"));
        if (is_flag(w) || value)
            continue;
        version = version || exact_version(w);
        add_name(x->a, &names, w, version);
    }
    sv git = command_option(c, "--git");
    if (names.n == 0 && git.n == 0)
        return false;
    out->kind = FETCH_PACKAGES;
    out->subject = names.n == 0 ? git : names.list;
    out->state = version && locked ? FETCH_FIXED : version ? FETCH_VERSIONS : FETCH_OPEN;
    out->flaw = version ? "without --locked its dependencies are resolved anew" : "no version is given";
    return true;
}

/* Tools that take names alone: the mark between name and version, where one fixes it. */
static const struct { const char *tool, *verbs[4], *version; } PLAIN[] = {
    {"poetry", {"add"}, "=="},          {"pdm", {"add"}, "=="},         {"uv", {"add"}, "=="},   {"pipenv", {"install"}, "=="},
    {"conda", {"install", "create"}, "="}, {"mamba", {"install", "create"}, "="}, {"micromamba", {"install", "create"}, "="},
    {"composer", {"require"}, ":"},     {"luarocks", {"install"}, NULL}, {"easy_install", {""}, "=="}, {"cpanm", {""}, "@"},
};

static bool names_packages(struct fetching *x, const struct command *c, struct fetch *out)
{
    static const char *const valued[] = {"-c", "--channel", "-n", "--name", "-p", "--prefix", "-f", "--file", "-G", "--group", "-E", "--extras", "--source", NULL};
    for (size_t k = 0; k < sizeof PLAIN / sizeof *PLAIN; k++) {
        bool bare = sv_from(PLAIN[k].verbs[0]).n == 0;
        size_t from = !sv_eq(out->tool, sv_from(PLAIN[k].tool)) ? 0 : bare ? 1 : after_word(c, PLAIN[k].verbs);
        struct names names = {0};
        for (size_t i = from; from != 0 && i < c->n; i++) {
            sv w = c->words[i].text;
            if (list_has(valued, w))
                i++;
            else if (!is_flag(w) && !is_local_path(w))
                add_name(x->a, &names, w, PLAIN[k].version != NULL && sv_has(w, sv_from(PLAIN[k].version)));
        }
        if (names.n == 0)
            continue;
        out->subject = names.list;
        out->state = names.fixed == names.n ? FETCH_VERSIONS : FETCH_OPEN;
        out->flaw = names.fixed == names.n ? "versions are given, contents are not" : "no exact versions are given";
        return true;
    }
    return false;
}

bool fetch_compiled(struct fetching *x, const struct run *r, struct fetch *out)
{
    const struct command *c = r->command;
    sv verb = c->n > 1 ? c->words[1].text : SV_NONE, last = c->n > 2 ? c->words[c->n - 1].text : SV_NONE;
    out->kind = FETCH_PACKAGES;
    if (sv_eq(out->tool, SV("cargo")) && SV_IN(verb, SV("install"), SV("binstall")) && command_option(c, "--path").n == 0)
        return of_cargo(x, c, out);
    if (sv_eq(out->tool, SV("go")) && SV_IN(verb, SV("install"), SV("get"), SV("run")) && sv_find_char(last, '@') != SV_NOT_FOUND) {
        sv version = sv_sub(last, sv_rfind_char(last, '@') + 1, last.n);
        out->subject = last;
        out->state = SV_IN(version, SV("latest"), SV("master"), SV("main"), SV("upgrade")) ? FETCH_OPEN : FETCH_FIXED; /* the checksum database fixes a version */
        out->flaw = "the newest release is taken";
        return true;
    }
    if (sv_eq(out->tool, SV("gem")) && sv_eq(verb, SV("install"))) {
        bool version = command_has(c, "-v") || command_option(c, "--version").n != 0 || sv_find_char(last, ':') != SV_NOT_FOUND;
        out->subject = c->n > 2 ? c->words[2].text : SV("gem");
        out->state = version ? FETCH_VERSIONS : FETCH_OPEN;
        out->flaw = "no version is given";
        return true;
    }
    if (names_packages(x, c, out))
        return true;
    if (SV_IN(out->tool, SV("nix-env"), SV("nix-channel"), SV("nix-shell")) &&
        (command_has(c, "-i") || command_has(c, "-iA") || command_has(c, "--add") || command_has(c, "--update") || command_has(c, "-p"))) {
        out->subject = last.n != 0 ? last : out->tool;
        out->flaw = "packages come from a channel, not from a locked flake";
        return true;
    }
    out->kind = FETCH_NONE;
    return false;
}
