/* Variables that libraries read by themselves, so that no line of the program names them: the table
 * says which library reads what, and where its documentation says so. */
#include <string.h>

#include "doc/read.h"
#include "fact/reads.h"

enum { VARIABLES = 8, ROWS_PER_FILE = 40 };

/* `keyword`: the argument that, where given, is used instead; NULL where none is. `fallback`: what holds without. */
struct variable { const char *name, *keyword, *fallback; };

struct library {
    enum lang lang;           /* family: JavaScript stands for TypeScript, too */
    const char *package;      /* as manifests name it; NULL for the standard library */
    const char *module;       /* as code imports it; longer names below it count ("openai.types", "@sentry/node/x") */
    const char *call;         /* constructors or functions, between blanks, that read; NULL: importing is enough */
    struct variable variables[VARIABLES];
    const char *source;
};

#define PROXIES {"HTTPS_PROXY", NULL, NULL}, {"HTTP_PROXY", NULL, NULL}, {"ALL_PROXY", NULL, NULL}, {"NO_PROXY", NULL, NULL}
#define AWS {"AWS_ENDPOINT_URL", "endpoint_url", NULL}, {"AWS_ACCESS_KEY_ID", "aws_access_key_id", NULL}, \
            {"AWS_SECRET_ACCESS_KEY", "aws_secret_access_key", NULL}, {"AWS_SESSION_TOKEN", "aws_session_token", NULL}, \
            {"AWS_DEFAULT_REGION", "region_name", NULL}, {"AWS_PROFILE", "profile_name", NULL}
#define POSTGRES {"PGHOST", "host", NULL}, {"PGUSER", "user", NULL}, {"PGPASSWORD", "password", NULL}, {"PGDATABASE", "database", NULL}
#define OPENAI_URL "https://api.openai.com/v1"
#define ANTHROPIC_URL "https://api.anthropic.com"

static const struct library libraries[] = {
    /* Python */
    {LANG_PYTHON, "openai", "openai", "OpenAI AsyncOpenAI",
     {{"OPENAI_BASE_URL", "base_url", OPENAI_URL}, {"OPENAI_API_KEY", "api_key", NULL}, {"OPENAI_ORG_ID", "organization", NULL}},
     "openai/openai-python src/openai/_client.py"},
    {LANG_PYTHON, "openai", "openai", "AzureOpenAI AsyncAzureOpenAI",
     {{"AZURE_OPENAI_ENDPOINT", "azure_endpoint", NULL}, {"AZURE_OPENAI_API_KEY", "api_key", NULL}, {"OPENAI_API_VERSION", "api_version", NULL}},
     "openai/openai-python src/openai/lib/azure.py"},
    {LANG_PYTHON, "anthropic", "anthropic", "Anthropic AsyncAnthropic",
     {{"ANTHROPIC_BASE_URL", "base_url", ANTHROPIC_URL}, {"ANTHROPIC_API_KEY", "api_key", NULL}, {"ANTHROPIC_AUTH_TOKEN", "auth_token", NULL}},
     "anthropics/anthropic-sdk-python src/anthropic/_client.py"},
    {LANG_PYTHON, "langchain-openai", "langchain_openai", "ChatOpenAI OpenAI OpenAIEmbeddings",
     {{"OPENAI_API_BASE", "base_url", OPENAI_URL}, {"OPENAI_BASE_URL", "base_url", OPENAI_URL}, {"OPENAI_API_KEY", "api_key", NULL}, {"OPENAI_PROXY", "openai_proxy", NULL}},
     "langchain-ai/langchain libs/partners/openai/langchain_openai/chat_models/base.py"},
    {LANG_PYTHON, "langchain-anthropic", "langchain_anthropic", "ChatAnthropic",
     {{"ANTHROPIC_API_URL", "base_url", ANTHROPIC_URL}, {"ANTHROPIC_BASE_URL", "base_url", ANTHROPIC_URL}, {"ANTHROPIC_API_KEY", "api_key", NULL}},
     "langchain-ai/langchain libs/partners/anthropic/langchain_anthropic/chat_models.py"},
    {LANG_PYTHON, "langchain", "langchain", NULL,
     {{"LANGSMITH_TRACING", NULL, "false"}, {"LANGSMITH_ENDPOINT", NULL, "https://api.smith.langchain.com"}, {"LANGSMITH_API_KEY", NULL, NULL},
      {"LANGCHAIN_TRACING_V2", NULL, "false"}, {"LANGCHAIN_ENDPOINT", NULL, "https://api.smith.langchain.com"}, {"LANGCHAIN_API_KEY", NULL, NULL}},
     "docs.smith.langchain.com/observability/how_to_guides/trace_with_langchain"},
    {LANG_PYTHON, "litellm", "litellm", "completion acompletion embedding aembedding Router",
     {{"OPENAI_API_BASE", "api_base", NULL}, {"OPENAI_BASE_URL", "api_base", NULL}, {"OPENAI_API_KEY", "api_key", NULL}, {"ANTHROPIC_API_BASE", "api_base", NULL}},
     "docs.litellm.ai/docs/set_keys"},
    {LANG_PYTHON, "google-genai", "google.genai", "Client",
     {{"GOOGLE_API_KEY", "api_key", NULL}, {"GEMINI_API_KEY", "api_key", NULL}, {"GOOGLE_GENAI_USE_VERTEXAI", "vertexai", NULL}},
     "googleapis/python-genai google/genai/client.py"},
    {LANG_PYTHON, "langfuse", "langfuse", "Langfuse get_client observe CallbackHandler",
     {{"LANGFUSE_HOST", "host", "https://cloud.langfuse.com"}, {"LANGFUSE_BASE_URL", "base_url", "https://cloud.langfuse.com"},
      {"LANGFUSE_PUBLIC_KEY", "public_key", NULL}, {"LANGFUSE_SECRET_KEY", "secret_key", NULL}},
     "langfuse.com/docs/observability/sdk/python/setup"},
    {LANG_PYTHON, "huggingface-hub", "huggingface_hub", NULL,
     {{"HF_ENDPOINT", NULL, "https://huggingface.co"}, {"HF_TOKEN", NULL, NULL}, {"HF_HOME", NULL, NULL}},
     "huggingface.co/docs/huggingface_hub/package_reference/environment_variables"},
    {LANG_PYTHON, "transformers", "transformers", NULL,
     {{"HF_ENDPOINT", NULL, "https://huggingface.co"}, {"HF_TOKEN", NULL, NULL}, {"HF_HOME", NULL, NULL}},
     "huggingface.co/docs/transformers/installation"},
    {LANG_PYTHON, "boto3", "boto3", "client resource Session", {AWS},
     "boto3.amazonaws.com/v1/documentation/api/latest/guide/configuration.html"},
    {LANG_PYTHON, "sentry-sdk", "sentry_sdk", "init", {{"SENTRY_DSN", "dsn", NULL}, {"SENTRY_ENVIRONMENT", "environment", "production"}},
     "docs.sentry.io/platforms/python/configuration/options"},
    {LANG_PYTHON, "requests", "requests", NULL, {PROXIES, {"REQUESTS_CA_BUNDLE", NULL, NULL}, {"CURL_CA_BUNDLE", NULL, NULL}},
     "requests.readthedocs.io/en/latest/user/advanced"},
    {LANG_PYTHON, "httpx", "httpx", NULL, {PROXIES, {"SSL_CERT_FILE", NULL, NULL}, {"SSL_CERT_DIR", NULL, NULL}},
     "www.python-httpx.org/environment_variables"},
    {LANG_PYTHON, "web3", "web3.auto", NULL, {{"WEB3_PROVIDER_URI", NULL, NULL}}, "web3py.readthedocs.io/en/stable/providers.html"},
    {LANG_PYTHON, "asyncpg", "asyncpg", "connect create_pool", {{"PGHOST", "dsn", NULL}, {"PGUSER", "dsn", NULL}, {"PGPASSWORD", "dsn", NULL}},
     "magicstack.github.io/asyncpg/current/api"},
    {LANG_PYTHON, "dstack-sdk", "dstack_sdk", "DstackClient AsyncDstackClient", {{"DSTACK_SIMULATOR_ENDPOINT", "endpoint", NULL}},
     "Dstack-TEE/dstack sdk/python/src/dstack_sdk/dstack_client.py"},
    {LANG_PYTHON, "dstack-sdk", "dstack_sdk", "TappdClient AsyncTappdClient", {{"TAPPD_SIMULATOR_ENDPOINT", "endpoint", NULL}},
     "Dstack-TEE/dstack sdk/python/src/dstack_sdk/dstack_client.py"},
    {LANG_PYTHON, "opentelemetry-exporter-otlp", "opentelemetry.exporter", "OTLPSpanExporter OTLPMetricExporter OTLPLogExporter",
     {{"OTEL_EXPORTER_OTLP_ENDPOINT", "endpoint", "http://localhost:4318"}, {"OTEL_EXPORTER_OTLP_HEADERS", "headers", NULL}},
     "opentelemetry.io/docs/specs/otel/protocol/exporter"},
    /* JavaScript and TypeScript */
    {LANG_JAVASCRIPT, "openai", "openai", "OpenAI", {{"OPENAI_BASE_URL", "baseURL", OPENAI_URL}, {"OPENAI_API_KEY", "apiKey", NULL}, {"OPENAI_ORG_ID", "organization", NULL}},
     "openai/openai-node src/client.ts"},
    {LANG_JAVASCRIPT, "@anthropic-ai/sdk", "@anthropic-ai/sdk", "Anthropic",
     {{"ANTHROPIC_BASE_URL", "baseURL", ANTHROPIC_URL}, {"ANTHROPIC_API_KEY", "apiKey", NULL}, {"ANTHROPIC_AUTH_TOKEN", "authToken", NULL}},
     "anthropics/anthropic-sdk-typescript src/client.ts"},
    {LANG_JAVASCRIPT, "@ai-sdk/openai", "@ai-sdk/openai", "openai createOpenAI", {{"OPENAI_BASE_URL", "baseURL", OPENAI_URL}, {"OPENAI_API_KEY", "apiKey", NULL}},
     "github.com/vercel/ai/pull/8990"},
    {LANG_JAVASCRIPT, "@ai-sdk/anthropic", "@ai-sdk/anthropic", "anthropic createAnthropic",
     {{"ANTHROPIC_BASE_URL", "baseURL", ANTHROPIC_URL}, {"ANTHROPIC_API_KEY", "apiKey", NULL}}, "ai-sdk.dev/providers/ai-sdk-providers/anthropic"},
    {LANG_JAVASCRIPT, "@langchain/openai", "@langchain/openai", "ChatOpenAI OpenAI OpenAIEmbeddings",
     {{"OPENAI_BASE_URL", "configuration", OPENAI_URL}, {"OPENAI_API_KEY", "apiKey", NULL}}, "js.langchain.com/docs/integrations/chat/openai"},
    {LANG_JAVASCRIPT, "@aws-sdk/", "@aws-sdk/client", NULL,
     {{"AWS_ENDPOINT_URL", NULL, NULL}, {"AWS_ACCESS_KEY_ID", NULL, NULL}, {"AWS_SECRET_ACCESS_KEY", NULL, NULL}, {"AWS_SESSION_TOKEN", NULL, NULL}, {"AWS_REGION", NULL, NULL}},
     "docs.aws.amazon.com/sdkref/latest/guide/environment-variables.html"},
    {LANG_JAVASCRIPT, "@sentry/", "@sentry/", "init", {{"SENTRY_DSN", "dsn", NULL}, {"SENTRY_ENVIRONMENT", "environment", "production"}},
     "docs.sentry.io/platforms/javascript/guides/node/configuration/options"},
    {LANG_JAVASCRIPT, "axios", "axios", NULL, {PROXIES}, "github.com/axios/axios lib/adapters/http.js, proxy-from-env"},
    {LANG_JAVASCRIPT, "pg", "pg", "Pool Client", {POSTGRES, {"PGPORT", "port", "5432"}}, "node-postgres.com/features/connecting"},
    {LANG_JAVASCRIPT, "next-auth", "next-auth", NULL, {{"NEXTAUTH_URL", NULL, NULL}, {"NEXTAUTH_SECRET", NULL, NULL}, {"AUTH_SECRET", NULL, NULL}},
     "next-auth.js.org/configuration/options"},
    {LANG_JAVASCRIPT, "langfuse", "langfuse", "Langfuse",
     {{"LANGFUSE_BASEURL", "baseUrl", "https://cloud.langfuse.com"}, {"LANGFUSE_PUBLIC_KEY", "publicKey", NULL}, {"LANGFUSE_SECRET_KEY", "secretKey", NULL}},
     "langfuse.com/docs/observability/sdk/typescript/setup"},
    {LANG_JAVASCRIPT, "@phala/dstack-sdk", "@phala/dstack-sdk", "DstackClient", {{"DSTACK_SIMULATOR_ENDPOINT", "endpoint", NULL}}, "Dstack-TEE/dstack sdk/js/src/index.ts"},
    {LANG_JAVASCRIPT, "@phala/dstack-sdk", "@phala/dstack-sdk", "TappdClient", {{"TAPPD_SIMULATOR_ENDPOINT", "endpoint", NULL}}, "Dstack-TEE/dstack sdk/js/src/index.ts"},
    /* Go */
    {LANG_GO, NULL, "net/http", "Get Post PostForm Head Do DefaultClient", {PROXIES}, "pkg.go.dev/net/http#ProxyFromEnvironment"},
    {LANG_GO, "github.com/openai/openai-go", "github.com/openai/openai-go", "NewClient", {{"OPENAI_BASE_URL", "WithBaseURL", OPENAI_URL}, {"OPENAI_API_KEY", "WithAPIKey", NULL}},
     "github.com/openai/openai-go client.go, DefaultClientOptions"},
    {LANG_GO, "github.com/aws/aws-sdk-go-v2", "github.com/aws/aws-sdk-go-v2/config", "LoadDefaultConfig",
     {{"AWS_ENDPOINT_URL", "WithBaseEndpoint", NULL}, {"AWS_ACCESS_KEY_ID", "WithCredentialsProvider", NULL}, {"AWS_SECRET_ACCESS_KEY", "WithCredentialsProvider", NULL}, {"AWS_REGION", "WithRegion", NULL}},
     "docs.aws.amazon.com/sdkref/latest/guide/environment-variables.html"},
    {LANG_GO, "github.com/getsentry/sentry-go", "github.com/getsentry/sentry-go", "Init", {{"SENTRY_DSN", "Dsn", NULL}}, "docs.sentry.io/platforms/go/configuration/options"},
    {LANG_GO, "github.com/Dstack-TEE/dstack/sdk/go", "github.com/Dstack-TEE/dstack/sdk/go/dstack", "NewDstackClient", {{"DSTACK_SIMULATOR_ENDPOINT", "WithEndpoint", NULL}},
     "Dstack-TEE/dstack sdk/go/dstack/client.go"},
    {LANG_GO, "github.com/Dstack-TEE/dstack/sdk/go", "github.com/Dstack-TEE/dstack/sdk/go/tappd", "NewTappdClient", {{"TAPPD_SIMULATOR_ENDPOINT", "WithEndpoint", NULL}},
     "Dstack-TEE/dstack sdk/go/tappd/client.go"},
    /* Rust */
    {LANG_RUST, "reqwest", "reqwest", NULL, {PROXIES}, "docs.rs/reqwest/latest/reqwest/#proxies"},
    {LANG_RUST, "tracing-subscriber", "tracing_subscriber", "from_default_env try_from_default_env init", {{"RUST_LOG", NULL, NULL}}, "docs.rs/tracing-subscriber EnvFilter"},
    {LANG_RUST, "env_logger", "env_logger", "init try_init from_env", {{"RUST_LOG", NULL, NULL}}, "docs.rs/env_logger"},
    {LANG_RUST, "async-openai", "async_openai", "new default", {{"OPENAI_API_KEY", "with_api_key", NULL}, {"OPENAI_BASE_URL", "with_api_base", OPENAI_URL}}, "docs.rs/async-openai OpenAIConfig"},
    {LANG_RUST, "aws-config", "aws_config", "load_defaults from_env load_from_env defaults",
     {{"AWS_ENDPOINT_URL", "endpoint_url", NULL}, {"AWS_ACCESS_KEY_ID", "credentials_provider", NULL}, {"AWS_SECRET_ACCESS_KEY", "credentials_provider", NULL}, {"AWS_REGION", "region", NULL}},
     "docs.aws.amazon.com/sdkref/latest/guide/environment-variables.html"},
    {LANG_RUST, "sentry", "sentry", "init", {{"SENTRY_DSN", "dsn", NULL}}, "docs.rs/sentry ClientOptions"},
    {LANG_RUST, "dstack-sdk", "dstack_sdk", "new", {{"DSTACK_SIMULATOR_ENDPOINT", NULL, NULL}}, "Dstack-TEE/dstack sdk/rust/src/dstack_client.rs"},
    /* Others */
    {LANG_RUBY, "rails", "rails", NULL, {{"DATABASE_URL", NULL, NULL}, {"SECRET_KEY_BASE", NULL, NULL}, {"RAILS_ENV", NULL, "development"}},
     "guides.rubyonrails.org/configuring.html#configuring-a-database"},
    {LANG_RUBY, "sentry-ruby", "sentry-ruby", NULL, {{"SENTRY_DSN", NULL, NULL}}, "docs.sentry.io/platforms/ruby/configuration/options"},
    {LANG_RUBY, "faraday", "faraday", NULL, {PROXIES}, "lostisland.github.io/faraday, proxies from the environment"},
};
enum { LIBRARIES = sizeof libraries / sizeof libraries[0] };

/* ---- is it used here? ------------------------------------------------------------------------------ */

static bool is_below(sv name, sv module)
{
    if (!sv_starts(name, module))
        return false;
    char next = name.n > module.n ? name.p[module.n] : '.';
    return next == '.' || next == '/' || next == '-' || next == '_' || sv_ends(module, SV("/"));
}

/* The token in front that is neither comment nor line end; NULL for the first. Imports are told by the tokens: few files
 * call a library by names of the table, and only those are needed as atoms. */
static const struct token *before(const struct tokens *t, const struct token *k)
{
    while (k-- > t->at)
        if (k->kind != TOKEN_COMMENT && k->kind != TOKEN_NEWLINE)
            return k;
    return NULL;
}

static bool is_first(const struct tokens *t, const struct token *k)
{
    const struct token *last = before(t, k);
    return last == NULL || memchr(t->src->text.p + last->start, '\n', k->start - last->start) != NULL;
}

static bool is_word(const struct source *src, const struct token *k, const char *x, const char *y)
{
    return k != NULL && k->kind == TOKEN_WORD && (sv_eq(token_text(src, k), sv_from(x)) || sv_eq(token_text(src, k), sv_from(y)));
}

/* `import "m"`, `alias "m"`, `"m"` in a list: nothing but a name stands between it and the beginning of its line. */
static bool imports_go(const struct tokens *t, const struct token *k)
{
    enum { BYTES_BETWEEN = 2 }; /* of signs; a name counts as one */
    for (size_t between = 0; k != NULL && between <= BYTES_BETWEEN;) {
        if (is_first(t, k))
            return true;
        k = before(t, k);
        between += k == NULL || k->kind != TOKEN_PUNCT ? 1 : token_length(k);
    }
    return false;
}

static bool starts_chain(const struct source *src, const struct token *last)
{
    sv text = last == NULL || last->kind != TOKEN_PUNCT ? SV("") : token_text(src, last);
    return sv_ends(text, SV("...")) || (!sv_ends(text, SV(".")) && !sv_ends(text, SV("->")) && !sv_ends(text, SV("::")));
}

/* `import x`, `from x import …`, `import … from 'x'`, `require('x')`, Go's list of imports, `use x::…`, `x::f()`: the
 * token that stands for the import whose module is written at `at`; NULL where that is none. */
static const struct token *import_at(const struct tokens *t, size_t at, sv module)
{
    size_t number = token_at(t, at), end = at + module.n;
    const struct token *k = &t->at[number], *last = before(t, k);
    if (number == t->n || k->start > at)
        return NULL;
    bool named = k->kind == TOKEN_STRING && is_below(token_string(t->src, k), module), call = is_word(t->src, last, "from", "import");
    sv text = t->src->text;
    switch (reads_family(t->src->lang)) {
    case LANG_PYTHON: {
        size_t behind = token_at(t, end - 1);
        bool whole = t->at[behind].start + token_length(&t->at[behind]) == end || text.p[end] == '_';
        return call && k->kind == TOKEN_WORD && whole && is_first(t, last) ? last : NULL;
    }
    case LANG_JAVASCRIPT:
        if (last != NULL && sv_eq(token_text(t->src, last), SV("(")))
            call = is_word(t->src, before(t, last), "require", "import");
        return named && call ? k : NULL;
    case LANG_GO: return named && imports_go(t, k) ? k : NULL;
    case LANG_RUST: return k->kind == TOKEN_WORD && sv_eq(token_text(t->src, k), module) && starts_chain(t->src, last) ? k : NULL;
    case LANG_RUBY: return named && is_word(t->src, last, "gem", "require") ? last : NULL;
    default: return NULL;
    }
}

/* Where the text writes the module as an import does, from `at` on: few of those that hold its name import it. */
static size_t module_at(const struct source *s, sv module, size_t at)
{
    for (; (at = sv_find_at(s->text, module, at)) != SV_NOT_FOUND; at++) {
        sv before = sv_sub(s->text, 0, at);
        char last = at == 0 ? '\n' : before.p[at - 1];
        switch (reads_family(s->lang)) {
        case LANG_PYTHON:
            while (before.n != 0 && (before.p[before.n - 1] <= ' ' || before.p[before.n - 1] == '\\'))
                before.n--;
            if (before.n < at && (sv_ends(before, SV("import")) || sv_ends(before, SV("from"))))
                return at;
            break;
        case LANG_RUST:
            if (sv_starts(sv_sub(s->text, at + module.n, s->text.n), SV("::")) && last != '_')
                return at;
            break;
        default:
            if (last == '"' || last == '\'' || last == '`')
                return at;
        }
    }
    return SV_NOT_FOUND;
}

static const struct token *import_of(const struct tokens *t, sv module)
{
    const struct token *import = NULL;
    for (size_t at = 0; t != NULL && import == NULL && (at = module_at(t->src, module, at)) != SV_NOT_FOUND; at++)
        import = import_at(t, at, module);
    return import;
}

struct manifests { VEC(const struct source) all; };

static void list_manifests(struct facts *f, struct manifests *out)
{
    for (size_t i = 0; i < f->repo->files.n; i++)
        if (f->repo->files.at[i]->kind == SOURCE_MANIFEST && !f->repo->files.at[i]->vendored)
            vec_push(f->arena, &out->all, f->repo->files.at[i]);
}

/* A manifest names the package; where the repository holds no manifest, the import is enough. */
static bool is_declared(const struct manifests *m, const struct library *l)
{
    bool named = l->package == NULL || m->all.n == 0;
    for (size_t i = 0; i < m->all.n && !named; i++)
        named = source_ihas(m->all.at[i], sv_from(l->package));
    return named;
}

static bool in_list(const char *list, sv word)
{
    for (const char *at = list; (at = strchr(at, word.p[0])) != NULL; at++)
        if ((at == list || at[-1] == ' ') && strncmp(at, word.p, word.n) == 0 && (at[word.n] == ' ' || at[word.n] == 0))
            return true;
    return false;
}

/* The call that opens at `open` says the value itself: by its keyword, or as the first argument where
 * that is an address without a name. Rust's builders say it behind the call. */
static bool is_given(const struct code *c, const struct variable *v, size_t open)
{
    size_t close = c->at[open].partner;
    if (v->keyword == NULL)
        return false;
    for (size_t k = open + 1; k < close; k++)
        if (code_is(c, k, v->keyword) || sv_eq(code_string(c, k), sv_from(v->keyword)) || code_is(c, k, "connectionString"))
            return true;
    for (size_t k = close; c->src->lang == LANG_RUST && k < c->n && k < close + 24 && !code_is(c, k, ";"); k++)
        if (code_is(c, k, v->keyword))
            return true;
    bool address = SV_IN(sv_from(v->keyword), SV("endpoint"), SV("dsn"), SV("host"));
    bool named = code_is(c, open + 2, "=") || code_is(c, open + 2, ":") || code_is(c, open + 1, "{");
    return address && close > open + 1 && !named;
}

/* The first call of one of the library's functions that leaves the value out. */
static bool reading_call(const struct code *c, const struct library *l, const struct variable *v, struct place *out)
{
    for (size_t k = 0; c != NULL && k < c->n_heads; k++) {
        size_t i = c->heads[k];
        if (!code_is(c, i + 1, "(") || c->at[i + 1].partner >= c->n || !in_list(l->call, code_text(c, i)))
            continue;
        bool defined = i > 0 && (code_is(c, i - 1, "class") || code_is(c, i - 1, "def") || code_is(c, i - 1, "fn"));
        if (defined || is_given(c, v, i + 1))
            continue;
        *out = code_place(c, i, i);
        return true;
    }
    return false;
}

static void add_library(struct reading *p, const struct source *s, const struct library *l, const struct token *import)
{
    struct facts *f = p->facts;
    const struct code *c = l->call == NULL ? NULL : reads_open(p, s);
    for (size_t k = 0; k < VARIABLES && l->variables[k].name != NULL; k++) {
        const struct variable *v = &l->variables[k];
        struct place place = {s, import->start, import->start + token_length(import)};
        if (l->call != NULL && !reading_call(c, l, v, &place))
            continue;
        struct env_read *r = vec_new(f->arena, &f->library_reads, struct env_read);
        *r = (struct env_read){.name = sv_from(v->name), .place = place, .idiom = sv_from(l->package == NULL ? l->module : l->package),
                               .fallback = v->fallback == NULL ? SV_NONE : sv_from(v->fallback), .has_fallback = v->fallback != NULL,
                               .implicit = true, .origin = sv_from(l->source), .scope = s->scope, .kind = KIND_OTHER, .field = SV_NONE};
    }
}

static bool known_before(const struct facts *f, size_t from, const struct library *l)
{
    for (size_t i = from; i < f->library_reads.n; i++)
        if (sv_eq(f->library_reads.at[i]->origin, sv_from(l->source)))
            return true;
    return false;
}

/* By language, so that most files need one look at what they hold. */
struct modules { const struct library *of[LIBRARIES]; struct gram_words names; };

static const struct modules *modules_of(struct facts *f, const bool *declared, enum lang family)
{
    struct modules *m = arena_new(f->arena, struct modules);
    const char *names[LIBRARIES + 1];
    size_t n = 0;
    for (size_t k = 0; k < LIBRARIES; k++)
        if (declared[k] && libraries[k].lang == family) {
            m->of[n] = &libraries[k];
            names[n++] = libraries[k].module;
        }
    names[n] = NULL;
    m->names = gram_words_of(f->arena, names);
    return m;
}

void reads_library(struct reading *p)
{
    struct facts *f = p->facts;
    struct manifests manifests = {0};
    list_manifests(f, &manifests);
    bool declared[LIBRARIES];
    for (size_t k = 0; k < LIBRARIES; k++)
        declared[k] = is_declared(&manifests, &libraries[k]);
    const struct modules *modules[LANG_COUNT] = {0};
    for (size_t i = 0; i < p->n; i++) {
        const struct source *s = p->sources[i];
        enum lang family = reads_family(s->lang);
        if (s->scope != SCOPE_PROD)
            continue;
        if (modules[family] == NULL)
            modules[family] = modules_of(f, declared, family);
        const struct gram_words *names = &modules[family]->names;
        size_t before = f->library_reads.n;
        for (size_t k = 0; k < names->n && f->library_reads.n - before < ROWS_PER_FILE; k++) {
            k = s->grams == NULL ? k : grams_next(s->grams, names, k);
            if (k == names->n || known_before(f, before, modules[family]->of[k]))
                continue;
            sv module = names->all[k].word;
            if (!source_has(s, module) || module_at(s, module, 0) == SV_NOT_FOUND)
                continue;
            const struct token *import = import_of(read_tokens(f->repo, s), module);
            if (import != NULL)
                add_library(p, s, modules[family]->of[k], import);
        }
    }
}
