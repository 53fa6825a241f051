/* Verifiers that do not verify: what programs do with a quote they received. */
#include "check/code.h"

static const char *const report_data_words[] = {"report_data", "reportdata", "user_data", "userdata", NULL};

/* ---- quote-presence-check -------------------------------------------------------------------------- */

/* A call in the function that may look inside the evidence. */
static bool verifies_inside(const struct program *p, size_t token)
{
    size_t from, to, first, end;
    function_range(p, token, &from, &to);
    sv own = function_name(p, token);
    program_calls_in(p, from, to, &first, &end);
    static const char *const tools[] = {"dcap-qvl", "qvl", "verify-quote", "attestations/verify", NULL};
    for (size_t i = first; i < end; i++) {
        const struct call *k = &p->calls.at[i];
        bool makes_object = k->name.p[0] >= 'A' && k->name.p[0] <= 'Z' && p->lang != LANG_GO;
        if (call_names(k, verify_words) && !makes_object && !sv_eq(k->name, own) && !is_log_call(k))
            return true;
        size_t arg, arg_end;
        if (is_http_call(p, k) && program_argument(p, k, 0, &arg, &arg_end) && says_any(p, arg, arg_end, verify_words))
            return true; /* its answer is another check's matter */
    }
    for (size_t i = from; i < to; i++)
        if (p->at[i].kind == TOKEN_STRING && text_has_any(program_token(p, i), tools))
            return true;
    return false;
}

/* The token that claims success: "verified", ok: true; `return true` counts in a function named so. */
static size_t find_claim(const struct program *p, size_t from, size_t to, bool in_verifier)
{
    for (size_t i = from; i < to && i < p->n; i++) {
        bool returned = p->at[i].kind == TOKEN_WORD && i > from && program_is(p, i - 1, "return");
        bool keyed = i >= 2 && SV_IN(program_token(p, i - 2), SV("success"), SV("\"success\""));
        bool chosen = i > from && program_is(p, i - 1, "?"); /* verification.ok ? 'verified' : 'failed' */
        if (claims_success(p, i, i + 1) && !chosen && (in_verifier || (!returned && !keyed)))
            return i;
    }
    return SV_NOT_FOUND;
}

/* The value is evidence by the name of what made it: get_quote(x), answer.get("quote"); not register(quote), which
 * answers about some. */
static bool makes_evidence(const struct program *p, const struct assignment *a)
{
    size_t inside = 0; /* behind the last argument */
    for (size_t i = a->value; i < a->value_end; i++) {
        if (text_has_any(program_token(p, i), quote_words) && (i >= inside || p->at[i].kind != TOKEN_WORD))
            return true;
        if (program_is(p, i, "(") && program_match(p, i) != SV_NOT_FOUND && program_match(p, i) > inside)
            inside = program_match(p, i);
    }
    return false;
}

/* The condition names evidence, or tests as a whole a variable that holds some. A field of another name is another matter. */
static bool asks_for_evidence(const struct program *p, size_t from, size_t to)
{
    if (says_any(p, from, to, quote_words))
        return true;
    for (size_t i = from; i < to; i++) {
        bool part = i > 0 && (program_is(p, i - 1, ".") || program_is(p, i - 1, "?."));
        bool whole = !part && p->at[i].kind == TOKEN_WORD && i + 1 < p->n && !SV_IN(program_token(p, i + 1), SV("."), SV("?."), SV("["), SV("("));
        const struct assignment *a = whole ? program_assigned(p, program_token(p, i), from) : NULL;
        if (a != NULL && makes_evidence(p, a))
            return true;
    }
    return false;
}

/* What the condition tests was compared with something on the way to the claim. */
static bool was_compared(struct check_run *c, const struct program *p, const struct block *b, size_t claim)
{
    size_t from, to;
    function_range(p, b->body, &from, &to);
    for (size_t i = b->head; i < b->head_end; i++) {
        if (p->at[i].kind != TOKEN_WORD || token_length(&p->at[i]) < 4)
            continue;
        const char *const name[] = {sv_printf(c->arena, "%.*s", SV_ARG(program_token(p, i))).p, NULL};
        if (compares_by_name(p, from, b->head, name) || compares_by_name(p, b->head_end, claim, name))
            return true;
    }
    return false;
}

static void presence_branch(struct check_run *c, const struct program *p, const struct block *b)
{
    size_t from, to, claim = SV_NOT_FOUND;
    if (!is_presence_test(p, b->head, b->head_end) || !asks_for_evidence(p, b->head, b->head_end))
        return;
    c->examined++;
    function_range(p, b->body, &from, &to);
    sv name = function_name(p, b->body);
    bool in_verifier = is_verifier_name(name);
    if (verifies_inside(p, b->body))
        return;
    if (!is_absence_test(p, b->head, b->head_end)) {
        claim = find_claim(p, b->body, b->body_end, in_verifier);
        bool about_evidence = claim != SV_NOT_FOUND && (in_verifier || text_has_any(program_token(p, claim), quote_words) ||
                              program_says(p, claim, claim + 1, "tee") || p->at[claim].kind != TOKEN_STRING || program_string(p, claim).n < 24);
        if (claim != SV_NOT_FOUND && (!about_evidence || compares_content(p, b->body, claim)))
            claim = SV_NOT_FOUND;
    } else if (program_leaves(p, b->body, b->body_end) && !compares_content(p, b->body_end, to)) {
        claim = find_claim(p, b->body_end, to, in_verifier);
        if (claim != SV_NOT_FOUND && !in_verifier && !text_has_any(program_token(p, claim), quote_words) && !program_says(p, claim, claim + 1, "tee"))
            claim = SV_NOT_FOUND;
    }
    if (claim == SV_NOT_FOUND || was_compared(c, p, b, claim))
        return;
    bool absence = is_absence_test(p, b->head, b->head_end);
    struct finding *f = report(c, program_place(p, claim, claim + 1), name.n != 0 ? name : condition_text(p, b),
                               "Success is claimed %s `%.*s` %s: the evidence is there. Its signature and content are never checked, so any text passes.",
                               absence ? "where" : "because", SV_ARG(condition_text(p, b)), absence ? "does not hold" : "holds");
    relate(c, f, program_place(p, b->head, b->head_end), "only presence is tested here");
}

/* A number that an empty text does not reach: `> 100`, and not `> 0`. */
static bool find_number(const struct program *p, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        if (p->at[i].kind == TOKEN_NUMBER && token_length(&p->at[i]) > 1)
            return true;
    return false;
}

/* quote.startsWith('0x') && quote.length > 100: how the text looks, and nothing about what it says. */
static bool is_format_test(const struct program *p, size_t from, size_t to)
{
    size_t lengths = 0;
    for (size_t i = from; i < to; i++) {
        const struct token *t = &p->at[i];
        if (t->kind == TOKEN_PUNCT && SV_IN(token_text(p->src, t), SV("=="), SV("==="), SV("!="), SV("!==")))
            return false;
        if (t->kind == TOKEN_WORD && program_is(p, i + 1, "(") && !SV_IN(token_text(p->src, t), SV("startsWith"), SV("startswith"), SV("len"), SV("Boolean"), SV("bool"), SV("isinstance")))
            return false;
        bool length = (SV_IN(token_text(p->src, t), SV("length")) || (sv_eq(token_text(p->src, t), SV("len")) && program_is(p, i + 1, "("))) && t->kind == TOKEN_WORD;
        lengths += length;
    }
    return lengths != 0 && (program_says(p, from, to, "startswith") || find_number(p, from, to));
}

/* ok: !!data.quote, valid: data.signatureChain?.length > 0 */
static void presence_property(struct check_run *c, const struct program *p, size_t i)
{
    sv name = p->at[i].kind == TOKEN_STRING ? program_string(p, i) : program_token(p, i);
    size_t end = program_expression_end(p, i + 2);
    bool asks = program_is(p, i + 2, "!") || program_is(p, i + 2, "Boolean") || program_is(p, i + 2, "bool") || program_says(p, i + 2, end, "length");
    static const char *const evidence[] = {"quote", "signature_chain", "signaturechain", "attestation", NULL};
    if (is_format_test(p, i + 2, end) && says_any(p, i + 2, end, evidence)) {
        c->examined++;
        report(c, program_place(p, i, end), program_text(p, i + 2, end), "%.*s reports success when `%.*s` holds: the text looks like evidence. Nothing verifies it, so any text of that form passes.",
               SV_ARG(name), SV_ARG(program_text(p, i + 2, end)));
        return;
    }
    if (!asks || !says_any(p, i + 2, end, evidence) || !is_presence_test(p, i + 2, end) || program_is(p, i + 3, "verify"))
        return;
    c->examined++;
    report(c, program_place(p, i, end), program_text(p, i + 2, end),
           "%.*s reports success when `%.*s` holds: the field is there. Nothing looks into it, so any text passes.",
           SV_ARG(name), SV_ARG(program_text(p, i + 2, end)));
}

static void look_for_presence(struct check_run *c, const struct program *p)
{
    if (!is_about_tee(c, p))
        return;
    for (size_t i = 0; i < p->blocks.n; i++)
        if (p->blocks.at[i]->kind == BLOCK_IF && p->lang != LANG_SHELL)
            presence_branch(c, p, p->blocks.at[i]);
    static const char *const properties[] = {"ok", "valid", "verified", "passed", "isValid", "is_valid", NULL};
    for (struct walk walk = walk_names(p, properties); next_word(&walk);)
        if (walk.at + 2 < p->n && (program_is(p, walk.at + 1, ":") || program_is(p, walk.at + 1, "=")))
            presence_property(c, p, walk.at);
}

void check_quote_presence(struct check_run *c) { each_program(c, quote_words, look_for_presence); }

/* ---- attested-key-unbound --------------------------------------------------------------------------- */

static const char *const key_fields[] = {"signing_address", "signing_public_key", "signingaddress", "signing_key", "public_key", "publickey", "certfingerprint",
                                         "cert_fingerprint", "tls_fingerprint", "pubkey", NULL};

/* x.get("signing_address"), x["signing_address"], data.signing_address */
static bool reads_key_field(const struct program *p, size_t i)
{
    bool string = i >= 2 && p->at[i].kind == TOKEN_STRING, word = i >= 2 && p->at[i].kind == TOKEN_WORD;
    if (!(string && (program_is(p, i - 1, "(") || program_is(p, i - 1, "["))) && !(word && (program_is(p, i - 1, ".") || program_is(p, i - 1, "?."))))
        return false;
    if (!is_any(string ? program_string(p, i) : program_token(p, i), key_fields))
        return false;
    if (string) {
        bool got = program_is(p, i - 1, "(") && program_is(p, i - 2, "get");
        bool indexed = program_is(p, i - 1, "[") && (p->at[i - 2].kind == TOKEN_WORD || program_is(p, i - 2, ")")) && program_is(p, i + 1, "]") && !program_is(p, i + 2, "=");
        return got || indexed;
    }
    bool member = p->lang != LANG_PYTHON && !program_is(p, i + 1, "(") && !program_is(p, i + 1, "=") && !SV_IN(program_token(p, i - 2), SV("this"), SV("self"));
    return member && program_says(p, i - 2, i - 1, "attest");
}

/* The document the field is read from is handed to something that verifies: verify_binding(attestation, …). */
static bool is_document_verified(const struct program *p, size_t i, size_t from, size_t to)
{
    size_t base = program_is(p, i - 1, "(") && i >= 4 ? i - 4 : i - 2, first, end;
    program_calls_in(p, from, to, &first, &end);
    for (; first < end && p->at[base].kind == TOKEN_WORD; first++) {
        const struct call *k = &p->calls.at[first];
        if (call_names(k, verify_words) && !is_log_call(k) && !is_http_call(p, k) && program_mentions(p, k->open, k->close, program_token(p, base)))
            return true;
    }
    return false;
}

static void look_for_unbound_key(struct check_run *c, const struct program *p)
{
    if (!is_verifying_file(c, p))
        return;
    c->examined++;
    bool asked = false, elsewhere = false;
    for (struct walk walk = walk_within(p, key_fields); next_word(&walk);) {
        size_t i = walk.at, from, to;
        if (i < 2 || i + 2 >= p->n || !reads_key_field(p, i))
            continue;
        function_range(p, i, &from, &to);
        if (!says_any(p, from, to, quote_words))
            continue;
        if (!asked && checks_value(p, 0, p->n, report_data_words))
            return;
        if (!asked)
            elsewhere = code_says(p, report_data_words) || related_holds(c, p, report_data_words, checks_value);
        asked = true;
        sv field = p->at[i].kind == TOKEN_STRING ? program_string(p, i) : program_token(p, i);
        if (elsewhere && is_document_verified(p, i, from, to))
            continue;
        if (elsewhere) {
            ask(c, program_place(p, i, i + 1), "%.*s is taken from the JSON beside the quote here: has every path that uses it compared it with the report_data of a verified quote first?", SV_ARG(field));
            return;
        }
        report(c, program_place(p, i, i + 1), field,
               "%.*s is taken from the JSON beside the quote, and nothing in this file compares it with the quote's report_data. Whoever answers the request can put his own key next to somebody else's valid quote.",
               SV_ARG(field));
        return;
    }
}

void check_attested_key_unbound(struct check_run *c) { each_program(c, quote_words, look_for_unbound_key); }

/* ---- verification-by-status ------------------------------------------------------------------------- */

/* `verified`, `isValid`, `status == "UpToDate"` of the answer is looked at. */
static bool reads_verdict(const struct program *p, size_t from, size_t to)
{
    static const char *const verdicts[] = {"verified", "valid", "isvalid", "is_valid", "success", "tcb_status", "tcbstatus", "verdict", "uptodate", "x-nvidia-overall-att-result", NULL};
    for (size_t i = from; i < to; i++) {
        sv name = p->at[i].kind == TOKEN_STRING ? program_string(p, i) : program_token(p, i);
        bool read = p->at[i].kind == TOKEN_STRING ? i > 0 && (program_is(p, i - 1, "(") || program_is(p, i - 1, "[") || program_is(p, i - 1, "=="))
                                                  : i > 0 && (program_is(p, i - 1, ".") || program_is(p, i - 1, "?.") || program_is(p, i - 1, "{") || program_is(p, i - 1, ","));
        if (read && is_any(name, verdicts))
            return true;
    }
    return program_says(p, from, to, "jwt") || program_says(p, from, to, "decode_token");
}

static void look_for_status_only(struct check_run *c, const struct program *p)
{
    static const char *const services[] = {"attestations/verify", "/verify", "attest/gpu", "nras", "verify_url", "verifyurl", "verifier_url", "verifierurl",
                                           "verifier_api", "verifier_endpoint", NULL};
    bool asks = program_speaks_of(c, p, services);
    for (size_t i = 0; asks && i < p->calls.n; i++) {
        const struct call *k = &p->calls.at[i];
        size_t from, to, arg, arg_end;
        if (!is_http_call(p, k) || !program_argument(p, k, 0, &arg, &arg_end) || !derives_from(p, arg, arg_end, services, 1))
            continue;
        function_range(p, k->open, &from, &to);
        if (!program_function_at(p, k->open) || !says_any(p, from, to, quote_words))
            if (!program_says(p, from, to, "payload") && !program_says(p, from, to, "gpu"))
                continue;
        c->examined++;
        size_t claim = find_claim(p, k->close, to, is_verifier_name(function_name(p, k->open)));
        if (claim == SV_NOT_FOUND || reads_verdict(p, k->close, to))
            continue;
        bool error_key = program_says(p, k->close, claim, "error");
        struct finding *f = report(c, program_place(p, claim, claim + 1), program_text(p, arg, arg_end),
                                   "The answer of %.*s counts as a successful verification %s; its verdict is never read. A valid-looking reply without a verified quote passes.",
                                   SV_ARG(program_text(p, arg, arg_end)), error_key ? "when it holds no error" : "as soon as the HTTP status is good");
        relate(c, f, program_place(p, k->from, k->close + 1), "the request to the verification service");
        if (sv_ihas(program_text(p, from, to), SV("gpu")) && !sv_ihas(program_text(p, from, to), SV("tdx")))
            f->severity = SEV_LOW;
    }
}

void check_verification_by_status(struct check_run *c) { each_program(c, attest_words, look_for_status_only); }

/* ---- nonce-not-checked ------------------------------------------------------------------------------- */

static const char *const nonce_words[] = {"nonce", NULL};

/* The token stands in a request, or in a value that one is made with. */
static bool goes_into_request(const struct program *p, size_t token, size_t from, size_t to)
{
    size_t first, end;
    program_calls_in(p, from, to, &first, &end);
    for (; first < end; first++) {
        const struct call *k = &p->calls.at[first];
        if (!is_http_call(p, k))
            continue;
        if (k->from <= token && token < k->close)
            return true;
        for (size_t i = 0; i < p->assigns.n; i++) {
            const struct assignment *a = &p->assigns.at[i];
            if (a->value <= token && token < a->value_end && program_mentions(p, k->open, k->close, a->target))
                return true;
        }
    }
    return false;
}

/* "nonce": nonce, nonce=nonce, ?nonce=${nonce} handed to a request for evidence */
static bool sends_nonce(const struct program *p, size_t i)
{
    if (p->at[i].kind == TOKEN_STRING)
        return sv_eq(program_string(p, i), SV("nonce")) ? program_is(p, i + 1, ":") : sv_ihas(program_token(p, i), SV("nonce=")) && sv_find_char(program_token(p, i), '{') != SV_NOT_FOUND;
    return false;
}

static void look_for_nonce(struct check_run *c, const struct program *p)
{
    if (!is_verifying_file(c, p))
        return;
    for (struct walk walk = walk_within(p, nonce_words); next_word(&walk);) {
        size_t i = walk.at, from, to;
        if (i + 1 >= p->n || !sends_nonce(p, i) || p->lang == LANG_SHELL)
            continue;
        function_range(p, i, &from, &to);
        if (!goes_into_request(p, i, from, to) || !says_any(p, from, to, quote_words))
            continue;
        c->examined++;
        if (checks_value(p, 0, p->n, nonce_words) || related_holds(c, p, nonce_words, compares))
            return;
        report(c, program_place(p, i, i + 1), SV("nonce"),
               "The nonce is sent with the request for evidence, and nothing compares it with the answer or with report_data: an old quote, replayed, is accepted as fresh.");
        return;
    }
}

void check_nonce_not_checked(struct check_run *c) { each_program(c, attest_words, look_for_nonce); }

/* ---- evidence-endpoint-configurable -------------------------------------------------------------------- */

/* The variable in front of the path: f"{self.base}/attestation", `${base}/attestation`. */
static sv base_of(const struct program *p, size_t i)
{
    sv text = program_token(p, i);
    if (text.p[0] == '}' && p->at[i - 1].kind == TOKEN_WORD)
        return program_token(p, i - 1);
    size_t open = sv_find_char(text, '{'), close = sv_find_char(text, '}');
    if (p->lang != LANG_PYTHON || open == SV_NOT_FOUND || close == SV_NOT_FOUND || close < open)
        return SV_NONE;
    sv base = sv_sub(text, open + 1, close);
    size_t dot = sv_rfind_char(base, '.');
    return dot == SV_NOT_FOUND ? base : sv_sub(base, dot + 1, base.n);
}

static void look_for_evidence_endpoint(struct check_run *c, const struct program *p)
{
    static const char *const paths[] = {"/attestation", "/signature/", "/quote", NULL};
    static const char *const settings[] = {"settings", "config", "environ", "process.env", "getenv", "env", NULL};
    if (!is_verifying_file(c, p))
        return;
    for (struct walk walk = walk_within(p, paths); next_word(&walk);) {
        size_t i = walk.at;
        if (i == 0 || i + 1 >= p->n || p->at[i].kind != TOKEN_STRING || p->lang == LANG_SHELL)
            continue;
        sv base = base_of(p, i);
        if (base.n == 0)
            continue;
        c->examined++;
        const struct assignment *a = NULL;
        for (size_t k = 0; k < p->assigns.n && a == NULL; k++)
            if (sv_eq(p->assigns.at[k].target, base) && says_any(p, p->assigns.at[k].value, p->assigns.at[k].value_end, settings))
                a = &p->assigns.at[k];
        if (a == NULL || source_says(p->src, report_data_words))
            continue;
        struct finding *f = report(c, program_place(p, i, i + 1), base,
                                   "The evidence is fetched from %.*s, the same configurable address it vouches for, and nothing binds it to report_data: who chooses the address also writes the evidence.",
                                   SV_ARG(base));
        relate(c, f, program_place(p, a->at, a->value_end), "set from the configuration here");
        return;
    }
}

void check_evidence_endpoint(struct check_run *c) { each_program(c, quote_words, look_for_evidence_endpoint); }

/* ---- measurements-not-compared ---------------------------------------------------------------------------- */

static const char *const measurement_words[] = {"mr_td", "mrtd", "rtmr", "rt_mr", "compose_hash", "composehash", "os_image_hash", "mr_config", "mrconfig", "mr_aggregated", "measurement", NULL};

/* A verification service or a DCAP library is called in the function. */
static bool hands_over(const struct program *p, const struct block *f)
{
    static const char *const verifiers[] = {"attestations/verify", "dcap", "qvl", "verify_url", "verifyurl", NULL};
    size_t first, end, arg, arg_end;
    program_calls_in(p, f->body, f->body_end, &first, &end);
    for (; first < end; first++) {
        const struct call *k = &p->calls.at[first];
        if (text_has_any(k->chain, verifiers))
            return true;
        bool request = is_http_call(p, k) || SV_IN(k->name, SV("run"), SV("check_output"), SV("exec"), SV("spawn"));
        if (request && program_argument(p, k, 0, &arg, &arg_end) && derives_from(p, arg, arg_end, verifiers, 1))
            return true;
    }
    return false;
}

/* The function that hands a quote to a verifier, where neither this part of the repository nor the file compares measurements. */
static void look_for_policy(struct check_run *c, const struct program *p)
{
    static const char *const quotes[] = {"quote", NULL};
    for (size_t i = 0; i < p->blocks.n; i++) {
        const struct block *f = p->blocks.at[i];
        if (f->kind != BLOCK_FUNCTION || !is_verifier_name(f->name) || !says_any(p, f->head, f->body_end, quotes) || !hands_over(p, f))
            continue;
        c->examined++;
        if (compares(p, 0, p->n, measurement_words) || related_holds(c, p, measurement_words, compares))
            return;
        report(c, program_place(p, f->head, f->head_end), f->name,
               "%.*s asks whether a quote is genuine, and nothing in the repository compares its measurements (MRTD, RTMRs, compose hash) with expected values: a quote of any program on any TDX machine passes.",
               SV_ARG(f->name));
        return;
    }
}

void check_measurements(struct check_run *c) { each_program(c, attest_words, look_for_policy); }

/* ---- evidence-only-printed --------------------------------------------------------------------------------- */

struct evidence_field { const char *subject; const char *const names[8]; };

static const struct evidence_field fields[] = {
    {"TCB status", {"tcb_status", "tcbstatus", "tcb status", NULL}},
    {"report_data", {"report_data", "reportdata", NULL}},
    {"key_provider", {"key_provider", "keyprovider", "key provider", NULL}},
    {"compose_hash", {"compose_hash", "composehash", "compose-hash", "compose hash", "app_compose sha", NULL}},
};

static bool is_tcb_status(const struct evidence_field *field) { return sv_eq(sv_from(field->subject), SV("TCB status")); }

/* resp.Status, response.status_code: what HTTP says of a request. */
static bool is_of_response(const struct program *p, size_t i)
{
    static const char *const answers[] = {"resp", "response", "res", "reply", NULL};
    return i >= 2 && p->at[i].kind == TOKEN_WORD && (program_is(p, i - 1, ".") || program_is(p, i - 1, "?.")) && name_has_part(program_token(p, i - 2), answers);
}

static bool says_status(const struct program *p, size_t from, size_t to)
{
    for (size_t i = from; (i = program_find(p, i, to, "status")) != SV_NOT_FOUND; i++)
        if (!is_of_response(p, i))
            return true;
    return false;
}

static bool holds_field(const struct program *p, size_t from, size_t to, const struct evidence_field *field)
{
    if (says_any(p, from, to, field->names))
        return true;
    return is_tcb_status(field) && says_status(p, from, to) && program_says(p, from, to, "quote");
}

/* Without the words in its text no part of the program holds the field. */
static bool may_hold_field(const struct program *p, const struct evidence_field *field)
{
    return source_says(p->src, field->names) || (is_tcb_status(field) && source_ihas(p->src, SV("status")) && source_ihas(p->src, SV("quote")));
}

static bool is_status_test(const struct program *p, const struct comparison *k, void *ctx)
{
    static const char *const accepted[] = {"uptodate", "swhardeningneeded", NULL};
    *(bool *)ctx = says_any(p, k->left, k->right_end, accepted);
    return *(bool *)ctx;
}

static bool field_is_checked(const struct program *p, const struct evidence_field *field)
{
    bool found = checks_value(p, 0, p->n, field->names);
    static const char *const configuration[] = {"mr_config", "mrconfig", "config_id", "configid", NULL}; /* holds the compose hash */
    if (!found && sv_eq(sv_from(field->subject), SV("compose_hash")))
        found = compares(p, 0, p->n, configuration);
    if (!found && is_tcb_status(field))
        each_comparison(p, 0, p->n, is_status_test, &found);
    return found;
}

/* A value, no mere sentence, is part of what the call shows. */
static bool shows_value(const struct program *p, const struct call *k)
{
    for (size_t t = k->open + 1; t < k->close; t++)
        if (p->at[t].kind == TOKEN_WORD || sv_find_char(program_token(p, t), '{') != SV_NOT_FOUND)
            return true;
    return false;
}

/* print(f"Hashes: {len(active)}"): how many there are, and none of them. */
static bool counts_only(const struct program *p, const struct call *k)
{
    if (k->close != k->open + 2 || p->at[k->open + 1].kind != TOKEN_STRING)
        return false;
    sv text = program_token(p, k->open + 1);
    size_t open = sv_find_char(text, '{');
    for (size_t next = open; next != SV_NOT_FOUND; next = sv_find_at(text, SV("{"), next + 1))
        if (!sv_starts(sv_sub(text, next, text.n), SV("{len(")) && !sv_ends(sv_sub(text, next, sv_find_at(text, SV("}"), next)), SV(".length")))
            return false;
    return open != SV_NOT_FOUND;
}

/* What the loop behind it prints of the counted: for h in active: print(h). */
static size_t loop_over(const struct program *p, const struct call *k)
{
    for (size_t i = 0; i < p->blocks.n; i++) {
        const struct block *b = p->blocks.at[i];
        size_t first, end, counted = SV_NOT_FOUND;
        if (b->kind != BLOCK_LOOP || b->head < k->close || b->head > k->close + 12)
            continue;
        for (size_t t = b->head; t < b->head_end && counted == SV_NOT_FOUND; t++)
            if (p->at[t].kind == TOKEN_WORD && token_length(&p->at[t]) > 3 && program_mentions(p, k->open, k->close, program_token(p, t)))
                counted = t;
        program_calls_in(p, b->body, b->body_end, &first, &end);
        for (; counted != SV_NOT_FOUND && first < end; first++)
            if (is_log_call(&p->calls.at[first]))
                return p->calls.at[first].from;
    }
    return SV_NOT_FOUND;
}

/* print(x["report_data"]); show = {"report_data": …} and print(json.dumps(show)) */
static bool shows_field(const struct program *p, const struct call *k, const struct evidence_field *field, size_t *at)
{
    static const char *const loggers[] = {"logger", "tracing", "slog", "logging", "log.", "winston", "pino", NULL};
    *at = k->from;
    if (!is_log_call(k) || text_has_any(k->chain, loggers) || !shows_value(p, k))
        return false; /* what a service logs is no verdict */
    const struct block *around = program_block_at(p, k->from);
    bool each = around != NULL && around->kind == BLOCK_LOOP && says_any(p, around->head, around->head_end, field->names);
    size_t loop = counts_only(p, k) ? loop_over(p, k) : SV_NOT_FOUND;
    if (loop != SV_NOT_FOUND && holds_field(p, k->open, k->close, field)) {
        *at = loop;
        return true;
    }
    if (each || (!counts_only(p, k) && holds_field(p, k->open, k->close, field)))
        return true;
    for (size_t i = k->open + 1; i < k->close; i++) {
        const struct assignment *a = p->at[i].kind == TOKEN_WORD ? program_assigned(p, program_token(p, i), k->from) : NULL;
        size_t entry = a == NULL || !program_is(p, a->value, "{") ? SV_NOT_FOUND : find_any(p, a->value, a->value_end, field->names);
        if (entry != SV_NOT_FOUND && p->at[entry].kind == TOKEN_STRING && program_is(p, entry + 1, ":")) {
            *at = entry;
            return true;
        }
    }
    return false;
}

static void printed_field(struct check_run *c, const struct program *p, const struct evidence_field *field)
{
    enum { PLACES = 8 };
    struct finding *f = NULL;
    size_t shown = 0;
    static const char *const screens[] = {"print", "println", "printf", "eprintln", "eprint", "log", "info", "error", "write", NULL};
    struct calls screened = calls_named(c, p, screens);
    for (const struct call *k; shown < PLACES && (k = next_named(&screened)) != NULL;) {
        size_t at;
        if (!shows_field(p, k, field, &at))
            continue;
        if (shown == 0 && field_is_checked(p, field))
            return;
        bool listed = counts_only(p, k);
        struct place place = program_place(p, at, at == k->from ? k->close + 1 : at + 1);
        if (shown++ != 0)
            relate(c, f, place, "shown here, too");
        else if (listed)
            (f = report(c, place, sv_from(field->subject), "This verifier lists every %s it finds and compares none with an expected one: one more, or another, changes nothing of its verdict.",
                        field->subject))->severity = SEV_LOW;
        else
            f = report(c, place, sv_from(field->subject),
                       "This verifier shows %s and compares it with nothing: a wrong value looks like a right one to whoever does not read every digit.", field->subject);
    }
}

/* rtmrs = replay(log); rtmrs[3] == …: the other registers are replayed for show. */
static void look_for_partial_replay(struct check_run *c, const struct program *p)
{
    for (size_t i = 0; i + 3 < p->n; i++) {
        const struct assignment *a = p->at[i].kind == TOKEN_WORD && program_is(p, i + 1, "[") ? program_assigned(p, program_token(p, i), i) : NULL;
        bool third = a != NULL && program_is(p, i + 2, "3") && program_is(p, i + 3, "]") && program_says(p, a->value, a->value_end, "replay");
        if (!third)
            continue;
        c->examined++;
        bool others = false;
        for (size_t k = 0; k + 3 < p->n; k++)
            others = others || (sv_eq(program_token(p, k), program_token(p, i)) && program_is(p, k + 1, "[") && !program_is(p, k + 2, "3"));
        if (others)
            return;
        struct finding *f = report(c, program_place(p, i, i + 4), SV("RTMR0-2"),
               "Only register 3 of the replayed event log is compared with the quote. What the log says about the firmware, kernel and command line (RTMR0-2) is not tied to the quote.");
        f->severity = SEV_LOW;
        return;
    }
}

static void look_for_printed(struct check_run *c, const struct program *p)
{
    static const char *const checking[] = {"dcap", "qvl", "verify", NULL};
    bool argument = p->src->host != NULL && sv_eq(p->src->field, SV("argument"));
    if (p->src->lang == LANG_HTML || !is_verifying_file(c, p) || (!argument && !source_says(p->src, checking)) ||
        (!argument && !source_says(p->src, quote_words)))
        return;
    look_for_partial_replay(c, p);
    for (size_t k = 0; k < sizeof fields / sizeof *fields; k++) {
        c->examined++;
        if (!may_hold_field(p, &fields[k]))
            continue;
        size_t shell = p->lang == LANG_SHELL ? shell_prints_value(p, fields[k].names) : SV_NOT_FOUND;
        if (shell != SV_NOT_FOUND && !field_is_checked(p, &fields[k]))
            report(c, program_place(p, shell, shell + 1), sv_from(fields[k].subject),
                   "This script prints %s and compares it with nothing: a wrong value looks like a right one to whoever does not read every digit.", fields[k].subject);
        else if (p->lang != LANG_SHELL)
            printed_field(c, p, &fields[k]);
    }
}

void check_evidence_printed(struct check_run *c) { each_program(c, attest_words, look_for_printed); }

/* ---- event-log-any-register --------------------------------------------------------------------------------- */

/* Where a branch is for this event: does it take the payload out, or only speak about it? */
static bool branch_takes_value(const struct program *p, size_t token)
{
    const struct block *b = NULL;
    for (size_t i = 0; i < p->blocks.n; i++)
        if (p->blocks.at[i]->kind == BLOCK_IF && p->blocks.at[i]->head <= token && token < p->blocks.at[i]->head_end)
            b = p->blocks.at[i];
    if (b == NULL)
        return true;
    for (size_t i = b->body; i < b->body_end; i++) {
        if (program_is(p, i, "return"))
            return true;
        for (size_t k = 0; k < p->assigns.n; k++) {
            const struct assignment *a = &p->assigns.at[k];
            if (a->at == i && a->value_end <= b->body_end + 1 && !a->declares)
                return true;
        }
        size_t first, end;
        program_calls_in(p, i, i + 1, &first, &end);
        if (first < end && !is_log_call(&p->calls.at[first]) && call_named(&p->calls.at[first], (const char *const[]){"append", "push", "set", "insert", "add", "emit", "resolve", NULL}))
            return true;
    }
    return program_leaves(p, b->body, b->body_end);
}

static void look_for_event_names(struct check_run *c, const struct program *p)
{
    static const char *const events[] = {"compose-hash", "app-id", "key-provider", NULL};
    for (struct walk walk = walk_within(p, events); next_word(&walk);) {
        size_t i = walk.at;
        if (i == 0 || p->at[i].kind != TOKEN_STRING || !(program_is(p, i - 1, "==") || program_is(p, i - 1, "===")))
            continue;
        size_t from, to;
        sv name = program_string(p, i);
        function_range(p, i, &from, &to);
        bool known = false;
        for (size_t k = 0; events[k] != NULL; k++)
            known = known || sv_eq(name, sv_from(events[k]));
        if (!known || !program_says(p, from, to, "event") || !branch_takes_value(p, i))
            continue;
        c->examined++;
        static const char *const registers[] = {"imr", "rtmr_index", "register", NULL};
        static const char *const replays[] = {"replay", NULL};
        static const char *const configuration[] = {"mr_config", "mrconfig", "mrcfg", NULL};
        if (says_any(p, from, to, registers) || (sv_eq(name, SV("compose-hash")) && compares(p, 0, p->n, configuration)))
            return; /* by register, or tied to the quote through mr_config_id */
        if (!says_any(p, 0, p->n, replays) && related_holds(c, p, replays, says_any)) {
            ask(c, program_place(p, i, i + 1), "The value of %.*s is taken from any event of that name: does the replay of the log, elsewhere, compare every register with the quote and recompute each digest from its payload?", SV_ARG(name));
            return;
        }
        report(c, program_place(p, i, i + 1), name,
               "The value of %.*s is taken from any event of that name, whichever register it was measured into. An event added to the log under another register is believed although RTMR3 never saw it.", SV_ARG(name));
        return;
    }
}

void check_event_register(struct check_run *c) { each_program(c, attest_words, look_for_event_names); }

/* if event["imr"] != 3: return True */
static void look_for_skipped_events(struct check_run *c, const struct program *p)
{
    bool registers = source_ihas(p->src, SV("imr"));
    for (size_t i = 0; registers && i < p->blocks.n; i++) {
        const struct block *b = p->blocks.at[i];
        if (b->kind != BLOCK_IF || !program_says(p, b->head, b->head_end, "imr"))
            continue;
        c->examined++;
        bool differs = false;
        for (size_t k = b->head; k < b->head_end; k++)
            differs = differs || (p->at[k].kind == TOKEN_PUNCT && SV_IN(program_token(p, k), SV("!="), SV("!==")));
        if (!differs || !claims_success(p, b->body, b->body_end) || !is_verifier_name(function_name(p, b->body)))
            continue;
        report(c, program_place(p, b->head, b->body_end), function_name(p, b->body),
               "Events of other registers pass unchecked: their digest need not belong to what they say, so a forged event is accepted.");
    }
}

void check_events_skipped(struct check_run *c) { each_program(c, attest_words, look_for_skipped_events); }

/* ---- verifier-asserts ----------------------------------------------------------------------------------------- */

static void look_for_asserts(struct check_run *c, const struct program *p)
{
    if (p->lang != LANG_PYTHON || !is_verifying_file(c, p))
        return;
    for (size_t i = 0; i < p->n; i++) {
        if (!program_is(p, i, "assert") || (i > 0 && p->at[i - 1].kind != TOKEN_NEWLINE))
            continue;
        size_t end = program_statement_end(p, i);
        c->examined++;
        if (!says_any(p, i, end, measurement_words) && !says_any(p, i, end, quote_words))
            continue;
        report(c, program_place(p, i, end), SV("assert"), "The comparison is an assert statement: python -O and PYTHONOPTIMIZE leave it out, and the verifier then accepts everything.");
        return;
    }
}

void check_verifier_asserts(struct check_run *c) { each_program(c, attest_words, look_for_asserts); }
