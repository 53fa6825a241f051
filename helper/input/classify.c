/* What a file is. Names decide where they are clear, the text where they are not. */
#include "input/repo.h"

struct suffix_row { const char *suffix; enum source_kind kind; enum lang lang; };

/* By the part behind the last dot, lower case. */
static const struct suffix_row suffixes[] = {
    {"py", SOURCE_CODE, LANG_PYTHON},      {"pyi", SOURCE_CODE, LANG_PYTHON},
    {"pyw", SOURCE_CODE, LANG_PYTHON},     {"js", SOURCE_CODE, LANG_JAVASCRIPT},
    {"mjs", SOURCE_CODE, LANG_JAVASCRIPT}, {"cjs", SOURCE_CODE, LANG_JAVASCRIPT},
    {"jsx", SOURCE_CODE, LANG_JAVASCRIPT}, {"ts", SOURCE_CODE, LANG_TYPESCRIPT},
    {"mts", SOURCE_CODE, LANG_TYPESCRIPT}, {"cts", SOURCE_CODE, LANG_TYPESCRIPT},
    {"tsx", SOURCE_CODE, LANG_TYPESCRIPT}, {"vue", SOURCE_CODE, LANG_TYPESCRIPT},
    {"svelte", SOURCE_CODE, LANG_TYPESCRIPT}, {"astro", SOURCE_CODE, LANG_TYPESCRIPT},
    {"rs", SOURCE_CODE, LANG_RUST},        {"go", SOURCE_CODE, LANG_GO},
    {"java", SOURCE_CODE, LANG_JAVA},      {"kt", SOURCE_CODE, LANG_KOTLIN},
    {"kts", SOURCE_CODE, LANG_KOTLIN},     {"cs", SOURCE_CODE, LANG_CSHARP},
    {"rb", SOURCE_CODE, LANG_RUBY},        {"php", SOURCE_CODE, LANG_PHP},
    {"ex", SOURCE_CODE, LANG_ELIXIR},      {"exs", SOURCE_CODE, LANG_ELIXIR},
    {"swift", SOURCE_CODE, LANG_SWIFT},    {"c", SOURCE_CODE, LANG_C},
    {"h", SOURCE_CODE, LANG_C},            {"cc", SOURCE_CODE, LANG_CPP},
    {"cpp", SOURCE_CODE, LANG_CPP},        {"cxx", SOURCE_CODE, LANG_CPP},
    {"hpp", SOURCE_CODE, LANG_CPP},        {"hh", SOURCE_CODE, LANG_CPP},
    {"sol", SOURCE_CODE, LANG_SOLIDITY},   {"nix", SOURCE_CODE, LANG_NIX},
    {"scala", SOURCE_CODE, LANG_NONE},     {"dart", SOURCE_CODE, LANG_NONE},
    {"lua", SOURCE_CODE, LANG_NONE},       {"pl", SOURCE_CODE, LANG_NONE},
    {"zig", SOURCE_CODE, LANG_NONE},       {"hs", SOURCE_CODE, LANG_NONE},
    {"clj", SOURCE_CODE, LANG_NONE},       {"sql", SOURCE_CODE, LANG_NONE},
    {"vy", SOURCE_CODE, LANG_NONE},        {"ps1", SOURCE_CODE, LANG_NONE},
    {"html", SOURCE_CODE, LANG_HTML},      {"htm", SOURCE_CODE, LANG_HTML},
    {"sh", SOURCE_SCRIPT, LANG_SHELL},     {"bash", SOURCE_SCRIPT, LANG_SHELL},
    {"zsh", SOURCE_SCRIPT, LANG_SHELL},    {"ksh", SOURCE_SCRIPT, LANG_SHELL},
    {"ash", SOURCE_SCRIPT, LANG_SHELL},    {"bats", SOURCE_SCRIPT, LANG_SHELL},
    {"yml", SOURCE_CONFIG, LANG_YAML},     {"yaml", SOURCE_CONFIG, LANG_YAML},
    {"json", SOURCE_CONFIG, LANG_JSON},    {"jsonc", SOURCE_CONFIG, LANG_JSON},
    {"json5", SOURCE_CONFIG, LANG_JSON},   {"toml", SOURCE_CONFIG, LANG_TOML},
    {"ini", SOURCE_CONFIG, LANG_INI},      {"cfg", SOURCE_CONFIG, LANG_INI},
    {"conf", SOURCE_CONFIG, LANG_NONE},    {"properties", SOURCE_CONFIG, LANG_INI},
    {"service", SOURCE_CONFIG, LANG_INI},  {"xml", SOURCE_CONFIG, LANG_NONE},
    {"hcl", SOURCE_CONFIG, LANG_NONE},     {"tf", SOURCE_CONFIG, LANG_NONE},
    {"lock", SOURCE_LOCK, LANG_NONE},      {"ipynb", SOURCE_OTHER, LANG_JSON},
    {"md", SOURCE_DOC, LANG_MARKDOWN},     {"markdown", SOURCE_DOC, LANG_MARKDOWN},
    {"mdx", SOURCE_DOC, LANG_MARKDOWN},    {"rst", SOURCE_DOC, LANG_NONE},
    {"adoc", SOURCE_DOC, LANG_NONE},       {"txt", SOURCE_DOC, LANG_NONE},
    {"org", SOURCE_DOC, LANG_NONE},
};

/* Whole names, lower case. */
static const struct suffix_row names[] = {
    {"package.json", SOURCE_MANIFEST, LANG_JSON},      {"composer.json", SOURCE_MANIFEST, LANG_JSON},
    {"deno.json", SOURCE_MANIFEST, LANG_JSON},         {"deno.jsonc", SOURCE_MANIFEST, LANG_JSON},
    {"pyproject.toml", SOURCE_MANIFEST, LANG_TOML},    {"pipfile", SOURCE_MANIFEST, LANG_TOML},
    {"cargo.toml", SOURCE_MANIFEST, LANG_TOML},        {"setup.cfg", SOURCE_MANIFEST, LANG_INI},
    {"setup.py", SOURCE_MANIFEST, LANG_PYTHON},        {"go.mod", SOURCE_MANIFEST, LANG_NONE},
    {"pom.xml", SOURCE_MANIFEST, LANG_NONE},           {"build.gradle", SOURCE_MANIFEST, LANG_NONE},
    {"build.gradle.kts", SOURCE_MANIFEST, LANG_KOTLIN}, {"gemfile", SOURCE_MANIFEST, LANG_RUBY},
    {"mix.exs", SOURCE_MANIFEST, LANG_ELIXIR},         {"package.swift", SOURCE_MANIFEST, LANG_SWIFT},
    {"environment.yml", SOURCE_MANIFEST, LANG_YAML},   {"environment.yaml", SOURCE_MANIFEST, LANG_YAML},
    {"package-lock.json", SOURCE_LOCK, LANG_JSON},     {"npm-shrinkwrap.json", SOURCE_LOCK, LANG_JSON},
    {"pnpm-lock.yaml", SOURCE_LOCK, LANG_YAML},        {"packages.lock.json", SOURCE_LOCK, LANG_JSON},
    {"conda-lock.yml", SOURCE_LOCK, LANG_YAML},        {"go.sum", SOURCE_LOCK, LANG_NONE},
    {"package.resolved", SOURCE_LOCK, LANG_JSON},      {"gradle.lockfile", SOURCE_LOCK, LANG_NONE},
    {".gitlab-ci.yml", SOURCE_WORKFLOW, LANG_YAML},    {".gitlab-ci.yaml", SOURCE_WORKFLOW, LANG_YAML},
    {".travis.yml", SOURCE_WORKFLOW, LANG_YAML},       {".drone.yml", SOURCE_WORKFLOW, LANG_YAML},
    {"appveyor.yml", SOURCE_WORKFLOW, LANG_YAML},      {"bitbucket-pipelines.yml", SOURCE_WORKFLOW, LANG_YAML},
    {"azure-pipelines.yml", SOURCE_WORKFLOW, LANG_YAML}, {"cloudbuild.yaml", SOURCE_WORKFLOW, LANG_YAML},
    {".woodpecker.yml", SOURCE_WORKFLOW, LANG_YAML},   {"caddyfile", SOURCE_CONFIG, LANG_NONE},
    {"procfile", SOURCE_CONFIG, LANG_NONE},            {".npmrc", SOURCE_CONFIG, LANG_INI},
    {".yarnrc", SOURCE_CONFIG, LANG_INI},              {"license", SOURCE_DOC, LANG_NONE},
    {"readme", SOURCE_DOC, LANG_NONE},                 {"changelog", SOURCE_DOC, LANG_NONE},
    {"notice", SOURCE_DOC, LANG_NONE},                 {"authors", SOURCE_DOC, LANG_NONE},
    {"rakefile", SOURCE_CODE, LANG_RUBY},              {"makefile", SOURCE_OTHER, LANG_NONE},
};

/* ---- small words on names ------------------------------------------------------------------- */
enum { NAME_BYTES = 256 };

/* Lower case in the caller's room; names longer than any file system allows are cut. */
static sv lowered(sv s, char room[NAME_BYTES])
{
    size_t n = s.n < NAME_BYTES ? s.n : NAME_BYTES;
    for (size_t i = 0; i < n; i++)
        room[i] = s.p[i] >= 'A' && s.p[i] <= 'Z' ? (char)(s.p[i] + ('a' - 'A')) : s.p[i];
    return (sv){room, n};
}

static sv suffix_of(sv name)
{
    size_t dot = sv_rfind_char(name, '.');
    return dot == SV_NOT_FOUND ? SV_NONE : sv_sub(name, dot + 1, name.n);
}

static bool is_template_suffix(sv suffix)
{
    return SV_IN(suffix, SV("template"), SV("tmpl"), SV("tpl"), SV("j2"), SV("jinja"), SV("jinja2"),
                  SV("example"), SV("sample"), SV("dist"), SV("erb"), SV("hbs"), SV("mustache"), SV("envsubst"),
                  SV("ctmpl"));
}

/* "docker-compose.yml.j2" is read as what it makes. */
static sv without_template_suffix(sv name)
{
    sv suffix = suffix_of(name);
    return suffix.n != 0 && suffix.n + 1 < name.n && is_template_suffix(suffix)
               ? sv_sub(name, 0, name.n - suffix.n - 1)
               : name;
}

static const struct suffix_row *row_of(const struct suffix_row *rows, size_t n, sv name)
{
    for (size_t i = 0; i < n; i++)
        if (sv_eq(name, sv_from(rows[i].suffix)))
            return &rows[i];
    return NULL;
}

#define ROW(rows, name) row_of((rows), sizeof(rows) / sizeof *(rows), (name))

static const struct suffix_row *suffix_row_of(sv name)
{
    sv suffix = suffix_of(name);
    return suffix.n == 0 ? NULL : ROW(suffixes, suffix);
}

static bool is_yaml(sv name)
{
    return sv_ends(name, SV(".yml")) || sv_ends(name, SV(".yaml"));
}

/* One of the names between slashes, the last one left out. */
static bool has_folder(sv path, bool (*is)(sv folder))
{
    char room[NAME_BYTES];
    sv rest = path_dir(path);
    while (rest.n != 0)
        if (is(lowered(sv_cut(&rest, '/'), room)))
            return true;
    return false;
}

/* ---- kinds by name ---------------------------------------------------------------------------- */
static bool is_env_name(sv name)
{
    const struct suffix_row *row = suffix_row_of(name);
    if (row != NULL && row->kind != SOURCE_DOC)
        return false; /* .env.ts, .env.json */
    if (sv_eq(name, SV(".env")) || sv_eq(name, SV("env")) || sv_eq(name, SV(".envrc")) || sv_eq(name, SV(".dev.vars")))
        return true;
    if (sv_starts(name, SV(".env.")) || sv_starts(name, SV(".env-")) || sv_starts(name, SV(".env_")))
        return true;
    sv base = without_template_suffix(name);
    return sv_ends(base, SV(".env")) || sv_has(base, SV(".env.")) || (base.n != name.n && sv_eq(base, SV("env")));
}

static bool is_dockerfile_name(sv name)
{
    if (sv_ends(name, SV(".dockerfile")) || sv_ends(name, SV(".containerfile")))
        return true;
    sv rest = sv_starts(name, SV("dockerfile"))      ? sv_sub(name, 10, name.n)
              : sv_starts(name, SV("containerfile")) ? sv_sub(name, 13, name.n)
                                                     : SV_NONE;
    if (rest.p == NULL)
        return false;
    if (rest.n != 0 && rest.p[0] != '.' && rest.p[0] != '-' && rest.p[0] != '_')
        return false;
    return !sv_eq(suffix_of(name), SV("dockerignore")) && suffix_row_of(name) == NULL;
}

static bool is_requirements(sv path, sv name)
{
    sv suffix = suffix_of(name);
    if (!sv_eq(suffix, SV("txt")) && !sv_eq(suffix, SV("in")))
        return false;
    return sv_has(name, SV("requirements")) || sv_starts(name, SV("constraints")) ||
           sv_eq(path_base(path_dir(path)), SV("requirements"));
}

static bool is_workflow_path(sv path, sv name)
{
    sv dir = path_dir(path);
    if (!is_yaml(name))
        return false;
    return sv_ends(dir, SV(".github/workflows")) || sv_ends(dir, SV(".gitea/workflows")) ||
           sv_ends(dir, SV(".forgejo/workflows")) || sv_ends(dir, SV(".gitlab/ci")) ||
           sv_ends(dir, SV(".circleci")) || sv_ends(dir, SV(".buildkite")) || sv_ends(dir, SV(".woodpecker")) ||
           sv_starts(name, SV("azure-pipelines"));
}

/* ---- kinds by text ---------------------------------------------------------------------------- */
static size_t indent_of(sv line)
{
    size_t n = 0;
    while (n < line.n && line.p[n] == ' ')
        n++;
    return n;
}

static bool is_blank_or_comment(sv line)
{
    line = sv_trim(line);
    return line.n == 0 || line.p[0] == '#';
}

/* The lines of the mapping below a top-level `services:` hold what makes them services. */
static bool holds_services(sv rest)
{
    while (rest.p != NULL) {
        sv line = sv_line(&rest);
        if (is_blank_or_comment(line))
            continue;
        if (indent_of(line) == 0)
            return false;
        sv key = sv_trim(line);
        if (key.p[0] == '-')
            return false;
        if (sv_starts(key, SV("image:")) || sv_starts(key, SV("build:")) || sv_starts(key, SV("extends:")) ||
            sv_has(key, SV("{image:")) || sv_has(key, SV("{ image:")))
            return true;
    }
    return false;
}

static bool reads_as_compose(sv text)
{
    sv rest = text;
    while (rest.p != NULL) {
        sv line = sv_line(&rest);
        if (sv_starts(line, SV("services:"))) {
            sv value = sv_trim(sv_sub(line, 9, line.n));
            if (value.n == 0 || value.p[0] == '#' || value.p[0] == '&')
                return holds_services(rest);
            return value.p[0] == '{' && (sv_has(value, SV("image:")) || sv_has(value, SV("build:")));
        }
    }
    return false;
}

/* `"key": "…` in any of the quotings an app-compose.json is saved in: plain, inside a JSON string,
 * inside HTML. */
static bool holds_json_key(sv text, sv key)
{
    for (size_t at = 0; (at = sv_find_at(text, key, at)) != SV_NOT_FOUND; at += key.n) {
        sv rest = sv_sub(text, at + key.n, text.n);
        if (sv_starts(rest, SV("\\")))
            rest = sv_sub(rest, 1, rest.n);
        if (!sv_starts(rest, SV("\"")) && !sv_starts(rest, SV("&quot;")) && !sv_starts(rest, SV("&#34;")))
            continue;
        size_t colon = sv_find_char(sv_sub(rest, 0, 16), ':');
        sv value = colon == SV_NOT_FOUND ? SV_NONE : sv_trim(sv_sub(rest, colon + 1, colon + 32));
        if (value.n != 0 && value.p[0] != '{')
            return true; /* an object there is a schema, not a document */
    }
    return false;
}

static bool reads_as_app_compose(sv text)
{
    if (holds_json_key(text, SV("docker_compose_file")) || holds_json_key(text, SV("app_compose")))
        return true;
    return holds_json_key(text, SV("manifest_version")) &&
           (holds_json_key(text, SV("allowed_envs")) || holds_json_key(text, SV("runner")));
}

static bool reads_as_evidence(sv text)
{
    return holds_json_key(text, SV("event_log")) || holds_json_key(text, SV("intel_quote")) ||
           (holds_json_key(text, SV("quote")) && text.n > 2000);
}

static enum lang lang_of_program(sv program)
{
    if (SV_IN(program, SV("sh"), SV("bash"), SV("dash"), SV("ash"), SV("zsh"), SV("ksh"), SV("busybox")))
        return LANG_SHELL;
    if (sv_starts(program, SV("python")) || SV_IN(program, SV("uv"), SV("pypy3")))
        return LANG_PYTHON;
    if (SV_IN(program, SV("node"), SV("nodejs"), SV("zx")))
        return LANG_JAVASCRIPT;
    if (SV_IN(program, SV("deno"), SV("bun"), SV("tsx"), SV("ts-node")))
        return LANG_TYPESCRIPT;
    return sv_eq(program, SV("ruby"))  ? LANG_RUBY
           : sv_eq(program, SV("php")) ? LANG_PHP
           : sv_eq(program, SV("elixir")) ? LANG_ELIXIR
                                          : LANG_NONE;
}

static bool classify_by_shebang(struct source *s)
{
    sv rest = s->text;
    if (!sv_starts(rest, SV("#!")))
        return false;
    sv line = sv_line(&rest), words = sv_trim(sv_sub(line, 2, line.n));
    sv program = path_base(sv_cut(&words, ' '));
    while (sv_eq(program, SV("env")) || sv_starts(program, SV("-"))) {
        if (words.p == NULL)
            return false;
        program = path_base(sv_cut(&words, ' '));
    }
    s->lang = lang_of_program(program);
    s->kind = s->lang == LANG_SHELL ? SOURCE_SCRIPT : SOURCE_CODE;
    return true;
}

/* ---- scope --------------------------------------------------------------------------------------- */
static bool is_test_folder(sv f)
{
    return SV_IN(f, SV("test"), SV("tests"), SV("__tests__"), SV("__mocks__"), SV("spec"), SV("specs"),
                  SV("testing"), SV("testdata"), SV("test-data"), SV("test_data"), SV("fixtures"), SV("fixture"),
                  SV("__fixtures__"), SV("mocks"), SV("mock"), SV("e2e"), SV("e2e-tests"), SV("integration-tests"),
                  SV("integration_tests"), SV("integration-test"), SV("unit-tests"), SV("cypress"), SV("playwright"),
                  SV("__snapshots__"), SV("androidtest"));
}

static bool is_dev_folder(sv f)
{
    return SV_IN(f, SV("example"), SV("examples"), SV("sample"), SV("samples"), SV("demo"), SV("demos"), SV("dev"),
                  SV("development"), SV("local"), SV("sandbox"), SV("playground"), SV(".devcontainer"),
                  SV(".vscode"), SV(".idea"), SV("bench"), SV("benches"), SV("benchmark"), SV("benchmarks"),
                  SV("simulator"), SV("devnet"), SV("localnet"), SV("regtest"));
}

static bool is_doc_folder(sv f)
{
    return SV_IN(f, SV("doc"), SV("docs"), SV("documentation"), SV("man"), SV("paper"), SV("papers"));
}

static bool is_ci_folder(sv f)
{
    return SV_IN(f, SV(".github"), SV(".gitlab"), SV(".circleci"), SV(".buildkite"), SV(".gitea"), SV(".forgejo"),
                  SV(".woodpecker"), SV(".ci"));
}

static bool is_dev_word(sv w)
{
    return SV_IN(w, SV("dev"), SV("local"), SV("development"), SV("localhost"), SV("example"), SV("sample"),
                  SV("demo"), SV("sandbox"), SV("devel"), SV("localnet"), SV("devnet"), SV("regtest"), SV("loadgen"),
                  SV("loadtest"), SV("simulator"));
}

static bool is_test_word(sv w)
{
    return SV_IN(w, SV("test"), SV("tests"), SV("spec"), SV("mock"), SV("mocks"), SV("e2e"), SV("fixture"),
                  SV("fixtures"), SV("conftest"), SV("smoketest"), SV("smoke"));
}

/* First and last word of a name without its suffix: "docker-compose.dev.yml" -> "docker", "dev". */
struct words { sv first, last; bool (*any)(sv); bool found; };

static void split_words(sv stem, struct words *w)
{
    size_t from = 0;
    for (size_t i = 0; i <= stem.n; i++) {
        if (i < stem.n && stem.p[i] != '.' && stem.p[i] != '-' && stem.p[i] != '_')
            continue;
        sv word = sv_sub(stem, from, i);
        from = i + 1;
        if (word.n == 0)
            continue;
        if (w->first.n == 0)
            w->first = word;
        w->last = word;
        w->found = w->found || w->any(word);
    }
}

/* `local_storage.py` is production; `serve_local.py`, `dev_server.py` and `docker-compose.local.x.yml` are not. */
static bool name_has(const struct source *s, sv name, bool (*is)(sv))
{
    struct words w = {.any = is};
    size_t dot = sv_rfind_char(name, '.');
    split_words(dot == SV_NOT_FOUND || dot == 0 || s->kind == SOURCE_DOCKERFILE || s->kind == SOURCE_ENV
                    ? name
                    : sv_sub(name, 0, dot), &w);
    bool deploys = s->kind == SOURCE_COMPOSE || s->kind == SOURCE_DOCKERFILE || s->kind == SOURCE_ENV;
    if (deploys)
        return w.found;
    return is(w.last) || (is(w.first) && !sv_eq(w.first, SV("local")) && !sv_eq(w.first, SV("spec")));
}

static bool is_test_class(sv base)
{
    return sv_ends(base, SV("Test.java")) || sv_ends(base, SV("Tests.java")) || sv_ends(base, SV("Test.kt")) ||
           sv_ends(base, SV("Tests.cs")) || sv_ends(base, SV("Test.cs")) || sv_ends(base, SV("Test.php")) ||
           sv_ends(base, SV("Tests.swift")) || sv_ends(base, SV(".t.sol"));
}

static enum scope scope_of(const struct source *s, sv name)
{
    if (s->kind == SOURCE_DOC)
        return SCOPE_DOC;
    if (s->kind == SOURCE_WORKFLOW || has_folder(s->path, is_ci_folder) || sv_eq(name, SV("jenkinsfile")))
        return SCOPE_CI;
    if (has_folder(s->path, is_test_folder) || name_has(s, name, is_test_word) || is_test_class(path_base(s->path)))
        return SCOPE_TEST;
    if (has_folder(s->path, is_dev_folder) || name_has(s, name, is_dev_word) || sv_eq(name, SV(".dev.vars")))
        return SCOPE_DEV;
    sv suffix = suffix_of(name);
    if (sv_eq(suffix, SV("example")) || sv_eq(suffix, SV("sample")))
        return SCOPE_DEV;
    return has_folder(s->path, is_doc_folder) ? SCOPE_DOC : SCOPE_PROD;
}

/* ---- third-party code ------------------------------------------------------------------------------ */
static bool is_vendor_folder(sv f)
{
    return SV_IN(f, SV("node_modules"), SV("bower_components"), SV("third_party"), SV("third-party"),
                  SV("thirdparty"), SV(".venv"), SV("site-packages"), SV("dist-packages"), SV(".yarn"),
                  SV("pods"), SV("carthage"), SV(".tox"), SV(".nox"), SV(".gradle"), SV("forge-std"),
                  SV("openzeppelin-contracts"), SV("openzeppelin-contracts-upgradeable"), SV(".terraform"));
}

/* `app/vendor/page.tsx` sells things; `vendor/…` at the top, `x/vendor/github.com/…` and `ios/vendor/library/src/…` are copies. */
static bool is_vendored(sv path, sv name)
{
    if (has_folder(path, is_vendor_folder) || sv_starts(path, SV("vendor/")))
        return true;
    size_t at = sv_find(path, SV("/vendor/"));
    if (at != SV_NOT_FOUND) {
        sv rest = sv_sub(path, at + 8, path.n);
        sv next = sv_cut(&rest, '/');
        sv holder = path_base(sv_sub(path, 0, at));
        bool pages = SV_IN(holder, SV("app"), SV("pages"), SV("src"), SV("routes"), SV("views"), SV("components"), SV("api"), SV("templates"),
                           SV("controllers"), SV("models"), SV("dashboard"));
        if (rest.p != NULL && (sv_has(next, SV(".")) || (!pages && sv_find_char(rest, '/') != SV_NOT_FOUND)))
            return true;
    }
    return sv_ends(name, SV(".min.js")) || sv_ends(name, SV(".bundle.js")) || sv_ends(name, SV(".chunk.js"));
}

/* ---- all together ---------------------------------------------------------------------------------- */
static void set(struct source *s, enum source_kind kind, enum lang lang)
{
    s->kind = kind;
    s->lang = lang;
}

/* False where the name says nothing. */
static bool classify_by_name(struct source *s, sv name)
{
    sv made = without_template_suffix(name);
    const struct suffix_row *row = suffix_row_of(made), *whole = ROW(names, made);
    set(s, SOURCE_OTHER, row == NULL ? LANG_NONE : row->lang);
    if (is_workflow_path(s->path, name))
        set(s, SOURCE_WORKFLOW, LANG_YAML);
    else if (whole != NULL)
        set(s, whole->kind, whole->lang);
    else if (is_requirements(s->path, name) || sv_ends(name, SV(".csproj")) || sv_ends(name, SV(".gemspec")))
        set(s, SOURCE_MANIFEST, s->lang);
    else if (is_dockerfile_name(made))
        set(s, SOURCE_DOCKERFILE, LANG_DOCKERFILE);
    else if (is_env_name(name))
        set(s, SOURCE_ENV, LANG_NONE);
    else if (row != NULL)
        set(s, row->kind, row->lang);
    else if (made.n != name.n)
        set(s, SOURCE_CONFIG, LANG_NONE);
    else
        return false;
    return true;
}

static bool is_app_compose_name(sv name)
{
    return sv_ends(name, SV(".json")) && (sv_has(name, SV("app-compose")) || sv_has(name, SV("app_compose")));
}

static bool is_compose_name(sv name)
{
    return is_yaml(name) && (sv_starts(name, SV("docker-compose")) || sv_starts(name, SV("compose.")) ||
                             sv_starts(name, SV("compose-")));
}

/* What the text adds to a YAML, JSON or HTML name. */
static void refine_by_text(struct source *s, sv name)
{
    sv made = without_template_suffix(name);
    if (s->kind == SOURCE_CONFIG && s->lang == LANG_YAML) {
        bool action = sv_eq(name, SV("action.yml")) || sv_eq(name, SV("action.yaml"));
        if (is_compose_name(made) || reads_as_compose(s->text))
            s->kind = SOURCE_COMPOSE;
        else if (action && sv_has(s->text, SV("runs:")))
            s->kind = SOURCE_WORKFLOW;
    } else if (s->kind == SOURCE_CONFIG && s->lang == LANG_JSON) {
        if (is_app_compose_name(made) || reads_as_app_compose(s->text))
            s->kind = SOURCE_APP_COMPOSE;
        else if (reads_as_evidence(s->text))
            s->kind = SOURCE_EVIDENCE;
    } else if (s->lang == LANG_HTML && reads_as_app_compose(s->text)) {
        s->kind = SOURCE_APP_COMPOSE;
    }
}

void classify(struct source *s)
{
    char room[NAME_BYTES];
    sv name = lowered(path_base(s->path), room);
    if (!classify_by_name(s, name))
        classify_by_shebang(s);
    refine_by_text(s, name);
    s->scope = scope_of(s, name);
    s->vendored = is_vendored(s->path, name);
}

bool path_names_text(sv path)
{
    char room[NAME_BYTES];
    struct source s = {.path = path};
    return classify_by_name(&s, lowered(path_base(path), room));
}
