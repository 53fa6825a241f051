#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/limits.h"
#include "check/check.h"

static const struct check *row_of(sv id)
{
    for (const struct check *k = check_table; k->id != NULL; k++)
        if (sv_eq(sv_from(k->id), id))
            return k;
    return NULL;
}

static void rules_and_rows_name_each_other(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct catalogue c = {0};
    catalogue_load(&c, &arena);
    for (const struct check *k = check_table; k->id != NULL; k++) {
        if (catalogue_find(&c, sv_from(k->id)) == NULL)
            fail_msg("check/table.h names %s, which no rule file has", k->id);
        for (const struct check *other = k + 1; other->id != NULL; other++)
            assert_string_not_equal(k->id, other->id);
    }
    for (size_t i = 0; i < c.rules.n; i++)
        if (c.rules.at[i]->kind == RULE_CHECK && row_of(c.rules.at[i]->id) == NULL)
            fail_msg("rule %.*s has no row in check/table.h", SV_ARG(c.rules.at[i]->id));
    catalogue_free(&c);
    arena_free(&arena);
}

static const char rules[] =
    "- id: always-asks\n  title: T\n  category: network\n  severity: low\n  confidence: low\n  kind: lead\n"
    "  covers: [X-01]\n  why: w\n  fix: f\n  refs: [x]\n  bad: b\n  good: g\n  question: 'What is {0}?'\n"
    "  patterns:\n    - {langs: [python], literals: [marker], regex: 'marker\\d+'}\n"
    "  catches:\n    - {lang: python, text: marker1}\n  spares:\n    - {lang: python, text: marker}\n"
    "- id: always-finds\n  title: T\n  category: network\n  severity: high\n  confidence: low\n  kind: finding\n"
    "  covers: [X-01]\n  why: w\n  fix: f\n  refs: [x]\n  bad: b\n  good: g\n  message: '{NAME} of {0}, not {other}'\n"
    "  patterns:\n    - {langs: [python], literals: [secret], regex: 'secret_(?<NAME>\\w+)'}\n"
    "  catches:\n    - {lang: python, text: secret_a, captures: NAME=a}\n  spares:\n    - {lang: python, text: secret}\n"
    "- id: needs-live-data\n  title: T\n  category: network\n  kind: live\n  why: w\n  fix: f\n  command: dig CAA DOMAIN\n";

struct world {
    struct arena arena;
    struct catalogue catalogue;
    struct repo repo;
    struct facts facts;
    struct verdicts verdicts;
};

static void run(struct world *w, const char *text, enum scope scope)
{
    sv error = SV_NONE;
    w->catalogue.arena = w->catalogue.regexes.arena = w->repo.arena = &w->arena;
    if (!catalogue_add(&w->catalogue, SV("test.yaml"), sv_from(rules), &error) || !catalogue_finish(&w->catalogue, &error))
        fail_msg("%.*s", SV_ARG(error));
    if (text != NULL) {
        struct source *s = vec_new(&w->arena, &w->repo.files, struct source);
        s->path = SV("a.py");
        s->text = sv_from(text);
        s->lines = lines_of(&w->arena, s->text);
        s->kind = SOURCE_CODE;
        s->lang = LANG_PYTHON;
        s->scope = scope;
    }
    facts_collect(&w->facts, &w->repo, &w->catalogue);
    checks_run(&w->facts, &w->verdicts);
}

static void release(struct world *w)
{
    catalogue_free(&w->catalogue);
    arena_free(&w->arena);
}

static enum outcome outcome_of(const struct world *w, const char *rule)
{
    for (size_t i = 0; i < w->verdicts.checks.n; i++)
        if (sv_eq(w->verdicts.checks.at[i]->rule->id, sv_from(rule)))
            return w->verdicts.checks.at[i]->outcome;
    fail_msg("no result for %s", rule);
    return OUTCOME_NOT_RUN;
}

static void a_hit_becomes_a_finding_or_a_question(void **state)
{
    (void)state;
    struct world w = {0};
    run(&w, "x = secret_abc\ny = marker1\n", SCOPE_PROD);
    assert_int_equal(w.verdicts.findings.n, 1);
    assert_string_equal(w.verdicts.findings.at[0]->message.p, "abc of secret_abc, not {other}");
    assert_true(sv_eq(w.verdicts.findings.at[0]->subject, SV("abc")));
    assert_int_equal(w.verdicts.leads.n, 1);
    assert_string_equal(w.verdicts.leads.at[0]->question.p, "What is marker1?");
    assert_int_equal(outcome_of(&w, "always-finds"), OUTCOME_FAIL);
    assert_int_equal(outcome_of(&w, "always-asks"), OUTCOME_UNSURE);
    release(&w);
}

static void a_pass_needs_something_examined(void **state)
{
    (void)state;
    struct world clean = {0}, empty = {0};
    run(&clean, "x = 1\n", SCOPE_PROD);
    assert_int_equal(outcome_of(&clean, "always-finds"), OUTCOME_PASS);
    assert_int_equal(outcome_of(&clean, "always-asks"), OUTCOME_NOTHING_TO_CHECK);
    run(&empty, NULL, SCOPE_PROD);
    assert_int_equal(outcome_of(&empty, "always-finds"), OUTCOME_NOTHING_TO_CHECK);
    release(&clean);
    release(&empty);
}

static void live_data_is_never_judged(void **state)
{
    (void)state;
    struct world w = {0};
    run(&w, "x = 1\n", SCOPE_PROD);
    assert_int_equal(outcome_of(&w, "needs-live-data"), OUTCOME_NOT_RUN);
    assert_true(sv_eq(w.verdicts.checks.at[2]->reason, SV("not decidable offline: dig CAA DOMAIN")));
    release(&w);
}

static void keywords_in_tests_say_nothing(void **state)
{
    (void)state;
    struct world w = {0};
    run(&w, "x = secret_abc\ny = marker1\n", SCOPE_TEST);
    assert_int_equal(w.verdicts.findings.n + w.verdicts.leads.n, 0);
    release(&w);
}

static void a_flood_is_counted_not_kept(void **state)
{
    (void)state;
    struct world w = {0};
    struct buf b = {0};
    for (int i = 0; i < LIMIT_FINDINGS_PER_RULE; i++)
        buf_printf(&b, "secret_a%d\n", i);
    buf_putc(&b, '\0');
    /* One file keeps LIMIT_HITS_PER_RULE_FILE hits: five of them overflow the rule. */
    for (int i = 0; i < 5; i++) {
        struct source *s = vec_new(&w.arena, &w.repo.files, struct source);
        s->path = sv_printf(&w.arena, "b%d.py", i);
        s->text = sv_from(b.p);
        s->lines = lines_of(&w.arena, s->text);
        s->kind = SOURCE_CODE;
        s->lang = LANG_PYTHON;
    }
    run(&w, NULL, SCOPE_PROD);
    assert_int_equal(w.verdicts.findings.n, LIMIT_FINDINGS_PER_RULE);
    bool said = false;
    for (size_t i = 0; i < w.repo.limits.n; i++)
        said |= sv_has(w.repo.limits.at[i]->message, SV("500 of 1000 reported"));
    assert_true(said);
    buf_free(&b);
    release(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_and_rows_name_each_other),
        cmocka_unit_test(a_hit_becomes_a_finding_or_a_question),
        cmocka_unit_test(a_pass_needs_something_examined),
        cmocka_unit_test(live_data_is_never_judged),
        cmocka_unit_test(keywords_in_tests_say_nothing),
        cmocka_unit_test(a_flood_is_counted_not_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
