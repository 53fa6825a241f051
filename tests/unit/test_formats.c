/* Every format over the sample app and a catalogue of its own, against the files in tests/golden: a new
 * rule of the product changes none of them. tests/run.sh --accept rewrites. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "report/report.h"

struct world {
    struct arena arena;
    struct catalogue catalogue;
    struct repo repo;
    struct facts facts;
    struct verdicts verdicts;
    struct result result;
};

static struct world world;

static void read_file(const char *path, struct buf *out)
{
    FILE *in = fopen(path, "rb");
    if (in == NULL)
        return;
    for (int c; (c = getc(in)) != EOF;)
        buf_putc(out, (char)c);
    fclose(in);
}

static struct finding *finding_of(const char *rule)
{
    for (size_t i = 0; i < world.verdicts.findings.n; i++)
        if (sv_eq(world.verdicts.findings.at[i]->rule->id, sv_from(rule)))
            return world.verdicts.findings.at[i];
    fail_msg("no finding of %s", rule);
    return NULL;
}

static int set_up(void **state)
{
    (void)state;
    struct world *w = &world;
    struct buf rules = {0};
    sv error = SV_NONE;
    read_file("tests/golden/rules.yaml", &rules);
    w->catalogue.arena = w->catalogue.regexes.arena = &w->arena;
    w->repo.arena = &w->arena;
    if (!catalogue_add(&w->catalogue, SV("rules.yaml"), sv_copy(&w->arena, buf_view(&rules)), &error) ||
        !catalogue_finish(&w->catalogue, &error)) {
        fprintf(stderr, "%.*s\n", SV_ARG(error));
        return 1;
    }
    buf_free(&rules);
    if (!repo_read(&w->repo, "tests/golden/app", &(struct repo_options){0}))
        return 1;
    facts_collect(&w->facts, &w->repo, &w->catalogue);
    checks_run(&w->facts, &w->verdicts);
    /* What a check about secrets would do: name the bytes that no output may show. */
    struct finding *f = finding_of("sample-fallback-secret");
    size_t at = sv_find(f->place.src->text, SV("do-not-use"));
    struct check_run run = {.facts = &w->facts, .arena = &w->arena, .rule = f->rule, .out = &w->verdicts};
    redact(&run, (struct place){f->place.src, at, at + strlen("do-not-use-this-in-production")});
    relate(&run, f, (struct place){repo_find(&w->repo, SV("docker-compose.yml")), 0, 8}, "not passed on here");
    finding_of("image-not-pinned")->suppressed = SV("rebuilt every night (until 2030-01-01)");
    w->result = (struct result){.repo = &w->repo, .facts = &w->facts, .verdicts = &w->verdicts, .arena = &w->arena};
    report_prepare(&w->result);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    catalogue_free(&world.catalogue);
    arena_free(&world.arena);
    return 0;
}

static void compare(const char *name, struct buf *got)
{
    char path[100];
    snprintf(path, sizeof path, "tests/golden/%s", name);
    const char *accept = getenv("ACCEPT");
    if (accept != NULL && strcmp(accept, "1") == 0) {
        FILE *f = fopen(path, "wb");
        assert_non_null(f);
        assert_int_equal(fwrite(got->p, 1, got->n, f), got->n);
        fclose(f);
    }
    assert_true(utf8_valid(buf_view(got)));
    assert_false(sv_has(buf_view(got), SV("do-not-use-this")));
    struct buf expected = {0};
    read_file(path, &expected);
    size_t line = 1, i = 0;
    for (; i < got->n && i < expected.n && got->p[i] == expected.p[i]; i++)
        line += got->p[i] == '\n';
    if (i != got->n || i != expected.n)
        fail_msg("%s differs from line %zu on; look at it, then tests/run.sh --accept formats", path, line);
    buf_free(&expected);
    buf_free(got);
}

static void json(void **state)
{
    (void)state;
    struct buf out = {0};
    report_json(&world.result, &out);
    compare("app.json", &out);
}

static void text(void **state)
{
    (void)state;
    struct buf out = {0};
    report_text(&world.result, &(struct report_options){.width = 100}, &out);
    compare("app.text", &out);
}

static void text_in_colour(void **state)
{
    (void)state;
    struct buf out = {0};
    struct report_options o = {.width = 60, .color = true, .hyperlinks = true, .base_uri = SV("file:///app/"),
                               .least = SEV_CRITICAL};
    report_text(&world.result, &o, &out);
    compare("app.terminal", &out);
}

static void lines(void **state)
{
    (void)state;
    struct buf out = {0};
    report_lines(&world.result, &out);
    compare("app.lines", &out);
}

static void sarif(void **state)
{
    (void)state;
    struct buf out = {0};
    report_sarif(&world.result, &out);
    compare("app.sarif", &out);
}

static size_t count(sv text, sv needle)
{
    size_t n = 0;
    for (size_t at = 0; (at = sv_find_at(text, needle, at)) != SV_NOT_FOUND; at += needle.n)
        n++;
    return n;
}

/* What code scanning would refuse is left out, and said. */
static void sarif_within_limits(void **state)
{
    (void)state;
    struct verdicts many = {.checks.at = world.verdicts.checks.at, .checks.n = world.verdicts.checks.n};
    for (size_t i = 0; i < LIMIT_SARIF_RESULTS + 7; i++)
        vec_push(&world.arena, &many.findings, finding_of("image-not-pinned"));
    struct result r = world.result;
    r.verdicts = &many;
    struct buf out = {0};
    report_sarif(&r, &out);
    assert_int_equal(count(buf_view(&out), SV("\"ruleIndex\":")), LIMIT_SARIF_RESULTS);
    assert_int_equal(count(buf_view(&out), SV("25000 of 25007 results are in this file")), 1);
    buf_free(&out);
}

static void markdown(void **state)
{
    (void)state;
    struct buf out = {0};
    report_markdown(&world.result, &out);
    compare("app.md", &out);
}

static void github(void **state)
{
    (void)state;
    struct buf out = {0};
    report_github(&world.result, &out);
    compare("app.github", &out);
}

static void summary(void **state)
{
    (void)state;
    struct buf out = {0};
    report_summary(&world.result, "/out", NULL, &out);
    compare("app.summary", &out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json),     cmocka_unit_test(text),   cmocka_unit_test(text_in_colour), cmocka_unit_test(lines),
        cmocka_unit_test(sarif),    cmocka_unit_test(sarif_within_limits), cmocka_unit_test(markdown), cmocka_unit_test(github),       cmocka_unit_test(summary),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
