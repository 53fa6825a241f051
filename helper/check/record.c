/* Records and attested statements: who may leave something out of them, or put something in. */
#include "check/code.h"

/* ---- attestation-step-unwired -------------------------------------------------------------------------- */

/* Guard `if not self.sock: return`: the last word of the condition. */
static size_t silent_guard(const struct program *p, const struct block *b)
{
    if (b->kind != BLOCK_IF || !is_absence_test(p, b->head, b->head_end) || !program_leaves(p, b->body, b->body_end) || b->next != NULL)
        return SV_NOT_FOUND;
    size_t first, end, field = SV_NOT_FOUND;
    program_calls_in(p, b->body, b->body_end, &first, &end);
    for (; first < end; first++)
        if (!SV_IN(p->calls.at[first].name, SV("Ok")))
            return SV_NOT_FOUND; /* it says so, or throws */
    for (size_t i = b->head; i < b->head_end; i++) {
        if (p->at[i].kind == TOKEN_WORD && SV_IN(program_token(p, i), SV("and"), SV("or")))
            return SV_NOT_FOUND;
        if (p->at[i].kind == TOKEN_WORD && i > 1 && program_is(p, i - 1, ".") && !SV_IN(program_token(p, i), SV("is_none"), SV("is_empty"), SV("length")))
            field = i;
    }
    if (says_any(p, b->body, b->body_end, (const char *const[]){"raise", "throw", "err", NULL}))
        return SV_NOT_FOUND;
    return field;
}

/* The parameter of a constructor that fills the field: its index, and the function. */
static bool constructor_of(const struct program *p, sv field, const struct block **maker, size_t *index)
{
    for (size_t i = 0; i < p->blocks.n; i++) {
        const struct block *f = p->blocks.at[i];
        bool makes = f->kind == BLOCK_FUNCTION && (SV_IN(f->name, SV("__init__"), SV("constructor"), SV("new")) || sv_starts(f->name, SV("New")));
        if (!makes)
            continue;
        size_t at = 0;
        for (size_t t = f->params; t < f->params_end; t = program_expression_end(p, t) + 1) {
            size_t end = program_expression_end(p, t);
            bool kept = program_mentions(p, f->body, f->body_end, field) || SV_IN(program_token(p, t), SV("private"), SV("public"), SV("protected"), SV("readonly"));
            if (kept && program_mentions(p, t, end < f->params_end ? end : f->params_end, field)) {
                *maker = f;
                *index = p->lang == LANG_PYTHON && at > 0 ? at - 1 : at;
                return true;
            }
            at++;
        }
    }
    return false;
}

/* AuditLog(name, manager), AuditLog::new(name), NewAuditLog(name) */
static bool constructs(const struct call *k, sv type, sv maker)
{
    if (SV_IN(maker, SV("__init__"), SV("constructor")))
        return sv_eq(k->name, type);
    return sv_eq(k->name, maker) && (!sv_eq(maker, SV("new")) || sv_has(k->chain, type));
}

struct wiring { sv type, maker, field; size_t index, sites, wired; const struct program *program; const struct call *site; };

static void count_sites(struct check_run *c, const struct program *p, struct wiring *w)
{
    for (size_t i = 0; i < p->calls.n; i++) {
        const struct call *k = &p->calls.at[i];
        size_t from, to;
        if (!constructs(k, w->type, w->maker) || place_is_aside(program_place(p, k->from, k->close)))
            continue;
        bool passed = program_named_argument(p, k, sv_copy(c->arena, w->field).p, &from, &to) || program_argument(p, k, w->index, &from, &to);
        bool nothing = passed && to == from + 1 && SV_IN(program_token(p, from), SV("None"), SV("null"), SV("undefined"), SV("nil"));
        w->sites++;
        w->wired += passed && !nothing;
        if (w->site == NULL)
            w->site = k, w->program = p;
    }
}

static void each_site(struct check_run *c, struct wiring *w)
{
    sv name = SV_IN(w->maker, SV("new"), SV("__init__"), SV("constructor")) ? w->type : w->maker;
    const struct programs *list = programs_naming(c, name);
    for (size_t i = 0; i < list->all.n; i++)
        if (list->all.at[i]->src->host == NULL)
            count_sites(c, list->all.at[i], w);
}

/* The type a method belongs to: the class around it, the receiver of Go. */
static sv type_of(const struct program *p, const struct block *f)
{
    for (const struct block *b = f->parent; b != NULL; b = b->parent)
        if (b->kind == BLOCK_TYPE)
            return b->name;
    for (size_t i = f->head; p->lang == LANG_GO && i + 1 < f->head_end; i++)
        if (program_is(p, i, "(") && program_match(p, i) != SV_NOT_FOUND)
            return program_token(p, program_match(p, i) - 1);
    return SV_NONE;
}

static void look_for_unwired(struct check_run *c, const struct program *p)
{
    static const char *const steps[] = {"emitevent", "emit_event", "extend_rtmr", "extendrtmr", "getquote", "get_quote", "verify_quote", "verifyquote", "attest", NULL};
    const char *const *words = words_within(c, p, steps);
    for (size_t i = 0; *words != NULL && i < p->blocks.n; i++) {
        const struct block *b = p->blocks.at[i], *f = program_function_at(p, b->body), *maker = NULL;
        size_t field = silent_guard(p, b);
        if (field == SV_NOT_FOUND || f == NULL || !says_any(p, b->body_end, f->body_end, words))
            continue;
        struct wiring w = {.type = type_of(p, f), .field = program_token(p, field)};
        if (w.type.n == 0 || !constructor_of(p, w.field, &maker, &w.index))
            continue;
        w.maker = maker->name;
        c->examined++;
        each_site(c, &w);
        if (w.sites == 0 || w.wired != 0)
            continue;
        struct finding *found = report(c, program_place(w.program, w.site->from, w.site->close + 1), w.field,
               "%.*s is made without %.*s everywhere, and without it %.*s returns at once: the step that should end up in the evidence never runs, and nothing says so.",
               SV_ARG(w.type), SV_ARG(w.field), SV_ARG(f->name));
        relate(c, found, program_place(p, b->head, b->body_end), "nothing happens when it is missing");
        relate(c, found, program_place(p, maker->head, maker->head_end), "may be left out here");
    }
}

static const char *const step_words[] = {"emit_event", "emitevent", "extend_rtmr", "extendrtmr", "get_quote", "getquote", "verify_quote", "verifyquote", "attest", NULL};
void check_step_unwired(struct check_run *c) { each_program(c, step_words, look_for_unwired); }

/* ---- audit-log-unchained ------------------------------------------------------------------------------- */

/* open(path, "a"), appendFileSync(path), OpenOptions::new().append(true), os.OpenFile(…O_APPEND…) */
static bool opens_for_append(const struct program *p, const struct call *k)
{
    size_t from, to;
    if (SV_IN(k->name, SV("appendFile"), SV("appendFileSync")))
        return true;
    if (sv_eq(k->name, SV("append")) && sv_has(k->chain, SV("OpenOptions")))
        return program_argument(p, k, 0, &from, &to) && program_is(p, from, "true");
    if (sv_eq(k->name, SV("OpenFile")))
        return program_says(p, k->open, k->close, "O_APPEND");
    if (SV_IN(k->name, SV("open"), SV("createWriteStream")))
        for (size_t i = k->open; i < k->close; i++)
            if (p->at[i].kind == TOKEN_STRING && SV_IN(program_string(p, i), SV("a"), SV("ab"), SV("a+"), SV("at")))
                return true;
    return false;
}

static void look_for_unchained(struct check_run *c, const struct program *p)
{
    static const char *const audit[] = {"audit", "transparency", NULL};
    static const char *const chains[] = {"prev", "previous", "chain", "merkle", "last_hash", "lasthash", "head_hash", "parent_hash", "signature", "sign", "hmac", "rekor", NULL};
    for (size_t i = 0; i < p->calls.n; i++) {
        const struct call *k = &p->calls.at[i];
        if (!opens_for_append(p, k))
            continue;
        const struct block *f = program_function_at(p, k->open);
        sv type = f == NULL ? SV_NONE : type_of(p, f);
        if (f == NULL || !(text_has_any(f->name, audit) || text_has_any(type, audit) || says_any(p, k->open, k->close, audit)))
            continue;
        c->examined++;
        bool chained = false;
        for (size_t t = 0; t < p->n; t++)
            chained = chained || (p->at[t].kind != TOKEN_PUNCT && p->at[t].kind != TOKEN_NEWLINE && name_has_part(program_token(p, t), chains));
        if (!chained)
            report(c, program_place(p, k->from, k->close + 1), f->name,
                   "The audit log is a plain file that lines are added to. Nothing ties an entry to the one before it or to a signature: whoever reaches the volume takes entries out or rewrites them, and no reader can tell.");
    }
}

static const char *const log_words[] = {"audit", "transparency", NULL};
void check_audit_unchained(struct check_run *c) { each_program(c, log_words, look_for_unchained); }

/* ---- uploader-claim-recorded --------------------------------------------------------------------------------- */

static bool is_client_value(const struct program *p, size_t from, size_t to)
{
    static const char *const sources[] = {"request", "req", "body", "manifest", "payload", "params", "args", "form", "query", "headers", "input", "metadata", NULL};
    const struct block *f = program_function_at(p, from);
    static const char *const reading[] = {"get", "str", "int", "bool", "lower", "strip", "json", "number", "string", "boolean", "trim", "tolowercase", "parse", "loads", NULL};
    size_t first, end;
    if (f == NULL)
        return false;
    program_calls_in(p, from, to, &first, &end);
    for (; first < end; first++)
        if (!call_named(&p->calls.at[first], reading))
            return false; /* what something made of it */
    for (size_t i = from; i < to; i++)
        if (SV_IN(program_token(p, i), SV("method"), SV("path"), SV("url"), SV("match_info")) && i > 0 && program_is(p, i - 1, "."))
            return false; /* which route it is: no choice of the recording */
    for (size_t i = from; i < to; i++) {
        if (p->at[i].kind != TOKEN_WORD || !name_has_part(program_token(p, i), sources) || (i > 0 && program_is(p, i - 1, ".") && !SV_IN(program_token(p, i), SV("body"), SV("query"), SV("params"), SV("headers"))))
            continue;
        if (program_is(p, i + 1, ".") || program_is(p, i + 1, "[") || program_is(p, i + 1, "?."))
            return program_mentions(p, f->params, f->params_end, program_token(p, i)) || program_assigned(p, program_token(p, i), i) != NULL || program_is(p, i - 1, ".");
    }
    return false;
}

static const char *const recorders[] = {"emit_event", "emitevent", "get_quote", "getquote", "extend_rtmr", "extendrtmr", "attest", NULL};

/* recording_call may find something in it. */
static bool records(struct check_run *c, const struct program *p)
{
    struct calls named = calls_named(c, p, recorders);
    return next_named(&named) != NULL || source_ihas(p->src, SV("audit"));
}

/* audit.record(…), emit_event(…), get_quote(…): what readers take as attested. `value`: it is handed over. */
static size_t recording_call(const struct program *p, size_t from, size_t to, sv value)
{
    static const char *const verbs[] = {"record", "append", "log", "add", "write", "emit", "log_event", "logevent", "insert", "push", NULL};
    size_t first, end;
    bool audit = source_ihas(p->src, SV("audit"));
    program_calls_in(p, from, to, &first, &end);
    for (; first < end; first++) {
        const struct call *k = &p->calls.at[first];
        bool audits = audit && sv_ihas(k->chain, SV("audit")) && (call_named(k, verbs) || sv_ihas(k->name, SV("audit"))) && !sv_istarts(k->name, SV("get"));
        if ((audits || call_named(k, recorders)) && (value.n == 0 || program_mentions(p, k->open, k->close, value)))
            return first;
    }
    return SV_NOT_FOUND;
}

static void look_for_claims(struct check_run *c, const struct program *p)
{
    static const char *const provenance[] = {"commit", "commit_sha", "commitsha", "commithash", "git_sha", "gitsha", "git_commit", "gitcommit", "tree_hash", "treehash", "source_hash", "sourcehash",
                                             "image_digest", "imagedigest", "code_hash", "codehash", "build_hash", NULL};
    const char *const *known = words_within(c, p, provenance);
    if (!records(c, p))
        return;
    for (size_t i = 0; *known != NULL && i < p->assigns.n; i++) {
        const struct assignment *a = &p->assigns.at[i];
        size_t from, to;
        if (!is_any(a->target, known) || p->lang == LANG_SHELL)
            continue;
        function_range(p, a->at, &from, &to);
        size_t use = recording_call(p, a->value_end, to, a->target);
        if (use == SV_NOT_FOUND)
            continue;
        c->examined++;
        const char *const words[] = {sv_copy(c->arena, a->target).p, NULL};
        if (!is_client_value(p, a->value, a->value_end) || compares(p, from, to, words))
            continue;
        const struct call *k = &p->calls.at[use];
        struct finding *f = report(c, program_place(p, a->at, a->value_end), a->target,
               "%.*s is whatever the caller says and is recorded as a fact: readers see a commit or digest that need not belong to the code that runs.", SV_ARG(a->target));
        relate(c, f, program_place(p, k->from, k->close + 1), "recorded here");
    }
}

static const char *const record_words[] = {"audit", "attest", "quote", "rtmr", "emit_event", "emitevent", NULL};
void check_uploader_claim(struct check_run *c) { each_program(c, record_words, look_for_claims); }

/* ---- environment-not-recorded ---------------------------------------------------------------------------------- */

/* What says which code it is. */
static bool names_code(const struct program *p, const struct call *k)
{
    static const char *const words[] = {"commit", "digest", "tree_hash", "treehash", "git_sha", "source_hash", "image", NULL};
    return says_any(p, k->open, k->close, words);
}

/* A hash or another record takes it in. */
static bool is_covered(const struct program *p, size_t from, size_t to, sv value)
{
    size_t first, end;
    program_calls_in(p, from, to, &first, &end);
    for (; first < end; first++)
        if ((sv_ihas(p->calls.at[first].name, SV("hash")) || sv_ihas(p->calls.at[first].name, SV("digest"))) &&
            program_mentions(p, p->calls.at[first].open, p->calls.at[first].close, value))
            return true;
    return false;
}

static void look_for_unrecorded_environment(struct check_run *c, const struct program *p)
{
    static const char *const parts[] = {"env", "envs", "environment", NULL};
    const char *const *named = words_within(c, p, parts);
    struct finding *first = NULL; /* one for a program: the others are the same decision */
    const struct call *said = NULL;
    if (!records(c, p))
        return;
    for (size_t i = 0; *named != NULL && i < p->assigns.n; i++) {
        const struct assignment *a = &p->assigns.at[i];
        size_t from, to;
        if (p->lang == LANG_SHELL || !name_has_part(a->target, named) || !is_client_value(p, a->value, a->value_end))
            continue;
        function_range(p, a->at, &from, &to);
        size_t call = recording_call(p, a->value_end, to, SV_NONE);
        if (call == SV_NOT_FOUND || !names_code(p, &p->calls.at[call]))
            continue;
        c->examined++;
        const struct call *k = &p->calls.at[call];
        if (k == said || says_any(p, k->open, k->close, (const char *const[]){"env", NULL}) || is_covered(p, a->value_end, to, a->target))
            continue;
        said = k;
        if (first != NULL) {
            relate(c, first, program_place(p, k->from, k->close + 1), "and here");
            continue;
        }
        first = report(c, program_place(p, a->at, a->value_end), a->target,
               "The record names the code that was deployed and not %.*s, which the caller sets: with other addresses and keys the same record stands for another behaviour.", SV_ARG(a->target));
        relate(c, first, program_place(p, k->from, k->close + 1), "recorded here without it");
    }
}

void check_environment_not_recorded(struct check_run *c) { each_program(c, record_words, look_for_unrecorded_environment); }

/* ---- record-conditional ---------------------------------------------------------------------------------------- */

/* `x = data.get("X", {})`, `x = data.x ?? {}`: a default takes the place of a missing field. */
static bool has_default(const struct program *p, const struct assignment *a)
{
    size_t first, end, arg, arg_end;
    program_calls_in(p, a->value, a->value_end, &first, &end);
    for (; first < end; first++)
        if (sv_eq(p->calls.at[first].name, SV("get")) && program_argument(p, &p->calls.at[first], 1, &arg, &arg_end))
            return true;
    for (size_t i = a->value; i < a->value_end; i++)
        if (program_is(p, i, "??"))
            return true;
    return false;
}

/* Where a word of the condition may have its value from, two steps back. */
static const struct assignment *source_of(const struct program *p, size_t from, size_t to, int depth, bool *client)
{
    const struct assignment *found = NULL;
    const struct block *function = program_function_at(p, from);
    for (size_t i = from; i < to; i++)
        for (size_t k = p->assigns.n; k-- > 0 && p->at[i].kind == TOKEN_WORD && !(i > 0 && program_is(p, i - 1, ".")) && !*client;) {
            const struct assignment *a = &p->assigns.at[k];
            if (a->at >= from || !sv_eq(a->target, program_token(p, i)) || program_function_at(p, a->at) != function)
                continue;
            const struct assignment *further = depth > 0 ? source_of(p, a->value, a->value_end, depth - 1, client) : NULL;
            if (program_is(p, a->value, "await") && !is_client_value(p, a->value, a->value_end))
                continue; /* what a store or a service answers, whoever asked */
            if (SV_IN(a->target, SV("path"), SV("method"), SV("route"), SV("match"), SV("url")))
                continue; /* which action it is */
            if (is_client_value(p, a->value, a->value_end))
                *client = true, found = a;
            else if (further != NULL)
                found = further;
            else if (found == NULL && has_default(p, a))
                found = a;
        }
    return found;
}

static void look_for_conditional(struct check_run *c, const struct program *p)
{
    if (!records(c, p))
        return;
    for (size_t i = 0; i < p->blocks.n; i++) {
        const struct block *b = p->blocks.at[i];
        if (b->kind != BLOCK_IF || p->lang == LANG_SHELL || b->next != NULL || program_function_at(p, b->body) == NULL)
            continue;
        size_t call = recording_call(p, b->body, b->body_end, SV_NONE);
        if (call == SV_NOT_FOUND || program_block_at(p, p->calls.at[call].from) != b)
            continue;
        c->examined++;
        if (program_leaves(p, b->body, b->body_end))
            continue; /* what is recorded is the refusal: the action does not take place */
        bool client = false;
        const struct assignment *a = source_of(p, b->head, b->head_end, 2, &client);
        if (a == NULL)
            continue;
        if (client) {
            struct finding *f = report(c, program_place(p, b->head, b->head_end), a->target,
                   "Whether the action is recorded depends on %.*s, and the caller chooses that: with another value the action takes place and leaves no entry.", SV_ARG(condition_text(p, b)));
            relate(c, f, program_place(p, a->at, a->value_end), "chosen by the caller here");
        } else
            ask(c, program_place(p, a->at, a->value_end), "Where this field is missing a default takes its place, and then nothing is recorded (%.*s): is it certain that the answer holds the field at this level?", SV_ARG(condition_text(p, b)))->rank = 2;
    }
}

void check_record_conditional(struct check_run *c) { each_program(c, record_words, look_for_conditional); }

/* ---- attested-time-unproven --------------------------------------------------------------------------------------- */

/* The token that asks the guest's clock for what goes into report_data. */
static size_t clock_in(const struct program *p, size_t from, size_t to, int depth)
{
    for (size_t i = from; i < to && i < p->n; i++) {
        if (p->at[i].kind != TOKEN_WORD)
            continue;
        bool member = i > 1 && (program_is(p, i - 1, ".") || program_is(p, i - 1, "::"));
        if (member && SV_IN(program_token(p, i), SV("now"), SV("utcnow"), SV("time"), SV("Now")) && SV_IN(program_token(p, i - 2), SV("Date"), SV("time"), SV("datetime"), SV("SystemTime"), SV("Utc"), SV("Local")))
            return i - 2;
        if (sv_eq(program_token(p, i), SV("Date")) && i > 0 && program_is(p, i - 1, "new") && program_is(p, i + 1, "(") && program_match(p, i + 1) == i + 2)
            return i;
        const struct assignment *a = depth > 0 && !member ? program_assigned(p, program_token(p, i), from) : NULL;
        size_t found = a == NULL || (a->value <= from && from < a->value_end) ? SV_NOT_FOUND : clock_in(p, a->value, a->value_end, depth - 1);
        if (found != SV_NOT_FOUND)
            return found;
    }
    return SV_NOT_FOUND;
}

static void look_for_clock(struct check_run *c, const struct program *p)
{
    for (size_t i = 0; i < p->calls.n; i++) {
        size_t from, to;
        if (!report_data_of(p, &p->calls.at[i], &from, &to) || to > p->calls.at[i].close)
            continue;
        c->examined++;
        static const char *const challenges[] = {"nonce", "challenge", NULL};
        size_t clock = clock_in(p, from, to, 4);
        if (clock == SV_NOT_FOUND || derives_from(p, from, to, challenges, 4))
            continue; /* a caller's challenge proves that it is fresh */
        struct finding *f = report(c, program_place(p, clock, clock + 1), SV("timestamp"),
               "The time in the attested statement is the guest's clock, which the host sets unless secure_time is on: an old statement can be made to look new, and a new one old.");
        relate(c, f, program_place(p, p->calls.at[i].from, p->calls.at[i].close + 1), "the quote over it");
    }
}

void check_attested_time(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->app_composes.n; i++)
        if (sv_eq(node_text(node_get(c->facts->app_composes.at[i]->root, "secure_time")), SV("true"))) {
            c->examined++;
            return;
        }
    static const char *const getters[] = {"getquote", "get_quote", "tdxquote", "tdx_quote", NULL};
    each_program(c, getters, look_for_clock);
}

/* ---- statement-shrinks ------------------------------------------------------------------------------------------------ */

/* `x = None` in the handler of an error: the value that is then left out. */
static sv given_up(const struct program *p, const struct block *handler)
{
    for (size_t i = 0; i < p->assigns.n; i++) {
        const struct assignment *a = &p->assigns.at[i];
        if (a->at >= handler->body && a->at < handler->body_end && SV_IN(program_token(p, a->value), SV("None"), SV("null"), SV("undefined")) && a->value_end <= a->value + 1)
            return a->target;
    }
    return SV_NONE;
}

/* if x: statement["x"] = x — and the statement is quoted or signed. */
static bool feeds_statement(struct check_run *c, const struct program *p, const struct block *b)
{
    static const char *const proofs[] = {"sign", "getquote", "get_quote", "sign_deterministic", "sign_message", "signmessage", "tdx_quote", "tdxquote", NULL};
    size_t at = b->body;
    while (at < b->body_end && p->at[at].kind == TOKEN_NEWLINE)
        at++;
    if (at == b->body_end || p->at[at].kind != TOKEN_WORD)
        return false;
    const char *const words[] = {sv_copy(c->arena, program_token(p, at)).p, NULL};
    for (size_t k = 0; k < p->calls.n; k++)
        if (p->calls.at[k].open > b->body_end && call_named(&p->calls.at[k], proofs) && derives_from(p, p->calls.at[k].open + 1, p->calls.at[k].close, words, 4))
            return true;
    return false;
}

static void look_for_shrinking(struct check_run *c, const struct program *p)
{
    for (size_t i = 0; i < p->blocks.n; i++) {
        const struct block *handler = p->blocks.at[i];
        sv lost = handler->kind == BLOCK_CATCH && p->lang != LANG_SHELL ? given_up(p, handler) : SV_NONE;
        if (lost.n == 0)
            continue;
        c->examined++;
        for (size_t k = i + 1; k < p->blocks.n; k++) {
            const struct block *b = p->blocks.at[k];
            if (b->kind != BLOCK_IF || b->next != NULL || program_function_at(p, b->body) != program_function_at(p, handler->body) || !is_presence_test(p, b->head, b->head_end) ||
                !program_mentions(p, b->head, b->head_end, lost) || !program_mentions(p, b->body, b->body_end, lost) || !feeds_statement(c, p, b))
                continue;
            struct finding *f = report(c, program_place(p, handler->body, handler->body_end), lost,
                   "When the query fails, %.*s is left out and the statement is quoted or signed without it: a reader cannot tell what was not asked from what could not be answered.", SV_ARG(lost));
            relate(c, f, program_place(p, b->head, b->body_end), "left out here");
            break;
        }
    }
}

static const char *const proof_words[] = {"getquote", "get_quote", "sign", "tdx_quote", NULL};
void check_statement_shrinks(struct check_run *c) { each_program(c, proof_words, look_for_shrinking); }

/* ---- filter-by-replacement ------------------------------------------------------------------------------------------ */

/* code.replace('if (a) …', 'if (mode !== "attested") …; if (a) …'): does nothing where the text is not there. */
static void look_for_replacement(struct check_run *c, const struct program *p)
{
    static const char *const guards[] = {"attest", "auth", "verif", "allow", "token", "permission", "readonly", NULL};
    static const char *const replacing[] = {"replace", "replaceAll", "ReplaceAll", NULL};
    struct calls named = calls_written(c, p, replacing);
    for (const struct call *k; (k = next_named(&named)) != NULL;) {
        size_t from, to, second, end;
        if (!program_argument(p, k, 0, &from, &to) || !program_argument(p, k, 1, &second, &end) ||
            p->at[from].kind != TOKEN_STRING || p->at[second].kind != TOKEN_STRING)
            continue;
        sv old = program_string(p, from), new = program_string(p, second);
        c->examined++;
        if (old.n > 12 && sv_has(new, old) && sv_has(new, SV("if")) && text_has_any(new, guards))
            ask(c, program_place(p, k->from, k->close + 1), "A check is put into a program by replacing text: is this text in every program that needs the check, and does anything fail when it is not?")->rank = 1;
    }
}

void check_filter_by_replacement(struct check_run *c) { each_program(c, attest_words, look_for_replacement); }
