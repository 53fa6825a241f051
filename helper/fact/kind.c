/* What a variable is, by its name and its default. The use decides where it is known (join.c). */
#include "fact/fact.h"

enum { WORDS_MAX = 16 };

/* A name cut at everything that is not a letter or digit, and before a capital behind a small
 * letter: "NEXT_PUBLIC_contractId" is NEXT PUBLIC contract Id. */
struct words { sv at[WORDS_MAX]; size_t n; sv name; uint32_t initials; };

static bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
static bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* A bit for the first byte of a word, the same for both cases of a letter. */
static uint32_t initial(sv word)
{
    return word.n == 0 ? 0 : (uint32_t)1 << (word.p[0] & 31);
}

static void cut_words(sv name, struct words *w)
{
    *w = (struct words){.name = name};
    size_t from = 0;
    for (size_t i = 0; i <= name.n && w->n < WORDS_MAX; i++) {
        bool end = i == name.n || !(is_lower(name.p[i]) || is_upper(name.p[i]) || is_digit(name.p[i]));
        bool hump = !end && i > from && is_upper(name.p[i]) && is_lower(name.p[i - 1]);
        if (!end && !hump)
            continue;
        if (i > from) {
            w->at[w->n] = sv_sub(name, from, i);
            w->initials |= initial(w->at[w->n++]);
        }
        from = hump ? i : i + 1;
    }
}

/* A list of words in capitals; most of them begin otherwise than those of a name. */
#define LIST(...) (const char *const[]){__VA_ARGS__, NULL}

static bool one_in_list(const char *const *list, const sv *words, size_t n, uint32_t initials)
{
    for (; *list != NULL; list++)
        for (size_t i = 0; i < n && (initials >> (**list & 31) & 1) != 0; i++)
            if (sv_ieq(words[i], sv_from(*list)))
                return true;
    return false;
}

static bool in_list(const char *const *list, sv word)
{
    return one_in_list(list, &word, 1, initial(word));
}

static bool any(const struct words *w, const char *const *list)
{
    return one_in_list(list, w->at, w->n, w->initials);
}

static bool last(const struct words *w, const char *const *list)
{
    return w->n != 0 && in_list(list, w->at[w->n - 1]);
}

/* The name is one of the list, case ignored. */
static bool is(const struct words *w, const char *const *list)
{
    return in_list(list, w->name);
}

static const char *const secret_words[] = {"KEY", "KEYS", "SECRET", "SECRETS", "PASSWORD", "PASSWD", "PASS", "PW", "PWD", "PASSPHRASE",
                                           "TOKEN", "TOKENS", "APIKEY", "AUTHTOKEN", "CREDENTIAL", "CREDENTIALS", "CREDS", "PAT", NULL};

/* COOKIE_KEY_BASE64 is a COOKIE_KEY. */
static void drop_encoding(struct words *w)
{
    if (w->n > 1 && last(w, LIST("BASE64", "B64", "HEX")) && in_list(secret_words, w->at[w->n - 2]))
        w->n--; /* its initial stays: it only makes a look longer */
}

static bool is_proxy_or_ca(const struct words *w)
{
    return is(w, LIST("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "FTP_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS",
                      "NODE_TLS_REJECT_UNAUTHORIZED", "PYTHONHTTPSVERIFY", "GIT_SSL_NO_VERIFY", "GIT_SSL_CAINFO", "CURL_CA_BUNDLE")) ||
           (any(w, LIST("CA")) && any(w, LIST("BUNDLE", "CERT", "CERTS", "FILE", "PATH"))) ||
           (any(w, LIST("TLS", "SSL", "HTTPS", "CERT", "CERTIFICATE")) &&
            any(w, LIST("VERIFY", "INSECURE", "SKIP", "UNAUTHORIZED", "NOVERIFY", "STRICT")));
}

static bool is_code(const struct words *w)
{
    return is(w, LIST("LD_PRELOAD", "LD_LIBRARY_PATH", "LD_AUDIT", "BASH_ENV", "ENV", "PATH", "IFS", "SHELLOPTS", "NODE_OPTIONS", "NODE_PATH",
                      "PYTHONPATH", "PYTHONSTARTUP", "PYTHONHOME", "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS", "PERL5OPT", "PERL5LIB",
                      "RUBYOPT", "RUBYLIB", "GIT_SSH_COMMAND", "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "UV_INDEX_URL", "NPM_CONFIG_REGISTRY",
                      "GOPROXY", "CARGO_REGISTRY", "DOCKER_HOST", "COMPOSE_FILE")) ||
           last(w, LIST("COMMAND", "CMD", "ENTRYPOINT", "SCRIPT", "EXEC", "PLUGIN", "PLUGINS")) ||
           (any(w, LIST("GIT", "REPO", "REPOSITORY")) && last(w, LIST("URL", "URI", "REPO", "REPOSITORY", "REF", "BRANCH", "TAG", "COMMIT"))) ||
           (any(w, LIST("INSTALL", "PACKAGE", "PACKAGES")) && last(w, LIST("URL", "PACKAGE", "PACKAGES", "VERSION")));
}

static bool is_image(const struct words *w)
{
    return last(w, LIST("IMAGE", "IMAGES")) ||
           (any(w, LIST("IMAGE", "DOCKER", "CONTAINER")) && last(w, LIST("TAG", "NAME", "VERSION", "DIGEST", "REF")));
}

static bool is_reference(const struct words *w)
{
    if (any(w, LIST("SSH")))
        return false; /* who may log in */
    return any(w, LIST("CODEHASH", "MRTD", "RTMR", "MRENCLAVE", "MRSIGNER", "MEASUREMENT", "MEASUREMENTS")) ||
           (last(w, LIST("HASH", "HASHES", "DIGEST", "DIGESTS")) &&
            any(w, LIST("CODE", "COMPOSE", "IMAGE", "EXPECTED", "TRUSTED", "ALLOWED", "OS", "CONFIG", "APP"))) ||
           (any(w, LIST("EXPECTED", "TRUSTED")) && last(w, LIST("KEY", "KEYS", "SIGNER", "SIGNERS", "ROOT", "CA", "ID", "ADDRESS"))) ||
           any(w, LIST("PUBKEY", "PUBKEYS")) || (any(w, LIST("PUBLIC", "PUB")) && last(w, LIST("KEY", "KEYS")) && !any(w, LIST("NEXT", "VITE"))) ||
           (any(w, LIST("VERIFY", "VERIFIER", "VERIFICATION", "ATTESTATION")) && last(w, LIST("KEY", "ROOT")));
}

static bool is_key(const struct words *w)
{
    bool key = last(w, LIST("KEY", "KEYS", "SECRET", "PASSWORD", "PASSPHRASE", "HEX", "B64", "BASE64", "PEM", "FILE")) &&
               any(w, LIST("KEY", "KEYS", "SECRET", "PASSWORD", "PASSPHRASE"));
    if (any(w, LIST("PUBLIC", "PUB")) && !any(w, LIST("NEXT", "VITE")))
        return false;
    return any(w, LIST("MNEMONIC", "KEYSTORE", "KEK", "DEK", "PRIVKEY", "PRIVATEKEY")) || (any(w, LIST("PRIVATE")) && any(w, LIST("KEY", "KEYS"))) ||
           (any(w, LIST("SEED")) && !any(w, LIST("RANDOM", "NUMPY", "TORCH", "DB", "DATABASE", "DATA", "SAMPLE", "FILE", "URL"))) ||
           (key && any(w, LIST("SIGNING", "SIGN", "SIGNER", "SIGNATURE", "ENCRYPTION", "ENCRYPT", "ENC", "CRYPTO", "CIPHER", "AES", "FERNET",
                               "MASTER", "WALLET", "DEPLOYER", "VALIDATOR", "SEALING", "VAULT", "STORAGE"))) ||
           last(w, LIST("PASSPHRASE"));
}

static const char *const database_words[] = {"DATABASE", "DB", "POSTGRES", "POSTGRESQL", "PG", "MYSQL",
                                             "MARIADB", "MONGO", "MONGODB", "REDIS", "VALKEY", NULL};

/* With these the app reaches its users' phones through a provider: sent out, never checked. */
static bool is_push_key(const struct words *w)
{
    return any(w, LIST("APNS", "APN", "FCM", "VAPID", "PUSHOVER")) && any(w, secret_words) && !any(w, LIST("PUBLIC", "ID"));
}

/* Whose tokens an app shows, and does not ask for. */
static const char *const service_words[] = {"TWITTER", "TELEGRAM", "DISCORD", "SLACK", "GITHUB", "GITLAB", "NOTION", "LINEAR",
                                            "STRIPE", "TWILIO", "OPENAI", "ANTHROPIC", "GEMINI", "HUGGINGFACE", "HF", "TMDB",
                                            "COINGECKO", "SPOTIFY", "ZOOM", "LINKEDIN", "FACEBOOK", "INSTAGRAM", "REDDIT", NULL};

static bool is_auth(const struct words *w)
{
    if (any(w, database_words) || any(w, LIST("AWS")))
        return false;
    bool secret = last(w, secret_words) || last(w, LIST("BASE", "SALT", "PEPPER", "KEY", "HASH"));
    return is(w, LIST("SECRET", "SECRET_KEY", "SECRET_KEY_BASE", "APP_SECRET", "APP_KEY", "TOKEN", "API_KEY", "API_KEYS", "API_TOKEN", "API_SECRET",
                      "PASSWORD", "AUTH_KEY", "ACCESS_KEY", "NEXTAUTH_SECRET", "DJANGO_SECRET_KEY", "FLASK_SECRET_KEY")) ||
           (last(w, LIST("SECRET")) && any(w, LIST("READ", "WRITE"))) || any(w, LIST("JWT", "HMAC", "CSRF")) ||
           (any(w, LIST("BEARER")) && !any(w, service_words)) ||
           (any(w, LIST("SECRET")) && any(w, LIST("APP", "WEB", "WEBUI", "FLASK", "DJANGO", "SERVER", "SITE"))) ||
           (secret && any(w, LIST("SESSION", "COOKIE", "COOKIES", "AUTH", "ADMIN", "ADMINS", "ROOT", "NEXTAUTH", "WEBHOOK", "DAEMON", "JUPYTER",
                                  "NOTEBOOK", "OPERATOR", "MANAGEMENT", "INTERNAL", "SSH", "LOGIN", "SUPERUSER", "STATE", "INVITE", "SHARED"))) ||
           (any(w, LIST("AUTHORIZED", "SSH")) && any(w, LIST("KEY", "KEYS", "PUBKEY", "PUBKEYS")));
}

static const char *const storage_words[] = {
    "DATABASE", "DB", "POSTGRES", "POSTGRESQL", "PG", "PGHOST", "PGHOSTADDR", "MYSQL", "MARIADB", "MONGO",
    "MONGODB", "REDIS", "VALKEY", "KAFKA", "RABBITMQ", "AMQP", "NATS", "S3", "MINIO", "BUCKET",
    "STORAGE", "ELASTIC", "ELASTICSEARCH", "OPENSEARCH", "QDRANT", "WEAVIATE", "MILVUS", "CHROMA", "PINECONE", "CLICKHOUSE",
    "CASSANDRA", "SUPABASE", "FIREBASE", "FIRESTORE", "DYNAMODB", "MEMCACHED", "INFLUX", "INFLUXDB", "NEO4J", "TURSO",
    "LIBSQL", "COUCHDB", "QUEUE", "BROKER", "CACHE", "BACKUP", "SQL", "IPFS", NULL};

static bool is_storage(const struct words *w)
{
    return is(w, LIST("DATABASE", "PGHOST", "PGHOSTADDR")) || last(w, LIST("BUCKET", "CONNECTION_STRING")) ||
           (any(w, storage_words) &&
            last(w, LIST("URL", "URI", "URLS", "DSN", "HOST", "HOSTS", "HOSTNAME", "ENDPOINT", "ENDPOINTS", "ADDR", "ADDRESS", "SERVER", "SERVERS",
                         "BROKER", "BROKERS", "NODES", "CONNECTION", "STRING", "BUCKET", "BASE", "CONTACTPOINTS", "GATEWAY"))) ||
           (any(w, LIST("CONNECTION")) && last(w, LIST("STRING")));
}

static bool is_feature(const struct words *w)
{
    return any(w, LIST("DISABLE", "DISABLED", "SKIP", "BYPASS", "INSECURE", "UNSAFE", "ALLOW", "ALLOWED", "ENABLE", "ENABLED", "ENFORCE", "REQUIRE",
                       "STRICT", "MOCK", "FAKE", "SIMULATE", "SIMULATION", "SIMULATOR", "UNAUTHENTICATED", "PERMISSIVE", "CORS", "ORIGIN", "ORIGINS",
                       "FEATURE")) ||
           is(w, LIST("NODE_ENV", "APP_ENV", "ENVIRONMENT", "FLASK_ENV", "RAILS_ENV", "ENV_NAME", "MODE", "STAGE", "DEV")) ||
           last(w, LIST("ENV", "MODE")) || (any(w, LIST("DEV", "TEST", "TESTING", "PRODUCTION")) && w->n <= 2);
}

static bool is_log_level(const struct words *w)
{
    return is(w, LIST("RUST_LOG", "LOGLEVEL", "RUST_BACKTRACE", "DEBUG", "VERBOSE")) ||
           (any(w, LIST("LOG", "LOGS", "LOGGING", "LOGGER")) &&
            !last(w, LIST("URL", "URI", "ENDPOINT", "HOST", "DSN", "ADDRESS", "DRIVER", "FILE", "DIR", "PATH"))) ||
           last(w, LIST("DEBUG", "VERBOSE", "VERBOSITY"));
}

/* Addresses that people click on. */
static bool is_display(const struct words *w)
{
    return any(w, LIST("EXPLORER", "DOCS", "DOCUMENTATION", "README", "LICENSE", "LOGO", "ICON", "FAVICON", "AVATAR", "SUPPORT", "PRIVACY", "TERMS"));
}

static bool is_endpoint(const struct words *w)
{
    if (any(w, LIST("CORS", "ALLOWED", "LISTEN", "BIND", "LISTENER", "TIMEOUT", "INTERVAL", "MAX", "MIN", "RETRIES")) ||
        is(w, LIST("HOSTNAME", "HOST_NAME")) || is_display(w))
        return false;
    return last(w, LIST("URL", "URLS", "URI", "URIS", "ENDPOINT", "ENDPOINTS", "HOST", "HOSTS", "HOSTNAME", "DSN", "WEBHOOK", "WEBHOOKS", "UPSTREAM",
                        "UPSTREAMS", "PROXY", "SERVER", "SERVERS", "RPC", "NODES", "BASEURL", "APIURL", "BACKEND", "BACKENDS", "RELAY")) ||
           (any(w, LIST("RPC")) && !last(w, secret_words) && !last(w, LIST("AUTH", "USER", "PROFILE", "METHOD", "MODE", "NAME", "ID"))) ||
           (last(w, LIST("BASE")) && any(w, LIST("API", "URL"))) ||
           (last(w, LIST("ADDR", "ADDRESS")) &&
            any(w, LIST("SERVER", "AGENT", "API", "RPC", "GRPC", "HTTP", "UPSTREAM", "SERVICE", "REMOTE", "COLLECTOR", "SMTP", "GATEWAY"))) ||
           (last(w, LIST("GATEWAY")) && any(w, LIST("API", "LLM")));
}

static bool is_identity(const struct words *w)
{
    return any(w, LIST("DOMAIN", "DOMAINS", "CONTRACT", "CONTRACTS", "CHAIN", "ACCOUNT", "OWNER", "EMAIL", "USERNAME")) ||
           (any(w, LIST("ADMIN", "ADMINS", "MODERATOR", "MODERATORS", "OWNERS", "OPERATOR", "OPERATORS", "WALLET", "WALLETS", "USER", "USERS")) &&
            last(w, LIST("WHITELIST", "ALLOWLIST"))) ||
           last(w, LIST("ID", "IDS", "USER", "USERS", "NAME", "NAMES", "HANDLE", "HANDLES", "ADDRESS", "ADDRESSES", "REGION", "ORG", "SUBDOMAIN",
                        "CNAME", "GATEWAY", "ACCOUNTID"));
}

static bool is_tuning(const struct words *w)
{
    return last(w, LIST("PORT", "PORTS", "TIMEOUT", "TIMEOUTS", "WORKERS", "THREADS", "MAX", "MIN", "LIMIT", "LIMITS", "SIZE", "INTERVAL", "SECONDS",
                        "MS", "COUNT", "RETRIES", "TTL", "CONCURRENCY", "TZ", "LANG", "LOCALE", "TEMPERATURE", "RATE", "DELAY", "DAYS", "HOURS",
                        "MINUTES", "HOST", "BIND", "VERSION")) ||
           last(w, LIST("BLOCK", "BLOCKS", "HEIGHT", "EPOCH")) || any(w, LIST("MAX", "MIN", "TIMEOUT", "LIMIT", "LISTEN", "BIND")) ||
           is(w, LIST("TZ", "LANG", "PUID", "PGID", "UID", "GID"));
}

/* What a default says: a URL's scheme, a bind address. */
static enum input_kind kind_of_value(sv value)
{
    static const char *const stores[] = {"postgres://", "postgresql", "mysql", "mongodb", "redis://", "rediss://", "amqp",
                                         "sqlite:", "libsql:", "nats:", "kafka:", "s3:"};
    for (size_t i = 0; i < sizeof stores / sizeof *stores; i++)
        if (sv_istarts(value, sv_from(stores[i])) && sv_has(value, SV(":")))
            return KIND_STORAGE;
    if (sv_istarts(value, SV("http://")) || sv_istarts(value, SV("https://")) || sv_istarts(value, SV("ws://")) ||
        sv_istarts(value, SV("wss://")) || sv_istarts(value, SV("grpc://")) || sv_istarts(value, SV("unix://")))
        return KIND_ENDPOINT;
    return KIND_OTHER;
}

static bool is_own_bind_address(sv value)
{
    return SV_IN(value, SV("0.0.0.0"), SV("::"), SV("[::]")) || sv_starts(value, SV("0.0.0.0:"));
}

/* "true", "0", "86400s": no address and no secret. */
static bool is_plain_value(sv value)
{
    if (in_list(LIST("TRUE", "FALSE", "YES", "NO", "ON", "OFF"), value))
        return true;
    if (value.n == 0 || value.n > 12 || !is_digit(value.p[0]))
        return false;
    for (size_t i = 0; i < value.n; i++)
        if (!is_digit(value.p[i]) && !(i + 2 >= value.n && (is_lower(value.p[i]) || is_upper(value.p[i]))))
            return false;
    return true;
}

enum input_kind kind_of(sv name, sv fallback)
{
    static const struct { enum input_kind kind; bool (*is)(const struct words *); } table[] = {
        {KIND_PROXY_CA, is_proxy_or_ca}, {KIND_CODE, is_code},         {KIND_REFERENCE, is_reference},
        {KIND_IMAGE, is_image},          {KIND_CREDENTIAL, is_push_key},
        {KIND_KEY, is_key},              {KIND_AUTH, is_auth},
        {KIND_STORAGE, is_storage},      {KIND_LOG_LEVEL, is_log_level}, {KIND_ENDPOINT, is_endpoint},
    };
    struct words w;
    cut_words(name, &w);
    drop_encoding(&w);
    if (any(&w, LIST("NETWORK")) && last(&w, LIST("PASSPHRASE")))
        return KIND_IDENTITY; /* of Stellar: a public name that goes into each signature */
    if (is_own_bind_address(fallback) && !any(&w, storage_words))
        return KIND_TUNING;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (table[i].is(&w) && !(is_plain_value(fallback) && (table[i].kind == KIND_ENDPOINT || table[i].kind == KIND_STORAGE)))
            return table[i].kind;
    if (last(&w, secret_words) || (last(&w, LIST("AUTH")) && !is_feature(&w)) || any(&w, LIST("PASSWORD", "SECRET", "CREDENTIALS")) ||
        (any(&w, LIST("SERVICE")) && any(&w, LIST("ACCOUNT"))))
        return KIND_CREDENTIAL;
    enum input_kind by_value = kind_of_value(fallback);
    if (by_value != KIND_OTHER && !is_display(&w))
        return by_value;
    if (w.n > 1 && in_list(LIST("REQUIRE", "SKIP", "ENABLE", "DISABLE", "ENFORCE"), w.at[0]))
        return KIND_FEATURE; /* REQUIRE_PINNED_MODEL is no model */
    if (last(&w, LIST("MODEL", "MODELS")) || (any(&w, LIST("MODEL")) && last(&w, LIST("NAME", "ID"))))
        return KIND_MODEL;
    return is_feature(&w) ? KIND_FEATURE : is_tuning(&w) ? KIND_TUNING : is_identity(&w) ? KIND_IDENTITY : KIND_OTHER;
}

const char *input_kind_name(enum input_kind k)
{
    switch (k) {
    case KIND_ENDPOINT: return "endpoint";
    case KIND_IMAGE: return "image";
    case KIND_CODE: return "code";
    case KIND_PROXY_CA: return "proxy-or-ca";
    case KIND_STORAGE: return "storage";
    case KIND_CREDENTIAL: return "credential";
    case KIND_KEY: return "key";
    case KIND_AUTH: return "auth";
    case KIND_LOG_LEVEL: return "log-level";
    case KIND_FEATURE: return "feature";
    case KIND_IDENTITY: return "identity";
    case KIND_TUNING: return "tuning";
    case KIND_MODEL: return "model";
    case KIND_REFERENCE: return "reference";
    case KIND_OTHER: break;
    }
    return "other";
}
