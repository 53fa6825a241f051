/* Variables that shell scripts take from their environment: every ${X:-d} and ${X:?}, and $X at its
 * first use where no script of the same program sets it before. */
#include <string.h>

#include "base/limits.h"
#include "fact/reads.h"

enum {
    NESTING = 64, /* quotes, $( and ${ inside each other */
    HEREDOCS = 4, /* begun on one line */
    NAMES = 500,  /* distinct names kept of one script */
    USES = 50000, /* expansions of one script that are looked at */
    SCRIPTS = 500, /* scripts compared with each other */
};

enum context_kind { IN_COMMANDS, IN_DOUBLE_QUOTES, IN_BRACES, IN_BACKTICKS, IN_HEREDOC };

struct context { enum context_kind kind; unsigned parens; };
struct awaited { sv end; bool quoted, indented; };

struct names { VEC(sv) all; };

/* `source x.sh`, `exec x.sh`: base name of the script that goes on with the same variables. */
struct handover { sv name; bool sourced; };

/* One script and what it sets. */
struct script {
    const struct source *src;
    struct names sets;  /* anywhere in it */
    struct names known; /* set by scripts that source it, hand over to it, or that it sources */
    VEC(struct handover) runs;
};

struct scan {
    struct facts *facts;
    struct script *script;
    sv text;
    size_t at;
    struct context stack[NESTING];
    size_t depth;
    struct awaited heredocs[HEREDOCS];
    size_t n_heredocs;
    sv pending;          /* X of `X=…`, set when its word ends */
    size_t pending_depth;
    bool command_start;  /* the next word is a program or an assignment */
    bool declares;       /* behind export, local, declare: words are names */
    bool exports;        /* behind export: names without a value hand on what the environment holds */
    bool takes_names;    /* behind read, for, getopts: words are names it sets */
    bool sources, execs; /* behind source and `.`, behind exec: the next word is a script */
    unsigned braces;     /* { } of functions and groups */
    bool doubled;        /* inside compose text: `$$X` is the shell's `$X`, `$X` is compose's */
    bool emit;           /* second pass: add rows */
    struct names given;  /* rows added */
    struct names set;    /* by this script, so far */
    size_t uses;
};

static bool has(const struct names *n, sv name)
{
    for (size_t i = 0; i < n->all.n; i++)
        if (sv_eq(*n->all.at[i], name))
            return true;
    return false;
}

static void put(struct arena *a, struct names *n, sv name)
{
    if (name.n != 0 && n->all.n < NAMES && !has(n, name))
        *(sv *)vec_new(a, &n->all, sv) = name;
}

static bool is_word_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static char peek(const struct scan *x, size_t ahead)
{
    return x->at + ahead < x->text.n ? x->text.p[x->at + ahead] : '\0';
}

static sv name_at(const struct scan *x, size_t at)
{
    size_t end = at;
    while (end < x->text.n && is_word_byte(x->text.p[end]))
        end++;
    sv name = sv_sub(x->text, at, end);
    return sv_is_ident(name) ? name : SV_NONE;
}

/* Set by the shell or the login, not by a deployment. */
static bool is_of_the_shell(sv name)
{
    static const sv own[] = {
        {"HOME", 4}, {"PATH", 4}, {"PWD", 3}, {"OLDPWD", 6}, {"RANDOM", 6}, {"SECONDS", 7}, {"LINENO", 6}, {"FUNCNAME", 8},
        {"UID", 3}, {"EUID", 4}, {"PPID", 4}, {"IFS", 3}, {"OPTARG", 6}, {"OPTIND", 6}, {"OPTERR", 6}, {"REPLY", 5},
        {"HOSTNAME", 8}, {"HOSTTYPE", 8}, {"OSTYPE", 6}, {"MACHTYPE", 8}, {"SHELL", 5}, {"SHLVL", 5}, {"TERM", 4},
        {"PIPESTATUS", 10}, {"DIRSTACK", 8}, {"GROUPS", 6}, {"COLUMNS", 7}, {"LINES", 5}, {"PS1", 3}, {"PS2", 3}, {"PS4", 3},
        {"EPOCHSECONDS", 12}, {"EPOCHREALTIME", 13}, {"MAPFILE", 7}, {"COMP_WORDS", 10}, {"COMP_CWORD", 10}, {"COMPREPLY", 9},
        {"USER", 4}, {"LOGNAME", 7}, {"LANG", 4}, {"LC_ALL", 6}, {"TMPDIR", 6}, {"SUDO_USER", 9},
    };
    return sv_in(name, own, sizeof own / sizeof own[0]) || sv_starts(name, SV("BASH"));
}

/* Lower-case names are the script's own, but for the proxies. */
static bool is_of_the_environment(sv name)
{
    if (SV_IN(name, SV("http_proxy"), SV("https_proxy"), SV("all_proxy"), SV("no_proxy")))
        return true;
    return sv_is_env_name(name) && name.n > 1 && reads_is_name(name) && !is_of_the_shell(name);
}

static void set_name(struct scan *x, sv name)
{
    struct arena *a = x->facts->arena;
    if (!x->emit)
        put(a, &x->script->sets, name);
    else
        put(a, &x->set, name); /* later uses are the script's own value */
}

static void settle_pending(struct scan *x)
{
    if (x->pending.p != NULL && x->depth <= x->pending_depth) {
        set_name(x, x->pending);
        x->pending = SV_NONE;
    }
}

/* A use of `name` at [start, end). `form` is what follows the name: "-", "?", "=", "+" or 0. A use
 * inside a function sees what the script sets anywhere; one outside only what was set before. */
static void use(struct scan *x, sv name, size_t start, size_t end, char form, sv word)
{
    if (!x->emit || !is_of_the_environment(name) || ++x->uses > USES)
        return;
    bool own_default = sv_eq(name, x->pending); /* X=${X:-d} */
    bool set = has(&x->set, name) || (x->braces != 0 && !own_default && has(&x->script->sets, name));
    bool with_default = form == '-' || form == '=' || form == '?';
    bool known = !own_default && has(&x->script->known, name);
    if (set || known || (!with_default && has(&x->given, name)))
        return;
    struct env_read *r = vec_new(x->facts->arena, &x->facts->env_reads, struct env_read);
    r->name = name;
    r->place = (struct place){x->script->src, start, end};
    r->idiom = form == '-' || form == '=' ? SV("shell ${X:-default}") : form == '?' ? SV("shell ${X:?}") : SV("shell $X");
    r->has_fallback = form == '-' || form == '=';
    r->fallback = r->has_fallback ? sv_unquote(word) : SV_NONE;
    r->required = form == '?';
    r->scope = x->script->src->scope;
    r->kind = KIND_OTHER;
    r->field = x->pending;
    put(x->facts->arena, &x->given, name);
    if (form == '=')
        set_name(x, name);
}

static void push(struct scan *x, enum context_kind kind)
{
    if (x->depth + 1 < NESTING)
        x->stack[++x->depth] = (struct context){kind, 0};
}

static void pop(struct scan *x)
{
    if (x->depth != 0)
        x->depth--;
}

/* Behind `${`: name, form, and the word up to the matching brace, which is scanned next. */
static void braced(struct scan *x, size_t dollar)
{
    size_t at = x->at; /* behind the brace */
    if (peek(x, 0) == '#' && is_word_byte(peek(x, 1)))
        at++;
    sv name = name_at(x, at);
    if (name.p == NULL) { /* ${!X}, ${1:-…}, ${@} */
        while (at < x->text.n && (x->text.p[at] == '!' || is_word_byte(x->text.p[at]) || x->text.p[at] == '@' || x->text.p[at] == '*'))
            at++;
        x->at = at;
        push(x, IN_BRACES);
        return;
    }
    at += name.n;
    bool array = at < x->text.n && x->text.p[at] == '[';
    size_t op = at + (at < x->text.n && x->text.p[at] == ':' ? 1 : 0);
    char form = op < x->text.n && strchr("-?=+", x->text.p[op]) != NULL && x->text.p[op] != '\0' ? x->text.p[op] : '\0';
    size_t close = op;
    for (unsigned depth = 0; close < x->text.n && close < op + LIMIT_LINE_BYTES; close++) {
        char c = x->text.p[close];
        if (c == '{')
            depth++;
        else if (c == '}' && depth-- == 0)
            break;
        else if (c == '\n')
            break;
    }
    x->at = form != '\0' ? op + 1 : at;
    if (!array)
        use(x, name, dollar, close < x->text.n ? close + 1 : close, form, sv_sub(x->text, op + 1, close));
    push(x, IN_BRACES);
}

/* At a `$`. In compose text only `$$` reaches the shell. */
static void dollar(struct scan *x)
{
    size_t start = x->at++;
    if (x->doubled) {
        if (peek(x, 0) != '$') {
            if (peek(x, 0) == '(')
                goto shell;
            return;
        }
        x->at++;
    }
shell:
    if (peek(x, 0) == '{') {
        x->at++;
        braced(x, start);
    } else if (peek(x, 0) == '(') {
        x->at++;
        push(x, IN_COMMANDS);
        x->command_start = true;
    } else if (peek(x, 0) == '\'' && x->stack[x->depth].kind == IN_COMMANDS) {
        x->at++;
        while (x->at < x->text.n && peek(x, 0) != '\'')
            x->at += peek(x, 0) == '\\' ? 2 : 1;
        x->at++;
    } else {
        sv name = name_at(x, x->at);
        x->at += name.n;
        if (name.p != NULL)
            use(x, name, start, x->at, '\0', SV_NONE);
        else if (!x->doubled && peek(x, 0) == '$')
            x->at++; /* $$: the process id */
    }
}

static void heredoc_begin(struct scan *x)
{
    x->at += 2;
    bool indented = peek(x, 0) == '-';
    if (indented)
        x->at++;
    if (peek(x, 0) == '<') { /* <<< */
        x->at++;
        return;
    }
    while (peek(x, 0) == ' ')
        x->at++;
    char quote = peek(x, 0) == '\'' || peek(x, 0) == '"' ? peek(x, 0) : '\0';
    bool escaped = peek(x, 0) == '\\';
    if (quote != '\0' || escaped)
        x->at++;
    sv end = name_at(x, x->at);
    x->at += end.n;
    if (quote != '\0' && peek(x, 0) == quote)
        x->at++;
    if (end.n != 0 && x->n_heredocs < HEREDOCS)
        x->heredocs[x->n_heredocs++] = (struct awaited){end, quote != '\0' || escaped, indented};
}

/* The bodies that follow this line; expansions count where the end mark was not quoted. */
static void heredoc_bodies(struct scan *x)
{
    for (size_t k = 0; k < x->n_heredocs; k++) {
        size_t end = x->at;
        sv body = SV("");
        for (size_t line = x->at; line < x->text.n;) {
            size_t stop = line;
            while (stop < x->text.n && x->text.p[stop] != '\n')
                stop++;
            sv here = sv_sub(x->text, line, stop);
            if (sv_eq(x->heredocs[k].indented || x->doubled ? sv_trim(here) : here, x->heredocs[k].end)) {
                body = sv_sub(x->text, x->at, line);
                end = stop;
                break;
            }
            line = stop + 1;
            body = sv_sub(x->text, x->at, stop);
            end = stop;
        }
        if (!x->heredocs[k].quoted) {
            struct scan inner = *x;
            inner.text = (sv){x->text.p, x->at + body.n};
            inner.depth = 0;
            inner.stack[0] = (struct context){IN_HEREDOC, 0};
            inner.n_heredocs = 0;
            while (inner.at < inner.text.n) {
                size_t before = inner.at;
                if (inner.text.p[inner.at] == '\\')
                    inner.at += 2;
                else if (inner.text.p[inner.at] == '$')
                    dollar(&inner);
                if (inner.at == before)
                    inner.at++;
            }
            x->given = inner.given;
            x->set = inner.set;
            x->uses = inner.uses;
        }
        x->at = end;
    }
    x->n_heredocs = 0;
}

static void note_run(struct scan *x, sv word)
{
    sv base = path_base(word);
    if (!x->emit && base.n > 1 && x->script->runs.n < NAMES)
        *vec_new(x->facts->arena, &x->script->runs, struct handover) = (struct handover){base, x->sources};
    x->sources = x->execs = false;
}

/* source "$dir/name.sh" */
static void note_quoted_run(struct scan *x)
{
    size_t end = x->at;
    while (end < x->text.n && end < x->at + LIMIT_PATH_BYTES && x->text.p[end] != '"' && x->text.p[end] != '\n')
        end++;
    note_run(x, sv_sub(x->text, x->at, end));
}

/* A word of a command, not quoted at its start. Assignments and the builtins that set names. */
static void word(struct scan *x)
{
    size_t start = x->at, end = start;
    while (end < x->text.n && (is_word_byte(x->text.p[end]) || strchr("./-:@%,^~!*?[]", x->text.p[end]) != NULL) && x->text.p[end] != '\0')
        end++;
    sv w = sv_sub(x->text, start, end), name = name_at(x, start);
    char next = name.p != NULL && start + name.n < x->text.n ? x->text.p[start + name.n] : '\0';
    bool plus = next == '+' && start + name.n + 1 < x->text.n && x->text.p[start + name.n + 1] == '=';
    if (name.p != NULL && (next == '=' || plus) && (x->command_start || x->declares)) {
        settle_pending(x);
        if (x->pending.p == NULL) {
            x->pending = name;
            x->pending_depth = x->depth;
        } else {
            set_name(x, name); /* inside X=$(Y=1 …) */
        }
        x->at = start + name.n + (plus ? 2 : 1);
        return;
    }
    if (end == start) {
        x->at++;
        return;
    }
    x->at = end;
    if (x->declares && name.n == w.n && name.p != NULL && (start == 0 || x->text.p[start - 1] != '<')) {
        if (x->exports)
            use(x, name, start, end, '\0', SV_NONE);
        set_name(x, name);
    } else if (x->takes_names && name.n == w.n && name.p != NULL) {
        if (sv_eq(name, SV("in")))
            x->takes_names = false;
        else
            set_name(x, name);
    } else if ((x->sources || x->execs) && w.p[0] != '-') {
        note_run(x, w);
    }
    if (!x->command_start)
        return;
    x->command_start = SV_IN(w, SV("if"), SV("then"), SV("else"), SV("elif"), SV("do"), SV("while"), SV("until"), SV("!"), SV("time"));
    x->declares = SV_IN(w, SV("export"), SV("local"), SV("declare"), SV("readonly"), SV("typeset"));
    x->exports = sv_eq(w, SV("export"));
    x->takes_names = SV_IN(w, SV("read"), SV("for"), SV("select"), SV("mapfile"), SV("readarray"), SV("getopts"));
    x->sources = SV_IN(w, SV("source"), SV("."));
    x->execs = sv_eq(w, SV("exec"));
}

static void end_command(struct scan *x)
{
    settle_pending(x);
    x->command_start = true;
    x->declares = x->exports = x->takes_names = x->sources = x->execs = false;
}

/* One step outside quotes. */
static void command_step(struct scan *x)
{
    char c = peek(x, 0);
    struct context *here = &x->stack[x->depth];
    bool at_word = x->at == 0 || strchr(" \t\n;&|(", x->text.p[x->at - 1]) != NULL;
    if (c == '\\') {
        x->at += 2;
    } else if (c == '#' && at_word) {
        while (x->at < x->text.n && peek(x, 0) != '\n')
            x->at++;
    } else if (c == '\'') {
        const char *close = memchr(x->text.p + x->at + 1, '\'', x->text.n - x->at - 1);
        x->at = close == NULL ? x->text.n : (size_t)(close - x->text.p) + 1;
        x->command_start = false;
    } else if (c == '"') {
        x->at++;
        if (x->sources || x->execs)
            note_quoted_run(x);
        push(x, IN_DOUBLE_QUOTES);
    } else if (c == '$') {
        dollar(x);
    } else if (c == '`') {
        x->at++;
        if (here->kind == IN_BACKTICKS)
            pop(x);
        else
            push(x, IN_BACKTICKS);
        x->command_start = true;
    } else if (c == '<' && peek(x, 1) == '<') {
        heredoc_begin(x);
    } else if (c == '\n') {
        x->at++;
        end_command(x);
        if (x->n_heredocs != 0)
            heredoc_bodies(x);
    } else if (c == ';' || c == '&' || c == '|') {
        x->at++;
        end_command(x);
    } else if (c == '(') {
        x->at++;
        here->parens++;
        x->command_start = true;
    } else if (c == ')') {
        x->at++;
        x->command_start = here->parens == 0 && x->depth == 0; /* a pattern of case */
        if (here->parens != 0)
            here->parens--;
        else if (here->kind == IN_COMMANDS)
            pop(x);
    } else if (c == '{' || c == '}') {
        x->at++;
        x->braces = c == '{' ? x->braces + 1 : x->braces != 0 ? x->braces - 1 : 0;
        end_command(x);
    } else if (c == ' ' || c == '\t') {
        x->at++;
        settle_pending(x);
    } else {
        word(x);
    }
}

static void quoted_step(struct scan *x, char close)
{
    char c = peek(x, 0);
    if (c == '\\') {
        x->at += 2;
    } else if (c == close) {
        x->at++;
        pop(x);
        x->command_start = false;
    } else if (c == '$') {
        dollar(x);
    } else if (c == '"' && close == '}') {
        x->at++; /* quotes inside ${X:-"d"} change nothing here */
    } else if (c == '`') {
        x->at++;
        push(x, IN_BACKTICKS);
    } else {
        x->at++;
    }
}

static void scan_script(struct facts *f, struct script *s, bool emit)
{
    struct scan x = {.facts = f, .script = s, .text = s->src->text, .command_start = true, .emit = emit};
    x.doubled = s->src->host != NULL && s->src->host->kind == SOURCE_COMPOSE;
    x.stack[0].kind = IN_COMMANDS;
    while (x.at < x.text.n) {
        size_t before = x.at;
        switch (x.stack[x.depth].kind) {
        case IN_COMMANDS:
        case IN_BACKTICKS: command_step(&x); break;
        case IN_DOUBLE_QUOTES: quoted_step(&x, '"'); break;
        case IN_BRACES: quoted_step(&x, '}'); break;
        case IN_HEREDOC: x.at++; break;
        }
        if (x.at == before)
            x.at++;
    }
    settle_pending(&x);
}

/* A script run by exec has what was set before it; sourcing goes both ways. */
static void hand_over(struct facts *f, struct script *caller, struct script *called, bool sourced)
{
    for (size_t m = 0; m < caller->sets.all.n; m++)
        put(f->arena, &called->known, *caller->sets.all.at[m]);
    for (size_t m = 0; m < caller->known.all.n; m++)
        put(f->arena, &called->known, *caller->known.all.at[m]);
    for (size_t m = 0; sourced && m < called->sets.all.n; m++)
        put(f->arena, &caller->known, *called->sets.all.at[m]);
}

/* Only scripts of one folder: a deploy script that runs ./app/start.sh is another program. */
static void collect_known(struct facts *f, struct script **all, size_t n)
{
    if (n > SCRIPTS)
        n = SCRIPTS;
    for (int round = 0; round < 3; round++)
        for (size_t i = 0; i < n; i++)
            for (size_t k = 0; k < all[i]->runs.n; k++)
                for (size_t j = 0; j < n; j++) {
                    const struct handover *h = all[i]->runs.at[k];
                    if (i != j && sv_eq(path_base(all[j]->src->path), h->name) &&
                        sv_eq(path_dir(all[j]->src->path), path_dir(all[i]->src->path)))
                        hand_over(f, all[i], all[j], h->sourced);
                }
}

void reads_shell(struct facts *f, const struct source *const *sources, size_t n)
{
    struct script **all = arena_array(f->arena, struct script *, n + 1);
    for (size_t i = 0; i < n; i++) {
        all[i] = arena_new(f->arena, struct script);
        all[i]->src = sources[i];
        scan_script(f, all[i], false);
    }
    collect_known(f, all, n);
    for (size_t i = 0; i < n; i++)
        scan_script(f, all[i], true);
}
