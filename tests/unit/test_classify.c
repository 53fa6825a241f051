#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "input/repo.h"

struct row { const char *path, *text; enum source_kind kind; enum lang lang; enum scope scope; };

#define COMPOSE_TEXT "x-a: 1\nservices:\n  # the bot\n  bot:\n    image: a/b\n"

static const struct row rows[] = {
    /* compose */
    {"docker-compose.yml", "", SOURCE_COMPOSE, LANG_YAML, SCOPE_PROD},
    {"Docker-Compose.YAML", "", SOURCE_COMPOSE, LANG_YAML, SCOPE_PROD},
    {"compose.yaml", "", SOURCE_COMPOSE, LANG_YAML, SCOPE_PROD},
    {"deploy/docker-compose.prod.yaml", "", SOURCE_COMPOSE, LANG_YAML, SCOPE_PROD},
    {"docker-compose-dstack-ingress.yaml", "", SOURCE_COMPOSE, LANG_YAML, SCOPE_PROD},
    {"docker-compose.template.yml", "", SOURCE_COMPOSE, LANG_YAML, SCOPE_PROD},
    {"docker-compose.yml.j2", "", SOURCE_COMPOSE, LANG_YAML, SCOPE_PROD},
    {"compose.dev.yml", "", SOURCE_COMPOSE, LANG_YAML, SCOPE_DEV},
    {"compose-dev.yaml", "", SOURCE_COMPOSE, LANG_YAML, SCOPE_DEV},
    {"docker-compose.local.gpu.yml", "", SOURCE_COMPOSE, LANG_YAML, SCOPE_DEV},
    {"docker-compose.test.yml", "", SOURCE_COMPOSE, LANG_YAML, SCOPE_TEST},
    {"docker-compose.yml.example", "", SOURCE_COMPOSE, LANG_YAML, SCOPE_DEV},
    {"stack.yml", COMPOSE_TEXT, SOURCE_COMPOSE, LANG_YAML, SCOPE_PROD},
    {"stack.yml", "services: {bot: {image: a/b}}\n", SOURCE_COMPOSE, LANG_YAML, SCOPE_PROD},
    {"stack.yml", "services:\n- docker:dind\nimage: x\n", SOURCE_CONFIG, LANG_YAML, SCOPE_PROD},
    {"stack.yml", "services:\n  port: 1\nimage: x\n", SOURCE_CONFIG, LANG_YAML, SCOPE_PROD},
    {"k8s.yml", "spec:\n  services:\n    a:\n      image: b\n", SOURCE_CONFIG, LANG_YAML, SCOPE_PROD},
    {"decompose.yml", "a: 1\n", SOURCE_CONFIG, LANG_YAML, SCOPE_PROD},
    /* app-compose */
    {"app-compose.json", "{}", SOURCE_APP_COMPOSE, LANG_JSON, SCOPE_PROD},
    {"deployed-app-compose.json", "{}", SOURCE_APP_COMPOSE, LANG_JSON, SCOPE_PROD},
    {"x.json", "{\"docker_compose_file\": \"services:\"}", SOURCE_APP_COMPOSE, LANG_JSON, SCOPE_PROD},
    {"x.json", "{\"manifest_version\":2,\"allowed_envs\":[]}", SOURCE_APP_COMPOSE, LANG_JSON, SCOPE_PROD},
    {"x.json", "{\"manifest_version\":3}", SOURCE_CONFIG, LANG_JSON, SCOPE_PROD},
    {"info.json", "{\"tcb_info\":\"{\\\"app_compose\\\":\\\"{}\\\"}\"}", SOURCE_APP_COMPOSE, LANG_JSON, SCOPE_PROD},
    {"page.html", "<p>&quot;docker_compose_file&quot;: &quot;x&quot;", SOURCE_APP_COMPOSE, LANG_HTML, SCOPE_PROD},
    {"schema.json", "{\"properties\":{\"docker_compose_file\": {\"type\":1}}}", SOURCE_CONFIG, LANG_JSON, SCOPE_PROD},
    {"report.json", "{\"event_log\": []}", SOURCE_EVIDENCE, LANG_JSON, SCOPE_PROD},
    {"tsconfig.json", "{\"quote\": 1}", SOURCE_CONFIG, LANG_JSON, SCOPE_PROD},
    /* builds */
    {"Dockerfile", "", SOURCE_DOCKERFILE, LANG_DOCKERFILE, SCOPE_PROD},
    {"docker/Dockerfile.gpu", "", SOURCE_DOCKERFILE, LANG_DOCKERFILE, SCOPE_PROD},
    {"bot.Dockerfile", "", SOURCE_DOCKERFILE, LANG_DOCKERFILE, SCOPE_PROD},
    {"Dockerfile-dev", "", SOURCE_DOCKERFILE, LANG_DOCKERFILE, SCOPE_DEV},
    {"Containerfile", "", SOURCE_DOCKERFILE, LANG_DOCKERFILE, SCOPE_PROD},
    {"Dockerfile.dockerignore", "", SOURCE_OTHER, LANG_NONE, SCOPE_PROD},
    {"src/dockerfile_parser.py", "", SOURCE_CODE, LANG_PYTHON, SCOPE_PROD},
    {"src/dockerfile.ts", "", SOURCE_CODE, LANG_TYPESCRIPT, SCOPE_PROD},
    {".github/workflows/build.yml", COMPOSE_TEXT, SOURCE_WORKFLOW, LANG_YAML, SCOPE_CI},
    {".github/workflows/docker-compose.yml", "", SOURCE_WORKFLOW, LANG_YAML, SCOPE_CI},
    {".gitlab-ci.yml", "", SOURCE_WORKFLOW, LANG_YAML, SCOPE_CI},
    {"action.yml", "runs:\n  using: node20\n", SOURCE_WORKFLOW, LANG_YAML, SCOPE_CI},
    {".github/scripts/build.py", "", SOURCE_CODE, LANG_PYTHON, SCOPE_CI},
    /* programs */
    {"a/entrypoint.sh", "", SOURCE_SCRIPT, LANG_SHELL, SCOPE_PROD},
    {"entrypoint", "#!/usr/bin/env -S bash -e\n", SOURCE_SCRIPT, LANG_SHELL, SCOPE_PROD},
    {"run", "#!/bin/sh\n", SOURCE_SCRIPT, LANG_SHELL, SCOPE_PROD},
    {"serve", "#!/usr/bin/python3\n", SOURCE_CODE, LANG_PYTHON, SCOPE_PROD},
    {"serve", "#!/usr/bin/env node\n", SOURCE_CODE, LANG_JAVASCRIPT, SCOPE_PROD},
    {"src/local_storage.py", "", SOURCE_CODE, LANG_PYTHON, SCOPE_PROD},
    {"src/latest.py", "", SOURCE_CODE, LANG_PYTHON, SCOPE_PROD},
    {"src/device.rs", "", SOURCE_CODE, LANG_RUST, SCOPE_PROD},
    {"src/dev_server.py", "", SOURCE_CODE, LANG_PYTHON, SCOPE_DEV},
    {"src/server.dev.ts", "", SOURCE_CODE, LANG_TYPESCRIPT, SCOPE_DEV},
    {"test_bot.py", "", SOURCE_CODE, LANG_PYTHON, SCOPE_TEST},
    {"pkg/quote_test.go", "", SOURCE_CODE, LANG_GO, SCOPE_TEST},
    {"a/x.spec.ts", "", SOURCE_CODE, LANG_TYPESCRIPT, SCOPE_TEST},
    {"a/x.test.tsx", "", SOURCE_CODE, LANG_TYPESCRIPT, SCOPE_TEST},
    {"conftest.py", "", SOURCE_CODE, LANG_PYTHON, SCOPE_TEST},
    {"Tests/A.cs", "", SOURCE_CODE, LANG_CSHARP, SCOPE_TEST},
    {"src/BotTest.java", "", SOURCE_CODE, LANG_JAVA, SCOPE_TEST},
    {"contracts/App.t.sol", "", SOURCE_CODE, LANG_SOLIDITY, SCOPE_TEST},
    {"examples/a.py", "", SOURCE_CODE, LANG_PYTHON, SCOPE_DEV},
    {"docs/a.py", "", SOURCE_CODE, LANG_PYTHON, SCOPE_DOC},
    {"deploy.ps1", "", SOURCE_CODE, LANG_NONE, SCOPE_PROD},
    /* the rest */
    {"package.json", "", SOURCE_MANIFEST, LANG_JSON, SCOPE_PROD},
    {"requirements-dev.txt", "", SOURCE_MANIFEST, LANG_NONE, SCOPE_DEV},
    {"requirements/base.txt", "", SOURCE_MANIFEST, LANG_NONE, SCOPE_PROD},
    {"Cargo.toml", "", SOURCE_MANIFEST, LANG_TOML, SCOPE_PROD},
    {"Cargo.lock", "", SOURCE_LOCK, LANG_NONE, SCOPE_PROD},
    {"package-lock.json", "", SOURCE_LOCK, LANG_JSON, SCOPE_PROD},
    {".env", "", SOURCE_ENV, LANG_NONE, SCOPE_PROD},
    {".env.example", "", SOURCE_ENV, LANG_NONE, SCOPE_DEV},
    {"env.template", "", SOURCE_ENV, LANG_NONE, SCOPE_PROD},
    {"prod.env", "", SOURCE_ENV, LANG_NONE, SCOPE_PROD},
    {"src/env.ts", "", SOURCE_CODE, LANG_TYPESCRIPT, SCOPE_PROD},
    {"nginx.conf.template", "", SOURCE_CONFIG, LANG_NONE, SCOPE_PROD},
    {"Caddyfile", "", SOURCE_CONFIG, LANG_NONE, SCOPE_PROD},
    {"README.md", "", SOURCE_DOC, LANG_MARKDOWN, SCOPE_DOC},
    {"LICENSE", "", SOURCE_DOC, LANG_NONE, SCOPE_DOC},
    {"Makefile", "", SOURCE_OTHER, LANG_NONE, SCOPE_PROD},
    {"", "", SOURCE_OTHER, LANG_NONE, SCOPE_PROD},
    {".", "", SOURCE_OTHER, LANG_NONE, SCOPE_PROD},
    {"a/", "", SOURCE_OTHER, LANG_NONE, SCOPE_PROD},
};

static void every_row_is_what_it_says(void **state)
{
    (void)state;
    size_t wrong = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct source s = {.path = sv_from(rows[i].path), .text = sv_from(rows[i].text)};
        classify(&s);
        if (s.kind == rows[i].kind && s.lang == rows[i].lang && s.scope == rows[i].scope)
            continue;
        print_message("%s: %s %s %s\n", rows[i].path, source_kind_name(s.kind), lang_name(s.lang),
                      scope_name(s.scope));
        wrong++;
    }
    assert_int_equal(wrong, 0);
}

static void copies_of_others_are_vendored(void **state)
{
    (void)state;
    static const struct { const char *path; bool vendored; } paths[] = {
        {"vendor/github.com/a/b.go", true},  {"api/vendor/github.com/a/b.go", true}, {"app/vendor/page.tsx", false},
        {"web/node_modules/x/index.js", true}, {"public/jquery.min.js", true},      {"dist/server.js", false},
        {"lib/forge-std/src/Test.sol", true}, {"src/vendor.ts", false}, {"ios/vendor/quote/src/lib.rs", true}, {"web/app/vendor/list/page.tsx", false},
    };
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        struct source s = {.path = sv_from(paths[i].path), .text = SV("")};
        classify(&s);
        assert_int_equal(s.vendored, paths[i].vendored);
    }
}

static void long_names_end(void **state)
{
    (void)state;
    char name[5000];
    for (size_t i = 0; i < sizeof name; i++)
        name[i] = "abc.-_"[i % 6];
    struct source s = {.path = {name, sizeof name}, .text = SV("")};
    classify(&s);
    assert_int_equal(s.kind, SOURCE_OTHER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_what_it_says),
        cmocka_unit_test(copies_of_others_are_vendored),
        cmocka_unit_test(long_names_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
