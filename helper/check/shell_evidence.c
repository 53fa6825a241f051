/* Shell scripts that fetch, keep and judge evidence. */
#include "check/code.h"

/* ---- Quotes asked for with curl ------------------------------------------------------------------- */

static size_t quote_url(const struct command *k)
{
    static const char *const methods[] = {"GetQuote", "TdxQuote", "RawQuote", NULL};
    sv name = command_name(k);
    if (!SV_IN(name, SV("curl"), SV("wget")))
        return 0;
    for (size_t i = 1; i < k->n; i++)
        for (size_t m = 0; methods[m] != NULL; m++)
            if (sv_has(k->words[i].text, sv_from(methods[m])))
                return i;
    return 0;
}

/* What stands behind report_data= or "report_data": in any word; SV_NONE where the command sends none. */
static sv report_data_sent(const struct command *k)
{
    for (size_t i = 1; i < k->n; i++) {
        sv text = k->words[i].text;
        size_t at = sv_find(text, SV("report_data"));
        if (at == SV_NOT_FOUND)
            continue;
        at += SV("report_data").n;
        while (at < text.n && (text.p[at] == '"' || text.p[at] == '=' || text.p[at] == ':' || text.p[at] == ' ' || text.p[at] == '\\'))
            at++;
        size_t end = at;
        while (end < text.n && text.p[end] != '&' && text.p[end] != '"' && text.p[end] != ' ' && text.p[end] != ',')
            end++;
        return sv_sub(text, at, end);
    }
    return SV_NONE;
}

static bool fails_on_http_error(const struct command *k)
{
    for (size_t i = 1; i < k->n; i++) {
        sv w = k->words[i].text;
        bool letters = w.n > 1 && w.p[0] == '-' && w.p[1] != '-' && sv_find_char(w, 'f') != SV_NOT_FOUND;
        if (letters || SV_IN(w, SV("--fail"), SV("--fail-with-body")) || sv_has(w, SV("http_code")))
            return true;
    }
    return sv_eq(command_name(k), SV("wget"));
}

static sv output_file(const struct command *k)
{
    sv named = command_option(k, "-o");
    return named.n != 0 ? named : command_option(k, "--output").n != 0 ? command_option(k, "--output") : k->redirect_out;
}

/* A later command looks into the file: jq -e, grep -q, a comparison. */
static bool content_is_tested(const struct run *r, sv file)
{
    sv base = path_base(sv_unquote(file));
    for (size_t i = 0; r->shell != NULL && i < r->shell->commands.n; i++) {
        const struct command *k = r->shell->commands.at[i];
        if (k == r->command || !SV_IN(command_name(k), SV("jq"), SV("grep"), SV("["), SV("[["), SV("test"), SV("python3"), SV("dcap-qvl")))
            continue;
        for (size_t w = 1; w < k->n; w++)
            if (sv_has(k->words[w].text, base))
                return true;
    }
    return false;
}

static void each_quote_run(struct check_run *c, void (*look)(struct check_run *c, const struct run *r))
{
    for (size_t i = 0; i < c->facts->runs.n; i++) {
        const struct run *r = c->facts->runs.at[i];
        if (quote_url(r->command) == 0 || place_is_aside(r->command->place) || r->src->vendored)
            continue;
        look(c, r);
    }
}

static void saved_error(struct check_run *c, const struct run *r)
{
    sv file = output_file(r->command);
    if (file.n == 0 || sv_eq(file, SV("/dev/null")))
        return;
    c->examined++;
    if (fails_on_http_error(r->command) || content_is_tested(r, file))
        return;
    report(c, r->command->place, sv_trim(file),
           "curl without -f writes whatever the guest agent answers into %.*s and succeeds: an error page is then kept and published as evidence, and nothing notices that there is no quote.", SV_ARG(file));
}

void check_evidence_error_saved(struct check_run *c) { each_quote_run(c, saved_error); }

static bool is_fresh(sv name)
{
    static const char *const parts[] = {"nonce", "challenge", "random", "user", "request", "query", "arg", NULL};
    return name_has_part(name, parts);
}

/* The rows of report-data-constant and report-data-unbound for shell. */
static void shell_constant(struct check_run *c, const struct run *r)
{
    sv data = report_data_sent(r->command);
    c->examined++;
    if (data.n == 0 || sv_find_char(data, '$') != SV_NOT_FOUND || sv_find_char(data, '`') != SV_NOT_FOUND)
        return;
    report(c, r->command->words[quote_url(r->command)].place, SV("report_data"),
           "The quote commits to the constant %.*s: it proves that some enclave with this configuration existed, not that the key or the answer a client sees belongs to it, nor that the quote is fresh.", SV_ARG(data));
}

static void shell_unbound(struct check_run *c, const struct run *r)
{
    sv data = report_data_sent(r->command);
    c->examined++;
    if (output_file(r->command).n == 0 || sv_find_char(data, '$') == SV_NOT_FOUND || is_fresh(data))
        return;
    struct finding *f = report(c, r->command->words[quote_url(r->command)].place, SV("report_data"),
           "The quote over %.*s is made without a challenge and kept in a file: whoever fetched it once can show it for ever, also after the app was replaced.", SV_ARG(data));
    f->severity = SEV_LOW;
    sv name = sv_trim_char(sv_trim_char(sv_trim_char(data, '$'), '{'), '}');
    const struct program *p = read_program(c->facts->repo, r->src);
    for (size_t i = 0; p != NULL && p->lang == LANG_SHELL && i < p->assigns.n; i++)
        if (sv_eq(p->assigns.at[i].target, name)) {
            relate(c, f, program_place(p, p->assigns.at[i].at, p->assigns.at[i].value_end), "what the quote commits to");
            return;
        }
}

void shell_report_data_constant(struct check_run *c) { each_quote_run(c, shell_constant); }
void shell_report_data_unbound(struct check_run *c) { each_quote_run(c, shell_unbound); }

/* ---- Printed, not compared ------------------------------------------------------------------------------ */

static bool prints_variable(const struct program *p, size_t i, const char *const *names)
{
    const struct token *t = &p->at[i];
    if ((t->kind != TOKEN_STRING && t->kind != TOKEN_WORD) || sv_find_char(token_text(p->src, t), '$') == SV_NOT_FOUND || !text_has_any(token_text(p->src, t), names))
        return false;
    for (size_t k = 0; k < p->assigns.n; k++) /* computed here from a file at hand: the reference itself */
        if (program_mentions(p, i, i + 1, p->assigns.at[k].target) && program_says(p, p->assigns.at[k].value, p->assigns.at[k].value_end, "sha256sum"))
            return false;
    size_t start = program_statement_start(p, i);
    while (start < i && SV_IN(program_token(p, start), SV("then"), SV("else"), SV("do")))
        start++;
    if (!SV_IN(program_token(p, start), SV("echo"), SV("printf"), SV("log"), SV("info")))
        return false;
    for (size_t k = start; k < i; k++) /* echo "$x" > file is no output to a person */
        if (p->at[k].kind == TOKEN_PUNCT && SV_IN(program_token(p, k), SV(">"), SV(">>"), SV("|")))
            return false;
    return !program_is(p, i + 1, ">") && !program_is(p, i + 1, "|");
}

size_t shell_prints_value(const struct program *p, const char *const *names)
{
    for (size_t i = 0; i < p->n; i++)
        if (prints_variable(p, i, names))
            return i;
    return SV_NOT_FOUND;
}

/* ---- Failures of commands ----------------------------------------------------------------------------------- */

static const char *const guarding[] = {"verify", "attest", "quote", "checksum", "cosign", "gpg", "caa", "signature", "dcap", NULL};

static bool tests_status(const struct program *p, const struct block *b)
{
    for (size_t i = b->head; i < b->head_end; i++)
        if (sv_has(program_token(p, i), SV("$?")) || (program_is(p, i, "?") && i > b->head && program_is(p, i - 1, "$")))
            return program_says(p, b->head, b->head_end, "ne") || program_find(p, b->head, b->head_end, "!=") != SV_NOT_FOUND;
    return false;
}

/* cmd
 * if [ $? -ne 0 ]; then echo "Warning …"; fi */
void look_for_status_warned(struct check_run *c, const struct program *p)
{
    for (size_t i = 0; p->lang == LANG_SHELL && i < p->blocks.n; i++) {
        const struct block *b = p->blocks.at[i];
        if (b->kind != BLOCK_IF || b->head < 2 || !tests_status(p, b))
            continue;
        size_t end = b->head - 1;
        while (end > 0 && (p->at[end].kind == TOKEN_NEWLINE || program_is(p, end, ";")))
            end--;
        size_t start = program_statement_start(p, end);
        size_t word = find_any(p, start, end + 1, guarding);
        if (word == SV_NOT_FOUND)
            continue;
        c->examined++;
        if (!only_logs(p, b->body, b->body_end) || program_leaves(p, b->body, b->body_end))
            continue;
        struct finding *f = report(c, program_place(p, b->head, b->head_end), program_text(p, start, start + 1),
               "When %.*s fails this is only printed, and the script goes on as if it had succeeded.", SV_ARG(sv_trim(program_text(p, start, word + 1))));
        relate(c, f, program_place(p, start, end + 1), "the step that may fail");
        if (!text_has_any(program_token(p, word), (const char *const[]){"verify", "attest", "quote", "dcap", "cosign", NULL}))
            f->severity = SEV_LOW;
    }
}
