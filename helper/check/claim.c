/* Apps that tell users they are attested, and give them nothing to check it with. */
#include "check/code.h"

static const char *const getters[] = {"getquote", "get_quote", "tdxquote", "tdx_quote", "get_tls_key", "gettlskey", "attest", NULL};

static bool asks_agent(const struct call *k, const char *const *names)
{
    static const char *const agents[] = {"client", "dstack", "tappd", "tee", "sdk", "agent", NULL};
    return call_named(k, names) && text_has_any(k->chain, agents) && !is_log_call(k);
}

/* ---- Is a quote ever made? ------------------------------------------------------------------------ */

/* Called by that name in another function than one of that name. */
static bool is_called(struct check_run *c, sv name)
{
    const struct programs *list = programs_naming(c, name);
    for (size_t i = 0; i < list->all.n; i++) {
        const struct program *p = list->all.at[i];
        for (size_t k = 0; p->src->host == NULL && k < p->calls.n; k++)
            if (sv_eq(p->calls.at[k].name, name) && !sv_eq(function_name(p, p->calls.at[k].open), name))
                return true;
    }
    return false;
}

struct quote_use { bool reached; const struct program *program; const struct call *idle; };

static void look_for_quotes(struct check_run *c, const struct program *p, struct quote_use *u)
{
    for (size_t k = 0; k < p->calls.n && !u->reached; k++) {
        const struct call *call = &p->calls.at[k];
        size_t from, to;
        bool raw = program_argument(p, call, 0, &from, &to) && to == from + 1 && p->at[from].kind == TOKEN_STRING &&
                   text_has_any(program_token(p, from), (const char *const[]){"/getquote", "tdxquote", "rawquote", "gettlskey", NULL});
        if (!raw && !asks_agent(call, getters))
            continue;
        sv name = function_name(p, call->open);
        bool wrapper = text_has_any(name, (const char *const[]){"quote", "attest", NULL}) && !raw;
        if (!wrapper || is_called(c, name))
            u->reached = true;
        else if (u->idle == NULL)
            u->idle = call, u->program = p;
    }
}

static bool quote_by_shell(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->runs.n; i++)
        for (size_t w = 0; w < c->facts->runs.at[i]->command->n; w++)
            if (text_has_any(c->facts->runs.at[i]->command->words[w].text, (const char *const[]){"getquote", "tdxquote", "rawquote", NULL}))
                return true;
    return false;
}

/* ---- What users are told ----------------------------------------------------------------------------- */

static bool is_claim(sv text)
{
    static const char *const claims[] = {"this proves", "proves that", "proof that", "cryptographically prov", "cryptographically verif", "attested to run", "is attested", "verifiably run", "has been verified", NULL};
    static const char *const own[] = {"tee", "code", "enclave", "build", "source", "bot", "app", "server", "image", NULL};
    static const char *const no[] = {"not attested", "not verif", "cannot", "does not", NULL};
    return text_has_any(text, claims) && name_has_part(text, own) && !text_has_any(text, no);
}

/* Documentation of the program, not a text for users. */
static bool is_docstring(const struct program *p, size_t i)
{
    return p->lang == LANG_PYTHON && program_statement_start(p, i) == i;
}

/* The claim that stands where the answer of info() decides; `anywhere`: any in the file. */
static size_t claim_in(const struct program *p, bool anywhere)
{
    static const char *const info[] = {"info", NULL};
    for (size_t i = 0; i < p->n; i++) {
        if (p->at[i].kind != TOKEN_STRING || !is_claim(program_token(p, i)) || is_docstring(p, i))
            continue;
        if (anywhere)
            return i;
        for (const struct block *b = program_block_at(p, i); b != NULL && b->kind != BLOCK_FUNCTION; b = b->parent)
            if (b->kind == BLOCK_IF && says_any(p, b->head, b->head_end, info))
                return i;
    }
    return SV_NOT_FOUND;
}

static size_t find_claim_of_app(struct check_run *c, const char *const *about, const struct program **in)
{
    for (int anywhere = 0; anywhere < 2; anywhere++)
        for (size_t i = 0; i < c->facts->repo->files.n; i++) {
            *in = program_in_use(c, c->facts->repo->files.at[i], about);
            size_t claim = *in == NULL ? SV_NOT_FOUND : claim_in(*in, anywhere != 0);
            if (claim != SV_NOT_FOUND)
                return claim;
        }
    return SV_NOT_FOUND;
}

void check_claim_without_quote(struct check_run *c)
{
    static const char *const infos[] = {"info", "get_info", "getinfo", NULL};
    static const char *const about[] = {"dstack", "tappd", NULL};
    struct quote_use u = {.reached = quote_by_shell(c)};
    const struct program *asking = NULL;
    const struct call *info = NULL;
    for (size_t i = 0; i < c->facts->repo->files.n; i++) {
        const struct program *p = program_in_use(c, c->facts->repo->files.at[i], about);
        for (size_t k = 0; p != NULL && k < p->calls.n && info == NULL; k++)
            if (asks_agent(&p->calls.at[k], infos))
                info = &p->calls.at[k], asking = p;
        if (p != NULL)
            look_for_quotes(c, p, &u);
    }
    if (info == NULL)
        return;
    c->examined++;
    const struct program *p = NULL;
    size_t claim = u.reached ? SV_NOT_FOUND : find_claim_of_app(c, about, &p);
    if (claim == SV_NOT_FOUND)
        return;
    struct finding *f = report(c, program_place(p, claim, claim + 1), SV("quote"),
           "Users are told that this is proven, and the app only asks the guest agent for info(): no quote of it is ever made or handed out, so they have nothing to verify.");
    relate(c, f, program_place(asking, info->from, info->close + 1), "unsigned information about the app");
    if (u.idle != NULL)
        relate(c, f, program_place(u.program, u.idle->from, u.idle->close + 1), "the quote that nothing asks for");
}

/* ---- claim-not-measured ---------------------------------------------------------------------------------- */

/* "effective_mode": mode or "strict" in an answer: configured, or what really is in effect? */
static void look_for_unmeasured(struct check_run *c, const struct program *p)
{
    static const char *const parts[] = {"effective", "actual", "enforced", "attested", "measured", NULL};
    if (p->lang == LANG_SHELL)
        return;
    for (struct walk walk = walk_within(p, parts); next_word(&walk);) {
        size_t i = walk.at;
        if (i + 2 >= p->n || !program_is(p, i + 1, ":"))
            continue;
        sv key = p->at[i].kind == TOKEN_STRING ? program_string(p, i) : p->at[i].kind == TOKEN_WORD ? program_token(p, i) : SV_NONE;
        if (key.n == 0 || !name_has_part(key, parts))
            continue;
        size_t end = program_expression_end(p, i + 2);
        c->examined++;
        for (size_t t = i + 2; t + 1 < end; t++)
            if (SV_IN(program_token(p, t), SV("or"), SV("||"), SV("??")) && p->at[t + 1].kind == TOKEN_STRING && end == t + 2 && t == i + 3) {
                ask(c, program_place(p, i, end), "%.*s is told to users from a setting with a constant behind it: is it what really is in effect for everything the answer speaks of?", SV_ARG(key))->rank = 1;
                break;
            }
    }
}

void check_claim_not_measured(struct check_run *c) { each_program(c, attest_words, look_for_unmeasured); }
