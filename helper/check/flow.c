/* Where evidence and its references come from, and what a verifier leaves out. */
#include "check/code.h"

#include <string.h>

static const char *const measures[] = {"compose_hash", "composehash", "mrtd", "mr_td", "rtmr", "rt_mr", "os_image_hash", "mr_config", "mrconfig", "measurement", "mr_aggregated", NULL};

/* ---- reference-from-evidence ------------------------------------------------------------------------ */

/* `policy = input.policy`, `const { policy } = input`: what the verifier is given to compare with travels beside the evidence, and is not of it.
 * What it fetched itself, or parsed, was written by whoever sent it. */
static bool is_handed_over(const struct program *p, sv name, const struct assignment *a)
{
    static const char *const own[] = {"policy", "config", "settings", "options", "opts", NULL};
    if (!text_has_any(name, own) || program_assigned(p, program_token(p, a->value), a->value) != NULL)
        return false;
    for (size_t i = a->value; i < a->value_end; i++)
        if (p->at[i].kind != TOKEN_WORD && !program_is(p, i, ".") && !program_is(p, i, "?."))
            return false;
    return true;
}

/* The variable an expression starts from, assignments followed: `sha(d["a"])` and `d["b"]` both come from d. */
static const struct assignment *root_of(const struct program *p, size_t from, size_t to, int depth, sv *name)
{
    static const char *const pure[] = {"hashlib", "sha256", "crypto", "createhash", "json", "str", "bytes", "hex", "encode", "digest", "hexdigest", "update", "loads", "parse", "stringify", "dumps", "keccak", "keccak256", "self", "this", "await",
                                       "f", "b", "r", "lower", "tolowercase", "tostring", "from", "buffer", "format", "string", "sprintf", "sha384", "new", "to_string", "sum256", "fmt", "encodetostring", "removeprefix", "strip", "replace", "sort_keys", "true", "utf8", NULL};
    static const char *const forms[] = {"normalize", "normalise", "canonical", "trim", "clean", NULL}; /* normalizeHex(x) is x in another form */
    for (size_t i = from; i < to; i++) {
        const struct token *t = &p->at[i];
        bool plain = t->kind == TOKEN_WORD && !(i > 0 && SV_IN(program_token(p, i - 1), SV("."), SV("?."), SV("::")));
        if (!plain || is_any(token_text(p->src, t), pure) || (program_is(p, i + 1, "(") && name_has_part(token_text(p->src, t), forms)))
            continue;
        const struct assignment *a = program_assigned(p, token_text(p->src, t), from);
        if (a == NULL || (a->value <= from && from < a->value_end) || depth == 0 || is_handed_over(p, token_text(p->src, t), a)) {
            *name = token_text(p->src, t);
            return a;
        }
        sv deeper = SV_NONE;
        const struct assignment *root = root_of(p, a->value, a->value_end, depth - 1, &deeper);
        *name = deeper.n != 0 ? deeper : token_text(p->src, t);
        return root != NULL ? root : a;
    }
    return NULL;
}

struct sameness { const struct program *p; size_t at, end, same, other; sv root; };

/* An argument, an option, a constant or a pinned file: a reference of the verifier's own. */
static bool is_document(const struct program *p, sv root, size_t at)
{
    static const char *const own[] = {"expected", "known", "args", "config", "settings", "reference", "trusted", "golden", "policy", "argv", "env", "pinned", "allow", "verified", "manifest", NULL};
    if (root.n == 0 || text_has_any(root, own) || sv_is_env_name(root))
        return false;
    const struct assignment *a = program_assigned(p, root, at);
    return a == NULL || !says_any(p, a->value, a->value_end, (const char *const[]){"verify", "expected", "argv", "environ", "env", "open", "readfile", NULL});
}

static bool compare_roots(const struct program *p, const struct comparison *k, void *ctx)
{
    struct sameness *s = ctx;
    sv left = SV_NONE, right = SV_NONE;
    if (!comparison_says(p, k, measures))
        return false;
    (void)root_of(p, k->left, k->left_end, 4, &left);
    (void)root_of(p, k->right, k->right_end, 4, &right);
    if (left.n != 0 && sv_eq(left, right) && is_document(p, left, k->at)) {
        if (s->same++ == 0)
            s->at = k->left, s->end = k->right_end, s->root = left;
    } else
        s->other++;
    return false;
}

static void look_for_self_reference(struct check_run *c, const struct program *p)
{
    struct sameness s = {.p = p};
    if (p->lang == LANG_SHELL || !is_about_tee(c, p))
        return;
    each_comparison(p, 0, p->n, compare_roots, &s);
    c->examined += s.same + s.other;
    if (s.same == 0 || s.other != 0)
        return;
    report(c, program_place(p, s.at, s.end), s.root,
           "Both sides of the comparison come from %.*s. It shows that the document agrees with itself; whoever wrote it chose both values, and no other comparison ties them to a quote or to a published reference.", SV_ARG(s.root));
}

void check_reference_from_evidence(struct check_run *c) { each_program(c, measures, look_for_self_reference); }

/* ---- identity-from-evidence --------------------------------------------------------------------------- */

static const char *const identities[] = {"app_id", "appid", "application_id", NULL};

/* data["appId"], data.get("app_id"), report.appId in a signature or a hash that the verifier recomputes. */
static bool reads_identity(const struct program *p, size_t i)
{
    sv name = p->at[i].kind == TOKEN_STRING ? program_string(p, i) : program_token(p, i);
    if (!is_any(name, identities) || i < 2)
        return false;
    if (p->at[i].kind == TOKEN_STRING)
        return program_is(p, i - 1, "[") || (program_is(p, i - 1, "(") && program_is(p, i - 2, "get"));
    if (SV_IN(program_token(p, i - 2), SV("self"), SV("this"), SV("config"), SV("settings"), SV("args"), SV("options"), SV("opts"), SV("expected"), SV("policy")))
        return false; /* the verifier's own */
    return p->at[i].kind == TOKEN_WORD && SV_IN(program_token(p, i - 1), SV("."), SV("?.")) && !program_is(p, i + 1, "(") && !program_is(p, i + 1, "=");
}

/* The value goes into a hash or a signature check of the function. */
static bool is_recomputed(struct check_run *c, const struct program *p, size_t i, const struct block *f, const char *const *crypto)
{
    const char *words[] = {NULL, NULL};
    for (size_t k = 0; k < p->assigns.n; k++)
        if (p->assigns.at[k].value <= i && i < p->assigns.at[k].value_end)
            words[0] = sv_copy(c->arena, p->assigns.at[k].target).p;
    size_t first, end;
    program_calls_in(p, f->body, f->body_end, &first, &end);
    for (; first < end; first++) {
        const struct call *k = &p->calls.at[first];
        bool within = k->open < i && i < k->close;
        if (call_names(k, crypto) && (within || (words[0] != NULL && derives_from(p, k->open + 1, k->close, words, 2))))
            return true;
    }
    return false;
}

static void look_for_identity(struct check_run *c, const struct program *p)
{
    static const char *const crypto[] = {"keccak", "recover", "verify", "sha256", "createhash", "ecrecover", NULL};
    static const char *const authority[] = {"kms", "signature", "chain", NULL};
    static const char *const actions[] = {"verify", "validate", "check", "audit", NULL};
    for (struct walk walk = walk_within(p, identities); p->lang != LANG_SHELL && next_word(&walk);) {
        size_t i = walk.at;
        const struct block *f = reads_identity(p, i) ? program_function_at(p, i) : NULL;
        if (f == NULL || !name_has_part(f->name, actions) || !says_any(p, f->body, f->body_end, authority) || !is_recomputed(c, p, i, f, crypto))
            continue;
        c->examined++;
        if (compares_by_name(p, 0, p->n, identities))
            return;
        if (related_holds(c, p, identities, compares_by_name)) {
            ask(c, program_place(p, i, i + 1), "The app id is taken from the document under test: is it compared with the expected one before the verdict of %.*s is used?", SV_ARG(f->name))->rank = 2;
            return;
        }
        report(c, program_place(p, i, i + 1), SV("app id"),
               "%.*s verifies the signatures for the app id that the document itself names and compares it with nothing: what any other app of the same KMS signed passes.", SV_ARG(f->name));
        return;
    }
}

void check_identity_from_evidence(struct check_run *c) { each_program(c, identities, look_for_identity); }

/* ---- evidence-not-verified ----------------------------------------------------------------------------- */

static const char *const evidence_names[] = {"attestation", "evidence", "intel_quote", NULL};
static const char *const evidence_paths[] = {"/attestation", "/evidence", "/quote", NULL};

/* fetch_attestation(url), getQuoteFrom(peer), a request to …/attestation. `named`: those of evidence_names that the program says; `asks`: it says one of the paths. */
static bool fetches_evidence(const struct program *p, const struct call *k, const char *const *named, bool asks)
{
    static const char *const fetching[] = {"fetch", "get", "request", "load", "retrieve", "download", NULL};
    enum { SHORTEST = 8 }; /* evidence */
    size_t from, to;
    if (k->name.n >= SHORTEST && text_has_any(k->name, named)) /* no such call is called like one over HTTP */
        return name_has_part(k->name, fetching) && !text_has_any(k->name, (const char *const[]){"status", "url", "config", "message", NULL});
    return asks && is_http_call(p, k) && program_argument(p, k, 0, &from, &to) && derives_from(p, from, to, evidence_paths, 1);
}

static bool decides_evidence(const struct program *p, size_t from, size_t to)
{
    size_t first, end;
    program_calls_in(p, from, to, &first, &end);
    for (; first < end; first++)
        if (call_names(&p->calls.at[first], verify_words) && !is_log_call(&p->calls.at[first]))
            return true;
    return compares_content(p, from, to);
}

/* attested = true, verified: true, setVerified(true) behind the request and before anything looked at the answer */
static size_t conclusion_behind(const struct program *p, size_t from, size_t to)
{
    static const char *const verdicts[] = {"verified", "attested", "trusted", "attestation", NULL};
    for (size_t i = from; i + 2 < to; i++) {
        bool named = p->at[i].kind == TOKEN_WORD && (name_has_part(program_token(p, i), verdicts) || sv_ihas(program_token(p, i), SV("verified"))) && !sv_istarts(program_token(p, i), SV("un"));
        bool set = named && (program_is(p, i + 1, "=") || program_is(p, i + 1, ":") || program_is(p, i + 1, "(")) && SV_IN(program_token(p, i + 2), SV("true"), SV("True"));
        if (set)
            return i;
    }
    return SV_NOT_FOUND;
}

/* The one thing said about a program: evidence that was fetched here counts without having been looked at. */
static bool trusts_evidence(struct check_run *c, const struct program *p, const struct call *k)
{
    static const char *const tools[] = {"verify", "validate", "dcap", "qvl", NULL};
    const struct block *f = program_function_at(p, k->open);
    if (f == NULL)
        return false;
    c->examined++;
    size_t claim = conclusion_behind(p, k->close, f->body_end);
    if (claim == SV_NOT_FOUND || decides_evidence(p, f->body, f->body_end))
        return false;
    bool elsewhere = says_somewhere(c, p, tools);
    if (elsewhere)
        ask(c, program_place(p, claim, claim + 3), "%.*s is set as soon as evidence was fetched: is it verified inside %.*s, or before anything relies on this?", SV_ARG(program_token(p, claim)), SV_ARG(k->name))->rank = 3;
    else {
        struct finding *found = report(c, program_place(p, claim, claim + 3), program_token(p, claim), "%.*s is set as soon as evidence was fetched, and nothing verifies it: any server that sends some passes.", SV_ARG(program_token(p, claim)));
        relate(c, found, program_place(p, k->from, k->close + 1), "fetched here");
    }
    return true;
}

static void look_for_trusted_evidence(struct check_run *c, const struct program *p)
{
    const char *const *named = words_within(c, p, evidence_names);
    bool asks = program_speaks_of(c, p, evidence_paths), found = p->lang == LANG_SHELL;
    struct holding fetching = calls_holding(c, p, evidence_names);
    for (size_t i = 0; asks && !found && i < p->calls.n; i++)
        found = fetches_evidence(p, &p->calls.at[i], named, asks) && trusts_evidence(c, p, &p->calls.at[i]);
    for (const struct call *k; !asks && !found && (k = next_holding(&fetching)) != NULL;)
        found = fetches_evidence(p, k, named, asks) && trusts_evidence(c, p, k);
}

void check_evidence_not_verified(struct check_run *c) { each_program(c, attest_words, look_for_trusted_evidence); }

/* ---- quote-signature-unchecked -------------------------------------------------------------------------- */

/* Something in this part of the repository can verify a quote: a library, a tool, a service, elliptic curves by hand. */
static const char *const verifying_tools[] = {"dcap", "qvl", "ecdsa", "p256", "p-256", "secp256r1", "createverify", "subtle.verify", "pck", "go-tdx-guest", "attestations/verify", "verify_url", "sgx_ql",
                                              "tdx_verify", "ita_", "trustauthority", "ra-tls", "ratls", "ra_tls", "snpguest", "azure-attest", "dstack-verifier", "dstack_verifier", "verifyquote", "verify_quote", "attestation/verify", "intel.com", NULL};

static void look_for_unchecked_signature(struct check_run *c, const struct program *p)
{
    static const char *const read_out[] = {"report_data", "reportdata", "mrtd", "mr_td", "rtmr", "rt_mr", NULL};
    static const char *const quotes[] = {"quote", NULL};
    for (size_t i = 0; i < p->blocks.n && p->lang != LANG_SHELL; i++) {
        const struct block *f = p->blocks.at[i];
        if (f->kind != BLOCK_FUNCTION || !is_evidence_verifier(c, p, f->name) || !says_any(p, f->head, f->body_end, quotes) || !compares(p, f->body, f->body_end, read_out))
            continue;
        c->examined++;
        const char *own = sv_ihas(f->name, SV("quote")) ? sv_copy(c->arena, f->name).p : NULL;
        bool elsewhere = false;
        for (size_t w = 0; verifying_tools[w] != NULL && !elsewhere; w++)
            elsewhere = code_says(p, (const char *const[]){verifying_tools[w], NULL}) && (own == NULL || !sv_ihas(sv_from(own), sv_from(verifying_tools[w])));
        if (elsewhere || related_holds(c, p, verifying_tools, mentions_any))
            continue;
        report(c, program_place(p, f->head, f->head_end), f->name,
               "%.*s compares what stands in the quote, and nothing here verifies the quote's signature: the bytes can be made up to match.", SV_ARG(f->name));
    }
}

void check_quote_signature(struct check_run *c) { each_program(c, attest_words, look_for_unchecked_signature); }

/* ---- tcb-status-ignored ------------------------------------------------------------------------------------ */

static const char *const status_words[] = {"tcb_status", "tcbstatus", "tcb status", "uptodate", "advisory", ".status", "\"status\"", "'status'", "tcblevel", "tcb_level", NULL};

static void look_for_status(struct check_run *c, const struct program *p)
{
    static const char *const libraries[] = {"dcap_qvl", "dcapqvl", "dcap-qvl", "getcollateralandverify", "get_collateral_and_verify", "qvl.verify", NULL};
    bool verifies = p->lang != LANG_SHELL && source_says(p->src, libraries);
    for (size_t i = 0; verifies && i < p->calls.n; i++) {
        const struct call *k = &p->calls.at[i];
        if (!sv_ihas(k->name, SV("verify")) || !text_has_any(k->chain, libraries))
            continue;
        c->examined++;
        if (!says_somewhere(c, p, status_words))
            report(c, program_place(p, k->from, k->close + 1), k->name,
                   "The quote is verified and its TCB status is never looked at: a machine with known, published holes (OutOfDate) passes like a patched one.");
        return;
    }
    const struct block *f = handmade_verifier(c, p);
    c->examined += f != NULL;
    if (f != NULL && !says_somewhere(c, p, status_words))
        report(c, program_place(p, f->head, f->head_end), f->name,
               "%.*s verifies the quote's signature by itself and asks nobody for the TCB level: a machine with known, published holes (OutOfDate) passes like a patched one.", SV_ARG(f->name));
}

void check_tcb_status(struct check_run *c) { each_program(c, verify_words, look_for_status); }

/* ---- event-payload-unhashed ---------------------------------------------------------------------------------- */

static const char *const payload_words[] = {"event_payload", "eventpayload", NULL};

/* sha384(digest_input(event)): what goes in is put together by a function of its own. */
static bool hashes_made_input(const struct program *p, const struct block *f, const char *const *words, const char *const *hashes)
{
    static const char *const kinds[] = {"event_type", "eventtype", NULL};
    size_t first, end;
    if (!says_any(p, f->body, f->body_end, hashes))
        return false;
    program_calls_in(p, f->body, f->body_end, &first, &end);
    for (; first < end; first++)
        for (size_t i = 0; i < p->blocks.n; i++) {
            const struct block *g = p->blocks.at[i];
            if (g->kind == BLOCK_FUNCTION && sv_eq(g->name, p->calls.at[first].name) && says_any(p, g->body, g->body_end, words) && says_any(p, g->body, g->body_end, kinds))
                return true;
        }
    return false;
}

/* The function that recomputes an event's digest from its payload. */
static bool hashes_payload(const struct program *p, size_t from, size_t to, const char *const *words)
{
    (void)from;
    (void)to;
    static const char *const hashes[] = {"sha384", "sha-384", "createhash", NULL};
    for (size_t i = 0; i < p->blocks.n; i++) {
        const struct block *f = p->blocks.at[i];
        if (f->kind == BLOCK_FUNCTION && says_any(p, f->head, f->body_end, words) && says_any(p, f->body, f->body_end, hashes) && says_any(p, f->body, f->body_end, (const char *const[]){"event_type", "eventtype", ":", NULL}))
            return true;
        if (f->kind == BLOCK_FUNCTION && hashes_made_input(p, f, words, hashes))
            return true;
    }
    return false;
}

static bool replays(const struct program *p, size_t from, size_t to, const char *const *words)
{
    (void)words;
    return program_says(p, from, to, "replay") && (program_says(p, from, to, "sha384") || program_says(p, from, to, "sha-384")) && program_says(p, from, to, "digest");
}

static void look_for_payload(struct check_run *c, const struct program *p)
{
    static const char *const replay_words[] = {"replay", NULL};
    static const char *const names[] = {"compose-hash", NULL};
    for (size_t i = 0; i < p->n && p->lang != LANG_SHELL; i++) {
        bool compared = i > 0 && p->at[i - 1].kind == TOKEN_PUNCT && SV_IN(program_token(p, i - 1), SV("=="), SV("==="), SV("("));
        if (!compared || p->at[i].kind != TOKEN_STRING || !sv_eq(program_string(p, i), SV("compose-hash")) || !says_any(p, 0, p->n, payload_words))
            continue;
        c->examined++;
        bool replayed = replays(p, 0, p->n, names) || related_holds(c, p, replay_words, replays);
        if (!replayed || hashes_payload(p, 0, p->n, payload_words) || related_holds(c, p, payload_words, hashes_payload))
            return;
        report(c, program_place(p, i, i + 1), SV("compose-hash"),
               "The event log is replayed over its digests, the compose hash is read from the payload, and no code computes the digest from the payload: the payload can be exchanged while RTMR3 still matches.");
        return;
    }
}

void check_event_payload(struct check_run *c) { each_program(c, payload_words, look_for_payload); }

/* ---- signed-value-from-header ------------------------------------------------------------------------------------ */

static bool from_header(const struct program *p, size_t from, size_t to, int depth);

/* req.headers, c.GetHeader(…), request.header(…) */
static bool is_header_access(const struct program *p, size_t i)
{
    static const char *const requests[] = {"req", "ctx", NULL};
    return i > 1 && SV_IN(program_token(p, i - 1), SV("."), SV("?.")) && SV_IN(program_token(p, i), SV("headers"), SV("header"), SV("Header"), SV("GetHeader"), SV("getHeader")) &&
           (text_has_any(program_token(p, i - 2), requests) || SV_IN(program_token(p, i - 2), SV("c"), SV("r")));
}

/* A string may name the variable: f"{request_hash}:{…}". */
static bool is_named_in(const struct program *p, size_t i, sv name)
{
    return program_mentions(p, i, i + 1, name) && !(i > 0 && SV_IN(program_token(p, i - 1), SV("."), SV("?.")));
}

/* A parameter that the token names is a header, as FastAPI declares them, or one is passed for it in this file. */
static bool parameter_is_header(const struct program *p, size_t token, int depth)
{
    const struct block *f = program_function_at(p, token);
    size_t index = 0;
    for (size_t t = f == NULL ? 0 : f->params, end; f != NULL && t < f->params_end; t = end + 1, index++) {
        end = program_expression_end(p, t);
        if (p->at[t].kind != TOKEN_WORD || !is_named_in(p, token, program_token(p, t)))
            continue;
        for (size_t k = t; k < end; k++)
            if (program_is(p, k, "Header") && program_is(p, k + 1, "("))
                return true;
        for (size_t k = 0; k < p->calls.n && depth > 0; k++) {
            size_t from, to;
            if (sv_eq(p->calls.at[k].chain, f->name) && program_argument(p, &p->calls.at[k], index, &from, &to) && from_header(p, from, to, depth - 1))
                return true;
        }
    }
    return false;
}

static bool from_header(const struct program *p, size_t from, size_t to, int depth)
{
    const struct block *function = program_function_at(p, from);
    for (size_t i = from; i < to && i < p->n; i++) {
        if (is_header_access(p, i) || parameter_is_header(p, i, depth))
            return true;
        for (size_t k = 0; depth > 0 && k < p->assigns.n; k++) {
            const struct assignment *a = &p->assigns.at[k];
            if (a->at < from && is_named_in(p, i, a->target) && program_function_at(p, a->at) == function && from_header(p, a->value, a->value_end, depth - 1))
                return true;
        }
    }
    return false;
}

static void look_for_signed_header(struct check_run *c, const struct program *p)
{
    static const char *const signers[] = {"sign", "sign_message", "signmessage", "sign_chat", "sign_deterministic", "sign_response", "signresponse", "getquote", "get_quote", "sign_data", "signdata", NULL};
    static const char *const tokens[] = {"jwt", "aws", "hmac", NULL};
    if (p->lang == LANG_SHELL || !is_about_tee(c, p))
        return;
    struct calls named = calls_named(c, p, signers);
    for (const struct call *k; (k = next_named(&named)) != NULL;) {
        if (text_has_any(k->chain, tokens))
            continue;
        c->examined++;
        if (is_any(function_name(p, k->open), signers) || !from_header(p, k->open + 1, k->close, 3))
            continue; /* a signer inside a signer: its caller is looked at */
        report(c, program_place(p, k->from, k->close + 1), k->name,
               "What is signed with the enclave's key is taken from a header of the request: the caller has the enclave vouch for a value it never computed.");
    }
}

void check_signed_header(struct check_run *c) { each_program(c, attest_words, look_for_signed_header); }

/* ---- dev-image-reference ------------------------------------------------------------------------------------------ */

/* dstack-dev-0.5.3, dstack-nvidia-dev-0.5.3: where reference values are computed or looked up. */
static size_t find_dev_image(sv text)
{
    static const char *const images[] = {"dstack-dev-", "dstack-nvidia-dev-", "dstack-gpu-dev-", NULL};
    for (size_t i = 0; images[i] != NULL; i++) {
        size_t at = sv_ifind(text, sv_from(images[i])), end = at + strlen(images[i]);
        if (at != SV_NOT_FOUND && end < text.n && text.p[end] >= '0' && text.p[end] <= '9')
            return at;
    }
    return SV_NOT_FOUND;
}

/* The first token that names one where expected values come from; SV_NOT_FOUND where none does. */
static size_t dev_image_at(struct check_run *c, const struct program *p)
{
    static const char *const references[] = {"dstack-mr", "mrtd", "mr_td", "rtmr", "expected", "known_good", "metadata", NULL};
    if (!is_verifying_file(c, p) && !source_says(p->src, references))
        return SV_NOT_FOUND;
    for (size_t i = 0; i < p->n; i++) {
        if (p->at[i].kind != TOKEN_STRING && p->at[i].kind != TOKEN_WORD)
            continue;
        size_t from, to;
        sv line = line_text(&p->src->lines, p->src->text, line_at(&p->src->lines, p->at[i].start)), text = program_token(p, i);
        bool shell = p->lang == LANG_SHELL; /* its words end at a hyphen */
        if (shell)
            text = sv_sub(line, (size_t)(text.p - line.p), line.n);
        function_range(p, i, &from, &to);
        size_t at = find_dev_image(text);
        if (shell ? at == 0 && text_has_any(line, references) : at != SV_NOT_FOUND && says_any(p, from, to, references))
            return i;
    }
    return SV_NOT_FOUND;
}

static const char *const dev_words[] = {"-dev-", NULL};

bool expects_dev_image(struct check_run *c, const struct source *s)
{
    const struct program *p = program_in_use(c, s, dev_words);
    return p != NULL && dev_image_at(c, p) != SV_NOT_FOUND;
}

static void look_for_dev_image(struct check_run *c, const struct program *p)
{
    size_t i = dev_image_at(c, p);
    c->examined++;
    if (i == SV_NOT_FOUND)
        return;
    sv text = program_string(p, i);
    if (p->lang == LANG_SHELL) {
        sv line = line_text(&p->src->lines, p->src->text, line_at(&p->src->lines, p->at[i].start));
        sv rest = sv_sub(line, (size_t)(program_token(p, i).p - line.p), line.n);
        text = sv_cut(&rest, ' ');
    }
    report(c, program_place(p, i, i + 1), text,
           "The expected measurements are those of a development image of the OS, which lets the deployer log in over SSH: a machine that passes may be under his full control.");
}

void check_dev_image_reference(struct check_run *c) { each_program(c, dev_words, look_for_dev_image); }
