/* Code that a container fetches when it starts or runs: after the attestation, and outside of it. */
#include "check/code.h"
#include "check/fetch.h"
#include "check/lookup.h"

/* ---- commands --------------------------------------------------------------------------------------------- */

static const struct service *service_of(const struct check_run *c, const struct run *r)
{
    const struct service *best = r->service;
    for (size_t i = 0; best == NULL && r->dockerfile != NULL && i < c->facts->services.n; i++)
        if (c->facts->services.at[i]->dockerfile == r->dockerfile)
            best = c->facts->services.at[i]; /* deployments stand best first, and their services with them */
    return best;
}

/* A branch, or an address whose content nobody compares, is the choice of whoever owns it; a registry keeps
 * released versions, and only their newest is open. */
static enum severity severity_of_fetch(const struct fetch *f)
{
    bool mutable_text = f->kind == FETCH_GIT || f->kind == FETCH_PIPE || f->kind == FETCH_DOWNLOAD;
    if (f->state == FETCH_VERSIONS)
        return SEV_MEDIUM;
    return mutable_text ? SEV_CRITICAL : SEV_HIGH;
}

/* boot-script-fetches-code judges what app-compose runs before the containers. */
static bool is_boot_script(const struct check_run *c, const struct source *s)
{
    for (; s != NULL; s = s->host)
        for (size_t i = 0; i < c->facts->app_composes.n; i++) {
            const struct app_compose *app = c->facts->app_composes.at[i];
            bool boot = s == app->pre_launch || s == app->bash_script;
            for (size_t k = 0; k < app->init_scripts.n; k++)
                boot = boot || s == app->init_scripts.at[k];
            if (boot)
                return true;
        }
    return false;
}

static void judge_start(struct check_run *c, const struct run *r, const struct fetch *f)
{
    if (r->when != RUN_START || is_boot_script(c, r->src))
        return;
    c->examined++;
    if (f->state == FETCH_FIXED || (f->kind == FETCH_MANIFEST && f->state == FETCH_VERSIONS && f->lock != NULL))
        return;
    const struct service *s = service_of(c, r);
    struct finding *found = report(c, f->place, f->subject,
                                   "%.*s brings %.*s when the container runs, and %s: the code arrives after the attestation, and whoever controls what is served decides what it does with user data and keys.",
                                   SV_ARG(f->tool), SV_ARG(f->subject), f->flaw);
    enum severity severity = severity_of_fetch(f);
    if (s != NULL && s->deployment->deployed)
        on_service(found, s, severity);
    else
        on_scope(found, r->scope, severity);
    if (r->src->scope == SCOPE_TEST || r->src->scope == SCOPE_DOC)
        found->severity = severity_at_most(found->severity, SEV_LOW);
}

/* ---- programs ----------------------------------------------------------------------------------------------- */

static const char *const TOOL_WORDS[] = {"pip", "pip3", "npm", "npx", "pnpm", "yarn", "bun", "git", "curl", "wget", "apt-get", "apt", "apk",
                                         "uv", "uvx", "cargo", "gem", "go", NULL};
static const char *const LINES[] = {"pip install", "pip3 install", "npm install", "npm i ", "npm ci", "npx ", "pnpm install", "yarn add", "yarn install",
                                    "bun install", "git clone", "curl ", "wget ", "apt-get install", "apt install", "apk add", "uv pip", NULL};
static const char *const RUNNERS[] = {"run", "call", "check_call", "check_output", "popen", "system", "getoutput", "exec", "execsync", "execfile", "execfilesync",
                                      "spawn", "spawnsync", "command", "create_subprocess_exec", "create_subprocess_shell", "execa", "sh", "shell", "exec_run", "$", NULL};

enum { BACK_TOKENS = 400 };

static const struct call *call_opening_at(const struct program *p, size_t open)
{
    size_t from = 0, to = p->calls.n;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (p->calls.at[middle].open < open)
            from = middle + 1;
        else
            to = middle;
    }
    return from < p->calls.n && p->calls.at[from].open == open ? &p->calls.at[from] : NULL;
}

/* The innermost call around a token, NULL outside calls. */
static const struct call *call_around(const struct program *p, size_t token)
{
    for (size_t i = token, steps = 0; i-- > 0 && steps < BACK_TOKENS; steps++) {
        size_t partner = program_match(p, i);
        if (partner == SV_NOT_FOUND)
            continue;
        if (partner < i) {
            i = partner; /* a closed pair */
            continue;
        }
        const struct call *k = call_opening_at(p, i);
        if (k != NULL)
            return k;
        if (program_is(p, i, "{"))
            return NULL; /* a block or a table */
    }
    return NULL;
}

/* Sentences for people: logs, errors, help texts. */
static bool is_for_people(const struct call *k)
{
    static const char *const words[] = {"error", "exception", "warn", "add_argument", "help", "describe", "reply", "send_message", "json", "response", NULL};
    return k != NULL && (is_log_call(k) || call_names(k, words));
}

static bool program_runs_commands(struct check_run *c, const struct program *p)
{
    struct calls runners = calls_named(c, p, RUNNERS);
    return next_named(&runners) != NULL || source_has(p->src, SV("docker"));
}

enum { MOST_WORDS = 24 };

/* What programs of the language give the constant, a word each: alternatives, of which one is run. */
static void add_values(struct check_run *c, const struct program *p, sv name, struct command *k)
{
    const struct programs *list = programs_naming(c, name);
    for (size_t i = 0; i < list->all.n; i++) {
        const struct program *other = list->all.at[i];
        for (size_t a = 0; other->src->host == NULL && other->lang == p->lang && a < other->assigns.n && k->n < MOST_WORDS; a++) {
            const struct assignment *set = &other->assigns.at[a];
            sv text = sv_eq(set->target, name) && set->value_end == set->value + 1 && other->at[set->value].kind == TOKEN_STRING
                          ? program_string(other, set->value) : SV("");
            if (text.n != 0 && sv_find_char(text, ' ') == SV_NOT_FOUND)
                k->words[k->n++] = (struct word){.text = text, .raw = text, .place = program_place(other, set->value, set->value_end)};
        }
    }
}

static int nesting_behind(const struct program *p, size_t i)
{
    char c = p->at[i].kind == TOKEN_PUNCT && token_length(&p->at[i]) == 1 ? program_first(p, i) : 0;
    return (c == '(' || c == '[' || c == '{') - (c == ')' || c == ']' || c == '}');
}

/* ["git", "clone", url], spawn("npm", ["install", name]), Command::new("git").arg("clone"): strings, and names as variables. */
static struct command *command_of_list(struct check_run *c, const struct program *p, size_t from)
{
    struct command *k = arena_new(c->arena, struct command);
    k->words = arena_array(c->arena, struct word, MOST_WORDS);
    int depth = 0; /* of brackets, counted from the first token */
    for (size_t i = from; i < p->n && i < from + 80 && k->n < MOST_WORDS; i++) {
        const struct token *t = &p->at[i];
        depth += i == from ? 0 : nesting_behind(p, i - 1);
        if (depth < -1 || (t->kind == TOKEN_NEWLINE && depth < 0))
            break;
        if (program_is(p, i, ";") || program_is(p, i, "]"))
            break;
        bool name = t->kind == TOKEN_WORD && i + 1 < p->n && (program_is(p, i + 1, ",") || program_is(p, i + 1, "]") || program_is(p, i + 1, ")"));
        if (t->kind != TOKEN_STRING && !name)
            continue;
        size_t before = k->n;
        if (name && sv_is_env_name(token_text(p->src, t)))
            add_values(c, p, token_text(p->src, t), k);
        if (k->n != before)
            continue;
        sv text = t->kind == TOKEN_STRING ? token_string(p->src, t) : sv_concat(c->arena, SV("$"), token_text(p->src, t));
        k->words[k->n++] = (struct word){.text = text, .raw = text, .place = program_place(p, i, i + 1), .expands = name};
    }
    k->place = program_place(p, from, from + 1);
    return k;
}

struct seen_fetch { const struct block *function; sv tool; struct finding *found; };
struct in_program { struct fetching fetching; const struct program *p; VEC(struct seen_fetch) seen; bool inside; };

/* One finding for a tool in a function: fallbacks try the same with several interpreters. */
static void report_program(struct check_run *c, struct in_program *at, size_t token, const struct command *k, const struct fetch *f, bool sure)
{
    const struct block *function = program_function_at(at->p, token);
    sv tool = sv_starts(f->tool, SV("pip")) ? SV("pip") : f->tool;
    struct place place = program_place(at->p, token, token + 1);
    for (size_t i = 0; i < at->seen.n; i++)
        if (function != NULL && at->seen.at[i]->function == function && sv_eq(at->seen.at[i]->tool, tool)) {
            relate(c, at->seen.at[i]->found, place, "and here");
            return;
        }
    struct finding *found = report(c, place, f->subject, "The program runs %.*s for %.*s, and %s: code arrives while the application runs, which no measurement covers.",
                                   SV_ARG(f->tool), SV_ARG(f->subject), f->flaw);
    for (size_t i = 0; i < k->n; i++)
        if (k->words[i].place.src != at->p->src && k->words[i].place.src != NULL && sv_has(f->subject, k->words[i].text))
            relate(c, found, k->words[i].place, "named here");
    found->confidence = CONF_MEDIUM;
    found->severity = f->state == FETCH_VERSIONS ? SEV_MEDIUM : sure ? SEV_HIGH : SEV_MEDIUM;
    if (!at->inside)
        found->severity = SEV_LOW;
    struct seen_fetch *s = vec_new(c->arena, &at->seen, struct seen_fetch);
    *s = (struct seen_fetch){function, tool, found};
}

static void judge_command(struct check_run *c, struct in_program *at, size_t token, const struct command *k, const struct shell *shell, size_t index, bool sure)
{
    struct run r = {.command = k, .src = at->p->src, .when = RUN_START, .scope = at->p->src->scope, .shell = shell, .index = index};
    struct fetch f;
    bool fetches = fetch_of(&at->fetching, &r, &f);
    if (!fetches && sv_eq(command_name(k), SV("git")) && command_has(k, "clone")) {
        f = (struct fetch){.kind = FETCH_GIT, .tool = SV("git"), .subject = SV("clone"), .state = FETCH_OPEN, .flaw = "nothing compares the commit"};
        fetches = true; /* the address comes from elsewhere in the program */
    }
    if (!fetches && SV_IN(command_name(k), SV("npm"), SV("pnpm"), SV("yarn"), SV("bun")) && command_has(k, "install")) {
        f = (struct fetch){.kind = FETCH_MANIFEST, .tool = command_name(k), .subject = SV("package.json"), .state = FETCH_OPEN, .flaw = "no lock file is demanded"};
        fetches = true; /* in a folder that exists only there */
    }
    if (!fetches)
        return;
    c->examined++;
    if (f.state != FETCH_FIXED && !(f.kind == FETCH_MANIFEST && f.lock != NULL))
        report_program(c, at, token, k, &f, sure);
}

static void judge_line(struct check_run *c, struct in_program *at, size_t token, sv text)
{
    static const char *const prose[] = {"failed", "please", "try ", "run:", "`", "error", "cannot", "could not", "https://docs", NULL};
    const struct call *around = call_around(at->p, token);
    bool starts = false;
    for (size_t i = 0; LINES[i] != NULL; i++)
        starts = starts || sv_starts(text, sv_from(LINES[i]));
    bool listed = token >= 2 && at->p->at[token - 2].kind == TOKEN_STRING && SV_IN(program_string(at->p, token - 2), SV("-c"), SV("-lc"));
    bool executed = listed || (around != NULL && call_named(around, RUNNERS));
    if (is_for_people(around) || text_has_any(text, prose) || text.n > 2000 || (!executed && !starts))
        return;
    struct source *src = source_embed(c->arena, at->p->src, at->p->at[token].start, text, EMBED_STRING, "command");
    src->kind = SOURCE_SCRIPT;
    src->lang = LANG_SHELL;
    const struct shell *shell = read_shell(c->facts->repo, src);
    for (size_t i = 0; shell != NULL && i < shell->commands.n; i++)
        judge_command(c, at, token, shell->commands.at[i], shell, i, executed);
}

/* The tool as a word of a list or as the first argument of a call that runs programs. */
static void judge_word(struct check_run *c, struct in_program *at, size_t token, sv text)
{
    const struct program *p = at->p;
    bool module = token >= 2 && p->at[token - 2].kind == TOKEN_STRING && sv_eq(program_string(p, token - 2), SV("-m"));
    bool first = module || (token > 0 && (program_is(p, token - 1, "[") || program_is(p, token - 1, "(")));
    const struct call *around = call_around(p, token);
    /* [venv_pip, "install", …]: the tool is a variable named after itself */
    if (!first || is_for_people(around) || token + 2 >= p->n || !list_has(TOOL_WORDS, text))
        return;
    judge_command(c, at, token, command_of_list(c, p, token), NULL, 0, true);
}

static void look_at_program(struct check_run *c, const struct program *p)
{
    bool runs = program_runs_commands(c, p);
    c->examined += runs;
    if (p->lang == LANG_SHELL || !runs)
        return; /* shell commands are runs */
    struct in_program at = {.p = p, .inside = !place_is_aside((struct place){p->src, 0, 0}) && !runs_outside(c->facts, p->src)};
    const char *const *lines = words_within(c, p, LINES);
    at.fetching = (struct fetching){c->facts, c->arena, NULL};
    for (size_t i = 0; i < p->n; i++) {
        if (p->at[i].kind != TOKEN_STRING)
            continue;
        sv text = program_string(p, i);
        if (text.n < 16 && list_has(TOOL_WORDS, text))
            judge_word(c, &at, i, text);
        else if (sv_find_char(text, ' ') != SV_NOT_FOUND && text_has_any(text, lines))
            judge_line(c, &at, i, text);
    }
}

/* CX-12, DS-37 */
void check_fetch_at_start(struct check_run *c)
{
    each_fetch(c, judge_start);
    static const char *const about[] = {"pip", "npm", "npx", "git", "curl", "wget", "apt", "apk", "yarn", "pnpm", "bun", "uvx", "cargo", NULL};
    each_program(c, about, look_at_program);
}
