/* Settings from outside: environment variables whose value is not part of the measured compose. */
#include "check/code.h"
#include "check/input.h"

#define EACH_INPUT(c, in) \
    for (size_t i_ = 0; i_ < (c)->facts->inputs.n; i_++) \
        for (const struct operator_input *in = (c)->facts->inputs.at[i_]; in != NULL; in = NULL)

static bool is_ingress(const struct service *s)
{
    return s != NULL && s->image != NULL && sv_has(s->image->name, SV("ingress"));
}

static bool is_ingress_target(const struct operator_input *in)
{
    return SV_IN(input_name(in), SV("TARGET_ENDPOINT"), SV("ROUTING_MAP"));
}

/* ---- endpoints and storage ------------------------------------------------------------------------ */

static const char *endpoint_reach(sv name)
{
    if (name_has(name, "LLM OPENAI ANTHROPIC INFERENCE MODEL GPT OLLAMA VLLM REDPILL CHAT COMPLETION AI GEMINI MISTRAL"))
        return "every prompt and answer goes to the address it names";
    if (name_has(name, "RPC WEB3 ETH CHAIN NODES") || sv_has(name, SV("NODE_URL")) || sv_has(name, SV("NODE_HOST")) || sv_has(name, SV("NODE_ENDPOINT")))
        return "what the app believes about the chain comes from the address it names";
    if (name_has(name, "SENTRY OTEL OTLP TELEMETRY METRICS TRACE COLLECTOR POSTHOG LANGFUSE"))
        return "logs and traces go to the address it names";
    if (name_has(name, "WEBHOOK WEBHOOKS NOTIFY"))
        return "events are sent to the address it names";
    if (name_has(name, "REGISTRY"))
        return "the service asks the address it names for images or packages";
    return "what the service sends goes to the address it names";
}

static bool carries_data(const struct operator_input *in)
{
    return name_has(input_name(in), "LLM OPENAI ANTHROPIC INFERENCE MODEL OLLAMA VLLM REDPILL CHAT BACKEND UPSTREAM PROXY AI");
}

static bool code_reads(const struct operator_input *in)
{
    const struct env_read *r = in->reads.n == 0 ? NULL : in->reads.at[0];
    return r != NULL && !r->implicit && r->place.src->lang != LANG_SHELL;
}

/* The repository holds the program of the service, seen by what it reads, and nothing in it reads this one. A service
 * that only scripts read for runs tools of others, which read what no line here names. */
static bool is_unread(struct check_run *c, const struct operator_input *in)
{
    size_t read = 0;
    for (size_t i = 0; i < c->facts->inputs.n; i++)
        read += c->facts->inputs.at[i]->service == in->service && code_reads(c->facts->inputs.at[i]);
    return in->service != NULL && in->reads.n == 0 && read >= 3;
}

static void judge_endpoint(struct check_run *c, const struct operator_input *in)
{
    if (names_own_address(input_name(in))) {
        report_input(c, in, SEV_MEDIUM, "it is the address under which the app presents itself: links, callbacks and "
                                        "redirects lead where the operator says");
        return;
    }
    enum severity s = carries_data(in) || in->reads.n != 0 ? SEV_CRITICAL : SEV_HIGH;
    if (name_has(input_name(in), "RPC WEBHOOK SENTRY OTEL DNS"))
        s = severity_at_most(s, SEV_HIGH);
    if (name_has(input_name(in), "REGISTRY")) /* an image's name says from where it comes */
        s = severity_at_most(s, SEV_MEDIUM);
    bool unread = is_unread(c, in);
    report_input(c, in, unread ? severity_at_most(s, SEV_MEDIUM) : s, "%s%s", endpoint_reach(input_name(in)),
                 unread ? ", although nothing in this repository is seen to read it" : "");
}

void check_env_url(struct check_run *c)
{
    inputs_begin(c);
    EACH_INPUT(c, in)
        if (in->kind == KIND_ENDPOINT && is_setting(in) && !names_agent(input_name(in)) && !is_ingress_target(in) &&
            input_is_open(c, in))
            judge_endpoint(c, in);
}

static bool is_sealed(struct check_run *c, const struct operator_input *in)
{
    for (size_t i = 0; i < in->reads.n; i++)
        if (encrypts_rows(c, in->reads.at[i]->place.src))
            return true;
    return false;
}

void check_env_storage(struct check_run *c)
{
    inputs_begin(c);
    EACH_INPUT(c, in) {
        if (in->kind != KIND_STORAGE || !is_setting(in) || !input_is_open(c, in))
            continue;
        bool sealed = is_sealed(c, in);
        report_input(c, in, sealed ? SEV_HIGH : SEV_CRITICAL, "%s",
                     sealed ? "the app encrypts what it keeps there, but whoever the operator chooses sees the rest, drops rows and gives "
                              "back old ones"
                            : "everything the app stores there lies with whoever the operator chooses, and so does what it reads back, "
                              "unless it encrypts and checks freshness itself");
    }
}

void check_env_model(struct check_run *c)
{
    inputs_begin(c);
    EACH_INPUT(c, in)
        if (in->kind == KIND_MODEL && is_setting(in) && input_is_open(c, in))
            report_input(c, in, SEV_MEDIUM, "another model, also one that runs outside any TEE, answers under the same "
                                            "attestation");
}

/* ---- secrets --------------------------------------------------------------------------------------- */

static enum severity credential_severity(const struct operator_input *in)
{
    if (name_has(input_name(in), "TELEGRAM DISCORD SLACK WHATSAPP TWILIO SIGNAL MATRIX BOT IMAP MAIL"))
        return SEV_HIGH;
    if (is_ingress(in->service) || name_has(input_name(in), "CLOUDFLARE LINODE NAMECHEAP ROUTE53 DNS GODADDY DIGITALOCEAN"))
        return SEV_MEDIUM;
    if (name_has(input_name(in), "OPENAI ANTHROPIC LLM REDPILL GEMINI MISTRAL GROQ OPENROUTER"))
        return SEV_LOW; /* an account with a model provider, whatever the token is called */
    if (name_has(input_name(in), "PHALA GITHUB GITLAB SUPABASE FIREBASE GOOGLE AWS AZURE GCP ACCESS SERVICE ACCOUNT DB DATABASE "
                             "POSTGRES MYSQL MONGO REDIS S3"))
        return SEV_MEDIUM;
    return SEV_LOW;
}

static const char *credential_reach(const struct operator_input *in)
{
    if (name_has(input_name(in), "TELEGRAM DISCORD SLACK WHATSAPP TWILIO SIGNAL MATRIX BOT IMAP MAIL"))
        return "whoever holds the same token reads and writes the same messages outside the TEE";
    if (is_ingress(in->service) || name_has(input_name(in), "CLOUDFLARE LINODE NAMECHEAP ROUTE53 DNS GODADDY DIGITALOCEAN"))
        return "whoever holds it controls the domain's DNS and can have another certificate issued outside the TEE";
    if (name_has(input_name(in), "DB DATABASE POSTGRES MYSQL MONGO REDIS S3"))
        return "the operator knows it too: any port or backup that reaches the database opens it";
    return "the operator knows it too: where it is valid, he may act and look as the app does";
}

void check_env_credential(struct check_run *c)
{
    inputs_begin(c);
    EACH_INPUT(c, in)
        if (in->kind == KIND_CREDENTIAL && is_setting(in) && input_is_open(c, in))
            report_input(c, in, credential_severity(in), "%s", credential_reach(in));
}

/* No line of the compose passes it on, and the program needs it: the env_file holds it. */
static void judge_key_of_file(struct check_run *c, const struct operator_input *in)
{
    const struct env_read *r = in->reads.n == 0 ? NULL : in->reads.at[0];
    if (in->kind != KIND_KEY || in->way == NULL || !sv_starts(in->way->what, SV("env_file")) || r == NULL || r->has_fallback || place_is_aside(r->place))
        return;
    c->examined++;
    struct finding *f = report(c, r->place, in->name, "The program takes %.*s from its environment. %.*s names no such variable, but %.*s: the operator knows the key, and what it signs "
                               "or decrypts proves nothing about the TEE.", SV_ARG(in->name), SV_ARG(in->deployment->id), SV_ARG(in->way->what));
    relate(c, f, in->way->place, "by this way");
    for (size_t i = 1; i < in->reads.n && i < 4; i++)
        relate(c, f, in->reads.at[i]->place, "read here, too");
    f->severity = in->way->sure ? SEV_CRITICAL : SEV_HIGH;
    f->deployment = in->deployment;
}

void check_env_key(struct check_run *c)
{
    inputs_begin(c);
    EACH_INPUT(c, in)
        if (in->kind == KIND_KEY && is_setting(in) && input_is_open(c, in))
            report_input(c, in, SEV_CRITICAL, "the operator knows the key: what it signs or decrypts proves nothing about the TEE");
    for (size_t i = 0; i < c->facts->absent.n; i++)
        judge_key_of_file(c, c->facts->absent.at[i]);
}

void check_env_auth(struct check_run *c)
{
    inputs_begin(c);
    EACH_INPUT(c, in) {
        if (in->kind != KIND_AUTH || !is_setting(in) || !input_is_open(c, in))
            continue;
        if (name_has(input_name(in), "WEBHOOK WEBHOOKS CALLBACK")) {
            bool of_payments = name_has(input_name(in), "STRIPE PADDLE PAYPAL BILLING PAYMENT PAYMENTS LEMONSQUEEZY");
            report_input(c, in, of_payments ? SEV_MEDIUM : SEV_HIGH, "with it the operator forges the messages whose sender it proves");
            continue;
        }
        bool rules_all = name_has(in->name, "ADMIN ROOT DAEMON JUPYTER NOTEBOOK SSH MANAGEMENT SUPERUSER MASTER AUTHORIZED") ||
                         name_has(input_name(in), "ADMIN ROOT DAEMON JUPYTER NOTEBOOK SSH MANAGEMENT SUPERUSER MASTER AUTHORIZED");
        bool own = !rules_all && name_has(input_name(in), "HOST DEV DEVELOPER OWNER DEPLOYER"); /* says whose way in it is */
        report_input(c, in, rules_all ? SEV_CRITICAL : own ? SEV_MEDIUM : SEV_HIGH, "%s",
                     rules_all ? "with it the operator logs in with every right the service gives"
                     : own     ? "it is the way in of whoever runs the app: what stands behind it is the operator's to use"
                               : "with it the operator passes for any user or client that it protects");
    }
}

/* ---- trust and identity ---------------------------------------------------------------------------- */

void check_env_reference(struct check_run *c)
{
    inputs_begin(c);
    EACH_INPUT(c, in)
        if (in->kind == KIND_REFERENCE && is_setting(in) && input_is_open(c, in))
            report_input(c, in, name_has(input_name(in), "PUBLIC PUB PUBKEY") ? SEV_MEDIUM : SEV_HIGH,
                         "the app checks others against the value that the operator gives it, so any code can be made to match");
}

static void judge_identity(struct check_run *c, const struct operator_input *in)
{
    if (name_has(input_name(in), "DOMAIN DOMAINS GATEWAY SUBDOMAIN CNAME"))
        report_input(c, in, SEV_MEDIUM, "the operator chooses under which name, and through which gateway, users reach the app");
    else if (name_has(input_name(in), "CONTRACT CONTRACTS"))
        report_input(c, in, SEV_MEDIUM, "the operator chooses the contract that the app obeys or registers with");
    else if (name_has(input_name(in), "ADMIN ADMINS MODERATOR MODERATORS OWNER OWNERS OPERATOR WHITELIST ALLOWLIST"))
        report_input(c, in, SEV_MEDIUM, "the operator decides who has the rights it names");
    else if (name_has(input_name(in), "ACCOUNT ADDRESS CHAIN RECIPIENT PAYOUT TREASURY WALLET"))
        report_input(c, in, SEV_LOW, "the operator chooses in whose name the app acts or where it pays");
}

void check_env_identity(struct check_run *c)
{
    inputs_begin(c);
    EACH_INPUT(c, in)
        if (in->kind == KIND_IDENTITY && is_setting(in) && input_is_open(c, in) && !name_has(input_name(in), "EMAIL USERNAME USER"))
            judge_identity(c, in);
}

void check_env_host_influenced(struct check_run *c)
{
    inputs_begin(c);
    EACH_INPUT(c, in) {
        bool enters = SV_IN(in->enters, SV("environment"), SV("env-file"), SV("build-arg"), SV("secret"));
        if (!is_hosts(in) || !enters || !input_is_open(c, in))
            continue;
        report_input(c, in, SEV_LOW, "%s", sv_eq(in->name, SV("PCCS_URL"))
                                               ? "collateral for quotes comes from where the host says: it must not decide alone"
                                               : "names and addresses that the app builds with it follow the host's choice");
    }
}

/* ---- what changes how the program runs --------------------------------------------------------------- */

static bool is_verification(sv name)
{
    return name_has(name, "CA VERIFY INSECURE SKIP UNAUTHORIZED CERT CERTS PYTHONHTTPSVERIFY");
}

void check_env_proxy_ca(struct check_run *c)
{
    inputs_begin(c);
    EACH_INPUT(c, in) {
        if (in->kind != KIND_PROXY_CA || !is_setting(in) || !input_is_open(c, in))
            continue;
        if (sv_ieq(input_name(in), SV("NO_PROXY")))
            report_input(c, in, SEV_LOW, "it decides which connections avoid the proxy");
        else if (is_verification(input_name(in)))
            report_input(c, in, SEV_CRITICAL, "the operator decides whose certificates the app believes, and can read every "
                                              "connection it opens");
        else
            report_input(c, in, SEV_HIGH, "all connections of the service can be led through the operator's machine");
    }
}

void check_env_code(struct check_run *c)
{
    inputs_begin(c);
    EACH_INPUT(c, in)
        if (in->kind == KIND_CODE && is_setting(in) && input_is_open(c, in))
            report_input(c, in, SEV_CRITICAL, "%s", kind_of(in->target, in->fallback) == KIND_CODE || kind_of(in->name, in->fallback) == KIND_CODE || in->reads.n == 0
                ? "it decides which code runs in the container: programs load or run what it names"
                : "a program of the container takes its value into a command line or a program text: the operator can add commands");
}

void check_env_log_level(struct check_run *c)
{
    inputs_begin(c);
    EACH_INPUT(c, in)
        if (in->kind == KIND_LOG_LEVEL && is_setting(in) && input_is_open(c, in))
            report_input(c, in, SEV_LOW, "debug output, and whatever users' data is in it, can be switched on");
}

/* Names under which a check is switched off. */
static bool weakens(sv name)
{
    if (name_has(name, "SKIP") && name_has(name, "WAIT WARMUP DOWNLOAD PULL BUILD INSTALL SEED CACHE"))
        return false;
    return name_has(name, "SKIP BYPASS INSECURE UNSAFE MOCK FAKE SIMULATE SIMULATION SIMULATOR UNAUTHENTICATED "
                          "PERMISSIVE ALLOW ALLOWED ENFORCE REQUIRE STRICT DEV DEVELOPMENT TEST") ||
           (name_has(name, "ENABLE ENABLED DISABLE DISABLED") &&
            name_has(name, "AUTH AUTHENTICATION ATTESTATION VERIFY VERIFICATION CHECK CHECKS TLS SSL ENCRYPTION SIGNATURE SIGNATURES SECURITY "
                           "SANDBOX XSRF CSRF ADMIN DEBUG"));
}

/* `Debug && …` where the program says Debug = false, once: what follows is asked in another build. */
static bool follows_false(const struct program *p, size_t at)
{
    const struct assignment *a = at >= 2 && (program_is(p, at - 1, "&&") || program_is(p, at - 1, "and")) ? program_assigned(p, program_token(p, at - 2), at) : NULL;
    if (a == NULL || a->value_end != a->value + 1 || !(program_is(p, a->value, "false") || program_is(p, a->value, "False")))
        return false;
    size_t n = 0;
    for (size_t i = 0; i < p->assigns.n; i++)
        n += sv_eq(p->assigns.at[i].target, a->target);
    return n == 1;
}

/* All calls of the function around the read follow such a constant. */
static bool is_asked_behind_false(struct check_run *c, const struct env_read *r)
{
    const struct program *p = program_in_use(c, r->place.src, NULL);
    if (p == NULL || p->src->lang == LANG_HTML)
        return false;
    size_t at = token_at(read_tokens(c->facts->repo, r->place.src), r->place.start), calls = 0;
    if (follows_false(p, at))
        return true;
    sv name = function_name(p, at);
    const struct programs *list = name.n < 4 ? NULL : programs_naming(c, name);
    for (size_t i = 0; list != NULL && i < list->all.n; i++)
        for (size_t k = 0; k < list->all.at[i]->calls.n; k++) {
            const struct call *call = &list->all.at[i]->calls.at[k];
            if (!sv_eq(call->name, name))
                continue;
            if (!follows_false(list->all.at[i], call->from))
                return false;
            calls++;
        }
    return calls != 0;
}

static bool is_dead_flag(struct check_run *c, const struct operator_input *in)
{
    for (size_t i = 0; i < in->reads.n; i++)
        if (!is_asked_behind_false(c, in->reads.at[i]))
            return false;
    return in->reads.n != 0;
}

void check_env_feature(struct check_run *c)
{
    inputs_begin(c);
    EACH_INPUT(c, in)
        if (in->kind == KIND_FEATURE && is_setting(in) && !names_agent(input_name(in)) && input_is_open(c, in) && !is_dead_flag(c, in))
            report_input(c, in, weakens(input_name(in)) ? SEV_MEDIUM : SEV_LOW, "%s",
                         weakens(input_name(in)) ? "a check or a protection can be switched off" : "the app runs in another mode");
}

void check_env_path(struct check_run *c)
{
    inputs_begin(c);
    EACH_INPUT(c, in) {
        bool path = name_has(input_name(in), "PATH DIR DIRECTORY MOUNT VOLUME FILE ROOT WORKDIR SOCK SOCKET");
        bool judged = in->kind != KIND_OTHER && in->kind != KIND_TUNING && in->kind != KIND_IDENTITY; /* by its kind */
        if (judged || !path || !is_setting(in) || !input_is_open(c, in))
            continue;
        bool code = name_has(input_name(in), "MOUNT VOLUME CODE MODULE SOCK SOCKET");
        report_input(c, in, code ? SEV_MEDIUM : SEV_LOW, "it decides which files the program reads, writes or serves");
    }
}

void check_env_file(struct check_run *c)
{
    inputs_begin(c);
    for (size_t i = 0; i < c->facts->env_sets.n; i++) {
        const struct env_set *s = c->facts->env_sets.at[i];
        if (s->state != ENV_FILE || s->value.p != NULL || s->node == NULL)
            continue;
        c->examined++;
        bool fed = sv_has(s->name, SV("decrypted-env")) || sv_has(s->name, SV(".host-shared")) || s->uses.n != 0;
        struct finding *f = report(c, s->place, s->name,
            fed ? "Every variable that the operator may set reaches the container through env_file %.*s and overrides the defaults of the code."
                : "The env_file %.*s is no part of the measured compose: inside the CVM its content is whatever a script or the host "
                  "puts there, and the names in it do not show in the attested text.",
            SV_ARG(s->name));
        f->severity = fed ? SEV_CRITICAL : SEV_MEDIUM;
        f->deployment = s->service->deployment;
    }
}

/* ---- stand-ins for the guest agent, ingress -------------------------------------------------------------- */

void check_env_simulator(struct check_run *c)
{
    inputs_begin(c);
    EACH_INPUT(c, in)
        if (names_agent(input_name(in)) && is_setting(in) && input_is_open(c, in))
            report_input(c, in, SEV_CRITICAL, "SDKs then take keys and quotes from the endpoint it names: the operator knows every key");
    for (size_t i = 0; i < c->facts->env_sets.n; i++) {
        const struct env_set *s = c->facts->env_sets.at[i];
        if (!is_simulator(s->name) || s->state != ENV_LITERAL || s->value.n == 0)
            continue;
        struct finding *f = report(c, s->place, s->name, "%.*s is fixed to %.*s: keys and quotes come from a simulator, whose "
                                   "keys are public, instead of the guest agent.", SV_ARG(s->name), SV_ARG(s->value));
        f->severity = SEV_HIGH;
        f->deployment = s->service->deployment;
    }
    for (size_t i = 0; i < c->facts->absent.n; i++) {
        const struct operator_input *in = c->facts->absent.at[i];
        if (!is_simulator(in->name) || in->way == NULL)
            continue;
        struct finding *f = report(c, in->place, in->name, "%.*s makes SDKs take keys and quotes from the endpoint it names; %.*s names no such "
                                   "variable, but %.*s.", SV_ARG(in->name), SV_ARG(in->deployment->id), SV_ARG(in->way->what));
        relate(c, f, in->way->place, "by this way");
        f->severity = in->way->sure ? SEV_CRITICAL : SEV_HIGH;
        f->deployment = in->deployment;
    }
}

void check_ingress_target(struct check_run *c)
{
    inputs_begin(c);
    EACH_INPUT(c, in)
        if (is_ingress_target(in) && (is_ingress(in->service) || enters_by(in, "config") || in->reads.n == 0) && input_is_open(c, in))
            report_input(c, in, SEV_CRITICAL, "the TLS ingress forwards users' decrypted traffic to the host it names");
}
