/* What GitHub would refuse is counted and left out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "report/report.h"

static size_t count(sv text, sv word)
{
    size_t n = 0;
    for (size_t at = 0; (at = sv_find_at(text, word, at)) != SV_NOT_FOUND; at += word.n)
        n++;
    return n;
}

/* `findings` findings, the first of them with `related` further places. */
static void write_sarif(size_t findings, size_t related, struct buf *out)
{
    struct arena a = {0};
    struct rule rule = {.id = SV("r"), .title = SV("T"), .why = SV("w"), .fix = SV("f")};
    struct catalogue catalogue = {.arena = &a};
    vec_push(&a, &catalogue.rules, &rule);
    struct source s = {.path = SV("a.py"), .text = SV("x"), .lang = LANG_PYTHON, .kind = SOURCE_CODE};
    s.lines = lines_of(&a, s.text);
    struct repo repo = {.arena = &a, .root = SV("."), .name = SV("app")};
    struct facts facts = {.arena = &a, .repo = &repo, .catalogue = &catalogue};
    struct verdicts verdicts = {0};
    for (size_t i = 0; i < findings; i++) {
        struct finding *f = vec_new(&a, &verdicts.findings, struct finding);
        *f = (struct finding){.rule = &rule, .title = rule.title, .subject = SV("s"), .message = SV("m"), .place = {&s, 0, 1}, .id = SV("0123456789abcdef")};
        for (size_t k = 0; i == 0 && k < related; k++) {
            struct related *x = arena_new(&a, struct related);
            *x = (struct related){{&s, 0, 1}, SV("also-here"), f->related};
            f->related = x;
        }
    }
    struct result r = {.repo = &repo, .facts = &facts, .verdicts = &verdicts, .arena = &a};
    report_prepare(&r);
    report_sarif(&r, out);
    arena_free(&a);
}

static void results_end(void **state)
{
    (void)state;
    struct buf out = {0};
    write_sarif(LIMIT_SARIF_RESULTS + 1, 0, &out);
    assert_int_equal(count(buf_view(&out), SV("\"ruleId\"")), LIMIT_SARIF_RESULTS);
    assert_true(sv_has(buf_view(&out), SV("25000 of 25001 results are in this file")));
    buf_free(&out);
}

static void places_of_a_result_end(void **state)
{
    (void)state;
    struct buf out = {0};
    write_sarif(1, LIMIT_SARIF_LOCATIONS + 100, &out);
    assert_true(count(buf_view(&out), SV("\"physicalLocation\"")) <= 2 * LIMIT_SARIF_LOCATIONS + 2);
    assert_true(sv_has(buf_view(&out), SV("1 result has more than 1000 places")));
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results_end),
        cmocka_unit_test(places_of_a_result_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
