#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fact/fact.h"

static const struct { const char *name, *fallback, *kind; } rows[] = {
    {"LLM_BASE_URL", "", "endpoint"},
    {"llm_base_url", "", "endpoint"},
    {"OPENAI_API_BASE", "", "endpoint"},
    {"RPC_JSON", "", "endpoint"},
    {"ETH_RPC_PROXY_PROFILE", "direct", "other"},
    {"BITCOIN_RPC_AUTH", "", "credential"},
    {"EXPLORER_BASE_URL", "https://scan.example.com", "other"},
    {"CONTRACT_START_BLOCK", "0", "tuning"},
    {"SSH_PUBKEY", "", "auth"},
    {"SENTRY_DSN", "", "endpoint"},
    {"UPSTREAM", "https://api.example.com", "endpoint"},
    {"SOMETHING", "https://api.example.com", "endpoint"},
    {"DSTACK_SIMULATOR_ENDPOINT", "", "endpoint"},
    {"HOST", "0.0.0.0", "tuning"},
    {"HOSTNAME", "", "other"},
    {"TIMEOUT_SERVER", "86400s", "tuning"},
    {"EVIDENCE_SERVER", "true", "other"},
    {"CACHE_SERVER", "1", "other"},
    {"HOST_KEY", "", "credential"},
    {"LISTEN_ADDR", ":8080", "tuning"},
    {"DATABASE_URL", "", "storage"},
    {"DB_HOST", "", "storage"},
    {"MONGO_URI", "", "storage"},
    {"S3_ENDPOINT", "", "storage"},
    {"UPLOAD_BUCKET", "", "storage"},
    {"STORE", "postgres://db/x", "storage"},
    {"POSTGRES_PASSWORD", "", "credential"},
    {"OPENAI_API_KEY", "", "credential"},
    {"CLOUDFLARE_API_TOKEN", "", "credential"},
    {"AWS_SECRET_ACCESS_KEY", "", "credential"},
    {"NGROK_AUTHTOKEN", "", "credential"},
    {"TELEGRAM_BOT_TOKEN", "", "credential"},
    {"PRIVATE_KEY", "", "key"},
    {"DEPLOYER_PRIVATE_KEY", "", "key"},
    {"WALLET_MNEMONIC", "", "key"},
    {"ACCOUNT_SEED_PHRASE", "", "key"},
    {"ENCRYPTION_KEY", "", "key"},
    {"MASTER_KEY", "", "key"},
    {"RANDOM_SEED", "", "other"},
    {"ADMIN_WALLET_WHITELIST", "", "identity"},
    {"CORS_WHITELIST", "", "feature"},
    {"PUBLIC_SIGNING_KEY", "", "reference"},
    {"JWT_SECRET", "", "auth"},
    {"SESSION_SECRET", "", "auth"},
    {"ADMIN_TOKEN", "", "auth"},
    {"SECRET_KEY", "", "auth"},
    {"BEARER_TOKEN", "", "auth"},
    {"COOKIE_KEY_BASE64", "", "auth"},
    {"SINK_READ_SECRET", "", "auth"},
    {"STORAGE_KEY_HEX", "", "key"},
    {"STELLAR_NETWORK_PASSPHRASE", "", "identity"},
    {"KEYSTORE_PASSPHRASE", "", "key"},
    {"ROOT_PW", "", "auth"},
    {"MYSQL_ROOT_PASSWORD", "", "credential"},
    {"WEBUI_SECRET_KEY", "", "auth"},
    {"CORS_ORIGIN", "", "feature"},
    {"API_CODEHASH", "", "reference"},
    {"EXPECTED_COMPOSE_HASH", "", "reference"},
    {"DOCKER_TAG", "", "image"},
    {"BOT_IMAGE", "", "image"},
    {"HTTPS_PROXY", "", "proxy-or-ca"},
    {"https_proxy", "", "proxy-or-ca"},
    {"REQUESTS_CA_BUNDLE", "", "proxy-or-ca"},
    {"NODE_TLS_REJECT_UNAUTHORIZED", "", "proxy-or-ca"},
    {"LD_PRELOAD", "", "code"},
    {"NODE_OPTIONS", "", "code"},
    {"START_COMMAND", "", "code"},
    {"PLUGIN_REPO_URL", "", "code"},
    {"RUST_LOG", "", "log-level"},
    {"LOG_LEVEL", "info", "log-level"},
    {"DEBUG", "", "log-level"},
    {"DISABLE_AUTH", "", "feature"},
    {"NODE_ENV", "", "feature"},
    {"LLM_MODEL", "", "model"},
    {"REQUIRE_PINNED_MODEL", "false", "feature"},
    {"DOMAIN", "", "identity"},
    {"NEXT_PUBLIC_contractId", "", "identity"},
    {"ACCOUNT_ID", "", "identity"},
    {"CONTRACT_ADDRESS", "", "identity"},
    {"PORT", "8080", "tuning"},
    {"REQUEST_TIMEOUT", "30", "tuning"},
    {"GREETING", "hello", "other"},
    {"", "", "other"},
};

static void names_and_defaults_tell_the_kind(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *got = input_kind_name(kind_of(sv_from(rows[i].name), sv_from(rows[i].fallback)));
        if (strcmp(got, rows[i].kind) != 0)
            fail_msg("%s=%s: %s instead of %s", rows[i].name, rows[i].fallback, got, rows[i].kind);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(names_and_defaults_tell_the_kind)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
