/* The catalogue against its own examples, and the loader against broken catalogues. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "report/report.h"
#include "report/search_pattern.h"
#include "rule/embedded.h"

static struct hits hits_of(struct arena *a, const struct catalogue *c, const struct example *e)
{
    struct repo repo = {.arena = a};
    struct hits hits = {0};
    struct source *s = arena_new(a, struct source);
    *s = (struct source){.path = SV("example"), .text = e->text, .lang = e->lang, .kind = e->kind};
    s->lines = lines_of(a, e->text);
    match_source(&repo, c, s, &hits);
    assert_int_equal(repo.limits.n, 0);
    return hits;
}

/* "NAME=value" holds for one of the rule's hits. */
static bool captured(struct arena *a, const struct hits *hits, const struct rule *r, sv captures)
{
    sv value = captures, name = sv_copy(a, sv_cut(&value, '='));
    for (size_t i = 0; i < hits->all.n; i++)
        if (hits->all.at[i]->pattern->rule == r && sv_eq(hit_group(hits->all.at[i], name.p), value))
            return true;
    return false;
}

static bool hits_rule(const struct hits *hits, const struct rule *r)
{
    for (size_t i = 0; i < hits->all.n; i++)
        if (hits->all.at[i]->pattern->rule == r)
            return true;
    return false;
}

static int check_examples(struct arena *a, const struct catalogue *c, const struct rule *r)
{
    int wrong = 0;
    for (size_t i = 0; i < r->catches.n; i++) {
        const struct example *e = r->catches.at[i];
        struct hits hits = hits_of(a, c, e);
        if (!hits_rule(&hits, r) || (e->captures.n != 0 && !captured(a, &hits, r, e->captures))) {
            print_error("%.*s does not catch (%s): %.*s %.*s\n", SV_ARG(r->id), lang_name(e->lang), SV_ARG(e->text),
                        SV_ARG(e->captures));
            wrong++;
        }
    }
    for (size_t i = 0; i < r->spares.n; i++) {
        struct hits hits = hits_of(a, c, r->spares.at[i]);
        if (hits_rule(&hits, r)) {
            print_error("%.*s does not spare (%s): %.*s\n", SV_ARG(r->id), lang_name(r->spares.at[i]->lang),
                        SV_ARG(r->spares.at[i]->text));
            wrong++;
        }
    }
    return wrong;
}

/* A pattern that no example reaches may be dead. */
static int check_patterns_used(struct arena *a, const struct catalogue *c, const struct rule *r)
{
    int unused = 0;
    for (size_t k = 0; k < r->patterns.n; k++) {
        bool used = false;
        for (size_t i = 0; i < r->catches.n && !used; i++) {
            struct hits hits = hits_of(a, c, r->catches.at[i]);
            for (size_t h = 0; h < hits.all.n; h++)
                used = used || hits.all.at[h]->pattern == r->patterns.at[k];
        }
        if (!used)
            print_error("%.*s: no example is caught by %.*s\n", SV_ARG(r->id), SV_ARG(r->patterns.at[k]->regex));
        unused += !used;
    }
    return unused;
}

static void every_rule_keeps_its_examples(void **state)
{
    (void)state;
    struct arena a = {0};
    struct catalogue c = {0};
    catalogue_load(&c, &a);
    int wrong = 0;
    for (size_t i = 0; i < c.rules.n; i++) {
        const struct rule *r = c.rules.at[i];
        for (size_t k = 0; k < r->patterns.n; k++) {
            sv error = SV_NONE;
            if (!regex_compile(r->patterns.at[k]->compiled, &error) ||
                (r->patterns.at[k]->unless != NULL && !regex_compile(r->patterns.at[k]->unless, &error))) {
                print_error("%.*s: %.*s: %.*s\n", SV_ARG(r->id), SV_ARG(r->patterns.at[k]->regex), SV_ARG(error));
                wrong++;
            }
        }
        if (wrong == 0)
            wrong += check_examples(&a, &c, r) + check_patterns_used(&a, &c, r);
    }
    assert_int_equal(wrong, 0);
    catalogue_free(&c);
    arena_free(&a);
}

/* No rule would look like no problem. */
static void the_catalogue_is_not_empty(void **state)
{
    (void)state;
    struct arena a = {0};
    struct catalogue c = {0};
    catalogue_load(&c, &a);
    assert_non_null(embedded_rules[0].name);
    assert_true(c.rules.n > 0);
    for (size_t i = 0; i < c.rules.n; i++)
        assert_ptr_equal(catalogue_find(&c, c.rules.at[i]->id), c.rules.at[i]);
    assert_null(catalogue_find(&c, SV("no-such-rule")));
    catalogue_free(&c);
    arena_free(&a);
}

#define RULE "- id: a\n  title: T\n  category: network\n  severity: low\n  why: w\n  fix: f\n"
#define EXAMPLES "  catches:\n    - {text: \"foo1\"}\n  spares:\n    - {text: \"bar\"}\n"

static void broken_rules_are_named(void **state)
{
    (void)state;
    static const struct { const char *yaml, *error; } cases[] = {
        {RULE, NULL},
        {RULE EXAMPLES "  patterns:\n    - {literals: [foo], regex: 'foo\\d'}\n", NULL},
        {"a: b\n", "t.yaml:1: a rule file is a list of rules"},
        {"- id: a\n  titel: T\n", "t.yaml:2: unknown key 'titel'"},
        {"- id: A_b\n", "t.yaml:1: 'A_b' is not kebab-case"},
        {"- id: a\n  category: other\n", "t.yaml:2: unknown category 'other'"},
        {"- id: a\n  severity: bad\n", "t.yaml:2: unknown severity 'bad'"},
        {"- id: a\n  title: T\n  category: network\n  severity: low\n  why: w\n", "t.yaml:1: 'fix' is missing"},
        {"- title: T\n", "t.yaml:1: 'id' is missing"},
        {RULE "  kind: finding\n", "t.yaml:1: 'patterns' is missing"},
        {RULE "  kind: live\n", "t.yaml:1: 'command' is missing"},
        {"- {id: a, title: T, category: network, kind: fact}\n", "t.yaml:1: 'fact' is missing"},
        {RULE "  patterns:\n    - {regex: foo}\n", "t.yaml:8: a pattern needs 'regex' and 'literals'"},
        {RULE EXAMPLES "  patterns:\n    - {literals: [fo], regex: foo}\n", "is shorter than 3 bytes"},
        {RULE EXAMPLES "  patterns:\n    - {literals: [xyz], regex: foo}\n", "no literal of the pattern occurs in 'catches'"},
        {RULE EXAMPLES "  patterns:\n    - {literals: [foo], regex: 'foo.*'}\n", "unbounded"},
        {RULE EXAMPLES "  patterns:\n    - {literals: [foo], regex: 'foo.{3,}'}\n", "unbounded"},
        {RULE EXAMPLES "  patterns:\n    - {literals: [foo], regex: 'foo(?=x)'}\n", "do not share"},
        {RULE EXAMPLES "  patterns:\n    - {literals: [foo], regex: '(?<!x)foo'}\n", "look-around"},
        {RULE EXAMPLES "  patterns:\n    - {literals: [foo], regex: '(o)\\1foo'}\n", "back-reference"},
        {RULE EXAMPLES "  patterns:\n    - {literals: [foo], regex: foo, langs: [pyton]}\n", "'pyton' is not one of the langs"},
        {RULE EXAMPLES "  patterns:\n    - {literals: [foo], regex: foo, scope: [text]}\n", "'text' is not one of the scope"},
        {RULE "  catches:\n    - {text: foo, lang: pyton}\n", "'lang' has no such value"},
        {RULE "  catches:\n    - {text: foo}\n  patterns:\n    - {literals: [foo], regex: foo}\n", "needs 'catches' and 'spares'"},
        {RULE "  why: again\n", "t.yaml:"},
        {"- [", "t.yaml:"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena a = {0};
        struct catalogue c = {.arena = &a, .regexes.arena = &a};
        sv error = SV_NONE;
        bool fine = catalogue_add(&c, SV("t.yaml"), sv_from(cases[i].yaml), &error);
        if (fine != (cases[i].error == NULL) || (!fine && !sv_has(error, sv_from(cases[i].error))))
            fail_msg("case %zu: '%.*s' instead of '%s'", i, SV_ARG(error), cases[i].error == NULL ? "" : cases[i].error);
        catalogue_free(&c);
        arena_free(&a);
    }
}

/* What a person reads about a rule. Facts judge nothing and need none of it. */
static void every_rule_is_documented(void **state)
{
    (void)state;
    struct arena a = {0};
    struct catalogue c = {0};
    catalogue_load(&c, &a);
    int wrong = 0;
    for (size_t i = 0; i < c.rules.n; i++) {
        const struct rule *r = c.rules.at[i];
        bool fine = r->kind == RULE_FACT || (r->n_refs != 0 && r->bad.n != 0 && r->good.n != 0);
        if (!fine)
            print_error("%.*s lacks refs, bad or good\n", SV_ARG(r->id));
        wrong += !fine;
    }
    assert_int_equal(wrong, 0);
    catalogue_free(&c);
    arena_free(&a);
}

static void equal_ids_are_refused(void **state)
{
    (void)state;
    struct arena a = {0};
    struct catalogue c = {.arena = &a, .regexes.arena = &a};
    sv error = SV_NONE;
    assert_true(catalogue_add(&c, SV("one.yaml"), SV(RULE), &error));
    assert_true(catalogue_add(&c, SV("two.yaml"), SV("# comment\n" RULE), &error));
    assert_false(catalogue_finish(&c, &error));
    assert_true(sv_has(error, SV("two.yaml:2")));
    assert_true(sv_has(error, SV("one.yaml:1")));
    arena_free(&a);
}

static void search_patterns_are_plain_extended_expressions(void **state)
{
    (void)state;
    static const struct { const char *regex, *plain; } cases[] = {
        {"process\\.env\\.(?<NAME>[A-Za-z_]\\w*)", "process\\.env\\.([A-Za-z_][[:alnum:]_]*)"},
        {"(?:a|b)+?\\d{1,3}?x", "(a|b)+[0-9]{1,3}x"},
        {"[^\\n]{0,200}", ".{0,200}"},
        {"[\\w.-]+@[^\\s\"'\\]]", "[[:alnum:]_.-]+@[^][:space:]\"'\\'']"},
        {"\\bfoo\\/\\s\\S", "\\bfoo/[[:space:]][^[:space:]]"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf out = {0};
        put_search_pattern(&out, sv_from(cases[i].regex));
        if (!sv_eq(buf_view(&out), sv_from(cases[i].plain)))
            fail_msg("%s became %.*s instead of %s", cases[i].regex, SV_ARG(buf_view(&out)), cases[i].plain);
        buf_free(&out);
    }
}

static void explain_shows_what_the_rule_says(void **state)
{
    (void)state;
    struct arena a = {0};
    struct catalogue c = {.arena = &a, .regexes.arena = &a};
    sv error = SV_NONE;
    struct buf out = {0};
    assert_true(catalogue_add(&c, SV("t.yaml"), SV(RULE "  covers: [CX-01]\n  bad: |\n    x: 1\n    y: 2\n"), &error));
    assert_true(catalogue_finish(&c, &error));
    assert_false(report_explain(&c, SV("b"), &out));
    assert_true(report_explain(&c, SV("a"), &out));
    assert_true(sv_has(buf_view(&out), SV("Network, usually low, confidence high\n")));
    assert_true(sv_has(buf_view(&out), SV("\nBad\n    x: 1\n    y: 2\n")));
    assert_true(sv_has(buf_view(&out), SV("\nDecides\n    CX-01\n")));
    buf_free(&out);
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_catalogue_is_not_empty),
        cmocka_unit_test(every_rule_keeps_its_examples),
        cmocka_unit_test(broken_rules_are_named),
        cmocka_unit_test(every_rule_is_documented),
        cmocka_unit_test(equal_ids_are_refused),
        cmocka_unit_test(search_patterns_are_plain_extended_expressions),
        cmocka_unit_test(explain_shows_what_the_rule_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
