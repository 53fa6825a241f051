/* Programs that produce evidence: what they put into report_data, what they give away with it. */
#include "check/routes.h"

static const char *const key_functions[] = {"getkey", "get_key", "derivekey", "derive_key", "get_tls_key", "gettlskey", NULL};

/* ---- report_data ----------------------------------------------------------------------------------- */

/* Go: GetQuote(ctx, x), getQuote(ctx, client, x) */
static bool behind_client(const struct program *p, const struct call *k, size_t *from, size_t *to)
{
    static const char *const clients[] = {"client", "provider", "device", NULL};
    size_t next, end, n = 1;
    if (!program_argument(p, k, n, from, to))
        return false;
    while (*to == *from + 1 && name_has_part(program_token(p, *from), clients) && program_argument(p, k, ++n, &next, &end))
        *from = next, *to = end;
    return true;
}

/* The argument that becomes report_data: getQuote(x), get_quote(x), call('/GetQuote', {report_data: x}) */
bool report_data_of(const struct program *p, const struct call *k, size_t *from, size_t *to)
{
    static const char *const getters[] = {"getquote", "get_quote", "tdxquote", "tdx_quote", NULL};
    size_t arg, end;
    if (call_named(k, getters)) {
        return program_named_argument(p, k, "report_data", from, to) || (p->lang == LANG_GO && behind_client(p, k, from, to)) || program_argument(p, k, 0, from, to);
    }
    if (!program_argument(p, k, 0, &arg, &end) || end != arg + 1 || p->at[arg].kind != TOKEN_STRING || !sv_has(program_token(p, arg), SV("GetQuote")))
        return false;
    for (size_t i = end; i + 2 < k->close; i++)
        if ((p->at[i].kind == TOKEN_WORD || p->at[i].kind == TOKEN_STRING) && sv_has(program_token(p, i), SV("report_data")) && program_is(p, i + 1, ":")) {
            *from = i + 2;
            *to = program_expression_end(p, i + 2);
            return true;
        }
    return false;
}

/* The wrapper around the SDK, or a call of a wrapper in the same file: the call inside it counts. */
static bool is_wrapped(const struct program *p, const struct call *k)
{
    if (sv_eq(k->chain, k->name) && function_named(p, k->name) != NULL)
        return true;
    size_t token = k->open;
    return text_has_any(function_name(p, token), (const char *const[]){"get_quote", "getquote", "tdx_quote", NULL}) && program_function_at(p, token)->params_end > program_function_at(p, token)->params;
}

/* Asked for to see whether the guest agent answers: nobody gets the quote. */
static bool is_dropped(const struct program *p, const struct call *k)
{
    size_t start = program_statement_start(p, k->from), after = k->close + 1;
    while (start < k->from && (p->at[start].kind == TOKEN_NEWLINE || program_is(p, start, "await")))
        start++;
    bool ends = after >= p->n || p->at[after].kind == TOKEN_NEWLINE || program_is(p, after, ";");
    return p->lang != LANG_RUST && start == k->from && ends && !(start > 0 && program_is(p, start - 1, "=>"));
}

static const char *const key_parts[] = {"key", "keyset", "pubkey", "pubkeys", "pub", "pk", "cert", "certificate", "tls", "fingerprint", "address", "signer", "spki", "csr", "identity", NULL};
static const char *const peer_parts[] = {"getpeercertificate", "peer_certificate", "peer_certificates", "getpeercert", "peercertificates", NULL};
static const char *const own_key_parts[] = {"key", "keyset", "pubkey", "pub", "signer", "spki", "csr", NULL};
static const char *const challenge_words[] = {"nonce", "challenge", "user_data", "userdata", NULL};
static const char *const request_names[] = {"req", "request", "body", "query", "params", "ctx", NULL}; /* as whole names */

/* What the caller sends is part of it. What the app answers him is made from it, and is not it. */
static bool holds_request(const struct program *p, size_t from, size_t to, int depth)
{
    static const char *const answers[] = {"response", "resp", "answer", "reply", "result", NULL};
    for (size_t i = from; i < to && i < p->n; i++) {
        if (p->at[i].kind != TOKEN_WORD || name_has_part(program_token(p, i), answers))
            continue;
        const struct assignment *a = depth > 0 ? program_assigned(p, program_token(p, i), from) : NULL;
        bool other = a != NULL && !(a->value <= from && from < a->value_end);
        if (other && derives_from_part(p, a->value, a->value_end, answers, 1))
            continue;
        for (size_t k = 0; request_names[k] != NULL; k++)
            if (sv_eq(program_token(p, i), sv_from(request_names[k])))
                return true;
        if (other && holds_request(p, a->value, a->value_end, depth - 1))
            return true;
    }
    return false;
}

/* "pubkey": …, publicKey: … beside the quote that does not hold it */
static void relate_published_key(struct check_run *c, const struct program *p, const struct call *k, struct finding *f)
{
    static const char *const names[] = {"pubkey", "public_key", "publickey", "signing_address", "signingaddress", "signing_public_key", "signer_address", NULL};
    size_t from, to;
    function_range(p, k->open, &from, &to);
    for (size_t i = from; i + 1 < to; i++) {
        sv name = p->at[i].kind == TOKEN_STRING ? program_string(p, i) : program_token(p, i);
        if (!is_any(name, names) || !(program_is(p, i + 1, ":") || program_is(p, i + 1, ",")) || (i > 0 && program_is(p, i - 1, ".")))
            continue;
        relate(c, f, program_place(p, i, i + 1), "this key is handed out beside a quote that does not hold it");
        return;
    }
}

/* hash ? Buffer.from(hash) : Buffer.alloc(32); a buffer that is filled later is another thing. */
static bool is_empty_otherwise(const struct program *p, size_t from, size_t to, int depth)
{
    bool chosen = false, empty = false;
    for (size_t i = from; i < to && i < p->n; i++) {
        chosen = chosen || (p->at[i].kind != TOKEN_STRING && SV_IN(program_token(p, i), SV("?"), SV("||"), SV("??"), SV("or"), SV("else")));
        empty = empty || (p->at[i].kind == TOKEN_WORD && sv_ihas(program_token(p, i), SV("alloc")));
        const struct assignment *a = depth > 0 && p->at[i].kind == TOKEN_WORD ? program_assigned(p, program_token(p, i), from) : NULL;
        if (a != NULL && is_empty_otherwise(p, a->value, a->value_end, depth - 1))
            return true;
    }
    return chosen && empty;
}

static void look_at_report_data(struct check_run *c, const struct program *p, bool constants)
{
    if (!is_about_tee(c, p))
        return; /* a quote can be a price */
    for (size_t i = 0; i < p->calls.n; i++) {
        const struct call *k = &p->calls.at[i];
        size_t from, to;
        if (!report_data_of(p, k, &from, &to))
            continue;
        c->examined++;
        if (is_wrapped(p, k) || is_dropped(p, k))
            continue;
        bool constant = is_constant(p, from, to, 3);
        bool sometimes = !constant && is_empty_otherwise(p, from, to, 1);
        if (constants && (constant || sometimes)) {
            report(c, program_place(p, k->from, k->close + 1), SV("report_data"),
                   "The quote commits to %.*s, %s proves that some enclave with this code exists, not that the key or the answer a client sees belongs to it, nor that the quote is fresh.",
                   SV_ARG(program_text(p, from, to)), constant ? "a constant. It" : "which is zero bytes while the value is missing. Such a quote")
                ->severity = constant ? SEV_MEDIUM : SEV_LOW;
            continue;
        }
        if (constants || constant || sometimes)
            continue;
        /* the certificate of a server the program asked says nothing about the program */
        bool upstream = find_any(p, 0, p->n, peer_parts) != SV_NOT_FOUND;
        bool key = derives_from_part(p, from, to, upstream ? own_key_parts : key_parts, 2), challenge = derives_from(p, from, to, challenge_words, 4) || holds_request(p, from, to, 3);
        const struct block *f = program_function_at(p, k->open);
        for (size_t t = from; f != NULL && t < to; t++) /* a parameter: the caller decides */
            if (p->at[t].kind == TOKEN_WORD && program_mentions(p, f->params, f->params_end, program_token(p, t)) && !program_assigned(p, program_token(p, t), from))
                key = true;
        if (key)
            continue;
        struct finding *found = report(c, program_place(p, k->from, k->close + 1), SV("report_data"),
               challenge ? "report_data holds only what the caller sent (%.*s): neither the key that signs answers nor the TLS certificate is bound to the quote, so it can be shown beside any other service."
                         : "report_data (%.*s) holds neither a key nor a caller's challenge: the quote says nothing about who answers, and an old one looks fresh.",
               SV_ARG(program_text(p, from, to)));
        relate_published_key(c, p, k, found);
        if (!challenge && !program_says(p, 0, p->n, "sign"))
            found->severity = SEV_LOW;
    }
}

static void look_for_constant(struct check_run *c, const struct program *p) { look_at_report_data(c, p, true); }
static void look_for_unbound(struct check_run *c, const struct program *p) { look_at_report_data(c, p, false); }

static const char *const quote_getters[] = {"getquote", "get_quote", "tdxquote", "tdx_quote", NULL};

void check_report_data_constant(struct check_run *c)
{
    each_program(c, quote_getters, look_for_constant);
    shell_report_data_constant(c);
}

void check_report_data_unbound(struct check_run *c)
{
    each_program(c, quote_getters, look_for_unbound);
    shell_report_data_unbound(c);
}

/* ---- quote-truncated --------------------------------------------------------------------------------- */

static void look_for_cut(struct check_run *c, const struct program *p)
{
    static const char *const cutters[] = {"slice", "substring", "substr", NULL};
    struct calls cutting = calls_written(c, p, cutters);
    for (const struct call *k; (k = next_named(&cutting)) != NULL;) { /* quote….slice(0, 200) */
        size_t from, to;
        if (!sv_ihas(k->chain, SV("quote")) || !program_argument(p, k, 1, &from, &to) ||
            p->at[from].kind != TOKEN_NUMBER || to != from + 1 || token_length(&p->at[from]) > 4)
            continue;
        c->examined++;
        bool shown = false, answered = false;
        for (size_t j = 0; j < p->calls.n; j++) {
            const struct call *outer = &p->calls.at[j];
            bool around = outer->open < k->from && outer->close > k->close;
            shown = shown || (around && is_log_call(outer));
            answered = answered || (around && SV_IN(outer->name, SV("json"), SV("send"), SV("jsonify"), SV("end"), SV("stringify"), SV("json_response")));
        }
        if (answered && !shown)
            report(c, program_place(p, k->from, k->close + 1), SV("quote"),
                   "Only the first %.*s characters of the quote are returned: nobody can verify it, although an attestation seems to be served.", SV_ARG(program_token(p, from)));
    }
    size_t end = p->lang == LANG_PYTHON && source_ihas(p->src, SV("quote")) ? p->n : 0;
    for (size_t i = 1; i + 3 < end; i++) { /* "quote": quote[:200] */
        if (!program_is(p, i, "[") || !program_is(p, i + 1, ":") || p->at[i + 2].kind != TOKEN_NUMBER || !program_is(p, i + 3, "]") || !sv_ihas(program_token(p, i - 1), SV("quote")))
            continue;
        c->examined++;
        size_t start = program_statement_start(p, i);
        bool returned = program_is(p, start, "return") || (i >= 4 && sv_ihas(program_token(p, i - 3), SV("quote")) && p->at[i - 3].kind == TOKEN_STRING);
        if (returned)
            report(c, program_place(p, i - 1, i + 4), SV("quote"), "Only the first %.*s characters of the quote are returned: nobody can verify it, although an attestation seems to be served.",
                   SV_ARG(program_token(p, i + 2)));
    }
}

void check_quote_truncated(struct check_run *c) { each_program(c, quote_words, look_for_cut); }

/* ---- key-published ------------------------------------------------------------------------------------ */

/* getKey(…), dstackCall('/GetKey', …), session.post("http://localhost/GetKey") */
static bool asks_for_key(const struct program *p, const struct call *k)
{
    size_t from, to;
    if (call_named(k, key_functions))
        return sv_eq(k->chain, k->name) || text_has_any(k->chain, (const char *const[]){"client", "dstack", "tappd", "sdk", "tee", NULL});
    if (!program_argument(p, k, 0, &from, &to) || to != from + 1 || p->at[from].kind != TOKEN_STRING)
        return false;
    sv path = program_string(p, from);
    return sv_ends(path, SV("/GetKey")) || sv_ends(path, SV("/DeriveKey")) || sv_has(path, SV("Tappd.DeriveKey"));
}

/* The variable stands as it is inside [from, to): `x`, `x.key`, `key: x`; not f(x), not x.address. */
static size_t raw_use(const struct program *p, size_t from, size_t to, sv name)
{
    static const char *const shapes[] = {"json", "jsonify", "json_response", "JSONResponse", "Json", "stringify", "send", "end", "asdict", "dumps", "String", "hex", "toString", "encode", "write", NULL};
    for (size_t i = from; i < to && i < p->n; i++) {
        if (p->at[i].kind != TOKEN_WORD || !sv_eq(program_token(p, i), name) || (i > 0 && (program_is(p, i - 1, ".") || program_is(p, i - 1, "?."))) || program_is(p, i + 1, ":") || program_is(p, i + 1, "("))
            continue;
        if ((program_is(p, i + 1, ".") || program_is(p, i + 1, "?.")) && !SV_IN(program_token(p, i + 2), SV("key"), SV("private_key"), SV("asUint8Array"), SV("hex")))
            continue;
        if (program_is(p, i + 1, "[") && !program_says(p, i + 1, i + 3, "key"))
            continue;
        bool inside_other = false;
        for (size_t k = 0; k < p->calls.n; k++) {
            const struct call *call = &p->calls.at[k];
            if (call->open < i && i < call->close && call->open >= from && !call_named(call, shapes))
                inside_other = true;
        }
        if (!inside_other)
            return i;
    }
    return SV_NOT_FOUND;
}

static bool is_answer(const struct program *p, const struct call *k)
{
    (void)p;
    return SV_IN(k->name, SV("json"), SV("jsonify"), SV("json_response"), SV("JSONResponse"), SV("send"), SV("end"), SV("Json"), SV("JSON"), SV("Response"));
}

/* { privateKey, async sign(x) {…} }: an object of the program, and no answer. */
static bool holds_methods(const struct program *p, size_t from, size_t to)
{
    for (size_t i = 0; i < p->blocks.n; i++)
        if (p->blocks.at[i]->kind == BLOCK_FUNCTION && p->blocks.at[i]->body > from && p->blocks.at[i]->body_end < to)
            return true;
    return false;
}

/* Where the value of `name` leaves the function behind `after`; SV_NOT_FOUND where it stays. */
static size_t published_at(const struct program *p, sv name, size_t after, size_t to)
{
    size_t first, end;
    program_calls_in(p, after, to, &first, &end);
    for (size_t i = first; i < end; i++)
        if (is_answer(p, &p->calls.at[i])) {
            size_t use = raw_use(p, p->calls.at[i].open, p->calls.at[i].close, name);
            if (use != SV_NOT_FOUND)
                return use;
        }
    for (size_t i = after; i < to; i++) /* return { publicKey: name } */
        if (program_is(p, i, "return") && program_is(p, i + 1, "{") && program_match(p, i + 1) != SV_NOT_FOUND && !holds_methods(p, i + 2, program_match(p, i + 1))) {
            size_t use = raw_use(p, i + 2, program_match(p, i + 1), name);
            if (use != SV_NOT_FOUND)
                return use;
        }
    return SV_NOT_FOUND;
}

/* Evidence, a signature or a token of the caller was verified before the key was asked for. */
static const struct call *gate_before(const struct program *p, const struct call *k)
{
    static const char *const gates[] = {"verify", "authenticate", "authorize", "require", NULL};
    static const char *const about[] = {"attest", "quote", "evidence", "peer", "signature", NULL};
    const struct call *gate = NULL;
    size_t from, to, first, end;
    function_range(p, k->open, &from, &to);
    program_calls_in(p, from, k->from, &first, &end);
    for (; first < end; first++)
        if (name_has_part(p->calls.at[first].name, gates) && text_has_any(p->calls.at[first].name, about))
            gate = &p->calls.at[first];
    return gate;
}

static void report_key(struct check_run *c, const struct program *p, size_t use, const struct call *k)
{
    const struct call *gate = gate_before(p, k);
    if (gate != NULL) {
        ask(c, program_place(p, use, use + 1), "A key derived by the KMS leaves the enclave here, behind %.*s. Can only the enclave that the key belongs to pass it?", SV_ARG(gate->name))->rank = 1;
        return;
    }
    struct finding *f = report(c, program_place(p, use, use + 1), SV("GetKey"),
                               "The answer of GetKey leaves the enclave here. Its key field is the private key derived by the KMS: whoever calls this can sign and decrypt as the app.");
    relate(c, f, program_place(p, k->from, k->close + 1), "the key is asked for here");
}

/* `result = await getKey()` where result is answered to the request */
static bool answers_directly(const struct program *p, size_t target, size_t value)
{
    bool result = p->at[target].kind == TOKEN_WORD && SV_IN(program_token(p, target), SV("result"), SV("response"), SV("body"), SV("resp"), SV("out"), SV("payload"));
    size_t from, to, first, end;
    function_range(p, target, &from, &to);
    program_calls_in(p, value, to, &first, &end);
    for (; result && first < end; first++)
        if (is_answer(p, &p->calls.at[first]) && program_mentions(p, p->calls.at[first].open, p->calls.at[first].close, program_token(p, target)))
            return true;
    return false;
}

static bool reads_json(const struct program *p, size_t from, size_t to)
{
    size_t first, end;
    program_calls_in(p, from, to, &first, &end);
    for (; first < end; first++)
        if (sv_eq(p->calls.at[first].name, SV("json")))
            return true;
    return false;
}

/* Behind what only takes the value out of its promise or result: .await?, .map_err(…)?, .unwrap() */
static size_t behind_unwrapping(const struct program *p, size_t i)
{
    for (;;) {
        if (program_is(p, i, "?")) {
            i++;
            continue;
        }
        size_t word = i + 1;
        while (word < p->n && p->at[word].kind == TOKEN_NEWLINE)
            word++;
        if (!program_is(p, i, ".") || word >= p->n || !SV_IN(program_token(p, word), SV("await"), SV("unwrap"), SV("expect"), SV("map_err"), SV("context"), SV("with_context")))
            return i;
        i = word + 1;
        if (program_is(p, i, "(") && program_match(p, i) != SV_NOT_FOUND)
            i = program_match(p, i) + 1;
    }
}

/* A key call whose value is stored: `x = await getKey()`, `{key: x} = …`, `x = await resp.json()` below. */
static void follow_key(struct check_run *c, const struct program *p, const struct call *k)
{
    size_t from, to;
    function_range(p, k->open, &from, &to);
    for (size_t i = 0; i < p->assigns.n; i++) {
        const struct assignment *a = &p->assigns.at[i];
        bool direct = a->value <= k->from && k->close < a->value_end + 1;
        bool later = !direct && a->at > k->close && a->at < to && p->lang == LANG_PYTHON && reads_json(p, a->value, a->value_end) && a->at < k->close + 60 &&
                     sv_ihas(program_text(p, k->open, k->close), SV("GetKey"));
        if ((!direct && !later) || (a->field.n != 0 && !sv_eq(a->field, SV("key"))))
            continue;
        size_t behind = behind_unwrapping(p, k->close + 1);
        if (direct && a->field.n == 0 && behind < a->value_end && program_is(p, behind, ".") && !program_says(p, k->close, a->value_end, "key"))
            continue;
        size_t use = answers_directly(p, a->at, a->value_end) ? a->at : published_at(p, a->target, a->value_end, to);
        if (use != SV_NOT_FOUND)
            report_key(c, p, use, k);
    }
}

static void look_for_published_key(struct check_run *c, const struct program *p)
{
    for (size_t i = 0; i < p->calls.n; i++) {
        const struct call *k = &p->calls.at[i];
        if (!asks_for_key(p, k))
            continue;
        c->examined++;
        follow_key(c, p, k);
    }
}

static const char *const key_calls[] = {"getkey", "get_key", "derivekey", "derive_key", NULL};

void check_key_published(struct check_run *c) { each_program(c, key_calls, look_for_published_key); }

/* ---- quote-optional -------------------------------------------------------------------------------------- */

/* quote = client.get_quote(x) if client else None; quote: client ? await … : null */
static void look_for_optional(struct check_run *c, const struct program *p)
{
    for (size_t i = 0; i < p->calls.n; i++) {
        const struct call *k = &p->calls.at[i];
        if (!call_named(k, quote_getters))
            continue;
        c->examined++;
        size_t start = program_statement_start(p, k->from), end = program_statement_end(p, k->from);
        for (size_t t = start; t < end; t++) {
            bool python = program_is(p, t, "else") && program_is(p, t + 1, "None") && t > k->close;
            bool js = program_is(p, t, ":") && SV_IN(program_token(p, t + 1), SV("null"), SV("undefined"), SV("''"), SV("\"\"")) && t > k->close && program_says(p, start, end, "?") == false;
            if (python || (js && t > start && find_any(p, start, t, quote_getters) != SV_NOT_FOUND)) {
                report(c, program_place(p, start, end), SV("quote"),
                       "Without a guest agent the evidence is silently left out (the quote becomes empty) and the answer is produced all the same.");
                break;
            }
        }
    }
}

void check_quote_optional(struct check_run *c) { each_program(c, quote_getters, look_for_optional); }

/* ---- own-page-relayed --------------------------------------------------------------------------------------- */

static void relays(struct check_run *c, const struct route *r)
{
    const struct program *p = r->program;
    c->examined++;
    for (size_t i = r->body; i < r->body_end && i < p->n; i++) {
        if (p->at[i].kind != TOKEN_STRING || !sv_has(program_token(p, i), SV(":8090")) || !sv_has(program_token(p, i), SV("http")))
            continue;
        report(c, program_place(p, i, i + 1), r->path,
               "The app hands on its own metadata page (port 8090) as %.*s: who verifies with it reads measurements that the party under test could have written. Take them from the quote, or from the guest agent's port through the gateway.",
               SV_ARG(r->path));
        return;
    }
}

void check_own_page(struct check_run *c)
{
    const struct programs *list = programs_naming(c, SV(":8090"));
    for (size_t i = 0; i < list->all.n; i++)
        routes_within(c, list->all.at[i], relays);
}
