/* What happens when a check fails or the enclave is missing. */
#include "check/code.h"

static const char *const security_words[] = {"hash", "digest", "quote", "measurement", "mr_", "mrtd", "rtmr", "signature", "signer", "compose", "report_data", "reportdata",
                                             "tcb", "fingerprint", "attest", "verified", "nonce", "app_id", "appid", NULL};

/* ---- mismatch-tolerated ------------------------------------------------------------------------------ */

static bool tells_of_failure(const struct program *p, size_t from, size_t to)
{
    static const char *const words[] = {"mismatch", "does not match", "doesn't match", "do not match", "not match", "differ", "not up to date", "outdated", "known issue",
                                        "could not extract", "no known good", "unexpected", "\xE2\x9D\x8C", "\xE2\x9A\xA0", "invalid", NULL};
    for (size_t i = from; i < to && i < p->n; i++)
        if (p->at[i].kind == TOKEN_STRING && text_has_any(program_token(p, i), words))
            return true;
    return false;
}

static bool has_operator(const struct program *p, size_t from, size_t to, bool *unequal)
{
    for (size_t i = from; i < to && i < p->n; i++) {
        const struct token *t = &p->at[i];
        if (t->kind != TOKEN_PUNCT || (program_first(p, i) != '=' && program_first(p, i) != '!'))
            continue;
        if (SV_IN(token_text(p->src, t), SV("!="), SV("!=="))) {
            *unequal = true;
            return true;
        }
        if (SV_IN(token_text(p->src, t), SV("=="), SV("===")) || (p->lang == LANG_SHELL && sv_eq(token_text(p->src, t), SV("=")))) {
            *unequal = false;
            return true;
        }
    }
    return false;
}

/* The verdict is kept for later: a flag, a counter, a list of errors. */
static bool remembers(const struct program *p, size_t from, size_t to)
{
    for (size_t i = from; i < to && i < p->n; i++) {
        if (p->at[i].kind == TOKEN_PUNCT && SV_IN(program_token(p, i), SV("="), SV("+="), SV("++"), SV(":=")))
            return true;
        if (p->at[i].kind == TOKEN_WORD && SV_IN(program_token(p, i), SV("push"), SV("append"), SV("add"), SV("set"), SV("process"), SV("FAILED")))
            return true;
    }
    return false;
}

static void tolerated(struct check_run *c, const struct program *p, const struct block *condition, const struct block *failing, bool compares)
{
    if (!only_logs(p, failing->body, failing->body_end) || remembers(p, failing->body, failing->body_end) || program_leaves(p, failing->body, failing->body_end) ||
        !tells_of_failure(p, failing->body, failing->body_end))
        return;
    sv what = condition_text(p, condition);
    struct finding *f = report(c, program_place(p, condition->head, condition->head_end), what,
                               "When the test `%.*s` tells of a failure, this is only written to the log and the program goes on.", SV_ARG(what));
    static const char *const receipts[] = {"receipt", "parseeventlogs", "parselog", "get_transaction_receipt", NULL};
    bool status = sv_ihas(what, SV("uptodate"));
    if (status || !compares)
        f->severity = SEV_MEDIUM;
    if (derives_from(p, condition->head, condition->head_end, receipts, 3))
        f->severity = SEV_LOW; /* what the program's own transaction left on the chain */
    if (failing != condition)
        relate(c, f, program_place(p, failing->body, failing->body_end), compares ? "what happens when it differs" : "what happens when it is missing");
}

static bool about_security(const struct program *p, const struct block *b, const char *const *words)
{
    bool literal = false; /* [ "$RESULT" = "passed" ]: the verdict of something else */
    for (size_t i = b->head; i < b->head_end; i++)
        literal = literal || (p->at[i].kind == TOKEN_STRING && sv_find_char(program_token(p, i), '$') == SV_NOT_FOUND);
    return says_any(p, b->head, b->head_end, words) || (!literal && says_any(p, b->body, b->body_end, words)) ||
           (program_says(p, b->head, b->head_end, "status") && program_says(p, b->head, b->head_end, "uptodate"));
}

/* `== "48"`, `=== 2`: a size or a state. 0 and 1 say whether a check succeeded. */
static bool compares_count(const struct program *p, const struct block *b)
{
    for (size_t i = b->head; i < b->head_end; i++) {
        const struct token *t = &p->at[i];
        sv number = t->kind == TOKEN_NUMBER ? token_text(p->src, t) : t->kind == TOKEN_STRING ? token_string(p->src, t) : SV_NONE;
        bool digits = number.n != 0 && number.n < 5;
        for (size_t k = 0; k < number.n; k++)
            digits = digits && number.p[k] >= '0' && number.p[k] <= '9';
        if (digits && !SV_IN(number, SV("0"), SV("1")))
            return true;
    }
    return false;
}

static void look_for_tolerated(struct check_run *c, const struct program *p)
{
    const char *const *words = words_within(c, p, security_words);
    for (size_t i = 0; i < p->blocks.n; i++) {
        const struct block *b = p->blocks.at[i];
        bool unequal = false;
        if (b->kind != BLOCK_IF)
            continue;
        bool compares = has_operator(p, b->head, b->head_end, &unequal);
        bool present = !compares && p->lang == LANG_SHELL && program_is(p, b->head + 2, "-") && program_is(p, b->head + 3, "n");
        if ((!compares && !present) || (compares && compares_count(p, b)) || !about_security(p, b, words))
            continue;
        c->examined++;
        if (compares && unequal)
            tolerated(c, p, b, b, true);
        else if (b->next != NULL && b->next->kind == BLOCK_ELSE)
            tolerated(c, p, b, b->next, compares);
    }
}

void check_mismatch_tolerated(struct check_run *c) { each_program(c, security_words, look_for_tolerated); }

/* ---- verification-only-logged -------------------------------------------------------------------------- */

static void look_for_logged(struct check_run *c, const struct program *p)
{
    static const char *const verdicts[] = {"verified", "attested", "is_valid", "isvalid", "trusted", "verify", NULL};
    const char *const *words = words_within(c, p, verdicts);
    for (size_t i = 0; i < p->blocks.n; i++) {
        const struct block *b = p->blocks.at[i];
        if (b->kind != BLOCK_IF || p->lang == LANG_SHELL || !says_any(p, b->head, b->head_end, words))
            continue;
        static const char *const context[] = {"verif", "attest", "signature", "signer", "quote", NULL};
        sv name = function_name(p, b->body);
        c->examined++;
        const struct block *other = b->next;
        bool both = other != NULL && other->kind == BLOCK_ELSE && only_logs(p, b->body, b->body_end) && only_logs(p, other->body, other->body_end) &&
                    !program_leaves(p, b->body, b->body_end) && !program_leaves(p, other->body, other->body_end);
        bool negative = (program_is(p, b->head + 1, "not") || program_find(p, b->head, b->head_end, "not") == b->head + 1 || program_is(p, b->head + 1, "!") || program_is(p, b->head + 2, "!")) && other == NULL &&
                        only_logs(p, b->body, b->body_end) && !program_leaves(p, b->body, b->body_end);
        if ((!both && !negative) || !text_has_any(name, context))
            continue;
        sv what = condition_text(p, b);
        report(c, program_place(p, b->head, b->head_end), what, "The outcome of `%.*s` only chooses a log line: what failed the check is accepted like what passed it.", SV_ARG(what));
    }
}

/* print("binds:", a == b): the outcome is shown and decides nothing. */
static bool is_only_shown(const struct program *p, const struct comparison *k)
{
    size_t first, end;
    const struct block *f = program_function_at(p, k->at);
    size_t from = f == NULL ? 0 : f->body, to = f == NULL ? p->n : f->body_end;
    program_calls_in(p, from, k->left + 1, &first, &end);
    for (; first < end; first++)
        if (is_log_call(&p->calls.at[first]) && p->calls.at[first].open < k->left && k->right_end <= p->calls.at[first].close)
            return true;
    const struct assignment *a = NULL;
    for (size_t i = 0; i < p->assigns.n; i++)
        if (p->assigns.at[i].value <= k->left && k->right_end <= p->assigns.at[i].value_end)
            a = &p->assigns.at[i];
    size_t shown = 0, used = 0;
    for (size_t i = a == NULL ? to : a->value_end; i < to; i++) {
        if (!program_mentions(p, i, i + 1, a->target))
            continue;
        bool in_log = false;
        program_calls_in(p, from, i, &first, &end);
        for (; first < end; first++)
            in_log = in_log || (is_log_call(&p->calls.at[first]) && p->calls.at[first].open < i && i < p->calls.at[first].close);
        shown += in_log, used += !in_log;
    }
    return shown != 0 && used == 0;
}

static const char *const decisive[] = {"report_data", "reportdata", "compose_hash", "composehash", "mrtd", "mr_td", "rtmr", "rt_mr", "mr_config", "mrconfig", "measurement", "os_image_hash", NULL};

static bool look_for_shown(const struct program *p, const struct comparison *k, void *ctx)
{
    struct check_run *c = ctx;
    if (!comparison_says(p, k, decisive))
        return false;
    c->examined++;
    if (is_only_shown(p, k)) {
        struct finding *f = report(c, program_place(p, k->left, k->right_end), sv_trim(program_text(p, k->left, k->left_end)),
                                   "The comparison is shown and decides nothing: when the values differ the verifier ends as it does when they agree.");
        f->severity = SEV_MEDIUM;
    }
    return false;
}

static void look_for_shown_verdict(struct check_run *c, const struct program *p)
{
    if (p->lang != LANG_SHELL && source_says(p->src, decisive) && is_verifying_file(c, p))
        each_comparison(p, 0, p->n, look_for_shown, c);
}

void check_verification_logged(struct check_run *c)
{
    each_program(c, verify_words, look_for_logged);
    each_program(c, attest_words, look_for_shown_verdict);
}

/* ---- verification-skipped -------------------------------------------------------------------------------- */

/* ok = verify(x): the assignment whose value the call is. */
static const struct assignment *assignment_around(const struct program *p, const struct call *k)
{
    for (size_t i = 0; i < p->assigns.n; i++)
        if (p->assigns.at[i].value <= k->from && k->close < p->assigns.at[i].value_end)
            return &p->assigns.at[i];
    return NULL;
}

/* `if enabled and chat_id: verify(chat_id)` with nothing in the other case */
static void look_for_skipped(struct check_run *c, const struct program *p)
{
    static const char *const verifiers[] = {"verify", "validate_quote", "check_attestation", "verifyquote", NULL};
    static const char *const local[] = {"id", "signature", "quote", "nonce", "attestation", "token", NULL};
    for (size_t i = 0; i < p->blocks.n; i++) {
        const struct block *b = p->blocks.at[i];
        size_t first, end;
        if (b->kind != BLOCK_IF || p->lang == LANG_SHELL || !is_presence_test(p, b->head, b->head_end))
            continue;
        c->examined++;
        if (b->next != NULL || b->follows != NULL || is_absence_test(p, b->head, b->head_end))
            continue;
        program_calls_in(p, b->body, b->body_end, &first, &end);
        if (end - first == 0 || end - first > 2 || !call_names(&p->calls.at[first], verifiers) || is_log_call(&p->calls.at[first]))
            continue;
        const struct call *k = &p->calls.at[first];
        bool gated = false; /* an argument of the verification is what the condition asks for */
        for (size_t t = b->head; t < b->head_end && !gated; t++)
            gated = p->at[t].kind == TOKEN_WORD && text_has_any(program_token(p, t), local) && program_mentions(p, k->open, k->close, program_token(p, t));
        size_t from, to;
        function_range(p, b->body, &from, &to);
        if (!gated || program_leaves(p, b->body, b->body_end) || !text_has_any(program_text(p, from, to), (const char *const[]){"return", NULL}))
            continue;
        const struct assignment *result = k->from == 0 ? NULL : assignment_around(p, k);
        if (result != NULL && program_mentions(p, b->body_end, to, result->target))
            continue; /* what comes later sees that there is no result */
        report(c, program_place(p, b->head, b->head_end), condition_text(p, b),
               "%.*s is called only when its input is there. An answer that leaves the value out is accepted without any verification.", SV_ARG(k->chain));
    }
}

void check_verification_skipped(struct check_run *c) { each_program(c, verify_words, look_for_skipped); }

/* ---- auth-open-when-unset ---------------------------------------------------------------------------------- */

static bool lets_pass(const struct program *p, size_t from, size_t to)
{
    while (from < to && p->at[from].kind == TOKEN_NEWLINE)
        from++;
    size_t end = program_statement_end(p, from);
    if (program_is(p, from, "return")) {
        size_t next = from + 1;
        if (program_is(p, next, "await"))
            next++;
        return end <= from + 1 || SV_IN(program_token(p, next), SV("None"), SV("True"), SV("true"), SV("next"), SV("null"), SV("undefined"), SV("nil"), SV("Ok"), SV("call_next"));
    }
    return program_is(p, from, "next");
}

static const char *const guard_secrets[] = {"token", "secret", "password", "api_key", "apikey", "admin_key", "auth_key", NULL};

static void look_for_open_auth(struct check_run *c, const struct program *p)
{
    static const char *const guards[] = {"auth", "require", "verify_token", "verifytoken", "check_token", "checktoken", "guard", "middleware", "protect", "authenticate", "authorize", NULL};
    if (p->lang == LANG_SHELL || !defines_any(p, words_within(c, p, guards)))
        return;
    const char *const *secrets = words_within(c, p, guard_secrets);
    for (size_t i = 0; i < p->blocks.n; i++) {
        const struct block *b = p->blocks.at[i];
        size_t word = b->kind == BLOCK_IF ? find_any(p, b->head + 1, b->head_end, secrets) : SV_NOT_FOUND;
        if (word == SV_NOT_FOUND || !is_absence_test(p, b->head, b->head_end))
            continue;
        static const char *const makers[] = {"create", "make", "build", "get", "init", "setup", "load", NULL};
        sv function = function_name(p, b->body);
        if (!text_has_any(function, guards) || name_has_part(function, makers))
            continue;
        c->examined++;
        if (!lets_pass(p, b->body, b->body_end))
            continue;
        sv name = program_token(p, word);
        /* a setting, not what the request carries */
        bool setting = !sv_eq(sv_upper(c->arena, name), name) ? program_says(p, b->head, b->head_end, "config") || program_says(p, b->head, b->head_end, "settings") || program_says(p, b->head, b->head_end, "env") : true;
        if (!setting)
            continue;
        report(c, program_place(p, b->head, b->body_end), name,
               "Without %.*s every request passes as authenticated. The variable is set from outside the attested code, so the deployer opens the door by leaving it empty.", SV_ARG(name));
    }
}

void check_auth_open(struct check_run *c) { each_program(c, guard_secrets, look_for_open_auth); }

/* ---- tee-fallback ------------------------------------------------------------------------------------------- */

static const char *const sdk_words[] = {"dstackclient", "tappdclient", "dstack_client", "getkey", "get_key", "derive_key", "derivekey", "get_quote", "getquote", "tdx_quote", "dstackcall", NULL};

static void look_for_fallback(struct check_run *c, const struct program *p)
{
    static const char *const substitutes[] = {"generate", "random", "token_hex", "urandom", "mock", "dummy", "fake", "canned", "simulat", "dev_", "_dev", "development", "fallback", "insecure", "process.env", "environ", "getenv", NULL};
    for (size_t i = 0; i < p->blocks.n; i++) {
        const struct block *b = p->blocks.at[i];
        const struct block *attempt = b->follows;
        if (b->kind != BLOCK_CATCH || attempt == NULL || attempt->kind != BLOCK_TRY || !says_any(p, attempt->body, attempt->body_end, sdk_words))
            continue;
        c->examined++;
        size_t word = SV_NOT_FOUND;
        for (size_t t = b->body; t < b->body_end && word == SV_NOT_FOUND; t++)
            if (p->at[t].kind == TOKEN_WORD && text_has_any(program_token(p, t), substitutes))
                word = t;
        static const char *const leave[] = {"raise", "throw", "exit", NULL};
        bool stops = false;
        for (size_t t = b->body; t < b->body_end; t++)
            stops = stops || (p->at[t].kind == TOKEN_WORD && text_has_any(program_token(p, t), leave));
        if (word == SV_NOT_FOUND || stops)
            continue;
        bool key = says_any(p, attempt->body, attempt->body_end, (const char *const[]){"key", NULL}) && !program_says(p, word, word + 1, "dev") && !program_says(p, word, word + 1, "mock");
        struct finding *f = report(c, program_place(p, word, word + 1), program_token(p, word),
               key ? "When the dstack SDK fails for any reason, a substitute key (%.*s) takes the place of the derived one and the app goes on: whoever keeps the socket away gets a service outside the enclave's identity."
                   : "When the dstack SDK fails for any reason, substitute data (%.*s) takes the place of the evidence and the app goes on.",
               SV_ARG(program_token(p, word)));
        relate(c, f, program_place(p, attempt->head, attempt->head_end + 1), "the attempt that may fail");
        if (!key)
            f->severity = SEV_LOW;
    }
}

/* if (inTee) key = await client.getKey(…) else key = randomBytes(32) */
static void look_for_branch(struct check_run *c, const struct program *p)
{
    static const char *const key_calls[] = {"getkey", "get_key", "derive_key", "derivekey", NULL};
    static const char *const substitutes[] = {"generate", "random", "randombytes", "token_hex", "token_bytes", "urandom", "generatekey", "getenv", "environ", NULL};
    static const char *const leave[] = {"raise", "throw", "exit", "panic", "fatal", NULL};
    for (size_t i = 0; i < p->blocks.n; i++) {
        const struct block *other = p->blocks.at[i], *b = other->follows;
        if (other->kind != BLOCK_ELSE || b == NULL || b->kind != BLOCK_IF || p->lang == LANG_SHELL)
            continue;
        const struct block *derived = says_any(p, b->body, b->body_end, key_calls) ? b : says_any(p, other->body, other->body_end, key_calls) ? other : NULL;
        if (derived == NULL)
            continue;
        const struct block *made = derived == b ? other : b;
        c->examined++;
        size_t word = SV_NOT_FOUND;
        for (size_t t = made->body; t < made->body_end && word == SV_NOT_FOUND; t++)
            if (p->at[t].kind == TOKEN_WORD && name_has_part(program_token(p, t), substitutes))
                word = t;
        if (word == SV_NOT_FOUND || says_any(p, made->body, made->body_end, leave) || says_any(p, made->body, made->body_end, key_calls) || is_built_for_tests(p, made))
            continue;
        struct finding *f = report(c, program_place(p, word, word + 1), program_token(p, word),
               "Where %.*s decides against the derived key, a substitute (%.*s) takes its place and the app goes on: such an instance is bound to no enclave, or its deployer knows the key.",
               SV_ARG(condition_text(p, b)), SV_ARG(program_token(p, word)));
        relate(c, f, program_place(p, derived->body, derived->body_end), "the derived key");
    }
}

/* getKey(…).catch(() => randomBytes(32)), get_key(…).unwrap_or_else(|_| random()) */
static void look_for_rescue(struct check_run *c, const struct program *p)
{
    static const char *const random[] = {"generate", "random", "randombytes", "token_hex", "token_bytes", "urandom", "random_bytes", "generatekeypair", NULL};
    for (size_t i = 0; i < p->calls.n; i++) {
        const struct call *k = &p->calls.at[i];
        if (!SV_IN(k->name, SV("catch"), SV("unwrap_or_else"), SV("unwrap_or")) || !says_any(p, k->from, k->open, sdk_words))
            continue;
        c->examined++;
        size_t word = find_any(p, k->open, k->close, random);
        if (word != SV_NOT_FOUND && p->at[word].kind == TOKEN_WORD)
            report(c, program_place(p, word, word + 1), program_token(p, word), "When the derived key cannot be had, a random one (%.*s) takes its place and the app goes on: whoever keeps the socket away gets a service with a key that no attestation names.", SV_ARG(program_token(p, word)));
    }
}

void check_tee_fallback(struct check_run *c)
{
    each_program(c, sdk_words, look_for_fallback);
    each_program(c, sdk_words, look_for_branch);
    each_program(c, sdk_words, look_for_rescue);
}

/* ---- signature-left-out ------------------------------------------------------------------------------------- */

/* if secret: message["hmac"] = sign(message) else: print("unauthenticated") */
static const char *const signing[] = {"sign", "hmac", "createhmac", "signature", NULL};

static void look_for_left_out(struct check_run *c, const struct program *p)
{
    static const char *const secrets[] = {"secret", "token", "key", "signer", "password", NULL};
    const char *const *words = words_within(c, p, secrets);
    for (size_t i = 0; *words != NULL && p->lang != LANG_SHELL && i < p->blocks.n; i++) {
        const struct block *b = p->blocks.at[i], *other = b->next;
        size_t first, end;
        if (b->kind != BLOCK_IF || !says_any(p, b->head, b->head_end, words) || !is_presence_test(p, b->head, b->head_end) || is_absence_test(p, b->head, b->head_end))
            continue;
        program_calls_in(p, b->body, b->body_end, &first, &end);
        while (first < end && !name_has_part(p->calls.at[first].name, signing))
            first++;
        if (first == end)
            continue;
        c->examined++;
        if (other == NULL || other->kind != BLOCK_ELSE || !only_logs(p, other->body, other->body_end) || program_leaves(p, other->body, other->body_end))
            continue;
        struct finding *f = report(c, program_place(p, b->head, b->head_end), condition_text(p, b),
               "Without %.*s the message goes out unsigned, with a log line: whoever sets the variable, or leaves it out, decides whether the receiver can tell it from a forged one.", SV_ARG(condition_text(p, b)));
        relate(c, f, program_place(p, other->body, other->body_end), "all that happens");
    }
}

void check_signature_left_out(struct check_run *c) { each_program(c, signing, look_for_left_out); }

/* ---- fails-open --------------------------------------------------------------------------------------------- */

static bool positive_return(const struct program *p, size_t from, size_t to, size_t *at)
{
    for (size_t i = from; i + 1 < to; i++) {
        if (!program_is(p, i, "return"))
            continue;
        *at = i;
        size_t end = program_statement_end(p, i + 1);
        if (SV_IN(program_token(p, i + 1), SV("True"), SV("true")))
            return true;
        for (size_t t = i + 1; t + 2 < end; t++)
            if (SV_IN(program_token(p, t), SV("valid"), SV("ok"), SV("verified"), SV("allowed"), SV("\"valid\""), SV("\"ok\""), SV("\"verified\"")) && SV_IN(program_token(p, t + 2), SV("true"), SV("True")))
                return true;
        if (program_is(p, i + 1, "Ok") && program_is(p, i + 3, "true"))
            return true;
    }
    return false;
}

static void look_for_open_failure(struct check_run *c, const struct program *p)
{
    static const char *const verifiers[] = {"verif", "valid", "check", "attest", "auth", "allowed", "trusted", NULL};
    static const char *const negations[] = {"invalid", "expired", "revoked", "blocked", "denied", "unauth", NULL};
    static const char *const verdicts[] = {"score", "rating", "verdict", "moderat", "risk", "classif", "decision", NULL};
    for (size_t i = 0; i < p->blocks.n; i++) {
        const struct block *b = p->blocks.at[i];
        if (b->kind != BLOCK_CATCH)
            continue;
        sv name = function_name(p, b->body);
        size_t at = SV_NOT_FOUND;
        c->examined++;
        if (text_has_any(name, verifiers) && !text_has_any(name, negations) && positive_return(p, b->body, b->body_end, &at)) {
            report(c, program_place(p, at, at + 2), name, "%.*s answers yes when its own check breaks: any error on the way (a timeout, a malformed quote) counts as success.", SV_ARG(name));
            continue;
        }
        for (size_t t = b->body; text_has_any(name, verdicts) && t + 1 < b->body_end; t++)
            if (program_is(p, t, "return") && (p->at[t + 1].kind == TOKEN_NUMBER || sv_istarts(program_token(p, t + 1), SV("default")))) {
                struct finding *f = report(c, program_place(p, t, t + 2), name, "%.*s returns a default verdict (%.*s) on any error, so a failure looks like a judgement.", SV_ARG(name), SV_ARG(program_token(p, t + 1)));
                f->severity = SEV_LOW;
                break;
            }
    }
}

void check_fails_open(struct check_run *c) { each_program(c, NULL, look_for_open_failure); }

/* ---- verification-error-ignored -------------------------------------------------------------------------------- */

static void look_for_ignored(struct check_run *c, const struct program *p)
{
    static const char *const guarded[] = {"verify_quote", "verifyquote", "verify_attestation", "verifyattestation", "verify_signature", "verifysignature", "emitevent", "emit_event", "extend_rtmr", "extendrtmr", "verify", NULL};
    for (size_t i = 0; i < p->blocks.n; i++) {
        const struct block *b = p->blocks.at[i], *attempt = b->follows;
        if (b->kind != BLOCK_CATCH || attempt == NULL || attempt->kind != BLOCK_TRY)
            continue;
        bool silent = b->body >= b->body_end || only_logs(p, b->body, b->body_end);
        if (!silent)
            continue;
        size_t first, end, found = SV_NOT_FOUND;
        program_calls_in(p, attempt->body, attempt->body_end, &first, &end);
        for (; first < end && found == SV_NOT_FOUND; first++)
            if (call_named(&p->calls.at[first], guarded) || (sv_ihas(program_text(p, p->calls.at[first].open, p->calls.at[first].close), SV("EmitEvent")) && is_http_call(p, &p->calls.at[first])))
                found = first;
        if (found == SV_NOT_FOUND)
            continue;
        c->examined++;
        const struct call *k = &p->calls.at[found];
        bool event = sv_ihas(program_text(p, k->from, k->close), SV("event")) || sv_ihas(k->name, SV("rtmr"));
        struct finding *f = report(c, program_place(p, b->body, b->body_end), k->name,
               event ? "A failure to extend the RTMR is only logged: the event log a verifier sees stays short while the action takes place."
                     : "A failed %.*s is swallowed here: what could not be verified is used like what was.", SV_ARG(k->chain));
        if (event)
            f->severity = SEV_LOW;
    }
}

void check_verification_ignored(struct check_run *c)
{
    each_program(c, attest_words, look_for_ignored);
    each_program(c, NULL, look_for_status_warned);
}

/* ---- starts-without-tee --------------------------------------------------------------------------------------- */

static const char *const modes[] = {"development mode", "dev mode", "without tee", "not in tee", "without dstack", "degraded", "simulator mode", "mock mode", NULL};

static void look_for_degraded(struct check_run *c, const struct program *p)
{
    for (struct walk walk = walk_within(p, modes); next_word(&walk);) {
        size_t i = walk.at;
        if (p->at[i].kind != TOKEN_STRING)
            continue;
        const struct block *b = program_block_at(p, i);
        if (b == NULL || program_leaves(p, b->body, b->body_end) || p->lang == LANG_SHELL)
            continue;
        c->examined++;
        size_t first, end;
        program_calls_in(p, b->body, b->body_end, &first, &end);
        bool listens = false;
        for (; first < end; first++)
            listens = listens || SV_IN(p->calls.at[first].name, SV("listen"), SV("serve"), SV("run"));
        bool branch = (b->kind == BLOCK_ELSE || b->kind == BLOCK_IF || b->kind == BLOCK_CATCH) && only_logs(p, b->body, b->body_end) && b->follows != NULL;
        static const char *const starts[] = {"main", "start", "startup", "lifespan", "init", NULL};
        if (!listens && !(branch && text_has_any(function_name(p, i), starts)))
            continue;
        report(c, program_place(p, i, i + 1), SV("start"), "The service starts although the enclave or its keys are not there (%.*s): users cannot tell such an instance from a protected one.",
               SV_ARG(program_string(p, i)));
    }
}

/* init().then(() => server.listen()).catch(e => { log(e); server.listen() }): it serves although its start failed. */
static void look_for_start_after_failure(struct check_run *c, const struct program *p)
{
    for (size_t i = 0; i < p->calls.n; i++) {
        const struct call *k = &p->calls.at[i];
        size_t first, end, listen = SV_NOT_FOUND;
        if (!sv_eq(k->name, SV("catch")) || p->lang == LANG_PYTHON || program_leaves(p, k->open + 1, k->close) || program_find(p, k->open, k->close, "exit") != SV_NOT_FOUND)
            continue;
        c->examined++;
        program_calls_in(p, k->open, k->close, &first, &end);
        for (; first < end; first++)
            if (SV_IN(p->calls.at[first].name, SV("listen"), SV("serve")))
                listen = first;
        if (listen != SV_NOT_FOUND)
            report(c, program_place(p, p->calls.at[listen].from, p->calls.at[listen].close + 1), SV("start"),
                   "The service starts although what it starts with failed (%.*s): users cannot tell an instance without its keys from a sound one.", SV_ARG(sv_trim(program_text(p, k->from, k->open))));
    }
}

/* try: derive() except: serve(); if err := deriveKeys(); err != nil { log(err); http.ListenAndServe(…) } */
static void look_for_serving_branch(struct check_run *c, const struct program *p)
{
    static const char *const starts[] = {"init", "key", "derive", "connect", "setup", "load", "migrate", "database", "store", NULL};
    for (size_t i = 0; i < p->blocks.n; i++) {
        const struct block *b = p->blocks.at[i];
        bool failed = b->kind == BLOCK_CATCH && b->follows != NULL && says_any(p, b->follows->body, b->follows->body_end, starts);
        bool go = b->kind == BLOCK_IF && p->lang == LANG_GO && program_is(p, b->head_end - 1, "nil") && program_says(p, b->head, b->head_end, "err") && says_any(p, b->head, b->head_end, starts);
        if (!failed && !go)
            continue;
        size_t first, end;
        c->examined++;
        program_calls_in(p, b->body, b->body_end, &first, &end);
        for (; first < end; first++)
            if (SV_IN(p->calls.at[first].name, SV("listen"), SV("serve"), SV("ListenAndServe"), SV("run_app"), SV("serve_forever")))
                report(c, program_place(p, p->calls.at[first].from, p->calls.at[first].close + 1), SV("start"),
                       "The service starts although what it starts with failed: users cannot tell an instance without its keys or its database from a sound one.");
    }
}

void check_starts_without_tee(struct check_run *c)
{
    each_program(c, modes, look_for_degraded);
    each_program(c, tee_names, look_for_start_after_failure);
    each_program(c, tee_names, look_for_serving_branch);
}

/* ---- default-secret --------------------------------------------------------------------------------------------- */

static bool is_secret_name(sv name)
{
    static const char *const parts[] = {"SECRET", "TOKEN", "PASSWORD", "PASSWD", "PRIVATE_KEY", "SIGNING_KEY", "ENCRYPTION_KEY", "API_KEY", "JWT", "MASTER_KEY", "ADMIN_KEY", "AUTH_KEY", NULL};
    static const char *const spared[] = {"ADDRESS", "TOKEN_URL", "TOKEN_NAME", "MAX_TOKENS", "TOKENS", "TOKEN_ID", "PUBLIC", "CONTRACT", "EXPIR", "TTL", "PATH", "FILE", "_ID", "LIMIT", "SYMBOL", "_ALG", "_NAME", "_TYPE", "_FORMAT", "FIELD", "CLAIM", "HEADER", "ISSUER", "AUDIENCE", "PREFIX", NULL};
    return text_has_any(name, parts) && !text_has_any(name, spared);
}

static bool is_real_default(const struct env_read *r)
{
    static const char *const nothing[] = {"none", "null", "undefined", "changeme_none", "true", "false", "yes", "off", NULL};
    sv v = sv_trim(sv_unquote(r->fallback));
    if (!r->has_fallback || v.n < 3 || sv_find_char(v, '(') != SV_NOT_FOUND || sv_find_char(v, '$') != SV_NOT_FOUND || sv_starts(v, SV("/")) || sv_has(v, SV("://")))
        return false;
    if (is_any(v, nothing))
        return false;
    /* a name of the program, not a text */
    bool quoted = r->fallback.n > 1 && (r->fallback.p[0] == '"' || r->fallback.p[0] == '\'');
    return quoted || sv_find_char(v, '.') == SV_NOT_FOUND;
}

/* 32 hex digits or more: made by a generator, and no word that somebody thought of. */
static bool is_generated(sv value)
{
    sv v = sv_unquote(value);
    if (sv_istarts(v, SV("0x")))
        v = sv_sub(v, 2, v.n);
    return v.n >= 32 && v.n != 40 && sv_is_hex(v, v.n);
}

static bool is_key_name(sv name)
{
    return (sv_ends(name, SV("_KEY")) || sv_eq(name, SV("KEY"))) && !sv_has(name, SV("PUB"));
}

static void redact_fallback(struct check_run *c, const struct env_read *r)
{
    sv text = r->place.src->text;
    if (r->fallback.p >= text.p && r->fallback.p < text.p + text.n)
        redact(c, (struct place){r->place.src, (size_t)(r->fallback.p - text.p), (size_t)(r->fallback.p - text.p) + r->fallback.n});
}

/* In a script that no container starts: the constant is in effect for whoever runs it, and the app's own where it was made for it. */
static void judge_default_outside(struct check_run *c, const struct env_read *r, const struct env_set *set)
{
    if (set == NULL || !is_generated(r->fallback)) {
        report(c, r->place, r->name, "Without %.*s this script uses a constant that everybody who reads the repository knows.", SV_ARG(r->name))->severity = SEV_LOW;
        return;
    }
    struct finding *found = report(c, r->place, r->name, "%.*s has a generated value in this script, and the compose file passes a variable of that name: unless another one was "
                                   "deployed, everybody who reads the repository holds the app's own.", SV_ARG(r->name));
    relate(c, found, set->place, "passed on here");
}

static void judge_default_secret(struct check_run *c, const struct env_read *r)
{
    const struct deployment *d = deployment_of(c->facts, r->place.src->path);
    const struct env_set *set = d == NULL ? NULL : set_of(c->facts, d, r->name);
    if (set != NULL && (set->state == ENV_LITERAL || (set->state == ENV_REQUIRED && !r->outside)))
        return;
    redact_fallback(c, r);
    if (r->outside) {
        judge_default_outside(c, r, set);
    } else if (d != NULL && set == NULL) {
        report(c, r->place, r->name, "%.*s falls back to a constant that stands in the code, and no compose file sets the variable: the constant is always in effect, and everybody "
               "knows it.", SV_ARG(r->name))->severity = SEV_CRITICAL;
    } else if (set != NULL) {
        struct finding *found = report(c, r->place, r->name, "%.*s falls back to a constant that stands in the code. The compose file passes the variable on: left unset it is "
                                       "this constant or an empty text, and everybody knows both.", SV_ARG(r->name));
        relate(c, found, set->place, "passed on here");
    } else {
        report(c, r->place, r->name, "%.*s falls back to a constant that stands in the code: without the variable everybody knows the secret.", SV_ARG(r->name));
    }
}

void check_default_secret(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->env_reads.n; i++) {
        const struct env_read *r = c->facts->env_reads.at[i];
        bool secret = is_secret_name(r->name) || (is_key_name(r->name) && is_generated(r->fallback));
        if (r->scope != SCOPE_PROD || place_is_aside(r->place) || r->place.src->vendored || !secret)
            continue;
        c->examined++;
        if (is_real_default(r))
            judge_default_secret(c, r);
    }
}
