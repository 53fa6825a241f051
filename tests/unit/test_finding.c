#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "check/check.h"
#include "report/report.h"

/* A file, rules and a run, made by hand. */
struct world {
    struct arena arena;
    struct repo repo;
    struct facts facts;
    struct verdicts verdicts;
    struct rule rule;
    struct check_run run;
};

static struct source *add_file(struct world *w, const char *path, const char *text)
{
    struct source *s = vec_new(&w->arena, &w->repo.files, struct source);
    s->path = sv_from(path);
    s->text = sv_from(text);
    s->lines = lines_of(&w->arena, s->text);
    s->kind = SOURCE_CODE;
    s->lang = LANG_PYTHON;
    return s;
}

static struct world *new_world(void)
{
    struct world *w = test_calloc(1, sizeof *w);
    w->repo.arena = &w->arena;
    w->facts.arena = &w->arena;
    w->facts.repo = &w->repo;
    w->rule = (struct rule){.id = SV("some-rule"), .title = SV("Title"), .severity = SEV_HIGH, .category = CAT_NETWORK};
    w->run = (struct check_run){.facts = &w->facts, .arena = &w->arena, .rule = &w->rule, .out = &w->verdicts};
    return w;
}

static void free_world(struct world *w)
{
    arena_free(&w->arena);
    test_free(w);
}

static struct place at(const struct source *s, const char *needle)
{
    size_t from = sv_find(s->text, sv_from(needle));
    assert_true(from != SV_NOT_FOUND);
    return (struct place){s, from, from + strlen(needle)};
}

static sv only_id(const char *text, const char *needle)
{
    static char id[17];
    struct world *w = new_world();
    struct source *s = add_file(w, "a.py", text);
    report(&w->run, at(s, needle), SV("LLM_BASE_URL"), "message");
    findings_settle(&w->verdicts, &w->facts);
    assert_int_equal(w->verdicts.findings.n, 1);
    assert_int_equal(w->verdicts.findings.at[0]->id.n, 16);
    memcpy(id, w->verdicts.findings.at[0]->id.p, 17);
    free_world(w);
    return sv_from(id);
}

static void id_survives_moves_and_renames(void **state)
{
    (void)state;
    char first[17];
    memcpy(first, only_id("url = os.environ['LLM_BASE_URL']\n", "os.environ").p, 17);
    char moved[4096] = "";
    for (int i = 0; i < 100; i++)
        strcat(moved, "# inserted\n");
    strcat(moved, "  base = os.environ['LLM_BASE_URL']\n");
    assert_string_equal(first, only_id(moved, "os.environ").p);
    assert_string_not_equal(first, only_id("url = os.environ['LLM_BASE_URL'] or 5\n", "os.environ").p);
}

static void equal_lines_have_different_ids(void **state)
{
    (void)state;
    struct world *w = new_world();
    struct source *s = add_file(w, "a.py", "x()\nx()\n");
    report(&w->run, (struct place){s, 4, 5}, SV("x"), "second");
    report(&w->run, (struct place){s, 0, 1}, SV("x"), "first");
    findings_settle(&w->verdicts, &w->facts);
    assert_int_equal(w->verdicts.findings.n, 2);
    assert_string_equal(w->verdicts.findings.at[0]->message.p, "first");
    assert_true(!sv_eq(w->verdicts.findings.at[0]->id, w->verdicts.findings.at[1]->id));
    free_world(w);
}

static void yaml_ids_know_their_service(void **state)
{
    (void)state;
    const char *texts[] = {"services:\n  a:\n    privileged: true\n", "services:\n  b:\n    privileged: true\n"};
    sv ids[2];
    for (size_t i = 0; i < 2; i++) {
        struct world *w = new_world();
        struct source *s = add_file(w, "docker-compose.yml", texts[i]);
        s->lang = LANG_YAML;
        report(&w->run, at(s, "privileged"), SV(""), "message");
        findings_settle(&w->verdicts, &w->facts);
        static char kept[2][17];
        memcpy(kept[i], w->verdicts.findings.at[0]->id.p, 17);
        ids[i] = sv_from(kept[i]);
        free_world(w);
    }
    assert_true(!sv_eq(ids[0], ids[1]));
}

static void duplicates_go_and_other_rules_stay(void **state)
{
    (void)state;
    struct world *w = new_world();
    struct rule other = {.id = SV("other-rule"), .severity = SEV_LOW};
    struct source *s = add_file(w, "a.py", "call(X)\n");
    report(&w->run, (struct place){s, 0, 4}, SV("X"), "once")->severity = SEV_LOW;
    report(&w->run, (struct place){s, 5, 6}, SV("X"), "the same, worse");
    report(&w->run, (struct place){s, 5, 6}, SV("Y"), "another subject");
    w->run.rule = &other;
    report(&w->run, (struct place){s, 5, 6}, SV("X"), "another rule");
    findings_settle(&w->verdicts, &w->facts);
    assert_int_equal(w->verdicts.findings.n, 3);
    assert_string_equal(w->verdicts.findings.at[0]->message.p, "the same, worse");
    assert_string_equal(w->verdicts.findings.at[2]->message.p, "another rule");
    free_world(w);
}

static void findings_aside_are_low(void **state)
{
    (void)state;
    struct world *w = new_world();
    struct source *test = add_file(w, "tests/a.py", "x\n");
    test->scope = SCOPE_TEST;
    struct source *vendored = add_file(w, "vendor/a.py", "x\n");
    vendored->vendored = true;
    struct source *old = add_file(w, "compose.old.yml", "x\n");
    struct deployment *d = vec_new(&w->arena, &w->facts.deployments, struct deployment);
    d->compose = old;
    report(&w->run, (struct place){test, 0, 1}, SV("test"), "m");
    report(&w->run, (struct place){vendored, 0, 1}, SV("vendored"), "m");
    report(&w->run, (struct place){old, 0, 1}, SV("old"), "m");
    report(&w->run, (struct place){test, 0, 1}, SV("kept"), "m")->keep_severity = true;
    findings_settle(&w->verdicts, &w->facts);
    assert_int_equal(w->verdicts.findings.n, 4);
    assert_true(sv_eq(w->verdicts.findings.at[0]->subject, SV("kept")));
    assert_int_equal(w->verdicts.findings.at[0]->severity, SEV_HIGH);
    for (size_t i = 1; i < 4; i++)
        assert_int_equal(w->verdicts.findings.at[i]->severity, SEV_LOW);
    free_world(w);
}

static void a_decided_place_is_no_question(void **state)
{
    (void)state;
    struct world *w = new_world();
    struct source *s = add_file(w, "a.py", "one\ntwo\n");
    report(&w->run, (struct place){s, 0, 3}, SV(""), "decided");
    ask(&w->run, (struct place){s, 1, 2}, "asked on the decided line");
    ask(&w->run, (struct place){s, 4, 7}, "asked alone");
    ask(&w->run, (struct place){s, 5, 7}, "asked twice");
    findings_settle(&w->verdicts, &w->facts);
    assert_int_equal(w->verdicts.leads.n, 1);
    assert_string_equal(w->verdicts.leads.at[0]->question.p, "asked alone");
    free_world(w);
}

static void secrets_are_shown_nowhere(void **state)
{
    (void)state;
    struct world *w = new_world();
    struct source *s = add_file(w, "a.py", "KEY = 's3cr3t-value'; PIN = '1234'\nlog('1234')\n");
    redact(&w->run, at(s, "s3cr3t-value"));
    redact(&w->run, at(s, "1234"));
    struct result r = {.repo = &w->repo, .facts = &w->facts, .verdicts = &w->verdicts, .arena = &w->arena};
    report_prepare(&r);
    assert_string_equal(shown(&r, SV("got s3cr3t-value and s3cr3t-value")), "got [redacted] and [redacted]");
    assert_string_equal(shown_snippet(&r, at(s, "PIN")), "KEY = '[redacted]'; PIN = '[redacted]'");
    assert_string_equal(shown_about(&r, at(s, "PIN"), SV("1234")), "[redacted]");
    assert_string_equal(shown_snippet(&r, at(s, "log")), "log('1234')");
    free_world(w);
}

static void guessable_words_are_hidden_at_their_place_alone(void **state)
{
    (void)state;
    struct world *w = new_world();
    struct source *s = add_file(w, "a.yml", "POSTGRES_PASSWORD: 'postgres'\nimage: postgres\n");
    redact(&w->run, (struct place){s, 20, 28});
    struct result r = {.repo = &w->repo, .facts = &w->facts, .verdicts = &w->verdicts, .arena = &w->arena};
    report_prepare(&r);
    assert_string_equal(shown_snippet(&r, at(s, "POSTGRES")), "POSTGRES_PASSWORD: '[redacted]'");
    assert_string_equal(shown_snippet(&r, at(s, "image")), "image: postgres");
    assert_string_equal(shown(&r, SV("deploy/postgres/Dockerfile")), "deploy/postgres/Dockerfile");
    free_world(w);
}

static void a_short_secret_leaves_longer_words_alone(void **state)
{
    (void)state;
    struct world *w = new_world();
    struct source *s = add_file(w, "a.yml", "URL: db://user:pass@db -pxyz\n");
    redact(&w->run, at(s, "pass@"));
    w->verdicts.secrets.at[0]->end -= 1;
    redact(&w->run, at(s, "xyz"));
    struct result r = {.repo = &w->repo, .facts = &w->facts, .verdicts = &w->verdicts, .arena = &w->arena};
    report_prepare(&r);
    struct place p = at(s, "URL");
    assert_string_equal(shown_about(&r, p, SV("carries the password 'pass' in clear")), "carries the password '[redacted]' in clear");
    assert_string_equal(shown_about(&r, p, SV("-pxyz and xyz")), "-p[redacted] and [redacted]");
    assert_string_equal(shown_snippet(&r, p), "URL: db://user:[redacted]@db -p[redacted]");
    free_world(w);
}

static void long_lines_are_quoted_around_the_place(void **state)
{
    (void)state;
    struct world *w = new_world();
    static char text[300001];
    memset(text, 'a', sizeof text - 1);
    memcpy(text + 200000, "NEEDLE", 6);
    memcpy(text + 200020, "s3cr3t-value", 12);
    struct source *s = add_file(w, "a.js", text);
    redact(&w->run, at(s, "s3cr3t-value"));
    struct result r = {.repo = &w->repo, .facts = &w->facts, .verdicts = &w->verdicts, .arena = &w->arena};
    report_prepare(&r);
    sv snippet = sv_from(shown_snippet(&r, at(s, "NEEDLE")));
    assert_true(sv_has(snippet, SV("NEEDLE")));
    assert_true(sv_has(snippet, SV("[redacted]")));
    assert_false(sv_has(snippet, SV("s3cr3t")));
    assert_true(snippet.n <= LIMIT_SNIPPET_BYTES);
    free_world(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(id_survives_moves_and_renames),
        cmocka_unit_test(equal_lines_have_different_ids),
        cmocka_unit_test(yaml_ids_know_their_service),
        cmocka_unit_test(duplicates_go_and_other_rules_stay),
        cmocka_unit_test(findings_aside_are_low),
        cmocka_unit_test(a_decided_place_is_no_question),
        cmocka_unit_test(secrets_are_shown_nowhere),
        cmocka_unit_test(guessable_words_are_hidden_at_their_place_alone),
        cmocka_unit_test(a_short_secret_leaves_longer_words_alone),
        cmocka_unit_test(long_lines_are_quoted_around_the_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
